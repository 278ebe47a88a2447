import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about who signs: certificates, tokens of CI systems, enrolled keys. */
export const IDENTITY_CODES = {
  'certificate-invalid': {
    why: 'A certificate must be readable in exactly one way before anything in it counts.',
    fix: 'Get a new certificate and sign again.',
  },
  'certificate-untrusted': {
    why: 'The certificate leads to no authority that this verifier trusts, or was not made for signing.',
    fix: 'Name the authority you trust in the contract, or sign with a certificate of one that is there.',
  },
  'certificate-expired': {
    why: 'A signature counts only where its whole certificate path was valid when it was made.',
    fix: 'Sign within the lifetime of the certificate: upload at once, or sign again with a new one.',
  },
  'trust-root-invalid': {
    why: 'A trust root says whom to believe. One that is malformed in one place is not believed in any other.',
    fix: 'Fetch it again from where it is published: countersign trust update',
  },
  'time-untrusted': {
    why: 'A certificate that lives for minutes proves nothing without a trusted time: nobody could tell when it was used.',
    fix: 'Bring the receipt of the log, or a timestamp of an authority you trust, with the attestation.',
  },
  'issuance-unproven': {
    why: 'An authority that issues in secret can issue to anybody; a certificate counts only with the proof that it was logged.',
    fix: 'Use an authority that logs what it issues, and trust the log it uses.',
  },
  'identity-mismatch': {
    why: 'What the step says of where it ran is not what its issuer vouched for: somebody set the environment.',
    fix: 'Run the step where it says it runs; do not set variables of the CI system by hand.',
  },
  'identity-refused': {
    why: 'The issuer vouches for a run that must not sign: of a fork, of a pull request, over a shell, or on a runner of another kind.',
    fix: 'Run the pipeline where its own repository triggers it, or let the issuer rule of the tenant allow it.',
  },
  'identity-token-invalid': {
    why: 'The identity token is not one that its issuer signed for this server.',
    fix: 'Ask the CI system for a new token with the audience of this server.',
  },
  'identity-token-expired': {
    why: 'Identity tokens live for minutes, so that a stolen one is of no use.',
    fix: 'Ask the CI system for a new token, and check the clocks of both machines.',
  },
  'identity-token-used': {
    why: 'Each identity token counts once: whoever reads it in a log or in memory comes too late.',
    fix: 'Ask the CI system for a new token; if nobody of yours used this one, find out who did.',
  },
  'issuer-unknown': {
    why: 'The tenant does not trust the issuer of the token for a run like this one.',
    fix: 'Let an administrator add it: countersign issuer add',
  },
  'issuer-invalid': {
    why: 'A rule says exactly whose runs may sign for a tenant; one that says too little lets strangers in.',
    fix: 'Mend what the message names.',
  },
  'issuer-unreachable': {
    why: 'The keys of the issuer could not be fetched, so its tokens cannot be checked now.',
    fix: 'Check the network of the server, then try again.',
  },
  'provider-unreachable': {
    why: 'Without the word of the provider, no more is known of a run than its token says.',
    fix: 'Check the network of the server and its credentials for the provider, then try again.',
  },
  'provider-setup-invalid': {
    why: 'What asks a provider about runs has credentials for it, so its settings are taken in full or not at all.',
    fix: 'Mend what the message names.',
  },
  'identity-unavailable': {
    why: 'The CI system gave no identity token, so there is nothing to show to the authority.',
    fix: 'Allow the job to ask for one; the message says how in this CI system.',
  },
  'grade-too-low': {
    why: 'The contract says how well an identity must be known, and this one is known less well.',
    fix: 'Sign with an identity of the grade that is demanded, or let the provider confirm it.',
  },
  'enrolment-invalid': {
    why: 'An enrolment code lets one key in, once, and for a short while.',
    fix: 'Ask an administrator for a new code: countersign key invite',
  },
  'revocations-invalid': {
    why: 'A list of revoked keys that is not read to its last entry would leave a stolen key trusted.',
    fix: 'Have it written anew: countersign key list --revoked',
  },
  'signer-unreachable': {
    why: 'The service that holds the key did not answer, or not in time; nothing was signed.',
    fix: 'Check its address, the network and the credentials, then run the step again.',
  },
  'signer-setup-invalid': {
    why: 'What holds the key, the credentials for it, or the name of it is not what signing needs.',
    fix: 'Mend what the message names.',
  },
} as const satisfies Record<string, CodeEntry>
