import { type Code, CodedError } from '@countersign/core'

/** What the failures of a key service are called: that depends on what is signed with it. */
export interface KmsCodes {
  /** It may pass by itself. */
  readonly unreachable: Code
  /** Only a person can help: settings, credentials, permissions, the key itself. */
  readonly invalid: Code
  /** What came back is no signature of the key. */
  readonly refused: Code
}

/** Steps, certificates and whatever else is signed at once or not at all. */
export const AS_SIGNER: KmsCodes = {
  unreachable: 'signer-unreachable',
  invalid: 'signer-setup-invalid',
  refused: 'sign-failed',
}

/** Anchors, which wait and are tried again. */
export const AS_ANCHOR: KmsCodes = {
  unreachable: 'anchor-unreachable',
  invalid: 'anchor-setup-invalid',
  refused: 'anchor-refused',
}

/** Bytes of an answer: keys, signatures and tokens are some kilobytes at most. */
export const MAX_KMS_BYTES = 65_536
/** For one request, answer included; milliseconds. */
export const KMS_TIMEOUT_MS = 10_000

/** What every key service needs of the world around it. */
export interface KmsDoor {
  /** What the environment holds, credentials among it. Read once, at the door; never to be shown, kept or logged. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** {@link AS_SIGNER} by default. */
  readonly codes?: KmsCodes
  /** For one request, answer included; 10,000 by default. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

/** A setting of the environment; null where it is unset or empty. */
export function setting({ env }: Pick<KmsDoor, 'env'>, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = (env[name] ?? '').trim()
    if (value !== '') return value
  }
  return null
}

/** What can be a header: printable ASCII without spaces. */
export function isSecretText(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 16_384 && /^[\x21-\x7e]+$/.test(text)
}

/** How one key service's faults are told. */
export class KmsFaults {
  readonly codes: KmsCodes

  constructor({ codes = AS_SIGNER }: Pick<KmsDoor, 'codes'>) {
    this.codes = codes
  }

  readonly unreachable = (what: string): CodedError => new CodedError(this.codes.unreachable, what)

  readonly invalid = (what: string, fix?: string): CodedError =>
    new CodedError(this.codes.invalid, what, fix === undefined ? {} : { fix })

  readonly refused = (what: string, fix: string): CodedError => new CodedError(this.codes.refused, what, { fix })
}
