import type { Runs } from '@countersign/client/views'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { get, getBytes, Problem } from '../../api.ts'
import { Command } from '../../parts/command.tsx'
import { Trouble } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Section } from '../../parts/section.tsx'
import { shellWord } from '../../parts/shell-word.ts'
import { ContractGraph, type StepChange } from '../../pictures/contract-graph.tsx'
import { hrefOf } from '../../router.ts'
import { contractOf } from './judging.ts'
import { type Lab as Worker, openLab } from './lab-client.ts'
import type { LabReplayed, Linted } from './messages.ts'
import { Outcome } from './outcome.tsx'

const PAUSE = 250
const COUNTS = [20, 50, 100, 200] as const

interface Props {
  readonly pipeline: string
  /** The contract in force, YAML; null where there is none. */
  readonly inForce: string | null
}

/** What the runs of the past were under, as they are replayed. */
interface Replay {
  readonly draft: string
  readonly total: number | null
  readonly replayed: readonly LabReplayed[]
  readonly done: boolean
}

/** A draft: linted as it is written, and replayed over the runs there were, before anybody publishes it. */
export function Lab({ pipeline, inForce }: Props) {
  const lab = useRef<Worker | null>(null)
  const draft = useSignal(inForce === null ? beginning(pipeline) : raised(inForce))
  const linted = useSignal<Linted | null>(null)
  const replay = useSignal<Replay | null>(null)
  const problem = useSignal<Problem | null>(null)
  const count = useSignal<number>(COUNTS[0])
  const leave = useRef<AbortController | null>(null)
  useEffect(() => {
    lab.current = openLab()
    return () => {
      leave.current?.abort()
      lab.current?.close()
    }
  }, [])
  useEffect(() => {
    const text = draft.value
    const timer = setTimeout(() => {
      lab.current?.ask({ kind: 'lint', draft: text, inForce }).then(
        (value) => {
          if (draft.peek() === text) linted.value = value
        },
        (error: unknown) => {
          problem.value = problemOf(error)
        },
      )
    }, PAUSE)
    return () => clearTimeout(timer)
  }, [draft.value, inForce])

  const run = async () => {
    leave.current?.abort()
    const own = new AbortController()
    leave.current = own
    const text = draft.value
    problem.value = null
    replay.value = { draft: text, total: null, replayed: [], done: false }
    try {
      const { items } = await get<Runs>(hrefOf('/v1/runs', { pipeline, limit: String(count.value) }), own.signal)
      const replayed: LabReplayed[] = []
      for (const { chain } of items) {
        replay.value = { draft: text, total: items.length, replayed: [...replayed], done: false }
        const bytes = await getBytes(`/v1/chains/${chain}`, own.signal)
        replayed.push(await lab.current!.ask({ kind: 'replay', draft: text, inForce, run: chain, chain: bytes }))
        if (own.signal.aborted) return
      }
      replay.value = { draft: text, total: items.length, replayed, done: true }
    } catch (error) {
      if (own.signal.aborted) return
      replay.value = null
      problem.value = problemOf(error)
    }
  }

  const found = linted.value
  const sound = found !== null && found.pipeline !== null
  const contract = sound ? contractOf(draft.value) : null
  const shown = replay.value
  return (
    <Section id="lab" title="Try a draft">
      <div class="lab">
        <div class="lab-text">
          <label for="draft">The draft, in YAML</label>
          <textarea
            id="draft"
            rows={22}
            spellcheck={false}
            autocapitalize="off"
            autocomplete="off"
            aria-describedby="lint"
            value={draft.value}
            onInput={(event) => {
              draft.value = event.currentTarget.value
            }}
          />
          <p class="lab-acts">
            <button
              type="button"
              class="button"
              onClick={() => {
                draft.value = inForce === null ? beginning(pipeline) : raised(inForce)
              }}
            >
              Begin anew
            </button>
            <button type="button" class="button" onClick={() => save(draft.value, pipeline)}>
              Save it
            </button>
          </p>
        </div>
        <div class="lab-found" id="lint" role="status">
          {found === null ? <p class="quiet">Reading …</p> : <LintFound linted={found} />}
        </div>
      </div>
      {contract === null ? null : <ContractGraph title="The draft" contract={contract} changes={changesOf(found)} />}
      <div class="filters lab-replay">
        <label>
          Over the last
          <select
            value={String(count.value)}
            onChange={(event) => {
              count.value = Number(event.currentTarget.value)
            }}
          >
            {COUNTS.map((n) => (
              <option key={n} value={String(n)}>
                {n} runs
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button first"
          disabled={!sound || shown?.done === false}
          onClick={() => void run()}
        >
          Replay
        </button>
        <p class="quiet small">Judged here, in your browser; nothing is published.</p>
      </div>
      {problem.value === null ? null : <Trouble problem={problem.value} />}
      {shown === null ? null : (
        <p class="quiet" role="status">
          {shown.total === null
            ? 'Looking for runs …'
            : shown.done
              ? shown.draft === draft.value
                ? `Replayed ${shown.total} run${shown.total === 1 ? '' : 's'}.`
                : 'The draft was changed since: replay it again.'
              : `${shown.replayed.length} of ${shown.total} runs …`}
        </p>
      )}
      {shown === null || (shown.done && shown.total === 0) ? null : (
        <Outcome replayed={shown.replayed} compared={inForce !== null} />
      )}
      {shown?.done === true && shown.total === 0 ? (
        <p>There are no runs of this pipeline yet: nothing says what the draft would block.</p>
      ) : null}
      {shown?.done === true && shown.draft === draft.value ? (
        <div class="publish">
          <p>Save the draft as a file, have its maintainers sign it where the contract names some, and publish it:</p>
          <Command text={`countersign contract publish ${fileOf(pipeline)}`} />
        </div>
      ) : null}
    </Section>
  )
}

function LintFound({ linted: { faults, advice, changes, pipeline, revision, steps } }: { readonly linted: Linted }) {
  return (
    <>
      {faults.length > 0 ? (
        <p>
          <Mark tone="bad">{`${faults.length} fault${faults.length === 1 ? '' : 's'}`}</Mark>
        </p>
      ) : (
        <p>
          <Mark tone="good">{`${pipeline} revision ${revision}`}</Mark>: {steps.join(', ')}
        </p>
      )}
      <ul class="faults">
        {[...faults, ...advice].map(({ line, column, code, what, fix }, i) => (
          <li key={i}>
            <p>
              <span class="word">
                line {line}:{column}
              </span>{' '}
              {i < faults.length ? <code class="code">{code}</code> : <Mark tone="warn">advice</Mark>} {what}
            </p>
            <p class="quiet small">{fix}</p>
          </li>
        ))}
      </ul>
      {changes === null ? null : (
        <>
          <h3>Against the one in force</h3>
          {changes.length === 0 ? <p class="quiet">Nothing is changed but its revision.</p> : null}
          <ul class="changes">
            {changes.map(({ effect, where, what }) => (
              <li key={`${where} ${what}`}>
                <Mark tone={effect === 'loosened' ? 'warn' : effect === 'tightened' ? 'good' : 'info'}>{effect}</Mark>{' '}
                <code>{where}</code> {what}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

/** Steps that the changes are about. */
function changesOf(linted: Linted | null): ReadonlyMap<string, StepChange> {
  const changes = (linted?.changes ?? []).flatMap(({ where, what }) => {
    const step = linted!.steps.find((name) => where === `steps.${name}` || where.startsWith(`steps.${name}.`))
    return step === undefined
      ? []
      : [[step, where === `steps.${step}` && what.includes('now') ? 'added' : 'changed'] as const]
  })
  return new Map(changes)
}

/** The text with the revision after its own. */
function raised(yaml: string): string {
  return yaml.replace(/^revision:[ \t]*([0-9]{1,9})/m, (_, revision: string) => `revision: ${Number(revision) + 1}`)
}

function beginning(pipeline: string): string {
  return `contract: v1\npipeline: ${pipeline}\nrevision: 1\nsigners: {}\nsteps: {}\nfinal: release\n`
}

function fileOf(pipeline: string): string {
  return `${shellWord(pipeline, 'draft').replaceAll('/', '-')}.contract.yaml`
}

function save(text: string, pipeline: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileOf(pipeline)
  link.click()
  URL.revokeObjectURL(url)
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const why = 'The page met something that it does not know.'
  return new Problem(0, { code: 'internal', what: String(error), why, fix: 'Load the page again.' })
}
