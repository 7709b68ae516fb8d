#include "sandbox/shell.h"

#include <memory>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

using Kind = ShellNode::Kind;

constexpr std::size_t most_buffered = 4 << 20, most_variable_bytes = 1 << 20;
constexpr int deepest = 200, killed_status = 137, interrupted_status = 130;

bool is_shell(std::string_view name) { return name == "sh" || name == "/bin/sh"; }

}  // namespace

Shell::Shell(Machine& machine, ProcessIo& io) : machine_(machine), io_(io), directory_(machine.container().directory) {
  for (const auto& [name, value] : machine.container().environment) variables_[name] = Variable{value, true};
  if (io.terminal()) variables_["TERM"] = Variable{"xterm", true};
  variables_["PWD"] = Variable{directory_, true};
}

net::awaitable<ProcessEnd> Shell::execute(std::vector<std::string> argv) {
  ProcessEnd out;
  std::string prefix = "OCI runtime exec failed: exec failed: unable to start container process: ";
  if (argv.empty() || argv.front().empty()) {
    out.start_error = prefix + "exec: \"\": executable file not found in $PATH: unknown";
    co_return out;
  }
  const std::string& program = argv.front();
  bool path = program.find('/') != program.npos;
  const FileNode* file = machine_.files().find(absolute_path(directory_, path ? program : "/bin/" + program));
  std::string quoted = compact(json::value(json::string(program)));
  if (!file) {
    out.start_error = prefix + "exec: " + quoted +
                      (path ? ": stat " + program + ": no such file or directory: unknown"
                            : ": executable file not found in $PATH: unknown");
  } else if (file->kind != FileNode::Kind::file || (file->mode & 0111) == 0) {
    out.start_error = prefix + "exec: " + quoted + ": permission denied: unknown";
  }
  if (!out.start_error.empty()) co_return out;
  Streams streams;
  int status = 0;
  if (is_shell(program)) {
    status = co_await interpreter(std::move(argv), streams);
  } else {
    status = co_await command(std::move(argv), streams);
  }
  out.exit_code = killed_ ? killed_status : interrupted_ ? interrupted_status : status;
  co_return out;
}

// ---- sh

net::awaitable<int> Shell::interpreter(std::vector<std::string> args, Streams streams) {
  std::size_t next = 1;
  bool from_text = false, input = false;
  for (; next < args.size() && args[next].size() > 1 && args[next][0] == '-'; ++next) {
    from_text |= args[next].find('c') != args[next].npos;
    input |= args[next].find('s') != args[next].npos;
    stop_on_failure_ |= args[next].find('e') != args[next].npos;
  }
  if (from_text) {
    if (next >= args.size()) {
      co_await emit(streams, true, "sh: -c requires an argument\n");
      co_return 2;
    }
    std::string text = args[next++];
    arguments_.assign(args.begin() + static_cast<std::ptrdiff_t>(next), args.end());
    if (arguments_.empty()) arguments_ = {args.front()};
    co_return co_await script(std::move(text), streams);
  }
  if (next < args.size() && !input) {
    const FileNode* file = machine_.files().find(absolute_path(directory_, args[next]));
    if (!file || file->kind != FileNode::Kind::file) {
      co_await emit(streams, true, "sh: can't open '" + args[next] + "': No such file or directory\n");
      co_return 2;
    }
    std::string text = file->content;
    arguments_.assign(args.begin() + static_cast<std::ptrdiff_t>(next), args.end());
    co_return co_await script(std::move(text), streams);
  }
  arguments_ = {args.front()};
  co_return co_await interactive(streams);
}

// Reads commands line by line; with a terminal it prompts for them.
net::awaitable<int> Shell::interactive(Streams streams) {
  bool prompts = io_.terminal() && !streams.input;
  std::string text;
  while (!exiting_ && !killed_) {
    if (prompts) co_await emit(streams, false, prompt(text.empty()));
    std::string line = co_await next_line(streams);
    if (interrupted_) {
      interrupted_ = false;
      status_ = interrupted_status;
      text.clear();
      continue;
    }
    if (killed_) co_return killed_status;
    bool last = !line.ends_with('\n');
    text += line;
    auto parsed = parse_shell(text);
    if (!parsed && parsed.error().incomplete && !last) continue;
    if (!parsed) {
      co_await emit(streams, true, "sh: " + parsed.error().message + "\n");
      status_ = 2;
      if (!prompts) co_return status_;
    } else if (*parsed) {
      ShellNodePtr tree = *parsed;
      status_ = co_await run(tree.get(), streams);
    }
    text.clear();
    interrupted_ = false;
    breaks_ = continues_ = 0;
    if (last) break;
  }
  co_return status_;
}

std::string Shell::prompt(bool first) {
  if (!first) return "> ";
  return directory_ + (machine_.container().user == 0 ? " # " : " $ ");
}

std::string Shell::Input::line() {
  std::size_t begin = at;
  at = std::min(text.find('\n', at), text.size() - 1) + 1;
  return text.substr(begin, at - begin);
}

// Of standard input: a line with its newline, or what there is at the end.
net::awaitable<std::string> Shell::next_line(Streams streams) {
  if (streams.input) co_return streams.input->ended() ? "" : streams.input->line();
  while (unread_.find('\n') == unread_.npos && !killed_) {
    std::string more = co_await io_.read();
    if (io_.take_interrupt()) {
      interrupted_ = true;
      unread_.clear();
    }
    if (io_.ended() || unread_.size() > most_buffered) killed_ = true;
    if (more.empty()) break;
    unread_ += more;
  }
  std::size_t end = std::min(unread_.find('\n'), unread_.size() - 1) + 1;
  std::string out = unread_.substr(0, end);
  unread_.erase(0, end);
  co_return out;
}

net::awaitable<int> Shell::script(std::string text, Streams streams) {
  auto parsed = parse_shell(text);
  if (!parsed) {
    co_await emit(streams, true, "sh: " + parsed.error().message + "\n");
    co_return 2;
  }
  ShellNodePtr tree = *parsed;
  if (tree) status_ = co_await run(tree.get(), streams);
  co_return status_;
}

// ---- trees

net::awaitable<int> Shell::run(const ShellNode* node, Streams streams) {
  if (!node) co_return 0;
  int status = 0;
  if (++depth_ > deepest) killed_ = true;
  switch (stopped() ? Kind::list : node->kind) {
    case Kind::simple: status = co_await simple(node, streams); break;
    case Kind::pipeline: status = co_await pipeline(node, streams); break;
    case Kind::chain:
      for (std::size_t i = 0; i < node->parts.size() && !stopped(); ++i) {
        if (i > 0 && (status == 0) != (node->operators[i - 1] == '&')) continue;
        bool last = i + 1 == node->parts.size();
        conditions_ += last ? 0 : 1;
        status = co_await run(node->parts[i].get(), streams);
        conditions_ -= last ? 0 : 1;
        status_ = status;
      }
      break;
    case Kind::negation: {
      ++conditions_;
      int inner = co_await run(node->parts[0].get(), streams);
      --conditions_;
      status = inner == 0 ? 1 : 0;
      break;
    }
    case Kind::list:
      status = status_;
      for (std::size_t i = 0; i < node->parts.size() && !stopped(); ++i) {
        status = co_await run(node->parts[i].get(), streams);
        status_ = status;
      }
      break;
    case Kind::condition: {
      ++conditions_;
      int chosen = co_await run(node->parts[0].get(), streams);
      --conditions_;
      std::size_t branch = chosen == 0 ? 1 : 2;
      if (!stopped() && branch < node->parts.size()) status = co_await run(node->parts[branch].get(), streams);
      break;
    }
    default: status = co_await redirected(node, streams);
  }
  --depth_;
  status_ = status;
  bool tested = conditions_ > 0 || node->kind == Kind::chain || node->kind == Kind::negation;
  if (status != 0 && stop_on_failure_ && !tested && !stopped()) exiting_ = true;
  co_return exiting_ ? status_ : status;
}

// A copy of the shell's state is changed, and dropped.
net::awaitable<int> Shell::inside(const ShellNode* node, Streams streams) {
  auto variables = variables_;
  auto arguments = arguments_;
  std::size_t bytes = variable_bytes_;
  std::string directory = directory_;
  int loops = std::exchange(loops_, 0);
  int status = co_await run(node, streams);
  variables_ = std::move(variables);
  variable_bytes_ = bytes;
  arguments_ = std::move(arguments);
  directory_ = std::move(directory);
  loops_ = loops;
  exiting_ = false;
  breaks_ = continues_ = 0;
  co_return status;
}

net::awaitable<int> Shell::pipeline(const ShellNode* node, Streams streams) {
  std::string carried;
  int status = 0;
  for (std::size_t i = 0; i < node->parts.size() && !killed_ && !interrupted_; ++i) {
    std::string made;
    Streams stage = streams;
    Input input{std::exchange(carried, ""), 0};
    if (i > 0) stage.input = &input;
    if (i + 1 < node->parts.size()) {
      stage.out = &made;
      stage.out_is_error = false;
    }
    status = co_await inside(node->parts[i].get(), stage);
    carried = std::move(made);
  }
  co_return status;
}

net::awaitable<int> Shell::loop(const ShellNode* node, Streams streams) {
  int status = 0;
  ++loops_;
  std::vector<std::string> values;
  if (node->kind == Kind::each) values = co_await fields(&node->words);
  for (std::size_t turn = 0; !stopped(); ++turn) {
    if (!co_await step()) break;
    if (node->kind == Kind::each) {
      if (turn >= values.size()) break;
      assign(node->name, values[turn]);
      status = co_await run(node->parts[0].get(), streams);
    } else {
      ++conditions_;
      int tested = co_await run(node->parts[0].get(), streams);
      --conditions_;
      if (stopped() || (tested == 0) == node->negated) break;
      status = co_await run(node->parts[1].get(), streams);
    }
    if (continues_ > 0 && --continues_ > 0) break;
    if (breaks_ > 0) break;
  }
  if (breaks_ > 0) --breaks_;
  --loops_;
  co_return status;
}

// Opens what the redirections name, runs, and closes it.
net::awaitable<int> Shell::redirected(const ShellNode* node, Streams streams) {
  struct File {
    std::string path, content;
  };
  std::vector<std::unique_ptr<File>> files;
  std::vector<std::unique_ptr<Input>> inputs;
  for (const Redirection& one : node->redirections) {
    std::string target = co_await text(&one.target);
    std::string path = absolute_path(directory_, target);
    switch (one.kind) {
      case Redirection::Kind::text: inputs.push_back(std::make_unique<Input>(Input{std::move(target), 0})); break;
      case Redirection::Kind::read: {
        const FileNode* file = machine_.files().find(path);
        if (!file) {
          co_await emit(streams, true, "sh: can't open " + target + ": no such file\n");
          co_return 1;
        }
        inputs.push_back(std::make_unique<Input>(Input{file->content, 0}));
        break;
      }
      case Redirection::Kind::duplicate:
        if (one.descriptor == 1 && target == "2") {
          streams.out = streams.err;
          streams.out_is_error = !streams.err_is_out;
        } else if (one.descriptor == 2 && target == "1") {
          streams.err = streams.out;
          streams.err_is_out = !streams.out_is_error;
        }
        continue;
      default: {
        FileProblem problem = machine_.files().write(path, "", one.kind == Redirection::Kind::append, machine_.now());
        if (problem != FileProblem::none) {
          std::string why(problem == FileProblem::missing ? "nonexistent directory" : words_of(problem));
          co_await emit(streams, true, "sh: can't create " + target + ": " + why + "\n");
          co_return 1;
        }
        files.push_back(std::make_unique<File>(File{path, ""}));
        if (one.descriptor == 2)
          streams.err = &files.back()->content;
        else
          streams.out = &files.back()->content;
        continue;
      }
    }
    if (one.descriptor == 0) streams.input = inputs.back().get();
  }
  int status = 0;
  switch (node->kind) {
    case Kind::simple: {
      std::vector<std::string> words = co_await fields(&node->words);
      if (exiting_)  // a word could not be reckoned
        status = status_;
      else if (!words.empty())
        status = co_await call(std::move(words), streams);
      break;
    }
    case Kind::group: status = co_await run(node->parts[0].get(), streams); break;
    case Kind::subshell: status = co_await inside(node->parts[0].get(), streams); break;
    default: status = co_await loop(node, streams);
  }
  for (const auto& file : files) {
    FileProblem problem = machine_.files().write(file->path, file->content, true, machine_.now());
    if (problem == FileProblem::none) continue;
    co_await emit(streams, true, "sh: write error: " + std::string(words_of(problem)) + "\n");
    status = 1;
  }
  co_return status;
}

net::awaitable<int> Shell::simple(const ShellNode* node, Streams streams) {
  if (!co_await step()) co_return killed_status;
  std::map<std::string, Variable, std::less<>> before;
  bool passing = !node->words.empty();  // assignments in front of a command are for it alone
  if (passing && !node->assignments.empty()) before = variables_;
  int substituted = 0;
  for (const Assignment& one : node->assignments) {
    status_ = 0;
    std::string value = co_await text(&one.value);
    substituted = status_;
    assign(one.name, std::move(value));
    variables_[one.name].exported |= passing;
  }
  int status = co_await redirected(node, streams);
  if (passing && !node->assignments.empty()) {
    for (const Assignment& one : node->assignments) {
      auto old = before.find(one.name);
      if (old == before.end())
        variables_.erase(one.name);
      else
        variables_[one.name] = old->second;
    }
  }
  co_return node->words.empty() && status == 0 ? substituted : status;
}

net::awaitable<int> Shell::call(std::vector<std::string> args, Streams streams) {
  if (args.front() == "exec" && args.size() > 1) {
    args.erase(args.begin());
    int status = co_await command(std::move(args), streams);
    exiting_ = true;
    status_ = status;
    co_return status;
  }
  std::optional<int> done = co_await builtin(&args, streams);
  if (done) co_return *done;
  co_return co_await command(std::move(args), streams);
}

// ---- input, output and steps

void Shell::assign(std::string_view name, std::string value) {
  Variable& variable = variables_[std::string(name)];
  variable_bytes_ += name.size() + value.size();
  variable_bytes_ -= std::min(variable_bytes_, variable.value.size());
  variable.value = std::move(value);
  if (variable_bytes_ > most_variable_bytes) killed_ = true;
}

net::awaitable<void> Shell::emit(Streams streams, bool error, std::string text) {
  if (text.empty() || killed_) co_return;
  std::string* buffer = error ? streams.err : streams.out;
  if (!buffer) {
    bool to_error = error ? !streams.err_is_out : streams.out_is_error;
    bool written = co_await io_.write(to_error, text);
    if (!written) killed_ = true;
    co_return;
  }
  if (buffer->size() + text.size() > most_buffered)
    killed_ = true;
  else
    *buffer += text;
}

net::awaitable<std::string> Shell::all_input(Streams streams) {
  if (streams.input) co_return streams.input->rest();
  std::string out = std::exchange(unread_, "");
  while (out.size() <= most_buffered) {
    std::string more = co_await io_.read();
    if (io_.take_interrupt()) interrupted_ = true;
    if (more.empty() || interrupted_) break;
    out += more;
  }
  if (out.size() > most_buffered) killed_ = true;
  co_return out;
}

net::awaitable<bool> Shell::step() {
  if (++steps_ > most_steps || io_.ended()) killed_ = true;
  if (steps_ % 32 == 0 && !killed_) co_await io_.pause(Duration::zero());
  if (io_.take_interrupt()) interrupted_ = true;
  co_return !killed_ && !interrupted_;
}

}  // namespace fairlead::sandbox
