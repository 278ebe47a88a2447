import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { file, newChainId, received, type Signed, source } from '../../pipeline.ts'
import {
  accept,
  CHROMIUM,
  type House,
  openBrowser,
  openHouse,
  signers,
  stepOn,
  visit,
  type Visit,
  who,
} from './house.ts'
import { release } from './release.ts'

const DONE = '[data-verdict]:not([data-verdict=checking])'
const LONG = 500

describe.runIf(CHROMIUM !== null)('what was built, in a browser', () => {
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

  const at = async (path: string, options: Parameters<typeof visit>[1] = {}): Promise<Visit> => {
    const visited = await visit(browser, options)
    await visited.page.goto(house.url + path)
    return visited
  }

  test('verifies an artifact itself, and asks nobody else', async () => {
    const { page, context, complaints, requests } = await at(`/artifact/sha256:${run.artifact}`)
    await page.waitForSelector(DONE)
    expect(await page.getAttribute(DONE, 'data-verdict')).toBe('pass')
    expect(await page.textContent('h1')).toBe('dist/app.tar')
    // Six jobs of one matrix are one node until somebody opens them.
    expect(await page.locator('a.node.good').count()).toBe(6)
    await page.locator('a.node', { hasText: 'test ×6' }).click()
    await page.waitForSelector('a.node.good >> nth=10')
    expect(requests.filter((url) => !url.startsWith(house.url) && !url.startsWith('blob:'))).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  test('breaks the edge where a byte was flipped, and says which', async () => {
    const build = run.steps[1]!.link
    const { page, context } = await at(`/run/${run.chain}?step=${build.slice(0, 16)}`)
    await page.waitForSelector('#step')
    expect(await page.locator('.edge.broken[data-edges]').count()).toBe(0)
    await page.getByRole('button', { name: 'Flip one byte of it' }).click()
    await page.waitForSelector('.tampered')
    expect(await page.getAttribute(DONE, 'data-verdict')).toBe('fail')
    expect(await page.locator('.edge.broken[data-edges]').count()).toBeGreaterThan(0)
    expect(await page.textContent('.tampered')).toContain('build')
    await page.getByRole('button', { name: 'Take it back' }).first().click()
    await page.waitForSelector('[data-verdict=pass]')
    await context.close()
  })

  test('finds the last good run by itself, and tells by what this one began to differ', async () => {
    const { page, context } = await at(`/run/${run.chain}`)
    await page.getByRole('link', { name: 'Compare with the last good run' }).click()
    await page.waitForURL(`${house.url}/run/${run.chain}/diff/${good.chain}`)
    await page.waitForSelector('.diff-count')
    const facts = await page.locator('.diff tbody th').allTextContents()
    expect(facts).toContain('tool node')
    expect(facts).not.toContain('received dist/app.js')
    await context.close()
  })

  test('finds a digest, and a run by a part of its id, by keyboard alone', async () => {
    const { page, context } = await at('/')
    await page.waitForSelector('#runs table')
    await page.keyboard.press('/')
    await page.keyboard.type(run.artifact)
    await page.waitForSelector('#found li')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForSelector(DONE)
    expect(page.url()).toBe(`${house.url}/artifact/sha256:${run.artifact}`)
    await page.keyboard.press('/')
    await page.keyboard.type(run.chain.slice(0, 12))
    await page.waitForSelector(`#found li:has-text("${run.chain}")`)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${house.url}/run/${run.chain}`)
    await page.keyboard.press('/')
    await page.keyboard.type('nobody-knows-this')
    await page.waitForSelector('.found-none:has-text("Nothing is known")')
    await context.close()
  })

  test('lets somebody in by a token, and out again', async () => {
    const { page, context } = await at(`/run/${run.chain}`, { token: null })
    await page.getByLabel('API token').fill('cst_acmeall_wrongwrongwrongwrong')
    await page.getByRole('button', { name: 'Sign in with the token' }).click()
    await page.waitForSelector('.trouble')
    const { TOKEN } = await import('./house.ts')
    await page.getByLabel('API token').fill(TOKEN)
    await page.getByRole('button', { name: 'Sign in with the token' }).click()
    await page.waitForSelector(DONE)
    await page.getByRole('button', { name: /^Sign out/ }).click()
    await page.waitForSelector('.door')
    await context.close()
  })

  test(`draws a run of ${LONG} steps, and says how long it takes`, async () => {
    const long = straight(LONG)
    await accept(house.server, long)
    const { page, context } = await at(`/run/${long[0]!.statement.predicate.chain.id}`)
    await page.waitForSelector(DONE, { timeout: 50_000 })
    await page.waitForSelector(`a.node.good >> nth=${LONG - 1}`)
    await page.waitForFunction(() => performance.getEntriesByName('countersign-draw').length > 0)
    // Another width draws it anew.
    for (const width of [1100, 1200, 1300, 1400]) {
      await page.setViewportSize({ width, height: 900 })
      await page.waitForTimeout(500)
    }
    const took = (name: string) =>
      page.evaluate((of) => performance.getEntriesByName(of).map(({ duration }) => Math.round(duration)), name)
    const [drawn, whole] = [await took('countersign-draw'), await took('countersign-drawn')]
    expect(drawn.length).toBeGreaterThan(2)
    expect(whole.length).toBeGreaterThan(0)
    // Until it is seen, and until what is out of sight is there too. A machine that is busy takes longer: told, and not
    // asked for.
    console.log(`${LONG} steps drawn in ${drawn.join(', ')} ms; with all out of sight ${whole.join(', ')} ms`)
    // Nothing of it is left out, and each leads to the next.
    expect(await page.locator('a.node').count()).toBe(LONG)
    const edges = await page.locator('.edge[data-edges]').all()
    const counts = await Promise.all(edges.map((one) => one.getAttribute('data-edges')))
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(LONG - 1)
    // As many bars as a picture may have; the table has the others.
    expect(await page.locator('a.span').count()).toBe(200)
    await page.locator('a.node[tabindex="0"]').focus()
    for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight')
    expect(await page.evaluate('document.activeElement.textContent')).toContain('step-20')
    // Chosen, it is drawn anew, and is still where the keyboard is.
    await page.keyboard.press('Enter')
    await page.waitForSelector('a.node.selected')
    expect(await page.evaluate('document.activeElement.matches("a.node[aria-current]")')).toBe(true)
    expect(await page.evaluate('document.activeElement.textContent')).toContain('step-20')
    await context.close()
  }, 120_000)
})

/** So many steps, one after the other. */
function straight(count: number): Signed[] {
  const chain = { id: newChainId(), pipeline: 'shop/long', contract: null }
  const steps: Signed[] = []
  for (let i = 0; i < count; i++) {
    const before = steps.at(-1)
    const one = before?.statement.subject[0]
    steps.push(
      stepOn(who.github, 'github-actions', {
        chain,
        name: `step-${i}`,
        subject: [i === 0 ? source('long') : file(`out-${i}`, `${i}`)],
        ...(before === undefined
          ? {}
          : { previous: [{ link: before.link, step: `step-${i - 1}` }], materials: [received(one!, before.link)] }),
        minute: 0,
      }),
    )
  }
  return steps
}
