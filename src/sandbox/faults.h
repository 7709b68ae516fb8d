// Faults that are asked for: rules that delay requests, refuse them, or break their answers, so that a client's
// behaviour on a bad day can be seen and tested. Deterministic: what a rule does follows from the order of the requests
// alone. Not thread-safe: one loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

struct FaultRule {
  std::string name;
  // Which requests: all that are given must fit.
  std::vector<std::string> methods;  // GET, PATCH, …; empty: any
  std::string path = "*";     // '*' stands for any text, so does it within the path; of the path without the query
  std::optional<bool> watch;  // only watches, or only what is none
  std::string user_agent;     // a part of it
  // How often.
  std::int64_t percent = 100;  // of the requests that fit, evenly spread
  std::int64_t skip = 0;       // the first ones that fit pass
  std::int64_t times = -1;     // then so many are hit; -1: without end
  // What happens: a delay first, then at most one of the others.
  std::int64_t delay_ms = 0;
  int status = 0;  // answered with a Status of this code
  std::string message;
  int retry_after = 0;           // seconds, in the header and the Status
  bool drop = false;             // the connection is closed before an answer
  std::int64_t tear_after = -1;  // the connection is closed after so many bytes of the answer's body
};

struct FaultEffect {
  std::int64_t delay_ms = 0;
  std::optional<StatusError> error;
  int retry_after = 0;
  bool drop = false;
  std::int64_t tear_after = -1;
};

class Faults {
 public:
  // A rule as JSON: {"name":…, "match":{"methods":[…],"path":…,"watch":…,"userAgent":…}, "percent":…, "skip":…,
  // "times":…, "delayMs":…, "status":…, "message":…, "retryAfter":…, "drop":…, "tearAfter":…}. The error is a sentence.
  static tl::expected<FaultRule, std::string> read(const json::value& value);
  static json::object show(const FaultRule& rule);

  // Replaces a rule of the same name. At most 100 rules.
  bool set(FaultRule rule);
  bool remove(std::string_view name);  // false: there is none
  void clear() { rules_.clear(); }
  json::array show() const;

  // What happens to a request; of several rules that hit, delays add up and the first other effect counts.
  FaultEffect hit(std::string_view method, std::string_view path, bool watch, std::string_view user_agent);

 private:
  struct Held {
    FaultRule rule;
    std::int64_t seen = 0, hits = 0;
  };
  std::vector<Held> rules_;
};

// '*' stands for any text; time is linear in the product of both lengths.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace fairlead::sandbox
