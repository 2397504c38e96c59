-- What was missing beside keys: who issued one, by account (an e-mail address may change), and whether its owner is
-- Inactive. migrations/sqlite has the same.

ALTER TABLE api_keys ADD COLUMN creator_id TEXT COLLATE "C" REFERENCES users (id);
UPDATE api_keys SET creator_id = owner_id
WHERE EXISTS (SELECT 1 FROM users WHERE users.id = api_keys.owner_id AND users.email = api_keys.created_by);

-- Kept with the owner's status: keys of Inactive owners are few, and have indexes of their own for each order.
ALTER TABLE api_keys ADD COLUMN owner_inactive SMALLINT NOT NULL DEFAULT 0 CHECK (owner_inactive IN (0, 1));
UPDATE api_keys SET owner_inactive = 1 WHERE owner_id IN (SELECT id FROM users WHERE status = 'inactive');
CREATE INDEX live_keys_of_inactive_by_name ON api_keys (owner_inactive, name_folded, id, expiry_order, tenant_id)
    WHERE owner_inactive = 1 AND revoked_at IS NULL;
CREATE INDEX live_keys_of_inactive_by_creation ON api_keys (owner_inactive, created_at, id, expiry_order, tenant_id)
    WHERE owner_inactive = 1 AND revoked_at IS NULL;
CREATE INDEX live_keys_of_inactive_by_last_use ON api_keys (owner_inactive, last_use_order, id, expiry_order, tenant_id)
    WHERE owner_inactive = 1 AND revoked_at IS NULL;
CREATE INDEX live_keys_of_inactive_by_expiry ON api_keys (owner_inactive, expiry_order, id, tenant_id)
    WHERE owner_inactive = 1 AND revoked_at IS NULL;
CREATE INDEX revoked_keys_of_inactive_by_name ON api_keys (owner_inactive, name_folded, id, expiry_order, tenant_id)
    WHERE owner_inactive = 1 AND revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_of_inactive_by_creation ON api_keys (owner_inactive, created_at, id, expiry_order, tenant_id)
    WHERE owner_inactive = 1 AND revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_of_inactive_by_last_use ON api_keys (owner_inactive, last_use_order, id, expiry_order, tenant_id)
    WHERE owner_inactive = 1 AND revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_of_inactive_by_expiry ON api_keys (owner_inactive, expiry_order, id, tenant_id)
    WHERE owner_inactive = 1 AND revoked_at IS NOT NULL;

-- Kept answers have a column of their own; what was kept before stood in object_id.
ALTER TABLE idempotency_keys ADD COLUMN answer TEXT;
UPDATE idempotency_keys SET answer = object_id, object_id = '' WHERE action = 'answered';

-- What a management key may do bounds the links that are made with it.
ALTER TABLE links ADD COLUMN management_key_id TEXT COLLATE "C" REFERENCES management_keys (id);
