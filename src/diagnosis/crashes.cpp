// Containers that ended: by whom, with what, and what their log says of it.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnosis/containers.h"
#include "diagnosis/log_lines.h"
#include "diagnosis/probes.h"
#include "diagnosis/rules.h"
#include "diagnosis/scripts.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::int64_t kRecent = 3600;  // seconds: a restart before that is history
constexpr std::int64_t kMoment = 10;    // seconds that a program may take to fail again

std::string quantity(const json::value& container, std::string_view of, std::string_view resource) {
  return std::string(text_at(container, {"resources", of, resource}));
}

// How it ended, in words: "exit code 1", "signal 9 (SIGKILL)".
std::string ending(const json::value& ended) {
  const std::int64_t code = integer_at(ended, {"exitCode"});
  std::string out = fmt::format("exit code {}", code);
  if (code == 137) out += " (SIGKILL)";
  if (code == 139) out += " (SIGSEGV: a fault in its memory)";
  if (code == 134) out += " (SIGABRT)";
  if (code == 143) out += " (SIGTERM)";
  return out;
}

void explain_memory(const Trail& trail, const json::value& pod, const ContainerSeen& container,
                    const json::value& ended) {
  const std::string limit = quantity(*container.spec, "limits", "memory");
  const std::string evidence =
      fmt::format("{} ended: OOMKilled, {}, {} restarts", container.who(), ending(ended), container.restarts());
  Cause cause{
      .code = "out_of_memory",
      .certainty = Certainty::told,
      .sentence =
          limit.empty()
              ? fmt::format("The {} was killed because node {} ran out of memory, and it has no limit of its own",
                            container.who(), text_at(pod, {"spec", "nodeName"}))
              : fmt::format("The {} uses more memory than its limit of {} and is killed", container.who(), limit),
      .at = workload_of(pod),
      .evidence = {evidence},
      .next = "Raise resources.limits.memory, or find out why it needs so much",
      .affects = {ref_of("Pod", pod)}};
  trail.findings.add(std::move(cause));
}

// A container whose program says nothing of why it ended.
void explain_silence(const Trail& trail, const json::value& pod, const ContainerSeen& container,
                     const json::value& ended, const std::string& log, std::vector<std::string> evidence) {
  const std::int64_t code = integer_at(ended, {"exitCode"});
  Cause cause{
      .code = "crash",
      .certainty = Certainty::symptom,
      .sentence = fmt::format("The {} ends with {}, and its log does not say why", container.who(), ending(ended)),
      .at = workload_of(pod),
      .evidence = std::move(evidence),
      .next = fmt::format("get_pod_logs name={} namespace={} container={} previous=true",
                          text_at(pod, {"metadata", "name"}), text_at(pod, {"metadata", "namespace"}), container.name),
      .affects = {ref_of("Pod", pod)}};
  if (code == 0 && !container.init) {
    cause.code = "ends_by_itself";
    cause.certainty = Certainty::told;
    cause.sentence = fmt::format(
        "The program of {} comes to its end (exit code 0) as if its work were done, and is started again each time",
        container.who());
    cause.next = "A program of this kind must keep running: check command and args; work that ends belongs in a Job";
  } else if (code == 126 || code == 127) {
    cause.code = code == 127 ? "command_absent" : "command_not_executable";
    cause.certainty = Certainty::inferred;
    cause.sentence = fmt::format("The {} ends with exit code {}: a command in it {}", container.who(), code,
                                 code == 127 ? "is not in the image" : "may not be executed");
    cause.next = "Check command and args, and what the image brings";
  } else if (code == 139 || code == 134) {
    cause.certainty = Certainty::inferred;
    cause.sentence = fmt::format("The program of {} crashes: {}", container.who(), ending(ended));
  }
  const auto last = last_lines(log, 3);
  // Programs mostly say last what they end of.
  if (cause.code == "crash" && !last.empty()) {
    cause.certainty = Certainty::inferred;
    cause.sentence =
        fmt::format("The {} ends with {}; its log ends with: {}", container.who(), ending(ended), last.back());
  }
  for (const auto& line : last) cause.evidence.push_back("its log ends with: " + line);
  trail.findings.add(std::move(cause));
}

// A variable that is set twice, where the program complains of just that.
void blame_variable(const Trail& trail, const json::value& pod, const ContainerSeen& container,
                    const std::string& log) {
  const auto* spec = ::fairlead::find(pod, "spec");
  if (!spec) return;
  for (const auto& twice : set_twice(*spec)) {
    if (twice.container != container.name) continue;
    const std::string& counts = twice.values.back();
    const bool named = log.find(twice.name) != std::string::npos;
    const bool shown = counts.size() > 2 && log.find(counts) != std::string::npos;
    if (!named && !shown) continue;
    std::string values;
    for (const auto& value : twice.values) values += (values.empty() ? "\"" : ", then \"") + value + "\"";
    trail.findings.add({.code = "env_set_twice",
                        .certainty = shown ? Certainty::proven : Certainty::inferred,
                        .sentence = fmt::format(
                            "Container {} sets the environment variable {} {} times; the last value counts, and its "
                            "program fails with it",
                            twice.container, twice.name, twice.values.size()),
                        .at = workload_of(pod),
                        .evidence = {fmt::format("{} is {}", twice.name, values),
                                     named ? "the log names the variable" : "the log shows its last value"},
                        .next = "Keep the right one in the pod template",
                        .affects = {ref_of("Pod", pod)}});
  }
}

void add_trouble(const Trail& trail, const json::value& pod, const ContainerSeen& container, const LogTrouble& trouble,
                 std::vector<std::string> evidence) {
  evidence.insert(evidence.begin(), "its log: " + trouble.line);
  const bool vague = trouble.trouble == Trouble::other;
  std::string sentence = fmt::format("The program of {} fails: {}", container.who(), sentence_of(trouble));
  if (vague) sentence = fmt::format("The program of {} ends with an error: {}", container.who(), trouble.line);
  trail.findings.add({.code = std::string(code_of(trouble.trouble)),
                      .certainty = Certainty::inferred,
                      .sentence = std::move(sentence),
                      .at = workload_of(pod),
                      .evidence = std::move(evidence),
                      .next = std::string(next_for(trouble.trouble)),
                      .affects = {ref_of("Pod", pod)}});
}

awaitable<void> explain_end(Trail trail, const json::value& pod, ContainerSeen container) {
  const json::value& ended = *container.ended();
  const Ref ref = ref_of("Pod", pod);
  const auto reason = text_at(ended, {"reason"});
  if (reason == "StartError" || reason == "ContainerCannotRun") co_return;  // explain_start
  if (reason == "OOMKilled") {
    explain_memory(trail, pod, container, ended);
    co_return;
  }
  if (co_await explain_killing_probe(trail, pod, container)) co_return;
  std::vector<std::string> evidence{fmt::format("{} of {} ended with {}{}, {} restarts", container.who(), ref.text(),
                                                ending(ended), reason.empty() ? "" : fmt::format(" ({})", reason),
                                                container.restarts())};
  if (const auto message = text_at(ended, {"message"}); !message.empty())
    evidence.push_back("termination message: " + std::string(message));
  const bool again = container.status && ::fairlead::find(*container.status, "lastState", "terminated") &&
                     !::fairlead::find(*container.status, "state", "terminated");
  const LogSeen* log = co_await trail.source.log(ref.ns, ref.name, container.name, again);
  // While it waits to be started again, the last run's is the current one on some servers and the previous on others.
  if (log->text.empty()) log = co_await trail.source.log(ref.ns, ref.name, container.name, !again);
  const std::string text =
      log->text + (text_at(ended, {"message"}).empty() ? "" : "\n" + std::string(text_at(ended, {"message"})));
  const auto troubles = read_troubles(text);
  const bool interpreter = co_await explain_interpreter(trail, pod, container, text);
  if (interpreter) co_return;
  blame_variable(trail, pod, container, text);
  Findings reasons;
  co_await explain_dependencies(trail.behind(reasons), pod, text);
  // What it said last, and of itself, comes before what it met on its way.
  const bool of_itself = !troubles.empty() && !troubles[0].leads_on() && troubles[0].trouble != Trouble::other;
  if (of_itself) add_trouble(trail, pod, container, troubles[0], evidence);
  if (reasons.explains()) trail.findings.add_reasons(reasons, ref, evidence[0]);
  const bool only_zero = integer_at(ended, {"exitCode"}) == 0;
  if (troubles.empty() || (only_zero && troubles[0].trouble == Trouble::other)) {
    if (!reasons.explains()) explain_silence(trail, pod, container, ended, text, std::move(evidence));
    co_return;
  }
  // What its own log says stays a finding beside what was found behind it, only lower.
  if (!reasons.explains() && !of_itself) add_trouble(trail, pod, container, troubles[0], evidence);
  for (std::size_t i = 1; i < std::min<std::size_t>(troubles.size(), 3); ++i)
    if (troubles[i].trouble != Trouble::other && !troubles[i].minor && !reasons.explains())
      add_trouble(trail, pod, container, troubles[i], evidence);
}

// An init container that neither ends nor fails: mostly it waits for somebody, and says for whom.
awaitable<void> explain_waiting(Trail trail, const json::value& pod, ContainerSeen container) {
  const Ref ref = ref_of("Pod", pod);
  const LogSeen* log = co_await trail.source.log(ref.ns, ref.name, container.name, false);
  const std::string evidence =
      fmt::format("{} of {} still runs, and the others wait for it", container.who(), ref.text());
  Findings reasons;
  co_await explain_dependencies(trail.behind(reasons), pod, log->text);
  trail.findings.add_reasons(reasons, ref, evidence);
  if (reasons.explains()) co_return;
  const auto troubles = read_troubles(log->text);
  if (!troubles.empty()) {
    add_trouble(trail, pod, container, troubles[0], {evidence});
    co_return;
  }
  const auto last = last_lines(log->text, 1);
  trail.findings.add(
      {.code = "init_container_runs",
       .certainty = Certainty::symptom,
       .sentence = fmt::format("The {} has not come to its end{}", container.who(),
                               last.empty() ? "" : "; its log ends with: " + last[0]),
       .at = workload_of(pod),
       .evidence = {evidence},
       .next = fmt::format("get_pod_logs name={} namespace={} container={}", ref.name, ref.ns, container.name),
       .affects = {ref}});
}

// It runs well again, and for longer than it takes to fail: after one restart that is a moment, after several twice as
// long as the run before.
awaitable<bool> is_over_it(Trail trail, const json::value& pod, ContainerSeen container) {
  if (!container.running() || !container.ready()) co_return false;
  const auto started = ops::time_at(*container.status, {"state", "running", "startedAt"});
  if (!started) co_return false;
  const std::int64_t running = trail.now() - *started;
  const auto from = ops::time_at(*container.ended(), {"startedAt"}),
             to = ops::time_at(*container.ended(), {"finishedAt"});
  const std::int64_t before = from && to ? *to - *from : 0;
  if (running <= kMoment || (container.restarts() > 1 && running <= 2 * before)) co_return false;
  // One that a probe fails again is about to be killed.
  for (const auto& event : co_await events_about(trail, ref_of("Pod", pod), "Unhealthy")) {
    const bool mine =
        event.field_path.empty() || event.field_path.find("{" + container.name + "}") != std::string::npos;
    if (mine && event.last > *started) co_return false;
  }
  co_return true;
}

}  // namespace

awaitable<void> explain_crashes(Trail trail, const json::value& pod) {
  const bool job = text_at(pod, {"spec", "restartPolicy"}) != "Always";
  for (const auto& container : containers_of(pod)) {
    const auto* ended = container.ended();
    const bool sidecar = text_at(*container.spec, {"restartPolicy"}) == "Always";
    if (container.init && !sidecar && container.running()) co_await explain_waiting(trail, pod, container);
    if (!ended) continue;
    const bool failed = integer_at(*ended, {"exitCode"}) != 0;
    const auto finished = ops::time_at(*ended, {"finishedAt"}).value_or(0);
    const bool now = container.status && ::fairlead::find(*container.status, "state", "terminated");
    // An init container or a Job's that ended well has done its work; what runs again for an hour has got over it.
    if (!failed && (job || container.init)) continue;
    if (!now && container.running() && finished + kRecent < trail.now()) continue;
    const bool over = co_await is_over_it(trail, pod, container);
    if (over) continue;
    if (container.init && container.ready()) continue;
    co_await explain_end(trail, pod, container);
  }
}

}  // namespace fairlead::diagnosis
