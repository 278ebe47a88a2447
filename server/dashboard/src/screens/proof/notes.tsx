import { signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RemarkKind, RemarkSubject } from '@countersign/formats'
import { getBytes, Problem } from '../../api.ts'
import { Command } from '../../parts/command.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Trouble, useAnswer, useWork } from '../../parts/loaded.tsx'
import { Grade, Mark, type Tone } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { useTask } from '../../parts/use-task.ts'
import { noPasskeys, type OwnPasskey } from '../../passkey.ts'
import { hrefOf } from '../../router.ts'
import { me } from '../../session.ts'
import type { NotesMaterial, Seen, SeenNote, SeenNotes } from '../../worker/messages.ts'
import { verifier } from '../../worker/verifier.ts'
import './notes.css'
import { stepTitle } from './picture.ts'
import { stepHref } from './step.tsx'

/** Something that can be spoken of here, by the name that the reader knows it by. */
export interface NoteSubject extends RemarkSubject {
  readonly title: string
  readonly href: string | null
}

interface NotesProps {
  /** What is asked for: `chain/…`, `artifact/…`, `refusal/…`. */
  readonly about: readonly string[]
  readonly subjects: readonly NoteSubject[]
  /** Who signed what can be disputed. */
  readonly signers: NotesMaterial['signers']
  readonly id?: string
  readonly title?: string
}

/** How many open disputes there are of what is shown; null while nobody knows. */
const disputed = signal<{ readonly about: string; readonly open: number } | null>(null)

/** Beside the verdict, which does not ask: that something of it is disputed. */
export function Disputed({ about }: { readonly about: string }) {
  const known = disputed.value
  if (known === null || known.about !== about || known.open === 0) return null
  return (
    <p class="disputed" role="status">
      <Mark tone="bad">{known.open === 1 ? '1 open dispute' : `${known.open} open disputes`}</Mark>{' '}
      <a href="#notes">Read what is said of it</a>
    </p>
  )
}

/** What an artifact and its steps, or a run and its steps, are spoken of by. */
export function ProofNotes({ seen, artifact }: { readonly seen: Seen; readonly artifact: string | null }) {
  const steps = seen.nodes.map(
    (node): NoteSubject => ({
      kind: 'step',
      digest: node.id,
      title: `step ${stepTitle(node)}`,
      href: stepHref(node.id),
    }),
  )
  const whole: readonly NoteSubject[] =
    artifact === null ? [] : [{ kind: 'artifact', digest: artifact, title: 'the artifact', href: null }]
  const signers = seen.nodes.flatMap(({ id, signer, cosigners }) =>
    [...(signer === null ? [] : [signer]), ...cosigners].map(({ name, keyId }) => ({ link: id, name, keyId })),
  )
  const chains = seen.chains.map((chain) => `chain/${chain}`)
  const about = artifact === null ? chains : [`artifact/${artifact}`, ...chains]
  return <Notes about={about} subjects={[...whole, ...steps]} signers={signers} />
}

/** Signed notes and disputes, each verified by this browser; and for whoever has a passkey, a place to sign one. */
export function Notes({ about, subjects, signers, id = 'notes', title = 'Notes and disputes' }: NotesProps) {
  const round = useSignal(0)
  const answer = useWork((signal) => notesOf(about, signers, signal), `${about.join(' ')} ${round.value}`)
  const person = me.value?.person ?? null
  const scopes = me.value?.scopes ?? []
  const may = scopes.some((scope) => ['append', 'note', 'audit', 'admin'].includes(scope))
  const passkeys = useAnswer<{ readonly items: readonly OwnPasskey[] }>(
    may && person !== null ? '/v1/me/passkeys' : null,
  )
  const keys = (passkeys.value?.items ?? []).filter(({ state }) => state === 'active')
  const { value, problem } = answer
  const open = (value?.notes ?? []).filter(isOpen)
  const again = () => void round.value++
  const [whole = ''] = about
  const count = value === null ? null : open.length
  useEffect(() => {
    disputed.value = count === null ? null : { about: whole, open: count }
  }, [whole, count])
  return (
    <Section id={id} title={title} aside={<JsonLink path={hrefOf('/v1/notes', { about: about[0] ?? '' })} />}>
      {problem === null ? null : <Trouble problem={problem} />}
      {value === null ? null : value.notes.length === 0 ? (
        <Empty title="Nobody has said anything yet">
          A note is signed, and kept in the log. It decides nothing: a dispute is shown beside every verdict until it is
          resolved.
        </Empty>
      ) : (
        <>
          <p>
            {open.length === 0 ? (
              <Mark tone="good">nothing is disputed</Mark>
            ) : (
              <Mark tone="bad">{open.length === 1 ? '1 open dispute' : `${open.length} open disputes`}</Mark>
            )}
          </p>
          <ol class="notes">
            {sorted(value.notes).map((note) => (
              <One key={note.id} note={note} subjects={subjects}>
                {may && note.state === 'verified' && note.supersededBy === null ? (
                  <Answer note={note} keys={keys} place={value.place} maintain={maintains(scopes)} done={again} />
                ) : null}
              </One>
            ))}
          </ol>
        </>
      )}
      {value === null || !may ? null : keys.length === 0 ? (
        <ByCommand subjects={subjects} named={person !== null} />
      ) : (
        <Write subjects={subjects} keys={keys} place={value.place} done={again} id={id} />
      )}
    </Section>
  )
}

function maintains(scopes: readonly string[]): boolean {
  return scopes.includes('maintain') || scopes.includes('admin')
}

/** Everything that the server has of it: for the worker, which believes none of it. */
async function notesOf(
  about: readonly string[],
  signers: NotesMaterial['signers'],
  signal: AbortSignal,
): Promise<SeenNotes> {
  const page = (one: string) => getBytes(hrefOf('/v1/notes', { about: one, limit: '200' }), signal)
  const [pages, server, keys, authorities] = await Promise.all([
    Promise.all(about.map(page)),
    getBytes('/v1/server', signal),
    getBytes('/v1/keys', signal),
    getBytes('/api/v2/trustBundle', signal).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 404) return null
      throw error
    }),
  ])
  return verifier({ kind: 'notes', material: { pages, server, keys, authorities, signers } })
}

function isOpen({ state, kind, supersededBy }: SeenNote): boolean {
  return state === 'verified' && kind === 'dispute' && supersededBy === null
}

/** Open disputes first, then the newest. */
function sorted(notes: readonly SeenNote[]): readonly SeenNote[] {
  const rank = (note: SeenNote) => (isOpen(note) ? 0 : 1)
  return notes.toSorted((a, b) => rank(a) - rank(b) || ((a.at ?? '') < (b.at ?? '') ? 1 : -1))
}

const WORDS: Readonly<Record<RemarkKind, readonly [word: string, tone: Tone]>> = {
  note: ['note', 'info'],
  dispute: ['open dispute', 'bad'],
  resolution: ['resolution', 'good'],
  withdrawal: ['withdrawal', 'info'],
}

interface OneProps {
  readonly note: SeenNote
  readonly subjects: readonly NoteSubject[]
  readonly children: preact.ComponentChildren
}

function One({ note, subjects, children }: OneProps) {
  const { id, state, kind, text, at, by, supersedes, supersededBy, fault, report } = note
  if (state !== 'verified' || kind === null || by === null) {
    return (
      <li class="note" id={`note-${id}`}>
        {state === 'erased' ? (
          <Mark tone="info">erased</Mark>
        ) : (
          <Mark tone="unknown">this browser could not verify it, and does not show what it says</Mark>
        )}{' '}
        <Digest value={id} /> {report === null ? null : <code class="code">{report.code}</code>}
      </li>
    )
  }
  const [word, tone] = WORDS[kind]
  const over = kind === 'dispute' && supersededBy !== null
  return (
    <li class={`note ${isOpen(note) ? 'note-open' : ''}`} id={`note-${id}`}>
      <p class="note-head">
        <Mark tone={over ? 'info' : tone}>{over ? 'dispute' : word}</Mark>
        <strong>{by.name}</strong> <Grade grade={by.grade} />
        {at === null ? null : <Moment time={at} />}
        <Mark tone="good">verified in this browser</Mark>
      </p>
      <p class="note-text">{text}</p>
      <p class="quiet">
        about <About note={note} subjects={subjects} />
        {supersedes === null ? null : (
          <>
            {' '}
            · {kind === 'resolution' ? 'resolves' : kind === 'withdrawal' ? 'takes back' : 'in the place of'}{' '}
            <Digest value={supersedes} href={`#note-${supersedes}`} />
          </>
        )}
        {supersededBy === null ? null : (
          <>
            {' '}
            · superseded by <Digest value={supersededBy} href={`#note-${supersededBy}`} />
          </>
        )}
      </p>
      {fault === null ? null : (
        <p>
          <Mark tone="warn">it does not count for the other: {fault}</Mark>
        </p>
      )}
      {report === null ? null : (
        <p>
          <Mark tone="warn">no log that is known here proves since when: {report.code}</Mark>
        </p>
      )}
      {children}
    </li>
  )
}

function About({ note, subjects }: { readonly note: SeenNote; readonly subjects: readonly NoteSubject[] }) {
  return (
    <>
      {note.about.map(({ kind, digest }, i) => {
        const known = subjects.find((one) => one.kind === kind && one.digest === digest)
        return (
          <span key={kind + digest}>
            {i === 0 ? '' : ', '}
            {known === undefined ? (
              <>
                {kind === 'refusal' ? 'what was refused' : kind} <Digest value={digest} />
              </>
            ) : known.href === null ? (
              known.title
            ) : (
              <a href={known.href}>{known.title}</a>
            )}
          </span>
        )
      })}
    </>
  )
}

/** The way of whoever has no passkey here. */
function ByCommand({ subjects, named }: { readonly subjects: readonly NoteSubject[]; readonly named: boolean }) {
  const [first] = subjects.filter(({ kind }) => kind === 'step')
  const what = first?.digest ?? subjects[0]?.digest ?? 'LINK'
  const prefix =
    first === undefined && subjects[0]?.kind !== 'step'
      ? subjects[0]?.kind === 'refusal'
        ? 'refusal:'
        : 'sha256:'
      : ''
  const why = named
    ? (noPasskeys() ?? 'You have no passkey: Settings has a place for one. With a key of your own:')
    : 'You came with a token, which is nobody. With a key of your own:'
  return (
    <div class="stack add">
      <p class="quiet">{why}</p>
      <Command text={`countersign note ${prefix}${what} --text "WHAT YOU SAY" --key YOUR.key`} />
    </div>
  )
}

interface AnswerProps {
  readonly note: SeenNote
  readonly keys: readonly OwnPasskey[]
  readonly place: string
  readonly maintain: boolean
  readonly done: () => void
}

/** What the reader may say of one that stands: take back their own, resolve what another disputes. */
function Answer({ note, keys, place, maintain, done }: AnswerProps) {
  const text = useSignal<string | null>(null)
  const { busy, problem, during } = useTask()
  const own = keys.filter(({ keyId }) => keyId === note.by?.keyId)
  const kind: RemarkKind | null =
    own.length > 0
      ? note.kind === 'withdrawal'
        ? null
        : 'withdrawal'
      : note.kind === 'dispute' && maintain
        ? 'resolution'
        : null
  if (kind === null || keys.length === 0) return null
  const signing = own.length > 0 ? own : keys
  const word = kind === 'withdrawal' ? 'Take it back' : 'Resolve it'
  const sign = (said: string) =>
    during(async () => {
      const { signNote } = await import('./sign-note.ts')
      await signNote({ about: note.about, kind, text: oneLine(said), supersedes: note.id, place }, signing)
      text.value = null
      done()
    })
  if (text.value === null) {
    return (
      <p>
        <button type="button" class="button" onClick={() => (text.value = '')}>
          {word}
        </button>
      </p>
    )
  }
  const said = text.value
  return (
    <div class="once" role="group" aria-label={word}>
      <Say label="Why" value={said} busy={busy} changed={(value) => (text.value = value)} />
      <div class="acts">
        <button
          type="button"
          class="button first"
          disabled={busy || oneLine(said) === ''}
          onClick={() => void sign(said)}
        >
          Sign the note with your passkey
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => (text.value = null)}>
          Not now
        </button>
      </div>
      {problem === null ? null : <Trouble problem={problem} />}
    </div>
  )
}

interface WriteProps {
  readonly subjects: readonly NoteSubject[]
  readonly keys: readonly OwnPasskey[]
  readonly place: string
  readonly done: () => void
  readonly id: string
}

/** A note of the reader's own. */
function Write({ subjects, keys, place, done, id }: WriteProps) {
  const text = useSignal('')
  const kind = useSignal<'note' | 'dispute'>('note')
  const chosen = useSignal(0)
  const { busy, problem, during } = useTask()
  const subject = subjects[chosen.value] ?? subjects[0]
  if (subject === undefined) return null
  const sign = () =>
    during(async () => {
      const { signNote } = await import('./sign-note.ts')
      const about = [{ kind: subject.kind, digest: subject.digest }]
      await signNote({ about, kind: kind.value, text: oneLine(text.value), supersedes: null, place }, keys)
      text.value = ''
      done()
    })
  return (
    <form
      class="add note-write"
      aria-label="Write a note"
      onSubmit={(event) => {
        event.preventDefault()
        void sign()
      }}
    >
      <div class="filters">
        <label>
          About
          <select
            name={`${id}-about`}
            disabled={busy}
            value={String(chosen.value)}
            onChange={(event) => (chosen.value = Number(event.currentTarget.value))}
          >
            {subjects.map(({ title, digest }, i) => (
              <option key={digest} value={String(i)}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          As
          <select
            name={`${id}-kind`}
            disabled={busy}
            value={kind.value}
            onChange={(event) => (kind.value = event.currentTarget.value === 'dispute' ? 'dispute' : 'note')}
          >
            <option value="note">a note</option>
            <option value="dispute">a dispute: it is not so</option>
          </select>
        </label>
      </div>
      <Say label="What you say" value={text.value} busy={busy} changed={(value) => (text.value = value)} />
      <div class="acts">
        <button type="submit" class="button first" disabled={busy || oneLine(text.value) === ''}>
          Sign the note with your passkey
        </button>
        <span class="quiet">It stays in the log, under your name.</span>
      </div>
      {problem === null ? null : <Trouble problem={problem} />}
    </form>
  )
}

const MAX_TEXT = 4096

interface SayProps {
  readonly label: string
  readonly value: string
  readonly busy: boolean
  readonly changed: (value: string) => void
}

function Say({ label, value, busy, changed }: SayProps) {
  return (
    <label class="note-say">
      {label}
      <textarea
        rows={3}
        maxLength={MAX_TEXT}
        disabled={busy}
        value={value}
        onInput={(event) => changed(event.currentTarget.value)}
      />
    </label>
  )
}

/** Lines are for reading, and none is signed. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
