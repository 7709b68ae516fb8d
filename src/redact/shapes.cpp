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
constexpr auto kShapes =
    std::to_array<Shape>({{"AKIA", 20, true}, {"ASIA", 20, true},  {"AIza", 35},        {"AGE-SECRET-KEY-", 30},
                          {"SG.", 40, true},  {"dop_v1_", 30},     {"doo_v1_", 30},     {"dor_v1_", 30},
                          {"ghp_", 30},       {"gho_", 30},        {"ghs_", 30},        {"ghu_", 30},
                          {"ghr_", 30},       {"github_pat_", 30}, {"glpat-", 20},      {"flt_", 40},
                          {"glrt-", 20},      {"gldt-", 20},       {"glcbt-", 20},      {"glsoat-", 20},
                          {"glft-", 20},      {"glptt-", 20},      {"glagent-", 20},    {"dckr_pat_", 20},
                          {"dckr_oat_", 20},  {"hf_", 30, true},   {"hvs.", 20},        {"hvb.", 20},
                          {"hvr.", 20},       {"npm_", 30},        {"pypi-", 40, true}, {"rk_live_", 20},
                          {"rk_test_", 20},   {"sk-", 30, true},   {"sk_live_", 20},    {"sk_test_", 20},
                          {"shpat_", 30},     {"shpss_", 30},      {"shpca_", 30},      {"shppa_", 30},
                          {"xoxa-", 20},      {"xoxb-", 20},       {"xoxp-", 20},       {"xoxs-", 20},
                          {"xoxc-", 20},      {"xoxd-", 20},       {"xoxe.", 20},       {"xapp-", 20},
                          {"ya29.", 20},      {"whsec_", 20},      {"CCIPAT_", 20},     {"bkua_", 20},
                          {"rubygems_", 30},  {"sq0atp-", 20},     {"sq0csp-", 20},     {"xkeysib-", 30},
                          {"pul-", 44},       {"dp.pt.", 30},      {"dp.st.", 30},      {"pscale_tkn_", 20},
                          {"pscale_pw_", 20}, {"sbp_", 30},        {"fo1_", 30},        {"tskey-auth-", 20},
                          {"tskey-api-", 20}, {"lin_api_", 30},    {"glsa_", 30},       {"glc_eyJ", 30},
                          {"NRAK-", 20},      {"sntrys_", 30},     {"sntryu_", 30},     {"gsk_", 40},
                          {"pplx-", 40},      {"r8_", 35},         {"ABSK", 60, true},  {"GOCSPX-", 24},
                          {"ATATT3x", 40},    {"ATCTT3x", 40},     {"PMAK-", 40},       {"H4sI", 60},
                          {"SDRzSU", 60},     {"sha256~", 40},     {"k8s-aws-v1.", 40}, {"eyJ", 41}});
// Base64 of "-----BEGIN ", as kubeconfigs and Secrets hold keys; what follows for certificates and public keys.
constexpr std::string_view kPemBase64 = "LS0tLS1CRUdJTi";

constexpr auto kBegins = [] {
  std::array<bool, 256> begins{};
  for (const auto& shape : kShapes) begins[static_cast<unsigned char>(shape.prefix.front())] = true;
  begins[static_cast<unsigned char>(kPemBase64.front())] = true;
  return begins;
}();

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_uuid(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash ? text[at] != '-' : !is_hex(text[at])) return false;
  }
  return text.size() == 36;
}
bool is_mixed(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_upper) && std::any_of(text.begin(), text.end(), is_lower) &&
         std::any_of(text.begin(), text.end(), is_digit);
}
bool is_hex_behind(std::string_view word, std::string_view prefix) {
  return word.size() == prefix.size() + 32 && word.starts_with(prefix) &&
         std::all_of(word.begin() + static_cast<std::ptrdiff_t>(prefix.size()), word.end(), is_hex);
}

// Discord's: a number in base64, a time, and a signature.
bool is_bot_token(std::string_view word) {
  const std::size_t first = word.find('.'), second = word.find('.', first + 1);
  return second != std::string_view::npos && first >= 23 && first <= 28 && second - first == 7 &&
         word.size() - second >= 28 && word.size() - second <= 40 && word.find('.', second + 1) == word.npos &&
         std::string_view("MNO").find(word.front()) != std::string_view::npos && is_mixed(word);
}

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
  if (rest.empty() || !kBegins[static_cast<unsigned char>(rest.front())]) return at;
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

namespace {

// kubeadm's, six and sixteen characters: abcdef.0123456789abcdef
bool is_bootstrap_token(std::string_view word) {
  if (word.size() != 23 || word[6] != '.') return false;
  auto fits = [](char c) { return is_lower(c) || is_digit(c); };
  const std::string_view secret = word.substr(7);
  return std::all_of(word.begin(), word.begin() + 6, fits) && std::all_of(secret.begin(), secret.end(), fits) &&
         std::count_if(secret.begin(), secret.end(), is_digit) >= 3 &&
         std::count_if(secret.begin(), secret.end(), is_lower) >= 3;
}

// Personal access tokens of Azure DevOps: base32 without a mark, or the newer form with one.
bool is_azure_token(std::string_view word) {
  if (word.size() == 84) return word.find("AZDO") != std::string_view::npos;
  if (word.size() != 52 || std::none_of(word.begin(), word.end(), is_digit)) return false;
  return std::any_of(word.begin(), word.end(), is_lower) &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_lower(c) || (c >= '2' && c <= '7'); });
}

}  // namespace

bool is_shaped_word(std::string_view word) {
  if (word.size() < 23) return false;
  for (std::string_view prefix : {"dapi", "SK", "key-"})  // Databricks, Twilio, Mailgun
    if (is_hex_behind(word, prefix)) return true;
  if (word.starts_with("sdk-") && is_uuid(word.substr(4))) return true;  // LaunchDarkly
  if (word.size() >= 36 && word.size() <= 37 && word.substr(32, 3) == "-us" && is_digit(word[35]))
    return std::all_of(word.begin(), word.begin() + 32, is_hex);                     // Mailchimp
  if (word.size() == 26 && word.starts_with("s.")) return is_mixed(word.substr(2));  // Vault before 1.10
  if (const std::size_t at = word.find(".atlasv1."); at != std::string_view::npos) return word.size() - at > 60;
  return is_bot_token(word) || is_bootstrap_token(word) || is_azure_token(word);
}

bool is_bot_secret(std::string_view number, std::string_view secret) {
  return number.size() >= 8 && number.size() <= 10 && std::all_of(number.begin(), number.end(), is_digit) &&
         secret.size() == 35 && secret.starts_with("AA");
}

}  // namespace fairlead::redact
