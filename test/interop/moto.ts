import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { createServer as createSocket, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromUtf8, utf8 } from '@countersign/core'
import { type AwsCredentials, signAwsRequest } from '../../packages/adapters/src/aws-sigv4.ts'

/** An emulator of AWS, from the Python package index. */
const PACKAGE = 'moto[server]==5.2.5'
const venv = join(tmpdir(), 'countersign-interop', 'moto-5.2.5')
const REGION = 'eu-central-1'

/**
 * Its server, which signs what it is given as if it were a message: it does not know MessageType. With it, a digest is
 * signed as it is, as KMS does.
 */
const SERVER = `
import base64, json, sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.kms import responses, utils
from moto.server import main

kind = 'RAW'
answer = responses.KmsResponse.sign

def sign(self):
    global kind
    kind = self._get_param('MessageType')
    return answer(self)

def sign_digest(self, message, algorithm):
    assert (kind, algorithm, len(message)) == ('DIGEST', 'ECDSA_SHA_256', 32)
    return self.private_key.sign(message, ec.ECDSA(Prehashed(hashes.SHA256())))

responses.KmsResponse.sign = sign
utils.ECDSAPrivateKey.sign = sign_digest
main(sys.argv[1:])
`

export function installMoto(): boolean {
  const done = join(venv, 'bin', 'moto_server')
  if (existsSync(done)) return true
  if (spawnSync('python3', ['--version']).error !== undefined) return false
  mkdirSync(join(venv, '..'), { recursive: true })
  try {
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'ignore' })
    execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', PACKAGE], { stdio: 'ignore' })
  } catch {
    rmSync(venv, { recursive: true, force: true })
  }
  return existsSync(done)
}

export interface Moto {
  readonly url: string
  readonly region: string
  /** ARN of a new key for signing. */
  createKey(spec: string, alias?: string): Promise<string>
  /** A user who may do these actions, and no other. */
  createUser(name: string, actions: readonly string[]): Promise<AwsCredentials>
  /** Credentials of a role, which end. */
  assumeRole(name: string, actions: readonly string[]): Promise<AwsCredentials>
  /** From now on every request must be signed by somebody who may make it. */
  guard(): Promise<void>
  close(): Promise<void>
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(join(venv, 'bin', 'python'), ['-c', SERVER, '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  })
  for (let left = 600; ; left--) {
    const up = await fetch(`${url}/moto-api/data.json`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (up) break
    if (left === 0 || child.exitCode !== null) throw new Error('moto did not start')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }

  const root: AwsCredentials = { accessKeyId: 'AKIAROOT', secretAccessKey: 'root', sessionToken: null }
  async function ask(service: string, type: string, text: string, target: string | null): Promise<string> {
    const headers: [string, string][] = [['content-type', type]]
    if (target !== null) headers.push(['x-amz-target', target])
    const request = {
      method: 'POST',
      headers: [['host', new URL(url).host] as [string, string], ...headers],
      body: utf8(text),
    }
    const signed = signAwsRequest(request, { region: REGION, service, credentials: root, at: Date.now() })
    const response = await fetch(url, { method: 'POST', headers: [...headers, ...signed], body: text })
    const answer = fromUtf8(new Uint8Array(await response.arrayBuffer()))
    if (!response.ok) throw new Error(answer)
    return answer
  }
  const query = (service: string, version: string, fields: Record<string, string>) =>
    ask(
      service,
      'application/x-www-form-urlencoded',
      new URLSearchParams({ ...fields, Version: version }).toString(),
      null,
    )
  const iam = (fields: Record<string, string>) => query('iam', '2010-05-08', fields)
  const kms = async (action: string, input: object) => {
    const answer = await ask('kms', 'application/x-amz-json-1.1', JSON.stringify(input), `TrentService.${action}`)
    return answer === '' ? {} : (JSON.parse(answer) as Record<string, Record<string, string>>)
  }
  const policy = (actions: readonly string[]) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })

  return {
    url,
    region: REGION,
    async createKey(KeySpec, alias) {
      const { KeyMetadata } = await kms('CreateKey', { KeySpec, KeyUsage: 'SIGN_VERIFY' })
      if (alias !== undefined) await kms('CreateAlias', { AliasName: alias, TargetKeyId: KeyMetadata!['KeyId'] })
      return KeyMetadata!['Arn']!
    },
    async createUser(UserName, actions) {
      await iam({ Action: 'CreateUser', UserName })
      await iam({ Action: 'PutUserPolicy', UserName, PolicyName: 'p', PolicyDocument: policy(actions) })
      return credentialsIn(await iam({ Action: 'CreateAccessKey', UserName }))
    },
    async assumeRole(RoleName, actions) {
      const trust = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
      }
      const made = await iam({ Action: 'CreateRole', RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) })
      await iam({ Action: 'PutRolePolicy', RoleName, PolicyName: 'p', PolicyDocument: policy(actions) })
      const RoleArn = tagIn(made, 'Arn')!
      return credentialsIn(
        await query('sts', '2011-06-15', { Action: 'AssumeRole', RoleArn, RoleSessionName: 'countersign' }),
      )
    },
    async guard() {
      const { ok } = await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: '0' })
      if (!ok) throw new Error('moto does not guard')
    },
    async close() {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

function credentialsIn(xml: string): AwsCredentials {
  const accessKeyId = tagIn(xml, 'AccessKeyId')!
  const secretAccessKey = tagIn(xml, 'SecretAccessKey')!
  return { accessKeyId, secretAccessKey, sessionToken: tagIn(xml, 'SessionToken') }
}

function tagIn(xml: string, name: string): string | null {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? null
}

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  socket.close()
  await once(socket, 'close')
  return port
}
