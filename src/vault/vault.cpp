#include "vault/vault.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/digest.h"
#include "store/schema.h"

namespace fairlead::vault {
namespace {

constexpr std::size_t kMarkKey = 32;
constexpr std::string_view kContext = "vault";

tl::unexpected<Error> refused(std::string step) {
  return fail(ErrorCode::internal, std::move(step), "the cryptographic library refused");
}

tl::unexpected<Error> another_key() {
  return fail(
      ErrorCode::server_error, "use the encryption key", "this database is encrypted with another key",
      "Put the key back that it was encrypted with (ENCRYPTION_KEY, or the file vault.key of the data directory). "
      "All who share the database need the same");
}

}  // namespace

Result<void> Vault::read_row(std::string row) {
  const KeyId today = Sealer::key_id_of(row);
  auto ours = sealer_ ? sealer_->sealing_with(today) : std::nullopt;
  if (!ours) {
    auto keys = keys_(false);
    if (!keys) return fail(std::move(keys.error()));
    ours = keys->sealing_with(today);
  }
  if (!ours) return another_key();
  auto marks = ours->open(row, kContext);
  if (!marks) return fail(std::move(marks.error()));
  sealer_ = std::make_shared<const Sealer>(std::move(*ours));
  marks_ = Secret(std::move(*marks));
  row_ = std::move(row);
  return {};
}

Result<void> Vault::make_row(store::Session& session, Sealer sealer) {
  std::string marks(kMarkKey, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(marks.data()), kMarkKey) != 1) return refused("make a key for marks");
  auto sealed = sealer.seal(marks, kContext);
  if (!sealed) return fail(std::move(sealed.error()));
  auto added = session.execute("INSERT INTO vault (id, sealed) VALUES (1, ?)", {store::Blob{*sealed}});
  if (!added) return fail(std::move(added.error()));
  sealer_ = std::make_shared<const Sealer>(std::move(sealer));
  marks_ = Secret(std::move(marks));
  row_ = std::move(*sealed);
  return {};
}

Result<std::shared_ptr<const Sealer>> Vault::sealer(store::Session& session, Use use) {
  auto rows = session.query("SELECT sealed FROM vault");
  if (!rows) return fail(std::move(rows.error()));
  if (!rows->empty()) {
    std::string row = rows->front().bytes(0);
    if (row != row_)
      if (auto read = read_row(std::move(row)); !read) return fail(std::move(read.error()));
    return sealer_;
  }
  auto others = store::any_sealed(session);  // before there was the table
  if (!others) return fail(std::move(others.error()));
  auto keys = keys_(others->empty());
  if (!keys) return fail(std::move(keys.error()));
  auto ours = keys->sealing_with(others->empty() ? keys->key_id() : Sealer::key_id_of(*others));
  if (!ours) return another_key();
  if (use == Use::read) return std::make_shared<const Sealer>(std::move(*ours));
  if (auto made = make_row(session, std::move(*ours)); !made) return fail(std::move(made.error()));
  return sealer_;
}

Result<std::string> Vault::mark(store::Session& session, std::string_view text) {
  auto ready = sealer(session, Use::write);
  if (!ready) return fail(std::move(ready.error()));
  std::string sum(32, '\0');
  const std::string_view key = marks_.reveal();
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
            text.size(), reinterpret_cast<unsigned char*>(sum.data()), nullptr))
    return refused("mark what is asked for");
  return to_hex(sum);
}

Result<KeyId> Vault::seal_with(store::Session& session, const KeyId& id) {
  auto ready = sealer(session, Use::write);
  if (!ready) return fail(std::move(ready.error()));
  const KeyId before = (*ready)->key_id();
  auto next = (*ready)->sealing_with(id);
  if (!next) {  // ours may be older than the file
    auto keys = keys_(false);
    if (!keys) return fail(std::move(keys.error()));
    next = keys->sealing_with(id);
  }
  if (!next) return another_key();
  auto sealed = next->seal(marks_.reveal(), kContext);
  if (!sealed) return fail(std::move(sealed.error()));
  auto changed = session.execute("UPDATE vault SET sealed = ?", {store::Blob{std::move(*sealed)}});
  if (!changed) return fail(std::move(changed.error()));
  return before;
}

}  // namespace fairlead::vault
