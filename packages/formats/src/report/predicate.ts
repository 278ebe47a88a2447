import { CodedError, type JsonObject } from '@countersign/core'
import { looseOf } from '../anchor/signing-config.ts'
import type { Facts } from '../report-ref.ts'
import type { ObjectShape, Shape } from '../shape.ts'
import { cyclonedx } from './cyclonedx.ts'
import type { Reader } from './document.ts'
import { readLinkPredicate } from './link.ts'
import { openvex } from './openvex.ts'
import { factText, MAX_ITEMS } from './reading.ts'
import { spdx2, spdx3 } from './spdx.ts'
import { foundFacts, severityOf, worstOf } from './vulnerabilities.ts'

interface Predicate {
  readonly type: string
  readonly facts: Facts
}

type Read = (predicate: Shape) => Predicate

const PROVENANCE = 'slsa-provenance'
const MAX_DEPENDENCIES = 100_000

/** Readers by predicate type, in full: what is like one of these is none of them (T-42). */
const PREDICATES: Readonly<Record<string, Read>> = {
  'https://slsa.dev/provenance/v1': provenance1,
  'https://slsa.dev/provenance/v0.2': provenance02,
  'https://slsa.dev/verification_summary/v1': vsa,
  'https://in-toto.io/attestation/test-result/v0.1': testResult,
  'https://in-toto.io/attestation/vulns/v0.1': vulns,
  'https://in-toto.io/attestation/link/v0.3': (shape) => ({ type: 'link', facts: readLinkPredicate(shape) }),
  'https://in-toto.io/Link/v1': (shape) => ({ type: 'link', facts: readLinkPredicate(shape) }),
  'https://witness.testifysec.com/attestation-collection/v0.1': collection,
  'https://spdx.dev/Document': document(spdx2, spdx3),
  'https://spdx.dev/Document/v2.2': document(spdx2),
  'https://spdx.dev/Document/v2.3': document(spdx2),
  'https://spdx.dev/Document/v3': document(spdx3),
  'https://cyclonedx.org/bom': document(cyclonedx),
  'https://cyclonedx.org/bom/v1.4': document(cyclonedx),
  'https://cyclonedx.org/bom/v1.5': document(cyclonedx),
  'https://cyclonedx.org/bom/v1.6': document(cyclonedx),
  'https://openvex.dev/ns': document(openvex),
  'https://openvex.dev/ns/v0.2.0': document(openvex),
  'https://github.com/npm/attestation/tree/main/specs/publish/v0.1': npmPublish,
}

/** What a predicate says; one of a type without a reader is an `attestation`, of which nothing is read. */
export function readPredicate(predicateType: string, predicate: Shape): Predicate {
  const known = Object.hasOwn(PREDICATES, predicateType)
  return known ? PREDICATES[predicateType]!(predicate) : { type: 'attestation', facts: {} }
}

/** A document of its own, signed: the type of the predicate and what it holds must be one (T-42). */
function document(...readers: readonly Reader[]): Read {
  return (shape) => {
    const given: JsonObject = shape.members()
    const reader = readers.find(({ is }) => is(given))
    if (reader === undefined) {
      throw new CodedError('report-invalid', `the predicate is not ${readers.map(({ name }) => name).join(' or ')}`)
    }
    const { type, facts } = reader.read(given)
    return { type, facts }
  }
}

/** SLSA provenance v1. */
function provenance1(shape: Shape): Predicate {
  const it = looseOf(shape, ['buildDefinition', 'runDetails'])
  const definition = looseOf(it.get('buildDefinition'), ['buildType', 'externalParameters'])
  const builder = looseOf(looseOf(it.get('runDetails'), ['builder']).get('builder'), ['id'])
  return {
    type: PROVENANCE,
    facts: {
      ...textFact('builder', builder, 'id'),
      ...textFact('buildType', definition, 'buildType'),
      dependencies: countOf(definition, 'resolvedDependencies'),
    },
  }
}

/** SLSA provenance v0.2, as Tekton Chains and older generators write it. */
function provenance02(shape: Shape): Predicate {
  const it = looseOf(shape, ['builder', 'buildType'])
  return {
    type: PROVENANCE,
    facts: {
      ...textFact('builder', looseOf(it.get('builder'), ['id']), 'id'),
      ...textFact('buildType', it, 'buildType'),
      dependencies: countOf(it, 'materials'),
    },
  }
}

/** SLSA verification summary v1. */
function vsa(shape: Shape): Predicate {
  const it = looseOf(shape, ['verifier', 'resourceUri', 'policy', 'verificationResult', 'verifiedLevels'])
  const levels = it
    .get('verifiedLevels')
    .array(64)
    .map((one) => one.text(200))
  const told = factText(levels.join(' '))
  return {
    type: 'vsa',
    facts: {
      ...textFact('verifier', looseOf(it.get('verifier'), ['id']), 'id'),
      ...textFact('resource', it, 'resourceUri'),
      result: it.exactly('verificationResult', 'PASSED', 'FAILED'),
      ...(told === null ? {} : { levels: told }),
    },
  }
}

/** in-toto test-result v0.1. One that passed and names what failed is read in two ways, and so not at all. */
function testResult(shape: Shape): Predicate {
  const it = looseOf(shape, ['result', 'configuration'])
  const result = it.exactly('result', 'PASSED', 'WARNED', 'FAILED')
  const [passed, warned, failed] = [countOf(it, 'passedTests'), countOf(it, 'warnedTests'), countOf(it, 'failedTests')]
  if (result !== 'FAILED' && failed > 0) shape.fail('did not fail, and names tests that did')
  return { type: 'test-result', facts: { result, passed, warned, failed } }
}

/** in-toto vulns v0.1: what a scanner found. */
function vulns(shape: Shape): Predicate {
  const scanner = looseOf(looseOf(shape, ['scanner']).get('scanner'), ['uri', 'result'])
  const results = scanner.get('result').array(MAX_ITEMS)
  const found = results.map((one) => {
    const result = looseOf(one, ['id'])
    const ratings = result.has('severity') ? result.get('severity').array(1000) : []
    const rated = ratings.map((rating) => severityOf(looseOf(rating, ['score']).text('score')))
    return { id: result.text('id'), severity: worstOf(rated) }
  })
  return {
    type: 'vulns',
    facts: { ...textFact('tool', scanner, 'uri'), results: results.length, ...foundFacts(found) },
  }
}

/** A collection of witness: what it holds is not read. */
function collection(shape: Shape): Predicate {
  const it = looseOf(shape, ['name', 'attestations'])
  const attestations = it
    .get('attestations')
    .array(1000)
    .map((one) => looseOf(one, ['type', 'attestation']).text('type', 512))
  if (attestations.length === 0) it.get('attestations').fail('is empty')
  return { type: 'witness-collection', facts: { ...textFact('step', it, 'name'), attestations: attestations.length } }
}

function npmPublish(shape: Shape): Predicate {
  const it = looseOf(shape, ['name', 'version'])
  return { type: 'npm-publish', facts: { ...textFact('package', it, 'name'), ...textFact('version', it, 'version') } }
}

function countOf(it: ObjectShape, key: string): number {
  return it.has(key) && !it.isNull(key) ? it.get(key).array(MAX_DEPENDENCIES).length : 0
}

function textFact(name: string, it: ObjectShape, key: string): Facts {
  const told = factText(it.text(key))
  return told === null ? {} : { [name]: told }
}
