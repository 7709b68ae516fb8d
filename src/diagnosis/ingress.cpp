// Ingresses that lead nowhere.
#include <fmt/format.h>

#include <algorithm>

#include "diagnosis/lookup.h"

namespace fairlead::diagnosis {
namespace {

struct Backend {
  std::string service, port_name, where;
  std::int64_t port = 0;
};

// Of networking.k8s.io/v1 or v1beta1; one that is a resource of another kind has no service.
Backend backend_of(const json::value& backend, std::string where) {
  Backend out{.where = std::move(where)};
  out.service = text_at(backend, {"service", "name"});
  out.port = integer_at(backend, {"service", "port", "number"});
  out.port_name = text_at(backend, {"service", "port", "name"});
  if (!out.service.empty()) return out;
  out.service = text_at(backend, {"serviceName"});
  const json::value* port = find(backend, "servicePort");
  if (port && port->is_string()) out.port_name = std::string_view(port->get_string());
  if (port && !port->is_string()) out.port = integer_at(backend, {"servicePort"});
  return out;
}

std::vector<Backend> backends_of(const json::value& ingress) {
  std::vector<Backend> out;
  for (auto key : {"defaultBackend", "backend"})
    if (const json::value* backend = find(ingress, "spec", key))
      out.push_back(backend_of(*backend, "the default backend"));
  for (const auto& rule : array_at(ingress, {"spec", "rules"}))
    for (const auto& path : array_at(rule, {"http", "paths"})) {
      const std::string_view host = text_at(rule, {"host"}), where = text_at(path, {"path"});
      if (const json::value* backend = find(path, "backend"))
        out.push_back(
            backend_of(*backend, fmt::format("{}{}", host.empty() ? "*" : host, where.empty() ? "/" : where)));
    }
  std::erase_if(out, [](const Backend& one) { return one.service.empty(); });
  return out;
}

std::string ingress_text(const Ref& ref) { return fmt::format("Ingress {}/{}", ref.ns, ref.name); }

// What it has instead: "80 (http), 443".
std::string ports_text(const json::value& service) {
  std::vector<std::string> out;
  for (const auto& port : array_at(service, {"spec", "ports"})) {
    const std::string_view name = text_at(port, {"name"});
    out.push_back(std::to_string(integer_at(port, {"port"})) + (name.empty() ? "" : " (" + std::string(name) + ")"));
  }
  return out.empty() ? "no ports" : listed(out, 6);
}

bool has_port(const json::value& service, const Backend& backend) {
  const auto& ports = array_at(service, {"spec", "ports"});
  return std::any_of(ports.begin(), ports.end(), [&](const json::value& port) {
    return backend.port_name.empty() ? integer_at(port, {"port"}) == backend.port
                                     : text_at(port, {"name"}) == backend.port_name;
  });
}

void add_wrong_port(const Trail& trail, const Ref& ref, const Backend& backend, const json::value& service) {
  const std::string asked = backend.port_name.empty() ? std::to_string(backend.port) : quoted(backend.port_name);
  Cause cause{.code = "ingress_port",
              .certainty = Certainty::proven,
              .sentence = fmt::format("The {} sends {} to port {} of Service {}, which has {}", ingress_text(ref),
                                      backend.where, asked, quoted(backend.service), ports_text(service)),
              .at = ref,
              .next = "Name one of the Service's ports in the Ingress"};
  for (const auto& port : array_at(service, {"spec", "ports"}))
    if (backend.port != 0 && integer_at(port, {"targetPort"}) == backend.port)
      cause.evidence.push_back(
          fmt::format("{} is the targetPort of port {}: an Ingress names the port, not the targetPort", backend.port,
                      integer_at(port, {"port"})));
  trail.findings.add(std::move(cause));
}

awaitable<void> explain_backend(Trail trail, Ref ref, Backend backend) {
  const ObjectSeen* service = co_await look(trail, "Service", ref.ns, backend.service);
  if (service->absent()) {
    const auto names = co_await names_there(trail, "Service", ref.ns);
    trail.findings.add({.code = "ingress_backend_absent",
                        .certainty = Certainty::proven,
                        .sentence = fmt::format("The {} sends {} to Service {}, which does not exist in namespace {}",
                                                ingress_text(ref), backend.where, quoted(backend.service), ref.ns),
                        .at = ref,
                        .next = "Make that Service or name another one" + near_or_all(backend.service, names) +
                                "; an Ingress cannot name Services of other namespaces"});
    co_return;
  }
  if (!service->seen()) co_return;
  const bool elsewhere = text_at(service->value, {"spec", "type"}) == "ExternalName";
  if (!elsewhere && !has_port(service->value, backend)) add_wrong_port(trail, ref, backend, service->value);
  Findings reasons;
  co_await explain_service(trail.behind(reasons), service->value);
  trail.findings.add_reasons(reasons, ref, ingress_text(ref) + " sends " + backend.where + " there");
}

awaitable<void> explain_class(Trail trail, const json::value& ingress, Ref ref) {
  const std::string named(text_at(ingress, {"spec", "ingressClassName"}));
  if (named.empty() && !text_at(ingress, {"metadata", "annotations", "kubernetes.io/ingress.class"}).empty()) co_return;
  const ListSeen* classes = co_await trail.source.list(kinds::ingress_classes, "");
  if (!classes->seen()) co_return;
  const auto names = names_of(classes->items);
  if (!named.empty()) {
    if (std::find(names.begin(), names.end(), named) != names.end()) co_return;
    trail.findings.add(
        {.code = "ingress_class_absent",
         .certainty = Certainty::proven,
         .sentence =
             fmt::format("The {} asks for IngressClass {}, which does not exist, so that no controller serves it",
                         ingress_text(ref), quoted(named)),
         .at = ref,
         .next = "Name a class that exists" + near_or_all(named, names) + "; list_resources kind=IngressClass"});
    co_return;
  }
  // Which controller takes those without a class, if any, cannot be seen.
  const bool served = !array_at(ingress, {"status", "loadBalancer", "ingress"}).empty();
  for (const auto& one : classes->items)
    if (text_at(one, {"metadata", "annotations", "ingressclass.kubernetes.io/is-default-class"}) == "true") co_return;
  if (served || names.empty()) co_return;
  trail.findings.add(
      {.code = "ingress_class_missing",
       .certainty = Certainty::suspicious,
       .sentence = fmt::format("The {} names no IngressClass, and none is the default one", ingress_text(ref)),
       .at = ref,
       .next = "Set spec.ingressClassName" + near_or_all("", names)});
}

awaitable<void> explain_certificates(Trail trail, const json::value& ingress, Ref ref) {
  for (const auto& tls : array_at(ingress, {"spec", "tls"})) {
    const std::string name(text_at(tls, {"secretName"}));
    if (name.empty()) continue;
    const ObjectSeen* secret = co_await look(trail, "Secret", ref.ns, name);
    const std::string hosts = listed(texts_of(array_at(tls, {"hosts"})));
    Cause cause{.code = "tls_secret_absent", .certainty = Certainty::proven, .at = ref};
    if (secret->absent()) {
      const auto names = co_await names_there(trail, "Secret", ref.ns);
      cause.sentence = fmt::format("The {} takes its certificate{} from Secret {}, which does not exist",
                                   ingress_text(ref), hosts.empty() ? "" : " for " + hosts, quoted(name));
      cause.next = "Make that Secret, of type kubernetes.io/tls" + near_names(name, names) +
                   "; where cert-manager makes it, list_resources kind=Certificate shows why it does not";
    } else if (secret->seen()) {
      const auto& data = object_at(secret->value, {"data"});
      if (data.contains("tls.crt") && data.contains("tls.key")) continue;
      cause.code = "tls_secret_invalid";
      cause.sentence = fmt::format("The {} takes its certificate from Secret {}, which lacks the key {}",
                                   ingress_text(ref), quoted(name), data.contains("tls.crt") ? "tls.key" : "tls.crt");
      cause.next = "A Secret of type kubernetes.io/tls has the keys tls.crt and tls.key";
    } else {
      continue;
    }
    trail.findings.add(std::move(cause));
  }
}

}  // namespace

awaitable<void> explain_ingress(Trail trail, const json::value& ingress) {
  const Ref ref = ref_of("Ingress", ingress);
  if (!trail.enter(ref)) co_return;
  std::vector<std::string> done;
  for (const auto& backend : backends_of(ingress)) {
    const std::string key = fmt::format("{} {} {}", backend.service, backend.port, backend.port_name);
    if (std::find(done.begin(), done.end(), key) != done.end()) continue;
    done.push_back(key);
    co_await explain_backend(trail, ref, backend);
  }
  co_await explain_class(trail, ingress, ref);
  co_await explain_certificates(trail, ingress, ref);
}

}  // namespace fairlead::diagnosis
