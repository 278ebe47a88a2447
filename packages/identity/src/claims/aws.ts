import { invalid } from '../jws.ts'
import { type Claims, type ClaimsReader, type Reading, workload } from './reading.ts'

const NAMESPACE = 'https://sts.amazonaws.com/'

/**
 * The tag in which a build of CodeBuild names itself when it asks for a token. Only as good as the role's policy, which
 * should refuse every value but `${codebuild:buildArn}` (condition key `aws:RequestTag/…`); CodeBuild itself confirms it.
 */
export const CODEBUILD_BUILD_TAG = 'codebuild-build-arn'

const ROLE =
  /^arn:aws(?:-[a-z]+)*:(?:iam|sts)::([0-9]{12}):(?:role|user|assumed-role|federated-user)\/[\x21-\x7e]{1,512}$/
const BUILD = /^arn:aws(?:-[a-z]+)*:codebuild:[a-z0-9-]+:([0-9]{12}):build\/[A-Za-z0-9_-]{1,255}:[0-9a-f-]{36}$/

/** A principal of AWS (STS GetWebIdentityToken). */
export const aws: ClaimsReader = (it) => principal(it).reading

/** The role of a build of CodeBuild, and the build where the token names one. */
export const codebuild: ClaimsReader = (it) => {
  const { reading, account, within } = principal(it)
  const build = within.within('request_tags')?.optional(CODEBUILD_BUILD_TAG) ?? null
  if (build === null) return reading
  if (BUILD.exec(build)?.[1] !== account) throw invalid(`the tag ${CODEBUILD_BUILD_TAG} is no build of the account`)
  return { ...reading, run: { id: build, attempt: null, job: null } }
}

function principal(it: Claims): { reading: Reading; account: string; within: Claims } {
  const arn = it.text('sub')
  const within = it.within(NAMESPACE)
  if (within === null) throw invalid(`the token lacks ${NAMESPACE}`)
  const account = within.text('aws_account')
  if (ROLE.exec(arn)?.[1] !== account) throw invalid('the claim sub is no principal of its account')
  return { reading: workload(it, { kind: 'uri', value: arn }), account, within }
}
