#include "diagnosis/service_ports.h"

#include "diagnosis/containers.h"

namespace fairlead::diagnosis {
namespace {

bool has_named_port(const json::value& pod, std::string_view name) {
  for (const auto& container : array_at(pod, {"spec", "containers"}))
    for (const auto& port : array_at(container, {"ports"}))
      if (text_at(port, {"name"}) == name) return true;
  return false;
}

bool declares(const json::value& pod, std::int64_t number, bool* any) {
  bool found = false;
  for (const auto& container : array_at(pod, {"spec", "containers"})) {
    *any = *any || !array_at(container, {"ports"}).empty();
    found = found || declares_port(container, number);
  }
  return found;
}

}  // namespace

Target::Target(const json::value& service_port) : name(text_at(service_port, {"targetPort"})) {
  number = integer_at(service_port, {"targetPort"});
  if (number == 0) number = integer_at(service_port, {"port"});
}

bool Target::served_by(const json::value& pod, bool* any) const {
  if (!named()) return declares(pod, number, any);
  *any = true;
  return has_named_port(pod, name);
}

std::string ports_of(const json::value& pod) {
  std::string out;
  for (const auto& container : array_at(pod, {"spec", "containers"}))
    if (const auto ports = declared_ports(container); !ports.empty()) out += (out.empty() ? "" : ", ") + ports;
  return out;
}

}  // namespace fairlead::diagnosis
