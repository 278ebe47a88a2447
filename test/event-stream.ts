/** One block of a stream of events, as a client reads it. */
export interface Block {
  readonly id: string | null
  /** Null for what tells nothing but an id, or that the stream is alive. */
  readonly data: { readonly id: string; readonly type: string } | null
}

/** Reads a stream of events as a browser would. */
export class EventClient {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  #text = ''

  constructor(response: Response) {
    this.#reader = response.body!.getReader()
  }

  /** The next block; null when the stream has ended. */
  async next(): Promise<Block | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n')
        this.#text = this.#text.slice(end + 2)
        const field = (name: string) =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
        const data = field('data')
        return { id: field('id'), data: data === null ? null : (JSON.parse(data) as Block['data']) }
      }
      const { done, value } = await this.#reader.read()
      if (done) return null
      this.#text += this.#decoder.decode(value, { stream: true })
    }
  }

  close(): Promise<void> {
    return this.#reader.cancel()
  }
}
