#include "runtimes/manifests.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/yaml.h"
#include "ops/arguments.h"
#include "runtimes/fields.h"
#include "runtimes/testing.h"

namespace fairlead::runtimes {
namespace {

using testing::HasSubstr;
using testing::Not;

fleet::ClusterRow row_of(fleet::Exposure mode) {
  fleet::ClusterRow row;
  row.id = "aks-eastus2";
  row.namespaces = {"agents", "openclaw-agents", "hermes-agents"};
  row.exposure.mode = mode;
  if (mode == fleet::Exposure::node_port) {
    row.exposure.runtime_node_port = 30909;
    row.exposure.gateway_node_port = 31879;
  }
  if (mode == fleet::Exposure::load_balancer) {
    row.exposure.annotations = {{"example.com/internal", "true"}};
    row.exposure.source_ranges = {"192.0.2.0/24", "2001:db8::/32"};
    row.exposure.load_balancer_class = "example.com/internal";
  }
  return row;
}

AgentPlace place_of(const Profile& profile, const fleet::ClusterRow& row) {
  return AgentPlace{"billing",
                    "0a1b2c3d",
                    profile.name,
                    row.target(),
                    namespace_of(profile, row),
                    object_name(profile.prefix, "billing", "0a1b2c3d")};
}

AgentSpec spec_of(const Profile& profile, const fleet::ClusterRow& row, json::object given = {}) {
  const AgentPlace place = place_of(profile, row);
  int next = 0;
  const SpecSources sources{profile, place, row, nullptr, "https://fairlead.example", [&](std::size_t bytes) {
                              return Secret(std::string(bytes * 2, "0123456789abcdef"[next++ % 16]));
                            }};
  return make_spec(ops::Arguments::validate(given, spec_parameters(), "deploy").value(), sources).value();
}

std::string all_of(const AgentObjects& objects) {
  std::string out;
  for (const json::object* one : objects.in_order()) out += (out.empty() ? "" : "---\n") + to_yaml(json::value(*one));
  return out;
}

// The objects of both families in each mode. FAIRLEAD_UPDATE_GOLDEN=1 writes them anew.
TEST(Manifests, Golden) {
  const std::filesystem::path directory = std::filesystem::path(__FILE__).parent_path() / "golden";
  const Profiles profiles = Profiles::built_in();
  for (const std::string& name : profiles.names())
    for (auto mode : {fleet::Exposure::cluster_ip, fleet::Exposure::node_port, fleet::Exposure::load_balancer}) {
      const Profile& profile = *profiles.find(name);
      const fleet::ClusterRow row = row_of(mode);
      json::object given{{"env", {{"LOG_LEVEL", "debug"}, {"PRICE", "$5 or $(HOME)"}}},
                         {"secret_env", {{"PROVIDER_TOKEN", "canary-of-the-provider"}}}};
      if (mode == fleet::Exposure::load_balancer) given["network_policy"] = true;
      if (mode == fleet::Exposure::node_port) {
        given["image_pull_secrets"] = json::array{"registry"};
        given["storage_class"] = "fast";
      }
      const std::string now = all_of(make_objects(profile, place_of(profile, row), spec_of(profile, row, given), 3, 1));
      const auto path = directory / (name + "-" + std::string(to_string(mode)) + ".yaml");
      if (std::getenv("FAIRLEAD_UPDATE_GOLDEN")) {
        std::filesystem::create_directories(directory);
        std::ofstream(path) << now;
      }
      std::ifstream file(path);
      std::stringstream golden;
      golden << file.rdbuf();
      EXPECT_EQ(now, golden.str()) << path << ": if this is meant, run again with FAIRLEAD_UPDATE_GOLDEN=1";
    }
}

class Objects : public testing::Test {
 protected:
  AgentObjects make(const fleet::ClusterRow& row, json::object given = {}, int replicas = 1) {
    return make_objects(profile, place_of(profile, row), spec_of(profile, row, std::move(given)), 1, replicas);
  }

  Profile profile = parse_profile(small_profile()).value();
  fleet::ClusterRow cluster_ip = row_of(fleet::Exposure::cluster_ip);
};

TEST_F(Objects, OfAStoppedAgentDifferInReplicasAlone) {
  AgentObjects running = make(cluster_ip), stopped = make(cluster_ip, {}, 0);
  EXPECT_EQ(stopped.deployment.at("spec").at("replicas"), 0);
  stopped.deployment.at("spec").as_object()["replicas"] = 1;
  EXPECT_EQ(all_of(running), all_of(stopped));
}

TEST_F(Objects, FixedNodePortsAreOfThatModeAlone) {
  fleet::ClusterRow row = row_of(fleet::Exposure::node_port);
  EXPECT_EQ(make(row).service.at("spec").at("ports").at(0).at("nodePort"), 30909);
  EXPECT_EQ(make(row).service.at("spec").at("ports").at(1).at("nodePort"), 31879);
  row.exposure.gateway_node_port = 0;
  EXPECT_FALSE(make(row).service.at("spec").at("ports").at(1).as_object().contains("nodePort"));
  row.exposure.mode = fleet::Exposure::load_balancer;
  EXPECT_FALSE(make(row).service.at("spec").at("ports").at(0).as_object().contains("nodePort"));
}

TEST_F(Objects, ADollarComesAsItIs) {
  const AgentObjects objects = make(cluster_ip, {{"env", {{"A", "$(SMALL_TOKEN) $$ $"}, {"EMPTY", ""}}}});
  const json::array& env =
      objects.deployment.at("spec").at("template").at("spec").at("containers").at(0).at("env").as_array();
  EXPECT_EQ(env.at(0), json::value({{"name", "A"}, {"value", "$$(SMALL_TOKEN) $$$$ $$"}}));
  // An empty value is one that is not there: written, it would never be what was applied.
  EXPECT_EQ(env.at(2), json::value({{"name", "EMPTY"}}));
}

TEST_F(Objects, WithoutSecretsTheSecretIsEmpty) {
  profile.environment.clear();
  const AgentObjects objects = make(cluster_ip);
  EXPECT_FALSE(objects.secret.contains("data"));
  EXPECT_THAT(all_of(objects), Not(HasSubstr("env:")));
}

// Nobody could tell a policy that lets everybody in from one that was not made.
TEST_F(Objects, APolicyWithoutRangesLetsNobodyIn) {
  AgentSpec spec = spec_of(profile, cluster_ip);
  spec.network_policy = true;
  const AgentObjects objects = make_objects(profile, place_of(profile, cluster_ip), spec, 1, 1);
  ASSERT_TRUE(objects.network_policy);
  EXPECT_FALSE(objects.network_policy->at("spec").as_object().contains("ingress"));
  EXPECT_EQ(objects.network_policy->at("spec").at("policyTypes"), json::value(json::array{"Ingress"}));
}

TEST_F(Objects, BelongToTheirAgentAlone) {
  const AgentPlace place = place_of(profile, cluster_ip);
  const AgentObjects objects = make(cluster_ip);
  for (const json::object* one : objects.in_order()) {
    json::value object(*one);
    EXPECT_TRUE(belongs_to(object, place));
    AgentPlace other = place;
    other.id = "ffffffff";
    EXPECT_FALSE(belongs_to(object, other));
    other = place;
    other.ns = "elsewhere";
    EXPECT_FALSE(belongs_to(object, other));
    other = place;
    other.object = "another";
    EXPECT_FALSE(belongs_to(object, other));
    object.at("metadata").at("labels").as_object()["app.kubernetes.io/managed-by"] = "Helm";
    EXPECT_FALSE(belongs_to(object, place));
    object.at("metadata").as_object().erase("labels");
    EXPECT_FALSE(belongs_to(object, place));
  }
  EXPECT_FALSE(belongs_to(json::value(), place));
  EXPECT_FALSE(belongs_to(json::value(objects.secret), AgentPlace{}));
}

TEST_F(Objects, TheDigestFollowsTheContentAndTellsNothingOfIt) {
  const AgentSpec spec = spec_of(profile, cluster_ip);
  const std::string digest = content_digest(spec, profile);
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(digest, content_digest(spec, profile));
  AgentSpec other = spec;
  other.environment.back().value += "x";
  EXPECT_NE(digest, content_digest(other, profile));
  other = spec;
  for (auto& one : other.environment)
    if (one.sensitive) one.secret = Secret("another");
  EXPECT_NE(digest, content_digest(other, profile));
  other = spec;
  other.digest_key = Secret("another");
  EXPECT_NE(digest, content_digest(other, profile));
  other = spec;
  other.memory = "1Gi";
  EXPECT_EQ(digest, content_digest(other, profile));
  Profile changed = profile;
  changed.bootstrap += "# more\n";
  EXPECT_NE(digest, content_digest(spec, changed));
}

// As k8s.io/apimachinery's Quantity writes them.
TEST(Quantity, IsWrittenAsKubernetesDoes) {
  const std::pair<const char*, const char*> all[] = {{"2", "2"},
                                                     {"500m", "500m"},
                                                     {"0.5", "500m"},
                                                     {"2000m", "2"},
                                                     {"1500m", "1500m"},
                                                     {"2048Mi", "2Gi"},
                                                     {"1536Mi", "1536Mi"},
                                                     {"1.5Gi", "1536Mi"},
                                                     {"10Gi", "10Gi"},
                                                     {"1024Gi", "1Ti"},
                                                     {"3000M", "3G"},
                                                     {"1000", "1k"},
                                                     {"1e3", "1k"},
                                                     {"2E9", "2G"},
                                                     {"134217728", "134217728"},
                                                     {"128974848", "128974848"},
                                                     {"1Pi", "1Pi"},
                                                     {"1025Ki", "1025Ki"},
                                                     {"4194304000", "4194304k"},
                                                     {"0.001", "1m"}};
  for (const auto& [text, canonical] : all) {
    EXPECT_EQ(canonical_quantity(text), canonical);
    EXPECT_EQ(canonical_quantity(canonical), canonical);
  }
}

TEST_F(Objects, ANamespace) {
  EXPECT_EQ(
      compact(json::value(namespace_object("agents"))),
      R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"agents","labels":{"app.kubernetes.io/managed-by":"fairlead"}}})");
}

}  // namespace
}  // namespace fairlead::runtimes
