import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Problem, send } from '../../api.ts'
import { Command } from '../../parts/command.tsx'
import { Trouble, useAnswer } from '../../parts/loaded.tsx'
import { hrefOf, navigate, path } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { type Me, me } from '../../session.ts'
import { signInWith } from '../../sign-in.ts'

interface Providers {
  readonly providers: readonly { readonly name: string; readonly title: string; readonly href: string }[]
}

/** The code of a one-time link: it stands behind the `#`, where no server and no page in between sees it. */
function codeInAddress(): string {
  return location.pathname === '/sign-in' ? location.hash.slice(1) : ''
}

/** The door: a provider, a link that an administrator made, or an API token. */
export default function SignIn({ query }: ScreenProps) {
  const code = useSignal(codeInAddress())
  // It does not stay in the address, where the next one at this screen would find it.
  useEffect(() => {
    if (code.value !== '') history.replaceState(null, '', location.pathname + location.search)
  }, [])
  const providers = useAnswer<Providers>('/v1/sign-in').value?.providers ?? null
  const refused = query.get('refused')
  if (me.value !== null && me.value !== undefined) {
    return (
      <div class="door">
        <h1 tabIndex={-1}>You are signed in</h1>
        <p>
          <a href="/">Go home</a>
        </p>
      </div>
    )
  }
  const page = path.value === '/sign-in' ? '/' : path.value + location.search
  return (
    <div class="door">
      <h1 tabIndex={-1}>Sign in</h1>
      {refused === null ? null : (
        <div class="trouble" role="alert">
          <p>
            <code class="code">{refused.slice(0, 60)}</code> <strong>Nobody was signed in.</strong>
          </p>
          <p>
            {refused === 'sign-in-refused'
              ? 'The provider knows you, and no rule of this server names you. Ask whoever runs it.'
              : 'The answer of the provider could not be taken. Begin again.'}
          </p>
        </div>
      )}
      {code.value === '' ? null : <ByLink code={code.value} />}
      {providers === null || providers.length === 0 ? null : (
        <ul class="providers">
          {providers.map(({ name, title, href }) => (
            <li key={name}>
              <a class="button first" href={hrefOf(href, { page })}>
                Sign in with {title}
              </a>
            </li>
          ))}
        </ul>
      )}
      <ByToken alone={code.value === '' && providers !== null && providers.length === 0} />
    </div>
  )
}

/** Told to go in by a button, never by opening the page: what looks at links on their way must not use them up. */
function ByLink({ code }: { readonly code: string }) {
  const problem = useSignal<Problem | null>(null)
  const busy = useSignal(false)
  const enter = async () => {
    busy.value = true
    try {
      me.value = await send<Me>('POST', '/v1/sign-in/link', { code })
      if (path.peek() === '/sign-in') navigate('/', { replace: true })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    } finally {
      busy.value = false
    }
  }
  return (
    <>
      <p>You were sent a link. It signs you in once.</p>
      <button type="button" class="button first" disabled={busy.value} onClick={() => void enter()}>
        Sign in with this link
      </button>
      {problem.value === null ? null : <Trouble problem={problem.value} />}
    </>
  )
}

/** `alone`: there is no other way in. */
function ByToken({ alone }: { readonly alone: boolean }) {
  const text = useSignal('')
  const problem = useSignal<Problem | null>(null)
  const busy = useSignal(false)
  const enter = async (event: Event) => {
    event.preventDefault()
    busy.value = true
    problem.value = null
    try {
      await signInWith(text.value.trim())
      if (path.peek() === '/sign-in') navigate('/', { replace: true })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    } finally {
      busy.value = false
    }
  }
  const form = (
    <>
      <form onSubmit={(event) => void enter(event)}>
        <label for="token">API token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          placeholder="cst_…"
          aria-describedby="token-about"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value
          }}
        />
        <p id="token-about" class="quiet small">
          It stays in this tab, and is gone when the tab is closed. The first one lies in the server’s data directory,
          in the file token. People get a link of their own:
        </p>
        <Command text="countersign person add NAME --role viewer" />
        <button type="submit" class={alone ? 'button first' : 'button'} disabled={busy.value}>
          Sign in with the token
        </button>
      </form>
      {problem.value === null ? null : <Trouble problem={problem.value} />}
    </>
  )
  return alone ? (
    form
  ) : (
    <details>
      <summary>Use an API token</summary>
      {form}
    </details>
  )
}
