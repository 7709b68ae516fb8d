#include "gate/audit_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"

namespace fairlead::gate {

json::value sorted(const json::value& value) {
  if (const auto* array = value.if_array()) {
    json::array out;
    out.reserve(array->size());
    for (const auto& item : *array) out.push_back(sorted(item));
    return out;
  }
  const auto* object = value.if_object();
  if (!object) return value;
  std::vector<const json::key_value_pair*> members;
  for (const auto& member : *object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return std::string_view(a->key()) < std::string_view(b->key()); });
  json::object out;
  out.reserve(members.size());
  for (const auto* member : members) out.emplace(member->key(), sorted(member->value()));
  return out;
}

std::string audit_time(std::int64_t unix_milliseconds) {
  std::string text = format_rfc3339(unix_milliseconds / 1000);
  text.pop_back();
  return fmt::format("{}.{:03}Z", text, unix_milliseconds % 1000);
}

std::string audit_text(std::int64_t sequence, const AuditRecord& record) {
  return compact(sorted(json::object{
      {"arguments", record.arguments},
      {"change", record.change},
      {"cluster", record.cluster},
      {"decision", record.decision},
      {"milliseconds", record.milliseconds},
      {"operation", record.operation},
      {"outcome", record.outcome},
      {"rule", record.rule},
      {"seq", sequence},
      {"time", audit_time(record.time)},
      {"trust", record.trust},
      {"who", record.who},
  }));
}

std::string audit_hash(std::string_view before, std::string_view text) {
  std::string bytes;
  bytes.reserve(before.size() + 1 + text.size());
  bytes.append(before).append("\n").append(text);
  return sha256_hex(bytes);
}

std::string with_member(std::string_view name, std::string_view value, std::string_view text) {
  return fmt::format("{{\"{}\":\"{}\",{}", name, value, text.empty() ? text : text.substr(1));
}

std::optional<Parted> part_member(std::string_view name, std::size_t size, std::string_view line) {
  const std::string begin = fmt::format("{{\"{}\":\"", name);
  if (!line.starts_with(begin) || !line.ends_with('}') || line.substr(begin.size()).size() < size) return std::nullopt;
  const auto value = line.substr(begin.size(), size);
  const auto rest = line.substr(begin.size() + size);
  if (!rest.starts_with("\",")) return std::nullopt;
  return Parted{value, "{" + std::string(rest.substr(2))};
}

}  // namespace fairlead::gate
