// Which master key seals stands in the database: all who share it agree on it, whatever each was started with, nobody
// seals with a key that the others do not have, and it can be changed while they run.
//
// The table `vault` has one row: a random key of its own (for marks), sealed with the master key of today.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "store/database.h"
#include "vault/sealer.h"

namespace fairlead::vault {

enum class Use { read, write };

// All of it on the database's thread, inside the work that it is for, whose transaction it sees.
class Vault {
 public:
  // Owns all that it refers to. It is asked again when another key seals than those that it gave before. `may_make`:
  // nothing was sealed yet, so that a key may be made where there is none.
  using Keys = std::function<Result<Sealer>(bool may_make)>;
  explicit Vault(Keys keys) : keys_(std::move(keys)) {}

  // Seals with the key of today and opens with all that are known. `write`: in a transaction that writes, for who
  // seals. server_error where the key of today is not among ours.
  Result<std::shared_ptr<const Sealer>> sealer(store::Session& session, Use use);
  // A digest of the text that only who has the vault can make (HMAC-SHA-256), in hex: to find it again by. It stays
  // the same when the master key is changed. In a transaction that writes.
  Result<std::string> mark(store::Session& session, std::string_view text);
  // From the end of this transaction on that key seals, which must be among ours; the answer is the key before it.
  // What was sealed before stays as it is.
  Result<KeyId> seal_with(store::Session& session, const KeyId& id);

 private:
  Result<void> read_row(std::string row);
  Result<void> make_row(store::Session& session, Sealer sealer);

  Keys keys_;
  std::string row_;  // as it was when the others were made of it; it may have been taken back since
  std::shared_ptr<const Sealer> sealer_;
  Secret marks_;
};

// What became of records that another key than that of today had sealed.
struct Resealed {
  std::size_t done = 0;
  std::size_t failed = 0;  // could not be opened, and are as they were
  std::string failure;     // the first one's: which, and why
  void fail(std::string what, const Error& why) {
    if (failed++ == 0) failure = std::move(what) + ": " + why.cause;
  }
};

}  // namespace fairlead::vault
