import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Client, createClient } from '@countersign/client'
import type { AdmitDeps } from '../../packages/cli/src/kubernetes/admit.ts'
import type { ImageName } from '../../packages/cli/src/kubernetes/image-name.ts'
import { Verdicts, type VerdictsOptions } from '../../packages/cli/src/kubernetes/verdicts.ts'
import { readWebhookPolicy } from '../../packages/cli/src/kubernetes/webhook-policy.ts'
import { type TestServer, token } from '../server.ts'

/** The client of a server that has no socket. */
export function clientOf(server: TestServer): Client {
  return createClient({
    url: 'https://server.example',
    token: token('acme', 'read'),
    crypto: nodeCrypto,
    retry: { attempts: 1 },
    fetch: async (url, { method, headers, body }) => {
      const { pathname, search } = new URL(url)
      const reply = await server.request(method, `${pathname}${search}`, {
        token: null,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      return { status: reply.status, headers: reply.headers, body: reply.body as AsyncIterable<Uint8Array> | null }
    },
  })
}

export interface Cluster extends AdmitDeps {
  readonly logged: Readonly<Record<string, unknown>>[]
  /** Tags that its registry was asked about. */
  readonly resolved: string[]
}

/** What a webhook works with, over a server's gate and a registry that answers as it is told. */
export function clusterOf(
  server: TestServer,
  policy: object,
  tags: (image: ImageName) => string | Promise<string>,
  more: Partial<VerdictsOptions> = {},
): Cluster {
  const read = readWebhookPolicy(new TextEncoder().encode(JSON.stringify(policy)))
  const logged: Readonly<Record<string, unknown>>[] = []
  const resolved: string[] = []
  const verdicts = new Verdicts({
    client: clientOf(server),
    keys: server.deps.log.keys.map(({ publicKey }) => publicKey),
    directory: null,
    maxAge: read.maxAge,
    environment: read.environment,
    crypto: nodeCrypto,
    now: () => server.deps.now(),
    failed: (error) => logged.push({ error: String(error) }),
    ...more,
  })
  return {
    policy: read,
    verdicts,
    resolve: async (image) => {
      resolved.push(image.text)
      return tags(image)
    },
    log: (line) => logged.push(line),
    logged,
    resolved,
  }
}

/** An AdmissionReview as the API server sends it. */
export function review(object: object, more: Readonly<Record<string, unknown>> = {}): Uint8Array {
  const { kind, apiVersion } = object as { kind: string; apiVersion: string }
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const resource = `${kind.toLowerCase()}s`
  const request = {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind: { group, version, kind },
    resource: { group, version, resource },
    requestKind: { group, version, kind },
    requestResource: { group, version, resource },
    name: 'web-0',
    namespace: 'shop',
    operation: 'CREATE',
    userInfo: { username: 'ada', uid: '014fbff9a07c', groups: ['system:authenticated'] },
    object,
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    ...more,
  }
  return new TextEncoder().encode(
    JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request }),
  )
}

export interface Answered {
  readonly uid: string
  readonly allowed: boolean
  readonly status?: { readonly code: number; readonly message: string }
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
  readonly patchType?: string
  readonly patch?: string
}

export function responseOf(answer: object): Answered {
  return (answer as { response: Answered }).response
}

export function patchOf(answer: object): readonly { op: string; path: string; value: string }[] {
  const { patch, patchType } = responseOf(answer)
  if (patch === undefined) return []
  if (patchType !== 'JSONPatch') throw new Error('a patch of no type')
  return JSON.parse(Buffer.from(patch, 'base64').toString()) as { op: string; path: string; value: string }[]
}

export const pod = (images: readonly string[], more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-0', namespace: 'shop' },
  spec: { containers: images.map((image, i) => ({ name: `c${i}`, image })), ...more },
})
