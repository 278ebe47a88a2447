import { expect, test } from 'vitest'
import { shellWord } from './shell-word.ts'

test.each(['shop/web', 'a', 'billing/reports-v2.1'])('%s is a word', (name) => {
  expect(shellWord(name, 'NAME')).toBe(name)
})

test.each(['', '-x', 'a b', 'a;id', '$(id)', '`id`', 'a\nid', "a'b", 'a|b', '~', '\u202ea', 'x'.repeat(200), null])(
  '%j is more than a word, or none',
  (name) => expect(shellWord(name, 'NAME')).toBe('NAME'),
)
