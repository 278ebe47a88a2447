import type { Database, Statement } from 'better-sqlite3'
import type { DeviationProposed, SignInRefused } from '@countersign/client'
import { type Code, CodedError, type ErrorReport, fromUtf8, parseJson } from '@countersign/core'
import { parseAdministrativeAct, parseDeviation, parseDeviationLine } from '@countersign/formats'
import type { EventStore, Fact, Positions, Source, WatchTask } from '../../event-store.ts'
import { failed } from './answers.ts'
import { decisionName } from './decision-writer.ts'
import { type KeyringReader, unseal } from './keyring.ts'
import { remarkFactsOf } from './remarks.ts'
import { identityTag } from './seen.ts'
import { webhookStoreOf } from './webhooks.ts'
import type { Writer } from './writer.ts'

type Method = 'watched' | 'notice' | 'noticeDeviations' | 'noticeLog' | 'toldWebhooks' | 'reviveDeliveries'
export type EventWrite = <M extends Method>(method: M, ...args: Parameters<Writer[M]>) => Promise<ReturnType<Writer[M]>>

interface Asked {
  readonly tenant: string
  readonly from: number
  readonly limit: number
}
type Rows<R> = Statement<[Asked], R>

/** The three kinds of refusal: another content for a place that is taken, what was received is not what was made, and the rest. */
const CONFLICT: readonly Code[] = ['place-taken', 'nonce-reused', 'idempotency-conflict']
const MISMATCH: readonly Code[] = ['material-swapped', 'previous-mismatch', 'digest-conflict']

/** Facts as a reading connection sees them; `write` is for what is found out by looking. */
export function eventStoreOf(db: Database, keyring: KeyringReader, write: EventWrite): EventStore {
  const read = readersOf(db, keyring)
  // Of the tenant's own facts alone: how much others do is nobody's business.
  const ends = db.prepare<[{ tenant: string }], Positions>(
    `SELECT coalesce((SELECT next_index FROM tenants WHERE id = @tenant), 0) AS steps,
       (SELECT coalesce(max(id), 0) + 1 FROM inbox WHERE tenant = @tenant) AS refusals,
       (SELECT coalesce(max(id), 0) + 1 FROM decisions WHERE tenant = @tenant) AS decisions,
       (SELECT coalesce(max(rowid), 0) + 1 FROM contracts WHERE tenant = @tenant) AS contracts,
       (SELECT coalesce(max(leaf), -1) + 1 FROM acts WHERE tenant = @tenant AND kind = 'administration') AS administration,
       (SELECT coalesce(max(leaf), -1) + 1 FROM acts WHERE tenant = @tenant AND kind = 'deviation') AS deviations,
       (SELECT coalesce(max(leaf), -1) + 1 FROM remarks WHERE tenant = @tenant) AS remarks,
       (SELECT coalesce(max(id), 0) + 1 FROM key_events WHERE tenant = @tenant) AS keys,
       (SELECT coalesce(max(tombstone), -1) + 1 FROM erasures WHERE tenant = @tenant) AS erasures,
       (SELECT coalesce(max(id), 0) + 1 FROM notices WHERE tenant = @tenant) AS notices,
       (SELECT coalesce(max(id), 0) + 1 FROM log_notices) AS log`,
  )
  const unwatched = db.prepare<[{ most: number }], WatchTask>(
    `SELECT t.id AS tenant, coalesce(w.attestation, 0) AS "from",
       min(coalesce(w.quiet, 0), coalesce(w.attestation, 0) + @most) AS "to"
     FROM tenants t LEFT JOIN watched w ON w.tenant = t.id
     WHERE w.quiet > w.attestation OR EXISTS (
       SELECT 1 FROM acts a WHERE a.tenant = t.id AND a.kind = 'deviation' AND a.leaf >= coalesce(w.deviation, 0))`,
  )
  const signers = db.prepare<[string, number, number], { pipeline: string; signer: string; index: number }>(
    `SELECT pipeline, signer, min("index") AS "index" FROM attestations
     WHERE tenant = ? AND "index" >= ? AND "index" < ? GROUP BY pipeline, signer ORDER BY min("index")`,
  )
  const seen = db.prepare<[string, string, string], object>(
    'SELECT 1 FROM seen_identities WHERE tenant = ? AND pipeline = ? AND identity = ?',
  )
  const begun = db.prepare<[string], { deviation: number }>('SELECT deviation FROM watched WHERE tenant = ?')
  const admitted = db.prepare<[string, number], { leaf: number; digest: string; about: string; document: Buffer }>(
    `SELECT leaf, digest, about, document FROM acts WHERE tenant = ? AND kind = 'deviation' AND leaf >= ?
     ORDER BY leaf LIMIT 100`,
  )
  return {
    version() {
      try {
        return Number(db.pragma('data_version', { simple: true }))
      } catch {
        // It is asked by timers, which nobody waits for: what is read next says why it cannot be.
        return -1
      }
    },
    after: (tenant, source, from, size, limit) => look(() => read[source]({ tenant, from, limit }, size)),
    ends: (tenant) => look(() => ends.get({ tenant })!),
    unwatched: (most) => look(() => unwatched.all({ most })),
    async watch({ tenant, from, to }) {
      const found = await look(() => {
        const identities = signers.all(tenant, from, to).flatMap(({ pipeline, signer, index }) => {
          const identity = identityTag(keyring.tags, tenant, pipeline, signer)
          return seen.get(tenant, pipeline, identity) === undefined ? [{ pipeline, identity, index }] : []
        })
        const acts = admitted.all(tenant, begun.get(tenant)?.deviation ?? 0)
        const deviations = acts.map(({ digest, about, document }) => {
          const { expiresAt } = parseDeviation(parseDeviationLine(new Uint8Array(document)).payload)
          return { digest, chain: about, expiresAt: new Date(expiresAt).toISOString() }
        })
        return { identities, deviations, deviation: acts.length === 0 ? null : acts.at(-1)!.leaf + 1 }
      })
      await write('watched', { tenant, attestation: to, ...found })
    },
    watchDeviations: (before, at) => write('noticeDeviations', before, at),
    notice: (...args) => write('notice', ...args),
    noticeLog: (notice) => write('noticeLog', notice),
    webhooks: webhookStoreOf(db, keyring, write),
  }
}

type Reader = (asked: Asked, size: number) => readonly Fact[]

function readersOf(db: Database, keyring: KeyringReader): Readonly<Record<Source, Reader>> {
  const trimmed = db.prepare<[string, string], { id: number; at: string }>(
    'SELECT id, at FROM trimmed WHERE tenant = ? AND source = ?',
  )
  /** What was given up before it was told is told as lost. */
  const withLost =
    (source: 'refusals' | 'decisions', reader: Reader): Reader =>
    (asked, size) => {
      const lost = trimmed.get(asked.tenant, source)
      if (lost === undefined || lost.id < asked.from) return reader(asked, size)
      const { id: number, at } = lost
      const first: Fact = { source, number, at, name: 'events.lost', data: { of: source, upTo: number } }
      if (asked.limit === 1) return [first]
      return [first, ...reader({ ...asked, from: number + 1, limit: asked.limit - 1 }, size)]
    }
  const contracts: Rows<ContractRow> = db.prepare(
    `SELECT c.rowid AS number, c.published_at AS at, c.pipeline, c.revision, c.digest, a.leaf, a.signers
     FROM contracts c LEFT JOIN acts a ON a.tenant = c.tenant AND a.kind = 'contract' AND a.digest = c.digest
     WHERE c.tenant = @tenant AND c.rowid >= @from ORDER BY c.rowid LIMIT @limit`,
  )
  const deviations: Rows<DeviationRow> = db.prepare(
    `SELECT leaf AS number, at, digest, document FROM acts
     WHERE tenant = @tenant AND kind = 'deviation' AND leaf >= @from ORDER BY leaf LIMIT @limit`,
  )
  const remarks = remarkFactsOf(db, keyring)
  const administration: Rows<DeviationRow> = db.prepare(
    `SELECT leaf AS number, at, digest, document FROM acts
     WHERE tenant = @tenant AND kind = 'administration' AND leaf >= @from ORDER BY leaf LIMIT @limit`,
  )
  const keys: Rows<KeyRow> = db.prepare(
    `SELECT e.id AS number, e.at, e.kind, e.key_id AS keyId, k.name, e.by, e.as_of AS asOf, e.reason, e.other
     FROM key_events e JOIN keys k ON k.tenant = e.tenant AND k.key_id = e.key_id
     WHERE e.tenant = @tenant AND e.id >= @from ORDER BY e.id LIMIT @limit`,
  )
  const erasures: Rows<ErasureRow> = db.prepare(
    `SELECT tombstone AS number, erased_at AS at, link, chain, pipeline, step, ground FROM erasures
     WHERE tenant = @tenant AND tombstone >= @from ORDER BY tombstone LIMIT @limit`,
  )
  return {
    steps: stepsOf(db),
    refusals: withLost('refusals', refusalsOf(db)),
    decisions: withLost('decisions', decisionsOf(db, keyring)),
    contracts: (asked, size) =>
      before(size, contracts.all(asked), ({ leaf }) => leaf ?? -1).map(({ number, at, leaf, signers, ...rest }) => {
        const signatures = signers === null || signers === '' ? 0 : signers.split(' ').length
        return {
          source: 'contracts',
          number,
          at,
          name: 'contract.published',
          data: { ...rest, index: leaf, signatures },
        }
      }),
    deviations: (asked, size) =>
      before(size, deviations.all(asked), ({ number }) => number).map(({ number, at, digest, document }) => {
        const told = parseDeviation(parseDeviationLine(new Uint8Array(document)).payload)
        const { pipeline, chain, artifact, contract, excuses, reason, expiresAt } = told
        const data = { id: digest, pipeline, chain, artifact, contract, excuses, reason, expiresAt, index: number }
        return { source: 'deviations', number, at, name: 'deviation.admitted', data }
      }),
    remarks,
    administration: (asked, size) =>
      before(size, administration.all(asked), ({ number }) => number).map(({ number, at, document }) => {
        const { act, about, by, detail, number: place } = parseAdministrativeAct(new Uint8Array(document))
        const data = { act, about, by, detail, number: place, index: number }
        return { source: 'administration', number, at, name: 'admin.acted', data }
      }),
    keys: (asked) =>
      keys
        .all(asked)
        .map(({ number, at, kind, ...data }) => ({ source: 'keys', number, at, name: `key.${kind}` as const, data })),
    erasures: (asked, size) =>
      before(size, erasures.all(asked), ({ number }) => number).map(({ number, at, ...rest }) => ({
        source: 'erasures',
        number,
        at,
        name: 'erased',
        data: { ...rest, index: number },
      })),
    notices: noticesOf(db),
    log: logNoticesOf(db),
  }
}

/** Up to the first that no checkpoint covers: what is behind it must not be told before it. */
function before<R>(size: number, rows: readonly R[], leafOf: (row: R) => number): readonly R[] {
  const end = rows.findIndex((row) => leafOf(row) >= size)
  return end < 0 ? rows : rows.slice(0, end)
}

function stepsOf(db: Database): Reader {
  const steps: Rows<StepRow> = db.prepare(
    `SELECT "index", leaf, link, chain, pipeline, step, attempt, matrix, accepted_at AS at, late,
       signer, system, succeeded, finished_at AS finishedAt, subjects, NULL AS erasedAt
     FROM attestations WHERE tenant = @tenant AND "index" >= @from
     UNION ALL
     SELECT "index", leaf, link, chain, pipeline, step, attempt, matrix, accepted_at, late,
       NULL, NULL, NULL, NULL, NULL, erased_at
     FROM erasures WHERE tenant = @tenant AND "index" >= @from
     ORDER BY 1 LIMIT @limit`,
  )
  return (asked, size) =>
    before(size, steps.all(asked), ({ leaf }) => leaf ?? -1).map(({ at, late, succeeded, ...row }) => {
      const { leaf: _, ...rest } = row
      const data = { ...rest, late: late === 1, succeeded: succeeded === null ? null : succeeded === 1 }
      return { source: 'steps', number: rest.index, at, name: 'step.accepted', data }
    })
}

function refusalsOf(db: Database): Reader {
  const refusals: Rows<RefusalRow> = db.prepare(
    `SELECT id AS number, at, report, findings, link, chain, step FROM inbox
     WHERE tenant = @tenant AND id >= @from ORDER BY id LIMIT @limit`,
  )
  return (asked) =>
    refusals.all(asked).map(({ number, at, report, findings, ...rest }) => {
      const { code, what, fix } = JSON.parse(report) as ErrorReport
      const codes = [code, ...(JSON.parse(findings) as ErrorReport[]).map((one) => one.code)]
      const has = (some: readonly Code[]) => codes.some((one) => some.includes(one))
      const name = has(CONFLICT) ? 'conflict' : has(MISMATCH) ? 'mismatch' : 'step.refused'
      return { source: 'refusals', number, at, name, data: { id: number, code, what, fix, ...rest } }
    })
}

function decisionsOf(db: Database, keyring: KeyringReader): Reader {
  const decisions: Rows<DecisionRow> = db.prepare(
    `SELECT id AS number, at, decision, code, pipeline, contract, environment, by, requester, sealed, key FROM decisions
     WHERE tenant = @tenant AND id >= @from ORDER BY id LIMIT @limit`,
  )
  return (asked) =>
    decisions.all(asked).map(({ number, at, sealed, key, ...rest }) => {
      const own = key === null ? null : keyring.get(key)
      const place = own === null ? null : { tenant: asked.tenant, name: decisionName(own.id) }
      const opened =
        own === null || place === null || sealed === null
          ? { artifact: null, what: null }
          : (JSON.parse(fromUtf8(unseal(own, place, sealed))) as { artifact: string; what: string | null })
      return { source: 'decisions', number, at, name: 'gate.decided', data: { id: number, ...rest, ...opened } }
    })
}

function noticesOf(db: Database): Reader {
  const notices: Rows<NoticeRow> = db.prepare(
    `SELECT id AS number, at, kind, about, facts FROM notices
     WHERE tenant = @tenant AND id >= @from ORDER BY id LIMIT @limit`,
  )
  const first = db.prepare<[string, number], SignerRow>(
    'SELECT pipeline, signer, system, link, chain, leaf FROM attestations WHERE tenant = ? AND "index" = ?',
  )
  const NOBODY: SignerRow = { pipeline: null, signer: null, system: null, link: null, chain: null, leaf: null }
  return (asked, size) => {
    const rows = notices.all(asked).map((row) => ({
      ...row,
      // What it says is read where it is, and gone where that was erased.
      own: row.kind === 'identity.first-seen' ? (first.get(asked.tenant, Number(row.about)) ?? NOBODY) : NOBODY,
    }))
    return before(size, rows, ({ own }) => own.leaf ?? -1).map(({ number, at, kind, about, facts, own }): Fact => {
      const told = parseJson(facts)
      const common = { source: 'notices', number, at } as const
      if (kind === 'identity.first-seen') {
        const { newPipeline } = told as { newPipeline: boolean }
        const { leaf: _, ...data } = own
        return { ...common, name: kind, data: { ...data, index: Number(about), newPipeline } }
      }
      if (kind === 'deviation.expiring') {
        const { chain, expiresAt } = told as { chain: string; expiresAt: string }
        return { ...common, name: kind, data: { id: about, chain, expiresAt } }
      }
      if (kind === 'deviation.proposed')
        return { ...common, name: kind, data: { ...(told as unknown as DeviationProposed), id: about } }
      if (kind === 'sign-in.refused') return { ...common, name: kind, data: told as unknown as SignInRefused }
      const { webhook, what } = told as { webhook: string; what: string | null }
      return { ...common, name: 'webhook.disabled', data: { webhook, what } }
    })
  }
}

function logNoticesOf(db: Database): Reader {
  const notices = db.prepare<[number, number], NoticeRow>(
    'SELECT id AS number, at, kind, about, facts FROM log_notices WHERE id >= ? ORDER BY id LIMIT ?',
  )
  return ({ from, limit }) =>
    notices.all(from, limit).map(({ number, at, kind, facts }) => {
      // As it was written.
      const data: unknown = parseJson(facts)
      return { source: 'log', number, at, name: kind, data } as Fact
    })
}

interface StepRow {
  readonly index: number
  readonly leaf: number | null
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly attempt: number
  readonly matrix: string | null
  readonly at: string
  readonly late: number
  readonly signer: string | null
  readonly system: string | null
  readonly succeeded: number | null
  readonly finishedAt: string | null
  readonly subjects: number | null
  readonly erasedAt: string | null
}

interface RefusalRow {
  readonly number: number
  readonly at: string
  readonly report: string
  readonly findings: string
  readonly link: string | null
  readonly chain: string | null
  readonly step: string | null
}

interface DecisionRow {
  readonly number: number
  readonly at: string
  readonly decision: string
  readonly code: string | null
  readonly pipeline: string | null
  readonly contract: string | null
  readonly environment: string | null
  readonly by: string
  readonly requester: string | null
  readonly sealed: Buffer | null
  readonly key: number | null
}

interface ContractRow {
  readonly number: number
  readonly at: string
  readonly pipeline: string
  readonly revision: number
  readonly digest: string
  readonly leaf: number | null
  readonly signers: string | null
}

interface DeviationRow {
  readonly number: number
  readonly at: string
  readonly digest: string
  readonly document: Buffer
}

interface KeyRow {
  readonly number: number
  readonly at: string
  readonly kind: 'enrolled' | 'rotated' | 'revoked'
  readonly keyId: string
  readonly name: string
  readonly by: string
  readonly asOf: string | null
  readonly reason: string | null
  readonly other: string | null
}

interface ErasureRow {
  readonly number: number
  readonly at: string
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly ground: string
}

interface NoticeRow {
  readonly number: number
  readonly at: string
  readonly kind: string
  readonly about: string
  readonly facts: string
}

interface SignerRow {
  readonly pipeline: string | null
  readonly signer: string | null
  readonly system: string | null
  readonly link: string | null
  readonly chain: string | null
  readonly leaf: number | null
}

async function look<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    return failed(cause)
  }
}
