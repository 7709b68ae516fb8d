#include "cli/data_directory.h"

#include "gate/lease.h"
#include "store/schema.h"
#include "vault/key_file.h"

namespace fairlead::cli {
namespace {

constexpr const char* kDatabase = "/fairlead.db";

}  // namespace

void DataOption::add_to(CLI::App& app, const std::string& flags) {
  app.add_option(flags, given,
                 "Directory of the audit log and whatever else must survive (else FAIRLEAD_DATA, "
                 "$XDG_STATE_HOME/fairlead, ~/.local/state/fairlead)")
      ->check(CLI::Validator(refuse_value, "DIR"));
  app.add_option("--database", database,
                 "postgres:// URL of a database that several share, instead of a file in that directory (else "
                 "FAIRLEAD_DATABASE, which keeps a password out of the process list)")
      ->check(CLI::Validator(refuse_value, "URL"));
}

Result<std::string> DataOption::directory(const World& world) const {
  if (!given.empty()) return given;
  auto variable = [&](std::string_view name) { return world.environment(name).value_or(""); };
  if (auto directory = variable("FAIRLEAD_DATA"); !directory.empty()) return directory;
  // A relative one is invalid and ignored, as its specification wants.
  if (auto state = variable("XDG_STATE_HOME"); state.starts_with('/')) return state + "/fairlead";
  if (auto home = variable("HOME"); home.starts_with('/')) return home + "/.local/state/fairlead";
  return fail(ErrorCode::invalid_request, "find the data directory", "neither FAIRLEAD_DATA nor HOME is set",
              "Set FAIRLEAD_DATA, or give --data-dir DIR");
}

Secret DataOption::database_url(const World& world) const {
  return Secret(database.empty() ? world.environment("FAIRLEAD_DATABASE").value_or("") : database);
}

std::string key_file(const std::string& directory) { return directory + "/vault.key"; }

std::shared_ptr<vault::Vault> make_vault(const World& world, const DataOption& data, const std::string& directory) {
  const bool is_shared = !data.database_url(world).empty();
  auto keys = [directory, is_shared, environment = world.environment](bool may_make) -> Result<vault::Sealer> {
    auto found = vault::read_keys(environment, key_file(directory), may_make && !is_shared);
    if (!found && is_shared)
      found.error().remedy += (found.error().remedy.empty() ? "" : ". ") +
                              std::string("All who share the database need the same ENCRYPTION_KEY, or vault.key");
    return found;
  };
  return std::make_shared<vault::Vault>(std::move(keys));
}

Result<std::unique_ptr<store::Database>> open_database(const World& world, const DataOption& data, store::Work beat) {
  if (const Secret url = data.database_url(world); !url.empty()) {
    auto options = store::read_postgres_url(url, world.environment);
    if (!options) return fail(std::move(options.error()));
    options->migrations = store::postgres_schema();
    options->beat = std::move(beat);
    options->beat_every = gate::kBeat;
    return store::open_postgres(std::move(*options));
  }
  auto directory = data.directory(world);
  if (!directory) return fail(std::move(directory.error()));
  store::SqliteOptions options;
  options.path = *directory + kDatabase;
  options.migrations = store::sqlite_schema();
  return store::open_sqlite(std::move(options));
}

Result<std::unique_ptr<store::Database>> open_existing_database(const World& world, const DataOption& data) {
  if (!data.database_url(world).empty()) return open_database(world, data);
  auto directory = data.directory(world);
  if (!directory) return fail(std::move(directory.error()));
  const std::string file = *directory + kDatabase;
  if (file_version(file) == FileVersion{})
    return fail(ErrorCode::not_found, "open " + file, "there is no database",
                "Calls are recorded in the data directory of whoever made them: give it with --data-dir");
  return open_database(world, data);
}

}  // namespace fairlead::cli
