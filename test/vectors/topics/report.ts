import { bad, documents, OTHER, type Says, SHA256 } from './report-kit.ts'
import { statements } from './report-statement.ts'
import type { Topic } from './topic.ts'

const SHA512 = 'c3'.repeat(64)
const unknown = 'report-unknown'

const SPDX = {
  spdxVersion: 'SPDX-2.3',
  dataLicense: 'CC0-1.0',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'web',
  documentNamespace: 'https://shop.test/sbom/web',
  creationInfo: { created: '2026-11-20T12:00:00Z', creators: ['Tool: maker-1'] },
  packages: [
    {
      SPDXID: 'SPDXRef-web',
      name: 'web',
      downloadLocation: 'NOASSERTION',
      checksums: [
        { algorithm: 'SHA1', checksumValue: 'd4'.repeat(20) },
        { algorithm: 'SHA256', checksumValue: SHA256 },
      ],
    },
    {
      SPDXID: 'SPDXRef-dep',
      name: 'dep',
      downloadLocation: 'NOASSERTION',
      checksums: [{ algorithm: 'SHA256', checksumValue: OTHER }],
    },
  ],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-web' },
    { spdxElementId: 'SPDXRef-web', relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'SPDXRef-dep' },
  ],
}
const SPDX_SAYS: Says = {
  type: 'spdx',
  mediaType: 'application/spdx+json',
  about: [{ sha256: SHA256 }],
  facts: { version: '2.3', packages: 2, files: 0 },
}

const SPDX3 = {
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    { type: 'SpdxDocument', spdxId: 'urn:doc', rootElement: ['urn:sbom'] },
    { type: 'software_Sbom', spdxId: 'urn:sbom', rootElement: ['urn:web'] },
    {
      type: 'software_Package',
      spdxId: 'urn:web',
      name: 'web',
      verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: SHA256 }],
    },
    {
      type: 'software_Package',
      spdxId: 'urn:dep',
      name: 'dep',
      verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: OTHER }],
    },
  ],
}

const BOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  version: 1,
  metadata: {
    component: { type: 'application', name: 'web', hashes: [{ alg: 'SHA-256', content: SHA256 }] },
  },
  components: [
    { type: 'library', name: 'dep', version: '1.0.0', hashes: [{ alg: 'SHA-256', content: OTHER }] },
    { type: 'library', name: 'far', version: '2.0.0' },
  ],
}
const BOM_SAYS: Says = {
  type: 'cyclonedx',
  mediaType: 'application/vnd.cyclonedx+json',
  about: [{ sha256: SHA256 }],
  facts: { version: '1.6', components: 2, vulnerabilities: 0 },
}

const BOM_VEX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  vulnerabilities: [
    { id: 'CVE-2026-1', analysis: { state: 'not_affected', justification: 'code_not_reachable' } },
    { id: 'CVE-2026-2', analysis: { state: 'exploitable' } },
    { id: 'CVE-2026-3' },
  ],
}

const VEX = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://shop.test/vex/1',
  author: 'shop',
  timestamp: '2026-11-20T12:00:00Z',
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2026-1' },
      products: [{ '@id': 'pkg:generic/web@1', hashes: { 'sha-256': SHA256 } }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
    },
    {
      vulnerability: { name: 'CVE-2026-2' },
      products: [{ '@id': 'pkg:generic/web@1' }],
      status: 'fixed',
    },
  ],
}
const VEX_FACTS = { version: '0.2.0', statements: 2, affected: 0, notAffected: 1, fixed: 1, underInvestigation: 0 }
const VEX_SAYS: Says = {
  type: 'openvex',
  mediaType: 'application/json',
  about: [{ sha256: SHA256 }],
  facts: { ...VEX_FACTS, excused: 'CVE-2026-1' },
}

const NO_FOUND = { critical: 0, high: 0, medium: 0, low: 0, unrated: 0 }
const SARIF = {
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: { name: 'scan', rules: [{ id: 'A', defaultConfiguration: { level: 'error' } }, { id: 'B' }] },
      },
      invocations: [{ executionSuccessful: true }],
      results: [
        { ruleId: 'A', message: { text: 'by its rule' } },
        { ruleId: 'A', level: 'note', message: { text: 'by itself' } },
        { ruleId: 'B', message: { text: 'by default' } },
        { ruleId: 'A', kind: 'pass', message: { text: 'none' } },
        { ruleId: 'A', message: { text: 'accepted' }, suppressions: [{ kind: 'external' }] },
      ],
    },
  ],
}
const SARIF_FACTS = {
  tool: 'scan',
  runs: 1,
  complete: true,
  results: 5,
  errors: 1,
  warnings: 1,
  notes: 1,
  suppressed: 1,
  ...NO_FOUND,
  unrated: 2,
  unratedIds: 'A B',
}
const { unratedIds: _, ...SARIF_NOTHING } = SARIF_FACTS
const SARIF_SAYS: Says = { type: 'sarif', mediaType: 'application/sarif+json', about: [], facts: SARIF_FACTS }

const junit = (inner: string, head = '<?xml version="1.0" encoding="UTF-8"?>\n') =>
  `${head}<testsuites name="all">${inner}</testsuites>\n`
const SUITE =
  '<testsuite name="s" tests="3" failures="1"><properties><property name="a" value="b &amp; &#99;"/></properties>' +
  '<testcase name="one"/><testcase name="two"><failure message="no">text &lt; <![CDATA[ <raw> ]]></failure></testcase>' +
  '<testcase name="three"><skipped/></testcase></testsuite>'
const JUNIT_SAYS = (facts: object) => ({
  type: 'junit',
  mediaType: 'application/xml',
  about: [],
  facts: { tests: 3, failures: 1, errors: 0, skipped: 1, ...facts },
})
const xml = (text: string, facts: object = {}) => ({ text, says: JUNIT_SAYS(facts) })
const notXml = (text: string, error = bad) => ({ text, error })

export const reports: Topic = {
  name: 'report',
  vectors: {
    ...documents('spdx', SPDX, SPDX_SAYS, [
      ['version-2.2', 'spdxVersion', 'SPDX-2.2', { facts: { ...SPDX_SAYS.facts, version: '2.2' } }],
      ['version-2.9', 'spdxVersion', 'SPDX-2.9', bad],
      ['version-a-number', 'spdxVersion', 2.3, bad],
      ['id-of-something-else', 'SPDXID', 'SPDXRef-web', bad],
      ['creation-missing', 'creationInfo', undefined, bad],
      ['packages-an-object', 'packages', {}, bad],
      ['package-without-id', 'packages.0.SPDXID', undefined, bad],
      ['describes-nothing', 'relationships', [], { about: [] }],
      [
        'describes-by-the-old-member',
        'documentDescribes',
        ['SPDXRef-dep'],
        { about: [{ sha256: SHA256 }, { sha256: OTHER }] },
      ],
      [
        'digest-sha1-alone',
        'packages.0.checksums',
        [{ algorithm: 'SHA1', checksumValue: 'd4'.repeat(20) }],
        { about: [] },
      ],
      ['digest-of-another-length', 'packages.0.checksums.1.checksumValue', 'a1', { about: [] }],
      ['digest-in-capitals', 'packages.0.checksums.1.checksumValue', SHA256.toUpperCase(), {}],
      ['is-cyclonedx-too', 'bomFormat', 'CycloneDX', bad],
      ['is-a-statement-too', '_type', 'https://in-toto.io/Statement/v1', bad],
    ]),
    ...documents('spdx3', SPDX3, { ...SPDX_SAYS, facts: { version: '3.0.1', packages: 2, files: 0 } }, [
      ['context-of-another-version', '@context', 'https://spdx.org/rdf/4.0.0/spdx-context.jsonld', bad],
      ['context-a-list', '@context', ['https://spdx.org/rdf/3.0.1/spdx-context.jsonld'], bad],
      ['two-documents', '@graph.1.type', 'SpdxDocument', bad],
      ['no-document', '@graph.0.type', 'software_Sbom', bad],
      ['root-unknown', '@graph.1.rootElement', ['urn:nobody'], { about: [] }],
      ['graph-an-object', '@graph', {}, bad],
      ['member-beside', 'spdxId', 'urn:x', bad],
    ]),
    ...documents('cyclonedx', BOM, BOM_SAYS, [
      ['version-1.4', 'specVersion', '1.4', { facts: { ...BOM_SAYS.facts, version: '1.4' } }],
      ['version-1.3', 'specVersion', '1.3', bad],
      ['version-2.0', 'specVersion', '2.0', bad],
      ['format-in-lower-case', 'bomFormat', 'cyclonedx', bad],
      ['component-without-hashes', 'metadata.component.hashes', undefined, { about: [] }],
      ['metadata-missing', 'metadata', undefined, { about: [] }],
      [
        'digest-sha512-beside',
        'metadata.component.hashes.1',
        { alg: 'SHA-512', content: SHA512 },
        { about: [{ sha256: SHA256, sha512: SHA512 }] },
      ],
      ['digest-md5-alone', 'metadata.component.hashes.0', { alg: 'MD5', content: 'd4'.repeat(16) }, { about: [] }],
      ['components-an-object', 'components', {}, bad],
      [
        'vulnerabilities-beside',
        'vulnerabilities',
        [{ id: 'CVE-2026-1' }],
        {
          facts: { ...BOM_SAYS.facts, vulnerabilities: 1, ...NO_FOUND, unrated: 1, unratedIds: 'CVE-2026-1' },
        },
      ],
      [
        'vulnerability-rated-twice',
        'vulnerabilities',
        [{ id: 'CVE-2026-1', ratings: [{ severity: 'low' }, { severity: 'critical' }] }],
        { facts: { ...BOM_SAYS.facts, vulnerabilities: 1, ...NO_FOUND, critical: 1, criticalIds: 'CVE-2026-1' } },
      ],
      [
        'vulnerability-excused-beside',
        'vulnerabilities',
        [{ id: 'CVE-2026-1', ratings: [{ severity: 'high' }], analysis: { state: 'not_affected' } }],
        { facts: { ...BOM_SAYS.facts, vulnerabilities: 1, ...NO_FOUND } },
      ],
      ['vulnerabilities-none', 'vulnerabilities', [], { facts: { ...BOM_SAYS.facts, ...NO_FOUND } }],
    ]),
    ...documents(
      'cyclonedx-vex',
      BOM_VEX,
      {
        type: 'cyclonedx-vex',
        mediaType: 'application/vnd.cyclonedx+json',
        about: [],
        facts: {
          version: '1.5',
          vulnerabilities: 3,
          exploitable: 1,
          inTriage: 0,
          resolved: 0,
          falsePositive: 0,
          notAffected: 1,
          unjudged: 1,
          excused: 'CVE-2026-1',
        },
      },
      [
        ['state-unknown', 'vulnerabilities.0.analysis.state', 'fine', bad],
        ['state-a-list', 'vulnerabilities.0.analysis.state', ['not_affected'], bad],
      ],
    ),
    ...documents('openvex', VEX, VEX_SAYS, [
      ['context-v0.0.1', '@context', 'https://openvex.dev/ns/v0.0.1', bad],
      ['context-without-a-version', '@context', 'https://openvex.dev/ns', bad],
      ['statements-empty', 'statements', [], bad],
      ['status-unknown', 'statements.0.status', 'fine', bad],
      ['status-missing', 'statements.0.status', undefined, bad],
      [
        'products-missing',
        'statements.0.products',
        undefined,
        { about: [], facts: { ...VEX_FACTS, excused: 'CVE-2026-1 CVE-2026-2' } },
      ],
      [
        'product-of-another-statement',
        'statements.1.products.0.hashes',
        { 'sha-256': OTHER },
        { about: [{ sha256: SHA256 }, { sha256: OTHER }], facts: VEX_FACTS },
      ],
      [
        'contradicted-by-another-statement',
        'statements.1',
        { vulnerability: { name: 'CVE-2026-1' }, status: 'affected' },
        { facts: { ...VEX_FACTS, affected: 1, fixed: 0 } },
      ],
      [
        'aliases',
        'statements.0.vulnerability.aliases',
        ['GHSA-aaaa-bbbb-cccc'],
        { facts: { ...VEX_FACTS, excused: 'CVE-2026-1 GHSA-aaaa-bbbb-cccc' } },
      ],
    ]),
    ...documents('sarif', SARIF, SARIF_SAYS, [
      ['version-2.0', 'version', '2.0.0', bad],
      ['runs-empty', 'runs', [], bad],
      [
        'results-missing',
        'runs.0.results',
        undefined,
        {
          facts: {
            ...SARIF_NOTHING,
            complete: false,
            results: 0,
            errors: 0,
            warnings: 0,
            notes: 0,
            suppressed: 0,
            unrated: 0,
          },
        },
      ],
      [
        'results-in-another-file',
        'runs.0.externalPropertyFileReferences',
        { results: [{ location: { uri: 'r.sarif' } }] },
        bad,
      ],
      [
        'tool-failed',
        'runs.0.invocations.0.executionSuccessful',
        false,
        { facts: { ...SARIF_FACTS, complete: false } },
      ],
      [
        'suppression-rejected',
        'runs.0.results.4.suppressions.0.status',
        'rejected',
        { facts: { ...SARIF_FACTS, errors: 2, suppressed: 0 } },
      ],
      [
        'suppressions-empty',
        'runs.0.results.4.suppressions',
        [],
        { facts: { ...SARIF_FACTS, errors: 2, suppressed: 0 } },
      ],
      [
        'security-severity-of-a-rule',
        'runs.0.tool.driver.rules.0.properties',
        { 'security-severity': '9.1' },
        { facts: { ...SARIF_FACTS, critical: 1, criticalIds: 'A', unrated: 1, unratedIds: 'B' } },
      ],
      [
        'security-severity-of-a-rule-a-number',
        'runs.0.tool.driver.rules.0.properties',
        { 'security-severity': 7 },
        { facts: { ...SARIF_FACTS, high: 1, highIds: 'A', unrated: 1, unratedIds: 'B' } },
      ],
      [
        'security-severity-of-nothing',
        'runs.0.tool.driver.rules.0.properties',
        { 'security-severity': '0.0' },
        { facts: { ...SARIF_FACTS, unrated: 1, unratedIds: 'B' } },
      ],
      [
        'security-severity-no-score',
        'runs.0.tool.driver.rules.0.properties',
        { 'security-severity': '11' },
        { facts: SARIF_FACTS },
      ],
      [
        'id-with-a-space',
        'runs.0.results.2.ruleId',
        'CVE-2026-1 CVE-2026-2',
        { facts: { ...SARIF_FACTS, unratedIds: 'A' } },
      ],
      ['level-unknown', 'runs.0.results.1.level', 'fatal', bad],
      ['tool-without-a-name', 'runs.0.tool.driver.name', undefined, bad],
      ['tool-of-control-characters', 'runs.0.tool.driver.name', 'a\u001b[2J', bad],
    ]),
    ...statements,
    junit: xml(junit(SUITE)),
    'junit-one-suite': xml(SUITE),
    'junit-with-a-byte-order-mark': xml(`\ufeff${junit(SUITE)}`),
    'junit-that-shows-less-than-it-says': xml(SUITE.replace('failures="1"', 'failures="4"'), { failures: 4 }),
    'junit-that-says-less-than-it-shows': xml(SUITE.replace('failures="1"', 'failures="0"')),
    'junit-nested': xml(junit(`<testsuite name="outer">${SUITE}</testsuite>`)),
    'junit-empty': xml('<testsuites/>', { tests: 0, failures: 0, skipped: 0 }),
    'junit-count-no-number': notXml(SUITE.replace('failures="1"', 'failures="none"')),
    'xml-of-another-kind': notXml('<html/>', unknown),
    'xml-document-type': notXml(`<!DOCTYPE testsuites [<!ENTITY a "b">]>${SUITE}`),
    'xml-external-entity': notXml(
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>`,
    ),
    'xml-entity-of-nobody': notXml('<testsuite name="&x;"/>'),
    'xml-entity-of-nobody-in-text': notXml('<testsuite>&x;</testsuite>'),
    'xml-processed-entity-bomb': notXml(`<testsuite name="${'&lol;'.repeat(10)}"/>`),
    'xml-deep': notXml(`${'<testsuite>'.repeat(65)}${'</testsuite>'.repeat(65)}`),
    'xml-attribute-twice': notXml('<testsuite failures="0" failures="1"/>'),
    'xml-closed-by-another': notXml('<testsuite><testcase></testsuite></testcase>'),
    'xml-not-closed': notXml('<testsuite><testcase/>'),
    'xml-two-roots': notXml('<testsuite/><testsuite/>'),
    'xml-text-after': notXml('<testsuite/>more'),
    'xml-no-element': notXml('<!-- nothing -->'),
    'xml-comment-open': notXml('<testsuite/><!-- '),
    'xml-in-utf-16-by-its-word': notXml(`<?xml version="1.0" encoding="UTF-16"?>${SUITE}`),
    'xml-tag-in-a-value': notXml('<testsuite name="<testcase/>"/>'),
    'xml-value-without-quotes': notXml('<testsuite failures=0/>'),
    'xml-null-character': notXml('<testsuite name="a\u0000"/>'),
    'xml-null-character-by-number': notXml('<testsuite name="&#0;"/>'),
    'xml-surrogate-by-number': notXml('<testsuite name="&#xd800;"/>'),
    text: notXml('all good', unknown),
    nothing: notXml('', unknown),
    'json-list': notXml('[]', unknown),
    'json-of-no-type': notXml('{}', unknown),
    'json-key-twice': notXml('{"bomFormat":"CycloneDX","specVersion":"1.6","specVersion":"1.5"}'),
    'json-deep': notXml(`{"runs":${'['.repeat(100)}${']'.repeat(100)},"version":"2.1.0"}`),
    'json-prototype': notXml('{"__proto__":{},"bomFormat":"CycloneDX","specVersion":"1.6"}'),
  },
}
