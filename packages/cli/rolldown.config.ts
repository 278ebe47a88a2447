import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'rolldown'

const dist = join(import.meta.dirname, 'dist')

/**
 * One file a command, loaded when it is called: starting must cost little more than starting Node. As CommonJS, for what
 * imports a module of Node's own reads every export of it, and with them loads what nobody uses: a third of the time.
 */
export default defineConfig({
  input: { countersign: join(import.meta.dirname, 'src', 'main.ts') },
  platform: 'node',
  output: {
    dir: dist,
    format: 'cjs',
    cleanDir: true,
    banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
    chunkFileNames: '[name]-[hash].js',
    // What the entry shares with a command would be in the entry: who loads the command without it would run it.
    codeSplitting: { groups: [{ name: 'make-directory', test: /make-directory/ }] },
    minify: { compress: true, mangle: false, codegen: false },
  },
  plugins: [
    {
      name: 'executable',
      writeBundle() {
        chmodSync(join(dist, 'countersign.js'), 0o755)
        writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n')
      },
    },
  ],
})
