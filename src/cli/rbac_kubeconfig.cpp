// fairlead rbac kubeconfig: a service account with the least roles for operations, and a kubeconfig of it. The account
// and its roles are made by the gate, as any other change.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/new_file.h"
#include "base/text.h"
#include "cli/asking.h"
#include "cli/books.h"
#include "cli/rbac.h"
#include "cli/waiting.h"
#include "gate/audit.h"
#include "kube/token_request.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

struct KubeconfigOfAccount {
  RoleOptions roles;
  ConnectionOptions connection;
  BooksOption books;
  GrantOption grant;
  std::string file, reason, duration = "30d";
  double timeout = 60;
  bool no_apply = false;
};

struct Made {
  Secret kubeconfig;
  std::int64_t expires = 0;
};

awaitable<Result<void>> apply_roles(World& world, const KubeconfigOfAccount& options, const MadeRoles& made,
                                    gate::Gate& gate, Deadline deadline) {
  TerminalApprover person(world);
  gate::Request request;
  request.who.name = by();
  request.approver = &person;
  request.operation = "apply_manifest";
  request.arguments = json::object{{"manifest", made.manifests()}};
  if (!options.reason.empty()) request.arguments["reason"] = options.reason;
  request.deadline = deadline;
  auto applied = co_await gate.call(std::move(request));
  if (!applied && applied.error().code == ErrorCode::policy_denied)
    applied.error().remedy +=
        ". Or apply what 'fairlead rbac' prints by kubectl, and make the kubeconfig with --no-apply";
  if (!applied) co_return fail(std::move(applied.error()));
  for (const auto& line : applied->notes) note(world, line);
  co_return Result<void>{};
}

awaitable<Result<Made>> make_kubeconfig(World& world, const MadeRoles& made, gate::Clusters& clusters,
                                        std::int64_t seconds, Deadline deadline) {
  auto cluster = co_await clusters.find("", by());
  if (!cluster) co_return fail(std::move(cluster.error()));
  const ops::Operation* operation = world.catalog.find("apply_manifest");
  auto arguments = ops::Arguments::validate(json::object{{"manifest", "-"}}, operation->parameters, operation->name);
  if (!arguments) co_return fail(std::move(arguments.error()));
  auto out = std::make_shared<Made>();
  gate::Cluster::Work work = [out, &made, seconds](ops::Call& call) -> awaitable<Result<ops::Reply>> {
    const auto& names = made.names;
    auto token =
        co_await kube::request_token(call.client, names.account_namespace, names.account, seconds, call.deadline);
    if (!token) co_return fail(std::move(token.error()));
    const std::string ns = made.request.namespaces.empty() ? "" : made.request.namespaces.front();
    out->kubeconfig = kube::kubeconfig_with(call.client.connection(), names.account, ns, token->text);
    out->expires = token->expires;
    co_return ops::Reply{ops::Text{}, {}};
  };
  auto done = co_await (*cluster)->work(*operation, std::move(*arguments), deadline, nullptr, std::move(work));
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

Result<void> write_out(World& world, const std::string& file, const Secret& text) {
  if (file.empty()) {
    std::fwrite(text.reveal().data(), 1, text.reveal().size(), world.out);
    return {};
  }
  if (const int error = write_new_file(file, text.reveal(), 0600); error != 0)
    return fail(ErrorCode::invalid_request, "write " + file, std::strerror(error),
                error == EEXIST ? "Name another file: none is overwritten" : "");
  return {};
}

awaitable<Result<int>> run(World& world, const KubeconfigOfAccount& options, const MadeRoles& made,
                           std::int64_t seconds_to_live, Books& books, net::Executor executor) {
  const Deadline deadline = Deadline::after(seconds(options.timeout));
  gate::KubeconfigClusters clusters(executor, *world.clock, options.connection.make(world, true));
  gate::Gate gate(world.catalog, clusters, options.grant.grant(), books.gate_books());
  if (!options.no_apply) {
    auto applied = co_await apply_roles(world, options, made, gate, deadline);
    if (!applied) co_return fail(std::move(applied.error()));
  }
  Waiting waiting(world, executor, "token");
  auto kubeconfig = co_await make_kubeconfig(world, made, clusters, seconds_to_live, deadline);
  co_await waiting.stop();
  if (!kubeconfig) co_return fail(std::move(kubeconfig.error()));
  const std::string account = made.names.account_namespace + "/" + made.names.account;
  gate::AuditRecord record;
  record.time = world.clock->unix_milliseconds();
  record.who = by();
  record.operation = "request_token";
  record.arguments = json::object{{"service_account", account}, {"expires", format_rfc3339(kubeconfig->expires)}};
  record.outcome = "done";
  auto kept = co_await books.audit().append_and_wait(
      std::move(record), [](const Error&) {}, deadline);
  if (!kept) co_return fail(std::move(kept.error()));  // nothing is handed out that was not recorded
  if (auto written = write_out(world, options.file, kubeconfig->kubeconfig); !written)
    co_return fail(std::move(written.error()));
  note(world,
       fmt::format("a kubeconfig of service account {}{}, good until {}{}", account,
                   options.file.empty() ? std::string() : ", in " + options.file, format_rfc3339(kubeconfig->expires),
                   kubeconfig->expires - world.clock->unix_seconds() < seconds_to_live - 60
                       ? ": the cluster gives no token more time"
                       : ""));
  tell_limits(world, made.roles);
  co_return 0;
}

int run_it(World& world, const KubeconfigOfAccount& options) {
  auto made = make_roles(world.catalog, options.roles);
  if (!made) return report(world, made.error());
  auto span = parse_span(options.duration, "--duration");
  if (span && *span < 600)
    span = fail(ErrorCode::invalid_request, "read --duration", "a token lives ten minutes at least", "Such as 30d");
  if (!span) return report(world, span.error());
  if (!options.file.empty() && file_version(options.file) != FileVersion{})
    return report(world, Error{ErrorCode::invalid_request, "write " + options.file, "it is there already",
                               "Name another file: none is overwritten", nullptr});
  auto books = Books::open(world, options.books);
  if (!books) return report(world, books.error());
  Result<int> status = 1;
  net::run_until_done([&](net::Executor executor) -> awaitable<void> {
    status = co_await run(world, options, *made, *span, **books, executor);
    co_await (*books)->close();
  });
  return status ? *status : report(world, status.error());
}

}  // namespace

CLI::App* add_rbac_kubeconfig(CLI::App& rbac, World& world, Action& action) {
  auto* command = rbac.add_subcommand(
      "kubeconfig", "Make a service account with the least roles for operations, and a kubeconfig of it");
  auto options = std::make_shared<KubeconfigOfAccount>();
  options->roles.add_to(*command);
  options->connection.add_to(*command, "--context,--cluster", false);
  options->books.add_to(*command, "--data-dir");
  options->grant.add_to(*command);
  command->add_option("-f,--file", options->file, "Write it there, for its owner alone; left out: to standard output")
      ->check(CLI::Validator(refuse_value, "FILE"));
  command
      ->add_option("--duration", options->duration, "How long its token is good: 30d, 12h; the cluster may give less")
      ->check(CLI::Validator(refuse_value, ""))
      ->capture_default_str();
  command->add_option("--reason", options->reason, "Why, for the journal")->check(CLI::Validator(refuse_value, ""));
  command->add_flag("--no-apply", options->no_apply, "The account and its roles are there already: change nothing");
  add_timeout(*command, options->timeout, "Give up after so many seconds");
  command->footer(
      "The account, its roles and their bindings are one change, which is approved and taken back as any other.\n"
      "Examples:\n"
      "  fairlead rbac kubeconfig --trust read -n shop -f agent.kubeconfig\n"
      "  fairlead rbac kubeconfig --operations list_pods,get_pod_logs,restart_deployment -n shop --service-account "
      "ops/agent\n"
      "  KUBECONFIG_CONTENTS=$(cat agent.kubeconfig) fairlead with-kubeconfig -- kubectl get pods");
  command->callback([&world, &action, options] { action = [&world, options] { return run_it(world, *options); }; });
  return command;
}

}  // namespace fairlead::cli
