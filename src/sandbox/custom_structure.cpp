// What makes an OpenAPI v3 schema a structural one, and what it may not hold besides. Values of the causes are as the
// API server words them; their order is that of the schema, not sorted by text.
#include <algorithm>

#include "base/text.h"
#include "sandbox/custom_kinds.h"

namespace fairlead::sandbox {
namespace {

using Causes = std::vector<Cause>;
enum class Level { root, item, field };

constexpr std::size_t most_causes = 100;
constexpr std::size_t most_patterns = 1000;  // no schema may have more

std::string keyed(const std::string& at, std::string_view key) { return at + ".properties[" + std::string(key) + "]"; }
std::string indexed(const std::string& at, std::string_view list, std::size_t index) {
  return at + "." + std::string(list) + "[" + std::to_string(index) + "]";
}

class Structure {
 public:
  explicit Structure(Causes* out) : out_(out) {}

  void check(const json::value& schema, Level level, const std::string& at, bool in_metadata = false) {
    std::string_view type = text_at(schema, {"type"});
    bool embedded = flag_at(schema, {"x-kubernetes-embedded-resource"}),
         mixed = flag_at(schema, {"x-kubernetes-int-or-string"});
    bool preserves = flag_at(schema, {"x-kubernetes-preserve-unknown-fields"});
    const json::value* items = find(schema, "items");
    const json::value* additional = find(schema, "additionalProperties");
    const json::object& properties = object_at(schema, {"properties"});
    check_common(schema, at);
    if (type == "array" && !items) add(required(at + ".items", "must be specified"));
    if (items && items->is_array()) {
      add(field_forbidden(at + ".items", "items must be a schema object and not an array"));
    } else if (items) {
      check(*items, Level::item, at + ".items");
    }
    if (embedded && type != "object") {
      constexpr std::string_view why = "must be object if x-kubernetes-embedded-resource is true";
      add(type.empty() ? required(at + ".type", why) : invalid_value(at + ".type", json::string(type), why));
    } else if (type.empty() && !mixed && !preserves) {
      add(required(at + ".type", level == Level::root   ? "must not be empty at the root"
                                 : level == Level::item ? "must not be empty for specified array items"
                                                        : "must not be empty for specified object fields"));
    }
    if (level == Level::root && !type.empty() && type != "object")
      add(invalid_value(at + ".type", json::string(type), "must be object at the root"));
    if (mixed && preserves)
      add(invalid_value(at + ".x-kubernetes-preserve-unknown-fields", true,
                        "must be false if x-kubernetes-int-or-string is true"));
    if (mixed && embedded)
      add(invalid_value(at + ".x-kubernetes-embedded-resource", true,
                        "must be false if x-kubernetes-int-or-string is true"));
    if (additional) {
      if (level == Level::root) add(field_forbidden(at + ".additionalProperties", "must not be used at the root"));
      if (embedded)
        add(field_forbidden(at + ".additionalProperties", "must not be used if x-kubernetes-embedded-resource is set"));
      if (!properties.empty() && *additional != true)
        add(field_forbidden(at + ".additionalProperties", "additionalProperties and properties are mutual exclusive"));
      if (additional->is_object()) check(*additional, Level::field, at + ".additionalProperties");
    }
    bool has_metadata = level == Level::root || embedded;
    for (const auto& property : properties) {
      std::string_view name = property.key();
      std::string below = keyed(at, name);
      if (has_metadata && (name == "kind" || name == "apiVersion") && text_at(property.value(), {"type"}) != "string") {
        add(invalid_value(below + ".type", json::string(text_at(property.value(), {"type"})), "must be string"));
      }
      if (has_metadata && name == "metadata") check_metadata(property.value(), level, below);
      check(property.value(), Level::field, below, in_metadata || (has_metadata && name == "metadata"));
    }
    if (embedded && !preserves && properties.empty()) {
      add(required(
          at + ".properties",
          "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"));
    }
    check_lists(schema, type, at);
    check_rules(schema, at);
    if (const json::value* fallback = find(schema, "default"); fallback && !fallback->is_null())
      check_default(schema, *fallback, level, at);
    check_junctors(schema, schema, at, at);
  }

 private:
  void add(Cause cause) {
    if (out_->size() < most_causes) out_->push_back(std::move(cause));
  }

  // What no part of a schema may have.
  void check_common(const json::value& schema, const std::string& at) {
    if (flag_at(schema, {"uniqueItems"}))
      add(field_forbidden(at + ".uniqueItems",
                          "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
    struct Banned {
      std::string_view name, why;
    };
    constexpr Banned banned[] = {{"$ref", "$ref is not supported"},
                                 {"$schema", "schema is not supported"},
                                 {"id", "id is not supported"},
                                 {"additionalItems", "additionalItems is not supported"},
                                 {"patternProperties", "patternProperties is not supported"},
                                 {"definitions", "definitions is not supported"},
                                 {"dependencies", "dependencies is not supported"}};
    for (const Banned& each : banned) {
      const json::value* there = find(schema, each.name);
      if (there && !there->is_null() && *there != "" && !(there->is_object() && there->get_object().empty())) {
        add(field_forbidden(at + "." + std::string(each.name), each.why));
      }
    }
    constexpr std::string_view types[] = {"array", "boolean", "integer", "number", "object", "string"};
    std::string_view type = text_at(schema, {"type"});
    if (type == "null") {
      add(field_forbidden(at + ".type", "type cannot be set to null, use nullable as an alternative"));
    } else if (!type.empty() && std::find(std::begin(types), std::end(types), type) == std::end(types)) {
      add(unsupported_value(at + ".type", type,
                            "\"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\""));
    }
    std::string pattern(text_at(schema, {"pattern"}));
    if (!pattern.empty() && ++patterns_ <= most_patterns) {
      auto made = CustomSchema::make(json::object{{"pattern", pattern}});
      if (!made)
        add(invalid_value(at + ".pattern", json::string(pattern),
                          "must be a valid regular expression, but isn't: " + made.error()));
    }
    if (const json::value* preserve = find(schema, "x-kubernetes-preserve-unknown-fields");
        preserve && *preserve == false) {
      add(invalid_value(at + ".x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
    }
  }

  void check_metadata(const json::value& schema, Level level, const std::string& at) {
    if (text_at(schema, {"type"}) != "object")
      add(invalid_value(at + ".type", json::string(text_at(schema, {"type"})), "must be object"));
    if (level != Level::root || !schema.is_object()) return;
    for (const auto& member : schema.get_object()) {
      bool fine = member.key() == "type" || member.key() == "description";
      if (member.key() == "properties" && member.value().is_object()) {
        fine = std::all_of(
            member.value().get_object().begin(), member.value().get_object().end(),
            [](const auto& property) { return property.key() == "name" || property.key() == "generateName"; });
      }
      if (fine) continue;
      return add(field_forbidden(
          at, "must not specify anything other than name and generateName, but metadata is implicitly specified"));
    }
  }

  void check_lists(const json::value& schema, std::string_view type, const std::string& at) {
    const std::string list_at = at + ".x-kubernetes-list-type", keys_at = at + ".x-kubernetes-list-map-keys";
    std::string_view list = text_at(schema, {"x-kubernetes-list-type"}),
                     map = text_at(schema, {"x-kubernetes-map-type"});
    auto needs = [&](std::string_view wanted, std::string_view extension) {
      std::string why = "must be " + std::string(wanted) + " if " + std::string(extension) + " is specified";
      add(type.empty() ? required(at + ".type", why) : invalid_value(at + ".type", json::string(type), why));
    };
    if (!map.empty() && type != "object") needs("object", "x-kubernetes-map-type");
    if (!map.empty() && map != "atomic" && map != "granular")
      add(unsupported_value(at + ".x-kubernetes-map-type", map, "\"atomic\", \"granular\""));
    if (!list.empty() && type != "array") needs("array", "x-kubernetes-list-type");
    if (!list.empty() && list != "atomic" && list != "set" && list != "map")
      add(unsupported_value(list_at, list, "\"atomic\", \"set\", \"map\""));
    const json::array& keys = array_at(schema, {"x-kubernetes-list-map-keys"});
    if (!keys.empty() && list != "map") {
      constexpr std::string_view why = "must be map if x-kubernetes-list-map-keys is non-empty";
      add(list.empty() ? required(list_at, why) : invalid_value(list_at, json::string(list), why));
    }
    const json::value* items = find(schema, "items");
    if (list == "set" && items && text_at(*items, {"type"}) == "object" &&
        text_at(*items, {"x-kubernetes-map-type"}) != "atomic") {
      add(invalid_value(at + ".items.x-kubernetes-map-type", nullptr,
                        "must be atomic as item of a list with x-kubernetes-list-type=set"));
    }
    if (list != "map") return;
    if (keys.empty()) add(required(keys_at, "must not be empty if x-kubernetes-list-type is map"));
    if (!items) return add(required(at + ".items", "must have a schema if x-kubernetes-list-type is map"));
    if (text_at(*items, {"type"}) != "object") {
      return add(invalid_value(at + ".items.type", json::string(text_at(*items, {"type"})),
                               "must be object if parent array's x-kubernetes-list-type is map"));
    }
    const json::array& needed = array_at(*items, {"required"});
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!keys[i].is_string()) continue;
      std::string_view key = keys[i].get_string();
      const json::value* property = find(*items, "properties", key);
      if (!property) {
        add(invalid_value(keys_at, keys, "entries must all be names of item properties"));
      } else if (std::string_view kind = text_at(*property, {"type"}); kind == "array" || kind == "object") {
        add(invalid_value(keyed(at + ".items", key) + ".type", "object",
                          "must be a scalar type if parent array's x-kubernetes-list-type is map"));
      } else if (std::find(needed.begin(), needed.end(), keys[i]) == needed.end() && !find(*property, "default")) {
        add(required(
            keyed(at + ".items", key) + ".default",
            "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
      }
      if (std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i), keys[i]) !=
          keys.begin() + static_cast<std::ptrdiff_t>(i)) {
        add(invalid_value(keys_at, keys, "must not contain duplicate entries"));
      }
    }
  }

  // The expressions themselves are taken as they are.
  void check_rules(const json::value& schema, const std::string& at) {
    std::size_t index = 0;
    for (const json::value& rule : array_at(schema, {"x-kubernetes-validations"})) {
      std::string field = indexed(at, "x-kubernetes-validations", index++);
      std::string_view text = trim(text_at(rule, {"rule"})), message = trim(text_at(rule, {"message"}));
      if (text.empty()) {
        add(required(field + ".rule", "rule is not specified"));
      } else if (text.find('\n') != text.npos && message.empty()) {
        add(required(field + ".message", "message must be specified if rule contains line breaks"));
      } else if (message.find('\n') != message.npos) {
        add(invalid_value(field + ".message", json::string(text_at(rule, {"message"})),
                          "must not contain line breaks"));
      }
    }
  }

  void check_default(const json::value& schema, const json::value& fallback, Level level, const std::string& at) {
    if (level == Level::root) return add(field_forbidden(at + ".default", "must not be set at the root"));
    auto made = CustomSchema::make(schema);
    if (!made) return;
    json::value pruned = fallback;
    if (fallback.is_structured()) (*made)->prune(pruned);
    if (pruned != fallback) add(invalid_value(at + ".default", fallback, "must not have unknown fields"));
    for (Cause& cause : (*made)->check(fallback, at + ".default")) add(std::move(cause));
  }

  // Alternatives only add conditions to what the schema itself names. `base` is that part of the schema, null where it
  // names nothing.
  void check_junctors(const json::value& schema, const json::value& base, const std::string& at,
                      const std::string& base_at) {
    bool mixed = flag_at(schema, {"x-kubernetes-int-or-string"});
    for (std::string_view junctor : {"anyOf", "allOf", "oneOf"}) {
      std::size_t index = 0;
      for (const json::value& one : array_at(schema, {junctor})) {
        nested(one, base, indexed(at, junctor, index++), base_at, mixed && junctor != "oneOf");
      }
    }
    if (const json::value* no = find(schema, "not")) nested(*no, base, at + ".not", base_at, false);
  }

  void nested(const json::value& schema, const json::value& base, const std::string& at, const std::string& base_at,
              bool may_type) {
    if (!schema.is_object() || out_->size() >= most_causes) return;
    check_common(schema, at);
    auto text_ban = [&](std::string_view name, std::string_view why) {
      if (!text_at(schema, {name}).empty()) add(field_forbidden(at + "." + std::string(name), why));
    };
    if (!may_type) text_ban("type", "must be empty to be structural");
    text_ban("title", "must be empty to be structural");
    text_ban("description", "must be empty to be structural");
    text_ban("x-kubernetes-list-type", "must be undefined to be structural");
    text_ban("x-kubernetes-map-type", "must be undefined to be structural");
    if (find(schema, "additionalProperties"))
      add(field_forbidden(at + ".additionalProperties", "must be undefined to be structural"));
    if (find(schema, "default")) add(field_forbidden(at + ".default", "must be undefined to be structural"));
    for (std::string_view flag : {"nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
                                  "x-kubernetes-int-or-string"}) {
      if (flag_at(schema, {flag})) add(field_forbidden(at + "." + std::string(flag), "must be false to be structural"));
    }
    if (const json::value* items = find(schema, "items")) {
      const json::value* base_items = find(base, "items");
      if (base_items) {
        nested(*items, *base_items, at + ".items", base_at + ".items", false);
      } else {
        add(required(base_at + ".items", "because it is defined in " + at + ".items"));
      }
    }
    for (const auto& property : object_at(schema, {"properties"})) {
      std::string_view name = property.key();
      const json::value* below = find(base, "properties", name);
      if (below) {
        nested(property.value(), *below, keyed(at, name), keyed(base_at, name), false);
      } else {
        add(required(keyed(base_at, name), "because it is defined in " + keyed(at, name)));
      }
    }
    for (std::string_view junctor : {"anyOf", "allOf", "oneOf"}) {
      std::size_t index = 0;
      for (const json::value& one : array_at(schema, {junctor}))
        nested(one, base, indexed(at, junctor, index++), base_at, may_type && junctor == "anyOf");
    }
    if (const json::value* no = find(schema, "not")) nested(*no, base, at + ".not", base_at, false);
  }

  Causes* out_;
  std::size_t patterns_ = 0;
};

}  // namespace

void check_schema(const json::value& schema, const std::string& field, bool status_subresource,
                  std::vector<Cause>* out) {
  if (status_subresource && text_at(schema, {"type"}) != "object") {
    out->push_back(invalid_value(
        field + ".type", json::string(text_at(schema, {"type"})),
        "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled"));
  }
  if (flag_at(schema, {"nullable"}))
    out->push_back(field_forbidden(field + ".nullable", "nullable cannot be true at the root"));
  std::size_t before = out->size();
  Structure(out).check(schema, Level::root, field);
  if (out->size() > before) return;
  if (auto made = CustomSchema::make(schema); !made) {
    out->push_back(invalid_value(field, "", "must be a valid schema: " + made.error()));
  }
}

}  // namespace fairlead::sandbox
