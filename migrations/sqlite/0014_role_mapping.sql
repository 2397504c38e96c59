-- What identity providers say of people becomes roles and tenants by one mapping. migrations/postgres has the same.

CREATE TABLE role_mapping (
    id SMALLINT PRIMARY KEY CHECK (id = 1),
    mapping TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
);

-- What it decided about an account the last time: `granted` holds what it gave (tenants, roles in tenants), so that it takes
-- back no more than that.
CREATE TABLE mapped_accounts (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    granted TEXT NOT NULL,
    decided_at INTEGER NOT NULL
);
