import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newChainId, source } from '../../pipeline.ts'
import { openTestServer } from '../../server.ts'
import { accept, CHROMIUM, openBrowser, openHouse, signers, stepOn, visit, who } from './house.ts'
import { release } from './release.ts'

const DONE = '[data-verdict]:not([data-verdict=checking])'
/** Runs where a text becomes markup, an address or a script; and turns what is seen around it. */
const PAYLOADS = [
  '<img src=x onerror="globalThis.hit=1">',
  '"><script>globalThis.hit=1</script>',
  "javascript:globalThis.hit=1//'",
  '</title><svg/onload=globalThis.hit=1>',
  '{{constructor.constructor("globalThis.hit=1")()}}',
]

describe.runIf(CHROMIUM !== null)('T-92 in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  /** Every place of an answer that holds a text, filled with payloads. */
  const poisoned = (value: unknown, i = { next: 0 }): unknown => {
    if (typeof value === 'string') {
      // What a page needs to be drawn at all stays.
      if (/^[0-9a-f]{32,64}$|^\d{4}-\d\d-\d\dT|^(?:strong|medium|weak|digest|order|word)$/.test(value)) return value
      return `${PAYLOADS[i.next++ % PAYLOADS.length]}\u202e${value}`
    }
    if (Array.isArray(value)) return value.map((one) => poisoned(one, i))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, i)]))
  }

  const inert = async (page: Page) => {
    expect(await page.evaluate('globalThis.hit')).toBeUndefined()
    expect(await page.locator('main img, main script, main svg [onload]').count()).toBe(0)
    expect(
      await page.evaluate(
        '[...document.querySelectorAll("a[href]")].every((a) => /^[/#]/.test(a.getAttribute("href")))',
      ),
    ).toBe(true)
    const text = await page.evaluate<string>('document.body.innerText')
    expect(text).not.toContain('\u202e')
    return text
  }

  test('what signers say stays text, wherever a page shows it', async () => {
    const house = await openHouse()
    await house.server.enrol(signers)
    let i = 0
    // A name of a step and of a file may hold less than this: what those refuse, nobody can sign.
    const evil = () => PAYLOADS[i++ % PAYLOADS.length]!
    const step = stepOn(
      who.github,
      evil(),
      {
        chain: { id: newChainId(), pipeline: 'shop/web', contract: null },
        name: 'build',
        matrix: evil(),
        subject: [{ ...source('evil'), name: evil() }],
      },
      { tools: { [evil()]: evil() }, actions: { [evil()]: evil() }, argv: PAYLOADS },
    )
    await accept(house.server, [step])
    const chain = step.statement.predicate.chain.id
    const { page, context, complaints, requests } = await visit(browser)
    await page.goto(`${house.url}/run/${chain}?step=${step.link}`)
    await page.waitForSelector(DONE)
    const text = await inert(page)
    // The positive control: they are there to be read.
    expect(text).toContain('<img src=x onerror=')
    expect(text).toContain('javascript:globalThis.hit=1')
    expect(requests.every((url) => url.startsWith(house.url))).toBe(true)
    expect(complaints).toEqual([])
    await context.close()
    await house.close()
  })

  test.each(['/', '/deploys', '/identities', '/contracts', '/anchors', '/coverage', '/inbox', '/audit', '/settings'])(
    'what a lying server says stays text: %s',
    async (path) => {
      const run = release('lies')
      const house = await openHouse(async (request) => {
        const { pathname, search } = new URL(request.url)
        if (!pathname.startsWith('/v1/') || pathname === '/v1/me') return undefined
        const headers = Object.fromEntries(request.headers)
        const reply = await house.server.request(request.method, pathname + search, { token: null, headers })
        if (!reply.ok || reply.headers.get('content-type')?.includes('json') !== true) return reply
        return Response.json(poisoned(await reply.json()))
      })
      await house.server.enrol(signers)
      await accept(house.server, run.steps)
      const { page, context, complaints, requests } = await visit(browser)
      await page.goto(house.url + path)
      await page.waitForSelector('main h1')
      await page.waitForLoadState('networkidle')
      await inert(page)
      expect(requests.every((url) => url.startsWith(house.url))).toBe(true)
      expect(complaints.filter((one) => /Content Security|TrustedHTML|TrustedScript|Refused/i.test(one))).toEqual([])
      await context.close()
      await house.close()
    },
  )

  test('the policy itself lets no text become markup, no script in and nothing out', async () => {
    const house = await openHouse()
    const { page, context } = await visit(browser)
    await page.goto(house.url)
    await page.waitForSelector('main h1')
    const tried = (code: string) =>
      page.evaluate<string>(`(async () => { try { ${code}; return 'done' } catch { return 'refused' } })()`)
    expect(await tried(`document.body.innerHTML = '<b>x</b>'`)).toBe('refused')
    expect(await tried(`new Worker('/assets/other.js')`)).toBe('refused')
    expect(await tried(`await fetch('https://example.com/')`)).toBe('refused')
    expect(await tried(`trustedTypes.createPolicy('other', {})`)).toBe('refused')
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('img'), { src: 'https://example.com/x.png' }))`,
    )
    await page.evaluate(`document.body.append(Object.assign(document.createElement('p'), { id: 'styled' }))`)
    await page.evaluate(`document.getElementById('styled').setAttribute('style', 'color: red')`)
    expect(await page.evaluate(`document.getElementById('styled').style.color`)).toBe('')
    await context.close()
    await house.close()
  })
})

describe.runIf(CHROMIUM !== null)('a log with two histories', () => {
  test('alarms the browser that saw the other, on every page and until it is explained', async () => {
    const root = mkdtempSync(join(tmpdir(), 'countersign-split-'))
    const [one, two] = [join(root, 'one'), join(root, 'two')]
    const first = await openTestServer({ directory: one })
    await first.enrol(signers)
    await accept(first, release('shared').steps)
    await first.close()
    // The same log, with the same key, from here on twice.
    cpSync(one, two, { recursive: true })
    const servers = [await openTestServer({ directory: one }), await openTestServer({ directory: two })] as const
    await accept(servers[0], release('this').steps)
    await accept(servers[1], [...release('that').steps, ...release('more').steps])
    let shown: 0 | 1 = 0
    const house = await openHouse(async (request) => {
      const { pathname, search } = new URL(request.url)
      const headers = Object.fromEntries(request.headers)
      const body = request.method === 'GET' ? {} : { body: new Uint8Array(await request.arrayBuffer()) }
      return servers[shown].request(request.method, pathname + search, { token: null, headers, ...body })
    })
    const browser = await openBrowser()
    const { page, context } = await visit(browser)
    const open = async () => {
      await page.goto(house.url)
      await page.waitForSelector('.tile .mark:has-text("entries in the log")')
    }
    const kept = () => page.evaluate<string | null>(`localStorage.getItem('countersign-log')`)
    await open()
    expect(await page.locator('.alarm').count()).toBe(0)
    const before = await kept()
    // The positive control: the history that it saw goes on, and nothing is wrong.
    await accept(servers[0], release('later').steps)
    await open()
    await page.waitForSelector('.tile:has-text("begins with the")')
    expect(await page.locator('.alarm').count()).toBe(0)
    const grown = await kept()
    expect(grown).not.toBe(before)
    // Now the other.
    shown = 1
    await accept(servers[1], [...release('and more').steps, ...release('most').steps])
    await page.goto(house.url)
    await page.waitForSelector('.alarm')
    expect(await page.textContent('.alarm')).toContain('two histories')
    // What it saw stays, so that it alarms again.
    expect(await kept()).toBe(grown)
    await page.goto(`${house.url}/inbox`)
    await page.waitForSelector('.alarm')
    await context.close()
    await browser.close()
    await house.close()
    for (const server of servers) await server.close()
    rmSync(root, { recursive: true, force: true })
  })
})
