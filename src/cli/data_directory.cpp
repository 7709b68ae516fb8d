#include "cli/data_directory.h"

#include "store/schema.h"

namespace fairlead::cli {

void DataOption::add_to(CLI::App& app, const std::string& flags) {
  app.add_option(flags, given,
                 "Directory of the audit log and whatever else must survive (else FAIRLEAD_DATA, "
                 "$XDG_STATE_HOME/fairlead, ~/.local/state/fairlead)")
      ->check(CLI::Validator(refuse_value, "DIR"));
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

std::function<Result<vault::Sealer>(bool may_make)> vault_key(const World& world, const std::string& directory) {
  return [directory, environment = world.environment](bool may_make) {
    return vault::Sealer::from(environment, directory + "/vault.key", may_make);
  };
}

std::string database_file(const std::string& directory) { return directory + "/fairlead.db"; }

std::unique_ptr<store::Database> open_database(const std::string& directory) {
  store::SqliteOptions options;
  options.path = database_file(directory);
  options.migrations = store::schema();
  return store::open_sqlite(std::move(options));
}

Result<std::unique_ptr<store::Database>> open_existing_database(const std::string& directory) {
  const std::string file = database_file(directory);
  if (file_version(file) == FileVersion{})
    return fail(ErrorCode::not_found, "open " + file, "there is no database",
                "Calls are recorded in the data directory of whoever made them: give it with --data-dir");
  return open_database(directory);
}

}  // namespace fairlead::cli
