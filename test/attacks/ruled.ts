import { utf8 } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Contract, parseContract } from '@countersign/contract'
import type { Facts, ReportRef, Resource, StepPredicate } from '@countersign/formats'
import { judge, readChain, trustOf } from '@countersign/verify'
import { keyText, newChainId, type Party, received, sha256, type Signed, signStep } from '../pipeline.ts'
import { type Judged, NOW, shake } from './judging.ts'

/** A run under a contract of its own steps: each step follows what it is told to, and receives all that was made. */
export class Ruled {
  readonly contract: Contract
  readonly #chain: StepPredicate['chain']
  readonly #parties: ReadonlyMap<string, Party>
  readonly signed: Signed[] = []

  constructor(parties: readonly Party[], text: string) {
    const keys = parties.map((one) => `  ${one.name}: ${keyText(one)}`)
    const head = ['contract: v1', 'pipeline: shop/web', 'revision: 1', 'signers:', ...keys]
    this.contract = parseContract(utf8(`${head.join('\n')}\n${text}`))
    this.#chain = { id: newChainId(), pipeline: 'shop/web', contract: this.contract.digest }
    this.#parties = new Map(parties.map((one) => [one.name, one]))
  }

  /** Signs a step; its materials are the products of what it follows, and it vouches for them where it makes nothing. */
  step(
    by: string,
    name: string,
    after: readonly Signed[],
    more: {
      readonly makes?: readonly Resource[]
      readonly materials?: readonly Resource[]
      readonly job?: string
      readonly reports?: StepPredicate['evidence']
      readonly minute?: number
      readonly attempt?: number
    } = {},
  ): Signed {
    const handed = new Map<string, Resource>()
    for (const { link, statement } of after) {
      for (const made of statement.subject) if (!handed.has(made.name)) handed.set(made.name, received(made, link))
    }
    const materials = more.materials ?? [...handed.values()]
    const plain = ({ annotations, ...rest }: Resource): Resource =>
      annotations?.mode === undefined ? rest : { ...rest, annotations: { mode: annotations.mode } }
    const signed = signStep(this.#parties.get(by)!, {
      chain: this.#chain,
      name,
      attempt: more.attempt ?? 1,
      matrix: more.job ?? null,
      previous: after.map(({ link, statement }) => ({ link, step: statement.predicate.step.name })),
      materials,
      subject: more.makes ?? materials.map(plain),
      evidence: more.reports ?? [],
      minute: more.minute ?? this.signed.length,
    })
    this.signed.push(signed)
    return signed
  }

  /** The gate's verdict on an artifact, by the steps that were signed. */
  gate(artifact: Resource, now = NOW, contract = this.contract): Judged {
    const chain = readChain(
      this.signed.map(({ bundle }) => bundle),
      trustOf(this.contract),
      nodeCrypto,
    )
    const { verdict, findings, refused } = judge({ artifact: artifact.digest.sha256, chain, contract, now })
    return {
      verdict,
      codes: [...new Set(findings.map(({ code }) => code))],
      refused: refused.map(({ code }) => code),
    }
  }

  /** Codes that the server's handshake has against a step. */
  append(step: Signed, after: readonly Signed[], contract = this.contract): readonly string[] {
    return [...new Set(shake(contract, step, after, trustOf(this.contract)))]
  }
}

/** A report as the recorder of a step signs it. */
export function report(type: string, facts: Facts, about: readonly string[] = []): ReportRef {
  const name = `${type}-${Object.keys(facts).length}.report`
  return {
    name,
    digest: { sha256: sha256(JSON.stringify([type, facts, about])) },
    mediaType: 'application/json',
    annotations: { about: about.toSorted(), facts, signer: null, size: 100, type },
  }
}

/** The contract without what one step is asked for: the red control. */
export function without(
  contract: Contract,
  step: string,
  rule: Partial<Contract['steps'] extends ReadonlyMap<string, infer R> ? R : never>,
): Contract {
  const steps = new Map(contract.steps)
  steps.set(step, { ...contract.steps.get(step)!, ...rule })
  return { ...contract, steps }
}
