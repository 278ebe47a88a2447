import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { GithubApp } from '@countersign/adapters/github-app'
import { CodedError, reportOf } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { readBounded, readText } from '../files.ts'
import { readAppPolicy } from '../github/app-policy.ts'
import { decideRun } from '../github/decide-run.ts'
import { deliver, glance } from '../github/deliver.ts'
import { MAX_DELIVERY_BYTES } from '../github/protection-event.ts'
import { ProtectionQueue } from '../github/protection-queue.ts'
import { addressOf } from '../listen.ts'
import { believeLog } from '../log-trust.ts'
import { errorText, paintFor, plain } from '../output.ts'

export interface GithubAppOptions {
  readonly config: string
  readonly trust: readonly string[]
  readonly privateKey: string
  readonly webhookSecret: string
  readonly state: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly listen: string
  readonly format: string
}

const MAX_FILE = 1 << 20
/** Shorter ones are guessed. */
const LEAST_SECRET = 16
const STOP = ['SIGINT', 'SIGTERM'] as const

/** Runs the GitHub App whose deployment protection rule asks the server’s gate, until it is told to stop. */
export async function githubApp(context: Context, options: GithubAppOptions): Promise<ExitCode> {
  const { serveWebhook } = await import('@countersign/adapters/webhook-server')
  const file = (name: string) => readBounded(resolve(context.cwd, name), MAX_FILE)
  const { host, port } = addressOf(options.listen)
  const { tlsCert, tlsKey } = options
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new CodedError('usage', 'name both --tls-cert and --tls-key')
  if (tlsCert === undefined && !['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new CodedError('usage', 'without --tls-cert it listens on this machine alone', {
      fix: 'Name --tls-cert and --tls-key, or listen on 127.0.0.1 behind what ends TLS there.',
    })
  }
  const secret = readText(resolve(context.cwd, options.webhookSecret), 4_096).trim()
  if (secret.length < LEAST_SECRET)
    throw new CodedError('usage', `the secret of the webhook has less than ${LEAST_SECRET} characters`)
  const policy = readAppPolicy(file(options.config))
  const now = () => Date.parse(context.now())
  const privateKey = readText(resolve(context.cwd, options.privateKey), MAX_FILE)
  const app = new GithubApp({ api: policy.api, appId: policy.appId, privateKey, now })
  const client = await clientFor(context)
  const crypto = await nativeCrypto()
  // Pinned: a server that has fallen could name any key.
  const { trust } = await believeLog(context, options.trust, null, crypto)
  const judging = { client, keys: trust.keys.map(({ publicKey }) => publicKey), crypto, now: context.now }
  const paint = paintFor(context)
  const failed = (error: unknown) => context.stderr(errorText(reportOf(error), paint))
  const log = (line: Readonly<Record<string, unknown>>) =>
    context.stderr(`${JSON.stringify({ at: context.now(), ...line })}\n`)
  const ending = new AbortController()
  const queue = new ProtectionQueue({
    directory: resolve(context.cwd, options.state),
    app,
    policy,
    decide: (event, rule) => decideRun(judging, event, rule),
    now,
    wait: (ms) => wait(ms, undefined, { signal: ending.signal }).catch(() => undefined),
    log,
    failed,
  })
  // Before it listens: whoever reads that it does may stop it at once.
  const stopped = new Promise<void>((done) => {
    for (const signal of STOP) context.signals.on(signal, done)
  })
  const deps = { secret, queue, callbackFor: app.callbackFor.bind(app), log }
  const answer = (body: Uint8Array, headers: Parameters<typeof deliver>[2]) => deliver(deps, body, headers)
  const certified = tlsCert === undefined ? null : () => ({ cert: file(tlsCert), key: file(tlsKey!) })
  const routes = new Map([['/github', { maxBytes: MAX_DELIVERY_BYTES, glance, answer }]])
  const server = await serveWebhook({ host, port, certified, clientCa: null, routes, failed })
  const url = `http${certified === null ? '' : 's'}://${host.includes(':') ? `[${host}]` : host}:${server.port}/github`
  if (options.format === 'json') context.stdout(`${JSON.stringify({ url })}\n`)
  else context.stdout(`${paint.green('✓')} the webhook of the App listens on ${plain(url)}\n`)
  await stopped
  await server.stop()
  queue.stop()
  ending.abort()
  await queue.settled()
  return 0
}
