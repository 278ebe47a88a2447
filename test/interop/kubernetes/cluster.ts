import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { TlsAuthority } from '../../gates/tls.ts'
import { goTools } from '../go.ts'

const ETCD = 'go.etcd.io/etcd/server/v3'
const APISERVER = 'k8s.io/kubernetes/cmd/kube-apiserver'
const HELM = 'helm.sh/helm/v4/cmd/helm'
export const programs = goTools('go-kubernetes', [ETCD, HELM, APISERVER])

const TOKEN = 'admins-token'
const START_MS = 120_000

/** What the API server answered: its object, or a Status. */
export interface Reply {
  readonly status: number
  readonly body: KubernetesObject
  /** RFC 7234 `Warning` headers, their texts. */
  readonly warnings: readonly string[]
}

/** As far as tests look into one. */
export interface KubernetesObject {
  readonly kind: string
  readonly message?: string
  readonly reason?: string
  readonly metadata?: { readonly name: string; readonly namespace?: string }
  readonly spec?: {
    readonly containers?: readonly { readonly image: string }[]
    readonly initContainers?: readonly { readonly image: string }[]
    readonly ephemeralContainers?: readonly { readonly image: string }[]
    readonly volumes?: readonly { readonly image?: { readonly reference: string } }[]
  }
}

/** A port that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** An address of this machine that the endpoints of a service may have: not one that means whoever asks. */
export function ownAddress(): string {
  const found = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && one.family === 'IPv4' && !one.internal)
  if (found === undefined) throw new Error('this machine has no address but 127.0.0.1')
  return found.address
}

/** etcd and kube-apiserver as they are published, without kubelets or controllers: what is admitted stays as it was written. */
export class KubeApi {
  readonly #root: string
  readonly #authority = new TlsAuthority('kube')
  readonly #running: ChildProcess[] = []
  #port = 0
  #log = ''

  /** Works in a directory of its own. */
  constructor(root: string) {
    this.#root = root
  }

  async start(): Promise<void> {
    const [etcd, peer, port] = await Promise.all([freePort(), freePort(), freePort()])
    this.#port = port
    const own = this.#authority.issue('localhost')
    const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const file = (name: string, text: string | Buffer) => {
      writeFileSync(this.#path(name), text)
      return this.#path(name)
    }
    const clients = `http://127.0.0.1:${etcd}`
    this.#spawn(programs.path(ETCD), [
      `--data-dir=${this.#path('etcd')}`,
      `--listen-client-urls=${clients}`,
      `--advertise-client-urls=${clients}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      '--unsafe-no-fsync',
      '--log-level=error',
    ])
    this.#spawn(programs.path(APISERVER), [
      `--etcd-servers=${clients}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${this.#path('certs')}`,
      `--tls-cert-file=${file('kube.crt', own.cert)}`,
      `--tls-private-key-file=${file('kube.key', own.key)}`,
      `--token-auth-file=${file('tokens.csv', `${TOKEN},admin,admin,"system:masters"\n`)}`,
      `--service-account-key-file=${file('accounts.pub', accounts.publicKey.export({ type: 'spki', format: 'pem' }))}`,
      `--service-account-signing-key-file=${file('accounts.key', accounts.privateKey.export({ type: 'pkcs8', format: 'pem' }))}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--authorization-mode=RBAC',
      // Nobody makes the accounts that it asks for.
      '--disable-admission-plugins=ServiceAccount',
      '--endpoint-reconciler-type=none',
      // Services are gone to by their endpoints: no proxy makes an address of one reachable.
      '--enable-aggregator-routing=true',
      `--audit-policy-file=${file('audit.yaml', AUDIT)}`,
      `--audit-log-path=${this.auditLog}`,
    ])
    file('ca.crt', this.#authority.cert)
    file('kubeconfig', this.#kubeconfig())
    const until = Date.now() + START_MS
    while (!(await this.#isReady())) {
      if (Date.now() > until || this.#running.some(({ exitCode }) => exitCode !== null)) {
        throw new Error(`the cluster did not start:\n${this.#log}`)
      }
      await wait(200)
    }
  }

  get auditLog(): string {
    return this.#path('audit.log')
  }

  /** What the audit log has of requests whose path ends so. */
  audited(path: string): readonly { readonly annotations?: Readonly<Record<string, string>> }[] {
    return readFileSync(this.auditLog, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { requestURI: string; annotations?: Readonly<Record<string, string>> })
      .filter(({ requestURI }) => requestURI.split('?')[0]!.endsWith(path))
  }

  helm(...args: readonly string[]): string {
    const env = { ...process.env, KUBECONFIG: this.#path('kubeconfig'), HOME: this.#root }
    return execFileSync(programs.path(HELM), args, { env, encoding: 'utf8' })
  }

  ask(method: string, path: string, body?: object, type = 'application/json'): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const headers = {
        authorization: `Bearer ${TOKEN}`,
        ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
      }
      const url = `https://localhost:${this.#port}${path}`
      const asked = request(url, { method, headers, ca: this.#authority.cert, family: 4, agent: false }, (reply) => {
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => parts.push(part))
        reply.on('error', reject)
        reply.on('end', () => {
          const given = Buffer.concat(parts).toString()
          const status = reply.statusCode ?? 0
          const parsed = given.startsWith('{') ? (JSON.parse(given) as KubernetesObject) : { kind: '', message: given }
          resolve({ status, body: parsed, warnings: [reply.headers['warning'] ?? []].flat().map(String) })
        })
      })
      asked.on('error', reject)
      asked.end(text)
    })
  }

  async stop(): Promise<void> {
    for (const child of this.#running.toReversed()) {
      if (child.exitCode !== null) continue
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGKILL')
      await gone
    }
  }

  #path(name: string): string {
    return join(this.#root, name)
  }

  #spawn(program: string, args: readonly string[]): void {
    const child = spawn(program, args, { cwd: this.#root, stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (text) => (this.#log = (this.#log + String(text)).slice(-8_000)))
    this.#running.push(child)
  }

  async #isReady(): Promise<boolean> {
    return this.ask('GET', '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    )
  }

  #kubeconfig(): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'test',
          cluster: { server: `https://localhost:${this.#port}`, 'certificate-authority': this.#path('ca.crt') },
        },
      ],
      users: [{ name: 'admin', user: { token: TOKEN } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
      'current-context': 'test',
    })
  }
}

const AUDIT = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    verbs: [create, update, patch]
    resources:
      - group: ""
        resources: [pods]
  - level: None
`
