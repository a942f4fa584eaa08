/** The store's statements. Values are always parameters; only the fixed texts of this folder are ever joined. */

export const ALERTS = 'alerts'

/**
 * The alerts by an index that has all that lists are filtered and ordered by. SQLite would rather take the one for a
 * single condition, and read and sort every alert that it finds there.
 */
export const LISTED_ALERTS = 'alerts INDEXED BY alerts_list'

/** Alerts with the id of their contact; a condition follows. @param from ALERTS or LISTED_ALERTS */
export function selectAlerts(from: string): string {
  return `SELECT alerts.*, contacts.id AS contact_id FROM ${from} JOIN contacts ON contacts.key = alerts.contact`
}

export const SELECT_ALERTS = selectAlerts(ALERTS)

export const COUNT_ALERTS = 'SELECT count(*) FROM'

export const ALERT_BY_ID = `${SELECT_ALERTS} WHERE alerts.id = ?`

export const ALERTS_BY_ID = `${SELECT_ALERTS} WHERE alerts.id >= @start AND alerts.id < @end ORDER BY alerts.id LIMIT @limit`

export const ALERTS_AFTER_ARRIVAL = `${SELECT_ALERTS} WHERE arrival > ? ORDER BY arrival LIMIT ?`

export const LAST_ARRIVAL = 'SELECT ifnull(max(arrival), 0) FROM alerts'

/** A page of alerts, newest first: which they are is found in the index, and only they are read. */
export function alertPage(from: string, where: string): string {
  const newestFirst = 'ORDER BY alerts.first_seen DESC, alerts.id DESC'
  const page = `SELECT alerts.arrival FROM ${from} ${where} ${newestFirst} LIMIT @limit OFFSET @offset`
  return `${SELECT_ALERTS} WHERE arrival IN (${page}) ${newestFirst}`
}

/** Alerts behind a place in the order of time. */
export function alertsOldestFirst(from: string, where: string): string {
  const filter = where === '' ? 'WHERE' : `${where} AND`
  const behind = '(alerts.first_seen, alerts.id) > (@seen, @after)'
  return `${selectAlerts(from)} ${filter} ${behind} ORDER BY alerts.first_seen, alerts.id LIMIT @limit OFFSET @offset`
}

export const INSERT_ALERT = `
  INSERT INTO alerts (
    id, rule, title, pack, pack_version, service, category, severity, confidence, state, attempt, count,
    evidence, indicator, reasons, use, use_reason, client, client_role, server, protocol,
    bytes_out, bytes_in, packets_out, packets_in, first_seen, last_seen,
    run, sensor, community_id, flow_id, lossy, policy, attack, final, contact, client_key, name, search, exemption
  ) VALUES (
    @id, @rule, @title, @pack, @pack_version, @service, @category, @severity, @confidence, @state, @attempt, @count,
    @evidence, @indicator, @reasons, @use, @use_reason, @client, @client_role, @server, @protocol,
    @bytes_out, @bytes_in, @packets_out, @packets_in, @first_seen, @last_seen,
    @run, @sensor, @community_id, @flow_id, @lossy, @policy, @attack, @final, @contact, @client_key, @name, @search,
    @exemption
  )`

/** Never what says whose alert it is. One that was exempt and is so no more waits to be forwarded. */
export const UPDATE_ALERT = `
  UPDATE alerts SET
    forward = CASE WHEN state = 'exempt' AND @state <> 'exempt' THEN 1 ELSE forward END,
    state = @state, exemption = @exemption,
    title = @title, pack_version = @pack_version, severity = @severity, confidence = @confidence,
    attempt = @attempt, count = @count, evidence = @evidence, indicator = @indicator, reasons = @reasons,
    use = @use, use_reason = @use_reason, client = @client, client_role = @client_role, server = @server,
    bytes_out = @bytes_out, bytes_in = @bytes_in, packets_out = @packets_out, packets_in = @packets_in,
    first_seen = @first_seen, last_seen = @last_seen, lossy = @lossy, policy = @policy, attack = @attack,
    final = @final, name = @name, search = @search
  WHERE id = @id`

/** Contacts that a span of time touches, or that the sensor gave the same id. */
export const TOUCHING_CONTACTS = `
  SELECT * FROM contacts
  WHERE client = @client AND service = @service
    AND ((last_seen >= @from AND first_seen <= @to) OR id = @id)
  ORDER BY alerts + exempt DESC, key`

export const INSERT_CONTACT = `
  INSERT INTO contacts (
    id, client, service, category, severity, confidence, attempt, alerts, exempt, best, bytes_out, bytes_in,
    first_seen, last_seen, use, use_alert
  ) VALUES (
    @id, @client, @service, @category, @severity, @confidence, @attempt, @alerts, @exempt, @best, @bytes_out, @bytes_in,
    @first_seen, @last_seen, @use, @use_alert
  )`

export const UPDATE_CONTACT = `
  UPDATE contacts SET
    id = @id, category = @category, severity = @severity, confidence = @confidence, attempt = @attempt,
    alerts = @alerts, exempt = @exempt, best = @best, bytes_out = @bytes_out, bytes_in = @bytes_in,
    first_seen = @first_seen, last_seen = @last_seen, use = @use, use_alert = @use_alert
  WHERE key = @key`

export const MOVE_ALERTS = 'UPDATE alerts SET contact = @to WHERE contact = @from'

export const MOVE_NAMES = `
  INSERT INTO contact_names (contact, name, alerts)
  SELECT @to, name, alerts FROM contact_names WHERE contact = @from
  ON CONFLICT (contact, name) DO UPDATE SET alerts = alerts + excluded.alerts`

export const DELETE_NAMES = 'DELETE FROM contact_names WHERE contact = ?'

export const DELETE_CONTACT = 'DELETE FROM contacts WHERE key = ?'

export const COUNT_NAME = `
  INSERT INTO contact_names (contact, name, alerts) VALUES (@contact, @name, 1)
  ON CONFLICT (contact, name) DO UPDATE SET alerts = alerts + 1`

export const UNCOUNT_NAME = 'UPDATE contact_names SET alerts = alerts - 1 WHERE contact = @contact AND name = @name'

export const DELETE_UNCOUNTED_NAME =
  'DELETE FROM contact_names WHERE contact = @contact AND name = @name AND alerts = 0'

/** Contacts with the reasons of their best alert; a condition follows. */
export const SELECT_CONTACTS = `
  SELECT contacts.*, best.reasons AS reasons, ifnull(used.use_reason, '') AS use_reason
  FROM contacts
  JOIN alerts AS best ON best.id = contacts.best
  LEFT JOIN alerts AS used ON used.id = contacts.use_alert`

export const SERVICES = 'SELECT DISTINCT service FROM contacts ORDER BY service'

export const COUNT_CONTACTS = 'SELECT count(*) FROM contacts'

/** A page of contacts, the last active first, found in the same way. */
export function contactPage(where: string): string {
  const newestFirst = 'ORDER BY contacts.last_seen DESC, contacts.id DESC'
  const page = `SELECT contacts.key FROM contacts ${where} ${newestFirst} LIMIT @limit OFFSET @offset`
  return `${SELECT_CONTACTS} WHERE contacts.key IN (${page}) ${newestFirst}`
}

export const NAMES_OF_CONTACT = 'SELECT name FROM contact_names WHERE contact = ? ORDER BY alerts DESC, name LIMIT 20'

/** Two questions, because the two ends of an index are found at once only one at a time. */
export const FIRST_SEEN_RANGE =
  'SELECT (SELECT min(first_seen) FROM alerts) AS first, (SELECT max(first_seen) FROM alerts) AS last'

/** The casts make the division one of whole numbers: a number from JavaScript arrives as a real. */
export const BUCKETS = `
  SELECT (first_seen - CAST(@origin AS INTEGER)) / CAST(@step AS INTEGER) AS bucket, confidence, count(*) AS alerts
  FROM alerts WHERE first_seen >= @from AND first_seen < @to AND state <> 'exempt'
  GROUP BY bucket, confidence`

export const ALERTS_BY_KIND =
  'SELECT category, confidence, state, count(*) AS alerts FROM alerts GROUP BY category, confidence, state'

export const CONTACT_FIGURES = `
  SELECT
    count(*) FILTER (WHERE alerts > 0) AS contacts, count(DISTINCT client) FILTER (WHERE alerts > 0) AS clients,
    min(first_seen) AS first, max(last_seen) AS last
  FROM contacts`

export const START_RUN = `
  INSERT INTO runs (id, command, started_us) VALUES (@id, @command, @now)
  ON CONFLICT (id) DO UPDATE SET
    command = excluded.command, started_us = excluded.started_us, finished_us = NULL, summary = NULL`

export const FINISH_RUN = 'UPDATE runs SET summary = @summary, finished_us = @now WHERE id = @id'

export const NEWEST_RUNS =
  'SELECT id, command, summary, started_us, finished_us FROM runs ORDER BY started_us DESC, rowid DESC LIMIT 20'

export const RUN_BY_ID = 'SELECT id, command, summary, started_us, finished_us FROM runs WHERE id = ?'

export const STANDING_BY_ID = 'SELECT id, contact, state, exemption FROM alerts WHERE id = ?'

export const STANDINGS_OF_CONTACT =
  "SELECT id, contact, state, exemption FROM alerts WHERE contact = @contact AND state <> 'exempt' LIMIT @limit"

export const SET_STANDING = `
  UPDATE alerts SET state = @state, exemption = @exemption, forward = max(forward, @released) WHERE id = @id`

/** Alerts that were exempt and are shown now, or the other way round where the number is negative. */
export const SHIFT_CONTACT =
  'UPDATE contacts SET alerts = alerts + @shown, exempt = exempt - @shown WHERE key = @contact'

export const ALL_EXEMPTIONS = 'SELECT * FROM exemptions ORDER BY created_us, id'

export const EXEMPTION_BY_ID = 'SELECT * FROM exemptions WHERE id = ?'

export const INSERT_EXEMPTION = `
  INSERT INTO exemptions (id, kind, reason, owner, ticket, start_us, end_us, scope, created_by, created_us)
  VALUES (@id, @kind, @reason, @owner, @ticket, @start_us, @end_us, @scope, @created_by, @created_us)`

export const END_EXEMPTION = 'UPDATE exemptions SET end_us = @end_us WHERE id = @id'

export const ALERTS_OF_EXEMPTION = `${SELECT_ALERTS} WHERE alerts.exemption = @id AND arrival > @at ORDER BY arrival`

export const BEGIN_REVIEW = `
  INSERT INTO reviews (exemption, ended, at, at_id, who, via, note)
  VALUES (@exemption, @ended, @at, @at_id, @who, @via, @note)`

export const NEXT_REVIEW = 'SELECT * FROM reviews ORDER BY number LIMIT 1'

export const GO_ON_REVIEW = 'UPDATE reviews SET at = @at, at_id = @at_id WHERE number = @number'

export const FINISH_REVIEW = 'DELETE FROM reviews WHERE number = ?'

export const ALERTS_BY_EXEMPTION =
  'SELECT exemption, count(*) AS alerts FROM alerts WHERE exemption IS NOT NULL GROUP BY exemption'

/** Hidden once and not any more; those that may still change are forwarded when they are final, as all are. */
export const FREED_ALERTS = `${SELECT_ALERTS} WHERE forward = 1 AND final = 1 ORDER BY arrival LIMIT ?`

export const SET_FORWARDED = 'UPDATE alerts SET forward = 0 WHERE id = ? AND forward = 1'

export const INSERT_AUDIT = `
  INSERT INTO audit (at_us, who, via, action, subject, note, before, after)
  VALUES (@at_us, @who, @via, @action, @subject, @note, @before, @after)`

export const LAST_AUDIT = 'SELECT ifnull(max(number), 0) FROM audit'

export const SELECT_AUDIT = 'SELECT * FROM audit'

export const COUNT_AUDIT = 'SELECT count(*) FROM audit'

export const AUDIT_NEWEST_FIRST = 'ORDER BY number DESC LIMIT @limit OFFSET @offset'

export const NEWS_AFTER = `
  SELECT news.number, alerts.*, contacts.id AS contact_id
  FROM news JOIN alerts ON alerts.arrival = news.alert JOIN contacts ON contacts.key = alerts.contact
  WHERE news.number > ? ORDER BY news.number LIMIT ?`

export const LAST_NEWS = "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'news'"

export const COUNT_NEWS = 'SELECT count(*) FROM news WHERE number > ?'

export const DESTINATIONS = 'SELECT * FROM destinations ORDER BY name'

export const DESTINATION_BY_NAME = 'SELECT * FROM destinations WHERE name = ?'

export const INSERT_DESTINATION =
  'INSERT INTO destinations (name, url, mark, since_us) VALUES (@name, @url, @mark, @now)'

export const MOVE_DESTINATION = 'UPDATE destinations SET url = @url WHERE name = @name AND url <> @url'

export const ADVANCE_DESTINATION = `
  UPDATE destinations SET
    mark = @upTo, sent = sent + @count, doubtful = doubtful + @doubtful, sent_us = @now, failing_us = NULL, reason = ''
  WHERE name = @name`

export const FAIL_DESTINATION =
  'UPDATE destinations SET failing_us = ifnull(failing_us, @now), reason = @reason WHERE name = @name'

export const DELETE_DESTINATION = 'DELETE FROM destinations WHERE name = ?'
