import { CodedError } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import type { Evidence } from '@countersign/evidence'
import { MAX_ENDORSEMENTS, parseDeviation, parseDeviationLine, writeDeviationLine } from '@countersign/formats'
import { endorsersOf, enough, trustBrought } from '@countersign/verify'
import type { IdentityCrypto } from '@countersign/verify/identity'
import type { AddedSignature, SeenDeviation } from './messages.ts'

/**
 * A deviation from the contract of a run, as somebody sent it round for signatures; with one more, where one is added. Who
 * has signed is found out here. Throws `deviation-invalid`, and what its reader throws.
 */
export function readDeviation(
  { contracts, trust }: Evidence,
  line: Uint8Array,
  added: AddedSignature | null,
  crypto: IdentityCrypto,
  now: string,
): SeenDeviation {
  const given = parseDeviationLine(line.at(-1) === 0x0a ? line.subarray(0, -1) : line)
  const others = given.endorsements.filter(({ keyid }) => added === null || keyid !== added.keyId)
  if (others.length >= MAX_ENDORSEMENTS) throw new CodedError('deviation-invalid', 'it has all signatures that it can')
  const more =
    added === null ? [] : [{ signature: added.signature, keyid: added.keyId, certificate: null, timestamps: [] }]
  // Signed anew it is not what a log may have had.
  const document = added === null ? given : { ...given, endorsements: [...others, ...more], logged: null }
  const deviation = parseDeviation(document.payload)
  const named = contracts.find(({ digest }) => digest === deviation.contract)
  if (named === undefined)
    throw new CodedError('deviation-invalid', 'it is from another contract than that of this run')
  const contract = parseContract(named.bytes)
  const endorsers = endorsersOf(document, { contract, trust: trustBrought(trust, [contract]), at: now }, crypto)
  const maintainers = [...(contract.maintainers?.of ?? [])].map(([name, rule]) => ({
    name,
    keyId: rule.kind === 'key' ? rule.key.keyId : null,
    signed: endorsers.parties.has(name),
  }))
  return {
    ...deviation,
    line: writeDeviationLine(document),
    payload: document.payload,
    threshold: contract.maintainers?.threshold ?? 0,
    maintainers,
    enough: enough(contract, endorsers),
    over: !(Date.parse(now) < Date.parse(deviation.expiresAt)),
    refused: endorsers.refused,
  }
}
