// Envelope encryption of credentials that are stored: each is encrypted with a random data key of its own, and that key
// with the master key (sealer.h), both bound to the record that they belong to. So a copy of one record's data key
// opens that record alone, and nothing can be put in another's place.
//
// An envelope is: one byte for the format (2), the sealed data key (65 bytes), the text as sealed by it. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "vault/sealer.h"

namespace fairlead::vault {

// `context` names the record and its version, such as "cluster aks-eastus2 credential 3".
Result<std::string> seal_envelope(const Sealer& master, const Secret& plain, std::string_view context);
// The same envelope, its data key sealed with the key that the master seals with; as it is where it was that one
// already. server_error, as Sealer::open.
Result<std::string> reseal_envelope(const Sealer& master, std::string_view envelope, std::string_view context);
// server_error, as Sealer::open.
Result<Secret> open_envelope(const Sealer& master, std::string_view envelope, std::string_view context);

}  // namespace fairlead::vault
