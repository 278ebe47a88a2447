import { type Context, Hono } from 'hono'
import { CodedError, reportOf } from '@countersign/core'
import { type AppEnv, isSecretOf, sentBy } from '../access.ts'
import { readObject } from '../body.ts'
import { checkOwnPage, cookieName, cookiesIn, csrfOf, sessionIn, setCookie } from '../person-session.ts'
import { plainJson } from '../plain-json.ts'
import { RateBound } from '../rate-bound.ts'
import { SCOPES_OF } from '../roles.ts'
import { pageOf, SIGN_IN_MS, type SignInProvider } from '../sign-in.ts'
import type { Deps } from '../verbs/deps.ts'
import { tellRefused } from '../verbs/refused-sign-ins.ts'
import { endSession, signInByLink, signInByProvider, type SignedIn } from '../verbs/sign-in.ts'
import { meJson } from './people.ts'

const MAX_BODY = 1_024
/** Over all callers: nobody is known yet. */
const PER_SECOND = 50
const BURST = 200
/** Of the browser that was sent to a provider. */
const BEGUN = 'countersign_sign_in'

/** How people get in, who have nothing yet. */
export function signInRoutes(deps: Deps, clock: () => number): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const { signIns, publicUrl } = deps
  const bound = new RateBound(PER_SECOND, BURST, clock)

  app.get('/v1/sign-in', (c) => {
    const providers = signIns.providers.map(({ name, title }) => ({ name, title, href: `/v1/sign-in/${name}` }))
    return c.json({ providers })
  })

  // Posted by a page, never fetched: what looks at links on the way must not use them up.
  app.post('/v1/sign-in/link', async (c) => {
    bound.take('sign-ins')
    // Or a page of somebody else signs people in as whom it likes.
    checkOwnPage(sentBy(c), publicUrl)
    const { code } = await readObject(c, ['code'], MAX_BODY)
    const shown = typeof code === 'string' ? code : ''
    const entered = await signInByLink(deps, shown).catch((error: unknown) => tellRefused(deps, { link: shown }, error))
    await enter(c, entered)
    const { person, shown: session } = entered
    const signedIn = { person, session: session.id, csrf: csrfOf(session) }
    const caller = { tenant: person.tenant, id: person.id, scopes: SCOPES_OF[person.role], holder: null, signedIn }
    return c.body(plainJson(meJson(caller)), 200, { 'content-type': 'application/json' })
  })

  app.get('/v1/sign-in/:provider', async (c) => {
    const provider = signIns.provider(c.req.param('provider'))
    bound.take('sign-ins')
    const { secret, checks } = signIns.begin(provider.name, pageOf(c.req.query('page')))
    const to = await provider.begin(backTo(provider), checks)
    // Lax: the provider leads the browser back from another site.
    c.header('set-cookie', begunCookie(secret))
    return c.redirect(to.href, 303)
  })

  app.get('/v1/sign-in/:provider/callback', async (c) => {
    const provider = signIns.provider(c.req.param('provider'))
    bound.take('sign-ins')
    c.header('set-cookie', begunCookie(null))
    let subject: unknown = null
    try {
      const [secret, another] = cookiesIn(c.req.header('cookie'), cookieName(publicUrl, BEGUN))
      const mine = another === undefined ? (secret ?? null) : null
      const { page, ...checks } = signIns.take(mine, provider.name, c.req.query('state') ?? null)
      const cameBackTo = new URL(backTo(provider))
      cameBackTo.search = new URL(c.req.url).search
      const claims = await provider.finish(cameBackTo, checks)
      subject = claims['sub']
      await enter(c, await signInByProvider(deps, provider, claims))
      return c.redirect(page, 303)
    } catch (error) {
      await tellRefused(deps, { provider, subject }, error).catch(() => undefined)
      // A browser shows a page; the reason is its to tell.
      if (!(error instanceof CodedError) || c.req.header('accept')?.includes('text/html') !== true) throw error
      return c.redirect(`/sign-in?refused=${reportOf(error).code}`, 303)
    }
  })

  /** Ends whatever session the browser brought along: it is somebody else's, or this one's from before. */
  async function enter(c: Context<AppEnv>, { shown, seconds }: SignedIn): Promise<void> {
    const before = sessionIn(c.req.header('cookie'), publicUrl)
    const value = `${shown.id}_${shown.secret}`
    c.header('set-cookie', setCookie(publicUrl, { value, seconds, sameSite: 'Strict' }), { append: true })
    if (before === null) return
    const held = await deps.store.people.session(before.id)
    if (held !== null && isSecretOf(before, held.session)) {
      await endSession(deps, held.person, before.id)
    }
  }

  function begunCookie(secret: string | null): string {
    const seconds = secret === null ? 0 : SIGN_IN_MS / 1000
    return setCookie(publicUrl, { name: BEGUN, value: secret ?? '', seconds, sameSite: 'Lax' })
  }

  /** Of its own for each provider: what one answers is never taken for another's. */
  function backTo({ name }: SignInProvider): string {
    if (publicUrl === null) throw new CodedError('sign-in-setup-invalid', 'the server was not told how it is reached')
    return `${publicUrl}/v1/sign-in/${name}/callback`
  }
  return app
}
