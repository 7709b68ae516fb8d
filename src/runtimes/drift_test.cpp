#include "runtimes/drift.h"

#include <gmock/gmock.h>

#include <random>

#include "runtimes/manifests.h"
#include "runtimes/reach.h"
#include "runtimes/testing.h"

namespace fairlead::runtimes {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Drift : public testing::Test {
 protected:
  Drift() {
    row.exposure.mode = fleet::Exposure::load_balancer;
    row.exposure.source_ranges = {"192.0.2.0/24", "198.51.100.0/24"};
    const AgentPlace place{"billing", "0a1b2c3d", "small", "k8s:box", "agents", "agent-small-billing-0a1b2c3d"};
    const json::object given{{"env", {{"A", "1"}, {"B", "2"}}},
                             {"memory", "2048Mi"},
                             {"cpu", "2000m"},
                             {"secret_env", {{"TOKEN", "canary-4711"}}},
                             {"network_policy", true}};
    const SpecSources sources{profile, place, row, nullptr, "https://fairlead.example", [](std::size_t bytes) {
                                return Secret(std::string(bytes * 2, 'a'));
                              }};
    const AgentSpec spec =
        make_spec(ops::Arguments::validate(given, spec_parameters(), "deploy").value(), sources).value();
    objects = make_objects(profile, place, spec, 1, 1);
  }

  // As a server keeps it: with defaults, what controllers write, and its own spelling of quantities.
  static json::value kept(const json::object& wanted) {
    json::value out(wanted);
    json::object& metadata = out.at("metadata").as_object();
    metadata["uid"] = "1";
    metadata["resourceVersion"] = "7";
    metadata["managedFields"] = json::array{json::object{{"manager", "fairlead"}}};
    if (wanted.at("kind") == "Deployment") {
      out.at("metadata").as_object()["annotations"].as_object()["deployment.kubernetes.io/revision"] = "1";
      json::object& pod = out.at("spec").at("template").at("spec").as_object();
      pod["dnsPolicy"] = "ClusterFirst";
      pod["restartPolicy"] = "Always";
      json::object& container = pod["containers"].as_array().at(0).as_object();
      container["imagePullPolicy"] = "Always";
      const json::object amounts{{"cpu", "2"}, {"memory", "2Gi"}};
      container["resources"] = json::object{{"limits", amounts}, {"requests", amounts}};
    }
    if (wanted.at("kind") == "Service") {
      out.at("spec").as_object()["clusterIP"] = "10.0.0.7";
      for (auto& port : out.at("spec").at("ports").as_array()) port.as_object()["nodePort"] = 31000;
    }
    out.as_object()["status"] = json::object{{"x", 1}};
    return out;
  }
  static std::vector<std::string> paths(const json::object& wanted, const json::value& live) {
    std::vector<std::string> out;
    for (const auto& change : differs(json::value(wanted), live)) out.push_back(ops::to_text(change.path));
    return out;
  }
  json::object& container(json::value& deployment) {
    return deployment.at("spec").at("template").at("spec").at("containers").as_array().at(0).as_object();
  }

  Profile profile = parse_profile(small_profile()).value();
  fleet::ClusterRow row;
  AgentObjects objects;
};

TEST_F(Drift, AServersDefaultsAreNone) {
  for (const json::object* one : objects.in_order()) {
    EXPECT_THAT(paths(*one, kept(*one)), IsEmpty());
    json::value item = kept(*one);  // of a list
    item.as_object().erase("kind");
    item.as_object().erase("apiVersion");
    EXPECT_THAT(paths(*one, item), IsEmpty());
  }
}

TEST_F(Drift, WhatOthersAddIsNone) {
  json::value live = kept(objects.deployment);
  json::array& env = container(live)["env"].as_array();
  env.insert(env.begin(), json::object{{"name", "INJECTED"}, {"value", "x"}});
  std::swap(env.at(1), env.at(2));
  live.at("spec").at("template").at("spec").at("containers").as_array().push_back(json::object{{"name", "sidecar"}});
  live.at("metadata").at("labels").as_object()["theirs"] = "x";
  EXPECT_THAT(paths(objects.deployment, live), IsEmpty());
}

TEST_F(Drift, WhatOthersChangeIsTold) {
  json::value live = kept(objects.deployment);
  live.at("spec").as_object()["replicas"] = 2;
  container(live)["image"] = "registry.example/other:1";
  container(live)["resources"].as_object()["limits"].as_object()["memory"] = "3Gi";
  container(live)["env"].as_array().erase(container(live)["env"].as_array().begin());
  live.at("metadata").at("labels").as_object().erase("fairlead.dev/agent");
  EXPECT_THAT(difference_lines(objects.deployment, live),
              AllOf(Contains("Deployment agents/agent-small-billing-0a1b2c3d spec.replicas: 2 instead of 1"),
                    Contains(HasSubstr("containers[name=agent].image: \"registry.example/other:1\" instead of "
                                       "\"registry.example/small:1\"")),
                    Contains(HasSubstr("resources.limits.memory: \"3Gi\" instead of \"2Gi\"")),
                    Contains(HasSubstr("env[name=A]: (none) instead of")),
                    Contains(HasSubstr("labels[\"fairlead.dev/agent\"]: (none) instead of \"billing\""))));
  EXPECT_EQ(paths(objects.deployment, live).size(), 5u);
}

TEST_F(Drift, AListThatIsOneValueIsWhole) {
  json::value live = kept(objects.service);
  live.at("spec").as_object()["loadBalancerSourceRanges"] = json::array{"192.0.2.0/24", "198.51.100.0/24", "0.0.0.0/0"};
  EXPECT_THAT(paths(objects.service, live), ElementsAre("spec.loadBalancerSourceRanges"));
  live = kept(*objects.network_policy);
  live.at("spec").at("ingress").as_array().push_back(json::object{});  // from everybody
  EXPECT_THAT(paths(*objects.network_policy, live), ElementsAre("spec.ingress"));
}

TEST_F(Drift, AVolumeMayHaveGrown) {
  json::value live = kept(objects.volume_claim);
  json::object& requests = live.at("spec").at("resources").at("requests").as_object();
  requests["storage"] = "5Gi";
  EXPECT_THAT(paths(objects.volume_claim, live), IsEmpty());
  requests["storage"] = "512Mi";
  EXPECT_EQ(paths(objects.volume_claim, live).size(), 1u);
}

TEST_F(Drift, ASecretsValuesAreNotShown) {
  json::value live = kept(objects.secret);
  live.at("data").as_object()["TOKEN"] = "b3RoZXI=";
  live.at("data").as_object().erase("SMALL_TOKEN");
  const auto lines = difference_lines(objects.secret, live);
  EXPECT_THAT(lines, testing::UnorderedElementsAre(HasSubstr("data.TOKEN is another"),
                                                   HasSubstr("data.SMALL_TOKEN is missing")));
  for (const auto& line : lines) EXPECT_THAT(line, AllOf(Not(HasSubstr("b3Ro")), Not(HasSubstr("Y2FuYXJ5"))));
}

TEST_F(Drift, References) {
  for (const json::object* one : objects.in_order()) {
    const ops::ObjectRef where = reference(*one);
    EXPECT_FALSE(where.plural.empty());
    EXPECT_THAT(where.words(), HasSubstr(" agents/agent-small-billing-0a1b2c3d"));
  }
}

// Each leaf that is changed or taken away is found; what is put back leaves none.
TEST_F(Drift, EachFieldCounts) {
  std::mt19937 random(7);
  for (const json::object* one : objects.in_order()) {
    const json::value wanted(*one), was = kept(*one);
    for (const auto& leaf : ops::leaves(wanted)) {
      const std::string path = ops::to_text(leaf.path);
      if (path == "kind" || path == "apiVersion") continue;
      const bool taken = random() % 2 == 0;
      ops::FieldChange change{leaf.path, *leaf.after, std::nullopt, {}, false};
      if (!taken) change.after = json::value("other-" + std::to_string(random()));
      if (!taken && std::holds_alternative<ops::ItemKey>(leaf.path.back())) continue;
      // A field that names an item of a list cannot be changed alone: the item is another one then.
      const json::value live = ops::with(was, {change});
      if (live == was) continue;
      const auto found = differs(wanted, live);
      EXPECT_FALSE(found.empty()) << path << (taken ? " was taken away" : " was changed");
      for (const auto& difference : found)
        EXPECT_TRUE(path.starts_with(ops::to_text(difference.path)) ||
                    ops::to_text(difference.path).starts_with(path) ||
                    path.substr(0, path.rfind('[')) == ops::to_text(difference.path).substr(0, path.rfind('[')))
            << path << " is told as " << ops::to_text(difference.path);
      EXPECT_THAT(differs(wanted, ops::with(live, found)), IsEmpty()) << path;
    }
  }
}

TEST(ReachOf, EachMode) {
  const auto reach = [](std::string_view text, std::string_view host) {
    return json::serialize(shown(reach_of(parse_json(text, "test").value(), host)));
  };
  const std::string ports = R"("ports":[{"name":"runtime","port":9090,"nodePort":30909}])";
  EXPECT_EQ(
      reach(R"({"spec":{"type":"ClusterIP","clusterIP":"10.0.0.7","ports":[{"name":"runtime","port":9090}]}})", "h"),
      R"({"type":"ClusterIP","cluster_ip":"10.0.0.7","ports":[{"name":"runtime","port":9090,"node_port":null,)"
      R"("address":"10.0.0.7:9090"}]})");
  EXPECT_THAT(reach(R"({"spec":{"type":"ClusterIP","clusterIP":"fd00::7","ports":[{"name":"r","port":9090}]}})", ""),
              HasSubstr("\"[fd00::7]:9090\""));
  EXPECT_THAT(reach(R"({"spec":{"type":"NodePort","clusterIP":"10.0.0.7",)" + ports + "}}", ""),
              HasSubstr("\"host.docker.internal:30909\""));
  EXPECT_THAT(reach(R"({"spec":{"type":"NodePort",)" + ports + "}}", "node.example"),
              HasSubstr("\"node.example:30909\""));
  EXPECT_THAT(reach(R"({"spec":{"type":"LoadBalancer",)" + ports + "}}", ""), HasSubstr("\"load_balancer\":null"));
  EXPECT_THAT(reach(R"({"spec":{"type":"LoadBalancer",)" + ports +
                        R"(},"status":{"loadBalancer":{"ingress":[{"hostname":"lb.example"},{"ip":"192.0.2.7"}]}}})",
                    ""),
              HasSubstr("\"192.0.2.7:9090\""));
  EXPECT_THAT(reach(R"({"spec":{"type":"LoadBalancer",)" + ports +
                        R"(},"status":{"loadBalancer":{"ingress":[{"hostname":"lb.example"}]}}})",
                    ""),
              HasSubstr("\"lb.example:9090\""));
}

}  // namespace
}  // namespace fairlead::runtimes
