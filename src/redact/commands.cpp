#include "redact/commands.h"

#include <algorithm>
#include <array>

#include "redact/phrases.h"
#include "redact/redact.h"

namespace fairlead::redact {
namespace {

// What a flag of a program takes. Behind the separator, when there is one, begins what is secret.
struct Rule {
  std::string_view program;
  std::string_view flag;
  bool apart;     // -p x
  bool attached;  // -px
  char separator = '\0';
  bool login = false;  // only in "docker login"
};
constexpr auto kRules = std::to_array<Rule>({
    {"mysql*", "-p", false, true},
    {"mariadb*", "-p", false, true},
    {"curl", "-u", true, true, ':'},
    {"curl", "--user", true, true, ':'},
    {"curl", "-U", true, true, ':'},
    {"curl", "--proxy-user", true, true, ':'},
    {"curl", "--oauth2-bearer", true, false},
    {"redis-cli", "-a", true, true},
    {"valkey-cli", "-a", true, true},
    {"keydb-cli", "-a", true, true},
    {"sshpass", "-p", true, true},
    {"mongo", "-p", true, true},
    {"mongosh", "-p", true, true},
    {"mongodump", "-p", true, true},
    {"mongorestore", "-p", true, true},
    {"mongoexport", "-p", true, true},
    {"mongoimport", "-p", true, true},
    {"ldapsearch", "-w", true, true},
    {"ldapwhoami", "-w", true, true},
    {"ldapmodify", "-w", true, true},
    {"ldapadd", "-w", true, true},
    {"sqlcmd", "-P", true, true},
    {"bcp", "-P", true, true},
    {"cqlsh", "-p", true, true},
    {"rabbitmqadmin", "-p", true, true},
    {"zip", "-P", true, true},
    {"7z", "-p", false, true},
    {"7za", "-p", false, true},
    {"7zz", "-p", false, true},
    {"ipmitool", "-P", true, true},
    {"unzip", "-P", true, true},
    {"smbclient", "-U", true, true, '%'},
    {"lftp", "-u", true, true, ','},
    {"docker", "-p", true, true, '\0', true},
    {"podman", "-p", true, true, '\0', true},
    {"nerdctl", "-p", true, true, '\0', true},
    {"helm", "-p", true, true, '\0', true},
    {"oc", "-p", true, true, '\0', true},
    {"az", "-p", true, true, '\0', true},
});

// Programs that are told a credential as NAME VALUE behind "config" or "configure".
constexpr auto kWithSettings =
    std::to_array<std::string_view>({"aws", "git", "npm", "pnpm", "yarn", "pip", "poetry", "composer", "gcloud"});

// Commands that take it as a word without a flag, behind so many others.
struct Placed {
  std::string_view program;
  std::string_view command;
  int places;
};
constexpr auto kPlaced = std::to_array<Placed>({{"vault", "login", 1},
                                                {"ngrok", "authtoken", 1},
                                                {"ngrok", "add-authtoken", 1},
                                                {"rabbitmqctl", "add_user", 2},
                                                {"rabbitmqctl", "change_password", 2},
                                                {"rabbitmqctl", "authenticate_user", 2}});

// "mysql*" is mysqldump and mysql-client too, but not the pod mysql-0 or the image mysql:8.
bool is_program(std::string_view wanted, std::string_view word) {
  if (!wanted.ends_with('*')) return word == wanted;
  wanted.remove_suffix(1);
  return word.starts_with(wanted) &&
         std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '_'; });
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool stands_before_words(char c) {
  return is_blank(c) || is_quote(c) || std::string_view(",[](){}\\$").find(c) != std::string_view::npos;
}

// A list of arguments in YAML or JSON goes on in the next line; a command does so after a backslash.
bool goes_on(std::string_view text, std::size_t line_break) {
  std::size_t before = line_break;
  while (before > 0 && text[before - 1] == '\r') --before;
  if (before > 0 && text[before - 1] == '\\') return true;
  std::size_t next = line_break + 1;
  while (next < text.size() && is_blank(text[next])) ++next;
  return next + 1 < text.size() && ((text[next] == '-' && text[next + 1] == ' ') || is_quote(text[next]));
}

// $PASSWORD, $(PASSWORD), ${PASSWORD}
bool is_reference(std::string_view value) {
  if (value.size() > 3 && (value.starts_with("$(") || value.starts_with("${")))
    value = value.back() == (value[1] == '(' ? ')' : '}') ? value.substr(2, value.size() - 3) : std::string_view();
  else if (value.starts_with('$'))
    value.remove_prefix(1);
  else
    return false;
  return !value.empty() && value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

bool is_secret(std::string_view value) {
  return !value.empty() && !value.starts_with(kRedacted) && !is_reference(value) &&
         !is_harmless_value("password", value);
}

}  // namespace

void CommandLine::end() { *this = CommandLine(); }

std::optional<std::size_t> CommandLine::secret_in(std::string_view word) {
  const bool value = apart_;
  apart_ = false;
  attached_.reset();
  auto behind = [&](std::size_t at, char separator) -> std::optional<std::size_t> {
    if (separator != '\0') {
      at = word.find(separator, at);
      if (at == std::string_view::npos) return std::nullopt;
      ++at;
    }
    if (at >= word.size()) return std::nullopt;
    return at;
  };
  if (value) return behind(0, separator_);
  reads_password_ =
      word == "--password-stdin" || word == "--stdin" || word == "chpasswd" || (program_ == "sudo" && word == "-S");
  if (!word.starts_with('-')) {
    if (const auto secret = in_its_place(word)) return secret;
    const std::string_view name = word.substr(word.rfind('/') + 1);
    for (std::size_t i = 0; i < kRules.size(); ++i)
      if (is_program(kRules[i].program, name)) rules_ |= std::uint64_t{1} << i;
    login_ = login_ || word == "login";
    has_settings_ = has_settings_ || std::find(kWithSettings.begin(), kWithSettings.end(), name) != kWithSettings.end();
    counts_places_ = counts_places_ || name == "htpasswd";
    for (const Placed& placed : kPlaced) {
      if (program_ == placed.program && word == placed.command) places_ = placed.places;
      if (name == placed.program) program_ = placed.program;
    }
    if (name == "sudo") program_ = "sudo";
    return std::nullopt;
  }
  if (counts_places_ && places_ == 0 && word.find('b') != std::string_view::npos && !word.starts_with("--"))
    places_ = word.find('n') == std::string_view::npos ? 3 : 2;  // file user password, or without a file
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    const Rule& rule = kRules[i];
    if (!(rules_ >> i & 1) || (rule.login && !login_)) continue;
    const bool is_long = rule.flag.starts_with("--");
    // curl -sSu user:x
    const bool among_others = word.size() > 2 && rule.program == "curl" && !is_long && word.size() < 8 &&
                              word.ends_with(rule.flag[1]) && std::all_of(word.begin() + 1, word.end(), is_letter);
    if (among_others) {
      apart_ = true;
      separator_ = rule.separator;
      return std::nullopt;
    }
    if (!word.starts_with(rule.flag)) continue;
    if (word.size() == rule.flag.size()) {
      apart_ = rule.apart;
      separator_ = rule.separator;
      if (rule.attached && !is_long) attached_ = rule.separator;
      return std::nullopt;
    }
    if (is_long && word[rule.flag.size()] != '=') continue;
    if (rule.attached) return behind(rule.flag.size() + (is_long ? 1 : 0), rule.separator);
  }
  return std::nullopt;
}

std::optional<std::size_t> CommandLine::in_its_place(std::string_view word) {
  if (places_ > 0 && --places_ == 0)
    return program_.empty() || program_ == "rabbitmqctl" || looks_chosen(word) ? std::optional<std::size_t>(0)
                                                                               : std::nullopt;
  if (sets_ && named_) {
    named_ = false;
    return 0;
  }
  sets_ = sets_ || (has_settings_ && (word == "config" || word == "configure"));
  named_ = sets_ && names_a_credential(word);
  return std::nullopt;
}

std::string redact_commands(std::string text) {
  std::string out;
  std::size_t copied = 0, at = 0;
  CommandLine line;
  struct Word {
    std::size_t from, to;
  };
  std::optional<Word> last, piped;  // of this command; of the one whose output it reads
  while (at < text.size()) {
    const char c = text[at];
    if (c == '\n' || c == ';' || c == '|' || c == '&') {
      if (c != '\n' || !goes_on(text, at)) {
        line.end();
        piped = c == '|' ? last : std::nullopt;
        last.reset();
      }
      ++at;
      continue;
    }
    if (stands_before_words(c)) {
      ++at;
      continue;
    }
    const char opened = at > 0 && is_quote(text[at - 1]) ? text[at - 1] : '\0';
    // What is quoted ends with its quote, when it has blanks in it too; a word at a blank or a quote.
    auto word_end = [&](std::size_t from, bool quoted) {
      std::size_t end = from;
      while (end < text.size() && text[end] != '\n') {
        const char now = text[end];
        if (quoted ? now == opened : is_blank(now) || is_quote(now)) break;
        if (!quoted && (now == ';' || now == '|' || now == '&') &&
            (end + 1 == text.size() || is_blank(text[end + 1]) || text[end + 1] == now))
          break;
        ++end;
      }
      while (end > from && text[end - 1] == '\\') --end;
      return end;
    };
    std::size_t end = word_end(at, false);
    if (end - at == 1 && c == '-') {  // of a list
      ++at;
      continue;
    }
    auto secret = line.secret_in(std::string_view(text).substr(at, end - at));
    if (!secret && line.awaits_quoted() && end < text.size() && is_quote(text[end])) {  // -p'x'
      const char quote = text[end];
      std::size_t from = end + 1;
      end = from;
      while (end < text.size() && text[end] != quote && text[end] != '\n') ++end;
      std::string_view inside = std::string_view(text).substr(from, end - from);
      const bool a_word =
          inside.empty() || inside.front() == ',' || opened == quote;  // it was the closing quote of "-p"
      if (a_word) {
        at = from;
        continue;
      }
      if (const char separator = *line.awaits_quoted())
        from =
            std::min(inside.find(separator), inside.size()) == inside.size() ? end : from + inside.find(separator) + 1;
      line.secret_in("");  // it was the value
      secret = from - at;
    } else if (secret && opened != '\0') {
      end = std::max(end, word_end(at, true));
    }
    if (opened != '\0')
      last = Word{at, word_end(at, true)};
    else
      last = Word{at, end};
    if (piped && line.reads_password() && piped->from >= copied &&
        is_secret(std::string_view(text).substr(piped->from, piped->to - piped->from))) {
      out.append(text, copied, piped->from - copied);
      out.append(kRedacted);
      copied = piped->to;
    }
    const auto value = [&] {
      return secret ? std::string_view(text).substr(at + *secret, end - at - *secret) : std::string_view();
    };
    while (!value().empty() && !is_reference(value()) &&
           std::string_view(",])}").find(text[end - 1]) != std::string_view::npos)
      --end;
    if (is_secret(value())) {
      out.append(text, copied, at + *secret - copied);
      out.append(kRedacted);
      copied = end;
    }
    at = std::max(end, at + 1);
  }
  if (copied == 0) return text;
  out.append(text, copied);
  return out;
}

}  // namespace fairlead::redact
