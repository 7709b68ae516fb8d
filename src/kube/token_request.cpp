#include "kube/token_request.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"

namespace fairlead::kube {

awaitable<Result<AccountToken>> request_token(Client& client, std::string ns, std::string account, std::int64_t seconds,
                                              Deadline deadline) {
  const std::string step = "ask for a token of service account " + ns + "/" + account;
  const std::string target = ResourcePath{"", "v1", "serviceaccounts", ns, account, "token"}.text();
  json::object asked{{"apiVersion", "authentication.k8s.io/v1"},
                     {"kind", "TokenRequest"},
                     {"spec", json::object{{"expirationSeconds", seconds}}}};
  auto answer = co_await client.send("POST", target, "", compact(asked), deadline);
  if (!answer) {
    answer.error().step = step;
    co_return fail(std::move(answer.error()));
  }
  AccountToken out{Secret(std::string(text_at(*answer, {"status", "token"}))), 0, 0};
  const auto expires = parse_rfc3339(text_at(*answer, {"status", "expirationTimestamp"}));
  if (out.text.empty() || !expires)
    co_return fail(ErrorCode::server_error, step, "the answer holds no token", "Look at the server's log");
  out.expires = *expires;
  out.seconds = std::min(seconds, integer_at(*answer, {"spec", "expirationSeconds"}, seconds));
  co_return out;
}

Secret kubeconfig_with(const Connection& connection, std::string_view name, std::string_view ns, const Secret& token) {
  const net::Url& server = connection.server;
  const bool is_ipv6 = server.host.find(':') != std::string::npos;
  json::object cluster{{"server", server.scheme + "://" + (is_ipv6 ? "[" + server.host + "]" : server.host) + ":" +
                                      std::to_string(server.port) + server.path}};
  if (!connection.tls.ca_pem.empty()) cluster["certificate-authority-data"] = base64_encode(connection.tls.ca_pem);
  if (!connection.tls.verify) cluster["insecure-skip-tls-verify"] = true;
  if (connection.tls.verify && !connection.tls.server_name.empty() && connection.tls.server_name != server.host)
    cluster["tls-server-name"] = connection.tls.server_name;
  json::object context{{"cluster", name}, {"user", name}};
  if (!ns.empty()) context["namespace"] = ns;
  const auto named = [&](std::string_view kind, json::object value) {
    json::array out;
    out.push_back(json::object{{"name", name}, {kind, std::move(value)}});
    return out;
  };
  json::object config{{"apiVersion", "v1"}, {"kind", "Config"}};
  config["clusters"] = named("cluster", std::move(cluster));
  config["users"] = named("user", json::object{{"token", token.reveal()}});
  config["contexts"] = named("context", std::move(context));
  config["current-context"] = name;
  return Secret(to_yaml(config));
}

}  // namespace fairlead::kube
