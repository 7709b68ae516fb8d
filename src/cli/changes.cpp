// fairlead changes: what was changed, what waits for an approval, and taking it back.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/asking.h"
#include "cli/change_book.h"
#include "cli/rendered.h"
#include "gate/change_document.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

// Of whichever journal they come.
ops::Table table_of(const json::array& changes) {
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
  for (const auto& change : changes) {
    table.order.push_back(static_cast<std::uint32_t>(table.rows.size()));
    table.rows.begin_row();
    table.rows.integer(integer_at(change, {"id"}));
    table.rows.time_or_empty(parse_rfc3339(text_at(change, {"created"})));
    for (const char* name : {"state", "who", "cluster", "operation", "summary", "reason", "approver", "decided_by",
                             "error", "verification"})
      table.rows.text(text_at(change, {name}));
  }
  table.total = table.rows.size();
  return table;
}

awaitable<Result<int>> list(World& world, const ChangesOptions& options, ChangeBook& book) {
  auto changes = co_await book.list();
  if (!changes) co_return fail(std::move(changes.error()));
  ops::Reply reply{table_of(*changes), {}};
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> show_one(World& world, const ChangesOptions& options, ChangeBook& book) {
  auto change = co_await book.read(true);
  if (!change) co_return fail(std::move(change.error()));
  ops::Reply reply{ops::Document{std::move(*change), nullptr}, {}};
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> decide(World& world, const ChangesOptions& options, ChangeBook& book, bool approve) {
  auto read = co_await book.read(false);
  if (!read) co_return fail(std::move(read.error()));
  const json::value change = std::move(*read);
  std::string who = (world.input_is_terminal ? "terminal:" : "cli:") + account_name(), typed;
  if (approve && text_at(change, {"state"}) == gate::to_string(gate::ChangeState::awaiting_approval)) {
    TerminalApprover person(world);
    gate::Question question = gate::question_from(change);
    const gate::Answer answer = co_await person.ask(std::move(question));
    if (answer.kind == gate::Answer::Kind::nobody)
      co_return fail(ErrorCode::approval_required, "approve the change",
                     "there is no person to ask: this is no terminal",
                     "Run it in a terminal, where the question can be read and answered");
    if (answer.kind == gate::Answer::Kind::rejected) {
      note(world, "it was not approved, and goes on waiting; 'fairlead changes reject' ends that");
      co_return 3;
    }
    who = answer.who;
    typed = answer.typed;
  }
  auto decided = co_await book.decide(approve, std::move(who), std::move(typed));
  if (!decided) co_return fail(std::move(decided.error()));
  note(world, approve ? fmt::format("change {} is approved: {} carries it out by making the same call again, until {}",
                                    options.id, text_at(change, {"who"}), text_at(change, {"expires"}))
                      : fmt::format("change {} is rejected", options.id));
  co_return 0;
}

awaitable<Result<int>> close(World& world, const ChangesOptions& options, ChangeBook& book) {
  auto closed = co_await book.close();
  if (!closed) co_return fail(std::move(closed.error()));
  note(world, fmt::format("change {} is closed: what became of it is not known", options.id));
  co_return 0;
}

awaitable<Result<int>> roll_back(World& world, ChangeBook& book) {
  auto answered = co_await book.roll_back();
  if (!answered) co_return fail(std::move(answered.error()));
  print(world, answered->text, answered->notes);
  co_return 0;
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
  changes->footer(
      "Examples:\n"
      "  fairlead changes list --state awaiting_approval\n"
      "  fairlead changes approve 17 --server https://fairlead.example.com:8475");
  auto options = std::make_shared<ChangesOptions>();
  auto add = [&](std::string name, std::string meaning, std::function<awaitable<Result<int>>(ChangeBook&)> body) {
    auto* command = changes->add_subcommand(std::move(name), std::move(meaning));
    options->books.add_to(*command);
    command->callback([&world, &action, options, body] {
      action = [&world, options, body] { return with_changes(world, *options, body); };
    });
    return command;
  };
  auto* list_command = add("list", "List changes, the newest first",
                           [&world, options](ChangeBook& book) { return list(world, *options, book); });
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
  auto* show_command = add("show", "Show one change: what it touches, who approved it, what became of it",
                           [&world, options](ChangeBook& book) { return show_one(world, *options, book); });
  add_id(*show_command, *options);
  options->connection.add_to(*show_command);
  options->fleet.add_to(*show_command);
  add_output(*show_command, *options, {"table", "json", "yaml"});
  show_command->footer("Example:\n  fairlead changes show 17");
  auto* approve_command = add("approve", "Approve a change that waits, at a terminal; nobody approves their own",
                              [&world, options](ChangeBook& book) { return decide(world, *options, book, true); });
  add_id(*approve_command, *options);
  approve_command->footer("Example:\n  fairlead changes approve 17");
  auto* reject_command = add("reject", "Reject a change that waits",
                             [&world, options](ChangeBook& book) { return decide(world, *options, book, false); });
  add_id(*reject_command, *options);
  reject_command->footer("Example:\n  fairlead changes reject 17");
  auto* close_command = add("close", "Give up an interrupted change whose cluster cannot be asked any more",
                            [&world, options](ChangeBook& book) { return close(world, *options, book); });
  add_id(*close_command, *options);
  close_command->add_option("--reason", options->reason, "Why; it is recorded")->required();
  close_command->footer("Example:\n  fairlead changes close 17 --reason 'the cluster was rebuilt'");
  auto* back_command = add("rollback", "Take a change back, unless somebody has changed the same since",
                           [&world, options](ChangeBook& book) { return roll_back(world, book); });
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
  std::vector<std::string> local{"--namespace"};
  for (const auto* names : {&kConnectionOptions, &kBooksOptions, &kFleetOptions})
    local.insert(local.end(), names->begin(), names->end());
  for (auto* command : changes->get_subcommands({})) options->server.add_to(*command, local);
}

}  // namespace fairlead::cli
