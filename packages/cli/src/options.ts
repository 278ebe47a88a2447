import { Option } from 'commander'
import type { ExitCode } from './context.ts'

/** Runs an action and keeps its exit code. */
export type On = <T extends unknown[]>(
  action: (...given: T) => Promise<ExitCode> | ExitCode,
) => (...given: T) => Promise<void>

export const format = () => new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text')
