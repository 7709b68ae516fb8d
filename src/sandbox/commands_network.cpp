#include <charconv>

#include "base/text.h"
#include "net/http.h"
#include "sandbox/commands.h"

namespace fairlead::sandbox {
namespace {

using Outcome = Connection::Outcome;

struct Place {
  std::string host, path;
  std::int64_t port = 80;
  bool tls = false;
};

// Of "http://host:port/path", or without a scheme.
std::optional<Place> place_of(std::string text) {
  if (text.find("://") == text.npos) text.insert(0, "http://");
  auto url = net::parse_url(text.substr(0, text.find('?')), "");
  if (!url) return std::nullopt;
  Place out{url->host, url->path.empty() ? "/" : url->path, url->port, url->scheme == "https"};
  if (out.port == 0) out.port = out.tls ? 443 : 80;
  return out;
}

bool first_url(const Flags& flags, std::string* url) {
  if (flags.rest.empty()) return false;
  *url = flags.rest.front();
  return true;
}

int save(CommandRun& run, const std::string& file, const std::string& body) {
  auto problem = run.files().write(run.path(file), body, false, run.machine.now());
  return problem == FileProblem::none ? 0
                                      : run.complain("can't open '" + file + "': " + std::string(words_of(problem)));
}

int wget(CommandRun& run) {
  std::vector<std::string> args;
  for (const std::string& arg : run.args) {
    if (!arg.starts_with("--")) args.push_back(arg);
  }
  Flags flags = flags_of(args, "OTY");
  std::string url;
  if (!first_url(flags, &url)) return run.complain("missing URL");
  auto place = place_of(url);
  if (!place) return run.complain("not an http or ftp url: " + url);
  Connection connection = run.machine.connect(place->host, place->port);
  std::string where = place->host + ":" + std::to_string(place->port);
  if (connection.outcome == Outcome::unknown_name) return run.complain("bad address '" + where + "'");
  if (!flags.has('q'))
    run.err += "Connecting to " + where + " (" + connection.address + ":" + std::to_string(place->port) + ")\n";
  if (connection.outcome == Outcome::refused)
    return run.complain("can't connect to remote host (" + connection.address + "): Connection refused");
  if (connection.outcome == Outcome::timed_out)
    return run.complain("can't connect to remote host (" + connection.address + "): Operation timed out");
  if (place->tls) return run.complain("error getting response: Connection reset by peer");
  PodAnswer answer = pod_answer(connection, "GET", place->path);
  if (answer.status != 200)
    return run.complain("server returned error: HTTP/1.1 " + std::to_string(answer.status) + " " +
                        std::string(reason_of(answer.status)));
  std::string file = flags.values.contains('O') ? flags.values['O'] : place->path.substr(place->path.rfind('/') + 1);
  if (flags.has('s') || run.args.back() == "--spider") return 0;
  if (file == "-") {
    run.out = answer.body;
    return 0;
  }
  return save(run, file.empty() ? "index.html" : file, answer.body);
}

int curl(CommandRun& run) {
  std::vector<std::string> args;
  for (std::size_t i = 0; i < run.args.size(); ++i) {
    if (run.args[i] == "--max-time" || run.args[i] == "--connect-timeout")
      ++i;
    else if (run.args[i] == "--fail")
      args.emplace_back("-f");
    else if (run.args[i] == "--head")
      args.emplace_back("-I");
    else if (run.args[i] == "--silent")
      args.emplace_back("-s");
    else if (!run.args[i].starts_with("--"))
      args.push_back(run.args[i]);
  }
  Flags flags = flags_of(args, "owHXdmAu");
  std::string url;
  if (!first_url(flags, &url)) {
    run.err = "curl: (2) no URL specified\n";
    return 2;
  }
  auto stop = [&](int code, const std::string& text) {
    if (!flags.has('s') || flags.has('S')) run.err += "curl: (" + std::to_string(code) + ") " + text + "\n";
    return code;
  };
  auto place = place_of(url);
  if (!place) return stop(3, "URL using bad/illegal format or missing URL");
  Connection connection = run.machine.connect(place->host, place->port);
  std::string where = place->host + " port " + std::to_string(place->port);
  if (connection.outcome == Outcome::unknown_name) return stop(6, "Could not resolve host: " + place->host);
  if (connection.outcome == Outcome::refused)
    return stop(7, "Failed to connect to " + where + " after 1 ms: Couldn't connect to server");
  if (connection.outcome == Outcome::timed_out)
    return stop(28, "Failed to connect to " + where + " after 30000 ms: Connection timed out");
  if (place->tls) return stop(35, "Recv failure: Connection reset by peer");
  std::string method = flags.values.contains('X') ? flags.values['X']
                       : flags.has('I')           ? "HEAD"
                       : flags.has('d')           ? "POST"
                                                  : "GET";
  PodAnswer answer = pod_answer(connection, method, place->path);
  if (flags.has('f') && answer.status >= 400)
    return stop(22, "The requested URL returned error: " + std::to_string(answer.status));
  std::string text;
  if (flags.has('I') || flags.has('i')) {
    text = "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(reason_of(answer.status)) +
           "\r\nContent-Type: " + answer.content_type + "\r\nContent-Length: " + std::to_string(answer.body.size()) +
           "\r\n\r\n";
  }
  if (method != "HEAD") text += answer.body;
  int status = 0;
  if (flags.values.contains('o'))
    status = save(run, flags.values['o'], text);
  else
    run.out = text;
  if (flags.values.contains('w')) {
    std::string format = flags.values['w'];
    const std::string code = "%{http_code}";
    if (std::size_t at = format.find(code); at != format.npos)
      format.replace(at, code.size(), std::to_string(answer.status));
    while (format.find("\\n") != format.npos) format.replace(format.find("\\n"), 2, "\n");
    run.out += format;
  }
  return status;
}

// nc -z HOST PORT, and a connection that sends what it reads.
int nc(CommandRun& run) {
  Flags flags = flags_of(run.args, "w");
  std::int64_t port = 0;
  if (flags.rest.size() < 2) return run.complain("missing port");
  const std::string &host = flags.rest[0], &number = flags.rest[1];
  std::from_chars(number.data(), number.data() + number.size(), port);
  Connection connection = run.machine.connect(host, port);
  if (connection.outcome == Outcome::unknown_name) return run.complain("bad address '" + host + "'");
  std::string where = host + " (" + connection.address + ":" + number + ")";
  if (connection.outcome != Outcome::answered) {
    return flags.has('z') && !flags.has('v')
               ? 1
               : run.complain(where + ": " +
                              (connection.outcome == Outcome::refused ? "Connection refused" : "Operation timed out"));
  }
  if (flags.has('v')) run.err += where + " open\n";
  if (!flags.has('z')) run.out = PodHttpServer(connection).feed(run.input);
  return 0;
}

int nslookup(CommandRun& run) {
  if (run.args.size() < 2) return run.complain("missing operand");
  const std::string& name = run.args[1];
  Connection connection = run.machine.connect(name, 0);
  run.out = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n";
  if (connection.outcome == Outcome::unknown_name || connection.address.empty()) {
    run.out += "** server can't find " + name + ": NXDOMAIN\n\n";
    return 1;
  }
  run.out += "Name:\t" + name + "\nAddress: " + connection.address + "\n\n";
  return 0;
}

bool sends(const std::vector<std::string>& args) { return !flags_of(args, "w").has('z'); }

}  // namespace

const std::vector<Command>& network_commands() {
  static const std::vector<Command> all{
      {"curl", curl, nullptr}, {"nc", nc, sends}, {"nslookup", nslookup, nullptr}, {"wget", wget, nullptr}};
  return all;
}

}  // namespace fairlead::sandbox
