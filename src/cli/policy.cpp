// `fairlead policy`: what a policy makes of a call, and what it says. Nothing is sent to a cluster.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "cli/books.h"
#include "cli/parameters.h"
#include "cli/remote.h"
#include "gate/policy_check.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30);

struct CheckOptions {
  const ops::Operation* operation = nullptr;
  ParameterOptions parameters;
  BooksOption books;
  ServerOption server;
  std::string ns, who, cluster, at, output = "text";
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

// Of a document of gate/policy_check.h.
std::string shown(const json::value& touch) {
  const std::string resource(text_at(touch, {"resource"})), group(text_at(touch, {"group"})),
      name(text_at(touch, {"name"})), ns(text_at(touch, {"namespace"}));
  const std::size_t slash = std::min(resource.find('/'), resource.size());
  std::string out = resource == "*" ? "any kind" : resource.substr(0, slash);
  if (!group.empty() && group != "*") out += "." + group;
  out += resource.substr(slash);
  if (!name.empty()) out += " " + name;
  if (ns == "*") return out + " in each namespace";
  return ns.empty() ? out : out + " in namespace " + ns;
}

std::string text(const json::value& checked) {
  std::string out =
      fmt::format("{}{}: {}\n", text_at(checked, {"decision"}),
                  flag_at(checked, {"reason_required"}) ? " with a reason" : "", text_at(checked, {"why"}));
  const json::array& findings = array_at(checked, {"findings"});
  std::size_t width = 0;
  for (const auto& finding : findings)
    if (const json::value* touch = find(finding, "touch")) width = std::max(width, shown(*touch).size());
  for (const auto& finding : findings) {
    const json::value* touch = find(finding, "touch");
    out += fmt::format("  {:<{}}  {:<7}  {}\n", touch ? shown(*touch) : "the call", width,
                       text_at(finding, {"decision"}), text_at(finding, {"why"}));
  }
  return out;
}

Result<json::object> arguments_of(const CheckOptions& options) {
  auto given = options.parameters.gather(*options.operation);
  if (!given) return given;
  if (!options.ns.empty() && !options.all_namespaces && ops::takes_namespace(*options.operation))
    (*given)["namespace"] = options.ns;
  return given;
}

int show(World& world, const CheckOptions& options, const json::object& checked) {
  std::string out = options.output == "json" ? pretty(checked) + "\n" : text(checked);
  out = escape_untrusted(out, Newlines::keep);  // some of it may be a server's
  std::fwrite(out.data(), 1, out.size(), world.out);
  return text_at(json::value(checked), {"decision"}) == gate::to_string(gate::Decision::allow)
             ? 0
             : exit_status(ErrorCode::policy_denied);
}

Result<json::object> check_here(World& world, const CheckOptions& options, const json::object& arguments) {
  auto policy = policy_of(world, options.books);
  if (!policy) return fail(std::move(policy.error()));
  std::int64_t now = world.clock->unix_seconds();
  if (!options.at.empty()) {
    const auto at = parse_rfc3339(options.at);
    if (!at)
      return fail(ErrorCode::invalid_request, "", "--at is not a time of RFC 3339",
                  "Write it such as 2026-12-20T00:00:00Z");
    now = *at;
  }
  gate::CallToCheck call{{options.who.empty() ? by() : options.who, options.roles}, options.cluster, now};
  auto checked = gate::check_call(*policy, world.catalog, *options.operation, arguments, std::move(call));
  if (!checked) return fail(std::move(checked.error()));
  for (const auto& one : checked->notes) note(world, one);
  return gate::to_json(*policy, *checked);
}

int check_there(World& world, const CheckOptions& options, json::object arguments) {
  auto run = [&](Remote& remote) -> awaitable<Result<int>> {
    json::object body{{"operation", options.operation->name}, {"arguments", std::move(arguments)}};
    if (!options.cluster.empty()) body["cluster"] = options.cluster;
    if (!options.at.empty()) body["at"] = options.at;
    if (!options.who.empty()) body["who"] = options.who;
    if (!options.roles.empty()) body["roles"] = json::array(options.roles.begin(), options.roles.end());
    auto sent = co_await remote.send("POST", "/policy/check", std::move(body), Deadline::after(kPatience));
    auto checked = object_of(std::move(sent));
    if (!checked) co_return fail(std::move(checked.error()));
    if (const json::value* notes = checked->if_contains("notes"); notes && notes->is_array())
      for (const auto& one : notes->get_array())
        if (one.is_string()) note(world, one.get_string());
    checked->erase("notes");
    co_return show(world, options, *checked);
  };
  return with_server(world, options.server, run);
}

int check(World& world, const CheckOptions& options) {
  if (auto right = options.server.check(world); !right) return report(world, right.error());
  auto arguments = arguments_of(options);
  if (!arguments) return bad(world, arguments.error());
  if (options.server.is_meant(world)) return check_there(world, options, std::move(*arguments));
  auto checked = check_here(world, options, *arguments);
  return checked ? show(world, options, *checked) : bad(world, checked.error());
}

void add_check(CLI::App& policy, World& world, const std::vector<std::string>& arguments,
               const ops::Operation* operation, Action& action) {
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
  add("--who", options->who, "Who calls, such as mcp:ci or api:deploy-bot [" + by() + ", with --server the token's]");
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
  options->server.add_to(*command, {"--data-dir", "--database", "--policy"});
  if (arguments.size() < 2 || arguments[0] != "policy" || arguments[1] != "check") return;
  options->operation = operation;
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

void add_policy(CLI::App& app, World& world, const std::vector<std::string>& arguments, const ops::Operation* operation,
                Action& action) {
  auto* policy = app.add_subcommand("policy", "Check what a policy makes of a call, or show it");
  policy->require_subcommand(1);
  policy->footer(
      "docs/policy.md says how a policy is written.\n"
      "Examples:\n"
      "  fairlead policy show\n"
      "  fairlead policy check --policy policy.yaml scale_deployment web -n shop --replicas 3");
  add_check(*policy, world, arguments, operation, action);
  struct ShowOptions {
    BooksOption books;
    ServerOption server;
    std::string output = "yaml";
  };
  auto options = std::make_shared<ShowOptions>();
  auto* show = policy->add_subcommand("show", "Print the policy in force with its defaults");
  options->books.add_to(*show, "--data-dir");
  options->server.add_to(*show, {"--data-dir", "--database", "--policy"});
  show->add_option("-o,--output", options->output, "yaml or json")
      ->check(CLI::IsMember({"yaml", "json"}))
      ->capture_default_str();
  show->footer("Examples:\n  fairlead policy show > policy.yaml\n  fairlead policy show --policy policy.yaml -o json");
  show->callback([&world, &action, options] {
    action = [&world, options] {
      if (auto right = options->server.check(world); !right) return report(world, right.error());
      auto print = [&](const json::object& document) {
        const std::string out = options->output == "json" ? pretty(document) + "\n" : to_yaml(document);
        const std::string safe = escape_untrusted(out, Newlines::keep);  // a server may have written it
        std::fwrite(safe.data(), 1, safe.size(), world.out);
        return 0;
      };
      if (options->server.is_meant(world)) {
        auto run = [&](Remote& remote) -> awaitable<Result<int>> {
          Query none;
          auto answered = co_await remote.get("/policy", none, Deadline::after(kPatience));
          auto document = object_of(std::move(answered));
          if (!document) co_return fail(std::move(document.error()));
          co_return print(*document);
        };
        return with_server(world, options->server, run);
      }
      auto policy = policy_of(world, options->books);
      return policy ? print(policy->document()) : bad(world, policy.error());
    };
  });
}

}  // namespace fairlead::cli
