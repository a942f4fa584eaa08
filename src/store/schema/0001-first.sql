-- The first form of the database: runs, contacts, alerts.
--
-- Times are whole microseconds since 1970, packet time; only the runs also
-- hold the wall clock, because they are about the sensor and not about traffic.
-- Severity and confidence are numbers from weak to strong (the index in
-- SEVERITIES and CONFIDENCES of events/alert.ts), so that they compare.
-- Lists and endpoints are JSON text with a fixed order of keys.

CREATE TABLE runs (
  id          TEXT PRIMARY KEY,
  command     TEXT NOT NULL,
  started_us  INTEGER NOT NULL,
  finished_us INTEGER,
  summary     TEXT
) STRICT;

CREATE INDEX runs_started ON runs (started_us);

-- The alerts of one client with one service without a quiet gap over 30 minutes.
-- Sums and extremes of its alerts, kept up with each write. Two contacts of
-- the same client and service are always more than 30 minutes apart.
CREATE TABLE contacts (
  key        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL,
  client     TEXT NOT NULL,
  service    TEXT NOT NULL,
  -- Index in CATEGORIES, which begins with the one that matters most.
  category   INTEGER NOT NULL,
  severity   INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 3),
  confidence INTEGER NOT NULL CHECK (confidence BETWEEN 0 AND 2),
  attempt    INTEGER NOT NULL CHECK (attempt IN (0, 1)),
  alerts     INTEGER NOT NULL,
  -- Id of the alert whose reasons stand for the contact.
  best       TEXT NOT NULL,
  bytes_out  INTEGER NOT NULL,
  bytes_in   INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL
) STRICT;

CREATE INDEX contacts_of_client ON contacts (client, service, last_seen);
CREATE INDEX contacts_time ON contacts (last_seen, id);
CREATE INDEX contacts_id ON contacts (id);

-- How many alerts of a contact showed a name or address.
CREATE TABLE contact_names (
  contact INTEGER NOT NULL REFERENCES contacts (key),
  name    TEXT NOT NULL,
  alerts  INTEGER NOT NULL,
  PRIMARY KEY (contact, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_names_most ON contact_names (contact, alerts);

CREATE TABLE alerts (
  -- Grows with the order of arrival.
  arrival      INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  rule         TEXT NOT NULL,
  title        TEXT NOT NULL,
  pack         TEXT NOT NULL,
  pack_version TEXT NOT NULL,
  service      TEXT NOT NULL,
  category     TEXT NOT NULL,
  severity     INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 3),
  confidence   INTEGER NOT NULL CHECK (confidence BETWEEN 0 AND 2),
  state        TEXT NOT NULL,
  attempt      INTEGER NOT NULL CHECK (attempt IN (0, 1)),
  count        INTEGER NOT NULL,
  evidence     TEXT NOT NULL,
  indicator    TEXT NOT NULL,
  reasons      TEXT NOT NULL,
  client       TEXT NOT NULL,
  client_role  TEXT NOT NULL,
  server       TEXT NOT NULL,
  protocol     TEXT NOT NULL,
  bytes_out    INTEGER NOT NULL,
  bytes_in     INTEGER NOT NULL,
  packets_out  INTEGER NOT NULL,
  packets_in   INTEGER NOT NULL,
  first_seen   INTEGER NOT NULL,
  last_seen    INTEGER NOT NULL,
  run          TEXT NOT NULL,
  sensor       TEXT NOT NULL,
  community_id TEXT NOT NULL,
  flow_id      INTEGER NOT NULL,
  lossy        INTEGER NOT NULL CHECK (lossy IN (0, 1)),
  policy       TEXT NOT NULL,
  attack       TEXT NOT NULL,
  -- 1 when the sensor said that the alert will not change any more.
  final        INTEGER NOT NULL CHECK (final IN (0, 1)),
  -- The contact it belongs to.
  contact      INTEGER NOT NULL REFERENCES contacts (key),
  -- The client's address in a form that sorts: 4 or 6, then its bytes.
  client_key   BLOB NOT NULL,
  -- The name or address that it counts for in its contact.
  name         TEXT NOT NULL,
  -- Names and addresses in lower case, one a line, for the text search.
  search       TEXT NOT NULL
) STRICT;

CREATE INDEX alerts_time ON alerts (first_seen, id, confidence);
CREATE INDEX alerts_client ON alerts (client_key, first_seen);
CREATE INDEX alerts_contact ON alerts (contact);
CREATE INDEX alerts_kinds ON alerts (category, confidence);
