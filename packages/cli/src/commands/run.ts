import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { claimedCi } from '@countersign/adapters/ci-claimed'
import { openKeyFile } from '@countersign/adapters/signer-file'
import type { Appended } from '@countersign/client'
import { CodedError, type ErrorReport } from '@countersign/core'
import { type Bundle, isMatrixKey, isName, linkDigest, type Resource, writeChainFile, writeToken } from '@countersign/formats'
import { finishStep, observe, runCommand, sourceOf } from '@countersign/record'
import { type Signer, signStatement } from '@countersign/sign'
import { clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto, sidecarOf } from '../evidence.ts'
import { writeWhole } from '../files.ts'
import { takeOver, wayBack } from '../handover.ts'
import { errorText, paintFor } from '../output.ts'
import { progressBar } from '../progress.ts'
import { type Recorded, recordedJson, recordedText } from '../recorded.ts'

export interface RunOptions {
  readonly step: string
  readonly materials?: readonly string[]
  readonly products?: readonly string[]
  readonly pipeline?: string
  readonly contract?: string
  readonly key?: string
  readonly matrix?: string
  readonly attempt?: string
  readonly previous?: readonly string[]
  readonly trust?: readonly string[]
  readonly chainOut?: string
  readonly env?: readonly string[]
  readonly evidence?: readonly string[]
  readonly tools?: readonly string[]
  readonly git: boolean
  readonly offline?: boolean
  readonly json?: boolean
}
