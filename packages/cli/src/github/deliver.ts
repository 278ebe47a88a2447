import type { IncomingHttpHeaders } from 'node:http'
import type { WebhookAnswer } from '@countersign/adapters/webhook-server'
import { reportOf } from '@countersign/core'
import { checkSignature, isSignature, readProtectionEvent } from './protection-event.ts'
import type { ProtectionQueue } from './protection-queue.ts'

export interface DeliverDeps {
  readonly secret: string
  readonly queue: Pick<ProtectionQueue, 'receive'>
  readonly callbackFor: Parameters<typeof readProtectionEvent>[1]
  readonly log: (line: Readonly<Record<string, unknown>>) => void
}

const EVENT = 'deployment_protection_rule'

/**
 * What the headers of a delivery decide, before anybody's word makes us keep a body: another event is ignored, and one that
 * cannot be signed as GitHub signs is refused. Null for all else.
 */
export function glance(headers: IncomingHttpHeaders): WebhookAnswer | null {
  if (!isSignature(textOf(headers['x-hub-signature-256']))) return { status: 401, json: { code: 'webhook-unsigned' } }
  return textOf(headers['x-github-event']) === EVENT ? null : { json: { status: 'ignored' } }
}

/**
 * Answers a delivery of GitHub: 202 when it is on disk, 200 where there is nothing to do for it (another event, or the same
 * body again), 401 and 422 for what is not signed and what cannot be read. Nothing of it is looked at before its signature.
 */
export async function deliver(
  deps: DeliverDeps,
  body: Uint8Array,
  headers: IncomingHttpHeaders,
): Promise<WebhookAnswer> {
  try {
    checkSignature(body, textOf(headers['x-hub-signature-256']), deps.secret)
    if (textOf(headers['x-github-event']) !== EVENT) return { json: { status: 'ignored' } }
    const event = readProtectionEvent(body, deps.callbackFor)
    if (event === null) return { json: { status: 'ignored' } }
    return (await deps.queue.receive(body, event))
      ? { status: 202, json: { status: 'received' } }
      : { json: { status: 'known' } }
  } catch (error) {
    const { code, what } = reportOf(error)
    if (code !== 'webhook-unsigned' && code !== 'webhook-invalid') throw error
    deps.log({ refused: code, what })
    return { status: code === 'webhook-unsigned' ? 401 : 422, json: { code, what } }
  }
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}
