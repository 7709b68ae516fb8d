#include "sandbox/service_account_tokens.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "sandbox/access_test_support.h"

namespace fairlead::sandbox {
namespace {

std::string base64url(std::string_view text) {
  std::string out = base64_encode(text);
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string decoded(std::string_view part) {
  std::string text(part);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return base64_decode(text).value();
}

TokenClaims some_claims() {
  TokenClaims out;
  out.namespace_name = "shop";
  out.account = {"default", "uid-1"};
  out.pod = {"web", "uid-2"};
  out.audiences = {"https://a", "b"};
  out.id = "the-id";
  out.issued_at = 1000;
  out.expires_at = 4600;
  return out;
}

TEST(ServiceAccountTokens, SayWhatTheRealOnesSay) {
  auto tokens = ServiceAccountTokens::make().value();
  std::string token = tokens->sign(some_claims()).value();
  std::vector<std::string_view> parts = split(token, '.');
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(decoded(parts[0]), R"({"alg":"ES256","kid":")" + tokens->key_id() + R"("})");
  EXPECT_EQ(
      decoded(parts[1]),
      R"({"aud":["https://a","b"],"exp":4600,"iat":1000,"iss":"https://kubernetes.default.svc.cluster.local","jti":"the-id","kubernetes.io":)"
      R"({"namespace":"shop","pod":{"name":"web","uid":"uid-2"},"serviceaccount":{"name":"default","uid":"uid-1"}},"nbf":1000,"sub":"system:serviceaccount:shop:default"})");
  for (int again = 0; again < 2; ++again) {
    auto claims = tokens->verify(token);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->account.uid, "uid-1");
    EXPECT_EQ(claims->pod.name, "web");
    EXPECT_EQ(claims->audiences, (std::vector<std::string>{"https://a", "b"}));
    EXPECT_EQ(claims->expires_at, 4600);
  }
  TokenClaims of_secret = some_claims();
  of_secret.of_secret = true;
  of_secret.secret = {"t", ""};
  EXPECT_TRUE(tokens->verify(tokens->sign(of_secret).value())->of_secret);
}

TEST(ServiceAccountTokens, OnlyItsOwnSignatureCounts) {
  auto tokens = ServiceAccountTokens::make().value(), others = ServiceAccountTokens::make().value();
  std::string token = tokens->sign(some_claims()).value();
  std::vector<std::string_view> parts = split(token, '.');
  std::string head(parts[0]), claims(parts[1]), signature(parts[2]);
  auto with_head = [&](std::string_view text) { return base64url(text) + "." + claims + "." + signature; };
  const std::string kid = R"(,"kid":")" + tokens->key_id() + R"("})";
  std::vector<std::string> bad{
      "",
      ".",
      "..",
      "...",
      "a.b.c",
      token + ".",
      token + "x",
      " " + token,
      token + "=",
      head + "." + claims,
      head + "." + claims + ".",
      // The header chooses nothing: none, in any case; other algorithms; HMAC with the public key as its secret.
      with_head(R"({"alg":"none")" + kid),
      base64url(R"({"alg":"none"})") + "." + claims + ".",
      with_head(R"({"alg":"None")" + kid),
      with_head(R"({"alg":"HS256")" + kid),
      with_head(R"({"alg":"RS256")" + kid),
      with_head(R"({"alg":"ES384")" + kid),
      with_head(R"({"alg":["ES256"])" + kid),
      with_head("{}"),
      with_head("[]"),
      with_head("x"),
      with_head(R"({"alg":"ES256","kid":"another"})"),
      with_head(R"({"alg":"ES256","kid":7})"),
      with_head(R"({"alg":"ES256","crit":["b64"],"b64":false})"),
      with_head(R"({"alg":"ES256","alg":"none"})"),
      // Other claims under the same signature.
      head + "." +
          base64url(
              R"({"iss":"https://kubernetes.default.svc.cluster.local","kubernetes.io":{"namespace":"kube-system"}})") +
          "." + signature,
      head + "." + base64url(R"({"iss":"kubernetes/serviceaccount"})") + "." + signature,
      head + "." + base64url("{}") + "." + signature,
      // Signatures that are none.
      head + "." + claims + "." + base64url(std::string(64, '\0')),
      head + "." + claims + "." + base64url(std::string(64, '\xff')),
      head + "." + claims + "." + base64url(std::string(63, 'a')),
      head + "." + claims + "." + base64url(std::string(4000, 'a')),
      head + "." + claims + ".!!!",
      others->sign(some_claims()).value(),
  };
  for (const std::string& text : bad) EXPECT_FALSE(tokens->verify(text)) << text;
  std::string huge =
      base64url(R"({"alg":"ES256","x":")" + std::string(1 << 20, 'a') + R"("})") + "." + claims + "." + signature;
  EXPECT_FALSE(tokens->verify(huge));
  EXPECT_FALSE(tokens->verify(base64url(std::string(10'000, '[')) + "." + claims + "." + signature));
  for (std::size_t i = 0; i < token.size(); i += 7) {
    std::string turned = token;
    turned[i] = turned[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens->verify(turned)) << i;
  }
  EXPECT_TRUE(tokens->verify(token));
}

TEST(ServiceAccountTokens, TellTheirPublicKey) {
  auto tokens = ServiceAccountTokens::make().value();
  json::value set = tokens->key_set();
  const json::value& key = array_at(set, {"keys"})[0];
  EXPECT_EQ(text_at(key, {"kid"}), tokens->key_id());
  EXPECT_EQ(decoded(text_at(key, {"x"})).size(), 32u);
  EXPECT_NE(text_at(key, {"x"}), text_at(key, {"y"}));
  AccessCluster cluster;
  std::string token = cluster.token_of("default");
  EXPECT_EQ(cluster.with_token(token, "/openid/v1/jwks").body, compact(cluster.tokens->key_set()));
  EXPECT_EQ(text_at(cluster.with_token(token, "/.well-known/openid-configuration").value(), {"jwks_uri"}),
            "https://127.0.0.1:6443/openid/v1/jwks");
  EXPECT_EQ(cluster.as("alice", "GET", "/openid/v1/jwks").status, 403);
}

TEST(TokenRequest, MakesTokensThatLetIn) {
  AccessCluster cluster;
  Reply made = cluster.ask("POST", "/api/v1/namespaces/default/serviceaccounts/default/token",
                           R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(text_at(made.value(), {"kind"}), "TokenRequest");
  EXPECT_EQ(integer_at(made.value(), {"spec", "expirationSeconds"}), 3600);
  EXPECT_EQ(array_at(made.value(), {"spec", "audiences"})[0], json::value(json::string(ServiceAccountTokens::issuer)));
  EXPECT_EQ(text_at(made.value(), {"status", "expirationTimestamp"}),
            format_rfc3339(cluster.clock.unix_seconds() + 3600));
  std::string token(text_at(made.value(), {"status", "token"}));
  EXPECT_EQ(cluster.with_token(token, "/apis/apps/v1").status, 200);
  Reply refused = cluster.with_token(token, "/api/v1/namespaces/shop/pods");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(
      refused.message(),
      R"(pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" in API group "" in the namespace "shop")");
  cluster.bind("view", "ClusterRole", "view", R"([{"kind":"ServiceAccount","name":"default","namespace":"default"}])");
  EXPECT_EQ(cluster.with_token(token, "/api/v1/namespaces/shop/pods").status, 200);
  EXPECT_EQ(cluster.with_token(token, "/api/v1/namespaces/shop/secrets").status, 403);
  EXPECT_EQ(cluster.with_token(token, "/api/v1/namespaces/default/pods").status, 403);
}

TEST(TokenRequest, IsChecked) {
  AccessCluster cluster;
  auto ask = [&](std::string_view account, std::string_view body) {
    return cluster.ask("POST", "/api/v1/namespaces/default/serviceaccounts/" + std::string(account) + "/token",
                       std::string(body));
  };
  EXPECT_EQ(ask("nobody", "{}").message(), R"(serviceaccounts "nobody" not found)");
  Reply brief = ask("default", R"({"spec":{"expirationSeconds":599}})");
  EXPECT_EQ(brief.status, 422);
  EXPECT_EQ(
      brief.message(),
      R"(TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes)");
  EXPECT_EQ(ask("default", R"({"spec":{"expirationSeconds":4294967297}})").status, 422);
  EXPECT_EQ(
      ask("default", R"({"metadata":{"name":"other"}})").message(),
      R"(TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified)");
  EXPECT_EQ(ask("default", R"({"metadata":{"uid":"other"}})").status, 409);
  EXPECT_EQ(ask("default", R"({"spec":{"expirationSeconds":"600"}})").status, 400);
  EXPECT_EQ(ask("default", R"({"spec":[]})").status, 400);
  EXPECT_EQ(ask("default", R"({"spec":null,"metadata":null})").status, 201);
  EXPECT_EQ(ask("default", R"({"metadata":{"namespace":"other"}})").status, 400);
  EXPECT_EQ(ask("default", R"({"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"none"}}})").message(),
            R"(pods "none" not found)");
  EXPECT_EQ(ask("default", R"({"spec":{"boundObjectRef":{"kind":"Deployment","apiVersion":"apps/v1","name":"none"}}})")
                .message(),
            "cannot bind token to object of type apps/v1, Kind=Deployment");
  cluster.make(
      "/api/v1/namespaces/default/pods",
      R"({"metadata":{"name":"work"},"spec":{"serviceAccountName":"default","containers":[{"name":"a","image":"b"}]}})");
  Reply other =
      ask("default", R"({"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"work","uid":"other"}}})");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(cluster.get("/api/v1/namespaces/default/serviceaccounts/default/token").status, 405);
}

TEST(TokenRequest, TokensEndWithTheirTimeAccountAndPod) {
  AccessCluster cluster;
  cluster.make("/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"robot"}})");
  cluster.make(
      "/api/v1/namespaces/default/pods",
      R"({"metadata":{"name":"work"},"spec":{"serviceAccountName":"robot","containers":[{"name":"a","image":"b"}]}})");
  std::string brief = cluster.token_of("robot", R"({"expirationSeconds":600})"),
              longer = cluster.token_of("robot", R"({"expirationSeconds":86400})");
  std::string bound = cluster.token_of(
      "robot", R"({"expirationSeconds":86400,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"work"}})");
  std::string elsewhere = cluster.token_of("robot", R"({"audiences":["vault"]})");
  EXPECT_EQ(cluster.with_token(elsewhere, "/api").status, 401);
  for (const std::string& token : {brief, longer, bound}) EXPECT_EQ(cluster.with_token(token, "/api").status, 200);
  cluster.clock.set(cluster.clock.unix_seconds() + 661);  // with a minute's leeway
  EXPECT_EQ(cluster.with_token(brief, "/api").status, 401);
  EXPECT_EQ(cluster.with_token(bound, "/api").status, 200);
  EXPECT_EQ(cluster.ask("DELETE", "/api/v1/namespaces/default/pods/work?gracePeriodSeconds=0").status, 200);
  EXPECT_EQ(cluster.with_token(bound, "/api").status, 401);
  EXPECT_EQ(cluster.with_token(longer, "/api").status, 200);
  // Another account by the same name is another account.
  EXPECT_EQ(cluster.ask("DELETE", "/api/v1/namespaces/default/serviceaccounts/robot").status, 200);
  EXPECT_EQ(cluster.with_token(longer, "/api").status, 401);
  cluster.make("/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"robot"}})");
  EXPECT_EQ(cluster.with_token(longer, "/api").status, 401);
  EXPECT_EQ(cluster.with_token(cluster.token_of("robot"), "/api").status, 200);
}

TEST(TokenSecrets, AreFilledAndEndWithTheirAccount) {
  AccessCluster cluster;
  cluster.make("/api/v1/namespaces/shop/serviceaccounts", R"({"metadata":{"name":"robot"}})");
  const std::string secret =
      R"({"metadata":{"name":"robot-token","annotations":{"kubernetes.io/service-account.name":"robot"}},"type":"kubernetes.io/service-account-token"})";
  cluster.make("/api/v1/namespaces/shop/secrets", secret);
  cluster.access->run();
  json::value made = cluster.get("/api/v1/namespaces/shop/secrets/robot-token").value();
  EXPECT_EQ(base64_decode(text_at(made, {"data", "namespace"})).value(), "shop");
  EXPECT_EQ(base64_decode(text_at(made, {"data", "ca.crt"})).value(), "the CA's certificate");
  EXPECT_FALSE(text_at(made, {"metadata", "annotations", "kubernetes.io/service-account.uid"}).empty());
  std::string token = base64_decode(text_at(made, {"data", "token"})).value();
  EXPECT_EQ(cluster.with_token(token, "/api").status, 200);
  cluster.clock.set(cluster.clock.unix_seconds() + 10 * 365 * 86'400);
  EXPECT_EQ(cluster.with_token(token, "/api").status, 200);
  // It counts as long as the Secret holds it.
  EXPECT_EQ(cluster
                .patch("/api/v1/namespaces/shop/secrets/robot-token", R"({"data":{"token":"eA=="}})",
                       "application/merge-patch+json")
                .status,
            200);
  EXPECT_EQ(cluster.with_token(token, "/api").status, 401);
  EXPECT_EQ(cluster.ask("DELETE", "/api/v1/namespaces/shop/serviceaccounts/robot").status, 200);
  cluster.access->run();
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop/secrets/robot-token").status, 404);
}

}  // namespace
}  // namespace fairlead::sandbox
