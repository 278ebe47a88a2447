import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readWebhookPolicy } from '../../packages/cli/src/kubernetes/webhook-policy.ts'
import { chartValues, renderChart } from './chart.ts'

const HERE = join(import.meta.dirname, '..', '..', 'workflows', 'kubernetes')

interface Manifest {
  readonly kind: string
  readonly data?: Readonly<Record<string, string>>
  readonly webhooks?: readonly Webhook[]
  readonly spec?: { readonly replicas?: number }
}
interface Webhook {
  readonly name: string
  readonly failurePolicy: string
  readonly matchPolicy: string
  readonly timeoutSeconds: number
  readonly sideEffects: string
  readonly clientConfig: { readonly service: { readonly path: string } }
  readonly namespaceSelector: {
    readonly matchExpressions: readonly { key: string; operator: string; values: string[] }[]
  }
  readonly rules: readonly { operations: string[]; resources: string[]; scope: string }[]
}

function read(text: string): Manifest[] {
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as Manifest
  })
}

const rendered = renderChart(chartValues(), 'countersign')
const manifests = read(rendered)
const webhooks = manifests.flatMap((one) => one.webhooks ?? [])
const byName = (name: string) => webhooks.find((one) => one.name === `${name}.countersign.dev`)!

describe('the chart', () => {
  test('renders to what lies beside it', () => {
    const beside = readFileSync(join(HERE, 'webhook.yaml'), 'utf8')
    expect(beside).toBe(rendered)
  })

  test('has all that it takes, and its policy is one', () => {
    expect(manifests.map(({ kind }) => kind).toSorted()).toEqual([
      'ConfigMap',
      'Deployment',
      'MutatingWebhookConfiguration',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
      'ValidatingWebhookConfiguration',
    ])
    const policy = manifests.find(({ kind }) => kind === 'ConfigMap')!.data!['webhook.json']!
    expect(readWebhookPolicy(new TextEncoder().encode(policy)).namespaces.get('production')).toBe('enforce')
    expect(manifests.find(({ kind }) => kind === 'Deployment')!.spec!.replicas).toBeGreaterThan(1)
  })

  test('the others are YAML too', () => {
    for (const file of ['gatekeeper.yaml', 'kyverno.yaml']) {
      expect(read(readFileSync(join(HERE, file), 'utf8')).length).toBeGreaterThan(0)
    }
  })
})

describe('T-97, T-100: the registration', () => {
  test('fails closed where it enforces, in time', () => {
    for (const name of ['named', 'enforce']) {
      expect(byName(name)).toMatchObject({ failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 5 })
      expect(byName(name).clientConfig.service.path).toBe('/validate/enforce')
    }
  })

  test('asks about every pod, its ephemeral containers, creations and updates', () => {
    for (const { rules, name } of webhooks) {
      const pods = rules.find(({ resources }) => resources.includes('pods'))!
      expect([name, pods.operations, pods.resources.includes('pods/ephemeralcontainers')]).toEqual([
        name,
        ['CREATE', 'UPDATE'],
        true,
      ])
    }
    const kinds = new Set(byName('enforce').rules.flatMap(({ resources }) => resources))
    expect([...kinds].toSorted()).toEqual(
      [
        'cronjobs',
        'daemonsets',
        'deployments',
        'jobs',
        'pods',
        'pods/ephemeralcontainers',
        'replicasets',
        'replicationcontrollers',
        'statefulsets',
      ].toSorted(),
    )
  })

  test('every namespace is judged by exactly one of them, whatever its label says, but for those that are excluded', () => {
    const matches = (hook: Webhook, labels: Readonly<Record<string, string>>) =>
      hook.namespaceSelector.matchExpressions.every(({ key, operator, values }) => {
        const value = labels[key]
        return operator === 'In'
          ? value !== undefined && values.includes(value)
          : value === undefined || !values.includes(value)
      })
    const validating = manifests.find(({ kind }) => kind === 'ValidatingWebhookConfiguration')!.webhooks!
    const judgedBy = (name: string, label?: string) =>
      validating
        .filter((hook) =>
          matches(hook, {
            'kubernetes.io/metadata.name': name,
            ...(label === undefined ? {} : { 'countersign.dev/gate': label }),
          }),
        )
        .map((hook) => hook.clientConfig.service.path.split('/').at(-1))
    expect(judgedBy('shop')).toEqual(['enforce'])
    for (const label of ['enforce', '', 'off', 'Observe'])
      expect([label, judgedBy('shop', label)]).toEqual([label, ['enforce']])
    expect(judgedBy('shop', 'warn')).toEqual(['warn'])
    expect(judgedBy('shop', 'observe')).toEqual(['observe'])
    // A label lowers nothing there.
    for (const label of ['observe', 'warn']) expect(judgedBy('production', label)).toContain('enforce')
    expect(judgedBy('kube-system')).toEqual([])
  })
})
