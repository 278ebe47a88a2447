import { join } from 'node:path'
import type { Home } from './first-run.ts'

/** What a server says to people when it listens: on its first run, how to begin. */
export function welcome(
  url: string,
  home: Home,
  dataDir: string,
  version: string,
  { signIn }: { readonly signIn?: string },
): string {
  const head = `Countersign ${version} listens on ${url}   (API: ${url}/docs)\nData: ${dataDir}\n`
  if (signIn === undefined) return `${head}Token: in ${home.tokenFile}\n`
  return `${head}
This is the first run: a tenant, a token and a key were made. Sign in as admin, once and within half an hour:

  ${signIn}

Later: countersign person link admin. Record and verify a first step, in any git checkout:

  export COUNTERSIGN_URL=${url}
  export COUNTERSIGN_TOKEN=$(cat '${home.tokenFile}')
  alias countersign='"${process.execPath}" "${join(import.meta.dirname, '..', 'packages', 'cli', 'dist', 'countersign.js')}"'

  countersign key new build.key
  countersign key enroll build.key.pub --name build
  countersign run --step build --pipeline demo --key build.key --products hello.txt -- sh -c 'echo hello > hello.txt'
  countersign verify hello.txt
`
}
