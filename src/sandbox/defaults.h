// The parts of apply_defaults(), by family; each does nothing for kinds that are not its own. Internal to the defaults.
#pragma once

#include <string_view>

#include "sandbox/json_edit.h"

namespace fairlead::sandbox {

void default_pod_spec(json::object& spec);
void default_pod(json::value& pod);
void default_claim_spec(json::object& spec);

void default_workload(std::string_view kind, json::value& object);  // defaults_workloads.cpp
void default_network(std::string_view kind, json::value& object);   // defaults_network.cpp
void default_other(std::string_view kind, json::value& object);     // defaults_other.cpp

}  // namespace fairlead::sandbox
