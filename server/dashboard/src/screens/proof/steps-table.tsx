import { systemName } from '@countersign/evidence-page/names'
import type { RunView } from '@countersign/client/views'
import { Digest } from '../../parts/digest.tsx'
import { Grade, Mark } from '../../parts/mark.tsx'
import { lengthText, Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSignal } from '@preact/signals'
import type { Seen } from '../../worker/messages.ts'
import type { DagState } from '../../pictures/dag-layout.ts'
import { stepTitle } from './picture.ts'
import { stepHref } from './step.tsx'

interface Row {
  readonly id: string
  readonly title: string
  readonly state: DagState
  readonly signer: string | null
  readonly grade: string | null
  readonly system: string | null
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly before: readonly string[]
}

/** Open where it is short. */
const SHORT = 12

const TONE = { good: 'good', bad: 'bad', refused: 'bad', missing: 'bad', withheld: 'unknown', said: 'unknown' } as const

const WORD: Readonly<Record<DagState, string>> = {
  good: 'verified this',
  bad: 'it does not fit',
  refused: 'does not verify',
  missing: 'is missing',
  withheld: 'withheld',
  said: 'accepted',
}

/** The picture again as a table: the same steps, who signed them and what they go on from. */
export function StepsTable({ seen, said }: { readonly seen: Seen | null; readonly said: RunView | null }) {
  const rows = seen !== null ? rowsOfSeen(seen) : said !== null ? rowsOfSaid(said) : []
  const open = useSignal<boolean | null>(null)
  const shown = open.value ?? rows.length <= SHORT
  if (rows.length === 0) return null
  const title = new Map(rows.map(({ id, title: text }) => [id, text]))
  const columns: Column<Row>[] = [
    { name: 'Step', head: true, cell: (row) => <a href={stepHref(row.id)}>{row.title}</a> },
    {
      name: seen === null ? 'The server says' : 'Your browser',
      cell: (row) => <Mark tone={TONE[row.state]}>{WORD[row.state]}</Mark>,
    },
    {
      name: 'Signed by',
      cell: (row) => (row.signer === null ? <span class="quiet">nobody</span> : <span class="wrap">{row.signer}</span>),
    },
    { name: 'Grade', cell: (row) => <Grade grade={row.grade} /> },
    { name: 'System', cell: (row) => systemName(row.system) },
    {
      name: 'After',
      cell: (row) => (row.before.length === 0 ? <span class="quiet">begins it</span> : beforeText(row.before, title)),
    },
    { name: 'Finished', cell: (row) => (row.finishedAt === null ? '–' : <Moment time={row.finishedAt} whole />) },
    { name: 'Took', number: true, cell: took },
    { name: 'Link', cell: (row) => <Digest value={row.id} length={8} /> },
  ]
  return (
    <Section
      id="steps"
      title={`Steps, ${rows.length}`}
      aside={
        <button
          type="button"
          class="button"
          aria-expanded={shown}
          onClick={() => {
            open.value = !shown
          }}
        >
          {shown ? 'Hide the table' : 'Show as a table'}
        </button>
      }
    >
      {shown ? (
        <Table caption="Steps of the picture above" columns={columns} rows={rows} keyOf={({ id }) => id} />
      ) : null}
    </Section>
  )
}

function beforeText(before: readonly string[], title: ReadonlyMap<string, string>): string {
  const names = before.slice(0, 6).map((link) => title.get(link) ?? `${link.slice(0, 8)}, missing`)
  return `${names.join(', ')}${before.length > 6 ? `, and ${before.length - 6} more` : ''}`
}

function took({ startedAt, finishedAt }: Row): string {
  const ms = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')
  return Number.isNaN(ms) ? '–' : lengthText(ms)
}

function rowsOfSeen({ nodes }: Seen): Row[] {
  return nodes.map((node) => ({
    id: node.id,
    title: stepTitle(node),
    state: node.state,
    signer: node.signer?.name ?? null,
    grade: node.signer?.grade ?? null,
    system: node.system,
    startedAt: node.said?.startedAt ?? null,
    finishedAt: node.said?.finishedAt ?? null,
    before: node.previous,
  }))
}

function rowsOfSaid({ steps }: RunView): Row[] {
  return steps.map((step) => ({
    id: step.link,
    title: stepTitle({ name: step.step, matrix: step.matrix, attempt: step.attempt }),
    state: step.erasedAt === null ? 'said' : 'withheld',
    signer: step.signer,
    grade: step.grade,
    system: step.system,
    startedAt: step.startedAt,
    finishedAt: step.finishedAt,
    before: step.previous.map(({ link }) => link),
  }))
}
