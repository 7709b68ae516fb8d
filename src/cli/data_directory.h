// Inside cli/ only: where what must survive lies, and the database in it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/options.h"
#include "store/database.h"
#include "vault/sealer.h"

namespace fairlead::cli {

// --data DIR (of `call` --data-dir alone, where operations have parameters of their own), else FAIRLEAD_DATA, else
// XDG_STATE_HOME/fairlead, else ~/.local/state/fairlead.
struct DataOption {
  std::string given;

  void add_to(CLI::App& app, const std::string& flags = "--data,--data-dir");
  Result<std::string> directory(const World& world) const;
};

// The vault's key of that directory, made where it may be: for whatever is sealed in its database.
std::function<Result<vault::Sealer>(bool may_make)> vault_key(const World& world, const std::string& directory);

std::string database_file(const std::string& directory);
// Made at the first use when it is not there.
std::unique_ptr<store::Database> open_database(const std::string& directory);
// not_found when there is none: for those who only look.
Result<std::unique_ptr<store::Database>> open_existing_database(const std::string& directory);

}  // namespace fairlead::cli
