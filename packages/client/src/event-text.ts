import type { CountersignEvent, EventData, EventName } from './events.ts'
import { eventName } from './events.ts'
import { plainText } from './plain-text.ts'

const MAX_TEXT = 400

/** What happened, in a line: plain text, whoever wrote what it quotes (T-92). */
export function eventText(event: CountersignEvent): string {
  const name = eventName(event)
  const write = Object.hasOwn(TEXT, name) ? (TEXT[name] as (data: unknown) => string) : () => name
  return plainText(write(event.data), MAX_TEXT)
}

/**
 * Where the dashboard shows it, below the address of the server; null where there is nothing to be shown.
 */
export function eventPath(event: CountersignEvent): string | null {
  const name = eventName(event)
  const chain = 'chain' in event.data ? event.data.chain : null
  if (typeof chain === 'string') return `/run/${encodeURIComponent(chain)}`
  if (name.startsWith('anchor.') || name === 'log.fork') return '/anchors'
  if (name.startsWith('key.')) return '/identities'
  if (name === 'gate.decided') return '/deploys'
  if (name === 'contract.published') return '/contracts'
  if (name === 'admin.acted' || name === 'sign-in.refused') return '/audit'
  return name === 'step.refused' || name === 'conflict' || name === 'mismatch' ? '/inbox' : null
}

const short = (digest: string) => digest.slice(0, 12)

const TEXT: { readonly [N in EventName]: (data: EventData[N]) => string } = {
  'step.accepted': ({ pipeline, step, attempt, signer, succeeded, late, chain }) =>
    `${pipeline}: ${step}${attempt > 1 ? ` (attempt ${attempt})` : ''} accepted${signer === null ? '' : ` from ${signer}`}${succeeded === false ? ', which failed' : ''}${late ? ', late' : ''}; run ${short(chain)}`,
  'step.refused': refusal('refused'),
  mismatch: refusal('what was received is not what was made'),
  conflict: refusal('another content for a place that is taken'),
  'gate.decided': ({ decision, pipeline, environment, artifact, code, what }) =>
    `${decision} ${artifact === null ? 'an artifact' : `sha256:${short(artifact)}`}${environment === null ? '' : ` for ${environment}`}${pipeline === null ? '' : ` (${pipeline})`}${code === null ? '' : `: ${code}: ${what ?? ''}`}`,
  'contract.published': ({ pipeline, revision, signatures }) =>
    `${pipeline}: revision ${revision} of the contract is in force, signed by ${signatures}`,
  'admin.acted': ({ act, about, by }) => `${act} ${about} by ${by.kind} ${by.name ?? by.id}`,
  'deviation.proposed': ({ pipeline, excuses, reason, by }) =>
    `${pipeline}: waits for signatures, to let through ${excuses.map(({ step, code }) => `${step} ${code}`).join(', ')}: ${reason}; proposed by ${by.kind} ${by.name ?? by.id}`,
  'deviation.admitted': ({ pipeline, excuses, reason, expiresAt }) =>
    `${pipeline}: let through until ${expiresAt}: ${excuses.map(({ step, code }) => `${step} ${code}`).join(', ')}; ${reason}`,
  'deviation.expiring': ({ id, expiresAt, chain }) =>
    `deviation ${short(id)} of run ${short(chain)} ends at ${expiresAt}`,
  'note.added': ({ kind, about, signer, id }) => `${kind} ${short(id)}${signedBy(signer)}${aboutText(about)}`,
  'note.disputed': ({ about, signer, id }) => `dispute ${short(id)}${signedBy(signer)}${aboutText(about)}`,
  'key.enrolled': ({ name, keyId, by }) => `key ${short(keyId)} of ${name} enrolled by ${by}`,
  'key.rotated': ({ name, keyId, other, by }) =>
    `key ${short(keyId)} of ${name} follows or is followed by ${short(other ?? 'another')}; by ${by}`,
  'key.revoked': ({ name, keyId, asOf, reason, by }) =>
    `key ${short(keyId)} of ${name} revoked as of ${asOf ?? 'now'}${reason === null ? '' : ` (${reason})`} by ${by}`,
  erased: ({ pipeline, step, link, ground }) => `${pipeline}: ${step} (${short(link)}) erased: ${ground}`,
  'identity.first-seen': ({ pipeline, signer, system, newPipeline }) =>
    signer === null
      ? 'somebody signed in a pipeline for the first time; the step was erased since'
      : `${pipeline ?? ''}: ${signer} (${system ?? 'no CI system'}) signs here for the first time${newPipeline ? '; the pipeline is new' : ''}`,
  'anchor.final': ({ anchor, statement }) => `statement ${statement} is proven by ${anchor}`,
  'anchor.dead': ({ anchor, statement, code, what }) =>
    `statement ${statement} cannot be anchored in ${anchor}: ${code ?? ''}: ${what ?? ''}`,
  'anchor.missed': ({ anchor, statement, seconds }) =>
    `statement ${statement} waits for its proof by ${anchor} for ${Math.floor((seconds ?? 0) / 3600)} hours`,
  'log.fork': ({ witness, size, what }) => `witness ${witness} knows another history of the log at ${size}: ${what}`,
  'sign-in.refused': ({ provider, subject, code, what, count }) =>
    `nobody signed in by ${provider ?? 'a link'}${subject === null ? '' : ` as ${subject}`}: ${code}: ${what}${count === 1 ? '' : `; ${count} within the hour`}`,
  'webhook.disabled': ({ webhook, what }) => `webhook ${webhook} is off: ${what ?? 'it did not take what it was sent'}`,
  'webhook.test': ({ webhook }) => `a test of webhook ${webhook}`,
  'events.lost': ({ of, upTo }) => `${of} up to ${upTo} were given up before they were told`,
}

function refusal(what: string) {
  return (data: EventData['step.refused']) =>
    `${data.step === null ? '' : `${data.step}: `}${what}: ${data.code}: ${data.what}`
}

function signedBy(signer: string | null): string {
  return signer === null ? ', erased since' : ` by ${signer}`
}

function aboutText(about: EventData['note.added']['about']): string {
  const [first] = about
  if (first === undefined) return ''
  return ` about ${first.kind} ${short(first.digest)}${about.length === 1 ? '' : ` and ${about.length - 1} more`}`
}
