import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What is installed is what was looked at: by exact version, from whatever registry the machine has. */

const ROOT = join(import.meta.dirname, '..')
const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<string, unknown>

interface Manifest {
  readonly path: string
  readonly name: string
  readonly version: string
  /** Of every kind: [kind, name, version]. */
  readonly dependencies: readonly (readonly [kind: string, name: string, version: string])[]
}

/** `overrides` among them: they say what is installed, too. */
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides']

function manifest(folder: string): Manifest {
  const path = join(folder, 'package.json')
  const read = json(path)
  const dependencies = KINDS.flatMap((kind) =>
    Object.entries((read[kind] ?? {}) as Record<string, unknown>).map(
      ([name, version]) => [kind, name, typeof version === 'string' ? version : JSON.stringify(version)] as const,
    ),
  )
  return { path, name: read['name'] as string, version: read['version'] as string, dependencies }
}

const workspaces = (json('package.json')['workspaces'] as string[])
  .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: ROOT }))
  .map((path) => manifest(join(path, '..')))
const manifests = [manifest('.'), ...workspaces]

test('there are manifests to look at, each with what it depends on', () => {
  expect(manifests.length).toBeGreaterThan(10)
  expect(manifests.filter(({ dependencies }) => dependencies.length === 0)).toEqual([])
})

test('every dependency has one exact version, a workspace the one it has itself', () => {
  const own = new Map(workspaces.map(({ name, version }) => [name, version]))
  const faults = manifests.flatMap(({ path, dependencies }) =>
    dependencies
      .filter(
        ([, name, version]) =>
          version !== (own.get(name) ?? version) || !/^\d+\.\d+\.\d+(?:-[a-z0-9.]+)?$/.test(version),
      )
      .map(([kind, name, version]) => `${path}: ${name} of ${kind} is not pinned: ${version}`),
  )
  expect(faults).toEqual([])
})

test('the lockfile has the versions of the manifests, and the host of no registry', () => {
  const packages = json('package-lock.json')['packages'] as Record<
    string,
    { version?: string; resolved?: string; link?: true }
  >
  for (const { dependencies } of manifests) {
    for (const [kind, name, version] of dependencies) {
      // Of a workspace's own in its folder, where another has it in another version.
      const places = Object.keys(packages).filter((path) => path.endsWith(`node_modules/${name}`))
      const versions = places.map((path) => packages[packages[path]!.resolved ?? path]!.version)
      expect(versions, `${name} of ${kind}`).toContain(version)
    }
  }
  const resolved = Object.values(packages).flatMap((one) => (one.resolved === undefined ? [] : [one]))
  expect(resolved.map(({ resolved: where }) => where).toSorted()).toEqual(
    workspaces.map(({ path }) => join(path, '..')).toSorted(),
  )
  expect(resolved.filter(({ link }) => link !== true)).toEqual([])
  // npm writes hosts again where this is not said.
  expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^omit-lockfile-registry-resolved=true$/m)
})
