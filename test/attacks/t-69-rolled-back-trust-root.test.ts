import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tufKey } from '../identity/local-tuf.ts'
import { coded, numberOf, rootNumber, TufStory } from '../identity/tuf-kit.ts'

// T-69: a mirror that shows what once was true, or what never will be. What refuses it is the metadata that was kept:
// beside each refusal somebody who knows nothing yet takes the same files, and has to.

let story: TufStory
beforeEach(async () => {
  story = await TufStory.begin()
})
afterEach(() => story.end())

/** The repository as it was, while its own history goes on. */
function remember(): ReadonlyMap<string, Buffer> {
  return new Map(story.tuf.files)
}

/** Where what was kept is copied to, so that it can be asked twice. */
async function asIfForgotten<T>(ask: () => Promise<T>): Promise<T> {
  const before = story.directory
  story.directory = story.elsewhere()
  try {
    return await ask()
  } finally {
    story.directory = before
  }
}

describe('T-69: a trust root goes forward', () => {
  test('each new version is taken, and kept', async () => {
    expect(numberOf(await story.update())).toBe(1)
    story.tuf.publish({ target: rootNumber(2), versions: { targets: 2, snapshot: 2, timestamp: 2 } })
    const kept = await story.update()
    expect(numberOf(kept)).toBe(2)
    expect(kept.versions).toEqual({ root: 1, timestamp: 2, snapshot: 2, targets: 2 })
    expect(story.kept).toEqual(kept)
    expect(await story.update()).toMatchObject({ versions: kept.versions })
  })

  test('a repository of yesterday is refused by whoever saw that of today', async () => {
    const yesterday = remember()
    story.tuf.publish({ target: rootNumber(2), versions: { targets: 2, snapshot: 2, timestamp: 2 } })
    await story.update()
    story.mirror.files = yesterday
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
    expect(numberOf(story.kept!)).toBe(2)
    expect(numberOf(await asIfForgotten(() => story.update()))).toBe(1)
  })

  test('nor does an older snapshot come back under a new timestamp, nor older targets under a new snapshot', async () => {
    const { files } = story.tuf
    story.tuf.publish({ target: rootNumber(2), versions: { targets: 2, snapshot: 2, timestamp: 2 } })
    await story.update()
    story.tuf.publish({ target: rootNumber(1), versions: { targets: 1, snapshot: 1, timestamp: 3 } })
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
    expect(numberOf(await asIfForgotten(() => story.update()))).toBe(1)
    story.tuf.publish({ target: rootNumber(1), versions: { targets: 1, snapshot: 3, timestamp: 4 } })
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
    expect(numberOf(await asIfForgotten(() => story.update()))).toBe(1)
    expect(numberOf(story.kept!)).toBe(2)
    expect(files.size).toBeGreaterThan(5)
  })

  test('a root that was left behind cannot be come back to', async () => {
    const [first] = [remember()]
    const { root } = story.tuf.state.keys
    // The second root takes one key of the first away, which was stolen.
    story.tuf.publish({
      versions: { root: 2, timestamp: 2 },
      keys: { root: [root[1]!, tufKey('root 3')], timestamp: [tufKey('timestamp 2')] },
    })
    expect((await story.update()).versions.root).toBe(2)
    // The mirror does as if there had never been one.
    story.mirror.files = first
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
    expect((await asIfForgotten(() => story.update())).versions.root).toBe(1)
  })

  test.each([
    ['skips a version', { versions: { root: 3 }, bend: {} }, '2.root.json'],
    [
      'says another version than its name',
      { versions: { root: 2 }, bend: { root: (it: object) => ({ ...it, version: 1 }) } },
      null,
    ],
  ])('a root that %s is refused', async (_, change, as) => {
    await story.update()
    story.tuf.publish(change as never)
    if (as !== null) story.tuf.files.set(as, story.tuf.files.get('3.root.json')!)
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
  })

  test('a fast-forwarded timestamp shuts out news, until a root takes its key away', async () => {
    await story.update()
    // Whoever has the key of timestamps says that a thousand days have passed.
    story.tuf.publish({ versions: { timestamp: 1_000_000, snapshot: 1_000_000 } })
    await story.update()
    story.tuf.publish({ target: rootNumber(2), versions: { targets: 2, snapshot: 2, timestamp: 2 } })
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
    story.tuf.publish({
      versions: { root: 2 },
      keys: { timestamp: [tufKey('new timestamp')], snapshot: [tufKey('new snapshot')] },
    })
    const kept = await story.update()
    expect(numberOf(kept)).toBe(2)
    expect(kept.versions).toEqual({ root: 2, timestamp: 2, snapshot: 2, targets: 2 })
  })

  test('red control: without what was kept, the same client goes back', async () => {
    const yesterday = remember()
    story.tuf.publish({ target: rootNumber(2), versions: { targets: 2, snapshot: 2, timestamp: 2 } })
    await story.update()
    story.mirror.files = yesterday
    const copy = story.elsewhere()
    cpSync(story.directory, copy, { recursive: true })
    const [place] = [join(copy, encodeURIComponent(story.mirror.url.replace('http://', '')), 'metadata')]
    for (const role of ['timestamp', 'snapshot', 'targets']) rmSync(join(place, `${role}.json`))
    expect(numberOf(await story.update({ directory: copy }))).toBe(1)
    await expect(story.update()).rejects.toThrow(coded('trust-root-refused'))
  })
})
