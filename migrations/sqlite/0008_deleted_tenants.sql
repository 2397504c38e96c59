-- A deleted tenant's row stays: revoked keys, usage and the audit log still name it. migrations/postgres has the same.
ALTER TABLE tenants ADD COLUMN deleted_at INTEGER;
