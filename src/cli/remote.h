// Inside cli/ only: a Fairlead that serves (docs/serve.md), as commands use it with --server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "cli/options.h"
#include "kube/remote_session.h"
#include "net/http_client.h"

namespace fairlead::cli {

// --server URL, else FAIRLEAD_SERVER; --server-token-file FILE, else FAIRLEAD_TOKEN: never an argument, which lists of
// processes show; --server-ca FILE.
struct ServerOption {
  std::string given, token_file, authority;

  // `local`: options of the command, added before, that a server has no use for. They are refused together with one.
  void add_to(CLI::App& app, const std::vector<std::string>& local);
  bool is_meant(const World& world) const;
  // invalid_request, with the options that are refused, where a server is meant.
  Result<void> check(const World& world) const;

 private:
  friend class Remote;
  std::vector<const CLI::Option*> local_;
};

// Of ConnectionOptions but the namespace, of BooksOption with GrantOption, and of FleetOption.
extern const std::vector<std::string> kConnectionOptions, kBooksOptions, kFleetOptions;

// What stands behind the "?" of a path; pairs without a value are left out.
using Query = std::vector<std::pair<std::string_view, std::string>>;

// A client of the REST API. Errors are those that the server answers with, as if they had come about here: the same
// code, so that the exit status is the same, and the same words. Beside them authentication_failed where the token is
// not taken, unreachable, timeout, certificate_invalid, and server_error where what answers is no Fairlead. No error
// and no answer holds the token. It must outlive the coroutines of its members.
class Remote {
 public:
  // invalid_request for a URL, a token or an authority that cannot be used: nothing is sent then.
  static Result<std::unique_ptr<Remote>> make(const World& world, const ServerOption& option, net::Executor executor);

  // `path` below /api/v1, encoded. The answer; null where it is empty.
  net::awaitable<Result<json::value>> get(std::string path, Query query, Deadline deadline);
  net::awaitable<Result<json::value>> send(std::string method, std::string path, json::object body, Deadline deadline);
  // The same, as it was sent.
  net::awaitable<Result<std::string>> send_for_text(std::string method, std::string path, json::object body,
                                                    Deadline deadline);
  // The items of a list, from page to page, at most `most`. `cursor`: "after" or "before".
  net::awaitable<Result<json::array>> list(std::string path, Query query, std::string cursor, std::size_t most,
                                           Deadline deadline);
  // A POST whose answer comes as events: hands over each until that is answered with false (cancelled then), and
  // answers the last one's text, the result. `reads`: it changes nothing, whatever becomes of it.
  using OnEvent = std::function<bool(std::string_view name, std::string_view data)>;
  net::awaitable<Result<std::string>> stream(std::string path, json::object body, bool reads, OnEvent on_event,
                                             Deadline deadline);

  // A command in a container, below /api/v1 (docs/exec.md): until it ends, or the session. Answers what a call answers,
  // as text.
  net::awaitable<Result<std::string>> open_session(std::string path, bool input, kube::RemoteStreams& streams,
                                                   Deadline deadline);

  const std::string& url() const { return url_; }

 private:
  class Taken;
  Remote(std::string url, std::string prefix, Secret token, std::unique_ptr<net::HttpClient> http);
  net::HttpRequest request(std::string method, const std::string& path, const json::object* body) const;
  net::awaitable<Result<void>> exchange(net::HttpRequest request, Taken& taken, bool reads, Deadline deadline);
  Error error_from(int status, std::string_view type, const std::string& body) const;
  Error error_of_answer(const net::HttpHead& head, std::string body) const;
  Error no_fairlead(int status, std::string_view type) const;

  std::string url_, prefix_;  // without "/api/v1"; of each path
  Secret token_;
  std::unique_ptr<net::HttpClient> http_;
};

// An answer that is an object; server_error for another.
Result<json::object> object_of(Result<json::value> answer);

// Runs `body` to its end and answers the exit status.
int with_server(World& world, const ServerOption& option, std::function<net::awaitable<Result<int>>(Remote&)> body);
// The same for a command's book, of which `Served` is the server's.
template <class Served, class Book>
int with_served(World& world, const ServerOption& option,
                const std::function<net::awaitable<Result<int>>(Book&)>& body) {
  auto run = [&](Remote& remote) -> net::awaitable<Result<int>> {
    Served book(remote);
    co_return co_await body(book);
  };
  return with_server(world, option, run);
}

}  // namespace fairlead::cli
