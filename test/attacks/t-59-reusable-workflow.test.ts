import { describe, expect, test } from 'vitest'
import { verified } from '../identity/asked.ts'

// T-59: a reusable workflow signs for whoever calls it. The name in the certificate is the callee's, so a verifier that
// looks at it alone believes every caller; one that looks at the source alone believes every workflow in it.

const CALLEE = 'acme/reusable/.github/workflows/build.yml@refs/tags/v2'
const OTHER = 'acme/widget/.github/workflows/side-door.yml@refs/heads/main'
const unknown = expect.objectContaining({ code: 'issuer-unknown' }) as Error

const pair = {
  claims: [
    { name: 'repository_id', value: '74123456' },
    { name: 'job_workflow_ref', value: CALLEE },
  ],
}
const byWorkflow = { claims: [pair.claims[1]!] }
const bySource = { claims: [pair.claims[0]!] }
const strangerCalls = { job_workflow_ref: CALLEE, repository_id: '666', repository: 'mallory/widget' }
const sideDoor = { job_workflow_ref: OTHER }

describe('T-59: of a run of a reusable workflow', () => {
  test('callee, caller and source are facts of their own', () => {
    const { identity } = verified(
      'github-actions',
      { job_workflow_ref: CALLEE, job_workflow_sha: 'b'.repeat(40) },
      pair,
    )
    expect(identity).toMatchObject({
      subject: { kind: 'uri', value: `https://github.com/${CALLEE}` },
      buildSignerURI: `https://github.com/${CALLEE}`,
      buildSignerDigest: 'b'.repeat(40),
      buildConfigURI: 'https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/main',
      sourceRepositoryURI: 'https://github.com/acme/widget',
      sourceRepositoryIdentifier: '74123456',
    })
  })

  test('a stranger who calls it has the same name, and is told apart by the source', () => {
    expect(() => verified('github-actions', strangerCalls, pair)).toThrow(unknown)
    // Red control: by the name alone he comes in, under the very same one.
    const { identity } = verified('github-actions', strangerCalls, byWorkflow)
    expect(identity.subject.value).toBe(`https://github.com/${CALLEE}`)
    expect(identity.sourceRepositoryURI).toBe('https://github.com/mallory/widget')
  })

  test('another workflow of the same source is told apart by the signer', () => {
    expect(() => verified('github-actions', sideDoor, pair)).toThrow(unknown)
    // Red control: by the source alone it comes in.
    expect(verified('github-actions', sideDoor, bySource).identity.subject.value).toBe(`https://github.com/${OTHER}`)
  })

  test('the crossed pair fits no rule of both', () => {
    expect(() => verified('github-actions', { ...strangerCalls, ...sideDoor }, pair)).toThrow(unknown)
    expect(() => verified('github-actions', { job_workflow_ref: CALLEE }, pair)).not.toThrow()
  })
})
