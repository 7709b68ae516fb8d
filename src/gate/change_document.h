// A change as people and programs are shown it: without values of Secrets, credentials and what is declared secret.
// Pure.
#pragma once

#include "gate/approval.h"
#include "gate/journal.h"

namespace fairlead::gate {

// `operation`: what it was made by; null where this Fairlead does not know it. Of one that waits for an approval all
// that is asked for one,
json::object document_of(const Change& change, const ops::Operation* operation);
// which this makes of it again.
Question question_from(const json::value& document);
// What lists show of it: nothing that is sealed.
json::object summary_of(const Change& change);

}  // namespace fairlead::gate
