#include "cli/cli.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "cli/agents.h"
#include "cli/options.h"
#include "cli/served_operation.h"
#include "ops/explain.h"
#include "redact/redact.h"

namespace fairlead::cli {

int report(World& world, const Error& error) {
  std::string text = "error: " + ops::explain_in_a_line(error) + " (" + std::string(to_string(error.code)) + ")\n";
  std::fputs(text.c_str(), world.err);
  return exit_status(error.code);
}

void note(World& world, std::string_view text) {
  std::string line = "# " + escape_untrusted(text, Newlines::escape) + "\n";
  std::fputs(line.c_str(), world.err);
}

double jitter(World& world) { return static_cast<double>(world.random() >> 11) * 0x1p-53; }

namespace {

int usage_error(World& world, std::string_view cause,
                std::string_view help = "'fairlead --help' shows how it is used") {
  std::string text = "error: " + escape_untrusted(redact::text(cause), Newlines::escape) + ". " + std::string(help) +
                     ". (invalid_request)\n";
  std::fputs(text.c_str(), world.err);
  return 2;
}

// "--reason=" would take the next word, a --dry-run even, as its value: an option that is left empty is refused.
std::optional<std::string> empty_option(const std::vector<std::string>& arguments) {
  for (const auto& word : arguments) {
    if (word == "--") return std::nullopt;
    if (word.starts_with("--") && word.ends_with('=') && word.find('=') == word.size() - 1) return word;
  }
  return std::nullopt;
}

// The help of the subcommand that was being read.
std::string nearest_help(const CLI::App& app) {
  std::string command = "fairlead";
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().back();
    command += " " + at->get_name();
  }
  return "'" + command + " --help' shows how it is used";
}

// Names what was not expected, but not what follows it: the value of an option that there is not may be a credential.
int unexpected(World& world, const CLI::App& app, const ops::Operation* operation) {
  auto extras = app.remaining(true);
  std::string first = extras.empty() ? "" : extras.front();
  if (first.starts_with('-')) first = first.substr(0, first.find('='));
  // Behind its name nothing of ours may stand: it would be taken for its value, and redacted.
  const std::string cause =
      first.starts_with('-') ? "there is no such option here: " + first : "'" + first + "' is not expected here";
  if (world.catalog.find(first)) return usage_error(world, cause, "Did you mean 'fairlead call " + first + "'?");
  if (!operation) return usage_error(world, cause, nearest_help(app));
  const std::string help = "'fairlead call " + std::string(operation->name) + " --help' shows what it takes";
  if (first.starts_with('-')) return usage_error(world, cause, help);
  return usage_error(world, cause, "A namespace is given with -n; " + help);
}

// Data that could not be written is no success.
int finish(World& world, int status) {
  if (std::fflush(world.out) == 0 && !std::ferror(world.out)) return status;
  return status != 0
             ? status
             : report(world, Error{ErrorCode::output_failed, "write standard output", "it could not be written whole",
                                   "Check that there is space left and that the reader has not gone", nullptr});
}

int run_with(World& world, std::vector<std::string> arguments, const ops::Operation* operation) {
  CLI::App app("Fairlead: typed, gated access to Kubernetes clusters for AI agents and the people who answer for them",
               "fairlead");
  app.set_version_flag("--version", "fairlead " FAIRLEAD_VERSION);
  app.set_help_flag("-h,--help", "This help");
  app.require_subcommand(0, 1);
  app.footer(
      "Examples:\n"
      "  fairlead sandbox --kubeconfig sandbox.yaml          a cluster to try things on\n"
      "  fairlead call list_pods -A                          problems first\n"
      "  fairlead call get_pod_logs prometheus-0 -n monitoring --tail 20\n"
      "  fairlead call scale_deployment cart -n shop --replicas 5 --allow write\n"
      "  fairlead rbac --trust read -n shop                  the roles that an agent's account needs\n"
      "  fairlead mcp                                        for an MCP client, over stdio\n"
      "  fairlead serve --sandbox                            the REST API, with a cluster to try it on\n"
      "  fairlead changes approve 17 --server https://fairlead:8475    against a server, with FAIRLEAD_TOKEN\n"
      "'fairlead COMMAND --help' tells more about each.");
  const bool is_call = !arguments.empty() && arguments[0] == "call";
  Action action;
  add_call(app, world, arguments, operation, action);
  add_agents(app);
  add_ops(app, world, action);
  add_rbac(app, world, action);
  add_mcp(app, world, action);
  add_changes(app, world, action);
  add_clusters(app, world, action);
  add_integrations(app, world, arguments, action);
  add_serve(app, world, action);
  add_tokens(app, world, action);
  add_audit(app, world, action);
  add_policy(app, world, arguments, operation, action);
  add_vault(app, world, action);
  add_sandbox(app, world, action);
  add_with_kubeconfig(app, world, arguments, action);
  try {
    // What they shall run is not ours to read.
    const bool runs = arguments.size() > 1 && arguments[0] == "integrations" && arguments[1] == "run";
    if (runs || (!arguments.empty() && arguments[0] == "with-kubeconfig"))
      arguments.erase(std::find(arguments.begin(), arguments.end(), "--"), arguments.end());
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), world.out);
    return finish(world, 0);
  } catch (const CLI::CallForVersion&) {
    std::fputs(("fairlead " FAIRLEAD_VERSION "\n"), world.out);
    return finish(world, 0);
  } catch (const CLI::ExtrasError&) {
    return unexpected(world, app, is_call ? operation : nullptr);
  } catch (const CLI::ParseError& error) { return usage_error(world, error.what(), nearest_help(app)); }
  if (!action) {
    std::fputs(app.help().c_str(), world.err);
    return 2;
  }
  return finish(world, action());
}

}  // namespace

int run(World& world, std::vector<std::string> arguments) {
  arguments = as_call(std::move(arguments));
  if (auto word = empty_option(arguments)) return usage_error(world, *word + " has no value");
  const ops::Operation* operation = called_operation(world, arguments);
  if (operation || !calls_operation(arguments)) return run_with(world, std::move(arguments), operation);
  auto served = served_operation(world, arguments);
  if (!served) return report(world, served.error());
  if (!*served) return run_with(world, std::move(arguments), nullptr);
  const std::string name((*served)->operation().name);
  try {
    return run_with(world, std::move(arguments), &(*served)->operation());
  } catch (const CLI::ConstructionError&) {  // a parameter that is called as an option of the command
    return report(world, Error{ErrorCode::server_error, "read the server's operations",
                               "this version has no options for the parameters of " + name,
                               "Use the version of Fairlead that serves", nullptr});
  }
}

}  // namespace fairlead::cli
