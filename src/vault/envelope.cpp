#include "vault/envelope.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace fairlead::vault {
namespace {

constexpr char kFormat = 2;
constexpr std::size_t kDataKey = 32, kSealedKey = 1 + 4 + 12 + kDataKey + 16;

std::string of_key(std::string_view context) { return "data key of " + std::string(context); }

bool is_envelope(std::string_view text) { return text.size() >= 1 + kSealedKey && text.front() == kFormat; }

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::server_error, "decrypt what was kept", "it is damaged",
              "Restore the data directory from a backup, or give the credential anew");
}

}  // namespace

Result<std::string> seal_envelope(const Sealer& master, const Secret& plain, std::string_view context) {
  std::string bytes(kDataKey, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
    return fail(ErrorCode::internal, "make a data key", "the cryptographic library refused");
  Secret key(std::move(bytes));
  auto sealed_key = master.seal(key.reveal(), of_key(context));
  if (!sealed_key) return fail(std::move(sealed_key.error()));
  auto sealer = Sealer::with_key(std::move(key));
  if (!sealer) return fail(std::move(sealer.error()));
  auto text = sealer->seal(plain.reveal(), context);
  if (!text) return fail(std::move(text.error()));
  return kFormat + *sealed_key + *text;
}

Result<std::string> reseal_envelope(const Sealer& master, std::string_view envelope, std::string_view context) {
  if (!is_envelope(envelope)) return damaged();
  if (Sealer::key_id_of(envelope.substr(1, kSealedKey)) == master.key_id()) return std::string(envelope);
  auto bytes = master.open(envelope.substr(1, kSealedKey), of_key(context));
  if (!bytes) return fail(std::move(bytes.error()));
  const Secret key(std::move(*bytes));
  auto sealed_key = master.seal(key.reveal(), of_key(context));
  if (!sealed_key) return fail(std::move(sealed_key.error()));
  return kFormat + *sealed_key + std::string(envelope.substr(1 + kSealedKey));
}

Result<Secret> open_envelope(const Sealer& master, std::string_view envelope, std::string_view context) {
  if (!is_envelope(envelope)) return damaged();
  auto bytes = master.open(envelope.substr(1, kSealedKey), of_key(context));
  if (!bytes) return fail(std::move(bytes.error()));
  auto sealer = Sealer::with_key(Secret(std::move(*bytes)));
  if (!sealer) return fail(std::move(sealer.error()));
  auto text = sealer->open(envelope.substr(1 + kSealedKey), context);
  if (!text) return fail(std::move(text.error()));
  return Secret(std::move(*text));
}

}  // namespace fairlead::vault
