import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CodedError } from '@countersign/core'

/** Bytes of each `trusted_root.json`; empty names are none. Trust in others is never guessed at: a file that cannot be read ends the start. */
export function readSigstoreTrust(files: readonly string[]): Promise<Uint8Array[]> {
  return Promise.all(files.filter((file) => file !== '').map(trustedRootIn))
}

async function trustedRootIn(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(resolve(file)))
  } catch (cause) {
    throw new CodedError('file-missing', `the trusted root ${file} cannot be read`, { cause })
  }
}
