-- The rest of what lists need: each order and filter of users, and how many keys a tenant has without counting them.
-- migrations/postgres has the same; docs/adr/0011-how-a-list-finds-its-page.md tells how indexes are used.

ALTER TABLE users ADD COLUMN unit_order TEXT GENERATED ALWAYS AS (COALESCE(organization_unit, '')) VIRTUAL;
-- When somebody was last seen; who never signed in counts from the account's creation.
ALTER TABLE users ADD COLUMN seen_at INTEGER GENERATED ALWAYS AS (COALESCE(last_sign_in_at, created_at)) VIRTUAL;
DROP INDEX users_by_role;
CREATE INDEX users_by_role ON users (role, id);
CREATE INDEX users_by_unit ON users (unit_order, id);
CREATE INDEX users_by_status ON users (status, id);
CREATE INDEX users_by_source ON users (source, id);
CREATE INDEX users_by_last_seen ON users (seen_at, id);
DROP INDEX inactive_users;

-- Keys of a tenant that aren't revoked, counted by the transactions that change them. Those of them that have expired
-- are a range of the index.
CREATE TABLE tenant_keys (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    live INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tenant_keys SELECT tenant_id, COUNT(*) FROM api_keys WHERE revoked_at IS NULL GROUP BY tenant_id;
DROP INDEX live_keys_by_tenant;
CREATE INDEX live_keys_by_tenant ON api_keys (tenant_id, expiry_order, id) WHERE revoked_at IS NULL;
