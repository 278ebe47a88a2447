import { Copy } from './copy.tsx'

/** Something to type into a shell. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div class="command">
      <pre tabIndex={0} aria-label="Command">
        <code>{text}</code>
      </pre>
      <Copy text={text} what="the command" />
    </div>
  )
}
