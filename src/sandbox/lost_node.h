// Nodes whose kubelet is not heard of, as the annotation sandbox.fairlead.dev/lost says: nobody can ask it for anything
// about its pods. Pure functions over the store.
#pragma once

#include <optional>
#include <string>

#include "sandbox/objects.h"

namespace fairlead::sandbox {

bool is_lost(const Object& node);
// Of the node with that name; false when there is none.
bool is_lost_node(const Objects& objects, std::string_view name);
// The error of a connection to the kubelet of a pod's node, as Go words it; nothing: it answers.
std::optional<std::string> kubelet_error(const Objects& objects, const json::value& pod);
std::string internal_ip(const json::value& node);

}  // namespace fairlead::sandbox
