export { type AfterInput, type Aftermath, observeAfter } from './after.ts'
export type { CiFacts, CiProvider } from './ci-provider.ts'
export {
  type CommandInput,
  FORWARDED_SIGNALS,
  type ForwardedSignal,
  type Outcome,
  runCommand,
  type SignalSource,
} from './command.ts'
export { commandEnvironment, type Environment } from './environment.ts'
export { findExecutable, trustedPath } from './executable.ts'
export { findCheckout } from './git.ts'
export { observe, type ObserveInput, recheck } from './observe.ts'
export type { Progress, Watch } from './pace.ts'
export { RECORDED_NAMES, recordedEnvironment } from './recorded-environment.ts'
export { REDACTED, Redactor } from './redact.ts'
export { withoutCredentials } from './redact-url.ts'
export { describeRunner, type RunnerInput } from './runner.ts'
export { type SealedStep, sealStep } from './seal.ts'
export { checkPattern } from './selection.ts'
export { recheckSource, type SavedSource, SOURCE_NAME, type Source, sourceOf, type SourceInput } from './source.ts'
export { type DraftInput, draftStep, type FinishedStep, type FinishInput, finishStep, type StepDraft } from './step.ts'
export { toolVersions } from './tool-versions.ts'
export type { ManifestSink } from './tree-hash.ts'
