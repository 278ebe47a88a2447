import { adviseContract, type Contract, diffContracts, lintContract, parseContract } from '@countersign/contract'
import { CodedError, type ConcurrentCrypto, utf8 } from '@countersign/core'
import { isReceipt, parseChainFile } from '@countersign/formats'
import { readChainConcurrently, replayRun, trustOf } from '@countersign/verify'
import type { Judged, LabAsked, LabReplayed, Linted } from './messages.ts'

/** Everything that is wrong with a draft; of a sound one what it changes. */
export function lintDraft(draft: string, inForce: string | null): Linted {
  const bytes = utf8(draft)
  const faults = lintContract(bytes)
  if (faults.length > 0) return { faults, advice: [], changes: null, pipeline: null, revision: null, steps: [] }
  const contract = parseContract(bytes)
  const before = inForce === null ? null : parseContract(utf8(inForce))
  return {
    faults: [...misplaced(contract, before)],
    advice: adviseContract(bytes),
    changes: before === null ? null : diffContracts(before, contract),
    pipeline: contract.pipeline,
    revision: contract.revision,
    steps: [...contract.steps.keys()],
  }
}

/** What the server would refuse of a draft that is a contract by itself. */
function misplaced(draft: Contract, inForce: Contract | null): Linted['faults'] {
  if (inForce === null || (draft.pipeline === inForce.pipeline && draft.revision > inForce.revision)) return []
  const at = { line: 1, column: 1, code: 'contract-superseded' as const }
  if (draft.pipeline !== inForce.pipeline) {
    return [
      {
        ...at,
        code: 'contract-invalid',
        what: `is for pipeline ${draft.pipeline}`,
        fix: `Write pipeline: ${inForce.pipeline}`,
      },
    ]
  }
  return [
    {
      ...at,
      what: `is revision ${draft.revision}`,
      fix: `Write revision: ${inForce.revision + 1}, for ${inForce.revision} is in force.`,
    },
  ]
}

/**
 * What a draft would have said of a run, and what the contract in force says of it. Signatures are checked under the keys and
 * authorities that each contract names itself; the public Sigstore's, which it only pins, are not known here.
 */
export async function replayBoth(
  { draft, inForce, run, chain }: Omit<Extract<LabAsked, { kind: 'replay' }>, 'kind'>,
  crypto: ConcurrentCrypto,
): Promise<LabReplayed> {
  const lines = parseChainFile(chain)
  const judged = async (text: string): Promise<Judged> => {
    const contract = parseContract(utf8(text))
    const trust = trustOf(contract)
    // Under a contract that asks no log for anything a receipt of one is no reason.
    const asked = trust.countersigners.length > 0 ? lines : lines.filter((line) => !isReceipt(line))
    const read = await readChainConcurrently(asked, trust, crypto)
    const { passed, findings } = replayRun(contract, read, run)
    return { passed, findings }
  }
  return { run, before: inForce === null ? null : await judged(inForce), after: await judged(draft) }
}

/** What a replay found, in numbers. */
export interface Radius {
  readonly runs: number
  readonly blocked: number
  /** That the contract in force lets through. */
  readonly newly: number
  /** That it blocks, and the draft would not. */
  readonly freed: number
  /** In how many runs each code was found by the draft, most first. */
  readonly codes: readonly (readonly [code: string, runs: number])[]
}

export function radiusOf(replayed: readonly LabReplayed[]): Radius {
  const codes = new Map<string, number>()
  for (const { after } of replayed) {
    for (const code of new Set(after.findings.map((one) => one.code))) codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  const count = (is: (one: LabReplayed) => boolean) => replayed.filter(is).length
  return {
    runs: replayed.length,
    blocked: count(({ after }) => !after.passed),
    newly: count(({ before, after }) => before !== null && before.passed && !after.passed),
    freed: count(({ before, after }) => before !== null && !before.passed && after.passed),
    codes: [...codes].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)),
  }
}

/** The draft as a contract; null where it is none. */
export function contractOf(text: string): Contract | null {
  try {
    return parseContract(utf8(text))
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}
