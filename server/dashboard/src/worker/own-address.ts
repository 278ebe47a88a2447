/** As far as we need it of W3C Trusted Types, which not every browser has. */
interface TrustedPolicy {
  createScriptURL(url: string): { toString(): string }
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): TrustedPolicy
}
let policy: TrustedPolicy | undefined

/** Where the build puts what it names; nothing else is ever made a worker of. */
const OWN = /^\/assets\/[A-Za-z0-9._-]+\.js$/

/** The address of a worker of our own build, as the policy that the server sends with the page demands it. */
export function ownAddress(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return url
  policy ??= trustedTypes.createPolicy('countersign-worker', {
    createScriptURL: (asked) => {
      if (OWN.test(asked)) return asked
      throw new TypeError('no worker of ours')
    },
  })
  return policy.createScriptURL(url) as string
}
