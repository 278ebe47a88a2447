import { execFile } from 'node:child_process'
import { delimiter } from 'node:path'
import { CodedError } from '@countersign/core'
import { commandEnvironment, type Environment } from './environment.ts'
import { findExecutable, trustedPath } from './executable.ts'
import type { Redactor } from './redact.ts'

const TIMEOUT_MS = 10_000
const MAX_VERSION = 200

/** Tools that say their version in a way of their own. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  go: ['version'],
  java: ['-version'],
  javac: ['-version'],
  kubectl: ['version', '--client'],
  helm: ['version', '--short'],
  openssl: ['version'],
}

/**
 * First line of what each tool says its version is, all asked at once. A tool is found on `PATH` outside of `root`
 * only. Throws `command-unstartable` for a tool that is not there or does not say.
 */
export async function toolVersions(input: {
  readonly names: readonly string[]
  readonly root: string
  readonly environment: Environment
  readonly redactor: Redactor
}): Promise<{ [name: string]: string }> {
  const names = [...new Set(input.names)]
  const versions = await Promise.all(names.map(async (name) => [name, await versionOf(name, input)] as const))
  return Object.fromEntries(versions)
}

async function versionOf(name: string, input: Parameters<typeof toolVersions>[0]): Promise<string> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(name)) {
    throw new CodedError('usage', `${JSON.stringify(name.slice(0, 60))} is not the name of a tool`)
  }
  const binary = findExecutable(name, input.environment, input.root)
  if (binary === null) {
    throw new CodedError('command-unstartable', `tool ${name} is not on PATH (the workspace itself does not count)`)
  }
  const options = {
    cwd: '/',
    env: {
      ...commandEnvironment(input.environment, null),
      PATH: trustedPath(input.environment, input.root).join(delimiter),
    },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024,
    windowsHide: true,
  } as const
  const args = Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name]! : ['--version']
  const said = await new Promise<string>((done, fail) => {
    execFile(binary, [...args], options, (error, stdout, stderr) => {
      if (error === null) return done(stdout.trim() === '' ? stderr : stdout)
      fail(new CodedError('command-unstartable', `tool ${name} does not say its version`, { cause: error }))
    })
  })
  const line = said.split('\n').find((text) => text.trim() !== '') ?? ''
  const clean = Array.from(input.redactor.fact(line), (c) => (c < ' ' || c === '\x7f' ? ' ' : c))
    .join('')
    .trim()
  if (clean === '') throw new CodedError('command-unstartable', `tool ${name} does not say its version`)
  return clean.slice(0, MAX_VERSION).toWellFormed()
}
