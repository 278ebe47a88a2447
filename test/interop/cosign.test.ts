import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicKeyPem } from '@countersign/core'
import { STEP_PREDICATE, withFields, writeBundle, writeStep } from '@countersign/formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { honestRun, linkOf, type Party, seal, type Signed } from '../pipeline.ts'
import { goTool } from './go.ts'

const cosign = goTool('cosign', 'github.com/sigstore/cosign/v3/cmd/cosign', 'v3.1.3')
let directory = ''

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-cosign-'))
  cosign.install()
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Lets cosign verify a step for the artifact's bytes. */
function verify(
  signed: Signed,
  by: Party,
  artifact: string,
  type = STEP_PREDICATE,
): { code: number | null; text: string } {
  const [bundle, key, blob] = ['bundle.json', 'key.pub', 'artifact'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(bundle, writeBundle(signed.bundle))
  writeFileSync(key, publicKeyPem(by.publicKey))
  writeFileSync(blob, artifact)
  const args = [
    'verify-blob-attestation',
    '--bundle',
    bundle,
    '--key',
    key,
    '--insecure-ignore-tlog',
    '--type',
    type,
    blob,
  ]
  const ran = spawnSync(cosign.path, args, { encoding: 'utf8' })
  return { code: ran.status, text: ran.stderr }
}

describe('cosign reads our attestations as they are', () => {
  const run = honestRun()
  const artifact = 'app of first'

  test.each([
    ['ECDSA P-256', run.build, run.who.codebuild],
    ['Ed25519', run.test, run.who.cloudbuild],
  ] as const)('%s: the artifact verifies', (_name, signed, by) => {
    const { code, text } = verify(signed, by, artifact)
    expect(text).toContain('Verified OK')
    expect(code).toBe(0)
  })

  test('with sealed fields as well: the payload is the JSON that it was', () => {
    const { statement } = run.build
    const argv = { sealed: '5e'.repeat(32) }
    const bundle = seal(
      run.who.codebuild,
      writeStep({ ...statement, predicate: withFields(statement.predicate, { argv }) }),
    )
    expect(verify({ bundle, link: linkOf(bundle), statement }, run.who.codebuild, artifact).text).toContain(
      'Verified OK',
    )
  })

  test('and refuses what we refuse: another artifact, key, predicate type', () => {
    expect(verify(run.build, run.who.codebuild, `${artifact}!`).code).not.toBe(0)
    expect(verify(run.build, run.who.github, artifact).code).not.toBe(0)
    expect(verify(run.build, run.who.codebuild, artifact, 'https://slsa.dev/provenance/v1').code).not.toBe(0)
  })
})
