import { expect, test } from 'vitest'
import { CodedError, sha256 } from '@countersign/core'
import { chainOfRun } from '@countersign/formats'
import { meaningsOf } from './search-grammar.ts'

const NOW = Date.parse('2026-11-22T12:30:00.000Z')
const crypto = { sha256 }
const of = (text: string) => meaningsOf(text, NOW, crypto)
const at = (time: string) => Date.parse(time)

test.each([
  ['prod@{2 days ago}', '2026-11-20T12:30:00.000Z'],
  ['prod@{2.days.ago}', '2026-11-20T12:30:00.000Z'],
  ['prod@{1 hour ago}', '2026-11-22T11:30:00.000Z'],
  ['prod@{3 weeks ago}', '2026-11-01T12:30:00.000Z'],
  ['prod@{1 month ago}', '2026-10-22T12:30:00.000Z'],
  ['prod@{1 year ago}', '2025-11-22T12:30:00.000Z'],
  ['prod@{yesterday}', '2026-11-21T12:30:00.000Z'],
  ['prod@{now}', '2026-11-22T12:30:00.000Z'],
  ['prod@{2026-11-20}', '2026-11-20T23:59:59.999Z'],
  ['prod@{2026-11-20T10:00:00Z}', '2026-11-20T10:00:00.000Z'],
  [' prod@{ 2 Days ago } ', '2026-11-20T12:30:00.000Z'],
])('%s is what was in force at %s', (text, time) =>
  expect(of(text)).toEqual([{ kind: 'deploy', environment: 'prod', at: at(time) }]),
)

test.each([
  ['prod~3', { back: 3 }],
  ['prod~', { back: 1 }],
  ['prod~0', { back: 0 }],
  ['prod@{2}', { back: 2 }],
  ['prod#42', { id: 42 }],
])('%s is one of its deploys', (text, which) =>
  expect(of(text)).toEqual([{ kind: 'deploy', environment: 'prod', ...which }]),
)

test.each([
  ['https://github.com/acme/shop/actions/runs/42', 'github-actions', 'https://github.com/acme/shop', '42'],
  ['https://github.com/acme/shop/actions/runs/42/attempts/2', 'github-actions', 'https://github.com/acme/shop', '42'],
  ['https://git.acme.example/a/b/actions/runs/7/job/9?pr=1', 'github-actions', 'https://git.acme.example/a/b', '7'],
  ['https://gitlab.com/acme/web/shop/-/pipelines/9', 'gitlab-ci', 'https://gitlab.com/acme/web/shop', '9'],
  [
    'https://console.cloud.google.com/cloud-build/builds;region=europe-west1/0b1c2d3e-0000-4000-8000-000000000001?project=p',
    'google-cloud-build',
    null,
    '0b1c2d3e-0000-4000-8000-000000000001',
  ],
])('%s is the chain that its run begins', (text, system, repository, id) =>
  expect(of(text)).toEqual([{ kind: 'chain', value: chainOfRun({ system, repository, id }, crypto) }]),
)

test('an address that does not say what its chain is made of means nothing', () => {
  expect(of('https://gitlab.com/acme/shop/-/jobs/9')).toEqual([])
  expect(of('https://github.com/acme/shop')).toEqual([])
})

test('digits are a digest or an id or their beginning, a number of a statement, and a name', () => {
  const digest = 'ab'.repeat(32)
  for (const text of [digest, digest.toUpperCase(), `sha256:${digest}`, ` ${digest}`]) {
    expect(of(text)[0]).toEqual({ kind: 'hex', value: digest })
  }
  expect(of('abcd').map(({ kind }) => kind)).toEqual(['name'])
  expect(of('abcde').map(({ kind }) => kind)).toEqual(['hex', 'name'])
  expect(of('123456')).toEqual([
    { kind: 'hex', value: '123456' },
    { kind: 'statement', value: 123456 },
    { kind: 'name', value: '123456' },
  ])
  expect(of('#7')).toEqual([
    { kind: 'statement', value: 7 },
    { kind: 'name', value: '#7' },
  ])
  expect(of('shop/web')).toEqual([{ kind: 'name', value: 'shop/web' }])
  expect(of(`${digest}0`)).toEqual([{ kind: 'name', value: `${digest}0` }])
})

test.each([
  '',
  '  ',
  'x'.repeat(513),
  'a\u0007b',
  'prod@{someday}',
  'prod@{2026-13-40}',
  'prod@{0 fortnights ago}',
  'prod@{99999 years ago}',
])('%j is refused', (text) => {
  try {
    of(text)
  } catch (error) {
    expect((error as CodedError).code).toBe('request-invalid')
    return
  }
  expect.unreachable()
})
