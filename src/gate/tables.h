// The tables of the audit log and of the journal, which share one database: docs/audit.md tells their format.
#pragma once

#include "store/database.h"

namespace fairlead::gate {

// Steps are only ever added at the end: their number is the version of the database.
store::Migrations tables();

}  // namespace fairlead::gate
