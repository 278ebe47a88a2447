import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** True where there is no Go to build with. */
export const GO_MISSING = spawnSync('go', ['version']).error !== undefined

/** A Go program of this folder: where it is once built, and how to build it, once for each state of its sources. */
export function goProgram(name: string): { readonly path: string; build(): void } {
  const source = join(import.meta.dirname, name)
  const hash = createHash('sha256')
  for (const file of readdirSync(source).toSorted()) hash.update(file).update(readFileSync(join(source, file)))
  const path = join(tmpdir(), 'countersign-interop', `${name}-${hash.digest('hex').slice(0, 16)}`)
  return {
    path,
    build() {
      mkdirSync(join(path, '..'), { recursive: true })
      if (!existsSync(path)) execFileSync('go', ['build', '-o', path, '.'], { cwd: source, stdio: 'ignore' })
    },
  }
}

/** Published Go programs that a folder here pins together: where they are once built, and how to build them, once. */
export function goTools(name: string, packs: readonly string[]): { path(pack: string): string; build(): void } {
  const source = join(import.meta.dirname, name)
  const hash = createHash('sha256')
    .update(readFileSync(join(source, 'go.sum')))
    .update(packs.join(' '))
  const bin = join(tmpdir(), 'countersign-interop', `${name}-${hash.digest('hex').slice(0, 16)}`)
  const path = (pack: string) =>
    join(
      bin,
      pack
        .replace(/\/v[0-9]+$/, '')
        .split('/')
        .at(-1)!,
    )
  return {
    path,
    build() {
      mkdirSync(bin, { recursive: true })
      if (packs.every((pack) => existsSync(path(pack)))) return
      // Linked without what only a debugger reads: half of the time, and of the disk.
      execFileSync('go', ['build', '-ldflags=-s -w', '-o', `${bin}/`, ...packs], { cwd: source, stdio: 'ignore' })
    },
  }
}

/** A published Go program: where it is once installed, and how to install it through Go's module proxy, once. */
export function goTool(name: string, pack: string, version: string): { readonly path: string; install(): void } {
  const bin = join(tmpdir(), 'countersign-interop', `${name}-${version}`)
  const path = join(bin, pack.split('/').at(-1)!)
  return {
    path,
    install() {
      mkdirSync(bin, { recursive: true })
      const env = { ...process.env, GOBIN: bin }
      if (!existsSync(path)) execFileSync('go', ['install', `${pack}@${version}`], { env, stdio: 'ignore' })
    },
  }
}
