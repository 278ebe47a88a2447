import { TREE_MEDIA_TYPE } from '@countersign/formats'
import { party } from '../pipeline.ts'
import { type Choose, type Draft, FETCHED, fileOf, SIGNERS } from './run.ts'

/**
 * What those who hold keys can do to a run: each bends a draft before it and all after it are signed, so that what
 * follows goes on from what was bent. Some happen to change nothing.
 */

/** A run that can still be bent, and another of the same contract. */
export interface Bendable {
  drafts: Draft[]
  readonly other: readonly Draft[]
}

const STRANGER = party('stranger', 'ed25519')
const MODES = ['100644', '100755', '120000', null] as const

type Bend = (it: Bendable, choose: Choose) => void

function one(what: (draft: Draft, choose: Choose, it: Bendable) => void): Bend {
  return (it, choose) => {
    const i = choose.upTo(it.drafts.length - 1)
    // What is bent is a copy: drafts share what they hand over.
    const draft = copyOf(it.drafts[i]!)
    what(draft, choose, it)
    it.drafts = it.drafts.with(i, draft)
  }
}

function copyOf(draft: Draft): Draft {
  const { by, ...rest } = draft
  return { ...structuredClone(rest), by }
}

/** A resource of a step: one that it received, or one that it made. */
function pick(
  draft: Draft,
  choose: Choose,
): { resource: Draft['subject'][number]; put: (to: Draft['subject'][number]) => void } | null {
  const made = draft.materials.length === 0 || choose.chance(40)
  if (made && draft.subject.length === 0) return null
  const i = choose.upTo((made ? draft.subject : draft.materials).length - 1)
  return made
    ? { resource: draft.subject[i]!, put: (to) => void (draft.subject[i] = to) }
    : { resource: draft.materials[i]!.resource, put: (to) => void (draft.materials[i]!.resource = to) }
}

function resource(what: (resource: Draft['subject'][number], choose: Choose) => Draft['subject'][number]): Bend {
  return one((draft, choose) => {
    const picked = pick(draft, choose)
    picked?.put(what(picked.resource, choose))
  })
}

/** A step made again, well or not. */
function retried(it: Bendable, choose: Choose): { draft: Draft; retry: Draft } {
  const i = choose.upTo(it.drafts.length - 1)
  const draft = it.drafts[i]!
  const retry = copyOf(draft)
  retry.nonce = choose.fresh(32)
  retry.id = `${draft.id} retry ${retry.nonce}`
  retry.attempt += 1
  if (choose.chance(50)) retry.exitCode = 1
  it.drafts = it.drafts.toSpliced(i + 1, 0, retry)
  return { draft, retry }
}

export const BENDS: Readonly<Record<string, Bend>> = {
  'other bytes': resource((it, choose) => ({ ...it, digest: { sha256: choose.fresh(64) } })),
  'another weak digest': resource((it, choose) => {
    const weak = Object.keys(it.digest).find((algorithm) => algorithm !== 'sha256') ?? 'sha1'
    return { ...it, digest: { ...it.digest, [weak]: choose.fresh(40) } }
  }),
  'other bytes under the same weak digest': resource((it, choose) => ({
    ...it,
    name: choose.chance(50) ? `new/${it.name}2`.replace(/\/2$/, '2/') : it.name,
    digest: { ...it.digest, sha256: choose.fresh(64) },
  })),
  'another mode': resource((it, choose) =>
    it.mediaType === undefined ? { ...it, annotations: { mode: choose.one(MODES) } } : it,
  ),
  'a file for a tree': resource((it) => {
    if (it.mediaType === undefined) return it
    const { mediaType: _, ...file } = it
    return { ...file, name: it.name.slice(0, -1), annotations: { mode: '100644' } }
  }),
  'a tree for a file': resource((it) => {
    if (it.mediaType !== undefined || it.uri !== undefined) return it
    return { ...it, name: `${it.name}/`, mediaType: TREE_MEDIA_TYPE, annotations: { mode: '040000' } }
  }),
  'another name': resource((it, choose) => ({
    ...it,
    name: `${choose.one(['new/', 'in/', 'ext/', ''])}${it.name}${it.name.endsWith('/') ? '' : choose.one(['', '2'])}`,
  })),
  'two materials that changed places': one(({ materials }) => {
    const [a, b] = materials
    if (a === undefined || b === undefined) return
    const { name } = a.resource
    a.resource = { ...a.resource, name: b.resource.name }
    b.resource = { ...b.resource, name }
  }),
  'two products that changed places': one(({ subject }) => {
    const [a, b] = subject
    if (a === undefined || b === undefined) return
    subject[0] = { ...b, name: a.name }
    subject[1] = { ...a, name: b.name }
  }),
  'the product of another step': one((draft, choose, { drafts }) => {
    const { subject } = choose.one(drafts)
    const picked = pick(draft, choose)
    picked?.put({ ...choose.one(subject), name: picked.resource.name })
  }),
  'a material more': one((draft, choose, { drafts }) => {
    const namesake = choose.one(choose.one(drafts).subject).name.replace(/\/$/, '')
    const name = choose.one(['', 'ext/', 'ext/', 'in/']) + choose.one([namesake, 'more'])
    const foreign = fileOf(name, choose.one([FETCHED, choose.fresh(4)]), '100644', false)
    const made = choose.chance(50) ? foreign : choose.one(choose.one(drafts).subject)
    const from = choose.chance(50) && draft.previous.length > 0 ? choose.one(draft.previous).id : null
    draft.materials.push({ resource: { ...made, annotations: { mode: made.annotations?.mode ?? null } }, from })
  }),
  'a material less': one((draft, choose) => {
    draft.materials.splice(choose.upTo(draft.materials.length), 1)
  }),
  'a product more': one((draft, choose) => {
    const name = choose.one(['out-s1-more', 'pkg-s1/more', 'malware', 'source2'])
    draft.subject.push(fileOf(name, choose.fresh(4), '100644', false))
  }),
  'a product twice, with two weak digests': one((draft, choose) => {
    const [made] = draft.subject
    const weak = () => ({ ...made!.digest, sha1: choose.fresh(40) })
    draft.subject[0] = { ...made!, digest: weak() }
    draft.subject.push({ ...made!, name: `copy/${made!.name}`, digest: weak() })
  }),
  'a product less': one((draft, choose) => {
    if (draft.subject.length > 1) draft.subject.splice(choose.upTo(draft.subject.length - 1), 1)
  }),
  'a material from somewhere else': one((draft, choose) => {
    if (draft.materials.length === 0) return
    const froms = [null, ...draft.previous.map(({ id }) => id)]
    const material = choose.one(draft.materials)
    material.from = choose.one(froms)
  }),
  'a predecessor less': one((draft, choose) => {
    const [gone] = draft.previous.splice(choose.upTo(draft.previous.length), 1)
    for (const material of draft.materials) if (material.from === gone?.id) material.from = null
  }),
  'a predecessor more': one((draft, choose, { drafts }) => {
    const other = choose.one(drafts)
    if (draft.previous.some(({ id }) => id === other.id)) return
    draft.previous.push({ id: other.id, step: other.name })
    if (choose.chance(70)) draft.materials.push({ resource: choose.one(other.subject), from: other.id })
  }),
  'a predecessor by another name': one((draft, choose, { drafts }) => {
    if (draft.previous.length > 0) choose.one(draft.previous).step = choose.one(drafts).name
  }),
  'the predecessor of another run': one((draft, choose, { drafts, other }) => {
    if (draft.previous.length === 0) return
    const before = choose.one(draft.previous)
    const own = drafts.find(({ id }) => id === before.id)
    const theirs = other.find(
      ({ name, matrix, exitCode }) => name === own?.name && matrix === own.matrix && exitCode === 0,
    )
    if (theirs === undefined) return
    for (const material of draft.materials) if (material.from === before.id) material.from = theirs.id
    before.id = theirs.id
  }),
  'a step that is skipped': (it, choose) => {
    if (it.drafts.length < 2) return
    const gone = choose.one(it.drafts)
    it.drafts = it.drafts
      .filter((draft) => draft !== gone)
      .map((draft) => {
        if (!draft.previous.some(({ id }) => id === gone.id)) return draft
        const own = copyOf(draft)
        own.previous = own.previous.filter(({ id }) => id !== gone.id)
        own.previous.push(...gone.previous.filter((before) => own.previous.every(({ id }) => id !== before.id)))
        for (const material of own.materials) if (material.from === gone.id) material.from = null
        return own
      })
  },
  'a step between': (it, choose) => {
    const i = choose.upTo(it.drafts.length - 1)
    const draft = copyOf(it.drafts[i]!)
    const { previous, materials } = draft
    const between: Draft = {
      ...copyOf(draft),
      id: `${draft.id} between`,
      name: choose.one(['between', 's0', 's1']),
      nonce: choose.fresh(32),
    }
    if (previous.length === 0 || materials.length === 0) return
    between.subject = structuredClone(materials.map(({ resource }) => resource))
    draft.previous = [{ id: between.id, step: between.name }]
    for (const material of draft.materials) if (material.from !== null) material.from = between.id
    it.drafts = it.drafts.toSpliced(i, 1, between, draft)
  },
  'a second step in one place': (it, choose) => {
    const i = choose.upTo(it.drafts.length - 1)
    const rival = copyOf(it.drafts[i]!)
    rival.nonce = choose.fresh(32)
    // One that those after it go on from, or one beside them.
    if (choose.chance(50)) rival.id = `${rival.id} rival`
    it.drafts = it.drafts.toSpliced(i + 1, 0, rival)
  },
  'a later attempt beside it': (it, choose) => {
    retried(it, choose)
  },
  'a later attempt, in which the rest is made': (it, choose) => {
    const { retry } = retried(it, choose)
    const i = it.drafts.indexOf(retry)
    it.drafts = it.drafts.map((draft, j) => (j <= i ? draft : { ...draft, attempt: retry.attempt }))
  },
  'two attempts before the next step': (it, choose) => {
    const { retry, draft: first } = retried(it, choose)
    it.drafts = it.drafts.map((draft) => {
      if (!draft.previous.some(({ id }) => id === first.id)) return draft
      const previous = [...draft.previous, { id: retry.id, step: retry.name }]
      return { ...draft, attempt: Math.max(draft.attempt, retry.attempt), previous }
    })
  },
  'another attempt': one((draft, choose) => {
    draft.attempt = 1 + choose.upTo(3)
  }),
  'a nonce again': one((draft, choose, { drafts, other }) => {
    draft.nonce = choose.one([...drafts, ...other]).nonce
  }),
  'another chain': one((draft, choose, { other }) => {
    draft.chain.id = choose.one([choose.fresh(32), other[0]!.chain.id])
  }),
  'another pipeline': one((draft) => {
    draft.chain.pipeline = 'q'
  }),
  'another contract': one((draft, choose) => {
    draft.chain.contract = choose.one([null, choose.fresh(64)])
  }),
  'all under another contract': (it, choose) => {
    const contract = choose.one([null, choose.fresh(64)])
    it.drafts = it.drafts.map((draft) => ({ ...draft, chain: { ...draft.chain, contract } }))
  },
  'another signer': one((draft, choose) => {
    draft.by = choose.one([STRANGER, ...SIGNERS])
  }),
  'a failure': one((draft) => {
    draft.exitCode = 1
  }),
  'another job': one((draft, choose) => {
    draft.matrix = choose.one([null, 'a', 'b', 'c', 'z'])
  }),
  'another step': one((draft, choose, { drafts }) => {
    draft.name = choose.one(['stranger', ...drafts.map(({ name }) => name)])
  }),
  'another time': one((draft, choose) => {
    draft.minute += choose.one([-60, -6, -5, 5, 6, 60, 64, 65, 100])
  }),
}
