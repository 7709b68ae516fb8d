#include "identity/jwks.h"

#include <gmock/gmock.h>

#include "identity/jwt_testing.h"

namespace fairlead::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::key_for;
using testing::set_of;
using testing::SigningKey;

std::string why_not(const std::string& text) {
  auto keys = parse_jwks(text);
  if (keys) return "it is one";
  EXPECT_EQ(keys.error().code, ErrorCode::server_error);
  return keys.error().cause;
}

template <class T>
json::object with(json::object jwk, std::string_view name, const T& value) {
  jwk[name] = value;
  return jwk;
}

TEST(Jwks, LeavesOutWhatIsForSomethingElse) {
  const SigningKey &curve = key_for("ES256"), &rsa = key_for("RS256");
  const auto keys = parse_jwks(set_of({curve.jwk("a"),
                                       with(rsa.jwk("b"), "use", "enc"),
                                       with(rsa.jwk("c"), "alg", "RSA-OAEP-256"),
                                       {{"kty", "oct"}, {"k", "AAAA"}, {"kid", "d"}},
                                       {{"kty", "OKP"}, {"crv", "X25519"}, {"x", "AAAA"}, {"kid", "e"}},
                                       {{"kty", "EC"}, {"crv", "secp256k1"}, {"kid", "f"}},
                                       {{"kty", "AKP"}, {"alg", "ML-DSA-44"}, {"kid", "g"}},
                                       {{"kid", "h"}},
                                       rsa.jwk("i")}))
                        .value();
  ASSERT_EQ(keys.keys.size(), 2u);
  EXPECT_EQ(keys.keys[0].id, "a");
  EXPECT_EQ(keys.keys[1].id, "i");
  EXPECT_THAT(keys.left_out, IsEmpty());
}

TEST(Jwks, SaysWhyAKeyDoesNotDo) {
  const SigningKey &good = key_for("ES256"), &rsa = key_for("RS256"), &other = key_for("ES384");
  const auto left_out = [&](json::object jwk) {
    const auto keys = parse_jwks(set_of({good.jwk("good"), std::move(jwk)})).value();
    EXPECT_EQ(keys.keys.size(), 1u);
    return keys.left_out.empty() ? std::string("nothing said") : keys.left_out[0];
  };
  EXPECT_EQ(left_out(SigningKey("RS256", 1024).jwk()), "an RSA key has 1024 bits, and 2048 are the least");
  EXPECT_EQ(left_out(SigningKey("RS256", 2047).jwk()), "an RSA key has 2047 bits, and 2048 are the least");
  EXPECT_EQ(left_out(with(rsa.jwk(), "n", base64url_encode(std::string(256, '\0') + "\x03"))),
            "an RSA key has 2 bits, and 2048 are the least");
  EXPECT_EQ(left_out(with(rsa.jwk(), "n", base64url_encode(std::string(1025, '\xff')))),
            "an RSA key has 8200 bits, and 8192 are the most");
  EXPECT_EQ(left_out(with(rsa.jwk(), "n", base64url_encode(std::string(2000, '\xff')))), "an RSA key cannot be read");
  EXPECT_EQ(left_out(with(rsa.jwk(), "n", base64url_encode(std::string(255, '\xff') + "\xfe"))), "an RSA key is none");
  for (const char* exponent : {"", "AQ", "Ag"})  // 0, 1, 2
    EXPECT_EQ(left_out(with(rsa.jwk(), "e", exponent)), "an RSA key is none") << exponent;
  EXPECT_EQ(left_out(with(rsa.jwk(), "e", base64url_encode(std::string(9, '\x01')))), "an RSA key cannot be read");
  EXPECT_EQ(left_out(with(rsa.jwk(), "e", "AQAB=")), "an RSA key cannot be read");
  EXPECT_EQ(left_out(with(rsa.jwk(), "e", 65537)), "an RSA key cannot be read");
  EXPECT_EQ(left_out(with(rsa.jwk(), "kid", 1)), "a kid is no short text");
  EXPECT_EQ(left_out(with(rsa.jwk(), "alg", "ES256")), "a key is not of the kind of its alg");
  EXPECT_EQ(left_out(with(rsa.jwk(), "d", "AAAA")), "a key is a private one, which everybody can read there");
  EXPECT_EQ(left_out(with(good.jwk(), "x", other.jwk().at("x"))), "a key on P-256 cannot be read");
  EXPECT_EQ(left_out(with(good.jwk(), "y", good.jwk().at("x"))), "a key is no point on P-256");
  EXPECT_EQ(left_out(with(good.jwk(), "x", base64url_encode(std::string(32, '\0')))), "a key is no point on P-256");
  EXPECT_EQ(left_out({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "AAAA"}}), "a key on Ed25519 cannot be read");
}

TEST(Jwks, RefusesASetThatIsNone) {
  const SigningKey key("EdDSA");
  EXPECT_EQ(why_not(set_of({key.jwk()})), "it is one");
  for (const char* text : {"", "{", "[]", "null", R"({"keys":[],"keys":[]})"})
    EXPECT_EQ(why_not(text), "they are no JSON object, or it has a key twice") << text;
  EXPECT_EQ(why_not("{}"), "there is no list of keys");
  EXPECT_EQ(why_not(R"({"keys":{}})"), "there is no list of keys");
  EXPECT_EQ(why_not(R"({"keys":[7]})"), "one is no object");
  EXPECT_EQ(why_not(R"({"keys":[]})"), "none is for signatures with a public key");
  EXPECT_EQ(why_not(set_of({SigningKey("RS256", 1024).jwk()})),
            "none can be used: an RSA key has 1024 bits, and 2048 are the least");
  json::array many;
  for (int i = 0; i < 101; ++i) many.push_back(key.jwk(std::to_string(i)));
  EXPECT_EQ(why_not(compact(json::object{{"keys", many}})), "there are more than 100");
  EXPECT_EQ(why_not(R"({"keys":[)" + std::string(2 << 20, ' ') + "]}"),
            "they are no JSON object, or it has a key twice");
}

TEST(Jwks, FindsOneKeyOrNone) {
  const SigningKey &a = key_for("ES256"), &b = key_for("ES256", 1), &rsa = key_for("RS256");
  const auto find = [](const std::string& set, const std::string& header) -> std::optional<std::size_t> {
    const auto keys = parse_jwks(set).value();
    const auto token = parse_jwt(base64url_encode(header) + ".e30.AAAA").value();
    const PublicKey* found = find_key(keys, token);
    for (std::size_t i = 0; i < keys.keys.size(); ++i)
      if (&keys.keys[i].key == found) return i;
    return std::nullopt;
  };
  const std::string three = set_of({a.jwk("a"), b.jwk("b"), rsa.jwk("r")});
  EXPECT_EQ(find(three, R"({"alg":"ES256","kid":"b"})"), 1u);
  EXPECT_EQ(find(three, R"({"alg":"ES256","kid":"c"})"), std::nullopt);
  EXPECT_EQ(find(three, R"({"alg":"ES256","kid":"B"})"), std::nullopt);
  EXPECT_EQ(find(three, R"({"alg":"ES256","kid":""})"), std::nullopt);
  EXPECT_EQ(find(three, R"({"alg":"ES256","kid":"r"})"), std::nullopt);
  EXPECT_EQ(find(three, R"({"alg":"ES256"})"), std::nullopt);  // two would do
  EXPECT_EQ(find(three, R"({"alg":"PS512"})"), 2u);
  EXPECT_EQ(find(set_of({a.jwk("a"), b.jwk("a")}), R"({"alg":"ES256","kid":"a"})"), std::nullopt);
  EXPECT_EQ(find(set_of({a.jwk("a"), rsa.jwk("a")}), R"({"alg":"ES256","kid":"a"})"), 0u);
  json::object nameless = a.jwk();
  nameless.erase("kid");
  EXPECT_EQ(find(set_of({nameless}), R"({"alg":"ES256"})"), 0u);
  EXPECT_EQ(find(set_of({nameless}), R"({"alg":"ES256","kid":"a"})"), std::nullopt);
}

}  // namespace
}  // namespace fairlead::identity
