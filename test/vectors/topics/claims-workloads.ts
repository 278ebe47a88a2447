import type { JsonObject } from '@countersign/core'
import { RECORDED } from '../../identity/claims.ts'
import { INVALID, missing, type Mutation, type Overrides, uri, UUID, vectorsOf } from './claims-of.ts'

export const google = (system: 'google-cloud-build' | 'gcp', address: string) =>
  vectorsOf(system, { subject: { kind: 'email', value: address }, grade: 'C', run: null, facts: {} }, [
    ['address-not-verified', { email_verified: false }, INVALID],
    ['address-verified-or-not', { email_verified: undefined }, INVALID],
    ['address-of-a-person', { email: 'person@acme.example' }, INVALID],
    ['address-near-miss', { email: 'builder@evilgserviceaccount.com' }, INVALID],
    ['other-account-same-address', { sub: '1' }, 'issuer-unknown'],
    ...missing('email'),
  ])

const ROLE = 'arn:aws:iam::123456789012:role/codebuild-widget'
const STS = 'https://sts.amazonaws.com/'
const inSts = (changes: Overrides, system: 'aws' | 'aws-codebuild' = 'aws-codebuild'): Overrides => {
  const within = { ...(RECORDED[system].claims[STS] as JsonObject), ...changes }
  return { [STS]: Object.fromEntries(Object.entries(within).filter(([, value]) => value !== undefined)) as JsonObject }
}
const BUILD = `arn:aws:codebuild:eu-central-1:123456789012:build/widget:${UUID('9')}`
const tagged = (arn: string) => inSts({ request_tags: { 'codebuild-build-arn': arn } })
export const codebuild = vectorsOf(
  'aws-codebuild',
  { subject: uri(ROLE), grade: 'C', run: { id: BUILD, attempt: null, job: null }, facts: {} },
  [
    ['without-build', inSts({ request_tags: undefined }), null, { run: null }],
    ['build-of-another-account', tagged(BUILD.replace('123456789012', '999999999999')), INVALID],
    ['build-that-is-none', tagged('latest'), INVALID],
    ['role-of-another-account', inSts({ aws_account: '999999999999' }), INVALID],
    ['other-role', { sub: 'arn:aws:iam::123456789012:role/other' }, 'issuer-unknown'],
    ['without-account', inSts({ aws_account: undefined }), INVALID],
    ...missing(STS).map(([, ...rest]) => ['without-sts', ...rest] as Mutation),
  ],
)
export const aws = vectorsOf(
  'aws',
  { subject: uri('arn:aws:iam::123456789012:role/release'), grade: 'C', run: null, facts: {} },
  [
    ['tag-that-looks-like-a-build', inSts({ request_tags: { 'codebuild-build-arn': BUILD } }, 'aws'), null],
    ['pinned-by-account', {}, null, { rule: { claims: [{ name: `${STS}aws_account`, value: '123456789012' }] } }],
    [
      'tag-in-the-place-of-the-account',
      { ...inSts({ aws_account: undefined, request_tags: { aws_account: '123456789012' } }, 'aws') },
      'issuer-unknown',
      { rule: { claims: [{ name: `${STS}aws_account`, value: '123456789012' }] } },
    ],
  ],
)

export const azure = vectorsOf(
  'azure',
  {
    subject: uri(`https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/identities/${UUID('6')}`),
    grade: 'C',
    run: null,
    facts: {},
  },
  [
    ['without-kind', { idtyp: undefined }, null],
    ['person', { idtyp: 'user' }, INVALID],
    ['person-without-kind', { idtyp: undefined, sub: 'pairwise' }, INVALID],
    ['other-identity', { oid: UUID('0'), sub: UUID('0') }, 'issuer-unknown'],
    ...missing('tid'),
  ],
)

const K8S = RECORDED.kubernetes.claims['kubernetes.io'] as JsonObject
export const kubernetes = vectorsOf(
  'kubernetes',
  { subject: uri('https://kubernetes.io/namespaces/ci/serviceaccounts/builder'), grade: 'C', run: null, facts: {} },
  [
    ['subject-of-another-account', { sub: 'system:serviceaccount:ci:admin' }, INVALID],
    [
      'other-account-same-name',
      { 'kubernetes.io': { ...K8S, serviceaccount: { name: 'builder', uid: UUID('0') } } },
      'issuer-unknown',
    ],
    ['namespace-with-a-slash', { 'kubernetes.io': { ...K8S, namespace: 'ci/serviceaccounts' } }, INVALID],
    ['account-a-text', { 'kubernetes.io': { ...K8S, serviceaccount: 'builder' } }, 'issuer-unknown'],
    [
      'without-account',
      { 'kubernetes.io': { namespace: 'ci' } },
      INVALID,
      { rule: { claims: [{ name: 'kubernetes.io/namespace', value: 'ci' }] } },
    ],
  ],
)

export const spiffe = vectorsOf(
  'spiffe',
  { subject: uri('spiffe://acme.example/ci/builder'), grade: 'C', run: null, facts: {} },
  [
    ['other-trust-domain', { sub: 'spiffe://evil.example/ci/builder' }, 'issuer-unknown'],
    ['trust-domain-longer', { sub: 'spiffe://acme.example.evil/ci/builder' }, 'issuer-unknown'],
    ['path-with-a-way-up', { sub: 'spiffe://acme.example/ci/../admin' }, INVALID],
    ['path-with-an-end', { sub: 'spiffe://acme.example/ci/' }, INVALID],
    ['no-workload', { sub: 'spiffe://acme.example' }, INVALID],
  ],
)

export const oidc = vectorsOf(
  'oidc',
  { subject: { kind: 'email', value: 'maintainer@acme.example' }, grade: 'C', run: null, facts: {} },
  [
    ['address-not-verified', { email_verified: false }, INVALID],
    ['address-verified-or-not', { email_verified: undefined }, INVALID],
    ['address-verified-as-a-number', { email_verified: 1 }, INVALID],
    ['address-verified-as-text', { email_verified: 'true' }, null],
    ['address-with-two-signs', { email: 'a@b@acme.example' }, INVALID],
    ['address-beyond-ascii', { email: 'mäintainer@acme.example' }, INVALID],
    ['address-with-a-name', { email: 'M <maintainer@acme.example>' }, INVALID],
    [
      'subject-a-uri',
      { email: undefined, sub: 'https://acme.example/people/1' },
      null,
      {
        rule: { claims: [{ name: 'sub', value: 'https://acme.example/people/1' }] },
        identity: { subject: uri('https://acme.example/people/1') },
      },
    ],
    ['subject-no-uri', { email: undefined }, INVALID],
    ['other-subject-same-address', { sub: 'u-1025' }, 'issuer-unknown'],
  ],
)
