import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { ask, Problem, send } from '../../api.ts'
import { Command } from '../../parts/command.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Loaded, Trouble, useAnswer } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { hrefOf } from '../../router.ts'
import { token } from '../../session.ts'
import { Act } from '../settings/act.tsx'

/** As `GET /v1/packs` lists it. */
interface Made {
  readonly id: string
  readonly by: { readonly kind: string; readonly id: string; readonly name: string | null }
  readonly since: string
  readonly until: string
  readonly pipelines: readonly string[]
  readonly environments: readonly string[]
  readonly askedAt: string
  readonly state: 'making' | 'ready' | 'failed'
  readonly done: number
  readonly runs: number | null
  readonly made: {
    readonly digest: string
    readonly size: number
    readonly files: number
    readonly outcomes: { readonly listed: number; readonly proven: number; readonly deviating: number }
    readonly until: string
  } | null
  readonly problem: { readonly code: string; readonly what: string; readonly why: string; readonly fix: string } | null
}

interface Asked {
  readonly since: string
  readonly until: string
  readonly pipelines: readonly string[]
  readonly environments: readonly string[]
}

/** How often is looked while one is made; milliseconds. */
const LOOK = 500

interface PacksMadeProps {
  /** Null: it cannot be asked for now. */
  readonly scope: Asked | null
  readonly nothing: boolean
  /** Told when one more is ready: that it was made is an act. */
  readonly made: () => void
}

/** The button that has a pack made, and those that are made or wait. */
export function PacksMade({ scope, nothing, made }: PacksMadeProps) {
  const packs = useAnswer<{ readonly items: readonly Made[] }>('/v1/packs')
  const problem = useSignal<Problem | null>(null)
  const making = packs.value?.items.some(({ state }) => state === 'making') === true
  useEffect(() => {
    if (!making) return undefined
    const timer = setInterval(packs.again, LOOK)
    return () => clearInterval(timer)
  }, [making])
  const ready = packs.value?.items.flatMap(({ id, state }) => (state === 'ready' ? [id] : []))
  const known = useRef<readonly string[] | null>(null)
  useEffect(() => {
    if (ready === undefined) return
    if (known.current !== null && ready.some((id) => !known.current!.includes(id))) made()
    known.current = ready
  }, [ready?.join(' ')])
  const make = async () => {
    problem.value = null
    try {
      await send('POST', '/v1/packs', scope)
      packs.again()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    }
  }
  return (
    <div class="packs">
      <p>
        <button
          type="button"
          class="button first"
          disabled={scope === null || making || nothing}
          onClick={() => void make()}
        >
          Make the pack
        </button>{' '}
        <span class="quiet">
          {nothing
            ? 'There is no run in it.'
            : 'Signed with the key of the log, in your name; that you had it made is an act of the audit log.'}
        </span>
      </p>
      {problem.value === null ? null : <Trouble problem={problem.value} />}
      <Loaded answer={packs}>
        {({ items }) =>
          items.length === 0 ? null : (
            <ul class="packs-made" aria-label="Packs">
              {items.map((one) => (
                <li key={one.id}>
                  <One pack={one} again={packs.again} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  )
}

function One({ pack, again }: { readonly pack: Made; readonly again: () => void }) {
  const { id, by, since, until, pipelines, environments, askedAt, state, done, runs, made, problem } = pack
  const remove = async () => {
    await send('DELETE', `/v1/packs/${id}`)
    again()
  }
  const last = new Date(Date.parse(until) - 1).toISOString()
  const scope = [...pipelines, ...environments.map((one) => `gates of ${one}`)].join(', ')
  return (
    <article class="pack-made" aria-label={`Pack ${since.slice(0, 10)} to ${last.slice(0, 10)}`}>
      <h3>
        {since.slice(0, 10)} to {last.slice(0, 10)}
      </h3>
      <p class="quiet">
        {scope === '' ? 'All pipelines' : scope}; asked for by {by.name ?? by.id}, <Moment time={askedAt} />
      </p>
      {state === 'making' ? (
        <p role="status">
          <label>
            Fetching runs{runs === null ? '' : `, ${done.toLocaleString('en-US')} of ${runs.toLocaleString('en-US')}`}{' '}
            {runs === null ? <progress /> : <progress value={done} max={runs} />}
          </label>
        </p>
      ) : null}
      {problem === null ? null : <Trouble problem={new Problem(0, problem)} />}
      {made === null ? null : <Ready id={id} made={made} name={fileName(since, last)} />}
      <p>
        <Act word={state === 'making' ? 'Stop' : 'Remove'} act={remove} />
      </p>
    </article>
  )
}

function Ready({
  id,
  made: { digest, size, files, outcomes, until },
  name,
}: {
  readonly id: string
  readonly made: NonNullable<Made['made']>
  readonly name: string
}) {
  const path = `/v1/packs/${id}/file`
  const good = outcomes.proven + outcomes.deviating
  return (
    <>
      <p>
        <Mark tone={good === outcomes.listed ? 'good' : 'bad'}>
          {good.toLocaleString('en-US')} of {outcomes.listed.toLocaleString('en-US')} runs proven
        </Mark>{' '}
        {files.toLocaleString('en-US')} files, {sized(size)}; here until <Moment time={until} />
      </p>
      <p>
        {token.value === null ? (
          <a class="button first" href={path} download={name}>
            Download
          </a>
        ) : (
          <ByToken path={path} name={name} />
        )}{' '}
        <span class="quiet">as told in the audit log:</span>{' '}
        <Digest value={digest} href={hrefOf('/audit', { about: digest })} length={16} copy />
      </p>
      <p class="quiet">
        It verifies with no server and no login, under a log key and a contract that you got yourself:
      </p>
      <Command text={`countersign audit verify ${name} --trust log.vkey --contract contract.yaml --report report`} />
    </>
  )
}

/** A link sends no token along: what it leads to is fetched, and then saved. */
function ByToken({ path, name }: { readonly path: string; readonly name: string }) {
  const save = async () => {
    const response = await ask(path)
    const address = URL.createObjectURL(await response.blob())
    const link = document.createElement('a')
    link.href = address
    link.download = name
    link.click()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
  }
  return <Act word="Download" act={save} />
}

function fileName(since: string, last: string): string {
  return `audit-${since.slice(0, 10)}-to-${last.slice(0, 10)}.tar`
}

function sized(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`
}
