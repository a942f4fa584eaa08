-- What was most likely done with the service.
--
-- An alert written before this has none until it is written again.

-- A word of USES in events/alert.ts; empty when nothing says.
ALTER TABLE alerts ADD COLUMN use TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN use_reason TEXT NOT NULL DEFAULT '';

-- Index in USES, which begins with the one that matters most; past its end when no alert of the contact says.
ALTER TABLE contacts ADD COLUMN use INTEGER NOT NULL DEFAULT 6;
-- Id of the alert whose use it is.
ALTER TABLE contacts ADD COLUMN use_alert TEXT NOT NULL DEFAULT '';
