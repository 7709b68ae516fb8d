// What is told of a write whose answer nobody has heard, by what the cluster shows.
#include "ops/settle.h"

#include <gmock/gmock.h>

#include "ops/testing.h"
#include "ops/verify.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using testing::refusal;
using testing::World;

const std::string kPath = "/apis/apps/v1/namespaces/shop/deployments/web";
constexpr std::string_view kBefore =
    R"({"metadata":{"uid":"u-1","resourceVersion":"7"},"spec":{"replicas":1,"cpu":"1"}})";

Write write(Write::Verb verb, std::string_view body, std::string_view before) {
  Write out;
  out.verb = verb;
  out.object = {"apps", "v1", "deployments", "Deployment", "shop", "web", {}, before.empty() ? "" : "u-1"};
  out.content_type = kube::Patch::merge;
  out.body = parse_json(body, "test").value();
  if (!before.empty()) out.before = parse_json(before, "test").value();
  return out;
}

template <class Look>
auto in_call(World& world, Look look) {
  return testing::in_call(world.api, look).value();
}

Settled settled(const Write& write, std::string_view now) {
  World world({{"GET " + kPath, now.empty() ? refusal(404, "NotFound", "gone") : Answer{.body = std::string(now)}}});
  return in_call(world, [&](Call& call) { return settle(call, write); });
}

Landed landed(const Write& write, std::string_view now) { return settled(write, now).landed; }

// At the time that the change began.
constexpr std::string_view
    kOurs =
        R"("managedFields":[{"manager":"fairlead","time":"2027-01-15T08:00:00Z","fieldsV1":{"f:spec":{"f:replicas":{},"f:cpu":{}}}}])",
    kTheirs =
        R"("managedFields":[{"manager":"kubectl","time":"2027-01-15T08:00:00Z","fieldsV1":{"f:spec":{"f:replicas":{}}}}])";
std::string object(std::string_view uid, std::string_view version, std::string_view marks, std::string_view spec) {
  return R"({"metadata":{"uid":")" + std::string(uid) + R"(","resourceVersion":")" + std::string(version) + R"(",)" +
         std::string(marks) + R"(},"spec":)" + std::string(spec) + "}";
}

TEST(Settle, APatchIsDoneWhereItHoldsAndWeHaveLeftAMark) {
  const Write patch =
      write(Write::Verb::patch, R"({"spec":{"replicas":5},"metadata":{"resourceVersion":"7"}})", kBefore);
  EXPECT_EQ(landed(patch, kBefore), Landed::not_yet);
  EXPECT_EQ(landed(patch, object("u-1", "8", kOurs, R"({"replicas":5})")), Landed::yes);
  EXPECT_EQ(landed(patch, object("u-1", "8", kTheirs, R"({"replicas":5})")), Landed::unclear) << "somebody else did it";
  EXPECT_EQ(landed(patch, object("u-1", "8", kTheirs, R"({"replicas":2})")), Landed::unclear)
      << "it may have been done, and written over";
  EXPECT_EQ(landed(patch, object("u-2", "8", kOurs, R"({"replicas":5})")), Landed::unclear);
}

TEST(Settle, AMarkCountsOnThoseFields) {
  const Write patch = write(Write::Verb::patch, R"({"spec":{"cpu":"5"},"metadata":{"resourceVersion":"7"}})", kBefore);
  const auto with_mark = [&](std::string_view fields) {
    const std::string mark = R"("managedFields":[{"manager":"fairlead","fieldsV1":)" + std::string(fields) + "}]";
    return landed(patch, object("u-1", "8", mark, R"({"replicas":1,"cpu":"5"})"));
  };
  EXPECT_EQ(with_mark(R"({"f:spec":{"f:cpu":{}}})"), Landed::yes);
  EXPECT_EQ(with_mark(R"({"f:spec":{"f:replicas":{}}})"), Landed::unclear)
      << "somebody else has written this one since";
  EXPECT_EQ(with_mark(R"({"f:spec":{}})"), Landed::yes) << "all of it";
}

// Before 1.22 whoever scales leaves no mark, and does not take ours away.
TEST(Settle, AnOldMarkOfReplicasTellsNothing) {
  const auto marked = [](std::string_view version, std::string_view time, int replicas) {
    return R"({"metadata":{"uid":"u-1","resourceVersion":")" + std::string(version) +
           R"(","managedFields":[{"manager":"fairlead","time":")" + std::string(time) +
           R"(","fieldsV1":{"f:spec":{"f:replicas":{}}}}]},"spec":{"replicas":)" + std::to_string(replicas) + "}}";
  };
  const Write patch = write(Write::Verb::patch, R"({"spec":{"replicas":5}})", marked("7", "2027-01-15T08:00:00Z", 1));
  EXPECT_EQ(landed(patch, marked("8", "2027-01-15T08:00:00Z", 5)), Landed::unclear);
  EXPECT_EQ(landed(patch, marked("8", "2027-01-15T08:00:07Z", 5)), Landed::yes);
}

// Its other items move up.
TEST(Settle, AnItemThatATakenBackListLacks) {
  const auto list = [](std::string_view version, std::string_view names) {
    return R"({"metadata":{"uid":"u-1","resourceVersion":")" + std::string(version) + R"(",)" + std::string(kOurs) +
           R"(},"spec":{"env":[)" + std::string(names) + "]}}";
  };
  const std::string a = R"({"name":"A","value":"1"})", b = R"({"name":"B","value":"2"})",
                    x = R"({"name":"X","value":"3"})";
  Write patch = write(Write::Verb::patch, "{}", list("7", a + "," + x + "," + b));
  patch.before.at("metadata").as_object().erase("managedFields");
  patch.content_type = kube::Patch::json;
  patch.body = parse_json(R"([{"op":"replace","path":"/metadata/resourceVersion","value":"7"},)"
                          R"({"op":"remove","path":"/spec/env/0"}])",
                          "test")
                   .value();
  EXPECT_EQ(landed(patch, list("8", x + "," + b)), Landed::yes);
  EXPECT_EQ(landed(patch, list("8", a + "," + x + "," + b)), Landed::unclear);
}

TEST(Settle, WhatIsThereWasMadeByUsWhereItBearsOurMark) {
  const Write creation =
      write(Write::Verb::create, R"({"metadata":{"name":"web"},"spec":{"replicas":5,"cpu":"1000m"}})", "");
  // The server words it its own way, and gives it a default.
  const std::string worded =
      object("u-0", "1", R"("name":"web-x1")", R"({"replicas":5,"cpu":"1","strategy":"Recreate"})");
  const auto landed = [&](const std::string& now) {
    World world({{"GET " + kPath, now.empty() ? refusal(404, "NotFound", "gone") : Answer{.body = now}},
                 {"POST " + creation.object.collection() + "?dryRun=All&fieldManager=fairlead",
                  {.status = 201, .body = R"({"kind":"Deployment",)" + worded.substr(1)}}});
    return in_call(world, [&](Call& call) { return settle(call, creation); }).landed;
  };
  const std::string spec = R"({"replicas":5,"cpu":"1","strategy":"Recreate"})";
  EXPECT_EQ(landed(""), Landed::not_yet);
  EXPECT_EQ(landed(object("u-9", "8", kOurs, spec)), Landed::yes);
  EXPECT_EQ(landed(object("u-9", "8", kTheirs, spec)), Landed::unclear);
  EXPECT_EQ(landed(object("u-9", "8", kOurs, R"({"replicas":4,"cpu":"1","strategy":"Recreate"})")), Landed::unclear);
  const std::string more =
      R"("managedFields":[{"manager":"fairlead","fieldsV1":{"f:spec":{"f:replicas":{},"f:cpu":{},"f:paused":{}}}}])";
  EXPECT_EQ(landed(object("u-9", "8", more, R"({"replicas":5,"cpu":"1","strategy":"Recreate","paused":true})")),
            Landed::unclear)
      << "another Fairlead made it, with more in it";
}

TEST(Settle, WhoHasDeletedItIsNotKnown) {
  const Write removal = write(Write::Verb::remove, "{}", kBefore);
  EXPECT_EQ(landed(removal, kBefore), Landed::not_yet);
  EXPECT_EQ(landed(removal, R"({"metadata":{"uid":"u-1","deletionTimestamp":"2026-01-01T00:00:00Z"}})"),
            Landed::unclear);
  EXPECT_EQ(landed(removal, ""), Landed::unclear);
  const Write eviction = write(Write::Verb::evict, "{}", kBefore);
  EXPECT_EQ(landed(eviction, kBefore), Landed::not_yet);
  EXPECT_EQ(landed(eviction, ""), Landed::unclear);
}

TEST(Settle, AScaleIsMarkedOnItsWorkload) {
  Write scale = write(Write::Verb::patch, R"({"spec":{"replicas":5},"metadata":{"resourceVersion":"7"}})", kBefore);
  scale.object.subresource = "scale";
  const auto landed = [&](std::string_view subresource) {
    const std::string mark = R"("managedFields":[{"manager":"fairlead",)" + std::string(subresource) +
                             R"("fieldsV1":{"f:spec":{"f:replicas":{}}}}])";
    World world({{"GET " + kPath + "/scale", {.body = object("u-1", "8", R"("name":"web")", R"({"replicas":5})")}},
                 {"GET " + kPath, {.body = object("u-1", "8", mark, R"({"replicas":5})")}}});
    return in_call(world, [&](Call& call) { return settle(call, scale); }).landed;
  };
  EXPECT_EQ(landed(R"("subresource":"scale",)"), Landed::yes);
  EXPECT_EQ(landed(""), Landed::unclear) << "before 1.22 a Scale leaves no mark: this one is of another change";
}

TEST(Settle, WhatAListLostGoesWithIt) {
  const std::string before =
      R"({"metadata":{"uid":"u-1","resourceVersion":"7"},"spec":{"containers":[{"name":"web","image":"a","env":[{"name":"X","value":"1"}]}]}})";
  const Write patch = write(Write::Verb::patch, R"({"spec":{"containers":[{"name":"web","image":"b"}]}})", before);
  const std::string now =
      R"({"metadata":{"uid":"u-1","resourceVersion":"8","managedFields":[{"manager":"fairlead","fieldsV1":{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{"f:image":{}}}}}}]},)"
      R"("spec":{"containers":[{"name":"web","image":"b"}]}})";
  const Settled out = settled(patch, now);
  EXPECT_EQ(out.landed, Landed::yes);
  EXPECT_EQ(compact(out.after.at("spec")), R"({"containers":[{"name":"web","image":"b"}]})");
}

TEST(Settle, WhatAnApplyDropsIsItsOwn) {
  const std::string mark =
      R"("managedFields":[{"manager":"fairlead","operation":"Apply","time":"2026-01-01T00:00:0%Z","fieldsV1":{"f:data":{"f:a":{}@}}}])";
  const auto marked = [&](char second, std::string_view more) {
    std::string out = mark;
    out.replace(out.find('%'), 1, 1, second);
    out.replace(out.find('@'), 1, more);
    return out;
  };
  Write apply = write(Write::Verb::patch, R"({"data":{"a":"9"}})",
                      R"({"metadata":{"uid":"u-1","resourceVersion":"7",)" + marked('1', R"(,"f:b":{})") +
                          R"(},"data":{"a":"1","b":"2"}})");
  apply.content_type = kube::Patch::apply;
  const Settled out =
      settled(apply, R"({"metadata":{"uid":"u-1","resourceVersion":"8",)" + marked('2', "") + R"(},"data":{"a":"9"}})");
  EXPECT_EQ(out.landed, Landed::yes);
  EXPECT_EQ(compact(out.after.at("data")), R"({"a":"9"})");
}

// kubectl has taken over all that is in it.
TEST(Settle, AnEmptyMarkIsNoneOfWhatOthersHold) {
  const Write patch = write(Write::Verb::patch, R"({"data":{"a":"1"}})",
                            R"({"metadata":{"uid":"u-1","resourceVersion":"7"},"data":{"a":"0"}})");
  const std::string now =
      R"({"metadata":{"uid":"u-1","resourceVersion":"8","managedFields":[{"manager":"fairlead","fieldsV1":{"f:data":{}}},)"
      R"({"manager":"kubectl-patch","fieldsV1":{"f:data":{"f:a":{}}}}]},"data":{"a":"1"}})";
  EXPECT_EQ(landed(patch, now), Landed::unclear);
}

TEST(Settle, WhatTheServerWroteInOtherWordsIsNotCalledUndone) {
  const Write patch = write(Write::Verb::patch, R"({"spec":{"cpu":"0.5"}})", kBefore);
  EXPECT_EQ(landed(patch, object("u-1", "8", kOurs, R"({"replicas":1,"cpu":"500m"})")), Landed::unclear);
}

TEST(Settle, TextOfASecretIsFoundInBase64) {
  Write creation = write(Write::Verb::create,
                         R"({"metadata":{"name":"web"},"stringData":{"password":"x"},"data":{"a":"Yg=="}})", "");
  creation.object = {"", "v1", "secrets", "Secret", "shop", "web", {}, {}};
  const std::string made =
      R"({"metadata":{"uid":"u-1","managedFields":[{"manager":"fairlead","fieldsV1":{"f:data":{}}}]},"data":{"password":"eA==","a":"Yg=="}})";
  World world({{"GET /api/v1/namespaces/shop/secrets/web", {.body = made}},
               {"POST /api/v1/namespaces/shop/secrets?dryRun=All&fieldManager=fairlead",
                {.status = 201, .body = R"({"kind":"Secret",)" + made.substr(1)}}});
  EXPECT_EQ(in_call(world, [&](Call& call) { return settle(call, creation); }).landed, Landed::yes);
}

// Else a rollback would take that back too.
TEST(Settle, WhatOthersDidSinceIsNotTheWrites) {
  const Write patch =
      write(Write::Verb::patch, R"({"spec":{"replicas":5},"metadata":{"resourceVersion":"7"}})", kBefore);
  const Settled out = settled(
      patch,
      R"({"metadata":{"uid":"u-1","resourceVersion":"9","labels":{"by":"bob"},"managedFields":[{"manager":"fairlead",)"
      R"("fieldsV1":{"f:spec":{"f:replicas":{}}}}]},"spec":{"replicas":5,"cpu":"9"}})");
  ASSERT_EQ(out.landed, Landed::yes);
  const auto changes = diff(patch.before, out.after);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(to_text(changes[0].path), "spec.replicas");
}

// What stands there is held against what the server answered, not against the words of the request.
TEST(VerifyPlan, ControllersMayAddToWhatWasMadeAndOthersMayNotChangeIt) {
  const Write creation = write(Write::Verb::create, R"({"cpu":"1000m"})", "");
  const auto answer = [](std::string_view text) { return parse_json(text, "test").value(); };
  const Answers answers{answer(R"({"metadata":{"uid":"u-1","resourceVersion":"7"},"cpu":"1"})")};
  const auto verified = [&](std::string_view now) {
    World world({{"GET " + kPath, {.body = std::string(now)}}});
    Plan plan;
    plan.writes.push_back(creation);
    return in_call(world, [&](Call& call) { return verify_plan(call, plan, answers); });
  };
  EXPECT_FALSE(verified(R"({"metadata":{"uid":"u-1","resourceVersion":"9","labels":{"a":"b"}},"cpu":"1","status":{}})")
                   .contradicted);
  EXPECT_TRUE(verified(R"({"metadata":{"uid":"u-1","resourceVersion":"9"},"cpu":"2"})").contradicted);
}

TEST(VerifyDrain, APodThatCameSinceIsNamed) {
  const auto drained = [](std::string_view pods) {
    World world({{"GET /api/v1/pods", {.body = R"({"kind":"PodList","items":[)" + std::string(pods) + "]}"}}});
    const Operation& operation = *world.catalog.find("drain_node");
    const Arguments arguments =
        Arguments::validate(json::object{{"name", "n-1"}}, operation.parameters, "test").value();
    Call call{operation, world.api.client(), arguments, world.clock, net::testing::patience(), "shop", "", false,
              nullptr};
    return world.api.run(operation.change->verify(call, Plan(), Answers())).value();
  };
  EXPECT_TRUE(drained("").reached);
  EXPECT_TRUE(drained(R"({"metadata":{"name":"done","namespace":"shop"},"status":{"phase":"Succeeded"}})").reached);
  EXPECT_TRUE(
      drained(
          R"({"metadata":{"name":"d","namespace":"shop","ownerReferences":[{"kind":"DaemonSet","name":"d","controller":true}]}})")
          .reached);
  const Verification seen = drained(R"({"metadata":{"name":"late","namespace":"shop"},"status":{"phase":"Running"}})");
  EXPECT_FALSE(seen.reached);
  EXPECT_FALSE(seen.contradicted);
  EXPECT_EQ(seen.state, "1 pods have come to the node since: shop/late. Drain it again");
}

}  // namespace
}  // namespace fairlead::ops
