import { useSignal } from '@preact/signals'
import { Problem } from '../../api.ts'
import { kindText } from '../../parts/anchor-words.tsx'
import { Digest } from '../../parts/digest.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Trouble } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { forgetParty, parties, pinParty } from '../../worker/anchors-seen.ts'
import type { SeenParty } from '../../worker/messages.ts'

/** Whom this browser believes about anchors, by whose word; and where the reader decides. */
export function Belief() {
  const known = parties.value
  const problem = useSignal<Problem | null>(null)
  if (known === null || known.length === 0) return null
  const act = (doing: Promise<void>) => {
    problem.value = null
    doing.catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    })
  }
  return (
    <Section id="belief" title="Whom your browser believes" aside={<JsonLink path="/v1/anchors/trust" />}>
      <p class="about">
        This server names the keys of its anchors, and a server that lies would name its own. So they count here once
        you have compared them with what the others themselves publish, and pinned them. This browser keeps that, and
        alarms when the server names something else later. These pages come from the server, too: whoever trusts it with
        nothing verifies with <code>countersign verify --anchor-trust</code>.
      </p>
      {problem.value === null ? null : <Trouble problem={problem.value} />}
      <Table
        caption="Whom anchors hang on"
        rows={known}
        keyOf={({ kind, name }) => `${kind} ${name}`}
        columns={[
          {
            name: 'Who',
            head: true,
            cell: ({ kind, name }) => (
              <>
                {name}
                <br />
                <span class="quiet small">{kindText(kind)}</span>
              </>
            ),
          },
          { name: 'Known by', cell: (party) => <Prints prints={party.fingerprints} /> },
          { name: 'Whose word', cell: (party) => <Word party={party} /> },
          {
            name: 'You',
            cell: (party) => (
              <Act party={party} pin={() => act(pinParty(party))} forget={() => act(forgetParty(party))} />
            ),
          },
        ]}
      />
    </Section>
  )
}

function Prints({ prints }: { readonly prints: readonly string[] }) {
  return (
    <span class="prints">
      {prints.map((print) =>
        print.startsWith('sha256:') ? (
          <Digest key={print} value={print} length={64} copy />
        ) : (
          <code key={print}>{print}</code>
        ),
      )}
    </span>
  )
}

function Word({ party }: { readonly party: SeenParty }) {
  const { word, was, pinnedAt, isNamed } = party
  switch (word) {
    case 'public':
      return (
        <>
          <Mark tone="good">Nobody’s here</Mark>{' '}
          {party.kind === 'opentimestamps'
            ? 'What counts is the work that it takes to make such blocks.'
            : 'These pages were built with this key, as Sigstore has published it.'}
        </>
      )
    case 'pinned':
      return (
        <>
          <Mark tone="good">Yours</Mark> pinned <Moment time={pinnedAt!} whole />
          {isNamed ? '' : '; this server names it no longer'}
          {party.kind === 'ethereum' || party.kind === 'opentimestamps' ? <BlocksServed /> : null}
        </>
      )
    case 'named':
      return (
        <>
          <Mark tone="unknown">This server’s alone</Mark>
          {party.kind === 'ethereum' || party.kind === 'opentimestamps' ? <BlocksServed /> : null}
          {party.kind === 'opentimestamps' ? (
            <span class="quiet"> It is a chain for trials: whoever likes makes its blocks.</span>
          ) : null}
        </>
      )
    case 'changed':
      return (
        <>
          <Mark tone="bad">Changed</Mark>{' '}
          {pinnedAt === null ? (
            'These pages know it by'
          ) : (
            <>
              You pinned, <Moment time={pinnedAt} whole />,
            </>
          )}{' '}
          <Prints prints={was ?? []} />
        </>
      )
  }
}

function BlocksServed() {
  return <span class="quiet"> Which blocks are final is this server’s word: look them up elsewhere.</span>
}

interface ActProps {
  readonly party: SeenParty
  readonly pin: () => void
  readonly forget: () => void
}

function Act({ party, pin, forget }: ActProps) {
  const sure = useSignal(false)
  const { word, name, isNamed } = party
  if (word === 'public') return <span class="quiet">nothing to do</span>
  if (word === 'pinned') {
    return (
      <button type="button" class="button" onClick={forget}>
        {isNamed ? 'Unpin' : 'Forget'}
        <span class="sr"> {name}</span>
      </button>
    )
  }
  if (word === 'named') {
    return (
      <button type="button" class="button" onClick={pin}>
        I compared it: pin
        <span class="sr"> {name}</span>
      </button>
    )
  }
  // What these pages know cannot be talked out of.
  if (party.kept === null) return <span class="quiet">does not count</span>
  return sure.value ? (
    <div class="acts">
      <button type="button" class="button danger" onClick={pin}>
        I compared the new one: pin it
        <span class="sr">: {name}</span>
      </button>
      <button
        type="button"
        class="button"
        onClick={() => {
          sure.value = false
        }}
      >
        No
      </button>
    </div>
  ) : (
    <button
      type="button"
      class="button"
      onClick={() => {
        sure.value = true
      }}
    >
      It is right …<span class="sr"> {name}</span>
    </button>
  )
}
