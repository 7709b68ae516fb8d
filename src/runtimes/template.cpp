#include "runtimes/template.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "redact/redact.h"

namespace fairlead::runtimes {
namespace {

constexpr std::string_view kPort = "port.";
constexpr std::array<std::string_view, 4> kPlaceholders{"agent.name", "agent.id", "state", "backend_url"};

// Calls `literal` and `placeholder` in the order of the text; false where one is not closed.
template <class Literal, class Placeholder>
bool walk(std::string_view text, const Literal& literal, const Placeholder& placeholder) {
  for (;;) {
    const auto begin = text.find("{{");
    literal(text.substr(0, begin));
    if (begin == std::string_view::npos) return true;
    const auto end = text.find("}}", begin + 2);
    if (end == std::string_view::npos) return false;
    placeholder(text.substr(begin + 2, end - begin - 2));
    text.remove_prefix(end + 2);
  }
}

}  // namespace

std::optional<std::string> why_not_template(std::string_view text, const Profile& profile) {
  std::optional<std::string> why;
  const bool closed = walk(
      text, [](std::string_view) {},
      [&](std::string_view name) {
        if (name.starts_with(kPort)
                ? profile.port(name.substr(kPort.size())) != nullptr
                : std::find(kPlaceholders.begin(), kPlaceholders.end(), name) != kPlaceholders.end())
          return;
        why =
            name.starts_with(kPort)
                ? "{{" + plain_word(name) + "}} names none of the ports"
                : "it holds {{" + plain_word(name) +
                      "}}, which is none of {{port.NAME}}, {{agent.name}}, {{agent.id}}, {{state}} and {{backend_url}}";
      });
  if (!closed) why = "it holds a {{ without its }}";
  return why;
}

std::optional<std::string> filled(std::string_view text,
                                  const std::function<std::optional<std::string>(std::string_view)>& meaning) {
  std::string out;
  bool known = true;
  walk(
      text, [&](std::string_view literal) { out += literal; },
      [&](std::string_view name) {
        if (auto value = meaning(name))
          out += *value;
        else
          known = false;
      });
  if (!known) return std::nullopt;
  return out;
}

bool looks_like_credential(const std::string& name, const std::string& value) {
  json::value pod = json::object{{"env", json::array{json::object{{"name", name}, {"value", value}}}}};
  const json::value before = pod;
  redact::object(pod);
  return pod != before;
}

}  // namespace fairlead::runtimes
