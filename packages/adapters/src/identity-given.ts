import { readFile, stat } from 'node:fs/promises'
import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { audiencesOf, isFor } from './identity-claims.ts'
import { isToken, MAX_TOKEN, unavailable } from './identity-http.ts'

/** Where a job or platform puts a token for us. */
export const TOKEN_VARIABLE = 'COUNTERSIGN_ID_TOKEN'
export const TOKEN_FILE_VARIABLE = 'COUNTERSIGN_ID_TOKEN_FILE'

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
 * A token that was put here before: by a CI system into `COUNTERSIGN_ID_TOKEN`, or by a platform into the file that
 * `COUNTERSIGN_ID_TOKEN_FILE` names, which is read anew each time, for platforms replace it. One for another audience
 * is not handed out: whom it is for would trust whoever has it.
 */
export function givenTokens(options: GivenOptions): IdentityTokens {
  const place = placeOf(options)
  return {
    system: options.system,
    audience: null,
    renewable: place !== null && 'file' in place,
    async token(audience) {
      const fix = options.fix(audience)
      if (place === null) throw unavailable(`${TOKEN_VARIABLE} is not set`, fix)
      const token = 'text' in place ? place.text : await textOf(place.file)
      if (!isToken(token)) throw unavailable(`${place.name} holds no token`, fix)
      if (!isFor(token, audience)) {
        throw unavailable(`the token in ${place.name} is for ${audiencesOf(token)}, not for ${audience}`, fix)
      }
      return token
    },
  }
}

function placeOf({ environment, variable, file }: GivenOptions): Place | null {
  const get = (name: string) => {
    const value = (environment[name] ?? '').trim()
    return value === '' ? null : value
  }
  const text = get(TOKEN_VARIABLE)
  if (text !== null) return { name: TOKEN_VARIABLE, text }
  const named = get(TOKEN_FILE_VARIABLE)
  if (named !== null) return { name: TOKEN_FILE_VARIABLE, file: named }
  const own = variable === undefined ? null : get(variable)
  if (own !== null) return { name: variable!, text: own }
  return file === undefined ? null : { name: file, file }
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
