import { expect, test } from 'vitest'
import { CATALOGUE } from './codes.ts'
import { CodedError, Findings, MAX_FINDINGS, reportOf } from './errors.ts'

test('an error carries code, what, why and fix', () => {
  const error = new CodedError('hex-invalid', 'not lower-case hex')
  expect(error).toBeInstanceOf(Error)
  expect(error.message).toBe('hex-invalid: not lower-case hex')
  expect(error.report()).toEqual({ code: 'hex-invalid', what: 'not lower-case hex', ...CATALOGUE['hex-invalid'] })
})

test('the thrower may know a better fix, and keeps the cause to itself', () => {
  const cause = new Error('secret detail')
  const error = new CodedError('usage', 'no such step', { fix: 'Name a step.', cause })
  expect(error.cause).toBe(cause)
  expect(error.report().fix).toBe('Name a step.')
  expect(JSON.stringify(error.report())).not.toContain('secret')
  expect('cause' in new CodedError('usage', 'x')).toBe(false)
})

test('what is not ours becomes internal, with nothing of it shown', () => {
  for (const thrown of [new TypeError('secret'), 'secret', null, undefined, { code: 'usage', what: 'secret' }]) {
    const report = reportOf(thrown)
    expect(report.code).toBe('internal')
    expect(JSON.stringify(report)).not.toContain('secret')
  }
  expect(reportOf(new CodedError('usage', 'x')).code).toBe('usage')
})

test('findings are told once each, a hundred of them in words', () => {
  const findings = new Findings()
  expect(findings.list).toEqual([])
  for (let i = 0; i < 3; i++) findings.find('edge-empty', 'the same')
  expect(findings.list).toEqual([new CodedError('edge-empty', 'the same').report()])
  for (let i = 1; i < MAX_FINDINGS; i++) findings.find('edge-empty', `another, ${i}`)
  expect(findings.list).toHaveLength(MAX_FINDINGS)
  findings.find('edge-empty', 'the same')
  expect(findings.list).toHaveLength(MAX_FINDINGS)
  for (let i = 0; i < 7; i++) findings.find('step-order', `too many, ${i}`)
  expect(findings.list).toHaveLength(MAX_FINDINGS + 1)
  expect(findings.list.at(-1)).toEqual(new CodedError('step-order', 'and 7 more findings').report())
})
