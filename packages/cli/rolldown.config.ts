import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'rolldown'

const dist = join(import.meta.dirname, 'dist')

/** One file a command, loaded when it is called: starting must cost little more than starting Node. */
export default defineConfig({
  input: { countersign: join(import.meta.dirname, 'src', 'main.ts') },
  platform: 'node',
  output: {
    dir: dist,
    format: 'esm',
    cleanDir: true,
    banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
    chunkFileNames: '[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: false },
  },
  plugins: [
    {
      name: 'executable',
      writeBundle: () => chmodSync(join(dist, 'countersign.js'), 0o755),
    },
  ],
})
