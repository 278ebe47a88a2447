import { useSignal } from '@preact/signals'
import { AnchorMark, kindText, wordText } from '../../parts/anchor-words.tsx'
import { Command } from '../../parts/command.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Facts, Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { logSeen } from '../../worker/log-seen.ts'
import type { Seen, TamperTarget } from '../../worker/messages.ts'
import type { Proof } from './use-proof.ts'

/** What outside parties vouch for, and whom this page believed. */
export function Outside({ seen }: { readonly seen: Seen }) {
  const { anchors, unpinned, unproven, trustRoot, contracts } = seen
  const all = [...anchors, ...unpinned]
  const kept = logSeen.value?.kept
  return (
    <>
      {all.length + unproven.length === 0 ? null : (
        <Section id="anchored" title="Anchored outside">
          {all.length === 0 ? null : (
            <Table
              caption="Who outside vouches for statements over these entries"
              rows={all}
              keyOf={({ kind, at, statement }) => `${kind} ${at} ${statement}`}
              columns={[
                { name: 'Anchor', head: true, cell: ({ kind }) => kindText(kind) },
                { name: 'Here', cell: ({ word }) => <AnchorMark word={word} /> },
                { name: 'Statement', number: true, cell: ({ statement }) => statement },
                { name: 'Existed by', cell: ({ time }) => (time === null ? '–' : <Moment time={time} whole />) },
                { name: 'Where', cell: ({ by, at }) => <span class="wrap">{`${by}, ${at}`}</span> },
                {
                  name: 'Believed for it',
                  // What is pinned in the words of the verifier is what the reader believes.
                  cell: ({ word, trusted }) =>
                    [wordText(word), ...(word === 'public' || word === 'pinned' ? trusted : [])].join(' '),
                },
              ]}
            />
          )}
          {unpinned.length === 0 ? null : (
            <p>
              <a href="/anchors#belief">Compare and pin</a> whom this server alone names.
            </p>
          )}
          {unproven.map(({ code, what }, i) => (
            <p key={`${code} ${i}`} class="unproven">
              <Mark tone="unknown">Does not count</Mark> {what}
            </p>
          ))}
        </Section>
      )}
      <Section id="belief" title="Whom your browser believed">
        <p class="about">
          The keys enrolled at this server and its log's, as the server names them, and the contracts that the runs are
          bound to. That nobody else could have signed follows; that these are the right keys does not. Compare the
          trust root with one that you got another way.
        </p>
        <Facts
          rows={[
            ['trust root', <Digest key="root" value={`sha256:${trustRoot}`} length={32} copy />],
            ...contracts.map(
              ({ digest, pipeline, revision }) =>
                [
                  'contract',
                  <a key={digest} href={`/contracts?digest=${digest}`}>
                    {pipeline} revision {revision}
                  </a>,
                ] as const,
            ),
            contracts.length === 0 ? (['contract', 'none: who may do what is not judged'] as const) : null,
            kept === null || kept === undefined
              ? null
              : ([
                  'log',
                  <>
                    known to this browser since <Moment time={kept.firstSeen} whole />
                  </>,
                ] as const),
          ]}
        />
      </Section>
    </>
  )
}

/** What the reader can do with his copy: change it and see, or take it away. */
export function TryIt({ proof, name }: { readonly proof: Proof; readonly name: string }) {
  const target = useSignal<TamperTarget>('payload')
  const { seen } = proof
  if (seen === null) return null
  const save = () => {
    const bytes = seen.evidence as Uint8Array<ArrayBuffer>
    const url = URL.createObjectURL(new Blob([bytes], { type: 'application/json' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${name}.evidence.json`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
  }
  return (
    <Section id="try" title="Do not take this page's word">
      <div class="step-columns">
        <div class="stack">
          <h3>Does it notice?</h3>
          <p class="quiet">One bit of one byte is changed in your browser's copy, and everything is verified again.</p>
          <div class="filters">
            <label>
              Flip it in
              <select
                value={target.value}
                onChange={(event) => {
                  target.value = event.currentTarget.value as TamperTarget
                }}
              >
                <option value="payload">what a step says</option>
                <option value="signature">a signature</option>
                <option value="receipt">a receipt</option>
              </select>
            </label>
            <button type="button" class="button" id="flip" onClick={() => proof.flip(target.value, null)}>
              Flip one byte
            </button>
            <button type="button" class="button" disabled={proof.tampered === null} onClick={proof.restore}>
              Take it back
            </button>
          </div>
        </div>
        <div class="stack">
          <h3>Check it elsewhere</h3>
          <p class="quiet">
            Everything that was verified here in one file, for a program of your own, under your own contract:
          </p>
          <Command text={`countersign verify --evidence ${name}.evidence.json --contract YOURS`} />
          <button type="button" class="button" onClick={save}>
            Save the evidence
          </button>
        </div>
      </div>
    </Section>
  )
}
