// A custom resource's schema in the form in which built-in kinds have theirs: what field sets and server-side apply
// take its objects apart by. Immutable once made, so thread-safe.
#pragma once

#include <deque>
#include <memory>

#include "sandbox/custom_schema.h"
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

class CustomFields {
 public:
  explicit CustomFields(std::shared_ptr<const CustomSchema> schema);
  // The whole object but for apiVersion and kind; metadata is ObjectMeta, whatever the schema says of it.
  const Message* root() const { return root_; }

 private:
  const Message* structure(const CustomSchema& schema, bool root);
  Field field(std::string_view name, const CustomSchema& schema);
  // What stands in a list or a map, which holds no lists and maps itself: those are as they are.
  void take_element(const CustomSchema* schema, Field* field);

  std::shared_ptr<const CustomSchema> schema_;  // whose texts the fields point into
  std::deque<Message> messages_;                // which keep their places
  const Message* root_;
};

}  // namespace fairlead::sandbox
