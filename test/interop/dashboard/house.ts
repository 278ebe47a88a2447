import { type AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { writeStep } from '@countersign/formats'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { at, linkOf, type Party, parties, seal, type Signed, statement, type StepInput } from '../../pipeline.ts'
import { openTestServer, type TestServer, token } from '../../server.ts'
import { chromiumPath } from '../chromium.ts'

/** A server on a port of its own, as browsers reach it. */
export interface House {
  readonly url: string
  readonly server: TestServer
  /** Every path that was asked for. */
  readonly asked: string[]
  close(): Promise<void>
}

/** `answer` may answer in the server's place; undefined: it does not. */
export async function openHouse(
  answer: (request: Request) => Promise<Response | undefined> | Response | undefined = () => undefined,
  options: Parameters<typeof openTestServer>[0] = {},
): Promise<House> {
  const server = await openTestServer(options)
  const asked: string[] = []
  const listening = serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request: Request) {
      const { pathname, search } = new URL(request.url)
      asked.push(pathname)
      const instead = await answer(request)
      if (instead !== undefined) return instead
      const body = request.method === 'GET' ? {} : { body: new Uint8Array(await request.arrayBuffer()) }
      const headers = Object.fromEntries(request.headers)
      return server.request(request.method, pathname + search, { token: null, headers, ...body })
    },
  })
  await new Promise((resolve) => listening.once('listening', resolve))
  const { port } = listening.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    asked,
    async close() {
      await new Promise((resolve) => listening.close(resolve))
      await server.close()
    },
  }
}

export const TOKEN = token('acme')

/** One browser for all tests of a file; null where this machine has none. */
export const CHROMIUM = chromiumPath()

export async function openBrowser(): Promise<Browser> {
  // As root in a container there is no sandbox to be had; the pages are our own.
  return chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] })
}

export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser complained of: exceptions, errors on the console, refusals by the page's policy. */
  readonly complaints: string[]
  /** Every address that was asked for. */
  readonly requests: string[]
}

/** A reader's own browser window, signed in with a token unless it is null. */
export async function visit(
  browser: Browser,
  options: { dark?: boolean; width?: number; token?: string | null } = {},
): Promise<Visit> {
  const width = options.width ?? 1280
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme: options.dark === true ? 'dark' : 'light',
    reducedMotion: 'reduce',
  })
  const given = options.token === undefined ? TOKEN : options.token
  if (given !== null) await context.addInitScript((text) => sessionStorage.setItem('countersign-token', text), given)
  const page = await context.newPage()
  const [complaints, requests]: [string[], string[]] = [[], []]
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('request', (request) => requests.push(request.url()))
  return { context, page, complaints, requests }
}

/** A step on some system, with what its runner had. */
export function stepOn(
  by: Party,
  system: string,
  input: StepInput,
  more: { tools?: Record<string, string>; actions?: Record<string, string>; argv?: readonly string[] } = {},
): Signed {
  const plain = statement(input)
  const { invocation, runner } = plain.predicate
  const step = {
    ...plain,
    predicate: {
      ...plain.predicate,
      invocation: { ...invocation, argv: more.argv ?? invocation.argv },
      runner: { ...runner, system, tools: more.tools ?? {}, actions: more.actions ?? {} },
    },
  }
  const bundle = seal(by, writeStep(step))
  return { bundle, link: linkOf(bundle), statement: step }
}

export const who = parties()
export const signers = [who.github, who.codebuild, who.cloudbuild, who.azure]

/** Hands steps in, in order, and fails where one is refused. */
export async function accept(server: TestServer, steps: readonly Signed[]): Promise<void> {
  for (const { bundle, statement: step } of steps) {
    const reply = await server.append(bundle)
    if (reply.status !== 201) throw new Error(`${step.predicate.step.name}: ${await reply.text()}`)
  }
  // What a running server does when nobody writes.
  while ((await server.store.views.count(1_000)) > 0);
}

export { at }
