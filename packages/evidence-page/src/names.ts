import type { Examination } from './examine.ts'

const SYSTEMS: Readonly<Record<string, string>> = {
  'github-actions': 'GitHub Actions',
  'gitlab-ci': 'GitLab CI',
  'aws-codebuild': 'AWS CodeBuild',
  'azure-pipelines': 'Azure Pipelines',
  circleci: 'CircleCI',
  buildkite: 'Buildkite',
  jenkins: 'Jenkins',
  'google-cloud-build': 'Cloud Build',
  local: 'Local',
}

/** The CI system by the name people use; as it stands where it is not known. */
export function systemName(system: string | null): string {
  if (system === null) return 'Unknown'
  return Object.hasOwn(SYSTEMS, system) ? SYSTEMS[system]! : system
}

/** `build`, `test (linux)`, `build #2`. */
export function stepName({ name, matrix, attempt }: { name: string; matrix: string | null; attempt: number }): string {
  return `${name}${matrix === null ? '' : ` (${matrix})`}${attempt === 1 ? '' : ` #${attempt}`}`
}

/** The name under which the judged steps vouch for these bytes, the last of them first; null where none does. */
export function vouchedName(
  { verdict }: Pick<Examination, 'verdict'>,
  sha256: string,
): { file: string; step: string } | null {
  for (const { step } of verdict.steps.toReversed()) {
    const subject = step.statement.subject.find(({ digest }) => digest.sha256 === sha256)
    if (subject !== undefined) return { file: subject.name, step: step.statement.predicate.step.name }
  }
  return null
}
