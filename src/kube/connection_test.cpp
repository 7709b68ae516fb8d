#include "kube/connection.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "kube/kubeconfig_testing.h"
#include "net/test_support.h"

namespace fairlead::kube {
namespace {

Result<Authorization> get(std::shared_ptr<Credentials> credentials) {
  static TestLoop loop;
  return loop.get(std::move(credentials));
}

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Pair {
  std::string certificate, key;
};

std::string contents(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

// A self-signed certificate that is valid from yesterday until `days` from now.
Pair make_certificate(int days) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -86400L * 30);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * days);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("ann"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  BIO* first = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(first, certificate);
  BIO* second = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(second, key, nullptr, nullptr, 0, nullptr, nullptr);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {contents(first), contents(second)};
}

const Pair& pair() {
  static const Pair made = make_certificate(30);
  return made;
}

// Cluster and user in flow style: kubeconfig("server: https://x", "token: T").
std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "clusters: [{name: c, cluster: {" + cluster + "}}]\nusers: [{name: u, user: {" + user +
         "}}]\ncontexts: [{name: ctx, context: {cluster: c, user: u}}]\ncurrent-context: ctx\n";
}

Result<Connection> connect(const std::string& text, Policy policy = {}, Surroundings surroundings = {},
                           std::optional<std::string> context = {}) {
  auto config = parse_kubeconfig(text, "F");
  EXPECT_TRUE(config) << config.error().sentence();
  if (!config) return fail(config.error());
  return resolve(*config, std::move(context), policy, std::move(surroundings));
}

std::string refused(const std::string& text, ErrorCode code = ErrorCode::invalid_request, Policy policy = {}) {
  auto connection = connect(text, policy);
  if (connection) return "accepted";
  EXPECT_EQ(connection.error().code, code) << connection.error().sentence();
  EXPECT_FALSE(connection.error().remedy.empty()) << connection.error().sentence();
  return connection.error().sentence();
}

TEST(Connection, TokenOverTls) {
  auto connection = connect(kubeconfig("server: 'https://10.0.0.1:6443/k8s/clusters/c-1/'", "token: T"));
  ASSERT_TRUE(connection) << connection.error().sentence();
  EXPECT_EQ(connection->context, "ctx");
  EXPECT_EQ(connection->cluster_name, "c");
  EXPECT_EQ(connection->user_name, "u");
  EXPECT_EQ(connection->namespace_, "default");
  EXPECT_EQ(connection->server.host, "10.0.0.1");
  EXPECT_EQ(connection->server.port, 6443);
  EXPECT_EQ(connection->server.path, "/k8s/clusters/c-1");
  EXPECT_EQ(connection->tls.server_name, "10.0.0.1");
  EXPECT_TRUE(connection->tls.verify);
  EXPECT_FALSE(connection->proxy);
  EXPECT_THAT(connection->warnings, IsEmpty());
  EXPECT_EQ(get(connection->credentials)->bearer.reveal(), "T");
}

TEST(Connection, ServerForms) {
  auto server = [](const std::string& text) {
    auto connection = connect(kubeconfig("server: '" + text + "'", "token: T"));
    if (!connection) return "error: " + connection.error().sentence();
    const auto& url = connection->server;
    return url.scheme + " " + url.host + " " + std::to_string(url.port) + " " + url.path;
  };
  EXPECT_EQ(server("https://k8s"), "https k8s 443 ");
  EXPECT_EQ(server("https://k8s/"), "https k8s 443 ");
  EXPECT_EQ(server("https://[fd00::1]:6443"), "https fd00::1 6443 ");
  EXPECT_EQ(server("k8s.example:6443"), "https k8s.example 6443 ");
  EXPECT_EQ(server("https://k8s/a?b=c#d"), "https k8s 443 /a");
  EXPECT_THAT(server(""), HasSubstr("it has no server"));
  EXPECT_THAT(server("ftp://k8s"), HasSubstr("must start with https:// or http://"));
  EXPECT_THAT(server("https://k8s:99999"), HasSubstr("not a URL that can be used"));
  EXPECT_THAT(server("https://u:CANARY@k8s"), HasSubstr("holds a user name or a password"));
  EXPECT_THAT(server("https://u:CANARY@k8s"), Not(HasSubstr("CANARY")));
}

TEST(Connection, Contexts) {
  const std::string text =
      "clusters: [{name: c1, cluster: {server: https://one}}]\nusers: [{name: ann, user: {token: T}}]\n"
      "contexts: [{name: prod-eu, context: {cluster: c1, user: ann, namespace: shop}}, {name: prod-us, context: "
      "{cluster: c2, user: ann}},\n"
      "  {name: dangling, context: {cluster: c1, user: anna}}, {name: nobody, context: {cluster: c1}}, {name: empty, "
      "context: {user: ann}}]\n";
  auto with = [&](std::optional<std::string> context) {
    auto connection = connect(text, {}, {}, std::move(context));
    if (connection) return connection->context + " " + connection->namespace_;
    EXPECT_EQ(connection.error().code, ErrorCode::invalid_request);
    return connection.error().sentence();
  };
  EXPECT_EQ(with("prod-eu"), "prod-eu shop");
  EXPECT_THAT(with(std::nullopt),
              HasSubstr("it has no current-context. Choose one with --context. The contexts are \"dangling\""));
  EXPECT_THAT(with("prod-ue"), HasSubstr("there is no context \"prod-ue\" in it. Did you mean \"prod-"));
  EXPECT_THAT(with("prod-us"), HasSubstr("names the cluster \"c2\", which is not there. Did you mean \"c1\""));
  EXPECT_THAT(with("dangling"), HasSubstr("names the user \"anna\", who is not there. Did you mean \"ann\""));
  EXPECT_THAT(with("empty"), HasSubstr("names no cluster"));
  EXPECT_EQ(with("nobody"), "nobody default");
  EXPECT_THAT(connect(text, {}, {}, "nobody")->warnings, Contains(HasSubstr("names no user")));
}

TEST(Connection, NothingInIt) {
  EXPECT_THAT(refused(""), HasSubstr("it is empty"));
  EXPECT_THAT(refused("users: [{name: a, user: {token: T}}]"), HasSubstr("it has no clusters"));
  EXPECT_THAT(refused("clusters: [{name: a, cluster: {server: 'https://x'}}]"), HasSubstr("it has no contexts"));
}

TEST(Connection, CertificatesInline) {
  std::string cluster = "server: https://k8s, tls-server-name: kubernetes, certificate-authority-data: " +
                        base64_encode(pair().certificate);
  std::string user = "client-certificate-data: " + base64_encode(pair().certificate) +
                     ", client-key-data: " + base64_encode(pair().key);
  auto connection = connect(kubeconfig(cluster, user));
  ASSERT_TRUE(connection) << connection.error().sentence();
  EXPECT_EQ(connection->tls.ca_pem, pair().certificate);
  EXPECT_EQ(connection->tls.certificate_pem, pair().certificate);
  EXPECT_EQ(connection->tls.key_pem.reveal(), pair().key);
  EXPECT_EQ(connection->tls.server_name, "kubernetes");
  EXPECT_THAT(connection->warnings, IsEmpty());
  EXPECT_TRUE(net::TlsContext::for_client(connection->tls));
  EXPECT_TRUE(get(connection->credentials)->bearer.empty());
}

TEST(Connection, TheNameToVerifyIsOne) {
  for (const char* odd : {R"("good.example\u0000.evil")", R"("a\r\nb")", "'a b'", "a/b", "'*'"})
    EXPECT_THAT(refused(kubeconfig("server: https://k8s, tls-server-name: " + std::string(odd), "token: T")),
                HasSubstr("tls-server-name is no host name and no IP address"))
        << odd;
  // As certificates are written, without the dot that ends a full name.
  auto dotted = connect(kubeconfig("server: https://k8s.example.", "token: T"));
  ASSERT_TRUE(dotted);
  EXPECT_EQ(dotted->tls.server_name, "k8s.example");
  auto proxied =
      connect(kubeconfig("server: https://k8s, proxy-url: 'https://proxy:3128', certificate-authority-data: " +
                             base64_encode(pair().certificate),
                         "token: T"));
  ASSERT_TRUE(proxied);
  EXPECT_EQ(proxied->proxy->ca_pem, pair().certificate) << "as kubectl trusts it";
}

TEST(Connection, CertificatesByPathStartAtTheirFile) {
  TemporaryDirectory directory;
  directory.write("pki/ca.crt", pair().certificate);
  directory.write("pki/c.key", pair().key);
  directory.write("conf/config",
                  kubeconfig("server: https://k8s, certificate-authority: ../pki/ca.crt",
                             "client-certificate: " + directory.path("pki/ca.crt") + ", client-key: ../pki/c.key"));
  auto config = load_kubeconfig_file(directory.path("conf/config"));
  ASSERT_TRUE(config);
  auto connection = resolve(*config, {}, {});
  ASSERT_TRUE(connection) << connection.error().sentence();
  EXPECT_EQ(connection->tls.ca_pem, pair().certificate);
  EXPECT_EQ(connection->tls.key_pem.reveal(), pair().key);
}

TEST(Connection, InlineDataWinsOverThePath) {
  auto connection =
      connect(kubeconfig("server: https://k8s, certificate-authority: /no/ca, certificate-authority-data: " +
                             base64_encode(pair().certificate),
                         "token: T"));
  ASSERT_TRUE(connection);
  EXPECT_EQ(connection->tls.ca_pem, pair().certificate);
  EXPECT_THAT(connection->warnings,
              ElementsAre("certificate-authority-data is used; certificate-authority is ignored"));
}

TEST(Connection, BadMaterial) {
  const std::string server = "server: https://k8s";
  EXPECT_THAT(refused(kubeconfig(server + ", certificate-authority-data: '%%%'", "token: T")),
              HasSubstr("certificate-authority-data is not base64"));
  EXPECT_THAT(refused(kubeconfig(server + ", certificate-authority-data: aGVsbG8=", "token: T")),
              HasSubstr("certificate-authority-data is not PEM"));
  EXPECT_THAT(refused(kubeconfig(server + ", certificate-authority: /no/ca.crt", "token: T")),
              HasSubstr("certificate-authority names a file that cannot be read: /no/ca.crt: no such file"));
  EXPECT_THAT(refused(kubeconfig(server + ", certificate-authority: /", "token: T")), HasSubstr("directory"));
  const std::string certificate = "client-certificate-data: " + base64_encode(pair().certificate);
  EXPECT_THAT(refused(kubeconfig(server, certificate)), HasSubstr("a client certificate without its key"));
  EXPECT_THAT(refused(kubeconfig(server, certificate + ", client-key-data: a")),
              HasSubstr("client-key-data is not base64"));
  EXPECT_THAT(refused(kubeconfig(server, certificate + ", client-key: /no/key")),
              HasSubstr("client-key names a file that cannot be read: /no/key: no such file"));
  auto keyless = connect(kubeconfig(server, "token: T, client-key-data: " + base64_encode(pair().key)));
  ASSERT_TRUE(keyless);
  EXPECT_THAT(keyless->warnings, Contains(HasSubstr("client key without a certificate")));
  EXPECT_TRUE(keyless->tls.key_pem.empty());
}

TEST(Connection, ExpiredAndMismatchedCertificatesAreFoundByTls) {
  Pair expired = make_certificate(-1);
  auto connection =
      connect(kubeconfig("server: https://k8s", "client-certificate-data: " + base64_encode(expired.certificate) +
                                                    ", client-key-data: " + base64_encode(expired.key)));
  ASSERT_TRUE(connection);
  auto context = net::TlsContext::for_client(connection->tls);
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().code, ErrorCode::certificate_invalid);
  EXPECT_THAT(context.error().sentence(), HasSubstr("expired"));
  connection =
      connect(kubeconfig("server: https://k8s", "client-certificate-data: " + base64_encode(pair().certificate) +
                                                    ", client-key-data: " + base64_encode(expired.key)));
  ASSERT_TRUE(connection);
  EXPECT_FALSE(net::TlsContext::for_client(connection->tls));
}

TEST(Connection, InsecureIsWarnedOfAndContradictsAnAuthority) {
  auto connection = connect(kubeconfig("server: https://k8s, insecure-skip-tls-verify: true", "token: T"));
  ASSERT_TRUE(connection);
  EXPECT_FALSE(connection->tls.verify);
  EXPECT_THAT(connection->warnings, Contains(HasSubstr("The certificate of k8s is not verified")));
  EXPECT_THAT(refused(kubeconfig("server: https://k8s, insecure-skip-tls-verify: true, certificate-authority: /ca",
                                 "token: T")),
              HasSubstr("contradict"));
}

TEST(Connection, PlainHttp) {
  EXPECT_THAT(refused(kubeconfig("server: http://10.0.0.1:8080", "token: T"), ErrorCode::authentication_failed),
              HasSubstr("readable by everybody"));
  EXPECT_THAT(refused(kubeconfig("server: http://10.0.0.1:8080", "tokenFile: /t"), ErrorCode::authentication_failed),
              HasSubstr("http://"));
  for (const char* host : {"localhost:8001", "127.0.0.1:8001", "[::1]:8001"}) {
    auto connection = connect(kubeconfig(std::string("server: 'http://") + host + "'", "token: T"));
    ASSERT_TRUE(connection) << host;
    EXPECT_THAT(connection->warnings, Contains(HasSubstr("without encryption")));
  }
  EXPECT_THAT(refused(kubeconfig("server: http://localhost:8080, proxy-url: 'http://10.0.0.2:3128'", "token: T"),
                      ErrorCode::authentication_failed),
              HasSubstr("readable by everybody"))
      << "the proxy's localhost is not ours";
  auto anonymous = connect(kubeconfig("server: http://10.0.0.1:8080", ""));
  ASSERT_TRUE(anonymous);
  EXPECT_THAT(anonymous->warnings, Contains(HasSubstr("not encrypted")));
}

TEST(Connection, RefusedKindsOfCredentials) {
  const std::string server = "server: https://k8s";
  auto code = ErrorCode::authentication_failed;
  EXPECT_THAT(refused(kubeconfig(server, "username: u, password: p"), code),
              HasSubstr("basic authentication since Kubernetes 1.19"));
  EXPECT_THAT(refused(kubeconfig(server, "token: T, username: u"), code), HasSubstr("basic authentication"));
  EXPECT_THAT(refused(kubeconfig(server, "auth-provider: {name: gcp}"), code), HasSubstr("gke-gcloud-auth-plugin"));
  EXPECT_THAT(refused(kubeconfig(server, "auth-provider: {name: azure}"), code),
              HasSubstr("kubelogin convert-kubeconfig"));
  EXPECT_THAT(refused(kubeconfig(server, "auth-provider: {name: oidc}"), code), HasSubstr("oidc-login"));
  EXPECT_THAT(refused(kubeconfig(server, "auth-provider: {name: x}"), code), HasSubstr("exec plugin"));
  EXPECT_THAT(refused(kubeconfig(server, "auth-provider: {name: x}, exec: {command: c}")),
              HasSubstr("both auth-provider and exec"));
  EXPECT_THAT(refused(kubeconfig(server, "token: 'CANARY CANARY'")), HasSubstr("its token holds"));
  EXPECT_THAT(refused(kubeconfig(server, "token: 'CANARY CANARY'")), Not(HasSubstr("CANARY")));
}

TEST(Connection, PrecedenceOfCredentials) {
  TemporaryDirectory directory;
  directory.write("token", "file");
  auto both = connect(kubeconfig("server: https://k8s", "token: inline, tokenFile: " + directory.path("token")));
  ASSERT_TRUE(both);
  EXPECT_EQ(get(both->credentials)->bearer.reveal(), "file");
  auto missing = connect(kubeconfig("server: https://k8s", "token: inline, tokenFile: " + directory.path("none")));
  ASSERT_TRUE(missing);
  EXPECT_EQ(get(missing->credentials)->bearer.reveal(), "inline");
  const std::string exec =
      "exec: {apiVersion: client.authentication.k8s.io/v1, command: /no/plugin, interactiveMode: Never}";
  auto token_first = connect(kubeconfig("server: https://k8s", "token: inline, " + exec));
  ASSERT_TRUE(token_first);
  EXPECT_EQ(get(token_first->credentials)->bearer.reveal(), "inline");
  EXPECT_THAT(token_first->warnings, Contains(HasSubstr("exec plugin that is not run")));
  auto none = connect(kubeconfig("server: https://k8s", ""));
  ASSERT_TRUE(none);
  EXPECT_THAT(none->warnings, Contains(HasSubstr("has no credentials")));
}

TEST(Connection, RelativeTokenFileAndExecCommand) {
  TemporaryDirectory directory;
  directory.write("k/token", "T");
  directory.write("k/a", kubeconfig("server: https://k8s", "tokenFile: token"));
  directory.write("k/b",
                  kubeconfig("server: https://k8s",
                             "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ../bin/plugin}"));
  directory.script("bin/plugin",
                   "echo "
                   "'{\"apiVersion\":\"client.authentication.k8s.io/"
                   "v1beta1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"X\"}}'");
  EXPECT_EQ(get(resolve(*load_kubeconfig_file(directory.path("k/a")), {}, {})->credentials)->bearer.reveal(), "T");
  EXPECT_EQ(get(resolve(*load_kubeconfig_file(directory.path("k/b")), {}, {})->credentials)->bearer.reveal(), "X");
}

TEST(Connection, Impersonation) {
  auto connection = connect(
      kubeconfig("server: https://k8s",
                 "token: T, as: bob, as-uid: '7', as-groups: [dev, ops], as-user-extra: {'a/b%c': [v, x], z: [w]}"));
  ASSERT_TRUE(connection);
  auto answer = get(connection->credentials);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->bearer.reveal(), "T");
  std::vector<std::string> headers;
  for (const auto& header : answer->headers) headers.push_back(header.name + ": " + header.value);
  EXPECT_THAT(headers, ElementsAre("Impersonate-User: bob", "Impersonate-Uid: 7", "Impersonate-Group: dev",
                                   "Impersonate-Group: ops", "Impersonate-Extra-a%2Fb%25c: v",
                                   "Impersonate-Extra-a%2Fb%25c: x", "Impersonate-Extra-z: w"));
  EXPECT_THAT(refused(kubeconfig("server: https://k8s", "token: T, as-groups: [dev]")), HasSubstr("without as"));
  EXPECT_THAT(refused(kubeconfig("server: https://k8s", "token: T, as: \"a\\r\\nX: y\"")),
              HasSubstr("control character"));
}

TEST(Connection, Proxies) {
  auto connection = connect(kubeconfig("server: https://k8s, proxy-url: 'socks5://u:p@proxy:1081'", "token: T"));
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->proxy);
  EXPECT_EQ(connection->proxy->kind, net::ProxyServer::Kind::socks5);
  EXPECT_EQ(connection->proxy->host, "proxy");
  EXPECT_EQ(connection->proxy->user_info.reveal(), "u:p");
  EXPECT_THAT(refused(kubeconfig("server: https://k8s, proxy-url: 'ftp://u:CANARY@proxy'", "token: T")),
              HasSubstr("proxy-url: the proxy's scheme must be http, https or socks5"));
  Surroundings around;
  around.environment = variables({{"HTTPS_PROXY", "http://env:3128"}, {"NO_PROXY", "internal"}});
  EXPECT_EQ(connect(kubeconfig("server: https://k8s", "token: T"), {}, around)->proxy->host, "env");
  EXPECT_EQ(connect(kubeconfig("server: https://k8s, proxy-url: 'http://mine'", "token: T"), {}, around)->proxy->host,
            "mine");
  EXPECT_FALSE(connect(kubeconfig("server: https://k8s.internal", "token: T"), {}, around)->proxy);
  EXPECT_FALSE(connect(kubeconfig("server: https://127.0.0.1:6443", "token: T"), {}, around)->proxy);
}

TEST(Connection, PolicyForbidsFilesAndPrograms) {
  const std::string server = "server: https://k8s";
  const std::string exec = "exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never}";
  const auto code = ErrorCode::policy_denied;
  EXPECT_THAT(refused(kubeconfig(server, exec), code, {.allow_exec = false}),
              HasSubstr("running a program (exec plugin), which is not allowed here"));
  EXPECT_THAT(refused(kubeconfig(server, exec), code, {.allow_files = false}), HasSubstr("exec plugin"));
  for (const char* field : {"tokenFile", "client-certificate", "client-key"})
    EXPECT_THAT(
        refused(kubeconfig(server, std::string("token: T, ") + field + ": /etc/passwd"), code, {.allow_files = false}),
        HasSubstr(field));
  EXPECT_THAT(
      refused(kubeconfig(server + ", certificate-authority: /etc/passwd", "token: T"), code, {.allow_files = false}),
      HasSubstr("certificate-authority names a file"));
  auto connection = connect(kubeconfig(server, "token: T"), {.allow_exec = false, .allow_files = false});
  EXPECT_TRUE(connection);
}

TEST(Connection, PolicyKeepsFilesBelowADirectory) {
  const Policy below{.allow_exec = false, .files_below = "/nowhere"};
  const auto code = ErrorCode::policy_denied;
  EXPECT_THAT(refused(kubeconfig("server: https://k8s, certificate-authority: /etc/passwd", "token: T"),
                      ErrorCode::invalid_request, below),
              HasSubstr("/nowhere: there is no such directory"));
  const Policy here{.allow_exec = false, .files_below = "/proc/self"};
  EXPECT_THAT(refused(kubeconfig("server: https://k8s, certificate-authority: /etc/passwd", "token: T"), code, here),
              HasSubstr("certificate-authority: /etc/passwd does not lie below"));
  EXPECT_THAT(
      refused(kubeconfig("server: https://k8s", "token: T, client-certificate: /etc/passwd, client-key: /etc/shadow"),
              code, here),
      HasSubstr("client-certificate: /etc/passwd does not lie below"));
  auto connection = connect(kubeconfig("server: https://k8s", "tokenFile: /etc/passwd"), here);
  ASSERT_TRUE(connection);
  net::Loop loop;
  auto token = net::testing::await_on(loop, connection->credentials->get(net::testing::patience()));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, code);
}

TEST(Connection, ExecPluginsThatAreWrong) {
  auto with = [](const std::string& exec) {
    return refused(kubeconfig("server: https://k8s", "exec: {" + exec + "}"));
  };
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1";
  EXPECT_THAT(with(v1 + ", interactiveMode: Never"), HasSubstr("it has no command"));
  EXPECT_THAT(with("command: x"), HasSubstr("it has no apiVersion"));
  EXPECT_THAT(with("command: x, apiVersion: client.authentication.k8s.io/v1alpha1"),
              HasSubstr("v1alpha1 is no longer supported"));
  EXPECT_THAT(with("command: x, apiVersion: v1"), HasSubstr("its apiVersion is not known"));
  EXPECT_THAT(with("command: x, " + v1), HasSubstr("it has no interactiveMode"));
  EXPECT_THAT(with("command: x, interactiveMode: Perhaps, " + v1), HasSubstr("its interactiveMode is not known"));
  EXPECT_THAT(with("command: x, interactiveMode: Never, env: [{value: v}], " + v1),
              HasSubstr("environment variables has no name"));
}

TEST(Connection, ServerAndTokenWithoutKubeconfig) {
  Sources sources;
  sources.server = "https://10.0.0.1:6443";
  sources.token = Secret("T");
  auto config = load_kubeconfig(sources);
  ASSERT_TRUE(config);
  auto connection = resolve(*config, {}, {.allow_exec = false});
  ASSERT_TRUE(connection) << connection.error().sentence();
  EXPECT_EQ(get(connection->credentials)->bearer.reveal(), "T");
}

}  // namespace
}  // namespace fairlead::kube
