import { CodedError } from '@countersign/core'
import { type Contract, parseContract } from '@countersign/contract'
import {
  CONTRACT_PAYLOAD_TYPE,
  type Endorsed,
  isSignedContract,
  pae,
  parseSignedContract,
  writeSignedContract,
} from '@countersign/formats'
import { believesPublicSigstore } from '@countersign/verify'
import { proveAct } from './act-proof.ts'
import { type Administrator, telling } from './administer.ts'
import { askedSteps } from './asked-steps.ts'
import type { Deps } from './deps.ts'
import { endorsedBy } from './endorsed-by.ts'

/** Most names that an act has room for. */
const MAX_NAMED = 50

/** A contract that is to be published, as it was sent. */
export interface Publishing {
  readonly contract: Contract
  readonly bytes: Uint8Array
  /** Null where nobody signed it. */
  readonly endorsed: Endorsed | null
}

export interface Published {
  /** Of its leaf in the log; null for one that nobody signed. */
  readonly index: number | null
  /** Names of the maintainers who signed it, of those whom it names itself. */
  readonly signedBy: readonly string[]
}

/** A contract in YAML, or signed. Throws what `parseContract` and `parseSignedContract` throw. */
export function readPublishing(body: Uint8Array): Publishing {
  const endorsed = isSignedContract(body) ? parseSignedContract(body) : null
  const bytes = endorsed?.payload ?? body
  return { contract: parseContract(bytes), bytes, endorsed }
}

/**
 * Binds new runs of the pipeline to the contract; runs under way keep theirs for as long as it gives them. Where the one in
 * force has maintainers, as many of them as it asks for have signed; where the new one names some, so have they: whoever
 * can publish changes neither the rules alone, nor who makes them. That it was published, and by whom, is in the audit log;
 * a signed one is in the log besides, with who signed it.
 *
 * Throws `contract-invalid` for an older revision, `contract-unsigned`, `baseline-unmet` for one that asks for less than this
 * server's baseline, and `trust-missing` or `trust-root-expired` for one
 * that believes the public Sigstore where this server has nothing to believe it by: whoever it lets sign would be refused.
 */
export async function publishContract(deps: Deps, who: Administrator, publishing: Publishing): Promise<Published> {
  const { tenant } = who
  const { contract, bytes, endorsed } = publishing
  deps.verified.tightened(contract)
  if (believesPublicSigstore(contract)) deps.verified.vouching.checkPublic()
  const { pipeline, revision, digest } = contract
  const held = await deps.store.contract(tenant, pipeline)
  const signers = new Set<string>()
  let signedBy: readonly string[] = []
  if (held?.digest !== digest) {
    // One that is lower is refused as that, whoever signed it.
    // As it was published: whoever may follow it is not for a baseline to say, which it may not be under any more.
    const current = held === null || revision <= held.revision ? null : parseContract(held.bytes)
    for (const own of [current, contract]) {
      if (own === null || own.maintainers === null) continue
      const endorsers = await endorsedBy(deps, tenant, own, endorsed)
      for (const one of endorsers.under) signers.add(one)
      if (own === contract) signedBy = [...endorsers.parties.keys()]
    }
  }
  await deps.log.ready()
  const at = deps.now()
  const follows = held?.digest ?? null
  const detail = { digest, revision, follows, signedBy: signedBy.slice(0, MAX_NAMED) }
  const index = await deps.sequencer.act({
    tenant,
    kind: 'contract',
    digest,
    about: pipeline,
    at,
    document: endorsed === null ? null : writeSignedContract({ ...endorsed, logged: null }),
    signed: pae(CONTRACT_PAYLOAD_TYPE, bytes),
    signers: [...signers].toSorted(),
    contract: { pipeline, revision, digest, bytes, follows, asked: askedSteps(contract) },
    telling: telling(who, at, { act: 'contract.published', about: pipeline, detail }),
  })
  return { index, signedBy }
}

/** A contract that was published, with its signatures and the proof that it is in the log. Throws `not-found`. */
export async function signedContract(deps: Deps, tenant: string, digest: string): Promise<Uint8Array> {
  const act = await deps.store.acts.one(tenant, 'contract', digest)
  if (act === null) throw new CodedError('not-found', 'there is no contract with this digest that somebody signed')
  return writeSignedContract({ ...parseSignedContract(act.document), logged: await proveAct(deps.log, act) })
}
