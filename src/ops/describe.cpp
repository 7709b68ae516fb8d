#include "ops/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/rbac_policy.h"

namespace fairlead::ops {

std::string type_word(const Parameter& parameter) {
  std::string word;
  switch (parameter.type) {
    case ParameterType::integer: word = "integer"; break;
    case ParameterType::boolean: word = "true or false"; break;
    case ParameterType::command:
    case ParameterType::text_list: word = "list"; break;
    case ParameterType::any_name:
    case ParameterType::name: word = "name"; break;
    case ParameterType::ns: word = "namespace"; break;
    case ParameterType::container: word = "container"; break;
    case ParameterType::word: word = "word"; break;
    case ParameterType::selector: word = "selector"; break;
    case ParameterType::time: word = "time"; break;
    default: word = "text"; break;
  }
  if (!parameter.choices.empty()) {
    word.clear();
    for (auto choice : parameter.choices) word += (word.empty() ? "" : "|") + std::string(choice);
  }
  if (parameter.minimum != INT64_MIN && parameter.maximum != INT64_MAX)
    word += fmt::format(" {}..{}", parameter.minimum, parameter.maximum);
  if (parameter.required) word += ", required";
  if (!parameter.default_value.empty()) word += fmt::format(", default {}", parameter.default_value);
  return word;
}

namespace {

std::string_view to_string(Reach reach) {
  switch (reach) {
    case Reach::call_namespace: return "namespace";
    case Reach::cluster: return "cluster";
    case Reach::all_namespaces: return "all_namespaces";
  }
  return "all_namespaces";
}

}  // namespace

std::string_view type_word(CellType type) {
  switch (type) {
    case CellType::text: return "text";
    case CellType::integer: return "integer";
    case CellType::time: return "time";
    case CellType::flag: return "boolean";
    case CellType::list: return "list";
    case CellType::labels: return "labels";
    case CellType::millicores: return "millicores";
    case CellType::bytes: return "bytes";
  }
  return "text";
}

std::string example_command(const Operation& operation) {
  std::string arguments(operation.example);
  if (operation.trust != Trust::read) {
    const std::size_t words = arguments.find(" -- ");  // behind which nothing is an option
    arguments.insert(std::min(words, arguments.size()),
                     operation.trust == Trust::write ? " --allow write" : " --allow destructive");
  }
  if (!arguments.empty() && arguments.front() != ' ') arguments.insert(0, " ");
  return "fairlead call " + std::string(operation.name) + arguments;
}

std::string catalog_text(const Catalog& catalog) {
  std::size_t width = 0;
  for (const auto& operation : catalog.operations()) width = std::max(width, operation.name.size());
  std::string out;
  for (const auto& operation : catalog.operations())
    out += fmt::format("{:<12} {:<{}}  {}\n", to_string(operation.trust), operation.name, width, operation.summary);
  return out;
}

std::string operation_text(const Operation& operation) {
  std::string out = fmt::format("{} ({}): {}.\n", operation.name, to_string(operation.trust), operation.summary);
  out += "\nParameters:\n";
  for (const auto& parameter : operation.parameters)
    if (!parameter.by_face)
      out += fmt::format("  {:<22} {} ({})\n", parameter.name, parameter.meaning, type_word(parameter));
  if (!operation.columns.empty()) out += "\nColumns:\n";
  for (const auto& column : operation.columns)
    out += fmt::format("  {:<22} {}{}\n", column.name, type_word(column.type),
                       column.meaning.empty() ? "" : ": " + std::string(column.meaning));
  out += operation.access.empty() ? "\nAPI access it needs: none beyond what every authenticated identity has\n"
                                  : "\nAPI access it needs:\n";
  for (const auto& access : operation.access) {
    out += fmt::format("  {} {}", fmt::join(access.verbs, ","), resource_text(access.group, access.resource));
    if (access.reach == Reach::all_namespaces) out += ", of all namespaces";
    out += access.optional ? " (without it, it tells less)\n" : "\n";
  }
  out += fmt::format("\nExample:\n  {}\n", example_command(operation));
  return out;
}

std::string access_text(const Operation& operation) {
  std::string out;
  for (const auto& access : operation.access)
    if (!access.optional)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", fmt::join(access.verbs, " and "),
                         resource_text(access.group, access.resource));
  return out;
}

json::object input_schema(const Operation& operation) {
  json::object schema = json_schema(operation.parameters);
  if (operation.columns.empty()) return schema;
  json::array names;
  for (const auto& column : operation.columns) names.emplace_back(column.name);
  if (auto* columns = schema["properties"].as_object().if_contains("columns"))
    columns->as_object()["items"].as_object()["enum"] = std::move(names);
  return schema;
}

json::value operation_json(const Operation& operation) {
  json::array columns, access;
  for (const auto& column : operation.columns)
    columns.push_back(json::object{
        {"name", column.name}, {"type", type_word(column.type)}, {"wide", column.wide}, {"meaning", column.meaning}});
  for (const auto& rule : operation.access) {
    json::array verbs;
    for (auto verb : rule.verbs) verbs.emplace_back(verb);
    access.push_back(json::object{{"group", rule.group},
                                  {"resource", rule.resource},
                                  {"verbs", std::move(verbs)},
                                  {"reach", to_string(rule.reach)},
                                  {"optional", rule.optional}});
  }
  json::object out{{"name", operation.name},
                   {"family", operation.family},
                   {"trust", to_string(operation.trust)},
                   {"idempotent", operation.idempotent},
                   {"summary", operation.summary},
                   {"parameters", input_schema(operation)},
                   {"columns", std::move(columns)},
                   {"access", std::move(access)},
                   {"example", operation.example}};
  if (operation.follows) out["follows"] = true;
  return out;
}

json::value catalog_json(const Catalog& catalog) {
  json::array operations;
  for (const auto& operation : catalog.operations()) operations.push_back(operation_json(operation));
  return json::object{{"operations", std::move(operations)}};
}

}  // namespace fairlead::ops
