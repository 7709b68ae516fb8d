// A runtime family as data: what an agent of it runs, on which ports, how it is found to be well, and what it keeps. A
// family is a YAML file (docs/runtimes.md); openclaw and hermes are built in, and further ones need no code.
// Values; thread-safe to read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace fairlead::runtimes {

struct Port {
  std::string name;  // of the Service's port and the container's: runtime, gateway, dashboard
  std::uint16_t number = 0;
  // Which of the row's fixed node ports it takes (fleet::ClusterRow::Exposing), where it wants one.
  enum class NodePort { none, runtime, gateway } node_port = NodePort::none;
};

// A tcpSocket probe of a port by name.
struct Probe {
  std::string port;
  std::int64_t period_seconds = 10, failures = 3;
};

// One variable of the environment. Exactly one of `value` and `generate` is given.
struct Variable {
  std::string name;
  std::string value;  // may hold {{port.NAME}}, {{agent.name}}, {{agent.id}}, {{state}}, {{backend_url}}
  enum class Generate { nothing, hex_16, hex_32 } generate = Generate::nothing;  // random bytes, made once per agent
  bool sensitive = false;  // stands in the Secret; generated ones always do
  bool optional = false;   // left out where what its value refers to is not known
};

// A request that tells whether a deployed agent answers.
struct Check {
  std::string port, path;
  std::vector<int> accepted;  // statuses
  std::int64_t attempts = 12;
  std::int64_t interval_seconds = 5;
};

// What starts a part of the agent again that does not answer (the dashboard of hermes), by commands in its container.
struct Recovery {
  std::string port;
  // Its exit status 0: `start` is worth a try. One of `outcomes`: that is how the recovery ends. Any other, or none
  // within probe_seconds: it ends as probe-failed.
  std::vector<std::string> probe;
  std::map<int, std::string> outcomes;  // 1 to 255; already-running, missing-cli, missing-dashboard, …
  // Then the port is tried `attempts` times: it ends as started, else as start-failed.
  std::vector<std::string> start;
  std::int64_t probe_seconds = 15, attempts = 5, interval_seconds = 1;
};

struct Profile {
  std::string name;    // openclaw: what agents are deployed as; ^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$
  std::string title;   // "OpenClaw"
  std::string prefix;  // of the names of its objects: "nora-oclaw"; as `name`
  std::string image;
  std::vector<std::string> command;  // empty: the bootstrap script
  std::string bootstrap;             // bootstrap.sh, beginning with #!/; may be empty where there is a command
  std::string bootstrap_path;        // the directory in which bootstrap.sh stands, read-only, mode 0555
  std::vector<Port> ports;           // never none
  Probe startup, readiness, liveness;
  std::vector<Variable> environment;
  std::vector<std::string> capabilities;  // that are given back after all were dropped, without CAP_
  std::string state_path;                 // where the state volume is mounted
  std::string cpu, memory, storage;       // defaults of what an agent gets: "2", "2048Mi", "10Gi"
  std::vector<Check> checks;
  std::vector<Recovery> recoveries;
  enum class RowNamespace { fallback, openclaw, hermes } ns = RowNamespace::fallback;  // which of a cluster's row's

  const Port* port(std::string_view its_name) const;  // null: none
  const Variable* variable(std::string_view its_name) const;
};

// invalid_request with the field's path and what it must be. Unknown fields are refused.
Result<Profile> parse_profile(std::string_view yaml);

class Profiles {
 public:
  // The built-in ones.
  static Profiles built_in();
  // Adds one, or puts it in the place of one of the same name.
  void add(Profile profile);
  const Profile* find(std::string_view name) const;  // null: none
  std::vector<std::string> names() const;
  Error unknown(std::string_view name) const;  // invalid_request, with the nearest name

 private:
  std::map<std::string, Profile, std::less<>> by_name_;
};
// With those of a directory's *.yaml, in the order of their names; the last of one name counts, so that a built-in one
// can be replaced. Errors: as of parse_profile, with the file's name.
Result<Profiles> load_profiles(const std::string& directory);

}  // namespace fairlead::runtimes
