import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CodedError } from '@countersign/core'
import { parseLogStatement } from '@countersign/formats'
import { ANCHOR_MEDIA_TYPE, NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseAnchorTrust } from '@countersign/verify/anchors'
import { ledgerAnchor, memoryLedger, verifyLine } from '../../test/anchors/local-file.ts'
import { at, file, newChainId, party, signStep } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'

const DAY = 86_400_000
let server: TestServer
let time: number
let down: boolean
let refuses: boolean
const ledger = memoryLedger()
const other = memoryLedger()

beforeEach(async () => {
  ledger.lines().splice(0)
  other.lines().splice(0)
  ;[time, down, refuses] = [Date.parse(at(60)), false, false]
  const before = () => {
    if (down) throw new CodedError('anchor-unreachable', 'it\u001b[31m does not answer')
    if (refuses) throw new CodedError('anchor-refused', 'it will not have it')
  }
  server = await openTestServer({
    now: () => new Date(time).toISOString(),
    belief: { ...NO_ANCHOR_ROOTS, opentimestamps: { network: 'signet', blocks: [], minimumWork: null } },
    anchors: [
      { anchor: ledgerAnchor({ name: 'rekor', ledger, before }), alarmAfter: DAY },
      { anchor: ledgerAnchor({ name: 'tsa:local', kind: 'rfc3161', ledger: other }), alarmAfter: DAY },
    ],
  })
})
afterEach(() => server.close())

const by = party('build')

async function state(): Promise<number> {
  await server.enrol([by])
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const { bundle } = signStep(by, { chain, name: 'build', subject: [file('a', String(Math.random()))] })
  expect((await server.append(bundle)).status).toBe(201)
  const reply = await server.request('POST', '/v1/statements', { body: '{}' })
  const { number } = parseLogStatement(new Uint8Array(await reply.arrayBuffer()))
  time += 1_000
  return number
}
const drive = (eager = true) => Promise.all(server.deps.anchors.lanes.map((lane) => lane.run(eager)))
const get = async <T>(path: string, given: string | null = token('acme', 'read')) =>
  (await (await server.request('GET', path, { token: given })).json()) as T

interface Listed {
  readonly anchors: readonly Record<string, unknown>[]
  readonly items: readonly { number: number; anchors: readonly Record<string, unknown>[] }[]
  readonly next: string | null
}

it('gives the proof of each statement to anybody, byte by byte, once it is final', async () => {
  await state()
  await drive()
  for (const [name, where] of [
    ['rekor', ledger],
    ['tsa:local', other],
  ] as const) {
    const reply = await server.request('GET', `/statements/0/anchors/${name}`, { token: null })
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, ANCHOR_MEDIA_TYPE])
    expect(reply.headers.get('cache-control')).toContain('immutable')
    const note = parseLogStatement(server.store.statements.note(0)!)
    verifyLine(new Uint8Array(await reply.arrayBuffer()), new TextEncoder().encode(note.note.text), where)
  }
  expect(await get('/statements/0/anchors', null)).toMatchObject({
    items: [
      { anchor: 'rekor', phase: 'final' },
      { anchor: 'tsa:local', phase: 'final' },
    ],
  })
})

it('names whom it believes, as a file that verifiers take', async () => {
  const reply = await server.request('GET', '/v1/anchors/trust')
  const roots = parseAnchorTrust(new Uint8Array(await reply.arrayBuffer()), nodeCrypto)
  expect(roots).toEqual(server.deps.anchorBelief)
  expect(roots.opentimestamps?.network).toBe('signet')
  expect((await server.request('GET', '/v1/anchors/trust', { token: null })).status).toBe(401)
})

it('says what is pending, and gives no proof of it (T-88)', async () => {
  await state()
  down = true
  await drive()
  const reply = await server.request('GET', '/statements/0/anchors/rekor', { token: null })
  expect([reply.status, reply.headers.get('cache-control')]).toEqual([404, null])
  expect(await reply.json()).toMatchObject({ detail: 'statement 0 is pending in rekor: there is no proof yet' })
  expect(await get('/statements/0/anchors', null)).toMatchObject({ items: [{ phase: 'pending' }, { phase: 'final' }] })
  const { items } = await get<Listed>('/v1/anchors')
  expect(items[0]!.anchors[0]).toMatchObject({
    anchor: 'rekor',
    phase: 'pending',
    // What others answered is plain.
    failing: { tries: 1, code: 'anchor-unreachable', what: 'it\ufffd[31m does not answer' },
    dead: null,
    finalAt: null,
  })
  for (const path of ['/statements/7/anchors', '/statements/7/anchors/rekor', '/statements/0/anchors/none']) {
    expect([path, await codeOf(server.request('GET', path, { token: null }))]).toEqual([path, 'not-found'])
  }
  expect(await codeOf(server.request('GET', '/statements/0/anchors/A%20b', { token: null }))).toBe('request-invalid')
})

it('lists anchors with what they cost, and statements page by page', async () => {
  for (let i = 0; i < 3; i++) {
    await state()
    await drive()
  }
  const first = await get<Listed>('/v1/anchors?limit=2')
  expect(first.anchors).toMatchObject([
    {
      anchor: 'rekor',
      kind: 'rekor',
      on: true,
      first: 0,
      last: 2,
      counts: { final: 3, dead: 0 },
      newestFinal: 2,
      gap: null,
      costs: [{ unit: 'line', amount: '3' }],
    },
    { anchor: 'tsa:local', kind: 'rfc3161', costs: [{ unit: 'line', amount: '3' }] },
  ])
  expect(first.items.map(({ number }) => number)).toEqual([2, 1])
  const second = await get<Listed>(`/v1/anchors?limit=2&cursor=${first.next!}`)
  expect([second.items.map(({ number }) => number), second.next]).toEqual([[0], null])
  expect(second.items[0]!.anchors[0]).toMatchObject({ phase: 'final', nextLook: null, costs: [{ amount: '1' }] })
  expect(await get('/v1/anchors/1')).toMatchObject({ number: 1, anchors: [{ phase: 'final' }, { phase: 'final' }] })
  expect(await codeOf(server.request('GET', '/v1/anchors/9'))).toBe('not-found')
  expect(await codeOf(server.request('GET', '/v1/anchors?cursor=x'))).toBe('request-invalid')
})

it('shows a dead letter with reason and way out, and takes it back', async () => {
  await state()
  refuses = true
  await drive()
  expect(await get('/v1/anchors/0')).toMatchObject({
    anchors: [
      { phase: 'pending', nextLook: null, dead: { code: 'anchor-refused', what: 'it will not have it' } },
      { phase: 'final', dead: null },
    ],
  })
  expect(await get('/healthz', null)).toEqual({ status: 'ok', warnings: ['anchor-dead-letter'] })
  const retry = (name: string) => server.request('POST', `/v1/anchors/0/${name}/retry`, { body: '{}' })
  refuses = false
  expect(await (await retry('rekor')).json()).toMatchObject({ number: 0, anchor: 'rekor', dead: null })
  await drive(false)
  expect(await get('/v1/anchors/0')).toMatchObject({ anchors: [{ phase: 'final' }, { phase: 'final' }] })
  expect(await (await retry('rekor')).json()).toMatchObject({ phase: 'final' })
  expect(await codeOf(retry('none'))).toBe('not-found')
  expect(await get('/healthz', null)).toEqual({ status: 'ok' })
})

describe('scopes', () => {
  it('reading is for readers, and what sends something is for administrators', async () => {
    await state()
    const cases = [
      ['GET', '/v1/anchors', ['all', 'read']],
      ['GET', '/v1/anchors/0', ['all', 'read']],
      ['POST', '/v1/anchors/check', ['all']],
      ['POST', '/v1/anchors/drive', ['all']],
      ['POST', '/v1/anchors/0/rekor/retry', ['all']],
    ] as const
    await drive()
    for (const [method, path, allowed] of cases) {
      for (const scope of ['all', 'append', 'read'] as const) {
        const body = method === 'POST' ? { body: '{}' } : {}
        const reply = await server.request(method, path, { token: token('acme', scope), ...body })
        expect([path, scope, reply.ok]).toEqual([path, scope, (allowed as readonly string[]).includes(scope)])
      }
    }
  })
})

it('looks at the anchors where it is asked to, and drives them', async () => {
  await state()
  const looked: boolean[] = []
  server.deps.anchors.drivenBy({ look: (eager) => void looked.push(eager) })
  expect((await server.request('POST', '/v1/anchors/drive', { body: '{}' })).status).toBe(202)
  expect(looked).toEqual([true])
  const reply = await server.request('POST', '/v1/anchors/check', { body: '{}' })
  expect(await reply.json()).toEqual({
    items: [
      {
        anchor: 'rekor',
        kind: 'rekor',
        checks: [{ name: 'reachable', ok: true, found: 'the ledger has 0 lines', code: null }],
      },
      {
        anchor: 'tsa:local',
        kind: 'rfc3161',
        checks: [{ name: 'reachable', ok: true, found: 'the ledger has 0 lines', code: null }],
      },
    ],
  })
})

it('raises the alarm where a statement has no proof after a day, and metrics tell (T-87)', async () => {
  await state()
  down = true
  await drive()
  const gap = async () => /^countersign_anchor_gap\{anchor="rekor"\} (\d)$/m.exec(await metrics())?.[1]
  const metrics = async () => (await server.request('GET', '/metrics', { token: null })).text()
  time += DAY - 10_000
  // Red control: a day has not gone by yet.
  expect([await gap(), await get('/healthz', null)]).toEqual(['0', { status: 'ok' }])
  time += 20_000
  expect(await gap()).toBe('1')
  expect(await get('/healthz', null)).toEqual({ status: 'ok', warnings: ['anchor-gap'] })
  expect((await get<Listed>('/v1/anchors')).anchors[0]).toMatchObject({ gap: { number: 0 }, waiting: { number: 0 } })
  down = false
  await drive()
  expect([await gap(), await get('/healthz', null)]).toEqual(['0', { status: 'ok' }])
  const text = await metrics()
  expect(text).toMatch(/^countersign_anchor_statements\{anchor="rekor",state="final"\} 1$/m)
  expect(text).toMatch(/^countersign_anchor_cost\{anchor="rekor",unit="line"\} 1$/m)
  expect(text).toMatch(/^countersign_anchor_moves_total\{anchor="rekor",outcome="failed"\} 1$/m)
  const { end } = parseLogStatement(server.store.statements.note(0)!)
  expect(text).toContain(`countersign_anchor_end_seconds{anchor="rekor"} ${Date.parse(end) / 1000}\n`)
})
