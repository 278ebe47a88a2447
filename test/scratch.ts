import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { memoryWith } from './memory.ts'

const ENOUGH = 4 * 1024 ** 3

/**
 * Before all tests: where there is room, what they write goes to memory. Thousands of databases are made, each of whose
 * writes would wait for the disk, and none of which outlives its test; `TMPDIR` says where to write instead.
 */
export default function scratch(): (() => void) | undefined {
  const memory = memoryWith(ENOUGH)
  if (process.env['TMPDIR'] !== undefined || memory === null) return
  const directory = mkdtempSync(join(memory, 'countersign-tests-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  process.env['TMPDIR'] = directory
  // Also when it is broken off: nobody would look for it there.
  process.once('exit', remove)
  return remove
}
