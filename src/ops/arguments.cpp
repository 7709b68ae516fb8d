#include "ops/arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/similar.h"
#include "base/text.h"
#include "ops/clip.h"
#include "ops/grep.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kDocument = 1 << 20;  // bytes
constexpr std::size_t kCommand = 16 << 10;  // it travels in a URL

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::string shown(std::string_view text) { return "'" + escape_untrusted(clip(text, 80), Newlines::escape) + "'"; }

std::optional<std::string> why_not(const Parameter& parameter, std::string_view text) {
  switch (parameter.type) {
    case ParameterType::name: return why_not_subdomain(text);
    case ParameterType::any_name: return why_not_path_segment(text);
    case ParameterType::ns:
    case ParameterType::container: return why_not_label(text);
    case ParameterType::word:
      for (char c : text)
        if (!is_lower_alphanumeric(c) && !(c >= 'A' && c <= 'Z') && c != '-' && c != '_' && c != '.')
          return "it holds only letters, digits, '-', '_' and '.'";
      return text.empty() || text.size() > 128 ? std::optional<std::string>("it has 1 to 128 characters")
                                               : std::nullopt;
    case ParameterType::selector:
      for (unsigned char c : text)
        if (c < ' ' || c == 0x7f) return "it holds a control character";
      return text.size() > 4096 ? std::optional<std::string>("it is longer than 4096 bytes") : std::nullopt;
    case ParameterType::regex:
      if (text.size() > 1024) return "it is longer than 1024 bytes";
      return Pattern::why_not(text);
    case ParameterType::time:
      if (!parse_rfc3339(text)) return "it is not a time such as 2026-01-31T12:00:00Z";
      return std::nullopt;
    default: break;
  }
  if (text.size() > 65536) return "it is longer than 65536 bytes";
  if (!parameter.choices.empty() &&
      std::find(parameter.choices.begin(), parameter.choices.end(), text) == parameter.choices.end()) {
    std::string out = "it must be one of";
    for (auto choice : parameter.choices) out += " " + std::string(choice);
    return out;
  }
  return std::nullopt;
}

tl::unexpected<Error> wrong(std::string_view operation, const Parameter& parameter, std::string cause) {
  return fail(ErrorCode::invalid_request, std::string(operation),
              "parameter " + std::string(parameter.name) + ": " + std::move(cause),
              "'fairlead ops " + std::string(operation) + "' shows what it takes");
}

Result<json::value> check(const Parameter& parameter, const json::value& value, std::string_view operation) {
  switch (parameter.type) {
    case ParameterType::integer: {
      std::int64_t number = 0;
      if (value.is_int64())
        number = value.get_int64();
      else if (value.is_uint64() && value.get_uint64() <= INT64_MAX)
        number = static_cast<std::int64_t>(value.get_uint64());
      else if (value.is_double() && std::abs(value.get_double()) < 9e15 &&
               value.get_double() == std::trunc(value.get_double()))
        number = static_cast<std::int64_t>(value.get_double());  // some clients write 5 as 5.0
      else
        return wrong(operation, parameter, "it must be a whole number");
      if (number < parameter.minimum)
        return wrong(operation, parameter, "it must be at least " + std::to_string(parameter.minimum));
      if (number > parameter.maximum)
        return wrong(operation, parameter, "it must be at most " + std::to_string(parameter.maximum));
      return json::value(number);
    }
    case ParameterType::boolean:
      if (!value.is_bool()) return wrong(operation, parameter, "it must be true or false");
      return value;
    case ParameterType::text_list: {
      if (!value.is_array()) return wrong(operation, parameter, "it must be a list of texts");
      if (value.get_array().size() > 64) return wrong(operation, parameter, "it has more than 64 entries");
      for (const auto& item : value.get_array())
        if (!item.is_string() || item.get_string().size() > 256)
          return wrong(operation, parameter, "its entries must be texts of at most 256 bytes");
      return value;
    }
    case ParameterType::command: {
      if (!value.is_array() || value.get_array().empty())
        return wrong(operation, parameter, "it must be a list of texts: the program and its arguments");
      std::size_t bytes = 0;
      for (const auto& item : value.get_array()) {
        if (!item.is_string() || item.get_string().find('\0') != std::string_view::npos)
          return wrong(operation, parameter, "its entries must be texts without NUL");
        bytes += item.get_string().size() + 1;
      }
      if (bytes > kCommand) return wrong(operation, parameter, "it is longer than 16 KiB");
      if (value.get_array()[0].get_string().empty()) return wrong(operation, parameter, "its program is empty");
      return value;
    }
    case ParameterType::map: {
      if (!value.is_object()) return wrong(operation, parameter, "it must be an object of texts");
      if (value.get_object().size() > 256) return wrong(operation, parameter, "it has more than 256 entries");
      for (const auto& [key, item] : value.get_object())
        if (key.empty() || key.size() > 253 ||
            (!item.is_null() && (!item.is_string() || item.get_string().size() > kDocument)))
          return wrong(operation, parameter,
                       "its names have 1 to 253 characters, and its values are texts of at most 1 MiB, or null");
      return value;
    }
    case ParameterType::document:
      if (value.is_string() && value.get_string().size() > kDocument)
        return wrong(operation, parameter, "it is longer than 1 MiB");
      if (!value.is_string() && !value.is_object() && !value.is_array())
        return wrong(operation, parameter, "it must be an object, a list of objects, or a text of YAML or JSON");
      return value;
    default: break;
  }
  if (!value.is_string()) return wrong(operation, parameter, "it must be a text");
  std::string_view text(value.get_string().data(), value.get_string().size());
  if (auto reason = why_not(parameter, text))
    return wrong(operation, parameter, shown(text) + " is not valid: " + *reason);
  return value;
}

}  // namespace

std::optional<std::string> why_not_subdomain(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > 253) return "it is longer than 253 characters";
  for (auto part : split(text, '.')) {
    if (part.empty()) return "between dots there must be something";
    for (char c : part)
      if (!is_lower_alphanumeric(c) && c != '-') return "a name holds only lower-case letters, digits, '-' and '.'";
    if (part.front() == '-' || part.back() == '-') return "a name starts and ends with a letter or a digit";
  }
  return std::nullopt;
}

std::optional<std::string> why_not_path_segment(std::string_view text) {
  if (text.empty() || text.size() > 253) return "it has 1 to 253 characters";
  if (text == "." || text == ".." || text.starts_with('-')) return "it is not a name";
  for (char c : text)
    if (c <= ' ' || c >= 0x7f || c == '/' || c == '%' || c == '?' || c == '#' || c == '\\')
      return "it holds a character that no name has, such as '/', '%' or a blank";
  return std::nullopt;
}

std::optional<std::string> why_not_label(std::string_view text) {
  if (text.size() > 63) return "it is longer than 63 characters";
  if (text.find('.') != std::string_view::npos) return "it holds only lower-case letters, digits and '-'";
  return why_not_subdomain(text);
}

Result<Arguments> Arguments::validate(const json::object& given, const std::vector<Parameter>& parameters,
                                      std::string_view operation) {
  Arguments arguments;
  for (const auto& entry : given) {
    bool known = std::any_of(parameters.begin(), parameters.end(),
                             [&](const Parameter& p) { return p.name == std::string_view(entry.key()); });
    if (known) continue;
    std::vector<std::string> names;
    for (const auto& parameter : parameters)
      if (!parameter.by_face) names.emplace_back(parameter.name);
    auto near = similar_names(entry.key(), names);
    return fail(ErrorCode::invalid_request, std::string(operation), "there is no parameter " + shown(entry.key()),
                near.empty() ? "'fairlead ops " + std::string(operation) + "' shows what it takes"
                             : "Did you mean " + near[0] + "?");
  }
  for (const auto& parameter : parameters) {
    const json::value* value = given.if_contains(parameter.name);
    if (value && !value->is_null()) {
      auto checked = check(parameter, *value, operation);
      if (!checked) return fail(std::move(checked.error()));
      arguments.values_[parameter.name] = std::move(*checked);
    } else if (parameter.required) {
      return wrong(operation, parameter, "it is required");
    } else if (!parameter.default_value.empty()) {
      auto value_or = parse_argument(parameter, parameter.default_value);
      if (value_or) arguments.values_[parameter.name] = std::move(*value_or);
    }
  }
  return arguments;
}

bool Arguments::has(std::string_view name) const { return values_.contains(name); }

std::string Arguments::text(std::string_view name) const {
  const json::value* value = values_.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string().data(), value->get_string().size())
                                     : std::string();
}

std::int64_t Arguments::integer(std::string_view name, std::int64_t otherwise) const {
  const json::value* value = values_.if_contains(name);
  return value && value->is_int64() ? value->get_int64() : otherwise;
}

bool Arguments::flag(std::string_view name) const {
  const json::value* value = values_.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

std::vector<std::string> Arguments::list(std::string_view name) const {
  std::vector<std::string> out;
  const json::value* value = values_.if_contains(name);
  if (!value || !value->is_array()) return out;
  for (const auto& item : value->get_array()) out.emplace_back(item.get_string().data(), item.get_string().size());
  return out;
}

json::object Arguments::map(std::string_view name) const {
  const json::value* value = values_.if_contains(name);
  return value && value->is_object() ? value->get_object() : json::object();
}

const json::value* Arguments::value(std::string_view name) const { return values_.if_contains(name); }

json::object without_secrets(const Arguments& arguments, const std::vector<Parameter>& parameters) {
  json::object out = arguments.values();
  for (const auto& parameter : parameters) {
    json::value* value = out.if_contains(parameter.name);
    if (value && parameter.type == ParameterType::command) {
      json::value container = json::object{{"args", std::move(*value)}};
      redact::object(container);
      *value = std::move(container.get_object()["args"]);
    }
    if (value && parameter.type == ParameterType::text && value->is_string())  // a reason may quote a token
      *value = redact::text(value->get_string());
    if (!value || !parameter.secret) continue;
    if (!value->is_object()) {
      *value = redact::kRedacted;
      continue;
    }
    for (auto& entry : value->get_object())
      if (!entry.value().is_null()) entry.value() = redact::kRedacted;
  }
  return out;
}

Result<json::value> parse_argument(const Parameter& parameter, std::string_view text) {
  auto bad = [&](std::string cause) {
    return fail(ErrorCode::invalid_request, "read the arguments",
                "--" + std::string(parameter.name) + ": " + std::move(cause));
  };
  switch (parameter.type) {
    case ParameterType::integer: {
      std::int64_t number = 0;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size()) return bad(shown(text) + " is not a whole number");
      return json::value(number);
    }
    case ParameterType::boolean:
      if (text == "true" || text.empty()) return json::value(true);
      if (text == "false") return json::value(false);
      return bad("it must be true or false");
    case ParameterType::text_list: {
      json::array items;
      for (auto item : split(text, ','))
        if (!trim(item).empty()) items.emplace_back(trim(item));
      return json::value(std::move(items));
    }
    case ParameterType::map: {
      if (trim(text).starts_with('{'))
        return parse_json(text, "read --" + std::string(parameter.name), {.duplicate_keys = false});
      json::object items;
      for (auto item : split(text, ',')) {
        item = trim(item);
        const std::size_t equals = item.find('=');
        const bool removes = equals == std::string_view::npos && item.ends_with('-');
        if (equals == std::string_view::npos && !removes) return bad("an entry is neither NAME=value nor NAME-");
        const std::string_view name = removes ? item.substr(0, item.size() - 1) : item.substr(0, equals);
        if (items.contains(name)) return bad("it names " + shown(name) + " twice");
        items[name] = removes ? json::value(nullptr) : json::value(item.substr(equals + 1));
      }
      return json::value(std::move(items));
    }
    default: return json::value(text);
  }
}

json::object json_schema(const std::vector<Parameter>& parameters) {
  json::object properties;
  json::array required;
  for (const auto& parameter : parameters) {
    if (parameter.by_face) continue;
    json::object property;
    switch (parameter.type) {
      case ParameterType::integer:
        property["type"] = "integer";
        if (parameter.minimum != INT64_MIN) property["minimum"] = parameter.minimum;
        if (parameter.maximum != INT64_MAX) property["maximum"] = parameter.maximum;
        break;
      case ParameterType::boolean: property["type"] = "boolean"; break;
      case ParameterType::command: property["minItems"] = 1; [[fallthrough]];
      case ParameterType::text_list:
        property["type"] = "array";
        property["items"] = json::object{{"type", "string"}};
        break;
      case ParameterType::map:
        property["type"] = "object";
        property["additionalProperties"] =
            json::object{{"anyOf", json::array{json::object{{"type", "string"}}, json::object{{"type", "null"}}}}};
        break;
      case ParameterType::document:
        property["anyOf"] = json::array{json::object{{"type", "string"}}, json::object{{"type", "object"}},
                                        json::object{{"type", "array"}, {"items", json::object{{"type", "object"}}}}};
        break;
      default: property["type"] = "string"; break;
    }
    if (!parameter.choices.empty()) {
      json::array choices;
      for (auto choice : parameter.choices) choices.emplace_back(choice);
      property["enum"] = std::move(choices);
    }
    property["description"] = parameter.meaning;
    if (!parameter.default_value.empty()) {
      auto value = parse_argument(parameter, parameter.default_value);
      if (value) property["default"] = std::move(*value);
    }
    if (parameter.required) required.emplace_back(parameter.name);
    properties[parameter.name] = std::move(property);
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace fairlead::ops
