// What certificates in PEM say, without a connection. Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/tls.h"

namespace fairlead::net {

// Whom the first certificate names. Nothing: there is none that can be read. Nobody has verified it.
std::optional<PeerName> name_in_certificate(std::string_view pem);

// One sentence why it is not certificates alone, each of which can be read: a private key beside them, another object,
// one that is cut off. Text outside of the objects, as tools write it above them, does no harm. Nothing when it is.
std::optional<std::string> why_not_certificates(std::string_view pem);

// The certificates alone, written anew: nothing that stood beside them, whatever it was. Of a PEM that is only those.
std::string certificates_alone(std::string_view pem);

}  // namespace fairlead::net
