import { describe, expect, test } from 'vitest'
import { IDENTITY_FACTS } from '@countersign/formats/identity'
import { ConditionFault } from './fault.ts'
import { checkNames, FOLLOWER_NAMES, type Kind, STEP_NAMES } from './names.ts'
import { parseCondition } from './parse.ts'

type Names = { readonly [name: string]: Kind }

/** Where a name is not there, and what is said of it; null where all are. */
const fault = (text: string, names: Names = STEP_NAMES): readonly [number, string] | null => {
  try {
    checkNames(parseCondition(text), names)
    return null
  } catch (error) {
    if (error instanceof ConditionFault) return [error.at, error.message]
    throw error
  }
}

describe('a condition of a step may ask for', () => {
  test.each([
    'signer.key',
    'signer.grade',
    'signer.identity == null',
    'signer.identity.subject',
    ...IDENTITY_FACTS.map((fact) => `signer.identity.${fact}`),
    'step.name',
    'step.attempt',
    'step.matrix',
    'previous',
    '"build" in previous',
    'previous.exists(p, p == "build")',
    'materials.all(m, m.name == m.sha256 && m.outside && m.dirty && m.commit == null)',
    'products.all(p, p.name == p.sha256 && !p.dirty)',
    'reports.all(r, r.name == r.type && r.about == r.facts)',
    // What is within facts nobody knows before.
    'reports.all(r, r.facts.tests > 1 && r.facts.anything.at["all"] == 1)',
    'claimed.system',
    'claimed.os',
    'claimed.arch',
    'claimed.actions["actions/checkout@v4"]',
    'claimed.exitCode',
    'claimed.startedAt < claimed.finishedAt',
  ])('%s', (text) => {
    expect(fault(text)).toBeNull()
  })

  test.each([
    'products.all(p, p.outside)',
    'claimed.tools',
    'signer.identity.email',
    'signer.subject',
    'nothing',
    'step.constructor',
    'constructor',
    'each',
  ])('and not for %s', (text) => {
    expect(fault(text)?.[1]).toMatch(/^asks for [a-zA-Z]+, which is not there; /)
  })
})

test('`unless` may ask for the signer alone', () => {
  expect(fault('signer.identity.sourceRepositoryRef == "refs/heads/main"', FOLLOWER_NAMES)).toBeNull()
  expect(fault('step.attempt == 1', FOLLOWER_NAMES)).toEqual([0, 'asks for step, which is not there; there are signer'])
})

describe('a name that is not there is found wherever it stands', () => {
  test.each([
    'step.nme',
    '[1, step.nme]',
    '[step.nme, 1]',
    '!step.nme',
    '-step.nme',
    'step.nme == 1',
    '1 == step.nme',
    'step.nme ? 1 : 2',
    'true ? step.nme : 2',
    'true ? 1 : step.nme',
    'materials[step.nme]',
    'size(step.nme)',
    'step.nme.startsWith("a")',
    '"a".startsWith(step.nme)',
    'has(step.nme.other)',
    '[step.nme].all(x, true)',
    'materials.all(m, step.nme)',
    'materials.map(m, step.nme, 1)',
    'materials.map(m, true, step.nme)',
  ])('%s', (text) => {
    expect(fault(text)).toEqual([text.indexOf('.nme'), expect.stringMatching(/^asks for nme, .* did you mean name\?$/)])
  })
})

test('has() asks whether a member has a value, and not whether there is such a member', () => {
  expect(fault('has(step.nme)')).toEqual([0, expect.stringMatching(/^asks for nme, /)])
})

describe('what goes through a list', () => {
  test.each<[string, string | null]>([
    // Each of it has its members, by number, by name, and by what is left of it.
    ['materials[0].name', null],
    ['materials[0].nme', 'nme'],
    ['materials.exists(m, m.nme)', 'nme'],
    ['materials.exists_one(m, m.nme)', 'nme'],
    ['materials.filter(m, m.nme)', 'nme'],
    ['materials.filter(m, m.outside).all(n, n.nme)', 'nme'],
    ['materials.filter(m, m.outside)[0].nme', 'nme'],
    ['materials.filter(m, m.outside).map(n, n.name)', null],
    ['materials.map(m, step).all(s, s.nme)', 'nme'],
    ['materials.map(m, step).all(s, s.name)', null],
    ['materials.map(m, m.outside, step)[0].nme', 'nme'],
    // Of what it makes nobody says what it is.
    ['materials.map(m, m.name).all(n, n.anything)', null],
    ['[step].all(s, s.anything)', null],
    ['[step][0].anything', null],
    ['(true ? step : signer).anything', null],
    ['previous[0].anything', null],
    ['step.all(k, k.anything)', null],
    // The name of each is its own, and ends with it.
    ['materials.all(step, step.sha256 == "")', null],
    ['materials.all(step, step.attempt == 1)', 'attempt'],
    ['materials.all(m, true) && m.name == ""', 'm'],
    ['materials.all(m, products.all(p, m.outside && p.name == ""))', null],
  ])('%s', (text, missing) => {
    const found = fault(text)
    if (missing === null) expect(found).toBeNull()
    else expect(found?.[1]).toMatch(new RegExp(`^asks for ${missing}, `))
  })

  test.each(['materials.name', 'has(materials.name)', 'materials.filter(m, true).name', 'materials.map(m, m).name'])(
    '%s asks a list, which has no members of its own',
    (text) => {
      expect(fault(text)?.[1]).toMatch(/^asks a list for name; ask each of it/)
    },
  )

  test.each([
    'has(signer.identity).anything',
    'materials.all(m, true).anything',
    'size(materials).anything',
    '"a".anything',
  ])('%s is for who judges it: nothing is known of it before', (text) => {
    expect(fault(text)).toBeNull()
  })
})
