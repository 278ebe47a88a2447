import { randomBytes } from 'node:crypto'
import { appendFileSync, cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openKeyFile } from '@countersign/adapters/signer-file'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import {
  isBundle,
  linkDigest,
  parseChainFile,
  parseStep,
  type Resource,
  type StepStatement,
  writeBundle,
  writeStep,
} from '@countersign/formats'
import { signStatement } from '@countersign/sign'
import { type Cloud, on } from './clouds.ts'
import type { Server } from './world.ts'

export interface Refusal {
  readonly attack: string
  readonly code: string
  readonly what: string
  /** Who refused: the recorder before the command ran, or the server at append. */
  readonly by: 'recorder' | 'server'
}

/** A step of a recorded run, as its chain file tells it. */
export interface Recorded {
  readonly link: string
  readonly statement: StepStatement
}

/** Steps of a chain file by name. */
export function readRun(chainFile: string): Map<string, Recorded> {
  const steps = new Map<string, Recorded>()
  for (const line of parseChainFile(readFileSync(chainFile))) {
    if (!isBundle(line)) continue
    const { envelope } = line
    const statement = parseStep(envelope.payload)
    steps.set(statement.predicate.step.name, { link: linkDigest(envelope, nodeCrypto), statement })
  }
  return steps
}

/** Somebody changes one byte of what the build handed over. */
export async function swapArtifact(cloud: Cloud, server: Server, built: string, contract: string): Promise<Refusal> {
  const cwd = join(cloud.home, 'swapped')
  mkdirSync(cwd, { recursive: true })
  cpSync(join(built, 'dist'), join(cwd, 'dist'), { recursive: true })
  cpSync(join(built, 'dist.chain.jsonl'), join(cwd, 'dist.chain.jsonl'))
  appendFileSync(join(cwd, 'dist', 'price.js'), ' ')
  const args = [
    'run',
    '--json',
    '--step',
    'pack',
    '--contract',
    contract,
    '--materials',
    'dist',
    '--products',
    '*.tgz',
    '--',
    'npm',
    'pack',
    './dist',
  ]
  return recorderRefusal('swap an artifact between two steps', await on(cloud, server, cwd, args))
}

/** Somebody packs on a laptop and hands that to the deploy. */
export async function skipStep(cloud: Cloud, server: Server, artifact: string, contract: string): Promise<Refusal> {
  const cwd = join(cloud.home, 'skipped')
  mkdirSync(cwd, { recursive: true })
  cpSync(artifact, join(cwd, 'shop-1.0.0.tgz'))
  const args = [
    'run',
    '--json',
    '--step',
    'deploy',
    '--contract',
    contract,
    '--materials',
    'shop-1.0.0.tgz',
    '--',
    'tar',
    'xzf',
    'shop-1.0.0.tgz',
  ]
  return recorderRefusal('skip a step', await on(cloud, server, cwd, args))
}

/** A pack of this run is built on the build of another run, rightly signed. */
export function replayStep(
  cloud: Cloud,
  server: Server,
  own: Map<string, Recorded>,
  other: Map<string, Recorded>,
): Promise<Refusal> {
  const build = other.get('build')!
  return forge('replay the step of another run', cloud, server, own, 'pack', [build])
}

/** A deploy that follows the build directly, rightly signed. */
export function reorderSteps(cloud: Cloud, server: Server, own: Map<string, Recorded>): Promise<Refusal> {
  return forge('reorder the steps', cloud, server, own, 'deploy', [own.get('build')!])
}

/** A pack that would fit, signed by somebody the contract does not let pack. */
export function signWithWrongKey(cloud: Cloud, server: Server, own: Map<string, Recorded>): Promise<Refusal> {
  return forge('sign with the wrong key', cloud, server, own, 'pack', [own.get('build')!])
}

/** Signs a step that no recorder would, and sends it to the server as an intruder on that cloud would. */
async function forge(
  attack: string,
  cloud: Cloud,
  server: Server,
  own: Map<string, Recorded>,
  name: string,
  previous: readonly Recorded[],
): Promise<Refusal> {
  const { chain } = own.get('build')!.statement.predicate
  const now = new Date().toISOString()
  const materials = previous.flatMap(({ link, statement }) =>
    statement.subject.map((made): Resource => ({ ...made, annotations: { ...made.annotations, from: link } })),
  )
  const packed: Resource = {
    name: 'shop-1.0.0.tgz',
    digest: { sha256: randomBytes(32).toString('hex') },
    annotations: { mode: '100644' },
  }
  const payload = writeStep({
    subject:
      name === 'pack'
        ? [packed]
        : materials.map(({ annotations, ...made }) => ({ ...made, annotations: { mode: annotations?.mode ?? null } })),
    predicate: {
      chain,
      step: { name, attempt: 1, matrix: null, nonce: randomBytes(16).toString('hex') },
      previous: previous.map(({ link, statement }) => ({ link, step: statement.predicate.step.name })),
      materials,
      invocation: {
        argv: ['true'],
        exitCode: 0,
        signal: null,
        error: null,
        startedAt: now,
        finishedAt: now,
        workingDirectory: null,
        environment: {},
      },
      runner: { system: 'local', identity: null, os: 'linux', arch: 'x64', tools: {}, actions: {} },
      evidence: [],
    },
  })
  const signer = await openKeyFile(cloud.keyFile, null)
  const bundle = await signStatement(payload, signer, nodeCrypto)
  const reply = await fetch(`${server.url}/v1/attestations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: writeBundle(bundle),
  })
  const body = (await reply.json()) as { code?: string; detail?: string; what?: string }
  if (reply.ok || body.code === undefined) throw new Error(`the server accepted: ${attack}`)
  return { attack, code: body.code, what: body.what ?? body.detail ?? '', by: 'server' }
}

function recorderRefusal(attack: string, ran: { code: number; out: string; err: string }): Refusal {
  if (ran.code === 0) throw new Error(`the recorder accepted: ${attack}`)
  const line = [...ran.out.split('\n'), ...ran.err.split('\n')].findLast((text) => text.startsWith('{'))
  if (line === undefined) throw new Error(`the recorder gave no reason for: ${attack}\n${ran.err}`)
  const { findings } = JSON.parse(line) as { findings: { code: string; what: string }[] }
  const first = findings[0]!
  return { attack, code: first.code, what: first.what, by: 'recorder' }
}
