import { useSignal } from '@preact/signals'
import { send } from '../../api.ts'
import { Copy } from '../../parts/copy.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { noPasskeys, type OwnPasskey } from '../../passkey.ts'
import type { Me } from '../../session.ts'
import { Act } from './act.tsx'

/** What the reader signs with on these pages. `may`: he may have any. */
export function Passkeys({ person, may }: { readonly person: NonNullable<Me['person']>; readonly may: boolean }) {
  const answer = useAnswer<{ readonly items: readonly OwnPasskey[] }>('/v1/me/passkeys')
  const added = useSignal<string | null>(null)
  const none = noPasskeys()
  const add = async () => {
    const known = (answer.value?.items ?? []).filter(({ state }) => state === 'active')
    const { enrol } = await import('./enrol-passkey.ts')
    added.value = await enrol(person, known)
    answer.again()
  }
  const revoke = async (keyId: string, reason: 'retired' | 'compromised') => {
    await send('POST', `/v1/me/passkeys/${keyId}/revoke`, { reason })
    answer.again()
  }
  return (
    <Section
      id="passkeys"
      title="Passkeys"
      aside={may && none === null ? <Act word="Add a passkey" act={add} /> : null}
    >
      <p class="about">
        With a passkey you approve on these pages. It signs nothing until the contract of a pipeline names it among its
        signers: give its text to whoever looks after the contract.
      </p>
      {none === null ? null : (
        <p class="unproven">
          <Mark tone="unknown">Not here</Mark> {none}
        </p>
      )}
      {added.value === null ? null : (
        <div class="once" role="status">
          <p>
            <strong>It is enrolled.</strong> A contract names it so:
          </p>
          <div class="command">
            <pre tabIndex={0} aria-label="Text of the passkey">
              <code>{added.value}</code>
            </pre>
            <Copy text={added.value} what="the passkey" />
          </div>
        </div>
      )}
      <Loaded answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="You have none" command="countersign approve ARTIFACT --contract contract.yaml --key YOUR.key">
              {may
                ? 'Add one above, or approve with a key of your own:'
                : 'It takes the role of an auditor or an approver.'}
            </Empty>
          ) : (
            <Table
              caption="Your passkeys"
              rows={items}
              keyOf={({ keyId }) => keyId}
              columns={[
                { name: 'Name', head: true, cell: ({ name }) => name },
                {
                  name: 'Key',
                  cell: ({ keyId, passkey }) => (
                    <>
                      <Digest value={keyId} /> <Copy text={passkey} what="the text of the passkey" />
                    </>
                  ),
                },
                { name: 'Since', cell: ({ enrolledAt }) => <Moment time={enrolledAt} /> },
                {
                  name: 'Last signed',
                  cell: ({ lastUsedAt }) =>
                    lastUsedAt === null ? <span class="quiet">never</span> : <Moment time={lastUsedAt} />,
                },
                {
                  name: 'Change',
                  cell: ({ keyId, state }) =>
                    state === 'revoked' ? (
                      <Mark tone="bad">revoked</Mark>
                    ) : (
                      <div class="acts">
                        <Act word="Revoke" sure="Revoke it for good" act={() => revoke(keyId, 'retired')} />
                        <Act word="It was stolen" sure="Revoke it as stolen" act={() => revoke(keyId, 'compromised')} />
                      </div>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  )
}
