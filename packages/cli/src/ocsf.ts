import { type CountersignEvent, eventName, eventText } from '@countersign/client'

/** Of the Open Cybersecurity Schema Framework (schema.ocsf.io) that events are written in. */
const OCSF_VERSION = '1.6.0'

/** Classes by their `class_uid`; the category is its thousands. */
const COMPLIANCE_FINDING = 2003
const DETECTION_FINDING = 2004
const AUTHENTICATION = 3002
const ENTITY_MANAGEMENT = 3004

const SEVERITY = { info: [1, 'Informational'], warning: [3, 'Medium'], alert: [4, 'High'] } as const

/** What becomes of something: Entity Management's activities. */
const ACTIVITY = { create: [1, 'Create'], update: [3, 'Update'], delete: [4, 'Delete'] } as const

/** Acts that begin and end the session of a person: Authentication's activities. */
const SESSIONS: Readonly<Record<string, readonly [id: number, caption: string]>> = {
  'session.begun': [1, 'Logon'],
  'session.ended': [2, 'Logoff'],
}

/** What events are about, and what became of that; all that is in none of the lists is found out: a finding. */
const ENTITIES: Readonly<Record<string, readonly [kind: string, activity: keyof typeof ACTIVITY]>> = {
  'step.accepted': ['attestation', 'create'],
  erased: ['attestation', 'delete'],
  'contract.published': ['contract', 'update'],
  'admin.acted': ['administrative act', 'create'],
  'deviation.admitted': ['deviation', 'create'],
  'note.added': ['note', 'create'],
  'note.disputed': ['dispute', 'create'],
  'key.enrolled': ['key', 'create'],
  'key.rotated': ['key', 'update'],
  'key.revoked': ['key', 'delete'],
  'anchor.final': ['anchored statement', 'create'],
  'webhook.test': ['webhook', 'update'],
}

/**
 * An event for a SIEM: what was held against a contract is a Compliance Finding (2003), an alert a Detection Finding
 * (2004), somebody who signs in or out, or is not let in, Authentication (3002), all else Entity Management (3004). What it says in full is in `unmapped`.
 */
export function ocsfEvent(event: CountersignEvent): object {
  const [severity_id, severity] = SEVERITY[event.severity]
  const common = {
    time: Date.parse(event.time),
    severity_id,
    severity,
    message: eventText(event),
    metadata: {
      version: OCSF_VERSION,
      uid: `${event.source}#${event.id}`,
      event_code: event.type,
      original_time: event.time,
      tenant_uid: decodeURIComponent(event.source.split('/').at(-1) ?? ''),
      product: { name: 'Countersign', vendor_name: 'Countersign' },
    },
    unmapped: event.data,
  }
  const name = eventName(event)
  const authentication = authenticationOf(event)
  if (authentication !== null) return { ...common, ...authentication }
  const entity = ENTITIES[name]
  if (entity !== undefined) {
    const [type, activity] = entity
    const [id, caption] = ACTIVITY[activity]
    return { ...common, ...classOf(ENTITY_MANAGEMENT, id, caption), entity: { uid: event.subject, type } }
  }
  const finding_info = {
    uid: `${event.source}#${event.id}`,
    title: eventText(event),
    created_time: common.time,
    types: [name],
  }
  if (name === 'step.refused' || name === 'gate.decided') {
    const compliance = complianceOf(event)
    const resources = [{ uid: event.subject }]
    return { ...common, ...classOf(COMPLIANCE_FINDING, 1, 'Create'), finding_info, compliance, resources }
  }
  return { ...common, ...classOf(DETECTION_FINDING, 1, 'Create'), finding_info, is_alert: event.severity === 'alert' }
}

/** Who signed in or out, or was not let in; null for all else. */
function authenticationOf({ type, source, data }: CountersignEvent): object | null {
  const service = { name: 'Countersign', uid: source }
  if (type === 'dev.countersign.sign-in.refused') {
    const { subject, code, what, count } = data
    const user = { uid: subject ?? 'unknown', type_id: 0 }
    const failure = { status_id: 2, status: 'Failure', status_code: code, status_detail: what }
    return { ...classOf(AUTHENTICATION, 1, 'Logon'), ...failure, user, service, count }
  }
  if (type !== 'dev.countersign.admin.acted') return null
  const activity = SESSIONS[data.act]
  if (activity === undefined) return null
  const [id, caption] = activity
  const user = { uid: data.about, type_id: 1, ...(data.by.name === null ? {} : { name: data.by.name }) }
  return { ...classOf(AUTHENTICATION, id, caption), status_id: 1, status: 'Success', user, service }
}

/** Pass, fail, or unknown, which denies as well. */
function complianceOf({ data }: CountersignEvent): object {
  const decision = 'decision' in data ? data.decision : 'deny'
  const [status_id, status] =
    decision === 'allow' ? [1, 'Pass'] : decision === 'deny' ? [3, 'Fail'] : ([0, 'Unknown'] as const)
  const code = 'code' in data ? data.code : null
  const contract = 'contract' in data && typeof data.contract === 'string' ? data.contract : null
  return {
    standards: ['Countersign contract'],
    status_id,
    status,
    ...(code === null || code === undefined ? {} : { control: code }),
    ...(contract === null ? {} : { requirements: [`sha256:${contract}`] }),
  }
}

function classOf(class_uid: number, activity_id: number, activity_name: string): object {
  const NAMES: Readonly<Record<number, readonly [category: string, name: string]>> = {
    [COMPLIANCE_FINDING]: ['Findings', 'Compliance Finding'],
    [DETECTION_FINDING]: ['Findings', 'Detection Finding'],
    [AUTHENTICATION]: ['Identity & Access Management', 'Authentication'],
    [ENTITY_MANAGEMENT]: ['Identity & Access Management', 'Entity Management'],
  }
  const [category_name, class_name] = NAMES[class_uid]!
  return {
    category_uid: Math.floor(class_uid / 1000),
    category_name,
    class_uid,
    class_name,
    activity_id,
    activity_name,
    type_uid: class_uid * 100 + activity_id,
    type_name: `${class_name}: ${activity_name}`,
  }
}
