import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { argumentsOf } from '../arguments.ts'
import type { LocalAnchors } from './anchors.ts'
import { type Refusal, readRun, reorderSteps, replayStep, signWithWrongKey, skipStep, swapArtifact } from './attacks.ts'
import { useBuiltThreads } from './built-threads.ts'
import { type Cloud, must, on, openClouds, publicKeyOf } from './clouds.ts'
import { priceModule, Shop } from './shop.ts'
import { countersign, ROOT, type Server, startServer } from './world.ts'

const HELP = `Usage: npm run demo [-- OPTIONS]

Builds a real small repository in four steps on four "clouds", each step signed and countersigned, proves the
result, then tampers with it five ways and shows each refused. Then fills an organisation, through the server itself:
five repositories, three clouds, a month of runs, two incidents. Needs git and npm; takes half a minute.

  --serve            serve the organisation until Ctrl-C
  --directory DIR    where the organisation is kept; what is there is replaced (default .countersign/demo)
  --calm             with half of its runs, in half of the time
  --no-organisation  without it
  --anchors          have the log's statement anchored in a Rekor log, a timestamp authority, an EVM chain and a
                     Bitcoin-like chain, all of this machine, and prove the result with all of them
  --json             print one JSON line at the end: {steps, accepted, refused: [{attack, code}]}
  --keep             keep the directory with everything that was made in the four steps, and print where it is`

const options = argumentsOf(
  {
    anchors: { type: 'boolean' },
    calm: { type: 'boolean' },
    serve: { type: 'boolean' },
    directory: { type: 'string' },
    'no-organisation': { type: 'boolean' },
    json: { type: 'boolean' },
    keep: { type: 'boolean' },
  },
  HELP,
)

const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
const say = (text = '') => console.log(text)
const title = (text: string) => say(`\n${paint(1, text)}`)
const good = (text: string) => say(`  ${paint(32, '✓')} ${text}`)
const bad = (text: string) => say(`  ${paint(31, '✗')} ${text}`)
const quiet = (text: string) => say(paint(2, text.replace(/^/gm, '    ')))

const root = mkdtempSync(join(tmpdir(), 'countersign-demo-'))
let server: Server | null = null
let local: LocalAnchors | null = null
let serving = false
process.once('exit', () => {
  // A command that was under way when it was broken off may write there for some seconds yet.
  if (options.keep !== true) rmSync(root, { recursive: true, force: true, maxRetries: 10 })
})
// Broken off, it takes its servers and its directories with it. A terminal tells it, and so does npm: once is enough.
let ending = false
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    if (serving || ending) return
    ending = true
    void Promise.allSettled([server?.stop(), local?.close()]).then(() => process.exit(code))
  })
}
try {
  if (options.anchors === true) {
    const { startLocalAnchors } = await import('./anchors.ts')
    local = await startLocalAnchors(join(root, 'anchors'))
  }
  server = await startServer(join(root, 'server'), local === null ? [] : ['--anchors', local.settings])
  const summary = await tell(server)
  if (options['no-organisation'] !== true) await organise()
  if (options.json === true) say(JSON.stringify(summary))
} finally {
  await server?.stop()
  await local?.close()
  if (options.keep === true) say(`\nEverything of the four steps is kept in ${root}`)
}

/** The month of an organisation, and how one looks at it. */
async function organise(): Promise<void> {
  useBuiltThreads()
  const { fillOrganisation, serveOrganisation } = await import('./organisation/fill.ts')
  const directory = resolve(options.directory ?? join(ROOT, '.countersign', 'demo'))
  title('An organisation: five repositories, three clouds, a month of runs')
  const live = process.stdout.isTTY
  const passed = (day: number, of: number) => {
    if (live) process.stdout.write(`\r  day ${day} of ${of}${day === of ? '\r\u001b[K' : ''}`)
    else if (day % 10 === 0) quiet(`day ${day} of ${of}`)
  }
  const month = await fillOrganisation(directory, passed, { calm: options.calm ?? false })
  const { swapped, hasty } = month
  good(`${month.runs} runs, ${month.entries} entries in the log: ${relative(process.cwd(), directory) || '.'}`)
  bad(`INC-198  prod#${swapped.deploy}  ${swapped.host} was broken into and handed over another artifact: denied`)
  quiet(`the host’s key was revoked, the build moved off it, and prod#${swapped.fixed} is good again`)
  bad(`INC-207  prod#${hasty.deploy}  a build whose tests fail went out at night, by a deviation of two maintainers`)
  quiet(`prod#${hasty.fixed} put it right in the morning; in the afternoon the night’s build was denied`)
  say('\n  Look for:')
  quiet(
    [
      'checkout-web         a repository',
      `${month.artifact.slice(0, 16)}…    sha256:${month.artifact}, which is in prod`,
      'prod@{2 days ago}    what was in force then',
      `${`prod#${swapped.deploy}`.padEnd(21)}the first incident; ${swapped.chain.slice(0, 12)} is its run, ${swapped.host} who signed`,
      `${`prod#${hasty.deploy}`.padEnd(21)}the second one; ${hasty.chain.slice(0, 12)} is its run`,
    ].join('\n'),
  )
  if (options.serve === true) {
    serving = true
    return serveOrganisation(directory, month.code, say)
  }
  say(
    `\n  Serve it:  npm run demo -- --serve\n        or:  npm start -- --data ${relative(process.cwd(), directory) || '.'}`,
  )
  quiet(`and sign in with the token in ${relative(process.cwd(), join(directory, 'token'))}`)
}

async function tell(server: Server): Promise<object> {
  title('A server, a repository, four clouds with a key each')
  const shop = new Shop(root)
  const clouds = await openClouds(root)
  const [github, codebuild, cloudbuild, azure] = clouds as [Cloud, Cloud, Cloud, Cloud]
  for (const cloud of clouds) {
    await must(on(cloud, server, cloud.home, ['key', 'enroll', `${cloud.keyFile}.pub`, '--name', cloud.signer]))
  }
  const contract = join(root, 'contract.yaml')
  writeFileSync(contract, await contractText(clouds, server))
  await must(countersign(['contract', 'lint', contract], { cwd: root }))
  await must(on(github, server, root, ['contract', 'publish', contract]))
  good('contract shop/web: test → build → pack → deploy, each with its own signer, countersigned by the server')

  title('A release: four steps, each signs what it received and what it made')
  const first = await release(server, shop, contract, clouds as [Cloud, Cloud, Cloud, Cloud], 'one')

  title('The proof')
  const gate = await must(on(azure, server, first.deployed, ['gate', 'shop-1.0.0.tgz', '--contract', contract]))
  quiet(gate.out.trimEnd())
  const offline = { cwd: first.deployed }
  const proof = await must(
    countersign(['verify', 'shop-1.0.0.tgz', '--contract', contract, '--chain', first.chainFile], offline),
  )
  good(`the same offline, from one file: ${lastLine(proof.out)}`)

  const anchored = local === null ? null : await anchor(server, local, first.deployed, contract)

  title('A second release is attacked five ways')
  shop.commit('apples cost more', { 'src/price.ts': priceModule(35) })
  const second = await begin(server, shop, contract, clouds as [Cloud, Cloud, Cloud, Cloud], 'two')
  const own = readRun(join(second.built, 'dist.chain.jsonl'))
  const other = readRun(first.chainFile)
  const laptop = join(root, 'laptop')
  mkdirSync(laptop)
  const packed = await pack(laptop, join(second.built, 'dist'))
  const refused: Refusal[] = [
    await swapArtifact(cloudbuild, server, second.built, contract),
    await skipStep(azure, server, packed, contract),
    await replayStep(cloudbuild, server, own, other),
    await reorderSteps(azure, server, own),
    await signWithWrongKey(codebuild, server, own),
  ]
  for (const { attack, code, what, by } of refused) {
    bad(`${attack}: refused by the ${by}`)
    quiet(`${code}: ${what}`)
  }
  const denied = await on(azure, server, laptop, ['gate', 'shop-1.0.0.tgz', '--contract', contract])
  if (denied.code !== 1) throw new Error(`the gate let an unproven artifact pass:\n${denied.out}`)
  bad(`deploy what a laptop packed: ${lastLine(denied.out)}`)

  const accepted = first.accepted
  say(`\n${accepted} steps accepted, ${refused.length} attacks refused.`)
  return {
    // Of the release, by the file that proves it; accepted is what the server has.
    steps: other.size,
    accepted,
    refused: refused.map(({ attack, code }) => ({ attack, code })),
    ...(anchored === null ? {} : { anchors: anchored }),
  }
}

/** The statement of the log in four places that nobody of this house can rewrite, and the artifact under it. */
async function anchor(server: Server, local: LocalAnchors, directory: string, contract: string) {
  const { anchorRelease } = await import('./anchors.ts')
  title('The same, proven by others: what the log states is anchored')
  const artifact = 'shop-1.0.0.tgz'
  const { proofs, verdict, evidence, anchors } = await anchorRelease(server, local, { directory, artifact, contract })
  say(proofs)
  if (local.evm === null) quiet('anvil is not installed: without Ethereum')
  // What had to be trusted for each is for `verify` to say.
  quiet(verdict.match(/^✓ {2}(?:anchors|ethereum|opentimestamps|rekor|rfc3161) .*$/gm)!.join('\n'))
  good(`offline, from one file of ${Math.ceil(statSync(evidence).size / 1000)} kB: ${lastLine(verdict)}`)
  return anchors
}

/** The first two steps of a run: tested on one cloud, built on the next, from clones of their own. */
async function begin(
  server: Server,
  shop: Shop,
  contract: string,
  [github, codebuild]: readonly [Cloud, Cloud, Cloud, Cloud],
  run: string,
): Promise<{ built: string }> {
  const tested = join(github.home, run)
  shop.clone(tested)
  const test = ['run', '--step', 'test', '--contract', contract, '--', 'node', '--test', 'src/price.test.ts']
  // A run of its own: its steps find one another by the run's id.
  const again = run === 'one' ? github : { ...github, env: { ...github.env, GITHUB_RUN_ID: '7002' } }
  await must(on(again, server, tested, test))
  good(`${github.title.padEnd(19)} test    node --test`)
  const built = join(codebuild.home, run)
  shop.clone(built)
  const build = ['run', '--step', 'build', '--contract', contract, '--products', 'dist', '--', 'node', 'build.mjs']
  await must(on(codebuild, server, built, build))
  good(`${codebuild.title.padEnd(19)} build   TypeScript → dist/`)
  return { built }
}

async function release(
  server: Server,
  shop: Shop,
  contract: string,
  clouds: readonly [Cloud, Cloud, Cloud, Cloud],
  run: string,
): Promise<{ deployed: string; chainFile: string; accepted: number }> {
  const [, , cloudbuild, azure] = clouds
  const { built } = await begin(server, shop, contract, clouds, run)
  const packing = join(cloudbuild.home, run)
  mkdirSync(packing)
  cpSync(join(built, 'dist'), join(packing, 'dist'), { recursive: true })
  const packArgs = [
    'run',
    '--step',
    'pack',
    '--contract',
    contract,
    '--materials',
    'dist',
    '--products',
    '*.tgz',
    '--',
    'npm',
    'pack',
    './dist',
  ]
  await must(on(cloudbuild, server, packing, packArgs))
  good(`${cloudbuild.title.padEnd(19)} pack    dist/ → shop-1.0.0.tgz`)
  const deployed = join(azure.home, run)
  mkdirSync(deployed)
  cpSync(join(packing, 'shop-1.0.0.tgz'), join(deployed, 'shop-1.0.0.tgz'))
  await must(on(azure, server, deployed, ['gate', 'shop-1.0.0.tgz', '--contract', contract]))
  const chainFile = join(deployed, 'shop.chain.jsonl')
  const command = ['--', 'sh', '-c', 'tar xzf shop-1.0.0.tgz && node package/price.js']
  const deployArgs = [
    'run',
    '--step',
    'deploy',
    '--contract',
    contract,
    '--materials',
    'shop-1.0.0.tgz',
    '--chain-out',
    chainFile,
    ...command,
  ]
  const deploy = await must(on(azure, server, deployed, deployArgs))
  good(`${azure.title.padEnd(19)} deploy  ${lastLine(deploy.out)}`)
  const reply = await fetch(`${server.url}/v1/attestations?pipeline=shop/web`, {
    headers: { authorization: `Bearer ${server.token}` },
  })
  const { items } = (await reply.json()) as { items: unknown[] }
  return { deployed, chainFile, accepted: items.length }
}

async function contractText(clouds: readonly Cloud[], server: Server): Promise<string> {
  const reply = await fetch(`${server.url}/v1/server`, { headers: { authorization: `Bearer ${server.token}` } })
  const { vkey } = (await reply.json()) as { vkey: string }
  return `contract: v1
pipeline: shop/web
revision: 1
signers:
${clouds.map((cloud) => `  ${cloud.signer}: ${publicKeyOf(cloud)}`).join('\n')}
countersigners:
  - ${vkey}
steps:
  test:
    signers: [github]
  build:
    after: [test]
    signers: [codebuild]
    products: [dist/]
  pack:
    after: [build]
    signers: [cloudbuild]
    products: ["*.tgz"]
  deploy:
    after: [pack]
    signers: [azure]
final: pack
`
}

async function pack(cwd: string, dist: string): Promise<string> {
  const { execFileSync } = await import('node:child_process')
  execFileSync('npm', ['pack', '--silent', dist], { cwd, stdio: 'ignore' })
  return join(cwd, readdirSync(cwd).find((name) => name.endsWith('.tgz'))!)
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)!.trim()
}
