-- Custom roles, and roles for single tenants. migrations/sqlite has the same.

CREATE TABLE roles (
    -- Never the name of a built-in role: those are in crates/model.
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    -- A list of resource:action.
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL
);

-- users.role is the global role, which everybody has one of; it may name a custom role. A name that is in neither table
-- gives nothing.
ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ALTER COLUMN role TYPE TEXT COLLATE "C";
-- Almost everybody is a user; who isn't is found quickly.
CREATE INDEX users_by_role ON users (role, id) WHERE role <> 'user';

-- Roles for one tenant, beside the global one. Who leaves the tenant loses them.
CREATE TABLE role_assignments (
    user_id TEXT COLLATE "C" NOT NULL,
    tenant_id TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, tenant_id, role),
    FOREIGN KEY (user_id, tenant_id) REFERENCES memberships (user_id, tenant_id) ON DELETE CASCADE
);
CREATE INDEX role_assignments_by_role ON role_assignments (role);

-- Lists of a tenant's people are in this order.
DROP INDEX memberships_by_tenant;
CREATE INDEX memberships_by_tenant ON memberships (tenant_id, user_id);
