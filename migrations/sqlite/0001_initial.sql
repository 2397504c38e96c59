-- The first schema. migrations/postgres has the same tables; crates/store runs one set of statements over both.
--
-- Times are microseconds since the Unix epoch, flags are 0 or 1, JSON is text. A column that ends in _folded holds
-- the lower-cased form that search, sorting and uniqueness go by; the program writes it, because SQLite's lower()
-- knows ASCII only. Enum words are those of crates/model.

-- Every slug ever used: a deleted tenant's slug can't be taken again and bring its old data back.
CREATE TABLE tenant_slugs (
    slug TEXT NOT NULL PRIMARY KEY,
    first_used_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY REFERENCES tenant_slugs (slug),
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    password_hash TEXT,
    -- Grows with each change of the password: sessions begun before are over.
    credential_version INTEGER NOT NULL DEFAULT 0,
    role TEXT NOT NULL CHECK (role IN (
        'super_admin', 'model_admin', 'provider_admin', 'mcp_admin', 'user_admin', 'billing_admin', 'user'
    )),
    organization_unit TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'inactive')),
    source TEXT NOT NULL CHECK (source IN ('local', 'sso', 'scim')),
    created_at INTEGER NOT NULL,
    last_sign_in_at INTEGER
) STRICT;
CREATE UNIQUE INDEX users_by_email ON users (email_folded);
CREATE INDEX users_by_name ON users (name_folded, id);
CREATE INDEX users_by_creation ON users (created_at, id);
-- -1 stands for "never", as in the lists' ORDER BY.
CREATE INDEX users_by_last_sign_in ON users (COALESCE(last_sign_in_at, -1), id);

CREATE TABLE memberships (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, tenant_id)
) STRICT;
CREATE INDEX memberships_by_tenant ON memberships (tenant_id);

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY CHECK (LENGTH(id) = 12),
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    -- Prefix and public id as in the key itself (rk_prod_7hq2…), folded: what people paste into the search.
    token_folded TEXT NOT NULL,
    description TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('standard', 'restricted')),
    environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'production')),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- NULL: the tenant owns it.
    owner_id TEXT REFERENCES users (id),
    user_path TEXT,
    tags TEXT NOT NULL,
    -- NULL: all; an empty list: none.
    allowed_providers TEXT,
    rate_limits TEXT NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    revoked_by TEXT,
    revoke_reason TEXT,
    CHECK (kind = 'restricted' OR owner_id IS NULL),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX one_active_standard_key ON api_keys (tenant_id, environment)
    WHERE kind = 'standard' AND revoked_at IS NULL;
CREATE INDEX api_keys_by_name ON api_keys (name_folded, id);
CREATE INDEX api_keys_by_creation ON api_keys (created_at, id);
CREATE INDEX api_keys_by_last_use ON api_keys (COALESCE(last_used_at, -1), id);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id);
CREATE INDEX api_keys_by_owner ON api_keys (owner_id);

-- Hashes of secrets: one row for each key, two while a rotation's grace runs.
CREATE TABLE key_secrets (
    key_id TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    hash BLOB NOT NULL CHECK (LENGTH(hash) = 32),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (key_id, hash)
) STRICT;

CREATE TABLE providers (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('openai_compatible', 'echo')),
    base_url TEXT NOT NULL,
    sandbox INTEGER NOT NULL CHECK (sandbox IN (0, 1)),
    allow_private_addresses INTEGER NOT NULL CHECK (allow_private_addresses IN (0, 1)),
    options TEXT NOT NULL,
    sealed_credential BLOB,
    from_configuration INTEGER NOT NULL CHECK (from_configuration IN (0, 1))
) STRICT;

CREATE TABLE models (
    name TEXT NOT NULL PRIMARY KEY,
    targets TEXT NOT NULL,
    prices TEXT NOT NULL,
    from_configuration INTEGER NOT NULL CHECK (from_configuration IN (0, 1))
) STRICT;

-- The change feed, in order and without gaps.
CREATE TABLE changes (
    epoch INTEGER NOT NULL PRIMARY KEY,
    change TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- One row: where the feed and the audit log have got to. A control-plane transaction holds it from its first moment,
-- so that they run one after the other and both sequences commit in order.
CREATE TABLE feed (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    audit_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE nodes (
    id TEXT NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id_hash BLOB NOT NULL PRIMARY KEY CHECK (LENGTH(id_hash) = 32),
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    provider_sid TEXT,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE login_buckets (
    bucket TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    last_failure_at INTEGER NOT NULL,
    locked_until INTEGER
) STRICT;

CREATE TABLE links (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (LENGTH(token_hash) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('setup')),
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

-- No foreign keys: a row must get in whatever became of its key.
CREATE TABLE usage_ledger (
    request_id TEXT NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    started_at INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    user_id TEXT,
    user_path TEXT,
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    upstream_model TEXT NOT NULL,
    streamed INTEGER NOT NULL CHECK (streamed IN (0, 1)),
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN (
        'completed', 'upstream_error', 'client_gone', 'cut', 'interrupted'
    )),
    input_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    token_source TEXT NOT NULL CHECK (token_source IN ('reported', 'estimated')),
    cost_micros INTEGER NOT NULL,
    first_byte_micros INTEGER,
    total_micros INTEGER NOT NULL,
    key_tags TEXT NOT NULL,
    PRIMARY KEY (request_id, attempt)
) STRICT;
CREATE INDEX usage_by_time ON usage_ledger (started_at, request_id, attempt);
CREATE INDEX usage_by_key ON usage_ledger (key_id, started_at, request_id, attempt);
CREATE INDEX usage_by_user ON usage_ledger (user_id, started_at, request_id, attempt);
CREATE INDEX usage_by_tenant ON usage_ledger (tenant_id, started_at, request_id, attempt);

CREATE TABLE audit_log (
    seq INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_id TEXT NOT NULL CHECK (actor_id <> ''),
    actor TEXT NOT NULL CHECK (actor <> ''),
    action TEXT NOT NULL CHECK (action <> ''),
    target_type TEXT NOT NULL,
    target_id TEXT NOT NULL,
    target_name TEXT NOT NULL,
    tenant_id TEXT,
    result TEXT NOT NULL CHECK (result IN ('success', 'denied', 'failure')),
    ip TEXT,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit_log (at);
CREATE INDEX audit_by_target ON audit_log (target_type, target_id, seq);
CREATE INDEX audit_by_actor ON audit_log (actor_id, seq);

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'audit rows are never changed');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'audit rows are never deleted');
END;
-- INSERT OR REPLACE would delete without a DELETE trigger.
CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE seq = NEW.seq) BEGIN
    SELECT RAISE(ABORT, 'audit rows are never changed');
END;

-- Totals of unfiltered lists, kept in the transactions that change them.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL CHECK (value >= 0)
) STRICT;

INSERT INTO feed (id, epoch, audit_seq) VALUES (1, 0, 0);
INSERT INTO counters (name, value) VALUES ('users', 0), ('keys', 0), ('revoked_keys', 0), ('tenants', 1);
INSERT INTO tenant_slugs (slug, first_used_at)
    VALUES ('default', CAST(unixepoch('subsec') * 1000000 AS INTEGER));
INSERT INTO tenants (id, name, name_folded, status, created_at)
    SELECT slug, 'Default', 'default', 'active', first_used_at FROM tenant_slugs;
