// Inside cli/ only: the registry of the data directory, and how its clusters are reached from here.
#pragma once

#include <functional>

#include "cli/data_directory.h"
#include "fleet/registered_clusters.h"

namespace fairlead::cli {

// --kubeconfigs DIR, else FAIRLEAD_KUBECONFIGS: below which mounted kubeconfigs lie. Their exec plugins run only with
// --exec-plugins.
struct FleetOption {
  std::string kubeconfigs;
  bool exec_plugins = false, link_local = false;
  void add_to(CLI::App& app);
  fleet::LiveOptions live(World& world) const;
};

// The master key is asked for where something is sealed or opened. The database must outlive it.
fleet::Registry make_registry(World& world, const DataOption& data, const std::string& directory,
                              store::Database& database);

// Each runs `body` to its end and answers the exit status.
int with_database(World& world, const DataOption& data,
                  std::function<net::awaitable<Result<int>>(const std::string& directory, store::Database&)> body);
int with_registry(World& world, const DataOption& data,
                  std::function<net::awaitable<Result<int>>(fleet::Registry&)> body);

}  // namespace fairlead::cli
