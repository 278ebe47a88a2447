import { canonicalJson, type JsonValue } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Evidence, writeEvidence } from '@countersign/evidence'
import { pageOf } from '@countersign/evidence-page'
import * as bundle from '@countersign/evidence-page/bundle'
import { type Disclosure, sealValue, STATEMENT_TYPE, STEP_PREDICATE, withFields, writeStep } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { evidenceOf } from '../../packages/evidence/src/evidence.test-kit.ts'
import { runPage, scriptsOf, verdictOf } from '../page-dom.ts'
import { honestRun, linkOf, seal, sha256 } from '../pipeline.ts'

// T-92: text of an attacker's on a page that others open: in a step, in the name of a signer, in a contract, in the
// name of a log. It must stay text, and must not move or turn around what stands beside it.

const HOSTILE = [
  '<script>alert(document.domain)</script>',
  '"><img src=x onerror=alert(1)>',
  '</script></title></textarea>--><svg onload=alert(1)>',
  '</style><style>*{display:none}</style>',
  'javascript:alert(1)',
  '{{constructor.constructor("alert(1)")()}}${7*7}',
]
/** Beside these, what no text node may hold. */
const MOVING = [
  'a\u202egpj.exe',
  '\u2066evil\u2069',
  '\u001b[2J',
  'a\u2028b\u0085c',
  'a\u0000b',
  '\u200fevil',
  '\ufeffa',
]
// eslint-disable-next-line no-control-regex
const ACTIVE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/
const TAGS = new Set(
  [
    'div',
    'header',
    'main',
    'footer',
    'section',
    'article',
    'figure',
    'figcaption',
    'p',
    'h1',
    'h2',
    'h3',
    'span',
    'strong',
  ].concat(
    [
      'code',
      'pre',
      'a',
      'ul',
      'li',
      'dl',
      'dt',
      'dd',
      'table',
      'thead',
      'tbody',
      'tr',
      'th',
      'td',
      'details',
      'summary',
    ],
    ['button', 'select', 'option', 'input', 'label', 'svg', 'g', 'rect', 'path', 'text', 'title'],
  ),
)

const run = honestRun()
const honest = evidenceOf(run)

/** Evidence with the text wherever text may stand, signed rightly where a signature is. */
function hostile(evil: string) {
  const signed = structuredClone(run.build.statement) as unknown as {
    subject: JsonValue
    predicate: Record<string, Record<string, unknown>>
  }
  const { predicate } = signed
  predicate['invocation']!['argv'] = [evil, evil]
  predicate['invocation']!['environment'] = { CI: evil }
  predicate['runner']!['tools'] = { node: evil }
  const movable = ACTIVE.test(evil)
  if (!movable) {
    predicate['runner']!['system'] = evil.slice(0, 64)
    predicate['runner']!['os'] = evil.slice(0, 64)
    predicate['runner']!['identity'] = {
      ...Object.fromEntries(
        [
          'issuer',
          'sourceRepositoryURI',
          'sourceRepositoryDigest',
          'sourceRepositoryRef',
          'sourceRepositoryIdentifier',
        ].map((name) => [name, evil]),
      ),
      ...Object.fromEntries(
        ['buildConfigURI', 'buildTrigger', 'runInvocationURI', 'runnerEnvironment'].map((name) => [name, evil]),
      ),
    }
  }
  const payload = canonicalJson({
    _type: STATEMENT_TYPE,
    predicateType: STEP_PREDICATE,
    ...signed,
  } as unknown as JsonValue)
  const text = `# ${evil}\n${new TextDecoder().decode(run.contractBytes)}`
  const name = movable ? 'build' : evil
  return {
    ...honest,
    lines: [...honest.lines.filter((line) => line !== run.build.bundle), seal(run.who.codebuild, payload)],
    // A contract may hold anything in a comment that YAML takes.
    contracts: movable ? honest.contracts : [{ digest: sha256(text), bytes: new TextEncoder().encode(text) }],
    trust: { ...honest.trust, signers: honest.trust.signers.map((one) => ({ ...one, name })) },
  }
}

/** Evidence of a step whose arguments are sealed, the text being what they are; told or not. */
function sealed(evil: string, isTold: boolean) {
  const { statement, bundle: plain } = run.build
  const value = [evil, evil]
  const salt = new Uint8Array(32).fill(7)
  const argv = sealValue(salt, statement.predicate, 'argv', value, portableCrypto)
  const payload = writeStep({ ...statement, predicate: withFields(statement.predicate, { argv }) })
  const step = seal(run.who.codebuild, payload)
  const disclosure: Disclosure = { link: linkOf(step), field: 'argv', salt, value }
  const others = honest.lines.filter((line) => line !== plain)
  return { ...honest, lines: [...others, step, ...(isTold ? [disclosure] : [])] }
}

async function draw(made: Evidence) {
  const html = new TextDecoder().decode(pageOf(writeEvidence(made), bundle))
  const { evidence, code } = scriptsOf(html)
  const { root } = runPage(code, evidence)
  await verdictOf(root)
  return { html, root }
}

describe('T-92: the evidence page', () => {
  const cases = [...HOSTILE, ...MOVING].flatMap((evil) => [
    [evil, '', hostile(evil)] as const,
    [evil, ', where it opens a sealed field', sealed(evil, true)] as const,
  ])
  test.each(cases)('shows %j as text and nothing else%s', async (evil, _, made) => {
    const { html, root } = await draw(made)
    // Nothing of it is in the page's source.
    expect(html).not.toContain(evil)
    expect(html.match(/<script/g)!.length).toBe(2)
    // Whatever was made of it are elements of ours, and texts that do not move.
    for (const { tag, attributes } of root.all()) {
      expect(TAGS.has(tag), tag).toBe(true)
      for (const [name, value] of attributes) {
        expect([name, /^on|^style$|^src$/.test(name), ACTIVE.test(value)]).toEqual([name, false, false])
        if (name === 'href') expect(value).toMatch(/^#step-[0-9a-f]{64}$/)
      }
    }
    for (const text of root.texts()) expect([text, ACTIVE.test(text)]).toEqual([text, false])
    // Red control: it is there to be seen.
    const shown = root.texts().filter((text) => text.includes(evil.slice(0, 60)) || text.includes('\ufffd'))
    expect(shown.length).toBeGreaterThan(0)
  })

  test('says of a field that is not told that it is sealed', async () => {
    const texts = async (isTold: boolean) => (await draw(sealed('who it is for', isTold))).root.texts()
    const [closed, told] = [await texts(false), await texts(true)]
    expect([closed, told].map((all) => all.some((text) => text.includes('who it is for')))).toEqual([false, true])
    expect([closed.includes('argv'), told.includes('argv (disclosed)')]).toEqual([true, true])
  })
})
