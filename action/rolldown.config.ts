import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'rolldown'

const source = (name: string) => join(import.meta.dirname, 'src', `${name}.ts`)

/** What GitHub runs as it lies in the repository: one file a phase, and what they load when they need it. */
export default defineConfig({
  input: { pre: source('pre'), main: source('main'), post: source('post') },
  platform: 'node',
  // Only for pages of evidence, of which the action writes none.
  external: ['@countersign/evidence-page/bundle'],
  // Of the library only what writes files and commands; its own way to identity tokens brings an HTTP client.
  treeshake: { moduleSideEffects: [{ test: /node_modules[\\/](?:@actions|undici|tunnel)[\\/]/, sideEffects: false }] },
  output: {
    dir: join(import.meta.dirname, 'dist'),
    format: 'esm',
    cleanDir: true,
    // Without a hash of what is in them: a change is then seen where it is, and nowhere else.
    chunkFileNames: '[name].js',
    minify: { compress: true, mangle: false, codegen: false },
  },
  plugins: [
    {
      name: 'module',
      writeBundle: ({ dir = '' }) => writeFileSync(join(dir, 'package.json'), '{ "type": "module" }\n'),
    },
  ],
})
