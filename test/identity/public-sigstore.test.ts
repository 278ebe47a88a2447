import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { keepTrust, PUBLIC_MIRROR } from '@countersign/adapters/sigstore-cache'
import { type Code, hex, utf8 } from '@countersign/core'
import { parseEvidence, trustRootOf, writeEvidence } from '@countersign/evidence'
import { writeChainFile } from '@countersign/formats'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { evidenceExport } from '../../packages/cli/src/commands/evidence-export.ts'
import { gate, verify } from '../../packages/cli/src/commands/verify.ts'
import type { Context } from '../../packages/cli/src/context.ts'
import { examine } from '../../packages/evidence-page/src/examine.ts'
import { keylessContract, keylessRun, sigstoreRoot } from '../keyless.ts'
import { at } from '../pipeline.ts'

// A contract that believes the public Sigstore without a digest: which trusted root that is, whoever judges has made sure
// of. A file says so for those alone who have pinned the file.

const coded = (code: Code, fix: RegExp) =>
  expect.objectContaining({ name: 'CodedError', code, fix: expect.stringMatching(fix) as string }) as Error
const FRESH_UNTIL = at(1_000)
const contract = keylessContract({ authorities: '  world: { sigstore: public }' })
const run = keylessRun({ contract })
const artifact = `sha256:${run.app.digest.sha256}`

let root: string
let now: string
let out: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-public-'))
  now = at(60)
  writeFileSync(join(root, 'contract.yaml'), contract)
  writeFileSync(join(root, 'run.chain.jsonl'), writeChainFile(run.lines))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function context(sigstoreTrust: string | null = null): Context {
  out = ''
  const settings = { url: null, contract: null, baseline: null, sigstoreTrust, sigstoreCache: join(root, 'cache') }
  const write = (text: string) => void (out += text)
  return { cwd: root, environment: {}, settings, now: () => now, stdout: write, stderr: write } as unknown as Context
}
/** What `countersign trust update` leaves. */
const update = (trustedRoot = sigstoreRoot()) =>
  keepTrust(join(root, 'cache'), {
    mirror: PUBLIC_MIRROR,
    fetchedAt: at(0),
    expires: FRESH_UNTIL,
    versions: { root: 16, timestamp: 300, snapshot: 200, targets: 14 },
    trustedRoot,
  })
const named = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(root, name), bytes)
  return name
}
const options = { contract: 'contract.yaml', chain: ['run.chain.jsonl'], format: 'json' } as const
const judged = (more: object = {}) => gate(context(), artifact, { ...options, ...more })

describe('a gate under a contract that believes the public Sigstore', () => {
  test('passes by what was fetched, and by what comes after it', async () => {
    await update()
    expect(await judged(), out).toBe(0)
    // The next edition: the contract stays what it is.
    await update(sigstoreRoot(2))
    expect(await judged(), out).toBe(0)
    expect(await verify(context(), artifact, options), out).toBe(0)
  })

  test('says what to do where nothing was fetched, or not lately (T-70)', async () => {
    await expect(judged()).rejects.toThrow(coded('trust-missing', /countersign trust update.*--sigstore-trust FILE/))
    await update()
    now = FRESH_UNTIL
    await expect(judged()).rejects.toThrow(coded('trust-root-expired', /countersign trust update/))
    // A file that is named is as good as whoever names it says, also in a variable.
    const file = named('root.json', sigstoreRoot())
    expect(await judged({ sigstoreTrust: [file] }), out).toBe(0)
    expect(await gate(context(file), artifact, options), out).toBe(0)
  })

  test('takes one file for it, and no more', async () => {
    const files = [named('a.json', sigstoreRoot(1)), named('b.json', sigstoreRoot(2))]
    await expect(judged({ sigstoreTrust: files })).rejects.toThrow(coded('usage', /sigstore: [0-9a-f]{64}/))
    expect(await judged({ sigstoreTrust: files.slice(1) }), out).toBe(0)
    const pinned = keylessContract({
      authorities: `  world: { sigstore: public }\n  old: { sigstore: "${hex(nodeCrypto.sha256(sigstoreRoot(1)))}" }`,
    })
    // The one that the contract pins is not the public one.
    writeFileSync(join(root, 'contract.yaml'), pinned)
    await expect(judged({ sigstoreTrust: files.slice(0, 1) })).rejects.toThrow(coded('trust-missing', /update/))
  })

  test('is none that believes whatever is there: another Sigstore vouches for nobody', async () => {
    const stranger = utf8(new TextDecoder().decode(sigstoreRoot()).replaceAll('fulcio.example', 'evil.example'))
    await update(utf8(JSON.stringify({ ...(JSON.parse(new TextDecoder().decode(stranger)) as object), ctlogs: [] })))
    expect(await judged()).toBe(1)
    expect(out).toContain('issuance-unproven')
    // A contract that pins another is not met by the public one either.
    await update()
    writeFileSync(
      join(root, 'contract.yaml'),
      keylessContract({ authorities: `  world: { sigstore: "${'ab'.repeat(32)}" }` }),
    )
    expect(await judged()).toBe(1)
    expect(out).toContain('certificate-untrusted')
  })
})

describe('evidence of it', () => {
  /** Written while the trusted root is fresh. */
  async function exported(): Promise<Uint8Array> {
    await update()
    const { chain, contract: file } = options
    expect(
      await evidenceExport(context(), artifact, { chain, contract: file, out: 'e.json', format: 'json' }),
      out,
    ).toBe(0)
    rmSync(join(root, 'cache'), { recursive: true })
    return new Uint8Array(readFileSync(join(root, 'e.json')))
  }
  const byFile = (more: object = {}) => verify(context(), artifact, { evidence: 'e.json', format: 'json', ...more })

  test('carries the very trusted root it was judged under, and judges itself by it, for ever', async () => {
    const bytes = await exported()
    const { trust } = parseEvidence(bytes)
    expect(trust.authorities).toEqual([
      {
        kind: 'sigstore',
        name: 'world',
        trustedRoot: new TextDecoder().decode(sigstoreRoot()),
        isPublic: true,
        revokedAt: null,
      },
    ])
    now = at(1_000_000)
    expect(await byFile(), out).toBe(0)
    expect((await examine(bytes, { crypto: nodeCrypto, now })).verdict.verdict).toBe('pass')
  })

  test('does not say whom a contract of one’s own means: who judges has that, or has pinned the file', async () => {
    const bytes = await exported()
    const own = { contract: 'contract.yaml' }
    await expect(byFile(own)).rejects.toThrow(coded('trust-missing', /countersign trust update/))
    expect(await byFile({ ...own, trustRoot: trustRootOf(parseEvidence(bytes)) }), out).toBe(0)
    await update(sigstoreRoot(3))
    expect(await byFile(own), out).toBe(0)
    now = FRESH_UNTIL
    await expect(byFile(own)).rejects.toThrow(coded('trust-root-expired', /countersign trust update/))
  })

  test('in which another is said to be the public one is other evidence, by its trust root', async () => {
    const bytes = await exported()
    const pin = trustRootOf(parseEvidence(bytes))
    // Nobody vouches for its steps then.
    const again = parseEvidence(bytes)
    const unnamed = again.trust.authorities.map((one) => ({ ...one, isPublic: false }))
    writeFileSync(join(root, 'e.json'), writeEvidence({ ...again, trust: { ...again.trust, authorities: unnamed } }))
    await expect(byFile({ trustRoot: pin })).rejects.toThrow(coded('trust-root-mismatch', /./))
    expect(await byFile()).toBe(1)
  })

  test('is not made where nothing says what the public one is', async () => {
    const { chain, contract: file } = options
    const made = evidenceExport(context(), artifact, { chain, contract: file, out: 'e.json', format: 'json' })
    await expect(made).rejects.toThrow(coded('trust-missing', /countersign trust update/))
  })
})
