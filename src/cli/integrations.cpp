// fairlead integrations: kubeconfigs that agents are given, and starting one with its own.
#include "fleet/integrations.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

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

struct IntegrationsOptions {
  ServerOption server;
  DataOption data;
  std::string agent, kubeconfig, context, output = "table";
  bool link_local = false;
};

// Those of the data directory, or of a Fairlead that serves. Rows are the documents of fleet::shown().
class IntegrationBook {
 public:
  virtual ~IntegrationBook() = default;
  virtual awaitable<Result<json::array>> list() = 0;
  virtual awaitable<Result<json::object>> read(std::string agent) = 0;
  virtual awaitable<Result<json::object>> put(std::string agent, json::object fields) = 0;
  virtual awaitable<Result<json::object>> test(std::string agent) = 0;
  virtual awaitable<Result<void>> remove(std::string agent) = 0;
};

Result<json::object> shown(Result<fleet::Integration> row) {
  if (!row) return fail(std::move(row.error()));
  return fleet::shown(*row);
}

class Local final : public IntegrationBook {
 public:
  Local(fleet::Integrations& rows, bool link_local) : rows_(rows), link_local_(link_local) {}
  awaitable<Result<json::array>> list() override {
    auto rows = co_await rows_.list("", kMost, Deadline::after(kPatience));
    if (!rows) co_return fail(std::move(rows.error()));
    json::array out;
    for (const auto& row : *rows) out.push_back(fleet::shown(row));
    co_return out;
  }
  awaitable<Result<json::object>> read(std::string agent) override {
    auto row = co_await rows_.read(std::move(agent), Deadline::after(kPatience));
    co_return shown(std::move(row));
  }
  awaitable<Result<json::object>> put(std::string agent, json::object fields) override {
    auto put = co_await rows_.put(std::move(agent), std::move(fields), link_local_, std::nullopt, by(),
                                  Deadline::after(kPatience));
    if (!put) co_return fail(std::move(put.error()));
    co_return fleet::shown(put->row);
  }
  awaitable<Result<json::object>> test(std::string agent) override {
    auto row = co_await rows_.test(std::move(agent), link_local_, by(), Deadline::after(kPatience));
    co_return shown(std::move(row));
  }
  awaitable<Result<void>> remove(std::string agent) override {
    co_return co_await rows_.remove(std::move(agent), std::nullopt, by(), Deadline::after(kPatience));
  }

 private:
  fleet::Integrations& rows_;
  bool link_local_;
};

class Served final : public IntegrationBook {
 public:
  explicit Served(Remote& remote) : remote_(remote) {}
  awaitable<Result<json::array>> list() override {
    Query all;
    co_return co_await remote_.list("/integrations", all, "after", kMost, Deadline::after(kPatience));
  }
  awaitable<Result<json::object>> read(std::string agent) override {
    Query none;
    auto row = co_await remote_.get(path_of(agent), none, Deadline::after(kPatience));
    co_return object_of(std::move(row));
  }
  awaitable<Result<json::object>> put(std::string agent, json::object fields) override {
    auto row = co_await remote_.send("PUT", path_of(agent), std::move(fields), Deadline::after(kPatience));
    co_return object_of(std::move(row));
  }
  awaitable<Result<json::object>> test(std::string agent) override {
    json::object none;
    auto row = co_await remote_.send("POST", path_of(agent) + "/test", none, Deadline::after(kPatience));
    co_return object_of(std::move(row));
  }
  awaitable<Result<void>> remove(std::string agent) override {
    json::object none;
    auto removed = co_await remote_.send("DELETE", path_of(agent), none, Deadline::after(kPatience));
    if (!removed) co_return fail(std::move(removed.error()));
    co_return Result<void>();
  }

 private:
  static std::string path_of(const std::string& agent) {
    return "/integrations/" + net::percent_encode(agent) + "/kubernetes";
  }
  Remote& remote_;
};

Result<int> show_row(World& world, const IntegrationsOptions& options, json::object row) {
  return show(world, ops::Reply{ops::Document{std::move(row), nullptr}, {}}, options.output);
}

awaitable<Result<int>> list(World& world, const IntegrationsOptions& options, IntegrationBook& book) {
  auto rows = co_await book.list();
  if (!rows) co_return fail(std::move(rows.error()));
  ops::Table table;
  table.columns = {{"agent"},
                   {"provider"},
                   {"context"},
                   {"validated", ops::CellType::time},
                   {"status"},
                   {"message"},
                   {"updated", ops::CellType::time, true}};
  table.noun = "integrations";
  for (const auto& row : *rows) {
    table.order.push_back(static_cast<std::uint32_t>(table.rows.size()));
    table.rows.begin_row(text_at(row, {"last_validation", "status"}) == "ok" ? 1 : 0);
    for (const char* name : {"agent", "provider", "context"}) table.rows.text(text_at(row, {name}));
    table.rows.time_or_empty(parse_rfc3339(text_at(row, {"last_validation", "time"})));
    table.rows.text(text_at(row, {"last_validation", "status"}));
    table.rows.text(text_at(row, {"last_validation", "message"}));
    table.rows.time_or_empty(parse_rfc3339(text_at(row, {"updated"})));
  }
  table.total = table.rows.size();
  ops::Reply reply{std::move(table), {}};
  if (rows->empty()) reply.notes.emplace_back("no agent has one: 'fairlead integrations set --help' shows how");
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> set(World& world, const IntegrationsOptions& options, IntegrationBook& book) {
  json::object fields;
  if (!options.kubeconfig.empty()) {
    auto text = read_file(options.kubeconfig == "-" ? "/dev/fd/0" : options.kubeconfig, "read the kubeconfig", 1 << 20);
    if (!text) co_return fail(std::move(text.error()));
    fields["kubeconfig"] = *text;
  }
  if (!options.context.empty()) fields["context"] = options.context;
  if (fields.empty())
    co_return fail(ErrorCode::invalid_request, "set the integration", "nothing is to be set",
                   "Give --kubeconfig FILE, or --context of the one that is stored");
  auto row = co_await book.put(options.agent, std::move(fields));
  if (!row) co_return fail(std::move(row.error()));
  note(world, text_at(*row, {"last_validation", "message"}));
  co_return show_row(world, options, std::move(*row));
}

awaitable<Result<int>> show_one(World& world, const IntegrationsOptions& options, IntegrationBook& book) {
  auto row = co_await book.read(options.agent);
  if (!row) co_return fail(std::move(row.error()));
  co_return show_row(world, options, std::move(*row));
}

awaitable<Result<int>> test(World& world, const IntegrationsOptions& options, IntegrationBook& book) {
  auto row = co_await book.test(options.agent);
  if (!row) co_return fail(std::move(row.error()));
  const bool ok = text_at(*row, {"last_validation", "status"}) == "ok";
  auto shown = show_row(world, options, std::move(*row));
  if (!shown) co_return shown;
  co_return ok ? 0 : 1;
}

awaitable<Result<int>> remove(World& world, const IntegrationsOptions& options, IntegrationBook& book) {
  auto removed = co_await book.remove(options.agent);
  if (!removed) co_return fail(std::move(removed.error()));
  note(world, "agent " + options.agent + " has no kubeconfig here any more; what runs with it already goes on");
  co_return 0;
}

int perform(World& world, const IntegrationsOptions& options,
            std::function<awaitable<Result<int>>(IntegrationBook&)> body) {
  if (auto checked = options.server.check(world); !checked) return report(world, checked.error());
  if (options.server.is_meant(world)) return with_served<Served>(world, options.server, body);
  auto run = [&](const std::string& directory, store::Database& database) -> awaitable<Result<int>> {
    fleet::Integrations rows(database, make_vault(world, options.data, directory), *world.clock);
    Local book(rows, options.link_local);
    co_return co_await body(book);
  };
  return with_database(world, options.data, run);
}

// In this process's place, so that signals and the exit status are the command's own.
int become(World& world, const fleet::AgentEnvironment& given, const std::vector<std::string>& command) {
  std::vector<std::string> environment = without_credentials(world.variables);
  std::erase_if(environment, [](const std::string& variable) {
    return variable.starts_with("KUBECONFIG=") || variable.starts_with("KUBECONFIG_CONTEXT=");
  });
  for (const auto& [name, value] : given.variables()) {
    environment.push_back(std::string(name) + "=");
    environment.back() += value.reveal();
  }
  std::vector<char*> arguments, variables;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  for (const auto& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  arguments.push_back(nullptr);
  variables.push_back(nullptr);
  if (!world.pipe_signal_ignored) ::signal(SIGPIPE, SIG_DFL);
  ::execvpe(arguments[0], arguments.data(), variables.data());
  const int why = errno;
  for (auto& variable : environment) ::explicit_bzero(variable.data(), variable.size());
  std::fprintf(world.err, "error: cannot run %s: %s. (invalid_request)\n",
               escape_untrusted(command[0], Newlines::escape).c_str(), std::strerror(why));
  return why == ENOENT ? 127 : 126;
}

int run_agent(World& world, const IntegrationsOptions& options, const std::vector<std::string>& command) {
  if (command.empty())
    return report(world, Error{ErrorCode::invalid_request, "", "there is no command to run",
                               "Write it after --, such as: fairlead integrations run ops-bot -- fairlead "
                               "with-kubeconfig -- kubectl get pods",
                               nullptr});
  if (!world.environment("FAIRLEAD_SERVER").value_or("").empty())
    return report(world, Error{ErrorCode::invalid_request, "",
                               "FAIRLEAD_SERVER names a server, and no server gives a kubeconfig back",
                               "Unset it, and run this where the data directory and its key are", nullptr});
  fleet::AgentEnvironment given;
  auto take = [&](const std::string& directory, store::Database& database) -> awaitable<Result<int>> {
    fleet::Integrations rows(database, make_vault(world, options.data, directory), *world.clock);
    auto environment = co_await rows.environment(options.agent, by(), Deadline::after(kPatience));
    if (!environment) co_return fail(std::move(environment.error()));
    given = std::move(*environment);
    co_return 0;
  };
  if (const int status = with_database(world, options.data, take); status != 0) return status;
  return become(world, given, command);
}

}  // namespace

void add_integrations(CLI::App& app, World& world, const std::vector<std::string>& arguments, Action& action) {
  auto* integrations = app.add_subcommand("integrations", "Kubeconfigs that agents are given, as KUBECONFIG_CONTENTS");
  integrations->require_subcommand(1);
  integrations->footer(
      "Examples:\n"
      "  fairlead integrations set ops-bot --kubeconfig ops-bot.yaml --context prod\n"
      "  fairlead integrations test ops-bot\n"
      "  fairlead integrations run ops-bot -- fairlead with-kubeconfig -- kubectl get pods\n"
      "  fairlead integrations list --server https://fairlead.example.com:8475");
  auto options = std::make_shared<IntegrationsOptions>();
  using Body = std::function<awaitable<Result<int>>(IntegrationBook&)>;
  auto add_agent = [options](CLI::App& to) {
    to.add_option("AGENT", options->agent, "The agent, called as its API token is")
        ->required()
        ->check(CLI::Validator(refuse_value, ""));
  };
  auto command = [&](const std::string& name, std::string meaning, Body body) {
    auto* added = integrations->add_subcommand(name, std::move(meaning));
    options->data.add_to(*added);
    if (name != "list") add_agent(*added);
    if (name != "remove")
      added->add_option("-o,--output", options->output, "table, wide, json, yaml")
          ->check(CLI::IsMember({"table", "wide", "json", "yaml"}))
          ->capture_default_str();
    if (name == "set" || name == "test")
      added->add_flag("--allow-link-local", options->link_local,
                      "Take servers at link-local addresses too, where clouds hand out credentials");
    options->server.add_to(*added, {"--data", "--database", "--allow-link-local"});
    added->callback([&world, &action, options, body] {
      action = [&world, options, body] { return perform(world, *options, body); };
    });
    return added;
  };
  command("list", "List the agents that have a kubeconfig",
          [&world, options](IntegrationBook& book) { return list(world, *options, book); });
  auto* setting = command("set", "Give an agent a kubeconfig, or another one",
                          [&world, options](IntegrationBook& book) { return set(world, *options, book); });
  setting
      ->add_option("--kubeconfig", options->kubeconfig,
                   "Stores this file's content, encrypted; - reads it [the one that is stored]")
      ->type_name("FILE")
      ->check(CLI::Validator(refuse_value, ""));
  setting->add_option("--context", options->context, "Pins this context of it [its current one]")
      ->check(CLI::Validator(refuse_value, ""));
  setting->footer(
      "Examples:\n"
      "  fairlead rbac kubeconfig --operations list_pods -n shop -f ops-bot.yaml\n"
      "  fairlead integrations set ops-bot --kubeconfig ops-bot.yaml\n"
      "  kubectl config view --minify --flatten --raw | fairlead integrations set ops-bot --kubeconfig -\n"
      "  fairlead integrations set ops-bot --context staging         of the one that is stored");
  command("show", "Show one agent's integration, without the kubeconfig",
          [&world, options](IntegrationBook& book) { return show_one(world, *options, book); });
  command("test", "Look at the kubeconfig's structure once more; its cluster is not asked",
          [&world, options](IntegrationBook& book) { return test(world, *options, book); });
  command("remove", "Forget an agent's kubeconfig",
          [&world, options](IntegrationBook& book) { return remove(world, *options, book); });
  auto* running = integrations->add_subcommand("run", "Run a command as the agent's runtime, with its kubeconfig");
  options->data.add_to(*running);
  add_agent(*running);
  running->footer(
      "Runs COMMAND in its own place, with KUBECONFIG_CONTENTS and, where a context is pinned, KUBECONFIG_CONTEXT in "
      "its\n"
      "environment, and without KUBECONFIG and the credentials of Fairlead itself. It prints nothing. kubectl does "
      "not\n"
      "know these variables: 'fairlead with-kubeconfig' makes a file of them. It works on the data directory, with its "
      "key.\n"
      "Example:\n  fairlead integrations run ops-bot -- fairlead with-kubeconfig -- kubectl get pods");
  auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> words(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
  running->callback([&world, &action, options, words = std::move(words)] {
    action = [&world, options, words] { return run_agent(world, *options, words); };
  });
}

}  // namespace fairlead::cli
