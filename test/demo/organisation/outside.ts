import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ethereumAnchor, ethereumSigner } from '@countersign/adapters/anchor-ethereum'
import { opentimestampsAnchor } from '@countersign/adapters/anchor-opentimestamps'
import { rekorAnchor } from '@countersign/adapters/anchor-rekor'
import { rfc3161Anchor } from '@countersign/adapters/anchor-rfc3161'
import { coreHeaders, esploraHeaders } from '@countersign/adapters/bitcoin-headers'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { createKeyFile } from '@countersign/adapters/signer-file'
import type { Anchor, AnchorLane } from '@countersign/anchor'
import { base64, type JsonObject } from '@countersign/core'
import { parseCertificate } from '@countersign/formats/x509'
import type { SetUpAnchor } from '../../../server/verbs/anchors.ts'
import { anvilPath, type LocalEvm, startLocalEvm } from '../../anchors/local-evm.ts'
import { type LocalOts, startLocalOts } from '../../anchors/local-ots.ts'
import { type LocalRekor, startLocalRekor } from '../../anchors/local-rekor.ts'
import { type LocalTsa, startLocalTsa } from '../../anchors/local-tsa.ts'
import { p256Signer } from '../../anchors/rekor-kit.ts'
import type { WalkingClock } from './clock.ts'

const DAY = 86_400_000
/** Nights on which the authority does not answer; it makes up for them afterwards. */
const AWAY: ReadonlySet<number> = new Set([16, 17])
/** Looks that a statement takes at most until all but Bitcoin have proven it; and those that take longer. */
const LOOKS = 3
const BETWEEN = 70_000
const LATER_LOOKS = 3
const LATER = 40 * 60_000

/**
 * Who vouches for the log from outside, all on this machine and by the same clock: a Rekor log, a timestamp authority, a
 * chain like Bitcoin's with calendars; and an EVM chain where there is a node of one.
 */
export class Outside {
  readonly anchors: readonly SetUpAnchor[]
  readonly #clock: WalkingClock
  readonly #end: number
  readonly #rekor: LocalRekor
  readonly #tsa: LocalTsa
  readonly #ots: LocalOts
  readonly #evm: LocalEvm | null
  #block: number

  private constructor(
    clock: WalkingClock,
    end: number,
    [rekor, tsa, ots, evm]: readonly [LocalRekor, LocalTsa, LocalOts, LocalEvm | null],
  ) {
    const byRekor = rekorAnchor({
      services: [rekor.service],
      signer: p256Signer(),
      trust: rekor.trust,
      crypto: nodeCrypto,
    })
    const pinned = [parseCertificate(tsa.root, 'anchor-invalid')]
    const byAuthority = rfc3161Anchor({ name: 'orchard', url: tsa.url, pinned, crypto: nodeCrypto })
    const inBitcoin = opentimestampsAnchor({
      calendars: ots.calendars.map(({ url }) => url),
      headers: [
        esploraHeaders({ url: ots.esplora, crypto: nodeCrypto }),
        coreHeaders({ url: ots.core, crypto: nodeCrypto }),
      ],
      crypto: nodeCrypto,
      network: 'regtest',
      askEveryMs: 1_000,
    })
    const inBlocks: Anchor[] =
      evm === null
        ? []
        : [ethereumAnchor({ chainId: evm.chainId, rpcs: evm.urls, signer: ethereumSigner(evm.key), pollMs: 1_000 })]
    const all = [byRekor, byAuthority, ...inBlocks, inBitcoin]
    this.anchors = all.map((anchor) => ({ anchor, alarmAfter: 2 * DAY }))
    this.#clock = clock
    this.#end = end
    this.#rekor = rekor
    this.#tsa = tsa
    this.#ots = ots
    this.#evm = evm
    this.#block = Math.floor(clock.now() / 1000)
  }

  /** `end`: when the month is over, milliseconds since 1970. */
  static async open(clock: WalkingClock, end: number): Promise<Outside> {
    const now = () => clock.now()
    const timestamp = Math.floor(now() / 1000)
    const started = await Promise.all([
      startLocalRekor({ now }),
      startLocalTsa({ clock: now }),
      startLocalOts({ clock: now }),
      anvilPath() === null ? null : startLocalEvm({ slotsInAnEpoch: 1, timestamp }),
    ])
    return new Outside(clock, end, started)
  }

  /** Has the newest statement proven, so many days into the month. */
  async prove(day: number, lanes: readonly AnchorLane[]): Promise<void> {
    const look = () => Promise.all(lanes.map((lane) => lane.run(true)))
    this.#tsa.lie(AWAY.has(day) ? 'unavailable' : null)
    for (let looks = 0; looks < LOOKS; looks += 1) {
      await look()
      await this.#mine(2)
      await this.#clock.until(this.#clock.now() + BETWEEN)
    }
    for (let looks = 0; looks < LATER_LOOKS; looks += 1) {
      const then = this.#clock.now() + LATER
      if (then > this.#end) return
      await this.#clock.until(then)
      this.#ots.mine(3)
      await look()
    }
  }

  /** The settings of a server that goes on from here. Nobody answers at these addresses any more. */
  async writeSettings(directory: string): Promise<string> {
    mkdirSync(directory, { recursive: true })
    const write = (name: string, content: string) => writeFileSync(join(directory, name), content, { mode: 0o600 })
    write('trusted-root.json', JSON.stringify(this.#rekor.trustedRoot))
    write('tsa.pem', `-----BEGIN CERTIFICATE-----\n${base64(this.#tsa.root)}\n-----END CERTIFICATE-----\n`)
    await createKeyFile(join(directory, 'rekor.key'), { algorithm: 'ecdsa-p256', passphrase: null })
    const [rekor, tsa, ots, evm] = [this.#rekor, this.#tsa, this.#ots, this.#evm]
    const anchors: JsonObject[] = [
      { kind: 'rekor', url: rekor.url, trustedRoot: 'trusted-root.json', key: { file: 'rekor.key' } },
      { kind: 'rfc3161', name: 'tsa:orchard', url: tsa.url, roots: ['tsa.pem'] },
      {
        kind: 'opentimestamps',
        calendars: ots.calendars.map(({ url }) => url),
        headers: [ots.esplora, { core: ots.core }],
        network: 'regtest',
      },
    ]
    if (evm !== null) {
      const { chainId, urls: rpcs, key } = evm
      write('ethereum.key', key)
      anchors.push({ kind: 'ethereum', chainId, rpcs, key: { file: 'ethereum.key' }, feeCap: '100000000000' })
    }
    write('anchors.json', `${JSON.stringify({ anchors }, null, 2)}\n`)
    return join(directory, 'anchors.json')
  }

  async close(): Promise<void> {
    await Promise.all([this.#rekor.close(), this.#tsa.close(), this.#ots.close(), this.#evm?.close()])
  }

  async #mine(blocks: number): Promise<void> {
    if (this.#evm === null) return
    for (let i = 0; i < blocks; i += 1) {
      this.#block = Math.max(this.#block + 12, Math.floor(this.#clock.now() / 1000))
      await this.#evm.call('evm_setNextBlockTimestamp', this.#block)
      await this.#evm.mine()
    }
  }
}
