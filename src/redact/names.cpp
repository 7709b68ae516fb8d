#include <algorithm>
#include <array>

#include "base/text.h"
#include "redact/redact.h"
#include "redact/shapes.h"

namespace fairlead::redact {
namespace {

constexpr std::size_t kNameBytes = 128;

// "DB_PASS" of "DB_PASS_2".
std::string_view without_number(std::string_view name) {
  while (!name.empty() && (is_digit(name.back()) || name.back() == '_' || name.back() == '-')) name.remove_suffix(1);
  return name;
}

// Lower case without separators and a number at its end: "API_KEY", "apiKey" and "api-key-2" are one. Of a long name
// its end.
std::string normalized(std::string_view name) {
  if (name.size() > kNameBytes) name.remove_prefix(name.size() - kNameBytes);
  std::string out;
  name = without_number(name);
  for (char c : name) {
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c + 32);
    else if ((c >= 'a' && c <= 'z') || is_digit(c))
      out += c;
  }
  return out;
}

template <std::size_t N>
bool ends_with_any(std::string_view text, const std::array<std::string_view, N>& tails) {
  return std::any_of(tails.begin(), tails.end(), [&](std::string_view tail) { return text.ends_with(tail); });
}

// A name that only says where a secret lies or what it is like: tokenFile, SECRET_NAME, password_path.
constexpr std::array<std::string_view, 42> kAbout{
    "file",      "files",    "path",   "name",    "names",   "namespace", "dir",     "directory", "url",
    "uri",       "endpoint", "host",   "port",    "ttl",     "timeout",   "expiry",  "expires",   "expiration",
    "seconds",   "length",   "size",   "count",   "enabled", "disabled",  "limit",   "ref",       "refs",
    "type",      "mode",     "policy", "version", "class",   "provider",  "manager", "store",     "controller",
    "algorithm", "audience", "issuer", "bucket",  "usage",   "stdin"};

constexpr std::array<std::string_view, 56> kWords{"password",
                                                  "bindpw",
                                                  "rootpw",
                                                  "passwort",
                                                  "kennwort",
                                                  "motdepasse",
                                                  "contrasena",
                                                  "passwd",
                                                  "passphrase",
                                                  "passcode",
                                                  "secret",
                                                  "token",
                                                  "apikey",
                                                  "accesskey",
                                                  "privatekey",
                                                  "privkey",
                                                  "credential",
                                                  "authorization",
                                                  "encryptionkey",
                                                  "signingkey",
                                                  "masterkey",
                                                  "clientkey",
                                                  "sessionkey",
                                                  "accountkey",
                                                  "sharedkey",
                                                  "storagekey",
                                                  "connectionstring",
                                                  "licensekey",
                                                  "hmackey",
                                                  "sshkey",
                                                  "tlskey",
                                                  "authkey",
                                                  "servicekey",
                                                  "deploykey",
                                                  "cookie",
                                                  "xamzsignature",
                                                  "xgoogsignature",
                                                  "appkey",
                                                  "jwtkey",
                                                  "stripekey",
                                                  "openaikey",
                                                  "aeskey",
                                                  "rsakey",
                                                  "gpgkey",
                                                  "cipherkey",
                                                  "cryptkey",
                                                  "dockerconfigjson",
                                                  "dockercfg",
                                                  "dockerauth",
                                                  "basicauth",
                                                  "smtpauth",
                                                  "httpauth",
                                                  "registryauth",
                                                  "redisauth",
                                                  "kubeconfigcontents",
                                                  "htpasswd"};

// Keys that are no secrets.
constexpr std::array<std::string_view, 37> kPlainKeys{
    "publickey", "pubkey",         "partitionkey", "sortkey",       "routingkey",     "primarykey", "foreignkey",
    "cachekey",  "topologykey",    "labelkey",     "annotationkey", "lookupkey",      "indexkey",   "groupkey",
    "objectkey", "rowkey",         "hashkey",      "rangekey",      "mapkey",         "orderkey",   "messagekey",
    "recordkey", "uniquekey",      "shardkey",     "hotkey",        "idempotencykey", "dedupkey",   "tagkey",
    "metrickey", "translationkey", "configkey",    "bindingkey",    "monkey",         "turkey",     "whiskey",
    "donkey",    "hockey"};

// Directories inside containers that a value beginning with them is taken for a path of.
constexpr std::array<std::string_view, 17> kDirectories{
    "/etc/", "/var/",  "/run/",   "/mnt/",   "/secrets/", "/opt/",  "/home/", "/usr/", "/tmp/",
    "/srv/", "/root/", "/vault/", "/certs/", "/config/",  "/proc/", "/dev/",  "/app/"};

constexpr std::array<std::string_view, 8> kPasswords{"password", "passwords", "passwd", "pass",
                                                     "pwd",      "pw",        "secret", "passphrase"};

}  // namespace

bool names_a_credential(std::string_view name) {
  const std::string plain = normalized(name);
  if (plain.empty() || name == "PWD" || plain == "oldpwd") return false;
  if (plain == "sig" || plain == "bearer" || plain == "jwt" || plain == "psk" || plain.ends_with("pwd") ||
      plain.ends_with("dsn") || plain == "pw")
    return true;
  if (plain.ends_with("pw") && (name.ends_with("_PW") || name.ends_with("_pw") || name.ends_with("-pw") ||
                                name.ends_with(".pw") || name.ends_with("Pw")))
    return true;
  if (plain.ends_with("pass"))
    return !ends_with_any(plain,
                          std::array<std::string_view, 5>{"bypass", "compass", "surpass", "trespass", "proxypass"});
  if (ends_with_any(plain, kAbout)) return false;
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    std::size_t at = plain.find(word);
    if (at == std::string::npos) return false;
    std::string_view rest = std::string_view(plain).substr(at + word.size());
    if (word == "token") return !rest.starts_with("iz");   // tokenizer
    if (word == "secret") return !rest.starts_with("ar");  // secretary
    if (word == "password" || word == "passwd") return !rest.starts_with("less");
    return true;
  });
}

bool may_name_a_credential(std::string_view name) {
  if (names_a_credential(name)) return true;
  const std::string plain = normalized(name);
  if (ends_with_any(plain, kAbout)) return false;
  std::string_view one = plain;
  if (one == "key" || one == "keys") return false;
  for (std::string_view head : {"PASS_", "PWD_"})
    if (name.starts_with(head)) return true;
  for (std::string_view tail : {"_PAT", "_PIN", "_PK", "_pat", "-pat"})
    if (without_number(name).ends_with(tail)) return true;
  if (ends_with_any(one, std::array<std::string_view, 7>{"psk", "mnemonic", "seedphrase", "otpseed", "otpsecret",
                                                         "recoverycode", "backupcode"}) ||
      one == "jwtsigning")
    return true;
  if (one.ends_with("keys")) one.remove_suffix(1);
  if (one.ends_with("key")) return !ends_with_any(one, kPlainKeys);
  return ends_with_any(plain, std::array<std::string_view, 6>{"auth", "creds", "cred", "salt", "pw", "authconfig"});
}

bool belies_its_name(std::string_view name, std::string_view value) {
  constexpr std::size_t shortest = 8;
  if (value.size() < shortest || value.find_first_of(" ./:,") != std::string_view::npos) return false;
  if (std::none_of(value.begin(), value.end(), is_upper) || std::none_of(value.begin(), value.end(), is_lower) ||
      std::none_of(value.begin(), value.end(), is_digit))
    return false;
  const std::string plain = normalized(name);
  return std::any_of(kAbout.begin(), kAbout.end(), [&](std::string_view tail) {
    return plain.ends_with(tail) && names_a_credential(std::string_view(plain).substr(0, plain.size() - tail.size()));
  });
}

bool is_of_web_key(std::string_view member) {
  for (std::string_view secret : {"d", "k", "p", "q", "dp", "dq", "qi"})
    if (member == secret) return true;
  return false;
}

bool names_credentials(std::string_view name) {
  const std::string plain = normalized(name);
  if (!names_a_credential(name)) return false;
  std::string_view one = plain;
  if (one.ends_with('s') && !one.ends_with("pass")) one.remove_suffix(1);
  return ends_with_any(one, kWords) || ends_with_any(plain, kPasswords) ||
         ends_with_any(one, std::array<std::string_view, 3>{"secretkey", "secretgenerator", "tokenkey"});
}

bool says_about_a_credential(std::string_view member) {
  static constexpr auto beside = std::to_array<std::string_view>(
      {"kind",     "apiversion", "group",  "apigroup", "optional", "format", "encoding",    "description",
       "user",     "username",   "login",  "email",    "realm",    "scheme", "source",      "domain",
       "samesite", "site",       "region", "status",   "state",    "reason", "message",     "phase",
       "title",    "audiences",  "label",  "labels",   "method",   "role",   "annotations", "resourceversion",
       "id",       "required"});
  const std::string plain = normalized(member);
  return ends_with_any(plain, kAbout) || std::find(beside.begin(), beside.end(), plain) != beside.end();
}

bool is_name_of_pair(std::string_view member) {
  for (std::string_view name : {"name", "key", "header", "id"})
    if (equal_ignoring_case(member, name)) return true;
  return false;
}

bool is_value_of_pair(std::string_view member) {
  for (std::string_view name : {"value", "values", "val", "default", "stringvalue", "string_value"})
    if (equal_ignoring_case(member, name)) return true;
  return false;
}

bool is_encoded_pair(std::string_view value) {
  constexpr std::size_t most = 8192;
  if (value.size() < 4 || value.size() > most) return false;
  const auto plain = base64_decode(value);
  return plain && plain->find(':') != std::string::npos &&
         std::all_of(plain->begin(), plain->end(), [](char c) { return c >= ' ' && c < 0x7F; });
}

bool is_harmless_value(std::string_view name, std::string_view value) {
  for (std::string_view word :
       {"", "true", "false", "null", "nil", "none", "<nil>", "<none>", "undefined", "yes", "no", "{{"})
    if (equal_ignoring_case(value, word)) return true;
  const bool digits = std::all_of(value.begin(), value.end(), is_digit);
  if (digits) {
    const std::string plain = normalized(name);
    return plain.ends_with('s') && !plain.ends_with("pass");
  }
  // A path, as they are inside containers: lower case, and more than one part.
  auto in_path = [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '/' || c == '.' || c == '-' || c == '_';
  };
  if (value.front() == '/' && value.find('/', 1) != std::string_view::npos &&
      std::all_of(value.begin(), value.end(), in_path))
    return !ends_with_any(normalized(name), kPasswords) ||
           std::any_of(kDirectories.begin(), kDirectories.end(),
                       [&](std::string_view directory) { return value.starts_with(directory); });
  // $(NAME), ${NAME}, {{ template }}
  std::string_view inner;
  if ((value.starts_with("$(") && value.ends_with(')')) || (value.starts_with("${") && value.ends_with('}')))
    inner = value.substr(2, value.size() - 3);
  auto in_reference = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
  };
  if (!inner.empty()) return std::all_of(inner.begin(), inner.end(), in_reference);
  return value.size() > 4 && value.starts_with("{{") && value.ends_with("}}");
}

}  // namespace fairlead::redact
