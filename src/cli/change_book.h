// Inside cli/ only: changes as their commands use them: of the data directory, or of a Fairlead that serves. What is
// told of them are the documents of gate/change_document.h.
#pragma once

#include "cli/books.h"
#include "cli/fleet.h"
#include "cli/remote.h"
#include "cli/remote_answer.h"

namespace fairlead::cli {

struct ChangesOptions {
  ServerOption server;
  BooksOption books;
  FleetOption fleet;
  ConnectionOptions connection;
  GrantOption grant;
  std::string output = "table", state, who, operation, reason;
  std::int64_t id = 0;
  int limit = 50;
  bool force = false, dry_run = false;
  double timeout = 60;
};

// Each member is about the change that the options name.
class ChangeBook {
 public:
  virtual ~ChangeBook() = default;
  virtual net::awaitable<Result<json::array>> list() = 0;
  // `settle`: where the clusters can be asked, what processes have left in the middle is looked at first.
  virtual net::awaitable<Result<json::object>> read(bool settle) = 0;
  // `who` and `typed`: the person at the terminal, and what they have typed.
  virtual net::awaitable<Result<void>> decide(bool approve, std::string who, std::string typed) = 0;
  virtual net::awaitable<Result<void>> close() = 0;
  virtual net::awaitable<Result<CallAnswer>> roll_back() = 0;
};

// Runs `body` to its end and answers the exit status.
int with_changes(World& world, const ChangesOptions& options,
                 std::function<net::awaitable<Result<int>>(ChangeBook&)> body);

}  // namespace fairlead::cli
