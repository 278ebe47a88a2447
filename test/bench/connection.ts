import { connect, type Socket } from 'node:net'

/**
 * One HTTP/1.1 connection that sends whole requests and reads whole replies of a known length: the load must cost a
 * fraction of what it measures, and shares the cores with it.
 */
export class Connection {
  readonly #socket: Socket
  readonly #head: string
  #received = ''
  #reply: { readonly done: (reply: Reply) => void; readonly failed: (error: Error) => void } | null = null

  constructor(url: string, token: string) {
    const { hostname, port } = new URL(url)
    this.#head = `HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`
    this.#socket = connect(Number(port), hostname).setNoDelay(true).setEncoding('latin1')
    this.#socket.on('data', (text) => this.#read(String(text)))
    this.#socket.on('error', (error) => this.#reply?.failed(error))
    this.#socket.on('close', () => this.#reply?.failed(new Error('the server closed the connection')))
  }

  /** One request at a time. */
  post(path: string, body: Uint8Array): Promise<Reply> {
    return new Promise((done, failed) => {
      this.#reply = { done, failed }
      const head = `POST ${path} ${this.#head}content-length: ${body.length}\r\n\r\n`
      this.#socket.write(Buffer.concat([Buffer.from(head), body]))
    })
  }

  /** One request at a time. */
  get(path: string): Promise<Reply> {
    return new Promise((done, failed) => {
      this.#reply = { done, failed }
      this.#socket.write(`GET ${path} ${this.#head}\r\n`)
    })
  }

  close(): void {
    this.#reply = null
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#received += text
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = /\r\ncontent-length: ([0-9]+)/i.exec(this.#received.slice(0, end))
    if (length === null) return this.#reply?.failed(new Error('the reply does not tell its length'))
    if (this.#received.length < end + 4 + Number(length[1])) return
    const reply = { status: Number(this.#received.slice(9, 12)), text: this.#received.slice(end + 4) }
    this.#received = ''
    this.#reply?.done(reply)
  }
}

export interface Reply {
  readonly status: number
  /** Its bytes, a character each. */
  readonly text: string
}
