// fairlead agents: the operations about agents, by shorter words.
#include "cli/agents.h"

#include <algorithm>
#include <array>

namespace fairlead::cli {
namespace {

struct Word {
  std::string_view word, operation, meaning;
};
constexpr std::array<Word, 12> kWords{{
    {"deploy", "deploy_agent", "run one on a registered cluster"},
    {"list", "list_agents", "those that there are"},
    {"show", "get_agent", "one: what is wanted, what its cluster shows of it, its revisions"},
    {"check", "check_agent", "whether one answers as its family's checks want it"},
    {"start", "start_agent", "one that was stopped"},
    {"stop", "stop_agent", "no replicas, and no pods left; its state stays"},
    {"restart", "restart_agent", "its pods are replaced"},
    {"redeploy", "redeploy_agent", "as a new revision, in the place of what is there; its state stays"},
    {"rollback", "rollback_agent", "to an earlier revision, as a new one"},
    {"compare", "compare_agent_revisions", "what differs between two revisions"},
    {"repair", "repair_agent", "sets back what differs from the newest revision"},
    {"delete", "delete_agent", "all its objects, but its state volume"},
}};

}  // namespace

void AgentsOption::add_to(CLI::App& app) {
  app.add_option("--runtimes", runtimes,
                 "Directory of further families of agent runtimes, *.yaml (else FAIRLEAD_RUNTIMES)")
      ->check(CLI::Validator(refuse_value, "DIR"));
  app.add_option("--backend-url", backend_url,
                 "Where agents reach their control plane, for those that ask (else FAIRLEAD_BACKEND_URL)")
      ->check(CLI::Validator(refuse_value, "URL"));
}

Result<runtimes::KeeperOptions> AgentsOption::read(const World& world) const {
  const std::string directory = runtimes.empty() ? world.environment("FAIRLEAD_RUNTIMES").value_or("") : runtimes;
  auto profiles = directory.empty() ? runtimes::Profiles::built_in() : runtimes::load_profiles(directory);
  if (!profiles) return fail(std::move(profiles.error()));
  return runtimes::KeeperOptions{
      std::move(*profiles), backend_url.empty() ? world.environment("FAIRLEAD_BACKEND_URL").value_or("") : backend_url,
      world.random};
}

Result<std::unique_ptr<runtimes::AgentKeeper>> make_keeper(const World& world, Books& books, fleet::Registry& registry,
                                                           const AgentsOption& option) {
  auto options = option.read(world);
  if (!options) return fail(std::move(options.error()));
  return std::make_unique<runtimes::AgentKeeper>(books.database(), *books.journal(), registry, std::move(*options));
}

std::vector<std::string> as_call(std::vector<std::string> arguments) {
  if (arguments.size() < 2 || arguments[0] != "agents") return arguments;
  const auto found =
      std::find_if(kWords.begin(), kWords.end(), [&](const Word& one) { return one.word == arguments[1]; });
  if (found == kWords.end()) return arguments;
  arguments[0] = "call";
  arguments[1] = found->operation;
  return arguments;
}

// For its help alone: what its words do is others' affair (as_call).
void add_agents(CLI::App& app) {
  auto* command = app.add_subcommand("agents", "Deploy agents to registered clusters, and look after them");
  for (const auto& one : kWords) command->add_subcommand(std::string(one.word), std::string(one.meaning));
  command->require_subcommand(1);
  command->footer(
      "Each is an operation, with its options: 'fairlead agents deploy --help'.\n"
      "Examples:\n"
      "  fairlead agents deploy helper --runtime openclaw --cluster k8s:aks-eastus2 --allow write\n"
      "  fairlead agents show helper\n"
      "  fairlead agents stop helper --allow write");
}

}  // namespace fairlead::cli
