// The registered clusters in the database. Credentials go in and are never shown: each is sealed in an envelope
// (vault/envelope.h), bound to its cluster and version, and only who connects to the cluster opens it.
// Use on one executor; calls may overlap, also with other processes on the same database.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/cluster_row.h"
#include "store/database.h"
#include "vault/vault.h"

namespace fairlead::fleet {

using net::awaitable;

class Registry {
 public:
  // Both others must outlive this.
  Registry(store::Database& database, std::shared_ptr<vault::Vault> vault, const Clock& clock);

  // Whoever does these (`by`: "cli:alice", "api:nora") is recorded in the audit log in the same transaction, with the
  // names of the fields that were given.
  //
  // Errors of fields: invalid_request. conflict where the id is taken.
  awaitable<Result<ClusterRow>> add(json::object fields, std::string by, Deadline deadline);
  // `if_etag`: conflict where the row has another one by now (ClusterRow::etag). not_found where there is none.
  awaitable<Result<ClusterRow>> change(std::string id, json::object fields, std::optional<std::string> if_etag,
                                       std::string by, Deadline deadline);
  // conflict while it is in use: by changes that wait or are carried out, or by agents.
  awaitable<Result<void>> remove(std::string id, std::optional<std::string> if_etag, std::string by, Deadline deadline);

  awaitable<Result<ClusterRow>> read(std::string id, Deadline deadline);
  // In the order of their ids, those after `after`; at most `limit`. Those that are damaged say so
  // (ClusterRow::damaged); read() and change() refuse them, and remove() does not.
  awaitable<Result<std::vector<ClusterRow>>> list(std::string after, std::size_t limit, Deadline deadline);

  // What a test of this row's connection said. Not kept where its connection has changed meanwhile (false).
  awaitable<Result<bool>> keep_test(ClusterRow tested, LastTest test, Deadline deadline);

  // The kubeconfig or token of a row that has one sealed.
  awaitable<Result<Secret>> credential(ClusterRow row, Deadline deadline);
  // Whether what is sealed can be opened with the key that this process has; where nothing is, too. server_error with
  // the cause. Nothing is changed.
  awaitable<Result<void>> check_key(Deadline deadline);
  // Seals the data keys of credentials with the master key of today where another one has sealed them; what is in the
  // envelopes stays as it is.
  awaitable<Result<vault::Resealed>> reseal(Deadline deadline);

 private:
  store::Database& database_;
  std::shared_ptr<vault::Vault> vault_;
  const Clock& clock_;
};

}  // namespace fairlead::fleet
