import { CodedError } from '@countersign/core'
import { plain } from './output.ts'

/** `ADDR:PORT` of an option `--listen`. Throws `usage`. */
export function addressOf(listen: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):([0-9]{1,5})$/.exec(listen)
  const port = Number(match?.[2])
  if (match === null || port > 65_535) {
    throw new CodedError('usage', `--listen ${plain(listen)} is not ADDR:PORT`, { fix: 'For example: 127.0.0.1:8441' })
  }
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port }
}
