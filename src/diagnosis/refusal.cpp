#include "diagnosis/refusal.h"

#include <map>

#include "base/text.h"

namespace fairlead::diagnosis {
namespace {

using Why = Refusal::Why;

// What stands behind the first of `mark`, or nothing.
std::string_view behind(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  return at == text.npos ? std::string_view() : text.substr(at + mark.size());
}
std::string up_to(std::string_view text, std::string_view end) { return std::string(text.substr(0, text.find(end))); }

// "cpu=200m,pods=1"
std::map<std::string, std::string> amounts(std::string_view text) {
  std::map<std::string, std::string> out;
  for (const auto part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == part.npos) continue;
    out[std::string(trim(part.substr(0, equals)))] = std::string(trim(part.substr(equals + 1)));
  }
  return out;
}

Refusal read_quota(std::string_view rest) {
  Refusal out{Why::quota_exceeded, up_to(rest, ","), std::string(rest)};
  const auto asked = amounts(up_to(behind(rest, "requested: "), ", used: ")),
             used = amounts(up_to(behind(rest, ", used: "), ", limited: ")),
             hard = amounts(behind(rest, ", limited: "));
  const auto of = [](const auto& from, const std::string& key) {
    auto found = from.find(key);
    return found == from.end() ? std::string() : found->second;
  };
  for (const auto& [resource, amount] : asked)
    out.amounts.push_back({resource, amount, of(used, resource), of(hard, resource)});
  return out;
}

struct Pattern {
  std::string_view mark, end;
  Why why;
};
// Those that name something up to `end`.
constexpr Pattern kNamed[]{
    {"serviceaccount \"", "\" not found", Why::service_account},
    {"no PriorityClass with name ", " was found", Why::priority_class},
    {"RuntimeClass \"", "\" not found", Why::runtime_class},
    {"runtimeclass.node.k8s.io \"", "\" not found", Why::runtime_class},
};

bool is_limit(std::string_view text) {
  for (std::string_view mark : {"maximum ", "minimum ", "max limit to request ratio"})
    if (text.find(mark) != text.npos && text.find(" is ") != text.npos) return true;
  return false;
}

}  // namespace

Refusal read_refusal(std::string_view message) {
  if (auto rest = behind(message, "exceeded quota: "); !rest.empty()) return read_quota(rest);
  if (auto rest = behind(message, "failed quota: "); !rest.empty())
    return {Why::quota_wants_resources, up_to(rest, ":"), std::string(behind(rest, "must specify "))};
  if (auto rest = behind(message, "admission webhook \""); !rest.empty())
    if (auto said = behind(rest, "denied the request"); !said.empty() || rest.ends_with("denied the request")) {
      while (said.starts_with(":") || said.starts_with(" ")) said.remove_prefix(1);
      return {Why::webhook_denied, up_to(rest, "\""), std::string(said)};
    }
  if (auto rest = behind(message, "failed calling webhook \""); !rest.empty()) {
    std::string_view detail = behind(rest, "\": ");
    return {Why::webhook_unreachable, up_to(rest, "\""), std::string(detail)};
  }
  if (auto rest = behind(message, "violates PodSecurity \""); !rest.empty())
    return {Why::pod_security, up_to(rest, "\""), std::string(behind(rest, "\": "))};
  if (auto rest = behind(message, "unable to validate against any pod security policy: "); !rest.empty())
    return {Why::security_policy, "", std::string(rest)};
  if (auto rest = behind(message, "PodSecurityPolicy: unable to admit pod: "); !rest.empty())
    return {Why::security_policy, "", std::string(rest)};
  if (auto rest = behind(message, "ValidatingAdmissionPolicy '"); !rest.empty())
    return {Why::policy_denied, up_to(rest, "'"), std::string(behind(rest, "denied request: "))};
  for (const auto& pattern : kNamed)
    if (auto rest = behind(message, pattern.mark); !rest.empty() && rest.find(pattern.end) != rest.npos)
      return {pattern.why, up_to(rest, pattern.end), std::string(message)};
  if (message.find("because it is being terminated") != message.npos)
    return {Why::namespace_terminating, "", std::string(message)};
  if (auto rest = behind(message, " is forbidden: "); !rest.empty())
    return {is_limit(rest) ? Why::limit_range : Why::forbidden, "", std::string(rest)};
  if (auto rest = behind(message, "\" is invalid: "); !rest.empty()) return {Why::invalid, "", std::string(rest)};
  return {Why::other, "", std::string(message)};
}

}  // namespace fairlead::diagnosis
