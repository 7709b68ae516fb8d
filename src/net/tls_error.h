// Inside net/ only: what OpenSSL reports, in words for people.
#pragma once

#include <openssl/types.h>

#include <string>

#include "base/error.h"

namespace fairlead::net {

enum class TlsPhase { handshake, data };

// From OpenSSL's error queue, which is emptied.
Error tls_error(std::string step, TlsPhase phase, bool server);

// Why the server's certificate was not accepted; `expected` is the name it should hold. `certificate` may be null.
Error untrusted_server(std::string step, int verify_error, const std::string& expected, const X509* certificate);

// "2026-01-31T00:00:00Z"; empty when the time cannot be read.
std::string certificate_time(const ASN1_TIME* time);

}  // namespace fairlead::net
