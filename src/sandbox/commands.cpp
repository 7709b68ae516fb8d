#include "sandbox/commands.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/behaviour.h"

namespace fairlead::sandbox {

Flags flags_of(const std::vector<std::string>& args, std::string_view with_value) {
  Flags out;
  bool only_rest = false;
  for (std::size_t i = 1; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (only_rest || arg.size() < 2 || arg[0] != '-') {
      out.rest.push_back(arg);
      continue;
    }
    if (arg == "--") {
      only_rest = true;
      continue;
    }
    for (std::size_t at = 1; at < arg.size(); ++at) {
      out.letters += arg[at];
      if (with_value.find(arg[at]) == with_value.npos) continue;
      if (at + 1 < arg.size())
        out.values[arg[at]] = arg.substr(at + 1);
      else if (i + 1 < args.size())
        out.values[arg[at]] = args[++i];
      break;
    }
  }
  return out;
}

const Command* find_command(std::string_view name) {
  for (const auto* family : {&file_commands(), &text_commands(), &system_commands(), &network_commands()}) {
    for (const Command& command : *family) {
      if (command.name == name) return &command;
    }
  }
  return nullptr;
}

Connection Machine::connect(std::string_view host, std::int64_t port) const {
  if (host != "localhost" && host != "127.0.0.1")
    return connect_inside(objects_, container_->namespace_name, host, port);
  ObjectPtr pod = objects_.store().find_uid(container_->pod_uid);
  Connection out = pod ? connect_to_pod(objects_, *pod, port) : Connection{};
  out.address = "127.0.0.1";
  return out;
}

std::int64_t Machine::memory() const {
  std::int64_t limit = quantity_milli(text_at(container_->spec, {"resources", "limits", "memory"})) / 1000;
  if (limit > 0) return limit;
  ObjectPtr node =
      objects_.store().find(objects_.resources().get("", "nodes"), "", text_at(container_->pod, {"spec", "nodeName"}));
  std::int64_t capacity =
      node ? quantity_milli(text_at(objects_.load_brief(*node), {"status", "capacity", "memory"})) / 1000 : 0;
  return capacity > 0 ? capacity : 1LL << 33;
}

}  // namespace fairlead::sandbox
