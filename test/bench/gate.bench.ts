import { publicKeyPem } from '@countersign/core'
import { writeBundle } from '@countersign/formats'
import { startServer } from '../demo/world.ts'
import { honestRun, parties, type Run } from '../pipeline.ts'
import { Connection } from './connection.ts'
import { filledLog } from './filled-log.ts'
import type { Bench } from './row.ts'

const SIZES = [10_000, 100_000, 1_000_000]
/** Runs of four steps, all proven; and how often each of their artifacts is asked about. */
const RUNS = 500
const ASKED = 8
/** As many as deploy at once. */
const CONNECTIONS = 4

interface Measured {
  readonly p99: number
  readonly perSecond: number
}

/**
 * Decisions over HTTP of a server whose log holds so many attestations: looked up, judged, signed, recorded durably. The
 * first of each artifact verifies its whole chain. The figure is the p99 at 10⁶, beside the same at 10⁴.
 */
export default {
  name: 'gate',
  async run() {
    const measured: Measured[] = []
    for (const size of SIZES) measured.push(await measure(size))
    const [small, between, large] = measured as [Measured, Measured, Measured]
    return {
      name: 'gate',
      value: large.p99,
      unit: 'ms p99',
      limit: small.p99,
      ratio: small.p99 / large.p99,
      target: `< 10 ms at 10⁶ (${Math.round(large.perSecond)} decisions/s; at 10⁵ ${between.p99.toFixed(1)} ms and ${Math.round(between.perSecond)}/s, at 10⁴ ${Math.round(small.perSecond)}/s)`,
      held: large.p99 < 10,
    }
  },
} satisfies Bench

async function measure(size: number): Promise<Measured> {
  const filled = await filledLog(size)
  const server = await startServer(filled.directory)
  try {
    const runs = await prepare(server)
    const questions = Array.from({ length: RUNS * ASKED }, (_, i) => runs[i % RUNS]!)
      .map((run) => ({ run, order: Math.random() }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ run }) => Buffer.from(JSON.stringify({ artifact: run.app.digest.sha256, contract: run.contract.digest })))
    const latencies: number[] = []
    let next = 0
    const begun = performance.now()
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const connection = new Connection(server.url, server.token)
        for (let own = next++; own < questions.length; own = next++) {
          const asked = performance.now()
          const { status, text } = await connection.post('/v1/gate', questions[own]!)
          latencies.push(performance.now() - asked)
          if (status !== 200) throw new Error(`not allowed: ${text}`)
        }
        connection.close()
      }),
    )
    const perSecond = latencies.length / ((performance.now() - begun) / 1000)
    const p99 = latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)]!
    return { p99, perSecond }
  } finally {
    await server.stop()
  }
}

/** The runs, in the server; and some of another revision that nobody measures, so that what is measured is compiled. */
async function prepare({ url, token }: { readonly url: string; readonly token: string }): Promise<readonly Run[]> {
  const who = parties()
  // Before the server is asked: it does not wait for long with a connection open.
  const runs = Array.from({ length: RUNS + 50 }, (_, i) => honestRun({ who, commit: `gate ${i}` }))
  const headers = { authorization: `Bearer ${token}` }
  const send = async (method: string, path: string, body: string | Uint8Array) => {
    const reply = await fetch(`${url}${path}`, { method, headers, body: Buffer.from(body) })
    if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`)
  }
  for (const { name, publicKey } of [who.github, who.codebuild, who.cloudbuild, who.azure]) {
    await send('POST', '/v1/keys', JSON.stringify({ name, publicKey: publicKeyPem(publicKey) }))
  }
  await send('PUT', '/v1/contracts/shop/web', runs[0]!.contractBytes)
  const connections = Array.from({ length: 16 }, () => new Connection(url, token))
  let next = 0
  await Promise.all(
    connections.map(async (connection) => {
      for (let own = next++; own < runs.length; own = next++) {
        for (const { bundle } of runs[own]!.steps) {
          const { status, text } = await connection.post('/v1/attestations', writeBundle(bundle))
          if (status !== 201) throw new Error(text)
        }
      }
    }),
  )
  const question = (run: Run) =>
    Buffer.from(JSON.stringify({ artifact: run.app.digest.sha256, contract: run.contract.digest }))
  for (const run of runs.slice(RUNS)) {
    for (let i = 0; i < 10; i++) await connections[0]!.post('/v1/gate', question(run))
  }
  for (const connection of connections) connection.close()
  return runs.slice(0, RUNS)
}
