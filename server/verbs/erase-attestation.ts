import { CodedError } from '@countersign/core'
import type { Withheld } from '@countersign/formats'
import { type Administrator, telling } from './administer.ts'
import type { Deps } from './deps.ts'

/**
 * Erases an attestation for good, and gives what is left: the proof of its leaf and of its tombstone. The same again
 * gives the same tombstone. Throws `not-found`, what publishing throws, and `store-failed`: then it may be erased all
 * the same, and the same call finds out.
 */
export async function eraseAttestation(
  deps: Deps,
  who: Administrator,
  link: string,
  ground: string,
): Promise<Withheld> {
  const { tenant } = who
  const { log, sequencer, verified } = deps
  // Nothing may be erased of which nobody could show that it was.
  log.assertWorking()
  try {
    const at = deps.now()
    const told = telling(who, at, { act: 'attestation.erased', about: link, detail: { ground } })
    const grave = await sequencer.erase({ tenant, link, at, ground, telling: told })
    if (grave === null) throw new CodedError('not-found', `there is no attestation ${link.slice(0, 12)}`)
    if (grave.left !== null) {
      throw new CodedError('store-failed', `it is erased, and copies may still be in the files: ${grave.left}`, {
        fix: 'Send the same request again, until it succeeds.',
      })
    }
    return grave.withheld
  } finally {
    // Also where it failed: it may have been erased all the same, and is read again where it was not.
    verified.forgetStep(tenant, link)
  }
}
