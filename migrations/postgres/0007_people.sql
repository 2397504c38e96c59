-- Links for people who have an account, who was shown a key's secret, and keys of the Admin API. migrations/sqlite has
-- the same.

ALTER TABLE links DROP CONSTRAINT links_purpose_check;
ALTER TABLE links ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('setup', 'invite', 'reset'));
-- A link is worth no more than its maker's rights when it is used. NULL: the installation's own hand.
ALTER TABLE links ADD COLUMN created_by TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX links_by_user ON links (user_id) WHERE user_id IS NOT NULL;

-- Who saw the secret when it was made. NULL: the installation's own hand. Who leaves is asked about these.
ALTER TABLE key_secrets ADD COLUMN shown_to TEXT COLLATE "C";
UPDATE key_secrets SET shown_to = (
    SELECT a.actor_id FROM audit_log a
    WHERE a.target_type = 'key' AND a.target_id = key_secrets.key_id AND a.result = 'success'
      AND ((key_secrets.generation = 1 AND a.action = 'key.create')
        OR (a.action = 'key.rotate' AND (a.detail::jsonb ->> 'generation')::bigint = key_secrets.generation))
      AND a.actor_id LIKE 'usr\_%' ESCAPE '\'
    LIMIT 1
);
CREATE INDEX key_secrets_by_witness ON key_secrets (shown_to) WHERE shown_to IS NOT NULL;

CREATE TABLE management_keys (
    -- mk_ and 12 digits, as the key itself begins.
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (LENGTH(id) = 15),
    name TEXT NOT NULL,
    hash BYTEA NOT NULL CHECK (OCTET_LENGTH(hash) = 32),
    -- A list of resource:action.
    permissions TEXT NOT NULL,
    -- NULL: everywhere.
    tenant_id TEXT COLLATE "C" REFERENCES tenants (id),
    -- Whose present rights bound it. NULL: the installation's own hand.
    creator_id TEXT COLLATE "C" REFERENCES users (id),
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT,
    revoked_by TEXT,
    revoke_reason TEXT,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE INDEX management_keys_by_creation ON management_keys (created_at, id);
CREATE INDEX management_keys_by_creator ON management_keys (creator_id) WHERE creator_id IS NOT NULL;
