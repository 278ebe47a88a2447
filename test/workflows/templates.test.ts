import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { ROOT, textOf, yamlOf } from './templates.ts'

const FILES = readdirSync(join(ROOT, 'workflows'), { recursive: true, encoding: 'utf8' })
  .map((name) => `workflows/${name}`)
  // What runs in a cluster is no job: kubernetes.test.ts.
  .filter((path) => statSync(join(ROOT, path)).isFile() && !path.startsWith('workflows/kubernetes/'))
  .toSorted()
const CALLED = ['record-build', 'signer', 'gate-deploy'].map((name) => `.github/workflows/${name}.yml`)
const TEMPLATES = [...FILES.filter((path) => !/\.(?:sh|md)$|\/countersign$/.test(path)), ...CALLED]
const YAML = TEMPLATES.filter((path) => /\.ya?ml$/.test(path))
const GITHUB = [...CALLED, 'workflows/github/pipeline.yml']

const ZEROS = /^(?:0{40}|0{64})$/
/** Everything below a value, with the names that lead to it. */
function* walk(value: unknown, path: readonly string[] = []): Generator<readonly [readonly string[], unknown]> {
  yield [path, value]
  if (typeof value !== 'object' || value === null) return
  for (const [name, one] of Object.entries(value)) yield* walk(one, [...path, name])
}
const documentsIn = (text: string): unknown[] => parseAllDocuments(text).map((one) => one.toJS() as unknown)
const documents = (path: string) => documentsIn(textOf(path))
const valuesIn = (text: string) => documentsIn(text).flatMap((one) => [...walk(one)])
/** Texts that a shell gets. */
const scriptsOf = (path: string, text = textOf(path)): string[] => {
  if (path.endsWith('.groovy')) return [...text.matchAll(/'''([\s\S]*?)'''/g)].map((match) => match[1]!)
  if (!YAML.includes(path)) return path.endsWith('/command') ? [text] : []
  return valuesIn(text)
    .filter(([names, value]) => {
      const name = names.findLast((one) => !/^\d+$/.test(one)) ?? ''
      return typeof value === 'string' && SCRIPTS.includes(name)
    })
    .map(([, value]) => value as string)
    .filter((value) => value.includes('\n') || value.includes(' '))
}
const SCRIPTS = ['run', 'bash', 'script', 'before_script', 'command', 'commands']

/** What could be another thing tomorrow. */
function movable(path: string, text: string): string[] {
  const images = [...text.matchAll(/^(?:FROM|\s*-? ?(?:image|default|_BUILDER):) (\S*[@:]\S*)$/gm)].map(
    (match) => match[1]!,
  )
  const uses = GITHUB.includes(path)
    ? valuesIn(text).flatMap(([names, value]) => (names.at(-1) === 'uses' ? [String(value)] : []))
    : []
  const libraries = [...text.matchAll(/^@Library\('([^']+)'\)/gm)].map((match) => match[1]!)
  return [
    ...images.filter((one) => /node|countersign@/.test(one) && !/@sha256:[0-9a-f]{64}$/.test(one)),
    // Fetched by the workflow itself, at its own commit.
    ...[...uses, ...libraries].filter(
      (one) => one !== './countersign' && !/^[\w-]+(?:\/[\w./-]+)?@[0-9a-f]{40}$/.test(one),
    ),
  ]
}

const TOKENS = ['COUNTERSIGN_ID_TOKEN', 'SYSTEM_ACCESSTOKEN']
/** What would have to be stored. */
function secretive(text: string): string[] {
  const named = text.match(/\b[A-Z_]*(?:TOKEN|SECRET|PASSWORD|CREDENTIAL|COUNTERSIGN_KEY)[A-Z_]*\b/g) ?? []
  const words = text.match(/\bsecrets\.\w+|\bsecrets: |\bpassword\b|BEGIN [A-Z ]*PRIVATE/gi) ?? []
  return [...named.filter((one) => !TOKENS.includes(one)), ...words]
}

/** What a system would put into a script as text. */
function injected(path: string, text: string): string[] {
  // GitHub and Azure, GitLab, CircleCI, Cloud Build; macros of Azure look like the output of a command.
  const found = scriptsOf(path, text).flatMap(
    (script) => script.match(/\$\{\{|\$\[\[|<<|\$\{?_[A-Z]|\$\([A-Za-z_]+\.[A-Za-z_.]+\)/g) ?? [],
  )
  if (!path.endsWith('.groovy')) return found
  // Groovy puts variables into texts with double quotes.
  const bare = text.replaceAll(/\/\*\*[\s\S]*?\*\/|'''[\s\S]*?'''/g, '')
  return [...found, ...(bare.match(/"/g) ?? [])]
}

/** The lines that fetch a release, out of a script. */
const FETCH = /^( *)\(\n[\s\S]*?\n\1\)$/m
function fetchIn(script: string): string | null {
  const [whole, indent] = FETCH.exec(script) ?? []
  return whole === undefined ? null : whole.replaceAll(`\n${indent}`, '\n').slice(indent!.length)
}

describe.each(TEMPLATES)('%s', (path) => {
  const text = textOf(path)

  test('is well-formed, and says at its beginning how it is used', () => {
    if (YAML.includes(path)) {
      for (const document of parseAllDocuments(text, { strict: true, uniqueKeys: true })) {
        expect([...document.errors, ...document.warnings]).toEqual([])
      }
    }
    expect(text).toMatch(/^(?:# |\/\/ |\/\*\*\n|#!\/bin\/bash\n# )/)
    // What one line says is told in one line; what has lines to copy has them there.
    if (path !== 'workflows/buildkite/hooks/command')
      expect(text.split(/\n(?=[^#/ *])/)[0]!.split('\n').length).toBeGreaterThan(1)
  })

  test('uses nothing that can be moved', () => expect(movable(path, text)).toEqual([]))
  test('holds no secret, and asks for none', () => expect(secretive(text)).toEqual([]))
  test('puts no text of others into a script (T-05)', () => expect(injected(path, text)).toEqual([]))
})

describe('red control: the same files with one change', () => {
  const PIN = /@[0-9a-f]{40}|@sha256:[0-9a-f]{64}/
  test.each(TEMPLATES.filter((path) => PIN.test(textOf(path).replaceAll(/^(?:#|\/\/).*$/gm, ''))))(
    '%s with a tag',
    (path) => {
      const text = textOf(path)
      const pinned = text.split('\n').findIndex((line) => PIN.test(line) && !/^(?:#|\/\/)/.test(line))
      const loose = text.split('\n').with(pinned, text.split('\n')[pinned]!.replace(PIN, '@v4')).join('\n')
      expect(movable(path, loose)).toHaveLength(1)
    },
  )
  test.each(TEMPLATES)('%s with a secret', (path) => {
    expect(secretive(`${textOf(path)}\nkey: \${{ secrets.DEPLOY }}`)).toHaveLength(1)
    expect(secretive(`${textOf(path)}\nCOUNTERSIGN_TOKEN=x`)).toHaveLength(1)
  })
  test.each([
    ['.github/workflows/record-build.yml', '"$RUN"', '${{ inputs.run }}'],
    ['workflows/gitlab/templates/record.yml', '$COUNTERSIGN_SHA256', '$[[ inputs.sha256 ]]'],
    ['workflows/circleci/orb.yml', '$COUNTERSIGN_SHA256', '<< parameters.sha256 >>'],
    ['workflows/azure-pipelines/record.yml', '$COUNTERSIGN_SHA256', '${{ parameters.sha256 }}'],
    ['workflows/azure-pipelines/gate.yml', '$COUNTERSIGN_SHA256', '$(Build.SourceBranchName)'],
    ['workflows/cloud-build/cloudbuild.yaml', '"$SUBJECT"', '${_SUBJECT}'],
    [
      'workflows/jenkins/vars/countersignRecord.groovy',
      "'COUNTERSIGN_RUN=' + settings.run",
      '"COUNTERSIGN_RUN=${settings.run}"',
    ],
  ])('%s with %s put in as text', (path, by, text) => {
    expect(textOf(path)).toContain(by)
    expect(
      injected(
        path,
        textOf(path).replace(by, () => text),
      ).length,
    ).toBeGreaterThan(0)
  })
})

describe('the scripts', () => {
  const fetched = TEMPLATES.flatMap((path) =>
    scriptsOf(path).flatMap((script) =>
      [...script.matchAll(new RegExp(FETCH, 'gm'))].map((match) => [path, fetchIn(match[0])!] as const),
    ),
  )

  test('are the same lines in all that fetch a release', () => {
    const kinds = (which: string) => fetched.filter(([, script]) => script.includes(`/${which}.sh`))
    // GitLab has two templates; Buildkite's plugin is one file for both, and Cloud Build's image holds the release.
    expect(
      kinds('record')
        .map(([path]) => path.split('/')[1])
        .toSorted(),
    ).toEqual(['azure-pipelines', 'buildkite', 'circleci', 'codebuild', 'gitlab', 'gitlab', 'jenkins'])
    expect(kinds('gate')).toHaveLength(kinds('record').length)
    const one = (script: string) => script.replace(/(?:record|gate)\.sh/, 'X')
    expect(new Set(fetched.map(([, script]) => one(script))).size).toBe(1)
  })

  test('run nothing of it before it is held against its SHA-256', () => {
    const script = fetched[0]![1]
    const [fetch, hold, unpack, run] = ['curl ', 'sha256sum -c -', 'tar -x', 'workflows/'].map((part) =>
      script.indexOf(part),
    )
    expect(fetch!).toBeGreaterThan(0)
    expect([fetch! < hold!, hold! < unpack!, unpack! < run!]).toEqual([true, true, true])
    expect(script).toContain('set -eu')
  })

  test('can be run', () => {
    for (const path of [
      'workflows/countersign',
      'workflows/record.sh',
      'workflows/gate.sh',
      'workflows/buildkite/hooks/command',
    ]) {
      expect(statSync(join(ROOT, path)).mode & 0o111, path).toBe(0o111)
    }
    const archive = readFileSync(join(ROOT, '.ci', 'archive'), 'utf8')
    for (const name of ['countersign', 'record.sh', 'gate.sh']) expect(archive).toContain(`workflows/${name}`)
  })
})

interface Job {
  readonly permissions: Readonly<Record<string, string>>
  readonly needs?: string
  readonly outputs?: object
  readonly steps: readonly {
    readonly id?: string
    readonly name?: string
    readonly uses?: string
    readonly run?: string
    readonly with?: Readonly<Record<string, string>>
  }[]
}
interface Workflow {
  readonly on: {
    readonly workflow_call: { readonly inputs: Record<string, { readonly description: string; readonly type: string }> }
  }
  readonly permissions: object
  readonly jobs: Readonly<Record<string, Job>>
}

describe('GitHub', () => {
  test.each(GITHUB)('%s may do nothing but what a job says', (path) => {
    const { permissions, jobs } = yamlOf<Workflow>(path)
    expect(permissions).toEqual({})
    for (const job of Object.values(jobs)) {
      expect(Object.entries(job.permissions).map((one) => one.join(' '))).toEqual(
        expect.not.arrayContaining(['contents write']),
      )
      expect(['contents', 'id-token']).toEqual(expect.arrayContaining(Object.keys(job.permissions)))
    }
  })

  test.each(CALLED)('%s describes every input, and uses it', (path) => {
    const { on } = yamlOf<Workflow>(path)
    for (const [name, { description, type }] of Object.entries(on.workflow_call.inputs)) {
      expect(description.length, name).toBeGreaterThan(10)
      expect(type).toBe('string')
      expect(textOf(path)).toMatch(new RegExp(`\\{[^}]*inputs\\.${name}\\b`))
    }
  })

  const sign = yamlOf<Workflow>('.github/workflows/signer.yml').jobs['sign']!

  test('what is built has no identity, and what signs runs nothing that was built', () => {
    const { build, sign: signing } = yamlOf<Workflow>('.github/workflows/record-build.yml').jobs
    expect(build!.permissions).toEqual({ contents: 'read' })
    expect(build!.steps.filter(({ uses }) => uses?.includes('countersign'))).toEqual([])
    const { needs, ...rest } = signing!
    expect(needs).toBe('build')
    // One job in two files: GitHub resolves what a called workflow calls in ways that differ.
    expect(rest).toEqual(sign)
  })

  test('the signing job fetches the action last, at the commit of the workflow that was named', () => {
    const kinds = sign.steps.map(({ uses, name }) => uses?.split('@')[0] ?? name)
    expect(kinds).toEqual([
      'actions/checkout',
      'place',
      'actions/download-artifact',
      'actions/checkout',
      './countersign',
    ])
    for (const { jobs } of CALLED.map((path) => yamlOf<Workflow>(path))) {
      const { steps } = Object.values(jobs).at(-1)!
      const at = steps.findIndex(({ uses }) => uses === './countersign')
      expect(steps[at - 1]!.with).toEqual({
        repository: '${{ job.workflow_repository }}',
        ref: '${{ job.workflow_sha }}',
        path: 'countersign',
        'persist-credentials': false,
      })
      expect(
        steps
          .slice(0, at - 1)
          .filter(({ uses }) => uses?.startsWith('actions/checkout'))
          .every((one) => one.with?.['path'] === 'source'),
      ).toBe(true)
    }
  })

  test('no checkout keeps its token', () => {
    const checkouts = CALLED.flatMap((path) =>
      Object.values(yamlOf<Workflow>(path).jobs).flatMap(({ steps }) => steps),
    ).filter(({ uses }) => uses?.startsWith('actions/checkout'))
    expect(checkouts.length).toBe(7)
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false })
  })

  test('passes inputs to the action that it has', () => {
    const { inputs } = yamlOf<{ inputs: object }>('action.yml')
    for (const { jobs } of CALLED.map((path) => yamlOf<Workflow>(path))) {
      const own = Object.values(jobs).flatMap(({ steps }) => steps.filter(({ uses }) => uses === './countersign'))
      for (const { with: said } of own) for (const name of Object.keys(said!)) expect(inputs).toHaveProperty(name)
    }
  })

  test('the pipeline to copy passes inputs that the workflows have', () => {
    const { jobs } = yamlOf<{ jobs: Record<string, { uses: string; with: object }> }>('workflows/github/pipeline.yml')
    for (const { uses, with: said } of Object.values(jobs)) {
      const [, file, commit] = /^countersign\/countersign\/(\S+)@(\S+)$/.exec(uses)!
      expect(commit).toMatch(ZEROS)
      const { inputs } = yamlOf<Workflow>(file!).on.workflow_call
      for (const name of Object.keys(said)) expect(inputs).toHaveProperty(name)
      const required = Object.entries(inputs).filter(([, one]) => (one as { required?: boolean }).required === true)
      expect(Object.keys(said)).toEqual(expect.arrayContaining(required.map(([name]) => name)))
    }
  })
})

describe('the other systems', () => {
  test.each(['record', 'gate'])('GitLab: the component %s has a specification, and uses what it says', (kind) => {
    const path = `workflows/gitlab/templates/${kind}.yml`
    const [head, body] = documents(path) as [{ spec: { inputs: Record<string, { description: string }> } }, object]
    for (const [name, { description }] of Object.entries(head.spec.inputs)) {
      expect(description.length, name).toBeGreaterThan(5)
      expect(JSON.stringify(body), name).toContain(`$[[ inputs.${name} ]]`)
    }
    const [job] = Object.values(body) as [{ id_tokens: object; image: string }]
    expect(job.id_tokens).toEqual({ COUNTERSIGN_ID_TOKEN: { aud: '$[[ inputs.audience ]]' } })
  })

  test('GitLab: the command line is expanded by the shell alone', () => {
    const [, body] = documents('workflows/gitlab/templates/record.yml') as [
      object,
      Record<string, { variables: Record<string, unknown> }>,
    ]
    expect(Object.values(body)[0]!.variables['COUNTERSIGN_RUN']).toEqual({ value: '$[[ inputs.run ]]', expand: false })
  })

  test.each(['record', 'gate'])(
    'CodeBuild: buildspec-%s.yml is of version 0.2, and stops where a command fails',
    (kind) => {
      const spec = yamlOf<{
        version: number
        phases: Record<string, { 'on-failure'?: string; 'runtime-versions'?: object }>
        env: { variables: Record<string, string> }
      }>(`workflows/codebuild/buildspec-${kind}.yml`)
      expect(spec.version).toBe(0.2)
      expect(Object.keys(spec.phases)).toEqual(['install', 'build'])
      expect(spec.phases['build']!['on-failure']).toBe('ABORT')
      expect(spec.env.variables['COUNTERSIGN_SHA256']).toMatch(ZEROS)
    },
  )

  test('Cloud Build: each step is of the one image, maps what it reads, and each substitution is used', () => {
    const build = yamlOf<{
      steps: { id: string; name: string; script: string; env: string[] }[]
      substitutions: Record<string, string>
      serviceAccount: string
      options: object
    }>('workflows/cloud-build/cloudbuild.yaml')
    for (const { name } of build.steps) expect(name).toBe('${_BUILDER}')
    expect(build.steps.map(({ id }) => id)).toEqual(['record', 'gate', 'deploy'])
    const text = JSON.stringify(build.steps)
    for (const name of Object.keys(build.substitutions)) expect(text).toContain(`\${${name}}`)
    // One of its own: the default one has no identity tokens.
    expect(build.serviceAccount).toMatch(/^projects\/[^/]+\/serviceAccounts\/[^@]+@/)
    expect(build.options).toEqual({ logging: 'CLOUD_LOGGING_ONLY' })
  })

  test.each(['record', 'gate'])(
    'Azure: every parameter of %s.yml is typed, and goes into the environment alone',
    (kind) => {
      const { parameters, steps } = yamlOf<{
        parameters: { name: string; type: string }[]
        steps: { bash: string; env: Record<string, string> }[]
      }>(`workflows/azure-pipelines/${kind}.yml`)
      expect(steps).toHaveLength(1)
      const values = Object.values(steps[0]!.env)
      for (const { name, type } of parameters) {
        expect(type).toBe('string')
        expect(values).toContain(`\${{ parameters.${name} }}`)
      }
      expect(steps[0]!.env['SYSTEM_ACCESSTOKEN']).toBe('$(System.AccessToken)')
    },
  )

  test('CircleCI: the orb is of version 2.1, and its parameters go into the environment alone', () => {
    const orb = yamlOf<{
      version: number
      description: string
      commands: Record<
        string,
        {
          parameters: Record<string, { type: string; description: string }>
          steps: { run: { environment: Record<string, string> } }[]
        }
      >
      examples: Record<string, { usage: object }>
    }>('workflows/circleci/orb.yml')
    expect(orb).toMatchObject({ version: 2.1, examples: { deploy: { usage: { version: 2.1 } } } })
    for (const { parameters, steps } of Object.values(orb.commands)) {
      const values = Object.values(steps[0]!.run.environment)
      for (const [name, { type, description }] of Object.entries(parameters)) {
        expect(type).toBe('string')
        expect(description.length).toBeGreaterThan(5)
        expect(values).toContain(`<< parameters.${name} >>`)
      }
    }
  })

  test('Buildkite: the plugin reads each setting that it takes, and takes no other', () => {
    const plugin = yamlOf<{
      name: string
      description: string
      author: string
      requirements: string[]
      configuration: { properties: Record<string, object>; required: string[]; additionalProperties: boolean }
    }>('workflows/buildkite/plugin.yml')
    expect(plugin.configuration.additionalProperties).toBe(false)
    expect(Object.keys(plugin.configuration.properties)).toEqual(expect.arrayContaining(plugin.configuration.required))
    const read = [...textOf('workflows/buildkite/hooks/command').matchAll(/\$\(setting ([A-Z0-9_]+)\)/g)].map((match) =>
      match[1]!.toLowerCase().replaceAll('_', '-'),
    )
    expect(read.toSorted()).toEqual(Object.keys(plugin.configuration.properties).toSorted())
  })

  test('Jenkins: the library is named by its commit, and the token comes from its plugin', () => {
    const pipeline = textOf('workflows/jenkins/Jenkinsfile')
    expect(/@Library\('countersign@([0-9a-f]+)'\) _/.exec(pipeline)![1]).toMatch(ZEROS)
    for (const name of ['Record', 'Gate']) {
      expect(pipeline).toContain(`countersign${name} `)
      const groovy = textOf(`workflows/jenkins/vars/countersign${name}.groovy`)
      expect(groovy).toContain("variable: 'COUNTERSIGN_ID_TOKEN'")
      // Groovy reads escapes in '''…''' too.
      expect(scriptsOf(`workflows/jenkins/vars/countersign${name}.groovy`).join()).not.toContain('\\')
      for (const [open, close] of ['{}', '()', '[]']) {
        const bare = groovy.replaceAll(/'''[\s\S]*?'''|\/\*\*[\s\S]*?\*\//g, '')
        expect(bare.split(open!).length).toBe(bare.split(close!).length)
      }
    }
  })
})

test('workflows/README.md says for whom each file is', () => {
  const readme = textOf('workflows/README.md')
  for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g))
    expect(existsSync(join(ROOT, 'workflows', path!)), path).toBe(true)
  const linked = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map((match) => join('workflows', match[1]!))
  for (const path of [...TEMPLATES, 'workflows/record.sh', 'workflows/gate.sh']) expect(linked, path).toContain(path)
})
