import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Contract, EXCUSABLE, parseBaseline, parseContract, tighten } from '@countersign/contract'
import { CATALOGUE, type Code, utf8 } from '@countersign/core'
import {
  type ChainLine,
  type Endorsed,
  parseChainFile,
  parseDeviationLine,
  writeDeviationLine,
} from '@countersign/formats'
import { deviationId, judge, readChain, trustOf, trustToday, type Verdict, withRevocations } from '@countersign/verify'
import { validate } from '../../packages/cli/src/kubernetes/admit.ts'
import {
  deviationFrom,
  hastyRun,
  logAct,
  maintained,
  maintainedText,
  publishSigned,
  signDeviation,
  WITHOUT_TESTS,
} from '../acts.ts'
import { at, countersign, logKeyOf, parties, party, type Party } from '../pipeline.ts'
import { clusterOf, pod, responseOf, review } from '../gates/cluster.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-97: what lets a build through in an emergency is the way in on every other day: made by one alone (T-39), for good, in
// silence, for another build, or for what nobody may ever excuse.

const who = parties()
const [ann, bob, cy, eve] = ['ann', 'bob', 'cy', 'eve'].map((name) => party(name)) as [Party, Party, Party, Party]
const two = { threshold: 2, of: [ann, bob, cy] }
const contract = maintained(who, two)
const run = hastyRun(who, contract)
const artifact = run.app.digest.sha256
const bundles = run.steps.map(({ bundle }) => bundle)
const ours = { chain: run.chain.id, excuses: WITHOUT_TESTS }

function judged(
  lines: readonly ChainLine[],
  more: { now?: string; contract?: Contract; artifact?: string } = {},
): Verdict {
  const own = more.contract ?? contract
  const chain = readChain(lines, trustOf(own), nodeCrypto)
  return judge({ artifact: more.artifact ?? artifact, chain, contract: own, now: more.now ?? at(60) })
}

const codes = ({ findings }: Verdict) => [...new Set(findings.map(({ code }) => code))].toSorted()
const refusals = ({ refused }: Verdict) => refused.map(({ code }) => code)
const AGAINST = ['material-unexplained', 'step-order', 'step-skipped']

describe('a run without its tests', () => {
  test('control: is refused', () => {
    expect(judged(bundles)).toMatchObject({ verdict: 'fail', deviations: [] })
    expect(codes(judged(bundles))).toEqual(AGAINST)
  })

  test('passes by a deviation that enough maintainers signed, and says so', () => {
    const deviation = signDeviation(deviationFrom(contract, ours), [ann, cy])
    const verdict = judged([...bundles, deviation])
    expect(verdict.verdict).toBe('pass')
    expect(verdict.deviations).toMatchObject([
      { deviation: { by: ['ann', 'cy'], deviation: { reason: 'the scanner is down, INC-42' } } },
    ])
    expect(codes({ ...verdict, findings: verdict.deviations.flatMap(({ findings }) => findings) })).toEqual(AGAINST)
    const told = verdict.criteria.find(({ name }) => name === 'deviations')
    expect(told).toMatchObject({ met: true, detail: expect.stringContaining('the scanner is down, INC-42') })
    expect(told!.detail).toContain('ann, cy')
    // One that was not needed is not told: nothing passed by it.
    const whole = judged([...bundles, deviation], { artifact: run.app.digest.sha256, contract })
    expect(whole.deviations).toHaveLength(1)
  })

  test.each([
    ['one maintainer', [ann]],
    ['one who signed twice (T-39)', [ann, ann]],
    ['one and a stranger', [ann, eve]],
    ['who signs steps, and maintains nothing', [who.github, who.azure]],
  ])('not by %s', (_, by) => {
    const verdict = judged([...bundles, signDeviation(deviationFrom(contract, ours), by)])
    expect(verdict.verdict).toBe('fail')
    expect(refusals(verdict)).toEqual(['deviation-unsigned'])
  })

  test('not by one whose key was revoked, who signs no steps (T-67)', () => {
    const deviation = signDeviation(deviationFrom(contract, ours), [ann, bob])
    const judgedLess = (revoked: Parameters<typeof withRevocations>[1]) => {
      const chain = readChain([...bundles, deviation], withRevocations(trustOf(contract), revoked), nodeCrypto)
      return judge({ artifact, chain, contract, now: at(60) })
    }
    const verdict = judgedLess([{ keyId: bob.publicKey.keyId, since: at(1) }])
    expect([verdict.verdict, refusals(verdict)]).toEqual(['fail', ['deviation-unsigned']])
    // Control: the key of another maintainer.
    expect(judgedLess([{ keyId: cy.publicKey.keyId, since: at(1) }]).verdict).toBe('pass')
    // What a log had before the key was revoked is as good as it was.
    const logged = { ...deviation, logged: logAct(deviation, who.server, [ann, bob]) }
    const roots = { trustedRoots: [], publicRoot: null }
    const timekeepers = [{ key: logKeyOf(who.server), revokedAt: null }]
    for (const [since, expected] of [
      ['2000-01-01T00:00:00.000Z', 'fail'],
      ['2100-01-01T00:00:00.000Z', 'pass'],
    ] as const) {
      const trust = trustToday(contract, { roots, revoked: [{ keyId: bob.publicKey.keyId, since }], timekeepers })
      const chain = readChain([...bundles, logged], trust, nodeCrypto)
      expect(judge({ artifact, chain, contract, now: at(60) }).verdict, since).toBe(expected)
    }
  })

  test('not under another key id of the same key (T-39)', () => {
    const twice = signDeviation(deviationFrom(contract, ours), [ann, ann])
    const [one, other] = twice.endorsements
    const alias = { ...twice, endorsements: [one!, { ...other!, keyid: bob.publicKey.keyId }] }
    expect(refusals(judged([...bundles, alias]))).toEqual(['deviation-unsigned'])
  })

  test('not by one that was changed after it was signed', () => {
    const signed = signDeviation(deviationFrom(contract, { ...ours, expiresAt: at(30) }), [ann, bob])
    const { payload } = signDeviation(deviationFrom(contract, ours), [ann])
    expect(refusals(judged([...bundles, { ...signed, payload }]))).toEqual(['deviation-unsigned'])
  })

  test('not when it has expired, and not before it begins', () => {
    const deviation = signDeviation(deviationFrom(contract, { ...ours, expiresAt: at(60) }), [ann, bob])
    expect(judged([...bundles, deviation], { now: at(59) }).verdict).toBe('pass')
    const late = judged([...bundles, deviation], { now: at(60) })
    expect([late.verdict, refusals(late)]).toEqual(['fail', ['deviation-expired']])
    const later = deviationFrom(contract, { ...ours, issuedAt: at(120), expiresAt: at(180) })
    expect(judged([...bundles, signDeviation(later, [ann, bob])]).verdict).toBe('fail')
    expect(judged([...bundles, deviation], { now: 'never' }).verdict).toBe('fail')
  })

  test('not by one of another run, another artifact, or from another contract', () => {
    const others = [
      deviationFrom(contract, { ...ours, chain: 'a'.repeat(32) }),
      deviationFrom(contract, { ...ours, artifact: 'b'.repeat(64) }),
    ]
    for (const one of others) {
      const verdict = judged([...bundles, signDeviation(one, [ann, bob])])
      expect([verdict.verdict, verdict.deviations]).toEqual(['fail', []])
    }
    const older = maintained(who, two, { revision: 2 })
    const verdict = judged([...bundles, signDeviation(deviationFrom(older, ours), [ann, bob])])
    expect([verdict.verdict, refusals(verdict)]).toEqual(['fail', ['deviation-invalid']])
    // Control: the artifact itself, whichever run made it.
    const own = deviationFrom(contract, { chain: null, artifact, excuses: WITHOUT_TESTS })
    expect(judged([...bundles, signDeviation(own, [ann, bob])]).verdict).toBe('pass')
  })

  test('not by one that excuses something else of it', () => {
    for (const left of WITHOUT_TESTS) {
      const excuses = WITHOUT_TESTS.filter((one) => one !== left)
      const verdict = judged([...bundles, signDeviation(deviationFrom(contract, { ...ours, excuses }), [ann, bob])])
      expect([verdict.verdict, codes(verdict)], left.code).toEqual(['fail', [left.code]])
    }
  })

  test('not where nobody maintains the contract', () => {
    const bare = maintained(who, null)
    const own = hastyRun(who, bare)
    const deviation = signDeviation(deviationFrom(bare, { ...ours, chain: own.chain.id }), [ann, bob])
    const lines = [...own.steps.map(({ bundle }) => bundle), deviation]
    const chain = readChain(lines, trustOf(bare), nodeCrypto)
    expect(judge({ artifact: own.app.digest.sha256, chain, contract: bare, now: at(60) }).verdict).toBe('fail')
  })
})

test('what tells a forgery from the real thing is never excused', () => {
  const never = (Object.keys(CATALOGUE) as Code[]).filter((code) => !EXCUSABLE.includes(code))
  for (const code of [
    'signature-invalid',
    'signer-not-allowed',
    'signer-revoked',
    'receipt-missing',
    'material-swapped',
    'digest-conflict',
    'place-taken',
    'nonce-reused',
    'contract-mismatch',
    'artifact-unproven',
    'final-missing',
    'identity-mismatch',
    'previous-missing',
    'step-unknown',
  ] as const) {
    expect(never, code).toContain(code)
    const excuses = [...WITHOUT_TESTS, { code, step: 'deploy' }]
    const verdict = judged([...bundles, signDeviation(deviationFrom(contract, { ...ours, excuses }), [ann, bob, cy])])
    expect([verdict.verdict, refusals(verdict)], code).toEqual(['fail', ['deviation-invalid']])
  }
})

test('what an organisation asks of all its contracts the maintainers of one of them do not excuse', () => {
  const base = (more: string) => parseBaseline(utf8(`baseline: v1\norganisation: acme\nrevision: 1\n${more}\n`))
  const grades = ['source', 'build', 'deploy'].map((step) => ({ code: 'grade-too-low', step }))
  const deviation = signDeviation(deviationFrom(contract, { ...ours, excuses: [...WITHOUT_TESTS, ...grades] }), [
    ann,
    bob,
  ])
  const under = (more: string) => judged([...bundles, deviation], { contract: tighten(contract, base(more)) })
  expect(under('every: { minimumGrade: B }')).toMatchObject({ verdict: 'fail' })
  expect(codes(under('every: { minimumGrade: B }'))).toEqual(['grade-too-low'])
  // Control: what it does not ask for they still may.
  expect(under('clockToleranceSeconds: 60').verdict).toBe('pass')
})

describe('where the contract demands receipts', () => {
  const receipted = maintained(who, two, { countersigned: true })
  const own = hastyRun(who, receipted)
  const lines: ChainLine[] = [
    ...own.steps.map(({ bundle }) => bundle),
    ...own.steps.map((step, i) => countersign(who.server, step, i)),
  ]
  const deviation = signDeviation(deviationFrom(receipted, { ...ours, chain: own.chain.id }), [ann, bob])
  const verdictOf = (line: Endorsed) =>
    judged([...lines, line], { contract: receipted, artifact: own.app.digest.sha256 })

  test('a deviation that no log has lets nothing through: it would be in silence', () => {
    expect(refusals(verdictOf(deviation))).toEqual(['receipt-missing'])
    expect(verdictOf({ ...deviation, logged: logAct(deviation, who.server, [ann, bob]) }).verdict).toBe('pass')
  })

  test('nor the proof of another log, of a forged checkpoint, or of another deviation', () => {
    const forged = [
      logAct(deviation, eve.publicKey.algorithm === 'ed25519' ? eve : party('mine', 'ed25519'), [ann, bob]),
      logAct(deviation, who.server, [ann, bob], { signedBy: party('mine', 'ed25519') }),
      logAct(signDeviation(deviationFrom(receipted, { ...ours, reason: 'other' }), [ann]), who.server, [ann, bob]),
    ]
    for (const logged of forged) expect(verdictOf({ ...deviation, logged }).verdict).toBe('fail')
  })
})

describe('at the server', () => {
  let server: TestServer
  let now: string
  const text = maintainedText(who, two)
  const served = parseContract(utf8(text))

  beforeEach(async () => {
    now = at(10)
    server = await openTestServer({ now: () => now })
    await server.enrol([who.github, who.codebuild, who.azure])
    expect((await publishSigned(server, text, [ann, bob])).status).toBe(200)
  })

  afterEach(() => server.close())

  const send = async (chain: string, deviation: Endorsed) => {
    const body = writeDeviationLine(deviation)
    const reply = await server.request('POST', `/v1/chains/${chain}/deviations`, { body })
    if (!reply.ok) return ((await reply.json()) as { code: string }).code
    return parseDeviationLine(new Uint8Array(await reply.arrayBuffer()))
  }
  const begun = async () => {
    const own = hastyRun(who, served)
    for (const step of [own.source, own.build]) expect((await server.append(step.bundle)).status).toBe(201)
    return { ...own, deviation: deviationFrom(served, { ...ours, chain: own.chain.id }) }
  }
  const appended = async (bundle: Parameters<TestServer['append']>[0]) => {
    const reply = await server.append(bundle)
    return reply.status === 201 ? 'accepted' : ((await reply.json()) as { code: string }).code
  }

  test('a step goes on without the one that was excused, once enough have signed, and while it lasts', async () => {
    const { chain, deploy, deviation } = await begun()
    expect(await appended(deploy.bundle)).toBe('step-order')
    expect(await send(chain.id, signDeviation(deviation, [ann]))).toBe('deviation-unsigned')
    expect(await send(chain.id, signDeviation(deviation, [ann, eve]))).toBe('deviation-unsigned')
    expect(await appended(deploy.bundle)).toBe('step-order')
    const line = (await send(chain.id, signDeviation(deviation, [ann, bob]))) as Endorsed
    expect(line.logged!.proof.checkpoint.origin).toBe('test')
    // The same again is no fault, and gets the same leaf.
    const again = (await send(chain.id, signDeviation(deviation, [ann, bob]))) as Endorsed
    expect(again.logged!.proof.index).toBe(line.logged!.proof.index)
    expect(await appended(deploy.bundle)).toBe('accepted')
    const file = parseChainFile(
      new Uint8Array(await (await server.request('GET', `/v1/chains/${chain.id}`)).arrayBuffer()),
    )
    const verdict = judged(file, { contract: served })
    expect(verdict.verdict).toBe('pass')
    expect(verdict.deviations.map(({ deviation: { id } }) => id)).toEqual([deviationId(line.payload, nodeCrypto)])
  })

  test('the server’s own gate lets it through, says by what, and stops when it has expired', async () => {
    const { chain, deploy, app, deviation } = await begun()
    const ask = async () => {
      const body = JSON.stringify({ artifact: app.digest.sha256, pipeline: served.pipeline })
      const answer = (await (await server.request('POST', '/v1/gate', { body })).json()) as {
        decision: string
        vsa: { payload: string }
      }
      const { predicate } = JSON.parse(Buffer.from(answer.vsa.payload, 'base64').toString()) as {
        predicate: { verifiedLevels: string[] }
      }
      return [answer.decision, ...predicate.verifiedLevels]
    }
    await send(chain.id, signDeviation({ ...deviation, expiresAt: at(20) }, [ann, bob]))
    expect(await appended(deploy.bundle)).toBe('accepted')
    expect(await ask()).toEqual(['allow', 'SLSA_BUILD_LEVEL_1', 'COUNTERSIGN_BY_DEVIATION'])
    // Who admits by what the gate says, says that too: asked anew, and from memory.
    const image = `ghcr.io/shop/web@sha256:${app.digest.sha256}`
    const policy = { rules: [{ images: ['ghcr.io/shop/**'], pipeline: served.pipeline }], environment: 'production' }
    const cluster = clusterOf(server, policy, () => '')
    for (let i = 0; i < 2; i++) {
      const { allowed, warnings, auditAnnotations } = responseOf(
        await validate(cluster, 'enforce', review(pod([image]))),
      )
      expect([allowed, warnings?.length, auditAnnotations!['decisions']]).toEqual([
        true,
        1,
        `${image} allow BY DEVIATION`,
      ])
      expect(warnings![0]).toContain('BY DEVIATION')
    }
    expect(cluster.logged).toMatchObject([
      { decision: 'allow', deviated: true },
      { decision: 'allow', deviated: true },
    ])
    now = at(20)
    expect(await ask()).toEqual(['deny', 'FAILED'])
  })

  test('not once it has expired', async () => {
    const { chain, deploy, deviation } = await begun()
    await send(chain.id, signDeviation({ ...deviation, expiresAt: at(20) }, [ann, bob]))
    now = at(20)
    expect(await appended(deploy.bundle)).toBe('step-order')
    expect(await send(chain.id, signDeviation({ ...deviation, reason: 'x', expiresAt: at(20) }, [ann, bob]))).toBe(
      'deviation-expired',
    )
  })

  test('nor of a run that is another, or not there', async () => {
    const { chain, deviation } = await begun()
    const other = await begun()
    expect(await send(other.chain.id, signDeviation(deviation, [ann, bob]))).toBe('deviation-invalid')
    expect(await send('c'.repeat(32), signDeviation(deviation, [ann, bob]))).toBe('deviation-invalid')
    const stranger = {
      token: 'cst_acmeread_' + 's'.repeat(32),
      body: writeDeviationLine(signDeviation(deviation, [ann, bob])),
    }
    expect((await server.request('POST', `/v1/chains/${chain.id}/deviations`, stranger)).status).toBe(403)
  })

  test('a run begins by one that was there before it, under the contract in force and no other', async () => {
    const demanding = text.replace(
      '    signers: [github]\n',
      '    signers: [github]\n    evidence: { sbom: present }\n',
    )
    const next = parseContract(utf8(demanding.replace('revision: 1', 'revision: 2')))
    expect(next.digest).not.toBe(served.digest)
    expect((await publishSigned(server, demanding.replace('revision: 1', 'revision: 2'), [ann, bob])).status).toBe(200)
    const { chain, source } = hastyRun(who, next)
    expect(await appended(source.bundle)).toBe('evidence-missing')
    const excuses = [{ code: 'evidence-missing', step: 'source' }]
    const from = (contract: Contract) => deviationFrom(contract, { chain: chain.id, excuses })
    expect(await send(chain.id, signDeviation(from(next), [ann]))).toBe('deviation-unsigned')
    // The one before names the same maintainers, and binds no run any more.
    expect(await send(chain.id, signDeviation(from(served), [ann, bob]))).toBe('not-found')
    expect(await appended(source.bundle)).toBe('evidence-missing')
    const line = (await send(chain.id, signDeviation(from(next), [ann, bob]))) as Endorsed
    expect(line.logged!.proof.checkpoint.origin).toBe('test')
    // It is of this run alone.
    expect(await appended(hastyRun(who, next, 'another').source.bundle)).toBe('evidence-missing')
    expect(await appended(source.bundle)).toBe('accepted')
  })

  test('and nothing that can never be excused', async () => {
    const { chain, deploy, deviation } = await begun()
    const excuses = [...deviation.excuses, { code: 'signer-not-allowed', step: 'deploy' }]
    expect(
      await send(chain.id, signDeviation(deviationFrom(served, { ...ours, chain: chain.id, excuses }), [ann, bob, cy])),
    ).toBe('deviation-invalid')
    expect(await appended(deploy.bundle)).toBe('step-order')
  })
})
