#include "sandbox/pod_network.h"

#include <algorithm>

#include "base/text.h"
#include "net/http_parser.h"
#include "sandbox/json_edit.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {
namespace {

bool is_address(std::string_view host) {
  return !host.empty() &&
         std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

bool runs(const json::value& pod, std::string_view container) {
  for (const json::value& status : array_at(pod, {"status", "containerStatuses"})) {
    if (text_at(status, {"name"}) == container) return find(status, "state", "running") != nullptr;
  }
  return false;
}

// The service that a name stands for: NAME, NAME.NAMESPACE, NAME.NAMESPACE.svc, NAME.NAMESPACE.svc.cluster.local.
ObjectPtr service_named(const Objects& objects, std::string_view from, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  for (std::string_view suffix : {".svc.cluster.local", ".svc"}) {
    if (!host.ends_with(suffix)) continue;
    host.remove_suffix(suffix.size());
    break;
  }
  std::size_t dot = host.find('.');
  std::string_view name = host.substr(0, dot), space = dot == host.npos ? from : host.substr(dot + 1);
  return objects.store().find(objects.resources().get("", "services"), space, name);
}

Connection refused(std::string address) {
  return Connection{Connection::Outcome::refused, std::move(address), "", "", "", 0};
}

Connection to_service(const Objects& objects, const Object& service, std::int64_t port) {
  json::value value = objects.load_brief(service);
  std::string address(text_at(value, {"spec", "clusterIP"}));
  const json::value* target = nullptr;
  std::string_view port_name;
  bool headless = address == "None";
  for (const json::value& one : array_at(value, {"spec", "ports"})) {
    if (integer_at(one, {"port"}) != port) continue;
    target = find(one, "targetPort");
    port_name = target && target->is_string() ? std::string_view(target->get_string()) : std::string_view();
  }
  const json::value* selector = find(value, "spec", "selector");
  if (!selector || (!target && !headless)) return refused(address);
  LabelSelector wanted = LabelSelector::from_object(json::object{{"matchLabels", *selector}});
  for (const ObjectPtr& pod : objects.store().list(objects.resources().get("", "pods"), service.namespace_name)) {
    if (wanted.empty() || !wanted.matches(labels_of(*pod))) continue;
    json::value candidate = objects.load_brief(*pod);
    if (condition_status(candidate, "Ready") != "True" || find(candidate, "metadata", "deletionTimestamp")) continue;
    std::int64_t there = target && target->is_int64()    ? target->get_int64()
                         : target && target->is_uint64() ? static_cast<std::int64_t>(target->get_uint64())
                                                         : port;
    for (const json::value& container : array_at(candidate, {"spec", "containers"})) {
      for (const json::value& declared : array_at(container, {"ports"})) {
        if (!port_name.empty() && text_at(declared, {"name"}) == port_name)
          there = integer_at(declared, {"containerPort"});
      }
    }
    Connection out = connect_to_pod(objects, *pod, there);
    out.address = headless ? std::string(text_at(candidate, {"status", "podIP"})) : address;
    return out;
  }
  return headless ? Connection{} : refused(address);
}

}  // namespace

Connection connect_to_pod(const Objects& objects, const Object& pod, std::int64_t port) {
  json::value value = objects.load_brief(pod);
  Connection out = refused(std::string(text_at(value, {"status", "podIP"})));
  for (const json::value& container : array_at(value, {"spec", "containers"})) {
    for (const json::value& declared : array_at(container, {"ports"})) {
      std::string_view protocol = text_at(declared, {"protocol"});
      if (integer_at(declared, {"containerPort"}) != port || (protocol != "" && protocol != "TCP") ||
          !runs(value, text_at(container, {"name"})))
        continue;
      return Connection{Connection::Outcome::answered,
                        out.address,
                        pod.namespace_name,
                        pod.name,
                        std::string(text_at(container, {"name"})),
                        port};
    }
  }
  return out;
}

Connection connect_inside(const Objects& objects, std::string_view namespace_name, std::string_view host,
                          std::int64_t port) {
  if (!is_address(host)) {
    if (host == "localhost") return refused("127.0.0.1");
    ObjectPtr service = service_named(objects, namespace_name, host);
    return service ? to_service(objects, *service, port) : Connection{};
  }
  for (const ObjectPtr& service : objects.store().list(objects.resources().get("", "services"), "")) {
    if (text_at(objects.load_brief(*service), {"spec", "clusterIP"}) == host)
      return to_service(objects, *service, port);
  }
  for (const ObjectPtr& pod : objects.store().list(objects.resources().get("", "pods"), "")) {
    if (field_of(*pod, "status.podIP") == host) return connect_to_pod(objects, *pod, port);
  }
  return Connection{Connection::Outcome::timed_out, std::string(host), "", "", "", 0};
}

PodAnswer pod_answer(const Connection& connection, std::string_view method, std::string_view target) {
  std::string_view path = target.substr(0, target.find('?'));
  const std::string text = "text/plain; charset=utf-8";
  if (method != "GET" && method != "HEAD" && method != "POST") return {405, text, "405 method not allowed\n"};
  if (path == "/healthz" || path == "/readyz" || path == "/livez") return {200, text, "ok\n"};
  if (path != "/") return {404, text, "404 page not found\n"};
  return {200, text,
          "pod: " + connection.pod + "\nnamespace: " + connection.namespace_name +
              "\ncontainer: " + connection.container + "\nport: " + std::to_string(connection.port) + "\n"};
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    default: return "Method Not Allowed";
  }
}

PodHttpServer::PodHttpServer(Connection connection) : connection_(std::move(connection)) {}
PodHttpServer::~PodHttpServer() = default;

std::string PodHttpServer::feed(std::string_view bytes) {
  std::string out;
  unread_ += bytes;
  while (!unread_.empty() && !ends_) {
    if (!parser_) parser_ = std::make_unique<net::RequestParser>(16 << 10, 1 << 20);
    auto used = parser_->feed(unread_);
    if (used) unread_.erase(0, *used);
    if (used && !parser_->done()) break;
    PodAnswer answer{400, "text/plain; charset=utf-8", "400 Bad Request\n"};
    bool head_only = false;
    ends_ = !used || !parser_->keep_alive();
    if (used) {
      net::HttpRequest request = parser_->take();
      head_only = request.method == "HEAD";
      answer = pod_answer(connection_, request.method, request.target);
    }
    out += "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(reason_of(answer.status)) +
           "\r\nContent-Type: " + answer.content_type + "\r\nContent-Length: " + std::to_string(answer.body.size()) +
           (ends_ ? "\r\nConnection: close" : "") + "\r\n\r\n" + (head_only ? "" : answer.body);
    parser_.reset();
  }
  return out;
}

}  // namespace fairlead::sandbox
