// One user entry of a kubeconfig: which of its credentials count, and what they are. Part of resolve() in connection.h.
#pragma once

#include "kube/connection.h"

namespace fairlead::kube {

// A PEM that a kubeconfig gives by path or inline ("<field>" and "<field>-data").
struct MaterialSource {
  std::string field;
  std::string path;
  std::string_view data;  // base64; wins over the path
  std::string directory;  // relative paths start here
};
// What resolving a kubeconfig leaves behind beside its results.
struct Findings {
  std::vector<std::string>& warnings;
  std::vector<SeenFile>& files;
};

// Empty when neither is given. Refuses what is not base64, not readable, larger than 1 MiB, or not PEM.
Result<Secret> load_material(const MaterialSource& source, const Policy& policy, const std::string& step,
                             Findings& found);

struct IdentityRequest {
  const User& user;
  Policy policy;
  const Surroundings& surroundings;
  ExecCluster cluster;
  std::string step;
  std::string user_name;
};

struct Identity {
  std::shared_ptr<Credentials> credentials;
  bool impersonates = false;
  std::string certificate_pem;
  Secret key_pem;
  bool sends_bearer = false;
};

Result<Identity> resolve_identity(IdentityRequest request, Findings& found);

}  // namespace fairlead::kube
