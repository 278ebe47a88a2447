export { builderUri, CHAIN_BUILD_TYPE, type ProvenanceInput, SLSA_PROVENANCE, slsaProvenance } from './provenance.ts'
export { MAX_SUMMARY_BYTES, passedSummary, type PassedSummary, type SummaryDemand } from './read-summary.ts'
export { SLSA_SUMMARY, slsaSummary, type SummaryInput } from './summary.ts'
