import { CodedError } from '@countersign/core'
import { expect, test } from 'vitest'
import { isAway, mayPass, refusalOf } from './problem.ts'

const asked = 'GET /foo/v1/keys'

test('what a server says of the way out is told, but for an address that is not the one of a server', () => {
  const told = { code: 'signer-unknown', what: 'nobody knows it', fix: 'Enrol it.' }
  expect(refusalOf(422, told, asked)).toMatchObject({ code: 'signer-unknown', fix: 'Enrol it.' })
  const elsewhere = { code: 'method-unknown', what: `${asked} is not a route`, fix: 'See /openapi.json.' }
  expect(refusalOf(404, elsewhere, asked)).toMatchObject({
    code: 'method-unknown',
    what: `${asked} is not a route`,
    fix: expect.stringContaining('COUNTERSIGN_URL') as string,
  })
})

test.each([
  [429, null, true, true],
  [408, null, true, true],
  [500, null, true, true],
  [503, { code: 'storage-full', what: 'no room' }, true, true],
  [401, { code: 'token-missing', what: 'no token' }, false, true],
  [422, { code: 'place-taken', what: 'taken' }, false, false],
])('HTTP %i: whether the server is away, and whether it may pass', (status, body, away, pass) => {
  const error = refusalOf(status, body, asked)
  expect([isAway(error), mayPass(error)]).toEqual([away, pass])
})

test('what did not reach a server may pass; only where there was none it is away', () => {
  expect(isAway(new CodedError('server-unreachable', 'down'))).toBe(true)
  const other = new CodedError('server-answer', 'not ours')
  expect([isAway(other), mayPass(other)]).toEqual([false, true])
})
