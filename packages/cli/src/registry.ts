import { existsSync } from 'node:fs'
import { dockerCredentials, dockerHelper } from '@countersign/adapters/oci-credentials'
import { type OciReference, parseOciReference } from '@countersign/adapters/oci-reference'
import { OciRepository } from '@countersign/adapters/oci-registry'
import { CodedError } from '@countersign/core'
import { EVIDENCE_MEDIA_TYPE, parseEvidence } from '@countersign/evidence'
import {
  CHAIN_MEDIA_TYPE,
  isBundle,
  MAX_CHAIN_BYTES,
  parseChainFile,
  parseStep,
  type Resource,
} from '@countersign/formats'
import { parseReport } from '@countersign/formats/report'
import type { Context } from './context.ts'
import { readBounded } from './files.ts'
import { plain } from './output.ts'

export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
/** Most bytes of a file that is attached or fetched. */
export const MAX_ATTACHED = MAX_CHAIN_BYTES

/** An image's repository, under the login that docker keeps for its registry. */
export function repositoryOf(
  context: Context,
  text: string,
): { readonly reference: OciReference; readonly repository: OciRepository } {
  const reference = parseOciReference(text)
  const credentials = () => loginOf(context, reference.host)
  return { reference, repository: new OciRepository(reference, { credentials }) }
}

/** As docker looks for it: in the program that it keeps logins in, else in its configuration. */
async function loginOf({ settings: { dockerConfig }, environment, cwd: root }: Context, host: string) {
  if (!existsSync(dockerConfig)) return null
  const config = readBounded(dockerConfig, 1 << 20)
  const helper = dockerHelper(config, host)
  if (helper !== null) {
    const { loginFromHelper } = await import('@countersign/adapters/oci-helper')
    const login = await loginFromHelper({ ...helper, environment, root })
    if (login !== null) return login
  }
  return dockerCredentials(config, host)
}

/** What a file is, as an artifact, and what it says of itself there. */
export interface Attachable {
  readonly artifactType: string
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * What a file is: a chain, evidence, or a Sigstore bundle, and it must be about the image. Nothing of it is verified: that
 * is for whoever fetches it. Throws `report-unknown`, `artifact-mismatch`, and what reading the file throws.
 */
export function attachableOf(file: string, content: Uint8Array, sha256: string): Attachable {
  if (
    Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(`"mediaType":"${EVIDENCE_MEDIA_TYPE}"`)
  ) {
    return evidenceOf(file, content, sha256)
  }
  const chain = chainOf(content)
  if (chain !== null) {
    if (chain.some(({ digest }) => digest.sha256 === sha256)) return { artifactType: CHAIN_MEDIA_TYPE, annotations: {} }
    throw mismatch(file)
  }
  const { type, about, facts, mediaType } = parseReport(content)
  if (mediaType !== BUNDLE_MEDIA_TYPE) {
    throw new CodedError('report-unknown', `${plain(file)} is ${type}, and neither a chain, evidence nor a bundle v0.3`)
  }
  if (!about.some((digests) => digests['sha256'] === sha256)) throw mismatch(file)
  const predicateType = facts['predicateType']
  return {
    artifactType: BUNDLE_MEDIA_TYPE,
    // As cosign has them, which chooses by them.
    annotations: {
      'dev.sigstore.bundle.content': typeof predicateType === 'string' ? 'dsse-envelope' : 'message-signature',
      ...(typeof predicateType === 'string' ? { 'dev.sigstore.bundle.predicateType': predicateType } : {}),
    },
  }
}

function evidenceOf(file: string, content: Uint8Array, sha256: string): Attachable {
  const { subject } = parseEvidence(content)
  if (subject.artifact !== sha256) throw mismatch(file)
  return { artifactType: EVIDENCE_MEDIA_TYPE, annotations: {} }
}

/** What the steps of a chain file vouch for; null where it holds something else than steps. */
function chainOf(content: Uint8Array): readonly Resource[] | null {
  try {
    const steps = parseChainFile(content).filter(isBundle)
    return steps.length === 0 ? null : steps.flatMap(({ envelope }) => parseStep(envelope.payload).subject)
  } catch (error) {
    if (error instanceof CodedError && error.code !== 'input-too-large') return null
    throw error
  }
}

function mismatch(file: string): CodedError {
  return new CodedError('artifact-mismatch', `${plain(file)} is not about the image`)
}
