// Where the values of names begin and end in free text: NAME=value, "name": "value", name: value, <name>value,
// --name value, {"name": "NAME", "value": "value"}. Pure; what is asked of one text in order takes linear time.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace fairlead::redact {

bool is_quote(char c);

// "bearer", "basic", "token": what stands before a credential in a header.
bool is_scheme(std::string_view word);
// Authorization, Cookie: their value is the rest of the line.
bool is_header(std::string_view name);

class Values {
 public:
  explicit Values(std::string_view text) : text_(text) {}

  char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  // Behind blanks, and line breaks that a backslash takes back, as in shell lines.
  std::size_t skip_blanks(std::size_t at) const;

  // Where the value of the name from `begin` to `end` begins, when something separates the two as names and values are.
  std::optional<std::size_t> start_of(std::size_t begin, std::size_t end) const;
  // PASSWORD 'x', IDENTIFIED BY 'x', IDENTIFIED WITH plugin BY 'x'
  std::optional<std::size_t> start_of_sql(std::size_t begin, std::size_t end) const;

  // Of a value in quotes, behind the first one: at the quote that closes it, perhaps lines below, or where the line
  // ends. `escapes`: backslashes before the quote.
  std::size_t quoted_end(std::size_t at, char quote, std::size_t escapes) const;
  // The same behind literals that are one with it: "a" + "b", "a"'b', and those that stand in the lines below.
  std::size_t literals_end(std::size_t at, char quote, std::size_t escapes) const;
  std::size_t bare_end(std::size_t at, bool xml);
  // Of a header that has begun before `at`.
  std::size_t header_end(std::size_t at) const;

  // Whether an object follows, whose members are looked at by themselves.
  bool is_structure(std::size_t at) const;
  // What stands where a value would: an image's tag, a line of a source file, a word of prose.
  bool is_other(std::string_view name, std::size_t name_begin, std::size_t start, std::string_view value) const;

 private:
  bool goes_on(std::size_t at) const { return peek(at) == '\\' && peek(at + 1) == '\n'; }
  std::optional<std::size_t> start_of_encoded(std::size_t end) const;
  bool is_set_by_a_blank(std::size_t begin, std::size_t end) const;
  bool is_call(std::size_t begin, std::size_t closed, std::size_t value) const;
  std::optional<std::size_t> value_member(std::size_t at) const;
  std::optional<std::size_t> value_of_pair(std::size_t begin, std::size_t closed) const;
  std::optional<std::size_t> closing_quote_below(std::size_t at, char quote, std::size_t escapes) const;
  bool ends_value(std::size_t at) const;

  std::string_view text_;
  std::size_t bare_from_ = 1, bare_to_ = 0;
};

}  // namespace fairlead::redact
