import { randomBytes } from 'node:crypto'
import { parseContract } from '@countersign/contract'
import { publicKeyPem, utf8 } from '@countersign/core'
import { writeDeviationLine } from '@countersign/formats'
import { makeStatement } from '../../../server/verbs/make-statement.ts'
import { deviationFrom, signDeviation } from '../../acts.ts'
import { newChainId, type Party, party, possession } from '../../pipeline.ts'
import type { WalkingClock } from './clock.ts'
import { type Clouds, RULES } from './clouds.ts'
import type { Office } from './office.ts'
import { built, Recorder } from './recording.ts'
import { Contracts, type Keys, REPOSITORIES, type RepositoryName } from './repositories.ts'
import { chance, type Floor, hastyRun, type Outcome, type Plan, runOf, swappedRun } from './runs.ts'
import { say } from './speaking.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const MINUTE = 60_000
/** Days that the organisation has been at it. */
export const DAYS = 30

export interface MonthInput {
  readonly office: Office
  readonly clouds: Clouds
  readonly clock: WalkingClock
  /** Where events are sent. */
  readonly hook: string
  /** Milliseconds since 1970: whole days, and when it is over. */
  readonly first: number
  readonly end: number
  /** On weekdays a third of the merges. */
  readonly calm: boolean
  /** What others do on each day, by how many went before: such as an anchor that is away. */
  readonly newDay: (day: number) => Promise<void>
  readonly passed: (day: number) => void
}

/** What there is to be found afterwards. */
export interface Month {
  readonly runs: number
  readonly swapped: Incident & { readonly host: string }
  readonly hasty: Incident
  /** SHA-256 of what was let into prod last. */
  readonly artifact: string
  /** Who signs in at the page. */
  readonly admin: string
}

/** Of an incident: the run, what it made, the decision about it, and the one by which it was put right. */
export interface Incident {
  readonly chain: string
  readonly artifact: string
  readonly deploy: number
  readonly fixed: number
}

const ADMIN = 'Ines Calder'
const [JONAS, MEI, TOMAS] = ['Jonas Weber', 'Mei Tanaka', 'Tomas Ribeiro']

/** Runs of each weekday, as hours UTC at which merges come in; a few on weekends. */
const WAVES: readonly (readonly [hour: number, of: readonly RepositoryName[]])[] = [
  [7.7, ['checkout-web', 'orders-api', 'catalog-search']],
  [10.3, ['checkout-web', 'orders-api', 'payments-ledger', 'edge-infra']],
  [14.6, ['checkout-web', 'orders-api', 'catalog-search']],
]
const WEEKEND: typeof WAVES = [[10.4, ['checkout-web', 'catalog-search']]]

/** Fills a month through the server's own API. */
export async function fillMonth(input: MonthInput): Promise<Month> {
  return new MonthOf(input).fill()
}

class MonthOf {
  readonly #input: MonthInput
  readonly #office: Office
  readonly #clock: WalkingClock
  #floor!: Floor
  #append = ''
  #gate = ''
  #runs = 0
  readonly #numbers = new Map<RepositoryName, number>()
  #artifact = ''
  #swapped: Month['swapped'] | null = null
  #hasty: Incident | null = null

  constructor(input: MonthInput) {
    this.#input = input
    this.#office = input.office
    this.#clock = input.clock
  }

  async fill(): Promise<Month> {
    const { clock, first, end } = this.#input
    const day = (time: number) => Math.floor((time - first) / DAY)
    let last = -1
    await clock.walk([() => this.#open()], () => undefined)
    const doing = [
      () => this.#keepHouse(),
      ...this.#plans().map((one) => () => this.#deliver(one.at, one.plan)),
      () => this.#swap(this.#weekday(DAYS - 12)),
      () => this.#haste(this.#weekday(DAYS - 6)),
      () => this.#change(),
      () => this.#knock(),
    ]
    await clock.walk(doing, (time) => {
      if (day(time) === last || time > end) return
      last = day(time)
      this.#input.passed(last)
    })
    return { runs: this.#runs, swapped: this.#swapped!, hasty: this.#hasty!, artifact: this.#artifact, admin: ADMIN }
  }

  /** People, keys, tokens, rules and contracts, on the first morning. */
  async #open(): Promise<void> {
    const { first, hook, clouds } = this.#input
    const office = this.#office
    await this.#clock.until(first + 6 * HOUR)
    await office.welcome(ADMIN, 'admin', null)
    await office.welcome(JONAS!, 'maintainer', ADMIN)
    await office.welcome(MEI!, 'maintainer', ADMIN)
    await office.welcome(TOMAS!, 'approver', ADMIN)
    await office.welcome('Ruth Adeyemi', 'approver', ADMIN)
    await office.welcome('Lena Fischer', 'auditor', ADMIN)
    await office.welcome('Sam Okafor', 'viewer', ADMIN)
    for (const rule of RULES) await office.does(ADMIN, 'POST', '/v1/issuers', rule)
    const keys: Keys = {
      host: party('build-host-7'),
      infra: party('infra-runner'),
      approvers: [party('tomas'), party('ruth')],
      maintainers: [party('mei-maintains'), party('jonas-maintains'), party('ines-maintains')],
    }
    for (const key of [keys.host, keys.infra, ...keys.approvers]) await this.#enrol(key)
    const token = async (scopes: readonly string[]) =>
      (await office.does<{ token: string }>(ADMIN, 'POST', '/v1/tokens', { scopes })).token
    this.#append = await token(['append'])
    this.#gate = await token(['read'])
    const types = [
      'mismatch',
      'conflict',
      'deviation.admitted',
      'deviation.expiring',
      'key.revoked',
      'identity.first-seen',
    ]
    await office.does(ADMIN, 'POST', '/v1/webhooks', { url: `http://${hook}/countersign`, types })
    const contracts = await Contracts.open(office, keys)
    for (const pipeline of ['checkout-web', 'orders-api', 'payments-ledger', 'catalog-search'] as const) {
      await contracts.publish(JONAS!, pipeline, 1)
    }
    const recorder = new Recorder(office, clouds, this.#append)
    this.#floor = { recorder, contracts, keys, together: (doing) => this.#clock.together(doing) }
  }

  #enrol(key: Party): Promise<unknown> {
    const proof = possession(key, null)
    return this.#office.does(ADMIN, 'POST', '/v1/keys', {
      name: key.name,
      publicKey: publicKeyPem(key.publicKey),
      proof,
    })
  }

  /** When which run begins; what would not be over at the end is not begun. */
  #plans(): { readonly at: number; readonly plan: Plan }[] {
    const { first, end, calm } = this.#input
    const weekdays = calm ? WAVES.slice(1, 2) : WAVES
    return Array.from({ length: DAYS + 1 }, (_, day) => day).flatMap((day) => {
      const waves = this.#isWeekend(day) ? WEEKEND : weekdays
      return waves.flatMap(([hour, repositories]) =>
        repositories.flatMap((repository) => {
          const at = first + day * DAY + hour * HOUR + chance(`${day} ${hour} ${repository}`, 12) * MINUTE
          return at > end - 2 * HOUR || at < first + 7 * HOUR ? [] : [{ at, plan: this.#plan(repository) }]
        }),
      )
    })
  }

  #plan(repository: RepositoryName): Plan {
    const number = (this.#numbers.get(repository) ?? 0) + 1
    this.#numbers.set(repository, number)
    const luck = chance(`luck ${repository} ${number}`, 100)
    return { repository, number, testsFail: luck < 7, breaksOff: luck >= 97, late: luck >= 80 }
  }

  #isWeekend(day: number): boolean {
    return new Date(this.#input.first + day * DAY).getUTCDay() % 6 === 0
  }

  /** The last weekday before that day or on it. */
  #weekday(day: number): number {
    let it = day
    while (this.#isWeekend(it)) it -= 1
    return it
  }

  /** A run, and where what it makes is let in. */
  async #deliver(at: number, plan: Plan): Promise<void> {
    const clock = this.#clock
    await clock.until(at)
    this.#runs += 1
    const { repository, number } = plan
    const done = await runOf(this.#floor, plan)
    const luck = chance(`ship ${repository} ${number}`, 100)
    if (repository === 'edge-infra') {
      // Nobody has said how it must be built.
      if (luck < 40 && done.artifact !== null) await this.#ask('prod', repository, done.artifact, 'atlantis@edge')
      return
    }
    if (done.artifact === null) {
      const half = done.steps.find(({ name }) => name === 'build')?.made[0]?.digest.sha256
      // Somebody is in a hurry.
      if (luck < 35 && half !== undefined) await this.#ask('staging', repository, half, 'argocd@staging')
      return
    }
    await this.#ask('staging', repository, done.artifact, 'argocd@staging')
    if (luck >= 55) return
    await clock.until(clock.now() + (20 + luck) * MINUTE)
    if (clock.now() > this.#input.end) return
    await this.#toProd(repository, done.artifact)
    if (repository === 'orders-api' || luck >= 35) return
    await clock.until(clock.now() + 15 * MINUTE)
    if (clock.now() < this.#input.end) await this.#ask('prod-eu', repository, done.artifact, 'argocd@prod-eu-1')
  }

  async #toProd(repository: RepositoryName, artifact: string): Promise<number> {
    const decided = await this.#ask('prod', repository, artifact, 'argocd@prod-1')
    if (decided.decision === 'allow') this.#artifact = artifact
    return decided.id
  }

  async #ask(environment: string, pipeline: string, artifact: string, requester: string) {
    const reply = await this.#office.try('POST', '/v1/gate', { artifact, pipeline, environment, requester }, this.#gate)
    const { id, decision, findings } = (await reply.json()) as { id: number; decision: string; findings: unknown }
    if (id === undefined) throw new Error(`the gate does not decide: ${JSON.stringify(findings)}`)
    return { id, decision, findings }
  }

  /** INC-198: a build host is broken into, and hands over another artifact than the one that it signed. */
  async #swap(day: number): Promise<void> {
    const [clock, office] = [this.#clock, this.#office]
    const { first } = this.#input
    await clock.until(first + day * DAY + 12.8 * HOUR)
    const since = clock.iso()
    const plan = this.#plan('orders-api')
    this.#runs += 1
    const { chain, steps, swapped } = await swappedRun(this.#floor, plan)
    if (!steps.some(({ refused }) => refused === 'material-swapped')) throw new Error('what was swapped was accepted')
    const { id } = await this.#ask('prod', 'orders-api', swapped, 'argocd@prod-1')
    for (const minutes of [5, 10]) {
      await clock.until(clock.now() + minutes * MINUTE)
      await this.#ask('prod', 'orders-api', swapped, 'argocd@prod-1')
    }
    await clock.until(clock.now() + 9 * MINUTE)
    const { host } = this.#floor.keys
    await office.does(ADMIN, 'POST', `/v1/keys/${host.publicKey.keyId}/revoke`, { since, reason: 'compromised' })
    await clock.until(clock.now() + 18 * MINUTE)
    await this.#floor.contracts.publish(JONAS!, 'orders-api', 2)
    await clock.until(clock.now() + 4 * MINUTE)
    this.#runs += 1
    const again = await runOf(this.#floor, { ...this.#plan('orders-api'), testsFail: false, breaksOff: false })
    if (again.artifact === null) throw new Error(`the build that puts it right: ${refusals(again)}`)
    await this.#ask('staging', 'orders-api', again.artifact, 'argocd@staging')
    const fixed = await this.#toProd('orders-api', again.artifact)
    this.#swapped = { chain, artifact: swapped, deploy: id, fixed, host: host.name }
  }

  /** INC-207: at night a build goes out whose tests fail, by a deviation of two maintainers; it is put right by day. */
  async #haste(day: number): Promise<void> {
    const [clock, office] = [this.#clock, this.#office]
    const { first } = this.#input
    await clock.until(first + day * DAY + 2.1 * HOUR)
    const [mei, jonas] = this.#floor.keys.maintainers
    this.#runs += 1
    const done = await hastyRun(this.#floor, this.#plan('payments-ledger'), async (chain) => {
      await clock.until(clock.now() + 11 * MINUTE)
      const { revision } = this.#floor.contracts.current('payments-ledger')!
      const contract = parseContract(utf8(this.#floor.contracts.text('payments-ledger', revision)))
      const issued = clock.now()
      const deviation = deviationFrom(contract, {
        chain,
        reason: 'INC-207: double charges in prod, the fix cannot wait for two tests of the old rounding',
        excuses: [
          { code: 'tests-failed', step: 'test' },
          { code: 'step-failed', step: 'test' },
          { code: 'predecessor-failed', step: 'image' },
        ],
        issuedAt: new Date(issued).toISOString(),
        expiresAt: new Date(issued + 12 * HOUR).toISOString(),
      })
      const line = new TextDecoder().decode(writeDeviationLine(signDeviation(deviation, [mei, jonas])))
      await office.does(MEI!, 'POST', `/v1/chains/${chain}/deviations`, line)
    })
    if (done.artifact === null) throw new Error(`the build of the night: ${refusals(done)}`)
    const deploy = await this.#toProd('payments-ledger', done.artifact)
    await clock.until(first + day * DAY + 7.6 * HOUR)
    const resolve = await this.#dispute(done)
    await clock.until(first + day * DAY + 8.2 * HOUR)
    this.#runs += 1
    const again = await runOf(this.#floor, { ...this.#plan('payments-ledger'), testsFail: false, breaksOff: false })
    if (again.artifact === null) throw new Error(`the build that puts the night right: ${refusals(again)}`)
    await this.#ask('staging', 'payments-ledger', again.artifact, 'argocd@staging')
    const fixed = await this.#toProd('payments-ledger', again.artifact)
    await clock.until(clock.now() + 25 * MINUTE)
    await resolve()
    this.#hasty = { chain: done.chain, artifact: done.artifact, deploy, fixed }
    // What was let through for a night is not let in the next afternoon.
    await clock.until(first + day * DAY + 16.4 * HOUR)
    await this.#ask('prod-eu', 'payments-ledger', done.artifact, 'argocd@prod-eu-1')
  }

  /** The auditor disputes what went out at night; gives how a maintainer answers that, once it is put right. */
  async #dispute({ steps }: Outcome): Promise<() => Promise<void>> {
    const office = this.#office
    const [lena, mei] = [party('lena'), party('mei')]
    for (const key of [lena, mei]) await this.#enrol(key)
    const about = steps
      .filter(({ name }) => name === 'test')
      .map(({ link }) => ({ kind: 'step' as const, digest: link }))
    const text = 'Two tests of the rounding failed, and what went out rounds as before: INC-207 is not put right by it.'
    const supersedes = await say(office, { name: 'Lena Fischer', key: lena }, { about, kind: 'dispute', text })
    return async () => {
      const answer = 'The build of this morning rounds half to even, its tests pass, and prod runs it since.'
      await say(office, { name: MEI!, key: mei }, { about, kind: 'resolution', text: answer, supersedes })
    }
  }

  /** What changes in a month: contracts, keys, people. */
  async #change(): Promise<void> {
    const [clock, office] = [this.#clock, this.#office]
    const { first, end } = this.#input
    const { contracts } = this.#floor
    const on = async (day: number, hour: number) => clock.until(first + this.#weekday(day) * DAY + hour * HOUR)
    await on(5, 10.5)
    await contracts.publish(JONAS!, 'checkout-web', 2)
    await on(9, 9.1)
    const { infra } = this.#floor.keys
    const next = party(infra.name)
    const proof = possession(next, null)
    const rotation = { publicKey: publicKeyPem(next.publicKey), overlap: 86_400, proof }
    await office.does(ADMIN, 'POST', `/v1/keys/${infra.publicKey.keyId}/rotate`, rotation)
    this.#floor.keys = { ...this.#floor.keys, infra: next }
    await on(14, 14.2)
    await contracts.publish(MEI!, 'catalog-search', 2)
    await on(20, 9.5)
    await office.does(ADMIN, 'POST', `/v1/people/${office.idOf(TOMAS!)}/role`, { role: 'maintainer' })
    await on(23, 16)
    await office.does(ADMIN, 'DELETE', `/v1/people/${office.idOf('Sam Okafor')}`)
    await clock.until(Math.min(first + this.#weekday(27) * DAY + 8 * HOUR, end - HOUR))
    const old = await office.does<{ id: string; token: string }>(ADMIN, 'POST', '/v1/tokens', { scopes: ['read'] })
    await clock.until(clock.now() + 30 * MINUTE)
    await office.does(ADMIN, 'DELETE', `/v1/tokens/${old.id}`)
  }

  /** Attempts that come to nothing. */
  async #knock(): Promise<void> {
    const clock = this.#clock
    const { first, clouds } = this.#input
    const { recorder } = this.#floor
    const on = async (day: number, hour: number) => clock.until(first + day * DAY + hour * HOUR)
    // Somebody tries with a key that nobody knows.
    const stranger = party('stranger')
    const laptop = party('jonas-laptop')
    const release = (by: Party, pipeline: RepositoryName, contract: string | null) =>
      recorder.step(
        { id: newChainId(), pipeline, contract },
        {
          name: 'source',
          by: { key: by, system: 'local' },
          makes: [built('release.tar', randomBytes(8).toString('hex'))],
          argv: ['make', 'release'],
          minutes: 1,
        },
      )
    const current = (pipeline: RepositoryName) => this.#floor.contracts.current(pipeline)?.digest ?? null
    await on(3, 22.3)
    for (let i = 0; i < 3; i += 1) await release(stranger, 'checkout-web', current('checkout-web'))
    await on(this.#weekday(7), 10.2)
    const pull = {
      cloud: 'github-actions',
      repository: REPOSITORIES['checkout-web'],
      commit: 'c0ffee'.repeat(7).slice(0, 40),
      run: '8204999001',
      attempt: 1,
      event: 'pull_request',
    } as const
    for (let i = 0; i < 2; i += 1) {
      const token = clouds.token(pull, clock.now())
      await this.#office.server.request('POST', '/v1/sessions', { token: null, body: JSON.stringify({ token }) })
      await clock.until(clock.now() + 7 * MINUTE)
    }
    await on(this.#weekday(16), 17.4)
    await this.#enrol(laptop)
    await release(laptop, 'catalog-search', null)
    await release(laptop, 'catalog-search', current('catalog-search'))
    await on(this.#weekday(25), 18.6)
    await release(laptop, 'edge-infra', null)
    await on(this.#weekday(28), 11.9)
    await this.#ask('prod', 'checkout-web', built('x', 'packed on a laptop').digest.sha256, 'kubectl@jonas-laptop')
  }

  /** What the server does by itself: a statement of each day, and a look for what is to be told. */
  async #keepHouse(): Promise<void> {
    const { first, end, newDay } = this.#input
    const { deps } = this.#office.server
    for (let time = first + 6 * HOUR; time < end; time += 6 * HOUR) {
      await this.#clock.until(time)
      const day = Math.round((time - first) / DAY)
      // It was down for its upgrade one night: the statement after it covers two days.
      if (time === first + day * DAY && day !== 11) {
        await makeStatement(deps, false)
        await newDay(day)
      }
      await deps.events.watch()
    }
  }
}

function refusals({ steps }: Outcome): string {
  return steps.map(({ name, refused }) => `${name} ${refused}`).join(', ')
}
