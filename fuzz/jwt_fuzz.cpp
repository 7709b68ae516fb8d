// Tokens of identity providers and their keys: any bytes end in a token or an Error, in keys or an Error. A token that
// was taken has one form alone, and no key that did not sign it lets it in. The first line is the token, the rest the
// JWK Set; the rest is also what claims and configurations are made of.
#include <cstdint>
#include <cstdlib>

#include "identity/base64url.h"
#include "identity/jwks.h"
#include "identity/oidc_claims.h"

namespace {

using namespace fairlead;

void require(bool holds) {
  if (!holds) std::abort();
}

void use_token(std::string_view text, std::string_view set) {
  const auto token = identity::parse_jwt(text);
  if (!token) {
    require(token.error().code == ErrorCode::invalid_request && !token.error().cause.empty());
    return;
  }
  require(text.size() <= identity::kLongestJwt);
  require(token->signed_part + "." + identity::base64url_encode(token->signature) == text);
  const auto keys = identity::parse_jwks(set);
  if (!keys) {
    require(keys.error().code == ErrorCode::server_error && !keys.error().cause.empty());
    return;
  }
  for (const auto& jwk : keys->keys) {
    require(jwk.key.key != nullptr);
    // A byte more was signed by nobody.
    identity::Jwt other = *token;
    other.signed_part += '.';
    require(!(identity::verify(*token, jwk.key) && identity::verify(other, jwk.key)));
  }
  if (const auto* key = identity::find_key(*keys, *token)) require(identity::suits(token->algorithm, key->kind));
}

void use_configuration(std::string_view claims, std::string_view text) {
  const auto config = identity::parse_oidc_config(text, "/nonexistent");
  if (!config) {
    require(!config.error().cause.empty());
    return;
  }
  require(config->issuer.starts_with("http") && !config->audiences.empty() && !config->rules.empty());
  auto value = parse_json(claims, "");
  if (!value || !value->is_object()) return;
  const auto claimed = identity::check_claims(value->get_object(), *config, 1'800'000'000);
  if (!claimed) {
    require(!claimed.error().why.empty());
    return;
  }
  require(identity::is_plain_name(claimed->name, 240) && !claimed->bindings.empty());
  require(claimed->expires > 1'800'000'000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  const std::string_view first = text.substr(0, line);
  const std::string_view rest = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
  use_token(first, rest);
  use_configuration(first, rest);
  return 0;
}
