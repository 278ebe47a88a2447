import { AxeBuilder } from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accept, CHROMIUM, type House, openBrowser, openHouse, signers, visit } from './house.ts'
import { release } from './release.ts'

/** WCAG 2.2, A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

describe.runIf(CHROMIUM !== null)('every page', () => {
  let browser: Browser
  let house: House
  const good = release('one')
  const run = release('two', { systems: 6, node: '24.12.0', minute: 20 })
  beforeAll(async () => {
    house = await openHouse()
    await house.server.enrol(signers)
    await accept(house.server, [...good.steps, ...run.steps])
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  const VERIFIED = '[data-verdict]:not([data-verdict=checking])'
  const pages: readonly (readonly [path: string, ready: string])[] = [
    ['/', '#runs'],
    [`/artifact/sha256:${run.artifact}`, VERIFIED],
    [`/artifact/sha256:${run.artifact}?step=${run.steps[1]!.link}`, '#step'],
    [`/artifact/sha256:${'0'.repeat(64)}`, '.empty'],
    [`/run/${run.chain}`, VERIFIED],
    [`/run/${run.chain}/diff/${good.chain}`, '.diff-count'],
    ['/settings', '#tokens'],
    ['/nowhere', 'h1:has-text("no such page")'],
  ]
  const cases = pages.flatMap(([path, ready]) =>
    [{}, { dark: true }, { width: 390 }].map((look) => [path, Object.keys(look)[0] ?? 'light', look, ready] as const),
  )

  test.each(cases)('%s is for everybody, %s', async (path, _, look, ready) => {
    const { page, context } = await visit(browser, look)
    await page.goto(house.url)
    // A page that is no page of the dashboard is reached from within only.
    await page.waitForSelector('main h1')
    await page.evaluate(`history.pushState(null, '', '${path}'); dispatchEvent(new PopStateEvent('popstate'))`)
    await page.waitForSelector(ready)
    await page.waitForLoadState('networkidle')
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
    expect(told).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await context.close()
  })

  test('the door', async () => {
    for (const look of [{}, { dark: true }, { width: 390 }]) {
      const { page, context } = await visit(browser, { ...look, token: null })
      await page.goto(`${house.url}/sign-in`)
      await page.waitForSelector('.door')
      await page.waitForLoadState('networkidle')
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
      await context.close()
    }
  })

  test('is gone through by keyboard alone', async () => {
    const { page, context } = await visit(browser)
    await page.goto(`${house.url}/run/${run.chain}`)
    await page.waitForSelector(VERIFIED)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the page')
    await page.keyboard.press('Enter')
    // In the picture one step is a stop, and arrows go on from it.
    await page.locator('a.node').first().focus()
    const first = await page.evaluate('document.activeElement.dataset.id')
    await page.keyboard.press('ArrowRight')
    const second = await page.evaluate('document.activeElement.dataset.id')
    expect(second).not.toBe(first)
    await page.keyboard.press('Enter')
    await page.waitForSelector('#step')
    await page.keyboard.press('/')
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('combobox')
    await context.close()
  })
})
