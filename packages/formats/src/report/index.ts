export { type Attestation, type ForeignEnvelope, type ForeignSignature } from './attestation.ts'
export { MAX_REPORT_BYTES, parseReport, readReport, type Report } from './report.ts'
export { parseXml, type Element } from './xml.ts'
export { excusedBy, SEVERITIES, type Severity, unexcused } from './vulnerabilities.ts'
