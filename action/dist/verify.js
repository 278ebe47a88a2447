import { $ as CodedError, J as equal, S as sha512, _ as isHex, g as hex, l as parsePublicKey, m as parseJson } from "./src.js";
import { t as rawFromDer } from "./crypto.js";
import { h as mismatchOf, i as verifyCertificate } from "./certificate.js";
import { Bt as pae, qt as Shape } from "./src3.js";
import { C as parseCertificate, y as basicConstraints } from "./identity.js";
import { m as p256, t as isIdOf, u as verifyTimestamp } from "./rekor-trust.js";
import { S as parseTimestampResponse, b as parseTimestampToken, c as looseOf, s as isWithin } from "./anchor.js";
import { n as checkInclusion, r as checkPromise, t as checkCheckpoint } from "./rekor-proof.js";
// packages/verify/src/sigstore/artifact.ts
const TYPES = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];
/**
* Checks that a statement of anybody's (in-toto Statement v1 or v0.1) is about an artifact: one of its subjects has it by
* every digest that both know, SHA-256 or SHA-512, and by one at least. Names are of no matter: two files of one name are
* two files. Gives the predicate type. Throws `artifact-mismatch`, `subject-missing`, and `statement-invalid` for what
* cannot be read.
*/
function checkSubject(payload, artifact) {
	let it = looseOf(new Shape("statement-invalid", parseStatement(payload), "statement"), ["_type", "predicateType"]);
	it.exactly("_type", ...TYPES);
	let subjects = it.has("subject") ? it.get("subject").array(1e4) : [];
	if (subjects.length === 0) throw new CodedError("subject-missing", "the statement has no subject");
	if (!subjects.some((subject) => isAbout(looseOf(subject, ["digest"]).get("digest").members(), artifact))) throw new CodedError("artifact-mismatch", `the statement is about no sha256:${hex(artifact.sha256)}`);
	return it.text("predicateType", 512);
}
function parseStatement(payload) {
	try {
		return parseJson(payload, { maxBytes: 8388608 });
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError("statement-invalid", `the statement cannot be read: ${cause.what}`, { cause }) : cause;
	}
}
function isAbout(digests, { sha256, sha512 }) {
	let both = [["sha256", sha256], ["sha512", sha512]].filter(([algorithm, digest]) => digest !== null && Object.hasOwn(digests, algorithm));
	return both.length > 0 && both.every(([algorithm, digest]) => isDigest(digests[algorithm], digest));
}
function isDigest(value, digest) {
	return typeof value == "string" && isHex(value, digest.length * 2) && value === hex(digest);
}
/** Throws `artifact-mismatch` where a digest that came with a signature is of something else. */
function checkDigest(claimed, { sha256 }) {
	if (claimed !== null && !equal(claimed, sha256)) throw new CodedError("artifact-mismatch", `the bundle is about sha256:${hex(claimed)}`);
}
// packages/verify/src/sigstore/entries.ts
/**
* Verifies the entries of a bundle. Each must be about this signature, by this signer, over these bytes (T-63), whatever
* log it is of. Those of logs that are not trusted do not count; what a trusted log does not prove refuses the bundle.
*
* Throws `entry-mismatch`, `entry-unproven`, `entry-untrusted` for a log that took no entries then, and `bundle-invalid`
* where what the version of the bundle demands is not there.
*/
function verifyEntries({ version, entries }, about, trusted, crypto) {
	let proven = [], times = [], logs = /* @__PURE__ */ new Map(), places = /* @__PURE__ */ new Set(), fault = null;
	for (let entry of entries) {
		checkAbout(entry, about), checkMaterial(version, entry);
		let place = `${hex(entry.logId)} ${entry.logIndex}`;
		if (places.size === places.add(place).size) throw new CodedError("bundle-invalid", "the bundle has one entry twice");
		let log = trusted.find((one) => isIdOf(one, entry.logId, crypto));
		if (log === void 0) {
			fault ??= new CodedError("entry-untrusted", `the log ${hex(entry.logId).slice(0, 16)} is not in the trust root`);
			continue;
		}
		let time = asEntry(() => prove(entry, log, crypto));
		time !== null && times.push({
			source: "log",
			by: log.name,
			at: time
		}), logs.set(log.key.keyId, log);
		let { kind, logIndex, inclusion } = entry;
		proven.push({
			log: log.name,
			logIndex,
			kind: kind.name,
			included: inclusion !== null
		});
	}
	return {
		proven,
		times,
		logs: [...logs.values()],
		fault
	};
}
/** T-63: an entry that is in the log, and is somebody else's or about something else. */
function checkAbout({ kind, record }, { signed, payload, signature, verifier }) {
	let mismatch = (what) => new CodedError("entry-mismatch", `the entry in the log is ${what}`), digest = record.of === "signed" ? signed : payload;
	if (digest === null) throw mismatch(`of kind ${kind.name}, and no envelope was signed`);
	if (!equal(record.digest, digest)) throw mismatch("about something else than what was signed");
	if (!equal(record.signature, signature)) throw mismatch("of another signature");
	if (record.verifier.kind !== verifier.kind || !equal(record.verifier.der, verifier.der)) throw mismatch(verifier.kind === "key" ? "of another key" : "of another certificate");
}
/** What bundles of a version must have (protobuf-specs, sigstore_bundle.proto): a promise in v0.1, a proof since. */
function checkMaterial(version, { inclusion, promise }) {
	let missing = (what) => new CodedError("bundle-invalid", `a bundle v${version} has an entry without ${what}`);
	if (version === "0.1" && promise === null) throw missing("the promise of its log");
	if (version !== "0.1" && inclusion === null) throw missing("a proof with a checkpoint");
}
/** When the log promises to have taken the entry, milliseconds since 1970; null where it does not say. */
function prove(entry, log, crypto) {
	let { body, inclusion, kind, promise } = entry;
	return inclusion !== null && (checkCheckpoint(inclusion.checkpoint, kind.generation, log, crypto), checkInclusion({
		body,
		...inclusion
	}, crypto)), promise === null ? null : checkPromise({
		...entry,
		promise
	}, log, crypto);
}
/** The proofs are those of anchors, and here they are of entries. */
function asEntry(judge) {
	try {
		return judge();
	} catch (cause) {
		throw cause instanceof CodedError ? cause.code === "anchor-unproven" ? new CodedError("entry-unproven", cause.what, { cause }) : cause.code === "anchor-untrusted" ? new CodedError("entry-untrusted", cause.what, { cause }) : cause : cause;
	}
}
/** Throws `entry-untrusted` where a log took no entries at a time when the signature was there. */
function checkLogTimes(logs, times) {
	for (let { name, validFor } of logs) if (!times.some(({ by, source }) => source === "log" && by === name)) {
		for (let { at } of times) if (!isWithin(at, validFor)) throw new CodedError("entry-untrusted", `${name} took no entries at that time`);
	}
}
/** How many parties stand behind entries: two logs of one operator are one (T-64). */
function countParties(logs) {
	return new Set(logs.map(({ key, operator }) => operator === null ? `key ${key.keyId}` : `operator ${operator}`)).size;
}
// packages/verify/src/sigstore/timestamps.ts
/**
* Verifies timestamps over a signature (RFC 3161), each under the authorities of the trust root. Those that do not verify
* do not count, and are of no other matter: anybody can put one there.
*/
function readTimestamps(timestamps, signature, { timestampAuthorities }, crypto) {
	let imprint = crypto.sha256(signature), times = /* @__PURE__ */ new Map(), fault = null;
	for (let timestamp of timestamps) try {
		let time = timeOf(tokenOf(timestamp), imprint, timestampAuthorities, crypto), known = times.get(time.by);
		(known === void 0 || time.at < known.at) && times.set(time.by, time);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		fault ??= error;
	}
	return {
		times: [...times.values()],
		fault
	};
}
function tokenOf(timestamp) {
	let { status, token } = parseTimestampResponse(timestamp);
	if (status > 1 || token === null) throw new CodedError("anchor-unproven", "the authority gave no timestamp");
	return parseTimestampToken(token);
}
function timeOf(token, imprint, authorities, crypto) {
	let first = null;
	for (let authority of authorities) try {
		return timeBy(authority, token, imprint, crypto);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		first ??= error;
	}
	throw first ?? new CodedError("trust-missing", "no timestamp authority is trusted");
}
function timeBy({ name, chain, validFor }, token, imprint, crypto) {
	let trust = { authorities: [{
		name,
		certificates: [chain.at(-1)],
		from: validFor.start,
		until: validFor.end
	}] }, { info, path } = verifyTimestamp(token, chain.slice(0, -1), imprint, trust, crypto);
	if (!basicConstraints(chain[0]).ca && !equal(path[0].der, chain[0].der)) throw new CodedError("anchor-untrusted", `the timestamp is not signed by ${name}`);
	return {
		source: "timestamp",
		by: name,
		at: info.time.milliseconds
	};
}
// packages/verify/src/sigstore/verify.ts
/**
* Verifies a Sigstore bundle of anybody's for an artifact: the signature is over it or over a statement about it; every
* entry of a log is of this signature, and as many independent logs as are demanded prove that they have it; where a
* certificate says who signed, its whole path was valid at every time that somebody trusted vouches for (T-55), of which
* there is one at least (T-56), and it names whom the policy means. A promise without the log's signature is no time.
* SPEC.md §15, "Sigstore bundles of others".
*
* Throws `artifact-mismatch`, `signature-invalid`, `signer-unknown`, `entry-mismatch`, `entry-unproven`,
* `entry-untrusted`, `entry-missing`, `time-untrusted`, `bundle-invalid`, `trust-missing`, what
* {@link verifyCertificate} throws, and for a statement `statement-invalid` and `subject-missing`.
*/
function verifySigstoreBundle(input) {
	let { bundle, trust, policy, crypto } = input, { logs: minLogs = 1, timestamps: minTimestamps = 0 } = input.thresholds ?? {}, { key, verifier } = signerOf(bundle, policy), { about, predicateType } = contentOf(bundle, input.artifact, key, verifier, crypto), entries = verifyEntries(bundle, about, trust.logs, crypto);
	if (countParties(entries.logs) < minLogs) throw entries.fault ?? new CodedError("entry-missing", `fewer than ${minLogs} independent logs have the signature`);
	let stamped = readTimestamps(bundle.timestamps, about.signature, trust, crypto);
	if (stamped.times.length < minTimestamps) throw untimed(`fewer than ${minTimestamps} timestamp authorities vouch for a time`, stamped.fault);
	let times = [...entries.times, ...stamped.times].toSorted((a, b) => a.at - b.at);
	checkLogTimes(entries.logs, times);
	let signer = bundle.signer.kind === "key" ? {
		kind: "key",
		key
	} : {
		kind: "certificate",
		certificate: certify(bundle.signer.chain, times, stamped.fault, trust, crypto)
	};
	checkIdentity(policy, signer);
	let { content } = bundle;
	return {
		signer,
		content,
		predicateType,
		times,
		entries: entries.proven
	};
}
function digestsOf(artifact, crypto) {
	return artifact instanceof Uint8Array ? {
		sha256: crypto.sha256(artifact),
		sha512: sha512(artifact)
	} : artifact;
}
/** The key that the signature must verify under: the certificate's, or the one that the verifier has. */
function signerOf({ signer }, policy) {
	if (signer.kind === "key") {
		if (policy.key !== void 0) return {
			key: policy.key,
			verifier: {
				kind: "key",
				der: policy.key.spki
			}
		};
		throw new CodedError("signer-unknown", "the bundle is signed with a key, and an identity is demanded");
	}
	if (policy.key !== void 0) throw new CodedError("signer-unknown", "the bundle is signed with a certificate, and a key is demanded");
	let [leaf, ...others] = signer.chain.map((der) => parseCertificate(der, "certificate-invalid"));
	if (others.some(({ issuer, subject }) => equal(issuer, subject))) throw new CodedError("bundle-invalid", "the bundle brings a root certificate");
	return {
		key: parsePublicKey(leaf.spki),
		verifier: {
			kind: "certificate",
			der: leaf.der
		}
	};
}
/** Verifies the signature and that what was signed is, or is about, the artifact. */
function contentOf({ content }, artifact, key, verifier, crypto) {
	let digests = digestsOf(artifact, crypto);
	if (content.kind === "message") {
		let { signature } = content;
		if (checkDigest(content.digest, digests), !isSigned(key, artifact, digests, signature, crypto)) throw unsigned("the artifact");
		return {
			about: {
				signed: digests.sha256,
				payload: null,
				signature,
				verifier
			},
			predicateType: null
		};
	}
	let { payload, payloadType, signature } = content.envelope, signed = pae(payloadType, payload);
	if (!crypto.verify(key, signed, signature)) throw unsigned("the statement");
	return {
		about: {
			signed: crypto.sha256(signed),
			payload: crypto.sha256(payload),
			signature,
			verifier
		},
		predicateType: checkSubject(payload, digests)
	};
}
function unsigned(what) {
	return new CodedError("signature-invalid", `the signature is not one over ${what} by its signer`);
}
/** Whether a key signed an artifact, of which for ECDSA its SHA-256 is enough. */
function isSigned(key, artifact, { sha256 }, signature, crypto) {
	if (artifact instanceof Uint8Array) return crypto.verify(key, artifact, signature);
	if (key.algorithm === "ed25519") throw new CodedError("signature-invalid", "an Ed25519 signature is over the artifact, and its digest alone is there", { fix: "Name the artifact itself, not its digest." });
	let raw = rawFromDer(signature);
	return raw !== null && p256.verify(raw, sha256, key.raw, {
		prehash: !1,
		lowS: !1
	});
}
/** The certificate, whose path must have been valid at each of the times. */
function certify(chain, times, fault, { authorities }, crypto) {
	let found = null;
	for (let at of new Set(times.map((time) => time.at))) found = verifyCertificate({
		chain,
		authorities,
		at,
		crypto
	});
	if (found === null) throw untimed("nobody who is trusted vouches for when the certificate was used", fault);
	return found;
}
function untimed(what, fault) {
	return new CodedError("time-untrusted", fault === null ? what : `${what}: ${fault.what}`, { cause: fault ?? void 0 });
}
function checkIdentity(policy, signer) {
	if (signer.kind === "key" || policy.identity === void 0) return;
	let mismatch = mismatchOf(policy.identity, signer.certificate.identity);
	if (mismatch !== null) throw new CodedError("signer-unknown", `somebody else signed: ${mismatch}`, { fix: "Get the bundle of whoever you trust, or name whom you trust rightly: issuer and identity, in full." });
}
export { verifySigstoreBundle as t };
