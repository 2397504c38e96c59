-- Keys with all their bounds, rotation, access rules, more kinds of providers, and usage rows that say who and how.
--
-- migrations/postgres has the same.

-- What a key may reach is one piece of JSON: it is read and written whole.
ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT '{}';
UPDATE api_keys SET scope = json_object(
    'allowed_providers', CASE WHEN allowed_providers IS NULL THEN NULL ELSE json(allowed_providers) END,
    'rate_limits', json(rate_limits)
);
ALTER TABLE api_keys DROP COLUMN allowed_providers;
ALTER TABLE api_keys DROP COLUMN rate_limits;

-- Counts a key's secrets from 1. An old secret stays a while after its end, so that it is answered "expired".
ALTER TABLE key_secrets ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX key_secrets_by_generation ON key_secrets (key_id, generation);

-- Names of tags that a tenant's people may give to their own keys.
ALTER TABLE tenants ADD COLUMN self_service_tags TEXT NOT NULL DEFAULT '[]';

ALTER TABLE models ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
ALTER TABLE models ADD COLUMN max_output_tokens INTEGER;
ALTER TABLE models ADD COLUMN context_length INTEGER;

CREATE TABLE access_rules (
    id TEXT NOT NULL PRIMARY KEY,
    scope_type TEXT NOT NULL CHECK (scope_type IN ('tenant', 'user', 'user_path')),
    scope_value TEXT NOT NULL,
    -- NULL: all; an empty list: none.
    allowed_models TEXT,
    denied_models TEXT NOT NULL,
    allowed_providers TEXT,
    rate_limits TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL
) STRICT;
CREATE INDEX access_rules_by_scope ON access_rules (scope_type, scope_value, id);

ALTER TABLE usage_ledger ADD COLUMN secret_generation INTEGER NOT NULL DEFAULT 1;
ALTER TABLE usage_ledger ADD COLUMN identity TEXT;
ALTER TABLE usage_ledger ADD COLUMN conversation_id TEXT;
ALTER TABLE usage_ledger ADD COLUMN cache_write_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_ledger ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_ledger ADD COLUMN request_tags TEXT NOT NULL DEFAULT '{}';

-- What a POST with an Idempotency-Key made: the object's id, never a body, because bodies can hold secrets.
CREATE TABLE idempotency_keys (
    actor_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    action TEXT NOT NULL,
    request_hash BLOB NOT NULL CHECK (LENGTH(request_hash) = 32),
    object_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (actor_id, idempotency_key)
) STRICT;
CREATE INDEX idempotency_keys_by_creation ON idempotency_keys (created_at);

-- SQLite can't change a CHECK in place.
CREATE TABLE new_providers (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('openai', 'anthropic', 'azure_openai', 'openai_compatible', 'echo')),
    base_url TEXT NOT NULL,
    sandbox INTEGER NOT NULL CHECK (sandbox IN (0, 1)),
    allow_private_addresses INTEGER NOT NULL CHECK (allow_private_addresses IN (0, 1)),
    options TEXT NOT NULL,
    sealed_credential BLOB,
    from_configuration INTEGER NOT NULL CHECK (from_configuration IN (0, 1))
) STRICT;
INSERT INTO new_providers SELECT name, kind, base_url, sandbox, allow_private_addresses, options, sealed_credential,
    from_configuration FROM providers;
DROP TABLE providers;
ALTER TABLE new_providers RENAME TO providers;
