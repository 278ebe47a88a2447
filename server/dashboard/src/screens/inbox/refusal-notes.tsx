import { useSignal } from '@preact/signals'
import { Notes } from '../proof/notes.tsx'

/** What people say of something that was refused, by the digest of its body; asked for when somebody wants to know. */
export function RefusalNotes({ id, digest }: { readonly id: number; readonly digest: string }) {
  const open = useSignal(false)
  if (!open.value) {
    return (
      <p>
        <button type="button" class="button" onClick={() => (open.value = true)}>
          Notes<span class="sr"> on refusal {id}</span>
        </button>
      </p>
    )
  }
  return (
    <Notes
      about={[`refusal/${digest}`]}
      subjects={[{ kind: 'refusal', digest, title: 'what was refused', href: null }]}
      signers={[]}
      id={`notes-${id}`}
    />
  )
}
