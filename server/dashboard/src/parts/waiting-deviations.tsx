import { hrefOf } from '../router.ts'
import { Digest } from './digest.tsx'
import { JsonLink } from './json-link.tsx'
import { useAnswer } from './loaded.tsx'
import { Mark } from './mark.tsx'
import { Moment } from './moment.tsx'
import { Section } from './section.tsx'
import { Table } from './table.tsx'

/** `GET /v1/proposals`. */
export interface WaitingDeviation {
  readonly id: string
  readonly state: 'waiting' | 'expired' | 'superseded'
  readonly why: string | null
  readonly pipeline: string
  readonly chain: string
  readonly excuses: readonly { readonly code: string; readonly step: string }[]
  readonly reason: string
  readonly expiresAt: string
  readonly threshold: number | null
  readonly signedBy: readonly string[]
  readonly open: readonly string[]
}

/** Which deviations lack a signature, and whose; nothing where none waits. */
export function WaitingDeviations() {
  const answer = useAnswer<{ readonly items: readonly WaitingDeviation[] }>('/v1/proposals')
  const items = answer.value?.items ?? []
  if (items.length === 0) return null
  return (
    <Section id="waiting" title="Deviations that wait for signatures" aside={<JsonLink path="/v1/proposals" />}>
      <Table
        caption="Deviations that wait for signatures, the newest first"
        rows={items}
        keyOf={(one) => one.id}
        columns={[
          { name: 'Pipeline', head: true, cell: ({ pipeline }) => pipeline },
          {
            name: 'Run',
            cell: ({ chain }) => <Digest value={chain} href={`${hrefOf(`/run/${chain}`, {})}#deviation`} />,
          },
          { name: 'Lets through', cell: (one) => <Excuses one={one} /> },
          { name: 'Because', cell: ({ reason }) => reason },
          { name: 'Signed by', cell: (one) => <Signed one={one} /> },
          { name: 'Until', cell: (one) => <Standing one={one} /> },
        ]}
      />
    </Section>
  )
}

function Excuses({ one: { excuses } }: { readonly one: WaitingDeviation }) {
  return (
    <>
      {excuses.map(({ code, step }) => (
        <div key={`${code} ${step}`}>
          <code class="code">{code}</code> at {step}
        </div>
      ))}
    </>
  )
}

function Signed({ one: { threshold, signedBy, open, state } }: { readonly one: WaitingDeviation }) {
  return (
    <>
      <div>
        {signedBy.length} of {threshold ?? '?'}
        {signedBy.length === 0 ? '' : `: ${signedBy.join(', ')}`}
      </div>
      {state !== 'waiting' || open.length === 0 ? null : <div class="quiet">may yet: {open.join(', ')}</div>}
    </>
  )
}

export function Standing({ one: { state, why, expiresAt } }: { readonly one: WaitingDeviation }) {
  if (state === 'waiting') return <Moment time={expiresAt} />
  return (
    <>
      <Mark tone={state === 'expired' ? 'bad' : 'warn'}>{state}</Mark>
      {state === 'expired' ? null : <div class="quiet">{why}</div>}
    </>
  )
}
