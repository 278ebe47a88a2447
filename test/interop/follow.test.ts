import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicKeyPem } from '@countersign/core'
import { writeBundle } from '@countersign/formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { GO_MISSING, goProgram } from './go.ts'

const program = goProgram('go-follow')

interface Found {
  readonly checkpoint: string
  readonly size: number
  readonly entries: number
  readonly tiles: number
}

describe.skipIf(GO_MISSING)(GO_MISSING ? 'skipped: there is no go on this machine' : 'a C2SP client in Go', () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-follow-'))
  const by = party('build', 'ed25519')
  let server: Server
  let vkey: string
  beforeAll(async () => {
    program.build()
    server = await startServer(root)
    await post('/v1/keys', JSON.stringify({ name: 'build', publicKey: publicKeyPem(by.publicKey) }))
    const reply = await fetch(`${server.url}/v1/server`, { headers: { authorization: `Bearer ${server.token}` } })
    ;({ vkey } = (await reply.json()) as { vkey: string })
  })
  afterAll(async () => {
    await server.stop()
    rmSync(root, { recursive: true, force: true })
  })

  async function post(path: string, body: string | Uint8Array): Promise<void> {
    const headers = { authorization: `Bearer ${server.token}` }
    const reply = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: Buffer.from(body) })
    expect(reply.status).toBe(201)
  }

  async function append(count: number): Promise<void> {
    const signed = Array.from({ length: count }, (_, i) => {
      const chain = { id: newChainId(), pipeline: 'p', contract: null }
      return writeBundle(signStep(by, { chain, name: 'build', subject: [file('a', `${i}`)] }).bundle)
    })
    await Promise.all(signed.map((bundle) => post('/v1/attestations', bundle)))
  }

  function follow(before: string, key = vkey): Found {
    const task = { URL: server.url, Token: server.token, Vkey: key, Before: before }
    return JSON.parse(execFileSync(program.path, { input: JSON.stringify(task) }).toString()) as Found
  }

  test('opens our checkpoints, proves every entry from our tiles, and that each goes on from the one before', async () => {
    let before = follow('')
    // The first administrator, and the key.
    expect(before.size).toBeLessThan(3)
    // Over the edge of the first tile, and of the second.
    for (const count of [1, 6, 249, 1, 300]) {
      await append(count)
      const now = follow(before.checkpoint)
      expect([now.size, now.entries]).toEqual([before.size + count, before.size + count])
      before = now
    }
    expect(before.tiles).toBeGreaterThan(2)
  })

  test('red control: it refuses another key, and a checkpoint that ours does not go on from', async () => {
    await append(3)
    const { checkpoint } = follow('')
    const other = vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')
    for (const [key, before] of [
      [other, ''],
      [vkey, checkpoint.replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${'A'.repeat(43)}=\n`)],
    ] as const) {
      const task = { URL: server.url, Token: server.token, Vkey: key, Before: before }
      expect(spawnSync(program.path, { input: JSON.stringify(task) }).status).toBe(1)
    }
  })
})
