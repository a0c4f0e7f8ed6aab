-- Moments are microseconds since 1970 UTC, days ISO text, enumerations snake_case text.

CREATE TABLE installation (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  key_id TEXT NOT NULL,
  setup_digest TEXT,
  setup_expires_at BIGINT,
  set_up_at BIGINT,
  created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  name TEXT NOT NULL,
  password_hash TEXT,
  language TEXT NOT NULL CHECK (language IN ('zh-CN', 'en')),
  time_zone TEXT,
  is_operator BOOLEAN NOT NULL DEFAULT FALSE,
  disabled_at BIGINT,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (email_key);

CREATE TABLE workspaces (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  rtc_apps BIGINT NOT NULL DEFAULT 0 CHECK (rtc_apps >= 0),
  rtc_apps_max BIGINT NOT NULL CHECK (rtc_apps_max >= 0),
  im_apps BIGINT NOT NULL DEFAULT 0 CHECK (im_apps >= 0),
  im_apps_max BIGINT NOT NULL CHECK (im_apps_max >= 0),
  created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'engineer', 'operations', 'finance', 'viewer')),
  reach TEXT NOT NULL DEFAULT 'all' CHECK (reach IN ('all', 'apps', 'tag')),
  tag_key TEXT,
  tag_value TEXT,
  created_at BIGINT NOT NULL,
  CHECK ((reach = 'tag') = (tag_key IS NOT NULL AND tag_value IS NOT NULL))
);
CREATE UNIQUE INDEX memberships_account ON memberships (account_id, workspace_id);
CREATE INDEX memberships_workspace ON memberships (workspace_id);

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  key_digest TEXT,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  workspace_id BIGINT REFERENCES workspaces (id),
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX sessions_key_digest ON sessions (key_digest);
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE throttles (
  bucket TEXT NOT NULL PRIMARY KEY,
  window_started_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL
);

CREATE TABLE plans (
  code TEXT NOT NULL PRIMARY KEY,
  rank BIGINT NOT NULL,
  for_sale BOOLEAN NOT NULL,
  apps_max BIGINT,
  users_max BIGINT,
  friends_max BIGINT,
  groups_per_user_max BIGINT,
  group_members_max BIGINT,
  groups_max BIGINT,
  live_groups_max BIGINT,
  history_days BIGINT
);
INSERT INTO plans
  (code, rank, for_sale, apps_max, users_max, friends_max, groups_per_user_max, group_members_max, groups_max, live_groups_max, history_days)
VALUES
  ('trial', 10, TRUE, 300, 100, 20, 50, 20, 100, 10, 7),
  ('standard', 20, TRUE, NULL, NULL, 3000, 500, 200, NULL, 50, 7),
  ('pro', 30, TRUE, NULL, NULL, 3000, 1000, 2000, NULL, NULL, 30),
  ('pro_plus', 40, TRUE, NULL, NULL, 3000, 1000, 5000, NULL, NULL, 90),
  ('enterprise', 50, TRUE, NULL, NULL, 3000, 1000, 6000, NULL, NULL, 90),
  ('trtc', 1, FALSE, 10, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ('trtc_trial', 2, FALSE, NULL, 100, 20, 50, 20, 100, 10, 7),
  ('im_legacy', 3, FALSE, NULL, NULL, 3000, 500, 200, NULL, 50, 7);

CREATE TABLE apps (
  sdk_app_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  app_id TEXT NOT NULL,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  account_type BIGINT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  scenario TEXT NOT NULL CHECK (scenario IN ('interactive_teaching', 'voice_chat_room', 'e_commerce', 'pk_live', 'online_dating', 'online_meeting', 'online_education', 'smart_customer_service', 'telemedicine', 'finance_insurance', 'other')),
  app_type TEXT CHECK (app_type IN ('game', 'social', 'education', 'e_commerce', 'finance', 'medical', 'enterprise', 'entertainment', 'tools', 'other')),
  description TEXT NOT NULL DEFAULT '',
  rtc BOOLEAN NOT NULL,
  im BOOLEAN NOT NULL,
  ios BOOLEAN NOT NULL DEFAULT FALSE,
  android BOOLEAN NOT NULL DEFAULT FALSE,
  windows BOOLEAN NOT NULL DEFAULT FALSE,
  web BOOLEAN NOT NULL DEFAULT FALSE,
  switch TEXT NOT NULL DEFAULT 'enabled' CHECK (switch IN ('enabled', 'disabled')),
  disabled_by TEXT CHECK (disabled_by IN ('member', 'operator', 'plan', 'arrears')),
  plan TEXT NOT NULL REFERENCES plans (code),
  plan_ends_at BIGINT,
  recording BOOLEAN NOT NULL DEFAULT FALSE,
  statistics_zone TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  deleted_at BIGINT,
  CHECK (rtc OR im),
  CHECK ((switch = 'disabled') = (disabled_by IS NOT NULL))
);
CREATE UNIQUE INDEX apps_app_id ON apps (app_id);
CREATE UNIQUE INDEX apps_name ON apps (workspace_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX apps_created ON apps (workspace_id, created_at, sdk_app_id);
-- SDKAppIDs begin at 1400000001.
INSERT INTO sqlite_sequence (name, seq) VALUES ('apps', 1400000000);

CREATE TABLE app_tags (
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (sdk_app_id, key)
) WITHOUT ROWID;

CREATE TABLE membership_apps (
  membership_id BIGINT NOT NULL REFERENCES memberships (id),
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  PRIMARY KEY (membership_id, sdk_app_id)
) WITHOUT ROWID;

CREATE TABLE certificates (
  id TEXT NOT NULL PRIMARY KEY,
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  purpose TEXT NOT NULL CHECK (purpose IN ('access_token', 'usersig')),
  slot TEXT NOT NULL CHECK (slot IN ('primary', 'secondary', 'retired')),
  sealed BLOB NOT NULL,
  key_id TEXT NOT NULL,
  used_day TEXT,
  created_at BIGINT NOT NULL,
  retired_at BIGINT
);
CREATE INDEX certificates_app ON certificates (sdk_app_id, purpose, slot);
CREATE UNIQUE INDEX certificates_primary ON certificates (sdk_app_id, purpose) WHERE slot = 'primary';
CREATE UNIQUE INDEX certificates_secondary ON certificates (sdk_app_id, purpose) WHERE slot = 'secondary';

CREATE TABLE submissions (
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  key TEXT NOT NULL,
  sdk_app_id BIGINT REFERENCES apps (sdk_app_id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, key)
) WITHOUT ROWID;

CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  sdk_app_id BIGINT REFERENCES apps (sdk_app_id),
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  last_four TEXT NOT NULL,
  digest TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT
);
CREATE UNIQUE INDEX api_keys_digest ON api_keys (digest);

CREATE TABLE minute_packages (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  kind TEXT NOT NULL CHECK (kind IN ('newcomer', 'granted', 'purchased')),
  granted BIGINT NOT NULL CHECK (granted > 0),
  remaining BIGINT NOT NULL CHECK (remaining BETWEEN 0 AND granted),
  starts_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX minute_packages_workspace ON minute_packages (workspace_id, expires_at);
CREATE UNIQUE INDEX minute_packages_newcomer ON minute_packages (workspace_id) WHERE kind = 'newcomer';

-- Minutes are hundredths; so are the values of RtcPackageMinutes.
CREATE TABLE daily_figures (
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  metric TEXT NOT NULL,
  day TEXT NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (sdk_app_id, metric, day)
) WITHOUT ROWID;
