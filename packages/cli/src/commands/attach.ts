import { basename, resolve } from 'node:path'
import type { OciDescriptor } from '@countersign/adapters/oci-registry'
import { CodedError } from '@countersign/core'
import { EVIDENCE_MEDIA_TYPE } from '@countersign/evidence'
import { CHAIN_MEDIA_TYPE } from '@countersign/formats'
import type { Context, ExitCode } from '../context.ts'
import { readBounded, writeWhole } from '../files.ts'
import { paintFor, plain, short } from '../output.ts'
import { type Attachable, attachableOf, BUNDLE_MEDIA_TYPE, MAX_ATTACHED, repositoryOf } from '../registry.ts'

export interface AttachOptions {
  readonly format: string
}

export interface DiscoverOptions {
  readonly out: string
  readonly format: string
}

/** Puts chains, evidence and bundles beside an image in its registry, as artifacts that refer to it. */
export async function attach(
  context: Context,
  image: string,
  files: readonly string[],
  { format }: AttachOptions,
): Promise<ExitCode> {
  const { reference, repository } = repositoryOf(context, image)
  const subject = await repository.resolve(reference.reference)
  const sha256 = subject.digest.slice('sha256:'.length)
  // All of them are looked at before the first is pushed.
  const prepared = files.map((file): Attachable & { readonly file: string; readonly content: Uint8Array } => {
    const content = readBounded(resolve(context.cwd, file), MAX_ATTACHED)
    return { file, content, ...attachableOf(file, content, sha256) }
  })
  const made: OciDescriptor[] = []
  for (const { file, content, artifactType, annotations } of prepared) {
    const title = { 'org.opencontainers.image.title': basename(file) }
    made.push(await repository.attach(subject, { artifactType, content, annotations: { ...title, ...annotations } }))
  }
  if (format === 'json') {
    context.stdout(`${JSON.stringify({ subject: subject.digest, attached: made })}\n`)
    return 0
  }
  const paint = paintFor(context)
  for (const [i, { digest, artifactType }] of made.entries()) {
    const name = `${reference.host}/${reference.repository}@${digest}`
    context.stdout(
      `${paint.green('✓')} ${plain(prepared[i]!.file)}  ${paint.dim(artifactType ?? '')}\n  ${plain(name, 400)}\n`,
    )
  }
  return 0
}

/** Kinds that are fetched, and how the files that they go into end. */
const ENDINGS: Readonly<Record<string, string>> = {
  [CHAIN_MEDIA_TYPE]: 'chain.jsonl',
  [EVIDENCE_MEDIA_TYPE]: 'evidence.json',
  [BUNDLE_MEDIA_TYPE]: 'sigstore.json',
}

/** Fetches what is attached to an image into files that the other commands take. Nothing of it is verified here. */
export async function discover(context: Context, image: string, { out, format }: DiscoverOptions): Promise<ExitCode> {
  const { reference, repository } = repositoryOf(context, image)
  const { digest } = await repository.resolve(reference.reference)
  const all = await repository.referrers(digest, null)
  const found: {
    readonly artifactType: string
    readonly digest: string
    readonly file: string | null
    readonly fault: string | null
  }[] = []
  for (const one of all) {
    const artifactType = one.artifactType ?? one.mediaType
    const ending = Object.hasOwn(ENDINGS, artifactType) ? ENDINGS[artifactType]! : null
    if (ending === null) {
      found.push({ artifactType, digest: one.digest, file: null, fault: null })
      continue
    }
    try {
      const content = await repository.fetch(one, MAX_ATTACHED)
      // Anybody who may push can attach what is about something else.
      attachableOf(one.digest, content, digest.slice('sha256:'.length))
      const file = `${out}/${one.digest.slice('sha256:'.length, 'sha256:'.length + 16)}.${ending}`
      await writeWhole(resolve(context.cwd, file), content)
      found.push({ artifactType, digest: one.digest, file, fault: null })
    } catch (error) {
      if (!(error instanceof CodedError) || error.code === 'service-unreachable' || error.code === 'service-refused')
        throw error
      found.push({ artifactType, digest: one.digest, file: null, fault: error.code })
    }
  }
  if (format === 'json') context.stdout(`${JSON.stringify({ subject: digest, found })}\n`)
  else {
    const paint = paintFor(context)
    for (const one of found) {
      const what = one.file ?? one.fault ?? 'of others'
      context.stdout(
        `${one.file === null ? paint.dim('·') : paint.green('✓')} ${plain(one.artifactType)}  ${short(one.digest.slice(7))}  ${plain(what, 400)}\n`,
      )
    }
    const chains = found.filter(({ file }) => file?.endsWith('.chain.jsonl') === true).map(({ file }) => file)
    if (chains.length > 0) {
      context.stdout(
        `  ${paint.dim(`To verify it: countersign verify ${digest} --chain ${plain(chains.join(' '), 400)}`)}\n`,
      )
    }
  }
  return found.some(({ file }) => file !== null) ? 0 : 1
}
