import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { CodedError } from '@countersign/core'
import type { AppEnv } from './access.ts'
import type { Json } from './openapi-parts.ts'

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
}

/**
 * Turns away a query that the API's description does not have for its route, and a parameter that is there twice: with a
 * filter mistyped somebody would read an answer to what he did not ask. Throws `request-invalid`.
 */
export function knownQuery({ paths }: Json): MiddlewareHandler<AppEnv> {
  const known = new Map(
    Object.entries(paths as Readonly<Record<string, Readonly<Record<string, Described>>>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [] }]) => {
        const names = parameters.flatMap(({ name, in: where }) => (where === 'query' ? [name] : []))
        return [`${method} ${path}`, names] as const
      }),
    ),
  )
  return async (c, next) => {
    const given = c.req.url.includes('?') ? Object.entries(c.req.queries()) : []
    const route = given.length === 0 ? undefined : matchedRoutes(c).find(({ method }) => method !== 'ALL')
    if (route !== undefined) {
      const path = route.path.replace(/:([A-Za-z]+)(?:\{.+?\})?/g, '{$1}')
      const names = known.get(`${route.method.toLowerCase()} ${path}`) ?? []
      for (const [name, values] of given) {
        const shown = JSON.stringify(name.slice(0, 40))
        if (!names.includes(name)) {
          const what = `the query has the unknown parameter ${shown}`
          const fix = names.length === 0 ? 'Leave it out: there is none.' : `Use: ${names.join(', ')}.`
          throw new CodedError('request-invalid', what, { fix })
        }
        if (values.length > 1) throw new CodedError('request-invalid', `the query has ${shown} ${values.length} times`)
      }
    }
    await next()
  }
}
