/** GET /metrics: how the sensor is, for Prometheus. The figures are asked for when somebody asks. */

import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { ForwardState } from '../../events/forward.ts'
import type { Vitals } from '../../events/vitals.ts'
import type { Store } from '../../store/store.ts'
import type { Live } from '../live.ts'

/** So long the figures of destinations are those that were read. */
const FORWARD_STATES_MS = 500

export function addMetricsRoute(
  app: FastifyInstance,
  live: Live,
  store: Store,
  vitals: (() => Vitals) | undefined,
): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  pages(registry, live)
  forwarding(registry, store)
  if (vitals) addSensor(registry, vitals)
  app.get('/metrics', { config: { rateLimit: false } }, async (_request, reply) => {
    reply.type(registry.contentType)
    return registry.metrics()
  })
}

function pages(registry: Registry, live: Live): void {
  new Gauge({
    name: 'seekwatch_pages',
    help: 'Dashboards that are open.',
    registers: [registry],
    collect() {
      this.set(live.clients)
    },
  })
}

/** Whichever process forwards: how far it is stands in the database. */
function forwarding(registry: Registry, store: Store): void {
  let known: ForwardState[] = []
  let knownMs = Number.NEGATIVE_INFINITY
  // each figure asks, and what waits is counted
  const states = (): ForwardState[] => {
    if (performance.now() - knownMs > FORWARD_STATES_MS) {
      known = store.outgoing.states()
      knownMs = performance.now()
    }
    return known
  }
  const gauge = (name: string, help: string, value: (state: ForwardState) => number): void => {
    new Gauge({
      name: `seekwatch_forward_${name}`,
      help,
      labelNames: ['destination'],
      registers: [registry],
      collect() {
        this.reset()
        for (const state of states()) this.set({ destination: state.name }, value(state))
      },
    })
  }
  gauge('outstanding', 'Alerts that a SIEM is still to be sent.', ({ outstanding }) => outstanding)
  gauge('failing', '1 while a SIEM takes no alerts.', ({ failing_us }) => Number(failing_us !== null))
  gauge('last_sent_seconds', 'When a SIEM took alerts last, since 1970; 0 before.', ({ sent_us }) =>
    Math.floor((sent_us ?? 0) / 1e6),
  )
  const total = (name: string, help: string, value: (state: ForwardState) => number): void => {
    new Counter({
      name: `seekwatch_forward_${name}_total`,
      help,
      labelNames: ['destination'],
      registers: [registry],
      collect() {
        this.reset()
        for (const state of states()) this.inc({ destination: state.name }, value(state))
      },
    })
  }
  total('sent', 'Messages that a SIEM is taken to have read.', ({ sent }) => sent)
  total('doubtful', 'Of these, the ones that it answered with a close.', ({ doubtful }) => doubtful)
}

function addSensor(registry: Registry, vitals: () => Vitals): void {
  const total = (name: string, help: string, labelNames: string[], fill: (counter: Counter) => void): void => {
    new Counter({
      name: `seekwatch_${name}_total`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        fill(this)
      },
    })
  }
  total('packets', 'Packets read.', ['interface'], (counter) => {
    for (const { name, packets } of vitals().interfaces) counter.inc({ interface: name }, packets)
  })
  total('bytes', 'Bytes of packets, as long as they were on the wire.', ['interface'], (counter) => {
    for (const { name, bytes } of vitals().interfaces) counter.inc({ interface: name }, bytes)
  })
  total('lost_packets', 'Packets lost before they could be read.', ['interface', 'where'], (counter) => {
    for (const { name, lost_kernel, lost_interface } of vitals().interfaces) {
      counter.inc({ interface: name, where: 'kernel' }, lost_kernel)
      counter.inc({ interface: name, where: 'interface' }, lost_interface)
    }
  })
  total('sensor_events', 'Counters of the sensor by their names in the EVE stats event.', ['name'], (counter) => {
    for (const [name, value] of Object.entries(vitals().counters)) counter.inc({ name }, value)
  })
  total('alerts', 'Alerts raised.', [], (counter) => counter.inc(vitals().alerts))
  total('alerts_lost', 'Alerts that could not be stored.', [], (counter) => counter.inc(vitals().alerts_lost))
  total('eve_dropped', 'EVE lines that could not be written.', [], (counter) => counter.inc(vitals().eve_dropped))
  total('gaps', 'Times that something was not captured, dated or stored.', [], (counter) => counter.inc(vitals().gaps))
  total('record_lost', 'Gaps, and hours of coverage of an interface, that could not be stored.', [], (counter) =>
    counter.inc(vitals().record_lost),
  )
  new Gauge({
    name: 'seekwatch_capturing',
    help: '1 while packets of the interface are captured.',
    labelNames: ['interface'],
    registers: [registry],
    collect() {
      for (const { name, capturing } of vitals().interfaces) this.set({ interface: name }, Number(capturing))
    },
  })
  new Gauge({
    name: 'seekwatch_alerts_waiting',
    help: 'Alerts that wait to be stored.',
    registers: [registry],
    collect() {
      this.set(vitals().alerts_waiting)
    },
  })
}
