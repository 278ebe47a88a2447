import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { derNull, derOctets, derOid, derSequence, parseCertificate } from '@countersign/formats/x509'
import { describe, expect, test } from 'vitest'
import {
  certificate,
  type CertificateOptions,
  extension,
  newKey,
  type TestCertificate,
} from '../../../../test/anchors/certificates.ts'
import { CODE_SIGNING, findPath, type PathSearch, TIME_STAMPING } from './path.ts'

const TIME = Date.parse('2026-11-21T12:00:00Z')
const key = newKey()
const ca = (name: string, issuer: TestCertificate | null, more: Partial<CertificateOptions> = {}) =>
  certificate({ name, key, issuer, ca: true, ...more })
const read = ({ der }: TestCertificate) => parseCertificate(der, 'certificate-invalid')
const root = ca('root', null)
const leafOf = (issuer: TestCertificate) => certificate({ name: 'leaf', key, issuer, purposes: [CODE_SIGNING] })

interface Searched extends Partial<Omit<PathSearch, 'leaf' | 'others' | 'known' | 'pinned'>> {
  readonly others?: readonly TestCertificate[]
  readonly known?: readonly TestCertificate[]
  readonly pinned?: readonly TestCertificate[]
}

/** What is found, and how many signatures it took. */
function search(leaf: TestCertificate, { others = [], known = [], pinned = [root], ...more }: Searched = {}) {
  let checks = 0
  const crypto: typeof nodeCrypto = {
    ...nodeCrypto,
    verifySigned: (...of) => {
      checks++
      return nodeCrypto.verifySigned!(...of)
    },
  }
  const [all, trusted, told] = [others.map(read), pinned.map(read), known.map(read)]
  const asked = { leaf: read(leaf), others: all, known: told, pinned: trusted, time: TIME, purpose: CODE_SIGNING }
  const { path, fault } = findPath({ ...asked, crypto, ...more })
  return { length: path?.length ?? null, fault, checks }
}

/** So many CAs, each under the one before. */
function below(top: TestCertificate, count: number): TestCertificate[] {
  const made = [top]
  for (let i = 1; i <= count; i++) made.push(ca(`CA ${i}`, made.at(-1)!))
  return made.slice(1)
}

describe('a path of certificates', () => {
  test('ends at one that is pinned, and nowhere else', () => {
    const [middle] = below(root, 1)
    const leaf = leafOf(middle!)
    expect(search(leaf, { others: [middle!] })).toEqual({ length: 3, fault: null, checks: 2 })
    expect(search(leaf, { others: [middle!], pinned: [middle!] })).toEqual({ length: 2, fault: null, checks: 1 })
    expect(search(leaf, { pinned: [leaf] })).toEqual({ length: 1, fault: null, checks: 0 })
    expect(search(leaf, { others: [root] })).toEqual({ length: null, fault: null, checks: 0 })
    expect(search(leaf, { others: [middle!, root], pinned: [ca('root', null, { key: newKey() })] }).length).toBe(null)
  })

  test('is of six certificates at most', () => {
    const four = below(root, 4)
    expect(search(leafOf(four.at(-1)!), { others: four }).length).toBe(6)
    const five = below(root, 5)
    expect(search(leafOf(five.at(-1)!), { others: five }).length).toBe(null)
  })

  test('goes through no certificate twice, and asks about none twice that comes twice', () => {
    const alone = ca('alone', null)
    const leaf = leafOf(alone)
    expect(search(leaf, { others: [alone] })).toEqual({ length: null, fault: null, checks: 1 })
    expect(search(leaf, { others: [alone, alone], known: [alone] }).checks).toBe(1)
    // Two that have signed each other.
    const [one, two] = [ca('one', { ...alone, name: ca('two', null).name }), ca('two', ca('one', null))]
    expect(search(leafOf(one), { others: [one, two] }).checks).toBe(2)
  })

  test('is remembered by who signed whom', () => {
    const [middle] = below(root, 1)
    const [leaf, between, end] = [leafOf(middle!), middle!, root].map(read) as [never, never, never]
    const signed: NonNullable<PathSearch['signed']> = new WeakMap()
    let checks = 0
    const verifySigned: typeof nodeCrypto.verifySigned = (...of) => {
      checks++
      return nodeCrypto.verifySigned!(...of)
    }
    const crypto = { ...nodeCrypto, verifySigned }
    const asked = {
      leaf,
      others: [],
      known: [between],
      pinned: [end],
      time: TIME,
      purpose: CODE_SIGNING,
      crypto,
      signed,
    }
    expect(findPath(asked).path?.length).toBe(3)
    expect(checks).toBe(2)
    expect(findPath(asked).path?.length).toBe(3)
    expect(checks).toBe(2)
    // Who signed one has not signed another: that is asked.
    expect(findPath({ ...asked, leaf: read(leafOf(ca('CA 1', null, { key: newKey() }))) }).path).toBe(null)
    expect(checks).toBe(3)
    // Two that have one key have both signed it, each of which is remembered.
    const twin = { ...asked, known: [], pinned: [read(middle!), read(ca('CA 1', root, { serial: 2 }))] as const }
    for (const [i, one] of [...twin.pinned, ...twin.pinned, ...twin.pinned].entries()) {
      expect(findPath({ ...twin, pinned: [one] }).path?.length).toBe(2)
      expect(checks).toBe(4 + Math.min(i, 1))
    }
    checks = 3
    // And what is wrong with whoever signed is looked at each time.
    expect(findPath({ ...asked, time: Date.parse('2040-01-01T00:00:00Z') }).fault).toMatchObject({ expired: true })
    expect(checks).toBe(3)
  })
})

describe('whoever issues', () => {
  const under = (more: Partial<CertificateOptions>, asked: Searched = {}) => {
    const issuer = ca('issuer', root, more)
    const told = search(leafOf(issuer), { known: [issuer], ...asked })
    // The same, brought along by whoever is to be judged, is none, and nothing of it is told.
    const brought = search(leafOf(issuer), { others: [issuer], ...asked })
    expect(brought).toEqual({ ...told, fault: null })
    return told.length === null ? told.fault?.what.replace(/ 01( |$)/, ' N$1') : told.length
  }

  test.each<[string, Partial<CertificateOptions>]>([
    ['a CA', {}],
    ['a CA that says nothing of its key', { usage: null }],
    ['a CA whose key is for certificates alone', { usage: [5] }],
    ['for signing code', { purposes: [CODE_SIGNING] }],
    ['for signing code among others', { purposes: [TIME_STAMPING, CODE_SIGNING] }],
    ['for any purpose', { purposes: ['2.5.29.37.0'] }],
    ['a CA with nobody between', { pathLength: 0 }],
    ['whose key identifier is critical', { more: [extension('2.5.29.14', true, derOctets(Uint8Array.of(1)))] }],
    ['whose issuer’s key identifier is critical', { more: [extension('2.5.29.35', true, derSequence())] }],
    ['whose other names are critical', { more: [extension('2.5.29.17', true, derSequence())] }],
    [
      'whose policies are critical',
      { more: [extension('2.5.29.32', true, derSequence(derSequence(derOid('2.5.29.32.0'))))] },
    ],
    ['with something that nobody need know', { more: [extension('1.2.3.4', false, derNull())] }],
    ['of the first second', { from: '2026-11-21T12:00:00Z' }],
    ['of the last second', { until: '2026-11-21T12:00:00Z' }],
  ])('may be %s', (_, more) => {
    expect(under(more)).toBe(3)
  })

  test.each<[string, Partial<CertificateOptions>, string]>([
    ['no CA', { ca: false, purposes: null, usage: [5] }, 'the certificate N signed another and is no CA'],
    ['a CA whose key is for lists alone', { usage: [6] }, 'the key of N may not sign certificates'],
    ['for servers', { purposes: ['1.3.6.1.5.5.7.3.1'] }, 'the CA N is not for those who sign code'],
    ['for timestamps', { purposes: [TIME_STAMPING] }, 'the CA N is not for those who sign code'],
    ['over', { until: '2026-11-21T11:59:59Z' }, 'the certificate N was not valid at that time'],
    ['not there yet', { from: '2026-11-21T12:00:01Z' }, 'the certificate N was not valid at that time'],
    [
      'with something that must be known',
      { more: [extension('1.2.3.4', true, derNull())] },
      'the certificate N has the critical extension 1.2.3.4',
    ],
    [
      'for names of some kind alone, critically',
      { more: [extension('2.5.29.30', true, derSequence())] },
      'the certificate N has the critical extension 2.5.29.30',
    ],
    [
      'one that cannot be read',
      { usage: null, more: [extension('2.5.29.15', true, derNull())] },
      'the key usage has no element of tag 3 where one must be',
    ],
  ])('may not be %s', (_, more, what) => {
    expect(under(more)).toBe(what)
  })

  test('may not be for those who sign code, where a timestamp is asked about', () => {
    const asked = { purpose: TIME_STAMPING }
    expect(under({ purposes: [TIME_STAMPING] }, asked)).toBe(3)
    expect(under({ purposes: [CODE_SIGNING] }, asked)).toBe('the CA N is not for timestamp authorities')
  })

  test('is over, and nothing else is wrong, where a later or an earlier time would have been good', () => {
    const late = ca('issuer', root, { until: '2026-11-21T11:59:59Z' })
    expect(search(leafOf(late), { known: [late] }).fault).toMatchObject({ expired: true })
    const evil = ca('issuer', root, { usage: [6] })
    expect(search(leafOf(evil), { known: [evil] }).fault).toMatchObject({ expired: false })
  })

  test('signs by an algorithm that is taken', () => {
    const sha1: TestCertificate = {
      ...root,
      key: { ...key, algorithm: derSequence(derOid('1.2.840.10045.4.1')) },
    }
    expect(search(leafOf(sha1)).fault).toEqual({
      what: 'the certificate 01 is signed by an algorithm that is not taken',
      expired: false,
    })
  })

  test('has so many CAs below it as it says, those not counted that issued themselves (RFC 5280 §4.2.1.9)', () => {
    const bounded = (pathLength: number) => ca('root', null, { pathLength })
    for (const [length, between] of [
      [0, 0],
      [1, 1],
      [2, 2],
    ] as const) {
      const top = bounded(length)
      const fits = below(top, between)
      expect(search(leafOf(fits.at(-1) ?? top), { others: fits, pinned: [top] }).length).toBe(between + 2)
      const more = below(top, between + 1)
      expect(search(leafOf(more.at(-1)!), { others: more, pinned: [top] })).toMatchObject({
        length: null,
        fault: { what: 'there are too many certificates under 01', expired: false },
      })
    }
    const top = bounded(0)
    const again = ca('root', top, { serial: 7 })
    expect(search(leafOf(again), { others: [again], pinned: [top] }).length).not.toBe(null)
  })
})

test('a certificate that cannot be read hides none of the same name that can, and is no fault unless it is trusted', () => {
  const torn = ca('issuer', root, { usage: null, more: [extension('2.5.29.15', true, derNull())] })
  const good = ca('issuer', root, { serial: 9 })
  const leaf = leafOf(good)
  for (const others of [
    [torn, good],
    [good, torn],
  ]) {
    expect(search(leaf, { others })).toMatchObject({ length: 3, fault: null })
  }
  expect(search(leaf, { others: [torn] })).toMatchObject({ length: null, fault: null })
  expect(search(leaf, { known: [torn] }).fault).toMatchObject({ expired: false })
  // What is wrong with one that has the name and has not signed is no fault either.
  const stranger = ca('issuer', root, { usage: [6], key: newKey() })
  expect(search(leaf, { known: [stranger] })).toMatchObject({ length: null, fault: null })
})
