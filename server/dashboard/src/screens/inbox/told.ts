import type { CountersignEvent } from '@countersign/client/events'
import { hrefOf } from '../../router.ts'

/** An event in words, and the page that says more. */
export interface Told {
  readonly title: string
  readonly detail: string
  readonly href: string | null
}

const run = (chain: string | null) => (chain === null ? null : `/run/${chain}`)
const time = (iso: string) => iso.slice(0, 16).replace('T', ' ')

export function tellEvent(event: CountersignEvent): Told {
  switch (event.type) {
    case 'dev.countersign.log.fork':
      return {
        title: 'The log shows two histories',
        detail: `${event.data.witness}: ${event.data.what}`,
        href: '/anchors',
      }
    case 'dev.countersign.mismatch':
      return {
        title: 'Received is not what was made',
        detail: event.data.what,
        href: run(event.data.chain) ?? inbox(event.data.code),
      }
    case 'dev.countersign.conflict':
      return {
        title: 'Two contents for one place',
        detail: event.data.what,
        href: run(event.data.chain) ?? inbox(event.data.code),
      }
    case 'dev.countersign.anchor.missed':
      return {
        title: `${event.data.anchor} is overdue`,
        detail: `statement ${event.data.statement} is not proven yet`,
        href: '/anchors',
      }
    case 'dev.countersign.anchor.dead':
      return {
        title: `${event.data.anchor} refused`,
        detail: `statement ${event.data.statement}: ${event.data.what ?? 'no reason given'}`,
        href: '/anchors',
      }
    case 'dev.countersign.deviation.expiring':
      return { title: 'A deviation ends', detail: `at ${time(event.data.expiresAt)} UTC`, href: run(event.data.chain) }
    case 'dev.countersign.deviation.proposed':
      return {
        title: 'A deviation waits for signatures',
        detail: `${event.data.pipeline}: ${event.data.reason}`,
        href: run(event.data.chain),
      }
    case 'dev.countersign.deviation.admitted':
      return {
        title: 'A deviation was let in',
        detail: `${event.data.pipeline}, until ${time(event.data.expiresAt)} UTC: ${event.data.reason}`,
        href: run(event.data.chain),
      }
    case 'dev.countersign.note.disputed':
      return {
        title: 'Something is disputed',
        detail: `by ${event.data.signer ?? 'somebody since erased'}`,
        href: run(event.data.chain) ?? '/inbox',
      }
    case 'dev.countersign.identity.first-seen':
      return {
        title: event.data.newPipeline ? 'A new pipeline' : 'Signed for the first time',
        detail: `${event.data.signer ?? 'somebody since erased'} in ${event.data.pipeline ?? 'a pipeline since erased'}`,
        href: run(event.data.chain),
      }
    case 'dev.countersign.key.revoked':
      return {
        title: 'A key was revoked',
        detail: `${event.data.name}${event.data.reason === null ? '' : `: ${event.data.reason}`}`,
        href: hrefOf('/identities', { signer: event.data.name }),
      }
    case 'dev.countersign.erased':
      return {
        title: 'A step was erased',
        detail: `${event.data.step} of ${event.data.pipeline}: ${event.data.ground}`,
        href: run(event.data.chain),
      }
    case 'dev.countersign.sign-in.refused':
      return {
        title:
          event.data.count === 1
            ? 'Somebody was not signed in'
            : `${event.data.count} sign-ins refused within the hour`,
        detail: `by ${event.data.provider ?? 'a link'}: ${event.data.what}`,
        href: '/audit',
      }
    case 'dev.countersign.webhook.disabled':
      return { title: 'A webhook is not sent to any longer', detail: event.data.what ?? '', href: '/settings' }
    case 'dev.countersign.events.lost':
      return { title: 'Some events were lost', detail: `of ${event.data.of}, up to ${event.data.upTo}`, href: null }
    default:
      return { title: event.type.replace('dev.countersign.', ''), detail: event.subject, href: null }
  }
}

function inbox(code: string): string {
  return hrefOf('/inbox', { code })
}
