import { CodedError, isHex, utf8 } from '@countersign/core'

/** A code that lets keys in at a server: `cse_<id>_<secret>`. Whoever has it may enrol under the name it was made for. */
export interface EnrolmentCode {
  /** 12 hex digits; not secret. */
  readonly id: string
  /** 64 hex digits. */
  readonly secret: string
}

const CODE = /^cse_([0-9a-f]{12})_([0-9a-f]{64})$/

/** The code as text. Throws `enrolment-invalid` for what no reader would take. */
export function writeEnrolmentCode({ id, secret }: EnrolmentCode): string {
  const text = `cse_${id}_${secret}`
  parseEnrolmentCode(text)
  return text
}

/** Code from its text. Throws `enrolment-invalid`; the error holds nothing of it. */
export function parseEnrolmentCode(text: string): EnrolmentCode {
  const [, id, secret] = CODE.exec(text) ?? []
  if (id === undefined || secret === undefined) throw notACode()
  return { id, secret }
}

/** One error for every code that does not let in: which of them there are, and why not, is nobody's business. */
export function notACode(): CodedError {
  return new CodedError('enrolment-invalid', 'the code lets no key in: unknown, used up, expired or withdrawn')
}

/**
 * What a key signs to show that its holder enrols it: for the code with this id, or for an administrator, who needs
 * none (null). No DSSE PAE begins so (`DSSEv1 `), and no checkpoint has these lines: a signature over it is good for
 * nothing else. Throws `key-invalid` and `enrolment-invalid` for what are no ids.
 */
export function enrolmentMessage(code: string | null, keyId: string): Uint8Array {
  if (code !== null && !isHex(code, 12)) throw notACode()
  if (!isHex(keyId, 64)) throw new CodedError('key-invalid', 'the key id is not 64 hex digits')
  return utf8(`countersign enrolment v1\n${code ?? '-'}\n${keyId}\n`)
}

/**
 * What a passkey signs to show that whoever is signed in enrols it, and as whose: the id of a person, 16 hex digits. What
 * somebody gave for himself is good for nobody else. Throws `key-invalid` for what are no ids.
 */
export function passkeyEnrolmentMessage(person: string, keyId: string): Uint8Array {
  if (!isHex(person, 16)) throw new CodedError('key-invalid', 'the id of the person is not 16 hex digits')
  if (!isHex(keyId, 64)) throw new CodedError('key-invalid', 'the key id is not 64 hex digits')
  return utf8(`countersign enrolment v1\nperson ${person}\n${keyId}\n`)
}
