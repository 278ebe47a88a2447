import { hasControl } from '@countersign/core'
import type { ClaimedIdentity, Runner } from '@countersign/formats'
import type { CiFacts } from './ci-provider.ts'
import type { Redactor } from './redact.ts'

/** What ran the step, as the root knows it. */
export interface RunnerInput {
  /** Null outside of any CI system. */
  readonly ci: CiFacts | null
  /** As `process.platform` and `process.arch`. */
  readonly os: string
  readonly arch: string
  /** Versions that cost nothing to know (the recorder's, Node's), and those of `toolVersions`. */
  readonly tools: { readonly [name: string]: string }
  /** Commit by `uses:` reference. */
  readonly actions?: { readonly [uses: string]: string }
}

/** The `runner` part of a step, claims redacted. */
export function describeRunner(input: RunnerInput, redactor: Redactor): Runner {
  const { ci } = input
  return {
    system: ci?.system ?? 'local',
    identity: ci?.identity == null ? null : cleanIdentity(ci.identity, redactor),
    os: input.os,
    arch: input.arch,
    tools: input.tools,
    actions: input.actions ?? {},
  }
}

const MAX_CLAIM = 4096

function cleanIdentity(identity: ClaimedIdentity, redactor: Redactor): ClaimedIdentity {
  const clean = (claim: string | null) => {
    const text = claim === null ? '' : redactor.fact(claim)
    // What the wire format would refuse is not claimed at all: a step is not lost over its environment.
    return text === '' || text.length > MAX_CLAIM || hasControl(text) ? null : text
  }
  return {
    issuer: clean(identity.issuer),
    sourceRepositoryURI: clean(identity.sourceRepositoryURI),
    sourceRepositoryDigest: clean(identity.sourceRepositoryDigest),
    sourceRepositoryRef: clean(identity.sourceRepositoryRef),
    sourceRepositoryIdentifier: clean(identity.sourceRepositoryIdentifier),
    buildConfigURI: clean(identity.buildConfigURI),
    buildTrigger: clean(identity.buildTrigger),
    runInvocationURI: clean(identity.runInvocationURI),
    runnerEnvironment: clean(identity.runnerEnvironment),
  }
}
