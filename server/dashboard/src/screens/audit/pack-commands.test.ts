import { expect, test } from 'vitest'
import { packCommands } from './pack-commands.ts'

const NOW = '2026-11-22T03:00:00.000Z'
const nothing = { since: null, until: null, pipeline: null, environment: null }

test('the month up to today, unless another period is asked for', () => {
  expect(packCommands(nothing, NOW)).toMatchObject({ since: '2026-11-01', until: '2026-11-22', pipeline: null })
  const [make] = packCommands(
    { since: '2026-09-05', until: '2026-10-31', pipeline: 'shop/web', environment: 'production' },
    NOW,
  ).commands
  expect(make?.command).toBe(
    'countersign audit export --since 2026-09-05 --until 2026-10-31 --pipeline shop/web --environment production --key audit.key --out audit-2026-09-05-to-2026-10-31.tar',
  )
})

test.each(['2026-13-01', '2026-11-32', '2026-11-01; rm -rf ~', '$(id)', ''])(
  '%j is no day that a shell gets to see',
  (text) => {
    expect(packCommands({ ...nothing, since: text, until: text }, NOW)).toEqual(packCommands(nothing, NOW))
  },
)

test.each(['a b', 'x;id', '$(id)', '`id`', '-x', "a'b", ''])(
  '%j is no pipeline that a shell gets to see',
  (pipeline) => {
    expect(packCommands({ ...nothing, pipeline }, NOW)).toEqual(packCommands(nothing, NOW))
  },
)
