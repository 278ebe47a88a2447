import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepTrust, type KeptTrust, placeOf, PUBLIC_MIRROR, readKeptTrust } from '@countersign/adapters/sigstore-cache'
import { type Code, hex, sha256, utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../packages/cli/src/context.ts'
import { believe } from '../../packages/cli/src/evidence.ts'
import { authorityYaml, keylessContract } from '../keyless.ts'
import { LocalSigstore } from './local-sigstore.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const made: string[] = []
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-kept-'))
  made.push(directory)
})
afterAll(() => made.forEach((one) => rmSync(one, { recursive: true, force: true })))

const trustedRoot = utf8(JSON.stringify(new LocalSigstore().trustedRoot))
const kept: KeptTrust = {
  mirror: PUBLIC_MIRROR,
  fetchedAt: '2026-11-21T12:00:00.000Z',
  expires: '2026-11-28T12:00:00.000Z',
  versions: { root: 16, timestamp: 300, snapshot: 200, targets: 14 },
  trustedRoot,
}

test('what is kept is read as it was, for its mirror alone', async () => {
  expect(readKeptTrust(directory, PUBLIC_MIRROR)).toBeNull()
  await keepTrust(directory, kept)
  expect(readKeptTrust(directory, PUBLIC_MIRROR)).toEqual(kept)
  expect(readKeptTrust(directory, `${PUBLIC_MIRROR}/other`)).toBeNull()
})

test.each<[string, string, (old: string) => string]>([
  ['the trusted root is another', 'trusted_root.json', (old) => `${old} `],
  ['the state is of another mirror', 'state.json', (old) => old.replace('sigstore.dev', 'example.dev')],
  ['the state has a member more', 'state.json', (old) => old.replace('{', '{"news":1,')],
  ['the state says no time', 'state.json', (old) => old.replace('2026-11-28T12:00:00.000Z', 'never')],
  ['the state is too long', 'state.json', (old) => old + ' '.repeat(10_000)],
])('where %s, nothing is believed', async (_, file, change) => {
  await keepTrust(directory, kept)
  const path = join(placeOf(directory, PUBLIC_MIRROR), file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
  expect(() => readKeptTrust(directory, PUBLIC_MIRROR)).toThrow(coded('trust-root-invalid'))
})

test('a contract that pins it by its digest need not be told where it is', async () => {
  const context = { cwd: directory, settings: { sigstoreTrust: null, sigstoreCache: directory } } as unknown as Context
  const of = (digest: string) =>
    parseContract(utf8(keylessContract({ authorities: `  public: { sigstore: "${digest}" }` })))
  const ask = async (contract: ReturnType<typeof of>) => (await believe(context, contract, {}, null)).authorities
  const pinned = of(hex(sha256(trustedRoot)))
  expect(await ask(pinned)).toEqual([])
  await keepTrust(directory, kept)
  expect(await ask(pinned)).toMatchObject([{ kind: 'sigstore', name: 'public' }])
  // Another one is not believed for being there.
  expect(await ask(of('ab'.repeat(32)))).toEqual([])
  // What is torn is of no matter where nothing of Sigstore is pinned.
  writeFileSync(join(placeOf(directory, PUBLIC_MIRROR), 'state.json'), '{')
  expect(await ask(parseContract(utf8(keylessContract({ authorities: `  ours:\n${authorityYaml()}` }))))).toHaveLength(
    1,
  )
  await expect(ask(pinned)).rejects.toThrow(coded('trust-root-invalid'))
})
