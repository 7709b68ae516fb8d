// Taking back what was created, and what was deleted.
#include <gmock/gmock.h>

#include "ops/objects_testing.h"
#include "ops/planning.h"
#include "ops/undo.h"

namespace fairlead::ops {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::parsed;

const ObjectRef kConfig{"", "v1", "configmaps", "ConfigMap", "shop", "c", {}, "u-1"},
    kService{"", "v1", "services", "Service", "shop", "s", {}, "u-1"},
    kJob{"batch", "v1", "jobs", "Job", "shop", "j", {}, "u-1"},
    kRole{"rbac.authorization.k8s.io", "v1", "roles", "Role", "shop", "r", {}, "u-1"};

class UndoObjects : public ::testing::Test {
 protected:
  // An object that was created, and is there as the server made it.
  Written created(const ObjectRef& object, std::string_view asked, std::string_view given = "{}") {
    Written out;
    out.write.verb = Write::Verb::create;
    out.write.object = object;
    out.write.object.uid.clear();
    out.write.body = named(object, parsed(asked));
    out.after = merged(out.write.body, parsed(given));
    out.after.at("metadata").as_object()["uid"] = "u-1";
    out.after.at("metadata").as_object()["resourceVersion"] = "7";
    server.objects[object.target()] = out.after;
    return out;
  }
  // An object that was there, and was deleted.
  Written deleted(const ObjectRef& object, std::string_view more) {
    json::value before = named(object, parsed(more));
    before.at("metadata").as_object()["uid"] = "u-1";
    before.at("metadata").as_object()["resourceVersion"] = "7";
    Written out;
    out.write = removal_of(object, before);
    return out;
  }
  static json::value named(const ObjectRef& object, json::value out) {
    out.as_object()["kind"] = object.kind;
    json::value& metadata = out.as_object()["metadata"];
    if (!metadata.is_object()) metadata = json::object();
    metadata.as_object()["name"] = object.name;
    return out;
  }
  Result<Plan> plan(Written written, UndoOptions options = {}) {
    return testing::in_call(server.api,
                            [&](Call& call) { return plan_undo(call, {std::move(written)}, "take it back", options); });
  }
  std::string refusal_of(Written written, UndoOptions options = {}) {
    auto made = plan(std::move(written), std::move(options));
    if (made) return "not refused";
    EXPECT_EQ(made.error().code, ErrorCode::conflict);
    return made.error().foreign;
  }
  // Merges that into what is there.
  void somebody(const ObjectRef& object, std::string_view changes) {
    server.write(object.target(), [&](json::value& there) { there = merged(there, parsed(changes)); });
  }
  bool is_there(const ObjectRef& object) const { return server.objects.contains(object.target()); }

  testing::ObjectServer server;
  const UndoOptions force{true, {}, {}};
};

TEST_F(UndoObjects, WhatWasCreatedIsDeletedAndWithItWhatItMade) {
  const Written done = created(kJob, R"({"spec":{"parallelism":1}})");
  auto made = plan(done);
  ASSERT_TRUE(made) << made.error().foreign;
  ASSERT_EQ(made->writes.size(), 1U);
  EXPECT_EQ(text_at(made->writes[0].body, {"propagationPolicy"}), "Background");
  EXPECT_EQ(text_at(made->writes[0].body, {"preconditions", "uid"}), "u-1");
  EXPECT_EQ(text_at(made->writes[0].body, {"preconditions", "resourceVersion"}), "7");
  server.carry_out(*made);
  EXPECT_FALSE(is_there(kJob));
  EXPECT_THAT(plan(done)->writes, IsEmpty()) << "it has gone";
}

TEST_F(UndoObjects, AnotherOneOfTheNameIsNotDeletedByForceEither) {
  const Written done = created(kConfig, R"({"data":{"a":"1"}})");
  somebody(kConfig, R"({"metadata":{"uid":"u-2"}})");
  for (const auto& options : {UndoOptions(), force})
    EXPECT_EQ(refusal_of(done, options),
              "ConfigMap shop/c is another object of the same name by now (its uid differs)");
}

TEST_F(UndoObjects, WhatPeopleHavePutIntoItIsAConflictAndWhatControllersDoIsNone) {
  const char* service = R"({"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":80}]}})";
  const auto after = [&](std::string_view changes) {
    const Written done = created(kService, service, R"({"spec":{"clusterIP":"10.0.0.1"}})");
    somebody(kService, changes);
    return refusal_of(done);
  };
  EXPECT_EQ(after(R"({"status":{"x":1}})"), "not refused");
  EXPECT_EQ(after(R"({"spec":{"healthCheckNodePort":30000},"metadata":{"annotations":{"a":"b"}}})"), "not refused");
  EXPECT_EQ(after(R"({"spec":{"selector":{"app":"other"}}})"),
            "Service shop/s spec.selector.app: the change left \"web\", and it is \"other\" now");
  EXPECT_THAT(after(R"({"spec":{"ports":[{"name":"http","port":80},{"name":"admin","port":81}]}})"),
              HasSubstr("spec.ports[name=admin]: the change left (none), and it is {"));
  const auto by = [&](std::string_view manager, std::string_view subresource = "") {
    return after(R"({"metadata":{"labels":{"l":"1"},"managedFields":[{"manager":")" + std::string(manager) +
                 R"(","subresource":")" + std::string(subresource) +
                 R"(","fieldsV1":{"f:metadata":{"f:labels":{"f:l":{}}}}}]}})");
  };
  EXPECT_EQ(by("kube-controller-manager"), "not refused");
  EXPECT_EQ(by("kubectl-label"), "Service shop/s metadata.labels: the change left (none), and it is {\"l\":\"1\"} now");
}

TEST_F(UndoObjects, AllOfAnObjectWithoutASpecIsPeoples) {
  const Written done = created(kConfig, R"({"data":{"a":"1"}})");
  somebody(kConfig, R"({"data":{"b":"2"}})");
  EXPECT_THAT(refusal_of(done), HasSubstr("ConfigMap shop/c data.b: the change left (none), and it is \"2\" now"));
  auto made = plan(done, force);
  ASSERT_TRUE(made);
  EXPECT_THAT(made->reach, ElementsAre(HasSubstr("overwritten: ConfigMap shop/c data.b")));
  server.carry_out(*made);
  EXPECT_FALSE(is_there(kConfig));
}

TEST_F(UndoObjects, WhatMayBeSomebodyElsesIsDeletedByForceAlone) {
  Written done = created(kConfig, R"({"data":{"a":"1"}})");
  done.is_known = false;
  EXPECT_THAT(refusal_of(done), HasSubstr("may have been made by somebody else"));
  EXPECT_EQ(plan(done, force)->writes.size(), 1U);
}

TEST_F(UndoObjects, AnApplyIntoWhatSomebodyMadeInTheSameMomentDeletesNothing) {
  Written done = created(
      kConfig, R"({"data":{"a":"1"}})",
      R"({"data":{"b":"2"},"metadata":{"managedFields":[{"manager":"kubectl","fieldsV1":{"f:data":{"f:b":{}}}}]}})");
  done.write.verb = Write::Verb::patch;
  done.write.content_type = kube::Patch::apply;
  for (const auto& options : {UndoOptions(), force})
    EXPECT_EQ(refusal_of(done, options), "ConfigMap shop/c was made by somebody else in the same moment");
  done = created(kConfig, R"({"data":{"a":"1"}})");
  done.write.verb = Write::Verb::patch;
  done.write.content_type = kube::Patch::apply;
  EXPECT_EQ(plan(done)->writes.at(0).verb, Write::Verb::remove);
}

TEST_F(UndoObjects, ANamespaceThatHoldsWhatOthersMadeIsAConflict) {
  const ObjectRef shop{"", "v1", "namespaces", "Namespace", "", "shop", {}, "u-1"};
  const Written done = created(shop, "{}");
  const auto resource = [](std::string_view text) { return testing::Answer{.body = std::string(text)}; };
  server.refused["GET /api"] = resource(R"({"kind":"APIVersions","versions":["v1"]})");
  server.refused["GET /apis"] = resource(R"({"kind":"APIGroupList","groups":[]})");
  server.refused["GET /api/v1"] = resource(
      R"({"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"configmaps","singularName":"","kind":"ConfigMap","namespaced":true,"verbs":["list"]}]})");
  server.refused["GET /api/v1/namespaces/shop/configmaps"] =
      resource(R"({"kind":"ConfigMapList","items":[{"metadata":{"name":"x","uid":"x-1"}}]})");
  EXPECT_EQ(refusal_of(done), "Namespace shop holds 1 of kind ConfigMap by now, which would go with it");
  EXPECT_EQ(plan(done, force)->writes.size(), 1U);
  server.refused["GET /api/v1/namespaces/shop/configmaps"] = testing::refusal(403, "Forbidden", "no");
  EXPECT_THAT(refusal_of(done), HasSubstr("may hold objects of kind ConfigMap, which cannot be looked at"));
}

// ---- what was deleted

TEST_F(UndoObjects, WhatWasDeletedIsMadeAnewWithoutWhatTheServerGaveIt) {
  const Written done = deleted(
      kConfig,
      R"({"data":{"a":"1"},"status":{},"metadata":{"labels":{"l":"1"},"creationTimestamp":"x","generation":3,"managedFields":[]}})");
  auto made = plan(done);
  ASSERT_TRUE(made) << made.error().foreign;
  ASSERT_EQ(made->writes.size(), 1U);
  EXPECT_EQ(made->writes[0].body,
            parsed(R"({"kind":"ConfigMap","data":{"a":"1"},"metadata":{"name":"c","labels":{"l":"1"}}})"));
  EXPECT_TRUE(made->writes[0].copied);
  server.carry_out(*made);
  EXPECT_TRUE(is_there(kConfig));
  EXPECT_THAT(plan(done)->writes, IsEmpty()) << "by a rollback that came no further, or by somebody";
  somebody(kConfig, R"({"data":{"a":"2"}})");
  for (const auto& options : {UndoOptions(), force})
    EXPECT_EQ(refusal_of(done, options), "ConfigMap shop/c is there again, and is not what it was");
}

TEST_F(UndoObjects, AJobFindsItsOwnPodsAgain) {
  const Written done = deleted(
      kJob,
      R"({"apiVersion":"batch/v1","metadata":{"labels":{"job-name":"j","mine":"1"}},"spec":{"selector":{"matchLabels":{"controller-uid":"u-1"}},"template":{"metadata":{"labels":{"batch.kubernetes.io/controller-uid":"u-1","mine":"1"}}}}})");
  EXPECT_EQ(plan(done)->writes.at(0).body,
            parsed(R"({"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"j","labels":{"mine":"1"}},
                      "spec":{"template":{"metadata":{"labels":{"mine":"1"}}}}})"));
}

TEST_F(UndoObjects, WhatStillWaitsForItsFinalizersIsNotMadeAnew) {
  const Written done = deleted(kConfig, R"({"metadata":{"finalizers":["x/y"]}})");
  server.objects[kConfig.target()] = done.write.before;
  somebody(kConfig, R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})");
  for (const auto& options : {UndoOptions(), force})
    EXPECT_EQ(refusal_of(done, options), "ConfigMap shop/c is still being deleted");
}

TEST_F(UndoObjects, WhatSomebodyElseWasDeletingStaysGone) {
  const Written done = deleted(kConfig, R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})");
  for (const auto& options : {UndoOptions(), force})
    EXPECT_EQ(refusal_of(done, options), "ConfigMap shop/c was being deleted by somebody else already");
}

TEST_F(UndoObjects, WhatWasPutBackAndHasGoneSinceComesAgainByForceAlone) {
  const Written done = deleted(kConfig, R"({"data":{"a":"1"}})");
  EXPECT_EQ(plan(done, {false, {"ConfigMap shop/other"}, {}})->writes.size(), 1U);
  EXPECT_THAT(refusal_of(done, {false, {"ConfigMap shop/c"}, {}}), HasSubstr("was put back by an earlier attempt"));
  auto made = plan(done, {true, {"ConfigMap shop/c"}, {}});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->writes.size(), 1U);
  EXPECT_THAT(made->left, IsEmpty());
}

TEST_F(UndoObjects, WhatNobodyKnowsToBeDeletedByItComesAgainByForceAlone) {
  Written done = deleted(kConfig, R"({"data":{"a":"1"}})");
  done.is_known = false;
  EXPECT_THAT(refusal_of(done), HasSubstr("it is not known whether it was this change that deleted it"));
  EXPECT_EQ(plan(done, force)->writes.size(), 1U);
}

TEST_F(UndoObjects, ARoleComesBackByForceAndNeverWhereSomebodyMayWantItGone) {
  Written done = deleted(kRole, R"({"rules":[{"verbs":["get"]}]})");
  EXPECT_EQ(refusal_of(done), "Role shop/r grants rights, and whether somebody wants them gone since cannot be told");
  auto made = plan(done, force);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->writes.size(), 1U);
  EXPECT_THAT(made->reach, ElementsAre(HasSubstr("overwritten: Role shop/r grants rights")));
  EXPECT_THAT(refusal_of(done, {true, {"Role shop/r"}, {}}), HasSubstr("was put back by an earlier attempt"));
  done.is_known = false;
  EXPECT_THAT(refusal_of(done, force), HasSubstr("it is not known whether it was this change that deleted it"));
}

TEST_F(UndoObjects, AnEvictionLeavesNothingToTakeBack) {
  Written done;
  done.write.verb = Write::Verb::evict;
  done.write.object = {"", "v1", "pods", "Pod", "shop", "p", {}, "u-1"};
  EXPECT_THAT(plan(done)->writes, IsEmpty());
  EXPECT_THAT(server.api.requests, IsEmpty());
}

}  // namespace
}  // namespace fairlead::ops
