import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractText, honestRun, signStep, source } from '../../pipeline.ts'
import {
  accept,
  at as minute,
  CHROMIUM,
  type House,
  openBrowser,
  openHouse,
  signers,
  visit,
  type Visit,
  who,
} from './house.ts'
import { month } from './month.ts'

/** What the clock of such a server says. */
const AT = minute(60)
const SCREENS = [
  ['/deploys', '.strip'],
  ['/identities?signer=jenkins-legacy', 'svg.grid'],
  ['/contracts?pipeline=shop/web', '.contract-graph'],
  ['/anchors?day=latest', '.calendar'],
  ['/coverage?pipeline=billing/api', '.tiles'],
  ['/inbox', '.refusals'],
  ['/audit', 'table'],
] as const

describe.runIf(CHROMIUM !== null)('the screens of a month, in a browser', () => {
  let browser: Browser
  let house: House
  beforeAll(async () => {
    house = await openHouse((request) => {
      // The runs themselves, and what they are, are real.
      return new URL(request.url).pathname === '/v1/runs' ? undefined : month(request)
    })
    await house.server.enrol(signers)
    const yaml = contractText(who)
    const reply = await house.server.request('PUT', '/v1/contracts/shop/web', { body: yaml })
    if (reply.status !== 200) throw new Error(await reply.text())
    const runs = ['first', 'second', 'third'].map((commit) => honestRun({ who, commit }))
    for (const { steps } of runs) await accept(house.server, steps)
    while ((await house.server.store.views.count(1_000)) > 0);
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  const at = async (path: string, seen: string, options: Parameters<typeof visit>[1] = {}): Promise<Visit> => {
    const visited = await visit(browser, options)
    await visited.page.goto(house.url + path)
    await visited.page.waitForSelector(seen)
    return visited
  }

  describe.each([
    ['in the light', {}],
    ['in the dark', { dark: true }],
    ['on a phone', { width: 390 }],
  ] as const)('%s', (_, options) => {
    test.each(SCREENS)('%s can be read by everybody', async (path, seen) => {
      const { page, context, complaints, requests } = await at(path, seen, options)
      await page.waitForLoadState('networkidle')
      await allOpened(page)
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      expect(complaints.filter((one) => !one.includes('404'))).toEqual([])
      expect(requests.filter((url) => !url.startsWith(house.url))).toEqual([])
      await context.close()
    })
  })

  test('arrows lead through a picture, Enter to what it is about, and the address says where one is', async () => {
    const { page, context } = await at('/deploys', '.strip')
    const field = page.locator('.strip [tabindex="0"]')
    expect(await field.count()).toBe(1)
    await field.focus()
    await page.keyboard.press('ArrowDown')
    const label = await page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`)
    const [environment] = label.split(', ')
    expect(environment).not.toBe('prod')
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.searchParams.get('environment') === environment)
    const query = new URL(page.url()).searchParams
    expect(Date.parse(query.get('until')!)).toBeGreaterThan(Date.parse(query.get('since')!))
    // Whoever is sent the address sees the same.
    const other = await at(new URL(page.url()).pathname + new URL(page.url()).search, '.chosen')
    expect(await other.page.locator('.chosen button').count()).toBe(2)
    await other.context.close()
    await context.close()
  })

  test('a picture says all that it shows as a table too', async () => {
    const { page, context } = await at('/identities', 'svg.grid')
    const fields = await page.locator('svg.grid [data-row]').count()
    await page.locator('.twin summary').first().click()
    expect(await page.locator('.twin tbody tr').count()).toBe(fields)
    expect(await page.locator('.twin').first().textContent()).toContain('after it was revoked')
    await context.close()
  })

  test('a day of the calendar shows its statement, and what proves it', async () => {
    const { page, context } = await at('/anchors', '.calendar')
    await page.locator('.calendar a[aria-label*="refused"]').click()
    await page.waitForSelector('#day .progress')
    expect(await page.locator('#day').textContent()).toContain('the authority answered badAlg')
    expect(await page.locator('#day a[href^="/statements/"]').count()).toBeGreaterThan(2)
    await context.close()
  })

  test('a draft is linted, drawn and replayed before anybody publishes it', async () => {
    const { page, context, complaints } = await at('/contracts?pipeline=shop/web', '#draft')
    const draft = page.locator('#draft')
    const text = await draft.inputValue()
    expect(text).toContain('revision: 2')
    await draft.fill(text.replace('after: [build]', 'after: [bild]'))
    await page.waitForSelector('.faults .code')
    expect(await page.getByRole('button', { name: 'Replay' }).isDisabled()).toBe(true)
    // It asks for what no run has.
    await draft.fill(text.replace('products: ["dist/app.tgz"]', 'products: ["dist/app.tgz", "dist/app.sbom"]'))
    await page.waitForSelector('.changes li')
    expect(await page.locator('.publish').count()).toBe(0)
    await page.getByRole('button', { name: 'Replay' }).click()
    await page.waitForSelector('.publish')
    expect(await page.locator('.radius').textContent()).toContain('blocked 3 of 3 runs')
    expect(await page.locator('.radius').textContent()).toContain('3 of them are let through now')
    expect(await page.locator('.outcome').textContent()).toContain('product-missing')
    expect(await page.locator('.squares a').count()).toBe(3)
    // Control: what changes nothing blocks nothing.
    await draft.fill(text)
    await page.waitForSelector('.publish', { state: 'detached' })
    await page.locator('#lint', { hasText: 'Nothing is changed' }).waitFor()
    await page.getByRole('button', { name: 'Replay' }).click()
    await page.waitForSelector('.publish')
    expect(await page.locator('.radius').textContent()).toContain('let all 3 runs through')
    expect(complaints.filter((one) => !one.includes('404'))).toEqual([])
    await context.close()
  })
})

describe.runIf(CHROMIUM !== null)('what a server has counted, in a browser', () => {
  let browser: Browser
  let house: House
  const run = honestRun({ who })
  beforeAll(async () => {
    house = await openHouse()
    const { server } = house
    await server.enrol(signers)
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    await accept(server, run.steps)
    for (const artifact of [run.app.digest.sha256, 'e'.repeat(64)]) {
      const body = JSON.stringify({ artifact, pipeline: 'shop/web', environment: 'prod' })
      await server.request('POST', '/v1/gate', { body })
    }
    await server.request('POST', '/v1/attestations', { body: '{}' })
    // Another content for a place that is taken.
    const other = { chain: run.chain, name: 'source', subject: [source('another')] }
    await server.append(signStep(who.github, other).bundle)
    await server.request('POST', '/v1/statements', { body: '{}' })
    await server.request('POST', '/v1/tokens', { body: JSON.stringify({ scopes: ['read'] }) })
    while ((await server.store.views.count(1_000)) > 0);
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  test.each([
    ['/deploys', '.strip', ['prod', run.app.digest.sha256.slice(0, 12), 'artifact-unproven']],
    ['/deploys?at=prod', '.hits', ['prod#']],
    ['/identities?signer=azure', '#signer', ['azure', '1 step would be in doubt', 'deploy']],
    ['/contracts?by=day', 'svg.grid', ['bundle-invalid', 'artifact-unproven']],
    [`/contracts?digest=${run.contract.digest}`, '#by-digest', ['shop/web, revision 1']],
    ['/anchors', '.calendar', ['No anchor is set up']],
    ['/anchors?statement=0', '.statement', ['Statement 0', 'No anchor was asked for it']],
    ['/coverage?pipeline=shop/web', '#detail', ['revision 1', 'nothing proves which repository']],
    ['/inbox', '.events li', ['Two contents for one place', 'place-taken']],
    ['/audit', 'table', ['token', 'leaf']],
    ['/inbox?code=bundle-invalid', '.refusal', ['bundle-invalid', 'Save its body']],
  ])('%s says what there is', async (path, seen, texts) => {
    const { page, context, complaints } = await visit(browser)
    // The time that the server has, too.
    await page.clock.setFixedTime(new Date(AT))
    await page.goto(house.url + path)
    await page.waitForSelector(seen)
    for (const text of texts) await page.locator('main', { hasText: text }).waitFor()
    expect(complaints.filter((one) => !one.includes('404'))).toEqual([])
    await context.close()
  })

  test('where there is nothing, a page says what to do next', async () => {
    const empty = await openHouse()
    for (const path of ['/deploys', '/identities', '/contracts', '/anchors', '/coverage', '/inbox']) {
      const { page, context } = await visit(browser)
      await page.goto(empty.url + path)
      await page.waitForSelector('.empty .command')
      await context.close()
    }
    await empty.close()
  })
})

const MARKUP = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'

describe.runIf(CHROMIUM !== null)('T-92: markup in every text of an answer', () => {
  let browser: Browser
  let house: House
  beforeAll(async () => {
    house = await openHouse(async (request) => {
      const answer = month(request)
      if (answer === undefined) return undefined
      return Response.json(hostile(await answer.json()))
    })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  test.each(SCREENS)('stays text on %s', async (path) => {
    const { page, context } = await visit(browser)
    await page.goto(house.url + path)
    await page.locator('main', { hasText: 'onerror' }).waitFor()
    await allOpened(page)
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.evaluate('window.hit')).toBeUndefined()
    await context.close()
  })

  test('control: in a page that takes it for markup it does what it says', async () => {
    const { page, context } = await visit(browser)
    await page.setContent(`<p title="${MARKUP}">`)
    await page.waitForFunction('window.hit === 1')
    await context.close()
  })
})

/** Markup behind every text but those that say which of a few it is, a time, a digest or where to go on. */
function hostile(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => hostile(one, name))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hostile(one, key)]))
  }
  const fixed = [
    'type',
    'decision',
    'bucket',
    'by',
    'phase',
    'state',
    'severity',
    'amount',
    'weakestGrade',
    'columns',
    'findings',
  ]
  if (typeof value !== 'string' || fixed.includes(name) || /^(?:[0-9a-f]{16,}|[0-9]{4}-[0-9]{2}-.*|)$/.test(value))
    return value
  return value + MARKUP
}

/** Tables and reasons that are folded are read too. */
async function allOpened(page: Page): Promise<void> {
  await page.evaluate(`for (const one of document.querySelectorAll('main details')) one.setAttribute('open', '')`)
}
