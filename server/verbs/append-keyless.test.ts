import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { hex, type JsonValue } from '@countersign/core'
import { type ChainLine, parseChainFile, readBundle, readReceipt } from '@countersign/formats'
import { parseCertificate } from '@countersign/formats/x509'
import { judge, logKeys, readChain, trustOf } from '@countersign/verify'
import { afterEach, describe, expect, it } from 'vitest'
import { LocalAuthority } from '../../test/identity/local-ca.ts'
import {
  CA,
  claimsOf,
  keylessContract,
  keylessRun,
  type KeylessOptions,
  sealUnder,
  issued,
  WORKFLOWS,
  sigstoreRoot,
  workflow,
} from '../../test/keyless.ts'
import { at, party, seal } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../../test/server.ts'
import { VerifiedCache } from './verified-cache.ts'
import { type PublicSigstoreSource, vouchingOf } from './vouching.ts'

let server: TestServer
afterEach(() => server.close())

/** Serial numbers that the authority issued, by tenant. */
const ISSUED = new Map<string, Set<string>>()
const serialOf = (der: Uint8Array) => parseCertificate(der, 'certificate-invalid').serial

/** A server whose clock stands at a minute of the run, and whose authority is the local one. */
async function open(clock: { minute: number }, options: { own?: boolean; issuedFor?: string } = {}): Promise<void> {
  const own = {
    authorities: () => [CA.trusted],
    hasIssued: async (tenant: string, serial: string) =>
      ISSUED.get(tenant)?.has(serial) ?? tenant === (options.issuedFor ?? 'acme'),
  }
  server = await openTestServer({
    tenants: ['acme', 'globex'],
    now: () => at(clock.minute),
    vouching: (log) => vouchingOf(options.own === false ? null : own, [], () => logKeys(log.keys)),
  })
}

/** Sends the steps, each in its minute. */
async function send(run: ReturnType<typeof keylessRun>, clock: { minute: number }, tenant = 'acme') {
  const replies: (string | number)[] = []
  for (const [i, { bundle }] of run.steps.entries()) {
    clock.minute = 2 * i + 2
    const reply = await server.append(bundle, { tenant })
    replies.push(reply.ok ? reply.status : await codeOf(Promise.resolve(reply)))
  }
  return replies
}

describe('append of what is signed under certificates', () => {
  const contracted = async (options: KeylessOptions = {}) => {
    const clock = { minute: 0 }
    await open(clock)
    const run = keylessRun(options)
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    return { run, clock }
  }

  it('accepts it while its certificate is valid, and gives a receipt that proves it then', async () => {
    const { run, clock } = await contracted()
    expect(await send(run, clock)).toEqual([201, 201, 201])
    const lines = parseChainFile(
      new Uint8Array(await (await server.request('GET', `/v1/chains/${run.chain.id}`)).arrayBuffer()),
    )
    const trust = { ...trustOf(run.contract), countersigners: logKeys(server.deps.log.keys) }
    const chain = readChain(lines, trust, nodeCrypto)
    expect(chain.refused).toEqual([])
    const artifact = run.app.digest.sha256
    const { contract } = run
    const findings = judge({ artifact, chain, contract, now: at(600) }).findings.map(({ code }) => code)
    // The contract asks for the receipts of another server.
    expect(new Set(findings)).toEqual(new Set(['receipt-missing']))
    expect([...chain.steps.values()].map(({ signer }) => [signer.name, signer.grade, signer.authority])).toEqual([
      ['source', 'A', 'ours'],
      ['build', 'A', 'ours'],
      ['deploy', 'A', 'ours'],
    ])
  })

  it('refuses it before and after, and without an authority', async () => {
    const { run, clock } = await contracted()
    clock.minute = 0
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('certificate-expired')
    clock.minute = 12
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('certificate-expired')
    await server.close()
    await open(clock, { own: false })
    await server.enrol([party('somebody')])
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('certificate-untrusted')
  })

  it('gives a retry its receipt, also after its certificate has ended (T-35)', async () => {
    const { run, clock } = await contracted()
    clock.minute = 2
    const first = await (await server.append(run.steps[0]!.bundle)).json()
    clock.minute = 40
    const again = await server.append(run.steps[0]!.bundle)
    expect([again.status, await again.json()]).toEqual([200, { ...(first as object) }])
    // Nothing is told to who cannot show a certificate of the authority.
    const forged = new LocalAuthority({ name: 'ours', seed: 'forged' })
    const { envelope } = run.steps[0]!.bundle
    const bundle = sealUnder(issued({ by: forged, minute: 1 }), envelope.payload)
    expect(await codeOf(server.append(bundle))).toBe('certificate-untrusted')
  })

  it('gives whoever signed a step again what it holds, with the receipt that is about that', async () => {
    const { run, clock } = await contracted()
    const [{ bundle, link }] = run.steps as [(typeof run.steps)[number]]
    clock.minute = 2
    const first = (await (await server.append(bundle)).json()) as { receipt: JsonValue; bundle: JsonValue }
    expect(first.bundle).toBeNull()
    const again = sealUnder(issued({ identity: workflow('source'), minute: 20 }), bundle.envelope.payload)
    const lines: (readonly ChainLine[])[] = []
    // Within its own minutes, and after them: and where a certificate is taken for the key alone.
    for (const minute of [21, 21, 40]) {
      clock.minute = minute
      const reply = await server.append(again)
      const told = (await reply.json()) as { receipt: JsonValue; bundle: JsonValue }
      expect(reply.status).toBe(200)
      expect(readBundle(told.bundle)).toEqual(bundle)
      lines.push([readBundle(told.bundle), readReceipt(told.receipt)])
    }
    const trust = { ...trustOf(run.contract), countersigners: logKeys(server.deps.log.keys) }
    for (const some of lines) {
      const chain = readChain(some, trust, nodeCrypto)
      expect([[...chain.steps.keys()], [...chain.receipts.keys()], chain.refused]).toEqual([[link], [link], []])
    }
    // Control: beside what was sent, the receipt proves nothing.
    const other = readChain([again, lines[0]![1]!], trust, nodeCrypto)
    expect(other.refused.map(({ report }) => report.code)).toEqual(['time-untrusted', 'receipt-invalid'])
  })

  it('goes on from a step that it has to verify anew, long after its certificate has ended', async () => {
    const { run, clock } = await contracted()
    clock.minute = 2
    expect((await server.append(run.steps[0]!.bundle)).status).toBe(201)
    clock.minute = 4
    // What a restart forgets.
    const { store, verified } = server.deps
    const fresh = new VerifiedCache(store, nodeCrypto, () => 0, verified.vouching)
    const known = await fresh.steps('acme', [run.steps[0]!.link])
    expect(known.get(run.steps[0]!.link)!.signer.certificate).toMatchObject({ signedAt: at(2) })
  })

  it('takes nobody whom the contract does not name', async () => {
    const { run, clock } = await contracted({
      issue: (name) => ({ identity: workflow(name, { sourceRepositoryIdentifier: '6' }) }),
    })
    clock.minute = 2
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('signer-not-allowed')
  })

  it('takes nobody who is known less well than the contract asks', async () => {
    const { run, clock } = await contracted({
      contract: keylessContract({ step: '    minimumGrade: B' }),
      issue: () => ({ grade: 'C' }),
    })
    clock.minute = 2
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('grade-too-low')
  })

  it('takes no step that contradicts its certificate (T-14)', async () => {
    const { run, clock } = await contracted({
      claims: (_, identity) => ({
        system: 'github-actions',
        identity: { ...claimsOf(identity), sourceRepositoryRef: 'refs/heads/release' },
      }),
    })
    clock.minute = 2
    const reply = await server.append(run.steps[0]!.bundle)
    expect(reply.status).toBe(422)
    expect(await codeOf(Promise.resolve(reply))).toBe('identity-mismatch')
  })

  it('takes nobody whom the contract revoked by now', async () => {
    const revokedSince = `    revokedSince: "${at(2)}"`
    const { run, clock } = await contracted({
      contract: keylessContract({ signers: { ...WORKFLOWS, source: `${WORKFLOWS.source}\n${revokedSince}` } }),
    })
    clock.minute = 2
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('signer-revoked')
  })

  it('takes nobody who was let in for another tenant', async () => {
    const clock = { minute: 2 }
    await open(clock)
    const run = keylessRun()
    ISSUED.set('globex', new Set([serialOf(run.certificates[0]!.der)]))
    ISSUED.set('acme', new Set())
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('signer-unknown')
    ISSUED.set('acme', new Set([serialOf(run.certificates[0]!.der)]))
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('contract-unknown')
    ISSUED.clear()
  })

  it('takes an enrolled key for what it was enrolled as, whatever certificate is beside it', async () => {
    const { run, clock } = await contracted()
    clock.minute = 2
    const enrolled = party('enrolled')
    await server.enrol([enrolled])
    const { envelope } = run.steps[0]!.bundle
    const key = {
      spki: enrolled.publicKey.spki,
      algorithm: new Uint8Array(),
      hash: 'sha256' as const,
      sign: () => new Uint8Array(),
    }
    const certificate = issued({ identity: workflow('source'), minute: 1, key })
    const bundle = {
      ...seal(enrolled, envelope.payload),
      key: { kind: 'certificate' as const, chain: [certificate.der] },
    }
    expect(await codeOf(server.append(bundle))).toBe('signer-not-allowed')
  })
})

describe('append under a contract that believes the public Sigstore', () => {
  const world = keylessContract({ authorities: '  world: { sigstore: public }' })
  const digest = hex(nodeCrypto.sha256(sigstoreRoot()))
  let held: ReturnType<PublicSigstoreSource['current']>
  const clock = { minute: 0 }
  /** A server that believes it, or none, and beside it what is named by file. */
  async function opened(contract: string, { files = [] as Uint8Array[], believes = true } = {}) {
    held = { trustedRoot: sigstoreRoot(), isFresh: true, expires: at(1_000) }
    clock.minute = 0
    const source = believes ? { current: () => held } : null
    server = await openTestServer({
      now: () => at(clock.minute),
      vouching: (log) => vouchingOf(null, files, () => logKeys(log.keys), source),
    })
    const run = keylessRun({ contract })
    const reply = await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    return { run, published: reply.ok ? reply.status : await codeOf(reply) }
  }

  it('takes whom it names, and goes on with the next edition of the trusted root', async () => {
    const { run } = await opened(world)
    const [first, second, third] = run.steps
    clock.minute = 2
    expect((await server.append(first!.bundle)).status).toBe(201)
    held = { ...held, trustedRoot: sigstoreRoot(2) }
    await server.deps.verified.forgetTrust('acme')
    for (const [minute, step] of [
      [4, second!],
      [6, third!],
    ] as const) {
      clock.minute = minute
      expect((await server.append(step.bundle)).status).toBe(201)
    }
  })

  it('refuses by name what it would have to take on an old trusted root, and goes on when there is a newer (T-70)', async () => {
    const { run } = await opened(world)
    clock.minute = 2
    expect((await server.append(run.steps[0]!.bundle)).status).toBe(201)
    held = { ...held, isFresh: false }
    await server.deps.verified.forgetTrust('acme')
    clock.minute = 4
    expect(await codeOf(server.append(run.steps[1]!.bundle))).toBe('trust-root-expired')
    // What it has taken it still verifies, after a restart too.
    const { store, verified } = server.deps
    const fresh = new VerifiedCache(store, nodeCrypto, () => 0, verified.vouching)
    expect((await fresh.steps('acme', [run.steps[0]!.link])).size).toBe(1)
    held = { ...held, isFresh: true }
    await server.deps.verified.forgetTrust('acme')
    expect((await server.append(run.steps[1]!.bundle)).status).toBe(201)
  })

  it('does not publish a contract under which nobody could sign', async () => {
    expect(await opened(world, { believes: false })).toMatchObject({ published: 'trust-missing' })
    await server.close()
    // A file of the same trusted root is not the public one: nobody keeps it current.
    expect(await opened(world, { believes: false, files: [sigstoreRoot()] })).toMatchObject({
      published: 'trust-missing',
    })
    await server.close()
    const { run } = await opened(world)
    held = { ...held, isFresh: false }
    const again = () => server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    expect(await codeOf(again())).toBe('trust-root-expired')
    held = { ...held, isFresh: true }
    expect((await again()).status).toBe(200)
  })

  it('beside a contract that pins a trusted root, each has its own', async () => {
    const pinned = keylessContract({ authorities: `  world: { sigstore: "${digest}" }` })
    for (const [contract, trustedRoot, expected] of [
      [world, sigstoreRoot(2), 201],
      [pinned, sigstoreRoot(2), 201],
      [pinned, sigstoreRoot(), 201],
    ] as const) {
      const { run } = await opened(contract, { files: [sigstoreRoot()] })
      held = { ...held, trustedRoot }
      await server.deps.verified.forgetTrust('acme')
      clock.minute = 2
      expect((await server.append(run.steps[0]!.bundle)).status).toBe(expected)
      await server.close()
    }
    // What is stale is public to nobody, whoever else vouches.
    const { run } = await opened(world, { files: [sigstoreRoot()] })
    held = { ...held, isFresh: false }
    await server.deps.verified.forgetTrust('acme')
    clock.minute = 2
    expect(await codeOf(server.append(run.steps[0]!.bundle))).toBe('signer-not-allowed')
  })

  it('takes nobody without a contract that names him', async () => {
    const { run } = await opened(world)
    clock.minute = 2
    const other = keylessRun({
      contract: world,
      issue: (name) => ({ identity: workflow(name, { sourceRepositoryIdentifier: '6' }) }),
    })
    expect(await codeOf(server.append(other.steps[0]!.bundle))).toBe('signer-not-allowed')
    expect((await server.append(run.steps[0]!.bundle)).status).toBe(201)
  })
})
