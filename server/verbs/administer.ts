import type { Actor } from '@countersign/formats'
import type { Doing, Telling } from '../audit.ts'
import type { Deps } from './deps.ts'

/** On whose behalf, and for whom. */
export interface Administrator {
  readonly tenant: string
  readonly by: Actor
}

/** Does what an administrator does, and tells of it in the audit log; false where there is nothing of the kind. */
export async function administer(deps: Deps, { tenant, by }: Administrator, doing: Doing): Promise<boolean> {
  const { done } = await deps.sequencer.administer({ tenant, by, at: deps.now(), doing })
  return done
}

/** What is told of an act that is logged with something else. */
export function telling(
  { tenant, by }: Administrator,
  at: string,
  what: Pick<Telling, 'act' | 'about' | 'detail'>,
): Telling {
  return { tenant, by, at, ...what }
}
