import type { SystemName } from '../systems.ts'
import { aws, codebuild } from './aws.ts'
import { azure } from './azure.ts'
import { azurePipelines } from './azure-pipelines.ts'
import { buildkite } from './buildkite.ts'
import { circleci } from './circleci.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { google } from './google.ts'
import { jenkins } from './jenkins.ts'
import { kubernetes } from './kubernetes.ts'
import { oidc } from './oidc.ts'
import type { ClaimsReader } from './reading.ts'
import { spiffe } from './spiffe.ts'

/** Who reads the claims of each system. */
export const READERS: Readonly<Record<SystemName, ClaimsReader>> = {
  'github-actions': github,
  'gitlab-ci': gitlab,
  circleci,
  buildkite,
  'azure-pipelines': azurePipelines,
  'google-cloud-build': google,
  'aws-codebuild': codebuild,
  jenkins,
  aws,
  gcp: google,
  azure,
  kubernetes,
  spiffe,
  oidc,
}
