import { ask } from '@countersign/adapters/http'
import { CodedError, type ErrorReport, Findings, fromUtf8 } from '@countersign/core'
import type { VerifiedStep } from '@countersign/verify'
import { pinOf, referenceIn } from './workflow-file.ts'

/** What is recorded where nobody said which commit a name is at. */
export const UNRESOLVED = 'unresolved'

export interface GitHubApi {
  /** `GITHUB_API_URL` */
  readonly url: string
  readonly token: string | null
}

const MAX_ASKED = 100
const TIMEOUT_MS = 4000

/**
 * Commit or image digest by `uses:`: of a pinned one the pin itself; of a tag or branch the commit that GitHub says it
 * is at now. Never throws: what GitHub does not tell is `unresolved`.
 */
export async function resolveUses(uses: readonly string[], api: GitHubApi): Promise<Record<string, string>> {
  const names = [...new Set(uses)]
  const asked = new Map<string, Promise<string | null>>()
  const entries = names.map(async (one) => {
    const pin = pinOf(one)
    if (pin !== null) return [one, pin] as const
    const reference = referenceIn(one)
    if (reference === null) return [one, UNRESOLVED] as const
    const key = `${reference.repository}@${reference.ref}`
    if (!asked.has(key) && asked.size < MAX_ASKED) asked.set(key, commitAt(reference, api))
    return [one, (await asked.get(key)) ?? UNRESOLVED] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** `GET /repos/{owner}/{repo}/commits/{ref}` with the media type `sha` (docs.github.com, REST: commits). */
async function commitAt(
  { repository, ref }: { readonly repository: string; readonly ref: string },
  { url, token }: GitHubApi,
): Promise<string | null> {
  try {
    const address = new URL(`${url.replace(/\/+$/, '')}/repos/${repository}/commits/${encodeURIComponent(ref)}`)
    const loopback = address.hostname === '127.0.0.1' || address.hostname === 'localhost'
    if (address.protocol !== 'https:' && !loopback) return null
    const headers: [string, string][] = [
      ['accept', 'application/vnd.github.sha'],
      ['user-agent', 'countersign'],
    ]
    if (token !== null) headers.push(['authorization', `Bearer ${token}`])
    const answer = await ask(address, { headers }, { timeoutMs: TIMEOUT_MS, maxBytes: 1000, fault: unanswered })
    const sha = fromUtf8(answer.body).trim()
    return answer.status === 200 && /^[0-9a-f]{40}$/.test(sha) ? sha : null
  } catch {
    return null
  }
}

function unanswered(what: string): CodedError {
  return new CodedError('server-unreachable', what)
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
