import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' }
import { defineConfig, type Plugin } from 'vite'

const root = import.meta.dirname
const dist = join(root, 'dist')

/** Smaller ones gain nothing. */
const WORTH_PACKING = 512

/** Each file of the build packed once, here, so that the server packs nothing. */
const packed: Plugin = {
  name: 'packed',
  writeBundle() {
    for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
      const file = join(dist, name)
      if (!statSync(file).isFile() || statSync(file).size < WORTH_PACKING) continue
      const bytes = readFileSync(file)
      const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
      writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: quality }))
      writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
    }
  },
}

/** What Sigstore's own maintainers published of the public instance, in the version of their package that we pin. */
function publicSigstore(): string {
  const published = seeds['https://tuf-repo-cdn.sigstore.dev'].targets['trusted_root.json']
  return JSON.stringify(JSON.parse(Buffer.from(published, 'base64').toString('utf8')))
}

/** The dashboard as the server serves it. */
export default defineConfig({
  root,
  base: '/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: dist,
    emptyOutDir: true,
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // A script in a text, or an image, would be one that the policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // How long it took is nobody's concern who installs it.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  worker: { format: 'es' },
  define: { PUBLIC_SIGSTORE: JSON.stringify(publicSigstore()) },
  plugins: [packed],
})
