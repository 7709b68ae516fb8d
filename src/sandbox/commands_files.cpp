#include <fnmatch.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/commands.h"

namespace fairlead::sandbox {
namespace {

using Kind = FileNode::Kind;

std::string why(FileProblem problem) { return std::string(words_of(problem)); }
constexpr std::string_view missing = "No such file or directory";

std::string mode_text(const FileNode& node) {
  std::string out(1, node.kind == Kind::directory ? 'd' : node.kind == Kind::null_device ? 'c' : '-');
  for (int shift = 6; shift >= 0; shift -= 3) {
    int bits = node.mode >> shift & 7;
    out += bits & 4 ? 'r' : '-';
    out += bits & 2 ? 'w' : '-';
    out += bits & 1 ? 'x' : '-';
  }
  if (node.mode & 01000) out.back() = 't';
  return out;
}

std::string padded(std::string text, std::size_t width, bool left = false) {
  if (text.size() < width) text.insert(left ? text.size() : 0, width - text.size(), ' ');
  return text;
}

// "Jan  2 03:04", of a file older than half a year "Jan  2  2006".
std::string list_time(std::int64_t at, std::int64_t now) {
  constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::string text = format_rfc3339(at);  // 2026-01-02T03:04:05Z
  std::size_t month = static_cast<std::size_t>((text[5] - '0') * 10 + text[6] - '0');
  std::string day = padded(std::to_string((text[8] - '0') * 10 + text[9] - '0'), 2);
  std::string last = now - at < 183 * 86400 ? text.substr(11, 5) : " " + text.substr(0, 4);
  return std::string(months[std::clamp<std::size_t>(month, 1, 12) - 1]) + " " + day + " " + last;
}

int ls(CommandRun& run) {
  Flags flags = flags_of(run.args);
  if (flags.rest.empty()) flags.rest.push_back(".");
  int status = 0;
  auto entry = [&](const std::string& name, const FileNode& node) {
    if (!flags.has('l')) return void(run.out += name + "\n");
    std::size_t size = node.kind == Kind::directory ? 4096 : node.content.size();
    run.out += mode_text(node) + padded(node.kind == Kind::directory ? "2" : "1", 5) + " root     root    " +
               padded(std::to_string(size), 10) + " " + list_time(node.modified, run.machine.now()) + " " + name + "\n";
  };
  bool several = flags.rest.size() > 1;
  for (std::size_t i = 0; i < flags.rest.size(); ++i) {
    std::string path = run.path(flags.rest[i]);
    const FileNode* node = run.files().find(path);
    if (!node) {
      status = run.complain(flags.rest[i] + ": " + std::string(missing));
      continue;
    }
    if (node->kind != Kind::directory || flags.has('d')) {
      entry(flags.rest[i], *node);
      continue;
    }
    if (several) run.out += (run.out.empty() ? "" : "\n") + flags.rest[i] + ":\n";
    std::vector<std::string> names = run.files().names(path);
    if (flags.has('l')) run.out += "total " + std::to_string(names.size() * 4) + "\n";
    if (flags.has('a')) {
      entry(".", *node);
      entry("..", *run.files().find(absolute_path(path, "..")));
    }
    for (const std::string& name : names) {
      if (name[0] == '.' && !flags.has('a') && !flags.has('A')) continue;
      entry(name, *run.files().find(absolute_path(path, name)));
    }
  }
  return status;
}

int cat(CommandRun& run) {
  Flags flags = flags_of(run.args);
  if (flags.rest.empty()) flags.rest.push_back("-");
  int status = 0;
  for (const std::string& name : flags.rest) {
    const FileNode* node = name == "-" ? nullptr : run.files().find(run.path(name));
    if (name == "-")
      run.out += run.input;
    else if (!node)
      status = run.complain("can't open '" + name + "': " + std::string(missing));
    else if (node->kind == Kind::directory)
      status = run.complain("read error: Is a directory");
    else
      run.out += node->content;
  }
  return status;
}

int touch(CommandRun& run) {
  int status = 0;
  for (const std::string& name : flags_of(run.args).rest) {
    if (auto problem = run.files().touch(run.path(name), run.machine.now()); problem != FileProblem::none)
      status = run.complain(name + ": " + why(problem));
  }
  return status;
}

int mkdir(CommandRun& run) {
  Flags flags = flags_of(run.args, "m");
  int status = 0;
  for (const std::string& name : flags.rest) {
    auto problem = run.files().make_directory(run.path(name), flags.has('p'), run.machine.now());
    if (problem != FileProblem::none) status = run.complain("can't create directory '" + name + "': " + why(problem));
  }
  return status;
}

int rm(CommandRun& run) {
  Flags flags = flags_of(run.args);
  bool all = flags.has('r') || flags.has('R');
  int status = 0;
  for (const std::string& name : flags.rest) {
    std::string path = run.path(name);
    if (!run.files().find(path)) {
      if (!flags.has('f')) status = run.complain("can't remove '" + name + "': " + std::string(missing));
    } else if (run.files().is_directory(path) && !all) {
      status = run.complain("'" + name + "' is a directory");
    } else if (auto problem = run.files().remove(path, all); problem != FileProblem::none) {
      status = run.complain("can't remove '" + name + "': " + why(problem));
    }
  }
  return status;
}

int rmdir(CommandRun& run) {
  int status = 0;
  for (const std::string& name : flags_of(run.args).rest) {
    std::string path = run.path(name);
    FileProblem problem = run.files().find(path) && !run.files().is_directory(path) ? FileProblem::not_a_directory
                                                                                    : run.files().remove(path, false);
    if (problem != FileProblem::none) status = run.complain("'" + name + "': " + why(problem));
  }
  return status;
}

// cp and mv of files, and of directories with cp -r and mv.
int copy(CommandRun& run) {
  Flags flags = flags_of(run.args);
  bool moves = run.args[0] == "mv";
  if (flags.rest.size() < 2) return run.complain("missing file operand");
  std::string target = run.path(flags.rest.back());
  flags.rest.pop_back();
  bool into = run.files().is_directory(target);
  int status = 0;
  for (const std::string& name : flags.rest) {
    std::string from = run.path(name), to = into ? absolute_path(target, from.substr(from.rfind('/') + 1)) : target;
    const FileNode* node = run.files().find(from);
    if (!node) {
      status =
          run.complain("can't " + std::string(moves ? "rename" : "stat") + " '" + name + "': " + std::string(missing));
      continue;
    }
    if (node->kind == Kind::directory && !moves && !flags.has('r') && !flags.has('R') && !flags.has('a')) {
      status = run.complain("omitting directory '" + name + "'");
      continue;
    }
    if (to == from || (to + "/").starts_with(from + "/")) {
      status = run.complain("'" + name + "' and '" + name + "' are the same file");
      continue;
    }
    std::vector<std::string> pending{""};
    while (!pending.empty() && status == 0) {
      std::string below = pending.back();
      pending.pop_back();
      const FileNode source = *run.files().find(from + below);
      FileProblem problem = FileProblem::none;
      if (source.kind == Kind::directory) {
        problem = run.files().make_directory(to + below, true, run.machine.now());
        for (const std::string& entry : run.files().names(from + below)) pending.push_back(below + "/" + entry);
      } else {
        problem = run.files().write(to + below, source.content, false, run.machine.now());
        if (problem == FileProblem::none) problem = run.files().set_mode(to + below, source.mode);
      }
      if (problem != FileProblem::none) status = run.complain("can't create '" + to + below + "': " + why(problem));
    }
    if (moves && status == 0) {
      if (auto problem = run.files().remove(from, true); problem != FileProblem::none)
        status = run.complain("can't remove '" + name + "': " + why(problem));
    }
  }
  return status;
}

int chmod(CommandRun& run) {
  Flags flags = flags_of(run.args);
  if (flags.rest.size() < 2) return run.complain("missing operand");
  int status = 0;
  for (std::size_t i = 1; i < flags.rest.size(); ++i) {
    std::string path = run.path(flags.rest[i]);
    const FileNode* node = run.files().find(path);
    int mode = node ? node->mode : 0;
    const std::string& wanted = flags.rest[0];
    auto [end, code] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), mode, 8);
    if (code != std::errc() || end != wanted.data() + wanted.size()) {
      if (wanted.ends_with("+x"))
        mode |= 0111;
      else if (wanted.ends_with("-x"))
        mode &= ~0111;
      else
        return run.complain("invalid mode '" + wanted + "'");
    }
    if (auto problem = run.files().set_mode(path, mode & 07777); problem != FileProblem::none)
      status = run.complain(flags.rest[i] + ": " + why(problem));
  }
  return status;
}

int find_files(CommandRun& run) {
  std::vector<std::string> starts;
  std::string name, type;
  for (std::size_t i = 1; i < run.args.size(); ++i) {
    const std::string& arg = run.args[i];
    if (arg == "-name" && i + 1 < run.args.size())
      name = run.args[++i];
    else if (arg == "-type" && i + 1 < run.args.size())
      type = run.args[++i];
    else if (arg.starts_with('-'))
      return run.complain("unrecognized: " + arg);
    else
      starts.push_back(arg);
  }
  if (starts.empty()) starts.push_back(".");
  int status = 0;
  for (const std::string& start : starts) {
    if (!run.files().find(run.path(start))) status = run.complain(start + ": " + std::string(missing));
    std::vector<std::string> pending{start};
    while (!pending.empty()) {
      std::string shown = pending.back(), path = run.path(shown);
      pending.pop_back();
      const FileNode* node = run.files().find(path);
      if (!node) continue;
      bool fits = (type.empty() || (type == "d") == (node->kind == Kind::directory)) &&
                  (name.empty() ||
                   (name.size() < 200 && ::fnmatch(name.c_str(), path.substr(path.rfind('/') + 1).c_str(), 0) == 0));
      if (fits) run.out += shown + "\n";
      std::vector<std::string> names = run.files().names(path);
      for (auto at = names.rbegin(); at != names.rend() && node->kind == Kind::directory; ++at)
        pending.push_back(shown + (shown.ends_with('/') ? "" : "/") + *at);
    }
  }
  return status;
}

int df(CommandRun& run) {
  bool human = flags_of(run.args).has('h');
  run.out = human ? "Filesystem                Size      Used Available Use% Mounted on\n"
                  : "Filesystem           1K-blocks      Used Available Use% Mounted on\n";
  for (const auto& [path, read_only] : run.files().mounts()) {
    if (path == "/proc") continue;
    std::string device = path == "/" ? "overlay" : read_only ? "tmpfs" : "/dev/sda1";
    if (human)
      run.out += padded(device, 22, true) + padded("97.9G", 8) + padded("23.1G", 10) + padded("74.8G", 10) + "  24% " +
                 path + "\n";
    else
      run.out += padded(device, 20, true) + padded("102625208", 10) + padded("24222048", 10) + padded("78386776", 10) +
                 "  24% " + path + "\n";
  }
  return 0;
}

int tee(CommandRun& run) {
  Flags flags = flags_of(run.args);
  run.out = run.input;
  int status = 0;
  for (const std::string& name : flags.rest) {
    auto problem = run.files().write(run.path(name), run.input, flags.has('a'), run.machine.now());
    if (problem != FileProblem::none) status = run.complain(name + ": " + why(problem));
  }
  return status;
}

int tar(CommandRun& run) {
  std::vector<std::string> args = run.args;
  if (args.size() > 1 && !args[1].starts_with('-')) args[1].insert(0, 1, '-');
  Flags flags = flags_of(args, "fC");
  std::string directory = flags.values.contains('C') ? run.path(flags.values['C']) : run.directory,
              file = flags.values.contains('f') ? flags.values['f'] : "-";
  if (!run.files().is_directory(directory))
    return run.complain("can't change directory to '" + flags.values['C'] + "': " + std::string(missing));
  if (flags.has('c')) {
    std::vector<std::pair<std::string, std::string>> entries;
    int status = 0;
    for (const std::string& name : flags.rest) {
      if (!run.files().find(absolute_path(directory, name))) status = run.complain(name + ": " + std::string(missing));
      std::vector<std::string> pending{name};
      while (!pending.empty()) {
        std::string one = pending.back(), path = absolute_path(directory, one);
        pending.pop_back();
        if (!run.files().find(path)) continue;
        entries.emplace_back(one, path);
        for (const std::string& entry : run.files().names(path)) pending.push_back(one + "/" + entry);
      }
    }
    bool absolute =
        std::any_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.first.starts_with('/'); });
    if (absolute) run.err += "tar: removing leading '/' from member names\n";
    std::string archive = tar_of(run.files(), entries);
    if (file == "-")
      run.out = std::move(archive);
    else if (auto problem = run.files().write(run.path(file), archive, false, run.machine.now());
             problem != FileProblem::none)
      return run.complain("can't open '" + file + "': " + why(problem));
    if (status != 0) run.err += "tar: error exit delayed from previous errors\n";
    return status;
  }
  if (!flags.has('x')) return run.usage();
  const FileNode* node = file == "-" ? nullptr : run.files().find(run.path(file));
  if (file != "-" && !node) return run.complain("can't open '" + file + "': " + std::string(missing));
  std::string archive = node ? node->content : run.input;
  auto done = untar(run.files(), archive, directory, run.machine.now());
  return done ? 0 : run.complain(done.error());
}

bool without_files(const std::vector<std::string>& args) {
  std::vector<std::string> rest = flags_of(args).rest;
  return rest.empty() || std::find(rest.begin(), rest.end(), "-") != rest.end();
}
bool always(const std::vector<std::string>&) { return true; }
bool unpacks(const std::vector<std::string>& args) { return args.size() > 1 && args[1].find('x') != std::string::npos; }

}  // namespace

const std::vector<Command>& file_commands() {
  static const std::vector<Command> all{
      {"cat", cat, without_files},   {"chmod", chmod, nullptr}, {"cp", copy, nullptr},     {"df", df, nullptr},
      {"find", find_files, nullptr}, {"ls", ls, nullptr},       {"mkdir", mkdir, nullptr}, {"mv", copy, nullptr},
      {"rm", rm, nullptr},           {"rmdir", rmdir, nullptr}, {"tar", tar, unpacks},     {"tee", tee, always},
      {"touch", touch, nullptr}};
  return all;
}

}  // namespace fairlead::sandbox
