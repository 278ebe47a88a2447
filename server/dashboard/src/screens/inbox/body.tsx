import { useSignal } from '@preact/signals'
import { getBytes, Problem } from '../../api.ts'
import { Trouble } from '../../parts/loaded.tsx'

/** Saves what was refused, as it came: it is hostile until somebody knows better, so the page never reads it. */
export function Body({ id }: { readonly id: number }) {
  const problem = useSignal<Problem | null>(null)
  const save = async () => {
    problem.value = null
    try {
      const bytes = await getBytes(`/v1/inbox/${id}/body`)
      const url = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/octet-stream' }))
      const link = document.createElement('a')
      link.href = url
      link.download = `refused-${id}.bin`
      link.click()
      URL.revokeObjectURL(url)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    }
  }
  return (
    <>
      <p>
        <button type="button" class="button" onClick={() => void save()}>
          Save its body<span class="sr"> of refusal {id}</span>
        </button>
      </p>
      {problem.value === null ? null : <Trouble problem={problem.value} />}
    </>
  )
}
