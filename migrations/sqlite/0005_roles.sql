-- Custom roles, and roles for single tenants. migrations/postgres has the same.

CREATE TABLE roles (
    -- Never the name of a built-in role: those are in crates/model.
    name TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    -- A list of resource:action.
    permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL
) STRICT;

-- users.role is the global role, which everybody has one of; it may name a custom role. SQLite can't drop a CHECK by
-- itself. A name that is in neither table gives nothing.
ALTER TABLE users ADD COLUMN role_name TEXT NOT NULL DEFAULT 'user';
UPDATE users SET role_name = role;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users RENAME COLUMN role_name TO role;
-- Almost everybody is a user; who isn't is found quickly.
CREATE INDEX users_by_role ON users (role, id) WHERE role <> 'user';

-- Roles for one tenant, beside the global one. Who leaves the tenant loses them.
CREATE TABLE role_assignments (
    user_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, tenant_id, role),
    FOREIGN KEY (user_id, tenant_id) REFERENCES memberships (user_id, tenant_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX role_assignments_by_role ON role_assignments (role);

-- Lists of a tenant's people are in this order.
DROP INDEX memberships_by_tenant;
CREATE INDEX memberships_by_tenant ON memberships (tenant_id, user_id);
