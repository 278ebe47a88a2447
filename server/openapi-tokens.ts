import { type Json, json, list, object, operation, orNull, parameter, text, time } from './openapi-parts.ts'
import { SCOPES } from './roles.ts'

const scopes = { ...list({ enum: SCOPES }), minItems: 1, uniqueItems: true }
const token = { id: text, scopes, createdAt: time, expiresAt: orNull(time) }
const lifetime = { type: 'integer', minimum: 60, maximum: 31_622_400 }

/** API tokens. */
export const tokenPaths: Json = {
  '/v1/tokens': {
    get: operation(
      'API tokens, and what each may do',
      { description: 'Scope audit. Oldest first; sessions of CI jobs are not among them.' },
      { 200: json('All of them.', object({ items: list(object(token)) })) },
    ),
    post: operation(
      'Make an API token',
      {
        description:
          'Scope admin. For so many seconds; left out, until it is revoked. admin includes audit and maintain.',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: object({ scopes, lifetime: orNull(lifetime) }, ['lifetime']) } },
        },
      },
      {
        201: json(
          'The token is shown here and nowhere else.',
          object({ ...token, token: { type: 'string', pattern: '^cst_[0-9a-f]{12}_[0-9a-f]{64}$' } }),
        ),
      },
    ),
  },
  '/v1/tokens/{id}': {
    delete: operation(
      'Revoke an API token',
      {
        description:
          'Scope admin. For good, within two seconds. Not the one that asks, and not the first, with which the server starts.',
        parameters: [parameter('id', 'path', 'Id of the token.')],
      },
      { 204: { description: 'Revoked.' } },
    ),
  },
}
