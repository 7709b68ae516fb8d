#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "sandbox/behaviour.h"
#include "sandbox/containers.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t longest_value = 128 << 10;

// In the order in which they were first set.
class Variables {
 public:
  void set(std::string_view name, std::string value) {
    if (value.size() > longest_value) value.resize(longest_value);
    auto [at, added] = values_.insert_or_assign(std::string(name), std::move(value));
    if (added) order_.push_back(&at->first);
  }
  const std::string* find(std::string_view name) const {
    auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  const std::vector<const std::string*>& order() const { return order_; }
  const std::map<std::string, std::string, std::less<>>& sorted() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<const std::string*> order_;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// $(NAME) of variables that come before; $$ is a dollar; names that are unknown stay as they are.
std::string expanded(std::string_view text, const Variables& variables, const Variables& services) {
  std::string out;
  while (!text.empty() && out.size() < longest_value) {
    std::size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == text.npos) break;
    text.remove_prefix(dollar);
    std::size_t close = text.find(')');
    if (text.starts_with("$$")) {
      out += '$';
      text.remove_prefix(2);
      continue;
    }
    if (!text.starts_with("$(") || close == text.npos) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    std::string_view name = text.substr(2, close - 2);
    const std::string* found = variables.find(name) ? variables.find(name) : services.find(name);
    out += found ? std::string_view(*found) : text.substr(0, close + 1);
    text.remove_prefix(close + 1);
  }
  return out;
}

bool is_variable(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
  });
}

// What the container's resources say, in whole units of the divisor.
std::string resource_field(const json::value& container, const json::value& reference) {
  std::string_view path = text_at(reference, {"resource"}), divisor = text_at(reference, {"divisor"});
  std::size_t dot = path.find('.');
  if (dot == path.npos) return "";
  std::int64_t amount = quantity_milli(text_at(container, {"resources", path.substr(0, dot), path.substr(dot + 1)}));
  std::int64_t unit = divisor.empty() || divisor == "0" ? 1000 : std::max<std::int64_t>(1, quantity_milli(divisor));
  return std::to_string(amount / unit + (amount % unit > 0 ? 1 : 0));
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

void add_service(Variables& variables, const json::value& service) {
  std::string address(text_at(service, {"spec", "clusterIP"}));
  const json::array& ports = array_at(service, {"spec", "ports"});
  if (address.empty() || address == "None" || ports.empty()) return;
  std::string prefix = upper(text_at(service, {"metadata", "name"}));
  auto number = [](const json::value& port) { return std::to_string(integer_at(port, {"port"})); };
  variables.set(prefix + "_SERVICE_HOST", address);
  variables.set(prefix + "_SERVICE_PORT", number(ports.front()));
  for (const json::value& port : ports) {
    if (std::string_view name = text_at(port, {"name"}); !name.empty())
      variables.set(prefix + "_SERVICE_PORT_" + upper(name), number(port));
  }
  auto url = [&](const json::value& port) {
    return lower(text_at(port, {"protocol"}).empty() ? "TCP" : text_at(port, {"protocol"})) + "://" + address + ":" +
           number(port);
  };
  variables.set(prefix + "_PORT", url(ports.front()));
  for (const json::value& port : ports) {
    std::string protocol(text_at(port, {"protocol"}).empty() ? "TCP" : text_at(port, {"protocol"}));
    std::string one = prefix + "_PORT_" + number(port) + "_" + upper(protocol);
    variables.set(one, url(port));
    variables.set(one + "_PROTO", lower(protocol));
    variables.set(one + "_PORT", number(port));
    variables.set(one + "_ADDR", address);
  }
}

}  // namespace

std::optional<KeyedBytes> bytes_of_config(const Objects& objects, std::string_view plural,
                                          std::string_view namespace_name, std::string_view name) {
  ObjectPtr object = objects.store().find(objects.resources().get("", plural), namespace_name, name);
  if (!object) return std::nullopt;
  json::value value = objects.load_brief(*object);
  bool secret = plural == "secrets";
  KeyedBytes out;
  for (const auto& entry : object_at(value, {"data"})) {
    if (!entry.value().is_string()) continue;
    auto decoded = secret ? base64_decode(entry.value().get_string())
                          : Result<std::string>(std::string(entry.value().get_string()));
    out[std::string(entry.key())] = decoded ? std::move(*decoded) : "";
  }
  for (const auto& entry : object_at(value, {"binaryData"})) {
    if (!entry.value().is_string()) continue;
    if (auto decoded = base64_decode(entry.value().get_string())) out[std::string(entry.key())] = std::move(*decoded);
  }
  return out;
}

std::string pod_field(const json::value& pod, std::string_view path) {
  for (std::string_view map : {"labels", "annotations"}) {
    std::string prefix = "metadata." + std::string(map);
    if (!path.starts_with(prefix)) continue;
    std::string_view rest = path.substr(prefix.size());
    if (rest.starts_with("['") && rest.ends_with("']"))
      return std::string(text_at(pod, {"metadata", map, rest.substr(2, rest.size() - 4)}));
    std::string out;
    std::map<std::string, std::string> sorted;
    for (const auto& entry : object_at(pod, {"metadata", map}))
      sorted[std::string(entry.key())] = compact(entry.value());
    for (const auto& [key, value] : sorted) out += (out.empty() ? "" : "\n") + key + "=" + value;
    return out;
  }
  if (path == "status.podIPs") {
    std::string out;
    for (const json::value& address : array_at(pod, {"status", "podIPs"}))
      out += (out.empty() ? "" : ",") + std::string(text_at(address, {"ip"}));
    return out;
  }
  std::size_t dot = path.find('.');
  return dot == path.npos ? "" : std::string(text_at(pod, {path.substr(0, dot), path.substr(dot + 1)}));
}

std::string expand_references(std::string_view text,
                              const std::vector<std::pair<std::string, std::string>>& environment) {
  if (text.find('$') == text.npos) return std::string(text);
  Variables variables;
  for (const auto& [name, value] : environment) variables.set(name, value);
  return expanded(text, variables, Variables());
}

std::vector<std::pair<std::string, std::string>> container_environment(const Objects& objects, const json::value& pod,
                                                                       const json::value& container) {
  Variables out, services;
  std::string space(text_at(pod, {"metadata", "namespace"})), hostname(text_at(pod, {"spec", "hostname"}));
  if (hostname.empty())
    hostname = text_at(pod, {flag_at(pod, {"spec", "hostNetwork"}) ? "spec" : "metadata",
                             flag_at(pod, {"spec", "hostNetwork"}) ? "nodeName" : "name"});
  out.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  out.set("HOSTNAME", hostname);
  // What the pod says wins over what the services give.
  const json::value* links = find(pod, "spec", "enableServiceLinks");
  if (!links || *links != false) {
    for (const ObjectPtr& service : objects.store().list(objects.resources().get("", "services"), space))
      add_service(services, objects.load_brief(*service));
  }
  if (ObjectPtr kubernetes = objects.store().find(objects.resources().get("", "services"), "default", "kubernetes"))
    add_service(services, objects.load_brief(*kubernetes));
  for (const json::value& source : array_at(container, {"envFrom"})) {
    bool secret = find(source, "secretRef") != nullptr;
    auto bytes = bytes_of_config(objects, secret ? "secrets" : "configmaps", space,
                                 text_at(source, {secret ? "secretRef" : "configMapRef", "name"}));
    if (!bytes) continue;
    for (auto& [key, value] : *bytes) {
      std::string name = std::string(text_at(source, {"prefix"})) + key;
      if (is_variable(name)) out.set(name, value);
    }
  }
  for (const json::value& entry : array_at(container, {"env"})) {
    std::string_view name = text_at(entry, {"name"});
    if (const json::value* from = find(entry, "valueFrom")) {
      bool secret = find(*from, "secretKeyRef") != nullptr;
      if (secret || find(*from, "configMapKeyRef")) {
        std::string_view kind = secret ? "secretKeyRef" : "configMapKeyRef";
        auto bytes = bytes_of_config(objects, secret ? "secrets" : "configmaps", space, text_at(*from, {kind, "name"}));
        if (!bytes) continue;
        auto found = bytes->find(std::string(text_at(*from, {kind, "key"})));
        if (found != bytes->end()) out.set(name, found->second);
      } else if (find(*from, "fieldRef")) {
        out.set(name, pod_field(pod, text_at(*from, {"fieldRef", "fieldPath"})));
      } else if (const json::value* reference = find(*from, "resourceFieldRef")) {
        out.set(name, resource_field(container, *reference));
      }
      continue;
    }
    out.set(name, expanded(text_at(entry, {"value"}), out, services));
  }
  std::vector<std::pair<std::string, std::string>> all;
  for (const std::string* name : out.order()) all.emplace_back(*name, *out.find(*name));
  for (const auto& [name, value] : services.sorted()) {
    if (!out.find(name)) all.emplace_back(name, value);
  }
  if (!out.find("HOME")) all.emplace_back("HOME", "/root");
  return all;
}

}  // namespace fairlead::sandbox
