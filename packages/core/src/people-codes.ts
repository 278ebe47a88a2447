import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about people who sign in, and what they administer. */
export const PEOPLE_CODES = {
  'request-forged': {
    why: 'A browser sends its cookie along whichever page asks, so what a cookie lets do must be asked for by a page of this server.',
    fix: "Send x-countersign-csrf as GET /v1/me gives it, from a page of the server's own origin; programs use an API token.",
  },
  'sign-in-invalid': {
    why: 'A link signs in once and for a short while, and an answer of a provider counts in the browser that asked for it, once.',
    fix: 'Begin to sign in again, or have a new link made: countersign person link NAME',
  },
  'sign-in-refused': {
    why: 'A provider says who somebody is; whether they get in, and as what, is for the rules of this server to say.',
    fix: "Have a rule of the server's sign-in settings name this person, their group or their domain.",
  },
  'sign-in-setup-invalid': {
    why: 'Who may sign in must be said in exactly one way; settings that two could read differently let somebody in unseen.',
    fix: 'Mend the sign-in settings where the error says (server/README.md, "Signing in").',
  },
  'act-invalid': {
    why: 'An entry of the audit log has one form and one spelling, and names the one before; another may say something else to another reader.',
    fix: 'Fetch it again from the server that logged it: GET /v1/audit.',
  },
  'audit-broken': {
    why: 'Each administrative act names the one before: where one is missing or changed, somebody hides what was done.',
    fix: "Compare with the copies of others, and ask who has access to the server's database.",
  },
} as const satisfies Record<string, CodeEntry>
