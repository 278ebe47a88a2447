import { parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { CONTRACT_PAYLOAD_TYPE, type Endorsed, pae } from '@countersign/formats'
import type { Identity } from '@countersign/formats/identity'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { endorsersOf, enough, trustOf } from '@countersign/verify'
import { expect, test } from 'vitest'
import { RUN } from '../identity/local-ca.ts'
import { issued, keylessContract, workflow } from '../keyless.ts'
import { at } from '../pipeline.ts'

// T-39: one identity that two maintainers' patterns mean, each by another fact of its certificates, is still one party.

const subjectOf = (name: string) =>
  `{ issuer: "${RUN.issuer}", subject: "${workflow(name).subject.value}", sourceRepositoryIdentifier: "${RUN.sourceRepositoryIdentifier}"`
const top = `maintainers:
  threshold: 2
  of:
    main: ${subjectOf('ann')}, sourceRepositoryRef: refs/heads/main }
    any: ${subjectOf('ann')} }
    bob: ${subjectOf('bob')} }`
const bytes = utf8(keylessContract({ top }))
const contract = parseContract(bytes)

function parties(...identities: readonly Identity[]): readonly [string[], boolean] {
  const endorsements = identities.map((identity) => {
    const { der, key } = issued({ identity })
    const signature = key.sign(pae(CONTRACT_PAYLOAD_TYPE, bytes))
    return { signature, keyid: null, certificate: der, timestamps: [] }
  })
  const endorsed: Endorsed = { payloadType: CONTRACT_PAYLOAD_TYPE, payload: bytes, endorsements, logged: null }
  const endorsers = endorsersOf(endorsed, { contract, trust: trustOf(contract), at: at(1) }, nodeCrypto)
  return [[...endorsers.parties.keys()], enough(contract, endorsers)]
}

test('an identity counts once, whichever of two patterns means it', () => {
  const elsewhere = workflow('ann', { sourceRepositoryRef: 'refs/heads/other' })
  expect(parties(workflow('ann'), elsewhere)).toEqual([['main'], false])
  expect(parties(elsewhere, workflow('ann'))).toEqual([['any'], false])
  // Control: two of them.
  expect(parties(workflow('ann'), workflow('bob'))).toEqual([['main', 'bob'], true])
})
