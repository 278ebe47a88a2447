import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A browser to try pages in, null where this machine has none. */
export function chromiumPath(): string | null {
  const found = spawnSync('sh', [
    '-c',
    'command -v chromium || command -v chromium-browser || command -v google-chrome',
  ])
  const path = found.stdout.toString().trim()
  return path === '' ? null : path
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

/** One page in a headless browser, spoken to in the Chrome DevTools Protocol. */
export class Tab {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve(result: Message['result']): void; reject(error: Error): void }>()
  #next = 1
  /** Every address that was asked for. */
  readonly requests: string[] = []
  /** What the browser complained of: exceptions and refusals by the page's policy. */
  readonly complaints: string[] = []

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process
    this.#profile = profile
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#hear(JSON.parse(String(data)) as Message))
  }

  static async open(path: string): Promise<Tab> {
    const profile = mkdtempSync(join(tmpdir(), 'countersign-chromium-'))
    // As root in a container there is no sandbox to be had; the pages are our own.
    const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', '--no-first-run']
    const child = spawn(path, [...args, `--user-data-dir=${profile}`, 'about:blank'], { stdio: 'ignore' })
    const port = await portOf(join(profile, 'DevToolsActivePort'))
    const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      type: string
      webSocketDebuggerUrl: string
    }[]
    const socket = new WebSocket(pages.find(({ type }) => type === 'page')!.webSocketDebuggerUrl)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', () => reject(new Error('the browser does not answer')))
    })
    const tab = new Tab(child, profile, socket)
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await tab.send(`${domain}.enable`)
    return tab
  }

  send(method: string, params: object = {}): Promise<Message['result']> {
    const id = this.#next++
    this.#socket.send(JSON.stringify({ id, method, params }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  #hear({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new Error(error.message))
    } else if (method === 'Network.requestWillBeSent') {
      this.requests.push((params!['request'] as { url: string }).url)
    } else if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
      this.complaints.push(JSON.stringify(params))
    }
  }

  goto(url: string): Promise<unknown> {
    return this.send('Page.navigate', { url })
  }

  /** The value of an expression in the page, awaited. */
  async eval<T>(expression: string): Promise<T> {
    const answer = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    const { result, exceptionDetails } = answer as { result: { value: T }; exceptionDetails?: object }
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }

  /** Waits until an expression holds. */
  async until(expression: string): Promise<void> {
    for (let left = 400; left > 0; left--) {
      if (await this.eval<boolean>(`Boolean(${expression})`)) return
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error(`never came true: ${expression}`)
  }

  async look(options: { width: number; height: number; dark?: boolean; print?: boolean }): Promise<void> {
    const { width, height } = options
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
    const features = [{ name: 'prefers-color-scheme', value: options.dark === true ? 'dark' : 'light' }]
    await this.send('Emulation.setEmulatedMedia', { media: options.print === true ? 'print' : '', features })
  }

  /** PNG of the whole page. */
  async screenshot(): Promise<Uint8Array> {
    const shot = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })
    return Buffer.from(shot!['data'] as string, 'base64')
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#socket.close()
    this.#process.kill('SIGKILL')
    await gone
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

async function portOf(file: string): Promise<number> {
  for (let left = 400; left > 0; left--) {
    if (existsSync(file)) {
      const port = Number(readFileSync(file, 'utf8').split('\n')[0])
      if (port > 0) return port
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the browser did not start')
}
