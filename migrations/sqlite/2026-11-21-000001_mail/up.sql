-- Work in the background: who does a job now, until when that holds, and when it is due.
CREATE TABLE jobs (
  name TEXT NOT NULL PRIMARY KEY,
  lease_owner TEXT,
  lease_until BIGINT,
  next_run BIGINT NOT NULL,
  last_run BIGINT,
  last_outcome TEXT CHECK (last_outcome IN ('done', 'failed', 'timed_out', 'stopped')),
  CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
);

-- Mail on its way. The body holds what the mail says, sealed; it is gone once the mail is sent or
-- given up. The kind has no CHECK, since each new mail would cost a copy of the table on SQLite.
CREATE TABLE outbox (
  id TEXT NOT NULL PRIMARY KEY,
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  recipient TEXT NOT NULL,
  language TEXT NOT NULL CHECK (language IN ('zh-CN', 'en')),
  body BLOB,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed')),
  attempts BIGINT NOT NULL DEFAULT 0,
  next_try_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  lease_owner TEXT,
  lease_until BIGINT,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  last_error TEXT,
  CHECK ((state = 'pending') = (body IS NOT NULL)),
  CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
  CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
);
CREATE UNIQUE INDEX outbox_key ON outbox (key);
CREATE INDEX outbox_due ON outbox (next_try_at) WHERE state = 'pending';
CREATE INDEX outbox_created ON outbox (created_at);
