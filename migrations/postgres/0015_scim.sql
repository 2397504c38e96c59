-- Accounts and groups that identity providers provision by SCIM, and who may. migrations/sqlite has the same.

CREATE TABLE scim_clients (
    -- scim_ and 12 digits, as the token itself begins.
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (LENGTH(id) = 17),
    name TEXT NOT NULL,
    hash BYTEA NOT NULL CHECK (OCTET_LENGTH(hash) = 32),
    -- Whether it may take over accounts that are there already.
    adopt_existing SMALLINT NOT NULL CHECK (adopt_existing IN (0, 1)),
    -- Whose present rights bound it. NULL: the installation's own hand.
    creator_id TEXT COLLATE "C" REFERENCES users (id),
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    revoked_by TEXT,
    revoke_reason TEXT,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE INDEX scim_clients_by_creation ON scim_clients (created_at, id);
CREATE INDEX scim_clients_by_creator ON scim_clients (creator_id) WHERE creator_id IS NOT NULL;

-- What a client said of an account. An account has one client at most.
CREATE TABLE scim_users (
    user_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT COLLATE "C" NOT NULL REFERENCES scim_clients (id),
    -- The client's own id: never one of ours.
    external_id TEXT COLLATE "C",
    user_name_folded TEXT COLLATE "C" NOT NULL,
    -- All that was said, as JSON.
    attributes TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- From then on the client knows nothing of it; only it may provision the account again.
    deleted_at BIGINT
);
CREATE UNIQUE INDEX scim_users_by_name ON scim_users (client_id, user_name_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX scim_users_by_external_id ON scim_users (client_id, external_id)
    WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX scim_users_by_creation ON scim_users (client_id, created_at, user_id) WHERE deleted_at IS NULL;

CREATE TABLE scim_groups (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id TEXT COLLATE "C" NOT NULL REFERENCES scim_clients (id),
    display_name TEXT NOT NULL,
    display_name_folded TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX scim_groups_by_name ON scim_groups (client_id, display_name_folded);
CREATE UNIQUE INDEX scim_groups_by_external_id ON scim_groups (client_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX scim_groups_by_creation ON scim_groups (client_id, created_at, id);

CREATE TABLE scim_group_members (
    group_id TEXT COLLATE "C" NOT NULL REFERENCES scim_groups (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX scim_group_members_by_user ON scim_group_members (user_id);

-- What clients asked for and what came of it. Bounded: the oldest lines go.
CREATE TABLE provisioning_log (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL REFERENCES scim_clients (id),
    operation TEXT NOT NULL CHECK (operation IN ('create', 'replace', 'patch', 'delete')),
    resource TEXT NOT NULL CHECK (resource IN ('user', 'group')),
    resource_id TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('success', 'failure')),
    status SMALLINT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX provisioning_log_by_client ON provisioning_log (client_id, at, id);
CREATE INDEX provisioning_log_by_time ON provisioning_log (at, id);
CREATE INDEX provisioning_failures ON provisioning_log (at, id) WHERE result = 'failure';
