#include "diagnosis/finalizers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnosis/lookup.h"
#include "diagnosis/rights.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::size_t kMostPods = 2, kMostRefusals = 4;

std::string workload_text(const Controller& one) { return fmt::format("{} {}/{}", one.kind, one.ns, one.name); }

// A line of its log that says what it was refused, as the API server words it.
struct Refused {
  Wish wish;
  std::string line;
};

std::string quoted_after(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  if (at == line.npos) return "";
  std::string_view rest = line.substr(at + mark.size());
  while (rest.starts_with("\\") || rest.starts_with("\"")) rest.remove_prefix(1);  // also where the line is JSON
  return std::string(rest.substr(0, rest.find_first_of("\"\\")));
}

// `… is forbidden: User "system:serviceaccount:ops:backup" cannot update resource "configmaps" in API group "" …`
std::optional<Refused> read_refused(std::string_view line, const Ref& account) {
  const std::size_t at = line.find(" cannot ");
  if (line.find("forbidden") == line.npos || at == line.npos) return std::nullopt;
  // Who writes a log can say anything: it tells of its own account only.
  if (quoted_after(line, "User ") != "system:serviceaccount:" + account.ns + ":" + account.name) return std::nullopt;
  Refused out{{account.ns, account.name, {}, ""}, clipped(trim(line))};
  const std::string_view rest = line.substr(at + 8);
  const std::string resource = quoted_after(rest, "resource ");
  out.wish.right.verb = rest.substr(0, rest.find(' '));
  out.wish.right.resource = resource.substr(0, resource.find('/'));
  if (out.wish.right.resource.size() < resource.size())
    out.wish.right.subresource = resource.substr(out.wish.right.resource.size() + 1);
  out.wish.ns = quoted_after(rest, "in the namespace ");
  const std::string_view group = rest.substr(std::min(rest.find("in API group "), rest.size()));
  const bool empty_group = group.starts_with("in API group \"\"") || group.starts_with("in API group \\\"\\\"");
  if (!group.empty() && !empty_group) out.wish.right.group = quoted_after(group, "in API group ");
  if (resource.empty()) return std::nullopt;
  return out;
}

// The newest of each kind first.
awaitable<std::vector<Refused>> refusals(Trail trail, const json::value& workload, Ref account) {
  std::vector<Refused> out;
  const json::value* selector = find(workload, "spec", "selector");
  const ListSeen* pods = co_await trail.source.list(kinds::pods, account.ns);
  std::size_t looked_at = 0;
  for (const auto& pod : pods->items) {
    if (!selects(selector, object_at(pod, {"metadata", "labels"})) || is_finished(pod)) continue;
    if (looked_at++ == kMostPods) break;
    const std::string name(text_at(pod, {"metadata", "name"}));
    for (const auto& container : array_at(pod, {"spec", "containers"})) {
      const std::string container_name(text_at(container, {"name"}));
      const LogSeen* log = co_await trail.source.log(account.ns, name, container_name, false);
      const auto lines = split(log->text, '\n');
      for (auto line = lines.rbegin(); line != lines.rend() && out.size() < kMostRefusals; ++line) {
        auto refused = read_refused(*line, account);
        if (!refused) continue;
        const std::string wish = refused->wish.text();
        if (std::any_of(out.begin(), out.end(), [&](const auto& one) { return one.wish.text() == wish; })) continue;
        refused->line = fmt::format("log of {}/{}: {}", account.ns, name, refused->line);
        out.push_back(std::move(*refused));
      }
    }
  }
  co_return out;
}

struct Lost {
  Wish wish;
  Rights rights;
  std::string line = {};  // of a log, that says so
};

// What its log says it was refused, and what it is still refused. Without an answer of the server the log is believed.
awaitable<std::optional<Lost>> refused_right(Trail trail, std::vector<Refused> refused) {
  std::optional<Lost> believed;
  for (const auto& one : refused) {
    Lost lost{one.wish, {}, one.line};
    lost.rights = co_await rights_of(trail, one.wish);
    if (lost.rights.may && !*lost.rights.may) co_return lost;
    if (!lost.rights.may && !believed) believed = std::move(lost);
  }
  co_return believed;
}

// The first right that a controller needs for this and has not: it has to see such objects and to change them.
awaitable<std::optional<Lost>> lost_right(Trail trail, Terminating item, Ref account) {
  const std::string ns(text_at(item.object, {"metadata", "namespace"}));
  Wish wish{account.ns, account.name, {}, ns};
  wish.right.group = group_of(item);
  wish.right.resource = item.plural;
  std::optional<Lost> update;
  for (const std::string_view verb : {"update", "patch", "get", "list"}) {
    wish.right.verb = std::string(verb);
    wish.right.name = verb == "list" ? "" : std::string(text_at(item.object, {"metadata", "name"}));
    Rights rights = co_await rights_of(trail, wish);
    if (!rights.may) co_return std::nullopt;
    if (*rights.may) continue;
    Lost lost{wish, std::move(rights)};
    if (verb == "update") {
      update = std::move(lost);
    } else if (verb != "patch") {
      co_return lost;
    } else if (update) {
      co_return update;  // either of both would do
    }
  }
  co_return std::nullopt;
}

awaitable<bool> explain_rights(Trail trail, Terminating item, std::string finalizer, Controller controller,
                               const json::value& workload) {
  std::string account(text_at(workload, {"spec", "template", "spec", "serviceAccountName"}));
  if (account.empty()) account = "default";
  const Ref ref{"ServiceAccount", controller.ns, account};
  const auto refused = co_await refusals(trail, workload, ref);
  auto lost = co_await refused_right(trail, refused);
  if (!lost) lost = co_await lost_right(trail, item, ref);
  if (!lost) co_return false;
  // An account that nobody ever gave a right there is no controller's.
  if (account == "default" && lost->line.empty() && !lost->rights.had_some) co_return false;
  const Wish& wish = lost->wish;
  Cause cause{.code = "finalizer_controller_lost_rights",
              .certainty = Certainty::inferred,
              .at = {"ServiceAccount", wish.account_ns, wish.account},
              .affects = {ref_to(item)}};
  // What the log says and the server confirms is shown; without a line, that this controller needs it is inferred.
  if (!lost->line.empty()) {
    cause.certainty = lost->rights.may ? Certainty::proven : Certainty::told;
    cause.evidence.push_back(lost->line);
  }
  cause.sentence = fmt::format(
      "The {} cannot go: {}, which would remove its finalizer {}, may not {} as ServiceAccount {}/{}", kind_text(item),
      workload_text(controller), quoted(finalizer), wish.text(), wish.account_ns, wish.account);
  cause.evidence.insert(cause.evidence.end(), lost->rights.missing.begin(), lost->rights.missing.end());
  cause.evidence.push_back(
      fmt::format("{} is taken for the controller: {}", workload_text(controller), listed(controller.because)));
  cause.next =
      fmt::format("Give ServiceAccount {}/{} back the right to {}; the controller then removes the finalizer by itself",
                  wish.account_ns, wish.account, wish.text());
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
  const bool explained = co_await explain_rights(trail, item, finalizer, controller, workload->value);
  if (explained) co_return;
  cause.code = "finalizer_stuck";
  cause.certainty = Certainty::symptom;
  cause.at = ref_to(item);
  cause.sentence = fmt::format("The {} waits for its finalizer {}; {} may be what removes it, and runs",
                               kind_text(item), quoted(finalizer), workload_text(controller));
  cause.next = "get_pod_logs of the controller, with grep for the object's name, shows what it waits for";
  trail.findings.add(std::move(cause));
}

}  // namespace

Ref ref_to(const Terminating& item) { return ref_of(item.kind, item.object); }
std::string kind_text(const Terminating& item) { return ref_to(item).text(); }
std::string group_of(const Terminating& item) {
  const std::size_t slash = item.api_version.find('/');
  return slash == item.api_version.npos ? "" : item.api_version.substr(0, slash);
}

awaitable<void> explain_finalizer(Trail trail, Terminating item, std::string finalizer) {
  bool all_seen = true;
  const auto controller = co_await find_controller(trail, item, finalizer, &all_seen);
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
