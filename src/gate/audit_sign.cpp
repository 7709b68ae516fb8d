#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/text.h"
#include "gate/audit_text.h"

namespace fairlead::gate {
namespace {

template <auto function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    function(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free>>;

constexpr std::string_view kKind = "fairlead audit 1";  // what the signature is good for
constexpr std::size_t kSignature = 88;                  // 64 bytes in base64
constexpr std::string_view kStep = "read the signed head";

Memory reading(std::string_view text) { return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

int no_password(char*, int, int, void*) { return 0; }  // else OpenSSL asks at the terminal

Result<Key> private_key(const Secret& pem) {
  auto in = reading(pem.reveal());
  Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519)
    return fail(ErrorCode::invalid_request, "read the signing key", "it is no Ed25519 private key in PEM",
                "openssl genpkey -algorithm ed25519 makes one, and 'fairlead audit head' without --key as well");
  return key;
}

std::string_view content(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

Result<Secret> make_signing_key() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  Memory out(BIO_new(BIO_s_secmem()));
  if (!key || PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return fail(ErrorCode::internal, "make a signing key", "OpenSSL made none");
  return Secret(std::string(content(out.get())));
}

Result<std::string> public_key_of(const Secret& private_pem) {
  auto key = private_key(private_pem);
  if (!key) return fail(std::move(key.error()));
  Memory out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(out.get(), key->get()) != 1)
    return fail(ErrorCode::internal, "read the signing key", "OpenSSL gave no public key");
  return std::string(content(out.get()));
}

Result<std::string> sign_head(const AuditHead& head, const Secret& private_pem) {
  auto key = private_key(private_pem);
  if (!key) return fail(std::move(key.error()));
  const std::string text = compact(
      json::object{{"hash", head.hash}, {"kind", kKind}, {"seq", head.sequence}, {"time", format_rfc3339(head.time)}});
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  Context context(EVP_MD_CTX_new());
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key->get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, raw(text),
                     text.size()) != 1)
    return fail(ErrorCode::internal, "sign the head", "OpenSSL refused");
  return with_member("signature", base64_encode(signature), text);
}

Result<AuditHead> verify_head(std::string_view line, std::string_view public_pem) {
  auto in = reading(public_pem);
  Key key(PEM_read_bio_PUBKEY(in.get(), nullptr, no_password, nullptr));
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519)
    return fail(ErrorCode::invalid_request, "read the public key", "it is no Ed25519 public key in PEM",
                "'fairlead audit head' writes audit-key.pub beside the database");
  auto parted = part_member("signature", kSignature, line);
  auto signature = parted ? base64_decode(parted->value) : fail(ErrorCode::invalid_request, {}, {});
  auto value = signature ? parse_json(line, kStep, {.bytes = 4096, .duplicate_keys = false})
                         : fail(ErrorCode::invalid_request, {}, {});
  if (!value || signature->size() != 64 || base64_encode(*signature) != parted->value ||
      text_at(*value, {"kind"}) != kKind)
    return fail(ErrorCode::invalid_request, std::string(kStep), "it is no line of 'fairlead audit head'");
  Context context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestVerify(context.get(), raw(*signature), signature->size(), raw(parted->text), parted->text.size()) != 1)
    return fail(ErrorCode::invalid_request, std::string(kStep), "it was altered, or signed with another key");
  AuditHead head;
  head.sequence = integer_at(*value, {"seq"}, -1);
  head.hash = text_at(*value, {"hash"});
  head.time = parse_rfc3339(text_at(*value, {"time"})).value_or(0);
  return head;
}

}  // namespace fairlead::gate
