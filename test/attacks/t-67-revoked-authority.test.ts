import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { readChain, type Trust, trustOf, verifyStep } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { LocalAuthority } from '../identity/local-ca.ts'
import { authorityYaml, CA, keylessContract, keylessRun, SERVER, WORKFLOWS } from '../keyless.ts'
import { at, countersign } from '../pipeline.ts'

// T-67: a key that was stolen, or an authority that was taken over. What it vouched for before stays; nothing after. The
// time is that of the log, for whoever stole a key writes what time he likes.

const run = keylessRun()
const trust = trustOf(run.contract)
const [, build] = run.steps
/** The build is accepted in minute 4. */
const ACCEPTED = at(4)

const revoked = (what: 'authority' | 'identity', since: string): Trust => ({
  ...trust,
  authorities: trust.authorities!.map((one) => (what === 'authority' ? { ...one, revokedAt: since } : one)),
  identities: trust.identities!.map((one) =>
    what === 'identity' && one.name === 'build' ? { ...one, revokedAt: since } : one,
  ),
})

describe.each(['authority', 'identity'] as const)('T-67: an %s that was revoked', (what) => {
  test.each([
    [5, []],
    [4, ['build']],
    [3, ['build']],
  ])('since minute %i', (minute, lost) => {
    const { steps, refused } = readChain(run.lines, revoked(what, at(minute)), nodeCrypto)
    const names = [...steps.values()].map(({ signer }) => signer.name)
    // An authority takes with it what it vouched for later, too.
    const gone = what === 'authority' ? [...lost, 'deploy'] : lost
    expect(names).toEqual(['source', 'build', 'deploy'].filter((name) => !gone.includes(name)))
    const codes = refused.map(({ report }) => report.code).filter((code) => code !== 'receipt-invalid')
    expect(codes).toEqual(gone.map(() => 'signer-revoked'))
  })

  test('what the step says of its own time does not count', () => {
    // It finished in minute 3, and was accepted in minute 4.
    expect(build!.statement.predicate.invocation.finishedAt).toBe(at(3))
    expect(readChain(run.lines, revoked(what, ACCEPTED), nodeCrypto).steps.has(build!.link)).toBe(false)
    expect(() => verifyStep(build!.bundle, revoked(what, ACCEPTED), nodeCrypto, ACCEPTED)).toThrow(
      expect.objectContaining({ code: 'signer-revoked' }),
    )
    expect(verifyStep(build!.bundle, revoked(what, ACCEPTED), nodeCrypto, at(3)).signer.name).toBe('build')
  })

  test('the earliest time that is proven counts, in whichever order it comes', () => {
    const later = countersign(SERVER, build!, 8, { acceptedAt: at(9) })
    for (const lines of [
      [later, ...run.lines],
      [...run.lines, later],
    ]) {
      expect(readChain(lines, revoked(what, at(8)), nodeCrypto).steps.has(build!.link)).toBe(true)
    }
    const only = run.lines.map((line) => (line === run.receipts[1] ? later : line))
    expect(readChain(only, revoked(what, at(8)), nodeCrypto).steps.has(build!.link)).toBe(false)
  })
})

test('T-67: an identity that was revoked is not saved by a second name for it', () => {
  const twice = (more: string) =>
    keylessContract({ signers: { ...WORKFLOWS, build: `${WORKFLOWS.build}${more}` } })
      .replace('authorities:\n', `  again:\n${WORKFLOWS.build}\nauthorities:\n`)
      .replace('signers: [build]', 'signers: [build, again]')
  const stepsOf = (contract: string) => {
    const other = keylessRun({ contract })
    return readChain(other.lines, trustOf(other.contract), nodeCrypto).steps.size
  }
  expect(stepsOf(twice(''))).toBe(3)
  expect(stepsOf(twice(`\n    revokedSince: "${at(4)}"`))).toBe(2)
})

test('T-67: an authority that was rotated: each vouches for its own, and the old one no longer', () => {
  const next = new LocalAuthority({ name: 'ours', seed: 'next' })
  const authorities = `  ours:\n${authorityYaml()}\n    revokedSince: "${at(3)}"\n  next:\n${authorityYaml(next)}`
  const signedBy = (after: LocalAuthority) => {
    const contract = keylessContract({ authorities })
    const other = keylessRun({ contract, issue: (name) => (name === 'source' ? {} : { by: after }) })
    const { steps } = readChain(other.lines, trustOf(other.contract), nodeCrypto)
    return [...steps.values()].map(({ signer }) => signer.authority)
  }
  expect(signedBy(next)).toEqual(['ours', 'next', 'next'])
  expect(signedBy(CA)).toEqual(['ours'])
})
