#include "diagnosis/log_lines.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>

#include "base/text.h"
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
        R"re(lookup ([A-Za-z0-9._-]+)(?: on [^ ]+)?: (?:no such host|server misbehaving|i/o timeout|Temporary failure))re",
        subject);
    add(name_unresolved, R"re(getaddrinfo (?:ENOTFOUND|EAI_AGAIN) ([A-Za-z0-9._-]+))re", subject);
    add(name_unresolved,
        R"re((?i:could not translate host name|unknown host|bad address|could not resolve host|cannot resolve|can't resolve|failed to resolve|unable to resolve host(?: address)?|unknownhostexception|unable to look up|no address associated with(?: host)?(?: name)?|can't find):?[ '"‘`]{0,3}([A-Za-z0-9][A-Za-z0-9._-]*))re",
        subject);
    add(name_unresolved,
        R"re(([A-Za-z0-9][A-Za-z0-9._-]+)['"]?: (?i:name or service not known|temporary failure in name resolution|name does not resolve|no such host|host not found))re",
        subject);
    add(name_unresolved,
        R"re((?i:name or service not known|temporary failure in name resolution|name does not resolve|no such host))re");
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
      add(trouble,
          R"re((?i:connect(?:ing|ion)? to|reach|contact|host) ['"]?([A-Za-z0-9][A-Za-z0-9._-]*)['"]?[^\n]{0,80})re" +
              std::string(words),
          subject);
      add(trouble, std::string(words) + R"re([^\n]{0,20}(?:by|from|at|to) ['"]?([a-z0-9][a-z0-9.-]+)['"]?)re", subject);
      add(trouble, words);
    }
    add(login_refused,
        R"re((?i:password authentication failed|authentication failed|access denied for user|invalid (?:username or )?(?:password|credentials)|login failed|NOAUTH|WRONGPASS|invalid api key|401 unauthorized|bad credentials))re");
    add(certificate,
        R"re((?i:x509: |certificate has expired|certificate verify failed|unable to get local issuer|self[- ]signed certificate|unknown authority|tls: handshake failure|PKIX path))re");
    add(disk_full, R"re((?i:no space left on device|ENOSPC|disk quota exceeded))re");
    add(port_in_use, R"re((?::|port )([0-9]{2,5})\b[^\n]{0,60}(?i:address already in use|EADDRINUSE|address in use))re",
        port);
    add(port_in_use, R"re((?i:address already in use|EADDRINUSE|address in use)[^\n]{0,40}?:([0-9]{2,5})\b)re", port);
    add(port_in_use, R"re((?i:address already in use|EADDRINUSE))re");
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
    add(command_missing, R"re(([A-Za-z0-9._/-]+): (?:command not found|not found)$)re", subject);
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
        R"re((?:\b(?:FATAL|Fatal|fatal|PANIC|panic|CRITICAL|ERROR|Error|error|E[0-9]{4}|Exception|Traceback|Segmentation fault|Aborted|abort)\b|[A-Za-z]+(?:Error|Exception)\b))re");
    return out;
  }();
  return all;
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

std::vector<LogTrouble> read_troubles(std::string_view log) {
  std::vector<LogTrouble> out;
  const auto lines = split(log, '\n');
  for (auto at = lines.rbegin(); at != lines.rend(); ++at) {
    const std::string_view line = at->substr(0, kSearched);
    if (trim(line).empty()) continue;
    for (const auto& pattern : patterns()) {
      if (pattern->trouble == Trouble::other && says_nothing(line)) continue;
      std::string first, second;
      const re2::StringPiece text(line.data(), line.size());
      const int groups = (pattern->first != Group::none) + (pattern->second != Group::none);
      const bool matches = groups == 2   ? RE2::PartialMatch(text, pattern->expression, &first, &second)
                           : groups == 1 ? RE2::PartialMatch(text, pattern->expression, &first)
                                         : RE2::PartialMatch(text, pattern->expression);
      if (!matches) continue;
      LogTrouble trouble{.trouble = pattern->trouble, .line = ops::clip(trim(line), kLine)};
      set(trouble, pattern->first, first);
      set(trouble, pattern->second, second);
      prefer_name(trouble, line);
      const bool known = std::any_of(out.begin(), out.end(), [&](const LogTrouble& other) {
        return other.trouble == trouble.trouble &&
               (other.subject == trouble.subject || trouble.trouble == Trouble::other);
      });
      if (!known) out.push_back(std::move(trouble));
      break;
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.trouble < b.trouble; });
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
    case Trouble::login_refused: return "login_refused";
    case Trouble::certificate: return "certificate";
    case Trouble::permission_denied: return "permission_denied";
    case Trouble::file_missing: return "file_missing";
    case Trouble::disk_full: return "disk_full";
    case Trouble::port_in_use: return "port_in_use";
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
    case Trouble::login_refused: return "its credentials are refused";
    case Trouble::certificate: return "a certificate is not accepted";
    case Trouble::permission_denied: return "it may not access" + (of.empty() ? " a file" : of);
    case Trouble::file_missing: return "the file" + of + " is not there";
    case Trouble::disk_full: return "there is no space left on a disk";
    case Trouble::port_in_use:
      return "the port " + (trouble.port.empty() ? "it listens on" : trouble.port) + " is in use already";
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
    case Trouble::connection_timeout: return "Check the address in its configuration, and what should answer there";
    case Trouble::login_refused: return "Compare the Secret that it uses with what the other side expects";
    case Trouble::certificate: return "Renew the certificate, or give the program the authority that signed it";
    case Trouble::permission_denied:
      return "Check securityContext (runAsUser, fsGroup, readOnlyRootFilesystem) and the volume's permissions";
    case Trouble::file_missing: return "Check what is mounted there (get_pod shows the volumes) and the path";
    case Trouble::disk_full: return "Free space or enlarge the volume; get_pvc shows its size";
    case Trouble::port_in_use: return "Two containers of a pod share its ports: give each its own";
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
