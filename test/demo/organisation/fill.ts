import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { signInUrl } from '../../../server/routes/people.ts'
import { Hook } from '../../hook.ts'
import { memoryWith } from '../../memory.ts'
import { startServer } from '../world.ts'
import { WalkingClock } from './clock.ts'
import { Clouds } from './clouds.ts'
import { DAYS, fillMonth, type Month } from './month.ts'
import { Office } from './office.ts'
import { Outside } from './outside.ts'

const DAY = 86_400_000

/** An organisation that was filled: its data directory is what a server goes on with. */
export interface Organisation extends Month {
  /** Attestations and all else that is in its log. */
  readonly entries: number
  /** Code that signs its administrator in, for half an hour. */
  readonly code: string
}

/** Where in it the settings of its anchors are. */
const ANCHORS = 'anchors'
/** What a demo leaves in its directory, by which the next knows it. */
const MARK = 'made-by-the-demo'
/** Bytes of memory that must be free to be written to. */
const ENOUGH = 512 * 1024 * 1024

/**
 * Fills the data directory of a server with a month of an organisation that ends now, in the place of what an earlier demo
 * has left there; throws where there is something else.
 * `passed` is told how many of its days are over; a `calm` month has half of the runs.
 */
export async function fillOrganisation(
  directory: string,
  passed: (day: number, of: number) => void,
  { calm = false } = {},
): Promise<Organisation> {
  checkReplaceable(directory)
  // A month of days in half a minute: each write that is to survive a power cut would wait for a disk.
  const scratch = mkdtempSync(join(memoryWith(ENOUGH) ?? tmpdir(), 'countersign-demo-'))
  const remove = () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
  // Also when it is broken off: memory is not given back otherwise before the machine starts anew.
  process.once('exit', remove)
  try {
    const filled = await fill(join(scratch, 'data'), calm, passed)
    // What the server's last reader could not move.
    const database = new Database(join(scratch, 'data', 'countersign.db'))
    database.pragma('wal_checkpoint(TRUNCATE)')
    database.close()
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    // First: what is broken off in the middle may be replaced as well.
    writeFileSync(join(directory, MARK), '')
    cpSync(join(scratch, 'data'), directory, { recursive: true })
    return filled
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** Nobody's own data goes because of a word on a command line. */
function checkReplaceable(directory: string): void {
  if (!existsSync(directory) || readdirSync(directory).length === 0 || existsSync(join(directory, MARK))) return
  throw new Error(`${directory} is not what a demo has left: name another with --directory`)
}

/** The settings of its anchors: a server that has them names whom to believe, and finds nobody there any more. */
export function settingsIn(directory: string): string {
  return join(directory, ANCHORS, 'anchors.json')
}

/** Serves it until somebody ends that. */
export async function serveOrganisation(directory: string, code: string, say: (text: string) => void): Promise<void> {
  const server = await startServer(directory, ['--data', directory, '--anchors', settingsIn(directory)])
  say(`\n  Open ${signInUrl(server.url, code)}`)
  say('  Ctrl-C ends it.')
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })
  await server.stop()
}

async function fill(
  directory: string,
  calm: boolean,
  passed: (day: number, of: number) => void,
): Promise<Organisation> {
  const end = Date.now()
  const first = (Math.floor(end / DAY) - DAYS) * DAY
  const clock = new WalkingClock(first)
  const clouds = new Clouds()
  const hook = await Hook.open()
  const outside = await Outside.open(clock, end)
  const office = await Office.open(directory, { clock, clouds, hook: hook.host, anchors: outside.anchors })
  try {
    const { deps } = office.server
    await deps.events.start()
    const month = await fillMonth({
      office,
      clouds,
      clock,
      hook: hook.host,
      first,
      end,
      calm,
      newDay: (day) => outside.prove(day, deps.anchors.lanes),
      passed: (day) => passed(day, DAYS),
    })
    clock.catchUp(Date.now())
    while ((await deps.store.views.count(1_000)) > 0);
    const entries = deps.log.size
    await outside.writeSettings(join(directory, ANCHORS))
    return { ...month, entries, code: await office.linkFor(month.admin) }
  } finally {
    await office.server.close()
    await Promise.all([hook.close(), outside.close()])
  }
}
