/** The report in Czech. */

import type { Figures } from './report.ts'
import type { Texts } from './texts.ts'
import type { Words } from './words.ts'

/** @param w the same language */
export function textsCs(w: Words): Texts {
  const clients = (count: number): string => w.counted(count, 'klient', 'klientů', 'klienti')
  /** Behind „u“. */
  const ofClients = (count: number): string => w.counted(count, 'klienta', 'klientů')
  const contacts = (count: number): string => w.counted(count, 'kontakt', 'kontaktů', 'kontakty')
  const attempts = (count: number): string => w.counted(count, 'pokus', 'pokusů', 'pokusy')
  const alerts = (count: number): string => `${w.count(count)}\u00a0upozornění`
  const days = (count: number): string => w.counted(count, 'den', 'dnů', 'dny')
  /** With „se“ and „by“: the service in the seventh case, and in the first. */
  const withService = (services: readonly string[]): string => {
    if (services.length === 1) return `se službou ${services[0]}`
    return services.length === 0 ? 'se sledovanou službou' : `se sledovanou službou (${w.list(services)})`
  }
  const theService = (services: readonly string[]): string => {
    if (services.length === 1) return `služba ${services[0]}`
    return services.length === 0 ? 'sledovaná služba' : `sledovaná služba (${w.list(services)})`
  }
  const contactAnswer = (figures: Figures, services: readonly string[]): string => {
    const { clients_high: high, clients_standing_for_others: standing, clients_attempt_only: tried } = figures
    const sure =
      high === 0
        ? 'u žádného klienta s vysokou jistotou'
        : high === figures.clients
          ? 's vysokou jistotou'
          : `z toho ${clients(high)} s vysokou jistotou`
    const rest = [
      `Byl zjištěn kontakt ${withService(services)}: ${clients(figures.clients)}, ${contacts(figures.contacts)}, ${days(figures.days)}, ${sure}.`,
      ...(standing > 0
        ? [
            `${w.count(standing)} z těchto klientů ${w.form(standing, 'je překladač DNS nebo proxy server', 'je překladač DNS nebo proxy server', 'jsou překladače DNS nebo proxy servery')}: stojí za ${w.form(standing, 'ním', 'nimi')} někdo další.`,
          ]
        : []),
      ...(tried > 0
        ? [
            `${w.counted(tried, 'další klient se jen pokusil nebo se ptal', 'dalších klientů se jen pokusilo nebo se ptalo', 'další klienti se jen pokusili nebo se ptali')} DNS.`,
          ]
        : []),
    ]
    return rest.join(' ')
  }
  const exemptToo = ({ exempt_alerts, exempt_clients }: Figures): string =>
    exempt_alerts === 0
      ? ''
      : ` Kvůli výjimkám sem není započteno: ${alerts(exempt_alerts)} u ${ofClients(exempt_clients)}.`
  const stateForms: Record<keyof Texts['states'], [one: string, other: string, few: string]> = {
    new: ['nové', 'nových', 'nová'],
    acknowledged: ['vzaté na vědomí', 'vzatých na vědomí', 'vzatá na vědomí'],
    escalated: ['eskalované', 'eskalovaných', 'eskalovaná'],
    closed: ['uzavřené', 'uzavřených', 'uzavřená'],
  }
  const stateCount: Texts['stateCount'] = (state, count) => w.counted(count, ...stateForms[state])
  return {
    title: 'Kontakty se sledovanými službami',
    period: (from, to, timezone) => `od ${from} do ${to} (bez tohoto okamžiku), ${timezone}`,
    wholeDatabase: 'celá databáze',
    noPeriod: 'databáze nic neobsahuje',
    headings: {
      answer: 'Odpověď',
      days: 'Den po dni',
      used: 'Kontakty, při nichž služba odpověděla',
      attempted: 'Pokusy a pouhé dotazy na DNS',
      apart: 'Co není službou samotnou',
      decisions: 'Co bylo rozhodnuto',
      exemptions: 'Platné výjimky',
      unseen: 'Co nebylo vidět',
      interfaces: 'Kde senzory sledovaly provoz',
      gaps: 'Kdy se nic nezachytávalo',
      replays: 'Přečtené záznamy provozu',
      not_decoded: 'Rámce, které nešlo dekódovat',
      policies: 'Varování a předpisy',
      method: 'Jak se počítalo a co tím zůstává otevřené',
      about: 'O této zprávě',
    },
    answer: ({ finding, sections, services }) => {
      const { figures } = sections.service
      const tried = figures.clients_attempt_only
      switch (finding) {
        case 'contact':
          return contactAnswer(figures, services) + exemptToo(figures)
        case 'attempt':
          return `Kontakt, při kterém by ${theService(services)} odpověděla, zjištěn nebyl; ${w.form(tried, 'pokusil', 'pokusilo', 'pokusili')} se o něj nebo se DNS ${w.form(tried, 'ptal', 'ptalo', 'ptali')} ${clients(tried)}.${exemptToo(figures)}`
        case 'exempt':
          return `Nebyl zjištěn jiný kontakt ${withService(services)} než ten, na který se vztahují výjimky: ${alerts(figures.exempt_alerts)} u ${ofClients(figures.exempt_clients)}.`
        case 'none':
          return `Nebyl zjištěn žádný kontakt ${withService(services)}.`
        case 'unknown':
          return 'Nelze nic říci: není zaznamenáno, že by se v tomto období nějaký provoz posuzoval.'
      }
    },
    basis: (watched, { runs, files, first_packet, last_packet, seen }) => {
      const named = (all: number, part: number): string =>
        all === 0 ? '' : `, jméno ukázalo ${w.share(part, all)} spojení TLS a QUIC`
      const lost = watched.seen.lost_kernel + watched.seen.lost_interface
      const said: string[] = []
      if (watched.hours_with_packets > 0)
        said.push(
          `Senzory viděly pakety během ${w.count(watched.hours_with_packets)} z ${w.counted(watched.hours, 'hodiny', 'hodin')}, ` +
            `${w.count(watched.days_with_packets)} z ${w.counted(watched.days, 'dne', 'dnů')}; ` +
            `${lost === 0 ? 'ztráta paketů není zaznamenána' : `ztratilo se ${w.share(lost, watched.seen.packets + lost)} paketů`}` +
            `${named(watched.seen.tls_flows, watched.seen.tls_named)}.`,
        )
      if (runs > 0)
        said.push(
          `${w.form(files, 'Byl přečten', 'Bylo přečteno', 'Byly přečteny')} ${w.counted(files, 'záznam', 'záznamů', 'záznamy')} provozu${
            first_packet === null || last_packet === null
              ? ''
              : ` s pakety od ${w.moment(first_packet)} do ${w.moment(last_packet)}`
          }${named(seen.tls_flows, seen.tls_named)}; o jiném provozu v tomto období se nic neví.`,
        )
      return said.length > 0 ? said.join(' ') : 'Jaký provoz se posuzoval, není zaznamenáno.'
    },
    seeUnseen: 'Co nebylo vidět.',
    stillReviewing:
      'Upozornění se ještě procházejí kvůli přidané nebo ukončené výjimce; do té doby se údaje budou měnit.',
    usedNote:
      'Jeden řádek pro každého klienta a službu. Klient je adresa: čí byla, říkají záznamy o síti. Označení upozornění lze zadat příkazům „seekwatch alerts show“ a „seekwatch evidence“.',
    attemptedNote: 'Odmítnuté, zablokované, bez odpovědi, nebo jen dotaz na DNS. Klient může být v obou seznamech.',
    apartNote: 'Nic z toho se nepočítá jako kontakt se službou.',
    labels: {
      client: 'Klient',
      contacted: 'S kým',
      contacts: 'Kontakty, první, poslední',
      sent_received: 'Odesláno, přijato',
      confidence: 'Jistota',
      use: 'Vypadá jako',
      states: 'Upozornění',
      what: 'Co',
      by_sensors: 'U senzorů',
      in_captures: 'V záznamech',
      means: 'Co to znamená pro odpověď',
      reason: 'Důvod',
      frames: 'Rámce',
      time: 'Čas',
      who: 'Kdo',
      via: 'Odkud',
      decision: 'Rozhodnutí',
      alerts: 'Upozornění',
      note: 'Poznámka',
      exemption: 'Výjimka',
      covers: 'Kdo a co',
      why: 'Proč a kdo za ni odpovídá',
      until: 'Od a do',
      hidden: 'Skryto',
      sensor: 'Senzor',
      interface: 'Rozhraní',
      hours: 'Hodiny s pakety',
      packets: 'Pakety',
      lost: 'Ztraceno',
      named: 'Se jménem',
      gap: 'Co',
      from: 'Od',
      to: 'Do',
      run: 'Přečteno',
      files: 'Soubory',
      program: 'Program',
      made: 'Vytvořeno',
      database: 'Databáze',
      timezone: 'Časové pásmo dnů a časů',
      packs: 'Nyní používané balíky pravidel',
      packs_of_alerts: 'Balíky pravidel těchto upozornění',
      sensors: 'Senzory',
    },
    figures: {
      clients: { label: 'klienti s kontaktem', note: 'služba odpověděla' },
      standing: { label: 'z toho překladače DNS a proxy', note: 'nejsou to sami uživatelé' },
      attemptOnly: { label: 'klienti, kteří se jen pokusili', note: 'nebo se ptali DNS' },
      contacts: { label: 'kontakty', note: 'bez pauzy delší než 30 minut' },
      days: { label: 'dny s kontaktem', note: 'v časovém pásmu zprávy' },
      bytes: { label: 'odesláno službě', note: 'na lince' },
      exempt: { label: 'upozornění skrytá výjimkami', note: 'v žádném jiném údaji nejsou' },
      apart: { label: 'upozornění na jiné', note: 'spřízněné, napodobeniny, nepřímé, hosting' },
    },
    categories: {
      service: { title: 'Služba samotná', note: 'jména a adresy, které společnost provozuje' },
      affiliate: { title: 'Spřízněné společnosti', note: 'patří k téže společnosti; varování zmiňuje i je' },
      lookalike: { title: 'Napodobeniny', note: 'jméno používá někdo jiný' },
      indirect: {
        title: 'Možné nepřímé použití',
        note: 'služby, které mohou požadavky předávat dál; zda se tak stalo, vidět není',
      },
      hosting: {
        title: 'Hostingové sítě',
        note: 'v Číně nebo Rusku, bez viditelného jména; se službou souvisejí málokdy',
      },
    },
    confidences: { high: 'vysoká', medium: 'střední', low: 'nízká' },
    uses: {
      chat: 'konverzace (chat)',
      file_transfer: 'přenos souborů',
      api: 'program, který volá API',
      page: 'čtení stránky',
      app_start: 'spuštění aplikace',
      telemetry: 'telemetrie na pozadí',
    },
    noUse: 'nelze určit',
    roles: { resolver: 'překladač DNS: není to uživatel', proxy: 'proxy: není to uživatel' },
    evidence: {
      tls_sni: 'jméno v TLS hello',
      quic_sni: 'jméno v QUIC hello',
      http_host: 'cíl požadavku HTTP',
      http_connect: 'cíl žádaný po proxy (CONNECT)',
      socks_target: 'cíl žádaný po proxy (SOCKS)',
      certificate_name: 'jméno v certifikátu',
      dns_question: 'dotaz na DNS',
      dns_answer: 'odpověď DNS',
      dns_flow: 'adresa, kterou ke jménu sdělilo DNS',
      address: 'adresa služby',
      network: 'síť serveru',
      user_agent: 'označení programu',
      fingerprint: 'otisk programu',
      telemetry: 'souběžná telemetrie',
    },
    states: {
      new: 'vráceno mezi nová',
      acknowledged: 'vzato na vědomí',
      escalated: 'eskalováno',
      closed: 'uzavřeno',
    },
    stateCount,
    surestAlert: (id) => `upozornění ${id}`,
    contactsOnDays: (count, on) => `${w.count(count)}×, ${days(on)}`,
    lossy: (count) => `${alerts(count)} při ztrátě paketů`,
    none: 'Žádný záznam.',
    noDecisions: 'O upozorněních z tohoto období zatím nikdo nerozhodl.',
    nothingLooked: 'Není zaznamenáno, že by se nějaký provoz posuzoval.',
    tooManyDays: 'Období je delší než rok, nebo prázdné: dny se nekreslí.',
    leftOut: (count, how) =>
      `${w.counted(count, 'řádek je zde vynechán', 'řádků je zde vynecháno', 'řádky jsou zde vynechány')}; ${how}`,
    csvHint: '--format csv obsahuje všechny kontakty, --rows prodlouží seznam.',
    allElsewhere: 'vše je v databázi.',
    clientsAndContacts: ({ clients: used, clients_attempt_only, contacts: count, attempts: tried, alerts: all }) =>
      `${clients(used + clients_attempt_only)}, ${contacts(count)} a ${attempts(tried)}, ${alerts(all)}`,
    chart: (most, day) =>
      `Kontakty podle dnů; nejvíce ${day}: ${w.count(most)}. Dole: v kolika hodinách byly vidět pakety.`,
    chartLegend: { contacts: 'kontakty', attempts: 'pokusy', hours: 'hodiny s pakety (plný sloupec: celý den)' },
    dayTold: (day, used, tried) => `${day}: ${contacts(used)}${tried > 0 ? ` a ${attempts(tried)}` : ''}`,
    daysTold: (told, more) => `Dny s kontakty: ${told.join('; ')}${more > 0 ? `; a ještě ${days(more)}` : ''}.`,
    noDays: 'Kontakt není v žádném dni.',
    kinds: {
      testing: 'bezpečnostní testování',
      research: 'výzkum',
      analysis: 'analýza',
      'approved-use': 'schválené použití',
    },
    exemptionsNote: (count) =>
      `V tomto období skrývají celkem ${alerts(count)}. Co skrývají, zůstává uloženo a jinde v této zprávě se nepočítá.`,
    madeBy: 'zapsal(a)',
    endedEarly: 'předčasně ukončil(a)',
    everyone: 'všichni',
    scope: {
      client: 'klient',
      mac: 'hardwarová adresa',
      name: 'jméno',
      rule: 'pravidlo',
      category: 'kategorie',
      indicator: 'položka',
      network: 'servery v síti',
    },
    hiddenOf: (count, of) => `${alerts(count)} u ${ofClients(of)}`,
    statesTold: (states) =>
      `Upozornění bez výjimek: ${(['new', 'acknowledged', 'escalated', 'closed'] as const).map((state) => stateCount(state, states[state])).join(', ')}.`,
    unseen: {
      hours_unwatched: {
        what: 'Hodiny bez jakéhokoli záznamu',
        means: 'Není známo, že by některý senzor sledoval provoz. Kontakt z této doby v této zprávě není.',
      },
      hours_silent: {
        what: 'Hodiny, v nichž nepřišel žádný paket',
        means: 'Senzor běžel. Buď byla síť tichá, nebo zrcadlený port nic nedával: zkontrolujte přepínač.',
      },
      blind: {
        what: 'Doba bez zachytávání',
        means: 'Rozhraní nebo celý senzor nic nezachytával (seznam níže). Kontakt z této doby v této zprávě není.',
      },
      lost_kernel: {
        what: 'Pakety ztracené jádrem systému',
        means: 'Stroj nestačil. Kontakt může chybět, nebo vypadat jako pouhý pokus.',
      },
      lost_interface: {
        what: 'Pakety ztracené rozhraním',
        means: 'Totéž; co do zrcadleného portu nepustil sám přepínač, se nikde nepočítá.',
      },
      cut: {
        what: 'Pakety zkrácené při záznamu (snap length)',
        means: 'Jméno za místem řezu nebylo vidět.',
      },
      not_decoded: {
        what: 'Rámce, které nešlo dekódovat',
        means:
          'Důvody jsou níže. Velká část není provoz uživatelů (ARP, směrování); šifrované linky a nečtené tunely mohou kontakty skrývat.',
      },
      unnamed: {
        what: 'Spojení TLS a QUIC beze jména',
        means:
          'Posouzena jen podle toho, co klientovi sdělilo DNS, podle certifikátu a podle adresy; kde nic z toho nepomohlo, kontakt chybí.',
      },
      ech: {
        what: 'Spojení, která jméno skryla, nebo skrýt mohla (ECH)',
        means: 'Mnoho klientů to jen předstírá. Pokud bylo jméno skryto, platí totéž.',
      },
      encrypted_dns: {
        what: 'Spojení se šifrovaným DNS',
        means: 'Na co se tito klienti ptali, nebylo vidět; tím odpadá druhá cesta, jak skrytá jména najít.',
      },
      midstream: {
        what: 'Spojení, jejichž začátek nebyl vidět',
        means: 'Začala dříve než záznam, nebo se zrcadlila jen zčásti; jejich jména prošla bez povšimnutí.',
      },
      flow_table_full: {
        what: 'Pakety nad nejvyšší počet sledovaných spojení',
        means: 'Byly spočteny, ale neposouzeny: záplava paketů, nebo příliš malý senzor.',
      },
      alerts_lost: {
        what: 'Upozornění, která nešlo uložit',
        means: 'Kontakty, které byly vidět a v této zprávě chybějí.',
      },
      files_failed: {
        what: 'Záznamy, které nešlo přečíst do konce',
        means: 'Co obsahovaly dál, se neví; které to jsou, vypsalo přehrání.',
      },
      runs_unfinished: {
        what: 'Přehrání bez zaznamenaného konce',
        means: 'Ještě běží, nebo byla přerušena: upozornění do té chvíle zde jsou, údaje o přečteném nikoli.',
      },
    },
    of: (all, share) => `${share} z ${all}`,
    unseenNote: 'Zpráva může říci jen to, co bylo vidět. Zde je, co vidět nebylo, pokud je to známo.',
    notWatched: 'V tomto období žádný senzor provoz nesledoval: hodiny a výpadky nejsou známy.',
    toCome: (hours) =>
      `Období ještě neskončilo: ${w.counted(hours, 'hodina teprve přijde a nikde se nepočítá', 'hodin teprve přijde a nikde se nepočítá', 'hodiny teprve přijdou a nikde se nepočítají')}.`,
    undated: (runs) =>
      `${w.counted(runs, 'přehrání je ze starší verze a neuvádí', 'přehrání je ze starší verze a neuvádí', 'přehrání jsou ze starší verze a neuvádějí')}, z jaké doby jsou pakety: mohou ležet mimo období.`,
    reasons: {
      unsupported_link: 'druh linky, který se nečte',
      short_link_header: 'kratší než hlavička linky',
      not_ip: 'není IP: ARP, spanning tree a podobně',
      malformed_ipv4: 'IPv4, které si odporuje',
      malformed_ipv6: 'IPv6, které si odporuje',
      ip_fragment: 'část datagramu',
      other_transport: 'ani TCP, ani UDP: ICMP, směrování, IPsec',
      malformed_tcp: 'TCP, které si odporuje',
      malformed_udp: 'UDP, které si odporuje',
      cut_by_snap_length: 'useknuto uvnitř hlaviček',
      too_deep: 'více vnořených tunelů, než se sleduje',
      encrypted: 'šifrovaná linka nebo tunel',
      malformed_tunnel: 'tunel, který si odporuje',
      unsupported_tunnel: 'tunel, který se nečte',
      fragment_refused: 'část datagramu, kterou pravidla nedovolují',
      datagrams_incomplete: 'datagram, jehož části chybějí',
    },
    gapKinds: {
      capture: 'nic se nezachytávalo',
      clock: 'byly přestaveny hodiny systému',
      store: 'upozornění nešlo uložit',
      killed: 'senzor byl násilně ukončen',
      off: 'senzor neběžel',
    },
    allInterfaces: 'všechna',
    goesOn: 'trvá',
    unfinished: 'konec není zaznamenán',
    policyNote:
      'Odkazují na ně balíky pravidel, které uvádějí své zdroje. Jejich texty jsou anglicky. Nejde o právní radu.',
    policyCited: (count) =>
      `v tomto období na to ${w.form(count, 'odkazuje', 'odkazuje', 'odkazují')} ${alerts(count)}`,
    unknownPolicies: 'Upozornění odkazují i na tyto, které žádný používaný balík pravidel nemá:',
    sources: 'Zdroje',
    method: [
      'Všechny údaje jsou spočteny z upozornění v databázi, která se dotýkají období, a to k jednomu okamžiku. Opětovné přehrání téhož provozu nic nepřidá.',
      'Klient je adresa, jak byla vidět na lince. Kdo u ní seděl a kdo stál za ní (překlad adres, proxy, překladač DNS), v paketech není.',
      'Kontakt je to, co měl jeden klient s jednou službou bez pauzy delší než 30 minut; z kontaktu, který období přesahuje, se počítají upozornění, která se období dotýkají.',
      'Pokus je kontakt bez odpovědi vlastního serveru služby: odmítnutý, zablokovaný, bez odpovědi, nebo dotaz na DNS.',
      'Jistota je vysoká tam, kde bylo vidět jméno služby a server odpověděl, střední tam, kde jméno pocházelo jen z DNS nebo odpověď chyběla, nízká tam, kde byly jen slabší známky.',
      'Jako co kontakt vypadá, je odhad podle jmen, bajtů a rytmu. Obsah je šifrovaný a nečetl se.',
      'Bajty jsou bajty na lince i s hlavičkami. Dny jsou dny uvedeného časového pásma; hodiny sledování jsou celé hodiny v UTC a počítají se, když jejich část leží v období.',
      'Mimo to, co se hledá: otevřené modely provozované místně, bez spojení se servery společnosti.',
      'Bezpečnostní testování, výzkum a analýza jsou také kontakty: výjimky je evidují s tím, kdo, proč a do kdy.',
    ],
  }
}
