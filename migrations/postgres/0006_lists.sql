-- What keeps lists quick with a hundred thousand people and a million keys. migrations/sqlite has the same; how the
-- indexes are used is in docs/adr/0011-how-a-list-finds-its-page.md.

-- What rows are sorted by, where that may be missing. Columns, so that an index leads to a place among rows that are
-- equal in them: never signed in or used is the smallest, never expiring the largest.
ALTER TABLE users ADD COLUMN last_sign_in_order BIGINT GENERATED ALWAYS AS (COALESCE(last_sign_in_at, -1)) STORED;
ALTER TABLE api_keys ADD COLUMN last_use_order BIGINT GENERATED ALWAYS AS (COALESCE(last_used_at, -1)) STORED;
ALTER TABLE api_keys ADD COLUMN expiry_order BIGINT
    GENERATED ALWAYS AS (COALESCE(expires_at, 9223372036854775807)) STORED;
-- Since when a key lies idle; what was never used counts from its creation.
ALTER TABLE api_keys ADD COLUMN idle_since BIGINT GENERATED ALWAYS AS (COALESCE(last_used_at, created_at)) STORED;
DROP INDEX users_by_last_sign_in;
CREATE INDEX users_by_last_sign_in ON users (last_sign_in_order, id);

DROP INDEX api_keys_by_name;
DROP INDEX api_keys_by_creation;
DROP INDEX api_keys_by_last_use;
CREATE INDEX live_keys_by_name ON api_keys (name_folded, id, expiry_order, tenant_id) WHERE revoked_at IS NULL;
CREATE INDEX live_keys_by_creation ON api_keys (created_at, id, expiry_order, tenant_id) WHERE revoked_at IS NULL;
CREATE INDEX live_keys_by_last_use ON api_keys (last_use_order, id, expiry_order, tenant_id)
    WHERE revoked_at IS NULL;
CREATE INDEX live_keys_by_expiry ON api_keys (expiry_order, id, tenant_id)
    WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_name ON api_keys (name_folded, id, tenant_id) WHERE revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_by_creation ON api_keys (created_at, id, tenant_id) WHERE revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_by_last_use ON api_keys (last_use_order, id, tenant_id)
    WHERE revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_by_expiry ON api_keys (expiry_order, id, tenant_id)
    WHERE revoked_at IS NOT NULL;

DROP INDEX api_keys_by_tenant;
DROP INDEX api_keys_by_owner;
CREATE INDEX live_keys_by_tenant ON api_keys (tenant_id, id) WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_tenant ON api_keys (tenant_id, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX live_keys_by_owner ON api_keys (owner_id, id) WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_owner ON api_keys (owner_id, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX live_keys_by_kind ON api_keys (kind, environment, id) WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_kind ON api_keys (kind, environment, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX live_keys_by_idleness ON api_keys (idle_since, id, expiry_order, tenant_id)
    WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_idleness ON api_keys (idle_since, id, tenant_id)
    WHERE revoked_at IS NOT NULL;
CREATE INDEX api_keys_by_token ON api_keys ((SUBSTR(token_folded, 9)));
CREATE INDEX inactive_users ON users (id) WHERE status = 'inactive';

CREATE TABLE key_tags (
    key_id TEXT COLLATE "C" NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (key_id, name)
);
CREATE INDEX live_key_tags ON key_tags (name, value, key_id) WHERE revoked_at IS NULL;
CREATE INDEX revoked_key_tags ON key_tags (name, value, key_id) WHERE revoked_at IS NOT NULL;
INSERT INTO key_tags SELECT k.id, t.key, t.value, k.revoked_at FROM api_keys k, json_each_text(k.tags::json) t;
CREATE FUNCTION write_key_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM key_tags WHERE key_id = NEW.id;
    END IF;
    INSERT INTO key_tags SELECT NEW.id, key, value, NEW.revoked_at FROM json_each_text(NEW.tags::json);
    RETURN NULL;
END
$$;
CREATE TRIGGER key_tags_inserted AFTER INSERT ON api_keys
    FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION write_key_tags();
CREATE TRIGGER key_tags_changed AFTER UPDATE OF tags, revoked_at ON api_keys FOR EACH ROW
    WHEN (NEW.tags <> OLD.tags OR NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) EXECUTE FUNCTION write_key_tags();

-- Substrings. pg_trgm comes with PostgreSQL and is trusted: the database's owner may create it. What is searched is one
-- text; a line break can't be typed, so nothing matches across it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER TABLE users ADD COLUMN search_text TEXT COLLATE "C"
    GENERATED ALWAYS AS (name_folded || E'\n' || email_folded) STORED;
ALTER TABLE api_keys ADD COLUMN search_text TEXT COLLATE "C"
    GENERATED ALWAYS AS (name_folded || E'\n' || SUBSTR(token_folded, 9)) STORED;
CREATE INDEX user_trigrams ON users USING gin (search_text gin_trgm_ops);
CREATE INDEX key_trigrams ON api_keys USING gin (search_text gin_trgm_ops);

-- Usage by tenant in whole hours and whole days, kept in the transactions that append to the ledger: a month of it is
-- added up from a few thousand rows instead of millions.
CREATE TABLE usage_spans (
    hours SMALLINT NOT NULL CHECK (hours IN (1, 24)),
    start BIGINT NOT NULL,
    tenant_id TEXT COLLATE "C" NOT NULL,
    requests BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cached_input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost_micros BIGINT NOT NULL,
    PRIMARY KEY (hours, start, tenant_id)
);
CREATE INDEX usage_spans_by_tenant ON usage_spans (tenant_id, hours, start);
INSERT INTO usage_spans
    SELECT h.hours, started_at - started_at % (h.hours * 3600000000), tenant_id,
           COUNT(CASE WHEN attempt = 1 THEN 1 END),
           COUNT(CASE WHEN outcome <> 'completed' OR status >= 400 THEN 1 END) - COUNT(CASE WHEN attempt > 1 THEN 1 END),
           SUM(input_tokens), SUM(cached_input_tokens), SUM(output_tokens), SUM(cost_micros)
    FROM usage_ledger CROSS JOIN (SELECT 1 AS hours UNION SELECT 24) h
    GROUP BY 1, 2, 3;
