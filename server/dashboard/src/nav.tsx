import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Icon, type IconName } from './parts/icon.tsx'
import { SearchBox } from './parts/search-box.tsx'
import { navigate, path } from './router.ts'
import { PAGES } from './screens.ts'
import { me } from './session.ts'
import { signOut } from './sign-in.ts'
import { theme, type Theme } from './theme.ts'

const open = { value: null as null | ((now: boolean) => void) }

/** Along the top: whose page it is, the search, and who is signed in. */
export function Bar({ signedIn }: { readonly signedIn: boolean }) {
  return (
    <header class="bar">
      {signedIn ? <MenuButton /> : null}
      <a class="brand" href="/" aria-label="Countersign, home">
        <Logo />
        <span>Countersign</span>
      </a>
      {signedIn ? <SearchBox /> : <span class="gap" />}
      <ThemeButton />
      {signedIn ? <Who /> : null}
    </header>
  )
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M7 11.5h7.5a4.5 4.5 0 0 1 0 9H12M25 20.5h-7.5a4.5 4.5 0 0 1 0-9H20" />
    </svg>
  )
}

/** On narrow pages the navigation is opened by this. */
function MenuButton() {
  const shown = useSignal(false)
  open.value = (now) => {
    shown.value = now
  }
  useEffect(() => {
    document.documentElement.dataset['menu'] = shown.value ? 'open' : 'closed'
  }, [shown.value])
  useEffect(() => {
    shown.value = false
  }, [path.value])
  return (
    <button
      type="button"
      class="tool menu-button"
      aria-expanded={shown.value}
      aria-controls="rail"
      aria-label="Menu"
      onClick={() => {
        shown.value = !shown.value
      }}
    >
      <Icon name="menu" />
    </button>
  )
}

/** The pages. */
export function Rail() {
  const here = path.value
  const isHere = (pattern: string) =>
    pattern === '/' ? here === '/' : here === pattern || here.startsWith(`${pattern}/`)
  return (
    <nav class="rail" id="rail" aria-label="Pages" onKeyDown={(event) => event.key === 'Escape' && open.value?.(false)}>
      <ul>
        {PAGES.flatMap(({ pattern, nav }) =>
          nav === null
            ? []
            : [
                <li key={pattern}>
                  <a href={pattern} aria-current={isHere(pattern) ? 'page' : undefined}>
                    <Icon name={nav.icon} />
                    {nav.name}
                  </a>
                </li>,
              ],
        )}
      </ul>
      <p class="rail-foot quiet">
        <a href="/docs">API</a>
      </p>
    </nav>
  )
}

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' }
const THEME_ICON: Readonly<Record<Theme, IconName>> = { auto: 'auto', light: 'sun', dark: 'moon' }

function ThemeButton() {
  const next = NEXT[theme.value]
  return (
    <button
      type="button"
      class="tool"
      aria-label={`Colours: ${theme.value}. Change to ${next}`}
      title={`Colours: ${theme.value}`}
      onClick={() => {
        theme.value = next
      }}
    >
      <Icon name={THEME_ICON[theme.value]} />
    </button>
  )
}

function Who() {
  const { person, token, role } = me.value ?? { person: null, token: null, role: null }
  const name = person?.name ?? (token === null ? 'API token' : `token ${token}`)
  const leave = async () => {
    await signOut()
    navigate('/')
  }
  return (
    <div class="who">
      <span class="who-name" title={role === null ? name : `${name}, ${role}`}>
        {name}
      </span>
      <button type="button" class="tool" aria-label={`Sign out ${name}`} title="Sign out" onClick={() => void leave()}>
        <Icon name="out" />
      </button>
    </div>
  )
}
