import { getBytes } from '../api.ts'
import { token } from '../session.ts'

/** What the page is drawn from, as the API gives it. */
export function JsonLink({ path }: { readonly path: string }) {
  // A link takes a cookie along, and no pasted token: then the answer is fetched here, and saved.
  const save = async () => {
    const bytes = await getBytes(path)
    const url = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/json' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${path
      .replace(/^\/v1\//, '')
      .replace(/\?.*$/, '')
      .replaceAll('/', '-')}.json`
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <a
      class="button"
      href={path}
      onClick={(event) => {
        if (token.value === null) return
        event.preventDefault()
        void save()
      }}
    >
      JSON
    </a>
  )
}
