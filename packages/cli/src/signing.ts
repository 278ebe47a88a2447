import type { CertifiedSigner, Keyless } from '@countersign/adapters/signer-keyless'
import { isKmsUri } from '@countersign/adapters/kms-uri'
import { CodedError } from '@countersign/core'
import { type ClaimedIdentity, isSealed, type Runner, UNCLAIMED } from '@countersign/formats'
import type { CertifiedIdentity } from '@countersign/formats/identity'
import type { Signer } from '@countersign/sign'
import type { Context } from './context.ts'
import { openKey } from './keys.ts'

export interface SigningOptions {
  readonly key?: string
  readonly keyless?: boolean
  readonly identity?: string
  readonly fulcio?: string
  readonly offline?: boolean
  /** Standard error is for one JSON document: warnings are put into it. */
  readonly json?: boolean
}

/** With what a step is signed, once its command has ended. */
export interface SignedWith {
  readonly signer: Signer
  /** Who the certificate names; null for a key. */
  readonly certified: CertifiedSigner | null
  /** Why the signature will not be believed now: its certificate has ended, and there is no other yet. */
  readonly fault: CodedError | null
}

/** How a step will be signed, made sure of before its command runs. */
export interface Signing {
  readonly first: Signer
  /** Who the certificate names; null for a key. */
  readonly certified: CertifiedIdentity | null
  /** API token of the job's session; null where the step does not open one. */
  readonly access: (() => Promise<string | null>) | null
  /** Key file in use, as it was named; null for none. */
  readonly file: string | null
  /** What was not told yet. */
  readonly warnings: readonly string[]
  signer(): Promise<SignedWith>
}

/**
 * Opens a key, or has this job certified: a step that cannot be signed would be lost. Throws `usage` where there is
 * neither a key nor a system that vouches for the job.
 */
export async function openSigning(context: Context, options: SigningOptions): Promise<Signing> {
  const keyless = await keylessOrNull(context, options)
  if (keyless !== null) {
    return {
      first: keyless.last,
      certified: keyless.last.certified,
      access: options.fulcio === undefined ? () => keyless.accessToken() : null,
      file: null,
      warnings: [],
      signer: () => signedAs(keyless),
    }
  }
  const name = options.key ?? context.settings.key
  if (name === null) {
    throw new CodedError('usage', 'no key to sign with, and no CI system that vouches for this job', {
      fix: 'Name a key: --key FILE or URI, or COUNTERSIGN_KEY (make one with: countersign key new); or see: countersign identity',
    })
  }
  const warnings: string[] = []
  const keep = (what: string) => void warnings.push(what)
  const signer = await openKey(context, name, options.json === true ? keep : undefined)
  const file = isKmsUri(name) ? null : name
  return {
    first: signer,
    certified: null,
    access: null,
    file,
    warnings,
    signer: () => Promise.resolve({ signer, certified: null, fault: null }),
  }
}

async function keylessOrNull(context: Context, options: SigningOptions): Promise<Keyless | null> {
  const { url, key } = context.settings
  const { identity = 'auto', fulcio = null } = options
  const asked = options.keyless === true || identity !== 'auto' || fulcio !== null
  if (asked && options.key !== undefined) throw new CodedError('usage', '--key and --keyless are two ways to sign')
  if (asked && options.offline === true && fulcio === null) {
    throw new CodedError('usage', '--keyless needs the server, and --offline forbids it')
  }
  const mayBe = options.key === undefined && key === null && url !== null && options.offline !== true
  if (!asked && !mayBe) return null
  const { identitySystemFor, openKeyless } = await import('./keyless.ts')
  const system = await identitySystemFor(context, identity)
  if (system !== null) return openKeyless(context, { system, fulcio })
  if (!asked) return null
  throw new CodedError('identity-unavailable', 'this is no CI system or platform that is known by its environment', {
    fix: 'Name it: --identity github, gitlab, circleci, …; or put a token into COUNTERSIGN_ID_TOKEN.',
  })
}

/** What was run is signed in any case: under a certificate that has ended where no other can be had, to be signed again. */
async function signedAs(keyless: Keyless): Promise<SignedWith> {
  try {
    const signer = await keyless.signer()
    return { signer, certified: signer, fault: null }
  } catch (fault) {
    if (!(fault instanceof CodedError)) throw fault
    return { signer: keyless.last, certified: keyless.last, fault }
  }
}

/**
 * What a step says of where it ran, in the words of the certificate it will be signed under where that says it too: the
 * environment may spell a fact otherwise, and a step that contradicts its certificate is refused.
 */
export function asCertified(runner: Runner, certified: CertifiedIdentity | null): Runner {
  if (certified === null) return runner
  const claimed = runner.identity === null || isSealed(runner.identity) ? UNCLAIMED : runner.identity
  const facts = (Object.keys(UNCLAIMED) as (keyof ClaimedIdentity)[]).map((fact) => [
    fact,
    certified.identity[fact] ?? claimed[fact],
  ])
  // A platform that shows itself by no variable is known by its certificate; a CI system that is not the one, is told.
  const system = runner.system === 'local' && certified.system !== null ? certified.system : runner.system
  return { ...runner, system, identity: Object.fromEntries(facts) as unknown as ClaimedIdentity }
}
