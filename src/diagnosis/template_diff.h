// How a pod differs from the template that it was made from, without what Kubernetes itself fills in. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace fairlead::diagnosis {

struct Difference {
  enum class What {
    image,
    command,
    environment,
    memory_limit,
    requests,
    placement,
    account,
    volumes,
    probe,
    security,
    other
  };
  What what = What::other;
  std::string container;  // empty: the pod
  std::string sentence;   // "container app runs image \"x\" instead of \"y\""
  // What the template says itself was changed, and not only something added to it.
  bool changed = true;
};

// Fields that the template leaves out count only where nothing gives them a default.
std::vector<Difference> differences(const json::value& template_spec, const json::value& pod);

}  // namespace fairlead::diagnosis
