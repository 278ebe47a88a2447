import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from './world.ts'

const SERVER = `${pathToFileURL(join(ROOT, 'server')).href}/`

/**
 * From here on the server's threads are begun from what `npm start` begins them from. A month has a thread for each day's
 * statement, and to load one from its sources takes as long as all else that is done on that day.
 */
export function useBuiltThreads(): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.startsWith(SERVER) || loaded.source == null) return loaded
      const text = Buffer.from(loaded.source as Uint8Array).toString()
      const source = text.replaceAll(/new URL\('\.\/([a-z]+-thread)\.ts', import\.meta\.url\)/g, (_, name) => {
        return `new URL('dist/${name}.js', '${SERVER}')`
      })
      return { ...loaded, source }
    },
  })
}
