// Pods read as a Table: the server computes the cells and sends no objects, a twentieth of the bytes. Serves calls that
// ask only for columns which a Table has.
#pragma once

#include "ops/operation.h"

namespace fairlead::ops {

// Whether the columns that the call chose can all come from a Table.
bool table_serves_pods(const Call& call);

// Rows with every column of list_pods; those that were not chosen stay empty. Ranked by the status word alone. Nothing
// when the server sends the table in pages, or does not say when a pod was restarted last: the rank needs that.
awaitable<Result<std::optional<Rows>>> read_pod_table(Call& call, std::string target);

}  // namespace fairlead::ops
