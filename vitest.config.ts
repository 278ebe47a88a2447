import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineConfig, type Plugin } from 'vitest/config'

const root = import.meta.dirname
const exclude = ['**/node_modules/**', '**/dist/**', 'test/interop/**']
const files = ['packages/*/src/**/*.test.ts', 'server/**/*.test.ts', 'action/src/**/*.test.ts', 'test/**/*.test.ts']

/**
 * Tests that put something else in a module's place: where it is loaded already, they would replace nothing. And those
 * that advance the clock: whatever another test left running would be asked a million times a day.
 */
const replacing = globSync(files, { cwd: root, exclude }).filter((file) =>
  /\bvi\.(?:mock|doMock|useFakeTimers)\(/.test(readFileSync(join(root, file), 'utf8')),
)

/** Threads are begun from what `npm start` begins them from: from their sources each would take 200 ms to load. */
const builtThreads: Plugin = {
  name: 'built-threads',
  enforce: 'pre',
  transform: (code, id) =>
    id.startsWith(join(root, 'server'))
      ? code.replaceAll(/new URL\('\.\/([a-z]+-thread)\.ts', import\.meta\.url\)/g, (_, name) => {
          return `new URL('${pathToFileURL(join(root, 'server', 'dist', `${name}.js`)).href}')`
        })
      : undefined,
}

/** And each is begun in one that has ended its work. Not where a test puts something else in a thread's place. */
const keptThreads: Plugin = {
  name: 'kept-threads',
  enforce: 'pre',
  transform: (code, id) =>
    id === join(root, 'server', 'stores', 'sqlite', 'thread.ts')
      ? `import { KeptThread as Worker } from '${join(root, 'test', 'kept-thread.ts')}'\n${code.replace(/(?<=import \{ parentPort), Worker/, '')}`
      : undefined,
}

export default defineConfig({
  plugins: [builtThreads],
  test: {
    globalSetup: [join(root, 'test', 'bundles.ts'), join(root, 'test', 'scratch.ts')],
    setupFiles: join(root, 'test', 'seed.ts'),
    // On a machine that is busy with other tests a second is soon over.
    expect: { poll: { timeout: 15_000 } },
    // Some wait for a disk, a process or a server that stalls: one worker more than cores, and no core is idle.
    maxWorkers: availableParallelism() + 1,
    // Servers that are started as processes, hundreds of times, compile once.
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled') },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      // A process for each file would spend a sixth of all the time on loading the same modules again.
      {
        extends: true,
        plugins: [keptThreads],
        test: { name: 'shared', include: files, exclude: [...exclude, ...replacing], isolate: false },
      },
      { extends: true, test: { name: 'alone', include: replacing, exclude } },
    ],
  },
})
