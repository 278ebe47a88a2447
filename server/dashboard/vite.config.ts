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

const PUBLIC_SIGSTORE = 'virtual:public-sigstore'
const MIRROR = 'https://tuf-repo-cdn.sigstore.dev'

/** What Sigstore's own maintainers published of the public instance, in the version of their package that we pin. */
const publicSigstore = (): Plugin => ({
  name: 'public-sigstore',
  resolveId: (id) => (id === PUBLIC_SIGSTORE ? `\0${PUBLIC_SIGSTORE}` : null),
  load(id) {
    if (id !== `\0${PUBLIC_SIGSTORE}`) return null
    const text = Buffer.from(seeds[MIRROR].targets['trusted_root.json'], 'base64').toString('utf8')
    return `export default ${JSON.stringify(JSON.stringify(JSON.parse(text)))}`
  },
})

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
  worker: { format: 'es', plugins: () => [publicSigstore()] },
  plugins: [packed],
})
