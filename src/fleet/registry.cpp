#include "fleet/registry.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/text.h"
#include "fleet/connect.h"
#include "gate/audit.h"
#include "store/schema.h"
#include "vault/envelope.h"

namespace fairlead::fleet {
namespace {

constexpr std::string_view kColumns =
    "id, fields, test, created, updated, version, connection_version, credential_version";
constexpr std::string_view kOneCluster = " FROM clusters WHERE id = ?";

std::string sealed_for(std::string_view id, std::int64_t created, std::int64_t version) {
  // Of this registration: one that is made anew under the id is another one.
  return fmt::format("cluster {} of {} credential {}", id, created, version);
}
// And for where it leads: whoever may write into the database does not get it sent to a server of their own. Of the
// fields as they are stored, whatever else is among them.
std::string leads_to(const json::object& fields) {
  json::array all;
  for (std::string_view name : {"credential_mode", "server", "certificate_authority", "context"}) {
    const json::value* value = fields.if_contains(name);
    all.push_back(value ? *value : json::value(""));
  }
  return sha256_hex(compact(all));
}
std::string sealed_for(const ClusterRow& row) {
  return sealed_for(row.id, row.created, row.credential_version) + " to " + leads_to(fields_of(row));
}
// Of envelopes that were made before they were bound to that.
std::string sealed_before(const ClusterRow& row) { return sealed_for(row.id, row.created, row.credential_version); }

Result<Secret> open_credential(const vault::Sealer& sealer, std::string_view envelope, const ClusterRow& row) {
  auto opened = vault::open_envelope(sealer, envelope, sealed_for(row));
  if (!opened)
    if (auto before = vault::open_envelope(sealer, envelope, sealed_before(row))) return before;
  if (!opened) opened.error().step = "decrypt the credentials of cluster " + row.id;
  return opened;
}

// Who did what to a row: which fields were given, and nothing of what they hold.
struct Deed {
  std::string word, by;
  std::int64_t milliseconds = 0;
  json::array fields;
};

json::array names_of(const json::object& fields) {
  json::array out;
  for (const auto& [name, value] : fields) out.push_back(json::value(name));
  return out;
}

Result<void> record(store::Session& session, const Deed& deed, std::string target) {
  gate::AuditRecord record;
  record.time = deed.milliseconds;
  record.who = deed.by;
  record.cluster = std::move(target);
  record.operation = deed.word;
  if (!deed.fields.empty()) record.arguments["fields"] = deed.fields;
  record.outcome = "done";
  return gate::append_record(session, std::move(record));
}

std::string text_of(const std::optional<LastTest>& test) {
  if (!test) return "";
  json::object out{{"ok", test->ok}, {"message", test->message}, {"time", test->time}};
  if (!test->of.empty()) out["of"] = test->of;
  return compact(out);
}

// What cannot be read is damaged, and hides no other.
ClusterRow row_of(const store::Row& stored) {
  ClusterRow row;
  if (auto fields = parse_json(stored.text(1), "read the registry"); !fields || !fields->is_object()) {
    row.damaged = "its fields are no JSON object";
  } else if (auto read = fleet::row_of(fields->get_object())) {
    row = std::move(*read);
    if (row.id != stored.text(0)) row.damaged = "its fields are those of another cluster";
  } else {
    row.damaged = escape_untrusted(read.error().cause, Newlines::escape);
  }
  if (!row.damaged.empty()) row.enabled = false;
  row.id = stored.text(0);
  if (auto test = parse_json(stored.text(2), "read the registry"); test && test->is_object() && row.damaged.empty())
    row.last_test = LastTest{flag_at(*test, {"ok"}), std::string(text_at(*test, {"message"})),
                             integer_at(*test, {"time"}), std::string(text_at(*test, {"of"}))};
  row.created = stored.integer(3);
  row.updated = stored.integer(4);
  row.version = stored.integer(5);
  row.connection_version = stored.integer(6);
  row.credential_version = stored.integer(7);
  return row;
}

Result<ClusterRow> load_any(store::Session& session, const std::string& id) {
  auto rows = session.query(fmt::format("SELECT {}{}", kColumns, kOneCluster), {id});
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty())
    return fail(ErrorCode::not_found, "find the cluster", "no cluster is registered as '" + id + "'",
                "'fairlead clusters list' shows those that are");
  return row_of(rows->front());
}

Result<ClusterRow> load(store::Session& session, const std::string& id) {
  auto row = load_any(session, id);
  if (!row || row->damaged.empty()) return row;
  return fail(ErrorCode::server_error, "read the registry", "cluster " + id + ": " + row->damaged,
              "Restore the data directory from a backup, or remove the cluster and register it anew; where another "
              "Fairlead on this database is newer, upgrade this one");
}

Result<void> check_etag(const ClusterRow& row, const std::optional<std::string>& wanted) {
  if (!wanted || *wanted == row.etag()) return {};
  return fail(ErrorCode::conflict, "change the cluster",
              fmt::format("somebody has changed it: it is at version {} by now", row.version),
              "Look at it, and make the change again");
}

// What is handed over is looked at before it is stored.
Result<ClusterChange> checked(ClusterChange change) {
  if (change.row.mode != CredentialMode::kubeconfig || change.credential.empty()) return change;
  if (auto good = check_kubeconfig(change.credential, change.row.context); !good) return fail(std::move(good.error()));
  return change;
}

// Where a credential is kept and leads elsewhere than before, it is looked at with that, and sealed for that.
Result<void> take_along(vault::Vault& vault, store::Session& session, const ClusterRow& before, ClusterChange& change) {
  ClusterRow& next = change.row;
  if (next.credential_version == 0 || !change.credential.empty() ||
      leads_to(fields_of(before)) == leads_to(fields_of(next)))
    return {};
  auto rows = session.query(fmt::format("SELECT credential{}", kOneCluster), {before.id});
  if (!rows) return fail(std::move(rows.error()));
  auto sealer = vault.sealer(session, vault::Use::write);
  if (!sealer) return fail(std::move(sealer.error()));
  auto opened = open_credential(**sealer, rows->empty() ? std::string() : rows->front().bytes(0), before);
  if (!opened) return fail(std::move(opened.error()));
  change.credential = std::move(*opened);
  next.credential_version = next.connection_version;
  auto good = checked(change);
  if (!good) return fail(std::move(good.error()));
  return {};
}

Result<store::Value> sealed(vault::Vault& vault, store::Session& session, const ClusterChange& change) {
  auto sealer = vault.sealer(session, vault::Use::write);
  if (!sealer) return fail(std::move(sealer.error()));
  auto envelope = vault::seal_envelope(**sealer, change.credential, sealed_for(change.row));
  if (!envelope) return fail(std::move(envelope.error()));
  return store::Value(store::Blob{std::move(*envelope)});
}

}  // namespace

Registry::Registry(store::Database& database, std::shared_ptr<vault::Vault> vault, const Clock& clock)
    : database_(database), vault_(std::move(vault)), clock_(clock) {}

awaitable<Result<ClusterRow>> Registry::add(json::object fields, std::string by, Deadline deadline) {
  auto made = new_cluster(fields);
  if (made) made = checked(std::move(*made));
  if (!made) co_return fail(std::move(made.error()));
  auto change = std::make_shared<ClusterChange>(std::move(*made));
  change->row.created = change->row.updated = clock_.unix_seconds();
  Deed deed{"add_cluster", std::move(by), clock_.unix_milliseconds(), names_of(fields)};
  store::Work work = [change, deed = std::move(deed), vault = vault_](store::Session& session) -> Result<void> {
    const ClusterRow& row = change->row;
    auto there = session.query(fmt::format("SELECT id{}", kOneCluster), {row.id});
    if (!there) return fail(std::move(there.error()));
    if (!there->empty())
      return fail(ErrorCode::conflict, "register the cluster", "there is a cluster '" + row.id + "' already",
                  "Choose another id, or change that one");
    store::Value credential;
    if (!change->credential.empty()) {
      auto kept = sealed(*vault, session, *change);
      if (!kept) return fail(std::move(kept.error()));
      credential = std::move(*kept);
    }
    auto added = session.execute(
        fmt::format("INSERT INTO clusters ({}, credential) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", kColumns),
        {row.id, compact(fields_of(row)), text_of(row.last_test), row.created, row.updated, row.version,
         row.connection_version, row.credential_version, std::move(credential)});
    if (!added) return fail(std::move(added.error()));
    return record(session, deed, row.target());
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return change->row;
}

awaitable<Result<ClusterRow>> Registry::change(std::string id, json::object fields, std::optional<std::string> if_etag,
                                               std::string by, Deadline deadline) {
  Deed deed{"change_cluster", std::move(by), clock_.unix_milliseconds(), names_of(fields)};
  auto out = std::make_shared<ClusterRow>();
  store::Work work = [out, id = std::move(id), fields = std::move(fields), if_etag = std::move(if_etag),
                      deed = std::move(deed), vault = vault_,
                      now = clock_.unix_seconds()](store::Session& session) -> Result<void> {
    auto row = load(session, id);
    if (!row) return fail(std::move(row.error()));
    if (auto same = check_etag(*row, if_etag); !same) return same;
    auto change = changed_cluster(*row, fields);
    if (change) change = checked(std::move(*change));
    if (!change) return fail(std::move(change.error()));
    if (auto taken = take_along(*vault, session, *row, *change); !taken) return taken;
    ClusterRow& next = change->row;
    next.updated = now;
    auto changed = session.execute(
        "UPDATE clusters SET fields = ?, test = ?, updated = ?, version = ?, connection_version = ?, "
        "credential_version = ? WHERE id = ?",
        {compact(fields_of(next)), text_of(next.last_test), next.updated, next.version, next.connection_version,
         next.credential_version, id});
    if (!changed) return fail(std::move(changed.error()));
    if (!change->credential.empty() || next.credential_version == 0) {
      store::Value credential;
      if (!change->credential.empty()) {
        auto kept = sealed(*vault, session, *change);
        if (!kept) return fail(std::move(kept.error()));
        credential = std::move(*kept);
      }
      auto replaced = session.execute("UPDATE clusters SET credential = ? WHERE id = ?", {std::move(credential), id});
      if (!replaced) return fail(std::move(replaced.error()));
    }
    *out = std::move(next);
    return record(session, deed, out->target());
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<void>> Registry::remove(std::string id, std::optional<std::string> if_etag, std::string by,
                                         Deadline deadline) {
  Deed deed{"remove_cluster", std::move(by), clock_.unix_milliseconds(), {}};
  store::Work work = [id = std::move(id), if_etag = std::move(if_etag),
                      deed = std::move(deed)](store::Session& session) -> Result<void> {
    auto row = load_any(session, id);  // nothing of its fields is needed
    if (!row) return fail(std::move(row.error()));
    if (auto same = check_etag(*row, if_etag); !same) return same;
    auto uses = session.query(
        "SELECT id FROM changes WHERE cluster = ? AND state IN ('awaiting_approval', 'approved', 'executing', "
        "'verifying', 'interrupted') LIMIT 1",
        {row->target()});
    if (!uses) return fail(std::move(uses.error()));
    if (!uses->empty())
      return fail(ErrorCode::conflict, "remove the cluster",
                  fmt::format("change {} on it waits, or is under way", uses->front().integer(0)),
                  "Let it end first: 'fairlead changes list' shows it");
    auto agents = session.query("SELECT name FROM agents WHERE cluster = ? ORDER BY name LIMIT 1", {row->target()});
    if (!agents) return fail(std::move(agents.error()));
    if (!agents->empty())
      return fail(ErrorCode::conflict, "remove the cluster",
                  "agents are deployed to it, such as " + agents->front().text(0),
                  "Delete them first: 'fairlead agents list' shows them");
    auto removed = session.execute("DELETE FROM clusters WHERE id = ?", {id});
    if (!removed) return fail(std::move(removed.error()));
    return record(session, deed, row->target());
  };
  co_return co_await database_.write(std::move(work), deadline);
}

awaitable<Result<ClusterRow>> Registry::read(std::string id, Deadline deadline) {
  auto out = std::make_shared<ClusterRow>();
  store::Work work = [out, id = std::move(id)](store::Session& session) -> Result<void> {
    auto row = load(session, id);
    if (!row) return fail(std::move(row.error()));
    *out = std::move(*row);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<std::vector<ClusterRow>>> Registry::list(std::string after, std::size_t limit, Deadline deadline) {
  auto out = std::make_shared<std::vector<ClusterRow>>();
  store::Work work = [out, after = std::move(after), limit](store::Session& session) -> Result<void> {
    out->clear();
    auto rows = session.query(fmt::format("SELECT {} FROM clusters WHERE id > ? ORDER BY id LIMIT ?", kColumns),
                              {after, static_cast<std::int64_t>(limit)});
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& stored : *rows) out->push_back(row_of(stored));
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<bool>> Registry::keep_test(ClusterRow tested, LastTest test, Deadline deadline) {
  auto kept = std::make_shared<bool>(false);
  store::Work work = [kept, tested = std::move(tested),
                      test = std::move(test)](store::Session& session) -> Result<void> {
    auto changed = session.execute(
        "UPDATE clusters SET test = ?, version = version + 1 WHERE id = ? AND connection_version = ? AND created = ?",
        {text_of(test), tested.id, tested.connection_version, tested.created});
    if (!changed) return fail(std::move(changed.error()));
    *kept = *changed > 0;
    return {};
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return *kept;
}

awaitable<Result<vault::Resealed>> Registry::reseal(Deadline deadline) {
  auto all = std::make_shared<vault::Resealed>();
  store::Work work = [vault = vault_, all](store::Session& session) -> Result<void> {
    *all = {};
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    auto rows =
        session.query(fmt::format("SELECT {}, credential FROM clusters WHERE credential IS NOT NULL", kColumns));
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& stored : *rows) {
      const std::string id = stored.text(0), envelope = stored.bytes(8);
      const std::string before = sealed_for(id, stored.integer(3), stored.integer(7));
      const ClusterRow row = row_of(stored);
      std::string now = sealed_for(row);
      if (!row.damaged.empty()) {  // as far as it can be told; one that does not open stays as it is
        auto fields = parse_json(stored.text(1), "read the registry");
        now = fields && fields->is_object() ? before + " to " + leads_to(fields->get_object()) : before;
      }
      auto opened = vault::open_envelope(**sealer, envelope, before);
      // One of before is bound to where it leads from now on.
      auto sealed = opened && before != now ? vault::seal_envelope(**sealer, *opened, now)
                                            : vault::reseal_envelope(**sealer, envelope, now);
      if (!sealed) {
        all->fail("the credentials of cluster " + id, sealed.error());
        continue;
      }
      if (*sealed == envelope) continue;
      auto done =
          session.execute("UPDATE clusters SET credential = ? WHERE id = ?", {store::Blob{std::move(*sealed)}, id});
      if (!done) return fail(std::move(done.error()));
      ++all->done;
    }
    return {};
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*all);
}

awaitable<Result<void>> Registry::check_key(Deadline deadline) {
  store::Work work = [vault = vault_](store::Session& session) -> Result<void> {
    auto rows = session.query("SELECT id FROM vault");
    if (!rows) return fail(std::move(rows.error()));
    auto sealed = store::any_sealed(session);
    if (!sealed) return fail(std::move(sealed.error()));
    if (rows->empty() && sealed->empty()) return {};  // there may be no key yet
    auto sealer = vault->sealer(session, vault::Use::read);
    if (!sealer) return fail(std::move(sealer.error()));
    return {};
  };
  co_return co_await database_.read(std::move(work), deadline);
}

awaitable<Result<Secret>> Registry::credential(ClusterRow row, Deadline deadline) {
  auto out = std::make_shared<Secret>();
  store::Work work = [out, row = std::move(row), vault = vault_](store::Session& session) -> Result<void> {
    auto rows = session.query(fmt::format("SELECT credential, credential_version{}", kOneCluster), {row.id});
    if (!rows) return fail(std::move(rows.error()));
    if (rows->empty() || rows->front().is_null(0) || rows->front().integer(1) != row.credential_version)
      return fail(ErrorCode::conflict, "find the cluster's credentials", "somebody has changed cluster " + row.id,
                  "Try again");
    auto sealer = vault->sealer(session, vault::Use::read);
    if (!sealer) return fail(std::move(sealer.error()));
    auto opened = open_credential(**sealer, rows->front().bytes(0), row);
    if (!opened) return fail(std::move(opened.error()));
    *out = std::move(*opened);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

}  // namespace fairlead::fleet
