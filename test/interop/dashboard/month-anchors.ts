import { sha256 } from '../../pipeline.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** Days that the log has stated. */
const HISTORY = 120
/** Hours until each proves a statement, about; and what it costs. */
const ANCHORS = [
  { anchor: 'rekor', kind: 'rekor', hours: 0.02, amount: '1', unit: 'request' },
  { anchor: 'tsa:digicert', kind: 'rfc3161', hours: 0.01, amount: '1', unit: 'request' },
  { anchor: 'ethereum', kind: 'ethereum', hours: 0.3, amount: '2310000000000000', unit: 'wei' },
  { anchor: 'opentimestamps', kind: 'opentimestamps', hours: 2, amount: '2', unit: 'request' },
] as const

const iso = (time: number) => new Date(time).toISOString()
const chance = (of: string, most: number) => Number.parseInt(sha256(of).slice(0, 8), 16) % most

/** What `/statements` and `/v1/anchors` answer on a day: two days were missed, one authority refused, some are on their way. */
export function anchored(today: number): { readonly statements: object; readonly anchors: object } {
  const days = Array.from({ length: HISTORY }, (_, i) => HISTORY - 1 - i).filter((day) => day !== 99 && day !== 100)
  const statements = days.map((day, i) => {
    const end = today - (HISTORY - 1 - day) * DAY
    const missed = day === 101 ? 2 : 0
    return {
      origin: 'log.example.com',
      number: days.length - 1 - i,
      start: iso(end - (1 + missed) * DAY),
      end: iso(end),
      covers: 1 + missed,
      size: 40_000 + day * 310,
      chains: 9000 + day * 60,
      time: iso(end + 900),
    }
  })
  const newest = statements[0]!.number
  const items = statements.map(({ number, end }) => ({
    number,
    anchors: ANCHORS.flatMap((of) => (of.kind === 'ethereum' && number < 40 ? [] : [entry(of, number, newest, end)])),
  }))
  const standings = ANCHORS.map(({ anchor, kind }) => {
    const own = items.flatMap(({ anchors }) => anchors.filter((one) => one.anchor === anchor))
    const [final, dead] = [
      own.filter((one) => one.finalAt !== null).length,
      own.filter((one) => one.dead !== null).length,
    ]
    return {
      anchor,
      kind,
      on: true,
      since: iso(today),
      first: 0,
      last: null,
      counts: { pending: 0, submitted: own.length - final - dead, included: 0, final, dead },
      newestFinal: final,
      provenTo: iso(today),
      waiting: null,
      gap: null,
      costs: [],
    }
  })
  return { statements: { items: statements, next: null }, anchors: { anchors: standings, items, next: null } }
}

function entry(
  { anchor, kind, hours, amount, unit }: (typeof ANCHORS)[number],
  number: number,
  newest: number,
  end: string,
) {
  const dead = kind === 'rfc3161' && number === newest - 34
  const silent = kind === 'opentimestamps' && number === newest - 1
  const open = silent || (number === newest && (kind === 'opentimestamps' || kind === 'ethereum'))
  const took = hours * (1 + chance(`${anchor} ${number}`, 100) / 50)
  return {
    anchor,
    phase: dead || open ? 'submitted' : 'final',
    queuedAt: iso(Date.parse(end) + 1000),
    lookedAt: end,
    nextLook: open ? iso(Date.parse(end) + DAY) : null,
    finalAt: dead || open ? null : iso(Date.parse(end) + took * HOUR),
    failing: silent ? { since: end, tries: 7, code: 'anchor-unreachable', what: 'the calendar answered 503' } : null,
    dead: dead ? { at: end, code: 'anchor-refused', what: 'the authority answered badAlg' } : null,
    costs: [{ unit, amount }],
  }
}
