import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Appended, Client } from '@countersign/client'
import type { Code } from '@countersign/core'
import { type Bundle, type ChainLine, isBundle, isReceipt, type Receipt } from '@countersign/formats'
import { expect, test } from 'vitest'
import { issued, keylessRun, sealUnder, SERVER, workflow } from '../../../test/keyless.ts'
import { at, countersign, honestRun, party, seal } from '../../../test/pipeline.ts'
import type { Context } from './context.ts'
import { HeldByAnother, heldOf, withHeld } from './held.ts'

const run = honestRun({ countersigned: true })
const { who, contract, build } = run
const payload = build.bundle.envelope.payload
// Under a contract nobody is asked whom to believe, only which keys are revoked.
const client = { keys: async () => [] } as unknown as Client
const settings = { sigstoreTrust: null, sigstoreCache: '/nowhere' }
const context = { now: () => at(60), cwd: '/', settings } as Context

const receiptFor = (bundle: Bundle): Receipt => countersign(who.server, { ...build, bundle }, 3)
const answer = (held: Bundle, receipt = receiptFor(held)): Appended => ({
  link: build.link,
  chain: run.chain.id,
  index: 3,
  late: false,
  receipt,
  held,
  created: false,
})
const asked = (appended: Appended) => heldOf(context, build.bundle, appended, { client, contract, trust: [] })

test('what was sent is taken as it is, with its receipt', async () => {
  const appended = answer(build.bundle)
  expect(await asked(appended)).toEqual({ link: build.link, bundle: build.bundle, receipt: appended.receipt })
})

test('an earlier signature by one who may sign the step is taken in its place', async () => {
  const earlier = seal(who.codebuild, payload)
  expect(earlier.envelope.signature).not.toEqual(build.bundle.envelope.signature)
  expect((await asked(answer(earlier))).bundle).toBe(earlier)
})

test.each<[string, Bundle, Receipt | undefined, Code]>([
  ['of one who may sign other steps', seal(who.github, payload), undefined, 'signer-not-allowed'],
  ['of a stranger', seal(party('stranger'), payload), undefined, 'signer-unknown'],
  [
    'that does not verify',
    { ...build.bundle, envelope: { ...build.bundle.envelope, signature: new Uint8Array(64) } },
    undefined,
    'signature-invalid',
  ],
  [
    'with a receipt that is about another',
    seal(who.codebuild, payload),
    receiptFor(seal(who.github, payload)),
    'receipt-invalid',
  ],
])('an earlier signature %s is not', async (_, held, receipt, code) => {
  const rejected = await asked(answer(held, receipt)).catch((error: unknown) => error)
  expect(rejected).toBeInstanceOf(HeldByAnother)
  expect(rejected).toMatchObject({ code })
})

const of = (lines: readonly ChainLine[]) => ({ bundles: lines.filter(isBundle), receipts: lines.filter(isReceipt) })

test('in a chain it stands where the other signature of the same signer did, and others stay', () => {
  const keyless = keylessRun()
  const [, step] = keyless.steps
  const again = sealUnder(issued({ identity: workflow('build'), minute: 20 }), step!.bundle.envelope.payload)
  const other = seal(who.codebuild, step!.bundle.envelope.payload)
  const receipt = countersign(SERVER, { ...step!, bundle: again }, 7)
  const held = { link: step!.link, bundle: again, receipt }
  const lines = [...keyless.steps.map(({ bundle }) => bundle), other]
  const amended = withHeld(lines, held, nodeCrypto)
  expect(of(amended).bundles).toEqual([lines[0], again, lines[2], other])
  expect(amended[2]).toBe(receipt)
  // Once more, under a later checkpoint: one receipt for one entry.
  const later = countersign(SERVER, { ...step!, bundle: again }, 7, { behind: 9 })
  const twice = withHeld(amended, { ...held, receipt: later }, nodeCrypto)
  expect(of(twice)).toEqual({ bundles: of(amended).bundles, receipts: [later] })
  // A chain that is not about it stays as it is.
  expect(withHeld([lines[0]!], held, nodeCrypto)).toEqual([lines[0]])
})
