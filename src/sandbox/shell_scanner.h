// Inside the shell's parser: the text, how far it was read, and the first error.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/shell_parser.h"

namespace fairlead::sandbox {

inline bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool ends_word(char c) {
  return is_blank(c) || c == '\n' || c == '\0' || std::string_view("&|;<>()").find(c) != std::string_view::npos;
}

inline constexpr std::array<std::string_view, 13> reserved{"if", "then", "elif", "else", "fi", "while", "until",
                                                           "do", "done", "for",  "{",    "}",  "!"};

class ShellScanner {
 public:
  explicit ShellScanner(std::string_view text) : text_(text) {}

 protected:
  // ---- errors: the first one counts, and everything ends quickly after it
  bool ok() const { return !error_; }
  void raise(std::string message, bool incomplete = false) {
    if (!error_) error_ = ShellSyntaxError{"syntax error: " + std::move(message), incomplete};
  }
  void unexpected(std::string_view wanted = "") {
    skip_blanks();
    std::string what = "unexpected ";
    bool end = at_ >= text_.size();
    if (end) {
      what += "end of file";
    } else if (text_[at_] == '\n') {
      what += "newline";
    } else if (ends_word(text_[at_])) {
      std::string_view two = text_.substr(at_, 2);
      bool operator_of_two = two == "&&" || two == "||" || two == ";;" || two == ">>" || two == "<<";
      what += "\"" + std::string(operator_of_two ? two : two.substr(0, 1)) + "\"";
    } else {
      std::size_t end_of_word = at_;
      while (end_of_word < text_.size() && !ends_word(text_[end_of_word])) ++end_of_word;
      what += "\"" + std::string(text_.substr(at_, end_of_word - at_)) + "\"";
    }
    if (!wanted.empty()) what += " (expecting \"" + std::string(wanted) + "\")";
    raise(std::move(what), end);
  }

  struct Depth {
    explicit Depth(ShellScanner& p) : parser(p) {
      if (++parser.depth_ > deepest) parser.raise("nested too deeply");
    }
    ~Depth() { --parser.depth_; }
    ShellScanner& parser;
  };

  // ---- looking ahead
  char here(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool skip(std::string_view what) {
    if (text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  void skip_blanks() {
    while (at_ < text_.size()) {
      if (is_blank(here())) {
        ++at_;
      } else if (here() == '\\' && here(1) == '\n') {
        at_ += 2;
      } else if (here() == '#') {
        while (at_ < text_.size() && here() != '\n') ++at_;
      } else {
        return;
      }
    }
  }
  void newline() {
    at_ = behind_documents_ > 0 ? behind_documents_ : at_ + 1;
    behind_documents_ = 0;
  }
  void skip_lines() {
    for (skip_blanks(); ok() && here() == '\n'; skip_blanks()) newline();
  }
  // The reserved word that comes next, if one does.
  std::string_view word_ahead() {
    skip_blanks();
    for (std::string_view word : reserved) {
      if (text_.substr(at_, word.size()) == word && ends_word(here(word.size()))) return word;
    }
    return {};
  }
  bool take_word(std::string_view word) {
    if (word_ahead() != word) return false;
    at_ += word.size();
    return true;
  }
  bool list_ends() {
    skip_blanks();
    if (at_ >= text_.size() || here() == ')') return true;
    std::string_view word = word_ahead();
    return word == "then" || word == "elif" || word == "else" || word == "fi" || word == "do" || word == "done" ||
           word == "}";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<ShellSyntaxError> error_;
  std::size_t behind_documents_ = 0;  // where the line goes on whose here-documents were read; 0: it has none

 private:
  static constexpr int deepest = 100;
};

}  // namespace fairlead::sandbox
