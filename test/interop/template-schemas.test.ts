import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROOT, textOf } from '../workflows/templates.ts'

/** It has the schemas of the CI systems' own editors in it: SchemaStore's, GitLab's, Buildkite's and Microsoft's. */
const VERSION = '0.39.0'
const home = join(tmpdir(), 'countersign-interop', `check-jsonschema-${VERSION}`)
const tool = join(home, 'bin', 'check-jsonschema')
const PYTHON_MISSING = spawnSync('python3', ['-m', 'venv', '--help']).status !== 0

/** The lines that the head of a template tells to copy. */
function told(path: string): string {
  const [, lines = ''] = /\n#\n((?:# {3}.*\n)+)/.exec(textOf(path)) ?? []
  return lines.replaceAll(/^# {3}/gm, '')
}

/** The job of a component of GitLab; of what it takes, the schema says nothing. */
function jobOf(name: string): string {
  const [, job = ''] = textOf(`workflows/gitlab/templates/${name}.yml`).split('\n---\n')
  return job.replace('"$[[ inputs.job ]]"', name)
}

const FLOWS = readdirSync(join(ROOT, '.github', 'workflows')).map((name) => `.github/workflows/${name}`)
const transformed = ['gitlab-ci', 'azure-pipelines']

/** What is held against which schema, and a change to it that no longer keeps to that. */
const CASES: readonly (readonly [what: string, schema: string, text: () => string, spoil: (text: string) => string])[] =
  [
    [
      // Of jobs whose names begin with a dot the schema says nothing.
      'GitLab, the plain template',
      'gitlab-ci',
      () => textOf('workflows/gitlab/countersign.gitlab-ci.yml').replaceAll('.countersign', 'countersign'),
      swap('aud:', 'audience:'),
    ],
    [
      'GitLab, how it is used',
      'gitlab-ci',
      () => told('workflows/gitlab/countersign.gitlab-ci.yml'),
      swap('extends:', 'extend:'),
    ],
    ...(['record', 'gate'] as const).flatMap((name) => [
      [`GitLab, the job of the component ${name}`, 'gitlab-ci', () => jobOf(name), swap('aud:', 'audience:')] as const,
      [
        `GitLab, how the component ${name} is used`,
        'gitlab-ci',
        () => told(`workflows/gitlab/templates/${name}.yml`),
        swap('inputs:', 'with:'),
      ] as const,
      [
        `Azure Pipelines, ${name}`,
        'azure-pipelines',
        () => textOf(`workflows/azure-pipelines/${name}.yml`),
        swap('bash:', 'bashes:'),
      ] as const,
      [
        `Azure Pipelines, how ${name} is used`,
        'azure-pipelines',
        () => told(`workflows/azure-pipelines/${name}.yml`),
        swap('template:', 'templates:'),
      ] as const,
    ]),
    [
      'the orb of CircleCI',
      'circle-ci',
      () => textOf('workflows/circleci/orb.yml'),
      swap('type: string', 'type: text'),
    ],
    ['Cloud Build', 'cloudbuild', () => textOf('workflows/cloud-build/cloudbuild.yaml'), swap('script:', 'scripts:')],
    [
      'Buildkite, how the plugin is used',
      'buildkite',
      () => told('workflows/buildkite/plugin.yml'),
      swap('plugins:', 'plugin:'),
    ],
    ['the action', 'github-actions', () => textOf('action.yml'), swap('using: node24', 'using: node')],
    ...[...FLOWS, 'workflows/github/pipeline.yml'].map(
      (path) => [path, 'github-workflows', () => textOf(path), swap('jobs:', 'job:')] as const,
    ),
  ]

function swap(from: string, to: string): (text: string) => string {
  return (text) => text.replace(from, to)
}

describe.skipIf(PYTHON_MISSING)('the templates keep to the schemas of their systems', () => {
  beforeAll(() => {
    if (existsSync(tool)) return
    try {
      execFileSync('python3', ['-m', 'venv', home], { stdio: 'ignore' })
      execFileSync(join(home, 'bin', 'pip'), ['-q', 'install', `check-jsonschema==${VERSION}`], { stdio: 'ignore' })
    } catch (error) {
      rmSync(home, { recursive: true, force: true })
      throw error
    }
  })

  test.each(CASES)('%s; red control: with one word changed it does not', (_, schema, text, spoil) => {
    const check = (input: string) => {
      const transform = transformed.includes(schema) ? ['--data-transform', schema] : []
      const args = ['--builtin-schema', `vendor.${schema}`, '--force-filetype', 'yaml', ...transform, '-']
      return spawnSync(tool, args, { input, encoding: 'utf8' })
    }
    const given = text()
    expect(given.length).toBeGreaterThan(20)
    expect(spoil(given)).not.toBe(given)
    const { status, stdout, stderr } = check(given)
    expect(status, stdout + stderr).toBe(0)
    expect(check(spoil(given)).status).toBe(1)
  })
})
