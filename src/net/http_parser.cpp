#include "net/http_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "base/text.h"

namespace fairlead::net {

namespace http = boost::beast::http;
using boost::system::error_code;
using boost::beast::string_view;

namespace {

Error bad_framing(std::string_view what, const error_code& error) {
  return Error{ErrorCode::server_error, "read the answer", std::string(what) + " (" + error.message() + ")",
               "Check that the address is that of a Kubernetes API server", nullptr};
}

}  // namespace

// ---- responses

struct ResponseParser::Impl final : http::basic_parser<false> {
  Impl(BodySink& s, bool answers_head, std::size_t limit) : sink(s), head_request(answers_head), head_limit(limit) {
    eager(true);
    skip(answers_head);
    body_limit(boost::none);
    header_limit(static_cast<std::uint32_t>(limit));
  }

  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { head.status = code; }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    head.headers.push_back({std::string(name), std::string(value)});
  }
  void on_header_impl(error_code& error) override {
    if (head.status / 100 == 1) return;
    if (auto taken = sink.on_head(head); !taken) stop(std::move(taken.error()), error);
  }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& error) override { return deliver(body, error); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) override { return deliver(body, error); }
  void on_finish_impl(error_code&) override {}

  std::size_t deliver(string_view body, error_code& error) {
    auto flow = sink.on_body(body);
    if (!flow) {
      stop(std::move(flow.error()), error);
    } else if (*flow == Flow::enough) {
      enough = true;
      error = boost::system::errc::make_error_code(boost::system::errc::operation_canceled);
    }
    return body.size();
  }
  void stop(Error reason, error_code& error) {
    refused = std::move(reason);
    error = boost::system::errc::make_error_code(boost::system::errc::operation_canceled);
  }

  BodySink& sink;
  const bool head_request;
  const std::size_t head_limit;
  HttpHead head;
  std::optional<Error> refused;
  bool enough = false;
};

ResponseParser::ResponseParser(BodySink& sink, bool answers_head_request, std::size_t head_limit)
    : impl_(std::make_unique<Impl>(sink, answers_head_request, head_limit)) {}
ResponseParser::~ResponseParser() = default;

Result<std::size_t> ResponseParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !done()) {
    error_code error;
    used += impl_->put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), error);
    if (impl_->refused) return fail(*impl_->refused);
    if (impl_->enough) return used;
    if (error == http::error::need_more) return used;
    if (error) return fail(bad_framing(impl_->is_header_done() ? "its framing is broken" : "it is not HTTP", error));
    if (impl_->is_done() && impl_->head.status / 100 == 1 && impl_->head.status != 101) {
      auto next = std::make_unique<Impl>(impl_->sink, impl_->head_request, impl_->head_limit);
      impl_ = std::move(next);
    }
  }
  return used;
}

Result<void> ResponseParser::feed_end() {
  if (done()) return {};
  error_code error;
  if (impl_->got_some()) impl_->put_eof(error);
  if (impl_->refused) return fail(*impl_->refused);
  if (done()) return {};
  return fail(ErrorCode::unreachable, "read the answer",
              impl_->is_header_done() ? "the connection was cut in the middle of the answer" : "the connection was closed without an answer",
              "Try again; if it stays so, look at the server and at proxies on the way");
}

bool ResponseParser::started() const { return impl_->got_some(); }
bool ResponseParser::done() const { return impl_->enough || impl_->is_done(); }
bool ResponseParser::keep_alive() const { return !impl_->enough && impl_->is_done() && impl_->keep_alive(); }
const HttpHead& ResponseParser::head() const { return impl_->head; }

// ---- requests

struct RequestParser::Impl final : http::basic_parser<true> {
  explicit Impl(std::size_t limit) : limit(limit) {
    eager(true);
    body_limit(boost::none);
  }

  void on_request_impl(http::verb, string_view method, string_view target, int, error_code&) override {
    request.method = std::string(method);
    request.target = std::string(target);
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field field, string_view name, string_view value, error_code&) override {
    if (field == http::field::expect && equal_ignoring_case({value.data(), value.size()}, "100-continue")) expects = true;
    request.headers.push_back({std::string(name), std::string(value)});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code& error) override {
    if (length && *length > limit) refuse(error);
  }
  std::size_t on_body_impl(string_view body, error_code& error) override {
    if (request.body.size() + body.size() > limit) refuse(error);
    else request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) override { return on_body_impl(body, error); }
  void on_finish_impl(error_code&) override {}

  void refuse(error_code& error) {
    too_large = true;
    error = boost::system::errc::make_error_code(boost::system::errc::message_size);
  }

  std::size_t limit;
  HttpRequest request;
  bool expects = false;
  bool too_large = false;
};

RequestParser::RequestParser(std::size_t head_limit, std::size_t body_limit) : impl_(std::make_unique<Impl>(body_limit)) {
  impl_->header_limit(static_cast<std::uint32_t>(head_limit));
}
RequestParser::~RequestParser() = default;

Result<std::size_t> RequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !done()) {
    error_code error;
    used += impl_->put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), error);
    if (error == http::error::need_more) return used;
    if (error) return fail(ErrorCode::invalid_request, "read the request", error.message());
  }
  return used;
}

bool RequestParser::started() const { return impl_->got_some(); }
bool RequestParser::head_done() const { return impl_->is_header_done(); }
bool RequestParser::done() const { return impl_->is_done(); }
bool RequestParser::keep_alive() const { return impl_->keep_alive(); }
bool RequestParser::expects_continue() const { return impl_->expects; }
bool RequestParser::body_too_large() const { return impl_->too_large; }
HttpRequest RequestParser::take() { return std::move(impl_->request); }

}  // namespace fairlead::net
