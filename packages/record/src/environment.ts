/** An environment as the root of the program read it. */
export type Environment = { readonly [name: string]: string | undefined }

/** Names that carry the recorder's own secrets; the wrapped command and its children have no use for them. */
function isRecorderSecret(name: string): boolean {
  const upper = name.toUpperCase()
  return (
    upper === 'COUNTERSIGN_TOKEN' ||
    // What an action was given beside its command; no shell can name it.
    upper === 'INPUT_GITHUB-TOKEN' ||
    upper.startsWith('COUNTERSIGN_ID_TOKEN') ||
    upper.startsWith('COUNTERSIGN_KEY')
  )
}

/** The environment a wrapped command gets: all but the signing key's and the server's secrets, plus the hand-over token. */
export function commandEnvironment(environment: Environment, token: string | null): Record<string, string> {
  const given: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !isRecorderSecret(name)) given[name] = value
  }
  if (token !== null) given['COUNTERSIGN_CHAIN'] = token
  return given
}
