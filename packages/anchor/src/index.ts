export type {
  Anchor,
  AnchorCheck,
  AnchorCost,
  AnchorJob,
  AnchorMove,
  AnchorPhase,
  AnchorState,
} from './anchor.ts'
