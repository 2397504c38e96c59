-- The first schema. migrations/sqlite has the same tables; crates/store runs one set of statements over both.
--
-- Times are microseconds since the Unix epoch, flags are 0 or 1, JSON is text. A column that ends in _folded holds
-- the lower-cased form that search, sorting and uniqueness go by; the program writes it. What is sorted is compared
-- byte by byte (COLLATE "C"), whatever the database's locale: the same order as in SQLite, and LIKE 'x%' can use the
-- index. Enum words are those of crates/model.

-- Every slug ever used: a deleted tenant's slug can't be taken again and bring its old data back.
CREATE TABLE tenant_slugs (
    slug TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    first_used_at BIGINT NOT NULL
);

CREATE TABLE tenants (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenant_slugs (slug),
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT COLLATE "C" NOT NULL,
    password_hash TEXT,
    -- Grows with each change of the password: sessions begun before are over.
    credential_version BIGINT NOT NULL DEFAULT 0,
    role TEXT NOT NULL CHECK (role IN (
        'super_admin', 'model_admin', 'provider_admin', 'mcp_admin', 'user_admin', 'billing_admin', 'user'
    )),
    organization_unit TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'inactive')),
    source TEXT NOT NULL CHECK (source IN ('local', 'sso', 'scim')),
    created_at BIGINT NOT NULL,
    last_sign_in_at BIGINT
);
CREATE UNIQUE INDEX users_by_email ON users (email_folded);
CREATE INDEX users_by_name ON users (name_folded, id);
CREATE INDEX users_by_creation ON users (created_at, id);
-- -1 stands for "never", as in the lists' ORDER BY.
CREATE INDEX users_by_last_sign_in ON users ((COALESCE(last_sign_in_at, -1)), id);

CREATE TABLE memberships (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, tenant_id)
);
CREATE INDEX memberships_by_tenant ON memberships (tenant_id);

CREATE TABLE api_keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (LENGTH(id) = 12),
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    -- Prefix and public id as in the key itself (rk_prod_7hq2…), folded: what people paste into the search.
    token_folded TEXT COLLATE "C" NOT NULL,
    description TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('standard', 'restricted')),
    environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'production')),
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    -- NULL: the tenant owns it.
    owner_id TEXT COLLATE "C" REFERENCES users (id),
    user_path TEXT,
    tags TEXT NOT NULL,
    -- NULL: all; an empty list: none.
    allowed_providers TEXT,
    rate_limits TEXT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    revoked_by TEXT,
    revoke_reason TEXT,
    CHECK (kind = 'restricted' OR owner_id IS NULL),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE UNIQUE INDEX one_active_standard_key ON api_keys (tenant_id, environment)
    WHERE kind = 'standard' AND revoked_at IS NULL;
CREATE INDEX api_keys_by_name ON api_keys (name_folded, id);
CREATE INDEX api_keys_by_creation ON api_keys (created_at, id);
CREATE INDEX api_keys_by_last_use ON api_keys ((COALESCE(last_used_at, -1)), id);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id);
CREATE INDEX api_keys_by_owner ON api_keys (owner_id);

-- Hashes of secrets: one row for each key, two while a rotation's grace runs.
CREATE TABLE key_secrets (
    key_id TEXT COLLATE "C" NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    hash BYTEA NOT NULL CHECK (OCTET_LENGTH(hash) = 32),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (key_id, hash)
);

CREATE TABLE providers (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('openai_compatible', 'echo')),
    base_url TEXT NOT NULL,
    sandbox SMALLINT NOT NULL CHECK (sandbox IN (0, 1)),
    allow_private_addresses SMALLINT NOT NULL CHECK (allow_private_addresses IN (0, 1)),
    options TEXT NOT NULL,
    sealed_credential BYTEA,
    from_configuration SMALLINT NOT NULL CHECK (from_configuration IN (0, 1))
);

CREATE TABLE models (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    targets TEXT NOT NULL,
    prices TEXT NOT NULL,
    from_configuration SMALLINT NOT NULL CHECK (from_configuration IN (0, 1))
);

-- The change feed, in order and without gaps.
CREATE TABLE changes (
    epoch BIGINT NOT NULL PRIMARY KEY,
    change TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- One row: where the feed and the audit log have got to. A control-plane transaction holds it from its first moment,
-- so that they run one after the other and both sequences commit in order.
CREATE TABLE feed (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL,
    audit_seq BIGINT NOT NULL
);

CREATE TABLE nodes (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id_hash BYTEA NOT NULL PRIMARY KEY CHECK (OCTET_LENGTH(id_hash) = 32),
    user_id TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE,
    provider_sid TEXT,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE login_buckets (
    bucket TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL CHECK (failures >= 0),
    last_failure_at BIGINT NOT NULL,
    locked_until BIGINT
);

CREATE TABLE links (
    token_hash BYTEA NOT NULL PRIMARY KEY CHECK (OCTET_LENGTH(token_hash) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('setup')),
    user_id TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- No foreign keys: a row must get in whatever became of its key.
CREATE TABLE usage_ledger (
    request_id TEXT COLLATE "C" NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    started_at BIGINT NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    tenant_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C",
    user_path TEXT,
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    upstream_model TEXT NOT NULL,
    streamed SMALLINT NOT NULL CHECK (streamed IN (0, 1)),
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN (
        'completed', 'upstream_error', 'client_gone', 'cut', 'interrupted'
    )),
    input_tokens BIGINT NOT NULL,
    cached_input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    token_source TEXT NOT NULL CHECK (token_source IN ('reported', 'estimated')),
    cost_micros BIGINT NOT NULL,
    first_byte_micros BIGINT,
    total_micros BIGINT NOT NULL,
    key_tags TEXT NOT NULL,
    PRIMARY KEY (request_id, attempt)
);
CREATE INDEX usage_by_time ON usage_ledger (started_at, request_id, attempt);
CREATE INDEX usage_by_key ON usage_ledger (key_id, started_at, request_id, attempt);
CREATE INDEX usage_by_user ON usage_ledger (user_id, started_at, request_id, attempt);
CREATE INDEX usage_by_tenant ON usage_ledger (tenant_id, started_at, request_id, attempt);

CREATE TABLE audit_log (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_id TEXT NOT NULL CHECK (actor_id <> ''),
    actor TEXT NOT NULL CHECK (actor <> ''),
    action TEXT NOT NULL CHECK (action <> ''),
    target_type TEXT NOT NULL,
    target_id TEXT NOT NULL,
    target_name TEXT NOT NULL,
    tenant_id TEXT COLLATE "C",
    result TEXT NOT NULL CHECK (result IN ('success', 'denied', 'failure')),
    ip TEXT,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit_log (at);
CREATE INDEX audit_by_target ON audit_log (target_type, target_id, seq);
CREATE INDEX audit_by_actor ON audit_log (actor_id, seq);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are never changed or deleted';
END
$$;
CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Totals of unfiltered lists, kept in the transactions that change them.
CREATE TABLE counters (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL CHECK (value >= 0)
);

INSERT INTO feed (id, epoch, audit_seq) VALUES (1, 0, 0);
INSERT INTO counters (name, value) VALUES ('users', 0), ('keys', 0), ('revoked_keys', 0), ('tenants', 1);
INSERT INTO tenant_slugs (slug, first_used_at)
    VALUES ('default', CAST(EXTRACT(EPOCH FROM NOW()) * 1000000 AS BIGINT));
INSERT INTO tenants (id, name, name_folded, status, created_at)
    SELECT slug, 'Default', 'default', 'active', first_used_at FROM tenant_slugs;
