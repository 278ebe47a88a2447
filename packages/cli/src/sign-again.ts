import type { CertifiedSigner, Keyless } from '@countersign/adapters/signer-keyless'
import type { Client, Waiting } from '@countersign/client'
import { CodedError, parsePublicKey } from '@countersign/core'
import { type Bundle, pae } from '@countersign/formats'
import { identityOf, IDENTITY_FACTS } from '@countersign/formats/identity'
import { type Certificate, parseCertificate } from '@countersign/formats/x509'
import { signStatement } from '@countersign/sign'
import { verifyCertificate } from '@countersign/verify/identity'
import type { Context } from './context.ts'
import { nativeCrypto } from './evidence.ts'
import { clockOf } from './keyless.ts'

/** A certificate with less than this left may have ended when the server looks; milliseconds. */
const LEAST_LEFT = 60_000

/** Whether the signature of a step counts no more, or not for long, since its certificate ends. */
export function isEnding(context: Context, { bundle }: Waiting): boolean {
  const leaf = leafOf(bundle)
  return leaf !== null && leaf.notAfter - clockOf(context)() < LEAST_LEFT
}

/**
 * Signs steps again whose certificates have ended, while the job that signed them still runs: what is signed stays the
 * same, and so does its link. `keyless` is null where nobody vouches for this job, or why nobody does.
 */
export function signingAgain(context: Context, keyless: Keyless | CodedError | null, client: Client) {
  return async (step: Waiting): Promise<Bundle> => {
    if (!isEnding(context, step)) return step.bundle
    const leaf = leafOf(step.bundle)!
    if (keyless === null) throw ended(leaf, 'and no CI system vouches for this job')
    if (keyless instanceof CodedError) throw keyless
    const signer = await keyless.signer()
    await checkOwn(step.bundle, leaf, signer, client)
    return signStatement(step.bundle.envelope.payload, signer, await nativeCrypto())
  }
}

/**
 * Only what this very job has signed before: a spool is a directory, and whoever writes into it must not have his steps
 * signed by us. So the old certificate must be one of the same authority, of the same run, and must verify the step.
 */
async function checkOwn(bundle: Bundle, leaf: Certificate, signer: CertifiedSigner, client: Client): Promise<void> {
  const crypto = (await import('@countersign/adapters/crypto-node')).nodeCrypto
  const { envelope } = bundle
  const key = parsePublicKey(leaf.spki)
  if (!crypto.verify(key, pae(envelope.payloadType, envelope.payload), envelope.signature)) {
    throw new CodedError('signature-invalid', 'the step in the spool is not signed by the key of its certificate')
  }
  const chain = signer.certificates.slice(1).map((der) => parseCertificate(der, 'certificate-invalid'))
  const { key: log, next } = await client.server()
  const authority = {
    kind: 'countersign',
    name: 'the server',
    chain,
    validFor: { start: null, end: null },
    logs: next === null ? [log] : [log, next],
  } as const
  verifyCertificate({ chain: [leaf.der], authorities: [authority], at: leaf.notBefore, crypto })
  const [before, now] = [identityOf(leaf).identity, signer.certified.identity]
  const same = IDENTITY_FACTS.every((fact) => before[fact] === now[fact])
  if (!same || before.subject.kind !== now.subject.kind || before.subject.value !== now.subject.value) {
    throw ended(leaf, 'and another job than this one signed it')
  }
}

function leafOf({ key }: Bundle): Certificate | null {
  const der = key.kind === 'certificate' ? key.chain[0] : undefined
  return der === undefined ? null : parseCertificate(der, 'certificate-invalid')
}

function ended({ notAfter }: Certificate, why: string): CodedError {
  return new CodedError('certificate-expired', `its certificate ended at ${new Date(notAfter).toISOString()}, ${why}`, {
    fix: 'Upload in the job that signed it, while that runs; else run the step again.',
  })
}
