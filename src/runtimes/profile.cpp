#include "runtimes/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/environment.h"
#include "base/similar.h"
#include "base/text.h"
#include "base/yaml.h"
#include "redact/redact.h"
#include "runtimes/fields.h"
#include "runtimes/profile_texts.h"
#include "runtimes/template.h"

namespace fairlead::runtimes {
namespace {

constexpr std::size_t kProfileBytes = 256 << 10, kBootstrapBytes = 64 << 10, kFiles = 100;

// capabilities(7).
constexpr std::array<std::string_view, 41> kCapabilities{"AUDIT_CONTROL",   "AUDIT_READ",   "AUDIT_WRITE",
                                                         "BLOCK_SUSPEND",   "BPF",          "CHECKPOINT_RESTORE",
                                                         "CHOWN",           "DAC_OVERRIDE", "DAC_READ_SEARCH",
                                                         "FOWNER",          "FSETID",       "IPC_LOCK",
                                                         "IPC_OWNER",       "KILL",         "LEASE",
                                                         "LINUX_IMMUTABLE", "MAC_ADMIN",    "MAC_OVERRIDE",
                                                         "MKNOD",           "NET_ADMIN",    "NET_BIND_SERVICE",
                                                         "NET_BROADCAST",   "NET_RAW",      "PERFMON",
                                                         "SETFCAP",         "SETGID",       "SETPCAP",
                                                         "SETUID",          "SYS_ADMIN",    "SYS_BOOT",
                                                         "SYS_CHROOT",      "SYS_MODULE",   "SYS_NICE",
                                                         "SYS_PACCT",       "SYS_PTRACE",   "SYS_RAWIO",
                                                         "SYS_RESOURCE",    "SYS_TIME",     "SYS_TTY_CONFIG",
                                                         "SYSLOG",          "WAKE_ALARM"};

std::optional<std::string> why_not_title(std::string_view text) {
  if (text.empty() || text.size() > 63) return "a title has 1 to 63 characters";
  if (escape_untrusted(text, Newlines::escape) != text) return "a title holds no control and no hidden characters";
  return std::nullopt;
}
std::optional<std::string> why_not_capability(std::string_view text) {
  if (std::find(kCapabilities.begin(), kCapabilities.end(), text) != kCapabilities.end()) return std::nullopt;
  return "it is no capability of Linux such as CHOWN, without CAP_, and not ALL";
}
std::optional<std::string> why_not_script(std::string_view text) {
  if (text.size() > kBootstrapBytes) return "it is longer than 64 KiB";
  if (!text.starts_with("#!/")) return "it begins with the line of its interpreter, such as #!/bin/sh";
  return why_not_value(text);
}
std::optional<std::string> why_not_request_path(std::string_view text) {
  if (text.empty() || text.size() > 1024 || text.front() != '/') return "it is the path of a request such as /health";
  for (char c : text)
    if (c <= ' ' || c >= 0x7f) return "it holds neither blanks nor what is no ASCII";
  return std::nullopt;
}

Probe read_probe(const Fields& probes, std::string_view field) {
  const Fields one = probes.mapping(field, {"port", "period_seconds", "failures"});
  return Probe{one.text("port", why_not_port_name), one.integer("period_seconds", 1, 3600),
               one.integer("failures", 1, 1000)};
}

std::vector<Port> read_ports(const Fields& top) {
  std::vector<Port> out;
  for (const Fields& one : top.mappings("ports", 16, {"name", "port", "node_port"})) {
    Port port;
    port.name = one.text("name", why_not_port_name);
    port.number = static_cast<std::uint16_t>(one.integer("port", 1, 65535));
    port.node_port = static_cast<Port::NodePort>(one.choice("node_port", {"none", "runtime", "gateway"}));
    for (const Port& other : out) {
      if (other.name == port.name) one.refuse("name", "is the name of another port too");
      if (other.number == port.number) one.refuse("port", "is the number of another port too");
      if (other.node_port == port.node_port && port.node_port != Port::NodePort::none)
        one.refuse("node_port", "is taken by another port");
    }
    out.push_back(std::move(port));
  }
  if (out.empty()) top.refuse("ports", "names no port, and an agent has one at least");
  return out;
}

std::vector<Variable> read_environment(const Fields& top, const Profile& profile) {
  std::vector<Variable> out;
  for (const Fields& one : top.mappings("environment", 128, {"name", "value", "generate", "sensitive", "optional"})) {
    Variable variable;
    variable.name = one.text("name", why_not_variable);
    variable.generate = static_cast<Variable::Generate>(one.choice("generate", {"nothing", "hex_16", "hex_32"}));
    const bool generated = variable.generate != Variable::Generate::nothing;
    variable.sensitive = one.flag("sensitive") || generated;
    variable.optional = one.flag("optional");
    variable.value = one.text("value", why_not_value, "");
    if (one.has("value") == generated) one.refuse("value", "and generate: it is exactly one of both");
    if (one.has("sensitive") && generated && !one.flag("sensitive"))
      one.refuse("sensitive", "is false, but what is generated always stands in the Secret");
    if (auto why = why_not_template(variable.value, profile)) one.refuse("value", "is not valid: " + *why);
    if (variable.optional && variable.value.find("{{backend_url}}") == std::string::npos)
      one.refuse("optional", "is true, but only {{backend_url}} may be unknown");
    if (!variable.sensitive && looks_like_credential(variable.name, variable.value))
      one.refuse("sensitive", "is not true, but this looks like a credential",
                 "With 'sensitive: true' it stands in the Secret");
    for (const Variable& other : out)
      if (other.name == variable.name) one.refuse("name", "is the name of another variable too");
    out.push_back(std::move(variable));
  }
  return out;
}

void check_port(const Fields& of, const std::string& name, const Profile& profile) {
  if (!profile.port(name)) of.refuse("port", "is the name of none of the ports");
}

std::vector<Check> read_checks(const Fields& top, const Profile& profile) {
  std::vector<Check> out;
  for (const Fields& one : top.mappings("checks", 16, {"port", "path", "accepted", "attempts", "interval_seconds"})) {
    Check check{one.text("port", why_not_port_name), one.text("path", why_not_request_path),
                one.integers("accepted", 32, 100, 599), one.integer("attempts", 1, 1000, 12),
                one.integer("interval_seconds", 1, 3600, 5)};
    check_port(one, check.port, profile);
    if (check.accepted.empty()) one.refuse("accepted", "names no status");
    out.push_back(std::move(check));
  }
  return out;
}

std::vector<Recovery> read_recoveries(const Fields& top, const Profile& profile) {
  std::vector<Recovery> out;
  for (const Fields& one : top.mappings(
           "recoveries", 8, {"port", "probe", "outcomes", "start", "probe_seconds", "attempts", "interval_seconds"})) {
    Recovery recovery;
    recovery.port = one.text("port", why_not_port_name);
    recovery.probe = one.command("probe");
    recovery.outcomes = one.words_by_number("outcomes", 16, why_not_prefix);
    recovery.start = one.command("start");
    recovery.probe_seconds = one.integer("probe_seconds", 1, 600, 15);
    recovery.attempts = one.integer("attempts", 1, 1000, 5);
    recovery.interval_seconds = one.integer("interval_seconds", 1, 3600, 1);
    check_port(one, recovery.port, profile);
    if (recovery.probe.empty()) one.refuse("probe", "is missing: a command");
    if (recovery.start.empty()) one.refuse("start", "is missing: a command");
    for (const Recovery& other : out)
      if (other.port == recovery.port) one.refuse("port", "has another recovery already");
    out.push_back(std::move(recovery));
  }
  return out;
}

// Neither lies in the other: what is mounted last would hide it.
bool overlap(const std::string& a, const std::string& b) {
  return (a + "/").starts_with(b + "/") || (b + "/").starts_with(a + "/");
}

void read_bootstrap(const Fields& top, Profile& profile) {
  profile.command = top.command("command");
  if (profile.command.empty() || top.has("bootstrap")) {
    const Fields bootstrap = top.mapping("bootstrap", {"path", "script"});
    profile.bootstrap_path = bootstrap.text("path", why_not_directory);
    profile.bootstrap = bootstrap.text("script", why_not_script);
    if (overlap(profile.bootstrap_path, profile.state_path))
      bootstrap.refuse("path", "and state.path lie within each other");
  } else {
    profile.bootstrap_path = profile.state_path == "/opt/fairlead" ? "/opt/fairlead-bootstrap" : "/opt/fairlead";
  }
}

Profile read_profile(const Fields& top) {
  Profile out;
  out.name = top.text("name", why_not_prefix);
  out.title = top.text("title", why_not_title, out.name);
  out.prefix = top.text("prefix", why_not_prefix, out.name);
  out.ns = static_cast<Profile::RowNamespace>(top.choice("namespace", {"fallback", "openclaw", "hermes"}));
  out.image = top.text("image", why_not_image);
  out.ports = read_ports(top);
  const Fields probes = top.mapping("probes", {"startup", "readiness", "liveness"});
  out.startup = read_probe(probes, "startup");
  out.readiness = read_probe(probes, "readiness");
  out.liveness = read_probe(probes, "liveness");
  for (const auto& [probe, field] :
       {std::pair{&out.startup, "probes.startup"}, std::pair{&out.readiness, "probes.readiness"},
        std::pair{&out.liveness, "probes.liveness"}})
    if (!out.port(probe->port)) top.refuse(std::string(field) + ".port", "is the name of none of the ports");
  const Fields state = top.mapping("state", {"path"});
  out.state_path = state.text("path", why_not_directory);
  const Fields resources = top.mapping("resources", {"cpu", "memory", "storage"});
  out.cpu = resources.quantity("cpu", why_not_cpu);
  out.memory = resources.quantity("memory", why_not_memory);
  out.storage = resources.quantity("storage", why_not_storage);
  read_bootstrap(top, out);
  out.environment = read_environment(top, out);
  out.capabilities = top.texts("capabilities", kCapabilities.size(), why_not_capability);
  out.checks = read_checks(top, out);
  out.recoveries = read_recoveries(top, out);
  return out;
}

}  // namespace

const Port* Profile::port(std::string_view its_name) const {
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port& one) { return one.name == its_name; });
  return found == ports.end() ? nullptr : &*found;
}
const Variable* Profile::variable(std::string_view its_name) const {
  const auto found =
      std::find_if(environment.begin(), environment.end(), [&](const Variable& one) { return one.name == its_name; });
  return found == environment.end() ? nullptr : &*found;
}

Result<Profile> parse_profile(std::string_view yaml) {
  auto value =
      parse_yaml(yaml, "read the profile", {.bytes = kProfileBytes, .depth = 10, .nodes = 10'000, .documents = false});
  if (!value) return fail(std::move(value.error()));
  Fields::Problem problem;
  const Fields top(*value, "",
                   {"name", "title", "prefix", "namespace", "image", "command", "bootstrap", "ports", "probes",
                    "environment", "capabilities", "state", "resources", "checks", "recoveries"},
                   problem);
  Profile profile = read_profile(top);
  if (problem.error) return fail(std::move(*problem.error));
  return profile;
}

Profiles Profiles::built_in() {
  Profiles out;
  for (std::size_t i = 0; i < profile_count; ++i) out.add(parse_profile(profile_texts[i].yaml).value());
  return out;
}

void Profiles::add(Profile profile) {
  std::string name = profile.name;
  by_name_.insert_or_assign(std::move(name), std::move(profile));
}

const Profile* Profiles::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

std::vector<std::string> Profiles::names() const {
  std::vector<std::string> out;
  for (const auto& one : by_name_) out.push_back(one.first);
  return out;
}

Error Profiles::unknown(std::string_view name) const {
  const auto near = similar_names(name, names());
  return Error{ErrorCode::invalid_request,
               "find the runtime",
               "there is no runtime " + plain_word(name),
               near.empty() ? fmt::format("There are {}", fmt::join(names(), ", ")) : "Did you mean " + near[0] + "?",
               {}};
}

Result<Profiles> load_profiles(const std::string& directory) {
  const std::string step = "read the profiles of " + directory;
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".yaml") files.push_back(entry->path());
  if (error) return fail(ErrorCode::invalid_request, step, error.message(), "Name a directory that can be read");
  if (files.size() > kFiles)
    return fail(ErrorCode::invalid_request, step, fmt::format("there are more than {} files", kFiles),
                "Name a directory that holds profiles alone");
  std::sort(files.begin(), files.end());
  Profiles out = Profiles::built_in();
  for (const auto& file : files) {
    auto text = read_file(file.string(), "read the profile", kProfileBytes);
    if (!text) return fail(std::move(text.error()));
    auto profile = parse_profile(*text);
    if (!profile) {
      profile.error().step = "read the profile " + file.string();
      return fail(std::move(profile.error()));
    }
    out.add(std::move(*profile));
  }
  return out;
}

}  // namespace fairlead::runtimes
