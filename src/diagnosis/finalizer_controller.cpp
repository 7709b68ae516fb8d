// Which workload would have to remove a finalizer.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "diagnosis/finalizers.h"
#include "diagnosis/lookup.h"

namespace fairlead::diagnosis {
namespace {

constexpr int kEnough = 3;  // a word of the finalizer in the workload's name
constexpr std::size_t kMostLogs = 30;
constexpr std::array kCommonWords{"com",      "io",         "org",       "net",        "dev",       "k8s",
                                  "sigs",     "kubernetes", "finalizer", "finalizers", "finalize",  "controller",
                                  "operator", "manager",    "app",       "apps",       "api",       "cluster",
                                  "cloud",    "example",    "the",       "www",        "resources", "resource"};
constexpr std::array kPeoplesTools{"kubectl", "fairlead", "helm",           "curl",
                                   "k9s",     "lens",     "python",         "terraform",
                                   "Mozilla", "openapi",  "kube-apiserver", "kube-controller-manager",
                                   "argocd",  "flux",     "kustomize"};

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : lower(text)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter)
      out.back() += c;
    else if (!out.back().empty())
      out.emplace_back();
  }
  return out;
}

// Equal, or but for an ending: backup, backups.
bool alike(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (a.size() > b.size()) std::swap(a, b);
  return a.size() >= 4 && b.starts_with(a) && b.size() - a.size() <= 2;
}

int matching(const std::vector<std::string>& words, std::string_view text, std::string* which) {
  int out = 0;
  const auto theirs = split_words(text);
  for (const auto& word : words)
    if (std::any_of(theirs.begin(), theirs.end(), [&](const auto& one) { return alike(word, one); })) {
      ++out;
      *which = word;
    }
  return out;
}

bool is_controller_name(std::string_view name) {
  for (const std::string_view word : {"controller", "operator", "manager"})
    if (name.find(word) != name.npos) return true;
  return false;
}

Controller rate(std::string_view kind, const json::value& workload, const Terminating& item,
                const std::vector<std::string>& words, const std::vector<std::string>& managers) {
  Controller out{std::string(kind), std::string(text_at(workload, {"metadata", "namespace"})),
                 std::string(text_at(workload, {"metadata", "name"}))};
  std::string word;
  if (const int found = matching(words, out.name, &word)) {
    out.score += found * 3;
    out.because.push_back(fmt::format("its name has {}", quoted(word)));
  }
  // A kind of its own has a controller of its own, which is often called after it.
  const bool own_kind = group_of(item).find('.') != std::string::npos && !group_of(item).ends_with(".k8s.io");
  if (own_kind && matching(split_words(item.kind), out.name, &word) && is_controller_name(out.name)) {
    out.score += 3;
    out.because.push_back("it is called after the kind " + item.kind);
  }
  for (const auto& entry : object_at(workload, {"metadata", "labels"}))
    if (entry.value().is_string() && matching(words, std::string_view(entry.value().get_string()), &word)) {
      out.score += 1;
      out.because.push_back(fmt::format("its label {} has {}", std::string_view(entry.key()), quoted(word)));
      break;
    }
  if (matching(words, text_at(workload, {"spec", "template", "spec", "serviceAccountName"}), &word)) out.score += 2;
  for (const auto& container : array_at(workload, {"spec", "template", "spec", "containers"})) {
    const std::string_view image = text_at(container, {"image"});
    const std::size_t slash = image.rfind('/');
    if (matching(words, slash == image.npos ? image : image.substr(slash + 1), &word)) {
      out.score += 2;
      out.because.push_back(fmt::format("its image has {}", quoted(word)));
    }
  }
  for (const auto& manager : managers) {
    const auto& containers = array_at(workload, {"spec", "template", "spec", "containers"});
    const bool runs_it = std::any_of(containers.begin(), containers.end(),
                                     [&](const json::value& one) { return text_at(one, {"name"}) == manager; });
    if (manager != out.name && !runs_it) continue;
    out.score += 5;
    out.because.push_back(fmt::format("{} wrote the finalizer", quoted(manager)));
  }
  // Of two alike the nearer one.
  if (out.score > 0 && out.ns == text_at(item.object, {"metadata", "namespace"})) out.score += 2;
  return out;
}

bool speaks_of(std::string_view log, const Terminating& item, std::string_view finalizer) {
  if (log.find(finalizer) != log.npos) return true;
  const std::string_view name = text_at(item.object, {"metadata", "name"});
  // Everybody speaks of pods: of a kind that all clusters have it must be those of the same namespace.
  const std::string group = group_of(item);
  const bool own_kind = group.find('.') != std::string::npos && !group.ends_with(".k8s.io");
  const std::string ns = "\"" + std::string(text_at(item.object, {"metadata", "namespace"})) + "\"";
  for (const auto line : split(log, '\n')) {
    if (line.find("forbidden") != line.npos && line.find("\"" + item.plural) != line.npos &&
        (own_kind || line.find(ns) != line.npos))
      return true;
    if (name.size() > 5 && line.find(name) != line.npos && line.find("finaliz") != line.npos) return true;
  }
  return false;
}

// One whose log speaks of the object: neither its name nor who wrote the finalizer told. `all_seen` becomes false where
// a log that might speak of it was not read.
awaitable<std::optional<Controller>> controller_by_log(Trail trail, Terminating item, std::string finalizer,
                                                       bool* all_seen) {
  std::vector<std::pair<int, Controller>> candidates;
  for (const std::string_view kind : {"Deployment", "StatefulSet"}) {
    const ListSeen* workloads = co_await trail.source.list(kinds::of(kind), "");
    for (const auto& workload : workloads->items) {
      const std::string_view account = text_at(workload, {"spec", "template", "spec", "serviceAccountName"});
      if (account.empty() || account == "default") continue;  // it may do nothing there
      Controller one{std::string(kind), std::string(text_at(workload, {"metadata", "namespace"})),
                     std::string(text_at(workload, {"metadata", "name"}))};
      candidates.emplace_back(is_controller_name(one.name) || is_controller_name(account) ? 0 : 1, std::move(one));
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t logs = 0;
  for (auto& [rank, one] : candidates) {
    const ObjectSeen* workload = co_await look(trail, one.kind, one.ns, one.name);
    const ListSeen* pods = co_await trail.source.list(kinds::pods, one.ns);
    if (!pods->seen() || workload->sight == Sight::unreadable) *all_seen = false;
    for (const auto& pod : pods->items) {
      if (!selects(find(workload->value, "spec", "selector"), object_at(pod, {"metadata", "labels"}))) continue;
      const std::string name(text_at(pod, {"metadata", "name"}));
      for (const auto& container : array_at(pod, {"spec", "containers"})) {
        if (logs++ == kMostLogs) {
          *all_seen = false;
          co_return std::nullopt;
        }
        const std::string container_name(text_at(container, {"name"}));
        const LogSeen* log = co_await trail.source.log(one.ns, name, container_name, false);
        if (log->sight == Sight::unreadable) *all_seen = false;
        if (!speaks_of(log->text, item, finalizer)) continue;
        one.because.push_back(fmt::format("the log of {} speaks of it", name));
        co_return std::move(one);
      }
    }
  }
  co_return std::nullopt;
}

// The likeliest, if any is likely. `all_seen`: whether none can have been overlooked.
awaitable<std::optional<Controller>> controller_by_name(Trail trail, Terminating item, std::string finalizer,
                                                        bool* all_seen) {
  const auto words = words_of(finalizer);
  const auto managers = managers_of(item.object, finalizer);
  std::optional<Controller> best;
  *all_seen = true;
  for (const std::string_view kind : {"Deployment", "StatefulSet", "DaemonSet"}) {
    const ListSeen* workloads = co_await trail.source.list(kinds::of(kind), "");
    if (!workloads->seen()) *all_seen = false;
    for (const auto& workload : workloads->items) {
      Controller one = rate(kind, workload, item, words, managers);
      if (one.score >= kEnough && (!best || one.score > best->score)) best = std::move(one);
    }
  }
  co_return best;
}

}  // namespace

std::vector<std::string> words_of(std::string_view finalizer) {
  std::vector<std::string> out;
  for (auto& word : split_words(finalizer)) {
    const bool common =
        std::find(kCommonWords.begin(), kCommonWords.end(), std::string_view(word)) != kCommonWords.end();
    if (word.size() >= 3 && !common && std::find(out.begin(), out.end(), word) == out.end())
      out.push_back(std::move(word));
  }
  return out;
}

std::vector<std::string> managers_of(const json::value& object, std::string_view finalizer) {
  std::vector<std::string> out;
  for (const auto& entry : array_at(object, {"metadata", "managedFields"})) {
    const std::string manager(text_at(entry, {"manager"}));
    const json::value* fields = find(entry, "fieldsV1", "f:metadata", "f:finalizers");
    if (!fields || !fields->is_object()) continue;
    if (!fields->get_object().contains("v:\"" + std::string(finalizer) + "\"") && fields->get_object().size() != 1)
      continue;
    const bool tool = std::any_of(kPeoplesTools.begin(), kPeoplesTools.end(),
                                  [&](std::string_view one) { return manager.starts_with(one); });
    if (!tool && std::find(out.begin(), out.end(), manager) == out.end()) out.push_back(manager);
  }
  return out;
}

awaitable<std::optional<Controller>> find_controller(Trail trail, Terminating item, std::string finalizer,
                                                     bool* all_seen) {
  auto found = co_await controller_by_name(trail, item, finalizer, all_seen);
  if (!found) found = co_await controller_by_log(trail, item, finalizer, all_seen);
  co_return found;
}

}  // namespace fairlead::diagnosis
