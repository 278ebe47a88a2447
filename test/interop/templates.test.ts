import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { HARMLESS } from '../workflows/stub.ts'
import { JOBS, type Kind, ROOT, textOf } from '../workflows/templates.ts'
import { GO_MISSING, goTool } from './go.ts'

const missing = (program: string, ...args: string[]) => spawnSync(program, args).error !== undefined

describe.skipIf(GO_MISSING)('actionlint', () => {
  const tool = goTool('actionlint', 'github.com/rhysd/actionlint/cmd/actionlint', 'v1.7.12')
  beforeAll(() => tool.install())

  const FILES = [
    ...readdirSync(join(ROOT, '.github', 'workflows')).map((name) => `.github/workflows/${name}`),
    'workflows/github/pipeline.yml',
  ]
  // Of April 2026, which this version does not know yet.
  const NEWER = String.raw`property "workflow_(repository|sha)" is not defined in object type`
  const lint = (text: string) =>
    spawnSync(tool.path, ['-no-color', '-ignore', NEWER, '-'], { input: text, cwd: ROOT, encoding: 'utf8' })

  test.each(FILES)('finds nothing wrong with %s', (path) => {
    const { status, stdout } = lint(textOf(path))
    expect(status, stdout).toBe(0)
    // Red control: it reads the file.
    expect(
      lint(`${textOf(path)}
bogus: yes
`).status,
    ).toBe(1)
  })
})

const SCRIPTS = [
  'workflows/countersign',
  'workflows/record.sh',
  'workflows/gate.sh',
  'workflows/buildkite/hooks/command',
  '.ci/archive',
]

describe.skipIf(missing('shellcheck', '--version'))('shellcheck', () => {
  const check = (shell: string, input: string) =>
    spawnSync('shellcheck', ['--shell', shell, '-'], { input, encoding: 'utf8' })

  test.each(SCRIPTS)('finds nothing wrong with %s', (path) => {
    const { status, stdout } = check(textOf(path).startsWith('#!/bin/sh') ? 'sh' : 'bash', textOf(path))
    expect(status, stdout).toBe(0)
  })

  test('nor with what the templates put into a shell; red control: it would', () => {
    for (const system of ['circleci', 'azure-pipelines', 'jenkins', 'gitlab-ci', 'aws-codebuild'] as const) {
      for (const kind of ['record', 'gate'] as const) {
        const { commands } = JOBS[system](kind, HARMLESS, '')
        const script = commands[0]!.at(-1)!
        const { status, stdout } = check('bash', script)
        expect(status, `${system} ${kind}\n${stdout}`).toBe(0)
        expect(check('bash', script.replace('-C "$countersign"', '-C $countersign')).status).toBe(1)
      }
    }
  })
})

describe.skipIf(missing('mvn', '--version') || missing('java', '-version'))('Groovy', () => {
  const VERSION = '4.0.24'
  const jar = join(
    homedir(),
    '.m2',
    'repository',
    'org',
    'apache',
    'groovy',
    'groovy',
    VERSION,
    `groovy-${VERSION}.jar`,
  )
  beforeAll(() => {
    execFileSync('mvn', ['-q', '-B', 'dependency:get', `-Dartifact=org.apache.groovy:groovy:${VERSION}`], {
      stdio: 'ignore',
      // Java takes the home of the user, and not HOME.
      env: { ...process.env, MAVEN_OPTS: `-Duser.home=${homedir()}` },
    })
  })
  const groovy = (...args: string[]) => {
    const ran = spawnSync(
      'java',
      ['-cp', jar, 'groovy.ui.GroovyMain', join(import.meta.dirname, 'groovy', 'Library.groovy'), ...args],
      {
        encoding: 'utf8',
      },
    )
    const said = ran.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([what, text]) => [what, Buffer.from(text ?? '', 'base64').toString()] as const)
    return { status: ran.status, err: ran.stderr, said }
  }

  test.each(['record', 'gate'] as const)(
    'the shared library runs for %s what its text says, in that environment',
    (kind: Kind) => {
      const given = { ...HARMLESS, materials: ['in/a', 'in/b c'], run: 'make "$X" \'$Y\'\n\\n' }
      const file = join(
        ROOT,
        'workflows',
        'jenkins',
        'vars',
        `countersign${kind === 'record' ? 'Record' : 'Gate'}.groovy`,
      )
      const said = kind === 'record' ? ['step', 'run', 'pipeline', 'materials', 'products'] : ['subject', 'contract']
      const settings = said.map((name) => {
        const value = given[name as keyof typeof given]
        return `${name}=${Buffer.from(typeof value === 'string' ? value : value.join('\n')).toString('base64')}`
      })
      const ran = groovy('call', file, ...settings)
      expect(ran.status, ran.err).toBe(0)
      const read = JOBS.jenkins(kind, given, '')
      const env = ran.said.filter(([what]) => what === 'env').map(([, text]) => text)
      for (const one of env) {
        const at = one.indexOf('=')
        expect(read.environment[one.slice(0, at)], one).toBe(one.slice(at + 1))
      }
      expect(env).toHaveLength(said.length)
      expect(ran.said.find(([what]) => what === 'sh')![1]).toBe(read.commands[0]!.at(-1))
      expect(ran.said.find(([what]) => what === 'credential')![1]).toBe('countersign COUNTERSIGN_ID_TOKEN')
    },
  )

  test('the Jenkinsfile is Groovy; red control: prose is not', () => {
    const { said } = groovy(
      'parse',
      ...['jenkins/Jenkinsfile', 'README.md'].map((name) => join(ROOT, 'workflows', name)),
    )
    expect(said.map(([what]) => what)).toEqual(['parsed', 'refused'])
  })
})
