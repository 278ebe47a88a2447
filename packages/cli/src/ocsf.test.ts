import { expect, test } from 'vitest'
import type { CountersignEvent } from '@countersign/client'
import { ocsfEvent } from './ocsf.ts'

const event = (type: string, data: object, severity = 'info') =>
  ({
    specversion: '1.0',
    id: 'a1',
    source: '//log.example/local',
    type: `dev.countersign.${type}`,
    subject: 'x',
    time: '2026-11-22T02:00:00.000Z',
    datacontenttype: 'application/json',
    severity,
    data,
  }) as unknown as CountersignEvent
const by = { kind: 'person', id: 'p1', name: 'Ada' }
const act = (name: string) => event('admin.acted', { act: name, about: 'p1', by, detail: {}, number: 1, index: 2 })

test('who signs in and out, and who is not let in, is authentication', () => {
  const common = {
    class_uid: 3002,
    class_name: 'Authentication',
    category_uid: 3,
    service: { uid: '//log.example/local' },
  }
  const ada = { user: { uid: 'p1', name: 'Ada' }, status: 'Success' }
  expect(ocsfEvent(act('session.begun'))).toMatchObject({ ...common, ...ada, activity_id: 1, type_uid: 300201 })
  expect(ocsfEvent(act('session.ended'))).toMatchObject({ ...common, ...ada, activity_id: 2, type_uid: 300202 })
  const refused = {
    by: 'provider',
    provider: 'corp',
    code: 'sign-in-refused',
    what: 'no rule',
    subject: 'eve',
    count: 10,
  }
  expect(ocsfEvent(event('sign-in.refused', refused, 'warning'))).toMatchObject({
    ...common,
    activity_id: 1,
    status_id: 2,
    status_code: 'sign-in-refused',
    user: { uid: 'eve' },
    count: 10,
  })
})

test('what else administrators do is managed, and one that waits for signatures is found', () => {
  expect(ocsfEvent(act('token.made'))).toMatchObject({ class_uid: 3004, entity: { type: 'administrative act' } })
  const told = {
    id: 'd',
    pipeline: 'p',
    chain: 'c',
    artifact: null,
    contract: 'x',
    excuses: [],
    reason: 'r',
    expiresAt: 'z',
    by,
  }
  expect(ocsfEvent(event('deviation.proposed', told, 'warning'))).toMatchObject({ class_uid: 2004 })
})
