// The tables of Fairlead's database, all of them in one list: docs/store.md tells their format.
#pragma once

#include "store/database.h"

namespace fairlead::store {

// Steps are only ever added at the end: their number is the version of the database. What is added to one list is added
// to the other.
Migrations sqlite_schema();
Migrations postgres_schema();

// Something in it that was sealed with a master key of the vault (vault/sealer.h); empty: nothing was.
Result<std::string> any_sealed(Session& session);

}  // namespace fairlead::store
