import { useSignal } from '@preact/signals'
import { Icon } from './icon.tsx'

/** Puts a text into the clipboard. `what` says which, for those who do not see the text beside it. */
export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const done = useSignal(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    done.value = true
    setTimeout(() => {
      done.value = false
    }, 1500)
  }
  return (
    <button type="button" class="copy" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      <Icon name="copy" />
      <span class="copied" role="status">
        {done.value ? 'copied' : ''}
      </span>
    </button>
  )
}
