import { createHash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { canonicalJson, CodedError, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import { type ObjectShape, Shape } from '@countersign/formats'
import { isIssuerUrl } from '@countersign/identity'
import { ROLES } from './roles.ts'
import { type Place, readNamed, secretOf } from './secret-setting.ts'
import type { SignInProvider, SignInRule } from './sign-in.ts'

/** How people sign in by one provider, as the settings say. */
export interface SignInSettings extends Pick<SignInProvider, 'name' | 'title' | 'issuer' | 'groupsClaim' | 'rules'> {
  readonly clientId: string
  /** Null for a public client. Never to be shown, kept or logged. */
  readonly clientSecret: string | null
  readonly scopes: readonly string[]
}

const CODE = 'sign-in-setup-invalid'
const MAX_BYTES = 256 * 1024
const MAX_PROVIDERS = 20
const MAX_RULES = 1_000
const MAX_VALUES = 1_000
const CONDITIONS = ['emails', 'domains', 'groups', 'hd', 'subjects'] as const
/** Bytes of rules that the audit log tells word for word; of more it has the digest. */
const MAX_TOLD = 1_024
/** Of the embedded default; a rule that means another tenant says so. */
const TENANT = 'local'

/** The sign-in settings that an argument or the environment names; none where neither does. */
export function signInNamed(
  file: string | undefined,
  env: Place['env'],
  publicUrl: string | null,
): readonly SignInSettings[] {
  const named = file ?? env['COUNTERSIGN_SIGN_IN'] ?? ''
  if (named === '') return []
  if (publicUrl === null) {
    // What a browser is led back to must not be for whoever asks to say.
    throw new CodedError('usage', 'signing in by a provider takes the public URL', {
      fix: 'Say where browsers reach the server: --public-url https://countersign.example.com',
    })
  }
  return readSignInSettings(resolve(named), env)
}

/**
 * Strict JSON, `{"providers": [{"name": …}]}`. Secrets are never in it: it says which file or which variable holds them.
 * Throws `file-missing`, `input-too-large`, `sign-in-setup-invalid` with the place of the fault, and what `parseJson`
 * throws.
 */
export function readSignInSettings(file: string, env: Place['env']): readonly SignInSettings[] {
  const place: Place = { directory: dirname(file), env, whose: 'the sign-in settings' }
  const value = parseJson(readNamed(file, MAX_BYTES, place))
  const it = new Shape(CODE, value, 'the sign-in settings').object(['providers']).get('providers')
  const providers = it.array(MAX_PROVIDERS).map((one) => providerOf(one, place))
  const names = new Set(providers.map(({ name }) => name))
  if (providers.length === 0) it.fail('is empty')
  if (names.size < providers.length) it.fail('has two of one name')
  return providers
}

function providerOf(it: Shape, place: Place): SignInSettings {
  const optional = ['title', 'clientSecret', 'scopes', 'groupsClaim']
  const object = it.object(['name', 'issuer', 'clientId', 'rules'], optional)
  const name = object.text('name', 32)
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || name === 'link') object.get('name').fail('is not a word of a-z, 0-9 and -')
  const issuer = object.text('issuer', 1024)
  if (!isIssuerUrl(issuer)) object.get('issuer').fail('is not an https URL of a host and a path')
  const scopes = object.has('scopes') ? textsOf(object.get('scopes')) : ['openid', 'email', 'profile']
  if (!scopes.includes('openid')) object.get('scopes').fail('lacks openid')
  const rules = object.get('rules').array(MAX_RULES).map(ruleOf)
  if (rules.length === 0) object.get('rules').fail('is empty: nobody would get in')
  return {
    name,
    title: object.has('title') ? object.text('title', 64) : name,
    issuer,
    clientId: object.text('clientId', 256),
    clientSecret: object.has('clientSecret') ? secretOf(object.get('clientSecret'), place) : null,
    scopes,
    groupsClaim: object.has('groupsClaim') ? object.text('groupsClaim', 256) : 'groups',
    rules,
  }
}

function ruleOf(it: Shape): SignInRule {
  const object = it.object(['role'], ['tenant', ...CONDITIONS])
  // Empty never means everybody.
  if (!CONDITIONS.some((name) => object.has(name))) it.fail(`has none of ${CONDITIONS.join(', ')}`)
  const lower = (name: string) => some(object, name)?.map((text) => text.toLowerCase()) ?? null
  return {
    tenant: object.has('tenant') ? object.text('tenant', 64) : TENANT,
    role: object.exactly('role', ...ROLES),
    emails: lower('emails'),
    domains: lower('domains'),
    groups: some(object, 'groups'),
    hd: object.has('hd') ? object.text('hd', 256) : null,
    subjects: some(object, 'subjects'),
  }
}

function some(object: ObjectShape, name: string): readonly string[] | null {
  return object.has(name) ? textsOf(object.get(name)) : null
}

function textsOf(it: Shape): readonly string[] {
  const texts = it.array(MAX_VALUES).map((one) => one.text(256))
  return texts.length > 0 ? texts : it.fail('is empty')
}

/** What the audit log tells of the rules for a tenant, without a secret, and the digest of all that it tells. */
export function rulesFor(providers: readonly SignInSettings[], tenant: string): { digest: string; rules: JsonObject } {
  const told = providers.map(({ name, issuer, clientId, groupsClaim, rules }) => {
    const own = rules.filter((rule) => rule.tenant === tenant).map((rule) => ({ ...rule, tenant }))
    const text = canonicalJson(own as unknown as JsonValue)
    const shown = text.length > MAX_TOLD ? { sha256: sha256(text) } : (own as unknown as JsonValue)
    return { name, issuer, clientId, groupsClaim, rules: shown }
  })
  const rules = { providers: told }
  return { digest: sha256(canonicalJson(rules)), rules }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
