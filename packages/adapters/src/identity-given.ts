import { readFile, stat } from 'node:fs/promises'
import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { audiencesOf, isFor } from './identity-claims.ts'
import { isToken, MAX_TOKEN, unavailable } from './identity-http.ts'

/** Where a job or platform puts a token for us. */
export const TOKEN_VARIABLE = 'COUNTERSIGN_ID_TOKEN'
export const TOKEN_FILE_VARIABLE = 'COUNTERSIGN_ID_TOKEN_FILE'
/** More of them, for jobs that sign more than once: `COUNTERSIGN_ID_TOKEN_2` to `_9`. And where cosign looks. */
const MORE = [...Array.from({ length: 8 }, (_, i) => `${TOKEN_VARIABLE}_${i + 2}`), 'SIGSTORE_ID_TOKEN']

export interface GivenOptions {
  readonly system: string
  readonly environment: Environment
  /** What to do in this system, for an audience, to be given one. */
  readonly fix: (audience: string) => string
  /** Another variable, which the system sets by itself. */
  readonly variable?: string
  /** Where the platform puts it when nothing is said. */
  readonly file?: string
}

type Place = { readonly name: string } & ({ readonly text: string } | { readonly file: string })

/**
 * Tokens that were put here before: by a CI system into `COUNTERSIGN_ID_TOKEN` and the others of its kind, or by a
 * platform into the file that `COUNTERSIGN_ID_TOKEN_FILE` names, which is read anew each time, for platforms replace
 * it. Each variable is handed out once. One for another audience never: whom it is for would trust whoever has it.
 */
export function givenTokens(options: GivenOptions): IdentityTokens {
  const places = placesOf(options)
  const spent = new Set<string>()
  return {
    system: options.system,
    audience: null,
    renewable: places.some((place) => 'file' in place),
    repeats: true,
    async token(audience) {
      const fix = options.fix(audience)
      let fault = unavailable(`${TOKEN_VARIABLE} is not set`, fix)
      for (const place of places) {
        if (spent.has(place.name)) continue
        const token = 'text' in place ? place.text : await textOf(place.file)
        if (isToken(token) && isFor(token, audience)) {
          if ('text' in place) spent.add(place.name)
          return token
        }
        fault = unavailable(
          isToken(token)
            ? `the token in ${place.name} is for ${audiencesOf(token)}, not for ${audience}`
            : `${place.name} holds no token`,
          fix,
        )
      }
      if (spent.size === 0) throw fault
      throw unavailable(
        `every token that this job was given was used`,
        `Each counts once, but for steps that find the session it opened: give them one directory for it, COUNTERSIGN_SESSIONS. Or give the job another token as ${TOKEN_VARIABLE}_${spent.size + 1}, in the same way as the first.`,
      )
    },
  }
}

function placesOf({ environment, variable, file }: GivenOptions): Place[] {
  const get = (name: string) => {
    const text = (environment[name] ?? '').trim()
    return text === '' ? null : text
  }
  const held = [TOKEN_VARIABLE, ...MORE, ...(variable === undefined ? [] : [variable])].flatMap((name) => {
    const text = get(name)
    return text === null ? [] : [{ name, text }]
  })
  const named = get(TOKEN_FILE_VARIABLE)
  if (named !== null) return [...held, { name: TOKEN_FILE_VARIABLE, file: named }]
  return file === undefined || held.length > 0 ? held : [{ name: file, file }]
}

/** Empty where there is nothing that could be a token. */
async function textOf(file: string): Promise<string> {
  try {
    const found = await stat(file)
    return found.isFile() && found.size <= 2 * MAX_TOKEN ? (await readFile(file, 'utf8')).trim() : ''
  } catch {
    return ''
  }
}
