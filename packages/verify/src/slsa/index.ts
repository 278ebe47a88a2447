export { builderUri, CHAIN_BUILD_TYPE, type ProvenanceInput, SLSA_PROVENANCE, slsaProvenance } from './provenance.ts'
export { SLSA_SUMMARY, slsaSummary, type SummaryInput } from './summary.ts'
