import { useSignal } from '@preact/signals'
import { getBytes, Problem, send } from '../../api.ts'
import { Digest } from '../../parts/digest.tsx'
import { Trouble, useAnswer } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Facts, Section } from '../../parts/section.tsx'
import { useTask } from '../../parts/use-task.ts'
import { Standing, type WaitingDeviation } from '../../parts/waiting-deviations.tsx'
import type { OwnPasskey } from '../../passkey.ts'
import { me } from '../../session.ts'
import type { AddedSignature, SeenDeviation } from '../../worker/messages.ts'
import { verifier } from '../../worker/verifier.ts'
import type { Proof } from '../proof/use-proof.ts'

/** Bytes: what nobody signs by hand is larger. */
const MAX_FILE = 1 << 20

/** A deviation that goes round for signatures: looked at, signed with a passkey, handed in or on. */
export function CosignDeviation({ proof, chain }: { readonly proof: Proof; readonly chain: string }) {
  const { seen, tampered, again } = proof
  const may = me.value?.scopes.some((scope) => scope === 'append' || scope === 'admin') === true
  const person = me.value?.person ?? null
  const passkeys = useAnswer<{ readonly items: readonly OwnPasskey[] }>(
    may && person !== null ? '/v1/me/passkeys' : null,
  )
  const waiting = useAnswer<{ readonly items: readonly WaitingDeviation[] }>(
    may ? `/v1/proposals?chain=${chain}` : null,
  )
  const read = useSignal<SeenDeviation | null>(null)
  /** Whether the server has it just so. */
  const kept = useSignal(false)
  const done = useSignal<string | null>(null)
  const task = useTask()
  const { busy, problem } = task
  if (seen === null || tampered !== null || !may || seen.contracts.length === 0) return null
  const { evidence } = seen
  const during = (work: () => Promise<void>) => {
    done.value = null
    return task.during(work)
  }
  const look = async (line: Uint8Array, added: AddedSignature | null) => {
    read.value = await verifier({ kind: 'deviation', evidence, line, added })
  }
  const open = (file: File | undefined) =>
    during(async () => {
      read.value = null
      kept.value = false
      if (file === undefined) return
      if (file.size > MAX_FILE) throw tooLarge()
      await look(new Uint8Array(await file.arrayBuffer()), null)
    })
  const take = ({ id }: WaitingDeviation) =>
    during(async () => {
      read.value = null
      await look(await getBytes(`/v1/proposals/${id}`), null)
      kept.value = true
    })
  const one = read.value
  const active = (passkeys.value?.items ?? []).filter(({ state }) => state === 'active')
  const open_ = one?.maintainers.filter(({ signed }) => !signed) ?? []
  const keys = active.filter(({ keyId }) => open_.some((maintainer) => maintainer.keyId === keyId))
  const sign = ({ line, payload }: SeenDeviation) =>
    during(async () => {
      const { signDeviation } = await import('./sign-deviation.ts')
      await look(line, await signDeviation(payload, keys))
      kept.value = false
    })
  const handIn = ({ line }: SeenDeviation) =>
    during(async () => {
      await send('POST', `/v1/chains/${chain}/deviations`, JSON.parse(new TextDecoder().decode(line)))
      read.value = null
      done.value = 'It is in the log, and counts from now on.'
      waiting.again()
      again()
    })
  const propose = ({ line }: SeenDeviation) =>
    during(async () => {
      await send('POST', `/v1/chains/${chain}/proposals`, JSON.parse(new TextDecoder().decode(line)))
      read.value = null
      done.value = 'It waits at the server for the signatures of others, who are told.'
      waiting.again()
    })
  const signed = one?.maintainers.filter((maintainer) => maintainer.signed).length ?? 0
  const here = one !== null && one.chain === chain
  return (
    <Section id="deviation" title="Sign a deviation">
      <p class="about">
        A deviation that waits for signatures, or that maintainers of the contract send round in a file (
        <code>countersign deviate new --propose</code>, or <code>--out FILE</code>), is looked at and signed here. What
        is signed leaves your browser when you hand it in.
      </p>
      {waiting.value === null || waiting.value.items.length === 0 ? null : (
        <ul class="waits" aria-label="Deviations that wait">
          {waiting.value.items.map((item) => (
            <li key={item.id}>
              <span>
                {item.reason} · {item.signedBy.length} of {item.threshold ?? '?'} have signed ·{' '}
                {item.state === 'waiting' ? 'ends ' : ''}
                <Standing one={item} />
              </span>{' '}
              {item.state !== 'waiting' ? null : (
                <button type="button" class="button" disabled={busy} onClick={() => void take(item)}>
                  Look at it
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <div class="filters">
        <label>
          File of the deviation
          <input type="file" disabled={busy} onChange={(event) => void open(event.currentTarget.files?.[0])} />
        </label>
      </div>
      {one === null ? null : (
        <div class="once" role="group" aria-label="The deviation">
          <Shown one={one} />
          <div class="acts">
            {keys.length === 0 || one.over ? null : (
              <button type="button" class="button first" disabled={busy} onClick={() => void sign(one)}>
                Sign with your passkey
              </button>
            )}
            {one.enough && here && !one.over ? (
              <button type="button" class="button first" disabled={busy} onClick={() => void handIn(one)}>
                Hand it in
              </button>
            ) : null}
            {!one.enough && here && !one.over && signed > 0 && !kept.value ? (
              <button type="button" class="button" disabled={busy} onClick={() => void propose(one)}>
                Have it wait for the others
              </button>
            ) : null}
            <button type="button" class="button" onClick={() => save(one)}>
              Save it for the next
            </button>
          </div>
          {here ? null : <p class="quiet">It is about another run: hand it in there.</p>}
          {one.enough || active.some(({ keyId }) => one.maintainers.some((known) => known.keyId === keyId)) ? null : (
            <p class="quiet">The contract names none of your passkeys among its maintainers.</p>
          )}
        </div>
      )}
      {done.value === null ? null : (
        <p role="status">
          <Mark tone="good">{done.value}</Mark>
        </p>
      )}
      {problem === null ? null : <Trouble problem={problem} />}
    </Section>
  )
}

function Shown({ one }: { readonly one: SeenDeviation }) {
  const signed = one.maintainers.filter((maintainer) => maintainer.signed)
  return (
    <Facts
      rows={[
        [
          'lets through',
          <ul key="excuses">
            {one.excuses.map(({ code, step }) => (
              <li key={`${code} ${step}`}>
                <code class="code">{code}</code> at {step}
              </li>
            ))}
          </ul>,
        ],
        ['because', one.reason],
        ['of', one.pipeline],
        ['run', one.chain === null ? 'any' : <Digest key="run" value={one.chain} whole />],
        ['artifact', one.artifact === null ? 'any' : <Digest key="artifact" value={one.artifact} whole />],
        ['under contract', <Digest key="contract" value={one.contract} whole />],
        [
          'until',
          <>
            <Moment time={one.expiresAt} whole /> {one.over ? <Mark tone="bad">over</Mark> : null}
          </>,
        ],
        [
          'signed by',
          <>
            <Mark tone={one.enough ? 'good' : 'unknown'}>{`${signed.length} of ${one.threshold}`}</Mark>{' '}
            {signed.map(({ name }) => name).join(', ')}
          </>,
        ],
        one.refused.length === 0
          ? null
          : ['does not count', [...new Set(one.refused.map(({ code, what }) => `${code}: ${what}`))].join('; ')],
      ]}
    />
  )
}

function save({ line }: SeenDeviation): void {
  const url = URL.createObjectURL(new Blob([line as Uint8Array<ArrayBuffer>, '\n'], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'deviation.json'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function tooLarge(): Problem {
  return new Problem(0, {
    code: 'input-too-large',
    what: 'the file is larger than any deviation',
    why: 'It was not read.',
    fix: 'Choose the file that countersign deviate --out wrote.',
  })
}
