import { CodedError, type JsonValue, parseJson, reportOf } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { reasonLine } from '../reason-line.ts'
import { type AdmitDeps, judgeImage } from './admit.ts'

const API = 'externaldata.gatekeeper.sh/v1beta1'
/** Most keys of one request. */
const MAX_KEYS = 256
export const MAX_PROVIDER_BYTES = 1 << 20

/**
 * The external data provider of OPA Gatekeeper, which Kyverno and others can ask too: a key is an image; its value is the
 * image with its digest where the gate allows it, and its error the reason where it does not. One that fails as a whole
 * says so in `systemError`, and has no items.
 */
export async function provide(deps: AdmitDeps, body: Uint8Array): Promise<object> {
  try {
    const keys = readRequest(parseJson(body, { maxBytes: MAX_PROVIDER_BYTES }))
    const items = await Promise.all(keys.map((key) => itemFor(deps, key)))
    return respond(items, '')
  } catch (error) {
    const { code, what } = reportOf(error)
    deps.log({ decision: 'deny', code, what })
    return respond([], `${code}: ${what}`)
  }
}

function readRequest(value: JsonValue): readonly string[] {
  const it = new Shape('admission-invalid', value, 'provider request').object(['apiVersion', 'kind', 'request'])
  if (it.text('apiVersion', 100) !== API || it.text('kind', 100) !== 'ProviderRequest') {
    throw new CodedError('admission-invalid', `it is no ProviderRequest of ${API}`)
  }
  return it
    .get('request')
    .object(['keys'])
    .get('keys')
    .array(MAX_KEYS)
    .map((key) => key.string(1024))
}

async function itemFor(deps: AdmitDeps, key: string) {
  const { judged, pinned } = await judgeImage(deps, key, false, { requester: 'gatekeeper', dryRun: false })
  const { decision, reason } = judged
  if ((decision === 'allow' || decision === 'exempt') && pinned !== null) return { key, value: pinned, error: '' }
  const against = reason ?? new CodedError('evidence-unavailable', 'nothing was decided').report()
  return { key, value: '', error: `${decision}: ${reasonLine(against, { name: (code) => code })}` }
}

function respond(items: readonly object[], systemError: string): object {
  return { apiVersion: API, kind: 'ProviderResponse', response: { idempotent: true, items, systemError } }
}
