#include "cli/rbac.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/options.h"

namespace fairlead::cli {
namespace {

tl::unexpected<Error> wrong(std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, "", std::move(cause), std::move(remedy));
}

// NAME or NAMESPACE/NAME.
Result<ops::ManifestNames> manifest_names(const RoleOptions& options) {
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

Result<std::vector<std::string>> checked_namespaces(const RoleOptions& options) {
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

int print_manifests(World& world, const RoleOptions& options) {
  auto made = make_roles(world.catalog, options);
  if (!made) return report(world, made.error());
  const std::string text = made->manifests();
  std::fwrite(text.data(), 1, text.size(), world.out);
  std::fflush(world.out);  // before the notes on it
  tell_limits(world, made->roles);
  return 0;
}

}  // namespace

Result<MadeRoles> make_roles(const ops::Catalog& catalog, const RoleOptions& options) {
  auto operations = chosen_operations(catalog, options.choice);
  if (!operations) return fail(std::move(operations.error()));
  auto namespaces = checked_namespaces(options);
  if (!namespaces) return fail(std::move(namespaces.error()));
  auto names = manifest_names(options);
  if (!names) return fail(std::move(names.error()));
  MadeRoles out;
  out.request = {std::move(*operations), options.choice.operations.empty(), std::move(*namespaces),
                 options.choice.kinds};
  out.names = std::move(*names);
  out.roles = ops::least_roles(catalog, out.request);
  if (out.roles.covered.empty()) {
    const auto& group = out.roles.left_out.front();
    return wrong("no role can be made for " + joined(group.operations) + ": " + std::string(group.why), "");
  }
  return out;
}

void tell_limits(World& world, const ops::LeastRoles& roles) {
  for (const auto& group : roles.left_out)
    note(world, "left out: " + joined(group.operations) + ": " + std::string(group.why));
  for (const auto& warning : roles.warnings) note(world, warning);
}

void RoleOptions::add_to(CLI::App& app) {
  choice.add_to(app);
  app.add_option("-n,--namespace", namespaces, "Run them in this namespace; once for each")
      ->allow_extra_args(false)
      ->check(CLI::Validator(refuse_value, ""));
  app.add_flag("--cluster-wide", cluster_wide, "Run them in all namespaces");
  app.add_option("--service-account", account,
                 "Who runs them: NAME or NAMESPACE/NAME [fairlead, in the first --namespace or default]")
      ->check(CLI::Validator(refuse_value, ""));
  app.add_option("--name", name, "Of the roles and their bindings [fairlead:NAMESPACE:ACCOUNT]")
      ->check(CLI::Validator(refuse_value, ""));
}

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
  auto options = std::make_shared<RoleOptions>();
  options->add_to(*command);
  command->footer(
      "The rules come from the operations themselves; none of them holds *. Nothing is sent to a cluster.\n"
      "Examples:\n"
      "  fairlead rbac --trust read --namespace shop | kubectl apply -f -\n"
      "  fairlead rbac --trust write --cluster-wide --service-account ops/agent\n"
      "  fairlead rbac --operations list_pods,get_pod_logs -n shop -n pay --name log-reader\n"
      "  fairlead rbac check --trust read -n shop             what the present credentials may run\n"
      "  fairlead rbac kubeconfig --trust read -n shop -f agent.kubeconfig   the account, its roles and a kubeconfig");
  const std::vector<CLI::App*> others{add_rbac_check(*command, world, action),
                                      add_rbac_kubeconfig(*command, world, action)};
  command->callback([&world, &action, command, options, others] {
    const auto parsed = std::find_if(others.begin(), others.end(), [](const CLI::App* one) { return one->parsed(); });
    if (parsed != others.end()) {
      const auto given = command->get_options([](const CLI::Option* option) { return option->count() > 0; });
      if (given.empty()) return;
      action = [&world, name = given.front()->get_name(), other = (*parsed)->get_name()] {
        return report(world, Error{ErrorCode::invalid_request, "", name + " stands before " + other,
                                   "Write it after " + other, nullptr});
      };
      return;
    }
    action = [&world, options] { return print_manifests(world, *options); };
  });
}

}  // namespace fairlead::cli
