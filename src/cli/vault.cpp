// fairlead vault: the key that what is kept is encrypted with, and how it is changed.
#include "vault/vault.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "cli/books.h"
#include "cli/fleet.h"
#include "fleet/integrations.h"
#include "gate/audit.h"
#include "gate/lease.h"
#include "vault/holders.h"
#include "vault/key_file.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30), kResealing = std::chrono::hours(1);

struct Rotation {
  World& world;
  const DataOption& data;
  const std::string& directory;
  bool force;
  std::string file;  // of keys
  store::Database& database;
  std::shared_ptr<vault::Vault> vault;
};

tl::unexpected<Error> needs_two_keys() {
  return fail(
      ErrorCode::invalid_request, "change the encryption key", "there is no other key to change to",
      "Give all who share the database both in ENCRYPTION_KEY, the new one first and a comma between them, or a "
      "line each in vault.key; then do this again");
}

// The key that is to seal: the first one, after one was made where that may be.
awaitable<Result<vault::KeyId>> next_key(const Rotation& rotation, const vault::KeyFileLock* lock) {
  auto today = std::make_shared<vault::KeyId>();
  store::Work look = [today, vault = rotation.vault](store::Session& session) -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    *today = (*sealer)->key_id();
    return {};
  };
  auto looked = co_await rotation.database.write(std::move(look), Deadline::after(kPatience));
  if (!looked) co_return fail(std::move(looked.error()));
  auto keys = vault::read_keys(rotation.world.environment, rotation.file, false);
  if (!keys) co_return fail(std::move(keys.error()));
  if (keys->key_ids().size() > 1) co_return keys->key_id();  // given by a person, or left by one that was interrupted
  if (!lock || !rotation.data.database_url(rotation.world).empty()) co_return needs_two_keys();
  if (auto added = vault::add_key(rotation.file, *lock); !added) co_return fail(std::move(added.error()));
  keys = vault::read_keys(rotation.world.environment, rotation.file, false);
  if (!keys) co_return fail(std::move(keys.error()));
  co_return keys->key_id();
}

// Those that live and do not have the key, as people know them.
Result<std::vector<std::string>> without_key(store::Session& session, const vault::KeyId& id, bool is_shared,
                                             const gate::Journal::IsAlive& lives, const Result<vault::Sealer>& file) {
  auto holders = vault::key_holders(session);
  if (!holders) return fail(std::move(holders.error()));
  std::vector<std::string> out, said;
  for (const auto& holder : *holders) {
    said.push_back(holder.instance);
    if (vault::holds_key(holder, id, file)) continue;
    auto alive = lives(session, holder.instance);
    if (!alive) return fail(std::move(alive.error()));
    if (*alive) out.push_back(holder.label);
  }
  if (!is_shared) return out;
  auto living = gate::lease_holders(session);
  if (!living) return fail(std::move(living.error()));
  for (const auto& instance : *living)
    if (std::find(said.begin(), said.end(), instance) == said.end())
      out.push_back("instance " + instance + ", of an older version, which does not say");
  return out;
}

tl::unexpected<Error> lacking(const std::vector<std::string>& who, const vault::KeyId& id) {
  return fail(ErrorCode::conflict, "change the encryption key",
              fmt::format("{} would not open what is sealed with key {}, which is not among its keys: {}",
                          who.size() == 1 ? "a process that lives" : fmt::format("each of {} that live", who.size()),
                          to_hex(id), fmt::join(who, "; ")),
              "Start it with both keys first, the new one before the other; one that has ended counts for 25 seconds. "
              "--force changes the key all the same");
}

// From here on everybody seals with it.
awaitable<Result<void>> switch_to(const Rotation& rotation, vault::KeyId id) {
  gate::AuditRecord record;
  record.time = rotation.world.clock->unix_milliseconds();
  record.who = by();
  record.operation = "rotate_key";
  record.arguments["key"] = to_hex(id);
  record.outcome = "done";
  const bool is_shared = !rotation.data.database_url(rotation.world).empty();
  const auto lives = is_alive(is_shared, rotation.directory);
  // What whoever is given no key by the environment reads.
  const Environment none = [](std::string_view) { return std::optional<std::string>(); };
  const auto file = vault::read_keys(none, rotation.file, false);
  store::Work work = [vault = rotation.vault, id, record, is_shared, lives, file,
                      force = rotation.force](store::Session& session) -> Result<void> {
    auto missing = without_key(session, id, is_shared, lives, file);
    if (!missing) return fail(std::move(missing.error()));
    if (!missing->empty() && !force) return lacking(*missing, id);
    auto before = vault->seal_with(session, id);
    if (!before) return fail(std::move(before.error()));
    return *before == id ? Result<void>() : gate::append_record(session, record);
  };
  co_return co_await rotation.database.write(std::move(work), Deadline::after(kPatience));
}

awaitable<Result<int>> rotate(World& world, const DataOption& data, const std::string& directory, bool force,
                              store::Database& database) {
  const bool has_file = !vault::is_given_by_environment(world.environment);
  Rotation rotation{world, data, directory, force, key_file(directory), database, make_vault(world, data, directory)};
  std::optional<vault::KeyFileLock> lock;
  if (has_file) {
    auto taken = vault::KeyFileLock::take(rotation.file);
    if (!taken) co_return fail(std::move(taken.error()));
    lock.emplace(std::move(*taken));
  }
  auto id = co_await next_key(rotation, lock ? &*lock : nullptr);
  if (!id) co_return fail(std::move(id.error()));
  auto switched = co_await switch_to(rotation, *id);
  if (!switched) co_return fail(std::move(switched.error()));
  note(world, fmt::format("key {} seals from now on; what others have sealed is encrypted anew", to_hex(*id)));
  gate::Journal journal(database, rotation.vault, "");
  fleet::Registry registry(database, rotation.vault, *world.clock);
  auto credentials = co_await registry.reseal(Deadline::after(kResealing));
  if (!credentials) co_return fail(std::move(credentials.error()));
  fleet::Integrations integrations(database, rotation.vault, *world.clock);
  auto kubeconfigs = co_await integrations.reseal(Deadline::after(kResealing));
  if (!kubeconfigs) co_return fail(std::move(kubeconfigs.error()));
  auto changes = co_await journal.reseal(Deadline::after(kResealing));
  if (!changes) co_return fail(std::move(changes.error()));
  note(world,
       fmt::format("encrypted anew: {} credentials of clusters, {} kubeconfigs of agents, {} records of the journal",
                   credentials->done, kubeconfigs->done, changes->done));
  if (const std::size_t failed = credentials->failed + kubeconfigs->failed + changes->failed; failed > 0)
    co_return fail(ErrorCode::server_error, "encrypt anew what is kept",
                   fmt::format("{} of it could not be opened, and is as it was: {}", failed,
                               credentials->failed   ? credentials->failure
                               : kubeconfigs->failed ? kubeconfigs->failure
                                                     : changes->failure),
                   "The keys before stay where they are; give the credentials of clusters and agents anew, or restore "
                   "a backup, and "
                   "do this again");
  if (!lock) {
    note(world, "nothing needs the other keys of ENCRYPTION_KEY any more");
  } else if (!data.database_url(world).empty()) {
    note(world, "nothing needs the other keys of vault.key any more, here and where others share the database");
  } else if (auto kept = vault::keep_key(rotation.file, *id, *lock); !kept) {
    co_return fail(std::move(kept.error()));
  }
  note(world, "backups of the database that were made before need the key before: keep it as long as them");
  co_return 0;
}

}  // namespace

void add_vault(CLI::App& app, World& world, Action& action) {
  auto* vault = app.add_subcommand("vault", "The key that credentials and the journal are encrypted with");
  vault->require_subcommand(1);
  auto* rotating = vault->add_subcommand("rotate-key", "Encrypt all that is kept with another key, while servers run");
  auto data = std::make_shared<DataOption>();
  data->add_to(*rotating);
  auto force = std::make_shared<bool>(false);
  rotating->add_flag("--force", *force, "Also where a server that lives lacks the key, and fails from then on");
  rotating->footer(
      "The file vault.key of the data directory gets a new key by itself. Where ENCRYPTION_KEY is set, or a database "
      "is\n"
      "shared, start each server with both first, the new one first:\n"
      "  ENCRYPTION_KEY=NEW,OLD fairlead serve ...\n"
      "  ENCRYPTION_KEY=NEW,OLD fairlead vault rotate-key\n"
      "and then, at leisure, with the new one alone. While a server lives that lacks the new one, it is refused. What\n"
      "was interrupted is ended by doing it again.");
  rotating->callback([&world, &action, data, force] {
    action = [&world, data, force]() -> int {
      auto run = [&world, data, force](const std::string& directory, store::Database& database) {
        return rotate(world, *data, directory, *force, database);
      };
      return with_database(world, *data, run);
    };
  });
}

}  // namespace fairlead::cli
