#include "cli/fleet.h"

#include "redact/redact.h"

namespace fairlead::cli {

void FleetOption::add_to(CLI::App& app) {
  app.add_option("--kubeconfigs", kubeconfigs,
                 "Directory below which mounted kubeconfigs of registered clusters lie (else FAIRLEAD_KUBECONFIGS)")
      ->check(CLI::Validator(refuse_value, "DIR"));
  app.add_flag("--exec-plugins", exec_plugins, "Run the exec plugins that mounted kubeconfigs name");
  app.add_flag("--allow-link-local", link_local,
               "Connect to servers at link-local addresses too, where clouds hand out credentials");
}

fleet::LiveOptions FleetOption::live(World& world) const {
  fleet::LiveOptions out;
  out.connect.kubeconfigs = kubeconfigs.empty() ? world.environment("FAIRLEAD_KUBECONFIGS").value_or("") : kubeconfigs;
  out.connect.allow_exec = exec_plugins;
  out.connect.allow_link_local = link_local;
  out.connect.surroundings.environment = world.environment;
  out.connect.surroundings.clock = world.clock;
  out.user_agent = "fairlead/" FAIRLEAD_VERSION;
  out.jitter = [&world] { return jitter(world); };
  out.warn = [&world](const std::string& warning) { note(world, "warning: " + redact::text(warning)); };
  return out;
}

fleet::Registry make_registry(World& world, const DataOption& data, const std::string& directory,
                              store::Database& database) {
  return fleet::Registry(database, make_vault(world, data, directory), *world.clock);
}

int with_database(World& world, const DataOption& data,
                  std::function<net::awaitable<Result<int>>(const std::string& directory, store::Database&)> body) {
  auto directory = data.directory(world);
  if (!directory) return report(world, directory.error());
  auto database = open_database(world, data);
  if (!database) return report(world, database.error());
  Result<int> status = 1;
  net::run_until_done([&](net::Executor) -> net::awaitable<void> { status = co_await body(*directory, **database); });
  return status ? *status : report(world, status.error());
}

int with_registry(World& world, const DataOption& data,
                  std::function<net::awaitable<Result<int>>(fleet::Registry&)> body) {
  auto run = [&](const std::string& directory, store::Database& database) -> net::awaitable<Result<int>> {
    fleet::Registry registry = make_registry(world, data, directory, database);
    co_return co_await body(registry);
  };
  return with_database(world, data, run);
}

}  // namespace fairlead::cli
