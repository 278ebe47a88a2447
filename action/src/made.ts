import { readText } from '@countersign/cli/files'
import { CodedError, isHex, type JsonValue, parseJson } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import type { Environment } from '@countersign/record'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Inputs } from './inputs.ts'
import { merged } from './received.ts'

const MAX_LIST = 4 << 20
const MAX_SUBJECTS = 1024

/** What was made where no file of the workspace shows it: named by digest, by a file of checksums, by the runner's list. */
export async function madeElsewhere(inputs: Inputs, environment: Environment, root: string): Promise<Resource[]> {
  const { subject, checksums } = inputs
  const named = subject === null ? [] : [image(subject.name ?? '', subject.sha256)]
  const listed = checksums === null ? [] : checksummed(readText(resolve(root, checksums), MAX_LIST))
  const list = environment['GITHUB_ARTIFACTS_LIST'] ?? ''
  const told = list === '' || !existsSync(list) ? [] : runnersList(readText(list, MAX_LIST))
  return merged(named, listed, told)
}

/** Lines of `sha256sum`: digest, a space, a space or `*`, the name. */
export function checksummed(text: string): Resource[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length === 0 || lines.length > MAX_SUBJECTS) {
    throw new CodedError('usage', `subject-checksums lists ${lines.length} files; from 1 to ${MAX_SUBJECTS} are taken`)
  }
  return lines.map((line, i) => {
    const [, sha256 = '', name = ''] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []
    if (name === '') {
      throw new CodedError('usage', `line ${i + 1} of subject-checksums is no line of sha256sum`)
    }
    return { name: name.replace(/^\.\//, ''), digest: { sha256 } }
  })
}

/**
 * The list that a runner keeps of what steps appended to `$GITHUB_ARTIFACTS`: `{"version":1,"subjects":[{"name","digest",
 * "kind"}]}` (github.com/actions/runner, pull request 4527). Any step can have put a name there; its digest is the runner's.
 */
export function runnersList(text: string): Resource[] {
  const list = parseJson(text, { maxBytes: MAX_LIST })
  const subjects = fieldOf(list, 'subjects')
  if (fieldOf(list, 'version') !== 1 || !Array.isArray(subjects) || subjects.length > MAX_SUBJECTS) {
    throw new CodedError('usage', 'GITHUB_ARTIFACTS_LIST is of a form that is not known')
  }
  return subjects.map((one: JsonValue) => {
    const [name, digest] = [fieldOf(one, 'name'), fieldOf(one, 'digest')]
    const sha256 = typeof digest === 'string' ? digest.replace(/^sha256:/, '') : ''
    if (typeof name !== 'string' || name === '' || !isHex(sha256, 64)) {
      throw new CodedError('usage', 'GITHUB_ARTIFACTS_LIST names something without its sha256')
    }
    return image(name, sha256)
  })
}

function image(name: string, sha256: string): Resource {
  return { name, uri: name, digest: { sha256 } }
}

function fieldOf(value: JsonValue, name: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: JsonValue })[name]
    : undefined
}
