// What a program's own log says is wrong: the telling lines, and what they mean. Pure; the log is without credentials.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::diagnosis {

enum class Trouble {
  variable_missing,    // subject: its name
  access_forbidden,    // by the API server; subject: "get pods in shop", who: "shop/web"
  name_unresolved,     // subject: a host name
  connection_refused,  // subject: host, port
  connection_timeout,  // subject: host, port
  upstream_fails,      // answers with an error of its own; subject: host, port
  login_refused,       // subject empty
  certificate,
  permission_denied,  // subject: a path
  file_missing,       // subject: a path
  disk_full,
  port_in_use,     // port
  port_forbidden,  // below 1024; port
  memory_exhausted,
  module_missing,   // subject: its name
  command_missing,  // subject: its name
  wrong_architecture,
  configuration_invalid,
  other,  // an error, a panic, an exception
};
struct LogTrouble {
  Trouble trouble = Trouble::other;
  std::string line;  // as it stands there, clipped
  std::string subject;
  std::string port;
  std::string who;
  bool minor = false;  // a warning or less, or got over later: nothing ends of it
  // Of another program or of the network, which may be looked into.
  bool leads_on() const;
};

// The telling ones: those that are not minor first, what says only "error" after what says which, and the last before
// those that came earlier; at most eight. A log without any answers none.
std::vector<LogTrouble> read_troubles(std::string_view log);

// Its last lines that are not empty, at most so many, clipped.
std::vector<std::string> last_lines(std::string_view log, std::size_t count);

std::string_view code_of(Trouble trouble);           // "connection_refused"
std::string sentence_of(const LogTrouble& trouble);  // "it cannot connect to db:5432 (connection refused)"
std::string_view next_for(Trouble trouble);

}  // namespace fairlead::diagnosis
