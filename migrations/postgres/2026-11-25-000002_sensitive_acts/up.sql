-- What happened in a workspace (0: in the installation itself), and who did it. Each row's hash covers the row
-- before it, and triggers refuse to change or remove a row. Acts have no CHECK, since each new one would cost a
-- copy of the longest table on SQLite.
CREATE TABLE audit_events (
  workspace_id BIGINT NOT NULL,
  position BIGINT NOT NULL CHECK (position > 0),
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL CHECK (actor_kind IN ('person', 'key', 'host', 'system')),
  actor_id BIGINT,
  actor_name TEXT NOT NULL,
  actor_email TEXT NOT NULL,
  session_id BIGINT,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  request_id TEXT NOT NULL,
  act TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('done', 'denied', 'requested', 'cancelled', 'expired')),
  reason TEXT NOT NULL,
  method TEXT NOT NULL,
  target_kind TEXT NOT NULL CHECK (target_kind IN ('installation', 'workspace', 'account', 'app', 'api_key')),
  target_id BIGINT NOT NULL,
  target_name TEXT NOT NULL,
  sdk_app_id BIGINT,
  changes TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (workspace_id, position)
);
CREATE INDEX audit_events_at ON audit_events (workspace_id, at, position);
CREATE INDEX audit_events_actor ON audit_events (workspace_id, actor_id, position);
CREATE INDEX audit_events_act ON audit_events (workspace_id, act, position);
CREATE INDEX audit_events_app ON audit_events (workspace_id, sdk_app_id, position);

-- Where each chain ends, sealed with a key that the database does not have.
CREATE TABLE audit_chains (
  workspace_id BIGINT NOT NULL PRIMARY KEY,
  position BIGINT NOT NULL,
  hash TEXT NOT NULL,
  seal TEXT NOT NULL
);

CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_events_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse();

-- Authenticators (RFC 6238): of an account, at most one that counts and one that is being set up by a sign-in.
-- The step is the last one whose code was used.
CREATE TABLE authenticators (
  id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  state TEXT NOT NULL CHECK (state IN ('pending', 'active')),
  session_id BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  key_id TEXT NOT NULL,
  last_step BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  CHECK ((state = 'active') = (confirmed_at IS NOT NULL))
);
CREATE UNIQUE INDEX authenticators_account ON authenticators (account_id, state);

-- Proving who one is: again, for a sensitive act of a sign-in, or by a second factor, for a sign-in that a browser
-- has begun.
CREATE TABLE challenges (
  id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  session_id BIGINT,
  browser_digest TEXT,
  workspace_id BIGINT,
  act TEXT NOT NULL,
  target TEXT NOT NULL,
  target_name TEXT NOT NULL,
  body TEXT NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'granted', 'spent', 'locked', 'expired', 'cancelled')),
  method TEXT NOT NULL CHECK (method IN ('totp', 'email_code')),
  attempts BIGINT NOT NULL DEFAULT 0,
  code_digest TEXT,
  code_reference TEXT,
  code_sends BIGINT NOT NULL DEFAULT 0,
  code_sent_at BIGINT,
  code_expires_at BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  proof_expires_at BIGINT,
  closed_at BIGINT,
  CHECK ((session_id IS NULL) = (browser_digest IS NOT NULL)),
  CHECK ((state IN ('open', 'granted')) = (closed_at IS NULL)),
  CHECK (state <> 'granted' OR proof_expires_at IS NOT NULL),
  CHECK (state = 'open' OR code_digest IS NULL)
);
CREATE UNIQUE INDEX challenges_open ON challenges (session_id, act, target) WHERE state = 'open';
CREATE UNIQUE INDEX challenges_browser ON challenges (browser_digest) WHERE browser_digest IS NOT NULL;
CREATE INDEX challenges_waiting ON challenges (state, expires_at) WHERE state IN ('open', 'granted');
CREATE INDEX challenges_account ON challenges (account_id, state);
CREATE INDEX challenges_created ON challenges (created_at);

-- Tries at codes, over all methods, sign-ins and challenges of an account. A success takes its own try back.
CREATE TABLE factor_budgets (
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  purpose TEXT NOT NULL CHECK (purpose IN ('step_up', 'sign_in')),
  consecutive BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, purpose)
);
CREATE TABLE factor_attempts (
  id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  purpose TEXT NOT NULL CHECK (purpose IN ('step_up', 'sign_in')),
  at BIGINT NOT NULL
);
CREATE INDEX factor_attempts_account ON factor_attempts (account_id, purpose, at);
CREATE INDEX factor_attempts_at ON factor_attempts (at);

-- Codes that were sent, for the limits of sending.
CREATE TABLE code_sends (
  id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  network TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX code_sends_account ON code_sends (account_id, at);
CREATE INDEX code_sends_network ON code_sends (network, at);
CREATE INDEX code_sends_at ON code_sends (at);

-- Keys that a sign-in sees now. One that was proved for may be shown again without a new proof until it ends.
CREATE TABLE reveals (
  session_id BIGINT NOT NULL,
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  purpose TEXT NOT NULL CHECK (purpose IN ('access_token', 'usersig')),
  is_grant BOOLEAN NOT NULL,
  expires_at BIGINT NOT NULL,
  hidden_at BIGINT,
  PRIMARY KEY (session_id, sdk_app_id, purpose)
);
CREATE INDEX reveals_expires ON reveals (expires_at);
