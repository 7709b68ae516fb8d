// Inside cli/ only: the identity provider whose tokens a server takes.
#pragma once

#include <memory>
#include <string>

#include "cli/data_directory.h"
#include "identity/oidc.h"

namespace fairlead::cli {

// --oidc FILE, else FAIRLEAD_OIDC.
struct OidcOption {
  std::string file;
  void add_to(CLI::App& app);
  // Null: none is asked for. invalid_request for a configuration that is wrong.
  Result<std::unique_ptr<identity::Oidc>> open(World& world, net::Executor executor, store::Database& database) const;
};

// Asks it for its keys, for the start of a server: that it is away is a note, for it may come back; that it calls
// itself by another name is an error. Null is asked nothing.
net::awaitable<Result<void>> ask_provider(identity::Oidc* oidc);

}  // namespace fairlead::cli
