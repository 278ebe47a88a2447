import { get, Problem, send, whenSignedOut } from './api.ts'
import { keepToken, type Me, me, token } from './session.ts'

/** Finds out who is signed in: by a cookie, or by a token of this tab. */
export async function meet(): Promise<void> {
  whenSignedOut(() => {
    keepToken(null)
    me.value = null
  })
  try {
    me.value = await get<Me>('/v1/me')
  } catch {
    // Whatever kept it from telling: nobody is let in by that.
    me.value = null
  }
}

/** Signs in with an API token. Throws `Problem` where the server does not take it. */
export async function signInWith(text: string): Promise<void> {
  keepToken(text)
  try {
    me.value = await get<Me>('/v1/me')
  } catch (error) {
    keepToken(null)
    throw error
  }
}

export async function signOut(): Promise<void> {
  if (token.value === null) {
    await send('POST', '/v1/sign-out').catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error
    })
  }
  keepToken(null)
  me.value = null
}
