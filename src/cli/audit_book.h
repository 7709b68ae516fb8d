// Inside cli/ only: the audit log as its commands use it: of the data directory, or of a Fairlead that serves.
#pragma once

#include "cli/data_directory.h"
#include "cli/remote.h"
#include "gate/audit.h"

namespace fairlead::cli {

// As gate::AuditLog.
class AuditBook {
 public:
  virtual ~AuditBook() = default;
  virtual net::awaitable<Result<std::vector<json::object>>> read(gate::AuditLog::Filter filter, std::size_t limit) = 0;
  virtual net::awaitable<Result<void>> export_lines(std::function<bool(std::string_view line)> line) = 0;
  virtual net::awaitable<Result<void>> verify(gate::AuditVerifier& verifier) = 0;
  virtual net::awaitable<Result<gate::AuditHead>> head() = 0;
};

// Runs `body` to its end and answers the exit status.
int with_audit(World& world, const ServerOption& server, const DataOption& data,
               std::function<net::awaitable<Result<int>>(AuditBook&)> body);

}  // namespace fairlead::cli
