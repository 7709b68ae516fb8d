// The grammar of the containers' shell: what of POSIX's people and scripts use most. Pure; any text gives a tree or an
// error, in time that grows with its length; nesting is bounded.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace fairlead::sandbox {

struct ShellNode;
using ShellNodePtr = std::shared_ptr<const ShellNode>;

// A piece of a word. What is quoted is neither split into fields nor taken for a pattern.
struct WordPart {
  enum class Kind { text, variable, command, arithmetic } kind = Kind::text;
  bool quoted = false;
  std::string text;                   // the text, or the variable's name: a name, a digit, one of ? $ # @ * !
  std::string operation;              // of a variable: "", ":-", "-", ":+", "+", ":=", "=", "#" (in front: its length)
  std::vector<WordPart> alternative;  // of a variable: the word behind the operation; of $((…)): what is reckoned
  ShellNodePtr command;               // $(…); null: it is empty
};
using Word = std::vector<WordPart>;

struct Redirection {
  enum class Kind { read, write, append, duplicate, text } kind;
  int descriptor;
  Word target;  // of duplicate: the descriptor; of text: what is read (a here-document)
};

struct Assignment {
  std::string name;
  Word value;
};

struct ShellNode {
  enum class Kind {
    simple,     // assignments, words, redirections
    pipeline,   // parts
    chain,      // parts with && or || between them: `operators` has a & or a | for each but the first
    negation,   // ! parts[0]
    list,       // parts, one after the other
    condition,  // if parts[0] then parts[1] else parts[2], which may be missing
    loop,       // while parts[0] do parts[1]; until where `negated`
    each,       // for name in words do parts[0]
    group,      // { parts[0] }, with redirections
    subshell,   // ( parts[0] ), with redirections
  } kind = Kind::simple;
  std::vector<ShellNodePtr> parts;
  std::vector<Assignment> assignments;
  std::vector<Word> words;
  std::vector<Redirection> redirections;
  std::string name;  // of each: the variable
  std::string operators;
  bool negated = false;     // of loop: until
  bool background = false;  // it has a & behind it; the shell runs it here and now
};

struct ShellSyntaxError {
  std::string message;      // as busybox's shell words it: `syntax error: unexpected "&&"`
  bool incomplete = false;  // more text could make it right
};

// Null for a text without a command.
tl::expected<ShellNodePtr, ShellSyntaxError> parse_shell(std::string_view text);

}  // namespace fairlead::sandbox
