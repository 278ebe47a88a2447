export type { IdentityTokens } from './identity-tokens.ts'
export { signStatement } from './sign-statement.ts'
export type { Signer } from './signer.ts'
