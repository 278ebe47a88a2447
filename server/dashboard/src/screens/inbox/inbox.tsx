import '../board.css'
import { Choice, Chosen } from '../../parts/choice.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Pager } from '../../parts/pager.tsx'
import { PageHead, Section } from '../../parts/section.tsx'
import { hrefOf } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { Attention } from './attention.tsx'
import { Body } from './body.tsx'
import { RefusalNotes } from './refusal-notes.tsx'

/** `GET /v1/inbox`. */
interface Page {
  readonly items: readonly Refusal[]
  readonly next: string | null
}

interface Report {
  readonly code: string
  readonly what: string
  readonly why: string
  readonly fix: string
}

interface Refusal extends Report {
  readonly id: number
  readonly at: string
  readonly lastAt: string
  readonly count: number
  readonly findings: readonly Report[]
  /** SHA-256 of the body; null where it was too large to be read. */
  readonly body: string | null
  readonly size: number | null
  /** Whether the body can be fetched. */
  readonly kept: boolean
  /** Verified, as the two after it. */
  readonly link: string | null
  readonly chain: string | null
  readonly step: string | null
  /** What it says of itself, and nobody vouches for. */
  readonly claimed: { readonly link: string; readonly chain: string; readonly step: string } | null
}

/** What tells an attack from a mistake first. */
const CODES = [
  ['', 'all reasons'],
  ['material-swapped', 'material swapped'],
  ['place-taken', 'conflict: place taken'],
  ['signer-unknown', 'signer unknown'],
  ['signer-not-allowed', 'signer not allowed'],
  ['signer-revoked', 'signer revoked'],
  ['signature-invalid', 'signature invalid'],
  ['step-order', 'steps out of order'],
  ['material-unexplained', 'material unexplained'],
  ['contract-missing', 'not under its contract'],
] as const
const GRAVE: ReadonlySet<string> = new Set([
  'material-swapped',
  'material-changed',
  'digest-conflict',
  'place-taken',
  'nonce-reused',
  'signature-invalid',
  'signer-revoked',
])

/** What needs me now? */
export default function Inbox({ query }: ScreenProps) {
  const code = query.get('code')
  const path = hrefOf('/v1/inbox', { code, cursor: query.get('cursor') })
  const answer = useAnswer<Page>(path)
  const named = CODES.some(([value]) => value === (code ?? ''))
  return (
    <>
      <PageHead title="What needs you now?" aside={<JsonLink path={path} />}>
        What the server refused, and why. Nothing is dropped silently: it is here until it is old.
      </PageHead>
      <Attention />
      <Section id="refused" title="Refused">
        <div class="filters">
          <Choice label="Reason" name="code" options={named ? CODES : [...CODES, [code!, code!]]} />
        </div>
        <Chosen filters={code === null ? [] : [[['code'], code]]} />
        <Loaded answer={answer}>
          {({ items, next }) =>
            items.length === 0 ? (
              code === null ? (
                <Empty title="Nothing was refused" command="countersign gate app.tgz --remote --pipeline shop/web">
                  Every step that came did fit. Steps that never came are on the page Coverage.
                </Empty>
              ) : (
                <p class="quiet">Nothing was refused for that.</p>
              )
            ) : (
              <>
                <ul class="refusals">
                  {items.map((item) => (
                    <li key={item.id}>
                      <Refused item={item} />
                    </li>
                  ))}
                </ul>
                <Pager next={next} count={items.length} />
              </>
            )
          }
        </Loaded>
      </Section>
    </>
  )
}

function Refused({ item }: { readonly item: Refusal }) {
  const { id, at, lastAt, count, code, what, why, fix, findings, link, chain, step, claimed, kept, size, body } = item
  const more = findings.filter((one) => one.code !== code || one.what !== what)
  return (
    <article class={GRAVE.has(code) ? 'refusal grave' : 'refusal'}>
      <p class="refusal-head">
        {GRAVE.has(code) ? <Mark tone="bad">look at this first</Mark> : null}
        <code class="code">{code}</code>
        <strong>{what}</strong>
      </p>
      <p class="quiet small">
        <Moment time={lastAt} />
        {count > 1 ? (
          <>
            , {count} times since <Moment time={at} whole />
          </>
        ) : null}
        {size === null ? '' : `, ${size.toLocaleString('en')} bytes`}
      </p>
      {chain !== null && step !== null ? (
        <p>
          step <strong>{step}</strong> of run <Digest value={chain} href={`/run/${chain}`} />
          {link === null ? null : (
            <>
              , attestation <Digest value={link} copy />
            </>
          )}
        </p>
      ) : null}
      {claimed === null ? null : (
        <p>
          <Mark tone="unknown">nobody vouches for it</Mark>, it says: step {claimed.step} of run{' '}
          <Digest value={claimed.chain} href={`/run/${claimed.chain}`} />
        </p>
      )}
      <p>{why}</p>
      <p>
        <span class="word">fix</span> {fix}
      </p>
      {more.length === 0 ? null : (
        <details class="reason-more">
          <summary>
            {more.length} more reason{more.length === 1 ? '' : 's'}
          </summary>
          <ul>
            {more.map((one) => (
              <li key={`${one.code} ${one.what}`}>
                <code class="code">{one.code}</code> {one.what}
              </li>
            ))}
          </ul>
        </details>
      )}
      {kept ? <Body id={id} /> : null}
      {body === null ? null : <RefusalNotes id={id} digest={body} />}
    </article>
  )
}
