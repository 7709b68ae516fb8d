#include "kube/token_request.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "kube/kubeconfig.h"

namespace fairlead::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(KubeconfigWith, IsOfOneClusterAndOneUserAndHoldsNothingElse) {
  Connection connection;
  connection.server = {"https", "", "2001:db8::1", 6443, "/base"};
  connection.tls.ca_pem = "PEM";
  connection.tls.server_name = "kubernetes";
  connection.tls.key_pem = Secret("CANARY");
  connection.proxy = net::ProxyServer{net::ProxyServer::Kind::http, "proxy", 3128, Secret("u:CANARY"), {}};
  const Secret text = kubeconfig_with(connection, "agent", "shop", Secret("T"));
  EXPECT_THAT(std::string(text.reveal()), Not(HasSubstr("CANARY")));
  auto read = parse_kubeconfig(text.reveal(), "it");
  ASSERT_TRUE(read) << read.error().sentence();
  EXPECT_EQ(read->current_context, "agent");
  EXPECT_EQ(read->clusters.at("agent").server, "https://[2001:db8::1]:6443/base");
  EXPECT_EQ(read->clusters.at("agent").certificate_authority_data, base64_encode("PEM"));
  EXPECT_EQ(read->clusters.at("agent").tls_server_name, "kubernetes");
  EXPECT_EQ(read->users.at("agent").token.reveal(), "T");
  EXPECT_EQ(read->contexts.at("agent").namespace_, "shop");
  connection.tls.verify = false;
  auto unverified = parse_kubeconfig(kubeconfig_with(connection, "agent", "", Secret("T")).reveal(), "it");
  EXPECT_TRUE(unverified.value().clusters.at("agent").insecure_skip_tls_verify);
}

}  // namespace
}  // namespace fairlead::kube
