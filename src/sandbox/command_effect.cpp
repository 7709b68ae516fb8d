// What is known of a command line before it runs: whether the shell can run it, and a small reading of the others,
// enough to tell what a `sh -c` of a test, a Job or an example is meant to do.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/behaviour.h"
#include "sandbox/commands.h"
#include "sandbox/shell_parser.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_words = 2000, most_arguments = 1000;
constexpr std::int64_t longest_ms = 1'000'000'000'000;
constexpr int deepest = 8;

constexpr std::string_view quick[] = {
    "echo",  "printf", "date",    "ls",    "cat",    "mkdir", "touch",    "env", "hostname", "set",   "export",
    "cd",    "uname",  "id",      "test",  "[",      "true",  ":",        "rm",  "cp",       "mv",    "chmod",
    "chown", "grep",   "sed",     "awk",   "wget",   "curl",  "nslookup", "dig", "ping",     "ps",    "df",
    "du",    "free",   "kubectl", "seq",   "head",   "wc",    "sort",     "tee", "umask",    "unset", "trap",
    "local", "read",   "expr",    "which", "whoami", "pwd",   "perl",     "ln",  "dd",       "kill"};
// Those whose program is a shell or an interpreter: it ends at once when it finds no input.
constexpr std::string_view plain_images[] = {"busybox", "alpine", "debian",      "ubuntu", "bash",
                                             "perl",    "python", "hello-world", "fedora"};
constexpr std::string_view shells[] = {"sh", "bash", "ash", "dash"};

template <class List>
bool among(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::string_view base_name(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

std::int64_t sleep_ms(std::string_view text) {
  double value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || !(value >= 0 && value < 1e12)) return -1;  // "infinity" too
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double factor = unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86'400 : 1;
  if (!unit.empty() && unit != "s" && factor == 1) return -1;
  return static_cast<std::int64_t>(std::min(value * factor * 1000, static_cast<double>(longest_ms)));
}

// Words and operators (; && || | & newline) of a script, quotes taken away.
std::vector<std::string> words_of(std::string_view script) {
  std::vector<std::string> out;
  std::string word;
  bool any = false;
  auto flush = [&] {
    if (any) out.push_back(word);
    word.clear();
    any = false;
  };
  for (std::size_t i = 0; i < script.size() && out.size() < most_words; ++i) {
    char c = script[i];
    if (c == '\'' || c == '"') {
      std::size_t end = script.find(c, i + 1);
      if (end == script.npos) end = script.size();
      word += script.substr(i + 1, end - i - 1);
      any = true;
      i = end;
    } else if (c == '\n' || c == ';') {
      flush();
      out.emplace_back("\n;");
    } else if (c == '&' || c == '|') {
      flush();
      bool twice = i + 1 < script.size() && script[i + 1] == c;
      out.push_back(twice ? std::string("\n") + c + c : std::string("\n") + c);
      if (twice) ++i;
    } else if (c == ' ' || c == '\t') {
      flush();
    } else if (c == '#' && !any) {
      while (i + 1 < script.size() && script[i + 1] != '\n') ++i;
    } else {
      word += c;
      any = true;
    }
  }
  flush();
  return out;
}

// The words of a script that is one plain command; nothing for others.
std::vector<std::string> plain_command(std::string_view script) {
  auto parsed = parse_shell(script);
  if (!parsed || !*parsed) return {};
  const ShellNode& node = **parsed;
  if (node.kind != ShellNode::Kind::simple || node.background || !node.assignments.empty() ||
      !node.redirections.empty())
    return {};
  std::vector<std::string> out;
  for (const Word& word : node.words) {
    std::string text;
    for (const WordPart& part : word) {
      if (part.kind != WordPart::Kind::text || part.text.find_first_of("*?[~") != part.text.npos) return {};
      text += part.text;
    }
    out.push_back(std::move(text));
  }
  return out;
}

bool has_background(const ShellNode* node) {
  if (!node) return false;
  return node->background || std::any_of(node->parts.begin(), node->parts.end(),
                                         [](const ShellNodePtr& part) { return has_background(part.get()); });
}

// The text behind -c.
const std::string* script_of(const std::vector<std::string>& command) {
  bool from_text = false;
  for (std::size_t i = 1; i < command.size(); ++i) {
    if (command[i].size() < 2 || command[i][0] != '-') return from_text ? &command[i] : nullptr;
    from_text |= command[i].find('c') != command[i].npos;
  }
  return nullptr;
}

CommandEffect effect_at(const std::vector<std::string>& command, int depth);

CommandEffect run_script(std::string_view script, int depth) {
  CommandEffect out{true, true, false, 0, 0, {}};
  std::vector<std::string> words = words_of(script), command;
  std::string before = "\n;";
  bool left = false;
  auto run = [&](const std::string& after) {
    std::vector<std::string> now;
    now.swap(command);
    std::string join = before;
    before = after;
    while (!now.empty() &&
           (now.front() == "do" || now.front() == "then" || now.front() == "{" || now.front() == "(" ||
            now.front() == "else" || (now.front().find('=') != std::string::npos && now.front().find('=') > 0))) {
      now.erase(now.begin());
    }
    if (now.empty() || left) return;
    if ((join == "\n&&" && out.exit_code != 0) || (join == "\n||" && out.exit_code == 0)) return;
    if (after == "\n&") return;  // in the background
    const std::string& name = now.front();
    if (name == "exit" || name == "return") {
      if (now.size() > 1) out.exit_code = std::atoi(now[1].c_str()) & 255;
      left = true;
      return;
    }
    if (name == "while" || name == "until") {
      // A loop is taken for one that does not end.
      out.ends = false;
      left = true;
      return;
    }
    if (name == "for" || name == "if" || name == "done" || name == "fi" || name == "}" || name == ")" || name == "elif")
      return;
    CommandEffect one = effect_at(now, depth + 1);
    out.runs_ms = std::min(out.runs_ms + one.runs_ms, longest_ms);
    out.exit_code = one.exit_code;
    for (std::string& line : one.says) {
      if (out.says.size() < 100) out.says.push_back(std::move(line));
    }
    if (!one.ends) {
      out.ends = false;
      left = true;
    }
    if (name == "exec") left = true;
  };
  for (std::string& word : words) {
    if (word.front() != '\n') {
      command.push_back(std::move(word));
    } else {
      run(word);
    }
  }
  run("\n;");
  return out;
}

CommandEffect effect_at(const std::vector<std::string>& command, int depth) {
  CommandEffect out;
  if (command.empty() || depth > deepest) return out;
  out.known = true;
  std::string_view name = base_name(command.front());
  std::vector<std::string> rest(command.begin() + 1, command.end());
  if (name == "exec" || name == "timeout" || name == "tini" || name == "nohup") {
    if (name == "timeout" && !rest.empty()) rest.erase(rest.begin());
    while (!rest.empty() && rest.front().starts_with("-")) rest.erase(rest.begin());
    return effect_at(rest, depth + 1);
  }
  if (among(shells, name)) {
    for (std::size_t i = 0; i + 1 < rest.size(); ++i) {
      if (!rest[i].starts_with("-") || !rest[i].ends_with("c")) continue;
      if (CommandEffect plain = effect_at(plain_command(rest[i + 1]), depth + 1); plain.exact) return plain;
      return run_script(rest[i + 1], depth + 1);
    }
    out.ends = rest.empty();  // nothing to read; a script in a file is not known
    return out;
  }
  if (name == "sleep") {
    std::int64_t total = 0;
    for (const std::string& word : rest) {
      std::int64_t one = sleep_ms(word);
      if (one < 0) {
        out.ends = word != "infinity" && word != "inf";
        out.exact = !out.ends && rest.size() == 1;
        out.exit_code = 1;
        return out;
      }
      total += one;
    }
    out.ends = true;
    out.exact = !rest.empty();
    out.runs_ms = std::min(total, longest_ms);
    return out;
  }
  out.ends = true;
  if (name == "true" || name == "false") {
    out.exact = true;
    out.exit_code = name == "true" ? 0 : 1;
  } else if (name == "tail" && rest == std::vector<std::string>{"-f", "/dev/null"}) {
    out.exact = true;
    out.ends = false;
  } else if (name == "echo") {
    std::string line;
    for (const std::string& word : rest) {
      if (word == "-n" || word == "-e") continue;
      if (word.starts_with(">")) break;
      line += (line.empty() ? "" : " ") + word;
    }
    out.says.push_back(line.substr(0, 4096));
  } else if (name == "perl") {
    out.runs_ms = 3000;
  } else if (!among(quick, name)) {
    out.ends = false;
  }
  return out;
}

}  // namespace

CommandEffect effect_of(const std::vector<std::string>& command) { return effect_at(command, 0); }

std::vector<std::string> main_command(const json::value& container) {
  std::vector<std::string> out;
  for (std::string_view list : {"command", "args"}) {
    for (const json::value& word : array_at(container, {list})) {
      if (word.is_string() && out.size() < most_arguments) out.emplace_back(word.get_string());
    }
  }
  if (out.empty()) return out;
  // Arguments alone go to the image's own program. Most of those hand a shell on to the system, and those of the plain
  // images are none.
  if (array_at(container, {"command"}).empty() && !is_plain_image(text_at(container, {"image"})) &&
      !(among(shells, base_name(out.front())) && script_of(out)))
    return {};
  constexpr std::string_view wrappers[] = {"tini", "dumb-init", "nohup", "exec", "busybox"};
  while (out.size() > 1 && among(wrappers, base_name(out.front()))) {
    do out.erase(out.begin());
    while (out.size() > 1 && out.front().starts_with("-"));
  }
  std::string_view name = base_name(out.front());
  if (among(shells, name))
    out.front() = "sh";
  else if (out.front().find("bin/") != std::string::npos && find_command(name))
    out.front() = std::string(name);
  return out;
}

bool is_bare_shell(const std::vector<std::string>& command) {
  return !command.empty() && command.front() == "sh" && !script_of(command) &&
         std::all_of(command.begin() + 1, command.end(), [](const std::string& word) { return word.starts_with("-"); });
}

bool is_script(const std::vector<std::string>& command) {
  if (command.empty()) return false;
  if (command.front() != "sh") {
    bool listens = command.front() == "nc" && flags_of(command, "psw").has('l');
    return find_command(command.front()) && !listens;
  }
  const std::string* script = script_of(command);
  if (!script) return !is_bare_shell(command);  // in a file
  auto parsed = parse_shell(*script);
  return parsed && !has_background(parsed->get());
}

bool is_plain_image(std::string_view image) {
  std::string_view name = base_name(image);
  return among(plain_images, name.substr(0, name.find_first_of(":@")));
}

}  // namespace fairlead::sandbox
