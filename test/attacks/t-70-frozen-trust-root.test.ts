import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, type Ran } from '../e2e/cli.ts'
import { RUN } from '../identity/local-ca.ts'
import { ARTIFACT, LocalSigstore } from '../identity/local-sigstore.ts'
import { DAY } from '../identity/local-tuf.ts'
import { coded, rootNumber, TufStory } from '../identity/tuf-kit.ts'

// T-70: a mirror that goes on showing what was true once, so that nobody hears of a key that was stolen. Old news is
// loud: exit code 2, and what to do.

let story: TufStory
let bench: Bench
beforeEach(async () => {
  story = await TufStory.begin()
  bench = new Bench()
})
afterEach(async () => {
  bench.remove()
  await story.end()
})

/** The command line, while the mirror goes on answering. */
async function cli(...args: readonly string[]): Promise<Ran> {
  const child = bench.start(bench.root, args)
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')])
  return { code: code as number, out, err }
}

const update = (...more: readonly string[]) =>
  cli(
    'trust',
    'update',
    '--mirror',
    story.mirror.url,
    '--root',
    bench.write('root.json', story.tuf.root),
    '--cache',
    bench.path('cache'),
    ...more,
  )
const NOW = Date.now()
const later = { targets: 2, snapshot: 2, timestamp: 2 }

describe('T-70: metadata that has expired', () => {
  test.each(['timestamp', 'snapshot', 'targets', 'root'] as const)(
    'of %s is refused, and told apart from a forgery',
    async (role) => {
      await story.update()
      const versions = role === 'root' ? { root: 2 } : later
      story.tuf.publish({ target: rootNumber(2), versions, expires: { [role]: NOW - 60_000 } })
      await expect(story.update()).rejects.toThrow(coded('trust-root-expired'))
      const kept = story.kept!
      expect(kept.versions.targets).toBe(1)
      // The same with time left.
      story.tuf.publish({
        versions: { root: 3, targets: 3, snapshot: 3, timestamp: 3 },
        expires: { [role]: NOW + DAY },
      })
      expect((await story.update()).versions.targets).toBe(3)
    },
  )

  test('is fresh until the first of it expires', async () => {
    const soon = Math.floor((NOW + 5 * DAY) / 1000) * 1000
    story.tuf.publish({ versions: later, expires: { snapshot: soon } })
    expect((await story.update()).expires).toBe(new Date(soon).toISOString())
  })
})

describe('T-70: the command line', () => {
  test('fetches, shows, and says loudly when nothing is fresh', async () => {
    const fetched = await update()
    expect(fetched).toMatchObject({ code: 0, err: '' })
    const show = ['trust', 'show', '--mirror', story.mirror.url, '--cache', bench.path('cache')]
    expect(await cli(...show)).toMatchObject({ code: 0 })
    const json = JSON.parse((await cli(...show, '--format', 'json')).out) as Record<string, unknown>
    expect(json).toMatchObject({ fresh: true, mirror: story.mirror.url, versions: { timestamp: 1 } })
    story.tuf.publish({ versions: later, expires: { timestamp: NOW - 60_000 } })
    const frozen = await update()
    expect(frozen.code).toBe(2)
    expect(frozen.err).toContain('trust-root-expired')
    expect(frozen.err).toContain('find out who stands between you and the mirror')
    // What was fetched is as it was.
    expect(await cli(...show)).toMatchObject({ code: 0 })
    story.mirror.files = new Map()
    expect((await update()).code).toBe(2)
    expect((await cli('trust', 'show', '--cache', bench.path('nothing'))).code).toBe(2)
  })

  test('a forgery is refused with 1', async () => {
    expect((await update()).code).toBe(0)
    story.tuf.publish({ versions: later, signers: { timestamp: [] } })
    const refused = await update('--format', 'json')
    expect(refused.code).toBe(1)
    expect(JSON.parse(refused.out)).toMatchObject({ error: { code: 'trust-root-refused' } })
  })

  test('verify-bundle believes a fetched root while it is fresh, and then only where it is told to', async () => {
    const sigstore = new LocalSigstore()
    story.mirror.files = story.tuf.files
    const args = [
      'verify-bundle',
      bench.write('artifact', ARTIFACT),
      '--bundle',
      bench.write('bundle.json', JSON.stringify(sigstore.sign())),
      '--identity',
      RUN.subject.value,
      '--issuer',
      RUN.issuer,
      '--cache',
      bench.path('cache'),
    ]
    const none = await cli(...args)
    expect(none).toMatchObject({ code: 2, out: '' })
    expect(none.err).toContain('countersign trust update')
    // As if the mirror were the public one.
    expect((await update()).code).toBe(0)
    const [from, to] = [story.mirror.url.replace('http://', ''), 'tuf-repo-cdn.sigstore.dev']
    const place = (name: string) => join(bench.path('cache'), encodeURIComponent(name))
    const state = JSON.parse(readFileSync(join(place(from), 'state.json'), 'utf8')) as object
    const keep = (expires: number) => {
      bench.write(join('cache', to, 'trusted_root.json'), readFileSync(join(place(from), 'trusted_root.json')))
      const kept = { ...state, mirror: `https://${to}`, expires: new Date(expires).toISOString() }
      writeFileSync(join(place(to), 'state.json'), JSON.stringify(kept))
    }
    keep(NOW + DAY)
    expect(await cli(...args)).toMatchObject({ code: 0, err: '' })
    keep(NOW - 1000)
    const old = await cli(...args)
    expect(old).toMatchObject({ code: 2, out: '' })
    expect(old.err).toContain('trust-root-expired')
    expect(old.err).toContain('countersign trust update')
    expect((await cli(...args, '--allow-expired-trust')).code).toBe(0)
    // A file that is named is as good as whoever names it says.
    const file = bench.write('trusted_root.json', JSON.stringify(sigstore.trustedRoot))
    expect((await cli(...args, '--sigstore-trust', file)).code).toBe(0)
    // A crash between the two files leaves what does not belong together.
    writeFileSync(join(place(to), 'trusted_root.json'), '{}')
    expect((await cli(...args, '--allow-expired-trust')).code).toBe(1)
  })
})
