// CronJobs: a Job whenever it is time.
#include <algorithm>

#include "base/text.h"
#include "sandbox/cron_schedule.h"
#include "sandbox/json_edit.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "cronjob-controller";
constexpr int too_many_missed = 100;

struct Due {
  std::optional<std::int64_t> last, next;  // the latest time that has come, and the first that has not
  int missed = 0;
};

Due due_times(const CronSchedule& schedule, std::int64_t since, std::int64_t now) {
  Due out;
  auto at = schedule.next_after(since);
  for (; at && *at <= now; at = schedule.next_after(*at)) {
    out.last = at;
    if (++out.missed <= too_many_missed) continue;
    // Far behind: the last one is looked for from ever closer to now.
    for (std::int64_t back : {40 * 86'400, 86'400, 3600, 60}) {
      auto closer = schedule.next_after(std::max(*at, now - back));
      if (closer && *closer <= now) at = out.last = closer;
    }
  }
  out.next = at;
  return out;
}

bool is_known_zone(std::string_view zone) {
  return zone.empty() || zone == "UTC" || zone == "Etc/UTC" || zone == "Etc/GMT" || zone == "GMT";
}

std::int64_t finished_at(const json::value& job, bool* failed) {
  for (const json::value& condition : array_at(job, {"status", "conditions"})) {
    std::string_view type = text_at(condition, {"type"});
    if (text_at(condition, {"status"}) != "True" || (type != "Complete" && type != "Failed")) continue;
    *failed = type == "Failed";
    return parse_rfc3339(text_at(condition, {"lastTransitionTime"})).value_or(1);
  }
  return 0;
}

class CronJobController final : public Controller {
 public:
  explicit CronJobController(Work& work)
      : Controller(work), cronjobs_(resource("batch", "cronjobs")), jobs_(resource("batch", "jobs")) {}

  std::vector<const Resource*> watched() const override { return {&cronjobs_, &jobs_}; }

  void changed(const Change& change) override {
    if (change.object->resource == &cronjobs_) return wake(*change.object);
    wake_owners(change, cronjobs_);
  }

  // Schedules go on from when the sandbox begins.
  void adopt() override {
    for (const ObjectPtr& object : store_.list(cronjobs_, "")) {
      auto schedule = CronSchedule::parse(text_at(objects_.load_brief(*object), {"spec", "schedule"}));
      auto next = schedule ? schedule->next_after(work_.now()) : std::nullopt;
      if (next) wake(*object, (*next - work_.now()) * 1000);
    }
  }

  void reconcile(const Key& key) override {
    ObjectPtr object = store_.find(cronjobs_, key.namespace_name, key.name);
    if (!object || is_dying(*object)) return;
    json::value value = objects_.load(*object);
    review(*object, value);
    start_due(*object, value);
    ObjectPtr latest = store_.find_uid(object->uid);
    if (!latest) return;
    object_in(value, {"metadata"}).erase("resourceVersion");
    (void)objects_.update(latest, std::move(value), Part::status);
  }

 private:
  // What has become of its Jobs.
  void review(const Object& object, json::value& value) {
    json::array active;
    std::vector<std::pair<std::int64_t, ObjectPtr>> good, bad;
    json::array before = array_at(value, {"status", "active"});
    for (const ObjectPtr& child : store_.owned_by(object.uid)) {
      if (child->resource != &jobs_ || controller_uid(*child) != object.uid) continue;
      json::value job = objects_.load_brief(*child);
      bool failed = false;
      std::int64_t ended = finished_at(job, &failed);
      if (ended == 0) {
        active.push_back(reference_to(*child));
        continue;
      }
      (failed ? bad : good)
          .emplace_back(parse_rfc3339(text_at(job, {"metadata", "creationTimestamp"})).value_or(0), child);
      if (!failed) {
        json::object& status = object_in(value, {"status"});
        if (parse_rfc3339(text_in(status, "lastSuccessfulTime")).value_or(0) < ended)
          status["lastSuccessfulTime"] = format_rfc3339(ended);
      }
      bool was_active = std::any_of(before.begin(), before.end(),
                                    [&](const json::value& one) { return text_at(one, {"uid"}) == child->uid; });
      if (was_active)
        work_.note(object, component, "Normal", "SawCompletedJob",
                   "Saw completed job: " + child->name + ", condition: " + (failed ? "Failed" : "Complete"));
    }
    set_active(value, std::move(active));
    forget(object, good, integer_at(value, {"spec", "successfulJobsHistoryLimit"}, 3));
    forget(object, bad, integer_at(value, {"spec", "failedJobsHistoryLimit"}, 1));
  }

  static void set_active(json::value& value, json::array active) {
    json::object& status = object_in(value, {"status"});
    if (active.empty()) {
      status.erase("active");
    } else {
      status["active"] = std::move(active);
    }
  }

  json::object reference_to(const Object& job) const {
    return {
        {"apiVersion", jobs_.api_version()}, {"kind", jobs_.kind}, {"name", job.name},
        {"namespace", job.namespace_name},   {"uid", job.uid},     {"resourceVersion", std::to_string(job.version)}};
  }

  void remove(const Object& object, const ObjectPtr& job) {
    DeleteRequest request;
    request.propagation = "Background";
    if (objects_.remove(job, request))
      work_.note(object, component, "Normal", "SuccessfulDelete", "Deleted job " + job->name);
  }

  void forget(const Object& object, std::vector<std::pair<std::int64_t, ObjectPtr>>& ended, std::int64_t limit) {
    std::sort(ended.begin(), ended.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second->name < b.second->name;
    });
    for (std::size_t i = 0;
         i < ended.size() && static_cast<std::int64_t>(ended.size() - i) > std::max<std::int64_t>(0, limit); ++i)
      remove(object, ended[i].second);
  }

  void start_due(const Object& object, json::value& value) {
    if (flag_at(value, {"spec", "suspend"})) return;
    if (std::string zone(text_at(value, {"spec", "timeZone"})); !is_known_zone(zone)) {
      work_.note(object, component, "Warning", "UnknownTimeZone",
                 "invalid timeZone: \"" + zone + "\" - unknown time zone " + zone);
      return;
    }
    std::string text(text_at(value, {"spec", "schedule"}));
    auto schedule = CronSchedule::parse(text);
    if (!schedule) {
      work_.note(object, component, "Warning", "UnparseableSchedule",
                 "unparseable schedule: \"" + text + "\" : " + schedule.error());
      return;
    }
    std::int64_t now = work_.now();
    std::int64_t since = parse_rfc3339(text_at(value, {"status", "lastScheduleTime"}))
                             .value_or(parse_rfc3339(text_at(value, {"metadata", "creationTimestamp"})).value_or(now));
    std::int64_t deadline = bounded_seconds(find(value, "spec", "startingDeadlineSeconds"), -1);
    if (deadline >= 0) since = std::max(since, now - deadline);
    Due due = due_times(*schedule, since, now);
    if (due.next) wake(object, (*due.next - now) * 1000);
    if (!due.last) return;
    if (due.missed > too_many_missed) {
      work_.note(object, component, "Warning", "TooManyMissedTimes",
                 "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
    }
    if (deadline >= 0 && *due.last + deadline < now) {
      work_.note(object, component, "Warning", "MissSchedule",
                 "Missed scheduled time to start a job: " + format_rfc3339(*due.last));
      return;
    }
    std::string_view policy = text_at(value, {"spec", "concurrencyPolicy"});
    json::array active = array_at(value, {"status", "active"});
    if (policy == "Forbid" && !active.empty()) {
      work_.note(object, component, "Normal", "JobAlreadyActive",
                 "Not starting job because prior execution is running and concurrency policy is Forbid");
      return;
    }
    if (policy == "Replace") {
      for (const json::value& one : active) {
        if (ObjectPtr job = store_.find_uid(text_at(one, {"uid"}))) remove(object, job);
      }
      active.clear();
    }
    ObjectPtr made = make(object, value, *due.last);
    if (made) active.push_back(reference_to(*made));
    set_active(value, std::move(active));
    object_in(value, {"status"})["lastScheduleTime"] = format_rfc3339(*due.last);
  }

  ObjectPtr make(const Object& object, const json::value& value, std::int64_t scheduled) {
    std::string name = object.name + "-" + std::to_string(scheduled / 60);
    if (store_.find(jobs_, object.namespace_name, name)) return nullptr;
    json::value job = json::object();
    json::object& metadata = object_in(job, {"metadata"});
    for (std::string_view member : {"labels", "annotations"}) {
      if (const json::value* given = find(value, "spec", "jobTemplate", "metadata", member)) metadata[member] = *given;
    }
    object_in(job, {"metadata", "annotations"})["batch.kubernetes.io/cronjob-scheduled-timestamp"] =
        format_rfc3339(scheduled);
    json::object& named = object_in(job, {"metadata"});
    named["name"] = name;
    named["namespace"] = object.namespace_name;
    named["ownerReferences"] = json::array{controller_reference(cronjobs_, object.name, object.uid)};
    if (const json::value* spec = find(value, "spec", "jobTemplate", "spec")) job.get_object()["spec"] = *spec;
    auto created = objects_.create(jobs_, std::move(job));
    if (!created) {
      work_.note(object, component, "Warning", "FailedCreate", "Error creating job: " + created.error().message);
      return nullptr;
    }
    work_.note(object, component, "Normal", "SuccessfulCreate", "Created job " + name);
    return *created;
  }

  const Resource &cronjobs_, &jobs_;
};

}  // namespace

std::unique_ptr<Controller> cronjob_controller(Work& work) { return std::make_unique<CronJobController>(work); }

}  // namespace fairlead::sandbox
