import { CodedError, type JsonObject, type JsonValue } from '@countersign/core'
import { type ObjectShape, Shape } from '@countersign/formats'
import { flatten } from './claims/flatten.ts'
import { CONFIRMED_SYSTEMS, isSystemName, SYSTEM_NAMES, SYSTEMS, type SystemName } from './systems.ts'

export type Switch = 'allow' | 'refuse'

/** Whether the provider is asked what it knows of a run: not at all, where it can be, or for every token. */
export type Confirm = 'off' | 'try' | 'demand'

/** One claim that a token must have, as text: whole numbers in decimal, truth values as `true` and `false`. */
export interface ClaimRule {
  /** A claim, or one within another: `kubernetes.io/namespace`, `https://sts.amazonaws.com/aws_account`. */
  readonly name: string
  /** Exactly. */
  readonly value: string
}

/** Whose tokens a tenant takes, for which of the issuer's runs. */
export interface IssuerRule {
  /** The tenant's own name for it. */
  readonly id: string
  readonly system: SystemName
  /** `iss` of its tokens, exactly; its keys are fetched from there. */
  readonly issuer: string
  /** `aud` of its tokens; null for the server's own, or the one that is fixed for the system. */
  readonly audience: string | null
  /** Where the system's own pages are (`https://git.example.com`); null for what the issuer implies. */
  readonly url: string | null
  /** All must hold. */
  readonly claims: readonly ClaimRule[]
  /** Runs for a pull or merge request of the same repository. */
  readonly pullRequests: Switch
  /** Runs that somebody from outside can set off, with code of his or over it: `pull_request_target`, `workflow_run`, builds of forks. */
  readonly forks: Switch
  /** Jobs on machines that are not the CI system's own. */
  readonly selfHosted: Switch
  /** Jobs that a person ran again over a shell (CircleCI). */
  readonly sshRerun: Switch
  /** `try` keeps the grade of the token where the provider cannot be asked; `demand` then refuses it. */
  readonly confirm: Confirm
}

const CODE = 'issuer-invalid'
const REQUIRED = ['id', 'system', 'issuer']
const OPTIONAL = ['audience', 'url', 'claims', 'pullRequests', 'forks', 'selfHosted', 'sshRerun', 'confirm']
const MAX_CLAIMS = 32
const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/

/**
 * An issuer rule from parsed JSON; members that are missing have their defaults: no audience of its own, no claims,
 * `selfHosted` allowed and the other switches refusing, `confirm` `try`. Throws `issuer-invalid`.
 */
export function readIssuerRule(value: JsonValue): IssuerRule {
  const it = new Shape(CODE, value, 'issuer').object(REQUIRED, OPTIONAL)
  const system = it.get('system').exactly(...SYSTEM_NAMES)
  const rule: IssuerRule = {
    id: nameOf(it.get('id')),
    system,
    issuer: it.text('issuer', 1024),
    audience: it.has('audience') ? it.get('audience').nullable((one) => one.text(1024)) : null,
    url: it.has('url') ? it.get('url').nullable((one) => one.text(1024)) : null,
    claims: it.has('claims') ? it.get('claims').array(MAX_CLAIMS).map(claimRuleOf) : [],
    pullRequests: switchOf(it, 'pullRequests', 'refuse'),
    forks: switchOf(it, 'forks', 'refuse'),
    selfHosted: switchOf(it, 'selfHosted', 'allow'),
    sshRerun: switchOf(it, 'sshRerun', 'refuse'),
    confirm: it.has('confirm') ? it.exactly('confirm', 'off', 'try', 'demand') : 'try',
  }
  checkIssuer(rule)
  checkClaims(rule)
  return rule
}

/** True when every claim that the rule names is in the token as it says. It says nothing of who signed them. */
export function fitsRule(rule: IssuerRule, claims: JsonObject): boolean {
  if (claims['iss'] !== rule.issuer) return false
  const flat = flatten(claims)
  return rule.claims.every(({ name, value }) => flat.get(name) === value)
}

/** The audience that tokens under a rule must have. */
export function audienceOf(rule: Pick<IssuerRule, 'audience' | 'system'>, server: string): string {
  return rule.audience ?? SYSTEMS[rule.system].audience ?? server
}

/** Whether keys may be fetched from an address: `https`, or `http` on this machine, and nothing but a host and a path. */
export function isIssuerUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || /[\s\\]/.test(text)) return false
  const plain = url.username === '' && url.password === '' && !/[?#]/.test(text)
  // One spelling a place: a token's `iss` is compared as text.
  const same = url.href === text || url.href === `${text}/`
  return plain && same && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))
}

export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname)
}

function checkIssuer({ system, issuer, url, selfHosted, confirm }: IssuerRule): void {
  if (!isSystemName(system)) throw new CodedError(CODE, 'the system is unknown')
  const traits = SYSTEMS[system]
  if (!isIssuerUrl(issuer)) {
    throw new CodedError(CODE, 'the issuer is not an https URL of a host and a path, as it stands in the tokens')
  }
  const at = new URL(issuer)
  if (!isLoopback(at) && !traits.hasIssuer(at)) throw new CodedError(CODE, `${issuer} is no issuer of ${system}`)
  if (url !== null && (!isIssuerUrl(url) || url.endsWith('/'))) {
    throw new CodedError(CODE, 'url is not an https URL of a host and a path, without a slash at its end')
  }
  if (selfHosted === 'refuse' && !traits.tellsRunner) {
    throw new CodedError(
      CODE,
      `tokens of ${system} do not say on whose machine a job runs, so nothing can be refused by it`,
    )
  }
  if (confirm === 'demand' && !CONFIRMED_SYSTEMS.some((one) => one === system)) {
    throw new CodedError(CODE, `nobody can be asked what a run of ${system} is, so it cannot be demanded`)
  }
}

function checkClaims({ system, issuer, claims }: IssuerRule): void {
  const { isShared, pins, unfit } = SYSTEMS[system]
  const names = claims.map(({ name }) => name)
  if (new Set(names).size !== names.length) throw new CodedError(CODE, 'a claim is named twice')
  for (const name of names) {
    if (Object.hasOwn(unfit, name)) throw new CodedError(CODE, `the claim ${name} cannot be counted on: ${unfit[name]}`)
  }
  if (isShared(new URL(issuer)) && !names.some((name) => pins.includes(name))) {
    throw new CodedError(CODE, `everybody has tokens of ${issuer}: the rule must name ${pins.join(' or ')}`)
  }
}

function claimRuleOf(shape: Shape): ClaimRule {
  const it = shape.object(['name', 'value'])
  return { name: it.text('name', 256), value: it.text('value', 1024) }
}

function switchOf(it: ObjectShape, key: string, unless: Switch): Switch {
  return it.has(key) ? it.exactly(key, 'allow', 'refuse') : unless
}

function nameOf(shape: Shape): string {
  const name = shape.text(64)
  if (!/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/.test(name))
    shape.fail('is not lower-case letters, digits, dots and dashes')
  return name
}
