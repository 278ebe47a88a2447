import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { utf8 } from '@countersign/core'
import { vectors } from '../../../test/vectors/read.ts'
import { signAwsRequest } from './aws-sigv4.ts'

/** AWS's own, as `awslabs/aws-c-auth` has them (Apache-2.0): those for `/` without a query. */
interface Vector {
  readonly request: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | null
  readonly region: string
  readonly service: string
  readonly time: string
  readonly signBody: boolean
  readonly authorization: string
}

function sign({ request, region, service, time, signBody, ...credentials }: Vector): string {
  const [head, body = ''] = request.split('\n\n')
  // A line that begins with white space goes on with the one before (RFC 7230 §3.2.4).
  const [first, ...lines] = head!
    .trimEnd()
    .replace(/\n(?=[ \t])/g, ' ')
    .split('\n')
  const headers = lines.map((line): [string, string] => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 1),
  ])
  if (signBody) headers.push(['x-amz-content-sha256', createHash('sha256').update(body).digest('hex')])
  const added = signAwsRequest(
    { method: first!.split(' ')[0]!, headers, body: utf8(body) },
    { region, service, credentials, at: Date.parse(time) },
  )
  expect(added.map(([name]) => name)).toEqual([
    'x-amz-date',
    ...(credentials.sessionToken === null ? [] : ['x-amz-security-token']),
    'authorization',
  ])
  return added.at(-1)![1]
}

test.each(vectors<Vector>('aws-sigv4'))('signs as AWS does: %s', (_, vector) => {
  expect(sign(vector)).toBe(vector.authorization)
})

test('whatever changes, the signature does', () => {
  const [, vector] = vectors<Vector>('aws-sigv4').find(([name]) => name === 'post-x-www-form-urlencoded')!
  const others: Partial<Vector>[] = [
    { request: vector.request.replace('value1', 'value2') },
    { request: vector.request.replace('POST', 'PUT') },
    { request: vector.request.replace('example', 'exampla') },
    { secretAccessKey: 'x' },
    { sessionToken: 'x' },
    { region: 'us-west-1' },
    { service: 'kms' },
    { time: '2015-08-30T12:36:01Z' },
  ]
  const made = others.map((other) => sign({ ...vector, ...other }).slice(-64))
  expect(new Set([...made, vector.authorization.slice(-64)]).size).toBe(others.length + 1)
})
