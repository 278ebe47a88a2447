import { createHash } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeEvidence } from '@countersign/evidence'
import { examine, pageOf } from '@countersign/evidence-page'
import * as bundle from '@countersign/evidence-page/bundle'
import type { Identity } from '@countersign/formats/identity'
import { authorityRootsOf } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { evidenceOf } from '../../packages/evidence/src/evidence.test-kit.ts'
import { claimsOf, keylessRun, SERVER, workflow } from '../keyless.ts'
import { type FakeElement, runPage, scriptsOf, verdictOf } from '../page-dom.ts'
import { at, honestRun, logKeyOf } from '../pipeline.ts'

const run = honestRun({ countersigned: true })
const honest = evidenceOf(run)
const bytes = writeEvidence(honest)
const broken = writeEvidence({ ...honest, lines: honest.lines.filter((line) => line !== run.build.bundle) })
const htmlOf = (evidence: Uint8Array) => new TextDecoder().decode(pageOf(evidence, bundle))
const { code } = scriptsOf(htmlOf(bytes))

describe('the bundle of the page', () => {
  test('is small, and is what the policy of the page lets run', () => {
    // 283,000 before there were anchors. Four foreign formats and their cryptography (DER, CMS, RSA, P-384, P-521,
    // secp256k1, Keccak, RLP, .ots) are 85,000: without them a page could show anchors and not verify them.
    // Certificates of signers, contracts that name them and trusted roots are 30,000 more.
    // Readers of reports, so that what a step says of one is held against it, are 25,000.
    expect(bundle.script.length).toBeLessThan(460_000)
    expect(code).toBe(bundle.script)
    expect(htmlOf(bytes)).toContain(`script-src 'sha256-${createHash('sha256').update(code).digest('base64')}'`)
  })

  test('does not know the words for a network, storage, or code out of text', () => {
    const words =
      /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|localStorage|sessionStorage|indexedDB|innerHTML|outerHTML|insertAdjacentHTML|eval|Function)\s*\(|\bimport\s*\(|document\.write|\.innerHTML\b/
    expect(words.exec(code)).toBeNull()
    // Red control.
    expect(words.test('await fetch("/")')).toBe(true)
  })

  test('judges as Node does, where there is nothing but the language', async () => {
    const { api } = runPage(code, null)
    for (const evidence of [bytes, broken]) {
      const theirs = await examine(evidence, { crypto: nodeCrypto, now: at(60) })
      const ours = await api.examine(evidence, at(60))
      expect(ours.trustRoot).toBe(theirs.trustRoot)
      expect(JSON.parse(JSON.stringify(ours.verdict.findings))).toEqual(theirs.verdict.findings)
      expect(ours.verdict.verdict).toBe(evidence === bytes ? 'pass' : 'fail')
    }
    await expect(api.examine(bytes.slice(1), at(60))).rejects.toMatchObject({ code: 'json-invalid' })
  })
})

const classed = (name: string) => (element: FakeElement) => element.className.split(' ').includes(name)
const open = async (evidence: Uint8Array) => {
  const { root } = runPage(code, Buffer.from(evidence).toString('base64'))
  return { root, verdict: await verdictOf(root) }
}

describe('the page', () => {
  test('shows verdict, criteria, drawing, steps and whom it believes', async () => {
    const { root, verdict } = await open(bytes)
    expect(verdict).toBe('pass')
    const text = root.textContent
    expect(root.find(({ tag }) => tag === 'h1').textContent).toBe('✓Verified, under its own keys')
    expect(root.all().filter(classed('met')).length).toBe(6)
    expect(
      root
        .all()
        .filter(classed('node'))
        .map((node) => node.attributes.get('data-state')),
    ).toEqual(Array(4).fill('good'))
    expect(
      root
        .all()
        .filter(classed('handed'))
        .filter(({ tag }) => tag === 'g').length,
    ).toBe(3)
    for (const step of run.steps) expect(text).toContain(step.link.slice(0, 12))
    expect(text).toContain('dist/app.tgz')
    expect(text).toContain(`sha256:${(await examine(bytes, { crypto: nodeCrypto, now: at(60) })).trustRoot}`)
    expect(text).toContain('Whoever made it chose them')
    // Every link leads to a place on the page.
    const ids = new Set(root.all().flatMap(({ attributes }) => attributes.get('id') ?? []))
    for (const { attributes } of root.all()) {
      const href = attributes.get('href')
      if (href !== undefined) expect([href, ids.has(href.slice(1))]).toEqual([href, true])
    }
  })

  test('shows whom an authority vouched for, and what is only claimed', async () => {
    const claims = (_: unknown, identity: Identity) => ({
      system: 'github-actions',
      identity: { ...claimsOf(identity), runnerEnvironment: 'claimed-runner' },
    })
    const unknown = (name: string) => ({ identity: workflow(name, { runnerEnvironment: null }) })
    const signed = keylessRun({ claims, issue: unknown })
    const brought = {
      ...honest,
      subject: { artifact: signed.app.digest.sha256, chains: [signed.chain.id] },
      lines: signed.lines,
      contracts: [{ digest: signed.contract.digest, bytes: signed.contractBytes }],
      trust: {
        ...honest.trust,
        signers: [],
        logs: [{ key: logKeyOf(SERVER), revokedAt: null }],
        authorities: authorityRootsOf(signed.contract),
      },
    }
    const { root, verdict } = await open(writeEvidence(brought))
    expect(verdict).toBe('pass')
    const text = root.textContent
    for (const name of ['source', 'build', 'deploy']) {
      expect(text).toContain(`${name} github.com/acme/shop@main · ${name}.yml · run 7000000001/1`)
    }
    expect(text).toContain('ours vouches for identities, by its root ')
    expect(text).toContain('sourceRepositoryIdentifier: 1000000001')
    // Of all that the step claims, the one fact that nobody vouches for.
    const claimed = root
      .all()
      .filter(classed('quiet'))
      .filter(({ tag }) => tag === 'ul')
    expect(claimed.map((list) => list.textContent)).toEqual(Array(3).fill('runnerEnvironment: claimed-runner'))
    expect(
      root
        .all()
        .filter(classed('grade'))
        .map(({ textContent }) => textContent),
    ).toEqual(['A', 'A', 'A'])
    // Without the receipts nobody says when it was signed.
    const bare = await open(writeEvidence({ ...brought, lines: signed.lines.slice(0, 3) }))
    expect(bare.verdict).toBe('fail')
    expect(bare.root.textContent).toContain('time-untrusted')
  })

  test('shows what is broken, why, and what to do', async () => {
    const { root, verdict } = await open(broken)
    expect(verdict).toBe('fail')
    expect(root.find(({ tag }) => tag === 'h1').textContent).toBe('✗Not verified')
    expect(root.all().filter(classed('line')).filter(classed('broken')).length).toBe(1)
    expect(root.find(({ attributes }) => attributes.get('id') === 'findings').textContent).toContain('previous-missing')
  })

  test('says so where it cannot read its evidence', async () => {
    const { root, verdict } = await open(bytes.slice(0, -1))
    expect(verdict).toBe('unreadable')
    expect(root.textContent).toContain('json-invalid')
  })

  test('knows the trust root that its reader was given', async () => {
    const { root } = await open(bytes)
    const field = root.find(({ attributes }) => attributes.get('id') === 'pin')
    const type = (text: string) => {
      field.value = text
      field.listeners.get('input')!({})
      return root.find(({ tag }) => tag === 'h1').textContent
    }
    const { trustRoot } = await examine(bytes, { crypto: nodeCrypto, now: at(60) })
    expect(type(`sha256:${trustRoot} `)).toBe('✓Verified')
    expect(type(trustRoot.replace(/^./, (c) => (c === '0' ? '1' : '0')))).toBe('✗Not the trust root you were given')
    expect(type('nonsense')).toBe('✗Not the trust root you were given')
    expect(type('')).toBe('✓Verified, under its own keys')
  })

  test('notices a byte that is flipped, and comes back', async () => {
    const { root } = await open(bytes)
    const button = (name: string) => root.find(({ tag, textContent }) => tag === 'button' && textContent === name)
    root.find(({ attributes }) => attributes.get('id') === 'target').value = 'payload'
    button('Flip one byte').listeners.get('click')!({})
    for (let left = 200; !root.textContent.includes('Noticed') && left > 0; left--) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(root.textContent).toContain('Noticed: the verdict is another.')
    expect(await verdictOf(root)).toBe('fail')
    button('Restore').listeners.get('click')!({})
    for (let left = 200; (await verdictOf(root)) !== 'pass' && left > 0; left--) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(await verdictOf(root)).toBe('pass')
  })
})
