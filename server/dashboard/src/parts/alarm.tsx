import { Command } from './command.tsx'
import { parties } from '../worker/anchors-seen.ts'
import { logSeen } from '../worker/log-seen.ts'

/** Across every page: the log has shown this browser two histories. Nothing on the page is worth anything then. */
export function Alarm() {
  const log = logSeen.value
  if (log === null || log.alarm === null) return null
  const { report } = log.result
  const { before, now } = log.alarm
  const save = () => {
    const text = JSON.stringify({ before, now, report, savedAt: new Date().toISOString() }, null, 2)
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
    const link = document.createElement('a')
    link.href = url
    link.download = 'countersign-two-histories.json'
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
  }
  return (
    <div class="alarm" role="alert">
      <p class="alarm-word">✗ This log shows two histories</p>
      <p>
        {report?.what ?? 'What this browser saw before is not in the log any more'}. No honest log does that: it was
        changed, put back from a backup, or shows different people different things. Believe nothing on these pages
        until it is explained.
      </p>
      <p>
        Both checkpoints are signed. Keep them, they prove it to anybody; then let somebody look who did not run the
        server:
      </p>
      <div class="alarm-do">
        <button type="button" class="button" onClick={save}>
          Save both checkpoints
        </button>
        <Command text="countersign log fsck --trust log.vkey" />
      </div>
    </div>
  )
}

/** Across every page: the server names somebody else for an anchor than the reader pinned, or than these pages know. */
export function PinAlarm() {
  const changed = (parties.value ?? []).filter(({ word }) => word === 'changed')
  if (changed.length === 0) return null
  return (
    <div class="alarm" role="alert">
      <p class="alarm-word">
        ✗ This server names other anchors than {changed.some(isPinned) ? 'you pinned' : 'there are'}
      </p>
      <ul>
        {changed.map(({ kind, name, was, fingerprints }) => (
          <li key={`${kind} ${name}`}>
            <strong>{name}</strong> was <code>{was?.join(', ')}</code> and is said to be{' '}
            <code>{fingerprints.join(', ')}</code>
          </li>
        ))}
      </ul>
      <p>
        What hangs on the new one does not count. Keys do change: ask whoever runs it, by another way than this server,
        before you <a href="/anchors#belief">believe it</a>.
      </p>
    </div>
  )
}

function isPinned({ pinnedAt }: { readonly pinnedAt: string | null }): boolean {
  return pinnedAt !== null
}
