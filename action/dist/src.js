// packages/core/src/anchor-codes.ts
/** The part of the catalogue that is about anchors: outside evidence for statements. */
const ANCHOR_CODES = {
	"anchor-invalid": {
		why: "A proof from outside must be readable in exactly one way before anything in it counts.",
		fix: "Get the proof again from the server, or from whoever issued it."
	},
	"anchor-mismatch": {
		why: "The proof is sound, and is about something else than this statement.",
		fix: "Use the proof that was made for this statement."
	},
	"anchor-unproven": {
		why: "A signature, a certificate or an inclusion in the proof does not verify, so it proves nothing.",
		fix: "Treat it as forged until it is explained; anchor the statement again."
	},
	"anchor-untrusted": {
		why: "The proof hangs on something that this verifier has no reason to believe: another log, authority or block.",
		fix: "Pin the key, certificate or block that it hangs on, from a source you trust."
	},
	"anchor-missing": {
		why: "Outside evidence was demanded, and this statement does not have it.",
		fix: "Wait until it is final, or see why it is not: countersign anchor list"
	},
	"anchor-pending": {
		why: "Outside evidence was demanded, is not there yet, and may still come in time.",
		fix: "Wait until the next statement is final in its anchors, then export the evidence again or ask again."
	},
	"anchor-late": {
		why: "Until something is anchored its log could have been rewritten; the contract says how long that may be.",
		fix: "See why the anchor came late: countersign anchor list"
	},
	"anchor-unreachable": {
		why: "The anchor did not answer, or not in time; the statement stays pending and is submitted again.",
		fix: "Check its address and the network: countersign anchor doctor"
	},
	"anchor-refused": {
		why: "The anchor refused the statement, or answered with what it cannot prove; trying again would change nothing.",
		fix: "See what it said, mend it, and put the statement back: countersign anchor retry"
	},
	"anchor-setup-invalid": {
		why: "A setting of an anchor says where statements go and who is believed; one that can be read in two ways is a risk.",
		fix: "Mend the address, configuration or trust root that is named; countersign anchor doctor looks at all of them."
	}
}, GATE_CODES = {
	"summary-refused": {
		why: "A verification summary is a yes only where it says PASSED; whatever else it says is none.",
		fix: "Ask the gate why: countersign gate ARTIFACT --remote"
	},
	"summary-expired": {
		why: "What was verified long ago says nothing of keys that were revoked since.",
		fix: "Have the artifact judged anew: countersign gate ARTIFACT --remote"
	},
	"image-unpinned": {
		why: "A tag can be moved between the moment it is judged and the moment it is pulled; a digest cannot.",
		fix: "Name the image with its digest, NAME@sha256:…, or let the mutating webhook put it there."
	},
	"image-unruled": {
		why: "Nobody has said under which contract this image must be built, so nothing can prove it.",
		fix: "Name it in the rules of the webhook, with its pipeline or contract, or among what is exempt."
	},
	"environment-unruled": {
		why: "Nobody has said under which contract what is deployed there must be built, so nothing can prove it.",
		fix: "Name the repository by its number, and the environment, in the rules of the App."
	},
	"webhook-unsigned": {
		why: "Whoever knows the address of a webhook can send to it; only who knows its secret is heard.",
		fix: "Give the App and its webhook the same secret."
	},
	"webhook-invalid": {
		why: "What cannot be read, or leads elsewhere than to the API that was set up, is not acted on.",
		fix: "Send the App deployment_protection_rule events of the API that it is set up with."
	},
	"admission-invalid": {
		why: "What cannot be read as an admission review is not admitted.",
		fix: "Register the webhook as workflows/kubernetes has it: admission.k8s.io/v1, for the resources named there."
	}
}, CONTRACT_CODES = {
	"contract-invalid": {
		why: "The contract cannot be understood, so nothing can be allowed under it.",
		fix: "Mend the line named, and check with: countersign contract lint"
	},
	"contract-empty": {
		why: "Empty never means pass: a contract without steps or signers allows nothing.",
		fix: "Describe at least one step and who may sign it."
	},
	"contract-missing": {
		why: "The pipeline has a contract, and this step is not bound to it.",
		fix: "Record with --contract FILE, the contract that the server holds."
	},
	"contract-unknown": {
		why: "The server does not hold the contract that the step is bound to.",
		fix: "Publish it: countersign contract publish FILE"
	},
	"evidence-missing": {
		why: "The contract asks for a report of this step, and the step recorded none of that kind that says enough.",
		fix: "Record it with the step: countersign run --evidence FILE"
	},
	"tests-failed": {
		why: "The contract asks that the tests passed, and their report says otherwise.",
		fix: "Mend what fails, and run the step again."
	},
	"vulnerability-found": {
		why: "A scan found a vulnerability that the contract does not bear, and no VEX that it takes excuses it.",
		fix: "Update what is vulnerable; or record a VEX document that says why it is not affected, with a step that the contract takes it from."
	},
	"approval-missing": {
		why: "The contract asks for the approval of so many different people; one of them counts once, whatever keys they have.",
		fix: "Have somebody else approve it: countersign approve ARTIFACT"
	},
	"approval-own": {
		why: "Whoever made something does not approve it: that would be one pair of eyes where two were asked for.",
		fix: "Have somebody else approve it."
	},
	"step-stale": {
		why: "What the step found out was true then; the contract says how long it counts.",
		fix: "Run the step again, and those after it."
	},
	"runner-not-allowed": {
		why: "The contract says what kind of machine the step runs on, and the certificate of its signer says another, or none.",
		fix: "Run it on such a runner, with an identity of the CI system."
	},
	"name-disallowed": {
		why: "The contract says that nothing of this name goes through the step, whatever else lets it in.",
		fix: "Leave it out of the materials and products, and find out how it came there."
	},
	"condition-unmet": {
		why: "A condition of the contract does not hold of this step, or asks for what nobody knows: that is never a pass.",
		fix: "See the condition named; mend the step, or the contract."
	},
	"material-unproven": {
		why: "A material is to come from another pipeline, and nothing that was shown proves it under the contract of that one.",
		fix: "Hand over the chain and the contract of that pipeline: --chain FILE --other-contract FILE"
	},
	"baseline-unmet": {
		why: "The organisation asks more of its contracts than this one does; a repository can only ask for more.",
		fix: "Add what is named to the contract, or judge under one that has it: countersign contract lint FILE --baseline FILE"
	},
	"contract-unsigned": {
		why: "Whoever can publish could else change the rules alone: a contract with maintainers is changed by as many of them as it says.",
		fix: "Have the maintainers sign it: countersign contract sign FILE, and publish what that wrote."
	},
	"contract-superseded": {
		why: "An older contract may let through what the newer one was made to stop.",
		fix: "Take the contract that is in force (countersign contract show PIPELINE), and run again under it."
	},
	"deviation-invalid": {
		why: "A deviation lets through what the contract refuses, so it says exactly what, where and until when; what could be forged is never excused.",
		fix: "Make it with: countersign deviate new, which names what can be excused."
	},
	"deviation-unsigned": {
		why: "Nobody excuses alone: a deviation counts when as many maintainers of the contract have signed it as that says.",
		fix: "Have the others sign it: countersign deviate sign FILE"
	},
	"deviation-expired": {
		why: "What was let through for a time is not let through for good.",
		fix: "Mend what it excused, or have the maintainers sign a new one."
	},
	"runs-differ": {
		why: "No one contract fits runs that differ in their steps or in what they hand over, so none is guessed.",
		fix: "Leave out the runs that are not as they should be, or write the contract by hand."
	}
}, IDENTITY_CODES = {
	"certificate-invalid": {
		why: "A certificate must be readable in exactly one way before anything in it counts.",
		fix: "Get a new certificate and sign again."
	},
	"certificate-untrusted": {
		why: "The certificate leads to no authority that this verifier trusts, or was not made for signing.",
		fix: "Name the authority you trust in the contract, or sign with a certificate of one that is there."
	},
	"certificate-expired": {
		why: "A signature counts only where its whole certificate path was valid when it was made.",
		fix: "Sign within the lifetime of the certificate: upload at once, or sign again with a new one."
	},
	"trust-root-invalid": {
		why: "A trust root says whom to believe. One that is malformed in one place is not believed in any other.",
		fix: "Fetch it again from where it is published: countersign trust update"
	},
	"time-untrusted": {
		why: "A certificate that lives for minutes proves nothing without a trusted time: nobody could tell when it was used.",
		fix: "Bring the receipt of the log, or a timestamp of an authority you trust, with the attestation."
	},
	"issuance-unproven": {
		why: "An authority that issues in secret can issue to anybody; a certificate counts only with the proof that it was logged.",
		fix: "Use an authority that logs what it issues, and trust the log it uses."
	},
	"identity-mismatch": {
		why: "What the step says of where it ran is not what its issuer vouched for: somebody set the environment.",
		fix: "Run the step where it says it runs; do not set variables of the CI system by hand."
	},
	"identity-refused": {
		why: "The issuer vouches for a run that must not sign: of a fork, of a pull request, over a shell, or on a runner of another kind.",
		fix: "Run the pipeline where its own repository triggers it, or let the issuer rule of the tenant allow it."
	},
	"identity-token-invalid": {
		why: "The identity token is not one that its issuer signed for this server.",
		fix: "Ask the CI system for a new token with the audience of this server."
	},
	"identity-token-expired": {
		why: "Identity tokens live for minutes, so that a stolen one is of no use.",
		fix: "Ask the CI system for a new token, and check the clocks of both machines."
	},
	"identity-token-used": {
		why: "Each identity token counts once: whoever reads it in a log or in memory comes too late.",
		fix: "Ask the CI system for a new token; if nobody of yours used this one, find out who did."
	},
	"issuer-unknown": {
		why: "The tenant does not trust the issuer of the token for a run like this one.",
		fix: "Let an administrator add it: countersign issuer add"
	},
	"issuer-invalid": {
		why: "A rule says exactly whose runs may sign for a tenant; one that says too little lets strangers in.",
		fix: "Mend what the message names."
	},
	"issuer-unreachable": {
		why: "The keys of the issuer could not be fetched, so its tokens cannot be checked now.",
		fix: "Check the network of the server, then try again."
	},
	"provider-unreachable": {
		why: "Without the word of the provider, no more is known of a run than its token says.",
		fix: "Check the network of the server and its credentials for the provider, then try again."
	},
	"provider-setup-invalid": {
		why: "What asks a provider about runs has credentials for it, so its settings are taken in full or not at all.",
		fix: "Mend what the message names."
	},
	"identity-unavailable": {
		why: "The CI system gave no identity token, so there is nothing to show to the authority.",
		fix: "Allow the job to ask for one; the message says how in this CI system."
	},
	"grade-too-low": {
		why: "The contract says how well an identity must be known, and this one is known less well.",
		fix: "Sign with an identity of the grade that is demanded, or let the provider confirm it."
	},
	"enrolment-invalid": {
		why: "An enrolment code lets one key in, once, and for a short while.",
		fix: "Ask an administrator for a new code: countersign key invite"
	},
	"revocations-invalid": {
		why: "A list of revoked keys that is not read to its last entry would leave a stolen key trusted.",
		fix: "Have it written anew: countersign key list --revoked"
	},
	"signer-unreachable": {
		why: "The service that holds the key did not answer, or not in time; nothing was signed.",
		fix: "Check its address, the network and the credentials, then run the step again."
	},
	"signer-setup-invalid": {
		why: "What holds the key, the credentials for it, or the name of it is not what signing needs.",
		fix: "Mend what the message names."
	}
}, PEOPLE_CODES = {
	"request-forged": {
		why: "A browser sends its cookie along whichever page asks, so what a cookie lets do must be asked for by a page of this server.",
		fix: "Send x-countersign-csrf as GET /v1/me gives it, from a page of the server's own origin; programs use an API token."
	},
	"sign-in-invalid": {
		why: "A link signs in once and for a short while, and an answer of a provider counts in the browser that asked for it, once.",
		fix: "Begin to sign in again, or have a new link made: countersign person link NAME"
	},
	"sign-in-refused": {
		why: "A provider says who somebody is; whether they get in, and as what, is for the rules of this server to say.",
		fix: "Have a rule of the server's sign-in settings name this person, their group or their domain."
	},
	"sign-in-setup-invalid": {
		why: "Who may sign in must be said in exactly one way; settings that two could read differently let somebody in unseen.",
		fix: "Mend the sign-in settings where the error says (server/README.md, \"Signing in\")."
	},
	"act-invalid": {
		why: "An entry of the audit log has one form and one spelling, and names the one before; another may say something else to another reader.",
		fix: "Fetch it again from the server that logged it: GET /v1/audit."
	},
	"audit-broken": {
		why: "Each administrative act names the one before: where one is missing or changed, somebody hides what was done.",
		fix: "Compare with the copies of others, and ask who has access to the server's database."
	}
}, SERVER_CODES = {
	"server-unreachable": {
		why: "The server did not answer.",
		fix: "Check COUNTERSIGN_URL and the network; signed steps wait in the spool."
	},
	"server-answer": {
		why: "The server answered with something that is not its protocol.",
		fix: "Check that COUNTERSIGN_URL points to a countersign server of this version."
	},
	"token-missing": {
		why: "Every request names its tenant by an API token.",
		fix: "Set COUNTERSIGN_TOKEN to a token of this server."
	},
	"token-scope": {
		why: "The token does not have the scope this request needs.",
		fix: "Use a token with the scope named."
	},
	"request-invalid": {
		why: "The request does not have the shape the API describes.",
		fix: "See /openapi.json for the request's shape."
	},
	"not-found": {
		why: "There is nothing by that name for this tenant.",
		fix: "Check the digest or name, and the token's tenant."
	},
	erased: {
		why: "The attestation was erased for good; only its place in its chain is left, and nothing may follow it or bring it back.",
		fix: "Run the pipeline again in a new run: what was erased can no longer be checked."
	},
	"tenant-exists": {
		why: "A name is of one tenant for good: whoever is given a token by it must find nobody else there.",
		fix: "Choose another name; those that are taken: npm start -- --tenants"
	},
	"method-unknown": {
		why: "There is no such route.",
		fix: "See /openapi.json for the routes."
	},
	"idempotency-conflict": {
		why: "The idempotency key was used for another request.",
		fix: "Use a new key for a new request."
	},
	"address-refused": {
		why: "Whoever names an address to a server has it ask for him: into the house, to its neighbours, to the metadata of its cloud. So nothing is sent but by https to the public internet (SSRF).",
		fix: "Name an https address on the public internet. A host of your own network is for the operator to allow: --webhook-allow HOST."
	},
	"server-busy": {
		why: "The server takes no more work than it can do in time.",
		fix: "Try again after the time in Retry-After."
	},
	"store-failed": {
		why: "The store could not be opened, or did not make the write durable; nothing was acknowledged.",
		fix: "Check the disk of the server, then send the request again."
	},
	"storage-full": {
		why: "The disk of the server has no room left, so nothing was written and nothing acknowledged. What it holds is still served.",
		fix: "Make room on the disk of its database and lock; it goes on by itself. Then send the request again."
	},
	"keys-missing": {
		why: "Every attestation is stored encrypted under a key of its own, in a file beside the database; without it nobody can read them.",
		fix: "Bring back the newest copy of the keys (--keys FILE). SECURITY.md says it step by step: Backups."
	},
	"data-in-use": {
		why: "Two servers on one data directory sign for one log: the one that is overtaken fails at every write from then on.",
		fix: "Stop the other server, or name another data directory: --data DIR"
	},
	"server-stopping": {
		why: "The server is stopping and finishes only what it has begun.",
		fix: "Send the request again to the next instance."
	},
	internal: {
		why: "Something failed that should not; the details are in the server's log only.",
		fix: "Try again; report it with the time and the request id."
	}
}, PACK_CODES = {
	"pack-invalid": {
		why: "A pack that other programs may unpack to something else proves one thing to one reader and another to the next.",
		fix: "Get the pack again, as countersign audit export wrote it: no other program may have packed it anew."
	},
	"pack-altered": {
		why: "Every file of a pack is named in its signed manifest with its digest and size, and nothing else may be in it.",
		fix: "Get the pack again from whoever signed it; if it still does not fit, ask them what was changed."
	},
	"pack-outside": {
		why: "What is of another period or pipeline than the manifest says makes its counts mean something else.",
		fix: "Have the pack exported again for the period and the pipelines that are asked about."
	},
	"pack-report": {
		why: "People read the report and not the evidence: it may say nothing that the evidence does not.",
		fix: "Believe what is counted here, not the report; have the pack exported again."
	},
	"pack-untrusted": {
		why: "Whoever makes a pack brings the keys that prove it; what only those prove is nobody else’s word.",
		fix: "Compare with whom you believe (--trust, --contract): either that is not all of them, or the pack claims too much."
	},
	"pack-busy": {
		why: "The server makes one audit pack at a time, and keeps a few: each reads whole runs and takes room on its disk.",
		fix: "Wait until the pack that is being made is ready, and download and remove those that are; then ask again."
	},
	"pack-stopped": {
		why: "A pack that is not whole is none: whoever asked stopped it, or the server did.",
		fix: "Ask for it again."
	}
}, REMARK_CODES = {
	"remark-invalid": {
		why: "A signed note has one form and one spelling, and says in one plain line what it is about; another may read differently to another reader.",
		fix: "Have it written and signed by: countersign note"
	},
	"remark-elsewhere": {
		why: "A note names the server and the organisation that it was written for, so that nobody brings it to another one.",
		fix: "Write it again for this server: countersign note … with its COUNTERSIGN_URL."
	},
	"remark-supersedes": {
		why: "What somebody signed is withdrawn by themselves alone; a dispute is resolved by somebody else, who did not sign what is disputed.",
		fix: "Look at what there is (countersign notes), and supersede the newest entry that is still open, as who may."
	}
}, REPORT_CODES = {
	"attachment-invalid": {
		why: "What lies beside a step has one spelling; anything beside its known fields is refused.",
		fix: "Use the chain file as countersign wrote it."
	},
	"report-unknown": {
		why: "A report is known by what it holds, never by its name; this one is of no type that is read.",
		fix: "Say what it is, to record it by its digest alone: --evidence TYPE=FILE, with a type of your own."
	},
	"report-invalid": {
		why: "What two programs read differently, or breaks its own format, says nothing for sure.",
		fix: "Have the tool write it again; see what countersign reads in SPEC.md §6, Reports."
	},
	"report-type": {
		why: "A report of one type must not count as one of another.",
		fix: "Name its type rightly, or leave the type out to have it found."
	},
	"report-subject": {
		why: "What is said of another artifact says nothing of this one, however well it is signed.",
		fix: "Get the report that was made for this artifact, or record it with the step that made what it is about."
	},
	"report-mismatch": {
		why: "What lies beside a step is its report only where the digest that was signed is its own, and it says what was signed.",
		fix: "Get the report again from whoever recorded the step; its digest is in: countersign inspect"
	},
	"report-signer": {
		why: "A step says who signed what it took in, and what it took in says otherwise: whoever recorded it is not to be believed.",
		fix: "Import the attestation again yourself, and look into how that step was recorded."
	},
	"service-unreachable": {
		why: "A registry, or the API of a forge, did not answer in time; nothing is known of what it has.",
		fix: "Check its address and the network, then try again."
	},
	"service-answer": {
		why: "What does not keep to its own protocol is not mended by guessing: it could mean anything.",
		fix: "Check that the address is that of the service, and that nothing between changes its answers."
	},
	"service-refused": {
		why: "The service knows who is asking, or does not, and will not do this for them.",
		fix: "Log in to it, or give the job the permission that it needs."
	}
}, SIGSTORE_CODES = {
	"entry-mismatch": {
		why: "The log has an entry, and it is about another signature, another key or other bytes than these.",
		fix: "Get the bundle that was made for this artifact from whoever signed it."
	},
	"entry-unproven": {
		why: "A signature of the log or the way to its root does not verify, so it does not prove that the entry is there.",
		fix: "Treat it as forged until it is explained; get the bundle again from whoever signed it."
	},
	"entry-untrusted": {
		why: "The entry is of a log that the trust root does not name, or not for that time.",
		fix: "Use the trust root of the instance that signed, and a current one: countersign trust update"
	},
	"entry-missing": {
		why: "A signature counts only where as many independent logs have it as are demanded; one log twice is one log.",
		fix: "Sign with the log, or demand fewer where you know why."
	},
	"artifact-mismatch": {
		why: "The signature is good, and is over something else than this artifact.",
		fix: "Get the artifact and its bundle again from one place."
	},
	"trust-root-expired": {
		why: "Whoever can hold back news of a trust root can keep a stolen key believed; so news must be fresh.",
		fix: "Fetch it again: countersign trust update; if that fails, find out who stands between you and the mirror."
	},
	"trust-root-refused": {
		why: "The mirror gave what its root of trust does not vouch for: older, mixed, too large, or not signed by enough.",
		fix: "Nothing was changed. Try another mirror; if all do it, find out why before you believe any."
	},
	"trust-root-unreachable": {
		why: "The mirror of the trust root did not answer, or not in time; what is there is what was there.",
		fix: "Check the network and --mirror, then try again."
	}
}, CATALOGUE = {
	"utf8-invalid": {
		why: "Signed text must have one meaning; broken UTF-8 is read differently by different programs.",
		fix: "Encode the text as UTF-8 without lone surrogates."
	},
	"hex-invalid": {
		why: "A digest has one spelling, lower-case hex, so that two texts never name the same bytes.",
		fix: "Write the value in lower-case hex of the right length."
	},
	"base64-invalid": {
		why: "Lax base64 lets two different texts stand for the same bytes, which hides changes.",
		fix: "Encode with standard, padded base64 without white space."
	},
	"json-invalid": {
		why: "What cannot be read in exactly one way is not read at all.",
		fix: "Send well-formed JSON (RFC 8259)."
	},
	"json-duplicate-key": {
		why: "Programs disagree on which of two equal keys counts, so a signature over both proves nothing.",
		fix: "Give every object each key once."
	},
	"json-number": {
		why: "A number that programs round differently has no single signed value.",
		fix: "Use integers within ±(2^53−1), or a string."
	},
	"json-string": {
		why: "A lone surrogate has no UTF-8 form, so the signed bytes would be ambiguous.",
		fix: "Use well-formed Unicode text."
	},
	"json-depth": {
		why: "Deep nesting exhausts the stack of whoever reads it.",
		fix: "Nest at most 64 levels."
	},
	"input-too-large": {
		why: "Size is bounded before anything is parsed, so that input cannot exhaust memory.",
		fix: "Send less, or record a directory as one tree instead of many files."
	},
	"path-invalid": {
		why: "A file has one name; other spellings let a different file take its place.",
		fix: "Use a relative path with forward slashes, without . or .. segments and without control characters."
	},
	"pattern-invalid": {
		why: "Patterns are plain wildcards, so that no pattern can stall or escape.",
		fix: "Use a relative pattern with *, ** (a whole segment) and ? only."
	},
	"key-invalid": {
		why: "Only checked ECDSA P-256 and Ed25519 keys, and passkeys of these, are accepted; weak or malformed keys make forgery possible.",
		fix: "Make a key with: countersign key new; or a passkey on the page Settings of the server."
	},
	"bundle-invalid": {
		why: "An attestation travels as a Sigstore bundle; anything beside its known fields is refused.",
		fix: "Send the bundle as the signer wrote it."
	},
	"bundle-version": {
		why: "An unknown version may mean something this verifier does not check.",
		fix: "Use bundle v0.3 (v0.1 and v0.2 are read too), or upgrade countersign."
	},
	"envelope-invalid": {
		why: "The signed envelope must be readable in exactly one way.",
		fix: "Send the DSSE envelope as the signer wrote it."
	},
	"signature-missing": {
		why: "Empty never means pass: an envelope without a signature proves nothing.",
		fix: "Sign the statement."
	},
	"signature-count": {
		why: "A bundle carries exactly one DSSE signature; more invite partial verification.",
		fix: "Send one bundle a signature."
	},
	"payload-type": {
		why: "The signature covers the payload type; another type means another document.",
		fix: "Use application/vnd.in-toto+json."
	},
	"statement-invalid": {
		why: "The signed statement does not have the shape of an in-toto Statement v1.",
		fix: "Record the step with countersign, or follow packages/formats/SPEC.md."
	},
	"predicate-type": {
		why: "A statement of another type makes another claim; taking it for a step would be a confusion.",
		fix: "Use an attestation with predicate type https://countersign.dev/step/v1."
	},
	"subject-missing": {
		why: "Empty never means pass: a statement about nothing proves nothing.",
		fix: "Name at least one product, or receive at least one material."
	},
	"digest-invalid": {
		why: "Files are matched by SHA-256; weak or missing digests can be forged.",
		fix: "Give every file a lower-case sha256 digest."
	},
	"step-invalid": {
		why: "The step predicate does not have its one shape; unknown fields are refused, absent facts are explicit nulls.",
		fix: "Record the step with countersign, or follow packages/formats/SPEC.md."
	},
	"receipt-invalid": {
		why: "The receipt is not one that a log gave for this attestation as it is signed here: it is about another one, or about the signature of somebody else.",
		fix: "Fetch the chain again from the server that gave it: it has the signature that the receipt is about."
	},
	"withheld-invalid": {
		why: "What stands for a step that is not shown must still prove a leaf of the same chain in a trusted log; this does not.",
		fix: "Fetch the chain again from the server that withheld the step."
	},
	"disclosure-invalid": {
		why: "What opens a sealed field has one form and one spelling, with 32 bytes of salt; this has not.",
		fix: "Ask whoever recorded the step for the line again, as it stands in the .chain.jsonl that countersign wrote."
	},
	"disclosure-mismatch": {
		why: "What is said to be in a sealed field is not what was signed there: it was changed, or is of another step or field.",
		fix: "Ask whoever recorded the step for its own disclosure; without one the field stays sealed, and all else holds."
	},
	"token-invalid": {
		why: "The hand-over token is damaged.",
		fix: "Copy COUNTERSIGN_CHAIN from the previous step unchanged."
	},
	"chain-file-invalid": {
		why: "A chain file has one Sigstore bundle, receipt, withheld attestation or disclosure a line; this line is something else.",
		fix: "Use the .chain.jsonl that countersign wrote."
	},
	"note-invalid": {
		why: "A signed note has one form; text or signature lines that programs could split differently prove nothing.",
		fix: "Send the note as its signer wrote it (C2SP signed-note)."
	},
	"checkpoint-invalid": {
		why: "A checkpoint names one log, one size and one root, each in its one spelling; else it is no log's promise.",
		fix: "Fetch the checkpoint again, as the log published it (C2SP tlog-checkpoint)."
	},
	"cosignature-invalid": {
		why: "A cosignature says when the witness saw the checkpoint, under its signature; without that it says nothing.",
		fix: "Ask the witness again; it must answer with C2SP cosignature/v1."
	},
	"leaf-invalid": {
		why: "The log holds leaves of one form only; another may say something else to another reader.",
		fix: "Fetch the entry or the receipt again from the server that issued it."
	},
	"tlog-proof-invalid": {
		why: "A proof that is not in its one form, or for a leaf beyond the tree, proves nothing.",
		fix: "Fetch the .tlog-proof again from the log that issued it."
	},
	"log-statement-invalid": {
		why: "A statement of the log has one form, unlike that of a checkpoint, so that neither passes for the other.",
		fix: "Fetch the statement again, as the log published it: GET /statements/NUMBER"
	},
	"head-proof-invalid": {
		why: "A proof of a chain head has one form; another could say something else to another reader.",
		fix: "Fetch it again: countersign head prove CHAIN"
	},
	"witness-message-invalid": {
		why: "What logs and witnesses say to one another has one form, so that both mean the same tree.",
		fix: "Speak the C2SP tlog-witness protocol."
	},
	"policy-invalid": {
		why: "A policy says who must have cosigned; one that can be read in two ways lets too few count as enough.",
		fix: "Mend the line named: log VKEY, witness NAME VKEY URL, group NAME K NAME…, and one quorum NAME (C2SP tlog-policy)."
	},
	"evidence-invalid": {
		why: "Evidence has one form and one spelling, so that all who read it judge the same; what is unknown is refused.",
		fix: "Export it again with: countersign evidence export ARTIFACT"
	},
	"signature-invalid": {
		why: "The signature does not verify under any trusted key: the payload was changed or somebody else signed it.",
		fix: "Record and sign the step again with its own key; if it was signed rightly, find out what changed it."
	},
	"signer-unknown": {
		why: "The signer is nobody this verifier trusts.",
		fix: "Add the key to the contract's signers; without a contract name it (--trust FILE), or enrol it at the server (countersign key enroll)."
	},
	"signer-revoked": {
		why: "The key was revoked; what it signs since then is not trusted.",
		fix: "Sign with the key that replaced it."
	},
	"signer-not-allowed": {
		why: "The contract names who may sign this step, and this signer is not among them.",
		fix: "Sign with a signer the contract lists for the step, or change the contract."
	},
	"origin-mismatch": {
		why: "A checkpoint counts for the log it names; taken for another log's it would splice two histories.",
		fix: "Use a checkpoint of the log you trust, or trust the log by its own origin."
	},
	"trust-missing": {
		why: "Empty never means pass: without a contract or trusted keys nothing can be verified.",
		fix: "Name what you trust: --contract FILE or --trust KEY."
	},
	"trust-root-mismatch": {
		why: "The evidence asks to believe other keys or contracts than those that were pinned; anybody can make such a file.",
		fix: "Judge under your own contract (--contract FILE), or pin the trust root that you got another way."
	},
	"previous-missing": {
		why: "The step signs predecessors that are not there, so its way back to the source is broken.",
		fix: "Upload the predecessor first, or hand over its .chain.jsonl."
	},
	"previous-mismatch": {
		why: "The predecessor named in the signed step is another step than the attestation it points to.",
		fix: "Record the step again from what was really handed over."
	},
	"chain-mismatch": {
		why: "Steps of different runs cannot be spliced: the chain id is inside every signature.",
		fix: "Start the step from predecessors of one run."
	},
	"pipeline-mismatch": {
		why: "A step belongs to the pipeline that its predecessors belong to.",
		fix: "Use the pipeline name of the chain; what another pipeline made comes in under a contract that names it (outside)."
	},
	"contract-mismatch": {
		why: "Every step of a run is bound to the contract the run began with.",
		fix: "Run all steps under one contract, or start a new run."
	},
	"attempt-mixed": {
		why: "Steps of different attempts do not fit: what attempt 2 tested is not what attempt 1 built.",
		fix: "Run the whole pipeline again in the new attempt, or let its contract carry attempts (attempts: carry)."
	},
	"predecessor-failed": {
		why: "A failed step hands nothing over.",
		fix: "Mend and re-run the failed step, then this one; what is run again, and what follows it, has one number: --attempt."
	},
	"edge-empty": {
		why: "The step receives nothing that its predecessor made or vouched for, so nothing links them.",
		fix: "Hand the predecessor's products over as materials."
	},
	"material-unexplained": {
		why: "A material that no predecessor made and the contract does not name is how foreign code gets in.",
		fix: "Receive it from a recorded step, or name it under the contract's outside materials; where it is a checkout that the step does not need, run it elsewhere, or with --no-git."
	},
	"material-swapped": {
		why: "A material has the name of a predecessor's product and other bytes: it was swapped on the way.",
		fix: "Find out who changed the file between the two steps; do not deploy it. Where only its mode was lost on the way, hand it over in an archive; where it was made anew on purpose, take its chain file away."
	},
	"digest-conflict": {
		why: "The digests of one file disagree about whether it is the same file.",
		fix: "Record again; one of the digests was forged or is of something else."
	},
	"step-unknown": {
		why: "The contract has no such step.",
		fix: "Use a step of the contract, and of a matrix one of its jobs (--matrix), or add it to the contract."
	},
	"step-order": {
		why: "The contract does not let this step follow that one.",
		fix: "Run the steps in the contract's order."
	},
	"step-skipped": {
		why: "A step that the contract requires is missing.",
		fix: "Run the missing step; nothing is proven without it."
	},
	"matrix-incomplete": {
		why: "The contract requires every job of the matrix.",
		fix: "Wait for all matrix jobs and receive all of them."
	},
	"product-missing": {
		why: "The contract says that the step makes a product that it did not record.",
		fix: "Record it: add it to --products."
	},
	"product-unexpected": {
		why: "The step made something that the contract does not name.",
		fix: "Add it to the contract's products, or stop making it."
	},
	"place-taken": {
		why: "Another attestation already holds this place (chain, step, attempt, matrix key); the first one accepted wins.",
		fix: "If the step really ran again, record it as a new attempt, with those before it unless the contract carries attempts: --attempt N; if for something else, name that: --matrix NAME."
	},
	"nonce-reused": {
		why: "The step's nonce was used before: this is a replay.",
		fix: "Record the step again; never re-sign an old statement."
	},
	"time-order": {
		why: "The step says it began before its predecessor finished, beyond the clock tolerance.",
		fix: "Set the runner's clock, then run the step again."
	},
	"time-future": {
		why: "The step says it finished in the future, beyond the clock tolerance.",
		fix: "Set the runner's clock, then run the step again."
	},
	"artifact-unproven": {
		why: "No verified step vouches for this artifact: for all we know it was made outside the pipeline.",
		fix: "Deploy an artifact that the pipeline recorded, and hand over its .chain.jsonl."
	},
	"step-failed": {
		why: "A step on the artifact's path failed.",
		fix: "Mend it and run again, as the next attempt: --attempt N, with the steps before it unless the contract carries attempts."
	},
	"final-missing": {
		why: "The contract's final step has not vouched for this artifact: the chain is cut short.",
		fix: "Run the remaining steps before the gate."
	},
	"receipt-missing": {
		why: "The contract demands the server's countersignature on every step, and this step has none.",
		fix: "Upload the step to the server and fetch its receipt."
	},
	"cosignature-missing": {
		why: "Witnesses were demanded: a checkpoint that too few of them have seen may be of a history that is shown to one alone.",
		fix: "Fetch the chain from its server again when the witnesses have answered: its receipts are then under a newer checkpoint."
	},
	"step-withheld": {
		why: "The content of a step is erased or not shown: that it took place is proven, what it did is not.",
		fix: "Ask whoever withholds the step for it; or pass --allow-withheld to take the word of the steps after it."
	},
	"evidence-unavailable": {
		why: "The evidence could not be reached, so there is no verdict; a gate treats that as a denial.",
		fix: "Make the server reachable; or judge by files alone, with --offline: those beside the artifact, and --chain FILE."
	},
	"proof-invalid": {
		why: "The proof does not lead to the signed root: the entry was never logged, or the log shows two histories.",
		fix: "Fetch the proof again; if it still fails, keep both proof and checkpoint, and tell whoever runs the log."
	},
	"proof-range": {
		why: "The log has no such entry or size, so there is nothing to prove.",
		fix: "Ask for an index below the size, and for a size that the log has reached."
	},
	"tile-invalid": {
		why: "A tile has one path and one length; read in any other way it would give other hashes than were logged.",
		fix: "Fetch the tile again, by the path and at the width that the size of the tree demands."
	},
	"tree-invalid": {
		why: "What was stored of a tree does not have the shape its size demands; growing it would give a wrong root.",
		fix: "Rebuild the tree from its entries, and compare its root with the last signed checkpoint."
	},
	"log-corrupt": {
		why: "What is stored of the log does not agree with itself: bytes were lost or changed on the disk.",
		fix: "Find out what is damaged with: npm start -- --fsck. Bring that back from a copy; never sign over it."
	},
	"log-behind": {
		why: "The log has signed more entries than its data holds: a backup was brought back, or the end was lost. Signing now would show two histories.",
		fix: "Bring back the data as it last was, and leave the lock as it is. SECURITY.md says it step by step: When the log refuses to start."
	},
	"log-forked": {
		why: "The data gives another root than was signed for the same entries: signing on would prove to all that the log has two histories.",
		fix: "Find out what changed with: npm start -- --fsck. Bring back the data that was signed."
	},
	"log-lock-missing": {
		why: "Without the lock nobody knows what was signed last, so old data could not be told from new.",
		fix: "Point the server to the lock of this log. It must never be deleted or made anew while there is data."
	},
	"checkpoint-conflict": {
		why: "Another checkpoint took the place of the one that was to be replaced: two servers sign for one log.",
		fix: "Stop all servers of this log but one, then start that one again."
	},
	"statement-forked": {
		why: "The log signed two statements of which one history makes only one: it shows different things to different people.",
		fix: "Keep both statements, trust neither, and tell everybody who relies on the log: they are the proof."
	},
	"head-contradicted": {
		why: "The log proved an entry of the chain that the head it states leaves out: it dropped or replaced part of the chain.",
		fix: "Keep both proofs, and tell everybody who relies on the log: together they are the proof."
	},
	"witness-conflict": {
		why: "A witness has cosigned another history of this log: the data is not what was shown before, or somebody else signs with the same key.",
		fix: "Stop, and find out who: SECURITY.md, When a witness disagrees. Bring back the newest data; never sign on."
	},
	"witness-quorum": {
		why: "Under this policy nothing is published that too few witnesses have cosigned, so that no history can be shown to one alone.",
		fix: "Send it again later; it goes on by itself when the witnesses answer. Nothing was lost."
	},
	"map-invalid": {
		why: "Absence is proven by neighbours, so every key has 32 bytes and stands once, in order.",
		fix: "Sort the keys by their bytes, and give each one value."
	},
	"file-missing": {
		why: "What is not there can be neither read nor recorded, and nothing is put in its place.",
		fix: "Check the name; materials must exist before the command runs, products when it has ended."
	},
	"file-unreadable": {
		why: "What cannot be read cannot be vouched for.",
		fix: "Give the recorder the right to read the file."
	},
	"file-special": {
		why: "FIFOs, sockets and devices have no fixed content to vouch for.",
		fix: "Record regular files only."
	},
	"file-changed": {
		why: "The file changed while it was being hashed, so no digest of it is true.",
		fix: "Let the writer finish before recording."
	},
	"symlink-escapes": {
		why: "A symbolic link leads out of the recorded directory, to bytes nobody handed over.",
		fix: "Copy the file in, or record it from its own directory."
	},
	"symlink-broken": {
		why: "A symbolic link leads nowhere or in a circle.",
		fix: "Remove or mend the link."
	},
	"name-collision": {
		why: "Two names are the same file on some systems, where one would replace the other.",
		fix: "Rename one of them."
	},
	"too-many-files": {
		why: "An attestation lists a bounded number of files.",
		fix: "Name the directory instead of a pattern: it is then recorded as one tree."
	},
	"material-changed": {
		why: "A material changed while the step ran, so what was built is not what was received.",
		fix: "Do not write to materials; find out what changed the file."
	},
	"lockfile-invalid": {
		why: "A lock file that cannot be read in one way does not say which packages may be installed.",
		fix: "Name a package-lock.json or npm-shrinkwrap.json of npm 7 or later."
	},
	"dependency-unlocked": {
		why: "A package is installed that the lock file does not name: nobody has reviewed it, and the next build may get another.",
		fix: "Install with npm ci, or review the package and lock it."
	},
	"nothing-recorded": {
		why: "Empty never means pass: a step without materials and products proves nothing.",
		fix: "Name --materials or --products, or run inside a git checkout."
	},
	"command-unstartable": {
		why: "The command could not be started.",
		fix: "Check its name and that it is executable."
	},
	"job-failed": {
		why: "The job that this step is of failed, so nothing that it made is handed on.",
		fix: "See the step of the job that failed, and run it again."
	},
	"job-cancelled": {
		why: "The job that this step is of was cancelled before it ended, so nothing that it made is handed on.",
		fix: "Run the job again."
	},
	"action-moved": {
		why: "The same name of an action stood for other code in an earlier step: whoever can move it chooses what runs here.",
		fix: "Pin the action by the full SHA of its commit in the workflow, and find out who moved it."
	},
	"action-unpinned": {
		why: "A tag or branch of an action can be moved to other code after it was reviewed; a commit cannot.",
		fix: "Write the full SHA of the commit: uses: owner/name@<40 hex digits> # v1"
	},
	"git-failed": {
		why: "The state of the source could not be read from git.",
		fix: "Run inside a complete git checkout, or pass --no-git."
	},
	"handover-refused": {
		why: "What was handed over does not fit, so the command was not run.",
		fix: "See the reason; take the step's inputs from the recorded predecessor."
	},
	"key-unreadable": {
		why: "The signing key could not be read.",
		fix: "Check the path; make a key with: countersign key new"
	},
	"key-passphrase": {
		why: "The key file is encrypted and the passphrase is missing or wrong.",
		fix: "Set COUNTERSIGN_KEY_PASSPHRASE to the passphrase."
	},
	"key-exists": {
		why: "A key that exists is never overwritten.",
		fix: "Choose another path, or move the old key away."
	},
	"sign-failed": {
		why: "The signature could not be made, or did not verify right after it was made.",
		fix: "Check the key and the machine; nothing was published."
	},
	usage: {
		why: "The command line is not complete or does not fit together.",
		fix: "See: countersign COMMAND --help"
	},
	"file-write-failed": {
		why: "The result could not be written.",
		fix: "Check the directory, its rights and the free space, then run again."
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
	...REMARK_CODES
};
// packages/core/src/errors.ts
/**
* The only error that leaves a room. `code` is from the closed union {@link Code};
* `what` names the concrete thing, `why` and `fix` come from the catalogue unless
* the thrower knows better.
*/
var CodedError = class extends Error {
	name = "CodedError";
	code;
	what;
	why;
	fix;
	constructor(code, what, more = {}) {
		super(`${code}: ${what}`, more.cause === void 0 ? void 0 : { cause: more.cause }), this.code = code, this.what = what, this.why = CATALOGUE[code].why, this.fix = more.fix ?? CATALOGUE[code].fix;
	}
	/** The four fields users see; safe to serialise. */
	report() {
		return {
			code: this.code,
			what: this.what,
			why: this.why,
			fix: this.fix
		};
	}
}, Findings = class {
	/** Made when there is a first: almost everything that is judged has none. */
	#kept = null;
	#more = null;
	find = (code, what) => {
		let key = `${code} ${what}`;
		this.#kept ??= /* @__PURE__ */ new Map(), this.#kept.has(key) || (this.#kept.size < 100 ? this.#kept.set(key, reportFor(code, what)) : this.#more === null ? this.#more = {
			code,
			count: 1
		} : this.#more.count++);
	};
	get list() {
		if (this.#kept === null) return [];
		let kept = [...this.#kept.values()];
		return this.#more === null ? kept : [...kept, reportFor(this.#more.code, `and ${this.#more.count} more findings`)];
	}
};
/** A report without an error to throw, for what is found and not thrown. */
function reportFor(code, what) {
	return {
		code,
		what,
		...CATALOGUE[code]
	};
}
/** Any thrown value as a report; what is not ours becomes `internal` with its details withheld. */
function reportOf(error) {
	return error instanceof CodedError ? error.report() : new CodedError("internal", "an unexpected error").report();
}
// packages/core/src/base64.ts
const CHUNK = 32768, encoder$1 = new TextEncoder();
/** Standard base64 with padding (RFC 4648 §4). */
function base64(bytes) {
	let binary = "";
	for (let i = 0; i < bytes.length; i += CHUNK) binary += String.fromCharCode.apply(null, bytes.subarray(i, i + CHUNK));
	return btoa(binary);
}
/**
* Bytes of standard base64. Canonical form only: the padded RFC 4648 §4 alphabet, zero trailing
* bits, no white space; anything else throws `base64-invalid`. Two texts never mean the same bytes.
*/
function fromBase64(text) {
	let binary;
	try {
		binary = atob(text);
	} catch (cause) {
		throw new CodedError("base64-invalid", "not base64", { cause });
	}
	if (!isCanonical(text, binary.length)) throw new CodedError("base64-invalid", "base64 is not in its canonical form");
	if (binary.length > 128) {
		let ascii = encoder$1.encode(binary);
		if (ascii.length === binary.length) return ascii;
	}
	let bytes = new Uint8Array(binary.length);
	for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
	return bytes;
}
/** Whether a text that atob took is the one form of its bytes: atob forgives white space, missing padding and trailing bits. */
function isCanonical(text, bytes) {
	if (text.length !== Math.ceil(bytes / 3) * 4) return !1;
	let spare = (3 - bytes % 3) % 3;
	if (spare === 0) return !0;
	if (!text.endsWith(spare === 1 ? "=" : "==")) return !1;
	let last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(text.charAt(text.length - 1 - spare));
	return last >= 0 && last % (spare === 1 ? 4 : 16) == 0;
}
/** base64url without padding (RFC 4648 §5, RFC 7515 §2). */
function base64url(bytes) {
	return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
/** Bytes of base64url without padding, in its one form: anything else throws `base64-invalid`. */
function fromBase64url(text) {
	if (/[^A-Za-z0-9_-]/.test(text)) throw new CodedError("base64-invalid", "not base64url without padding");
	let padding = "=".repeat((4 - text.length % 4) % 4);
	return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
}
// packages/core/src/bytes.ts
const encoder = new TextEncoder(), decoder = new TextDecoder("utf-8", {
	fatal: !0,
	ignoreBOM: !0
});
/** UTF-8 bytes of a string. A lone surrogate throws `utf8-invalid` rather than becoming U+FFFD. */
function utf8(text) {
	if (!text.isWellFormed()) throw new CodedError("utf8-invalid", "text holds a lone surrogate");
	return encoder.encode(text);
}
/** Text of UTF-8 bytes; invalid sequences throw `utf8-invalid`, a BOM is kept. */
function fromUtf8(bytes) {
	try {
		return decoder.decode(bytes);
	} catch (cause) {
		throw new CodedError("utf8-invalid", "bytes are not valid UTF-8", { cause });
	}
}
function concat(...parts) {
	let length = 0;
	for (let part of parts) length += part.length;
	let whole = new Uint8Array(length), at = 0;
	for (let part of parts) whole.set(part, at), at += part.length;
	return whole;
}
/** Equality in time that depends on the length alone. */
function equal(a, b) {
	if (a.length !== b.length) return !1;
	let difference = 0;
	for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
	return difference === 0;
}
// packages/core/src/glob.ts
/** Throws `pattern-invalid` for empty, absolute, `..`-holding or over-long patterns. */
function parseGlob(pattern) {
	let segments = pattern.split("/");
	if (pattern === "" || pattern.length > 1024 || pattern.includes("\\") || !pattern.isWellFormed() || segments.some((s) => s === "" || s === "." || s === ".." || s.includes("**") && s !== "**")) throw new CodedError("pattern-invalid", `pattern ${JSON.stringify(pattern.slice(0, 120))} is not a relative path pattern`);
	return {
		pattern,
		matches: matcherOf(pattern, segments)
	};
}
/**
* A pattern of text that is no path, such as a URI: `*` is any run without `/`, a part `**` between slashes any number
* of parts, everything else itself, `?` and empty parts included. Throws `pattern-invalid` for an empty or over-long one.
*/
function parseTextGlob(pattern) {
	let segments = pattern.split("/");
	if (pattern === "" || pattern.length > 1024 || !pattern.isWellFormed() || segments.some((s) => s.includes("**") && s !== "**")) throw new CodedError("pattern-invalid", `pattern ${JSON.stringify(pattern.slice(0, 120))} is no pattern of a text`);
	return {
		pattern,
		matches: (text) => matchSegments(segments, text.split("/"), !1)
	};
}
/** The common patterns need no table: everything, one path, one segment. */
function matcherOf(pattern, segments) {
	return pattern === "**" ? () => !0 : isLiteral(pattern) ? (path) => path === pattern : segments.length === 1 ? (path) => !path.includes("/") && matchText(pattern, path) : (path) => matchSegments(segments, path.split("/"));
}
/** True when the pattern is a plain path. */
function isLiteral(pattern) {
	return !/[*?]/.test(pattern);
}
function matchSegments(pattern, path, anyOne = !0) {
	let reachable = Array.from({ length: path.length + 1 }, (_, j) => j === 0);
	for (let segment of pattern) {
		let next = Array.from({ length: path.length + 1 }, () => !1);
		for (let j = 0; j <= path.length; j++) segment === "**" ? next[j] = reachable[j] || j > 0 && next[j - 1] : j > 0 && reachable[j - 1] && (next[j] = matchText(segment, path[j - 1], anyOne));
		reachable = next;
	}
	return reachable[path.length];
}
/** `anyOne`: whether `?` is any one character. */
function matchText(pattern, text, anyOne = !0) {
	let p = 0, t = 0, star = -1, mark = 0;
	for (; t < text.length;) if (p < pattern.length && pattern[p] === "*") star = p++, mark = t;
	else if (p < pattern.length && (anyOne && pattern[p] === "?" || pattern[p] === text[t])) t += anyOne && pattern[p] === "?" ? width(text, t) : 1, p++;
	else if (star >= 0) p = star + 1, mark += width(text, mark), t = mark;
	else return !1;
	for (; pattern[p] === "*";) p++;
	return p === pattern.length;
}
/** UTF-16 units of the character at `at`. */
function width(text, at) {
	return text.codePointAt(at) > 65535 ? 2 : 1;
}
// node_modules/@noble/hashes/_u64.js
const U32_MASK64 = /* @__PURE__ */ BigInt(2 ** 32 - 1), _32n = /* @__PURE__ */ BigInt(32);
function fromBig(n, le = !1) {
	return le ? {
		h: Number(n & U32_MASK64),
		l: Number(n >> _32n & U32_MASK64)
	} : {
		h: Number(n >> _32n & U32_MASK64) | 0,
		l: Number(n & U32_MASK64) | 0
	};
}
function split(lst, le = !1) {
	let len = lst.length, Ah = new Uint32Array(len), Al = new Uint32Array(len);
	for (let i = 0; i < len; i++) {
		let { h, l } = fromBig(lst[i], le);
		[Ah[i], Al[i]] = [h, l];
	}
	return [Ah, Al];
}
const fromNumH = (n) => n / 2 ** 32 | 0, fromNumL = (n) => n >>> 0;
function setU64FromNum(view, byteOffset, n, isLE) {
	let h = fromNumH(n), l = fromNumL(n);
	view.setUint32(byteOffset, isLE ? l : h, isLE), view.setUint32(byteOffset + 4, isLE ? h : l, isLE);
}
const shrSH = (h, _l, s) => h >>> s, shrSL = (h, l, s) => h << 32 - s | l >>> s, rotrSH = (h, l, s) => h >>> s | l << 32 - s, rotrSL = (h, l, s) => h << 32 - s | l >>> s, rotrBH = (h, l, s) => h << 64 - s | l >>> s - 32, rotrBL = (h, l, s) => h >>> s - 32 | l << 64 - s;
function add(Ah, Al, Bh, Bl) {
	let l = (Al >>> 0) + (Bl >>> 0);
	return {
		h: Ah + Bh + (l / 2 ** 32 | 0) | 0,
		l: l | 0
	};
}
const add3L = (Al, Bl, Cl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0), add3H = (low, Ah, Bh, Ch) => Ah + Bh + Ch + (low / 2 ** 32 | 0) | 0, add4L = (Al, Bl, Cl, Dl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0), add4H = (low, Ah, Bh, Ch, Dh) => Ah + Bh + Ch + Dh + (low / 2 ** 32 | 0) | 0, add5L = (Al, Bl, Cl, Dl, El) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0) + (El >>> 0), add5H = (low, Ah, Bh, Ch, Dh, Eh) => Ah + Bh + Ch + Dh + Eh + (low / 2 ** 32 | 0) | 0;
// node_modules/@noble/hashes/utils.js
/**
* Checks if something is Uint8Array. Be careful: nodejs Buffer will return true.
* @param a - value to test
* @returns `true` when the value is a Uint8Array-compatible view.
* @example
* Check whether a value is a Uint8Array-compatible view.
* ```ts
* isBytes(new Uint8Array([1, 2, 3]));
* ```
*/
function isBytes(a) {
	return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
}
const atitle = (title) => title ? `"${title}" ` : "";
/**
* Asserts something is a non-negative integer.
* @param n - number to validate
* @param title - label included in thrown errors
* @returns The validated number.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Validate a non-negative integer option.
* ```ts
* anumber(32, 'length');
* ```
*/
function anumber(n, title = "") {
	if (typeof n != "number") throw TypeError(atitle(title) + "expected number, got " + typeof n);
	if (!Number.isSafeInteger(n) || n < 0) throw RangeError(atitle(title) + "expected integer >= 0, got " + n);
	return n;
}
/**
* Asserts something is a boolean.
* @param value - value to validate
* @param title - label included in thrown errors
* @returns The validated boolean.
* @throws On wrong argument types. {@link TypeError}
* @example
* Validate a boolean option.
* ```ts
* abool(true, 'enableXOF');
* ```
*/
function abool(value, title = "") {
	if (typeof value != "boolean") throw TypeError(atitle(title) + "expected boolean, got type=" + typeof value);
	return value;
}
/**
* Asserts something is Uint8Array.
* @param value - value to validate
* @param length - optional exact length constraint
* @param title - label included in thrown errors
* @returns The validated byte array.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Validate that a value is a byte array.
* ```ts
* abytes(new Uint8Array([1, 2, 3]));
* ```
*/
function abytes(value, length, title = "") {
	if (isBytes(value) && (length === void 0 || value.length === length)) return value;
	length !== void 0 && anumber(length, "length");
	let bytes = isBytes(value), ofLen = length === void 0 ? "" : ` of length ${length}`, got = bytes ? `length=${value.length}` : `type=${typeof value}`, message = atitle(title) + "expected Uint8Array" + ofLen + ", got " + got;
	throw bytes ? RangeError(message) : TypeError(message);
}
/**
* Asserts something is a wrapped hash constructor.
* @param h - hash constructor to validate
* @throws On wrong argument types or invalid hash wrapper shape. {@link TypeError}
* @throws On invalid hash metadata ranges or values. {@link RangeError}
* @throws If the hash metadata allows empty outputs or block sizes. {@link Error}
* @example
* Validate a callable hash wrapper.
* ```ts
* import { ahash } from '@noble/hashes/utils.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* ahash(sha256);
* ```
*/
function ahash(h) {
	if (typeof h != "function" || typeof h.create != "function") throw TypeError("expected hash wrapped by utils.createHasher");
	if (anumber(h.outputLen), anumber(h.blockLen), h.outputLen < 1 || h.blockLen < 1) throw Error("hash blockLen / outputLen must be >= 1");
}
const aobject = (value, label) => {
	if (typeof value != "object" || !value || Array.isArray(value)) throw TypeError((label === "object" ? "" : `"${label}" `) + "expected object, got type=" + typeof value);
}, aopts = (value, label) => {
	aobject(value, label);
	let proto = Object.getPrototypeOf(value);
	if (proto !== Object.prototype && proto !== null) throw TypeError(`"${label}" expected plain object`);
	if (Object.hasOwn(value, "__proto__")) throw TypeError(`"${label}.__proto__" is not allowed`);
};
/**
* Asserts a hash instance has not been destroyed or finished.
* @param instance - hash instance to validate
* @param checkFinished - whether to reject finalized instances
* @throws If the hash instance has already been destroyed or finalized. {@link Error}
* @example
* Validate that a hash instance is still usable.
* ```ts
* import { aexists } from '@noble/hashes/utils.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const hash = sha256.create();
* aexists(hash);
* ```
*/
function aexists(instance, checkFinished = !0) {
	if (instance.destroyed) throw Error("hash was destroyed");
	if (checkFinished && instance.finished) throw Error("digest() was already called");
}
/**
* Asserts output is a sufficiently-sized byte array.
* @param out - destination buffer
* @param instance - hash instance providing output length
* Oversized buffers are allowed; downstream code only promises to fill the first `outputLen` bytes.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Validate a caller-provided digest buffer.
* ```ts
* import { aoutput } from '@noble/hashes/utils.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const hash = sha256.create();
* aoutput(new Uint8Array(hash.outputLen), hash);
* ```
*/
function aoutput(out, instance) {
	abytes(out, void 0, "output");
	let min = instance.outputLen;
	if (!(out.length >= min)) throw RangeError("\"output\" expected length >= " + min);
}
/**
* Casts a typed array view to Uint32Array.
* `arr.byteOffset` must already be 4-byte aligned or the platform
* Uint32Array constructor will throw.
* @param arr - source typed array
* @returns Uint32Array view over the same buffer.
* @example
* Reinterpret a byte array as 32-bit words.
* ```ts
* u32(new Uint8Array(8));
* ```
*/
function u32(arr) {
	return new Uint32Array(arr.buffer, arr.byteOffset, Math.floor(arr.byteLength / 4));
}
/**
* Zeroizes typed arrays in place. Warning: JS provides no guarantees.
* @param arrays - arrays to overwrite with zeros
* @example
* Zeroize sensitive buffers in place.
* ```ts
* clean(new Uint8Array([1, 2, 3]));
* ```
*/
function clean(...arrays) {
	for (let i = 0; i < arrays.length; i++) arrays[i].fill(0);
}
/**
* Creates a DataView for byte-level manipulation.
* @param arr - source typed array
* @returns DataView over the same buffer region.
* @example
* Create a DataView over an existing buffer.
* ```ts
* createView(new Uint8Array(4));
* ```
*/
function createView(arr) {
	return new DataView(arr.buffer, arr.byteOffset, arr.byteLength);
}
/**
* Rotate-right operation for uint32 values.
* @param word - source word
* @param shift - shift amount in bits
* @returns Rotated word.
* @example
* Rotate a 32-bit word to the right.
* ```ts
* rotr(0x12345678, 8);
* ```
*/
function rotr(word, shift) {
	return word << 32 - shift | word >>> shift;
}
/**
* Rotate-left operation for uint32 values.
* @param word - source word
* @param shift - shift amount in bits
* @returns Rotated word.
* @example
* Rotate a 32-bit word to the left.
* ```ts
* rotl(0x12345678, 8);
* ```
*/
function rotl(word, shift) {
	return word << shift | word >>> 32 - shift >>> 0;
}
/** Whether the current platform is little-endian. */
const isLE = new Uint8Array(new Uint32Array([287454020]).buffer)[0] === 68;
/**
* Byte-swap operation for uint32 values.
* @param word - source word
* @returns Word with reversed byte order.
* @example
* Reverse the byte order of a 32-bit word.
* ```ts
* byteSwap(0x11223344);
* ```
*/
function byteSwap(word) {
	return word << 24 & 4278190080 | word << 8 & 16711680 | word >>> 8 & 65280 | word >>> 24 & 255;
}
/**
* Byte-swaps every word of a Uint32Array in place.
* @param arr - array to mutate
* @returns The same array after mutation; callers pass live state arrays here.
* @example
* Reverse the byte order of every word in place.
* ```ts
* byteSwap32(new Uint32Array([0x11223344]));
* ```
*/
function byteSwap32(arr) {
	for (let i = 0; i < arr.length; i++) arr[i] = byteSwap(arr[i]);
	return arr;
}
/**
* Conditionally byte-swaps a Uint32Array on big-endian platforms.
* @param u - array to normalize for host endianness
* @returns Original or byte-swapped array depending on platform endianness.
*   On big-endian runtimes this mutates `u` in place via `byteSwap32(...)`.
* @example
* Normalize a word array for host endianness.
* ```ts
* swap32IfBE(new Uint32Array([0x11223344]));
* ```
*/
const swap32IfBE = isLE ? (u) => u : byteSwap32, hasHexBuiltin = typeof Uint8Array.from([]).toHex == "function" && typeof Uint8Array.fromHex == "function", hexes = /* @__PURE__ */ Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
/**
* Convert byte array to hex string.
* Uses the built-in function when available and assumes it matches the tested
* fallback semantics.
* @param bytes - bytes to encode
* @returns Lowercase hexadecimal string.
* @throws On wrong argument types. {@link TypeError}
* @example
* Convert bytes to lowercase hexadecimal.
* ```ts
* bytesToHex(Uint8Array.from([0xca, 0xfe, 0x01, 0x23])); // 'cafe0123'
* ```
*/
function bytesToHex(bytes) {
	if (abytes(bytes), hasHexBuiltin) return bytes.toHex();
	let hex = "";
	for (let i = 0; i < bytes.length; i++) hex += hexes[bytes[i]];
	return hex;
}
function asciiToBase16(ch) {
	return ch >= 48 && ch <= 57 ? ch - 48 : ch >= 65 && ch <= 70 ? ch - 55 : ch >= 97 && ch <= 102 ? ch - 87 : void 0;
}
/**
* Convert hex string to byte array. Uses built-in function, when available.
* @param hex - hexadecimal string to decode
* @returns Decoded bytes.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Decode lowercase hexadecimal into bytes.
* ```ts
* hexToBytes('cafe0123'); // Uint8Array.from([0xca, 0xfe, 0x01, 0x23])
* ```
*/
function hexToBytes(hex) {
	if (typeof hex != "string") throw TypeError("hex string expected, got " + typeof hex);
	if (hasHexBuiltin) try {
		return Uint8Array.fromHex(hex);
	} catch (error) {
		throw error instanceof SyntaxError ? RangeError(error.message) : error;
	}
	let hl = hex.length, al = hl / 2;
	if (hl % 2) throw RangeError("hex string expected, got unpadded hex of length " + hl);
	let array = new Uint8Array(al);
	for (let ai = 0, hi = 0; ai < al; ai++, hi += 2) {
		let n1 = asciiToBase16(hex.charCodeAt(hi)), n2 = asciiToBase16(hex.charCodeAt(hi + 1));
		if (n1 === void 0 || n2 === void 0) {
			let char = hex[hi] + hex[hi + 1];
			throw RangeError("hex string expected, got non-hex character \"" + char + "\" at index " + hi);
		}
		array[ai] = n1 * 16 + n2;
	}
	return array;
}
/**
* Copies several Uint8Arrays into one.
* @param arrays - arrays to concatenate
* @returns Concatenated byte array.
* @throws On wrong argument types. {@link TypeError}
* @example
* Concatenate multiple byte arrays.
* ```ts
* concatBytes(new Uint8Array([1]), new Uint8Array([2]));
* ```
*/
function concatBytes(...arrays) {
	let sum = 0;
	for (let i = 0; i < arrays.length; i++) {
		let a = arrays[i];
		abytes(a), sum += a.length;
	}
	let res = new Uint8Array(sum);
	for (let i = 0, pad = 0; i < arrays.length; i++) {
		let a = arrays[i];
		res.set(a, pad), pad += a.length;
	}
	return res;
}
/**
* Merges default options and passed options.
* @param defaults - base option object
* @param opts - user overrides
* @param title - label included in thrown override errors
* @returns Fresh merged option object with a null prototype.
* @throws On wrong argument types. {@link TypeError}
* @example
* Merge user overrides onto default options.
* ```ts
* checkOpts({ dkLen: 32 }, { asyncTick: 10 });
* ```
*/
function checkOpts(defaults, opts, title = "opts") {
	return aopts(defaults, "defaults"), opts !== void 0 && aopts(opts, title), Object.assign(Object.create(null), defaults, opts);
}
/**
* Creates a callable hash function from a stateful class constructor.
* @param hashCons - hash constructor or factory
* @param info - optional metadata such as DER OID
* @returns Frozen callable hash wrapper with `.create()`.
*   Wrapper construction eagerly calls `hashCons(undefined)` once to read
*   `outputLen` / `blockLen`, so constructor side effects happen at module
*   init time.
* @throws On wrong argument types. {@link TypeError}
* @example
* Wrap a stateful hash constructor into a callable helper.
* ```ts
* import { createHasher } from '@noble/hashes/utils.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const wrapped = createHasher(sha256.create, { oid: sha256.oid });
* wrapped(new Uint8Array([1]));
* ```
*/
function createHasher(hashCons, info = {}) {
	if (typeof hashCons != "function") throw TypeError("\"hashCons\" expected function, got type=" + typeof hashCons);
	info = checkOpts({}, info, "info");
	let hashC = (msg, opts) => hashCons(opts).update(msg).digest(), tmp = hashCons(void 0);
	return hashC.outputLen = tmp.outputLen, hashC.blockLen = tmp.blockLen, hashC.canXOF = tmp.canXOF, hashC.create = (opts) => hashCons(opts), Object.assign(hashC, info), Object.freeze(hashC);
}
/**
* Cryptographically secure PRNG backed by `crypto.getRandomValues`.
* @param bytesLength - number of random bytes to generate
* @returns Random bytes.
* The platform `getRandomValues()` implementation still defines any
* single-call length cap, and this helper rejects oversize requests
* with a stable library `RangeError` instead of host-specific errors.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @throws If the current runtime does not provide `crypto.getRandomValues`. {@link Error}
* @example
* Generate a fresh random key or nonce.
* ```ts
* const key = randomBytes(16);
* ```
*/
function randomBytes(bytesLength = 32) {
	anumber(bytesLength, "bytesLength");
	let cr = typeof globalThis == "object" ? globalThis.crypto : null;
	if (typeof cr?.getRandomValues != "function") throw Error("crypto.getRandomValues must be defined");
	if (bytesLength > 65536) throw RangeError(`"bytesLength" expected <= 65536, got ${bytesLength}`);
	return cr.getRandomValues(new Uint8Array(bytesLength));
}
/**
* Creates OID metadata for NIST hashes with prefix `06 09 60 86 48 01 65 03 04 02`.
* @param suffix - final OID byte for the selected hash.
*   The helper accepts any byte even though only the documented NIST hash
*   suffixes are meaningful downstream.
* @returns Object containing the DER-encoded OID.
* @example
* Build OID metadata for a NIST hash.
* ```ts
* oidNist(0x01);
* ```
*/
const oidNist = (suffix) => ({ oid: Uint8Array.from([
	6,
	9,
	96,
	134,
	72,
	1,
	101,
	3,
	4,
	2,
	suffix
]) });
// node_modules/@noble/hashes/_md.js
/**
* Internal Merkle-Damgard hash utils.
* @module
*/
/**
* Shared 32-bit conditional boolean primitive reused by SHA-256, SHA-1, and MD5 `F`.
* Returns bits from `b` when `a` is set, otherwise from `c`.
* The XOR form is equivalent to MD5's `F(X,Y,Z) = XY v not(X)Z` because the masked terms never
* set the same bit.
* @param a - selector word
* @param b - word chosen when selector bit is set
* @param c - word chosen when selector bit is clear
* @returns Mixed 32-bit word.
* @example
* Combine three words with the shared 32-bit choice primitive.
* ```ts
* Chi(0xffffffff, 0x12345678, 0x87654321);
* ```
*/
function Chi(a, b, c) {
	return a & b ^ ~a & c;
}
/**
* Shared 32-bit majority primitive reused by SHA-256 and SHA-1.
* Returns bits shared by at least two inputs.
* @param a - first input word
* @param b - second input word
* @param c - third input word
* @returns Mixed 32-bit word.
* @example
* Combine three words with the shared 32-bit majority primitive.
* ```ts
* Maj(0xffffffff, 0x12345678, 0x87654321);
* ```
*/
function Maj(a, b, c) {
	return a & b ^ a & c ^ b & c;
}
/**
* Merkle-Damgard hash construction base class.
* Could be used to create MD5, RIPEMD, SHA1, SHA2.
* Accepts only byte-aligned `Uint8Array` input, even when the underlying spec describes bit
* strings with partial-byte tails.
* @param blockLen - internal block size in bytes
* @param outputLen - digest size in bytes
* @param padOffset - trailing length field size in bytes
* @param isLE - whether length and state words are encoded in little-endian
* @example
* Use a concrete subclass to get the shared Merkle-Damgard update/digest flow.
* ```ts
* import { _SHA1 } from '@noble/hashes/legacy.js';
* const hash = new _SHA1();
* hash.update(new Uint8Array([97, 98, 99]));
* hash.digest();
* ```
*/
var HashMD = class {
	blockLen;
	outputLen;
	canXOF = !1;
	padOffset;
	isLE;
	buffer;
	view;
	finished = !1;
	length = 0;
	pos = 0;
	destroyed = !1;
	constructor(blockLen, outputLen, padOffset, isLE) {
		this.blockLen = blockLen, this.outputLen = outputLen, this.padOffset = padOffset, this.isLE = isLE, this.buffer = new Uint8Array(blockLen), this.view = createView(this.buffer);
	}
	update(data) {
		aexists(this), abytes(data);
		let { view, buffer, blockLen } = this, len = data.length, processed = !1;
		for (let pos = 0; pos < len;) {
			let take = Math.min(blockLen - this.pos, len - pos);
			if (take === blockLen) {
				let dataView = createView(data);
				for (; blockLen <= len - pos; pos += blockLen) this.process(dataView, pos);
				processed = !0;
			} else buffer.set(pos === 0 && take === len ? data : data.subarray(pos, pos + take), this.pos), this.pos += take, pos += take, this.pos === blockLen && (this.process(view, 0), this.pos = 0, processed = !0);
		}
		return this.length += data.length, processed && this.roundClean(), this;
	}
	digestInto(out) {
		aexists(this), aoutput(out, this), this.finished = !0;
		let { buffer, view, blockLen, isLE } = this, { pos } = this;
		buffer[pos++] = 128, buffer.fill(0, pos), this.padOffset > blockLen - pos && (this.process(view, 0), buffer.fill(0)), setU64FromNum(view, blockLen - 8, this.length * 8, isLE), this.process(view, 0), this.roundClean();
		let oview = out === buffer ? view : createView(out), len = this.outputLen, outLen = len / 4, state = this.get();
		if (len % 4 || outLen > state.length) throw Error("invalid outputLen");
		for (let i = 0; i < outLen; i++) oview.setUint32(4 * i, state[i], isLE);
	}
	digest() {
		let { buffer, outputLen } = this;
		this.digestInto(buffer);
		let res = buffer.slice(0, outputLen);
		return this.destroy(), res;
	}
	_cloneIntoMeta(to) {
		let { buffer, length, finished, destroyed, pos } = this;
		return to.destroyed = destroyed, to.finished = finished, to.length = length, to.pos = pos, pos && to.buffer.set(buffer), to;
	}
	clone() {
		return this._cloneInto();
	}
};
/**
* Initial SHA-2 state: fractional parts of square roots of first 16 primes 2..53.
* Check out `test/misc/sha2-gen-iv.js` for recomputation guide.
*/
/** Initial SHA256 state from RFC 6234 §6.1: the first 32 bits of the fractional parts of the
* square roots of the first eight prime numbers. Exported as a shared table; callers must treat
* it as read-only because constructors copy words from it by index. */
const SHA256_IV = /* @__PURE__ */ Uint32Array.from([
	1779033703,
	3144134277,
	1013904242,
	2773480762,
	1359893119,
	2600822924,
	528734635,
	1541459225
]), SHA384_IV = /* @__PURE__ */ Uint32Array.from([
	3418070365,
	3238371032,
	1654270250,
	914150663,
	2438529370,
	812702999,
	355462360,
	4144912697,
	1731405415,
	4290775857,
	2394180231,
	1750603025,
	3675008525,
	1694076839,
	1203062813,
	3204075428
]), SHA512_IV = /* @__PURE__ */ Uint32Array.from([
	1779033703,
	4089235720,
	3144134277,
	2227873595,
	1013904242,
	4271175723,
	2773480762,
	1595750129,
	1359893119,
	2917565137,
	2600822924,
	725511199,
	528734635,
	4215389547,
	1541459225,
	327033209
]), SHA256_K = /* @__PURE__ */ Uint32Array.from([
	1116352408,
	1899447441,
	3049323471,
	3921009573,
	961987163,
	1508970993,
	2453635748,
	2870763221,
	3624381080,
	310598401,
	607225278,
	1426881987,
	1925078388,
	2162078206,
	2614888103,
	3248222580,
	3835390401,
	4022224774,
	264347078,
	604807628,
	770255983,
	1249150122,
	1555081692,
	1996064986,
	2554220882,
	2821834349,
	2952996808,
	3210313671,
	3336571891,
	3584528711,
	113926993,
	338241895,
	666307205,
	773529912,
	1294757372,
	1396182291,
	1695183700,
	1986661051,
	2177026350,
	2456956037,
	2730485921,
	2820302411,
	3259730800,
	3345764771,
	3516065817,
	3600352804,
	4094571909,
	275423344,
	430227734,
	506948616,
	659060556,
	883997877,
	958139571,
	1322822218,
	1537002063,
	1747873779,
	1955562222,
	2024104815,
	2227730452,
	2361852424,
	2428436474,
	2756734187,
	3204031479,
	3329325298
]), SHA256_W = /* @__PURE__ */ new Uint32Array(64);
/** Internal SHA-224 / SHA-256 compression engine from RFC 6234 §6.2. */
var SHA2_32B = class extends HashMD {
	A = 0;
	B = 0;
	C = 0;
	D = 0;
	E = 0;
	F = 0;
	G = 0;
	H = 0;
	constructor(outputLen, IV) {
		super(64, outputLen, 8, !1), this.A = IV[0] | 0, this.B = IV[1] | 0, this.C = IV[2] | 0, this.D = IV[3] | 0, this.E = IV[4] | 0, this.F = IV[5] | 0, this.G = IV[6] | 0, this.H = IV[7] | 0;
	}
	get() {
		let { A, B, C, D, E, F, G, H } = this;
		return [
			A,
			B,
			C,
			D,
			E,
			F,
			G,
			H
		];
	}
	set(A, B, C, D, E, F, G, H) {
		this.A = A | 0, this.B = B | 0, this.C = C | 0, this.D = D | 0, this.E = E | 0, this.F = F | 0, this.G = G | 0, this.H = H | 0;
	}
	_cloneInto(to) {
		return (to ||= new this.constructor()).set(...this.get()), this._cloneIntoMeta(to);
	}
	process(view, offset) {
		for (let i = 0; i < 16; i++, offset += 4) SHA256_W[i] = view.getUint32(offset, !1);
		for (let i = 16; i < 64; i++) {
			let W15 = SHA256_W[i - 15], W2 = SHA256_W[i - 2], s0 = rotr(W15, 7) ^ rotr(W15, 18) ^ W15 >>> 3, s1 = rotr(W2, 17) ^ rotr(W2, 19) ^ W2 >>> 10;
			SHA256_W[i] = s1 + SHA256_W[i - 7] + s0 + SHA256_W[i - 16] | 0;
		}
		let { A, B, C, D, E, F, G, H } = this;
		for (let i = 0; i < 64; i++) {
			let sigma1 = rotr(E, 6) ^ rotr(E, 11) ^ rotr(E, 25), T1 = H + sigma1 + Chi(E, F, G) + SHA256_K[i] + SHA256_W[i] | 0, T2 = (rotr(A, 2) ^ rotr(A, 13) ^ rotr(A, 22)) + Maj(A, B, C) | 0;
			H = G, G = F, F = E, E = D + T1 | 0, D = C, C = B, B = A, A = T1 + T2 | 0;
		}
		A = A + this.A | 0, B = B + this.B | 0, C = C + this.C | 0, D = D + this.D | 0, E = E + this.E | 0, F = F + this.F | 0, G = G + this.G | 0, H = H + this.H | 0, this.set(A, B, C, D, E, F, G, H);
	}
	roundClean() {
		clean(SHA256_W);
	}
	destroy() {
		this.destroyed = !0, this.set(0, 0, 0, 0, 0, 0, 0, 0), clean(this.buffer);
	}
}, _SHA256 = class extends SHA2_32B {
	constructor() {
		super(32, SHA256_IV);
	}
};
const K512 = /* @__PURE__ */ split((/* @__PURE__ */ "0x428a2f98d728ae22.0x7137449123ef65cd.0xb5c0fbcfec4d3b2f.0xe9b5dba58189dbbc.0x3956c25bf348b538.0x59f111f1b605d019.0x923f82a4af194f9b.0xab1c5ed5da6d8118.0xd807aa98a3030242.0x12835b0145706fbe.0x243185be4ee4b28c.0x550c7dc3d5ffb4e2.0x72be5d74f27b896f.0x80deb1fe3b1696b1.0x9bdc06a725c71235.0xc19bf174cf692694.0xe49b69c19ef14ad2.0xefbe4786384f25e3.0x0fc19dc68b8cd5b5.0x240ca1cc77ac9c65.0x2de92c6f592b0275.0x4a7484aa6ea6e483.0x5cb0a9dcbd41fbd4.0x76f988da831153b5.0x983e5152ee66dfab.0xa831c66d2db43210.0xb00327c898fb213f.0xbf597fc7beef0ee4.0xc6e00bf33da88fc2.0xd5a79147930aa725.0x06ca6351e003826f.0x142929670a0e6e70.0x27b70a8546d22ffc.0x2e1b21385c26c926.0x4d2c6dfc5ac42aed.0x53380d139d95b3df.0x650a73548baf63de.0x766a0abb3c77b2a8.0x81c2c92e47edaee6.0x92722c851482353b.0xa2bfe8a14cf10364.0xa81a664bbc423001.0xc24b8b70d0f89791.0xc76c51a30654be30.0xd192e819d6ef5218.0xd69906245565a910.0xf40e35855771202a.0x106aa07032bbd1b8.0x19a4c116b8d2d0c8.0x1e376c085141ab53.0x2748774cdf8eeb99.0x34b0bcb5e19b48a8.0x391c0cb3c5c95a63.0x4ed8aa4ae3418acb.0x5b9cca4f7763e373.0x682e6ff3d6b2b8a3.0x748f82ee5defb2fc.0x78a5636f43172f60.0x84c87814a1f0ab72.0x8cc702081a6439ec.0x90befffa23631e28.0xa4506cebde82bde9.0xbef9a3f7b2c67915.0xc67178f2e372532b.0xca273eceea26619c.0xd186b8c721c0c207.0xeada7dd6cde0eb1e.0xf57d4f7fee6ed178.0x06f067aa72176fba.0x0a637dc5a2c898a6.0x113f9804bef90dae.0x1b710b35131c471b.0x28db77f523047d84.0x32caab7b40c72493.0x3c9ebe0a15c9bebc.0x431d67c49c100d4c.0x4cc5d4becb3e42b6.0x597f299cfc657e2a.0x5fcb6fab3ad6faec.0x6c44198c4a475817".split(".")).map((n) => BigInt(n))), SHA512_Kh = K512[0], SHA512_Kl = K512[1], SHA512_W_H = /* @__PURE__ */ new Uint32Array(80), SHA512_W_L = /* @__PURE__ */ new Uint32Array(80);
/** Internal SHA-384 / SHA-512 compression engine from RFC 6234 §6.4. */
var SHA2_64B = class extends HashMD {
	Ah = 0;
	Al = 0;
	Bh = 0;
	Bl = 0;
	Ch = 0;
	Cl = 0;
	Dh = 0;
	Dl = 0;
	Eh = 0;
	El = 0;
	Fh = 0;
	Fl = 0;
	Gh = 0;
	Gl = 0;
	Hh = 0;
	Hl = 0;
	constructor(outputLen, IV) {
		super(128, outputLen, 16, !1), this.Ah = IV[0] | 0, this.Al = IV[1] | 0, this.Bh = IV[2] | 0, this.Bl = IV[3] | 0, this.Ch = IV[4] | 0, this.Cl = IV[5] | 0, this.Dh = IV[6] | 0, this.Dl = IV[7] | 0, this.Eh = IV[8] | 0, this.El = IV[9] | 0, this.Fh = IV[10] | 0, this.Fl = IV[11] | 0, this.Gh = IV[12] | 0, this.Gl = IV[13] | 0, this.Hh = IV[14] | 0, this.Hl = IV[15] | 0;
	}
	get() {
		let { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
		return [
			Ah,
			Al,
			Bh,
			Bl,
			Ch,
			Cl,
			Dh,
			Dl,
			Eh,
			El,
			Fh,
			Fl,
			Gh,
			Gl,
			Hh,
			Hl
		];
	}
	set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl) {
		this.Ah = Ah | 0, this.Al = Al | 0, this.Bh = Bh | 0, this.Bl = Bl | 0, this.Ch = Ch | 0, this.Cl = Cl | 0, this.Dh = Dh | 0, this.Dl = Dl | 0, this.Eh = Eh | 0, this.El = El | 0, this.Fh = Fh | 0, this.Fl = Fl | 0, this.Gh = Gh | 0, this.Gl = Gl | 0, this.Hh = Hh | 0, this.Hl = Hl | 0;
	}
	_cloneInto(to) {
		return (to ||= new this.constructor()).set(...this.get()), this._cloneIntoMeta(to);
	}
	process(view, offset) {
		for (let i = 0; i < 16; i++, offset += 4) SHA512_W_H[i] = view.getUint32(offset), SHA512_W_L[i] = view.getUint32(offset += 4);
		for (let i = 16; i < 80; i++) {
			let W15h = SHA512_W_H[i - 15] | 0, W15l = SHA512_W_L[i - 15] | 0, s0h = rotrSH(W15h, W15l, 1) ^ rotrSH(W15h, W15l, 8) ^ shrSH(W15h, W15l, 7), s0l = rotrSL(W15h, W15l, 1) ^ rotrSL(W15h, W15l, 8) ^ shrSL(W15h, W15l, 7), W2h = SHA512_W_H[i - 2] | 0, W2l = SHA512_W_L[i - 2] | 0, s1h = rotrSH(W2h, W2l, 19) ^ rotrBH(W2h, W2l, 61) ^ shrSH(W2h, W2l, 6), s1l = rotrSL(W2h, W2l, 19) ^ rotrBL(W2h, W2l, 61) ^ shrSL(W2h, W2l, 6), SUMl = add4L(s0l, s1l, SHA512_W_L[i - 7], SHA512_W_L[i - 16]), SUMh = add4H(SUMl, s0h, s1h, SHA512_W_H[i - 7], SHA512_W_H[i - 16]);
			SHA512_W_H[i] = SUMh | 0, SHA512_W_L[i] = SUMl | 0;
		}
		let { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
		for (let i = 0; i < 80; i++) {
			let sigma1h = rotrSH(Eh, El, 14) ^ rotrSH(Eh, El, 18) ^ rotrBH(Eh, El, 41), sigma1l = rotrSL(Eh, El, 14) ^ rotrSL(Eh, El, 18) ^ rotrBL(Eh, El, 41), CHIh = Eh & Fh ^ ~Eh & Gh, CHIl = El & Fl ^ ~El & Gl, T1ll = add5L(Hl, sigma1l, CHIl, SHA512_Kl[i], SHA512_W_L[i]), T1h = add5H(T1ll, Hh, sigma1h, CHIh, SHA512_Kh[i], SHA512_W_H[i]), T1l = T1ll | 0, sigma0h = rotrSH(Ah, Al, 28) ^ rotrBH(Ah, Al, 34) ^ rotrBH(Ah, Al, 39), sigma0l = rotrSL(Ah, Al, 28) ^ rotrBL(Ah, Al, 34) ^ rotrBL(Ah, Al, 39), MAJh = Ah & Bh ^ Ah & Ch ^ Bh & Ch, MAJl = Al & Bl ^ Al & Cl ^ Bl & Cl;
			Hh = Gh | 0, Hl = Gl | 0, Gh = Fh | 0, Gl = Fl | 0, Fh = Eh | 0, Fl = El | 0, {h: Eh, l: El} = add(Dh | 0, Dl | 0, T1h | 0, T1l | 0), Dh = Ch | 0, Dl = Cl | 0, Ch = Bh | 0, Cl = Bl | 0, Bh = Ah | 0, Bl = Al | 0;
			let All = add3L(T1l, sigma0l, MAJl);
			Ah = add3H(All, T1h, sigma0h, MAJh), Al = All | 0;
		}
		({h: Ah, l: Al} = add(this.Ah | 0, this.Al | 0, Ah | 0, Al | 0)), {h: Bh, l: Bl} = add(this.Bh | 0, this.Bl | 0, Bh | 0, Bl | 0), {h: Ch, l: Cl} = add(this.Ch | 0, this.Cl | 0, Ch | 0, Cl | 0), {h: Dh, l: Dl} = add(this.Dh | 0, this.Dl | 0, Dh | 0, Dl | 0), {h: Eh, l: El} = add(this.Eh | 0, this.El | 0, Eh | 0, El | 0), {h: Fh, l: Fl} = add(this.Fh | 0, this.Fl | 0, Fh | 0, Fl | 0), {h: Gh, l: Gl} = add(this.Gh | 0, this.Gl | 0, Gh | 0, Gl | 0), {h: Hh, l: Hl} = add(this.Hh | 0, this.Hl | 0, Hh | 0, Hl | 0), this.set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl);
	}
	roundClean() {
		clean(SHA512_W_H, SHA512_W_L);
	}
	destroy() {
		this.destroyed = !0, clean(this.buffer), this.set(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	}
}, _SHA512 = class extends SHA2_64B {
	constructor() {
		super(64, SHA512_IV);
	}
}, _SHA384 = class extends SHA2_64B {
	constructor() {
		super(48, SHA384_IV);
	}
};
/**
* SHA2-256 hash function from RFC 4634. In JS it's the fastest: even faster than Blake3. Some info:
*
* - Trying 2^128 hashes would get 50% chance of collision, using birthday attack.
* - BTC network is doing 2^70 hashes/sec (2^95 hashes/year) as per 2025.
* - Each sha256 hash is executing 2^18 bit operations.
* - Good 2024 ASICs can do 200Th/sec with 3500 watts of power, corresponding to 2^36 hashes/joule.
* @param msg - message bytes to hash
* @param opts - Reserved hash options.
* @returns Digest bytes.
* @example
* Hash a message with SHA2-256.
* ```ts
* sha256(new Uint8Array([97, 98, 99]));
* ```
*/
const sha256$1 = /* @__PURE__ */ createHasher(() => new _SHA256(), /* @__PURE__ */ oidNist(1)), sha512 = /* @__PURE__ */ createHasher(() => new _SHA512(), /* @__PURE__ */ oidNist(3)), sha384 = /* @__PURE__ */ createHasher(() => new _SHA384(), /* @__PURE__ */ oidNist(2));
// packages/core/src/hash.ts
/** SHA-256 in plain JavaScript (about 0.1 GB/s); small inputs and places without anything faster. */
function sha256(data) {
	return sha256$1(data);
}
// packages/core/src/hmac.ts
/** Bytes that a hash takes at a time: 64 for SHA-256 (FIPS 180-4), 136 for SHA3-256 (FIPS 202). */
const BLOCK = {
	sha256: 64,
	sha3_256: 136
};
/**
* HMAC (RFC 2104) of a hash that takes its input at once. For what is short and keyed anew each time: a native HMAC
* spends most of its time on taking the key.
*/
function hmac(name, hash, key, data) {
	let own = key.length > BLOCK[name] ? hash(key) : key, inner = new Uint8Array(BLOCK[name] + data.length).fill(54, 0, BLOCK[name]), outer = new Uint8Array(BLOCK[name]).fill(92);
	for (let i = 0; i < own.length; i++) inner[i] = own[i] ^ 54, outer[i] = own[i] ^ 92;
	return inner.set(data, BLOCK[name]), hash(concat(outer, hash(inner)));
}
// packages/core/src/hex.ts
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")), DIGITS = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0)), scratch = Array.from({ length: 64 }, () => 0);
/** Lower-case hex. */
function hex(bytes) {
	if (bytes.length === 32) {
		for (let i = 0; i < 32; i++) scratch[2 * i] = DIGITS[bytes[i] >> 4], scratch[2 * i + 1] = DIGITS[bytes[i] & 15];
		return String.fromCharCode.apply(null, scratch);
	}
	let text = "";
	for (let i = 0; i < bytes.length; i++) text += BYTES[bytes[i]];
	return text;
}
/** Bytes of lower-case hex; anything else throws `hex-invalid` (one value, one spelling). */
function fromHex(text) {
	if (text.length % 2 != 0 || !isHex(text)) throw new CodedError("hex-invalid", "not lower-case hex");
	let bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}
/** True for lower-case hex digits only; with `length`, exactly that many. */
function isHex(text, length) {
	return (length === void 0 || text.length === length) && !/[^0-9a-f]/.test(text);
}
/**
* Strict JSON (RFC 8259, and I-JSON RFC 7493 where that is narrower): UTF-8 without BOM, no duplicate
* keys, no lone surrogates, no `__proto__` key, no −0, no integer beyond ±(2^53−1), no number that
* overflows or underflows, bounded size and depth. Objects inherit nothing.
*
* Throws `json-invalid`, `json-duplicate-key`, `json-number`, `json-string`, `json-depth`,
* `input-too-large` or `utf8-invalid`.
*/
function parseJson(input, limits = {}) {
	let maxBytes = limits.maxBytes ?? 16777216;
	if (input.length > maxBytes) throw new CodedError("input-too-large", `JSON of ${input.length} bytes exceeds ${maxBytes}`);
	return new Parser(typeof input == "string" ? input : fromUtf8(input), limits.maxDepth ?? 64).document();
}
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y, CONTROL$1 = /[\u0000-\u001f]/, ESCAPES = {
	"\"": "\"",
	"\\": "\\",
	"/": "/",
	b: "\b",
	f: "\f",
	n: "\n",
	r: "\r",
	t: "	"
}, Members = function() {};
Members.prototype = Object.freeze(Object.create(null));
var Parser = class {
	#text;
	#maxDepth;
	#at = 0;
	#depth = 0;
	/** Place of the next back-slash at or after `#at`, once known. */
	#escape = -1;
	constructor(text, maxDepth) {
		this.#text = text, this.#maxDepth = maxDepth;
	}
	document() {
		if (!this.#text.isWellFormed()) throw new CodedError("json-string", "the text holds a lone surrogate");
		this.#space();
		let value = this.#value();
		return this.#space(), this.#at !== this.#text.length && this.#fail("text after the value"), value;
	}
	#fail(what) {
		throw new CodedError("json-invalid", `${what} at character ${this.#at}`);
	}
	#space() {
		let text = this.#text, at = this.#at;
		for (;;) {
			let c = text.charCodeAt(at);
			if (c !== 32 && c !== 10 && c !== 13 && c !== 9) break;
			at++;
		}
		this.#at = at;
	}
	#value() {
		switch (this.#text.charCodeAt(this.#at)) {
			case 34: return this.#string();
			case 123: return this.#object();
			case 91: return this.#array();
			case 116: return this.#word("true", !0);
			case 102: return this.#word("false", !1);
			case 110: return this.#word("null", null);
			default: return this.#number();
		}
	}
	#word(word, value) {
		return this.#text.startsWith(word, this.#at) || this.#fail("unknown word"), this.#at += word.length, value;
	}
	#enter() {
		if (this.#at++, ++this.#depth > this.#maxDepth) throw new CodedError("json-depth", `JSON nested deeper than ${this.#maxDepth}`);
		this.#space();
	}
	#object() {
		this.#enter();
		let text = this.#text, object = new Members();
		if (text.charCodeAt(this.#at) === 125) return this.#leave(object);
		for (;;) {
			text.charCodeAt(this.#at) !== 34 && this.#fail("expected a key");
			let key = this.#string();
			if (object[key] !== void 0) throw new CodedError("json-duplicate-key", `duplicate key ${JSON.stringify(clip(key))}`);
			if (key === "__proto__") throw new CodedError("json-invalid", "the key __proto__ is refused");
			text.charCodeAt(this.#at) <= 32 && this.#space(), text.charCodeAt(this.#at) !== 58 && this.#fail("expected a colon"), this.#at++, text.charCodeAt(this.#at) <= 32 && this.#space(), object[key] = this.#value(), text.charCodeAt(this.#at) <= 32 && this.#space();
			let c = text.charCodeAt(this.#at);
			if (c === 125) return this.#leave(object);
			c !== 44 && this.#fail("expected a comma or }"), this.#at++, text.charCodeAt(this.#at) <= 32 && this.#space();
		}
	}
	#array() {
		this.#enter();
		let array = [];
		if (this.#text.charCodeAt(this.#at) === 93) return this.#leave(array);
		for (;;) {
			array.push(this.#value()), this.#space();
			let c = this.#text.charCodeAt(this.#at);
			if (c === 93) return this.#leave(array);
			c !== 44 && this.#fail("expected a comma or ]"), this.#at++, this.#space();
		}
	}
	#leave(value) {
		return this.#at++, this.#depth--, value;
	}
	#string() {
		let text = this.#text, start = this.#at + 1, at = start;
		for (let stop = start + 24; at < stop; at++) {
			let c = text.charCodeAt(at);
			if (c === 34) return this.#at = at + 1, text.slice(start, at);
			if (c === 92) return this.#escapedString(start, at);
			(c < 32 || c !== c) && this.#failString(at);
		}
		let end = text.indexOf("\"", at);
		if (end < 0 && this.#failString(text.length), this.#escape < at) {
			let next = text.indexOf("\\", at);
			this.#escape = next < 0 ? text.length : next;
		}
		if (this.#escape < end) return this.#escapedString(start, at);
		let plain = text.slice(start, end);
		return CONTROL$1.test(plain) && this.#failString(at), this.#at = end + 1, plain;
	}
	#failString(at) {
		this.#at = at, this.#fail(at < this.#text.length ? "control character in a string" : "unfinished string");
	}
	/** The rest of a string that holds an escape, `from` its start, with nothing escaped before `at`. */
	#escapedString(from, at) {
		let text = this.#text, value = "", plain = from;
		for (;;) {
			let c = text.charCodeAt(at);
			if ((c < 32 || c !== c) && this.#failString(at), c !== 34 && c !== 92) {
				at++;
				continue;
			}
			if (value += text.slice(plain, at), c === 34) break;
			this.#at = at;
			let escape = text[at + 1];
			if (escape === "u") {
				let digits = text.slice(at + 2, at + 6);
				/^[0-9a-fA-F]{4}$/.test(digits) || this.#fail("bad \\u escape"), value += String.fromCharCode(Number.parseInt(digits, 16)), at += 6;
			} else {
				let character = escape === void 0 ? void 0 : ESCAPES[escape];
				character === void 0 && this.#fail("bad escape"), value += character, at += 2;
			}
			plain = at;
		}
		if (!value.isWellFormed()) throw new CodedError("json-string", "a string holds a lone surrogate");
		return this.#at = at + 1, value;
	}
	#number() {
		let text = this.#text, at = this.#at, whole = 0, c = text.charCodeAt(at), first = c;
		for (; c >= 48 && c <= 57;) whole = whole * 10 + (c - 48), c = text.charCodeAt(++at);
		let digits = at - this.#at;
		return (digits === 1 || digits > 1 && digits <= 15 && first !== 48) && c !== 46 && c !== 101 && c !== 69 ? (this.#at = at, whole) : this.#anyNumber();
	}
	#anyNumber() {
		NUMBER.lastIndex = this.#at;
		let match = NUMBER.exec(this.#text);
		match === null && this.#fail("unexpected character");
		let literal = match[0];
		this.#at += literal.length;
		let value = Number(literal);
		if (!Number.isFinite(value) || Object.is(value, -0) || value === 0 && /[1-9]/.test(literal.split(/[eE]/)[0]) || Number.isInteger(value) && !Number.isSafeInteger(value)) throw new CodedError("json-number", `number ${clip(literal)} has no exact, portable value`);
		return value;
	}
};
function clip(text) {
	return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
// packages/core/src/jcs.ts
/**
* Canonical JSON bytes (RFC 8785). Refuses with `json-number` or `json-string` what has no canonical
* form (NaN, infinities, −0, lone surrogates), with `json-invalid` what is not JSON (`undefined`, holes, dates,
* typed arrays), and with `json-depth` what is nested deeper than 64.
*/
function canonicalJson(value) {
	return utf8(write(value, 0));
}
function write(value, depth) {
	if (value === null || typeof value == "boolean") return String(value);
	if (typeof value == "string") return writeString(value);
	if (typeof value == "number") {
		if (!Number.isFinite(value) || Object.is(value, -0)) throw new CodedError("json-number", `${Object.is(value, -0) ? "-0" : value} has no canonical form`);
		return String(value);
	}
	if (typeof value != "object") throw new CodedError("json-invalid", `${typeof value} is not JSON`);
	if (depth === 64) throw new CodedError("json-depth", "JSON nested deeper than 64");
	if (Array.isArray(value)) {
		let text = "[";
		for (let i = 0; i < value.length; i++) text += (i === 0 ? "" : ",") + write(value[i], depth + 1);
		return `${text}]`;
	}
	let prototype = Object.getPrototypeOf(value);
	if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw new CodedError("json-invalid", "only plain objects and arrays are JSON");
	let object = value, text = "{";
	for (let key of Object.keys(object).toSorted()) text += `${text === "{" ? "" : ","}${writeString(key)}:${write(object[key], depth + 1)}`;
	return `${text}}`;
}
function writeString(text) {
	if (!text.isWellFormed()) throw new CodedError("json-string", "a string holds a lone surrogate");
	return JSON.stringify(text);
}
// packages/core/src/keys.ts
/** Names the key material itself: two keys with one of these are one party's, whatever they sign for. */
function materialOf({ keyId, passkey }) {
	return passkey?.key.keyId ?? keyId;
}
const P256_HEADER = fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200"), ED25519_HEADER = fromHex("302a300506032b6570032100"), PEM_BEGIN = "-----BEGIN PUBLIC KEY-----", PEM_END = "-----END PUBLIC KEY-----", P256_P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n, ED25519_P = 2n ** 255n - 19n, ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022n, SMALL_ORDER_Y = [
	1n,
	ED25519_P - 1n,
	0n,
	ORDER_8_Y,
	ED25519_P - ORDER_8_Y
];
/**
* Key from SPKI DER. Only ECDSA P-256 (uncompressed, named curve) and Ed25519 in their one DER form.
* Throws `key-invalid` for anything else, for points off the curve, and for Ed25519 keys of small
* order, under which a forged signature verifies.
*/
function parsePublicKey(der) {
	let spki = new Uint8Array(der);
	if (spki.length === 91 && equal(spki.subarray(0, 26), P256_HEADER)) {
		let raw = spki.slice(26);
		if (!onP256(raw)) throw new CodedError("key-invalid", "the P-256 point is not on the curve");
		return {
			algorithm: "ecdsa-p256",
			spki,
			raw,
			keyId: hex(sha256(spki))
		};
	}
	if (spki.length === 44 && equal(spki.subarray(0, 12), ED25519_HEADER)) {
		let raw = spki.slice(12);
		return checkEd25519(raw), {
			algorithm: "ed25519",
			spki,
			raw,
			keyId: hex(sha256(spki))
		};
	}
	throw new CodedError("key-invalid", "not an SPKI of an ECDSA P-256 or Ed25519 public key");
}
/**
* Key from PEM (RFC 7468, `BEGIN PUBLIC KEY`, nothing around it) or from bare base64 of the SPKI.
* Throws `key-invalid`.
*/
function readPublicKey(text) {
	if (text.length > 16384) throw new CodedError("key-invalid", "the public key is too long");
	let spki;
	try {
		let source = (typeof text == "string" ? text : fromUtf8(text)).trim();
		if (source.includes("PRIVATE KEY")) throw new CodedError("key-invalid", "this is a private key; a public key is expected here");
		spki = fromBase64((source.startsWith(PEM_BEGIN) && source.endsWith(PEM_END) ? source.slice(26, -24) : source).replace(/[ \t\r\n]+/g, ""));
	} catch (cause) {
		throw cause instanceof CodedError && cause.code === "key-invalid" ? cause : new CodedError("key-invalid", "the public key is neither PEM nor base64", { cause });
	}
	return parsePublicKey(spki);
}
/** The key as PEM text, ending in a newline; a passkey as its own, with a newline too. */
function publicKeyPem(key) {
	if (key.passkey !== void 0) return `${fromUtf8(key.spki)}\n`;
	let lines = base64(key.spki).match(/.{1,64}/g);
	return `${PEM_BEGIN}\n${lines.join("\n")}\n${PEM_END}\n`;
}
/** SPKI DER around bare key bytes; the reverse of `raw`. */
function spkiOf(algorithm, raw) {
	return concat(algorithm === "ecdsa-p256" ? P256_HEADER : ED25519_HEADER, raw);
}
function onP256(raw) {
	if (raw[0] !== 4) return !1;
	let x = BigInt(`0x${hex(raw.subarray(1, 33))}`), y = BigInt(`0x${hex(raw.subarray(33))}`);
	return x >= P256_P || y >= P256_P ? !1 : (y * y - (x * x * x - 3n * x + 41058363725152142129326129780047268409114441015993725554835256314039467401291n)) % P256_P == 0n;
}
function checkEd25519(raw) {
	let y = BigInt(`0x${hex(raw.toReversed())}`) & 2n ** 255n - 1n;
	if (y >= ED25519_P) throw new CodedError("key-invalid", "the Ed25519 key is not canonically encoded");
	if (SMALL_ORDER_Y.includes(y)) throw new CodedError("key-invalid", "the Ed25519 key has small order");
	if (power((y * y - 1n) * (37095705934669439343138083508754565189542113879843219016388785533085940283555n * y * y + 1n) % ED25519_P, (ED25519_P - 1n) / 2n, ED25519_P) !== 1n) throw new CodedError("key-invalid", "the Ed25519 key is not on the curve");
}
function power(base, exponent, modulus) {
	let result = 1n;
	for (let square = base, left = exponent; left > 0n; left >>= 1n) left & 1n && (result = result * square % modulus), square = square * square % modulus;
	return result;
}
// packages/core/src/passkey.ts
const PREFIX = "passkey:", FIELDS = [
	"authenticatorData",
	"clientDataJSON",
	"signature"
], FLAGS = {
	present: 1,
	verified: 4,
	backedUpEligible: 8,
	backedUp: 16,
	attested: 64,
	extended: 128
};
/**
* Passkey from its text. Its bytes are those of the text, and so its key id says where it signs too: the same
* authenticator at another origin is another key. Throws `key-invalid`.
*/
function parsePasskey(text) {
	if (text.length > 1024) throw invalid("is too long");
	let match = /^passkey:([^:]*):([^:]*):(.*)$/s.exec(text);
	if (match === null) throw invalid("is not passkey:RPID:KEY:ORIGIN");
	let [, rpId, spki, origin] = match;
	if (!isDomain(rpId)) throw invalid("has no domain as its RP ID");
	let host = hostOf(origin);
	if (host === null) throw invalid("has no origin as a browser writes it: https://HOST, with a port if it has its own");
	if (!(rpId === host || rpId.includes(".") && host.endsWith(`.${rpId}`))) throw invalid("has an origin outside of its RP ID");
	let key = bareKey(spki), bytes = utf8(text), passkey = {
		rpId,
		origin,
		key
	};
	return {
		algorithm: "passkey",
		spki: bytes,
		raw: /* @__PURE__ */ new Uint8Array(),
		keyId: hex(sha256(bytes)),
		passkey
	};
}
function bareKey(spki) {
	try {
		return parsePublicKey(fromBase64url(spki));
	} catch (cause) {
		throw invalid("has no ECDSA P-256 or Ed25519 key", cause);
	}
}
function invalid(what, cause) {
	return new CodedError("key-invalid", `the passkey ${what}`, { cause });
}
/** Key of a signer from PEM, from bare base64 of its SPKI, or a passkey from its text. Throws `key-invalid`. */
function readSigningKey(text) {
	let trimmed = text.length > 2048 ? text : text.trim();
	return trimmed.startsWith(PREFIX) ? parsePasskey(trimmed) : readPublicKey(text);
}
/** Key of a signer from its bytes: SPKI DER, or a passkey's text. Throws `key-invalid`. */
function parseSigningKey(bytes) {
	if (!equal(bytes.subarray(0, 8), utf8(PREFIX))) return parsePublicKey(bytes);
	let text;
	try {
		text = fromUtf8(bytes);
	} catch (cause) {
		throw invalid("is not text", cause);
	}
	return parsePasskey(text);
}
/** What an authenticator is asked to sign for a message: its SHA-256, 32 bytes. */
function passkeyChallenge(message, crypto) {
	return crypto.sha256(message);
}
/** {@link writeAssertion} the other way; it has one spelling. Throws `signature-invalid`. */
function parseAssertion(bytes) {
	if (bytes.length > 2560) throw unsigned("it is too long for what a passkey signs");
	let value = objectIn(bytes, "it is not what a passkey signs");
	if (!equal(canonicalJson(value), bytes)) throw unsigned("it is not canonical JSON");
	if (Object.keys(value).toSorted().join() !== FIELDS.join()) throw unsigned("it has other fields than a passkey gives");
	let [authenticatorData, clientDataJSON, signature] = FIELDS.map((name) => bytesIn(value[name]));
	return {
		authenticatorData,
		clientDataJSON,
		signature
	};
}
function objectIn(bytes, what) {
	let value;
	try {
		value = parseJson(bytes, {
			maxBytes: 2560,
			maxDepth: 4
		});
	} catch (cause) {
		throw unsigned(what, cause);
	}
	if (typeof value != "object" || !value || Array.isArray(value)) throw unsigned(what);
	return value;
}
function bytesIn(value) {
	if (typeof value != "string" || value === "") throw unsigned("one of its fields is empty");
	try {
		return fromBase64url(value);
	} catch (cause) {
		throw unsigned("one of its fields is not base64url", cause);
	}
}
function unsigned(what, cause) {
	return new CodedError("signature-invalid", what, { cause });
}
/**
* Verifies all of an assertion but its signature, which is over what this returns (WebAuthn L3 §7.2): asked for by a
* page of the passkey's own origin, in no frame of another's, over the SHA-256 of this message, with its holder there
* and known to the authenticator. The counter says nothing: passkeys that are synced have none, and where every
* verifier must come to one verdict there is no last value to hold it against. Throws `signature-invalid`.
*/
function openAssertion({ rpId, origin, key }, message, bytes, crypto) {
	let { authenticatorData, clientDataJSON, signature } = parseAssertion(bytes);
	if (clientDataJSON.length > 1536) throw unsigned("its client data are too long");
	let client = objectIn(clientDataJSON, "its client data are not JSON");
	if (client.type !== "webauthn.get") throw unsigned("it was not made to sign something: its type is another");
	if (client.challenge !== base64url(passkeyChallenge(message, crypto))) throw unsigned("it was made for something else: its challenge is another");
	if (client.origin !== origin) throw unsigned("it was made for a page of another origin");
	if (client.crossOrigin !== void 0 && client.crossOrigin !== !1 || client.topOrigin !== void 0) throw unsigned("it was made in a frame of another's page");
	if (authenticatorData.length !== 37) throw unsigned("its authenticator data are not 37 bytes");
	if (!equal(authenticatorData.subarray(0, 32), crypto.sha256(utf8(rpId)))) throw unsigned("it was made for another RP ID");
	let flags = authenticatorData[32];
	if (!(flags & FLAGS.present)) throw unsigned("nobody was there when it was made");
	if (!(flags & FLAGS.verified)) throw unsigned("the authenticator did not verify who was there when it was made");
	if (flags & (FLAGS.attested | FLAGS.extended)) throw unsigned("its authenticator data announce more than is there");
	if (flags & FLAGS.backedUp && !(flags & FLAGS.backedUpEligible)) throw unsigned("its authenticator data contradict themselves: backed up, and never to be");
	return {
		key,
		signed: concat(authenticatorData, crypto.sha256(clientDataJSON)),
		signature
	};
}
/** {@link openAssertion}, or null where that throws. */
function openedAssertion(passkey, message, signature, crypto) {
	try {
		return openAssertion(passkey, message, signature, crypto);
	} catch (error) {
		if (error instanceof CodedError) return null;
		throw error;
	}
}
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** True for a host name as a browser writes it; an address is none, and has no passkeys. */
function isDomain(text) {
	if (text.length > 253) return !1;
	let labels = text.split(".");
	return labels.every((label) => LABEL.test(label)) && /[a-z]/.test(labels.at(-1));
}
/** The host of an origin in the one form in which browsers write it; null for everything else. */
function hostOf(origin) {
	let [, scheme, host, port] = /^(https?):\/\/([^:/]+)(?::([1-9][0-9]{0,4}))?$/.exec(origin) ?? [];
	return scheme === void 0 || host === void 0 || !isDomain(host) || port !== void 0 && (Number(port) > 65535 || Number(port) === (scheme === "https" ? 443 : 80)) || scheme === "http" && host !== "localhost" && !host.endsWith(".localhost") ? null : host;
}
// packages/core/src/text.ts
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
/**
* True when a text holds characters that change what a reader sees: C0 and C1 controls, the line and
* paragraph separators, marks and overrides of the bidirectional algorithm, a byte order mark.
*/
function hasControl(text) {
	return CONTROL.test(text);
}
/** True when every character is ASCII: such text is in every Unicode normal form. */
function isAscii(text) {
	return !/[\u0080-\uffff]/.test(text);
}
// packages/core/src/path.ts
const MAX_PATH_BYTES = 4096;
/**
* Checks a canonical relative POSIX path: `a/b.c`, never empty, absolute, `.`/`..`-segmented,
* doubled or trailing slashes, back-slashes, drive letters, control characters or above 4096 bytes
* of UTF-8; Unicode in NFC. Throws `path-invalid`. One file has one name (CVE-2021-41087).
*/
function checkPath(path) {
	let fault = pathFault(path);
	if (fault !== null) throw new CodedError("path-invalid", `path ${JSON.stringify(path.slice(0, 120))} ${fault}`);
}
function pathFault(path) {
	if (path === "") return "is empty";
	if (path.length > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
	if (path.charCodeAt(1) === 58 && /^[A-Za-z]/.test(path)) return "has a drive letter";
	let start = 0, ascii = !0;
	for (let i = 0; i <= path.length; i++) {
		let c = i === path.length ? 47 : path.charCodeAt(i);
		if (c === 92) return "holds a back-slash";
		if (c >= 127) ascii = !1;
		else if (c < 32) return "holds a control character";
		if (c === 47) {
			if (i === start) return i === 0 ? "is absolute" : "has an empty segment";
			if (path.charCodeAt(start) === 46 && (i === start + 1 || i === start + 2 && path[start + 1] === ".")) return `has the segment ${path.slice(start, i)}`;
			start = i + 1;
		}
	}
	return ascii ? null : path.isWellFormed() ? hasControl(path) ? "holds a control character" : path.normalize("NFC") === path ? utf8(path).length > MAX_PATH_BYTES ? `is longer than ${MAX_PATH_BYTES} bytes` : null : "is not in Unicode NFC" : "holds a lone surrogate";
}
/**
* The key under which two names collide on some file system: Unicode canonical caseless matching
* (Unicode §3.13, D145). A set in which two names share a key cannot be unpacked everywhere, so it
* is refused.
*/
function collisionKey(path) {
	return isAscii(path) ? path.toLowerCase() : path.normalize("NFD").toLowerCase().toUpperCase().toLowerCase().normalize("NFD");
}
export { CodedError as $, anumber as A, rotl as B, Chi as C, abytes as D, abool as E, createHasher as F, parseGlob as G, u32 as H, hexToBytes as I, equal as J, parseTextGlob as K, isBytes as L, bytesToHex as M, clean as N, aexists as O, concatBytes as P, fromBase64 as Q, oidNist as R, sha512 as S, Maj as T, split as U, swap32IfBE as V, isLiteral as W, utf8 as X, fromUtf8 as Y, base64 as Z, isHex as _, openedAssertion as a, sha256$1 as b, materialOf as c, readPublicKey as d, Findings as et, spkiOf as f, hex as g, fromHex as h, openAssertion as i, aoutput as j, ahash as k, parsePublicKey as l, parseJson as m, collisionKey as n, CATALOGUE as nt, parseSigningKey as o, canonicalJson as p, concat as q, hasControl as r, readSigningKey as s, checkPath as t, reportOf as tt, publicKeyPem as u, hmac as v, HashMD as w, sha384 as x, sha256 as y, randomBytes as z };
