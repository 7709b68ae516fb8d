#include "cli/remote.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/remote_answer.h"
#include "redact/redact.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr std::string_view kStep = "reach the server", kProblem = "application/problem+json";

std::string media_type(const net::HttpHead& head) {
  const std::string_view all = head.header("Content-Type");
  return plain_word(trim(all.substr(0, all.find(';'))));
}

std::string with_query(std::string path, const Query& query) {
  char mark = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    path += mark + std::string(name) + "=" + net::percent_encode(value);
    mark = '&';
  }
  return path;
}

}  // namespace

Remote::Remote(std::string url, std::string prefix, Secret token, std::unique_ptr<net::HttpClient> http)
    : url_(std::move(url)), prefix_(std::move(prefix)), token_(std::move(token)), http_(std::move(http)) {}

// An answer as it comes: events as events, all else whole.
class Remote::Taken final : public net::BodySink {
 public:
  explicit Taken(const Secret& token, const OnEvent* on_event = nullptr) : token_(token), events_(on_event) {}

  Result<void> on_head(const net::HttpHead& head) override {
    status = head.status;
    type = media_type(head);
    is_stream = status == 200 && type == "text/event-stream" && events_;
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    if (body.size() + bytes.size() > kMostAnswered)
      return fail(ErrorCode::server_error, "read the answer",
                  fmt::format("it is larger than {} MiB", kMostAnswered >> 20),
                  "Ask for less: a namespace, a selector");
    if (!is_stream) {
      body.append(bytes);
      return net::Flow::more;
    }
    events.feed(bytes);
    while (auto event = events.next()) {
      redact::cut_out(event->data, token_.reveal());
      if (event->name == "result" || event->name == "problem") {
        last = std::move(*event);
        return net::Flow::enough;
      }
      stopped = !(*events_)(event->name, event->data);
      if (stopped) return net::Flow::enough;
    }
    if (events.size() <= kMostAnswered) return net::Flow::more;
    return fail(ErrorCode::server_error, "read the answer", "one event of it has no end", "Look at the server");
  }

  int status = 0;
  bool is_stream = false, stopped = false;
  std::string type, body;
  EventReader events;
  std::optional<Event> last;

 private:
  const Secret& token_;
  const OnEvent* events_;
};

net::HttpRequest Remote::request(std::string method, const std::string& path, const json::object* body) const {
  net::HttpRequest out;
  out.method = std::move(method);
  out.target = prefix_ + path;
  out.authorization = Secret("Bearer " + std::string(token_.reveal()));
  out.headers.push_back({"User-Agent", "fairlead/" FAIRLEAD_VERSION});
  if (!body) return out;
  out.headers.push_back({"Content-Type", "application/json"});
  out.body = compact(*body);
  return out;
}

Error Remote::no_fairlead(int status, std::string_view type) const {
  return {ErrorCode::server_error,
          std::string(kStep),
          fmt::format("what answers at {} is no Fairlead: status {}, {}", url_, status,
                      type.empty() ? "without a Content-Type" : type),
          "Check the URL; where a proxy stands before the server, look at the proxy",
          nullptr,
          {}};
}

Error Remote::error_from(int status, std::string_view type, const std::string& body) const {
  auto document = type == kProblem ? parse_json(body, "read the answer") : Result<json::value>(json::value());
  auto error = document ? error_of(*document) : std::nullopt;
  if (!error) return no_fairlead(status, type);
  if (status == 401)
    return {ErrorCode::authentication_failed,
            std::string(kStep),
            url_ + " lets nobody in with this token: it is wrong, has expired or was revoked",
            "Ask an admin for another one ('fairlead tokens create'), and give it in FAIRLEAD_TOKEN or with "
            "--server-token-file",
            nullptr,
            {}};
  if (const std::int64_t change = integer_at(*document, {"change"});
      error->code == ErrorCode::approval_required && change)
    error->remedy = fmt::format(
        "Somebody else, with the role approver or admin, approves it with 'fairlead changes approve {} --server {}'; "
        "then make the same call again, within the hour",
        change, url_);
  return std::move(*error);
}

Error Remote::error_of_answer(const net::HttpHead& head, std::string body) const {
  redact::cut_out(body, token_.reveal());
  return error_from(head.status, media_type(head), body);
}

awaitable<Result<void>> Remote::exchange(net::HttpRequest request, Taken& taken, bool reads, Deadline deadline) {
  auto head = co_await http_->exchange(std::move(request), taken, deadline);
  redact::cut_out(taken.body, token_.reveal());
  if (head) co_return Result<void>();
  Error error = std::move(head.error());
  const bool unknown = error.remedy.find(net::kUnknownOutcome) != std::string::npos;
  if (unknown && !reads)
    error.remedy = "It is not known whether it was done: 'fairlead changes list' and the server's audit log tell";
  else if (error.code == ErrorCode::unreachable)
    error.remedy = "Check the URL of --server, and that 'fairlead serve' runs there";
  else if (error.code == ErrorCode::timeout)
    error.remedy = "Try again, ask for less, or give a longer --timeout";
  else if (unknown)
    error.remedy = "Try again";
  else if (error.code == ErrorCode::certificate_invalid)
    error.remedy = "Give the authority that has signed it with --server-ca, and a URL with a name that is in it";
  co_return fail(std::move(error));
}

awaitable<Result<json::value>> Remote::get(std::string path, Query query, Deadline deadline) {
  Taken taken(token_);
  auto done = co_await exchange(request("GET", with_query(std::move(path), query), nullptr), taken, true, deadline);
  if (!done) co_return fail(std::move(done.error()));
  if (taken.status != 200) co_return fail(error_from(taken.status, taken.type, taken.body));
  if (taken.type != "application/json") co_return fail(no_fairlead(taken.status, taken.type));
  co_return parse_json(taken.body, "read the server's answer");
}

awaitable<Result<std::string>> Remote::send_for_text(std::string method, std::string path, json::object body,
                                                     Deadline deadline) {
  const bool has_body = method != "DELETE";
  Taken taken(token_);
  auto done = co_await exchange(request(std::move(method), path, has_body ? &body : nullptr), taken, false, deadline);
  if (!done) co_return fail(std::move(done.error()));
  if (taken.status == 204) co_return "null";
  if (taken.status != 200 && taken.status != 201) co_return fail(error_from(taken.status, taken.type, taken.body));
  if (taken.type != "application/json") co_return fail(no_fairlead(taken.status, taken.type));
  co_return std::move(taken.body);
}

awaitable<Result<json::value>> Remote::send(std::string method, std::string path, json::object body,
                                            Deadline deadline) {
  auto text = co_await send_for_text(std::move(method), std::move(path), std::move(body), deadline);
  if (!text) co_return fail(std::move(text.error()));
  co_return parse_json(*text, "read the server's answer");
}

awaitable<Result<json::array>> Remote::list(std::string path, Query query, std::string cursor, std::size_t most,
                                            Deadline deadline) {
  json::array out;
  std::string at;
  while (out.size() < most) {
    Query one = query;
    one.emplace_back("limit", std::to_string(std::min<std::size_t>(most - out.size(), kMostOfAPage)));
    one.emplace_back(cursor, at);
    auto page = co_await get(path, std::move(one), deadline);
    if (!page) co_return fail(std::move(page.error()));
    for (const auto& item : array_at(*page, {"items"})) out.push_back(item);
    const json::value* next = find(*page, "next");
    std::string on = next && next->is_string() ? std::string(next->get_string()) : "";
    if (next && next->is_int64()) on = std::to_string(next->get_int64());
    if (on.empty() || on == at) break;
    at = std::move(on);
  }
  co_return out;
}

awaitable<Result<std::string>> Remote::stream(std::string path, json::object body, bool reads, OnEvent on_event,
                                              Deadline deadline) {
  Taken taken(token_, &on_event);
  net::HttpRequest call = request("POST", path, &body);
  call.headers.push_back({"Accept", "text/event-stream"});
  auto done = co_await exchange(std::move(call), taken, reads, deadline);
  if (!done) co_return fail(std::move(done.error()));
  if (taken.stopped) co_return fail(ErrorCode::cancelled, "read the answer", "nobody reads on");
  if (taken.last && taken.last->name == "result") co_return std::move(taken.last->data);
  if (taken.last) co_return fail(error_from(200, kProblem, taken.last->data));
  if (!taken.is_stream && taken.status == 200) co_return fail(no_fairlead(taken.status, taken.type));
  if (!taken.is_stream) co_return fail(error_from(taken.status, taken.type, taken.body));
  co_return fail(ErrorCode::unreachable, std::string(kStep),
                 "it ended without an answer: the token was revoked, or it stops",
                 reads ? "Try again" : "It is not known whether it was done: 'fairlead changes list' tells");
}

Result<json::object> object_of(Result<json::value> answer) {
  if (!answer) return fail(std::move(answer.error()));
  if (answer->is_object()) return std::move(answer->get_object());
  return fail(ErrorCode::server_error, "read the server's answer", "it is not what such a server answers",
              "Use the version of Fairlead that serves");
}

int with_server(World& world, const ServerOption& option, std::function<awaitable<Result<int>>(Remote&)> body) {
  Result<int> status = 1;
  net::run_until_done([&](net::Executor executor) -> awaitable<void> {
    auto remote = Remote::make(world, option, executor);
    if (remote)
      status = co_await body(**remote);
    else
      status = fail(std::move(remote.error()));
  });
  return status ? *status : report(world, status.error());
}

}  // namespace fairlead::cli
