export type { AnchorProved } from './proved.ts'
