import { EVENT_NAMES, EVENT_PREFIX } from '@countersign/client'
import {
  count,
  type Json,
  json,
  limit,
  list,
  object,
  operation,
  orNull,
  parameter,
  ref,
  text,
  time,
} from './openapi-parts.ts'

/** A CloudEvent 1.0; what its data holds follows from its type. */
export const event = object({
  specversion: { const: '1.0' },
  id: { ...text, description: 'With source unique, and the same each time the event is told.' },
  source: text,
  type: { enum: EVENT_NAMES.map((name) => `${EVENT_PREFIX}${name}`) },
  subject: text,
  time,
  datacontenttype: { const: 'application/json' },
  severity: { enum: ['info', 'warning', 'alert'] },
  data: { type: 'object' },
})

export const typeParameter = parameter(
  'type',
  'query',
  'Names of events, with or without their beginning dev.countersign., with commas between; what they begin with, as key.*; or alerts.',
)

const id = parameter('id', 'path', 'Id of the webhook.')
const types = { ...list(text), description: 'As the parameter type of /v1/events takes them.' }
const format = { enum: ['cloudevents', 'slack', 'email'] }
const webhook = {
  id: { type: 'string', pattern: '^wh_[0-9a-f]{12}$' },
  url: { ...text, description: 'Without what may be a secret in it.' },
  format,
  events: { ...list({ enum: EVENT_NAMES }), description: 'Empty for all but admin.acted.' },
  createdAt: time,
  state: { enum: ['on', 'failing', 'off'] },
  failingSince: orNull(time),
  fault: orNull(text),
  deliveredAt: orNull(time),
  publicKey: orNull({ type: 'string', pattern: '^whpk_' }),
}
const secret = { ...orNull({ type: 'string', pattern: '^whsec_' }), description: 'Shown here and nowhere else.' }
const delivery = {
  event: { ...text, description: 'Id of the event.' },
  state: { enum: ['delivered', 'waiting', 'dead'] },
  tries: count,
  at: time,
  due: { ...orNull(time), description: 'When it is tried again.' },
  status: orNull(count),
  fault: orNull(text),
}
const body = (properties: Json, optional: readonly string[] = []) => ({
  required: true,
  content: { 'application/json': { schema: object(properties, optional) } },
})

/** What happened, and who is told of it. */
export const eventPaths: Json = {
  '/v1/events': {
    get: operation(
      'What happened, oldest first',
      {
        description:
          'Scope read. Asked with accept: text/event-stream it goes on as events happen (server-sent events): the id of each is its cursor, and Last-Event-ID goes on from there.',
        parameters: [
          typeParameter,
          parameter('since', 'query', 'Events since about this time, or now. Default: all; of a stream, now.'),
          parameter(
            'cursor',
            'query',
            'Where to go on from: next or cursor of a page, or the id of an event of a stream.',
          ),
          limit,
          parameter('Last-Event-ID', 'header', 'Of a stream: the id of the last event that came.'),
        ],
      },
      {
        200: {
          description: 'A page, or a stream.',
          content: {
            'application/json': {
              schema: object({
                items: list(ref('Event')),
                next: { ...orNull(text), description: 'Null where there is nothing more for now.' },
                cursor: { ...text, description: 'Where to go on from later.' },
              }),
            },
            'text/event-stream': { schema: text },
          },
        },
      },
    ),
  },
  '/v1/webhooks': {
    get: operation(
      'Who is sent events',
      { description: 'Scope admin. Oldest first.' },
      { 200: json('All of them.', object({ items: list(object(webhook)) })) },
    ),
    post: operation(
      'Have events sent to an address, from now on',
      {
        description:
          'Scope admin. By https to the public internet, to hosts inside that the operator allows, or to mailto: where the operator has set up mail. Requests are signed as Standard Webhooks are, Slack and mail aside.',
        requestBody: body({ url: { ...text, maxLength: 2_000 }, types, format }, ['types', 'format']),
      },
      { 201: json('Added.', object({ ...webhook, secret })) },
    ),
  },
  '/v1/webhooks/{id}': {
    delete: operation(
      'Send nothing there any more',
      { description: 'Scope admin. With its deliveries and its secrets.', parameters: [id] },
      { 204: { description: 'Removed.' } },
    ),
  },
  '/v1/webhooks/{id}/test': {
    post: operation(
      'Send a test, now',
      { description: 'Scope admin.', parameters: [id] },
      {
        200: json('What came of it.', object({ ok: { type: 'boolean' }, status: orNull(count), fault: orNull(text) })),
      },
    ),
  },
  '/v1/webhooks/{id}/rotate': {
    post: operation(
      'Make a new secret',
      { description: 'Scope admin. Both sign until the time that is given.', parameters: [id] },
      { 200: json('Nulls where nothing is signed.', object({ secret, until: orNull(time) })) },
    ),
  },
  '/v1/webhooks/{id}/deliveries': {
    get: operation(
      'What was told, what waits, and what could not be told',
      { description: 'Scope admin. Newest first; of what went well the last 100.', parameters: [id] },
      { 200: json('At most 200.', object({ items: list(object(delivery)) })) },
    ),
  },
  '/v1/webhooks/{id}/replay': {
    post: operation(
      'Tell again',
      {
        description:
          'Scope admin. Exactly one of: everything since a time; some events by their ids; all dead letters. Turns it on where it is off. What is sent again has the same webhook-id.',
        parameters: [id],
        requestBody: body({ since: time, events: list(text), dead: { const: true } }, ['since', 'events', 'dead']),
      },
      { 200: json('Dead letters that wait again.', object({ waiting: count })) },
    ),
  },
}
