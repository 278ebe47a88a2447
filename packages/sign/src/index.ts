export { signStatement } from './sign-statement.ts'
export type { Signer } from './signer.ts'
