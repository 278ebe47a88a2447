export { assemble, type Assembled, type Assembling, type BelievedBy, type HeldContract } from './assemble.ts'
export { type Enrolled, keysOf } from './enrolled.ts'
export { ownBasis, type RunBasis } from './own-basis.ts'
export { anchoredOf, rootsFor } from './statements.ts'
