import { Copy } from '../../parts/copy.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { PageHead } from '../../parts/section.tsx'
import type { ScreenProps } from '../../screens.ts'
import { Asked } from './asked.tsx'
import { underText } from '../../worker/under.ts'
import { Approvals } from '../proof/approvals.tsx'
import { Disputed, ProofNotes } from '../proof/notes.tsx'
import { Outside, TryIt } from '../proof/outside.tsx'
import { StepDetail } from '../proof/step.tsx'
import { StepsTable } from '../proof/steps-table.tsx'
import { type Proof, useProof } from '../proof/use-proof.ts'
import { Findings, Verdict } from '../proof/verdict.tsx'
import { Way } from '../proof/way.tsx'

/** What built this digest? */
export default function Artifact({ params }: ScreenProps) {
  const digest = (params['digest'] ?? '').replace(/^sha256:/, '')
  if (!/^[0-9a-f]{64}$/.test(digest)) {
    return (
      <>
        <PageHead title="Artifact" />
        <Empty title="That is no digest of an artifact">
          A SHA-256 has 64 hex digits. Search for the part that you have.
        </Empty>
      </>
    )
  }
  return <Known digest={digest} />
}

function Known({ digest }: { readonly digest: string }) {
  const proof = useProof({ artifact: digest })
  const { seen, problem } = proof
  const unheard = problem?.code === 'evidence-unavailable'
  return (
    <>
      <PageHead title={seen?.file ?? 'Artifact'}>
        <p class="whole-line">
          What built <code class="wrap">sha256:{digest}</code>
          <Copy text={`sha256:${digest}`} what="the digest" />
        </p>
      </PageHead>
      {unheard ? (
        <>
          <Empty title="Nobody vouches for these bytes here" command="countersign verify FILE">
            No step that this server knows made or received them. Record the step that makes them, or ask the file
            itself.
          </Empty>
          <Asked digest={digest} />
        </>
      ) : (
        <Shown proof={proof} digest={digest} />
      )}
    </>
  )
}

function Shown({ proof, digest }: { readonly proof: Proof; readonly digest: string }) {
  const { seen, said, tampered } = proof
  return (
    <>
      <Verdict proof={proof} about={seen === null ? '' : <About proof={proof} />} />
      <Disputed about={`artifact/${digest}`} />
      <Approvals proof={proof} />
      {seen === null && said === null ? null : <Way proof={proof} />}
      {seen === null ? null : (
        <StepDetail seen={seen} flip={tampered === null ? (link) => proof.flip('payload', link) : null} />
      )}
      {seen === null ? null : <Findings seen={seen} />}
      <StepsTable seen={seen} said={said} />
      {seen === null ? null : <ProofNotes seen={seen} artifact={digest} />}
      {seen === null ? null : <Outside seen={seen} />}
      <Asked digest={digest} />
      <TryIt proof={proof} name={digest.slice(0, 12)} />
    </>
  )
}

/** Of which runs, under which contract: of those that made it, the one that proves it. */
function About({ proof }: { readonly proof: Proof }) {
  const seen = proof.seen!
  const { chains, pipelines, passed } = seen
  const others = passed === null ? chains : chains.filter((chain) => chain !== passed.chain)
  return (
    <>
      {passed?.pipeline ?? (pipelines.join(', ') || 'no pipeline')}, {underText(seen, passed)}
      {passed === null ? null : (
        <>
          , in run <Digest value={passed.chain} href={`/run/${passed.chain}`} />
        </>
      )}
      {others.length === 0 ? null : passed !== null ? (
        <>. It does not rest on what made or received it beside: {runsText(others.length)}</>
      ) : (
        `, in ${runsText(others.length)}`
      )}
      {others.slice(0, 10).map((chain, i) => (
        <span key={chain}>
          {i === 0 ? ' ' : ', '}
          <Digest value={chain} href={`/run/${chain}`} />
        </span>
      ))}
    </>
  )
}

function runsText(number: number): string {
  return number === 1 ? 'run' : `${number} runs:`
}
