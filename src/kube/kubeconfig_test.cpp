#include "kube/kubeconfig.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "kube/kubeconfig_testing.h"

namespace fairlead::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view full = R"(
apiVersion: v1
kind: Config
preferences: {colors: true}
something-new: {a: 1}
current-context: prod
clusters:
- name: prod
  cluster:
    server: https://10.0.0.1:6443/k8s
    tls-server-name: kubernetes
    insecure-skip-tls-verify: false
    certificate-authority: ca.crt
    certificate-authority-data: Q0E=
    proxy-url: socks5://proxy:1080
    disable-compression: true
    extensions:
    - name: other
      extension: {x: 1}
    - name: client.authentication.k8s.io/exec
      extension: {audience: a1}
users:
- name: ann
  user:
    token: t0ken
    tokenFile: token
    client-certificate: c.crt
    client-certificate-data: Yw==
    client-key: c.key
    client-key-data: aw==
    username: u
    password: p
    as: bob
    as-uid: "7"
    as-groups: [dev, ops]
    as-user-extra: {reason: [a, b]}
    auth-provider: {name: gcp, config: {access-token: x}}
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: ./plugin
      args: [get, token]
      env: [{name: A, value: b}]
      installHint: install it
      provideClusterInfo: true
contexts:
- name: prod
  context: {cluster: prod, user: ann, namespace: shop}
)";

std::string refused(std::string_view text) {
  auto config = parse_kubeconfig(text, "the kubeconfig F");
  if (config) return "accepted";
  EXPECT_EQ(config.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(config.error().step, "read the kubeconfig F");
  return config.error().sentence();
}

TEST(Kubeconfig, ReadsEveryField) {
  auto config = parse_kubeconfig(full, "F");
  ASSERT_TRUE(config) << config.error().sentence();
  EXPECT_EQ(config->current_context, "prod");
  const Cluster& cluster = config->clusters.at("prod");
  EXPECT_EQ(cluster.server, "https://10.0.0.1:6443/k8s");
  EXPECT_EQ(cluster.tls_server_name, "kubernetes");
  EXPECT_FALSE(cluster.insecure_skip_tls_verify);
  EXPECT_EQ(cluster.certificate_authority, "ca.crt");
  EXPECT_EQ(cluster.certificate_authority_data, "Q0E=");
  EXPECT_EQ(cluster.proxy_url, "socks5://proxy:1080");
  EXPECT_TRUE(cluster.disable_compression);
  EXPECT_EQ(cluster.exec_config, (json::value{{"audience", "a1"}}));
  const User& user = config->users.at("ann");
  EXPECT_EQ(user.token.reveal(), "t0ken");
  EXPECT_EQ(user.token_file, "token");
  EXPECT_EQ(user.client_certificate, "c.crt");
  EXPECT_EQ(user.client_certificate_data, "Yw==");
  EXPECT_EQ(user.client_key, "c.key");
  EXPECT_EQ(user.client_key_data.reveal(), "aw==");
  EXPECT_EQ(user.username, "u");
  EXPECT_EQ(user.password.reveal(), "p");
  EXPECT_EQ(user.impersonate, "bob");
  EXPECT_EQ(user.impersonate_uid, "7");
  EXPECT_THAT(user.impersonate_groups, ElementsAre("dev", "ops"));
  EXPECT_THAT(user.impersonate_user_extra.at("reason"), ElementsAre("a", "b"));
  EXPECT_EQ(user.auth_provider, "gcp");
  ASSERT_TRUE(user.exec);
  EXPECT_EQ(user.exec->command, "./plugin");
  EXPECT_THAT(user.exec->args, ElementsAre("get", "token"));
  EXPECT_EQ(user.exec->env.at(0).name, "A");
  EXPECT_EQ(user.exec->env.at(0).value.reveal(), "b");
  EXPECT_EQ(user.exec->install_hint, "install it");
  EXPECT_TRUE(user.exec->provide_cluster_info);
  EXPECT_EQ(user.exec->interactive_mode, "IfAvailable");  // v1beta1's default
  EXPECT_EQ(config->contexts.at("prod").namespace_, "shop");
}

TEST(Kubeconfig, ReadsJson) {
  auto config = parse_kubeconfig(
      R"({"clusters":[{"name":"c","cluster":{"server":"https://x"}}],"contexts":null,"users":[]})", "F");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->clusters.at("c").server, "https://x");
}

TEST(Kubeconfig, EmptyTextIsAnEmptyKubeconfig) {
  for (std::string_view text : {"", "\n", "# nothing\n", "---\n"}) {
    auto config = parse_kubeconfig(text, "F");
    ASSERT_TRUE(config);
    EXPECT_TRUE(config->empty());
  }
}

TEST(Kubeconfig, WrongTypesNameTheirPath) {
  EXPECT_THAT(refused("clusters: 5"), HasSubstr("clusters is a number, but must be a list"));
  EXPECT_THAT(refused("clusters: [x]"), HasSubstr("clusters[0] is text, but must be a mapping"));
  EXPECT_THAT(refused("clusters: [{name: a, cluster: {server: [1]}}]"),
              HasSubstr("clusters[0].cluster.server is a list, but must be text"));
  EXPECT_THAT(refused("clusters: [{name: a}, {name: 12, cluster: {}}]"),
              HasSubstr("clusters[1].name is a number, but must be text. Put it in quotes"));
  EXPECT_THAT(
      refused("clusters: [{name: a, cluster: {insecure-skip-tls-verify: 'true'}}]"),
      HasSubstr(
          "clusters[0].cluster.insecure-skip-tls-verify is text, but must be true or false. Write it without quotes"));
  EXPECT_THAT(refused("users: [{name: a, user: {token: 123456}}]"),
              HasSubstr("users[0].user.token is a number, but must be text"));
  EXPECT_THAT(refused("users: [{name: a, user: {as-groups: [x, 1]}}]"),
              HasSubstr("users[0].user.as-groups[1] is a number"));
  EXPECT_THAT(refused("users: [{name: a, user: {as-user-extra: {k: x}}}]"),
              HasSubstr("users[0].user.as-user-extra.k is text, but must be a list"));
  EXPECT_THAT(refused("users: [{name: a, user: {exec: {env: [{name: A, value: 1}]}}}]"),
              HasSubstr("users[0].user.exec.env[0].value is a number"));
  EXPECT_THAT(refused("users: [{name: a, user: {auth-provider: x}}]"),
              HasSubstr("users[0].user.auth-provider is text, but must be a mapping"));
  EXPECT_THAT(refused("contexts: {a: b}"), HasSubstr("contexts is a mapping, but must be a list"));
  EXPECT_THAT(refused("current-context: true"), HasSubstr("current-context is a boolean, but must be text"));
}

TEST(Kubeconfig, OtherDocumentsAreRefused) {
  EXPECT_THAT(refused("apiVersion: apps/v1\nkind: Deployment"), HasSubstr("it is a Deployment, not a kubeconfig"));
  EXPECT_THAT(refused("apiVersion: v2\nkind: Config"), HasSubstr("apiVersion \"v2\" of kubeconfigs is not known"));
  EXPECT_THAT(refused("- a\n- b"), HasSubstr("it is a list, not a kubeconfig"));
  EXPECT_THAT(refused("hello"), HasSubstr("it is text, not a kubeconfig"));
  EXPECT_EQ(refused("kind: Config"), "accepted");
  EXPECT_EQ(refused("apiVersion: v1"), "accepted");
}

TEST(Kubeconfig, NamesAreUnique) {
  EXPECT_THAT(refused("users: [{name: a}, {name: b}, {name: a}]"),
              HasSubstr("users has two entries with the name \"a\""));
}

TEST(Kubeconfig, BadTextIsRefusedInOneSentence) {
  EXPECT_THAT(refused("clusters: [\n"), HasSubstr("line 2"));
  EXPECT_NE(refused(std::string("\x7f"
                                "ELF\x02\x01\x01\0\0\0\xff\xfe",
                                12)),
            "accepted");
  EXPECT_NE(refused(std::string(100, '\0')), "accepted");
  EXPECT_NE(refused(std::string(100'000, '[')), "accepted");
  EXPECT_NE(refused(std::string(100'000, '{')), "accepted");
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(refused(deep), HasSubstr("nested more than"));
  EXPECT_THAT(refused(std::string(kubeconfig_limit + 1, '#')), HasSubstr("16777217 bytes"));
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i ? ",*" : "*") + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  EXPECT_NE(refused(bomb), "accepted");
}

TEST(KubeconfigFile, BadFiles) {
  TemporaryDirectory directory;
  auto sentence = [](const std::string& path) {
    auto config = load_kubeconfig_file(path);
    EXPECT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::invalid_request) << path;
    EXPECT_FALSE(config.error().remedy.empty()) << path;
    return config.error().sentence();
  };
  EXPECT_THAT(sentence(directory.path("none")), HasSubstr("no such file"));
  EXPECT_THAT(sentence(directory.path()), HasSubstr("directory"));
  std::string fifo = directory.path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(sentence(fifo), HasSubstr("not a regular file"));
  sentence("/dev/zero");
  sentence("/proc/self/mem");
  std::string huge = directory.write("huge", "a: b\n");
  std::filesystem::resize_file(huge, 100 << 20);
  EXPECT_THAT(sentence(huge), HasSubstr("16777216"));
  if (::geteuid() != 0) {
    std::string secret = directory.write("secret", "a: b\n");
    ::chmod(secret.c_str(), 0);
    EXPECT_THAT(sentence(secret), HasSubstr("permission denied"));
  }
  sentence(directory.write("binary", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16)));
}

TEST(KubeconfigFile, RemembersItsDirectory) {
  TemporaryDirectory directory;
  auto config = load_kubeconfig_file(directory.write("sub/config", full));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->clusters.at("prod").directory, directory.path("sub"));
  EXPECT_EQ(config->users.at("ann").directory, directory.path("sub"));
  EXPECT_EQ(config->source, directory.path("sub/config"));
}

// ---- where a kubeconfig is looked for

std::string with_cluster(const std::string& name, const std::string& server) {
  return "clusters: [{name: " + name + ", cluster: {server: '" + server + "'}}]\ncontexts: [{name: " + name +
         ", context: {cluster: " + name + "}}]\ncurrent-context: " + name + "\n";
}

std::string found(const Sources& sources) {
  auto config = load_kubeconfig(sources);
  return config ? config->source : "error: " + config.error().sentence();
}

TEST(KubeconfigSources, Order) {
  TemporaryDirectory directory;
  std::string flag = directory.write("flag", with_cluster("flag", "https://flag"));
  std::string listed = directory.write("listed", with_cluster("listed", "https://listed"));
  std::string home = directory.write("home/.kube/config", with_cluster("home", "https://home"));
  directory.write("sa/token", "T");
  directory.write("sa/namespace", "shop\n");

  Variables values{{"KUBECONFIG", listed},
                   {"KUBECONFIG_CONTENTS", with_cluster("contents", "https://contents")},
                   {"HOME", directory.path("home")},
                   {"KUBERNETES_SERVICE_HOST", "10.0.0.1"},
                   {"KUBERNETES_SERVICE_PORT", "443"}};
  Sources sources;
  sources.environment = variables(values);
  sources.service_account_directory = directory.path("sa");
  sources.server = "https://server";
  EXPECT_EQ(found(sources), "--api-server");
  sources.server.clear();
  sources.kubeconfig = flag;
  EXPECT_EQ(found(sources), flag);
  sources.kubeconfig.clear();
  EXPECT_EQ(found(sources), listed);
  values.erase("KUBECONFIG");
  sources.environment = variables(values);
  EXPECT_EQ(found(sources), "KUBECONFIG_CONTENTS");
  values["KUBECONFIG_CONTENTS"] = "";
  sources.environment = variables(values);
  EXPECT_EQ(found(sources), home);
  directory.write("home/.kube/config", "");
  EXPECT_EQ(found(sources), "in-cluster");
  std::filesystem::remove(home);
  EXPECT_EQ(found(sources), "in-cluster");
  std::filesystem::remove(directory.path("sa/token"));
  EXPECT_THAT(found(sources), HasSubstr("error: find a kubeconfig: there is none ("));
}

TEST(KubeconfigSources, NoneSaysWhereItLooked) {
  Sources sources;
  sources.environment = variables({{"HOME", "/no/home"}});
  auto config = load_kubeconfig(sources);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::not_found);
  std::string text = config.error().sentence();
  for (const char* part :
       {"KUBECONFIG is not set", "KUBECONFIG_CONTENTS is not set", "/no/home/.kube/config does not exist",
        "not inside a cluster", "--kubeconfig FILE", "--api-server"})
    EXPECT_THAT(text, HasSubstr(part));
  sources.environment = nullptr;
  EXPECT_THAT(found(sources), HasSubstr("HOME is not set"));
}

TEST(KubeconfigSources, ListIsMergedAsKubectlDoes) {
  TemporaryDirectory directory;
  std::string first = directory.write("one/config",
                                      "current-context: ''\nclusters: [{name: shared, cluster: {server: "
                                      "https://first}}]\nusers: [{name: u, user: {token: one}}]\n");
  std::string second = directory.write(
      "two/config",
      "current-context: second\nclusters: [{name: shared, cluster: {server: https://second, proxy-url: 'http://p'}}, "
      "{name: b, cluster: {server: https://b}}]\n"
      "users: [{name: u, user: {username: x}}]\ncontexts: [{name: second, context: {cluster: shared, user: u}}]\n");
  std::string third = directory.write("three", "current-context: third\n");
  Sources sources;
  sources.environment = variables(
      {{"KUBECONFIG", ":" + directory.path("missing") + ":" + first + ":" + second + "::" + first + ":" + third}});
  auto config = load_kubeconfig(sources);
  ASSERT_TRUE(config) << config.error().sentence();
  EXPECT_EQ(config->current_context, "second");
  EXPECT_EQ(config->clusters.at("shared").server, "https://first");
  EXPECT_EQ(config->clusters.at("shared").proxy_url, "");  // the first file's entry counts as a whole
  EXPECT_EQ(config->clusters.at("shared").directory, directory.path("one"));
  EXPECT_EQ(config->clusters.at("b").directory, directory.path("two"));
  EXPECT_EQ(config->users.at("u").token.reveal(), "one");
  EXPECT_EQ(config->users.at("u").username, "");
  EXPECT_EQ(config->source, first + ":" + second + ":" + third);
}

TEST(KubeconfigSources, BrokenAndMissingListedFiles) {
  TemporaryDirectory directory;
  std::string good = directory.write("good", with_cluster("a", "https://a"));
  std::string bad = directory.write("bad", "clusters: [");
  auto with = [](const std::string& list, Variables more = {}) {
    Sources sources;
    more["KUBECONFIG"] = list;
    more["HOME"] = "/no/home";
    sources.environment = variables(std::move(more));
    return found(sources);
  };
  EXPECT_THAT(with(good + ":" + bad), HasSubstr("error: read the kubeconfig " + bad));
  EXPECT_THAT(with("/no/a"), HasSubstr("error: read KUBECONFIG: /no/a does not exist"));
  EXPECT_THAT(with("/no/a:/no/b"), HasSubstr("/no/a and the other files it names do not exist"));
  EXPECT_THAT(with(directory.write("empty", "")),
              HasSubstr("what KUBECONFIG names has no clusters, users and contexts"));
  EXPECT_EQ(with(directory.path("empty") + ":" + good), directory.path("empty") + ":" + good);
  EXPECT_THAT(with("/dev/null"), HasSubstr("has no clusters, users and contexts"));
  EXPECT_EQ(with("/dev/null:" + good), "/dev/null:" + good);
  // An agent's runtime is about to write the file that KUBECONFIG names.
  EXPECT_EQ(with("/no/a", {{"KUBECONFIG_CONTENTS", with_cluster("c", "https://c")}}), "KUBECONFIG_CONTENTS");
}

TEST(KubeconfigSources, ContentsAndTheirContext) {
  Sources sources;
  sources.environment =
      variables({{"KUBECONFIG_CONTENTS", with_cluster("a", "https://a")}, {"KUBECONFIG_CONTEXT", "other"}});
  auto config = load_kubeconfig(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->current_context, "other");
  EXPECT_EQ(config->clusters.at("a").directory, "");
  sources.environment = variables({{"KUBECONFIG_CONTENTS", "# nothing"}});
  EXPECT_THAT(found(sources), HasSubstr("read KUBECONFIG_CONTENTS: it holds no kubeconfig"));
}

TEST(KubeconfigSources, ExplicitFile) {
  TemporaryDirectory directory;
  Sources sources;
  sources.environment = variables({{"KUBECONFIG_CONTENTS", with_cluster("a", "https://a")}});
  sources.kubeconfig = directory.path("none");
  EXPECT_THAT(found(sources), HasSubstr("no such file"));
  sources.kubeconfig = directory.write("empty", "");
  EXPECT_THAT(found(sources), HasSubstr("it has no clusters, users and contexts"));
}

TEST(KubeconfigSources, InCluster) {
  TemporaryDirectory directory;
  directory.write("sa/token", "T");
  directory.write("sa/namespace", " shop\n");
  Sources sources;
  sources.service_account_directory = directory.path("sa");
  sources.environment = variables({{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "6443"}});
  auto config = load_kubeconfig(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->clusters.at("in-cluster").server, "https://[fd00::1]:6443");
  EXPECT_EQ(config->users.at("in-cluster").token_file, directory.path("sa/token"));
  EXPECT_EQ(config->contexts.at("in-cluster").namespace_, "shop");
  ASSERT_EQ(config->warnings.size(), 1u);  // there is no ca.crt
  directory.write("sa/ca.crt", "-----BEGIN CERTIFICATE-----");
  sources.environment = variables(
      {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}, {"POD_NAMESPACE", "mine"}});
  config = load_kubeconfig(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->clusters.at("in-cluster").server, "https://10.0.0.1:443");
  EXPECT_EQ(config->clusters.at("in-cluster").certificate_authority, directory.path("sa/ca.crt"));
  EXPECT_EQ(config->contexts.at("in-cluster").namespace_, "mine");
  EXPECT_TRUE(config->warnings.empty());
}

TEST(KubeconfigSources, ServerAndToken) {
  Sources sources;
  sources.server = "https://10.0.0.1:6443";
  sources.token = Secret("T");
  sources.insecure_skip_tls_verify = true;
  auto config = load_kubeconfig(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->current_context, "server");
  EXPECT_EQ(config->clusters.at("server").server, "https://10.0.0.1:6443");
  EXPECT_TRUE(config->clusters.at("server").insecure_skip_tls_verify);
  EXPECT_EQ(config->users.at("server").token.reveal(), "T");
  sources.server.clear();
  EXPECT_THAT(found(sources), HasSubstr("without a server"));
  sources.server = "https://x";
  sources.kubeconfig = "/k";
  EXPECT_THAT(found(sources), HasSubstr("both a server and a kubeconfig"));
}

}  // namespace
}  // namespace fairlead::kube
