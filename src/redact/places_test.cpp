// Where people put credentials, and how the programs that hold them write them.
#include <gmock/gmock.h>

#include "base/text.h"
#include "redact/redact.h"

namespace fairlead::redact {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kHex = "0123456789abcdef0123456789abcdef";
const std::string kMixed = "Ab3dEf6hIj9lMn2pQr5tUv8xYz1aBc4eFg7hJk0m";

TEST(Shapes, TokensOfServices) {
  for (const std::string& token : {"xoxc-" + kMixed,
                                   "xoxd-" + kMixed,
                                   "gldt-" + kMixed,
                                   "glcbt-" + kMixed,
                                   "glsoat-" + kMixed,
                                   "glft-" + kMixed,
                                   "CCIPAT_" + kMixed,
                                   "bkua_" + kMixed,
                                   "rubygems_" + kHex + kHex,
                                   "rk_test_" + kMixed,
                                   "SK" + kHex,
                                   "doo_v1_" + kHex,
                                   "shpss_" + kHex,
                                   "sq0atp-" + kMixed,
                                   "xkeysib-" + kHex,
                                   "pul-" + kHex + kHex,
                                   "dp.pt." + kMixed,
                                   "Ab3dEf6hIj9lMn.atlasv1." + kMixed + kMixed,
                                   "dapi" + kHex,
                                   "pscale_tkn_" + kMixed,
                                   "sbp_" + kHex,
                                   "fo1_" + kMixed,
                                   "tskey-auth-" + kMixed,
                                   "key-" + kHex,
                                   kHex + "-us12",
                                   "lin_api_" + kMixed,
                                   "glsa_" + kMixed,
                                   "NRAK-" + kMixed,
                                   "sntrys_" + kMixed,
                                   std::string("sdk-01234567-89ab-cdef-0123-456789abcdef"),
                                   "gsk_" + kMixed,
                                   "pplx-" + kMixed,
                                   "r8_" + kMixed,
                                   "ABSK" + kMixed + kMixed,
                                   "GOCSPX-" + kMixed,
                                   "ATATT3x" + kMixed,
                                   "PMAK-" + kMixed,
                                   "hvs." + kMixed,
                                   std::string("s.Ab3dEf6hIj9lMn2pQr5tUv8x"),
                                   std::string("MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs")})
    EXPECT_EQ(text("x " + token + " y"), "x <redacted> y") << token;
  EXPECT_EQ(text("bot 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1 y"), "bot 110201543:<redacted> y");
}

TEST(PrivateKeys, OfOtherPrograms) {
  EXPECT_EQ(
      text("PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 2\n" + kMixed + "\nabcd==\nx y\n"),
      "PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 2\n<redacted>\nx y\n");
  EXPECT_EQ(text("a\n---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" + kMixed +
                 "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\nb"),
            "a\n<redacted>\nb");
  EXPECT_EQ(text(R"(x {"kty":"EC","crv":"P-256","d":"hunter2hunter2"} y)"),
            R"(x {"kty":"EC","crv":"P-256","d":"<redacted>"} y)");
  json::value key = {{"kty", "oct"}, {"k", "hunter2hunter2"}, {"alg", "HS256"}};
  object(key);
  EXPECT_EQ(key, (json::value{{"kty", "oct"}, {"k", "<redacted>"}, {"alg", "HS256"}}));
}

TEST(Places, InFiles) {
  for (const auto& [said, shown] : std::vector<std::pair<std::string, std::string>>{
           {"root:$6$saltsalt$" + kMixed + ":19000:0", "root:<redacted>:19000:0"},
           {"bob:$2y$05$" + kMixed + "\nx", "bob:<redacted>\nx"},
           {"bob:{SSHA}" + kMixed + "\nx", "bob:<redacted>\nx"},
           {"binddn cn=a\nbindpw hunter2\nx", "binddn cn=a\nbindpw <redacted>\nx"},
           {"  auth_pass hunter2\n", "  auth_pass <redacted>\n"},
           {"proxy_set_header X-Api-Key \"hunter2\";", "proxy_set_header X-Api-Key \"<redacted>\";"},
           {"ENV API_TOKEN hunter2\nRUN x", "ENV API_TOKEN <redacted>\nRUN x"},
           {"PASSWORD\thunter2\nUSER\tbob", "PASSWORD\t<redacted>\nUSER\tbob"},
           {"psk=\"hunter2\"", "psk=\"<redacted>\""},
           {"define(\"DB_PASSWORD\",\"hunter2\")", "define(\"DB_PASSWORD\",\"<redacted>\")"},
           {"[[\"password\",\"hunter2\"]]", "[[\"password\",\"<redacted>\"]]"},
           {"<key>password</key>\n<string>hunter2</string>", "<key>password</key>\n<string><redacted></string>"},
           {"<password> <![CDATA[hunter<2]]></password>", "<password> <![CDATA[<redacted>]]></password>"},
           {"q=%7B%22password%22%3A%22hunter2%22%7D", "q=%7B%22password%22%3A%22<redacted>%22%7D"},
           {"{&quot;password&quot;:&quot;hunter2&quot;}", "{&quot;password&quot;:&quot;<redacted>&quot;}"},
           {R"({"pass\u0077ord":"hunter2"})", R"({"password":"<redacted>"})"},
       })
    EXPECT_EQ(text(said), shown) << said;
}

TEST(Places, InCommands) {
  for (const auto& [said, shown] : std::vector<std::pair<std::string, std::string>>{
           {"7z a -phunter2 x.7z y", "7z a -p<redacted> x.7z y"},
           {"ipmitool -H h -P hunter2 power", "ipmitool -H h -P <redacted> power"},
           {"vault login hunter2x", "vault login <redacted>"},
           {"ngrok config add-authtoken hunter2x", "ngrok config add-authtoken <redacted>"},
           {"rabbitmqctl add_user bob hunter2", "rabbitmqctl add_user bob <redacted>"},
           {"rabbitmqctl change_password bob hunter2", "rabbitmqctl change_password bob <redacted>"},
           {"echo hunter2 | sudo -S ls", "echo <redacted> | sudo -S ls"},
       })
    EXPECT_EQ(text(said), shown) << said;
}

TEST(Places, InVariables) {
  for (std::string_view name : {"PASS_DB", "PWD_ADMIN", "JWT_SIGNING", "LICENSE_KEY"}) {
    EXPECT_EQ(text(std::string(name) + "=hunter2"), std::string(name) + "=<redacted>");
    EXPECT_TRUE(may_name_a_credential(name)) << name;
  }
  for (std::string_view name : {"REDIS_PASSWORD_FILE", "SECRET_NAME", "TOKEN_FOR_HOST", "DB_PASS_URL"}) {
    EXPECT_EQ(text(std::string(name) + "=Xk9mQ2pL"), std::string(name) + "=<redacted>");
    json::value pod = {{"env", {{{"name", name}, {"value", "Xk9mQ2pL"}}}}};
    object(pod);
    EXPECT_THAT(compact(pod), Not(HasSubstr("Xk9m"))) << name;
  }
}

TEST(Places, OthersStay) {
  for (std::string_view said :
       {"REDIS_PASSWORD_FILE=/run/Secrets/Redis1", "SECRET_NAME=web-tls-7d9f8", "TOKEN_HOST=Api1.example.com",
        "PASSWORD_ALGORITHM=HS256", "DB_PASS_URL=https://x.example/A1b", "vault login failed", "price $5$ and ${X}",
        "[\"password\",\"email\"]", "the ENV is set", "PASSWORD\nis it", "sdk-for-token-services-of-some-length-here",
        "key-rotation-controller-for-clusters", "12345678:AA", "a {SHA} b", "jwt: {\"d\":\"hunter2hunter2\"} d",
        R"(an \u0041 escape)", "s.AbcdefghijklmnopqrstuvwxY"})
    EXPECT_EQ(text(said), said);
}

}  // namespace
}  // namespace fairlead::redact
