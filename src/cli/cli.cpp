#include "cli/cli.h"

#include "base/text.h"
#include "cli/options.h"

namespace fairlead::cli {

int report(World& world, const Error& error) {
  std::string text = "error: " + error.sentence() + " (" + std::string(to_string(error.code)) + ")\n";
  std::fputs(text.c_str(), world.err);
  return exit_status(error.code);
}

void note(World& world, std::string_view text) {
  std::string line = "# " + escape_untrusted(text, Newlines::escape) + "\n";
  std::fputs(line.c_str(), world.err);
}

double jitter(World& world) { return static_cast<double>(world.random() >> 11) * 0x1p-53; }

int run(World& world, std::vector<std::string> arguments) {
  CLI::App app("Fairlead: typed, gated, recorded access to Kubernetes clusters for AI agents and the people who answer for them", "fairlead");
  app.set_version_flag("--version", "fairlead " FAIRLEAD_VERSION);
  app.set_help_flag("-h,--help", "This help");
  app.require_subcommand(0, 1);
  app.footer(
      "Examples:\n"
      "  fairlead sandbox --kubeconfig sandbox.yaml          a cluster to try things on\n"
      "  fairlead call list_pods -A                          problems first\n"
      "  fairlead call get_pod_logs web-0 -n shop --tail 20\n"
      "  fairlead call scale_deployment web -n shop --replicas 5 --allow write\n"
      "  fairlead mcp                                        for an MCP client, over stdio\n"
      "'fairlead COMMAND --help' tells more about each.");
  Action action;
  add_call(app, world, arguments, action);
  add_ops(app, world, action);
  add_mcp(app, world, action);
  add_sandbox(app, world, action);
  add_with_kubeconfig(app, world, action);
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), world.out);
    return 0;
  } catch (const CLI::CallForVersion&) {
    std::fputs(("fairlead " FAIRLEAD_VERSION "\n"), world.out);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::string text = "error: " + escape_untrusted(error.what(), Newlines::escape) + ". 'fairlead --help' shows how it is used.\n";
    std::fputs(text.c_str(), world.err);
    return 2;
  }
  if (!action) {
    std::fputs(app.help().c_str(), world.err);
    return 2;
  }
  return action();
}

}  // namespace fairlead::cli
