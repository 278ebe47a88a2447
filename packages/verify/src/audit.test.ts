import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import {
  ADMINISTRATIVE_PAYLOAD_TYPE,
  type AdministrativeAct,
  type LoggedAct,
  writeAdministrativeAct,
} from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { endorse, logAct } from '../../../test/acts.ts'
import { at, logKeyOf, party, type Party } from '../../../test/pipeline.ts'
import { actDigest, checkActsFollow, checkAudit, type VerifiedAct, verifyLoggedAct } from './audit.ts'
import { logKeys, type Trust } from './index.ts'

const [log, mine] = [party('log', 'ed25519'), party('mine', 'ed25519')]
const trust: Trust = { signers: [], countersigners: logKeys([logKeyOf(log)]) }
const act = (number: number, more: Partial<AdministrativeAct> = {}): AdministrativeAct => ({
  id: number.toString(16).padStart(32, '0'),
  number,
  previous: number === 0 ? null : 'a'.repeat(64),
  at: at(number),
  by: { kind: 'token', id: 't1', name: null },
  act: 'token.made',
  about: 't2',
  detail: {},
  ...more,
})
const codeOf = (work: () => unknown) => {
  try {
    work()
    return null
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return `${error.code}: ${error.what}`
  }
}

function logged(what: AdministrativeAct, by: Party = log, time = what.at): LoggedAct {
  const payload = writeAdministrativeAct(what)
  return { payload, act: what, logged: logAct(endorse(payload, ADMINISTRATIVE_PAYLOAD_TYPE, []), by, [], { time }) }
}

describe('an act', () => {
  test('is verified where a believed log has it, at the time that it says', () => {
    const one = logged(act(0))
    expect(verifyLoggedAct(one, trust, nodeCrypto)).toEqual({
      act: one.act,
      digest: actDigest(one.payload, nodeCrypto),
      index: 0,
    })
  })

  test('is not, where the leaf is of another time, of another act, or of a log that is not believed', () => {
    const verify = (one: LoggedAct) => codeOf(() => verifyLoggedAct(one, trust, nodeCrypto))
    expect(verify(logged(act(0), log, at(5)))).toBe('act-invalid: act 0 is of another time than its leaf')
    expect(verify({ ...logged(act(0)), logged: logged(act(0, { about: 't3' })).logged })).toMatch(/^receipt-invalid/)
    expect(verify(logged(act(0), mine))).not.toBeNull()
  })
})

describe('acts', () => {
  const digests = ['a', 'b', 'c', 'd'].map((one) => one.repeat(64))
  /** From `first` on, each naming the one before, at these places of the log. */
  const row = (first: number, ...places: readonly number[]): VerifiedAct[] =>
    places.map((index, i) => ({
      act: act(first + i, { previous: first + i === 0 ? null : i === 0 ? 'f'.repeat(64) : digests[i - 1]! }),
      digest: digests[i]!,
      index,
    }))

  test('are all that there were, from the first on, each naming the one before and behind it in the log', () => {
    for (const good of [[], row(0, 3), row(0, 3, 4, 9)]) expect(codeOf(() => checkAudit(good))).toBeNull()
    expect(codeOf(() => checkActsFollow(row(7, 3, 4)))).toBeNull()
  })

  test('lack the first, one in between, or have one that was put in another’s place or behind its time', () => {
    expect(codeOf(() => checkAudit(row(1, 3, 4)))).toBe('audit-broken: act 0 is missing: act 1 comes next')
    const gap = row(0, 3, 4, 5)
    for (const check of [checkAudit, checkActsFollow]) {
      expect(codeOf(() => check([gap[0]!, gap[2]!]))).toBe('audit-broken: act 1 is missing: act 2 comes next')
      const twice = [gap[0]!, gap[1]!, gap[1]!]
      expect(codeOf(() => check(twice))).toBe('audit-broken: act 2 is missing: act 1 comes next')
      const other = [gap[0]!, { ...gap[1]!, act: { ...gap[1]!.act, previous: 'e'.repeat(64) } }]
      expect(codeOf(() => check(other))).toBe('audit-broken: act 1 does not name the one before it that is shown')
      for (const places of [
        [4, 4],
        [4, 3],
      ]) {
        expect(codeOf(() => check(row(0, ...places)))).toBe('audit-broken: act 1 stands before act 0 in the log')
      }
    }
  })
})
