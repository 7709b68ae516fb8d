// Scripts that a ConfigMap mounts and whose first line names an interpreter that is not there.
#pragma once

#include "diagnosis/containers.h"
#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

// Of a container that ended, and whose log says that the script is not there although it is. False: it is not that.
awaitable<bool> explain_interpreter(Trail trail, const json::value& pod, ContainerSeen container, std::string log);

}  // namespace fairlead::diagnosis
