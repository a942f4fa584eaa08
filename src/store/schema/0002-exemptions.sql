-- Exemptions, the log of what people changed, and alerts that are covered.
--
-- Start and end are packet time as everything in alerts; created_us and the
-- time of the log are the wall clock. All are microseconds since 1970.

CREATE TABLE exemptions (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  reason     TEXT NOT NULL,
  owner      TEXT NOT NULL,
  ticket     TEXT,
  start_us   INTEGER NOT NULL,
  end_us     INTEGER NOT NULL CHECK (end_us >= start_us),
  -- JSON; see ExemptionScope in events/exemption.ts.
  scope      TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;

-- Only ever added to. The number of its last row says whether anything changed.
CREATE TABLE audit (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  at_us   INTEGER NOT NULL,
  who     TEXT NOT NULL,
  via     TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  note    TEXT NOT NULL,
  -- JSON.
  before  TEXT NOT NULL,
  after   TEXT NOT NULL
) STRICT;

CREATE INDEX audit_subject ON audit (subject, number);

CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;

CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;

CREATE TRIGGER exemptions_keep_rows BEFORE DELETE ON exemptions
BEGIN SELECT RAISE(ABORT, 'an exemption is ended, not deleted'); END;

-- Set while the state is `exempt`.
ALTER TABLE alerts ADD COLUMN exemption TEXT;
-- 1 when it was hidden, is so no more, and has yet to go where alerts are forwarded.
ALTER TABLE alerts ADD COLUMN forward INTEGER NOT NULL DEFAULT 0 CHECK (forward IN (0, 1));
-- Exempt alerts of the contact; the column `alerts` counts the others. All other figures are of both.
ALTER TABLE contacts ADD COLUMN exempt INTEGER NOT NULL DEFAULT 0;

CREATE INDEX alerts_exemption ON alerts (exemption) WHERE exemption IS NOT NULL;
CREATE INDEX alerts_forward ON alerts (arrival) WHERE forward = 1;

-- The chart and the overview leave exempt alerts out, and are answered from these alone.
DROP INDEX alerts_time;
CREATE INDEX alerts_time ON alerts (first_seen, id, confidence, state);
DROP INDEX alerts_kinds;
CREATE INDEX alerts_kinds ON alerts (category, confidence, state);
