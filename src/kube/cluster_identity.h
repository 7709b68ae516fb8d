// Which cluster a client talks to, whatever a kubeconfig calls it: what is approved for one must not be done to another
// that goes by the same name.
#pragma once

#include "kube/client.h"

namespace fairlead::kube {

struct ClusterIdentity {
  std::string place;  // SHA-256 of the server's address and of how it is verified
  std::string uid;    // of its namespace kube-system, which lives as long as the cluster; empty: it may not be read

  // Of two that may have been seen with other rights, or after the server's address or authority was renewed.
  bool is(const ClusterIdentity& other) const {
    return uid.empty() || other.uid.empty() ? place == other.place : uid == other.uid;
  }
  bool operator==(const ClusterIdentity&) const = default;
};

// Asks the server once for each client, as long as it answers. What it refuses leaves the uid empty; errors are those
// of the connection.
awaitable<Result<ClusterIdentity>> identify(Client& client, Deadline deadline);

}  // namespace fairlead::kube
