#include "identity/oidc_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/environment.h"
#include "base/text.h"
#include "base/yaml.h"
#include "kube/proxy_environment.h"
#include "net/tls.h"

namespace fairlead::identity {
namespace {

constexpr std::string_view kStep = "read the OIDC configuration";
constexpr std::size_t kLongestUrl = 2000, kLongestText = 256, kMostRules = 500, kMostAudiences = 20,
                      kLongestPrefix = 40;
constexpr std::int64_t kMostSkew = 300, kLeastKept = 10, kMostKept = 60 * 60, kMostOutage = 7 * 24 * 60 * 60;

tl::unexpected<Error> wrong(std::string cause, std::string remedy = "docs/serve.md shows a whole file") {
  return fail(ErrorCode::invalid_request, std::string(kStep), std::move(cause), std::move(remedy));
}

Result<void> check_keys(const json::object& object, std::initializer_list<std::string_view> known,
                        std::string_view where) {
  for (const auto& [key, value] : object)
    if (std::find(known.begin(), known.end(), std::string_view(key)) == known.end())
      return wrong(fmt::format("'{}' means nothing {}", plain_word(key), where),
                   fmt::format("There may be {}", fmt::join(known, ", ")));
  return {};
}

// The text, or the list of texts, at the key: none of them empty.
Result<std::vector<std::string>> texts_at(const json::object& object, std::string_view key, std::string_view where) {
  const json::value* value = object.if_contains(key);
  if (!value) return wrong(fmt::format("'{}' is missing {}", key, where));
  const json::array one{*value};
  const json::array& all = value->is_array() ? value->get_array() : one;
  std::vector<std::string> out;
  for (const auto& text : all) {
    if (!text.is_string() || text.get_string().empty() || text.get_string().size() > kLongestText)
      return wrong(fmt::format("'{}' {} is no text, and no list of texts", key, where),
                   "Put what looks like a number into quotes");
    out.emplace_back(text.get_string());
  }
  if (out.empty()) return wrong(fmt::format("'{}' {} is empty", key, where));
  return out;
}

Result<std::string> text_at_key(const json::object& object, std::string_view key, std::string_view where) {
  auto texts = texts_at(object, key, where);
  if (!texts) return fail(std::move(texts.error()));
  if (texts->size() != 1 || object.at(key).is_array()) return wrong(fmt::format("'{}' {} is no text", key, where));
  return std::move(texts->front());
}

// The number at the key, where there is one.
Result<void> read_seconds(const json::object& object, std::string_view key, std::int64_t least, std::int64_t most,
                          std::int64_t& to) {
  const json::value* value = object.if_contains(key);
  if (!value) return {};
  if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most)
    return wrong(fmt::format("'{}' is no number from {} to {}", key, least, most));
  to = value->get_int64();
  return {};
}

Result<OidcRule> rule_of(const json::value& value, std::size_t number) {
  const std::string where = fmt::format("in rule {} of 'roles'", number);
  if (!value.is_object()) return wrong(fmt::format("rule {} of 'roles' is no mapping", number));
  const json::object& object = value.get_object();
  if (auto known = check_keys(object, {"claim", "value", "roles"}, where); !known)
    return fail(std::move(known.error()));
  auto claim = texts_at(object, "claim", where);
  if (!claim) return fail(std::move(claim.error()));
  auto wanted = text_at_key(object, "value", where);
  if (!wanted) return fail(std::move(wanted.error()));
  auto roles = texts_at(object, "roles", where);
  if (!roles) return fail(std::move(roles.error()));
  OidcRule out{std::move(*claim), std::move(*wanted), {}};
  for (const auto& text : *roles) {
    auto binding = gate::parse_binding(text);
    if (!binding)
      return wrong(fmt::format("a role {} is wrong: {}", where, binding.error().cause), binding.error().remedy);
    out.bindings.push_back(std::move(*binding));
  }
  return out;
}

Result<std::string> authorities(const std::string& path, const std::string& directory) {
  auto pem = read_file(std::filesystem::path(directory) / path, "read the 'ca' of the OIDC configuration", 1 << 20);
  if (!pem) return fail(std::move(pem.error()));
  net::ClientTls tls;
  tls.ca_pem = *pem;
  tls.server_name = "issuer.example";
  if (pem->empty() || !net::TlsContext::for_client(tls))
    return wrong("'ca' names a file without certificates that can be read", "It has to be PEM");
  return pem;
}

}  // namespace

bool is_plain_name(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<net::Url> check_provider_url(std::string_view text, std::string_view what, bool plain) {
  if (text.size() > kLongestUrl) return wrong(fmt::format("{} is too long", what));
  auto url = net::parse_url(text, kStep);
  const std::string remedy = "Such as https://login.example.com/realms/main";
  if (!url) return wrong(fmt::format("{} is wrong: {}", what, url.error().cause), remedy);
  const auto is_of_host = [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == ':';
  };
  if (!std::all_of(url->host.begin(), url->host.end(), is_of_host))
    return wrong(fmt::format("{} is wrong: its host holds what no host's name does", what), remedy);
  if (!text.starts_with("https://") && !(text.starts_with("http://") && plain && kube::is_loopback(url->host)))
    return wrong(fmt::format("{} does not begin with https://", what), remedy);
  if (!url->user_info.empty() || text.find('#') != std::string_view::npos)
    return wrong(fmt::format("{} holds a user name, or a part behind '#'", what), remedy);
  return url;
}

Result<OidcConfig> parse_oidc_config(std::string_view text, const std::string& directory) {
  YamlLimits limits;
  limits.bytes = 1 << 20;
  limits.documents = false;
  auto value = parse_yaml(text, kStep, limits);
  if (!value) return fail(std::move(value.error()));
  if (!value->is_object()) return wrong("it is no mapping");
  const json::object& object = value->get_object();
  if (auto known = check_keys(object,
                              {"issuer", "audience", "ca", "name", "prefix", "skew_seconds", "keys_seconds",
                               "keys_outage_seconds", "roles"},
                              "in it");
      !known)
    return fail(std::move(known.error()));
  OidcConfig out;
  // A URL may be longer than other texts.
  const json::value* issuer = object.if_contains("issuer");
  if (!issuer || !issuer->is_string()) return wrong("'issuer' is missing, or no text");
  out.issuer = issuer->get_string();
  auto url = check_provider_url(out.issuer, "'issuer'", true);
  if (!url) return fail(std::move(url.error()));
  if (out.issuer.find('?') != std::string::npos) return wrong("'issuer' has a part behind '?', which no issuer has");
  auto audiences = texts_at(object, "audience", "in it");
  if (!audiences) return fail(std::move(audiences.error()));
  if (audiences->size() > kMostAudiences) return wrong(fmt::format("'audience' has more than {}", kMostAudiences));
  out.audiences = std::move(*audiences);
  if (object.contains("name")) {
    auto name = text_at_key(object, "name", "in it");
    if (!name) return fail(std::move(name.error()));
    out.name_claim = std::move(*name);
  }
  if (object.contains("prefix")) {
    auto prefix = text_at_key(object, "prefix", "in it");
    if (!prefix) return fail(std::move(prefix.error()));
    if (!is_plain_name(*prefix, kLongestPrefix))
      return wrong(fmt::format("'prefix' is wrong: visible ASCII without blanks, at most {}", kLongestPrefix));
    out.prefix = std::move(*prefix);
  }
  auto read = read_seconds(object, "skew_seconds", 0, kMostSkew, out.skew);
  if (read) read = read_seconds(object, "keys_seconds", kLeastKept, kMostKept, out.keys_seconds);
  if (read) read = read_seconds(object, "keys_outage_seconds", 0, kMostOutage, out.keys_outage_seconds);
  if (!read) return fail(std::move(read.error()));
  const json::value* rules = object.if_contains("roles");
  if (!rules || !rules->is_array() || rules->get_array().empty())
    return wrong("'roles' is missing, or no list: nobody would be let in");
  if (rules->get_array().size() > kMostRules) return wrong(fmt::format("'roles' has more than {} rules", kMostRules));
  for (const auto& one : rules->get_array()) {
    auto rule = rule_of(one, out.rules.size() + 1);
    if (!rule) return fail(std::move(rule.error()));
    out.rules.push_back(std::move(*rule));
  }
  if (object.contains("ca")) {
    auto path = text_at_key(object, "ca", "in it");
    if (!path) return fail(std::move(path.error()));
    auto pem = authorities(*path, directory);
    if (!pem) return fail(std::move(pem.error()));
    out.ca_pem = std::move(*pem);
    out.ca_file = (std::filesystem::path(directory) / *path).string();
  }
  return out;
}

Result<OidcConfig> read_oidc_config(const std::string& path) {
  auto text = read_file(path, kStep, 1 << 20);
  if (!text) return fail(std::move(text.error()));
  auto config = parse_oidc_config(*text, std::filesystem::path(path).parent_path().string());
  if (config) config->file = path;
  return config;
}

}  // namespace fairlead::identity
