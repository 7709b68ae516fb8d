// Credentials that are known by their own shape, whatever stands before them: cloud keys, access tokens of forges, JSON
// web tokens, private keys in base64. Also the classes of characters that every scanner of free text here shares.
// Pure; linear time over a text.
#pragma once

#include <cstddef>
#include <string_view>

namespace fairlead::redact {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline bool is_word(char c) { return is_lower(c) || is_upper(c) || is_digit(c); }
inline bool is_name(char c) { return is_word(c) || c == '_' || c == '-' || c == '.'; }
inline bool is_token(char c) { return is_name(c) || c == '+' || c == '/' || c == '=' || c == '~'; }

// Where the token that begins at `at` ends.
std::size_t token_end(std::string_view text, std::size_t at);

// Finds them in one text, asked from its begin to its end.
class ShapedCredentials {
 public:
  explicit ShapedCredentials(std::string_view text) : text_(text) {}
  // The end of a credential that begins at `at`; `at` when none does.
  std::size_t end_of(std::size_t at);

 private:
  std::size_t end_of_web_token(std::size_t at);

  std::string_view text_;
  std::size_t no_web_token_before_ = 0;
};

// A whole word that is one by its form: kubeadm's abcdef.0123456789abcdef, Azure DevOps' base32, bot tokens of Discord,
// keys of Twilio, Mailgun, Mailchimp, Databricks, LaunchDarkly, Terraform and old ones of Vault.
bool is_shaped_word(std::string_view word);

// A bot token of Telegram: 110201543:AAHdqTcv…
bool is_bot_secret(std::string_view number, std::string_view secret);

}  // namespace fairlead::redact
