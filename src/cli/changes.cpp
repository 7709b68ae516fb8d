// fairlead changes: what was changed, what waits for an approval, and taking it back.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/asking.h"
#include "cli/books.h"
#include "cli/fleet.h"
#include "cli/options.h"
#include "cli/rendered.h"
#include "cli/waiting.h"
#include "gate/change_document.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30),  // for the journal
    kLook = std::chrono::seconds(5);                      // at clusters, before something else is shown

struct ChangesOptions {
  BooksOption books;
  FleetOption fleet;
  ConnectionOptions connection;
  GrantOption grant;
  std::string output = "table", state, who, operation, reason;
  std::int64_t id = 0;
  int limit = 50;
  bool force = false, dry_run = false;
  double timeout = 60;
};

using Body = std::function<awaitable<Result<int>>(net::Executor, Books&)>;
int with_books(World& world, const ChangesOptions& options, Body body) {
  auto books = Books::open(world, options.books);
  if (!books) return report(world, books.error());
  Result<int> status = 1;
  net::run_until_done([&](net::Executor executor) -> awaitable<void> {
    status = co_await body(executor, **books);
    co_await (*books)->close();
  });
  return status ? *status : report(world, status.error());
}

// A gate on what the kubeconfig and the registry know.
struct Working {
  Working(World& world, net::Executor executor, const ChangesOptions& options, Books& books, bool terminal_is_ours)
      : contexts(std::move(executor), *world.clock, options.connection.make(world, terminal_is_ours)),
        registry(make_registry(world, books.data(), books.directory(), books.database())),
        clusters(registry, *world.clock, options.fleet.live(world), &contexts),
        gate(world.catalog, clusters, options.grant.grant(), books.gate_books()) {}
  gate::KubeconfigClusters contexts;
  fleet::Registry registry;
  fleet::RegisteredClusters clusters;
  gate::Gate gate;
};

// Before the journal is shown or something is taken back, what processes left behind that are gone is looked at, where
// the cluster can be asked.
awaitable<void> settle(World& world, net::Executor executor, const ChangesOptions& options, Books& books) {
  Working on(world, executor, options, books, true);
  auto done = co_await on.gate.settle_interrupted(Deadline::after(kLook));
  if (!done)
    note(world, "warning: what processes have left in the middle is not told apart from what is under way: " +
                    done.error().cause);
}

awaitable<Result<int>> list(World& world, net::Executor executor, const ChangesOptions& options, Books& books) {
  co_await settle(world, executor, options, books);
  gate::Journal::Filter filter;
  filter.who = options.who;
  filter.operation = options.operation;
  filter.limit = static_cast<std::size_t>(options.limit);
  filter.now = world.clock->unix_seconds();
  if (!options.state.empty()) {
    filter.state = gate::parse_change_state(options.state);
    if (!filter.state)
      co_return fail(ErrorCode::invalid_request, "list the changes", "there is no state " + options.state,
                     "States: awaiting_approval, approved, executing, verifying, completed, failed, rolled_back, "
                     "rejected, interrupted");
  }
  auto changes = co_await books.journal()->list(std::move(filter), Deadline::after(kPatience));
  if (!changes) co_return fail(std::move(changes.error()));
  ops::Table table;
  table.columns = {{"id", ops::CellType::integer},
                   {"created", ops::CellType::time},
                   {"state"},
                   {"who"},
                   {"cluster"},
                   {"operation"},
                   {"summary"},
                   {"reason", ops::CellType::text, true},
                   {"approver", ops::CellType::text, true},
                   {"rule", ops::CellType::text, true},
                   {"error", ops::CellType::text, true},
                   {"verification", ops::CellType::text, true}};
  table.noun = "changes";
  for (const auto& change : *changes) {
    table.order.push_back(static_cast<std::uint32_t>(table.rows.size()));
    table.rows.begin_row();
    table.rows.integer(change.id);
    table.rows.time(change.created);
    table.rows.text(gate::to_string(change.state));
    for (const auto* text : {&change.who, &change.cluster, &change.operation, &change.summary, &change.reason,
                             &change.approver, &change.rule, &change.error, &change.verification})
      table.rows.text(*text);
  }
  table.total = table.rows.size();
  ops::Reply reply{std::move(table), {}};
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> show_one(World& world, net::Executor executor, const ChangesOptions& options, Books& books) {
  co_await settle(world, executor, options, books);
  auto change = co_await books.journal()->read(options.id, Deadline::after(kPatience));
  if (!change) co_return fail(std::move(change.error()));
  gate::lapse(*change, world.clock->unix_seconds());
  ops::Reply reply{ops::Document{gate::document_of(*change, world.catalog.find(change->operation)), nullptr}, {}};
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> decide(World& world, net::Executor executor, const ChangesOptions& options, Books& books,
                              bool approve) {
  auto change = co_await books.journal()->read(options.id, Deadline::after(kPatience));
  if (!change) co_return fail(std::move(change.error()));
  gate::Answer answer{approve ? gate::Answer::Kind::approved : gate::Answer::Kind::rejected,
                      (world.input_is_terminal ? "terminal:" : "cli:") + account_name(),
                      {}};
  gate::lapse(*change, world.clock->unix_seconds());
  if (approve && change->state == gate::ChangeState::awaiting_approval) {
    TerminalApprover person(world);
    answer = co_await person.ask(gate::question_of(*change));
    if (answer.kind == gate::Answer::Kind::nobody)
      co_return fail(ErrorCode::approval_required, "approve the change",
                     "there is no person to ask: this is no terminal",
                     "Run it in a terminal, where the question can be read and answered");
    if (answer.kind == gate::Answer::Kind::rejected) {
      note(world, "it was not approved, and goes on waiting; 'fairlead changes reject' ends that");
      co_return 3;
    }
  }
  Working on(world, executor, options, books, false);
  auto decided = co_await on.gate.answer(options.id, std::move(answer), Deadline::after(kPatience));
  if (!decided) co_return fail(std::move(decided.error()));
  note(world, approve ? fmt::format("change {} is approved: {} carries it out by making the same call again, until {}",
                                    options.id, change->who, format_rfc3339(change->expires))
                      : fmt::format("change {} is rejected", options.id));
  co_return 0;
}

awaitable<Result<int>> close(World& world, net::Executor executor, const ChangesOptions& options, Books& books) {
  Working on(world, executor, options, books, false);
  const std::string who = (world.input_is_terminal ? "terminal:" : "cli:") + account_name();
  auto closed = co_await on.gate.close(options.id, who, options.reason, Deadline::after(kPatience));
  if (!closed) co_return fail(std::move(closed.error()));
  note(world, fmt::format("change {} is closed: what became of it is not known", options.id));
  co_return 0;
}

awaitable<Result<int>> roll_back(World& world, net::Executor executor, const ChangesOptions& options, Books& books) {
  co_await settle(world, executor, options, books);
  Working on(world, executor, options, books, true);
  TerminalApprover person(world);
  gate::Request request;
  request.who.name = by();
  request.deadline = Deadline::after(seconds(options.timeout));
  request.approver = &person;
  Waiting waiting(world, executor, "rollback");
  gate::Rollback what{options.id, options.force, options.dry_run, options.reason};
  auto reply = co_await on.gate.roll_back(std::move(request), std::move(what));
  co_await waiting.stop();
  if (!reply) co_return fail(std::move(reply.error()));
  co_return show(world, *reply, options.output);
}

void add_output(CLI::App& command, ChangesOptions& options, std::vector<std::string> formats) {
  command.add_option("-o,--output", options.output, fmt::format("{}", fmt::join(formats, ", ")))
      ->check(CLI::IsMember(formats))
      ->capture_default_str();
}

void add_id(CLI::App& command, ChangesOptions& options) {
  command.add_option("ID", options.id, "The change")->required();
}

}  // namespace

void add_changes(CLI::App& app, World& world, Action& action) {
  auto* changes = app.add_subcommand("changes", "What was changed, what waits for an approval, and taking it back");
  changes->require_subcommand(1);
  auto options = std::make_shared<ChangesOptions>();
  auto add = [&](std::string name, std::string meaning,
                 std::function<awaitable<Result<int>>(net::Executor, Books&)> body) {
    auto* command = changes->add_subcommand(std::move(name), std::move(meaning));
    options->books.add_to(*command);
    command->callback([&world, &action, options, body] {
      action = [&world, options, body] { return with_books(world, *options, body); };
    });
    return command;
  };
  auto* list_command =
      add("list", "List changes, the newest first",
          [&world, options](net::Executor executor, Books& books) { return list(world, executor, *options, books); });
  list_command->add_option("--state", options->state, "Only those in this state, such as awaiting_approval");
  list_command->add_option("--who", options->who, "Only those of this caller, such as mcp:alice");
  list_command->add_option("--operation", options->operation, "Only those of this operation");
  list_command->add_option("--limit", options->limit, "At most so many")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  options->connection.add_to(*list_command);
  options->fleet.add_to(*list_command);
  add_output(*list_command, *options, {"table", "wide", "json", "yaml"});
  list_command->footer("Example:\n  fairlead changes list --state awaiting_approval");
  auto* show_command = add(
      "show", "Show one change: what it touches, who approved it, what became of it",
      [&world, options](net::Executor executor, Books& books) { return show_one(world, executor, *options, books); });
  add_id(*show_command, *options);
  options->connection.add_to(*show_command);
  options->fleet.add_to(*show_command);
  add_output(*show_command, *options, {"table", "json", "yaml"});
  show_command->footer("Example:\n  fairlead changes show 17");
  auto* approve_command = add("approve", "Approve a change that waits, at a terminal; nobody approves their own",
                              [&world, options](net::Executor executor, Books& books) {
                                return decide(world, executor, *options, books, true);
                              });
  add_id(*approve_command, *options);
  approve_command->footer("Example:\n  fairlead changes approve 17");
  auto* reject_command =
      add("reject", "Reject a change that waits", [&world, options](net::Executor executor, Books& books) {
        return decide(world, executor, *options, books, false);
      });
  add_id(*reject_command, *options);
  reject_command->footer("Example:\n  fairlead changes reject 17");
  auto* close_command =
      add("close", "Give up an interrupted change whose cluster cannot be asked any more",
          [&world, options](net::Executor executor, Books& books) { return close(world, executor, *options, books); });
  add_id(*close_command, *options);
  close_command->add_option("--reason", options->reason, "Why; it is recorded")->required();
  close_command->footer("Example:\n  fairlead changes close 17 --reason 'the cluster was rebuilt'");
  auto* back_command = add(
      "rollback", "Take a change back, unless somebody has changed the same since",
      [&world, options](net::Executor executor, Books& books) { return roll_back(world, executor, *options, books); });
  add_id(*back_command, *options);
  options->connection.add_to(*back_command);
  options->fleet.add_to(*back_command);
  options->grant.add_to(*back_command);
  back_command->add_flag("--force", options->force, "Overwrite what somebody has changed since; it is recorded");
  back_command->add_flag("--dry-run", options->dry_run, "Only show what it would do");
  back_command->add_option("--reason", options->reason, "Why");
  add_timeout(*back_command, options->timeout, "Give up after so many seconds");
  add_output(*back_command, *options, {"table", "json", "yaml"});
  back_command->footer("Example:\n  fairlead changes rollback 17 --allow write");
}

}  // namespace fairlead::cli
