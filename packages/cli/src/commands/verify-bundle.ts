import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, fromHex, hex, isHex, readPublicKey } from '@countersign/core'
import type { PatternFact } from '@countersign/contract'
import { MAX_BUNDLE_BYTES } from '@countersign/formats'
import { IDENTITY_FACTS, type SubjectName } from '@countersign/formats/identity'
import { parseSigstoreBundle } from '@countersign/formats/sigstore'
import {
  type ArtifactDigests,
  type SigstorePolicy,
  type VerifiedBundle,
  verifySigstoreBundle,
} from '@countersign/verify/sigstore'
import type { Context, ExitCode } from '../context.ts'
import { readBounded, readText } from '../files.ts'
import { errorText, paintFor, plain, table } from '../output.ts'
import { type NamedTrust, readSigstoreTrust, type SigstoreTrustOptions } from '../sigstore-trust.ts'

/** Up to here an artifact is held whole, which an Ed25519 signature over it needs. */
const MAX_HELD_BYTES = 64 * 1024 * 1024

export interface VerifyBundleOptions extends SigstoreTrustOptions {
  readonly bundle: string
  readonly identity?: string
  readonly issuer?: string
  readonly fact?: readonly string[]
  readonly key?: string
  readonly minLogs: string
  readonly minTimestamps: string
  readonly format: string
}

/** Verifies a Sigstore bundle of anybody's for an artifact. Whatever stands in the way of a verdict is none: exit 2. */
export async function verifyBundle(context: Context, text: string, options: VerifyBundleOptions): Promise<ExitCode> {
  const policy = policyOf(context, options)
  const thresholds = {
    logs: countOf(options.minLogs, '--min-logs'),
    timestamps: countOf(options.minTimestamps, '--min-timestamps'),
  }
  const named = readSigstoreTrust(context, options)
  const artifact = await readSigned(context, text)
  const bytes = readBounded(resolve(context.cwd, options.bundle), MAX_BUNDLE_BYTES)
  const input = { artifact: artifact.signed, trust: named.trust, policy, thresholds, crypto: nodeCrypto }
  let found: VerifiedBundle | CodedError
  try {
    found = verifySigstoreBundle({ bundle: parseSigstoreBundle(bytes), ...input })
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === 'trust-missing') throw error
    found = error
  }
  const answer = { artifact: artifact.sha256, found, named }
  context.stdout(
    options.format === 'json' ? `${JSON.stringify(asJson(answer))}\n` : asText(context, text, options, answer),
  )
  return found instanceof CodedError ? 1 : 0
}

function policyOf(context: Context, { identity, issuer, fact = [], key }: VerifyBundleOptions): SigstorePolicy {
  if (key !== undefined) {
    if (identity === undefined && issuer === undefined && fact.length === 0) {
      return { key: readPublicKey(readText(resolve(context.cwd, key))) }
    }
    throw new CodedError('usage', 'a key has no identity: name one of the two')
  }
  if (identity === undefined || issuer === undefined || identity === '' || issuer === '') {
    throw new CodedError('usage', 'who must have signed is not said in full', {
      fix: 'Name both --identity and --issuer, or --key.',
    })
  }
  const facts = new Map(fact.map(factOf))
  if (facts.size < fact.length) throw new CodedError('usage', 'a fact is named twice')
  return { identity: { issuer, subject: subjectOf(identity), facts } }
}

/** What has a scheme is a URI, and all else an e-mail address: the other kind never counts for it (T-57). */
function subjectOf(value: string): SubjectName {
  return { kind: /^[a-z][a-z0-9+.-]*:/i.test(value) ? 'uri' : 'email', value }
}

function factOf(text: string): readonly [PatternFact, { readonly exact: string }] {
  const [name = '', ...rest] = text.split('=')
  const exact = rest.join('=')
  const fact = IDENTITY_FACTS.find((one) => one === name)
  if (fact === undefined || fact === 'issuer' || exact === '') {
    const names = IDENTITY_FACTS.filter((one) => one !== 'issuer')
    throw new CodedError('usage', `${plain(text)} is not NAME=VALUE of a fact`, {
      fix: `Facts are ${names.join(', ')}.`,
    })
  }
  return [fact, { exact }]
}

function countOf(text: string, option: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(count)) throw new CodedError('usage', `${option} is not a number from 0 to 99`)
  return count
}

/** A file's digests, and its bytes where they are not too many; or the digest that was named. */
async function readSigned(
  context: Context,
  text: string,
): Promise<{ readonly signed: Uint8Array | ArtifactDigests; readonly sha256: string }> {
  const path = resolve(context.cwd, text)
  const stat = statSync(path, { throwIfNoEntry: false })
  const digest = text.replace(/^sha256:/, '')
  if (stat === undefined && text.startsWith('sha256:') && isHex(digest, 64)) {
    return { signed: { sha256: fromHex(digest), sha512: null }, sha256: digest }
  }
  if (stat === undefined || stat.size <= MAX_HELD_BYTES) {
    const bytes = readBounded(path, MAX_HELD_BYTES)
    return { signed: bytes, sha256: hex(nodeCrypto.sha256(bytes)) }
  }
  if (!stat.isFile()) throw new CodedError('file-special', `${text} is not a regular file`)
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')]
  for await (const part of createReadStream(path)) {
    sha256.update(part as Uint8Array)
    sha512.update(part as Uint8Array)
  }
  const signed = { sha256: new Uint8Array(sha256.digest()), sha512: new Uint8Array(sha512.digest()) }
  return { signed, sha256: hex(signed.sha256) }
}

interface Answer {
  readonly artifact: string
  readonly found: VerifiedBundle | CodedError
  readonly named: NamedTrust
}

function asJson({ artifact, found, named }: Answer): object {
  const head = {
    command: 'verify-bundle',
    artifact: `sha256:${artifact}`,
    trust: { from: named.from, expires: named.expires },
  }
  if (found instanceof CodedError) return { ...head, verdict: 'fail', findings: [found.report()] }
  const { signer, predicateType, times, entries } = found
  return {
    ...head,
    verdict: 'pass',
    signer:
      signer.kind === 'key'
        ? { key: signer.key.keyId }
        : {
            identity: signer.certificate.identity,
            grade: signer.certificate.grade,
            authority: signer.certificate.authority,
          },
    predicateType,
    times: times.map(({ source, by, at }) => ({ source, by, at: new Date(at).toISOString() })),
    entries,
    findings: [],
  }
}

function asText(
  context: Context,
  text: string,
  options: VerifyBundleOptions,
  { artifact, found, named }: Answer,
): string {
  const paint = paintFor(context)
  const { identity, issuer, key, fact = [] } = options
  const criteria = [
    key === undefined
      ? `signed by ${plain(identity!, 500)}, for whom ${plain(issuer!, 500)} vouches`
      : `signed with the key in ${plain(key)}`,
    ...fact.map((one) => plain(one, 500)),
    `in ${options.minLogs} transparency logs at least, with ${options.minTimestamps} timestamps at least`,
    `by the trust root of ${plain(named.from)}${named.expires === null ? '' : `, fresh until ${named.expires}`}`,
  ]
  const head = `${paint.bold('verify-bundle')} ${plain(text)} ${paint.dim(`sha256:${artifact}`)}\n${criteria.map((one) => `  ${paint.dim('·')} ${one}\n`).join('')}`
  if (found instanceof CodedError) return `${head}${errorText(found.report(), paint)}${paint.red('not verified')}\n`
  const { signer, predicateType, times, entries } = found
  const rows = [
    ...(signer.kind === 'key'
      ? [['signer', `key ${signer.key.keyId}`]]
      : [
          ['signer', plain(signer.certificate.identity.subject.value, 500)],
          ['authority', `${plain(signer.certificate.authority)}, grade ${signer.certificate.grade}`],
        ]),
    ['signed', predicateType === null ? 'the artifact' : `a statement of type ${plain(predicateType)}`],
    ...times.map(({ source, by, at }) => ['time', `${new Date(at).toISOString()} by the ${source} ${plain(by)}`]),
    ...entries.map(({ log, logIndex, kind, included }) => [
      'entry',
      `${plain(log)} ${logIndex}, ${kind}, ${included ? 'in its tree' : 'by its promise'}`,
    ]),
  ]
  return `${head}${table(rows)}${paint.green('verified')}\n`
}
