// Sets of paths into an object, as metadata.managedFields writes them (FieldsV1) and as conflicts print them. Pure and
// thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

// Elements as FieldsV1 writes them: "f:spec", "k:{\"name\":\"web\"}", "v:\"a\"", "i:0".
using FieldPath = std::vector<std::string>;

// .spec.containers[name="web"].image
std::string path_text(const FieldPath& path);

class FieldSet {
 public:
  // Nothing when it is no FieldsV1.
  static std::optional<FieldSet> parse(const json::value& fields_v1);
  json::object fields_v1() const;

  bool empty() const;
  bool has(const FieldPath& path) const;
  void insert(const FieldPath& path);
  void erase(const FieldPath& path);           // and no other, not those below
  void erase_below(std::string_view element);  // the whole branch at the root
  void keep_only_below(std::string_view element);

  void unite(const FieldSet& other);
  void subtract(const FieldSet& other);  // path by path: those below a path that goes stay
  void intersect(const FieldSet& other);
  friend bool operator==(const FieldSet& a, const FieldSet& b) {
    return a.member_ == b.member_ && a.children_ == b.children_;
  }

  // In the order in which the API server lists conflicts: members of a level before what is below it.
  void each(const std::function<void(const FieldPath&)>& visit) const;

  bool is_member() const { return member_; }
  void set_member() { member_ = true; }
  // Fields by name, then list items: those with numbers in their keys in the numbers' order.
  struct Less {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
  };
  using Children = std::map<std::string, FieldSet, Less>;
  const Children& children() const { return children_; }
  Children& children() { return children_; }
  const FieldSet* below(std::string_view element) const;

 private:
  void visit(FieldPath* path, const std::function<void(const FieldPath&)>& visit) const;

  bool member_ = false;
  Children children_;
};

// What the creation of `value` makes its creator own.
json::object field_set(const Message& message, const json::value& value);

}  // namespace fairlead::sandbox
