// Credentials inside URLs. Pure; linear time over all URLs of a text.
#pragma once

#include <optional>
#include <string_view>

#include "redact/private_keys.h"

namespace fairlead::redact {

// The password (or token) before the @, or the secret part of a webhook's path, of the URL whose "://" is at `mark`.
// A password may hold / ? # and @, as it does when somebody forgot to encode it.
std::optional<TextSpan> secret_of_url(std::string_view text, std::size_t mark);

// The password of what stands behind "jdbc:oracle:": thin:user/password@host.
std::optional<TextSpan> secret_of_oracle(std::string_view text, std::size_t at);

}  // namespace fairlead::redact
