import { n as __require, t as __commonJSMin } from "./rolldown-runtime.js";
import { $ as CodedError, G as parseGlob, J as equal, K as parseTextGlob, Q as fromBase64, W as isLiteral, X as utf8, Y as fromUtf8, Z as base64, _ as isHex, c as materialOf, et as Findings, g as hex, h as fromHex, l as parsePublicKey, m as parseJson, r as hasControl, s as readSigningKey, y as sha256 } from "./src.js";
import { Ct as PAYLOAD_TYPE, Ft as readDecimal, It as readHash, Jt as isTime, Kt as writeLeaf, Lt as MAX_SIGNATURE_TEXT, Nt as parseVkey, Ot as parseCheckpoint, Vt as readEnvelope, W as opens, X as isName, Y as isMatrixKey, ct as isReportType, dt as isTree, kt as verifyCheckpoint, ot as sealedFields, qt as Shape, st as withFields, vt as BUNDLE_V03, xt as MAX_BUNDLE_BYTES } from "./src3.js";
import { I as leafHash, M as verifyInclusion, T as ANCHOR_KINDS, c as looseOf, s as isWithin } from "./anchor.js";
import { C as parseCertificate, S as keyUsage, a as precertTbs, c as sctMessage, d as IDENTITY_FACTS, f as ISSUANCE_PROOF_OID, h as parseCertificates, i as loggedTbs, l as identityOf$1, m as isAtLeast, n as issuanceLeaf, o as SCT_LIST_OID, r as readIssuanceProof, s as readSctList, u as GRADES, x as extendedKeyUsage, y as basicConstraints } from "./identity.js";
import { d as CODE_SIGNING, f as commonFault, p as findPath } from "./rekor-trust.js";
/**
* An identity in a line, for people: `github.com/acme/shop@main · release.yml · run 42/1`. Where its issuer names no
* repository: the subject and the issuer. Two identities may have one text; no decision hangs on it.
*/
function identityText(identity) {
	let text = wholeText(identity);
	return text.length <= 256 ? text : `${text.slice(0, 255)}…`;
}
function wholeText(identity) {
	let { subject, issuer, sourceRepositoryURI, sourceRepositoryRef, buildConfigURI, runInvocationURI } = identity;
	if (sourceRepositoryURI === null) return `${bare(subject.value)} · by ${bare(issuer)}`;
	let ref = sourceRepositoryRef === null ? "" : `@${sourceRepositoryRef.replace(/^refs\/(?:heads|tags)\//, "")}`, parts = [`${bare(sourceRepositoryURI)}${ref}`], workflow = buildConfigURI === null ? null : fileOf(buildConfigURI);
	return workflow !== null && parts.push(workflow), runInvocationURI !== null && parts.push(`run ${runOf(runInvocationURI, sourceRepositoryURI)}`), parts.join(" · ");
}
/** An address without its scheme and the slash at its end; the host stays, for there are many with one path. */
function bare(uri) {
	return uri.replace(/^https:\/\//, "").replace(/\/$/, "");
}
/** `release.yml` of `https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main`. */
function fileOf(uri) {
	let path = uri.split("@", 1)[0];
	return path.slice(path.lastIndexOf("/") + 1) || null;
}
/** What of a run's address is not its repository's: `42/1` of GitHub's `/actions/runs/42/attempts/1`. */
function runOf(uri, repository) {
	let own = uri.startsWith(`${repository}/`) ? uri.slice(repository.length + 1) : bare(uri), [, run, attempt] = /^actions\/runs\/([0-9]{1,20})\/attempts\/([0-9]{1,9})$/.exec(own) ?? [];
	return run === void 0 ? /^-\/(?:jobs|pipelines)\/([0-9]{1,20})$/.exec(own)?.[1] ?? own : `${run}/${attempt}`;
}
// packages/formats/src/sigstore/entry-body.ts
const CODE$6 = "bundle-invalid", CERTIFICATE = ["-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"], PUBLIC_KEY = ["-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"], KINDS = {
	"hashedrekord 0.0.1": 1,
	"dsse 0.0.1": 1,
	"intoto 0.0.2": 1,
	"hashedrekord 0.0.2": 2,
	"dsse 0.0.2": 2
};
function readEntryKind(shape, kind, version) {
	let name = `${kind} ${version}`;
	Object.hasOwn(KINDS, name) || shape.fail(`is ${JSON.stringify(name.slice(0, 60))}, which is not known`);
	let known = name;
	return {
		name: known,
		generation: KINDS[known]
	};
}
/**
* What a leaf of Rekor says, strictly: other members than those of its kind and version are refused, though the log
* committed to them. Throws `bundle-invalid` and what strict JSON, base64 and hex throw.
*/
function readEntryBody({ name }, body) {
	let it = new Shape(CODE$6, parseJson(body, { maxDepth: 12 }), "entry").object([
		"apiVersion",
		"kind",
		"spec"
	]), [kind, version] = name.split(" ");
	it.exactly("apiVersion", version), it.exactly("kind", kind);
	let read = READERS[name](it.get("spec"));
	if (read.digest.length !== 32) throw new CodedError(CODE$6, "the entry does not hold a SHA-256");
	if (read.signature.length === 0) throw new CodedError(CODE$6, "the signature in the entry is empty");
	return read;
}
const READERS = {
	"hashedrekord 0.0.1": (shape) => {
		let spec = shape.object(["data", "signature"]), signature = spec.get("signature").object(["content", "publicKey"]);
		return {
			of: "signed",
			digest: hexHash(spec.get("data").object(["hash"]).get("hash")),
			signature: fromBase64(signature.text("content")),
			verifier: pem(signature.get("publicKey").object(["content"]).get("content"))
		};
	},
	"dsse 0.0.1": (shape) => {
		let spec = shape.object([
			"envelopeHash",
			"payloadHash",
			"signatures"
		]);
		hexHash(spec.get("envelopeHash"));
		let one = only(spec.get("signatures")).object(["signature", "verifier"]);
		return {
			of: "payload",
			digest: hexHash(spec.get("payloadHash")),
			signature: fromBase64(one.text("signature")),
			verifier: pem(one.get("verifier"))
		};
	},
	"intoto 0.0.2": (shape) => {
		let content = shape.object(["content"]).get("content").object([
			"envelope",
			"hash",
			"payloadHash"
		]), envelope = content.get("envelope").object(["payloadType", "signatures"], ["payload"]);
		hexHash(content.get("hash"));
		let one = only(envelope.get("signatures")).object(["sig", "publicKey"], ["keyid"]);
		return {
			of: "payload",
			digest: hexHash(content.get("payloadHash")),
			signature: fromBase64(fromUtf8(fromBase64(one.text("sig", 8192)))),
			verifier: pem(one.get("publicKey"))
		};
	},
	"hashedrekord 0.0.2": (shape) => {
		let spec = shape.object(["hashedRekordV002"]).get("hashedRekordV002").object(["data", "signature"]);
		return {
			of: "signed",
			digest: taggedHash(spec.get("data")),
			...signatureV2(spec.get("signature"))
		};
	},
	"dsse 0.0.2": (shape) => {
		let spec = shape.object(["dsseV002"]).get("dsseV002").object(["payloadHash", "signatures"]);
		return {
			of: "payload",
			digest: taggedHash(spec.get("payloadHash")),
			...signatureV2(only(spec.get("signatures")))
		};
	}
};
/** Exactly one: a bundle has one signature, and an entry with more is about something else. */
function only(list) {
	let [one, ...more] = list.array(16);
	return (one === void 0 || more.length > 0) && list.fail("does not hold exactly one signature"), one;
}
function hexHash(shape) {
	let hash = shape.object(["algorithm", "value"]);
	return hash.exactly("algorithm", "sha256"), fromHex(hash.hex("value", 64));
}
function taggedHash(shape) {
	let hash = shape.object(["algorithm", "digest"]);
	return hash.exactly("algorithm", "SHA2_256"), fromBase64(hash.text("digest"));
}
function signatureV2(shape) {
	let it = shape.object(["content", "verifier"]), verifier = it.get("verifier").object(["keyDetails"], ["publicKey", "x509Certificate"]);
	verifier.text("keyDetails", 100), verifier.has("publicKey") === verifier.has("x509Certificate") && it.get("verifier").fail("needs exactly one of publicKey and x509Certificate");
	let kind = verifier.has("publicKey") ? "key" : "certificate", raw = verifier.get(kind === "key" ? "publicKey" : "x509Certificate").object(["rawBytes"]);
	return {
		signature: fromBase64(it.text("content")),
		verifier: {
			kind,
			der: fromBase64(raw.get("rawBytes").string(65536))
		}
	};
}
/** A certificate or a key in PEM, in base64 once more: Rekor v1 takes it as its client spelled it. */
function pem(shape) {
	let text = fromUtf8(fromBase64(shape.string(65536))).trim(), kind = text.startsWith(CERTIFICATE[0]) ? "certificate" : "key", [begin, end] = kind === "certificate" ? CERTIFICATE : PUBLIC_KEY;
	return text.startsWith(begin) && text.endsWith(end) || shape.fail("is neither a certificate nor a public key in PEM"), {
		kind,
		der: fromBase64(text.slice(begin.length, -end.length).replace(/[ \t\r\n]+/g, ""))
	};
}
// packages/formats/src/sigstore/proto.ts
/**
* A message of protobuf in JSON (ProtoJSON): members that are not known are refused, and those that hold the default of
* their type, or null, may be left out, so none is required by the spelling alone.
*/
var Message = class {
	#shape;
	#it;
	constructor(shape, members) {
		this.#shape = shape, this.#it = shape.object([], members);
	}
	fail(what) {
		this.#shape.fail(what);
	}
	has(key) {
		return this.#it.has(key) && !this.#it.isNull(key);
	}
	get(key) {
		return this.has(key) || this.#shape.fail(`lacks ${key}`), this.#it.get(key);
	}
	/** What `read` makes of a member, null where it is not there. */
	optional(key, read) {
		return this.has(key) ? read(this.#it.get(key)) : null;
	}
	/** The items of a list; none where it is not there. */
	list(key, max) {
		return this.has(key) ? this.#it.get(key).array(max) : [];
	}
	/** An int64 that is not negative, as text, which is how ProtoJSON writes it; 0 where it is not there. */
	int64(key) {
		return this.has(key) ? readDecimal(this.#it.get(key).string(20), key, "bundle-invalid") : 0;
	}
	/** Bytes in base64, none of them none. */
	bytes(key, max) {
		let bytes = fromBase64(this.get(key).string(Math.ceil(max / 3) * 4));
		return bytes.length === 0 && this.#it.get(key).fail("is empty"), bytes;
	}
};
/** Throws `bundle-invalid`, and what reading checkpoints throws. */
function readLogEntry(shape) {
	let it = new Message(shape, [
		"logIndex",
		"logId",
		"kindVersion",
		"integratedTime",
		"inclusionPromise",
		"inclusionProof",
		"canonicalizedBody"
	]), kindVersion = new Message(it.get("kindVersion"), ["kind", "version"]), kind = readEntryKind(it.get("kindVersion"), kindVersion.get("kind").string(64), kindVersion.get("version").string(64)), logIndex = it.int64("logIndex"), promise = readPromise(it);
	kind.generation === 2 && promise !== null && it.fail("has an inclusionPromise, which no Rekor v2 log makes");
	let inclusion = it.optional("inclusionProof", readInclusion);
	kind.generation === 2 && inclusion !== null && inclusion.treeIndex !== logIndex && it.fail("has two indices");
	let body = it.bytes("canonicalizedBody", 8388608);
	return {
		kind,
		logId: hash(new Message(it.get("logId"), ["keyId"]).get("keyId")),
		logIndex,
		promise,
		inclusion,
		body,
		record: readEntryBody(kind, body)
	};
}
/** A time without the log's signature on it is nobody's word, and is left out. */
function readPromise(it) {
	let integratedTime = it.int64("integratedTime"), signature = it.optional("inclusionPromise", (shape) => new Message(shape, ["signedEntryTimestamp"]).bytes("signedEntryTimestamp", 1024));
	return signature === null ? null : ((integratedTime === 0 || integratedTime > 253402300799) && it.fail("has a promise without a time"), {
		integratedTime,
		signature
	});
}
/** Null for a proof without a checkpoint, as bundles v0.1 can have: a root that nobody signed proves nothing. */
function readInclusion(shape) {
	let it = new Message(shape, [
		"logIndex",
		"rootHash",
		"treeSize",
		"hashes",
		"checkpoint"
	]), note = it.optional("checkpoint", (one) => new Message(one, ["envelope"]).optional("envelope", (text) => text.string()));
	if (note === null || note === "") return null;
	let checkpoint = parseCheckpoint(utf8(note));
	equal(hash(it.get("rootHash")), checkpoint.root) || shape.fail("has another root than its checkpoint"), it.int64("treeSize") !== checkpoint.size && shape.fail("has another tree size than its checkpoint");
	let treeIndex = it.int64("logIndex");
	return treeIndex >= checkpoint.size && shape.fail("lies outside of its tree"), {
		treeIndex,
		path: it.list("hashes", 63).map(hash),
		checkpoint
	};
}
function hash(shape) {
	return readHash(shape.string(), "a hash", "bundle-invalid");
}
// packages/formats/src/sigstore/bundle.ts
const CODE$4 = "bundle-invalid", MAX_DER$1 = 65536, VERSIONS = {
	"application/vnd.dev.sigstore.bundle+json;version=0.1": "0.1",
	"application/vnd.dev.sigstore.bundle+json;version=0.2": "0.2",
	"application/vnd.dev.sigstore.bundle+json;version=0.3": "0.3",
	[BUNDLE_V03]: "0.3"
};
/** {@link parseSigstoreBundle} of JSON that was parsed strictly already. */
function readSigstoreBundle(value) {
	return guarded(() => read$2(new Shape(CODE$4, value, "bundle")));
}
function guarded(reading) {
	try {
		return reading();
	} catch (cause) {
		throw !(cause instanceof CodedError) || [
			CODE$4,
			"bundle-version",
			"input-too-large"
		].includes(cause.code) ? cause : new CodedError(CODE$4, `the bundle cannot be read: ${cause.code}: ${cause.what}`, { cause });
	}
}
function read$2(shape) {
	let whole = new Message(shape, [
		"mediaType",
		"verificationMaterial",
		"messageSignature",
		"dsseEnvelope"
	]), mediaType = whole.get("mediaType").string(256), version = Object.hasOwn(VERSIONS, mediaType) ? VERSIONS[mediaType] : void 0;
	if (version === void 0) throw new CodedError("bundle-version", `bundle media type ${JSON.stringify(mediaType.slice(0, 80))} is unknown`);
	let material = new Message(whole.get("verificationMaterial"), [
		"publicKey",
		"x509CertificateChain",
		"certificate",
		"tlogEntries",
		"timestampVerificationData"
	]);
	return {
		version,
		signer: readSigner(material, version),
		entries: material.list("tlogEntries", 32).map(readLogEntry),
		timestamps: material.optional("timestampVerificationData", readTimestamps) ?? [],
		content: readContent(whole)
	};
}
function readSigner(material, version) {
	if ([
		"publicKey",
		"x509CertificateChain",
		"certificate"
	].filter((kind) => material.has(kind)).length !== 1 && material.fail("needs exactly one of publicKey, certificate and x509CertificateChain"), material.has("publicKey")) {
		let hint = new Message(material.get("publicKey"), ["hint"]).optional("hint", (one) => one.string(1024));
		return {
			kind: "key",
			hint: hint === "" ? null : hint
		};
	}
	if (material.has("certificate")) return {
		kind: "certificate",
		chain: [readDer(material.get("certificate"))]
	};
	version === "0.3" && material.fail("holds a certificate chain, which v0.3 bundles do not have");
	let chain = new Message(material.get("x509CertificateChain"), ["certificates"]).list("certificates", 6);
	return chain.length === 0 && material.get("x509CertificateChain").fail("is empty"), {
		kind: "certificate",
		chain: chain.map(readDer)
	};
}
function readDer(shape) {
	return new Message(shape, ["rawBytes"]).bytes("rawBytes", MAX_DER$1);
}
function readTimestamps(shape) {
	return new Message(shape, ["rfc3161Timestamps"]).list("rfc3161Timestamps", 32).map((item) => new Message(item, ["signedTimestamp"]).bytes("signedTimestamp", MAX_DER$1));
}
function readContent(whole) {
	if (whole.has("messageSignature") === whole.has("dsseEnvelope") && whole.fail("needs exactly one of messageSignature and dsseEnvelope"), whole.has("dsseEnvelope")) return {
		kind: "dsse",
		envelope: readEnvelope(whole.get("dsseEnvelope").members(), PAYLOAD_TYPE)
	};
	let message = new Message(whole.get("messageSignature"), ["messageDigest", "signature"]), text = message.get("signature").string(MAX_SIGNATURE_TEXT), signature = fromBase64(text);
	if (signature.length === 0) throw new CodedError(CODE$4, "the signature is empty");
	return {
		kind: "message",
		signature,
		digest: message.optional("messageDigest", readDigest)
	};
}
function readDigest(shape) {
	let digest = new Message(shape, ["algorithm", "digest"]);
	digest.get("algorithm").exactly("SHA2_256");
	let bytes = digest.bytes("digest", 64);
	return bytes.length !== 32 && shape.fail("is no SHA-256"), bytes;
}
// packages/formats/src/report/cosign.ts
const CODE$3 = "report-invalid";
/**
* What cosign 1 and 2 write with `--bundle`: a signature, or a signed envelope in its place, with the promise of Rekor.
* It says what a Sigstore bundle v0.1 says, and is read as that. Throws `report-invalid`, and what reading a bundle throws.
*/
function readCosignBundle(given) {
	let it = new Shape(CODE$3, given, "bundle").object(["base64Signature", "rekorBundle"], ["cert"]), rekor = it.get("rekorBundle").object(["SignedEntryTimestamp", "Payload"]), payload = rekor.get("Payload").object([
		"body",
		"integratedTime",
		"logIndex",
		"logID"
	]), body = payload.text("body", MAX_BUNDLE_BYTES), entry = new Shape(CODE$3, parseJson(fromBase64(body), { maxDepth: 12 }), "body").object([
		"apiVersion",
		"kind",
		"spec"
	]), certificate = it.has("cert") ? it.get("cert").string(131072) : "";
	return readSigstoreBundle({
		mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
		verificationMaterial: {
			...certificate === "" ? { publicKey: {} } : { x509CertificateChain: { certificates: [{ rawBytes: base64(certificateInBase64(certificate)) }] } },
			tlogEntries: [{
				logIndex: String(payload.integer("logIndex", 0, 2 ** 53 - 1)),
				logId: { keyId: base64(fromHex(payload.hex("logID", 64))) },
				kindVersion: {
					kind: entry.text("kind", 64),
					version: entry.text("apiVersion", 64)
				},
				integratedTime: String(payload.integer("integratedTime", 0, 2 ** 53 - 1)),
				inclusionPromise: { signedEntryTimestamp: rekor.text("SignedEntryTimestamp") },
				canonicalizedBody: body
			}]
		},
		...contentOf(it.get("base64Signature").string(MAX_BUNDLE_BYTES))
	});
}
/** `attest-blob` puts the envelope where `sign-blob` puts the signature. */
function contentOf(signature) {
	let bytes = fromBase64(signature);
	return bytes[0] === 123 ? { dsseEnvelope: parseJson(bytes, { maxBytes: MAX_BUNDLE_BYTES }) } : { messageSignature: { signature } };
}
/** DER of one certificate in PEM, in base64 once more. */
function certificateInBase64(text) {
	let [one, ...more] = parseCertificates(fromUtf8(fromBase64(text)), "certificate-invalid");
	if (one === void 0 || more.length > 0) throw new CodedError(CODE$3, "there is not exactly one certificate");
	return one.der;
}
// packages/formats/src/report/reading.ts
/** Most items of a list in a report. */
const MAX_ITEMS$1 = 1e6, ALGORITHMS = {
	sha256: "sha256",
	sha384: "sha384",
	sha512: "sha512"
}, LENGTHS = {
	sha256: 64,
	sha384: 96,
	sha512: 128
};
/** One set of the strong digests, in lower case; none where there is no strong one, or it is not of its length. */
function digestSetOf(given) {
	let digests = {};
	for (let [name, text] of given) {
		let algorithm = ALGORITHMS[name.toLowerCase().replace("-", "")], value = text.toLowerCase();
		algorithm !== void 0 && isHex(value, LENGTHS[algorithm]) && (digests[algorithm] = value);
	}
	return Object.keys(digests).length > 0 ? [digests] : [];
}
/** The texts of a list. */
function texts(shape) {
	return shape.array(MAX_ITEMS$1).map((one) => one.text());
}
/** A text, or none where it is something else. */
function textOf$3(value) {
	return typeof value == "string" ? value : "";
}
function membersOf(value) {
	return typeof value == "object" && value && !Array.isArray(value) ? value : null;
}
const UNPRINTABLE = /[^\x20-\x7e]+/g;
/** A text of somebody's as a fact: printable ASCII, cut at its greatest length; null where nothing is left. */
function factText(text) {
	let told = text.replace(UNPRINTABLE, "?").slice(0, 512);
	return told.trim() === "" ? null : told;
}
// packages/formats/src/report/link.ts
/** The signed part of link metadata (in-toto 1.0, §4.4). Throws `report-invalid`. */
function readLink(shape) {
	let it = looseOf(shape, [
		"_type",
		"name",
		"materials",
		"products",
		"command",
		"byproducts"
	]);
	it.exactly("_type", "link");
	let materials = digestsOf(it.get("materials")), products = digestsOf(it.get("products"));
	return {
		about: products.length > 0 ? products : materials,
		facts: {
			...nameOf$1(it),
			materials: materials.length,
			products: products.length,
			...endOf(it)
		}
	};
}
/** Predicates `https://in-toto.io/attestation/link/v0.3` and, in the form before it, `https://in-toto.io/Link/v1`. */
function readLinkPredicate(shape) {
	let it = looseOf(shape, ["name"]);
	return {
		...nameOf$1(it),
		materials: it.has("materials") ? countOf$1(it) : 0,
		...endOf(it)
	};
}
const MAX_FILES = 1e5;
/** A list since v0.3, and digests by path before it. */
function countOf$1(it) {
	let list = Array.isArray(it.as().materials), materials = it.get("materials");
	return list ? materials.array(MAX_FILES).length : digestsOf(materials).length;
}
function digestsOf(shape) {
	let files = Object.keys(shape.members());
	files.length > MAX_FILES && shape.fail(`has more than ${MAX_FILES} files`);
	let all = looseOf(shape, []);
	return files.map((name) => {
		let digests = all.get(name).members();
		for (let value of Object.values(digests)) typeof value != "string" && shape.fail("has a digest that is no text");
		return digests;
	});
}
function nameOf$1(it) {
	let name = factText(it.text("name"));
	return name === null ? {} : { step: name };
}
/** How the command ended, where the tool says it. */
function endOf(it) {
	if (!it.has("byproducts") || it.isNull("byproducts")) return {};
	let byproducts = looseOf(it.get("byproducts"), []);
	return byproducts.has("return-value") ? { exitCode: byproducts.integer("return-value", 0, 255) } : {};
}
// packages/formats/src/report/vulnerabilities.ts
/** How bad a vulnerability is, worst first. */
const SEVERITIES = [
	"critical",
	"high",
	"medium",
	"low"
], RANK = [
	"none",
	"low",
	"medium",
	"high",
	"critical",
	"unrated"
], COUNTED = [...SEVERITIES, "unrated"], ID = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,79}$/;
/**
* How many vulnerabilities of each severity, and the names of those that have one, as far as they fit. One that is found
* twice is one, as bad as it is at its worst; where nobody rates it, it may be of any severity.
*/
function foundFacts(found) {
	let worst = /* @__PURE__ */ new Map(), nameless = [];
	for (let { id, severity } of found) id === null || !ID.test(id) ? nameless.push(severity) : RANK.indexOf(severity) >= RANK.indexOf(worst.get(id) ?? "none") && worst.set(id, severity);
	let facts = {};
	for (let severity of COUNTED) {
		let ids = [...worst].filter(([, one]) => one === severity).map(([id]) => id);
		facts[severity] = ids.length + nameless.filter((one) => one === severity).length, Object.assign(facts, nameFacts(`${severity}Ids`, ids, 3));
	}
	return facts;
}
/** The names of vulnerabilities that a VEX document excuses, as far as they fit. */
function excusedFacts(ids) {
	return nameFacts("excused", [...ids], 8);
}
/** How many a scan found that are at least so bad and not among the excused; null where the facts are not those of a scan. */
function unexcused(facts, least, excused) {
	let count = 0;
	for (let severity of [...SEVERITIES.slice(0, SEVERITIES.indexOf(least) + 1), "unrated"]) {
		let all = facts[severity];
		if (typeof all != "number") return null;
		let ids = namesIn(facts, `${severity}Ids`, 3);
		count += Math.max(0, all - [...ids].filter((id) => excused.has(id)).length);
	}
	return count;
}
/** The names that a VEX document excuses. */
function excusedBy(facts) {
	return namesIn(facts, "excused", 8);
}
/** `name`, `name2`, …: whole words alone, and no more than fit. */
function nameFacts(name, ids, most) {
	let told = [...new Set(ids)].filter((id) => ID.test(id)).toSorted(), facts = {}, at = 0;
	for (let part = 1; part <= most && at < told.length; part++) {
		let text = told[at++];
		for (; at < told.length && text.length + 1 + told[at].length <= 512;) text += ` ${told[at++]}`;
		facts[part === 1 ? name : `${name}${part}`] = text;
	}
	return facts;
}
function namesIn(facts, name, most) {
	let names = /* @__PURE__ */ new Set();
	for (let part = 1; part <= most; part++) {
		let text = facts[part === 1 ? name : `${name}${part}`];
		if (typeof text != "string") break;
		for (let id of text.split(" ")) names.add(id);
	}
	return names;
}
/** A CVSS score, 0 to 10 (FIRST, qualitative severity rating scale). */
function severityOfScore(score) {
	return score >= 0 && score <= 10 ? score === 0 ? "none" : score >= 9 ? "critical" : score >= 7 ? "high" : score >= 4 ? "medium" : "low" : "unrated";
}
/** A severity as a tool writes it: a word or a score. */
function severityOf(text) {
	let word = text.trim().toLowerCase();
	return /^\d{1,2}(?:\.\d{1,4})?$/.test(word) ? severityOfScore(Number(word)) : word === "moderate" ? "medium" : [
		"none",
		"info",
		"informational",
		"negligible"
	].includes(word) ? "none" : SEVERITIES.find((one) => one === word) ?? "unrated";
}
/** The worst of several that are rated; `unrated` where none is. */
function worstOf(all) {
	let rated = all.filter((one) => one !== "unrated");
	return rated.length === 0 ? "unrated" : rated.reduce((worst, one) => RANK.indexOf(one) > RANK.indexOf(worst) ? one : worst);
}
// packages/formats/src/report/cyclonedx.ts
/** States of a vulnerability's analysis (CycloneDX 1.4 to 1.6). */
const STATES = {
	exploitable: "exploitable",
	in_triage: "inTriage",
	resolved: "resolved",
	resolved_with_pedigree: "resolved",
	false_positive: "falsePositive",
	not_affected: "notAffected"
}, cyclonedx = {
	name: "CycloneDX",
	is: (given) => Object.hasOwn(given, "bomFormat"),
	read(given) {
		let it = looseOf(new Shape("report-invalid", given, "bom"), ["bomFormat", "specVersion"]);
		it.exactly("bomFormat", "CycloneDX");
		let version = it.exactly("specVersion", "1.4", "1.5", "1.6"), list = (key) => it.has(key) ? it.get(key).array(MAX_ITEMS$1) : [], components = list("components").length, vulnerabilities = list("vulnerabilities").map((one) => looseOf(one, [])), vex = vulnerabilities.length > 0 && components === 0;
		return {
			type: vex ? "cyclonedx-vex" : "cyclonedx",
			mediaType: "application/vnd.cyclonedx+json",
			about: aboutOf(it),
			facts: vex ? {
				version,
				vulnerabilities: vulnerabilities.length,
				...statesOf(vulnerabilities),
				...excusedFacts(excusedIn$2(vulnerabilities))
			} : {
				version,
				components,
				vulnerabilities: vulnerabilities.length,
				...it.has("vulnerabilities") ? foundFacts(vulnerabilities.map(foundOf)) : {}
			},
			attestation: null
		};
	}
};
function aboutOf(it) {
	if (!it.has("metadata")) return [];
	let metadata = looseOf(it.get("metadata"), []);
	if (!metadata.has("component")) return [];
	let component = looseOf(metadata.get("component"), []);
	return component.has("hashes") ? digestSetOf(component.get("hashes").array(32).map((one) => {
		let hash = looseOf(one, ["alg", "content"]);
		return [hash.text("alg"), hash.text("content")];
	})) : [];
}
/** How many are in which state; one without an analysis is not judged. */
function statesOf(vulnerabilities) {
	let counts = {
		exploitable: 0,
		inTriage: 0,
		resolved: 0,
		falsePositive: 0,
		notAffected: 0,
		unjudged: 0
	};
	for (let one of vulnerabilities) {
		let name = stateOf(one);
		counts[name] = counts[name] + 1;
	}
	return counts;
}
function stateOf(vulnerability) {
	if (!vulnerability.has("analysis")) return "unjudged";
	let analysis = looseOf(vulnerability.get("analysis"), []);
	return analysis.has("state") ? STATES[analysis.exactly("state", ...Object.keys(STATES))] : "unjudged";
}
const EXCUSED = [
	"resolved",
	"falsePositive",
	"notAffected"
];
/** As the tool rates it; where the document itself excuses it, it is none. */
function foundOf(vulnerability) {
	let id = vulnerability.has("id") ? vulnerability.text("id") : null;
	return EXCUSED.includes(stateOf(vulnerability)) ? {
		id: null,
		severity: "none"
	} : {
		id,
		severity: worstOf((vulnerability.has("ratings") ? vulnerability.get("ratings").array(1e3) : []).map((one) => {
			let rating = looseOf(one, []);
			return rating.has("severity") ? severityOf(rating.text("severity")) : "unrated";
		}))
	};
}
/** What every entry about it excuses. */
function excusedIn$2(vulnerabilities) {
	let excused = /* @__PURE__ */ new Set(), open = /* @__PURE__ */ new Set();
	for (let one of vulnerabilities) one.has("id") && (EXCUSED.includes(stateOf(one)) ? excused : open).add(one.text("id"));
	return new Set([...excused].filter((id) => !open.has(id)));
}
// packages/formats/src/report/openvex.ts
const CONTEXT$1 = /^https:\/\/openvex\.dev\/ns\/v(0\.2\.\d{1,2})$/, STATUSES = {
	affected: "affected",
	not_affected: "notAffected",
	fixed: "fixed",
	under_investigation: "underInvestigation"
}, openvex = {
	name: "OpenVEX",
	is: (given) => textOf$3(given["@context"]).startsWith("https://openvex.dev/ns"),
	read(given) {
		let it = looseOf(new Shape("report-invalid", given, "vex"), [
			"@context",
			"@id",
			"author",
			"statements"
		]), version = CONTEXT$1.exec(it.text("@context"))?.[1];
		version === void 0 && it.get("@context").fail("is not that of OpenVEX 0.2");
		let statements = it.get("statements").array(MAX_ITEMS$1).map((one) => looseOf(one, ["vulnerability", "status"]));
		statements.length === 0 && it.get("statements").fail("is empty");
		let counts = {
			affected: 0,
			notAffected: 0,
			fixed: 0,
			underInvestigation: 0
		};
		for (let one of statements) {
			let status = STATUSES[one.exactly("status", ...Object.keys(STATUSES))];
			counts[status] = counts[status] + 1;
		}
		return {
			type: "openvex",
			mediaType: "application/json",
			about: statements.flatMap(productsOf),
			facts: {
				version,
				statements: statements.length,
				...counts,
				...excusedFacts(excusedIn$1(statements))
			},
			attestation: null
		};
	}
};
function productsOf(statement) {
	return statement.has("products") ? statement.get("products").array(MAX_ITEMS$1).flatMap((one) => {
		let product = looseOf(one, []);
		return product.has("hashes") ? digestSetOf(Object.entries(product.get("hashes").members()).map(([name, value]) => [name, textOf$3(value)])) : [];
	}) : [];
}
/**
* What every statement about it excuses, of everything that the document names by digest: whichever of that is meant here,
* it is excused for it.
*/
function excusedIn$1(statements) {
	let products = new Set(statements.flatMap(productsOf).map((digests) => JSON.stringify(digests))), excused = /* @__PURE__ */ new Set(), open = /* @__PURE__ */ new Set();
	for (let one of statements) {
		let status = one.text("status"), whole = new Set(productsOf(one).map((digests) => JSON.stringify(digests))).size === products.size && (status === "not_affected" || status === "fixed");
		for (let id of idsOf(one)) (whole ? excused : open).add(id);
	}
	return new Set([...excused].filter((id) => !open.has(id)));
}
/** Its name, and the others that it goes by; of OpenVEX 0.0 a text alone. */
function idsOf(statement) {
	let vulnerability = looseOf(statement.get("vulnerability"), []), aliases = vulnerability.has("aliases") ? vulnerability.get("aliases").array(1e3) : [];
	return [...vulnerability.has("name") ? [vulnerability.text("name")] : [], ...aliases.map((one) => one.text())];
}
// packages/formats/src/report/spdx.ts
const CODE$2 = "report-invalid", MEDIA_TYPE = "application/spdx+json", spdx2 = {
	name: "SPDX 2",
	is: (given) => Object.hasOwn(given, "spdxVersion"),
	read(given) {
		let it = looseOf(new Shape(CODE$2, given, "spdx"), [
			"spdxVersion",
			"SPDXID",
			"creationInfo"
		]), version = it.exactly("spdxVersion", "SPDX-2.2", "SPDX-2.3").slice(5);
		it.exactly("SPDXID", "SPDXRef-DOCUMENT");
		let packages = it.has("packages") ? it.get("packages").array(MAX_ITEMS$1) : [], files = it.has("files") ? it.get("files").array(MAX_ITEMS$1) : [], described = describedIn(it), about = [...packages, ...files].flatMap((one) => {
			let member = looseOf(one, ["SPDXID"]);
			return described.has(member.text("SPDXID")) ? checksumsOf(member) : [];
		});
		return {
			type: "spdx",
			mediaType: MEDIA_TYPE,
			about,
			facts: {
				version,
				packages: packages.length,
				files: files.length
			},
			attestation: null
		};
	}
};
function describedIn(it) {
	let described = new Set(it.has("documentDescribes") ? texts(it.get("documentDescribes")) : []);
	for (let one of it.has("relationships") ? it.get("relationships").array(MAX_ITEMS$1) : []) {
		let relation = looseOf(one, [
			"spdxElementId",
			"relationshipType",
			"relatedSpdxElement"
		]);
		relation.text("relationshipType") === "DESCRIBES" && relation.text("spdxElementId") === "SPDXRef-DOCUMENT" && described.add(relation.text("relatedSpdxElement"));
	}
	return described;
}
function checksumsOf(member) {
	return member.has("checksums") ? digestSetOf(member.get("checksums").array(32).map((sum) => {
		let it = looseOf(sum, ["algorithm", "checksumValue"]);
		return [it.text("algorithm"), it.text("checksumValue")];
	})) : [];
}
const CONTEXT = /^https:\/\/spdx\.org\/rdf\/(3\.0(?:\.\d{1,2})?)\/spdx-context\.jsonld$/, spdx3 = {
	name: "SPDX 3",
	is: (given) => Object.hasOwn(given, "@graph"),
	read(given) {
		let it = new Shape(CODE$2, given, "spdx").object(["@context", "@graph"]), version = CONTEXT.exec(it.text("@context"))?.[1];
		version === void 0 && it.get("@context").fail("is not that of SPDX 3.0");
		let elements = it.get("@graph").array(MAX_ITEMS$1).map((shape) => shape.members()), documents = elements.filter((one) => one.type === "SpdxDocument");
		if (documents.length !== 1) throw new CodedError(CODE$2, `it holds ${documents.length} documents, not one`);
		let roots = rootsOf(documents[0], elements), count = (type) => elements.filter((one) => one.type === type).length;
		return {
			type: "spdx",
			mediaType: MEDIA_TYPE,
			about: roots.flatMap(verifiedUsing),
			facts: {
				version,
				packages: count("software_Package"),
				files: count("software_File")
			},
			attestation: null
		};
	}
};
/** What the document is about: its roots, and those of the BOMs that are among these. */
function rootsOf(document, elements) {
	let byId = new Map(elements.map((one) => [textOf$3(one.spdxId), one])), named = (one) => listOf(one.rootElement).flatMap((id) => {
		let root = byId.get(textOf$3(id));
		return root === void 0 ? [] : [root];
	});
	return named(document).flatMap((root) => root.type === "software_Sbom" ? named(root) : [root]);
}
function verifiedUsing(element) {
	return digestSetOf(listOf(element.verifiedUsing).flatMap((value) => {
		let hash = membersOf(value);
		return hash === null || hash.type !== "Hash" ? [] : [[textOf$3(hash.algorithm), textOf$3(hash.hashValue)]];
	}));
}
function listOf(value) {
	if (value === void 0) return [];
	if (!Array.isArray(value) || value.length > 1e6) throw new CodedError(CODE$2, "a list of it is none");
	return value;
}
// packages/formats/src/report/predicate.ts
const PROVENANCE = "slsa-provenance", PREDICATES = {
	"https://slsa.dev/provenance/v1": provenance1,
	"https://slsa.dev/provenance/v0.2": provenance02,
	"https://slsa.dev/verification_summary/v1": vsa,
	"https://in-toto.io/attestation/test-result/v0.1": testResult,
	"https://in-toto.io/attestation/vulns/v0.1": vulns,
	"https://in-toto.io/attestation/link/v0.3": (shape) => ({
		type: "link",
		facts: readLinkPredicate(shape)
	}),
	"https://in-toto.io/Link/v1": (shape) => ({
		type: "link",
		facts: readLinkPredicate(shape)
	}),
	"https://witness.testifysec.com/attestation-collection/v0.1": collection,
	"https://spdx.dev/Document": document(spdx2, spdx3),
	"https://spdx.dev/Document/v2.2": document(spdx2),
	"https://spdx.dev/Document/v2.3": document(spdx2),
	"https://spdx.dev/Document/v3": document(spdx3),
	"https://cyclonedx.org/bom": document(cyclonedx),
	"https://cyclonedx.org/bom/v1.4": document(cyclonedx),
	"https://cyclonedx.org/bom/v1.5": document(cyclonedx),
	"https://cyclonedx.org/bom/v1.6": document(cyclonedx),
	"https://openvex.dev/ns": document(openvex),
	"https://openvex.dev/ns/v0.2.0": document(openvex),
	"https://github.com/npm/attestation/tree/main/specs/publish/v0.1": npmPublish
};
/** What a predicate says; one of a type without a reader is an `attestation`, of which nothing is read. */
function readPredicate(predicateType, predicate) {
	return Object.hasOwn(PREDICATES, predicateType) ? PREDICATES[predicateType](predicate) : {
		type: "attestation",
		facts: {}
	};
}
/** A document of its own, signed: the type of the predicate and what it holds must be one (T-42). */
function document(...readers) {
	return (shape) => {
		let given = shape.members(), reader = readers.find(({ is }) => is(given));
		if (reader === void 0) throw new CodedError("report-invalid", `the predicate is not ${readers.map(({ name }) => name).join(" or ")}`);
		let { type, facts } = reader.read(given);
		return {
			type,
			facts
		};
	};
}
/** SLSA provenance v1. */
function provenance1(shape) {
	let it = looseOf(shape, ["buildDefinition", "runDetails"]), definition = looseOf(it.get("buildDefinition"), ["buildType", "externalParameters"]), builder = looseOf(looseOf(it.get("runDetails"), ["builder"]).get("builder"), ["id"]);
	return {
		type: PROVENANCE,
		facts: {
			...textFact("builder", builder, "id"),
			...textFact("buildType", definition, "buildType"),
			dependencies: countOf(definition, "resolvedDependencies")
		}
	};
}
/** SLSA provenance v0.2, as Tekton Chains and older generators write it. */
function provenance02(shape) {
	let it = looseOf(shape, ["builder", "buildType"]);
	return {
		type: PROVENANCE,
		facts: {
			...textFact("builder", looseOf(it.get("builder"), ["id"]), "id"),
			...textFact("buildType", it, "buildType"),
			dependencies: countOf(it, "materials")
		}
	};
}
/** SLSA verification summary v1. */
function vsa(shape) {
	let it = looseOf(shape, [
		"verifier",
		"resourceUri",
		"policy",
		"verificationResult",
		"verifiedLevels"
	]), told = factText(it.get("verifiedLevels").array(64).map((one) => one.text(200)).join(" "));
	return {
		type: "vsa",
		facts: {
			...textFact("verifier", looseOf(it.get("verifier"), ["id"]), "id"),
			...textFact("resource", it, "resourceUri"),
			result: it.exactly("verificationResult", "PASSED", "FAILED"),
			...told === null ? {} : { levels: told }
		}
	};
}
/** in-toto test-result v0.1. One that passed and names what failed is read in two ways, and so not at all. */
function testResult(shape) {
	let it = looseOf(shape, ["result", "configuration"]), result = it.exactly("result", "PASSED", "WARNED", "FAILED"), [passed, warned, failed] = [
		countOf(it, "passedTests"),
		countOf(it, "warnedTests"),
		countOf(it, "failedTests")
	];
	return result !== "FAILED" && failed > 0 && shape.fail("did not fail, and names tests that did"), {
		type: "test-result",
		facts: {
			result,
			passed,
			warned,
			failed
		}
	};
}
/** in-toto vulns v0.1: what a scanner found. */
function vulns(shape) {
	let scanner = looseOf(looseOf(shape, ["scanner"]).get("scanner"), ["uri", "result"]), results = scanner.get("result").array(MAX_ITEMS$1), found = results.map((one) => {
		let result = looseOf(one, ["id"]), rated = (result.has("severity") ? result.get("severity").array(1e3) : []).map((rating) => severityOf(looseOf(rating, ["score"]).text("score")));
		return {
			id: result.text("id"),
			severity: worstOf(rated)
		};
	});
	return {
		type: "vulns",
		facts: {
			...textFact("tool", scanner, "uri"),
			results: results.length,
			...foundFacts(found)
		}
	};
}
/** A collection of witness: what it holds is not read. */
function collection(shape) {
	let it = looseOf(shape, ["name", "attestations"]), attestations = it.get("attestations").array(1e3).map((one) => looseOf(one, ["type", "attestation"]).text("type", 512));
	return attestations.length === 0 && it.get("attestations").fail("is empty"), {
		type: "witness-collection",
		facts: {
			...textFact("step", it, "name"),
			attestations: attestations.length
		}
	};
}
function npmPublish(shape) {
	let it = looseOf(shape, ["name", "version"]);
	return {
		type: "npm-publish",
		facts: {
			...textFact("package", it, "name"),
			...textFact("version", it, "version")
		}
	};
}
function countOf(it, key) {
	return it.has(key) && !it.isNull(key) ? it.get(key).array(1e5).length : 0;
}
function textFact(name, it, key) {
	let told = factText(it.text(key));
	return told === null ? {} : { [name]: told };
}
// packages/formats/src/report/attestation.ts
const CODE$1 = "report-invalid", STATEMENT_TYPES = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"], MAX_DER = 131072, ATTESTATIONS = [
	{
		name: "a Sigstore bundle",
		is: (given) => textOf$3(given.mediaType).startsWith("application/vnd.dev.sigstore.bundle"),
		read: (given) => bundled({
			form: "sigstore-bundle",
			bundle: readSigstoreBundle(given)
		}, given.mediaType)
	},
	{
		name: "a bundle of cosign",
		is: (given) => Object.hasOwn(given, "base64Signature"),
		read: (given) => bundled({
			form: "cosign",
			bundle: readCosignBundle(given)
		}, "application/json")
	},
	{
		name: "a DSSE envelope",
		is: (given) => Object.hasOwn(given, "payloadType"),
		read(given) {
			let envelope = readForeignEnvelope(new Shape(CODE$1, given, "envelope"));
			return reportOf(envelope.payload, {
				form: "dsse",
				envelope
			}, "application/vnd.in-toto+dsse");
		}
	},
	{
		name: "in-toto link metadata",
		is: (given) => Object.hasOwn(given, "signed"),
		read(given) {
			let it = new Shape(CODE$1, given, "link").object(["signed", "signatures"]), signatures = it.get("signatures").array(64).map((one) => fromHex(looseOf(one, ["sig"]).text("sig", 8192))), signed = it.get("signed").members(), { about, facts } = readLink(it.get("signed")), attestation = {
				form: "link",
				signed,
				signatures
			};
			return {
				type: "link",
				mediaType: "application/json",
				about,
				facts: {
					form: "link",
					...facts
				},
				attestation
			};
		}
	},
	{
		name: "an in-toto statement",
		is: (given) => Object.hasOwn(given, "_type"),
		read: (given) => readStatement(given, { form: "statement" }, PAYLOAD_TYPE)
	}
];
function bundled(attestation, mediaType) {
	let { content } = attestation.bundle;
	if (content.kind === "dsse") return reportOf(content.envelope.payload, attestation, mediaType);
	let { digest } = content;
	return {
		type: "signature",
		mediaType,
		about: digest === null ? [] : [{ sha256: hex(digest) }],
		facts: { form: attestation.form },
		attestation
	};
}
function reportOf(payload, attestation, mediaType) {
	let value = parseJson(payload, { maxBytes: MAX_BUNDLE_BYTES }), shape = new Shape(CODE$1, value, "statement");
	if (shape.members()._type !== "link") return readStatement(value, attestation, mediaType);
	let { about, facts } = readLink(shape);
	return {
		type: "link",
		mediaType,
		about,
		facts: {
			form: attestation.form,
			...facts
		},
		attestation
	};
}
/** What is signed of an envelope must be a statement; other members of its signatures are their tools' own. */
function readForeignEnvelope(shape) {
	let it = shape.object([
		"payload",
		"payloadType",
		"signatures"
	]), signatures = it.get("signatures").array(64);
	return signatures.length === 0 && it.get("signatures").fail("is empty"), {
		payloadType: it.exactly("payloadType", PAYLOAD_TYPE),
		payload: fromBase64(it.get("payload").string(MAX_BUNDLE_BYTES * 2)),
		signatures: signatures.map(readSignature)
	};
}
function readSignature(shape) {
	let it = looseOf(shape, ["sig"]), signature = fromBase64(it.text("sig", 8192));
	signature.length === 0 && it.get("sig").fail("is empty");
	let list = (key) => it.has(key) && !it.isNull(key) ? it.get(key).array(8) : [], own = it.has("certificate") && !it.isNull("certificate") ? [it.get("certificate"), ...list("intermediates")] : [], timestamps = list("timestamps").map((one) => {
		let stamp = looseOf(one, ["type", "data"]);
		return stamp.exactly("type", "tsp"), fromBase64(stamp.text("data", MAX_DER));
	});
	return {
		signature,
		chain: own.map((one) => certificateInBase64(one.text(MAX_DER))),
		timestamps
	};
}
function readStatement(value, attestation, mediaType) {
	let it = new Shape(CODE$1, value, "statement").object([
		"_type",
		"subject",
		"predicateType",
		"predicate"
	]);
	it.exactly("_type", ...STATEMENT_TYPES);
	let subjects = it.get("subject").array(1e4);
	subjects.length === 0 && it.get("subject").fail("is empty");
	let about = subjects.map(readSubject$1), predicateType = it.text("predicateType", 512), predicate = readPredicate(predicateType, it.get("predicate")), told = factText(predicateType);
	return {
		type: predicate.type,
		mediaType,
		about,
		facts: {
			form: attestation.form,
			...told === null ? {} : { predicateType: told },
			...predicate.facts
		},
		attestation
	};
}
/** Digests under any names; which of them count is for those who compare. */
function readSubject$1(shape) {
	let digests = Object.entries(looseOf(shape, ["digest"]).get("digest").members());
	(digests.length === 0 || digests.length > 64) && shape.fail("has no digest, or more than 64");
	for (let [, value] of digests) (typeof value != "string" || value === "") && shape.fail("has a digest that is no text");
	return Object.fromEntries(digests);
}
// packages/formats/src/report/sarif.ts
/**
* SARIF 2.1.0 (OASIS): what tools of static analysis found. A run that says nothing of results, or that it failed, found
* nothing because it did not look: `complete` is false then.
*/
const sarif = {
	name: "SARIF",
	is: (given) => Object.hasOwn(given, "runs"),
	read(given) {
		let it = looseOf(new Shape("report-invalid", given, "sarif"), ["version", "runs"]);
		it.exactly("version", "2.1.0");
		let runs = it.get("runs").array(1e4).map((run) => looseOf(run, ["tool"]));
		runs.length === 0 && it.get("runs").fail("is empty");
		let counts = {
			results: 0,
			errors: 0,
			warnings: 0,
			notes: 0,
			suppressed: 0
		}, found = [];
		for (let run of runs) count(run, counts, found);
		let tool = factText(looseOf(looseOf(runs[0].get("tool"), ["driver"]).get("driver"), ["name"]).text("name"));
		return {
			type: "sarif",
			mediaType: "application/sarif+json",
			about: [],
			facts: {
				...tool === null ? {} : { tool },
				runs: runs.length,
				complete: runs.every(isComplete),
				...counts,
				...foundFacts(found)
			},
			attestation: null
		};
	}
}, LEVELS$1 = {
	error: "errors",
	warning: "warnings",
	note: "notes"
};
function count(run, counts, found) {
	if (run.has("externalPropertyFileReferences") && looseOf(run.get("externalPropertyFileReferences"), []).has("results") && run.get("externalPropertyFileReferences").fail("keeps results in another file"), !run.has("results") || run.isNull("results")) return;
	let rules = rulesOf(run);
	for (let one of run.get("results").array(MAX_ITEMS$1)) {
		let result = looseOf(one, ["message"]);
		counts.results++;
		let rule = ruleOf(result, rules), level = levelOf(result, rule);
		level !== "none" && found.push({
			id: rule.id,
			severity: severityOf(securityOf(result) ?? rule.severity ?? "")
		}), result.has("suppressions") && isSuppressed(result) ? counts.suppressed++ : level !== "none" && counts[LEVELS$1[level]]++;
	}
}
/** Accepted ones alone: one that is under review, or was rejected, suppresses nothing (§3.27.23). */
function isSuppressed(result) {
	let all = result.get("suppressions").array(1e3);
	return all.length > 0 && all.every((one) => {
		let it = looseOf(one, ["kind"]);
		return !it.has("status") || it.text("status") === "accepted";
	});
}
const EVERY_LEVEL = [
	"error",
	"warning",
	"note",
	"none"
];
/** §3.27.10: what is no failure has no level, and a failure its own, else its rule's, else that of a warning. */
function levelOf(result, rule) {
	return result.has("level") ? result.exactly("level", ...EVERY_LEVEL) : result.has("kind") && result.text("kind") !== "fail" ? "none" : rule.level ?? "warning";
}
function ruleOf(result, rules) {
	let id = result.has("ruleId") ? result.text("ruleId") : null;
	return (id === null ? void 0 : rules.get(id)) ?? {
		id,
		level: null,
		severity: null
	};
}
function rulesOf(run) {
	let driver = looseOf(looseOf(run.get("tool"), ["driver"]).get("driver"), []), rules = /* @__PURE__ */ new Map();
	for (let one of driver.has("rules") ? driver.get("rules").array(MAX_ITEMS$1) : []) {
		let rule = looseOf(one, ["id"]), configuration = rule.has("defaultConfiguration") ? looseOf(rule.get("defaultConfiguration"), []) : null, level = configuration?.has("level") === !0 ? configuration.exactly("level", ...EVERY_LEVEL) : null;
		rules.set(rule.text("id"), {
			id: rule.text("id"),
			level,
			severity: securityOf(rule)
		});
	}
	return rules;
}
function securityOf(it) {
	if (!it.has("properties")) return null;
	let value = it.get("properties").members()["security-severity"];
	return typeof value == "string" ? value : typeof value == "number" ? String(value) : null;
}
function isComplete(run) {
	return !run.has("results") || run.isNull("results") ? !1 : (run.has("invocations") ? run.get("invocations").array(1e3) : []).every((one) => {
		let invocation = looseOf(one, []);
		return !invocation.has("executionSuccessful") || invocation.get("executionSuccessful").boolean();
	});
}
// packages/formats/src/report/document.ts
/** Reports that are documents of their own. */
const DOCUMENTS = [
	spdx2,
	spdx3,
	cyclonedx,
	openvex,
	sarif
], COUNTS = [
	"tests",
	"failures",
	"errors",
	"skipped"
];
/**
* Test results as JUnit writes them. They have no standard: cases are counted, and where a suite says of itself that more
* failed than it shows, that counts. Throws `report-unknown` for other XML.
*/
function readJunit(root) {
	if (root.name !== "testsuites" && root.name !== "testsuite") throw new CodedError("report-unknown", `it is XML of another kind: ${root.name.slice(0, 60)}`);
	return {
		type: "junit",
		mediaType: "application/xml",
		about: [],
		facts: { ...countsOf(root) },
		attestation: null
	};
}
/** Depth is bounded by the reader of XML. */
function countsOf(suite) {
	let counts = {
		tests: 0,
		failures: 0,
		errors: 0,
		skipped: 0
	};
	for (let child of suite.children) {
		if (child.name === "testcase" && addCase(counts, child), child.name !== "testsuite") continue;
		let inner = countsOf(child);
		for (let count of COUNTS) counts[count] += inner[count];
	}
	for (let count of ["failures", "errors"]) counts[count] = Math.max(counts[count], declared(suite, count));
	return counts;
}
function addCase(counts, { children }) {
	let has = (name) => children.some((child) => child.name === name);
	counts.tests++, has("failure") ? counts.failures++ : has("error") ? counts.errors++ : has("skipped") && counts.skipped++;
}
function declared({ name, attributes }, count) {
	let text = attributes.get(count);
	if (text === void 0 || text === "") return 0;
	if (!/^\d{1,9}$/.test(text)) throw new CodedError("report-invalid", `${name} has as ${count} no number: ${JSON.stringify(text.slice(0, 20))}`);
	return Number(text);
}
// packages/formats/src/report/xml.ts
const MAX_ELEMENTS = 1e6, NAME$1 = /[A-Za-z_][A-Za-z0-9_.:-]{0,200}/y, SPACE$1 = /[ \t\r\n]+/y, DECLARATION = /<\?xml[ \t\r\n][^<>?]{0,200}\?>/y, ENCODING = /[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/, TEXT = /[^<&]+/y, REFERENCE = /&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});/y, PREDEFINED = {
	amp: "&",
	lt: "<",
	gt: ">",
	quot: "\"",
	apos: "'"
}, FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
/**
* Reads XML 1.0 (W3C, fifth edition) as far as reports need it: one element, in UTF-8, and no document type, so nothing
* is ever fetched or expanded. Text, comments and instructions are passed over. Bounded in depth, elements and
* attributes; time is linear in the size. Throws `report-invalid`, and `utf8-invalid`.
*/
function parseXml(bytes) {
	let marked = bytes[0] === 239 && bytes[1] === 187 && bytes[2] === 191;
	return new Parser$2(fromUtf8(marked ? bytes.subarray(3) : bytes)).document();
}
var Parser$2 = class {
	#text;
	#at = 0;
	#elements = 0;
	constructor(text) {
		this.#text = text, FORBIDDEN.test(text) && this.#fail("holds a character that XML has not");
	}
	document() {
		let encoding = ENCODING.exec(this.#take(DECLARATION) ?? "")?.[1];
		encoding !== void 0 && ![
			"utf-8",
			"utf8",
			"us-ascii"
		].includes(encoding.toLowerCase()) && this.#fail("says that it is not in UTF-8");
		let whole = {
			name: "",
			children: []
		}, open = [whole];
		do
			this.#item(open);
		while (this.#at < this.#text.length);
		open.length > 1 && this.#fail(`ends before ${open.at(-1).name} does`);
		let [root] = whole.children;
		return root ?? this.#fail("holds no element");
	}
	#fail(what) {
		throw new CodedError("report-invalid", `the XML ${what} (at ${this.#at})`);
	}
	#take(pattern) {
		pattern.lastIndex = this.#at;
		let found = pattern.exec(this.#text)?.[0] ?? null;
		return this.#at += found?.length ?? 0, found;
	}
	#takes(text) {
		let found = this.#text.startsWith(text, this.#at);
		return found && (this.#at += text.length), found;
	}
	/** Goes past the end that begins here. */
	#past(end) {
		let at = this.#text.indexOf(end, this.#at);
		at < 0 && this.#fail(`lacks ${end}`), this.#at = at + end.length;
	}
	#item(open) {
		let outside = open.length === 1;
		if (this.#takes("<!")) return this.#declaration(outside);
		if (this.#takes("<?")) return this.#past("?>");
		if (this.#takes("</")) return this.#end(open);
		if (this.#takes("<")) return this.#start(open);
		this.#take(outside ? SPACE$1 : TEXT) === null && (outside || this.#take(REFERENCE) === null) && this.#fail("has text where none may be");
	}
	#declaration(outside) {
		if (this.#takes("--")) return this.#past("-->");
		this.#takes("[CDATA[") || this.#fail("has a document type"), outside && this.#fail("has text outside of its element"), this.#past("]]>");
	}
	#start(open) {
		open.length === 1 && open[0].children.length > 0 && this.#fail("has a second root"), ++this.#elements > MAX_ELEMENTS && this.#fail(`has more than ${MAX_ELEMENTS} elements`);
		let name = this.#take(NAME$1) ?? this.#fail("has an element without a name"), children = [], attributes = this.#attributes();
		open.at(-1).children.push({
			name,
			attributes,
			children
		}), this.#takes("/>") || (this.#takes(">") || this.#fail("has a tag that does not end"), open.push({
			name,
			children
		}), open.length > 65 && this.#fail("nests more than 64 elements"));
	}
	#end(open) {
		let name = this.#take(NAME$1);
		(open.length === 1 || open.pop().name !== name) && this.#fail("closes what is not open"), this.#take(SPACE$1), this.#takes(">") || this.#fail("has a tag that does not end");
	}
	#attributes() {
		let attributes = /* @__PURE__ */ new Map();
		for (; this.#take(SPACE$1) !== null;) {
			let name = this.#take(NAME$1);
			if (name === null) break;
			this.#take(SPACE$1), this.#takes("=") || this.#fail("has an attribute without a value"), this.#take(SPACE$1), attributes.has(name) && this.#fail(`has the attribute ${name} twice`), attributes.size === 64 && this.#fail("has more than 64 attributes"), attributes.set(name, this.#value());
		}
		return attributes;
	}
	#value() {
		let quote = this.#text[this.#at];
		quote !== "\"" && quote !== "'" && this.#fail("has a value without quotes");
		let end = this.#text.indexOf(quote, ++this.#at);
		end < 0 && this.#fail("has a value that does not end");
		let value = "";
		for (; this.#at < end;) {
			let text = this.#take(TEXT_OF[quote]);
			value += text ?? this.#character();
		}
		return this.#at = end + 1, value;
	}
	#character() {
		let name = (this.#take(REFERENCE) ?? this.#fail("has a value with an unknown entity or a tag")).slice(1, -1);
		if (!name.startsWith("#")) return PREDEFINED[name];
		let code = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
		(code > 1114111 || code >= 55296 && code <= 57343) && this.#fail("names a character that is none");
		let character = String.fromCodePoint(code);
		return FORBIDDEN.test(character) ? this.#fail("names a character that XML has not") : character;
	}
};
const TEXT_OF = {
	"\"": /[^<&"]+/y,
	"'": /[^<&']+/y
}, MAX_REPORT_BYTES = 33554432;
/**
* Reads a report by what it holds, and never by its name: JSON or XML of exactly one type. Throws `report-unknown` where
* it is of none, `report-invalid` where it is of two, or of one that it breaks, and `input-too-large`.
*/
function parseReport(bytes) {
	if (bytes.length > 33554432) throw new CodedError("input-too-large", `the report has ${bytes.length} bytes, at most ${MAX_REPORT_BYTES} are read`);
	try {
		return beginsXml(bytes) ? readJunit(parseXml(bytes)) : readJson(bytes);
	} catch (cause) {
		throw !(cause instanceof CodedError) || KEPT.has(cause.code) ? cause : new CodedError("report-invalid", `the report cannot be read: ${cause.code}: ${cause.what}`, { cause });
	}
}
const KEPT = /* @__PURE__ */ new Set([
	"report-invalid",
	"report-unknown",
	"input-too-large"
]);
function beginsXml(bytes) {
	let from = bytes[0] === 239 ? 3 : 0;
	return bytes.subarray(from, from + 1e3).find((byte) => byte > 32) === 60;
}
function readJson(bytes) {
	if (bytes.find((byte) => byte > 32) !== 123) throw unknown("it is neither a JSON object nor XML");
	return readReport(parseJson(bytes, { maxBytes: MAX_REPORT_BYTES }));
}
/** {@link parseReport} of JSON that was parsed strictly already. */
function readReport(value) {
	if (typeof value != "object" || !value || Array.isArray(value)) throw unknown("it is no JSON object");
	let given = value, readers = [...DOCUMENTS, ...ATTESTATIONS].filter(({ is }) => is(given)), [reader] = readers;
	if (reader === void 0) throw unknown("it is JSON of no type that is known");
	if (readers.length > 1) throw new CodedError("report-invalid", `it is ${readers.map(({ name }) => name).join(" and ")} at once`);
	return reader.read(given);
}
function unknown(what) {
	return new CodedError("report-unknown", what);
}
// packages/contract/src/duration.ts
const UNITS = {
	m: 6e4,
	h: 36e5,
	d: 864e5
};
/** Milliseconds; null where none is there, or it is a fault. */
function readDuration(place) {
	let text = place?.text("a time of 1m to 366d, like 90m, 36h or 7d", (text) => durationOf(text) !== null) ?? null;
	return text === null ? null : durationOf(text);
}
/** Milliseconds; null for what is no duration. */
function durationOf(text) {
	let [, count, unit] = /^([1-9][0-9]{0,5})([mhd])$/.exec(text) ?? [], ms = count === void 0 ? null : Number(count) * UNITS[unit];
	return ms === null || ms > 316224e5 ? null : ms;
}
// packages/contract/src/anchored-rule.ts
/** Null where no anchors are asked for, or it is a fault. */
function readAnchored(place) {
	let members = place?.members(["within", "by"], ["within"]);
	if (place === void 0 || members == null) return null;
	let within = readDuration(members.get("within")), by = members.get("by");
	by?.isEmpty() && by.fault("is empty", "Name a kind of anchor, or leave the field out.", "contract-empty");
	let kinds = [];
	for (let item of by?.isEmpty() === !1 ? by.items(ANCHOR_KINDS.length) ?? [] : []) {
		let kind = item.text(ANCHOR_KINDS.join(" or "), (text) => isKind(text));
		kind !== null && isKind(kind) && (kinds.includes(kind) && item.fault(`is ${kind}, which stands there already`, "Remove one of them."), kinds.push(kind));
	}
	return within === null ? null : {
		within,
		by: kinds
	};
}
function isKind(text) {
	return ANCHOR_KINDS.includes(text);
}
// packages/contract/src/fault.ts
/** What a name must be. */
const NAME_FIX = "Use 1 to 128 letters, digits, . _ - /, with a letter or digit at both ends.";
/** The faults of one text, by offset (UTF-16 units). */
var Faults = class {
	list = [];
	/** Offset of the first character of each line. */
	#starts = [0];
	#unreadable = /* @__PURE__ */ new Set();
	constructor(text) {
		for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
	}
	get full() {
		return this.list.length >= 100;
	}
	add(at, code, what, fix) {
		if (this.full || this.#unreadable.has(at)) return;
		let line = this.line(at), column = at - this.#starts[line - 1] + 1;
		this.list.push({
			line,
			column,
			code,
			what,
			fix: typeof fix == "string" ? fix : fix()
		});
	}
	/** A fault after which nothing more is said of the value there: it would only repeat this one. */
	addUnreadable(at, code, what, fix) {
		this.add(at, code, what, fix), this.#unreadable.add(at);
	}
	line(at) {
		let low = 0, high = this.#starts.length;
		for (; high - low > 1;) {
			let middle = low + high >> 1;
			this.#starts[middle] <= at ? low = middle : high = middle;
		}
		return low + 1;
	}
	/** In the order of the text. */
	sorted() {
		return this.list.toSorted((a, b) => a.line - b.line || a.column - b.column);
	}
};
/** Text of the contract inside a message: short, on one line, nothing invisible. */
function shown(text) {
	return text.length <= 128 && /^[\w./@*?+-]+$/.test(text) ? text : JSON.stringify(text.slice(0, 60)).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
// packages/contract/src/condition/evaluate.ts
/** Most that one condition may cost: each part that is judged is one, and each character or member that is compared. */
const MAX_TEXT = 65536;
/** Why a condition has no value: what it asks for is not there, or is of another kind, or costs too much. */
var Unjudged = class extends Error {
	name = "Unjudged";
};
/**
* What an expression of CEL says of these names. Throws {@link Unjudged}, never anything else: as in CEL, what is not
* there has no value, and `false && x` and `true || x` have one whether x has or not.
*/
function valueOf(expression, names) {
	return new Run().value(expression, names);
}
var Run = class {
	#left = 2e6;
	#pay(cost) {
		if (this.#left -= cost, this.#left < 0) throw new Unjudged("it costs too much to judge");
	}
	value(it, names) {
		switch (this.#pay(1), it.kind) {
			case "literal": return it.value;
			case "name": return memberOf$1(names, it.name);
			case "select": return memberOf$1(this.#members(it.of, names, it.name), it.name);
			case "has": return Object.hasOwn(this.#members(it.of, names, it.name), it.name);
			case "index": return this.#indexed(this.value(it.of, names), this.value(it.index, names));
			case "list": return it.items.map((item) => this.value(item, names));
			case "not": return !truth(this.value(it.of, names));
			case "minus": return integer(-number(this.value(it.of, names)));
			case "choice": return this.value(truth(this.value(it.test, names)) ? it.yes : it.no, names);
			case "binary": return this.#binary(it.operator, it.left, it.right, names);
			case "call": return this.#call(it.name, it.args.map((one) => this.value(one, names)));
			case "each": return this.#each(it.macro, it, names);
		}
	}
	#members(it, names, name) {
		let value = this.value(it, names);
		if (!isMembers(value)) throw new Unjudged(`${kindOf$1(value)} has no member ${name}`);
		return value;
	}
	#indexed(of, index) {
		if (isList$1(of)) {
			let at = number(index);
			if (at < 0 || at >= of.length) throw new Unjudged(`a list of ${of.length} has no member ${at}`);
			return of[at];
		}
		if (!isMembers(of)) throw new Unjudged(`${kindOf$1(of)} has no members`);
		return memberOf$1(of, text$1(index));
	}
	#binary(operator, left, right, names) {
		if (operator === "&&" || operator === "||") return this.#fold(operator === "||", [left, right], (one) => this.value(one, names));
		let [a, b] = [this.value(left, names), this.value(right, names)];
		switch (operator) {
			case "==": return this.#equal(a, b);
			case "!=": return !this.#equal(a, b);
			case "in": return this.#isIn(a, b);
			case "<": return this.#order(a, b) < 0;
			case "<=": return this.#order(a, b) <= 0;
			case ">": return this.#order(a, b) > 0;
			case ">=": return this.#order(a, b) >= 0;
			case "+": return isList$1(a) && isList$1(b) ? this.#all(a, b) : typeof a == "string" ? this.#joined(a, text$1(b)) : integer(number(a) + number(b));
			case "-": return integer(number(a) - number(b));
			case "*": return integer(number(a) * number(b));
			case "/": return integer(Math.trunc(number(a) / divisor(b)));
			case "%": return integer(number(a) % divisor(b));
		}
	}
	/** `until` decides, wherever it stands; without it one that has no value leaves the whole without. */
	#fold(until, items, judge) {
		let unjudged = null;
		for (let item of items) try {
			if (truth(judge(item)) === until) return until;
		} catch (error) {
			if (!(error instanceof Unjudged) || this.#left < 0) throw error;
			unjudged ??= error;
		}
		if (unjudged !== null) throw unjudged;
		return !until;
	}
	#each(macro, { over, name, only, body }, names) {
		let value = this.value(over, names), items = isList$1(value) ? value : isMembers(value) ? Object.keys(value) : null;
		if (items === null) throw new Unjudged(`${kindOf$1(value)} is no list`);
		let own = Object.assign(Object.create(null), names), judgeOf = (it) => (item) => (own[name] = item, this.value(it, own)), judge = judgeOf(body);
		switch (this.#pay(items.length), macro) {
			case "all": return this.#fold(!1, items, judge);
			case "exists": return this.#fold(!0, items, judge);
			case "exists_one": return items.filter((item) => truth(judge(item))).length === 1;
			case "filter": return items.filter((item) => truth(judge(item)));
			case "map": return (only === null ? items : items.filter((item) => truth(judgeOf(only)(item)))).map(judge);
		}
	}
	#call(name, [on, other]) {
		if (name === "size") {
			if (isList$1(on)) return on.length;
			if (isMembers(on)) return Object.keys(on).length;
			let counted = text$1(on);
			return this.#pay(counted.length), [...counted].length;
		}
		let [a, b] = [text$1(on), text$1(other)];
		return this.#pay(a.length + b.length), name === "startsWith" ? a.startsWith(b) : name === "endsWith" ? a.endsWith(b) : a.includes(b);
	}
	#joined(a, b) {
		if (this.#pay(a.length + b.length), a.length + b.length > MAX_TEXT) throw new Unjudged(`it makes a text of more than ${MAX_TEXT} characters`);
		return a + b;
	}
	#all(a, b) {
		if (this.#pay(a.length + b.length), a.length + b.length > MAX_TEXT) throw new Unjudged(`it makes a list of more than ${MAX_TEXT} members`);
		return [...a, ...b];
	}
	#isIn(a, b) {
		if (isList$1(b)) return b.some((item) => this.#equal(a, item));
		if (isMembers(b) && (typeof a == "number" || typeof a == "boolean")) return !1;
		if (isMembers(b)) return Object.hasOwn(b, text$1(a));
		throw new Unjudged(`nothing is in ${kindOf$1(b)}`);
	}
	/** Values of two kinds are not equal, and that is no mistake. */
	#equal(a, b) {
		if (this.#pay(1), typeof a == "string" && typeof b == "string") return a.length === b.length && this.#pay(a.length), a === b;
		if (isList$1(a) && isList$1(b)) return a.length === b.length && a.every((item, i) => this.#equal(item, b[i]));
		if (isMembers(a) && isMembers(b)) {
			let names = Object.keys(a);
			return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && this.#equal(a[name], b[name]));
		}
		return a === b;
	}
	#order(a, b) {
		if (typeof a == "number" && typeof b == "number") return a - b;
		if (typeof a == "boolean" && typeof b == "boolean") return Number(a) - Number(b);
		let [one, other] = [text$1(a), text$1(b)];
		return this.#pay(one.length + other.length), byCodePoint(one, other);
	}
};
function byCodePoint(a, b) {
	let [one, other] = [[...a], [...b]];
	for (let i = 0; i < Math.min(one.length, other.length); i++) {
		let difference = one[i].codePointAt(0) - other[i].codePointAt(0);
		if (difference !== 0) return difference;
	}
	return one.length - other.length;
}
function isList$1(value) {
	return Array.isArray(value);
}
function isMembers(value) {
	return typeof value == "object" && !!value && !isList$1(value);
}
function memberOf$1(members, name) {
	if (!Object.hasOwn(members, name)) throw new Unjudged(`there is no ${name}`);
	return members[name];
}
function truth(value) {
	if (typeof value != "boolean") throw new Unjudged(`${kindOf$1(value)} is neither true nor false`);
	return value;
}
function number(value) {
	if (typeof value != "number") throw new Unjudged(`${kindOf$1(value)} is no number`);
	return value;
}
function text$1(value) {
	if (typeof value != "string") throw new Unjudged(`${kindOf$1(value)} is no text`);
	return value;
}
function divisor(value) {
	if (number(value) === 0) throw new Unjudged("it divides by zero");
	return number(value);
}
function integer(value) {
	if (!Number.isSafeInteger(value)) throw new Unjudged("a number is beyond ±(2^53−1)");
	return value + 0;
}
function kindOf$1(value) {
	return value === null ? "null" : isList$1(value) ? "a list" : typeof value == "object" ? "a map" : typeof value == "string" ? "a text" : `a ${typeof value}`;
}
// packages/contract/src/condition/fault.ts
/** A condition that cannot be read; `at` counts characters from 0. */
var ConditionFault = class extends Error {
	name = "ConditionFault";
	at;
	constructor(at, what) {
		super(what), this.at = at;
	}
};
/** Advice for a name that is not among `known`: the nearest one, and what there is. */
function useOneOf(name, known) {
	if (known.length === 0) return "There is none yet: define it first.";
	let names = known.slice(0, 20).map(shown).join(", "), list = known.length > 20 ? `${names}, … (${known.length} in all)` : names, near = nearest(name, known);
	return near === null ? `Use one of: ${list}.` : `Did you mean ${shown(near)}? There is: ${list}.`;
}
/** The known name that differs least, by at most two typing mistakes (one in a short name). */
function nearest(name, known) {
	let text = name.toLowerCase(), best = null, within = text.length > 128 ? -1 : text.length < 5 ? 1 : 2;
	for (let candidate of known) {
		let mistakes = distance(text, candidate.toLowerCase(), within);
		mistakes > within || (best = candidate, within = mistakes - 1);
	}
	return best;
}
/**
* Optimal string alignment distance (insert, delete, replace, swap two neighbours), or `most + 1` when it
* is above `most`. Looks only at a band of 2 · most + 1 cells a row, so long names cost little.
*/
function distance(a, b, most) {
	let far = most + 1;
	if (Math.abs(a.length - b.length) > most) return far;
	let before = [], last = Array.from({ length: b.length + 1 }, (_, j) => j <= most ? j : far), row = [];
	for (let i = 1; i <= a.length; i++) {
		let from = Math.max(1, i - most), to = Math.min(b.length, i + most);
		row[from - 1] = from === 1 && i <= most ? i : far;
		for (let j = from; j <= to; j++) {
			let cost = Math.min(last[j] ?? far, row[j - 1]) + 1;
			cost = Math.min(cost, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)), i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && (cost = Math.min(cost, before[j - 2] + 1)), row[j] = cost;
		}
		to < b.length && (row[to + 1] = far);
		let spare = before;
		before = last, last = row, row = spare;
	}
	return Math.min(last[b.length], far);
}
// packages/contract/src/condition/names.ts
const SIGNER = {
	key: null,
	grade: null,
	identity: Object.fromEntries(["subject", ...IDENTITY_FACTS].map((name) => [name, null]))
}, FOLLOWER_NAMES = { signer: SIGNER }, STEP_NAMES = {
	signer: SIGNER,
	step: {
		name: null,
		attempt: null,
		matrix: null
	},
	previous: null,
	materials: list({
		name: null,
		sha256: null,
		commit: null,
		dirty: null,
		outside: null
	}),
	products: list({
		name: null,
		sha256: null,
		commit: null,
		dirty: null
	}),
	reports: list({
		name: null,
		type: null,
		about: null,
		facts: null
	}),
	claimed: {
		system: null,
		os: null,
		arch: null,
		actions: null,
		exitCode: null,
		startedAt: null,
		finishedAt: null
	}
};
function list(each) {
	return { each };
}
/** Throws {@link ConditionFault} for a name, or a member of one, that there is not. */
function checkNames$1(expression, names) {
	kindOf(expression, names);
}
function kindOf(it, names) {
	switch (it.kind) {
		case "literal": return null;
		case "name": return memberOf(names, it.name, it.at);
		case "select":
		case "has": {
			let of = kindOf(it.of, names), member = of === null ? null : memberOf(of, it.name, it.at);
			return it.kind === "has" ? null : member;
		}
		case "index": {
			kindOf(it.index, names);
			let of = kindOf(it.of, names);
			return of !== null && isList(of) ? of.each : null;
		}
		case "list":
			for (let item of it.items) kindOf(item, names);
			return null;
		case "not":
		case "minus": return kindOf(it.of, names), null;
		case "binary": return kindOf(it.left, names), kindOf(it.right, names), null;
		case "choice":
			for (let part of [
				it.test,
				it.yes,
				it.no
			]) kindOf(part, names);
			return null;
		case "call":
			for (let one of it.args) kindOf(one, names);
			return null;
		case "each": {
			let over = kindOf(it.over, names), inner = {
				...names,
				[it.name]: over !== null && isList(over) ? over.each : null
			};
			it.only !== null && kindOf(it.only, inner);
			let body = kindOf(it.body, inner);
			return it.macro === "filter" ? over : it.macro === "map" ? { each: body } : null;
		}
	}
}
function memberOf(of, name, at) {
	if (isList(of)) throw new ConditionFault(at, `asks a list for ${name}; ask each of it: .exists(x, x.${name} …)`);
	if (Object.hasOwn(of, name)) return of[name];
	let near = nearest(name, Object.keys(of));
	throw new ConditionFault(at, `asks for ${name}, which is not there; ${near === null ? `there are ${Object.keys(of).join(", ")}` : `did you mean ${near}?`}`);
}
function isList(kind) {
	return Object.hasOwn(kind, "each");
}
// packages/contract/src/condition/tokens.ts
const MARKS = [
	"&&",
	"||",
	"==",
	"!=",
	"<=",
	">=",
	..."()[].,?:<>!+-*/%"
], SPACE = /[ \t\r\n]*/y, NAME = /[A-Za-z_][A-Za-z0-9_]*/y, NUMBER$1 = /[0-9]+/y, ESCAPES = {
	"\\": "\\",
	"\"": "\"",
	"'": "'",
	"`": "`",
	"?": "?",
	a: "\x07",
	b: "\b",
	f: "\f",
	n: "\n",
	r: "\r",
	t: "	",
	v: "\v"
}, CODES = {
	x: 2,
	u: 4,
	U: 8
};
/** The tokens of a condition, an `end` last. Throws {@link ConditionFault}. */
function tokens(text) {
	let list = [], at = skip(text, 0);
	for (; at < text.length;) {
		let token = tokenAt(text, at);
		list.push(token.token), at = skip(text, token.end);
	}
	return [...list, {
		kind: "end",
		text: "",
		at
	}];
}
function skip(text, at) {
	return SPACE.lastIndex = at, SPACE.exec(text), SPACE.lastIndex;
}
function met(pattern, text, at) {
	return pattern.lastIndex = at, pattern.exec(text)?.[0] ?? null;
}
function tokenAt(text, at) {
	let first = text[at];
	if (first === "\"" || first === "'") return textAt(text, at);
	let name = met(NAME, text, at);
	if (name !== null) {
		let next = text[at + name.length];
		if (next === "\"" || next === "'") throw new ConditionFault(at, `has a text of the kind ${name}, write it plainly`);
		return {
			token: {
				kind: "name",
				text: name,
				at
			},
			end: at + name.length
		};
	}
	let digits = met(NUMBER$1, text, at);
	if (digits !== null) {
		let end = at + digits.length;
		if (/[A-Za-z_.]/.test(text[end] ?? "") || !Number.isSafeInteger(Number(digits))) throw new ConditionFault(at, "has a number that is no integer within ±(2^53−1), in digits alone");
		return {
			token: {
				kind: "number",
				text: digits,
				at
			},
			end
		};
	}
	let mark = MARKS.find((one) => text.startsWith(one, at));
	if (mark === void 0 || text.startsWith("//", at)) throw new ConditionFault(at, `has ${JSON.stringify(text.slice(at, at + 2))}, which is nothing of CEL`);
	return {
		token: {
			kind: "mark",
			text: mark,
			at
		},
		end: at + mark.length
	};
}
function textAt(text, at) {
	let quote = text[at];
	if (text.startsWith(quote.repeat(3), at)) throw new ConditionFault(at, "has a text in three quotes, write it plainly");
	let value = "", next = at + 1;
	for (; next < text.length && text[next] !== quote && text[next] !== "\n" && text[next] !== "\r";) {
		if (text[next] !== "\\") {
			value += text[next++];
			continue;
		}
		let [character, end] = escapeAt(text, next);
		value += character, next = end;
	}
	if (text[next] !== quote) throw new ConditionFault(at, "has a text that does not end");
	return {
		token: {
			kind: "text",
			text: value,
			at
		},
		end: next + 1
	};
}
function escapeAt(text, at) {
	let kind = text[at + 1] ?? "";
	if (Object.hasOwn(ESCAPES, kind)) return [ESCAPES[kind], at + 2];
	let length = Object.hasOwn(CODES, kind) ? CODES[kind] : 0, digits = text.slice(at + 2, at + 2 + length), code = length > 0 && digits.length === length && /^[0-9A-Fa-f]+$/.test(digits) ? Number.parseInt(digits, 16) : -1;
	if (code < 0 || code > 1114111 || code >= 55296 && code <= 57343) throw new ConditionFault(at, `has the escape \\${kind}, which CEL has not, or not so`);
	return [String.fromCodePoint(code), at + 2 + length];
}
// packages/contract/src/condition/parse.ts
/** Longest condition, characters. */
const MAX_CONDITION = 2048, LEVELS = [
	["||"],
	["&&"],
	[
		"==",
		"!=",
		"<",
		"<=",
		">",
		">=",
		"in"
	],
	["+", "-"],
	[
		"*",
		"/",
		"%"
	]
], MACROS = [
	"all",
	"exists",
	"exists_one",
	"filter",
	"map"
], ON_TEXT = [
	"startsWith",
	"endsWith",
	"contains"
], RESERVED = new Set("as break const continue else for function if import in let loop package namespace return var void while".split(" "));
/**
* A condition from its text: CEL without what could cost more than is worth (`matches`, floating point, maps and messages
* made in it, times). Throws {@link ConditionFault}.
*/
function parseCondition(text) {
	if (text.length > 2048) throw new ConditionFault(0, `is longer than ${MAX_CONDITION} characters`);
	return new Parser$1(tokens(text)).whole();
}
var Parser$1 = class {
	#tokens;
	#next = 0;
	#nodes = 0;
	#depth = 0;
	#macros = 0;
	constructor(list) {
		this.#tokens = list;
	}
	whole() {
		let expression = this.#choice(), left = this.#peek();
		return left.kind !== "end" && this.#fail(left, `has ${shownToken(left)}, where it should end`), expression;
	}
	#peek() {
		return this.#tokens[this.#next];
	}
	#take() {
		let token = this.#peek();
		return token.kind !== "end" && this.#next++, token;
	}
	#is(text) {
		let token = this.#peek();
		return token.kind === "mark" && token.text === text;
	}
	#accept(text) {
		return this.#is(text) ? (this.#next++, !0) : !1;
	}
	#expect(text) {
		this.#accept(text) || this.#fail(this.#peek(), `has ${shownToken(this.#peek())} in the place of ${text}`);
	}
	#fail({ at }, what) {
		throw new ConditionFault(at, what);
	}
	#node(node) {
		return this.#nodes++, this.#nodes > 256 && this.#fail(node, "has more than 256 parts"), node;
	}
	#choice() {
		this.#depth++, this.#depth > 32 && this.#fail(this.#peek(), "is nested deeper than 32 levels");
		let test = this.#binary(0), found = test;
		if (this.#accept("?")) {
			let yes = this.#binary(0);
			this.#expect(":"), found = this.#node({
				kind: "choice",
				test,
				yes,
				no: this.#choice(),
				at: test.at
			});
		}
		return this.#depth--, found;
	}
	#binary(level) {
		let operators = LEVELS[level];
		if (operators === void 0) return this.#unary();
		let left = this.#binary(level + 1);
		for (;;) {
			let token = this.#peek(), operator = operators.find((one) => token.kind !== "text" && token.text === one);
			if (operator === void 0) return left;
			this.#take(), left = this.#node({
				kind: "binary",
				operator,
				left,
				right: this.#binary(level + 1),
				at: token.at
			});
		}
	}
	#unary() {
		let { at } = this.#peek();
		for (let [mark, kind] of [["!", "not"], ["-", "minus"]]) {
			let count = 0;
			for (; this.#accept(mark);) count++;
			if (count === 0) continue;
			let of = this.#member();
			for (; count > 0; count--) of = this.#node({
				kind,
				of,
				at
			});
			return of;
		}
		return this.#member();
	}
	#member() {
		let of = this.#primary();
		for (;;) {
			let { at } = this.#peek();
			if (this.#accept(".")) of = this.#memberOf(of, at);
			else if (this.#accept("[")) {
				let index = this.#choice();
				this.#expect("]"), of = this.#node({
					kind: "index",
					of,
					index,
					at
				});
			} else return of;
		}
	}
	#memberOf(of, at) {
		let name = this.#name();
		if (!this.#accept("(")) return this.#node({
			kind: "select",
			of,
			name,
			at
		});
		if (MACROS.includes(name)) return this.#each(name, of, at);
		let args = this.#arguments();
		return name === "size" && args.length === 0 ? this.#node({
			kind: "call",
			name,
			args: [of],
			at
		}) : ON_TEXT.includes(name) ? (args.length !== 1 && this.#fail({ at }, `calls ${name} with ${args.length} arguments, and it takes one`), this.#node({
			kind: "call",
			name,
			args: [of, ...args],
			at
		})) : this.#unknown(name, at);
	}
	#unknown(name, at) {
		let why = name === "matches" ? "matches, and no regular expression is run here" : `${name}, which is no function`;
		this.#fail({ at }, `calls ${why}; there are size, startsWith, endsWith, contains, has, all, exists, exists_one, filter and map`);
	}
	#each(macro, over, at) {
		this.#macros++, this.#macros > 2 && this.#fail({ at }, "goes over lists within more than 2");
		let name = this.#name();
		this.#expect(",");
		let first = this.#choice(), second = macro === "map" && this.#accept(",") ? this.#choice() : null;
		this.#expect(")"), this.#macros--;
		let [only, body] = second === null ? [null, first] : [first, second];
		return this.#node({
			kind: "each",
			macro,
			over,
			name,
			only,
			body,
			at
		});
	}
	#arguments() {
		let args = [];
		if (this.#accept(")")) return args;
		do
			args.push(this.#choice());
		while (this.#accept(","));
		return this.#expect(")"), args;
	}
	#name() {
		let token = this.#take();
		return token.kind !== "name" && this.#fail(token, `has ${shownToken(token)} in the place of a name`), RESERVED.has(token.text) && this.#fail(token, `has ${token.text}, a word of CEL, in the place of a name`), token.text;
	}
	#primary() {
		let token = this.#take(), { at } = token;
		if (token.kind === "text") return this.#node({
			kind: "literal",
			value: token.text,
			at
		});
		if (token.kind === "number") return this.#node({
			kind: "literal",
			value: Number(token.text),
			at
		});
		if (token.kind === "name") return this.#named(token);
		if (token.text === "(" && token.kind === "mark") {
			let inner = this.#choice();
			return this.#expect(")"), inner;
		}
		if (token.text === "[" && token.kind === "mark") {
			let items = [];
			for (; !this.#is("]") && (items.push(this.#choice()), this.#accept(",")););
			return this.#expect("]"), this.#node({
				kind: "list",
				items,
				at
			});
		}
		return this.#fail(token, `has ${shownToken(token)} in the place of a value`);
	}
	#named({ text, at }) {
		if (text === "true" || text === "false") return this.#node({
			kind: "literal",
			value: text === "true",
			at
		});
		if (text === "null") return this.#node({
			kind: "literal",
			value: null,
			at
		});
		if (RESERVED.has(text) && this.#fail({ at }, `has ${text}, a word of CEL, in the place of a value`), !this.#accept("(")) return this.#node({
			kind: "name",
			name: text,
			at
		});
		let args = this.#arguments(), [only] = args;
		if (args.length !== 1 || only === void 0) {
			if (text !== "size" && text !== "has") return this.#unknown(text, at);
			this.#fail({ at }, `calls ${text} with ${args.length} arguments, and it takes one`);
		}
		return text === "size" ? this.#node({
			kind: "call",
			name: "size",
			args: [only],
			at
		}) : text === "has" ? (only.kind !== "select" && this.#fail({ at }, "asks has() of something else than a member, like has(a.b)"), this.#node({
			kind: "has",
			of: only.of,
			name: only.name,
			at
		})) : this.#unknown(text, at);
	}
};
function shownToken(token) {
	return token.kind === "end" ? "its end" : token.kind === "text" ? "a text" : token.text.slice(0, 40);
}
// packages/contract/src/condition/condition.ts
/** A condition from a contract; null (and a fault) where it cannot be read, or asks for what there is not. */
function readCondition(place, names) {
	let text = place?.text(`a condition in CEL, of at most ${MAX_CONDITION} characters`, (t) => t.length <= MAX_CONDITION);
	if (place === void 0 || text == null) return null;
	if (text.trim() === "") return place.fault("is empty", "Write what must hold, or leave the field out.", "contract-empty"), null;
	try {
		let expression = parseCondition(text);
		return checkNames$1(expression, names), {
			text,
			expression
		};
	} catch (error) {
		if (!(error instanceof ConditionFault)) throw error;
		return place.fault(`${error.message} (at character ${error.at + 1})`, `Mend ${shown(text.slice(error.at, error.at + 20))}.`), null;
	}
}
/** Whether it holds; or why that cannot be said, which is never a yes. */
function holds({ expression }, names) {
	try {
		let value = valueOf(expression, names);
		return typeof value == "boolean" ? value : new Unjudged("it is neither true nor false");
	} catch (error) {
		if (error instanceof Unjudged) return error;
		throw error;
	}
}
// packages/contract/src/evidence-rule.ts
const FIELDS$5 = [
	"tests",
	"sbom",
	"vulnerabilities",
	"reports"
], MAX_COUNT = 1e9;
/**
* Null where none is asked for, or it cannot be read. `steps` are its own name and those that it comes after; null in a
* baseline, which knows none, and can say no more of VEX than that none counts.
*/
function readEvidence(place, steps) {
	if (place === void 0) return null;
	if (place.isEmpty()) return place.fault("is empty", "Ask for tests, sbom, vulnerabilities or reports; or leave the field out.", "contract-empty"), null;
	let members = place.members(FIELDS$5, []);
	return members === null ? null : {
		tests: readTests(members.get("tests")),
		sbom: readSbom(members.get("sbom")),
		vulnerabilities: readVulnerabilities(members.get("vulnerabilities"), steps),
		reports: readReports(members.get("reports"))
	};
}
function readTests(place) {
	if (place === void 0) return null;
	if (!place.isMapping()) return place.text("passed, or how many must pass", (t) => t === "passed"), {
		atLeast: 1,
		skipped: null
	};
	if (place.isEmpty()) return place.fault("is empty", "Write passed, or how many must pass.", "contract-empty"), null;
	let members = place.members(["atLeast", "skipped"], []);
	return members === null ? null : {
		atLeast: members.get("atLeast")?.integer(1, MAX_COUNT) ?? 1,
		skipped: members.get("skipped")?.integer(0, MAX_COUNT) ?? null
	};
}
function readSbom(place) {
	let text = place?.text("present or products", (t) => t === "present" || t === "products") ?? null;
	return text === null ? null : { products: text === "products" };
}
function readVulnerabilities(place, steps) {
	if (place === void 0) return null;
	let members = place.members([
		"below",
		"tools",
		"vex",
		"of"
	], ["below"]), isSeverity = (text) => SEVERITIES.includes(text), below = members?.get("below")?.text(SEVERITIES.join(" or "), isSeverity) ?? null, tools = readNames$1(members?.get("tools"), "the name of a tool, as its report gives it", isTool), vex = steps === null ? [] : readVex(members?.get("vex"), steps), none = steps === null ? members?.get("vex")?.text("none", (t) => t === "none") ?? null : null, of = members?.get("of")?.text("products", (t) => t === "products") ?? null;
	if (below === null || !isSeverity(below)) return null;
	let names = (list) => list.map(([, name]) => name);
	return {
		below,
		tools: names(tools),
		vex: names(vex),
		unexcused: none !== null,
		products: of !== null
	};
}
function readVex(place, steps) {
	let vex = readNames$1(place, "the name of a step", () => !0);
	for (let [item, name] of vex) steps.includes(name) || item.fault(`is ${shown(name)}, which is neither this step nor one that it comes after`, () => useStep(steps));
	return vex;
}
function useStep(steps) {
	return `Use one of: ${steps.slice(0, 10).map(shown).join(", ")}.`;
}
function isTool(text) {
	return /^[\x20-\x7e]{1,512}$/.test(text) && text.trim() !== "";
}
function readReports(place) {
	return readNames$1(place, "a type of reports, like slsa-provenance", isReportType).map(([, name]) => name);
}
/** Names from a list, none twice, each with its place. */
function readNames$1(place, what, good) {
	if (place === void 0) return [];
	if (place.isEmpty()) return place.fault("is empty", "Name one, or leave the field out.", "contract-empty"), [];
	let names = /* @__PURE__ */ new Map();
	for (let item of place.items(16) ?? []) {
		let name = item.text(what, good);
		name !== null && (names.has(name) ? item.fault(`is ${shown(name)} for the second time`, "Remove it.") : names.set(name, item));
	}
	return [...names].map(([name, item]) => [item, name]);
}
// packages/contract/src/people.ts
/** The person whom a signer of this name is. */
function personOf(people, signer) {
	return people.get(signer) ?? signer;
}
/** Signers by whose they are. */
function byPerson(people, signers) {
	return Map.groupBy(signers, (name) => personOf(people, name));
}
const MAX_PEOPLE = 1e3;
/** Whose each signer is that belongs to somebody, by its name: whoever has several keys is one person with all of them (T-39). */
function readPeople(place, signers) {
	let people = /* @__PURE__ */ new Map();
	if (place === void 0) return people;
	if (place.isEmpty()) return place.fault("is empty", "Name a person with their signers, or leave the field out.", "contract-empty"), people;
	let known = signers?.whole === !0 ? signers.entries() ?? null : null, entries = place.entries() ?? /* @__PURE__ */ new Map();
	entries.size > MAX_PEOPLE && place.fault(`has more than ${MAX_PEOPLE} people`, "Name those who approve alone.");
	for (let [person, item] of entries) {
		isName(person) || item.faultKey("is not a name", NAME_FIX), item.isEmpty() && item.fault("is empty", "Name their signers.", "contract-empty");
		for (let place of item.isEmpty() ? [] : item.items(100) ?? []) {
			let name = place.text("the name of a signer", () => !0);
			if (name === null) continue;
			let owner = people.get(name);
			known?.has(name) === !1 ? place.fault(`is ${shown(name)}, which is no signer`, () => useOneOf(name, [...known.keys()])) : owner === void 0 ? people.set(name, person) : place.fault(`is ${shown(name)}, a signer of ${shown(owner)} already`, "Remove one of them.");
		}
		if (known?.has(person) === !0 && people.get(person) !== person) {
			item.faultKey("has the name of a signer that is not theirs", "Call the person otherwise, or list that signer.");
			for (let [name, owner] of people) owner === person && people.delete(name);
		}
	}
	return people;
}
// packages/contract/src/demands.ts
const DEMAND_FIELDS = [
	"runner",
	"optional",
	"approvals",
	"evidence",
	"fresh",
	"conditions"
], RUNNERS = ["hosted", "self-hosted"];
/** Reads them from the members of a step. */
function readDemands(members, { name, after, people }) {
	let atLeast = members.get("approvals")?.integer(1, 100) ?? null;
	return {
		approvals: atLeast === null ? null : {
			atLeast,
			people
		},
		optional: readOptional(members.get("optional"), after),
		evidence: readEvidence(members.get("evidence"), [name, ...after]),
		fresh: readDuration(members.get("fresh")),
		runner: readRunner(members.get("runner")),
		conditions: readConditions(members.get("conditions"))
	};
}
/** Whose machine it must run on; null where nobody says. */
function readRunner(place) {
	let runner = place?.text(RUNNERS.join(" or "), isRunner) ?? null;
	return runner !== null && isRunner(runner) ? runner : null;
}
function isRunner(text) {
	return RUNNERS.includes(text);
}
/** `always`, or a mapping whose `unless` says when it is needed all the same. */
function readOptional(place, after) {
	return place === void 0 ? null : after.length === 0 ? (place.faultKey("is of a step where a run begins, and a run without a beginning proves nothing", "Remove it."), null) : place.isMapping() ? readCondition(place.members(["unless"], ["unless"])?.get("unless"), FOLLOWER_NAMES) : place.text("always, or a mapping with unless", (t) => t === "always") === null ? null : "always";
}
/** Conditions of a step from a list. */
function readConditions(place) {
	return place === void 0 ? [] : place.isEmpty() ? (place.fault("is empty", "Write a condition, or leave the field out.", "contract-empty"), []) : (place.items(32) ?? []).flatMap((item) => readCondition(item, STEP_NAMES) ?? []);
}
/** What an approval cannot have besides: it hands on what it was shown, and its jobs are people. */
function lintApproval(place, members, after) {
	for (let field of ["products", "matrix"]) members.get(field)?.faultKey("goes with no approvals", "Remove one of them: who approves makes nothing, and its jobs are people.");
	after.length === 0 && place.faultKey("approves, and comes after nothing that it could approve", "Name what it approves: after: [STEP].");
}
/** A step cannot ask for more people than may sign it, nor let somebody approve what they may have made. */
function lintApprovals(place, steps, people) {
	for (let [name, { approvals, after }] of steps) {
		if (approvals === null) continue;
		let item = place.entries()?.get(name)?.entries();
		approvals.people.size < approvals.atLeast && item?.get("approvals")?.fault(`asks for ${approvals.atLeast} people, and ${approvals.people.size} may sign`, "Name more signers, or ask for fewer; all signers of one person count once.");
		let makers = new Set(after.flatMap((before) => steps.get(before)?.signers ?? []).map((signer) => personOf(people, signer))), both = [...approvals.people.keys()].filter((person) => makers.has(person));
		both.length !== 0 && item?.get("signers")?.fault(`lets ${both.slice(0, 8).map(shown).join(", ")} approve what they may have made`, "Let others sign the approval.");
	}
}
/** What goes on without all that comes before it proves nothing: something must be there in any case. */
function lintOptional(place, steps, final) {
	for (let [name, { after, optional }] of steps) {
		let item = place.entries()?.get(name)?.entries();
		optional !== null && name === final && item?.get("optional")?.faultKey("is of the final step, which vouches for the artifact", "Remove it."), after.length === 0 || after.some((before) => steps.get(before)?.optional === null) || after.some((before) => !steps.has(before)) || item?.get("after")?.fault("names only steps that a run may do without", "Add one that must have gone before; the step that those come after, for example.");
	}
}
// packages/contract/src/graph.ts
/** Every step that must have happened before `step`, itself included: what a run may do without is asked of whoever follows it. */
function required(steps, step) {
	return reachable(step, (name) => (steps.get(name)?.after ?? []).filter((one) => steps.get(one)?.optional == null));
}
function reachable(start, next) {
	let names = /* @__PURE__ */ new Set(), open = [start];
	for (; open.length > 0;) {
		let name = open.pop();
		if (!names.has(name)) {
			names.add(name);
			for (let other of next(name)) open.push(other);
		}
	}
	return names;
}
/**
* Faults of the whole: circles, steps and matrix jobs that nothing demands. `complete` is false when another
* fault may hide who follows whom; only circles are certain then.
*/
function lintGraph(place, steps, final, complete) {
	let circles = findCircles(steps);
	for (let circle of circles) faultCircle(place, circle);
	if (circles.length > 0 || !complete || final === null) return;
	let needed = reachable(final, (name) => steps.get(name)?.after ?? []), followers = followersOf(steps), follows = reachable(final, (name) => followers.get(name) ?? []);
	for (let name of steps.keys()) needed.has(name) || follows.has(name) || place.entries().get(name).faultKey(`neither leads to the final step ${final} nor follows it, so nothing would demand it`, `Add ${name} to the after list of ${final} or of a step before it, or remove it.`);
	lintJobs(place, steps, needed, followers);
}
/** The steps that come right after each step. */
function followersOf(steps) {
	let followers = /* @__PURE__ */ new Map();
	for (let [name, { after }] of steps) for (let before of after) {
		let list = followers.get(before);
		list === void 0 ? followers.set(before, [name]) : list.push(name);
	}
	return followers;
}
/**
* Circles that share no step, each as its steps in the order they would run, first the one that comes first
* in the contract. Breaking all of them may show another.
*/
function findCircles(steps) {
	let left = new Map(steps), circles = [];
	for (;;) {
		dropOrdered(left);
		let [start] = left.keys();
		if (start === void 0) return circles;
		let circle = walkBack(left, start);
		for (let name of circle) left.delete(name);
		circles.push(circle);
	}
}
/** Kahn: takes away the steps whose predecessors are all taken away. What is left waits for a circle. */
function dropOrdered(left) {
	let followers = followersOf(left), waits = /* @__PURE__ */ new Map();
	for (let [name, { after }] of left) waits.set(name, after.filter((before) => left.has(before)).length);
	let free = [...waits].filter(([, count]) => count === 0).map(([name]) => name);
	for (let name = free.pop(); name !== void 0; name = free.pop()) {
		left.delete(name);
		for (let follower of followers.get(name) ?? []) {
			let count = waits.get(follower) - 1;
			waits.set(follower, count), count === 0 && free.push(follower);
		}
	}
}
/** Each step left waits for another one left, so walking back must come round. */
function walkBack(left, start) {
	let at = /* @__PURE__ */ new Map(), path = [], name = start;
	for (; !at.has(name);) at.set(name, path.length), path.push(name), name = left.get(name).after.find((before) => left.has(before));
	let circle = path.slice(at.get(name)).toReversed(), order = [...left.keys()], first = circle.reduce((a, b) => order.indexOf(a) <= order.indexOf(b) ? a : b), cut = circle.indexOf(first);
	return [...circle.slice(cut), ...circle.slice(0, cut)];
}
function faultCircle(place, circle) {
	let [first] = circle, last = circle.at(-1), after = place.entries().get(first).entries().get("after"), names = circle.slice(0, 8).map(shown), way = [
		...names,
		...circle.length > 8 ? ["…"] : [],
		names[0]
	].join(" → ");
	after.fault(circle.length === 1 ? `makes ${first} wait for itself` : `closes a circle: ${way}`, `Remove ${shown(last)} from it, or break the circle elsewhere.`);
}
/** A matrix says that all its jobs are required, so each must be awaited by some step on the way to the final one. */
function lintJobs(place, steps, needed, followers) {
	for (let name of needed) {
		let { matrix } = steps.get(name), waiting = (followers.get(name) ?? []).filter((follower) => needed.has(follower));
		if (matrix === null || waiting.length === 0) continue;
		let idle = new Set(matrix);
		for (let follower of waiting) {
			let own = new Set(steps.get(follower).matrix), shared = matrix.filter((job) => own.has(job)), awaited = shared.length === 0 || shared.length < own.size ? matrix : shared;
			for (let job of awaited) idle.delete(job);
		}
		if (idle.size === 0) continue;
		let jobs = [...idle].slice(0, 8).map(shown).join(", ");
		place.entries().get(name).entries().get("matrix").fault(`has jobs that no step waits for: ${jobs}${idle.size > 8 ? ", …" : ""}`, `Add them to the matrix of ${waiting.slice(0, 8).map(shown).join(" or ")}, or add ${shown(name)} to the after list of a step without that matrix.`);
	}
}
/** Patterns from a list. */
function readPatterns(place) {
	return place.isEmpty() ? (place.fault("names nothing", "List at least one pattern, or leave the field out.", "contract-empty"), []) : (place.items(100) ?? []).map((item) => ({
		place: item,
		glob: readGlob$1(item)
	}));
}
function globsOf(patterns) {
	return patterns.flatMap(({ glob }) => glob === null ? [] : [glob]);
}
function readGlob$1(place) {
	let text = place.text("a path pattern of at most 256 characters", (t) => t.length <= 256 && !hasControl(t));
	if (text === null) return null;
	if (text.normalize("NFC") !== text) return place.fault("is not in Unicode NFC, so it matches no name", "Type it again, or save the file in NFC."), null;
	try {
		return parseGlob(text.endsWith("/") ? text.slice(0, -1) : text);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		return place.fault(`is ${shown(text)}, which is no relative path pattern`, error.fix, error.code), null;
	}
}
// packages/contract/src/model.ts
/** Id of the Sigstore public-good instance, whichever trusted root it has now: no digest is spelled so. */
const PUBLIC_SIGSTORE = "public", FACTS = IDENTITY_FACTS.filter((name) => name !== "issuer"), FIELDS$4 = [
	"issuer",
	"subject",
	...FACTS,
	"grade",
	"authority",
	"revokedSince"
], STABLE$1 = ["sourceRepositoryIdentifier", "sourceRepositoryOwnerIdentifier"], SOURCES$1 = [
	...STABLE$1,
	"sourceRepositoryURI",
	"sourceRepositoryOwnerURI"
];
/** Signers by name, in the order of the text; `owners` holds whose key an id is, over all the lists of the contract. */
function readSigners$1(place, authorities, owners) {
	let signers = /* @__PURE__ */ new Map(), unvouched = null;
	place?.isEmpty() && place.fault("is empty", "Name who may sign, each with a public key or an identity.", "contract-empty");
	for (let [name, item] of place?.entries() ?? []) {
		isName(name) || item.faultKey("is not a name", NAME_FIX);
		let rule = item.isMapping() ? readIdentity(item, authorities) : readKeyRule(item, owners);
		rule !== null && (rule.kind === "identity" && (unvouched ??= item), signers.set(name, rule));
	}
	return authorities?.size === 0 && unvouched?.fault("is an identity, and no authority is there to vouch for it", "Add authorities: with one."), signers;
}
function readKeyRule(place, owners) {
	let key = readKey(place);
	return key === null ? null : (claimKey(place, materialOf(key), owners), {
		kind: "key",
		key
	});
}
/** One key under two names would let one party play two (T-39). */
function claimKey(place, keyId, owners) {
	let owner = owners.get(keyId);
	owner === void 0 ? owners.set(keyId, place.path) : place.fault(`is the same key as ${owner}`, "Give each party a key of its own.");
}
function readKey(place) {
	let text = place.text("a public key (PEM, or base64 of its SPKI), a passkey or an identity", (t) => t.length <= 4096);
	if (text === null) return null;
	try {
		return readSigningKey(text);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		return place.fault(`is not a usable key: ${error.what}`, "Paste the .pub file that countersign key new wrote, or the passkey as the server shows it.", "key-invalid"), null;
	}
}
function readIdentity(place, authorities) {
	let members = place.members(FIELDS$4, ["issuer"]);
	if (members === null) return null;
	let issuer = readExact(members.get("issuer"), "the URL of an issuer", (text) => /^https?:\/\/[^\s]+$/.test(text)), subject = readSubject(members.get("subject")), facts = readFacts(members), grade = readGrade(members.get("grade")), named = readAuthorities$1(members.get("authority"), authorities), revokedAt = readTime(members.get("revokedSince"));
	return place.whole && facts.whole && lintIdentity(place, members.has("subject"), subject, facts.patterns), issuer === null ? null : {
		kind: "identity",
		pattern: {
			issuer,
			subject,
			facts: facts.patterns
		},
		grade,
		authorities: named,
		revokedAt
	};
}
/** Who it is must be told by more than a name that anybody may take, or a build definition that anybody may use. */
function lintIdentity(place, named, subject, facts) {
	if (!named && !STABLE$1.some((fact) => "exact" in (facts.get(fact) ?? {}))) {
		let fix = `Add subject, ${STABLE$1.join(" or ")}, in full.`;
		place.fault("names an issuer and not whom it vouches for", fix);
	} else if (subject?.kind === "uri" && /^https?:\/\/[^@]+\/[^@]+@/.test(subject.value) && !SOURCES$1.some((fact) => facts.has(fact))) {
		let fix = `Add ${SOURCES$1.slice(0, 3).join(", ")} or ${SOURCES$1[3]}.`;
		place.fault("names a build definition and not whose run of it", fix);
	}
}
function readSubject(place) {
	let value = readExact(place, "the subject of a certificate: an address or a URI", isFact);
	return value === null ? null : /^[A-Za-z][A-Za-z0-9+.-]*:./.test(value) ? {
		kind: "uri",
		value
	} : /^[^@\s:/]+@[^@\s:/]+$/.test(value) ? {
		kind: "email",
		value
	} : (place.fault("is neither an e-mail address nor a URI", "Copy the subject alternative name of the certificate."), null);
}
function readFacts(members) {
	let patterns = /* @__PURE__ */ new Map(), whole = !0;
	for (let fact of FACTS) {
		let place = members.get(fact);
		if (place === void 0) continue;
		let pattern = place.isMapping() ? readPattern(place, fact) : readText$1(place);
		pattern === null ? whole = !1 : patterns.set(fact, pattern);
	}
	return {
		patterns,
		whole
	};
}
function readText$1(place) {
	let exact = readExact(place, "a text, or a mapping with prefix or glob", isFact);
	return exact === null ? null : { exact };
}
function readPattern(place, fact) {
	let members = place.members(["prefix", "glob"], []);
	if (members === null) return null;
	if (STABLE$1.includes(fact)) return place.fault("is an id, and a part of one is that of somebody else", "Write the whole id, in quotes."), null;
	if (members.size !== 1) return place.fault("needs one of prefix and glob", "Write prefix: TEXT, or glob: PATTERN."), null;
	let prefix = readExact(members.get("prefix"), "the beginning of a text", isFact), glob = readExact(members.get("glob"), "a pattern of at most 256 characters", (text) => text.length <= 256 && isFact(text));
	return prefix === null ? glob === null ? null : /[^*/]/.test(glob) ? readGlob(members.get("glob"), glob) : (members.get("glob").fault("fits whatever is there", "Write what must be there, or leave the field out."), null) : { prefix };
}
function readGlob(place, glob) {
	try {
		return { glob: parseTextGlob(glob) };
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		return place.fault(`is ${shown(glob)}, which is no pattern`, error.fix, error.code), null;
	}
}
function isFact(text) {
	return text.length <= 2048 && !hasControl(text);
}
/** Text that is there: an empty one is a fault of its own, for it looks as if it asked for something. */
function readExact(place, what, good) {
	if (place === void 0) return null;
	let text = place.text(what, (t) => t === "" || good(t));
	return text === "" ? (place.fault("is empty", "An empty text fits nobody or everybody. Write the text, or leave the field out.", "contract-empty"), null) : text;
}
/** A grade; null where none is asked for. */
function readGrade(place) {
	let text = place?.text(GRADES.join(" or "), isGrade) ?? null;
	return text !== null && isGrade(text) ? text : null;
}
function isGrade(text) {
	return GRADES.includes(text);
}
function readAuthorities$1(named, authorities) {
	if (named === void 0) return [...authorities?.keys() ?? []];
	named.isEmpty() && named.fault("is empty", "Name an authority, or leave the field out.", "contract-empty");
	let items = named.isList() ? named.items(100) ?? [] : [named], names = /* @__PURE__ */ new Set();
	for (let item of items) {
		let name = item.text("the name of an authority", () => !0);
		name !== null && authorities !== null && (authorities.has(name) ? names.has(name) ? item.fault(`is ${shown(name)} for the second time`, "Remove it.") : names.add(name) : item.fault(`is ${shown(name)}, which is no authority`, () => useOneOf(name, [...authorities.keys()])));
	}
	return [...names];
}
/** ISO time with milliseconds; null where none is there. */
function readTime(place) {
	return place?.text("a time in UTC, like \"2026-11-01T12:00:00.000Z\"", isTime) ?? null;
}
// packages/contract/src/authorities.ts
const FIELDS$3 = [
	"certificates",
	"log",
	"sigstore",
	"revokedSince"
];
function readAuthorities(place) {
	let played = [];
	return {
		rules: readRules(place, played),
		played
	};
}
/**
* Holds the keys of authorities against those of all others. Whoever signs steps and issues certificates would vouch for
* itself (T-39). The log that proves what was issued may countersign as well: it is that of the same server.
*/
function claimAuthorityKeys({ played }, owners) {
	for (let { place, keyId } of played.filter(({ part }) => part === "issues")) claimKey(place, keyId, owners);
	for (let { place, keyId } of played.filter(({ part }) => part === "logs")) {
		let owner = owners.get(keyId);
		owner === void 0 || owner.startsWith("countersigners") || place.fault(`is the same key as ${owner}`, "Give each party a key of its own.");
	}
}
function readRules(place, played) {
	let authorities = /* @__PURE__ */ new Map();
	if (place === void 0) return authorities;
	if (place.isEmpty()) return place.fault("is empty", "Name an authority, or leave the field out.", "contract-empty"), null;
	let entries = place.entries();
	if (entries === null) return null;
	if (entries.size > 100) return place.fault("has more than 100 authorities", "Shorten the list."), null;
	let certain = place.whole, ids = /* @__PURE__ */ new Map();
	for (let [name, item] of entries) {
		isName(name) || item.faultKey("is not a name", NAME_FIX);
		let parts = [], rule = readAuthority(item, parts);
		if (rule === null) {
			certain = !1;
			continue;
		}
		authorities.set(name, rule);
		let other = ids.get(rule.id);
		other === void 0 ? (ids.set(rule.id, item.path), played.push(...parts)) : item.fault(`is the same authority as ${other}`, "Keep one of them.");
	}
	return certain ? authorities : null;
}
function readAuthority(place, played) {
	let members = place.members(FIELDS$3, []);
	if (members === null) return null;
	let revokedAt = readTime(members.get("revokedSince")), sigstore = members.get("sigstore");
	if (sigstore === void 0 == (members.get("certificates") === void 0)) return place.fault("needs one of certificates and sigstore", "Write certificates: and log:, or sigstore: public, or sigstore: SHA-256."), null;
	if (sigstore !== void 0) {
		members.get("log")?.faultKey("goes with certificates only", "Remove it.");
		let id = sigstore.text("public, or the SHA-256 of a trusted_root.json in 64 lower-case hex digits", (t) => t === "public" || isHex(t, 64));
		return id === null ? null : {
			kind: "sigstore",
			id,
			revokedAt
		};
	}
	let certificates = readChain(members.get("certificates"), played), log = members.get("log");
	log === void 0 && place.fault("lacks log", "Add log: with the verifier key of the log that proves what it issues.");
	let logs = log === void 0 ? [] : readLogs(log, played);
	return certificates === null || logs.length === 0 ? null : {
		kind: "countersign",
		id: hex(sha256(certificates.at(-1).der)),
		certificates,
		logs,
		revokedAt
	};
}
/** The certificates of an authority: what issues first, the root last. */
function readChain(place, played) {
	let text = place.text("certificates in PEM", (t) => t.length <= 65536);
	if (text === null) return null;
	let fix = "Paste what GET /api/v2/trustBundle of the server gives.", certificates;
	try {
		certificates = parseCertificates(text, "certificate-invalid");
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		return place.fault(`is no certificate: ${error.what}`, fix, "certificate-invalid"), null;
	}
	let fault = chainFault(certificates);
	if (fault !== null) return place.fault(fault, fix, "certificate-invalid"), null;
	for (let { spki } of certificates) played.push({
		place,
		keyId: hex(sha256(spki)),
		part: "issues"
	});
	return certificates;
}
function chainFault(certificates) {
	if (certificates.length > 5) return "holds more than 5 certificates";
	for (let [i, certificate] of certificates.entries()) {
		if (!isAuthority(certificate)) return "holds a certificate that may issue no others";
		let issuer = certificates[i + 1] ?? certificate;
		if (!equal(certificate.issuer, issuer.subject)) return i === certificates.length - 1 ? "does not end in a root" : "is not in order, what issues first and the root last";
	}
	return null;
}
function isAuthority(certificate) {
	try {
		return basicConstraints(certificate).ca;
	} catch (error) {
		if (error instanceof CodedError) return !1;
		throw error;
	}
}
function readLogs(place, played) {
	place.isEmpty() && place.fault("is empty", "Name a log by its verifier key.", "contract-empty");
	let items = place.isList() ? place.items(16) ?? [] : place.isEmpty() ? [] : [place], keys = /* @__PURE__ */ new Map();
	for (let item of items) {
		let key = readVkey(item);
		key !== null && (keys.has(key.publicKey.keyId) && item.fault("stands there already", "Remove it."), keys.set(key.publicKey.keyId, key), played.push({
			place: item,
			keyId: key.publicKey.keyId,
			part: "logs"
		}));
	}
	return [...keys.values()];
}
/** The verifier key of a log. */
function readVkey(place) {
	let text = place.text("a verifier key (name+id+key)", (t) => t.length <= 4096);
	if (text === null) return null;
	let fix = "Paste the vkey that the server shows at /v1/server.";
	try {
		let key = parseVkey(text, { sha256 });
		if (key.type === "ed25519") return key;
		place.fault("is the key of a witness, not of a log", fix, "key-invalid");
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		place.fault(`is not a usable key: ${error.what}`, fix, "key-invalid");
	}
	return null;
}
/** Verifier keys of servers' logs. */
function readServers(place, owners) {
	if (place?.isEmpty()) return place.fault("is empty", "Name a server by its verifier key, or leave the field out.", "contract-empty"), [];
	let keys = [];
	for (let item of place?.items(100) ?? []) {
		let key = readVkey(item);
		key !== null && (claimKey(item, key.publicKey.keyId, owners), keys.push(key));
	}
	return keys;
}
// node_modules/yaml/dist/nodes/identity.js
var require_identity = /* @__PURE__ */ __commonJSMin(((exports) => {
	let ALIAS = Symbol.for("yaml.alias"), DOC = Symbol.for("yaml.document"), MAP = Symbol.for("yaml.map"), PAIR = Symbol.for("yaml.pair"), SCALAR = Symbol.for("yaml.scalar"), SEQ = Symbol.for("yaml.seq"), NODE_TYPE = Symbol.for("yaml.node.type"), isAlias = (node) => !!node && typeof node == "object" && node[NODE_TYPE] === ALIAS, isDocument = (node) => !!node && typeof node == "object" && node[NODE_TYPE] === DOC, isMap = (node) => !!node && typeof node == "object" && node[NODE_TYPE] === MAP, isPair = (node) => !!node && typeof node == "object" && node[NODE_TYPE] === PAIR, isScalar = (node) => !!node && typeof node == "object" && node[NODE_TYPE] === SCALAR, isSeq = (node) => !!node && typeof node == "object" && node[NODE_TYPE] === SEQ;
	function isCollection(node) {
		if (node && typeof node == "object") switch (node[NODE_TYPE]) {
			case MAP:
			case SEQ: return !0;
		}
		return !1;
	}
	function isNode(node) {
		if (node && typeof node == "object") switch (node[NODE_TYPE]) {
			case ALIAS:
			case MAP:
			case SCALAR:
			case SEQ: return !0;
		}
		return !1;
	}
	exports.ALIAS = ALIAS, exports.DOC = DOC, exports.MAP = MAP, exports.NODE_TYPE = NODE_TYPE, exports.PAIR = PAIR, exports.SCALAR = SCALAR, exports.SEQ = SEQ, exports.hasAnchor = (node) => (isScalar(node) || isCollection(node)) && !!node.anchor, exports.isAlias = isAlias, exports.isCollection = isCollection, exports.isDocument = isDocument, exports.isMap = isMap, exports.isNode = isNode, exports.isPair = isPair, exports.isScalar = isScalar, exports.isSeq = isSeq;
})), require_visit = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	let BREAK = Symbol("break visit"), SKIP = Symbol("skip children"), REMOVE = Symbol("remove node");
	/**
	* Apply a visitor to an AST node or document.
	*
	* Walks through the tree (depth-first) starting from `node`, calling a
	* `visitor` function with three arguments:
	*   - `key`: For sequence values and map `Pair`, the node's index in the
	*     collection. Within a `Pair`, `'key'` or `'value'`, correspondingly.
	*     `null` for the root node.
	*   - `node`: The current node.
	*   - `path`: The ancestry of the current node.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this node, continue with next
	*     sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current node, then continue with the next one
	*   - `Node`: Replace the current node, then continue by visiting it
	*   - `number`: While iterating the items of a sequence or map, set the index
	*     of the next step. This is useful especially if the index of the current
	*     node has changed.
	*
	* If `visitor` is a single function, it will be called with all values
	* encountered in the tree, including e.g. `null` values. Alternatively,
	* separate visitor functions may be defined for each `Map`, `Pair`, `Seq`,
	* `Alias` and `Scalar` node. To define the same visitor function for more than
	* one node type, use the `Collection` (map and seq), `Value` (map, seq & scalar)
	* and `Node` (alias, map, seq & scalar) targets. Of all these, only the most
	* specific defined one will be used for each node.
	*/
	function visit(node, visitor) {
		let visitor_ = initVisitor(visitor);
		identity.isDocument(node) ? visit_(null, node.contents, visitor_, Object.freeze([node])) === REMOVE && (node.contents = null) : visit_(null, node, visitor_, Object.freeze([]));
	}
	/** Remove the current node */
	visit.BREAK = BREAK, visit.SKIP = SKIP, visit.REMOVE = REMOVE;
	function visit_(key, node, visitor, path) {
		let ctrl = callVisitor(key, node, visitor, path);
		if (identity.isNode(ctrl) || identity.isPair(ctrl)) return replaceNode(key, path, ctrl), visit_(key, ctrl, visitor, path);
		if (typeof ctrl != "symbol") {
			if (identity.isCollection(node)) {
				path = Object.freeze(path.concat(node));
				for (let i = 0; i < node.items.length; ++i) {
					let ci = visit_(i, node.items[i], visitor, path);
					if (typeof ci == "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else ci === REMOVE && (node.items.splice(i, 1), --i);
				}
			} else if (identity.isPair(node)) {
				path = Object.freeze(path.concat(node));
				let ck = visit_("key", node.key, visitor, path);
				if (ck === BREAK) return BREAK;
				ck === REMOVE && (node.key = null);
				let cv = visit_("value", node.value, visitor, path);
				if (cv === BREAK) return BREAK;
				cv === REMOVE && (node.value = null);
			}
		}
		return ctrl;
	}
	/**
	* Apply an async visitor to an AST node or document.
	*
	* Walks through the tree (depth-first) starting from `node`, calling a
	* `visitor` function with three arguments:
	*   - `key`: For sequence values and map `Pair`, the node's index in the
	*     collection. Within a `Pair`, `'key'` or `'value'`, correspondingly.
	*     `null` for the root node.
	*   - `node`: The current node.
	*   - `path`: The ancestry of the current node.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `Promise`: Must resolve to one of the following values
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this node, continue with next
	*     sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current node, then continue with the next one
	*   - `Node`: Replace the current node, then continue by visiting it
	*   - `number`: While iterating the items of a sequence or map, set the index
	*     of the next step. This is useful especially if the index of the current
	*     node has changed.
	*
	* If `visitor` is a single function, it will be called with all values
	* encountered in the tree, including e.g. `null` values. Alternatively,
	* separate visitor functions may be defined for each `Map`, `Pair`, `Seq`,
	* `Alias` and `Scalar` node. To define the same visitor function for more than
	* one node type, use the `Collection` (map and seq), `Value` (map, seq & scalar)
	* and `Node` (alias, map, seq & scalar) targets. Of all these, only the most
	* specific defined one will be used for each node.
	*/
	async function visitAsync(node, visitor) {
		let visitor_ = initVisitor(visitor);
		identity.isDocument(node) ? await visitAsync_(null, node.contents, visitor_, Object.freeze([node])) === REMOVE && (node.contents = null) : await visitAsync_(null, node, visitor_, Object.freeze([]));
	}
	/** Remove the current node */
	visitAsync.BREAK = BREAK, visitAsync.SKIP = SKIP, visitAsync.REMOVE = REMOVE;
	async function visitAsync_(key, node, visitor, path) {
		let ctrl = await callVisitor(key, node, visitor, path);
		if (identity.isNode(ctrl) || identity.isPair(ctrl)) return replaceNode(key, path, ctrl), visitAsync_(key, ctrl, visitor, path);
		if (typeof ctrl != "symbol") {
			if (identity.isCollection(node)) {
				path = Object.freeze(path.concat(node));
				for (let i = 0; i < node.items.length; ++i) {
					let ci = await visitAsync_(i, node.items[i], visitor, path);
					if (typeof ci == "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else ci === REMOVE && (node.items.splice(i, 1), --i);
				}
			} else if (identity.isPair(node)) {
				path = Object.freeze(path.concat(node));
				let ck = await visitAsync_("key", node.key, visitor, path);
				if (ck === BREAK) return BREAK;
				ck === REMOVE && (node.key = null);
				let cv = await visitAsync_("value", node.value, visitor, path);
				if (cv === BREAK) return BREAK;
				cv === REMOVE && (node.value = null);
			}
		}
		return ctrl;
	}
	function initVisitor(visitor) {
		return typeof visitor == "object" && (visitor.Collection || visitor.Node || visitor.Value) ? Object.assign({
			Alias: visitor.Node,
			Map: visitor.Node,
			Scalar: visitor.Node,
			Seq: visitor.Node
		}, visitor.Value && {
			Map: visitor.Value,
			Scalar: visitor.Value,
			Seq: visitor.Value
		}, visitor.Collection && {
			Map: visitor.Collection,
			Seq: visitor.Collection
		}, visitor) : visitor;
	}
	function callVisitor(key, node, visitor, path) {
		if (typeof visitor == "function") return visitor(key, node, path);
		if (identity.isMap(node)) return visitor.Map?.(key, node, path);
		if (identity.isSeq(node)) return visitor.Seq?.(key, node, path);
		if (identity.isPair(node)) return visitor.Pair?.(key, node, path);
		if (identity.isScalar(node)) return visitor.Scalar?.(key, node, path);
		if (identity.isAlias(node)) return visitor.Alias?.(key, node, path);
	}
	function replaceNode(key, path, node) {
		let parent = path[path.length - 1];
		if (identity.isCollection(parent)) parent.items[key] = node;
		else if (identity.isPair(parent)) key === "key" ? parent.key = node : parent.value = node;
		else if (identity.isDocument(parent)) parent.contents = node;
		else {
			let pt = identity.isAlias(parent) ? "alias" : "scalar";
			throw Error(`Cannot replace node with ${pt} parent`);
		}
	}
	exports.visit = visit, exports.visitAsync = visitAsync;
})), require_directives = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), visit = require_visit();
	let escapeChars = {
		"!": "%21",
		",": "%2C",
		"[": "%5B",
		"]": "%5D",
		"{": "%7B",
		"}": "%7D"
	}, escapeTagName = (tn) => tn.replace(/[!,[\]{}]/g, (ch) => escapeChars[ch]);
	var Directives = class Directives {
		constructor(yaml, tags) {
			this.docStart = null, this.docEnd = !1, this.yaml = Object.assign({}, Directives.defaultYaml, yaml), this.tags = Object.assign({}, Directives.defaultTags, tags);
		}
		clone() {
			let copy = new Directives(this.yaml, this.tags);
			return copy.docStart = this.docStart, copy;
		}
		/**
		* During parsing, get a Directives instance for the current document and
		* update the stream state according to the current version's spec.
		*/
		atDocument() {
			let res = new Directives(this.yaml, this.tags);
			switch (this.yaml.version) {
				case "1.1":
					this.atNextDocument = !0;
					break;
				case "1.2": this.atNextDocument = !1, this.yaml = {
					explicit: Directives.defaultYaml.explicit,
					version: "1.2"
				}, this.tags = Object.assign({}, Directives.defaultTags);
			}
			return res;
		}
		/**
		* @param onError - May be called even if the action was successful
		* @returns `true` on success
		*/
		add(line, onError) {
			this.atNextDocument &&= (this.yaml = {
				explicit: Directives.defaultYaml.explicit,
				version: "1.1"
			}, this.tags = Object.assign({}, Directives.defaultTags), !1);
			let parts = line.trim().split(/[ \t]+/), name = parts.shift();
			switch (name) {
				case "%TAG": {
					if (parts.length !== 2 && (onError(0, "%TAG directive should contain exactly two parts"), parts.length < 2)) return !1;
					let [handle, prefix] = parts;
					return this.tags[handle] = prefix, !0;
				}
				case "%YAML": {
					if (this.yaml.explicit = !0, parts.length !== 1) return onError(0, "%YAML directive should contain exactly one part"), !1;
					let [version] = parts;
					if (version === "1.1" || version === "1.2") return this.yaml.version = version, !0;
					{
						let isValid = /^\d+\.\d+$/.test(version);
						return onError(6, `Unsupported YAML version ${version}`, isValid), !1;
					}
				}
				default: return onError(0, `Unknown directive ${name}`, !0), !1;
			}
		}
		/**
		* Resolves a tag, matching handles to those defined in %TAG directives.
		*
		* @returns Resolved tag, which may also be the non-specific tag `'!'` or a
		*   `'!local'` tag, or `null` if unresolvable.
		*/
		tagName(source, onError) {
			if (source === "!") return "!";
			if (source[0] !== "!") return onError(`Not a valid tag: ${source}`), null;
			if (source[1] === "<") {
				let verbatim = source.slice(2, -1);
				return verbatim === "!" || verbatim === "!!" ? (onError(`Verbatim tags aren't resolved, so ${source} is invalid.`), null) : (source[source.length - 1] !== ">" && onError("Verbatim tags must end with a >"), verbatim);
			}
			let [, handle, suffix] = source.match(/^(.*!)([^!]*)$/s);
			suffix || onError(`The ${source} tag has no suffix`);
			let prefix = this.tags[handle];
			if (prefix) try {
				return prefix + decodeURIComponent(suffix);
			} catch (error) {
				return onError(String(error)), null;
			}
			return handle === "!" ? source : (onError(`Could not resolve tag: ${source}`), null);
		}
		/**
		* Given a fully resolved tag, returns its printable string form,
		* taking into account current tag prefixes and defaults.
		*/
		tagString(tag) {
			for (let [handle, prefix] of Object.entries(this.tags)) if (tag.startsWith(prefix)) return handle + escapeTagName(tag.substring(prefix.length));
			return tag[0] === "!" ? tag : `!<${tag}>`;
		}
		toString(doc) {
			let lines = this.yaml.explicit ? [`%YAML ${this.yaml.version || "1.2"}`] : [], tagEntries = Object.entries(this.tags), tagNames;
			if (doc && tagEntries.length > 0 && identity.isNode(doc.contents)) {
				let tags = {};
				visit.visit(doc.contents, (_key, node) => {
					identity.isNode(node) && node.tag && (tags[node.tag] = !0);
				}), tagNames = Object.keys(tags);
			} else tagNames = [];
			for (let [handle, prefix] of tagEntries) handle === "!!" && prefix === "tag:yaml.org,2002:" || doc && !tagNames.some((tn) => tn.startsWith(prefix)) || lines.push(`%TAG ${handle} ${prefix}`);
			return lines.join("\n");
		}
	};
	Directives.defaultYaml = {
		explicit: !1,
		version: "1.2"
	}, Directives.defaultTags = { "!!": "tag:yaml.org,2002:" }, exports.Directives = Directives;
})), require_anchors = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), visit = require_visit();
	/**
	* Verify that the input string is a valid anchor.
	*
	* Will throw on errors.
	*/
	function anchorIsValid(anchor) {
		if (/[\x00-\x19\s,[\]{}]/.test(anchor)) {
			let msg = `Anchor must not contain whitespace or control characters: ${JSON.stringify(anchor)}`;
			throw Error(msg);
		}
		return !0;
	}
	function anchorNames(root) {
		let anchors = /* @__PURE__ */ new Set();
		return visit.visit(root, { Value(_key, node) {
			node.anchor && anchors.add(node.anchor);
		} }), anchors;
	}
	/** Find a new anchor name with the given `prefix` and a one-indexed suffix. */
	function findNewAnchor(prefix, exclude) {
		for (let i = 1;; ++i) {
			let name = `${prefix}${i}`;
			if (!exclude.has(name)) return name;
		}
	}
	function createNodeAnchors(doc, prefix) {
		let aliasObjects = [], sourceObjects = /* @__PURE__ */ new Map(), prevAnchors = null;
		return {
			onAnchor: (source) => {
				aliasObjects.push(source), prevAnchors ??= anchorNames(doc);
				let anchor = findNewAnchor(prefix, prevAnchors);
				return prevAnchors.add(anchor), anchor;
			},
			/**
			* With circular references, the source node is only resolved after all
			* of its child nodes are. This is why anchors are set only after all of
			* the nodes have been created.
			*/
			setAnchors: () => {
				for (let source of aliasObjects) {
					let ref = sourceObjects.get(source);
					if (typeof ref == "object" && ref.anchor && (identity.isScalar(ref.node) || identity.isCollection(ref.node))) ref.node.anchor = ref.anchor;
					else {
						let error = /* @__PURE__ */ Error("Failed to resolve repeated object (this should not happen)");
						throw error.source = source, error;
					}
				}
			},
			sourceObjects
		};
	}
	exports.anchorIsValid = anchorIsValid, exports.anchorNames = anchorNames, exports.createNodeAnchors = createNodeAnchors, exports.findNewAnchor = findNewAnchor;
})), require_applyReviver = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Applies the JSON.parse reviver algorithm as defined in the ECMA-262 spec,
	* in section 24.5.1.1 "Runtime Semantics: InternalizeJSONProperty" of the
	* 2021 edition: https://tc39.es/ecma262/#sec-json.parse
	*
	* Includes extensions for handling Map and Set objects.
	*/
	function applyReviver(reviver, obj, key, val) {
		if (val && typeof val == "object") {
			if (Array.isArray(val)) for (let i = 0, len = val.length; i < len; ++i) {
				let v0 = val[i], v1 = applyReviver(reviver, val, String(i), v0);
				v1 === void 0 ? delete val[i] : v1 !== v0 && (val[i] = v1);
			}
			else if (val instanceof Map) for (let k of Array.from(val.keys())) {
				let v0 = val.get(k), v1 = applyReviver(reviver, val, k, v0);
				v1 === void 0 ? val.delete(k) : v1 !== v0 && val.set(k, v1);
			}
			else if (val instanceof Set) for (let v0 of Array.from(val)) {
				let v1 = applyReviver(reviver, val, v0, v0);
				v1 === void 0 ? val.delete(v0) : v1 !== v0 && (val.delete(v0), val.add(v1));
			}
			else for (let [k, v0] of Object.entries(val)) {
				let v1 = applyReviver(reviver, val, k, v0);
				v1 === void 0 ? delete val[k] : v1 !== v0 && (val[k] = v1);
			}
		}
		return reviver.call(obj, key, val);
	}
	exports.applyReviver = applyReviver;
})), require_toJS = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	/**
	* Recursively convert any node or its contents to native JavaScript
	*
	* @param value - The input value
	* @param arg - If `value` defines a `toJSON()` method, use this
	*   as its first argument
	* @param ctx - Conversion context, originally set in Document#toJS(). If
	*   `{ keep: true }` is not set, output should be suitable for JSON
	*   stringification.
	*/
	function toJS(value, arg, ctx) {
		if (Array.isArray(value)) return value.map((v, i) => toJS(v, String(i), ctx));
		if (value && typeof value.toJSON == "function") {
			if (!ctx || !identity.hasAnchor(value)) return value.toJSON(arg, ctx);
			let data = {
				aliasCount: 0,
				count: 1,
				res: void 0
			};
			ctx.anchors.set(value, data), ctx.onCreate = (res) => {
				data.res = res, delete ctx.onCreate;
			};
			let res = value.toJSON(arg, ctx);
			return ctx.onCreate && ctx.onCreate(res), res;
		}
		return typeof value == "bigint" && !ctx?.keep ? Number(value) : value;
	}
	exports.toJS = toJS;
})), require_Node = /* @__PURE__ */ __commonJSMin(((exports) => {
	var applyReviver = require_applyReviver(), identity = require_identity(), toJS = require_toJS();
	exports.NodeBase = class {
		constructor(type) {
			Object.defineProperty(this, identity.NODE_TYPE, { value: type });
		}
		/** Create a copy of this node.  */
		clone() {
			let copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
			return this.range && (copy.range = this.range.slice()), copy;
		}
		/** A plain JavaScript representation of this node. */
		toJS(doc, { mapAsMap, maxAliasCount, onAnchor, reviver } = {}) {
			if (!identity.isDocument(doc)) throw TypeError("A document argument is required");
			let ctx = {
				anchors: /* @__PURE__ */ new Map(),
				doc,
				keep: !0,
				mapAsMap: mapAsMap === !0,
				mapKeyWarned: !1,
				maxAliasCount: typeof maxAliasCount == "number" ? maxAliasCount : 100
			}, res = toJS.toJS(this, "", ctx);
			if (typeof onAnchor == "function") for (let { count, res } of ctx.anchors.values()) onAnchor(res, count);
			return typeof reviver == "function" ? applyReviver.applyReviver(reviver, { "": res }, "", res) : res;
		}
	};
})), require_Alias = /* @__PURE__ */ __commonJSMin(((exports) => {
	var anchors = require_anchors(), visit = require_visit(), identity = require_identity(), Node = require_Node(), toJS = require_toJS(), Alias = class extends Node.NodeBase {
		constructor(source) {
			super(identity.ALIAS), this.source = source, Object.defineProperty(this, "tag", { set() {
				throw Error("Alias nodes cannot have tags");
			} });
		}
		/**
		* Resolve the value of this alias within `doc`, finding the last
		* instance of the `source` anchor before this node.
		*/
		resolve(doc, ctx) {
			if (ctx?.maxAliasCount === 0) throw ReferenceError("Alias resolution is disabled");
			let nodes;
			ctx?.aliasResolveCache ? nodes = ctx.aliasResolveCache : (nodes = [], visit.visit(doc, { Node: (_key, node) => {
				(identity.isAlias(node) || identity.hasAnchor(node)) && nodes.push(node);
			} }), ctx && (ctx.aliasResolveCache = nodes));
			let found;
			for (let node of nodes) {
				if (node === this) break;
				node.anchor === this.source && (found = node);
			}
			if (found && ctx) {
				let { anchors, doc, maxAliasCount } = ctx, data = anchors.get(found);
				/* istanbul ignore if */
				if (data ||= (toJS.toJS(found, null, ctx), anchors.get(found)), data?.res === void 0) throw ReferenceError("This should not happen: Alias anchor was not resolved?");
				if (maxAliasCount >= 0 && (data.count += 1, data.aliasCount === 0 && (data.aliasCount = getAliasCount(doc, found, anchors)), data.count * data.aliasCount > maxAliasCount)) throw ReferenceError("Excessive alias count indicates a resource exhaustion attack");
			}
			return found;
		}
		toJSON(_arg, ctx) {
			if (!ctx) return { source: this.source };
			let source = this.resolve(ctx.doc, ctx);
			if (!source) {
				let msg = `Unresolved alias (the anchor must be set before the alias): ${this.source}`;
				throw ReferenceError(msg);
			}
			return ctx.anchors.get(source).res;
		}
		toString(ctx, _onComment, _onChompKeep) {
			let src = `*${this.source}`;
			if (ctx) {
				if (anchors.anchorIsValid(this.source), ctx.options.verifyAliasOrder && !ctx.anchors.has(this.source)) {
					let msg = `Unresolved alias (the anchor must be set before the alias): ${this.source}`;
					throw Error(msg);
				}
				if (ctx.implicitKey) return `${src} `;
			}
			return src;
		}
	};
	function getAliasCount(doc, node, anchors) {
		if (identity.isAlias(node)) {
			let source = node.resolve(doc), anchor = anchors && source && anchors.get(source);
			return anchor ? anchor.count * anchor.aliasCount : 0;
		}
		if (identity.isCollection(node)) {
			let count = 0;
			for (let item of node.items) {
				let c = getAliasCount(doc, item, anchors);
				c > count && (count = c);
			}
			return count;
		}
		if (identity.isPair(node)) {
			let kc = getAliasCount(doc, node.key, anchors), vc = getAliasCount(doc, node.value, anchors);
			return Math.max(kc, vc);
		}
		return 1;
	}
	exports.Alias = Alias;
})), require_Scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), Node = require_Node(), toJS = require_toJS();
	let isScalarValue = (value) => !value || typeof value != "function" && typeof value != "object";
	var Scalar = class extends Node.NodeBase {
		constructor(value) {
			super(identity.SCALAR), this.value = value;
		}
		toJSON(arg, ctx) {
			return ctx?.keep ? this.value : toJS.toJS(this.value, arg, ctx);
		}
		toString() {
			return String(this.value);
		}
	};
	Scalar.BLOCK_FOLDED = "BLOCK_FOLDED", Scalar.BLOCK_LITERAL = "BLOCK_LITERAL", Scalar.PLAIN = "PLAIN", Scalar.QUOTE_DOUBLE = "QUOTE_DOUBLE", Scalar.QUOTE_SINGLE = "QUOTE_SINGLE", exports.Scalar = Scalar, exports.isScalarValue = isScalarValue;
})), require_createNode = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias(), identity = require_identity(), Scalar = require_Scalar();
	function findTagObject(value, tagName, tags) {
		if (tagName) {
			let match = tags.filter((t) => t.tag === tagName), tagObj = match.find((t) => !t.format) ?? match[0];
			if (!tagObj) throw Error(`Tag ${tagName} not found`);
			return tagObj;
		}
		return tags.find((t) => t.identify?.(value) && !t.format);
	}
	function createNode(value, tagName, ctx) {
		if (identity.isDocument(value) && (value = value.contents), identity.isNode(value)) return value;
		if (identity.isPair(value)) {
			let map = ctx.schema[identity.MAP].createNode?.(ctx.schema, null, ctx);
			return map.items.push(value), map;
		}
		(value instanceof String || value instanceof Number || value instanceof Boolean || typeof BigInt < "u" && value instanceof BigInt) && (value = value.valueOf());
		let { aliasDuplicateObjects, onAnchor, onTagObj, schema, sourceObjects } = ctx, ref;
		if (aliasDuplicateObjects && value && typeof value == "object") {
			if (ref = sourceObjects.get(value), ref) return ref.anchor ?? (ref.anchor = onAnchor(value)), new Alias.Alias(ref.anchor);
			ref = {
				anchor: null,
				node: null
			}, sourceObjects.set(value, ref);
		}
		tagName?.startsWith("!!") && (tagName = "tag:yaml.org,2002:" + tagName.slice(2));
		let tagObj = findTagObject(value, tagName, schema.tags);
		if (!tagObj) {
			if (value && typeof value.toJSON == "function" && (value = value.toJSON()), !value || typeof value != "object") {
				let node = new Scalar.Scalar(value);
				return ref && (ref.node = node), node;
			}
			tagObj = value instanceof Map ? schema[identity.MAP] : Symbol.iterator in Object(value) ? schema[identity.SEQ] : schema[identity.MAP];
		}
		onTagObj && (onTagObj(tagObj), delete ctx.onTagObj);
		let node = tagObj?.createNode ? tagObj.createNode(ctx.schema, value, ctx) : typeof tagObj?.nodeClass?.from == "function" ? tagObj.nodeClass.from(ctx.schema, value, ctx) : new Scalar.Scalar(value);
		return tagName ? node.tag = tagName : tagObj.default || (node.tag = tagObj.tag), ref && (ref.node = node), node;
	}
	exports.createNode = createNode;
})), require_Collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode(), identity = require_identity(), Node = require_Node();
	function collectionFromPath(schema, path, value) {
		let v = value;
		for (let i = path.length - 1; i >= 0; --i) {
			let k = path[i];
			if (typeof k == "number" && Number.isInteger(k) && k >= 0) {
				let a = [];
				a[k] = v, v = a;
			} else v = /* @__PURE__ */ new Map([[k, v]]);
		}
		return createNode.createNode(v, void 0, {
			aliasDuplicateObjects: !1,
			keepUndefined: !1,
			onAnchor: () => {
				throw Error("This should not happen, please report a bug.");
			},
			schema,
			sourceObjects: /* @__PURE__ */ new Map()
		});
	}
	let isEmptyPath = (path) => path == null || typeof path == "object" && !!path[Symbol.iterator]().next().done;
	exports.Collection = class extends Node.NodeBase {
		constructor(type, schema) {
			super(type), Object.defineProperty(this, "schema", {
				value: schema,
				configurable: !0,
				enumerable: !1,
				writable: !0
			});
		}
		/**
		* Create a copy of this collection.
		*
		* @param schema - If defined, overwrites the original's schema
		*/
		clone(schema) {
			let copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
			return schema && (copy.schema = schema), copy.items = copy.items.map((it) => identity.isNode(it) || identity.isPair(it) ? it.clone(schema) : it), this.range && (copy.range = this.range.slice()), copy;
		}
		/**
		* Adds a value to the collection. For `!!map` and `!!omap` the value must
		* be a Pair instance or a `{ key, value }` object, which may not have a key
		* that already exists in the map.
		*/
		addIn(path, value) {
			if (isEmptyPath(path)) this.add(value);
			else {
				let [key, ...rest] = path, node = this.get(key, !0);
				if (identity.isCollection(node)) node.addIn(rest, value);
				else if (node === void 0 && this.schema) this.set(key, collectionFromPath(this.schema, rest, value));
				else throw Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
			}
		}
		/**
		* Removes a value from the collection.
		* @returns `true` if the item was found and removed.
		*/
		deleteIn(path) {
			let [key, ...rest] = path;
			if (rest.length === 0) return this.delete(key);
			let node = this.get(key, !0);
			if (identity.isCollection(node)) return node.deleteIn(rest);
			throw Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
		}
		/**
		* Returns item at `key`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		getIn(path, keepScalar) {
			let [key, ...rest] = path, node = this.get(key, !0);
			return rest.length === 0 ? !keepScalar && identity.isScalar(node) ? node.value : node : identity.isCollection(node) ? node.getIn(rest, keepScalar) : void 0;
		}
		hasAllNullValues(allowScalar) {
			return this.items.every((node) => {
				if (!identity.isPair(node)) return !1;
				let n = node.value;
				return n == null || allowScalar && identity.isScalar(n) && n.value == null && !n.commentBefore && !n.comment && !n.tag;
			});
		}
		/**
		* Checks if the collection includes a value with the key `key`.
		*/
		hasIn(path) {
			let [key, ...rest] = path;
			if (rest.length === 0) return this.has(key);
			let node = this.get(key, !0);
			return identity.isCollection(node) ? node.hasIn(rest) : !1;
		}
		/**
		* Sets a value in this collection. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		setIn(path, value) {
			let [key, ...rest] = path;
			if (rest.length === 0) this.set(key, value);
			else {
				let node = this.get(key, !0);
				if (identity.isCollection(node)) node.setIn(rest, value);
				else if (node === void 0 && this.schema) this.set(key, collectionFromPath(this.schema, rest, value));
				else throw Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
			}
		}
	}, exports.collectionFromPath = collectionFromPath, exports.isEmptyPath = isEmptyPath;
})), require_stringifyComment = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Stringifies a comment.
	*
	* Empty comment lines are left empty,
	* lines consisting of a single space are replaced by `#`,
	* and all other lines are prefixed with a `#`.
	*/
	let stringifyComment = (str) => str.replace(/^(?!$)(?: $)?/gm, "#");
	function indentComment(comment, indent) {
		return /^\n+$/.test(comment) ? comment.substring(1) : indent ? comment.replace(/^(?! *$)/gm, indent) : comment;
	}
	exports.indentComment = indentComment, exports.lineComment = (str, indent, comment) => str.endsWith("\n") ? indentComment(comment, indent) : comment.includes("\n") ? "\n" + indentComment(comment, indent) : (str.endsWith(" ") ? "" : " ") + comment, exports.stringifyComment = stringifyComment;
})), require_foldFlowLines = /* @__PURE__ */ __commonJSMin(((exports) => {
	let FOLD_BLOCK = "block", FOLD_QUOTED = "quoted";
	/**
	* Tries to keep input at up to `lineWidth` characters, splitting only on spaces
	* not followed by newlines or spaces unless `mode` is `'quoted'`. Lines are
	* terminated with `\n` and started with `indent`.
	*/
	function foldFlowLines(text, indent, mode = "flow", { indentAtStart, lineWidth = 80, minContentWidth = 20, onFold, onOverflow } = {}) {
		if (!lineWidth || lineWidth < 0) return text;
		lineWidth < minContentWidth && (minContentWidth = 0);
		let endStep = Math.max(1 + minContentWidth, 1 + lineWidth - indent.length);
		if (text.length <= endStep) return text;
		let folds = [], escapedFolds = {}, end = lineWidth - indent.length;
		typeof indentAtStart == "number" && (indentAtStart > lineWidth - Math.max(2, minContentWidth) ? folds.push(0) : end = lineWidth - indentAtStart);
		let split, prev, overflow = !1, i = -1, escStart = -1, escEnd = -1;
		mode === FOLD_BLOCK && (i = consumeMoreIndentedLines(text, i, indent.length), i !== -1 && (end = i + endStep));
		for (let ch; ch = text[i += 1];) {
			if (mode === FOLD_QUOTED && ch === "\\") {
				switch (escStart = i, text[i + 1]) {
					case "x":
						i += 3;
						break;
					case "u":
						i += 5;
						break;
					case "U":
						i += 9;
						break;
					default: i += 1;
				}
				escEnd = i;
			}
			if (ch === "\n") mode === FOLD_BLOCK && (i = consumeMoreIndentedLines(text, i, indent.length)), end = i + indent.length + endStep, split = void 0;
			else {
				if (ch === " " && prev && prev !== " " && prev !== "\n" && prev !== "	") {
					let next = text[i + 1];
					next && next !== " " && next !== "\n" && next !== "	" && (split = i);
				}
				if (i >= end) {
					if (split) folds.push(split), end = split + endStep, split = void 0;
					else if (mode === FOLD_QUOTED) {
						for (; prev === " " || prev === "	";) prev = ch, ch = text[i += 1], overflow = !0;
						let j = i > escEnd + 1 ? i - 2 : escStart - 1;
						if (escapedFolds[j]) return text;
						folds.push(j), escapedFolds[j] = !0, end = j + endStep, split = void 0;
					} else overflow = !0;
				}
			}
			prev = ch;
		}
		if (overflow && onOverflow && onOverflow(), folds.length === 0) return text;
		onFold && onFold();
		let res = text.slice(0, folds[0]);
		for (let i = 0; i < folds.length; ++i) {
			let fold = folds[i], end = folds[i + 1] || text.length;
			fold === 0 ? res = `\n${indent}${text.slice(0, end)}` : (mode === FOLD_QUOTED && escapedFolds[fold] && (res += `${text[fold]}\\`), res += `\n${indent}${text.slice(fold + 1, end)}`);
		}
		return res;
	}
	/**
	* Presumes `i + 1` is at the start of a line
	* @returns index of last newline in more-indented block
	*/
	function consumeMoreIndentedLines(text, i, indent) {
		let end = i, start = i + 1, ch = text[start];
		for (; ch === " " || ch === "	";) if (i < start + indent) ch = text[++i];
		else {
			do
				ch = text[++i];
			while (ch && ch !== "\n");
			end = i, start = i + 1, ch = text[start];
		}
		return end;
	}
	exports.FOLD_BLOCK = FOLD_BLOCK, exports.FOLD_FLOW = "flow", exports.FOLD_QUOTED = FOLD_QUOTED, exports.foldFlowLines = foldFlowLines;
})), require_stringifyString = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar(), foldFlowLines = require_foldFlowLines();
	let getFoldOptions = (ctx, isBlock) => ({
		indentAtStart: isBlock ? ctx.indent.length : ctx.indentAtStart,
		lineWidth: ctx.options.lineWidth,
		minContentWidth: ctx.options.minContentWidth
	}), containsDocumentMarker = (str) => /^(%|---|\.\.\.)/m.test(str);
	function lineLengthOverLimit(str, lineWidth, indentLength) {
		if (!lineWidth || lineWidth < 0) return !1;
		let limit = lineWidth - indentLength, strLen = str.length;
		if (strLen <= limit) return !1;
		for (let i = 0, start = 0; i < strLen; ++i) if (str[i] === "\n") {
			if (i - start > limit) return !0;
			if (start = i + 1, strLen - start <= limit) return !1;
		}
		return !0;
	}
	function doubleQuotedString(value, ctx) {
		let json = JSON.stringify(value);
		if (ctx.options.doubleQuotedAsJSON) return json;
		let { implicitKey } = ctx, minMultiLineLength = ctx.options.doubleQuotedMinMultiLineLength, indent = ctx.indent || (containsDocumentMarker(value) ? "  " : ""), str = "", start = 0;
		for (let i = 0, ch = json[i]; ch; ch = json[++i]) if (ch === " " && json[i + 1] === "\\" && json[i + 2] === "n" && (str += json.slice(start, i) + "\\ ", i += 1, start = i, ch = "\\"), ch === "\\") switch (json[i + 1]) {
			case "u":
				{
					str += json.slice(start, i);
					let code = json.substr(i + 2, 4);
					switch (code) {
						case "0000":
							str += "\\0";
							break;
						case "0007":
							str += "\\a";
							break;
						case "000b":
							str += "\\v";
							break;
						case "001b":
							str += "\\e";
							break;
						case "0085":
							str += "\\N";
							break;
						case "00a0":
							str += "\\_";
							break;
						case "2028":
							str += "\\L";
							break;
						case "2029":
							str += "\\P";
							break;
						default: code.substr(0, 2) === "00" ? str += "\\x" + code.substr(2) : str += json.substr(i, 6);
					}
					i += 5, start = i + 1;
				}
				break;
			case "n":
				if (implicitKey || json[i + 2] === "\"" || json.length < minMultiLineLength) i += 1;
				else {
					for (str += json.slice(start, i) + "\n\n"; json[i + 2] === "\\" && json[i + 3] === "n" && json[i + 4] !== "\"";) str += "\n", i += 2;
					str += indent, json[i + 2] === " " && (str += "\\"), i += 1, start = i + 1;
				}
				break;
			default: i += 1;
		}
		return str = start ? str + json.slice(start) : json, implicitKey ? str : foldFlowLines.foldFlowLines(str, indent, foldFlowLines.FOLD_QUOTED, getFoldOptions(ctx, !1));
	}
	function singleQuotedString(value, ctx) {
		if (ctx.options.singleQuote === !1 || ctx.implicitKey && value.includes("\n") || /[ \t]\n|\n[ \t]/.test(value)) return doubleQuotedString(value, ctx);
		let indent = ctx.indent || (containsDocumentMarker(value) ? "  " : ""), res = "'" + value.replace(/'/g, "''").replace(/\n+/g, `$&\n${indent}`) + "'";
		return ctx.implicitKey ? res : foldFlowLines.foldFlowLines(res, indent, foldFlowLines.FOLD_FLOW, getFoldOptions(ctx, !1));
	}
	function quotedString(value, ctx) {
		let { singleQuote } = ctx.options, qs;
		if (singleQuote === !1) qs = doubleQuotedString;
		else {
			let hasDouble = value.includes("\""), hasSingle = value.includes("'");
			qs = hasDouble && !hasSingle ? singleQuotedString : hasSingle && !hasDouble ? doubleQuotedString : singleQuote ? singleQuotedString : doubleQuotedString;
		}
		return qs(value, ctx);
	}
	let blockEndNewlines;
	try {
		blockEndNewlines = RegExp("(^|(?<!\n))\n+(?!\n|$)", "g");
	} catch {
		blockEndNewlines = /\n+(?!\n|$)/g;
	}
	function blockString({ comment, type, value }, ctx, onComment, onChompKeep) {
		let { blockQuote, commentString, lineWidth } = ctx.options;
		if (!blockQuote || /\n[\t ]+$/.test(value)) return quotedString(value, ctx);
		let indent = ctx.indent || (ctx.forceBlockIndent || containsDocumentMarker(value) ? "  " : ""), literal = blockQuote === "literal" ? !0 : blockQuote === "folded" || type === Scalar.Scalar.BLOCK_FOLDED ? !1 : type === Scalar.Scalar.BLOCK_LITERAL || !lineLengthOverLimit(value, lineWidth, indent.length);
		if (!value) return literal ? "|\n" : ">\n";
		let chomp, endStart;
		for (endStart = value.length; endStart > 0; --endStart) {
			let ch = value[endStart - 1];
			if (ch !== "\n" && ch !== "	" && ch !== " ") break;
		}
		let end = value.substring(endStart), endNlPos = end.indexOf("\n");
		endNlPos === -1 ? chomp = "-" : value === end || endNlPos !== end.length - 1 ? (chomp = "+", onChompKeep && onChompKeep()) : chomp = "", end &&= (value = value.slice(0, -end.length), end[end.length - 1] === "\n" && (end = end.slice(0, -1)), end.replace(blockEndNewlines, `$&${indent}`));
		let startWithSpace = !1, startEnd, startNlPos = -1;
		for (startEnd = 0; startEnd < value.length; ++startEnd) {
			let ch = value[startEnd];
			if (ch === " ") startWithSpace = !0;
			else if (ch === "\n") startNlPos = startEnd;
			else break;
		}
		let start = value.substring(0, startNlPos < startEnd ? startNlPos + 1 : startEnd);
		start &&= (value = value.substring(start.length), start.replace(/\n+/g, `$&${indent}`));
		let header = (startWithSpace ? indent ? "2" : "1" : "") + chomp;
		if (comment && (header += " " + commentString(comment.replace(/ ?[\r\n]+/g, " ")), onComment && onComment()), !literal) {
			let foldedValue = value.replace(/\n+/g, "\n$&").replace(/(?:^|\n)([\t ].*)(?:([\n\t ]*)\n(?![\n\t ]))?/g, "$1$2").replace(/\n+/g, `$&${indent}`), literalFallback = !1, foldOptions = getFoldOptions(ctx, !0);
			blockQuote !== "folded" && type !== Scalar.Scalar.BLOCK_FOLDED && (foldOptions.onOverflow = () => {
				literalFallback = !0;
			});
			let body = foldFlowLines.foldFlowLines(`${start}${foldedValue}${end}`, indent, foldFlowLines.FOLD_BLOCK, foldOptions);
			if (!literalFallback) return `>${header}\n${indent}${body}`;
		}
		return value = value.replace(/\n+/g, `$&${indent}`), `|${header}\n${indent}${start}${value}${end}`;
	}
	function plainString(item, ctx, onComment, onChompKeep) {
		let { type, value } = item, { actualString, implicitKey, indent, indentStep, inFlow } = ctx;
		if (implicitKey && value.includes("\n") || inFlow && /[[\]{},]/.test(value)) return quotedString(value, ctx);
		if (/^[\n\t ,[\]{}#&*!|>'"%@`]|^[?-]$|^[?-][ \t]|[\n:][ \t]|[ \t]\n|[\n\t ]#|[\n\t :]$/.test(value)) return implicitKey || inFlow || !value.includes("\n") ? quotedString(value, ctx) : blockString(item, ctx, onComment, onChompKeep);
		if (!implicitKey && !inFlow && type !== Scalar.Scalar.PLAIN && value.includes("\n")) return blockString(item, ctx, onComment, onChompKeep);
		if (containsDocumentMarker(value)) {
			if (indent === "") return ctx.forceBlockIndent = !0, blockString(item, ctx, onComment, onChompKeep);
			if (implicitKey && indent === indentStep) return quotedString(value, ctx);
		}
		let str = value.replace(/\n+/g, `$&\n${indent}`);
		if (actualString) {
			let test = (tag) => tag.default && tag.tag !== "tag:yaml.org,2002:str" && tag.test?.test(str), { compat, tags } = ctx.doc.schema;
			if (tags.some(test) || compat?.some(test)) return quotedString(value, ctx);
		}
		return implicitKey ? str : foldFlowLines.foldFlowLines(str, indent, foldFlowLines.FOLD_FLOW, getFoldOptions(ctx, !1));
	}
	function stringifyString(item, ctx, onComment, onChompKeep) {
		let { implicitKey, inFlow } = ctx, ss = typeof item.value == "string" ? item : Object.assign({}, item, { value: String(item.value) }), { type } = item;
		type !== Scalar.Scalar.QUOTE_DOUBLE && /[\x00-\x08\x0b-\x1f\x7f-\x9f\u{D800}-\u{DFFF}]/u.test(ss.value) && (type = Scalar.Scalar.QUOTE_DOUBLE);
		let _stringify = (_type) => {
			switch (_type) {
				case Scalar.Scalar.BLOCK_FOLDED:
				case Scalar.Scalar.BLOCK_LITERAL: return implicitKey || inFlow ? quotedString(ss.value, ctx) : blockString(ss, ctx, onComment, onChompKeep);
				case Scalar.Scalar.QUOTE_DOUBLE: return doubleQuotedString(ss.value, ctx);
				case Scalar.Scalar.QUOTE_SINGLE: return singleQuotedString(ss.value, ctx);
				case Scalar.Scalar.PLAIN: return plainString(ss, ctx, onComment, onChompKeep);
				default: return null;
			}
		}, res = _stringify(type);
		if (res === null) {
			let { defaultKeyType, defaultStringType } = ctx.options, t = implicitKey && defaultKeyType || defaultStringType;
			if (res = _stringify(t), res === null) throw Error(`Unsupported default string type ${t}`);
		}
		return res;
	}
	exports.stringifyString = stringifyString;
})), require_stringify = /* @__PURE__ */ __commonJSMin(((exports) => {
	var anchors = require_anchors(), identity = require_identity(), stringifyComment = require_stringifyComment(), stringifyString = require_stringifyString();
	function createStringifyContext(doc, options) {
		let opt = Object.assign({
			blockQuote: !0,
			commentString: stringifyComment.stringifyComment,
			defaultKeyType: null,
			defaultStringType: "PLAIN",
			directives: null,
			doubleQuotedAsJSON: !1,
			doubleQuotedMinMultiLineLength: 40,
			falseStr: "false",
			flowCollectionPadding: !0,
			indentSeq: !0,
			lineWidth: 80,
			minContentWidth: 20,
			nullStr: "null",
			simpleKeys: !1,
			singleQuote: null,
			trailingComma: !1,
			trueStr: "true",
			verifyAliasOrder: !0
		}, doc.schema.toStringOptions, options), inFlow;
		switch (opt.collectionStyle) {
			case "block":
				inFlow = !1;
				break;
			case "flow":
				inFlow = !0;
				break;
			default: inFlow = null;
		}
		return {
			anchors: /* @__PURE__ */ new Set(),
			doc,
			flowCollectionPadding: opt.flowCollectionPadding ? " " : "",
			indent: "",
			indentStep: typeof opt.indent == "number" ? " ".repeat(opt.indent) : "  ",
			inFlow,
			options: opt
		};
	}
	function getTagObject(tags, item) {
		if (item.tag) {
			let match = tags.filter((t) => t.tag === item.tag);
			if (match.length > 0) return match.find((t) => t.format === item.format) ?? match[0];
		}
		let tagObj, obj;
		if (identity.isScalar(item)) {
			obj = item.value;
			let match = tags.filter((t) => t.identify?.(obj));
			if (match.length > 1) {
				let testMatch = match.filter((t) => t.test);
				testMatch.length > 0 && (match = testMatch);
			}
			tagObj = match.find((t) => t.format === item.format) ?? match.find((t) => !t.format);
		} else obj = item, tagObj = tags.find((t) => t.nodeClass && obj instanceof t.nodeClass);
		if (!tagObj) {
			let name = obj?.constructor?.name ?? (obj === null ? "null" : typeof obj);
			throw Error(`Tag not resolved for ${name} value`);
		}
		return tagObj;
	}
	function stringifyProps(node, tagObj, { anchors: anchors$1, doc }) {
		if (!doc.directives) return "";
		let props = [], anchor = (identity.isScalar(node) || identity.isCollection(node)) && node.anchor;
		anchor && anchors.anchorIsValid(anchor) && (anchors$1.add(anchor), props.push(`&${anchor}`));
		let tag = node.tag ?? (tagObj.default ? null : tagObj.tag);
		return tag && props.push(doc.directives.tagString(tag)), props.join(" ");
	}
	function stringify(item, ctx, onComment, onChompKeep) {
		if (identity.isPair(item)) return item.toString(ctx, onComment, onChompKeep);
		if (identity.isAlias(item)) {
			if (ctx.doc.directives) return item.toString(ctx);
			if (ctx.resolvedAliases?.has(item)) throw TypeError("Cannot stringify circular structure without alias nodes");
			ctx.resolvedAliases ? ctx.resolvedAliases.add(item) : ctx.resolvedAliases = /* @__PURE__ */ new Set([item]), item = item.resolve(ctx.doc);
		}
		let tagObj, node = identity.isNode(item) ? item : ctx.doc.createNode(item, { onTagObj: (o) => tagObj = o });
		tagObj ??= getTagObject(ctx.doc.schema.tags, node);
		let props = stringifyProps(node, tagObj, ctx);
		props.length > 0 && (ctx.indentAtStart = (ctx.indentAtStart ?? 0) + props.length + 1);
		let str = typeof tagObj.stringify == "function" ? tagObj.stringify(node, ctx, onComment, onChompKeep) : identity.isScalar(node) ? stringifyString.stringifyString(node, ctx, onComment, onChompKeep) : node.toString(ctx, onComment, onChompKeep);
		return props ? identity.isScalar(node) || str[0] === "{" || str[0] === "[" ? `${props} ${str}` : `${props}\n${ctx.indent}${str}` : str;
	}
	exports.createStringifyContext = createStringifyContext, exports.stringify = stringify;
})), require_stringifyPair = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), Scalar = require_Scalar(), stringify = require_stringify(), stringifyComment = require_stringifyComment();
	function stringifyPair({ key, value }, ctx, onComment, onChompKeep) {
		let { allNullValues, doc, indent, indentStep, options: { commentString, indentSeq, simpleKeys } } = ctx, keyComment = identity.isNode(key) && key.comment || null;
		if (simpleKeys) {
			if (keyComment) throw Error("With simple keys, key nodes cannot have comments");
			if (identity.isCollection(key) || !identity.isNode(key) && typeof key == "object") throw Error("With simple keys, collection cannot be used as a key value");
		}
		let explicitKey = !simpleKeys && (!key || keyComment && value == null && !ctx.inFlow || identity.isCollection(key) || (identity.isScalar(key) ? key.type === Scalar.Scalar.BLOCK_FOLDED || key.type === Scalar.Scalar.BLOCK_LITERAL : typeof key == "object"));
		ctx = Object.assign({}, ctx, {
			allNullValues: !1,
			implicitKey: !explicitKey && (simpleKeys || !allNullValues),
			indent: indent + indentStep
		});
		let keyCommentDone = !1, chompKeep = !1, str = stringify.stringify(key, ctx, () => keyCommentDone = !0, () => chompKeep = !0);
		if (!explicitKey && !ctx.inFlow && str.length > 1024) {
			if (simpleKeys) throw Error("With simple keys, single line scalar must not span more than 1024 characters");
			explicitKey = !0;
		}
		if (ctx.inFlow) {
			if (allNullValues || value == null) return keyCommentDone && onComment && onComment(), str === "" ? "?" : explicitKey ? `? ${str}` : str;
		} else if (allNullValues && !simpleKeys || value == null && explicitKey) return str = `? ${str}`, keyComment && !keyCommentDone ? str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment)) : chompKeep && onChompKeep && onChompKeep(), str;
		keyCommentDone && (keyComment = null), explicitKey ? (keyComment && (str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment))), str = `? ${str}\n${indent}:`) : (str = `${str}:`, keyComment && (str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment))));
		let vsb, vcb, valueComment;
		identity.isNode(value) ? (vsb = !!value.spaceBefore, vcb = value.commentBefore, valueComment = value.comment) : (vsb = !1, vcb = null, valueComment = null, value && typeof value == "object" && (value = doc.createNode(value))), ctx.implicitKey = !1, !explicitKey && !keyComment && identity.isScalar(value) && (ctx.indentAtStart = str.length + 1), chompKeep = !1, !indentSeq && indentStep.length >= 2 && !ctx.inFlow && !explicitKey && identity.isSeq(value) && !value.flow && !value.tag && !value.anchor && (ctx.indent = ctx.indent.substring(2));
		let valueCommentDone = !1, valueStr = stringify.stringify(value, ctx, () => valueCommentDone = !0, () => chompKeep = !0), ws = " ";
		if (keyComment || vsb || vcb) {
			if (ws = vsb ? "\n" : "", vcb) {
				let cs = commentString(vcb);
				ws += `\n${stringifyComment.indentComment(cs, ctx.indent)}`;
			}
			valueStr === "" && !ctx.inFlow ? ws === "\n" && valueComment && (ws = "\n\n") : ws += `\n${ctx.indent}`;
		} else if (!explicitKey && identity.isCollection(value)) {
			let vs0 = valueStr[0], nl0 = valueStr.indexOf("\n"), hasNewline = nl0 !== -1, flow = ctx.inFlow ?? value.flow ?? value.items.length === 0;
			if (hasNewline || !flow) {
				let hasPropsLine = !1;
				if (hasNewline && (vs0 === "&" || vs0 === "!")) {
					let sp0 = valueStr.indexOf(" ");
					vs0 === "&" && sp0 !== -1 && sp0 < nl0 && valueStr[sp0 + 1] === "!" && (sp0 = valueStr.indexOf(" ", sp0 + 1)), (sp0 === -1 || nl0 < sp0) && (hasPropsLine = !0);
				}
				hasPropsLine || (ws = `\n${ctx.indent}`);
			}
		} else (valueStr === "" || valueStr[0] === "\n") && (ws = "");
		return str += ws + valueStr, ctx.inFlow ? valueCommentDone && onComment && onComment() : valueComment && !valueCommentDone ? str += stringifyComment.lineComment(str, ctx.indent, commentString(valueComment)) : chompKeep && onChompKeep && onChompKeep(), str;
	}
	exports.stringifyPair = stringifyPair;
})), require_log = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process");
	function debug(logLevel, ...messages) {
		logLevel === "debug" && console.log(...messages);
	}
	function warn(logLevel, warning) {
		(logLevel === "debug" || logLevel === "warn") && (typeof node_process.emitWarning == "function" ? node_process.emitWarning(warning) : console.warn(warning));
	}
	exports.debug = debug, exports.warn = warn;
})), require_merge = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), Scalar = require_Scalar();
	let merge = {
		identify: (value) => value === "<<" || typeof value == "symbol" && value.description === "<<",
		default: "key",
		tag: "tag:yaml.org,2002:merge",
		test: /^<<$/,
		resolve: () => Object.assign(new Scalar.Scalar(Symbol("<<")), { addToJSMap: addMergeToJSMap }),
		stringify: () => "<<"
	}, isMergeKey = (ctx, key) => (merge.identify(key) || identity.isScalar(key) && (!key.type || key.type === Scalar.Scalar.PLAIN) && merge.identify(key.value)) && ctx?.doc.schema.tags.some((tag) => tag.tag === merge.tag && tag.default);
	function addMergeToJSMap(ctx, map, value) {
		let source = resolveAliasValue(ctx, value);
		if (identity.isSeq(source)) for (let it of source.items) mergeValue(ctx, map, it);
		else if (Array.isArray(source)) for (let it of source) mergeValue(ctx, map, it);
		else mergeValue(ctx, map, source);
	}
	function mergeValue(ctx, map, value) {
		let source = resolveAliasValue(ctx, value);
		if (!identity.isMap(source)) throw Error("Merge sources must be maps or map aliases");
		let srcMap = source.toJSON(null, ctx, Map);
		for (let [key, value] of srcMap) map instanceof Map ? map.has(key) || map.set(key, value) : map instanceof Set ? map.add(key) : Object.prototype.hasOwnProperty.call(map, key) || Object.defineProperty(map, key, {
			value,
			writable: !0,
			enumerable: !0,
			configurable: !0
		});
		return map;
	}
	function resolveAliasValue(ctx, value) {
		return ctx && identity.isAlias(value) ? value.resolve(ctx.doc, ctx) : value;
	}
	exports.addMergeToJSMap = addMergeToJSMap, exports.isMergeKey = isMergeKey, exports.merge = merge;
})), require_addPairToJSMap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var log = require_log(), merge = require_merge(), stringify = require_stringify(), identity = require_identity(), toJS = require_toJS();
	function addPairToJSMap(ctx, map, { key, value }) {
		if (identity.isNode(key) && key.addToJSMap) key.addToJSMap(ctx, map, value);
		else if (merge.isMergeKey(ctx, key)) merge.addMergeToJSMap(ctx, map, value);
		else {
			let jsKey = toJS.toJS(key, "", ctx);
			if (map instanceof Map) map.set(jsKey, toJS.toJS(value, jsKey, ctx));
			else if (map instanceof Set) map.add(jsKey);
			else {
				let stringKey = stringifyKey(key, jsKey, ctx), jsValue = toJS.toJS(value, stringKey, ctx);
				stringKey in map ? Object.defineProperty(map, stringKey, {
					value: jsValue,
					writable: !0,
					enumerable: !0,
					configurable: !0
				}) : map[stringKey] = jsValue;
			}
		}
		return map;
	}
	function stringifyKey(key, jsKey, ctx) {
		if (jsKey === null) return "";
		if (typeof jsKey != "object") return String(jsKey);
		if (identity.isNode(key) && ctx?.doc) {
			let strCtx = stringify.createStringifyContext(ctx.doc, {});
			strCtx.anchors = /* @__PURE__ */ new Set();
			for (let node of ctx.anchors.keys()) strCtx.anchors.add(node.anchor);
			strCtx.inFlow = !0, strCtx.inStringifyKey = !0;
			let strKey = key.toString(strCtx);
			if (!ctx.mapKeyWarned) {
				let jsonStr = JSON.stringify(strKey);
				jsonStr.length > 40 && (jsonStr = jsonStr.substring(0, 36) + "...\""), log.warn(ctx.doc.options.logLevel, `Keys with collection values will be stringified due to JS Object restrictions: ${jsonStr}. Set mapAsMap: true to use object keys.`), ctx.mapKeyWarned = !0;
			}
			return strKey;
		}
		return JSON.stringify(jsKey);
	}
	exports.addPairToJSMap = addPairToJSMap;
})), require_Pair = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode(), stringifyPair = require_stringifyPair(), addPairToJSMap = require_addPairToJSMap(), identity = require_identity();
	function createPair(key, value, ctx) {
		return new Pair(createNode.createNode(key, void 0, ctx), createNode.createNode(value, void 0, ctx));
	}
	var Pair = class Pair {
		constructor(key, value = null) {
			Object.defineProperty(this, identity.NODE_TYPE, { value: identity.PAIR }), this.key = key, this.value = value;
		}
		clone(schema) {
			let { key, value } = this;
			return identity.isNode(key) && (key = key.clone(schema)), identity.isNode(value) && (value = value.clone(schema)), new Pair(key, value);
		}
		toJSON(_, ctx) {
			let pair = ctx?.mapAsMap ? /* @__PURE__ */ new Map() : {};
			return addPairToJSMap.addPairToJSMap(ctx, pair, this);
		}
		toString(ctx, onComment, onChompKeep) {
			return ctx?.doc ? stringifyPair.stringifyPair(this, ctx, onComment, onChompKeep) : JSON.stringify(this);
		}
	};
	exports.Pair = Pair, exports.createPair = createPair;
})), require_stringifyCollection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), stringify = require_stringify(), stringifyComment = require_stringifyComment();
	function stringifyCollection(collection, ctx, options) {
		return (ctx.inFlow ?? collection.flow ? stringifyFlowCollection : stringifyBlockCollection)(collection, ctx, options);
	}
	function stringifyBlockCollection({ comment, items }, ctx, { blockItemPrefix, flowChars, itemIndent, onChompKeep, onComment }) {
		let { indent, options: { commentString } } = ctx, itemCtx = Object.assign({}, ctx, {
			indent: itemIndent,
			type: null
		}), chompKeep = !1, lines = [];
		for (let i = 0; i < items.length; ++i) {
			let item = items[i], comment = null;
			if (identity.isNode(item)) !chompKeep && item.spaceBefore && lines.push(""), addCommentBefore(ctx, lines, item.commentBefore, chompKeep), item.comment && (comment = item.comment);
			else if (identity.isPair(item)) {
				let ik = identity.isNode(item.key) ? item.key : null;
				ik && (!chompKeep && ik.spaceBefore && lines.push(""), addCommentBefore(ctx, lines, ik.commentBefore, chompKeep));
			}
			chompKeep = !1;
			let str = stringify.stringify(item, itemCtx, () => comment = null, () => chompKeep = !0);
			comment && (str += stringifyComment.lineComment(str, itemIndent, commentString(comment))), chompKeep && comment && (chompKeep = !1), lines.push(blockItemPrefix + str);
		}
		let str;
		if (lines.length === 0) str = flowChars.start + flowChars.end;
		else {
			str = lines[0];
			for (let i = 1; i < lines.length; ++i) {
				let line = lines[i];
				str += line ? `\n${indent}${line}` : "\n";
			}
		}
		return comment ? (str += "\n" + stringifyComment.indentComment(commentString(comment), indent), onComment && onComment()) : chompKeep && onChompKeep && onChompKeep(), str;
	}
	function stringifyFlowCollection({ items }, ctx, { flowChars, itemIndent }) {
		let { indent, indentStep, flowCollectionPadding: fcPadding, options: { commentString } } = ctx;
		itemIndent += indentStep;
		let itemCtx = Object.assign({}, ctx, {
			indent: itemIndent,
			inFlow: !0,
			type: null
		}), reqNewline = !1, linesAtValue = 0, lines = [];
		for (let i = 0; i < items.length; ++i) {
			let item = items[i], comment = null;
			if (identity.isNode(item)) item.spaceBefore && lines.push(""), addCommentBefore(ctx, lines, item.commentBefore, !1), item.comment && (comment = item.comment);
			else if (identity.isPair(item)) {
				let ik = identity.isNode(item.key) ? item.key : null;
				ik && (ik.spaceBefore && lines.push(""), addCommentBefore(ctx, lines, ik.commentBefore, !1), ik.comment && (reqNewline = !0));
				let iv = identity.isNode(item.value) ? item.value : null;
				iv ? (iv.comment && (comment = iv.comment), iv.commentBefore && (reqNewline = !0)) : item.value == null && ik?.comment && (comment = ik.comment);
			}
			comment && (reqNewline = !0);
			let str = stringify.stringify(item, itemCtx, () => comment = null);
			reqNewline ||= lines.length > linesAtValue || str.includes("\n"), i < items.length - 1 ? str += "," : ctx.options.trailingComma && (ctx.options.lineWidth > 0 && (reqNewline ||= lines.reduce((sum, line) => sum + line.length + 2, 2) + (str.length + 2) > ctx.options.lineWidth), reqNewline && (str += ",")), comment && (str += stringifyComment.lineComment(str, itemIndent, commentString(comment))), lines.push(str), linesAtValue = lines.length;
		}
		let { start, end } = flowChars;
		if (lines.length === 0) return start + end;
		if (!reqNewline) {
			let len = lines.reduce((sum, line) => sum + line.length + 2, 2);
			reqNewline = ctx.options.lineWidth > 0 && len > ctx.options.lineWidth;
		}
		if (reqNewline) {
			let str = start;
			for (let line of lines) str += line ? `\n${indentStep}${indent}${line}` : "\n";
			return `${str}\n${indent}${end}`;
		}
		return `${start}${fcPadding}${lines.join(" ")}${fcPadding}${end}`;
	}
	function addCommentBefore({ indent, options: { commentString } }, lines, comment, chompKeep) {
		if (comment && chompKeep && (comment = comment.replace(/^\n+/, "")), comment) {
			let ic = stringifyComment.indentComment(commentString(comment), indent);
			lines.push(ic.trimStart());
		}
	}
	exports.stringifyCollection = stringifyCollection;
})), require_YAMLMap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyCollection = require_stringifyCollection(), addPairToJSMap = require_addPairToJSMap(), Collection = require_Collection(), identity = require_identity(), Pair = require_Pair(), Scalar = require_Scalar();
	function findPair(items, key) {
		let k = identity.isScalar(key) ? key.value : key;
		for (let it of items) if (identity.isPair(it) && (it.key === key || it.key === k || identity.isScalar(it.key) && it.key.value === k)) return it;
	}
	exports.YAMLMap = class extends Collection.Collection {
		static get tagName() {
			return "tag:yaml.org,2002:map";
		}
		constructor(schema) {
			super(identity.MAP, schema), this.items = [];
		}
		/**
		* A generic collection parsing method that can be extended
		* to other node classes that inherit from YAMLMap
		*/
		static from(schema, obj, ctx) {
			let { keepUndefined, replacer } = ctx, map = new this(schema), add = (key, value) => {
				if (typeof replacer == "function") value = replacer.call(obj, key, value);
				else if (Array.isArray(replacer) && !replacer.includes(key)) return;
				(value !== void 0 || keepUndefined) && map.items.push(Pair.createPair(key, value, ctx));
			};
			if (obj instanceof Map) for (let [key, value] of obj) add(key, value);
			else if (obj && typeof obj == "object") for (let key of Object.keys(obj)) add(key, obj[key]);
			return typeof schema.sortMapEntries == "function" && map.items.sort(schema.sortMapEntries), map;
		}
		/**
		* Adds a value to the collection.
		*
		* @param overwrite - If not set `true`, using a key that is already in the
		*   collection will throw. Otherwise, overwrites the previous value.
		*/
		add(pair, overwrite) {
			let _pair;
			_pair = identity.isPair(pair) ? pair : !pair || typeof pair != "object" || !("key" in pair) ? new Pair.Pair(pair, pair?.value) : new Pair.Pair(pair.key, pair.value);
			let prev = findPair(this.items, _pair.key), sortEntries = this.schema?.sortMapEntries;
			if (prev) {
				if (!overwrite) throw Error(`Key ${_pair.key} already set`);
				identity.isScalar(prev.value) && Scalar.isScalarValue(_pair.value) ? prev.value.value = _pair.value : prev.value = _pair.value;
			} else if (sortEntries) {
				let i = this.items.findIndex((item) => sortEntries(_pair, item) < 0);
				i === -1 ? this.items.push(_pair) : this.items.splice(i, 0, _pair);
			} else this.items.push(_pair);
		}
		delete(key) {
			let it = findPair(this.items, key);
			return it ? this.items.splice(this.items.indexOf(it), 1).length > 0 : !1;
		}
		get(key, keepScalar) {
			let node = findPair(this.items, key)?.value;
			return (!keepScalar && identity.isScalar(node) ? node.value : node) ?? void 0;
		}
		has(key) {
			return !!findPair(this.items, key);
		}
		set(key, value) {
			this.add(new Pair.Pair(key, value), !0);
		}
		/**
		* @param ctx - Conversion context, originally set in Document#toJS()
		* @param {Class} Type - If set, forces the returned collection type
		* @returns Instance of Type, Map, or Object
		*/
		toJSON(_, ctx, Type) {
			let map = Type ? new Type() : ctx?.mapAsMap ? /* @__PURE__ */ new Map() : {};
			ctx?.onCreate && ctx.onCreate(map);
			for (let item of this.items) addPairToJSMap.addPairToJSMap(ctx, map, item);
			return map;
		}
		toString(ctx, onComment, onChompKeep) {
			if (!ctx) return JSON.stringify(this);
			for (let item of this.items) if (!identity.isPair(item)) throw Error(`Map items must all be pairs; found ${JSON.stringify(item)} instead`);
			return !ctx.allNullValues && this.hasAllNullValues(!1) && (ctx = Object.assign({}, ctx, { allNullValues: !0 })), stringifyCollection.stringifyCollection(this, ctx, {
				blockItemPrefix: "",
				flowChars: {
					start: "{",
					end: "}"
				},
				itemIndent: ctx.indent || "",
				onChompKeep,
				onComment
			});
		}
	}, exports.findPair = findPair;
})), require_map = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), YAMLMap = require_YAMLMap();
	exports.map = {
		collection: "map",
		default: !0,
		nodeClass: YAMLMap.YAMLMap,
		tag: "tag:yaml.org,2002:map",
		resolve(map, onError) {
			return identity.isMap(map) || onError("Expected a mapping for this tag"), map;
		},
		createNode: (schema, obj, ctx) => YAMLMap.YAMLMap.from(schema, obj, ctx)
	};
})), require_YAMLSeq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode(), stringifyCollection = require_stringifyCollection(), Collection = require_Collection(), identity = require_identity(), Scalar = require_Scalar(), toJS = require_toJS(), YAMLSeq = class extends Collection.Collection {
		static get tagName() {
			return "tag:yaml.org,2002:seq";
		}
		constructor(schema) {
			super(identity.SEQ, schema), this.items = [];
		}
		add(value) {
			this.items.push(value);
		}
		/**
		* Removes a value from the collection.
		*
		* `key` must contain a representation of an integer for this to succeed.
		* It may be wrapped in a `Scalar`.
		*
		* @returns `true` if the item was found and removed.
		*/
		delete(key) {
			let idx = asItemIndex(key);
			return typeof idx == "number" && this.items.splice(idx, 1).length > 0;
		}
		get(key, keepScalar) {
			let idx = asItemIndex(key);
			if (typeof idx != "number") return;
			let it = this.items[idx];
			return !keepScalar && identity.isScalar(it) ? it.value : it;
		}
		/**
		* Checks if the collection includes a value with the key `key`.
		*
		* `key` must contain a representation of an integer for this to succeed.
		* It may be wrapped in a `Scalar`.
		*/
		has(key) {
			let idx = asItemIndex(key);
			return typeof idx == "number" && idx < this.items.length;
		}
		/**
		* Sets a value in this collection. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*
		* If `key` does not contain a representation of an integer, this will throw.
		* It may be wrapped in a `Scalar`.
		*/
		set(key, value) {
			let idx = asItemIndex(key);
			if (typeof idx != "number") throw Error(`Expected a valid index, not ${key}.`);
			let prev = this.items[idx];
			identity.isScalar(prev) && Scalar.isScalarValue(value) ? prev.value = value : this.items[idx] = value;
		}
		toJSON(_, ctx) {
			let seq = [];
			ctx?.onCreate && ctx.onCreate(seq);
			let i = 0;
			for (let item of this.items) seq.push(toJS.toJS(item, String(i++), ctx));
			return seq;
		}
		toString(ctx, onComment, onChompKeep) {
			return ctx ? stringifyCollection.stringifyCollection(this, ctx, {
				blockItemPrefix: "- ",
				flowChars: {
					start: "[",
					end: "]"
				},
				itemIndent: (ctx.indent || "") + "  ",
				onChompKeep,
				onComment
			}) : JSON.stringify(this);
		}
		static from(schema, obj, ctx) {
			let { replacer } = ctx, seq = new this(schema);
			if (obj && Symbol.iterator in Object(obj)) {
				let i = 0;
				for (let it of obj) {
					if (typeof replacer == "function") {
						let key = obj instanceof Set ? it : String(i++);
						it = replacer.call(obj, key, it);
					}
					seq.items.push(createNode.createNode(it, void 0, ctx));
				}
			}
			return seq;
		}
	};
	function asItemIndex(key) {
		let idx = identity.isScalar(key) ? key.value : key;
		return idx && typeof idx == "string" && (idx = Number(idx)), typeof idx == "number" && Number.isInteger(idx) && idx >= 0 ? idx : null;
	}
	exports.YAMLSeq = YAMLSeq;
})), require_seq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), YAMLSeq = require_YAMLSeq();
	exports.seq = {
		collection: "seq",
		default: !0,
		nodeClass: YAMLSeq.YAMLSeq,
		tag: "tag:yaml.org,2002:seq",
		resolve(seq, onError) {
			return identity.isSeq(seq) || onError("Expected a sequence for this tag"), seq;
		},
		createNode: (schema, obj, ctx) => YAMLSeq.YAMLSeq.from(schema, obj, ctx)
	};
})), require_string = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyString = require_stringifyString();
	exports.string = {
		identify: (value) => typeof value == "string",
		default: !0,
		tag: "tag:yaml.org,2002:str",
		resolve: (str) => str,
		stringify(item, ctx, onComment, onChompKeep) {
			return ctx = Object.assign({ actualString: !0 }, ctx), stringifyString.stringifyString(item, ctx, onComment, onChompKeep);
		}
	};
})), require_null = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	let nullTag = {
		identify: (value) => value == null,
		createNode: () => new Scalar.Scalar(null),
		default: !0,
		tag: "tag:yaml.org,2002:null",
		test: /^(?:~|[Nn]ull|NULL)?$/,
		resolve: () => new Scalar.Scalar(null),
		stringify: ({ source }, ctx) => typeof source == "string" && nullTag.test.test(source) ? source : ctx.options.nullStr
	};
	exports.nullTag = nullTag;
})), require_bool$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	let boolTag = {
		identify: (value) => typeof value == "boolean",
		default: !0,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$/,
		resolve: (str) => new Scalar.Scalar(str[0] === "t" || str[0] === "T"),
		stringify({ source, value }, ctx) {
			return source && boolTag.test.test(source) && value === (source[0] === "t" || source[0] === "T") ? source : value ? ctx.options.trueStr : ctx.options.falseStr;
		}
	};
	exports.boolTag = boolTag;
})), require_stringifyNumber = /* @__PURE__ */ __commonJSMin(((exports) => {
	function stringifyNumber({ format, minFractionDigits, tag, value }) {
		if (typeof value == "bigint") return String(value);
		let num = typeof value == "number" ? value : Number(value);
		if (!isFinite(num)) return isNaN(num) ? ".nan" : num < 0 ? "-.inf" : ".inf";
		let n = Object.is(value, -0) ? "-0" : JSON.stringify(value);
		if (!format && minFractionDigits && (!tag || tag === "tag:yaml.org,2002:float") && /^-?\d/.test(n) && !n.includes("e")) {
			let i = n.indexOf(".");
			i < 0 && (i = n.length, n += ".");
			let d = minFractionDigits - (n.length - i - 1);
			for (; d-- > 0;) n += "0";
		}
		return n;
	}
	exports.stringifyNumber = stringifyNumber;
})), require_float$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar(), stringifyNumber = require_stringifyNumber();
	let floatNaN = {
		identify: (value) => typeof value == "number",
		default: !0,
		tag: "tag:yaml.org,2002:float",
		test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
		resolve: (str) => str.slice(-3).toLowerCase() === "nan" ? NaN : str[0] === "-" ? -1e400 : 1e400,
		stringify: stringifyNumber.stringifyNumber
	};
	exports.float = {
		identify: (value) => typeof value == "number",
		default: !0,
		tag: "tag:yaml.org,2002:float",
		test: /^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)$/,
		resolve(str) {
			let node = new Scalar.Scalar(parseFloat(str)), dot = str.indexOf(".");
			return dot !== -1 && str[str.length - 1] === "0" && (node.minFractionDigits = str.length - dot - 1), node;
		},
		stringify: stringifyNumber.stringifyNumber
	}, exports.floatExp = {
		identify: (value) => typeof value == "number",
		default: !0,
		tag: "tag:yaml.org,2002:float",
		format: "EXP",
		test: /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+$/,
		resolve: (str) => parseFloat(str),
		stringify(node) {
			let num = Number(node.value);
			return isFinite(num) ? num.toExponential() : stringifyNumber.stringifyNumber(node);
		}
	}, exports.floatNaN = floatNaN;
})), require_int$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	let intIdentify = (value) => typeof value == "bigint" || Number.isInteger(value), intResolve = (str, offset, radix, { intAsBigInt }) => intAsBigInt ? BigInt(str) : parseInt(str.substring(offset), radix);
	function intStringify(node, radix, prefix) {
		let { value } = node;
		return intIdentify(value) && value >= 0 ? prefix + value.toString(radix) : stringifyNumber.stringifyNumber(node);
	}
	exports.int = {
		identify: intIdentify,
		default: !0,
		tag: "tag:yaml.org,2002:int",
		test: /^[-+]?[0-9]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 0, 10, opt),
		stringify: stringifyNumber.stringifyNumber
	}, exports.intHex = {
		identify: (value) => intIdentify(value) && value >= 0,
		default: !0,
		tag: "tag:yaml.org,2002:int",
		format: "HEX",
		test: /^0x[0-9a-fA-F]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 16, opt),
		stringify: (node) => intStringify(node, 16, "0x")
	}, exports.intOct = {
		identify: (value) => intIdentify(value) && value >= 0,
		default: !0,
		tag: "tag:yaml.org,2002:int",
		format: "OCT",
		test: /^0o[0-7]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 8, opt),
		stringify: (node) => intStringify(node, 8, "0o")
	};
})), require_schema$2 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map(), _null = require_null(), seq = require_seq(), string = require_string(), bool = require_bool$1(), float = require_float$1(), int = require_int$1();
	exports.schema = [
		map.map,
		seq.seq,
		string.string,
		_null.nullTag,
		bool.boolTag,
		int.intOct,
		int.int,
		int.intHex,
		float.floatNaN,
		float.floatExp,
		float.float
	];
})), require_schema$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar(), map = require_map(), seq = require_seq();
	function intIdentify(value) {
		return typeof value == "bigint" || Number.isInteger(value);
	}
	let stringifyJSON = ({ value }) => JSON.stringify(value), jsonScalars = [
		{
			identify: (value) => typeof value == "string",
			default: !0,
			tag: "tag:yaml.org,2002:str",
			resolve: (str) => str,
			stringify: stringifyJSON
		},
		{
			identify: (value) => value == null,
			createNode: () => new Scalar.Scalar(null),
			default: !0,
			tag: "tag:yaml.org,2002:null",
			test: /^null$/,
			resolve: () => null,
			stringify: stringifyJSON
		},
		{
			identify: (value) => typeof value == "boolean",
			default: !0,
			tag: "tag:yaml.org,2002:bool",
			test: /^true$|^false$/,
			resolve: (str) => str === "true",
			stringify: stringifyJSON
		},
		{
			identify: intIdentify,
			default: !0,
			tag: "tag:yaml.org,2002:int",
			test: /^-?(?:0|[1-9][0-9]*)$/,
			resolve: (str, _onError, { intAsBigInt }) => intAsBigInt ? BigInt(str) : parseInt(str, 10),
			stringify: ({ value }) => intIdentify(value) ? value.toString() : JSON.stringify(value)
		},
		{
			identify: (value) => typeof value == "number",
			default: !0,
			tag: "tag:yaml.org,2002:float",
			test: /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$/,
			resolve: (str) => parseFloat(str),
			stringify: stringifyJSON
		}
	];
	exports.schema = [map.map, seq.seq].concat(jsonScalars, {
		default: !0,
		tag: "",
		test: /^/,
		resolve(str, onError) {
			return onError(`Unresolved plain scalar ${JSON.stringify(str)}`), str;
		}
	});
})), require_binary = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_buffer = __require("buffer"), Scalar = require_Scalar(), stringifyString = require_stringifyString();
	exports.binary = {
		identify: (value) => value instanceof Uint8Array,
		default: !1,
		tag: "tag:yaml.org,2002:binary",
		/**
		* Returns a Buffer in node and an Uint8Array in browsers
		*
		* To use the resulting buffer as an image, you'll want to do something like:
		*
		*   const blob = new Blob([buffer], { type: 'image/jpeg' })
		*   document.querySelector('#photo').src = URL.createObjectURL(blob)
		*/
		resolve(src, onError) {
			if (typeof node_buffer.Buffer == "function") return node_buffer.Buffer.from(src, "base64");
			if (typeof atob == "function") {
				let str = atob(src.replace(/[\n\r]/g, "")), buffer = new Uint8Array(str.length);
				for (let i = 0; i < str.length; ++i) buffer[i] = str.charCodeAt(i);
				return buffer;
			}
			return onError("This environment does not support reading binary tags; either Buffer or atob is required"), src;
		},
		stringify({ comment, type, value }, ctx, onComment, onChompKeep) {
			if (!value) return "";
			let buf = value, str;
			if (typeof node_buffer.Buffer == "function") str = buf instanceof node_buffer.Buffer ? buf.toString("base64") : node_buffer.Buffer.from(buf.buffer).toString("base64");
			else if (typeof btoa == "function") {
				let s = "";
				for (let i = 0; i < buf.length; ++i) s += String.fromCharCode(buf[i]);
				str = btoa(s);
			} else throw Error("This environment does not support writing binary tags; either Buffer or btoa is required");
			if (type ??= Scalar.Scalar.BLOCK_LITERAL, type !== Scalar.Scalar.QUOTE_DOUBLE) {
				let lineWidth = Math.max(ctx.options.lineWidth - ctx.indent.length, ctx.options.minContentWidth), n = Math.ceil(str.length / lineWidth), lines = Array(n);
				for (let i = 0, o = 0; i < n; ++i, o += lineWidth) lines[i] = str.substr(o, lineWidth);
				str = lines.join(type === Scalar.Scalar.BLOCK_LITERAL ? "\n" : " ");
			}
			return stringifyString.stringifyString({
				comment,
				type,
				value: str
			}, ctx, onComment, onChompKeep);
		}
	};
})), require_pairs = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), Pair = require_Pair(), Scalar = require_Scalar(), YAMLSeq = require_YAMLSeq();
	function resolvePairs(seq, onError) {
		if (identity.isSeq(seq)) for (let i = 0; i < seq.items.length; ++i) {
			let item = seq.items[i];
			if (!identity.isPair(item)) {
				if (identity.isMap(item)) {
					item.items.length > 1 && onError("Each pair must have its own sequence indicator");
					let pair = item.items[0] || new Pair.Pair(new Scalar.Scalar(null));
					if (item.commentBefore && (pair.key.commentBefore = pair.key.commentBefore ? `${item.commentBefore}\n${pair.key.commentBefore}` : item.commentBefore), item.comment) {
						let cn = pair.value ?? pair.key;
						cn.comment = cn.comment ? `${item.comment}\n${cn.comment}` : item.comment;
					}
					item = pair;
				}
				seq.items[i] = identity.isPair(item) ? item : new Pair.Pair(item);
			}
		}
		else onError("Expected a sequence for this tag");
		return seq;
	}
	function createPairs(schema, iterable, ctx) {
		let { replacer } = ctx, pairs = new YAMLSeq.YAMLSeq(schema);
		pairs.tag = "tag:yaml.org,2002:pairs";
		let i = 0;
		if (iterable && Symbol.iterator in Object(iterable)) for (let it of iterable) {
			typeof replacer == "function" && (it = replacer.call(iterable, String(i++), it));
			let key, value;
			if (Array.isArray(it)) {
				if (it.length === 2) key = it[0], value = it[1];
				else throw TypeError(`Expected [key, value] tuple: ${it}`);
			} else if (it && it instanceof Object) {
				let keys = Object.keys(it);
				if (keys.length === 1) key = keys[0], value = it[key];
				else throw TypeError(`Expected tuple with one key, not ${keys.length} keys`);
			} else key = it;
			pairs.items.push(Pair.createPair(key, value, ctx));
		}
		return pairs;
	}
	let pairs = {
		collection: "seq",
		default: !1,
		tag: "tag:yaml.org,2002:pairs",
		resolve: resolvePairs,
		createNode: createPairs
	};
	exports.createPairs = createPairs, exports.pairs = pairs, exports.resolvePairs = resolvePairs;
})), require_omap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), toJS = require_toJS(), YAMLMap = require_YAMLMap(), YAMLSeq = require_YAMLSeq(), pairs = require_pairs(), YAMLOMap = class YAMLOMap extends YAMLSeq.YAMLSeq {
		constructor() {
			super(), this.add = YAMLMap.YAMLMap.prototype.add.bind(this), this.delete = YAMLMap.YAMLMap.prototype.delete.bind(this), this.get = YAMLMap.YAMLMap.prototype.get.bind(this), this.has = YAMLMap.YAMLMap.prototype.has.bind(this), this.set = YAMLMap.YAMLMap.prototype.set.bind(this), this.tag = YAMLOMap.tag;
		}
		/**
		* If `ctx` is given, the return type is actually `Map<unknown, unknown>`,
		* but TypeScript won't allow widening the signature of a child method.
		*/
		toJSON(_, ctx) {
			if (!ctx) return super.toJSON(_);
			let map = /* @__PURE__ */ new Map();
			ctx?.onCreate && ctx.onCreate(map);
			for (let pair of this.items) {
				let key, value;
				if (identity.isPair(pair) ? (key = toJS.toJS(pair.key, "", ctx), value = toJS.toJS(pair.value, key, ctx)) : key = toJS.toJS(pair, "", ctx), map.has(key)) throw Error("Ordered maps must not include duplicate keys");
				map.set(key, value);
			}
			return map;
		}
		static from(schema, iterable, ctx) {
			let pairs$1 = pairs.createPairs(schema, iterable, ctx), omap = new this();
			return omap.items = pairs$1.items, omap;
		}
	};
	YAMLOMap.tag = "tag:yaml.org,2002:omap";
	let omap = {
		collection: "seq",
		identify: (value) => value instanceof Map,
		nodeClass: YAMLOMap,
		default: !1,
		tag: "tag:yaml.org,2002:omap",
		resolve(seq, onError) {
			let pairs$1 = pairs.resolvePairs(seq, onError), seenKeys = [];
			for (let { key } of pairs$1.items) identity.isScalar(key) && (seenKeys.includes(key.value) ? onError(`Ordered maps must not include duplicate keys: ${key.value}`) : seenKeys.push(key.value));
			return Object.assign(new YAMLOMap(), pairs$1);
		},
		createNode: (schema, iterable, ctx) => YAMLOMap.from(schema, iterable, ctx)
	};
	exports.YAMLOMap = YAMLOMap, exports.omap = omap;
})), require_bool = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	function boolStringify({ value, source }, ctx) {
		return source && (value ? trueTag : falseTag).test.test(source) ? source : value ? ctx.options.trueStr : ctx.options.falseStr;
	}
	let trueTag = {
		identify: (value) => value === !0,
		default: !0,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:Y|y|[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/,
		resolve: () => new Scalar.Scalar(!0),
		stringify: boolStringify
	}, falseTag = {
		identify: (value) => value === !1,
		default: !0,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:N|n|[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/,
		resolve: () => new Scalar.Scalar(!1),
		stringify: boolStringify
	};
	exports.falseTag = falseTag, exports.trueTag = trueTag;
})), require_float = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar(), stringifyNumber = require_stringifyNumber();
	let floatNaN = {
		identify: (value) => typeof value == "number",
		default: !0,
		tag: "tag:yaml.org,2002:float",
		test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
		resolve: (str) => str.slice(-3).toLowerCase() === "nan" ? NaN : str[0] === "-" ? -1e400 : 1e400,
		stringify: stringifyNumber.stringifyNumber
	};
	exports.float = {
		identify: (value) => typeof value == "number",
		default: !0,
		tag: "tag:yaml.org,2002:float",
		test: /^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*$/,
		resolve(str) {
			let node = new Scalar.Scalar(parseFloat(str.replace(/_/g, ""))), dot = str.indexOf(".");
			if (dot !== -1) {
				let f = str.substring(dot + 1).replace(/_/g, "");
				f[f.length - 1] === "0" && (node.minFractionDigits = f.length);
			}
			return node;
		},
		stringify: stringifyNumber.stringifyNumber
	}, exports.floatExp = {
		identify: (value) => typeof value == "number",
		default: !0,
		tag: "tag:yaml.org,2002:float",
		format: "EXP",
		test: /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?[eE][-+]?[0-9]+$/,
		resolve: (str) => parseFloat(str.replace(/_/g, "")),
		stringify(node) {
			let num = Number(node.value);
			return isFinite(num) ? num.toExponential() : stringifyNumber.stringifyNumber(node);
		}
	}, exports.floatNaN = floatNaN;
})), require_int = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	let intIdentify = (value) => typeof value == "bigint" || Number.isInteger(value);
	function intResolve(str, offset, radix, { intAsBigInt }) {
		let sign = str[0];
		if ((sign === "-" || sign === "+") && (offset += 1), str = str.substring(offset).replace(/_/g, ""), intAsBigInt) {
			switch (radix) {
				case 2:
					str = `0b${str}`;
					break;
				case 8:
					str = `0o${str}`;
					break;
				case 16: str = `0x${str}`;
			}
			let n = BigInt(str);
			return sign === "-" ? BigInt(-1) * n : n;
		}
		let n = parseInt(str, radix);
		return sign === "-" ? -1 * n : n;
	}
	function intStringify(node, radix, prefix) {
		let { value } = node;
		if (intIdentify(value)) {
			let str = value.toString(radix);
			return value < 0 ? "-" + prefix + str.substr(1) : prefix + str;
		}
		return stringifyNumber.stringifyNumber(node);
	}
	let intBin = {
		identify: intIdentify,
		default: !0,
		tag: "tag:yaml.org,2002:int",
		format: "BIN",
		test: /^[-+]?0b[0-1_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 2, opt),
		stringify: (node) => intStringify(node, 2, "0b")
	}, intOct = {
		identify: intIdentify,
		default: !0,
		tag: "tag:yaml.org,2002:int",
		format: "OCT",
		test: /^[-+]?0[0-7_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 1, 8, opt),
		stringify: (node) => intStringify(node, 8, "0")
	}, int = {
		identify: intIdentify,
		default: !0,
		tag: "tag:yaml.org,2002:int",
		test: /^[-+]?[0-9][0-9_]*$/,
		resolve: (str, _onError, opt) => intResolve(str, 0, 10, opt),
		stringify: stringifyNumber.stringifyNumber
	}, intHex = {
		identify: intIdentify,
		default: !0,
		tag: "tag:yaml.org,2002:int",
		format: "HEX",
		test: /^[-+]?0x[0-9a-fA-F_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 16, opt),
		stringify: (node) => intStringify(node, 16, "0x")
	};
	exports.int = int, exports.intBin = intBin, exports.intHex = intHex, exports.intOct = intOct;
})), require_set = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), Pair = require_Pair(), YAMLMap = require_YAMLMap(), YAMLSet = class YAMLSet extends YAMLMap.YAMLMap {
		constructor(schema) {
			super(schema), this.tag = YAMLSet.tag;
		}
		add(key) {
			let pair;
			pair = identity.isPair(key) ? key : key && typeof key == "object" && "key" in key && "value" in key && key.value === null ? new Pair.Pair(key.key, null) : new Pair.Pair(key, null), YAMLMap.findPair(this.items, pair.key) || this.items.push(pair);
		}
		/**
		* If `keepPair` is `true`, returns the Pair matching `key`.
		* Otherwise, returns the value of that Pair's key.
		*/
		get(key, keepPair) {
			let pair = YAMLMap.findPair(this.items, key);
			return !keepPair && identity.isPair(pair) ? identity.isScalar(pair.key) ? pair.key.value : pair.key : pair;
		}
		set(key, value) {
			if (typeof value != "boolean") throw Error(`Expected boolean value for set(key, value) in a YAML set, not ${typeof value}`);
			let prev = YAMLMap.findPair(this.items, key);
			prev && !value ? this.items.splice(this.items.indexOf(prev), 1) : !prev && value && this.items.push(new Pair.Pair(key));
		}
		toJSON(_, ctx) {
			return super.toJSON(_, ctx, Set);
		}
		toString(ctx, onComment, onChompKeep) {
			if (!ctx) return JSON.stringify(this);
			if (this.hasAllNullValues(!0)) return super.toString(Object.assign({}, ctx, { allNullValues: !0 }), onComment, onChompKeep);
			throw Error("Set items must all have null values");
		}
		static from(schema, iterable, ctx) {
			let { replacer } = ctx, set = new this(schema);
			if (iterable && Symbol.iterator in Object(iterable)) for (let value of iterable) typeof replacer == "function" && (value = replacer.call(iterable, value, value)), set.items.push(Pair.createPair(value, null, ctx));
			return set;
		}
	};
	YAMLSet.tag = "tag:yaml.org,2002:set";
	let set = {
		collection: "map",
		identify: (value) => value instanceof Set,
		nodeClass: YAMLSet,
		default: !1,
		tag: "tag:yaml.org,2002:set",
		createNode: (schema, iterable, ctx) => YAMLSet.from(schema, iterable, ctx),
		resolve(map, onError) {
			if (identity.isMap(map)) {
				if (map.hasAllNullValues(!0)) return Object.assign(new YAMLSet(), map);
				onError("Set items must all have null values");
			} else onError("Expected a mapping for this tag");
			return map;
		}
	};
	exports.YAMLSet = YAMLSet, exports.set = set;
})), require_timestamp = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	/** Internal types handle bigint as number, because TS can't figure it out. */
	function parseSexagesimal(str, asBigInt) {
		let sign = str[0], parts = sign === "-" || sign === "+" ? str.substring(1) : str, num = (n) => asBigInt ? BigInt(n) : Number(n), res = parts.replace(/_/g, "").split(":").reduce((res, p) => res * num(60) + num(p), num(0));
		return sign === "-" ? num(-1) * res : res;
	}
	/**
	* hhhh:mm:ss.sss
	*
	* Internal types handle bigint as number, because TS can't figure it out.
	*/
	function stringifySexagesimal(node) {
		let { value } = node, num = (n) => n;
		if (typeof value == "bigint") num = (n) => BigInt(n);
		else if (isNaN(value) || !isFinite(value)) return stringifyNumber.stringifyNumber(node);
		let sign = "";
		value < 0 && (sign = "-", value *= num(-1));
		let _60 = num(60), parts = [value % _60];
		return value < 60 ? parts.unshift(0) : (value = (value - parts[0]) / _60, parts.unshift(value % _60), value >= 60 && (value = (value - parts[0]) / _60, parts.unshift(value))), sign + parts.map((n) => String(n).padStart(2, "0")).join(":").replace(/000000\d*$/, "");
	}
	let intTime = {
		identify: (value) => typeof value == "bigint" || Number.isInteger(value),
		default: !0,
		tag: "tag:yaml.org,2002:int",
		format: "TIME",
		test: /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+$/,
		resolve: (str, _onError, { intAsBigInt }) => parseSexagesimal(str, intAsBigInt),
		stringify: stringifySexagesimal
	}, floatTime = {
		identify: (value) => typeof value == "number",
		default: !0,
		tag: "tag:yaml.org,2002:float",
		format: "TIME",
		test: /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/,
		resolve: (str) => parseSexagesimal(str, !1),
		stringify: stringifySexagesimal
	}, timestamp = {
		identify: (value) => value instanceof Date,
		default: !0,
		tag: "tag:yaml.org,2002:timestamp",
		test: RegExp("^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:t|T|[ \\t]+)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2}(\\.[0-9]+)?)(?:[ \\t]*(Z|[-+][012]?[0-9](?::[0-9]{2})?))?)?$"),
		resolve(str) {
			let match = str.match(timestamp.test);
			if (!match) throw Error("!!timestamp expects a date, starting with yyyy-mm-dd");
			let [, year, month, day, hour, minute, second] = match.map(Number), millisec = match[7] ? Number((match[7] + "00").substr(1, 3)) : 0, date = Date.UTC(year, month - 1, day, hour || 0, minute || 0, second || 0, millisec), tz = match[8];
			if (tz && tz !== "Z") {
				let d = parseSexagesimal(tz, !1);
				Math.abs(d) < 30 && (d *= 60), date -= 6e4 * d;
			}
			return new Date(date);
		},
		stringify: ({ value }) => value?.toISOString().replace(/(T00:00:00)?\.000Z$/, "") ?? ""
	};
	exports.floatTime = floatTime, exports.intTime = intTime, exports.timestamp = timestamp;
})), require_schema = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map(), _null = require_null(), seq = require_seq(), string = require_string(), binary = require_binary(), bool = require_bool(), float = require_float(), int = require_int(), merge = require_merge(), omap = require_omap(), pairs = require_pairs(), set = require_set(), timestamp = require_timestamp();
	exports.schema = [
		map.map,
		seq.seq,
		string.string,
		_null.nullTag,
		bool.trueTag,
		bool.falseTag,
		int.intBin,
		int.intOct,
		int.int,
		int.intHex,
		float.floatNaN,
		float.floatExp,
		float.float,
		binary.binary,
		merge.merge,
		omap.omap,
		pairs.pairs,
		set.set,
		timestamp.intTime,
		timestamp.floatTime,
		timestamp.timestamp
	];
})), require_tags = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map(), _null = require_null(), seq = require_seq(), string = require_string(), bool = require_bool$1(), float = require_float$1(), int = require_int$1(), schema = require_schema$2(), schema$1 = require_schema$1(), binary = require_binary(), merge = require_merge(), omap = require_omap(), pairs = require_pairs(), schema$2 = require_schema(), set = require_set(), timestamp = require_timestamp();
	let schemas = /* @__PURE__ */ new Map([
		["core", schema.schema],
		["failsafe", [
			map.map,
			seq.seq,
			string.string
		]],
		["json", schema$1.schema],
		["yaml11", schema$2.schema],
		["yaml-1.1", schema$2.schema]
	]), tagsByName = {
		binary: binary.binary,
		bool: bool.boolTag,
		float: float.float,
		floatExp: float.floatExp,
		floatNaN: float.floatNaN,
		floatTime: timestamp.floatTime,
		int: int.int,
		intHex: int.intHex,
		intOct: int.intOct,
		intTime: timestamp.intTime,
		map: map.map,
		merge: merge.merge,
		null: _null.nullTag,
		omap: omap.omap,
		pairs: pairs.pairs,
		seq: seq.seq,
		set: set.set,
		timestamp: timestamp.timestamp
	}, coreKnownTags = {
		"tag:yaml.org,2002:binary": binary.binary,
		"tag:yaml.org,2002:merge": merge.merge,
		"tag:yaml.org,2002:omap": omap.omap,
		"tag:yaml.org,2002:pairs": pairs.pairs,
		"tag:yaml.org,2002:set": set.set,
		"tag:yaml.org,2002:timestamp": timestamp.timestamp
	};
	function getTags(customTags, schemaName, addMergeTag) {
		let schemaTags = schemas.get(schemaName);
		if (schemaTags && !customTags) return addMergeTag && !schemaTags.includes(merge.merge) ? schemaTags.concat(merge.merge) : schemaTags.slice();
		let tags = schemaTags;
		if (!tags) {
			if (Array.isArray(customTags)) tags = [];
			else {
				let keys = Array.from(schemas.keys()).filter((key) => key !== "yaml11").map((key) => JSON.stringify(key)).join(", ");
				throw Error(`Unknown schema "${schemaName}"; use one of ${keys} or define customTags array`);
			}
		}
		if (Array.isArray(customTags)) for (let tag of customTags) tags = tags.concat(tag);
		else typeof customTags == "function" && (tags = customTags(tags.slice()));
		return addMergeTag && (tags = tags.concat(merge.merge)), tags.reduce((tags, tag) => {
			let tagObj = typeof tag == "string" ? tagsByName[tag] : tag;
			if (!tagObj) {
				let tagName = JSON.stringify(tag), keys = Object.keys(tagsByName).map((key) => JSON.stringify(key)).join(", ");
				throw Error(`Unknown custom tag ${tagName}; use one of ${keys}`);
			}
			return tags.includes(tagObj) || tags.push(tagObj), tags;
		}, []);
	}
	exports.coreKnownTags = coreKnownTags, exports.getTags = getTags;
})), require_Schema = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), map = require_map(), seq = require_seq(), string = require_string(), tags = require_tags();
	let sortMapEntriesByKey = (a, b) => a.key < b.key ? -1 : +(a.key > b.key);
	exports.Schema = class Schema {
		constructor({ compat, customTags, merge, resolveKnownTags, schema, sortMapEntries, toStringDefaults }) {
			this.compat = Array.isArray(compat) ? tags.getTags(compat, "compat") : compat ? tags.getTags(null, compat) : null, this.name = typeof schema == "string" && schema || "core", this.knownTags = resolveKnownTags ? tags.coreKnownTags : {}, this.tags = tags.getTags(customTags, this.name, merge), this.toStringOptions = toStringDefaults ?? null, Object.defineProperty(this, identity.MAP, { value: map.map }), Object.defineProperty(this, identity.SCALAR, { value: string.string }), Object.defineProperty(this, identity.SEQ, { value: seq.seq }), this.sortMapEntries = typeof sortMapEntries == "function" ? sortMapEntries : sortMapEntries === !0 ? sortMapEntriesByKey : null;
		}
		clone() {
			let copy = Object.create(Schema.prototype, Object.getOwnPropertyDescriptors(this));
			return copy.tags = this.tags.slice(), copy;
		}
	};
})), require_stringifyDocument = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), stringify = require_stringify(), stringifyComment = require_stringifyComment();
	function stringifyDocument(doc, options) {
		let lines = [], hasDirectives = options.directives === !0;
		if (options.directives !== !1 && doc.directives) {
			let dir = doc.directives.toString(doc);
			dir ? (lines.push(dir), hasDirectives = !0) : doc.directives.docStart && (hasDirectives = !0);
		}
		hasDirectives && lines.push("---");
		let ctx = stringify.createStringifyContext(doc, options), { commentString } = ctx.options;
		if (doc.commentBefore) {
			lines.length !== 1 && lines.unshift("");
			let cs = commentString(doc.commentBefore);
			lines.unshift(stringifyComment.indentComment(cs, ""));
		}
		let chompKeep = !1, contentComment = null;
		if (doc.contents) {
			if (identity.isNode(doc.contents)) {
				if (doc.contents.spaceBefore && hasDirectives && lines.push(""), doc.contents.commentBefore) {
					let cs = commentString(doc.contents.commentBefore);
					lines.push(stringifyComment.indentComment(cs, ""));
				}
				ctx.forceBlockIndent = !!doc.comment, contentComment = doc.contents.comment;
			}
			let onChompKeep = contentComment ? void 0 : () => chompKeep = !0, body = stringify.stringify(doc.contents, ctx, () => contentComment = null, onChompKeep);
			contentComment && (body += stringifyComment.lineComment(body, "", commentString(contentComment))), (body[0] === "|" || body[0] === ">") && lines[lines.length - 1] === "---" ? lines[lines.length - 1] = `--- ${body}` : lines.push(body);
		} else lines.push(stringify.stringify(doc.contents, ctx));
		if (doc.directives?.docEnd) {
			if (doc.comment) {
				let cs = commentString(doc.comment);
				cs.includes("\n") ? (lines.push("..."), lines.push(stringifyComment.indentComment(cs, ""))) : lines.push(`... ${cs}`);
			} else lines.push("...");
		} else {
			let dc = doc.comment;
			dc && chompKeep && (dc = dc.replace(/^\n+/, "")), dc && ((!chompKeep || contentComment) && lines[lines.length - 1] !== "" && lines.push(""), lines.push(stringifyComment.indentComment(commentString(dc), "")));
		}
		return lines.join("\n") + "\n";
	}
	exports.stringifyDocument = stringifyDocument;
})), require_Document = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias(), Collection = require_Collection(), identity = require_identity(), Pair = require_Pair(), toJS = require_toJS(), Schema = require_Schema(), stringifyDocument = require_stringifyDocument(), anchors = require_anchors(), applyReviver = require_applyReviver(), createNode = require_createNode(), directives = require_directives(), Document = class Document {
		constructor(value, replacer, options) {
			this.commentBefore = null, this.comment = null, this.errors = [], this.warnings = [], Object.defineProperty(this, identity.NODE_TYPE, { value: identity.DOC });
			let _replacer = null;
			typeof replacer == "function" || Array.isArray(replacer) ? _replacer = replacer : options === void 0 && replacer && (options = replacer, replacer = void 0);
			let opt = Object.assign({
				intAsBigInt: !1,
				keepSourceTokens: !1,
				logLevel: "warn",
				prettyErrors: !0,
				strict: !0,
				stringKeys: !1,
				uniqueKeys: !0,
				version: "1.2"
			}, options);
			this.options = opt;
			let { version } = opt;
			options?._directives ? (this.directives = options._directives.atDocument(), this.directives.yaml.explicit && (version = this.directives.yaml.version)) : this.directives = new directives.Directives({ version }), this.setSchema(version, options), this.contents = value === void 0 ? null : this.createNode(value, _replacer, options);
		}
		/**
		* Create a deep copy of this Document and its contents.
		*
		* Custom Node values that inherit from `Object` still refer to their original instances.
		*/
		clone() {
			let copy = Object.create(Document.prototype, { [identity.NODE_TYPE]: { value: identity.DOC } });
			return copy.commentBefore = this.commentBefore, copy.comment = this.comment, copy.errors = this.errors.slice(), copy.warnings = this.warnings.slice(), copy.options = Object.assign({}, this.options), this.directives && (copy.directives = this.directives.clone()), copy.schema = this.schema.clone(), copy.contents = identity.isNode(this.contents) ? this.contents.clone(copy.schema) : this.contents, this.range && (copy.range = this.range.slice()), copy;
		}
		/** Adds a value to the document. */
		add(value) {
			assertCollection(this.contents) && this.contents.add(value);
		}
		/** Adds a value to the document. */
		addIn(path, value) {
			assertCollection(this.contents) && this.contents.addIn(path, value);
		}
		/**
		* Create a new `Alias` node, ensuring that the target `node` has the required anchor.
		*
		* If `node` already has an anchor, `name` is ignored.
		* Otherwise, the `node.anchor` value will be set to `name`,
		* or if an anchor with that name is already present in the document,
		* `name` will be used as a prefix for a new unique anchor.
		* If `name` is undefined, the generated anchor will use 'a' as a prefix.
		*/
		createAlias(node, name) {
			if (!node.anchor) {
				let prev = anchors.anchorNames(this);
				node.anchor = !name || prev.has(name) ? anchors.findNewAnchor(name || "a", prev) : name;
			}
			return new Alias.Alias(node.anchor);
		}
		createNode(value, replacer, options) {
			let _replacer;
			if (typeof replacer == "function") value = replacer.call({ "": value }, "", value), _replacer = replacer;
			else if (Array.isArray(replacer)) {
				let asStr = replacer.filter((v) => typeof v == "number" || v instanceof String || v instanceof Number).map(String);
				asStr.length > 0 && (replacer = replacer.concat(asStr)), _replacer = replacer;
			} else options === void 0 && replacer && (options = replacer, replacer = void 0);
			let { aliasDuplicateObjects, anchorPrefix, flow, keepUndefined, onTagObj, tag } = options ?? {}, { onAnchor, setAnchors, sourceObjects } = anchors.createNodeAnchors(this, anchorPrefix || "a"), ctx = {
				aliasDuplicateObjects: aliasDuplicateObjects ?? !0,
				keepUndefined: keepUndefined ?? !1,
				onAnchor,
				onTagObj,
				replacer: _replacer,
				schema: this.schema,
				sourceObjects
			}, node = createNode.createNode(value, tag, ctx);
			return flow && identity.isCollection(node) && (node.flow = !0), setAnchors(), node;
		}
		/**
		* Convert a key and a value into a `Pair` using the current schema,
		* recursively wrapping all values as `Scalar` or `Collection` nodes.
		*/
		createPair(key, value, options = {}) {
			let k = this.createNode(key, null, options), v = this.createNode(value, null, options);
			return new Pair.Pair(k, v);
		}
		/**
		* Removes a value from the document.
		* @returns `true` if the item was found and removed.
		*/
		delete(key) {
			return assertCollection(this.contents) ? this.contents.delete(key) : !1;
		}
		/**
		* Removes a value from the document.
		* @returns `true` if the item was found and removed.
		*/
		deleteIn(path) {
			return Collection.isEmptyPath(path) ? this.contents != null && (this.contents = null, !0) : assertCollection(this.contents) ? this.contents.deleteIn(path) : !1;
		}
		/**
		* Returns item at `key`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		get(key, keepScalar) {
			return identity.isCollection(this.contents) ? this.contents.get(key, keepScalar) : void 0;
		}
		/**
		* Returns item at `path`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		getIn(path, keepScalar) {
			return Collection.isEmptyPath(path) ? !keepScalar && identity.isScalar(this.contents) ? this.contents.value : this.contents : identity.isCollection(this.contents) ? this.contents.getIn(path, keepScalar) : void 0;
		}
		/**
		* Checks if the document includes a value with the key `key`.
		*/
		has(key) {
			return identity.isCollection(this.contents) ? this.contents.has(key) : !1;
		}
		/**
		* Checks if the document includes a value at `path`.
		*/
		hasIn(path) {
			return Collection.isEmptyPath(path) ? this.contents !== void 0 : identity.isCollection(this.contents) ? this.contents.hasIn(path) : !1;
		}
		/**
		* Sets a value in this document. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		set(key, value) {
			this.contents == null ? this.contents = Collection.collectionFromPath(this.schema, [key], value) : assertCollection(this.contents) && this.contents.set(key, value);
		}
		/**
		* Sets a value in this document. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		setIn(path, value) {
			Collection.isEmptyPath(path) ? this.contents = value : this.contents == null ? this.contents = Collection.collectionFromPath(this.schema, Array.from(path), value) : assertCollection(this.contents) && this.contents.setIn(path, value);
		}
		/**
		* Change the YAML version and schema used by the document.
		* A `null` version disables support for directives, explicit tags, anchors, and aliases.
		* It also requires the `schema` option to be given as a `Schema` instance value.
		*
		* Overrides all previously set schema options.
		*/
		setSchema(version, options = {}) {
			typeof version == "number" && (version = String(version));
			let opt;
			switch (version) {
				case "1.1":
					this.directives ? this.directives.yaml.version = "1.1" : this.directives = new directives.Directives({ version: "1.1" }), opt = {
						resolveKnownTags: !1,
						schema: "yaml-1.1"
					};
					break;
				case "1.2":
				case "next":
					this.directives ? this.directives.yaml.version = version : this.directives = new directives.Directives({ version }), opt = {
						resolveKnownTags: !0,
						schema: "core"
					};
					break;
				case null:
					this.directives && delete this.directives, opt = null;
					break;
				default: {
					let sv = JSON.stringify(version);
					throw Error(`Expected '1.1', '1.2' or null as first argument, but found: ${sv}`);
				}
			}
			if (options.schema instanceof Object) this.schema = options.schema;
			else if (opt) this.schema = new Schema.Schema(Object.assign(opt, options));
			else throw Error("With a null YAML version, the { schema: Schema } option is required");
		}
		toJS({ json, jsonArg, mapAsMap, maxAliasCount, onAnchor, reviver } = {}) {
			let ctx = {
				anchors: /* @__PURE__ */ new Map(),
				doc: this,
				keep: !json,
				mapAsMap: mapAsMap === !0,
				mapKeyWarned: !1,
				maxAliasCount: typeof maxAliasCount == "number" ? maxAliasCount : 100
			}, res = toJS.toJS(this.contents, jsonArg ?? "", ctx);
			if (typeof onAnchor == "function") for (let { count, res } of ctx.anchors.values()) onAnchor(res, count);
			return typeof reviver == "function" ? applyReviver.applyReviver(reviver, { "": res }, "", res) : res;
		}
		/**
		* A JSON representation of the document `contents`.
		*
		* @param jsonArg Used by `JSON.stringify` to indicate the array index or
		*   property name.
		*/
		toJSON(jsonArg, onAnchor) {
			return this.toJS({
				json: !0,
				jsonArg,
				mapAsMap: !1,
				onAnchor
			});
		}
		/** A YAML representation of the document. */
		toString(options = {}) {
			if (this.errors.length > 0) throw Error("Document with errors cannot be stringified");
			if ("indent" in options && (!Number.isInteger(options.indent) || Number(options.indent) <= 0)) {
				let s = JSON.stringify(options.indent);
				throw Error(`"indent" option must be a positive integer, not ${s}`);
			}
			return stringifyDocument.stringifyDocument(this, options);
		}
	};
	function assertCollection(contents) {
		if (identity.isCollection(contents)) return !0;
		throw Error("Expected a YAML collection as document contents");
	}
	exports.Document = Document;
})), require_errors = /* @__PURE__ */ __commonJSMin(((exports) => {
	var YAMLError = class extends Error {
		constructor(name, pos, code, message) {
			super(), this.name = name, this.code = code, this.message = message, this.pos = pos;
		}
	}, YAMLParseError = class extends YAMLError {
		constructor(pos, code, message) {
			super("YAMLParseError", pos, code, message);
		}
	}, YAMLWarning = class extends YAMLError {
		constructor(pos, code, message) {
			super("YAMLWarning", pos, code, message);
		}
	};
	exports.YAMLError = YAMLError, exports.YAMLParseError = YAMLParseError, exports.YAMLWarning = YAMLWarning, exports.prettifyError = (src, lc) => (error) => {
		if (error.pos[0] === -1) return;
		error.linePos = error.pos.map((pos) => lc.linePos(pos));
		let { line, col } = error.linePos[0];
		error.message += ` at line ${line}, column ${col}`;
		let ci = col - 1, lineStr = src.substring(lc.lineStarts[line - 1], lc.lineStarts[line]).replace(/[\n\r]+$/, "");
		if (ci >= 60 && lineStr.length > 80) {
			let trimStart = Math.min(ci - 39, lineStr.length - 79);
			lineStr = "…" + lineStr.substring(trimStart), ci -= trimStart - 1;
		}
		if (lineStr.length > 80 && (lineStr = lineStr.substring(0, 79) + "…"), line > 1 && /^ *$/.test(lineStr.substring(0, ci))) {
			let prev = src.substring(lc.lineStarts[line - 2], lc.lineStarts[line - 1]);
			prev.length > 80 && (prev = prev.substring(0, 79) + "…\n"), lineStr = prev + lineStr;
		}
		if (/[^ ]/.test(lineStr)) {
			let count = 1, end = error.linePos[1];
			end?.line === line && end.col > col && (count = Math.max(1, Math.min(end.col - col, 80 - ci)));
			let pointer = " ".repeat(ci) + "^".repeat(count);
			error.message += `:\n\n${lineStr}\n${pointer}\n`;
		}
	};
})), require_resolve_props = /* @__PURE__ */ __commonJSMin(((exports) => {
	function resolveProps(tokens, { flow, indicator, next, offset, onError, parentIndent, startOnNewline }) {
		let spaceBefore = !1, atNewline = startOnNewline, hasSpace = startOnNewline, comment = "", commentSep = "", hasNewline = !1, reqSpace = !1, tab = null, anchor = null, tag = null, newlineAfterProp = null, comma = null, found = null, start = null;
		for (let token of tokens) switch (reqSpace &&= (token.type !== "space" && token.type !== "newline" && token.type !== "comma" && onError(token.offset, "MISSING_CHAR", "Tags and anchors must be separated from the next token by white space"), !1), tab &&= (atNewline && token.type !== "comment" && token.type !== "newline" && onError(tab, "TAB_AS_INDENT", "Tabs are not allowed as indentation"), null), token.type) {
			case "space":
				!flow && (indicator !== "doc-start" || next?.type !== "flow-collection") && token.source.includes("	") && (tab = token), hasSpace = !0;
				break;
			case "comment": {
				hasSpace || onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters");
				let cb = token.source.substring(1) || " ";
				comment ? comment += commentSep + cb : comment = cb, commentSep = "", atNewline = !1;
				break;
			}
			case "newline":
				atNewline ? comment ? comment += token.source : found && indicator === "seq-item-ind" || (spaceBefore = !0) : commentSep += token.source, atNewline = !0, hasNewline = !0, (anchor || tag) && (newlineAfterProp = token), hasSpace = !0;
				break;
			case "anchor":
				anchor && onError(token, "MULTIPLE_ANCHORS", "A node can have at most one anchor"), token.source.endsWith(":") && onError(token.offset + token.source.length - 1, "BAD_ALIAS", "Anchor ending in : is ambiguous", !0), anchor = token, start ??= token.offset, atNewline = !1, hasSpace = !1, reqSpace = !0;
				break;
			case "tag":
				tag && onError(token, "MULTIPLE_TAGS", "A node can have at most one tag"), tag = token, start ??= token.offset, atNewline = !1, hasSpace = !1, reqSpace = !0;
				break;
			case indicator:
				(anchor || tag) && onError(token, "BAD_PROP_ORDER", `Anchors and tags must be after the ${token.source} indicator`), found && onError(token, "UNEXPECTED_TOKEN", `Unexpected ${token.source} in ${flow ?? "collection"}`), found = token, atNewline = indicator === "seq-item-ind" || indicator === "explicit-key-ind", hasSpace = !1;
				break;
			case "comma": if (flow) {
				comma && onError(token, "UNEXPECTED_TOKEN", `Unexpected , in ${flow}`), comma = token, atNewline = !1, hasSpace = !1;
				break;
			}
			default: onError(token, "UNEXPECTED_TOKEN", `Unexpected ${token.type} token`), atNewline = !1, hasSpace = !1;
		}
		let last = tokens[tokens.length - 1], end = last ? last.offset + last.source.length : offset;
		return reqSpace && next && next.type !== "space" && next.type !== "newline" && next.type !== "comma" && (next.type !== "scalar" || next.source !== "") && onError(next.offset, "MISSING_CHAR", "Tags and anchors must be separated from the next token by white space"), tab && (atNewline && tab.indent <= parentIndent || next?.type === "block-map" || next?.type === "block-seq") && onError(tab, "TAB_AS_INDENT", "Tabs are not allowed as indentation"), {
			comma,
			found,
			spaceBefore,
			comment,
			hasNewline,
			anchor,
			tag,
			newlineAfterProp,
			end,
			start: start ?? end
		};
	}
	exports.resolveProps = resolveProps;
})), require_util_contains_newline = /* @__PURE__ */ __commonJSMin(((exports) => {
	function containsNewline(key) {
		if (!key) return null;
		switch (key.type) {
			case "alias":
			case "scalar":
			case "double-quoted-scalar":
			case "single-quoted-scalar":
				if (key.source.includes("\n")) return !0;
				if (key.end) {
					for (let st of key.end) if (st.type === "newline") return !0;
				}
				return !1;
			case "flow-collection":
				for (let it of key.items) {
					for (let st of it.start) if (st.type === "newline") return !0;
					if (it.sep) {
						for (let st of it.sep) if (st.type === "newline") return !0;
					}
					if (containsNewline(it.key) || containsNewline(it.value)) return !0;
				}
				return !1;
			default: return !0;
		}
	}
	exports.containsNewline = containsNewline;
})), require_util_flow_indent_check = /* @__PURE__ */ __commonJSMin(((exports) => {
	var utilContainsNewline = require_util_contains_newline();
	function flowIndentCheck(indent, fc, onError) {
		if (fc?.type === "flow-collection") {
			let end = fc.end[0];
			end.indent === indent && (end.source === "]" || end.source === "}") && utilContainsNewline.containsNewline(fc) && onError(end, "BAD_INDENT", "Flow end indicator should be more indented than parent", !0);
		}
	}
	exports.flowIndentCheck = flowIndentCheck;
})), require_util_map_includes = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	function mapIncludes(ctx, items, search) {
		let { uniqueKeys } = ctx.options;
		if (uniqueKeys === !1) return !1;
		let isEqual = typeof uniqueKeys == "function" ? uniqueKeys : (a, b) => a === b || identity.isScalar(a) && identity.isScalar(b) && a.value === b.value;
		return items.some((pair) => isEqual(pair.key, search));
	}
	exports.mapIncludes = mapIncludes;
})), require_resolve_block_map = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Pair = require_Pair(), YAMLMap = require_YAMLMap(), resolveProps = require_resolve_props(), utilContainsNewline = require_util_contains_newline(), utilFlowIndentCheck = require_util_flow_indent_check(), utilMapIncludes = require_util_map_includes();
	let startColMsg = "All mapping items must start at the same column";
	function resolveBlockMap({ composeNode, composeEmptyNode }, ctx, bm, onError, tag) {
		let map = new ((tag?.nodeClass) ?? YAMLMap.YAMLMap)(ctx.schema);
		ctx.atRoot &&= !1;
		let offset = bm.offset, commentEnd = null;
		for (let collItem of bm.items) {
			let { start, key, sep, value } = collItem, keyProps = resolveProps.resolveProps(start, {
				indicator: "explicit-key-ind",
				next: key ?? sep?.[0],
				offset,
				onError,
				parentIndent: bm.indent,
				startOnNewline: !0
			}), implicitKey = !keyProps.found;
			if (implicitKey) {
				if (key && (key.type === "block-seq" ? onError(offset, "BLOCK_AS_IMPLICIT_KEY", "A block sequence may not be used as an implicit map key") : "indent" in key && key.indent !== bm.indent && onError(offset, "BAD_INDENT", startColMsg)), !keyProps.anchor && !keyProps.tag && !sep) {
					commentEnd = keyProps.end, keyProps.comment && (map.comment ? map.comment += "\n" + keyProps.comment : map.comment = keyProps.comment);
					continue;
				}
				(keyProps.newlineAfterProp || utilContainsNewline.containsNewline(key)) && onError(key ?? start[start.length - 1], "MULTILINE_IMPLICIT_KEY", "Implicit keys need to be on a single line");
			} else keyProps.found?.indent !== bm.indent && onError(offset, "BAD_INDENT", startColMsg);
			ctx.atKey = !0;
			let keyStart = keyProps.end, keyNode = key ? composeNode(ctx, key, keyProps, onError) : composeEmptyNode(ctx, keyStart, start, null, keyProps, onError);
			ctx.schema.compat && utilFlowIndentCheck.flowIndentCheck(bm.indent, key, onError), ctx.atKey = !1, utilMapIncludes.mapIncludes(ctx, map.items, keyNode) && onError(keyStart, "DUPLICATE_KEY", "Map keys must be unique");
			let valueProps = resolveProps.resolveProps(sep ?? [], {
				indicator: "map-value-ind",
				next: value,
				offset: keyNode.range[2],
				onError,
				parentIndent: bm.indent,
				startOnNewline: !key || key.type === "block-scalar"
			});
			if (offset = valueProps.end, valueProps.found) {
				implicitKey && (value?.type === "block-map" && !valueProps.hasNewline && onError(offset, "BLOCK_AS_IMPLICIT_KEY", "Nested mappings are not allowed in compact mappings"), ctx.options.strict && keyProps.start < valueProps.found.offset - 1024 && onError(keyNode.range, "KEY_OVER_1024_CHARS", "The : indicator must be at most 1024 chars after the start of an implicit block mapping key"));
				let valueNode = value ? composeNode(ctx, value, valueProps, onError) : composeEmptyNode(ctx, offset, sep, null, valueProps, onError);
				ctx.schema.compat && utilFlowIndentCheck.flowIndentCheck(bm.indent, value, onError), offset = valueNode.range[2];
				let pair = new Pair.Pair(keyNode, valueNode);
				ctx.options.keepSourceTokens && (pair.srcToken = collItem), map.items.push(pair);
			} else {
				implicitKey && onError(keyNode.range, "MISSING_CHAR", "Implicit map keys need to be followed by map values"), valueProps.comment && (keyNode.comment ? keyNode.comment += "\n" + valueProps.comment : keyNode.comment = valueProps.comment);
				let pair = new Pair.Pair(keyNode);
				ctx.options.keepSourceTokens && (pair.srcToken = collItem), map.items.push(pair);
			}
		}
		return commentEnd && commentEnd < offset && onError(commentEnd, "IMPOSSIBLE", "Map comment with trailing content"), map.range = [
			bm.offset,
			offset,
			commentEnd ?? offset
		], map;
	}
	exports.resolveBlockMap = resolveBlockMap;
})), require_resolve_block_seq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var YAMLSeq = require_YAMLSeq(), resolveProps = require_resolve_props(), utilFlowIndentCheck = require_util_flow_indent_check();
	function resolveBlockSeq({ composeNode, composeEmptyNode }, ctx, bs, onError, tag) {
		let seq = new ((tag?.nodeClass) ?? YAMLSeq.YAMLSeq)(ctx.schema);
		ctx.atRoot &&= !1, ctx.atKey &&= !1;
		let offset = bs.offset, commentEnd = null;
		for (let { start, value } of bs.items) {
			let props = resolveProps.resolveProps(start, {
				indicator: "seq-item-ind",
				next: value,
				offset,
				onError,
				parentIndent: bs.indent,
				startOnNewline: !0
			});
			if (!props.found) {
				if (props.anchor || props.tag || value) value?.type === "block-seq" ? onError(props.end, "BAD_INDENT", "All sequence items must start at the same column") : onError(offset, "MISSING_CHAR", "Sequence item without - indicator");
				else {
					commentEnd = props.end, props.comment && (seq.comment = props.comment);
					continue;
				}
			}
			let node = value ? composeNode(ctx, value, props, onError) : composeEmptyNode(ctx, props.end, start, null, props, onError);
			ctx.schema.compat && utilFlowIndentCheck.flowIndentCheck(bs.indent, value, onError), offset = node.range[2], seq.items.push(node);
		}
		return seq.range = [
			bs.offset,
			offset,
			commentEnd ?? offset
		], seq;
	}
	exports.resolveBlockSeq = resolveBlockSeq;
})), require_resolve_end = /* @__PURE__ */ __commonJSMin(((exports) => {
	function resolveEnd(end, offset, reqSpace, onError) {
		let comment = "";
		if (end) {
			let hasSpace = !1, sep = "";
			for (let token of end) {
				let { source, type } = token;
				switch (type) {
					case "space":
						hasSpace = !0;
						break;
					case "comment": {
						reqSpace && !hasSpace && onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters");
						let cb = source.substring(1) || " ";
						comment ? comment += sep + cb : comment = cb, sep = "";
						break;
					}
					case "newline":
						comment && (sep += source), hasSpace = !0;
						break;
					default: onError(token, "UNEXPECTED_TOKEN", `Unexpected ${type} at node end`);
				}
				offset += source.length;
			}
		}
		return {
			comment,
			offset
		};
	}
	exports.resolveEnd = resolveEnd;
})), require_resolve_flow_collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), Pair = require_Pair(), YAMLMap = require_YAMLMap(), YAMLSeq = require_YAMLSeq(), resolveEnd = require_resolve_end(), resolveProps = require_resolve_props(), utilContainsNewline = require_util_contains_newline(), utilMapIncludes = require_util_map_includes();
	let blockMsg = "Block collections are not allowed within flow collections", isBlock = (token) => token && (token.type === "block-map" || token.type === "block-seq");
	function resolveFlowCollection({ composeNode, composeEmptyNode }, ctx, fc, onError, tag) {
		let isMap = fc.start.source === "{", fcName = isMap ? "flow map" : "flow sequence", coll = new ((tag?.nodeClass) ?? (isMap ? YAMLMap.YAMLMap : YAMLSeq.YAMLSeq))(ctx.schema);
		coll.flow = !0;
		let atRoot = ctx.atRoot;
		atRoot && (ctx.atRoot = !1), ctx.atKey &&= !1;
		let offset = fc.offset + fc.start.source.length;
		for (let i = 0; i < fc.items.length; ++i) {
			let collItem = fc.items[i], { start, key, sep, value } = collItem, props = resolveProps.resolveProps(start, {
				flow: fcName,
				indicator: "explicit-key-ind",
				next: key ?? sep?.[0],
				offset,
				onError,
				parentIndent: fc.indent,
				startOnNewline: !1
			});
			if (!props.found) {
				if (!props.anchor && !props.tag && !sep && !value) {
					i === 0 && props.comma ? onError(props.comma, "UNEXPECTED_TOKEN", `Unexpected , in ${fcName}`) : i < fc.items.length - 1 && onError(props.start, "UNEXPECTED_TOKEN", `Unexpected empty item in ${fcName}`), props.comment && (coll.comment ? coll.comment += "\n" + props.comment : coll.comment = props.comment), offset = props.end;
					continue;
				}
				!isMap && ctx.options.strict && utilContainsNewline.containsNewline(key) && onError(key, "MULTILINE_IMPLICIT_KEY", "Implicit keys of flow sequence pairs need to be on a single line");
			}
			if (i === 0) props.comma && onError(props.comma, "UNEXPECTED_TOKEN", `Unexpected , in ${fcName}`);
			else if (props.comma || onError(props.start, "MISSING_CHAR", `Missing , between ${fcName} items`), props.comment) {
				let prevItemComment = "";
				loop: for (let st of start) switch (st.type) {
					case "comma":
					case "space": break;
					case "comment":
						prevItemComment = st.source.substring(1);
						break loop;
					default: break loop;
				}
				if (prevItemComment) {
					let prev = coll.items[coll.items.length - 1];
					identity.isPair(prev) && (prev = prev.value ?? prev.key), prev.comment ? prev.comment += "\n" + prevItemComment : prev.comment = prevItemComment, props.comment = props.comment.substring(prevItemComment.length + 1);
				}
			}
			if (!isMap && !sep && !props.found) {
				let valueNode = value ? composeNode(ctx, value, props, onError) : composeEmptyNode(ctx, props.end, sep, null, props, onError);
				coll.items.push(valueNode), offset = valueNode.range[2], isBlock(value) && onError(valueNode.range, "BLOCK_IN_FLOW", blockMsg);
			} else {
				ctx.atKey = !0;
				let keyStart = props.end, keyNode = key ? composeNode(ctx, key, props, onError) : composeEmptyNode(ctx, keyStart, start, null, props, onError);
				isBlock(key) && onError(keyNode.range, "BLOCK_IN_FLOW", blockMsg), ctx.atKey = !1;
				let valueProps = resolveProps.resolveProps(sep ?? [], {
					flow: fcName,
					indicator: "map-value-ind",
					next: value,
					offset: keyNode.range[2],
					onError,
					parentIndent: fc.indent,
					startOnNewline: !1
				});
				if (valueProps.found) {
					if (!isMap && !props.found && ctx.options.strict) {
						if (sep) for (let st of sep) {
							if (st === valueProps.found) break;
							if (st.type === "newline") {
								onError(st, "MULTILINE_IMPLICIT_KEY", "Implicit keys of flow sequence pairs need to be on a single line");
								break;
							}
						}
						props.start < valueProps.found.offset - 1024 && onError(valueProps.found, "KEY_OVER_1024_CHARS", "The : indicator must be at most 1024 chars after the start of an implicit flow sequence key");
					}
				} else value && ("source" in value && value.source?.[0] === ":" ? onError(value, "MISSING_CHAR", `Missing space after : in ${fcName}`) : onError(valueProps.start, "MISSING_CHAR", `Missing , or : between ${fcName} items`));
				let valueNode = value ? composeNode(ctx, value, valueProps, onError) : valueProps.found ? composeEmptyNode(ctx, valueProps.end, sep, null, valueProps, onError) : null;
				valueNode ? isBlock(value) && onError(valueNode.range, "BLOCK_IN_FLOW", blockMsg) : valueProps.comment && (keyNode.comment ? keyNode.comment += "\n" + valueProps.comment : keyNode.comment = valueProps.comment);
				let pair = new Pair.Pair(keyNode, valueNode);
				if (ctx.options.keepSourceTokens && (pair.srcToken = collItem), isMap) {
					let map = coll;
					utilMapIncludes.mapIncludes(ctx, map.items, keyNode) && onError(keyStart, "DUPLICATE_KEY", "Map keys must be unique"), map.items.push(pair);
				} else {
					let map = new YAMLMap.YAMLMap(ctx.schema);
					map.flow = !0, map.items.push(pair);
					let endRange = (valueNode ?? keyNode).range;
					map.range = [
						keyNode.range[0],
						endRange[1],
						endRange[2]
					], coll.items.push(map);
				}
				offset = valueNode ? valueNode.range[2] : valueProps.end;
			}
		}
		let expectedEnd = isMap ? "}" : "]", [ce, ...ee] = fc.end, cePos = offset;
		if (ce?.source === expectedEnd) cePos = ce.offset + ce.source.length;
		else {
			let name = fcName[0].toUpperCase() + fcName.substring(1), msg = atRoot ? `${name} must end with a ${expectedEnd}` : `${name} in block collection must be sufficiently indented and end with a ${expectedEnd}`;
			onError(offset, atRoot ? "MISSING_CHAR" : "BAD_INDENT", msg), ce && ce.source.length !== 1 && ee.unshift(ce);
		}
		if (ee.length > 0) {
			let end = resolveEnd.resolveEnd(ee, cePos, ctx.options.strict, onError);
			end.comment && (coll.comment ? coll.comment += "\n" + end.comment : coll.comment = end.comment), coll.range = [
				fc.offset,
				cePos,
				end.offset
			];
		} else coll.range = [
			fc.offset,
			cePos,
			cePos
		];
		return coll;
	}
	exports.resolveFlowCollection = resolveFlowCollection;
})), require_compose_collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), Scalar = require_Scalar(), YAMLMap = require_YAMLMap(), YAMLSeq = require_YAMLSeq(), resolveBlockMap = require_resolve_block_map(), resolveBlockSeq = require_resolve_block_seq(), resolveFlowCollection = require_resolve_flow_collection();
	function resolveCollection(CN, ctx, token, onError, tagName, tag) {
		let coll = token.type === "block-map" ? resolveBlockMap.resolveBlockMap(CN, ctx, token, onError, tag) : token.type === "block-seq" ? resolveBlockSeq.resolveBlockSeq(CN, ctx, token, onError, tag) : resolveFlowCollection.resolveFlowCollection(CN, ctx, token, onError, tag), Coll = coll.constructor;
		return tagName === "!" || tagName === Coll.tagName ? (coll.tag = Coll.tagName, coll) : (tagName && (coll.tag = tagName), coll);
	}
	function composeCollection(CN, ctx, token, props, onError) {
		let tagToken = props.tag, tagName = tagToken ? ctx.directives.tagName(tagToken.source, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg)) : null;
		if (token.type === "block-seq") {
			let { anchor, newlineAfterProp: nl } = props, lastProp = anchor && tagToken ? anchor.offset > tagToken.offset ? anchor : tagToken : anchor ?? tagToken;
			lastProp && (!nl || nl.offset < lastProp.offset) && onError(lastProp, "MISSING_CHAR", "Missing newline after block sequence props");
		}
		let expType = token.type === "block-map" ? "map" : token.type === "block-seq" ? "seq" : token.start.source === "{" ? "map" : "seq";
		if (!tagToken || !tagName || tagName === "!" || tagName === YAMLMap.YAMLMap.tagName && expType === "map" || tagName === YAMLSeq.YAMLSeq.tagName && expType === "seq") return resolveCollection(CN, ctx, token, onError, tagName);
		let tag = ctx.schema.tags.find((t) => t.tag === tagName && t.collection === expType);
		if (!tag) {
			let kt = ctx.schema.knownTags[tagName];
			if (kt?.collection === expType) ctx.schema.tags.push(Object.assign({}, kt, { default: !1 })), tag = kt;
			else return kt ? onError(tagToken, "BAD_COLLECTION_TYPE", `${kt.tag} used for ${expType} collection, but expects ${kt.collection ?? "scalar"}`, !0) : onError(tagToken, "TAG_RESOLVE_FAILED", `Unresolved tag: ${tagName}`, !0), resolveCollection(CN, ctx, token, onError, tagName);
		}
		let coll = resolveCollection(CN, ctx, token, onError, tagName, tag), res = tag.resolve?.(coll, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg), ctx.options) ?? coll, node = identity.isNode(res) ? res : new Scalar.Scalar(res);
		return node.range = coll.range, node.tag = tagName, tag?.format && (node.format = tag.format), node;
	}
	exports.composeCollection = composeCollection;
})), require_resolve_block_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	function resolveBlockScalar(ctx, scalar, onError) {
		let start = scalar.offset, header = parseBlockScalarHeader(scalar, ctx.options.strict, onError);
		if (!header) return {
			value: "",
			type: null,
			comment: "",
			range: [
				start,
				start,
				start
			]
		};
		let type = header.mode === ">" ? Scalar.Scalar.BLOCK_FOLDED : Scalar.Scalar.BLOCK_LITERAL, lines = scalar.source ? splitLines(scalar.source) : [], chompStart = lines.length;
		for (let i = lines.length - 1; i >= 0; --i) {
			let content = lines[i][1];
			if (content === "" || content === "\r") chompStart = i;
			else break;
		}
		if (chompStart === 0) {
			let value = header.chomp === "+" && lines.length > 0 ? "\n".repeat(Math.max(1, lines.length - 1)) : "", end = start + header.length;
			return scalar.source && (end += scalar.source.length), {
				value,
				type,
				comment: header.comment,
				range: [
					start,
					end,
					end
				]
			};
		}
		let trimIndent = scalar.indent + header.indent, offset = scalar.offset + header.length, contentStart = 0;
		for (let i = 0; i < chompStart; ++i) {
			let [indent, content] = lines[i];
			if (content === "" || content === "\r") header.indent === 0 && indent.length > trimIndent && (trimIndent = indent.length);
			else {
				indent.length < trimIndent && onError(offset + indent.length, "MISSING_CHAR", "Block scalars with more-indented leading empty lines must use an explicit indentation indicator"), header.indent === 0 && (trimIndent = indent.length), contentStart = i, trimIndent === 0 && !ctx.atRoot && onError(offset, "BAD_INDENT", "Block scalar values in collections must be indented");
				break;
			}
			offset += indent.length + content.length + 1;
		}
		for (let i = lines.length - 1; i >= chompStart; --i) lines[i][0].length > trimIndent && (chompStart = i + 1);
		let value = "", sep = "", prevMoreIndented = !1;
		for (let i = 0; i < contentStart; ++i) value += lines[i][0].slice(trimIndent) + "\n";
		for (let i = contentStart; i < chompStart; ++i) {
			let [indent, content] = lines[i];
			offset += indent.length + content.length + 1;
			let crlf = content[content.length - 1] === "\r";
			/* istanbul ignore if already caught in lexer */
			if (crlf && (content = content.slice(0, -1)), content && indent.length < trimIndent) {
				let message = `Block scalar lines must not be less indented than their ${header.indent ? "explicit indentation indicator" : "first line"}`;
				onError(offset - content.length - (crlf ? 2 : 1), "BAD_INDENT", message), indent = "";
			}
			type === Scalar.Scalar.BLOCK_LITERAL ? (value += sep + indent.slice(trimIndent) + content, sep = "\n") : indent.length > trimIndent || content[0] === "	" ? (sep === " " ? sep = "\n" : !prevMoreIndented && sep === "\n" && (sep = "\n\n"), value += sep + indent.slice(trimIndent) + content, sep = "\n", prevMoreIndented = !0) : content === "" ? sep === "\n" ? value += "\n" : sep = "\n" : (value += sep + content, sep = " ", prevMoreIndented = !1);
		}
		switch (header.chomp) {
			case "-": break;
			case "+":
				for (let i = chompStart; i < lines.length; ++i) value += "\n" + lines[i][0].slice(trimIndent);
				value[value.length - 1] !== "\n" && (value += "\n");
				break;
			default: value += "\n";
		}
		let end = start + header.length + scalar.source.length;
		return {
			value,
			type,
			comment: header.comment,
			range: [
				start,
				end,
				end
			]
		};
	}
	function parseBlockScalarHeader({ offset, props }, strict, onError) {
		/* istanbul ignore if should not happen */
		if (props[0].type !== "block-scalar-header") return onError(props[0], "IMPOSSIBLE", "Block scalar header not found"), null;
		let { source } = props[0], mode = source[0], indent = 0, chomp = "", error = -1;
		for (let i = 1; i < source.length; ++i) {
			let ch = source[i];
			if (!chomp && (ch === "-" || ch === "+")) chomp = ch;
			else {
				let n = Number(ch);
				!indent && n ? indent = n : error === -1 && (error = offset + i);
			}
		}
		error !== -1 && onError(error, "UNEXPECTED_TOKEN", `Block scalar header includes extra characters: ${source}`);
		let hasSpace = !1, comment = "", length = source.length;
		for (let i = 1; i < props.length; ++i) {
			let token = props[i];
			switch (token.type) {
				case "space": hasSpace = !0;
				case "newline":
					length += token.source.length;
					break;
				case "comment":
					strict && !hasSpace && onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters"), length += token.source.length, comment = token.source.substring(1);
					break;
				case "error":
					onError(token, "UNEXPECTED_TOKEN", token.message), length += token.source.length;
					break;
				/* istanbul ignore next should not happen */
				default: {
					onError(token, "UNEXPECTED_TOKEN", `Unexpected token in block scalar header: ${token.type}`);
					let ts = token.source;
					ts && typeof ts == "string" && (length += ts.length);
				}
			}
		}
		return {
			mode,
			indent,
			chomp,
			comment,
			length
		};
	}
	/** @returns Array of lines split up as `[indent, content]` */
	function splitLines(source) {
		let split = source.split(/\n( *)/), first = split[0], m = first.match(/^( *)/), lines = [m?.[1] ? [m[1], first.slice(m[1].length)] : ["", first]];
		for (let i = 1; i < split.length; i += 2) lines.push([split[i], split[i + 1]]);
		return lines;
	}
	exports.resolveBlockScalar = resolveBlockScalar;
})), require_resolve_flow_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar(), resolveEnd = require_resolve_end();
	function resolveFlowScalar(scalar, strict, onError) {
		let { offset, type, source, end } = scalar, _type, value, _onError = (rel, code, msg) => onError(offset + rel, code, msg);
		switch (type) {
			case "scalar":
				_type = Scalar.Scalar.PLAIN, value = plainValue(source, _onError);
				break;
			case "single-quoted-scalar":
				_type = Scalar.Scalar.QUOTE_SINGLE, value = singleQuotedValue(source, _onError);
				break;
			case "double-quoted-scalar":
				_type = Scalar.Scalar.QUOTE_DOUBLE, value = doubleQuotedValue(source, _onError);
				break;
			/* istanbul ignore next should not happen */
			default: return onError(scalar, "UNEXPECTED_TOKEN", `Expected a flow scalar value, but found: ${type}`), {
				value: "",
				type: null,
				comment: "",
				range: [
					offset,
					offset + source.length,
					offset + source.length
				]
			};
		}
		let valueEnd = offset + source.length, re = resolveEnd.resolveEnd(end, valueEnd, strict, onError);
		return {
			value,
			type: _type,
			comment: re.comment,
			range: [
				offset,
				valueEnd,
				re.offset
			]
		};
	}
	function plainValue(source, onError) {
		let badChar = "";
		switch (source[0]) {
			/* istanbul ignore next should not happen */
			case "	":
				badChar = "a tab character";
				break;
			case ",":
				badChar = "flow indicator character ,";
				break;
			case "%":
				badChar = "directive indicator character %";
				break;
			case "|":
			case ">":
				badChar = `block scalar indicator ${source[0]}`;
				break;
			case "@":
			case "`": badChar = `reserved character ${source[0]}`;
		}
		return badChar && onError(0, "BAD_SCALAR_START", `Plain value cannot start with ${badChar}`), unfoldLines(source);
	}
	function singleQuotedValue(source, onError) {
		return (source[source.length - 1] !== "'" || source.length === 1) && onError(source.length, "MISSING_CHAR", "Missing closing 'quote"), unfoldLines(source.slice(1, -1)).replace(/''/g, "'");
	}
	function unfoldLines(source) {
		let line = /(.*?)\r?\n/sy, match = line.exec(source);
		if (!match) return source;
		/**
		* The negative lookbehinds in these RegExps are to
		* prevent causing a polynomial search time in certain cases.
		*
		* The try-catch is for Safari < 16.4 and other old browsers:
		* https://caniuse.com/js-regexp-lookbehind
		*/
		let trimEnd, trimBoth;
		try {
			trimEnd = RegExp("(?<![ 	])[ 	]+$"), trimBoth = RegExp("^[ 	]+|(?<![ 	])[ 	]+$", "g");
		} catch {
			trimEnd = /[ \t]+$/, trimBoth = /^[ \t]+|[ \t]+$/g;
		}
		let res = match[1].replace(trimEnd, ""), sep = " ", pos = line.lastIndex;
		for (; match = line.exec(source);) {
			let lm = match[1].replace(trimBoth, "");
			lm === "" ? sep === "\n" ? res += sep : sep = "\n" : (res += sep + lm, sep = " "), pos = line.lastIndex;
		}
		let last = /[ \t]*(.*)/sy;
		return last.lastIndex = pos, match = last.exec(source), res + sep + (match?.[1] ?? "");
	}
	function doubleQuotedValue(source, onError) {
		let res = "";
		for (let i = 1; i < source.length - 1; ++i) {
			let ch = source[i];
			if (ch !== "\r" || source[i + 1] !== "\n") {
				if (ch === "\n") {
					let { fold, offset } = foldNewline(source, i);
					res += fold, i = offset;
				} else if (ch === "\\") {
					let next = source[++i], cc = escapeCodes[next];
					if (cc) res += cc;
					else if (next === "\n") for (next = source[i + 1]; next === " " || next === "	";) next = source[++i + 1];
					else if (next === "\r" && source[i + 1] === "\n") for (next = source[++i + 1]; next === " " || next === "	";) next = source[++i + 1];
					else if (next === "x" || next === "u" || next === "U") {
						let length = next === "x" ? 2 : next === "u" ? 4 : 8;
						res += parseCharCode(source, i + 1, length, onError), i += length;
					} else {
						let raw = source.substr(i - 1, 2);
						onError(i - 1, "BAD_DQ_ESCAPE", `Invalid escape sequence ${raw}`), res += raw;
					}
				} else if (ch === " " || ch === "	") {
					let wsStart = i, next = source[i + 1];
					for (; next === " " || next === "	";) next = source[++i + 1];
					next !== "\n" && (next !== "\r" || source[i + 2] !== "\n") && (res += i > wsStart ? source.slice(wsStart, i + 1) : ch);
				} else res += ch;
			}
		}
		return (source[source.length - 1] !== "\"" || source.length === 1) && onError(source.length, "MISSING_CHAR", "Missing closing \"quote"), res;
	}
	/**
	* Fold a single newline into a space, multiple newlines to N - 1 newlines.
	* Presumes `source[offset] === '\n'`
	*/
	function foldNewline(source, offset) {
		let fold = "", ch = source[offset + 1];
		for (; (ch === " " || ch === "	" || ch === "\n" || ch === "\r") && (ch !== "\r" || source[offset + 2] === "\n");) ch === "\n" && (fold += "\n"), offset += 1, ch = source[offset + 1];
		return fold ||= " ", {
			fold,
			offset
		};
	}
	let escapeCodes = {
		0: "\0",
		a: "\x07",
		b: "\b",
		e: "\x1B",
		f: "\f",
		n: "\n",
		r: "\r",
		t: "	",
		v: "\v",
		N: "",
		_: "\xA0",
		L: "\u2028",
		P: "\u2029",
		" ": " ",
		"\"": "\"",
		"/": "/",
		"\\": "\\",
		"	": "	"
	};
	function parseCharCode(source, offset, length, onError) {
		let cc = source.substr(offset, length), code = cc.length === length && /^[0-9a-fA-F]+$/.test(cc) ? parseInt(cc, 16) : NaN;
		try {
			return String.fromCodePoint(code);
		} catch {
			let raw = source.substr(offset - 2, length + 2);
			return onError(offset - 2, "BAD_DQ_ESCAPE", `Invalid escape sequence ${raw}`), raw;
		}
	}
	exports.resolveFlowScalar = resolveFlowScalar;
})), require_compose_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity(), Scalar = require_Scalar(), resolveBlockScalar = require_resolve_block_scalar(), resolveFlowScalar = require_resolve_flow_scalar();
	function composeScalar(ctx, token, tagToken, onError) {
		let { value, type, comment, range } = token.type === "block-scalar" ? resolveBlockScalar.resolveBlockScalar(ctx, token, onError) : resolveFlowScalar.resolveFlowScalar(token, ctx.options.strict, onError), tagName = tagToken ? ctx.directives.tagName(tagToken.source, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg)) : null, tag;
		tag = ctx.options.stringKeys && ctx.atKey ? ctx.schema[identity.SCALAR] : tagName ? findScalarTagByName(ctx.schema, value, tagName, tagToken, onError) : token.type === "scalar" ? findScalarTagByTest(ctx, value, token, onError) : ctx.schema[identity.SCALAR];
		let scalar;
		try {
			let res = tag.resolve(value, (msg) => onError(tagToken ?? token, "TAG_RESOLVE_FAILED", msg), ctx.options);
			scalar = identity.isScalar(res) ? res : new Scalar.Scalar(res);
		} catch (error) {
			let msg = error instanceof Error ? error.message : String(error);
			onError(tagToken ?? token, "TAG_RESOLVE_FAILED", msg), scalar = new Scalar.Scalar(value);
		}
		return scalar.range = range, scalar.source = value, type && (scalar.type = type), tagName && (scalar.tag = tagName), tag.format && (scalar.format = tag.format), comment && (scalar.comment = comment), scalar;
	}
	function findScalarTagByName(schema, value, tagName, tagToken, onError) {
		if (tagName === "!") return schema[identity.SCALAR];
		let matchWithTest = [];
		for (let tag of schema.tags) if (!tag.collection && tag.tag === tagName) {
			if (tag.default && tag.test) matchWithTest.push(tag);
			else return tag;
		}
		for (let tag of matchWithTest) if (tag.test?.test(value)) return tag;
		let kt = schema.knownTags[tagName];
		return kt && !kt.collection ? (schema.tags.push(Object.assign({}, kt, {
			default: !1,
			test: void 0
		})), kt) : (onError(tagToken, "TAG_RESOLVE_FAILED", `Unresolved tag: ${tagName}`, tagName !== "tag:yaml.org,2002:str"), schema[identity.SCALAR]);
	}
	function findScalarTagByTest({ atKey, directives, schema }, value, token, onError) {
		let tag = schema.tags.find((tag) => (tag.default === !0 || atKey && tag.default === "key") && tag.test?.test(value)) || schema[identity.SCALAR];
		if (schema.compat) {
			let compat = schema.compat.find((tag) => tag.default && tag.test?.test(value)) ?? schema[identity.SCALAR];
			tag.tag !== compat.tag && onError(token, "TAG_RESOLVE_FAILED", `Value may be parsed as either ${directives.tagString(tag.tag)} or ${directives.tagString(compat.tag)}`, !0);
		}
		return tag;
	}
	exports.composeScalar = composeScalar;
})), require_util_empty_scalar_position = /* @__PURE__ */ __commonJSMin(((exports) => {
	function emptyScalarPosition(offset, before, pos) {
		if (before) {
			pos ??= before.length;
			for (let i = pos - 1; i >= 0; --i) {
				let st = before[i];
				switch (st.type) {
					case "space":
					case "comment":
					case "newline":
						offset -= st.source.length;
						continue;
				}
				for (st = before[++i]; st?.type === "space";) offset += st.source.length, st = before[++i];
				break;
			}
		}
		return offset;
	}
	exports.emptyScalarPosition = emptyScalarPosition;
})), require_compose_node = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias(), identity = require_identity(), composeCollection = require_compose_collection(), composeScalar = require_compose_scalar(), resolveEnd = require_resolve_end(), utilEmptyScalarPosition = require_util_empty_scalar_position();
	let CN = {
		composeNode,
		composeEmptyNode
	};
	function composeNode(ctx, token, props, onError) {
		let atKey = ctx.atKey, { spaceBefore, comment, anchor, tag } = props, node, isSrcToken = !0;
		switch (token.type) {
			case "alias":
				node = composeAlias(ctx, token, onError), (anchor || tag) && onError(token, "ALIAS_PROPS", "An alias node must not specify any properties");
				break;
			case "scalar":
			case "single-quoted-scalar":
			case "double-quoted-scalar":
			case "block-scalar":
				node = composeScalar.composeScalar(ctx, token, tag, onError), anchor && (node.anchor = anchor.source.substring(1));
				break;
			case "block-map":
			case "block-seq":
			case "flow-collection":
				try {
					node = composeCollection.composeCollection(CN, ctx, token, props, onError), anchor && (node.anchor = anchor.source.substring(1));
				} catch (error) {
					onError(token, "RESOURCE_EXHAUSTION", error instanceof Error ? error.message : String(error));
				}
				break;
			default: onError(token, "UNEXPECTED_TOKEN", token.type === "error" ? token.message : `Unsupported token (type: ${token.type})`), isSrcToken = !1;
		}
		return node ??= composeEmptyNode(ctx, token.offset, void 0, null, props, onError), anchor && node.anchor === "" && onError(anchor, "BAD_ALIAS", "Anchor cannot be an empty string"), atKey && ctx.options.stringKeys && (!identity.isScalar(node) || typeof node.value != "string" || node.tag && node.tag !== "tag:yaml.org,2002:str") && onError(tag ?? token, "NON_STRING_KEY", "With stringKeys, all keys must be strings"), spaceBefore && (node.spaceBefore = !0), comment && (token.type === "scalar" && token.source === "" ? node.comment = comment : node.commentBefore = comment), ctx.options.keepSourceTokens && isSrcToken && (node.srcToken = token), node;
	}
	function composeEmptyNode(ctx, offset, before, pos, { spaceBefore, comment, anchor, tag, end }, onError) {
		let token = {
			type: "scalar",
			offset: utilEmptyScalarPosition.emptyScalarPosition(offset, before, pos),
			indent: -1,
			source: ""
		}, node = composeScalar.composeScalar(ctx, token, tag, onError);
		return anchor && (node.anchor = anchor.source.substring(1), node.anchor === "" && onError(anchor, "BAD_ALIAS", "Anchor cannot be an empty string")), spaceBefore && (node.spaceBefore = !0), comment && (node.comment = comment, node.range[2] = end), node;
	}
	function composeAlias({ options }, { offset, source, end }, onError) {
		let alias = new Alias.Alias(source.substring(1));
		alias.source === "" && onError(offset, "BAD_ALIAS", "Alias cannot be an empty string"), alias.source.endsWith(":") && onError(offset + source.length - 1, "BAD_ALIAS", "Alias ending in : is ambiguous", !0);
		let valueEnd = offset + source.length, re = resolveEnd.resolveEnd(end, valueEnd, options.strict, onError);
		return alias.range = [
			offset,
			valueEnd,
			re.offset
		], re.comment && (alias.comment = re.comment), alias;
	}
	exports.composeEmptyNode = composeEmptyNode, exports.composeNode = composeNode;
})), require_compose_doc = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Document = require_Document(), composeNode = require_compose_node(), resolveEnd = require_resolve_end(), resolveProps = require_resolve_props();
	function composeDoc(options, directives, { offset, start, value, end }, onError) {
		let opts = Object.assign({ _directives: directives }, options), doc = new Document.Document(void 0, opts), ctx = {
			atKey: !1,
			atRoot: !0,
			directives: doc.directives,
			options: doc.options,
			schema: doc.schema
		}, props = resolveProps.resolveProps(start, {
			indicator: "doc-start",
			next: value ?? end?.[0],
			offset,
			onError,
			parentIndent: 0,
			startOnNewline: !0
		});
		props.found && (doc.directives.docStart = !0, value && (value.type === "block-map" || value.type === "block-seq") && !props.hasNewline && onError(props.end, "MISSING_CHAR", "Block collection cannot start on same line with directives-end marker")), doc.contents = value ? composeNode.composeNode(ctx, value, props, onError) : composeNode.composeEmptyNode(ctx, props.end, start, null, props, onError);
		let contentEnd = doc.contents.range[2], re = resolveEnd.resolveEnd(end, contentEnd, !1, onError);
		return re.comment && (doc.comment = re.comment), doc.range = [
			offset,
			contentEnd,
			re.offset
		], doc;
	}
	exports.composeDoc = composeDoc;
})), require_composer = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process"), directives = require_directives(), Document = require_Document(), errors = require_errors(), identity = require_identity(), composeDoc = require_compose_doc(), resolveEnd = require_resolve_end();
	function getErrorPos(src) {
		if (typeof src == "number") return [src, src + 1];
		if (Array.isArray(src)) return src.length === 2 ? src : [src[0], src[1]];
		let { offset, source } = src;
		return [offset, offset + (typeof source == "string" ? source.length : 1)];
	}
	function parsePrelude(prelude) {
		let comment = "", atComment = !1, afterEmptyLine = !1;
		for (let i = 0; i < prelude.length; ++i) {
			let source = prelude[i];
			switch (source[0]) {
				case "#":
					comment += (comment === "" ? "" : afterEmptyLine ? "\n\n" : "\n") + (source.substring(1) || " "), atComment = !0, afterEmptyLine = !1;
					break;
				case "%":
					prelude[i + 1]?.[0] !== "#" && (i += 1), atComment = !1;
					break;
				default: atComment || (afterEmptyLine = !0), atComment = !1;
			}
		}
		return {
			comment,
			afterEmptyLine
		};
	}
	exports.Composer = class {
		constructor(options = {}) {
			this.doc = null, this.atDirectives = !1, this.prelude = [], this.errors = [], this.warnings = [], this.onError = (source, code, message, warning) => {
				let pos = getErrorPos(source);
				warning ? this.warnings.push(new errors.YAMLWarning(pos, code, message)) : this.errors.push(new errors.YAMLParseError(pos, code, message));
			}, this.directives = new directives.Directives({ version: options.version || "1.2" }), this.options = options;
		}
		decorate(doc, afterDoc) {
			let { comment, afterEmptyLine } = parsePrelude(this.prelude);
			if (comment) {
				let dc = doc.contents;
				if (afterDoc) doc.comment = doc.comment ? `${doc.comment}\n${comment}` : comment;
				else if (afterEmptyLine || doc.directives.docStart || !dc) doc.commentBefore = comment;
				else if (identity.isCollection(dc) && !dc.flow && dc.items.length > 0) {
					let it = dc.items[0];
					identity.isPair(it) && (it = it.key);
					let cb = it.commentBefore;
					it.commentBefore = cb ? `${comment}\n${cb}` : comment;
				} else {
					let cb = dc.commentBefore;
					dc.commentBefore = cb ? `${comment}\n${cb}` : comment;
				}
			}
			if (afterDoc) {
				for (let i = 0; i < this.errors.length; ++i) doc.errors.push(this.errors[i]);
				for (let i = 0; i < this.warnings.length; ++i) doc.warnings.push(this.warnings[i]);
			} else doc.errors = this.errors, doc.warnings = this.warnings;
			this.prelude = [], this.errors = [], this.warnings = [];
		}
		/**
		* Current stream status information.
		*
		* Mostly useful at the end of input for an empty stream.
		*/
		streamInfo() {
			return {
				comment: parsePrelude(this.prelude).comment,
				directives: this.directives,
				errors: this.errors,
				warnings: this.warnings
			};
		}
		/**
		* Compose tokens into documents.
		*
		* @param forceDoc - If the stream contains no document, still emit a final document including any comments and directives that would be applied to a subsequent document.
		* @param endOffset - Should be set if `forceDoc` is also set, to set the document range end and to indicate errors correctly.
		*/
		*compose(tokens, forceDoc = !1, endOffset = -1) {
			for (let token of tokens) yield* this.next(token);
			yield* this.end(forceDoc, endOffset);
		}
		/** Advance the composer by one CST token. */
		*next(token) {
			switch (node_process.env.LOG_STREAM && console.dir(token, { depth: null }), token.type) {
				case "directive":
					this.directives.add(token.source, (offset, message, warning) => {
						let pos = getErrorPos(token);
						pos[0] += offset, this.onError(pos, "BAD_DIRECTIVE", message, warning);
					}), this.prelude.push(token.source), this.atDirectives = !0;
					break;
				case "document": {
					let doc = composeDoc.composeDoc(this.options, this.directives, token, this.onError);
					this.atDirectives && !doc.directives.docStart && this.onError(token, "MISSING_CHAR", "Missing directives-end/doc-start indicator line"), this.decorate(doc, !1), this.doc && (yield this.doc), this.doc = doc, this.atDirectives = !1;
					break;
				}
				case "byte-order-mark":
				case "space": break;
				case "comment":
				case "newline":
					this.prelude.push(token.source);
					break;
				case "error": {
					let msg = token.source ? `${token.message}: ${JSON.stringify(token.source)}` : token.message, error = new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", msg);
					this.atDirectives || !this.doc ? this.errors.push(error) : this.doc.errors.push(error);
					break;
				}
				case "doc-end": {
					if (!this.doc) {
						this.errors.push(new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", "Unexpected doc-end without preceding document"));
						break;
					}
					this.doc.directives.docEnd = !0;
					let end = resolveEnd.resolveEnd(token.end, token.offset + token.source.length, this.doc.options.strict, this.onError);
					if (this.decorate(this.doc, !0), end.comment) {
						let dc = this.doc.comment;
						this.doc.comment = dc ? `${dc}\n${end.comment}` : end.comment;
					}
					this.doc.range[2] = end.offset;
					break;
				}
				default: this.errors.push(new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", `Unsupported token ${token.type}`));
			}
		}
		/**
		* Call at end of input to yield any remaining document.
		*
		* @param forceDoc - If the stream contains no document, still emit a final document including any comments and directives that would be applied to a subsequent document.
		* @param endOffset - Should be set if `forceDoc` is also set, to set the document range end and to indicate errors correctly.
		*/
		*end(forceDoc = !1, endOffset = -1) {
			if (this.doc) this.decorate(this.doc, !0), yield this.doc, this.doc = null;
			else if (forceDoc) {
				let opts = Object.assign({ _directives: this.directives }, this.options), doc = new Document.Document(void 0, opts);
				this.atDirectives && this.onError(endOffset, "MISSING_CHAR", "Missing directives-end indicator line"), doc.range = [
					0,
					endOffset,
					endOffset
				], this.decorate(doc, !1), yield doc;
			}
		}
	};
})), require_cst_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var resolveBlockScalar = require_resolve_block_scalar(), resolveFlowScalar = require_resolve_flow_scalar(), errors = require_errors(), stringifyString = require_stringifyString();
	function resolveAsScalar(token, strict = !0, onError) {
		if (token) {
			let _onError = (pos, code, message) => {
				let offset = typeof pos == "number" ? pos : Array.isArray(pos) ? pos[0] : pos.offset;
				if (onError) onError(offset, code, message);
				else throw new errors.YAMLParseError([offset, offset + 1], code, message);
			};
			switch (token.type) {
				case "scalar":
				case "single-quoted-scalar":
				case "double-quoted-scalar": return resolveFlowScalar.resolveFlowScalar(token, strict, _onError);
				case "block-scalar": return resolveBlockScalar.resolveBlockScalar({ options: { strict } }, token, _onError);
			}
		}
		return null;
	}
	/**
	* Create a new scalar token with `value`
	*
	* Values that represent an actual string but may be parsed as a different type should use a `type` other than `'PLAIN'`,
	* as this function does not support any schema operations and won't check for such conflicts.
	*
	* @param value The string representation of the value, which will have its content properly indented.
	* @param context.end Comments and whitespace after the end of the value, or after the block scalar header. If undefined, a newline will be added.
	* @param context.implicitKey Being within an implicit key may affect the resolved type of the token's value.
	* @param context.indent The indent level of the token.
	* @param context.inFlow Is this scalar within a flow collection? This may affect the resolved type of the token's value.
	* @param context.offset The offset position of the token.
	* @param context.type The preferred type of the scalar token. If undefined, the previous type of the `token` will be used, defaulting to `'PLAIN'`.
	*/
	function createScalarToken(value, context) {
		let { implicitKey = !1, indent, inFlow = !1, offset = -1, type = "PLAIN" } = context, source = stringifyString.stringifyString({
			type,
			value
		}, {
			implicitKey,
			indent: indent > 0 ? " ".repeat(indent) : "",
			inFlow,
			options: {
				blockQuote: !0,
				lineWidth: -1
			}
		}), end = context.end ?? [{
			type: "newline",
			offset: -1,
			indent,
			source: "\n"
		}];
		switch (source[0]) {
			case "|":
			case ">": {
				let he = source.indexOf("\n"), head = source.substring(0, he), body = source.substring(he + 1) + "\n", props = [{
					type: "block-scalar-header",
					offset,
					indent,
					source: head
				}];
				return addEndtoBlockProps(props, end) || props.push({
					type: "newline",
					offset: -1,
					indent,
					source: "\n"
				}), {
					type: "block-scalar",
					offset,
					indent,
					props,
					source: body
				};
			}
			case "\"": return {
				type: "double-quoted-scalar",
				offset,
				indent,
				source,
				end
			};
			case "'": return {
				type: "single-quoted-scalar",
				offset,
				indent,
				source,
				end
			};
			default: return {
				type: "scalar",
				offset,
				indent,
				source,
				end
			};
		}
	}
	/**
	* Set the value of `token` to the given string `value`, overwriting any previous contents and type that it may have.
	*
	* Best efforts are made to retain any comments previously associated with the `token`,
	* though all contents within a collection's `items` will be overwritten.
	*
	* Values that represent an actual string but may be parsed as a different type should use a `type` other than `'PLAIN'`,
	* as this function does not support any schema operations and won't check for such conflicts.
	*
	* @param token Any token. If it does not include an `indent` value, the value will be stringified as if it were an implicit key.
	* @param value The string representation of the value, which will have its content properly indented.
	* @param context.afterKey In most cases, values after a key should have an additional level of indentation.
	* @param context.implicitKey Being within an implicit key may affect the resolved type of the token's value.
	* @param context.inFlow Being within a flow collection may affect the resolved type of the token's value.
	* @param context.type The preferred type of the scalar token. If undefined, the previous type of the `token` will be used, defaulting to `'PLAIN'`.
	*/
	function setScalarValue(token, value, context = {}) {
		let { afterKey = !1, implicitKey = !1, inFlow = !1, type } = context, indent = "indent" in token ? token.indent : null;
		if (afterKey && typeof indent == "number" && (indent += 2), !type) switch (token.type) {
			case "single-quoted-scalar":
				type = "QUOTE_SINGLE";
				break;
			case "double-quoted-scalar":
				type = "QUOTE_DOUBLE";
				break;
			case "block-scalar": {
				let header = token.props[0];
				if (header.type !== "block-scalar-header") throw Error("Invalid block scalar header");
				type = header.source[0] === ">" ? "BLOCK_FOLDED" : "BLOCK_LITERAL";
				break;
			}
			default: type = "PLAIN";
		}
		let source = stringifyString.stringifyString({
			type,
			value
		}, {
			implicitKey: implicitKey || indent === null,
			indent: indent !== null && indent > 0 ? " ".repeat(indent) : "",
			inFlow,
			options: {
				blockQuote: !0,
				lineWidth: -1
			}
		});
		switch (source[0]) {
			case "|":
			case ">":
				setBlockScalarValue(token, source);
				break;
			case "\"":
				setFlowScalarValue(token, source, "double-quoted-scalar");
				break;
			case "'":
				setFlowScalarValue(token, source, "single-quoted-scalar");
				break;
			default: setFlowScalarValue(token, source, "scalar");
		}
	}
	function setBlockScalarValue(token, source) {
		let he = source.indexOf("\n"), head = source.substring(0, he), body = source.substring(he + 1) + "\n";
		if (token.type === "block-scalar") {
			let header = token.props[0];
			if (header.type !== "block-scalar-header") throw Error("Invalid block scalar header");
			header.source = head, token.source = body;
		} else {
			let { offset } = token, indent = "indent" in token ? token.indent : -1, props = [{
				type: "block-scalar-header",
				offset,
				indent,
				source: head
			}];
			addEndtoBlockProps(props, "end" in token ? token.end : void 0) || props.push({
				type: "newline",
				offset: -1,
				indent,
				source: "\n"
			});
			for (let key of Object.keys(token)) key !== "type" && key !== "offset" && delete token[key];
			Object.assign(token, {
				type: "block-scalar",
				indent,
				props,
				source: body
			});
		}
	}
	/** @returns `true` if last token is a newline */
	function addEndtoBlockProps(props, end) {
		if (end) for (let st of end) switch (st.type) {
			case "space":
			case "comment":
				props.push(st);
				break;
			case "newline": return props.push(st), !0;
		}
		return !1;
	}
	function setFlowScalarValue(token, source, type) {
		switch (token.type) {
			case "scalar":
			case "double-quoted-scalar":
			case "single-quoted-scalar":
				token.type = type, token.source = source;
				break;
			case "block-scalar": {
				let end = token.props.slice(1), oa = source.length;
				token.props[0].type === "block-scalar-header" && (oa -= token.props[0].source.length);
				for (let tok of end) tok.offset += oa;
				delete token.props, Object.assign(token, {
					type,
					source,
					end
				});
				break;
			}
			case "block-map":
			case "block-seq": {
				let nl = {
					type: "newline",
					offset: token.offset + source.length,
					indent: token.indent,
					source: "\n"
				};
				delete token.items, Object.assign(token, {
					type,
					source,
					end: [nl]
				});
				break;
			}
			default: {
				let indent = "indent" in token ? token.indent : -1, end = "end" in token && Array.isArray(token.end) ? token.end.filter((st) => st.type === "space" || st.type === "comment" || st.type === "newline") : [];
				for (let key of Object.keys(token)) key !== "type" && key !== "offset" && delete token[key];
				Object.assign(token, {
					type,
					indent,
					source,
					end
				});
			}
		}
	}
	exports.createScalarToken = createScalarToken, exports.resolveAsScalar = resolveAsScalar, exports.setScalarValue = setScalarValue;
})), require_cst_stringify = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Stringify a CST document, token, or collection item
	*
	* Fair warning: This applies no validation whatsoever, and
	* simply concatenates the sources in their logical order.
	*/
	let stringify = (cst) => "type" in cst ? stringifyToken(cst) : stringifyItem(cst);
	function stringifyToken(token) {
		switch (token.type) {
			case "block-scalar": {
				let res = "";
				for (let tok of token.props) res += stringifyToken(tok);
				return res + token.source;
			}
			case "block-map":
			case "block-seq": {
				let res = "";
				for (let item of token.items) res += stringifyItem(item);
				return res;
			}
			case "flow-collection": {
				let res = token.start.source;
				for (let item of token.items) res += stringifyItem(item);
				for (let st of token.end) res += st.source;
				return res;
			}
			case "document": {
				let res = stringifyItem(token);
				if (token.end) for (let st of token.end) res += st.source;
				return res;
			}
			default: {
				let res = token.source;
				if ("end" in token && token.end) for (let st of token.end) res += st.source;
				return res;
			}
		}
	}
	function stringifyItem({ start, key, sep, value }) {
		let res = "";
		for (let st of start) res += st.source;
		if (key && (res += stringifyToken(key)), sep) for (let st of sep) res += st.source;
		return value && (res += stringifyToken(value)), res;
	}
	exports.stringify = stringify;
})), require_cst_visit = /* @__PURE__ */ __commonJSMin(((exports) => {
	let BREAK = Symbol("break visit"), SKIP = Symbol("skip children"), REMOVE = Symbol("remove item");
	/**
	* Apply a visitor to a CST document or item.
	*
	* Walks through the tree (depth-first) starting from the root, calling a
	* `visitor` function with two arguments when entering each item:
	*   - `item`: The current item, which included the following members:
	*     - `start: SourceToken[]` – Source tokens before the key or value,
	*       possibly including its anchor or tag.
	*     - `key?: Token | null` – Set for pair values. May then be `null`, if
	*       the key before the `:` separator is empty.
	*     - `sep?: SourceToken[]` – Source tokens between the key and the value,
	*       which should include the `:` map value indicator if `value` is set.
	*     - `value?: Token` – The value of a sequence item, or of a map pair.
	*   - `path`: The steps from the root to the current node, as an array of
	*     `['key' | 'value', number]` tuples.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this token, continue with
	*      next sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current item, then continue with the next one
	*   - `number`: Set the index of the next step. This is useful especially if
	*     the index of the current token has changed.
	*   - `function`: Define the next visitor for this item. After the original
	*     visitor is called on item entry, next visitors are called after handling
	*     a non-empty `key` and when exiting the item.
	*/
	function visit(cst, visitor) {
		"type" in cst && cst.type === "document" && (cst = {
			start: cst.start,
			value: cst.value
		}), _visit(Object.freeze([]), cst, visitor);
	}
	/**
	* Get the immediate parent collection of the item at `path` from `cst` as the root.
	*
	* Throws an error if the collection is not found, which should never happen if the item itself exists.
	*/
	visit.BREAK = BREAK, visit.SKIP = SKIP, visit.REMOVE = REMOVE, visit.itemAtPath = (cst, path) => {
		let item = cst;
		for (let [field, index] of path) {
			let tok = item?.[field];
			if (tok && "items" in tok) item = tok.items[index];
			else return;
		}
		return item;
	}, visit.parentCollection = (cst, path) => {
		let parent = visit.itemAtPath(cst, path.slice(0, -1)), field = path[path.length - 1][0], coll = parent?.[field];
		if (coll && "items" in coll) return coll;
		throw Error("Parent collection not found");
	};
	function _visit(path, item, visitor) {
		let ctrl = visitor(item, path);
		if (typeof ctrl == "symbol") return ctrl;
		for (let field of ["key", "value"]) {
			let token = item[field];
			if (token && "items" in token) {
				for (let i = 0; i < token.items.length; ++i) {
					let ci = _visit(Object.freeze(path.concat([[field, i]])), token.items[i], visitor);
					if (typeof ci == "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else ci === REMOVE && (token.items.splice(i, 1), --i);
				}
				typeof ctrl == "function" && field === "key" && (ctrl = ctrl(item, path));
			}
		}
		return typeof ctrl == "function" ? ctrl(item, path) : ctrl;
	}
	exports.visit = visit;
})), require_cst = /* @__PURE__ */ __commonJSMin(((exports) => {
	var cstScalar = require_cst_scalar(), cstStringify = require_cst_stringify(), cstVisit = require_cst_visit();
	/** The byte order mark */
	let isCollection = (token) => !!token && "items" in token, isScalar = (token) => !!token && (token.type === "scalar" || token.type === "single-quoted-scalar" || token.type === "double-quoted-scalar" || token.type === "block-scalar");
	/* istanbul ignore next */
	/** Get a printable representation of a lexer token */
	function prettyToken(token) {
		switch (token) {
			case "﻿": return "<BOM>";
			case "": return "<DOC>";
			case "": return "<FLOW_END>";
			case "": return "<SCALAR>";
			default: return JSON.stringify(token);
		}
	}
	/** Identify the type of a lexer token. May return `null` for unknown tokens. */
	function tokenType(source) {
		switch (source) {
			case "﻿": return "byte-order-mark";
			case "": return "doc-mode";
			case "": return "flow-error-end";
			case "": return "scalar";
			case "---": return "doc-start";
			case "...": return "doc-end";
			case "":
			case "\n":
			case "\r\n": return "newline";
			case "-": return "seq-item-ind";
			case "?": return "explicit-key-ind";
			case ":": return "map-value-ind";
			case "{": return "flow-map-start";
			case "}": return "flow-map-end";
			case "[": return "flow-seq-start";
			case "]": return "flow-seq-end";
			case ",": return "comma";
		}
		switch (source[0]) {
			case " ":
			case "	": return "space";
			case "#": return "comment";
			case "%": return "directive-line";
			case "*": return "alias";
			case "&": return "anchor";
			case "!": return "tag";
			case "'": return "single-quoted-scalar";
			case "\"": return "double-quoted-scalar";
			case "|":
			case ">": return "block-scalar-header";
		}
		return null;
	}
	exports.createScalarToken = cstScalar.createScalarToken, exports.resolveAsScalar = cstScalar.resolveAsScalar, exports.setScalarValue = cstScalar.setScalarValue, exports.stringify = cstStringify.stringify, exports.visit = cstVisit.visit, exports.BOM = "﻿", exports.DOCUMENT = "", exports.FLOW_END = "", exports.SCALAR = "", exports.isCollection = isCollection, exports.isScalar = isScalar, exports.prettyToken = prettyToken, exports.tokenType = tokenType;
})), require_lexer = /* @__PURE__ */ __commonJSMin(((exports) => {
	var cst = require_cst();
	function isEmpty(ch) {
		switch (ch) {
			case void 0:
			case " ":
			case "\n":
			case "\r":
			case "	": return !0;
			default: return !1;
		}
	}
	let hexDigits = /* @__PURE__ */ new Set("0123456789ABCDEFabcdef"), tagChars = /* @__PURE__ */ new Set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-#;/?:@&=+$_.!~*'()"), flowIndicatorChars = /* @__PURE__ */ new Set(",[]{}"), invalidAnchorChars = /* @__PURE__ */ new Set(" ,[]{}\n\r	"), isNotAnchorChar = (ch) => !ch || invalidAnchorChars.has(ch);
	exports.Lexer = class {
		constructor() {
			/** A pointer to `buffer`; the current position of the lexer. */
			this.atEnd = !1, this.blockScalarIndent = -1, this.blockScalarKeep = !1, this.buffer = "", this.flowKey = !1, this.flowLevel = 0, this.indentNext = 0, this.indentValue = 0, this.lineEndPos = null, this.next = null, this.pos = 0;
		}
		/**
		* Generate YAML tokens from the `source` string. If `incomplete`,
		* a part of the last line may be left as a buffer for the next call.
		*
		* @returns A generator of lexical tokens
		*/
		*lex(source, incomplete = !1) {
			if (source) {
				if (typeof source != "string") throw TypeError("source is not a string");
				this.buffer = this.buffer ? this.buffer + source : source, this.lineEndPos = null;
			}
			this.atEnd = !incomplete;
			let next = this.next ?? "stream";
			for (; next && (incomplete || this.hasChars(1));) next = yield* this.parseNext(next);
		}
		atLineEnd() {
			let i = this.pos, ch = this.buffer[i];
			for (; ch === " " || ch === "	";) ch = this.buffer[++i];
			return !ch || ch === "#" || ch === "\n" || ch === "\r" && this.buffer[i + 1] === "\n";
		}
		charAt(n) {
			return this.buffer[this.pos + n];
		}
		continueScalar(offset) {
			let ch = this.buffer[offset];
			if (this.indentNext > 0) {
				let indent = 0;
				for (; ch === " ";) ch = this.buffer[++indent + offset];
				if (ch === "\r") {
					let next = this.buffer[indent + offset + 1];
					if (next === "\n" || !next && !this.atEnd) return offset + indent + 1;
				}
				return ch === "\n" || indent >= this.indentNext || !ch && !this.atEnd ? offset + indent : -1;
			}
			if (ch === "-" || ch === ".") {
				let dt = this.buffer.substr(offset, 3);
				if ((dt === "---" || dt === "...") && isEmpty(this.buffer[offset + 3])) return -1;
			}
			return offset;
		}
		getLine() {
			let end = this.lineEndPos;
			return (typeof end != "number" || end !== -1 && end < this.pos) && (end = this.buffer.indexOf("\n", this.pos), this.lineEndPos = end), end === -1 ? this.atEnd ? this.buffer.substring(this.pos) : null : (this.buffer[end - 1] === "\r" && --end, this.buffer.substring(this.pos, end));
		}
		hasChars(n) {
			return this.pos + n <= this.buffer.length;
		}
		setNext(state) {
			return this.buffer = this.buffer.substring(this.pos), this.pos = 0, this.lineEndPos = null, this.next = state, null;
		}
		peek(n) {
			return this.buffer.substr(this.pos, n);
		}
		*parseNext(next) {
			switch (next) {
				case "stream": return yield* this.parseStream();
				case "line-start": return yield* this.parseLineStart();
				case "block-start": return yield* this.parseBlockStart();
				case "doc": return yield* this.parseDocument();
				case "flow": return yield* this.parseFlowCollection();
				case "quoted-scalar": return yield* this.parseQuotedScalar();
				case "block-scalar": return yield* this.parseBlockScalar();
				case "plain-scalar": return yield* this.parsePlainScalar();
			}
		}
		*parseStream() {
			let line = this.getLine();
			if (line === null) return this.setNext("stream");
			if (line[0] === cst.BOM && (yield* this.pushCount(1), line = line.substring(1)), line[0] === "%") {
				let dirEnd = line.length, cs = line.indexOf("#");
				for (; cs !== -1;) {
					let ch = line[cs - 1];
					if (ch === " " || ch === "	") {
						dirEnd = cs - 1;
						break;
					}
					cs = line.indexOf("#", cs + 1);
				}
				for (;;) {
					let ch = line[dirEnd - 1];
					if (ch === " " || ch === "	") --dirEnd;
					else break;
				}
				let n = (yield* this.pushCount(dirEnd)) + (yield* this.pushSpaces(!0));
				return yield* this.pushCount(line.length - n), this.pushNewline(), "stream";
			}
			if (this.atLineEnd()) {
				let sp = yield* this.pushSpaces(!0);
				return yield* this.pushCount(line.length - sp), yield* this.pushNewline(), "stream";
			}
			return yield cst.DOCUMENT, yield* this.parseLineStart();
		}
		*parseLineStart() {
			let ch = this.charAt(0);
			if (!ch && !this.atEnd) return this.setNext("line-start");
			if (ch === "-" || ch === ".") {
				if (!this.atEnd && !this.hasChars(4)) return this.setNext("line-start");
				let s = this.peek(3);
				if ((s === "---" || s === "...") && isEmpty(this.charAt(3))) return yield* this.pushCount(3), this.indentValue = 0, this.indentNext = 0, s === "---" ? "doc" : "stream";
			}
			return this.indentValue = yield* this.pushSpaces(!1), this.indentNext > this.indentValue && !isEmpty(this.charAt(1)) && (this.indentNext = this.indentValue), yield* this.parseBlockStart();
		}
		*parseBlockStart() {
			let [ch0, ch1] = this.peek(2);
			if (!ch1 && !this.atEnd) return this.setNext("block-start");
			if ((ch0 === "-" || ch0 === "?" || ch0 === ":") && isEmpty(ch1)) {
				let n = (yield* this.pushCount(1)) + (yield* this.pushSpaces(!0));
				return this.indentNext = this.indentValue + 1, this.indentValue += n, "block-start";
			}
			return "doc";
		}
		*parseDocument() {
			yield* this.pushSpaces(!0);
			let line = this.getLine();
			if (line === null) return this.setNext("doc");
			let n = yield* this.pushIndicators();
			switch (line[n]) {
				case "#": yield* this.pushCount(line.length - n);
				case void 0: return yield* this.pushNewline(), yield* this.parseLineStart();
				case "{":
				case "[": return yield* this.pushCount(1), this.flowKey = !1, this.flowLevel = 1, "flow";
				case "}":
				case "]": return yield* this.pushCount(1), "doc";
				case "*": return yield* this.pushUntil(isNotAnchorChar), "doc";
				case "\"":
				case "'": return yield* this.parseQuotedScalar();
				case "|":
				case ">": return n += yield* this.parseBlockScalarHeader(), n += yield* this.pushSpaces(!0), yield* this.pushCount(line.length - n), yield* this.pushNewline(), yield* this.parseBlockScalar();
				default: return yield* this.parsePlainScalar();
			}
		}
		*parseFlowCollection() {
			let nl, sp, indent = -1;
			do
				nl = yield* this.pushNewline(), nl > 0 ? (sp = yield* this.pushSpaces(!1), this.indentValue = indent = sp) : sp = 0, sp += yield* this.pushSpaces(!0);
			while (nl + sp > 0);
			let line = this.getLine();
			if (line === null) return this.setNext("flow");
			if ((indent !== -1 && indent < this.indentNext && line[0] !== "#" || indent === 0 && (line.startsWith("---") || line.startsWith("...")) && isEmpty(line[3])) && (indent !== this.indentNext - 1 || this.flowLevel !== 1 || line[0] !== "]" && line[0] !== "}")) return this.flowLevel = 0, yield cst.FLOW_END, yield* this.parseLineStart();
			let n = 0;
			for (; line[n] === ",";) n += yield* this.pushCount(1), n += yield* this.pushSpaces(!0), this.flowKey = !1;
			switch (n += yield* this.pushIndicators(), line[n]) {
				case void 0: return "flow";
				case "#": return yield* this.pushCount(line.length - n), "flow";
				case "{":
				case "[": return yield* this.pushCount(1), this.flowKey = !1, this.flowLevel += 1, "flow";
				case "}":
				case "]": return yield* this.pushCount(1), this.flowKey = !0, --this.flowLevel, this.flowLevel ? "flow" : "doc";
				case "*": return yield* this.pushUntil(isNotAnchorChar), "flow";
				case "\"":
				case "'": return this.flowKey = !0, yield* this.parseQuotedScalar();
				case ":": {
					let next = this.charAt(1);
					if (this.flowKey || isEmpty(next) || next === ",") return this.flowKey = !1, yield* this.pushCount(1), yield* this.pushSpaces(!0), "flow";
				}
				default: return this.flowKey = !1, yield* this.parsePlainScalar();
			}
		}
		*parseQuotedScalar() {
			let quote = this.charAt(0), end = this.buffer.indexOf(quote, this.pos + 1);
			if (quote === "'") for (; end !== -1 && this.buffer[end + 1] === "'";) end = this.buffer.indexOf("'", end + 2);
			else for (; end !== -1;) {
				let n = 0;
				for (; this.buffer[end - 1 - n] === "\\";) n += 1;
				if (n % 2 == 0) break;
				end = this.buffer.indexOf("\"", end + 1);
			}
			let qb = this.buffer.substring(0, end), nl = qb.indexOf("\n", this.pos);
			if (nl !== -1) {
				for (; nl !== -1;) {
					let cs = this.continueScalar(nl + 1);
					if (cs === -1) break;
					nl = qb.indexOf("\n", cs);
				}
				nl !== -1 && (end = nl - (qb[nl - 1] === "\r" ? 2 : 1));
			}
			if (end === -1) {
				if (!this.atEnd) return this.setNext("quoted-scalar");
				end = this.buffer.length;
			}
			return yield* this.pushToIndex(end + 1, !1), this.flowLevel ? "flow" : "doc";
		}
		*parseBlockScalarHeader() {
			this.blockScalarIndent = -1, this.blockScalarKeep = !1;
			let i = this.pos;
			for (;;) {
				let ch = this.buffer[++i];
				if (ch === "+") this.blockScalarKeep = !0;
				else if (ch > "0" && ch <= "9") this.blockScalarIndent = Number(ch) - 1;
				else if (ch !== "-") break;
			}
			return yield* this.pushUntil((ch) => isEmpty(ch) || ch === "#");
		}
		*parseBlockScalar() {
			let nl = this.pos - 1, indent = 0, ch;
			loop: for (let i = this.pos; ch = this.buffer[i]; ++i) switch (ch) {
				case " ":
					indent += 1;
					break;
				case "\n":
					nl = i, indent = 0;
					break;
				case "\r": {
					let next = this.buffer[i + 1];
					if (!next && !this.atEnd) return this.setNext("block-scalar");
					if (next === "\n") break;
				}
				default: break loop;
			}
			if (!ch && !this.atEnd) return this.setNext("block-scalar");
			if (indent >= this.indentNext) {
				this.indentNext = this.blockScalarIndent === -1 ? indent : this.blockScalarIndent + (this.indentNext === 0 ? 1 : this.indentNext);
				do {
					let cs = this.continueScalar(nl + 1);
					if (cs === -1) break;
					nl = this.buffer.indexOf("\n", cs);
				} while (nl !== -1);
				if (nl === -1) {
					if (!this.atEnd) return this.setNext("block-scalar");
					nl = this.buffer.length;
				}
			}
			let i = nl + 1;
			for (ch = this.buffer[i]; ch === " ";) ch = this.buffer[++i];
			if (ch === "	") {
				for (; ch === "	" || ch === " " || ch === "\r" || ch === "\n";) ch = this.buffer[++i];
				nl = i - 1;
			} else if (!this.blockScalarKeep) do {
				let i = nl - 1, ch = this.buffer[i];
				ch === "\r" && (ch = this.buffer[--i]);
				let lastChar = i;
				for (; ch === " ";) ch = this.buffer[--i];
				if (ch === "\n" && i >= this.pos && i + 1 + indent > lastChar) nl = i;
				else break;
			} while (1);
			return yield cst.SCALAR, yield* this.pushToIndex(nl + 1, !0), yield* this.parseLineStart();
		}
		*parsePlainScalar() {
			let inFlow = this.flowLevel > 0, end = this.pos - 1, i = this.pos - 1, ch;
			for (; ch = this.buffer[++i];) if (ch === ":") {
				let next = this.buffer[i + 1];
				if (isEmpty(next) || inFlow && flowIndicatorChars.has(next)) break;
				end = i;
			} else if (isEmpty(ch)) {
				let next = this.buffer[i + 1];
				if (ch === "\r" && (next === "\n" ? (i += 1, ch = "\n", next = this.buffer[i + 1]) : end = i), next === "#" || inFlow && flowIndicatorChars.has(next)) break;
				if (ch === "\n") {
					let cs = this.continueScalar(i + 1);
					if (cs === -1) break;
					i = Math.max(i, cs - 2);
				}
			} else {
				if (inFlow && flowIndicatorChars.has(ch)) break;
				end = i;
			}
			return !ch && !this.atEnd ? this.setNext("plain-scalar") : (yield cst.SCALAR, yield* this.pushToIndex(end + 1, !0), inFlow ? "flow" : "doc");
		}
		*pushCount(n) {
			return n > 0 ? (yield this.buffer.substr(this.pos, n), this.pos += n, n) : 0;
		}
		*pushToIndex(i, allowEmpty) {
			let s = this.buffer.slice(this.pos, i);
			return s ? (yield s, this.pos += s.length, s.length) : (allowEmpty && (yield ""), 0);
		}
		*pushIndicators() {
			let n = 0;
			loop: for (;;) {
				switch (this.charAt(0)) {
					case "!":
						n += yield* this.pushTag(), n += yield* this.pushSpaces(!0);
						continue loop;
					case "&":
						n += yield* this.pushUntil(isNotAnchorChar), n += yield* this.pushSpaces(!0);
						continue loop;
					case "-":
					case "?":
					case ":": {
						let inFlow = this.flowLevel > 0, ch1 = this.charAt(1);
						if (isEmpty(ch1) || inFlow && flowIndicatorChars.has(ch1)) {
							inFlow ? this.flowKey &&= !1 : this.indentNext = this.indentValue + 1, n += yield* this.pushCount(1), n += yield* this.pushSpaces(!0);
							continue loop;
						}
					}
				}
				break loop;
			}
			return n;
		}
		*pushTag() {
			if (this.charAt(1) === "<") {
				let i = this.pos + 2, ch = this.buffer[i];
				for (; !isEmpty(ch) && ch !== ">";) ch = this.buffer[++i];
				return yield* this.pushToIndex(ch === ">" ? i + 1 : i, !1);
			}
			{
				let i = this.pos + 1, ch = this.buffer[i];
				for (; ch;) if (tagChars.has(ch)) ch = this.buffer[++i];
				else if (ch === "%" && hexDigits.has(this.buffer[i + 1]) && hexDigits.has(this.buffer[i + 2])) ch = this.buffer[i += 3];
				else break;
				return yield* this.pushToIndex(i, !1);
			}
		}
		*pushNewline() {
			let ch = this.buffer[this.pos];
			return ch === "\n" ? yield* this.pushCount(1) : ch === "\r" && this.charAt(1) === "\n" ? yield* this.pushCount(2) : 0;
		}
		*pushSpaces(allowTabs) {
			let i = this.pos - 1, ch;
			do
				ch = this.buffer[++i];
			while (ch === " " || allowTabs && ch === "	");
			let n = i - this.pos;
			return n > 0 && (yield this.buffer.substr(this.pos, n), this.pos = i), n;
		}
		*pushUntil(test) {
			let i = this.pos, ch = this.buffer[i];
			for (; !test(ch);) ch = this.buffer[++i];
			return yield* this.pushToIndex(i, !1);
		}
	};
})), require_line_counter = /* @__PURE__ */ __commonJSMin(((exports) => {
	exports.LineCounter = class {
		constructor() {
			/**
			* Performs a binary search and returns the 1-indexed { line, col }
			* position of `offset`. If `line === 0`, `addNewLine` has never been
			* called or `offset` is before the first known newline.
			*/
			this.lineStarts = [], this.addNewLine = (offset) => this.lineStarts.push(offset), this.linePos = (offset) => {
				let low = 0, high = this.lineStarts.length;
				for (; low < high;) {
					let mid = low + high >> 1;
					this.lineStarts[mid] < offset ? low = mid + 1 : high = mid;
				}
				if (this.lineStarts[low] === offset) return {
					line: low + 1,
					col: 1
				};
				if (low === 0) return {
					line: 0,
					col: offset
				};
				let start = this.lineStarts[low - 1];
				return {
					line: low,
					col: offset - start + 1
				};
			};
		}
	};
})), require_parser = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process"), cst = require_cst(), lexer = require_lexer();
	function includesToken(list, type) {
		for (let i = 0; i < list.length; ++i) if (list[i].type === type) return !0;
		return !1;
	}
	function findNonEmptyIndex(list) {
		for (let i = 0; i < list.length; ++i) switch (list[i].type) {
			case "space":
			case "comment":
			case "newline": break;
			default: return i;
		}
		return -1;
	}
	function isFlowToken(token) {
		switch (token?.type) {
			case "alias":
			case "scalar":
			case "single-quoted-scalar":
			case "double-quoted-scalar":
			case "flow-collection": return !0;
			default: return !1;
		}
	}
	function getPrevProps(parent) {
		switch (parent.type) {
			case "document": return parent.start;
			case "block-map": {
				let it = parent.items[parent.items.length - 1];
				return it.sep ?? it.start;
			}
			case "block-seq": return parent.items[parent.items.length - 1].start;
			/* istanbul ignore next should not happen */
			default: return [];
		}
	}
	/** Note: May modify input array */
	function getFirstKeyStartProps(prev) {
		if (prev.length === 0) return [];
		let i = prev.length;
		loop: for (; --i >= 0;) switch (prev[i].type) {
			case "doc-start":
			case "explicit-key-ind":
			case "map-value-ind":
			case "seq-item-ind":
			case "newline": break loop;
		}
		for (; prev[++i]?.type === "space";);
		return prev.splice(i, prev.length);
	}
	function arrayPushArray(target, source) {
		if (source.length < 1e5) Array.prototype.push.apply(target, source);
		else for (let i = 0; i < source.length; ++i) target.push(source[i]);
	}
	function fixFlowSeqItems(fc) {
		if (fc.start.type === "flow-seq-start") for (let it of fc.items) it.sep && !it.value && !includesToken(it.start, "explicit-key-ind") && !includesToken(it.sep, "map-value-ind") && (it.key && (it.value = it.key), delete it.key, isFlowToken(it.value) ? it.value.end ? arrayPushArray(it.value.end, it.sep) : it.value.end = it.sep : arrayPushArray(it.start, it.sep), delete it.sep);
	}
	exports.Parser = class {
		/**
		* @param onNewLine - If defined, called separately with the start position of
		*   each new line (in `parse()`, including the start of input).
		*/
		constructor(onNewLine) {
			this.atNewLine = !0, this.atScalar = !1, this.indent = 0, this.offset = 0, this.onKeyLine = !1, this.stack = [], this.source = "", this.type = "", this.lexer = new lexer.Lexer(), this.onNewLine = onNewLine;
		}
		/**
		* Parse `source` as a YAML stream.
		* If `incomplete`, a part of the last line may be left as a buffer for the next call.
		*
		* Errors are not thrown, but yielded as `{ type: 'error', message }` tokens.
		*
		* @returns A generator of tokens representing each directive, document, and other structure.
		*/
		*parse(source, incomplete = !1) {
			this.onNewLine && this.offset === 0 && this.onNewLine(0);
			for (let lexeme of this.lexer.lex(source, incomplete)) yield* this.next(lexeme);
			incomplete || (yield* this.end());
		}
		/**
		* Advance the parser by the `source` of one lexical token.
		*/
		*next(source) {
			if (this.source = source, node_process.env.LOG_TOKENS && console.log("|", cst.prettyToken(source)), this.atScalar) {
				this.atScalar = !1, yield* this.step(), this.offset += source.length;
				return;
			}
			let type = cst.tokenType(source);
			if (!type) {
				let message = `Not a YAML token: ${source}`;
				yield* this.pop({
					type: "error",
					offset: this.offset,
					message,
					source
				}), this.offset += source.length;
			} else if (type === "scalar") this.atNewLine = !1, this.atScalar = !0, this.type = "scalar";
			else {
				switch (this.type = type, yield* this.step(), type) {
					case "newline":
						this.atNewLine = !0, this.indent = 0, this.onNewLine && this.onNewLine(this.offset + source.length);
						break;
					case "space":
						this.atNewLine && source[0] === " " && (this.indent += source.length);
						break;
					case "explicit-key-ind":
					case "map-value-ind":
					case "seq-item-ind":
						this.atNewLine && (this.indent += source.length);
						break;
					case "doc-mode":
					case "flow-error-end": return;
					default: this.atNewLine = !1;
				}
				this.offset += source.length;
			}
		}
		/** Call at end of input to push out any remaining constructions */
		*end() {
			for (; this.stack.length > 0;) yield* this.pop();
		}
		get sourceToken() {
			return {
				type: this.type,
				offset: this.offset,
				indent: this.indent,
				source: this.source
			};
		}
		*step() {
			let top = this.peek(1);
			if (this.type === "doc-end" && top?.type !== "doc-end") {
				for (; this.stack.length > 0;) yield* this.pop();
				this.stack.push({
					type: "doc-end",
					offset: this.offset,
					source: this.source
				});
			} else {
				if (!top) return yield* this.stream();
				switch (top.type) {
					case "document": return yield* this.document(top);
					case "alias":
					case "scalar":
					case "single-quoted-scalar":
					case "double-quoted-scalar": return yield* this.scalar(top);
					case "block-scalar": return yield* this.blockScalar(top);
					case "block-map": return yield* this.blockMap(top);
					case "block-seq": return yield* this.blockSequence(top);
					case "flow-collection": return yield* this.flowCollection(top);
					case "doc-end": return yield* this.documentEnd(top);
				}
				/* istanbul ignore next should not happen */
				yield* this.pop();
			}
		}
		peek(n) {
			return this.stack[this.stack.length - n];
		}
		*pop(error) {
			let token = error ?? this.stack.pop();
			/* istanbul ignore if should not happen */
			if (!token) yield {
				type: "error",
				offset: this.offset,
				source: "",
				message: "Tried to pop an empty stack"
			};
			else if (this.stack.length === 0) yield token;
			else {
				let top = this.peek(1);
				switch (token.type === "block-scalar" ? token.indent = "indent" in top ? top.indent : 0 : token.type === "flow-collection" && top.type === "document" && (token.indent = 0), token.type === "flow-collection" && fixFlowSeqItems(token), top.type) {
					case "document":
						top.value = token;
						break;
					case "block-scalar":
						top.props.push(token);
						break;
					case "block-map": {
						let it = top.items[top.items.length - 1];
						if (it.value) {
							top.items.push({
								start: [],
								key: token,
								sep: []
							}), this.onKeyLine = !0;
							return;
						}
						if (it.sep) it.value = token;
						else {
							Object.assign(it, {
								key: token,
								sep: []
							}), this.onKeyLine = !it.explicitKey;
							return;
						}
						break;
					}
					case "block-seq": {
						let it = top.items[top.items.length - 1];
						it.value ? top.items.push({
							start: [],
							value: token
						}) : it.value = token;
						break;
					}
					case "flow-collection": {
						let it = top.items[top.items.length - 1];
						!it || it.value ? top.items.push({
							start: [],
							key: token,
							sep: []
						}) : it.sep ? it.value = token : Object.assign(it, {
							key: token,
							sep: []
						});
						return;
					}
					/* istanbul ignore next should not happen */
					default: yield* this.pop(), yield* this.pop(token);
				}
				if ((top.type === "document" || top.type === "block-map" || top.type === "block-seq") && (token.type === "block-map" || token.type === "block-seq")) {
					let last = token.items[token.items.length - 1];
					last && !last.sep && !last.value && last.start.length > 0 && findNonEmptyIndex(last.start) === -1 && (token.indent === 0 || last.start.every((st) => st.type !== "comment" || st.indent < token.indent)) && (top.type === "document" ? top.end = last.start : top.items.push({ start: last.start }), token.items.splice(-1, 1));
				}
			}
		}
		*stream() {
			switch (this.type) {
				case "directive-line":
					yield {
						type: "directive",
						offset: this.offset,
						source: this.source
					};
					return;
				case "byte-order-mark":
				case "space":
				case "comment":
				case "newline":
					yield this.sourceToken;
					return;
				case "doc-mode":
				case "doc-start": {
					let doc = {
						type: "document",
						offset: this.offset,
						start: []
					};
					this.type === "doc-start" && doc.start.push(this.sourceToken), this.stack.push(doc);
					return;
				}
			}
			yield {
				type: "error",
				offset: this.offset,
				message: `Unexpected ${this.type} token in YAML stream`,
				source: this.source
			};
		}
		*document(doc) {
			if (doc.value) return yield* this.lineEnd(doc);
			switch (this.type) {
				case "doc-start":
					findNonEmptyIndex(doc.start) === -1 ? doc.start.push(this.sourceToken) : (yield* this.pop(), yield* this.step());
					return;
				case "anchor":
				case "tag":
				case "space":
				case "comment":
				case "newline":
					doc.start.push(this.sourceToken);
					return;
			}
			let bv = this.startBlockValue(doc);
			bv ? this.stack.push(bv) : yield {
				type: "error",
				offset: this.offset,
				message: `Unexpected ${this.type} token in YAML document`,
				source: this.source
			};
		}
		*scalar(scalar) {
			if (this.type === "map-value-ind") {
				let start = getFirstKeyStartProps(getPrevProps(this.peek(2))), sep;
				scalar.end ? (sep = scalar.end, sep.push(this.sourceToken), delete scalar.end) : sep = [this.sourceToken];
				let map = {
					type: "block-map",
					offset: scalar.offset,
					indent: scalar.indent,
					items: [{
						start,
						key: scalar,
						sep
					}]
				};
				this.onKeyLine = !0, this.stack[this.stack.length - 1] = map;
			} else yield* this.lineEnd(scalar);
		}
		*blockScalar(scalar) {
			switch (this.type) {
				case "space":
				case "comment":
				case "newline":
					scalar.props.push(this.sourceToken);
					return;
				case "scalar":
					if (scalar.source = this.source, this.atNewLine = !0, this.indent = 0, this.onNewLine) {
						let nl = this.source.indexOf("\n") + 1;
						for (; nl !== 0;) this.onNewLine(this.offset + nl), nl = this.source.indexOf("\n", nl) + 1;
					}
					yield* this.pop();
					break;
				/* istanbul ignore next should not happen */
				default: yield* this.pop(), yield* this.step();
			}
		}
		*blockMap(map) {
			let it = map.items[map.items.length - 1];
			switch (this.type) {
				case "newline":
					if (this.onKeyLine = !1, it.value) {
						let end = "end" in it.value ? it.value.end : void 0;
						(Array.isArray(end) ? end[end.length - 1] : void 0)?.type === "comment" ? end?.push(this.sourceToken) : map.items.push({ start: [this.sourceToken] });
					} else it.sep ? it.sep.push(this.sourceToken) : it.start.push(this.sourceToken);
					return;
				case "space":
				case "comment":
					if (it.value) map.items.push({ start: [this.sourceToken] });
					else if (it.sep) it.sep.push(this.sourceToken);
					else {
						if (this.atIndentedComment(it.start, map.indent)) {
							let end = map.items[map.items.length - 2]?.value?.end;
							if (Array.isArray(end)) {
								arrayPushArray(end, it.start), end.push(this.sourceToken), map.items.pop();
								return;
							}
						}
						it.start.push(this.sourceToken);
					}
					return;
			}
			if (this.indent >= map.indent) {
				let atMapIndent = !this.onKeyLine && this.indent === map.indent, atNextItem = atMapIndent && (it.sep || it.explicitKey) && this.type !== "seq-item-ind", start = [];
				if (atNextItem && it.sep && !it.value) {
					let nl = [];
					for (let i = 0; i < it.sep.length; ++i) {
						let st = it.sep[i];
						switch (st.type) {
							case "newline":
								nl.push(i);
								break;
							case "space": break;
							case "comment":
								st.indent > map.indent && (nl.length = 0);
								break;
							default: nl.length = 0;
						}
					}
					nl.length >= 2 && (start = it.sep.splice(nl[1]));
				}
				switch (this.type) {
					case "anchor":
					case "tag":
						atNextItem || it.value ? (start.push(this.sourceToken), map.items.push({ start }), this.onKeyLine = !0) : it.sep ? it.sep.push(this.sourceToken) : it.start.push(this.sourceToken);
						return;
					case "explicit-key-ind":
						!it.sep && !it.explicitKey ? (it.start.push(this.sourceToken), it.explicitKey = !0) : atNextItem || it.value ? (start.push(this.sourceToken), map.items.push({
							start,
							explicitKey: !0
						})) : this.stack.push({
							type: "block-map",
							offset: this.offset,
							indent: this.indent,
							items: [{
								start: [this.sourceToken],
								explicitKey: !0
							}]
						}), this.onKeyLine = !0;
						return;
					case "map-value-ind":
						if (it.explicitKey) {
							if (!it.sep) {
								if (includesToken(it.start, "newline")) Object.assign(it, {
									key: null,
									sep: [this.sourceToken]
								});
								else {
									let start = getFirstKeyStartProps(it.start);
									this.stack.push({
										type: "block-map",
										offset: this.offset,
										indent: this.indent,
										items: [{
											start,
											key: null,
											sep: [this.sourceToken]
										}]
									});
								}
							} else if (it.value) map.items.push({
								start: [],
								key: null,
								sep: [this.sourceToken]
							});
							else if (includesToken(it.sep, "map-value-ind")) this.stack.push({
								type: "block-map",
								offset: this.offset,
								indent: this.indent,
								items: [{
									start,
									key: null,
									sep: [this.sourceToken]
								}]
							});
							else if (isFlowToken(it.key) && !includesToken(it.sep, "newline")) {
								let start = getFirstKeyStartProps(it.start), key = it.key, sep = it.sep;
								sep.push(this.sourceToken), delete it.key, delete it.sep, this.stack.push({
									type: "block-map",
									offset: this.offset,
									indent: this.indent,
									items: [{
										start,
										key,
										sep
									}]
								});
							} else start.length > 0 ? it.sep = it.sep.concat(start, this.sourceToken) : it.sep.push(this.sourceToken);
						} else it.sep ? it.value || atNextItem ? map.items.push({
							start,
							key: null,
							sep: [this.sourceToken]
						}) : includesToken(it.sep, "map-value-ind") ? this.stack.push({
							type: "block-map",
							offset: this.offset,
							indent: this.indent,
							items: [{
								start: [],
								key: null,
								sep: [this.sourceToken]
							}]
						}) : it.sep.push(this.sourceToken) : Object.assign(it, {
							key: null,
							sep: [this.sourceToken]
						});
						this.onKeyLine = !0;
						return;
					case "alias":
					case "scalar":
					case "single-quoted-scalar":
					case "double-quoted-scalar": {
						let fs = this.flowScalar(this.type);
						atNextItem || it.value ? (map.items.push({
							start,
							key: fs,
							sep: []
						}), this.onKeyLine = !0) : it.sep ? this.stack.push(fs) : (Object.assign(it, {
							key: fs,
							sep: []
						}), this.onKeyLine = !0);
						return;
					}
					default: {
						let bv = this.startBlockValue(map);
						if (bv) {
							if (bv.type === "block-seq") {
								if (!it.explicitKey && it.sep && !includesToken(it.sep, "newline")) {
									yield* this.pop({
										type: "error",
										offset: this.offset,
										message: "Unexpected block-seq-ind on same line with key",
										source: this.source
									});
									return;
								}
							} else atMapIndent && map.items.push({ start });
							this.stack.push(bv);
							return;
						}
					}
				}
			}
			yield* this.pop(), yield* this.step();
		}
		*blockSequence(seq) {
			let it = seq.items[seq.items.length - 1];
			switch (this.type) {
				case "newline":
					if (it.value) {
						let end = "end" in it.value ? it.value.end : void 0;
						(Array.isArray(end) ? end[end.length - 1] : void 0)?.type === "comment" ? end?.push(this.sourceToken) : seq.items.push({ start: [this.sourceToken] });
					} else it.start.push(this.sourceToken);
					return;
				case "space":
				case "comment":
					if (it.value) seq.items.push({ start: [this.sourceToken] });
					else {
						if (this.atIndentedComment(it.start, seq.indent)) {
							let end = seq.items[seq.items.length - 2]?.value?.end;
							if (Array.isArray(end)) {
								arrayPushArray(end, it.start), end.push(this.sourceToken), seq.items.pop();
								return;
							}
						}
						it.start.push(this.sourceToken);
					}
					return;
				case "anchor":
				case "tag":
					if (it.value || this.indent <= seq.indent) break;
					it.start.push(this.sourceToken);
					return;
				case "seq-item-ind":
					if (this.indent !== seq.indent) break;
					it.value || includesToken(it.start, "seq-item-ind") ? seq.items.push({ start: [this.sourceToken] }) : it.start.push(this.sourceToken);
					return;
			}
			if (this.indent > seq.indent) {
				let bv = this.startBlockValue(seq);
				if (bv) {
					this.stack.push(bv);
					return;
				}
			}
			yield* this.pop(), yield* this.step();
		}
		*flowCollection(fc) {
			let it = fc.items[fc.items.length - 1];
			if (this.type === "flow-error-end") {
				let top;
				do
					yield* this.pop(), top = this.peek(1);
				while (top?.type === "flow-collection");
			} else if (fc.end.length === 0) {
				switch (this.type) {
					case "comma":
					case "explicit-key-ind":
						!it || it.sep ? fc.items.push({ start: [this.sourceToken] }) : it.start.push(this.sourceToken);
						return;
					case "map-value-ind":
						!it || it.value ? fc.items.push({
							start: [],
							key: null,
							sep: [this.sourceToken]
						}) : it.sep ? it.sep.push(this.sourceToken) : Object.assign(it, {
							key: null,
							sep: [this.sourceToken]
						});
						return;
					case "space":
					case "comment":
					case "newline":
					case "anchor":
					case "tag":
						!it || it.value ? fc.items.push({ start: [this.sourceToken] }) : it.sep ? it.sep.push(this.sourceToken) : it.start.push(this.sourceToken);
						return;
					case "alias":
					case "scalar":
					case "single-quoted-scalar":
					case "double-quoted-scalar": {
						let fs = this.flowScalar(this.type);
						!it || it.value ? fc.items.push({
							start: [],
							key: fs,
							sep: []
						}) : it.sep ? this.stack.push(fs) : Object.assign(it, {
							key: fs,
							sep: []
						});
						return;
					}
					case "flow-map-end":
					case "flow-seq-end":
						fc.end.push(this.sourceToken);
						return;
				}
				let bv = this.startBlockValue(fc);
				/* istanbul ignore else should not happen */
				bv ? this.stack.push(bv) : (yield* this.pop(), yield* this.step());
			} else {
				let parent = this.peek(2);
				if (parent.type === "block-map" && (this.type === "map-value-ind" && parent.indent === fc.indent || this.type === "newline" && !parent.items[parent.items.length - 1].sep)) yield* this.pop(), yield* this.step();
				else if (this.type === "map-value-ind" && parent.type !== "flow-collection") {
					let start = getFirstKeyStartProps(getPrevProps(parent));
					fixFlowSeqItems(fc);
					let sep = fc.end.splice(1, fc.end.length);
					sep.push(this.sourceToken);
					let map = {
						type: "block-map",
						offset: fc.offset,
						indent: fc.indent,
						items: [{
							start,
							key: fc,
							sep
						}]
					};
					this.onKeyLine = !0, this.stack[this.stack.length - 1] = map;
				} else yield* this.lineEnd(fc);
			}
		}
		flowScalar(type) {
			if (this.onNewLine) {
				let nl = this.source.indexOf("\n") + 1;
				for (; nl !== 0;) this.onNewLine(this.offset + nl), nl = this.source.indexOf("\n", nl) + 1;
			}
			return {
				type,
				offset: this.offset,
				indent: this.indent,
				source: this.source
			};
		}
		startBlockValue(parent) {
			switch (this.type) {
				case "alias":
				case "scalar":
				case "single-quoted-scalar":
				case "double-quoted-scalar": return this.flowScalar(this.type);
				case "block-scalar-header": return {
					type: "block-scalar",
					offset: this.offset,
					indent: this.indent,
					props: [this.sourceToken],
					source: ""
				};
				case "flow-map-start":
				case "flow-seq-start": return {
					type: "flow-collection",
					offset: this.offset,
					indent: this.indent,
					start: this.sourceToken,
					items: [],
					end: []
				};
				case "seq-item-ind": return {
					type: "block-seq",
					offset: this.offset,
					indent: this.indent,
					items: [{ start: [this.sourceToken] }]
				};
				case "explicit-key-ind": {
					this.onKeyLine = !0;
					let start = getFirstKeyStartProps(getPrevProps(parent));
					return start.push(this.sourceToken), {
						type: "block-map",
						offset: this.offset,
						indent: this.indent,
						items: [{
							start,
							explicitKey: !0
						}]
					};
				}
				case "map-value-ind": {
					this.onKeyLine = !0;
					let start = getFirstKeyStartProps(getPrevProps(parent));
					return {
						type: "block-map",
						offset: this.offset,
						indent: this.indent,
						items: [{
							start,
							key: null,
							sep: [this.sourceToken]
						}]
					};
				}
			}
			return null;
		}
		atIndentedComment(start, indent) {
			return this.type !== "comment" || this.indent <= indent ? !1 : start.every((st) => st.type === "newline" || st.type === "space");
		}
		*documentEnd(docEnd) {
			this.type !== "doc-mode" && (docEnd.end ? docEnd.end.push(this.sourceToken) : docEnd.end = [this.sourceToken], this.type === "newline" && (yield* this.pop()));
		}
		*lineEnd(token) {
			switch (this.type) {
				case "comma":
				case "doc-start":
				case "doc-end":
				case "flow-seq-end":
				case "flow-map-end":
				case "map-value-ind":
					yield* this.pop(), yield* this.step();
					break;
				case "newline": this.onKeyLine = !1;
				default: token.end ? token.end.push(this.sourceToken) : token.end = [this.sourceToken], this.type === "newline" && (yield* this.pop());
			}
		}
	};
})), require_public_api = /* @__PURE__ */ __commonJSMin(((exports) => {
	var composer = require_composer(), Document = require_Document(), errors = require_errors(), log = require_log(), identity = require_identity(), lineCounter = require_line_counter(), parser = require_parser();
	function parseOptions(options) {
		let prettyErrors = options.prettyErrors !== !1;
		return {
			lineCounter: options.lineCounter || prettyErrors && new lineCounter.LineCounter() || null,
			prettyErrors
		};
	}
	/**
	* Parse the input as a stream of YAML documents.
	*
	* Documents should be separated from each other by `...` or `---` marker lines.
	*
	* @returns If an empty `docs` array is returned, it will be of type
	*   EmptyStream and contain additional stream information. In
	*   TypeScript, you should use `'empty' in docs` as a type guard for it.
	*/
	function parseAllDocuments(source, options = {}) {
		let { lineCounter, prettyErrors } = parseOptions(options), parser$1 = new parser.Parser(lineCounter?.addNewLine), composer$1 = new composer.Composer(options), docs = Array.from(composer$1.compose(parser$1.parse(source)));
		if (prettyErrors && lineCounter) for (let doc of docs) doc.errors.forEach(errors.prettifyError(source, lineCounter)), doc.warnings.forEach(errors.prettifyError(source, lineCounter));
		return docs.length > 0 ? docs : Object.assign([], { empty: !0 }, composer$1.streamInfo());
	}
	/** Parse an input string into a single YAML.Document */
	function parseDocument(source, options = {}) {
		let { lineCounter, prettyErrors } = parseOptions(options), parser$1 = new parser.Parser(lineCounter?.addNewLine), composer$1 = new composer.Composer(options), doc = null;
		for (let _doc of composer$1.compose(parser$1.parse(source), !0, source.length)) if (!doc) doc = _doc;
		else if (doc.options.logLevel !== "silent") {
			doc.errors.push(new errors.YAMLParseError(_doc.range.slice(0, 2), "MULTIPLE_DOCS", "Source contains multiple documents; please use YAML.parseAllDocuments()"));
			break;
		}
		return prettyErrors && lineCounter && (doc.errors.forEach(errors.prettifyError(source, lineCounter)), doc.warnings.forEach(errors.prettifyError(source, lineCounter))), doc;
	}
	function parse(src, reviver, options) {
		let _reviver;
		typeof reviver == "function" ? _reviver = reviver : options === void 0 && reviver && typeof reviver == "object" && (options = reviver);
		let doc = parseDocument(src, options);
		if (!doc) return null;
		if (doc.warnings.forEach((warning) => log.warn(doc.options.logLevel, warning)), doc.errors.length > 0) {
			if (doc.options.logLevel !== "silent") throw doc.errors[0];
			doc.errors = [];
		}
		return doc.toJS(Object.assign({ reviver: _reviver }, options));
	}
	function stringify(value, replacer, options) {
		let _replacer = null;
		if (typeof replacer == "function" || Array.isArray(replacer) ? _replacer = replacer : options === void 0 && replacer && (options = replacer), typeof options == "string" && (options = options.length), typeof options == "number") {
			let indent = Math.round(options);
			options = indent < 1 ? void 0 : indent > 8 ? { indent: 8 } : { indent };
		}
		if (value === void 0) {
			let { keepUndefined } = options ?? replacer ?? {};
			if (!keepUndefined) return;
		}
		return identity.isDocument(value) && !_replacer ? value.toString(options) : new Document.Document(value, _replacer, options).toString(options);
	}
	exports.parse = parse, exports.parseAllDocuments = parseAllDocuments, exports.parseDocument = parseDocument, exports.stringify = stringify;
})), require_dist = /* @__PURE__ */ __commonJSMin(((exports) => {
	var composer = require_composer(), Document = require_Document(), Schema = require_Schema(), errors = require_errors(), Alias = require_Alias(), identity = require_identity(), Pair = require_Pair(), Scalar = require_Scalar(), YAMLMap = require_YAMLMap(), YAMLSeq = require_YAMLSeq(), cst = require_cst(), lexer = require_lexer(), lineCounter = require_line_counter(), parser = require_parser(), publicApi = require_public_api(), visit = require_visit();
	exports.Composer = composer.Composer, exports.Document = Document.Document, exports.Schema = Schema.Schema, exports.YAMLError = errors.YAMLError, exports.YAMLParseError = errors.YAMLParseError, exports.YAMLWarning = errors.YAMLWarning, exports.Alias = Alias.Alias, exports.isAlias = identity.isAlias, exports.isCollection = identity.isCollection, exports.isDocument = identity.isDocument, exports.isMap = identity.isMap, exports.isNode = identity.isNode, exports.isPair = identity.isPair, exports.isScalar = identity.isScalar, exports.isSeq = identity.isSeq, exports.Pair = Pair.Pair, exports.Scalar = Scalar.Scalar, exports.YAMLMap = YAMLMap.YAMLMap, exports.YAMLSeq = YAMLSeq.YAMLSeq, exports.CST = cst, exports.Lexer = lexer.Lexer, exports.LineCounter = lineCounter.LineCounter, exports.Parser = parser.Parser, exports.parse = publicApi.parse, exports.parseAllDocuments = publicApi.parseAllDocuments, exports.parseDocument = publicApi.parseDocument, exports.stringify = publicApi.stringify, exports.visit = visit.visit, exports.visitAsync = visit.visitAsync;
})), import_dist = require_dist(), Place = class Place {
	#node;
	#at;
	#keyAt;
	#faults;
	#entries;
	#items;
	#whole = !0;
	/** Dotted path, for messages. */
	path;
	/** `keyAt` is the offset of the key it stands behind, or of itself. */
	constructor(node, keyAt, path, faults) {
		this.#node = node, this.#keyAt = keyAt, this.#at = startOf(node) ?? keyAt, this.path = path, this.#faults = faults;
	}
	/** A fault of the value; of a value on lines of its own, at its key. */
	fault(what, fix, code = "contract-invalid") {
		this.#faults.add(this.#at, code, this.#sentence(what), fix);
	}
	/** A fault of the key it stands behind. */
	faultKey(what, fix, code = "contract-invalid") {
		this.#faults.add(this.#keyAt, code, this.#sentence(what), fix);
	}
	/** True for nothing at all, and for a list or mapping of nothing. */
	isEmpty() {
		let node = this.#node;
		return (0, import_dist.isMap)(node) || (0, import_dist.isSeq)(node) ? node.items.length === 0 : node === null || (0, import_dist.isScalar)(node) && node.value === null;
	}
	isMapping() {
		return (0, import_dist.isMap)(this.#node);
	}
	isList() {
		return (0, import_dist.isSeq)(this.#node);
	}
	#sentence(what) {
		return this.path === "" ? `the contract ${what}` : `${this.path} ${what}`;
	}
	/** Members of a mapping; unknown and lacking ones are faults. Null (and a fault) when it is something else than a mapping. */
	members(known, required) {
		let members = this.entries();
		if (members === null) return null;
		for (let [key, place] of members) known.includes(key) || place.faultKey("is not a field here", () => useOneOf(key, known));
		let lacking = required.filter((key) => !members.has(key));
		return lacking.length > 0 && this.#whole && this.fault(`lacks ${lacking.join(", ")}`, `Add ${lacking.join(", ")}.`), members;
	}
	/** False once a key could not be read: what seems to lack may be there. */
	get whole() {
		return this.#whole;
	}
	/** Members of a mapping with free keys; each key once, and text to every YAML reader. */
	entries() {
		return this.#entries === void 0 && (this.#entries = this.#readEntries()), this.#entries;
	}
	#readEntries() {
		if (!(0, import_dist.isMap)(this.#node)) return this.isEmpty() ? /* @__PURE__ */ new Map() : (this.fault("is not a mapping", "Write it as lines of key: value."), null);
		let members = /* @__PURE__ */ new Map(), places = /* @__PURE__ */ new Map();
		for (let pair of this.#node.items) {
			let at = pair.key.range?.[0] ?? this.#at, key = this.#readKey(pair.key, at);
			if (key === null) continue;
			let path = this.path === "" ? shown(key) : `${this.path}.${shown(key)}`, first = places.get(key);
			if (first !== void 0) {
				let line = this.#faults.line(first);
				this.#faults.add(at, "contract-invalid", `${path} is here twice, first on line ${line}`, "Remove one of them.");
			} else places.set(key, at), members.set(key, new Place(pair.value, at, path, this.#faults));
		}
		return members;
	}
	#readKey(node, at) {
		if ((0, import_dist.isScalar)(node) && typeof node.value == "string" && node.source !== "<<" && !isAmbiguous(node)) return node.value;
		this.#whole = !1;
		let where = this.path === "" ? "the contract" : this.path;
		if ((0, import_dist.isScalar)(node) && node.source === "<<") this.#faults.add(at, "contract-invalid", `${where} uses a YAML merge key`, "Write the fields out.");
		else {
			let what = `${where} has a key${(0, import_dist.isScalar)(node) && node.source !== void 0 ? ` ${shown(node.source)}` : ""} that is not text to every YAML reader`;
			this.#faults.add(at, "contract-invalid", what, "Put the key in quotes.");
		}
		return null;
	}
	/** Items of a list; null (and a fault) when it is none or has more than `max`. */
	items(max) {
		return this.#items === void 0 && (this.#items = this.#readItems(max)), this.#items;
	}
	#readItems(max) {
		return (0, import_dist.isSeq)(this.#node) ? this.#node.items.length > max ? (this.fault(`has more than ${max} items`, "Shorten the list."), null) : this.#node.items.map((item, i) => new Place(item, item?.range?.[0] ?? this.#at, `${this.path}[${i}]`, this.#faults)) : (this.fault("is not a list", "Write it as a list: [a, b], or lines that begin with a dash."), null);
	}
	text(what, good) {
		let node = this.#node;
		if ((0, import_dist.isScalar)(node) && node.type === "PLAIN" && node.source && (typeof node.value != "string" || isAmbiguous(node))) {
			if (good(node.source)) return this.fault(`is ${shown(node.source)}, which YAML readers take for a number, a date or a truth value`, `Quote it: "${node.source}".`), null;
		} else if ((0, import_dist.isScalar)(node) && typeof node.value == "string" && good(node.value)) return node.value;
		return this.fault(`is not ${what}`, `Write ${what}.`), null;
	}
	integer(min, max) {
		let node = this.#node;
		if ((0, import_dist.isScalar)(node) && node.type === "PLAIN" && /^(?:0|[1-9][0-9]{0,14})$/.test(node.source ?? "")) {
			let value = Number(node.source);
			if (value >= min && value <= max) return value;
		}
		return this.fault(`is not an integer from ${min} to ${max}`, `Write an integer from ${min} to ${max}, in digits alone.`), null;
	}
};
/** Where a value begins on the line of its key; null for one that is empty or begins below it. */
function startOf(node) {
	return node === null || node.range === void 0 || node.range === null || ((0, import_dist.isMap)(node) || (0, import_dist.isSeq)(node)) && node.flow !== !0 || node.range[0] === node.range[1] ? null : node.range[0];
}
const TRUTH = /^(?:y|n|yes|no|on|off)$/i, NUMBER = /^[-+]?(?:0[bx][0-9a-f_]+|[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|\.[0-9_]*)$/i, DATE = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?$/;
/** True for unquoted text that a YAML 1.1 reader takes for something else: `on`, `1_000`, `12:30`, `2026-11-01`. */
function isAmbiguous(node) {
	if (node.type !== "PLAIN" || typeof node.value != "string") return !1;
	let { value } = node;
	return TRUTH.test(value) || NUMBER.test(value) || DATE.test(value) || value === "=";
}
// packages/contract/src/yaml.ts
const MAX_TOKENS = 1e5;
/**
* The root place of a YAML document (1.2, core schema, one document), or null with the faults that make it
* unreadable. Aliases, tags, merge keys, directives, duplicate keys and invisible characters are faults: a
* contract reads the same to every reader, shows everything it says, and cannot unfold into more than it is.
*/
function readYaml(bytes) {
	if (bytes.length > 262144) {
		let faults = new Faults(""), what = `the contract has ${bytes.length} bytes, more than 262144`;
		return faults.add(0, "input-too-large", what, "Shorten it, or split the pipeline."), {
			root: null,
			faults
		};
	}
	let { text, faults } = readText(bytes);
	if (faults.list.length > 0) return {
		root: null,
		faults
	};
	let document = readDocument(text, faults);
	return {
		root: document === null ? null : new Place(document.contents, 0, "", faults),
		faults
	};
}
function readText(bytes) {
	let text;
	try {
		text = fromUtf8(bytes);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		let { before, lossy } = readLossy(bytes), faults = new Faults(lossy);
		return faults.add(before, error.code, "the contract is not UTF-8 here", "Save it as UTF-8."), {
			text: "",
			faults
		};
	}
	let faults = new Faults(text);
	return checkCharacters(text, faults), {
		text,
		faults
	};
}
/** The text with its broken bytes replaced, and how much of it stands before the first of them. */
function readLossy(bytes) {
	let lossy = new TextDecoder("utf-8", { ignoreBOM: !0 }).decode(bytes), again = new TextEncoder().encode(lossy), same = 0;
	for (; same < bytes.length && bytes[same] === again[same];) same++;
	return {
		before: new TextDecoder("utf-8", { ignoreBOM: !0 }).decode(bytes.subarray(0, same)).length,
		lossy
	};
}
/** Every character is visible and means itself: no tabs, carriage returns, marks of text direction (CVE-2021-42574). */
function checkCharacters(text, faults) {
	let start = 0, returns = !1;
	for (let line of text.split("\n")) {
		let i = hasControl(line) ? line.split("").findIndex(hasControl) : -1, at = start + i;
		if (start += line.length + 1, i < 0) continue;
		let c = line[i];
		if (c === "\r") returns || faults.add(at, "contract-invalid", "the contract has CR line ends, which give it another digest", "Save it with LF line ends (in .gitattributes: *.yaml text eol=lf)."), returns = !0;
		else if (c === "﻿" && at === 0) faults.add(at, "contract-invalid", "the contract begins with a byte order mark", "Save it without one.");
		else if (c === "	") faults.add(at, "contract-invalid", "here is a tab", "Use spaces.");
		else {
			let name = `U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
			faults.add(at, "contract-invalid", `here is the invisible character ${name}`, "Remove it: a contract shows everything it says.");
		}
	}
}
/** Lexes, parses and composes; stops at the first token past a bound, before anything recursive sees it. */
function readDocument(text, faults) {
	let parser = new import_dist.Parser(), tokens = [], count = 0, begun = !1, scalar = !1;
	for (let lexeme of new import_dist.Lexer().lex(text)) {
		let at = parser.offset, type = scalar ? null : import_dist.CST.tokenType(lexeme);
		if (scalar = type === "scalar", type === "directive-line" || type === "doc-end" || type === "doc-start" && begun) {
			let what = type === "directive-line" ? "here is a YAML directive" : "here the contract ends, but its text goes on";
			return faults.add(at, "contract-invalid", what, "Remove the line: a contract is one plain YAML document."), null;
		}
		if (type !== null && isUnclosed(type, lexeme)) return faults.add(at, "contract-invalid", "here begins a quoted text that does not end", "Close it with the same quote."), null;
		type !== null && BLANK.has(type) || (begun = !0), type !== null && checkToken(type, lexeme, at, faults);
		for (let token of parser.next(lexeme)) tokens.push(token);
		if (++count > MAX_TOKENS) return faults.add(at, "input-too-large", `the contract has more than ${MAX_TOKENS} YAML tokens`, "Split the pipeline."), null;
		if (parser.stack.length > 32) return faults.add(at, "contract-invalid", "here is nested deeper than 32 levels", "Nest less."), null;
	}
	for (let token of parser.end()) tokens.push(token);
	let [document] = new import_dist.Composer({
		version: "1.2",
		schema: "core",
		merge: !1,
		strict: !0,
		uniqueKeys: !1
	}).compose(tokens, !0, text.length), errors = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]), before = faults.list.length, said = /* @__PURE__ */ new Set();
	for (let error of errors) {
		if (faults.full) break;
		said.has(error.message) || (said.add(error.message), faults.add(error.pos[0], "contract-invalid", plain$2(error.message), FIXES[error.code] ?? "Mend the YAML here."));
	}
	return faults.list.length === before ? document : null;
}
const BLANK = /* @__PURE__ */ new Set([
	"doc-mode",
	"space",
	"comment",
	"newline"
]);
/** The lexer takes the whole rest of the text for a quoted one; its own error points there, to the end. */
function isUnclosed(type, lexeme) {
	if (type === "single-quoted-scalar") return lexeme.split("'").length % 2 == 0;
	if (type !== "double-quoted-scalar") return !1;
	let slashes = 0;
	for (; lexeme[lexeme.length - 2 - slashes] === "\\";) slashes++;
	return lexeme.length < 2 || !lexeme.endsWith("\"") || slashes % 2 == 1;
}
function checkToken(type, lexeme, at, faults) {
	if (type === "alias") {
		let fix = `Quote a pattern: "${shown(lexeme)}"; write any other value out.`;
		faults.addUnreadable(at, "contract-invalid", `${shown(lexeme)} is a YAML alias`, fix);
	} else type === "anchor" ? faults.addUnreadable(at, "contract-invalid", `${shown(lexeme)} is a YAML anchor`, "Remove it, or quote the text.") : type === "tag" ? faults.addUnreadable(at, "contract-invalid", `${shown(lexeme)} is a YAML tag`, "Remove it, or quote the text.") : type === "explicit-key-ind" && faults.addUnreadable(at, "contract-invalid", "here is a key of several parts", "Write it as key: value.");
}
/** The library quotes its input in messages: short, and nothing invisible. */
function plain$2(message) {
	return message.split("\n", 1)[0].slice(0, 200).replace(/[^\x20-\x7e]/g, "?");
}
const FIXES = {
	BAD_INDENT: "Line it up with the lines it belongs to.",
	BAD_SCALAR_START: "Quote the text.",
	BAD_DQ_ESCAPE: "Use single quotes, or write \\\\ for a back-slash.",
	BLOCK_AS_IMPLICIT_KEY: "Quote text that holds \": \", or begin the mapping on the next line.",
	BLOCK_IN_FLOW: "Write lists inside brackets with brackets.",
	MISSING_CHAR: "Add what is missing: the : behind a key, a closing quote or bracket, a comma, or a space before #.",
	MULTILINE_IMPLICIT_KEY: "Keep the key on one line, with its : behind it.",
	UNEXPECTED_TOKEN: "Remove what stands here, or quote the text it belongs to."
}, REQUIRED$1 = [
	"baseline",
	"organisation",
	"revision"
], FIELDS$2 = [
	...REQUIRED$1,
	"countersigners",
	"anchored",
	"clockToleranceSeconds",
	"every",
	"evidence",
	"approvals",
	"outside"
], EVERY = [
	"minimumGrade",
	"runner",
	"disallow",
	"conditions"
];
/** Baseline from its YAML bytes. Throws the first fault as a coded error that names its line. */
function parseBaseline(bytes) {
	let { baseline, faults } = read$1(bytes), [first] = faults;
	if (first !== void 0) throw new CodedError(first.code, `line ${first.line}: ${first.what}`, { fix: first.fix });
	if (baseline === null) throw new CodedError("contract-invalid", "the baseline could not be read");
	return baseline;
}
function read$1(bytes) {
	let { root, faults } = readYaml(bytes), baseline = root === null ? null : readBaseline(root, bytes);
	return {
		baseline: faults.list.length === 0 ? baseline : null,
		faults: faults.sorted()
	};
}
function readBaseline(root, bytes) {
	if (root.isEmpty()) return root.fault("is empty", "Begin with baseline: v1.", "contract-empty"), null;
	let members = root.members(FIELDS$2, REQUIRED$1);
	if (members === null) return null;
	members.get("baseline")?.text("v1, the version of baselines", (t) => t === "v1");
	let organisation = members.get("organisation")?.text("a name, like acme", isName) ?? null, revision = members.get("revision")?.integer(1, 1e9) ?? null, tolerance = members.get("clockToleranceSeconds")?.integer(0, 86400) ?? null, outside = members.get("outside")?.text("pinned", (t) => t === "pinned") ?? null, rest = {
		countersigners: readServers(members.get("countersigners"), /* @__PURE__ */ new Map()),
		anchored: readAnchored(members.get("anchored")),
		clockTolerance: tolerance === null ? null : tolerance * 1e3,
		every: readEvery(members.get("every")),
		evidence: readEvidence(members.get("evidence"), null),
		approvals: members.get("approvals")?.integer(1, 100) ?? null,
		pinned: outside !== null
	};
	return members.size === REQUIRED$1.length && root.fault("asks for nothing", `Ask for one of ${FIELDS$2.slice(REQUIRED$1.length).join(", ")}.`, "contract-empty"), organisation === null || revision === null ? null : {
		organisation,
		revision,
		digest: hex(sha256(bytes)),
		...rest
	};
}
function readEvery(place) {
	place?.isEmpty() && place.fault("is empty", "Ask for something of every step, or leave the field out.", "contract-empty");
	let members = place?.members(EVERY, []) ?? null;
	return {
		minimumGrade: readGrade(members?.get("minimumGrade")),
		runner: readRunner(members?.get("runner")),
		disallow: members?.has("disallow") === !0 ? globsOf(readPatterns(members.get("disallow"))) : [],
		conditions: readConditions(members?.get("conditions"))
	};
}
/**
* The contract with all that the baseline asks for: whatever fits it fits the contract, and the baseline too. Steps are
* bound to the contract as ever. Throws `baseline-unmet` where a contract cannot be made to fit by asking for more, or is to
* say itself how: then its owner has to.
*/
function tighten(contract, baseline) {
	let unmet = unmetIn(contract, baseline), [first] = unmet;
	if (first !== void 0) {
		let more = unmet.length === 1 ? "" : ` (and ${unmet.length - 1} more)`, who = first.step === null ? `the steps of ${contract.pipeline}` : `step ${first.step} of ${contract.pipeline}`;
		throw new CodedError("baseline-unmet", `${who} ${first.what}${more}`);
	}
	return {
		...contract,
		countersigners: bothOf(contract.countersigners, baseline.countersigners),
		anchored: strictest$1(contract.anchored, baseline.anchored),
		clockTolerance: Math.min(contract.clockTolerance, baseline.clockTolerance ?? 1e400),
		steps: new Map([...contract.steps].map(([name, rule]) => [name, tightenStep(rule, baseline.every)])),
		kept: keptBy(baseline)
	};
}
/** What its own maintainers cannot let through: that what the baseline asks for is not there, or was never asked. */
function keptBy({ anchored, every, evidence, approvals, pinned }) {
	let asked = evidence !== null || approvals !== null;
	return [
		...every.minimumGrade === null ? [] : ["grade-too-low"],
		...anchored === null ? [] : [
			"anchor-missing",
			"anchor-late",
			"anchor-pending"
		],
		...evidence === null ? [] : [
			"evidence-missing",
			"tests-failed",
			"vulnerability-found"
		],
		...approvals === null ? [] : ["approval-missing"],
		...asked ? [
			"step-skipped",
			"step-order",
			"matrix-incomplete"
		] : [],
		...asked || every.conditions.length > 0 ? ["step-failed", "predecessor-failed"] : [],
		...pinned ? ["material-unexplained"] : []
	];
}
/** Every reason why the contract cannot be under the baseline; none where it can. */
function unmetIn(contract, baseline) {
	let { countersigners, every, evidence, approvals, pinned } = baseline, unmet = [];
	countersigners.length > 0 && contract.countersigners.length > 0 && bothOf(contract.countersigners, countersigners).length === 0 && unmet.push({
		step: null,
		what: "need the receipt of a countersigner that is none of the baseline"
	});
	for (let { name, runner, approvals: people, outside } of contract.steps.values()) {
		people === null && every.runner !== null && runner !== null && runner !== every.runner && unmet.push({
			step: name,
			what: `runs on ${runner} runners, and every step must on ${every.runner} ones`
		});
		let loose = pinned ? outside.find((rule) => rule.sha256 === null && rule.contract === null) : void 0;
		loose !== void 0 && unmet.push({
			step: name,
			what: `lets in ${loose.match.pattern} from outside, whatever its bytes are`
		});
	}
	let certain = [...required(contract.steps, contract.final)].map((name) => contract.steps.get(name));
	for (let asked of evidence === null ? [] : partsOf(evidence)) certain.some((rule) => rule.evidence !== null && implies(rule.evidence, asked)) || unmet.push({
		step: null,
		what: `have none that is always needed and asks for ${textOf$2(asked)}`
	});
	return approvals !== null && !certain.some((rule) => (rule.approvals?.atLeast ?? 0) >= approvals) && unmet.push({
		step: null,
		what: `have none that is always needed and asks for the approval of ${approvals === 1 ? "1 person" : `${approvals} people`}`
	}), unmet;
}
/** The same as faults of the contract's text. */
function lintUnder(root, contract, baseline) {
	let steps = root.entries()?.get("steps"), fix = `${baseline.organisation} asks for it: a contract may ask for more, never for less.`;
	for (let { step, what } of unmetIn(contract, baseline)) (step === null ? steps : steps?.entries()?.get(step))?.faultKey(what, fix, "baseline-unmet");
}
function tightenStep(rule, { minimumGrade, runner, disallow, conditions }) {
	let byPeople = rule.approvals !== null;
	return {
		...rule,
		minimumGrade: byPeople ? rule.minimumGrade : higher(rule.minimumGrade, minimumGrade),
		runner: byPeople ? rule.runner : rule.runner ?? runner,
		disallow: [...rule.disallow, ...disallow],
		conditions: [...rule.conditions, ...conditions]
	};
}
function higher(a, b) {
	return a === null || b === null ? a ?? b : isAtLeast(a, b) ? a : b;
}
/** Those that both name; where one names none, those of the other. */
function bothOf(a, b) {
	return a.length === 0 || b.length === 0 ? a.length === 0 ? b : a : a.filter((one) => b.some(({ name, publicKey }) => name === one.name && publicKey.keyId === one.publicKey.keyId));
}
function strictest$1(a, b) {
	return a === null || b === null ? a ?? b : {
		within: Math.min(a.within, b.within),
		by: [.../* @__PURE__ */ new Set([...a.by, ...b.by])]
	};
}
/** Each thing that is asked for by itself: one step may have the tests, and another the scan. */
function partsOf({ tests, sbom, vulnerabilities, reports }) {
	let none = {
		tests: null,
		sbom: null,
		vulnerabilities: null,
		reports: []
	};
	return [
		...tests === null ? [] : [{
			...none,
			tests
		}],
		...sbom === null ? [] : [{
			...none,
			sbom
		}],
		...vulnerabilities === null ? [] : [{
			...none,
			vulnerabilities
		}],
		...reports.map((type) => ({
			...none,
			reports: [type]
		}))
	];
}
/** Whether whatever meets the rule meets what is asked. */
function implies(rule, asked) {
	let { tests, sbom, vulnerabilities, reports } = asked;
	if (tests !== null && (rule.tests === null || rule.tests.atLeast < tests.atLeast || tests.skipped !== null && (rule.tests.skipped === null || rule.tests.skipped > tests.skipped)) || sbom !== null && (rule.sbom === null || sbom.products && !rule.sbom.products)) return !1;
	if (vulnerabilities !== null) {
		let own = rule.vulnerabilities;
		if (own === null || SEVERITIES.indexOf(own.below) < SEVERITIES.indexOf(vulnerabilities.below) || vulnerabilities.products && !own.products || vulnerabilities.unexcused && own.vex.length > 0 || !vulnerabilities.tools.every((tool) => own.tools.includes(tool))) return !1;
	}
	return reports.every((type) => rule.reports.includes(type));
}
function textOf$2({ tests, sbom, vulnerabilities, reports }) {
	if (tests !== null) return `${tests.atLeast} tests that passed${tests.skipped === null ? "" : `, ${tests.skipped} skipped`}`;
	if (sbom !== null) return sbom.products ? "an SBOM that names its products" : "an SBOM";
	if (vulnerabilities !== null) {
		let by = vulnerabilities.tools.length === 0 ? "" : ` by ${vulnerabilities.tools.join(" and ")}`, of = vulnerabilities.products ? " of its products" : "", excused = vulnerabilities.unexcused ? ", excused by no VEX" : "";
		return `a scan${of}${by} without vulnerabilities of severity ${vulnerabilities.below} or worse${excused}`;
	}
	return `a report of type ${reports.join(", ")}`;
}
// packages/contract/src/schema.ts
const name = {
	type: "string",
	maxLength: 128,
	pattern: "^(?!.*(?:\\.\\.|//|/\\./))[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?$"
}, names = {
	type: "array",
	items: name,
	maxItems: 1e3,
	uniqueItems: !0
}, pattern = {
	type: "string",
	minLength: 1,
	maxLength: 256,
	pattern: "^(?!.*(?:\\\\|//|(?:^|/)\\.{1,2}(?:/|$)|[^/]\\*\\*|\\*\\*[^/]))[^/].*$",
	description: "A path pattern: * within a segment, ** for any number of segments, ? for one character."
}, patterns = {
	type: "array",
	items: pattern,
	minItems: 1,
	maxItems: 100
}, key = {
	type: "string",
	minLength: 1,
	maxLength: 4096,
	description: "A public key: PEM, base64 of its SPKI, or a passkey: passkey:RPID:KEY:ORIGIN."
}, grade = { enum: [...GRADES] }, time = {
	type: "string",
	pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"
}, text = {
	type: "string",
	minLength: 1,
	maxLength: 2048
}, fact = { oneOf: [
	{
		...text,
		description: "All of it."
	},
	{
		type: "object",
		additionalProperties: !1,
		required: ["prefix"],
		properties: { prefix: {
			...text,
			description: "How it begins, up to the end of one of its parts."
		} }
	},
	{
		type: "object",
		additionalProperties: !1,
		required: ["glob"],
		properties: { glob: {
			type: "string",
			minLength: 1,
			maxLength: 256,
			description: "All of it: * for any run without /, ** between slashes for any number of parts."
		} }
	}
] }, identity = {
	type: "object",
	additionalProperties: !1,
	required: ["issuer"],
	anyOf: [
		"subject",
		"sourceRepositoryIdentifier",
		"sourceRepositoryOwnerIdentifier"
	].map((told) => ({
		required: [told],
		properties: { [told]: text }
	})),
	properties: {
		issuer: {
			...text,
			pattern: "^https?://[^\\s]+$",
			description: "URL of the OpenID issuer, to the letter."
		},
		subject: {
			...text,
			description: "The subject alternative name of the certificate: e-mail address or URI, all of it."
		},
		...Object.fromEntries(IDENTITY_FACTS.filter((name) => name !== "issuer").map((name) => [name, fact])),
		grade: {
			...grade,
			description: "How well it must be known at least."
		},
		authority: {
			oneOf: [name, {
				...names,
				minItems: 1
			}],
			description: "Which of the authorities may vouch for it. Left out: any of them."
		},
		revokedSince: {
			...time,
			description: "What it is proven to have signed then or later is refused."
		}
	},
	description: "Whom an authority vouches for, by the facts of the certificate."
}, vkey = {
	type: "string",
	maxLength: 4096,
	pattern: "^[^\\s+]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]+={0,2}$"
}, authority = {
	type: "object",
	oneOf: [{
		additionalProperties: !1,
		required: ["certificates", "log"],
		properties: {
			certificates: {
				type: "string",
				maxLength: 65536,
				description: "PEM: what issues first, the root last."
			},
			log: {
				oneOf: [vkey, {
					type: "array",
					items: vkey,
					minItems: 1,
					maxItems: 16,
					uniqueItems: !0
				}],
				description: "Verifier keys of the logs that prove what it issues."
			},
			revokedSince: {
				...time,
				description: "What is proven to be signed then or later is refused."
			}
		}
	}, {
		additionalProperties: !1,
		required: ["sigstore"],
		properties: {
			sigstore: {
				type: "string",
				pattern: "^(?:public|[0-9a-f]{64})$",
				description: "public: the public-good instance, whose trusted root is kept current by TUF. Else SHA-256 of the trusted_root.json that is believed."
			},
			revokedSince: {
				...time,
				description: "What is proven to be signed then or later is refused."
			}
		}
	}]
}, directory = {
	type: "string",
	minLength: 1,
	maxLength: 256,
	pattern: "^(?:\\.|(?!.*(?:\\\\|//|(?:^|/)\\.{1,2}(?:/|$)|[*?]))[^/].*)$",
	description: "A directory; a dot is the one that all names are in."
}, digest = {
	type: "string",
	pattern: "^[0-9a-f]{64}$"
}, duration = {
	type: "string",
	pattern: "^[1-9][0-9]{0,5}[mhd]$"
}, condition = {
	type: "string",
	minLength: 1,
	maxLength: 2048,
	pattern: "\\S"
}, shortNames = (items) => ({
	type: "array",
	items,
	minItems: 1,
	maxItems: 16,
	uniqueItems: !0
}), demands = {
	runner: {
		enum: ["hosted", "self-hosted"],
		description: "Whose machine it runs on, as the certificate of its signer says."
	},
	optional: {
		oneOf: [{ const: "always" }, {
			type: "object",
			additionalProperties: !1,
			required: ["unless"],
			properties: { unless: {
				...condition,
				description: "CEL about whoever comes after it: signer."
			} }
		}],
		description: "A step that comes after it may do without. Left out: it may not."
	},
	approvals: {
		type: "integer",
		minimum: 1,
		maximum: 100,
		description: "How many different people among its signers must approve. Left out: it is no approval."
	},
	evidence: {
		type: "object",
		additionalProperties: !1,
		minProperties: 1,
		properties: {
			tests: {
				oneOf: [{ const: "passed" }, {
					type: "object",
					additionalProperties: !1,
					minProperties: 1,
					properties: {
						atLeast: {
							type: "integer",
							minimum: 1,
							maximum: 1e9
						},
						skipped: {
							type: "integer",
							minimum: 0,
							maximum: 1e9
						}
					}
				}],
				description: "JUnit or test-result: all reports of it passed."
			},
			sbom: {
				enum: ["present", "products"],
				description: "SPDX or CycloneDX that names something; products: that names each product by digest."
			},
			vulnerabilities: {
				type: "object",
				additionalProperties: !1,
				required: ["below"],
				properties: {
					below: {
						enum: [...SEVERITIES],
						description: "The least severity that is not borne; unrated ones never are."
					},
					tools: {
						...shortNames({
							...text,
							maxLength: 512
						}),
						description: "Each of them must have looked."
					},
					vex: {
						...shortNames(name),
						description: "Steps whose VEX excuses: this one, or such that it comes after."
					},
					of: {
						const: "products",
						description: "Each product must be named by digest."
					}
				},
				description: "SARIF, in-toto vulns or CycloneDX: what was found and no VEX excuses."
			},
			reports: {
				...shortNames({
					type: "string",
					pattern: "^[a-z0-9][a-z0-9.-]{0,40}$"
				}),
				description: "Types of reports of which one each must be there."
			}
		},
		description: "Reports that it must record, and what they must say."
	},
	fresh: {
		...duration,
		description: "How long what it says counts: 90m, 36h, 7d. Left out: for ever."
	},
	conditions: {
		type: "array",
		items: {
			...condition,
			description: "CEL: signer, step, previous, materials, products, reports, claimed."
		},
		minItems: 1,
		maxItems: 32,
		description: "What must hold of it beside."
	}
}, CONTRACT_SCHEMA = {
	$schema: "https://json-schema.org/draft/2020-12/schema",
	$id: "https://countersign.dev/schema/contract-v1.schema.json",
	title: "Countersign contract",
	description: "How an artifact must be built: steps, order, who may sign, what goes in and out.",
	type: "object",
	additionalProperties: !1,
	required: [
		"contract",
		"pipeline",
		"revision",
		"signers",
		"steps",
		"final"
	],
	properties: {
		contract: {
			const: "v1",
			description: "Version of the contract language."
		},
		pipeline: {
			...name,
			description: "The pipeline this contract is for, like shop/web."
		},
		revision: {
			type: "integer",
			minimum: 1,
			maximum: 1e9,
			description: "Grows with every change."
		},
		signers: {
			type: "object",
			propertyNames: name,
			minProperties: 1,
			additionalProperties: { oneOf: [key, identity] },
			description: "Who may sign steps, by name: a key, or an identity."
		},
		authorities: {
			type: "object",
			propertyNames: name,
			minProperties: 1,
			maxProperties: 100,
			additionalProperties: authority,
			description: "Who may vouch for identities. Left out: nobody, and signers are keys."
		},
		people: {
			type: "object",
			propertyNames: name,
			minProperties: 1,
			maxProperties: 1e3,
			additionalProperties: {
				...names,
				minItems: 1,
				maxItems: 100
			},
			description: "Whose signers are, by person: in an approval all of one person count once."
		},
		countersigners: {
			type: "array",
			minItems: 1,
			maxItems: 100,
			uniqueItems: !0,
			items: {
				...vkey,
				description: "The verifier key of a server's log: name+id+key, as /v1/server shows it."
			},
			description: "Servers, one of whose receipts every step must carry. Left out: none is demanded."
		},
		attempts: {
			enum: ["same", "carry"],
			default: "same",
			description: "same: all steps of a path are of one attempt. carry: a step may follow an earlier attempt of its predecessor."
		},
		anchored: {
			type: "object",
			additionalProperties: !1,
			required: ["within"],
			properties: {
				within: {
					type: "string",
					pattern: "^[1-9][0-9]{0,5}[mhd]$",
					description: "Minutes, hours or days after the log accepted the step, up to 366d: 90m, 36h, 7d."
				},
				by: {
					type: "array",
					minItems: 1,
					uniqueItems: !0,
					items: { enum: [...ANCHOR_KINDS] },
					description: "Kinds of anchors that must all be there. Left out: one of any kind."
				}
			},
			description: "How soon anchors must prove that a step existed. Left out: no anchors are demanded."
		},
		maintainers: {
			type: "object",
			additionalProperties: !1,
			required: ["threshold", "of"],
			properties: {
				threshold: {
					type: "integer",
					minimum: 1,
					maximum: 64,
					description: "How many of them must sign."
				},
				of: {
					type: "object",
					propertyNames: name,
					minProperties: 1,
					maxProperties: 64,
					additionalProperties: { oneOf: [key, identity] },
					description: "The maintainers, by name: a key, or an identity."
				}
			},
			description: "Who must sign the next revision, and deviations. Left out: whoever may publish."
		},
		grace: {
			type: "string",
			pattern: "^(?:none|[1-9][0-9]{0,5}[mhd])$",
			default: "7d",
			description: "How long runs under an older revision may go on once this one is published: none, 90m, 36h, 7d."
		},
		clockToleranceSeconds: {
			type: "integer",
			minimum: 0,
			maximum: 86400,
			default: 300
		},
		steps: {
			type: "object",
			propertyNames: name,
			minProperties: 1,
			maxProperties: 1e3,
			additionalProperties: {
				type: "object",
				additionalProperties: !1,
				required: ["signers"],
				properties: {
					after: {
						...names,
						description: "Steps that must have gone before. Left out: the run begins here."
					},
					signers: {
						...names,
						minItems: 1,
						description: "One of these must have signed."
					},
					materials: {
						type: "array",
						maxItems: 100,
						description: "What it receives. Left out: something from every step in after. Anything else is refused.",
						items: {
							type: "object",
							oneOf: [{
								additionalProperties: !1,
								required: ["from"],
								properties: {
									from: name,
									match: {
										...patterns,
										description: "Names its maker gave; all must be received."
									},
									moved: {
										type: "object",
										additionalProperties: !1,
										required: ["of", "to"],
										properties: {
											of: directory,
											to: directory
										},
										description: "The directory of the maker that another one has here. Left out: names may change."
									}
								}
							}, {
								additionalProperties: !1,
								required: ["outside"],
								properties: {
									outside: pattern,
									sha256: digest,
									contract: {
										...digest,
										description: "SHA-256 of the contract of the pipeline that proves it."
									}
								}
							}]
						}
					},
					products: {
						...patterns,
						description: "What it makes: each pattern met, and nothing else. Left out: it makes nothing."
					},
					disallow: {
						...patterns,
						description: "What it neither receives nor makes, whatever else lets it in."
					},
					matrix: {
						type: "array",
						items: {
							type: "string",
							minLength: 1,
							maxLength: 256,
							pattern: "^[\\x20-\\x7e]+$"
						},
						minItems: 1,
						maxItems: 1e3,
						uniqueItems: !0,
						description: "The keys of its matrix jobs, all required."
					},
					minimumGrade: {
						...grade,
						description: "How well its signer must be known at least: A best, D an enrolled key. Left out: however it is."
					},
					...demands
				}
			}
		},
		final: {
			...name,
			description: "The step that must have vouched for an artifact before a gate lets it pass."
		}
	}
}, { revision, countersigners, anchored, clockToleranceSeconds, pipeline, steps } = CONTRACT_SCHEMA.properties, step = steps.additionalProperties.properties;
({ ...step.evidence.properties.vulnerabilities.properties }), CONTRACT_SCHEMA.$schema, { ...pipeline }, { ...countersigners }, { ...clockToleranceSeconds }, step.minimumGrade, step.runner, step.disallow, step.conditions, { ...step.evidence }, { ...step.evidence.properties }, { ...step.evidence.properties.vulnerabilities }, { ...step.approvals };
// packages/contract/src/approvals.ts
/**
* How many different people they are: by the names of their jobs, of which one person has one, and by who signed. One
* identity under two names is one (T-39).
*/
function countPeople(rule, approvals) {
	let known = approvals.filter(({ job }) => job !== null && rule.approvals?.people.has(job) === !0), jobs = new Set(known.map(({ job }) => job)), identities = new Set(known.flatMap(({ signers: [first] }) => first === void 0 ? [] : [identityOf(first)]));
	return Math.min(jobs.size, identities.size);
}
/** Whoever made something does not approve it, whatever name they sign under. */
function checkOwnApproval(rule, { signer, previous, signersOf }, find) {
	if (rule.approvals !== null && signer !== null) for (let { link, step: name } of previous) signersOf(link).some((maker) => identityOf(maker) === identityOf(signer)) && find("approval-own", `step ${rule.name} approves step ${name}, and both are signed by ${nameOf(signer)}`);
}
/** Who signed, in a few words. */
function nameOf({ identity, keyId }) {
	return identity === null ? `key ${keyId.slice(0, 16)}…` : identityText(identity);
}
/** Who it is, whatever it is called: a key by itself, and whom an authority names by that name. */
function identityOf({ keyId, identity }) {
	if (identity === null) return keyId;
	let { issuer, subject } = identity;
	return JSON.stringify([
		issuer,
		subject.kind,
		subject.value
	]);
}
// packages/contract/src/evidence.ts
/**
* Holds the reports of a step against what the contract asks of them. `before` gives the reports of a predecessor by the
* name of its step; each of them by its own word.
*/
function checkEvidence(rule, step, before, find) {
	let { reports } = step;
	if (reports === null) {
		find("evidence-missing", `the reports of step ${step.name} are sealed, and the contract asks what they say`);
		return;
	}
	let read = readOnly(reports);
	if (rule.tests !== null && checkTests(rule.tests, step, read, find), rule.sbom !== null) {
		let boms = read.filter(({ notes }) => isBom(notes));
		boms.length === 0 ? find("evidence-missing", `step ${step.name} recorded no SBOM that names anything`) : rule.sbom.products && checkAbout(step, "SBOM", boms, find);
	}
	rule.vulnerabilities !== null && checkVulnerabilities(rule.vulnerabilities, step, read, before, find);
	for (let type of rule.reports) read.some(({ notes }) => notes.type === type) || find("evidence-missing", `step ${step.name} recorded no report of type ${type}`);
}
/** What was recorded by its digest alone says nothing. */
function readOnly(reports) {
	return reports.flatMap(({ name, annotations }) => annotations === void 0 ? [] : [{
		name,
		notes: annotations
	}]);
}
function isBom({ type, facts }) {
	return type === "spdx" && numberOf(facts.packages) > 0 || type === "cyclonedx" && numberOf(facts.components) > 0;
}
/** All of them count: one that failed is not made good by another. What is not told is not zero. */
function checkTests(rule, { name }, read, find) {
	let tests = read.filter(({ notes: { type } }) => type === "junit" || type === "test-result");
	if (tests.length === 0) {
		find("evidence-missing", `step ${name} recorded no results of tests`);
		return;
	}
	let passed = 0, skipped = 0;
	for (let { name: report, notes } of tests) {
		let { facts } = notes, failed = notes.type === "junit" ? numberOf(facts.failures) + numberOf(facts.errors) : facts.result === "PASSED" ? 0 : 1;
		failed !== 0 && find("tests-failed", `step ${name}: ${report} says ${notes.type === "junit" ? `${textOf$1(facts.failures)} failures, ${textOf$1(facts.errors)} errors` : textOf$1(facts.result)}`);
		let missed = notes.type === "junit" ? numberOf(facts.skipped) : 0;
		passed += notes.type === "junit" ? numberOf(facts.tests) - missed - failed : numberOf(facts.passed), skipped += missed;
	}
	passed >= rule.atLeast || find("tests-failed", `step ${name} has ${passed} tests that passed, and the contract asks for ${rule.atLeast}`), rule.skipped !== null && !(skipped <= rule.skipped) && find("tests-failed", `step ${name} skipped ${skipped} tests, and the contract bears ${rule.skipped}`);
}
function checkVulnerabilities(rule, step, read, before, find) {
	let { name } = step, scans = read.filter(({ notes }) => unexcused(notes.facts, rule.below, NOBODY) !== null), whole = scans.filter(({ notes: { type, facts } }) => type !== "sarif" || facts.complete === !0);
	whole.length === 0 && find("evidence-missing", `step ${name} ${scans.length === 0 ? "recorded no scan for vulnerabilities" : "recorded a scan that did not come to its end"}`);
	for (let tool of rule.tools) whole.some(({ notes: { facts } }) => facts.tool === tool) || find("evidence-missing", `step ${name} recorded no scan of ${tool}`);
	rule.products && whole.length > 0 && checkAbout(step, "scan", whole, find);
	let excused = excusedIn(rule, step, before);
	for (let { name: report, notes } of scans) {
		let left = unexcused(notes.facts, rule.below, excused);
		if (left === 0) continue;
		let rest = rule.vex.length > 0 ? " that no VEX excuses" : "";
		find("vulnerability-found", `step ${name}: ${report} found ${left} of severity ${rule.below} or worse, or unrated${rest}`);
	}
}
const NOBODY = /* @__PURE__ */ new Set();
/** Ids that are excused for what this step received or made, by VEX of the steps that the contract takes it from. */
function excusedIn({ vex }, { name, reports, materials, subject }, before) {
	if (vex.length === 0) return NOBODY;
	let own = new Set([...materials, ...subject].map(({ digest }) => digest.sha256)), excused = /* @__PURE__ */ new Set();
	for (let from of vex) for (let list of from === name ? [reports] : before(from)) for (let { notes } of readOnly(list)) if ((notes.type === "openvex" || notes.type === "cyclonedx-vex") && !(notes.about.length > 0 && !notes.about.some((sha256) => own.has(sha256)))) for (let id of excusedBy(notes.facts)) excused.add(id);
	return excused;
}
/** Each product is named by its digest in one of the reports. */
function checkAbout({ name, subject }, what, reports, find) {
	let named = new Set(reports.flatMap(({ notes }) => notes.about));
	for (let made of subject) named.has(made.digest.sha256) || find("evidence-missing", `no ${what} of step ${name} names ${made.name} by digest`);
}
function numberOf(fact) {
	return typeof fact == "number" ? fact : NaN;
}
function textOf$1(fact) {
	return fact === void 0 ? "not how many" : String(fact);
}
// packages/contract/src/check-demands.ts
/** What the contract asks of a step beyond order and hand-overs, as far as it can be judged yet. */
function checkDemands(rule, facts, find) {
	checkNames(rule, facts, find), checkRunner(rule, facts, find);
	let { ran, subject, succeeded } = facts;
	if (ran !== null && subject !== null && succeeded) {
		if (rule.evidence !== null) {
			let own = {
				name: rule.name,
				materials: facts.materials,
				subject,
				reports: ran.reports
			};
			checkEvidence(rule.evidence, own, (name) => facts.reportsBefore(name), find);
		}
		facts.signer !== null && checkConditions(rule, facts, facts.signer, find);
	}
}
/** As far as names go: what is there of such a name is refused, whoever made it and whatever lets it in. */
function checkNames({ name, disallow }, { materials, subject }, find) {
	if (disallow.length !== 0) for (let [verb, resources] of [["received", materials], ["made", subject ?? []]]) for (let resource of resources) {
		let glob = disallow.find((one) => one.matches(plain$1(resource.name)));
		glob !== void 0 && find("name-disallowed", `step ${name} ${verb} ${resource.name}, and ${glob.pattern} is disallowed`);
	}
}
function plain$1(name) {
	return name.endsWith("/") ? name.slice(0, -1) : name;
}
/** What each CI system calls machines of its own (claims `runner_environment`). */
const HOSTED = [
	"github-hosted",
	"gitlab-hosted",
	"buildkite-hosted"
];
function checkRunner({ name, runner }, { signer }, find) {
	if (runner === null || signer === null) return;
	let told = signer.identity?.runnerEnvironment ?? null;
	told !== null && (runner === "hosted" ? HOSTED.includes(told) : told === "self-hosted") || find("runner-not-allowed", `step ${name} must run on a ${runner} runner; its certificate says ${told ?? "nothing of it"}`);
}
function checkConditions(rule, facts, signer, find) {
	if (rule.conditions.length === 0) return;
	let names = namesOf$2(facts, signer);
	for (let condition of rule.conditions) {
		let held = holds(condition, names);
		if (held === !0) continue;
		let why = held === !1 ? "it does not hold" : held.message;
		find("condition-unmet", `step ${rule.name} does not meet ${condition.text.slice(0, 200)}: ${why}`);
	}
}
/** Whether a step that comes after `before` must follow it. Where that cannot be said, it must. */
function isNeeded(before, signer) {
	return before.optional === null ? !0 : before.optional === "always" || signer === null ? !1 : holds(before.optional, { signer: signerNames(signer) }) !== !1;
}
function signerNames({ keyId, grade, identity }) {
	if (identity === null) return {
		key: keyId,
		grade,
		identity: null
	};
	let { subject, ...facts } = identity;
	return {
		key: keyId,
		grade,
		identity: {
			...facts,
			subject: subject.value
		}
	};
}
function namesOf$2({ step, previous, materials, subject, ran }, signer) {
	let own = ({ name, digest, annotations }) => ({
		name,
		sha256: digest.sha256,
		commit: digest.gitCommit ?? null,
		dirty: annotations?.dirty === !0
	}), reports = ran?.reports ?? null;
	return {
		signer: signerNames(signer),
		step: {
			name: step.name,
			attempt: step.attempt,
			matrix: step.matrix
		},
		previous: previous.map((one) => one.step),
		materials: materials.map((one) => ({
			...own(one),
			outside: (one.annotations?.from ?? null) === null
		})),
		products: (subject ?? []).map(own),
		reports: reports === null ? null : reports.map(({ name, annotations }) => ({
			name,
			type: annotations?.type ?? null,
			about: annotations?.about ?? [],
			facts: annotations?.facts ?? {}
		})),
		claimed: ran === null ? null : { ...ran.claimed }
	};
}
// packages/contract/src/identity-pattern.ts
/** Ids that no other repository or owner ever has, whatever it is called. */
const STABLE = ["sourceRepositoryIdentifier", "sourceRepositoryOwnerIdentifier"], SOURCES = [
	...STABLE,
	"sourceRepositoryURI",
	"sourceRepositoryOwnerURI"
];
/** Whether an identity is one of those that are meant. */
function matchesIdentity(pattern, identity) {
	return mismatchOf(pattern, identity) === null;
}
/** Why an identity is none of those that are meant: the fact that is another, in a few words. Null where it is one. */
function mismatchOf({ issuer, subject, facts }, identity) {
	if (identity.issuer !== issuer) return `the issuer is ${identity.issuer}, not ${issuer}`;
	if (subject !== null && identity.subject.kind !== subject.kind) return `the subject is of the kind ${identity.subject.kind}, not ${subject.kind}`;
	if (subject !== null && identity.subject.value !== subject.value) return `the subject is ${identity.subject.value}, not ${subject.value}`;
	for (let [name, text] of facts) {
		let value = identity[name];
		if (value === null) return `${name} is not known`;
		if (!matchesText(text, value)) return `${name} is ${value}`;
	}
	return subject === null && !STABLE.some((fact) => facts.has(fact) && "exact" in facts.get(fact)) ? "the pattern names an issuer alone, and nobody whom it vouches for" : isBorrowed(identity) && !SOURCES.some((fact) => facts.has(fact)) ? "what ran is a workflow of another repository, and the pattern does not say whose source it may build" : null;
}
/**
* Whether what ran belongs to another repository than the one it ran for. Then the subject is that of the workflow,
* which anybody may call, and tells nothing of who did (T-59).
*/
function isBorrowed({ buildConfigURI, buildSignerURI, sourceRepositoryURI, subject }) {
	return buildSignerURI === null || buildConfigURI === null || buildSignerURI === buildConfigURI ? !1 : sourceRepositoryURI === null || !subject.value.startsWith(`${sourceRepositoryURI}/`);
}
/** Where a part of a name may end: after it a near miss would be another name, such as `main-evil` for `main`. */
const DELIMITERS = [
	"/",
	"@",
	":",
	"?",
	"#"
];
function matchesText(pattern, text) {
	if ("exact" in pattern) return text === pattern.exact && text !== "";
	if ("glob" in pattern) return text !== "" && pattern.glob.matches(text);
	let { prefix } = pattern;
	return prefix === "" || !text.startsWith(prefix) ? !1 : text === prefix || DELIMITERS.includes(prefix.at(-1)) || DELIMITERS.includes(text[prefix.length]);
}
// packages/contract/src/evaluate.ts
/**
* Judges one step under its contract: name, signer, matrix key, order, materials, products. Pure; all
* findings, none when it fits, after those that `findings` holds already. `previous` holds the predecessors of
* `facts.previous` that are known.
*/
function evaluate(contract, facts, previous, findings = new Findings()) {
	let { find } = findings, rule = contract.steps.get(facts.step.name);
	return rule === void 0 ? find("step-unknown", `the contract has no step ${facts.step.name}`) : (checkSigner(contract, rule, facts, find), checkMatrix(rule, facts, find), checkOrder(contract, rule, facts, previous, find), checkMaterials(rule, facts, previous, find), checkProducts(rule, facts, find), checkDemands(rule, facts, find)), findings.list;
}
/** The signers that are keys, by name. */
function signingKeys({ signers }) {
	return new Map([...signers].flatMap(([name, rule]) => rule.kind === "key" ? [[name, rule.key]] : []));
}
/** Whether the rule lets this signer sign; of an approval this job of it. */
function maySign(contract, rule, signer, job = null) {
	return signerFault(contract, forJob(rule, job), signer) === null;
}
/** Of an approval each job is for one person alone. */
function forJob(rule, job) {
	return rule.approvals === null ? rule : {
		...rule,
		signers: rule.approvals.people.get(job ?? "") ?? []
	};
}
function checkSigner(contract, rule, facts, find) {
	let { signer, step } = facts, fault = signer === null ? null : signerFault(contract, forJob(rule, step.matrix), signer);
	fault !== null && find(fault.code, fault.what), checkOwnApproval(rule, facts, find);
}
/** Why this signer may not sign; of several names that mean it, the one under which least is wrong counts. */
function signerFault(contract, rule, signer) {
	let { identity, keyId, grade } = signer, low = null, revokedAt = null;
	for (let name of rule.signers) {
		let own = contract.signers.get(name);
		if (own === void 0) continue;
		if (own.kind === "key") {
			if (identity !== null || own.key.keyId !== keyId) continue;
		} else {
			let since = believedUntil(contract, own, signer);
			if (since === void 0) continue;
			if (since !== null && (signer.signedAt === null || signer.signedAt >= since)) {
				revokedAt = since;
				continue;
			}
		}
		let least = leastGrade(own, rule);
		if (least === null || isAtLeast(grade, least)) return null;
		low = least;
	}
	let who = nameOf(signer);
	return low === null ? revokedAt === null ? {
		code: "signer-not-allowed",
		what: `${`step ${rule.name} may be signed by ${rule.signers.join(", ")}`}, not by ${who}${whyNot(contract, rule, signer)}`
	} : {
		code: "signer-revoked",
		what: `step ${rule.name} is signed by ${who}, which is revoked since ${revokedAt}`
	} : {
		code: "grade-too-low",
		what: `step ${rule.name} needs a signer of grade ${low}; ${who} is of ${grade}`
	};
}
/** Where only one identity could have been meant: why it was not. */
function whyNot({ signers }, { signers: named }, { identity }) {
	let [name, ...others] = named, own = name === void 0 || others.length > 0 ? void 0 : signers.get(name);
	return identity === null || own?.kind !== "identity" ? "" : `: ${mismatchOf(own.pattern, identity) ?? "another authority vouches for it"}`;
}
/**
* The time from which on this rule believes the identity no more; null where it names none, undefined where it does not
* mean this identity at all, or another authority vouches for it.
*/
function believedUntil({ authorities }, rule, { identity, authorities: ids }) {
	if (identity === null || !matchesIdentity(rule.pattern, identity)) return;
	let vouching = rule.authorities.flatMap((name) => authorities.get(name) ?? []).filter(({ id }) => ids.includes(id));
	if (vouching.length === 0) return;
	let last = vouching.map(({ revokedAt }) => revokedAt).reduce((one, other) => one === null || other === null ? null : one < other ? other : one);
	return rule.revokedAt === null || last === null ? rule.revokedAt ?? last : rule.revokedAt < last ? rule.revokedAt : last;
}
function leastGrade(signer, { minimumGrade }) {
	let own = signer.kind === "identity" ? signer.grade : null;
	return own === null || minimumGrade === null ? own ?? minimumGrade : isAtLeast(own, minimumGrade) ? own : minimumGrade;
}
function checkMatrix(rule, { step: { matrix } }, find) {
	if (rule.approvals !== null) {
		let { people } = rule.approvals;
		if (matrix !== null && people.has(matrix)) return;
		find("step-unknown", `step ${rule.name} is done as one of ${[...people.keys()].join(", ")}, not as ${matrix ?? "nobody"}`);
	} else rule.matrix === null ? matrix !== null && find("step-unknown", `step ${rule.name} has no matrix, so no job ${matrix}`) : matrix === null ? find("step-unknown", `step ${rule.name} is a matrix; which job this is, is missing`) : rule.matrix.includes(matrix) || find("step-unknown", `the matrix of step ${rule.name} has no job ${matrix}`);
}
/** The matrix keys of `before` that a job of `rule` with key `matrix` must follow; [null] outside a matrix. */
function requiredJobs(before, rule, matrix) {
	return before.approvals === null ? before.matrix === null ? [null] : rule.matrix !== null && matrix !== null && before.matrix.includes(matrix) ? [matrix] : before.matrix : [...before.approvals.people.keys()];
}
function checkOrder(contract, rule, facts, previous, find) {
	for (let { step } of facts.previous) rule.after.includes(step) || find("step-order", `step ${rule.name} follows ${rule.after.join(", ") || "nothing"}, not ${step}`);
	for (let name of rule.after) {
		let before = contract.steps.get(name), present = facts.previous.filter((p) => p.step === name);
		if (present.length === 0) {
			isNeeded(before, facts.signer) && find("step-skipped", `step ${rule.name} does not follow step ${name}`);
			continue;
		}
		let shown = present.filter((p) => facts.withheld?.has(p.link) !== !0);
		if (shown.some((p) => !previous.has(p.link))) continue;
		if (before.approvals !== null) {
			checkApproved(before, shown, present.length - shown.length, facts, previous, find);
			continue;
		}
		let jobs = new Set(shown.map((p) => previous.get(p.link).statement.predicate.step.matrix)), wanted = requiredJobs(before, rule, facts.step.matrix), absent = wanted.filter((job) => !jobs.has(job)), hidden = present.length - shown.length;
		if (absent.length > hidden) find("matrix-incomplete", `step ${rule.name} lacks ${jobsOf(absent)} of step ${name}`);
		else if (absent.length < hidden) find("step-order", `step ${rule.name} follows step ${name} more often than it has jobs`);
		else if (jobs.size + hidden > wanted.length) {
			let strange = [...jobs].filter((job) => !wanted.includes(job)), follower = facts.step.matrix === null ? "" : ` (${facts.step.matrix})`;
			find("step-order", `step ${rule.name}${follower} follows ${jobsOf(strange)} of step ${name}`);
		}
	}
}
/**
* So many people, and each of them approved what this step goes on with: of a step that it follows itself the very
* attestations that it follows, all of them and no others, so that what was approved is not another attempt at it, and
* nothing came after. `hidden` more are not shown.
*/
function checkApproved(before, shown, hidden, facts, previous, find) {
	let own = new Set(facts.previous.map(({ link }) => link)), followed = new Set(facts.previous.map(({ step }) => step)), approvals = [];
	for (let { link } of shown) {
		let { predicate } = previous.get(link).statement, seen = new Set(predicate.previous.map((one) => one.link)), other = predicate.previous.find((one) => followed.has(one.step) && !own.has(one.link)) ?? facts.previous.find((one) => before.after.includes(one.step) && !seen.has(one.link));
		other === void 0 ? approvals.push({
			job: predicate.step.matrix,
			signers: facts.signersOf(link)
		}) : find("approval-missing", `step ${before.name} approved another attestation of step ${other.step} than ${facts.step.name} follows`);
	}
	let { atLeast } = before.approvals, count = countPeople(before, approvals);
	count + hidden < atLeast && find("approval-missing", `step ${before.name} has the approval of ${count === 1 ? "1 person" : `${count} people`}, and ${atLeast} must approve`);
}
function jobsOf(jobs) {
	return `the jobs ${jobs.map((job) => job ?? "(none)").join(", ")}`;
}
/**
* How a material that no step made may come in: null not at all, `bytes` where the contract names its very
* digest, `name` where any bytes of that name will do.
*/
function outsideOf(rule, { name, digest }) {
	let found = null;
	for (let { match, sha256 } of rule.outside) if (!(sha256 !== null && sha256 !== digest.sha256 || !match.matches(plain(name)))) {
		if (sha256 !== null) return "bytes";
		found = "name";
	}
	return found;
}
/**
* The contracts of other pipelines, one of which must prove a material; null where it may come in without, or not at all.
*/
function otherContractsOf(rule, { name, digest }) {
	let contracts = [];
	for (let { match, sha256, contract } of rule.outside) if (!(sha256 !== null && sha256 !== digest.sha256 || !match.matches(plain(name)))) {
		if (contract === null) return null;
		contracts.push(contract);
	}
	return contracts.length === 0 ? null : contracts;
}
function checkMaterials(rule, facts, previous, find) {
	let { isExpected, met } = matchHandOvers(rule, facts, previous), makers = null, hidden = facts.previous.filter((p) => facts.withheld?.has(p.link) === !0), onWord = ({ annotations }) => hidden.some((p) => p.link === annotations?.from && rule.materials.some(({ from }) => from === p.step));
	for (let material of facts.materials) {
		if (isExpected(material) || outsideOf(rule, material) !== null || onWord(material)) continue;
		makers ??= makersOf(facts, previous);
		let maker = makers.get(material.digest.sha256), why = maker === void 0 ? "was made by no step that" : `of step ${maker} is not among what`;
		find("material-unexplained", `material ${material.name} ${why} step ${rule.name} receives`);
	}
	for (let wanted of rule.materials) {
		let links = facts.previous.filter((p) => p.step === wanted.from && previous.has(p.link)).map((p) => p.link);
		for (let link of links) met.has(link) || find("edge-empty", `step ${rule.name} received nothing from step ${wanted.from}`);
		if (!hidden.some((p) => p.step === wanted.from)) for (let glob of wanted.match) links.length > 0 && !met.has(glob) && find("edge-empty", `step ${rule.name} received no ${glob.pattern} from step ${wanted.from}`);
	}
}
/**
* What was handed over: whether a material is something that the rule expects; the links and patterns that each handed
* something over. Each product of a predecessor is looked at once, by the name its maker gave it, however many materials
* share its bytes.
*/
function matchHandOvers(rule, facts, previous) {
	/** Digests; where names are said, each with a name that it may have. */
	let expected = /* @__PURE__ */ new Set(), met = /* @__PURE__ */ new Set(), isExpected = ({ name, digest: { sha256 } }) => expected.has(sha256) || expected.has(`${sha256} ${plain(name)}`);
	if (facts.materials.length === 0) return {
		isExpected,
		met
	};
	let received = /* @__PURE__ */ new Set();
	for (let { digest } of facts.materials) received.add(digest.sha256);
	let named = rule.materials.some(({ moved }) => moved !== null) ? namesOf$1(facts.materials) : null;
	for (let { link } of facts.previous) {
		let before = previous.get(link), wanted = before && rule.materials.find(({ from }) => from === before.statement.predicate.step.name);
		if (wanted !== void 0) for (let { name, digest } of before.statement.subject) {
			let { sha256 } = digest;
			if (!received.has(sha256)) continue;
			let here = wanted.moved === null ? null : movedName(wanted.moved, plain(name));
			if (wanted.moved !== null && (here === null || !named.has(`${sha256} ${here}`))) continue;
			let known = met.has(link) && here === null && expected.has(sha256);
			for (let glob of wanted.match) known && met.has(glob) || !glob.matches(plain(name)) || (expected.add(here === null ? sha256 : `${sha256} ${here}`), met.add(link), met.add(glob));
		}
	}
	return {
		isExpected,
		met
	};
}
function namesOf$1(materials) {
	return new Set(materials.map(({ name, digest }) => `${digest.sha256} ${plain(name)}`));
}
/** What a file of the maker is called here; null where it is not in the directory that is handed over. */
function movedName({ of, to }, name) {
	let within = of === "" ? name : name === of ? "" : name.startsWith(`${of}/`) ? name.slice(of.length + 1) : null;
	return within === null ? null : to === "" ? within : within === "" ? to : `${to}/${within}`;
}
/** For each digest, a predecessor that made or vouched for it. */
function makersOf(facts, previous) {
	let makers = /* @__PURE__ */ new Map();
	for (let { link } of facts.previous) {
		let before = previous.get(link);
		for (let { digest } of before?.statement.subject ?? []) makers.has(digest.sha256) || makers.set(digest.sha256, before.statement.predicate.step.name);
	}
	return makers;
}
function checkProducts(rule, { subject, materials, succeeded }, find) {
	if (subject === null) return;
	let { name } = rule, products = rule.products ?? [], isSource = ({ name, digest }) => rule.after.length === 0 && name === "source" && digest.gitCommit !== void 0, received = null;
	for (let made of subject) {
		if (products.some((glob) => glob.matches(plain(made.name))) || isSource(made)) continue;
		received ??= new Map(materials.map((material) => [material.name, material]));
		let material = received.get(made.name);
		material !== void 0 && isVouched(made, material) || find("product-unexpected", `step ${name} ${material === void 0 ? "made" : "changed"} ${made.name}, which the contract does not name`);
	}
	if (succeeded) for (let glob of products) subject.some((made) => glob.matches(plain(made.name))) || find("product-missing", `step ${name} did not make ${glob.pattern}`);
}
/**
* Whether a subject is the very thing that was received. Under another name, of another kind, with another mode or
* with a digest that was not handed over it is something new: a step that may make nothing could else rename one file
* into another, or pass a file off as a directory.
*/
function isVouched(subject, material) {
	return (subject.annotations?.mode ?? null) !== (material.annotations?.mode ?? null) || isTree(subject) !== isTree(material) ? !1 : Object.keys(subject.digest).every((algorithm) => subject.digest[algorithm] === material.digest[algorithm]);
}
/** A tree `dist/` is matched as `dist`. */
function plain(name) {
	return name.endsWith("/") ? name.slice(0, -1) : name;
}
// packages/contract/src/signer-diff.ts
/** Whether two values of a model are the same; maps and sets are compared by what they hold. */
function sameValue(a, b) {
	return textOf(a) === textOf(b);
}
function textOf(value) {
	return JSON.stringify(value, (_, one) => one instanceof Map ? [...one].map(([key, held]) => [String(key), held]) : one instanceof Set || one instanceof Uint8Array ? [...one] : typeof one == "function" || typeof one == "bigint" ? String(one) : one);
}
/**
* Who must sign the next revision of a contract, and deviations from this one. A maintainer may sign steps as well; whoever
* vouches for others, or countersigns, may not be one (T-39). `owners` holds whose key an id is over the contract's lists.
*/
function readMaintainers(place, authorities, owners, known) {
	let members = place?.members(["threshold", "of"], ["threshold", "of"]);
	if (place === void 0 || members == null) return null;
	let threshold = members.get("threshold")?.integer(1, 64) ?? null, list = members.get("of");
	if (list === void 0) return null;
	let count = list.entries()?.size ?? 0;
	if (count > 64) return list.fault("has more than 64 maintainers", "Shorten the list."), null;
	let of = readSigners$1(list, authorities, new Map([...owners].filter(([, owner]) => !owner.startsWith("signers"))));
	return lintParties(list, of), lintPeople(list, of, known), threshold === null ? null : (count > 0 && threshold > count && members.get("threshold").fault(`is ${threshold}, and there are ${count} maintainers, so no contract could be signed again`, "Lower it, or name more maintainers."), {
		threshold,
		of
	});
}
/** Whoever has two names would count twice, if nobody looked; and the second name would never be met. */
function lintParties(place, of) {
	let known = [];
	for (let [name, rule] of of) {
		let same = known.find(([, other]) => rule.kind === "identity" && other.kind === "identity" && sameValue(rule.pattern, other.pattern));
		same !== void 0 && place.entries().get(name).fault(`is the same identity as ${same[0]}`, "Name each party once."), known.push([name, rule]);
	}
}
/** Whose signers are one person's is one maintainer with all of them. */
function lintPeople(place, of, { signers, people }) {
	let known = /* @__PURE__ */ new Map();
	for (let [name, rule] of of) {
		let person = [...signers].find(([signer, other]) => people.has(signer) && isSame(rule, other))?.[0], owner = person === void 0 ? void 0 : people.get(person);
		if (owner === void 0) continue;
		let other = known.get(owner);
		other === void 0 ? known.set(owner, name) : place.entries().get(name).fault(`is ${shown(owner)}, as ${shown(other)} is`, "Name each person once.");
	}
}
function isSame(one, other) {
	return one.kind === "key" || other.kind === "key" ? one.kind === "key" && other.kind === "key" && materialOf(one.key) === materialOf(other.key) : sameValue(one.pattern, other.pattern);
}
/** Milliseconds. */
function readGrace(place) {
	if (place === void 0) return 6048e5;
	let text = place.text("none, or a time of 1m to 366d, like 90m, 36h or 7d", (t) => t === "none" || durationOf(t) !== null);
	return text === null || text === "none" ? 0 : durationOf(text);
}
// packages/contract/src/handover.ts
/** Faults of patterns that nothing can ever meet: the step that hands over makes nothing of such a name. */
function lintHandOvers(wanted, steps) {
	for (let { place, from, glob } of wanted) {
		let maker = steps.get(from), products = maker?.products ?? [];
		if (maker === void 0 || products.length === 0 || maker.after.length === 0 && glob.matches("source") || products.some((product) => mayMeet(product, glob))) continue;
		let parent = products.find((product) => isLiteral(product.pattern) && glob.pattern.startsWith(`${product.pattern}/`)), names = products.slice(0, 8).map((product) => shown(product.pattern));
		place.fault(`is ${shown(glob.pattern)}, and step ${from} makes nothing of that name`, parent === void 0 ? `Step ${from} makes ${names.join(", ")}${products.length > 8 ? ", …" : ""}.` : `A directory is handed over as one: write ${shown(parent.pattern)}/.`);
	}
}
/** True unless no name meets both; two patterns with wildcards get the benefit of the doubt. */
function mayMeet(a, b) {
	return isLiteral(a.pattern) ? b.matches(a.pattern) : !isLiteral(b.pattern) || a.matches(b.pattern);
}
// packages/contract/src/steps.ts
const MAX_STEPS = 1e3, MAX_ITEMS = 1e3, FIELDS$1 = [
	"after",
	"signers",
	"materials",
	"products",
	"disallow",
	"matrix",
	"minimumGrade",
	...DEMAND_FIELDS
], MATERIAL_FIELDS = [
	"from",
	"match",
	"moved",
	"outside",
	"sha256",
	"contract"
];
/**
* The steps, or null when there are none to speak of. `signers` is where their signers are named, and `people` whose they
* are.
*/
function readSteps(place, signers, people) {
	if (place?.isEmpty()) return place.fault("is empty", "Describe at least one step.", "contract-empty"), null;
	let entries = place?.entries() ?? null;
	if (place === void 0 || entries === null) return null;
	if (entries.size > MAX_STEPS) return place.fault(`has more than ${MAX_STEPS} steps`, "Split the pipeline."), null;
	let reading = {
		steps: new Set(entries.keys()),
		signers: namesOf(signers),
		people,
		wanted: [],
		vague: /* @__PURE__ */ new Set(),
		complete: place.whole
	}, rules = /* @__PURE__ */ new Map();
	for (let [name, item] of entries) {
		isName(name) || item.faultKey("is not a name", NAME_FIX);
		let rule = readStep(name, item, reading);
		rule !== null && rules.set(name, rule);
	}
	return lintHandOvers(reading.wanted.filter(({ from }) => !reading.vague.has(from)), rules), reading.complete && lintSigners(signers, rules), {
		names: reading.steps,
		rules,
		complete: reading.complete
	};
}
function namesOf(signers) {
	let entries = signers?.entries() ?? null;
	return entries === null || entries.size === 0 || !signers.whole ? null : new Set(entries.keys());
}
function readStep(name, place, reading) {
	let members = place.members(FIELDS$1, ["signers"]);
	if (place.whole && members !== null || (reading.complete = !1), members === null) return null;
	let after = readNames(members.get("after"), reading.steps, "step", reading), signers = readSigners(members.get("signers"), reading), minimumGrade = readGrade(members.get("minimumGrade")), { materials, outside } = readMaterials(members.get("materials"), name, after, reading), products = members.has("products") ? readPatterns(members.get("products")) : null;
	products?.some(({ glob }) => glob === null) && reading.vague.add(name), after.length > 0 && products === null && members.get("materials")?.isEmpty() && place.faultKey("receives nothing and makes nothing, so there is nothing it could vouch for", "Name its products, or remove its empty materials.");
	let matrix = members.has("matrix") ? readMatrix(members.get("matrix")) : null, disallow = members.has("disallow") ? readPatterns(members.get("disallow")) : [], demands = readDemands(members, {
		name,
		after,
		people: byPerson(reading.people, signers)
	});
	return demands.approvals !== null && lintApproval(place, members, after), {
		name,
		after,
		signers,
		minimumGrade,
		materials,
		outside,
		products: products === null ? null : globsOf(products),
		disallow: globsOf(disallow),
		matrix,
		...demands
	};
}
function readSigners(place, reading) {
	return place !== void 0 && !place.isEmpty() ? readNames(place, reading.signers, "signer", reading) : (reading.complete = !1, place?.fault("is empty", "Name at least one signer.", "contract-empty"), []);
}
/** Names from a list, each known, none twice. */
function readNames(place, known, kind, reading) {
	if (place === void 0) return [];
	let items = place.items(MAX_ITEMS), names = /* @__PURE__ */ new Set();
	items === null && (reading.complete = !1);
	for (let item of items ?? []) {
		let name = item.text(`the name of a ${kind}`, () => !0);
		(name === null || known?.has(name) !== !0) && (reading.complete = !1), name !== null && (known?.has(name) === !1 ? item.fault(`is ${shown(name)}, which is no ${kind}`, () => useOneOf(name, [...known])) : names.has(name) ? item.fault(`is ${shown(name)} for the second time`, "Remove it.") : names.add(name));
	}
	return [...names];
}
function lintSigners(signers, rules) {
	let used = new Set([...rules.values()].flatMap((rule) => rule.signers));
	for (let [name, place] of signers?.entries() ?? []) used.has(name) || place.faultKey("may sign no step", "Add it to the signers of a step, or remove it: nobody is trusted for nothing.");
}
function readMaterials(place, step, after, reading) {
	if (place === void 0) return {
		materials: after.map((from) => ({
			from,
			match: [parseGlob("**")],
			moved: null
		})),
		outside: []
	};
	let materials = /* @__PURE__ */ new Map(), outside = [];
	for (let item of place.items(100) ?? []) {
		let members = item.members(MATERIAL_FIELDS, []);
		if (members !== null) {
			if (members.has("from") === members.has("outside")) item.fault("needs one of from and outside", "Write from: STEP, or outside: PATTERN.");
			else if (members.has("from")) {
				for (let field of ["sha256", "contract"]) members.get(field)?.faultKey("goes with outside only", "Remove it.");
				let from = readFrom(members.get("from"), step, after, reading), patterns = members.has("match") ? readPatterns(members.get("match")) : null;
				if (from === null) continue;
				if (materials.has(from)) {
					members.get("from").fault(`is ${from} for the second time`, "Put all its patterns into one match list.");
					continue;
				}
				let match = patterns === null ? [parseGlob("**")] : globsOf(patterns);
				materials.set(from, {
					from,
					match,
					moved: readMoved(members.get("moved"))
				});
				for (let { place, glob } of patterns ?? []) glob !== null && reading.wanted.push({
					place,
					glob,
					from
				});
			} else {
				for (let field of ["match", "moved"]) members.get(field)?.faultKey("goes with from only", "Remove it.");
				let match = readGlob$1(members.get("outside")), sha256 = members.get("sha256")?.text("64 lower-case hex digits", (t) => isHex(t, 64)) ?? null, contract = members.get("contract")?.text("64 lower-case hex digits", (t) => isHex(t, 64)) ?? null;
				match !== null && outside.push({
					match,
					sha256,
					contract
				});
			}
		}
	}
	return {
		materials: [...materials.values()],
		outside
	};
}
/** Directories by name; the one that all names are in is spelled as a dot. */
function readMoved(place) {
	let members = place?.members(["of", "to"], ["of", "to"]);
	if (members == null) return null;
	let [of, to] = [readDirectory(members.get("of")), readDirectory(members.get("to"))];
	return of === null || to === null ? null : {
		of,
		to
	};
}
function readDirectory(place) {
	let text = place?.text("the name of a directory, or a dot", (t) => t === "." || isLiteralPath(t)) ?? null;
	return text === null ? null : text === "." ? "" : text.endsWith("/") ? text.slice(0, -1) : text;
}
function isLiteralPath(text) {
	if (text.length > 256 || hasControl(text) || text.normalize("NFC") !== text) return !1;
	try {
		return isLiteral(parseGlob(text.endsWith("/") ? text.slice(0, -1) : text).pattern);
	} catch {
		return !1;
	}
}
function readFrom(place, step, after, reading) {
	let from = place.text("the name of a step", () => !0);
	if (from === null || after.includes(from)) return from;
	if (reading.steps.has(from)) {
		let what = `is ${shown(from)}, which step ${shown(step)} does not come after`;
		place.fault(what, `Add ${shown(from)} to its after list, or remove this entry.`);
	} else place.fault(`is ${shown(from)}, which is no step`, () => useOneOf(from, after));
	return null;
}
function readMatrix(place) {
	if (place.isEmpty()) return place.fault("names no job", "List every job, or leave the field out.", "contract-empty"), [];
	let keys = /* @__PURE__ */ new Set();
	for (let item of place.items(MAX_ITEMS) ?? []) {
		let key = item.text("a matrix key: 1 to 256 printable ASCII characters", isMatrixKey);
		key !== null && (keys.has(key) ? item.fault(`is ${shown(key)} for the second time`, "Remove it.") : keys.add(key));
	}
	return [...keys];
}
/** Contract from its YAML bytes. Throws the first fault as a coded error that names its line. */
function parseContract(bytes) {
	let { contract, faults } = read(bytes), first = faults[0];
	if (first !== void 0) throw new CodedError(first.code, `line ${first.line}: ${first.what}`, { fix: first.fix });
	if (contract === null) throw new CodedError("contract-invalid", "the contract could not be read");
	return contract;
}
function read(bytes, baseline = null) {
	let { root, faults } = readYaml(bytes), contract = root === null ? null : readContract(root, bytes);
	return root !== null && contract !== null && baseline !== null && faults.list.length === 0 && lintUnder(root, contract, baseline), {
		contract: faults.list.length === 0 ? contract : null,
		faults: faults.sorted()
	};
}
const REQUIRED = [
	"contract",
	"pipeline",
	"revision",
	"signers",
	"steps",
	"final"
], FIELDS = [
	...REQUIRED,
	"authorities",
	"people",
	"countersigners",
	"attempts",
	"clockToleranceSeconds",
	"anchored",
	"maintainers",
	"grace"
];
function readContract(root, bytes) {
	if (root.isEmpty()) return root.fault("is empty", "Begin with contract: v1.", "contract-empty"), null;
	let members = root.members(FIELDS, REQUIRED);
	if (members === null) return null;
	members.get("contract")?.text("v1, the version of the contract language", (t) => t === "v1");
	let pipeline = members.get("pipeline")?.text("a pipeline name, like shop/web", isName) ?? null, revision = members.get("revision")?.integer(1, 1e9) ?? null, owners = /* @__PURE__ */ new Map(), authorities = readAuthorities(members.get("authorities")), signers = readSigners$1(members.get("signers"), authorities.rules, owners), people = readPeople(members.get("people"), members.get("signers")), countersigners = readServers(members.get("countersigners"), owners);
	claimAuthorityKeys(authorities, owners);
	let attempts = members.get("attempts")?.text("same or carry", (t) => t === "same" || t === "carry") ?? "same", tolerance = members.get("clockToleranceSeconds")?.integer(0, 86400) ?? 300, anchored = readAnchored(members.get("anchored")), maintainers = readMaintainers(members.get("maintainers"), authorities.rules, owners, {
		signers,
		people
	}), grace = readGrace(members.get("grace")), steps = readSteps(members.get("steps"), members.get("signers"), people), final = readFinal(members.get("final"), steps);
	return lintAuthorities(members.get("authorities"), authorities.rules, members.get("signers"), signers, maintainers), steps !== null && (lintGrades(members.get("steps"), steps.rules, signers), lintApprovals(members.get("steps"), steps.rules, people), lintOptional(members.get("steps"), steps.rules, final)), steps !== null && lintGraph(members.get("steps"), steps.rules, final, steps.complete), pipeline === null || revision === null || steps === null || final === null ? null : {
		pipeline,
		revision,
		digest: hex(sha256(bytes)),
		signers,
		authorities: authorities.rules ?? /* @__PURE__ */ new Map(),
		countersigners,
		steps: steps.rules,
		final,
		attempts,
		clockTolerance: tolerance * 1e3,
		anchored,
		maintainers,
		grace
	};
}
/** An authority that no signer needs is trusted for nothing. Said only where all signers could be read. */
function lintAuthorities(place, authorities, names, signers, maintainers) {
	if (authorities === null || names?.whole !== !0 || names.entries()?.size !== signers.size) return;
	let all = [...signers.values(), ...maintainers?.of.values() ?? []], used = new Set(all.flatMap((rule) => rule.kind === "identity" ? rule.authorities : []));
	for (let [name, item] of place?.entries() ?? []) used.has(name) || item.faultKey("vouches for nobody", "Let a signer be an identity that it vouches for, or remove it.");
}
/** A step that asks for a grade that none of its signers can have could never be signed. */
function lintGrades(place, rules, signers) {
	for (let [name, { minimumGrade, signers: named }] of rules) minimumGrade !== null && minimumGrade !== "D" && named.length !== 0 && named.every((signer) => signers.get(signer)?.kind === "key") && (place.entries()?.get(name)?.entries()?.get("minimumGrade"))?.fault(`asks for ${minimumGrade}, and its signers are keys, of grade D`, "Name an identity, or remove it.");
}
function readFinal(place, steps) {
	let final = place?.text("the name of a step", isName) ?? null;
	return final === null || steps === null || steps.names.has(final) ? final : (place.fault(`is ${final}, which is no step`, () => useOneOf(final, [...steps.names])), null);
}
// packages/verify/src/disclosure.ts
/**
* Verifies what opens a sealed field: the commitment that was signed there comes out of the salt and the value
* (SPEC.md §8). Throws `disclosure-mismatch`.
*/
function verifyDisclosure(disclosure, step, crypto) {
	let { link, field } = disclosure, { predicate } = step.statement, what = `${field} of step ${predicate.step.name} (${step.link.slice(0, 12)})`;
	if (link !== step.link) throw new CodedError("disclosure-mismatch", `what is disclosed is not of ${what}`);
	if (!sealedFields(predicate).includes(field)) throw new CodedError("disclosure-mismatch", `${what} is not sealed`);
	if (!opens(disclosure, predicate, crypto)) throw new CodedError("disclosure-mismatch", `what is disclosed is not what was signed as ${what}`);
	return { disclosure };
}
/** The predicate as far as it is told: each sealed field that is disclosed with its value. For the reader's eye alone. */
function disclosedPredicate(predicate, disclosed) {
	let opened = disclosed.map(({ disclosure: { field, value } }) => [field, value]);
	return opened.length === 0 ? predicate : withFields(predicate, Object.fromEntries(opened));
}
// packages/verify/src/identity/issuance.ts
/**
* Checks that a log of the authority holds the certificate (SPEC.md §15): a leaf over what it was before the proof went
* in, under both hashes and with the time from which it is valid, is under a checkpoint that the log signed. Throws
* `issuance-unproven`.
*/
function checkIssuance(certificate, authority, crypto) {
	let { extensions, notBefore, serial } = certificate, extension = extensions.get(ISSUANCE_PROOF_OID), unproven = (what, cause) => new CodedError("issuance-unproven", `the certificate ${serial} ${what}`, { cause });
	if (extension === void 0) throw unproven("holds no proof that it was logged");
	try {
		let { index, hashes, checkpoint } = readIssuanceProof(extension.value), keys = authority.logs.filter(({ name }) => name === checkpoint.origin);
		if (keys.length === 0) throw unproven(`is proven by the log ${checkpoint.origin}, which ${authority.name} has not`);
		verifyCheckpoint(checkpoint, {
			origin: checkpoint.origin,
			keys,
			witnesses: []
		}, crypto);
		let entry = writeLeaf(issuanceLeaf(loggedTbs(certificate), notBefore, crypto)), hash = {
			size: 32,
			hash: (bytes) => crypto.sha256(bytes)
		}, place = {
			index,
			size: checkpoint.size,
			leafHash: leafHash(entry, hash),
			path: hashes
		};
		verifyInclusion(place, checkpoint.root, hash);
	} catch (error) {
		throw !(error instanceof CodedError) || error.code === "issuance-unproven" ? error : unproven(`is not proven to be logged: ${error.what}`, error);
	}
}
// packages/verify/src/identity/sct.ts
/** SHA-256 and ECDSA as TLS numbers them (RFC 5246 §7.4.1.4.1); the RSA that RFC 6962 §2.1.4 allows beside it is not taken. */
const [SHA256, ECDSA] = [4, 3];
/**
* Checks that a log of Certificate Transparency promised to log the certificate: at least one SCT in it (RFC 6962 §3.3)
* of a trusted log, which was valid when it says it made it. Others beside it are of no matter. Throws
* `issuance-unproven`, and `certificate-invalid` for a list that cannot be read.
*/
function checkScts(certificate, issuer, authority, crypto) {
	let extension = certificate.extensions.get(SCT_LIST_OID);
	if (extension === void 0) throw new CodedError("issuance-unproven", `the certificate ${certificate.serial} holds no SCT`);
	let tbs = precertTbs(certificate), issuerKeyHash = crypto.sha256(issuer.spki);
	if (!readSctList(extension.value).some((sct) => isValid(sct, sctMessage(sct, issuerKeyHash, tbs), authority, crypto))) throw new CodedError("issuance-unproven", `the certificate ${certificate.serial} holds no SCT of a log that ${authority.name} is trusted with`);
}
function isValid(sct, message, { ctlogs }, crypto) {
	return sct.hash !== SHA256 || sct.algorithm !== ECDSA ? !1 : ctlogs.some(({ logId, key, validFor }) => key.algorithm === "ecdsa-p256" && equal(logId, sct.logId) && isWithin(sct.timestamp, validFor) && crypto.verify(key, message, sct.signature));
}
// packages/verify/src/identity/certificate.ts
const CODE = "certificate-invalid", MAX_LIFE = {
	countersign: 6e5,
	fulcio: 864e5
}, CONSTRAINTS = [
	"2.5.29.30",
	"2.5.29.36",
	"2.5.29.54"
];
/**
* Verifies the certificate of a signer: a path to a certificate of an authority that is trusted, every one on it valid
* at the time (RFC 5280 §6.1); made to sign code and nothing else; issued in the open, which an authority of Countersign
* proves by its log (SPEC.md §15) and a Fulcio by an SCT (RFC 6962); one readable identity.
*
* Where one certificate is that of authorities of both kinds, the stricter kind holds: what Countersign's own authority
* issues counts only with the proof of its log.
*
* Throws `trust-missing` for no authority, `certificate-invalid`, `certificate-untrusted`, `certificate-expired`,
* `issuance-unproven`, and `key-invalid` for a key that is neither ECDSA P-256 nor Ed25519.
*/
function verifyCertificate({ chain, authorities, at, crypto }) {
	return checkAt(at), judge(parseChain(chain, authorities), authorities, at, crypto);
}
/** What is compared with ends of time, and is none, is before and after all of them. */
function checkAt(at) {
	if (!Number.isSafeInteger(at)) throw new CodedError("time-untrusted", "there is no time to judge a certificate at");
}
function parseChain(chain, authorities) {
	if (chain.length === 0) throw new CodedError(CODE, "there is no certificate");
	if (chain.length > 6) throw new CodedError(CODE, "there are more than 6 certificates");
	let [leaf, ...others] = chain, known = authorities.flatMap((authority) => authority.chain);
	return [parseCertificate(leaf, CODE), ...others.map((der) => known.find((one) => equal(one.der, der)) ?? parseCertificate(der, CODE))];
}
/** Nothing here depends on the time but by comparing it with where certificates and trust in authorities begin and end. */
function judge(chain, authorities, at, crypto, signed = /* @__PURE__ */ new WeakMap()) {
	if (authorities.length === 0) throw new CodedError("trust-missing", "no authority is trusted");
	let [leaf] = chain;
	checkLeaf(leaf);
	let fault = commonFault(leaf, at);
	if (fault !== null) throw faultOf(fault);
	let certified = identityOf$1(leaf), publicKey = parsePublicKey(leaf.spki), first = null;
	for (let authority of strictest(authorities)) try {
		let grade = issuedBy(authority, chain, certified, publicKey, {
			at,
			crypto,
			signed
		});
		if (grade !== null) return verifiedOf(leaf, certified, grade, publicKey, authority, crypto);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		first ??= error;
	}
	throw first ?? new CodedError("certificate-untrusted", `the certificate ${leaf.serial} leads to no trusted authority`);
}
function verifiedOf({ der, notAfter, notBefore, serial }, { identity, system }, grade, publicKey, { kind, name }, crypto) {
	return {
		identity,
		grade,
		system: kind === "countersign" ? system : null,
		publicKey,
		authority: name,
		kind,
		notBefore,
		notAfter,
		serial,
		fingerprint: hex(crypto.sha256(der))
	};
}
/** A Fulcio says no grade: an identity is a run of a CI system where repository, commit and run are known. */
function gradeOf({ sourceRepositoryURI, sourceRepositoryDigest, runInvocationURI }) {
	return sourceRepositoryURI !== null && sourceRepositoryDigest !== null && runInvocationURI !== null ? "A" : "C";
}
/** RFC 5280 §4.2.1: made for signatures of code, and for nothing that would make it more. */
function checkLeaf(leaf) {
	let untrusted = (what) => new CodedError("certificate-untrusted", `the certificate ${leaf.serial} ${what}`);
	if (basicConstraints(leaf).ca) throw untrusted("is that of a CA");
	let usage = keyUsage(leaf);
	if (usage === null || !usage(0)) throw untrusted("is not for signatures");
	if (usage(5) || usage(6)) throw untrusted("is for issuing others");
	let purposes = extendedKeyUsage(leaf)?.purposes ?? [];
	if (purposes.length !== 1 || purposes[0] !== "1.3.6.1.5.5.7.3.3") throw untrusted("is not for signing code alone");
	if (leaf.notAfter < leaf.notBefore) throw new CodedError(CODE, `the certificate ${leaf.serial} ends before it begins`);
}
function faultOf({ what, expired }) {
	return new CodedError(expired ? "certificate-expired" : "certificate-untrusted", what);
}
/** Where Countersign's own authority is trusted as a Fulcio too, only the stricter trust holds. */
function strictest(authorities) {
	let own = authorities.filter(({ kind }) => kind === "countersign").flatMap(({ chain }) => chain), isOwn = ({ chain }) => chain.some(({ spki }) => own.some((one) => equal(one.spki, spki)));
	return authorities.filter((authority) => authority.kind === "countersign" || !isOwn(authority));
}
/** The grade with which an authority vouches for a certificate, null where nothing leads to it. Throws where it does not. */
function issuedBy(authority, [leaf, ...others], { identity, grade }, publicKey, context) {
	let { crypto } = context, path = pathTo(authority, leaf, others, context);
	if (path === null) return null;
	if (leaf.notAfter - leaf.notBefore > MAX_LIFE[authority.kind]) throw new CodedError("certificate-untrusted", `the certificate ${leaf.serial} lives longer than one for signing may`);
	if (authority.kind === "fulcio") return checkScts(leaf, path[1], authority, crypto), gradeOf(identity);
	if (publicKey.algorithm !== "ecdsa-p256") throw new CodedError("key-invalid", `${authority.name} certifies ECDSA P-256 keys alone`);
	if (checkIssuance(leaf, authority, crypto), grade === null) throw new CodedError(CODE, `the certificate ${leaf.serial} says no grade`);
	return grade;
}
/** Certificates from the signer's to the one of the authority that is trusted, two or more. */
function pathTo(authority, leaf, others, { at, crypto, signed }) {
	let root = authority.chain.at(-1);
	if (root === void 0) throw new CodedError("trust-missing", `${authority.name} has no certificate`);
	let search = {
		leaf,
		others,
		known: authority.chain.slice(0, -1),
		pinned: [root],
		time: at,
		purpose: CODE_SIGNING,
		crypto,
		signed
	}, { path, fault } = findPath(search);
	if (fault !== null) throw faultOf(fault);
	if (path === null) return null;
	if (path.length < 2) throw new CodedError("certificate-untrusted", "the certificate is that of an authority itself");
	for (let { extensions, serial } of path) if (CONSTRAINTS.some((oid) => extensions.has(oid))) throw new CodedError("certificate-untrusted", `the certificate ${serial} constrains names or policies`);
	if (!isWithin(at, authority.validFor)) throw new CodedError("certificate-expired", `${authority.name} is not believed at that time`);
	return path;
}
export { MAX_REPORT_BYTES as C, required as S, identityText as T, identityOf as _, disclosedPredicate as a, require_dist as b, evaluate as c, outsideOf as d, requiredJobs as f, countPeople as g, mismatchOf as h, verifyCertificate as i, maySign as l, matchesIdentity as m, judge as n, verifyDisclosure as o, signingKeys as p, parseChain as r, parseContract as s, checkAt as t, otherContractsOf as u, parseBaseline as v, parseReport as w, PUBLIC_SIGSTORE as x, tighten as y };
