#include "store/schema.h"

namespace fairlead::store {

Migrations sqlite_schema() {
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
)sql",
          // What a rollback has taken back whole.
          R"sql(
ALTER TABLE changes ADD COLUMN undid INTEGER NOT NULL DEFAULT 0;
UPDATE changes SET undid = undo_of WHERE id IN (SELECT undone_by FROM changes) OR state = 'rolled_back';
)sql",
          // Which master key seals. Marks are made anew by it: what waits has to be asked for again.
          R"sql(
CREATE TABLE vault (
  id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL
) STRICT;
UPDATE changes SET key = '';
)sql",
          R"sql(
CREATE TABLE oidc_names (
  issuer TEXT NOT NULL, subject TEXT NOT NULL, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT;
)sql",
          R"sql(
CREATE TABLE integrations (
  agent TEXT NOT NULL, provider TEXT NOT NULL, fields TEXT NOT NULL, validation TEXT NOT NULL, created INTEGER NOT NULL,
  updated INTEGER NOT NULL, version INTEGER NOT NULL, credential_version INTEGER NOT NULL, credential BLOB NOT NULL,
  PRIMARY KEY (agent, provider)
) STRICT;
)sql",
          R"sql(
CREATE TABLE agents (
  name TEXT NOT NULL UNIQUE, id TEXT PRIMARY KEY, runtime TEXT NOT NULL, cluster TEXT NOT NULL,
  namespace TEXT NOT NULL, object TEXT NOT NULL, desired TEXT NOT NULL, revision INTEGER NOT NULL, change INTEGER NOT NULL,
  busy INTEGER NOT NULL, keeps_state INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_by_change ON agents (change);
CREATE INDEX agents_by_cluster ON agents (cluster);
CREATE TABLE agent_revisions (
  agent_id TEXT NOT NULL, number INTEGER NOT NULL, change INTEGER NOT NULL, who TEXT NOT NULL, summary TEXT NOT NULL,
  created INTEGER NOT NULL, PRIMARY KEY (agent_id, number)
) STRICT;
)sql",
          R"sql(
CREATE TABLE key_holders (
  instance TEXT PRIMARY KEY, label TEXT NOT NULL, keys TEXT NOT NULL
) STRICT;
)sql"};
}

Migrations postgres_schema() {
  // The order of names is that of their bytes, whatever the database's language is.
  return {R"sql(
CREATE TABLE audit (
  seq BIGINT PRIMARY KEY CHECK (seq > 0),
  time BIGINT NOT NULL,
  who TEXT NOT NULL,
  operation TEXT NOT NULL,
  outcome TEXT NOT NULL,
  change TEXT NOT NULL,
  record TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_time ON audit (time);
CREATE INDEX audit_change ON audit (change) WHERE change <> '';
CREATE FUNCTION fairlead_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION fairlead_audit_is_append_only();
CREATE TABLE changes (
  id BIGINT PRIMARY KEY, created BIGINT NOT NULL, updated BIGINT NOT NULL, who TEXT NOT NULL, cluster TEXT NOT NULL,
  operation TEXT NOT NULL, trust TEXT NOT NULL, reason TEXT NOT NULL, summary TEXT NOT NULL, state TEXT NOT NULL,
  rule TEXT NOT NULL, policy TEXT NOT NULL, approver TEXT NOT NULL, expires BIGINT NOT NULL, key TEXT NOT NULL,
  error_code TEXT NOT NULL, error TEXT NOT NULL, verification TEXT NOT NULL, undo_of BIGINT NOT NULL,
  undone_by BIGINT NOT NULL, forced BIGINT NOT NULL, instance TEXT NOT NULL, sealed BYTEA NOT NULL,
  place TEXT NOT NULL DEFAULT '', cluster_uid TEXT NOT NULL DEFAULT '', begun BIGINT NOT NULL DEFAULT 0,
  first_step BIGINT NOT NULL DEFAULT 0, last_step BIGINT NOT NULL DEFAULT 0, undid BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX changes_by_state ON changes (state);
CREATE INDEX changes_by_key ON changes (key);
CREATE INDEX changes_by_step ON changes (last_step);
CREATE INDEX changes_by_undo ON changes (undo_of) WHERE undo_of <> 0;
CREATE TABLE writes (
  change_id BIGINT NOT NULL, position BIGINT NOT NULL, object TEXT NOT NULL, state TEXT NOT NULL, answer BYTEA,
  PRIMARY KEY (change_id, position)
);
CREATE INDEX writes_by_object ON writes (object);
CREATE TABLE clusters (
  id TEXT COLLATE "C" PRIMARY KEY, fields TEXT NOT NULL, test TEXT NOT NULL, created BIGINT NOT NULL,
  updated BIGINT NOT NULL, version BIGINT NOT NULL, connection_version BIGINT NOT NULL,
  credential_version BIGINT NOT NULL, credential BYTEA
);
CREATE TABLE tokens (
  id TEXT COLLATE "C" PRIMARY KEY, name TEXT COLLATE "C" NOT NULL UNIQUE, digest TEXT NOT NULL, bindings TEXT NOT NULL,
  created_by TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL, revoked BIGINT NOT NULL,
  last_used BIGINT NOT NULL
);
CREATE TABLE instances (
  name TEXT PRIMARY KEY, seen BIGINT NOT NULL
);
)sql",
          R"sql(
CREATE TABLE vault (
  id BIGINT PRIMARY KEY CHECK (id = 1), sealed BYTEA NOT NULL
);
UPDATE changes SET key = '';
)sql",
          R"sql(
CREATE TABLE oidc_names (
  issuer TEXT COLLATE "C" NOT NULL, subject TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL UNIQUE,
  created BIGINT NOT NULL, PRIMARY KEY (issuer, subject)
);
)sql",
          R"sql(
CREATE TABLE integrations (
  agent TEXT COLLATE "C" NOT NULL, provider TEXT COLLATE "C" NOT NULL, fields TEXT NOT NULL, validation TEXT NOT NULL,
  created BIGINT NOT NULL, updated BIGINT NOT NULL, version BIGINT NOT NULL, credential_version BIGINT NOT NULL,
  credential BYTEA NOT NULL, PRIMARY KEY (agent, provider)
);
)sql",
          R"sql(
CREATE TABLE agents (
  name TEXT COLLATE "C" NOT NULL UNIQUE, id TEXT PRIMARY KEY, runtime TEXT NOT NULL, cluster TEXT NOT NULL,
  namespace TEXT NOT NULL, object TEXT NOT NULL, desired TEXT NOT NULL, revision BIGINT NOT NULL, change BIGINT NOT NULL,
  busy BIGINT NOT NULL, keeps_state BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL
);
CREATE INDEX agents_by_change ON agents (change);
CREATE INDEX agents_by_cluster ON agents (cluster);
CREATE TABLE agent_revisions (
  agent_id TEXT NOT NULL, number BIGINT NOT NULL, change BIGINT NOT NULL, who TEXT NOT NULL, summary TEXT NOT NULL,
  created BIGINT NOT NULL, PRIMARY KEY (agent_id, number)
);
)sql",
          R"sql(
CREATE TABLE key_holders (
  instance TEXT PRIMARY KEY, label TEXT NOT NULL, keys TEXT NOT NULL
);
)sql"};
}

Result<std::string> any_sealed(Session& session) {
  auto rows = session.query("SELECT sealed FROM changes LIMIT 1");
  if (!rows) return fail(std::move(rows.error()));
  if (!rows->empty()) return rows->front().bytes(0);
  for (const char* envelopes : {"SELECT credential FROM clusters WHERE credential IS NOT NULL LIMIT 1",
                                "SELECT credential FROM integrations LIMIT 1"}) {
    rows = session.query(envelopes);
    if (!rows) return fail(std::move(rows.error()));
    // Behind an envelope's format (vault/envelope.h) comes its data key, sealed.
    if (!rows->empty()) return rows->front().bytes(0).substr(1);
  }
  return std::string();
}

}  // namespace fairlead::store
