import { type Code, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Attachment, type ReportNotes, type ReportRef, writeStep } from '@countersign/formats'
import { MAX_REPORT_BYTES, parseReport } from '@countersign/formats/report'
import { judge, namedKeys, readChain } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { at, file, linkOf, newChainId, party, seal, sha256, statement } from '../pipeline.ts'

const by = party('ci')
const chain = { id: newChainId(), pipeline: 'shop/web', contract: null }
const trust = { signers: namedKeys(new Map([[by.name, by.publicKey]])), countersigners: [] }
const app = file('app', 'the app')
const JUNIT = '<testsuite tests="2"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>'
const BOM = JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { component: { hashes: [{ alg: 'SHA-256', content: app.digest.sha256 }] } },
  components: [{ name: 'dep' }],
})
const failedTest = { type: 'junit', facts: { tests: 2, failures: 1, errors: 0, skipped: 0 }, about: [], signer: null }

/** A step with one report, as its signer says that it is, and the report beside it. */
function stepWith(content: string, notes: Partial<ReportNotes> | null, mediaType: string) {
  const { type, facts, about } = { ...failedTest, ...notes }
  const size = notes?.size ?? utf8(content).length
  const annotations: ReportNotes = { type, facts, about, signer: notes?.signer ?? null, size }
  const ref: ReportRef = { name: 'report', digest: { sha256: sha256(content) }, mediaType }
  const step = statement({ chain, name: 'build', subject: [app] })
  const evidence = [notes === null ? ref : { ...ref, annotations }]
  const bundle = seal(by, writeStep({ ...step, predicate: { ...step.predicate, evidence } }))
  return { bundle, attachment: { link: linkOf(bundle), content: utf8(content) } }
}

function read({ bundle, attachment }: ReturnType<typeof stepWith>, other: Partial<Attachment> = {}) {
  const known = readChain([bundle, { ...attachment, ...other }], trust, portableCrypto)
  const { verdict } = judge({ artifact: app.digest.sha256, chain: known, contract: null, now: at(60) })
  const attached = [...known.attached.values()].flat()
  return {
    verdict,
    refused: known.refused.map(({ report }) => report.code),
    attached: attached.map(({ report }) => report?.type ?? null),
  }
}
const GOOD = { verdict: 'pass', refused: [], attached: ['junit'] }
// The step stands; what lies beside it is not its report.
const LIE = { verdict: 'pass', refused: ['report-mismatch' satisfies Code], attached: [] }

describe('T-42: what a step says of its report, the report must say', () => {
  test('honest ones are read again', () => {
    expect(read(stepWith(JUNIT, {}, 'application/xml'))).toEqual(GOOD)
    const bom = {
      type: 'cyclonedx',
      facts: { version: '1.6', components: 1, vulnerabilities: 0 },
      about: [app.digest.sha256],
    }
    expect(read(stepWith(BOM, bom, 'application/vnd.cyclonedx+json'))).toEqual({ ...GOOD, attached: ['cyclonedx'] })
    expect(read(stepWith('any log', null, 'text/plain'))).toEqual({ ...GOOD, attached: [null] })
  })

  test.each([
    ['failures left out', JUNIT, { facts: { tests: 2, failures: 0, errors: 0, skipped: 0 } }, 'application/xml'],
    ['a fact more', JUNIT, { facts: { ...failedTest.facts, passed: true } }, 'application/xml'],
    ['a fact less', JUNIT, { facts: { tests: 2 } }, 'application/xml'],
    ['another type', JUNIT, { type: 'test-result' }, 'application/xml'],
    ['another media type', JUNIT, {}, 'application/vnd.cyclonedx+json'],
    ['another size', JUNIT, { size: 1 }, 'application/xml'],
    ['about the artifact, which it does not name', JUNIT, { about: [app.digest.sha256] }, 'application/xml'],
    [
      'about nothing, and it names the artifact',
      BOM,
      { type: 'cyclonedx', facts: { version: '1.6', components: 1, vulnerabilities: 0 } },
      'application/vnd.cyclonedx+json',
    ],
    ['what nobody can read', 'no report', {}, 'application/xml'],
  ])('%s', (_, content, notes, mediaType) => {
    expect(read(stepWith(content, notes, mediaType))).toEqual(LIE)
  })

  test('and it is the one that was signed, of that step', () => {
    const step = stepWith(JUNIT, {}, 'application/xml')
    expect(read(step, { content: utf8(JUNIT.replace('<failure/>', '')) })).toEqual(LIE)
    // Of the same size, and with the same facts.
    expect(read(step, { content: utf8(JUNIT.replace('"a"', '"c"')) })).toEqual(LIE)
    expect(read(step, { link: 'd4'.repeat(32) })).toEqual(LIE)
    const sealed = statement({ chain, name: 'build', subject: [app] })
    const predicate = { ...sealed.predicate, evidence: { sealed: '5e'.repeat(32) } }
    const bundle = seal(by, writeStep({ ...sealed, predicate }))
    expect(read({ bundle, attachment: { ...step.attachment, link: linkOf(bundle) } })).toEqual(LIE)
  })
})

describe('T-46, T-94: reports that are bombs', () => {
  const code = (text: string | Uint8Array) => {
    try {
      return parseReport(typeof text === 'string' ? utf8(text) : text).type
    } catch (error) {
      return (error as { code?: string }).code
    }
  }

  test.each([
    ['elements within elements', '<testsuite>'.repeat(200_000)],
    ['attributes', `<testsuite ${Array.from({ length: 100_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`],
    [
      'entities of entities',
      `<!DOCTYPE z [<!ENTITY a "${'x'.repeat(50)}"><!ENTITY b "${'&a;'.repeat(1000)}">]><testsuite name="&b;"/>`,
    ],
    [
      'a file of this machine',
      '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/hostname">]><testsuite><testcase name="&x;"/></testsuite>',
    ],
    ['a document type from elsewhere', '<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:1/x.dtd"><testsuite/>'],
    ['brackets', `{"runs":${'['.repeat(200_000)}`],
    ['a name of 10 MB', `<${'a'.repeat(10_000_000)}/>`],
    ['an open value of 10 MB', `<testsuite name="${'a'.repeat(10_000_000)}`],
    ['ampersands', `<testsuite>${'&'.repeat(1_000_000)}</testsuite>`],
  ])('%s', (_, text) => {
    expect(code(text)).toBe('report-invalid')
  })

  test('are not read at all where they are too large, and good ones near the bound are', () => {
    expect(code(new Uint8Array(MAX_REPORT_BYTES + 1).fill(0x20))).toBe('input-too-large')
    expect(code(`<testsuite>${'<testcase name="a"/>'.repeat(300_000)}</testsuite>`)).toBe('junit')
    expect(code(`<testsuite>${'<testsuite>'.repeat(63)}${'</testsuite>'.repeat(63)}</testsuite>`)).toBe('junit')
  })
})
