import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { canonicalJson, type JsonObject, type JsonValue } from '@countersign/core'
import { type Role, ROLES } from '@countersign/adapters/sigstore-cache'
import { type Pair, pairOf } from '../vectors/topics/note-signers.ts'
import { serve, type Served } from '../anchors/local-ots.ts'

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
/** As TUF's own canonical form has it, which is the same for texts without escapes and whole numbers. */
const canonical = (value: JsonValue) => Buffer.from(canonicalJson(value))

export const DAY = 86_400_000
const FAR = Date.now() + 300 * DAY
export const tufTime = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`

/** A key of a role, out of a word. */
export function tufKey(word: string): Pair & { readonly id: string; readonly json: JsonObject } {
  const pair = pairOf(sha256(Buffer.from(word)))
  const json = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hexOf(pair.raw) } }
  return { ...pair, json, id: sha256(canonical(json)) }
}
export type TufKey = ReturnType<typeof tufKey>

/** What a repository says at one time. */
export interface TufState {
  readonly versions: Readonly<Record<Role, number>>
  /** Milliseconds since 1970. */
  readonly expires: Readonly<Record<Role, number>>
  readonly keys: Readonly<Record<Role, readonly TufKey[]>>
  readonly threshold: Readonly<Record<Role, number>>
  readonly target: Uint8Array
  /** Who signs in place of the keys of the role. */
  readonly signers: Partial<Readonly<Record<Role, readonly TufKey[]>>>
  /** Changes to what is signed. */
  readonly bend: Partial<Readonly<Record<Role, (signed: JsonObject) => JsonObject>>>
}

type Change = Partial<{ readonly [key in keyof TufState]: Partial<TufState[key]> }> & { readonly target?: Uint8Array }

/** A TUF repository as it is published, version after version. */
export class LocalTuf {
  state: TufState
  /** Everything that was ever published, by its address; `timestamp.json` as it is now. */
  readonly files = new Map<string, Buffer>()

  constructor(target: Uint8Array, word = 'local') {
    const of = (role: string) => tufKey(`${word} ${role}`)
    this.state = {
      versions: { root: 1, timestamp: 1, snapshot: 1, targets: 1 },
      expires: { root: FAR, timestamp: FAR, snapshot: FAR, targets: FAR },
      keys: {
        root: [of('root 1'), of('root 2')],
        timestamp: [of('timestamp')],
        snapshot: [of('snapshot')],
        targets: [of('targets')],
      },
      threshold: { root: 2, timestamp: 1, snapshot: 1, targets: 1 },
      target,
      signers: {},
      bend: {},
    }
    this.publish()
  }

  get root(): Uint8Array {
    return new Uint8Array(this.files.get('1.root.json')!)
  }

  /** Does something, and puts everything back as it was before. */
  async meanwhile(act: () => Promise<void>): Promise<void> {
    const [state, files] = [this.state, [...this.files]]
    await act()
    this.state = state
    this.files.clear()
    for (const [path, bytes] of files) this.files.set(path, bytes)
  }

  /** Publishes what changes, with what names it. Signers and bends are for this one time. */
  publish(change: Change = {}): void {
    const { target = this.state.target, ...rest } = change
    const state: TufState = {
      ...this.state,
      versions: { ...this.state.versions, ...rest.versions },
      expires: { ...this.state.expires, ...rest.expires },
      keys: { ...this.state.keys, ...rest.keys },
      threshold: { ...this.state.threshold, ...rest.threshold },
      target,
      signers: rest.signers ?? {},
      bend: rest.bend ?? {},
    }
    const before = this.state.keys.root
    this.state = { ...state, signers: {}, bend: {} }
    for (const [path, bytes] of filesOf(state, before)) this.files.set(path, bytes)
  }
}

function filesOf(state: TufState, oldRoots: readonly TufKey[]): Map<string, Buffer> {
  const { versions, keys, threshold, target } = state
  const all = Object.values(keys).flat()
  const root = signed(
    state,
    'root',
    {
      consistent_snapshot: true,
      keys: Object.fromEntries(all.map(({ id, json }) => [id, json])),
      roles: Object.fromEntries(
        ROLES.map((role) => [role, { keyids: keys[role].map(({ id }) => id), threshold: threshold[role] }]),
      ),
    },
    [...new Set([...keys.root, ...oldRoots])],
  )
  const digest = sha256(target)
  const targets = signed(state, 'targets', {
    targets: { 'trusted_root.json': { length: target.length, hashes: { sha256: digest } } },
  })
  const meta = (bytes: Buffer, version: number) => ({
    version,
    length: bytes.length,
    hashes: { sha256: sha256(bytes) },
  })
  const snapshot = signed(state, 'snapshot', { meta: { 'targets.json': meta(targets, versions.targets) } })
  const timestamp = signed(state, 'timestamp', { meta: { 'snapshot.json': meta(snapshot, versions.snapshot) } })
  return new Map([
    [`${versions.root}.root.json`, root],
    ['timestamp.json', timestamp],
    [`${versions.snapshot}.snapshot.json`, snapshot],
    [`${versions.targets}.targets.json`, targets],
    [`targets/${digest}.trusted_root.json`, Buffer.from(target)],
  ])
}

function signed(state: TufState, role: Role, members: JsonObject, by: readonly TufKey[] = state.keys[role]): Buffer {
  const bend = state.bend[role] ?? ((same) => same)
  const body = bend({
    _type: role,
    spec_version: '1.0.31',
    version: state.versions[role],
    expires: tufTime(state.expires[role]),
    ...members,
  })
  const signatures = (state.signers[role] ?? by).map((key) => ({
    keyid: key.id,
    sig: hexOf(key.sign(canonical(body))),
  }))
  return Buffer.from(JSON.stringify({ signatures, signed: body }))
}

/** A mirror on this machine; what it asks for first is answered by `odd`, if that does. */
export interface LocalMirror extends Served {
  readonly asked: string[]
  odd: ((path: string, response: ServerResponse) => boolean) | null
  files: ReadonlyMap<string, Buffer>
}

export async function startMirror(files: ReadonlyMap<string, Buffer>): Promise<LocalMirror> {
  const served = await serve((request, response) => {
    const path = (request.url ?? '').slice(1)
    mirror.asked.push(path)
    if (mirror.odd?.(path, response) === true) return
    const bytes = mirror.files.get(decodeURIComponent(path))
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
  })
  const mirror: LocalMirror = { ...served, asked: [], odd: null, files }
  return mirror
}
