#include "identity/jwt.h"

#include <gmock/gmock.h>

#include "identity/jwks.h"
#include "identity/jwt_testing.h"

namespace fairlead::identity {
namespace {

using testing::all_algorithms;
using testing::key_for;
using testing::set_of;
using testing::SigningKey;

const json::object kClaims{{"iss", "https://issuer.example"}, {"sub", "alice"}};

// As a server asks: the key that the set has for it.
bool is_let_in(const std::string& text, const std::string& set) {
  auto token = parse_jwt(text);
  auto keys = parse_jwks(set);
  if (!token || !keys) return false;
  const PublicKey* key = find_key(*keys, *token);
  return key && verify(*token, *key);
}

std::string why_not(const std::string& text) {
  auto token = parse_jwt(text);
  if (token) return "it is one";
  EXPECT_EQ(token.error().code, ErrorCode::invalid_request);
  return token.error().cause;
}

std::vector<std::string> parts_of(const std::string& token) {
  const auto first = token.find('.'), second = token.rfind('.');
  return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

TEST(Base64Url, OneTextForEachBytes) {
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
  EXPECT_EQ(base64url_decode("-_8"), "\xfb\xff");
  EXPECT_EQ(base64url_decode(""), "");
  EXPECT_EQ(base64url_decode("AA"), std::string(1, '\0'));
  for (const char* wrong : {"-_8=", "+/8", "-_9", "-_8\n", " -_8", "A", "AB", "AAAAA", "-_8 ", "AA==", "A\xc3\xa4"})
    EXPECT_FALSE(base64url_decode(wrong)) << wrong;
}

// RFC 8037, A.4 and A.5: made by somebody else.
TEST(Jwt, OfTheStandardsExample) {
  const std::string text =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"
      "09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_EQ(why_not(text), "what it claims is no JSON object, or has a key twice");
  Jwt token;
  token.algorithm = Algorithm::eddsa;
  token.signed_part = text.substr(0, text.rfind('.'));
  token.signature = base64url_decode(text.substr(text.rfind('.') + 1)).value();
  const auto keys =
      parse_jwks(set_of({{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}}));
  ASSERT_TRUE(keys) << keys.error().sentence();
  EXPECT_TRUE(verify(token, keys->keys[0].key));
  token.signed_part += "x";
  EXPECT_FALSE(verify(token, keys->keys[0].key));
}

// RFC 7515, A.2 and A.3.
TEST(Jwt, OfTheStandardsOtherExamples) {
  const std::string rs256 =
      "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
      "VlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9"
      "CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
      "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
      "IoypGlUPQGe77Rw";
  const json::object rsa{
      {"kty", "RSA"},
      {"n",
       "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
       "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Cap"
       "Hg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h"
       "4FRWyuXpoQ"},
      {"e", "AQAB"}};
  EXPECT_TRUE(is_let_in(rs256, set_of({rsa})));
  const std::string es256 =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
      "VlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  const json::object curve{{"kty", "EC"},
                           {"crv", "P-256"},
                           {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                           {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
  EXPECT_TRUE(is_let_in(es256, set_of({curve})));
  EXPECT_FALSE(is_let_in(es256, set_of({rsa})));
  EXPECT_FALSE(is_let_in(rs256, set_of({curve})));
}

class EachAlgorithm : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Jwt, EachAlgorithm, ::testing::ValuesIn(all_algorithms()),
                         [](const auto& info) { return info.param; });

TEST_P(EachAlgorithm, LetsInWhatItsKeyHasSignedAlone) {
  const SigningKey &key = key_for(GetParam()), &other = key_for(GetParam(), 1);
  const std::string text = key.token({{"alg", GetParam()}, {"kid", "one"}, {"typ", "at+jwt"}}, kClaims);
  EXPECT_TRUE(is_let_in(text, set_of({key.jwk()})));
  EXPECT_TRUE(is_let_in(text, set_of({other.jwk("two"), key.jwk()})));
  EXPECT_FALSE(is_let_in(text, set_of({other.jwk()})));
  EXPECT_FALSE(is_let_in(text, set_of({key.jwk("two")})));
  const auto parts = parts_of(text);
  const std::string bytes = base64url_decode(parts[2]).value();
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    std::string changed = bytes;
    changed[at] ^= 1;
    EXPECT_FALSE(is_let_in(parts[0] + "." + parts[1] + "." + base64url_encode(changed), set_of({key.jwk()}))) << at;
  }
  for (const std::string& signature : {bytes.substr(1), bytes + bytes, bytes + '\0', '\0' + bytes, std::string(),
                                       std::string(bytes.size(), '\0'), std::string(bytes.size(), '\xff')})
    EXPECT_FALSE(is_let_in(parts[0] + "." + parts[1] + "." + base64url_encode(signature), set_of({key.jwk()})));
}

// One algorithm's signature under another one's name, with every kind of key.
TEST_P(EachAlgorithm, IsNoOther) {
  const SigningKey& key = key_for(GetParam());
  for (const auto& named : all_algorithms()) {
    if (named == GetParam()) continue;
    const json::object header{{"alg", named}, {"kid", "one"}};
    const std::string signed_part = base64url_encode(compact(header)) + "." + base64url_encode(compact(kClaims));
    const std::string text = signed_part + "." + base64url_encode(key.sign(GetParam(), signed_part));
    EXPECT_FALSE(is_let_in(text, set_of({key.jwk()}))) << named;
    EXPECT_FALSE(is_let_in(text, set_of({key_for(named, 1).jwk()}))) << named;
    json::object says_so = key.jwk();
    says_so["alg"] = named;
    EXPECT_FALSE(is_let_in(text, set_of({says_so}))) << named;
  }
}

TEST_P(EachAlgorithm, AgreesWithWhatTheKeySays) {
  const SigningKey& key = key_for(GetParam());
  const std::string text = key.token({{"alg", GetParam()}, {"kid", "one"}}, kClaims);
  const auto with = [&](std::string_view name, const auto& value) {
    json::object jwk = key.jwk();
    jwk[name] = value;
    return set_of({jwk});
  };
  EXPECT_TRUE(is_let_in(text, with("alg", GetParam())));
  EXPECT_TRUE(is_let_in(text, with("use", "sig")));
  EXPECT_TRUE(is_let_in(text, with("key_ops", json::array{"sign", "verify"})));
  for (const auto& other : all_algorithms()) EXPECT_EQ(is_let_in(text, with("alg", other)), other == GetParam());
  EXPECT_FALSE(is_let_in(text, with("alg", "HS256")));
  EXPECT_FALSE(is_let_in(text, with("alg", 7)));
  EXPECT_FALSE(is_let_in(text, with("use", "enc")));
  EXPECT_FALSE(is_let_in(text, with("use", nullptr)));
  EXPECT_FALSE(is_let_in(text, with("key_ops", json::array{"sign"})));
  EXPECT_FALSE(is_let_in(text, with("key_ops", json::array{})));
  EXPECT_FALSE(is_let_in(text, with("key_ops", "verify")));
  EXPECT_FALSE(is_let_in(text, with("d", "AQAB")));
}

TEST(Jwt, NeverWithoutAnAlgorithmNorWithASharedKey) {
  const SigningKey& key = key_for("RS256");
  const std::string claims = base64url_encode(compact(kClaims));
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string head = base64url_encode(compact(json::object{{"alg", none}, {"kid", "one"}}));
    for (const std::string signature : {"", "AA", "e30"})
      EXPECT_FALSE(is_let_in(head + "." + claims + "." + signature, set_of({key.jwk()})));
    EXPECT_FALSE(is_let_in(head + "." + claims, set_of({key.jwk()})));
  }
  // What everybody knows of the key as the secret of an HMAC.
  const json::object jwk = key.jwk();
  for (const std::string& secret : {base64url_decode(std::string(jwk.at("n").as_string())).value(),
                                    std::string(jwk.at("n").as_string()), compact(jwk), set_of({jwk}), std::string()}) {
    const std::string head = base64url_encode(R"({"alg":"HS256","kid":"one"})") + "." + claims;
    const std::string text = head + "." + base64url_encode(testing::hmac_sha256(secret, head));
    EXPECT_EQ(why_not(text), "its algorithm is none that is taken");
    EXPECT_FALSE(is_let_in(text, set_of({jwk})));
  }
  for (const char* alg :
       {R"(["RS256"])", R"({"RS256":1})", "null", "256", R"("rs256")", R"("RS256 ")", R"("RS256\u0000")"})
    EXPECT_EQ(why_not(key.token_of(std::string(R"({"alg":)") + alg + "}", compact(kClaims), "RS256")),
              "its algorithm is none that is taken")
        << alg;
  EXPECT_EQ(why_not(key.token_of("{}", compact(kClaims), "RS256")), "its algorithm is none that is taken");
}

TEST(Jwt, BringsNoKeyAlong) {
  const SigningKey ours("ES256"), theirs("ES256");
  for (json::object more : {json::object{{"jwk", theirs.jwk()}},
                            {{"jku", "https://attacker.example/keys"}},
                            {{"x5u", "https://attacker.example/chain"}},
                            {{"x5c", json::array{"AAAA"}}},
                            {{"x5t", "AAAA"}}}) {
    json::object header{{"alg", "ES256"}, {"kid", "one"}};
    for (const auto& [name, value] : more) header[name] = value;
    EXPECT_FALSE(is_let_in(theirs.token(header, kClaims), set_of({ours.jwk()})));
    EXPECT_TRUE(is_let_in(ours.token(header, kClaims), set_of({ours.jwk()})));  // it is not looked at
    header.erase("kid");
    EXPECT_FALSE(is_let_in(theirs.token(header, kClaims), set_of({ours.jwk()})));
  }
}

TEST(Jwt, IsExactlyThreeParts) {
  const SigningKey key("EdDSA");
  const std::string set = set_of({key.jwk()});
  const std::string text = key.token({{"alg", "EdDSA"}}, kClaims);
  ASSERT_TRUE(is_let_in(text, set));
  const auto parts = parts_of(text);
  for (const std::string& other :
       {text + ".", "." + text, text + "." + parts[0], parts[0] + "." + parts[1], parts[0] + ".." + parts[2],
        parts[0] + "." + parts[1] + ".", parts[1] + "." + parts[0] + "." + parts[2], text + " ", " " + text,
        text + "\n", text + "=", text + std::string(1, '\0'), parts[0] + "=." + parts[1] + "." + parts[2],
        std::string(), std::string("..")})
    EXPECT_FALSE(is_let_in(other, set)) << other;
  std::string standard = text;
  for (char& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
  EXPECT_EQ(is_let_in(standard, set), standard == text);
  // The last character's bits that stand for nothing.
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const char last : alphabet) {
    std::string other = text;
    other.back() = last;
    EXPECT_EQ(is_let_in(other, set), other == text) << last;
  }
  EXPECT_EQ(why_not(std::string(kLongestJwt + 1, 'A')), "it is too long");
  json::object long_claims = kClaims;
  long_claims["more"] = std::string(11'000, 'x');
  EXPECT_TRUE(is_let_in(key.token({{"alg", "EdDSA"}}, long_claims), set));
  long_claims["more"] = std::string(13'000, 'x');
  EXPECT_FALSE(is_let_in(key.token({{"alg", "EdDSA"}}, long_claims), set));
}

TEST(Jwt, HasEachKeyOnceAndIsAnObject) {
  const SigningKey key("EdDSA");
  const std::string good = R"({"alg":"EdDSA"})", claims = R"({"sub":"alice"})";
  EXPECT_EQ(why_not(key.token_of(good, claims, "EdDSA")), "it is one");
  for (const char* header :
       {R"({"alg":"EdDSA","alg":"EdDSA"})", R"({"alg":"none","alg":"EdDSA"})", R"({"alg":"EdDSA","kid":"a","kid":"b"})",
        R"({"alg":"EdDSA","\u0061lg":"none"})", R"(["EdDSA"])", R"("EdDSA")", "", "null", R"({"alg":"EdDSA"} {})",
        R"({"alg":"EdDSA",})", "\xef\xbb\xbf{\"alg\":\"EdDSA\"}", "{\"alg\":\"EdDSA\",\"x\":\"\xff\"}"})
    EXPECT_EQ(why_not(key.token_of(header, claims, "EdDSA")), "its header is no JSON object, or has a key twice")
        << header;
  for (const char* claim : {R"({"sub":"alice","sub":"bob"})", R"({"sub":"alice","x":{"a":1,"a":2}})", "[]", "", "7",
                            R"({"sub":"alice"}{})"})
    EXPECT_EQ(why_not(key.token_of(good, claim, "EdDSA")), "what it claims is no JSON object, or has a key twice")
        << claim;
  EXPECT_NE(why_not(key.token_of(good, std::string(40, '[') + std::string(40, ']'), "EdDSA")), "it is one");
}

TEST(Jwt, OfTwoTypesWithoutExtensions) {
  const SigningKey key("EdDSA");
  const auto with = [&](std::string more) {
    return why_not(key.token_of(R"({"alg":"EdDSA",)" + more + "}", "{}", "EdDSA"));
  };
  for (const char* typ : {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"})
    EXPECT_EQ(with(std::string(R"("typ":")") + typ + "\""), "it is one") << typ;
  for (const char* typ : {R"("logout+jwt")", R"("dpop+jwt")", R"("")", "null", "1", R"(["JWT"])", R"("application/")",
                          R"("secevent+jwt")", R"("JOSE")"})
    EXPECT_EQ(with(std::string(R"("typ":)") + typ), "it is another kind of token") << typ;
  for (const char* critical : {R"(["b64"])", "[]", R"("exp")", "null"})
    EXPECT_EQ(with(std::string(R"("crit":)") + critical), "it has critical extensions, and none is known") << critical;
  for (const char* kid : {"7", "null", R"(["one"])"})
    EXPECT_EQ(with(std::string(R"("kid":)") + kid), "its kid is no short text") << kid;
  EXPECT_EQ(with(R"("kid":")" + std::string(600, 'k') + "\""), "its kid is no short text");
}

}  // namespace
}  // namespace fairlead::identity
