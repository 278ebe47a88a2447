import { resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import { MAX_BUNDLE_BYTES } from '@countersign/formats'
import { parseSigstoreBundle } from '@countersign/formats/sigstore'
import { type VerifiedBundle, verifySigstoreBundle } from '@countersign/verify/sigstore'
import type { Context, ExitCode } from '../context.ts'
import { readBounded } from '../files.ts'
import { errorText, paintFor, plain, table } from '../output.ts'
import { type NamedTrust, readSigstoreTrust, type SigstoreTrustOptions } from '../sigstore-trust.ts'
import { policyOf, readSigned, type StatedPolicyOptions, thresholdsOf } from '../stated-policy.ts'

export interface VerifyBundleOptions extends SigstoreTrustOptions, StatedPolicyOptions {
  readonly bundle: string
  readonly format: string
}

/** Verifies a Sigstore bundle of anybody's for an artifact. Whatever stands in the way of a verdict is none: exit 2. */
export async function verifyBundle(context: Context, text: string, options: VerifyBundleOptions): Promise<ExitCode> {
  const policy = policyOf(context, options)
  const thresholds = thresholdsOf(options)
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
