import { hex, sha256 } from '@countersign/core'
import { writeVkey } from '@countersign/formats'
import type { AnchorRoots } from '@countersign/formats/anchor'
import { authorityId, type AuthorityRoot } from '@countersign/formats/identity'
import type { Examination } from '../examine.ts'
import { plainLines } from '../plain.ts'
import { timeText } from './banner.ts'
import { digest, h, section } from './dom.ts'

/** Who is believed, and where that belief comes from. `compare` takes what the reader was given. */
export function belief({ evidence, contracts, trustRoot }: Examination, compare: HTMLElement): HTMLElement {
  const { signers, logs, witnesses, authorities, anchors } = evidence.trust
  return section(
    'belief',
    'Who is believed',
    h(
      'p',
      {},
      'These keys and contracts came with this page. ',
      h('strong', {}, 'Whoever made it chose them'),
      ', so it vouches for itself. What pins them is the trust root: compare it with one that you got another way.',
    ),
    h(
      'p',
      { class: 'root' },
      h('span', { class: 'word' }, 'trust root'),
      h('code', { class: 'whole', id: 'trust-root' }, `sha256:${trustRoot}`),
    ),
    compare,
    h(
      'ul',
      { class: 'keys' },
      ...signers.map(({ name, key, revokedAt }) =>
        h(
          'li',
          {},
          h('strong', {}, name),
          ' signs steps ',
          digest(key.keyId, 16),
          h('span', { class: 'quiet' }, ` ${key.algorithm}, grade D`),
          revoked(revokedAt),
        ),
      ),
      ...logs.map(({ key, revokedAt }) =>
        h(
          'li',
          {},
          h('strong', {}, key.name),
          ' countersigns, as a log ',
          h('code', { class: 'whole' }, writeVkey(key)),
          revoked(revokedAt),
        ),
      ),
      ...witnesses.map((key) =>
        h('li', {}, h('strong', {}, key.name), ' witnesses ', h('code', { class: 'whole' }, writeVkey(key))),
      ),
      ...authorities.map(vouching),
      ...outside(anchors),
    ),
    ...contracts.map(({ pipeline, revision, digest: id }) => {
      const held = evidence.contracts.find((contract) => contract.digest === id)!
      const text = h('pre', { tabindex: '0' })
      text.textContent = plainLines(new TextDecoder().decode(held.bytes))
      return h('details', {}, h('summary', {}, `Contract ${pipeline} revision ${revision} `, digest(id, 16)), text)
    }),
  )
}

/** Somebody whose certificates are believed, as far as a contract lets whom they name sign. */
function vouching(root: AuthorityRoot): HTMLElement {
  const by =
    root.kind === 'countersign'
      ? ' vouches for identities, by its root '
      : ` is ${root.isPublic ? 'the public' : 'a'} Sigstore, by its trusted root `
  const logs = root.kind === 'countersign' ? root.logs.map(writeVkey) : []
  return h(
    'li',
    {},
    h('strong', {}, root.name),
    by,
    digest(authorityId(root), 16),
    ...logs.flatMap((vkey) => [' and the log ', h('code', { class: 'whole' }, vkey)]),
    revoked(root.revokedAt),
  )
}

/** Parties and blocks that are believed to vouch for statements. */
function outside({ rekor, rfc3161, ethereum, opentimestamps }: AnchorRoots): HTMLElement[] {
  return [
    ...rekor.map(({ vkey }) =>
      h('li', {}, h('strong', {}, vkey.split('+')[0]!), ' is a Rekor log ', h('code', { class: 'whole' }, vkey)),
    ),
    ...rfc3161.map(({ name, certificates }) =>
      h(
        'li',
        {},
        h('strong', {}, name),
        ' tells the time, by the certificates ',
        ...certificates.map((der) => digest(hex(sha256(der)), 16)),
      ),
    ),
    ...ethereum.flatMap(({ chainId, blocks }) =>
      blocks.map(({ number, hash }) =>
        h('li', {}, h('strong', {}, `eip155:${chainId}`), ` has block ${number} `, digest(hash, 32)),
      ),
    ),
    ...(opentimestamps?.blocks ?? []).map(({ height, hash }) =>
      h('li', {}, h('strong', {}, `Bitcoin ${opentimestamps!.network}`), ` has block ${height} `, digest(hash, 32)),
    ),
  ]
}

function revoked(at: string | null): HTMLElement | null {
  return at === null ? null : h('span', { class: 'revoked' }, ` revoked ${timeText(at)}`)
}
