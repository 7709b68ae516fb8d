#include "cli/call.h"

#include <algorithm>

#include "base/resident.h"
#include "base/text.h"
#include "cli/asking.h"
#include "cli/follow.h"
#include "cli/rendered.h"
#include "cli/session.h"
#include "cli/waiting.h"
#include "ops/describe.h"

namespace fairlead::cli {
namespace {

Result<json::object> gather_arguments(const World& world, const CallOptions& options) {
  auto arguments = options.parameters.gather(*options.operation);
  if (!arguments) return arguments;
  if (const auto session = session_of(world, options); !session.empty()) (*arguments)["session"] = session;
  // An operation may read less for people than for programs.
  const auto& parameters = options.operation->parameters;
  const bool has_format =
      std::any_of(parameters.begin(), parameters.end(), [](const auto& one) { return one.name == "format"; });
  if (options.output != "table" && has_format) (*arguments)["format"] = options.output == "yaml" ? "yaml" : "json";
  if (ops::takes_namespace(*options.operation) && !options.all_namespaces && !options.connection.ns.empty())
    (*arguments)["namespace"] = options.connection.ns;
  if (world.catalog.find(options.operation->name)) return arguments;
  // As far as the server has told what it takes.
  auto valid = ops::Arguments::validate(*arguments, parameters, options.operation->name);
  if (valid) return arguments;
  valid.error().remedy = "'fairlead call " + std::string(options.operation->name) + " --help' shows what it takes";
  return fail(std::move(valid.error()));
}

// Its streams are ours: nothing is shown but them.
net::awaitable<int> run_session(World& world, gate::Gate& gate, gate::Request request, const CallOptions& options) {
  auto executor = co_await net::current_executor();
  OwnStreams streams(world, executor, session_of(world, options) == "terminal", seconds(options.session_idle));
  request.progress = &streams;
  if (!options.timeout_given) request.deadline = Deadline::never();
  auto reply = co_await gate.call(std::move(request));
  co_await streams.stop();
  if (!reply) co_return report(world, reply.error());
  const auto* document = std::get_if<ops::Document>(&reply->body);
  co_return session_status(world, document ? document->value : json::value());
}

int perform(World& world, const CallOptions& options) {
  if (auto checked = options.server.check(world); !checked) return report(world, checked.error());
  auto arguments = gather_arguments(world, options);
  if (!arguments) return report(world, arguments.error());
  if (!options.connection.ns.empty() && !ops::takes_namespace(*options.operation))
    note(world, std::string(options.operation->name) + " is about no namespace: -n says nothing here");
  if (options.terminal && !world.input_is_terminal)
    note(world, "standard input is no terminal, so the command gets none: -t says nothing here");
  const bool is_session = !session_of(world, options).empty() && !arguments->contains("dry_run");
  if (options.server.is_meant(world) && is_session) return open_server_session(world, options, std::move(*arguments));
  if (options.server.is_meant(world)) return call_server(world, options, std::move(*arguments));
  auto books = Books::open(world, options.books);
  if (!books) return report(world, books.error());
  int status = 1;
  net::run_until_done([&](net::Executor executor) -> net::awaitable<void> {
    gate::KubeconfigOptions connection = options.connection.make(world, true);
    if (options.all_namespaces) connection.default_namespace.clear();
    gate::KubeconfigClusters clusters(executor, *world.clock, std::move(connection));
    fleet::Registry registry = make_registry(world, (*books)->data(), (*books)->directory(), (*books)->database());
    fleet::RegisteredClusters all(registry, *world.clock, options.fleet.live(world), &clusters);
    gate::Books gate_books = (*books)->gate_books();
    std::unique_ptr<runtimes::AgentKeeper> keeper;
    if (options.operation->family == gate::kAgentFamily) {  // else nobody reads the families of runtimes
      auto made = make_keeper(world, **books, registry, options.agents);
      if (!made) {
        status = report(world, made.error());
        co_return;
      }
      keeper = std::move(*made);
      gate_books.agents = keeper.get();
    }
    gate::Gate gate(world.catalog, all, options.grant.grant(), std::move(gate_books));
    give_back_startup_pages();
    TerminalApprover person(world);
    gate::Request request;
    request.who.name = by();
    request.approver = &person;
    request.operation = std::string(options.operation->name);
    request.arguments = std::move(*arguments);
    if (!options.cluster.empty())
      for (const auto id : split(options.cluster, ',')) request.clusters.emplace_back(id);
    request.deadline = Deadline::after(seconds(options.timeout));
    if (options.follow) {
      if (!options.timeout_given) request.deadline = Deadline::never();
      status = co_await follow(world, gate, std::move(request));
      co_await (*books)->close();
      co_return;
    }
    if (is_session) {
      status = co_await run_session(world, gate, std::move(request), options);
      co_await (*books)->close();
      co_return;
    }
    Waiting waiting(world, executor, options.operation->name);
    auto reply = co_await gate.call(std::move(request));
    co_await waiting.stop();
    // Said before the books are closed, which may wait for a disk.
    auto shown = reply ? show(world, *reply, options.output) : fail(std::move(reply.error()));
    status = shown ? *shown : report(world, shown.error());
    co_await (*books)->close();
  });
  return status;
}

void add_session(CLI::App& command, CallOptions& options) {
  if (!options.operation->has_session) return;
  auto* output = command.get_option("--output");
  command
      .add_flag(
          "-i,--stdin", options.input,
          "The command's streams are ours while it runs, and nothing of them is kept or redacted; the exit status "
          "is the command's own. No --timeout holds but one that is given")
      ->excludes(output);
  command.add_flag("-t,--tty", options.terminal, "As -i, in a terminal: where standard input is one")->excludes(output);
  command
      .add_option("--session-idle", options.session_idle,
                  "End the session when no byte came from either side for so many seconds")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str();
}

void add_common(CLI::App& command, CallOptions& options) {
  options.connection.add_to(command, "--context");
  command
      .add_option("--cluster", options.cluster,
                  options.operation->trust == ops::Trust::read
                      ? "Cluster to ask, a context's name or k8s:ID of a registered one; several as a,b, or '*' for all"
                      : "Cluster to work on, a context's name or k8s:ID of a registered one")
      ->check(CLI::Validator(refuse_value, ""));
  options.grant.add_to(command);
  if (options.operation->family == gate::kAgentFamily) options.agents.add_to(command);
  const auto& parameters = options.operation->parameters;
  const bool has_data =
      std::any_of(parameters.begin(), parameters.end(), [](const auto& one) { return one.name == "data"; });
  options.books.add_to(command, has_data ? "--data-dir" : "--data-dir,--data");
  options.fleet.add_to(command);
  const bool names_one = std::any_of(parameters.begin(), parameters.end(),
                                     [](const auto& one) { return one.name == "name" && one.required; });
  if (ops::takes_namespace(*options.operation) &&
      (ops::lists(*options.operation) || (!names_one && options.operation->family == "diagnosis")))
    command.add_flag("-A,--all-namespaces", options.all_namespaces, "All namespaces, as when no namespace is given");
  command.add_option("-o,--output", options.output, "table, wide, json, yaml or name")
      ->check(CLI::IsMember({"table", "wide", "json", "yaml", "name"}))
      ->capture_default_str();
  add_timeout(command, options.timeout, "Give up after so many seconds");
  if (options.operation->follows)
    command
        .add_flag("-f,--follow", options.follow,
                  "Go on with what is new, as it comes, until it ends or Ctrl-C; the exit status is 0 then. No "
                  "--timeout holds but one that is given")
        ->excludes("--output");
  add_session(command, options);
  std::vector<std::string> local = kConnectionOptions;
  if (options.operation->has_session) local.emplace_back("--session-idle");
  for (const auto* names : {&kBooksOptions, &kFleetOptions}) local.insert(local.end(), names->begin(), names->end());
  options.server.add_to(command, local);
}

}  // namespace

std::string session_of(const World& world, const CallOptions& options) {
  if (options.terminal && world.input_is_terminal) return "terminal";
  return options.input || options.terminal ? "input" : "";
}

bool calls_operation(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return false;
  return arguments[0] == "call" || (arguments.size() > 1 && arguments[0] == "policy" && arguments[1] == "check");
}

const ops::Operation* called_operation(const World& world, const std::vector<std::string>& arguments) {
  if (!calls_operation(arguments)) return nullptr;
  for (const auto& word : arguments)
    if (const auto* operation = world.catalog.find(word)) return operation;
  return nullptr;
}

void add_call(CLI::App& app, World& world, const std::vector<std::string>& arguments, const ops::Operation* operation,
              Action& action) {
  auto* call = app.add_subcommand("call", "Run one operation of the catalog");
  call->footer(
      "'fairlead ops' lists the operations, 'fairlead call OPERATION --help' shows what one takes.\n"
      "Examples:\n"
      "  fairlead call list_pods -n shop -o wide\n"
      "  fairlead call list_pods -n shop --cluster k8s:prod --server https://fairlead.example.com:8475");
  if (arguments.empty() || arguments[0] != "call") return;
  auto options = std::make_shared<CallOptions>();
  // Only the operation that is meant becomes a subcommand: its parameters are its options.
  options->operation = operation;
  if (!options->operation) {
    auto wanted_word = std::make_shared<std::string>();
    call->add_option("OPERATION", *wanted_word, "The operation")->required();
    call->allow_extras();  // what belongs to the operation that was meant
    call->callback([&world, &action, wanted_word] {
      action = [&world, wanted_word] { return report(world, world.catalog.unknown(*wanted_word)); };
    });
    return;
  }
  auto* command = call->add_subcommand(std::string(options->operation->name), std::string(options->operation->summary));
  call->require_subcommand(1);
  call->fallthrough();
  command->footer("Example:\n  " + ops::example_command(*options->operation));
  options->parameters.add_to(*command, *options->operation);
  add_common(*command, *options);
  command->callback([&world, &action, options, command] {
    options->timeout_given = command->count("--timeout") > 0;
    action = [&world, options] { return perform(world, *options); };
  });
}

}  // namespace fairlead::cli
