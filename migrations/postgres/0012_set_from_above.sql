-- What was set by who may do so everywhere stands above a tenant's own administrators. What is there already may have been
-- set by either: it is held to be from above. migrations/sqlite has the same.

ALTER TABLE tenants ADD COLUMN suspension_locked SMALLINT NOT NULL DEFAULT 0 CHECK (suspension_locked IN (0, 1));
UPDATE tenants SET suspension_locked = 1 WHERE status = 'suspended';
ALTER TABLE access_rules ADD COLUMN locked SMALLINT NOT NULL DEFAULT 0 CHECK (locked IN (0, 1));
UPDATE access_rules SET locked = 1;
