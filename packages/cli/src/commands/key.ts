import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { httpFetch } from '@countersign/adapters/http-fetch'
import { isKmsUri } from '@countersign/adapters/kms-uri'
import { CodedError, type KeyAlgorithm, type PublicKey, publicKeyPem, readSigningKey } from '@countersign/core'
import { enrolmentMessage, parseEnrolmentCode } from '@countersign/formats'
import type { Signer } from '@countersign/sign'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { readText } from '../files.ts'
import { openKey } from '../keys.ts'
import { paintFor, plain, table } from '../output.ts'

const ALGORITHMS: Readonly<Record<string, KeyAlgorithm>> = { p256: 'ecdsa-p256', ed25519: 'ed25519' }

/** Makes a key file and its public half. */
export async function keyNew(
  context: Context,
  file: string | undefined,
  options: { type: string; passphrase?: boolean; format: string },
): Promise<ExitCode> {
  const algorithm = ALGORITHMS[options.type]
  if (algorithm === undefined) throw new CodedError('usage', `--type ${options.type} is neither p256 nor ed25519`)
  const { passphrase } = context.settings
  if (options.passphrase === true && passphrase === null) {
    throw new CodedError('key-passphrase', 'no passphrase is given', {
      fix: 'Set COUNTERSIGN_KEY_PASSPHRASE to the passphrase that is to protect the key.',
    })
  }
  const { createKeyFile, publicKeyPath } = await import('@countersign/adapters/signer-file')
  const name = file ?? context.settings.key ?? 'countersign.key'
  if (isKmsUri(name)) {
    throw new CodedError('usage', 'countersign makes no keys in key services', {
      fix: 'Make it there: ECDSA P-256, for signing alone. Then look at it with: countersign key show URI',
    })
  }
  const path = resolve(context.cwd, name)
  // A passphrase that is set is meant: a key in clear beside it would be a surprise.
  const key = await createKeyFile(path, { algorithm, passphrase })
  if (options.format === 'json') {
    context.stdout(
      `${JSON.stringify({ file: path, publicKey: publicKeyPath(path), keyId: key.keyId, algorithm, encrypted: passphrase !== null })}\n`,
    )
    return 0
  }
  const paint = paintFor(context)
  context.stdout(
    `${paint.green('✓')} key ${key.keyId.slice(0, 16)}… (${algorithm}${passphrase === null ? '' : ', encrypted'})\n`,
  )
  context.stdout(
    table([
      ['private', `${name}      keep it where only this step can read it`],
      ['public', `${name}.pub  for the contract, and: countersign key enroll ${name}.pub --name NAME`],
    ]),
  )
  return 0
}

/** Shows the public half of a key, of a file or in a key service; or the timeline of an enrolled key. */
export async function keyShow(context: Context, what: string, options: { format: string }): Promise<ExitCode> {
  if (!isKmsUri(what) && !existsSync(resolve(context.cwd, what)) && context.settings.url !== null) {
    return (await import('./key-life.ts')).keyTimeline(context, what, options.format)
  }
  const { key } = await halves(context, what)
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ keyId: key.keyId, algorithm: key.algorithm, publicKey: publicKeyPem(key) })}\n`)
  } else
    context.stdout(
      `${table(
        [
          ['key', key.keyId],
          ['algorithm', key.algorithm],
        ],
        '',
      )}${publicKeyPem(key)}`,
    )
  return 0
}

export interface EnrollOptions {
  readonly name?: string
  readonly code?: string
  readonly format: string
}

/** Tells the server to trust a key under a name: its own by an API token, or that of a code. */
export async function keyEnroll(context: Context, file: string, options: EnrollOptions): Promise<ExitCode> {
  const { name, code } = options
  if ((name === undefined) === (code === undefined)) {
    throw new CodedError(
      'usage',
      name === undefined ? 'neither --name nor --code is given' : 'a code has its own name',
      {
        fix: 'Name either --name, with an API token, or --code, without.',
      },
    )
  }
  const { key, enrolledAs } =
    code === undefined ? await enrolByToken(context, file, name!) : await enrolByCode(context, file, code)
  if (options.format === 'json') context.stdout(`${JSON.stringify({ name: enrolledAs, keyId: key.keyId })}\n`)
  else
    context.stdout(
      `${paintFor(context).green('✓')} the server trusts ${plain(enrolledAs)} (key ${key.keyId.slice(0, 16)}…)\n`,
    )
  return 0
}

async function enrolByToken(context: Context, file: string, name: string) {
  const { key, proof } = await keyWithProof(context, file, null)
  const client = await clientFor(context)
  await client.enrol(name, key, proof)
  return { key, enrolledAs: name }
}

async function enrolByCode(context: Context, file: string, code: string) {
  const { id } = parseEnrolmentCode(code)
  const { key, proof } = await keyWithProof(context, file, id)
  if (proof === undefined) {
    const what = `${plain(file)} is a public key; a code takes the proof that you hold the private one`
    throw new CodedError('usage', what, { fix: 'Name the private key: it signs here, and is not sent.' })
  }
  const { url, allowHttp } = context.settings
  if (url === null) throw new CodedError('usage', 'no server is set', { fix: 'Set COUNTERSIGN_URL to the server.' })
  const client = await import('@countersign/client')
  return { key, enrolledAs: await client.enrolByCode({ url, allowHttp, fetch: httpFetch }, code, key, proof) }
}

/**
 * A key and, where its private half is at hand, the proof of that for its enrolment. Of a key service that is asked for a
 * code only: whoever administers keys need not be allowed to sign with them.
 */
export async function keyWithProof(
  context: Context,
  file: string,
  code: string | null,
): Promise<{ readonly key: PublicKey; readonly proof: Uint8Array | undefined }> {
  const { key, signer } = await halves(context, file)
  const asked = signer !== null && (code !== null || !isKmsUri(file))
  return { key, proof: asked ? await signer.sign(enrolmentMessage(code, key.keyId)) : undefined }
}

/** A key, and who signs with it where its private half is at hand. */
async function halves(context: Context, file: string): Promise<{ key: PublicKey; signer: Signer | null }> {
  const text = isKmsUri(file) ? null : readText(resolve(context.cwd, file), 65_536)
  if (text !== null && !text.includes('PRIVATE KEY')) return { key: readSigningKey(text), signer: null }
  const signer = await openKey(context, file)
  return { key: signer.publicKey, signer }
}
