import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Command } from '../../parts/command.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Facts } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf, setQuery } from '../../router.ts'
import { me } from '../../session.ts'
import { AffectedList } from './affected.tsx'
import { Revoke } from './revoke.tsx'

/** `GET /v1/keys`. */
export interface Keys {
  readonly items: readonly Key[]
}

export interface Key {
  readonly keyId: string
  readonly name: string
  readonly state: 'active' | 'ending' | 'revoked'
  readonly enrolledAt: string
  readonly revokedAt: string | null
  readonly reason: string | null
  readonly steps: number
  readonly lastUsedAt: string | null
}

const SHOWN = 50

function State({ state }: Pick<Key, 'state'>) {
  return <Mark tone={state === 'active' ? 'good' : state === 'ending' ? 'warn' : 'bad'}>{state}</Mark>
}

/** Who may sign with a key of their own, those that count first. */
export function KeyList({ keys }: { readonly keys: readonly Key[] }) {
  const rank = ({ state }: Key) => ['active', 'ending', 'revoked'].indexOf(state)
  const sorted = keys.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
  return (
    <>
      <Table
        caption="Enrolled keys"
        rows={sorted.slice(0, SHOWN)}
        keyOf={({ keyId }) => keyId}
        columns={[
          {
            name: 'Name',
            head: true,
            cell: ({ name }) => <a href={`${hrefOf('/identities', { signer: name })}#signer`}>{name}</a>,
          },
          { name: 'Key', cell: ({ keyId }) => <Digest value={keyId} /> },
          { name: 'State', cell: ({ state }) => <State state={state} /> },
          { name: 'Enrolled', cell: ({ enrolledAt }) => <Moment time={enrolledAt} /> },
          {
            name: 'Last signed',
            cell: ({ lastUsedAt }) =>
              lastUsedAt === null ? <span class="quiet">never</span> : <Moment time={lastUsedAt} />,
          },
          { name: 'Steps', number: true, cell: ({ steps }) => steps.toLocaleString('en') },
        ]}
      />
      {keys.length <= SHOWN ? null : (
        <p class="picture-note">{keys.length - SHOWN} more are not shown here: narrow by name, or see the JSON.</p>
      )}
    </>
  )
}

/** A key: how it stands, what is in doubt without it, and the way to revoke it. `again`: asks for the keys anew. */
export function KeyCard({ held, again }: { readonly held: Key; readonly again: () => void }) {
  const { keyId, state, enrolledAt, revokedAt, reason, steps } = held
  const path = `/v1/keys/${keyId}/affected`
  const open = useSignal(false)
  /** As of when it would be revoked; null is now. */
  const since = useSignal<string | null>(null)
  const told = useSignal<string | null>(null)
  const close = () => {
    open.value = false
    since.value = null
    // The list begins anew.
    setQuery({ affected: null })
  }
  return (
    <article class="key" aria-label={`Key ${keyId.slice(0, 12)}`}>
      <h3>
        Key <Digest value={keyId} copy />
      </h3>
      <Facts
        rows={[
          ['state', <State key="state" state={state} />],
          ['enrolled', <Moment key="enrolled" time={enrolledAt} whole />],
          revokedAt === null ? null : ['counts until', <Moment key="revoked" time={revokedAt} whole />],
          reason === null ? null : ['because', reason],
          ['signed', `${steps.toLocaleString('en')} step${steps === 1 ? '' : 's'}`],
        ]}
      />
      {told.value === null ? null : <Done keyId={keyId} at={told.value} />}
      {!(me.value?.scopes.includes('admin') ?? false) ? (
        state === 'revoked' ? null : (
          <>
            <p>
              To revoke it takes an administrator; with a token of the scope admin, as of now, or of the time after{' '}
              <code>--since</code>:
            </p>
            <Command text={`countersign key revoke ${keyId.slice(0, 16)} --reason compromised`} />
          </>
        )
      ) : open.value ? (
        <Revoke
          keyId={keyId}
          was={state === 'revoked' && revokedAt !== null ? { at: revokedAt, reason } : null}
          since={since}
          close={close}
          done={(at) => {
            close()
            told.value = at
            again()
          }}
        />
      ) : (
        <p>
          <button
            type="button"
            class={state === 'revoked' ? 'button' : 'button danger'}
            onClick={() => {
              setQuery({ affected: null })
              told.value = null
              open.value = true
            }}
          >
            {state === 'revoked' ? 'It got out earlier …' : 'Revoke this key'}
          </button>
        </p>
      )}
      {open.value && since.value === null ? null : (
        <>
          <h3>
            {open.value
              ? 'In doubt then'
              : state === 'revoked'
                ? 'In doubt since it was revoked'
                : 'Affected if revoked'}
          </h3>
          <AffectedList
            // What is in doubt is another thing once it is revoked.
            key={revokedAt}
            path={since.value === null ? path : hrefOf(path, { since: since.value })}
            revoked={state === 'revoked' && !open.value}
          />
        </>
      )}
    </article>
  )
}

/** That it was done, and where to look next. It takes the focus from the button that is gone. */
function Done({ keyId, at }: { readonly keyId: string; readonly at: string }) {
  const here = useRef<HTMLParagraphElement>(null)
  useEffect(() => here.current?.focus(), [])
  return (
    <p class="once" role="status" tabIndex={-1} ref={here}>
      <span>
        It is revoked as of <Moment time={at} whole />. What it signs is refused from then on, and is in the{' '}
        <a href="/inbox?code=signer-revoked">inbox</a>; that it was revoked is{' '}
        <a href={hrefOf('/audit', { about: keyId })}>in the log</a>.
      </span>
    </p>
  )
}
