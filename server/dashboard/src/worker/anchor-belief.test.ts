import { rekorAnchor } from '@countersign/adapters/anchor-rekor'
import { rfc3161Anchor } from '@countersign/adapters/anchor-rfc3161'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseLogStatement, Shape, statementDigests } from '@countersign/formats'
import {
  ANCHOR_TRUST_MEDIA_TYPE,
  type AnchorProof,
  type AnchorRoots,
  anchorRootsJson,
  NO_ANCHOR_ROOTS,
  parseAnchor,
  readOpentimestamps,
} from '@countersign/formats/anchor'
import { parseCertificate } from '@countersign/formats/x509'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalRekor, startLocalRekor } from '../../../../test/anchors/local-rekor.ts'
import { type LocalTsa, startLocalTsa } from '../../../../test/anchors/local-tsa.ts'
import { p256Signer } from '../../../../test/anchors/rekor-kit.ts'
import { at, honestRun, parties as pipelineParties } from '../../../../test/pipeline.ts'
import { openTestServer, type TestServer } from '../../../../test/server.ts'
import { vectors } from '../../../../test/vectors/read.ts'
import { anchorBelief, rootsIn, wordOf } from './anchor-belief.ts'
import type { KeptPin } from './messages.ts'

const who = pipelineParties()
const clock = () => Date.parse(at(60))
let server: TestServer
let [tsa, fake]: LocalTsa[] = []
let rekor: LocalRekor
let text: Uint8Array
const proofs = new Map<string, AnchorProof>()

beforeAll(async () => {
  ;[tsa, fake, rekor] = await Promise.all([
    startLocalTsa({ clock }),
    startLocalTsa({ clock }),
    startLocalRekor({ now: clock }),
  ])
  const byTsa = (name: string, { url, root }: LocalTsa) =>
    rfc3161Anchor({ name, url, pinned: [parseCertificate(root, 'anchor-invalid')], crypto: nodeCrypto })
  const byRekor = rekorAnchor({
    services: [rekor.service],
    signer: p256Signer(),
    trust: rekor.trust,
    crypto: nodeCrypto,
  })
  const all = [byTsa('orchard', tsa!), byTsa('fake', fake!), byRekor]
  server = await openTestServer({ anchors: all.map((anchor) => ({ anchor, alarmAfter: 86_400_000 })) })
  const run = honestRun({ who })
  await server.enrol([who.github])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  expect((await server.append(run.steps[0]!.bundle)).status).toBe(201)
  const reply = await server.request('POST', '/v1/statements', { body: '{}' })
  const statement = parseLogStatement(new Uint8Array(await reply.arrayBuffer()))
  text = utf8(statement.note.text)
  for (let look = 0; look < 3; look++) await Promise.all(server.deps.anchors.lanes.map((lane) => lane.run(true)))
  for (const { name } of all) {
    proofs.set(name, parseAnchor((await server.store.anchors.proof(name, statement.number))!))
  }
})
afterAll(async () => {
  await server.close()
  await Promise.all([tsa!.close(), fake!.close(), rekor.close()])
})

/** A file of anchor trust. */
const fileOf = (roots: Partial<AnchorRoots>) =>
  utf8(
    JSON.stringify({
      mediaType: ANCHOR_TRUST_MEDIA_TYPE,
      anchors: anchorRootsJson({ ...NO_ANCHOR_ROOTS, ...roots }),
    }),
  )
const authority = (name: string, { root }: LocalTsa) => ({ name, certificates: [root], from: null, until: null })
const log = (vkey: string) => ({ vkey, operator: null, from: null, until: null })
const NOBODY = fileOf({})
const look = (named: Partial<AnchorRoots> | null, pins: readonly KeptPin[] = [], known = NOBODY) =>
  anchorBelief({ named: named === null ? null : fileOf(named), pins }, known, portableCrypto)
const word = (name: string, belief: ReturnType<typeof look>) =>
  wordOf(
    proofs.get(name)!,
    { text, digests: statementDigests(new TextDecoder().decode(text), portableCrypto) },
    belief,
    portableCrypto,
  ).word
/** Pins all that is named. */
const pinned = (named: Partial<AnchorRoots>): KeptPin[] =>
  look(named).parties.map(({ pin }) => ({ roots: pin, pinnedAt: at(1) }))
const words = ({ parties }: ReturnType<typeof look>) => parties.map(({ name, word: of }) => [name, of])

describe('a key', () => {
  test('that nobody names, and that the server alone names, counts for nothing', () => {
    expect(word('tsa:orchard', look(null))).toBe(null)
    const named = { rfc3161: [authority('orchard', tsa!)], rekor: [log(rekor.vkey)] }
    expect(words(look(named))).toEqual([
      ['rekor.example', 'named'],
      ['orchard', 'named'],
    ])
    expect([word('tsa:orchard', look(named)), word('rekor', look(named))]).toEqual(['named', 'named'])
    const roots = rootsIn(look(named), [...proofs.values()], portableCrypto)
    expect([roots.rfc3161, roots.rekor]).toEqual([[], []])
  })

  test('that the reader pinned counts, also when the server names it no longer', () => {
    const pins = pinned({ rfc3161: [authority('orchard', tsa!)], rekor: [log(rekor.vkey)] })
    for (const named of [{ rfc3161: [authority('orchard', tsa!)] }, {}, null]) {
      expect([word('tsa:orchard', look(named, pins)), word('rekor', look(named, pins))]).toEqual(['pinned', 'pinned'])
    }
    expect(look(null, pins).parties.map(({ isNamed }) => isNamed)).toEqual([false, false])
  })

  test('that these pages know counts by nobody’s word, whatever the server calls it', () => {
    const known = fileOf({ rekor: [log(rekor.vkey)] })
    expect(word('rekor', look(null, [], known))).toBe('public')
    const named = look({ rekor: [log(rekor.vkey)] }, [], known)
    expect(words(named)).toEqual([['rekor.example', 'public']])
  })
})

describe('a server that names another', () => {
  const honest = () => ({ rfc3161: [authority('orchard', tsa!)] })
  const lie = () => ({ rfc3161: [authority('orchard', fake!)] })

  test('authority than was pinned is found out, and what hangs on its own counts for nothing', () => {
    const pins = pinned(honest())
    const belief = look(lie(), pins)
    expect(words(belief)).toEqual([['orchard', 'changed']])
    expect(belief.parties[0]!.was).toEqual(look(honest()).parties[0]!.fingerprints)
    expect(word('tsa:fake', belief)).toBe(null)
    expect(rootsIn(belief, [...proofs.values()], portableCrypto).rfc3161).toEqual(look(honest(), pins).believed.rfc3161)
    // What the real one has proven still counts.
    expect(word('tsa:orchard', belief)).toBe('pinned')
    // The control: the proof is good, and nothing but the pin stands against it.
    expect(word('tsa:fake', look(lie()))).toBe('named')
    expect(word('tsa:fake', look(lie(), pinned(lie())))).toBe('pinned')
  })

  test('one beside the pinned one, under its name, is found out too', () => {
    const both = { name: 'orchard', certificates: [tsa!.root, fake!.root], from: null, until: null }
    const belief = look({ rfc3161: [both] }, pinned(honest()))
    expect(words(belief)).toEqual([['orchard', 'changed']])
    expect(word('tsa:fake', belief)).toBe(null)
  })

  test('one under another name gains nothing by it', () => {
    const belief = look({ rfc3161: [authority('orchard', tsa!), authority('meadow', fake!)] }, pinned(honest()))
    expect(words(belief)).toEqual([
      ['meadow', 'named'],
      ['orchard', 'pinned'],
    ])
    expect(word('tsa:fake', belief)).toBe('named')
  })

  test('log under the name of one that these pages know', async () => {
    const other = await startLocalRekor({ now: clock })
    const belief = look({ rekor: [log(rekor.vkey)] }, [], fileOf({ rekor: [log(other.vkey)] }))
    await other.close()
    expect(words(belief)).toEqual([['rekor.example', 'changed']])
    expect(word('rekor', belief)).toBe(null)
  })

  test('contract, and other blocks than Bitcoin’s, than was pinned', () => {
    const chain = (contract: string) => ({
      chainId: 1,
      blocks: [],
      senders: [],
      contracts: [`0x${contract.repeat(40)}`],
    })
    const bitcoin = (network: string) => ({ network, blocks: [], minimumWork: null })
    const before = { ethereum: [chain('a')], opentimestamps: bitcoin('mainnet') }
    const after = { ethereum: [chain('b')], opentimestamps: bitcoin('regtest') }
    const pins = pinned(before)
    expect(words(look(before, pins))).toEqual([
      ['eip155:1', 'pinned'],
      ['bitcoin', 'pinned'],
    ])
    expect(words(look(after, pins))).toEqual([
      ['eip155:1', 'changed'],
      ['bitcoin', 'changed'],
    ])
    expect(words(look(after))).toEqual([
      ['eip155:1', 'named'],
      ['bitcoin', 'named'],
    ])
  })
})

describe('blocks of Bitcoin', () => {
  interface Vector {
    readonly anchor: JsonValue
    readonly text: string
  }
  const [, { anchor, text: stated }] = vectors<Vector>('anchor-opentimestamps').find(
    ([name]) => name === 'enough-work',
  )!
  const proof: AnchorProof = readOpentimestamps(new Shape('anchor-invalid', anchor, 'the anchor'))
  const about = { text: utf8(stated), digests: statementDigests(stated, portableCrypto) }
  const bitcoin = (network: string) => ({ opentimestamps: { network, blocks: [], minimumWork: null } })
  /** As if it took no more than the vector's blocks have to forge Bitcoin. */
  const cheap = (belief: ReturnType<typeof look>) => ({
    ...belief,
    known: { ...belief.known, opentimestamps: { network: 'mainnet', blocks: [], minimumWork: 'c' } },
  })
  const wordIn = (belief: ReturnType<typeof look>) => wordOf(proof, about, belief, portableCrypto).word

  test('are the server’s word where they took less than it costs to forge Bitcoin, and nobody’s where they took it', () => {
    for (const named of [null, bitcoin('mainnet')]) {
      expect(wordIn(look(named))).toBe('server')
      expect(wordIn(cheap(look(named)))).toBe('public')
    }
  })

  test('of a chain for trials are the server’s word, whatever they took', () => {
    expect(wordIn(look(bitcoin('regtest')))).toBe('server')
    expect(wordIn(cheap(look(bitcoin('regtest'))))).toBe('server')
  })

  test('count for nothing where the server names another chain than was pinned', () => {
    expect(wordIn(cheap(look(bitcoin('regtest'), pinned(bitcoin('mainnet')))))).toBe(null)
    // The control.
    expect(wordIn(cheap(look(bitcoin('mainnet'), pinned(bitcoin('mainnet')))))).toBe('public')
  })
})

test('one key under two names counts once (T-64)', () => {
  const named = { rfc3161: [authority('orchard', tsa!), authority('twin', tsa!)] }
  const { believed } = look(named, pinned(named))
  expect(believed.rfc3161.map(({ name }) => name)).toHaveLength(1)
})

test('what cannot be read names nobody, and pins nobody', () => {
  const garbage = utf8('{"mediaType":"x"}')
  const pins = [{ roots: '{', pinnedAt: at(1) }, ...pinned({ rfc3161: [authority('orchard', tsa!)] })]
  const belief = anchorBelief({ named: garbage, pins }, NOBODY, portableCrypto)
  expect(belief.parties.map(({ name, word: of, isNamed }) => [name, of, isNamed])).toEqual([
    ['orchard', 'pinned', false],
  ])
})
