-- The second factor of local accounts. migrations/postgres has the same.

CREATE TABLE second_factors (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    -- The newest time step whose code was taken: none is taken twice.
    last_step INTEGER NOT NULL
) STRICT;

-- Hashes of the codes that stand in for a lost authenticator, each for once.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    hash BLOB NOT NULL CHECK (LENGTH(hash) = 32),
    used_at INTEGER,
    PRIMARY KEY (user_id, hash)
) STRICT;
