import { mkdirSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { noteKey, writeVkey } from '@countersign/formats'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bench } from '../../e2e/cli.ts'
import { signIn } from '../../people.ts'
import { contractText, honestRun } from '../../pipeline.ts'
import { accept, CHROMIUM, type House, openBrowser, openHouse, signers, TOKEN, visit, who } from './house.ts'

/** What people come for, from the first click to the last. */

const DONE = '[data-verdict]:not([data-verdict=checking])'

describe.runIf(CHROMIUM !== null)('from a search to an audit pack', () => {
  const bench = new Bench()
  const runs = ['first', 'second'].map((commit) => honestRun({ who, commit }))
  const [run] = runs as [(typeof runs)[number]]
  let browser: Browser
  let house: House
  beforeAll(async () => {
    house = await openHouse()
    await house.server.enrol(signers)
    const reply = await house.server.request('PUT', '/v1/contracts/shop/web', { body: contractText(who) })
    if (!reply.ok) throw new Error(await reply.text())
    for (const { steps } of runs) await accept(house.server, steps)
    browser = await openBrowser()
    bench.write('contract.yaml', contractText(who))
    for (const name of ['test', 'another']) {
      const key = noteKey(name, 'ed25519', house.server.deps.gate.signer.publicKey, nodeCrypto)
      bench.write(`${name}.vkey`, `${writeVkey(key)}\n`)
    }
  })
  afterAll(async () => {
    await browser.close()
    await house.close()
    bench.remove()
  })

  test('somebody searches, sees an edge break and why, and hands the period to an auditor', async () => {
    const { page, context, complaints } = await visit(browser)
    await page.goto(house.url)
    await page.waitForSelector('#runs table')
    await page.keyboard.press('/')
    await page.keyboard.type(run.app.digest.sha256)
    await page.waitForSelector('#found li')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${house.url}/artifact/sha256:${run.app.digest.sha256}`)
    await page.goto(`${house.url}/artifact/sha256:${run.app.digest.sha256}?step=${run.build.link}`)
    await page.waitForSelector(DONE)
    expect(await page.getAttribute(DONE, 'data-verdict')).toBe('pass')
    await page.getByRole('button', { name: 'Flip one byte of it' }).click()
    await page.waitForSelector('[data-verdict=fail]')
    expect(await page.locator('.edge.broken[data-edges]').count()).toBeGreaterThan(0)
    const code = (await page.locator('.code').first().textContent())!
    const explained = bench.cli(bench.root, ['explain', code])
    expect([explained.code, explained.out]).toEqual([0, expect.stringContaining(code)])
    await page.getByRole('button', { name: 'Take it back' }).first().click()
    await page.waitForSelector('[data-verdict=pass]')

    await page.goto(`${house.url}/audit?since=2026-11-01&until=2026-11-30`)
    await page.waitForSelector('.pack-holds')
    expect(await page.textContent('.pack-holds')).toMatch(/2 runs.*8 steps/s)
    expect(await page.locator('#acts th:has-text("pack.exported")').count()).toBe(0)
    await page.getByRole('button', { name: 'Make the pack' }).click()
    // Nobody loads the page again: that it was made is told beneath.
    await page.waitForSelector('#acts th:has-text("pack.exported")')
    const download = page.waitForEvent('download')
    await page.locator('.pack-made').getByRole('button', { name: 'Download' }).click()
    const pack = bench.path('pack.tar')
    const saved = await download
    expect(saved.suggestedFilename()).toBe('audit-2026-11-01-to-2026-11-30.tar')
    await saved.saveAs(pack)
    const verify = (...more: readonly string[]) => {
      const args = ['audit', 'verify', pack, '--format', 'json', ...more]
      const { out, code: exit } = bench.cli(bench.root, args)
      return [exit, JSON.parse(out)] as const
    }
    const believed = ['--contract', bench.path('contract.yaml'), '--trust', bench.path('test.vkey')]
    expect(verify(...believed)).toMatchObject([
      0,
      { verdict: 'pass', trust: 'caller', believed: { proven: 2 }, pack: { by: { kind: 'token', id: 'acmeall' } } },
    ])
    // Red control: a log of another name does not vouch for it, though its key is the same.
    expect(verify('--contract', bench.path('contract.yaml'), '--trust', bench.path('another.vkey'))).toMatchObject([
      1,
      { verdict: 'fail', findings: [{ code: 'signer-unknown' }] },
    ])
    await page.locator('.pack-made a[href*="about="]').click()
    await page.waitForSelector('th:has-text("pack.exported")')
    expect(complaints).toEqual([])
    await context.close()
  })

  test('a digest that nobody vouches for says what gates said of it, to whom, and why', async () => {
    const digest = 'ab'.repeat(32)
    const body = JSON.stringify({
      artifact: digest,
      pipeline: 'shop/web',
      environment: 'prod',
      requester: 'kubectl@laptop',
    })
    expect((await house.server.request('POST', '/v1/gate', { body })).status).toBe(403)
    const { page, context, complaints } = await visit(browser)
    await page.goto(`${house.url}/artifact/sha256:${digest}`)
    await page.waitForSelector('#asked table')
    await page.waitForSelector('.empty-title')
    expect(await page.textContent('main')).toContain('Nobody vouches for these bytes here')
    const row = await page.textContent('#asked tbody tr')
    for (const part of ['refused', 'artifact-unproven', 'prod', 'shop/web', 'kubectl@laptop'])
      expect(row).toContain(part)
    const code = (await page.locator('#asked .code').first().textContent())!
    await page.locator('#asked summary').click()
    const explained = bench.cli(bench.root, ['explain', code])
    expect(explained.out).toContain((await page.textContent('#asked .reason-more p'))!)
    // The control: of one that no gate was asked about nothing is told.
    await page.goto(`${house.url}/artifact/sha256:${'cd'.repeat(32)}`)
    await page.waitForSelector('.empty')
    await page.waitForLoadState('networkidle')
    expect(await page.locator('#asked').count()).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })

  test('by a session, the archive is an ordinary download', async () => {
    const { page, context } = await visit(browser, { token: null })
    const auditor = await signIn(house.server, 'auditor')
    const [name, value] = auditor.cookie.split('=') as [string, string]
    await context.addCookies([{ name, value, url: house.url, httpOnly: true, sameSite: 'Strict' }])
    await page.goto(`${house.url}/audit?since=2026-11-01&until=2026-11-30`)
    await page.getByRole('button', { name: 'Make the pack' }).click()
    const download = page.waitForEvent('download')
    await page.locator('.pack-made', { hasText: auditor.name }).getByRole('link', { name: 'Download' }).click()
    await (await download).saveAs(bench.path('by-session.tar'))
    const ran = bench.cli(bench.root, ['audit', 'verify', bench.path('by-session.tar'), '--format', 'json'])
    expect(JSON.parse(ran.out)).toMatchObject({ verdict: 'pass', pack: { by: { kind: 'person', name: auditor.name } } })
    await context.close()
  })

  test.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['phone', { width: 390 }],
  ] as const)('the page of packs is for everybody, %s', async (look, options) => {
    const { page, context } = await visit(browser, { ...options, token: TOKEN })
    await page.goto(`${house.url}/audit?since=2026-11-01&until=2026-11-30`)
    await page.waitForSelector('.pack-made')
    await page.waitForLoadState('networkidle')
    if (process.env['SHOTS'] !== undefined) {
      mkdirSync(process.env['SHOTS'], { recursive: true })
      await page.screenshot({ path: `${process.env['SHOTS']}/audit-${look}.png`, fullPage: true })
    }
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await context.close()
  })
})
