import { type Bundle, isSealed, type StepPredicate } from '@countersign/formats'
import { type Identity, identityOf, identityText } from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import { CodedError } from '@countersign/core'
import type { Signer } from '@countersign/verify'
import { plain } from './output.ts'

/** `release (A)`. */
export function signerText({ name, grade }: Signer): string {
  return `${plain(name)} (${grade})`
}

/** Who an authority says it was; empty for a bare key, of which only the enroller knows. */
export function verifiedText({ identity, authority }: Signer): string {
  return identity === null ? '' : `${plain(identityText(identity))}, by ${plain(authority ?? '')}`
}

/** The claims of a step that nobody verified: the facts of its runner that its certificate does not hold. */
export function claimedFacts({ runner }: StepPredicate, { identity, certificate }: Signer): readonly string[] {
  const system = certificate?.system === runner.system ? [] : ['system']
  if (runner.identity === null || isSealed(runner.identity)) return system
  const told = Object.entries(runner.identity).filter(([, value]) => value !== null)
  const unknown = told.filter(([fact]) => identity === null || identity[fact as keyof Identity] === null)
  return [...system, ...unknown.map(([fact]) => fact)]
}

/** What the certificate beside a signature says; nothing of it is verified. Null for a bundle without one. */
export function certificateOf({ key }: Bundle): CertificateShown | null {
  const der = key.kind === 'certificate' ? key.chain[0] : undefined
  if (der === undefined) return null
  try {
    const certificate = parseCertificate(der, 'certificate-invalid')
    const { identity, grade, system } = identityOf(certificate)
    const [notBefore, notAfter] = [certificate.notBefore, certificate.notAfter].map((time) =>
      new Date(time).toISOString(),
    )
    return { identity, grade, system, notBefore: notBefore!, notAfter: notAfter! }
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}

/** As it is written, not verified. */
export interface CertificateShown {
  readonly identity: Identity
  readonly grade: string | null
  readonly system: string | null
  readonly notBefore: string
  readonly notAfter: string
}

/** Rows about it. */
export function certificateRows(shown: CertificateShown | null): (readonly [string, string])[] {
  if (shown === null) return []
  const { identity, grade, notBefore, notAfter } = shown
  return [
    ['certificate', `${identityText(identity)}${grade === null ? '' : ` (${grade})`}`],
    ['issuer', identity.issuer],
    ['subject', identity.subject.value],
    ['valid', `${notBefore}  ${notAfter}`],
  ]
}
