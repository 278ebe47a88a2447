import { fromUtf8, type JsonObject, parseJson, utf8 } from '@countersign/core'
import { expect, test } from 'vitest'
import { linkMessage } from './link-message.ts'

/** OLPC canonical JSON, as in-toto signs links over it. */
test.each<[string, string, string]>([
  ['nothing', '{}', '{}'],
  ['what has no members', '{"a":[],"b":{}}', '{"a":[],"b":{}}'],
  [
    'values of each kind',
    '{"a":null,"b":true,"c":false,"d":0,"e":-7,"f":"x"}',
    '{"a":null,"b":true,"c":false,"d":0,"e":-7,"f":"x"}',
  ],
  [
    'numbers up to what is exact',
    '{"a":9007199254740991,"b":-9007199254740991}',
    '{"a":9007199254740991,"b":-9007199254740991}',
  ],
  ['members in another order', '{"b":1,"a":{"d":1,"c":2}}', '{"a":{"c":2,"d":1},"b":1}'],
  ['lists in theirs', '{"a":[3,1,[2,"b"],{"z":1,"y":2}]}', '{"a":[3,1,[2,"b"],{"y":2,"z":1}]}'],
  ['white space', '{ "a" : [ 1 , 2 ] }', '{"a":[1,2]}'],
  ['a name that another begins with', '{"ab":1,"a":2,"":3}', '{"":3,"a":2,"ab":1}'],
  ['capitals first', '{"a":1,"B":2,"_":3}', '{"B":2,"_":3,"a":1}'],
  ['digits by what they look like', '{"10":1,"9":2,"1":3}', '{"1":3,"10":1,"9":2}'],
  [
    'quotes and back-slashes escaped, and nothing else',
    '{"a":"\\"\\\\\\n\\t\\u0001/\\u00e9"}',
    '{"a":"\\"\\\\\n\t\u0001/é"}',
  ],
  ['the same in names', '{"\\"":1,"\\\\":2,"\\n":3}', '{"\n":3,"\\"":1,"\\\\":2}'],
  // By code points and not by UTF-16, of which the second would be the first.
  ['names beyond the first plane', '{"\\uffff":1,"\\ud83d\\ude00":2,"\\ue000":3}', '{"\ue000":3,"\uffff":1,"😀":2}'],
  ['names alike but for their ends', '{"😀b":1,"😀a":2,"😀":3}', '{"😀":3,"😀a":2,"😀b":1}'],
])('%s', (_, text, canonical) => {
  expect(fromUtf8(linkMessage(parseJson(utf8(text)) as JsonObject))).toBe(canonical)
})

test.each([0.5, -1.25, 1e21, 2 ** 53])('a number that canonical JSON has not: %s', (number) => {
  for (const signed of [{ a: number }, { a: [number] }, { a: { b: number } }]) {
    expect(() => linkMessage(signed)).toThrow(expect.objectContaining({ name: 'CodedError', code: 'report-invalid' }))
  }
})
