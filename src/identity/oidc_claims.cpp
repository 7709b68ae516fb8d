#include "identity/oidc_claims.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace fairlead::identity {
namespace {

constexpr std::size_t kLongestSubject = 255, kLongestName = 200;
constexpr std::int64_t kLastTime = 253'402'300'799;  // 9999-12-31T23:59:59Z

// A NumericDate (RFC 7519, 2), fractions dropped.
std::optional<std::int64_t> time_of(const json::value& value) {
  if (value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= kLastTime) return value.get_int64();
  if (value.is_double() && value.get_double() >= 0 && value.get_double() <= static_cast<double>(kLastTime))
    return static_cast<std::int64_t>(value.get_double());
  return std::nullopt;
}

bool is_for_us(const json::object& claims, const OidcConfig& config) {
  const json::value* audience = claims.if_contains("aud");
  if (!audience) return false;
  const json::array one{*audience};
  const json::array& all = audience->is_array() ? audience->get_array() : one;
  bool found = false;
  for (const auto& name : all) {
    if (!name.is_string()) return false;
    const auto& ours = config.audiences;
    found = found || std::find(ours.begin(), ours.end(), std::string_view(name.get_string())) != ours.end();
  }
  return found;
}

const json::value* at(const json::object& claims, const std::vector<std::string>& path) {
  const json::object* here = &claims;
  for (std::size_t i = 0; here && i < path.size(); ++i) {
    const json::value* next = here->if_contains(path[i]);
    if (!next || i + 1 == path.size()) return next;
    here = next->if_object();
  }
  return nullptr;
}

bool has_value(const json::object& claims, const OidcRule& rule) {
  const json::value* claim = at(claims, rule.claim);
  if (!claim) return false;
  if (const json::string* text = claim->if_string()) {
    if (rule.claim.size() != 1 || rule.claim[0] != "scope") return *text == std::string_view(rule.value);
    const auto words = split(*text, ' ');  // RFC 8693, 4.2
    return std::find(words.begin(), words.end(), rule.value) != words.end();
  }
  if (!claim->is_array()) return false;
  const auto& all = claim->get_array();
  return std::any_of(all.begin(), all.end(), [&](const json::value& one) {
    return one.is_string() && std::string_view(one.get_string()) == rule.value;
  });
}

std::optional<std::string> text_at_key(const json::object& claims, std::string_view key) {
  const json::value* value = claims.if_contains(key);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

}  // namespace

bool is_of_issuer(const json::object& claims, const OidcConfig& config) {
  return text_at_key(claims, "iss") == config.issuer;
}

tl::expected<Claimed, Unfit> check_claims(const json::object& claims, const OidcConfig& config, std::int64_t now) {
  const auto unfit = [](std::string_view why) { return tl::unexpected<Unfit>({why}); };
  if (!is_of_issuer(claims, config)) return unfit("it is of another issuer");
  if (!is_for_us(claims, config)) return unfit("it was made for another audience");
  const json::value* expires = claims.if_contains("exp");
  const auto end = expires ? time_of(*expires) : std::nullopt;
  if (!end) return unfit("it does not say when it expires");
  Claimed out;
  out.expires = *end + config.skew;
  if (now >= out.expires) return unfit("it has expired");
  for (const std::string_view begins : {"nbf", "iat"}) {
    const json::value* value = claims.if_contains(begins);
    if (!value) continue;
    const auto begin = time_of(*value);
    if (!begin || now + config.skew < *begin) return unfit("it is not good yet");
  }
  if (claims.contains("cnf")) return unfit("it is bound to a key (cnf), which is not asked for here");
  auto subject = text_at_key(claims, "sub");
  const auto is_visible = [](char c) { return c >= ' ' && c <= '~'; };
  if (!subject || subject->empty() || subject->size() > kLongestSubject ||
      !std::all_of(subject->begin(), subject->end(), is_visible))
    return unfit("it has no subject, or one that is not plain");
  auto name = text_at_key(claims, config.name_claim);
  if (!name || !is_plain_name(*name, kLongestName))
    return unfit("the claim with its name is missing, or not plain: visible ASCII without blanks, 200 at most");
  // Whoever signs up may often say any address.
  const json::value* verified = claims.if_contains("email_verified");
  const bool is_verified = verified && verified->is_bool() && verified->get_bool();
  if (config.name_claim == "email" && !is_verified) return unfit("its email is not verified (email_verified)");
  for (const auto& rule : config.rules) {
    const bool by_email = rule.claim.size() == 1 && rule.claim.front() == "email";
    if (!has_value(claims, rule) || (by_email && !is_verified)) continue;
    for (const auto& binding : rule.bindings)
      if (std::find(out.bindings.begin(), out.bindings.end(), binding) == out.bindings.end())
        out.bindings.push_back(binding);
  }
  if (out.bindings.empty()) return unfit("none of its claims brings a role");
  out.subject = std::move(*subject);
  out.name = config.prefix + *name;
  return out;
}

}  // namespace fairlead::identity
