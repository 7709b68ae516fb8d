#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <optional>
#include <utility>

#include "net/tls.h"
#include "net/tls_error.h"

namespace fairlead::net {
namespace {

constexpr std::string_view kReading = "read from the connection";
constexpr std::string_view kWriting = "write to the connection";

constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 44\r\nConnection: close\r\n\r\n"
    "This port speaks TLS: use https:// instead.\n";

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// OpenSSL works on two memory buffers, in_ and out_; this class carries bytes between them and the stream below.
// A reader may have to send too (key updates, alerts), so that reader and writer share out_.
class OpenSslStream final : public Stream {
 public:
  OpenSslStream(Executor executor, std::unique_ptr<Stream> below, std::shared_ptr<const TlsContext> context)
      : below_(std::move(below)),
        context_(std::move(context)),
        ssl_(SSL_new(context_->handle())),
        flushed_(std::move(executor)) {
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);
    if (context_->server()) {
      SSL_set_accept_state(ssl_.get());
    } else {
      SSL_set_connect_state(ssl_.get());
      expect_server(context_->server_name());
    }
  }

  awaitable<Result<void>> handshake() {
    const std::string step = "TLS handshake";
    if (!named_)
      co_return fail(ErrorCode::invalid_request, step, "the server's name cannot stand in a certificate",
                     "Check the server's address and tls-server-name");
    while (true) {
      ERR_clear_error();
      int done = SSL_do_handshake(ssl_.get());
      int why = SSL_get_error(ssl_.get(), done);
      std::optional<Error> problem;
      const bool plain_http = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
      if (done != 1 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) problem = handshake_problem(step);
      auto flushed = co_await flush();  // an alert tells the other side why
      if (problem && plain_http) co_await below_->write(kSpeakTls);
      if (problem) co_return fail(std::move(*problem));
      if (!flushed) co_return fail(std::move(flushed.error()));
      if (done == 1) co_return Result<void>{};
      auto filled = co_await fill();
      if (!filled) co_return fail(std::move(filled.error()));
      if (*filled == 0)
        co_return fail(ErrorCode::unreachable, step, "the connection was closed during the handshake",
                       "Check that this is the right port and that the server speaks TLS");
    }
  }

  PeerName peer() const {
    PeerName peer;
    if (SSL_get_verify_result(ssl_.get()) != X509_V_OK) return peer;
    X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (!certificate) return peer;
    X509_NAME* subject = X509_get_subject_name(certificate);
    for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
      X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
      unsigned char* utf8 = nullptr;
      int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
      if (length < 0) continue;
      std::string text(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(length));
      OPENSSL_free(utf8);
      int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
      if (nid == NID_commonName)
        peer.common_name = std::move(text);
      else if (nid == NID_organizationName)
        peer.organizations.push_back(std::move(text));
    }
    return peer;
  }

  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    while (true) {
      std::size_t total = 0;
      int why = SSL_ERROR_NONE;
      ERR_clear_error();
      while (total < into.size() && why == SSL_ERROR_NONE) {
        std::size_t count = 0;
        int done = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &count);
        if (done == 1)
          total += count;
        else
          why = SSL_get_error(ssl_.get(), done);
      }
      if (total > 0) co_return total;
      if (why == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        co_return fail(tls_error(std::string(kReading), TlsPhase::data, context_->server()));
      if (!flushing_ && !broken_) {  // a writer that is flushing takes our bytes along
        auto flushed = co_await flush();
        if (!flushed) co_return fail(std::move(flushed.error()));
      }
      auto filled = co_await fill();
      if (!filled) co_return fail(std::move(filled.error()));
      if (*filled == 0) co_return fail(ErrorCode::unreachable, std::string(kReading), "the connection was cut");
    }
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      // One record at a time (SSL_MODE_ENABLE_PARTIAL_WRITE) until there is enough to send.
      std::size_t count = 0;
      ERR_clear_error();
      int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
      if (done != 1) co_return fail(tls_error(std::string(kWriting), TlsPhase::data, context_->server()));
      bytes.remove_prefix(count);
      if (BIO_ctrl_pending(out_) < kEnough && !bytes.empty()) continue;
      while (flushing_) {
        auto waited = co_await flushed_.wait();
        if (!waited) co_return fail(ErrorCode::cancelled, std::string(kWriting), "the call was cancelled");
      }
      auto flushed = co_await flush();
      if (!flushed) co_return fail(std::move(flushed.error()));
    }
    co_return Result<void>{};
  }

  void close() override { below_->close(); }
  bool looks_alive() override {
    return !broken_ && SSL_pending(ssl_.get()) == 0 && BIO_ctrl_pending(in_) == 0 && below_->looks_alive();
  }

 private:
  static constexpr std::size_t kEnough = 64 << 10;

  void expect_server(const std::string& name) {
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_verify(ssl_.get(), SSL_get_verify_mode(ssl_.get()), [](int accepted, X509_STORE_CTX* chain) {
      auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
      auto* self = static_cast<OpenSslStream*>(SSL_get_app_data(ssl));
      if (!accepted && self->context_->verify())
        self->refused_ = untrusted_server("TLS handshake", X509_STORE_CTX_get_error(chain),
                                          self->context_->server_name(), X509_STORE_CTX_get_current_cert(chain));
      return accepted;
    });
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
    named_ = X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1;
    if (!named_) {
      SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
      named_ = SSL_set1_host(ssl_.get(), name.c_str()) == 1 && SSL_set_tlsext_host_name(ssl_.get(), name.c_str()) == 1;
    }
    if (!context_->verify()) named_ = true;
    ERR_clear_error();
  }

  Error handshake_problem(const std::string& step) {
    if (refused_) {
      ERR_clear_error();
      return std::move(*refused_);
    }
    return tls_error(step, TlsPhase::handshake, context_->server());
  }

  awaitable<Result<std::size_t>> fill() {
    auto count = co_await below_->read_some(std::span<char>(buffer_.data(), buffer_.size()));
    if (count && *count > 0) BIO_write(in_, buffer_.data(), static_cast<int>(*count));
    co_return count;
  }

  // Called by one coroutine at a time: see flushing_.
  awaitable<Result<void>> flush() {
    if (broken_)
      co_return fail(ErrorCode::unreachable, std::string(kWriting), "the connection broke while something was sent");
    flushing_ = true;
    flushed_.reset();
    Result<void> answer;
    while (answer && BIO_ctrl_pending(out_) > 0) {
      std::string bytes(BIO_ctrl_pending(out_), '\0');
      int count = BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
      bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
      answer = co_await below_->write(bytes);
    }
    broken_ = !answer;  // half a record may have gone out
    flushing_ = false;
    flushed_.set();
    co_return answer;
  }

  std::unique_ptr<Stream> below_;
  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<SSL, SslFree> ssl_;
  BIO* in_ = nullptr;   // owned by ssl_
  BIO* out_ = nullptr;  // owned by ssl_
  bool named_ = true;
  std::optional<Error> refused_;
  bool flushing_ = false;
  bool broken_ = false;
  Event flushed_;
  std::array<char, 64 << 10> buffer_;
};

}  // namespace

awaitable<Result<TlsStream>> tls_handshake(std::unique_ptr<Stream> below, std::shared_ptr<const TlsContext> context) {
  Executor executor = co_await current_executor();
  auto stream = std::make_unique<OpenSslStream>(std::move(executor), std::move(below), std::move(context));
  auto done = co_await stream->handshake();
  if (!done) co_return fail(std::move(done.error()));
  TlsStream result;
  result.peer = stream->peer();
  result.stream = std::move(stream);
  co_return result;
}

}  // namespace fairlead::net
