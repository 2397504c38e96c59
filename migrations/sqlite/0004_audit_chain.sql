-- The audit log as a chain of hashes, and indexes for reading it by whatever it is filtered by.
--
-- migrations/postgres has the same. docs/audit.md says what is hashed. Rows that are there already have no hash: the
-- chain begins with the next one.
ALTER TABLE audit_log ADD COLUMN hash BLOB CHECK (hash IS NULL OR LENGTH(hash) = 32);

-- The chain's first row, and the newest row's hash: beside audit_seq, so that a log whose end was cut off is found.
ALTER TABLE feed ADD COLUMN audit_first INTEGER NOT NULL DEFAULT 1;
ALTER TABLE feed ADD COLUMN audit_head BLOB CHECK (audit_head IS NULL OR LENGTH(audit_head) = 32);
UPDATE feed SET audit_first = audit_seq + 1;

DROP INDEX audit_by_time;
DROP INDEX audit_by_target;
DROP INDEX audit_by_actor;
CREATE INDEX audit_by_time ON audit_log (at, seq);
CREATE INDEX audit_by_actor ON audit_log (actor_id, at, seq);
CREATE INDEX audit_by_action ON audit_log (action, at, seq);
CREATE INDEX audit_by_target ON audit_log (target_id, target_type, at, seq);
CREATE INDEX audit_by_target_type ON audit_log (target_type, at, seq);
CREATE INDEX audit_by_tenant ON audit_log (tenant_id, at, seq) WHERE tenant_id IS NOT NULL;
CREATE INDEX audit_by_result ON audit_log (result, at, seq);
CREATE INDEX audit_by_ip ON audit_log (ip, at, seq) WHERE ip IS NOT NULL;
