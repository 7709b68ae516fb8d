// Inside cli/ only: where what must survive lies, and the database in it.
#pragma once

#include <memory>
#include <string>

#include "base/secret.h"
#include "cli/options.h"
#include "store/database.h"
#include "vault/vault.h"

namespace fairlead::cli {

// --data DIR or --data-dir DIR (the second alone, where an operation has a parameter `data`), else FAIRLEAD_DATA, else
// XDG_STATE_HOME/fairlead, else ~/.local/state/fairlead. --database URL, else FAIRLEAD_DATABASE, else a file there.
struct DataOption {
  std::string given, database;

  void add_to(CLI::App& app, const std::string& flags = "--data,--data-dir");
  Result<std::string> directory(const World& world) const;
  Secret database_url(const World& world) const;  // of PostgreSQL; empty: the file
};

// The vault of the database. Its key is made in the directory where nothing was sealed yet, unless others share the
// database, who need the same.
std::shared_ptr<vault::Vault> make_vault(const World& world, const DataOption& data, const std::string& directory);
std::string key_file(const std::string& directory);

// A file is made at the first use when it is not there. `beat`: what keeps this process alive to others that share a
// PostgreSQL database (gate/lease.h); may be empty.
Result<std::unique_ptr<store::Database>> open_database(const World& world, const DataOption& data,
                                                       store::Work beat = {});
// not_found when there is no file: for those who only look.
Result<std::unique_ptr<store::Database>> open_existing_database(const World& world, const DataOption& data);

}  // namespace fairlead::cli
