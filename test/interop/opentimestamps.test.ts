import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { opentimestampsAnchor } from '@countersign/adapters/anchor-opentimestamps'
import { coreHeaders, esploraHeaders } from '@countersign/adapters/bitcoin-headers'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { AnchorState } from '@countersign/anchor'
import { hex, parseJson, sha256, utf8 } from '@countersign/core'
import { Shape, statementDigests } from '@countersign/formats'
import {
  type OpenTimestampsAnchor,
  otsFileOf,
  otsPaths,
  otsTree,
  parseOts,
  readOpentimestamps,
  writeOts,
} from '@countersign/formats/anchor'
import { verifyOpenTimestamps } from '@countersign/verify/anchors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalOts, startLocalOts } from '../anchors/local-ots.ts'
import { vectors } from '../vectors/read.ts'
import { textOf } from '../vectors/topics/log-statement.ts'

/** The reference client, from the Python package index. */
const CLIENT = 'opentimestamps-client==0.7.2'
const venv = join(tmpdir(), 'countersign-interop', 'ots-0.7.2')
const client = join(venv, 'bin', 'ots')
const TEXT = textOf()
const clock = () => Date.UTC(2026, 10, 20, 1)

/** Which of the files in `vectors.json` the library of the client reads. */
const READ = `
import io, json
from opentimestamps.core.serialize import StreamDeserializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile

def reads(digits):
    try:
        DetachedTimestampFile.deserialize(StreamDeserializationContext(io.BytesIO(bytes.fromhex(digits))))
        return True
    except Exception:
        return False

print(json.dumps([reads(digits) for digits in json.load(open('vectors.json'))]))
`

function install(): boolean {
  if (existsSync(client)) return true
  if (spawnSync('python3', ['--version']).error !== undefined) return false
  mkdirSync(join(venv, '..'), { recursive: true })
  try {
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'ignore' })
    execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', CLIENT], { stdio: 'ignore' })
  } catch {
    rmSync(venv, { recursive: true, force: true })
  }
  return existsSync(client)
}

const there = install()
let directory = ''
let ots: LocalOts
let anchor: OpenTimestampsAnchor

/** Runs the client, while the calendars here go on answering. */
async function run(...args: readonly string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(client, ['--no-cache', ...args], { cwd: directory })
    return { code: 0, text: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: stdout + stderr }
  }
}
const verify = (file: string) => run('--bitcoin-node', ots.rpc.replace('//', '//user:pass@'), 'verify', file)
const put = (name: string, content: string | Uint8Array) => writeFileSync(join(directory, name), content)
const printed = (height: number) =>
  Buffer.from(ots.chain.at(height)!.header.subarray(36, 68).toReversed()).toString('hex')

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-ots-'))
  ots = await startLocalOts({ clock })
  const adapter = opentimestampsAnchor({
    calendars: ots.calendars.map(({ url }) => url),
    headers: [
      esploraHeaders({ url: ots.esplora, crypto: nodeCrypto }),
      coreHeaders({ url: ots.core, crypto: nodeCrypto }),
    ],
    crypto: nodeCrypto,
    network: 'regtest',
  })
  let state: AnchorState = { phase: 'pending', memo: null }
  let proof: Uint8Array | null = null
  for (let i = 0; i < 3; i++) {
    ;({ state, proof } = await adapter.move({ number: 0, text: utf8(TEXT), state, others: [], now: clock() }))
    if (i === 1) ots.mine(6)
  }
  anchor = readOpentimestamps(new Shape('anchor-invalid', parseJson(proof!), 'anchor'))
})

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await ots.close()
})

describe.skipIf(!there)('the reference client', () => {
  test('verifies the file of a final anchor against a node', async () => {
    put('statement.txt', TEXT)
    put('statement.txt.ots', otsFileOf(anchor))
    const { code, text } = await verify('statement.txt.ots')
    expect(text).toMatch(/Success! Bitcoin block 1 attests existence as of /)
    expect(code).toBe(0)
    const info = await run('info', 'statement.txt.ots')
    expect(info.text).toContain(`File sha256 hash: ${anchor.statement}`)
    expect(info.text).toContain(`Bitcoin block merkle root ${printed(1)}`)
  })

  test('and refuses what we refuse: another text, another way', async () => {
    put('other.txt', `${TEXT}!`)
    put('other.txt.ots', otsFileOf(anchor))
    expect((await verify('other.txt.ots')).code).not.toBe(0)
    const ways = otsPaths(anchor.file.tree).map((way) => ({ ...way, ops: [...way.ops, { op: 'reverse' } as const] }))
    put('way.txt', TEXT)
    put('way.txt.ots', writeOts({ ...anchor.file, tree: otsTree(ways) }))
    const { code, text } = await verify('way.txt.ots')
    expect(text).not.toContain('Success')
    expect(code).not.toBe(0)
  })

  test('stamps at our calendars, upgrades there, and we verify what it wrote', async () => {
    put('theirs.txt', TEXT)
    const urls = ots.calendars.map(({ url }) => url)
    const stamped = await run(
      '--no-default-whitelist',
      'stamp',
      ...urls.flatMap((url) => ['-c', url]),
      '-m',
      '2',
      'theirs.txt',
    )
    expect(stamped.code, stamped.text).toBe(0)
    const pending = parseOts(readFileSync(join(directory, 'theirs.txt.ots')))
    expect(otsPaths(pending.tree).map(({ attestation }) => attestation.kind)).toEqual(['pending', 'pending'])
    ots.mine(6)
    const whitelist = urls.flatMap((url) => ['--whitelist', url])
    const upgraded = await run(...whitelist, 'upgrade', 'theirs.txt.ots')
    expect(upgraded.code, upgraded.text).toBe(0)
    const bytes = readFileSync(join(directory, 'theirs.txt.ots'))
    const file = parseOts(new Uint8Array(bytes))
    expect(Buffer.from(writeOts(file)).equals(bytes)).toBe(true)
    const height = ots.chain.tip.height - 5
    const headers = Array.from({ length: 6 }, (_, i) => new Uint8Array(ots.chain.at(height + i)!.header))
    const read: OpenTimestampsAnchor = {
      kind: 'opentimestamps',
      statement: hex(sha256(utf8(TEXT))),
      file,
      blocks: [{ height, headers }],
    }
    const trust = {
      network: 'regtest',
      blocks: [{ height, hash: ots.chain.at(height)!.hash }],
      minimumWork: null,
    } as const
    const proved = verifyOpenTimestamps(
      read,
      { text: utf8(TEXT), digests: statementDigests(TEXT, nodeCrypto) },
      trust,
      nodeCrypto,
    )
    expect(proved.at).toBe(`block ${height} ${ots.chain.at(height)!.hash}`)
  })

  test('reads the files of our vectors that we read, and some more', async () => {
    const named = vectors<{ ots: string; error?: string }>('ots')
    put('read.py', READ)
    put('vectors.json', JSON.stringify(named.map(([, { ots: digits }]) => digits)))
    const { stdout } = await promisify(execFile)(join(venv, 'bin', 'python'), ['read.py'], { cwd: directory })
    const theirs = JSON.parse(stdout) as boolean[]
    const differ = named.flatMap(([name, { error }], i) =>
      theirs[i] === (error === undefined) ? [] : [`${name}: ${theirs[i] ? 'theirs' : 'ours'} alone reads it`],
    )
    // We take one spelling of a number, bound files, and ask for an address.
    expect(differ.toSorted()).toEqual([
      'append-length-in-more-bytes: theirs alone reads it',
      'height-2-to-the-31: theirs alone reads it',
      'height-in-more-bytes: theirs alone reads it',
      'height-in-six-bytes: theirs alone reads it',
      'height-zero-in-two-bytes: theirs alone reads it',
      'nodes-1025: theirs alone reads it',
      'uri-empty: theirs alone reads it',
      'version-in-two-bytes: theirs alone reads it',
    ])
  })
})
