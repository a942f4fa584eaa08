/**
 * A rule pack for a vendor that does not exist: the engine must know nothing
 * of any vendor but what a pack says. Addresses are documentation addresses.
 */

import type {
  CertificateIndicator,
  DomainIndicator,
  FingerprintIndicator,
  HostingIndicator,
  NetworkIndicator,
  Pack,
  Rule,
  UserAgentIndicator,
} from '../../src/packs/pack.ts'

const SOURCED = {
  role: 'anything',
  confidence: 'high' as const,
  seen: '2026',
  sources: ['https://acme.example/'],
  use: null,
}

export const ACME: Pack = {
  id: 'acme',
  title: 'Acme Anvils',
  version: '2026.01.02',
  licence: 'CC0-1.0',
  rules: [
    rule('acme-service', {
      indicators: [
        domain('acme.example', { role: 'web shop' }),
        domain('api.acme.example', { role: 'order API' }),
        domain('anvils.cdn.example', { match: 'exact', role: 'file download' }),
        domain('rumoured.example', { role: 'a rumour', confidence: 'low' }),
        network('203.0.113.7/32', { role: 'own server' }),
        network('2001:db8:ac::/48', { role: 'own network' }),
        network('203.0.113.99/32', { role: 'shared front end', shared: true }),
      ],
    }),
    rule('acme-friends', {
      title: 'Friend of Acme contacted',
      category: 'affiliate',
      severity: 'medium',
      indicators: [domain('friends.acme.example', { role: 'a friend' })],
    }),
    rule('acme-hosting', {
      title: 'Network where Acme hosts',
      service: 'Acme hosting',
      category: 'hosting',
      severity: 'info',
      policy: [],
      attack: [],
      indicators: [hosting('CN', 64500, { role: 'where Acme rents' })],
    }),
  ],
}

export function rule(id: string, changes: Partial<Rule> = {}): Rule {
  return {
    id,
    title: 'Acme contacted',
    service: 'Acme',
    category: 'service',
    severity: 'high',
    policy: ['acme-ban'],
    attack: ['T1567'],
    indicators: [],
    strengthens: null,
    needs: null,
    unless: { domains: [], networks: [], clients: [] },
    ...changes,
  }
}

export function domain(value: string, changes: Partial<DomainIndicator> = {}): DomainIndicator {
  return { kind: 'domain', value, match: 'suffix', ...SOURCED, ...changes }
}

export function network(value: string, changes: Partial<NetworkIndicator> = {}): NetworkIndicator {
  return { kind: 'network', value, shared: false, ...SOURCED, ...changes }
}

export function hosting(country: string, asn: number, changes: Partial<HostingIndicator> = {}): HostingIndicator {
  return { kind: 'hosting', value: `${country} AS${asn}`, country, asn, ...SOURCED, ...changes }
}

export function userAgent(value: string, changes: Partial<UserAgentIndicator> = {}): UserAgentIndicator {
  return { kind: 'user_agent', value, ...SOURCED, ...changes }
}

export function fingerprint(value: string, method: 'ja3' | 'ja4'): FingerprintIndicator {
  return { kind: 'fingerprint', value, method, ...SOURCED }
}

export function certificate(value: string, changes: Partial<CertificateIndicator> = {}): CertificateIndicator {
  return { kind: 'certificate', value, match: 'suffix', ...SOURCED, ...changes }
}

/** A pack of these rules alone. */
export function packOf(...rules: Rule[]): Pack {
  return { ...ACME, rules }
}
