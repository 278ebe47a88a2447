import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { givenTokens } from './identity-given.ts'
import { programOf, tokenOfProgram } from './identity-program.ts'

const OWN = 'CIRCLE_OIDC_TOKEN_V2'

/**
 * CircleCI: `circleci run oidc get --root-issuer --claims '{"aud":"…"}'` (circleci.com/docs, OIDC tokens with custom
 * claims). Where the job has no such program, `CIRCLE_OIDC_TOKEN_V2`, and only for its own audience, the organisation's
 * id: cloud roles that trust that audience trust whoever has the token.
 */
export function circleciTokens(environment: Environment, root: string): IdentityTokens {
  const fix = (audience: string) =>
    `Run in CircleCI's cloud with its circleci program on PATH, or set COUNTERSIGN_AUDIENCE=$CIRCLE_ORGANIZATION_ID to use ${OWN}, and give the issuer rule the same audience (now ${audience}). Pull requests from forks get no token.`
  if (programOf('circleci', environment, root) === null) {
    return givenTokens({ system: 'circleci', environment, fix, variable: OWN })
  }
  return {
    system: 'circleci',
    audience: null,
    renewable: true,
    repeats: false,
    token: (audience) =>
      tokenOfProgram({
        name: 'circleci',
        args: ['run', 'oidc', 'get', '--root-issuer', '--claims', JSON.stringify({ aud: audience })],
        environment,
        root,
        fix: fix(audience),
      }),
  }
}
