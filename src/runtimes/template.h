// Inside runtimes/ only: {{…}} in the values of a profile, and what of a value may not stand where it is seen.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtimes/profile.h"

namespace fairlead::runtimes {

// One sentence; nothing where each placeholder is known and each port that one names is the profile's.
std::optional<std::string> why_not_template(std::string_view text, const Profile& profile);

// With each placeholder replaced by what `meaning` gives for it ("port.runtime"); nothing where it gives none. The text
// is one that why_not_template finds nothing about.
std::optional<std::string> filled(std::string_view text,
                                  const std::function<std::optional<std::string>(std::string_view)>& meaning);

// Whether a variable of this name and value is one that redaction would hide: it belongs into the Secret.
bool looks_like_credential(const std::string& name, const std::string& value);

}  // namespace fairlead::runtimes
