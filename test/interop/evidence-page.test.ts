import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { trustRootOf, writeEvidence } from '@countersign/evidence'
import { pageOf } from '@countersign/evidence-page'
import * as bundle from '@countersign/evidence-page/bundle'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { evidenceOf } from '../../packages/evidence/src/evidence.test-kit.ts'
import { honestRun } from '../pipeline.ts'
import { chromiumPath, Tab } from './chromium.ts'

const chromium = chromiumPath()
const directory = mkdtempSync(join(tmpdir(), 'countersign-page-'))
const run = honestRun({ countersigned: true })
const honest = evidenceOf(run)
const hostile = {
  ...honest.trust,
  signers: honest.trust.signers.map((one) => ({ ...one, name: '<img src=x onerror=alert(1)>' })),
}

const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(directory, name), content)
  return join(directory, name)
}
const page = put('honest.html', pageOf(writeEvidence(honest), bundle))
const evil = put('hostile.html', pageOf(writeEvidence({ ...honest, trust: hostile }), bundle))
// Somebody who changed the page's own script, and added one and an image.
const html = readFileSync(page, 'utf8')
const meddled = put('meddled.html', html.replace('(function(){', '(function(){globalThis.meddled=1;'))
const added = put(
  'added.html',
  html.replace('</body>', '<script>globalThis.added=1</script><img src="https://example.com/x.png"></body>'),
)
const app = put('app.tgz', 'app of first')
const other = put('other.tgz', 'app of first.')

describe.runIf(chromium !== null)('the page in a browser', () => {
  let tab: Tab
  beforeAll(async () => {
    tab = await Tab.open(chromium!)
  })
  afterAll(async () => {
    await tab.close()
    rmSync(directory, { recursive: true, force: true })
  })
  beforeEach(async () => {
    await tab.look({ width: 1280, height: 900 })
  })

  const settled = `document.querySelector('[data-verdict]:not([data-verdict=checking])')`
  const verdict = () => tab.eval<string>(`${settled}.dataset.verdict`)
  const open = async (path: string) => {
    tab.requests.length = 0
    tab.complaints.length = 0
    await tab.goto(pathToFileURL(path).href)
    await tab.until(settled)
  }

  test('verifies itself from a file, asks for nothing, and nothing is complained of', async () => {
    await open(page)
    expect(await verdict()).toBe('pass')
    expect(tab.requests).toEqual([pathToFileURL(page).href])
    expect(tab.complaints).toEqual([])
    expect(await tab.eval('document.title')).toBe('Verified · Countersign evidence')
    expect(await tab.eval('document.querySelectorAll(".node.good").length')).toBe(4)
  })

  test('lets no other script run and nothing be loaded, not even by itself', async () => {
    await open(page)
    const blocked = `fetch('https://example.com/').then(() => 'loaded', () => 'blocked')`
    expect(await tab.eval(blocked)).toBe('blocked')
    // By its policy, not by the machine having no network.
    expect(tab.complaints.join()).toMatch(/example\.com.*Content Security Policy/)
    const markup = `(() => { try { document.body.innerHTML = '<b>x</b>'; return 'markup' } catch { return 'refused' } })()`
    expect(await tab.eval(markup)).toBe('refused')
    await open(added)
    expect(await tab.eval('typeof globalThis.added')).toBe('undefined')
    expect(tab.complaints.join()).toContain('Content Security Policy')
  })

  test('does not run at all where its script was changed', async () => {
    tab.complaints.length = 0
    await tab.goto(pathToFileURL(meddled).href)
    await tab.until('document.readyState === "complete"')
    expect(await tab.eval('typeof globalThis.meddled + typeof globalThis.countersign')).toBe('undefinedundefined')
  })

  test.each(['payload', 'signature', 'receipt', 'file'])(
    'notices a byte flipped in %s, and comes back',
    async (target) => {
      await open(page)
      await tab.eval(`document.getElementById('target').value = '${target}'`)
      await tab.eval(`document.getElementById('flip').click()`)
      await tab.until(`document.getElementById('noticed').textContent !== ''`)
      const said = await tab.eval<string>(`document.getElementById('noticed').textContent`)
      if (target === 'file') expect(said).toMatch(/^(?:Noticed|Not noticed: no signature)/)
      else {
        expect(said).toMatch(/^Noticed/)
        expect(await verdict()).toBe('fail')
      }
      await tab.eval(`document.getElementById('restore').click()`)
      await tab.until(`${settled}.dataset.verdict === 'pass'`)
      expect(await tab.eval(`document.querySelector('.strip').hidden`)).toBe(true)
    },
  )

  test('tells an artifact from another', async () => {
    await open(page)
    const check = async (file: string) => {
      const { root } = (await tab.send('DOM.getDocument')) as { root: { nodeId: number } }
      const selector = { nodeId: root.nodeId, selector: '#artifact' }
      const { nodeId } = (await tab.send('DOM.querySelector', selector)) as { nodeId: number }
      await tab.send('DOM.setFileInputFiles', { nodeId, files: [file] })
      const outcome = `document.querySelector('#tools .outcome')`
      await tab.until(`/^[✓✗] ${file === app ? 'app' : 'other'}/.test(${outcome}.textContent)`)
      return tab.eval<string>(`${outcome}.textContent`)
    }
    expect(await check(app)).toBe('✓ app.tgz: these are the bytes that step deploy vouches for, as dist/app.tgz')
    expect(await check(other)).toBe('✗ other.tgz: not these bytes. Nobody in this evidence vouches for them')
  })

  test('knows the trust root that its reader was given', async () => {
    await open(page)
    const type = (text: string) =>
      tab.eval(
        `(() => { const pin = document.getElementById('pin'); pin.value = '${text}'; pin.dispatchEvent(new Event('input')); return document.querySelector('h1').textContent })()`,
      )
    expect(await type(trustRootOf(honest))).toBe('✓Verified')
    expect(await type('0'.repeat(64))).toBe('✗Not the trust root you were given')
  })

  test('hostile names stay text', async () => {
    await open(evil)
    expect(await tab.eval('document.images.length')).toBe(0)
    expect(await tab.eval(`document.body.innerText.includes('<img src=x onerror=alert(1)>')`)).toBe(true)
    expect(tab.complaints).toEqual([])
  })

  test('fits a phone, and everything in it is reached by keyboard', async () => {
    await tab.look({ width: 390, height: 844 })
    await open(page)
    expect(await tab.eval('document.documentElement.scrollWidth <= 390')).toBe(true)
    expect(await tab.eval(`document.querySelector('svg').getAttribute('class')`)).toBe('down')
    const reached = new Set<string>()
    for (let i = 0; i < 60; i++) {
      await tab.send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 })
      await tab.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 })
      reached.add(
        await tab.eval<string>(
          `document.activeElement.id || document.activeElement.getAttribute('class') || document.activeElement.tagName`,
        ),
      )
    }
    for (const wanted of ['node good', 'toggle', 'pin', 'artifact', 'target', 'flip', 'restore'])
      expect([...reached]).toContain(wanted)
  })

  test.each([
    ['light', false],
    ['dark', true],
  ] as const)('can be read in %s: text stands out against its ground', async (_, dark) => {
    await tab.look({ width: 1280, height: 900, dark })
    await open(page)
    const contrasts = await tab.eval<[string, number][]>(CONTRASTS)
    expect(contrasts.length).toBeGreaterThan(50)
    // WCAG 2.2 §1.4.3, AA.
    expect(contrasts.filter(([, ratio]) => ratio < 4.5)).toEqual([])
  })
})

/** The contrast of every visible text with the first opaque ground under it (WCAG 2.2, relative luminance). */
const CONTRASTS = `(() => {
  const rgb = (css) => css.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c } return [255, 255, 255] }
  const found = []
  for (const e of document.querySelectorAll('body *:not(script):not(style):not(svg *):not(option)')) {
    const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('').trim()
    if (text === '' || e.checkVisibility?.() === false || e.closest('noscript')) continue
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x)
    found.push([text.slice(0, 40), (a + 0.05) / (b + 0.05)])
  }
  return found
})()`
