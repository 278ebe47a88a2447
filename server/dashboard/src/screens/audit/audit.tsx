import '../board.css'
import { Narrow } from '../../parts/choice.tsx'
import { Command } from '../../parts/command.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Pager } from '../../parts/pager.tsx'
import { PageHead, Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { detailText } from './detail.ts'
import { Pack } from './pack.tsx'

/** `GET /v1/audit`. */
interface Page {
  readonly items: readonly Act[]
  readonly next: string | null
}

interface Act {
  readonly digest: string
  /** Of its leaf in the log. */
  readonly index: number
  /** Whether a checkpoint that was published covers it. */
  readonly signed: boolean
  readonly number: number
  readonly previous: string | null
  readonly at: string
  readonly by: { readonly kind: string; readonly id: string; readonly name: string | null }
  readonly act: string
  readonly about: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** What do I hand the auditor? */
export default function Audit({ query }: ScreenProps) {
  const about = query.get('about')
  const path = hrefOf('/v1/audit', { about, cursor: query.get('cursor') })
  const answer = useAnswer<Page>(path)
  return (
    <>
      <PageHead title="What do you hand the auditor?" aside={<JsonLink path={path} />}>
        What can be checked without this server. Each act of an administrator is an entry of the log, too, and names the
        one before it.
      </PageHead>
      <Pack made={answer.again} />
      <Section id="acts" title="What administrators did">
        <div class="filters">
          <Narrow label="Done to" name="about" placeholder="id of a token, key or person" />
        </div>
        <Loaded answer={answer}>
          {({ items, next }) =>
            items.length === 0 ? (
              about === null ? (
                <Empty title="Nobody has administered anything yet" command="countersign token new --scope read">
                  Whoever makes a token, enrols a key or changes a role shows up here.
                </Empty>
              ) : (
                <p class="quiet">Nothing was done to that.</p>
              )
            ) : (
              <>
                <Acts items={items} />
                <Pager next={next} count={items.length} />
              </>
            )
          }
        </Loaded>
      </Section>
      <Section id="evidence" title="Proof of one artifact">
        <p>One file with the whole way from the source, that verifies on any machine without a network:</p>
        <Command text="countersign evidence export app.tgz --html app.tgz.evidence.html" />
      </Section>
    </>
  )
}

function Acts({ items }: { readonly items: readonly Act[] }) {
  return (
    <Table
      caption="Acts of administrators, newest first"
      rows={items}
      keyOf={({ digest }) => digest}
      columns={[
        { name: 'No.', number: true, cell: ({ number }) => number },
        { name: 'When', cell: ({ at }) => <Moment time={at} /> },
        { name: 'Who', cell: ({ by }) => `${by.name ?? by.id}${by.kind === 'person' ? '' : `, ${by.kind}`}` },
        { name: 'Did', head: true, cell: ({ act }) => act },
        { name: 'To', cell: ({ about }) => <Digest value={about} href={hrefOf('/audit', { about })} length={16} /> },
        { name: 'Detail', cell: ({ detail }) => <span class="wrap">{detailText(detail)}</span> },
        {
          name: 'In the log',
          cell: ({ index, signed }) => (
            <Mark tone={signed ? 'good' : 'unknown'}>
              {signed ? `leaf ${index}` : `leaf ${index}, not published yet`}
            </Mark>
          ),
        },
        { name: 'Proof', cell: ({ digest }) => <Digest value={digest} copy /> },
      ]}
    />
  )
}
