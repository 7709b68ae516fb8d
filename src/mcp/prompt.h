// Prompts as a server declares them: what a user may want to say, with blanks to fill in. Specification:
// server/prompts.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "mcp/protocol.h"

namespace fairlead::mcp {

struct PromptArgument {
  std::string name;
  std::string description;
  bool required = false;
};

using PromptArguments = std::map<std::string, std::string, std::less<>>;

struct Prompt {
  std::string name;   // as those of tools
  std::string title;  // for people; may be empty
  std::string description;
  std::vector<PromptArgument> arguments;
  // What the user says then, or why these arguments are none, as a phrase. It gets declared arguments only, and all
  // that are required.
  std::function<tl::expected<std::string, std::string>(const PromptArguments&)> text;
};

// In the order in which prompts/list shows them. Immutable.
class PromptSet {
 public:
  PromptSet() = default;
  // ErrorCode::internal for a name that is empty or there twice, or a prompt without a text.
  static Result<PromptSet> make(std::vector<Prompt> prompts);
  const std::vector<Prompt>& all() const { return prompts_; }
  const Prompt* find(std::string_view name) const;

 private:
  std::vector<Prompt> prompts_;
};

// With the members that the revision knows.
json::object to_json(const Prompt& prompt, Revision revision);

// Its text with these "arguments" of prompts/get filled in, or what is wrong with them, as a phrase.
tl::expected<std::string, std::string> fill_in(const Prompt& prompt, const json::value* arguments);

}  // namespace fairlead::mcp
