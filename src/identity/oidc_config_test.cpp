#include "identity/oidc_config.h"

#include <gmock/gmock.h>

#include <fstream>

#include "net/test_certificates.h"
#include "store/test_database.h"

namespace fairlead::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string why_not(const std::string& text, const std::string& directory = "/nonexistent") {
  auto config = parse_oidc_config(text, directory);
  if (config) return "it is one";
  EXPECT_EQ(config.error().code, ErrorCode::invalid_request) << text;
  EXPECT_FALSE(config.error().remedy.empty() && config.error().cause.empty());
  return config.error().cause;
}

const std::string kRoles = "roles: [{claim: groups, value: sre, roles: [operator]}]\n";
std::string with(const std::string& lines) { return lines + "\n" + kRoles; }
std::string of_issuer(const std::string& url) { return with("issuer: '" + url + "'\naudience: fairlead"); }

TEST(OidcConfig, IsReadWhole) {
  const auto config = parse_oidc_config(R"(
issuer: https://login.example.com/realms/main
audience: [fairlead, https://fairlead.example.com]
name: preferred_username
prefix: staff-
skew_seconds: 5
keys_seconds: 60
keys_outage_seconds: 0
roles:
- {claim: groups, value: sre, roles: ["operator@k8s:prod/shop", approver]}
- {claim: [realm_access, roles], value: "7", roles: [viewer]}
)",
                                        "")
                          .value();
  EXPECT_EQ(config.issuer, "https://login.example.com/realms/main");
  EXPECT_THAT(config.audiences, ElementsAre("fairlead", "https://fairlead.example.com"));
  EXPECT_EQ(config.name_claim, "preferred_username");
  EXPECT_EQ(config.prefix, "staff-");
  EXPECT_EQ(config.skew, 5);
  EXPECT_EQ(config.keys_seconds, 60);
  EXPECT_EQ(config.keys_outage_seconds, 0);
  ASSERT_EQ(config.rules.size(), 2u);
  EXPECT_THAT(config.rules[0].claim, ElementsAre("groups"));
  EXPECT_EQ(gate::to_string(config.rules[0].bindings[0]), "operator@k8s:prod/shop");
  EXPECT_EQ(config.rules[0].bindings[1].role, gate::Role::approver);
  EXPECT_THAT(config.rules[1].claim, ElementsAre("realm_access", "roles"));
  EXPECT_EQ(config.rules[1].value, "7");
  const auto least = parse_oidc_config(of_issuer("https://a.example"), "").value();
  EXPECT_EQ(least.name_claim, "sub");
  EXPECT_EQ(least.skew, 30);
  EXPECT_EQ(least.keys_seconds, 300);
  EXPECT_EQ(least.keys_outage_seconds, 86'400);
  for (const char* wrong : {"keys_seconds: 9", "keys_seconds: 3601", "keys_seconds: '60'", "keys_outage_seconds: -1"})
    EXPECT_THAT(why_not(of_issuer("https://a.example") + wrong), HasSubstr("is no number from ")) << wrong;
}

TEST(OidcConfig, HasAnIssuerThatNobodyListensTo) {
  for (const char* good : {"https://a.example", "https://a.example/", "https://a.example:8443/x/y",
                           "http://127.0.0.1:8080", "http://[::1]:80/x", "http://localhost:3000"})
    EXPECT_EQ(why_not(of_issuer(good)), "it is one") << good;
  for (const char* plain : {"http://a.example", "http://10.0.0.1", "http://127.0.0.1.example.com",
                            "http://localhost.evil.example", "ftp://127.0.0.1", "http://0.0.0.0", "HTTPS://a.example"})
    EXPECT_EQ(why_not(of_issuer(plain)), "'issuer' does not begin with https://") << plain;
  for (const char* wrong :
       {"", "login.example.com", "https://", "https://a b", "https://a.example:0", "https://a.example\\n"})
    EXPECT_THAT(why_not(of_issuer(wrong)), HasSubstr("'issuer' is wrong: ")) << wrong;
  for (const char* more : {"https://user:pass@a.example", "https://a.example#x"})
    EXPECT_EQ(why_not(of_issuer(more)), "'issuer' holds a user name, or a part behind '#'") << more;
  EXPECT_EQ(why_not(of_issuer("https://a.example?tenant=1")), "'issuer' has a part behind '?', which no issuer has");
  EXPECT_EQ(why_not(of_issuer("https://a.example/" + std::string(2000, 'x'))), "'issuer' is too long");
}

TEST(OidcConfig, SaysWhatIsWrong) {
  const std::string good = "issuer: https://a.example\naudience: fairlead\n";
  EXPECT_EQ(why_not(good + kRoles), "it is one");
  EXPECT_EQ(why_not("[]"), "it is no mapping");
  EXPECT_EQ(why_not(""), "it is no mapping");
  EXPECT_EQ(why_not("audience: x\n" + kRoles), "'issuer' is missing, or no text");
  EXPECT_EQ(why_not("issuer: 7\n" + kRoles), "'issuer' is missing, or no text");
  EXPECT_EQ(why_not("issuer: https://a.example\n" + kRoles), "'audience' is missing in it");
  EXPECT_EQ(why_not(with("issuer: https://a.example\naudience: []")), "'audience' in it is empty");
  EXPECT_EQ(why_not(with("issuer: https://a.example\naudience: ['']")),
            "'audience' in it is no text, and no list of texts");
  EXPECT_EQ(why_not(with("issuer: https://a.example\naudience: 7")),
            "'audience' in it is no text, and no list of texts");
  EXPECT_EQ(why_not(good + "client_secret: x\n" + kRoles), "'client_secret' means nothing in it");
  EXPECT_EQ(why_not(good + "name: [a]\n" + kRoles), "'name' in it is no text");
  EXPECT_THAT(why_not(good + "prefix: 'a b'\n" + kRoles), HasSubstr("'prefix' is wrong"));
  for (const char* skew : {"-1", "301", "'5'", "1.5"})
    EXPECT_EQ(why_not(good + "skew_seconds: " + skew + "\n" + kRoles), "'skew_seconds' is no number from 0 to 300")
        << skew;
  EXPECT_EQ(why_not(good), "'roles' is missing, or no list: nobody would be let in");
  EXPECT_EQ(why_not(good + "roles: []"), "'roles' is missing, or no list: nobody would be let in");
  EXPECT_EQ(why_not(good + "roles: [x]"), "rule 1 of 'roles' is no mapping");
  const auto rule = [&](const std::string& text) { return why_not(good + "roles: [" + text + "]"); };
  EXPECT_EQ(rule("{value: a, roles: [viewer]}"), "'claim' is missing in rule 1 of 'roles'");
  EXPECT_EQ(rule("{claim: a, roles: [viewer]}"), "'value' is missing in rule 1 of 'roles'");
  EXPECT_EQ(rule("{claim: a, value: b}"), "'roles' is missing in rule 1 of 'roles'");
  EXPECT_EQ(rule("{claim: a, value: b, roles: []}"), "'roles' in rule 1 of 'roles' is empty");
  EXPECT_EQ(rule("{claim: a, value: true, roles: [viewer]}"),
            "'value' in rule 1 of 'roles' is no text, and no list of texts");
  EXPECT_EQ(rule("{claim: a, value: [b], roles: [viewer]}"), "'value' in rule 1 of 'roles' is no text");
  EXPECT_EQ(rule("{claim: a, values: b, roles: [viewer]}"), "'values' means nothing in rule 1 of 'roles'");
  EXPECT_EQ(rule("{claim: a, value: b, roles: [root]}"), "a role in rule 1 of 'roles' is wrong: there is no such role");
  EXPECT_THAT(rule("{claim: a, value: b, roles: ['admin@k8s:a']}"), HasSubstr("an admin is one of everything"));
  EXPECT_THAT(why_not("issuer: https://a.example\nissuer: https://b.example\n"), HasSubstr("issuer"));
}

TEST(OidcConfig, ReadsTheAuthoritiesBesideIt) {
  store::testing::TemporaryDirectory directory;
  const std::string text = "issuer: https://a.example\naudience: fairlead\nca: ca.pem\n" + kRoles;
  std::ofstream(directory / "oidc.yaml") << text;
  auto none = read_oidc_config(directory / "oidc.yaml");
  EXPECT_EQ(none.error().code, ErrorCode::not_found) << none.error().sentence();
  std::ofstream(directory / "ca.pem") << "no certificate";
  EXPECT_EQ(why_not(text, directory.path()), "'ca' names a file without certificates that can be read");
  const net::testing::Authority authority("test");
  std::ofstream(directory / "ca.pem") << authority.certificate_pem();
  EXPECT_EQ(read_oidc_config(directory / "oidc.yaml").value().ca_pem, authority.certificate_pem());
  EXPECT_EQ(read_oidc_config(directory / "nothing.yaml").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace fairlead::identity
