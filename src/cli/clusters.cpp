// fairlead clusters: the registry of clusters, their credentials, and whether they can be reached.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/cluster_book.h"
#include "cli/parameters.h"
#include "cli/rendered.h"
#include "cli/waiting.h"
#include "fleet/cluster_row.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

struct ClustersOptions {
  ServerOption server;
  DataOption data;
  FleetOption fleet;
  ParameterOptions parameters;
  std::string id, ns, api_server, kubeconfig, token_file, authority, output = "table";
  double timeout = 30;
  bool all = false;
};

// Those that `add` and `set` take as they are: credentials come from files, so that no list of processes shows them,
// and
// --server is a Fairlead.
const ops::Operation& fields() {
  static const ops::Operation operation = [] {
    ops::Operation out;
    out.name = "clusters";
    for (const auto& parameter : fleet::cluster_parameters())
      if (parameter.name != "id" && parameter.name != "enabled" && parameter.name != "server" &&
          parameter.name != "certificate_authority" && !parameter.secret)
        out.parameters.push_back(parameter);
    return out;
  }();
  return operation;
}

Result<json::object> gather(const ClustersOptions& options) {
  auto given = options.parameters.gather(fields());
  if (!given) return given;
  if (!options.ns.empty()) (*given)["namespace"] = options.ns;
  if (!options.api_server.empty()) (*given)["server"] = options.api_server;
  struct File {
    std::string_view field;
    const std::string& path;
  };
  for (const auto& [field, path] : {File{"kubeconfig", options.kubeconfig}, File{"token", options.token_file},
                                    File{"certificate_authority", options.authority}}) {
    if (path.empty()) continue;
    auto text = read_file(path == "-" ? "/dev/fd/0" : path, fmt::format("read the {}", field), 1 << 20);
    if (!text) return fail(std::move(text.error()));
    (*given)[field] = field == "token" ? json::value(std::string(trim(*text))) : json::value(*text);
  }
  return given;
}

Result<int> show(World& world, const ClustersOptions& options, json::object document) {
  return show(world, ops::Reply{ops::Document{std::move(document), nullptr}, {}}, options.output);
}

// Of whichever registry it comes.
ops::Table table_of(const json::array& rows) {
  ops::Table table;
  table.columns = {{"target"},
                   {"label"},
                   {"provider"},
                   {"available"},
                   {"tested", ops::CellType::time},
                   {"why not"},
                   {"credentials", ops::CellType::text, true},
                   {"context", ops::CellType::text, true},
                   {"namespace", ops::CellType::text, true},
                   {"exposure", ops::CellType::text, true}};
  table.noun = "clusters";
  for (const auto& row : rows) {
    std::vector<std::string> reasons;
    for (const auto& reason : array_at(row, {"unavailable"}))
      if (reason.is_string()) reasons.emplace_back(reason.get_string());
    table.order.push_back(static_cast<std::uint32_t>(table.rows.size()));
    table.rows.begin_row(reasons.empty() ? 1 : 0);
    for (const char* name : {"target", "label", "provider"}) table.rows.text(text_at(row, {name}));
    table.rows.text(flag_at(row, {"available"}) ? "yes" : "no");
    table.rows.time_or_empty(parse_rfc3339(text_at(row, {"last_test", "time"})));
    table.rows.text(fmt::format("{}", fmt::join(reasons, "; ")));
    for (const char* name : {"credential_mode", "context", "namespace", "exposure"})
      table.rows.text(text_at(row, {name}));
  }
  table.total = table.rows.size();
  return table;
}

awaitable<Result<int>> list(World& world, const ClustersOptions& options, ClusterBook& book) {
  auto rows = co_await book.list();
  if (!rows) co_return fail(std::move(rows.error()));
  ops::Reply reply{table_of(*rows), {}};
  if (rows->empty()) reply.notes.emplace_back("none is registered: 'fairlead clusters add --help' shows how");
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> add(World& world, const ClustersOptions& options, ClusterBook& book) {
  auto given = gather(options);
  if (!given) co_return fail(std::move(given.error()));
  (*given)["id"] = options.id;
  auto row = co_await book.add(std::move(*given));
  if (!row) co_return fail(std::move(row.error()));
  note(world, fmt::format("cluster {0} is registered, and its connection not verified: 'fairlead clusters test {0}'",
                          options.id));
  co_return show(world, options, std::move(*row));
}

awaitable<Result<int>> set(World& world, const ClustersOptions& options, ClusterBook& book, json::object fields) {
  auto row = co_await book.change(options.id, std::move(fields));
  if (!row) co_return fail(std::move(row.error()));
  co_return show(world, options, std::move(*row));
}

awaitable<Result<int>> set_given(World& world, const ClustersOptions& options, ClusterBook& book) {
  auto given = gather(options);
  if (!given) co_return fail(std::move(given.error()));
  if (given->empty())
    co_return fail(ErrorCode::invalid_request, "change the cluster", "nothing is to be changed",
                   "'fairlead clusters set --help' shows what can be");
  co_return co_await set(world, options, book, std::move(*given));
}

awaitable<Result<int>> show_one(World& world, const ClustersOptions& options, ClusterBook& book) {
  auto row = co_await book.read(options.id);
  if (!row) co_return fail(std::move(row.error()));
  co_return show(world, options, std::move(*row));
}

awaitable<Result<int>> remove(World& world, const ClustersOptions& options, ClusterBook& book) {
  auto removed = co_await book.remove(options.id);
  if (!removed) co_return fail(std::move(removed.error()));
  note(world, "cluster " + options.id + " is registered no more, and its credentials are gone");
  co_return 0;
}

constexpr std::size_t kAtOnce = 32;

// What one test says, as a row. A row that could not be tested or kept is one that failed.
json::object verdict_of(const json::value& row, const Result<json::object>& report) {
  json::object out{{"target", text_at(row, {"target"})}, {"label", text_at(row, {"label"})}};
  out["status"] = report ? text_at(*report, {"status"}) : "failed";
  out["message"] = report ? std::string(text_at(*report, {"message"})) : report.error().sentence();
  return out;
}

awaitable<Result<int>> test_all(World& world, const ClustersOptions& options, ClusterBook& book) {
  auto rows = co_await book.list();
  if (!rows) co_return fail(std::move(rows.error()));
  auto executor = co_await net::current_executor();
  Waiting waiting(world, executor, fmt::format("test of {} clusters", rows->size()));
  auto reports = co_await net::gather_bounded<json::object>(rows->size(), kAtOnce, [&](std::size_t i) {
    return book.test(std::string(text_at((*rows)[i], {"id"})), options.timeout);
  });
  co_await waiting.stop();
  ops::Table table;
  table.columns = {{"target"}, {"label"}, {"status"}, {"message"}};
  table.noun = "clusters";
  std::size_t well = 0;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const json::object verdict = verdict_of((*rows)[i], reports[i]);
    const bool ok = text_at(verdict, {"status"}) == "ok";
    well += ok ? 1 : 0;
    table.order.push_back(static_cast<std::uint32_t>(table.rows.size()));
    table.rows.begin_row(ok ? 1 : 0);
    for (const auto& column : table.columns) table.rows.text(text_at(verdict, {column.name}));
  }
  table.total = table.rows.size();
  ops::Reply reply{std::move(table), {fmt::format("{} of {} clusters are well", well, rows->size())}};
  auto shown = show(world, reply, options.output);
  if (!shown) co_return shown;
  co_return well == rows->size() ? 0 : 1;
}

awaitable<Result<int>> test(World& world, const ClustersOptions& options, ClusterBook& book) {
  if (options.all) co_return co_await test_all(world, options, book);
  if (options.id.empty())
    co_return fail(ErrorCode::invalid_request, "test a cluster", "none is named",
                   "Name one as 'fairlead clusters list' shows them, or test all with --all");
  auto executor = co_await net::current_executor();
  Waiting waiting(world, executor, "test of " + options.id);
  auto report = co_await book.test(options.id, options.timeout);
  co_await waiting.stop();
  if (!report) co_return fail(std::move(report.error()));
  if (!flag_at(*report, {"kept"})) note(world, "somebody has changed the cluster meanwhile: the test is not kept");
  report->erase("kept");
  const bool ok = text_at(*report, {"status"}) == "ok";
  json::array checks = array_at(*report, {"checks"});
  const std::size_t all = checks.size();
  if (options.output == "table") {  // what is well is of use to programs alone
    json::array failed;
    for (auto& check : checks)
      if (text_at(check, {"status"}) != "ok") failed.push_back(std::move(check));
    if (failed.size() < all)
      note(world, fmt::format("{} of {} checks are well: -o yaml shows them too", all - failed.size(), all));
    (*report)["checks"] = std::move(failed);
  }
  auto shown = show(world, options, std::move(*report));
  if (!shown) co_return shown;
  co_return ok ? 0 : 1;
}

}  // namespace

void add_clusters(CLI::App& app, World& world, Action& action) {
  auto* clusters =
      app.add_subcommand("clusters", "Registered clusters: their credentials, and whether they are reached");
  clusters->require_subcommand(1);
  clusters->footer(
      "Examples:\n"
      "  fairlead clusters add aks-eastus2 --label 'AKS East US 2' --provider aks --kubeconfig aks.yaml\n"
      "  fairlead clusters test aks-eastus2\n"
      "  fairlead call list_pods -A --cluster k8s:aks-eastus2\n"
      "  fairlead clusters list --server https://fairlead.example.com:8475");
  auto options = std::make_shared<ClustersOptions>();
  using Body = std::function<awaitable<Result<int>>(ClusterBook&)>;
  auto command = [&](const std::string& name, std::string meaning, bool of_one, Body body) {
    auto* added = clusters->add_subcommand(name, std::move(meaning));
    options->data.add_to(*added);
    if (of_one) {
      auto* id = added->add_option("ID", options->id, "The cluster")->check(CLI::Validator(refuse_value, ""));
      if (name == "test")
        added->add_flag("--all", options->all, "Test all of them, 32 at once")->excludes(id);
      else
        id->required();
    }
    added->add_option("-o,--output", options->output, "table, wide, json, yaml")
        ->check(CLI::IsMember({"table", "wide", "json", "yaml"}))
        ->capture_default_str();
    if (name == "test") options->fleet.add_to(*added);
    options->server.add_to(*added, {"--data", "--database", "--kubeconfigs", "--exec-plugins"});
    added->callback([&world, &action, options, body] {
      action = [&world, options, body]() -> int {
        return with_clusters(world, options->server, options->data, options->fleet, body);
      };
    });
    return added;
  };
  auto add_fields = [&](CLI::App& to) {
    options->parameters.add_to(to, fields());
    auto file = [&](const char* flags, std::string& value, const char* meaning) {
      to.add_option(flags, value, meaning)->type_name("FILE")->check(CLI::Validator(refuse_value, ""));
    };
    to.add_option("-n,--namespace", options->ns, "Where agents run that have no namespace of their own [default]")
        ->check(CLI::Validator(refuse_value, ""));
    file("--kubeconfig", options->kubeconfig, "Stores this kubeconfig's content, encrypted; - reads it");
    to.add_option("--api-server", options->api_server, "URL of its API server, where a token is its credential")
        ->check(CLI::Validator(refuse_value, "URL"));
    file("--token-file", options->token_file, "Stores the token in this file, encrypted, for --api-server; - reads it");
    file("--certificate-authority", options->authority, "The authority of --api-server, PEM");
  };
  command("list", "List the registered clusters, those that are no target first", false,
          [&world, options](ClusterBook& book) { return list(world, *options, book); });
  auto* adding = command("add", "Register a cluster", true,
                         [&world, options](ClusterBook& book) { return add(world, *options, book); });
  add_fields(*adding);
  adding->footer(
      "Examples:\n"
      "  fairlead clusters add aks-eastus2 --provider aks --kubeconfig aks.yaml --context admin\n"
      "  fairlead clusters add k3s-local --provider k3s --kubeconfig-path k3s.yaml     (below --kubeconfigs)\n"
      "  fairlead clusters add prod --api-server https://10.0.0.1:6443 --token-file token --certificate-authority "
      "ca.crt\n"
      "  fairlead clusters add here --credential-mode in-cluster");
  auto* setting = command("set", "Change fields of a cluster", true,
                          [&world, options](ClusterBook& book) { return set_given(world, *options, book); });
  add_fields(*setting);
  setting->footer("Example:\n  fairlead clusters set aks-eastus2 --exposure load-balancer --source-ranges 10.0.0.0/8");
  command("show", "Show one cluster", true,
          [&world, options](ClusterBook& book) { return show_one(world, *options, book); });
  auto* testing = command("test", "Test a cluster's connection and rights, and keep what came of it", true,
                          [&world, options](ClusterBook& book) { return test(world, *options, book); });
  add_timeout(*testing, options->timeout, "Give up on a cluster after this many seconds");
  testing->footer("Examples:\n  fairlead clusters test aks-eastus2\n  fairlead clusters test --all");
  for (bool enabled : {true, false})
    command(enabled ? "enable" : "disable", enabled ? "Let a cluster be used" : "Let nobody use a cluster", true,
            [&world, options, enabled](ClusterBook& book) {
              return set(world, *options, book, json::object{{"enabled", enabled}});
            });
  command("remove", "Forget a cluster and its credentials", true,
          [&world, options](ClusterBook& book) { return remove(world, *options, book); });
}

}  // namespace fairlead::cli
