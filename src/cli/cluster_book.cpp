#include "cli/cluster_book.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/books.h"
#include "fleet/mounted.h"
#include "fleet/probe.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30);
constexpr std::size_t kMost = 10'000;

class Local final : public ClusterBook {
 public:
  Local(World& world, const FleetOption& fleet, fleet::Registry& registry)
      : world_(world), fleet_(fleet), registry_(registry) {}

  awaitable<Result<json::array>> list() override {
    auto rows = co_await registry_.list("", kMost, Deadline::after(kPatience));
    if (!rows) co_return fail(std::move(rows.error()));
    json::array out;
    const fleet::LiveOptions live = fleet_.live(world_);
    for (auto& row : *rows) {
      fleet::forget_test_of_other_files(row, live.connect);
      out.push_back(fleet::shown(row));
    }
    co_return out;
  }
  awaitable<Result<json::object>> read(std::string id) override {
    auto row = co_await registry_.read(std::move(id), Deadline::after(kPatience));
    co_return shown(std::move(row));
  }
  awaitable<Result<json::object>> add(json::object fields) override {
    auto row = co_await registry_.add(std::move(fields), by(), Deadline::after(kPatience));
    co_return shown(std::move(row));
  }
  awaitable<Result<json::object>> change(std::string id, json::object fields) override {
    auto row =
        co_await registry_.change(std::move(id), std::move(fields), std::nullopt, by(), Deadline::after(kPatience));
    co_return shown(std::move(row));
  }
  awaitable<Result<void>> remove(std::string id) override {
    co_return co_await registry_.remove(std::move(id), std::nullopt, by(), Deadline::after(kPatience));
  }
  awaitable<Result<json::object>> test(std::string id, double timeout) override {
    auto row = co_await registry_.read(std::move(id), Deadline::after(kPatience));
    if (!row) co_return fail(std::move(row.error()));
    const Deadline deadline = Deadline::after(seconds(timeout));
    const fleet::LiveOptions live = fleet_.live(world_);
    const std::string files = fleet::files_digest(*row, live.connect);
    auto client = co_await fleet::make_client(registry_, *row, live, "", deadline);
    fleet::ProbeReport report;
    if (client)
      report = co_await fleet::probe(**client, *row, deadline);
    else
      report = fleet::failed_probe(client.error());
    fleet::LastTest last{report.ok, report.message, world_.clock->unix_seconds(), files};
    auto kept = co_await registry_.keep_test(*row, std::move(last), Deadline::after(kPatience));
    if (!kept) co_return fail(std::move(kept.error()));
    json::object out = fleet::to_json(report);
    out["kept"] = *kept;
    co_return out;
  }

 private:
  Result<json::object> shown(Result<fleet::ClusterRow> row) const {
    if (!row) return fail(std::move(row.error()));
    fleet::forget_test_of_other_files(*row, fleet_.live(world_).connect);
    return fleet::shown(*row);
  }

  World& world_;
  const FleetOption& fleet_;
  fleet::Registry& registry_;
};

class Served final : public ClusterBook {
 public:
  explicit Served(Remote& remote) : remote_(remote) {}

  awaitable<Result<json::array>> list() override {
    Query all;
    co_return co_await remote_.list("/clusters", all, "after", kMost, Deadline::after(kPatience));
  }
  awaitable<Result<json::object>> read(std::string id) override {
    Query none;
    auto row = co_await remote_.get(path_of(id), none, Deadline::after(kPatience));
    co_return object_of(std::move(row));
  }
  awaitable<Result<json::object>> add(json::object fields) override {
    co_return co_await send("POST", "/clusters", std::move(fields), kPatience);
  }
  awaitable<Result<json::object>> change(std::string id, json::object fields) override {
    co_return co_await send("PATCH", path_of(id), std::move(fields), kPatience);
  }
  awaitable<Result<void>> remove(std::string id) override {
    json::object none;
    auto removed = co_await remote_.send("DELETE", path_of(id), none, Deadline::after(kPatience));
    if (!removed) co_return fail(std::move(removed.error()));
    co_return Result<void>();
  }
  awaitable<Result<json::object>> test(std::string id, double timeout) override {
    json::object body{{"timeout_seconds", static_cast<std::int64_t>(std::ceil(timeout))}};
    co_return co_await send("POST", path_of(id) + "/test", std::move(body), seconds(timeout) + kAnswer);
  }

 private:
  static constexpr Duration kAnswer = std::chrono::seconds(10);  // for the way, beyond what the server gives itself

  static std::string path_of(const std::string& id) { return "/clusters/" + net::percent_encode(id); }

  awaitable<Result<json::object>> send(std::string method, std::string path, json::object body, Duration patience) {
    auto row = co_await remote_.send(std::move(method), std::move(path), std::move(body), Deadline::after(patience));
    co_return object_of(std::move(row));
  }

  Remote& remote_;
};

}  // namespace

int with_clusters(World& world, const ServerOption& server, const DataOption& data, const FleetOption& fleet,
                  std::function<awaitable<Result<int>>(ClusterBook&)> body) {
  if (auto checked = server.check(world); !checked) return report(world, checked.error());
  if (server.is_meant(world)) return with_served<Served>(world, server, body);
  auto run = [&](fleet::Registry& registry) -> awaitable<Result<int>> {
    Local book(world, fleet, registry);
    co_return co_await body(book);
  };
  return with_registry(world, data, run);
}

}  // namespace fairlead::cli
