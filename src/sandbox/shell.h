// The processes of containers: a small shell and its commands over a container's files, with what they read and write
// passed in. Deterministic but for the time, bounded in output, steps and memory. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/task.h"
#include "sandbox/commands.h"
#include "sandbox/shell_parser.h"

namespace fairlead::sandbox {

// Standard input and output of a process, and its terminal if it has one.
class ProcessIo {
 public:
  virtual ~ProcessIo() = default;
  // The next bytes of standard input, of a terminal the next line; empty at the end.
  virtual net::awaitable<std::string> read() = 0;
  // False when nobody takes it any more, or the process was killed: it should end.
  virtual net::awaitable<bool> write(bool error, std::string_view bytes) = 0;
  // False when it was cut short: by ^C, or because the process should end.
  virtual net::awaitable<bool> pause(Duration span) = 0;
  virtual bool terminal() const = 0;
  // Whether ^C was typed since the last question.
  virtual bool take_interrupt() = 0;
  // The process was killed, or nobody takes its output any more.
  virtual bool ended() const = 0;
  // Runs a program that the shell does not have, as somebody guesses that it would: its exit code. Nothing: there is no
  // such program.
  virtual net::awaitable<std::optional<int>> run_unknown(const std::vector<std::string>* args) {
    (void)args;
    co_return std::nullopt;
  }
};

struct ProcessEnd {
  int exit_code = 0;
  std::string start_error;  // not empty: there was no process, as the runtime says it
};

class Shell {
 public:
  Shell(Machine& machine, ProcessIo& io);
  // Runs argv as the container runtime runs an exec. A process that goes on too long without a sleep is killed.
  net::awaitable<ProcessEnd> execute(std::vector<std::string> argv);

 private:
  // Commands and turns of loops without a sleep, until the process is killed.
  static constexpr std::int64_t most_steps = 50'000;

  // What comes through a pipe or from a file, and how far it was read.
  struct Input {
    std::string text;
    std::size_t at = 0;
    bool ended() const { return at >= text.size(); }
    std::string line();  // the next one, with its newline if it has one
    std::string rest() { return text.substr(std::exchange(at, text.size())); }
  };
  // Where a command reads and writes. A buffer belongs to who reads it afterwards: a pipe, a file, a substitution.
  struct Streams {
    Input* input = nullptr;                         // null: the process's standard input
    std::string* out = nullptr;                     // null: the process's standard output
    std::string* err = nullptr;                     // null: its standard error
    bool out_is_error = false, err_is_out = false;  // where null: after >&2 and 2>&1
  };
  struct Variable {
    std::string value;
    bool exported = false;
  };

  net::awaitable<int> interpreter(std::vector<std::string> args, Streams streams);
  net::awaitable<int> interactive(Streams streams);
  std::string prompt(bool first);
  net::awaitable<int> script(std::string text, Streams streams);
  net::awaitable<int> run(const ShellNode* node, Streams streams);
  net::awaitable<int> simple(const ShellNode* node, Streams streams);
  net::awaitable<int> redirected(const ShellNode* node, Streams streams);
  net::awaitable<int> pipeline(const ShellNode* node, Streams streams);
  net::awaitable<int> loop(const ShellNode* node, Streams streams);
  net::awaitable<int> inside(const ShellNode* node, Streams streams);
  net::awaitable<int> call(std::vector<std::string> args, Streams streams);
  net::awaitable<int> command(std::vector<std::string> args, Streams streams);
  // Those that change the shell itself; nothing when the name is none of them.
  net::awaitable<std::optional<int>> builtin(const std::vector<std::string>* args, Streams streams);
  void assign(std::string_view name, std::string value);
  std::vector<std::pair<std::string, std::string>> exported() const;
  int set_variables(const std::vector<std::string>& args, bool exported);
  net::awaitable<int> read_line(const std::vector<std::string>* args, Streams streams);

  // shell_words.cpp
  struct Fields;
  net::awaitable<std::vector<std::string>> fields(const std::vector<Word>* words);
  net::awaitable<std::string> text(const Word* word);
  net::awaitable<void> expand(const Word* word, bool split, Fields* out);
  net::awaitable<void> expand_variable(const WordPart* part, bool split, Fields* out);
  net::awaitable<std::string> substitute(const ShellNode* node);
  std::optional<std::string> value_of(std::string_view name) const;
  std::vector<std::string> matching(std::string_view pattern) const;

  net::awaitable<void> emit(Streams streams, bool error, std::string text);
  net::awaitable<std::string> all_input(Streams streams);
  net::awaitable<std::string> next_line(Streams streams);
  net::awaitable<bool> step();
  bool stopped() const { return exiting_ || interrupted_ || killed_ || breaks_ > 0 || continues_ > 0; }

  Machine& machine_;
  ProcessIo& io_;
  std::string directory_;
  std::map<std::string, Variable, std::less<>> variables_;
  std::size_t variable_bytes_ = 0;
  std::vector<std::string> arguments_;  // $0, $1, …
  int status_ = 0;
  bool exiting_ = false, interrupted_ = false, killed_ = false, stop_on_failure_ = false;
  int breaks_ = 0, continues_ = 0, conditions_ = 0, depth_ = 0, loops_ = 0;
  std::int64_t steps_ = 0;
  std::string unread_;  // of standard input, behind the line that was read
};

}  // namespace fairlead::sandbox
