#!/usr/bin/env node
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PUBLIC_MIRROR } from '@countersign/adapters/sigstore-cache'
import { run } from '../../../packages/cli/src/program.ts'
import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' }

/**
 * `countersign verify-bundle` under the command line that sigstore-conformance gives to clients (its cli_protocol.md):
 *
 *   client.ts verify-bundle [--staging] --bundle FILE
 *     (--certificate-identity I --certificate-oidc-issuer URL | --key FILE) [--trusted-root FILE] FILE_OR_DIGEST
 *
 * Without a trusted root it believes the one of the public instance that comes with @sigstore/tuf, so that no network is
 * needed. It does not sign, and knows no other instance.
 */
const NAMES: Readonly<Record<string, string>> = {
  '--bundle': '--bundle',
  '--certificate-identity': '--identity',
  '--certificate-oidc-issuer': '--issuer',
  '--key': '--key',
  '--trusted-root': '--sigstore-trust',
}

const [command, ...given] = process.argv.slice(2)
const artifact = given.pop()
if (command !== 'verify-bundle' || artifact === undefined || given.includes('--staging')) {
  process.stderr.write('only verify-bundle is known here, and no --staging\n')
  process.exit(2)
}
const args: string[] = []
for (let i = 0; i < given.length; i += 2) {
  const name = NAMES[given[i]!]
  if (name === undefined) throw new Error(`${given[i]} is not known`)
  args.push(name, given[i + 1]!)
}
const directory = mkdtempSync(join(tmpdir(), 'countersign-conformance-'))
try {
  if (!args.includes('--sigstore-trust')) {
    const file = join(directory, 'trusted_root.json')
    writeFileSync(file, Buffer.from(seeds[PUBLIC_MIRROR].targets['trusted_root.json'], 'base64'))
    args.push('--sigstore-trust', file)
  }
  const argv = [...process.argv.slice(0, 2), command, artifact, ...args]
  const { env, stdin, stdout, stderr } = process
  process.exitCode = await run({ argv, env, stdin, stdout, stderr, cwd: process.cwd, on: process.on, off: process.off })
} finally {
  rmSync(directory, { recursive: true, force: true })
}
