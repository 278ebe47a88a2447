import { useSignal } from '@preact/signals'
import { Problem, send } from '../../api.ts'
import { Command } from '../../parts/command.tsx'
import { Loaded, Trouble, useAnswer } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { Act } from './act.tsx'

interface Token {
  readonly id: string
  readonly scopes: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
}

const SCOPES = [
  ['read', 'look'],
  ['append', 'hand in what was signed'],
  ['audit', 'see who did what'],
  ['maintain', 'publish contracts'],
  ['admin', 'everything'],
] as const

/** How long a token may live, in seconds; empty: until it is withdrawn. */
const LIVES = [
  ['86400', 'a day'],
  ['2592000', '30 days'],
  ['31536000', 'a year'],
  ['', 'until it is withdrawn'],
] as const

/** API tokens, of programs. `may`: the reader may make and withdraw them. */
export function Tokens({ may }: { readonly may: boolean }) {
  const tokens = useAnswer<{ readonly items: readonly Token[] }>('/v1/tokens')
  const made = useSignal<string | null>(null)
  const withdraw = async (id: string) => {
    await send('DELETE', `/v1/tokens/${encodeURIComponent(id)}`)
    tokens.again()
  }
  const columns: Column<Token>[] = [
    { name: 'Token', head: true, cell: ({ id }) => <code>{id}</code> },
    { name: 'May', cell: ({ scopes }) => scopes.join(', ') },
    { name: 'Made', cell: ({ createdAt }) => <Moment time={createdAt} /> },
    {
      name: 'Ends',
      cell: ({ expiresAt }) =>
        expiresAt === null ? <span class="quiet">not by itself</span> : <Moment time={expiresAt} />,
    },
    ...(may
      ? [
          {
            name: 'Change',
            cell: ({ id }: Token) => <Act word="Withdraw" sure="Withdraw it for good" act={() => withdraw(id)} />,
          },
        ]
      : []),
  ]
  return (
    <Section id="tokens" title="API tokens">
      {made.value === null ? null : (
        <div class="once" role="status">
          <p>
            <strong>Keep it now.</strong> Only its hash is kept here, so it is not shown again.
          </p>
          <Command text={made.value} />
        </div>
      )}
      <Loaded answer={tokens}>
        {({ items }) => <Table caption="API tokens" rows={items} keyOf={({ id }) => id} columns={columns} />}
      </Loaded>
      {may ? (
        <Make
          made={(token) => {
            made.value = token
            tokens.again()
          }}
        />
      ) : null}
    </Section>
  )
}

function Make({ made }: { readonly made: (token: string) => void }) {
  const scopes = useSignal<ReadonlySet<string>>(new Set(['read']))
  const life = useSignal<string>('2592000')
  const problem = useSignal<Problem | null>(null)
  const make = async (event: Event) => {
    event.preventDefault()
    problem.value = null
    try {
      const lifetime = life.value === '' ? {} : { lifetime: Number(life.value) }
      const answer = await send<{ token: string }>('POST', '/v1/tokens', { scopes: [...scopes.value], ...lifetime })
      if (answer !== null) made(answer.token)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    }
  }
  return (
    <form class="filters add" onSubmit={(event) => void make(event)}>
      <fieldset>
        <legend>May</legend>
        {SCOPES.map(([scope, word]) => (
          <label key={scope} class="choice">
            <input
              type="checkbox"
              checked={scopes.value.has(scope)}
              onChange={(event) => {
                const next = new Set(scopes.value)
                if (event.currentTarget.checked) next.add(scope)
                else next.delete(scope)
                scopes.value = next
              }}
            />
            {scope} <span class="quiet">{word}</span>
          </label>
        ))}
      </fieldset>
      <label>
        Ends after
        <select
          value={life.value}
          onChange={(event) => {
            life.value = event.currentTarget.value
          }}
        >
          {LIVES.map(([seconds, word]) => (
            <option key={seconds} value={seconds}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button" disabled={scopes.value.size === 0}>
        Make a token
      </button>
      {problem.value === null ? null : <Trouble problem={problem.value} />}
    </form>
  )
}
