import { writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { BuildOptions } from 'rolldown'

const root = import.meta.dirname
const threads = ['writer', 'lock', 'heads', 'wal'].map((name) => `${name}-thread`)
const thread = (name: string) => join(root, 'stores', 'sqlite', `${name}.ts`)

/**
 * The server and its threads, in `dist`: read from their sources, they would take three times as long to start. As
 * CommonJS, as the command line is: what imports a module of Node's own reads every export of it, in each thread.
 */
export const bundleIn = (dist: string) =>
  ({
    input: { main: join(root, 'main.ts'), ...Object.fromEntries(threads.map((name) => [name, thread(name)])) },
    platform: 'node',
    // One finds native code beside itself, the other is files that are served.
    external: ['better-sqlite3', 'swagger-ui-dist'],
    output: {
      dir: dist,
      format: 'cjs',
      cleanDir: true,
      chunkFileNames: '[name]-[hash].js',
      minify: { compress: true, mangle: false, codegen: false },
    },
    plugins: [
      {
        name: 'places',
        // What lies beside a source stays there, and a thread lies beside whoever begins it.
        transform(code: string, id: string) {
          if (!id.startsWith(root)) return null
          const place = JSON.stringify(relative(dist, dirname(id)))
          return code
            .replaceAll('import.meta.dirname', `(import.meta.dirname + '/' + ${place})`)
            .replaceAll(/'\.\/([a-z]+-thread)\.ts'/g, "'./$1.js'")
        },
        writeBundle() {
          writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n')
        },
      },
    ],
  }) satisfies BuildOptions

/** As `npm start` runs it. */
export default bundleIn(join(root, 'dist'))
