import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { tokenOfProgram } from './identity-program.ts'

/** Ids that no rename changes; the token has only names without them. */
const CLAIMS = 'organization_id,pipeline_id,build_id'

/** Buildkite: `buildkite-agent oidc request-token` (buildkite.com/docs/agent/cli/reference/oidc). */
export function buildkiteTokens(environment: Environment, root: string): IdentityTokens {
  return {
    system: 'buildkite',
    audience: null,
    renewable: true,
    repeats: false,
    token: (audience) =>
      tokenOfProgram({
        name: 'buildkite-agent',
        args: ['oidc', 'request-token', '--audience', audience, '--claim', CLAIMS],
        environment,
        root,
        fix: 'Have buildkite-agent on PATH in the step (in a container: mount it), with the BUILDKITE_ variables of the job passed on.',
      }),
  }
}
