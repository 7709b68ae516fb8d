#include "fleet/probe.h"

#include <gmock/gmock.h>

#include <set>

#include "base/text.h"
#include "fleet/known_as.h"
#include "kube/fake_api.h"
#include "net/test_certificates.h"

namespace fairlead::fleet {
namespace {

using kube::testing::Answer;
using kube::testing::FakeApi;
using kube::testing::refusal;
using net::testing::patience;
using ::testing::HasSubstr;
using ::testing::Not;

std::string token_of(std::string_view subject) {
  std::string claims = base64_encode(compact(json::object{{"sub", subject}, {"pad", "??>>~~"}}));
  std::replace(claims.begin(), claims.end(), '+', '-');
  std::replace(claims.begin(), claims.end(), '/', '_');
  while (claims.ends_with('=')) claims.pop_back();
  return "eyJhbGciOiJub25lIn0." + claims + ".c2lnbmF0dXJl";
}

ClusterRow row_with(std::string_view more) {
  return new_cluster(
             parse_json(R"({"id":"aa","namespace":"agents")" + std::string(more) + "}", "test").value().get_object())
      .value()
      .row;
}

class ProbeTest : public ::testing::Test {
 protected:
  // One that grants nothing but what `granted` holds.
  Answer answer(const net::HttpRequest& request) {
    const std::string line = request.method + " " + request.target;
    if (line == "GET /version") return {.body = R"({"gitVersion":"v1.20.2"})"};
    if (line.ends_with("/selfsubjectreviews"))
      return user.empty() ? refusal(404, "NotFound", "no")
                          : Answer{.status = 201,
                                   .body = R"({"kind":"SelfSubjectReview","status":{"userInfo":{"username":")" + user +
                                           R"("}}})"};
    if (line.ends_with("/selfsubjectaccessreviews")) {
      const auto review = parse_json(request.body, "test").value();
      const auto text = [&](std::string_view key) {
        return std::string(text_at(review, {"spec", "resourceAttributes", key}));
      };
      std::string what = text("verb") + " " + text("group") + "/" + text("resource");
      for (const char* more : {"subresource", "name", "namespace"}) what += "|" + text(more);
      asked.push_back(what);
      return {.status = 201,
              .body = all || granted.contains(what)
                          ? R"({"kind":"SelfSubjectAccessReview","status":{"allowed":true}})"
                          : R"({"kind":"SelfSubjectAccessReview","status":{"allowed":false}})"};
    }
    if (line == "GET /api/v1/namespaces/agents") return agents;
    return refusal(404, "NotFound", "no");
  }
  ProbeReport probed(const ClusterRow& row, std::shared_ptr<kube::Credentials> credentials = kube::no_credentials()) {
    asked.clear();
    return api.run(probe(api.client(std::move(credentials)), row, patience()));
  }

  std::string user = "system:serviceaccount:agents:nora";
  Answer agents = refusal(403, "Forbidden", "no");
  bool all = false;
  std::set<std::string> granted;
  std::vector<std::string> asked;
  FakeApi api{[this](const net::HttpRequest& request) { return answer(request); }};
};

TEST_F(ProbeTest, TheManifestHoldsAllThatIsNeededWhateverIsMissing) {
  const std::string everything = probed(row_with("")).manifest;
  EXPECT_THAT(everything, HasSubstr("name: fairlead-agents:aa:agents:nora"));
  EXPECT_THAT(everything, HasSubstr("kind: Namespace"));
  all = true;
  EXPECT_TRUE(probed(row_with("")).ok);
  EXPECT_THAT(asked, ::testing::Contains("get /pods|exec||agents"));
  all = false;
  granted.insert(asked.begin() + 1, asked.end());
  const ProbeReport report = probed(row_with(""));
  EXPECT_THAT(report.message, HasSubstr("1 of "));
  EXPECT_EQ(report.manifest, everything) << "what is there already stays";
}

TEST_F(ProbeTest, ANamespaceIsMadeWhereThereIsNone) {
  agents = {.body = R"({"kind":"Namespace"})"};
  EXPECT_THAT(probed(row_with("")).manifest, Not(HasSubstr("kind: Namespace")));
  agents = refusal(404, "NotFound", "no");
  EXPECT_THAT(probed(row_with("")).manifest, ::testing::StartsWith("apiVersion: v1\nkind: Namespace"));
  agents = refusal(403, "Forbidden", "no");
  EXPECT_THAT(probed(row_with("")).manifest, ::testing::StartsWith("# This identity may not see"));
  EXPECT_THAT(probed(row_with(R"(,"namespace":"default")")).manifest, Not(HasSubstr("kind: Namespace")));
  EXPECT_THAT(probed(row_with(R"(,"service_account":"agents/{name}")")).manifest, Not(HasSubstr("kind: Namespace")))
      << "where accounts are";
}

// Servers before 1.28 do not tell.
TEST_F(ProbeTest, WhoItIsSayTheCredentialsWhereTheServerDoesNot) {
  user = "";
  ProbeReport report = probed(row_with(""), kube::token_credentials(Secret(token_of("system:serviceaccount:ops:bot"))));
  EXPECT_THAT(report.manifest, HasSubstr("kind: ServiceAccount\n  namespace: ops\n  name: bot"));
  for (const auto& credentials : {kube::no_credentials(), kube::token_credentials(Secret("opaque")),
                                  kube::token_credentials(Secret(token_of("alice")))}) {
    report = probed(row_with(""), credentials);
    EXPECT_EQ(report.manifest, "");
    EXPECT_THAT(report.lines.back().detail, HasSubstr("there is no manifest"));
    EXPECT_EQ(report.lines.back().outcome, ProbeLine::Outcome::unknown);
  }
  user = "system:anonymous";
  report = probed(row_with(""));
  EXPECT_EQ(report.manifest, "") << "else everybody would have those rights";
  EXPECT_THAT(report.lines.back().detail, HasSubstr("everybody's"));
}

TEST_F(ProbeTest, WhoImpersonatesIsAskedForThatAlone) {
  const ClusterRow row = row_with(
      R"(,"impersonate_user":"f:{name}","impersonate_groups":["agents","of {name}"],"impersonate_extra":{"ticket":"{name}","team":"shop"})");
  ProbeReport report = probed(row);
  EXPECT_THAT(asked, ::testing::UnorderedElementsAre("impersonate /users|||", "impersonate /groups||agents|",
                                                     "impersonate /groups|||",
                                                     "impersonate authentication.k8s.io/userextras|ticket||",
                                                     "impersonate authentication.k8s.io/userextras|team|shop|"));
  EXPECT_THAT(report.manifest, HasSubstr("name: fairlead-impersonates:aa:agents:nora"));
  EXPECT_THAT(report.manifest, HasSubstr("userextras/ticket"));
  EXPECT_THAT(report.manifest, Not(HasSubstr("deployments")));
  EXPECT_THAT(report.manifest, Not(HasSubstr("Namespace")));
  granted.insert(asked.begin(), asked.end());
  report = probed(row);
  EXPECT_TRUE(report.ok);
  EXPECT_THAT(report.message, HasSubstr("was not asked"));
}

TEST(KnownAs, ByCredentials) {
  const net::testing::Authority authority("ca");
  net::testing::CertificateWish wish;
  wish.common_name = "alice";
  const std::string certificate = authority.issue(wish).certificate_pem;
  kube::Authorization with;
  with.bearer = Secret(token_of("system:serviceaccount:ops:bot"));
  EXPECT_EQ(name_by_credentials(with, "").name, "system:serviceaccount:ops:bot");
  EXPECT_EQ(name_by_credentials(with, certificate).name, "alice") << "servers look at the certificate first";
  with.headers = {{"Impersonate-User", "carol"}};
  EXPECT_EQ(name_by_credentials(with, certificate).name, "carol");
  EXPECT_FALSE(name_by_credentials(with, certificate).says_server);
  EXPECT_THAT(name_by_credentials({}, "-----BEGIN CERTIFICATE-----").why_unknown, HasSubstr("names nobody"));
  for (const char* token : {"", "a.b", "a.!!!.c", "a.bm8ganNvbg.c"}) {
    kube::Authorization odd;
    odd.bearer = Secret(token);
    EXPECT_EQ(name_by_credentials(odd, "").name, "");
    EXPECT_NE(name_by_credentials(odd, "").why_unknown, "");
  }
}

}  // namespace
}  // namespace fairlead::fleet
