#include "store/schema.h"

namespace fairlead::store {

Migrations schema() {
  return {R"sql(
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  time INTEGER NOT NULL,
  who TEXT NOT NULL,
  operation TEXT NOT NULL,
  outcome TEXT NOT NULL,
  change TEXT NOT NULL,
  record TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_time ON audit (time);
CREATE INDEX audit_change ON audit (change) WHERE change <> '';
CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
)sql",
          R"sql(
CREATE TABLE changes (
  id INTEGER PRIMARY KEY, created INTEGER NOT NULL, updated INTEGER NOT NULL, who TEXT NOT NULL, cluster TEXT NOT NULL,
  operation TEXT NOT NULL, trust TEXT NOT NULL, reason TEXT NOT NULL, summary TEXT NOT NULL, state TEXT NOT NULL,
  rule TEXT NOT NULL, policy TEXT NOT NULL, approver TEXT NOT NULL, expires INTEGER NOT NULL, key TEXT NOT NULL,
  error_code TEXT NOT NULL, error TEXT NOT NULL, verification TEXT NOT NULL, undo_of INTEGER NOT NULL,
  undone_by INTEGER NOT NULL, forced INTEGER NOT NULL, instance TEXT NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX changes_by_state ON changes (state);
CREATE INDEX changes_by_key ON changes (key);
CREATE TABLE writes (
  change_id INTEGER NOT NULL, position INTEGER NOT NULL, object TEXT NOT NULL, state TEXT NOT NULL, answer BLOB,
  PRIMARY KEY (change_id, position)
) STRICT;
)sql",
          R"sql(
ALTER TABLE changes ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN cluster_uid TEXT NOT NULL DEFAULT '';
)sql",
          // They were hashes without a key: what waits has to be asked for again.
          R"sql(
UPDATE changes SET key = '';
)sql",
          R"sql(
ALTER TABLE changes ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN first_step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN last_step INTEGER NOT NULL DEFAULT 0;
UPDATE changes SET begun = created WHERE state NOT IN ('awaiting_approval', 'approved', 'rejected');
CREATE INDEX writes_by_object ON writes (object);
CREATE INDEX changes_by_step ON changes (last_step);
CREATE INDEX changes_by_undo ON changes (undo_of) WHERE undo_of <> 0;
)sql",
          R"sql(
CREATE TABLE clusters (
  id TEXT PRIMARY KEY, fields TEXT NOT NULL, test TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
  version INTEGER NOT NULL, connection_version INTEGER NOT NULL, credential_version INTEGER NOT NULL, credential BLOB
) STRICT;
)sql",
          R"sql(
CREATE TABLE tokens (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, bindings TEXT NOT NULL, created_by TEXT NOT NULL,
  created INTEGER NOT NULL, expires INTEGER NOT NULL, revoked INTEGER NOT NULL, last_used INTEGER NOT NULL
) STRICT;
)sql"};
}

Result<bool> holds_sealed(Session& session) {
  auto any = session.query(
      "SELECT 1 WHERE EXISTS (SELECT 1 FROM changes) OR EXISTS (SELECT 1 FROM clusters WHERE credential IS NOT NULL)");
  if (!any) return fail(std::move(any.error()));
  return !any->empty();
}

}  // namespace fairlead::store
