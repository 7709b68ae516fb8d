// Which columns of a custom kind's list may be shown. Its definition says by a path what stands in each: whatever
// heading a password has, its path tells.
#pragma once

#include <set>
#include <string>

#include "kube/discovery.h"
#include "ops/operation.h"

namespace fairlead::ops {

struct PrinterColumns {
  std::set<std::string, std::less<>> hidden;  // headings
  bool only_plain = false;                    // nothing is known of the others: only name, type and age may be shown
  std::string note;                           // what the reader should know of it; empty: nothing
  bool hides(std::string_view heading) const;
};

// Reads the definition where the kind may have one. Who may not read it sees plain columns alone; so it is with kinds
// of others that are called Secret.
awaitable<PrinterColumns> read_printer_columns(Call& call, kube::ApiResource resource);

// Whether what a JSONPath leads to is a credential: .spec.password, .spec.tokens.a, not .spec.secretRef.name.
bool leads_to_a_credential(std::string_view path);

}  // namespace fairlead::ops
