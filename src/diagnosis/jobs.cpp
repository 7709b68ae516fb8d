// Jobs that failed or do not get on, and CronJobs that do not run.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnosis/cron.h"
#include "diagnosis/lookup.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::size_t kMostPods = 3;  // looked at of each job, the newest
constexpr std::int64_t kLate = 180;   // seconds after which a run is missed, and a job should have pods

awaitable<std::vector<Ref>> pods_of(Trail trail, Ref job) {
  std::vector<std::pair<std::string, Ref>> found;
  const ListSeen* pods = co_await trail.source.list(kinds::pods, job.ns);
  for (const auto& pod : pods->items)
    if (owner_of(pod, "Job") == job.name)
      found.emplace_back(text_at(pod, {"metadata", "creationTimestamp"}), ref_of("Pod", pod));
  std::sort(found.rbegin(), found.rend());
  std::vector<Ref> out;
  for (auto& [created, ref] : found) out.push_back(std::move(ref));
  co_return out;
}

// What its pods say; whether that explains anything.
awaitable<bool> explain_pods(Trail trail, Ref job, std::vector<Ref> pods, std::string evidence) {
  if (pods.size() > kMostPods) pods.resize(kMostPods);
  Findings reasons;
  for (const auto& ref : pods) {
    const ObjectSeen* pod = co_await trail.source.get(kinds::pods, ref.ns, ref.name);
    if (pod->seen()) co_await explain_pod(trail.behind(reasons), pod->value);
  }
  trail.findings.add_reasons(reasons, job, evidence);
  co_return reasons.explains();
}

std::string counts(const json::value& job) {
  return fmt::format("{} of {} completions, {} pods failed (backoffLimit {})", integer_at(job, {"status", "succeeded"}),
                     integer_at(job, {"spec", "completions"}, 1), integer_at(job, {"status", "failed"}),
                     integer_at(job, {"spec", "backoffLimit"}, 6));
}

awaitable<void> explain_failed_job(Trail trail, const json::value& job, Ref ref, const json::value& failed) {
  const std::string reason(text_at(failed, {"reason"})), message = clipped(text_at(failed, {"message"}), 200);
  trail.findings.symptom(fmt::format("Job {}/{} failed: {}", ref.ns, ref.name, reason));
  const std::string condition = "condition Failed: " + show_condition(failed, trail.now());
  Cause cause{
      .code = "job_failed",
      .certainty = Certainty::told,
      .sentence = fmt::format("The Job {}/{} failed with {}: {}", ref.ns, ref.name, reason, message),
      .at = ref,
      .evidence = {condition, counts(job)},
      .next = "get_pod_logs of its pods, if they are still there; a failed Job does not start again: make it anew"};
  if (reason == "DeadlineExceeded") {
    cause.code = "job_deadline";
    cause.sentence = fmt::format("The Job {}/{} ran longer than its activeDeadlineSeconds of {} and was ended", ref.ns,
                                 ref.name, integer_at(job, {"spec", "activeDeadlineSeconds"}));
    cause.next = "Allow it more time, or find out why it takes so long";
  }
  const auto pods = co_await pods_of(trail, ref);
  const bool explained = co_await explain_pods(trail, ref, pods, condition);
  if (explained && reason == "BackoffLimitExceeded") co_return;  // that its pods fail is all that it says
  if (pods.empty() && reason == "BackoffLimitExceeded") {
    cause.certainty = Certainty::symptom;
    cause.evidence.push_back("its pods are gone, and their logs with them");
  }
  trail.findings.add(std::move(cause));
}

bool is_failed(const json::value& job) { return condition_holds(job, "Failed"); }
bool is_over(const json::value& job) { return is_failed(job) || condition_holds(job, "Complete"); }

struct CronJob {
  const json::value& object;
  Ref ref;
  std::optional<Schedule> schedule;
  std::string schedule_text, zone;
  std::vector<json::value> jobs = {};  // newest first
};

std::string text_of(const CronJob& cron) { return fmt::format("CronJob {}/{}", cron.ref.ns, cron.ref.name); }

// What its controller says about its schedule.
awaitable<bool> explain_schedule(Trail trail, const CronJob& cron) {
  Cause cause{.certainty = Certainty::told, .at = cron.ref};
  for (const auto& event : co_await events_about(trail, cron.ref)) {
    if (event.reason == "UnknownTimeZone") {
      cause.code = "cron_time_zone";
      cause.sentence =
          fmt::format("The {} never runs: its time zone {} is not known", text_of(cron), quoted(cron.zone));
      cause.next = "Name a time zone of the IANA database, such as Europe/Berlin or Etc/UTC";
    } else if (event.reason == "UnparseableCronJobSchedule" || event.reason == "UnParseableCronJobSchedule" ||
               event.reason == "InvalidSchedule") {
      cause.code = "cron_schedule_invalid";
      cause.sentence =
          fmt::format("The {} never runs: its schedule {} cannot be read", text_of(cron), quoted(cron.schedule_text));
      cause.next = "Five fields: minute, hour, day of month, month, day of week";
    } else {
      continue;
    }
    cause.evidence = {show(event, trail.now())};
    break;
  }
  if (cause.code.empty() && cron.schedule && !cron.schedule->after(trail.now())) {
    cause.code = "cron_schedule_never";
    cause.certainty = Certainty::proven;
    cause.sentence = fmt::format("The {} never runs: no day of any year fits its schedule {}", text_of(cron),
                                 quoted(cron.schedule_text));
    cause.next = "Look at its day of month and its month: 30 February and 31 April never come";
  }
  if (cause.code.empty()) co_return false;
  trail.findings.symptom(text_of(cron) + " cannot run");
  trail.findings.add(std::move(cause));
  co_return true;
}

// Runs that were left out because the one before them still goes.
awaitable<bool> explain_blocked(Trail trail, const CronJob& cron) {
  if (text_at(cron.object, {"spec", "concurrencyPolicy"}) != "Forbid" || !cron.schedule) co_return false;
  for (const auto& job : cron.jobs) {
    if (is_over(job)) continue;
    const auto started = ops::time_at(job, {"status", "startTime"});
    if (!started) continue;
    int skipped = 0;
    for (auto due = cron.schedule->after(*started); due && *due < trail.now() && skipped < 100;
         due = cron.schedule->after(*due))
      ++skipped;
    if (skipped < 2) continue;
    const Ref ref = ref_of("Job", job);
    Cause cause{.code = "cron_job_blocked",
                .certainty = Certainty::proven,
                .sentence = fmt::format("The {} skipped {}{} runs, because its Job {} has been running for {} and its "
                                        "concurrencyPolicy is Forbid",
                                        text_of(cron), skipped, skipped == 100 ? " or more" : "", quoted(ref.name),
                                        span(trail.now() - *started)),
                .at = ref,
                .next = "Find out what it waits for (get_pod_logs), delete it, or give it an activeDeadlineSeconds",
                .affects = {cron.ref}};
    for (const auto& event : co_await events_about(trail, cron.ref, "JobAlreadyActive"))
      cause.evidence.push_back(show(event, trail.now()));
    trail.findings.symptom(text_of(cron) + " skips its runs");
    trail.findings.add(std::move(cause));
    const ObjectSeen* whole = co_await look(trail, "Job", ref.ns, ref.name);
    Findings reasons;
    if (whole->seen()) co_await explain_job(trail.behind(reasons), whole->value);
    trail.findings.add_reasons(reasons, cron.ref, "its Job " + ref.name + " blocks the next ones");
    co_return true;
  }
  co_return false;
}

// That it is overdue, and what its controller says of that.
awaitable<void> explain_missed(Trail trail, const CronJob& cron) {
  if (!cron.schedule) co_return;
  const bool one_at_a_time = text_at(cron.object, {"spec", "concurrencyPolicy"}) == "Forbid";
  if (one_at_a_time && !std::all_of(cron.jobs.begin(), cron.jobs.end(), is_over)) co_return;  // it waits for its turn
  auto last = ops::time_at(cron.object, {"status", "lastScheduleTime"});
  const bool ever = last.has_value();
  if (!last) last = ops::time_at(cron.object, {"metadata", "creationTimestamp"});
  if (!last) co_return;
  const auto due = cron.schedule->after(*last);
  // In another time zone it may be due up to a day from there.
  const bool elsewhere =
      cron.schedule->has_zone() || (!cron.zone.empty() && cron.zone != "UTC" && cron.zone != "Etc/UTC");
  if (!due || *due + kLate + (elsewhere ? 86'400 : 0) > trail.now()) co_return;
  const std::string overdue = fmt::format("{} was due {} ago and {}", text_of(cron), span(trail.now() - *due),
                                          ever ? "did not run" : "has never run");
  trail.findings.symptom(overdue);
  const std::int64_t deadline = integer_at(cron.object, {"spec", "startingDeadlineSeconds"}, -1);
  if (deadline >= 0 && deadline < 10) {
    trail.findings.add({.code = "cron_deadline_short",
                        .certainty = Certainty::inferred,
                        .sentence = fmt::format("The {} misses its runs: its startingDeadlineSeconds of {} is shorter "
                                                "than the 10 s in which the controller looks",
                                                text_of(cron), deadline),
                        .at = cron.ref,
                        .evidence = {overdue},
                        .next = "Set startingDeadlineSeconds to 60 or more, or leave it out"});
    co_return;
  }
  for (const auto& event : co_await events_about(trail, cron.ref)) {
    if (event.type != "Warning" && event.reason != "MissSchedule") continue;
    trail.findings.add({.code = "cron_job_missed",
                        .certainty = Certainty::told,
                        .sentence = fmt::format("The {} does not run: {}", text_of(cron), clipped(event.message, 200)),
                        .at = cron.ref,
                        .evidence = {show(event, trail.now()), overdue},
                        .next = "get_cronjob shows its schedule; create_job_from_cronjob runs it once now"});
    co_return;
  }
  trail.findings.add({.code = "cron_job_missed",
                      .certainty = Certainty::symptom,
                      .sentence = overdue,
                      .at = cron.ref,
                      .next = "Look whether kube-controller-manager runs: cluster_health"});
}

awaitable<void> explain_last_job(Trail trail, const CronJob& cron) {
  if (cron.jobs.empty()) co_return;
  const Ref ref = ref_of("Job", cron.jobs.front());
  const ObjectSeen* job = co_await look(trail, "Job", ref.ns, ref.name);
  if (!job->seen()) co_return;
  Findings reasons;
  co_await explain_job(trail.behind(reasons), job->value);
  trail.findings.add_reasons(reasons, cron.ref, "its last Job is " + ref.name);
}

}  // namespace

awaitable<void> explain_job(Trail trail, const json::value& job) {
  const Ref ref = ref_of("Job", job);
  if (!trail.enter(ref) || condition_holds(job, "Complete")) co_return;
  const json::value* failed = ops::condition_of(job, "Failed");
  if (failed && text_at(*failed, {"status"}) == "True") {
    co_await explain_failed_job(trail, job, ref, *failed);
    co_return;
  }
  if (flag_at(job, {"spec", "suspend"})) {
    const std::string_view queue = label_of(job, "kueue.x-k8s.io/queue-name");
    Cause cause{.code = "job_suspended",
                .certainty = Certainty::suspicious,
                .sentence = fmt::format("The Job {}/{} is suspended and runs no pods", ref.ns, ref.name),
                .at = ref,
                .next = "Set spec.suspend to false to run it"};
    if (!queue.empty()) cause.next = fmt::format("It waits in the queue {}, which starts it when there is room", queue);
    trail.findings.add(std::move(cause));
    co_return;
  }
  const auto pods = co_await pods_of(trail, ref);
  const std::int64_t age = seconds_since(job, {"metadata", "creationTimestamp"}, trail.now()).value_or(kLate);
  if (pods.empty() || integer_at(job, {"status", "active"}) == 0) co_await explain_rejections(trail, ref);
  if (pods.empty() && age >= kLate && integer_at(job, {"spec", "parallelism"}, 1) > 0)
    trail.findings.symptom(fmt::format("Job {}/{} has had no pods for {}", ref.ns, ref.name, span(age)));
  const bool explained = co_await explain_pods(trail, ref, pods, "");
  if (explained && integer_at(job, {"status", "failed"}) > 0)
    trail.findings.symptom(fmt::format("Job {}/{}: {}", ref.ns, ref.name, counts(job)));
}

awaitable<void> explain_cron_job(Trail trail, const json::value& object) {
  CronJob cron{object, ref_of("CronJob", object), Schedule::parse(text_at(object, {"spec", "schedule"})),
               std::string(text_at(object, {"spec", "schedule"})), std::string(text_at(object, {"spec", "timeZone"}))};
  if (!trail.enter(cron.ref)) co_return;
  const ListSeen* jobs = co_await trail.source.list(kinds::of("Job"), cron.ref.ns);
  for (const auto& job : jobs->items)
    if (owner_of(job, "CronJob") == cron.ref.name) cron.jobs.push_back(job);
  std::sort(cron.jobs.begin(), cron.jobs.end(), [](const auto& a, const auto& b) {
    return text_at(a, {"metadata", "creationTimestamp"}) > text_at(b, {"metadata", "creationTimestamp"});
  });
  const bool suspended = flag_at(object, {"spec", "suspend"});
  if (suspended)
    trail.findings.add({.code = "cron_job_suspended",
                        .certainty = Certainty::suspicious,
                        .sentence = fmt::format("The {} is suspended and does not run", text_of(cron)),
                        .at = cron.ref,
                        .next = fmt::format("resume_cronjob namespace={} name={}", cron.ref.ns, cron.ref.name)});
  const bool wrong = co_await explain_schedule(trail, cron);
  bool blocked = false;
  if (!wrong) blocked = co_await explain_blocked(trail, cron);
  if (!wrong && !blocked && !suspended) co_await explain_missed(trail, cron);
  for (const auto& event : co_await events_about(trail, cron.ref, "FailedCreate")) {
    if (trail.now() - event.last > 3600) continue;
    trail.findings.add(
        {.code = "cron_job_rejected",
         .certainty = Certainty::told,
         .sentence = fmt::format("The {} could not make its Job: {}", text_of(cron), clipped(event.message, 200)),
         .at = cron.ref,
         .evidence = {show(event, trail.now())}});
    break;
  }
  co_await explain_last_job(trail, cron);
}

}  // namespace fairlead::diagnosis
