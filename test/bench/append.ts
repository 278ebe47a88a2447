import { spawn } from 'node:child_process'
import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pae, writeBundle } from '@countersign/formats'
import { publicKeyPem } from '@countersign/core'
import { SERVER, type Server, startServer } from '../demo/world.ts'
import { file, newChainId, type Party, party, received, type Signed, signStep, source } from '../pipeline.ts'
import { Connection } from './connection.ts'
import { median } from './row.ts'

/** Of four steps each. */
const WARM_UP = 2_500
const CHAINS = 5_000
const CONNECTIONS = 64

/** What a run of appends came to. */
export interface Appends {
  /** Appends a second, sustained. */
  readonly value: number
  /** Of one core's bare P-256 verifications a second. */
  readonly limit: number
  /** Milliseconds. */
  readonly p99: number
  /** What a server does that checks and proves nothing: see `bare-server.ts`. */
  readonly bare: number
  /** Every reply, and the step it is about. */
  readonly replies: readonly (readonly [step: Signed, text: string])[]
  /** The signer of the steps, and the verifier key of the log. */
  readonly by: Party
  readonly vkey: string
}

/**
 * Appends over real HTTP to a server process of its own: each signature verified, each hand-over checked, each
 * acknowledged when durable, with its receipt. The limit is what one core can do of bare P-256 verifications.
 */
export async function measureAppends(): Promise<Appends> {
  const root = mkdtempSync(join(tmpdir(), 'countersign-bench-append-'))
  try {
    const by = party('bench')
    // Sustained is what counts: a server that has run for seconds has compiled its hot path.
    const warm = makeChains(by, WARM_UP)
    const chains = makeChains(by, CHAINS)
    const measured = await measureOurs(root, by, warm, chains)
    const bare = await measureBare(join(root, 'bare.db'), by, warm, chains)
    return { ...measured, bare, by }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function measureOurs(
  root: string,
  by: Party,
  warm: readonly Signed[][],
  chains: readonly Signed[][],
): Promise<Omit<Appends, 'bare' | 'by'>> {
  const server = await startServer(root)
  try {
    const admin = new Connection(server.url, server.token)
    const key = { name: 'bench', publicKey: publicKeyPem(by.publicKey) }
    await post(admin, '/v1/keys', Buffer.from(JSON.stringify(key)))
    admin.close()
    const headers = { authorization: `Bearer ${server.token}` }
    const { vkey } = (await (await fetch(`${server.url}/v1/server`, { headers })).json()) as { vkey: string }
    await load(server, warm)
    const limit = await median(3, () => bareVerifications(by, chains[0]![0]!))
    const begun = performance.now()
    const { latencies, replies } = await load(server, chains)
    const seconds = (performance.now() - begun) / 1000
    latencies.sort((a, b) => a - b)
    const p99 = latencies[Math.floor(latencies.length * 0.99)]!
    return { value: latencies.length / seconds, limit, p99, replies, vkey }
  } finally {
    await server.stop()
  }
}

/** The same load on the least that could take it, in the same run. */
async function measureBare(
  file: string,
  by: Party,
  warm: readonly Signed[][],
  chains: readonly Signed[][],
): Promise<number> {
  const program = join(import.meta.dirname, 'bare-server.ts')
  const child = spawn(process.execPath, [...SERVER.slice(0, -1), program, file, publicKeyPem(by.publicKey)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [address] = (await once(child.stdout, 'data')) as [Buffer]
    const server = { url: address.toString().trim(), token: '' }
    await load(server, warm)
    const begun = performance.now()
    const { replies } = await load(server, chains)
    return replies.length / ((performance.now() - begun) / 1000)
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}

/** Chains of four steps, each handing its product to the next, signed beforehand. */
function makeChains(by: Party, count: number): Signed[][] {
  return Array.from({ length: count }, (_, n) => {
    const chain = { id: newChainId(), pipeline: 'bench/append', contract: null }
    const steps: Signed[] = []
    let product = source(`commit ${n}`)
    for (const [i, name] of ['source', 'build', 'test', 'pack'].entries()) {
      const before = steps.at(-1)
      const made = i === 0 ? product : file(`${name}.tgz`, `${name} of ${n}`)
      const more =
        before === undefined
          ? {}
          : {
              previous: [{ link: before.link, step: before.statement.predicate.step.name }],
              materials: [received(product, before.link)],
            }
      steps.push(signStep(by, { chain, name, subject: [made], minute: 2 * i, ...more }))
      product = made
    }
    return steps
  })
}

/** Appends every chain in its order, many chains at a time; milliseconds of each request, and its reply. */
async function load(
  server: Pick<Server, 'url' | 'token'>,
  chains: readonly Signed[][],
): Promise<Pick<Appends, 'replies'> & { latencies: number[] }> {
  const bodies = chains.map((chain) => chain.map(({ bundle }) => writeBundle(bundle)))
  const latencies: number[] = []
  const replies: [Signed, string][] = []
  let next = 0
  const worker = async () => {
    const connection = new Connection(server.url, server.token)
    for (let own = next++; own < bodies.length; own = next++) {
      for (const [i, body] of bodies[own]!.entries()) {
        const begun = performance.now()
        const text = await post(connection, '/v1/attestations', body)
        latencies.push(performance.now() - begun)
        replies.push([chains[own]![i]!, text])
      }
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  return { latencies, replies }
}

async function post(connection: Connection, path: string, body: Uint8Array): Promise<string> {
  const { status, text } = await connection.post(path, body)
  if (status !== 201) throw new Error(`${path}: ${status} ${text}`)
  return text
}

/** Bare P-256 verifications a second on one core. The signature as it is: asking for raw r‖s costs a third of the speed. */
function bareVerifications(by: Party, { bundle }: Signed): number {
  const message = pae(bundle.envelope.payloadType, bundle.envelope.payload)
  const { signature } = bundle.envelope
  const key = createPublicKey(by.privateKey)
  const rounds = 5_000
  const begun = performance.now()
  for (let i = 0; i < rounds; i++) {
    if (!verify('sha256', message, key, signature)) throw new Error('bad signature')
  }
  return rounds / ((performance.now() - begun) / 1000)
}
