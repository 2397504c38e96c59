-- Signing in with identity providers. migrations/postgres has the same.

CREATE TABLE identity_providers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    preset TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sealed_client_secret BLOB,
    scopes TEXT NOT NULL,
    allowed_domains TEXT NOT NULL,
    linking TEXT NOT NULL CHECK (linking IN ('never', 'verified_email')),
    claims_from TEXT NOT NULL CHECK (claims_from IN ('id_token', 'userinfo')),
    allow_private_addresses INTEGER NOT NULL CHECK (allow_private_addresses IN (0, 1)),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

-- A person is issuer and subject; the e-mail address is an attribute.
CREATE TABLE identities (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- NULL: the provider was removed.
    provider_id TEXT REFERENCES identity_providers (id) ON DELETE SET NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT,
    -- Of the last sign-in; at most 16 KiB.
    claims TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_sign_in_at INTEGER,
    UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX identities_by_user ON identities (user_id);
CREATE INDEX identities_by_provider ON identities (provider_id);

-- Each is deleted by the step that uses it.
CREATE TABLE sign_in_attempts (
    id_hash BLOB NOT NULL PRIMARY KEY CHECK (LENGTH(id_hash) = 32),
    state_hash BLOB NOT NULL CHECK (LENGTH(state_hash) = 32),
    nonce_hash BLOB NOT NULL CHECK (LENGTH(nonce_hash) = 32),
    sealed_verifier BLOB NOT NULL,
    provider_id TEXT NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('sign_in', 'test', 'step_up')),
    -- Who tests, or confirms who they are.
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    next TEXT,
    network TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_attempts_by_expiry ON sign_in_attempts (expires_at);
CREATE INDEX sign_in_attempts_by_network ON sign_in_attempts (network, expires_at);
CREATE INDEX sign_in_attempts_by_provider ON sign_in_attempts (provider_id);
CREATE INDEX sign_in_attempts_by_user ON sign_in_attempts (user_id);

-- Logout tokens are taken once.
CREATE TABLE used_logout_tokens (
    id_hash BLOB NOT NULL PRIMARY KEY CHECK (LENGTH(id_hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX used_logout_tokens_by_expiry ON used_logout_tokens (expires_at);

-- What operators switch for the whole installation; what isn't here is as it is by default.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

ALTER TABLE sessions ADD COLUMN identity_provider_id TEXT;
CREATE INDEX sessions_by_provider ON sessions (identity_provider_id, provider_sid)
    WHERE identity_provider_id IS NOT NULL;
