import { getState, notice, saveState } from '@actions/core'
import type { World } from '@countersign/cli/context'
import { CodedError, type ErrorReport, reportOf } from '@countersign/core'
import { gate, handoff } from './gate.ts'
import { type Job, jobOf } from './job.ts'
import { checkPermission, isForeign } from './permission.ts'
import { recordEnd, recordStart } from './record.ts'
import { runStep } from './run.ts'
import { annotateAll } from './tell.ts'

/** Before the job's first step. */
export async function pre(world: World): Promise<number> {
  return guarded(async () => {
    begins(world, 'may this job sign?')
    const job = jobOf(world, 'pre')
    if (!isForeign(job)) await checkPermission(job)
    return 0
  })
}

/** In the action's own place among the steps. */
export async function main(world: World): Promise<number> {
  return guarded(async () => {
    const job = jobOf(world, 'main')
    begins(world, job.inputs.mode)
    if (isForeign(job)) {
      notice('This is a pull request of a fork, which GitHub gives no identity: nothing is recorded.', {
        title: 'Countersign',
      })
      return 0
    }
    switch (job.inputs.mode) {
      case 'record': {
        const { file, sha256 } = await recordStart(job)
        saveState('file', file)
        saveState('sha256', sha256)
        return 0
      }
      case 'run':
        return await runStep(job, job.inputs.run ?? '')
      case 'gate':
      case 'handoff':
        return await judging(job)
    }
  })
}

async function judging(job: Job): Promise<number> {
  const verdict = await (job.inputs.mode === 'gate' ? gate(job) : handoff(job))
  return verdict === 'pass' ? 0 : verdict === 'fail' ? 1 : 2
}

/** When the job is over, however it ended. */
export async function post(world: World): Promise<number> {
  return guarded(async () => {
    const [file, sha256] = [getState('file'), getState('sha256')]
    // Whatever failed before the record began has said so itself.
    if (file === '') return 0
    begins(world, 'the end of the job')
    const report = await recordEnd(jobOf(world, 'post'), file, sha256)
    return report === null ? 0 : 1
  })
}

/** Said at once: what follows may take a while. */
function begins({ stdout }: World, what: string): void {
  stdout.write(`Countersign: ${what}\n`)
}

/** Whatever goes wrong leaves as an annotation with its fix, and never as a stack. */
async function guarded(phase: () => Promise<number>): Promise<number> {
  try {
    return await phase()
  } catch (error) {
    const report = reportOf(error)
    annotateAll([forWorkflows(report)])
    return error instanceof CodedError ? 1 : 2
  }
}

/** The catalogue's fixes are for the command line. */
function forWorkflows(report: ErrorReport): ErrorReport {
  const fix = FIXES[report.code]
  return fix === undefined ? report : { ...report, fix }
}

const FIXES: Readonly<Partial<Record<string, string>>> = {
  'nothing-recorded':
    'Put this action after actions/checkout, or name what the job makes: with: { subject-path: dist/app.tgz }',
}
