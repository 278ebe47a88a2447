import { CodedError } from '@countersign/core'
import { bareIdentity, type Identity, IDENTITY_FACTS } from '@countersign/formats/identity'
import type { TlogProof } from '@countersign/formats'
import { Reading } from './answers.ts'
import type { Transport } from './transport.ts'

/** A certificate that the server's authority logged for the tenant, as the server tells it. */
export interface ListedCertificate {
  /** Hex. */
  readonly serial: string
  /** Of its leaf in the log. */
  readonly index: number
  /** Key id of the authority's key, and of the key that is certified. */
  readonly authority: string
  readonly keyId: string
  /** ISO times. */
  readonly issuedAt: string
  readonly notAfter: string
  readonly system: string
  readonly grade: string
  readonly identity: Identity
  /** What was logged: the TBSCertificate before the proofs of its issuance, DER. */
  readonly tbs: Uint8Array
}

/** What the server is asked of its authority. */
export interface CertificateCalls {
  /** Newest first; `cursor` as the page before gave it. */
  certificates(
    cursor?: string | null,
  ): Promise<{ readonly items: readonly ListedCertificate[]; readonly next: string | null }>
  /** One of them, with the proof of its leaf; nothing of it is verified. */
  certificate(serial: string): Promise<ListedCertificate & { readonly proof: TlogProof }>
}

export function certificateCalls(transport: Transport): CertificateCalls {
  const ask = async (path: string) => new Reading((await transport.json({ method: 'GET', path })).body)
  return {
    async certificates(cursor = null) {
      const more = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`
      const it = await ask(`/v1/certificates${more}`)
      return { items: it.list('items', listedOf), next: it.textOrNull('next') }
    },
    async certificate(serial) {
      const it = await ask(`/v1/certificates/${encodeURIComponent(serial)}`)
      return { ...listedOf(it), proof: it.proof('proof') }
    },
  }
}

function listedOf(it: Reading): ListedCertificate {
  return {
    serial: it.text('serial'),
    index: it.integer('index'),
    authority: it.hex('authority', 64),
    keyId: it.hex('keyId', 64),
    issuedAt: it.text('issuedAt'),
    notAfter: it.text('notAfter'),
    system: it.text('system'),
    grade: it.text('grade'),
    identity: identityOf(it.object('identity')),
    tbs: it.base64('tbs'),
  }
}

function identityOf(it: Reading): Identity {
  const subject = it.object('subject')
  const kind = subject.text('kind')
  if (kind !== 'uri' && kind !== 'email') throw new CodedError('server-answer', 'kind is neither uri nor email')
  const facts = Object.fromEntries(IDENTITY_FACTS.map((fact) => [fact, it.textOrNull(fact)]))
  return {
    ...bareIdentity(it.text('issuer'), { kind, value: subject.text('value') }),
    ...facts,
    issuer: it.text('issuer'),
  }
}
