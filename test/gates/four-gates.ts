import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { GithubApp } from '@countersign/adapters/github-app'
import type { ChainLine } from '@countersign/formats'
import { writeChainFile } from '@countersign/formats'
import { gate } from '../../packages/cli/src/commands/verify.ts'
import type { Context } from '../../packages/cli/src/context.ts'
import { readAppPolicy } from '../../packages/cli/src/github/app-policy.ts'
import { decideRun } from '../../packages/cli/src/github/decide-run.ts'
import { deliver } from '../../packages/cli/src/github/deliver.ts'
import { ProtectionQueue } from '../../packages/cli/src/github/protection-queue.ts'
import { validate } from '../../packages/cli/src/kubernetes/admit.ts'
import type { TestServer } from '../server.ts'
import { clientOf, clusterOf, pod, responseOf, review } from './cluster.ts'
import { APP_ID, FakeGithub, REPOSITORY, SECRET } from './fake-github.ts'

/** What a gate is asked. */
export interface Asked {
  /** SHA-256, hex. */
  readonly artifact: string
  readonly contract: { readonly digest: string; readonly bytes: Uint8Array }
  readonly pipeline: string
  /** The commit that a deployment on GitHub is of. */
  readonly commit: string
  /** What the command line is handed; null where it is handed no file. */
  readonly lines: readonly ChainLine[] | null
  /** Bytes in the place of the chain file. */
  readonly file?: Uint8Array
  /** A list of revoked keys for the command line. */
  readonly revoked?: Uint8Array
}

export interface Said {
  /** True where something would be deployed. */
  readonly allowed: boolean
  /** All that it says of why. */
  readonly text: string
}

/** The command line as its door makes it, in this process. */
export function contextFor(cwd: string, now: string, out: { text: string }): Context {
  return {
    cwd,
    environment: {},
    settings: {
      url: null,
      token: null,
      allowHttp: false,
      audience: null,
      key: null,
      passphrase: null,
      pipeline: null,
      contract: null,
      baseline: null,
      sigstoreTrust: null,
      chain: null,
      spool: join(cwd, 'spool'),
      sessions: [],
      sigstoreCache: join(cwd, 'sigstore'),
      githubToken: null,
      gitlabToken: null,
      dockerConfig: join(cwd, 'docker'),
    },
    now: () => now,
    stdout: (text) => void (out.text += text),
    stderr: (text) => void (out.text += text),
    signals: { on: () => undefined, off: () => undefined },
    interactive: false,
    ask: null,
    colour: false,
  }
}

/** The four gates, over one server. */
export class FourGates {
  readonly #server: TestServer
  readonly #root = mkdtempSync(join(tmpdir(), 'countersign-gates-'))
  #count = 0

  constructor(server: TestServer) {
    this.#server = server
  }

  static readonly NAMES = ['command line', 'HTTP', 'Kubernetes', 'GitHub'] as const

  ask(name: (typeof FourGates.NAMES)[number], asked: Asked): Promise<Said> {
    if (name === 'command line') return this.#commandLine(asked)
    if (name === 'HTTP') return this.#http(asked)
    return name === 'Kubernetes' ? this.#kubernetes(asked) : this.#github(asked)
  }

  async #commandLine({ artifact, contract, lines, file, revoked }: Asked): Promise<Said> {
    const cwd = join(this.#root, String(this.#count++))
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'contract.yaml'), contract.bytes)
    const chain = file ?? (lines === null ? null : writeChainFile(lines))
    if (chain !== null) writeFileSync(join(cwd, 'chain.jsonl'), chain)
    if (revoked !== undefined) writeFileSync(join(cwd, 'revoked.json'), revoked)
    const out = { text: '' }
    const options = {
      contract: 'contract.yaml',
      offline: true,
      format: 'json',
      ...(chain === null ? {} : { chain: ['chain.jsonl'] }),
      ...(revoked === undefined ? {} : { revoked: 'revoked.json' }),
    }
    try {
      const code = await gate(contextFor(cwd, this.#server.deps.now(), out), `sha256:${artifact}`, options)
      return { allowed: code === 0, text: out.text }
    } catch (error) {
      // The door makes 2 of it.
      return { allowed: false, text: String(error) }
    }
  }

  async #http({ artifact, contract }: Asked): Promise<Said> {
    const body = JSON.stringify({ artifact, contract: contract.digest })
    const reply = await this.#server.request('POST', '/v1/gate', { body })
    const text = await reply.text()
    const allowed = reply.status === 200
    if (allowed !== (JSON.parse(text) as { decision?: string }).decision?.startsWith('allow')) {
      if (allowed) throw new Error(`the status and the decision differ: ${text}`)
    }
    return { allowed, text }
  }

  async #kubernetes({ artifact, contract }: Asked): Promise<Said> {
    const policy = { rules: [{ images: ['ghcr.io/**'], contract: contract.digest }], environment: 'production' }
    const deps = clusterOf(this.#server, policy, () => Promise.reject(new Error('no registry')))
    const answer = await validate(deps, 'enforce', review(pod([`ghcr.io/shop/web@sha256:${artifact}`])))
    return { allowed: responseOf(answer).allowed, text: JSON.stringify(answer) }
  }

  async #github({ contract, pipeline, commit }: Asked): Promise<Said> {
    const github = new FakeGithub()
    const rules = [{ repository: REPOSITORY.id, pipeline, contract: contract.digest }]
    const policy = readAppPolicy(new TextEncoder().encode(JSON.stringify({ appId: APP_ID, rules, patience: 1 })))
    const { privateKey } = github
    const app = new GithubApp({
      api: policy.api,
      appId: APP_ID,
      privateKey,
      now: () => github.now,
      fetch: github.fetch,
    })
    const judging = {
      client: clientOf(this.#server),
      keys: this.#server.deps.log.keys.map(({ publicKey }) => publicKey),
      crypto: nodeCrypto,
      now: () => this.#server.deps.now(),
    }
    const queue = new ProtectionQueue({
      directory: join(this.#root, String(this.#count++)),
      app,
      policy,
      decide: (event, rule) => decideRun(judging, event, rule),
      now: () => github.now,
      wait: async (ms) => void (github.now += ms),
      log: () => undefined,
      failed: () => undefined,
    })
    const { body, headers } = github.delivery(commit)
    const callbackFor = app.callbackFor.bind(app)
    await deliver({ secret: SECRET, queue, callbackFor, log: () => undefined }, body, headers)
    await queue.settled()
    const last = github.reviews.at(-1)
    return { allowed: last?.state === 'approved', text: JSON.stringify(github.reviews) }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }
}
