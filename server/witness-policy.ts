import { readFileSync, statSync } from 'node:fs'
import { httpWitness } from '@countersign/adapters/witness-http'
import { CodedError, type Crypto, type PublicKey } from '@countersign/core'
import { MAX_POLICY_BYTES, parsePolicy } from '@countersign/formats'
import { Witnesses, type WitnessEvent } from './verbs/witnesses.ts'

export interface WitnessPolicyInput {
  /** In the format of C2SP tlog-policy; every witness with its URL. */
  readonly file: string
  /** The log's own. */
  readonly origin: string
  readonly publicKey: PublicKey
  readonly crypto: Crypto
  readonly observe: (event: WitnessEvent) => void
}

/**
 * The witnesses that a policy file names. Throws `file-missing`, `policy-invalid` (also for a policy without witnesses,
 * of another log, or a witness without URL) and what `parsePolicy` throws.
 */
export function openWitnesses({ file, origin, publicKey, crypto, observe }: WitnessPolicyInput): Witnesses {
  const policy = parsePolicy(readPolicy(file), crypto)
  if (policy.witnesses.length === 0) throw new CodedError('policy-invalid', `${file} names no witness`)
  const { logs } = policy
  const ours = logs.some(({ key }) => key.name === origin && key.publicKey.keyId === publicKey.keyId)
  if (logs.length > 0 && !ours)
    throw new CodedError('policy-invalid', `${file} names logs, and ${origin} is none of them`)
  if (policy.witnesses.some(({ key }) => key.publicKey.keyId === publicKey.keyId)) {
    throw new CodedError('policy-invalid', `${file} takes ${origin} for its own witness`)
  }
  const witnesses = policy.witnesses.map(({ name, key, url }) => {
    if (url === null) throw new CodedError('policy-invalid', `the witness ${name} in ${file} has no URL to ask at`)
    return httpWitness({ key, url })
  })
  return new Witnesses({ policy, witnesses, crypto, observe })
}

function readPolicy(file: string): Uint8Array {
  try {
    const { size } = statSync(file)
    if (size <= MAX_POLICY_BYTES) return new Uint8Array(readFileSync(file))
  } catch (cause) {
    throw new CodedError('file-missing', `the witness policy ${file} cannot be read`, { cause })
  }
  throw new CodedError('input-too-large', `the witness policy ${file} is larger than ${MAX_POLICY_BYTES} bytes`)
}
