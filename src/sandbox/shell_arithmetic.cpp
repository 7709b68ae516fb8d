#include "sandbox/shell_arithmetic.h"

#include <algorithm>
#include <charconv>

#include "sandbox/shell_scanner.h"

namespace fairlead::sandbox {
namespace {

using Number = std::int64_t;

struct Operator {
  std::string_view text;
  int strength;
};
// Longer ones first, so that the first that fits is meant.
constexpr Operator operators[] = {{"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7}, {">=", 7},
                                  {"<<", 8}, {">>", 8}, {"|", 3},  {"^", 4},  {"&", 5},  {"<", 7},
                                  {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};

Number number_in(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out, base);
  return static_cast<Number>(negative ? 0 - out : out);
}

class Evaluator {
 public:
  Evaluator(std::string_view text, const ArithmeticVariables& variables) : text_(text), variables_(variables) {}

  tl::expected<Number, std::string> evaluate() {
    skip_blanks();
    if (text_.empty()) return 0;
    Number out = choice();
    if (error_.empty() && !text_.empty()) fail("arithmetic syntax error");
    if (!error_.empty()) return tl::unexpected(error_);
    return out;
  }

 private:
  void fail(std::string_view why) {
    if (error_.empty()) error_ = why;
    text_ = {};
  }
  void skip_blanks() {
    while (!text_.empty() && (is_blank(text_[0]) || text_[0] == '\n')) text_.remove_prefix(1);
  }
  bool take(std::string_view what) {
    if (!text_.starts_with(what)) return false;
    text_.remove_prefix(what.size());
    skip_blanks();
    return true;
  }
  std::string_view take_name() {
    std::size_t end = 0;
    while (end < text_.size() && is_name(text_[end])) ++end;
    std::string_view out = text_.substr(0, end);
    text_.remove_prefix(end);
    skip_blanks();
    return out;
  }
  Number value_of(std::string_view name) { return number_in(variables_.get(name)); }
  Number assign(std::string_view name, Number value) {
    if (skipped_ == 0 && error_.empty()) variables_.set(name, std::to_string(value));
    return value;
  }

  Number choice() {
    if (++depth_ > 100) fail("expression is nested too deeply");
    Number out = binary(1);
    if (take("?")) {
      bool first = out != 0;
      skipped_ += first ? 0 : 1;
      Number yes = choice();
      skipped_ -= first ? 0 : 1;
      if (!take(":")) fail("arithmetic syntax error");
      skipped_ += first ? 1 : 0;
      Number no = choice();
      skipped_ -= first ? 1 : 0;
      out = first ? yes : no;
    }
    --depth_;
    return out;
  }

  Number binary(int least) {
    Number left = unary();
    while (error_.empty() && !text_.empty()) {
      const auto* found = std::find_if(std::begin(operators), std::end(operators),
                                       [&](const Operator& one) { return text_.starts_with(one.text); });
      if (found == std::end(operators) || found->strength < least) break;
      take(found->text);
      bool decided = (found->text == "||" && left != 0) || (found->text == "&&" && left == 0);
      skipped_ += decided ? 1 : 0;
      Number right = binary(found->strength + 1);
      skipped_ -= decided ? 1 : 0;
      left = applied(found->text, left, right);
    }
    return left;
  }

  Number applied(std::string_view what, Number a, Number b) {
    auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    if (what == "||") return a != 0 || b != 0;
    if (what == "&&") return a != 0 && b != 0;
    if (what == "==") return a == b;
    if (what == "!=") return a != b;
    if (what == "<=") return a <= b;
    if (what == ">=") return a >= b;
    if (what == "<<") return static_cast<Number>(x << (y & 63));
    if (what == ">>") return a >> (y & 63);
    if (what == "<") return a < b;
    if (what == ">") return a > b;
    switch (what[0]) {
      case '|': return a | b;
      case '^': return a ^ b;
      case '&': return a & b;
      case '+': return static_cast<Number>(x + y);
      case '-': return static_cast<Number>(x - y);
      case '*': return static_cast<Number>(x * y);
      default: break;
    }
    if (b == 0) {
      if (skipped_ == 0) fail("divide by zero");
      return 0;
    }
    if (b == -1) return what == "/" ? static_cast<Number>(0 - x) : 0;
    return what == "/" ? a / b : a % b;
  }

  Number unary() {
    if (++depth_ > 100) fail("expression is nested too deeply");
    Number out = 0;
    if (text_.starts_with("++") || text_.starts_with("--")) {
      Number step = text_[0] == '+' ? 1 : -1;
      take(text_.substr(0, 2));
      std::string_view name = take_name();
      if (name.empty() || !is_name_start(name[0])) fail("arithmetic syntax error");
      out = assign(name, applied("+", value_of(name), step));
    } else if (take("!")) {
      out = unary() == 0;
    } else if (take("~")) {
      out = ~unary();
    } else if (take("-")) {
      out = static_cast<Number>(0 - static_cast<std::uint64_t>(unary()));
    } else if (take("+")) {
      out = unary();
    } else if (take("(")) {
      out = choice();
      if (!take(")")) fail("arithmetic syntax error");
    } else if (!text_.empty() && is_name_start(text_[0])) {
      out = variable();
    } else if (!text_.empty() && is_name(text_[0])) {
      out = number_in(take_name());
    } else {
      fail("arithmetic syntax error");
    }
    --depth_;
    return out;
  }

  Number variable() {
    std::string_view name = take_name();
    Number before = value_of(name);
    if (take("++")) {
      assign(name, applied("+", before, 1));
      return before;
    }
    if (take("--")) {
      assign(name, applied("-", before, 1));
      return before;
    }
    if (text_.starts_with('=') && !text_.starts_with("==")) {
      take("=");
      return assign(name, choice());
    }
    for (const Operator& one : operators) {
      bool changes =
          one.strength == 9 || one.strength == 10 || one.strength == 8 || (one.strength >= 3 && one.strength <= 5);
      if (!changes || !text_.starts_with(one.text) || text_.substr(one.text.size(), 1) != "=") continue;
      take(one.text);
      take("=");
      return assign(name, applied(one.text, before, choice()));
    }
    return before;
  }

  std::string_view text_;
  const ArithmeticVariables& variables_;
  std::string error_;
  int depth_ = 0, skipped_ = 0;
};

}  // namespace

tl::expected<std::int64_t, std::string> evaluate_arithmetic(std::string_view text,
                                                            const ArithmeticVariables& variables) {
  return Evaluator(text, variables).evaluate();
}

}  // namespace fairlead::sandbox
