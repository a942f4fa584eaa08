/** The report in English. */

import type { Figures } from './report.ts'
import type { Texts } from './texts.ts'
import type { Words } from './words.ts'

/** @param w the same language */
export function textsEn(w: Words): Texts {
  const clients = (count: number): string => w.counted(count, 'client', 'clients')
  const contacts = (count: number): string => w.counted(count, 'contact', 'contacts')
  const alerts = (count: number): string => w.counted(count, 'alert', 'alerts')
  const days = (count: number): string => w.counted(count, 'day', 'days')
  const serviceOf = (services: readonly string[]): string => {
    if (services.length === 1) return services[0]!
    return services.length === 0 ? 'a watched service' : `a watched service (${w.list(services)})`
  }
  const contactAnswer = (figures: Figures, service: string): string => {
    const { clients_high: high, clients_standing_for_others: standing, clients_attempt_only: tried } = figures
    const sure =
      high === 0
        ? 'none of the clients with high confidence'
        : high === figures.clients
          ? 'with high confidence'
          : `${clients(high)} of them with high confidence`
    const rest = [
      `Contact with ${service} was seen: ${clients(figures.clients)}, ${contacts(figures.contacts)} on ${days(figures.days)}, ${sure}.`,
      ...(standing > 0
        ? [
            `${clients(standing)} of these ${w.form(standing, 'is a resolver or proxy', 'are resolvers or proxies')}: others stand behind.`,
          ]
        : []),
      ...(tried > 0 ? [`${w.counted(tried, 'more client', 'more clients')} only tried, or asked DNS.`] : []),
    ]
    return rest.join(' ')
  }
  const exemptToo = ({ exempt_alerts, exempt_clients }: Figures): string =>
    exempt_alerts === 0 ? '' : ` Exempt, and not counted here: ${alerts(exempt_alerts)} of ${clients(exempt_clients)}.`
  return {
    title: 'Contacts with watched services',
    period: (from, to, timezone) => `from ${from} until ${to} (excluded), ${timezone}`,
    wholeDatabase: 'the whole database',
    noPeriod: 'the database holds nothing',
    headings: {
      answer: 'Answer',
      days: 'Day by day',
      used: 'Contacts in which the service answered',
      attempted: 'Attempts, and questions to DNS alone',
      apart: 'Not the service itself',
      decisions: 'What was decided',
      exemptions: 'Exemptions in force',
      unseen: 'What could not be seen',
      interfaces: 'Where sensors watched',
      gaps: 'When nothing was captured',
      replays: 'Captures that were read',
      not_decoded: 'Frames that could not be decoded',
      policies: 'Policies',
      method: 'How it was counted, and what that leaves open',
      about: 'About this report',
    },
    answer: ({ finding, sections, services }) => {
      const { figures } = sections.service
      const service = serviceOf(services)
      switch (finding) {
        case 'contact':
          return contactAnswer(figures, service) + exemptToo(figures)
        case 'attempt':
          return `No contact in which ${service} answered was seen; ${clients(figures.clients_attempt_only)} tried, or asked DNS for it.${exemptToo(figures)}`
        case 'exempt':
          return `No contact with ${service} was seen but exempt ones: ${alerts(figures.exempt_alerts)} of ${clients(figures.exempt_clients)}.`
        case 'none':
          return `No contact with ${service} was seen.`
        case 'unknown':
          return 'Nothing can be said: no traffic of this period is on record as looked at.'
      }
    },
    basis: (watched, { runs, files, first_packet, last_packet, seen }) => {
      const named = (all: number, part: number): string =>
        all === 0 ? '' : `, and ${w.share(part, all)} of the TLS and QUIC connections showed a name`
      const lost = watched.seen.lost_kernel + watched.seen.lost_interface
      const said: string[] = []
      if (watched.hours_with_packets > 0)
        said.push(
          `Sensors saw packets in ${w.count(watched.hours_with_packets)} of ${w.counted(watched.hours, 'hour', 'hours')}, on ` +
            `${w.count(watched.days_with_packets)} of ${days(watched.days)}; ` +
            `${lost === 0 ? 'no loss is on record' : `${w.share(lost, watched.seen.packets + lost)} of the packets were lost`}` +
            `${named(watched.seen.tls_flows, watched.seen.tls_named)}.`,
        )
      if (runs > 0)
        said.push(
          `${w.counted(files, 'capture was', 'captures were')} read${
            first_packet === null || last_packet === null
              ? ''
              : `, with packets from ${w.moment(first_packet)} to ${w.moment(last_packet)}`
          }${named(seen.tls_flows, seen.tls_named)}; other traffic of the period is not known.`,
        )
      return said.length > 0 ? said.join(' ') : 'What traffic was looked at is not on record.'
    },
    seeUnseen: 'See what could not be seen.',
    stillReviewing:
      'Alerts are still being gone through for an exemption that was added or ended; figures will change until that is done.',
    usedNote:
      'One row for each client and service. A client is an address: whose it was, the records of the network say. “seekwatch alerts show” and “seekwatch evidence” take the ids of alerts.',
    attemptedNote: 'Refused, blocked, unanswered, or asked of DNS and nothing more. A client may be in both lists.',
    apartNote: 'None of this counts as contact with the service.',
    labels: {
      client: 'Client',
      contacted: 'With',
      contacts: 'Contacts, first, last',
      sent_received: 'Sent, received',
      confidence: 'How sure',
      use: 'Looks like',
      states: 'Alerts',
      what: 'What',
      by_sensors: 'By sensors',
      in_captures: 'In captures',
      means: 'What that means for the answer',
      reason: 'Reason',
      frames: 'Frames',
      time: 'Time',
      who: 'Who',
      via: 'From where',
      decision: 'Decision',
      alerts: 'Alerts',
      note: 'Note',
      exemption: 'Exemption',
      covers: 'Who and what',
      why: 'Why, and by whom',
      until: 'From and until',
      hidden: 'Hidden',
      sensor: 'Sensor',
      interface: 'Interface',
      hours: 'Hours with packets',
      packets: 'Packets',
      lost: 'Lost',
      named: 'With a name',
      gap: 'What',
      from: 'From',
      to: 'Until',
      run: 'Read on',
      files: 'Files',
      program: 'Program',
      made: 'Made',
      database: 'Database',
      timezone: 'Time zone of days and times',
      packs: 'Rule packs now in place',
      packs_of_alerts: 'Rule packs of the alerts',
      sensors: 'Sensors',
    },
    figures: {
      clients: { label: 'clients with contact', note: 'the service answered' },
      standing: { label: 'of them resolvers or proxies', note: 'not the person' },
      attemptOnly: { label: 'more clients that only tried', note: 'or asked DNS' },
      contacts: { label: 'contacts', note: 'without a pause over 30 minutes' },
      days: { label: 'days with contact', note: 'in the time zone of the report' },
      bytes: { label: 'sent to the service', note: 'on the wire' },
      exempt: { label: 'alerts hidden by exemptions', note: 'in no other figure' },
      apart: { label: 'alerts of others', note: 'affiliates, look-alikes, indirect, hosting' },
    },
    categories: {
      service: { title: 'The service itself', note: 'names and addresses that the company runs' },
      affiliate: { title: 'Affiliates', note: 'companies that belong to it; the warning names them, too' },
      lookalike: { title: 'Look-alikes', note: 'somebody else who uses the name' },
      indirect: {
        title: 'Possible indirect use',
        note: 'services that may pass requests on; whether they did cannot be seen',
      },
      hosting: {
        title: 'Hosting networks',
        note: 'in China or Russia, without a visible name; hardly ever about the service',
      },
    },
    confidences: { high: 'high', medium: 'medium', low: 'low' },
    uses: {
      chat: 'a chat',
      file_transfer: 'a transfer of files',
      api: 'a program that calls the API',
      page: 'a page that was read',
      app_start: 'the start of an app',
      telemetry: 'telemetry in the background',
    },
    noUse: 'nothing says',
    roles: { resolver: 'resolver: not the person', proxy: 'proxy: not the person' },
    evidence: {
      tls_sni: 'name in a TLS hello',
      quic_sni: 'name in a QUIC hello',
      http_host: 'host of an HTTP request',
      http_connect: 'target asked of a proxy (CONNECT)',
      socks_target: 'target asked of a proxy (SOCKS)',
      certificate_name: 'name in the certificate',
      dns_question: 'question to DNS',
      dns_answer: 'answer of DNS',
      dns_flow: 'address that DNS had told for the name',
      address: 'address of the service',
      network: 'network of the server',
      user_agent: 'name of the program',
      fingerprint: 'fingerprint of the program',
      telemetry: 'telemetry beside it',
    },
    states: { new: 'put back to new', acknowledged: 'acknowledged', escalated: 'escalated', closed: 'closed' },
    stateCount: (state, count) => `${w.count(count)}\u00a0${state}`,
    surestAlert: (id) => `alert ${id}`,
    contactsOnDays: (count, on) => `${w.count(count)} on ${days(on)}`,
    lossy: (count) => `${alerts(count)} while packets were being lost`,
    none: 'None.',
    noDecisions: 'Nobody has decided on an alert of the period.',
    nothingLooked: 'No traffic is on record as looked at.',
    tooManyDays: 'More than a year, or nothing: there is no drawing of days.',
    leftOut: (count, how) => `${w.counted(count, 'more is', 'more are')} left out here; ${how}`,
    csvHint: '--format csv has every contact, --rows a longer list.',
    allElsewhere: 'the database has them all.',
    clientsAndContacts: ({ clients: with_, clients_attempt_only, contacts: used, attempts, alerts: all }) =>
      `${clients(with_ + clients_attempt_only)}, ${contacts(used)} and ${w.counted(attempts, 'attempt', 'attempts')}, ${alerts(all)}`,
    chart: (most, day) =>
      `Contacts by day; most on ${day}: ${w.count(most)}. Below: in how many hours packets were seen.`,
    chartLegend: { contacts: 'contacts', attempts: 'attempts', hours: 'hours with packets (full: all of the day)' },
    dayTold: (day, used, tried) =>
      `${day}: ${w.count(used)}${tried > 0 ? ` and ${w.counted(tried, 'attempt', 'attempts')}` : ''}`,
    daysTold: (told, more) =>
      `Days with contacts: ${told.join('; ')}${more > 0 ? `; and ${w.counted(more, 'more day', 'more days')}` : ''}.`,
    noDays: 'No day has a contact.',
    kinds: { testing: 'security testing', research: 'research', analysis: 'analysis', 'approved-use': 'approved use' },
    exemptionsNote: (count) =>
      `In the period they hide ${alerts(count)} in all. What is hidden is kept, and counts nowhere else in this report.`,
    madeBy: 'put on record',
    endedEarly: 'ended before its time',
    everyone: 'everyone',
    scope: {
      client: 'client',
      mac: 'hardware address',
      name: 'name',
      rule: 'rule',
      category: 'category',
      indicator: 'entry',
      network: 'servers in',
    },
    hiddenOf: (count, of) => `${alerts(count)} of ${clients(of)}`,
    statesTold: (states) =>
      `Alerts that are not exempt: ${w.count(states.new)} new, ${w.count(states.acknowledged)} acknowledged, ${w.count(states.escalated)} escalated, ${w.count(states.closed)} closed.`,
    unseen: {
      hours_unwatched: {
        what: 'Hours without any record',
        means: 'No sensor is known to have watched. A contact in them is not in this report.',
      },
      hours_silent: {
        what: 'Hours in which no packet came',
        means: 'The sensor was there. The network was silent, or the mirror port gave nothing: look at the switch.',
      },
      blind: {
        what: 'Time without capture',
        means: 'An interface or a whole sensor captured nothing (list below). A contact in it is not in this report.',
      },
      lost_kernel: {
        what: 'Packets lost by the kernel',
        means: 'The machine was too slow. A contact may be missing, or look like an attempt.',
      },
      lost_interface: {
        what: 'Packets lost by the interface',
        means: 'As above; what the switch itself left out of the mirror port is counted nowhere.',
      },
      cut: {
        what: 'Packets cut short by the recorder (snap length)',
        means: 'A name behind the cut was not seen.',
      },
      not_decoded: {
        what: 'Frames that could not be decoded',
        means:
          'By reason below. Much of it is no traffic of users (ARP, routing); encrypted links and unread tunnels may hide contacts.',
      },
      unnamed: {
        what: 'TLS and QUIC connections without a name',
        means:
          'Judged by what DNS had told the client, by the certificate and by the address alone; where none of it helped, a contact is missing.',
      },
      ech: {
        what: 'Connections that hid, or may have hidden, the name (ECH)',
        means: 'Many clients only pretend to. As far as the name was hidden: as above.',
      },
      encrypted_dns: {
        what: 'Connections of encrypted DNS',
        means: 'What these clients asked was not seen, which takes away the second way of finding hidden names.',
      },
      midstream: {
        what: 'Connections whose beginning was not seen',
        means: 'They began before the capture or were mirrored in part; their names passed unseen.',
      },
      flow_table_full: {
        what: 'Packets beyond the most connections that are followed',
        means: 'They were counted and not judged: a flood, or too small a sensor.',
      },
      alerts_lost: {
        what: 'Alerts that could not be stored',
        means: 'Contacts that were seen and are missing in this report.',
      },
      files_failed: {
        what: 'Captures that could not be read to their end',
        means: 'What they held behind that place is not known; the replay said which.',
      },
      runs_unfinished: {
        what: 'Replays without an end on record',
        means: 'They go on, or were cut off: alerts until then are here, figures of what was read are not.',
      },
    },
    of: (all, share) => `${share} of ${all}`,
    unseenNote: 'A report can only say what was seen. This is what was not, as far as it is known.',
    notWatched: 'No sensor watched in this period: hours and gaps are not known.',
    toCome: (hours) =>
      `The period is not over: ${w.counted(hours, 'hour is', 'hours are')} to come, and counted nowhere.`,
    undated: (runs) =>
      `${w.counted(runs, 'replay is', 'replays are')} of an older version and ${w.form(runs, 'does', 'do')} not say when its packets were: it may lie outside of the period.`,
    reasons: {
      unsupported_link: 'kind of link that is not read',
      short_link_header: 'too short for its link',
      not_ip: 'no IP: ARP, spanning tree and the like',
      malformed_ipv4: 'IPv4 that contradicts itself',
      malformed_ipv6: 'IPv6 that contradicts itself',
      ip_fragment: 'piece of a datagram',
      other_transport: 'neither TCP nor UDP: ICMP, routing, IPsec',
      malformed_tcp: 'TCP that contradicts itself',
      malformed_udp: 'UDP that contradicts itself',
      cut_by_snap_length: 'cut within its headers',
      too_deep: 'more tunnels in each other than are followed',
      encrypted: 'encrypted link or tunnel',
      malformed_tunnel: 'tunnel that contradicts itself',
      unsupported_tunnel: 'tunnel that is not read',
      fragment_refused: 'piece of a datagram that no rule allows',
      datagrams_incomplete: 'datagram of which pieces are missing',
    },
    gapKinds: {
      capture: 'nothing was captured',
      clock: 'the clock of the system was set',
      store: 'alerts could not be stored',
      killed: 'the sensor was cut off',
      off: 'the sensor was not running',
    },
    allInterfaces: 'all',
    goesOn: 'goes on',
    unfinished: 'no end on record',
    policyNote: 'Cited by the rule packs, which name their sources. This is no legal advice.',
    policyCited: (count) => `cited by ${alerts(count)} of the period`,
    unknownPolicies: 'Cited by alerts, and in no rule pack that is in place:',
    sources: 'Sources',
    method: [
      'Every figure is counted from the alerts of the database that touch the period, all of one moment. Replaying the same traffic again adds nothing.',
      'A client is an address as it was seen on the wire. Who sat there, and who stood behind it (address translation, a proxy, a resolver), is not in the packets.',
      'A contact is what one client had to do with one service without a pause of more than 30 minutes; of one that reaches out of the period, the alerts that touch the period count.',
      'An attempt is a contact without an answer of the service’s own server: refused, blocked, unanswered, or a question to DNS.',
      'Confidence is high where a name of the service was seen and the server answered, medium where the name came from DNS alone or there was no answer, low where only weaker signs were seen.',
      'What a contact looks like is a guess from names, bytes and rhythm. Content is encrypted and was not read.',
      'Bytes are those on the wire, headers and all. Days are those of the time zone named above; hours of coverage are whole hours in UTC, and count when a part of them lies in the period.',
      'Outside of what is looked for: open models that run locally, without contact to servers of the company.',
      'Security testing, research and analysis are contacts, too: exemptions put them on record, with who, why and until when.',
    ],
  }
}
