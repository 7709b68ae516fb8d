// Which master keys the processes that share a database can open with, as each has written it down for as long as it
// lives: before another key seals it is asked whether all of them have it. In the table `key_holders`, on the
// database's thread.
#pragma once

#include <string>
#include <vector>

#include "base/environment.h"
#include "store/database.h"
#include "vault/sealer.h"

namespace fairlead::vault {

struct KeyHolder {
  std::string instance;  // of those that live (gate/instance.h, gate/lease.h)
  std::string label;     // for people: "serve on host-a, process 17"
  std::string keys;      // what held_keys() says
};

// "1a2b3c4d 5e6f7a8b": the ids of the keys there are now, as of read_keys(). Or, where they come from a file that all
// who share the database have, that it is that one.
std::string held_keys(const Environment& environment, const std::string& path, bool shares_file);
bool holds_key(const KeyHolder& holder, const KeyId& id, const Result<Sealer>& shared_file);

// In a transaction that writes; what was said before is replaced.
Result<void> tell_keys(store::Session& session, const KeyHolder& holder);
Result<void> forget_keys(store::Session& session, const std::string& instance);
Result<std::vector<KeyHolder>> key_holders(store::Session& session);

}  // namespace fairlead::vault
