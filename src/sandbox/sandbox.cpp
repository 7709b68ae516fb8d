#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "net/http_server.h"
#include "sandbox/access_controllers.h"
#include "sandbox/admin.h"
#include "sandbox/api.h"
#include "sandbox/bootstrap_policy.h"
#include "sandbox/certificates.h"
#include "sandbox/containers.h"
#include "sandbox/controllers.h"
#include "sandbox/fault_writer.h"
#include "sandbox/fixtures.h"
#include "sandbox/scenario.h"
#include "sandbox/time.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view kubeconfig_mark = "# Written by 'fairlead sandbox', which may replace it.\n";

// Whether something is at that path that a sandbox has not written.
bool is_foreign(const std::string& path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return errno != ENOENT && errno != ENOTDIR;
  char begin[64];
  ssize_t count = ::read(file, begin, sizeof begin);
  ::close(file);
  return count != 0 &&
         !std::string_view(begin, count > 0 ? static_cast<std::size_t>(count) : 0).starts_with(kubeconfig_mark);
}

std::int64_t real_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Result<void> check(const SandboxOptions& options) {
  if (options.nodes < 1 || options.nodes > 5000) {
    return fail(ErrorCode::invalid_request, "start the sandbox",
                "the number of nodes is " + std::to_string(options.nodes), "Give a number from 1 to 5000");
  }
  if (!(options.speed >= 0 && options.speed <= 1000)) {
    return fail(ErrorCode::invalid_request, "start the sandbox", "its speed is " + std::to_string(options.speed),
                "Give a number from 0 to 1000");
  }
  if (options.pods < 0 || options.pods > 200'000) {
    return fail(ErrorCode::invalid_request, "start the sandbox",
                "the number of pods is " + std::to_string(options.pods), "Give a number from 0 to 200000");
  }
  return {};
}

constexpr std::size_t largest_head = (1 << 20) + 4096;  // as Go has it

constexpr std::string_view viewer_name = "sandbox-viewer";
constexpr std::int64_t viewer_seconds = 365 * 86'400;

struct Identity {
  KeyPair authority, server, client;
  std::string token, viewer_token;
  std::shared_ptr<const ServiceAccountTokens> tokens;
};

Result<Identity> make_identity(const SandboxOptions& options, std::int64_t now) {
  Identity out;
  auto authority = make_authority({"fairlead-sandbox-ca", {}, {}, now});
  if (!authority) return fail(std::move(authority.error()));
  out.authority = std::move(*authority);
  std::vector<std::string> names{"127.0.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                                 "10.96.0.1"};
  if (options.address != "127.0.0.1") names.push_back(options.address);
  if (!options.server_name.empty()) names.push_back(options.server_name);
  auto server = make_certificate(out.authority, {"fairlead-sandbox", {}, std::move(names), now});
  if (!server) return fail(std::move(server.error()));
  out.server = std::move(*server);
  auto client = make_certificate(out.authority, {"kubernetes-admin", {"system:masters"}, {}, now});
  if (!client) return fail(std::move(client.error()));
  out.client = std::move(*client);
  auto token = random_token(32);
  if (!token) return fail(std::move(token.error()));
  out.token = std::move(*token);
  auto tokens = ServiceAccountTokens::make();
  if (!tokens) return fail(std::move(tokens.error()));
  out.tokens = std::move(*tokens);
  return out;
}

// A ServiceAccount that may look at everything but Secrets, and its token.
Result<std::string> make_viewer(Objects& objects, const ServiceAccountTokens& tokens) {
  auto stamp = [&] {
    return json::object{{"name", viewer_name}, {"uid", objects.make_uid()}, {"creationTimestamp", objects.now_text()}};
  };
  json::object account{{"metadata", stamp()}};
  account["metadata"].get_object()["namespace"] = "default";
  ObjectPtr made = objects.insert(objects.resources().get("", "serviceaccounts"), std::move(account));
  constexpr std::string_view group = "rbac.authorization.k8s.io";
  json::object subject{{"kind", "ServiceAccount"}, {"name", viewer_name}, {"namespace", "default"}};
  json::object role{{"apiGroup", group}, {"kind", "ClusterRole"}, {"name", "view"}};
  objects.insert(
      objects.resources().get(group, "clusterrolebindings"),
      json::object{{"metadata", stamp()}, {"subjects", json::array{std::move(subject)}}, {"roleRef", std::move(role)}});
  TokenClaims claims;
  claims.namespace_name = made->namespace_name;
  claims.account = {made->name, made->uid};
  claims.audiences = {std::string(ServiceAccountTokens::issuer)};
  claims.id = objects.make_uid();
  claims.issued_at = objects.now();
  claims.expires_at = claims.issued_at + viewer_seconds;
  return tokens.sign(claims);
}

}  // namespace

// What requests that are being served need; it lives until the last of them has ended.
struct Sandbox::State {
  State(net::Executor executor, const SandboxOptions& options, std::int64_t start)
      : time(start, real_milliseconds), objects(resources, store, time, options.seed), wake(executor), identity() {
    time.set_speed(0);  // until the cluster stands
  }

  // The controllers live through that time in order; what would take too much work at once is left for later.
  void advance(std::int64_t milliseconds) {
    constexpr int most_turns = 200'000;
    std::int64_t end = time.milliseconds() + milliseconds;
    for (int turn = 0; turn < most_turns; ++turn) {
      access_controllers->run();
      auto next = controllers->run(time.milliseconds());
      if (!next || *next >= end) break;
      time.advance(*next - time.milliseconds());
    }
    time.advance(end - time.milliseconds());
  }

  Time time;
  Faults faults;
  Resources resources;
  Store store;
  Objects objects;
  std::shared_ptr<Containers> containers = std::make_shared<Containers>(objects);
  net::Event wake;
  Identity identity;
  std::unique_ptr<Api> api;
  std::unique_ptr<Controllers> controllers;
  std::unique_ptr<Admin> admin;
  net::HttpHandler handler;
  std::unique_ptr<AccessControllers> access_controllers;
  bool closed = false;
};

struct Sandbox::Parts {
  explicit Parts(net::Executor executor) : tasks(std::move(executor)) {}
  SandboxOptions options;
  std::unique_ptr<net::HttpServer> server;
  net::TaskGroup tasks;
  std::uint16_t port = 0;
};

Result<std::unique_ptr<Sandbox>> Sandbox::start(net::Executor executor, SandboxOptions options, const Clock& clock) {
  if (auto checked = check(options); !checked) return fail(std::move(checked.error()));
  Scenario scenario;
  if (!options.scenario.empty()) {
    auto found = find_scenario(options.scenario);
    if (!found) return fail(std::move(found.error()));
    scenario = std::move(*found);
  }
  auto state = std::make_shared<State>(executor, options, clock.unix_seconds() - scenario.lasts_ms / 1000);
  auto identity = make_identity(options, clock.unix_seconds());
  if (!identity) return fail(std::move(identity.error()));
  state->identity = std::move(*identity);
  build_cluster(state->objects, {options.nodes, options.pods});
  state->controllers = std::make_unique<Controllers>(
      state->objects, state->time.milliseconds(), [event = &state->wake] { event->set(); },
      state->identity.authority.certificate_pem, state->containers);
  install_bootstrap_policy(state->objects);
  auto viewer = make_viewer(state->objects, *state->identity.tokens);
  if (!viewer) return fail(std::move(viewer.error()));
  state->identity.viewer_token = std::move(*viewer);
  state->access_controllers = std::make_unique<AccessControllers>(state->objects, state->identity.tokens,
                                                                  state->identity.authority.certificate_pem,
                                                                  [event = &state->wake] { event->set(); });
  state->access_controllers->run();
  if (!scenario.name.empty()) {
    auto played = play(scenario, state->objects, [held = state.get()](std::int64_t span) { held->advance(span); });
    if (!played) return fail(std::move(played.error()));
    for (FaultRule& rule : scenario.faults) state->faults.set(std::move(rule));
  }
  state->time.set_speed(options.speed);
  ApiOptions api_options;
  api_options.token = state->identity.token;
  api_options.tokens = state->identity.tokens;
  api_options.containers = state->containers;
  state->admin = std::make_unique<Admin>(state->time, state->faults, state->store,
                                         Admin::Hooks{[held = state.get()](std::int64_t span) { held->advance(span); },
                                                      [held = state.get()] { held->wake.set(); }});
  api_options.admin = [admin = state->admin.get()](std::string_view method, std::string_view path,
                                                   std::string_view body) { return admin->answer(method, path, body); };
  state->api = std::make_unique<Api>(state->objects, std::move(api_options));
  state->handler = [api = state->api.get()](net::ServerRequest request, net::ResponseWriter& writer) {
    return api->handle(std::move(request), writer);
  };

  net::ServerTls tls;
  tls.certificate_pem = state->identity.server.certificate_pem;
  tls.key_pem = state->identity.server.key_pem;
  tls.client_ca_pem = state->identity.authority.certificate_pem;
  auto context = net::TlsContext::for_server(tls);
  if (!context) return fail(std::move(context.error()));
  net::HttpServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  server_options.tls = std::move(*context);
  server_options.head_bytes = largest_head;
  server_options.refusal = [](int status, const std::string& cause) {
    if (status != 413) return net::Content{"text/plain; charset=utf-8", cause + "\n"};
    return net::Content{"application/json", compact(too_large(largest_body).body()) + "\n"};
  };
  auto handler = [state](net::ServerRequest request, net::ResponseWriter& writer) {
    return serve_with_faults(state->faults, state->handler, std::move(request), writer);
  };
  auto server = net::HttpServer::listen(executor, std::move(server_options), std::move(handler));
  if (!server) return fail(std::move(server.error()));

  std::unique_ptr<Sandbox> sandbox(new Sandbox);
  sandbox->state_ = state;
  sandbox->parts_ = std::make_unique<Parts>(executor);
  sandbox->parts_->server = std::move(*server);
  sandbox->parts_->port = sandbox->parts_->server->port();
  sandbox->parts_->options = std::move(options);
  state->api->set_server_address(sandbox->url().substr(8));
  auto live = [](std::shared_ptr<State> held) -> net::awaitable<void> {
    while (!held->closed) {
      held->wake.reset();
      held->access_controllers->run();
      auto next = held->controllers->run(held->time.milliseconds());
      std::optional<std::int64_t> left = next ? held->time.real_until(*next) : std::nullopt;
      if (left == 0) {
        // More to do at once: after the others on this loop had their turn.
        auto turned = co_await net::sleep_for(std::chrono::milliseconds(0));
        if (!turned) break;
        continue;
      }
      Deadline deadline;
      if (left) deadline = Deadline::after(std::chrono::milliseconds(*left));
      auto woken = co_await held->wake.wait(deadline);
      if (!woken && woken.error().code != ErrorCode::timeout) break;
    }
  };
  sandbox->parts_->tasks.spawn(live(state));
  return sandbox;
}

Sandbox::~Sandbox() { close(); }

void Sandbox::advance(std::chrono::milliseconds time) {
  state_->advance(std::max<std::int64_t>(0, time.count()));
  state_->wake.set();
}

void Sandbox::close() {
  if (!parts_ || state_->closed) return;
  state_->closed = true;
  parts_->server->close();
  parts_->tasks.cancel_all();
}

std::uint16_t Sandbox::port() const { return parts_->port; }

std::string Sandbox::url() const {
  std::string host = parts_->options.server_name.empty() ? parts_->options.address : parts_->options.server_name;
  if (host == "0.0.0.0" || host == "::") host = "127.0.0.1";
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return "https://" + host + ":" + std::to_string(parts_->port);
}

const std::string& Sandbox::ca_pem() const { return state_->identity.authority.certificate_pem; }
Secret Sandbox::token() const { return Secret(state_->identity.token); }

Secret Sandbox::kubeconfig() const {
  const Identity& identity = state_->identity;
  std::string out = std::string(kubeconfig_mark) +
                    "apiVersion: v1\nkind: Config\nclusters:\n- name: sandbox\n  cluster:\n    server: " + url() +
                    "\n    certificate-authority-data: " + base64_encode(identity.authority.certificate_pem) +
                    "\nusers:\n- name: sandbox-admin\n  user:\n    client-certificate-data: " +
                    base64_encode(identity.client.certificate_pem) +
                    "\n    client-key-data: " + base64_encode(identity.client.key_pem.reveal()) +
                    "\n- name: sandbox-token\n  user:\n    token: " + identity.token +
                    "\n- name: sandbox-viewer\n  user:\n    token: " + identity.viewer_token + "\ncontexts:\n";
  constexpr std::pair<std::string_view, std::string_view> contexts[] = {
      {"sandbox", "sandbox-admin"}, {"sandbox-token", "sandbox-token"}, {"sandbox-viewer", "sandbox-viewer"}};
  for (auto [name, user] : contexts) {
    out += "- name: " + std::string(name) + "\n  context:\n    cluster: sandbox\n    user: " + std::string(user) +
           "\n    namespace: default\n";
  }
  out += "current-context: sandbox\n";
  return Secret(std::move(out));
}

Result<void> Sandbox::write_kubeconfig(const std::string& path) const {
  const std::string step = "write the kubeconfig " + path;
  if (is_foreign(path))
    return fail(ErrorCode::invalid_request, step, "the file is there already, and no sandbox has written it",
                "Give another file, or remove this one first");
  std::string temporary = path + ".XXXXXX";
  int file = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  auto failed = [&](int error) {
    ErrorCode code = error == ENOENT || error == ENOTDIR ? ErrorCode::not_found
                     : error == EACCES || error == EROFS ? ErrorCode::permission_denied
                                                         : ErrorCode::internal;
    return fail(code, step, std::strerror(error), "Give a file in a directory that exists and can be written");
  };
  if (file < 0) return failed(errno);
  Secret text = kubeconfig();
  std::string_view rest = text.reveal();
  int error = 0;
  while (!rest.empty() && error == 0) {
    ssize_t written = ::write(file, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) error = errno;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (error == 0 && ::fsync(file) != 0 && errno != EINVAL) error = errno;
  ::close(file);
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return failed(error);
  }
  return {};
}

}  // namespace fairlead::sandbox
