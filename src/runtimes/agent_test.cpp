#include "runtimes/agent.h"

#include <gmock/gmock.h>

#include <random>

#include "base/text.h"
#include "runtimes/manifests.h"
#include "runtimes/testing.h"

namespace fairlead::runtimes {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Agent : public testing::Test {
 protected:
  Agent() {
    row.id = "kind-local";
    row.namespaces = {"agents", "", "hermes-agents"};
    row.exposure.source_ranges = {"192.0.2.0/24"};
    place = {"billing", "0a1b2c3d", "small", row.target(), "agents", object_name("agent-small", "billing", "0a1b2c3d")};
  }
  Result<AgentSpec> make(const json::object& given, const AgentSpec* before = nullptr, bool new_state = false) {
    auto arguments = ops::Arguments::validate(given, spec_parameters(), "deploy");
    if (!arguments) return fail(arguments.error());
    return make_spec(*arguments, {profile, place, row, before, backend_url,
                                  [this](std::size_t bytes) {
                                    ++asked;
                                    return Secret(std::to_string(asked) + std::string(bytes * 2 - 1, 'r'));
                                  },
                                  new_state});
  }
  AgentSpec made(const json::object& given = {}, const AgentSpec* before = nullptr, bool new_state = false) {
    auto out = make(given, before, new_state);
    if (!out) throw std::runtime_error(out.error().sentence());
    return *out;
  }
  static const EnvironmentVariable* variable(const AgentSpec& spec, std::string_view name) {
    for (const auto& one : spec.environment)
      if (one.name == name) return &one;
    return nullptr;
  }
  void expect_wrong(const json::object& given, const std::string& says, const AgentSpec* before = nullptr) {
    const auto spec = make(given, before);
    ASSERT_FALSE(spec) << compact(json::value(given));
    EXPECT_EQ(spec.error().code, ErrorCode::invalid_request);
    EXPECT_THAT(spec.error().cause, HasSubstr(says));
    EXPECT_FALSE(spec.error().remedy.empty());
    EXPECT_THAT(spec.error().sentence(), Not(HasSubstr("canary")));
  }

  Profile profile = parse_profile(small_profile()).value();
  fleet::ClusterRow row;
  AgentPlace place;
  std::string backend_url = "https://fairlead.example";
  int asked = 0;
};

TEST_F(Agent, ObjectNamesAreOfServices) {
  EXPECT_EQ(object_name("nora-oclaw", "billing", "0a1b2c3d"), "nora-oclaw-billing-0a1b2c3d");
  EXPECT_EQ(object_name("nora-hermes", std::string(63, 'a'), "0a1b2c3d"),
            "nora-hermes-" + std::string(42, 'a') + "-0a1b2c3d");
  // What is cut does not end in a '-', and what is no name becomes one.
  EXPECT_EQ(object_name("nora-hermes", std::string(41, 'a') + "-bcd", "0a1b2c3d"),
            "nora-hermes-" + std::string(41, 'a') + "-0a1b2c3d");
  EXPECT_EQ(object_name("p", "Big Name!", "0a1b2c3d"), "p-big-name-0a1b2c3d");
  EXPECT_EQ(object_name("p", "!!", "0a1b2c3d"), "p-0a1b2c3d");
  std::mt19937 random(7);
  const std::string letters = "abz09-AZ_. ";
  for (int i = 0; i < 10'000; ++i) {
    std::string name, id, other_id;
    for (auto n = random() % 80; n > 0; --n) name += letters[random() % letters.size()];
    for (int n = 0; n < 8; ++n) id += "0123456789abcdef"[random() % 16];
    other_id = id;
    other_id[random() % 8] ^= 1;
    const std::string prefix = random() % 2 ? "nora-oclaw" : std::string(31, 'p');
    const std::string object = object_name(prefix, name, id);
    EXPECT_LE(object.size(), 63u);
    EXPECT_FALSE(ops::why_not_label(object)) << object;
    EXPECT_TRUE(object.front() >= 'a' && object.front() <= 'z');
    EXPECT_TRUE(object.ends_with("-" + id)) << object;
    EXPECT_NE(object, object_name(prefix, name, other_id));
  }
}

TEST_F(Agent, NamesOfAgents) {
  EXPECT_FALSE(why_not_agent_name("billing"));
  EXPECT_FALSE(why_not_agent_name("9-lives"));
  for (const std::string bad : {"", "Billing", "a.b", "-a", "a-", "a b"}) EXPECT_TRUE(why_not_agent_name(bad)) << bad;
  EXPECT_FALSE(why_not_agent_name(std::string(63, 'a')));
  EXPECT_TRUE(why_not_agent_name(std::string(64, 'a')));
}

TEST_F(Agent, TheNamespaceIsTheRuntimesElseTheRows) {
  const Profiles profiles = Profiles::built_in();
  EXPECT_EQ(namespace_of(*profiles.find("hermes"), row), "hermes-agents");
  EXPECT_EQ(namespace_of(*profiles.find("openclaw"), row), "agents");
  EXPECT_EQ(namespace_of(profile, row), "agents");
  row.namespaces.fallback.clear();
  EXPECT_EQ(namespace_of(profile, row), "default");
}

TEST_F(Agent, IsWhatItsProfileSays) {
  const AgentSpec spec = made();
  EXPECT_EQ(spec.image, "registry.example/small:1");
  EXPECT_EQ(spec.cpu, "1");
  EXPECT_EQ(spec.memory, "64Mi");
  EXPECT_EQ(spec.storage, "1Gi");
  std::vector<std::string> names;
  for (const auto& one : spec.environment) names.push_back(one.name);
  EXPECT_THAT(names, ElementsAre("BACKEND", "PORT", "SMALL_TOKEN", "WHO"));
  EXPECT_EQ(variable(spec, "BACKEND")->value, "https://fairlead.example/api");
  EXPECT_EQ(variable(spec, "PORT")->value, "8080");
  EXPECT_EQ(variable(spec, "WHO")->value, "billing/0a1b2c3d in /state");
  EXPECT_EQ(variable(spec, "SMALL_TOKEN")->value, "");
  EXPECT_EQ(variable(spec, "SMALL_TOKEN")->secret.reveal().size(), 32u);
  backend_url.clear();
  EXPECT_EQ(variable(made(), "BACKEND"), nullptr);
  profile.environment.back().optional = false;
  expect_wrong({}, "env.BACKEND: it is not known where agents reach this server");
  EXPECT_TRUE(variable(made({{"env", {{"BACKEND", "https://other"}}}}), "BACKEND"));
}

TEST_F(Agent, WhatIsLeftOutIsAsBefore) {
  const AgentSpec first = made({{"image", "registry.example/mine:2"},
                                {"cpu", "500m"},
                                {"memory", "1Gi"},
                                {"storage", "2Gi"},
                                {"storage_class", "fast"},
                                {"image_pull_secrets", {"registry", "registry"}},
                                {"network_policy", true},
                                {"env", {{"A", "1"}, {"B", "2"}, {"PORT", "9"}}},
                                {"secret_env", {{"C_TOKEN", "canary"}}}});
  EXPECT_THAT(first.image_pull_secrets, ElementsAre("registry"));
  EXPECT_TRUE(made({}, &first) == first);
  const AgentSpec next = made({{"memory", "2Gi"}, {"env", {{"A", nullptr}, {"B", "3"}, {"PORT", nullptr}}}}, &first);
  EXPECT_EQ(variable(next, "A"), nullptr);
  EXPECT_EQ(variable(next, "B")->value, "3");
  EXPECT_EQ(variable(next, "PORT")->value, "8080");  // the profile's own again
  EXPECT_EQ(variable(next, "C_TOKEN")->secret.reveal(), "canary");
  EXPECT_THAT(differences(first, next),
              ElementsAre("memory: 1Gi -> 2Gi", "env A: taken away", "env B: 2 -> 3", "env PORT: 9 -> 8080"));
}

TEST_F(Agent, TheRuntimesVariablesFollowItsProfile) {
  const AgentSpec first = made();
  backend_url = "https://moved.example";
  profile.ports[0].number = 9999;
  profile.environment.erase(profile.environment.begin() + 2);
  const AgentSpec next = made({}, &first);
  EXPECT_EQ(variable(next, "BACKEND")->value, "https://moved.example/api");
  EXPECT_EQ(variable(next, "PORT")->value, "9999");
  EXPECT_EQ(variable(next, "WHO"), nullptr);
  EXPECT_EQ(variable(next, "SMALL_TOKEN")->secret.reveal(), variable(first, "SMALL_TOKEN")->secret.reveal());
}

TEST_F(Agent, AGeneratedCredentialIsGivenOrMadeAnew) {
  const AgentSpec first = made();
  const int before = asked;
  const AgentSpec renewed = made({{"secret_env", {{"SMALL_TOKEN", nullptr}}}}, &first);
  EXPECT_EQ(asked, before + 1);
  EXPECT_NE(variable(renewed, "SMALL_TOKEN")->secret.reveal(), variable(first, "SMALL_TOKEN")->secret.reveal());
  const AgentSpec given = made({{"secret_env", {{"SMALL_TOKEN", "canary-of-mine"}}}}, &first);
  EXPECT_EQ(variable(given, "SMALL_TOKEN")->secret.reveal(), "canary-of-mine");
  EXPECT_THAT(differences(first, given), ElementsAre("env SMALL_TOKEN: changed, in the Secret"));
  const AgentSpec back = made({{"secret_env", {{"SMALL_TOKEN", nullptr}}}}, &given);
  EXPECT_NE(variable(back, "SMALL_TOKEN")->secret.reveal(), "canary-of-mine");
}

TEST_F(Agent, AVariableMovesBetweenTheTwo) {
  const AgentSpec first = made({{"env", {{"A", "1"}}}});
  const AgentSpec hidden = made({{"env", {{"A", nullptr}}}, {"secret_env", {{"A", "canary"}}}}, &first);
  EXPECT_TRUE(variable(hidden, "A")->sensitive);
  EXPECT_THAT(differences(first, hidden), ElementsAre("env A: now in the Secret"));
  const AgentSpec open = made({{"env", {{"A", "2"}}}, {"secret_env", {{"A", nullptr}}}}, &hidden);
  EXPECT_EQ(variable(open, "A")->value, "2");
  EXPECT_TRUE(variable(open, "A")->secret.empty());
}

TEST_F(Agent, ExposureIsTheRowsButForAModeThatWasAskedFor) {
  const AgentSpec first = made();
  row.exposure.mode = fleet::Exposure::node_port;
  row.exposure.runtime_node_port = 30909;
  const AgentSpec next = made({}, &first);
  EXPECT_EQ(next.exposure.mode, fleet::Exposure::node_port);
  EXPECT_EQ(next.exposure.runtime_host, "host.docker.internal");
  const AgentSpec asked_for = made({{"exposure", "cluster-ip"}}, &next);
  row.exposure.source_ranges = {"198.51.100.0/24"};
  const AgentSpec kept = made({}, &asked_for);
  EXPECT_EQ(kept.exposure.mode, fleet::Exposure::cluster_ip);
  EXPECT_THAT(kept.exposure.source_ranges, ElementsAre("198.51.100.0/24"));
  EXPECT_THAT(differences(asked_for, kept),
              ElementsAre(R"(exposure.source_ranges: ["192.0.2.0/24"] -> ["198.51.100.0/24"])"));
}

TEST_F(Agent, EveryFieldIsChecked) {
  expect_wrong({{"image", "a b"}}, "image: an image");
  expect_wrong({{"image", ""}}, "image: an image has 1 to 512 characters");
  expect_wrong({{"cpu", "lots"}}, "cpu: it is no quantity");
  expect_wrong({{"memory", "1"}}, "memory: it is less than 4Mi");
  expect_wrong({{"storage", "-1Gi"}}, "storage: it is less than 1Mi");
  expect_wrong({{"storage_class", "A"}}, "storage_class: ");
  expect_wrong({{"image_pull_secrets", {"a/b"}}}, "image_pull_secrets: ");
  expect_wrong({{"exposure", "public"}}, "exposure");
  expect_wrong({{"env", {{"A-B", "1"}}}}, "env.A-B: a variable's name");
  expect_wrong({{"env", {{"9", "1"}}}}, "env.9: a variable's name");
  expect_wrong({{"env", {{"A", std::string("canary\0", 7)}}}}, "env.A: it holds a NUL");
  expect_wrong({{"env", {{"A", std::string(130 << 10, 'x')}}}}, "env.A: it is longer than 120 KiB");
  expect_wrong({{"env", {{"A", "1"}}}, {"secret_env", {{"A", "canary"}}}}, "env.A: it is given twice");
  expect_wrong({{"env", {{"SMALL_TOKEN", "canary"}}}}, "env.SMALL_TOKEN: it is a credential, or looks like one");
  expect_wrong({{"env", {{"OPENAI_API_KEY", "canary"}}}}, "env.OPENAI_API_KEY: it is a credential");
  expect_wrong({{"env", {{"WHERE", "https://me:canary@host/"}}}}, "env.WHERE: it is a credential");
  json::object many;
  for (int i = 0; i < 5; ++i) many["V" + std::to_string(i)] = std::string(110 << 10, 'x');
  expect_wrong({{"env", many}}, "env: all variables together are longer than 512 KiB");
  many.clear();
  for (int i = 0; i < 255; ++i) many["V" + std::to_string(i)] = "x";
  expect_wrong({{"env", many}}, "env: an agent has at most 256 variables");
  row.exposure.source_ranges.clear();
  expect_wrong({{"network_policy", true}}, "network_policy: the cluster has no source ranges");
}

TEST_F(Agent, AVolumeOnlyGrows) {
  const AgentSpec first = made({{"storage", "10Gi"}});
  EXPECT_EQ(made({{"storage", "20Gi"}}, &first).storage, "20Gi");
  expect_wrong({{"storage", "9Gi"}}, "storage: the state volume cannot become smaller", &first);
  expect_wrong({{"storage_class", "fast"}}, "storage_class: the state volume's class", &first);
  EXPECT_EQ(made({{"storage", "1Gi"}, {"storage_class", "fast"}}, &first, true).storage_class, "fast");
}

TEST_F(Agent, WhatIsKeptMustBeWhole) {
  const json::object kept = parse_json(serialised(made()).reveal(), "test").value().as_object();
  EXPECT_TRUE(parsed_spec(Secret(compact(json::value(kept)))));
  std::vector<std::string> bad{"", "[]", "{", "{\"version\":1}", compact(json::value(kept)) + "x"};
  for (const auto& member : kept) {
    json::object less = kept;
    less.erase(member.key());
    bad.push_back(compact(json::value(less)));
    less[member.key()] = 1.5;
    bad.push_back(compact(json::value(less)));
  }
  for (const auto& text : bad) {
    const auto spec = parsed_spec(Secret(text));
    ASSERT_FALSE(spec) << text;
    EXPECT_EQ(spec.error().code, ErrorCode::server_error);
    EXPECT_THAT(spec.error().sentence(), Not(HasSubstr("rrrr")));
  }
}

// Specifications of all kinds; each secret value holds "canary".
class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}

  AgentSpec spec() {
    AgentSpec out;
    out.image = text();
    out.cpu = std::to_string(1 + pick(8));
    out.memory = std::to_string(64 + pick(9)) + "Mi";
    out.storage = std::to_string(1 + pick(3)) + "Gi";
    if (pick(2)) out.storage_class = "fast";
    for (auto n = pick(3); n > 0; --n) out.image_pull_secrets.push_back("s" + std::to_string(n));
    out.exposure.mode = static_cast<fleet::Exposure>(pick(3));
    out.exposure.runtime_host = text();
    out.exposure.runtime_node_port = static_cast<std::int64_t>(pick(2)) * 30909;
    for (auto n = pick(3); n > 0; --n) out.exposure.annotations["a" + std::to_string(n)] = text();
    for (auto n = pick(3); n > 0; --n) out.exposure.source_ranges.push_back("10." + std::to_string(n) + ".0.0/16");
    out.own_exposure = pick(2);
    out.network_policy = pick(2);
    out.digest_key = Secret("canary-key-" + std::to_string(pick(2)));
    for (int n = 0; n < 8; ++n) {
      if (pick(2)) continue;
      EnvironmentVariable one;
      one.name = "V" + std::to_string(n);
      one.sensitive = pick(2);
      one.given = pick(2);
      if (one.sensitive)
        one.secret = Secret("canary-" + text());
      else
        one.value = text();
      out.environment.push_back(std::move(one));
    }
    return out;
  }
  std::size_t pick(std::size_t n) { return random_() % n; }

 private:
  std::string text() {
    static const std::vector<std::string> parts{"a", "Z9",           "",          "\n",      "\"", "$(X)",
                                                "ü", "\xe2\x80\xae", "{{state}}", "\\u0041", " "};
    std::string out;
    for (auto n = pick(4); n > 0; --n) out += parts[pick(parts.size())];
    return out;
  }
  std::mt19937 random_;
};

TEST_F(Agent, AnySpecificationIsKeptAsItIsAndNothingSecretIsShown) {
  Random random(11);
  for (int i = 0; i < 2000; ++i) {
    const AgentSpec spec = random.spec(), other = random.spec();
    const auto again = parsed_spec(serialised(spec));
    ASSERT_TRUE(again) << again.error().sentence();
    EXPECT_TRUE(*again == spec);
    EXPECT_EQ(serialised(*again).reveal(), serialised(spec).reveal());
    EXPECT_THAT(differences(spec, *again), IsEmpty());
    EXPECT_EQ(differences(spec, other).empty(), spec == other);
    EXPECT_THAT(compact(json::value(shown(spec))), Not(HasSubstr("canary")));
    for (const auto& line : differences(spec, other)) EXPECT_THAT(line, Not(HasSubstr("canary")));
  }
}

// One thing changed: exactly one line.
TEST_F(Agent, EachDifferenceIsALine) {
  Random random(12);
  for (int i = 0; i < 500; ++i) {
    AgentSpec from = random.spec();
    from.environment.insert(from.environment.begin(), {"AAA", "x", {}, false, true});
    AgentSpec to = from;
    switch (random.pick(7)) {
      case 0: to.image += "x"; break;
      case 1: to.exposure.annotations["more"] = "x"; break;
      case 2: to.network_policy = !to.network_policy; break;
      case 3: to.environment[0].value += "x"; break;
      case 4: to.environment[0].given = false; break;
      case 5: to.environment.erase(to.environment.begin()); break;
      case 6: to.digest_key = Secret("another"); break;
    }
    EXPECT_EQ(differences(from, to).size(), 1u);
    EXPECT_EQ(differences(to, from).size(), 1u);
    EXPECT_FALSE(from == to);
  }
}

TEST_F(Agent, TheSameSpecificationMakesTheSameBytesAndSecretsAreInTheSecretAlone) {
  Random random(13);
  for (int i = 0; i < 500; ++i) {
    const AgentSpec spec = random.spec();
    const auto again = parsed_spec(serialised(spec));
    ASSERT_TRUE(again);
    const AgentObjects one = make_objects(profile, place, spec, 7, 1), two = make_objects(profile, place, *again, 7, 1);
    const auto all = one.in_order(), others = two.in_order();
    ASSERT_EQ(all.size(), others.size());
    for (std::size_t n = 0; n < all.size(); ++n) {
      const std::string text = compact(json::value(*all[n]));
      EXPECT_EQ(text, compact(json::value(*others[n])));
      if (all[n] == &one.secret) continue;
      EXPECT_THAT(text, AllOf(Not(HasSubstr("canary")), Not(HasSubstr(base64_encode("canary").substr(0, 6)))));
    }
    for (const auto& variable : spec.environment)
      EXPECT_EQ(find(json::value(one.secret), "data", variable.name) != nullptr, variable.sensitive);
  }
}

}  // namespace
}  // namespace fairlead::runtimes
