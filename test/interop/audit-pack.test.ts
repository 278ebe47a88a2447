import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { REPORT } from '@countersign/evidence/pack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archived, digestOf, packOf, sealed } from '../audit-pack.ts'
import { honestRun, parties, party } from '../pipeline.ts'
import { chromiumPath, Tab } from './chromium.ts'

const directory = mkdtempSync(join(tmpdir(), 'countersign-pack-'))
const chromium = chromiumPath()
let files: Map<string, Uint8Array>
let archive: string

beforeAll(async () => {
  const who = parties()
  const runs = ['first', 'second'].map((commit) => honestRun({ who, commit, countersigned: true }))
  files = sealed(await packOf({ by: party('auditor'), runs }))
  archive = await archived(directory, 'pack.tar', files)
  writeFileSync(join(directory, REPORT), files.get(REPORT)!)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('GNU tar unpacks what is in a pack, and nothing else', () => {
  const listed = spawnSync('tar', ['-tf', archive], { encoding: 'utf8' })
  expect(listed.stdout.trim().split('\n')).toEqual([...files.keys()])
  expect(spawnSync('tar', ['-xf', archive, '-C', directory, '--warning=all']).stderr.toString()).toBe('')
  for (const [path, bytes] of files) {
    expect(digestOf(new Uint8Array(readFileSync(join(directory, path))))).toBe(digestOf(bytes))
  }
})

describe.runIf(chromium !== null)('the report in a browser', () => {
  let tab: Tab
  beforeAll(async () => {
    tab = await Tab.open(chromium!)
  })
  afterAll(() => tab.close())

  test('prints to pages of A4, the cover alone on the first', async () => {
    await tab.look({ width: 1280, height: 900 })
    await tab.goto(pathToFileURL(join(directory, REPORT)).href)
    await tab.until(`document.querySelector('footer')`)
    const { data } = (await tab.send('Page.printToPDF', { preferCSSPageSize: true, printBackground: true })) as {
      data: string
    }
    const pdf = Buffer.from(data, 'base64').toString('latin1')
    expect(pdf.startsWith('%PDF-')).toBe(true)
    expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)!.length).toBeGreaterThanOrEqual(2)
    // 210 by 297 millimetres in points.
    expect(pdf).toMatch(/\/MediaBox\s*\[0 0 59[45](?:\.\d+)? 84[12](?:\.\d+)?\]/)
  })

  test.each([1280, 390])('fits a window of %i, light and dark, and asks for nothing', async (width) => {
    for (const dark of [false, true]) {
      await tab.look({ width, height: 900, dark })
      tab.requests.length = 0
      tab.complaints.length = 0
      await tab.goto(pathToFileURL(join(directory, REPORT)).href)
      await tab.until(`document.querySelector('footer')`)
      expect(await tab.eval<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(tab.requests.filter((url) => !url.startsWith('file:'))).toEqual([])
      expect(tab.complaints).toEqual([])
      const ground = await tab.eval<string>('getComputedStyle(document.body).backgroundColor')
      expect(ground).toBe(dark ? 'rgb(13, 16, 21)' : 'rgb(244, 245, 247)')
    }
  })

  test('lets nothing run that somebody added to it', async () => {
    const page = Buffer.from(files.get(REPORT)!).toString()
    const added = join(directory, 'added.html')
    writeFileSync(added, page.replace('</body>', '<script>globalThis.added=1</script></body>'))
    await tab.goto(pathToFileURL(added).href)
    await tab.until(`document.querySelector('footer')`)
    expect(await tab.eval<number | undefined>('globalThis.added')).toBeUndefined()
    expect(readdirSync(directory)).toContain('runs')
  })
})
