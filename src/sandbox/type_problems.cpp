#include <unordered_set>

#include "sandbox/structured_merge.h"

namespace fairlead::sandbox {
namespace {

std::string_view go_type(const json::value& value) {
  if (value.is_object()) return "map[string]interface {}";
  if (value.is_array()) return "[]interface {}";
  if (value.is_string()) return "string";
  if (value.is_bool()) return "bool";
  return "int64";
}

std::string shown(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : compact(value);
}

class Problems {
 public:
  void value(const MergeType& type, const json::value& value) {
    if (value.is_null() || type.kind() == MergeType::Kind::deduced) return;
    if (type.is_object()) return map(type, value);
    if (type.is_list()) return list(type, value);
    if (type.field()) scalar(*type.field(), value);
  }

  std::string text() const {
    if (found_.size() == 1) return found_.front();
    std::string out;
    for (const std::string& problem : found_) out += (out.empty() ? "errors:\n  " : "\n  ") + problem;
    return out;
  }

 private:
  void map(const MergeType& type, const json::value& value) {
    if (!value.is_object()) return say("expected map, got &{" + shown(value) + "}");
    for (const auto& member : value.get_object()) {
      path_.push_back("f:" + std::string(member.key()));
      if (type.message() && !type.message()->open && !type.names(member.key())) {
        say("field not declared in schema");
      } else {
        this->value(type.member(member.key()), member.value());
      }
      path_.pop_back();
    }
  }

  void list(const MergeType& type, const json::value& value) {
    if (!value.is_array()) return say("expected list, got &{" + shown(value) + "}");
    bool associative = type.field()->set || !type.field()->list_keys.empty();
    std::unordered_set<std::string> seen;
    std::size_t index = 0;
    for (const json::value& item : value.get_array()) {
      std::string element = "i:" + std::to_string(index);
      if (associative) {
        auto own = type.element_of(item);
        if (!own) return say("element " + std::to_string(index) + ": " + why_none(type, item));
        element = std::move(*own);
        if (!seen.insert(element).second) say("duplicate entries for key " + path_text({element}));
      }
      path_.push_back(std::move(element));
      this->value(type.element(), item);
      path_.pop_back();
      ++index;
    }
  }

  static std::string why_none(const MergeType& type, const json::value& item) {
    if (!type.field()->set && item.is_object()) {
      for (std::string_view key : type.field()->list_keys)
        if (!item.get_object().contains(key))
          return "associative list with keys has an element that omits key field \"" + std::string(key) +
                 "\" (and doesn't have default value)";
    }
    if (type.field()->set) {
      if (item.is_object()) return "associative list without keys has an element that's a map type";
      if (item.is_array()) return "not supported: associative list with lists as elements";
      return "associative list without keys has an element that's an explicit null";
    }
    if (item.is_null()) return "associative list with keys may not have a null element";
    return "associative list with keys may not have non-map elements";
  }

  void scalar(const Field& field, const json::value& value) {
    switch (field.type) {
      case FieldType::text:
      case FieldType::bytes:
        if (!value.is_string()) say("expected string, got &value.valueUnstructured{Value:" + compact(value) + "}");
        return;
      case FieldType::boolean:
        if (!value.is_bool()) say("expected boolean, got &{" + shown(value) + "}");
        return;
      case FieldType::int32:
      case FieldType::int64:
      case FieldType::number:
        if (!value.is_number()) say("expected numeric (int or float), got " + std::string(go_type(value)));
        return;
      case FieldType::message: return;
    }
  }

  void say(std::string_view what) {
    if (found_.size() >= 100) return;
    found_.push_back(path_text(path_) + ": " + std::string(what));
  }

  FieldPath path_;
  std::vector<std::string> found_;
};

}  // namespace

std::string type_problem(const MergeType& type, const json::value& value) {
  Problems problems;
  problems.value(type, value);
  return problems.text();
}

}  // namespace fairlead::sandbox
