import type { Topic } from './topic.ts'

const A = 'a1'.repeat(32)
const line = (path: string, mode = '100644', sha256 = A) => `${mode} ${sha256}  ${path}\n`
const bad = (manifest: string, error = 'statement-invalid') => ({ manifest, error })

export const trees: Topic = {
  name: 'tree',
  vectors: {
    empty: { manifest: '', entries: [] },
    'one-file': { manifest: line('a'), entries: [{ mode: '100644', sha256: A, path: 'a' }] },
    modes: {
      manifest: line('a', '100755') + line('b', '120000'),
      entries: [
        { mode: '100755', sha256: A, path: 'a' },
        { mode: '120000', sha256: A, path: 'b' },
      ],
    },
    'order-by-bytes': {
      manifest: ['B', 'a b', 'a-b', 'a.b', 'a/b', 'ab', '\u00e9', '\uffee', '\u{1f600}'].map((p) => line(p)).join(''),
      entries: ['B', 'a b', 'a-b', 'a.b', 'a/b', 'ab', '\u00e9', '\uffee', '\u{1f600}'].map((path) => ({
        mode: '100644',
        sha256: A,
        path,
      })),
    },
    'file-and-directory-of-one-name': bad(line('a') + line('a-b') + line('a/b')),
    'order-wrong': bad(line('b') + line('a')),
    'order-by-utf-16': bad(line('\u{1f600}') + line('\uffee')),
    'order-directories-first': bad(line('a/b') + line('a-b')),
    'same-path-twice': bad(line('a') + line('a')),
    'no-newline-at-end': bad(line('a').trimEnd()),
    'empty-line-at-end': bad(`${line('a')}\n`),
    'empty-line-first': bad(`\n${line('a')}`),
    'newline-only': bad('\n'),
    'carriage-return': bad(line('a\r'), 'path-invalid'),
    'mode-directory': bad(line('a', '040000')),
    'mode-submodule': bad(line('a', '160000')),
    'mode-short': bad(line('a', '10064')),
    'digest-upper-case': bad(line('a', '100644', A.toUpperCase())),
    'digest-short': bad(line('a', '100644', A.slice(1))),
    'digest-sha1': bad(line('a', '100644', 'a1'.repeat(20))),
    'one-space': bad(line('a').replace('  ', ' ')),
    'three-spaces': { manifest: line(' a'), entries: [{ mode: '100644', sha256: A, path: ' a' }] },
    'binary-marker': { manifest: line('*a'), entries: [{ mode: '100644', sha256: A, path: '*a' }] },
    tab: bad(line('a').replace('  ', '\t')),
    'path-empty': bad(line(''), 'path-invalid'),
    'path-absolute': bad(line('/a'), 'path-invalid'),
    'path-dot-dot': bad(line('../a'), 'path-invalid'),
    'path-dot-slash': bad(line('./a'), 'path-invalid'),
    'path-trailing-slash': bad(line('a/'), 'path-invalid'),
    'path-nfd': bad(line('cafe\u0301'), 'path-invalid'),
    'path-escape-of-sha256sum': bad(`\\${line('a')}`),
  },
}
