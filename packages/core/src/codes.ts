import { ANCHOR_CODES } from './anchor-codes.ts'
import { GATE_CODES } from './gate-codes.ts'
import { CONTRACT_CODES } from './contract-codes.ts'
import { IDENTITY_CODES } from './identity-codes.ts'
import { PEOPLE_CODES } from './people-codes.ts'
import { type CodeEntry, SERVER_CODES } from './server-codes.ts'
import { PACK_CODES } from './pack-codes.ts'
import { REMARK_CODES } from './remark-codes.ts'
import { REPORT_CODES } from './report-codes.ts'
import { SIGSTORE_CODES } from './sigstore-codes.ts'

export type { CodeEntry }

/**
 * Every code that any part of Countersign reports: one closed union, shown by `countersign explain`.
 * A code, once released, keeps its meaning.
 */
export const CATALOGUE = {
  // Bytes, text and JSON
  'utf8-invalid': {
    why: 'Signed text must have one meaning; broken UTF-8 is read differently by different programs.',
    fix: 'Encode the text as UTF-8 without lone surrogates.',
  },
  'hex-invalid': {
    why: 'A digest has one spelling, lower-case hex, so that two texts never name the same bytes.',
    fix: 'Write the value in lower-case hex of the right length.',
  },
  'base64-invalid': {
    why: 'Lax base64 lets two different texts stand for the same bytes, which hides changes.',
    fix: 'Encode with standard, padded base64 without white space.',
  },
  'json-invalid': {
    why: 'What cannot be read in exactly one way is not read at all.',
    fix: 'Send well-formed JSON (RFC 8259).',
  },
  'json-duplicate-key': {
    why: 'Programs disagree on which of two equal keys counts, so a signature over both proves nothing.',
    fix: 'Give every object each key once.',
  },
  'json-number': {
    why: 'A number that programs round differently has no single signed value.',
    fix: 'Use integers within ±(2^53−1), or a string.',
  },
  'json-string': {
    why: 'A lone surrogate has no UTF-8 form, so the signed bytes would be ambiguous.',
    fix: 'Use well-formed Unicode text.',
  },
  'json-depth': {
    why: 'Deep nesting exhausts the stack of whoever reads it.',
    fix: 'Nest at most 64 levels.',
  },
  'input-too-large': {
    why: 'Size is bounded before anything is parsed, so that input cannot exhaust memory.',
    fix: 'Send less, or record a directory as one tree instead of many files.',
  },
  'path-invalid': {
    why: 'A file has one name; other spellings let a different file take its place.',
    fix: 'Use a relative path with forward slashes, without . or .. segments and without control characters.',
  },
  'pattern-invalid': {
    why: 'Patterns are plain wildcards, so that no pattern can stall or escape.',
    fix: 'Use a relative pattern with *, ** (a whole segment) and ? only.',
  },
  'key-invalid': {
    why: 'Only checked ECDSA P-256 and Ed25519 keys, and passkeys of these, are accepted; weak or malformed keys make forgery possible.',
    fix: 'Make a key with: countersign key new; or a passkey on the page Settings of the server.',
  },
  // Wire formats
  'bundle-invalid': {
    why: 'An attestation travels as a Sigstore bundle; anything beside its known fields is refused.',
    fix: 'Send the bundle as the signer wrote it.',
  },
  'bundle-version': {
    why: 'An unknown version may mean something this verifier does not check.',
    fix: 'Use bundle v0.3 (v0.1 and v0.2 are read too), or upgrade countersign.',
  },
  'envelope-invalid': {
    why: 'The signed envelope must be readable in exactly one way.',
    fix: 'Send the DSSE envelope as the signer wrote it.',
  },
  'signature-missing': {
    why: 'Empty never means pass: an envelope without a signature proves nothing.',
    fix: 'Sign the statement.',
  },
  'signature-count': {
    why: 'A bundle carries exactly one DSSE signature; more invite partial verification.',
    fix: 'Send one bundle a signature.',
  },
  'payload-type': {
    why: 'The signature covers the payload type; another type means another document.',
    fix: 'Use application/vnd.in-toto+json.',
  },
  'statement-invalid': {
    why: 'The signed statement does not have the shape of an in-toto Statement v1.',
    fix: 'Record the step with countersign, or follow packages/formats/SPEC.md.',
  },
  'predicate-type': {
    why: 'A statement of another type makes another claim; taking it for a step would be a confusion.',
    fix: 'Use an attestation with predicate type https://countersign.dev/step/v1.',
  },
  'subject-missing': {
    why: 'Empty never means pass: a statement about nothing proves nothing.',
    fix: 'Name at least one product, or receive at least one material.',
  },
  'digest-invalid': {
    why: 'Files are matched by SHA-256; weak or missing digests can be forged.',
    fix: 'Give every file a lower-case sha256 digest.',
  },
  'step-invalid': {
    why: 'The step predicate does not have its one shape; unknown fields are refused, absent facts are explicit nulls.',
    fix: 'Record the step with countersign, or follow packages/formats/SPEC.md.',
  },
  'receipt-invalid': {
    why: 'The receipt is not one that a log gave for this attestation as it is signed here: it is about another one, or about the signature of somebody else.',
    fix: 'Fetch the chain again from the server that gave it: it has the signature that the receipt is about.',
  },
  'withheld-invalid': {
    why: 'What stands for a step that is not shown must still prove a leaf of the same chain in a trusted log; this does not.',
    fix: 'Fetch the chain again from the server that withheld the step.',
  },
  'disclosure-invalid': {
    why: 'What opens a sealed field has one form and one spelling, with 32 bytes of salt; this has not.',
    fix: 'Ask whoever recorded the step for the line again, as it stands in the .chain.jsonl that countersign wrote.',
  },
  'disclosure-mismatch': {
    why: 'What is said to be in a sealed field is not what was signed there: it was changed, or is of another step or field.',
    fix: 'Ask whoever recorded the step for its own disclosure; without one the field stays sealed, and all else holds.',
  },
  'token-invalid': {
    why: 'The hand-over token is damaged.',
    fix: 'Copy COUNTERSIGN_CHAIN from the previous step unchanged.',
  },
  'chain-file-invalid': {
    why: 'A chain file has one Sigstore bundle, receipt, withheld attestation or disclosure a line; this line is something else.',
    fix: 'Use the .chain.jsonl that countersign wrote.',
  },
  'note-invalid': {
    why: 'A signed note has one form; text or signature lines that programs could split differently prove nothing.',
    fix: 'Send the note as its signer wrote it (C2SP signed-note).',
  },
  'checkpoint-invalid': {
    why: "A checkpoint names one log, one size and one root, each in its one spelling; else it is no log's promise.",
    fix: 'Fetch the checkpoint again, as the log published it (C2SP tlog-checkpoint).',
  },
  'cosignature-invalid': {
    why: 'A cosignature says when the witness saw the checkpoint, under its signature; without that it says nothing.',
    fix: 'Ask the witness again; it must answer with C2SP cosignature/v1.',
  },
  'leaf-invalid': {
    why: 'The log holds leaves of one form only; another may say something else to another reader.',
    fix: 'Fetch the entry or the receipt again from the server that issued it.',
  },
  'tlog-proof-invalid': {
    why: 'A proof that is not in its one form, or for a leaf beyond the tree, proves nothing.',
    fix: 'Fetch the .tlog-proof again from the log that issued it.',
  },
  'log-statement-invalid': {
    why: 'A statement of the log has one form, unlike that of a checkpoint, so that neither passes for the other.',
    fix: 'Fetch the statement again, as the log published it: GET /statements/NUMBER',
  },
  'head-proof-invalid': {
    why: 'A proof of a chain head has one form; another could say something else to another reader.',
    fix: 'Fetch it again: countersign head prove CHAIN',
  },
  'witness-message-invalid': {
    why: 'What logs and witnesses say to one another has one form, so that both mean the same tree.',
    fix: 'Speak the C2SP tlog-witness protocol.',
  },
  'policy-invalid': {
    why: 'A policy says who must have cosigned; one that can be read in two ways lets too few count as enough.',
    fix: 'Mend the line named: log VKEY, witness NAME VKEY URL, group NAME K NAME…, and one quorum NAME (C2SP tlog-policy).',
  },
  'evidence-invalid': {
    why: 'Evidence has one form and one spelling, so that all who read it judge the same; what is unknown is refused.',
    fix: 'Export it again with: countersign evidence export ARTIFACT',
  },
  // Signatures and identity
  'signature-invalid': {
    why: 'The signature does not verify under any trusted key: the payload was changed or somebody else signed it.',
    fix: 'Record and sign the step again with its own key; if it was signed rightly, find out what changed it.',
  },
  'signer-unknown': {
    why: 'The signer is nobody this verifier trusts.',
    fix: "Add the key to the contract's signers; without a contract name it (--trust FILE), or enrol it at the server (countersign key enroll).",
  },
  'signer-revoked': {
    why: 'The key was revoked; what it signs since then is not trusted.',
    fix: 'Sign with the key that replaced it.',
  },
  'signer-not-allowed': {
    why: 'The contract names who may sign this step, and this signer is not among them.',
    fix: 'Sign with a signer the contract lists for the step, or change the contract.',
  },
  'origin-mismatch': {
    why: "A checkpoint counts for the log it names; taken for another log's it would splice two histories.",
    fix: 'Use a checkpoint of the log you trust, or trust the log by its own origin.',
  },
  'trust-missing': {
    why: 'Empty never means pass: without a contract or trusted keys nothing can be verified.',
    fix: 'Name what you trust: --contract FILE or --trust KEY.',
  },
  'trust-root-mismatch': {
    why: 'The evidence asks to believe other keys or contracts than those that were pinned; anybody can make such a file.',
    fix: 'Judge under your own contract (--contract FILE), or pin the trust root that you got another way.',
  },
  // Handshake
  'previous-missing': {
    why: 'The step signs predecessors that are not there, so its way back to the source is broken.',
    fix: 'Upload the predecessor first, or hand over its .chain.jsonl.',
  },
  'previous-mismatch': {
    why: 'The predecessor named in the signed step is another step than the attestation it points to.',
    fix: 'Record the step again from what was really handed over.',
  },
  'chain-mismatch': {
    why: 'Steps of different runs cannot be spliced: the chain id is inside every signature.',
    fix: 'Start the step from predecessors of one run.',
  },
  'pipeline-mismatch': {
    why: 'A step belongs to the pipeline that its predecessors belong to.',
    fix: 'Use the pipeline name of the chain; what another pipeline made comes in under a contract that names it (outside).',
  },
  'contract-mismatch': {
    why: 'Every step of a run is bound to the contract the run began with.',
    fix: 'Run all steps under one contract, or start a new run.',
  },
  'attempt-mixed': {
    why: 'Steps of different attempts do not fit: what attempt 2 tested is not what attempt 1 built.',
    fix: 'Run the whole pipeline again in the new attempt, or let its contract carry attempts (attempts: carry).',
  },
  'predecessor-failed': {
    why: 'A failed step hands nothing over.',
    fix: 'Mend and re-run the failed step, then this one; what is run again, and what follows it, has one number: --attempt.',
  },
  'edge-empty': {
    why: 'The step receives nothing that its predecessor made or vouched for, so nothing links them.',
    fix: "Hand the predecessor's products over as materials.",
  },
  'material-unexplained': {
    why: 'A material that no predecessor made and the contract does not name is how foreign code gets in.',
    fix: "Receive it from a recorded step, or name it under the contract's outside materials; where it is a checkout that the step does not need, run it elsewhere, or with --no-git.",
  },
  'material-swapped': {
    why: "A material has the name of a predecessor's product and other bytes: it was swapped on the way.",
    fix: 'Find out who changed the file between the two steps; do not deploy it. Where only its mode was lost on the way, hand it over in an archive; where it was made anew on purpose, take its chain file away.',
  },
  'digest-conflict': {
    why: 'The digests of one file disagree about whether it is the same file.',
    fix: 'Record again; one of the digests was forged or is of something else.',
  },
  'step-unknown': {
    why: 'The contract has no such step.',
    fix: 'Use a step of the contract, and of a matrix one of its jobs (--matrix), or add it to the contract.',
  },
  'step-order': {
    why: 'The contract does not let this step follow that one.',
    fix: "Run the steps in the contract's order.",
  },
  'step-skipped': {
    why: 'A step that the contract requires is missing.',
    fix: 'Run the missing step; nothing is proven without it.',
  },
  'matrix-incomplete': {
    why: 'The contract requires every job of the matrix.',
    fix: 'Wait for all matrix jobs and receive all of them.',
  },
  'product-missing': {
    why: 'The contract says that the step makes a product that it did not record.',
    fix: 'Record it: add it to --products.',
  },
  'product-unexpected': {
    why: 'The step made something that the contract does not name.',
    fix: "Add it to the contract's products, or stop making it.",
  },
  'place-taken': {
    why: 'Another attestation already holds this place (chain, step, attempt, matrix key); the first one accepted wins.',
    fix: 'If the step really ran again, record it as a new attempt, with those before it unless the contract carries attempts: --attempt N; if for something else, name that: --matrix NAME.',
  },
  'nonce-reused': {
    why: "The step's nonce was used before: this is a replay.",
    fix: 'Record the step again; never re-sign an old statement.',
  },
  'time-order': {
    why: 'The step says it began before its predecessor finished, beyond the clock tolerance.',
    fix: "Set the runner's clock, then run the step again.",
  },
  'time-future': {
    why: 'The step says it finished in the future, beyond the clock tolerance.',
    fix: "Set the runner's clock, then run the step again.",
  },
  // Verdicts
  'artifact-unproven': {
    why: 'No verified step vouches for this artifact: for all we know it was made outside the pipeline.',
    fix: 'Deploy an artifact that the pipeline recorded, and hand over its .chain.jsonl.',
  },
  'step-failed': {
    why: "A step on the artifact's path failed.",
    fix: 'Mend it and run again, as the next attempt: --attempt N, with the steps before it unless the contract carries attempts.',
  },
  'final-missing': {
    why: "The contract's final step has not vouched for this artifact: the chain is cut short.",
    fix: 'Run the remaining steps before the gate.',
  },
  'receipt-missing': {
    why: "The contract demands the server's countersignature on every step, and this step has none.",
    fix: 'Upload the step to the server and fetch its receipt.',
  },
  'cosignature-missing': {
    why: 'Witnesses were demanded: a checkpoint that too few of them have seen may be of a history that is shown to one alone.',
    fix: 'Fetch the chain from its server again when the witnesses have answered: its receipts are then under a newer checkpoint.',
  },
  'step-withheld': {
    why: 'The content of a step is erased or not shown: that it took place is proven, what it did is not.',
    fix: 'Ask whoever withholds the step for it; or pass --allow-withheld to take the word of the steps after it.',
  },
  'evidence-unavailable': {
    why: 'The evidence could not be reached, so there is no verdict; a gate treats that as a denial.',
    fix: 'Make the server reachable; or judge by files alone, with --offline: those beside the artifact, and --chain FILE.',
  },
  // Transparency log
  'proof-invalid': {
    why: 'The proof does not lead to the signed root: the entry was never logged, or the log shows two histories.',
    fix: 'Fetch the proof again; if it still fails, keep both proof and checkpoint, and tell whoever runs the log.',
  },
  'proof-range': {
    why: 'The log has no such entry or size, so there is nothing to prove.',
    fix: 'Ask for an index below the size, and for a size that the log has reached.',
  },
  'tile-invalid': {
    why: 'A tile has one path and one length; read in any other way it would give other hashes than were logged.',
    fix: 'Fetch the tile again, by the path and at the width that the size of the tree demands.',
  },
  'tree-invalid': {
    why: 'What was stored of a tree does not have the shape its size demands; growing it would give a wrong root.',
    fix: 'Rebuild the tree from its entries, and compare its root with the last signed checkpoint.',
  },
  'log-corrupt': {
    why: 'What is stored of the log does not agree with itself: bytes were lost or changed on the disk.',
    fix: 'Find out what is damaged with: npm start -- --fsck. Bring that back from a copy; never sign over it.',
  },
  'log-behind': {
    why: 'The log has signed more entries than its data holds: a backup was brought back, or the end was lost. Signing now would show two histories.',
    fix: 'Bring back the data as it last was, and leave the lock as it is. SECURITY.md says it step by step: When the log refuses to start.',
  },
  'log-forked': {
    why: 'The data gives another root than was signed for the same entries: signing on would prove to all that the log has two histories.',
    fix: 'Find out what changed with: npm start -- --fsck. Bring back the data that was signed.',
  },
  'log-lock-missing': {
    why: 'Without the lock nobody knows what was signed last, so old data could not be told from new.',
    fix: 'Point the server to the lock of this log. It must never be deleted or made anew while there is data.',
  },
  'checkpoint-conflict': {
    why: 'Another checkpoint took the place of the one that was to be replaced: two servers sign for one log.',
    fix: 'Stop all servers of this log but one, then start that one again.',
  },
  'statement-forked': {
    why: 'The log signed two statements of which one history makes only one: it shows different things to different people.',
    fix: 'Keep both statements, trust neither, and tell everybody who relies on the log: they are the proof.',
  },
  'head-contradicted': {
    why: 'The log proved an entry of the chain that the head it states leaves out: it dropped or replaced part of the chain.',
    fix: 'Keep both proofs, and tell everybody who relies on the log: together they are the proof.',
  },
  'witness-conflict': {
    why: 'A witness has cosigned another history of this log: the data is not what was shown before, or somebody else signs with the same key.',
    fix: 'Stop, and find out who: SECURITY.md, When a witness disagrees. Bring back the newest data; never sign on.',
  },
  'witness-quorum': {
    why: 'Under this policy nothing is published that too few witnesses have cosigned, so that no history can be shown to one alone.',
    fix: 'Send it again later; it goes on by itself when the witnesses answer. Nothing was lost.',
  },
  'map-invalid': {
    why: 'Absence is proven by neighbours, so every key has 32 bytes and stands once, in order.',
    fix: 'Sort the keys by their bytes, and give each one value.',
  },
  // Recording
  'file-missing': {
    why: 'What is not there can be neither read nor recorded, and nothing is put in its place.',
    fix: 'Check the name; materials must exist before the command runs, products when it has ended.',
  },
  'file-unreadable': {
    why: 'What cannot be read cannot be vouched for.',
    fix: 'Give the recorder the right to read the file.',
  },
  'file-special': {
    why: 'FIFOs, sockets and devices have no fixed content to vouch for.',
    fix: 'Record regular files only.',
  },
  'file-changed': {
    why: 'The file changed while it was being hashed, so no digest of it is true.',
    fix: 'Let the writer finish before recording.',
  },
  'symlink-escapes': {
    why: 'A symbolic link leads out of the recorded directory, to bytes nobody handed over.',
    fix: 'Copy the file in, or record it from its own directory.',
  },
  'symlink-broken': {
    why: 'A symbolic link leads nowhere or in a circle.',
    fix: 'Remove or mend the link.',
  },
  'name-collision': {
    why: 'Two names are the same file on some systems, where one would replace the other.',
    fix: 'Rename one of them.',
  },
  'too-many-files': {
    why: 'An attestation lists a bounded number of files.',
    fix: 'Name the directory instead of a pattern: it is then recorded as one tree.',
  },
  'material-changed': {
    why: 'A material changed while the step ran, so what was built is not what was received.',
    fix: 'Do not write to materials; find out what changed the file.',
  },
  'lockfile-invalid': {
    why: 'A lock file that cannot be read in one way does not say which packages may be installed.',
    fix: 'Name a package-lock.json or npm-shrinkwrap.json of npm 7 or later.',
  },
  'dependency-unlocked': {
    why: 'A package is installed that the lock file does not name: nobody has reviewed it, and the next build may get another.',
    fix: 'Install with npm ci, or review the package and lock it.',
  },
  'nothing-recorded': {
    why: 'Empty never means pass: a step without materials and products proves nothing.',
    fix: 'Name --materials or --products, or run inside a git checkout.',
  },
  'command-unstartable': {
    why: 'The command could not be started.',
    fix: 'Check its name and that it is executable.',
  },
  'job-failed': {
    why: 'The job that this step is of failed, so nothing that it made is handed on.',
    fix: 'See the step of the job that failed, and run it again.',
  },
  'job-cancelled': {
    why: 'The job that this step is of was cancelled before it ended, so nothing that it made is handed on.',
    fix: 'Run the job again.',
  },
  'action-moved': {
    why: 'The same name of an action stood for other code in an earlier step: whoever can move it chooses what runs here.',
    fix: 'Pin the action by the full SHA of its commit in the workflow, and find out who moved it.',
  },
  'action-unpinned': {
    why: 'A tag or branch of an action can be moved to other code after it was reviewed; a commit cannot.',
    fix: 'Write the full SHA of the commit: uses: owner/name@<40 hex digits> # v1',
  },
  'git-failed': {
    why: 'The state of the source could not be read from git.',
    fix: 'Run inside a complete git checkout, or pass --no-git.',
  },
  'handover-refused': {
    why: 'What was handed over does not fit, so the command was not run.',
    fix: "See the reason; take the step's inputs from the recorded predecessor.",
  },
  // Keys and settings
  'key-unreadable': {
    why: 'The signing key could not be read.',
    fix: 'Check the path; make a key with: countersign key new',
  },
  'key-passphrase': {
    why: 'The key file is encrypted and the passphrase is missing or wrong.',
    fix: 'Set COUNTERSIGN_KEY_PASSPHRASE to the passphrase.',
  },
  'key-exists': {
    why: 'A key that exists is never overwritten.',
    fix: 'Choose another path, or move the old key away.',
  },
  'sign-failed': {
    why: 'The signature could not be made, or did not verify right after it was made.',
    fix: 'Check the key and the machine; nothing was published.',
  },
  usage: {
    why: 'The command line is not complete or does not fit together.',
    fix: 'See: countersign COMMAND --help',
  },
  'file-write-failed': {
    why: 'The result could not be written.',
    fix: 'Check the directory, its rights and the free space, then run again.',
  },
  ...ANCHOR_CODES,
  ...GATE_CODES,
  ...PACK_CODES,
  ...CONTRACT_CODES,
  ...IDENTITY_CODES,
  ...PEOPLE_CODES,
  ...SERVER_CODES,
  ...SIGSTORE_CODES,
  ...REPORT_CODES,
  ...REMARK_CODES,
} as const satisfies Record<string, CodeEntry>

export type Code = keyof typeof CATALOGUE
