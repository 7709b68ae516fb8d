#include "mcp/prompt.h"

#include <algorithm>

#include "base/text.h"

namespace fairlead::mcp {

Result<PromptSet> PromptSet::make(std::vector<Prompt> prompts) {
  PromptSet set;
  for (auto& prompt : prompts) {
    if (prompt.name.empty() || !prompt.text || set.find(prompt.name))
      return fail(ErrorCode::internal, "declare the prompts",
                  "a prompt has no name, no text, or the name of another one: '" + prompt.name + "'");
    set.prompts_.push_back(std::move(prompt));
  }
  return set;
}

const Prompt* PromptSet::find(std::string_view name) const {
  const auto found =
      std::find_if(prompts_.begin(), prompts_.end(), [&](const Prompt& one) { return one.name == name; });
  return found == prompts_.end() ? nullptr : &*found;
}

json::object to_json(const Prompt& prompt, Revision revision) {
  json::object out;
  out.emplace("name", prompt.name);
  if (!prompt.title.empty() && revision >= Revision::v2025_06_18) out.emplace("title", prompt.title);
  if (!prompt.description.empty()) out.emplace("description", prompt.description);
  json::array arguments;
  for (const auto& argument : prompt.arguments)
    arguments.push_back(
        json::object{{"name", argument.name}, {"description", argument.description}, {"required", argument.required}});
  if (!arguments.empty()) out.emplace("arguments", std::move(arguments));
  return out;
}

tl::expected<std::string, std::string> fill_in(const Prompt& prompt, const json::value* arguments) {
  constexpr std::size_t shown = 100;
  if (arguments && !arguments->is_object()) return tl::unexpected<std::string>("\"arguments\" must be an object");
  PromptArguments given;
  for (const auto& entry : arguments ? arguments->get_object() : json::object()) {
    const std::string_view name = entry.key();
    const std::string quoted = "\"" + escape_untrusted(name.substr(0, shown), Newlines::escape) + "\"";
    const bool known = std::any_of(prompt.arguments.begin(), prompt.arguments.end(),
                                   [&](const PromptArgument& one) { return one.name == name; });
    if (!known) return tl::unexpected<std::string>("the prompt has no argument " + quoted);
    if (!entry.value().is_string()) return tl::unexpected<std::string>("argument " + quoted + " must be a string");
    // Forms of clients send what was not filled in as an empty text.
    if (!entry.value().get_string().empty()) given.emplace(name, entry.value().get_string());
  }
  for (const auto& argument : prompt.arguments)
    if (argument.required && !given.contains(argument.name))
      return tl::unexpected<std::string>("argument \"" + argument.name + "\" is required");
  return prompt.text(given);
}

}  // namespace fairlead::mcp
