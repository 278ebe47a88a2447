import { createHash } from 'node:crypto'
import { parsePublicKey } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type NoteKey, parseCheckpoint, parseVkey, type TlogProof, writeLeaf } from '@countersign/formats'
import {
  bareIdentity,
  type CertifiedIdentity,
  type Identity,
  ISSUANCE_PROOF_OID,
  issuanceLeaf,
  type Sct,
  SCT_LIST_OID,
  sctMessage,
  tbsCertificate,
  withExtension,
  writeCertificate,
  writeIssuanceProof,
  writeSctList,
} from '@countersign/formats/identity'
import { context, der, derBits, derNumber, DerReader, derSequence, parseCertificate } from '@countersign/formats/x509'
import type { CountersignAuthority, FulcioAuthority, TrustedCtLog } from '@countersign/verify/identity'
import { entriesOf, naive, SHA256 } from '../../packages/merkle/src/naive.test-kit.ts'
import {
  certificate,
  type CertificateOptions,
  type Curve,
  extension,
  seededKey,
  type TestCertificate,
  type TestKey,
} from '../anchors/certificates.ts'
import { b64, LOG_PAIR, noteOf, type NoteSigner, plain } from '../vectors/topics/note-signers.ts'

/** When certificates are issued here, unless something else is said. */
export const ISSUED = Date.parse('2026-11-21T12:00:00Z')
export const MINUTE = 60_000
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'

/** A run of a workflow on GitHub, as its token tells. */
export const RUN: Identity = {
  ...bareIdentity('https://token.actions.githubusercontent.com', {
    kind: 'uri',
    value: 'https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main',
  }),
  buildSignerURI: 'https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main',
  buildSignerDigest: 'a'.repeat(40),
  runnerEnvironment: 'github-hosted',
  sourceRepositoryURI: 'https://github.com/acme/shop',
  sourceRepositoryDigest: 'a'.repeat(40),
  sourceRepositoryRef: 'refs/heads/main',
  sourceRepositoryIdentifier: '1000000001',
  sourceRepositoryOwnerURI: 'https://github.com/acme',
  sourceRepositoryOwnerIdentifier: '1000000002',
  buildConfigURI: 'https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main',
  buildConfigDigest: 'a'.repeat(40),
  buildTrigger: 'push',
  runInvocationURI: 'https://github.com/acme/shop/actions/runs/7000000001/attempts/1',
  sourceRepositoryVisibilityAtSigning: 'private',
  tokenSubject: 'repo:acme/shop:ref:refs/heads/main',
}

type Bend = (tbs: Uint8Array) => Uint8Array
const straight: Bend = (tbs) => tbs

/** Who is to be named, and what is to be wrong. */
export interface IssueOptions {
  readonly identity?: Identity
  readonly grade?: CertifiedIdentity['grade']
  readonly system?: string | null
  readonly key?: TestKey
  readonly notBefore?: number
  /** Milliseconds. */
  readonly life?: number
  readonly serial?: number
  /** Changes to the TBSCertificate before it is logged, after the proof went in, and after the SCTs did. */
  readonly unlogged?: Bend
  readonly proven?: Bend
  readonly finished?: Bend
  /** Changes to the leaf, and to the proof; null for none. */
  readonly leaf?: (leaf: Uint8Array) => Uint8Array
  readonly proof?: ((proof: TlogProof) => TlogProof) | null
  /** Who signs the checkpoint. */
  readonly log?: NoteSigner
  /** The SCTs in place of one good one; null for none. */
  readonly scts?: ((message: SctMaker) => readonly Sct[]) | null
}

/** Makes an SCT over what is about to be signed. */
export type SctMaker = (more?: Partial<Sct> & { readonly by?: TestKey; readonly about?: Uint8Array }) => Sct

/** A certificate with the key that it is for. */
export interface Issued {
  /** DER: its own, then the intermediate's where there is one. */
  readonly chain: readonly Uint8Array[]
  readonly der: Uint8Array
  readonly key: TestKey
  /** The TBSCertificate as it was logged, and as it was promised to be by the SCTs. */
  readonly logged: Uint8Array
  readonly proven: Uint8Array
}

export interface AuthorityOptions {
  readonly name?: string
  /** Keys are made of it: one seed, one authority. */
  readonly seed?: string
  readonly curve?: Curve
  readonly root?: Partial<CertificateOptions>
  /** Null: the root issues itself. */
  readonly intermediate?: Partial<CertificateOptions> | null
}

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
export const LOG_ORIGIN = 'ca.example.com/log'
export const LOG = plain(LOG_ORIGIN, LOG_PAIR)
export const LOG_KEY: NoteKey = parseVkey(LOG.vkey, portableCrypto)
export const CT_KEY = seededKey('ct log')

export const ctLog = (key: TestKey = CT_KEY): TrustedCtLog => ({
  logId: sha256(key.spki),
  key: parsePublicKey(key.spki),
  validFor: { start: null, end: null },
})

/** An authority that can do what a real one does, and everything that it must not. */
export class LocalAuthority {
  readonly name: string
  readonly root: TestCertificate
  readonly intermediate: TestCertificate | null
  readonly #hash: 'sha256' | 'sha384'

  constructor(options: AuthorityOptions = {}) {
    const { name = 'local', seed = 'local', curve = 'P-256', intermediate = {} } = options
    this.#hash = curve === 'P-256' ? 'sha256' : 'sha384'
    const keyOf = (role: string) => seededKey(`${seed} ${role}`, curve, this.#hash)
    this.name = name
    this.root = certificate({ name: `${name} root`, key: keyOf('root'), issuer: null, ca: true, ...options.root })
    this.intermediate =
      intermediate === null
        ? null
        : certificate({
            name: `${name} CA`,
            key: keyOf('intermediate'),
            issuer: this.root,
            serial: 2,
            ca: true,
            pathLength: 0,
            purposes: [CODE_SIGNING],
            purposesCritical: false,
            ...intermediate,
          })
  }

  get issuer(): TestCertificate {
    return this.intermediate ?? this.root
  }

  get #chain() {
    const chain = this.intermediate === null ? [this.root] : [this.intermediate, this.root]
    return chain.map((one) => parseCertificate(one.der, 'certificate-invalid'))
  }

  /** As a verifier trusts it that knows its log. */
  get trusted(): CountersignAuthority {
    const validFor = { start: null, end: null }
    return { kind: 'countersign', name: this.name, chain: this.#chain, validFor, logs: [LOG_KEY] }
  }

  /** As a verifier trusts it that takes it for a Fulcio. */
  get fulcio(): FulcioAuthority {
    const validFor = { start: null, end: null }
    return { kind: 'fulcio', name: this.name, chain: this.#chain, validFor, ctlogs: [ctLog()] }
  }

  /** A certificate as it is issued, with proof and SCT. */
  issue(options: IssueOptions = {}): Issued {
    const { identity = RUN, grade = 'A', system = 'github-actions', notBefore = ISSUED, life = 10 * MINUTE } = options
    const { key = seededKey('signer'), unlogged = straight, proven = straight, finished = straight } = options
    const algorithm = `ecdsa-${this.#hash}` as const
    const logged = unlogged(
      tbsCertificate({
        serial: sha256(Uint8Array.of(options.serial ?? 0)).subarray(0, 16),
        issuer: this.issuer.name,
        issuerKeyId: keyIdOf(this.issuer.key),
        subjectKeyId: keyIdOf(key),
        notBefore,
        notAfter: notBefore + life,
        spki: key.spki,
        algorithm,
        identity,
        grade,
        system,
      }),
    )
    const withProof = proven(this.#proven(logged, notBefore, options))
    const tbs = finished(this.#promised(withProof, notBefore, options))
    const der = writeCertificate(tbs, algorithm, this.issuer.key.sign(tbs))
    return {
      chain: this.intermediate === null ? [der] : [der, this.intermediate.der],
      der,
      key,
      logged,
      proven: withProof,
    }
  }

  #proven(tbs: Uint8Array, notBefore: number, { leaf, proof, log = LOG }: IssueOptions): Uint8Array {
    if (proof === null) return tbs
    const entry = writeLeaf(issuanceLeaf(tbs, notBefore, portableCrypto))
    const [index, size] = [3, 5]
    const entries = [...entriesOf(size)].with(index, Buffer.from(leaf === undefined ? entry : leaf(entry)))
    const tree = naive(entries, SHA256)
    const text = `${log.name}\n${size}\n${b64(tree.root(size))}\n`
    const made: TlogProof = {
      extra: null,
      index,
      hashes: tree.path(index, size).map((hash) => new Uint8Array(hash)),
      checkpoint: parseCheckpoint(new Uint8Array(Buffer.from(noteOf(text, log)))),
    }
    const value = writeIssuanceProof(proof === undefined ? made : proof(made))
    return withExtension(tbs, { oid: ISSUANCE_PROOF_OID, critical: false, value })
  }

  #promised(tbs: Uint8Array, notBefore: number, { scts }: IssueOptions): Uint8Array {
    if (scts === null) return tbs
    const make: SctMaker = ({ by = CT_KEY, about = tbs, ...more } = {}) => {
      const said = { timestamp: notBefore, extensions: new Uint8Array(), ...more }
      const signature = by.sign(sctMessage(said, sha256(this.issuer.key.spki), about))
      return { logId: sha256(by.spki), hash: 4, algorithm: 3, signature, ...said }
    }
    const value = writeSctList(scts === undefined ? [make()] : scts(make))
    return withExtension(tbs, { oid: SCT_LIST_OID, critical: false, value })
  }
}

const keyIdOf = ({ spki }: TestKey) => sha256(spki).subarray(0, 20)

/** A TBSCertificate with its extensions put as they are returned. */
export function bent(change: (extensions: readonly TestExtension[]) => readonly TestExtension[]): Bend {
  return (tbs) => {
    const elements = new DerReader(tbs, 'it', 'certificate-invalid').sequence().all(10)
    const list = new DerReader(elements.at(-1)!.content, 'it', 'certificate-invalid').sequence().all(64)
    const read = list.map((one) => ({
      oid: new DerReader(one.der, 'it', 'certificate-invalid').sequence().oid(),
      der: one.der,
    }))
    const head = elements.slice(0, -1).map((one) => one.der)
    return derSequence(...head, der(context(3), derSequence(...change(read).map((one) => one.der))))
  }
}

export interface TestExtension {
  readonly oid: string
  /** The whole of it. */
  readonly der: Uint8Array
}

export const extensionOf = (oid: string, critical: boolean, value: Uint8Array): TestExtension => ({
  oid,
  der: extension(oid, critical, value),
})

/** The extension in the place of the one it has; at the end where it has none. */
export const put = (oid: string, value: Uint8Array, critical = false): Bend =>
  bent((list) => {
    const made = extensionOf(oid, critical, value)
    return list.some((one) => one.oid === oid) ? list.map((one) => (one.oid === oid ? made : one)) : [...list, made]
  })

export const drop = (oid: string): Bend => bent((list) => list.filter((one) => one.oid !== oid))

/** One element of the TBSCertificate in place of another: 0 version, 1 serial, 2 algorithm, 3 issuer, 4 validity, 5 subject, 6 key. */
export const element =
  (index: number, value: Uint8Array): Bend =>
  (tbs) => {
    const elements = new DerReader(tbs, 'it', 'certificate-invalid').sequence().all(10)
    return derSequence(...elements.map((one, i) => (i === index ? value : one.der)))
  }

/** A certification request of a key (PKCS #10). */
export function certificateRequest(key: TestKey): Uint8Array {
  const info = derSequence(derNumber(0), derSequence(), key.spki, der(context(0)))
  return derSequence(info, key.algorithm, derBits(key.sign(info)))
}
