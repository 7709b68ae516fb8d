#include "cli/parameters.h"

#include <algorithm>

#include "base/text.h"
#include "cli/options.h"

namespace fairlead::cli {
namespace {

std::string dashed(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

// "--tail-lines,--tail_lines,--tail": the parameter's own word, and kubectl's where it has one.
std::string flags_for(const ops::Parameter& parameter) {
  std::string own(parameter.name);
  std::string out = "--" + dashed(own);
  if (dashed(own) != own) out += ",--" + own;
  static const std::map<std::string_view, std::string_view> kubectl{{"label_selector", ",-l,--selector"},
                                                                    {"container", ",-c"},
                                                                    {"previous", ",-p"},
                                                                    {"tail_lines", ",--tail"},
                                                                    {"since_seconds", ",--since"},
                                                                    {"grace_period_seconds", ",--grace-period"}};
  if (auto found = kubectl.find(parameter.name); found != kubectl.end()) out += found->second;
  return out;
}

// These come from options that all operations share.
bool is_shared(const ops::Parameter& parameter) { return parameter.name == "namespace" || parameter.name == "format"; }

// kubectl's --since takes a duration: "5m", "1h30m". Anything else stays as it is.
std::string in_seconds(const std::string& text) {
  const auto span = parse_human_duration(text);
  return span ? std::to_string(span->count()) : text;
}

// @FILE stands for what is in it, @- for standard input, where a parameter takes more than a word.
Result<std::string> from_file(const ops::Parameter& parameter, const std::string& typed) {
  constexpr std::uint64_t most = 1 << 20;
  const bool takes = parameter.type == ops::ParameterType::map || parameter.type == ops::ParameterType::document;
  if (!takes || !typed.starts_with('@')) return typed;
  const std::string step = "read --" + dashed(parameter.name);
  return read_file(typed == "@-" ? "/dev/fd/0" : typed.substr(1), step, most);
}

}  // namespace

void ParameterOptions::add_to(CLI::App& command, const ops::Operation& operation) {
  for (const auto& parameter : operation.parameters) {
    if (is_shared(parameter) || parameter.by_face) continue;
    std::string name(parameter.name);
    std::string meaning(parameter.meaning);
    if (!parameter.default_value.empty()) meaning += " [" + std::string(parameter.default_value) + "]";
    if (parameter.type == ops::ParameterType::boolean) {
      command.add_flag(flags_for(parameter), flags_[name], meaning);
      continue;
    }
    if (parameter.type == ops::ParameterType::command) {
      command.add_option(name, commands_[name], meaning + ", behind --")->type_name("WORD");
      continue;
    }
    if (parameter.type == ops::ParameterType::map || parameter.type == ops::ParameterType::document)
      meaning += "; @FILE and @- read it";
    // The name may stand by itself, as with kubectl.
    std::string flags = name == "name" ? "name,--name" : flags_for(parameter);
    auto* option = command.add_option(flags, values_[name], meaning)
                       ->type_name(parameter.type == ops::ParameterType::integer ? "N" : "TEXT");
    option->check(CLI::Validator(refuse_value, ""));
  }
}

Result<json::object> ParameterOptions::gather(const ops::Operation& operation) const {
  json::object arguments;
  for (const auto& parameter : operation.parameters) {
    std::string name(parameter.name);
    if (auto flag = flags_.find(name); flag != flags_.end() && flag->second) arguments[name] = true;
    if (auto words = commands_.find(name); words != commands_.end() && !words->second.empty())
      arguments[name] = json::array(words->second.begin(), words->second.end());
    auto typed = values_.find(name);
    if (typed == values_.end() || typed->second.empty()) continue;
    auto text = from_file(parameter, typed->second);
    if (!text) return fail(std::move(text.error()));
    auto value = ops::parse_argument(parameter, name == "since_seconds" ? in_seconds(*text) : *text);
    if (!value) return fail(std::move(value.error()));
    arguments[name] = std::move(*value);
  }
  return arguments;
}

}  // namespace fairlead::cli
