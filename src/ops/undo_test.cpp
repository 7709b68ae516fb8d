// undo ∘ do = identity: what a rollback plans, carried out on a server that keeps objects.
#include "ops/undo.h"

#include <gmock/gmock.h>

#include "ops/objects_testing.h"
#include "ops/shown.h"

namespace fairlead::ops {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::parsed;
using testing::Tree;

const ObjectRef kWeb{"apps", "v1", "deployments", "Deployment", "shop", "web", {}, "u-1"},
    kConfig{"", "v1", "configmaps", "ConfigMap", "shop", "web", {}, "u-1"},
    kSecret{"", "v1", "secrets", "Secret", "shop", "web", {}, "u-1"},
    kBinding{"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", "shop", "web", {}, "u-1"},
    kClusterRole{"rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", "", "web", {}, "u-1"};

// `more`: members beside the metadata, or of them where it says so.
json::value state(std::string_view more, std::string_view version = "7") {
  json::value out = parsed(more);
  out.as_object()["kind"] = "Any";
  json::value& metadata = out.as_object()["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  metadata.as_object()["name"] = "web";
  metadata.as_object()["uid"] = "u-1";
  metadata.as_object()["resourceVersion"] = version;
  return out;
}

class Undo : public ::testing::Test {
 protected:
  // A patch that has been made; the object is as it left it.
  Written left(const ObjectRef& object, json::value before, json::value after) {
    Written out;
    out.write.object = object;
    out.write.content_type = kube::Patch::merge;
    out.write.before = std::move(before);
    out.after = std::move(after);
    if (!out.after.is_null()) server.objects[object.target()] = out.after;
    return out;
  }
  Written patched(const ObjectRef& object, std::string_view before, std::string_view after) {
    return left(object, state(before), state(after, "8"));
  }
  Result<Plan> plan(std::vector<Written> written, UndoOptions options = {}) {
    return testing::in_call(server.api,
                            [&](Call& call) { return plan_undo(call, std::move(written), "take it back", options); });
  }
  Result<Plan> forced(std::vector<Written> written) { return plan(std::move(written), {true, {}, {}}); }
  // What a refusal says; the plan's `reach` where it was forced.
  std::string refusal_of(std::vector<Written> written, UndoOptions options = {}) {
    auto made = plan(std::move(written), std::move(options));
    if (made) return "not refused";
    EXPECT_EQ(made.error().code, ErrorCode::conflict);
    return made.error().foreign;
  }
  const json::value& now(const ObjectRef& object) { return server.objects.at(object.target()); }
  template <class Edit>
  void somebody(const ObjectRef& object, Edit edit) {
    server.write(object.target(), edit);
  }

  testing::ObjectServer server;
};

json::value random_state(Tree& tree) {
  return state(compact(json::object{{"metadata", {{"labels", tree.object(0)}}},
                                    {"spec", {{"of", tree.object(3)}, {"env", tree.named(2)}}}}));
}
json::value worked_on(Tree& tree, const json::value& before) {
  json::value out = before;
  for (const char* part : {"/metadata/labels", "/spec/of", "/spec/env"})
    out.at_pointer(part) = tree.changed(out.at_pointer(part), 3);
  out.at("metadata").as_object()["resourceVersion"] = "8";
  return out;
}
// What somebody else writes meanwhile, beside all that random objects have.
json::value beside(json::value object) {
  object.at("metadata").as_object()["annotations"] = json::object{{"by", "bob"}};
  object.at("spec").as_object()["other"] = json::array{1, 2};
  object.at_pointer("/spec/env").as_array().push_back(json::object{{"name", "zz"}, {"v", 9}});
  return object;
}
json::value unversioned(json::value object) {
  object.at("metadata").as_object().erase("resourceVersion");
  return object;
}

TEST_F(Undo, OfAnythingIsWhatWasThereAndUndoneAgainWhatTheChangeLeft) {
  int changed = 0;
  for (unsigned seed = 0; seed < 250; ++seed) {
    Tree tree(seed);
    const json::value before = random_state(tree), after = worked_on(tree, before);
    const Written done = left(kWeb, before, after);
    auto back = plan({done});
    ASSERT_TRUE(back) << seed << back.error().foreign;
    ASSERT_EQ(back->writes.size(), diff(before, after).empty() ? 0U : 1U) << seed;
    if (back->writes.empty()) continue;
    ++changed;
    ASSERT_THAT(back->reach, IsEmpty()) << seed;
    server.carry_out(*back);
    ASSERT_EQ(unversioned(now(kWeb)), unversioned(before)) << seed;
    auto again = plan({{back->writes[0], now(kWeb)}});
    ASSERT_TRUE(again) << seed << again.error().foreign;
    server.carry_out(*again);
    ASSERT_EQ(unversioned(now(kWeb)), unversioned(after)) << seed;
  }
  EXPECT_GT(changed, 150);
}

TEST_F(Undo, TakesBackItsOwnAloneWhereSomebodyHasWrittenBesideIt) {
  for (unsigned seed = 0; seed < 250; ++seed) {
    Tree tree(seed);
    const json::value before = random_state(tree), after = worked_on(tree, before);
    const Written done = left(kWeb, before, after);
    somebody(kWeb, [](json::value& object) { object = beside(object); });
    auto back = plan({done});
    ASSERT_TRUE(back) << seed << back.error().foreign;
    server.carry_out(*back);
    ASSERT_EQ(unversioned(now(kWeb)), unversioned(beside(before))) << seed;
  }
}

TEST_F(Undo, StopsAtWhatSomebodyHasWrittenOverAndOverwritesItByForceAndSaysSo) {
  int tried = 0;
  for (unsigned seed = 0; seed < 250; ++seed) {
    Tree tree(seed);
    const json::value before = random_state(tree), after = worked_on(tree, before);
    const auto changes = diff(before, after);
    if (changes.empty()) continue;
    ++tried;
    FieldChange theirs = changes[static_cast<std::size_t>(tree.pick(static_cast<int>(changes.size())))];
    theirs.before = std::nullopt;
    theirs.after = json::value("theirs");
    if (const auto* key = std::get_if<ItemKey>(&theirs.path.back())) {
      ItemKey item = *key;
      item["v"] = "theirs";
      theirs.after = std::move(item);
    }
    const Written done = left(kWeb, before, after);
    somebody(kWeb, [&](json::value& object) { object = with(object, {theirs}); });
    const std::string line = "Deployment shop/web " + shown_path(theirs.path) + ": it was ";
    auto refused = plan({done});
    ASSERT_FALSE(refused) << seed;
    ASSERT_EQ(refused.error().code, ErrorCode::conflict) << seed;
    ASSERT_THAT(refused.error().foreign, HasSubstr(line)) << seed;
    ASSERT_THAT(refused.error().foreign, Not(HasSubstr("\n"))) << seed;
    auto made = forced({done});
    ASSERT_TRUE(made) << seed;
    ASSERT_THAT(made->reach, ElementsAre(HasSubstr("overwritten: " + line))) << seed;
    ASSERT_THAT(made->left, IsEmpty()) << seed;
    server.carry_out(*made);
    ASSERT_EQ(unversioned(now(kWeb)), unversioned(before)) << seed;
  }
  EXPECT_GT(tried, 150);
}

TEST_F(Undo, AConflictNamesWhatWasWhatTheChangeLeftAndWhatIs) {
  const Written done = patched(kWeb, R"({"spec":{"gone":"old","replicas":3}})", R"({"spec":{"new":"a","replicas":5}})");
  somebody(kWeb, [](json::value& object) { object.at("spec") = parsed(R"({"gone":"b","new":"c","replicas":7})"); });
  auto refused = plan({done});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().cause, HasSubstr("3 things hold no longer what the change left there"));
  EXPECT_THAT(refused.error().remedy, HasSubstr("--force"));
  EXPECT_EQ(refused.error().foreign,
            "Deployment shop/web spec.gone: it was \"old\", the change left (none), and it is \"b\" now\n"
            "Deployment shop/web spec.replicas: it was 3, the change left 5, and it is 7 now\n"
            "Deployment shop/web spec.new: it was (none), the change left \"a\", and it is \"c\" now");
}

TEST_F(Undo, WhatIsAsItWasNeedsNothing) {
  const Written done = patched(kWeb, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":5}})");
  somebody(kWeb, [](json::value& object) { object.at("spec") = parsed(R"({"replicas":3})"); });
  EXPECT_THAT(plan({done})->writes, IsEmpty());
}

TEST_F(Undo, AnItemThatHasGoneIsLeftByForceTooAndTheRestIsTakenBack) {
  const Written done = patched(kWeb, R"({"spec":{"replicas":3,"env":[{"name":"A","value":"1","x":0}]}})",
                               R"({"spec":{"replicas":5,"env":[{"name":"A","value":"2","x":0}]}})");
  somebody(kWeb, [](json::value& object) { object.at_pointer("/spec/env").as_array().clear(); });
  auto made = forced({done});
  ASSERT_TRUE(made);
  const std::string line =
      "Deployment shop/web spec.env[name=A].value: it was \"1\", the change left \"2\", and it is (none) now";
  EXPECT_THAT(made->reach, ElementsAre("left as it is: " + line));
  EXPECT_THAT(made->left, ElementsAre(line));
  server.carry_out(*made);
  EXPECT_EQ(now(kWeb).at("spec"), parsed(R"({"replicas":3,"env":[]})"));
  auto nothing = forced({done});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().remedy, "There is nothing left to take back");
}

TEST_F(Undo, IsBoundToTheObjectThatItHasLookedAt) {
  const Written done = patched(kWeb, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":5}})");
  auto made = plan({done});
  somebody(kWeb, [](json::value& object) { object.at("spec") = parsed(R"({"replicas":9})"); });
  EXPECT_THROW(server.carry_out(*made), std::runtime_error);
  EXPECT_EQ(now(kWeb).at("spec"), parsed(R"({"replicas":9})"));
}

TEST_F(Undo, AnotherObjectOfTheNameOrNoneIsLeftByForceToo) {
  const Written done = patched(kWeb, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":5}})");
  somebody(kWeb, [](json::value& object) { object.at_pointer("/metadata/uid") = "u-2"; });
  const std::string other = "Deployment shop/web is another object of the same name by now (its uid differs)";
  EXPECT_EQ(refusal_of({done}), other);
  EXPECT_EQ(refusal_of({done}, {true, {}, {}}), other);
  server.objects.clear();
  EXPECT_EQ(refusal_of({done}, {true, {}, {}}), "Deployment shop/web is not there any more");
}

TEST_F(Undo, WhatMayNotBeReadIsNotPlanned) {
  const Written done = patched(kWeb, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":5}})");
  server.refused["GET " + kWeb.target()] = testing::refusal(403, "Forbidden", "no");
  EXPECT_EQ(forced({done}).error().code, ErrorCode::permission_denied);
}

TEST_F(Undo, AScaleOfZeroHasNoFieldToReplace) {
  ObjectRef scale = kWeb;
  scale.subresource = "scale";
  Written done = patched(scale, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":0}})");
  server.objects[scale.target()] = state(R"({"spec":{}})", "8");  // as servers say 0
  auto made = plan({done});
  ASSERT_TRUE(made) << made.error().foreign;
  server.carry_out(*made);
  EXPECT_EQ(now(scale).at("spec"), parsed(R"({"replicas":3})"));
}

TEST_F(Undo, WhatNobodyKnowsToBeItsOwnIsTakenBackByForceAlone) {
  Written done = patched(kWeb, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":5}})");
  done.is_known = false;
  EXPECT_THAT(refusal_of({done}), HasSubstr("may be as it is by somebody else"));
  auto made = forced({done});
  ASSERT_TRUE(made);
  EXPECT_THAT(made->reach, ElementsAre(HasSubstr("overwritten: Deployment shop/web may be as it is")));
  server.carry_out(*made);
  EXPECT_EQ(integer_at(now(kWeb), {"spec", "replicas"}), 3);
}

TEST_F(Undo, TheLastIsTakenBackFirstButForWhatPodsRead) {
  ObjectRef other = kWeb;
  other.name = "api";
  const auto webs = [&](const ObjectRef& object) {
    return patched(object, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":5}})");
  };
  const Written config = patched(kConfig, R"({"data":{"a":"1"}})", R"({"data":{"a":"2"}})");
  auto made = plan({config, webs(kWeb), webs(other)});
  ASSERT_EQ(made->writes.size(), 3U);
  EXPECT_EQ(made->writes[0].object.words(), "ConfigMap shop/web");
  EXPECT_EQ(made->writes[1].object.words(), "Deployment shop/api");
  EXPECT_EQ(made->writes[2].object.words(), "Deployment shop/web");
}

TEST_F(Undo, WhatIsLeftIsSaidAndStopsOnlyWhereNothingElseIsToBeDone) {
  const UndoOptions options{false, {}, {"ConfigMap shop/x, which the change may have made so or not"}};
  const Written done = patched(kWeb, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":5}})");
  auto made = plan({done}, options);
  ASSERT_TRUE(made);
  EXPECT_THAT(made->reach, ElementsAre("left as it is: " + options.left[0]));
  EXPECT_EQ(made->left, options.left);
  server.carry_out(*made);
  EXPECT_EQ(refusal_of({done}, options), options.left[0]);
}

// ---- Secrets: whether one holds a value already would be told by any difference.

std::string seen_of(const Result<Plan>& made) {
  if (!made) return made.error().sentence() + made.error().foreign;
  std::string out;
  for (const auto& write : made->writes) {
    for (const auto& step : write.body.as_array())
      out += compact(json::object{{"op", step.at("op")}, {"path", step.at("path")}});
    for (const auto& line : diff_lines(write, nullptr)) out += line + "\n";
  }
  for (const auto& line : made->reach) out += line + "\n";
  return out;
}

TEST_F(Undo, OfASecretSeesTheSameWhateverItsValuesAre) {
  // Somebody guesses "Z3Vlc3M=", and it was so, or was not; then somebody else writes that again, or something else.
  std::vector<std::string> untouched, touched, by_force;
  for (const std::string was : {"Z3Vlc3M=", "b3RoZXI="}) {
    Written done = patched(kSecret, R"({"data":{"p":")" + was + R"("}})", R"({"data":{"p":"Z3Vlc3M="}})");
    done.write.body = parsed(R"({"data":{"p":"Z3Vlc3M="}})");
    auto made = plan({done});
    ASSERT_TRUE(made) << made.error().foreign;
    untouched.push_back(seen_of(made));
    EXPECT_THAT(untouched.back(), AllOf(Not(HasSubstr("Z3Vlc3M=")), Not(HasSubstr("b3RoZXI="))));
    for (const std::string is : {"b3RoZXI=", "dGhpcmQ="}) {
      somebody(kSecret, [&](json::value& object) { object.at_pointer("/data/p") = is; });
      touched.push_back(seen_of(plan({done})));
      by_force.push_back(seen_of(forced({done})));
      EXPECT_THAT(touched.back(), HasSubstr("Secret shop/web data.p holds no longer what the change left there"));
      for (const auto& value : {was, is}) EXPECT_THAT(touched.back() + by_force.back(), Not(HasSubstr(value)));
    }
    server.carry_out(*forced({done}));
    EXPECT_EQ(text_at(now(kSecret), {"data", "p"}), was);
  }
  for (const auto* all : {&untouched, &touched, &by_force})
    for (const auto& one : *all) EXPECT_EQ(one, all->front());
}

TEST_F(Undo, OfASecretTakesBackKeysThatCameWentAndChangedAndItsLabels) {
  const std::string before = R"({"metadata":{"labels":{"l":"1"}},"data":{"gone":"YQ==","kept":"Yg==","set":"Yw=="}})";
  Written done =
      patched(kSecret, before, R"({"metadata":{"labels":{"l":"2"}},"data":{"kept":"Yg==","new":"ZA==","set":"ZQ=="}})");
  done.write.body = parsed(R"({"stringData":{"new":"d","set":"e"},"data":{"gone":null}})");
  somebody(kSecret, [](json::value& object) { object.at("data").as_object()["theirs"] = "eA=="; });
  auto made = plan({done});
  ASSERT_TRUE(made) << made.error().foreign;
  server.carry_out(*made);
  json::value wanted = parsed(before);
  wanted.at("data").as_object()["theirs"] = "eA==";
  EXPECT_EQ(now(kSecret).at("data"), wanted.at("data"));
  EXPECT_EQ(now(kSecret).at_pointer("/metadata/labels"), wanted.at_pointer("/metadata/labels"));
}

// As where a webhook has a hand in it, or a patch replaces all of the data.
TEST_F(Undo, OfASecretTakesBackKeysThatTheChangeDidNotName) {
  Written done =
      patched(kSecret, R"({"data":{"gone":"YQ==","set":"Yg=="}})", R"({"data":{"came":"Yw==","set":"ZA=="}})");
  done.write.body = parsed(R"({"data":{"set":"ZA=="}})");
  server.carry_out(*plan({done}));
  EXPECT_EQ(now(kSecret).at("data"), done.write.before.at("data"));
}

TEST_F(Undo, OfASecretThatHoldsNothingAnyMore) {
  Written done = patched(kSecret, R"({"data":{"p":"YQ=="}})", R"({"data":{"p":"Yg=="}})");
  done.write.body = parsed(R"({"data":{"p":"Yg=="}})");
  somebody(kSecret, [](json::value& object) { object.as_object().erase("data"); });
  EXPECT_THAT(refusal_of({done}), HasSubstr("data.p holds no longer"));
  server.carry_out(*forced({done}));
  EXPECT_EQ(now(kSecret).at("data"), parsed(R"({"p":"YQ=="})"));
}

// ---- rights: what somebody may have revoked is never given again.

TEST_F(Undo, RightsAreGivenBackOnlyWhereNobodyHasWrittenSince) {
  const Written revoked = patched(kBinding, R"({"subjects":[{"kind":"User","name":"a"},{"kind":"User","name":"m"}]})",
                                  R"({"subjects":[{"kind":"User","name":"a"}]})");
  auto made = plan({revoked});
  ASSERT_TRUE(made) << made.error().foreign;
  EXPECT_EQ(made->writes.size(), 1U);
  somebody(kBinding, [](json::value& object) { object.as_object()["other"] = 1; });
  for (const bool force : {false, true})
    EXPECT_THAT(refusal_of({revoked}, {force, {}, {}}), HasSubstr("whether somebody wants them gone cannot be told"));
  somebody(kBinding, [](json::value& object) { object.at("subjects") = json::array(); });
  for (const bool force : {false, true})
    EXPECT_THAT(refusal_of({revoked}, {force, {}, {}}), HasSubstr("subjects: it was"));
  EXPECT_EQ(now(kBinding).at("subjects"), json::array());
  Written unknown = left(kBinding, revoked.write.before, revoked.after);
  unknown.is_known = false;
  EXPECT_THAT(refusal_of({unknown}, {true, {}, {}}), HasSubstr("it is not known whether this change arrived"));
}

TEST_F(Undo, RightsMayAlwaysBeTakenAway) {
  const Written granted = patched(kBinding, R"({"subjects":[{"kind":"User","name":"a"}]})",
                                  R"({"subjects":[{"kind":"User","name":"a"},{"kind":"User","name":"m"}]})");
  somebody(kBinding, [](json::value& object) { object.as_object()["other"] = 1; });
  auto made = plan({granted});
  ASSERT_TRUE(made) << made.error().foreign;
  server.carry_out(*made);
  EXPECT_EQ(now(kBinding).at("subjects"), parsed(R"([{"kind":"User","name":"a"}])"));
  const Written first = patched(kBinding, "{}", R"({"subjects":[{"kind":"User","name":"m"}]})");
  somebody(kBinding, [](json::value& object) { object.as_object()["other"] = 1; });
  made = plan({first});
  ASSERT_TRUE(made) << made.error().foreign;
  server.carry_out(*made);
  EXPECT_FALSE(now(kBinding).as_object().contains("subjects"));
}

TEST_F(Undo, LabelsOfAClusterRoleAreRightsByAggregation) {
  const Written done = patched(kClusterRole, R"({"metadata":{"labels":{"aggregate-to-edit":"true","x":"1"}}})",
                               R"({"metadata":{"labels":{"x":"1"}}})");
  EXPECT_EQ(plan({done})->writes.size(), 1U);
  somebody(kClusterRole, [](json::value& object) { object.as_object()["other"] = 1; });
  EXPECT_THAT(refusal_of({done}, {true, {}, {}}), HasSubstr("grants rights"));
}

}  // namespace
}  // namespace fairlead::ops
