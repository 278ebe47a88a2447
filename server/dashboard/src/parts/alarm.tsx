import { Command } from './command.tsx'
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
