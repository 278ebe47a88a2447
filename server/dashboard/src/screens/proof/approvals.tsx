import { useSignal } from '@preact/signals'
import { Command } from '../../parts/command.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Trouble, useAnswer } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Facts, Section } from '../../parts/section.tsx'
import { shellWord } from '../../parts/shell-word.ts'
import { Table } from '../../parts/table.tsx'
import { useTask } from '../../parts/use-task.ts'
import { noPasskeys, type OwnPasskey } from '../../passkey.ts'
import { me } from '../../session.ts'
import type { Draft, Seen, SeenApproval } from '../../worker/messages.ts'
import { verifier } from '../../worker/verifier.ts'
import { Finding, stepHref } from './step.tsx'
import type { Proof } from './use-proof.ts'
import { count } from './verdict.tsx'

/** Whom the contracts ask to approve, who did, and for the reader how. Nothing where nobody is asked. */
export function Approvals({ proof }: { readonly proof: Proof }) {
  const { seen, tampered } = proof
  const person = me.value?.person ?? null
  const asked = seen !== null && seen.approvals.length > 0
  const passkeys = useAnswer<{ readonly items: readonly OwnPasskey[] }>(
    asked && person !== null ? '/v1/me/passkeys' : null,
  )
  if (seen === null || !asked) return null
  const active = (passkeys.value?.items ?? []).filter(({ state }) => state === 'active')
  return (
    <Section id="approvals" title="Approvals">
      {seen.approvals.map((approval) => (
        <One
          key={`${approval.chain} ${approval.step}`}
          approval={approval}
          seen={seen}
          keys={active}
          // What somebody changed is not to be approved.
          mayAsk={tampered === null && (person === null || passkeys.value !== null || passkeys.problem !== null)}
          approved={proof.again}
        />
      ))}
    </Section>
  )
}

interface OneProps {
  readonly approval: SeenApproval
  readonly seen: Seen
  readonly keys: readonly OwnPasskey[]
  readonly mayAsk: boolean
  readonly approved: () => void
}

function One({ approval, seen, keys, mayAsk, approved }: OneProps) {
  const { chain, step, atLeast, people } = approval
  const given = people.filter(({ link }) => link !== null)
  const enough = given.length >= atLeast
  return (
    <div class="stack">
      <p>
        <Mark tone={enough ? 'good' : 'unknown'}>{`${given.length} of ${atLeast}`}</Mark> Step <strong>{step}</strong>{' '}
        {seen.chains.length > 1 ? (
          <>
            of run <Digest value={chain} href={`/run/${chain}`} />{' '}
          </>
        ) : null}
        asks {count(atLeast, 'person').replace('persons', 'people')} to approve.
      </p>
      <Table
        caption={`Who may approve in step ${step}`}
        rows={people}
        keyOf={({ name }) => name}
        columns={[
          { name: 'Who', head: true, cell: ({ name }) => name },
          {
            name: 'Approved',
            cell: ({ link }) =>
              link === null ? (
                <span class="quiet">not yet</span>
              ) : (
                <a href={stepHref(link)}>
                  <Mark tone="good">signed</Mark>
                </a>
              ),
          },
        ]}
      />
      {mayAsk ? <Ask approval={approval} seen={seen} keys={keys} approved={approved} /> : null}
    </div>
  )
}

/** What the reader may do: sign with a passkey that the contract names, else the command for a key. */
function Ask({ approval, seen, keys, approved }: Omit<OneProps, 'mayAsk'>) {
  const { people, waitsFor, step } = approval
  const may = me.value?.scopes.some((scope) => scope === 'append' || scope === 'admin') === true
  const own = people.find(({ keyIds }) => keys.some(({ keyId }) => keyIds.includes(keyId)))
  if (waitsFor.length > 0) return <p class="quiet">It waits for {waitsFor.join(', ')}.</p>
  if (!may) return <p class="quiet">To approve here takes the role of an approver.</p>
  if (own === undefined) {
    return people.every(({ link }) => link !== null) ? null : <ByCommand approval={approval} keys={keys} />
  }
  if (own.link !== null) return <p class="quiet">You approved, as {own.name}.</p>
  const signing = keys.filter(({ keyId }) => own.keyIds.includes(keyId))
  return (
    <Sign
      key={`${approval.chain} ${step} ${own.name}`}
      seen={seen}
      asked={{ chain: approval.chain, step, person: own.name }}
      keys={signing}
      approved={approved}
    />
  )
}

/** The way of whoever has no passkey that the contract names. */
function ByCommand({ approval, keys }: { readonly approval: SeenApproval; readonly keys: readonly OwnPasskey[] }) {
  const why =
    me.value?.person === null
      ? 'You came with a token, which is nobody. With a key of your own:'
      : keys.length > 0
        ? 'The contract names none of your passkeys: its next revision may. With a key of your own:'
        : (noPasskeys() ?? 'You have no passkey: Settings has a place for one. With a key of your own:')
  const link = approval.after.at(-1)
  if (link === undefined) return null
  return (
    <div class="stack">
      <p class="quiet">{why}</p>
      <Command
        text={`countersign approve ${link} --contract contract.yaml --step ${shellWord(approval.step, 'STEP')} --chain ${approval.chain} --key YOUR.key`}
      />
    </div>
  )
}

interface SignProps {
  readonly seen: Seen
  readonly asked: { readonly chain: string; readonly step: string; readonly person: string }
  readonly keys: readonly OwnPasskey[]
  readonly approved: () => void
}

/** Two steps: what would be signed, put together and shown by this browser; then the authenticator. */
function Sign({ seen, asked, keys, approved }: SignProps) {
  const draft = useSignal<Draft | null>(null)
  const { busy, problem, during } = useTask()
  const look = () =>
    during(async () => {
      draft.value = await verifier({ kind: 'approval', evidence: seen.evidence, asked })
    })
  const sign = (payload: Uint8Array) =>
    during(async () => {
      const { signStatement } = await import('./sign-approval.ts')
      await signStatement(payload, keys)
      draft.value = null
      approved()
    })
  const made = draft.value
  return (
    <div class="stack">
      {made === null ? (
        <p>
          <button type="button" class="button first" disabled={busy} onClick={() => void look()}>
            Approve as {asked.person}
          </button>
        </p>
      ) : made.kind === 'refused' ? (
        <>
          <p>
            <strong>It cannot be approved as it is.</strong>
          </p>
          {made.findings.map((report) => (
            <Finding key={report.code + report.what} report={report} seen={seen} />
          ))}
        </>
      ) : (
        <div class="once" role="group" aria-label="What you are about to sign">
          <p>
            <strong>You are about to sign this.</strong> Your browser put it together from what it verified.
          </p>
          <Facts
            rows={[
              ['you approve', <Things key="things" draft={made} />],
              ['as', made.person],
              ['in step', `${made.step}, attempt ${made.attempt}, of ${made.pipeline}`],
              ['run', <Digest key="run" value={made.chain} whole />],
              [
                'after',
                <ul key="after">
                  {made.previous.map(({ link, step }) => (
                    <li key={link}>
                      {step} <Digest value={link} href={stepHref(link)} whole />
                    </li>
                  ))}
                </ul>,
              ],
              ['under contract', <Digest key="contract" value={made.contract} whole />],
            ]}
          />
          <div class="acts">
            <button type="button" class="button first" disabled={busy} onClick={() => void sign(made.payload)}>
              Sign with your passkey
            </button>
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() => {
                draft.value = null
              }}
            >
              Not now
            </button>
          </div>
        </div>
      )}
      {problem === null ? null : <Trouble problem={problem} />}
    </div>
  )
}

const MAX_THINGS = 40

function Things({ draft }: { readonly draft: Extract<Draft, { kind: 'draft' }> }) {
  return (
    <ul>
      {draft.subjects.slice(0, MAX_THINGS).map(({ name, sha256 }) => (
        <li key={name}>
          <code class="wrap">{name}</code> {sha256 === null ? null : <Digest value={sha256} whole />}
        </li>
      ))}
      {draft.subjects.length > MAX_THINGS ? <li class="quiet">and {draft.subjects.length - MAX_THINGS} more</li> : null}
    </ul>
  )
}
