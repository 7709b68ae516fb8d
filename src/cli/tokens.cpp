// fairlead tokens: who may call a Fairlead that serves.
#include "identity/tokens.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/books.h"
#include "cli/fleet.h"
#include "cli/remote.h"
#include "cli/rendered.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30);

constexpr std::size_t kMost = 10'000;

struct TokensOptions {
  ServerOption server;
  DataOption data;
  std::string name, expires, output = "table";
  std::vector<std::string> roles;
};

// The tokens of the data directory, or of a Fairlead that serves. Rows are the documents of identity::to_json().
class TokenBook {
 public:
  struct Made {
    std::string name;
    Secret text;
  };
  virtual ~TokenBook() = default;
  virtual awaitable<Result<Made>> create(std::string name, std::vector<std::string> roles, std::int64_t expires) = 0;
  virtual awaitable<Result<json::array>> list() = 0;
  virtual awaitable<Result<std::string>> revoke(std::string id_or_name) = 0;  // its name
};

class Local final : public TokenBook {
 public:
  Local(store::Database& database, const Clock& clock) : tokens_(database, clock) {}
  awaitable<Result<Made>> create(std::string name, std::vector<std::string> roles, std::int64_t expires) override {
    gate::Bindings bindings;
    for (const auto& text : roles) {
      auto binding = gate::parse_binding(text);
      if (!binding) co_return fail(std::move(binding.error()));
      bindings.push_back(std::move(*binding));
    }
    auto made =
        co_await tokens_.create(std::move(name), std::move(bindings), expires, by(), Deadline::after(kPatience));
    if (!made) co_return fail(std::move(made.error()));
    Made out{made->row.name, std::move(made->text)};
    co_return out;
  }
  awaitable<Result<json::array>> list() override {
    auto rows = co_await tokens_.list("", kMost, Deadline::after(kPatience));
    if (!rows) co_return fail(std::move(rows.error()));
    json::array out;
    for (const auto& row : *rows) out.push_back(identity::to_json(row));
    co_return out;
  }
  awaitable<Result<std::string>> revoke(std::string id_or_name) override {
    auto row = co_await tokens_.revoke(std::move(id_or_name), by(), Deadline::after(kPatience));
    if (!row) co_return fail(std::move(row.error()));
    co_return std::move(row->name);
  }

 private:
  identity::Tokens tokens_;
};

class Served final : public TokenBook {
 public:
  explicit Served(Remote& remote) : remote_(remote) {}
  awaitable<Result<Made>> create(std::string name, std::vector<std::string> roles, std::int64_t expires) override {
    json::object body{{"name", std::move(name)}, {"roles", json::array(roles.begin(), roles.end())}};
    if (expires) body["expires"] = format_rfc3339(expires);
    auto sent = co_await remote_.send("POST", "/tokens", std::move(body), Deadline::after(kPatience));
    auto made = object_of(std::move(sent));
    if (!made) co_return fail(std::move(made.error()));
    const json::value row = std::move(*made);
    Made out{std::string(text_at(row, {"name"})), Secret(escape_untrusted(text_at(row, {"token"}), Newlines::escape))};
    co_return out;
  }
  awaitable<Result<json::array>> list() override {
    Query all;
    co_return co_await remote_.list("/tokens", all, "after", kMost, Deadline::after(kPatience));
  }
  awaitable<Result<std::string>> revoke(std::string id_or_name) override {
    std::string path = "/tokens/" + net::percent_encode(id_or_name);
    json::object none;
    auto sent = co_await remote_.send("DELETE", std::move(path), none, Deadline::after(kPatience));
    if (!sent) co_return fail(std::move(sent.error()));
    co_return std::string(text_at(*sent, {"name"}));
  }

 private:
  Remote& remote_;
};

awaitable<Result<int>> create(World& world, const TokensOptions& options, TokenBook& book) {
  std::int64_t expires = 0;
  if (!options.expires.empty()) {
    auto span = parse_span(options.expires, "--expires");
    if (!span) co_return fail(std::move(span.error()));
    expires = world.clock->unix_seconds() + *span;
  }
  auto made = co_await book.create(options.name, options.roles, expires);
  if (!made) co_return fail(std::move(made.error()));
  std::fprintf(world.out, "%s\n", std::string(made->text.reveal()).c_str());
  note(world, fmt::format("this is the token of {}, shown this once; {}", made->name,
                          expires ? "it is good until " + format_rfc3339(expires) : "it is good until it is revoked"));
  co_return 0;
}

awaitable<Result<int>> list(World& world, const TokensOptions& options, TokenBook& book) {
  auto rows = co_await book.list();
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
    const auto expires = parse_rfc3339(text_at(row, {"expires"}));
    table.order.push_back(static_cast<std::uint32_t>(table.rows.size()));
    table.rows.begin_row();
    table.rows.text(text_at(row, {"name"}));
    table.rows.begin_list();
    for (const auto& role : array_at(row, {"roles"}))
      if (auto binding = gate::binding_from_json(role)) table.rows.list_item(gate::to_string(*binding));
    table.rows.text(!text_at(row, {"revoked"}).empty() ? "revoked" : !expires || now < *expires ? "good" : "expired");
    table.rows.text(expires ? text_at(row, {"expires"}) : "never");
    table.rows.time_or_empty(parse_rfc3339(text_at(row, {"last_used"})));
    table.rows.text(text_at(row, {"id"}));
    table.rows.time_or_empty(parse_rfc3339(text_at(row, {"created"})));
    table.rows.text(text_at(row, {"created_by"}));
  }
  table.total = table.rows.size();
  ops::Reply reply{std::move(table), {}};
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> revoke(World& world, const TokensOptions& options, TokenBook& book) {
  auto name = co_await book.revoke(options.name);
  if (!name) co_return fail(std::move(name.error()));
  note(world, "token " + *name + " lets nobody in any more; what serves notices within a second");
  co_return 0;
}

int perform(World& world, const TokensOptions& options, std::function<awaitable<Result<int>>(TokenBook&)> body) {
  if (auto checked = options.server.check(world); !checked) return report(world, checked.error());
  if (options.server.is_meant(world)) return with_served<Served>(world, options.server, body);
  auto run = [&](const std::string&, store::Database& database) -> awaitable<Result<int>> {
    Local book(database, *world.clock);
    co_return co_await body(book);
  };
  return with_database(world, options.data, run);
}

}  // namespace

void add_tokens(CLI::App& app, World& world, Action& action) {
  auto* tokens = app.add_subcommand("tokens", "Who may call a Fairlead that serves, and what they may do");
  tokens->require_subcommand(1);
  auto options = std::make_shared<TokensOptions>();
  using Body = std::function<awaitable<Result<int>>(TokenBook&)>;
  auto command = [&](std::string name, std::string meaning, Body body) {
    auto* added = tokens->add_subcommand(std::move(name), std::move(meaning));
    options->data.add_to(*added);
    options->server.add_to(*added, {"--data", "--database"});
    added->callback([&world, &action, options, body] {
      action = [&world, options, body] { return perform(world, *options, body); };
    });
    return added;
  };
  auto* creating = command("create", "Make a token and print it",
                           [&world, options](TokenBook& book) { return create(world, *options, book); });
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
      "  fairlead tokens create alice --role approver --role operator@k8s:test\n"
      "  fairlead tokens create ci --role viewer --server https://fairlead.example.com:8475");
  auto* listing = command("list", "List the tokens, revoked ones too",
                          [&world, options](TokenBook& book) { return list(world, *options, book); });
  listing->add_option("-o,--output", options->output, "table, wide, json, yaml")
      ->check(CLI::IsMember({"table", "wide", "json", "yaml"}))
      ->capture_default_str();
  auto* revoking = command("revoke", "Let nobody in with a token any more",
                           [&world, options](TokenBook& book) { return revoke(world, *options, book); });
  revoking->add_option("NAME", options->name, "Its name or its id")
      ->required()
      ->check(CLI::Validator(refuse_value, ""));
}

}  // namespace fairlead::cli
