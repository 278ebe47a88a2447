import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { memoryWith } from './memory.ts'

const ENOUGH = 4 * 1024 ** 3

/**
 * Before all tests: where there is room, what they write goes to memory. Thousands of databases are made, each of whose
 * writes would wait for the disk, and none of which outlives its test; `TMPDIR` says where to write instead. What tests that
 * were killed have left there is removed.
 */
export default function scratch(): (() => void) | undefined {
  const memory = memoryWith(ENOUGH)
  if (process.env['TMPDIR'] !== undefined || memory === null) return
  for (const name of readdirSync(memory)) {
    const [, pid] = /^countersign-tests-([0-9]+)-/.exec(name) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(memory, name), { recursive: true, force: true })
  }
  const directory = mkdtempSync(join(memory, `countersign-tests-${process.pid}-`))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  process.env['TMPDIR'] = directory
  // Also when it is broken off: nobody would look for it there.
  process.once('exit', remove)
  return remove
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
