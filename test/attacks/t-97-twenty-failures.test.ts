import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Contract, parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { writeBundle, writeRevocations } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { type Asked, FourGates } from '../gates/four-gates.ts'
import {
  at,
  contractText,
  file,
  newChainId,
  type Party,
  parties,
  type Parties,
  party,
  received,
  type Signed,
  signStep,
  source,
  type StepInput,
} from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-97: a gate that lets something through when something is wrong. Twenty failures at four gates: eighty times no. What
// the server would refuse is put into its store behind its back: the gate believes neither the store nor the append.

interface Bend extends Partial<Omit<StepInput, 'name' | 'chain'>> {
  readonly by?: Party
}
type Name = 'source' | 'build' | 'test' | 'deploy'

interface World {
  readonly who: Parties
  readonly contract: Contract
  readonly bytes: Uint8Array
  readonly steps: readonly Signed[]
  readonly artifact: string
  readonly commit: string
}

interface Failure {
  readonly name: string
  /** Code that says why, or several with a bar between; the GitHub App may not even find the artifact. */
  readonly code: string
  readonly bends?: (parts: Parts) => Partial<Record<Name, Bend>>
  readonly chain?: Partial<StepInput['chain']>
  /** Steps that are there; left out: all. */
  readonly there?: readonly Name[]
  readonly artifact?: string
  /** What is done to the server and to what the command line is handed. */
  readonly more?: (world: World) => Promise<Partial<Asked> | void>
  /** Bytes that the store holds of a step in place of its own. */
  readonly stored?: (signed: Signed, name: Name) => Uint8Array
  /** Parties of its own, where it changes something of them. */
  readonly own?: boolean
}

interface Parts {
  readonly who: Parties
  readonly app: ReturnType<typeof file>
  readonly other: ReturnType<typeof file>
  readonly commit: ReturnType<typeof source>
  readonly stranger: Party
  readonly links: Map<Name, string>
}

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
const STRANGER = party('stranger')
const NAMES: readonly Name[] = ['source', 'build', 'test', 'deploy']

const FAILURES: readonly Failure[] = [
  { name: 'nothing was ever recorded', code: 'artifact-unproven|evidence-unavailable', there: [] },
  { name: 'the artifact differs by a byte', code: 'artifact-unproven', artifact: file('x', 'another').digest.sha256 },
  { name: 'the last step is missing', code: 'final-missing', there: ['source', 'build', 'test'] },
  { name: 'a step is missing that others name', code: 'previous-missing', there: ['source', 'build', 'deploy'] },
  {
    name: 'a step was skipped',
    code: 'step-skipped',
    there: ['source', 'build', 'deploy'],
    bends: ({ links, app }) => ({
      deploy: {
        previous: [{ link: links.get('build')!, step: 'build' }],
        materials: [received(app, links.get('build')!)],
      },
    }),
  },
  {
    name: 'somebody signed who may not sign that step',
    code: 'signer-not-allowed',
    bends: ({ who }) => ({ test: { by: who.azure } }),
  },
  { name: 'a stranger signed', code: 'signer-unknown', bends: ({ stranger }) => ({ build: { by: stranger } }) },
  {
    name: 'a material is not what was handed over',
    code: 'material-swapped',
    bends: ({ other, links }) => ({
      test: { materials: [received({ ...other, name: 'dist/app.tgz' }, links.get('build')!)] },
    }),
  },
  {
    name: 'a hand-over has nothing in common',
    code: 'edge-empty',
    bends: () => ({ test: { materials: [] } }),
  },
  {
    name: 'a material came from nowhere',
    code: 'material-unexplained',
    bends: ({ other, app, links }) => ({
      test: { materials: [received(app, links.get('build')!), received(other, null)] },
    }),
  },
  {
    name: 'something was made that nobody expected',
    code: 'product-unexpected',
    bends: ({ app, other }) => ({ build: { subject: [app, other] } }),
  },
  { name: 'a step failed', code: 'step-failed', bends: () => ({ test: { exitCode: 1 } }) },
  { name: 'a step is of another attempt', code: 'attempt-mixed', bends: () => ({ test: { attempt: 2 } }) },
  { name: 'a step is to come', code: 'time-future', bends: () => ({ deploy: { minute: 10_000 } }) },
  { name: 'the run is bound to another contract', code: 'contract-mismatch', chain: { contract: 'a'.repeat(64) } },
  { name: 'the run is bound to none', code: 'contract-missing', chain: { contract: null } },
  { name: 'the run is of another pipeline', code: 'pipeline-mismatch', chain: { pipeline: 'shop/other' } },
  {
    name: 'the bytes that are held were changed',
    code: 'signature-invalid',
    stored: (signed, name) => {
      const { bundle } = signed
      if (name !== 'build') return writeBundle(bundle)
      const payload = utf8(new TextDecoder().decode(bundle.envelope.payload).replace('"linux"', '"linuy"'))
      return writeBundle({ ...bundle, envelope: { ...bundle.envelope, payload } })
    },
  },
  {
    name: 'a key was revoked before',
    code: 'signer-revoked',
    own: true,
    more: async ({ who }) => {
      const { keyId } = who.codebuild.publicKey
      const since = at(-600)
      const body = JSON.stringify({ since })
      expect((await server.request('POST', `/v1/keys/${keyId}/revoke`, { body })).status).toBe(200)
      return { revoked: writeRevocations([{ keyId, since, reason: null }]) }
    },
  },
  {
    name: 'what is held cannot be read',
    code: 'in',
    more: async () => {
      broken = true
      return { file: utf8('{"mediaType":') }
    },
  },
]

let server: TestServer
let gates: FourGates
let shared: Parties
/** While it is, the store has no chains to give. */
let broken = false
let count = 0

beforeAll(async () => {
  server = await openTestServer({
    wrap: (store) =>
      new Proxy(store, {
        get: (target, name) => {
          if (broken && name === 'chain') throw new TypeError('the disk is gone')
          const value: unknown = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      }),
  })
  gates = new FourGates(server)
  shared = parties()
})
afterAll(async () => {
  gates.remove()
  await server.close()
})

/** A run with what is wrong in it, in the store and in a chain file. */
async function make(failure: Omit<Failure, 'name' | 'code'>): Promise<Asked> {
  const who = failure.own === true ? parties() : shared
  // Of a pipeline of its own: a later revision would take the place of the others'.
  const pipeline = failure.own === true ? `shop/own-${++count}` : 'shop/web'
  const bytes = utf8(contractText(who).replace('pipeline: shop/web', `pipeline: ${pipeline}`))
  const contract = parseContract(bytes)
  for (const { name, publicKey } of [who.github, who.codebuild, who.cloudbuild, who.azure]) {
    const own = failure.own === true ? `${name}-own` : name
    await server.store.enrolKey('acme', { name: own, key: publicKey, enrolledAt: at(0), by: 'test', proven: false })
  }
  if ((await server.store.contractByDigest('acme', contract.digest)) === null) {
    expect((await server.request('PUT', `/v1/contracts/${pipeline}`, { body: bytes })).status).toBe(200)
  }
  const id = newChainId()
  const chain = { id, pipeline, contract: contract.digest, ...failure.chain }
  const [commit, app, other] = [
    source(id),
    file('dist/app.tgz', `app of ${id}`),
    file('dist/other.tgz', `other of ${id}`),
  ]
  const links = new Map<Name, string>()
  const bend = (name: Name) => failure.bends?.({ who, app, other, commit, stranger: STRANGER, links })[name] ?? {}
  const by = { source: who.github, build: who.codebuild, test: who.cloudbuild, deploy: who.azure }
  const made: Signed[] = []
  for (const [i, name] of NAMES.entries()) {
    const before = NAMES[i - 1]
    const link = before === undefined ? null : links.get(before)!
    const honest = {
      subject: [name === 'source' ? commit : app],
      previous: link === null ? [] : [{ link, step: before! }],
      materials: link === null ? [] : [received(name === 'build' ? commit : app, link)],
      minute: 2 * i,
    }
    const { by: signer = by[name], ...bent } = bend(name)
    const signed = signStep(signer, { ...honest, ...bent, chain, name })
    links.set(name, signed.link)
    made.push(signed)
  }
  const there = made.filter((_, i) => (failure.there ?? NAMES).includes(NAMES[i]!))
  const stored = (signed: Signed) => {
    const name = NAMES[made.indexOf(signed)]!
    return failure.stored === undefined ? writeBundle(signed.bundle) : failure.stored(signed, name)
  }
  if (there.length > 0) {
    const signers = [...Object.values(who), STRANGER].map(({ name, publicKey }: Party) => ({
      name,
      key: publicKey,
      revokedAt: null,
    }))
    const { appended, head } = await server.store.append(
      there.map((signed) => ({
        tenant: 'acme',
        step: verifyStep(signed.bundle, { signers, countersigners: [] }, nodeCrypto),
        edges: [],
        bundle: stored(signed),
        acceptedAt: at(0),
        late: false,
        idempotency: null,
      })),
    )
    expect(appended.map(({ kind }) => kind)).toEqual(there.map(() => 'accepted'))
    await server.deps.log.publish(head!)
  }
  const world = {
    who,
    contract,
    bytes,
    steps: there,
    artifact: app.digest.sha256,
    commit: sha1(failure.artifact === undefined ? id : 'another'),
  }
  const more = (await failure.more?.(world)) ?? {}
  const lines = Buffer.concat(there.flatMap((signed) => [Buffer.from(stored(signed)), Buffer.from('\n')]))
  return {
    artifact: failure.artifact ?? world.artifact,
    contract: { digest: contract.digest, bytes },
    pipeline: chain.pipeline,
    commit: world.commit,
    lines: null,
    ...(there.length === 0 ? {} : { file: new Uint8Array(lines) }),
    ...more,
  }
}

test('there are twenty', () => expect(FAILURES.length).toBe(20))

test('what is proven is let through by all four: what follows could fail', async () => {
  for (const name of FourGates.NAMES) {
    const { allowed, text } = await gates.ask(name, await make({}))
    expect([name, allowed, text]).toEqual([name, true, text])
  }
  // And with parties of its own.
  for (const name of FourGates.NAMES)
    expect([name, (await gates.ask(name, await make({ own: true }))).allowed]).toEqual([name, true])
})

describe('T-97: twenty failures at four gates', () => {
  let denied = 0

  test.each(FAILURES)('$name', async (failure) => {
    const asked = await make(failure)
    try {
      for (const name of FourGates.NAMES) {
        const { allowed, text } = await gates.ask(name, asked)
        expect([failure.name, name, allowed]).toEqual([failure.name, name, false])
        // Every no says why; the cluster and GitHub are told the first reason alone.
        expect(text.toLowerCase()).toMatch(/[a-z]+-[a-z]+(?:\*\*)?: |"code":"[a-z-]+"|internal/)
        if (name === 'HTTP' || name === 'command line')
          expect([name, text]).toEqual([name, expect.stringMatching(failure.code)])
        denied++
      }
    } finally {
      broken = false
    }
  })

  test('eighty times no', () => expect(denied).toBe(80))
})
