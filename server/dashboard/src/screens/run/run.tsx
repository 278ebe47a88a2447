import type { RunView, Runs } from '@countersign/client/views'
import { useMemo } from 'preact/hooks'
import { get } from '../../api.ts'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Mark } from '../../parts/mark.tsx'
import { useWork } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Fit } from '../../parts/room.tsx'
import { PageHead, Section } from '../../parts/section.tsx'
import { type Span, Timeline } from '../../pictures/timeline.tsx'
import { path, query } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import type { Seen } from '../../worker/messages.ts'
import { underText } from '../../worker/under.ts'
import { Approvals } from '../proof/approvals.tsx'
import { Disputed, ProofNotes } from '../proof/notes.tsx'
import { Outside, TryIt } from '../proof/outside.tsx'
import { stepTitle } from '../proof/picture.ts'
import { StepDetail, stepHref } from '../proof/step.tsx'
import { StepsTable } from '../proof/steps-table.tsx'
import { CosignDeviation } from './deviation.tsx'
import { useProof } from '../proof/use-proof.ts'
import { count, Findings, Verdict } from '../proof/verdict.tsx'
import { Way } from '../proof/way.tsx'

/** Why is this build unlike the last good one? */
export default function Run({ params }: ScreenProps) {
  const chain = params['chain'] ?? ''
  if (!/^[0-9a-f]{32}$/.test(chain)) {
    return (
      <>
        <PageHead title="Run" />
        <Empty title="That is no run">The id of a run has 32 hex digits. Search for the part that you have.</Empty>
      </>
    )
  }
  return <Known chain={chain} />
}

function Known({ chain }: { readonly chain: string }) {
  const proof = useProof({ chain })
  const { seen, said, problem, tampered } = proof
  if (problem?.status === 404) {
    return (
      <>
        <PageHead title="Run" />
        <Empty title="The server knows no such run" command="countersign upload">
          Steps that were recorded while it was away wait in a spool, and are uploaded with this.
        </Empty>
      </>
    )
  }
  const pipeline = said?.run.pipeline ?? seen?.pipelines[0] ?? null
  return (
    <>
      <PageHead title={pipeline === null ? 'Run' : `Run of ${pipeline}`} aside={<LastGood chain={chain} said={said} />}>
        <p>
          <Digest value={chain} length={32} copy />
          {said === null ? null : (
            <>
              {' '}
              · {count(said.run.steps, 'step')} on{' '}
              {said.run.systems.length === 0 ? 'no system' : count(said.run.systems.length, 'CI system')} · last{' '}
              <Moment time={said.run.lastAt} />
            </>
          )}
        </p>
      </PageHead>
      <Verdict proof={proof} about={seen === null ? '' : aboutText(seen)} />
      <Disputed about={`chain/${chain}`} />
      <Approvals proof={proof} />
      {said === null ? null : <Refusals said={said} />}
      {seen === null && said === null ? null : <Way proof={proof} />}
      {seen === null ? null : (
        <StepDetail seen={seen} flip={tampered === null ? (link) => proof.flip('payload', link) : null} />
      )}
      {seen === null ? null : <Findings seen={seen} />}
      <When seen={seen} said={said} />
      <StepsTable seen={seen} said={said} />
      {seen === null ? null : <ProofNotes seen={seen} artifact={null} />}
      {seen === null ? null : <Outside seen={seen} />}
      <CosignDeviation proof={proof} chain={chain} />
      <TryIt proof={proof} name={chain.slice(0, 12)} />
    </>
  )
}

function aboutText(seen: Seen): string {
  const { nodes, pipelines } = seen
  const verified = nodes.filter(({ state }) => state === 'good').length
  return `${verified} of ${count(nodes.length, 'step')} of ${pipelines.join(', ')}, ${underText(seen, seen.passed)}`
}

/** What was turned away: nothing of it is in the picture. */
function Refusals({ said }: { readonly said: RunView }) {
  if (said.refusals.length === 0) return null
  return (
    <Section id="refused" title="Turned away">
      <p class="quiet">Attestations that said they are of this run, and that the server refused.</p>
      {said.refusals.map(({ id, at, code, what, step }) => (
        <article key={id} class="finding">
          <p>
            <code class="code">{code}</code> <strong>{what}</strong>
          </p>
          <p class="quiet">
            {step === null ? '' : `step ${step}, `}
            <Moment time={at} whole /> · <a href={`/inbox?code=${encodeURIComponent(code)}`}>in the inbox</a>
          </p>
        </article>
      ))}
    </Section>
  )
}

function When({ seen, said }: { readonly seen: Seen | null; readonly said: RunView | null }) {
  const here = `${path.value}?${query.value}`
  const drawn = useMemo(() => {
    const spans = spansOf(seen, said)
    const link = (id: string) => stepHref(id)
    return spans.length === 0 ? null : <Fit>{(room) => <Timeline spans={spans} room={room} hrefOf={link} />}</Fit>
  }, [seen, said, here])
  return drawn === null ? null : (
    <Section id="when" title="When">
      {drawn}
    </Section>
  )
}

function spansOf(seen: Seen | null, said: RunView | null): Span[] {
  return seen !== null
    ? seen.nodes.flatMap((node) =>
        node.said === null
          ? []
          : [
              {
                id: node.id,
                title: stepTitle(node),
                system: node.system,
                from: node.said.startedAt,
                to: node.said.finishedAt,
                bad: node.state !== 'good' || !node.said.succeeded,
                said: false,
              },
            ],
      )
    : (said?.steps ?? []).flatMap(({ link, step, matrix, attempt, system, startedAt, finishedAt, succeeded }) =>
        startedAt === null || finishedAt === null
          ? []
          : [
              {
                id: link,
                title: stepTitle({ name: step, matrix, attempt }),
                system,
                from: startedAt,
                to: finishedAt,
                bad: succeeded === false,
                said: true,
              },
            ],
      )
}

/** The newest run of the pipeline before this one in which nothing failed, was refused or is erased. */
export async function lastGood({ run }: RunView, signal: AbortSignal): Promise<string | null> {
  // Runs overlap: the one that ended before this one did is before it.
  const until = new Date(Date.parse(run.lastAt) + 1).toISOString()
  const query = new URLSearchParams({ pipeline: run.pipeline, until, limit: '200' })
  const { items } = await get<Runs>(`/v1/runs?${query}`, signal)
  const good = items.filter((one) => one.lastIndex < run.lastIndex && one.failed + one.refused + one.erased === 0)
  // One that is as long is of the same kind; what stopped half way compares badly.
  return (good.find(({ steps }) => steps >= run.steps) ?? good[0])?.chain ?? null
}

function LastGood({ chain, said }: { readonly chain: string; readonly said: RunView | null }) {
  const answer = useWork((signal) => (said === null ? null : lastGood(said, signal)), said === null ? null : chain)
  if (said === null || answer.loading) return null
  return answer.value === null ? (
    <Mark tone="info">no good run before it to compare with</Mark>
  ) : (
    <a class="button first" href={`/run/${chain}/diff/${answer.value}`}>
      Compare with the last good run
    </a>
  )
}
