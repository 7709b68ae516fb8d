// fairlead clusters: the registry of clusters, their credentials, and whether they can be reached.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/books.h"
#include "cli/fleet.h"
#include "cli/parameters.h"
#include "cli/rendered.h"
#include "cli/waiting.h"
#include "fleet/probe.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30);

struct ClustersOptions {
  DataOption data;
  FleetOption fleet;
  ParameterOptions parameters;
  std::string id, ns, kubeconfig, token_file, authority, output = "table";
  double timeout = 30;
};

// Those that `add` and `set` take as they are: credentials come from files, so that no list of processes shows them.
const ops::Operation& fields() {
  static const ops::Operation operation = [] {
    ops::Operation out;
    out.name = "clusters";
    for (const auto& parameter : fleet::cluster_parameters())
      if (parameter.name != "id" && parameter.name != "enabled" && parameter.name != "certificate_authority" &&
          !parameter.secret)
        out.parameters.push_back(parameter);
    return out;
  }();
  return operation;
}

Result<json::object> gather(const ClustersOptions& options) {
  auto given = options.parameters.gather(fields());
  if (!given) return given;
  if (!options.ns.empty()) (*given)["namespace"] = options.ns;
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

awaitable<Result<int>> list(World& world, const ClustersOptions& options, fleet::Registry& registry) {
  auto rows = co_await registry.list("", 10'000, Deadline::after(kPatience));
  if (!rows) co_return fail(std::move(rows.error()));
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
  for (const auto& row : *rows) {
    const auto reasons = row.unavailable();
    table.order.push_back(static_cast<std::uint32_t>(table.rows.size()));
    table.rows.begin_row(reasons.empty() ? 1 : 0);
    table.rows.text(row.target());
    table.rows.text(row.label);
    table.rows.text(fleet::to_string(row.provider));
    table.rows.text(reasons.empty() ? "yes" : "no");
    if (row.last_test)
      table.rows.time(row.last_test->time);
    else
      table.rows.empty();
    table.rows.text(fmt::format("{}", fmt::join(reasons, "; ")));
    table.rows.text(fleet::to_string(row.mode));
    table.rows.text(row.context);
    table.rows.text(row.namespaces.fallback);
    table.rows.text(fleet::to_string(row.exposure.mode));
  }
  table.total = table.rows.size();
  ops::Reply reply{std::move(table), {}};
  if (rows->empty()) reply.notes.emplace_back("none is registered: 'fairlead clusters add --help' shows how");
  co_return show(world, reply, options.output);
}

awaitable<Result<int>> add(World& world, const ClustersOptions& options, fleet::Registry& registry) {
  auto given = gather(options);
  if (!given) co_return fail(std::move(given.error()));
  (*given)["id"] = options.id;
  auto row = co_await registry.add(std::move(*given), by(), Deadline::after(kPatience));
  if (!row) co_return fail(std::move(row.error()));
  note(world, fmt::format("cluster {} is registered, and its connection not verified: 'fairlead clusters test {}'",
                          row->id, row->id));
  co_return show(world, options, fleet::shown(*row));
}

awaitable<Result<int>> set(World& world, const ClustersOptions& options, fleet::Registry& registry,
                           json::object fields) {
  auto row = co_await registry.change(options.id, std::move(fields), std::nullopt, by(), Deadline::after(kPatience));
  if (!row) co_return fail(std::move(row.error()));
  co_return show(world, options, fleet::shown(*row));
}

awaitable<Result<int>> set_given(World& world, const ClustersOptions& options, fleet::Registry& registry) {
  auto given = gather(options);
  if (!given) co_return fail(std::move(given.error()));
  if (given->empty())
    co_return fail(ErrorCode::invalid_request, "change the cluster", "nothing is to be changed",
                   "'fairlead clusters set --help' shows what can be");
  co_return co_await set(world, options, registry, std::move(*given));
}

awaitable<Result<int>> show_one(World& world, const ClustersOptions& options, fleet::Registry& registry) {
  auto row = co_await registry.read(options.id, Deadline::after(kPatience));
  if (!row) co_return fail(std::move(row.error()));
  co_return show(world, options, fleet::shown(*row));
}

awaitable<Result<int>> remove(World& world, const ClustersOptions& options, fleet::Registry& registry) {
  auto removed = co_await registry.remove(options.id, std::nullopt, by(), Deadline::after(kPatience));
  if (!removed) co_return fail(std::move(removed.error()));
  note(world, "cluster " + options.id + " is registered no more, and its credentials are gone");
  co_return 0;
}

awaitable<Result<int>> test(World& world, const ClustersOptions& options, fleet::Registry& registry) {
  auto row = co_await registry.read(options.id, Deadline::after(kPatience));
  if (!row) co_return fail(std::move(row.error()));
  auto executor = co_await net::current_executor();
  Waiting waiting(world, executor, "test of " + options.id);
  const Deadline deadline = Deadline::after(seconds(options.timeout));
  const fleet::LiveOptions live = options.fleet.live(world);
  auto client = co_await fleet::make_client(registry, *row, live, "", deadline);
  fleet::ProbeReport report;
  if (client)
    report = co_await fleet::probe(**client, *row, deadline);
  else
    report = fleet::failed_probe(client.error());
  co_await waiting.stop();
  fleet::LastTest last{report.ok, report.message, world.clock->unix_seconds()};
  auto kept = co_await registry.keep_test(*row, std::move(last), Deadline::after(kPatience));
  if (!kept) co_return fail(std::move(kept.error()));
  if (!*kept) note(world, "somebody has changed the cluster meanwhile: the test is not kept");
  const std::size_t all = report.lines.size();
  if (options.output == "table")  // what is well is of use to programs alone
    std::erase_if(report.lines, [](const auto& line) { return line.outcome == fleet::ProbeLine::Outcome::ok; });
  if (const std::size_t well = all - report.lines.size(); well > 0)
    note(world, fmt::format("{} of {} checks are well: -o yaml shows them too", well, all));
  auto shown = show(world, options, fleet::to_json(report));
  if (!shown) co_return shown;
  co_return report.ok ? 0 : 1;
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
      "  fairlead call list_pods -A --cluster k8s:aks-eastus2");
  auto options = std::make_shared<ClustersOptions>();
  using Body = std::function<awaitable<Result<int>>(fleet::Registry&)>;
  auto command = [&](std::string name, std::string meaning, bool of_one, Body body) {
    auto* added = clusters->add_subcommand(std::move(name), std::move(meaning));
    options->data.add_to(*added);
    if (of_one)
      added->add_option("ID", options->id, "The cluster")->required()->check(CLI::Validator(refuse_value, ""));
    added->add_option("-o,--output", options->output, "table, wide, json, yaml")
        ->check(CLI::IsMember({"table", "wide", "json", "yaml"}))
        ->capture_default_str();
    added->callback([&world, &action, options, body] {
      action = [&world, options, body]() -> int { return with_registry(world, options->data, body); };
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
    file("--token-file", options->token_file, "Stores the token in this file, encrypted, for --server; - reads it");
    file("--certificate-authority", options->authority, "The authority of --server, PEM");
  };
  command("list", "List the registered clusters, those that are no target first", false,
          [&world, options](fleet::Registry& registry) { return list(world, *options, registry); });
  auto* adding = command("add", "Register a cluster", true,
                         [&world, options](fleet::Registry& registry) { return add(world, *options, registry); });
  add_fields(*adding);
  adding->footer(
      "Examples:\n"
      "  fairlead clusters add aks-eastus2 --provider aks --kubeconfig aks.yaml --context admin\n"
      "  fairlead clusters add k3s-local --provider k3s --kubeconfig-path k3s.yaml     (below --kubeconfigs)\n"
      "  fairlead clusters add prod --server https://10.0.0.1:6443 --token-file token --certificate-authority ca.crt\n"
      "  fairlead clusters add here --credential-mode in-cluster");
  auto* setting = command("set", "Change fields of a cluster", true, [&world, options](fleet::Registry& registry) {
    return set_given(world, *options, registry);
  });
  add_fields(*setting);
  setting->footer("Example:\n  fairlead clusters set aks-eastus2 --exposure load-balancer --source-ranges 10.0.0.0/8");
  command("show", "Show one cluster", true,
          [&world, options](fleet::Registry& registry) { return show_one(world, *options, registry); });
  auto* testing = command("test", "Test a cluster's connection and rights, and keep what came of it", true,
                          [&world, options](fleet::Registry& registry) { return test(world, *options, registry); });
  options->fleet.add_to(*testing);
  add_timeout(*testing, options->timeout, "Give up after this many seconds");
  for (bool enabled : {true, false})
    command(enabled ? "enable" : "disable", enabled ? "Let a cluster be used" : "Let nobody use a cluster", true,
            [&world, options, enabled](fleet::Registry& registry) {
              return set(world, *options, registry, json::object{{"enabled", enabled}});
            });
  command("remove", "Forget a cluster and its credentials", true,
          [&world, options](fleet::Registry& registry) { return remove(world, *options, registry); });
}

}  // namespace fairlead::cli
