// Inside cli/ only: operations that a server has and this program does not know, as of a newer one.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/cli.h"

namespace fairlead::cli {

// An operation as a server describes it (GET /api/v1/operations), which stands for options and help here; only the
// server can run it. Its texts are shown, and hold nothing that a terminal would take for a command.
class ServedOperation {
 public:
  // server_error where it is none that a command line can be made of.
  static Result<std::unique_ptr<ServedOperation>> of(const json::value& described);
  ServedOperation(const ServedOperation&) = delete;
  ServedOperation& operator=(const ServedOperation&) = delete;

  const ops::Operation& operation() const { return operation_; }

 private:
  ServedOperation() = default;
  std::string_view keep(std::string_view text);
  Result<ops::Parameter> parameter_of(std::string_view name, const json::value& schema);

  std::deque<std::string> texts_;  // which the operation refers to
  ops::Operation operation_;
};

// Of the operations of the server that is meant, by --server or FAIRLEAD_SERVER, the one that a word of the command
// line names. Null: no server is meant, it has none of them, or no word could be one, so that it was not asked.
Result<std::unique_ptr<ServedOperation>> served_operation(World& world, const std::vector<std::string>& arguments);

}  // namespace fairlead::cli
