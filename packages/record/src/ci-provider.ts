import type { ClaimedIdentity } from '@countersign/formats'
import type { Environment } from './environment.ts'

/** What an environment says about the CI system it is of. All of it is claimed, none of it verified. */
export interface CiFacts {
  /** `github-actions`, `gitlab-ci`, …; goes into `runner.system`. */
  readonly system: string
  readonly identity: ClaimedIdentity | null
  /** The system's own id of the run, and its attempt (1 for the first); null where the system names no run. */
  readonly run: { readonly id: string; readonly attempt: number } | null
}

/**
 * Port: recognises a CI system by its environment. Pure; never throws, whatever the environment holds; null when
 * the environment is of no system that it knows.
 */
export interface CiProvider {
  detect(environment: Environment): CiFacts | null
}
