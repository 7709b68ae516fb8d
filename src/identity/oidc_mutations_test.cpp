// Tokens that somebody has worked on: none of them lets anybody in. FAIRLEAD_MUTATIONS says how many.
#include <cstdlib>
#include <random>
#include <set>

#include "identity/oidc_testing.h"

namespace fairlead::identity {
namespace {

using namespace testing;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/";

struct Parts {
  std::string header, claims, signature;
  std::string text() const { return header + "." + claims + "." + signature; }
};

Parts parts_of(const std::string& token) {
  const auto first = token.find('.'), second = token.rfind('.');
  return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

class Mutations : public OidcRig {
 protected:
  Mutations() {
    json::array keys;
    for (const auto& algorithm : all_algorithms()) {
      const SigningKey& one = key_for(algorithm);
      json::object jwk = one.jwk(algorithm);
      keys.push_back(jwk);
      secrets_.push_back(compact(jwk));
      for (const char* name : {"n", "x"})
        if (jwk.contains(name)) secrets_.push_back(base64url_decode(std::string(jwk.at(name).as_string())).value());
      const json::object header{{"alg", algorithm}, {"kid", algorithm}, {"typ", "at+jwt"}};
      good_.push_back(parts_of(one.token(header, claims())));
      good_texts_.insert(good_.back().text());
      for (const auto& [name, value] : wrong_claims()) {
        json::object wrong = claims();
        wrong[name] = value;
        signed_wrong_.push_back(parts_of(one.token(header, wrong)));
      }
    }
    provider.keys = compact(json::object{{"keys", std::move(keys)}});
  }

  std::vector<std::pair<std::string, json::value>> wrong_claims() const {
    return {{"exp", kNow - 31},
            {"aud", "somebody-else"},
            {"iss", json::value(config.issuer + "/")},
            {"nbf", kNow + 1000},
            {"groups", json::array{"x"}},
            {"sub", "a b"},
            {"cnf", json::object{}},
            {"exp", "never"}};
  }

  std::size_t below(std::size_t end) { return random_() % end; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

  std::string bytes_changed(std::string text) {
    for (std::size_t times = 1 + below(3); times > 0 && !text.empty(); --times) {
      const std::size_t at = below(text.size());
      switch (below(6)) {
        case 0: text[at] = static_cast<char>(text[at] ^ (1 << below(8))); break;
        case 1: text[at] = kAlphabet[below(kAlphabet.size())]; break;
        case 2: text.erase(at, 1 + below(8)); break;
        case 3: text.insert(at, 1, kAlphabet[below(kAlphabet.size())]); break;
        case 4: text.insert(at, text.substr(below(text.size()), 1 + below(20))); break;
        default: text.back() = kAlphabet[below(64)];  // bits that may stand for nothing
      }
    }
    return text;
  }

  std::string parts_swapped() {
    const auto any = [&]() -> const Parts& { return below(2) ? one_of(good_) : one_of(signed_wrong_); };
    Parts out{any().header, any().claims, any().signature};
    switch (below(6)) {
      case 0: std::swap(out.header, out.claims); break;
      case 1: std::swap(out.claims, out.signature); break;
      case 2: out.signature.clear(); break;
      case 3: return out.header + "." + out.claims;
      default: break;
    }
    return out.text();
  }

  std::string header_changed() {
    Parts out = one_of(good_);
    json::object header = parse_json(base64url_decode(out.header).value(), "").value().as_object();
    static const std::vector<std::string> algorithms{"RS256", "RS384", "RS512", "PS256",  "PS384",   "PS512",
                                                     "ES256", "ES384", "ES512", "EdDSA",  "none",    "None",
                                                     "HS256", "HS512", "",      "ES256K", "RSA-OAEP"};
    std::string text;
    switch (below(7)) {
      case 0: header["alg"] = one_of(algorithms); break;
      case 1: header["kid"] = one_of(algorithms); break;
      case 2: header.erase("kid"); break;
      case 3: header["jwk"] = theirs_.jwk(), header["jku"] = "https://evil.example/keys"; break;
      case 4: header["crit"] = json::array{"exp"}; break;
      case 5: header["typ"] = "logout+jwt"; break;
      default: text = compact(header); text.insert(1, R"("alg":")" + one_of(algorithms) + R"(",)");
    }
    if (text.empty()) text = compact(header);
    out.header = base64url_encode(text);
    const std::string head = out.header + "." + out.claims;
    switch (below(4)) {
      case 0: out.signature = base64url_encode(hmac_sha256(one_of(secrets_), head)); break;
      case 1: out.signature = base64url_encode(theirs_.sign("ES256", head)); break;
      default: break;
    }
    return out.text();
  }

  std::string claims_changed() {
    Parts out = below(2) ? one_of(good_) : one_of(signed_wrong_);
    json::object claims = this->claims();
    switch (below(4)) {
      case 0: claims["exp"] = kNow + static_cast<std::int64_t>(below(1'000'000)) + 601; break;
      case 1: claims["sub"] = "admin" + std::to_string(below(100)); break;
      case 2: claims["jti"] = static_cast<std::int64_t>(below(1'000'000)); break;
      default: claims["groups"] = json::array{"sre", "admins"};
    }
    std::string text = compact(claims);
    if (below(3) == 0) text.insert(1, R"("exp":)" + std::to_string(kNow + 9999) + ",");
    out.claims = base64url_encode(text);
    if (below(3) == 0) out.signature = base64url_encode(theirs_.sign("ES256", out.header + "." + out.claims));
    return out.text();
  }

  std::string mutated() {
    switch (below(8)) {
      case 0: return parts_swapped();
      case 1: return header_changed();
      case 2: return claims_changed();
      case 3: return one_of(signed_wrong_).text();
      case 4: return bytes_changed(one_of(signed_wrong_).text());
      case 5: return bytes_changed(below(2) ? header_changed() : claims_changed());
      default: return bytes_changed(one_of(good_).text());
    }
  }

  static awaitable<std::string> first_let_in(Mutations* self, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::string text = self->mutated();
      if (self->good_texts_.contains(text)) continue;  // put together again
      if (parse_jwt(text)) ++self->parsed_;
      auto in = co_await self->oidc->authenticate(Secret(text), patience());
      if (in || in.error().code != ErrorCode::authentication_failed) co_return text;
    }
    co_return std::string();
  }

  std::mt19937_64 random_{7};
  const SigningKey& theirs_ = key_for("ES256", 9);
  std::vector<Parts> good_, signed_wrong_;
  std::set<std::string> good_texts_;
  std::vector<std::string> secrets_;
  std::size_t parsed_ = 0;
};

TEST_F(Mutations, LetNobodyIn) {
  const char* given = std::getenv("FAIRLEAD_MUTATIONS");
  const std::size_t count = given ? std::strtoull(given, nullptr, 10) : 20'000;
  ASSERT_GT(count, 0u);
  for (const auto& good : good_) EXPECT_EQ(enter(good.text()), "oidc:alice");
  EXPECT_EQ(await_on(loop, first_let_in(this, count)), "");
  EXPECT_GT(parsed_, count / 4);  // it is not their form alone that they are refused for
  for (const auto& good : good_) EXPECT_EQ(enter(good.text()), "oidc:alice");
  EXPECT_EQ(provider.asked.size(), 2u);
}

}  // namespace
}  // namespace fairlead::identity
