import './diff.css'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Waiting } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { PageHead, Section } from '../../parts/section.tsx'
import { query, setQuery } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { type Proof, useProof } from '../proof/use-proof.ts'
import { count } from '../proof/verdict.tsx'
import { compare, type Compared, type Fact } from './compare.ts'

/** Two runs side by side: what is other in this one. */
export default function Diff({ params }: ScreenProps) {
  const [chain, other] = [params['chain'] ?? '', params['other'] ?? '']
  if (![chain, other].every((id) => /^[0-9a-f]{32}$/.test(id))) {
    return (
      <>
        <PageHead title="Two runs" />
        <Empty title="One of them is no run">The id of a run has 32 hex digits.</Empty>
      </>
    )
  }
  return <Known chain={chain} other={other} />
}

function Known({ chain, other }: { readonly chain: string; readonly other: string }) {
  const [left, right] = [useProof({ chain }), useProof({ chain: other })]
  const all = query.value.get('show') === 'all'
  const compared = left.seen === null || right.seen === null ? null : compare(left.seen, right.seen)
  const isOther = (one: Compared) => one.differing > 0 || one.left === null || one.right === null
  const differing = compared?.filter(isOther) ?? []
  const following = compared?.filter((one) => !isOther(one) && one.following > 0) ?? []
  const shown = compared === null ? [] : all ? compared : differing
  return (
    <>
      <PageHead
        title="What is different"
        aside={
          <button
            type="button"
            class="button"
            aria-pressed={all}
            onClick={() => setQuery({ show: all ? null : 'all' })}
          >
            {all ? 'Only what differs' : 'Show what is the same too'}
          </button>
        }
      >
        <p>
          {left.said?.run.pipeline ?? 'Two runs'}: this run at the left, the one it is compared with at the right. Times
          differ in every run, and are left out.
        </p>
      </PageHead>
      <div class="two">
        <Side proof={left} chain={chain} word="This run" />
        <Side proof={right} chain={other} word="Compared with" />
      </div>
      {compared === null ? (
        left.problem === null && right.problem === null ? (
          <Waiting what="Your browser is verifying both" />
        ) : null
      ) : (
        <>
          <p class="diff-count" role="status">
            {differing.length === 0
              ? 'Nothing that lasts differs between the two.'
              : `${count(differing.length, 'step')} of ${compared.length} ${differing.length === 1 ? 'differs' : 'differ'}.`}
            {following.length === 0
              ? ''
              : ` ${following.length} more ${following.length === 1 ? 'step' : 'steps'} received or made other bytes because of them: ${following
                  .map(({ title }) => title)
                  .join(', ')}.`}
          </p>
          {shown.map((one) => (
            <Step key={one.title} compared={one} all={all} />
          ))}
        </>
      )}
    </>
  )
}

const TONE = { pass: 'good', fail: 'bad', unknown: 'unknown' } as const
const WORD = { pass: 'your browser verified it', fail: 'it does not hold', unknown: 'not all of it is known' } as const

function Side({ proof, chain, word }: { readonly proof: Proof; readonly chain: string; readonly word: string }) {
  const { seen, said, problem } = proof
  return (
    <div class="side">
      <p class="quiet small">{word}</p>
      <p>
        <Digest value={chain} href={`/run/${chain}`} />
        {said === null ? null : (
          <>
            {' '}
            <Moment time={said.run.firstAt} whole />
          </>
        )}
      </p>
      {problem !== null ? (
        <Mark tone="bad">{problem.what}</Mark>
      ) : seen === null ? (
        <Mark tone="unknown">the server says; checking</Mark>
      ) : (
        <Mark tone={TONE[seen.verdict]}>{WORD[seen.verdict]}</Mark>
      )}
    </div>
  )
}

function Step({ compared, all }: { readonly compared: Compared; readonly all: boolean }) {
  const { title, left, right, facts, differing, following } = compared
  const missing = left === null ? 'only in the other run' : right === null ? 'only in this run' : null
  const shown = all ? facts : facts.filter(({ same, carried }) => !same && !carried)
  return (
    <Section
      id={`step-${title}`}
      title={`Step ${title}`}
      aside={
        missing !== null ? (
          <Mark tone="warn">{missing}</Mark>
        ) : differing === 0 ? (
          following === 0 ? (
            <Mark tone="good">the same</Mark>
          ) : (
            <Mark tone="info">other bytes, because of a step before</Mark>
          )
        ) : (
          <Mark tone="warn">{count(differing, 'difference')}</Mark>
        )
      }
    >
      {!all && missing === null && following > 0 ? (
        <p class="quiet small">
          And {count(following, 'digest')} that {following === 1 ? 'follows' : 'follow'} from a step before.
        </p>
      ) : null}
      {missing !== null && !all ? null : (
        <div class="table" role="group" aria-label={`Step ${title} in both runs`} tabIndex={0}>
          <table class="diff">
            <thead>
              <tr>
                <th scope="col">Fact</th>
                <th scope="col">This run</th>
                <th scope="col">Compared with</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((fact) => (
                <tr key={fact.name} class={fact.same ? '' : 'other'}>
                  <th scope="row">{fact.name}</th>
                  <td data-name="this run:">
                    <Value fact={fact} of="left" />
                  </td>
                  <td data-name="compared with:">
                    <Value fact={fact} of="right" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  )
}

function Value({ fact, of }: { readonly fact: Fact; readonly of: 'left' | 'right' }) {
  const value = fact[of]
  if (value === null) return <span class="quiet">not there</span>
  const digest = /^[0-9a-f]{64}$/.test(value)
  const shown = digest ? <Digest value={value} href={`/artifact/sha256:${value}`} /> : <code class="wrap">{value}</code>
  if (fact.same) return shown
  return of === 'left' ? <ins>{shown}</ins> : <del>{shown}</del>
}
