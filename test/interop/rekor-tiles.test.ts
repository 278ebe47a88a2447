import { spawnSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rekorAnchor, rekorAt } from '@countersign/adapters/anchor-rekor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { base64, hex, publicKeyPem } from '@countersign/core'
import { type RekorAnchor, rekorBundle, writeHashedRekord } from '@countersign/formats/anchor'
import { parseTrustedRoot, rekorTrust } from '@countersign/verify/anchors'
import { bundleFromJSON } from '@sigstore/bundle'
import { toSignedEntity, type TrustMaterial, Verifier } from '@sigstore/verify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drive, move, p256Signer, parsed, proved, statementOf } from '../anchors/rekor-kit.ts'
import { GO_MISSING, goTool } from './go.ts'
import { installRekorTiles, type RekorTiles, startRekorTiles } from './rekor-tiles.ts'

const NAME = 'rekor.interop.example'
const cosign = goTool('cosign', 'github.com/sigstore/cosign/v3/cmd/cosign', 'v3.1.3')

describe.skipIf(GO_MISSING)(GO_MISSING ? 'skipped: there is no go on this machine' : 'rekor-tiles', () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-rekor-'))
  const signer = p256Signer()
  let rekor: RekorTiles
  beforeAll(async () => {
    installRekorTiles()
    cosign.install()
    rekor = await startRekorTiles(root, NAME)
  }, 600_000)
  afterAll(async () => {
    await rekor.stop()
    rmSync(root, { recursive: true, force: true })
  })

  const trust = () => rekorTrust([rekor.log])
  const anchorAt = (url: string) =>
    rekorAnchor({ services: [rekorAt(url)], signer, trust: trust(), crypto: nodeCrypto })
  const trustedRoot = () => ({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      {
        baseUrl: `https://${NAME}`,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: base64(rekor.log.key.spki),
          keyDetails: 'PKIX_ED25519',
          validFor: { start: '2020-01-01T00:00:00Z' },
        },
        logId: { keyId: base64(rekor.log.logId) },
      },
    ],
    certificateAuthorities: [],
    ctlogs: [],
    timestampAuthorities: [],
  })

  test('takes a statement, and its proof is what we verify', async () => {
    const { proof } = await drive(anchorAt(rekor.url))
    const anchor = parsed(proof!)
    expect(proved(proof!, trust())).toMatchObject({ by: NAME, at: `entry ${anchor.entry.logIndex}`, time: null })
    expect(anchor.entry.body).toEqual(writeHashedRekord('0.0.2', anchor.entry.record))
    // The same trust from a file of Sigstore's.
    expect(proved(proof!, parseTrustedRoot(JSON.stringify(trustedRoot()), nodeCrypto)).by).toBe(NAME)
    expect(() => proved(proof!, trust(), 1)).toThrow(expect.objectContaining({ code: 'anchor-mismatch' }))
  })

  test('has a statement once more, under another signature, where its reply was lost and it shows no tiles', async () => {
    const anchor = anchorAt(rekor.url)
    const prepared = await move(anchor, undefined, 1)
    const first = await move(anchor, prepared.state, 1)
    // The reply is lost: the same state again.
    const again = await move(anchor, prepared.state, 1)
    expect(again.state.phase).toBe('pending')
    const { proof } = await drive(anchor, again.state, 1)
    expect(parsed(proof!).entry.logIndex).toBeGreaterThan(parsed(first.proof!).entry.logIndex)
    expect(proved(proof!, trust(), 1).by).toBe(NAME)
  })

  test('has it once, where its tiles can be read: the proof is put together from them', async () => {
    const anchor = anchorAt(rekor.publicUrl)
    const prepared = await move(anchor, undefined, 2)
    rekor.deaf = true
    await expect(move(anchor, prepared.state, 2)).rejects.toThrow(
      expect.objectContaining({ code: 'anchor-unreachable' }),
    )
    rekor.deaf = false
    const { proof } = await drive(anchor, prepared.state, 2)
    expect(base64(parsed(proof!).entry.record.signature)).toBe(prepared.state.memo!['signature'])
    expect(proved(proof!, trust(), 2).by).toBe(NAME)
  })

  test('is found in order by the doctor', async () => {
    const found = await anchorAt(rekor.publicUrl).check(Date.now())
    expect(found.map(({ name, ok }) => [name, ok])).toEqual([
      ['service', true],
      ['reachable', true],
      ['trust root', true],
      ['clock', true],
    ])
  })

  /** What sigstore-js says of an anchor as a bundle. */
  function theirs(anchor: RekorAnchor, text: Uint8Array): string {
    const { key, logId } = rekor.log
    const always = { start: new Date(0), end: new Date(8.64e15) }
    const trusted: TrustMaterial = {
      certificateAuthorities: [],
      timestampAuthorities: [],
      ctlogs: [],
      tlogs: [
        {
          baseURL: `https://${NAME}`,
          logID: Buffer.from(logId),
          publicKey: createPublicKey(publicKeyPem(key)),
          validFor: always,
        },
      ],
      publicKey: () => ({ publicKey: createPublicKey(publicKeyPem(signer.publicKey)), validFor: () => true }),
    }
    const verifier = new Verifier(trusted, { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 })
    try {
      verifier.verify(toSignedEntity(bundleFromJSON(rekorBundle(anchor)), Buffer.from(text)))
      return 'verified'
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    }
  }

  test('made an entry that sigstore-js verifies too, as part of a bundle, and refuses where we refuse', async () => {
    const anchor = parsed((await drive(anchorAt(rekor.url), undefined, 3)).proof!)
    const { text } = statementOf(3)
    expect(theirs(anchor, text)).toBe('verified')
    expect(theirs(anchor, statementOf(2).text)).toBe('SIGNATURE_ERROR')
    const { entry } = anchor
    const path = entry.path.map((hash, i) => (i === 0 ? hash.toReversed() : hash))
    expect(path.length).toBeGreaterThan(0)
    expect(theirs({ ...anchor, entry: { ...entry, path } }, text)).toBe('TLOG_INCLUSION_PROOF_ERROR')
  })

  test('made an entry that cosign verifies too', async () => {
    const anchor = parsed((await drive(anchorAt(rekor.url), undefined, 4)).proof!)
    const put = (name: string, content: string | Uint8Array) => {
      writeFileSync(join(root, name), content)
      return join(root, name)
    }
    const ask = (text: Uint8Array) =>
      spawnSync(
        cosign.path,
        [
          'verify-blob',
          '--key',
          put('anchor.pub', publicKeyPem(signer.publicKey)),
          '--bundle',
          put('bundle.json', JSON.stringify(rekorBundle(anchor))),
          '--trusted-root',
          put('trusted_root.json', JSON.stringify(trustedRoot())),
          put('statement', text),
        ],
        { encoding: 'utf8' },
      )
    const good = ask(statementOf(4).text)
    expect(good.stderr).toContain('Verified OK')
    expect(good.status).toBe(0)
    expect(ask(statementOf(3).text).status).not.toBe(0)
    expect(hex(anchor.statement)).toBe(hex(statementOf(4).digests.sha256))
  })
})
