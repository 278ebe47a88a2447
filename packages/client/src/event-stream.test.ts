import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CodedError, utf8 } from '@countersign/core'
import { type Followed, followedIn } from './event-stream.ts'

const event = (n: number, subject = 'x') => ({
  specversion: '1.0',
  id: `r${n}`,
  source: '//log/local',
  type: 'dev.countersign.step.refused',
  subject,
  time: '2026-11-22T02:00:00.000Z',
  datacontenttype: 'application/json',
  severity: 'warning',
  data: { id: n },
})
const block = (n: number, end = '\n', subject?: string) =>
  `id: r${n + 1}${end}data: ${JSON.stringify(event(n, subject))}${end}${end}`

async function* inParts(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let begin = 0
  for (const cut of [...cuts, bytes.length].map((at) => Math.min(at, bytes.length)).toSorted((a, b) => a - b)) {
    await Promise.resolve()
    yield bytes.slice(begin, cut)
    begin = cut
  }
}

async function read(text: string | Uint8Array, cuts: readonly number[] = []): Promise<readonly Followed[]> {
  const found: Followed[] = []
  for await (const told of followedIn(inParts(typeof text === 'string' ? utf8(text) : text, cuts))) {
    if (told !== null) found.push(told)
  }
  return found
}
const ids = (all: readonly Followed[]) => all.map((told) => `${told.event?.id ?? ''}>${told.cursor}`)

describe('a stream of events', () => {
  it('is the same however it is cut into pieces, and whichever line ends it has', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(2_000), { maxLength: 30 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        async (cuts, end) => {
          const text = `retry: 2000${end}id: r0${end}${end}:${end}${end}${block(0, end, 'naïve ✓ 𝄞')}:ping${end}${end}${block(1, end)}`
          expect(ids(await read(text, cuts))).toEqual(['>r0', 'r0>r1', 'r1>r2'])
        },
      ),
    )
  })

  it('cut off anywhere and gone on with from its last id tells each event once', async () => {
    const bytes = utf8(Array.from({ length: 5 }, (_, n) => block(n)).join(''))
    for (let at = 0; at <= bytes.length; at++) {
      const first = await read(bytes.slice(0, at))
      const from = Number(first.at(-1)?.cursor.slice(1) ?? 0)
      const rest = await read(Array.from({ length: 5 - from }, (_, n) => block(from + n)).join(''))
      expect([at, ...[...first, ...rest].map((told) => told.event!.id)]).toEqual([at, 'r0', 'r1', 'r2', 'r3', 'r4'])
    }
    // Red control: whoever takes what has no end yet is told of it again.
    const cut = utf8(block(0).trimEnd())
    expect(ids(await read(cut))).toEqual([])
    expect(ids(await read(`${block(0).trimEnd()}\n\n`))).toEqual(['r0>r1'])
  })

  it('is refused where it is not one of this server', async () => {
    const code = async (text: string) => {
      try {
        return await read(text)
      } catch (error) {
        return error instanceof CodedError ? error.code : 'internal'
      }
    }
    expect(await code(`data: ${JSON.stringify(event(0))}\n\n`)).toBe('server-answer')
    expect(await code('id: r1\r\n Bcc\n\n')).toEqual([{ event: null, cursor: 'r1' }])
    expect(await code('id: r1 2\n\n')).toBe('server-answer')
    expect(await code('id: r1\ndata: {"type":"x"}\n\n')).toBe('server-answer')
    expect(await code(`id: r1\ndata: ${'x'.repeat(2_000_000)}`)).toBe('server-answer')
    expect(await code('data: x\n'.repeat(300_000))).toBe('server-answer')
  })
})
