// fairlead tokens: who may call a Fairlead that serves.
#include "identity/tokens.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "cli/books.h"
#include "cli/fleet.h"
#include "cli/rendered.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30);

struct TokensOptions {
  DataOption data;
  std::string name, expires, output = "table";
  std::vector<std::string> roles;
};

// "30d", "12h", "45m": seconds from now.
Result<std::int64_t> parse_span(const std::string& text) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  const std::int64_t unit = stop + 1 != end ? 0 : *stop == 'd' ? 86'400 : *stop == 'h' ? 3'600 : *stop == 'm' ? 60 : 0;
  if (error != std::errc() || unit == 0 || count < 1 || count > 3'660 * 86'400 / unit)
    return fail(ErrorCode::invalid_request, "read --expires", "it is no span of time",
                "Such as 30d, 12h or 45m; at most ten years");
  return count * unit;
}

awaitable<Result<int>> create(World& world, const TokensOptions& options, identity::Tokens& tokens) {
  gate::Bindings bindings;
  for (const auto& text : options.roles) {
    auto binding = gate::parse_binding(text);
    if (!binding) co_return fail(std::move(binding.error()));
    bindings.push_back(std::move(*binding));
  }
  std::int64_t expires = 0;
  if (!options.expires.empty()) {
    auto span = parse_span(options.expires);
    if (!span) co_return fail(std::move(span.error()));
    expires = world.clock->unix_seconds() + *span;
  }
  auto made = co_await tokens.create(options.name, std::move(bindings), expires, by(), Deadline::after(kPatience));
  if (!made) co_return fail(std::move(made.error()));
  std::fprintf(world.out, "%s\n", std::string(made->text.reveal()).c_str());
  note(world, fmt::format("this is the token of {}, shown this once; {}", made->row.name,
                          expires ? "it is good until " + format_rfc3339(expires) : "it is good until it is revoked"));
  co_return 0;
}

awaitable<Result<int>> list(World& world, const TokensOptions& options, identity::Tokens& tokens) {
  auto rows = co_await tokens.list("", 10'000, Deadline::after(kPatience));
  if (!rows) co_return fail(std::move(rows.error()));
  ops::Table table;
  table.columns = {{"name"},
                   {"roles", ops::CellType::list},
                   {"state"},
                   {"expires", ops::CellType::text},
                   {"last used", ops::CellType::time},
                   {"id"},
                   {"created", ops::CellType::time, true},
                   {"created by", ops::CellType::text, true}};
  table.noun = "tokens";
  const std::int64_t now = world.clock->unix_seconds();
  for (const auto& row : *rows) {
    table.order.push_back(static_cast<std::uint32_t>(table.rows.size()));
    table.rows.begin_row();
    table.rows.text(row.name);
    table.rows.begin_list();
    for (const auto& binding : row.bindings) table.rows.list_item(gate::to_string(binding));
    table.rows.text(row.revoked ? "revoked" : row.is_good(now) ? "good" : "expired");
    table.rows.text(row.expires ? format_rfc3339(row.expires) : "never");
    table.rows.time_or_empty(row.last_used ? std::optional(row.last_used) : std::nullopt);
    table.rows.text(row.id);
    table.rows.time(row.created);
    table.rows.text(row.created_by);
  }
  table.total = table.rows.size();
  ops::Reply reply{std::move(table), {}};
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> revoke(World& world, const TokensOptions& options, identity::Tokens& tokens) {
  auto row = co_await tokens.revoke(options.name, by(), Deadline::after(kPatience));
  if (!row) co_return fail(std::move(row.error()));
  note(world, "token " + row->name + " lets nobody in any more; what serves notices within a second");
  co_return 0;
}

}  // namespace

void add_tokens(CLI::App& app, World& world, Action& action) {
  auto* tokens = app.add_subcommand("tokens", "Who may call a Fairlead that serves, and what they may do");
  tokens->require_subcommand(1);
  auto options = std::make_shared<TokensOptions>();
  using Body = std::function<awaitable<Result<int>>(identity::Tokens&)>;
  auto command = [&](std::string name, std::string meaning, Body body) {
    auto* added = tokens->add_subcommand(std::move(name), std::move(meaning));
    options->data.add_to(*added);
    added->callback([&world, &action, options, body] {
      action = [&world, options, body]() -> int {
        auto run = [&world, body](const std::string&, store::Database& database) -> awaitable<Result<int>> {
          identity::Tokens all(database, *world.clock);
          co_return co_await body(all);
        };
        return with_database(world, options->data, run);
      };
    });
    return added;
  };
  auto* creating = command("create", "Make a token and print it",
                           [&world, options](identity::Tokens& all) { return create(world, *options, all); });
  creating->add_option("NAME", options->name, "Who it is for; journal and audit log say api:NAME")
      ->required()
      ->check(CLI::Validator(refuse_value, ""));
  creating
      ->add_option("--role", options->roles,
                   "viewer, agent, operator, approver or admin; of some clusters and namespaces only: "
                   "operator@k8s:prod,k8s:test/shop. May be given several times")
      ->required()
      ->check(CLI::Validator(refuse_value, ""));
  creating->add_option("--expires", options->expires, "Good for so long: 30d, 12h, 45m [until it is revoked]")
      ->check(CLI::Validator(refuse_value, ""));
  creating->footer(
      "Examples:\n"
      "  fairlead tokens create ops-bot --role agent@k8s:prod/shop --expires 30d\n"
      "  fairlead tokens create alice --role approver --role operator@k8s:test");
  auto* listing = command("list", "List the tokens, revoked ones too",
                          [&world, options](identity::Tokens& all) { return list(world, *options, all); });
  listing->add_option("-o,--output", options->output, "table, wide, json, yaml")
      ->check(CLI::IsMember({"table", "wide", "json", "yaml"}))
      ->capture_default_str();
  auto* revoking = command("revoke", "Let nobody in with a token any more",
                           [&world, options](identity::Tokens& all) { return revoke(world, *options, all); });
  revoking->add_option("NAME", options->name, "Its name or its id")
      ->required()
      ->check(CLI::Validator(refuse_value, ""));
}

}  // namespace fairlead::cli
