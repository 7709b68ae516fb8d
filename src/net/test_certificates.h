// Tests only: certificate authorities and certificates made on the spot (EC P-256), with the defects that a test wants.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "net/tls.h"

namespace fairlead::net::testing {

struct Identity {
  std::string certificate_pem;
  std::string key_pem;
};

struct CertificateWish {
  std::string common_name = "localhost";
  std::vector<std::string> organizations;
  std::vector<std::string> names = {"DNS:localhost",
                                    "IP:127.0.0.1"};  // subject alternative names, as OpenSSL writes them
  long valid_from = -3600;                            // seconds from now
  long valid_until = 3600;
};

class Authority {
 public:
  explicit Authority(const std::string& name) : key_(make_key()), certificate_(X509_new(), X509_free) {
    CertificateWish wish;
    wish.common_name = name;
    wish.names.clear();
    fill(wish, certificate_.get(), key_.get());
    X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
    extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    sign(certificate_.get());
  }

  Identity issue(const CertificateWish& wish) const {
    Key key = make_key();
    std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    fill(wish, certificate.get(), key.get());
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
    std::string names;
    for (const auto& name : wish.names) names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) extend(certificate.get(), NID_subject_alt_name, names);
    sign(certificate.get());
    return {pem([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); }),
            pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
  }

  std::string certificate_pem() const {
    return pem([&](BIO* out) { PEM_write_bio_X509(out, certificate_.get()); });
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

  static Key make_key() { return Key(EVP_EC_gen("P-256"), EVP_PKEY_free); }

  static void fill(const CertificateWish& wish, X509* certificate, EVP_PKEY* key) {
    static long serial = 1;
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), wish.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), wish.valid_until);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    for (const auto& organization : wish.organizations) add(name, "O", organization);
    add(name, "CN", wish.common_name);
  }

  static void add(X509_NAME* name, const char* field, const std::string& text) {
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                               static_cast<int>(text.size()), -1, 0);
  }

  static void extend(X509* certificate, int what, const std::string& value) {
    std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str()), X509_EXTENSION_free);
    if (!extension) throw std::logic_error("no such certificate extension: " + value);
    X509_add_ext(certificate, extension.get(), -1);
  }

  void sign(X509* certificate) const { X509_sign(certificate, key_.get(), EVP_sha256()); }

  template <class Write>
  static std::string pem(Write write) {
    std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
    write(bio.get());
    char* data = nullptr;
    long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  }

  Key key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

inline std::shared_ptr<const TlsContext> server_context(const Identity& identity, std::string client_ca_pem = {}) {
  ServerTls settings;
  settings.certificate_pem = identity.certificate_pem;
  settings.key_pem = Secret(identity.key_pem);
  settings.client_ca_pem = std::move(client_ca_pem);
  auto context = TlsContext::for_server(settings);
  if (!context) throw std::logic_error(context.error().sentence());
  return *context;
}

inline std::shared_ptr<const TlsContext> client_context(const std::string& ca_pem,
                                                        std::string server_name = "localhost",
                                                        const Identity& identity = {}) {
  ClientTls settings;
  settings.ca_pem = ca_pem;
  settings.server_name = std::move(server_name);
  settings.certificate_pem = identity.certificate_pem;
  settings.key_pem = Secret(identity.key_pem);
  auto context = TlsContext::for_client(settings);
  if (!context) throw std::logic_error(context.error().sentence());
  return *context;
}

}  // namespace fairlead::net::testing
