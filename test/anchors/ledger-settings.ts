import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ANCHOR_TRUST_MEDIA_TYPE, anchorRootsJson, NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import { certificatePem } from '@countersign/formats/x509'
import { certificate, newKey } from './certificates.ts'

/** Settings for one anchor of each kind, with every file they name; nothing answers at their addresses. */
export function writeLedgerSettings(directory: string): string {
  mkdirSync(directory, { recursive: true })
  const trust = { mediaType: ANCHOR_TRUST_MEDIA_TYPE, anchors: anchorRootsJson(NO_ANCHOR_ROOTS) }
  writeFileSync(join(directory, 'trusted-root.json'), JSON.stringify(trust))
  const root = certificate({ name: 'Local TSA root', key: newKey(), issuer: null, ca: true })
  writeFileSync(join(directory, 'tsa.pem'), certificatePem(root.der))
  writeFileSync(join(directory, 'ethereum.key'), '11'.repeat(32), { mode: 0o600 })
  const here = (port: number) => `http://127.0.0.1:${port}`
  const anchors = [
    { kind: 'rekor', url: here(1), trustedRoot: 'trusted-root.json', key: { file: 'rekor.key' } },
    { kind: 'rfc3161', name: 'tsa:local', url: here(1), roots: ['tsa.pem'] },
    { kind: 'ethereum', chainId: 31337, rpcs: [here(1), here(2)], key: { file: 'ethereum.key' }, feeCap: '1000000000' },
    { kind: 'opentimestamps', calendars: [here(1), here(2)], headers: [here(3)] },
  ]
  const file = join(directory, 'anchors.json')
  writeFileSync(file, JSON.stringify({ anchors }, null, 2))
  return file
}
