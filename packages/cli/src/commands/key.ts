import { resolve } from 'node:path'
import { isKmsUri } from '@countersign/adapters/kms-uri'
import { CodedError, type KeyAlgorithm, publicKeyPem, readPublicKey } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { readText } from '../files.ts'
import { openKey } from '../keys.ts'
import { paintFor, table } from '../output.ts'

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

/** Shows the public half of a key: of a file, private or public, or of one in a key service. */
export async function keyShow(context: Context, file: string, options: { format: string }): Promise<ExitCode> {
  const key = await publicHalf(context, file)
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

/** Tells the server to trust a key under a name. */
export async function keyEnroll(
  context: Context,
  file: string,
  options: { name: string; format: string },
): Promise<ExitCode> {
  const key = await publicHalf(context, file)
  const client = await clientFor(context)
  await client.enrol(options.name, key)
  if (options.format === 'json') context.stdout(`${JSON.stringify({ name: options.name, keyId: key.keyId })}\n`)
  else
    context.stdout(
      `${paintFor(context).green('✓')} the server trusts ${options.name} (key ${key.keyId.slice(0, 16)}…)\n`,
    )
  return 0
}

async function publicHalf(context: Context, file: string) {
  if (isKmsUri(file)) return (await openKey(context, file)).publicKey
  const text = readText(resolve(context.cwd, file), 65_536)
  return text.includes('PRIVATE KEY') ? (await openKey(context, file)).publicKey : readPublicKey(text)
}
