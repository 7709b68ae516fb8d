#include "cli/change_book.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/agents.h"
#include "cli/asking.h"
#include "cli/waiting.h"
#include "gate/change_document.h"
#include "ops/render.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30),  // for the journal
    kLook = std::chrono::seconds(5),                      // at clusters, before something else is shown
    kAnswer = std::chrono::seconds(10);                   // for the way to a server, beyond what it gives itself

// A gate on what the kubeconfig and the registry know.
struct Working {
  Working(World& world, net::Executor executor, const ChangesOptions& options, Books& books, bool terminal_is_ours)
      : contexts(std::move(executor), *world.clock, options.connection.make(world, terminal_is_ours)),
        registry(make_registry(world, books.data(), books.directory(), books.database())),
        clusters(registry, *world.clock, options.fleet.live(world), &contexts),
        keeper(books.database(), *books.journal(), registry, {{}, "", world.random}),
        gate(world.catalog, clusters, options.grant.grant(), with_keeper(books.gate_books(), keeper)) {}
  static gate::Books with_keeper(gate::Books books, runtimes::AgentKeeper& keeper) {
    books.agents = &keeper;
    return books;
  }
  gate::KubeconfigClusters contexts;
  fleet::Registry registry;
  fleet::RegisteredClusters clusters;
  runtimes::AgentKeeper keeper;  // what it ends is told to the books of agents; their families are of no account here
  gate::Gate gate;
};

class Local final : public ChangeBook {
 public:
  Local(World& world, net::Executor executor, const ChangesOptions& options, Books& books)
      : world_(world), executor_(std::move(executor)), options_(options), books_(books) {}

  awaitable<Result<json::array>> list() override {
    co_await settle();
    gate::Journal::Filter filter;
    filter.who = options_.who;
    filter.operation = options_.operation;
    filter.limit = static_cast<std::size_t>(options_.limit);
    filter.now = world_.clock->unix_seconds();
    if (!options_.state.empty()) {
      filter.state = gate::parse_change_state(options_.state);
      if (!filter.state)
        co_return fail(ErrorCode::invalid_request, "list the changes", "there is no state " + options_.state,
                       "States: awaiting_approval, approved, executing, verifying, completed, failed, rolled_back, "
                       "rejected, interrupted");
    }
    auto changes = co_await books_.journal()->list(std::move(filter), Deadline::after(kPatience));
    if (!changes) co_return fail(std::move(changes.error()));
    json::array out;
    for (const auto& change : *changes) out.push_back(gate::summary_of(change));
    co_return out;
  }

  awaitable<Result<json::object>> read(bool settles) override {
    if (settles) co_await settle();
    auto change = co_await books_.journal()->read(options_.id, Deadline::after(kPatience));
    if (!change) co_return fail(std::move(change.error()));
    gate::lapse(*change, world_.clock->unix_seconds());
    co_return gate::document_of(*change, world_.catalog.find(change->operation));
  }

  awaitable<Result<void>> decide(bool approve, std::string who, std::string typed) override {
    Working on(world_, executor_, options_, books_, false);
    gate::Answer answer{approve ? gate::Answer::Kind::approved : gate::Answer::Kind::rejected, std::move(who),
                        std::move(typed)};
    co_return co_await on.gate.answer(options_.id, std::move(answer), Deadline::after(kPatience));
  }

  awaitable<Result<void>> close() override {
    Working on(world_, executor_, options_, books_, false);
    const std::string who = (world_.input_is_terminal ? "terminal:" : "cli:") + account_name();
    co_return co_await on.gate.close(options_.id, who, options_.reason, Deadline::after(kPatience));
  }

  awaitable<Result<CallAnswer>> roll_back() override {
    co_await settle();
    Working on(world_, executor_, options_, books_, true);
    TerminalApprover person(world_);
    gate::Request request;
    request.who.name = by();
    request.deadline = Deadline::after(seconds(options_.timeout));
    request.approver = &person;
    Waiting waiting(world_, executor_, "rollback");
    gate::Rollback what{options_.id, options_.force, options_.dry_run, options_.reason};
    auto reply = co_await on.gate.roll_back(std::move(request), std::move(what));
    co_await waiting.stop();
    if (!reply) co_return fail(std::move(reply.error()));
    const auto format = ops::parse_format(options_.output).value_or(ops::Format::table);
    auto rendered = ops::render(*reply, {.format = format, .now = world_.clock->unix_seconds()});
    if (!rendered) co_return fail(std::move(rendered.error()));
    CallAnswer out{std::move(rendered->notes), std::move(rendered->text)};
    co_return out;
  }

 private:
  awaitable<void> settle() {
    Working on(world_, executor_, options_, books_, true);
    auto done = co_await on.gate.settle_interrupted(Deadline::after(kLook));
    if (!done)
      note(world_, "warning: what processes have left in the middle is not told apart from what is under way: " +
                       done.error().cause);
  }

  World& world_;
  net::Executor executor_;
  const ChangesOptions& options_;
  Books& books_;
};

class Served final : public ChangeBook {
 public:
  Served(World& world, net::Executor executor, const ChangesOptions& options, Remote& remote)
      : world_(world), executor_(std::move(executor)), options_(options), remote_(remote) {}

  awaitable<Result<json::array>> list() override {
    Query query{{"state", options_.state}, {"who", options_.who}, {"operation", options_.operation}};
    co_return co_await remote_.list("/changes", query, "before", static_cast<std::size_t>(options_.limit),
                                    Deadline::after(kPatience));
  }

  awaitable<Result<json::object>> read(bool) override {
    Query none;
    auto change = co_await remote_.get(path(), none, Deadline::after(kPatience));
    co_return object_of(std::move(change));
  }

  awaitable<Result<void>> decide(bool approve, std::string, std::string typed) override {
    json::object body;
    if (approve && !typed.empty()) body["typed"] = typed;
    co_return co_await post(approve ? "/approve" : "/reject", std::move(body));
  }

  awaitable<Result<void>> close() override {
    json::object body{{"reason", options_.reason}};
    co_return co_await post("/close", std::move(body));
  }

  awaitable<Result<CallAnswer>> roll_back() override {
    json::object body{{"force", options_.force},
                      {"dry_run", options_.dry_run},
                      {"format", options_.output},
                      {"timeout_seconds", static_cast<std::int64_t>(std::ceil(options_.timeout))}};
    if (!options_.reason.empty()) body["reason"] = options_.reason;
    Waiting waiting(world_, executor_, "rollback");
    auto text = co_await remote_.send_for_text("POST", path() + "/rollback", std::move(body),
                                               Deadline::after(seconds(options_.timeout) + kAnswer));
    co_await waiting.stop();
    if (!text) co_return fail(std::move(text.error()));
    co_return read_call_answer(*text, options_.output == "json");
  }

 private:
  std::string path() const { return "/changes/" + std::to_string(options_.id); }

  awaitable<Result<void>> post(std::string what, json::object body) {
    auto sent = co_await remote_.send("POST", path() + what, std::move(body), Deadline::after(kPatience));
    if (!sent) co_return fail(std::move(sent.error()));
    co_return Result<void>();
  }

  World& world_;
  net::Executor executor_;
  const ChangesOptions& options_;
  Remote& remote_;
};

}  // namespace

int with_changes(World& world, const ChangesOptions& options, std::function<awaitable<Result<int>>(ChangeBook&)> body) {
  if (auto checked = options.server.check(world); !checked) return report(world, checked.error());
  if (options.server.is_meant(world)) {
    auto run = [&](Remote& remote) -> awaitable<Result<int>> {
      auto executor = co_await net::current_executor();
      Served book(world, executor, options, remote);
      co_return co_await body(book);
    };
    return with_server(world, options.server, run);
  }
  auto books = Books::open(world, options.books);
  if (!books) return report(world, books.error());
  Result<int> status = 1;
  net::run_until_done([&](net::Executor executor) -> awaitable<void> {
    Local book(world, executor, options, **books);
    status = co_await body(book);
    co_await (*books)->close();
  });
  return status ? *status : report(world, status.error());
}

}  // namespace fairlead::cli
