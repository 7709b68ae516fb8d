#include "kube/proxy_environment.h"

#include <gtest/gtest.h>

#include <map>

namespace fairlead::kube {
namespace {

Environment variables(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

std::string chosen(std::string_view server, std::map<std::string, std::string, std::less<>> values) {
  auto url = net::parse_url(server, "test");
  auto proxy = proxy_from_environment(*url, variables(std::move(values)));
  if (!proxy) return "error: " + proxy.error().sentence();
  if (!*proxy) return "direct";
  return (*proxy)->host + ":" + std::to_string((*proxy)->port);
}

TEST(ProxyEnvironment, ChoosesByScheme) {
  EXPECT_EQ(chosen("https://k8s:6443", {}), "direct");
  EXPECT_EQ(chosen("https://k8s:6443", {{"HTTPS_PROXY", "http://p:3128"}}), "p:3128");
  EXPECT_EQ(chosen("https://k8s:6443", {{"https_proxy", "p:3128"}}), "p:3128");
  EXPECT_EQ(chosen("https://k8s:6443", {{"HTTPS_PROXY", "upper"}, {"https_proxy", "lower"}}), "upper:80");
  EXPECT_EQ(chosen("https://k8s:6443", {{"HTTPS_PROXY", ""}, {"https_proxy", "socks5://lower"}}), "lower:1080");
  EXPECT_EQ(chosen("https://k8s:6443", {{"HTTP_PROXY", "http://p"}}), "direct");
  EXPECT_EQ(chosen("http://k8s:8080", {{"HTTP_PROXY", "http://p"}}), "p:80");
  EXPECT_EQ(chosen("http://k8s:8080", {{"HTTPS_PROXY", "http://p"}}), "direct");
}

TEST(ProxyEnvironment, LoopbackIsNeverProxied) {
  for (std::string_view server :
       {"https://localhost:6443", "https://127.0.0.1:6443", "https://127.9.9.9", "https://[::1]:6443"})
    EXPECT_EQ(chosen(server, {{"HTTPS_PROXY", "http://p"}}), "direct") << server;
  EXPECT_EQ(chosen("https://128.0.0.1", {{"HTTPS_PROXY", "http://p"}}), "p:80");
}

TEST(ProxyEnvironment, BadValuesAreErrorsWithoutTheValue) {
  for (const char* value :
       {"ftp://u:CANARY@p", "http://u:CANARY@", "http://CANARY p", "http://CANARY:99999", "http://u:CANARY%zz@p"}) {
    std::string text = chosen("https://k8s:6443", {{"HTTPS_PROXY", value}});
    EXPECT_TRUE(text.starts_with("error: read the environment variable HTTPS_PROXY: ")) << text;
    EXPECT_EQ(text.find("CANARY"), std::string::npos) << text;
  }
}

TEST(ProxyEnvironment, UserInfoIsDecoded) {
  auto proxy = parse_proxy("http://us%40er:p%3Aw%2F@proxy.example:8080", "proxy-url");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->user_info.reveal(), "us@er:p:w/");
  EXPECT_EQ(proxy->host, "proxy.example");
  EXPECT_EQ(parse_proxy("https://p", "x")->kind, net::ProxyServer::Kind::https);
  EXPECT_EQ(parse_proxy("socks5://p", "x")->kind, net::ProxyServer::Kind::socks5);
  EXPECT_FALSE(parse_proxy("socks5h://p", "x"));
  EXPECT_FALSE(parse_proxy("", "x"));
}

// The cases of Go's own rules: host, port, NO_PROXY, excluded.
TEST(ProxyEnvironment, NoProxy) {
  struct Case {
    std::string_view host;
    std::uint16_t port;
    std::string_view list;
    bool excluded;
  };
  const Case cases[] = {
      {"foo.com", 443, "foo.com", true},
      {"bar.foo.com", 443, "foo.com", true},
      {"xfoo.com", 443, "foo.com", false},
      {"foo.com", 443, ".foo.com", false},
      {"bar.foo.com", 443, ".foo.com", true},
      {"foo.com", 443, "*.foo.com", false},
      {"a.b.foo.com", 443, "*.foo.com", true},
      {"FOO.com", 443, " foo.COM , x", true},
      {"foo.com", 443, "foo.com:443", true},
      {"foo.com", 6443, "foo.com:443", false},
      {"foo.com", 6443, "foo.com:", true},
      {"foo.com", 443, "", false},
      {"foo.com", 443, ",,  ,", false},
      {"foo.com", 443, "bar,*", true},
      {"foo.com", 443, "*foo.com", false},
      {"10.1.2.3", 6443, "10.0.0.0/8", true},
      {"11.1.2.3", 6443, "10.0.0.0/8", false},
      {"10.1.2.3", 6443, "0.0.0.0/0", true},
      {"10.1.2.3", 6443, "10.1.2.2/31", true},
      {"10.1.2.4", 6443, "10.1.2.2/31", false},
      {"10.1.2.3", 6443, "10.0.0.0/33", false},
      {"10.1.2.3", 6443, "10.0.0.0/", false},
      {"10.1.2.3", 6443, "10.1.2.3", true},
      {"10.1.2.3", 6443, "10.1.2.3:6443", true},
      {"10.1.2.3", 6443, "10.1.2.3:443", false},
      {"10.1.2.3", 6443, "::ffff:10.1.2.3", true},
      {"10.1.2.3", 6443, "10.1.2", false},
      {"fd00::1", 6443, "fd00::/8", true},
      {"fe80::1", 6443, "fd00::/8", false},
      {"10.1.2.3", 6443, "::/0", false},
      {"fd00::1", 6443, "fd00:0::1", true},
      {"fd00::1", 6443, "[fd00::1]:6443", true},
      {"fd00::1", 6443, "[fd00::1]:443", false},
      {"fd00::1", 6443, "[fd00::1]", true},
      {"kubernetes.default.svc", 443, ".svc,.cluster.local", true},
      {"foo.com", 443, ":443", false},
      {"foo.com", 443, "[", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(excluded_from_proxy(c.host, c.port, c.list), c.excluded) << c.host << ":" << c.port << " in " << c.list;
}

}  // namespace
}  // namespace fairlead::kube
