#include "diagnosis/log_lines.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "base/text.h"
#include "diagnosis/lookup.h"
#include "ops/clip.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::size_t kLine = 300, kSearched = 2000;

// One way in which programs say a trouble. Groups: 1 subject, 2 port, by `first` and `second`.
enum class Group { none, subject, port, who };
struct Pattern {
  Trouble trouble;
  Group first, second;
  RE2 expression;
};

const std::vector<std::unique_ptr<Pattern>>& patterns() {
  static const auto all = [] {
    std::vector<std::unique_ptr<Pattern>> out;
    const auto add = [&out](Trouble trouble, std::string_view expression, Group first = Group::none,
                            Group second = Group::none) {
      RE2::Options options;
      options.set_max_mem(1 << 20);
      out.push_back(std::unique_ptr<Pattern>(
          new Pattern{trouble, first, second, RE2(re2::StringPiece(expression.data(), expression.size()), options)}));
    };
    using enum Trouble;
    const auto subject = Group::subject, port = Group::port, who = Group::who;
    add(access_forbidden,
        R"re(forbidden: User "?(?:system:serviceaccount:)?([^" ]+)"? (cannot [a-z]+ resource "[^"]+"(?: in API group "[^"]*")?(?: in the namespace "[^"]+"| at the cluster scope)?))re",
        who, subject);
    add(variable_missing,
        R"re((?i:env(?:ironment)?[ _-]?var(?:iable)?s?|variable|setting|config(?:uration)? value)[^A-Za-z0-9]{0,4}([A-Z][A-Z0-9_]{2,})[^A-Za-z0-9]{0,3}(?i:is |was |are |must be |has )?(?i:not set|not been set|unset|missing|required|undefined|not defined|not found|not provided|empty|set))re",
        subject);
    add(variable_missing,
        R"re(\b([A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{4,})['"`:]?:? (?i:is |was |env var |environment variable |variable |parameter )*(?i:not set|unset|missing|required|undefined|not defined|must be set|null or not set|unbound variable|not provided))re",
        subject);
    add(variable_missing,
        R"re((?i:missing|required|undefined|unset|must set|please set|need to set|no value for|set the)[^A-Z\n]{0,40}(?:env|Env|ENV|variable|setting)[a-z ]{0,20}[^A-Z\n]{0,4}\b([A-Z][A-Z0-9_]{2,})\b)re",
        subject);
    add(variable_missing, R"re(KeyError: '([A-Z][A-Z0-9_]{2,})')re", subject);
    add(name_unresolved,
        R"re(lookup ([A-Za-z0-9._-]+)(?: on [^ ]+)?: [^\n]{0,120}?(?:no such host|server misbehaving|i/o timeout|connection refused|Temporary failure))re",
        subject);
    add(name_unresolved, R"re(getaddrinfo (?:ENOTFOUND|EAI_AGAIN) ([A-Za-z0-9._-]+))re", subject);
    add(name_unresolved,
        R"re((?i:could not translate host name|unknown host|bad address|could not resolve host|cannot resolve|can't resolve|failed to resolve|unable to resolve host(?: address)?|unknownhostexception|unable to look up|no address associated with(?: host)?(?: name)?|can't find):?[ '"‘`]{0,3}([A-Za-z0-9][A-Za-z0-9._-]*))re",
        subject);
    add(name_unresolved,
        R"re(\bhost=['"]?([A-Za-z0-9][A-Za-z0-9._-]*)[^\n]{0,200}(?i:name or service not known|temporary failure in name resolution|name does not resolve|no such host|getaddrinfo failed))re",
        subject);
    add(name_unresolved,
        R"re((?:^|: |['"@/(]|(?i:lookup|host|name|address|resolve|resolving) )([A-Za-z0-9][A-Za-z0-9._-]+)['"]?: (?i:name or service not known|temporary failure in name resolution|name does not resolve|no such host|host not found))re",
        subject);
    add(name_unresolved,
        R"re((?i:name or service not known|temporary failure in name resolution|name does not resolve|no such host))re");
    // "Can't connect to MySQL server on 'db:3306'"
    const std::string kNoConnection =
        R"re((?i:(?:can't|cannot|could not|unable to|failed to) connect)[^\n]{0,40}\b(?i:server|host) (?i:on|at) ['"]?([A-Za-z0-9][A-Za-z0-9.-]*)['"]?(?::([0-9]+))?)re";
    for (auto [trouble, words] :
         {std::pair<Trouble, std::string_view>{
              connection_refused,
              "(?i:connection refused|ECONNREFUSED|refused the connection|connect: refused|actively refused)"},
          {connection_timeout,
           "(?i:i/o timeout|connection timed out|ETIMEDOUT|operation timed out|connect timeout|timed out|no route to "
           "host|EHOSTUNREACH|network is unreachable|context deadline exceeded)"}}) {
      const std::string host = R"re(([A-Za-z0-9][A-Za-z0-9._-]*)[:/]([0-9]{2,5})\b)re";
      add(trouble,
          R"re(server at ")re" + std::string(R"re(([^"\s]+)"(?:, | \([^)]*\), )port ([0-9]+) failed: )re") +
              std::string(words),
          subject, port);
      add(trouble, R"re(host "([^"]+)"[^\n]{0,80}port ([0-9]+)[^\n]{0,80})re" + std::string(words), subject, port);
      add(trouble, std::string(words) + R"re([^\n]{0,120}host "([^"]+)"[^\n]{0,80}port ([0-9]+))re", subject, port);
      add(trouble, R"re((?:^|[\s"'/@=(\[>]))re" + host + R"re([^\n]{0,160})re" + std::string(words), subject, port);
      add(trouble, std::string(words) + R"re([^\n]{0,120}?(?:^|[\s"'/@=(\[:]))re" + host, subject, port);
      add(trouble, kNoConnection + R"re([^\n]{0,80})re" + std::string(words), subject, port);
      add(trouble,
          R"re((?i:connect(?:ing|ion)? to|reach|contact|host) ['"]?([A-Za-z0-9][A-Za-z0-9._-]*)['"]?[^\n]{0,80})re" +
              std::string(words),
          subject);
      add(trouble, std::string(words) + R"re([^\n]{0,20}(?:by|from|at|to) ['"]?([a-z0-9][a-z0-9.-]+)['"]?)re", subject);
      add(trouble, words);
    }
    add(connection_refused, kNoConnection, subject, port);
    add(upstream_fails,
        R"re(https?://([A-Za-z0-9][A-Za-z0-9.-]*)(?::([0-9]{2,5}))?(?:/[^\s]*)?['"]?[^\n]{0,60}\b50[0234]\b)re",
        subject, port);
    add(login_refused,
        R"re((?i:password authentication failed|authentication failed|access denied for user|invalid (?:username or )?(?:password|credentials)|login failed|NOAUTH|WRONGPASS|invalid api key|401 unauthorized|bad credentials))re");
    add(certificate,
        R"re((?i:x509: |certificate has expired|certificate verify failed|unable to get local issuer|self[- ]signed certificate|unknown authority|tls: handshake failure|PKIX path))re");
    add(disk_full, R"re((?i:no space left on device|ENOSPC|disk quota exceeded))re");
    add(port_in_use, R"re((?::|port )([0-9]{2,5})\b[^\n]{0,60}(?i:address already in use|EADDRINUSE|address in use))re",
        port);
    add(port_in_use, R"re((?i:address already in use|EADDRINUSE|address in use)[^\n]{0,40}?:([0-9]{2,5})\b)re", port);
    add(port_in_use, R"re((?i:address already in use|EADDRINUSE))re");
    add(port_forbidden,
        R"re(\b(?i:bind|listen)\b[^\n]{0,80}?:([0-9]{1,3}|10[01][0-9]|102[0-3])\b[^\n]{0,40}(?i:permission denied|EACCES))re",
        port);
    add(port_forbidden,
        R"re(\b(?i:bind|listen)\b[^\n]{0,40}(?i:permission denied|EACCES)[^\n]{0,40}:([0-9]{1,3}|10[01][0-9]|102[0-3])\b)re",
        port);
    add(permission_denied,
        R"re((?i:permission denied|EACCES|operation not permitted|read-only file system|EROFS|access is denied)[^\n/]{0,30}['"]?(/[A-Za-z0-9._/-]+))re",
        subject);
    add(permission_denied,
        R"re((/[A-Za-z0-9._/-]+)['"]?[^\n/]{0,30}(?i:permission denied|EACCES|operation not permitted|read-only file system|EROFS))re",
        subject);
    add(permission_denied, R"re((?i:permission denied|EACCES|operation not permitted|read-only file system|EROFS))re");
    add(module_missing,
        R"re((?:ModuleNotFoundError: No module named|Cannot find module|ImportError: No module named|ClassNotFoundException:|error while loading shared libraries:|cannot load such file --) ['"]?([A-Za-z0-9._/@-]+))re",
        subject);
    add(command_missing, R"re(([A-Za-z0-9._/-]+): command not found)re", subject);
    add(command_missing,
        R"re((?:^|[\s/])(?:[a-z]*sh|env|exec|[A-Za-z0-9._-]+\.sh): (?:(?:line )?[0-9]+: )?([A-Za-z0-9._/-]+): not found$)re",
        subject);
    add(file_missing,
        R"re((?i:no such file or directory|FileNotFoundError|ENOENT|file not found|does not exist|cannot open|can't open|cannot find)[^\n/]{0,40}['"]?(/[A-Za-z0-9._/-]+))re",
        subject);
    add(file_missing,
        R"re((/[A-Za-z0-9._/-]+)['"]?[^\n/]{0,40}(?i:no such file or directory|ENOENT|file not found|does not exist))re",
        subject);
    add(memory_exhausted,
        R"re((?i:OutOfMemoryError|heap out of memory|cannot allocate memory|MemoryError|runtime: out of memory|std::bad_alloc|out of memory))re");
    add(wrong_architecture, R"re((?i:exec format error))re");
    add(configuration_invalid,
        R"re((?i:(?:invalid|unknown|unrecognized|unrecognised|unsupported|illegal|bad) (?:option|flag|argument|configuration|config|directive|value|setting|parameter)|failed to (?:parse|load|read) (?:the )?config|config(?:uration)? (?:error|file error|is invalid)|parse error|syntax error|could not parse|unmarshal|yaml: |flag provided but not defined))re");
    add(other,
        R"re((?:\b(?:FATAL|Fatal|fatal|PANIC|panic|CRITICAL|critical|ERROR|Error|error|E[0-9]{4}|Exception|Traceback|Segmentation fault|Aborted|abort)\b|[A-Za-z]+(?:Error|Exception)\b))re");
    return out;
  }();
  return all;
}

constexpr std::string_view kLowLevels[]{"warn", "warning", "info", "debug", "trace", "notice"};
constexpr std::string_view kHighLevels[]{"error", "fatal", "panic", "critical", "severe", "emerg", "alert", "err"};

// Where in a line the first word stands that is a level, and whether it is a low one.
struct Level {
  std::size_t at, length;
  bool low;
};
std::optional<Level> level_of(const std::string& lowered) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  for (std::size_t at = 0; at < lowered.size();) {
    std::size_t end = at;
    while (end < lowered.size() && is_word(lowered[end])) ++end;
    const std::string_view word = std::string_view(lowered).substr(at, end - at);
    for (const auto level : kLowLevels)
      if (word == level) return Level{at, word.size(), true};
    for (const auto level : kHighLevels)
      if (word == level) return Level{at, word.size(), false};
    at = std::max(end, at + 1);
  }
  return std::nullopt;
}

// As patterns see it: a level in capitals is no variable's name.
std::string without_capital_level(std::string_view line, const std::optional<Level>& level) {
  std::string out(line);
  if (level)
    for (std::size_t i = level->at; i < level->at + level->length; ++i)
      out[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[i])));
  return out;
}

// That a connection was had after all.
bool tells_of_recovery(const std::string& lowered) {
  static const RE2 good(R"re(\b(?:re)?connected\b|\brecovered\b|\bconnection (?:established|restored|succeeded)\b)re"),
      bad(R"re(\b(?:not|never|no longer|lost|failed|error|refused)\b)re");
  return RE2::PartialMatch(lowered, good) && !RE2::PartialMatch(lowered, bad);
}

// What is only an error to us, but tells the reason for an end: a fault in the program, or a last word of some length.
bool tells_the_end(const std::string& lowered) {
  static const RE2 fault(
      R"re(runtime error|nil map|nil pointer|null ?pointer|index ?(?:out of|error)|segmentation|sigsegv|assert|typeerror|attributeerror|zerodivision)re"),
      last(R"re(\b(?:fatal|panic|critical)\b\W+(?:[^\s]+\s+){2,})re"),
      summary(
          R"re(\b(?:exit|exiting|abort|aborting|shutting down|terminating|giving up|(?:could not|cannot|failed to) start|startup failed|stopped)\b)re");
  return RE2::PartialMatch(lowered, fault) ||
         (RE2::PartialMatch(lowered, last) && !RE2::PartialMatch(lowered, summary));
}

// Lines that only say that all is well, or that something was tried again with success, are not asked for; lines that
// only repeat a word: "0 errors", "error_log".
bool says_nothing(std::string_view line) {
  static const RE2 nothing(
      R"re((?i:\b(?:0|no) (?:errors?|failures?)\b|error_log|errors?[=:] ?(?:0|none|null|false|nil|""|'')\b|level"?[=:] ?"?(?:info|debug|trace)))re");
  return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), nothing);
}

void set(LogTrouble& trouble, Group group, const std::string& text) {
  if (group == Group::subject) trouble.subject = text;
  if (group == Group::port) trouble.port = text;
  if (group == Group::who) trouble.who = text;
}

// "dial tcp 10.0.0.7:5432: i/o timeout (connecting to db:5432)": a name says more than an address.
void prefer_name(LogTrouble& trouble, std::string_view line) {
  if (trouble.port.empty() || trouble.subject.find_first_not_of("0123456789.") != std::string::npos) return;
  const RE2 named(R"re(\b([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*):)re" + trouble.port + R"re(\b)re");
  std::string name;
  if (RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), named, &name)) trouble.subject = name;
}

}  // namespace

bool LogTrouble::leads_on() const {
  return trouble == Trouble::connection_refused || trouble == Trouble::connection_timeout ||
         trouble == Trouble::name_unresolved || trouble == Trouble::upstream_fails;
}

std::vector<LogTrouble> read_troubles(std::string_view log) {
  std::vector<LogTrouble> out;
  std::vector<std::string> recoveries;  // later ones
  std::set<std::string> vague;          // lines that say no more than "error"
  const auto lines = split(log, '\n');
  for (auto at = lines.rbegin(); at != lines.rend(); ++at) {
    const std::string_view whole = at->substr(0, kSearched);
    if (trim(whole).empty()) continue;
    const std::string lowered = lower(whole);
    if (tells_of_recovery(lowered)) recoveries.push_back(lowered);
    const auto level = level_of(lowered);
    const std::string line = without_capital_level(whole, level);
    for (const auto& pattern : patterns()) {
      if (pattern->trouble == Trouble::other && says_nothing(line)) continue;
      std::string first, second;
      const re2::StringPiece text(line.data(), line.size());
      const int groups = (pattern->first != Group::none) + (pattern->second != Group::none);
      const bool matches = groups == 2   ? RE2::PartialMatch(text, pattern->expression, &first, &second)
                           : groups == 1 ? RE2::PartialMatch(text, pattern->expression, &first)
                                         : RE2::PartialMatch(text, pattern->expression);
      if (!matches) continue;
      LogTrouble trouble{.trouble = pattern->trouble, .line = ops::clip(trim(whole), kLine)};
      set(trouble, pattern->first, first);
      set(trouble, pattern->second, second);
      prefer_name(trouble, line);
      static const RE2 name_service(R"re((?:^|->|[\s/@])[A-Za-z0-9.-]+:53\b)re");
      if (trouble.trouble == Trouble::connection_timeout && RE2::PartialMatch(line, name_service))
        trouble = {Trouble::name_unresolved, trouble.line};
      const std::string subject = lower(trouble.subject);
      trouble.minor = (level && level->low) ||
                      (trouble.leads_on() && std::any_of(recoveries.begin(), recoveries.end(), [&](const auto& later) {
                         return later.find(subject) != std::string::npos || later.find(" to ") == std::string::npos;
                       }));
      if (trouble.trouble == Trouble::other && !tells_the_end(lowered)) vague.insert(trouble.line);
      const auto known = std::find_if(out.begin(), out.end(), [&](const LogTrouble& other) {
        return other.trouble == trouble.trouble && other.minor <= trouble.minor &&
               (other.subject == trouble.subject || trouble.trouble == Trouble::other);
      });
      if (known == out.end()) out.push_back(std::move(trouble));
      break;
    }
  }
  // Where a variable is missing, a login that is refused follows from it.
  const bool lacks = std::any_of(out.begin(), out.end(), [](const LogTrouble& one) {
    return one.trouble == Trouble::variable_missing && !one.minor;
  });
  const auto rank = [&](const LogTrouble& one) {
    const bool follows = lacks && one.trouble == Trouble::login_refused;
    return (one.minor ? 2 : 0) + (vague.contains(one.line) || follows ? 1 : 0);
  };
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  if (out.size() > 8) out.resize(8);
  return out;
}

std::vector<std::string> last_lines(std::string_view log, std::size_t count) {
  std::vector<std::string> out;
  const auto lines = split(log, '\n');
  for (auto at = lines.rbegin(); at != lines.rend() && out.size() < count; ++at)
    if (!trim(*at).empty()) out.push_back(ops::clip(trim(*at), kLine));
  std::reverse(out.begin(), out.end());
  return out;
}

std::string_view code_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::variable_missing: return "variable_missing";
    case Trouble::access_forbidden: return "access_forbidden";
    case Trouble::name_unresolved: return "name_unresolved";
    case Trouble::connection_refused: return "connection_refused";
    case Trouble::connection_timeout: return "connection_timeout";
    case Trouble::upstream_fails: return "upstream_fails";
    case Trouble::login_refused: return "login_refused";
    case Trouble::certificate: return "certificate";
    case Trouble::permission_denied: return "permission_denied";
    case Trouble::file_missing: return "file_missing";
    case Trouble::disk_full: return "disk_full";
    case Trouble::port_in_use: return "port_in_use";
    case Trouble::port_forbidden: return "port_forbidden";
    case Trouble::memory_exhausted: return "memory_exhausted";
    case Trouble::module_missing: return "module_missing";
    case Trouble::command_missing: return "command_missing";
    case Trouble::wrong_architecture: return "image_wrong_platform";
    case Trouble::configuration_invalid: return "configuration_invalid";
    case Trouble::other: return "program_error";
  }
  return "program_error";
}

std::string sentence_of(const LogTrouble& trouble) {
  const std::string host = trouble.subject + (trouble.port.empty() ? "" : ":" + trouble.port);
  const std::string to = trouble.subject.empty() ? "" : " to " + host;
  const std::string of = trouble.subject.empty() ? "" : " " + trouble.subject;
  switch (trouble.trouble) {
    case Trouble::variable_missing: return "it needs the environment variable" + of + ", which is not set";
    case Trouble::access_forbidden: return "the API server does not let it: " + trouble.who + " " + trouble.subject;
    case Trouble::name_unresolved: return "it cannot resolve the name" + of;
    case Trouble::connection_refused: return "its connection" + to + " is refused";
    case Trouble::connection_timeout: return "its connection" + to + " gets no answer";
    case Trouble::upstream_fails: return host + " answers it with an error";
    case Trouble::login_refused: return "its credentials are refused";
    case Trouble::certificate: return "a certificate is not accepted";
    case Trouble::permission_denied: return "it may not access" + (of.empty() ? " a file" : of);
    case Trouble::file_missing: return "the file" + of + " is not there";
    case Trouble::disk_full: return "there is no space left on a disk";
    case Trouble::port_in_use:
      return "the port " + (trouble.port.empty() ? "it listens on" : trouble.port) + " is in use already";
    case Trouble::port_forbidden:
      return fmt::format("it may not listen on port {}: those below 1024 are privileged", trouble.port);
    case Trouble::memory_exhausted: return "it runs out of memory";
    case Trouble::module_missing: return "it lacks the module" + of;
    case Trouble::command_missing: return "it lacks the command" + of;
    case Trouble::wrong_architecture: return "its program is made for another architecture";
    case Trouble::configuration_invalid: return "its configuration or arguments are not valid";
    case Trouble::other: return "its log names an error";
  }
  return "its log names an error";
}

std::string_view next_for(Trouble trouble) {
  switch (trouble) {
    case Trouble::variable_missing: return "Set the variable in the pod template";
    case Trouble::access_forbidden: return "Bind a Role that allows it to the service account; who_can shows who may";
    case Trouble::name_unresolved: return "Check the name in the program's configuration, and that its Service exists";
    case Trouble::connection_refused:
    case Trouble::connection_timeout:
    case Trouble::upstream_fails: return "Check the address in its configuration, and what should answer there";
    case Trouble::login_refused: return "Compare the Secret that it uses with what the other side expects";
    case Trouble::certificate: return "Renew the certificate, or give the program the authority that signed it";
    case Trouble::permission_denied:
      return "Check securityContext (runAsUser, fsGroup, readOnlyRootFilesystem) and the volume's permissions";
    case Trouble::file_missing: return "Check what is mounted there (get_pod shows the volumes) and the path";
    case Trouble::disk_full: return "Free space or enlarge the volume; get_pvc shows its size";
    case Trouble::port_in_use: return "Two containers of a pod share its ports: give each its own";
    case Trouble::port_forbidden:
      return "Let it listen on a higher port (a Service maps 80 to it), or give it the capability NET_BIND_SERVICE";
    case Trouble::memory_exhausted: return "Raise its memory limit or the program's own";
    case Trouble::module_missing:
    case Trouble::command_missing: return "Use an image that has it";
    case Trouble::wrong_architecture: return "Use an image of the node's architecture";
    case Trouble::configuration_invalid: return "Correct its arguments or its ConfigMap";
    case Trouble::other: return "get_pod_logs with previous shows more of it";
  }
  return "";
}

}  // namespace fairlead::diagnosis
