-- Exemptions that were added or ended, and the alerts of which are not all
-- judged anew yet. That may be a whole database: it is done in portions, each
-- a transaction of its own, so that no sensor waits long for its turn.

CREATE TABLE reviews (
  number    INTEGER PRIMARY KEY,
  exemption TEXT NOT NULL,
  -- 1: ended, and alerts that it hid are judged; 0: added, and new ones inside its time are.
  ended     INTEGER NOT NULL CHECK (ended IN (0, 1)),
  -- The alert that was judged last. Of one that was added: when it was first seen, and its id, the newest come first;
  -- of one that was ended: the number of its arrival, the oldest come first.
  at        INTEGER NOT NULL,
  at_id     TEXT NOT NULL,
  -- For the log.
  who       TEXT NOT NULL,
  via       TEXT NOT NULL,
  note      TEXT NOT NULL
) STRICT;
