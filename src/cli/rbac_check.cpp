// Which operations the present credentials may run: the operation can_i, asked through the gate for each right once.
#include <fmt/format.h>

#include <map>
#include <numeric>
#include <tuple>

#include "cli/rbac.h"
#include "cli/rendered.h"
#include "cli/waiting.h"
#include "ops/rbac_policy.h"

namespace fairlead::cli {
namespace {

struct CheckOptions {
  OperationChoice choice;
  ConnectionOptions connection;
  std::string output = "table";
  double timeout = 60;
};

struct Need {
  std::string group, resource, verb;
  std::string ns;  // empty: in the whole cluster
  auto operator<=>(const Need&) const = default;
};

using Answers = std::map<Need, bool>;

std::vector<Need> needs_of(const ops::Access& access, const CheckOptions& options) {
  std::vector<std::pair<std::string, std::string>> resources;  // with their groups
  if (!ops::is_any_kind(access)) resources.emplace_back(access.resource, access.group);
  if (ops::is_any_kind(access))
    for (const auto& kind : options.choice.kinds) {
      const std::size_t dot = kind.find('.');
      resources.emplace_back(kind.substr(0, dot), dot == std::string::npos ? "" : kind.substr(dot + 1));
    }
  std::vector<Need> out;
  for (const auto& [resource, group] : resources)
    for (const auto verb : access.verbs)
      out.push_back({group, resource, std::string(verb),
                     access.reach == ops::Reach::call_namespace ? options.connection.ns : std::string()});
  return out;
}

net::awaitable<Result<bool>> ask(gate::Gate* gate, Need need, Deadline deadline) {
  gate::Request request;
  request.who.name = "cli";
  request.operation = "can_i";
  request.arguments["verb"] = need.verb;
  request.arguments["resource"] = need.resource;
  request.arguments["group"] = need.group.empty() ? "core" : need.group;
  if (!need.ns.empty()) request.arguments["namespace"] = need.ns;
  request.deadline = deadline;
  auto reply = co_await gate->call(std::move(request));
  if (!reply) co_return fail(std::move(reply.error()));
  const auto* document = std::get_if<ops::Document>(&reply->body);
  co_return document&& flag_at(document->value, {"allowed"});
}

net::awaitable<Result<void>> ask_all(gate::Gate* gate, Answers* answers, Deadline deadline) {
  constexpr std::size_t at_once = 8;
  std::vector<Need> needs;
  for (const auto& [need, allowed] : *answers) needs.push_back(need);
  std::function<net::awaitable<Result<bool>>(std::size_t)> start = [&](std::size_t i) {
    return ask(gate, needs[i], deadline);
  };
  auto ends_all = [](const Error&) { return true; };
  auto allowed = co_await net::gather_bounded<bool>(needs.size(), at_once, start, ends_all);
  for (std::size_t i = 0; i < needs.size(); ++i) {
    if (!allowed[i]) co_return fail(std::move(allowed[i].error()));
    (*answers)[needs[i]] = *allowed[i];
  }
  co_return Result<void>();
}

std::string need_text(const Need& need, const CheckOptions& options) {
  std::string out = need.verb + " " + ops::resource_text(need.group, need.resource);
  if (need.ns.empty() && !options.connection.ns.empty()) out += " in the cluster";
  return out;
}

constexpr std::string_view kYes = "yes", kPartly = "partly", kNo = "no", kByKind = "by kind";

struct Verdict {
  std::string_view allowed = kYes;
  std::vector<std::string> missing;
};

Verdict verdict_on(const ops::Operation& operation, const Answers& answers, const CheckOptions& options) {
  Verdict out;
  for (const auto& access : operation.access) {
    if (ops::is_any_kind(access) && options.choice.kinds.empty() && out.allowed != kNo) out.allowed = kByKind;
    for (const auto& need : needs_of(access, options)) {
      if (answers.at(need)) continue;
      out.missing.push_back(need_text(need, options));
      if (!access.optional)
        out.allowed = kNo;
      else if (out.allowed == kYes)
        out.allowed = kPartly;
    }
  }
  return out;
}

int rank_of(std::string_view allowed) { return allowed == kNo ? 0 : allowed == kYes ? 2 : 1; }

ops::Reply table_of(const std::vector<const ops::Operation*>& operations, const std::vector<Verdict>& verdicts) {
  ops::Table table;
  table.columns = {{"operation", ops::CellType::text, false, ""},
                   {"allowed", ops::CellType::text, false, "yes, partly (it tells less), no, or by kind"},
                   {"missing", ops::CellType::list, false, "Verbs and resources that are not granted"}};
  table.noun = "operations";
  for (std::size_t i = 0; i < operations.size(); ++i) {
    table.rows.begin_row(rank_of(verdicts[i].allowed));
    table.rows.text(operations[i]->name);
    table.rows.text(verdicts[i].allowed);
    table.rows.begin_list();
    for (const auto& missing : verdicts[i].missing) table.rows.list_item(missing);
  }
  table.total = operations.size();
  table.order.resize(operations.size());
  std::iota(table.order.begin(), table.order.end(), 0);
  std::stable_sort(table.order.begin(), table.order.end(),
                   [&](auto a, auto b) { return table.rows.rank(a) < table.rows.rank(b); });
  return {std::move(table), {}};
}

int show(World& world, const CheckOptions& options, const std::vector<const ops::Operation*>& operations,
         const Answers& answers) {
  std::vector<Verdict> verdicts;
  for (const auto* operation : operations) verdicts.push_back(verdict_on(*operation, answers, options));
  if (auto shown = cli::show(world, table_of(operations, verdicts), options.output); !shown)
    return report(world, shown.error());
  const auto count = [&](std::string_view allowed) {
    return std::count_if(verdicts.begin(), verdicts.end(), [&](const Verdict& v) { return v.allowed == allowed; });
  };
  note(world, "asked " + (options.connection.ns.empty() ? std::string("for the whole cluster: -n asks for a namespace")
                                                        : "for namespace " + options.connection.ns));
  if (count(kByKind) > 0) note(world, "by kind: --kinds asks about kinds, such as --kinds poddisruptionbudgets.policy");
  if (count(kPartly) > 0) note(world, "partly: it runs, and tells less");
  if (count(kNo) == 0) return 0;
  note(world, fmt::format("{} of {} operations may not be run", count(kNo), verdicts.size()));
  return 1;
}

int check(World& world, const CheckOptions& options) {
  auto operations = chosen_operations(world.catalog, options.choice);
  if (!operations) return report(world, operations.error());
  if (!options.connection.ns.empty())
    if (auto reason = ops::why_not_label(options.connection.ns))
      return report(world,
                    Error{ErrorCode::invalid_request, "",
                          "'" + options.connection.ns + "' is not the name of a namespace: " + *reason, "", nullptr});
  Answers answers;
  for (const auto* operation : *operations)
    for (const auto& access : operation->access)
      for (auto& need : needs_of(access, options)) answers.emplace(std::move(need), false);
  Result<void> asked = fail(ErrorCode::cancelled, "rbac check", "it was stopped");
  net::run_until_done([&](net::Executor executor) -> net::awaitable<void> {
    gate::KubeconfigOptions connection = options.connection.make(world, true);
    connection.default_namespace.clear();
    gate::KubeconfigClusters clusters(executor, *world.clock, std::move(connection));
    gate::Gate gate(world.catalog, clusters, gate::Grant());
    Waiting waiting(world, executor, "rbac check");
    const Deadline deadline = Deadline::after(seconds(options.timeout));
    asked = co_await ask_all(&gate, &answers, deadline);
    co_await waiting.stop();
  });
  return asked ? show(world, options, *operations, answers) : report(world, asked.error());
}

}  // namespace

CLI::App* add_rbac_check(CLI::App& rbac, World& world, Action& action) {
  auto* command = rbac.add_subcommand("check", "Ask the cluster which operations the present credentials may run");
  auto options = std::make_shared<CheckOptions>();
  options->choice.add_to(*command);
  options->connection.add_to(*command);
  command->add_option("-o,--output", options->output, "table, json or yaml")
      ->check(CLI::IsMember({"table", "json", "yaml"}))
      ->capture_default_str();
  add_timeout(*command, options->timeout, "Give up after so many seconds");
  command->footer(
      "Exit status 0: all of them may be run; 1: some may not, or the cluster could not be asked.\n"
      "Examples:\n"
      "  fairlead rbac check -n shop\n"
      "  fairlead rbac check --operations list_pods,delete_pod -n shop -o json\n"
      "  fairlead rbac check --trust write --context staging");
  command->callback([&world, &action, options] { action = [&world, options] { return check(world, *options); }; });
  return command;
}

}  // namespace fairlead::cli
