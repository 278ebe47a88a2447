import { portableCrypto } from '@countersign/core/portable'
import {
  type ChainLine,
  type Disclosure,
  isAttachment,
  isBundle,
  isDeviation,
  isDisclosure,
  isReceipt,
  linkDigest,
} from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { honestRun, seal, sha256 } from '../../../test/pipeline.ts'
import { linesAbout } from './index.ts'

const one = honestRun({ commit: 'one' })
const other = honestRun({ commit: 'other', who: one.who })
const again = honestRun({ commit: 'one', who: one.who })
const all = [...one.lines, ...other.lines, ...again.lines]
const app = one.app.digest.sha256

const namesOf = (lines: readonly ChainLine[]) =>
  lines.map((line) => {
    if (isBundle(line)) return linkDigest(line.envelope, portableCrypto)
    if (isDisclosure(line)) return `${line.field} of ${line.link}`
    if (isDeviation(line)) return 'deviation'
    if (isAttachment(line)) return `attachment of ${line.link}`
    return isReceipt(line) ? `receipt ${line.opening.link}` : `withheld ${line.unopened.link}`
  })

describe('of all lines, those about', () => {
  test('an artifact are the runs that vouch for it, whole, with their receipts', () => {
    const about = linesAbout(all, { artifact: app }, portableCrypto)
    expect(about.chains).toEqual([one.chain.id, again.chain.id].toSorted())
    expect(namesOf(about.lines).toSorted()).toEqual(namesOf([...one.lines, ...again.lines]).toSorted())
    expect(about.contracts).toEqual([one.contract.digest])
  })

  test('an artifact are what opens sealed fields of its steps, and of no step that is not shown', () => {
    const disclosure = (link: string): Disclosure => ({
      link,
      field: 'directory',
      salt: new Uint8Array(32),
      value: '.',
    })
    const [own, others, gone] = [one.build.link, other.build.link, one.source.link].map(disclosure) as [
      Disclosure,
      Disclosure,
      Disclosure,
    ]
    const lines = [...all.filter((line) => line !== one.source.bundle), own, others, gone]
    const told = linesAbout(lines, { artifact: app }, portableCrypto).lines.filter(isDisclosure)
    expect(told).toEqual([own])
  })

  test('a run are its own', () => {
    const about = linesAbout(all, { chain: other.chain.id }, portableCrypto)
    expect(about.chains).toEqual([other.chain.id])
    expect(namesOf(about.lines).toSorted()).toEqual(namesOf(other.lines).toSorted())
  })

  test('a run that is not there are none', () => {
    const about = linesAbout(all, { chain: '00'.repeat(16) }, portableCrypto)
    expect(about).toEqual({ lines: [], chains: [], contracts: [] })
  })

  test('an artifact that nobody vouches for are all: they were brought forward for it', () => {
    const about = linesAbout(one.lines, { artifact: sha256('swapped') }, portableCrypto)
    expect(about.chains).toEqual([one.chain.id])
    expect(about.lines.length).toBe(one.lines.length)
  })

  test('what cannot be read is kept, for it may be why a step is missing', () => {
    const unreadable = seal(one.who.github, new TextEncoder().encode('no'))
    const about = linesAbout([...one.lines.slice(1), unreadable], { artifact: app }, portableCrypto)
    expect(about.lines).toContain(unreadable)
    // The receipt of the step that is gone: the next step names it.
    expect(about.lines).toContain(one.receipts[0])
  })
})
