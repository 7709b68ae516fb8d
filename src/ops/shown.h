// What people and models see of an object's fields: credentials are taken out, what Secrets hold is not shown at all,
// and nothing that others wrote can end a line. Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/diff.h"
#include "ops/plan.h"

namespace fairlead::ops {

inline constexpr std::size_t kLongValue = 200;  // bytes, where a value need not be whole

// One state of one object.
class Shown {
 public:
  Shown(const ObjectRef& object, json::value state);
  // The whole value; "(none)" where there is none.
  std::string text(const FieldPath& path) const;
  // With the credentials taken out; null: there is none, or nothing of it may be shown.
  const json::value* clean(const FieldPath& path) const;

  bool hides(const FieldPath& path) const;  // it is of what a Secret holds

 private:
  bool is_secret_ = false;
  json::value state_;
};

std::string shown_path(const FieldPath& path);

// One line a field: "Deployment shop/web spec.replicas: 3 -> 5", values whole, so that nothing is approved unseen. Of
// texts of several lines those that differ. An object that is created is told with all that it was asked to be. Without
// `after` (it was never tried) a patch tells what it asks for.
std::vector<std::string> diff_lines(const Write& write, const json::value& after);
// What was asked for that the server leaves out of its answer, a sentence each: fields that it does not know.
std::vector<std::string> not_kept(const Write& write, const json::value& answer);
// For who has asked for it: long values are cut, and so are many lines.
std::vector<std::string> brief(std::vector<std::string> lines);

}  // namespace fairlead::ops
