import '../board.css'
import type { IdentityRow, IdentityWeeks, Runs } from '@countersign/client/views'
import { Choice, Narrow } from '../../parts/choice.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Grade, System } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Pager } from '../../parts/pager.tsx'
import { Facts, PageHead, Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { Grid } from '../../pictures/grid.tsx'
import { dayText } from '../../pictures/scale.ts'
import { printable } from '../../plain.ts'
import { hrefOf } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { identityCells, type Rotation, sharedOwner } from './cells.ts'
import { type Key, KeyCard, KeyList, type Keys } from './key.tsx'

const SPANS = [
  ['12', '12 weeks'],
  ['26', '26 weeks'],
  ['53', 'a year'],
] as const
const WEEK = 7 * 86_400_000
const ROWS = '40'

/** Who signed what, when, with which identity? */
export default function Identities({ query }: ScreenProps) {
  const given = query.get('weeks') ?? '12'
  const weeks = /^(?:[1-9]|[1-4][0-9]|5[0-3])$/.test(given) ? given : '12'
  const from = new Date(Date.now() - (Number(weeks) - 1) * WEEK).toISOString().slice(0, 10)
  const kept = { q: query.get('q'), system: query.get('system') }
  const path = hrefOf('/v1/identities/weeks', { from, weeks, ...kept, limit: ROWS, cursor: query.get('cursor') })
  const answer = useAnswer<IdentityWeeks>(path)
  const keys = useAnswer<Keys>('/v1/keys')
  const chosen = query.get('signer')
  return (
    <>
      <PageHead title="Who signed what, and when?" aside={<JsonLink path={path} />}>
        Every identity that signed, by week: who is new, whose key was rotated or revoked, and what would be in doubt
        without them.
      </PageHead>
      <Section id="weeks" title="Identities by week">
        <div class="filters">
          <Narrow label="Name" name="q" placeholder="a part of it" />
          <Choice label="Time" name="weeks" options={SPANS} />
        </div>
        <Loaded answer={answer}>
          {(found) => {
            if (found.identities.length === 0) return <Nobody narrowed={kept.q !== null || query.has('cursor')} />
            const linkOf = (row: IdentityRow) =>
              `${hrefOf('/identities', { ...kept, weeks: query.get('weeks'), cursor: query.get('cursor'), signer: row.signer })}#signer`
            const shared = sharedOwner(found.identities.map(({ signer }) => signer))
            const cells = identityCells(found.identities, found.weeks, rotationsOf(keys.value), linkOf)
            return (
              <>
                <Grid
                  title="Attestations of each identity, by week"
                  of={['identity', 'weeks']}
                  selected={chosen}
                  rows={found.identities.map((row, i) => ({
                    // One identity may sign on several systems: the first row is the one that is chosen.
                    key:
                      found.identities.findIndex(({ signer }) => signer === row.signer) === i
                        ? row.signer
                        : `${row.signer} ${row.system}`,
                    name: row.signer.startsWith(shared) ? row.signer.slice(shared.length) : row.signer,
                    detail: row.grade === null ? row.system : `${row.system}, ${row.grade}`,
                    href: linkOf(row),
                  }))}
                  columns={found.weeks.map((week) => ({ key: week, name: dayText(week) }))}
                  cells={cells}
                  legend={[
                    { tone: 'info', shape: 'square', step: 1, says: 'few' },
                    { tone: 'info', shape: 'square', step: 4, says: 'many' },
                    { tone: 'unknown', shape: 'corner', says: 'seen for the first time' },
                    { tone: 'warn', shape: 'diamond', says: 'key rotated' },
                    { tone: 'bad', shape: 'cross', says: 'revoked' },
                    { tone: 'bad', shape: 'square', step: 2, says: 'signed after that' },
                  ]}
                />
                <Pager next={found.next} count={found.identities.length} />
              </>
            )
          }}
        </Loaded>
      </Section>
      {chosen === null ? null : (
        <Loaded answer={keys}>
          {({ items }) => (
            <Signer
              signer={chosen}
              row={answer.value?.identities.find(({ signer }) => signer === chosen) ?? null}
              keys={items.filter(({ name }) => name === chosen)}
              again={() => {
                keys.again()
                answer.again()
              }}
            />
          )}
        </Loaded>
      )}
      <Section id="keys" title="Enrolled keys" aside={<JsonLink path="/v1/keys" />}>
        <Loaded answer={keys}>{({ items }) => <Enrolled keys={items} part={kept.q} />}</Loaded>
      </Section>
    </>
  )
}

function Enrolled({ keys, part }: { readonly keys: readonly Key[]; readonly part: string | null }) {
  const found = keys.filter(({ name }) => name.toLowerCase().includes((part ?? '').toLowerCase()))
  if (found.length > 0) return <KeyList keys={found} />
  if (keys.length > 0) return <p class="quiet">No key is enrolled under such a name.</p>
  return (
    <Empty title="No key is enrolled" command="countersign key enroll build.key.pub --name build">
      Where a CI system gives no identity, a key of its own signs.
    </Empty>
  )
}

function Nobody({ narrowed }: { readonly narrowed: boolean }) {
  if (narrowed) return <p class="quiet">Nobody of that name signed in this time.</p>
  return (
    <Empty title="Nobody signed anything in this time" command="countersign issuer add github --repository-id 74123456">
      Let runs of a CI system sign with the identity that it gives them: no key to keep.
    </Empty>
  )
}

/** A key that was enrolled while another of its name was there took that one's place. */
function rotationsOf(keys: Keys | null): readonly Rotation[] {
  const named = Map.groupBy(keys?.items ?? [], ({ name }) => name)
  return [...named].flatMap(([name, all]) =>
    all
      .toSorted((a, b) => (a.enrolledAt < b.enrolledAt ? -1 : 1))
      .slice(1)
      .map(({ enrolledAt }) => ({ name, at: enrolledAt })),
  )
}

interface SignerProps {
  readonly signer: string
  /** Null where it is not on this page. */
  readonly row: IdentityRow | null
  readonly keys: readonly Key[]
  /** Asks for the keys anew. */
  readonly again: () => void
}

function Signer({ signer, row, keys, again }: SignerProps) {
  return (
    <Section id="signer" title={signer}>
      {row === null ? null : (
        <Facts
          rows={[
            ['signs on', <System key="system" name={row.system} />],
            ['known', <Grade key="grade" grade={row.grade} />],
            ['first seen', <Moment key="first" time={row.firstAt} whole />],
            ['last seen', <Moment key="last" time={row.lastAt} />],
          ]}
        />
      )}
      {keys.map((key) => (
        <KeyCard key={key.keyId} held={key} again={again} />
      ))}
      {keys.length > 0 ? null : <Vouched signer={signer} />}
      <h3>Newest runs that it signed in</h3>
      <SignedRuns signer={signer} />
    </Section>
  )
}

function SignedRuns({ signer }: { readonly signer: string }) {
  const answer = useAnswer<Runs>(hrefOf('/v1/runs', { signer, limit: '10' }))
  return (
    <Loaded answer={answer}>
      {({ items }) =>
        items.length === 0 ? (
          <p class="quiet">None is held.</p>
        ) : (
          <Table
            caption={`Runs that ${signer} signed in`}
            rows={items}
            keyOf={({ chain }) => chain}
            columns={[
              { name: 'Run', head: true, cell: ({ chain }) => <Digest value={chain} href={`/run/${chain}`} /> },
              { name: 'Pipeline', cell: ({ pipeline }) => pipeline },
              { name: 'When', cell: ({ firstAt }) => <Moment time={firstAt} /> },
              { name: 'Steps', number: true, cell: ({ steps }) => steps },
            ]}
          />
        )
      }
    </Loaded>
  )
}

/** Whom no key names, an authority vouched for. */
function Vouched({ signer }: { readonly signer: string }) {
  return (
    <Empty
      title="An authority vouches for this identity; it has no key of its own that could be revoked"
      command={`countersign key affected --issuer ISSUER --subject '${printable(signer).replaceAll(/['\s]+/g, ' ')}'`}
    >
      To stop it, give its signer in the contract a <code>revokedAt</code>, or remove the issuer’s rule. What it signed
      is listed by the command.
    </Empty>
  )
}
