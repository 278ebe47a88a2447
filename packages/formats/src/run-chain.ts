import { type Crypto, hex, utf8 } from '@countersign/core'

/** A run as a CI system counts them. */
export interface CiRun {
  /** As in `runner.system`. */
  readonly system: string
  /** URI of the repository that it is a run of; null where the system does not say. */
  readonly repository: string | null
  /** What the system calls the run; its jobs have the same. */
  readonly id: string
}

/** The chain that a run of a CI system begins: 32 hex digits, the same for all its jobs, so that they find one another. */
export function chainOfRun({ system, repository, id }: CiRun, crypto: Pick<Crypto, 'sha256'>): string {
  const name = JSON.stringify(['countersign/chain/v1', system, repository, id])
  return hex(crypto.sha256(utf8(name))).slice(0, 32)
}
