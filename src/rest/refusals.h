// Requests that were refused before the gate saw them, as records of the audit log, and not more of them than the log
// can bear: of each kind the first within a minute at once, and those that follow as one record with their number when
// the minute has ended. A kind is the sender's address (net::address_block) with what was wrong; of a caller who is
// known also who it is, and what was asked for. Bounded memory. Use on one executor.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/audit.h"

namespace fairlead::rest {

struct Refusal {
  std::string who;         // empty: nobody knows
  std::string address;     // IP
  std::string method;      // as it came
  std::string_view route;  // its pattern; never a path that somebody has made up
  ErrorCode code = ErrorCode::authentication_failed;
};

class Refusals {
 public:
  static constexpr std::int64_t kSpan = 60'000;   // milliseconds
  static constexpr std::size_t kMostKinds = 100;  // within kSpan; beyond them what was wrong and who tell kinds apart
  // What is to be recorded now; nothing: it is counted.
  std::optional<gate::AuditRecord> note(const Refusal& refusal, std::int64_t milliseconds);
  // Of kinds whose minute has ended, what was counted; with `all` of the others as well.
  std::vector<gate::AuditRecord> take(std::int64_t milliseconds, bool all = false);

 private:
  struct Seen {
    std::int64_t since = 0;
    gate::AuditRecord record;  // of the next one
    std::int64_t count = 0;    // beyond the first
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace fairlead::rest
