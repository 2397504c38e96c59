-- Keys with all their bounds, rotation, access rules, more kinds of providers, and usage rows that say who and how.
--
-- migrations/sqlite has the same.

-- What a key may reach is one piece of JSON: it is read and written whole.
ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT '{}';
UPDATE api_keys SET scope = json_build_object(
    'allowed_providers', allowed_providers::json,
    'rate_limits', rate_limits::json
)::text;
ALTER TABLE api_keys DROP COLUMN allowed_providers;
ALTER TABLE api_keys DROP COLUMN rate_limits;

-- Counts a key's secrets from 1. An old secret stays a while after its end, so that it is answered "expired".
ALTER TABLE key_secrets ADD COLUMN generation BIGINT NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX key_secrets_by_generation ON key_secrets (key_id, generation);

-- Names of tags that a tenant's people may give to their own keys.
ALTER TABLE tenants ADD COLUMN self_service_tags TEXT NOT NULL DEFAULT '[]';

ALTER TABLE models ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
ALTER TABLE models ADD COLUMN max_output_tokens BIGINT;
ALTER TABLE models ADD COLUMN context_length BIGINT;

CREATE TABLE access_rules (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    scope_type TEXT NOT NULL CHECK (scope_type IN ('tenant', 'user', 'user_path')),
    scope_value TEXT COLLATE "C" NOT NULL,
    -- NULL: all; an empty list: none.
    allowed_models TEXT,
    denied_models TEXT NOT NULL,
    allowed_providers TEXT,
    rate_limits TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL
);
CREATE INDEX access_rules_by_scope ON access_rules (scope_type, scope_value, id);

ALTER TABLE usage_ledger ADD COLUMN secret_generation BIGINT NOT NULL DEFAULT 1;
ALTER TABLE usage_ledger ADD COLUMN identity TEXT;
ALTER TABLE usage_ledger ADD COLUMN conversation_id TEXT;
ALTER TABLE usage_ledger ADD COLUMN cache_write_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_ledger ADD COLUMN reasoning_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_ledger ADD COLUMN request_tags TEXT NOT NULL DEFAULT '{}';

-- What a POST with an Idempotency-Key made: the object's id, never a body, because bodies can hold secrets.
CREATE TABLE idempotency_keys (
    actor_id TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    action TEXT NOT NULL,
    request_hash BYTEA NOT NULL CHECK (OCTET_LENGTH(request_hash) = 32),
    object_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, idempotency_key)
);
CREATE INDEX idempotency_keys_by_creation ON idempotency_keys (created_at);

ALTER TABLE providers DROP CONSTRAINT providers_kind_check;
ALTER TABLE providers ADD CONSTRAINT providers_kind_check
    CHECK (kind IN ('openai', 'anthropic', 'azure_openai', 'openai_compatible', 'echo'));
