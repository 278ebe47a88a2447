import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Browser as SignedIn, signIn } from '../../people.ts'
import { contractText, honestRun } from '../../pipeline.ts'
import { codeOf } from '../../server.ts'
import { accept, CHROMIUM, type House, openBrowser, openHouse, signers, visit, type Visit, who } from './house.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** Where to put pictures of the pages; left out, nowhere. */
const SHOTS = process.env['COUNTERSIGN_SHOTS'] ?? null
const LONG = 120_000
const { keyId } = who.azure.publicKey

describe.runIf(CHROMIUM !== null)('revoking a key on the page', () => {
  const [before, after] = ['first', 'second'].map((commit) => honestRun({ who, commit })) as [
    ReturnType<typeof honestRun>,
    ReturnType<typeof honestRun>,
  ]
  let browser: Browser
  let house: House
  let begun: string
  beforeAll(async () => {
    house = await openHouse(undefined, { now: () => new Date().toISOString() })
    begun = new Date().toISOString()
    await house.server.enrol(signers)
    const reply = await house.server.request('PUT', '/v1/contracts/shop/web', { body: contractText(who) })
    if (!reply.ok) throw new Error(await reply.text())
    await accept(house.server, before.steps)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  /** Somebody at their browser, signed in. */
  async function desk(
    role: 'viewer' | 'maintainer' | 'admin',
    look: { dark?: boolean; width?: number } = {},
  ): Promise<Visit & { who: SignedIn }> {
    const person = await signIn(house.server, role)
    const visited = await visit(browser, { ...look, token: null })
    const [name, value] = person.cookie.split('=') as [string, string]
    await visited.context.addCookies([{ name, value, url: house.url, httpOnly: true, sameSite: 'Strict' }])
    return { ...visited, who: person }
  }
  const seen = async (page: Page, name: string) => {
    await page.waitForLoadState('networkidle')
    if (SHOTS !== null) {
      mkdirSync(SHOTS, { recursive: true })
      await page.screenshot({ path: join(SHOTS, `revoke-${name}.png`), fullPage: true })
    }
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  }
  const revokeButton = (page: Page) => page.getByRole('button', { name: 'Revoke this key' })

  test.each(['viewer', 'maintainer'] as const)(
    'a %s gets no button but the command, and the server does not do it either',
    async (role) => {
      const { page, context, who: person } = await desk(role)
      await page.goto(`${house.url}/identities?signer=azure`)
      await page.waitForSelector(`#signer .command :text("countersign key revoke ${keyId.slice(0, 16)}")`)
      expect(await revokeButton(page).count()).toBe(0)
      const refused = await person.request('POST', `/v1/keys/${keyId}/revoke`, { body: '{}' })
      expect([refused.status, await codeOf(refused)]).toEqual([403, 'token-scope'])
      await context.close()
    },
    LONG,
  )

  test.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['phone', { width: 390 }],
  ] as const)(
    'names what it does before it is done, and may be kept (%s)',
    async (look, options) => {
      const { page, context, complaints } = await desk('admin', options)
      await page.goto(`${house.url}/identities?signer=codebuild`)
      // By keyboard: the form has the focus, and one key further is the reason.
      await revokeButton(page).focus()
      await page.keyboard.press('Enter')
      const form = page.getByRole('form', { name: 'Revoke this key' })
      await form.waitFor()
      expect(await page.evaluate('document.activeElement.tagName')).toBe('SELECT')
      await form.getByText('nothing that the log has is in doubt').waitFor()
      await page.keyboard.press('Tab')
      await page.keyboard.type('comp')
      await form.getByText('also what a thief signed').waitFor()
      await form.getByLabel('As of').selectOption('time')
      await form.getByLabel('Time, UTC').fill(begun.slice(0, 19))
      // The build, and the test and the deploy that went on from it.
      await page.getByText('3 steps would be in doubt, of what it signed since').waitFor()
      await seen(page, `asked-${look}`)
      await form.getByRole('button', { name: 'Keep it' }).click()
      await page.getByText('3 steps would be in doubt, of all that it ever signed').waitFor()
      expect(await page.textContent('#signer .key .facts')).toContain('active')
      expect(complaints).toEqual([])
      await context.close()
    },
    LONG,
  )

  test(
    'from the list of keys to what was in doubt, and what it signs is refused from then on',
    async () => {
      const { page, context, complaints, requests } = await desk('admin')
      await page.goto(house.url)
      await page.getByRole('link', { name: 'Identities' }).click()
      await page.locator('#keys').getByRole('link', { name: 'azure' }).click()
      await revokeButton(page).click()
      const form = page.getByRole('form', { name: 'Revoke this key' })
      await form.getByLabel('As of').selectOption('time')
      await form.getByLabel('Time, UTC').fill(begun.slice(0, 19))
      await page.getByText('1 step would be in doubt, of what it signed since').waitFor()
      // Without a reason nothing is sent.
      await form.getByRole('button', { name: 'Revoke it for good' }).click()
      expect(requests.filter((one) => one.endsWith('/revoke'))).toEqual([])
      await form.getByLabel('Why').selectOption('compromised')
      await form.getByRole('button', { name: 'Revoke it for good' }).click()
      await page.getByText('1 step is in doubt, of what it signed since').waitFor()
      expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('status')
      const facts = (await page.textContent('#signer .key .facts')) ?? ''
      for (const part of ['revoked', 'compromised']) expect(facts).toContain(part)
      expect(await page.locator(`#signer .key a[href="/run/${before.chain.id}"]`).count()).toBe(1)
      expect(await page.locator(`#signer .key a[href^="/artifact/sha256:${before.app.digest.sha256}"]`).count()).toBe(1)
      expect(await revokeButton(page).count()).toBe(0)
      // The weeks above know it as well.
      await page.waitForSelector('svg.grid [aria-label*="azure"][aria-label*="revoked"]', { state: 'attached' })
      await seen(page, 'done')

      const { items } = (await (await house.server.request('GET', `/v1/keys`)).json()) as {
        items: { keyId: string; state: string; revokedAt: string | null; reason: string | null }[]
      }
      expect(items.filter(({ state }) => state !== 'active')).toMatchObject([
        { keyId, revokedAt: `${begun.slice(0, 19)}.000Z`, reason: 'compromised' },
      ])
      // The others sign on, as this one did in the run before.
      const last = after.steps.at(-1)!
      await accept(house.server, after.steps.slice(0, -1))
      expect(await codeOf(house.server.append(last.bundle))).toBe('signer-revoked')
      await page.locator('#signer .key a[href^="/inbox"]').click()
      await page.waitForSelector('.refusal code:text("signer-revoked")')
      await page.goto(`${house.url}/audit?about=${keyId}`)
      await page.waitForSelector('th:has-text("key.revoked")')

      // It got out earlier than was thought: the time moves, and only back.
      await page.goto(`${house.url}/identities?signer=azure`)
      await page.getByRole('button', { name: 'It got out earlier' }).click()
      const move = page.getByRole('form', { name: 'Revoke it as of an earlier time' })
      const time = move.getByLabel('Time, UTC')
      expect(await move.getByLabel('Why').inputValue()).toBe('compromised')
      await time.evaluate((input) => input.removeAttribute('max'))
      await time.fill('2037-01-01T00:00:00')
      await move.getByText('a time before that').waitFor()
      const sent = requests.filter((one) => one.endsWith('/revoke')).length
      await move.getByRole('button', { name: 'Move it for good' }).click()
      expect(requests.filter((one) => one.endsWith('/revoke'))).toHaveLength(sent)
      const earlier = new Date(Date.parse(begun) - 60_000).toISOString().slice(0, 19)
      await time.fill(earlier)
      await page.getByText('would be in doubt, of what it signed since').waitFor()
      await seen(page, 'moving')
      await move.getByRole('button', { name: 'Move it for good' }).click()
      await page.waitForSelector(`#signer .key .once time[datetime="${earlier}.000Z"]`)
      const { items: moved } = (await (await house.server.request('GET', `/v1/keys`)).json()) as { items: object[] }
      expect(moved).toContainEqual(expect.objectContaining({ keyId, revokedAt: `${earlier}.000Z` }))
      // The red control: it is the server that holds it, not the page.
      const body = JSON.stringify({ since: begun, reason: 'compromised' })
      expect(await codeOf(house.server.request('POST', `/v1/keys/${keyId}/revoke`, { body }))).toBe('request-invalid')
      expect(complaints).toEqual([])
      await context.close()
    },
    LONG,
  )
})
