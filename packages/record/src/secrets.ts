/** Words that make a name look like a secret's wherever they stand in it. */
const WORDS = [
  'TOKEN',
  'SECRET',
  'PASSWORD',
  'PASSWD',
  'PASSPHRASE',
  'CREDENTIAL',
  'PRIVATE',
  'BEARER',
  'COOKIE',
  'SIGNATURE',
  'AUTHORIZATION',
  'CONNECTIONSTRING',
  'WEBHOOK',
]
/** Words that do so where a part of the name is or ends in them. */
const ENDINGS = ['KEY', 'KEYS', 'PASS', 'PWD', 'CREDS']
/** Words that do so where a part of the name is exactly them. */
const PARTS = new Set(['AUTH', 'PAT', 'JWT', 'SIG', 'SAS', 'OTP', 'TOTP', 'PSK', 'DSN', 'PIN', 'PASSIN', 'PASSOUT'])

/** Names and parts that only look like it. */
const HARMLESS = new Set(['PWD', 'OLDPWD', 'SSH_AUTH_SOCK', 'BUILDKITE_STEP_KEY'])
const HARMLESS_PARTS = new Set(['BYPASS', 'COMPASS', 'MONKEY', 'TURKEY', 'DONKEY', 'HOTKEY'])

/** Whether a variable, flag, field or header of this name is to be taken for a secret. Rather once too often. */
export function looksSecret(name: string): boolean {
  if (HARMLESS.has(name)) return false
  const upper = name.toUpperCase()
  const joined = upper.replace(/[^A-Z0-9]/g, '')
  if (WORDS.some((word) => joined.includes(word))) return true
  return parts(name).some(
    (part) => PARTS.has(part) || (!HARMLESS_PARTS.has(part) && ENDINGS.some((ending) => part.endsWith(ending))),
  )
}

/** `apiKey-id` → API, KEY, ID. */
function parts(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toUpperCase()
    .split(/[^A-Z0-9]/)
}

interface TokenShape {
  readonly prefix: string
  /** Fewest characters after the prefix. */
  readonly min: number
  /** Whether the prefix counts only where no letter or digit is before it. */
  readonly whole?: boolean
}

/** Beginnings of tokens that their makers gave a shape of their own. */
export const TOKEN_SHAPES: readonly TokenShape[] = [
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'].map((prefix) => ({ prefix, min: 16 })),
  ...['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glsoat-'].map((prefix) => ({ prefix, min: 16 })),
  ...['xoxa-', 'xoxb-', 'xoxp-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.', 'xapp-'].map((prefix) => ({ prefix, min: 10 })),
  ...['AKIA', 'ASIA'].map((prefix) => ({ prefix, min: 16, whole: true })),
  { prefix: 'AIza', min: 30 },
  { prefix: 'ya29.', min: 16 },
  { prefix: 'sk-', min: 20, whole: true },
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((prefix) => ({ prefix, min: 10 })),
  { prefix: 'npm_', min: 30 },
  { prefix: 'pypi-', min: 30 },
  { prefix: 'dckr_pat_', min: 16 },
  ...['hvs.', 'hvb.', 'hvr.'].map((prefix) => ({ prefix, min: 20, whole: true })),
  { prefix: 'dop_v1_', min: 30 },
  { prefix: 'SG.', min: 30, whole: true },
  { prefix: 'shpat_', min: 20 },
  { prefix: 'glsa_', min: 20 },
  { prefix: 'CCIPAT_', min: 16 },
  { prefix: 'ATATT', min: 30, whole: true },
  { prefix: 'AGE-SECRET-KEY-1', min: 20 },
  // A JSON object in base64url, as every JWT begins.
  { prefix: 'eyJ', min: 17 },
]

/** Short flags that take a password, by program. `attached`: in the same argument, as in `mysql -pX`. */
export const PASSWORD_FLAGS: Readonly<Record<string, { readonly flag: string; readonly attached: boolean }>> = {
  mysql: { flag: '-p', attached: true },
  mysqldump: { flag: '-p', attached: true },
  mysqladmin: { flag: '-p', attached: true },
  mariadb: { flag: '-p', attached: true },
  '7z': { flag: '-p', attached: true },
  sshpass: { flag: '-p', attached: false },
  docker: { flag: '-p', attached: false },
  podman: { flag: '-p', attached: false },
  helm: { flag: '-p', attached: false },
  oras: { flag: '-p', attached: false },
  zip: { flag: '-P', attached: false },
  'redis-cli': { flag: '-a', attached: false },
  ldapsearch: { flag: '-w', attached: false },
}
