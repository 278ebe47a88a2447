import { utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Contract, parseContract } from '@countersign/contract'
import { at, logKeyOf, type Party, party, type Signed } from '../../../test/pipeline.ts'
import { handshake, type Handshake, logKeys, namedKeys, type Trust, type VerifiedStep, verifyStep } from './index.ts'

/** Trust in the keys of these parties. */
export function trustIn(signers: readonly Party[], countersigners: readonly Party[] = []): Trust {
  const keys = namedKeys(new Map(signers.map((p) => [p.name, p.publicKey])))
  return { signers: keys, countersigners: logKeys(countersigners.map(logKeyOf)) }
}

/** One signer for every step of tests in which it does not matter who signs. */
export const ci = party('ci')

/** A contract around its steps, which `ci` may sign. */
export function contractOf(steps: string, top = ''): Contract {
  const key = Buffer.from(ci.publicKey.spki).toString('base64')
  const final = [...steps.matchAll(/^ {2}([\w-]+):/gm)].at(-1)![1]
  const text = `contract: v1\npipeline: p\nrevision: 1\nsigners: { ci: ${key} }\n${top}\nsteps:\n${steps}\nfinal: ${final}\n`
  return parseContract(utf8(text))
}

export function opened(signed: Signed, trust: Trust = trustIn([ci])): VerifiedStep {
  return verifyStep(signed.bundle, trust, portableCrypto)
}

/** The handshake of a step with what it follows. */
export function shaken(
  step: Signed,
  previous: readonly Signed[],
  more: { contract?: Contract | null; now?: string; trust?: Trust } = {},
): Handshake {
  const trust = more.trust ?? trustIn([ci])
  return handshake({
    step: opened(step, trust),
    previous: new Map(previous.map((signed) => [signed.link, opened(signed, trust)])),
    contract: more.contract ?? null,
    now: more.now ?? at(60),
  })
}

export function codesOf({ findings }: Pick<Handshake, 'findings'>): string[] {
  return findings.map(({ code }) => code)
}
