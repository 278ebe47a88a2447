import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The shop's one module, at a price for apples. */
export const priceModule = (cents: number) => `export function price(cents: number, quantity: number): number {
  return cents * quantity - (quantity >= 10 ? cents : 0)
}

if (import.meta.main) console.log(\`shop is up: ten apples cost \${price(${cents}, 10)} cents\`)
`

const FILES: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'shop', version: '1.0.0', type: 'module', files: ['*.js'], bin: { shop: 'price.js' } }, null, 2)}\n`,
  'src/price.ts': priceModule(30),
  'src/price.test.ts': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { price } from './price.ts'

test('the tenth is free', () => {
  assert.equal(price(30, 9), 270)
  assert.equal(price(30, 10), 270)
})
`,
  'build.mjs': `import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'

mkdirSync('dist', { recursive: true })
writeFileSync('dist/price.js', stripTypeScriptTypes(readFileSync('src/price.ts', 'utf8')))
cpSync('package.json', 'dist/package.json')
`,
  '.gitignore': 'dist/\n*.tgz\n',
}

/** A small real repository behind a bare remote; returns how to clone and change it. */
export class Shop {
  readonly remote: string
  readonly #work: string

  constructor(root: string) {
    this.remote = join(root, 'remote', 'shop.git')
    this.#work = join(root, 'developer')
    git(root, 'init', '--quiet', '--bare', '--initial-branch=main', this.remote)
    git(root, 'clone', '--quiet', this.remote, this.#work)
    for (const [name, content] of Object.entries(FILES)) {
      mkdirSync(join(this.#work, name, '..'), { recursive: true })
      writeFileSync(join(this.#work, name), content)
    }
    this.commit('the shop opens')
  }

  /** Commits all, pushes, and returns the commit. */
  commit(message: string, change: Readonly<Record<string, string>> = {}): string {
    for (const [name, content] of Object.entries(change)) writeFileSync(join(this.#work, name), content)
    git(this.#work, 'add', '--all')
    git(this.#work, '-c', 'user.name=Dev', '-c', 'user.email=dev@shop.example', 'commit', '--quiet', '-m', message)
    git(this.#work, 'push', '--quiet', 'origin', 'HEAD:main')
    return git(this.#work, 'rev-parse', 'HEAD').trim()
  }

  clone(directory: string): void {
    git(join(directory, '..'), 'clone', '--quiet', this.remote, directory)
  }
}

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
