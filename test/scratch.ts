import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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
  if (process.env['TMPDIR'] !== undefined || memory === null || !mayRun(memory)) return
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

/** Containers often mount it so that no program in it can be run, as many tests do. */
function mayRun(memory: string): boolean {
  const directory = mkdtempSync(join(memory, 'countersign-run-'))
  const program = join(directory, 'program')
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 })
  const { status } = spawnSync(program)
  rmSync(directory, { recursive: true })
  return status === 0
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
