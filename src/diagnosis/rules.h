// The rules, by what they look at. Each adds to the trail's findings what it can show, and follows what it finds: a pod
// that waits for a claim leads to the claim. A rule that finds nothing wrong adds nothing. Objects are whole JSON
// documents, as the server sent them; whatever they say is shown redacted by Findings.
#pragma once

#include "diagnosis/findings.h"
#include "diagnosis/source.h"

namespace fairlead::diagnosis {

// How a rule was reached, so that rules do not walk in circles. A value: siblings know nothing of each other, and what
// two of them come to is read once and found twice, which Findings makes one.
struct Trail {
  Source& source;
  Findings& findings;
  std::set<Ref> path = {};
  // Everything is looked at: nobody has asked for this object, or come to it from one that needs it.
  bool survey = false;

  std::int64_t now() const { return source.now(); }
  // False where the path is too long or has been there: then there is nothing to add.
  bool enter(const Ref& ref) { return path.size() < kDeepest && path.insert(ref).second; }
  // For what lies behind: its findings are kept apart, to be added as reasons.
  Trail behind(Findings& other) const { return {source, other, path}; }
  static constexpr std::size_t kDeepest = 8;
};

// ---- pods
awaitable<void> explain_pod(Trail trail, const json::value& pod);
// Parts of it, in order of a pod's life.
awaitable<void> explain_scheduling(Trail trail, const json::value& pod);  // it has no node
awaitable<void> explain_start(Trail trail, const json::value& pod);       // volumes, images, configuration
awaitable<void> explain_crashes(Trail trail, const json::value& pod);     // containers that ended
awaitable<void> explain_readiness(Trail trail, const json::value& pod);   // runs, but is not ready
awaitable<void> explain_stuck_pod(Trail trail, const json::value& pod);   // is being deleted and does not go
// ConfigMaps, Secrets, claims, service accounts that it names and that are not there.
awaitable<void> explain_references(Trail trail, const json::value& pod);
// What it says of others in its log or environment: Services that nobody answers for.
awaitable<void> explain_dependencies(Trail trail, const json::value& pod, const std::string& log);

// ---- what controls pods
// One of any kind that has a rule; nothing when it is not there.
awaitable<void> explain_workload(Trail trail, std::string kind, std::string ns, std::string name);
void explain_autoscaler(const Trail& trail, const json::value& autoscaler);
// Pods that a controller wants and may not create: quota, admission, service account. `owner` as the events name it.
awaitable<void> explain_rejections(Trail trail, Ref owner);
// Jobs and CronJobs: deadlines, backoff, schedules.
awaitable<void> explain_job(Trail trail, const json::value& job);
awaitable<void> explain_cron_job(Trail trail, const json::value& cron_job);
// A pod that is not what its template says: somebody rewrites pods as they are admitted.
awaitable<void> explain_rewriting(Trail trail, const json::value& pod, const json::value& template_spec);
// Wrong by itself, harm seen or not: a variable that is set twice, …
void explain_template(const Trail& trail, const Ref& owner, const json::value& spec);

// ---- network
awaitable<void> explain_service(Trail trail, const json::value& service);
awaitable<void> explain_ingress(Trail trail, const json::value& ingress);
// Traffic that policies do not let through, for a pod whose connections time out or whose names do not resolve.
awaitable<void> explain_network_policies(Trail trail, const json::value& pod, bool names_do_not_resolve);

// ---- storage
awaitable<void> explain_claim(Trail trail, const json::value& claim);

// ---- cluster
awaitable<void> explain_node(Trail trail, const json::value& node);
// Objects of a namespace that do not go, and the namespace itself; "": of the whole cluster.
awaitable<void> explain_terminating(Trail trail, std::string ns);
awaitable<void> explain_control_plane(Trail trail);  // aggregated APIs, webhooks whose backend is gone, name service

// ---- what rules share; pure
bool selects(const json::value* label_selector, const json::object& labels);  // a LabelSelector; null selects nothing
bool meets(const json::value& expression, const json::object& labels);  // one of a selector's, or of a node affinity's
bool selects_map(const json::object& selector, const json::object& labels);  // empty selects nothing
std::string_view label_of(const json::value& object, std::string_view key);
// What a pod was made from, where a fault of its template is mended: Deployment, StatefulSet, Job, …; itself without
// one.
Ref workload_of(const json::value& pod);
// Warnings and notices about an object, newest first. `reason` empty: all.
struct EventLine {
  std::string type, reason, message, field_path;
  std::int64_t count = 1, last = 0;
};
// Newest first, equal ones together.
awaitable<std::vector<EventLine>> events_about(Trail trail, Ref about, std::string reason = {});
std::string show(const EventLine& event, std::int64_t now);  // "event FailedScheduling x5 (3m ago): …", clipped

}  // namespace fairlead::diagnosis
