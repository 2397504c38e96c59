-- What keeps lists quick with a hundred thousand people and a million keys. migrations/postgres has the same; how the
-- indexes are used is in docs/adr/0011-how-a-list-finds-its-page.md.

-- What rows are sorted by, where that may be missing. Columns, so that an index leads to a place among rows that are
-- equal in them: never signed in or used is the smallest, never expiring the largest.
ALTER TABLE users ADD COLUMN last_sign_in_order INTEGER GENERATED ALWAYS AS (COALESCE(last_sign_in_at, -1)) VIRTUAL;
ALTER TABLE api_keys ADD COLUMN last_use_order INTEGER GENERATED ALWAYS AS (COALESCE(last_used_at, -1)) VIRTUAL;
ALTER TABLE api_keys ADD COLUMN expiry_order INTEGER
    GENERATED ALWAYS AS (COALESCE(expires_at, 9223372036854775807)) VIRTUAL;
-- Since when a key lies idle; what was never used counts from its creation.
ALTER TABLE api_keys ADD COLUMN idle_since INTEGER GENERATED ALWAYS AS (COALESCE(last_used_at, created_at)) VIRTUAL;
DROP INDEX users_by_last_sign_in;
CREATE INDEX users_by_last_sign_in ON users (last_sign_in_order, id);

-- Revoked keys are hidden unless asked for, so each order has an index of those that live and one of the others: a
-- walk along it passes over nothing that isn't shown. The columns behind the id let a walk skip without reading rows.
DROP INDEX api_keys_by_name;
DROP INDEX api_keys_by_creation;
DROP INDEX api_keys_by_last_use;
CREATE INDEX live_keys_by_name ON api_keys (name_folded, id, expiry_order, tenant_id) WHERE revoked_at IS NULL;
CREATE INDEX live_keys_by_creation ON api_keys (created_at, id, expiry_order, tenant_id) WHERE revoked_at IS NULL;
CREATE INDEX live_keys_by_last_use ON api_keys (last_use_order, id, expiry_order, tenant_id)
    WHERE revoked_at IS NULL;
CREATE INDEX live_keys_by_expiry ON api_keys (expiry_order, id, tenant_id)
    WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_name ON api_keys (name_folded, id, tenant_id) WHERE revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_by_creation ON api_keys (created_at, id, tenant_id) WHERE revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_by_last_use ON api_keys (last_use_order, id, tenant_id)
    WHERE revoked_at IS NOT NULL;
CREATE INDEX revoked_keys_by_expiry ON api_keys (expiry_order, id, tenant_id)
    WHERE revoked_at IS NOT NULL;

-- What a filter finds its keys by.
DROP INDEX api_keys_by_tenant;
DROP INDEX api_keys_by_owner;
CREATE INDEX live_keys_by_tenant ON api_keys (tenant_id, id) WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_tenant ON api_keys (tenant_id, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX live_keys_by_owner ON api_keys (owner_id, id) WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_owner ON api_keys (owner_id, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX live_keys_by_kind ON api_keys (kind, environment, id) WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_kind ON api_keys (kind, environment, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX live_keys_by_idleness ON api_keys (idle_since, id, expiry_order, tenant_id)
    WHERE revoked_at IS NULL;
CREATE INDEX revoked_keys_by_idleness ON api_keys (idle_since, id, tenant_id)
    WHERE revoked_at IS NOT NULL;
CREATE INDEX api_keys_by_token ON api_keys (SUBSTR(token_folded, 9));
CREATE INDEX inactive_users ON users (id) WHERE status = 'inactive';

-- Tags by themselves: the column is one piece of JSON. In halves as the keys are.
CREATE TABLE key_tags (
    key_id TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (key_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX live_key_tags ON key_tags (name, value, key_id) WHERE revoked_at IS NULL;
CREATE INDEX revoked_key_tags ON key_tags (name, value, key_id) WHERE revoked_at IS NOT NULL;
INSERT INTO key_tags SELECT k.id, t.key, t.value, k.revoked_at FROM api_keys k, json_each(k.tags) t;
CREATE TRIGGER key_tags_inserted AFTER INSERT ON api_keys WHEN NEW.tags <> '{}' BEGIN
    INSERT INTO key_tags SELECT NEW.id, key, value, NEW.revoked_at FROM json_each(NEW.tags);
END;
CREATE TRIGGER key_tags_changed AFTER UPDATE OF tags, revoked_at ON api_keys
WHEN NEW.tags <> OLD.tags OR NEW.revoked_at IS NOT OLD.revoked_at BEGIN
    DELETE FROM key_tags WHERE key_id = NEW.id;
    INSERT INTO key_tags SELECT NEW.id, key, value, NEW.revoked_at FROM json_each(NEW.tags);
END;

-- Substrings. What is searched is one text; a line break can't be typed, so nothing matches across it.
ALTER TABLE users ADD COLUMN search_text TEXT GENERATED ALWAYS AS (name_folded || char(10) || email_folded) VIRTUAL;
ALTER TABLE api_keys ADD COLUMN search_text TEXT
    GENERATED ALWAYS AS (name_folded || char(10) || SUBSTR(token_folded, 9)) VIRTUAL;
-- Where a row is in the index of trigrams. Not its rowid: VACUUM may change that.
ALTER TABLE users ADD COLUMN search_id INTEGER;
ALTER TABLE api_keys ADD COLUMN search_id INTEGER;
UPDATE users SET search_id = rowid;
UPDATE api_keys SET search_id = rowid;
CREATE UNIQUE INDEX users_by_search_id ON users (search_id);
CREATE UNIQUE INDEX api_keys_by_search_id ON api_keys (search_id);
-- Which rows hold a trigram; that they stand in the right order is checked in the row.
CREATE VIRTUAL TABLE user_trigrams USING fts5(
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE key_trigrams USING fts5(
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);
INSERT INTO user_trigrams (rowid, text) SELECT search_id, search_text FROM users;
INSERT INTO key_trigrams (rowid, text) SELECT search_id, search_text FROM api_keys;
CREATE TRIGGER user_trigrams_inserted AFTER INSERT ON users BEGIN
    UPDATE users SET search_id = (SELECT COALESCE(MAX(search_id), 0) + 1 FROM users) WHERE id = NEW.id;
    INSERT INTO user_trigrams (rowid, text) SELECT search_id, search_text FROM users WHERE id = NEW.id;
END;
CREATE TRIGGER user_trigrams_changed AFTER UPDATE OF name_folded, email_folded ON users
WHEN NEW.search_text <> OLD.search_text BEGIN
    INSERT OR REPLACE INTO user_trigrams (rowid, text) VALUES (NEW.search_id, NEW.search_text);
END;
CREATE TRIGGER user_trigrams_deleted AFTER DELETE ON users BEGIN
    DELETE FROM user_trigrams WHERE rowid = OLD.search_id;
END;
CREATE TRIGGER key_trigrams_inserted AFTER INSERT ON api_keys BEGIN
    UPDATE api_keys SET search_id = (SELECT COALESCE(MAX(search_id), 0) + 1 FROM api_keys) WHERE id = NEW.id;
    INSERT INTO key_trigrams (rowid, text) SELECT search_id, search_text FROM api_keys WHERE id = NEW.id;
END;
CREATE TRIGGER key_trigrams_changed AFTER UPDATE OF name_folded ON api_keys
WHEN NEW.search_text <> OLD.search_text BEGIN
    INSERT OR REPLACE INTO key_trigrams (rowid, text) VALUES (NEW.search_id, NEW.search_text);
END;
CREATE TRIGGER key_trigrams_deleted AFTER DELETE ON api_keys BEGIN
    DELETE FROM key_trigrams WHERE rowid = OLD.search_id;
END;

-- Usage by tenant in whole hours and whole days, kept in the transactions that append to the ledger: a month of it is
-- added up from a few thousand rows instead of millions.
CREATE TABLE usage_spans (
    hours INTEGER NOT NULL CHECK (hours IN (1, 24)),
    start INTEGER NOT NULL,
    tenant_id TEXT NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    PRIMARY KEY (hours, start, tenant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_spans_by_tenant ON usage_spans (tenant_id, hours, start);
INSERT INTO usage_spans
    SELECT h.hours, started_at - started_at % (h.hours * 3600000000), tenant_id,
           COUNT(CASE WHEN attempt = 1 THEN 1 END),
           COUNT(CASE WHEN outcome <> 'completed' OR status >= 400 THEN 1 END) - COUNT(CASE WHEN attempt > 1 THEN 1 END),
           SUM(input_tokens), SUM(cached_input_tokens), SUM(output_tokens), SUM(cost_micros)
    FROM usage_ledger CROSS JOIN (SELECT 1 AS hours UNION SELECT 24) h
    GROUP BY 1, 2, 3;
