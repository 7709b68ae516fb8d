// Inside cli/ only: options that several subcommands share, and the subcommands.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "cli/cli.h"
#include "gate/kubeconfig_clusters.h"

namespace fairlead::cli {

// Which cluster, as whom.
struct ConnectionOptions {
  std::string kubeconfig, context, ns, api_server, token_file, certificate_authority, tls_server_name;
  bool insecure = false;

  // `with_namespace`: -n too.
  void add_to(CLI::App& app, const std::string& context_flags = "--context,--cluster", bool with_namespace = true);
  // `terminal_is_ours`: an exec plugin may ask the person who sits there and write to their terminal.
  gate::KubeconfigOptions make(World& world, bool terminal_is_ours) const;
};

// "30d", "12h", "45m" as seconds; at most ten years. invalid_request names the option.
Result<std::int64_t> parse_span(const std::string& text, std::string_view option);

// --timeout SECONDS
void add_timeout(CLI::App& app, double& seconds, const std::string& meaning);
Duration seconds(double count);

// --allow read|write|destructive
struct GrantOption {
  std::string allow = "read";
  void add_to(CLI::App& app);
  gate::Grant grant() const;
};

// Whether a command line is about an operation: `call`, `policy check`.
bool calls_operation(const std::vector<std::string>& arguments);
// The operation that such a command line means; null: none.
const ops::Operation* called_operation(const World& world, const std::vector<std::string>& arguments);

// Each adds its subcommand; when it is the chosen one, `action` is set to what does the work.
using Action = std::function<int()>;
void add_call(CLI::App& app, World& world, const std::vector<std::string>& arguments, const ops::Operation* operation,
              Action& action);
void add_agents(CLI::App& app);
void add_ops(CLI::App& app, World& world, Action& action);
void add_rbac(CLI::App& app, World& world, Action& action);
void add_changes(CLI::App& app, World& world, Action& action);
void add_clusters(CLI::App& app, World& world, Action& action);
void add_integrations(CLI::App& app, World& world, const std::vector<std::string>& arguments, Action& action);
void add_mcp(CLI::App& app, World& world, Action& action);
void add_audit(CLI::App& app, World& world, Action& action);
void add_policy(CLI::App& app, World& world, const std::vector<std::string>& arguments, const ops::Operation* operation,
                Action& action);
void add_serve(CLI::App& app, World& world, Action& action);
void add_tokens(CLI::App& app, World& world, Action& action);
void add_sandbox(CLI::App& app, World& world, Action& action);
void add_vault(CLI::App& app, World& world, Action& action);
void add_with_kubeconfig(CLI::App& app, World& world, const std::vector<std::string>& arguments, Action& action);

// The environment of programs that are started (exec plugins, commands of agents): what Fairlead alone is given as a
// credential, and where it would be brought, is not in it.
std::vector<std::string> without_credentials(std::vector<std::string> variables);

// Why a value is not taken; empty: it is. One that looks like another option was swallowed by mistake, and an empty one
// is mostly a variable that was not set: as if it were not given, it would choose another cluster or all namespaces.
std::string refuse_value(const std::string& value);

}  // namespace fairlead::cli
