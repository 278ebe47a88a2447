import { readFileSync, statSync } from 'node:fs'
import { httpWitness } from '@countersign/adapters/witness-http'
import { CodedError, type Crypto } from '@countersign/core'
import { MAX_POLICY_BYTES, type NoteKey, parsePolicy } from '@countersign/formats'
import { Witnesses, type WitnessEvent } from './verbs/witnesses.ts'

export interface WitnessPolicyInput {
  /** In the format of C2SP tlog-policy; every witness with its URL. */
  readonly file: string
  /** The log's own. */
  readonly origin: string
  readonly keys: readonly NoteKey[]
  readonly crypto: Crypto
  readonly observe: (event: WitnessEvent) => void
}

/**
 * The witnesses that a policy file names. Throws `file-missing`, `policy-invalid` (also for a policy without witnesses,
 * of another log, or a witness without URL) and what `parsePolicy` throws.
 */
export function openWitnesses({ file, origin, keys, crypto, observe }: WitnessPolicyInput): Witnesses {
  const policy = parsePolicy(readPolicy(file), crypto)
  if (policy.witnesses.length === 0) throw new CodedError('policy-invalid', `${file} names no witness`)
  const { logs } = policy
  const isOurs = ({ publicKey }: NoteKey) => keys.some((own) => own.publicKey.keyId === publicKey.keyId)
  const ours = logs.some(({ key }) => key.name === origin && isOurs(key))
  if (logs.length > 0 && !ours)
    throw new CodedError('policy-invalid', `${file} names logs, and ${origin} is none of them`)
  if (policy.witnesses.some(({ key }) => isOurs(key))) {
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
