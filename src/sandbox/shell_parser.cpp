#include "sandbox/shell_parser.h"

#include <algorithm>

#include "sandbox/shell_scanner.h"

namespace fairlead::sandbox {
namespace {

using Node = ShellNode;
using Kind = ShellNode::Kind;

class Parser : private ShellScanner {
 public:
  using ShellScanner::ShellScanner;

  tl::expected<ShellNodePtr, ShellSyntaxError> parse() {
    ShellNodePtr out = list();
    if (!error_ && at_ < text_.size()) unexpected();
    if (error_) return tl::unexpected(*error_);
    return out;
  }

 private:
  // ---- grammar
  static ShellNodePtr made(Kind kind, std::vector<ShellNodePtr> parts) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->parts = std::move(parts);
    return node;
  }

  ShellNodePtr list() {
    Depth depth(*this);
    std::vector<ShellNodePtr> parts;
    skip_lines();
    while (ok() && !list_ends()) {
      parts.push_back(and_or());
      skip_blanks();
      if (here() == '\n') {
        skip_lines();
      } else if (here() == ';' && here(1) != ';') {
        ++at_;
        skip_lines();
      } else if (here() == '&' && here(1) != '&') {  // there is no background: it runs here and now
        ++at_;
        if (parts.back()) {
          auto marked = std::make_shared<Node>(*parts.back());
          marked->background = true;
          parts.back() = std::move(marked);
        }
        skip_lines();
      } else {
        break;
      }
    }
    if (parts.empty()) return nullptr;
    return parts.size() == 1 ? parts.front() : made(Kind::list, std::move(parts));
  }
  ShellNodePtr block() {  // a list that must hold a command
    ShellNodePtr out = list();
    if (ok() && !out) unexpected();
    return out;
  }

  ShellNodePtr and_or() {
    auto node = std::make_shared<Node>();
    node->kind = Kind::chain;
    node->parts.push_back(pipeline());
    while (ok()) {
      skip_blanks();
      if (skip("||")) {
        node->operators += '|';
      } else if (skip("&&")) {
        node->operators += '&';
      } else {
        break;
      }
      skip_lines();
      node->parts.push_back(pipeline());
    }
    return node->parts.size() == 1 ? node->parts.front() : node;
  }

  ShellNodePtr pipeline() {
    bool negated = false;
    while (take_word("!")) negated = !negated;
    std::vector<ShellNodePtr> parts{command()};
    for (skip_blanks(); ok() && here() == '|' && here(1) != '|'; skip_blanks()) {
      ++at_;
      skip_lines();
      parts.push_back(command());
    }
    ShellNodePtr out = parts.size() == 1 ? parts.front() : made(Kind::pipeline, std::move(parts));
    return negated ? made(Kind::negation, {out}) : out;
  }

  ShellNodePtr command() {
    Depth depth(*this);
    if (!ok()) return nullptr;
    auto node = std::make_shared<Node>();
    std::string_view word = word_ahead();
    if (take_word("if")) {
      condition(*node);
    } else if (word == "while" || word == "until") {
      at_ += word.size();
      node->kind = Kind::loop;
      node->negated = word == "until";
      node->parts.push_back(block());
      node->parts.push_back(body());
    } else if (take_word("for")) {
      each(*node);
    } else if (take_word("{")) {
      node->kind = Kind::group;
      node->parts.push_back(block());
      if (ok() && !take_word("}")) unexpected("}");
    } else if (here() == '(') {
      ++at_;
      node->kind = Kind::subshell;
      node->parts.push_back(block());
      skip_blanks();
      if (ok() && !skip(")")) unexpected(")");
    } else {
      simple(*node);
      return node;
    }
    while (ok() && redirection(*node)) {}
    return node;
  }

  void condition(Node& node) {
    node.kind = Kind::condition;
    node.parts.push_back(block());
    if (ok() && !take_word("then")) return unexpected("then");
    node.parts.push_back(block());
    if (take_word("elif")) {
      Depth depth(*this);
      auto other = std::make_shared<Node>();
      if (ok()) condition(*other);
      node.parts.push_back(std::move(other));
      return;
    }
    if (take_word("else")) node.parts.push_back(block());
    if (ok() && !take_word("fi")) unexpected("fi");
  }

  ShellNodePtr body() {
    skip_lines();
    if (ok() && !take_word("do")) unexpected("do");
    ShellNodePtr out = ok() ? block() : nullptr;
    if (ok() && !take_word("done")) unexpected("done");
    return out;
  }

  void each(Node& node) {
    node.kind = Kind::each;
    skip_blanks();
    while (is_name(here())) node.name += text_[at_++];
    if (node.name.empty() || !is_name_start(node.name.front())) return unexpected();
    skip_lines();
    if (skip("in") && ends_word(here())) {
      for (skip_blanks(); ok() && !ends_word(here()); skip_blanks()) node.words.push_back(word());
    }
    skip_blanks();
    if (here() == ';') ++at_;
    node.parts.push_back(body());
  }

  void simple(Node& node) {
    bool any = false;
    while (ok()) {
      if (redirection(node)) {
        any = true;
        continue;
      }
      skip_blanks();
      if (!ok() || ends_word(here())) break;
      any = true;
      if (node.words.empty()) {
        std::size_t end = at_;
        while (end < text_.size() && is_name(text_[end])) ++end;
        if (end > at_ && is_name_start(here()) && end < text_.size() && text_[end] == '=') {
          std::string name(text_.substr(at_, end - at_));
          at_ = end + 1;
          node.assignments.push_back({std::move(name), ends_word(here()) ? Word() : word()});
          continue;
        }
      }
      node.words.push_back(word());
    }
    if (ok() && !any) unexpected();
  }

  bool redirection(Node& node) {
    skip_blanks();
    std::size_t start = at_;
    int descriptor = -1;
    if (here() >= '0' && here() <= '9' && (here(1) == '<' || here(1) == '>')) descriptor = text_[at_++] - '0';
    Redirection out{Redirection::Kind::write, 1, {}};
    if (skip(">>")) {
      out.kind = Redirection::Kind::append;
    } else if (skip(">&")) {
      out.kind = Redirection::Kind::duplicate;
    } else if (skip(">|") || skip(">")) {
    } else if (skip("<<")) {
      out.kind = Redirection::Kind::text;
    } else if (skip("<")) {
      out.kind = Redirection::Kind::read;
    } else {
      at_ = start;
      return false;
    }
    bool reads = out.kind == Redirection::Kind::read || out.kind == Redirection::Kind::text;
    out.descriptor = descriptor >= 0 ? descriptor : reads ? 0 : 1;
    skip_blanks();
    if (ends_word(here())) {
      unexpected();
      return true;
    }
    out.target = word();
    if (out.kind == Redirection::Kind::text) here_document(out);
    node.redirections.push_back(std::move(out));
    return true;
  }

  // Its text stands on the lines behind this one. It is taken as it is: nothing in it is expanded.
  void here_document(Redirection& redirection) {
    std::string mark;
    for (const WordPart& part : redirection.target) mark += part.text;
    std::size_t line_end = text_.find('\n', at_);
    if (line_end == text_.npos) return raise("unexpected end of file", true);
    std::size_t next = behind_documents_ > 0 ? behind_documents_ : line_end + 1;
    std::string body;
    bool ended = false;
    while (next < text_.size() && !ended) {
      std::size_t end = std::min(text_.find('\n', next), text_.size());
      std::string_view line = text_.substr(next, end - next);
      next = std::min(end + 1, text_.size());
      ended = line == mark;
      if (!ended) body.append(line).append("\n");
    }
    if (!ended) return raise("unexpected end of file", true);
    behind_documents_ = next;
    redirection.target = {WordPart{WordPart::Kind::text, true, std::move(body), "", {}, nullptr}};
  }

  // ---- words
  Word word() {
    Word out;
    while (ok() && at_ < text_.size() && !ends_word(here())) {
      char c = here();
      if (c == '\'') {
        std::size_t end = text_.find('\'', ++at_);
        if (end == text_.npos) raise("unterminated quoted string", true);
        if (!ok()) break;
        put(out, text_.substr(at_, end - at_), true);
        at_ = end + 1;
      } else if (c == '"') {
        ++at_;
        quoted(out);
      } else if (c == '\\') {
        ++at_;
        if (at_ >= text_.size())
          put(out, "\\", true);
        else if (here() != '\n')
          put(out, text_.substr(at_, 1), true);
        if (at_ < text_.size()) ++at_;
      } else if (c == '$' || c == '`') {
        dollar(out, false);
      } else {
        put(out, text_.substr(at_++, 1), false);
      }
    }
    return out;
  }

  void quoted(Word& out) {
    put(out, "", true);
    while (ok()) {
      if (at_ >= text_.size()) return raise("unterminated quoted string", true);
      char c = here();
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '\\' && std::string_view("\"\\$`\n").find(here(1)) != std::string_view::npos && at_ + 1 < text_.size()) {
        if (here(1) != '\n') put(out, text_.substr(at_ + 1, 1), true);
        at_ += 2;
      } else if (c == '$' || c == '`') {
        dollar(out, true);
      } else {
        put(out, text_.substr(at_++, 1), true);
      }
    }
  }

  static void put(Word& out, std::string_view text, bool quoted) {
    if (!out.empty() && out.back().kind == WordPart::Kind::text && out.back().quoted == quoted) {
      out.back().text += text;
    } else {
      out.push_back({WordPart::Kind::text, quoted, std::string(text), "", {}, nullptr});
    }
  }

  void dollar(Word& out, bool quoted) {
    Depth depth(*this);
    if (!ok()) return;
    WordPart part;
    part.quoted = quoted;
    if (here() == '`') {
      std::size_t end = text_.find('`', at_ + 1);
      if (end == text_.npos) return raise("EOF in backquote substitution", true);
      Parser inner(text_.substr(at_ + 1, end - at_ - 1));
      inner.depth_ = depth_;
      part.kind = WordPart::Kind::command;
      auto parsed = inner.parse();
      if (!parsed) return raise(parsed.error().message.substr(14));
      part.command = *parsed;
      at_ = end + 1;
      out.push_back(std::move(part));
      return;
    }
    ++at_;  // $
    if (skip("((")) {
      arithmetic(part);
      out.push_back(std::move(part));
      return;
    }
    if (skip("(")) {
      part.kind = WordPart::Kind::command;
      part.command = list();
      skip_blanks();
      if (ok() && !skip(")")) unexpected(")");
      out.push_back(std::move(part));
      return;
    }
    part.kind = WordPart::Kind::variable;
    if (skip("{")) {
      braced(part);
    } else if (is_name_start(here())) {
      while (is_name(here())) part.text += text_[at_++];
    } else if (at_ < text_.size() && std::string_view("?$#@*!0123456789").find(here()) != std::string_view::npos) {
      part.text = text_[at_++];
    } else {
      return put(out, "$", quoted);
    }
    out.push_back(std::move(part));
  }

  void arithmetic(WordPart& part) {
    part.kind = WordPart::Kind::arithmetic;
    for (int open = 0; ok(); ++at_) {
      while (ok() && (here() == '$' || here() == '`')) dollar(part.alternative, true);
      if (!ok()) return;
      if (at_ >= text_.size()) return raise("unterminated arithmetic expansion", true);
      if (open == 0 && skip("))")) return;
      open += here() == '(' ? 1 : here() == ')' ? -1 : 0;
      if (open < 0) return raise("missing '))'");
      put(part.alternative, text_.substr(at_, 1), true);
    }
  }

  void braced(WordPart& part) {
    if (here() == '#' && is_name_start(here(1))) {
      part.operation = "#";
      ++at_;
    }
    if (is_name_start(here())) {
      while (is_name(here())) part.text += text_[at_++];
    } else if (at_ < text_.size() && std::string_view("?$#@*!0123456789").find(here()) != std::string_view::npos) {
      part.text = text_[at_++];
    } else {
      return raise("bad substitution");
    }
    if (part.operation.empty()) {
      for (std::string_view operation : {":-", ":+", ":=", "-", "+", "="}) {
        if (!skip(operation)) continue;
        part.operation = operation;
        break;
      }
    }
    while (ok() && !part.operation.empty() && part.operation != "#" && here() != '}') {
      if (at_ >= text_.size()) return raise("missing '}'", true);
      if (here() == '"') {
        ++at_;
        quoted(part.alternative);
      } else if (here() == '$' || here() == '`') {
        dollar(part.alternative, part.quoted);
      } else {
        put(part.alternative, text_.substr(at_++, 1), part.quoted);
      }
    }
    if (ok() && !skip("}")) raise(at_ >= text_.size() ? "missing '}'" : "bad substitution", at_ >= text_.size());
  }
};

}  // namespace

tl::expected<ShellNodePtr, ShellSyntaxError> parse_shell(std::string_view text) { return Parser(text).parse(); }

}  // namespace fairlead::sandbox
