#include "sandbox/custom_path.h"

#include <charconv>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_steps = 64;

// A name up to a dot or bracket; a backslash takes the next character as it is.
std::string take_name(std::string_view* rest, std::string_view ends) {
  std::string out;
  while (!rest->empty() && ends.find(rest->front()) == ends.npos) {
    if (rest->front() == '\\' && rest->size() > 1) rest->remove_prefix(1);
    out += rest->front();
    rest->remove_prefix(1);
  }
  return out;
}

// The text up to the bracket that closes, quotes respected.
std::optional<std::string_view> take_bracket(std::string_view* rest) {
  char quote = 0;
  for (std::size_t i = 0; i < rest->size(); ++i) {
    char c = (*rest)[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ']') {
      std::string_view inside = rest->substr(0, i);
      rest->remove_prefix(i + 1);
      return inside;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() < 2 || (text.front() != '\'' && text.front() != '"') || text.back() != text.front())
    return std::nullopt;
  return text.substr(1, text.size() - 2);
}

}  // namespace

std::optional<CustomPath> CustomPath::parse(std::string_view text) {
  CustomPath out;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (out.steps_.size() == most_steps) return std::nullopt;
    Step step;
    if (rest.front() == '.') {
      rest.remove_prefix(1);
      if (rest.empty()) break;  // "." is the whole
      if (rest.front() == '[') continue;
      if (rest.front() == '.') return std::nullopt;
      step.name = take_name(&rest, ".[");
      if (step.name == "*") step.kind = Step::Kind::every;
      out.steps_.push_back(std::move(step));
      continue;
    }
    if (rest.front() != '[') return std::nullopt;
    rest.remove_prefix(1);
    auto inside = take_bracket(&rest);
    if (!inside) return std::nullopt;
    std::string_view content = trim(*inside);
    if (auto name = unquoted(content)) {
      step.name = *name;
    } else if (content == "*") {
      step.kind = Step::Kind::every;
    } else if (content.starts_with("?(") && content.ends_with(")")) {
      content = trim(content.substr(2, content.size() - 3));
      std::size_t at = content.find("==");
      if (at == content.npos) {
        at = content.find("!=");
        step.equal = false;
      }
      if (at == content.npos || !content.starts_with("@.")) return std::nullopt;
      std::string_view where = trim(content.substr(2, at - 2));
      while (!where.empty()) {
        step.where.push_back(take_name(&where, "."));
        if (!where.empty()) where.remove_prefix(1);
      }
      std::string_view literal = trim(content.substr(at + 2));
      if (auto plain = unquoted(literal)) {
        step.literal = json::string(*plain);
      } else {
        auto parsed = parse_json(literal, "read a filter", JsonLimits{256, 1});
        if (!parsed) return std::nullopt;
        step.literal = std::move(*parsed);
      }
      step.kind = Step::Kind::filter;
    } else {
      auto [end, code] = std::from_chars(content.data(), content.data() + content.size(), step.index);
      if (code != std::errc() || end != content.data() + content.size()) return std::nullopt;
      step.kind = Step::Kind::index;
    }
    out.steps_.push_back(std::move(step));
  }
  return out;
}

bool CustomPath::passes(const Step& step, const json::value& item) {
  const json::value* at = &item;
  for (const std::string& name : step.where) {
    at = find(*at, name);
    if (!at) return false;
  }
  return (*at == step.literal) == step.equal;
}

const json::value* CustomPath::first_of(const json::value& value, const std::vector<Step>& steps, std::size_t next) {
  if (next == steps.size()) return &value;
  const Step& step = steps[next];
  if (step.kind == Step::Kind::member) {
    const json::value* inner = find(value, step.name);
    return inner ? first_of(*inner, steps, next + 1) : nullptr;
  }
  if (step.kind == Step::Kind::every && value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (const json::value* found = first_of(member.value(), steps, next + 1)) return found;
    }
    return nullptr;
  }
  if (!value.is_array()) return nullptr;
  const json::array& items = value.get_array();
  if (step.kind == Step::Kind::index) {
    auto size = static_cast<std::int64_t>(items.size());
    std::int64_t index = step.index < 0 ? size + step.index : step.index;
    return index >= 0 && index < size ? first_of(items[static_cast<std::size_t>(index)], steps, next + 1) : nullptr;
  }
  for (const json::value& item : items) {
    if (step.kind == Step::Kind::filter && !passes(step, item)) continue;
    if (const json::value* found = first_of(item, steps, next + 1)) return found;
  }
  return nullptr;
}

const json::value* CustomPath::first(const json::value& value) const { return first_of(value, steps_, 0); }

void CustomPath::set(json::value& value, json::value to) const {
  json::value* at = &value;
  for (const Step& step : steps_) {
    if (!at->is_object()) at->emplace_object();
    at = &at->get_object()[step.name];
  }
  *at = std::move(to);
}

}  // namespace fairlead::sandbox
