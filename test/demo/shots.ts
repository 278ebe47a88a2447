import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openBrowser, visit } from '../interop/dashboard/house.ts'
import { settingsIn } from './organisation/fill.ts'
import { ROOT, startServer } from './world.ts'

/** What README shows: each a page of the organisation that `npm run demo` fills. */
const VERIFIED = '[data-verdict=pass]'
const SHOTS = [
  ['artifact-light', {}, (artifact: string) => `/artifact/sha256:${artifact}`, VERIFIED],
  ['deploys-light', {}, () => '/deploys', '.strip'],
  ['anchors-dark', { dark: true }, () => '/anchors?day=latest', '.calendar'],
] as const

/** Usage: node test/demo/shots.ts [DIRECTORY OF THE ORGANISATION [WHERE TO]]. Needs Chromium. */
const [from = join(ROOT, '.countersign', 'demo'), to = join(ROOT, 'server', 'dashboard', 'shots')] =
  process.argv.slice(2)
const directory = resolve(from)
const server = await startServer(directory, ['--data', directory, '--anchors', settingsIn(directory)])
const browser = await openBrowser()
try {
  mkdirSync(to, { recursive: true })
  const headers = { authorization: `Bearer ${server.token}` }
  const query = 'environment=prod&pipeline=checkout-web&decision=allow&limit=1'
  const reply = await fetch(`${server.url}/v1/deploys?${query}`, { headers })
  const { items } = (await reply.json()) as { items: { artifact: string }[] }
  for (const [name, look, path, seen] of SHOTS) {
    const { page, context } = await visit(browser, { ...look, token: server.token })
    await page.goto(server.url + path(items[0]!.artifact))
    await page.waitForSelector(seen)
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: join(to, `${name}.png`) })
    await context.close()
    console.log(join(to, `${name}.png`))
  }
} finally {
  await browser.close()
  await server.stop()
}
