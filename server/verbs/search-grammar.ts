import { CodedError, type Crypto, hasControl } from '@countersign/core'
import { chainOfRun, type CiRun } from '@countersign/formats'

/** What a text that somebody looks for may mean. */
export type Meaning =
  /** A digest, an id or the beginning of one, in lower case. */
  | { readonly kind: 'hex'; readonly value: string }
  /** The chain that a run of a CI system has begun. */
  | { readonly kind: 'chain'; readonly value: string }
  /** What was in force in an environment at a time (milliseconds); so many before the newest; a decision. */
  | { readonly kind: 'deploy'; readonly environment: string; readonly at: number }
  | { readonly kind: 'deploy'; readonly environment: string; readonly back: number }
  | { readonly kind: 'deploy'; readonly environment: string; readonly id: number }
  | { readonly kind: 'statement'; readonly value: number }
  /** A name, or the beginning of one. */
  | { readonly kind: 'name'; readonly value: string }

/** Characters of what is looked for: an address of a run is the longest. */
export const MAX_QUERY = 512
/** Digits of which a digest is looked for, at least. */
export const SHORTEST = 5

/**
 * All that a text may mean. `ENVIRONMENT@{TIME}`, `ENVIRONMENT~N` and `ENVIRONMENT#N` are after git's revisions and
 * Kosli's: TIME is `now`, `yesterday`, `2 days ago` (or `2.days.ago`), a day or an ISO time. Throws `request-invalid`
 * for a time that is none. `now` is milliseconds since 1970.
 */
export function meaningsOf(text: string, now: number, crypto: Pick<Crypto, 'sha256'>): readonly Meaning[] {
  const query = text.trim()
  if (query === '' || query.length > MAX_QUERY || hasControl(query)) {
    throw new CodedError('request-invalid', `what is looked for is not 1 to ${MAX_QUERY} printable characters`)
  }
  if (/^https?:\/\//.test(query)) return runOf(query).map((run) => ({ kind: 'chain', value: chainOfRun(run, crypto) }))
  const deploy = deployOf(query, now)
  if (deploy !== null) return [deploy]
  const meanings: Meaning[] = []
  const digits = query.replace(/^(?:sha256|gitCommit|sha1):/, '').toLowerCase()
  if (digits.length >= SHORTEST && /^[0-9a-f]{1,64}$/.test(digits)) meanings.push({ kind: 'hex', value: digits })
  const [, number] = /^(?:#|statement )?(0|[1-9][0-9]{0,8})$/.exec(query) ?? []
  if (number !== undefined) meanings.push({ kind: 'statement', value: Number(number) })
  return [...meanings, { kind: 'name', value: query }]
}

function deployOf(query: string, now: number): Meaning | null {
  const [, before, time] = /^([^{}]+)@\{([^{}]{1,64})\}$/.exec(query) ?? []
  if (before !== undefined && time !== undefined) {
    const back = /^[0-9]{1,3}$/.test(time) ? Number(time) : null
    if (back !== null) return { kind: 'deploy', environment: before, back }
    return { kind: 'deploy', environment: before, at: timeOf(time, now) }
  }
  const [, after, back] = /^([^~]+)~([0-9]{0,3})$/.exec(query) ?? []
  if (after !== undefined) return { kind: 'deploy', environment: after, back: back === '' ? 1 : Number(back) }
  const [, environment, id] = /^([^#]+)#([0-9]{1,15})$/.exec(query) ?? []
  return environment === undefined ? null : { kind: 'deploy', environment, id: Number(id) }
}

const UNITS: Readonly<Record<string, (time: Date, count: number) => void>> = {
  second: (time, count) => time.setTime(time.getTime() - count * 1000),
  minute: (time, count) => time.setTime(time.getTime() - count * 60_000),
  hour: (time, count) => time.setTime(time.getTime() - count * 3_600_000),
  day: (time, count) => time.setUTCDate(time.getUTCDate() - count),
  week: (time, count) => time.setUTCDate(time.getUTCDate() - 7 * count),
  month: (time, count) => time.setUTCMonth(time.getUTCMonth() - count),
  year: (time, count) => time.setUTCFullYear(time.getUTCFullYear() - count),
}

/** Milliseconds since 1970 of what people say; a day without a time ends it. Throws `request-invalid`. */
function timeOf(text: string, now: number): number {
  const said = text.trim().replaceAll('.', ' ').toLowerCase()
  if (said === 'now') return now
  const [, count, unit] =
    /^([0-9]{1,5}) (second|minute|hour|day|week|month|year)s? ago$/.exec(said === 'yesterday' ? '1 day ago' : said) ??
    []
  const time = new Date(now)
  if (unit !== undefined) UNITS[unit]!(time, Number(count))
  else if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) time.setTime(Date.parse(`${text}T23:59:59.999Z`))
  else if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,12}Z$/.test(text)) time.setTime(Date.parse(text))
  else time.setTime(Number.NaN)
  if (Number.isNaN(time.getTime()) || time.getTime() < 0) {
    throw new CodedError('request-invalid', 'the time in @{…} is none', {
      fix: 'Such as 2 days ago, yesterday, 2026-11-20 or 2026-11-20T10:00:00Z.',
    })
  }
  return time.getTime()
}

/** The run that an address of a CI system shows, where the address says all that its chain is made of. */
function runOf(url: string): readonly CiRun[] {
  const [, github, run] =
    /^(https:\/\/[^/?#]+\/[^/?#]+\/[^/?#]+)\/actions\/runs\/([0-9]{1,20})(?:[/?#]|$)/.exec(url) ?? []
  if (github !== undefined && run !== undefined) return [{ system: 'github-actions', repository: github, id: run }]
  const [, project, pipeline] = /^(https?:\/\/[^?#]+?)\/-\/pipelines\/([0-9]{1,20})(?:[/?#]|$)/.exec(url) ?? []
  if (project !== undefined && pipeline !== undefined)
    return [{ system: 'gitlab-ci', repository: project, id: pipeline }]
  const [, build] =
    /^https:\/\/console\.cloud\.google\.com\/cloud-build\/builds(?:;region=[a-z0-9-]+)?\/([0-9a-f-]{36})(?:[/?#]|$)/.exec(
      url,
    ) ?? []
  return build === undefined ? [] : [{ system: 'google-cloud-build', repository: null, id: build }]
}
