#include "sandbox/certificates.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/freer.h"

namespace fairlead::sandbox {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Buffer = std::unique_ptr<BIO, Freer<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

tl::unexpected<Error> failed(std::string_view what) {
  return fail(ErrorCode::internal, "make a certificate", "OpenSSL could not " + std::string(what));
}

std::string text_of(BIO* buffer) {
  char* data = nullptr;
  long size = BIO_get_mem_data(buffer, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

bool add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool is_address(const std::string& text) {
  unsigned char into[16];
  return inet_pton(AF_INET, text.c_str(), into) == 1 || inet_pton(AF_INET6, text.c_str(), into) == 1;
}

bool add_name(X509_NAME* name, const char* field, const std::string& value) {
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

Result<KeyPair> issue(const CertificateRequest& request, bool authority, X509* issuer, EVP_PKEY* issuer_key) {
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate(X509_new());
  if (!key || !certificate) return failed("make a key");
  unsigned char serial[16];
  if (RAND_bytes(serial, sizeof serial) != 1) return failed("find random numbers");
  serial[0] &= 0x7f;
  std::unique_ptr<BIGNUM, Freer<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  if (!number || !BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())))
    return failed("number it");
  // A minute early, for clocks that differ.
  time_t from = static_cast<time_t>(request.valid_from - 60);
  time_t until = static_cast<time_t>(request.valid_from + request.valid_seconds);
  X509_set_version(certificate.get(), 2);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), from);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), until);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  for (const std::string& organization : request.organizations) {
    if (!add_name(name, "O", organization)) return failed("name it");
  }
  if (!add_name(name, "CN", request.common_name)) return failed("name it");
  X509* signer = issuer ? issuer : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  std::string names;
  for (const std::string& address : request.addresses) {
    if (!names.empty()) names += ",";
    names += (is_address(address) ? "IP:" : "DNS:") + address;
  }
  bool fine =
      add_extension(certificate.get(), signer, NID_basic_constraints,
                    authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
      add_extension(certificate.get(), signer, NID_key_usage,
                    authority ? "critical,keyCertSign,cRLSign,digitalSignature" : "critical,digitalSignature") &&
      add_extension(certificate.get(), signer, NID_subject_key_identifier, "hash");
  if (fine && issuer) fine = add_extension(certificate.get(), signer, NID_authority_key_identifier, "keyid");
  if (fine && !authority)
    fine = add_extension(certificate.get(), signer, NID_ext_key_usage, names.empty() ? "clientAuth" : "serverAuth");
  if (fine && !names.empty()) fine = add_extension(certificate.get(), signer, NID_subject_alt_name, names);
  if (!fine) return failed("add its extensions");
  if (X509_sign(certificate.get(), issuer_key ? issuer_key : key.get(), EVP_sha256()) == 0) return failed("sign it");
  Buffer certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_secmem()));
  if (!certificate_text || !key_text || PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return failed("write it");
  }
  return KeyPair{text_of(certificate_text.get()), Secret(text_of(key_text.get()))};
}

}  // namespace

Result<KeyPair> make_authority(const CertificateRequest& request) { return issue(request, true, nullptr, nullptr); }

Result<KeyPair> make_certificate(const KeyPair& authority, const CertificateRequest& request) {
  std::string_view key_text = authority.key_pem.reveal();
  Buffer certificate_in(
      BIO_new_mem_buf(authority.certificate_pem.data(), static_cast<int>(authority.certificate_pem.size())));
  Buffer key_in(BIO_new_mem_buf(key_text.data(), static_cast<int>(key_text.size())));
  Certificate issuer(PEM_read_bio_X509(certificate_in.get(), nullptr, nullptr, nullptr));
  Key key(PEM_read_bio_PrivateKey(key_in.get(), nullptr, nullptr, nullptr));
  if (!issuer || !key) return failed("read the authority's certificate");
  return issue(request, false, issuer.get(), key.get());
}

Result<std::string> random_token(std::size_t bytes) {
  std::string raw(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(bytes)) != 1)
    return failed("find random numbers");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned char byte : raw) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace fairlead::sandbox
