import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepTrust, placeOf, PUBLIC_MIRROR } from '@countersign/adapters/sigstore-cache'
import { type Code, utf8 } from '@countersign/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sigstoreRoot } from '../test/keyless.ts'
import { PublicSigstore, readSigstoreTrust } from './sigstore-trust.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const NOON = Date.parse('2026-11-21T12:00:00.000Z')
const MINUTE = 60_000
let root: string
let now: number
let said: string[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-public-'))
  now = NOON
  said = []
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const keep = (edition: number, hours: number, trustedRoot = sigstoreRoot(edition)) =>
  keepTrust(root, {
    mirror: PUBLIC_MIRROR,
    fetchedAt: new Date(NOON).toISOString(),
    expires: new Date(NOON + hours * 60 * MINUTE).toISOString(),
    versions: { root: 16, timestamp: 300 + edition, snapshot: 200, targets: 14 },
    trustedRoot,
  })
const open = () =>
  PublicSigstore.open(
    root,
    () => now,
    (what) => void said.push(what),
  )

describe('the trust root of the public Sigstore at a server', () => {
  it('is what was fetched last, read again while the server runs', async () => {
    expect(open).toThrow(coded('trust-missing'))
    await keep(1, 24)
    const source = open()
    const { trustedRoot } = source.current()
    expect([trustedRoot, source.current().isFresh]).toEqual([sigstoreRoot(1), true])
    await keep(2, 48)
    expect(source.current().trustedRoot).toEqual(sigstoreRoot(1))
    now += MINUTE
    expect(source.current()).toMatchObject({ trustedRoot: sigstoreRoot(2), isFresh: true })
    // The same again with a later end is the same object: nothing need be read of it again.
    const before = source.current().trustedRoot
    await keep(2, 72)
    now += MINUTE
    expect(source.current().trustedRoot).toBe(before)
    expect(source.current().expires).toBe(new Date(NOON + 72 * 60 * MINUTE).toISOString())
  })

  it('is not fresh from its end on, which is said once, and fresh again when there is a newer', async () => {
    await keep(1, 1)
    const source = open()
    now = NOON + 60 * MINUTE - 1
    expect(source.current().isFresh).toBe(true)
    now++
    for (let i = 0; i < 3; i++) expect(source.current().isFresh).toBe(false)
    expect(said).toEqual([expect.stringContaining('was fresh until')])
    await keep(2, 48)
    now += MINUTE
    expect(source.current()).toMatchObject({ trustedRoot: sigstoreRoot(2), isFresh: true })
  })

  it('stays what it was while its file is torn, lost or none', async () => {
    await keep(1, 24)
    const source = open()
    const place = placeOf(root, PUBLIC_MIRROR)
    for (const bend of [
      () => writeFileSync(join(place, 'trusted_root.json'), '{'),
      () => rmSync(join(place, 'state.json')),
      () => keep(3, 48, utf8('{}')),
    ]) {
      await bend()
      now += MINUTE
      expect(source.current()).toMatchObject({ trustedRoot: sigstoreRoot(1), isFresh: true })
    }
    expect(said).toHaveLength(2)
    // And nobody begins with it.
    expect(open).toThrow(coded('trust-root-invalid'))
  })
})

describe('the settings', () => {
  it('name files, and the public one by its name', async () => {
    const file = join(root, 'root.json')
    writeFileSync(file, sigstoreRoot())
    expect(await readSigstoreTrust([''], {})).toEqual({ trustedRoots: [], publicCache: null })
    expect(await readSigstoreTrust([file], {})).toEqual({ trustedRoots: [sigstoreRoot()], publicCache: null })
    const cache = { COUNTERSIGN_SIGSTORE_CACHE: root }
    expect(await readSigstoreTrust([file, 'public'], cache)).toEqual({
      trustedRoots: [sigstoreRoot()],
      publicCache: root,
    })
    const { publicCache } = await readSigstoreTrust(['public'], { XDG_STATE_HOME: '/state' })
    expect(publicCache).toBe('/state/countersign/sigstore')
    await expect(readSigstoreTrust([join(root, 'none.json')], {})).rejects.toThrow(coded('file-missing'))
  })
})
