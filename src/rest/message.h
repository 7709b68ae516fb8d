// Requests and answers of the REST API as values, and errors as problem documents (RFC 9457). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "gate/policy.h"
#include "net/http.h"
#include "ops/render.h"

namespace fairlead::rest {

struct Request {
  std::string method;
  std::vector<std::string> path;             // its segments, decoded
  std::map<std::string, std::string> query;  // decoded
  std::vector<std::string> command;          // what stands in the query as "command", which may come several times
  json::object body;                         // empty where there is none
  std::optional<std::string> if_match;       // the ETag in it, without quotes
  bool wants_events = false;                 // Accept: text/event-stream

  gate::Identity who;                  // filled in by the API, as what follows
  Secret token;                        // by which it is who
  std::vector<std::string> arguments;  // what stands for {…} of the route's pattern
  Deadline deadline;
  std::int64_t change = 0;  // that the request has become; 0: none
};

// All but the body. invalid_request for a path, a query or a header that is wrong, such as a key that comes twice.
Result<Request> read_head(const net::HttpRequest& http);
// For who was let in: it is work. A body has to be a JSON object of bounded size and to say so in its Content-Type,
// which no page of another site can make a browser send unasked.
Result<void> read_body(Request& to, const net::HttpRequest& http);

// invalid_request, for status 422: a text of the request holds NUL, which no database and no name takes, or another
// control character. Line breaks and tabs may be where texts have several lines; in the arguments of an operation,
// whose meaning is the cluster's, all but NUL. `one_line`: keys of the body whose texts have one line.
Result<void> check_characters(const Request& request, const std::vector<std::string_view>& one_line);

// The number behind `key`; `otherwise` where it is not there; invalid_request for anything but least..most.
Result<std::int64_t> number_of(const Request& request, std::string_view key, std::int64_t otherwise, std::int64_t least,
                               std::int64_t most);
// invalid_request: `where` ("query", "body") holds a key that means nothing there.
Error unknown_key(std::string_view key, std::string_view where);

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<net::HttpHeader> headers;
};
Response answer(int status, const json::value& body);
// {"notes": […], "result": …}: a value in the format json, which is not parsed once more, and text in the others.
// `now`: unix seconds. Errors as of ops::render().
Result<Response> answer(const ops::Reply& reply, ops::Format format, std::int64_t now);

// The HTTP status that stands for it.
int status_of(ErrorCode code);
// `change`: the change that it is about, such as one that waits for an approval; 0: none.
Response problem(const Error& error, std::int64_t change = 0);
Response problem_with_status(int status, const Error& error, std::int64_t change = 0);
// For a request that is no HTTP that is taken here: what is wrong, a clause, and the status that says so.
Response unreadable(int status, const std::string& cause);

}  // namespace fairlead::rest
