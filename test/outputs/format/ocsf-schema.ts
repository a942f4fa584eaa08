/**
 * The class Detection Finding of OCSF and the objects that an alert fills in:
 * attributes with their types, which are required, and values of the enums.
 * Taken over from events/ and objects/ of https://github.com/ocsf/ocsf-schema
 * (Apache License 2.0) as of version 1.7 (commits 32de09a, ebbface, 05e0f0b and
 * others), and held against its CHANGELOG: all of it is in 1.5.0.
 */

type Scalar =
  | 'boolean_t'
  | 'hostname_t'
  | 'integer_t'
  | 'ip_t'
  | 'json_t'
  | 'long_t'
  | 'mac_t'
  | 'port_t'
  | 'string_t'
  | 'timestamp_t'

export interface Attribute {
  /** A type of its own, or the name of an object. */
  type: Scalar | keyof typeof OBJECTS
  isRequired?: true
  isArray?: true
  values?: readonly number[]
}

const text: Attribute = { type: 'string_t' }
const number: Attribute = { type: 'integer_t' }
const time: Attribute = { type: 'timestamp_t' }
const required = (attribute: Attribute): Attribute => ({ ...attribute, isRequired: true })
const all = (attribute: Attribute): Attribute => ({ ...attribute, isArray: true })
const one = (...values: number[]): Attribute => ({ type: 'integer_t', values })
const object = (type: string): Attribute => ({ type: type as Attribute['type'] })

export interface OcsfObject {
  attributes: Readonly<Record<string, Attribute>>
  atLeastOne?: readonly string[]
}

/** `object` itself, which takes anything. */
export const ANY_OBJECT = 'object'

export const OBJECTS: Readonly<Record<string, OcsfObject>> = {
  [ANY_OBJECT]: { attributes: {} },
  detection_finding: {
    attributes: {
      activity_id: required(one(0, 1, 2, 3, 99)),
      activity_name: text,
      category_name: text,
      category_uid: required(one(2)),
      class_name: text,
      class_uid: required(one(2004)),
      confidence: text,
      confidence_id: one(0, 1, 2, 3, 99),
      count: number,
      duration: { type: 'long_t' },
      end_time: time,
      evidences: all(object('evidences')),
      finding_info: required(object('finding_info')),
      is_alert: { type: 'boolean_t' },
      message: text,
      metadata: required(object('metadata')),
      observables: all(object('observable')),
      resources: all(object('resource_details')),
      severity: text,
      severity_id: required(one(0, 1, 2, 3, 4, 5, 6, 99)),
      start_time: time,
      status: text,
      status_id: one(0, 1, 2, 3, 4, 5, 99),
      time: required(time),
      type_name: text,
      type_uid: required(one(200400, 200401, 200402, 200403, 200499)),
      unmapped: object(ANY_OBJECT),
    },
  },
  metadata: {
    attributes: {
      correlation_uid: text,
      event_code: text,
      log_name: text,
      log_provider: text,
      loggers: all(object('logger')),
      original_time: text,
      product: required(object('product')),
      profiles: all(text),
      sequence: number,
      tenant_uid: text,
      uid: text,
      version: required(text),
    },
  },
  product: {
    attributes: { name: text, uid: text, url_string: text, vendor_name: text, version: text },
    atLeastOne: ['name', 'uid'],
  },
  logger: { attributes: { log_name: text, name: text, uid: text, version: text }, atLeastOne: ['name', 'uid'] },
  finding_info: {
    attributes: {
      analytic: object('analytic'),
      attacks: all(object('attack')),
      created_time: time,
      data_sources: all(text),
      desc: text,
      first_seen_time: time,
      last_seen_time: time,
      modified_time: time,
      product_uid: text,
      related_events_count: number,
      src_url: text,
      title: text,
      types: all(text),
      uid: required(text),
      uid_alt: text,
    },
  },
  analytic: {
    attributes: {
      algorithm: text,
      category: text,
      desc: text,
      name: text,
      type: text,
      type_id: required(one(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99)),
      uid: text,
      version: text,
    },
    atLeastOne: ['name', 'uid'],
  },
  attack: {
    attributes: { sub_technique: object('technique'), technique: object('technique'), version: text },
    atLeastOne: ['tactic', 'technique', 'sub_technique'],
  },
  technique: { attributes: { name: text, src_url: text, uid: text }, atLeastOne: ['name', 'uid'] },
  resource_details: {
    attributes: {
      hostname: { type: 'hostname_t' },
      ip: { type: 'ip_t' },
      name: text,
      type: text,
      uid: text,
      version: text,
    },
    atLeastOne: ['name', 'uid'],
  },
  evidences: {
    attributes: {
      connection_info: object('network_connection_info'),
      data: { type: 'json_t' },
      dst_endpoint: object('network_endpoint'),
      http_request: object('http_request'),
      ja4_fingerprint_list: all(object('ja4_fingerprint')),
      query: object('dns_query'),
      src_endpoint: object('network_endpoint'),
    },
    atLeastOne: ['connection_info', 'data', 'dst_endpoint', 'query', 'src_endpoint'],
  },
  network_endpoint: {
    attributes: {
      autonomous_system: object('autonomous_system'),
      domain: text,
      hostname: { type: 'hostname_t' },
      interface_name: text,
      intermediate_ips: all({ type: 'ip_t' }),
      ip: { type: 'ip_t' },
      location: object('location'),
      mac: { type: 'mac_t' },
      name: text,
      port: { type: 'port_t' },
      svc_name: text,
      type: text,
      uid: text,
    },
    atLeastOne: ['ip', 'uid', 'name', 'hostname', 'svc_name', 'interface_name', 'domain'],
  },
  autonomous_system: { attributes: { name: text, number }, atLeastOne: ['number', 'name'] },
  location: {
    attributes: { city: text, country: text, postal_code: text, region: text },
    atLeastOne: ['city', 'country', 'postal_code', 'region'],
  },
  network_connection_info: {
    attributes: {
      community_uid: text,
      direction: text,
      direction_id: required(one(0, 1, 2, 3, 99)),
      protocol_name: text,
      protocol_num: number,
      protocol_ver: text,
      protocol_ver_id: one(0, 4, 6, 99),
      uid: text,
    },
  },
  dns_query: { attributes: { class: text, hostname: required({ type: 'hostname_t' }), type: text } },
  http_request: { attributes: { http_method: text, user_agent: text, version: text } },
  ja4_fingerprint: {
    attributes: {
      type: text,
      type_id: required(one(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99)),
      value: required(text),
    },
  },
  observable: {
    // 1 is a host name, 2 an address
    attributes: { name: text, type: text, type_id: required(one(0, 1, 2, 3, 11, 20, 99)), value: text },
  },
}
