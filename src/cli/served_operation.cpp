#include "cli/served_operation.h"

#include <algorithm>

#include "base/text.h"
#include "cli/remote.h"
#include "ops/clip.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30);
constexpr std::size_t kLongestName = 63, kLongestText = 2000, kMostParameters = 100, kMostChoices = 100;

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

tl::unexpected<Error> not_understood(std::string_view operation, std::string cause) {
  return fail(ErrorCode::server_error, "read the server's operations",
              std::string(operation) + " is not described as this version understands it: " + std::move(cause),
              "Use the version of Fairlead that serves");
}

// As ops::json_schema() writes them; what kinds of names there are, the server alone knows.
std::optional<ops::ParameterType> type_of(const json::value& schema) {
  if (find(schema, "anyOf")) return ops::ParameterType::document;
  const std::string_view type = text_at(schema, {"type"});
  if (type == "string") return ops::ParameterType::text;
  if (type == "integer") return ops::ParameterType::integer;
  if (type == "boolean") return ops::ParameterType::boolean;
  if (type == "object") return ops::ParameterType::map;
  if (type == "array") return find(schema, "minItems") ? ops::ParameterType::command : ops::ParameterType::text_list;
  return std::nullopt;
}

std::string default_text(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : compact(value);
}

}  // namespace

std::string_view ServedOperation::keep(std::string_view text) {
  texts_.push_back(escape_untrusted(ops::clip(text, kLongestText), Newlines::escape));
  return texts_.back();
}

Result<ops::Parameter> ServedOperation::parameter_of(std::string_view name, const json::value& schema) {
  const auto type = type_of(schema);
  if (!is_word(name) || !type) return not_understood(operation_.name, "a parameter's name or type is a new one");
  ops::Parameter out;
  out.name = keep(name);
  out.type = *type;
  out.meaning = keep(text_at(schema, {"description"}));
  if (find(schema, "minimum")) out.minimum = integer_at(schema, {"minimum"});
  if (find(schema, "maximum")) out.maximum = integer_at(schema, {"maximum"});
  if (const json::value* value = find(schema, "default")) out.default_value = keep(default_text(*value));
  for (const auto& choice : array_at(schema, {"enum"})) {
    if (!choice.is_string() || out.choices.size() == kMostChoices)
      return not_understood(operation_.name, "what a parameter may be is not said in words");
    out.choices.push_back(keep(choice.get_string()));
  }
  return out;
}

Result<std::unique_ptr<ServedOperation>> ServedOperation::of(const json::value& described) {
  std::unique_ptr<ServedOperation> out(new ServedOperation());
  ops::Operation& operation = out->operation_;
  const std::string_view name = text_at(described, {"name"});
  if (!is_word(name)) return not_understood("one", "its name is none");
  operation.name = out->keep(name);
  const auto trust = ops::parse_trust(text_at(described, {"trust"}));
  if (!trust) return not_understood(name, "whether it changes something is not said");
  operation.trust = *trust;
  operation.family = out->keep(text_at(described, {"family"}));
  operation.idempotent = flag_at(described, {"idempotent"});
  operation.summary = out->keep(text_at(described, {"summary"}));
  operation.example = out->keep(text_at(described, {"example"}));
  operation.follows = flag_at(described, {"follows"});
  const json::value* properties = find(described, "parameters");
  properties = properties ? find(*properties, "properties") : nullptr;
  if (!properties || !properties->is_object() || properties->get_object().size() > kMostParameters)
    return not_understood(name, "its parameters are not said");
  for (const auto& [key, schema] : properties->get_object()) {
    auto parameter = out->parameter_of(key, schema);
    if (!parameter) return fail(std::move(parameter.error()));
    operation.parameters.push_back(std::move(*parameter));
  }
  for (const auto& required : array_at(described, {"parameters", "required"}))
    for (auto& parameter : operation.parameters)
      if (required.is_string() && parameter.name == std::string_view(required.get_string())) parameter.required = true;
  return out;
}

Result<std::unique_ptr<ServedOperation>> served_operation(World& world, const std::vector<std::string>& arguments) {
  std::vector<std::string_view> words;
  for (std::size_t i = arguments[0] == "policy" ? 2 : 1; i < arguments.size() && arguments[i] != "--"; ++i)
    if (is_word(arguments[i])) words.push_back(arguments[i]);
  if (words.empty()) return nullptr;
  CLI::App reader;  // of where the server is alone: what else is wrong is told later
  reader.set_help_flag("");
  reader.allow_extras();
  ServerOption server;
  server.add_to(reader, {});
  try {
    reader.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError&) { return nullptr; }
  if (!server.is_meant(world)) return nullptr;
  Result<json::object> answered = json::object();
  net::run_until_done([&](net::Executor executor) -> awaitable<void> {
    auto remote = Remote::make(world, server, executor);
    if (!remote) {
      answered = fail(std::move(remote.error()));
      co_return;
    }
    Query none;
    auto got = co_await (*remote)->get("/operations", none, Deadline::after(kPatience));
    answered = object_of(std::move(got));
  });
  if (!answered) return fail(std::move(answered.error()));
  const json::array& all = array_at(*answered, {"operations"});
  for (const auto word : words)
    for (const auto& described : all)
      if (text_at(described, {"name"}) == word) return ServedOperation::of(described);
  return nullptr;
}

}  // namespace fairlead::cli
