// Keeps credentials that lie in a cluster from leaving it. Keys and names stay, values go. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace fairlead::ops {

inline constexpr std::string_view kRedacted = "<redacted>";

// Takes out of one Kubernetes object what its reader has no use for or must not see: managedFields, the last-applied
// annotation, values of Secrets (data, stringData), values of environment variables and command-line arguments that
// look like credentials, and annotations that do.
void redact_object(json::value& object);

// Well-known shapes of credentials inside free text (logs, events, arguments): bearer and JSON web tokens, PEM private
// keys, cloud access keys, URLs with a password, and NAME=value or "name": "value" where the name says that it is one.
std::string redact_text(std::string_view text);

// password, token, secret, api_key, private_key, credential, …, in any spelling and letter case.
bool names_a_credential(std::string_view name);

}  // namespace fairlead::ops
