// Inside cli/ only: what a gate decides by and keeps its books in, in the data directory.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/data_directory.h"
#include "gate/gate.h"
#include "gate/instance.h"

namespace fairlead::cli {

// --data, --policy
struct BooksOption {
  DataOption data;
  std::string policy;  // a file; empty: FAIRLEAD_POLICY, else policy.yaml of the data directory where there is one

  void add_to(CLI::App& app, const std::string& data_flags = "--data,--data-dir");
};

// The file that the policy stands in, read anew when it has changed. Use on one thread.
class PolicyFile {
 public:
  // The catalog must outlive it.
  static Result<PolicyFile> of(const World& world, const BooksOption& option);
  // invalid_request where it is wrong, or cannot be read though it is there.
  Result<gate::Policy> in_force();

 private:
  explicit PolicyFile(const ops::Catalog& catalog) : catalog_(&catalog) {}
  Result<gate::Policy> read();

  const ops::Catalog* catalog_;
  std::string path_;
  bool is_optional_ = false;  // the built-in one holds where it is not there, and never was
  bool was_there_ = false;
  FileVersion version_;
  std::optional<Result<gate::Policy>> read_;
};

// Nothing is opened before something is written or looked up, so a READ starts as fast as without. What cannot be
// opened refuses changes with its cause; reads go on, and a note on stderr says it once.
class Books {
 public:
  // invalid_request for a policy that is wrong: nothing runs without the policy that was asked for.
  // `server`: the command, where it lives on: "serve", "mcp".
  static Result<std::unique_ptr<Books>> open(World& world, const BooksOption& option, std::string_view server = "");
  // Others know from now on that this process lives, and with which keys; else from its first change on.
  net::awaitable<Result<void>> enter(Deadline deadline);
  gate::Books gate_books();  // must not outlive it

  store::Database& database() { return *database_; }
  gate::Journal* journal() { return journal_.get(); }
  gate::AuditLog& audit() { return *audit_; }
  const std::string& directory() const { return directory_; }
  const DataOption& data() const { return data_; }
  // What was handed over is written. Call it before the program ends.
  net::awaitable<void> close();

 private:
  explicit Books(PolicyFile policy) : policy_(std::move(policy)) {}
  DataOption data_;
  std::string directory_, instance_;
  bool is_shared_ = false;  // the database, with processes on other machines
  std::shared_ptr<std::atomic<bool>> has_entered_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<const Clock> clock_;
  PolicyFile policy_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<gate::AuditLog> audit_;
  std::unique_ptr<gate::Journal> journal_;
  gate::Journal::Enter enter_;
  std::shared_ptr<std::atomic<bool>> audit_failed_ = std::make_shared<std::atomic<bool>>(false);
  World* world_ = nullptr;
};

// Of processes that share the database, which is on other machines too or not.
gate::Journal::IsAlive is_alive(bool is_shared, const std::string& directory);

// For servers: what processes before this one left behind, once the first clients have been answered, and what calls of
// this one did that were given up. Until it is cancelled.
net::awaitable<void> settle_now_and_then(gate::Gate& gate);

// "alice": the account that runs this program. As a caller it is "cli:alice".
std::string account_name();
std::string by();

}  // namespace fairlead::cli
