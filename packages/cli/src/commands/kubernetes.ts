import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { httpFetch } from '@countersign/adapters/http-fetch'
import { dockerCredentials } from '@countersign/adapters/oci-credentials'
import { OciRepository } from '@countersign/adapters/oci-registry'
import { createClient } from '@countersign/client'
import { CodedError, type ConcurrentCrypto, reportOf } from '@countersign/core'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { readBounded } from '../files.ts'
import { checkToken } from '../gate-start.ts'
import { MAX_REVIEW_BYTES } from '../kubernetes/admission-review.ts'
import { type AdmitDeps, mutate, validate } from '../kubernetes/admit.ts'
import { MAX_PROVIDER_BYTES, provide } from '../kubernetes/external-data.ts'
import { type ImageName, referenceOf } from '../kubernetes/image-name.ts'
import { Verdicts } from '../kubernetes/verdicts.ts'
import { MODES, readWebhookPolicy } from '../kubernetes/webhook-policy.ts'
import { addressOf } from '../listen.ts'
import { believeLog } from '../log-trust.ts'
import { errorText, paintFor, plain } from '../output.ts'

export interface WebhookOptions {
  readonly config: string
  readonly trust: readonly string[]
  readonly tlsCert: string
  readonly tlsKey: string
  readonly clientCa?: string
  readonly cache?: string
  readonly listen: string
  readonly format: string
}

const MAX_FILE = 1 << 20
const STOP = ['SIGINT', 'SIGTERM'] as const
/** How long the server, and a registry, may take: the API server waits for five seconds in all; milliseconds. */
const DEADLINE_MS = 2_000

/** Runs the admission webhooks of Kubernetes, and the external data provider, until it is told to stop. */
export async function kubernetesWebhook(context: Context, options: WebhookOptions): Promise<ExitCode> {
  const crypto = await nativeCrypto()
  const { serveWebhook } = await import('@countersign/adapters/webhook-server')
  const { host, port } = addressOf(options.listen)
  const file = (name: string) => readBounded(resolve(context.cwd, name), MAX_FILE)
  const paint = paintFor(context)
  const failed = (error: unknown) => context.stderr(errorText(reportOf(error), paint))
  const deps = await admitting(context, options, crypto, failed)
  const review = (json: (body: Uint8Array) => Promise<object>) => ({
    maxBytes: MAX_REVIEW_BYTES,
    answer: async (body: Uint8Array) => ({ json: await json(body) }),
  })
  const routes = new Map([
    ...MODES.map((mode) => [`/validate/${mode}`, review((body) => validate(deps, mode, body))] as const),
    ['/mutate', review((body) => mutate(deps, body))] as const,
    [
      '/external-data',
      { maxBytes: MAX_PROVIDER_BYTES, answer: async (body: Uint8Array) => ({ json: await provide(deps, body) }) },
    ] as const,
  ])
  // Before it listens: whoever reads that it does may stop it at once.
  const stopped = new Promise<void>((done) => {
    for (const signal of STOP) context.signals.on(signal, done)
  })
  const clientCa = options.clientCa === undefined ? null : file(options.clientCa)
  const certified = () => ({ cert: file(options.tlsCert), key: file(options.tlsKey) })
  const server = await serveWebhook({ host, port, certified, clientCa, routes, failed })
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${server.port}`
  if (options.format === 'json') context.stdout(`${JSON.stringify({ url })}\n`)
  else context.stdout(`${paint.green('✓')} webhooks listen on ${plain(url)}\n`)
  await stopped
  await server.stop()
  return 0
}

async function admitting(
  context: Context,
  options: WebhookOptions,
  crypto: ConcurrentCrypto,
  failed: (error: unknown) => void,
): Promise<AdmitDeps> {
  const policy = readWebhookPolicy(readBounded(resolve(context.cwd, options.config), MAX_FILE))
  const { url, token, allowHttp } = context.settings
  if (url === null || token === null) {
    throw new CodedError('usage', 'the webhook asks a server, and none is set', {
      fix: 'Set COUNTERSIGN_URL, and COUNTERSIGN_TOKEN to a token that may read: countersign token new --scope read',
    })
  }
  const client = createClient({
    url,
    token,
    crypto,
    allowHttp,
    fetch: httpFetch,
    timeoutMs: DEADLINE_MS,
    retry: { attempts: 1 },
  })
  await checkToken(client, failed)
  // Pinned: a server that has fallen could name any key.
  const { trust } = await believeLog(context, options.trust, null, crypto)
  const verdicts = new Verdicts({
    client,
    keys: trust.keys.map(({ publicKey }) => publicKey),
    directory: options.cache === undefined ? null : resolve(context.cwd, options.cache),
    maxAge: policy.maxAge,
    environment: policy.environment,
    crypto,
    now: context.now,
    failed,
  })
  return {
    policy,
    verdicts,
    resolve: (image) => resolveTag(context, image),
    log: (line) => context.stderr(`${JSON.stringify({ at: context.now(), ...line })}\n`),
  }
}

/** What the registry says that the tag is now, in time. Throws `service-unreachable`, and what the registry's client throws. */
async function resolveTag(context: Context, image: ImageName): Promise<string> {
  const reference = referenceOf(image)
  const { dockerConfig } = context.settings
  const credentials = existsSync(dockerConfig)
    ? dockerCredentials(readBounded(dockerConfig, MAX_FILE), reference.host)
    : null
  const { digest } = await new OciRepository(reference, { credentials, timeoutMs: DEADLINE_MS }).resolve(
    reference.reference,
  )
  return digest
}
