#include "base/resident.h"
#include "cli/books.h"
#include "cli/options.h"
#include "mcp_server/tools.h"
#include "ops/explain.h"

namespace fairlead::cli {
namespace {

struct McpOptions {
  ConnectionOptions connection;
  GrantOption grant;
  BooksOption books;
  bool all_contexts = false;
  bool ask = true;
  double timeout = 50;
};

int serve(World& world, const McpOptions& options) {
  auto books = Books::open(world, options.books, "mcp");
  if (!books) return report(world, books.error());
  int status = 0;
  net::run_until_done([&](net::Executor executor) -> net::awaitable<void> {
    gate::KubeconfigOptions contexts = options.connection.make(world, false);
    contexts.current_only = !options.all_contexts;
    gate::KubeconfigClusters clusters(executor, *world.clock, std::move(contexts));
    if (auto prepared = clusters.prepare(); !prepared)
      note(world, "warning: calls will fail until this is mended: " + ops::explain_in_a_line(prepared.error()));
    gate::Gate gate(world.catalog, clusters, options.grant.grant(), (*books)->gate_books());
    mcp_server::Options server;
    server.random = world.random;
    server.default_namespace = options.connection.ns;
    server.call_timeout = seconds(options.timeout);
    if (options.ask) server.person = "person:" + account_name();
    auto host = mcp_server::OperationTools::make(gate, *world.clock, gate::Identity{"mcp:" + account_name(), {}},
                                                 std::move(server));
    if (!host) {
      status = report(world, host.error());
      co_return;
    }
    mcp::ServeOptions serving;
    serving.session.server_info.name = "fairlead";
    serving.session.server_info.version = FAIRLEAD_VERSION;
    serving.session.instructions = mcp_server::instructions(gate);
    if (world.input_is_terminal)
      note(world,
           "speaking MCP on standard input and output; an MCP client starts this program by itself. End with Ctrl-D");
    give_back_startup_pages();
    auto stream = net::open_stdio(executor);
    net::TaskGroup behind(executor);
    behind.spawn(settle_now_and_then(gate));
    auto served = co_await mcp::serve(*stream, **host, std::move(serving));
    behind.cancel_all();
    co_await behind.join();
    co_await (*books)->close();
    // A client that closes our output has gone; a signal is how it ends us.
    if (!served && served.error().code != ErrorCode::cancelled) status = report(world, served.error());
  });
  return status;
}

}  // namespace

void add_mcp(CLI::App& app, World& world, Action& action) {
  auto* command = app.add_subcommand("mcp", "Serve the operations to an MCP client over stdio");
  auto options = std::make_shared<McpOptions>();
  options->connection.add_to(*command);
  options->grant.add_to(*command);
  options->books.add_to(*command);
  command
      ->add_flag("--all-contexts", options->all_contexts,
                 "Let the client choose among the kubeconfig's contexts, and so as whom it works; else only the "
                 "current one or that of --context")
      ->excludes("--context");
  command->add_flag("--ask,!--no-ask", options->ask,
                    "Ask the person behind the client to approve changes, where the client can (elicitation). With "
                    "--no-ask they wait for 'fairlead changes approve'");
  add_timeout(*command, options->timeout, "Let a call take at most so many seconds");
  command->footer(
      "The client starts this program; in its configuration stands for example\n"
      "  {\"mcpServers\": {\"fairlead\": {\"command\": \"fairlead\", \"args\": [\"mcp\", \"--context\", "
      "\"staging\"]}}}\n"
      "READ operations run. Others wait for a person: the client asks them where it can, or somebody approves the\n"
      "change with 'fairlead changes approve'. --allow write lets WRITE operations run at once. When the input ends,\n"
      "calls that still run are cancelled.");
  command->callback([&world, &action, options] { action = [&world, options] { return serve(world, *options); }; });
}

}  // namespace fairlead::cli
