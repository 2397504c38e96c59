-- Signing in with identity providers. migrations/sqlite has the same.

CREATE TABLE identity_providers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    title TEXT COLLATE "C" NOT NULL,
    preset TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    sealed_client_secret BYTEA,
    scopes TEXT COLLATE "C" NOT NULL,
    allowed_domains TEXT COLLATE "C" NOT NULL,
    linking TEXT COLLATE "C" NOT NULL CHECK (linking IN ('never', 'verified_email')),
    claims_from TEXT COLLATE "C" NOT NULL CHECK (claims_from IN ('id_token', 'userinfo')),
    allow_private_addresses SMALLINT NOT NULL CHECK (allow_private_addresses IN (0, 1)),
    enabled SMALLINT NOT NULL CHECK (enabled IN (0, 1)),
    created_at BIGINT NOT NULL
);

-- A person is issuer and subject; the e-mail address is an attribute.
CREATE TABLE identities (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- NULL: the provider was removed.
    provider_id TEXT COLLATE "C" REFERENCES identity_providers (id) ON DELETE SET NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    -- Of the last sign-in; at most 16 KiB.
    claims TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_sign_in_at BIGINT,
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);
CREATE INDEX identities_by_provider ON identities (provider_id);

-- Each is deleted by the step that uses it.
CREATE TABLE sign_in_attempts (
    id_hash BYTEA NOT NULL PRIMARY KEY CHECK (OCTET_LENGTH(id_hash) = 32),
    state_hash BYTEA NOT NULL CHECK (OCTET_LENGTH(state_hash) = 32),
    nonce_hash BYTEA NOT NULL CHECK (OCTET_LENGTH(nonce_hash) = 32),
    sealed_verifier BYTEA NOT NULL,
    provider_id TEXT COLLATE "C" NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    purpose TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('sign_in', 'test', 'step_up')),
    -- Who tests, or confirms who they are.
    user_id TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE,
    next TEXT COLLATE "C",
    network TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sign_in_attempts_by_expiry ON sign_in_attempts (expires_at);
CREATE INDEX sign_in_attempts_by_network ON sign_in_attempts (network, expires_at);
CREATE INDEX sign_in_attempts_by_provider ON sign_in_attempts (provider_id);
CREATE INDEX sign_in_attempts_by_user ON sign_in_attempts (user_id);

-- Logout tokens are taken once.
CREATE TABLE used_logout_tokens (
    id_hash BYTEA NOT NULL PRIMARY KEY CHECK (OCTET_LENGTH(id_hash) = 32),
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_logout_tokens_by_expiry ON used_logout_tokens (expires_at);

-- What operators switch for the whole installation; what isn't here is as it is by default.
CREATE TABLE settings (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

ALTER TABLE sessions ADD COLUMN identity_provider_id TEXT COLLATE "C";
CREATE INDEX sessions_by_provider ON sessions (identity_provider_id, provider_sid)
    WHERE identity_provider_id IS NOT NULL;
