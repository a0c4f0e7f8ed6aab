DELETE FROM challenges WHERE state = 'disowned' OR method NOT IN ('totp', 'email_code');
CREATE TABLE challenges_old (
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
INSERT INTO challenges_old
SELECT
  id, account_id, session_id, browser_digest, workspace_id, act, target, target_name, body, digest, state, method,
  attempts, code_digest, code_reference, code_sends, code_sent_at, code_expires_at, created_at, expires_at,
  proof_expires_at, closed_at
FROM challenges;
DROP TABLE challenges;
ALTER TABLE challenges_old RENAME TO challenges;
CREATE UNIQUE INDEX challenges_open ON challenges (session_id, act, target) WHERE state = 'open';
CREATE UNIQUE INDEX challenges_browser ON challenges (browser_digest) WHERE browser_digest IS NOT NULL;
CREATE INDEX challenges_waiting ON challenges (state, expires_at) WHERE state IN ('open', 'granted');
CREATE INDEX challenges_account ON challenges (account_id, state);
CREATE INDEX challenges_created ON challenges (created_at);
DROP INDEX audit_events_person;
DROP TABLE devices;
DROP TABLE invitation_apps;
DROP TABLE invitations;
DROP TABLE disclosures;
DROP TABLE identities;
DROP TABLE passkeys;
DROP TABLE recovery_codes;
DROP TABLE phones;
DROP TABLE account_links;
DROP TABLE sms_days;
DROP INDEX code_sends_destination;
ALTER TABLE code_sends DROP COLUMN destination;
ALTER TABLE code_sends DROP COLUMN channel;
DELETE FROM outbox WHERE channel = 'sms';
ALTER TABLE outbox DROP COLUMN channel;
DROP INDEX api_keys_workspace;
ALTER TABLE api_keys DROP COLUMN successor_id;
ALTER TABLE api_keys DROP COLUMN expires_at;
ALTER TABLE api_keys DROP COLUMN created_by;
ALTER TABLE memberships DROP COLUMN version;
ALTER TABLE workspaces DROP COLUMN version;
ALTER TABLE workspaces DROP COLUMN danger_policy;
ALTER TABLE accounts DROP COLUMN frozen_at;
ALTER TABLE accounts DROP COLUMN email_verified_at;
