// Words into fields: variables, substitutions, splitting and patterns.
#include <fnmatch.h>

#include "base/text.h"
#include "sandbox/shell.h"
#include "sandbox/shell_arithmetic.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_fields = 10'000, longest_field = 1 << 20;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

}  // namespace

// Under way: the last field grows; `pattern` is the same text with what was quoted made harmless.
struct Shell::Fields {
  std::vector<std::pair<std::string, std::string>> done;
  std::string text, pattern;
  bool any = false;

  void put(std::string_view more, bool quoted) {
    any = true;
    if (text.size() + more.size() > longest_field) return;
    text += more;
    for (char c : more) {
      if (quoted && std::string_view("*?[\\").find(c) != std::string_view::npos) pattern += '\\';
      pattern += c;
    }
  }
  void end() {
    if (any && done.size() < most_fields) done.emplace_back(std::move(text), std::move(pattern));
    text.clear();
    pattern.clear();
    any = false;
  }
  void put_split(std::string_view more) {
    for (char c : more) {
      if (is_space(c))
        end();
      else
        put(std::string_view(&c, 1), false);
    }
  }
};

std::optional<std::string> Shell::value_of(std::string_view name) const {
  if (name == "?") return std::to_string(status_);
  if (name == "$") return "7";
  if (name == "#") return std::to_string(arguments_.empty() ? 0 : arguments_.size() - 1);
  if (name.size() == 1 && name[0] >= '0' && name[0] <= '9') {
    auto index = static_cast<std::size_t>(name[0] - '0');
    return index < arguments_.size() ? std::optional(arguments_[index]) : std::nullopt;
  }
  if (name == "@" || name == "*") {
    std::string out;
    for (std::size_t i = 1; i < arguments_.size(); ++i) out += (i > 1 ? " " : "") + arguments_[i];
    return arguments_.size() > 1 ? std::optional(out) : std::nullopt;
  }
  auto found = variables_.find(name);
  return found == variables_.end() ? std::nullopt : std::optional(found->second.value);
}

net::awaitable<std::string> Shell::substitute(const ShellNode* node) {
  std::string out;
  if (!node) co_return out;
  Streams streams;
  streams.out = &out;
  status_ = co_await inside(node, streams);
  while (out.ends_with('\n')) out.pop_back();
  co_return out;
}

net::awaitable<void> Shell::expand_variable(const WordPart* part, bool split, Fields* out) {
  if (part->text == "@" && part->quoted && part->operation.empty()) {
    for (std::size_t i = 1; i < arguments_.size(); ++i) {
      if (i > 1) out->end();
      out->put(arguments_[i], true);
    }
    co_return;
  }
  std::optional<std::string> value = value_of(part->text);
  std::string_view operation = part->operation;
  if (operation == "#") value = std::to_string(value.value_or("").size());
  bool missing = !value || (operation.starts_with(':') && value->empty());
  char kind = operation.empty() ? ' ' : operation.back();
  if ((kind == '-' && missing) || (kind == '+' && !missing)) {
    co_await expand(&part->alternative, split && !part->quoted, out);
    co_return;
  }
  if (kind == '+') value.reset();
  if (kind == '=' && missing) {
    std::string made = co_await text(&part->alternative);
    assign(part->text, made);
    value = std::move(made);
  }
  if (!value) co_return;
  if (split && !part->quoted)
    out->put_split(*value);
  else
    out->put(*value, part->quoted);
}

net::awaitable<void> Shell::expand(const Word* word, bool split, Fields* out) {
  for (std::size_t i = 0; i < word->size() && !killed_; ++i) {
    const WordPart& part = (*word)[i];
    if (part.kind == WordPart::Kind::variable) {
      co_await expand_variable(&part, split, out);
    } else if (part.kind == WordPart::Kind::command) {
      std::string value = co_await substitute(part.command.get());
      if (split && !part.quoted)
        out->put_split(value);
      else
        out->put(value, part.quoted);
    } else if (part.kind == WordPart::Kind::arithmetic) {
      std::string expression = co_await text(&part.alternative);
      ArithmeticVariables variables{
          [this](std::string_view name) { return value_of(name).value_or(""); },
          [this](std::string_view name, std::string value) { assign(name, std::move(value)); }};
      auto value = evaluate_arithmetic(expression, variables);
      if (value) {
        out->put(std::to_string(*value), part.quoted);
      } else {
        co_await emit({}, true, "sh: " + value.error() + "\n");
        status_ = 2;
        exiting_ = true;
      }
    } else if (i == 0 && !part.quoted && part.text.starts_with('~') && (part.text.size() == 1 || part.text[1] == '/')) {
      out->put(value_of("HOME").value_or(""), true);
      out->put(std::string_view(part.text).substr(1), false);
    } else {
      out->put(part.text, part.quoted);
    }
  }
}

net::awaitable<std::string> Shell::text(const Word* word) {
  Fields all;
  co_await expand(word, false, &all);
  co_return all.text;
}

net::awaitable<std::vector<std::string>> Shell::fields(const std::vector<Word>* words) {
  std::vector<std::string> out;
  for (const Word& word : *words) {
    Fields all;
    co_await expand(&word, true, &all);
    all.end();
    for (auto& [literal, pattern] : all.done) {
      std::vector<std::string> found;
      if (literal.find_first_of("*?[") != literal.npos) found = matching(pattern);
      if (found.empty()) found.push_back(std::move(literal));
      for (std::string& one : found) {
        if (out.size() < most_fields) out.push_back(std::move(one));
      }
    }
  }
  co_return out;
}

// Paths that a pattern names, step by step; nothing when none does.
std::vector<std::string> Shell::matching(std::string_view pattern) const {
  if (pattern.size() > 1000) return {};
  bool absolute = pattern.starts_with('/');
  std::vector<std::string> found{absolute ? "/" : ""};
  for (std::string_view step : split(pattern, '/')) {
    if (step.empty()) continue;
    std::vector<std::string> next;
    std::string wanted(step);
    for (const std::string& base : found) {
      for (const std::string& name : machine_.files().names(absolute_path(directory_, base))) {
        if (::fnmatch(wanted.c_str(), name.c_str(), FNM_PERIOD) != 0 || next.size() >= most_fields) continue;
        next.push_back(base.empty() || base == "/" ? base + name : base + "/" + name);
      }
    }
    found = std::move(next);
  }
  return found;
}

}  // namespace fairlead::sandbox
