// Kubeconfigs that agents are given: one an agent, sealed in the database. They go in and are never shown; the one way
// out is environment(), for what starts the agent. Nothing is sent to the clusters that they lead to, which may well
// not be reached from here. Use on one executor; calls may overlap, also with other processes on the same database.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "fleet/cluster_row.h"
#include "store/database.h"
#include "vault/vault.h"

namespace fairlead::fleet {

using net::awaitable;

// What a kubeconfig that is as it should be is reported with.
inline constexpr std::string_view kStoredMessage =
    "Kubeconfig stored — cluster connectivity not verified from control plane.";
// An environment variable, with its name, holds no more (Linux' MAX_ARG_STRLEN is 128 KiB).
inline constexpr std::size_t kMostKubeconfig = 120 << 10;

struct Integration {
  std::string agent;                                   // gate::is_caller_name()
  std::string context;                                 // pinned; empty: the kubeconfig's current one
  LastTest validation;                                 // the latest one of its structure
  std::int64_t created_milliseconds = 0, updated = 0;  // unix time; updated in seconds
  std::int64_t version = 1;                            // one more with each change of the row, validations included
  std::int64_t credential_version = 1;

  // "1764543238123-4": of this version of the row alone.
  std::string etag() const;
};
// What PUT takes; `kubeconfig` is secret.
const std::vector<ops::Parameter>& integration_parameters();
// As shown: nothing of the kubeconfig.
json::object shown(const Integration& row);

// What the runtime of an agent is started with.
struct AgentEnvironment {
  Secret contents;      // KUBECONFIG_CONTENTS
  std::string context;  // KUBECONFIG_CONTEXT; empty: it is not set
  // Names and values of the variables that are to be set; others of these names are to be taken away.
  std::vector<std::pair<std::string_view, Secret>> variables() const;
};

class Integrations {
 public:
  // Both others must outlive this.
  Integrations(store::Database& database, std::shared_ptr<vault::Vault> vault, const Clock& clock);

  // Whoever does these (`by`: "cli:alice", "api:nora") is recorded in the audit log in the same transaction.
  //
  // Makes the agent's integration, or puts another in its place: with `fields` that hold no kubeconfig the one that is
  // kept stays. `if_etag`: conflict where the row is another one by now, or none. Errors of fields and of the
  // kubeconfig: invalid_request, policy_denied (fleet/connect.h). The answer says whether it was made.
  struct Put {
    Integration row;
    bool is_new = false;
  };
  awaitable<Result<Put>> put(std::string agent, json::object fields, bool allow_link_local,
                             std::optional<std::string> if_etag, std::string by, Deadline deadline);
  awaitable<Result<void>> remove(std::string agent, std::optional<std::string> if_etag, std::string by,
                                 Deadline deadline);
  // Looks at the kubeconfig once more, and keeps what came of it. server_error where it cannot be opened, and nothing
  // is kept then.
  awaitable<Result<Integration>> test(std::string agent, bool allow_link_local, std::string by, Deadline deadline);
  // Gives the kubeconfig out, to whoever starts the agent. It is not given where that cannot be recorded. not_found
  // where the agent has none.
  awaitable<Result<AgentEnvironment>> environment(std::string agent, std::string by, Deadline deadline);

  awaitable<Result<Integration>> read(std::string agent, Deadline deadline);
  // In the order of the agents' names, those after `after`; at most `limit`.
  awaitable<Result<std::vector<Integration>>> list(std::string after, std::size_t limit, Deadline deadline);

  // Seals the data keys with the master key of today where another one has sealed them.
  awaitable<Result<vault::Resealed>> reseal(Deadline deadline);

 private:
  store::Database& database_;
  std::shared_ptr<vault::Vault> vault_;
  const Clock& clock_;
};

}  // namespace fairlead::fleet
