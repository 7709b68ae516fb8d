// fairlead serve: the REST API.
#include <fmt/format.h>

#include <algorithm>

#include "base/resident.h"
#include "cli/agents.h"
#include "cli/books.h"
#include "cli/fleet.h"
#include "cli/listen.h"
#include "cli/oidc.h"
#include "net/http_server.h"
#include "rest/api.h"
#include "sandbox/sandbox.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30),
                   kDrain = std::chrono::seconds(8);  // for calls that are under way when a signal comes
constexpr std::size_t kConnections = 512;             // of one address
constexpr std::string_view kSandboxLabel = "Sandbox, in memory";

struct ServeOptions {
  BooksOption books;
  FleetOption fleet;
  AgentsOption agents;
  OidcOption oidc;
  std::string listen = "127.0.0.1:8475", certificate, key;
  bool without_tls = false, sandbox = false;
  double session_idle = 1800;
  std::optional<std::size_t> connections_per_address;
};

// Null: plain HTTP.
Result<std::shared_ptr<const net::TlsContext>> make_tls(const ServeOptions& options, const Listen& listen) {
  const auto wrong = [](std::string cause, std::string remedy) {
    return fail(ErrorCode::invalid_request, "serve", std::move(cause), std::move(remedy));
  };
  if (options.certificate.empty() != options.key.empty())
    return wrong("a certificate and its key belong together", "Give both --tls-certificate and --tls-key");
  if (options.certificate.empty()) {
    if (listen.is_loopback() || options.without_tls) return std::shared_ptr<const net::TlsContext>();
    return wrong("beyond this machine tokens would be sent in the clear",
                 "Give --tls-certificate and --tls-key; or --insecure-listen, behind a proxy that speaks TLS");
  }
  net::ServerTls tls;
  auto certificate = read_file(options.certificate, "read the certificate", 1 << 20);
  if (!certificate) return fail(std::move(certificate.error()));
  auto key = read_file(options.key, "read the certificate's key", 1 << 20);
  if (!key) return fail(std::move(key.error()));
  tls.certificate_pem = std::move(*certificate);
  tls.key_pem = Secret(std::move(*key));
  return net::TlsContext::for_server(tls);
}

// As a registered cluster, k8s:sandbox, whose kubeconfig is new each time.
awaitable<Result<void>> register_sandbox(const sandbox::Sandbox& cluster, fleet::Registry& registry) {
  json::object fields{{"id", "sandbox"},
                      {"label", kSandboxLabel},
                      {"kubeconfig", cluster.kubeconfig().reveal()},
                      {"context", "sandbox"}};
  auto added = co_await registry.add(fields, by(), Deadline::after(kPatience));
  if (added) co_return Result<void>{};
  if (added.error().code != ErrorCode::conflict) co_return fail(std::move(added.error()));
  auto there = co_await registry.read("sandbox", Deadline::after(kPatience));
  if (!there) co_return fail(std::move(there.error()));
  if (there->label != kSandboxLabel)
    co_return fail(ErrorCode::conflict, "register the sandbox", "there is another cluster 'sandbox'",
                   "Give --data another directory, or register that one by another id");
  fields.erase("id");
  auto changed = co_await registry.change("sandbox", std::move(fields), std::nullopt, by(), Deadline::after(kPatience));
  if (!changed) co_return fail(std::move(changed.error()));
  co_return Result<void>{};
}

// Until somebody asks for the end; no handler runs when it returns.
awaitable<void> serve_until_asked(rest::Api& api, net::HttpServer& server, gate::Gate& gate, identity::Oidc* oidc,
                                  net::Executor executor, net::Event& asked_to_end) {
  net::TaskGroup behind(executor);
  behind.spawn(settle_now_and_then(gate));
  behind.spawn(api.record_refusals());
  if (oidc) behind.spawn(oidc->keep_up());
  auto asked = co_await asked_to_end.wait();
  static_cast<void>(asked);
  // What has begun is brought to its end, as far as that does not take too long: nobody else knows what became of it.
  co_await api.drain(kDrain);
  server.close();
  co_await server.join();
  behind.cancel_all();
  co_await behind.join();
}

awaitable<Result<void>> serve(World& world, const ServeOptions& options, Books& books, net::Executor executor,
                              net::Event& asked_to_end, identity::Oidc* oidc) {
  auto listen = parse_listen(options.listen);
  if (!listen) co_return fail(std::move(listen.error()));
  auto tls = make_tls(options, *listen);
  if (!tls) co_return fail(std::move(tls.error()));
  fleet::Registry registry = make_registry(world, books.data(), books.directory(), books.database());
  const fleet::LiveOptions live = options.fleet.live(world);
  std::unique_ptr<sandbox::Sandbox> cluster;
  if (options.sandbox) {
    auto started = sandbox::Sandbox::start(executor, {}, *world.clock);
    if (!started) co_return fail(std::move(started.error()));
    cluster = std::move(*started);
    auto registered = co_await register_sandbox(*cluster, registry);
    if (!registered) co_return fail(std::move(registered.error()));
  }
  fleet::RegisteredClusters clusters(registry, *world.clock, live, nullptr);
  auto keeper = make_keeper(world, books, registry, options.agents);
  if (!keeper) co_return fail(std::move(keeper.error()));
  gate::Books gate_books = books.gate_books();
  gate_books.agents = keeper->get();
  gate::Gate gate(world.catalog, clusters, {}, std::move(gate_books));
  identity::Tokens tokens(books.database(), *world.clock);
  fleet::Integrations integrations(books.database(), make_vault(world, books.data(), books.directory()), *world.clock);
  rest::Api api({gate, books.audit(), books.database(), registry, clusters, integrations, live, tokens, *world.clock,
                 FAIRLEAD_VERSION, books.gate_books().policy, oidc, seconds(options.session_idle)});
  net::HttpServerOptions http;
  http.address = listen->host;
  http.port = listen->port;
  http.tls = *tls;
  http.body_bytes = 2 << 20;
  http.connections_per_address = options.connections_per_address.value_or(kConnections);
  http.limits_loopback = options.connections_per_address.has_value();
  http.refusal = [](int status, const std::string& cause) {
    rest::Response problem = rest::unreadable(status, cause);
    return net::Content{std::move(problem.type), std::move(problem.body)};
  };
  auto asked_provider = co_await ask_provider(oidc);
  if (!asked_provider) co_return fail(std::move(asked_provider.error()));
  // Nothing that may fail stands between listening and the end: handlers refer to what lives here.
  auto entered = co_await books.enter(Deadline::after(kPatience));
  if (!entered) co_return fail(std::move(entered.error()));
  auto first = co_await tokens.first(Deadline::after(kPatience));
  if (!first) co_return fail(std::move(first.error()));
  auto all = co_await tokens.list("", 10'000, Deadline::after(kPatience));
  const bool has_admin = !all || std::any_of(all->begin(), all->end(), [&](const identity::TokenRow& row) {
    return row.is_good(world.clock->unix_seconds()) && gate::may_somewhere(row.bindings, gate::Deed::administer);
  });
  auto key = co_await registry.check_key(Deadline::after(kPatience));
  if (!key)
    note(world, fmt::format(
                    "warning: not ready: nothing that is stored encrypted can be opened, and it stays as it is: {}. {}",
                    key.error().cause, key.error().remedy));
  auto server = net::HttpServer::listen(executor, std::move(http),
                                        [&api](net::ServerRequest request, net::ResponseWriter& writer) {
                                          return api.serve(std::move(request), writer);
                                        });
  const std::string host = listen->host.find(':') == std::string::npos ? listen->host : "[" + listen->host + "]";
  if (server)
    note(world, fmt::format("serving at {}://{}:{}/api/v1; end it with Ctrl-C", *tls ? "https" : "http", host,
                            (*server)->port()));
  if (*first)  // it is made by now, whether or not somebody may listen
    note(world, fmt::format("first start: this token is an admin's, for a day, and shown this once: {}",
                            (*first)->text.reveal()));
  if (!all) note(world, "warning: tokens could not be listed: " + all.error().sentence());
  if (!server) co_return fail(std::move(server.error()));
  if (!has_admin) note(world, "no admin's token is good: 'fairlead tokens create NAME --role admin' makes one");
  if (!listen->is_loopback() && !*tls) note(world, "warning: without TLS, tokens can be read on the way");
  give_back_startup_pages();
  co_await serve_until_asked(api, **server, gate, oidc, executor, asked_to_end);
  co_return Result<void>{};
}

int run_server(World& world, const ServeOptions& options) {
  auto books = Books::open(world, options.books, "serve");
  if (!books) return report(world, books.error());
  Result<void> served;
  net::run_until_asked([&](net::Executor executor, net::Event& asked_to_end) -> awaitable<void> {
    auto oidc = options.oidc.open(world, executor, (*books)->database());
    if (oidc) {
      served = co_await serve(world, options, **books, executor, asked_to_end, oidc->get());
      if (*oidc) co_await (*oidc)->close();
    } else {
      served = fail(std::move(oidc.error()));
    }
    co_await (*books)->close();
  });
  return served ? 0 : report(world, served.error());
}

}  // namespace

void add_serve(CLI::App& app, World& world, Action& action) {
  auto* command = app.add_subcommand("serve", "Serve the REST API for the registered clusters");
  auto options = std::make_shared<ServeOptions>();
  options->books.add_to(*command);
  options->fleet.add_to(*command);
  options->agents.add_to(*command);
  options->oidc.add_to(*command);
  command->add_option("--listen", options->listen, "HOST:PORT; port 0 takes one that is free")->capture_default_str();
  command->add_option("--tls-certificate", options->certificate, "The server's certificate and its chain, PEM")
      ->type_name("FILE")
      ->check(CLI::Validator(refuse_value, ""));
  command->add_option("--tls-key", options->key, "The certificate's key, PEM")
      ->type_name("FILE")
      ->check(CLI::Validator(refuse_value, ""));
  command->add_flag("--insecure-listen", options->without_tls,
                    "Listen beyond this machine without TLS, behind a proxy that speaks it");
  command
      ->add_option("--session-idle", options->session_idle,
                   "End a session in a container when no byte came from either side for so many seconds")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str();
  command
      ->add_option("--connections-per-address", options->connections_per_address,
                   "How many connections one address may have, loopback ones too; 0: any number [512, and any number "
                   "for loopback addresses]")
      ->type_name("N")
      ->check(CLI::Range(0, 4096));
  command->add_flag("--sandbox", options->sandbox, "Start a sandbox cluster, too, and register it as k8s:sandbox");
  command->footer(
      "Examples:\n"
      "  fairlead serve --sandbox\n"
      "  fairlead serve --listen 0.0.0.0:8475 --tls-certificate tls.crt --tls-key tls.key --kubeconfigs "
      "/etc/fairlead/kubeconfigs\n"
      "  fairlead serve --oidc oidc.yaml\n"
      "The first start prints an admin's token; 'fairlead tokens create' makes others.");
  command->callback([&world, &action, options] { action = [&world, options] { return run_server(world, *options); }; });
}

}  // namespace fairlead::cli
