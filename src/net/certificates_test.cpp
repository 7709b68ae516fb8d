#include "net/certificates.h"

#include <gmock/gmock.h>

#include "net/test_certificates.h"

namespace fairlead::net {
namespace {

using ::testing::HasSubstr;

class CertificatesTest : public ::testing::Test {
 protected:
  testing::Authority authority{"an authority"};
  testing::Identity identity = [this] {
    testing::CertificateWish wish;
    wish.common_name = "alice";
    wish.organizations = {"dev", "ops"};
    return authority.issue(wish);
  }();
};

TEST_F(CertificatesTest, WhomItNames) {
  const auto name = name_in_certificate("above\n" + identity.certificate_pem);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->common_name, "alice");
  EXPECT_THAT(name->organizations, ::testing::ElementsAre("dev", "ops"));
  EXPECT_FALSE(name_in_certificate("no certificate"));
}

TEST_F(CertificatesTest, CertificatesAndNothingElse) {
  const std::string good = authority.certificate_pem();
  EXPECT_FALSE(why_not_certificates(good));
  EXPECT_FALSE(why_not_certificates("# the authority\n" + good + identity.certificate_pem + "\n\n"));
  EXPECT_EQ(certificates_alone("password: CANARY\n" + good), good);
  EXPECT_THAT(*why_not_certificates(good + identity.key_pem), HasSubstr("private key"));
  EXPECT_THAT(*why_not_certificates(identity.key_pem + good), HasSubstr("private key"));
  for (const std::string& bad :
       {std::string(), std::string("pem"), std::string("-----BEGIN CERTIFICATE-----\n"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), good + good.substr(0, 200),
        good.substr(0, 200) + "\n" + good, good + "-----BEGIN FOO-----\nAAAA\n-----END FOO-----\n",
        good + "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n"})
    EXPECT_TRUE(why_not_certificates(bad)) << bad;
}

}  // namespace
}  // namespace fairlead::net
