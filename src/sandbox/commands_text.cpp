#include <regex.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/commands.h"

namespace fairlead::sandbox {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.empty()) return {};
  if (text.ends_with('\n')) text.remove_suffix(1);
  return split(text, '\n');
}

// The texts of the files that are named, or of standard input.
struct Source {
  std::string name, text;
};
std::vector<Source> sources(CommandRun& run, const std::vector<std::string>& names, int* status) {
  if (names.empty()) return {{"-", run.input}};
  std::vector<Source> out;
  for (const std::string& name : names) {
    const FileNode* node = name == "-" ? nullptr : run.files().find(run.path(name));
    if (name != "-" && (!node || node->kind == FileNode::Kind::directory)) {
      *status = run.complain(
          node ? "read error: Is a directory"
               : (run.args[0] == "grep" || run.args[0] == "wc" ? name + ": " : "can't open '" + name + "': ") +
                     "No such file or directory");
      continue;
    }
    out.push_back({name, node ? node->content : run.input});
  }
  return out;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

int echo(CommandRun& run) {
  std::size_t first = 1;
  bool newline = true, escapes = false;
  for (; first < run.args.size(); ++first) {
    const std::string& arg = run.args[first];
    if (arg.size() < 2 || arg[0] != '-' || arg.find_first_not_of("neE", 1) != arg.npos) break;
    newline &= arg.find('n') == arg.npos;
    escapes |= arg.find('e') != arg.npos;
  }
  for (std::size_t i = first; i < run.args.size(); ++i) {
    if (i > first) run.out += ' ';
    const std::string& arg = run.args[i];
    for (std::size_t at = 0; at < arg.size(); ++at) {
      if (!escapes || arg[at] != '\\' || at + 1 >= arg.size()) {
        run.out += arg[at];
        continue;
      }
      char c = arg[++at];
      if (c == 'c') return 0;
      run.out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
      if (c != 'n' && c != 't' && c != 'r' && c != '0' && c != '\\') run.out.insert(run.out.size() - 1, 1, '\\');
    }
  }
  if (newline) run.out += '\n';
  return 0;
}

// printf(1): %s %d %c %% and the escapes, the format used again while there are arguments.
int printf_text(CommandRun& run) {
  if (run.args.size() < 2) return run.complain("missing operand");
  const std::string& format = run.args[1];
  std::size_t next = 2;
  do {
    std::size_t before = next;
    for (std::size_t at = 0; at < format.size(); ++at) {
      char c = format[at];
      if (c == '\\' && at + 1 < format.size()) {
        c = format[++at];
        run.out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      } else if (c == '%' && at + 1 < format.size()) {
        c = format[++at];
        if (c == '%')
          run.out += '%';
        else if (c == 's' || c == 'd' || c == 'i' || c == 'c') {
          std::string value = next < run.args.size() ? run.args[next] : "";
          ++next;
          if (c == 'c') value = value.substr(0, 1);
          if (c == 'd' || c == 'i') value = std::to_string(number(value).value_or(0));
          run.out += value;
        } else {
          return run.complain("%" + std::string(1, c) + ": invalid format");
        }
      } else {
        run.out += c;
      }
    }
    if (next == before) break;
  } while (next < run.args.size() && run.out.size() < (1 << 20));
  return 0;
}

int head_or_tail(CommandRun& run) {
  bool head = run.args[0] == "head";
  std::vector<std::string> args = run.args;
  if (args.size() > 1 && args[1].size() > 1 && args[1][0] == '-' && number(std::string_view(args[1]).substr(1)))
    args[1].insert(1, "n");  // head -5
  Flags flags = flags_of(args, "nc");
  bool bytes = flags.values.contains('c');
  std::string given = bytes ? flags.values['c'] : flags.values.contains('n') ? flags.values['n'] : "10";
  auto count = number(given);
  if (!count) return run.complain("invalid number '" + given + "'");
  bool from_start = given.starts_with('+') && !head;
  auto wanted = static_cast<std::size_t>(*count < 0 ? -*count : *count);
  int status = 0;
  std::vector<Source> all = sources(run, flags.rest, &status);
  for (const Source& source : all) {
    if (all.size() > 1) run.out += (run.out.empty() ? "==> " : "\n==> ") + source.name + " <==\n";
    if (bytes) {
      std::size_t size = source.text.size(), kept = std::min(wanted, size);
      run.out += head         ? source.text.substr(0, kept)
                 : from_start ? source.text.substr(std::min(size, wanted > 0 ? wanted - 1 : 0))
                              : source.text.substr(size - kept);
      continue;
    }
    std::vector<std::string_view> lines = lines_of(source.text);
    std::size_t size = lines.size(), first = 0, last = size;
    if (head)
      last = *count < 0 ? size - std::min(size, wanted) : std::min(size, wanted);
    else
      first = from_start ? std::min(size, wanted > 0 ? wanted - 1 : 0) : size - std::min(size, wanted);
    for (std::size_t i = first; i < last; ++i)
      run.out.append(lines[i]).append(i + 1 == size && !source.text.ends_with('\n') ? "" : "\n");
  }
  return status;
}

int wc(CommandRun& run) {
  Flags flags = flags_of(run.args);
  int status = 0;
  std::vector<Source> all = sources(run, flags.rest, &status);
  bool everything = flags.letters.empty();
  std::size_t totals[3] = {0, 0, 0};
  auto show = [&](const std::size_t counts[3], const std::string& name) {
    std::string line;
    for (int i = 0; i < 3; ++i) {
      if (!everything && !flags.has("lwc"[i])) continue;
      std::string text = std::to_string(counts[i]);
      if (!line.empty()) line += ' ';
      if (flags.letters.size() != 1) text.insert(0, text.size() < 9 ? 9 - text.size() : 0, ' ');
      line += text;
    }
    run.out += line + (name == "-" ? "" : " " + name) + "\n";
  };
  for (const Source& source : all) {
    std::size_t counts[3] = {0, 0, source.text.size()};
    bool inside = false;
    for (char c : source.text) {
      counts[0] += c == '\n';
      bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
      counts[1] += !space && !inside;
      inside = !space;
    }
    for (int i = 0; i < 3; ++i) totals[i] += counts[i];
    show(counts, source.name);
  }
  if (all.size() > 1) show(totals, "total");
  return status;
}

int grep(CommandRun& run) {
  Flags flags = flags_of(run.args, "e");
  std::string pattern;
  if (flags.values.contains('e'))
    pattern = flags.values['e'];
  else if (flags.rest.empty())
    return run.complain("missing pattern", 2);
  else {
    pattern = flags.rest.front();
    flags.rest.erase(flags.rest.begin());
  }
  // Back references can take time without end; a pattern with one, or a long one, is taken as it is.
  bool literal = flags.has('F') || pattern.size() > 256 || pattern.find_first_of("\\{") != pattern.npos ||
                 std::count(pattern.begin(), pattern.end(), '*') > 3;
  regex_t compiled{};
  if (!literal && ::regcomp(&compiled, pattern.c_str(),
                            (flags.has('E') ? REG_EXTENDED : 0) | (flags.has('i') ? REG_ICASE : 0) | REG_NOSUB) != 0) {
    return run.complain("bad regex '" + pattern + "'", 2);
  }
  auto matches = [&](std::string_view line) {
    if (!literal) return ::regexec(&compiled, std::string(line.substr(0, 4096)).c_str(), 0, nullptr, 0) == 0;
    if (!flags.has('i')) return line.find(pattern) != line.npos;
    for (std::size_t at = 0; at + pattern.size() <= line.size(); ++at) {
      if (equal_ignoring_case(line.substr(at, pattern.size()), pattern)) return true;
    }
    return false;
  };
  int status = 0;
  bool any = false;
  std::vector<Source> all = sources(run, flags.rest, &status);
  for (const Source& source : all) {
    std::size_t count = 0, at = 0;
    std::string name = all.size() > 1 && !flags.has('h') ? source.name + ":" : "";
    for (std::string_view line : lines_of(source.text)) {
      ++at;
      if (matches(line) == flags.has('v')) continue;
      ++count;
      any = true;
      if (flags.has('q') || flags.has('c') || flags.has('l')) continue;
      run.out.append(name).append(flags.has('n') ? std::to_string(at) + ":" : "").append(line).append("\n");
    }
    if (flags.has('c')) run.out += name + std::to_string(count) + "\n";
    if (flags.has('l') && count > 0) run.out += source.name + "\n";
  }
  if (!literal) ::regfree(&compiled);
  return status != 0 ? 2 : any ? 0 : 1;
}

int sort(CommandRun& run) {
  Flags flags = flags_of(run.args, "k");
  int status = 0;
  std::vector<Source> all = sources(run, flags.rest, &status);
  std::vector<std::string_view> lines;
  for (const Source& source : all) {
    for (std::string_view line : lines_of(source.text)) lines.push_back(line);
  }
  auto value = [](std::string_view line) {
    double out = 0;
    line = trim(line);
    std::from_chars(line.data(), line.data() + line.size(), out);
    return out;
  };
  std::stable_sort(lines.begin(), lines.end(), [&](std::string_view a, std::string_view b) {
    if (flags.has('r')) std::swap(a, b);
    if (flags.has('n') && value(a) != value(b)) return value(a) < value(b);
    return a < b;
  });
  if (flags.has('u')) lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  for (std::string_view line : lines) run.out.append(line).append("\n");
  return status;
}

int uniq(CommandRun& run) {
  Flags flags = flags_of(run.args);
  int status = 0;
  std::vector<Source> all = sources(run, flags.rest, &status);
  for (const Source& source : all) {
    std::vector<std::string_view> lines = lines_of(source.text);
    for (std::size_t i = 0; i < lines.size();) {
      std::size_t end = i;
      while (end < lines.size() && lines[end] == lines[i]) ++end;
      std::string count = std::to_string(end - i);
      if (flags.has('c')) run.out += std::string(count.size() < 7 ? 7 - count.size() : 0, ' ') + count + " ";
      run.out.append(lines[i]).append("\n");
      i = end;
    }
  }
  return status;
}

int cut(CommandRun& run) {
  Flags flags = flags_of(run.args, "dfc");
  char separator = flags.values.contains('d') && !flags.values['d'].empty() ? flags.values['d'][0] : '\t';
  bool characters = flags.values.contains('c');
  if (!characters && !flags.values.contains('f'))
    return run.complain("expected a list of bytes, characters, or fields");
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (std::string_view one : split(flags.values[characters ? 'c' : 'f'], ',')) {
    std::size_t dash = one.find('-');
    auto low = number(one.substr(0, dash));
    auto high = dash == one.npos ? low : number(one.substr(dash + 1));
    ranges.emplace_back(static_cast<std::size_t>(std::max<std::int64_t>(1, low.value_or(1))),
                        static_cast<std::size_t>(std::max<std::int64_t>(0, high.value_or(INT64_MAX))));
  }
  auto wanted = [&](std::size_t index) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](auto range) { return index >= range.first && index <= range.second; });
  };
  int status = 0;
  for (const Source& source : sources(run, flags.rest, &status)) {
    for (std::string_view line : lines_of(source.text)) {
      std::size_t index = 0;
      bool first = true;
      if (characters) {
        for (char c : line) {
          if (wanted(++index)) run.out += c;
        }
      } else if (line.find(separator) == line.npos) {
        run.out += line;
      } else {
        for (std::string_view field : split(line, separator)) {
          if (!wanted(++index)) continue;
          if (!std::exchange(first, false)) run.out += separator;
          run.out += field;
        }
      }
      run.out += '\n';
    }
  }
  return status;
}

int tr(CommandRun& run) {
  Flags flags = flags_of(run.args);
  auto set = [](std::string_view text) {
    if (text == "[:upper:]") text = "A-Z";
    if (text == "[:lower:]") text = "a-z";
    if (text == "[:space:]") text = " \t\n\r";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        char c = text[++i];
        out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
      } else if (i + 2 < text.size() && text[i + 1] == '-' && text[i] < text[i + 2]) {
        for (int c = static_cast<unsigned char>(text[i]); c <= static_cast<unsigned char>(text[i + 2]); ++c)
          out += static_cast<char>(c);
        i += 2;
      } else {
        out += text[i];
      }
    }
    return out;
  };
  if (flags.rest.empty()) return run.complain("missing operand");
  std::string from = set(flags.rest[0]), to = flags.rest.size() > 1 ? set(flags.rest[1]) : "";
  if (to.empty() && !flags.has('d')) return run.complain("missing operand");
  for (char c : run.input) {
    std::size_t at = from.find(c);
    if (at == from.npos)
      run.out += c;
    else if (!flags.has('d'))
      run.out += to[std::min(at, to.size() - 1)];
  }
  return 0;
}

int seq(CommandRun& run) {
  std::vector<std::int64_t> values;
  for (std::size_t i = 1; i < run.args.size(); ++i) {
    auto value = number(run.args[i]);
    if (!value || std::abs(*value) > 1'000'000) return run.complain("invalid number '" + run.args[i] + "'");
    values.push_back(*value);
  }
  if (values.empty() || values.size() > 3) return run.complain("missing operand");
  std::int64_t first = values.size() > 1 ? values[0] : 1, last = values.back(), by = values.size() == 3 ? values[1] : 1;
  for (std::int64_t at = first; by != 0 && (by > 0 ? at <= last : at >= last) && run.out.size() < (1 << 20); at += by)
    run.out += std::to_string(at) + "\n";
  return 0;
}

bool always(const std::vector<std::string>&) { return true; }
bool reads(const std::vector<std::string>& args) {
  std::vector<std::string> rest = flags_of(args, args[0].ends_with("grep")   ? "e"
                                                 : args[0].ends_with("cut")  ? "dfc"
                                                 : args[0].ends_with("sort") ? "k"
                                                                             : "nc")
                                      .rest;
  std::size_t operands = args[0].ends_with("grep") && !flags_of(args, "e").values.contains('e') ? 1 : 0;
  return rest.size() <= operands || std::find(rest.begin(), rest.end(), "-") != rest.end();
}

}  // namespace

const std::vector<Command>& text_commands() {
  static const std::vector<Command> all{{"cut", cut, reads},
                                        {"echo", echo, nullptr},
                                        {"grep", grep, reads},
                                        {"head", head_or_tail, reads},
                                        {"printf", printf_text, nullptr},
                                        {"seq", seq, nullptr},
                                        {"sort", sort, reads},
                                        {"tail", head_or_tail, reads},
                                        {"tr", tr, always},
                                        {"uniq", uniq, reads},
                                        {"wc", wc, reads}};
  return all;
}

}  // namespace fairlead::sandbox
