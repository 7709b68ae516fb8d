// What a schema refuses, worded as the API server words it.
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "sandbox/custom_schema.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_causes = 200;
constexpr std::int64_t most_work = 1'000'000;  // values looked at, texts by their length: a second or so

std::string_view type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::object: return "object";
    case json::kind::array: return "array";
    case json::kind::string: return "string";
    case json::kind::bool_: return "boolean";
    case json::kind::null: return "null";
    case json::kind::double_: return "number";
    default: return "integer";
  }
}

std::string number_text(double number) { return compact(json::value(number)); }

bool whole(const json::value& value) {
  return value.is_double() && value.get_double() == std::floor(value.get_double());
}

// Numbers by value, all else as it is.
bool same(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) return a == b || a.to_number<double>() == b.to_number<double>();
  return a == b;
}

struct Finding {
  std::vector<Cause> causes;
  int matched = 0;  // how much of it was right: of several alternatives that all fail, the best one's causes are shown
};

class Checker {
 public:
  explicit Checker(std::string_view field) : field_(field) {}

  Finding check(const json::value& value, const CustomSchema& schema, const std::string& path) {
    Finding out;
    if ((work_ += 1) > most_work) return out;
    ++out.matched;
    if (!check_type(value, schema, path, &out)) ++out.matched;
    if (!value.is_null()) check_alternatives(value, schema, path, &out);
    if (value.is_string()) check_text(value.get_string(), schema, path, &out);
    if (value.is_number()) check_number(value, schema, path, &out);
    if (value.is_array()) check_list(value.get_array(), schema, path, &out);
    if (schema.choices) check_choices(value, schema, path, &out);
    if (value.is_object()) check_object(value.get_object(), schema, path, &out);
    if (schema.embedded) check_embedded(value, path, &out);
    return out;
  }
  bool too_much() const { return work_ > most_work; }

 private:
  std::string place(const std::string& path) const {
    std::string_view rest = path;
    if (rest.starts_with('.')) rest.remove_prefix(1);
    if (field_.empty()) return rest.empty() ? "<nil>" : std::string(rest);
    return rest.empty() ? std::string(field_)
                        : std::string(field_) + (rest.starts_with('[') ? "" : ".") + std::string(rest);
  }

  void add(Finding* out, Cause cause) {
    if (out->causes.size() < most_causes) out->causes.push_back(std::move(cause));
  }
  void add_invalid(Finding* out, const std::string& path, const json::value& value, std::string detail) {
    add(out, invalid_value(place(path), value, path + " in body " + std::move(detail)));
  }
  // Without a field of its own, as the server answers them.
  void add_bare(Finding* out, const std::string& path, std::string_view what) {
    add(out,
        invalid_value(field_.empty() ? "<nil>" : std::string(field_), "", "\"" + path + "\" " + std::string(what)));
  }
  void merge(Finding* out, Finding from) {
    out->matched += from.matched;
    for (Cause& cause : from.causes) add(out, std::move(cause));
  }

  // Whether it is wrong.
  bool check_type(const json::value& value, const CustomSchema& schema, const std::string& path, Finding* out) {
    if (schema.types.empty() || (value.is_null() && schema.nullable)) return false;
    auto takes = [&](std::string_view type) {
      return std::find(schema.types.begin(), schema.types.end(), type) != schema.types.end();
    };
    std::string_view have = type_of(value);
    if (takes(have) || (have == "integer" && takes("number")) || (whole(value) && takes("integer"))) return false;
    std::string wanted;
    for (const std::string& type : schema.types) wanted += (wanted.empty() ? "" : ",") + type;
    Cause cause = invalid_value(place(path), json::string(have),
                                path + " in body must be of type " + wanted + ": \"" + std::string(have) + "\"");
    cause.reason = "FieldValueTypeInvalid";
    add(out, std::move(cause));
    return true;
  }

  void check_alternatives(const json::value& value, const CustomSchema& schema, const std::string& path, Finding* out) {
    if (!schema.any_of.empty()) {
      std::optional<Finding> best;
      bool fits = false;
      for (const auto& one : schema.any_of) {
        Finding finding = check(value, *one, path);
        fits = finding.causes.empty();
        if (fits || !best || finding.matched > best->matched) best = std::move(finding);
        if (fits) break;
      }
      if (!fits) add_bare(out, path, "must validate at least one schema (anyOf)");
      merge(out, std::move(*best));
    }
    if (!schema.one_of.empty()) {
      std::optional<Finding> best;
      int fits = 0;
      for (const auto& one : schema.one_of) {
        Finding finding = check(value, *one, path);
        bool this_one = finding.causes.empty();
        if (this_one ? fits++ == 0 : fits == 0 && (!best || finding.matched > best->matched)) best = std::move(finding);
      }
      if (fits == 0) add_bare(out, path, "must validate one and only one schema (oneOf). Found none valid");
      if (fits > 1)
        add_bare(
            out, path,
            "must validate one and only one schema (oneOf). Found " + std::to_string(fits) + " valid alternatives");
      merge(out, std::move(*best));
    }
    if (!schema.all_of.empty()) {
      std::size_t fits = 0;
      for (const auto& one : schema.all_of) {
        Finding finding = check(value, *one, path);
        if (finding.causes.empty()) ++fits;
        merge(out, std::move(finding));
      }
      if (fits == 0) add_bare(out, path, "must validate all the schemas (allOf). None validated");
      if (fits > 0 && fits < schema.all_of.size()) add_bare(out, path, "must validate all the schemas (allOf)");
    }
    if (schema.none_of && check(value, *schema.none_of, path).causes.empty())
      add_bare(out, path, "must not validate the schema (not)");
  }

  void check_text(std::string_view text, const CustomSchema& schema, const std::string& path, Finding* out) {
    work_ += static_cast<std::int64_t>(text.size() / 64);
    json::value value = json::string(text);
    auto length =
        static_cast<std::int64_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
    if (schema.max_length && length > *schema.max_length) {
      add(out, Cause{"FieldValueTooLong",
                     "Too long: may not be more than " + std::to_string(*schema.max_length) + " bytes", place(path)});
    } else if (schema.min_length && length < *schema.min_length) {
      add_invalid(out, path, value, "should be at least " + std::to_string(*schema.min_length) + " chars long");
    } else if (schema.pattern && !re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *schema.pattern)) {
      add_invalid(out, path, value, "should match '" + schema.pattern_text + "'");
    }
    if (!schema.format.empty() && !fits_format(schema.format, text)) {
      Cause cause =
          invalid_value(place(path), value, path + " in body must be of type " + schema.format + ": " + compact(value));
      cause.reason = "FieldValueTypeInvalid";
      add(out, std::move(cause));
    }
  }

  void check_number(const json::value& value, const CustomSchema& schema, const std::string& path, Finding* out) {
    double number = value.to_number<double>();
    if (schema.multiple_of && *schema.multiple_of > 0) {
      double times = number / *schema.multiple_of;
      if (std::abs(times - std::round(times)) > 1e-9)
        add_invalid(out, path, value, "should be a multiple of " + number_text(*schema.multiple_of));
    }
    if (schema.maximum && (number > *schema.maximum || (schema.exclusive_maximum && number == *schema.maximum))) {
      add_invalid(out, path, value,
                  std::string("should be less than ") + (schema.exclusive_maximum ? "" : "or equal to ") +
                      number_text(*schema.maximum));
    }
    if (schema.minimum && (number < *schema.minimum || (schema.exclusive_minimum && number == *schema.minimum))) {
      add_invalid(out, path, value,
                  std::string("should be greater than ") + (schema.exclusive_minimum ? "" : "or equal to ") +
                      number_text(*schema.minimum));
    }
    if (schema.format == "int32" && (value.is_int64() || value.is_uint64()) &&
        (number > INT32_MAX || number < INT32_MIN)) {
      add(out, invalid_value(place(path), value, "Checked value must be of type integer with format int32 in " + path));
    }
  }

  static Cause too_many(std::string field, std::int64_t have, std::int64_t most) {
    return {"FieldValueTooMany",
            "Too many: " + std::to_string(have) + ": must have at most " + std::to_string(most) + " items",
            std::move(field)};
  }

  void check_list(const json::array& list, const CustomSchema& schema, const std::string& path, Finding* out) {
    auto size = static_cast<std::int64_t>(list.size());
    if (schema.items) {
      for (std::size_t i = 0; i < list.size() && !too_much(); ++i)
        merge(out, check(list[i], *schema.items, path + "[" + std::to_string(i) + "]"));
    }
    if (schema.min_items && size < *schema.min_items)
      add_invalid(out, path, size, "should have at least " + std::to_string(*schema.min_items) + " items");
    if (schema.max_items && size > *schema.max_items) add(out, too_many(place(path), size, *schema.max_items));
    if (schema.list_type != "set" && schema.list_type != "map") return;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < list.size() && !too_much(); ++i) {
      json::value key = list[i];
      if (schema.list_type == "map") {
        json::object keys;
        for (const std::string& name : schema.list_keys) {
          if (const json::value* value = find(list[i], name)) keys[name] = *value;
        }
        key = std::move(keys);
      }
      std::string text = compact(key);
      work_ += static_cast<std::int64_t>(text.size() / 64);
      if (!seen.insert(text).second)
        add(out, Cause{"FieldValueDuplicate", "Duplicate value: " + text, place(path + "[" + std::to_string(i) + "]")});
    }
  }

  void check_choices(const json::value& value, const CustomSchema& schema, const std::string& path, Finding* out) {
    std::string all;
    for (const json::value& choice : *schema.choices) {
      if (same(choice, value)) return;
      work_ += 1;
      std::string text = choice.is_string() ? compact(choice) : compact(json::value(json::string(compact(choice))));
      if (all.size() < 4096) all += (all.empty() ? "" : ", ") + text;
    }
    add(out, Cause{"FieldValueNotSupported", "Unsupported value: " + compact(value) + ": supported values: " + all,
                   place(path)});
  }

  void check_object(const json::object& object, const CustomSchema& schema, const std::string& path, Finding* out) {
    auto size = static_cast<std::int64_t>(object.size());
    if (schema.min_properties && size < *schema.min_properties) {
      add_invalid(out, path, size, "should have at least " + std::to_string(*schema.min_properties) + " properties");
    }
    if (schema.max_properties && size > *schema.max_properties)
      add(out, too_many(place(path), size, *schema.max_properties));
    if (schema.additional) {
      for (const auto& member : object) {
        if (too_much()) return;
        if (!schema.properties.contains(member.key()))
          merge(out, check(member.value(), *schema.additional, path + "." + std::string(member.key())));
      }
    }
    for (const auto& [name, property] : schema.properties) {
      if (too_much()) return;
      auto member = object.find(name);
      if (member != object.end())
        merge(out, check(member->value(), *property, path.empty() ? name : path + "." + name));
    }
    for (const std::string& name : schema.required) {
      if (!object.contains(name)) add(out, sandbox::required(place(path + "." + name), ""));
    }
  }

  void check_embedded(const json::value& value, const std::string& path, Finding* out) {
    if (!value.is_object()) return;
    for (std::string_view name : {"apiVersion", "kind"}) {
      if (text_at(value, {name}).empty())
        add(out, sandbox::required(place(path + "." + std::string(name)), "must not be empty"));
    }
  }

  std::string_view field_;
  std::int64_t work_ = 0;
};

}  // namespace

std::vector<Cause> CustomSchema::check(const json::value& value, std::string_view field) const {
  Checker checker(field);
  Finding found = checker.check(value, *this, "");
  if (checker.too_much())
    found.causes.push_back(
        field_forbidden(field.empty() ? "<nil>" : std::string(field), "the object takes too much work to validate"));
  return std::move(found.causes);
}

}  // namespace fairlead::sandbox
