-- Request ids are random: an index that begins with them is written all over, and was most of the cost of a row.
-- Beginning with the time, new rows end up side by side. The attempt's name stays unique: its time never changes.
CREATE TABLE ledger (
    request_id TEXT NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    started_at INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    user_id TEXT,
    user_path TEXT,
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    upstream_model TEXT NOT NULL,
    streamed INTEGER NOT NULL CHECK (streamed IN (0, 1)),
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN (
        'completed', 'upstream_error', 'client_gone', 'cut', 'interrupted'
    )),
    input_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    token_source TEXT NOT NULL CHECK (token_source IN ('reported', 'estimated')),
    cost_micros INTEGER NOT NULL,
    first_byte_micros INTEGER,
    total_micros INTEGER NOT NULL,
    key_tags TEXT NOT NULL,
    secret_generation INTEGER NOT NULL DEFAULT 1,
    identity TEXT,
    conversation_id TEXT,
    cache_write_tokens INTEGER NOT NULL DEFAULT 0,
    reasoning_tokens INTEGER NOT NULL DEFAULT 0,
    request_tags TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (started_at, request_id, attempt)
) STRICT;
INSERT INTO ledger SELECT * FROM usage_ledger;
DROP TABLE usage_ledger;
ALTER TABLE ledger RENAME TO usage_ledger;
CREATE INDEX usage_by_key ON usage_ledger (key_id, started_at, request_id, attempt);
CREATE INDEX usage_by_user ON usage_ledger (user_id, started_at, request_id, attempt) WHERE user_id IS NOT NULL;
CREATE INDEX usage_by_tenant ON usage_ledger (tenant_id, started_at, request_id, attempt);
