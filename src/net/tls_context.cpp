#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/freer.h"
#include "net/tls.h"
#include "net/tls_error.h"

namespace fairlead::net {
namespace {

using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Cert = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

Bio bio_over(std::string_view bytes) { return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

// So that what is encrypted fails, instead of asking for its passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

std::vector<Cert> read_certificates(std::string_view pem) {
  std::vector<Cert> certificates;
  Bio bio = bio_over(pem);
  while (true) {
    if (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
      certificates.emplace_back(certificate);
      continue;
    }
    // One that cannot be read hides none of those behind it.
    const bool at_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (at_the_end || BIO_pending(bio.get()) == 0) return certificates;
  }
}

enum class Side { client, server };

Result<void> use_identity(SSL_CTX* context, std::string_view certificate_pem, const Secret& key_pem, Side side) {
  const std::string step = side == Side::client ? "load the client certificate" : "load the server's certificate";
  auto chain = read_certificates(certificate_pem);
  if (chain.empty())
    return fail(ErrorCode::invalid_request, step, "it holds no PEM certificate",
                "It must start with -----BEGIN CERTIFICATE-----");
  const ASN1_TIME* until = X509_get0_notAfter(chain[0].get());
  if (side == Side::client && X509_cmp_current_time(until) < 0)
    return fail(ErrorCode::certificate_invalid, step, "the certificate has expired (" + certificate_time(until) + ")",
                "Get new credentials for this user");
  Bio bio = bio_over(key_pem.reveal());
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key)
    return fail(ErrorCode::invalid_request, step, "its private key cannot be read",
                "The key must be an unencrypted PEM private key");
  bool accepted = SSL_CTX_use_certificate(context, chain[0].get()) == 1;
  for (std::size_t i = 1; accepted && i < chain.size(); ++i)
    accepted = SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
  if (!accepted) {
    const char* reason = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    return fail(ErrorCode::certificate_invalid, step,
                std::string("the certificate cannot be used (") + (reason ? reason : "unknown reason") + ")",
                "Get one with an RSA key of at least 2048 bits or an EC key, signed with SHA-256");
  }
  bool fits = SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
  ERR_clear_error();
  if (!fits)
    return fail(ErrorCode::certificate_invalid, step, "the private key does not belong to the certificate",
                side == Side::client ? "Use the certificate and key of the same user"
                                     : "Use the certificate and the key that was made for it");
  return {};
}

Result<void> trust(SSL_CTX* context, std::string_view ca_pem, std::string_view step) {
  auto certificates = read_certificates(ca_pem);
  if (certificates.empty())
    return fail(ErrorCode::invalid_request, std::string(step), "it holds no PEM certificate",
                "It must start with -----BEGIN CERTIFICATE-----");
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (auto& certificate : certificates) X509_STORE_add_cert(store, certificate.get());
  // A CA that is not self-signed may stand in a kubeconfig; Go accepts it as a trust anchor.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  ERR_clear_error();
  return {};
}

void apply_common_settings(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
}

constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length,
                void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kAlpn, sizeof kAlpn, in, in_length) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsContext::~TlsContext() { SSL_CTX_free(handle_); }

Result<std::shared_ptr<const TlsContext>> TlsContext::for_client(const ClientTls& tls) {
  // Without a name, OpenSSL would take any server's certificate.
  if (tls.verify && tls.server_name.empty())
    return fail(ErrorCode::invalid_request, "prepare TLS",
                "there is no server name to hold the server's certificate against");
  std::shared_ptr<TlsContext> context(new TlsContext);
  context->handle_ = SSL_CTX_new(TLS_client_method());
  context->server_name_ = tls.server_name;
  context->verify_ = tls.verify;
  SSL_CTX* ctx = context->handle_;
  apply_common_settings(ctx);
  SSL_CTX_set_alpn_protos(ctx, kAlpn, sizeof kAlpn);
  SSL_CTX_set_verify(ctx, tls.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (tls.verify) {
    if (tls.ca_pem.empty() || tls.trust_system) SSL_CTX_set_default_verify_paths(ctx);
    if (!tls.ca_pem.empty())
      if (auto trusted = trust(ctx, tls.ca_pem, "load the cluster's certificate authority"); !trusted)
        return fail(std::move(trusted.error()));
  }
  if (!tls.certificate_pem.empty()) {
    if (auto used = use_identity(ctx, tls.certificate_pem, tls.key_pem, Side::client); !used)
      return fail(std::move(used.error()));
  }
  return context;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::for_server(const ServerTls& tls) {
  std::shared_ptr<TlsContext> context(new TlsContext);
  context->handle_ = SSL_CTX_new(TLS_server_method());
  context->server_ = true;
  SSL_CTX* ctx = context->handle_;
  apply_common_settings(ctx);
  SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, nullptr);
  if (auto used = use_identity(ctx, tls.certificate_pem, tls.key_pem, Side::server); !used)
    return fail(std::move(used.error()));
  if (!tls.client_ca_pem.empty()) {
    if (auto trusted = trust(ctx, tls.client_ca_pem, "load the client certificate authority"); !trusted)
      return fail(std::move(trusted.error()));
    // A bad client certificate is no name, not a failed handshake: the application answers 401, as Kubernetes does.
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    static constexpr unsigned char id[] = "fairlead";
    SSL_CTX_set_session_id_context(ctx, id, sizeof id - 1);
  }
  return context;
}

}  // namespace fairlead::net
