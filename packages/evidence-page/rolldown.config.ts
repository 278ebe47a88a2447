import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'rolldown'

const root = import.meta.dirname

const NOTICE =
  '/* Countersign, Apache-2.0. With @noble/curves and @noble/hashes (MIT, (c) Paul Miller) and yaml (ISC, (c) Eemeli Aro). */'

/** The page's one script and one style as texts in a module: whoever writes pages carries them along. */
export default defineConfig({
  input: { bundle: join(root, 'src', 'browser', 'main.ts') },
  platform: 'browser',
  output: {
    dir: join(root, 'dist'),
    format: 'iife',
    cleanDir: true,
    minify: true,
    entryFileNames: '[name].js',
    comments: false,
  },
  plugins: [
    {
      name: 'texts',
      generateBundle(_, output) {
        for (const chunk of Object.values(output)) {
          if (chunk.type !== 'chunk') continue
          const script = `${NOTICE}\n${chunk.code.trim()}`
          const style = readFileSync(join(root, 'src', 'browser', 'style.css'), 'utf8')
          // They stand in a page as they are: nothing in them may end the element that they are in.
          if (/<\/script|<!--/i.test(script) || /<\/style|<!--/i.test(style)) throw new Error('a text ends its element')
          chunk.code = `export const script = ${JSON.stringify(script)}\nexport const style = ${JSON.stringify(style)}\n`
        }
      },
    },
  ],
})
