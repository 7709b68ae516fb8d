#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/commands.h"

namespace fairlead::sandbox {
namespace {

std::string hostname_of(CommandRun& run) {
  const FileNode* file = run.files().find("/etc/hostname");
  return file ? std::string(trim(file->content)) : "localhost";
}

std::string right(std::string text, std::size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

int succeed(CommandRun&) { return 0; }
int fail_always(CommandRun&) { return 1; }

int env(CommandRun& run) {
  for (const auto& [name, value] : run.environment) run.out += name + "=" + value + "\n";
  return 0;
}

int printenv(CommandRun& run) {
  if (run.args.size() == 1) return env(run);
  int status = 0;
  for (std::size_t i = 1; i < run.args.size(); ++i) {
    auto found = std::find_if(run.environment.begin(), run.environment.end(),
                              [&](const auto& entry) { return entry.first == run.args[i]; });
    if (found == run.environment.end())
      status = 1;
    else
      run.out += found->second + "\n";
  }
  return status;
}

int pwd(CommandRun& run) {
  run.out = run.directory + "\n";
  return 0;
}

int hostname(CommandRun& run) {
  bool address = flags_of(run.args).has('i');
  run.out =
      (address ? std::string(text_at(run.machine.container().pod, {"status", "podIP"})) : hostname_of(run)) + "\n";
  return 0;
}

// date(1) in UTC; +FORMAT with the conversions that people use.
int date(CommandRun& run) {
  std::int64_t now = run.machine.now();
  std::string text = format_rfc3339(now);  // 2026-01-02T03:04:05Z
  constexpr std::string_view days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::string_view day = days[static_cast<std::size_t>((now / 86400) % 7 + 7) % 7];
  std::string_view month = months[static_cast<std::size_t>(std::clamp((text[5] - '0') * 10 + text[6] - '1', 0, 11))];
  std::string format = "%a %b %e %H:%M:%S UTC %Y";
  for (const std::string& arg : run.args) {
    if (arg.starts_with('+')) format = arg.substr(1);
    if (arg == "-R") format = "%a, %d %b %Y %H:%M:%S +0000";
    if (arg.starts_with("-I")) format = arg == "-Iseconds" ? "%Y-%m-%dT%H:%M:%S+00:00" : "%Y-%m-%d";
  }
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      run.out += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'Y': run.out += text.substr(0, 4); break;
      case 'm': run.out += text.substr(5, 2); break;
      case 'd': run.out += text.substr(8, 2); break;
      case 'e': run.out += (text[8] == '0' ? " " : text.substr(8, 1)) + text.substr(9, 1); break;
      case 'H': run.out += text.substr(11, 2); break;
      case 'M': run.out += text.substr(14, 2); break;
      case 'S': run.out += text.substr(17, 2); break;
      case 'F': run.out += text.substr(0, 10); break;
      case 'T': run.out += text.substr(11, 8); break;
      case 'Z': run.out += "UTC"; break;
      case 'z': run.out += "+0000"; break;
      case 's': run.out += std::to_string(now); break;
      case 'N': run.out += "000000000"; break;
      case 'a': run.out += day; break;
      case 'b': run.out += month; break;
      case '%': run.out += '%'; break;
      default: run.out.append("%").push_back(format[i]);
    }
  }
  run.out += '\n';
  return 0;
}

std::string user_name(const Container& container) {
  return container.user == 0 ? "root" : container.user == 65534 ? "nobody" : "";
}

int id(CommandRun& run) {
  const Container& container = run.machine.container();
  Flags flags = flags_of(run.args);
  std::string name = user_name(container), group = container.group == 0       ? "(root)"
                                                   : container.group == 65534 ? "(nobody)"
                                                                              : "";
  if (flags.has('u') && flags.has('n')) {
    if (name.empty()) return run.complain("unknown ID " + std::to_string(container.user));
    run.out = name + "\n";
  } else if (flags.has('u') || flags.has('g')) {
    run.out = std::to_string(flags.has('u') ? container.user : container.group) + "\n";
  } else {
    std::string gid = std::to_string(container.group) + group;
    run.out = "uid=" + std::to_string(container.user) + (name.empty() ? "" : "(" + name + ")") + " gid=" + gid +
              " groups=" + gid;
    if (std::int64_t more = integer_at(container.pod, {"spec", "securityContext", "fsGroup"}, -1);
        more >= 0 && more != container.group)
      run.out += "," + std::to_string(more);
    run.out += "\n";
  }
  return 0;
}

int whoami(CommandRun& run) {
  std::string name = user_name(run.machine.container());
  if (name.empty()) return run.complain("unknown uid " + std::to_string(run.machine.container().user));
  run.out = name + "\n";
  return 0;
}

int ps(CommandRun& run) {
  const Container& container = run.machine.container();
  const FileNode* main = run.files().find("/proc/1/cmdline");
  std::string line = main ? main->content : "";
  std::replace(line.begin(), line.end(), '\0', ' ');
  std::string user = user_name(container).empty() ? std::to_string(container.user) : user_name(container);
  user.resize(std::max<std::size_t>(8, user.size()), ' ');
  std::int64_t busy = (run.machine.now() - container.started_at) / 200;
  auto time = [](std::int64_t seconds) {
    return right(std::to_string(seconds / 60), 3) + ":" + (seconds % 60 < 10 ? "0" : "") + std::to_string(seconds % 60);
  };
  run.out = "PID   USER     TIME  COMMAND\n    1 " + user + " " + time(busy) + " " + std::string(trim(line)) +
            "\n    7 " + user + " " + time(0) + " ps\n";
  return 0;
}

int free_memory(CommandRun& run) {
  Flags flags = flags_of(run.args);
  std::int64_t unit = flags.has('m') ? 1 << 20 : flags.has('g') ? 1 << 30 : flags.has('b') ? 1 : 1 << 10;
  std::int64_t total = run.machine.memory(), used = total * 2 / 5, cache = total / 5, free = total - used - cache;
  auto cell = [&](std::int64_t bytes) {
    if (!flags.has('h')) return right(std::to_string(bytes / unit), 12);
    std::int64_t tenths = bytes * 10 / (bytes >= (1 << 30) ? 1 << 30 : 1 << 20);
    return right(std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + (bytes >= (1 << 30) ? "G" : "M"),
                 12);
  };
  run.out = "              total        used        free      shared  buff/cache   available\nMem:   " + cell(total) +
            cell(used) + cell(free) + cell(0) + cell(cache) + cell(free + cache) + "\nSwap:  " + cell(0) + cell(0) +
            cell(0) + "\n";
  return 0;
}

int uname(CommandRun& run) {
  Flags flags = flags_of(run.args);
  const std::pair<char, std::string> parts[] = {
      {'s', "Linux"},          {'n', hostname_of(run)},
      {'r', "6.1.0-40-amd64"}, {'v', "#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1"},
      {'m', "x86_64"},         {'o', "GNU/Linux"}};
  for (const auto& [letter, text] : parts) {
    if (!flags.has('a') && !flags.has(letter) && !(letter == 's' && flags.letters.empty())) continue;
    run.out += (run.out.empty() ? "" : " ") + text;
  }
  run.out += "\n";
  return 0;
}

int uptime(CommandRun& run) {
  std::int64_t up = run.machine.now() - run.machine.container().started_at;
  std::string minutes = std::to_string(up / 60 % 60);
  run.out = " " + format_rfc3339(run.machine.now()).substr(11, 8) + " up " + std::to_string(up / 86400) + " days, " +
            right(std::to_string(up / 3600 % 24), 2) + ":" + (minutes.size() < 2 ? "0" : "") + minutes +
            ",  0 users,  load average: 0.42, 0.37, 0.31\n";
  return 0;
}

int kill(CommandRun& run) {
  constexpr std::pair<std::string_view, int> signals[] = {{"HUP", 1},   {"INT", 2},   {"QUIT", 3},
                                                          {"KILL", 9},  {"USR1", 10}, {"USR2", 12},
                                                          {"TERM", 15}, {"CONT", 18}, {"STOP", 19}};
  int signal = 15, status = 0;
  std::size_t next = 1;
  if (next < run.args.size() && run.args[next] == "-s") ++next;
  if (next < run.args.size() && (run.args[next].starts_with('-') || next == 2)) {
    std::string name = run.args[next].starts_with('-') ? run.args[next].substr(1) : run.args[next];
    if (name.starts_with("SIG")) name.erase(0, 3);
    int number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    for (const auto& [known, value] : signals) {
      if (known == name) number = value;
    }
    if (number < 0) return run.complain("bad signal name '" + name + "'");
    signal = number;
    ++next;
  }
  if (next >= run.args.size()) return run.complain("you need to specify whom to kill");
  for (; next < run.args.size(); ++next) {
    const std::string& who = run.args[next];
    bool ends =
        signal == 1 || signal == 2 || signal == 3 || signal == 9 || signal == 10 || signal == 12 || signal == 15;
    if (who.find_first_not_of("0123456789") != who.npos || who.empty())
      status = run.complain("invalid number '" + who + "'");
    else if (who != "1" && who != "7")
      status = run.complain("can't kill pid " + who + ": No such process");
    // A program cannot be killed from inside its own process namespace when it is the first one there.
    else if (who == "1" && ends && signal != 9)
      run.machine.kill_main(signal);
  }
  return status;
}

int which(CommandRun& run) {
  int status = 0;
  for (std::size_t i = 1; i < run.args.size(); ++i) {
    std::string path = "/bin/" + run.args[i];
    if (run.files().find(path))
      run.out += path + "\n";
    else
      status = 1;
  }
  return status;
}

// test(1): files, texts, numbers, ! in front, -a and -o between.
class Test {
 public:
  Test(CommandRun& run, std::vector<std::string> words) : run_(run), words_(std::move(words)) {}
  int run() {
    if (words_.empty()) return 1;
    bool value = either();
    if (!bad_number_.empty()) return run_.complain(bad_number_ + ": bad number", 2);
    if (at_ < words_.size() || failed_)
      return run_.complain(failed_ ? "argument expected" : words_[at_] + ": unknown operand", 2);
    return value ? 0 : 1;
  }

 private:
  bool either() {
    bool value = both();
    while (at_ < words_.size() && words_[at_] == "-o") {
      ++at_;
      value = both() || value;
    }
    return value;
  }
  bool both() {
    bool value = one();
    while (at_ < words_.size() && words_[at_] == "-a") {
      ++at_;
      value = one() && value;
    }
    return value;
  }
  bool one() {
    bool negated = false;
    while (at_ + 1 < words_.size() && words_[at_] == "!") {
      negated = !negated;
      ++at_;
    }
    return primary() != negated;
  }
  bool primary() {
    std::size_t left = words_.size() - at_;
    if (left == 0) return failed_ = true;
    if (left >= 3 && binary(words_[at_ + 1])) {
      std::string a = words_[at_], operation = words_[at_ + 1], b = words_[at_ + 2];
      at_ += 3;
      return compare(a, operation, b);
    }
    if (left >= 2 && words_[at_].size() == 2 && words_[at_][0] == '-') {
      char kind = words_[at_][1];
      std::string value = words_[at_ + 1];
      at_ += 2;
      if (kind == 'z') return value.empty();
      if (kind == 'n') return !value.empty();
      const FileNode* node = run_.files().find(run_.path(value));
      bool directory = node && node->kind == FileNode::Kind::directory;
      switch (kind) {
        case 'e':
        case 'r':
        case 'w': return node != nullptr;
        case 'f': return node && node->kind == FileNode::Kind::file;
        case 'd': return directory;
        case 's': return node && !node->content.empty();
        case 'x': return node && (node->mode & 0111) != 0;
        default: return false;
      }
    }
    return !words_[at_++].empty();
  }
  static bool binary(std::string_view word) {
    constexpr std::string_view known[] = {"=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
    return std::find(std::begin(known), std::end(known), word) != std::end(known);
  }
  bool compare(const std::string& a, const std::string& operation, const std::string& b) {
    if (operation == "=" || operation == "==") return a == b;
    if (operation == "!=") return a != b;
    std::int64_t x = 0, y = 0;
    auto read = [&](const std::string& text, std::int64_t* into) {
      auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), *into);
      if ((code != std::errc() || end != text.data() + text.size()) && bad_number_.empty()) bad_number_ = text;
    };
    read(a, &x);
    read(b, &y);
    return operation == "-eq"   ? x == y
           : operation == "-ne" ? x != y
           : operation == "-lt" ? x < y
           : operation == "-le" ? x <= y
           : operation == "-gt" ? x > y
                                : x >= y;
  }

  CommandRun& run_;
  std::vector<std::string> words_;
  std::size_t at_ = 0;
  bool failed_ = false;
  std::string bad_number_;
};

int test(CommandRun& run) {
  std::vector<std::string> words(run.args.begin() + 1, run.args.end());
  if (run.args[0] == "[") {
    if (words.empty() || words.back() != "]") return run.complain("missing ]", 2);
    words.pop_back();
  }
  return Test(run, std::move(words)).run();
}

}  // namespace

const std::vector<Command>& system_commands() {
  static const std::vector<Command> all{{"[", test, nullptr},
                                        {"date", date, nullptr},
                                        {"env", env, nullptr},
                                        {"false", fail_always, nullptr},
                                        {"free", free_memory, nullptr},
                                        {"hostname", hostname, nullptr},
                                        {"id", id, nullptr},
                                        {"kill", kill, nullptr},
                                        {"printenv", printenv, nullptr},
                                        {"ps", ps, nullptr},
                                        {"pwd", pwd, nullptr},
                                        {"sh", succeed, nullptr},
                                        {"sleep", succeed, nullptr},
                                        {"test", test, nullptr},
                                        {"true", succeed, nullptr},
                                        {"uname", uname, nullptr},
                                        {"uptime", uptime, nullptr},
                                        {"which", which, nullptr},
                                        {"whoami", whoami, nullptr}};
  return all;
}

}  // namespace fairlead::sandbox
