import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { ChainLine } from '@countersign/formats'
import { judge, logKeys, readChain, readChainConcurrently, type Trust, trustOf } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { claiming, claimsOf, issued, keylessRun, SERVER, signUnder, workflow } from '../keyless.ts'
import { at, countersign, file, honestRun, logKeyOf, received, seal, signStep } from '../pipeline.ts'

// T-55, T-67: a log had a statement in time, as somebody signed it. Whoever gets hold of another key later, one that was
// good then, signs the same statement with it: the time that the log tells is not that of his signature.

const run = keylessRun()
const trust = trustOf(run.contract)
const [source] = run.steps

/** What the attacker wants to see deployed. */
const evil = file('dist/app.tgz', 'evil')
const statementOf = (name: 'build' | 'deploy', before: { readonly link: string; readonly step: string }) =>
  claiming(
    {
      chain: run.chain,
      name,
      minute: name === 'build' ? 2 : 4,
      previous: [before],
      materials:
        name === 'build' ? [received(source!.statement.subject[0]!, before.link)] : [received(evil, before.link)],
      subject: [evil],
    },
    { system: 'github-actions', identity: claimsOf(workflow(name)) },
  )

async function verdictOf(lines: readonly ChainLine[], believed: Trust = trust) {
  const chain = readChain(lines, believed, nodeCrypto)
  expect(await readChainConcurrently(lines, believed, nodeCrypto)).toEqual(chain)
  const { verdict } = judge({ artifact: evil.digest.sha256, chain, contract: run.contract, now: at(60) })
  return { verdict, refused: chain.refused.map(({ report }) => report.code).toSorted() }
}

const made = statementOf('build', { link: source!.link, step: 'source' })

/** A whole run to the attacker's artifact. The log took the build of `loggedAs`, and what is shown is that of `shownAs`. */
function forged(loggedAs: ReturnType<typeof issued>, shownAs: ReturnType<typeof issued>): readonly ChainLine[] {
  const [logged, shown] = [signUnder(loggedAs, made), signUnder(shownAs, made)]
  expect(shown.link).toBe(logged.link)
  const deploy = signUnder(
    issued({ identity: workflow('deploy'), minute: 5 }),
    statementOf('deploy', { link: shown.link, step: 'build' }),
  )
  return [
    source!.bundle,
    shown.bundle,
    deploy.bundle,
    run.receipts[0]!,
    // Minute 4 is within the minutes of every certificate here.
    countersign(SERVER, logged, 1, { acceptedAt: at(4) }),
    countersign(SERVER, deploy, 2, { acceptedAt: at(6) }),
  ]
}

describe('T-55: the key of a certificate, stolen when its minutes were over', () => {
  // Let in, and not for this step: a server without this contract takes what it signs.
  const mallory = issued({ identity: workflow('mallory'), minute: 3 })
  const stolen = issued({ identity: workflow('build'), minute: 3 })

  test('signs what somebody else had logged within them, and it does not count', async () => {
    expect(await verdictOf(forged(mallory, stolen))).toEqual({
      verdict: 'fail',
      refused: ['receipt-invalid', 'time-untrusted'],
    })
  })

  test('control: what the log took as signed under it counts', async () => {
    expect(await verdictOf(forged(stolen, stolen))).toEqual({ verdict: 'pass', refused: [] })
  })

  test('also beside the signature that the log took: that one may not sign the step, and the other was never seen', async () => {
    const [first, shown, ...rest] = forged(mallory, stolen)
    const logged = signUnder(mallory, made)
    for (const both of [
      [logged.bundle, shown!],
      [shown!, logged.bundle],
    ]) {
      // He is nobody to this contract, so his signature tells the log's time of nothing.
      const { verdict, refused } = await verdictOf([first!, ...both, ...rest])
      expect([verdict, refused]).toEqual(['fail', ['signer-unknown', 'time-untrusted']])
    }
  })

  test('another certificate of the same run is another one: the log has not seen it', async () => {
    const again = issued({ identity: workflow('build'), minute: 3 })
    expect(await verdictOf(forged(again, stolen))).toMatchObject({ verdict: 'fail' })
  })
})

describe('T-67: an authority’s key is stolen', () => {
  const mallory = issued({ identity: workflow('mallory'), minute: 3 })
  // For the key that signed in time, with all that proves an issuance.
  const backdated = issued({ identity: workflow('build'), minute: 3, key: mallory.key })
  const revoked = {
    ...trust,
    authorities: trust.authorities!.map((one) => ({ ...one, revokedAt: at(30) })),
  }

  test('and dates a certificate back: no leaf commits to that', async () => {
    for (const believed of [trust, revoked]) {
      expect((await verdictOf(forged(mallory, backdated), believed)).verdict).toBe('fail')
    }
  })

  test('control: what was logged under its certificates before counts', async () => {
    expect(await verdictOf(forged(backdated, backdated), revoked)).toEqual({ verdict: 'pass', refused: [] })
  })
})

describe('T-67: an enrolled key is stolen, and revoked as of before', () => {
  const { who, contract, chain, source: first } = honestRun()
  const believed: Trust = { ...trustOf(contract), countersigners: logKeys([logKeyOf(who.server)]) }
  const made = {
    chain,
    name: 'build',
    previous: [{ link: first.link, step: 'source' }],
    materials: [received(first.statement.subject[0]!, first.link)],
    subject: [evil],
    minute: 2,
  }
  // Cloudbuild may sign the tests, and nothing else.
  const logged = signStep(who.cloudbuild, made)
  const shown = { ...logged, bundle: seal(who.codebuild, logged.bundle.envelope.payload) }
  const revoked: Trust = {
    ...believed,
    signers: believed.signers.map((one) => (one.name === 'codebuild' ? { ...one, revokedAt: at(5) } : one)),
  }
  const read = (lines: readonly ChainLine[], by: Trust) => readChain(lines, by, nodeCrypto, at(60))

  test('the time of another key’s signature is not its own', () => {
    const receipt = countersign(who.server, logged, 1, { acceptedAt: at(4) })
    const chainOf = read([shown.bundle, receipt], revoked)
    expect([...chainOf.steps.keys()]).toEqual([])
    expect(chainOf.refused.map(({ report }) => report.code)).toEqual(['signer-revoked', 'receipt-invalid'])
    // Beside it, the step is that of the other, who may not do it.
    expect(read([shown.bundle, logged.bundle, receipt], revoked).steps.get(logged.link)?.signer.name).toBe('cloudbuild')
  })

  test('control: its own is', () => {
    const receipt = countersign(who.server, shown, 1, { acceptedAt: at(4) })
    const chainOf = read([shown.bundle, receipt], revoked)
    expect(chainOf.steps.get(shown.link)?.signer.name).toBe('codebuild')
    expect(chainOf.refused).toEqual([])
  })
})

describe('T-67: an enrolled key is stolen, and nobody knows yet', () => {
  const honest = honestRun({ countersigned: true })
  const { who, contract, build, steps, receipts, app } = honest
  // Cloudbuild may sign the tests, and a server without this contract takes a build of it too.
  const insider = { ...build, bundle: seal(who.cloudbuild, build.bundle.envelope.payload) }
  const codesOf = (receipt: ChainLine, more: readonly ChainLine[] = [insider.bundle]) => {
    const lines = [...steps.map(({ bundle }) => bundle), ...more, ...receipts.with(1, receipt as (typeof receipts)[0])]
    const chain = readChain(lines, trustOf(contract), nodeCrypto)
    const { findings } = judge({ artifact: app.digest.sha256, chain, contract, now: at(60) })
    return findings.map(({ code }) => code)
  }

  test('what the server took from somebody who may not do it is no countersignature on his', () => {
    const receipt = countersign(who.server, insider, 1)
    expect(codesOf(receipt)).toEqual(['receipt-missing'])
    expect(codesOf(receipt, [])).toEqual(['receipt-missing'])
  })

  test('control: what it took from him is, whoever else signed it', () => {
    expect(codesOf(receipts[1]!)).toEqual([])
  })
})
