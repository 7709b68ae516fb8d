#include "gate/role.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

#include "gate/policy.h"

namespace fairlead::gate {
namespace {

using ::testing::HasSubstr;

using Texts = std::vector<std::string>;

constexpr Role kRoles[] = {Role::viewer, Role::agent, Role::operator_, Role::approver, Role::admin};
constexpr Deed kDeeds[] = {Deed::read, Deed::change, Deed::take_back, Deed::decide, Deed::administer};

Bindings bound(const Texts& texts) {
  Bindings out;
  for (const auto& text : texts) out.push_back(parse_binding(text).value());
  return out;
}

std::vector<Touch> pods_in(const Texts& namespaces) {
  std::vector<Touch> out;
  for (const auto& ns : namespaces) out.push_back({"", "pods", ns, ""});
  return out;
}

std::string why(const Texts& bindings, Deed deed, const std::string& cluster, const Texts& namespaces) {
  return why_not(bound(bindings), deed, cluster, pods_in(namespaces)).value_or("covered");
}

// The cause, where it was refused as it should be.
std::string refusal(const Result<Binding>& binding) {
  if (binding) return "accepted: " + to_string(*binding);
  EXPECT_EQ(binding.error().code, ErrorCode::invalid_request);
  return binding.error().cause;
}
std::string refusal_of_text(std::string_view text) { return refusal(parse_binding(text)); }
std::string refusal_of_json(std::string_view text) {
  return refusal(binding_from_json(parse_json(text, "test").value()));
}

// "a0,a1,…"
std::string many(const std::string& stem, int count, const std::string& between = ",") {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i > 0 ? between : "") + stem + std::to_string(i);
  return out;
}

TEST(Role, EveryOneHasAName) {
  std::set<std::string> names;
  for (const Role role : kRoles) {
    const std::string name(to_string(role));
    ASSERT_TRUE(parse_role(name).has_value()) << name;
    EXPECT_TRUE(*parse_role(name) == role) << name;
    names.insert(name);
  }
  EXPECT_THAT(names, ::testing::ElementsAre("admin", "agent", "approver", "operator", "viewer"));
  for (const char* other : {"", "root", "Viewer", "VIEWER", "viewer ", " viewer", "view", "viewers", "operator_", "*"})
    EXPECT_FALSE(parse_role(other).has_value()) << other;
  EXPECT_FALSE(parse_role(std::string_view("viewer\0", 7)).has_value());
}

TEST(Binding, TextsComeBackAsTheyWere) {
  for (const char* text : {"viewer", "agent", "operator", "approver", "admin", "operator@k8s:a", "viewer@*/shop",
                           "agent@k8s:a,k8s:b/shop,web", "approver@k3s-local/shop", "viewer@k8s:a,k8s:b",
                           "operator@arn:aws:eks:eu-west-1:1:cluster.a_b", "viewer@*/kube-system,0"}) {
    const auto binding = parse_binding(text);
    ASSERT_TRUE(binding.has_value()) << text << ": " << binding.error().sentence();
    EXPECT_EQ(to_string(*binding), text);
  }
}

TEST(Binding, ATextSaysRoleClustersAndNamespaces) {
  const Binding binding = parse_binding("agent@k8s:a,k8s:b/shop,web").value();
  EXPECT_TRUE(binding.role == Role::agent);
  EXPECT_THAT(binding.clusters, ::testing::ElementsAre("k8s:a", "k8s:b"));
  EXPECT_THAT(binding.namespaces, ::testing::ElementsAre("shop", "web"));
  EXPECT_THAT(parse_binding("viewer@*/shop")->clusters, ::testing::IsEmpty());
  EXPECT_THAT(parse_binding("viewer@*/shop")->namespaces, ::testing::ElementsAre("shop"));
  EXPECT_TRUE(parse_binding("viewer@*").value() == parse_binding("viewer").value());
  EXPECT_TRUE(parse_binding("admin@*").value() == parse_binding("admin").value());
}

TEST(Binding, JsonComesBackAsItWas) {
  for (const char* text : {"viewer", "admin", "operator@k8s:a", "agent@k8s:a,k8s:b/shop,web", "viewer@*/shop"}) {
    const Binding binding = parse_binding(text).value();
    const auto again = binding_from_json(to_json(binding));
    ASSERT_TRUE(again.has_value()) << text << ": " << again.error().sentence();
    EXPECT_TRUE(*again == binding) << text;
  }
  EXPECT_EQ(compact(to_json(parse_binding("agent@k8s:a,k8s:b/shop").value())),
            R"({"role":"agent","clusters":["k8s:a","k8s:b"],"namespaces":["shop"]})");
  EXPECT_EQ(compact(to_json(parse_binding("viewer").value())), R"({"role":"viewer"})");
  EXPECT_EQ(refusal_of_json(R"({"role":"viewer","clusters":null,"namespaces":null})"), "accepted: viewer");
}

TEST(Binding, WrongTextsAreRefused) {
  for (const char* text : {"", "root", "Viewer", " viewer", "viewer ", "operator_", "viewer/shop", "@k8s:a", "*"})
    EXPECT_THAT(refusal_of_text(text), HasSubstr("no such role")) << text;
  for (const char* text :
       {"viewer@", "viewer@/shop", "viewer@k8s:a,", "viewer@,k8s:a", "viewer@k8s:a,,k8s:b", "viewer@*,k8s:a",
        "viewer@k8s:a,*", "viewer@k8s:a@k8s:b", "viewer@k8s: a", "viewer@k8s:a\n", "viewer@\tk8s:a"})
    EXPECT_THAT(refusal_of_text(text), HasSubstr("cluster")) << text;
  for (const char* text :
       {"viewer@*/", "viewer@*/shop,", "viewer@*/,shop", "viewer@*/*", "viewer@*/Shop", "viewer@*/shop.web",
        "viewer@*/-shop", "viewer@*/shop-", "viewer@*/sh op", "viewer@k8s:a/shop/web", "viewer@*/shop@web"})
    EXPECT_THAT(refusal_of_text(text), HasSubstr("namespace")) << text;
  for (const char* text : {"admin@k8s:a", "admin@*/shop", "admin@k8s:a/shop"})
    EXPECT_THAT(refusal_of_text(text), HasSubstr("an admin is")) << text;
}

TEST(Binding, WrongJsonIsRefused) {
  for (const char* text : {"null", "[]", "\"viewer\"", "1", "true"})
    EXPECT_THAT(refusal_of_json(text), HasSubstr("no object")) << text;
  for (const char* text :
       {"{}", R"({"role":null})", R"({"role":1})", R"({"role":"root"})", R"({"role":""})", R"({"role":["viewer"]})"})
    EXPECT_THAT(refusal_of_json(text), HasSubstr("no role that is known")) << text;
  for (const char* text : {R"({"role":"viewer","cluster":"k8s:a"})", R"({"role":"viewer","Namespaces":[]})",
                           R"({"role":"viewer","":1})", R"({"rule":"viewer"})"})
    EXPECT_THAT(refusal_of_json(text), HasSubstr("member that is not known")) << text;
  for (const char* key : {"clusters", "namespaces"})
    for (const char* value : {"\"a\"", "1", "true", "{}", "[1]", "[\"a\",null]", "[[\"a\"]]", "[{}]"}) {
      const std::string text = R"({"role":"viewer",")" + std::string(key) + "\":" + value + "}";
      EXPECT_THAT(refusal_of_json(text), HasSubstr(std::string(key) + " is no list")) << text;
    }
  for (const char* value : {"", "*", "k8s:a,k8s:b", "k8s:a/shop", "a@b", "a b", "a\\n", "a\\t"})
    EXPECT_THAT(refusal_of_json(R"({"role":"viewer","clusters":["k8s:a",")" + std::string(value) + "\"]}"),
                HasSubstr("cluster"))
        << value;
  for (const char* value : {"", "*", "Shop", "shop.web", "shop,web", "-shop", "sh op"})
    EXPECT_THAT(refusal_of_json(R"({"role":"viewer","namespaces":["shop",")" + std::string(value) + "\"]}"),
                HasSubstr("namespace"))
        << value;
  for (const char* text : {R"({"role":"admin","clusters":["k8s:a"]})", R"({"role":"admin","namespaces":["shop"]})"})
    EXPECT_THAT(refusal_of_json(text), HasSubstr("an admin is")) << text;
}

TEST(Binding, NamesAreBounded) {
  const std::string long_id(253, 'c'), long_namespace(63, 'n');
  EXPECT_EQ(refusal_of_text("viewer@" + long_id + "/" + long_namespace),
            "accepted: viewer@" + long_id + "/" + long_namespace);
  EXPECT_THAT(refusal_of_text("viewer@" + long_id + "c"), HasSubstr("cluster"));
  EXPECT_THAT(refusal_of_text("viewer@*/" + long_namespace + "n"), HasSubstr("namespace"));
  EXPECT_THAT(refusal_of_text("viewer@" + many("c", 100) + "/" + many("n", 100)), HasSubstr("accepted"));
  EXPECT_THAT(refusal_of_text("viewer@" + many("c", 101)), HasSubstr("at most 100"));
  EXPECT_THAT(refusal_of_text("viewer@*/" + many("n", 101)), HasSubstr("at most 100"));
  for (const char* key : {"clusters", "namespaces"}) {
    const auto with = [&](int count) {
      return refusal_of_json(R"({"role":"viewer",")" + std::string(key) + "\":[\"" + many("a", count, "\",\"") +
                             "\"]}");
    };
    EXPECT_THAT(with(100), HasSubstr("accepted")) << key;
    EXPECT_THAT(with(101), HasSubstr("at most 100")) << key;
  }
}

TEST(WhyNot, EachRoleHasItsDeeds) {
  const std::pair<const char*, std::set<Deed>> cases[] = {
      {"viewer", {Deed::read}},
      {"agent", {Deed::read, Deed::change}},
      {"operator", {Deed::read, Deed::change, Deed::take_back}},
      {"approver", {Deed::read, Deed::decide}},
      {"admin", {Deed::read, Deed::change, Deed::take_back, Deed::decide, Deed::administer}},
  };
  for (const auto& [role, deeds] : cases)
    for (const Deed deed : kDeeds) {
      const bool may = deeds.count(deed) > 0;
      const std::string shown = std::string(role) + ", deed " + std::to_string(static_cast<int>(deed));
      EXPECT_EQ(why({role}, deed, "k8s:a", {"shop", "*", ""}) == "covered", may) << shown;
      EXPECT_EQ(why({role}, deed, "", {}) == "covered", may) << shown;
      EXPECT_EQ(may_somewhere(bound({role}), deed), may) << shown;
    }
  EXPECT_TRUE(deed_of(ops::Trust::read) == Deed::read);
  EXPECT_TRUE(deed_of(ops::Trust::write) == Deed::change);
  EXPECT_TRUE(deed_of(ops::Trust::destructive) == Deed::change);
}

TEST(WhyNot, EachTouchIsCoveredByOneOfThem) {
  struct Case {
    Texts bindings;
    Deed deed;
    std::string cluster;
    Texts namespaces;
    std::string why;
  };
  const Case cases[] = {
      {{}, Deed::read, "k8s:a", {"shop"}, "on cluster k8s:a"},
      {{}, Deed::read, "", {}, "on whichever cluster"},
      {{"viewer"}, Deed::read, "k8s:a", {"shop", "web", "*", ""}, "covered"},
      {{"viewer"}, Deed::change, "k8s:a", {"shop"}, "changes on cluster k8s:a"},
      {{"viewer@k8s:a"}, Deed::read, "k8s:a", {"shop", "*", ""}, "covered"},
      {{"viewer@k8s:a"}, Deed::read, "k8s:b", {"shop"}, "on cluster k8s:b"},
      {{"viewer@k8s:a"}, Deed::read, "k8s:", {"shop"}, "on cluster k8s:"},
      {{"viewer@k8s:a"}, Deed::read, "k8s:aa", {}, "on cluster k8s:aa"},
      {{"viewer@k8s:a,k8s:b"}, Deed::read, "k8s:b", {"shop"}, "covered"},

      {{"viewer@*/shop"}, Deed::read, "k8s:a", {"shop"}, "covered"},
      {{"viewer@*/shop"}, Deed::read, "k8s:a", {"shop", "web"}, "in namespace web"},
      {{"viewer@*/shop"}, Deed::read, "k8s:a", {"sho"}, "in namespace sho"},
      {{"viewer@*/shop"}, Deed::read, "k8s:a", {"*"}, "in all namespaces"},
      {{"viewer@*/shop"}, Deed::read, "k8s:a", {"shop", ""}, "beyond namespaces"},
      {{"viewer@*/shop"}, Deed::read, "k8s:a", {}, "covered"},
      {{"viewer@*/shop"}, Deed::read, "", {"shop"}, "covered"},
      {{"viewer@*/shop,web"}, Deed::read, "k8s:a", {"web", "shop", "web"}, "covered"},

      {{"viewer@*/shop", "viewer@*/web"}, Deed::read, "k8s:a", {"shop", "web"}, "covered"},
      {{"viewer@*/shop", "viewer@*/web"}, Deed::read, "k8s:a", {"*"}, "in all namespaces"},
      {{"viewer@k8s:a/shop", "viewer@k8s:b/web"}, Deed::read, "k8s:a", {"shop", "web"}, "in namespace web"},
      {{"viewer@k8s:a/shop", "agent@k8s:a/web"}, Deed::read, "k8s:a", {"shop", "web"}, "covered"},
      {{"viewer@k8s:a/shop", "agent@k8s:a/web"}, Deed::change, "k8s:a", {"shop", "web"}, "changes in namespace shop"},
      {{"viewer", "agent@*/shop"}, Deed::read, "k8s:a", {"", "*", "web"}, "covered"},
      {{"viewer", "agent@*/shop"}, Deed::change, "k8s:a", {"shop"}, "covered"},
      {{"viewer", "agent@*/shop"}, Deed::change, "k8s:a", {"shop", ""}, "changes beyond namespaces"},
      {{"viewer", "agent@*/shop"}, Deed::decide, "k8s:a", {"shop"}, "deciding about changes"},
      {{"operator@k8s:a", "approver@k8s:b"}, Deed::decide, "k8s:a", {"shop"}, "on cluster k8s:a"},
      {{"operator@k8s:a", "approver@k8s:b"}, Deed::take_back, "k8s:b", {"shop"}, "on cluster k8s:b"},

      {{"viewer@k8s:a"}, Deed::read, "", {"shop"}, "on whichever cluster"},
      {{"viewer@k8s:a"}, Deed::read, "", {}, "on whichever cluster"},
      {{"viewer@k8s:a,k8s:b"}, Deed::read, "", {}, "on whichever cluster"},
      {{"viewer@k8s:a", "agent"}, Deed::read, "", {"*"}, "covered"},
      {{"viewer@k8s:a", "agent@*/shop"}, Deed::read, "", {"*"}, "in all namespaces"},
  };
  for (const auto& one : cases) {
    std::string shown = "deed " + std::to_string(static_cast<int>(one.deed)) + " on '" + one.cluster + "' by";
    for (const auto& text : one.bindings) shown += " " + text;
    const std::string said = why(one.bindings, one.deed, one.cluster, one.namespaces);
    EXPECT_THAT(said, HasSubstr(one.why)) << shown;
    EXPECT_EQ(said == "covered", one.why == "covered") << shown << ": " << said;
  }
}

TEST(CoversCluster, WhereverSomethingOfItMayBeSeen) {
  EXPECT_FALSE(covers_cluster({}, "k8s:a"));
  EXPECT_TRUE(covers_cluster(bound({"viewer"}), "k8s:a"));
  EXPECT_TRUE(covers_cluster(bound({"viewer"}), ""));
  EXPECT_TRUE(covers_cluster(bound({"viewer@*/shop"}), "k8s:a"));
  EXPECT_TRUE(covers_cluster(bound({"agent@k8s:a/shop"}), "k8s:a"));
  EXPECT_FALSE(covers_cluster(bound({"agent@k8s:a/shop"}), "k8s:b"));
  EXPECT_FALSE(covers_cluster(bound({"viewer@k8s:a", "operator@k8s:b"}), ""));
  EXPECT_TRUE(covers_cluster(bound({"viewer@k8s:a", "operator@k8s:b"}), "k8s:b"));
  EXPECT_FALSE(covers_cluster(bound({"viewer@k8s:a", "operator@k8s:b"}), "k8s:c"));
}

TEST(MaySomewhere, WhereverItIsBoundTo) {
  EXPECT_FALSE(may_somewhere({}, Deed::read));
  EXPECT_TRUE(may_somewhere(bound({"agent@k8s:a/shop"}), Deed::change));
  EXPECT_FALSE(may_somewhere(bound({"agent@k8s:a/shop"}), Deed::decide));
  EXPECT_TRUE(may_somewhere(bound({"agent@k8s:a/shop", "approver@k8s:b"}), Deed::decide));
  EXPECT_FALSE(may_somewhere(bound({"operator", "approver"}), Deed::administer));
}

// ---- against a naive reading: what a call means are clusters and places in them, all of them spelt out

const Texts kEveryCluster{"k8s:a", "k8s:b", "k8s:c", "no binding names it"};
const Texts kEveryPlace{"shop", "web", "bank", "no binding names it", ""};

bool grants(const Binding& binding, Deed deed, const std::string& cluster, const std::string& place) {
  static const std::map<std::string, std::string> letters{
      {"viewer", "r"}, {"agent", "rc"}, {"operator", "rct"}, {"approver", "rd"}, {"admin", "rctda"}};
  if (letters.at(to_string(Binding{binding.role, {}, {}})).find("rctda"[static_cast<int>(deed)]) == std::string::npos)
    return false;
  bool here = binding.clusters.empty(), there = binding.namespaces.empty();
  for (const auto& one : binding.clusters) here = here || one == cluster;
  for (const auto& one : binding.namespaces) there = there || one == place;
  return here && there;
}

bool covers(const Bindings& bindings, Deed deed, const Texts& clusters, const Texts& places, bool each_place) {
  for (const auto& binding : bindings) {
    std::size_t clusters_granted = 0;
    for (const auto& cluster : clusters) {
      std::size_t granted = 0;
      for (const auto& place : places) granted += grants(binding, deed, cluster, place);
      clusters_granted += each_place ? granted == places.size() : granted > 0;
    }
    if (clusters_granted == clusters.size()) return true;
  }
  return false;
}

bool reference(const Bindings& bindings, Deed deed, const std::string& cluster, const Texts& namespaces) {
  const Texts clusters = cluster.empty() ? kEveryCluster : Texts{cluster};
  if (namespaces.empty()) return covers(bindings, deed, clusters, kEveryPlace, false);
  for (const auto& ns : namespaces)
    if (!covers(bindings, deed, clusters, ns == "*" ? kEveryPlace : Texts{ns}, true)) return false;
  return true;
}

TEST(WhyNot, AgreesWithANaiveReading) {
  std::mt19937_64 random(20'270'115);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const auto some = [&](const Texts& words) {
    Texts out;
    for (const auto& word : words)
      if (below(3) == 0) out.push_back(word);
    return out;
  };
  int covered = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bindings bindings;
    std::string shown;
    for (std::size_t i = 0, n = below(5); i < n; ++i) {
      Binding binding;
      binding.role = kRoles[below(std::size(kRoles))];
      binding.clusters = some({"k8s:a", "k8s:b"});
      binding.namespaces = some({"shop", "web"});
      shown += to_string(binding) + " ";
      bindings.push_back(std::move(binding));
    }
    const Deed deed = kDeeds[below(std::size(kDeeds))];
    const Texts clusters{"k8s:a", "k8s:b", "k8s:c", ""}, spaces{"shop", "web", "bank", "*", ""};
    const std::string& cluster = clusters[below(clusters.size())];
    Texts namespaces;
    for (std::size_t i = 0, n = below(4); i < n; ++i) namespaces.push_back(spaces[below(spaces.size())]);
    for (const auto& ns : namespaces) shown += "[" + ns + "]";
    const bool expected = reference(bindings, deed, cluster, namespaces);
    const auto said = why_not(bindings, deed, cluster, pods_in(namespaces));
    ASSERT_EQ(!said.has_value(), expected)
        << shown << " deed " << static_cast<int>(deed) << " on '" << cluster << "': " << said.value_or("covered");
    ASSERT_TRUE(!said || !said->empty());
    ++(expected ? covered : refused);
  }
  EXPECT_GT(covered, 2000);
  EXPECT_GT(refused, 2000);
}

TEST(RolesAt, CountWhereTheyAreBound) {
  const Bindings bindings{{Role::agent, {"k8s:a"}, {}}, {Role::operator_, {"k8s:b"}, {}}, {Role::viewer, {}, {"shop"}}};
  const Touch shop{"", "pods", "shop", ""}, all{"", "pods", "*", ""};
  EXPECT_THAT(roles_at(bindings, "k8s:a", nullptr), testing::ElementsAre("agent"));
  EXPECT_THAT(roles_at(bindings, "k8s:a", &shop), testing::ElementsAre("agent", "viewer"));
  EXPECT_THAT(roles_at(bindings, "k8s:b", &all), testing::ElementsAre("operator"));
  EXPECT_THAT(roles_at(bindings, "k8s:c", &all), testing::ElementsAre());
}

}  // namespace
}  // namespace fairlead::gate
