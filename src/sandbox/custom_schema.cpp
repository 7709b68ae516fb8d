#include "sandbox/custom_schema.h"

#include <re2/re2.h>

#include <algorithm>

#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_patterns = 1000;
constexpr std::int64_t pattern_memory = 1 << 20;
constexpr std::size_t most_unknown = 100;

bool is_metadata(std::string_view name) { return name == "apiVersion" || name == "kind" || name == "metadata"; }

// As Go's regexp words it.
std::string pattern_problem(const re2::RE2& pattern) {
  std::string_view what = "expression too large";
  switch (pattern.error_code()) {
    case re2::RE2::ErrorBadEscape: what = "invalid escape sequence"; break;
    case re2::RE2::ErrorBadCharClass: what = "invalid character class"; break;
    case re2::RE2::ErrorBadCharRange: what = "invalid character class range"; break;
    case re2::RE2::ErrorMissingBracket: what = "missing closing ]"; break;
    case re2::RE2::ErrorMissingParen: what = "missing closing )"; break;
    case re2::RE2::ErrorUnexpectedParen: what = "unexpected )"; break;
    case re2::RE2::ErrorTrailingBackslash: what = "trailing backslash at end of expression"; break;
    case re2::RE2::ErrorRepeatArgument: what = "missing argument to repetition operator"; break;
    case re2::RE2::ErrorRepeatSize: what = "invalid repeat count"; break;
    case re2::RE2::ErrorRepeatOp: what = "invalid nested repetition operator"; break;
    case re2::RE2::ErrorBadPerlOp: what = "invalid or unsupported Perl syntax"; break;
    case re2::RE2::ErrorBadUTF8: what = "invalid UTF-8"; break;
    case re2::RE2::ErrorBadNamedCapture: what = "invalid named capture"; break;
    default: break;
  }
  return "error parsing regexp: " + std::string(what) + ": `" + pattern.error_arg() + "`";
}

class Maker {
 public:
  std::string error;

  std::unique_ptr<CustomSchema> make(const json::value& from) {
    auto out = std::make_unique<CustomSchema>();
    CustomSchema& to = *out;
    if (std::string_view type = text_at(from, {"type"}); !type.empty()) to.types.emplace_back(type);
    if (flag_at(from, {"x-kubernetes-int-or-string"})) to.types = {"integer", "string"};
    to.format = text_at(from, {"format"});
    to.nullable = flag_at(from, {"nullable"});
    to.preserves_unknown = flag_at(from, {"x-kubernetes-preserve-unknown-fields"});
    to.embedded = flag_at(from, {"x-kubernetes-embedded-resource"});
    for (const auto& property : object_at(from, {"properties"}))
      to.properties.emplace(property.key(), make(property.value()));
    if (const json::value* additional = find(from, "additionalProperties")) {
      to.allows_additional = additional->is_bool() && additional->get_bool();
      if (additional->is_object()) to.additional = make(*additional);
    }
    if (const json::value* items = find(from, "items"); items && items->is_object()) to.items = make(*items);
    if (const json::value* value = find(from, "default"); value && !value->is_null()) to.fallback = *value;
    if (const json::value* values = find(from, "enum"); values && values->is_array() && !values->get_array().empty())
      to.choices = values->get_array();
    read(from, "minimum", &to.minimum);
    read(from, "maximum", &to.maximum);
    read(from, "multipleOf", &to.multiple_of);
    to.exclusive_minimum = flag_at(from, {"exclusiveMinimum"});
    to.exclusive_maximum = flag_at(from, {"exclusiveMaximum"});
    read(from, "minLength", &to.min_length);
    read(from, "maxLength", &to.max_length);
    read(from, "minItems", &to.min_items);
    read(from, "maxItems", &to.max_items);
    read(from, "minProperties", &to.min_properties);
    read(from, "maxProperties", &to.max_properties);
    to.pattern_text = text_at(from, {"pattern"});
    if (!to.pattern_text.empty()) to.pattern = pattern(to.pattern_text);
    for (const json::value& name : array_at(from, {"required"})) {
      if (name.is_string()) to.required.emplace_back(name.get_string());
    }
    for (const json::value& one : array_at(from, {"allOf"})) to.all_of.push_back(make(one));
    for (const json::value& one : array_at(from, {"anyOf"})) to.any_of.push_back(make(one));
    for (const json::value& one : array_at(from, {"oneOf"})) to.one_of.push_back(make(one));
    if (const json::value* no = find(from, "not"); no && no->is_object()) to.none_of = make(*no);
    to.list_type = text_at(from, {"x-kubernetes-list-type"});
    to.map_type = text_at(from, {"x-kubernetes-map-type"});
    for (const json::value& key : array_at(from, {"x-kubernetes-list-map-keys"})) {
      if (key.is_string()) to.list_keys.emplace_back(key.get_string());
    }
    return out;
  }

 private:
  template <class T>
  static void read(const json::value& from, std::string_view name, std::optional<T>* to) {
    const json::value* value = find(from, name);
    if (!value || !value->is_number()) return;
    if constexpr (std::is_same_v<T, double>) {
      *to = value->to_number<double>();
    } else if (value->is_int64()) {
      *to = value->get_int64();
    }
  }

  std::shared_ptr<const re2::RE2> pattern(const std::string& text) {
    auto& slot = patterns_[text];
    if (slot || !error.empty()) return slot;
    if (patterns_.size() > most_patterns) {
      error = "more than " + std::to_string(most_patterns) + " patterns";
      return nullptr;
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(pattern_memory);
    auto made = std::make_shared<re2::RE2>(text, options);
    if (made->ok()) {
      slot = std::move(made);
    } else {
      error = pattern_problem(*made);
    }
    return slot;
  }

  std::map<std::string, std::shared_ptr<const re2::RE2>> patterns_;
};

// Removes, or only notes, what a schema does not name. `schema` is null where nothing is known.
class Pruner {
 public:
  explicit Pruner(std::vector<std::string>* found) : found_(found) {}

  void prune(json::value& value, const CustomSchema* schema, bool embedded, const std::string& path,
             bool preserve = false) {
    preserve = preserve || (schema && schema->preserves_unknown);
    if (value.is_array()) {
      std::size_t index = 0;
      for (json::value& item : value.get_array()) {
        const CustomSchema* inner = schema ? schema->items.get() : nullptr;
        std::string below = found_ ? path + "[" + std::to_string(index++) + "]" : std::string();
        // The elements of a list that is preserved are preserved too, but for the members that have a schema again.
        if (!preserve || inner) prune(item, inner, inner && inner->embedded, below, preserve);
      }
      return;
    }
    if (!value.is_object()) return;
    std::vector<std::string> doomed;
    for (auto& member : value.get_object()) {
      std::string_view name = member.key();
      if (embedded && is_metadata(name)) continue;
      std::string below = found_ ? (path.empty() ? std::string(name) : path + "." + std::string(name)) : std::string();
      const CustomSchema* inner = nullptr;
      bool known = schema && schema->allows_additional;
      if (schema) {
        if (auto property = schema->properties.find(name); property != schema->properties.end()) {
          inner = property->second.get();
        } else {
          inner = schema->additional.get();
        }
      }
      if (inner) {
        prune(member.value(), inner, inner->embedded, below);
      } else if (preserve) {
        continue;
      } else if (known) {
        prune(member.value(), nullptr, false, below);
      } else if (found_) {
        if (found_->size() < most_unknown) found_->push_back(std::move(below));
      } else {
        doomed.emplace_back(name);
      }
    }
    for (const std::string& name : doomed) value.get_object().erase(name);
  }

 private:
  std::vector<std::string>* found_;
};

const CustomSchema* member_schema(const CustomSchema& schema, std::string_view name) {
  auto property = schema.properties.find(name);
  return property != schema.properties.end() ? property->second.get() : schema.additional.get();
}

void drop_nulls(json::value& value, const CustomSchema& schema) {
  if (value.is_array() && schema.items) {
    for (json::value& item : value.get_array()) drop_nulls(item, *schema.items);
  }
  if (!value.is_object()) return;
  std::vector<std::string> doomed;
  for (auto& member : value.get_object()) {
    const CustomSchema* inner = member_schema(schema, member.key());
    if (!inner) continue;
    if (member.value().is_null() && !inner->nullable && !inner->fallback) {
      doomed.emplace_back(member.key());
    } else {
      drop_nulls(member.value(), *inner);
    }
  }
  for (const std::string& name : doomed) value.get_object().erase(name);
}

void set_defaults(json::value& value, const CustomSchema& schema) {
  auto heal = [](json::value& slot, const CustomSchema& inner) {
    if (slot.is_null() && !inner.nullable && inner.fallback) slot = *inner.fallback;
    set_defaults(slot, inner);
  };
  if (value.is_array() && schema.items) {
    for (json::value& item : value.get_array()) heal(item, *schema.items);
  }
  if (!value.is_object()) return;
  json::object& members = value.get_object();
  for (const auto& [name, property] : schema.properties) {
    if (property->fallback && !members.contains(name)) members[name] = *property->fallback;
  }
  for (auto& member : members) {
    if (const CustomSchema* inner = member_schema(schema, member.key())) heal(member.value(), *inner);
  }
}

}  // namespace

tl::expected<std::shared_ptr<const CustomSchema>, std::string> CustomSchema::make(const json::value& schema) {
  Maker maker;
  std::unique_ptr<CustomSchema> made = maker.make(schema);
  if (!maker.error.empty()) return tl::unexpected(std::move(maker.error));
  return std::shared_ptr<const CustomSchema>(std::move(made));
}

void CustomSchema::prune(json::value& object) const { Pruner(nullptr).prune(object, this, true, ""); }

std::vector<std::string> CustomSchema::unknown(const json::value& object) const {
  std::vector<std::string> out;
  json::value copy = object;
  Pruner(&out).prune(copy, this, true, "");
  std::sort(out.begin(), out.end());
  return out;
}

void CustomSchema::fill_in(json::value& object) const {
  drop_nulls(object, *this);
  set_defaults(object, *this);
}

const CustomSchema* CustomSchema::at(const std::vector<std::string_view>& path) const {
  const CustomSchema* schema = this;
  for (std::string_view step : path) {
    schema = step == "[]" ? schema->items.get() : member_schema(*schema, step);
    if (!schema) return nullptr;
  }
  return schema;
}

}  // namespace fairlead::sandbox
