// A pod's containers for the rules: what is declared of each beside what became of it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace fairlead::diagnosis {

struct ContainerSeen {
  std::string name;
  bool init = false;
  const json::value* spec = nullptr;    // never null
  const json::value* status = nullptr;  // null: none yet
  std::string_view waiting() const;     // the reason; empty: it does not wait
  std::string_view waiting_message() const;
  // How it ended, now or before it was started again; null: it never did.
  const json::value* ended() const;
  bool running() const;
  bool ready() const;
  std::int64_t restarts() const;
  std::string who() const { return (init ? "init container " : "container ") + name; }
};
// Init containers first, as they run. Points into the pod.
std::vector<ContainerSeen> containers_of(const json::value& pod);

// "Pod shop/web-1: CrashLoopBackOff, 0/1 ready, 12 restarts"
std::string pod_line(const json::value& pod);
// Whether a list would show it among the problems.
bool is_troubled(const json::value& pod, std::int64_t now);

// A pod that should run by now and does not: one of the problems, one that no node takes, one that is not ready after
// 5 s.
bool deserves_a_look(const json::value& pod, std::int64_t now);
// The same whatever its age: for one that somebody asks about.
bool is_not_ready(const json::value& pod, std::int64_t now);

// Variables that a container sets more than once, with different values: the last one counts.
struct SetTwice {
  std::string container, name;
  std::vector<std::string> values;  // in order; "(from …)" for those that are taken from elsewhere
};
std::vector<SetTwice> set_twice(const json::value& pod_spec);

// A probe's port as a number: of its own, or of the container port that it names; nothing when there is none of that
// name.
std::optional<std::int64_t> probe_port(const json::value& probe, const json::value& container);
// "8080, 9090 (http)"; empty: it declares none.
std::string declared_ports(const json::value& container);
bool declares_port(const json::value& container, std::int64_t port);

}  // namespace fairlead::diagnosis
