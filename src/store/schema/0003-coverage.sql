-- What share of the traffic could be judged, and when nothing was seen.
--
-- Hours begin at whole hours of packet time. Gaps are in system time, because
-- while they last there are no packets.

CREATE TABLE coverage (
  sensor    TEXT NOT NULL,
  -- The network interface, or the folder that is watched.
  interface TEXT NOT NULL,
  hour_us   INTEGER NOT NULL,
  packets         INTEGER NOT NULL DEFAULT 0,
  bytes           INTEGER NOT NULL DEFAULT 0,
  lost_kernel     INTEGER NOT NULL DEFAULT 0,
  lost_interface  INTEGER NOT NULL DEFAULT 0,
  cut             INTEGER NOT NULL DEFAULT 0,
  copies          INTEGER NOT NULL DEFAULT 0,
  flows           INTEGER NOT NULL DEFAULT 0,
  flow_table_full INTEGER NOT NULL DEFAULT 0,
  midstream       INTEGER NOT NULL DEFAULT 0,
  tls_flows       INTEGER NOT NULL DEFAULT 0,
  tls_named       INTEGER NOT NULL DEFAULT 0,
  ech             INTEGER NOT NULL DEFAULT 0,
  encrypted_dns   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (sensor, interface, hour_us)
) STRICT, WITHOUT ROWID;

CREATE INDEX coverage_hour ON coverage (hour_us);

CREATE TABLE coverage_reasons (
  sensor    TEXT NOT NULL,
  interface TEXT NOT NULL,
  hour_us   INTEGER NOT NULL,
  reason    TEXT NOT NULL,
  packets   INTEGER NOT NULL,
  PRIMARY KEY (sensor, interface, hour_us, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
  key         INTEGER PRIMARY KEY,
  sensor      TEXT NOT NULL,
  -- Empty: all of them.
  interface   TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('capture', 'clock', 'store', 'killed', 'off')),
  from_us     INTEGER NOT NULL,
  -- Null while it goes on.
  to_us       INTEGER,
  reason      TEXT NOT NULL,
  alerts_lost INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX gaps_from ON gaps (from_us);

-- One row for each sensor that watches: until when it is known to have run.
CREATE TABLE watches (
  sensor   TEXT PRIMARY KEY,
  run      TEXT NOT NULL,
  alive_us INTEGER NOT NULL,
  -- 1 when it ended in order.
  ended    INTEGER NOT NULL CHECK (ended IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Capture files of watched folders. The same packets under another name or in
-- gzip are the same file: it is known by its first packet.
CREATE TABLE watched_files (
  -- Hash of the first packet.
  id      TEXT PRIMARY KEY,
  path    TEXT NOT NULL,
  -- How many packets were read and stored.
  packets INTEGER NOT NULL,
  -- Why it was set aside; empty when it was not.
  fault   TEXT NOT NULL,
  seen_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
