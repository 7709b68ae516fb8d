// HTTP/1.1 framing without I/O, over Beast's parser: feed it bytes as they come.
#pragma once

#include <memory>
#include <string_view>

#include "net/http.h"

namespace fairlead::net {

// One answer, streamed into a sink. Interim (1xx) answers are skipped. Not thread-safe.
class ResponseParser {
 public:
  ResponseParser(BodySink& sink, bool answers_head_request, std::size_t head_limit);
  ~ResponseParser();

  // How many of the bytes were taken; the rest must be given again, in front of what comes next.
  Result<std::size_t> feed(std::string_view bytes);
  // The other side closed the connection: ends a body that is framed by that, and is an error in all other states.
  Result<void> feed_end();

  bool started() const;     // any byte was seen
  bool done() const;        // whole, or the sink had enough
  bool keep_alive() const;  // the connection can carry another exchange
  const HttpHead& head() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One request with its body in memory.
class RequestParser {
 public:
  RequestParser(std::size_t head_limit, std::size_t body_limit);
  ~RequestParser();

  Result<std::size_t> feed(std::string_view bytes);
  bool started() const;
  bool head_done() const;
  bool done() const;
  bool keep_alive() const;
  bool expects_continue() const;
  // After feed() failed, the status that stands for what is wrong: 413, 431, 501 (a transfer coding that is not known),
  // else 400.
  int refused_with() const;
  // Its head is larger than the limit, though nothing of it could be parsed.
  Result<void> refuse_head();
  HttpRequest take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::net
