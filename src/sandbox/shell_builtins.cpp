// What runs inside the shell, and how it runs programs.
#include <charconv>
#include <set>

#include "base/text.h"
#include "sandbox/shell.h"

namespace fairlead::sandbox {
namespace {

constexpr int not_found_status = 127, not_executable_status = 126;

std::optional<int> number(std::string_view text) {
  int out = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == text.npos;
}

// "1.5", "2m": seconds, minutes, hours, days.
std::optional<Duration> sleep_time(std::string_view text) {
  double value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double factor = unit == "" || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : -1;
  if (code != std::errc() || factor < 0 || !(value >= 0)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(value * factor, 1e6) * 1000));
}

}  // namespace

int Shell::set_variables(const std::vector<std::string>& args, bool exported) {
  for (std::size_t i = 1; i < args.size(); ++i) {
    std::size_t equals = args[i].find('=');
    std::string name = args[i].substr(0, equals);
    if (!is_name(name)) continue;
    Variable& variable = variables_[name];
    variable.exported |= exported;
    if (equals != args[i].npos) assign(name, args[i].substr(equals + 1));
  }
  return 0;
}

net::awaitable<int> Shell::read_line(const std::vector<std::string>* args, Streams streams) {
  std::string line = co_await next_line(streams);
  bool whole = line.ends_with('\n');
  std::string_view rest = trim(line);
  for (std::size_t i = 1; i < args->size(); ++i) {
    if ((*args)[i].starts_with('-')) continue;
    std::size_t end = i + 1 == args->size() ? rest.size() : std::min(rest.find_first_of(" \t"), rest.size());
    assign((*args)[i], std::string(rest.substr(0, end)));
    rest = trim(rest.substr(end));
  }
  co_return whole ? 0 : 1;
}

net::awaitable<std::optional<int>> Shell::builtin(const std::vector<std::string>* given, Streams streams) {
  const std::vector<std::string>& args = *given;
  const std::string& name = args[0];
  std::string first = args.size() > 1 ? args[1] : "";
  if (name == ":" || name == "wait" || name == "trap" || name == "umask" || name == "exec") co_return 0;
  if (name == "cd") {
    std::string wanted = first.empty()  ? value_of("HOME").value_or("/")
                         : first == "-" ? value_of("OLDPWD").value_or(directory_)
                                        : first;
    std::string path = absolute_path(directory_, wanted);
    if (!machine_.files().is_directory(path)) {
      co_await emit(streams, true,
                    "sh: cd: line 0: can't cd to " + wanted + ": " +
                        (machine_.files().find(path) ? "Not a directory" : "No such file or directory") + "\n");
      co_return 2;
    }
    assign("OLDPWD", directory_);
    directory_ = path;
    assign("PWD", path);
    co_return 0;
  }
  if (name == "exit" || name == "return") {
    exiting_ = true;
    status_ = first.empty() ? status_ : number(first).value_or(2) & 0xFF;
    co_return status_;
  }
  if (name == "break" || name == "continue") {
    int count = std::min(std::max(1, number(first).value_or(1)), loops_);
    (name == "break" ? breaks_ : continues_) = count;
    co_return 0;
  }
  if (name == "export" || name == "local" || name == "readonly") co_return set_variables(args, name == "export");
  if (name == "unset") {
    for (const std::string& one : args) variables_.erase(one);
    co_return 0;
  }
  if (name == "set") {
    for (std::size_t i = 1; i < args.size(); ++i) {
      if (args[i] == "--") {
        arguments_.resize(1);
        arguments_.insert(arguments_.end(), args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
        break;
      }
      if (args[i].starts_with('-') && args[i].find('e') != args[i].npos) stop_on_failure_ = true;
      if (args[i].starts_with('+') && args[i].find('e') != args[i].npos) stop_on_failure_ = false;
    }
    co_return 0;
  }
  if (name == "shift") {
    if (arguments_.size() > 1) arguments_.erase(arguments_.begin() + 1);
    co_return 0;
  }
  if (name == "eval") {
    std::string text;
    for (std::size_t i = 1; i < args.size(); ++i) text += args[i] + " ";
    co_return co_await script(std::move(text), streams);
  }
  if (name == "." || name == "source") {
    const FileNode* file = machine_.files().find(absolute_path(directory_, first));
    if (!file || file->kind != FileNode::Kind::file) {
      co_await emit(streams, true, "sh: " + name + ": can't open '" + first + "': No such file or directory\n");
      co_return 2;
    }
    std::string text = file->content;
    co_return co_await script(std::move(text), streams);
  }
  if (name == "read") co_return co_await read_line(given, streams);
  if (name == "type" || (name == "command" && first == "-v")) {
    const std::string& asked = args.back();
    bool known = find_command(asked) || asked == "cd" || asked == "exit" || asked == "export" || asked == "read" ||
                 asked == "set";
    std::string path = machine_.files().find("/bin/" + asked) ? "/bin/" + asked : asked;
    if (name == "command")
      co_await emit(streams, false, known ? path + "\n" : "");
    else
      co_await emit(streams, !known, known ? asked + " is " + path + "\n" : "sh: type: " + asked + ": not found\n");
    co_return known ? 0 : 127;
  }
  co_return std::nullopt;
}

// In the order of the container's environment, then what the shell exports beyond it.
std::vector<std::pair<std::string, std::string>> Shell::exported() const {
  std::vector<std::pair<std::string, std::string>> out;
  std::set<std::string_view> inherited;
  for (const auto& [name, value] : machine_.container().environment) {
    auto found = variables_.find(name);
    if (found == variables_.end()) continue;
    inherited.insert(name);
    out.emplace_back(name, found->second.value);
  }
  for (const auto& [name, variable] : variables_) {
    if (variable.exported && !inherited.contains(name)) out.emplace_back(name, variable.value);
  }
  return out;
}

// Runs a program of the image, or a script of the container's.
net::awaitable<int> Shell::command(std::vector<std::string> args, Streams streams) {
  if (args[0] == "busybox" && args.size() > 1) args.erase(args.begin());
  bool with_path = args[0].find('/') != args[0].npos;
  std::string path = absolute_path(directory_, with_path ? args[0] : "/bin/" + args[0]);
  const FileNode* file = machine_.files().find(path);
  bool listens = args[0] == "nc" && flags_of(args, "psw").has('l');
  if ((!file || listens) && !args[0].empty()) {
    std::optional<int> guessed = co_await io_.run_unknown(&args);
    if (io_.ended()) killed_ = true;
    if (guessed) co_return *guessed;
    file = machine_.files().find(path);
  }
  if (!file || (!with_path && args[0].empty())) {
    co_await emit(streams, true, "sh: " + args[0] + ": not found\n");
    co_return not_found_status;
  }
  if (file->kind != FileNode::Kind::file || (file->mode & 0111) == 0) {
    co_await emit(streams, true, "sh: " + args[0] + ": Permission denied\n");
    co_return not_executable_status;
  }
  std::string name = path.starts_with("/bin/") ? path.substr(5) : "";
  if (name == "sh" || name.empty() || !find_command(name)) {
    if (name != "sh") args.insert(args.begin(), "sh");
    if (depth_ > 40) killed_ = true;  // scripts that call themselves
    if (killed_) co_return 137;
    ++depth_;
    auto variables = variables_;
    auto arguments = arguments_;
    std::size_t bytes = variable_bytes_;
    std::string directory = directory_;
    bool failing = std::exchange(stop_on_failure_, false);
    int status = co_await interpreter(std::move(args), streams);
    --depth_;
    variables_ = std::move(variables);
    variable_bytes_ = bytes;
    arguments_ = std::move(arguments);
    directory_ = std::move(directory);
    stop_on_failure_ = failing;
    exiting_ = false;
    co_return status;
  }
  if (name == "sleep") {
    auto span = sleep_time(args.size() > 1 ? args[1] : "");
    if (!span) {
      co_await emit(streams, true,
                    args.size() > 1 ? "sleep: invalid number '" + args[1] + "'\n" : "BusyBox: missing operand\n");
      co_return 1;
    }
    bool slept = co_await io_.pause(*span);
    // Who sleeps may do more afterwards: everything anew after a second.
    auto slept_ms = std::chrono::duration_cast<std::chrono::milliseconds>(*span).count();
    steps_ = std::max<std::int64_t>(0, steps_ - slept_ms * (most_steps / 1000));
    if (!slept) (io_.take_interrupt() ? interrupted_ : killed_) = true;
    co_return 0;
  }
  bool copies = name == "cat" && !streams.input && (args.size() == 1 || (args.size() == 2 && args[1] == "-"));
  while (copies) {  // as it comes
    std::string more = std::exchange(unread_, "");
    if (more.empty()) more = co_await io_.read();
    if (io_.take_interrupt()) interrupted_ = true;
    if (more.empty() || interrupted_ || killed_) co_return 0;
    co_await emit(streams, false, std::move(more));
  }
  const Command* program = find_command(name);
  std::vector<std::pair<std::string, std::string>> environment;
  if (name == "env" || name == "printenv") environment = exported();
  bool follows = name == "tail" && flags_of(args, "nc").has('f');
  std::string input;
  if (program->reads_input && program->reads_input(args)) input = co_await all_input(streams);
  if (interrupted_ || killed_) co_return 130;
  CommandRun run{machine_, std::move(args), std::move(input), directory_, std::move(environment), "", "", ""};
  run.args[0] = name;
  // Busybox's shell has these in itself, and speaks in its own name.
  bool built_in = !arguments_.empty() && (name == "kill" || name == "test" || name == "[");
  run.speaker = built_in ? "sh" : name;
  int status = program->run(run);
  co_await emit(streams, false, std::move(run.out));
  co_await emit(streams, true, std::move(run.err));
  while (follows && status == 0 && !killed_ && !interrupted_) {
    bool slept = co_await io_.pause(std::chrono::hours(1));
    if (!slept) (io_.take_interrupt() ? interrupted_ : killed_) = true;
  }
  co_return status;
}

}  // namespace fairlead::sandbox
