// Walks the text itself: a parsed value no longer has its duplicates.
#include <unordered_set>

#include "base/json.h"
#include "sandbox/write_options.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_problems = 100;
constexpr std::size_t deepest = 128;

class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  // `whole`: an object that says its kind.
  void value(const Message* message, bool open, bool whole, std::size_t depth) {
    skip_blanks();
    if (at_ >= text_.size() || depth > deepest) return stop();
    if (text_[at_] == '{') {
      object(message, open, whole, depth);
    } else if (text_[at_] == '[') {
      array(message, open, whole, depth);
    } else if (text_[at_] == '"') {
      (void)string();
    } else {
      while (at_ < text_.size() && std::string_view(",]}").find(text_[at_]) == std::string_view::npos) ++at_;
    }
  }

  std::vector<std::string> problems;

 private:
  void stop() { at_ = text_.size(); }

  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  // Past a mark; false when another one stands there.
  bool take(char mark) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != mark) return false;
    ++at_;
    return true;
  }

  std::string string() {
    std::size_t start = at_++;
    bool escaped = false;
    while (at_ < text_.size() && text_[at_] != '"') {
      escaped = escaped || text_[at_] == '\\';
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_ + 1, text_.size());
    std::string_view raw = text_.substr(start, at_ - start);
    if (!escaped) return std::string(raw.size() >= 2 ? raw.substr(1, raw.size() - 2) : raw);
    auto parsed = parse_json(raw, "read a field's name");
    return parsed && parsed->is_string() ? std::string(parsed->get_string()) : std::string(raw);
  }

  // `open`: any member may stand there, each of the type `message`.
  void object(const Message* message, bool open, bool whole, std::size_t depth) {
    std::unordered_set<std::string> seen;
    ++at_;
    while (true) {
      skip_blanks();
      if (take('}') || at_ >= text_.size()) return;
      if (text_[at_] != '"') return stop();
      std::string name = string();
      std::size_t length = path_.size();
      path_ += (path_.empty() ? "" : ".") + name;
      if (!seen.insert(name).second) say("duplicate field ");
      if (!take(':')) return stop();
      member(message, open, whole, name, depth);
      path_.resize(length);
      take(',');
    }
  }

  void member(const Message* message, bool open, bool whole, const std::string& name, std::size_t depth) {
    if (open) return value(message, !message, false, depth + 1);
    if (whole && (name == "kind" || name == "apiVersion")) return value(nullptr, true, false, depth + 1);
    const Field* field = find_member(*message, name);
    if (!field && message->open) return value(nullptr, true, false, depth + 1);
    if (!field) {
      say("unknown field ");
      // What is below it is not looked at.
      std::size_t count = problems.size();
      value(nullptr, true, false, depth + 1);
      problems.resize(count);
      return;
    }
    bool structure = field->type == FieldType::message && field->message->form == Message::Form::object;
    const Message* inner = structure ? field->message : nullptr;
    value(inner, !inner || field->map, field->typed, depth + 1);
  }

  void array(const Message* message, bool open, bool whole, std::size_t depth) {
    ++at_;
    for (std::size_t index = 0;; ++index) {
      skip_blanks();
      if (take(']') || at_ >= text_.size()) return;
      std::size_t length = path_.size(), before = at_;
      path_ += "[" + std::to_string(index) + "]";
      value(message, open, whole, depth + 1);
      path_.resize(length);
      take(',');
      if (at_ == before) return stop();
    }
  }

  void say(std::string_view what) {
    if (problems.size() < most_problems)
      problems.push_back(std::string(what) + compact(json::value(json::string(path_))));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string path_;
};

}  // namespace

std::vector<std::string> strict_problems(std::string_view json, const Message* message) {
  Walker walker(json);
  walker.value(message, !message, true, 0);
  return std::move(walker.problems);
}

}  // namespace fairlead::sandbox
