export type {
  Anchor,
  AnchorCheck,
  AnchorCost,
  AnchorJob,
  AnchorMove,
  AnchorPhase,
  AnchorState,
} from './anchor.ts'
export { type AnchorGap, gapOf, type NewestStatement } from './gap.ts'
export { type AnchorEvent, AnchorLane, type LaneDeps, type PublishedStatements } from './lane.ts'
export { type AnchorPace, backOff, DEFAULT_PACE } from './outcome.ts'
export {
  addCosts,
  type AnchoredStatement,
  type AnchorEntry,
  type AnchorFault,
  type AnchorSetUp,
  type AnchorStep,
  type AnchorStore,
  type AnchorTotals,
  checkStep,
  isAnchorName,
  queued,
  revived,
} from './store.ts'
