import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Browser as SignedIn, signIn } from '../../people.ts'
import { file, newChainId, party, signStep } from '../../pipeline.ts'
import { postRemark, remarkAbout, sealRemark, signRemark } from '../../remarks.ts'
import { CHROMIUM, type House, openBrowser, openHouse, visit, type Visit } from './house.ts'

const DONE = '[data-verdict]:not([data-verdict=checking])'
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** Where to put pictures of the pages; left out, nowhere. */
const SHOTS = process.env['COUNTERSIGN_SHOTS'] ?? null
const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const
const LONG = 180_000
/** Less that a browser would rather be asked for another algorithm, too. */
const quiet = (complaints: readonly string[]) => complaints.filter((one) => !one.includes('RS256'))

describe.runIf(CHROMIUM !== null)('notes on the page', () => {
  let browser: Browser
  let house: House
  let url: string
  let build: { readonly chain: string; readonly link: string; readonly artifact: string }
  const [ci, ann] = [party('ci'), party('ann')]
  const now = () => new Date().toISOString()

  beforeAll(async () => {
    house = await openHouse(undefined, { now })
    url = house.url.replace('127.0.0.1', 'localhost')
    await house.server.enrol([ci, ann])
    const chain = { id: newChainId(), pipeline: 'shop/web', contract: null }
    const app = file('dist/app.tgz', 'noted')
    const signed = signStep(ci, { chain, name: 'build', subject: [app] })
    expect((await house.server.append(signed.bundle)).status).toBe(201)
    build = { chain: chain.id, link: signed.link, artifact: app.digest.sha256 }
    await house.server.request('POST', '/v1/attestations', { body: 'noise' })
    while ((await house.server.store.views.count(1_000)) > 0);
    browser = await openBrowser()
  }, LONG)
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  /** Somebody at their browser, signed in, with a passkey that they made on the page Settings. */
  async function desk(
    role: 'approver' | 'auditor' | 'maintainer' | 'viewer',
    look: { dark?: boolean; width?: number; passkey?: boolean } = {},
  ): Promise<Visit & { readonly who: SignedIn }> {
    const who = await signIn(house.server, role)
    const visited = await visit(browser, { ...look, token: null })
    visited.page.setDefaultTimeout(LONG / 2)
    const at = who.cookie.indexOf('=')
    await visited.context.addCookies([{ name: who.cookie.slice(0, at), value: who.cookie.slice(at + 1), url }])
    const cdp = await visited.context.newCDPSession(visited.page)
    await cdp.send('WebAuthn.enable')
    await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR })
    if (look.passkey !== false) {
      await visited.page.goto(`${url}/settings`)
      await visited.page.getByRole('button', { name: 'Add a passkey' }).click()
      await visited.page.waitForSelector('#passkeys .once code')
    }
    return { ...visited, who }
  }

  const shot = async (page: Page, name: string) => {
    if (SHOTS === null) return
    mkdirSync(SHOTS, { recursive: true })
    await page.evaluate('scrollTo(0, 0)')
    await page.screenshot({ path: join(SHOTS, `notes-${name}.png`), fullPage: true })
  }
  const axe = async (page: Page) => {
    // What the bar at the top lies over is not in anybody's way.
    await page.evaluate('scrollTo(0, 0)')
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  }
  const open = async (page: Page, path: string) => {
    await page.goto(`${url}${path}`)
    await page.waitForSelector(DONE)
    await page.waitForSelector('#notes .note, #notes .empty')
  }
  const listed = async () => {
    const reply = await house.server.request('GET', `/v1/notes?about=step/${build.link}`)
    return ((await reply.json()) as { items: { kind: string; signer: string; supersededBy: string | null }[] }).items
  }

  test.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['phone', { width: 390 }],
  ] as const)(
    'somebody disputes a step, and somebody else resolves it (%s)',
    async (name, look) => {
      const before = (await listed()).length
      const auditor = await desk('auditor', look)
      await open(auditor.page, `/run/${build.chain}`)
      await axe(auditor.page)
      const write = auditor.page.getByRole('form', { name: 'Write a note' })
      await write.locator('select[name=notes-about]').selectOption({ label: 'step build' })
      await write.locator('select[name=notes-kind]').selectOption('dispute')
      await write.getByLabel('What you say').fill(`the report is of another build,\nas ${name} sees it`)
      await write.getByRole('button', { name: 'Sign the note with your passkey' }).click()
      const dispute = auditor.page.locator('#notes .note-open', { hasText: name })
      await dispute.waitFor()
      const text = await dispute.innerText()
      for (const part of [
        'open dispute',
        `of another build, as ${name} sees it`,
        'verified in this browser',
        'step build',
      ])
        expect(text).toContain(part)
      expect(await auditor.page.locator('.disputed').innerText()).toContain('open dispute')
      await axe(auditor.page)
      await shot(auditor.page, `disputed-${name}`)
      expect(await listed()).toHaveLength(before + 1)
      // An auditor resolves nothing, and whoever disputes may take it back.
      expect(await dispute.getByRole('button', { name: 'Resolve it' }).count()).toBe(0)
      expect(await dispute.getByRole('button', { name: 'Take it back' }).count()).toBe(1)

      const maintainer = await desk('maintainer', look)
      await open(maintainer.page, `/artifact/sha256:${build.artifact}`)
      const theirs = maintainer.page.locator('#notes .note-open', { hasText: name })
      await theirs.getByRole('button', { name: 'Resolve it' }).click()
      await theirs.getByLabel('Why').fill('built again as run 42')
      await axe(maintainer.page)
      await theirs.getByRole('button', { name: 'Sign the note with your passkey' }).click()
      await maintainer.page.locator('#notes .note', { hasText: 'resolves' }).first().waitFor()
      await theirs.waitFor({ state: 'detached' })
      await axe(maintainer.page)
      await shot(maintainer.page, `resolved-${name}`)
      expect(quiet(maintainer.complaints)).toEqual([])
      expect(quiet(auditor.complaints)).toEqual([])
      for (const { context } of [auditor, maintainer]) await context.close()
    },
    LONG,
  )

  test(
    'markup is text, and what the server makes up is told apart and not shown',
    async () => {
      const place = '//test/acme'
      const evil = '<img src=x onerror=alert(1)><script>document.title="gone"</script>'
      const about = remarkAbout(build.link, { text: evil, place, at: now() })
      expect((await postRemark(house.server, signRemark(ann, about))).status).toBe(201)
      const { page, complaints, context } = await desk('approver', { passkey: false })
      await open(page, `/run/${build.chain}`)
      const shown = page.locator('#notes .note', { hasText: 'onerror' })
      expect(await shown.innerText()).toContain(evil)
      expect(await shown.locator('img, script').count()).toBe(0)
      expect(await page.title()).not.toBe('gone')
      // Whoever has no passkey is told the command.
      expect(await page.locator('#notes .add').innerText()).toContain('countersign note')
      // A server that puts words into somebody's mouth.
      const forged = sealRemark(
        party('eve'),
        about === null ? new Uint8Array() : signRemark(ann, { ...about, text: 'never said' }).payload,
      )
      await page.route('**/v1/notes?*', async (route) => {
        const answer = await route.fetch()
        const body = (await answer.json()) as {
          items: { signer: string; note: { payload: string; signatures: object[] } }[]
        }
        const one = body.items.find(({ signer }) => signer === 'ann')!
        one.note.payload = Buffer.from(forged.payload).toString('base64')
        await route.fulfill({ response: answer, body: JSON.stringify(body) })
      })
      await open(page, `/run/${build.chain}`)
      const told = page.locator('#notes .note', { hasText: 'could not verify' })
      await told.waitFor()
      expect(await told.innerText()).toContain('signature-invalid')
      expect(await page.locator('#notes').innerText()).not.toContain('never said')
      expect(complaints).toEqual([])
      await context.close()
    },
    LONG,
  )

  test(
    'what was refused can be spoken of in the inbox',
    async () => {
      const { page, complaints, context } = await desk('approver')
      await page.goto(`${url}/inbox`)
      await page.getByRole('button', { name: 'Notes' }).first().click()
      const write = page.getByRole('form', { name: 'Write a note' })
      await write.getByLabel('What you say').fill('a test of ours, no attack')
      await write.getByRole('button', { name: 'Sign the note with your passkey' }).click()
      await page.locator('.note', { hasText: 'no attack' }).waitFor()
      await axe(page)
      await shot(page, 'inbox')
      expect(quiet(complaints)).toEqual([])
      await context.close()
    },
    LONG,
  )

  test(
    'whoever looks only, looks',
    async () => {
      const { page, context } = await desk('viewer', { passkey: false })
      await open(page, `/run/${build.chain}`)
      expect(await page.locator('#notes .note').count()).toBeGreaterThan(0)
      expect(await page.getByRole('form', { name: 'Write a note' }).count()).toBe(0)
      await context.close()
    },
    LONG,
  )
})
