#include "net/http_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "base/text.h"

namespace fairlead::net {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

namespace {

constexpr std::string_view kNotHttp = "Check that the address and port are right, and look at proxies on the way";

// What both directions add to Beast's parser.
template <bool is_request>
class Parser : public http::basic_parser<is_request> {
 public:
  Parser() {
    this->eager(true);
    this->body_limit(boost::none);
  }

  // As basic_parser::put(), but it says need_more instead of running into two of Beast's rough edges.
  std::size_t take(std::string_view bytes, std::size_t head_limit, error_code& error) {
    // Beast asserts that the last chunk's header, once seen, comes again with at least these bytes: "0\r\n\r\n".
    if (between_chunks_ && bytes.size() < 5) {
      error = http::error::need_more;
      return 0;
    }
    std::size_t used = this->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (!this->is_header_done()) {
      // Beast's own limit forgets the lines that it has taken.
      taken_ += used;
      if (taken_ + (bytes.size() - used) > head_limit && (!error || error == http::error::need_more))
        error = http::error::header_limit;
    }
    between_chunks_ = error == http::error::need_more && this->is_header_done() && this->chunked();
    return used;
  }

 protected:
  // Fields after the body are not part of the head.
  bool in_head() const { return !this->is_header_done(); }

  // A transfer coding that nobody asked for hides where the message ends.
  void check_coding(const std::vector<HttpHeader>& headers, error_code& error) const {
    for (const auto& header : headers)
      if (equal_ignoring_case(header.name, "Transfer-Encoding") && !this->chunked())
        error = http::error::bad_transfer_encoding;
  }

 private:
  std::size_t taken_ = 0;
  bool between_chunks_ = false;
};

error_code stopped() { return boost::system::errc::make_error_code(boost::system::errc::operation_canceled); }

}  // namespace

// ---- responses

struct ResponseParser::Impl final : Parser<false> {
  Impl(BodySink& s, bool answers_head, std::size_t limit) : sink(s), head_request(answers_head), head_limit(limit) {
    skip(answers_head);
    header_limit(static_cast<std::uint32_t>(limit));
  }

  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code& error) override {
    head.status = code;
    if (code < 100) error = http::error::bad_status;
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    if (in_head()) head.headers.push_back({std::string(name), std::string(value)});
  }
  void on_header_impl(error_code& error) override {
    check_coding(head.headers, error);
    if (error || head.status / 100 == 1) return;
    if (auto taken = sink.on_head(head); !taken) {
      failure = std::move(taken.error());
      error = stopped();
    }
  }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& error) override { return deliver(body, error); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) override {
    return deliver(body, error);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t deliver(string_view body, error_code& error) {
    auto flow = sink.on_body(body);
    if (flow && *flow == Flow::more) return body.size();
    if (flow)
      enough = true;
    else
      failure = std::move(flow.error());
    error = stopped();
    return body.size();
  }

  // Beast waits for the end of a head that comes in pieces before it looks at it; an SSH or TLS server would be waited
  // for until the deadline.
  bool is_http(std::string_view bytes) const {
    constexpr std::string_view begin = "HTTP/1.";
    return head.status != 0 || begin.starts_with(bytes.substr(0, begin.size()));
  }

  bool interim() const { return !failure && is_done() && head.status / 100 == 1 && head.status != 101; }

  BodySink& sink;
  const bool head_request;
  const std::size_t head_limit;
  HttpHead head;
  std::optional<Error> failure;  // what feed() answered, and answers again
  bool enough = false;
};

ResponseParser::ResponseParser(BodySink& sink, bool answers_head_request, std::size_t head_limit)
    : impl_(std::make_unique<Impl>(sink, answers_head_request, head_limit)) {}
ResponseParser::~ResponseParser() = default;

Result<std::size_t> ResponseParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !done()) {
    if (impl_->failure) return fail(*impl_->failure);
    error_code error;
    if (impl_->is_http(bytes.substr(used)))
      used += impl_->take(bytes.substr(used), impl_->head_limit, error);
    else
      error = http::error::bad_version;
    if (impl_->enough || error == http::error::need_more) return used;
    if (error && !impl_->failure) {
      std::string what = error == http::error::header_limit ? "its headers are too large"
                         : impl_->is_header_done()          ? "its framing is broken"
                                                            : "it is not HTTP";
      impl_->failure = Error{ErrorCode::server_error, "read the answer", what + " (" + error.message() + ")",
                             std::string(kNotHttp), nullptr};
    }
    if (impl_->failure) return fail(*impl_->failure);
    if (impl_->interim()) {
      auto next = std::make_unique<Impl>(impl_->sink, impl_->head_request, impl_->head_limit);
      impl_ = std::move(next);
    }
  }
  return used;
}

Result<void> ResponseParser::feed_end() {
  if (done()) return {};
  if (impl_->failure) return fail(*impl_->failure);
  error_code error;
  if (impl_->got_some()) impl_->put_eof(error);
  if (done()) return {};
  impl_->failure = Error{
      ErrorCode::unreachable, "read the answer",
      started() ? "the connection was cut in the middle of the answer" : "the connection was closed without an answer",
      "Try again; if it stays so, look at the server and at proxies on the way", nullptr};
  return fail(*impl_->failure);
}

bool ResponseParser::started() const { return impl_->got_some(); }
bool ResponseParser::done() const {
  return !impl_->failure && (impl_->enough || (impl_->is_done() && !impl_->interim()));
}
bool ResponseParser::keep_alive() const { return done() && !impl_->enough && impl_->keep_alive(); }
const HttpHead& ResponseParser::head() const { return impl_->head; }

// ---- requests

struct RequestParser::Impl final : Parser<true> {
  Impl(std::size_t head, std::size_t body) : head_limit(head), limit(body) {
    header_limit(static_cast<std::uint32_t>(head));
  }

  void on_request_impl(http::verb, string_view method, string_view target, int, error_code&) override {
    request.method = std::string(method);
    request.target = std::string(target);
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field field, string_view name, string_view value, error_code&) override {
    if (!in_head()) return;
    if (field == http::field::expect && equal_ignoring_case({value.data(), value.size()}, "100-continue"))
      expects = true;
    request.headers.push_back({std::string(name), std::string(value)});
  }
  void on_header_impl(error_code& error) override {
    check_coding(request.headers, error);
    if (error) status = 501;
    if (auto length = content_length(); !error && length && *length > limit) refuse(error);
  }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& error) override {
    if (body.size() > limit - request.body.size())
      refuse(error);
    else
      request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(error_code&) override {}

  void refuse(error_code& error) {
    status = 413;
    error = boost::system::errc::make_error_code(boost::system::errc::message_size);
  }

  const std::size_t head_limit, limit;
  HttpRequest request;
  std::optional<Error> failure;
  bool expects = false;
  int status = 400;
};

RequestParser::RequestParser(std::size_t head_limit, std::size_t body_limit)
    : impl_(std::make_unique<Impl>(head_limit, body_limit)) {}
RequestParser::~RequestParser() = default;

Result<std::size_t> RequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !done()) {
    if (impl_->failure) return fail(*impl_->failure);
    error_code error;
    used += impl_->take(bytes.substr(used), impl_->head_limit, error);
    if (error == http::error::need_more) return used;
    if (error == http::error::header_limit) return fail(refuse_head().error());
    if (error) {
      std::string cause = impl_->status == 413   ? "its body is too large"
                          : impl_->status == 501 ? "its transfer coding is none that is known here"
                                                 : error.message();
      impl_->failure = Error{ErrorCode::invalid_request, "read the request", std::move(cause), "", nullptr};
      return fail(*impl_->failure);
    }
  }
  return used;
}

bool RequestParser::started() const { return impl_->got_some(); }
bool RequestParser::head_done() const { return !impl_->failure && impl_->is_header_done(); }
bool RequestParser::done() const { return !impl_->failure && impl_->is_done(); }
bool RequestParser::keep_alive() const { return done() && impl_->keep_alive(); }
bool RequestParser::expects_continue() const { return impl_->expects; }
int RequestParser::refused_with() const { return impl_->status; }
Result<void> RequestParser::refuse_head() {
  impl_->status = 431;
  impl_->failure = Error{ErrorCode::invalid_request, "read the request", "its head is too large", "", nullptr};
  return fail(*impl_->failure);
}
HttpRequest RequestParser::take() { return std::move(impl_->request); }

}  // namespace fairlead::net
