#include "sandbox/main_processes.h"

#include <algorithm>

namespace fairlead::sandbox {
namespace {

constexpr int most_taken = 1000, most_per_run = 20;
constexpr std::int64_t shortest_ms = 300;  // until anybody sees that it has ended

const json::value* status_of(const json::value& pod, std::string_view container) {
  for (std::string_view list : {"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"}) {
    for (const json::value& status : array_at(pod, {"status", list})) {
      if (text_at(status, {"name"}) == container) return &status;
    }
  }
  return nullptr;
}

}  // namespace

MainProcesses::~MainProcesses() {
  while (!pods_.empty()) forget(std::string(pods_.begin()->first));
}

bool MainProcesses::knows(std::string_view pod_uid, std::string_view container) const {
  auto pod = pods_.find(pod_uid);
  return pod != pods_.end() && pod->second.contains(container);
}

bool MainProcesses::prepare(std::string_view pod_uid, std::string_view container, std::int64_t run) {
  auto pod = pods_.find(pod_uid);
  if (pod != pods_.end()) {
    if (auto before = pod->second.find(container); before != pod->second.end()) {
      let_go(before->second);
      pod->second.erase(before);
    }
  }
  if (taken_ >= most_taken) {
    if (pod != pods_.end() && pod->second.empty()) pods_.erase(pod);
    return false;
  }
  ++taken_;
  pods_[std::string(pod_uid)][std::string(container)].run = run;
  return true;
}

void MainProcesses::settle(const Object& pod, const json::value& value, std::int64_t now_ms) {
  auto found = pods_.find(pod.uid);
  if (found == pods_.end()) return;
  for (auto at = found->second.begin(); at != found->second.end();) {
    auto& [name, slot] = *at;
    const json::value* status = status_of(value, name);
    bool runs =
        status && fairlead::find(*status, "state", "running") && integer_at(*status, {"restartCount"}) == slot.run;
    if (!runs) {
      let_go(slot);
      at = found->second.erase(at);
      continue;
    }
    if (!slot.process && !slot.exit_code) begin(pod, name, slot, now_ms);
    ++at;
  }
  if (found->second.empty()) pods_.erase(found);
}

void MainProcesses::begin(const Object& pod, std::string_view name, Slot& slot, std::int64_t now_ms) {
  std::shared_ptr<Container> container = containers_.running(pod, name);
  if (!container) return;
  if (flag_at(container->spec, {"stdin"})) {
    container->input = std::make_shared<MainInput>();
    container->input->changed = [this, &slot] {
      if (slot.process && slot.process->due_ms() == MainProcess::never) set_due(slot, 0);
      awake_();
    };
  }
  slot.begun_ms = now_ms;
  slot.process = std::make_unique<MainProcess>(loop_, containers_, objects_, std::move(container),
                                               containers_.logs().open(pod.uid, name, slot.run), now_ms, epoch_ms_);
  set_due(slot, now_ms);
  awake_();
}

void MainProcesses::set_due(Slot& slot, std::int64_t at_ms) {
  if (slot.place) due_.erase(*slot.place);
  slot.place.reset();
  if (at_ms == MainProcess::never) return;
  slot.place.emplace(at_ms, placed_++);
  due_.emplace(*slot.place, &slot);
}

// What it held is free; what it is known for stays.
void MainProcesses::let_go(Slot& slot) {
  set_due(slot, MainProcess::never);
  if (!slot.exit_code) --taken_;
  if (slot.process) {
    if (slot.process->container()->input) slot.process->container()->input->changed = nullptr;
    slot.process->kill();
  }
  slot.process.reset();
  slot.exit_code = slot.exit_code.value_or(137);
}

void MainProcesses::forget(std::string_view pod_uid) {
  auto found = pods_.find(pod_uid);
  if (found == pods_.end()) return;
  for (auto& [name, slot] : found->second) let_go(slot);
  pods_.erase(found);
}

std::optional<MainProcesses::Run> MainProcesses::find(std::string_view pod_uid, std::string_view container,
                                                      std::int64_t run, std::int64_t now_ms) const {
  auto pod = pods_.find(pod_uid);
  if (pod == pods_.end()) return std::nullopt;
  auto slot = pod->second.find(container);
  if (slot == pod->second.end() || slot->second.run != run) return std::nullopt;
  bool noticed = slot->second.exit_code && slot->second.noticed_ms <= now_ms;
  return Run{noticed ? slot->second.exit_code : std::nullopt};
}

std::optional<std::int64_t> MainProcesses::run(std::int64_t now_ms, const Ended& ended) {
  for (int done = 0; done < most_per_run && !due_.empty() && due_.begin()->first.first <= now_ms; ++done) {
    Slot& slot = *due_.begin()->second;
    set_due(slot, MainProcess::never);
    // Late or not, its time goes on from when it wanted to.
    std::int64_t wanted = slot.process->due_ms();
    slot.process->resume(wanted == MainProcess::never ? now_ms : wanted);
    auto code = slot.process->exit_code();
    if (!code) {
      // Who is late, or computes on and on, comes behind all others that are due.
      std::int64_t next = slot.process->due_ms();
      if (next != MainProcess::never) set_due(slot, std::max(next, now_ms));
      if (next == wanted) break;  // it computes: requests have their turn too
      continue;
    }
    std::shared_ptr<Container> container = slot.process->container();
    slot.noticed_ms = std::max(now_ms, slot.begun_ms + shortest_ms);
    let_go(slot);
    slot.exit_code = code;
    ended(*container, slot.noticed_ms);
  }
  if (due_.empty()) return std::nullopt;
  return std::max(now_ms, due_.begin()->first.first);
}

}  // namespace fairlead::sandbox
