import { expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { matrixKey, readInputs } from './inputs.ts'
import { checksummed, runnersList } from './made.ts'
import { safeForLog } from './log.ts'
import { summaryOf } from './summary.ts'

const read = (given: Record<string, string>, final = true) =>
  readInputs(
    Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    final,
  )
const usage = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return error instanceof CodedError ? error.code : 'another error'
  }
  return 'nothing'
}

test('nothing is demanded: a job is recorded', () => {
  expect(read({})).toMatchObject({
    mode: 'record',
    matrix: null,
    materials: [],
    lockfile: [],
    products: [],
    summary: true,
    jobStatus: 'success',
  })
  expect(read({ run: 'make' }).mode).toBe('run')
  expect(read({ products: ' a \n\n b', 'subject-path': 'c' }).products).toEqual(['a', 'b', 'c'])
})

test.each([
  [{ mode: 'deploy' }],
  [{ mode: 'run' }],
  [{ mode: 'gate', run: 'make' }],
  [{ 'show-summary': 'maybe' }],
  [{ 'subject-digest': 'sha256:12' }],
  [{ 'subject-digest': 'a'.repeat(64) }],
  [{ 'subject-name': 'image' }],
  [{ matrix: '{' }],
])('%j is wrong', (given) => {
  expect(usage(() => read(given))).toBe('usage')
})

test('what a later step says is not demanded before it ran', () => {
  expect(read({ 'subject-name': 'image', 'subject-digest': '' }, false).subject).toBeNull()
})

test.each([
  ['success', 'success'],
  ['cancelled', 'cancelled'],
  ['failure', 'failure'],
  ['abandoned', 'failure'],
])('a job that ended with %s is %s', (given, status) => {
  expect(read({ 'job-status': given }).jobStatus).toBe(status)
})

test.each([
  ['null', null],
  ['{}', null],
  ['{\n  "os": "linux",\n  "node": 24\n}', 'linux, 24'],
  ['{"a":{"b":1}}', '{"b":1}'],
  ['linux', 'linux'],
])('matrix %s is job %s', (given, key) => {
  expect(matrixKey(given)).toBe(key)
})

test('a matrix that no key can hold still tells its jobs apart', () => {
  const keys = ['ü', 'ö', 'x'.repeat(10_000)].map((os) => matrixKey(JSON.stringify({ os })))
  expect(new Set(keys).size).toBe(3)
  for (const key of keys) expect(key).toMatch(/^sha256:[0-9a-f]{32}$/)
})

test('checksums are lines of sha256sum, and nothing else', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]
  expect(checksummed(`${a}  app.tgz\n${b} *./app.zip\n`)).toEqual([
    { name: 'app.tgz', digest: { sha256: a } },
    { name: 'app.zip', digest: { sha256: b } },
  ])
  for (const wrong of ['', `${a}`, `${a.slice(1)}  x`, `${a}\tx`]) expect(usage(() => checksummed(wrong))).toBe('usage')
})

test('the list of a runner is read strictly', () => {
  const subject = { name: 'ghcr.io/acme/app', digest: `sha256:${'a'.repeat(64)}`, kind: 'oci' }
  expect(runnersList(JSON.stringify({ version: 1, subjects: [subject] }))).toEqual([
    { name: subject.name, uri: subject.name, digest: { sha256: 'a'.repeat(64) } },
  ])
  for (const wrong of [
    { version: 2, subjects: [] },
    { version: 1 },
    { version: 1, subjects: [{ name: 'x', digest: 'md5:1' }] },
  ]) {
    expect(usage(() => runnersList(JSON.stringify(wrong)))).toBe('usage')
  }
})

test.each(['::warning::x', '  ::add-mask::x', 'a\n::error::x', 'a\r::error::x', '##[error]x', 'b ##[x]'])(
  '%j is no command',
  (text) => {
    const safe = safeForLog(text)
    expect(safe.split('\n').some((line) => line.trimStart().startsWith('::'))).toBe(false)
    expect(safe).not.toContain('##[')
  },
)

test('a summary shows what others wrote as letters', () => {
  const evil = '<script>|`x`|[y](z) @team #1\n# head'
  const step = { link: 'a'.repeat(64), previous: [], system: evil, signer: evil, grade: 'A', made: [evil], good: true }
  const shown = summaryOf({
    headline: evil,
    good: false,
    steps: [
      { ...step, name: `x"]; click s0 "javascript:1"` },
      { ...step, name: 'b', link: 'b'.repeat(64), previous: ['a'.repeat(64)] },
    ],
    findings: [],
    facts: [[evil, evil]],
    command: '```\nrm -rf',
  })
  expect(shown).not.toMatch(/<script|\]\(z|@team|^# head|^\s*click/m)
  expect(shown.match(/```/g)).toHaveLength(4)
  expect(shown).toContain('s0 --> s1')
})
