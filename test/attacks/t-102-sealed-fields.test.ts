import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { base64, canonicalJson, fromHex, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  type ChainLine,
  type Disclosed,
  type Disclosure,
  isSealed,
  parseChainFile,
  parseStep,
  sealableFields,
  type SealedField,
  sealValue,
  type StepPredicate,
  withFields,
  writeBundle,
  writeChainFile,
  writeStep,
} from '@countersign/formats'
import { judge, namedKeys, readChain } from '@countersign/verify'
import {
  at,
  countersign,
  file,
  linkOf,
  newChainId,
  party,
  seal,
  type Signed,
  statement,
  type StepInput,
} from '../pipeline.ts'
import { codeOf, openTestServer } from '../server.ts'

/** What the arguments can have been: everybody whose letter it can be. */
const NAMES = Array.from({ length: 200 }, (_, i) => `person-${i}`)
const SECRET = NAMES[117]!
const argvOf = (name: string) => ['write-letter', '--to', name]

const by = party('ci')
const mallory = party('mallory')
const log = party('log', 'ed25519')
const chain = { id: newChainId(), pipeline: 'hr/letters', contract: null }
const trust = { signers: namedKeys(new Map([by, mallory].map((p) => [p.name, p.publicKey]))), countersigners: [] }

/** How a recorder commits to a value; another one than ours for the red controls. */
type Commit = (salt: Uint8Array, predicate: StepPredicate, field: SealedField, value: JsonValue) => { sealed: string }

const ours: Commit = (salt, predicate, field, value) =>
  sealValue(salt, predicate, field, value as never, portableCrypto)

interface SealedStep extends Signed {
  readonly disclosures: readonly Disclosure[]
}

function sealedStep(commit: Commit = ours, more: Partial<StepInput> = {}): SealedStep {
  const step = statement({ chain, name: 'write', subject: [file('number', newChainId())], ...more })
  const told: Disclosed[] = [
    { field: 'argv', salt: new Uint8Array(randomBytes(32)), value: argvOf(SECRET) },
    { field: 'environment', salt: new Uint8Array(randomBytes(32)), value: { CI: 'true' } },
  ]
  const fields = told.map(({ field, salt, value }) => [field, commit(salt, step.predicate, field, value as JsonValue)])
  return signed(by, { ...step, predicate: withFields(step.predicate, Object.fromEntries(fields)) }, told)
}

function signed(who: typeof by, whole: Signed['statement'], told: readonly Disclosed[]): SealedStep {
  const bundle = seal(who, writeStep(whole))
  const link = linkOf(bundle)
  return { bundle, link, statement: whole, disclosures: told.map((one): Disclosure => ({ ...one, link })) }
}

/** Everything that somebody with this chain file can try. Each way gives what it finds, and null where it cannot tell. */
function guessed(bytes: Uint8Array): Record<string, string | null> {
  const lines = parseChainFile(bytes)
  const payloads = lines.flatMap((line) => ('envelope' in line ? [line.envelope.payload] : []))
  const { predicate } = parseStep(payloads[0]!)
  const { sealed } = predicate.invocation.argv as { sealed: string }
  const first = (is: (name: string) => boolean) => NAMES.find(is) ?? null
  const { name, attempt, matrix, nonce } = predicate.step
  const spellings = (person: string): Uint8Array[] => {
    const value = argvOf(person)
    const place: JsonValue[] = [predicate.chain.id, name, attempt, matrix, nonce, 'argv']
    const values: JsonValue[] = [
      value,
      ['argv', value],
      [nonce, 'argv', value],
      [...place, value],
      [...place, ...value],
    ]
    return [...values.map(canonicalJson), utf8(value.join(' ')), utf8(person)]
  }
  const spelt = new Map(NAMES.map((person) => [person, spellings(person)]))
  // What a lazy recorder would key it with: nothing, or what anybody reads.
  const keys = [new Uint8Array(32), fromHex(nonce), utf8(nonce), fromHex(predicate.chain.id), utf8(predicate.chain.id)]
  for (const line of lines) {
    if ('envelope' in line) keys.push(fromHex(linkOf(line)), line.envelope.signature)
    if ('opening' in line) keys.push(line.opening.salt, line.opening.blind)
  }
  const others = lines.flatMap((line) => ('salt' in line ? [line.salt] : []))
  const texts = [bytes, ...payloads].map((text) => Buffer.from(text))
  const holds = (needle: string) => texts.some((text) => text.includes(`"${needle}"`))
  const hmac = (key: Uint8Array, text: Uint8Array) => createHmac('sha256', key).update(text).digest('hex')
  return {
    'by its text': first(holds),
    'by a digest of it': first((one) =>
      spelt.get(one)!.some((text) => createHash('sha256').update(text).digest('hex') === sealed),
    ),
    'under a key that anybody has': first((one) =>
      spelt.get(one)!.some((text) => keys.some((key) => hmac(key, text) === sealed)),
    ),
    'under a salt that was told': first((one) =>
      spelt.get(one)!.some((text) => others.some((key) => hmac(key, text) === sealed)),
    ),
  }
}

const NOTHING = {
  'by its text': null,
  'by a digest of it': null,
  'under a key that anybody has': null,
  'under a salt that was told': null,
}

describe('T-102: an argument of few possibilities that is sealed', () => {
  const step = sealedStep()
  const [argv, environment] = step.disclosures as [Disclosure, Disclosure]
  const shown: ChainLine[] = [step.bundle, countersign(log, step, 3)]

  test('cannot be guessed from the chain, its receipt, and what opens another field of the same step', () => {
    expect(guessed(writeChainFile(shown))).toEqual(NOTHING)
    expect(guessed(writeChainFile([...shown, environment]))).toEqual(NOTHING)
  })

  test('red control: with its salt, it is found', () => {
    // As if the salt alone had slipped out: what it opens says another name.
    const salt = { ...argv, value: argvOf('nobody') } as Disclosure
    expect(guessed(writeChainFile([...shown, salt]))).toEqual({ ...NOTHING, 'under a salt that was told': SECRET })
    expect(guessed(writeChainFile([...shown, argv]))['by its text']).toBe(SECRET)
  })

  test.each<[string, keyof typeof NOTHING, Commit]>([
    [
      'no key',
      'by a digest of it',
      (_salt, { step: ref }, field, value) => ({
        sealed: createHash('sha256')
          .update(canonicalJson([ref.nonce, field, value]))
          .digest('hex'),
      }),
    ],
    [
      'the nonce for a key',
      'under a key that anybody has',
      (_salt, { step: ref }, _field, value) => ({
        sealed: createHmac('sha256', fromHex(ref.nonce)).update(canonicalJson(value)).digest('hex'),
      }),
    ],
  ])('red control: with %s, it would be found', (_, way, commit) => {
    const weak = sealedStep(commit)
    expect(guessed(writeChainFile([weak.bundle]))).toEqual({ ...NOTHING, [way]: SECRET })
  })

  test('tells its length to nobody: short and long are sealed alike', () => {
    const of = (name: string) => {
      const { predicate } = step.statement
      const { sealed } = sealValue(new Uint8Array(randomBytes(32)), predicate, 'argv', argvOf(name), portableCrypto)
      return writeStep({ ...step.statement, predicate: withFields(predicate, { argv: { sealed } }) }).length
    }
    expect(of('x'.repeat(10_000))).toBe(of('x'))
  })
})

describe('T-102: a disclosure that was moved', () => {
  const step = sealedStep()
  const [argv] = step.disclosures as [Disclosure, Disclosure]

  /** Which fields a verifier takes as told, and what it refused. */
  function read(lines: readonly ChainLine[]) {
    const { disclosed, refused } = readChain(lines, trust, portableCrypto)
    const told = [...disclosed].flatMap(([link, fields]) => [...fields.keys()].map((field) => [link, field]))
    return { told, refused: refused.map(({ report }) => report.code) }
  }
  const REFUSED = { told: [], refused: ['disclosure-mismatch'] }
  const told = (link: string, field: SealedField) => ({ told: [[link, field]], refused: [] })

  /** Mallory's own step, in which the commitment of another stands in a field that Mallory chose. */
  function copied(from: SealedStep, to: SealedField, place: (predicate: StepPredicate) => Partial<StepPredicate>) {
    const { predicate } = from.statement
    const commitment = sealableFields(predicate).argv!
    expect(isSealed(commitment)).toBe(true)
    const bare = withFields(predicate, { argv: ['make'], environment: {} })
    const whole = { ...bare, ...place(predicate) }
    return signed(mallory, { ...from.statement, predicate: withFields(whole, { [to]: commitment }) }, [])
  }
  const moves: readonly [string, (predicate: StepPredicate) => Partial<StepPredicate>][] = [
    ['another step of the chain', ({ step: ref }) => ({ step: { ...ref, name: 'publish' } })],
    ['another attempt', ({ step: ref }) => ({ step: { ...ref, attempt: 2 } })],
    ['another job of a matrix', ({ step: ref }) => ({ step: { ...ref, matrix: 'linux' } })],
    ['another recording of the same step', ({ step: ref }) => ({ step: { ...ref, nonce: newChainId() } })],
    ['another chain', ({ chain: own }) => ({ chain: { ...own, id: newChainId() } })],
  ]

  test('positive control: where it belongs it is taken', () => {
    expect(read([step.bundle, argv])).toEqual(told(step.link, 'argv'))
  })

  test.each(moves)('to %s that copied the commitment: refused', (_, place) => {
    const thief = copied(step, 'argv', place)
    expect(read([thief.bundle, { ...argv, link: thief.link }])).toEqual(REFUSED)
    // And beside the right one it takes nothing from it.
    expect(read([step.bundle, thief.bundle, argv, { ...argv, link: thief.link }])).toEqual({
      ...told(step.link, 'argv'),
      refused: ['disclosure-mismatch'],
    })
  })

  test.each(moves)('red control: without the place in the commitment, %s would have it opened', (_, place) => {
    const naive: Commit = (salt, _predicate, field, value) => ({
      sealed: createHmac('sha256', salt)
        .update(canonicalJson([field, value]))
        .digest('hex'),
    })
    const victim = sealedStep(naive)
    const thief = copied(victim, 'argv', place)
    const { salt, field, value } = victim.disclosures[0]!
    const { sealed } = sealableFields(thief.statement.predicate).argv as { sealed: string }
    expect(naive(salt, thief.statement.predicate, field, value as JsonValue).sealed).toBe(sealed)
  })

  test('known limit: into a fork of the same recording, which is found as that', () => {
    const fork = copied(step, 'argv', () => ({ previous: [] }))
    const lines = [step.bundle, fork.bundle, { ...argv, link: fork.link }]
    expect(read(lines)).toEqual(told(fork.link, 'argv'))
    const { digest } = step.statement.subject[0]!
    const verdict = judge({
      artifact: digest.sha256,
      chain: readChain(lines, trust, portableCrypto),
      contract: null,
      now: at(60),
    })
    expect(verdict.verdict).toBe('fail')
    expect(verdict.findings.map(({ code }) => code)).toContain('place-taken')
  })

  test('to another field: refused, also where the value would fit there', () => {
    const twin = { CI: 'true' }
    const own = sealedStep()
    const { predicate } = own.statement
    const environment = own.disclosures[1]!
    const thief = signed(
      mallory,
      {
        ...own.statement,
        predicate: withFields(predicate, {
          argv: ['make'],
          environment: {},
          tools: predicate.invocation.environment as never,
        }),
      },
      [],
    )
    expect(environment.value).toEqual(twin)
    expect(read([thief.bundle, { link: thief.link, field: 'tools', salt: environment.salt, value: twin }])).toEqual(
      REFUSED,
    )
    expect(read([own.bundle, environment])).toEqual(told(own.link, 'environment'))
  })

  test('with another value or salt, or to a field that is not sealed: refused', () => {
    expect(read([step.bundle, { ...argv, value: argvOf(NAMES[0]!) } as Disclosure])).toEqual(REFUSED)
    expect(read([step.bundle, { ...argv, salt: new Uint8Array(32) }])).toEqual(REFUSED)
    expect(read([step.bundle, { ...argv, field: 'directory', value: '.' }])).toEqual(REFUSED)
  })
})

describe('T-102: a server', () => {
  test('has no use for a disclosure: it refuses one, and what it keeps of the step tells nothing', async () => {
    const server = await openTestServer()
    try {
      await server.enrol([by])
      const step = sealedStep()
      const [argv] = step.disclosures as [Disclosure, Disclosure]
      const post = (body: Uint8Array) => server.request('POST', '/v1/attestations', { body })
      const line = writeChainFile([argv])
      // Alone, with its line end, and behind the bundle that it is about.
      const both = writeChainFile([step.bundle, argv])
      expect(await codeOf(post(line.subarray(0, -1)))).toBe('bundle-invalid')
      expect(await codeOf(post(line))).toBe('bundle-invalid')
      expect(await codeOf(post(both))).toBe('json-invalid')
      // Positive control: the bundle alone is taken.
      expect((await post(writeBundle(step.bundle))).status).toBe(201)
      const reply = await server.request('GET', `/v1/chains/${chain.id}`)
      const text = new Uint8Array(await reply.arrayBuffer())
      expect(guessed(text)).toEqual(NOTHING)
      // Nor is it in what was refused, nor anywhere else on its disk.
      for (const name of readdirSync(dirname(server.file))) {
        const path = join(dirname(server.file), name)
        if (!statSync(path).isFile()) continue
        const bytes = readFileSync(path)
        expect([name, bytes.includes(SECRET), bytes.includes(base64(argv.salt))]).toEqual([name, false, false])
      }
      // Positive control: what else is refused is kept there, as it was sent.
      expect(await codeOf(post(utf8(`{"no":"${SECRET}"}`)))).toBe('bundle-invalid')
      const kept = (await (await server.request('GET', '/v1/inbox')).json()) as { items: { id: number }[] }
      const whole = await Promise.all(
        kept.items.map(async ({ id }) => (await server.request('GET', `/v1/inbox/${id}/body`)).text()),
      )
      expect(whole.filter((text) => text.includes(SECRET)).length).toBe(1)
    } finally {
      await server.close()
    }
  })
})
