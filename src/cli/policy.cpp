// `fairlead policy`: what a policy makes of a call, and what it says. Nothing is sent to a cluster.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "cli/books.h"
#include "cli/parameters.h"
#include "gate/touches.h"
#include "ops/kind.h"
#include "ops/manifest.h"
#include "ops/resolve.h"

namespace fairlead::cli {
namespace {

struct CheckOptions {
  const ops::Operation* operation = nullptr;
  ParameterOptions parameters;
  BooksOption books;
  std::string ns, who = by(), cluster, at, output = "text";
  std::vector<std::string> roles;
  bool all_namespaces = false;
};

Result<gate::Policy> policy_of(const World& world, const BooksOption& option) {
  auto file = PolicyFile::of(world, option);
  if (!file) return fail(std::move(file.error()));
  return file->in_force();
}

// A policy that cannot be used is bad input, whatever the reason.
int bad(World& world, const Error& error) {
  report(world, error);
  return 2;
}

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

std::string shown(const gate::Touch& touch) {
  const std::size_t slash = std::min(touch.resource.find('/'), touch.resource.size());
  std::string out = touch.resource == "*" ? "any kind" : touch.resource.substr(0, slash);
  if (!touch.group.empty() && touch.group != "*") out += "." + touch.group;
  out += touch.resource.substr(slash);
  if (!touch.name.empty()) out += " " + touch.name;
  if (touch.ns == "*") return out + " in each namespace";
  return touch.ns.empty() ? out : out + " in namespace " + touch.ns;
}

json::object document(const gate::Policy& policy, const gate::Verdict& verdict,
                      const std::vector<gate::Finding>& findings) {
  const auto put = [](json::object& out, const gate::Verdict& one) {
    out["decision"] = gate::to_string(one.decision);
    out["rule"] = one.rule;
    out["why"] = one.why;
    out["reason_required"] = one.reason_required;
  };
  json::object out;
  put(out, verdict);
  out["by_default"] = verdict.by_default;
  json::array all;
  for (const auto& finding : findings) {
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

std::string text(const gate::Verdict& verdict, const std::vector<gate::Finding>& findings) {
  std::string out = fmt::format("{}{}: {}\n", gate::to_string(verdict.decision),
                                verdict.reason_required ? " with a reason" : "", verdict.why);
  std::size_t width = 0;
  for (const auto& finding : findings)
    if (finding.touch) width = std::max(width, shown(*finding.touch).size());
  for (const auto& finding : findings)
    out += fmt::format("  {:<{}}  {:<7}  {}\n", finding.touch ? shown(*finding.touch) : "the call", width,
                       gate::to_string(finding.verdict.decision), finding.verdict.why);
  return out;
}

// What the gate decides about a call that can be told without its cluster.
struct Asked {
  gate::PolicyRequest call;
  std::vector<gate::Touch> shown;  // of what it changes, where that is there already
};

// A write as the call asks for it, of an object that has nothing yet of what it names: one that may let an object be
// deleted makes the call DESTRUCTIVE.
void weigh(World& world, std::string_view plural, const json::value& body, Asked& asked) {
  ops::Plan plan;
  ops::Write& write = plan.writes.emplace_back();
  write.object.plural = plural;
  write.body = body;
  write.before = json::object();
  const ops::Trust trust = gate::trust_of(plan, asked.call.trust);
  if (trust == asked.call.trust) return;
  note(world,
       "it is taken as DESTRUCTIVE: finalizers, owners and the time that a finished Job stays let objects be deleted. "
       "Where the object is not there, or has the same already, it is not");
  asked.call.trust = trust;
}

// Each object of it.
Result<void> add_manifest(World& world, const ops::Operation& operation, const ops::Arguments& arguments,
                          const json::value& manifest, Asked& asked) {
  auto objects = ops::read_manifest(manifest, operation.name);
  if (!objects) return fail(std::move(objects.error()));
  const kube::Discovery known = kinds_of(world.catalog);
  std::vector<gate::Touch>& out = asked.call.touches;
  const bool applies = std::any_of(operation.access.begin(), operation.access.end(), [](const ops::Access& access) {
    return std::find(access.verbs.begin(), access.verbs.end(), "patch") != access.verbs.end();
  });
  for (const auto& one : *objects) {
    const json::value object = one;
    const std::string kind(text_at(object, {"kind"})), name(text_at(object, {"metadata", "name"}));
    std::string ns(text_at(object, {"metadata", "namespace"}));
    if (ns.empty()) ns = gate::DefaultNamespaces().of_object(arguments);
    auto found = ops::find_kind(known, kind, operation.name);
    if (!found) {
      note(world, "without a cluster it is not known what kind " + kind + " is: it is taken for any");
      out.push_back({"*", "*", "*", name});
      out.push_back({"*", "*", "", name});
      continue;
    }
    const gate::Target target{found->group, found->plural, found->namespaced, found->namespaced ? ns : "", name};
    for (auto& touch : gate::touches_of(operation.trust, target)) out.push_back(std::move(touch));
    if (applies) weigh(world, target.plural, object, asked);
    if (!applies || gate::is_secret(target)) continue;
    for (auto& touch : gate::touches_of(ops::Trust::read, target)) asked.shown.push_back(std::move(touch));
  }
  return {};
}

Result<Asked> asked_by(World& world, const CheckOptions& options) {
  const ops::Operation& operation = *options.operation;
  Asked asked;
  gate::PolicyRequest& out = asked.call;
  out = {{options.who, options.roles}, options.cluster, std::string(operation.name), operation.trust, {},
         world.clock->unix_seconds()};
  if (!options.at.empty()) {
    const auto at = parse_rfc3339(options.at);
    if (!at)
      return fail(ErrorCode::invalid_request, "", "--at is not a time of RFC 3339",
                  "Write it such as 2026-12-20T00:00:00Z");
    out.now = *at;
  }
  auto given = options.parameters.gather(operation);
  if (!given) return fail(std::move(given.error()));
  if (!options.ns.empty() && !options.all_namespaces && ops::takes_namespace(operation))
    (*given)["namespace"] = options.ns;
  auto arguments = ops::Arguments::validate(*given, operation.parameters, operation.name);
  if (!arguments) return fail(std::move(arguments.error()));
  std::optional<kube::ApiResource> kind;
  if (gate::needs_kind(operation)) {
    auto found = ops::find_kind(kinds_of(world.catalog), arguments->text("kind"), operation.name);
    if (found)
      kind = std::move(*found);
    else
      note(world,
           "without a cluster it is not known what kind " + arguments->text("kind") + " is: it is taken for any");
  }
  if (const json::value* manifest = arguments->value("manifest")) {
    if (auto added = add_manifest(world, operation, *arguments, *manifest, asked); !added)
      return fail(std::move(added.error()));
  } else {
    out.touches = gate::touches_of(operation, *arguments, {}, kind);
    asked.shown = gate::shown_by(operation, *arguments, {}, kind);
    if (const json::value* given = arguments->value("patch")) {
      Result<json::value> patch = *given;
      if (given->is_string()) patch = parse_yaml(std::string_view(given->get_string()), "read the patch");
      if (!patch) return fail(std::move(patch.error()));
      weigh(world, kind ? kind->plural : "jobs", *patch, asked);
    }
  }
  if (operation.change)
    note(
        world,
        "what its plan reaches on the cluster decides as well, such as the pods of a node that is drained: a call with "
        "--dry-run asks for all of it");
  return asked;
}

int check(World& world, const CheckOptions& options) {
  auto policy = policy_of(world, options.books);
  if (!policy) return bad(world, policy.error());
  auto asked = asked_by(world, options);
  if (!asked) return bad(world, asked.error());
  gate::Verdict verdict = policy->decide(asked->call);
  auto findings = policy->explain(asked->call);
  if (!asked->shown.empty()) {
    gate::PolicyRequest shows = asked->call;
    shows.operation = "get_resource";
    shows.trust = ops::Trust::read;
    shows.touches = std::move(asked->shown);
    const gate::Verdict seen = policy->decide(shows);
    if (seen.decision != gate::Decision::allow) {
      for (auto& finding : policy->explain(shows)) findings.push_back(std::move(finding));
      verdict = gate::unseen(seen);
    }
  }
  const std::string out =
      options.output == "json" ? pretty(document(*policy, verdict, findings)) + "\n" : text(verdict, findings);
  std::fwrite(out.data(), 1, out.size(), world.out);
  return verdict.decision == gate::Decision::allow ? 0 : exit_status(ErrorCode::policy_denied);
}

void add_check(CLI::App& policy, World& world, const std::vector<std::string>& arguments, Action& action) {
  auto* command = policy.add_subcommand("check", "Tell what a policy makes of a call, and which rule decides");
  auto options = std::make_shared<CheckOptions>();
  command->footer(
      "The exit status is 0 for allow, 3 for approve and deny, 2 where the policy or the call is wrong.\n"
      "Examples:\n"
      "  fairlead policy check scale_deployment web -n shop --replicas 3\n"
      "  fairlead policy check --policy policy.yaml list_secrets -A --who mcp:ci --cluster prod\n"
      "  fairlead policy check --policy policy.yaml delete_pod web-0 -n shop --role oncall --at 2026-12-24T12:00:00Z");
  options->books.add_to(*command, "--data-dir");
  const auto add = [&](const char* flags, auto& value, const std::string& meaning) {
    command->add_option(flags, value, meaning)->check(CLI::Validator(refuse_value, ""));
  };
  add("--who", options->who, "Who calls, such as mcp:ci or api:deploy-bot [" + options->who + "]");
  command->add_option("--role", options->roles, "A role that comes with the identity; once for each")
      ->allow_extra_args(false)
      ->check(CLI::Validator(refuse_value, ""));
  add("--cluster", options->cluster, "On which cluster; left out: the strictest of all counts");
  add("--at", options->at, "When, RFC 3339 [now]");
  add("-n,--namespace", options->ns, "In which namespace; left out: all, and default for a single object");
  command->add_flag("-A,--all-namespaces", options->all_namespaces, "All namespaces, as when no namespace is given");
  command->add_option("-o,--output", options->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  if (arguments.size() < 2 || arguments[0] != "policy" || arguments[1] != "check") return;
  for (const auto& word : arguments)
    if (!options->operation) options->operation = world.catalog.find(word);
  if (!options->operation) {
    auto wanted = std::make_shared<std::string>();
    command->add_option("OPERATION", *wanted, "The operation")->required();
    command->allow_extras();
    command->callback([&world, &action, wanted] {
      action = [&world, wanted] { return report(world, world.catalog.unknown(*wanted)); };
    });
    return;
  }
  auto* called =
      command->add_subcommand(std::string(options->operation->name), std::string(options->operation->summary));
  command->require_subcommand(1);
  called->fallthrough();
  called->footer("Example:\n  fairlead policy check " + std::string(options->operation->name) +
                 (options->operation->example.empty() ? "" : " " + std::string(options->operation->example)));
  options->parameters.add_to(*called, *options->operation);
  called->callback([&world, &action, options] { action = [&world, options] { return check(world, *options); }; });
}

}  // namespace

void add_policy(CLI::App& app, World& world, const std::vector<std::string>& arguments, Action& action) {
  auto* policy = app.add_subcommand("policy", "Check what a policy makes of a call, or show it");
  policy->require_subcommand(1);
  policy->footer(
      "docs/policy.md says how a policy is written.\n"
      "Examples:\n"
      "  fairlead policy show\n"
      "  fairlead policy check --policy policy.yaml scale_deployment web -n shop --replicas 3");
  add_check(*policy, world, arguments, action);
  struct ShowOptions {
    BooksOption books;
    std::string output = "yaml";
  };
  auto options = std::make_shared<ShowOptions>();
  auto* show = policy->add_subcommand("show", "Print the policy in force with its defaults");
  options->books.add_to(*show, "--data-dir");
  show->add_option("-o,--output", options->output, "yaml or json")
      ->check(CLI::IsMember({"yaml", "json"}))
      ->capture_default_str();
  show->footer("Examples:\n  fairlead policy show > policy.yaml\n  fairlead policy show --policy policy.yaml -o json");
  show->callback([&world, &action, options] {
    action = [&world, options] {
      auto policy = policy_of(world, options->books);
      if (!policy) return bad(world, policy.error());
      const std::string out =
          options->output == "json" ? pretty(policy->document()) + "\n" : to_yaml(policy->document());
      std::fwrite(out.data(), 1, out.size(), world.out);
      return 0;
    };
  });
}

}  // namespace fairlead::cli
