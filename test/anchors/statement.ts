import { writeLogStatement } from '@countersign/formats'

const root = (byte: number) => new Uint8Array(32).fill(byte)

/** The text of a statement of a log, as anchors are made over: of the day before its time. */
export function statementText({ time = '2026-11-21T00:00:07.123Z', number = 7 } = {}): string {
  const end = `${time.slice(0, 10)}T00:00:00.000Z`
  return writeLogStatement({
    origin: 'log.example/a',
    number,
    start: new Date(Date.parse(end) - 86_400_000).toISOString(),
    end,
    covers: 1,
    size: 300,
    sha256: root(1),
    sha3_256: root(2),
    heads: { count: 40, root: root(3) },
    previous: number === 0 ? null : { sha256: root(4), sha3_256: root(5) },
    time,
  })
}
