#include "fleet/connect.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "fleet/mounted.h"
#include "store/test_database.h"

namespace fairlead::fleet {
namespace {

using ::testing::HasSubstr;

std::string config(std::string_view user, std::string_view server = "server: https://10.0.0.1:6443") {
  return "clusters: [{name: c, cluster: {" + std::string(server) + "}}]\nusers: [{name: u, user: {" +
         std::string(user) +
         "}}]\ncontexts: [{name: first, context: {cluster: c, user: u}}, {name: second, context: {cluster: c, user: "
         "u}}]\n"
         "current-context: first\n";
}

class ConnectTest : public ::testing::Test {
 protected:
  ConnectTest() {
    std::filesystem::create_directories(directory / "configs/team");
    options.kubeconfigs = directory / "configs";
    options.service_account_directory = directory / "account";
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(directory / name) << text; }
  static ClusterRow row(std::string_view text) {
    return new_cluster(parse_json(text, "test").value().get_object()).value().row;
  }

  store::testing::TemporaryDirectory directory;
  ConnectOptions options;
};

TEST_F(ConnectTest, AMountedKubeconfig) {
  write("configs/aks", config("token: t"));
  auto connection = connect(row(R"({"id":"aks","context":"second"})"), Secret(), options);
  ASSERT_TRUE(connection) << connection.error().sentence();
  EXPECT_EQ(connection->server.host, "10.0.0.1");
  EXPECT_EQ(connection->context, "second");
  EXPECT_EQ(connection->files.size(), 1U) << "so that a renewed one is seen";
  EXPECT_TRUE(connect(row(R"({"id":"bb","kubeconfig_path":")" + options.kubeconfigs + R"(/aks"})"), Secret(), options))
      << "as the page has it: the path in the container";
}

// Whoever mounts another file mounts another cluster, which nobody has tested.
TEST_F(ConnectTest, ATestIsOfTheFilesThatItWasMadeWith) {
  write("configs/aks", config("token: t"));
  ClusterRow tested = row(R"({"id":"aks"})");
  const auto still_tested = [&] {
    tested.last_test = LastTest{true, "fine", 1, tested.last_test ? tested.last_test->of : ""};
    ClusterRow now = tested;
    forget_test_of_other_files(now, options);
    return now.last_test.has_value();
  };
  const auto test = [&] { tested.last_test = LastTest{true, "fine", 1, files_digest(tested, options)}; };
  test();
  EXPECT_TRUE(still_tested());
  write("configs/aks", config("token: t"));
  EXPECT_TRUE(still_tested()) << "the same again";
  write("configs/aks", config("token: other"));
  EXPECT_FALSE(still_tested());
  std::filesystem::remove(directory / "configs/aks");
  EXPECT_FALSE(still_tested());
  write("configs/aks", config("token: t", "server: https://x, certificate-authority: ca"));
  write("configs/ca", "one");
  test();
  EXPECT_TRUE(still_tested());
  write("configs/ca", "two");
  EXPECT_FALSE(still_tested());
  tested.last_test->of.clear();
  EXPECT_FALSE(still_tested()) << "as rows were tested once";
  options.kubeconfigs.clear();
  EXPECT_TRUE(still_tested()) << "nobody knows here";
  tested.mode = CredentialMode::in_cluster;
  EXPECT_EQ(files_digest(tested, options), "");
}

TEST_F(ConnectTest, AMountedOneStaysInItsDirectory) {
  write("outside", config("token: t"));
  std::filesystem::create_symlink(directory / "outside", directory / "configs/link");
  for (const char* path : {"link", "/etc/passwd", "/proc/self/environ"}) {
    auto refused = connect(row(R"({"id":"aa","kubeconfig_path":")" + std::string(path) + R"("})"), Secret(), options);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, ErrorCode::policy_denied) << path;
  }
  // And so do the files that it refers to: below its own directory.
  write("configs/team/one", config("token: t", "server: https://x, certificate-authority: ../ca"));
  write("configs/ca", "-----BEGIN CERTIFICATE-----");
  auto upwards = connect(row(R"({"id":"aa","kubeconfig_path":"team/one"})"), Secret(), options);
  ASSERT_FALSE(upwards);
  EXPECT_THAT(upwards.error().cause, HasSubstr("does not lie below"));
  write("configs/team/two", config("token: t", "server: https://x, certificate-authority: ca"));
  write("configs/team/ca", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_TRUE(connect(row(R"({"id":"aa","kubeconfig_path":"team/two"})"), Secret(), options));
  write("configs/exec",
        config("exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never}"));
  EXPECT_EQ(connect(row(R"({"id":"aa","kubeconfig_path":"exec"})"), Secret(), options).error().code,
            ErrorCode::policy_denied);
  options.allow_exec = true;
  EXPECT_TRUE(connect(row(R"({"id":"aa","kubeconfig_path":"exec"})"), Secret(), options));
  options.kubeconfigs.clear();
  EXPECT_THAT(connect(row(R"({"id":"aa"})"), Secret(), options).error().cause, HasSubstr("no directory is configured"));
}

TEST_F(ConnectTest, StoredTokenAndInCluster) {
  auto stored = connect(row(R"({"id":"aa","kubeconfig":"x"})"), Secret(config("token: t")), options);
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->files.empty());
  EXPECT_EQ(
      connect(row(R"({"id":"aa","kubeconfig":"x"})"), Secret(config("tokenFile: /etc/passwd")), options).error().code,
      ErrorCode::policy_denied);
  auto token = connect(row(R"({"id":"aa","server":"https://[::1]:6443","token":"t"})"), Secret("t"), options);
  ASSERT_TRUE(token) << token.error().sentence();
  EXPECT_EQ(token->server.port, 6443);
  EXPECT_TRUE(token->tls.verify);
  const ClusterRow here = row(R"({"id":"here","credential_mode":"in-cluster"})");
  EXPECT_THAT(connect(here, Secret(), options).error().cause, HasSubstr("not inside a cluster"));
  options.surroundings.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "KUBERNETES_SERVICE_HOST") return "10.1.0.1";
    if (name == "KUBERNETES_SERVICE_PORT") return "443";
    return name == "KUBECONFIG" ? std::optional<std::string>("/somebody/elses") : std::nullopt;
  };
  std::filesystem::create_directories(directory / "account");
  write("account/token", "t");
  auto inside = connect(here, Secret(), options);
  ASSERT_TRUE(inside) << inside.error().sentence();
  EXPECT_EQ(inside->server.host, "10.1.0.1");
}

TEST(Connect, RegisteredServersAreNoPlacesWhereCloudsHandOutCredentials) {
  ClusterRow row;
  row.id = "c";
  row.mode = CredentialMode::token;
  row.server = "https://metadata.example.com";
  ConnectOptions options;
  EXPECT_TRUE(connect(row, Secret("t"), options).value().no_metadata);
  options.allow_link_local = true;
  EXPECT_FALSE(connect(row, Secret("t"), options).value().no_metadata);
}

}  // namespace
}  // namespace fairlead::fleet
