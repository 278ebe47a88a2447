import { canonicalJson, type Crypto, hex } from '@countersign/core'
import type { Identity } from '@countersign/formats/identity'
import type { ConfirmedToken } from './confirm-token.ts'

/**
 * Digest of whose steps a session may append: of the repository by the number that its issuer gave it, whatever ran
 * there; of the subject where there is no such number. Nobody's name is kept for it.
 */
export function holderOf(identity: Identity, crypto: Pick<Crypto, 'sha256'>): string {
  const { issuer, sourceRepositoryIdentifier: repository, subject } = identity
  const who = repository === null ? { issuer, subject: { ...subject } } : { issuer, repository }
  return hex(crypto.sha256(canonicalJson(who)))
}

/** Digest of all that a certificate says of whom it is for: whatever a token is shown for again, it is for the same. */
export function identityDigest(
  { system, grade, identity, run }: Pick<ConfirmedToken, 'system' | 'grade' | 'identity' | 'run'>,
  crypto: Pick<Crypto, 'sha256'>,
): string {
  return hex(
    crypto.sha256(
      canonicalJson({
        system,
        grade,
        identity: { ...identity, subject: { ...identity.subject } },
        run: run === null ? null : { ...run },
      }),
    ),
  )
}
