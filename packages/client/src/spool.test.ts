import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Code, CodedError, sha256 } from '@countersign/core'
import {
  type Bundle,
  type Disclosure,
  MAX_BUNDLE_BYTES,
  parseBundle,
  parseChainFile,
  writeBundle,
  writeReceipt,
} from '@countersign/formats'
import {
  countersign,
  file,
  honestRun,
  linkOf,
  received,
  type Run,
  type Signed,
  signStep,
} from '../../../test/pipeline.ts'
import { type Appended, diskFiles, ServerRefusal, Spool, type SpoolFiles } from './index.ts'

let directory = ''
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'countersign-spool-')), 'spool')
})
afterEach(() => rmSync(join(directory, '..'), { recursive: true }))

const spool = (files?: SpoolFiles) => new Spool(directory, { sha256 }, files)
const entries = () => readdirSync(directory).filter((name) => name.endsWith('.json') && !name.startsWith('.'))

const rejects = (running: Promise<unknown>, code: string) =>
  expect(running).rejects.toThrow(expect.objectContaining({ code }))

/** A server that remembers, and demands predecessors as the real one does. */
class Keeper {
  readonly held = new Map<string, boolean>()
  readonly order: string[] = []
  answer: (link: string) => CodedError | null = () => null
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  append = async (bundle: Bundle, options?: { late?: boolean }): Promise<Appended> => {
    const link = linkOf(bundle)
    await Promise.resolve()
    const error = this.answer(link)
    if (error !== null) throw error
    const step = this.#run.steps.find((signed) => signed.link === link)!
    for (const before of step.statement.predicate.previous) {
      if (!this.held.has(before.link)) throw refusal('previous-missing', 409)
    }
    const created = !this.held.has(link)
    this.held.set(link, options?.late ?? false)
    this.order.push(step.statement.predicate.step.name)
    const index = [...this.held.keys()].indexOf(link)
    return {
      link,
      chain: this.#run.chain.id,
      index,
      late: true,
      receipt: countersign(this.#run.who.server, step, index),
      held: bundle,
      created,
    }
  }
}

function refusal(code: Code, status: number): ServerRefusal {
  return new ServerRefusal(new CodedError(code, 'so it is').report(), { status, requestId: null, findings: [] })
}

describe('Spool', () => {
  const run = honestRun()

  it('keeps steps for their owner only, under their names', async () => {
    expect(await spool().add(run.build.bundle)).toBe(run.build.link)
    expect(entries()).toEqual([`${run.build.link}.json`])
    const path = join(directory, `${run.build.link}.json`)
    expect(parseBundle(readFileSync(path))).toEqual(run.build.bundle)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })

  it('keeps a step once, however often it is added and by how many at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => spool().add(run.build.bundle)))
    expect(entries()).toHaveLength(1)
    expect(readdirSync(directory)).toHaveLength(1)
  })

  it('uploads predecessors first, marked late, and is empty then', async () => {
    for (const step of run.steps.toReversed()) await spool().add(step.bundle)
    const keeper = new Keeper(run)
    const flushed = await spool().flush(keeper)
    expect(keeper.order).toEqual(['source', 'build', 'test', 'deploy'])
    expect([...keeper.held.values()]).toEqual([true, true, true, true])
    expect(flushed.uploaded.map(({ step }) => step.step)).toEqual(keeper.order)
    expect(flushed).toMatchObject({ refused: [], waiting: [], unreadable: [] })
    expect(entries()).toEqual([])
  })

  it('goes on below a wide fan-out in order', async () => {
    const who = run.who
    const jobs = Array.from({ length: 20 }, (_, i) =>
      signStep(who.cloudbuild, {
        chain: run.chain,
        name: 'lint',
        matrix: `job ${i}`,
        previous: [{ link: run.build.link, step: 'build' }],
        materials: [received(run.app, run.build.link)],
        subject: [run.app],
      }),
    )
    const join20 = signStep(who.azure, {
      chain: run.chain,
      name: 'ship',
      previous: jobs.map((job) => ({ link: job.link, step: 'lint' })),
      materials: [received(run.app, jobs[0]!.link)],
      subject: [file('out', 'out')],
    })
    const all: Signed[] = [join20, ...jobs, run.build, run.source]
    for (const step of all) await spool().add(step.bundle)
    const { steps } = await spool().waiting()
    const at = new Map(steps.map((step, i) => [step.link, i]))
    expect(steps).toHaveLength(23)
    for (const step of steps) {
      for (const link of step.previous) expect(at.get(link)!).toBeLessThan(at.get(step.link)!)
    }
  })

  it('does nothing where there is nothing', async () => {
    expect(await spool().flush(new Keeper(run))).toEqual({ uploaded: [], refused: [], waiting: [], unreadable: [] })
  })

  it('goes on past what another job signed, which a session may not send', async () => {
    for (const { bundle } of run.steps) await spool().add(bundle)
    const keeper = new Keeper(run)
    const report = new CodedError('token-scope', 'of its own identity only').report()
    const other = new ServerRefusal(report, { status: 403, requestId: null, findings: [report] })
    keeper.answer = (link) => (link === run.test.link ? other : null)
    const { uploaded, waiting } = await spool().flush(keeper)
    expect(uploaded.map(({ step }) => step.step)).toEqual(['source', 'build'])
    // What comes after it was asked about: it follows this one, which the server does not have.
    expect(waiting.map((one) => [one.step.step, one.report.code])).toEqual([
      ['test', 'token-scope'],
      ['deploy', 'previous-missing'],
    ])
  })

  it.each([
    ['is not reached', new CodedError('server-unreachable', 'x')],
    ['speaks another protocol', new CodedError('server-answer', 'x')],
    ['does not know the token', refusal('token-missing', 401)],
    ['denies the scope', refusal('token-scope', 403)],
    ['is broken', refusal('internal', 500)],
    ['is busy', refusal('server-busy', 503)],
    ['says something unknown', refusal('server-answer', 418)],
    ['breaks in an unforeseen way', new TypeError('x') as unknown as CodedError],
  ])('keeps all, and stops asking, when the server %s', async (_name, error) => {
    for (const step of run.steps) await spool().add(step.bundle)
    const keeper = new Keeper(run)
    let asked = 0
    keeper.answer = (link) => {
      asked++
      return link === run.source.link ? null : error
    }
    const flushed = await spool().flush(keeper)
    expect(asked).toBe(2)
    expect(flushed.uploaded).toHaveLength(1)
    expect(flushed.waiting).toHaveLength(3)
    expect(entries()).toHaveLength(3)
    keeper.answer = () => null
    expect((await spool().flush(keeper)).uploaded).toHaveLength(3)
  })

  it('puts what is refused aside with the reason, and goes on', async () => {
    for (const step of run.steps) await spool().add(step.bundle)
    const keeper = new Keeper(run)
    keeper.answer = (link) => (link === run.test.link ? refusal('place-taken', 409) : null)
    const flushed = await spool().flush(keeper)
    expect(flushed.uploaded.map(({ step }) => step.step)).toEqual(['source', 'build'])
    expect(flushed.refused).toMatchObject([{ step: { step: 'test' }, report: { code: 'place-taken' } }])
    const aside = join(directory, 'refused', run.test.link)
    expect(parseBundle(readFileSync(`${aside}.json`))).toEqual(run.test.bundle)
    expect(JSON.parse(readFileSync(`${aside}.reason.json`, 'utf8'))).toMatchObject({
      code: 'place-taken',
      what: 'so it is',
    })
    // What follows it waits: its predecessor may yet come from elsewhere.
    expect(flushed.waiting).toMatchObject([{ step: { step: 'deploy' }, report: { code: 'previous-missing' } }])
    expect(entries()).toEqual([`${run.deploy.link}.json`])
  })

  it('keeps a refused step at once where it is told to', async () => {
    const path = await spool().addRefused(run.test.bundle, new CodedError('place-taken', 'x').report())
    expect(parseBundle(readFileSync(path))).toEqual(run.test.bundle)
    expect(entries()).toEqual([])
  })

  it('leaves what is no attestation where it is, and says so', async () => {
    await spool().add(run.source.bundle)
    writeFileSync(join(directory, 'notes.txt'), 'x')
    writeFileSync(join(directory, '.half.json.tmp'), 'x')
    writeFileSync(join(directory, 'junk.json'), '{}')
    writeFileSync(join(directory, `${'0'.repeat(64)}.json`), writeBundle(run.build.bundle))
    writeFileSync(join(directory, `${run.test.link}.json`), writeBundle(run.test.bundle).subarray(0, 300))
    writeFileSync(join(directory, `${run.deploy.link}.json`), writeReceipt(run.receipts[3]!))
    mkdirSync(join(directory, 'directory.json'))
    execFileSync('mkfifo', [join(directory, 'fifo.json')])
    writeFileSync(join(directory, 'huge.json'), Buffer.alloc(MAX_BUNDLE_BYTES + 1))
    const flushed = await spool().flush(new Keeper(run))
    expect(flushed.uploaded).toHaveLength(1)
    expect(flushed.unreadable).toHaveLength(7)
    expect(entries()).toHaveLength(7)
  })

  it('loses and repeats nothing when many flush at once', async () => {
    for (const step of run.steps) await spool().add(step.bundle)
    const keeper = new Keeper(run)
    const all = await Promise.all(Array.from({ length: 6 }, () => spool().flush(keeper)))
    expect(keeper.held.size).toBe(4)
    expect(all.flatMap(({ refused }) => refused)).toEqual([])
    expect(entries()).toEqual([])
  })

  it('survives being removed between listing and reading', async () => {
    for (const step of run.steps) await spool().add(step.bundle)
    const vanishing: SpoolFiles = { ...diskFiles, read: () => Promise.resolve(null) }
    expect(await spool(vanishing).flush(new Keeper(run))).toMatchObject({ uploaded: [], waiting: [] })
  })

  it('uploads what took one place as it was recorded, whatever it is called', async () => {
    const key = run.who.codebuild
    const made = Array.from({ length: 12 }, (_, minute) =>
      signStep(key, { chain: run.chain, name: 'build', subject: [file(`a${minute}`, 'a')], minute }),
    )
    for (const step of made.toReversed()) await spool().add(step.bundle)
    const { steps } = await spool().waiting()
    expect(steps.map(({ link }) => link)).toEqual(made.map(({ link }) => link))
    // Red control: their names alone would have it otherwise.
    expect(made.map(({ link }) => link).toSorted()).not.toEqual(made.map(({ link }) => link))
  })

  it('says which step the server has that could not be taken out, and sends it again', async () => {
    await spool().add(run.source.bundle)
    const stuck: SpoolFiles = { ...diskFiles, remove: () => Promise.reject(new Error('EROFS')) }
    const keeper = new Keeper(run)
    const first = await spool(stuck).flush(keeper)
    expect(first).toMatchObject({ uploaded: [{ removed: false, appended: { created: true } }], waiting: [] })
    expect(entries()).toHaveLength(1)
    const second = await spool().flush(keeper)
    expect(second).toMatchObject({ uploaded: [{ removed: true, appended: { created: false } }] })
    expect(entries()).toEqual([])
  })

  it('says when it cannot be written or read', async () => {
    writeFileSync(directory, 'a file in its place')
    await rejects(spool().add(run.build.bundle), 'file-write-failed')
    await rejects(spool().addRefused(run.build.bundle, new CodedError('internal', 'x').report()), 'file-write-failed')
    await rejects(spool().flush(new Keeper(run)), 'file-unreadable')
  })
})

/** What is in the spool or aside of it, whole. */
async function kept(): Promise<Set<string>> {
  const { steps } = await spool().waiting()
  const aside = await diskFiles.list(join(directory, 'refused'))
  const refused = aside.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => name.slice(0, 64))
  return new Set([...steps.map(({ link }) => link), ...refused])
}

/** Every write fails once, first lost, then done and reported as failed (T-77). */
describe('Spool when the disk fails', () => {
  const run = honestRun()
  const WRITES = ['makeDirectory', 'write', 'rename', 'remove', 'syncDirectory'] as const

  /** Fails the `n`-th write; `failed` tells whether there was an `n`-th. */
  function failing(n: number, done: boolean): { files: SpoolFiles; failed: () => boolean } {
    let count = 0
    const files = { ...diskFiles } as Record<string, unknown>
    for (const name of WRITES) {
      const work = diskFiles[name] as (...given: unknown[]) => Promise<void>
      files[name] = async (...given: unknown[]) => {
        if (count++ !== n) return work(...given)
        if (done) await work(...given)
        throw Object.assign(new Error('the disk failed'), { code: 'EIO' })
      }
    }
    return { files: files as unknown as SpoolFiles, failed: () => count > n }
  }

  for (const done of [false, true]) {
    const how = done ? 'done and reported as failed' : 'lost'
    it(`add: tells the truth when a write is ${how}`, async () => {
      let n = 0
      for (; ; n++) {
        rmSync(directory, { recursive: true, force: true })
        const { files, failed } = failing(n, done)
        const added = await spool(files)
          .add(run.build.bundle)
          .then(
            () => true,
            (error: unknown) => {
              expect(error).toMatchObject({ code: 'file-write-failed' })
              return false
            },
          )
        if (added) expect(await kept()).toEqual(new Set([run.build.link]))
        // Whatever was left behind is whole, and does not stop the next try.
        expect((await spool().waiting()).unreadable).toEqual([])
        await spool().add(run.build.bundle)
        expect(await kept()).toEqual(new Set([run.build.link]))
        if (!failed()) break
        expect(added).toBe(false)
      }
      expect(n).toBeGreaterThanOrEqual(4)
    })

    it(`flush: nothing is lost when a write is ${how}`, async () => {
      let n = 0
      for (; ; n++) {
        rmSync(directory, { recursive: true, force: true })
        mkdirSync(directory)
        for (const step of run.steps) await spool().add(step.bundle)
        const keeper = new Keeper(run)
        keeper.answer = (link) => (link === run.deploy.link ? refusal('place-taken', 409) : null)
        const { files, failed } = failing(n, done)
        const first = await spool(files).flush(keeper)
        expect(first.uploaded).toHaveLength(3)
        const everywhere = new Set([...(await kept()), ...keeper.held.keys()])
        expect(everywhere).toEqual(new Set(run.steps.map(({ link }) => link)))
        // A second pass ends as if nothing had failed.
        await spool().flush(keeper)
        expect(await kept()).toEqual(new Set([run.deploy.link]))
        expect(entries()).toEqual([])
        if (!failed()) break
      }
      expect(n).toBeGreaterThanOrEqual(8)
    })
  }
})

describe('where chains were handed on', () => {
  const run = honestRun()
  const { build, source } = run

  it('is known while their steps wait, and forgotten with them', async () => {
    await spool().add(source.bundle)
    await spool().keepCarriers(source.link, ['/a/x.chain.jsonl', '/a/y.chain.jsonl'])
    await spool().keepCarriers(build.link, ['/a/y.chain.jsonl'])
    expect(await spool().carriers()).toEqual(expect.arrayContaining(['/a/x.chain.jsonl', '/a/y.chain.jsonl']))
    const { steps, unreadable } = await spool().waiting()
    expect([steps.length, unreadable]).toEqual([1, []])
    await spool().flush(new Keeper(run))
    expect(await spool().carriers()).toEqual(['/a/y.chain.jsonl'])
  })

  it('and no list of it, however damaged, keeps a step from being uploaded', async () => {
    await spool().add(source.bundle)
    await spool().keepCarriers(source.link, [])
    for (const text of ['', '{', '{}', '[1,null]', '"x"']) {
      writeFileSync(join(directory, 'carried', `${source.link}.json`), text)
      expect(await spool().carriers()).toEqual([])
    }
    expect((await spool().flush(new Keeper(run))).uploaded).toHaveLength(1)
  })

  it('who is told of a receipt and fails has the step stay, and is told again', async () => {
    await spool().add(source.bundle)
    const keeper = new Keeper(run)
    const told: [string, boolean][] = []
    const flush = (fails: boolean) =>
      spool().flush(keeper, {
        acknowledged: async ({ bundle }, { held, created }) => {
          told.push([linkOf(held), created])
          expect(held).toEqual(bundle)
          if (fails) throw new CodedError('file-write-failed', 'the disk failed')
        },
      })
    const first = await flush(true)
    expect(first).toMatchObject({ uploaded: [], refused: [], waiting: [{ report: { code: 'file-write-failed' } }] })
    expect(await flush(false)).toMatchObject({ uploaded: [{ step: { link: source.link } }], waiting: [] })
    expect(told).toEqual([
      [source.link, true],
      [source.link, false],
    ])
    expect(entries()).toEqual([])
  })
})

describe('what opens sealed fields of a step', () => {
  const link = 'ab'.repeat(32)
  const disclosure: Disclosure = { link, field: 'argv', salt: new Uint8Array(32), value: ['make'] }

  it('is kept for its owner, is no step that waits, and is never uploaded', async () => {
    const run = honestRun()
    const file = await spool().keepDisclosures(link, [disclosure])
    expect(file).toBe(join(directory, 'disclosed', `${link}.chain.jsonl`))
    expect(parseChainFile(readFileSync(file))).toEqual([disclosure])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await spool().add(run.source.bundle)
    const { steps, unreadable } = await spool().waiting()
    expect([steps.map((step) => step.link), unreadable]).toEqual([[run.source.link], []])
    const keeper = new Keeper(run)
    await spool().flush(keeper)
    expect(keeper.order).toEqual(['source'])
    expect(statSync(file).isFile()).toBe(true)
  })
})
