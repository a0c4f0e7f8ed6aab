-- What data planes report is counted as it comes and not kept: daily_figures has the counts, these tables what later
-- events must be compared with. Days are those of the app's statistics zone. The day leads each key, so that what comes
-- in goes to the end of each table and what is too old leaves from its beginning.

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

-- Names that count once a day: users that logged in, senders, rooms.
CREATE TABLE event_names (
  day TEXT NOT NULL,
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (day, sdk_app_id, kind, name)
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
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  minute BIGINT NOT NULL,
  source TEXT NOT NULL,
  online BIGINT NOT NULL,
  PRIMARY KEY (day, sdk_app_id, minute, source)
) WITHOUT ROWID;

-- Metered seconds.
CREATE TABLE usage_seconds (
  day TEXT NOT NULL,
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
  service TEXT NOT NULL,
  tier TEXT NOT NULL,
  user_name TEXT NOT NULL,
  seconds BIGINT NOT NULL,
  PRIMARY KEY (day, sdk_app_id, service, tier, user_name)
) WITHOUT ROWID;

-- Stays in rooms: the earliest room.joined with its user and room, and the latest room.left; one may come before the
-- other.
CREATE TABLE room_stays (
  sdk_app_id BIGINT NOT NULL REFERENCES apps (sdk_app_id),
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
