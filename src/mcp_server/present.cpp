#include "mcp_server/present.h"

#include <fmt/format.h>

#include "ops/explain.h"

namespace fairlead::mcp_server {

// What others wrote may hold words of whoever runs something in the cluster: it is fenced like data.
std::string present(Error error, std::string_view nonce, std::string_view operation) {
  // A model has no shell; what the command shows, the tool's schema and description say.
  const std::string command = "'fairlead ops " + std::string(operation) + "'";
  if (const std::size_t at = error.remedy.find(command); at != std::string::npos)
    error.remedy.replace(at, command.size(), at == 0 ? "The tool's schema" : "the tool's schema");
  const std::string_view code = to_string(error.code);
  const ops::Explanation said = ops::explain(error);
  if (said.foreign.empty()) return fmt::format("{}: {}", code, said.ours);
  return fmt::format("{}: {}\n{}", code, said.ours, ops::fence(said.foreign, nonce));
}

// Names are bounded by the API server's rules; free text is not: whoever runs a pod writes it.
std::string present(const ops::Rendered& rendered, std::string_view nonce) {
  std::string text;
  if (!rendered.text.empty()) text = ops::fence(rendered.text, nonce);
  for (const auto& note : rendered.notes) text += note + "\n";
  return text;
}

}  // namespace fairlead::mcp_server
