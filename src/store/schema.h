// The tables of Fairlead's database, all of them in one list: docs/store.md tells their format.
#pragma once

#include "store/database.h"

namespace fairlead::store {

// Steps are only ever added at the end: their number is the version of the database. What is added to one list is added
// to the other.
Migrations sqlite_schema();
Migrations postgres_schema();

// Whether anything in it was sealed with the vault's key: then no other one may be made.
Result<bool> holds_sealed(Session& session);

}  // namespace fairlead::store
