-- What data planes report is counted as it comes and not kept: daily_figures has the counts, these tables what later
-- events must be compared with. Days are those of the app's statistics zone. The day leads each key, so that what comes
-- in goes to the end of each table and what is too old leaves from its beginning. Their apps are those of event_streams:
-- looking each row's app up again would cost as much as the row.

-- An app that events were counted for. The row is held while a batch is counted.
CREATE TABLE event_streams (
  sdk_app_id BIGINT NOT NULL PRIMARY KEY REFERENCES apps (sdk_app_id),
  newest_at BIGINT NOT NULL
);

-- Batches that were counted, by what their sender calls them. The digest is of the body.
CREATE TABLE event_batches (
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  accepted BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (sdk_app_id, key)
) WITHOUT ROWID;
CREATE INDEX event_batches_created ON event_batches (created_at);

-- Users, groups and rooms that count once a day, with a bit for each thing that they count as.
CREATE TABLE event_names (
  day TEXT NOT NULL,
  sdk_app_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  kinds BIGINT NOT NULL,
  PRIMARY KEY (day, sdk_app_id, name)
) WITHOUT ROWID;

-- The day of the earliest registration of each user, for ever: nobody registers twice.
CREATE TABLE registrations (
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  user_name TEXT NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (sdk_app_id, user_name)
) WITHOUT ROWID;

-- The largest sample of a source in a minute, which is counted from 1970-01-01 UTC.
CREATE TABLE online_samples (
  day TEXT NOT NULL,
  sdk_app_id BIGINT NOT NULL,
  minute BIGINT NOT NULL,
  source TEXT NOT NULL,
  online BIGINT NOT NULL,
  PRIMARY KEY (day, sdk_app_id, minute, source)
) WITHOUT ROWID;

-- Metered seconds.
CREATE TABLE usage_seconds (
  day TEXT NOT NULL,
  sdk_app_id BIGINT NOT NULL,
  service TEXT NOT NULL,
  tier TEXT NOT NULL,
  user_name TEXT NOT NULL,
  seconds BIGINT NOT NULL,
  PRIMARY KEY (day, sdk_app_id, service, tier, user_name)
) WITHOUT ROWID;

-- Stays in rooms: the earliest room.joined with its user and room, and the latest room.left; one may come before the
-- other.
CREATE TABLE room_stays (
  sdk_app_id BIGINT NOT NULL,
  stay TEXT NOT NULL,
  user_name TEXT,
  room TEXT,
  joined_at BIGINT,
  left_at BIGINT,
  PRIMARY KEY (sdk_app_id, stay)
) WITHOUT ROWID;
CREATE INDEX room_stays_joined ON room_stays (sdk_app_id, joined_at);

-- Days whose largest number of open stays is to be found anew.
CREATE TABLE stale_peaks (
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  day TEXT NOT NULL,
  PRIMARY KEY (sdk_app_id, day)
) WITHOUT ROWID;

-- Days whose package minutes have changed since they were settled against the packages.
CREATE TABLE unsettled_days (
  day TEXT NOT NULL,
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  PRIMARY KEY (day, sdk_app_id)
) WITHOUT ROWID;

-- The ledger of a workspace's minutes. The row is held while something is posted to it; the position is that of its
-- last posting. Alerts come at a line in hundredths of minutes: NULL for a tenth of the packages, 0 for none. The
-- level is what was last known of the balance, so that a line is crossed once.
CREATE TABLE minute_ledgers (
  workspace_id BIGINT NOT NULL PRIMARY KEY REFERENCES workspaces (id),
  position BIGINT NOT NULL DEFAULT 0,
  alert_line BIGINT CHECK (alert_line >= 0),
  level TEXT NOT NULL DEFAULT 'fine' CHECK (level IN ('fine', 'low', 'none'))
);

-- What was added to minutes and taken from them, in hundredths. The postings of a package add up to what remains of it,
-- those of an app's day to its figure; usage without a package was not covered by any. Settled is what has been
-- posted of the day so far, and part counts its postings: no part is posted twice.
CREATE TABLE minute_postings (
  workspace_id BIGINT NOT NULL REFERENCES minute_ledgers (workspace_id),
  position BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('opening', 'grant', 'usage', 'adjustment', 'expiry')),
  amount BIGINT NOT NULL CHECK (amount <> 0),
  package_id BIGINT REFERENCES minute_packages (id),
  sdk_app_id BIGINT REFERENCES apps (sdk_app_id),
  day TEXT,
  part BIGINT,
  settled BIGINT,
  PRIMARY KEY (workspace_id, position),
  CHECK ((kind IN ('usage', 'adjustment')) = (sdk_app_id IS NOT NULL)),
  CHECK ((sdk_app_id IS NULL) = (day IS NULL)),
  CHECK ((sdk_app_id IS NULL) = (part IS NULL)),
  CHECK ((sdk_app_id IS NULL) = (settled IS NULL)),
  CHECK (sdk_app_id IS NOT NULL OR package_id IS NOT NULL)
) WITHOUT ROWID;
CREATE UNIQUE INDEX minute_postings_part ON minute_postings (sdk_app_id, day, part);
CREATE TRIGGER minute_postings_kept BEFORE UPDATE ON minute_postings
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER minute_postings_stay BEFORE DELETE ON minute_postings
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Packages that something is left of, by their end.
CREATE INDEX minute_packages_left ON minute_packages (expires_at) WHERE remaining > 0;

-- What there was before the ledger.
INSERT INTO minute_ledgers (workspace_id, position)
SELECT id, (SELECT count(*) FROM minute_packages WHERE workspace_id = workspaces.id AND remaining > 0) FROM workspaces;
INSERT INTO minute_postings (workspace_id, position, at, kind, amount, package_id)
SELECT workspace_id, ROW_NUMBER() OVER (PARTITION BY workspace_id ORDER BY starts_at, id), CAST(unixepoch() AS BIGINT) * 1000000, 'opening', remaining, id
FROM minute_packages WHERE remaining > 0;
