#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

#include "net/tls.h"

namespace fairlead::net {
namespace {

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

std::string openssl_reason(unsigned long code) {
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "TLS protocol error";
}

// What OpenSSL left in its queue, as the field's words.
Error translate(std::string step, bool server) {
  unsigned long code = ERR_get_error();
  ERR_clear_error();
  Error error{ErrorCode::unreachable, std::move(step), openssl_reason(code), "", nullptr};
  int reason = ERR_GET_REASON(code);
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
      reason == SSL_R_UNEXPECTED_MESSAGE || reason == SSL_R_BAD_PACKET_LENGTH) {
    error.cause = server ? "the client does not speak TLS" : "the server does not speak TLS";
    if (!server) error.remedy = "Check the port; if the server is meant to be plain HTTP, its URL starts with http://";
    return error;
  }
  switch (reason - SSL_AD_REASON_OFFSET) {
    case SSL_AD_BAD_CERTIFICATE: case SSL_AD_UNSUPPORTED_CERTIFICATE: case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED: case SSL_AD_CERTIFICATE_UNKNOWN: case SSL_AD_UNKNOWN_CA:
    case TLS13_AD_CERTIFICATE_REQUIRED:
      error.code = ErrorCode::certificate_invalid;
      error.cause = "the other side refused our certificate (" + openssl_reason(code) + ")";
      error.remedy = "Get new credentials for this user";
      break;
    default: break;
  }
  return error;
}

Error untrusted(std::string step, long verify, const std::string& server_name) {
  Error error{ErrorCode::certificate_invalid, std::move(step), "", "", nullptr};
  std::string text = X509_verify_cert_error_string(verify);
  switch (verify) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      error.cause = "the server's certificate is not for " + server_name;
      error.remedy = "Use a name that the certificate holds as the server's address, or set tls-server-name";
      break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      error.cause = "the server's certificate has expired";
      error.remedy = "Renew the server's certificate, and check this machine's clock";
      break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      error.cause = "the server's certificate is not valid yet";
      error.remedy = "Check this machine's clock";
      break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      error.cause = "the server's certificate was signed by an authority that is not trusted (" + text + ")";
      error.remedy = "Give the cluster's own CA (certificate-authority in the kubeconfig)";
      break;
    default: error.cause = "the server's certificate was not accepted (" + text + ")"; break;
  }
  return error;
}

class TlsStream_ final : public Stream {
 public:
  TlsStream_(std::unique_ptr<Stream> below, std::shared_ptr<const TlsContext> context)
      : below_(std::move(below)), context_(std::move(context)), ssl_(SSL_new(context_->handle())) {
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);
    if (context_->server()) {
      SSL_set_accept_state(ssl_.get());
      return;
    }
    SSL_set_connect_state(ssl_.get());
    const std::string& name = context_->server_name();
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1) return;
    ERR_clear_error();
    SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl_.get(), name.c_str());
    SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
  }

  awaitable<Result<void>> handshake() {
    const std::string step = "TLS handshake";
    while (true) {
      ERR_clear_error();
      int done = SSL_do_handshake(ssl_.get());
      int why = SSL_get_error(ssl_.get(), done);
      Error error;
      bool failed = done != 1 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
      if (failed) {
        long verify = SSL_get_verify_result(ssl_.get());
        error = !context_->server() && context_->verify() && verify != X509_V_OK ? untrusted(step, verify, context_->server_name())
                                                                              : translate(step, context_->server());
      }
      auto flushed = co_await flush();  // an alert tells the other side why
      if (failed) co_return fail(std::move(error));
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
      if (nid == NID_commonName) peer.common_name = std::move(text);
      else if (nid == NID_organizationName) peer.organizations.push_back(std::move(text));
    }
    return peer;
  }

  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    while (true) {
      std::size_t total = 0;
      int why = SSL_ERROR_NONE;
      ERR_clear_error();
      while (total < into.size()) {
        std::size_t count = 0;
        int done = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &count);
        if (done != 1) {
          why = SSL_get_error(ssl_.get(), done);
          break;
        }
        total += count;
      }
      if (total > 0) co_return total;
      if (why == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) co_return fail(translate("read from the connection", context_->server()));
      auto flushed = co_await flush();
      if (!flushed) co_return fail(std::move(flushed.error()));
      auto filled = co_await fill();
      if (!filled) co_return fail(std::move(filled.error()));
      if (*filled == 0) co_return fail(ErrorCode::unreachable, "read from the connection", "the connection was cut");
    }
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      std::size_t count = 0;
      ERR_clear_error();
      // At most 64 KiB of ciphertext at a time, so that a large body is never held twice.
      std::string_view piece = bytes.substr(0, 64 << 10);
      int done = SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &count);
      if (done != 1) co_return fail(translate("write to the connection", context_->server()));
      bytes.remove_prefix(count);
      if (BIO_ctrl_pending(out_) < (64u << 10) && !bytes.empty()) continue;
      auto flushed = co_await flush();
      if (!flushed) co_return fail(std::move(flushed.error()));
    }
    co_return Result<void>{};
  }

  void close() override { below_->close(); }
  bool looks_alive() override { return SSL_pending(ssl_.get()) == 0 && BIO_ctrl_pending(in_) == 0 && below_->looks_alive(); }

 private:
  awaitable<Result<std::size_t>> fill() {
    auto count = co_await below_->read_some(std::span<char>(buffer_.data(), buffer_.size()));
    if (count && *count > 0) BIO_write(in_, buffer_.data(), static_cast<int>(*count));
    co_return count;
  }

  awaitable<Result<void>> flush() {
    if (flushing_) co_return Result<void>{};  // whoever flushes already takes the new bytes along
    flushing_ = true;
    Result<void> answer;
    while (answer && BIO_ctrl_pending(out_) > 0) {
      std::string bytes(BIO_ctrl_pending(out_), '\0');
      int count = BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
      bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
      answer = co_await below_->write(bytes);
    }
    flushing_ = false;
    co_return answer;
  }

  std::unique_ptr<Stream> below_;
  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<SSL, SslFree> ssl_;
  BIO* in_ = nullptr;   // owned by ssl_
  BIO* out_ = nullptr;  // owned by ssl_
  bool flushing_ = false;
  std::array<char, 64 << 10> buffer_;
};

}  // namespace

awaitable<Result<TlsStream>> tls_handshake(std::unique_ptr<Stream> below, std::shared_ptr<const TlsContext> context) {
  auto stream = std::make_unique<TlsStream_>(std::move(below), std::move(context));
  auto done = co_await stream->handshake();
  if (!done) co_return fail(std::move(done.error()));
  TlsStream result;
  result.peer = stream->peer();
  result.stream = std::move(stream);
  co_return result;
}

}  // namespace fairlead::net
