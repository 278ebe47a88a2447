import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { type Access, SessionFiles, type SessionFilesOptions } from './session-files.ts'

let root: string
let now: number
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-sessions-'))
  mkdirSync(join(root, 'work'))
  now = Date.parse('2026-11-01T12:00:00Z')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const path = (...parts: readonly string[]) => join(root, ...parts)
const files = (more: Partial<SessionFilesOptions> = {}) =>
  new SessionFiles({
    places: [path('state')],
    workspace: path('work'),
    server: 'https://server.example',
    now: () => now,
    patience: 2_000,
    ...more,
  })
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'
const session = (n = 1): Access => ({
  token: `cst_s${'0'.repeat(24)}_${String(n).repeat(64)}`,
  expiresAt: now + 3_600_000,
})
/** What a process was given, and whether it was kept for it. */
async function shown(sessions: SessionFiles, token = TOKEN, opened: Access = session()) {
  let kept: Access | null = null
  const { access } = await sessions.within(token, (found) => {
    kept = found
    return Promise.resolve({ access: found ?? opened })
  })
  return { access, kept: kept as Access | null }
}
const directory = () => path('state', readdirSync(path('state'))[0]!)
const held = () => readdirSync(directory())
const only = () => join(directory(), held()[0]!)

describe('a session that is kept', () => {
  test('is there for the process that comes next, for the same token and server alone', async () => {
    expect(await shown(files())).toEqual({ access: session(), kept: null })
    expect(await shown(files(), TOKEN, session(2))).toEqual({ access: session(), kept: session() })
    expect((await shown(files(), `${TOKEN}x`, session(3))).kept).toBeNull()
    expect((await shown(files({ server: 'https://other.example' }), TOKEN, session(4))).kept).toBeNull()
    expect(held()).toHaveLength(3)
    expect(files().fault).toBeNull()
  })

  test('is its owner’s alone, and neither it nor the token is in the file or its name', async () => {
    await shown(files())
    expect(statSync(directory()).mode & 0o777).toBe(0o700)
    expect(statSync(only()).mode & 0o777).toBe(0o600)
    expect(held()[0]).toMatch(/^[0-9a-f]{64}$/)
    const text = readFileSync(only(), 'utf8')
    for (const secret of [session().token, '1'.repeat(64), ...TOKEN.split('.')]) expect(text).not.toContain(secret)
    expect(text).not.toContain(Buffer.from(session().token).toString('base64').slice(4, 40))
  })

  test('is gone when it is over, and so are others that are', async () => {
    await shown(files())
    const [name] = held()
    now += 3_600_000
    expect((await shown(files(), TOKEN, session(2))).kept).toBeNull()
    expect(held()).toEqual([name])
    now += 3_600_001
    writeFileSync(join(directory(), 'notes.txt'), 'of somebody else')
    await shown(files(), 'another')
    expect(held()).toHaveLength(2)
    expect(held()).not.toContain(name)
  })

  test('is let go when the server takes it no longer; other failures change nothing', async () => {
    await shown(files())
    const fails = (code: 'identity-token-used' | 'server-unreachable') =>
      files().within(TOKEN, () => Promise.reject(new CodedError(code, 'injected')))
    await expect(fails('server-unreachable')).rejects.toMatchObject({ code: 'server-unreachable' })
    expect((await shown(files())).kept).toEqual(session())
    await expect(fails('identity-token-used')).rejects.toMatchObject({ code: 'identity-token-used' })
    expect(held()).toEqual([])
  })
})

describe('a file that was planted or bent is nobody’s session', () => {
  test.each<[string, () => void]>([
    ['that others may read', () => chmodSync(only(), 0o640)],
    ['that others may write', () => chmodSync(only(), 0o602)],
    [
      'that is a link',
      () => {
        renameSync(only(), path('elsewhere'))
        symlinkSync(path('elsewhere'), join(directory(), name))
      },
    ],
    ['that has a second name', () => linkSync(only(), path('second'))],
    [
      'that is a pipe',
      () => {
        rmSync(only())
        execFileSync('mkfifo', [join(directory(), name)])
      },
    ],
    [
      'that is a directory',
      () => {
        rmSync(only())
        mkdirSync(join(directory(), name))
      },
    ],
    ['that is empty', () => writeFileSync(only(), '')],
    ['that is huge', () => writeFileSync(only(), ' '.repeat(10_000_000))],
    ['that says it lasts longer', () => bend('expiresAt', new Date(now + 9e9).toISOString())],
    ['whose bytes are others', () => bend('sealed', Buffer.alloc(112).toString('base64'))],
    ['whose bytes are none', () => bend('sealed', '')],
    ['with another start', () => bend('iv', Buffer.alloc(12, 1).toString('base64'))],
    ['of another version', () => bend('mediaType', 'application/vnd.countersign.session.v2+json')],
  ])('%s', async (_, plant) => {
    await shown(files())
    name = held()[0]!
    // Positive control: as it was written it is believed.
    expect((await shown(files(), TOKEN, session(2))).kept).toEqual(session())
    plant()
    expect((await shown(files(), TOKEN, session(2))).kept).toBeNull()
  })

  test('sealed for another token, under the name of this one', async () => {
    await shown(files())
    name = held()[0]!
    await shown(files(), 'the token of who plants', session(6))
    const theirs = held().find((one) => one !== name)!
    renameSync(join(directory(), theirs), join(directory(), name))
    expect((await shown(files(), TOKEN, session(2))).kept).toBeNull()
  })

  let name: string
  function bend(field: string, value: string): void {
    const file = only()
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), [field]: value }))
  }
})

describe('where nothing can be kept', () => {
  test.each<[string, () => Partial<SessionFilesOptions>, RegExp]>([
    ['in the workspace', () => ({ places: [path('work', 'sub')] }), /workspace/],
    [
      'in the workspace, by a link',
      () => (symlinkSync(path('work'), path('link')), { places: [path('link')] }),
      /workspace/,
    ],
    ['no place at all', () => ({ places: [] }), /^$/],
    ['a file in its place', () => (writeFileSync(path('file'), ''), { places: [path('file')] }), /cannot be used/],
    ['below one that cannot be made', () => ({ places: ['/dev/null/countersign'] }), /cannot be used/],
  ])('%s, everything goes on without, and it is said', async (_, more, fault) => {
    const sessions = files(more())
    expect((await shown(sessions)).kept).toBeNull()
    expect((await shown(sessions, TOKEN, session(2))).access).toEqual(session(2))
    expect(sessions.fault).toMatch(fault)
    expect(readdirSync(path('work')).filter((one) => one !== 'sub')).not.toContain('countersign-sessions')
    expect(existsSync(path('work', 'sub'))).toBe(false)
  })

  test('a directory that others may enter is not ours, nor one that is a link', async () => {
    await shown(files())
    chmodSync(directory(), 0o755)
    const open = files()
    expect((await shown(open)).kept).toBeNull()
    expect(open.fault).toMatch(/this user alone/)
    chmodSync(directory(), 0o700)
    expect((await shown(files())).kept).toEqual(session())
    const name = directory()
    renameSync(name, path('moved'))
    symlinkSync(path('moved'), name)
    const linked = files()
    expect((await shown(linked)).kept).toBeNull()
    expect(linked.fault).toMatch(/this user alone/)
  })

  test('the next place is taken', async () => {
    const sessions = files({ places: [path('work'), path('state')] })
    await shown(sessions)
    expect(sessions.fault).toBeNull()
    expect(held()).toHaveLength(1)
  })

  test('what was kept in the next place, while the first was not fit, is found there, and nothing is made', async () => {
    await shown(files())
    const places = [path('home'), path('state'), path('elsewhere')]
    expect((await shown(files({ places }), TOKEN, session(2))).kept).toEqual(session())
    expect((await shown(files({ places }), `${TOKEN}x`, session(3))).kept).toBeNull()
    expect(readdirSync(path('home'))).toHaveLength(1)
    expect(existsSync(path('elsewhere'))).toBe(false)
    now += 2 * 3_600_000
    expect((await shown(files({ places }), TOKEN, session(4))).kept).toBeNull()
    expect(held()).toEqual([])
  })
})

describe('processes that begin together', () => {
  test('show a token one after the other, and the second has the session of the first', async () => {
    let showing = 0
    let most = 0
    const one = () =>
      files().within(TOKEN, async (kept) => {
        if (kept !== null) return { access: kept }
        most = Math.max(most, ++showing)
        await new Promise((done) => setTimeout(done, 80))
        return { access: session(1) }
      })
    const all = await Promise.all(Array.from({ length: 5 }, one))
    expect(all.map(({ access }) => access)).toEqual(all.map(() => session(1)))
    expect([showing, most]).toEqual([1, 1])
    expect(held()).toHaveLength(1)
  })

  test('where the first fails, the next shows it', async () => {
    const first = files().within(TOKEN, async () => {
      await new Promise((done) => setTimeout(done, 80))
      throw new CodedError('server-unreachable', 'injected')
    })
    const second = new Promise((done) => setTimeout(done, 20)).then(() => shown(files(), TOKEN, session(2)))
    await expect(first).rejects.toMatchObject({ code: 'server-unreachable' })
    expect(await second).toEqual({ access: session(2), kept: null })
    expect(held()).toHaveLength(1)
  })

  test('what a killed process left is waited for, and no longer than that', async () => {
    await shown(files())
    const file = only()
    rmSync(file)
    writeFileSync(`${file}.lock`, '')
    const began = performance.now()
    expect((await shown(files({ patience: 300 }), TOKEN, session(2))).kept).toBeNull()
    expect(performance.now() - began).toBeGreaterThan(250)
    rmSync(file)
    mkdirSync(`${file}.lock`)
    expect((await shown(files({ patience: 300 }), TOKEN, session(3))).access).toEqual(session(3))
    expect(held()).toHaveLength(1)
  })
})
