import './home.css'
import { systemName } from '@countersign/evidence-page/names'
import type { Run, Runs } from '@countersign/client/views'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Pager } from '../../parts/pager.tsx'
import { PageHead, Section } from '../../parts/section.tsx'
import { shellWord } from '../../parts/shell-word.ts'
import { type Column, Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { logSeen } from '../../worker/log-seen.ts'

const PAGE = 25

/** What is new, and what needs the reader. */
export default function Home({ query }: ScreenProps) {
  const [pipeline, cursor] = [query.get('pipeline'), query.get('cursor')]
  const runs = useAnswer<Runs>(hrefOf('/v1/runs', { pipeline, cursor, limit: String(PAGE) }))
  return (
    <>
      <PageHead title="Home">
        <p>
          Paste a digest, a commit or a run above, or press <kbd>/</kbd>: see how it was built, and have your own
          browser check it.
        </p>
      </PageHead>
      <Tiles />
      <Section
        id="runs"
        title={pipeline === null ? 'Newest runs' : `Runs of ${pipeline}`}
        aside={pipeline === null ? null : <a href="/">all pipelines</a>}
      >
        <Loaded answer={runs}>
          {({ items, next, behind }) =>
            items.length === 0 && behind > 0 ? (
              <p class="quiet">The server is still counting {behind} attestations.</p>
            ) : items.length === 0 ? (
              <Empty
                title={pipeline === null ? 'Nothing is recorded yet' : 'No run of this pipeline is recorded'}
                command={`countersign run --step build --pipeline ${shellWord(pipeline, 'demo')} -- make`}
              >
                Put this before a command of your build, and the run shows up here.
              </Empty>
            ) : (
              <>
                <Table caption="Runs, newest first" columns={COLUMNS} rows={items} keyOf={({ chain }) => chain} />
                <Pager next={next} count={items.length} />
              </>
            )
          }
        </Loaded>
      </Section>
    </>
  )
}

const COLUMNS: readonly Column<Run>[] = [
  { name: 'Run', head: true, cell: ({ chain }) => <Digest value={chain} href={`/run/${chain}`} /> },
  {
    name: 'Pipeline',
    cell: ({ pipeline }) => <a href={hrefOf('/', { pipeline })}>{pipeline}</a>,
  },
  { name: 'How it went', cell: (run) => <Standing run={run} /> },
  { name: 'Steps', number: true, cell: ({ steps }) => steps },
  { name: 'Systems', cell: ({ systems }) => systems.map(systemName).join(', ') || '–' },
  {
    name: 'Contract',
    cell: ({ contract }) =>
      contract === null ? (
        <span class="quiet">none</span>
      ) : (
        <Digest value={contract} href={`/contracts?digest=${contract}`} length={8} />
      ),
  },
  { name: 'Last step', cell: ({ lastAt }) => <Moment time={lastAt} /> },
]

/** As the server says: opening the run has it verified. */
function Standing({ run: { refused, failed, late, erased } }: { readonly run: Run }) {
  if (refused > 0) return <Mark tone="bad">{refused} turned away</Mark>
  if (failed > 0) return <Mark tone="bad">{failed} failed</Mark>
  if (late > 0) return <Mark tone="warn">{late} came late</Mark>
  if (erased > 0) return <Mark tone="unknown">{erased} erased</Mark>
  return <Mark tone="good">nothing turned away</Mark>
}

interface InboxPage {
  readonly items: readonly { readonly code: string; readonly at?: string }[]
  readonly next: string | null
}

function Tiles() {
  const inbox = useAnswer<InboxPage>('/v1/inbox')
  const log = logSeen.value
  const waiting = inbox.value?.items.length ?? null
  return (
    <ul class="tiles">
      <li>
        <a href="/inbox" class="tile">
          <span class="tile-number">
            {waiting === null ? '–' : `${waiting}${inbox.value?.next === null ? '' : '+'}`}
          </span>
          <span>
            {waiting === 0 ? (
              <Mark tone="good">nothing waits in the inbox</Mark>
            ) : (
              <Mark tone="warn">in the inbox</Mark>
            )}
          </span>
          <span class="quiet small">{inbox.problem === null ? newestText(inbox.value) : inbox.problem.what}</span>
        </a>
      </li>
      <li>
        <div class="tile">
          <span class="tile-number">{log?.result.to ?? '–'}</span>
          <span>
            {log === null ? (
              <Mark tone="unknown">the log is being looked at</Mark>
            ) : log.alarm !== null ? (
              <Mark tone="bad">the log shows two histories</Mark>
            ) : log.result.state === 'unknown' ? (
              <Mark tone="warn">the log could not be followed</Mark>
            ) : (
              <Mark tone="good">entries in the log</Mark>
            )}
          </span>
          <span class="quiet small">{logText()}</span>
        </div>
      </li>
    </ul>
  )
}

function newestText(page: InboxPage | null): string {
  const codes = [...new Set((page?.items ?? []).map(({ code }) => code))]
  return codes.length === 0 ? '' : codes.slice(0, 3).join(', ') + (codes.length > 3 ? ', …' : '')
}

function logText(): string {
  const log = logSeen.value
  if (log === null) return ''
  const { state, from } = log.result
  if (state === 'new') return 'This browser sees it for the first time, and will remember it.'
  if (state === 'grown') return `Your browser verified: it begins with the ${from} it saw before.`
  return state === 'same' ? 'Your browser verified: the same as it saw before.' : (log.result.report?.what ?? '')
}
