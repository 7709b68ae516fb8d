// Plants canaries wherever a kubeconfig, its files and its plugins can hold a credential, breaks things in every way
// that is an error, and looks at each sentence that comes out.
#include <gmock/gmock.h>

#include "base/text.h"
#include "kube/connection.h"
#include "kube/kubeconfig_testing.h"

namespace fairlead::kube {
namespace {

Result<Authorization> get(std::shared_ptr<Credentials> credentials) {
  static TestLoop loop;
  return loop.get(std::move(credentials));
}

const std::string canary = "CANARYcanary0123456789";
const std::string encoded = base64_encode("-----BEGIN PRIVATE KEY-----\n" + canary + "\n-----END PRIVATE KEY-----\n");

void expect_clean(const std::string& text, const std::string& where) {
  for (const std::string& secret : {canary, encoded, encoded.substr(0, 16), encoded.substr(encoded.size() - 16)})
    EXPECT_EQ(text.find(secret), std::string::npos) << where << "\n" << text;
}

void expect_clean(const Error& error, const std::string& where) {
  expect_clean(error.sentence() + error.step + error.cause + error.remedy + error.foreign, where);
  EXPECT_FALSE(error.status);
}

// Everything that can be learnt from this text; the number of errors seen.
int try_out(const std::string& text, const Policy& policy = {}) {
  auto config = parse_kubeconfig(text, "F");
  if (!config) {
    expect_clean(config.error(), text);
    return 1;
  }
  int errors = 0;
  std::vector<std::string> names{"none"};
  for (const auto& [name, context] : config->contexts) names.push_back(name);
  for (const auto& name : names) {
    Surroundings around;
    around.exec.environment = {"PATH=/usr/bin:/bin"};
    auto connection = resolve(*config, name, policy, around);
    if (!connection) {
      expect_clean(connection.error(), text);
      ++errors;
      continue;
    }
    for (const auto& warning : connection->warnings) expect_clean(warning, text);
    auto answer = get(connection->credentials);
    if (!answer) expect_clean(answer.error(), text), ++errors;
  }
  return errors;
}

std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "current-context: x\nclusters:\n- name: c\n  cluster: {" + cluster + "}\nusers:\n- name: u\n  user: {" + user +
         "}\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\n";
}

const std::string server = "server: 'https://k8s'";

TEST(CredentialLeak, ConfigurationsThatAreRefused) {
  const std::string users[] = {
      "username: u, password: " + canary,
      "token: '" + canary + " x'",
      "token: \"" + canary + "\\n" + canary + "\"",
      "token: [" + canary + "]",
      "token: {" + canary + ": 1}",
      "password: {a: " + canary + "}",
      "auth-provider: {name: oidc, config: {id-token: " + canary + ", client-secret: " + canary + "}}",
      "auth-provider: " + canary,
      "client-certificate-data: '" + canary + "!'",
      "client-certificate-data: " + encoded + ", client-key-data: '" + canary + "!'",
      "client-certificate-data: " + encoded + ", client-key-data: " + base64_encode(canary),
      "client-key-data: [" + encoded + "]",
      "token: " + canary + ", as-groups: [a]",
      "token: " + canary + ", tokenFile: /no/file",
      "exec: {command: x, args: [" + canary + "], env: [{name: A, value: " + canary + "}]}",
      "exec: {command: x, args: [[" + canary + "]]}",
      "exec: {command: x, env: [{name: A, value: [" + canary + "]}]}",
      "exec: {command: x, env: [" + canary + "]}",
      "exec: {command: x, env: [{value: " + canary +
          "}], apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}",
  };
  for (const auto& user : users) EXPECT_GT(try_out(kubeconfig(server, user)), 0) << user;
  const std::string clusters[] = {
      "server: 'https://u:" + canary + "@k8s'",
      "server: 'https://u:" + canary + "@k8s:99999'",
      "server: 'ftp://u:" + canary + "@k8s'",
      "server: 'u:" + canary + "@k8s'",
      "server: 'https://k8s', proxy-url: 'ftp://u:" + canary + "@p'",
      "server: 'https://k8s', proxy-url: 'http://u:" + canary + "@p:x'",
      "server: 'https://k8s', proxy-url: 'http://u:" + canary + "%@p'",
      "server: 'https://k8s', proxy-url: ['http://u:" + canary + "@p']",
      "server: 'http://k8s'",
      "server: 'https://k8s', certificate-authority: /no/ca",
  };
  for (const auto& cluster : clusters) EXPECT_GT(try_out(kubeconfig(cluster, "token: " + canary)), 0) << cluster;
  EXPECT_GT(try_out(kubeconfig(server, "exec: {command: x, args: [" + canary + "]}"), {.allow_exec = false}), 0);
  EXPECT_GT(try_out(kubeconfig(server, "token: " + canary + ", client-key: /x"), {.allow_files = false}), 0);
}

TEST(CredentialLeak, TextsThatDoNotParse) {
  const std::string whole =
      kubeconfig(server, "token: " + canary + ", password: " + canary + ", client-key-data: " + encoded);
  int errors = 0;
  for (std::size_t cut = 0; cut < whole.size(); ++cut) errors += try_out(whole.substr(0, cut));
  for (char broken : {'\0', '\t', '\x80', '"', '\'', '{', '[', ']', '}', ':', '*', '&', '!', '%', '@', '`', '|', '\n'})
    for (std::size_t at = 0; at < whole.size(); at += 3) {
      std::string text = whole;
      text[at] = broken;
      errors += try_out(text);
    }
  EXPECT_GT(errors, 1000);
  for (const std::string prefix : {"token: *", "token: &", "token: !!int ", "token: !", "token: \"\\q", "? [",
                                   "token: '", "%TAG ! ", "- ", "@", "`", "{", "{\"token\":\"", "a: b: "})
    EXPECT_GT(try_out(prefix + canary), 0) << prefix;
}

TEST(CredentialLeak, PluginsThatFail) {
  TemporaryDirectory directory;
  const std::string bodies[] = {
      "echo '" + canary + "'",
      "echo '{\"token\":\"" + canary + "\"}'",
      "echo '{\"kind\":\"" + canary + "\"}'",
      "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" + canary + "\"}'",
      "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"" +
          canary + " x\"}}'",
      "echo "
      "'{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":[\"" +
          canary + "\"]}}'",
      "echo "
      "'{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/"
      "v1\",\"status\":{\"clientKeyData\":\"" +
          canary + "\"}}'",
      "echo "
      "'{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/"
      "v1\",\"status\":{\"token\":\"x\",\"expirationTimestamp\":\"" +
          canary + "\"}}'",
      "echo '" + canary + "'; exit 1",
      "echo \"failed: $SECRET\" >&2; exit 1",
      "echo \"failed: $1\" >&2; exit 1",
      "env >&2; exit 1",
      "yes '" + canary + "'",
      "kill -9 $$",
  };
  int number = 0;
  for (const auto& body : bodies) {
    std::string plugin = directory.script("plugin" + std::to_string(number++), body);
    std::string exec =
        "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: " + plugin +
        ", args: ['--client-secret=" + canary + "'], env: [{name: SECRET, value: " + canary + "}]}";
    EXPECT_EQ(try_out(kubeconfig(server, exec)), 2) << body;  // and the context "none"
  }
}

TEST(CredentialLeak, FilesThatAreWrong) {
  TemporaryDirectory directory;
  std::string file = directory.write("file", canary + " " + canary);
  EXPECT_EQ(try_out(kubeconfig(server, "tokenFile: " + file)), 2);
  EXPECT_EQ(try_out(kubeconfig(server, "client-certificate: " + file + ", client-key: " + file)), 2);
  EXPECT_EQ(try_out(kubeconfig(server + ", certificate-authority: " + file, "token: " + canary)), 2);
  auto config = load_kubeconfig_file(directory.write("config", "users: [{user: {token: " + canary));
  ASSERT_FALSE(config);
  expect_clean(config.error(), "file");
  Sources sources;
  sources.environment = variables({{"KUBECONFIG_CONTENTS", "token: *" + canary}});
  config = load_kubeconfig(sources);
  ASSERT_FALSE(config);
  expect_clean(config.error(), "contents");
  Sources lone;
  lone.token = Secret(canary);
  expect_clean(load_kubeconfig(lone).error(), "token without server");
}

}  // namespace
}  // namespace fairlead::kube
