// The kubelets of all nodes: pods that are bound get a sandbox, an address, and containers that live as pod_life.h
// tells. Commands that the shell can run are run, on the kubelets' time.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/lost_node.h"
#include "sandbox/main_processes.h"
#include "sandbox/pod_life.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

using Now = ContainerStory::Now;

constexpr std::int64_t start_ms = 300;           // from its node's choice to running
constexpr std::int64_t longest_grace_ms = 1000;  // programs here stop at once when asked to
constexpr std::int64_t mount_retry_ms = 2000;

class Kubelet final : public Controller {
 public:
  explicit Kubelet(Work& work)
      : Controller(work),
        processes_(work.objects, *work.containers, work.now() * 1000 - work.now_ms() / 1000 * 1000,
                   [this] { wake_processes(0); }),
        next_address_(store_.count(work.pods)) {}

  std::vector<const Resource*> watched() const override { return {&work_.pods, &work_.nodes}; }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    if (object.resource == &work_.nodes) return node_changed(change);
    if (change.type == Change::Type::deleted) {
      timers_.erase(object.uid);
      stops_.erase(object.uid);
      work_.containers->logs().forget(object.uid);
      if (processes_.knows(object.uid)) {
        gone_.push_back(object.uid);
        wake_processes(0);
      }
    } else if (!writing_) {
      wake(object);
    }
  }

  void adopt() override {
    for (const ObjectPtr& pod : store_.list(work_.pods, "")) {
      PodFacts facts = facts_of(pod);
      if (!facts.assigned || facts.over() || facts.ready || facts.dying) continue;
      PodStory story = story_of(objects_.load_brief(*pod));
      bool waits = false;
      for (const auto* list : {&story.init, &story.containers}) {
        for (const ContainerStory& one : *list)
          waits = waits || (one.now != Now::running && one.now != Now::completed && one.now != Now::creating);
      }
      if (waits) wake(*pod, 60'000 + static_cast<std::int64_t>(stable_hash(pod->uid) % 60'000));
    }
  }

  void reconcile(const Key& key) override {
    if (key == processes_key) return run_processes();
    ObjectPtr pod = store_.find(work_.pods, key.namespace_name, key.name);
    if (!pod) return;
    PodFacts facts = facts_of(pod);
    if (!facts.assigned) return;
    json::value value = objects_.load(*pod);
    ObjectPtr node = store_.find(work_.nodes, "", text_at(value, {"spec", "nodeName"}));
    if (!node || lost_.contains(node->name)) return;
    if (facts.dying) return stop(pod, std::move(value));
    if (!facts.over()) return live(pod, std::move(value), *node);
    processes_.settle(*pod, value, work_.now_ms());
  }

 private:
  void wake_processes(std::int64_t delay_ms) { work_.wake(*this, processes_key, delay_ms); }

  void run_processes() {
    for (const std::string& uid : std::exchange(gone_, {})) processes_.forget(uid);
    auto next = processes_.run(work_.now_ms(), [this](const Container& container, std::int64_t at_ms) {
      work_.wake(*this, Key{container.namespace_name, container.pod_name}, at_ms - work_.now_ms());
    });
    if (next) wake_processes(*next - work_.now_ms());
  }

  void node_changed(const Change& change) {
    // A node that was heard of again looks at its pods.
    bool lost = is_lost(*change.object) && change.type != Change::Type::deleted;
    if (lost) lost_.insert(change.object->name);
    if (lost || !lost_.erase(change.object->name)) return;
    for (const ObjectPtr& pod : store_.list(work_.pods, "")) {
      if (field_of(*pod, "spec.nodeName") == change.object->name) wake(*pod);
    }
  }

  ObjectPtr write(const ObjectPtr& pod, json::value value) {
    writing_ = true;
    auto updated = objects_.update(pod, std::move(value), Part::whole);
    writing_ = false;
    if (!updated) return nullptr;
    if (processes_.knows(pod->uid)) processes_.settle(**updated, objects_.load_brief(**updated), work_.now_ms());
    return *updated;
  }

  void note(const Object& pod, const json::value& value, std::string_view type, std::string_view reason,
            std::string message, std::string place) {
    work_.recorder.record(pod, {std::string(type), std::string(reason), std::move(message), "kubelet",
                                std::string(text_at(value, {"spec", "nodeName"})), std::move(place)});
  }

  std::string missing(std::string_view space, std::string_view kind, std::string_view name) const {
    bool config = kind == "configmap";
    if (store_.find(resource("", config ? "configmaps" : "secrets"), space, name)) return {};
    return std::string(kind) + " \"" + std::string(name) + "\" not found";
  }

  std::string missing_key(std::string_view space, std::string_view kind, const json::value& selector) const {
    std::string_view name = text_at(selector, {"name"}), key = text_at(selector, {"key"});
    if (flag_at(selector, {"optional"})) return {};
    if (std::string why = missing(space, kind, name); !why.empty()) return why;
    bool config = kind == "configmap";
    ObjectPtr object = store_.find(resource("", config ? "configmaps" : "secrets"), space, name);
    json::value value = objects_.load_brief(*object);
    if (find(value, "data", key) || find(value, "binaryData", key)) return {};
    return "couldn't find key " + std::string(key) + " in " + (config ? "ConfigMap " : "Secret ") + std::string(space) +
           "/" + std::string(name);
  }

  // Why a container cannot be created, from what its environment refers to.
  std::string obstacle(std::string_view space, const json::value& container) const {
    for (const json::value& from : array_at(container, {"envFrom"})) {
      for (auto [member, kind] : {std::pair("configMapRef", "configmap"), std::pair("secretRef", "secret")}) {
        const json::value* reference = find(from, member);
        if (!reference || flag_at(*reference, {"optional"})) continue;
        if (std::string why = missing(space, kind, text_at(*reference, {"name"})); !why.empty()) return why;
      }
    }
    for (const json::value& variable : array_at(container, {"env"})) {
      for (auto [member, kind] : {std::pair("configMapKeyRef", "configmap"), std::pair("secretKeyRef", "secret")}) {
        const json::value* selector = find(variable, "valueFrom", member);
        if (!selector) continue;
        if (std::string why = missing_key(space, kind, *selector); !why.empty()) return why;
      }
    }
    return {};
  }

  // Why a volume cannot be mounted, with its name; empty when all can.
  std::string unmountable(std::string_view space, const json::value& value) const {
    for (const json::value& volume : array_at(value, {"spec", "volumes"})) {
      std::string why;
      auto look = [&](const json::value* source, std::string_view kind, std::string_view name_field) {
        if (!source || flag_at(*source, {"optional"}) || !why.empty()) return;
        why = missing(space, kind, text_at(*source, {name_field}));
      };
      look(find(volume, "configMap"), "configmap", "name");
      look(find(volume, "secret"), "secret", "secretName");
      for (const json::value& source : array_at(volume, {"projected", "sources"})) {
        look(find(source, "configMap"), "configmap", "name");
        look(find(source, "secret"), "secret", "name");
      }
      if (!why.empty())
        return "MountVolume.SetUp failed for volume \"" + std::string(text_at(volume, {"name"})) + "\" : " + why;
    }
    return {};
  }

  PodSurroundings surroundings(const Object& pod, const json::value& value) {
    PodSurroundings out;
    out.now_ms = work_.now_ms();
    out.now = work_.now();
    out.obstacle = [this, space = pod.namespace_name](const json::value& container) {
      return obstacle(space, container);
    };
    out.launch = [this, &pod](const json::value& container, std::int64_t run) {
      return processes_.prepare(pod.uid, text_at(container, {"name"}), run);
    };
    out.look = [this, &pod](const json::value& container, std::int64_t run) -> std::optional<PodSurroundings::Run> {
      std::string_view name = text_at(container, {"name"});
      auto found = processes_.find(pod.uid, name, run, work_.now_ms());
      if (found) return PodSurroundings::Run{found->exit_code};
      // Somebody else started it again: it goes on as it began.
      if (!processes_.knows(pod.uid, name) || !processes_.prepare(pod.uid, name, run)) return std::nullopt;
      return PodSurroundings::Run{};
    };
    out.note = [this, &pod, &value](std::string_view type, std::string_view reason, std::string message,
                                    std::string place) {
      note(pod, value, type, reason, std::move(message), std::move(place));
    };
    return out;
  }

  void live(const ObjectPtr& pod, json::value value, const Object& node) {
    PodStory story = story_of(value);
    bool fresh = story.containers.empty();
    if (fresh) {
      // Bound, by the scheduler or by its maker: the kubelet takes notice.
      story.scheduled_at = work_.now();
      story.node_ip = internal_ip(objects_.load_brief(node));
      ContainerStory creating;
      creating.now = Now::creating;
      story.init.assign(array_at(value, {"spec", "initContainers"}).size(), creating);
      story.containers.assign(array_at(value, {"spec", "containers"}).size(), creating);
      PodTimers& timers = timers_[pod->uid];
      timers.sandbox = work_.now_ms() + start_ms;
      return tell_and_wait(pod, std::move(value), story, timers.sandbox);
    }
    if (story.scheduled_at == 0) story.scheduled_at = work_.now();
    PodSurroundings around = surroundings(*pod, value);
    auto [found, added] = timers_.try_emplace(pod->uid);
    if (added) found->second = timers_of(value, story, around);
    PodTimers& timers = found->second;
    if (past_deadline(pod, value, story)) return;
    if (timers.sandbox > around.now_ms) return wake(*pod, timers.sandbox - around.now_ms);
    if (story.pod_ip.empty()) {
      if (std::string why = unmountable(pod->namespace_name, value); !why.empty()) {
        note(*pod, value, "Warning", "FailedMount", why, "");
        return wake(*pod, mount_retry_ms);
      }
      story.pod_ip = flag_at(value, {"spec", "hostNetwork"}) ? story.node_ip : pod_address(next_address_++);
    }
    auto next = advance(value, story, timers, around);
    if (!next) timers_.erase(found);
    tell_and_wait(pod, std::move(value), story, next);
  }

  void tell_and_wait(const ObjectPtr& pod, json::value value, PodStory& story, std::optional<std::int64_t> next) {
    story.at = work_.now();
    tell(value, story);
    write(pod, std::move(value));
    if (next) wake(*pod, std::max<std::int64_t>(0, *next - work_.now_ms()));
  }

  bool past_deadline(const ObjectPtr& pod, json::value& value, PodStory& story) {
    std::int64_t seconds = bounded_seconds(find(value, "spec", "activeDeadlineSeconds"), 0);
    if (seconds <= 0) return false;
    std::int64_t left = story.scheduled_at + seconds - work_.now();
    if (left > 0) {
      wake(*pod, left * 1000);
      return false;
    }
    end_all(story, 137);
    story.at = work_.now();
    tell(value, story);
    json::object& status = object_in(value, {"status"});
    status["phase"] = "Failed";
    status["reason"] = "DeadlineExceeded";
    status["message"] = "Pod was active on the node longer than the specified deadline";
    note(*pod, value, "Normal", "DeadlineExceeded", "Pod was active on the node longer than the specified deadline",
         "");
    timers_.erase(pod->uid);
    write(pod, std::move(value));
    return true;
  }

  void end_all(PodStory& story, std::int64_t exit_code) const {
    for (auto* list : {&story.init, &story.containers}) {
      for (ContainerStory& one : *list) {
        if (one.now != Now::running) continue;
        one.now = exit_code == 0 ? Now::completed : Now::failed;
        one.finished_at = work_.now();
        one.exit_code = exit_code;
        one.reason = "Error";
      }
    }
  }

  // Its containers are asked to stop; when they have, it goes, unless a finalizer holds it.
  void stop(const ObjectPtr& pod, json::value value) {
    PodStory story = story_of(value);
    auto [due, fresh] = stops_.try_emplace(pod->uid, 0);
    std::int64_t grace_ms =
        std::min(bounded_seconds(find(value, "metadata", "deletionGracePeriodSeconds"), 0) * 1000, longest_grace_ms);
    if (fresh) {
      due->second = work_.now_ms() + grace_ms;
      const json::array& specs = array_at(value, {"spec", "containers"});
      for (std::size_t i = 0; i < specs.size() && i < story.containers.size(); ++i) {
        if (story.containers[i].now != Now::running) continue;
        note(*pod, value, "Normal", "Killing", "Stopping container " + std::string(text_at(specs[i], {"name"})),
             place_of(specs[i], false));
      }
    }
    due->second = std::min(due->second, work_.now_ms() + grace_ms);
    if (work_.now_ms() < due->second) return wake(*pod, due->second - work_.now_ms());
    if (array_at(value, {"metadata", "finalizers"}).empty()) return objects_.erase(pod);
    bool running = std::any_of(story.containers.begin(), story.containers.end(),
                               [](const ContainerStory& one) { return one.now == Now::running; });
    if (!running) return;
    end_all(story, 0);
    story.at = work_.now();
    tell(value, story);
    write(pod, std::move(value));
  }

  std::unordered_map<std::string, PodTimers> timers_;    // by uid
  std::unordered_map<std::string, std::int64_t> stops_;  // when those that are deleted have stopped
  std::set<std::string, std::less<>> lost_;              // nodes whose kubelet does not answer
  static inline const Key processes_key{"", "processes"};
  MainProcesses processes_;
  std::vector<std::string> gone_;  // pods whose processes are to end
  std::uint64_t next_address_;
  bool writing_ = false;
};

}  // namespace

std::unique_ptr<Controller> kubelet(Work& work) { return std::make_unique<Kubelet>(work); }

}  // namespace fairlead::sandbox
