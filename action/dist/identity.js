import { $ as CodedError, J as equal, Q as fromBase64, X as utf8, Y as fromUtf8, Z as base64, g as hex, q as concat, r as hasControl, y as sha256 } from "./src.js";
import { Dt as parseTlogProof, Jt as isTime, Nt as parseVkey, Pt as writeVkey } from "./src3.js";
// packages/formats/src/x509/der.ts
/** Universal tags (X.690 §8), with the constructed bit where DER demands it. */
const TAG = {
	boolean: 1,
	integer: 2,
	bitString: 3,
	octetString: 4,
	null: 5,
	oid: 6,
	utf8String: 12,
	sequence: 48,
	set: 49,
	utcTime: 23,
	generalizedTime: 24
}, context = (number, constructed = !0) => (constructed ? 160 : 128) | number;
/** The one element that a document is. Throws `code` for a document too large, and what {@link DerReader} throws. */
function parseDer(bytes, what, code) {
	if (bytes.length > 65536) throw new CodedError(code, `${what} exceeds 65536 bytes`);
	let reader = new DerReader(bytes, what, code), element = reader.any();
	return reader.end(), checkDepth(element, what, code, 1), element;
}
/**
* Reads elements one after the other (X.690 §10, DER): definite lengths in their shortest form, tag numbers below 31.
* Throws `code` with the name of what was read for anything else.
*/
var DerReader = class DerReader {
	#bytes;
	#what;
	#code;
	#at = 0;
	constructor(bytes, what, code) {
		this.#bytes = bytes, this.#what = what, this.#code = code;
	}
	fail(fault) {
		throw new CodedError(this.#code, `${this.#what} ${fault}`);
	}
	get done() {
		return this.#at === this.#bytes.length;
	}
	/** The next element, whatever it is. */
	any() {
		let bytes = this.#bytes, start = this.#at, tag = bytes[start];
		tag === void 0 && this.fail("ends too early"), (tag & 31) == 31 && this.fail("has a tag of more than one byte");
		let length = bytes[start + 1];
		length === void 0 && this.fail("ends too early");
		let from = start + 2;
		if (length >= 128) {
			let count = length & 127;
			count === 0 && this.fail("has an element of indefinite length, which is BER"), count > 3 && this.fail("has an element that is too long"), length = 0;
			for (let i = 0; i < count; i++) length = length * 256 + (bytes[from + i] ?? this.fail("ends too early"));
			(length < 128 || length < 256 ** (count - 1)) && this.fail("has a length that is not in its shortest form"), from += count;
		}
		let end = from + length;
		return end > bytes.length && this.fail("ends too early"), this.#at = end, {
			tag,
			der: bytes.subarray(start, end),
			content: bytes.subarray(from, end)
		};
	}
	/** The next element, which must have this tag. */
	next(tag) {
		return this.#bytes[this.#at] !== tag && this.fail(`has no element of tag ${tag.toString(16)} where one must be`), this.any();
	}
	/** The next element if it has this tag, null otherwise. */
	optional(tag) {
		return this.#bytes[this.#at] === tag ? this.any() : null;
	}
	/** A reader of what is inside the next element. */
	inside(tag, what = this.#what) {
		return new DerReader(this.next(tag).content, what, this.#code);
	}
	end() {
		this.done || this.fail("has something after its end");
	}
	/** Every element that is left, at most `max`. */
	all(max) {
		let elements = [];
		for (; !this.done;) elements.length === max && this.fail(`has more than ${max} items`), elements.push(this.any());
		return elements;
	}
	sequence(what) {
		return this.inside(TAG.sequence, what);
	}
	oid() {
		return this.oidOf(this.next(TAG.oid));
	}
	/** An object identifier in dotted decimals (X.690 §8.19). */
	oidOf({ content }) {
		let arcs = [], arc = 0, fresh = !0;
		for (let byte of content) fresh && byte === 128 && this.fail("has an object identifier that is not in its shortest form"), arc = arc * 128 + (byte & 127), Number.isSafeInteger(arc) || this.fail("has an object identifier that is too long"), fresh = byte < 128, fresh && (arcs.length > 0 ? arcs.push(arc) : arcs.push(...arc < 40 ? [0, arc] : arc < 80 ? [1, arc - 40] : [2, arc - 80]), arc = 0);
		return fresh && arcs.length !== 0 || this.fail("has an object identifier that ends too early"), arcs.join(".");
	}
	/** Bytes of an INTEGER in two's complement, in their shortest form, which is the only one. */
	integer(tag = TAG.integer) {
		let { content } = this.next(tag), [first, second] = content;
		return first === void 0 && this.fail("has an empty number"), second !== void 0 && (first === 0 || first === 255) && first >> 7 == second >> 7 && this.fail("has a number that is not in its shortest form"), content;
	}
	/** An INTEGER from 0 to `max`, which is below 2^48. */
	number(max, tag = TAG.integer) {
		let content = this.integer(tag), value = content[0] >= 128 || content.length > 7 ? 1e400 : 0;
		for (let byte of content) value = value * 256 + byte;
		return value > max && this.fail(`has a number that is not from 0 to ${max}`), value;
	}
	/** A BOOLEAN DEFAULT FALSE: false also where it is written out, which DER forbids and some certificates do. */
	flag() {
		let element = this.optional(TAG.boolean);
		if (element === null) return !1;
		let [value] = element.content;
		return (element.content.length !== 1 || value !== 0 && value !== 255) && this.fail("has a truth value that is neither"), value === 255;
	}
	octets() {
		return this.next(TAG.octetString).content;
	}
	/** A BIT STRING of whole bytes. */
	bits() {
		let { content } = this.next(TAG.bitString);
		return content[0] !== 0 && this.fail("has a bit string that is not whole bytes"), content.subarray(1);
	}
};
function checkDepth(element, what, code, depth) {
	if (depth > 32) throw new CodedError(code, `${what} is nested more than 32 deep`);
	if (!(element.tag & 32)) return;
	let reader = new DerReader(element.content, what, code);
	for (; !reader.done;) checkDepth(reader.any(), what, code, depth + 1);
}
/** An element around these parts. */
function der(tag, ...parts) {
	let content = concat(...parts), { length } = content;
	if (length < 128) return concat(Uint8Array.of(tag, length), content);
	let digits = [];
	for (let left = length; left > 0; left = Math.floor(left / 256)) digits.unshift(left % 256);
	return concat(Uint8Array.of(tag, 128 | digits.length, ...digits), content);
}
const derSequence = (...parts) => der(TAG.sequence, ...parts);
/** An object identifier from its dotted decimals. */
function derOid(dotted) {
	let [first, second, ...rest] = dotted.split(".").map(Number), bytes = [];
	for (let arc of [first * 40 + second, ...rest]) {
		let digits = [arc % 128];
		for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(128 | left % 128);
		bytes.push(...digits);
	}
	return der(TAG.oid, Uint8Array.from(bytes));
}
// packages/formats/src/x509/der-time.ts
/** Time of a certificate's validity (RFC 5280 §4.1.2.5), milliseconds since 1970: whole seconds, in UTC. */
function readTime(reader) {
	let short = reader.optional(TAG.utcTime), text = ascii(short ?? reader.next(TAG.generalizedTime), reader), full = short === null ? text : `${Number(text.slice(0, 2)) >= 50 ? "19" : "20"}${text}`;
	return /^\d{14}Z$/.test(full) || reader.fail("has a time that is not in seconds and UTC"), milliseconds(full, "000", reader);
}
/**
* GenTime of a TSTInfo (RFC 3161 §2.4.2): in UTC, with seconds, and a fraction of any number of digits or none. Zeros
* at the end of the fraction are read too, which DER forbids and libraries write.
*/
function readGenTime(reader) {
	let text = ascii(reader.next(TAG.generalizedTime), reader), [, seconds, fraction = ""] = /^(\d{14})(?:\.(\d{1,20}))?Z$/.exec(text) ?? reader.fail("has a time it must not have"), rounded = +!!/[1-9]/.test(fraction.slice(3));
	return {
		milliseconds: milliseconds(`${seconds}Z`, fraction.slice(0, 3).padEnd(3, "0"), reader) + rounded,
		text
	};
}
function milliseconds(full, fraction, reader) {
	let part = (from, to) => full.slice(from, to), time = `${part(0, 4)}-${part(4, 6)}-${part(6, 8)}T${part(8, 10)}:${part(10, 12)}:${part(12, 14)}.${fraction}Z`;
	return isTime(time) || reader.fail("has a time that there never was"), Date.parse(time);
}
function ascii({ content }, reader) {
	return content.length > 40 && reader.fail("has a time that is too long"), String.fromCharCode(...content);
}
/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
function readAlgorithm(reader) {
	let inside = reader.sequence(), oid = inside.oid();
	if (inside.done) return {
		oid,
		parameters: null
	};
	let parameters = inside.any();
	return inside.end(), parameters.tag === TAG.null ? (parameters.content.length > 0 && inside.fail("has a NULL that is not empty"), {
		oid,
		parameters: null
	}) : {
		oid,
		parameters: parameters.der
	};
}
/** Certificate from its DER. Version 3 only. Throws `code`. */
function parseCertificate(bytes, code) {
	if (bytes.length > 16384) throw new CodedError(code, "a certificate exceeds 16384 bytes");
	let whole = parseDer(new Uint8Array(bytes), "the certificate", code);
	if (whole.tag !== TAG.sequence) throw new CodedError(code, "the certificate is not a sequence");
	let outer = new DerReader(whole.content, "the certificate", code), tbs = outer.next(TAG.sequence), algorithm = outer.next(TAG.sequence), signature = outer.bits();
	outer.end();
	let inside = new DerReader(tbs.content, "the certificate", code), version = inside.inside(context(0));
	version.number(2) !== 2 && version.fail("is not of version 3"), version.end();
	let serial = inside.integer();
	serial.length > 64 && inside.fail("has a serial number that is too long"), equal(inside.next(TAG.sequence).der, algorithm.der) || inside.fail("names two signature algorithms");
	let issuer = inside.next(TAG.sequence).der, validity = inside.sequence(), notBefore = readTime(validity), notAfter = readTime(validity);
	validity.end();
	let subject = inside.next(TAG.sequence).der, spki = inside.next(TAG.sequence).der;
	for (let unique of [1, 2]) inside.optional(context(unique, !1));
	let extensions = readExtensions(inside.optional(context(3)), "the certificate", code);
	return inside.end(), {
		code,
		der: whole.der,
		signed: tbs.der,
		serial: hex(serial),
		issuer,
		subject,
		notBefore,
		notAfter,
		spki,
		algorithm: readAlgorithm(new DerReader(algorithm.der, "the certificate", code)),
		signature,
		extensions
	};
}
/** Extensions (RFC 5280 §4.1.2.9) in their explicit tag; none where there is none. Each at most once. */
function readExtensions(element, what, code) {
	let extensions = /* @__PURE__ */ new Map();
	if (element === null) return extensions;
	let outer = new DerReader(element.content, what, code), list = outer.sequence();
	return outer.end(), readExtensionList(list, extensions, code), extensions;
}
/** What is inside a SEQUENCE OF Extension. */
function readExtensionList(list, into, code) {
	for (let { tag, content } of list.all(64)) {
		tag !== TAG.sequence && list.fail("has an extension that is not a sequence");
		let extension = new DerReader(content, "an extension", code), oid = extension.oid(), critical = extension.flag(), value = extension.octets();
		extension.end(), into.has(oid) && list.fail(`has the extension ${oid} twice`), into.set(oid, {
			critical,
			value
		});
	}
}
const EXTENSION = {
	keyUsage: "2.5.29.15",
	basicConstraints: "2.5.29.19",
	extendedKeyUsage: "2.5.29.37"
};
/** Which of the key usages (RFC 5280 §4.2.1.3) by bit number, such as 0 for digitalSignature; null without the extension. */
function keyUsage({ code, extensions }) {
	let extension = extensions.get(EXTENSION.keyUsage);
	if (extension === void 0) return null;
	let reader = new DerReader(extension.value, "the key usage", code), { content } = reader.next(TAG.bitString);
	reader.end();
	let unused = content[0];
	return (unused === void 0 || unused > 7 || content.length === 1 && unused > 0) && reader.fail("is not a bit string"), (bit) => {
		let byte = content[1 + (bit >> 3)];
		return byte !== void 0 && !!(byte & 128 >> (bit & 7));
	};
}
/** BasicConstraints (RFC 5280 §4.2.1.9): `ca` false without the extension, `pathLength` null without a limit. */
function basicConstraints({ code, extensions }) {
	let extension = extensions.get(EXTENSION.basicConstraints);
	if (extension === void 0) return {
		ca: !1,
		pathLength: null
	};
	let outer = new DerReader(extension.value, "the basic constraints", code), reader = outer.sequence();
	outer.end();
	let ca = reader.flag(), pathLength = reader.done ? null : reader.number(65535);
	return reader.end(), {
		ca,
		pathLength
	};
}
/** Object identifiers of the extended key usage (RFC 5280 §4.2.1.12); null without the extension. */
function extendedKeyUsage({ code, extensions }) {
	let extension = extensions.get(EXTENSION.extendedKeyUsage);
	if (extension === void 0) return null;
	let outer = new DerReader(extension.value, "the extended key usage", code), reader = outer.sequence();
	outer.end();
	let purposes = reader.all(32).map((element) => (element.tag !== TAG.oid && reader.fail("holds something else than purposes"), reader.oidOf(element)));
	return purposes.length === 0 && reader.fail("is empty"), {
		critical: extension.critical,
		purposes
	};
}
/** The last common name of a name, or null: for people, never for decisions. */
function commonName(name, code) {
	let found = null, names = new DerReader(name, "a name", code).sequence();
	for (let set of names.all(64)) for (let attribute of new DerReader(set.content, "a name", code).all(16)) {
		let reader = new DerReader(attribute.content, "a name", code);
		if (reader.oid() !== "2.5.4.3") continue;
		let { tag, content } = reader.any();
		(tag === 19 || tag === TAG.utf8String || tag === 22) && (found = [...content.subarray(0, 64)].map((byte) => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "?").join(""));
	}
	return found;
}
/** What an authority is known by, whatever it is called: SHA-256, hex, of its root certificate or its trusted root. */
function authorityId(root) {
	return hex(sha256(root.kind === "countersign" ? root.certificates.at(-1) : utf8(root.trustedRoot)));
}
/** Authorities from their JSON, in the order of their ids, none twice. Throws the shape's code, `base64-invalid`, `key-invalid`. */
function readAuthorityRoots(shape) {
	let last = "", known = !1;
	return shape.array(100).map((item) => {
		let root = readRoot(item), isPublic = root.kind === "sigstore" && root.isPublic;
		isPublic && known && item.fail("is a second public Sigstore"), known ||= isPublic;
		let id = authorityId(root);
		return id <= last && item.fail(id === last ? "stands there twice" : "is out of order"), last = id, root;
	});
}
function readRoot(shape) {
	let own = !Object.hasOwn(shape.members(), "trustedRoot"), fields = [
		"name",
		...own ? ["certificates", "logs"] : ["trustedRoot"],
		"revokedAt"
	], it = shape.object(fields, own ? [] : ["public"]), name = it.text("name", 256), revokedAt = it.get("revokedAt").nullable((time) => time.time());
	if (!own) {
		let isPublic = it.has("public");
		return isPublic && !it.get("public").boolean() && it.get("public").fail("is not true"), {
			kind: "sigstore",
			name,
			trustedRoot: it.get("trustedRoot").string(4e6),
			isPublic,
			revokedAt
		};
	}
	let certificates = it.get("certificates").array(5).map((one) => fromBase64(one.text(21848)));
	return certificates.length === 0 && it.get("certificates").fail("is empty"), {
		kind: "countersign",
		name,
		certificates,
		logs: readLogs(it.get("logs")),
		revokedAt
	};
}
function readLogs(shape) {
	let last = "", logs = shape.array(16).map((item) => {
		let text = item.text(), key = parseVkey(text, { sha256 });
		return key.type !== "ed25519" && item.fail("is the key of a witness, not of a log"), text <= last && item.fail(text === last ? "stands there twice" : "is out of order"), last = text, key;
	});
	return logs.length === 0 && shape.fail("is empty"), logs;
}
/**
* {@link readAuthorityRoots} the other way, lists brought into order. Throws `trust-root-invalid` for one authority with
* two meanings, and for two public ones.
*/
function authorityRootsJson(roots) {
	let all = /* @__PURE__ */ new Map();
	for (let root of roots) {
		let id = authorityId(root), json = rootJson(root), other = all.get(id);
		if (other !== void 0 && JSON.stringify(other) !== JSON.stringify(json)) throw new CodedError("trust-root-invalid", `the authority ${root.name} is believed in two ways`);
		all.set(id, json);
	}
	if ([...all.values()].filter(({ public: is }) => is === !0).length > 1) throw new CodedError("trust-root-invalid", "the public Sigstore is believed with two trusted roots");
	return [...all].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, json]) => json);
}
function rootJson(root) {
	let { name, revokedAt } = root;
	return root.kind === "sigstore" ? {
		name,
		trustedRoot: root.trustedRoot,
		...root.isPublic ? { public: !0 } : {},
		revokedAt
	} : {
		name,
		certificates: root.certificates.map(base64),
		logs: [...new Set(root.logs.map(writeVkey))].toSorted(),
		revokedAt
	};
}
derSequence(derOid("1.2.840.10045.4.3.2"));
/**
* Certificates from PEM text (RFC 7468), at least one; what stands between them is for people and is skipped. Throws
* `code`, `base64-invalid` and `utf8-invalid`.
*/
function parseCertificates(text, code) {
	if (text.length > 262144) throw new CodedError(code, "the certificates are too long");
	let [, ...blocks] = (typeof text == "string" ? text : fromUtf8(text)).split("-----BEGIN CERTIFICATE-----");
	if (blocks.length === 0) throw new CodedError(code, "there is no certificate in PEM");
	if (blocks.length > 16) throw new CodedError(code, "there are more than 16 certificates");
	return blocks.map((block) => {
		let end = block.indexOf("-----END CERTIFICATE-----");
		if (end < 0) throw new CodedError(code, "a certificate in PEM does not end");
		return parseCertificate(fromBase64(block.slice(0, end).replace(/[ \t\r\n]+/g, "")), code);
	});
}
// packages/formats/src/identity/identity.ts
/** Names of the facts of an identity and the last arc of their OIDs under {@link FULCIO_ARC}. */
const IDENTITY_EXTENSIONS = {
	issuer: 8,
	buildSignerURI: 9,
	buildSignerDigest: 10,
	runnerEnvironment: 11,
	sourceRepositoryURI: 12,
	sourceRepositoryDigest: 13,
	sourceRepositoryRef: 14,
	sourceRepositoryIdentifier: 15,
	sourceRepositoryOwnerURI: 16,
	sourceRepositoryOwnerIdentifier: 17,
	buildConfigURI: 18,
	buildConfigDigest: 19,
	buildTrigger: 20,
	runInvocationURI: 21,
	sourceRepositoryVisibilityAtSigning: 22,
	deploymentEnvironment: 23,
	tokenSubject: 24
}, IDENTITY_FACTS = Object.keys(IDENTITY_EXTENSIONS), FULCIO_ARC = "1.3.6.1.4.1.57264.1", COUNTERSIGN_ARC = "1.2.840.113556.1.8000.2554.29594.19970.20006.17259.38037.13934394.6235117", ISSUANCE_PROOF_OID = `${COUNTERSIGN_ARC}.1`, GRADE_OID = `${COUNTERSIGN_ARC}.2`, SYSTEM_OID = `${COUNTERSIGN_ARC}.3`;
/** An identity of which only the two facts are known that every one has. */
function bareIdentity(issuer, subject) {
	return {
		subject,
		issuer,
		buildSignerURI: null,
		buildSignerDigest: null,
		runnerEnvironment: null,
		sourceRepositoryURI: null,
		sourceRepositoryDigest: null,
		sourceRepositoryRef: null,
		sourceRepositoryIdentifier: null,
		sourceRepositoryOwnerURI: null,
		sourceRepositoryOwnerIdentifier: null,
		buildConfigURI: null,
		buildConfigDigest: null,
		buildTrigger: null,
		runInvocationURI: null,
		sourceRepositoryVisibilityAtSigning: null,
		deploymentEnvironment: null,
		tokenSubject: null
	};
}
/** Best first. */
const GRADES = [
	"A",
	"B",
	"C",
	"D"
];
/** True when `grade` is as good as `least`, or better. */
function isAtLeast(grade, least) {
	return GRADES.indexOf(grade) <= GRADES.indexOf(least);
}
// packages/formats/src/identity/extensions.ts
const CODE$3 = "certificate-invalid", ISSUER_V1_OID = `${FULCIO_ARC}.1`, MAX_FACT_BYTES = 4096, SYSTEM = /^[a-z0-9][a-z0-9-]{0,63}$/, CERTIFIED = [
	"A",
	"B",
	"C"
], NAME_TAGS = {
	email: 129,
	uri: 134
}, factOid = (fact) => `${FULCIO_ARC}.${IDENTITY_EXTENSIONS[fact]}`;
/**
* Reads an identity out of a certificate: exactly one name in the SubjectAlternativeName, a URI or an e-mail address,
* and Fulcio's extensions, each one DER UTF8String, none empty. The issuer stands in one extension or in the older one
* or, the same, in both. Verifies nothing. Throws `certificate-invalid`.
*/
function identityOf(certificate) {
	let facts = {};
	for (let fact of IDENTITY_FACTS) {
		let text = textExtension(certificate, factOid(fact), fact);
		text !== null && (facts[fact] = text);
	}
	let { issuer: named, ...others } = facts, issuer = issuerOf(certificate, named ?? null), grade = textExtension(certificate, GRADE_OID, "grade");
	if (grade !== null && !CERTIFIED.includes(grade)) throw new CodedError(CODE$3, "the grade in the certificate is none");
	let system = textExtension(certificate, SYSTEM_OID, "system");
	if (system !== null && !SYSTEM.test(system)) throw new CodedError(CODE$3, "the system in the certificate is none");
	return {
		identity: {
			...bareIdentity(issuer, subjectName(certificate)),
			...others
		},
		grade,
		system
	};
}
/** Two issuers in one certificate would be one for each reader (T-58). */
function issuerOf({ extensions }, named) {
	let old = extensions.get(ISSUER_V1_OID);
	if (old === void 0) {
		if (named === null) throw new CodedError(CODE$3, "the certificate does not say who vouches for its identity");
		return named;
	}
	let raw = factText(old.value, "issuer");
	if (named !== null && named !== raw) throw new CodedError(CODE$3, "the certificate names two issuers of its identity");
	return raw;
}
/** The one name of the SubjectAlternativeName (RFC 5280 §4.2.1.6). */
function subjectName({ extensions }) {
	let extension = extensions.get("2.5.29.17");
	if (extension === void 0) throw new CodedError(CODE$3, "the certificate names no subject");
	let outer = new DerReader(extension.value, "the subject name", CODE$3), names = outer.sequence();
	outer.end();
	let { tag, content } = names.any();
	names.done || names.fail("is not one");
	let kind = tag === NAME_TAGS.uri ? "uri" : tag === NAME_TAGS.email ? "email" : names.fail("is no URI and no e-mail");
	return (content.length === 0 || content.length > 4096) && names.fail(`has not 1 to ${MAX_FACT_BYTES} bytes`), content.every((byte) => byte >= 32 && byte < 127) || names.fail("holds something else than printable ASCII"), {
		kind,
		value: String.fromCharCode(...content)
	};
}
function textExtension({ extensions }, oid, name) {
	let extension = extensions.get(oid);
	if (extension === void 0) return null;
	let reader = new DerReader(extension.value, `the extension ${name}`, CODE$3), { content } = reader.next(TAG.utf8String);
	return reader.end(), factText(content, name);
}
/** An empty fact would be one that is there and says nothing, which Fulcio never writes. */
function factText(bytes, name) {
	if (bytes.length === 0) throw new CodedError(CODE$3, `the extension ${name} is empty`);
	if (bytes.length > 4096) throw new CodedError(CODE$3, `the extension ${name} exceeds ${MAX_FACT_BYTES} bytes`);
	let text;
	try {
		text = fromUtf8(bytes);
	} catch (cause) {
		throw new CodedError(CODE$3, `the extension ${name} is not UTF-8`, { cause });
	}
	if (hasControl(text)) throw new CodedError(CODE$3, `the extension ${name} holds a control character`);
	return text;
}
// packages/formats/src/identity/sct.ts
const CODE$2 = "certificate-invalid", SCT_LIST_OID = "1.3.6.1.4.1.11129.2.4.2";
/**
* SCTs out of the value of their extension: an OCTET STRING of the list as TLS writes it. Those of a later version are
* left out, as RFC 6962 §3.3 has it. Throws `certificate-invalid`.
*/
function readSctList(value) {
	let outer = new DerReader(value, "the list of SCTs", CODE$2), octets = outer.octets();
	outer.end();
	let whole = new TlsReader(octets), list = whole.vector(2);
	if (whole.end(), list.done) throw new CodedError(CODE$2, "the list of SCTs is empty");
	let scts = [];
	for (let count = 0; !list.done; count++) {
		if (count === 16) throw new CodedError(CODE$2, "there are more than 16 SCTs");
		let sct = list.vector(2);
		sct.number(1) === 0 && scts.push(readSct(sct));
	}
	return scts;
}
function readSct(reader) {
	let logId = reader.take(32), timestamp = reader.number(8), extensions = reader.vector(2).rest(), hash = reader.number(1), algorithm = reader.number(1), signature = reader.vector(2).rest();
	return reader.end(), {
		logId,
		timestamp,
		extensions,
		hash,
		algorithm,
		signature
	};
}
/**
* What a log signs for a certificate that holds the SCT (RFC 6962 §3.2, a precert_entry). `issuerKeyHash`: SHA-256 of
* the issuer's key as SPKI. `tbs`: the TBSCertificate without its SCTs.
*/
function sctMessage({ timestamp, extensions }, issuerKeyHash, tbs) {
	return concat(Uint8Array.of(0, 0), number(8, timestamp), number(2, 1), issuerKeyHash, vector(3, tbs), vector(2, extensions));
}
/** A number in so many bytes, big-endian. */
function number(size, value) {
	let bytes = new Uint8Array(size), left = value;
	for (let i = size - 1; i >= 0; i--, left = Math.floor(left / 256)) bytes[i] = left % 256;
	if (left !== 0 || !Number.isSafeInteger(value)) throw new CodedError(CODE$2, `a number has not room in ${size} bytes`);
	return bytes;
}
function vector(size, ...parts) {
	let content = concat(...parts);
	return concat(number(size, content.length), content);
}
/** Reads what TLS writes (RFC 8446 §3): numbers big-endian, vectors with their length before them. */
var TlsReader = class TlsReader {
	#bytes;
	#at = 0;
	constructor(bytes) {
		this.#bytes = bytes;
	}
	get done() {
		return this.#at === this.#bytes.length;
	}
	take(length) {
		let end = this.#at + length;
		if (end > this.#bytes.length) throw new CodedError(CODE$2, "an SCT ends too early");
		let taken = this.#bytes.slice(this.#at, end);
		return this.#at = end, taken;
	}
	number(size) {
		let value = 0;
		for (let byte of this.take(size)) value = value * 256 + byte;
		if (!Number.isSafeInteger(value)) throw new CodedError(CODE$2, "an SCT has a number that is too large");
		return value;
	}
	vector(size) {
		return new TlsReader(this.take(this.number(size)));
	}
	rest() {
		return this.take(this.#bytes.length - this.#at);
	}
	end() {
		if (!this.done) throw new CodedError(CODE$2, "an SCT has something after its end");
	}
};
// packages/formats/src/identity/certificate.ts
const CODE$1 = "certificate-invalid";
derSequence(derOid("1.2.840.10045.4.3.2")), derSequence(derOid("1.2.840.10045.4.3.3"));
/** What of a certificate was logged before the log's proof and the SCTs went into it: TBS₀ (SPEC.md §15). */
function loggedTbs({ signed }) {
	return without(signed, [ISSUANCE_PROOF_OID, SCT_LIST_OID]);
}
/** What an SCT is of: the TBSCertificate without its SCTs (RFC 6962 §3.2). */
function precertTbs({ signed }) {
	return without(signed, [SCT_LIST_OID]);
}
function without(tbs, oids) {
	let { head, extensions } = takeApart(tbs), list = extensions.filter(({ oid }) => !oids.includes(oid)).map((one) => one.der);
	return derSequence(...head, ...list.length === 0 ? [] : [der(context(3), derSequence(...list))]);
}
function takeApart(tbs) {
	let what = "the certificate", elements = new DerReader(parseDer(tbs, what, CODE$1).der, what, CODE$1).sequence().all(10), head = elements.filter(({ tag }) => tag !== context(3)).map((one) => one.der), explicit = elements.find(({ tag }) => tag === context(3));
	if (explicit === void 0) return {
		head,
		extensions: []
	};
	let outer = new DerReader(explicit.content, what, CODE$1), list = outer.sequence();
	return outer.end(), {
		head,
		extensions: list.all(64).map((one) => ({
			oid: new DerReader(one.der, "an extension", CODE$1).sequence().oid(),
			der: one.der
		}))
	};
}
// packages/formats/src/identity/issuance.ts
const CODE = "certificate-invalid";
/** What the log holds of a certificate that is about to be issued. `tbs`: its TBSCertificate so far; `notBefore`: milliseconds since 1970. */
function issuanceLeaf(tbs, notBefore, crypto) {
	return {
		kind: "certificate",
		issuedAt: new Date(notBefore).toISOString(),
		tbs: {
			sha256: hex(crypto.sha256(tbs)),
			sha3_256: hex(crypto.sha3_256(tbs))
		}
	};
}
/** {@link writeIssuanceProof} the other way. Throws also what `parseTlogProof` throws. */
function readIssuanceProof(value) {
	let outer = new DerReader(value, "the proof of issuance", CODE), text = outer.octets();
	outer.end();
	let proof = parseTlogProof(text);
	return checkBare(proof), proof;
}
function checkBare({ extra }) {
	if (extra !== null) throw new CodedError(CODE, "the proof of issuance has extra data");
}
// packages/formats/src/identity/trusted-root.ts
/** Media types of Sigstore's trusted roots that are read; the first is written. */
const TRUSTED_ROOT_MEDIA_TYPES = [
	"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
	"application/vnd.dev.sigstore.trustedroot.v0.1+json",
	"application/vnd.dev.sigstore.trustedroot.v0.2+json"
];
export { parseDer as A, parseCertificate as C, DerReader as D, readGenTime as E, TAG as O, keyUsage as S, readExtensionList as T, authorityRootsJson as _, precertTbs as a, commonName as b, sctMessage as c, IDENTITY_FACTS as d, ISSUANCE_PROOF_OID as f, authorityId as g, parseCertificates as h, loggedTbs as i, context as k, identityOf as l, isAtLeast as m, issuanceLeaf as n, SCT_LIST_OID as o, bareIdentity as p, readIssuanceProof as r, readSctList as s, TRUSTED_ROOT_MEDIA_TYPES as t, GRADES as u, readAuthorityRoots as v, readAlgorithm as w, extendedKeyUsage as x, basicConstraints as y };
