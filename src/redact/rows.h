// Credentials whose name stands in a line above them: a column of CSV or of a table with bars, a field of a multipart
// form, lines that a program of passwords reads (chpasswd <<EOF). Pure; linear time. Lines stay as many as they are.
#pragma once

#include <string>

namespace fairlead::redact {

std::string redact_rows(std::string text);

}  // namespace fairlead::redact
