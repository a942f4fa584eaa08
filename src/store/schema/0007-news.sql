-- What other systems are told of alerts, and how far each has come: the queue
-- of all of them. See decision 0021.

-- An alert has one row, that of the last time there was something to tell of
-- it, and numbers only grow. So whoever comes late is told each alert once, as
-- it is by then.
CREATE TABLE news (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Its number in order of arrival.
  alert  INTEGER NOT NULL UNIQUE
) STRICT;

INSERT INTO news (alert) SELECT arrival FROM alerts WHERE state <> 'exempt' ORDER BY arrival;

-- An alert is told as soon as it is known,
CREATE TRIGGER news_of_alert AFTER INSERT ON alerts WHEN NEW.state <> 'exempt'
BEGIN
  INSERT INTO news (alert) VALUES (NEW.arrival);
END;

-- again when it is surer, or an attempt has become a use: both only ever grow, so that is seldom and has an end;
CREATE TRIGGER news_of_surer_alert AFTER UPDATE OF confidence, attempt ON alerts
WHEN NEW.state <> 'exempt' AND OLD.state <> 'exempt'
  AND (NEW.confidence <> OLD.confidence OR NEW.attempt <> OLD.attempt)
BEGIN
  DELETE FROM news WHERE alert = NEW.arrival;
  INSERT INTO news (alert) VALUES (NEW.arrival);
END;

-- not while it is exempt,
CREATE TRIGGER no_news_of_exempt_alert AFTER UPDATE OF state ON alerts
WHEN NEW.state = 'exempt' AND OLD.state <> 'exempt'
BEGIN
  DELETE FROM news WHERE alert = NEW.arrival;
END;

-- and when it is so no more.
CREATE TRIGGER news_of_freed_alert AFTER UPDATE OF state ON alerts
WHEN NEW.state <> 'exempt' AND OLD.state = 'exempt'
BEGIN
  INSERT INTO news (alert) VALUES (NEW.arrival);
END;

CREATE TABLE destinations (
  name       TEXT PRIMARY KEY,
  url        TEXT NOT NULL,
  -- Number of the last news that is taken to have arrived there.
  mark       INTEGER NOT NULL,
  -- Messages that are taken to have arrived, in all.
  sent       INTEGER NOT NULL DEFAULT 0,
  -- Of these, the ones that the receiver answered with a close, so that they may not have.
  doubtful   INTEGER NOT NULL DEFAULT 0,
  -- Wall clock, as the others: since when it is known, when it took alerts last, and since when it fails.
  since_us   INTEGER NOT NULL,
  sent_us    INTEGER,
  failing_us INTEGER,
  -- Why; empty when it does not.
  reason     TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
