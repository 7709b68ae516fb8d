// Jobs: pods until enough of them have succeeded.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "job-controller";
constexpr std::string_view index_key = "batch.kubernetes.io/job-completion-index";
constexpr std::int64_t first_pause = 10, longest_pause = 600;  // seconds, after failures
constexpr std::int64_t most_at_once = 500;
constexpr std::int64_t most_indexes = 100'000;

std::int64_t number_of(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = otherwise;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() ? value : otherwise;
}

// "1,3-5,7" and back.
std::set<std::int64_t> indexes_of(std::string_view text) {
  std::set<std::int64_t> out;
  for (std::string_view part : split(text, ',')) {
    if (part.empty()) continue;
    std::size_t dash = part.find('-');
    std::int64_t first = number_of(part.substr(0, dash), -1),
                 last = dash == part.npos ? first : number_of(part.substr(dash + 1), -1);
    for (std::int64_t i = first; i >= 0 && i <= last && i < most_indexes; ++i) out.insert(i);
  }
  return out;
}

std::string text_of(const std::set<std::int64_t>& indexes) {
  std::string out;
  for (auto at = indexes.begin(); at != indexes.end();) {
    std::int64_t first = *at, last = first;
    while (++at != indexes.end() && *at == last + 1) last = *at;
    out += (out.empty() ? "" : ",") + std::to_string(first);
    if (last > first) out += (last == first + 1 ? "," : "-") + std::to_string(last);
  }
  return out;
}

bool finished(const json::value& job) { return is_true(job, "Complete") || is_true(job, "Failed"); }

// One Job while it is looked at.
struct Run {
  ObjectPtr object;
  json::value value;
  std::vector<PodFacts> active;
  std::int64_t terminating = 0, succeeded = 0, failed = 0, ready = 0, restarts = 0;
  std::set<std::int64_t> done;  // indexes
  std::int64_t completions = -1, parallelism = 1;
  bool indexed = false;
};

class JobController final : public Controller {
 public:
  explicit JobController(Work& work) : Controller(work), jobs_(resource("batch", "jobs")) {}

  std::vector<const Resource*> watched() const override { return {&jobs_, &work_.pods}; }

  void changed(const Change& change) override {
    bool gone = change.type == Change::Type::deleted;
    if (change.object->resource != &jobs_) {
      if (gone) ours_.erase(change.object->uid);
      return wake_owners(change, jobs_);
    }
    if (gone) {
      counted_.erase(change.object->uid);
      last_failure_.erase(change.object->uid);
    } else {
      wake(*change.object);
    }
  }

  void adopt() override {
    for (const ObjectPtr& job : store_.list(jobs_, "")) {
      json::value value = objects_.load_brief(*job);
      if (finished(value) && find(value, "spec", "ttlSecondsAfterFinished")) wake(*job);
    }
  }

  void reconcile(const Key& key) override {
    Run run;
    run.object = store_.find(jobs_, key.namespace_name, key.name);
    if (!run.object || is_dying(*run.object)) return;
    run.value = objects_.load(*run.object);
    if (finished(run.value)) return expire(run);
    json::object& status = object_in(run.value, {"status"});
    bool suspended = flag_at(run.value, {"spec", "suspend"});
    if (!suspended && !status.contains("startTime")) status["startTime"] = format_rfc3339(work_.now());
    run.parallelism = std::clamp<std::int64_t>(integer_at(run.value, {"spec", "parallelism"}, 1), 0, most_indexes);
    if (const json::value* wanted = find(run.value, "spec", "completions"); wanted && wanted->is_int64()) {
      run.completions = std::clamp<std::int64_t>(wanted->get_int64(), 0, most_indexes);
    }
    run.indexed = text_at(run.value, {"spec", "completionMode"}) == "Indexed" && run.completions >= 0;
    count(run);
    bool ended = end(run);
    if (!ended && suspended) suspend(run);
    if (!ended && !suspended) {
      resume(run);
      manage(run);
    }
    tell(run);
  }

 private:
  // Pods that have ended are counted once, even when they are gone later.
  void count(Run& run) {
    std::vector<PodFacts> pods;
    for (const ObjectPtr& pod : store_.owned_by(run.object->uid)) {
      if (pod->resource == &work_.pods) pods.push_back(facts_of(pod));
    }
    run.succeeded = integer_at(run.value, {"status", "succeeded"});
    run.failed = integer_at(run.value, {"status", "failed"});
    run.done = indexes_of(text_at(run.value, {"status", "completedIndexes"}));
    auto [counted, first] = counted_.try_emplace(run.object->uid);
    // Of a Job that was there before, those that have ended are in its numbers already.
    bool known = first && (run.succeeded > 0 || run.failed > 0);
    for (const PodFacts& pod : pods) {
      if (pod.over()) {
        if (!counted->second.insert(pod.object->uid).second || known) continue;
        std::int64_t index = number_of(annotation_of(*pod.object, index_key), -1);
        if (pod.phase == "Failed") {
          ++run.failed;
          last_failure_[run.object->uid] = work_.now();
        } else if (!run.indexed) {
          ++run.succeeded;
        } else if (index >= 0 && index < run.completions) {
          run.done.insert(index);
        }
        continue;
      }
      if (pod.dying) {
        ++run.terminating;
        if (counted->second.insert(pod.object->uid).second && !flag_at(run.value, {"spec", "suspend"}) &&
            !ours_.contains(pod.object->uid))
          ++run.failed;
        continue;
      }
      run.active.push_back(pod);
      run.ready += pod.ready;
    }
    if (run.indexed) run.succeeded = static_cast<std::int64_t>(run.done.size());
    if (text_at(run.value, {"spec", "template", "spec", "restartPolicy"}) != "OnFailure") return;
    for (const PodFacts& pod : run.active) {
      json::value value = objects_.load_brief(*pod.object);
      for (std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
        for (const json::value& one : array_at(value, {"status", list}))
          run.restarts += integer_at(one, {"restartCount"});
      }
    }
  }

  // Whether it is over: complete, failed, or out of time.
  bool end(Run& run) {
    std::int64_t now = work_.now();
    std::int64_t limit = integer_at(run.value, {"spec", "backoffLimit"}, 6);
    std::string reason, message;
    if (run.failed > limit || (run.restarts > limit && run.restarts > 0)) {
      reason = "BackoffLimitExceeded";
      message = "Job has reached the specified backoff limit";
    }
    if (const json::value* deadline = find(run.value, "spec", "activeDeadlineSeconds");
        deadline && deadline->is_int64() && !flag_at(run.value, {"spec", "suspend"})) {
      std::int64_t left =
          parse_rfc3339(text_at(run.value, {"status", "startTime"})).value_or(now) + bounded_seconds(deadline, 0) - now;
      if (left > 0) {
        wake(*run.object, left * 1000);
      } else if (reason.empty()) {
        reason = "DeadlineExceeded";
        message = "Job was active longer than specified deadline";
      }
    }
    bool complete = run.completions >= 0 ? run.succeeded >= run.completions : run.succeeded > 0 && run.active.empty();
    if (complete && reason.empty()) {
      stop(run, run.active.size());
      constexpr std::string_view reached = "Reached expected number of succeeded pods";
      condition(run.value, "SuccessCriteriaMet", "True", "CompletionsReached", reached);
      condition(run.value, "Complete", "True", "CompletionsReached", reached);
      object_in(run.value, {"status"})["completionTime"] = format_rfc3339(now);
      work_.note(*run.object, component, "Normal", "Completed", "Job completed");
      return true;
    }
    if (reason.empty()) return false;
    stop(run, run.active.size());
    condition(run.value, "FailureTarget", "True", reason, message);
    condition(run.value, "Failed", "True", reason, message);
    work_.note(*run.object, component, "Warning", reason, message);
    return true;
  }

  void condition(json::value& job, std::string_view type, std::string_view status, std::string_view reason,
                 std::string_view message) {
    set_condition(job, type, status, reason, message, work_.now());
    (*condition_in(array_in(object_in(job, {"status"}), "conditions"), type))["lastProbeTime"] =
        format_rfc3339(work_.now());
  }

  void stop(Run& run, std::size_t count) {
    std::sort(run.active.begin(), run.active.end(), less_useful);
    count = std::min(count, run.active.size());
    for (std::size_t i = 0; i < count; ++i) {
      ours_.insert(run.active[i].object->uid);
      run.ready -= run.active[i].ready;
      delete_pod(work_, *run.object, component, *run.active[i].object);
    }
    run.active.erase(run.active.begin(), run.active.begin() + static_cast<std::ptrdiff_t>(count));
    run.terminating += static_cast<std::int64_t>(count);
  }

  void suspend(Run& run) {
    stop(run, run.active.size());
    if (is_true(run.value, "Suspended")) return;
    object_in(run.value, {"status"}).erase("startTime");
    condition(run.value, "Suspended", "True", "JobSuspended", "Job suspended");
    work_.note(*run.object, component, "Normal", "Suspended", "Job suspended");
  }

  void resume(Run& run) {
    if (!is_true(run.value, "Suspended")) return;
    object_in(run.value, {"status"})["startTime"] = format_rfc3339(work_.now());
    condition(run.value, "Suspended", "False", "JobResumed", "Job resumed");
    work_.note(*run.object, component, "Normal", "Resumed", "Job resumed");
  }

  void manage(Run& run) {
    std::int64_t active = static_cast<std::int64_t>(run.active.size()), wanted = run.parallelism;
    if (run.completions >= 0) wanted = std::min(wanted, run.completions - run.succeeded);
    if (run.completions < 0 && run.succeeded > 0)
      wanted = std::min(wanted, active);  // a queue that is being emptied gets no more
    if (active > wanted) return stop(run, static_cast<std::size_t>(active - wanted));
    std::int64_t missing = std::min(wanted - active, most_at_once);
    if (missing <= 0) return;
    if (run.failed > 0) {
      std::int64_t pause = std::min(first_pause << std::clamp<std::int64_t>(run.failed - 1, 0, 6), longest_pause);
      std::int64_t left = last_failure_[run.object->uid] + pause - work_.now();
      if (left > 0) return wake(*run.object, left * 1000);
    }
    std::set<std::int64_t> taken = run.done;
    for (const PodFacts& pod : run.active) taken.insert(number_of(annotation_of(*pod.object, index_key), -1));
    std::int64_t next = 0;
    for (std::int64_t i = 0; i < missing; ++i) {
      while (run.indexed && taken.contains(next)) ++next;
      if (run.indexed && next >= run.completions) return;
      auto made = create_pod(work_, *run.object, component, pod_for(run, run.indexed ? next++ : -1));
      if (!made) return wake(*run.object, 5000);
      run.active.push_back(facts_of(*made));
    }
    if (missing == most_at_once) wake(*run.object);
  }

  json::value pod_for(const Run& run, std::int64_t index) const {
    const json::value* pod_template = find(run.value, "spec", "template");
    json::value pod = pod_from_template(pod_template ? *pod_template : json::value(json::object()), *run.object);
    json::object& labels = object_in(pod, {"metadata", "labels"});
    for (std::string_view prefix : {"batch.kubernetes.io/", ""}) {
      labels[std::string(prefix) + "controller-uid"] = run.object->uid;
      labels[std::string(prefix) + "job-name"] = run.object->name;
    }
    std::string base = run.object->name + "-";
    if (index >= 0) {
      std::string text = std::to_string(index);
      labels[index_key] = text;
      object_in(pod, {"metadata", "annotations"})[index_key] = text;
      object_in(pod, {"spec"})["hostname"] = run.object->name + "-" + text;
      base += text + "-";
      std::string path = "metadata.labels['" + std::string(index_key) + "']";
      for (std::string_view list : {"initContainers", "containers"}) {
        auto containers = object_in(pod, {"spec"}).find(list);
        if (containers == object_in(pod, {"spec"}).end() || !containers->value().is_array()) continue;
        for (json::value& container : containers->value().get_array()) {
          array_in(container.get_object(), "env")
              .push_back(json::object{
                  {"name", "JOB_COMPLETION_INDEX"},
                  {"valueFrom", json::object{{"fieldRef", json::object{{"apiVersion", "v1"}, {"fieldPath", path}}}}}});
        }
      }
    }
    object_in(pod, {"metadata"})["generateName"] = base;
    return pod;
  }

  void tell(Run& run) {
    ObjectPtr latest = store_.find_uid(run.object->uid);
    if (!latest) return;
    json::object& status = object_in(run.value, {"status"});
    set_count(status, "active", static_cast<std::int64_t>(run.active.size()));
    set_count(status, "succeeded", run.succeeded);
    set_count(status, "failed", run.failed);
    status["ready"] = run.ready;
    status["terminating"] = run.terminating;
    status["uncountedTerminatedPods"] = json::object();
    if (run.indexed && !run.done.empty()) status["completedIndexes"] = text_of(run.done);
    object_in(run.value, {"metadata"}).erase("resourceVersion");
    (void)objects_.update(latest, std::move(run.value), Part::status);
  }

  // When it is long enough since it ended, it goes with its pods.
  void expire(const Run& run) {
    const json::value* ttl = find(run.value, "spec", "ttlSecondsAfterFinished");
    if (!ttl || !ttl->is_int64()) return;
    std::int64_t ended = 0;
    for (const json::value& condition : array_at(run.value, {"status", "conditions"})) {
      std::string_view type = text_at(condition, {"type"});
      if ((type == "Complete" || type == "Failed") && text_at(condition, {"status"}) == "True")
        ended = parse_rfc3339(text_at(condition, {"lastTransitionTime"})).value_or(0);
    }
    std::int64_t left = ended + ttl->get_int64() - work_.now();
    if (left > 0) return wake(*run.object, left * 1000);
    DeleteRequest request;
    request.propagation = "Foreground";
    (void)objects_.remove(run.object, request);
  }

  const Resource& jobs_;
  std::map<std::string, std::set<std::string>> counted_;  // by the Job's uid: its pods that are in its numbers
  std::map<std::string, std::int64_t> last_failure_;      // and when one of them failed last
  std::set<std::string> ours_;                            // pods that were deleted here: no failures
};

}  // namespace

std::unique_ptr<Controller> job_controller(Work& work) { return std::make_unique<JobController>(work); }

}  // namespace fairlead::sandbox
