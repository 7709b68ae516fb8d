#include "redact/shapes.h"

#include <algorithm>
#include <array>

namespace fairlead::redact {
namespace {

// What a well-known credential begins with, and how long it is at least. Strict ones hold upper case and digits, since
// names of objects begin alike.
struct Shape {
  std::string_view prefix;
  std::size_t least;
  bool strict = false;
};
// H4sI: gzip in base64; Helm's releases are twice so.
constexpr std::array<Shape, 38> kShapes{
    {{"AKIA", 20, true},  {"ASIA", 20, true}, {"AIza", 35},      {"AGE-SECRET-KEY-", 30},
     {"SG.", 40, true},   {"dop_v1_", 30},    {"ghp_", 30},      {"gho_", 30},
     {"ghs_", 30},        {"ghu_", 30},       {"ghr_", 30},      {"github_pat_", 30},
     {"glpat-", 20},      {"glrt-", 20},      {"dckr_pat_", 20}, {"dckr_oat_", 20},
     {"hf_", 30, true},   {"hvs.", 20},       {"hvb.", 20},      {"npm_", 30},
     {"pypi-", 40, true}, {"rk_live_", 20},   {"sk-", 30, true}, {"sk_live_", 20},
     {"sk_test_", 20},    {"shpat_", 30},     {"xoxa-", 20},     {"xoxb-", 20},
     {"xoxp-", 20},       {"xoxs-", 20},      {"xapp-", 20},     {"ya29.", 20},
     {"whsec_", 20},      {"H4sI", 60},       {"SDRzSU", 60},    {"sha256~", 40},
     {"k8s-aws-v1.", 40}, {"eyJ", 41}}};
constexpr std::string_view kFirsts = "ASdghknprsxyweLH";
// Base64 of "-----BEGIN ", as kubeconfigs and Secrets hold keys; what follows for certificates and public keys.
constexpr std::string_view kPemBase64 = "LS0tLS1CRUdJTi";

}  // namespace

std::size_t token_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_token(text[at])) ++at;
  return at;
}

namespace {

bool begins_another(std::string_view text) {
  return text.starts_with("eyJ") || text.starts_with("H4sI") || text.starts_with(kPemBase64);
}

// Where a long token ends that may be wrapped: lines as wide as its first one, and a last one that is not wider.
std::size_t wrapped_end(std::string_view text, std::size_t at) {
  constexpr std::size_t narrowest = 40, widest = 512;
  std::size_t begin = at;
  while (begin > 0 && text[begin - 1] != '\n' && at - begin < widest) --begin;
  std::size_t end = token_end(text, at);
  const std::size_t width = end - begin;
  if (width < narrowest || width > widest) return end;
  while (end < text.size() && text[end] == '\n') {
    std::size_t first = end + 1;
    while (first < text.size() && (text[first] == ' ' || text[first] == '\t')) ++first;
    const std::size_t next = token_end(text, first);
    const bool whole = next == text.size() || text[next] == '\n';
    if (next == first || !whole || next - end - 1 > width || begins_another(text.substr(first))) break;
    const bool full = next - end - 1 == width;
    end = next;
    if (!full) break;
  }
  return end;
}

}  // namespace

std::size_t ShapedCredentials::end_of(std::size_t at) {
  const std::string_view rest = text_.substr(at);
  if (rest.empty() || kFirsts.find(rest.front()) == std::string_view::npos) return at;
  if (rest.starts_with(kPemBase64)) {
    const std::string_view title = rest.substr(kPemBase64.size(), 6);
    return title == "BDRVJU" || title == "BQVUJM" ? at : wrapped_end(text_, at);
  }
  for (const auto& shape : kShapes) {
    if (!rest.starts_with(shape.prefix)) continue;
    if (shape.prefix == "eyJ") return end_of_web_token(at);
    std::size_t size = shape.prefix.size();
    bool upper = false, digit = false;
    for (; size < rest.size() && size < 64 && is_token(rest[size]); ++size) {
      upper = upper || is_upper(rest[size]);
      digit = digit || is_digit(rest[size]);
    }
    const bool packed = shape.prefix == "H4sI" || shape.prefix == "SDRzSU";
    if (size >= shape.least && (!shape.strict || (upper && digit)))
      return packed ? wrapped_end(text_, at) : token_end(text_, at);
  }
  return at;
}

// A JSON web token: three parts or more, the first two are JSON objects in base64.
std::size_t ShapedCredentials::end_of_web_token(std::size_t at) {
  if (at < no_web_token_before_) return at;
  const std::size_t end = wrapped_end(text_, at);
  const std::string_view token = text_.substr(at, end - at);
  if (token.size() > 40 && std::count(token.begin(), token.end(), '.') >= 2) return end;
  no_web_token_before_ = end;  // what begins later in this run has fewer dots
  return at;
}

bool is_bootstrap_token(std::string_view word) {
  if (word.size() != 23 || word[6] != '.') return false;
  auto fits = [](char c) { return is_lower(c) || is_digit(c); };
  const std::string_view secret = word.substr(7);
  return std::all_of(word.begin(), word.begin() + 6, fits) && std::all_of(secret.begin(), secret.end(), fits) &&
         std::count_if(secret.begin(), secret.end(), is_digit) >= 3 &&
         std::count_if(secret.begin(), secret.end(), is_lower) >= 3;
}

bool is_azure_token(std::string_view word) {
  if (word.size() == 84) return word.find("AZDO") != std::string_view::npos;
  if (word.size() != 52 || std::none_of(word.begin(), word.end(), is_digit)) return false;
  return std::any_of(word.begin(), word.end(), is_lower) &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_lower(c) || (c >= '2' && c <= '7'); });
}

}  // namespace fairlead::redact
