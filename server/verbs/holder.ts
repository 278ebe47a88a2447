import { canonicalJson, type Crypto, hex } from '@countersign/core'
import type { Identity } from '@countersign/formats/identity'

/**
 * Digest of whose steps a session may append: of the repository by the number that its issuer gave it, whatever ran
 * there; of the subject where there is no such number. Nobody's name is kept for it.
 */
export function holderOf(identity: Identity, crypto: Pick<Crypto, 'sha256'>): string {
  const { issuer, sourceRepositoryIdentifier: repository, subject } = identity
  const who = repository === null ? { issuer, subject: { ...subject } } : { issuer, repository }
  return hex(crypto.sha256(canonicalJson(who)))
}
