export { type Bundle, type KeyMaterial, parseBundle, readBundle, writeBundle } from './bundle.ts'
export { MAX_CHAIN_BYTES, MAX_CHAIN_LINES, parseChainFile, writeChainFile } from './chain-file.ts'
export * from './constants.ts'
export { type Envelope, linkDigest, linkDigestOfPae, pae } from './dsse.ts'
export { parseReceipt, type Receipt, readReceipt, writeReceipt } from './receipt.ts'
export { type DigestSet, type FileMode, parseStatement, type Resource, type Statement } from './statement.ts'
export {
  type ChainRef,
  type ClaimedIdentity,
  type Invocation,
  isMatrixKey,
  isName,
  parseStep,
  type PreviousRef,
  readStep,
  type Runner,
  type StepPredicate,
  type StepRef,
  type StepStatement,
  succeeded,
  writeStep,
} from './step.ts'
export { type HandoverToken, MAX_TOKEN_LINKS, parseToken, writeToken } from './token.ts'
export { compareTreePaths, parseTree, type TreeEntry, treeLine } from './tree.ts'
