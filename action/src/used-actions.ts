import { CodedError, type ErrorReport, Findings } from '@countersign/core'
import type { VerifiedStep } from '@countersign/verify'
import { commitAt, type GithubApi } from './github.ts'
import { pinOf, type Reference, referenceIn } from './workflow-file.ts'

/** What is recorded where nobody said which commit a name is at. */
export const UNRESOLVED = 'unresolved'

const MAX_ASKED = 100

/**
 * Commit or image digest by `uses:`: of a pinned one the pin itself; of a tag or branch the commit that GitHub says it
 * is at now. Never throws: what GitHub does not tell is `unresolved`.
 */
export async function resolveUses(uses: readonly string[], api: GithubApi): Promise<Record<string, string>> {
  const names = [...new Set(uses)]
  const asked = new Map<string, Promise<string | null>>()
  const entries = names.map(async (one) => {
    const pin = pinOf(one)
    if (pin !== null) return [one, pin] as const
    const reference = referenceIn(one)
    if (reference === null) return [one, UNRESOLVED] as const
    const key = `${reference.repository}@${reference.ref}`
    if (!asked.has(key) && asked.size < MAX_ASKED) asked.set(key, commitOrNull(api, reference))
    return [one, (await asked.get(key)) ?? UNRESOLVED] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** What GitHub does not tell is not known, whatever the reason. */
async function commitOrNull(api: GithubApi, reference: Reference): Promise<string | null> {
  try {
    return await commitAt(api, reference)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}

/** Actions whose name stood for another commit in a step before. */
export function movedActions(
  actions: Readonly<Record<string, string>>,
  before: Iterable<VerifiedStep>,
  chain: string,
): readonly ErrorReport[] {
  const found = new Findings()
  for (const { statement } of before) {
    const { runner, step } = statement.predicate
    if (statement.predicate.chain.id !== chain) continue
    for (const [uses, commit] of Object.entries(actions)) {
      const other = Object.hasOwn(runner.actions, uses) ? runner.actions[uses] : undefined
      if (other === undefined || other === commit || other === UNRESOLVED || commit === UNRESOLVED) continue
      found.find(
        'action-moved',
        `${uses} is at ${commit.slice(0, 12)} and was at ${other.slice(0, 12)} in ${step.name}`,
      )
    }
  }
  return found.list
}
