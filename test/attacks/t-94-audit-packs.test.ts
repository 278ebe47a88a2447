import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Code, utf8 } from '@countersign/core'
import { writeEvidence } from '@countersign/evidence'
import { listedPath, MANIFEST, REPORT, runPath, SIGNATURE, writeRecords } from '@countersign/evidence/pack'
import type { NoteKey } from '@countersign/formats'
import { namedKeys } from '@countersign/verify'
import { pack as tarPack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archived, examined, packOf, type Parts, runEvidence, sealed, signatureOf } from '../audit-pack.ts'
import { at, honestRun, logKeyOf, parties, type Party, party, type Run } from '../pipeline.ts'

/** An audit pack that says something else than what is in it, or that other programs unpack to something else. */

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const directory = mkdtempSync(join(tmpdir(), 'countersign-pack-'))
const auditor = party('auditor')
const who = parties()
const runs = ['first', 'second'].map((commit) => honestRun({ who, commit, countersigned: true }))
const [one, other] = runs as [Run, Run]
const runFile = runPath(one.chain.id)
let parts: Parts
let files: Map<string, Uint8Array>
let tar: Uint8Array
let count = 0

beforeAll(async () => {
  parts = await packOf({ by: auditor, runs })
  files = sealed(parts)
  tar = new Uint8Array(readFileSync(await archived(directory, 'honest.tar', files)))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const verify = async (bent: ReadonlyMap<string, Uint8Array>) =>
  examined(await archived(directory, `${count++}.tar`, bent))
const verifyBytes = (bytes: Uint8Array) => {
  const path = join(directory, `${count++}.tar`)
  writeFileSync(path, bytes)
  return examined(path)
}
const changed = (...changes: readonly (readonly [string, Uint8Array | null])[]) => {
  const bent = new Map(files)
  for (const [path, bytes] of changes)
    if (bytes === null) bent.delete(path)
    else bent.set(path, bytes)
  return bent
}
/** As whoever holds a key would do it: the manifest names the change. */
const resealed = (...changes: readonly (readonly [string, Uint8Array])[]) =>
  sealed({ ...parts, files: new Map([...parts.files, ...changes]) })

test('positive control: an honest pack is whole, and proves its two runs', async () => {
  expect((await verify(files)).figures.runs).toMatchObject({ listed: 2, proven: 2, held: 2, missing: 0 })
  expect(text(REPORT)).toContain('<b>2</b>')
})

test('runs that one log had in two histories are told as forks, though each is proven by itself (T-72)', async () => {
  // The log of these runs is made anew for each of their steps.
  const { figures } = await verify(files)
  expect(figures.forks.total).toBeGreaterThan(0)
  expect(new Set(figures.forks.shown.map(({ code }) => code))).toEqual(new Set(['log-forked']))
  expect(figures.forks.shown.map(({ what }) => what)).toContain('entry 0 of server is two different steps')
  expect(text(REPORT)).toContain('two of what there is one of')
  // Red control: one of them alone has no other history beside it.
  const alone = sealed(await packOf({ by: auditor, runs: [one] }))
  expect((await verify(alone)).figures.runs).toMatchObject({ listed: 1, proven: 1 })
  expect((await verify(alone)).figures.forks.shown.filter(({ what }) => what.startsWith('entry'))).toEqual([])
})

describe('a file that is not as its manifest says is refused', () => {
  const swapped = () => writeEvidence({ ...runEvidence(one), lines: one.lines.slice(1) })
  test.each<[string, () => Map<string, Uint8Array>, Code]>([
    ['evidence swapped', () => changed([runFile, swapped()]), 'pack-altered'],
    ['evidence swapped for as many bytes', () => changed([runFile, files.get(runFile)!.toReversed()]), 'pack-altered'],
    [
      'evidence of another run under its name',
      () => changed([runFile, files.get(runPath(other.chain.id))!]),
      'pack-altered',
    ],
    ['evidence dropped', () => changed([runFile, null]), 'pack-altered'],
    ['the last file dropped', () => changed([[...files.keys()].at(-1)!, null]), 'pack-altered'],
    ['evidence added', () => changed([runPath('f'.repeat(32)), files.get(runFile)!]), 'pack-altered'],
    ['a list changed', () => changed([listedPath('keys'), utf8('{}')]), 'pack-altered'],
    ['the report changed', () => changed([REPORT, utf8(text(REPORT).replace('<b>2</b>', '<b>9</b>'))]), 'pack-altered'],
    ['files in another order', () => new Map([...files].toReversed()), 'pack-altered'],
    ['no signature', () => changed([SIGNATURE, null]), 'pack-altered'],
    ['the signature of another manifest', () => changed([SIGNATURE, signatureOf(utf8('{}'), auditor)]), 'pack-altered'],
    [
      'another manifest under its signature',
      () => changed([MANIFEST, sealed(parts, (m) => ({ ...m, createdAt: at(61) })).get(MANIFEST)!]),
      'pack-altered',
    ],
    [
      'the manifest signed by somebody else',
      () => changed([SIGNATURE, signatureOf(files.get(MANIFEST)!, who.azure)]),
      'signer-unknown',
    ],
  ])('%s', async (_, bend, code) => {
    await expect(verify(bend())).rejects.toThrow(coded(code))
  })
})

const text = (path: string) => Buffer.from(files.get(path)!).toString()

describe('whoever signs anew cannot make a report say what the evidence does not', () => {
  test('figures of a report', async () => {
    const bent = resealed([REPORT, utf8(text(REPORT).replace('<b>2</b>', '<b>9</b>'))])
    await expect(verify(bent)).rejects.toThrow(coded('pack-report'))
  })

  test('one character of a report', async () => {
    await expect(
      verify(resealed([REPORT, utf8(text(REPORT).replace('What is missing', 'What is missing?'))])),
    ).rejects.toThrow(coded('pack-report'))
  })

  test('a step taken out of the evidence, under the old report', async () => {
    const bytes = writeEvidence({ ...runEvidence(one), lines: one.lines.filter((line) => line !== one.test.bundle) })
    await expect(verify(resealed([runFile, bytes]))).rejects.toThrow(coded('pack-report'))
  })

  test('a run left out of files and list, under the old count', async () => {
    const left = new Map(parts.files)
    left.delete(runFile)
    expect(() => sealed({ ...parts, files: left })).toThrow(coded('pack-invalid'))
    const listed = writeRecords('runs', [])
    await expect(verify(resealed([listedPath('runs'), listed]))).rejects.toThrow(coded('pack-altered'))
  })

  test('a run outside of the period', async () => {
    const later = { since: '2026-11-02T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' }
    const bent = await packOf({ by: auditor, runs, period: later })
    await expect(verify(sealed(bent))).rejects.toThrow(coded('pack-outside'))
    // Whoever lies in the list as well is held to what the log signed.
    const lists = { runs: [one, other].map((run) => ({ ...listedOf(run), firstAt: at(60 * 24) })), contracts: [] }
    const lying = new Map([...bent.files, [listedPath('runs'), writeRecords('runs', lists.runs)]] as const)
    lying.set(listedPath('contracts'), writeRecords('contracts', []))
    const cover = {
      ...bent.cover,
      server: { ...bent.cover.server, counts: { ...bent.cover.server.counts, contracts: 0 } },
    }
    await expect(verify(sealed({ ...bent, cover, files: lying }))).rejects.toThrow(coded('pack-outside'))
  })

  test('a run of another pipeline than the pack is of', async () => {
    const bent = await packOf({ by: auditor, runs, pipelines: ['shop/other'] })
    await expect(verify(sealed(bent))).rejects.toThrow(coded('pack-outside'))
    await expect(verify(sealed(await packOf({ by: auditor, runs, pipelines: ['shop/web'] })))).resolves.toBeDefined()
  })

  test('how long the log was', async () => {
    const { checkpoint } = (await packOf({ by: auditor, runs: [honestRun({ countersigned: true })] })).cover.server
    const cover = { ...parts.cover, server: { ...parts.cover.server, checkpoint } }
    await expect(verify(sealed({ ...parts, cover }))).rejects.toThrow(coded('signer-unknown'))
  })

  test('a run that is said to be missing is counted as such', async () => {
    const bent = await packOf({ by: auditor, runs: [one], missing: [other] })
    expect((await verify(sealed(bent))).figures.runs).toMatchObject({ listed: 2, proven: 1, missing: 1 })
  })
})

const listedOf = ({ chain, contract, steps }: Run) => ({
  chain: chain.id,
  pipeline: chain.pipeline,
  contract: contract.digest,
  steps: steps.length,
  erased: 0,
  late: 0,
  firstAt: at(1),
  lastAt: at(4),
})

describe('whom the caller believes decides', () => {
  const path = () => archived(directory, `${count++}.tar`, files)
  const trust = (keys: readonly { readonly name: string; readonly publicKey: Run['who']['azure']['publicKey'] }[]) => ({
    signers: namedKeys(new Map(keys.map(({ name, publicKey }) => [name, publicKey]))),
    countersigners: [],
  })

  test('a pack that somebody else signed is refused', async () => {
    const caller = { trust: trust([party('another')]), basisOf: () => Promise.resolve(null) }
    await expect(examined(await path(), caller)).rejects.toThrow(coded('signer-unknown'))
  })

  test('runs that a forger signed, with keys that he brought, are not believed', async () => {
    const forged = honestRun({ countersigned: true })
    const forger = sealed(await packOf({ by: auditor, runs: [forged] }))
    const mine = { ...trust([auditor]), countersigners: [] }
    const basis = {
      trust: { ...trust(Object.values(who)), countersigners: [] },
      anchors: NONE,
      contracts: [one.contract],
    }
    const caller = { trust: mine, basisOf: () => Promise.resolve(basis) }
    const found = await examined(await archived(directory, `${count++}.tar`, forger), caller)
    // Red control: under the keys that it brings, the same pack passes.
    expect(found.figures.runs.proven).toBe(1)
    expect(found.believed).toMatchObject({ proven: 0, unbelieved: [{ chain: forged.chain.id }] })
  })
})

describe('how long the log was, and what administrators did, is the word of a log that the caller names', () => {
  const liar = party(who.server.name, 'ed25519')
  /** Whoever makes the pack brings a second key of the log, of his own, beside the one that gave the receipts. */
  const smuggled = async () => {
    const evidence = (run: Run) => {
      const honest = runEvidence(run)
      const logs = [...honest.trust.logs, { key: logKeyOf(liar), revokedAt: null }]
      return { ...honest, trust: { ...honest.trust, logs } }
    }
    return archived(directory, `${count++}.tar`, sealed(await packOf({ by: auditor, runs, evidence, log: liar })))
  }
  const honest = () => archived(directory, `${count++}.tar`, files)
  const signers = namedKeys(new Map([[auditor.name, auditor.publicKey]]))
  const log = logKeyOf(who.server)
  const believing = (countersigners: readonly NoteKey[], ofContracts: readonly NoteKey[] = []) => ({
    trust: { signers, countersigners: countersigners.map((key) => ({ key, revokedAt: null })) },
    logs: ofContracts,
    basisOf: () => Promise.resolve(null),
  })

  test('where he names none, nobody is said to be believed', async () => {
    // Red control: with the keys that it brings the lie is as good as the truth.
    expect((await examined(await smuggled())).figures.runs.proven).toBe(2)
    expect((await examined(await smuggled(), believing([]))).believed).toMatchObject({ log: false })
    expect((await examined(await honest(), believing([]))).believed).toMatchObject({ log: false })
  })

  test('where he does, the lie is refused', async () => {
    await expect(examined(await smuggled(), believing([log]))).rejects.toThrow(coded('signer-unknown'))
    expect((await examined(await honest(), believing([log]))).believed).toMatchObject({ log: true })
  })

  test('a contract names it as well; one that is older than the log’s key says nothing', async () => {
    expect((await examined(await smuggled(), believing([], [log]))).believed).toMatchObject({ log: false })
    expect((await examined(await honest(), believing([], [log]))).believed).toMatchObject({ log: true })
    expect((await examined(await honest(), believing([], [logKeyOf(liar)]))).believed).toMatchObject({ log: false })
  })
})

describe('what a server signs itself is not taken for what somebody exports, nor the other way round', () => {
  const ada = { kind: 'person', id: 'a1b2', name: 'Ada' } as const

  test('a pack with the key of the log, for somebody', async () => {
    const honest = sealed(await packOf({ by: who.server, runs, askedBy: ada }))
    expect((await verify(honest)).manifest.exporter.by).toEqual(ada)
  })

  test.each<[string, () => Parameters<typeof packOf>[0]]>([
    ['a person’s key, for somebody who asked a server', () => ({ by: auditor, runs, askedBy: ada })],
    ['the key of the log, as if it were a person’s', () => ({ by: who.server, runs })],
    [
      'a key of another log, for somebody',
      () => ({ by: party('countersign.local/acme', 'ed25519'), runs, askedBy: ada }),
    ],
  ])('%s is refused', async (_, of) => {
    await expect(verify(sealed(await packOf(of())))).rejects.toThrow(coded('pack-invalid'))
  })

  test('whoever believes the log for steps alone does not believe that it exports for a person', async () => {
    const pack = await archived(
      directory,
      `${count++}.tar`,
      sealed(await packOf({ by: who.server, runs, askedBy: ada })),
    )
    const key = logKeyOf(who.server)
    const basisOf = () => Promise.resolve(null)
    const named = (name: string) => ({ signers: [], countersigners: [{ key: { ...key, name }, revokedAt: null }] })
    await expect(examined(pack, { trust: named('another'), basisOf })).rejects.toThrow(coded('signer-unknown'))
    // A person's list of who signs packs does not let the log in, even with the same key.
    await expect(examined(pack, { trust: trustIn([who.server]), basisOf })).rejects.toThrow(coded('signer-unknown'))
    // Red control: believed by its name as a log, it passes.
    expect((await examined(pack, { trust: named(key.name), basisOf })).signer.keyId).toBe(who.server.publicKey.keyId)
  })

  test('a decision about an environment that the pack is not of', async () => {
    const decision = {
      id: 7,
      at: at(30),
      decision: 'deny',
      code: 'step-skipped',
      what: 'no test',
      artifact: null,
      pipeline: 'shop/web',
      contract: null,
      environment: 'staging',
      by: 'gate',
      requester: null,
    } as const
    const of = { by: auditor, runs, decisions: [decision] }
    await expect(verify(sealed(await packOf({ ...of, environments: ['production'] })))).rejects.toThrow(
      coded('pack-outside'),
    )
    await expect(verify(sealed(await packOf({ ...of, environments: ['staging'] })))).resolves.toBeDefined()
  })
})

const trustIn = (keys: readonly Party[]) => ({
  signers: namedKeys(new Map(keys.map(({ name, publicKey }) => [name, publicKey]))),
  countersigners: [],
})

const NONE = { rekor: [], rfc3161: [], ethereum: [], opentimestamps: null }

describe('an archive that unpacks to something else, or to too much', () => {
  const BLOCK = 512
  const altered = (change: (bytes: Uint8Array) => void) => {
    const bytes = tar.slice()
    change(bytes)
    return bytes
  }
  /** Header of another kind, with its checksum right, and what it brings along. */
  const header = async (entry: Parameters<ReturnType<typeof tarPack>['entry']>[0]) => {
    const archive = tarPack()
    const given = { ...entry, mtime: new Date(0), uid: 0, gid: 0 }
    if ((entry.size ?? 0) > 0) archive.entry(given)
    else archive.entry(given, '')
    const chunks: Uint8Array[] = []
    const blocks = entry.pax !== undefined || entry.name.length > 100 ? 3 : 1
    for await (const chunk of archive as AsyncIterable<Uint8Array>) if (chunks.push(chunk) >= blocks) break
    return new Uint8Array(Buffer.concat(chunks))
  }
  const before = (bytes: Uint8Array) => new Uint8Array(Buffer.concat([bytes, tar]))
  const behind = (bytes: Uint8Array) =>
    new Uint8Array(Buffer.concat([tar.subarray(0, -2 * BLOCK), bytes, new Uint8Array(2 * BLOCK)]))

  test.each<[string, () => Promise<Uint8Array> | Uint8Array, Code]>([
    [
      'a symbolic link (T-28)',
      async () => behind(await header({ name: 'runs', type: 'symlink', linkname: '/etc' })),
      'pack-invalid',
    ],
    [
      'a hard link',
      async () => behind(await header({ name: 'x', type: 'link', linkname: 'manifest.json' })),
      'pack-invalid',
    ],
    ['a directory', async () => before(await header({ name: 'runs/', type: 'directory' })), 'pack-invalid'],
    ['a device (T-29)', async () => before(await header({ name: 'x', type: 'character-device' })), 'pack-invalid'],
    ['a path that climbs (T-30)', async () => behind(await header({ name: '../../evil', size: 0 })), 'pack-altered'],
    ['an absolute path', async () => behind(await header({ name: '/etc/passwd', size: 0 })), 'pack-altered'],
    ['a name twice (T-31)', async () => behind(await header({ name: 'report.html', size: 0 })), 'pack-altered'],
    ['a name of another case', async () => behind(await header({ name: 'Report.html', size: 0 })), 'pack-invalid'],
    [
      'a long name, by an extension',
      async () => before(await header({ name: 'x'.repeat(300), size: 0 })),
      'pack-invalid',
    ],
    [
      'an extension that renames',
      async () => before(await header({ name: 'x', type: 'file', size: 0, pax: { path: 'manifest.json' } })),
      'pack-invalid',
    ],
    ['what is behind the end', () => new Uint8Array(Buffer.concat([tar, new Uint8Array(BLOCK)])), 'pack-invalid'],
    ['another archive behind the end', () => new Uint8Array(Buffer.concat([tar, tar])), 'pack-invalid'],
    ['no end', () => tar.subarray(0, -2 * BLOCK), 'pack-invalid'],
    ['half an end', () => tar.subarray(0, -BLOCK), 'pack-invalid'],
    ['cut short', () => tar.subarray(0, 3 * BLOCK), 'pack-invalid'],
    ['an owner', () => altered((bytes) => bytes.set(utf8('0001750'), 108)), 'pack-invalid'],
    [
      'something in the padding',
      () =>
        altered((bytes) => bytes.fill(1, BLOCK + files.get(MANIFEST)!.length, BLOCK + files.get(MANIFEST)!.length + 1)),
      'pack-invalid',
    ],
    ['a size of terabytes (T-94)', () => altered((bytes) => bytes.set(utf8('77777777777'), 124)), 'pack-invalid'],
    ['no archive', () => utf8('no'), 'pack-invalid'],
    ['nothing', () => new Uint8Array(), 'pack-invalid'],
    ['compressed', () => Uint8Array.of(0x1f, 0x8b, ...new Uint8Array(2 * BLOCK)), 'pack-invalid'],
  ])('%s is refused', async (_, bytes, code) => {
    await expect(verifyBytes(await bytes())).rejects.toThrow(coded(code))
  })

  test('a manifest too large is refused before it is read', async () => {
    const head = await header({ name: MANIFEST, size: 65 * 1024 * 1024, mode: 0o644 })
    const path = join(directory, 'large.tar')
    writeFileSync(path, head.subarray(0, BLOCK))
    await expect(examined(path)).rejects.toThrow(coded('input-too-large'))
  })

  test('positive control: the same bytes, unchanged', async () => {
    await expect(verifyBytes(tar)).resolves.toBeDefined()
    expect(new Uint8Array(readFileSync(await archived(directory, 'again.tar', files)))).toEqual(tar)
  })
})
