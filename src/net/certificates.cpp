#include "net/certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>
#include <vector>

#include "base/freer.h"

namespace fairlead::net {
namespace {

using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;

struct Object {
  std::string name;     // CERTIFICATE, PRIVATE KEY
  Certificate content;  // null: it is none, or cannot be read
};

Certificate read(std::string_view name, const unsigned char* data, long length) {
  const unsigned char* at = data;
  Certificate out;
  if (name == PEM_STRING_X509) out.reset(d2i_X509(nullptr, &at, length));
  if (name == PEM_STRING_X509_TRUSTED) out.reset(d2i_X509_AUX(nullptr, &at, length));
  if (name == PEM_STRING_X509_OLD) out.reset(d2i_X509(nullptr, &at, length));
  if (out && at != data + length) out.reset();
  return out;
}

std::vector<Object> objects_in(std::string_view pem) {
  std::vector<Object> out;
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;
  while (PEM_read_bio(bio.get(), &name, &header, &data, &length) == 1) {
    out.push_back({name, *header ? Certificate() : read(name, data, length)});
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(length));
  }
  ERR_clear_error();
  return out;
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t out = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; at += word.size()) ++out;
  return out;
}

}  // namespace

std::optional<PeerName> name_in_certificate(std::string_view pem) {
  for (const auto& object : objects_in(pem)) {
    if (!object.content) continue;
    PeerName out;
    const X509_NAME* subject = X509_get_subject_name(object.content.get());
    for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
      const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
      unsigned char* utf8 = nullptr;
      const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
      if (length < 0) continue;
      std::string text(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(length));
      OPENSSL_free(utf8);
      const int what = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
      if (what == NID_commonName) out.common_name = std::move(text);
      if (what == NID_organizationName) out.organizations.push_back(std::move(text));
    }
    ERR_clear_error();
    return out;
  }
  return std::nullopt;
}

std::optional<std::string> why_not_certificates(std::string_view pem) {
  const auto objects = objects_in(pem);
  for (const auto& object : objects) {
    if (object.name.find("PRIVATE KEY") != std::string::npos)
      return "it holds a private key, which nobody else is to have";
    if (!object.name.ends_with("CERTIFICATE")) return "it holds something that is no certificate";
    if (!object.content) return "it holds a certificate that cannot be read";
  }
  // What the library has passed over: one that is cut off, or whose lines do not fit together.
  if (count(pem, "-----BEGIN") != objects.size() || count(pem, "-----END") != objects.size())
    return objects.empty() ? "it holds no certificate in PEM that can be read"
                           : "it holds a part in PEM that cannot be read";
  if (objects.empty()) return "it holds no certificate in PEM";
  return std::nullopt;
}

std::string certificates_alone(std::string_view pem) {
  Bio out(BIO_new(BIO_s_mem()));
  for (const auto& object : objects_in(pem))
    if (object.content) PEM_write_bio_X509(out.get(), object.content.get());
  ERR_clear_error();
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace fairlead::net
