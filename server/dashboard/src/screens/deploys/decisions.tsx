import type { Deploy } from '@countersign/client/views'
import { Digest } from '../../parts/digest.tsx'
import { Mark, type Tone } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Reason } from '../../parts/reason.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { gapOf, gapText } from './gaps.ts'

/** What a gate said, of an environment or of none (`GET /v1/decisions`). */
export type Decided = Omit<Deploy, 'environment'> & { readonly environment: string | null }

/** `GET /v1/decisions`: newest first. */
export interface DecisionsPage {
  readonly items: readonly Decided[]
  readonly next: string | null
}

interface DecisionTableProps {
  readonly decisions: readonly Decided[]
  /** Whether they are all about one artifact. */
  readonly ofOne?: boolean
}

/** What gates were asked, what they said, and why. */
export function DecisionTable({ decisions, ofOne = false }: DecisionTableProps) {
  const number: Column<Decided> = { name: 'No.', number: !ofOne, head: ofOne, cell: ({ id }) => id }
  const artifact: Column<Decided> = {
    name: 'Artifact',
    head: true,
    cell: ({ artifact: digest }) =>
      digest === null ? (
        <span class="quiet">erased</span>
      ) : (
        <Digest value={digest} href={`/artifact/sha256:${digest}`} />
      ),
  }
  return (
    <Table
      caption="Decisions, newest first"
      rows={decisions}
      keyOf={({ id }) => String(id)}
      columns={[
        ...(ofOne ? [number] : []),
        { name: 'When', cell: ({ at }) => <Moment time={at} whole={ofOne} /> },
        { name: 'Decision', cell: (one) => <Mark tone={TONES[one.decision]}>{SAYS[one.decision]}</Mark> },
        { name: 'Gap', cell: (one) => <GapOf decided={one} /> },
        ...(ofOne ? [] : [artifact]),
        { name: 'Environment', cell: ({ environment }) => environment ?? <span class="quiet">none named</span> },
        { name: 'Pipeline', cell: ({ pipeline }) => pipeline ?? <span class="quiet">none</span> },
        { name: 'Asked by', cell: ({ requester, by }) => requester ?? by },
        ...(ofOne ? [] : [number]),
      ]}
    />
  )
}

const TONES: Readonly<Record<Decided['decision'], Tone>> = { allow: 'good', deny: 'bad', unknown: 'unknown' }
const SAYS: Readonly<Record<Decided['decision'], string>> = {
  allow: 'let through',
  deny: 'refused',
  unknown: 'unknown',
}

function GapOf({ decided }: { readonly decided: Decided }) {
  const gap = gapOf(decided)
  if (gap === null) return <span class="quiet">none</span>
  return (
    <div class="gap-told">
      <Mark tone={gap === 'deviation' ? 'warn' : gap === 'unknown' ? 'unknown' : 'bad'}>{gapText(gap)}</Mark>
      {decided.code === null ? null : <Reason code={decided.code} what={decided.what} />}
    </div>
  )
}
