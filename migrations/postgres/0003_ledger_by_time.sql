-- Request ids are random: an index that begins with them is written all over, and was most of the cost of a row.
-- Beginning with the time, new rows end up side by side. The attempt's name stays unique: its time never changes.
ALTER TABLE usage_ledger DROP CONSTRAINT usage_ledger_pkey;
DROP INDEX usage_by_time;
ALTER TABLE usage_ledger ADD PRIMARY KEY (started_at, request_id, attempt);
DROP INDEX usage_by_user;
CREATE INDEX usage_by_user ON usage_ledger (user_id, started_at, request_id, attempt) WHERE user_id IS NOT NULL;
