#include "diagnosis/finalizers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "diagnosis/lookup.h"
#include "diagnosis/rights.h"

namespace fairlead::diagnosis {
namespace {

constexpr int kEnough = 3;  // a word of the finalizer in the workload's name
constexpr std::size_t kMostPods = 2;
constexpr std::array kCommonWords{"com",        "io",         "org",       "net",        "dev",      "k8s",
                                  "sigs",       "kubernetes", "finalizer", "finalizers", "finalize", "cleanup",
                                  "protection", "controller", "operator",  "manager",    "app",      "apps",
                                  "api",        "cluster",    "cloud",     "x-k8s",      "example",  "the",
                                  "www",        "sh",         "resources", "resource",   "delete",   "deletion"};
constexpr std::array kPeoplesTools{"kubectl", "fairlead", "helm",           "curl",
                                   "k9s",     "lens",     "python",         "terraform",
                                   "Mozilla", "openapi",  "kube-apiserver", "kube-controller-manager",
                                   "argocd",  "flux",     "kustomize"};

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter)
      out.back() += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
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

std::string workload_text(const Controller& one) { return fmt::format("{} {}/{}", one.kind, one.ns, one.name); }

Controller rate(std::string_view kind, const json::value& workload, const std::vector<std::string>& words,
                const std::vector<std::string>& managers) {
  Controller out{std::string(kind), std::string(text_at(workload, {"metadata", "namespace"})),
                 std::string(text_at(workload, {"metadata", "name"}))};
  std::string word;
  if (const int found = matching(words, out.name, &word)) {
    out.score += found * 3;
    out.because.push_back(fmt::format("its name has {}", quoted(word)));
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
    for (const auto& manager : managers)
      if (manager == text_at(container, {"name"}) || manager == out.name) {
        out.score += 5;
        out.because.push_back(fmt::format("{} wrote the finalizer", quoted(manager)));
      }
  }
  return out;
}

// The likeliest, if any is likely. `all_seen`: whether none can have been overlooked.
awaitable<std::optional<Controller>> controller_of(Trail trail, Terminating item, std::string finalizer,
                                                   bool* all_seen) {
  const auto words = words_of(finalizer);
  const auto managers = managers_of(item.object, finalizer);
  std::optional<Controller> best;
  *all_seen = true;
  for (const std::string_view kind : {"Deployment", "StatefulSet", "DaemonSet"}) {
    const ListSeen* workloads = co_await trail.source.list(kinds::of(kind), "");
    if (!workloads->seen()) *all_seen = false;
    for (const auto& workload : workloads->items) {
      Controller one = rate(kind, workload, words, managers);
      if (one.score >= kEnough && (!best || one.score > best->score)) best = std::move(one);
    }
  }
  co_return best;
}

// Lines of its log that say it was refused, the ones that name the resource before others.
awaitable<std::vector<std::string>> refusals(Trail trail, const json::value& workload, Controller controller,
                                             std::string plural) {
  std::vector<std::string> naming, others;
  const json::value* selector = find(workload, "spec", "selector");
  const ListSeen* pods = co_await trail.source.list(kinds::pods, controller.ns);
  std::size_t looked_at = 0;
  for (const auto& pod : pods->items) {
    if (!selects(selector, object_at(pod, {"metadata", "labels"})) || is_finished(pod) || looked_at++ == kMostPods)
      continue;
    const std::string name(text_at(pod, {"metadata", "name"}));
    for (const auto& container : array_at(pod, {"spec", "containers"})) {
      const std::string container_name(text_at(container, {"name"}));
      const LogSeen* log = co_await trail.source.log(controller.ns, name, container_name, false);
      for (const auto line : split(log->text, '\n')) {
        const bool refused = line.find("forbidden") != line.npos || line.find("Forbidden") != line.npos ||
                             line.find("Unauthorized") != line.npos;
        if (!refused) continue;
        auto& lines = line.find(plural) == line.npos ? others : naming;
        lines.push_back(fmt::format("log of {}/{}: {}", controller.ns, name, clipped(trim(line))));
      }
    }
  }
  // The newest say how it is now.
  for (auto* lines : {&naming, &others})
    if (lines->size() > 1) lines->erase(lines->begin(), lines->end() - 1);
  co_return naming.empty() ? others : naming;
}

struct Lost {
  std::string verb;
  Rights rights;
};

// The first right that a controller needs for this and has not: it has to see such objects and to change them.
awaitable<std::optional<Lost>> lost_right(Trail trail, Terminating item, Ref account) {
  const std::string ns(text_at(item.object, {"metadata", "namespace"}));
  Wish wish{account.ns, account.name, "", group_of(item), item.plural, ns};
  std::optional<Lost> update;
  for (const std::string_view verb : {"update", "patch", "get", "list"}) {
    wish.verb = std::string(verb);
    Rights rights = co_await rights_of(trail, wish);
    if (!rights.may) co_return std::nullopt;
    if (verb == "update") {
      if (!*rights.may) update = Lost{wish.verb, std::move(rights)};
    } else if (verb == "patch") {
      if (!*rights.may && update) co_return update;  // either would do
    } else if (!*rights.may) {
      Lost lost{wish.verb, std::move(rights)};
      co_return lost;
    }
  }
  co_return std::nullopt;
}

awaitable<bool> explain_rights(Trail trail, Terminating item, std::string finalizer, Controller controller,
                               const json::value& workload, std::vector<std::string> log) {
  std::string account(text_at(workload, {"spec", "template", "spec", "serviceAccountName"}));
  if (account.empty()) account = "default";
  const Ref ref{"ServiceAccount", controller.ns, account};
  const auto lost = co_await lost_right(trail, item, ref);
  if (!lost && log.empty()) co_return false;
  const std::string ns(text_at(item.object, {"metadata", "namespace"}));
  const std::string where = ns.empty() ? "" : " in namespace " + ns;
  Cause cause{.code = "finalizer_controller_lost_rights",
              .certainty = Certainty::told,
              .at = ref,
              .evidence = log,
              .affects = {ref_to(item)}};
  if (lost) {
    // What the log says and the server confirms is shown; that this workload is the one is inferred.
    cause.certainty = log.empty() ? Certainty::inferred : Certainty::proven;
    const std::string group = group_of(item);
    cause.sentence = fmt::format(
        "The {} cannot go: {}, which would remove its finalizer {}, may not {} {}{}{} as ServiceAccount {}/{}",
        kind_text(item), workload_text(controller), quoted(finalizer), lost->verb, item.plural,
        group.empty() ? "" : "." + group, where, ref.ns, ref.name);
    cause.evidence.insert(cause.evidence.end(), lost->rights.missing.begin(), lost->rights.missing.end());
    cause.next = fmt::format(
        "Give the ServiceAccount back the right to {} {}{}; the controller then removes the finalizer by itself",
        lost->verb, item.plural, where);
  } else {
    cause.sentence =
        fmt::format("The {} cannot go: {}, which would remove its finalizer {}, is refused by the API server",
                    kind_text(item), workload_text(controller), quoted(finalizer));
    cause.next = fmt::format(
        "who_can verb=update resource={} shows who may; give ServiceAccount {}/{} what its log says it lacks",
        item.plural, ref.ns, ref.name);
  }
  cause.evidence.push_back(
      fmt::format("{} is taken for the controller: {}", workload_text(controller), listed(controller.because)));
  trail.findings.add(std::move(cause));
  co_return true;
}

awaitable<void> explain_controller(Trail trail, Terminating item, std::string finalizer, Controller controller) {
  const ObjectSeen* workload = co_await look(trail, controller.kind, controller.ns, controller.name);
  if (!workload->seen()) co_return;
  const Ref ref{controller.kind, controller.ns, controller.name};
  const std::string taken =
      fmt::format("{} is taken for the controller: {}", workload_text(controller), listed(controller.because));
  const bool daemon = controller.kind == "DaemonSet";
  const std::int64_t wanted = daemon ? integer_at(workload->value, {"status", "desiredNumberScheduled"})
                                     : integer_at(workload->value, {"spec", "replicas"}, 1),
                     ready = integer_at(workload->value, {"status", daemon ? "numberReady" : "readyReplicas"});
  Cause cause{.code = "finalizer_controller_down",
              .certainty = Certainty::inferred,
              .at = ref,
              .evidence = {taken, fmt::format("{} of {} replicas are ready", ready, wanted)},
              .affects = {ref_to(item)}};
  if (ready == 0) {
    cause.sentence =
        fmt::format("The {} cannot go: {}, which would remove its finalizer {}, {}", kind_text(item),
                    workload_text(controller), quoted(finalizer), wanted == 0 ? "is scaled to 0" : "has no ready pod");
    cause.next = "Get the controller to run; it then removes the finalizer by itself";
    if (wanted == 0 && controller.kind == "Deployment")
      cause.next =
          fmt::format("scale_deployment namespace={} name={} replicas=1; it then removes the finalizer by itself",
                      ref.ns, ref.name);
    trail.findings.add(std::move(cause));
    if (wanted == 0) co_return;
    Findings reasons;
    co_await explain_workload(trail.behind(reasons), ref.kind, ref.ns, ref.name);
    trail.findings.add_reasons(reasons, ref_to(item), taken);
    co_return;
  }
  const auto log = co_await refusals(trail, workload->value, controller, item.plural);
  const bool explained = co_await explain_rights(trail, item, finalizer, controller, workload->value, log);
  if (explained) co_return;
  cause.code = "finalizer_stuck";
  cause.certainty = Certainty::symptom;
  cause.at = ref_to(item);
  cause.sentence = fmt::format("The {} waits for its finalizer {}, which {} seems to keep; that one runs and may do it",
                               kind_text(item), quoted(finalizer), workload_text(controller));
  cause.next = "get_pod_logs of the controller, with grep for the object's name, shows what it waits for";
  trail.findings.add(std::move(cause));
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

Ref ref_to(const Terminating& item) { return ref_of(item.kind, item.object); }
std::string kind_text(const Terminating& item) { return ref_to(item).text(); }
std::string group_of(const Terminating& item) {
  const std::size_t slash = item.api_version.find('/');
  return slash == item.api_version.npos ? "" : item.api_version.substr(0, slash);
}

awaitable<void> explain_finalizer(Trail trail, Terminating item, std::string finalizer) {
  bool all_seen = true;
  const auto controller = co_await controller_of(trail, item, finalizer, &all_seen);
  if (controller) {
    co_await explain_controller(trail, item, finalizer, *controller);
    co_return;
  }
  const auto managers = managers_of(item.object, finalizer);
  Cause cause{
      .code = "finalizer_stuck",
      .certainty = Certainty::symptom,
      .sentence = fmt::format("The {} waits for its finalizer {} to be removed", kind_text(item), quoted(finalizer)),
      .at = ref_to(item),
      .next =
          "Find out what used to remove it. If that is gone for good, and nothing is left to be cleaned up, take the "
          "finalizer out: patch_resource"};
  if (!managers.empty()) cause.evidence.push_back(fmt::format("{} wrote it", listed(managers)));
  if (all_seen) {
    cause.code = "finalizer_controller_absent";
    cause.certainty = Certainty::inferred;
    cause.sentence =
        fmt::format("The {} waits for its finalizer {}, and no workload of the cluster looks as if it would remove it",
                    kind_text(item), quoted(finalizer));
  }
  trail.findings.add(std::move(cause));
}

}  // namespace fairlead::diagnosis
