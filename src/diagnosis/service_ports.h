// Ports of a Service and of the pods behind it. Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace fairlead::diagnosis {

// Where a Service's port goes: a container port's name, or a number.
struct Target {
  explicit Target(const json::value& service_port);
  bool named() const { return !name.empty(); }
  std::string text() const { return named() ? name : std::to_string(number); }
  // `any`: whether the pod says at all what it serves; a name has to be there.
  bool served_by(const json::value& pod, bool* any) const;
  std::string name;
  std::int64_t number = 0;
};

// What a pod declares, of all its containers: "8080 (http), 9090".
std::string ports_of(const json::value& pod);

}  // namespace fairlead::diagnosis
