import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createKeyFile } from '@countersign/adapters/signer-file'
import type { JsonObject } from '@countersign/core'
import { ANCHOR_TRUST_MEDIA_TYPE, anchorRootsJson, type EthereumRoot } from '@countersign/formats/anchor'
import { rekorRootOf } from '@countersign/verify/anchors'
import { anvilPath, type LocalEvm, startLocalEvm } from './local-evm.ts'
import { type LocalOts, startLocalOts } from './local-ots.ts'
import { type LocalRekor, startLocalRekor } from './local-rekor.ts'
import { type LocalTsa, startLocalTsa } from './local-tsa.ts'

/** A Rekor log, a timestamp authority, an EVM chain and a Bitcoin-like chain with calendars, all on this machine. */
export interface LocalAnchors {
  readonly rekor: LocalRekor
  readonly tsa: LocalTsa
  /** Null where anvil is not installed. */
  readonly evm: LocalEvm | null
  readonly ots: LocalOts
  /** Names of the anchors, as the server lists them. */
  readonly names: readonly string[]
  /** What the server is started with: `--anchors`. */
  readonly settings: string
  /** Writes what a verifier believes who has nodes of his own: keys, certificates, and the blocks that are final. */
  writeTrust(file: string): Promise<void>
  close(): Promise<void>
}

export interface LocalAnchorsOptions {
  /** Milliseconds between two Bitcoin blocks, 200 by default: six of them make one final. */
  readonly blockMs?: number
}

/** Starts them, and writes settings with all that they name into a directory. */
export async function startLocalAnchors(directory: string, options: LocalAnchorsOptions = {}): Promise<LocalAnchors> {
  mkdirSync(directory, { recursive: true })
  const write = (name: string, content: string) => writeFileSync(join(directory, name), content, { mode: 0o600 })
  const [rekor, tsa, ots, evm] = await Promise.all([
    startLocalRekor(),
    startLocalTsa(),
    startLocalOts(),
    anvilPath() === null ? null : startLocalEvm({ slotsInAnEpoch: 1, blockTime: 1 }),
  ])
  write('trusted-root.json', JSON.stringify(rekor.trustedRoot))
  write('tsa.pem', pem(tsa.root))
  await createKeyFile(join(directory, 'rekor.key'), { algorithm: 'ecdsa-p256', passphrase: null })
  if (evm !== null) write('ethereum.key', evm.key)
  const anchors: JsonObject[] = [
    { kind: 'rekor', url: rekor.url, trustedRoot: 'trusted-root.json', key: { file: 'rekor.key' } },
    { kind: 'rfc3161', name: 'tsa:local', url: tsa.url, roots: ['tsa.pem'] },
    ...(evm === null ? [] : [ethereum(evm)]),
    {
      kind: 'opentimestamps',
      calendars: ots.calendars.map(({ url }) => url),
      headers: [ots.esplora, { core: ots.core }],
      network: 'regtest',
      lookEvery: 1,
    },
  ]
  const settings = join(directory, 'anchors.json')
  write('anchors.json', `${JSON.stringify({ anchors }, null, 2)}\n`)
  const mining = setInterval(() => ots.mine(), options.blockMs ?? 200)
  const names = ['rekor', 'tsa:local', ...(evm === null ? [] : [`eip155:${evm.chainId}`]), 'opentimestamps:regtest']
  return {
    rekor,
    tsa,
    evm,
    ots,
    names,
    settings,
    async writeTrust(file) {
      const blocks = Array.from({ length: ots.chain.tip.height + 1 }, (_, height) => {
        return { height, hash: ots.chain.at(height)!.hash }
      })
      const anchorRoots = anchorRootsJson({
        rekor: rekor.trust.logs.map(rekorRootOf),
        rfc3161: [{ name: 'local', certificates: [tsa.root], from: null, until: null }],
        ethereum: evm === null ? [] : [await finalBlocks(evm)],
        opentimestamps: { network: 'regtest', blocks, minimumWork: null },
      })
      writeFileSync(file, JSON.stringify({ mediaType: ANCHOR_TRUST_MEDIA_TYPE, anchors: anchorRoots }))
    },
    async close() {
      clearInterval(mining)
      await Promise.all([rekor.close(), tsa.close(), ots.close(), evm?.close()])
    },
  }
}

function ethereum({ chainId, urls }: LocalEvm): JsonObject {
  return { kind: 'ethereum', chainId, rpcs: urls, key: { file: 'ethereum.key' }, feeCap: '100000000000', lookEvery: 1 }
}

async function finalBlocks(evm: LocalEvm): Promise<EthereumRoot> {
  const block = async (which: string) => (await evm.call('eth_getBlockByNumber', which, false)) as JsonObject
  const last = Number((await block('finalized'))['number'])
  const numbers = Array.from({ length: last + 1 }, (_, i) => i)
  const blocks = await Promise.all(
    numbers.map(async (number) => {
      return { number, hash: String((await block(`0x${number.toString(16)}`))['hash']).slice(2) }
    }),
  )
  return { chainId: evm.chainId, blocks, senders: [evm.address], contracts: [] }
}

function pem(der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
