#include "ops/redact.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace fairlead::ops {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_token(char c) { return is_word(c) || c == '-' || c == '_' || c == '.' || c == '+' || c == '/' || c == '=' || c == '~'; }
bool is_name(char c) { return is_word(c) || c == '_' || c == '-' || c == '.'; }

// Lower case without separators: "API_KEY", "apiKey" and "api-key" are one.
std::string normalized(std::string_view name) {
  std::string out;
  for (char c : name)
    if (is_word(c)) out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

std::size_t token_end(std::string_view text, std::size_t from) {
  while (from < text.size() && is_token(text[from])) ++from;
  return from;
}

// The end of a credential that starts at `at` by its own shape; `at` when there is none.
std::size_t shaped_credential(std::string_view text, std::size_t at) {
  std::string_view rest = text.substr(at);
  bool at_start = at == 0 || !is_token(text[at - 1]) || text[at - 1] == '=' || text[at - 1] == '/';
  if (rest.starts_with("-----BEGIN ") && rest.substr(0, 64).find("PRIVATE KEY") != std::string_view::npos) {
    std::size_t end = rest.find("-----END ");
    if (end == std::string_view::npos) return text.size();
    std::size_t close = rest.find("-----", end + 9);
    return close == std::string_view::npos ? text.size() : at + close + 5;
  }
  if (!at_start) return at;
  // A JSON web token: three parts, the first two are JSON objects in base64.
  if (rest.starts_with("eyJ")) {
    std::size_t end = token_end(text, at);
    std::string_view token = text.substr(at, end - at);
    if (token.size() > 40 && std::count(token.begin(), token.end(), '.') >= 2) return end;
  }
  struct Prefix { std::string_view text; std::size_t least; };
  static constexpr std::array<Prefix, 15> prefixes{{{"AKIA", 20}, {"ASIA", 20}, {"ghp_", 30}, {"gho_", 30}, {"ghs_", 30}, {"ghu_", 30}, {"github_pat_", 30},
      {"glpat-", 20}, {"xoxb-", 20}, {"xoxp-", 20}, {"sk-", 30}, {"sk_live_", 20}, {"AIza", 35}, {"hvs.", 20}, {"npm_", 30}}};
  for (const auto& prefix : prefixes) {
    if (!rest.starts_with(prefix.text)) continue;
    std::size_t end = token_end(text, at);
    if (end - at >= prefix.least) return end;
  }
  return at;
}

// After a name that says credential: the separator and opening quote, or npos.
std::size_t value_start(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '"' || text[at] == '\'' || text[at] == '\\')) ++at;
  std::size_t spaces = at;
  while (spaces < text.size() && text[spaces] == ' ') ++spaces;
  if (spaces >= text.size() || (text[spaces] != '=' && text[spaces] != ':')) return std::string_view::npos;
  at = spaces + 1;
  if (at < text.size() && text[at] == '/') return std::string_view::npos;  // a URL's scheme, a path
  while (at < text.size() && text[at] == ' ') ++at;
  while (at < text.size() && (text[at] == '"' || text[at] == '\'' || text[at] == '\\')) ++at;
  return at;
}

std::size_t value_end(std::string_view text, std::size_t at) {
  char quote = at > 0 && (text[at - 1] == '"' || text[at - 1] == '\'') ? text[at - 1] : '\0';
  while (at < text.size() && text[at] != '\n') {
    char c = text[at];
    if (quote ? c == quote : (c == ' ' || c == ',' || c == ';' || c == '&' || c == '"' || c == '\'' || c == '}' || c == ')' || c == ']')) break;
    ++at;
  }
  while (quote && at > 0 && text[at - 1] == '\\') --at;
  return at;
}

bool case_insensitive_at(std::string_view text, std::size_t at, std::string_view word) {
  return text.size() - at >= word.size() && equal_ignoring_case(text.substr(at, word.size()), word);
}

void redact_strings(json::value& value);

void redact_environment(json::value& container) {
  if (!container.is_object()) return;
  json::object& object = container.get_object();
  if (auto* env = object.if_contains("env"); env && env->is_array()) {
    for (auto& variable : env->get_array()) {
      if (!variable.is_object()) continue;
      auto* text = variable.get_object().if_contains("value");
      if (text && text->is_string() && names_a_credential(text_at(variable, {"name"})) && !text->get_string().empty()) *text = kRedacted;
    }
  }
  // "--password", "x": the value follows as an argument of its own.
  for (auto key : {"command", "args"}) {
    auto* list = object.if_contains(key);
    if (!list || !list->is_array()) continue;
    bool next = false;
    for (auto& word : list->get_array()) {
      if (!word.is_string()) continue;
      std::string_view text(word.get_string().data(), word.get_string().size());
      bool flag = text.starts_with('-') && text.find('=') == std::string_view::npos && names_a_credential(text);
      if (next && !text.starts_with('-')) word = kRedacted;
      next = flag;
    }
  }
}

void redact_containers(json::value& value) {
  if (value.is_array()) {
    for (auto& item : value.get_array()) redact_containers(item);
  } else if (value.is_object()) {
    for (auto& entry : value.get_object()) {
      bool containers = entry.key() == "containers" || entry.key() == "initContainers" || entry.key() == "ephemeralContainers";
      if (containers && entry.value().is_array())
        for (auto& container : entry.value().get_array()) redact_environment(container);
      redact_containers(entry.value());
    }
  }
}

void redact_strings(json::value& value) {
  if (value.is_string()) {
    std::string_view text(value.get_string().data(), value.get_string().size());
    if (text.size() >= 8) value = redact_text(text);
  } else if (value.is_array()) {
    for (auto& item : value.get_array()) redact_strings(item);
  } else if (value.is_object()) {
    for (auto& entry : value.get_object()) redact_strings(entry.value());
  }
}

}  // namespace

bool names_a_credential(std::string_view name) {
  static constexpr std::array<std::string_view, 17> words{"password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey",
      "credential", "authorization", "encryptionkey", "signingkey", "masterkey", "connectionstring", "clientkey", "secretkey", "sessionkey"};
  std::string plain = normalized(name);
  if (plain == "pwd" || plain == "pass" || plain.ends_with("dbpass") || plain.ends_with("pgpass")) return plain != "pwd" || name != "PWD";
  // A name that only says where a secret lies is none: tokenFile, SECRET_NAME, password_path.
  for (std::string_view tail : {"file", "path", "name", "dir", "url", "ttl", "timeout", "expiry", "length", "count", "enabled", "limit"})
    if (plain.ends_with(tail)) return false;
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return plain.find(word) != std::string::npos; });
}

std::string redact_text(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  auto replace = [&](std::size_t from, std::size_t to) {
    out.append(text.substr(copied, from - copied));
    out.append(kRedacted);
    copied = to;
  };
  std::size_t at = 0;
  while (at < text.size()) {
    if (std::size_t end = shaped_credential(text, at); end > at) {
      replace(at, end);
      at = end;
      continue;
    }
    // user:password@ of a URL
    if (text.substr(at).starts_with("://")) {
      std::size_t start = at + 3;
      std::size_t stop = text.find_first_of(" /?#\"'\n\t<>", start);
      if (stop == std::string_view::npos) stop = text.size();
      std::string_view authority = text.substr(start, stop - start);
      std::size_t sign = authority.rfind('@');
      std::size_t colon = authority.find(':');
      if (sign != std::string_view::npos && colon != std::string_view::npos && colon < sign) {
        replace(start + colon + 1, start + sign);
        at = start + sign;
        continue;
      }
      at = start;
      continue;
    }
    bool word_start = is_name(text[at]) && (at == 0 || !is_name(text[at - 1]));
    if (!word_start) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_name(text[end])) ++end;
    std::string_view name = text.substr(at, end - at);
    if ((case_insensitive_at(text, at, "bearer") && name.size() == 6) || (case_insensitive_at(text, at, "basic") && name.size() == 5)) {
      std::size_t start = end;
      while (start < text.size() && text[start] == ' ') ++start;
      std::size_t stop = token_end(text, start);
      if (start > end && stop - start >= 16) {
        replace(start, stop);
        at = stop;
        continue;
      }
    }
    if (name.size() <= 128 && names_a_credential(name)) {
      std::size_t start = value_start(text, end);
      std::size_t stop = start == std::string_view::npos ? start : value_end(text, start);
      if (start != std::string_view::npos && stop > start) {
        // "Authorization: Bearer xyz" has the credential in its second word.
        std::string_view value = text.substr(start, stop - start);
        if (equal_ignoring_case(value, "bearer") || equal_ignoring_case(value, "basic")) {
          std::size_t second = stop;
          while (second < text.size() && text[second] == ' ') ++second;
          start = second;
          stop = value_end(text, second);
        }
        if (stop > start) {
          replace(start, stop);
          at = stop;
          continue;
        }
      }
    }
    // Inside the name a shaped token may begin ("key-eyJ…"): go on after the first character.
    std::size_t next = at + 1;
    while (next < end && shaped_credential(text, next) == next) ++next;
    at = next;
  }
  out.append(text.substr(copied));
  return out;
}

void redact_object(json::value& object) {
  if (!object.is_object()) return;
  json::object& top = object.get_object();
  if (auto* meta = top.if_contains("metadata"); meta && meta->is_object()) {
    meta->get_object().erase("managedFields");
    if (auto* annotations = meta->get_object().if_contains("annotations"); annotations && annotations->is_object()) {
      annotations->get_object().erase("kubectl.kubernetes.io/last-applied-configuration");
      for (auto& entry : annotations->get_object())
        if (names_a_credential(entry.key()) && entry.value().is_string()) entry.value() = kRedacted;
    }
  }
  if (text_at(object, {"kind"}) == "Secret") {
    for (auto key : {"data", "stringData"})
      if (auto* data = top.if_contains(key); data && data->is_object())
        for (auto& entry : data->get_object()) entry.value() = kRedacted;
  }
  redact_containers(object);
  redact_strings(object);
}

}  // namespace fairlead::ops
