// A registered cluster: a row of the registry, with every field that a person fills in, what the last test of its
// connection said, and how to come by its credentials, which are not in it. Values; thread-safe to read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "fleet/accounts.h"
#include "fleet/impersonation.h"
#include "ops/arguments.h"

namespace fairlead::fleet {

enum class Provider { kind, k3s, aks, gke, eks, kubernetes };
enum class CredentialMode {
  path,        // a kubeconfig below the directory that the server was given for them
  kubeconfig,  // one that was handed over, sealed
  token,       // the API server's URL, a bearer token, sealed, and its certificate authority
  in_cluster,  // the service account of the pod that Fairlead runs in
};
enum class Exposure { cluster_ip, node_port, load_balancer };
std::string_view to_string(Provider provider);
std::string_view to_string(CredentialMode mode);
std::string_view to_string(Exposure exposure);

// What the latest test of its connection said.
struct LastTest {
  bool ok = false;
  std::string message;
  std::int64_t time = 0;  // unix seconds
  std::string of = {};    // which files it was made with (fleet/mounted.h); empty: with none
  bool operator==(const LastTest&) const = default;
};

struct ClusterRow {
  std::string id;  // ^[a-z0-9][a-z0-9-]{1,63}$
  std::string label;
  Provider provider = Provider::kubernetes;
  std::string cluster_name;  // the cloud's or the kubeconfig's own
  bool enabled = true;

  CredentialMode mode = CredentialMode::path;
  std::string path;                   // of CredentialMode::path, as it was given
  std::string context;                // of a kubeconfig; empty: its current one
  std::string server;                 // of CredentialMode::token
  std::string certificate_authority;  // of CredentialMode::token: PEM; empty: the system's

  // As whom the cluster sees a call: one of both, or neither, which is as the stored identity.
  Impersonation impersonation;
  Accounts accounts;
  bool tells_callers_apart() const { return !impersonation.user.empty() || accounts.are_used(); }

  struct Namespaces {
    std::string fallback, openclaw, hermes;  // the last two empty: the first
  } namespaces;

  struct Exposing {
    Exposure mode = Exposure::cluster_ip;
    std::string runtime_host;                                   // node_port: where node ports are reached
    std::int64_t runtime_node_port = 0, gateway_node_port = 0;  // 0: the cluster chooses
    json::object annotations;                                   // of Services
    std::vector<std::string> source_ranges;                     // CIDRs
    std::string load_balancer_class;
    std::int64_t load_balancer_timeout_ms = 1'200'000;
  } exposure;

  std::optional<LastTest> last_test;  // none since its credentials, server, context or namespaces were changed
  std::string damaged;  // why it cannot be read: nothing is known of it then but its id, its times and its versions
  std::int64_t created = 0, updated = 0;
  std::int64_t version = 1;             // one more with each change of the row, tests included
  std::int64_t connection_version = 1;  // one more whenever it may lead elsewhere, or as somebody else; what was tested
  std::int64_t credential_version = 0;  // of what is sealed; 0: nothing is

  // Another one whenever anything that is shown of it is another.
  std::string etag() const;
  // "k8s:aks-eastus2": what agents are deployed to.
  std::string target() const { return "k8s:" + id; }
  // Why it is no target for deploys now, each reason a sentence; empty: it is one.
  std::vector<std::string> unavailable() const;
};

// The fields of a row as parameters: what REST, its OpenAPI document and `fairlead clusters add` take. `kubeconfig` and
// `token` are secret: no row has them.
const std::vector<ops::Parameter>& cluster_parameters();
// The fields that a person fills in, without what is secret, and the row that they make again.
json::object fields_of(const ClusterRow& row);
Result<ClusterRow> row_of(const json::object& fields);
// As shown: every field but what is secret, whether it has credentials, its target and why it is none now.
json::object shown(const ClusterRow& row);

// What is asked to be stored; the versions of the row are those that it will have.
struct ClusterChange {
  ClusterRow row;
  Secret credential;  // a kubeconfig or a token that takes the place of what is sealed; empty: none does
};

// A new row of these fields; those left out are its provider's quick values. Errors: invalid_request, each with the
// field's name.
Result<ClusterChange> new_cluster(const json::object& fields);
// `row` with these fields instead of its own: null takes one back to its default. The id cannot change.
Result<ClusterChange> changed_cluster(const ClusterRow& row, const json::object& fields);

}  // namespace fairlead::fleet
