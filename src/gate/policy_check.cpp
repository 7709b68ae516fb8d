#include "gate/policy_check.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "gate/passing.h"
#include "gate/touches.h"
#include "ops/kind.h"
#include "ops/manifest.h"
#include "ops/resolve.h"

namespace fairlead::gate {
namespace {

// The kinds that operations of the catalog are about: without a cluster, these can be told by their names.
kube::Discovery kinds_of(const ops::Catalog& catalog) {
  kube::Discovery out;
  for (const auto& operation : catalog.operations()) {
    for (const auto& access : operation.access) {
      if (access.resource == "*" || access.resource.find('/') != std::string_view::npos ||
          access.group == "metrics.k8s.io")
        continue;
      kube::ApiResource one;
      one.group = access.group;
      one.plural = access.resource;
      one.singular = one.plural.ends_with('s') ? one.plural.substr(0, one.plural.size() - 1) : "";
      one.namespaced = access.reach != ops::Reach::cluster && one.plural != "namespaces";
      if (operation.kind && operation.kind->plural == access.resource) one.kind = operation.kind->name;
      out.resources.push_back(std::move(one));
    }
  }
  return out;
}

struct Asked {
  PolicyRequest call;
  std::vector<Touch> shown;  // of what it changes, where that is there already
  std::vector<std::string> notes;
};

std::string unknown_kind(std::string_view kind) {
  return "without a cluster it is not known what kind " + std::string(kind) + " is: it is taken for any";
}

// A write as the call asks for it, of an object that has nothing yet of what it names: one that may let an object be
// deleted makes the call DESTRUCTIVE.
void weigh(std::string_view plural, const json::value& body, Asked& asked) {
  ops::Plan plan;
  ops::Write& write = plan.writes.emplace_back();
  write.object.plural = plural;
  write.body = body;
  write.before = json::object();
  const ops::Trust trust = trust_of(plan, asked.call.trust);
  if (trust == asked.call.trust) return;
  asked.notes.emplace_back(
      "it is taken as DESTRUCTIVE: finalizers, owners and the time that a finished Job stays let objects be deleted. "
      "Where the object is not there, or has the same already, it is not");
  asked.call.trust = trust;
}

// Each object of it.
Result<void> add_manifest(const ops::Catalog& catalog, const ops::Operation& operation, const ops::Arguments& arguments,
                          const json::value& manifest, Asked& asked) {
  auto objects = ops::read_manifest(manifest, operation.name);
  if (!objects) return fail(std::move(objects.error()));
  const kube::Discovery known = kinds_of(catalog);
  std::vector<Touch>& out = asked.call.touches;
  const bool applies = std::any_of(operation.access.begin(), operation.access.end(), [](const ops::Access& access) {
    return std::find(access.verbs.begin(), access.verbs.end(), "patch") != access.verbs.end();
  });
  for (const auto& one : *objects) {
    const json::value object = one;
    const std::string kind(text_at(object, {"kind"})), name(text_at(object, {"metadata", "name"}));
    std::string ns(text_at(object, {"metadata", "namespace"}));
    if (ns.empty()) ns = DefaultNamespaces().of_object(arguments);
    auto found = ops::find_kind(known, kind, operation.name);
    if (!found) {
      asked.notes.push_back(unknown_kind(kind));
      out.push_back({"*", "*", "*", name});
      out.push_back({"*", "*", "", name});
      continue;
    }
    const Target target{found->group, found->plural, found->namespaced, found->namespaced ? ns : "", name};
    for (auto& touch : touches_of(operation.trust, target)) out.push_back(std::move(touch));
    if (applies) weigh(target.plural, object, asked);
    if (!applies || is_secret(target)) continue;
    for (auto& touch : touches_of(ops::Trust::read, target)) asked.shown.push_back(std::move(touch));
  }
  return {};
}

Result<Asked> asked_by(const ops::Catalog& catalog, const ops::Operation& operation, const json::object& given,
                       CallToCheck call) {
  Asked asked;
  PolicyRequest& out = asked.call;
  out = {std::move(call.who), std::move(call.cluster), std::string(operation.name), operation.trust, {}, call.now};
  auto arguments = ops::Arguments::validate(given, operation.parameters, operation.name);
  if (!arguments) return fail(std::move(arguments.error()));
  std::optional<kube::ApiResource> kind;
  if (needs_kind(operation)) {
    auto found = ops::find_kind(kinds_of(catalog), arguments->text("kind"), operation.name);
    if (found)
      kind = std::move(*found);
    else
      asked.notes.push_back(unknown_kind(arguments->text("kind")));
  }
  if (const json::value* manifest = arguments->value("manifest")) {
    if (auto added = add_manifest(catalog, operation, *arguments, *manifest, asked); !added)
      return fail(std::move(added.error()));
  } else {
    out.touches = touches_of(operation, *arguments, {}, kind);
    const bool is_assumed = std::any_of(out.touches.begin(), out.touches.end(), [&](const Touch& touch) {
      return touch.ns == "default" && !arguments->has("namespace");
    });
    if (is_assumed)
      asked.notes.emplace_back(
          "taken for namespace default, though a kubeconfig's context or a cluster may name another");
    asked.shown = shown_by(operation, *arguments, {}, kind);
    if (const json::value* written = arguments->value("patch")) {
      Result<json::value> patch = *written;
      if (written->is_string()) patch = parse_yaml(std::string_view(written->get_string()), "read the patch");
      if (!patch) return fail(std::move(patch.error()));
      weigh(kind ? kind->plural : "jobs", *patch, asked);
    }
  }
  if (operation.change)
    asked.notes.emplace_back(
        "what its plan reaches on the cluster decides as well, such as the pods of a node that is drained: a call with "
        "--dry-run asks for all of it");
  return asked;
}

// What decide_as() chooses from.
std::vector<Finding> explain_as(const Policy& policy, PolicyRequest request) {
  if (!request.who.bindings) return policy.explain(request);
  if (auto why = why_not(*request.who.bindings, deed_of(request.trust), request.cluster, request.touches))
    return {{std::nullopt, {Decision::deny, false, false, "roles", std::move(*why)}}};
  if (request.touches.empty()) {
    request.who.roles = roles_at(*request.who.bindings, request.cluster, nullptr);
    return policy.explain(request);
  }
  std::vector<Finding> out;
  for (const auto& touch : std::exchange(request.touches, {})) {
    request.who.roles = roles_at(*request.who.bindings, request.cluster, &touch);
    request.touches = {touch};
    const bool is_first = out.empty();
    for (auto& finding : policy.explain(request))
      if (is_first || finding.touch) out.push_back(std::move(finding));  // a freeze is told once
  }
  return out;
}

}  // namespace

Verdict decide_as(const Policy& policy, PolicyRequest request) {
  if (!request.who.bindings) return policy.decide(request);
  const Bindings& bindings = *request.who.bindings;
  if (auto why = why_not(bindings, deed_of(request.trust), request.cluster, request.touches))
    return {Decision::deny, false, false, "roles", std::move(*why)};
  if (request.touches.empty()) {
    request.who.roles = roles_at(bindings, request.cluster, nullptr);
    return policy.decide(request);
  }
  Verdict verdict;
  verdict.decision = Decision::allow;
  for (const auto& touch : std::exchange(request.touches, {})) {
    request.who.roles = roles_at(bindings, request.cluster, &touch);
    request.touches = {touch};
    const bool is_first = verdict.rule.empty();
    Verdict one = policy.decide(request);
    verdict = is_first ? std::move(one) : stricter(std::move(verdict), std::move(one));
  }
  return verdict;
}

Result<CheckedCall> check_call(const Policy& policy, const ops::Catalog& catalog, const ops::Operation& operation,
                               const json::object& arguments, CallToCheck call) {
  auto asked = asked_by(catalog, operation, arguments, std::move(call));
  if (!asked) return fail(std::move(asked.error()));
  CheckedCall out;
  out.notes = std::move(asked->notes);
  out.verdict = decide_as(policy, asked->call);
  out.findings = explain_as(policy, asked->call);
  if (asked->shown.empty()) return out;
  PolicyRequest shows = std::move(asked->call);
  shows.operation = "get_resource";
  shows.trust = ops::Trust::read;
  shows.touches = std::move(asked->shown);
  const Verdict seen = decide_as(policy, shows);
  if (seen.decision == Decision::allow) return out;
  for (auto& finding : explain_as(policy, shows)) out.findings.push_back(std::move(finding));
  out.verdict = unseen(seen);
  return out;
}

json::object to_json(const Policy& policy, const CheckedCall& checked) {
  const auto put = [](json::object& out, const Verdict& one) {
    out["decision"] = to_string(one.decision);
    out["rule"] = one.rule;
    out["why"] = one.why;
    out["reason_required"] = one.reason_required;
  };
  json::object out;
  put(out, checked.verdict);
  out["by_default"] = checked.verdict.by_default;
  json::array all;
  for (const auto& finding : checked.findings) {
    json::object one;
    if (finding.touch)
      one["touch"] = json::object{{"group", finding.touch->group},
                                  {"resource", finding.touch->resource},
                                  {"namespace", finding.touch->ns},
                                  {"name", finding.touch->name}};
    put(one, finding.verdict);
    all.push_back(std::move(one));
  }
  out["findings"] = std::move(all);
  out["policy"] = policy.digest();
  return out;
}

}  // namespace fairlead::gate
