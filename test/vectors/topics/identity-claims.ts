import { azurePipelines, buildkite, circleci, jenkins, serviceConnection } from './claims-ci.ts'
import { github, gitlab } from './claims-github.ts'
import { aws, azure, codebuild, google, kubernetes, oidc, spiffe } from './claims-workloads.ts'
import type { Topic } from './topic.ts'

export const identityClaims: Topic = {
  name: 'identity-claims',
  vectors: {
    ...github,
    ...gitlab,
    ...circleci,
    ...buildkite,
    ...azurePipelines,
    ...serviceConnection,
    ...google('google-cloud-build', 'builder@acme-build.iam.gserviceaccount.com'),
    ...google('gcp', 'release@acme-prod.iam.gserviceaccount.com'),
    ...codebuild,
    ...aws,
    ...jenkins,
    ...azure,
    ...kubernetes,
    ...spiffe,
    ...oidc,
  },
}
