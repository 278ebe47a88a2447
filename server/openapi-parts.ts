/** What the API's description is made of: OpenAPI 3.1 in short. */
export type Json = Readonly<Record<string, unknown>>

export const text = { type: 'string' }
export const hex = (length: number) => ({ type: 'string', pattern: `^[0-9a-f]{${length}}$` })
export const time = { type: 'string', format: 'date-time' }
export const count = { type: 'integer', minimum: 0 }
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
export const object = (properties: Json, optional: readonly string[] = []): Json => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
})
export const list = (items: Json): Json => ({ type: 'array', items })
export const orNull = (schema: Json): Json => ({ anyOf: [schema, { type: 'null' }] })

export const json = (description: string, schema: Json): Json => ({
  description,
  content: { 'application/json': { schema } },
})
export const bytes = (description: string, type: string): Json => ({
  description,
  content: { [type]: { schema: text } },
})
export const problem = {
  description: 'Refused, with code, reason and fix.',
  content: { 'application/problem+json': { schema: ref('Problem') } },
}

export const parameter = (
  name: string,
  where: 'path' | 'query' | 'header',
  description: string,
  schema: Json = text,
): Json => ({
  name,
  in: where,
  required: where === 'path',
  description,
  schema,
})
export const cursor = parameter('cursor', 'query', 'The page before gave it as next.')
export const limit = parameter('limit', 'query', 'Most items, 50 by default.', {
  type: 'integer',
  minimum: 1,
  maximum: 200,
})

export const operation = (summary: string, more: Json, responses: Json): Json => ({
  tags: [more['security'] === undefined ? 'evidence' : 'operation'],
  summary,
  ...more,
  responses: { ...responses, default: problem },
})
export const open = { security: [] }
