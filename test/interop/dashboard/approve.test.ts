import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { writeDeviationLine, writeSignedContract } from '@countersign/formats'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signContract, signDeviation } from '../../acts.ts'
import { type Browser as SignedIn, signIn } from '../../people.ts'
import { file, keyText, newChainId, party, received, sha256, signStep, source } from '../../pipeline.ts'
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
/** Each is a day at a desk: signing in, a passkey, a run, a gate. */
const LONG = 180_000

interface Run {
  readonly chain: string
  readonly artifact: string
}

describe.runIf(CHROMIUM !== null)('approving on the page', () => {
  let browser: Browser
  let house: House
  /** By name: a passkey is of a name, and never of an address. */
  let url: string
  const [ci, lead, second] = [party('ci'), party('lead'), party('second')]
  beforeAll(async () => {
    // What is signed in a browser is of its time.
    house = await openHouse(undefined, { now: () => new Date().toISOString() })
    url = house.url.replace('127.0.0.1', 'localhost')
    await house.server.enrol([ci])
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  interface Desk extends Visit {
    readonly who: SignedIn
    readonly cdp: CDPSession
    readonly authenticatorId: string
  }

  /** Somebody at their browser, signed in, with an authenticator of its own. */
  async function desk(
    role: 'approver' | 'viewer' | 'admin',
    look: { dark?: boolean; width?: number } = {},
  ): Promise<Desk> {
    const who = await signIn(house.server, role)
    const visited = await visit(browser, { ...look, token: null })
    visited.page.setDefaultTimeout(LONG / 2)
    const at = who.cookie.indexOf('=')
    await visited.context.addCookies([{ name: who.cookie.slice(0, at), value: who.cookie.slice(at + 1), url }])
    const cdp = await visited.context.newCDPSession(visited.page)
    await cdp.send('WebAuthn.enable')
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR })
    return { ...visited, who, cdp, authenticatorId }
  }

  /** The passkey that somebody makes on the page Settings, as its text. */
  async function enrolled({ page }: Desk): Promise<string> {
    await page.goto(`${url}/settings`)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.waitForSelector('#passkeys .once code')
    return (await page.textContent('#passkeys .once code')) ?? ''
  }

  let pipelines = 0
  let pipeline = ''
  beforeEach(() => {
    pipeline = `shop/web-${++pipelines}`
  })

  /** A build that waits for approval, under a contract that asks these to. */
  async function built(
    people: Readonly<Record<string, string>>,
    atLeast = 1,
    maintainers: readonly string[] = [],
  ): Promise<Run> {
    const names = Object.keys(people)
    const contract = [
      'contract: v1',
      `pipeline: ${pipeline}`,
      'revision: 1',
      'signers:',
      `  ci: ${keyText(ci)}`,
      ...names.map((name) => `  ${name}: ${people[name]}`),
      'steps:',
      '  source:',
      '    signers: [ci]',
      '  build:',
      '    after: [source]',
      '    signers: [ci]',
      '    products: [dist/app.tgz]',
      '  approve:',
      '    after: [build]',
      `    signers: [${names.join(', ')}]`,
      `    approvals: ${atLeast}`,
      'final: approve',
      ...(maintainers.length === 0 ? [] : ['maintainers:', '  threshold: 2', '  of:', ...maintainers]),
    ].join('\n')
    const put = await house.server.request('PUT', `/v1/contracts/${pipeline}`, {
      body: maintainers.length === 0 ? contract : writeSignedContract(signContract(contract, [lead, second])),
    })
    if (!put.ok) throw new Error(await put.text())
    return again(sha256(contract))
  }

  /** Another build under the contract of this test. */
  async function again(contract: string): Promise<Run> {
    const chain = { id: newChainId(), pipeline, contract }
    const code = source(chain.id)
    const first = signStep(ci, { chain, name: 'source', subject: [code] })
    const app = file('dist/app.tgz', chain.id)
    const build = signStep(ci, {
      chain,
      name: 'build',
      previous: [{ link: first.link, step: 'source' }],
      materials: [received(code, first.link)],
      subject: [app],
      minute: 2,
    })
    for (const { bundle } of [first, build]) {
      const reply = await house.server.append(bundle)
      if (reply.status !== 201) throw new Error(await reply.text())
    }
    while ((await house.server.store.views.count(1_000)) > 0);
    return { chain: chain.id, artifact: app.digest.sha256 }
  }

  async function gate({ artifact }: Run): Promise<readonly [decision: string, codes: readonly string[]]> {
    const body = JSON.stringify({ artifact, pipeline, environment: 'production' })
    const reply = await house.server.request('POST', '/v1/gate', { body })
    const { decision, findings = [] } = (await reply.json()) as { decision?: string; findings?: { code: string }[] }
    return [decision ?? (reply.ok ? 'allow' : 'deny'), findings.map(({ code }) => code)]
  }

  const shot = async (page: Page, name: string) => {
    if (SHOTS === null) return
    mkdirSync(SHOTS, { recursive: true })
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
  }
  const axe = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  }
  const approve = async (page: Page, as: string) => {
    await page.getByRole('button', { name: `Approve as ${as}` }).click()
    await page.getByRole('button', { name: 'Sign with your passkey' }).click()
  }

  test.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['phone', { width: 390 }],
  ] as const)(
    'opens the gate, with what was signed shown before (%s)',
    async (name, look) => {
      const at = await desk('approver', look)
      const { page } = at
      const passkey = await enrolled(at)
      expect(passkey).toMatch(/^passkey:localhost:[A-Za-z0-9_-]+:http:\/\/localhost:\d+$/)
      await axe(page)
      await shot(page, `settings-${name}`)
      const run = await built({ ana: passkey })
      expect((await gate(run))[0]).toBe('deny')
      await page.goto(`${url}/artifact/sha256:${run.artifact}`)
      await page.waitForSelector(DONE)
      await axe(page)
      await shot(page, `asked-${name}`)
      await page.getByRole('button', { name: 'Approve as ana' }).click()
      const shown = page.getByRole('group', { name: 'What you are about to sign' })
      await shown.waitFor()
      const text = await shown.innerText()
      for (const part of [
        'dist/app.tgz',
        // All of it: twelve digits of a digest can be made to fit.
        run.artifact,
        'ana',
        'approve',
        pipeline,
        run.chain,
        'build',
      ])
        expect(text).toContain(part)
      await axe(page)
      await shot(page, `draft-${name}`)
      await page.getByRole('button', { name: 'Sign with your passkey' }).click()
      await page.waitForSelector('[data-verdict=pass]')
      await page.waitForSelector('#approvals :text("You approved, as ana.")')
      await shot(page, `approved-${name}`)
      expect(await gate(run)).toEqual(['allow', []])
      // It would have RSA as well, of which nothing verifies here.
      expect(at.complaints.filter((one) => !one.includes('RS256'))).toEqual([])
      expect(at.requests.filter((one) => !one.startsWith(url) && !one.startsWith('blob:'))).toEqual([])
      await at.context.close()
    },
    LONG,
  )

  test(
    'of two people one is not enough, and each has a passkey of their own',
    async () => {
      const [ana, ben] = [await desk('approver'), await desk('admin')]
      const keys = { ana: await enrolled(ana), ben: await enrolled(ben) }
      const run = await built(keys, 2)
      await ana.page.goto(`${url}/run/${run.chain}`)
      await approve(ana.page, 'ana')
      await ana.page.waitForSelector('#approvals :text("You approved, as ana.")')
      expect((await gate(run))[0]).toBe('deny')
      await ben.page.goto(`${url}/run/${run.chain}`)
      await approve(ben.page, 'ben')
      await ben.page.waitForSelector('#approvals :text("2 of 2")')
      expect(await gate(run)).toEqual(['allow', []])
      await Promise.all([ana.context.close(), ben.context.close()])
    },
    LONG,
  )

  test(
    'a passkey that was revoked meanwhile approves nothing',
    async () => {
      const at = await desk('approver')
      const run = await built({ ana: await enrolled(at) })
      await at.page.goto(`${url}/run/${run.chain}`)
      await at.page.getByRole('button', { name: 'Approve as ana' }).click()
      const sign = at.page.getByRole('button', { name: 'Sign with your passkey' })
      await sign.waitFor()
      // On another page of theirs.
      const { items } = (await (await at.who.request('GET', '/v1/me/passkeys')).json()) as {
        items: { keyId: string }[]
      }
      expect((await at.who.request('POST', `/v1/me/passkeys/${items[0]!.keyId}/revoke`)).status).toBe(200)
      await sign.click()
      await at.page.waitForSelector('#approvals .trouble code:text("signer-revoked")')
      expect((await gate(run))[0]).toBe('deny')
      // And from now on the page does not offer it: it prints the way with a key.
      await at.page.reload()
      await at.page.waitForSelector('#approvals .command :text("countersign approve")')
      expect(await at.page.getByRole('button', { name: 'Approve as ana' }).count()).toBe(0)
      await at.context.close()
    },
    LONG,
  )

  test(
    'revokes by hand, asked twice',
    async () => {
      const at = await desk('approver')
      await enrolled(at)
      await at.page.getByRole('button', { name: 'Revoke', exact: true }).click()
      await at.page.getByRole('button', { name: 'Revoke it for good' }).click()
      await at.page.waitForSelector('#passkeys .mark:text("revoked"), #passkeys :text("revoked")')
      const { items } = (await (await at.who.request('GET', '/v1/me/passkeys')).json()) as {
        items: { state: string }[]
      }
      expect(items.map(({ state }) => state)).toEqual(['revoked'])
      await at.context.close()
    },
    LONG,
  )

  test(
    'an authenticator that does not know its holder signs nothing, and the page says so',
    async () => {
      const at = await desk('approver')
      const run = await built({ ana: await enrolled(at) })
      await at.page.goto(`${url}/run/${run.chain}`)
      await at.cdp.send('WebAuthn.setUserVerified', { authenticatorId: at.authenticatorId, isUserVerified: false })
      await approve(at.page, 'ana')
      await at.page.waitForSelector('#approvals .trouble code:text("sign-failed")')
      expect((await gate(run))[0]).toBe('deny')
      await at.context.close()
    },
    LONG,
  )

  test(
    'signs a deviation as one of two maintainers, and hands it in',
    async () => {
      const at = await desk('approver')
      const { page } = at
      const passkey = await enrolled(at)
      const maintainers = [`    lead: ${keyText(lead)}`, `    second: ${keyText(second)}`, `    ana: ${passkey}`]
      const run = await built({ ben: keyText(party('ben')) }, 1, maintainers)
      const { items } = (await (await house.server.request('GET', '/v1/contracts')).json()) as {
        items: { pipeline: string; digest: string }[]
      }
      const now = Date.now()
      const deviation = (chain: string) =>
        writeDeviationLine(
          signDeviation(
            {
              contract: items.find((one) => one.pipeline === pipeline)!.digest,
              pipeline,
              chain,
              artifact: null,
              excuses: [{ code: 'step-skipped', step: 'approve' }],
              reason: 'Ben is away, INC-7 <img src=x onerror=alert(1)>',
              issuedAt: new Date(now - 60_000).toISOString(),
              expiresAt: new Date(now + 86_400_000).toISOString(),
            },
            [lead],
          ),
        )
      const choose = (line: Uint8Array) =>
        page.setInputFiles('#deviation input[type=file]', {
          name: 'deviation.json',
          mimeType: 'application/json',
          buffer: Buffer.from(line),
        })
      await page.goto(`${url}/run/${run.chain}`)
      await page.waitForSelector('#deviation')
      // What was changed on its way has no signature that counts.
      const bent = Buffer.from(deviation(run.chain))
      const text = bent.toString().replace(/"payload":"[^"]*"/, (one) => {
        const said = Buffer.from(one.slice(11, -1), 'base64').toString().replace('Ben', 'Bea')
        return `"payload":"${Buffer.from(said).toString('base64')}"`
      })
      await choose(Buffer.from(text))
      await page.waitForSelector('#deviation :text("0 of 2")')
      await choose(deviation(run.chain))
      await page.waitForSelector('#deviation :text("1 of 2")')
      expect(await page.getByRole('group', { name: 'The deviation' }).innerText()).toContain('INC-7 <img')
      expect(await page.getByRole('button', { name: 'Hand it in' }).count()).toBe(0)
      // For now with one signature, and then with both.
      await page.getByRole('button', { name: 'Have it wait for the others' }).click()
      await page.waitForSelector('#deviation :text("It waits at the server")')
      await page.waitForSelector('#deviation .waits :text("1 of 2 have signed")')
      await choose(deviation(run.chain))
      await page.waitForSelector('#deviation :text("1 of 2")')
      await axe(page)
      await shot(page, 'deviation')
      await page.locator('#deviation').getByRole('button', { name: 'Sign with your passkey' }).click()
      await page.waitForSelector('#deviation :text("2 of 2")')
      await page.getByRole('button', { name: 'Hand it in' }).click()
      await page.waitForSelector('#deviation :text("It is in the log")')
      const lines = await (await house.server.request('GET', `/v1/chains/${run.chain}`)).text()
      expect(lines).toContain('application/vnd.countersign.signed-deviation.v1+json')
      expect(at.complaints.filter((one) => !one.includes('RS256'))).toEqual([])
      await at.context.close()
    },
    LONG,
  )

  test(
    'finds a deviation that waits, on the page of deploys, and signs it for the next who takes it from there',
    async () => {
      const at = await desk('approver')
      const { page } = at
      const passkey = await enrolled(at)
      const maintainers = [`    lead: ${keyText(lead)}`, `    second: ${keyText(second)}`, `    ana: ${passkey}`]
      const run = await built({ ben: keyText(party('ben')) }, 1, maintainers)
      const { items } = (await (await house.server.request('GET', '/v1/contracts')).json()) as {
        items: { pipeline: string; digest: string }[]
      }
      const now = Date.now()
      const deviation = signDeviation(
        {
          contract: items.find((one) => one.pipeline === pipeline)!.digest,
          pipeline,
          chain: run.chain,
          artifact: null,
          excuses: [{ code: 'step-skipped', step: 'approve' }],
          reason: 'Ben is away, INC-8 <img src=x onerror=alert(1)>',
          issuedAt: new Date(now - 60_000).toISOString(),
          expiresAt: new Date(now + 86_400_000).toISOString(),
        },
        [lead],
      )
      const body = writeDeviationLine(deviation)
      const sent = await house.server.request('POST', `/v1/chains/${run.chain}/proposals`, { body })
      expect(sent.status).toBe(202)
      await page.goto(`${url}/deploys`)
      await page.waitForSelector('#waiting :text("1 of 2: lead")')
      expect(await page.locator('#waiting').innerText()).toContain('INC-8 <img')
      await axe(page)
      await shot(page, 'deviations-that-wait')
      await page.locator(`#waiting a[href*="${run.chain}"]`).click()
      await page.waitForSelector('#deviation .waits')
      await page.getByRole('button', { name: 'Look at it' }).click()
      await page.waitForSelector('#deviation :text("1 of 2")')
      // It waits as it is.
      expect(await page.getByRole('button', { name: 'Have it wait' }).count()).toBe(0)
      await axe(page)
      await shot(page, 'deviation-waits')
      await page.locator('#deviation').getByRole('button', { name: 'Sign with your passkey' }).click()
      await page.getByRole('button', { name: 'Hand it in' }).click()
      await page.waitForSelector('#deviation :text("It is in the log")')
      expect(await (await house.server.request('GET', '/v1/proposals')).json()).toEqual({ items: [] })
      expect(at.complaints.filter((one) => !one.includes('RS256'))).toEqual([])
      await at.context.close()
    },
    LONG,
  )

  test(
    'whom the contract does not name, who may not, and who came by a token are told what to do',
    async () => {
      const named = await desk('approver')
      const run = await built({ ana: await enrolled(named) })
      await named.context.close()
      const other = await desk('approver')
      await enrolled(other)
      await other.page.goto(`${url}/run/${run.chain}`)
      await other.page.waitForSelector('#approvals :text("names none of your passkeys")')
      expect(await other.page.textContent('#approvals .command')).toContain(`--chain ${run.chain} --key YOUR.key`)
      await shot(other.page, 'command')
      await other.context.close()
      const viewer = await desk('viewer')
      await viewer.page.goto(`${url}/run/${run.chain}`)
      await viewer.page.waitForSelector('#approvals :text("takes the role of an approver")')
      await viewer.page.goto(`${url}/settings`)
      await viewer.page.waitForSelector('#passkeys')
      expect(await viewer.page.getByRole('button', { name: 'Add a passkey' }).count()).toBe(0)
      await viewer.context.close()
      const { page, context } = await visit(browser)
      await page.goto(`${url}/run/${run.chain}`)
      await page.waitForSelector('#approvals :text("a token, which is nobody")')
      await context.close()
    },
    LONG,
  )

  test(
    'by an address, and not by a name, there is none',
    async () => {
      const who = await signIn(house.server, 'approver')
      const { page, context } = await visit(browser, { token: null })
      const at = who.cookie.indexOf('=')
      const cookie = { name: who.cookie.slice(0, at), value: who.cookie.slice(at + 1), url: house.url }
      await context.addCookies([cookie])
      await page.goto(`${house.url}/settings`)
      await page.waitForSelector('#passkeys :text("reached by an address")')
      expect(await page.getByRole('button', { name: 'Add a passkey' }).count()).toBe(0)
      await context.close()
    },
    LONG,
  )
})
