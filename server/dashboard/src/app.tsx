import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Bar, Rail } from './nav.tsx'
import { Alarm, PinAlarm } from './parts/alarm.tsx'
import { Empty } from './parts/empty.tsx'
import { Waiting } from './parts/loaded.tsx'
import { PageHead } from './parts/section.tsx'
import { path, query } from './router.ts'
import { type Page, pageAt, PAGES, type ScreenProps } from './screens.ts'
import { me } from './session.ts'
import { watchPinned } from './worker/anchors-seen.ts'
import { watchLog } from './worker/log-seen.ts'

const SIGN_IN = PAGES.find(({ pattern }) => pattern === '/sign-in')!

/** The frame around every page. Whoever is not signed in gets the sign-in at the address that was asked for. */
export function App() {
  const found = pageAt(path.value)
  const known = me.value
  const shown = known === null ? { page: SIGN_IN, params: {} } : found
  const title = shown === null ? 'Not found' : shown.page.title
  useEffect(() => {
    document.title = `${title} · Countersign`
  }, [title])
  // Once for each visit; each examination looks again at what its receipts are under.
  useEffect(() => {
    if (known === null || known === undefined) return
    void watchLog().catch(() => undefined)
    void watchPinned().catch(() => undefined)
  }, [known])
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <Bar signedIn={known !== null && known !== undefined} />
      <Alarm />
      <PinAlarm />
      <div class={known === null ? 'frame alone' : 'frame'}>
        {known === null ? null : <Rail />}
        <main id="main">
          {known === undefined ? (
            <Waiting what="Seeing who you are" />
          ) : shown === null ? (
            <>
              <PageHead title="There is no such page" />
              <p>
                <a href="/">Go home</a>, or search for what you were after.
              </p>
            </>
          ) : (
            <Screen page={shown.page} params={shown.params} />
          )}
        </main>
      </div>
    </>
  )
}

/** Screens that have been loaded, so that going back to one waits for nothing. */
const loaded = new Map<Page, ComponentType<ScreenProps>>()

function Screen({ page, params }: { readonly page: Page; readonly params: ScreenProps['params'] }) {
  const round = useSignal(0)
  const failed = useSignal(false)
  const here = `${page.pattern} ${JSON.stringify(params)}`
  const first = useRef(true)
  const Loaded = round.value >= 0 ? loaded.get(page) : undefined
  useEffect(() => {
    failed.value = false
    if (loaded.has(page)) return
    page.load().then(
      (module) => {
        loaded.set(page, module.default)
        round.value++
      },
      () => {
        failed.value = true
      },
    )
  }, [page])
  // Whoever does not see the page is told that it is another: its heading takes the focus.
  useEffect(() => {
    if (Loaded === undefined) return
    if (first.current) first.current = false
    else document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  }, [here, Loaded])
  if (failed.value) {
    return (
      <Empty title="This page could not be loaded">
        The server may have been updated since.
        <button type="button" class="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </Empty>
    )
  }
  return Loaded === undefined ? <Waiting /> : <Loaded key={here} params={params} query={query.value} />
}
