#include "sandbox/sandbox.h"

#include "cli/listen.h"
#include "cli/options.h"
#include "sandbox/scenario.h"

namespace fairlead::cli {
namespace {

struct SandboxFlags {
  int nodes = 3, pods = 25;
  std::uint64_t seed = 1;
  double speed = 1;
  std::string listen = "127.0.0.1:0";
  std::string kubeconfig;
  std::string scenario;
};

// "list" for --scenario.
int list_scenarios(World& world) {
  for (std::string_view name : sandbox::scenario_names()) {
    auto scenario = sandbox::find_scenario(name);
    if (!scenario) return report(world, scenario.error());
    std::fprintf(world.out, "%-20s %s\n", scenario->name.c_str(), scenario->title.c_str());
  }
  return 0;
}

int serve(World& world, const SandboxFlags& flags) {
  if (flags.scenario == "list") return list_scenarios(world);
  sandbox::SandboxOptions options{
      .nodes = flags.nodes, .pods = flags.pods, .seed = flags.seed, .scenario = flags.scenario, .speed = flags.speed};
  auto address = parse_listen(flags.listen);
  if (!address) return report(world, address.error());
  options.address = address->host;
  options.port = address->port;
  net::Loop loop;
  bool interrupted = false;
  loop.on_interrupt([&](int) {
    interrupted = true;
    loop.stop();
  });
  auto started = sandbox::Sandbox::start(loop.executor(), options, *world.clock);
  if (!started) return report(world, started.error());
  auto& cluster = *started;
  // Written by the loop: by then it answers.
  int status = 0;
  loop.post([&] {
    if (!flags.kubeconfig.empty()) {
      if (auto written = cluster->write_kubeconfig(flags.kubeconfig); !written) {
        status = report(world, written.error());
        loop.stop();
        return;
      }
    }
    if (!flags.scenario.empty()) {
      if (auto scenario = sandbox::find_scenario(flags.scenario)) note(world, scenario->story);
    }
    note(world, "the sandbox answers at " + cluster->url() + "; end it with Ctrl-C");
    if (flags.kubeconfig.empty())
      note(world, "give --kubeconfig FILE to get a kubeconfig for it");
    else
      note(world, "try: fairlead call list_pods -A --kubeconfig " + flags.kubeconfig);
  });
  auto hold = loop.hold();
  loop.run();
  return interrupted ? 0 : status;
}

}  // namespace

void add_sandbox(CLI::App& app, World& world, Action& action) {
  auto* command = app.add_subcommand("sandbox", "A Kubernetes API in memory, to try things on");
  auto flags = std::make_shared<SandboxFlags>();
  command->add_option("--nodes", flags->nodes, "How many nodes")->check(CLI::Range(1, 5000))->capture_default_str();
  command->add_option("--pods", flags->pods, "How many pods")->check(CLI::Range(0, 200000))->capture_default_str();
  command->add_option("--seed", flags->seed, "Another seed, another cluster")->capture_default_str();
  command->add_option("--speed", flags->speed, "Sandbox seconds a real second; 0 stands still")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  command->add_option("--listen", flags->listen, "HOST:PORT; port 0 takes one that is free")->capture_default_str();
  command->add_option("--scenario", flags->scenario, "An incident to practise on; 'list' shows them");
  command->add_option("--kubeconfig", flags->kubeconfig, "Write a kubeconfig here once it answers");
  command->footer(
      "Examples:\n  fairlead sandbox --kubeconfig sandbox.yaml\n  fairlead sandbox --scenario bad-release --kubeconfig "
      "sandbox.yaml\n  fairlead sandbox --pods 10000 --nodes 200 --kubeconfig big.yaml");
  command->callback([&world, &action, flags] { action = [&world, flags] { return serve(world, *flags); }; });
}

}  // namespace fairlead::cli
