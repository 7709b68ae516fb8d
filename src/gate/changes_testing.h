// Tests only: a Deployment's Scale on a fake API server, and a real journal on the disk.
#pragma once

#include <gmock/gmock.h>

#include "gate/gate.h"
#include "kube/fake_api.h"
#include "ops/render.h"
#include "store/schema.h"
#include "store/test_database.h"

namespace fairlead::gate::testing {

using kube::testing::Answer;
using kube::testing::refusal;
using ::testing::HasSubstr;

inline constexpr std::string_view kMark =
    R"([{"manager":"fairlead","subresource":"scale","time":"2026-01-01T00:00:00Z","fieldsV1":{"f:spec":{"f:replicas":{}}}}])";

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
    if (busy > 0 && !dry) {
      --busy;
      return refusal(429, "TooManyRequests", "too many requests");
    }
    if (!bound.empty() && bound != std::to_string(version))
      return refusal(409, "Conflict", "the object has been modified");
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
  int version = 70, patches = 0, busy = 0;  // busy: so many patches are refused for now
  std::string uid = "u-1", cluster = "c-1";
  std::function<void()> before_patch, before_try;
  bool cut = false;
  json::array marks;
};

class OneCluster final : public Clusters, public Cluster, public std::enable_shared_from_this<OneCluster> {
 public:
  OneCluster(kube::Client& client, const Clock& clock) : client_(client), clock_(clock) {}
  awaitable<Result<std::vector<KnownCluster>>> list() override {
    co_return std::vector<KnownCluster>{{"prod", "x:1", true}};
  }
  std::string id() const override { return "prod"; }
  awaitable<Result<std::shared_ptr<Cluster>>> find(std::string, std::string) override {
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
    if (meanwhile) meanwhile();
    co_return fairlead::gate::Answer{kind, "terminal:bob"};
  }
  fairlead::gate::Answer::Kind kind = fairlead::gate::Answer::Kind::approved;
  std::vector<Question> asked;
  std::function<void()> meanwhile;  // while they think
};

class ChangesTest : public ::testing::Test {
 protected:
  ChangesTest()
      : api([this](const net::HttpRequest& request) { return server(request); }),
        database(store::open_sqlite({.path = directory / "fairlead.db", .migrations = store::sqlite_schema()})) {}

  static Result<vault::Sealer> key(bool = true) { return vault::Sealer::with_key(Secret(std::string(32, 'k'))); }
  Journal make_journal(std::string name) { return {*database, std::make_shared<vault::Vault>(key), std::move(name)}; }
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
    books.policy = [this] { return policy; };
    books.journal = &journal;
    books.clock = &clock;
    books.is_alive = [](store::Session&, const std::string&) { return false; };
    gates.push_back(std::make_unique<Gate>(catalog, *clusters, Grant{allow}, books));
    return *gates.back();
  }
  Result<void> decide(std::int64_t id, bool approve, std::string who = "terminal:bob") {
    return api.run(journal.decide(id, approve, std::move(who), {}, clock.unix_seconds(), net::testing::patience()));
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

}  // namespace fairlead::gate::testing
