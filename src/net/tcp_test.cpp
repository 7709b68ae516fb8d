#include "net/tcp.h"

#include <gmock/gmock.h>

#include "net/http_client.h"
#include "net/test_support.h"

namespace fairlead::net {
namespace {

using ::testing::HasSubstr;

TEST(Metadata, IsWhatCloudsServeCredentialsAt) {
  for (const char* host : {"169.254.169.254",
                           "169.254.0.1",
                           "fe80::1",
                           "fe80::a9fe:a9fe",
                           "::ffff:169.254.169.254",
                           "fd00:ec2::254",
                           "fd20:ce::254",
                           "100.100.100.200",
                           "192.0.0.192",
                           "168.63.129.16",
                           "fd00:ec2::23",
                           "64:ff9b::a9fe:a9fe",
                           "2002:a9fe:a9fe::1",
                           "::169.254.169.254",
                           "2852039166",
                           "0xa9fea9fe",
                           "169.254.43518",
                           "::ffff:0:169.254.169.254",
                           "::ffff:0:a9fe:a9fe",
                           "64:ff9b:1:a9fe:a9:fe00::",
                           "64:ff9b:1:0:a9:fea9:fe00:0",
                           "fd00::5efe:169.254.169.254"})
    EXPECT_TRUE(is_metadata_host(host)) << host;
  for (const char* host : {"10.0.0.1", "127.0.0.1", "169.253.1.1", "::1", "2001:db8::1", "fd00::1", "::ffff:0:10.0.0.1",
                           "64:ff9b::10.0.0.1", "2002:a00:1::1", "metadata", ""})
    EXPECT_FALSE(is_metadata_host(host)) << host;
}

TEST(Metadata, IsRefusedWhereItIsNotMeant) {
  const auto refused = [](HttpOrigin origin) {
    origin.port = 80;
    origin.no_metadata = true;
    Loop loop;
    HttpClient client(loop.executor(), std::move(origin));
    HttpRequest request;
    request.method = "GET";
    request.target = "/latest/meta-data/";
    testing::CollectingSink sink;
    auto answered = testing::await_on(loop, client.exchange(std::move(request), sink, testing::patience()));
    EXPECT_FALSE(answered);
    return answered ? Error() : answered.error();
  };
  HttpOrigin origin;
  origin.host = "169.254.169.254";
  EXPECT_EQ(refused(origin).code, ErrorCode::policy_denied);
  EXPECT_THAT(refused(origin).sentence(), HasSubstr("--allow-link-local"));
  HttpOrigin proxied;
  proxied.host = "169.254.169.254";
  proxied.proxy = ProxyServer{ProxyServer::Kind::http, "127.0.0.1", 1, {}, {}};
  EXPECT_EQ(refused(proxied).code, ErrorCode::policy_denied);
  proxied.host = "example.com";
  proxied.proxy->host = "169.254.169.254";
  EXPECT_EQ(refused(proxied).code, ErrorCode::policy_denied);
}

}  // namespace
}  // namespace fairlead::net
