// ConfigMaps and Secrets, namespaces.
#include "base/text.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

constexpr std::size_t most_bytes = 1 << 20;
constexpr View frozen = "field is immutable when `immutable` is set";

std::size_t decoded_size(View base64) {
  std::size_t out = base64.size() / 4 * 3;
  if (base64.ends_with("==")) return out - 2;
  return base64.ends_with("=") ? out - 1 : out;
}

// Checks the keys and answers how much they hold.
std::size_t check_entries(const Place& data, bool binary, Findings& out) {
  std::size_t total = 0;
  if (!data.value().is_object()) return 0;
  for (const auto& entry : data.value().get_object()) {
    out.config_key(data.entry(entry.key()), entry.key());
    if (entry.value().is_string())
      total += binary ? decoded_size(entry.value().get_string()) : entry.value().get_string().size();
  }
  return total;
}

void check_frozen(const Place& object, const Place& before, std::initializer_list<View> members, Findings& out) {
  if (!before["immutable"].flag()) return;
  if (!object["immutable"].flag()) out.forbidden(object["immutable"], frozen);
  for (View member : members) {
    if (object[member].value() != before[member].value()) out.forbidden(object[member], frozen);
  }
}

void check_config_map(const Place& object, const Place* before, Findings& out) {
  if (before) check_frozen(object, *before, {"data", "binaryData"}, out);
  Place data = object["data"], binary = object["binaryData"];
  std::size_t total = check_entries(data, false, out);
  if (data.value().is_object()) {
    for (const auto& entry : data.value().get_object()) {
      if (find(binary.value(), entry.key()))
        out.invalid(data.entry(entry.key()), json::string(entry.key()), "duplicate of key present in binaryData");
    }
  }
  total += check_entries(binary, true, out);
  if (total > most_bytes) out.too_long(Place(nullptr, "[]"), most_bytes);
}

void check_docker_config(const Place& entry, Findings& out) {
  if (!entry.given()) return out.required(entry);
  auto bytes = base64_decode(entry.text());
  auto value = bytes ? parse_json(*bytes, "read the Docker configuration") : Result<json::value>(json::value());
  if (value && value->is_object()) return;
  std::string problem = "unexpected end of JSON input";
  if (bytes && !bytes->empty())
    problem = "invalid character '" + escape_untrusted(View(*bytes).substr(0, 1), Newlines::escape) +
              "' looking for beginning of value";
  out.invalid(entry, json::string("<secret contents redacted>"), problem);
}

void check_secret(const Place& object, const Place* before, Findings& out) {
  Place data = object["data"], type = object["type"];
  if (before) {
    out.unchanged(type, (*before)["type"]);
    check_frozen(object, *before, {"data"}, out);
  }
  if (check_entries(data, true, out) > most_bytes) out.too_long(data, most_bytes);
  if (type.is("kubernetes.io/service-account-token")) {
    Place account = object["metadata"]["annotations"].entry("kubernetes.io/service-account.name");
    if (account.text().empty()) out.required(account);
  } else if (type.is("kubernetes.io/dockercfg")) {
    check_docker_config(data.entry(".dockercfg"), out);
  } else if (type.is("kubernetes.io/dockerconfigjson")) {
    check_docker_config(data.entry(".dockerconfigjson"), out);
  } else if (type.is("kubernetes.io/basic-auth")) {
    if (!data["username"].given() && !data["password"].given()) {
      out.required(data.entry("username"));
      out.required(data.entry("password"));
    }
  } else if (type.is("kubernetes.io/ssh-auth")) {
    if (data["ssh-privatekey"].text().empty()) out.required(data.entry("ssh-privatekey"));
  } else if (type.is("kubernetes.io/tls")) {
    for (View key : {"tls.crt", "tls.key"}) {
      if (!data.entry(key).given()) out.required(data.entry(key));
    }
  }
}

void check_namespace(const Place& object, const Place*, Findings& out) {
  for (const Place& finalizer : object["spec"]["finalizers"].items()) {
    if (is_qualified(finalizer.text()) || finalizer.is("kubernetes")) continue;
    out.invalid(Place(nullptr, "spec.finalizers"), finalizer.value(),
                "name is neither a standard finalizer name nor is it fully qualified");
  }
}

}  // namespace

Check config_check(std::string_view kind) {
  if (kind == "ConfigMap") return check_config_map;
  if (kind == "Secret") return check_secret;
  return kind == "Namespace" ? check_namespace : nullptr;
}

}  // namespace fairlead::sandbox
