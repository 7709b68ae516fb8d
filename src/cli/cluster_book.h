// Inside cli/ only: the registry of clusters as its commands use it: of the data directory, or of a Fairlead that
// serves. Rows are the documents of fleet::shown().
#pragma once

#include "cli/fleet.h"
#include "cli/remote.h"

namespace fairlead::cli {

class ClusterBook {
 public:
  virtual ~ClusterBook() = default;
  virtual net::awaitable<Result<json::array>> list() = 0;
  virtual net::awaitable<Result<json::object>> read(std::string id) = 0;
  virtual net::awaitable<Result<json::object>> add(json::object fields) = 0;
  virtual net::awaitable<Result<json::object>> change(std::string id, json::object fields) = 0;
  virtual net::awaitable<Result<void>> remove(std::string id) = 0;
  // The document of fleet::to_json(), with "kept": whether it is the row's latest test now.
  virtual net::awaitable<Result<json::object>> test(std::string id, double timeout) = 0;
};

// Runs `body` to its end and answers the exit status.
int with_clusters(World& world, const ServerOption& server, const DataOption& data, const FleetOption& fleet,
                  std::function<net::awaitable<Result<int>>(ClusterBook&)> body);

}  // namespace fairlead::cli
