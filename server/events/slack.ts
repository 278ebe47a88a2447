import { type CountersignEvent, eventName, eventPath, eventText } from '@countersign/client'

const MARK = { info: '•', warning: '⚠', alert: '✗' } as const

/** Lines of events, one each, with where they are shown; `publicUrl` without a slash at its end. */
export function eventLines(events: readonly CountersignEvent[], publicUrl: string | null): string[] {
  return events.map((event) => {
    const path = eventPath(event)
    const link = path === null || publicUrl === null ? '' : ` ${publicUrl}${path}`
    return `${MARK[event.severity]} ${eventName(event)}: ${eventText(event)}${link}`
  })
}

/**
 * The body of a Slack incoming webhook. As plain text: a name of a pipeline makes no link and calls no channel (T-92).
 */
export function slackBody(events: readonly CountersignEvent[], publicUrl: string | null): object {
  const lines = eventLines(events, publicUrl)
  const text = lines.map((line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
  return {
    text: text.join('\n'),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: lines.map((line) => ({
      type: 'section',
      text: { type: 'plain_text', text: line.slice(0, 3_000), emoji: false },
    })),
  }
}
