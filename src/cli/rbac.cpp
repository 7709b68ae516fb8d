#include "cli/rbac.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/options.h"

namespace fairlead::cli {
namespace {

struct RbacOptions {
  OperationChoice choice;
  std::vector<std::string> namespaces;
  std::string account, name;
  bool cluster_wide = false;
};

tl::unexpected<Error> wrong(std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, "", std::move(cause), std::move(remedy));
}

// NAME or NAMESPACE/NAME.
Result<ops::ManifestNames> manifest_names(const RbacOptions& options) {
  ops::ManifestNames names;
  names.account = options.account.empty() ? "fairlead" : options.account;
  names.account_namespace = options.namespaces.empty() ? "default" : options.namespaces.front();
  if (const std::size_t slash = names.account.find('/'); slash != std::string::npos) {
    names.account_namespace = names.account.substr(0, slash);
    names.account.erase(0, slash + 1);
  }
  auto reason = ops::why_not_subdomain(names.account);
  if (!reason) reason = ops::why_not_label(names.account_namespace);
  if (reason)
    return wrong("--service-account is not valid: " + *reason, "Give it as NAME or NAMESPACE/NAME, such as ops/agent");
  // Two accounts' roles stand beside each other, those of the whole cluster too.
  names.roles =
      options.name.empty() ? fmt::format("fairlead:{}:{}", names.account_namespace, names.account) : options.name;
  if (auto reason = ops::why_not_path_segment(names.roles)) return wrong("--name is not valid: " + *reason, "");
  return names;
}

Result<std::vector<std::string>> checked_namespaces(const RbacOptions& options) {
  std::vector<std::string> out;
  for (const auto& ns : options.namespaces) {
    if (auto reason = ops::why_not_label(ns))
      return wrong("'" + ns + "' is not the name of a namespace: " + *reason, "Give --namespace once for each");
    if (std::find(out.begin(), out.end(), ns) == out.end()) out.push_back(ns);
  }
  if (out.empty() && !options.cluster_wide)
    return wrong("it is not said where the operations shall run",
                 "Give --namespace N, once for each namespace, or --cluster-wide");
  if (!out.empty() && options.cluster_wide)
    return wrong("--namespace and --cluster-wide are both given", "Give one of them");
  return out;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const auto word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

int print_manifests(World& world, const RbacOptions& options) {
  auto operations = chosen_operations(world.catalog, options.choice);
  if (!operations) return report(world, operations.error());
  auto namespaces = checked_namespaces(options);
  if (!namespaces) return report(world, namespaces.error());
  auto names = manifest_names(options);
  if (!names) return report(world, names.error());
  ops::RoleRequest request{std::move(*operations), options.choice.operations.empty(), std::move(*namespaces),
                           options.choice.kinds};
  const ops::LeastRoles roles = ops::least_roles(world.catalog, request);
  if (roles.covered.empty()) {
    const auto& group = roles.left_out.front();
    return report(world, Error{ErrorCode::invalid_request, "",
                               "no role can be made for " + joined(group.operations) + ": " + std::string(group.why),
                               "", nullptr});
  }
  const std::string text = ops::role_manifests(roles, request, *names);
  std::fwrite(text.data(), 1, text.size(), world.out);
  std::fflush(world.out);  // before the notes on it
  for (const auto& group : roles.left_out)
    note(world, "left out: " + joined(group.operations) + ": " + std::string(group.why));
  for (const auto& warning : roles.warnings) note(world, warning);
  return 0;
}

}  // namespace

void OperationChoice::add_to(CLI::App& app) {
  app.add_option("--operations", operations, "These operations, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Validator(refuse_value, ""));
  app.add_option("--trust", trust, "All operations up to this trust level: read, write or destructive [read]")
      ->check(CLI::IsMember({"read", "write", "destructive"}))
      ->excludes("--operations");
  app.add_option("--kinds", kinds, "For operations on any kind: these, such as pods or certificates.cert-manager.io")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Validator(refuse_value, ""));
}

Result<std::vector<const ops::Operation*>> chosen_operations(const ops::Catalog& catalog,
                                                             const OperationChoice& choice) {
  std::vector<const ops::Operation*> out;
  for (const auto& name : choice.operations) {
    const auto* operation = catalog.find(name);
    if (!operation) return fail(catalog.unknown(name));
    if (std::find(out.begin(), out.end(), operation) == out.end()) out.push_back(operation);
  }
  if (choice.operations.empty()) {
    const auto most = ops::parse_trust(choice.trust).value_or(ops::Trust::read);
    for (const auto& operation : catalog.operations())
      if (operation.trust <= most) out.push_back(&operation);
  }
  for (const auto& kind : choice.kinds)
    if (auto reason = ops::why_not_kind(kind))
      return wrong("'" + kind + "' is not the name of a kind: " + *reason,
                   "list_api_resources shows them: NAME.GROUP, or NAME in the core group");
  const bool any_kind = std::any_of(out.begin(), out.end(), [](const ops::Operation* operation) {
    return std::any_of(operation->access.begin(), operation->access.end(), ops::is_any_kind);
  });
  if (!choice.kinds.empty() && !any_kind)
    return wrong("--kinds says nothing about these operations", "Name list_resources or get_resource, or leave it out");
  return out;
}

void add_rbac(CLI::App& app, World& world, Action& action) {
  auto* command = app.add_subcommand("rbac", "Print the least roles for operations, or check what is permitted now");
  auto options = std::make_shared<RbacOptions>();
  options->choice.add_to(*command);
  command->add_option("-n,--namespace", options->namespaces, "Run them in this namespace; once for each")
      ->allow_extra_args(false)
      ->check(CLI::Validator(refuse_value, ""));
  command->add_flag("--cluster-wide", options->cluster_wide, "Run them in all namespaces");
  command->add_option("--service-account", options->account,
                      "Who runs them: NAME or NAMESPACE/NAME [fairlead, in the first --namespace or default]");
  command->add_option("--name", options->name, "Of the roles and their bindings [fairlead:NAMESPACE:ACCOUNT]");
  command->get_option("--service-account")->check(CLI::Validator(refuse_value, ""));
  command->get_option("--name")->check(CLI::Validator(refuse_value, ""));
  command->footer(
      "The rules come from the operations themselves; none of them holds *. Nothing is sent to a cluster.\n"
      "Examples:\n"
      "  fairlead rbac --trust read --namespace shop | kubectl apply -f -\n"
      "  fairlead rbac --trust write --cluster-wide --service-account ops/agent\n"
      "  fairlead rbac --operations list_pods,get_pod_logs -n shop -n pay --name log-reader\n"
      "  fairlead rbac check --trust read -n shop             what the present credentials may run");
  CLI::App* check = add_rbac_check(*command, world, action);
  command->callback([&world, &action, command, options, check] {
    if (check->parsed()) {
      const auto given = command->get_options([](const CLI::Option* option) { return option->count() > 0; });
      if (given.empty()) return;
      action = [&world, name = given.front()->get_name()] {
        return report(world, Error{ErrorCode::invalid_request, "", name + " stands before check",
                                   "Write it after check", nullptr});
      };
      return;
    }
    action = [&world, options] { return print_manifests(world, *options); };
  });
}

}  // namespace fairlead::cli
