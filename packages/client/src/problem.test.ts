import { expect, test } from 'vitest'
import { refusalOf } from './problem.ts'

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
