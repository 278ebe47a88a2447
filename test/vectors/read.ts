import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every vector of a topic, by name. Fails for an empty topic, so that no test passes by testing nothing. */
export function vectors<T>(topic: string): [name: string, vector: T][] {
  const folder = join(import.meta.dirname, topic)
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  if (files.length === 0) throw new Error(`no vectors in ${topic}`)
  return files.map((file) => [file.slice(0, -5), JSON.parse(readFileSync(join(folder, file), 'utf8')) as T])
}
