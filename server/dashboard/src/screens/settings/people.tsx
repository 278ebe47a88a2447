import { useSignal } from '@preact/signals'
import { Problem, send } from '../../api.ts'
import { Command } from '../../parts/command.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Loaded, Trouble, useAnswer } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import type { Role } from '../../session.ts'
import { Act } from './act.tsx'

interface Person {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly role: Role
  /** Of the provider that vouches; null for whom a link lets in. */
  readonly issuer: string | null
  readonly createdAt: string
  readonly signedInAt: string | null
  readonly removedAt: string | null
}

interface Link {
  readonly code: string
  readonly url: string | null
  readonly expiresAt: string
}

const ROLES: readonly Role[] = ['viewer', 'auditor', 'approver', 'maintainer', 'admin']

/** Who may sign in, and as what. `may`: the reader may change it. */
export function People({ may }: { readonly may: boolean }) {
  const people = useAnswer<{ readonly items: readonly Person[] }>('/v1/people')
  const link = useSignal<{ readonly name: string; readonly link: Link } | null>(null)
  const change = async (work: () => Promise<unknown>) => {
    await work()
    people.again()
  }
  const columns: Column<Person>[] = [
    {
      name: 'Name',
      head: true,
      cell: ({ name, email }) => (
        <>
          {name} {email === null ? null : <span class="quiet">{email}</span>}
        </>
      ),
    },
    {
      name: 'Role',
      cell: (person) =>
        may && person.removedAt === null && person.issuer === null ? (
          <RoleChoice person={person} change={change} />
        ) : (
          person.role
        ),
    },
    { name: 'By', cell: ({ issuer }) => issuer ?? <span class="quiet">link</span> },
    {
      name: 'Last signed in',
      cell: ({ signedInAt, removedAt }) =>
        removedAt !== null ? (
          <Mark tone="bad">removed</Mark>
        ) : signedInAt === null ? (
          <span class="quiet">never</span>
        ) : (
          <Moment time={signedInAt} />
        ),
    },
    ...(may
      ? [
          {
            name: 'Change',
            cell: (person: Person) => (
              <Changes
                person={person}
                change={change}
                made={(made) => {
                  link.value = { name: person.name, link: made }
                }}
              />
            ),
          },
        ]
      : []),
  ]
  return (
    <Section id="people" title="People">
      {link.value === null ? null : <Shown {...link.value} />}
      <Loaded answer={people}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nobody has a sign-in of their own" command="countersign person add NAME --role viewer" />
          ) : (
            <Table caption="People who may sign in" rows={items} keyOf={({ id }) => id} columns={columns} />
          )
        }
      </Loaded>
      {may ? (
        <Add
          added={(name, made) => {
            link.value = { name, link: made }
            people.again()
          }}
        />
      ) : null}
    </Section>
  )
}

type Change = (work: () => Promise<unknown>) => Promise<void>

function RoleChoice({ person, change }: { readonly person: Person; readonly change: Change }) {
  const problem = useSignal<Problem | null>(null)
  const set = async (role: string) => {
    problem.value = null
    try {
      await change(() => send('POST', `/v1/people/${person.id}/role`, { role }))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
      await change(async () => undefined)
    }
  }
  return (
    <>
      <select
        aria-label={`Role of ${person.name}`}
        value={person.role}
        onChange={(event) => void set(event.currentTarget.value)}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </select>
      {problem.value === null ? null : <span role="alert"> {problem.value.what}</span>}
    </>
  )
}

interface ChangesProps {
  readonly person: Person
  readonly change: Change
  readonly made: (link: Link) => void
}

function Changes({ person: { id, issuer, removedAt }, change, made }: ChangesProps) {
  if (removedAt !== null) {
    return <Act word="Let in again" act={() => change(() => send('POST', `/v1/people/${id}/restore`))} />
  }
  const newLink = async () => {
    const link = await send<Link>('POST', `/v1/people/${id}/links`)
    if (link !== null) made(link)
  }
  return (
    <div class="acts">
      {issuer === null ? <Act word="New link" act={newLink} /> : null}
      <Act
        word="Remove"
        sure="Remove, and end every session"
        act={() => change(() => send('DELETE', `/v1/people/${id}`))}
      />
    </div>
  )
}

/** A link is shown once: nobody can look it up again. */
function Shown({ name, link: { code, url, expiresAt } }: { readonly name: string; readonly link: Link }) {
  return (
    <div class="once" role="status">
      <p>
        <strong>Give this to {name}.</strong> It signs in once, until <Moment time={expiresAt} whole />, and is not
        shown again.
      </p>
      <Command text={url ?? `${location.origin}/sign-in#${code}`} />
    </div>
  )
}

function Add({ added }: { readonly added: (name: string, link: Link) => void }) {
  const name = useSignal('')
  const role = useSignal<Role>('viewer')
  const problem = useSignal<Problem | null>(null)
  const add = async (event: Event) => {
    event.preventDefault()
    problem.value = null
    try {
      const made = await send<Person & { link: Link }>('POST', '/v1/people', {
        name: name.value.trim(),
        role: role.value,
      })
      if (made !== null) added(made.name, made.link)
      name.value = ''
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    }
  }
  return (
    <form class="filters add" onSubmit={(event) => void add(event)}>
      <label>
        Name
        <input
          required
          maxLength={100}
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value
          }}
        />
      </label>
      <label>
        Role
        <select
          value={role.value}
          onChange={(event) => {
            role.value = event.currentTarget.value as Role
          }}
        >
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button">
        Add somebody
      </button>
      {problem.value === null ? null : <Trouble problem={problem.value} />}
    </form>
  )
}
