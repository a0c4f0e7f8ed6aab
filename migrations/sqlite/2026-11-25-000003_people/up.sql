-- An address counts as confirmed once a link that was sent to it was followed. Those from before counted already.
ALTER TABLE accounts ADD COLUMN email_verified_at BIGINT;
UPDATE accounts SET email_verified_at = created_at;
-- Frozen by its owner, from a mail: nobody signs in until the host lifts it.
ALTER TABLE accounts ADD COLUMN frozen_at BIGINT;

-- How much harder than other acts those that destroy something are to confirm.
ALTER TABLE workspaces ADD COLUMN danger_policy TEXT NOT NULL DEFAULT 'standard'
  CHECK (danger_policy IN ('standard', 'sms_allowed', 'authenticator_required'));
ALTER TABLE workspaces ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE memberships ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

ALTER TABLE api_keys ADD COLUMN created_by BIGINT REFERENCES accounts (id);
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
-- The key that took its place when it was rolled.
ALTER TABLE api_keys ADD COLUMN successor_id BIGINT REFERENCES api_keys (id);
CREATE INDEX api_keys_workspace ON api_keys (workspace_id, created_at);

ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'sms'));
ALTER TABLE code_sends ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'sms'));
-- A digest of the address or number.
ALTER TABLE code_sends ADD COLUMN destination TEXT NOT NULL DEFAULT '';
CREATE INDEX code_sends_destination ON code_sends (destination, at);
-- Text messages of a day (UTC), of all accounts.
CREATE TABLE sms_days (
  day TEXT NOT NULL PRIMARY KEY,
  sent BIGINT NOT NULL
) WITHOUT ROWID;

-- Links in mail about an account. Each works once.
CREATE TABLE account_links (
  id TEXT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  purpose TEXT NOT NULL CHECK (purpose IN ('confirm_email', 'change_email', 'reset_password', 'freeze')),
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE UNIQUE INDEX account_links_digest ON account_links (digest);
CREATE INDEX account_links_account ON account_links (account_id, purpose);
CREATE INDEX account_links_expires ON account_links (expires_at);

-- Telephones: of an account, at most one that counts and one that is being confirmed.
CREATE TABLE phones (
  id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  state TEXT NOT NULL CHECK (state IN ('pending', 'active')),
  session_id BIGINT NOT NULL,
  number TEXT NOT NULL,
  code_digest TEXT,
  code_reference TEXT,
  code_sends BIGINT NOT NULL DEFAULT 0,
  code_expires_at BIGINT,
  attempts BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  CHECK ((state = 'active') = (confirmed_at IS NOT NULL))
);
CREATE UNIQUE INDEX phones_account ON phones (account_id, state);
CREATE INDEX phones_created ON phones (created_at);

CREATE TABLE recovery_codes (
  id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  digest TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE UNIQUE INDEX recovery_codes_digest ON recovery_codes (account_id, digest);

-- Public keys of passkeys, each as JSON with what its authenticator said.
CREATE TABLE passkeys (
  id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  -- What authenticators know the account by; the same for all passkeys of one.
  user_handle TEXT NOT NULL,
  -- The host name that it was made for: browsers use it nowhere else.
  host TEXT NOT NULL,
  credential_id TEXT NOT NULL,
  name TEXT NOT NULL,
  credential TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);
CREATE INDEX passkeys_account ON passkeys (account_id, created_at);

-- Who people are at an OpenID Connect provider.
CREATE TABLE identities (
  id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- What the provider calls them, for people to read.
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX identities_subject ON identities (issuer, subject);
CREATE UNIQUE INDEX identities_account ON identities (account_id, issuer);

-- Secrets that were just made, for the sign-in that made them, until they are put away or end.
CREATE TABLE disclosures (
  id TEXT NOT NULL PRIMARY KEY,
  session_id BIGINT NOT NULL,
  subject TEXT NOT NULL CHECK (subject IN ('api_key', 'recovery_codes', 'invitation')),
  subject_id BIGINT NOT NULL,
  sealed BLOB NOT NULL,
  key_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX disclosures_session ON disclosures (session_id, subject);
CREATE INDEX disclosures_expires ON disclosures (expires_at);

CREATE TABLE invitations (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'engineer', 'operations', 'finance', 'viewer')),
  reach TEXT NOT NULL DEFAULT 'all' CHECK (reach IN ('all', 'apps', 'tag')),
  tag_key TEXT,
  tag_value TEXT,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'cancelled')),
  link_digest TEXT,
  invited_by BIGINT NOT NULL REFERENCES accounts (id),
  sends BIGINT NOT NULL DEFAULT 0,
  sent_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  closed_at BIGINT,
  CHECK ((reach = 'tag') = (tag_key IS NOT NULL AND tag_value IS NOT NULL)),
  CHECK ((state = 'open') = (closed_at IS NULL)),
  CHECK ((state = 'open') = (link_digest IS NOT NULL))
);
CREATE UNIQUE INDEX invitations_link ON invitations (link_digest);
CREATE UNIQUE INDEX invitations_open ON invitations (workspace_id, email_key) WHERE state = 'open';
CREATE INDEX invitations_inviter ON invitations (invited_by);
CREATE INDEX invitations_sent ON invitations (workspace_id, sent_at);
CREATE INDEX invitations_expires ON invitations (expires_at);
CREATE TABLE invitation_apps (
  invitation_id BIGINT NOT NULL REFERENCES invitations (id),
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  PRIMARY KEY (invitation_id, sdk_app_id)
) WITHOUT ROWID;

-- Browsers that have signed in to an account, known again by a cookie.
CREATE TABLE devices (
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  digest TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, digest)
) WITHOUT ROWID;
CREATE INDEX devices_seen ON devices (last_seen_at);

-- What a person did, over all workspaces.
CREATE INDEX audit_events_person ON audit_events (actor_id, at, workspace_id, position) WHERE actor_kind = 'person';

-- More methods, one more end, and what the link in the mail needs.
CREATE TABLE challenges_new (
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
  state TEXT NOT NULL DEFAULT 'open'
    CHECK (state IN ('open', 'granted', 'spent', 'locked', 'expired', 'cancelled', 'disowned')),
  method TEXT NOT NULL
    CHECK (method IN ('passkey', 'totp', 'recovery_code', 'sms_code', 'email_code', 'email_link')),
  attempts BIGINT NOT NULL DEFAULT 0,
  code_digest TEXT,
  code_channel TEXT CHECK (code_channel IN ('mail', 'sms')),
  code_reference TEXT,
  code_sends BIGINT NOT NULL DEFAULT 0,
  code_sent_at BIGINT,
  code_expires_at BIGINT,
  link_digest TEXT,
  link_number TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  proof_expires_at BIGINT,
  closed_at BIGINT,
  CHECK ((session_id IS NULL) = (browser_digest IS NOT NULL)),
  CHECK ((state IN ('open', 'granted')) = (closed_at IS NULL)),
  CHECK (state <> 'granted' OR proof_expires_at IS NOT NULL),
  CHECK (state = 'open' OR code_digest IS NULL),
  CHECK ((code_digest IS NULL) OR (code_channel IS NOT NULL)),
  CHECK ((link_digest IS NULL) = (link_number IS NULL))
);
INSERT INTO challenges_new
  (id, account_id, session_id, browser_digest, workspace_id, act, target, target_name, body, digest, state, method,
   attempts, code_digest, code_channel, code_reference, code_sends, code_sent_at, code_expires_at, created_at,
   expires_at, proof_expires_at, closed_at)
SELECT
  id, account_id, session_id, browser_digest, workspace_id, act, target, target_name, body, digest, state, method,
  attempts, code_digest, CASE WHEN code_digest IS NULL THEN NULL ELSE 'mail' END, code_reference, code_sends,
  code_sent_at, code_expires_at, created_at, expires_at, proof_expires_at, closed_at
FROM challenges;
DROP TABLE challenges;
ALTER TABLE challenges_new RENAME TO challenges;
CREATE UNIQUE INDEX challenges_open ON challenges (session_id, act, target) WHERE state = 'open';
CREATE UNIQUE INDEX challenges_browser ON challenges (browser_digest) WHERE browser_digest IS NOT NULL;
CREATE UNIQUE INDEX challenges_link ON challenges (link_digest) WHERE link_digest IS NOT NULL;
CREATE INDEX challenges_waiting ON challenges (state, expires_at) WHERE state IN ('open', 'granted');
CREATE INDEX challenges_account ON challenges (account_id, state);
CREATE INDEX challenges_created ON challenges (created_at);
