import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { rfc3161Anchor } from '@countersign/adapters/anchor-rfc3161'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import {
  ANCHOR_TRUST_MEDIA_TYPE,
  type AnchorRoots,
  anchorRootsJson,
  NO_ANCHOR_ROOTS,
} from '@countersign/formats/anchor'
import { parseCertificate } from '@countersign/formats/x509'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalTsa, startLocalTsa } from '../../anchors/local-tsa.ts'
import { accept, at, CHROMIUM, type House, openBrowser, openHouse, signers, visit } from './house.ts'
import { release } from './release.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** Where to put pictures of the pages; left out, nowhere. */
const SHOTS = process.env['COUNTERSIGN_SHOTS'] ?? null
const LONG = 120_000
const DONE = '[data-verdict]:not([data-verdict=checking])'
const clock = () => Date.parse(at(60))

describe.runIf(CHROMIUM !== null)('anchors, as the browser believes them', () => {
  const run = release('anchored')
  let browser: Browser
  let house: House
  let [tsa, fake]: LocalTsa[] = []
  /** Whether the server answers with an authority of its own. */
  let lies = false
  const rootsOf = ({ root }: LocalTsa): AnchorRoots => ({
    ...NO_ANCHOR_ROOTS,
    rfc3161: [{ name: 'orchard', certificates: [root], from: null, until: null }],
  })
  beforeAll(async () => {
    ;[tsa, fake] = await Promise.all([startLocalTsa({ clock }), startLocalTsa({ clock })])
    const anchorBy = (name: string, { url, root }: LocalTsa) => ({
      anchor: rfc3161Anchor({ name, url, pinned: [parseCertificate(root, 'anchor-invalid')], crypto: nodeCrypto }),
      alarmAfter: 86_400_000,
    })
    house = await openHouse(
      async (request) => {
        const { pathname } = new URL(request.url)
        const own = (path: string) => house.server.request('GET', path)
        if (!lies) return undefined
        if (pathname === '/v1/anchors/trust') {
          return Response.json({ mediaType: ANCHOR_TRUST_MEDIA_TYPE, anchors: anchorRootsJson(rootsOf(fake!)) })
        }
        // A token over the very statement, by its own authority, in the place of the honest one's.
        if (/^\/statements\/\d+\/anchors\/tsa(?::|%3A)orchard$/.test(pathname)) {
          return own(pathname.replace('orchard', 'fake'))
        }
        return undefined
      },
      { anchors: [anchorBy('orchard', tsa!), anchorBy('fake', fake!)], belief: rootsOf(tsa!) },
    )
    await house.server.enrol(signers)
    await accept(house.server, run.steps)
    expect((await house.server.request('POST', '/v1/statements', { body: '{}' })).status).toBe(201)
    for (let look = 0; look < 3; look++) {
      await Promise.all(house.server.deps.anchors.lanes.map((lane) => lane.run(true)))
    }
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await house.close()
    await Promise.all([tsa!.close(), fake!.close()])
  })

  const seen = async (page: Page, name: string) => {
    await page.waitForLoadState('networkidle')
    if (SHOTS !== null) {
      mkdirSync(SHOTS, { recursive: true })
      await page.screenshot({ path: join(SHOTS, `anchors-${name}.png`), fullPage: true })
    }
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  }
  const RUN = `/run/${run.steps[0]!.statement.predicate.chain.id}`
  const anchoredRow = (page: Page) => page.locator('#anchored tr:has-text("Timestamp authority")').first()
  const go = async (page: Page, path: string) => {
    await page.goto(house.url + path)
    await page.waitForSelector(path.startsWith('/run/') ? DONE : '#belief')
    await page.waitForLoadState('networkidle')
  }

  test(
    'count once the reader pinned them, and a server that names its own then alarms',
    async () => {
      lies = false
      const { page, context, complaints } = await visit(browser)
      // By nobody's word but the server's.
      await go(page, RUN)
      expect(await anchoredRow(page).textContent()).toContain('Does not count yet')
      await go(page, '/anchors?statement=0')
      expect(await page.textContent('#belief')).toContain('This server’s alone')
      expect(await page.textContent('#statement')).toContain('Does not count yet')
      await seen(page, 'named')
      const print = await page.locator('#belief code.digest').getAttribute('title')
      // The reader compares it with what the authority itself publishes.
      expect(print).toBe(`sha256:${Buffer.from(nodeCrypto.sha256(tsa!.root)).toString('hex')}`)
      await page.click('#belief button:has-text("I compared it: pin")')
      await page.waitForSelector('#belief .mark:has-text("Yours")')
      await page.waitForSelector('#statement .checked .mark:has-text("Verified")')
      await seen(page, 'pinned')
      await go(page, RUN)
      expect(await anchoredRow(page).textContent()).toContain('Verified')
      expect(await page.locator('.alarm').count()).toBe(0)

      lies = true
      await go(page, RUN)
      await page.waitForSelector('.alarm:has-text("other anchors than you pinned")')
      expect(await page.locator('#anchored .mark.good').count()).toBe(0)
      expect(await page.textContent('#anchored')).toContain('Does not count')
      // On every page, and as often as it is loaded.
      await page.goto(`${house.url}/deploys`)
      await page.waitForSelector('.alarm')
      await go(page, '/anchors?statement=0')
      await page.waitForSelector('.alarm')
      expect(await page.locator('#statement .checked .mark.good').count()).toBe(0)
      await seen(page, 'changed')
      // One click does not talk anybody out of it.
      await page.click('#belief button:has-text("It is right")')
      expect(await page.locator('.alarm').count()).toBe(1)
      await page.click('#belief button:has-text("No")')

      // The control: nothing but the pin stands against that server.
      const stranger = await visit(browser)
      await go(stranger.page, '/anchors?statement=0')
      expect(await stranger.page.locator('.alarm').count()).toBe(0)
      await stranger.page.click('#belief button:has-text("I compared it: pin")')
      await stranger.page.waitForSelector('#statement .checked .mark:has-text("Verified")')
      await stranger.context.close()

      // What was pinned is still there when the server is honest again.
      lies = false
      await go(page, '/anchors?statement=0')
      await page.waitForSelector('#statement .checked .mark:has-text("Verified")')
      expect(await page.locator('.alarm').count()).toBe(0)
      await page.click('#belief button:has-text("Unpin")')
      await page.waitForSelector('#belief .mark:has-text("This server’s alone")')
      expect(complaints).toEqual([])
      await context.close()
    },
    LONG,
  )

  test(
    'in the dark and on a phone',
    async () => {
      lies = false
      const { page, context } = await visit(browser, { dark: true, width: 390 })
      await go(page, '/anchors?statement=0')
      await page.click('#belief button:has-text("I compared it: pin")')
      await page.waitForSelector('#statement .checked .mark:has-text("Verified")')
      await seen(page, 'dark-390')
      lies = true
      await go(page, '/anchors?statement=0')
      await page.waitForSelector('.alarm')
      await seen(page, 'changed-dark-390')
      await context.close()
    },
    LONG,
  )
})
