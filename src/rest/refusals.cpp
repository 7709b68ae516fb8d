#include "rest/refusals.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/address.h"

namespace fairlead::rest {
namespace {

std::string plain_method(const std::string& method) {
  constexpr std::array<std::string_view, 7> known{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::find(known.begin(), known.end(), method) == known.end() ? "other" : method;
}

}  // namespace

std::optional<gate::AuditRecord> Refusals::note(const Refusal& refusal, std::int64_t milliseconds) {
  const bool is_denied = refusal.code == ErrorCode::policy_denied;
  const std::string method = plain_method(refusal.method);
  std::string address = net::address_block(refusal.address);
  const std::string what = std::string(to_string(refusal.code)) + "\n" + refusal.who + "\n";
  std::string kind = what + address;
  if (is_denied) kind += "\n" + method + "\n" + std::string(refusal.route);
  if (!seen_.contains(kind) && seen_.size() >= kMostKinds) {
    address = "others";
    kind = what + address;
  }
  auto [found, is_first] = seen_.try_emplace(kind);
  Seen& seen = found->second;
  if (!is_first) {
    ++seen.count;
    return std::nullopt;
  }
  gate::AuditRecord record;
  record.time = milliseconds;
  record.who = refusal.who;
  record.operation = "request";
  record.arguments = json::object{{"address", address}};
  record.outcome = to_string(refusal.code);
  if (is_denied) {
    record.decision = "deny";
    record.rule = "roles";
  }
  seen.since = milliseconds;
  seen.record = record;
  record.arguments["method"] = method;
  record.arguments["route"] = refusal.route;
  if (is_denied && address != "others") seen.record.arguments = record.arguments;
  return record;
}

std::vector<gate::AuditRecord> Refusals::take(std::int64_t milliseconds, bool all) {
  std::vector<gate::AuditRecord> out;
  for (auto one = seen_.begin(); one != seen_.end();) {
    Seen& seen = one->second;
    const bool has_ended = milliseconds - seen.since >= kSpan || milliseconds < seen.since;  // or the clock was set
    if (!has_ended && !all) {
      ++one;
      continue;
    }
    if (seen.count > 0) {
      gate::AuditRecord record = std::move(seen.record);
      record.time = milliseconds;
      record.arguments["count"] = seen.count;
      record.arguments["since"] = format_rfc3339(seen.since / 1000);
      out.push_back(std::move(record));
    }
    one = seen_.erase(one);
  }
  return out;
}

}  // namespace fairlead::rest
