import { type Code, fromBase64, type JsonValue, parsePublicKey } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import type { PatternFact } from '@countersign/contract'
import type { SubjectName } from '@countersign/formats/identity'
import { parseSigstoreBundle } from '@countersign/formats/sigstore'
import {
  parseSigstoreTrust,
  type SigstorePolicy,
  type SigstoreThresholds,
  type SigstoreTrust,
  type VerifiedBundle,
  verifySigstoreBundle,
} from '@countersign/verify/sigstore'
import { vectors } from './read.ts'

/** A bundle as its vector holds it. */
export interface SigstoreBundleVector {
  readonly bundle: JsonValue
  readonly artifact: string
  /** Name of a vector of `sigstore-root`. */
  readonly trustedRoot: string
  readonly policy:
    | { readonly key: string }
    | {
        readonly issuer: string
        readonly subject: SubjectName | null
        readonly facts: Readonly<Record<string, string>>
      }
  readonly thresholds?: SigstoreThresholds
  readonly verified?: {
    readonly times: readonly { readonly source: string; readonly by: string; readonly at: string }[]
  }
  readonly error?: Code
}

export interface SigstoreRootVector {
  readonly trustedRoot: JsonValue
  readonly error?: Code
}

const ROOTS = new Map(vectors<SigstoreRootVector>('sigstore-root'))

export function rootOf({ trustedRoot }: SigstoreBundleVector): JsonValue {
  return ROOTS.get(trustedRoot)!.trustedRoot
}

export function policyOf({ policy }: SigstoreBundleVector): SigstorePolicy {
  if ('key' in policy) return { key: parsePublicKey(fromBase64(policy.key)) }
  const facts = new Map(Object.entries(policy.facts).map(([name, exact]) => [name as PatternFact, { exact }]))
  return { identity: { issuer: policy.issuer, subject: policy.subject, facts } }
}

export function trustOf(vector: SigstoreBundleVector): SigstoreTrust {
  return parseSigstoreTrust(JSON.stringify(rootOf(vector)), portableCrypto)
}

/** What our verifier says of it. */
export function verifyVector(vector: SigstoreBundleVector, crypto = portableCrypto): VerifiedBundle {
  return verifySigstoreBundle({
    bundle: parseSigstoreBundle(JSON.stringify(vector.bundle)),
    artifact: fromBase64(vector.artifact),
    trust: trustOf(vector),
    policy: policyOf(vector),
    ...(vector.thresholds === undefined ? {} : { thresholds: vector.thresholds }),
    crypto,
  })
}
