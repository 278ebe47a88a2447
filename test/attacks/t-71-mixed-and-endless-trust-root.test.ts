import { gzipSync } from 'node:zlib'
import { type TufLimits, TUF_LIMITS } from '@countersign/adapters/sigstore-tuf'
import { utf8 } from '@countersign/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tufKey } from '../identity/local-tuf.ts'
import { coded, numberOf, rootNumber, TufStory } from '../identity/tuf-kit.ts'

// T-71: files that do not belong together, and files without an end; and what is not signed by whom it must be.

let story: TufStory
beforeEach(async () => {
  story = await TufStory.begin()
})
afterEach(() => story.end())
const limits = (more: Partial<TufLimits>): TufLimits => ({ ...TUF_LIMITS, ...more })
const later = { targets: 2, snapshot: 2, timestamp: 2 }

describe('T-71: files belong together', () => {
  test.each([
    ['the snapshot of another day', '2.snapshot.json', '1.snapshot.json'],
    ['the targets of another day', '2.targets.json', '1.targets.json'],
  ])('%s is refused', async (_, name, old) => {
    await story.update()
    story.tuf.publish({ target: rootNumber(2), versions: later })
    const good = story.tuf.files.get(name)!
    story.tuf.files.set(name, story.tuf.files.get(old)!)
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
    expect(numberOf(story.kept!)).toBe(1)
    story.tuf.files.set(name, good)
    expect(numberOf(await story.update())).toBe(2)
  })

  test('another file under the name of the trusted root is refused, of the same length too', async () => {
    const name = [...story.tuf.files.keys()].find((one) => one.startsWith('targets/'))!
    const good = story.tuf.files.get(name)!
    for (const bad of [Buffer.from(rootNumber(7)), good.subarray(0, -1), Buffer.alloc(0)]) {
      story.tuf.files.set(name, bad)
      await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
    }
    story.tuf.files.set(name, good)
    expect(numberOf(await story.update())).toBe(1)
  })

  test('a trusted root that is signed for and cannot be used does not take the place of one that can', async () => {
    await story.update()
    story.tuf.publish({
      target: utf8('{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'),
      versions: later,
    })
    await expect(story.update()).rejects.toThrow(coded('trust-root-invalid'))
    expect(numberOf(story.kept!)).toBe(1)
  })

  test('a repository without a trusted root is refused', async () => {
    story.tuf.publish({ versions: later, bend: { targets: (it) => ({ ...it, targets: {} }) } })
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
    expect(story.kept).toBeNull()
  })
})

describe('T-71: files are signed by as many as must', () => {
  const mine = tufKey('mine')

  test.each(['timestamp', 'snapshot', 'targets'] as const)(
    '%s by somebody else, by nobody, or changed is refused',
    async (role) => {
      await story.update()
      const [good] = story.tuf.state.keys[role]
      // The last is signed under the id of the right key.
      for (const [i, signers] of [[mine], [], [{ ...mine, id: good!.id }]].entries()) {
        story.tuf.publish({
          versions: { targets: i + 2, snapshot: i + 2, timestamp: i + 2 },
          signers: { [role]: signers },
        })
        await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
      }
      story.tuf.publish({ versions: { targets: 9, snapshot: 9, timestamp: 9 } })
      expect((await story.update()).versions.targets).toBe(9)
    },
  )

  test('a root needs the threshold of the one before, and its own; one key twice is one', async () => {
    await story.update()
    const [one, two] = story.tuf.state.keys.root as [typeof mine, typeof mine]
    const [three, four] = [tufKey('three'), tufKey('four')]
    const next = { versions: { root: 2 }, keys: { root: [three, four] } }
    for (const signers of [
      [three, four],
      [one, three, four],
      [one, one, three, four],
      [one, two, three],
      [one, two, three, three],
      [one, two],
    ]) {
      await story.tuf.meanwhile(async () => {
        story.tuf.publish({ ...next, signers: { root: signers } })
        await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
      })
    }
    story.tuf.publish({ ...next, signers: { root: [one, two, three, four] } })
    expect((await story.update()).versions.root).toBe(2)
  })

  test('a mirror of another repository is refused, and the wrong beginning is not remembered', async () => {
    const stranger = await TufStory.begin('stranger')
    await expect(story.update({ root: stranger.tuf.root })).rejects.toThrow(coded('trust-root-refused'))
    await stranger.end()
    expect(story.kept).toBeNull()
    expect(numberOf(await story.update())).toBe(1)
  })

  test('once begun, trust does not begin anew with another root', async () => {
    await story.update()
    await expect(story.update({ root: utf8('{}') })).rejects.toThrow(coded('usage'))
    expect(numberOf(await story.update({ root: null }))).toBe(1)
    const unknown = story.elsewhere()
    await expect(story.update({ root: null, directory: unknown })).rejects.toThrow(coded('trust-missing'))
    await expect(story.update({ root: utf8('{}'), directory: unknown })).rejects.toThrow(coded('trust-root-refused'))
  })
})

describe('T-71: no file is without end', () => {
  const endless = (path: string) => {
    story.mirror.odd = (asked, response) => {
      if (asked !== path) return false
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20))) continue
      }
      response.on('drain', more)
      more()
      return true
    }
  }

  test.each(['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json'])(
    '%s ends where it must',
    async (path) => {
      endless(path)
      await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
      story.mirror.odd = null
      expect(numberOf(await story.update())).toBe(1)
    },
  )

  test('the trusted root ends where its length says', async () => {
    endless([...story.tuf.files.keys()].find((one) => one.startsWith('targets/'))!)
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
  })

  test('a small body that unpacks to a large one counts as it unpacks', async () => {
    story.mirror.odd = (asked, response) => {
      if (asked !== 'timestamp.json') return false
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1 << 20, 0x20)))
      return true
    }
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
  })

  test('roots without end are too much, in number and together', async () => {
    await story.update()
    for (let version = 2; version <= 80; version++) story.tuf.publish({ versions: { root: version } })
    await expect(
      story.update({ limits: limits({ wholeBytes: 20_000 }), directory: story.elsewhere() }),
    ).rejects.toThrow(coded('trust-root-refused'))
    // An honest one that is far ahead is reached in more than one update.
    expect((await story.update()).versions.root).toBe(65)
    expect((await story.update()).versions.root).toBe(80)
  })

  test('a mirror that does not answer, or not to the end, is given up on', async () => {
    await story.update()
    story.mirror.odd = (asked, response) => {
      if (asked !== 'timestamp.json') return false
      response.writeHead(200)
      response.write('{')
      return true
    }
    const short = limits({ fileMs: 200 })
    await expect(story.update({ limits: short })).rejects.toThrow(coded('trust-root-unreachable'))
    story.mirror.odd = () => true
    await expect(story.update({ limits: limits({ wholeMs: 200 }) })).rejects.toThrow(coded('trust-root-unreachable'))
    expect(numberOf(story.kept!)).toBe(1)
  })

  test('redirects are not followed', async () => {
    const elsewhere = await TufStory.begin()
    story.mirror.odd = (asked, response) => {
      response.writeHead(302, { location: `${elsewhere.mirror.url}/${asked}` }).end()
      return true
    }
    await expect(story.update()).rejects.toThrow(coded('trust-root-unreachable'))
    expect(elsewhere.mirror.asked).toEqual([])
    await elsewhere.end()
  })

  test.each([
    'ftp://example.com',
    'http://example.com',
    'https://u:p@example.com',
    'https://example.com/?q',
    'example.com',
    '',
  ])('a mirror at %j is none', async (mirror) => {
    await expect(story.update({ mirror })).rejects.toThrow(coded('usage'))
  })

  test.each([404, 500, 503])('a mirror that answers %i is out of reach', async (status) => {
    story.mirror.odd = (_, response) => {
      response.writeHead(status).end()
      return true
    }
    await expect(story.update()).rejects.toThrow(coded('trust-root-unreachable'))
  })

  test('red control: a body just within the limits is taken', async () => {
    const [, timestamp] = [...story.tuf.files].find(([name]) => name === 'timestamp.json')!
    story.mirror.odd = (asked, response) => {
      if (asked !== 'timestamp.json') return false
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(timestamp))
      return true
    }
    expect(numberOf(await story.update())).toBe(1)
  })
})
