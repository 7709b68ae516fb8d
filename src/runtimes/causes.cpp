#include "runtimes/causes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "ops/clip.h"
#include "ops/object_document.h"
#include "ops/pod_view.h"
#include "redact/redact.h"

namespace fairlead::runtimes {
namespace {

using kube::ContainerState;

constexpr std::size_t kForeign = 300;       // bytes of what others wrote
constexpr std::int64_t kQuick = 60;         // seconds in which a volume is made and a pod goes
constexpr std::int64_t kOutOfMemory = 137;  // 128 + SIGKILL
constexpr std::int64_t kAskedToEnd = 143;   // 128 + SIGTERM

bool has(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b);
         }) != text.end();
}

std::string span(std::int64_t seconds) { return human_duration(std::chrono::seconds(seconds)); }

// Why a controller was not allowed to make a pod, by a word of what it was told.
struct Refusal {
  std::string_view word, sentence;
};
constexpr std::array<Refusal, 9> kRefusals{{
    {"exceeded quota", "a quota of its namespace is exceeded"},
    {"failed quota", "a quota of its namespace asks for requests and limits that it does not name"},
    {"violates PodSecurity", "the Pod Security level of its namespace forbids it"},
    {"usage per", "a LimitRange of its namespace forbids its resources"},
    {"cannot create resource", "an RBAC rule is missing: the cluster's own controller may not create pods there"},
    {"service account", "the service account of its namespace is not there"},
    {"serviceaccount", "the service account of its namespace is not there"},
    {"failed calling webhook", "an admission webhook of the cluster does not answer"},
    {"admission webhook", "an admission webhook of the cluster refuses it"},
}};

Standing refused(std::string_view message) {
  for (const Refusal& one : kRefusals)
    if (has(message, one.word)) return {fmt::format("no pod can be created: {}{}", one.sentence, quoted(message)), ""};
  return {"no pod can be created" + quoted(message), ""};
}

class Looker {
 public:
  explicit Looker(const Seen& seen) : seen_(seen) {}

  Standing of_starting() const {
    const json::value* newest = nullptr;
    for (const auto& pod : seen_.pods)
      if (!find(pod, "metadata", "deletionTimestamp") && (!newest || created(*newest) <= created(pod))) newest = &pod;
    // It outlives a pod that was made meanwhile.
    if (const auto* failure = condition("ReplicaFailure"); !newest && failure)
      return refused(text_at(*failure, {"message"}));
    Standing out = newest ? of_pod(*newest) : seen_.pods_read ? of_no_pod() : Standing{};
    if (!out.cause.empty()) return out;
    if (flag_at(seen_.deployment, {"spec", "paused"})) return {"its Deployment is paused, by somebody else", ""};
    if (const auto* progress = find_condition("Progressing");
        progress && text_at(*progress, {"status"}) == "False" &&
        text_at(*progress, {"reason"}) == "ProgressDeadlineExceeded")
      return {fmt::format("it has not become ready within {}{}{}",
                          span(integer_at(seen_.deployment, {"spec", "progressDeadlineSeconds"}, 600)),
                          out.waits.empty() ? "" : ": ", out.waits),
              ""};
    return out;
  }

  // Pods that are to go, and stay.
  Standing of_going() const {
    for (const auto& pod : seen_.pods) {
      const auto due = ops::time_at(pod, {"metadata", "deletionTimestamp"});
      if (!due || seen_.now == 0 || seen_.now - *due < kQuick) continue;
      const std::string name(text_at(pod, {"metadata", "name"})), node(text_at(pod, {"spec", "nodeName"}));
      if (!array_at(pod, {"metadata", "finalizers"}).empty())
        return {fmt::format("pod {} should have gone {} ago, and finalizers hold it", name, span(seen_.now - *due)),
                ""};
      return {fmt::format("pod {} should have gone {} ago: its node {} does not say that it has ended it", name,
                          span(seen_.now - *due), plain_word(node)),
              ""};
    }
    return {};
  }

  // The address of a load balancer.
  Standing of_service() const {
    if (!seen_.service || text_at(*seen_.service, {"spec", "type"}) != "LoadBalancer" ||
        !array_at(*seen_.service, {"status", "loadBalancer", "ingress"}).empty())
      return {};
    const std::int64_t age = since(created(*seen_.service)), most = seen_.load_balancer_timeout_seconds;
    const SeenEvent* said = warning("Service", {});
    const std::string tail = said ? quoted(said->message) : "";
    if (age >= most)
      return {
          fmt::format("its load balancer is still pending: it has had no address for {}, longer than the {} that it "
                      "may take{}",
                      span(age), span(most), tail),
          ""};
    return {"", fmt::format("an address of its load balancer, for {} of at most {}{}", span(age), span(most), tail)};
  }

 private:
  std::int64_t created(const json::value& object) const {
    return ops::time_at(object, {"metadata", "creationTimestamp"}).value_or(seen_.now);
  }
  std::int64_t since(std::int64_t time) const {
    return seen_.now == 0 ? 0 : std::max<std::int64_t>(0, seen_.now - time);
  }

  const json::value* find_condition(std::string_view type) const { return ops::condition_of(seen_.deployment, type); }
  const json::value* condition(std::string_view type) const {
    const json::value* found = find_condition(type);
    return found && text_at(*found, {"status"}) == "True" ? found : nullptr;
  }

  // The latest Warning about the object, of these reasons (none: of any), that began when the object was there.
  const SeenEvent* warning(std::string_view kind, std::initializer_list<std::string_view> reasons,
                           std::string_view object = {}) const {
    const SeenEvent* out = nullptr;
    for (const auto& event : seen_.events)
      if (event.kind == kind && event.is_warning && (object.empty() || event.object == object) &&
          (reasons.size() == 0 || std::find(reasons.begin(), reasons.end(), event.reason) != reasons.end()) &&
          (!out || out->last < event.last))
        out = &event;
    return out;
  }

  Standing of_no_pod() const {
    if (const auto* said = warning("ReplicaSet", {"FailedCreate"})) return refused(said->message);
    if (Standing going = of_going(); !going.cause.empty()) return going;
    return {"", seen_.pods.empty() ? "its pod to be created" : "its previous pod to end"};
  }

  Standing of_pod(const json::value& pod) const {
    kube::PodView view;
    ops::view_pod(pod, view);
    const std::string node = plain_word(view.node_name);
    const auto* ready = kube::find_condition(view.conditions, "Ready");
    const bool all_ready =
        !view.statuses.empty() && std::all_of(view.statuses.begin(), view.statuses.end(),
                                              [](const auto& one) { return one.ready && one.state.running(); });
    // The kubelet says that all is well, and the node controller that it has not heard of the kubelet since.
    if (view.reason == "NodeLost" || view.phase == "Unknown" ||
        (all_ready && ready && ready->status != "True" && array_at(pod, {"spec", "readinessGates"}).empty()))
      return {fmt::format("its node {} is lost: it does not report any more", node), ""};
    if (view.phase == "Failed")
      return {fmt::format("its pod was ended by node {} ({}){}", node, plain_word(view.reason),
                          quoted(text_at(pod, {"status", "message"}))),
              ""};
    const auto* scheduled = kube::find_condition(view.conditions, "PodScheduled");
    if (scheduled && scheduled->status == "False") return of_unscheduled(*scheduled);
    for (const auto* list : {&view.init_statuses, &view.statuses})
      for (const auto& container : *list)
        if (Standing out = of_container(pod, view, container); !out.cause.empty() || !out.waits.empty()) return out;
    if (view.node_name.empty()) return {"", "a node to take its pod"};
    if (view.statuses.empty()) return of_creating(view);
    return {};
  }

  Standing of_unscheduled(const kube::Condition& scheduled) const {
    if (scheduled.reason == "SchedulingGated") return {"a scheduling gate that others set holds its pod back", ""};
    if (has(scheduled.message, "persistentvolumeclaim") || has(scheduled.message, "volume node affinity") ||
        has(scheduled.message, "persistent volumes"))
      if (Standing out = of_claim(); !out.cause.empty() || !out.waits.empty()) return out;
    return {"its pod cannot be scheduled: no node takes it" + quoted(scheduled.message), ""};
  }

  Standing of_claim() const {
    if (!seen_.volume_claim) return {};
    const json::value& claim = *seen_.volume_claim;
    if (claim.is_null()) return {"its state volume's claim is not there: 'fairlead agents repair' makes it again", ""};
    const auto phase = text_at(claim, {"status", "phase"});
    if (phase == "Lost")
      return {"its state volume is lost: its claim is bound to a PersistentVolume that has gone", ""};
    if (phase == "Bound") return {};
    const auto* said = warning("PersistentVolumeClaim", {});
    for (const auto& event : seen_.events)
      if (!said && event.kind == "PersistentVolumeClaim" && event.reason == "FailedBinding") said = &event;
    if (said) return {"its state volume cannot be provisioned, its claim is pending" + quoted(said->message), ""};
    if (since(created(claim)) < kQuick) return {"", "its state volume to be provisioned"};
    const auto storage_class = text_at(claim, {"spec", "storageClassName"});
    if (storage_class.empty())
      return {
          "its state volume is not provisioned: its claim is pending and names no storage class, so that the "
          "cluster's default or a PersistentVolume has to be there",
          ""};
    return {fmt::format("its state volume is not provisioned: its claim of storage class {} is pending",
                        plain_word(storage_class)),
            ""};
  }

  // Its image is pulled, its volumes are mounted.
  Standing of_creating(const kube::PodView& view) const {
    if (const auto* said = warning("Pod", {"FailedMount", "FailedAttachVolume"}, view.meta.name))
      return {"a volume of its pod cannot be mounted" + quoted(said->message), ""};
    if (const auto* said = warning("Pod", {"FailedCreatePodSandBox", "NetworkNotReady"}, view.meta.name))
      return {fmt::format("node {} cannot set up its pod{}", plain_word(view.node_name), quoted(said->message)), ""};
    if (Standing claim = of_claim(); !claim.cause.empty()) return claim;
    return {"", "its container to be created: the image is pulled and volumes are mounted"};
  }

  static const json::value* spec_of(const json::value& pod, std::string_view container) {
    for (auto list : {"initContainers", "containers"})
      for (const auto& one : array_at(pod, {"spec", list}))
        if (text_at(one, {"name"}) == container) return &one;
    return nullptr;
  }

  Standing of_container(const json::value& pod, const kube::PodView& view,
                        const kube::ContainerStatus& container) const {
    const ContainerState& state = container.state;
    const json::value* spec = spec_of(pod, container.name);
    if (state.waiting()) {
      const std::string_view reason = state.reason;
      if (reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing")
        return container.restart_count > 0 ? of_ended(pod, container, container.last_state) : of_creating(view);
      if (reason == "CrashLoopBackOff") return of_ended(pod, container, container.last_state);
      if (has(reason, "image") || reason == "RegistryUnavailable")
        return {fmt::format("its image {} cannot be pulled ({}){}",
                            plain_word(spec ? text_at(*spec, {"image"}) : container.image), plain_word(reason),
                            quoted(why_not_pulled(view, state))),
                ""};
      if (reason == "CreateContainerConfigError")
        return {"its container cannot be configured: what it refers to is missing" + quoted(state.message), ""};
      return {fmt::format("its container cannot be started ({}){}", plain_word(reason), quoted(state.message)), ""};
    }
    if (state.terminated()) {
      const bool is_init = spec_is_init(pod, container.name);
      return is_init && state.exit_code == 0 ? Standing{} : of_ended(pod, container, state);
    }
    if (!state.running() || container.ready || spec_is_init(pod, container.name)) return {};
    if (container.restart_count > 0 && container.last_state.terminated())
      return of_ended(pod, container, container.last_state);
    return of_probes(view, container, spec);
  }

  static bool spec_is_init(const json::value& pod, std::string_view name) {
    for (const auto& one : array_at(pod, {"spec", "initContainers"}))
      if (text_at(one, {"name"}) == name) return true;
    return false;
  }

  // Kubelets before 1.31 say in the state no more than that they wait before they try again.
  std::string_view why_not_pulled(const kube::PodView& view, const ContainerState& state) const {
    if (state.reason != "ImagePullBackOff" || has(state.message, "ErrImagePull:")) return state.message;
    const SeenEvent* out = nullptr;
    for (const auto& event : seen_.events)
      if (event.kind == "Pod" && event.object == view.meta.name && event.reason == "Failed" &&
          has(event.message, "pull") && (!out || out->last < event.last))
        out = &event;
    return out ? std::string_view(out->message) : state.message;
  }

  const SeenEvent* unhealthy(std::string_view pod, std::string_view probe) const {
    const SeenEvent* out = nullptr;
    for (const auto& event : seen_.events)
      if (event.kind == "Pod" && event.object == pod && event.reason == "Unhealthy" && has(event.message, probe) &&
          (!out || out->last < event.last))
        out = &event;
    return out;
  }

  Standing of_probes(const kube::PodView& view, const kube::ContainerStatus& container, const json::value* spec) const {
    const std::string_view probe = container.started ? "readiness" : "startup";
    const std::string key = std::string(probe) + "Probe";
    std::int64_t limit = 0, age = since(container.state.started_at.value_or(seen_.now));
    if (spec)
      limit = integer_at(*spec, {key, "initialDelaySeconds"}) +
              integer_at(*spec, {key, "periodSeconds"}, 10) * integer_at(*spec, {key, "failureThreshold"}, 3);
    const SeenEvent* said = unhealthy(view.meta.name, probe);
    const std::string tail = said ? quoted(said->message) : "";
    // While a startup probe has tries left it is no failure that it fails.
    if (!container.started && age <= limit)
      return {"", fmt::format("its startup probe to succeed, for {} of at most {}{}", span(age), span(limit), tail)};
    if (container.started && !said && age <= limit) return {"", "its readiness probe to succeed"};
    return {fmt::format("its container runs, and its {} probe fails{}", probe, tail), ""};
  }

  Standing of_ended(const json::value& pod, const kube::ContainerStatus& container, const ContainerState& ended) const {
    const json::value* spec = spec_of(pod, container.name);
    const std::string again =
        container.restart_count > 0 ? fmt::format(", and was started again {} times", container.restart_count) : "";
    if (ended.reason == "OOMKilled") {
      const auto limit = spec ? text_at(*spec, {"resources", "limits", "memory"}) : "";
      return {fmt::format("its container was killed, since it took more memory than its limit of {}{}",
                          plain_word(limit), again),
              ""};
    }
    if (ended.reason == "StartError" || ended.reason == "ContainerCannotRun")
      return {"its container cannot be started" + quoted(ended.message), ""};
    // Who kills it says so in an event, and not in its status.
    const std::string name(text_at(pod, {"metadata", "name"}));
    if (ended.exit_code == kOutOfMemory || ended.exit_code == kAskedToEnd)
      for (std::string_view probe : {"liveness", "startup"})
        if (const auto* said = unhealthy(name, probe))
          return {
              fmt::format("its container was ended, since its {} probe fails{}{}", probe, again, quoted(said->message)),
              ""};
    if (!ended.terminated())
      return {fmt::format("its container ends again and again{}{}", again, quoted(container.state.message)), ""};
    const bool is_script =
        spec && std::any_of(array_at(*spec, {"command"}).begin(), array_at(*spec, {"command"}).end(),
                            [](const json::value& word) {
                              return word.is_string() && std::string_view(word.get_string()).ends_with("/bootstrap.sh");
                            });
    const std::string what = is_script ? "its bootstrap script, or what that runs," : "its container";
    const std::string_view means = ended.exit_code == 127   ? " (a command was not found)"
                                   : ended.exit_code == 126 ? " (a command may not be executed)"
                                   : ended.exit_code == 0   ? ", though it is to go on"
                                                            : "";
    return {fmt::format("{} ended with exit status {}{}{}{}", what, ended.exit_code, means, again,
                        quoted(last_line(ended.message))),
            ""};
  }

  static std::string last_line(std::string_view text) {
    // Lines above may say that what stands in the last one is a credential.
    const std::string clean = redact::text(text);
    std::string_view rest = trim(clean);
    return std::string(rest.substr(rest.rfind('\n') + 1));
  }

  const Seen& seen_;
};

}  // namespace

std::string quoted(std::string_view foreign) {
  const std::string clean = redact::text(redact::without_decoration(trim(foreign)));
  std::string line = escape_untrusted(first_words(clean, kForeign), Newlines::escape);
  if (line.empty()) return "";
  if (line.size() < clean.size()) line += " …";
  return ": " + line;
}

Standing standing_of(const Seen& seen, Phase phase) {
  const Looker look(seen);
  switch (phase) {
    case Phase::starting: return look.of_starting();
    case Phase::running: return look.of_service();
    case Phase::stopping:
    case Phase::deleting: return look.of_going();
    default: return {};
  }
}

std::vector<EventsOf> events_that_tell(const Seen& seen) {
  std::vector<EventsOf> out;
  const Observed now = observe(seen);
  if (now.phase == Phase::running && now.waits.empty()) return out;
  if (now.phase == Phase::failing || now.phase == Phase::starting || now.phase == Phase::running) {
    bool any = false;
    for (const auto& pod : now.pods) {
      if (pod.is_going || pod.is_ready) continue;
      if (!any) out.push_back({"Pod", pod.name});  // one is wanted; more would be of others
      any = true;
    }
    if (now.pods.empty() && seen.pods_read && now.cause.empty())
      out.push_back({"ReplicaSet", std::string(text_at(seen.deployment, {"metadata", "name"})) + "-"});
    if (seen.volume_claim && seen.volume_claim->is_object() &&
        text_at(*seen.volume_claim, {"status", "phase"}) == "Pending")
      out.push_back({"PersistentVolumeClaim", std::string(text_at(*seen.volume_claim, {"metadata", "name"}))});
    if (seen.service && text_at(*seen.service, {"spec", "type"}) == "LoadBalancer" &&
        array_at(*seen.service, {"status", "loadBalancer", "ingress"}).empty())
      out.push_back({"Service", std::string(text_at(*seen.service, {"metadata", "name"}))});
  }
  return out;
}

}  // namespace fairlead::runtimes
