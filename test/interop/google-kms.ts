import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Google's own client of Cloud KMS, from the npm registry. */
const PACKAGE = '@google-cloud/kms@6.3.0'
const root = join(tmpdir(), 'countersign-interop', 'google-kms-6.3.0')

export function installGoogleKms(): boolean {
  const done = join(root, 'node_modules', '@google-cloud', 'kms', 'package.json')
  if (existsSync(done)) return true
  mkdirSync(root, { recursive: true })
  try {
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--prefix', root, PACKAGE]
    execFileSync('npm', args, { cwd: root, stdio: 'ignore' })
  } catch {
    rmSync(root, { recursive: true, force: true })
  }
  return existsSync(done)
}

export interface GoogleSignature {
  readonly name: string
  readonly signature: Uint8Array
  /** Decimal, as protobuf has 64 bits. */
  readonly signatureCrc32c: { readonly value: string | number }
  readonly verifiedDigestCrc32c: boolean
}

export interface GoogleKms {
  publicKey(version: string): Promise<{ readonly pem: string; readonly pemCrc32c: { readonly value: string | number } }>
  sign(version: string, digest: Uint8Array, digestCrc32c: number): Promise<GoogleSignature>
  close(): Promise<void>
}

/** It asks over REST, with the credentials of a file and what they lead to, as it would ask Google. */
export function googleKms(url: string, credentials: Readonly<Record<string, unknown>>): GoogleKms {
  const require = createRequire(join(root, 'x.js'))
  const { KeyManagementServiceClient } = require('@google-cloud/kms') as { KeyManagementServiceClient: Client }
  const { hostname, port } = new URL(url)
  const client = new KeyManagementServiceClient({
    fallback: true,
    protocol: 'http',
    apiEndpoint: hostname,
    port: Number(port),
    projectId: 'acme',
    scopes: ['https://www.googleapis.com/auth/cloudkms'],
    credentials,
  })
  return {
    publicKey: async (name) => (await client.getPublicKey({ name }))[0] as never,
    async sign(name, sha256, digestCrc32c) {
      const [made] = await client.asymmetricSign({ name, digest: { sha256 }, digestCrc32c: { value: digestCrc32c } })
      return made as never
    },
    close: () => client.close(),
  }
}

type Client = new (
  options: object,
) => {
  getPublicKey(request: object): Promise<[object]>
  asymmetricSign(request: object): Promise<[object]>
  close(): Promise<void>
}
