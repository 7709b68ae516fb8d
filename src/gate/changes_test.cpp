// Changes from end to end: a Deployment's Scale on a fake API server, and a real journal on the disk.
#include <gmock/gmock.h>

#include "gate/gate.h"
#include "kube/fake_api.h"
#include "ops/render.h"
#include "store/test_database.h"

namespace fairlead::gate {
namespace {

using kube::testing::Answer;
using kube::testing::refusal;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kMark =
    R"([{"manager":"fairlead","time":"2026-01-01T00:00:00Z","fieldsV1":{"f:spec":{"f:replicas":{}}}}])";

// One Scale with a uid, replicas and a resourceVersion that moves with each write.
class Server {
 public:
  Answer operator()(const net::HttpRequest& request) {
    const bool dry = request.target.find("dryRun=All") != std::string::npos;
    if (request.target.ends_with("/deployments/web")) {
      json::object status{{"observedGeneration", 1},
                          {"replicas", replicas},
                          {"updatedReplicas", replicas},
                          {"availableReplicas", replicas}};
      return {.body = compact(json::object{{"kind", "Deployment"},
                                           {"metadata", {{"uid", uid}, {"generation", 1}, {"managedFields", marks}}},
                                           {"spec", {{"replicas", replicas}}},
                                           {"status", std::move(status)}})};
    }
    if (request.target == "/api/v1/namespaces/kube-system" && !cluster.empty())
      return {.body = compact(json::object{{"kind", "Namespace"}, {"metadata", {{"uid", cluster}}}})};
    if (request.target.find("/scale") == std::string::npos) return refusal(404, "NotFound", "not here");
    if (request.method == "GET") return scale(replicas, version);
    ++patches;
    if (before_patch && !dry) std::exchange(before_patch, nullptr)();
    if (before_try && dry) std::exchange(before_try, nullptr)();
    if (cut && !dry) {
      replicas = 5;
      marks = parse_json(kMark, "test").value().as_array();
      return {.body = "{", .cut = true};
    }
    const json::value patch = parse_json(request.body, "test").value();
    std::string bound;
    std::int64_t wanted = replicas;
    if (patch.is_array()) {
      for (const auto& op : patch.get_array()) {
        if (text_at(op, {"path"}) == "/metadata/resourceVersion") bound = text_at(op, {"value"});
        if (text_at(op, {"path"}) == "/spec/replicas") wanted = find(op, "value")->as_int64();
      }
    } else {
      bound = text_at(patch, {"metadata", "resourceVersion"});
      wanted = integer_at(patch, {"spec", "replicas"});
    }
    if (bound != std::to_string(version)) return refusal(409, "Conflict", "the object has been modified");
    if (dry) return scale(wanted, version);
    replicas = wanted;
    return scale(replicas, ++version);
  }
  Answer scale(std::int64_t count, int at) const {
    return {.body = compact(json::object{{"kind", "Scale"},
                                         {"metadata", {{"uid", uid}, {"resourceVersion", std::to_string(at)}}},
                                         {"spec", {{"replicas", count}}}})};
  }
  std::int64_t replicas = 3;
  int version = 70, patches = 0;
  std::string uid = "u-1", cluster = "c-1";
  std::function<void()> before_patch, before_try;
  bool cut = false;
  json::array marks;
};

class OneCluster final : public Clusters, public Cluster, public std::enable_shared_from_this<OneCluster> {
 public:
  OneCluster(kube::Client& client, const Clock& clock) : client_(client), clock_(clock) {}
  Result<std::vector<KnownCluster>> list() override { return std::vector<KnownCluster>{{"prod", "x:1", true}}; }
  std::string id() const override { return "prod"; }
  awaitable<Result<std::shared_ptr<Cluster>>> find(std::string) override {
    std::shared_ptr<Cluster> self = shared_from_this();
    co_return self;
  }
  awaitable<Result<ops::Reply>> run(const ops::Operation& operation, ops::Arguments arguments, Deadline deadline,
                                    ops::Progress* progress) override {
    Work read = [&operation](ops::Call& call) { return operation.run(call); };
    co_return co_await work(operation, std::move(arguments), deadline, progress, std::move(read));
  }
  awaitable<Result<ops::Reply>> work(const ops::Operation& operation, ops::Arguments arguments, Deadline deadline,
                                     ops::Progress* progress, Work work) override {
    ops::Call call{operation, client_, arguments, clock_, deadline, "shop", "", arguments.flag("dry_run"), progress};
    co_return co_await work(call);
  }

 private:
  kube::Client& client_;
  const Clock& clock_;
};

class Person final : public Approver {
 public:
  awaitable<fairlead::gate::Answer> ask(Question question) override {
    asked.push_back(question);
    co_return fairlead::gate::Answer{kind, "terminal:bob"};
  }
  fairlead::gate::Answer::Kind kind = fairlead::gate::Answer::Kind::approved;
  std::vector<Question> asked;
};

class ChangesTest : public ::testing::Test {
 protected:
  ChangesTest()
      : api([this](const net::HttpRequest& request) { return server(request); }),
        database(store::open_sqlite({.path = directory / "fairlead.db", .migrations = journal_migrations()})) {}

  Journal make_journal(std::string name) {
    return {*database, [] { return vault::Sealer::with_key(Secret(std::string(32, 'k'))); }, std::move(name)};
  }
  Result<ops::Reply> scale(int replicas, std::string who = "mcp:alice", ops::Trust allow = ops::Trust::read) {
    return call({{"name", "web"}, {"replicas", replicas}}, std::move(who), allow);
  }
  Result<ops::Reply> call(json::object arguments, std::string who = "mcp:alice", ops::Trust allow = ops::Trust::read) {
    Request request;
    request.who.name = std::move(who);
    request.operation = "scale_deployment";
    request.arguments = std::move(arguments);
    request.deadline = net::testing::patience();
    request.approver = person;
    return api.run(gate(allow).call(std::move(request)));
  }
  Result<ops::Reply> roll_back(std::int64_t id, bool force = false, ops::Trust allow = ops::Trust::write) {
    Request request;
    request.who.name = "cli:alice";
    request.deadline = net::testing::patience();
    return api.run(gate(allow).roll_back(std::move(request), {id, force, false, "because"}));
  }
  Gate& gate(ops::Trust allow) {
    Books books;
    books.policy = policy;
    books.journal = &journal;
    books.clock = &clock;
    books.is_alive = [](const std::string&) { return false; };
    gates.push_back(std::make_unique<Gate>(catalog, *clusters, Grant{allow}, books));
    return *gates.back();
  }
  Result<void> decide(std::int64_t id, bool approve, std::string who = "terminal:bob") {
    return api.run(journal.decide(id, approve, std::move(who), clock.unix_seconds(), net::testing::patience()));
  }
  // As after an edit of the kubeconfig: the same name leads to another cluster.
  void move_to(std::string cluster) {
    server.cluster = std::move(cluster);
    clusters = std::make_shared<OneCluster>(api.client(), clock);
  }
  Change change(std::int64_t id) { return api.run(journal.read(id, net::testing::patience())).value(); }

  store::testing::TemporaryDirectory directory;
  Server server;
  kube::testing::FakeApi api;
  FixedClock clock{1'767'225'600};
  ops::Catalog catalog = ops::kubernetes_catalog();
  std::unique_ptr<store::Database> database;
  Journal journal = make_journal("me");
  Policy policy = Policy::built_in();
  std::shared_ptr<OneCluster> clusters = std::make_shared<OneCluster>(api.client(), clock);
  Person* person = nullptr;
  std::vector<std::unique_ptr<Gate>> gates;
};

TEST_F(ChangesTest, WhatIsAllowedIsDoneAndTakenBackAndTakenBackAgain) {
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  EXPECT_EQ(server.replicas, 5);
  Change first = change(1);
  EXPECT_EQ(first.state, ChangeState::completed);
  EXPECT_EQ(first.writes.at(0).state, WriteState::done);
  EXPECT_EQ(integer_at(first.writes[0].answer, {"spec", "replicas"}), 5);
  ASSERT_TRUE(roll_back(1));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_EQ(change(1).state, ChangeState::rolled_back);
  EXPECT_EQ(change(1).undone_by, 2);
  EXPECT_EQ(roll_back(1).error().code, ErrorCode::conflict) << "once";
  ASSERT_TRUE(roll_back(2));
  EXPECT_EQ(server.replicas, 5);
  EXPECT_EQ(change(2).state, ChangeState::rolled_back);
  EXPECT_EQ(change(1).state, ChangeState::completed) << "it is so again";
  EXPECT_EQ(change(1).undone_by, 0);
  ASSERT_TRUE(roll_back(1));
  EXPECT_EQ(server.replicas, 3);
}

TEST_F(ChangesTest, AnApprovalIsForTheClusterAndNotForItsName) {
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(1, true));
  move_to("c-2");
  ASSERT_FALSE(scale(5));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_EQ(change(2).state, ChangeState::awaiting_approval);
  move_to("c-1");
  ASSERT_TRUE(scale(5));
}

TEST_F(ChangesTest, ARollbackIsOnTheClusterAndNotOnItsName) {
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  move_to("c-2");
  auto refused = roll_back(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().cause, HasSubstr("another cluster"));
  EXPECT_EQ(server.replicas, 5);
  move_to("");  // its uid may not be read any more: by its place then
  EXPECT_TRUE(roll_back(1));
}

TEST_F(ChangesTest, ADryRunOfARollbackChangesNothing) {
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  Request request;
  request.who.name = "cli:alice";
  request.deadline = net::testing::patience();
  auto shown = api.run(gate(ops::Trust::write).roll_back(std::move(request), {1, false, true, ""}));
  ASSERT_TRUE(shown);
  EXPECT_THAT(compact(std::get<ops::Document>(shown->body).value), HasSubstr("spec.replicas: 5 -> 3"));
  EXPECT_EQ(server.replicas, 5);
  EXPECT_EQ(change(1).state, ChangeState::completed);
}

TEST_F(ChangesTest, WhatWaitsTooLongIsShownAsRejected) {
  ASSERT_FALSE(scale(5));
  Journal::Filter filter;
  filter.state = ChangeState::awaiting_approval;
  filter.now = clock.unix_seconds() + 3599;
  EXPECT_EQ(api.run(journal.list(filter, net::testing::patience()))->size(), 1U);
  ++filter.now;
  EXPECT_TRUE(api.run(journal.list(filter, net::testing::patience()))->empty());
  filter.state = ChangeState::rejected;
  EXPECT_EQ(api.run(journal.list(filter, net::testing::patience()))->size(), 1U);
}

TEST_F(ChangesTest, WhatSomebodyChangedSinceIsNotOverwrittenUnlessForced) {
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  server.replicas = 7;
  ++server.version;
  auto refused = roll_back(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(refused.error().foreign, "Deployment shop/web spec.replicas: it was 3, the change left 5, and it is 7 now");
  EXPECT_EQ(server.replicas, 7);
  ASSERT_TRUE(roll_back(1, true));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_TRUE(change(2).forced);
}

TEST_F(ChangesTest, WaitsForAnApprovalThatHoldsOnce) {
  auto waiting = scale(5);
  ASSERT_FALSE(waiting);
  EXPECT_EQ(waiting.error().code, ErrorCode::approval_required);
  EXPECT_THAT(waiting.error().remedy, HasSubstr("fairlead changes approve 1"));
  EXPECT_EQ(scale(5).error().code, ErrorCode::approval_required);
  EXPECT_EQ(api.run(journal.list({}, net::testing::patience())).value().size(), 1U) << "asked twice, it waits once";
  EXPECT_EQ(server.replicas, 3);
  EXPECT_EQ(decide(1, true, "mcp:alice").error().code, ErrorCode::policy_denied) << "nobody approves their own";
  ASSERT_TRUE(decide(1, true));
  EXPECT_EQ(decide(1, true).error().code, ErrorCode::conflict);
  EXPECT_EQ(scale(6).error().code, ErrorCode::approval_required) << "other arguments are another change";
  EXPECT_EQ(scale(5, "mcp:eve").error().code, ErrorCode::approval_required) << "so is another caller";
  ASSERT_TRUE(scale(5));
  EXPECT_EQ(server.replicas, 5);
  server.replicas = 3;
  EXPECT_EQ(scale(5).error().code, ErrorCode::approval_required) << "it was used";
}

TEST_F(ChangesTest, AnApprovalIsForTheObjectAndTheFieldsThatWereShown) {
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(1, true));
  server.replicas = 4;
  ++server.version;
  auto moved = scale(5);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, ErrorCode::conflict);
  EXPECT_THAT(moved.error().cause, HasSubstr("spec.replicas"));
  EXPECT_EQ(change(1).state, ChangeState::failed);
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(2, true));
  server.uid = "u-2";
  EXPECT_THAT(scale(5).error().cause, HasSubstr("another object of the same name"));
  EXPECT_EQ(server.replicas, 4);
  // What moves without a field that was shown does not matter.
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(3, true));
  ++server.version;
  EXPECT_TRUE(scale(5));
}

TEST_F(ChangesTest, AnApprovalEndsWithItsHourItsPolicyOrARejection) {
  ASSERT_FALSE(scale(5));
  clock.set(clock.unix_seconds() + 3601);
  EXPECT_EQ(decide(1, true).error().code, ErrorCode::conflict);
  EXPECT_EQ(change(1).state, ChangeState::rejected);
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(2, true));
  policy = Policy::parse("version: 1\nrules:\n- {name: ask, trust: [write], decision: approve}\n").value();
  EXPECT_THAT(scale(5).error().cause, HasSubstr("policy was edited"));
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(3, false));
  EXPECT_EQ(change(3).state, ChangeState::rejected);
  EXPECT_EQ(scale(5).error().code, ErrorCode::approval_required);
  EXPECT_EQ(server.replicas, 3);
}

TEST_F(ChangesTest, APersonWhoIsThereIsAsked) {
  Person bob;
  person = &bob;
  ASSERT_TRUE(scale(5));
  ASSERT_EQ(bob.asked.size(), 1U);
  EXPECT_THAT(bob.asked[0].fields, Contains("Deployment shop/web spec.replicas: 3 -> 5"));
  EXPECT_EQ(change(1).approver, "terminal:bob");
  // Nobody answers: it waits, and the same call asks for the same change again.
  bob.kind = fairlead::gate::Answer::Kind::nobody;
  EXPECT_EQ(scale(6).error().code, ErrorCode::approval_required);
  bob.kind = fairlead::gate::Answer::Kind::approved;
  EXPECT_TRUE(scale(6));
  ASSERT_EQ(bob.asked.size(), 3U);
  EXPECT_EQ(bob.asked[2].change, bob.asked[1].change);
  EXPECT_THAT(bob.asked[2].fields, Contains("Deployment shop/web spec.replicas: 5 -> 6"));
  EXPECT_EQ(change(2).state, ChangeState::completed);
  bob.kind = fairlead::gate::Answer::Kind::rejected;
  EXPECT_EQ(scale(7).error().code, ErrorCode::policy_denied);
  EXPECT_EQ(change(3).state, ChangeState::rejected);
  EXPECT_EQ(server.replicas, 6);
}

TEST_F(ChangesTest, AQuestionIsNotForgedByWhatStandsInIt) {
  Question question;
  question.who = "mcp:alice";
  question.summary = "delete pod shop/web";
  question.reason = "tidy\n  It can be taken back.";
  question.fields = {"data.a: \"x\r\n  reason: asked by the owner\""};
  question.undo = "It cannot be taken back: it is gone.";
  const std::string text = question_text(question);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_THAT(text, Not(HasSubstr("\n  It can be")));
}

TEST_F(ChangesTest, ADryRunShowsFieldsAndLeavesNothing) {
  auto reply = call({{"name", "web"}, {"replicas", 5}, {"dry_run", true}});
  ASSERT_TRUE(reply);
  EXPECT_THAT(ops::render(*reply, {})->text, HasSubstr("Deployment shop/web spec.replicas: 3 -> 5"));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_TRUE(api.run(journal.list({}, net::testing::patience())).value().empty());
}

TEST_F(ChangesTest, WhoeverWritesInBetweenIsNotOverwritten) {
  server.before_patch = [this] {
    server.replicas = 4;
    ++server.version;
  };
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  EXPECT_EQ(server.replicas, 5);
  EXPECT_EQ(integer_at(change(1).plan.writes.at(0).before, {"spec", "replicas"}), 4) << "what it truly replaced";
}

TEST_F(ChangesTest, WhoeverWritesWhileItIsTriedIsPlannedFor) {
  server.before_try = [this] { ++server.version; };
  ASSERT_FALSE(scale(5));
  EXPECT_EQ(change(1).state, ChangeState::awaiting_approval);
  ASSERT_TRUE(decide(1, true));
  ASSERT_TRUE(scale(5));
  EXPECT_EQ(server.replicas, 5);
}

// The journal tells of a write whose answer was lost, and what the cluster shows decides.
TEST_F(ChangesTest, AnOutcomeThatIsNotKnownIsLookedAtLater) {
  server.cut = true;
  ASSERT_FALSE(scale(5, "cli:alice", ops::Trust::write));
  EXPECT_EQ(change(1).state, ChangeState::interrupted);
  EXPECT_EQ(change(1).writes.at(0).state, WriteState::unknown);
  server.cut = false;
  ++server.version;
  ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience())));
  EXPECT_EQ(change(1).state, ChangeState::completed);
  ASSERT_TRUE(roll_back(1));
  EXPECT_EQ(server.replicas, 3);
}

TEST_F(ChangesTest, WhatAProcessLeftBehindIsFinished) {
  Change left;
  left.who = "cli:alice";
  left.created = clock.unix_seconds();
  left.cluster = "prod";
  left.identity = {"", server.cluster};
  left.operation = "scale_deployment";
  left.arguments = {{"name", "web"}, {"replicas", 5}};
  ops::Write write;
  write.object = {"apps", "v1", "deployments", "Deployment", "shop", "web", "scale", "u-1"};
  write.body = parse_json(R"({"spec":{"replicas":5},"metadata":{"resourceVersion":"70"}})", "test").value();
  write.before = parse_json(server.scale(3, 70).body, "test").value();
  left.plan.writes.push_back(write);
  Journal dead = make_journal("dead");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(api.run(dead.add(left, net::testing::patience())));
  move_to("c-2");
  ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience())));
  EXPECT_EQ(change(1).state, ChangeState::interrupted);
  EXPECT_THAT(change(1).error, HasSubstr("another cluster"));
  move_to("c-1");
  ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience())));
  EXPECT_EQ(change(1).state, ChangeState::interrupted) << "its request may still be on its way";
  EXPECT_THAT(change(1).error, HasSubstr("look again"));
  clock.set(clock.unix_seconds() + 60);
  ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience())));
  EXPECT_EQ(change(1).state, ChangeState::failed) << "the cluster was never reached";
  EXPECT_THAT(change(1).error, HasSubstr("0 of 1"));
}

TEST_F(ChangesTest, TheJournalHoldsNothingInTheClear) {
  ASSERT_TRUE(call({{"name", "web"}, {"replicas", 5}, {"reason", "load"}}, "cli:alice", ops::Trust::write));
  auto dump = store::testing::ask(*database, "SELECT hex(sealed) FROM changes").value();
  ASSERT_EQ(dump.size(), 1U);
  EXPECT_THAT(dump[0], Not(HasSubstr("7265706C69636173")));  // "replicas"
}

TEST_F(ChangesTest, WithoutTheJournalNothingIsChanged) {
  auto broken = store::open_sqlite({.path = "/proc/nowhere/fairlead.db", .migrations = journal_migrations()});
  Journal none(
      *broken, [] { return vault::Sealer::with_key(Secret(std::string(32, 'k'))); }, "me");
  Books books;
  books.journal = &none;
  books.clock = &clock;
  Gate closed(catalog, *clusters, {ops::Trust::write}, books);
  Request request;
  request.who.name = "cli:alice";
  request.operation = "scale_deployment";
  request.arguments = {{"name", "web"}, {"replicas", 5}};
  request.deadline = net::testing::patience();
  auto reply = api.run(closed.call(std::move(request)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(server.patches, 0);
  EXPECT_EQ(server.replicas, 3);
}

}  // namespace
}  // namespace fairlead::gate
