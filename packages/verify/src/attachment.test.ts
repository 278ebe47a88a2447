import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { hex, utf8 } from '@countersign/core'
import { type Attachment, type ReportNotes, type ReportRef, type Resource, writeStep } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { file, linkOf, newChainId, received, seal, sha256, statement } from '../../../test/pipeline.ts'
import { verifyAttachment } from './attachment.ts'
import { readChain } from './index.ts'
import { ci, opened, trustIn } from './verify.test-kit.ts'

const chain = { id: newChainId(), pipeline: 'p', contract: null }
const [app, lib, other] = [file('app', 'app'), file('lib', 'lib'), file('other', 'other')]
const trust = trustIn([ci])

/** A bill of materials about things with these digests. */
function bom(...hashes: readonly (readonly { alg: string; content: string }[])[]): string {
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { hashes: hashes[0] } },
    components: hashes.slice(1).map((own, i) => ({ name: `dep-${i}`, hashes: own })),
  })
}

function refTo(content: string, notes: Partial<ReportNotes> | null, name = 'report'): ReportRef {
  const ref = { name, digest: { sha256: sha256(content) }, mediaType: 'application/vnd.cyclonedx+json' }
  if (notes === null) return { ...ref, mediaType: 'text/plain' }
  const facts = { version: '1.6', components: 0, vulnerabilities: 0 }
  const annotations = { type: 'cyclonedx', facts, about: [], signer: null, size: utf8(content).length, ...notes }
  return { ...ref, annotations }
}

/** A step that recorded these, and made and received those. */
function stepWith(
  evidence: readonly ReportRef[],
  { subject = [app], materials = [] as readonly Resource[], name = 'build' } = {},
) {
  const made = statement({ chain, name, subject, materials: materials.map((one) => received(one, null)) })
  const bundle = seal(ci, writeStep({ ...made, predicate: { ...made.predicate, evidence } }))
  return { bundle, link: linkOf(bundle), statement: made }
}

const beside = (link: string, content: string): Attachment => ({ link, content: utf8(content) })
const read = (lines: Parameters<typeof readChain>[0]) => {
  const { attached, refused } = readChain(lines, trust, nodeCrypto)
  return {
    attached: [...attached].map(([link, all]) => [link, all.map(({ attachment: { content } }) => hex(content))]),
    refused: refused.map(({ report }) => report.code),
  }
}
const hexOf = (text: string) => hex(utf8(text))

describe('a report beside its step', () => {
  const step = stepWith([refTo('one', null, 'a'), refTo('two', null, 'b')])
  const twin = stepWith([refTo('one', null, 'a')], { name: 'twin' })

  test('is told once, in the order of the lines, for each step that recorded it', () => {
    const [one, two] = [beside(step.link, 'one'), beside(step.link, 'two')]
    expect(read([step.bundle, twin.bundle, two, one, two, beside(twin.link, 'one'), one])).toEqual({
      attached: [
        [step.link, [hexOf('two'), hexOf('one')]],
        [twin.link, [hexOf('one')]],
      ],
      refused: [],
    })
  })

  test('is of no other step, though the bytes are those of a report of it', () => {
    const verified = opened(step)
    expect(verifyAttachment(beside(step.link, 'two'), verified, [], nodeCrypto).refs).toHaveLength(1)
    expect(() => verifyAttachment(beside(twin.link, 'two'), verified, [], nodeCrypto)).toThrow(
      expect.objectContaining({
        code: 'report-mismatch',
        what: expect.stringContaining('is not to step build') as string,
      }),
    )
    expect(read([step.bundle, twin.bundle, beside(twin.link, 'two')])).toEqual({
      attached: [],
      refused: ['report-mismatch'],
    })
  })

  test('that was recorded twice is held against each time', () => {
    const content = bom([{ alg: 'SHA-256', content: app.digest.sha256 }])
    const about = [app.digest.sha256]
    const good = refTo(content, { about })
    const kept = (...refs: readonly ReportRef[]) => {
      const own = stepWith(refs)
      return read([own.bundle, beside(own.link, content)]).attached.length
    }
    expect(kept(good, refTo(content, { about }, 'again'))).toBe(1)
    // Once it was read, and once not.
    expect([kept(good, refTo(content, null, 'raw')), kept(refTo(content, null, 'raw'), good)]).toEqual([1, 1])
    const lie = refTo(content, { about, facts: { version: '1.6', components: 9, vulnerabilities: 0 } }, 'lie')
    expect([kept(good, lie), kept(refTo(content, null, 'raw'), lie)]).toEqual([0, 0])
  })

  test('that cannot be read says why', () => {
    const own = stepWith([refTo('no report', {})])
    try {
      verifyAttachment(beside(own.link, 'no report'), opened(own), [], nodeCrypto)
      expect.fail()
    } catch (error) {
      expect(error).toMatchObject({ code: 'report-mismatch', cause: { code: expect.stringMatching(/./) as string } })
    }
  })
})

// T-42: whoever signs a step could say of a report that it is about what it does not name, or hide what it is about.
describe('what a report is about', () => {
  const by = (resource: Resource) => [{ alg: 'SHA-256', content: resource.digest.sha256 }]
  const sha512 = 'a'.repeat(128)
  const strong = { ...app, digest: { ...app.digest, sha512 } }
  const about = (content: string, named: readonly Resource[], more: Parameters<typeof stepWith>[1] = {}) => {
    const components = (JSON.parse(content) as { components: unknown[] }).components.length
    const facts = { version: '1.6', components, vulnerabilities: 0 }
    const own = stepWith([refTo(content, { facts, about: named.map(({ digest }) => digest.sha256).toSorted() })], more)
    return read([own.bundle, beside(own.link, content)]).attached.length === 1
  }

  test('is all of it that the step made or received, and nothing else', () => {
    expect(about(bom(by(app)), [app])).toBe(true)
    expect(about(bom(by(app)), [])).toBe(false)
    expect(about(bom(by(app)), [app, lib], { materials: [lib] })).toBe(false)
    expect(about(bom(by(lib)), [lib], { materials: [lib] })).toBe(true)
    expect(about(bom(by(other)), [])).toBe(true)
  })

  test('is open where the report names another digest: that may be of a file whose SHA-256 the step says', () => {
    const content = bom([{ alg: 'SHA-512', content: sha512 }])
    expect(about(content, [strong], { subject: [strong] })).toBe(true)
    expect(about(content, [], { subject: [strong] })).toBe(false)
    expect(about(content, [app])).toBe(true)
    // One with both is not.
    const both = bom([...by(app), { alg: 'SHA-512', content: sha512 }])
    expect([about(both, [app]), about(both, [app, lib], { materials: [lib] })]).toEqual([true, false])
  })
})
