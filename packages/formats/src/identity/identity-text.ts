import type { Identity } from './identity.ts'

/** Most characters: a certificate may hold facts of thousands. */
const MAX_TEXT = 256

/**
 * An identity in a line, for people: `github.com/acme/shop@main · release.yml · run 42/1`. Where its issuer names no
 * repository: the subject and the issuer. Two identities may have one text; no decision hangs on it.
 */
export function identityText(identity: Identity): string {
  const text = wholeText(identity)
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`
}

function wholeText(identity: Identity): string {
  const { subject, issuer, sourceRepositoryURI, sourceRepositoryRef, buildConfigURI, runInvocationURI } = identity
  if (sourceRepositoryURI === null) return `${bare(subject.value)} · by ${bare(issuer)}`
  const ref = sourceRepositoryRef === null ? '' : `@${sourceRepositoryRef.replace(/^refs\/(?:heads|tags)\//, '')}`
  const parts = [`${bare(sourceRepositoryURI)}${ref}`]
  const workflow = buildConfigURI === null ? null : fileOf(buildConfigURI)
  if (workflow !== null) parts.push(workflow)
  if (runInvocationURI !== null) parts.push(`run ${runOf(runInvocationURI, sourceRepositoryURI)}`)
  return parts.join(' · ')
}

/** An address without its scheme and the slash at its end; the host stays, for there are many with one path. */
function bare(uri: string): string {
  return uri.replace(/^https:\/\//, '').replace(/\/$/, '')
}

/** `release.yml` of `https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main`. */
function fileOf(uri: string): string | null {
  const path = uri.split('@', 1)[0]!
  return path.slice(path.lastIndexOf('/') + 1) || null
}

/** What of a run's address is not its repository's: `42/1` of GitHub's `/actions/runs/42/attempts/1`. */
function runOf(uri: string, repository: string): string {
  const own = uri.startsWith(`${repository}/`) ? uri.slice(repository.length + 1) : bare(uri)
  const [, run, attempt] = /^actions\/runs\/([0-9]{1,20})\/attempts\/([0-9]{1,9})$/.exec(own) ?? []
  if (run !== undefined) return `${run}/${attempt}`
  return /^-\/(?:jobs|pipelines)\/([0-9]{1,20})$/.exec(own)?.[1] ?? own
}
