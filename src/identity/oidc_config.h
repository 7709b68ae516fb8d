// What the file of `fairlead serve --oidc` says: whose tokens are taken, for whom they must be made, and which roles
// their claims bring. docs/serve.md is its reference.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/role.h"
#include "net/http.h"

namespace fairlead::identity {

struct OidcRule {
  std::vector<std::string> claim;  // where it stands: {"groups"}, {"realm_access", "roles"}
  std::string value;               // of that claim, or one in its list
  gate::Bindings bindings;
  bool operator==(const OidcRule&) const = default;
};

struct OidcConfig {
  std::string issuer;                  // a URL, exactly as `iss` has it
  std::vector<std::string> audiences;  // one of them must be in `aud`
  std::string ca_pem;                  // trusted for the provider instead of the system's authorities; empty: those
  std::string name_claim = "sub";
  std::string prefix;      // before names: what tells them from those of another issuer before
  std::int64_t skew = 30;  // seconds that its clock and ours may differ by
  std::vector<OidcRule> rules;
  // Seconds that the provider's keys are taken for without asking it again, and for which they go on while it is away.
  std::int64_t keys_seconds = 300, keys_outage_seconds = 24 * 60 * 60;
  std::string file, ca_file;  // where it was read; empty: nowhere
  bool operator==(const OidcConfig&) const = default;
};

// YAML or JSON. invalid_request with what is wrong in it; errors of reading a file. `ca` is relative to the file.
Result<OidcConfig> read_oidc_config(const std::string& path);
Result<OidcConfig> parse_oidc_config(std::string_view text, const std::string& directory);

// Where keys are asked for: https, or http on loopback where `plain` allows it; without credentials or a fragment.
// invalid_request says what is wrong.
Result<net::Url> check_provider_url(std::string_view text, std::string_view what, bool plain);

// What names of callers, and what stands in the database, may be made of: visible ASCII without blanks, 1..`most`.
bool is_plain_name(std::string_view text, std::size_t most);

}  // namespace fairlead::identity
