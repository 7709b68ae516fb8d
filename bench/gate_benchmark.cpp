// What the gate adds to a call: policy, audit and journal, beside the same requests without them. One process, one API
// server on loopback that does next to nothing, calls in turn; medians of the differences' two sides. The argument is
// a directory on the disk that the books are to be kept on.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "gate/gate.h"
#include "kube/fake_api.h"
#include "ops/blast_radius.h"
#include "ops/verify.h"
#include "ops/writes.h"
#include "store/schema.h"
#include "vault/sealer.h"

namespace {

using namespace fairlead;
using kube::testing::Answer;
using Clock = std::chrono::steady_clock;

constexpr int kReads = 3000, kWrites = 400, kRounds = 3;

struct Scale {
  int replicas = 1, version = 1;
  Answer operator()(const net::HttpRequest& request) {
    if (request.target.ends_with("/configmaps/web"))
      return {.body =
                  R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"web","uid":"u-2"},"data":{"a":"b"}})"};
    if (request.target.ends_with("/deployments/web"))
      return {.body = compact(json::object{{"kind", "Deployment"},
                                           {"metadata", {{"uid", "u-1"}, {"generation", 1}}},
                                           {"spec", {{"replicas", replicas}}},
                                           {"status",
                                            {{"observedGeneration", 1},
                                             {"replicas", replicas},
                                             {"updatedReplicas", replicas},
                                             {"availableReplicas", replicas}}}})};
    if (request.target.find("/scale") == std::string::npos)
      return {.body = R"({"kind":"List","metadata":{},"items":[]})"};
    if (request.method == "PATCH") {
      replicas = static_cast<int>(integer_at(parse_json(request.body, "bench").value(), {"spec", "replicas"}));
      ++version;
    }
    return {.body = compact(json::object{{"kind", "Scale"},
                                         {"metadata", {{"uid", "u-1"}, {"resourceVersion", std::to_string(version)}}},
                                         {"spec", {{"replicas", replicas}}}})};
  }
};

class OneCluster final : public gate::Clusters, public gate::Cluster, public std::enable_shared_from_this<OneCluster> {
 public:
  OneCluster(kube::Client& client, const fairlead::Clock& clock) : client_(client), clock_(clock) {}
  gate::awaitable<Result<std::vector<gate::KnownCluster>>> list() override {
    co_return std::vector<gate::KnownCluster>{{"prod", "127.0.0.1:1", true}};
  }
  std::string id() const override { return "prod"; }
  gate::awaitable<Result<std::shared_ptr<gate::Cluster>>> find(std::string, std::string) override {
    std::shared_ptr<gate::Cluster> self = shared_from_this();
    co_return self;
  }
  gate::awaitable<Result<ops::Reply>> run(const ops::Operation& operation, ops::Arguments arguments, Deadline deadline,
                                          ops::Progress* progress) override {
    Work read = [&operation](ops::Call& call) { return operation.run(call); };
    co_return co_await work(operation, std::move(arguments), deadline, progress, std::move(read));
  }
  gate::awaitable<Result<ops::Reply>> work(const ops::Operation& operation, ops::Arguments arguments, Deadline deadline,
                                           ops::Progress* progress, Work work) override {
    ops::Call call{operation, client_, arguments, clock_, deadline, "shop", "", false, progress};
    co_return co_await work(call);
  }

 private:
  kube::Client& client_;
  const fairlead::Clock& clock_;
};

// What a change is without a gate: the same requests, the look at what is reached and at the outcome among them.
gate::awaitable<Result<ops::Reply>> bare_change(ops::Call& call) {
  auto plan = co_await call.operation.change->plan(call);
  if (!plan) co_return fail(std::move(plan.error()));
  const ops::MaySee all;
  co_await ops::blast_radius(call, *plan, all);
  ops::Answers answers;
  for (const auto& write : plan->writes) {
    auto answer = co_await ops::send_write(call, write, false);
    if (!answer) co_return fail(std::move(answer.error()));
    answers.push_back(std::move(*answer));
  }
  auto seen = co_await ops::verify_plan(call, *plan, answers);
  if (!seen) co_return fail(std::move(seen.error()));
  co_return call.operation.change->finish(call, *plan, answers);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class Bench {
 public:
  explicit Bench(const std::string& directory)
      : api([this](const net::HttpRequest& request) { return server(request); }), directory_(directory) {
    store::SqliteOptions options;
    options.path = directory + "/fairlead.db";
    options.migrations = store::sqlite_schema();
    database = store::open_sqlite(std::move(options));
    audit = std::make_unique<gate::AuditLog>(*database);
    auto vault =
        std::make_shared<vault::Vault>([](bool) { return vault::Sealer::with_key(Secret(std::string(32, 'k'))); });
    journal = std::make_unique<gate::Journal>(*database, std::move(vault), "bench", gate::Journal::Enter(),
                                              gate::record_begun(catalog, std::make_shared<fairlead::SystemClock>()));
    gate::Books books;
    books.journal = journal.get();
    books.audit = audit.get();
    books.clock = &clock;
    gate_ = std::make_unique<gate::Gate>(catalog, *clusters, gate::Grant{ops::Trust::write}, std::move(books));
  }

  // Microseconds of a call.
  double through_the_gate(std::string_view operation, const json::object& arguments) {
    gate::Request request;
    request.who.name = "mcp:agent";
    request.operation = operation;
    request.arguments = arguments;
    request.deadline = net::testing::patience();
    return timed([&] { return api.run(gate_->call(std::move(request))); });
  }
  double without(std::string_view name, const json::object& given) {
    const ops::Operation& operation = *catalog.find(name);
    auto arguments = ops::Arguments::validate(given, operation.parameters, name);
    gate::Cluster::Work work = [](ops::Call& call) { return bare_change(call); };
    return timed([&] {
      return operation.change
                 ? api.run(clusters->work(operation, std::move(*arguments), net::testing::patience(), nullptr, work))
                 : api.run(clusters->run(operation, std::move(*arguments), net::testing::patience(), nullptr));
    });
  }

  Scale server;
  FixedClock clock{1'790'000'000};
  kube::testing::FakeApi api;
  ops::Catalog catalog = ops::kubernetes_catalog();
  std::shared_ptr<OneCluster> clusters = std::make_shared<OneCluster>(api.client(), clock);
  std::unique_ptr<store::Database> database;
  std::unique_ptr<gate::AuditLog> audit;
  std::unique_ptr<gate::Journal> journal;

 private:
  template <typename Call>
  static double timed(Call call) {
    const auto begin = Clock::now();
    auto reply = call();
    const auto end = Clock::now();
    if (!reply) {
      fmt::print(stderr, "{}\n", reply.error().sentence());
      std::exit(1);
    }
    return std::chrono::duration<double, std::micro>(end - begin).count();
  }
  std::string directory_;
  std::unique_ptr<gate::Gate> gate_;
};

void measure(const std::string& place) {
  std::string directory = place + "/fairlead_gate_XXXXXX";
  if (!::mkdtemp(directory.data())) std::exit(1);
  std::vector<double> read_with, read_without, write_with, write_without;
  {
    Bench bench(directory);
    const json::object read{{"name", "web"}};
    int replicas = 1;
    auto scale = [&] { return json::object{{"name", "web"}, {"replicas", replicas = replicas % 9 + 1}}; };
    for (int i = 0; i < 50; ++i) bench.through_the_gate("get_configmap", read), bench.without("get_configmap", read);
    for (int i = 0; i < 5; ++i) bench.through_the_gate("scale_deployment", scale());
    for (int round = 0; round < kRounds; ++round) {
      std::vector<double> rw, ro, ww, wo;
      for (int i = 0; i < kReads / kRounds; ++i) {
        rw.push_back(bench.through_the_gate("get_configmap", read));
        ro.push_back(bench.without("get_configmap", read));
      }
      for (int i = 0; i < kWrites / kRounds; ++i) {
        ww.push_back(bench.through_the_gate("scale_deployment", scale()));
        wo.push_back(bench.without("scale_deployment", scale()));
      }
      read_with.push_back(median(rw));
      read_without.push_back(median(ro));
      write_with.push_back(median(ww));
      write_without.push_back(median(wo));
    }
  }
  std::filesystem::remove_all(directory);
  const auto line = [&](std::string_view what, const std::vector<double>& with, const std::vector<double>& without) {
    std::vector<double> added;
    for (std::size_t i = 0; i < with.size(); ++i) added.push_back(with[i] - without[i]);
    std::sort(added.begin(), added.end());
    fmt::print("{:24} {:10.0f} {:10.0f} {:10.0f} {:10.0f}\n", what, median(without), median(with), added.front(),
               median(added));
  };
  fmt::print("books in {}\n{:24} {:>10} {:>10} {:>10} {:>10}\n", place, "microseconds, medians", "without", "with",
             "added least", "added");
  line("READ, get_configmap", read_with, read_without);
  line("WRITE, scale_deployment", write_with, write_without);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) measure(std::filesystem::temp_directory_path().string());
  for (int i = 1; i < argc; ++i) measure(argv[i]);
  return 0;
}
