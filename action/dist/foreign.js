import { $ as CodedError, X as utf8, h as fromHex } from "./src.js";
import { Bt as pae, dt as isTree, lt as names, nt as isSealed } from "./src3.js";
import { t as verifySigstoreBundle } from "./verify.js";
import { a as disclosedPredicate } from "./certificate.js";
// packages/verify/src/foreign/link-message.ts
/**
* The bytes that link metadata is signed over: the canonical JSON of in-toto and TUF (OLPC), in which a text has no
* escapes but those of the quote and the back-slash, members are sorted by code points, and there are no fractions.
* Throws `report-invalid` for a number that it has not.
*/
function linkMessage(signed) {
	return utf8(write(signed));
}
/** Depth was bounded by whoever parsed it. */
function write(value) {
	if (value === null || typeof value == "boolean") return String(value);
	if (typeof value == "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
	if (typeof value == "number") {
		if (Number.isSafeInteger(value)) return String(value);
		throw new CodedError("report-invalid", "the link holds a number that canonical JSON has not");
	}
	return Array.isArray(value) ? `[${value.map(write).join(",")}]` : `{${Object.entries(value).toSorted(([a], [b]) => byCodePoint(a, b)).map(([name, member]) => `${write(name)}:${write(member)}`).join(",")}}`;
}
function byCodePoint(a, b) {
	let [left, right] = [[...a], [...b]], at = left.findIndex((character, i) => character !== right[i]);
	return at < 0 ? left.length - right.length : right[at] === void 0 ? 1 : left[at].codePointAt(0) - right[at].codePointAt(0);
}
// packages/verify/src/foreign/attestation.ts
/**
* Verifies an attestation of another tool's, in the form it came in: whom the policy means has signed it, and it is about
* the artifact. What Sigstore stands behind (bundles, those of cosign, envelopes with a certificate) is judged as
* {@link verifySigstoreBundle} does; an envelope with bare signatures, and link metadata, under a key alone, and only
* where neither logs nor timestamps are demanded: nobody stands behind them. Throws `signature-missing` for a statement
* that nobody signed, `report-type` for what is none, `signer-unknown`, `signature-invalid`, `artifact-mismatch`,
* `trust-missing`, `entry-missing`, `time-untrusted`, and what `verifySigstoreBundle` throws.
*/
function verifyAttestation(input) {
	let { report } = input, { attestation } = report;
	if (attestation === null) throw new CodedError("report-type", `it is ${report.type}, which nobody signs by itself`);
	let signer = signerOf(input, attestation);
	if (report.type !== "signature" && !report.about.some((digests) => names(digests, { digest: input.digests }))) throw new CodedError("artifact-mismatch", `the attestation is about no sha256:${input.digests.sha256}`);
	return {
		report,
		signer
	};
}
function signerOf(input, attestation) {
	switch (attestation.form) {
		case "sigstore-bundle":
		case "cosign": return bundled(input, attestation.bundle);
		case "dsse": return enveloped(input, attestation.envelope);
		case "link": return keyed(keyOf(input.policy), linkMessage(attestation.signed), attestation.signatures, input);
		case "statement": throw new CodedError("signature-missing", "the statement came without an envelope: nobody signed it");
	}
}
function bundled(input, bundle) {
	let { artifact, policy, trust, thresholds, crypto } = input, minLogs = thresholds?.logs ?? 1;
	if (trust === null && (policy.key === void 0 || minLogs > 0 || bundle.entries.length > 0)) throw new CodedError("trust-missing", "no trust root says whose logs and certificates count");
	return named(verifySigstoreBundle({
		bundle,
		artifact,
		trust: trust ?? {
			authorities: [],
			logs: [],
			timestampAuthorities: []
		},
		policy,
		crypto,
		...thresholds === void 0 ? {} : { thresholds }
	}));
}
function named({ signer }) {
	if (signer.kind === "key") return { key: signer.key.keyId };
	let { issuer, subject } = signer.certificate.identity;
	return {
		issuer,
		subject: subject.value
	};
}
/** An envelope whose certificates and timestamps lie beside its signatures is a bundle in another spelling. */
function enveloped(input, { payloadType, payload, signatures }) {
	let { policy } = input;
	if (policy.key !== void 0) {
		let bare = signatures.map(({ signature }) => signature);
		return keyed(policy.key, pae(payloadType, payload), bare, input);
	}
	let certified = signatures.filter(({ chain }) => chain.length > 0);
	if (certified.length === 0) throw new CodedError("signer-unknown", "the envelope names no certificate, and an identity is demanded");
	let first = null;
	for (let { signature, chain, timestamps } of certified) {
		let envelope = {
			payloadType,
			payload,
			signature,
			keyid: null
		};
		try {
			return bundled(input, {
				version: "0.2",
				signer: {
					kind: "certificate",
					chain
				},
				entries: [],
				timestamps,
				content: {
					kind: "dsse",
					envelope
				}
			});
		} catch (error) {
			if (!(error instanceof CodedError)) throw error;
			first ??= error;
		}
	}
	throw first;
}
function keyOf(policy) {
	if (policy.key !== void 0) return policy.key;
	throw new CodedError("signer-unknown", "link metadata is signed with a key, and an identity is demanded");
}
/** One good signature under the key is enough: the others are of parties that nobody asked for. */
function keyed(key, message, signatures, { thresholds: { logs = 1, timestamps = 0 } = {}, crypto }) {
	if (signatures.length === 0) throw new CodedError("signature-missing", "the attestation has no signature");
	if (!signatures.some((signature) => crypto.verify(key, message, signature))) throw new CodedError("signature-invalid", `no signature of the attestation is by key ${key.keyId.slice(0, 12)}`);
	if (logs > 0) throw new CodedError("entry-missing", "a log is demanded, and the signature stands by itself");
	if (timestamps > 0) throw new CodedError("time-untrusted", "a timestamp is demanded, and the signature stands by itself");
	return { key: key.keyId };
}
// packages/verify/src/foreign/attested.ts
/** Codes that no other trust would turn into a good one: the bytes that the step signed for say something else. */
const CONTRADICTED = /* @__PURE__ */ new Set([
	"signature-invalid",
	"signature-missing",
	"signer-unknown",
	"artifact-mismatch",
	"entry-mismatch",
	"report-type"
]), BEHIND = [{ logs: 1 }, {
	logs: 0,
	timestamps: 1
}];
/** Verifies again what the steps of a verdict say that others signed, as far as it lies beside them. In their order. */
function verifyAttested({ step, disclosed, attached }, trust, crypto) {
	let predicate = disclosedPredicate(step.statement.predicate, disclosed);
	if (isSealed(predicate.evidence)) return [];
	let own = [...predicate.materials, ...step.statement.subject].filter((one) => !isTree(one)), received = [...new Set(own.map(({ digest }) => digest.sha256))];
	return predicate.evidence.flatMap((ref) => {
		let { annotations } = ref;
		if (annotations === void 0 || annotations.signer === null) return [];
		let here = attached.find(({ refs }) => refs.some(({ digest }) => digest.sha256 === ref.digest.sha256)), { about, signer, type } = annotations, meant = about.length === 0 && type === "signature" ? received : about, fault = faultOf(here ?? null, {
			signer,
			about: meant.slice(0, 16)
		}, trust, crypto);
		return [{
			ref,
			standing: fault === null ? "here" : fault.contradicts ? "refused" : "word",
			fault: fault?.error.report() ?? null
		}];
	});
}
function faultOf(attached, said, trust, crypto) {
	let report = attached?.report ?? null;
	if (report === null) return lacking("evidence-unavailable", "what was signed is not here");
	if (said.about.length === 0) return {
		error: new CodedError("artifact-mismatch", "it is about nothing of the step"),
		contradicts: !0
	};
	let tried = (sha256) => triedFor(sha256, report, said.signer, trust, crypto);
	if (report.type === "signature") {
		let faults = said.about.map(tried), [first = null] = faults;
		return first === null || faults.includes(null) ? null : faults.length === 1 ? first : {
			...first,
			contradicts: !1
		};
	}
	return (namesSha256(report) ? said.about.slice(0, 1) : said.about).map(tried).find((fault) => fault !== null) ?? null;
}
function lacking(code, what) {
	return {
		error: new CodedError(code, what),
		contradicts: !1
	};
}
function triedFor(sha256, report, signer, trust, crypto) {
	let atHand = trust.artifact?.digests.sha256 === sha256 ? trust.artifact : null, artifact = atHand?.signed ?? {
		sha256: fromHex(sha256),
		sha512: null
	}, digests = atHand?.digests ?? { sha256 }, known = atHand !== null || report.type !== "signature" && namesSha256(report), found = null;
	for (let believed of basesOf(signer, trust)) try {
		return verifyAttestation({
			report,
			artifact,
			digests,
			crypto,
			...believed
		}), null;
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		let fault = {
			error,
			contradicts: known && CONTRADICTED.has(error.code)
		};
		(found === null || fault.contradicts && !found.contradicts) && (found = fault);
	}
	return found ?? lacking("trust-missing", "nobody is named to check it under");
}
/** That what was signed says by SHA-256 which artifacts it means. */
function namesSha256({ about }) {
	return about.length > 0 && about.every((digests) => Object.hasOwn(digests, "sha256"));
}
/** Under what a signature is tried: whom the step names and nobody else, each trust for itself. */
function basesOf(signer, { sigstore, keys }) {
	if ("key" in signer) {
		let key = keys.find(({ keyId }) => keyId === signer.key);
		return key === void 0 ? [] : [null, ...sigstore].map((trust) => ({
			policy: { key },
			trust,
			thresholds: { logs: 0 }
		}));
	}
	let policy = { identity: {
		issuer: signer.issuer,
		subject: subjectNamed(signer.subject),
		facts: /* @__PURE__ */ new Map()
	} };
	return sigstore.flatMap((trust) => BEHIND.map((thresholds) => ({
		policy,
		trust,
		thresholds
	})));
}
/** What has a scheme is a URI, and all else an e-mail address: the other kind never counts for it (T-57). */
function subjectNamed(value) {
	return {
		kind: /^[a-z][a-z0-9+.-]*:/i.test(value) ? "uri" : "email",
		value
	};
}
/**
* The verdict with what others attested verified again. Who says of bytes that he signed for what they do not hold has
* not said the truth of the rest either: that speaks against the artifact. What cannot be checked here is told, and stays
* the word of who recorded it.
*/
function judgeAttested(verdict, trust, crypto) {
	let attested = verdict.steps.map((judged) => verifyAttested(judged, trust, crypto)), all = attested.flat();
	if (all.length === 0) return {
		verdict,
		attested
	};
	let count = (standing) => all.filter((one) => one.standing === standing).length, refused = count("refused"), told = [
		`${count("here")} checked here`,
		`${count("word")} on the word of whoever recorded them`,
		...refused > 0 ? [`${refused} not by whom a step says`] : []
	], criterion = {
		name: "attestations of others",
		met: refused === 0,
		detail: told.join(", ")
	}, findings = all.flatMap(({ standing, ref, fault }) => standing === "refused" ? [mismatch(ref, fault)] : []), criteria = [...verdict.criteria, criterion];
	return findings.length === 0 ? {
		verdict: {
			...verdict,
			criteria
		},
		attested
	} : {
		verdict: {
			...verdict,
			verdict: "fail",
			criteria,
			findings: [...verdict.findings, ...findings]
		},
		attested
	};
}
function mismatch({ name }, { code, what }) {
	return new CodedError("report-signer", `${name} is not signed by whom the step says: ${code}: ${what}`).report();
}
export { verifyAttestation as i, subjectNamed as n, verifyAttested as r, judgeAttested as t };
