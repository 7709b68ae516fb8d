// Fairlead's own credentials in what comes back from a cluster: a token that somebody wrote into a log or a message
// there has no shape that redaction would know it by. Each byte of it becomes "*", also in base64, in hex, in capitals
// and over several lines. Pure; credentials of fewer than eight bytes stay, since words would be hit.
#pragma once

#include "base/error.h"
#include "base/secret.h"
#include "ops/reply.h"

namespace fairlead::ops {

void mask(Reply& reply, const Secret& credential);
// Also where characters that nobody sees stand inside the credential: then those are gone as well.
void mask(Error& error, const Secret& credential);
void mask(std::string& text, const Secret& credential);

}  // namespace fairlead::ops
