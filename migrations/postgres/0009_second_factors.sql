-- The second factor of local accounts. migrations/sqlite has the same.

CREATE TABLE second_factors (
    user_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret BYTEA NOT NULL,
    enrolled_at BIGINT NOT NULL,
    -- The newest time step whose code was taken: none is taken twice.
    last_step BIGINT NOT NULL
);

-- Hashes of the codes that stand in for a lost authenticator, each for once.
CREATE TABLE recovery_codes (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    hash BYTEA NOT NULL CHECK (OCTET_LENGTH(hash) = 32),
    used_at BIGINT,
    PRIMARY KEY (user_id, hash)
);
