import { hex, isHex } from '@countersign/core'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Examination } from '../examine.ts'
import { vouchedName } from '../names.ts'
import { type Target, targetsOf } from '../tamper.ts'
import type { Pin } from './banner.ts'
import { h, section } from './dom.ts'

/** What the reader can do with the page. */
export interface Actions {
  tamper(target: Target): void
  restore(): void
  save(): void
}

const TARGETS: Readonly<Record<Target, string>> = {
  payload: 'what a step says',
  signature: 'a signature',
  receipt: 'a receipt',
  file: 'anywhere in the file',
}

/** Checks an artifact's bytes, and lets the reader see that the page notices. */
export function tools(current: () => Examination | null, original: Examination, actions: Actions): HTMLElement {
  const target = h(
    'select',
    { id: 'target' },
    ...targetsOf(original.evidence).map((name) => h('option', { value: name }, TARGETS[name])),
  )
  const program = h('pre', { tabindex: '0' })
  program.textContent = 'countersign verify ARTIFACT \\\n  --evidence FILE --contract YOURS'
  const flip = () => actions.tamper(target.value as Target)
  return section(
    'tools',
    'Try it',
    h(
      'div',
      { class: 'cards' },
      artifactCheck(current),
      h(
        'div',
        { class: 'card' },
        h('h3', {}, 'Does this page notice?'),
        h('p', {}, 'Change one bit of one byte, and everything is verified again.'),
        h('p', { class: 'row' }, h('label', { for: 'target' }, 'Flip it in'), target),
        h(
          'p',
          { class: 'row' },
          h('button', { type: 'button', id: 'flip', onclick: flip }, 'Flip one byte'),
          h('button', { type: 'button', id: 'restore', class: 'second', onclick: () => actions.restore() }, 'Restore'),
        ),
      ),
      h(
        'div',
        { class: 'card' },
        h('h3', {}, 'Do not take this page’s word'),
        h(
          'p',
          {},
          'A page can show anything. Save the evidence and let your own program judge it, under your own contract:',
        ),
        program,
        h(
          'p',
          { class: 'row' },
          h('button', { type: 'button', class: 'second', onclick: () => actions.save() }, 'Save the evidence'),
        ),
      ),
    ),
  )
}

function artifactCheck(current: () => Examination | null): HTMLElement {
  const outcome = h('p', { class: 'outcome', role: 'status' }, '')
  const tell = (kind: string, text: string) => {
    outcome.className = `outcome ${kind}`
    outcome.replaceChildren(h('span', {}, text))
  }
  const check = async (file: File) => {
    try {
      const digest = await digestOf(file, (part) => tell('', `Hashing ${Math.floor(part * 100)} %`))
      const [kind, text] = say(current(), digest)
      tell(kind, `${kind === 'good' ? '✓' : '✗'} ${file.name}: ${text}`)
    } catch {
      tell('bad', '✗ It could not be read. A directory has no bytes of its own: check it with the command line.')
    }
  }
  const input = h('input', {
    type: 'file',
    id: 'artifact',
    onchange: () => {
      const file = input.files?.[0]
      if (file !== undefined) void check(file)
    },
  })
  const drop = h(
    'label',
    {
      class: 'drop',
      for: 'artifact',
      ondragover: (event) => {
        event.preventDefault()
        drop.classList.add('over')
      },
      ondragleave: () => drop.classList.remove('over'),
      ondrop: (event) => {
        event.preventDefault()
        drop.classList.remove('over')
        const file = (event as DragEvent).dataTransfer?.files[0]
        if (file !== undefined) void check(file)
      },
    },
    h('span', {}, 'Drop the file here, or choose it'),
    input,
  )
  return h(
    'div',
    { class: 'card' },
    h('h3', {}, 'Is it what you have?'),
    h('p', {}, 'Its bytes are hashed here, and go nowhere.'),
    drop,
    outcome,
  )
}

/** In pieces: an artifact may be larger than memory. */
async function digestOf(file: File, progress: (part: number) => void): Promise<string> {
  const hash = sha256.create()
  const reader = file.stream().getReader()
  let done = 0
  for (;;) {
    const piece = await reader.read()
    if (piece.done) return hex(hash.digest())
    hash.update(piece.value)
    done += piece.value.length
    progress(file.size === 0 ? 1 : done / file.size)
  }
}

function say(examination: Examination | null, digest: string): readonly ['good' | 'bad', string] {
  if (examination === null) return ['bad', 'the evidence cannot be read']
  const { artifact } = examination.evidence.subject
  const vouched = vouchedName(examination, digest)
  if (artifact !== null && digest !== artifact) {
    if (vouched === null) return ['bad', 'not these bytes. Nobody in this evidence vouches for them']
    return ['bad', `not what this evidence is about. It is ${vouched.file}, for which step ${vouched.step} vouches`]
  }
  if (vouched === null) return ['bad', 'no step that verifies vouches for these bytes']
  if (examination.verdict.verdict !== 'pass') return ['bad', 'these are the bytes, but the evidence does not verify']
  return ['good', `these are the bytes that step ${vouched.step} vouches for, as ${vouched.file}`]
}

/** A field for the trust root that the reader was given. */
export function compareField(trustRoot: () => string | null, changed: (pin: Pin) => void): HTMLElement {
  const outcome = h('span', { class: 'outcome', role: 'status' }, '')
  const input = h('input', {
    type: 'text',
    id: 'pin',
    spellcheck: 'false',
    autocomplete: 'off',
    placeholder: 'sha256:…',
    oninput: () => {
      const given = input.value.trim().replace(/^sha256:/, '')
      const pin: Pin = given === '' ? 'none' : isHex(given, 64) && given === trustRoot() ? 'equal' : 'other'
      outcome.className = `outcome ${pin === 'equal' ? 'good' : 'bad'}`
      outcome.replaceChildren(pin === 'none' ? '' : pin === 'equal' ? '✓ the same' : '✗ another')
      changed(pin)
    },
  })
  return h('p', { class: 'row compare' }, h('label', { for: 'pin' }, 'The one you were given'), input, outcome)
}
