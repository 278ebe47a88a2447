import { $ as CodedError, J as equal, Q as fromBase64, X as utf8, Y as fromUtf8, Z as base64, _ as isHex, f as spkiOf, g as hex, h as fromHex, l as parsePublicKey, m as parseJson, n as collisionKey, p as canonicalJson, q as concat, r as hasControl, t as checkPath } from "./src.js";
// packages/formats/src/shape.ts
const NONE$3 = [];
/**
* Reads a parsed JSON value against one exact shape, naming the place of the first fault.
* Every reader of a wire format in this room goes through it, so unknown fields are refused everywhere.
*/
var Shape = class Shape {
	#code;
	#value;
	#key;
	/** What the value is inside of; null for the outermost. Together with the keys it is the path that a fault names. */
	#within;
	constructor(code, value, key, within = null) {
		this.#code = code, this.#value = value, this.#key = key, this.#within = within;
	}
	fail(what) {
		throw new CodedError(this.#code, `${this.#path()} ${what}`);
	}
	#path() {
		if (this.#within === null) return String(this.#key);
		let path = this.#within.#path();
		return typeof this.#key == "number" ? `${path}[${this.#key}]` : `${path}.${this.#key}`;
	}
	/** An object with exactly the `required` members, and at most the `optional` ones beside them. */
	object(required, optional = NONE$3) {
		let object = this.members();
		for (let key of required) Object.hasOwn(object, key) || this.fail(`lacks ${key}`);
		for (let key in object) required.includes(key) || optional.includes(key) || this.fail(`has the unknown field ${JSON.stringify(key.slice(0, 60))}`);
		return new ObjectShape(this.#code, object, this);
	}
	/** True for an object with this one member and no other. */
	hasOnly(key) {
		let value = this.#value;
		return typeof value != "object" || !value || !Object.hasOwn(value, key) ? !1 : Object.keys(value).length === 1;
	}
	/** Any object. */
	members() {
		let value = this.#value;
		return (typeof value != "object" || !value || Array.isArray(value)) && this.fail("is not an object"), value;
	}
	array(max) {
		let value = this.#value;
		return Array.isArray(value) || this.fail("is not an array"), value.length > max && this.fail(`has more than ${max} items`), value.map((item, i) => new Shape(this.#code, item, i, this));
	}
	/** A string of 1 to `max` characters without control characters. */
	text(max = 4096) {
		let value = this.string(max);
		return value === "" && this.fail("is empty"), hasControl(value) && this.fail("holds a control character"), value;
	}
	/** Any string of at most `max` characters. */
	string(max = 1 << 20) {
		let value = this.#value;
		return typeof value != "string" && this.fail("is not a string"), value.length > max && this.fail(`is longer than ${max} characters`), value;
	}
	hex(length) {
		let value = this.string();
		return isHex(value, length) || this.fail(`is not ${length} lower-case hex digits`), value;
	}
	integer(min, max) {
		let value = this.#value;
		return (typeof value != "number" || !Number.isSafeInteger(value) || value < min || value > max) && this.fail(`is not an integer from ${min} to ${max}`), value;
	}
	boolean() {
		return typeof this.#value != "boolean" && this.fail("is not true or false"), this.#value;
	}
	/** RFC 3339 in UTC with milliseconds, as `Date.toISOString` writes it. */
	time() {
		let value = this.string(30);
		return isTime(value) || this.fail("is not a time like 2026-01-31T12:00:00.000Z"), value;
	}
	exactly(...allowed) {
		let value = this.#value;
		return typeof value == "string" && allowed.includes(value) || this.fail(`is not ${allowed.join(" or ")}`), value;
	}
	nullable(read) {
		return this.#value === null ? null : read(this);
	}
}, ObjectShape = class {
	#code;
	#object;
	#shape;
	constructor(code, object, shape) {
		this.#code = code, this.#object = object, this.#shape = shape;
	}
	has(key) {
		return Object.hasOwn(this.#object, key);
	}
	/** The object itself, by the type that its reader has just checked. */
	as() {
		return this.#object;
	}
	get(key) {
		return new Shape(this.#code, this.#object[key], key, this.#shape);
	}
	isNull(key) {
		return this.#object[key] === null;
	}
	/** {@link Shape.text} of a member. */
	text(key, max = 4096) {
		let value = this.#object[key];
		return typeof value == "string" && value !== "" && value.length <= max && !hasControl(value) ? value : this.get(key).text(max);
	}
	/** {@link Shape.hex} of a member. */
	hex(key, length) {
		let value = this.#object[key];
		return typeof value == "string" && isHex(value, length) ? value : this.get(key).hex(length);
	}
	/** {@link Shape.integer} of a member. */
	integer(key, min, max) {
		let value = this.#object[key];
		return typeof value == "number" && Number.isSafeInteger(value) && value >= min && value <= max ? value : this.get(key).integer(min, max);
	}
	/** {@link Shape.time} of a member. */
	time(key) {
		let value = this.#object[key];
		return typeof value == "string" && isTime(value) ? value : this.get(key).time();
	}
	/** {@link Shape.exactly} of a member. */
	exactly(key, ...allowed) {
		let value = this.#object[key];
		return allowed.includes(value) ? value : this.get(key).exactly(...allowed);
	}
};
const TIME = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
/** Whether a text is a time as `Date.toISOString` writes it. Four digits of year only: with more, times would no longer sort as text. */
function isTime(text) {
	if (!TIME.test(text)) return !1;
	let year = Number(text.slice(0, 4)), month = Number(text.slice(5, 7)), day = Number(text.slice(8, 10));
	return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}
function daysIn(year, month) {
	return month === 2 ? year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
// packages/formats/src/leaf.ts
/** Most bytes of a leaf. */
const ACT = [
	"at",
	"commitment",
	"kind",
	"version"
], ATTESTATION = [
	"acceptedAt",
	"chain",
	"commitment",
	"kind",
	"late",
	"version"
], FIELDS$7 = /* @__PURE__ */ new Map([
	["act", ACT],
	["certificate", [
		"issuedAt",
		"kind",
		"tbs",
		"version"
	]],
	["tombstone", [
		"at",
		"erased",
		"ground",
		"kind",
		"version"
	]]
]);
/** The entry of the log: canonical JSON. Throws `leaf-invalid` for what no reader would take. */
function writeLeaf(leaf) {
	let value = {
		...leaf,
		version: 1
	};
	return readLeaf(value), canonicalJson(value);
}
/** Leaf from an entry's bytes. One leaf has one spelling. Throws `leaf-invalid` and what strict JSON reading throws. */
function parseLeaf(entry) {
	let value = parseJson(entry, { maxBytes: 4096 });
	if (!equal(canonicalJson(value), entry)) throw new CodedError("leaf-invalid", "the leaf is not canonical JSON");
	return readLeaf(value);
}
/** {@link parseLeaf} of JSON that was parsed strictly already, whatever its spelling. */
function readLeaf(value) {
	let shape = new Shape("leaf-invalid", value, "leaf"), { kind } = shape.members(), leaf = shape.object((typeof kind == "string" ? FIELDS$7.get(kind) : void 0) ?? ATTESTATION);
	switch (leaf.integer("version", 1, 1), leaf.exactly("kind", "attestation", "certificate", "tombstone", "act")) {
		case "act": return {
			kind: "act",
			at: leaf.time("at"),
			commitment: readCommitment(leaf)
		};
		case "tombstone": return {
			kind: "tombstone",
			at: leaf.time("at"),
			erased: leaf.integer("erased", 0, 2 ** 53 - 1),
			ground: leaf.text("ground", 256)
		};
		case "certificate": {
			let tbs = leaf.get("tbs").object(["sha256", "sha3_256"]);
			return {
				kind: "certificate",
				issuedAt: leaf.time("issuedAt"),
				tbs: {
					sha256: tbs.hex("sha256", 64),
					sha3_256: tbs.hex("sha3_256", 64)
				}
			};
		}
		case "attestation": return attestationLeaf(leaf);
	}
}
function attestationLeaf(leaf) {
	let chain = leaf.get("chain").object(["id", "seq"]);
	return {
		kind: "attestation",
		acceptedAt: leaf.time("acceptedAt"),
		chain: {
			id: chain.hex("id", 64),
			seq: chain.integer("seq", 0, 2 ** 53 - 1)
		},
		commitment: readCommitment(leaf),
		late: leaf.get("late").boolean()
	};
}
function readCommitment(leaf) {
	let commitment = leaf.get("commitment").object(["sha256", "sha3_256"]);
	return {
		sha256: commitment.hex("sha256", 64),
		sha3_256: commitment.hex("sha3_256", 64)
	};
}
/**
* The commitment to one attestation and who signed it: HMAC of its PAE and, right behind it, its signer, keyed with its
* salt. A PAE tells where it ends, so no two of them are one message. Not of the signature: with its public key it would
* let anybody guess a payload of few possibilities, and a malleable one has many forms.
*/
function commitmentOf(salt, { signed, signer }, crypto) {
	if (checkOpening(salt, "salt"), signer.length === 0) throw new CodedError("leaf-invalid", "a leaf commits to somebody who signed");
	let message = concat(signed, signer);
	return {
		sha256: hex(crypto.hmac("sha256", salt, message)),
		sha3_256: hex(crypto.hmac("sha3_256", salt, message))
	};
}
/** A chain's id as leaves hold it: HMAC-SHA-256 of its 16 bytes, keyed with the chain's blind; 64 hex digits. */
function blindChain(blind, chain, crypto) {
	return checkOpening(blind, "blind"), hex(crypto.hmac("sha256", blind, fromHex(chain)));
}
/** A shorter key would be guessed, a longer one be a second form of its hash. */
function checkOpening(bytes, name) {
	if (bytes.length !== 32) throw new CodedError("leaf-invalid", `the ${name} has not 32 bytes`);
}
// packages/formats/src/opening.ts
/** Most bytes of an opening. */
const MAX_OPENING_BYTES = 8192, FIELDS$6 = [
	"blind",
	"leaf",
	"link",
	"salt",
	"signer"
];
/** Opening from its bytes, which have one spelling. Throws `leaf-invalid`, `base64-invalid` and what strict JSON reading throws. */
function parseOpening(bytes) {
	let value = parseJson(bytes, { maxBytes: MAX_OPENING_BYTES });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError("leaf-invalid", "the opening is not canonical JSON");
	let whole = new Shape("leaf-invalid", value, "opening"), it = whole.object(FIELDS$6), leaf = readLeaf(whole.members().leaf);
	if (leaf.kind !== "attestation") throw new CodedError("leaf-invalid", `a leaf of a ${leaf.kind} has nothing to open`);
	return {
		link: it.hex("link", 64),
		leaf,
		signer: it.hex("signer", 64),
		salt: readSecret(it.get("salt")),
		blind: readSecret(it.get("blind"))
	};
}
/** 32 bytes in base64. */
function readSecret(shape) {
	let bytes = fromBase64(shape.string(64));
	return bytes.length !== 32 && shape.fail("has not 32 bytes"), bytes;
}
// packages/formats/src/act-opening.ts
const CODE$11 = "leaf-invalid";
/** {@link writeActOpening} the other way; it has one spelling. Throws also `base64-invalid` and what strict JSON reading throws. */
function parseActOpening(bytes) {
	let value = parseJson(bytes, { maxBytes: MAX_OPENING_BYTES });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$11, "the opening is not canonical JSON");
	let it = new Shape(CODE$11, value, "opening").object([
		"leaf",
		"salt",
		"signers"
	]), leaf = readLeaf(value.leaf);
	if (leaf.kind !== "act") throw new CodedError(CODE$11, `a leaf of the kind ${leaf.kind} is no act`);
	let signers = it.get("signers").array(64).map((one) => one.hex(64));
	return signers.some((one, i) => i > 0 && one <= signers[i - 1]) && it.get("signers").fail("is not sorted, or has one twice"), {
		leaf,
		signers,
		salt: readSecret(it.get("salt"))
	};
}
/**
* What the leaf of an act commits to: the PAE of what was done and who had signed it, of which there may be nobody. As many
* as there are is said first, so that no two lists are one message.
*/
function actCommitment(salt, { signed, signers }, crypto) {
	return commitmentOf(salt, {
		signed,
		signer: concat(Uint8Array.of(signers.length), ...signers.map(fromHex))
	}, crypto);
}
// packages/formats/src/dsse.ts
/**
* The bytes a DSSE signature covers: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in
* bytes as ASCII decimals (DSSE v1.0.2, protocol).
*/
function pae(payloadType, payload) {
	return concat(utf8(`DSSEv1 ${utf8(payloadType).length} ${payloadType} ${payload.length} `), payload);
}
/**
* The name of an attestation: SHA-256 of its PAE, 64 lower-case hex digits. It covers what is signed and
* nothing that can be rewritten without the key, so a re-encoded or malleated bundle keeps its link digest.
*/
function linkDigest(envelope, crypto) {
	return linkDigestOfPae(pae(envelope.payloadType, envelope.payload), crypto);
}
/** {@link linkDigest} of a PAE that is at hand already. */
function linkDigestOfPae(signed, crypto) {
	return hex(crypto.sha256(signed));
}
/** Longest signature, in base64. */
const MAX_SIGNATURE_TEXT = 4096;
/** Throws `envelope-invalid`, `payload-type`, `signature-missing`, `signature-count` or `base64-invalid`. */
function readEnvelope(value, payloadType) {
	let shape = new Shape("envelope-invalid", value, "dsseEnvelope").object([
		"payload",
		"payloadType",
		"signatures"
	]), type = shape.get("payloadType").string(256);
	if (type !== payloadType) throw new CodedError("payload-type", `payload type ${JSON.stringify(type.slice(0, 80))} is not ${payloadType}`);
	let signatures = shape.get("signatures").array(64);
	if (signatures.length === 0) throw new CodedError("signature-missing", "the envelope has no signature");
	if (signatures.length > 1) throw new CodedError("signature-count", `the envelope has ${signatures.length} signatures`);
	let signature = signatures[0].object(["sig"], ["keyid"]), bytes = fromBase64(signature.get("sig").string(MAX_SIGNATURE_TEXT));
	if (bytes.length === 0) throw new CodedError("signature-missing", "the signature is empty");
	let keyid = signature.has("keyid") ? signature.get("keyid").string(1024) : "";
	return {
		payloadType: type,
		payload: fromBase64(shape.get("payload").string(16777216)),
		signature: bytes,
		keyid: keyid === "" ? null : keyid
	};
}
function writeEnvelope(envelope) {
	let signature = base64(envelope.signature);
	return {
		payload: base64(envelope.payload),
		payloadType: envelope.payloadType,
		signatures: [envelope.keyid === null ? { sig: signature } : {
			sig: signature,
			keyid: envelope.keyid
		}]
	};
}
/** The number a line holds in ASCII decimals without leading zeros; throws `code` for any other spelling and beyond 2^53 − 1. */
function readDecimal(line, what, code) {
	let number = /^(?:0|[1-9][0-9]{0,15})$/.test(line) ? Number(line) : NaN;
	if (!Number.isSafeInteger(number)) throw new CodedError(code, `${what} is not a decimal from 0 to 2^53 − 1 without leading zeros`);
	return number;
}
/** {@link readDecimal} the other way. */
function writeDecimal(number, what, code) {
	if (!Number.isSafeInteger(number) || number < 0) throw new CodedError(code, `${what} is not an integer from 0 to 2^53 − 1`);
	return String(number);
}
/** The 32 bytes a line holds in base64; throws `base64-invalid`, and `code` for another length. */
function readHash$1(line, what, code) {
	let hash = fromBase64(line);
	return checkHash(hash, what, code), hash;
}
function checkHash(hash, what, code) {
	if (hash.length !== 32) throw new CodedError(code, `${what} has ${hash.length} bytes, not 32`);
}
/** The hashes of a Merkle proof, one a line; throws `base64-invalid`, and `code` for other lengths and for too many. */
function readProof(lines, code) {
	return checkProofLength(lines.length, code), lines.map((line, i) => readHash$1(line, `hash ${i + 1} of the proof`, code));
}
function checkProof(hashes, code) {
	checkProofLength(hashes.length, code);
	for (let [i, hash] of hashes.entries()) checkHash(hash, `hash ${i + 1} of the proof`, code);
}
function checkProofLength(length, code) {
	if (length > 63) throw new CodedError(code, "the proof has more than 63 hashes");
}
/** The lines before the first empty line, and the bytes after it; throws `code` where there is none. */
function splitAtEmptyLine(bytes, code) {
	for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) if (bytes[at + 1] === 10) return {
		lines: fromUtf8(bytes.subarray(0, at)).split("\n"),
		rest: bytes.subarray(at + 2)
	};
	throw new CodedError(code, "no empty line comes before the checkpoint");
}
// packages/formats/src/note-key.ts
const TYPE_BYTE = {
	ed25519: 1,
	"cosignature-v1": 4
}, SPACE_OR_PLUS = /[\p{White_Space}+]/u, CONTROL$2 = /[^\u0020-\u{10ffff}]/u;
/** True for what may name a key: not empty, no Unicode space, no plus, no control character below U+0020. */
function isKeyName(name) {
	return name !== "" && name.isWellFormed() && !SPACE_OR_PLUS.test(name) && !CONTROL$2.test(name);
}
/**
* Key id of any key: the first 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key), as 8 hex digits
* (C2SP signed-note, "Signatures").
*/
function noteKeyId(name, type, key, crypto) {
	return hex(crypto.sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), key)).subarray(0, 4));
}
/** An Ed25519 key under a name; throws `key-invalid` for another algorithm and for what is no name. */
function noteKey(name, type, publicKey, crypto) {
	if (!isKeyName(name)) throw new CodedError("key-invalid", "the name of the key is empty, or holds a space or a plus");
	if (publicKey.algorithm !== "ed25519") throw new CodedError("key-invalid", "only Ed25519 keys sign notes");
	return {
		name,
		keyId: noteKeyId(name, TYPE_BYTE[type], publicKey.raw, crypto),
		type,
		publicKey
	};
}
/**
* Key from a C2SP verifier key, `name+id+base64(type ‖ key)`. Only types 0x01 and 0x04: a key that nothing here
* can check is refused where it is configured, rather than ignored where it counts. Throws `key-invalid`.
*/
function parseVkey(text, crypto) {
	let [name, keyId, ...rest] = text.length > 4096 ? [] : text.split("+");
	if (name === void 0 || keyId === void 0 || rest.length === 0 || !isHex(keyId, 8)) throw new CodedError("key-invalid", "not a verifier key: name+id+key, the id in 8 lower-case hex digits");
	let material;
	try {
		material = fromBase64(rest.join("+"));
	} catch (cause) {
		throw new CodedError("key-invalid", "the key in the verifier key is not base64", { cause });
	}
	let type = typeOf(material[0]);
	if (material.length !== 33) throw new CodedError("key-invalid", "an Ed25519 verifier key holds 33 bytes");
	let key = noteKey(name, type, parsePublicKey(spkiOf("ed25519", material.subarray(1))), crypto);
	if (key.keyId !== keyId) throw new CodedError("key-invalid", "the id of the verifier key is not that of its key");
	return key;
}
/** The key as a verifier key. */
function writeVkey(key) {
	return `${key.name}+${key.keyId}+${base64(concat(Uint8Array.of(TYPE_BYTE[key.type]), key.publicKey.raw))}`;
}
function typeOf(byte) {
	if (byte === TYPE_BYTE.ed25519) return "ed25519";
	if (byte === TYPE_BYTE["cosignature-v1"]) return "cosignature-v1";
	let named = byte === void 0 ? "no type" : `type 0x${byte.toString(16).padStart(2, "0")}`;
	throw new CodedError("key-invalid", `a verifier key of ${named}; only 0x01 and 0x04 are known`);
}
/**
* The bytes a cosignature/v1 covers: a header line, the time, and the whole text of the checkpoint with its
* extension lines (C2SP tlog-cosignature, "Ed25519 signed message"). Throws `cosignature-invalid` for a time out
* of bounds.
*/
function cosignatureMessage(time, text) {
	return checkTime(time), utf8(`cosignature/v1\ntime ${time}\n${text}`);
}
/**
* The cosignature in the blob of a signature line, its key id taken off: time as 8 bytes big-endian, then
* the signature, 72 bytes in all. Throws `cosignature-invalid`.
*/
function parseCosignature(blob) {
	if (blob.length !== 72) throw new CodedError("cosignature-invalid", `the cosignature has ${blob.length} bytes, not 72`);
	let time = Number(new DataView(blob.buffer, blob.byteOffset, 8).getBigUint64(0));
	return checkTime(time), {
		time,
		signature: new Uint8Array(blob.subarray(8))
	};
}
/** 0 is how other formats say "at no time"; a witness always says when. */
function checkTime(time) {
	if (!Number.isSafeInteger(time) || time < 1 || time > 253402300799) throw new CodedError("cosignature-invalid", "the time is not from 1 to 253402300799 seconds");
}
// packages/formats/src/note.ts
/** Most bytes of a signed note. Go's reader takes no more in one text either. */
const MAX_NOTE_BYTES = 1e6, DASH = "— ", CONTROL$1 = /[^\n\u0020-\u{10ffff}]/u;
/**
* Note from its bytes. Every accepted note has one spelling: `writeNote` gives the same bytes again.
* Throws `input-too-large`, `utf8-invalid`, `base64-invalid`, `signature-missing` or `note-invalid`.
*/
function parseNote(bytes) {
	if (bytes.length > 1e6) throw tooLarge();
	let whole = fromUtf8(bytes);
	checkControls(whole);
	let split = whole.lastIndexOf("\n\n");
	if (split < 0) throw new CodedError("note-invalid", "no empty line separates the text from its signatures");
	return {
		text: whole.slice(0, split + 1),
		signatures: readSignatureLines(whole.slice(split + 2))
	};
}
/** Bytes of a note; throws `utf8-invalid`, `input-too-large`, `signature-missing` or `note-invalid` for what no reader would take. */
function writeNote(note) {
	if (!note.text.endsWith("\n")) throw new CodedError("note-invalid", "the text does not end in a newline");
	checkControls(note.text);
	let bytes = utf8(`${note.text}\n${signatureLines(note.signatures)}`);
	if (bytes.length > 1e6) throw tooLarge();
	return bytes;
}
/**
* Checks a note under the known keys (C2SP signed-note, "Signatures"): lines of unknown keys say nothing; every
* line of a known key must verify, a second one too, or the note is refused. Gives each known key that signed once,
* so that no key counts twice; of several cosignatures by one key the latest.
*
* A known key vouches for the text, not for what the text says: whether this key may speak for this log is
* `verifyCheckpoint`'s question.
*
* Throws `trust-missing` (no keys), `key-invalid` (two keys of one name and id), `signature-invalid` or
* `signer-unknown` (no line of a known key).
*/
function verifyNote(note, known, crypto) {
	if (known.length === 0) throw new CodedError("trust-missing", "no key is known that could have signed the note");
	let keys = byLine(known), verified = /* @__PURE__ */ new Map();
	for (let { name, keyId, signature } of note.signatures) {
		let line = `${name}+${keyId}`, key = keys.get(line);
		if (key === void 0) continue;
		let time = check(key, note.text, signature, crypto), before = verified.get(line)?.time ?? null;
		verified.set(line, {
			key,
			time: time === null || before === null ? time : Math.max(time, before)
		});
	}
	let [first, ...more] = verified.values();
	if (first === void 0) throw new CodedError("signer-unknown", "no known key signed the note");
	return [first, ...more];
}
function byLine(known) {
	let keys = /* @__PURE__ */ new Map();
	for (let key of known) {
		let line = `${key.name}+${key.keyId}`, other = keys.get(line);
		if (other !== void 0 && (other.type !== key.type || other.publicKey.keyId !== key.publicKey.keyId)) throw new CodedError("key-invalid", `two known keys are both ${line}`);
		keys.set(line, key);
	}
	return keys;
}
/** The time of a cosignature, null for a plain signature; throws `signature-invalid` where it does not verify. */
function check(key, text, blob, crypto) {
	let invalid = (cause) => new CodedError("signature-invalid", `the signature by ${key.name}+${key.keyId} does not verify`, { cause });
	if (key.type === "ed25519") {
		if (!crypto.verify(key.publicKey, utf8(text), blob)) throw invalid();
		return null;
	}
	let cosignature;
	try {
		cosignature = parseCosignature(blob);
	} catch (cause) {
		throw invalid(cause);
	}
	let message = cosignatureMessage(cosignature.time, text);
	if (!crypto.verify(key.publicKey, message, cosignature.signature)) throw invalid();
	return cosignature.time;
}
function readSignatureLines(block) {
	if (block === "") throw new CodedError("signature-missing", "the note has no signature");
	if (!block.endsWith("\n")) throw new CodedError("note-invalid", "the last signature line does not end in a newline");
	let lines = block.slice(0, -1).split("\n");
	return checkCount(lines.length), lines.map(readSignatureLine);
}
function readSignatureLine(line) {
	let space = line.indexOf(" ", 2);
	if (!line.startsWith(DASH) || space < 0) throw new CodedError("note-invalid", "a signature line is not dash, name and signature with a space between");
	let name = line.slice(2, space);
	checkName(name);
	let blob = fromBase64(line.slice(space + 1));
	if (blob.length <= 4) throw new CodedError("note-invalid", "a signature is shorter than 5 bytes");
	return {
		name,
		keyId: hex(blob.subarray(0, 4)),
		signature: blob.slice(4)
	};
}
function signatureLines(signatures) {
	if (signatures.length === 0) throw new CodedError("signature-missing", "the note has no signature");
	return checkCount(signatures.length), signatures.map(signatureLine).join("");
}
function signatureLine({ name, keyId, signature }) {
	if (checkName(name), !isHex(keyId, 8)) throw new CodedError("note-invalid", "a key id is not 8 lower-case hex digits");
	if (signature.length === 0) throw new CodedError("note-invalid", "a signature is empty");
	return `${DASH}${name} ${base64(concat(fromHex(keyId), signature))}\n`;
}
function checkName(name) {
	if (!isKeyName(name)) throw new CodedError("note-invalid", "a key name is empty, or holds a space or a plus");
}
function checkCount(signatures) {
	if (signatures > 100) throw new CodedError("input-too-large", "the note has more than 100 signatures");
}
function checkControls(text) {
	if (CONTROL$1.test(text)) throw new CodedError("note-invalid", "the note holds a control character");
}
function tooLarge() {
	return new CodedError("input-too-large", `the note is larger than ${MAX_NOTE_BYTES} bytes`);
}
// packages/formats/src/checkpoint.ts
/** Checkpoint from the bytes of its note; throws what `parseNote` throws, and `checkpoint-invalid`. */
function parseCheckpoint(bytes) {
	return readCheckpoint(parseNote(bytes));
}
/** {@link parseCheckpoint} of a note. The note gives the same bytes again. */
function readCheckpoint(note) {
	let [origin, size, root, ...extensions] = note.text.slice(0, -1).split("\n");
	if (origin === void 0 || size === void 0 || root === void 0) throw new CodedError("checkpoint-invalid", "a checkpoint has an origin, a size and a root, each on its line");
	if (origin === "") throw new CodedError("checkpoint-invalid", "the origin is empty");
	if (extensions.includes("")) throw new CodedError("checkpoint-invalid", "an extension line is empty");
	return {
		origin,
		size: readDecimal(size, "the size", "checkpoint-invalid"),
		root: readHash$1(root, "the root", "checkpoint-invalid"),
		extensions,
		note,
		signed: utf8(note.text)
	};
}
/**
* Checks that a checkpoint is the named log's: right origin, signed by a key of the log, and no line of a known
* key that does not verify. A witness alone makes no checkpoint. Throws `origin-mismatch`, `key-invalid` (a witness
* key that is no cosignature key, or that counts twice) and what `verifyNote` throws.
*/
function verifyCheckpoint(checkpoint, trust, crypto) {
	if (trust.keys.length === 0) throw new CodedError("trust-missing", `no key of the log ${trust.origin} is known`);
	if (checkWitnesses(trust), checkpoint.origin !== trust.origin) throw new CodedError("origin-mismatch", `the checkpoint is not of the log ${trust.origin}`);
	let signatures = verifyNote(checkpoint.note, [...trust.keys, ...trust.witnesses], crypto), signedBy = signatures.filter(({ key }) => trust.keys.includes(key));
	if (signedBy.length === 0) throw new CodedError("signer-unknown", `no known key of the log ${trust.origin} signed the checkpoint`);
	return {
		checkpoint,
		signedBy,
		cosignedBy: signatures.filter(({ key }) => !trust.keys.includes(key))
	};
}
/** One key under two names would be two witnesses; the log under another name would be its own. */
function checkWitnesses({ keys, witnesses }) {
	let taken = new Set(keys.map((key) => key.publicKey.keyId));
	for (let { name, type, publicKey } of witnesses) {
		if (type !== "cosignature-v1") throw new CodedError("key-invalid", `the key of ${name} is no cosignature key`);
		if (taken.has(publicKey.keyId)) throw new CodedError("key-invalid", `the key of ${name} is known by another name`);
		taken.add(publicKey.keyId);
	}
}
// packages/formats/src/tlog-proof.ts
/** Most bytes of the extra data of a proof. */
const MAX_TLOG_PROOF_BYTES = 1090283, FIRST = "c2sp.org/tlog-proof@v1", CODE$10 = "tlog-proof-invalid";
/**
* Proof from its bytes. Every accepted proof has one spelling: `writeTlogProof` gives the same bytes again.
* Throws `tlog-proof-invalid`, `input-too-large`, `utf8-invalid`, `base64-invalid` and what `parseCheckpoint` throws.
*/
function parseTlogProof(bytes) {
	if (bytes.length > MAX_TLOG_PROOF_BYTES) throw new CodedError("input-too-large", `the proof is larger than ${MAX_TLOG_PROOF_BYTES} bytes`);
	let { lines, rest } = splitAtEmptyLine(bytes, CODE$10);
	if (lines[0] !== FIRST) throw new CodedError(CODE$10, `the first line is not ${FIRST}`);
	let extra = lines[1]?.startsWith("extra ") === !0 ? readExtra(lines[1].slice(6)) : null, [index, ...hashes] = lines.slice(extra === null ? 1 : 2);
	if (index?.startsWith("index ") !== !0) throw new CodedError(CODE$10, "there is no index where it must be");
	let proof = {
		extra,
		index: readDecimal(index.slice(6), "the index", CODE$10),
		hashes: readProof(hashes, CODE$10),
		checkpoint: parseCheckpoint(rest)
	};
	return checkIndex(proof), proof;
}
/** Bytes of a proof; throws `tlog-proof-invalid` for what no reader would take, and what `writeNote` throws. */
function writeTlogProof(proof) {
	return checkIndex(proof), concat(utf8(writeTlogProofStart(proof)), writeNote(proof.checkpoint.note));
}
/** The text of a proof up to its checkpoint, which follows as it is. Throws as `writeTlogProof`. */
function writeTlogProofStart({ extra, index, hashes }) {
	let number = writeDecimal(index, "the index", CODE$10);
	return checkProof(hashes, CODE$10), extra !== null && checkExtra(extra), [
		FIRST,
		...extra === null ? [] : [`extra ${base64(extra)}`],
		`index ${number}`,
		...hashes.map(base64),
		"",
		""
	].join("\n");
}
function readExtra(text) {
	let extra = fromBase64(text);
	return checkExtra(extra), extra;
}
/** Empty data would be a second spelling of none. */
function checkExtra(extra) {
	if (extra.length === 0) throw new CodedError(CODE$10, "the extra data is empty");
	if (extra.length > 65536) throw new CodedError(CODE$10, "the extra data is longer than 65536 bytes");
}
function checkIndex({ index, checkpoint }) {
	if (index >= checkpoint.size) throw new CodedError(CODE$10, `the index ${index} is not in a tree of ${checkpoint.size} leaves`);
}
const CODE$9 = "envelope-invalid";
/** Most bytes of an endorsed document. */
function maxEndorsedBytes({ maxPayload }) {
	return Math.ceil(maxPayload / 3) * 4 + 4489216 + MAX_TLOG_PROOF_BYTES + 2048;
}
/** How a document of this kind begins, and none of another. */
function endorsedStart({ mediaType }) {
	return `{"mediaType":"${mediaType}",`;
}
/**
* Endorsed document from its bytes or text, which have one spelling: canonical JSON, a DSSE envelope with a media type.
* Throws `envelope-invalid`, `payload-type`, `signature-missing`, `input-too-large`, `base64-invalid` and what strict JSON
* reading and `parseTlogProof` throw.
*/
function parseEndorsed(input, kind) {
	let most = maxEndorsedBytes(kind);
	if (input.length > most) throw new CodedError("input-too-large", `the document is larger than ${most} bytes`);
	let bytes = typeof input == "string" ? utf8(input) : input, value = parseJson(bytes, { maxBytes: most });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$9, "the document is not canonical JSON");
	let it = new Shape(CODE$9, value, "document").object([
		"mediaType",
		"payload",
		"payloadType",
		"signatures"
	], ["proof"]);
	it.exactly("mediaType", kind.mediaType);
	let payloadType = it.get("payloadType").string(256);
	if (payloadType !== kind.payloadType) throw new CodedError("payload-type", `payload type ${JSON.stringify(payloadType.slice(0, 80))} is not ${kind.payloadType}`);
	let payload = fromBase64(it.get("payload").string(Math.ceil(kind.maxPayload / 3) * 4));
	if (payload.length > kind.maxPayload) throw new CodedError("input-too-large", `the payload exceeds ${kind.maxPayload} bytes`);
	let signatures = it.get("signatures").array(64);
	if (signatures.length === 0) throw new CodedError("signature-missing", "the document has no signature");
	return {
		payloadType,
		payload,
		endorsements: signatures.map((one) => readEndorsement(one.object(["sig"], [
			"certificate",
			"keyid",
			"timestamps"
		]))),
		logged: it.has("proof") ? actProofOf(parseTlogProof(utf8(it.get("proof").string(MAX_TLOG_PROOF_BYTES)))) : null
	};
}
/** Throws `envelope-invalid` where the proof opens nothing, and what `parseActOpening` throws. */
function actProofOf(proof) {
	if (proof.extra === null) throw new CodedError(CODE$9, "the proof has no opening");
	return {
		opening: parseActOpening(proof.extra),
		proof
	};
}
function readEndorsement(it) {
	let signature = fromBase64(it.get("sig").string(MAX_SIGNATURE_TEXT));
	if (signature.length === 0) throw new CodedError("signature-missing", "a signature is empty");
	let timestamps = it.has("timestamps") ? it.get("timestamps").array(2) : [];
	it.has("timestamps") && timestamps.length === 0 && it.get("timestamps").fail("is empty");
	let certificate = it.has("certificate") ? fromBase64(it.get("certificate").string(32768)) : null;
	return certificate?.length === 0 && it.get("certificate").fail("is empty"), {
		signature,
		keyid: it.has("keyid") ? it.text("keyid", 1024) : null,
		certificate,
		timestamps: timestamps.map((one) => fromBase64(one.string(16384)))
	};
}
/** The document in its one spelling, without a line end. Throws what `parseEndorsed` throws at what no reader would take. */
function writeEndorsed({ payload, endorsements, logged }, kind) {
	let bytes = canonicalJson({
		mediaType: kind.mediaType,
		payload: base64(payload),
		payloadType: kind.payloadType,
		...logged === null ? {} : { proof: fromUtf8(writeTlogProof(logged.proof)) },
		signatures: endorsements.map(writeEndorsement)
	});
	return parseEndorsed(bytes, kind), bytes;
}
function writeEndorsement({ signature, keyid, certificate, timestamps }) {
	return {
		sig: base64(signature),
		...keyid === null ? {} : { keyid },
		...certificate === null ? {} : { certificate: base64(certificate) },
		...timestamps.length === 0 ? {} : { timestamps: timestamps.map((one) => base64(one)) }
	};
}
const ACTORS = [
	"person",
	"token",
	"code",
	"provider",
	"server"
], FIELDS$5 = [
	"about",
	"act",
	"at",
	"by",
	"detail",
	"id",
	"number",
	"previous",
	"version"
], CODE$8 = "act-invalid";
/** {@link writeAdministrativeAct} the other way; it has one spelling. Throws also what strict JSON reading throws. */
function parseAdministrativeAct(bytes) {
	let value = parseJson(bytes, { maxBytes: 32768 });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$8, "the act is not canonical JSON");
	let it = new Shape(CODE$8, value, "act").object(FIELDS$5);
	it.integer("version", 1, 1);
	let act = it.text("act", 64);
	/^[a-z-]+\.[a-z-]+$/.test(act) || it.get("act").fail("is not two words with a dot between");
	let number = it.integer("number", 0, 2 ** 53 - 1), previous = it.get("previous").nullable((shape) => shape.hex(64));
	return previous === null != (number === 0) && it.get("previous").fail("is there for all but the first"), {
		id: it.hex("id", 32),
		number,
		previous,
		at: it.time("at"),
		by: readActor(it.get("by")),
		act,
		about: it.text("about", 2048),
		detail: it.get("detail").members()
	};
}
/** Who did something, with exactly these fields. Throws the code of the shape. */
function readActor(shape) {
	let it = shape.object([
		"id",
		"kind",
		"name"
	]);
	return {
		kind: it.exactly("kind", ...ACTORS),
		id: it.text("id", 2048),
		name: it.get("name").nullable((one) => one.text(256))
	};
}
/**
* An act with its proof from bytes; it has one spelling. Throws `act-invalid`, `payload-type`, `base64-invalid`, and what
* strict JSON reading, `parseTlogProof` and `parseActOpening` throw.
*/
function parseLoggedAct(bytes) {
	let value = parseJson(bytes, { maxBytes: 1155819 });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$8, "the logged act is not canonical JSON");
	let it = new Shape(CODE$8, value, "logged act").object([
		"mediaType",
		"payload",
		"payloadType",
		"proof"
	]);
	if (it.exactly("mediaType", "application/vnd.countersign.logged-act.v1+json"), it.get("payloadType").string(256) !== "application/vnd.countersign.administrative-act.v1+json") throw new CodedError("payload-type", "the payload is no administrative act");
	let payload = fromBase64(it.get("payload").string(43692)), proof = parseTlogProof(utf8(it.get("proof").string(MAX_TLOG_PROOF_BYTES)));
	return {
		payload,
		act: parseAdministrativeAct(payload),
		logged: actProofOf(proof)
	};
}
// packages/formats/src/constants.ts
/** Predicate type of a step attestation. */
const STEP_PREDICATE = "https://countersign.dev/step/v1", STATEMENT_TYPE = "https://in-toto.io/Statement/v1", PAYLOAD_TYPE = "application/vnd.in-toto+json", BUNDLE_V03 = "application/vnd.dev.sigstore.bundle.v0.3+json", TREE_MEDIA_TYPE = "application/vnd.countersign.tree.v1", RECEIPT_MEDIA_TYPE = "application/vnd.countersign.receipt.v1+json", WITHHELD_MEDIA_TYPE = "application/vnd.countersign.withheld.v1+json", DISCLOSURE_MEDIA_TYPE = "application/vnd.countersign.disclosure.v1+json", ATTACHMENT_MEDIA_TYPE = "application/vnd.countersign.attachment.v1+json", CHAIN_MEDIA_TYPE = "application/vnd.countersign.chain.v1+jsonl", MAX_RESOURCES = 1e4, MAX_BUNDLE_BYTES = 8388608, MAX_PAYLOAD_BYTES = 6e6, MAX_ARGUMENTS = 1e4, MAX_ATTACHED_BYTES = MAX_PAYLOAD_BYTES, MAX_ATTACHMENT_BYTES = 8001024, CODE$7 = "attachment-invalid";
/** Canonical JSON of an attachment, without a line end. Throws what `parseAttachment` throws at what no reader would take. */
function writeAttachment({ link, content }) {
	let bytes = canonicalJson({
		content: base64(content),
		link,
		mediaType: ATTACHMENT_MEDIA_TYPE
	});
	return parseAttachment(bytes), bytes;
}
/**
* Attachment from its bytes or text, which have one spelling. Throws `attachment-invalid`, `input-too-large`,
* `base64-invalid` and what strict JSON reading throws.
*/
function parseAttachment(input) {
	if (input.length > MAX_ATTACHMENT_BYTES) throw new CodedError("input-too-large", `the attachment is larger than ${MAX_ATTACHMENT_BYTES} bytes`);
	let bytes = typeof input == "string" ? utf8(input) : input, value = parseJson(bytes, { maxBytes: MAX_ATTACHMENT_BYTES });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$7, "the attachment is not canonical JSON");
	return readAttachment(value);
}
/** {@link parseAttachment} of JSON that was parsed strictly already, whatever its spelling. */
function readAttachment(given) {
	let it = new Shape(CODE$7, given, "attachment").object([
		"content",
		"link",
		"mediaType"
	]);
	it.exactly("mediaType", ATTACHMENT_MEDIA_TYPE);
	let content = fromBase64(it.get("content").string(MAX_ATTACHMENT_BYTES));
	if (content.length === 0 && it.get("content").fail("is empty"), content.length > MAX_ATTACHED_BYTES) throw new CodedError("input-too-large", `the report that is attached is larger than ${MAX_ATTACHED_BYTES} bytes`);
	return {
		link: it.hex("link", 64),
		content
	};
}
// packages/formats/src/bundle.ts
/**
* Who signed, as the leaf of a log commits to it (SPEC.md §13): DER of the certificate in the bundle; where there is
* none, the SPKI of the key under which it verifies.
*/
function signerOf({ key }, { spki }) {
	return key.kind === "certificate" ? key.chain[0] : spki;
}
const OLD = ["application/vnd.dev.sigstore.bundle+json;version=0.1", "application/vnd.dev.sigstore.bundle+json;version=0.2"], V03 = [BUNDLE_V03, "application/vnd.dev.sigstore.bundle+json;version=0.3"], FIELDS$4 = [
	"mediaType",
	"verificationMaterial",
	"dsseEnvelope"
], KINDS = [
	"publicKey",
	"certificate",
	"x509CertificateChain"
], MATERIAL = [
	...KINDS,
	"tlogEntries",
	"timestampVerificationData"
];
/**
* Bundle from its JSON bytes: v0.3 as emitted, v0.1 and v0.2 read. Unknown fields are refused, as
* protobuf JSON does. Throws `bundle-invalid`, `bundle-version`, and what DSSE and JSON reading throw.
*/
function parseBundle(bytes) {
	return (typeof bytes == "string" && bytes.length <= 8388608 ? parseOwn(bytes) : null) ?? readBundle(parseJson(bytes, { maxBytes: 8388608 }));
}
const HEAD = "{\"dsseEnvelope\":{\"payload\":\"", BETWEEN = `","payloadType":"${PAYLOAD_TYPE}","signatures":[{"sig":"`, AFTER = `"}]},"mediaType":"${BUNDLE_V03}","verificationMaterial":{"publicKey":{"hint":"`, TAIL = "\"}}}";
/**
* A bundle spelled exactly as `writeBundle` spells those with a key id for a hint: almost every line of a chain file,
* and most of one is its payload, which need not be looked at twice. Null for any other spelling, good or bad.
*/
function parseOwn(text) {
	if (!text.startsWith(HEAD)) return null;
	let payloadEnd = text.indexOf("\"", 28), signature = payloadEnd + BETWEEN.length;
	if (payloadEnd < 0 || !text.startsWith(BETWEEN, payloadEnd)) return null;
	let signatureEnd = text.indexOf("\"", signature), hint = signatureEnd + AFTER.length;
	if (signatureEnd < 0 || !text.startsWith(AFTER, signatureEnd) || text.length !== hint + 64 + 4 || !text.endsWith(TAIL)) return null;
	let keyId = text.slice(hint, hint + 64);
	if (!isHex(keyId) || signatureEnd === signature || signatureEnd - signature > 4096) return null;
	try {
		return {
			key: {
				kind: "publicKey",
				hint: keyId
			},
			tlogEntries: [],
			timestamps: [],
			envelope: {
				payloadType: PAYLOAD_TYPE,
				payload: fromBase64(text.slice(28, payloadEnd)),
				signature: fromBase64(text.slice(signature, signatureEnd)),
				keyid: null
			}
		};
	} catch {
		return null;
	}
}
/** {@link parseBundle} of JSON that was parsed strictly already. */
function readBundle(value) {
	let whole = new Shape("bundle-invalid", value, "bundle");
	if (Object.hasOwn(whole.members(), "messageSignature")) throw new CodedError("bundle-invalid", "bundle holds a messageSignature, not an attestation");
	let bundle = whole.object(FIELDS$4), mediaType = bundle.get("mediaType").string(256), old = OLD.includes(mediaType);
	if (!old && !V03.includes(mediaType)) throw new CodedError("bundle-version", `bundle media type ${JSON.stringify(mediaType.slice(0, 80))} is unknown`);
	let material = bundle.get("verificationMaterial").object([], MATERIAL);
	return {
		key: readKey(material, bundle.get("verificationMaterial"), old),
		tlogEntries: material.has("tlogEntries") ? material.get("tlogEntries").array(32).map((entry) => entry.members()) : [],
		timestamps: material.has("timestampVerificationData") ? readTimestamps(material.get("timestampVerificationData")) : [],
		envelope: readEnvelope(whole.members().dsseEnvelope, PAYLOAD_TYPE)
	};
}
/**
* The bundle as v0.3 JSON, in canonical form and without a line break: one line of a chain file. Throws
* `input-too-large` or `bundle-invalid` for what no reader would take.
*/
function writeBundle(bundle) {
	let bytes = writeOwn(bundle) ?? canonicalBundle(bundle);
	if (bytes.length > 8388608) throw new CodedError("input-too-large", `a bundle of ${bytes.length} bytes`);
	return bytes;
}
/** What `parseOwn` reads, put together as it stands; null for a bundle with anything else in it. */
function writeOwn({ key, tlogEntries, timestamps, envelope }) {
	if (key.kind !== "publicKey" || key.hint === null || !isHex(key.hint, 64) || tlogEntries.length > 0 || timestamps.length > 0 || envelope.keyid !== null || envelope.payloadType !== "application/vnd.in-toto+json") return null;
	let { payload, signature } = envelope;
	return utf8(`${HEAD}${base64(payload)}${BETWEEN}${base64(signature)}${AFTER}${key.hint}${TAIL}`);
}
function canonicalBundle(bundle) {
	let material = {};
	if (bundle.key.kind === "publicKey") material.publicKey = bundle.key.hint === null ? {} : { hint: bundle.key.hint };
	else {
		let leaf = bundle.key.chain[0];
		if (leaf === void 0) throw new CodedError("bundle-invalid", "a certificate bundle needs its leaf certificate");
		material.certificate = { rawBytes: base64(leaf) };
	}
	return bundle.tlogEntries.length > 0 && (material.tlogEntries = bundle.tlogEntries), bundle.timestamps.length > 0 && (material.timestampVerificationData = { rfc3161Timestamps: bundle.timestamps.map((der) => ({ signedTimestamp: base64(der) })) }), canonicalJson({
		mediaType: BUNDLE_V03,
		verificationMaterial: material,
		dsseEnvelope: writeEnvelope(bundle.envelope)
	});
}
function readKey(material, whole, old) {
	if (KINDS.filter((kind) => material.has(kind)).length !== 1 && whole.fail("needs exactly one of publicKey, certificate and x509CertificateChain"), material.has("publicKey")) {
		let key = material.get("publicKey").object([], ["hint"]), hint = key.has("hint") ? key.get("hint").string(1024) : "";
		return {
			kind: "publicKey",
			hint: hint === "" ? null : hint
		};
	}
	if (material.has("certificate")) return old && whole.fail("holds a single certificate, which bundles before v0.3 do not have"), {
		kind: "certificate",
		chain: [readDer(material.get("certificate"))]
	};
	old || whole.fail("holds a certificate chain, which v0.3 bundles do not have");
	let chain = material.get("x509CertificateChain").object(["certificates"]).get("certificates").array(8);
	return chain.length === 0 && whole.fail("holds an empty certificate chain"), {
		kind: "certificate",
		chain: chain.map(readDer)
	};
}
function readDer(shape) {
	let der = fromBase64(shape.object(["rawBytes"]).get("rawBytes").string(65536));
	return der.length === 0 && shape.fail("holds an empty certificate"), der;
}
function readTimestamps(shape) {
	let data = shape.object([], ["rfc3161Timestamps"]);
	return data.has("rfc3161Timestamps") ? data.get("rfc3161Timestamps").array(32).map((item) => fromBase64(item.object(["signedTimestamp"]).get("signedTimestamp").string(65536))) : [];
}
// packages/formats/src/statement.ts
/** Most digests of one resource. */
const DIGEST_LENGTH = {
	sha256: [64],
	sha384: [96],
	sha512: [128],
	sha3_256: [64],
	sha1: [40],
	gitCommit: [40, 64],
	gitTree: [40, 64],
	gitBlob: [40, 64],
	gitTag: [40, 64]
};
/** Statement v1 from payload bytes. Throws `statement-invalid`, `subject-missing`, `digest-invalid` or a JSON code. */
function parseStatement(payload) {
	let whole = new Shape("statement-invalid", parseJson(payload, { maxBytes: MAX_PAYLOAD_BYTES }), "statement"), statement = whole.object([
		"_type",
		"subject",
		"predicateType",
		"predicate"
	]);
	statement.get("_type").exactly(STATEMENT_TYPE);
	let subject = readResources(statement.get("subject"), ["mode", "dirty"]);
	if (subject.length === 0) throw new CodedError("subject-missing", "the statement has no subject");
	return {
		subject,
		predicateType: statement.get("predicateType").text(512),
		predicate: whole.members().predicate
	};
}
/** A resource as a subject: where it came from is said of materials alone. */
function asSubject({ annotations, ...rest }) {
	let { mode, dirty } = annotations ?? {};
	return mode === void 0 && dirty === void 0 ? rest : {
		...rest,
		annotations: {
			...mode === void 0 ? {} : { mode },
			...dirty === void 0 ? {} : { dirty }
		}
	};
}
/** Resources with distinct names, also where file systems fold case or Unicode forms. */
function readResources(shape, annotations) {
	let resources = shape.array(MAX_RESOURCES).map((item) => readResource(item, annotations));
	if (resources.length < 2) return resources;
	let keys = resources.map(({ name }) => collisionKey(name.endsWith("/") ? name.slice(0, -1) : name)), twice = keys.length < FEW ? keys.findIndex((key, i) => keys.indexOf(key) < i) : repeated(keys);
	if (twice >= 0) {
		let { name } = resources[twice];
		throw new CodedError("name-collision", `the name ${JSON.stringify(name.slice(0, 120))} collides with another`);
	}
	return resources;
}
/** Up to here each is held against each: a set of them costs more. */
const FEW = 8;
/** Index of the first that was there before, -1 where each is there once. */
function repeated(keys) {
	let seen = /* @__PURE__ */ new Set();
	return keys.findIndex((key) => seen.size === seen.add(key).size);
}
const RESOURCE = ["name", "digest"], RESOURCE_OPTIONAL = [
	"uri",
	"mediaType",
	"annotations"
];
/** A resource: the parsed object itself, once every member of it is checked. */
function readResource(shape, annotations) {
	return readDescriptor(shape, annotations).as();
}
/** A resource whose annotations are of another kind than those of {@link Resource} where none are named: they are not looked at. */
function readDescriptor(shape, annotations = null) {
	let object = shape.object(RESOURCE, RESOURCE_OPTIONAL), name = object.text("name"), mediaType = object.has("mediaType") ? object.text("mediaType", 256) : null, notes = annotations !== null && object.has("annotations") ? object.get("annotations").object(NONE$2, annotations) : null, mode = notes === null ? null : checkAnnotations(notes);
	object.has("uri") ? object.text("uri") : checkFileName(shape, name, mediaType === TREE_MEDIA_TYPE, mode);
	let digests = object.get("digest").members();
	return checkDigestSet(digests), notes?.has("dirty") === !0 && !Object.hasOwn(digests, "gitCommit") && shape.fail("is said to differ from its commit, and names none"), object;
}
/**
* True where the SHA-256 is of a manifest, not of the bytes themselves: a directory, or a source checkout. A file
* that holds the manifest has the same digest and is something else.
*/
function isTree({ mediaType, digest }) {
	return mediaType === "application/vnd.countersign.tree.v1" || Object.hasOwn(digest, "gitTree") || Object.hasOwn(digest, "gitCommit");
}
const NONE$2 = [];
/** The mode, null where none is told. */
function checkAnnotations(notes) {
	return notes.has("from") && !notes.isNull("from") && notes.hex("from", 64), notes.has("dirty") && !notes.get("dirty").boolean() && notes.get("dirty").fail("is false, which is said by leaving it out"), !notes.has("mode") || notes.isNull("mode") ? null : notes.exactly("mode", "100644", "100755", "120000", "040000");
}
function checkFileName(shape, name, tree, mode) {
	tree !== name.endsWith("/") && shape.fail("names a tree without a trailing slash, or a file with one"), mode !== null && tree !== (mode === "040000") && shape.fail("is a tree with the mode of a file, or a file with the mode of a tree"), name !== "./" && checkPath(tree ? name.slice(0, -1) : name);
}
const ALGORITHM = /^[A-Za-z0-9_:.-]{1,40}$/;
function checkDigestSet(digests) {
	let algorithms = Object.keys(digests);
	if (algorithms.length > 16) throw new CodedError("digest-invalid", "a resource has more than 16 digests");
	for (let algorithm of algorithms) {
		let value = digests[algorithm];
		if (typeof value != "string" || !isHex(value) || !hasLengthOf(algorithm, value.length)) throw new CodedError("digest-invalid", `digest ${JSON.stringify(algorithm.slice(0, 40))} is not lower-case hex of its length`);
	}
	if (!Object.hasOwn(digests, "sha256")) throw new CodedError("digest-invalid", "a resource has no sha256 digest");
}
function hasLengthOf(algorithm, length) {
	return algorithm === "sha256" ? length === 64 : Object.hasOwn(DIGEST_LENGTH, algorithm) ? DIGEST_LENGTH[algorithm].includes(length) : ALGORITHM.test(algorithm) && length >= 32 && length <= 256;
}
// packages/formats/src/report-ref.ts
/** Most reports of one step. */
const MAX_REPORTS = 1e3, NOTES = [
	"about",
	"facts",
	"signer",
	"size",
	"type"
], NONE$1 = [], TYPE = /^[a-z0-9][a-z0-9.-]{0,40}$/, FACT = /^[a-z][A-Za-z0-9]{0,40}$/;
/** True for the name of a type of reports: 1 to 41 of `a–z 0–9 . -`. */
function isReportType(text) {
	return TYPE.test(text);
}
/** The reports of a step. */
function readReportRefs(shape) {
	for (let item of shape.array(MAX_REPORTS)) readReportRef(item);
}
function readReportRef(shape) {
	let it = readDescriptor(shape);
	it.has("annotations") && (it.has("mediaType") || shape.fail("was read and has no mediaType"), readNotes(it.get("annotations").object(NOTES)));
}
function readNotes(notes) {
	let about = notes.get("about").array(MAX_REPORTS).map((one) => one.hex(64));
	about.some((digest, i) => i > 0 && about[i - 1] >= digest) && notes.get("about").fail("is not sorted, each once"), readFacts(notes.get("facts")), notes.isNull("signer") || readSigner(notes.get("signer")), notes.integer("size", 0, 2 ** 53 - 1), isReportType(notes.text("type", 64)) || notes.get("type").fail("is not the name of a type");
}
function readFacts(shape) {
	let facts = Object.entries(shape.members());
	facts.length > 32 && shape.fail("has more than 32 facts");
	for (let [name, fact] of facts) FACT.test(name) || shape.fail("has a fact whose name is not letters and digits"), isFact(fact) || shape.fail(`has in ${name} neither a text, a whole number nor a truth value`);
}
function isFact(value) {
	return typeof value == "string" ? value !== "" && value.length <= 512 && !hasControl(value) : typeof value == "boolean" || typeof value == "number" && Number.isSafeInteger(value) && value >= 0;
}
function readSigner(shape) {
	if (shape.hasOnly("key")) {
		shape.object(["key"]).hex("key", 64);
		return;
	}
	let signer = shape.object(["issuer", "subject"], NONE$1);
	signer.text("issuer"), signer.text("subject");
}
/** Digests by which a report may name what it is about: weaker ones name nothing (T-26). */
const STRONG = {
	sha256: 64,
	sha384: 96,
	sha512: 128
};
/**
* True where a report that names something by these digests means the resource: they agree in every strong digest that
* both know, and there is one.
*/
function names(digests, { digest }) {
	let known = !1;
	for (let [algorithm, length] of Object.entries(STRONG)) {
		if (!Object.hasOwn(digests, algorithm) || !Object.hasOwn(digest, algorithm)) continue;
		let named = digests[algorithm];
		if (typeof named != "string" || !isHex(named, length) || named !== digest[algorithm]) return !1;
		known = !0;
	}
	return known;
}
// packages/formats/src/sealed.ts
/** The closed list of fields that may be sealed. */
const SEALED_FIELDS = [
	"argv",
	"directory",
	"environment",
	"identity",
	"tools",
	"evidence"
];
function isSealedField(name) {
	return SEALED_FIELDS.includes(name);
}
/** True for a commitment: an object with the one member `sealed`, whichever field it stands in. */
function isSealed(value) {
	return typeof value != "object" || !value || !Object.hasOwn(value, "sealed") ? !1 : Object.keys(value).length === 1;
}
/** The fields of a step that are sealed, in the order of the list. */
function sealedFields(predicate) {
	let fields = sealableFields(predicate);
	return SEALED_FIELDS.filter((field) => isSealed(fields[field]));
}
/** Checks the commitment that stands in the place of a value; false where none does. */
function readSealed(shape) {
	return shape.hasOnly("sealed") ? (shape.object(["sealed"]).hex("sealed", 64), !0) : !1;
}
function sealableFields({ invocation, runner, evidence }) {
	return {
		argv: invocation.argv,
		directory: invocation.workingDirectory,
		environment: invocation.environment,
		identity: runner.identity,
		tools: runner.tools,
		evidence
	};
}
/** The predicate with some of these fields as given. */
function withFields(predicate, given) {
	let { argv, directory: workingDirectory, environment, identity, tools, evidence } = {
		...sealableFields(predicate),
		...given
	};
	return {
		...predicate,
		invocation: {
			...predicate.invocation,
			argv,
			workingDirectory,
			environment
		},
		runner: {
			...predicate.runner,
			identity,
			tools
		},
		evidence
	};
}
/**
* The commitment to a value: HMAC-SHA-256, keyed with 32 random bytes, of the canonical JSON of where it stands and
* what it is. The place and the nonce of the step are in it, so that one who copies a commitment into another step or
* field cannot open it there with what opens the first.
*/
function sealValue(salt, { chain, step }, field, value, crypto) {
	if (salt.length !== 32) throw new CodedError("disclosure-invalid", "the salt has not 32 bytes");
	let { name, attempt, matrix, nonce } = step, message = canonicalJson([
		chain.id,
		name,
		attempt,
		matrix,
		nonce,
		field,
		value
	]);
	return { sealed: hex(crypto.hmac("sha256", salt, message)) };
}
// packages/formats/src/step.ts
/** Nothing claimed. */
const UNCLAIMED = {
	issuer: null,
	sourceRepositoryURI: null,
	sourceRepositoryDigest: null,
	sourceRepositoryRef: null,
	sourceRepositoryIdentifier: null,
	buildConfigURI: null,
	buildTrigger: null,
	runInvocationURI: null,
	runnerEnvironment: null
}, IDENTITY_FIELDS = [
	"issuer",
	"sourceRepositoryURI",
	"sourceRepositoryDigest",
	"sourceRepositoryRef",
	"sourceRepositoryIdentifier",
	"buildConfigURI",
	"buildTrigger",
	"runInvocationURI",
	"runnerEnvironment"
], PREDICATE = [
	"chain",
	"step",
	"previous",
	"materials",
	"invocation",
	"runner",
	"evidence"
], CHAIN = [
	"id",
	"pipeline",
	"contract"
], STEP = [
	"name",
	"attempt",
	"matrix",
	"nonce"
], PREVIOUS = ["link", "step"], INVOCATION = [
	"argv",
	"exitCode",
	"signal",
	"error",
	"startedAt",
	"finishedAt",
	"workingDirectory",
	"environment"
], RUNNER = [
	"system",
	"identity",
	"os",
	"arch",
	"tools",
	"actions"
];
/** Payload bytes of a step statement: canonical JSON, checked by reading it back. */
function writeStep(step) {
	let bytes = canonicalJson({
		_type: STATEMENT_TYPE,
		subject: step.subject,
		predicateType: STEP_PREDICATE,
		predicate: step.predicate
	});
	return parseStep(bytes), bytes;
}
/** Step statement from payload bytes; throws `predicate-type`, `step-invalid` and what `parseStatement` throws. */
function parseStep(payload) {
	return readStep(parseStatement(payload));
}
function readStep(statement) {
	if (statement.predicateType !== "https://countersign.dev/step/v1") throw new CodedError("predicate-type", `predicate type ${JSON.stringify(statement.predicateType.slice(0, 120))} is not ${STEP_PREDICATE}`);
	let predicate = new Shape("step-invalid", statement.predicate, "predicate").object(PREDICATE), previous = predicate.get("previous").array(1e3).map(readPrevious), links = new Set(previous.map((p) => p.link));
	if (links.size !== previous.length) throw new CodedError("step-invalid", "predicate.previous names a predecessor twice");
	let materials = readResources(predicate.get("materials"), [
		"mode",
		"from",
		"dirty"
	]);
	for (let material of materials) {
		let from = material.annotations?.from;
		if (from === void 0) throw new CodedError("step-invalid", `material ${material.name} does not say where it is from`);
		if (from !== null && !links.has(from)) throw new CodedError("step-invalid", `material ${material.name} is from a step that is not in previous`);
	}
	readSealable(predicate.get("evidence"), readReportRefs);
	let { evidence } = predicate.as();
	return isSealed(evidence) || checkReports(evidence, [...statement.subject, ...materials]), {
		subject: statement.subject,
		predicate: {
			chain: readChain(predicate.get("chain")),
			step: readStepRef(predicate.get("step")),
			previous,
			materials,
			invocation: readInvocation(predicate.get("invocation")),
			runner: readRunner(predicate.get("runner")),
			evidence
		}
	};
}
/** A report is about what the step received or made, or about the step; never about something else. */
function checkReports(reports, resources) {
	if (reports.every(({ annotations }) => annotations === void 0 || annotations.about.length === 0)) return;
	let known = new Set(resources.map(({ digest }) => digest.sha256));
	for (let { name, annotations } of reports) if (annotations?.about.every((digest) => known.has(digest)) === !1) throw new CodedError("step-invalid", `report ${name} is about what the step neither received nor made`);
}
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?$/;
/**
* True for names of steps and pipelines: 1 to 128 of `A–Z a–z 0–9 . _ - /`, letters or digits at the ends,
* no empty or dotted segment, so that a name in a URL or path is no other name.
*/
function isName(text) {
	return NAME.test(text) && !text.includes("//") && !text.includes("..") && !text.includes("/./");
}
/** True for a matrix key: 1 to 256 printable characters. */
function isMatrixKey(text) {
	return text.length >= 1 && text.length <= 256 && /^[\x20-\x7e]+$/.test(text);
}
function readName(shape) {
	let name = shape.text(128);
	return isName(name) || shape.fail("is not a name (letters, digits, . _ - /)"), name;
}
function readChain(shape) {
	let chain = shape.object(CHAIN);
	return chain.hex("id", 32), readName(chain.get("pipeline")), chain.isNull("contract") || chain.hex("contract", 64), chain.as();
}
function readStepRef(shape) {
	let step = shape.object(STEP);
	return readName(step.get("name")), step.integer("attempt", 1, 1e6), !step.isNull("matrix") && !isMatrixKey(step.text("matrix", 256)) && step.get("matrix").fail("is not printable ASCII"), step.hex("nonce", 32), step.as();
}
function readPrevious(shape) {
	let previous = shape.object(PREVIOUS);
	return previous.hex("link", 64), readName(previous.get("step")), previous.as();
}
function readInvocation(shape) {
	let it = shape.object(INVOCATION);
	return it.isNull("argv") || readSealable(it.get("argv"), readWords), it.isNull("exitCode") || it.integer("exitCode", 0, 255), it.isNull("signal") || it.text("signal", 20), it.isNull("error") || it.text("error", 60), it.time("startedAt"), it.time("finishedAt"), it.isNull("workingDirectory") || readSealable(it.get("workingDirectory"), (shape) => void shape.text()), readSealable(it.get("environment"), readStrings), it.as();
}
function readRunner(shape) {
	let runner = shape.object(RUNNER);
	return runner.text("system", 64), runner.isNull("identity") || readSealable(runner.get("identity"), readIdentity), runner.text("os", 64), runner.text("arch", 64), readSealable(runner.get("tools"), readStrings), readStrings(runner.get("actions")), runner.as();
}
/** A value, or the commitment that stands in its place. */
function readSealable(shape, read) {
	readSealed(shape) || read(shape);
}
/** The arguments of a command. */
function readWords(shape) {
	for (let argument of shape.array(MAX_ARGUMENTS)) argument.string();
}
function readIdentity(shape) {
	let identity = shape.object(IDENTITY_FIELDS);
	for (let key of IDENTITY_FIELDS) identity.isNull(key) || identity.text(key);
}
/** An object of strings. */
function readStrings(shape) {
	let members = shape.members(), names = Object.keys(members);
	names.length > 1e3 && shape.fail("has more than 1000 members");
	for (let name of names) typeof members[name] != "string" && shape.fail("is not an object of strings"), (name === "" || name.length > 256 || hasControl(name)) && shape.fail("has a name that is not 1 to 256 printable characters");
}
/** True when the step ran to its end without a failure of its command or of its recorder. */
function succeeded(predicate) {
	let { argv, exitCode, signal, error } = predicate.invocation;
	return error === null && signal === null && (exitCode === 0 || argv === null && exitCode === null);
}
// packages/formats/src/deviation.ts
/** Milliseconds: what is let through for longer is a change of the contract. */
const DEVIATION_PAYLOAD_TYPE = "application/vnd.countersign.deviation.v1+json", DEVIATION = {
	mediaType: "application/vnd.countersign.signed-deviation.v1+json",
	payloadType: DEVIATION_PAYLOAD_TYPE,
	maxPayload: 65536
};
maxEndorsedBytes(DEVIATION);
/** How the line of a deviation begins, and no other line of a chain file. */
const DEVIATION_START = endorsedStart(DEVIATION), CODE$6 = "deviation-invalid", FIELDS$3 = [
	"artifact",
	"chain",
	"contract",
	"excuses",
	"expiresAt",
	"issuedAt",
	"pipeline",
	"reason",
	"version"
], MAX_PAYLOAD = DEVIATION.maxPayload;
/** {@link writeDeviation} the other way; it has one spelling. Throws also what strict JSON reading throws. */
function parseDeviation(bytes) {
	let value = parseJson(bytes, { maxBytes: MAX_PAYLOAD });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$6, "the deviation is not canonical JSON");
	let it = new Shape(CODE$6, value, "deviation").object(FIELDS$3);
	it.integer("version", 1, 1);
	let pipeline = it.text("pipeline", 128);
	isName(pipeline) || it.get("pipeline").fail("is not a name");
	let chain = it.get("chain").nullable((shape) => shape.hex(32)), artifact = it.get("artifact").nullable((shape) => shape.hex(64));
	if (chain === null && artifact === null) throw new CodedError(CODE$6, "the deviation is about no run and no artifact");
	let items = it.get("excuses").array(100);
	items.length === 0 && it.get("excuses").fail("is empty");
	let excuses = items.map((item) => {
		let one = item.object(["code", "step"]), [code, step] = [one.text("code", 64), one.text("step", 128)];
		return /^[a-z]+(?:-[a-z0-9]+)+$/.test(code) || one.get("code").fail("is not a code"), isName(step) || one.get("step").fail("is not a name"), {
			code,
			step
		};
	}), sorted = excuses.map(nameOf$1);
	sorted.some((one, i) => i > 0 && one <= sorted[i - 1]) && it.get("excuses").fail("is not sorted, or has one twice");
	let [issuedAt, expiresAt] = [it.time("issuedAt"), it.time("expiresAt")], life = Date.parse(expiresAt) - Date.parse(issuedAt);
	if (!(life > 0)) throw new CodedError(CODE$6, "the deviation ends before it begins");
	if (life > 7776e6) throw new CodedError(CODE$6, "the deviation lasts longer than 90 days");
	return {
		contract: it.hex("contract", 64),
		pipeline,
		chain,
		artifact,
		excuses,
		reason: it.text("reason", 1024),
		issuedAt,
		expiresAt
	};
}
function nameOf$1({ code, step }) {
	return `${step} ${code}`;
}
/** The line of a deviation with its signatures. See {@link parseEndorsed}. */
function parseDeviationLine(line) {
	return parseEndorsed(line, DEVIATION);
}
function writeDeviationLine(deviation) {
	return writeEndorsed(deviation, DEVIATION);
}
// packages/formats/src/disclosure.ts
/** Most bytes of a disclosure: what a statement could have held, and what is about it. */
const MAX_DISCLOSURE_BYTES = 6001024, DISCLOSURE_START = `{"mediaType":"${DISCLOSURE_MEDIA_TYPE}",`, CODE$5 = "disclosure-invalid";
/** Canonical JSON of a disclosure, without a line end. Throws what `parseDisclosure` throws at what no reader would take. */
function writeDisclosure({ link, field, salt, value }) {
	let bytes = canonicalJson({
		mediaType: DISCLOSURE_MEDIA_TYPE,
		opens: {
			field,
			link
		},
		salt: base64(salt),
		value
	});
	return parseDisclosure(bytes), bytes;
}
/**
* Disclosure from its bytes or text, which have one spelling. Throws `disclosure-invalid`, `input-too-large`,
* `base64-invalid`, what strict JSON reading throws, and of evidence what reading resources throws.
*/
function parseDisclosure(input) {
	checkSize$1(input);
	let bytes = typeof input == "string" ? utf8(input) : input, value = parseJson(bytes, { maxBytes: MAX_DISCLOSURE_BYTES });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$5, "the disclosure is not canonical JSON");
	return readDisclosure(value);
}
/** {@link parseDisclosure} of JSON that was parsed strictly already, whatever its spelling. */
function readDisclosure(given) {
	let it = new Shape(CODE$5, given, "disclosure").object([
		"mediaType",
		"opens",
		"salt",
		"value"
	]);
	it.exactly("mediaType", DISCLOSURE_MEDIA_TYPE);
	let opens = it.get("opens").object(["field", "link"]), field = opens.exactly("field", ...SEALED_FIELDS), { value } = it.as();
	return isSealed(value) && it.get("value").fail("is a commitment"), checkValue(field, it.get("value")), {
		link: opens.hex("link", 64),
		field,
		salt: readSecret(it.get("salt")),
		value
	};
}
/** True where the field is sealed, and the commitment that stands there comes out of this salt and this value. */
function opens({ field, salt, value }, predicate, crypto) {
	let signed = sealableFields(predicate)[field];
	return isSealed(signed) && sealValue(salt, predicate, field, value, crypto).sealed === signed.sealed;
}
/** As a step holds it where it is not sealed; never null, for what is not there is not sealed. */
function checkValue(field, value) {
	switch (field) {
		case "argv": return readWords(value);
		case "directory":
			value.text();
			return;
		case "environment":
		case "tools": return readStrings(value);
		case "identity": return readIdentity(value);
		case "evidence": return readReportRefs(value);
	}
}
function checkSize$1({ length }) {
	if (length > MAX_DISCLOSURE_BYTES) throw new CodedError("input-too-large", `the disclosure is larger than ${MAX_DISCLOSURE_BYTES} bytes`);
}
// packages/formats/src/receipt.ts
/** Most bytes of a receipt: those of its proof, with the line ends of its text escaped. */
const MAX_RECEIPT_BYTES = 1091307, RECEIPT_START = `{"mediaType":"${RECEIPT_MEDIA_TYPE}",`;
/** Canonical JSON of a receipt, without a line end. Throws `input-too-large` and what `receiptOf` and `writeTlogProof` throw. */
function writeReceipt({ proof }) {
	receiptOf(proof);
	let bytes = utf8(`${RECEIPT_START}"proof":${JSON.stringify(fromUtf8(writeTlogProof(proof)))}}`);
	if (bytes.length > MAX_RECEIPT_BYTES) throw new CodedError("input-too-large", `the receipt is larger than ${MAX_RECEIPT_BYTES} bytes`);
	return bytes;
}
/**
* Receipt from its bytes or text, which have one spelling. Throws `receipt-invalid`, `input-too-large`, and what
* strict JSON reading, `parseTlogProof` and `parseOpening` throw.
*/
function parseReceipt(input) {
	if (input.length > MAX_RECEIPT_BYTES) throw new CodedError("input-too-large", `the receipt is larger than ${MAX_RECEIPT_BYTES} bytes`);
	let bytes = typeof input == "string" ? utf8(input) : input, value = parseJson(bytes, { maxBytes: MAX_RECEIPT_BYTES });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError("receipt-invalid", "the receipt is not canonical JSON");
	return readReceipt(value);
}
/** {@link parseReceipt} of JSON that was parsed strictly already, whatever its spelling. */
function readReceipt(value) {
	let it = new Shape("receipt-invalid", value, "receipt").object(["mediaType", "proof"]);
	return it.exactly("mediaType", RECEIPT_MEDIA_TYPE), receiptOf(parseTlogProof(utf8(it.get("proof").string(MAX_RECEIPT_BYTES))));
}
/** Receipt of a proof; throws `receipt-invalid` where it opens nothing, and what `parseOpening` throws. */
function receiptOf(proof) {
	if (proof.extra === null) throw new CodedError("receipt-invalid", "the proof has no opening");
	return {
		opening: parseOpening(proof.extra),
		proof
	};
}
// packages/formats/src/remark.ts
/** Predicate type of a signed note. In code it is a remark: a note is what a log signs. */
const REMARK_KINDS = [
	"note",
	"dispute",
	"resolution",
	"withdrawal"
], REMARK = {
	mediaType: "application/vnd.countersign.note.v1+json",
	payloadType: PAYLOAD_TYPE,
	maxPayload: 65536
};
maxEndorsedBytes(REMARK);
/** How the line of a note begins, and no other line of a chain file. */
const REMARK_START = endorsedStart(REMARK), CODE$4 = "remark-invalid", FIELDS$2 = [
	"at",
	"kind",
	"nonce",
	"place",
	"supersedes",
	"text"
];
/**
* {@link writeRemark} the other way; it has one spelling. Throws `predicate-type` for a statement of another kind, and what
* reading a statement throws.
*/
function parseRemark(payload) {
	if (payload.length > REMARK.maxPayload) throw new CodedError("input-too-large", `the note is larger than ${REMARK.maxPayload} bytes`);
	let { subject, predicateType, predicate } = parseStatement(payload);
	if (predicateType !== "https://countersign.dev/note/v1") throw new CodedError("predicate-type", `${JSON.stringify(predicateType.slice(0, 80))} is no note`);
	let it = new Shape(CODE$4, predicate, "predicate").object(FIELDS$2), kind = it.exactly("kind", ...REMARK_KINDS), remark = {
		about: subject.map(({ name }) => subjectOf(name)),
		kind,
		text: it.text("text", 4096),
		at: it.time("at"),
		supersedes: it.get("supersedes").nullable((shape) => shape.hex(64)),
		place: it.get("place").nullable((shape) => shape.text(512)),
		nonce: it.hex("nonce", 32)
	};
	if (remark.text.trim() !== remark.text && it.get("text").fail("begins or ends with a space"), subject.length > 32) throw new CodedError(CODE$4, "it is about more than 32");
	let names = remark.about.map(nameOf);
	if (names.some((one, i) => i > 0 && one <= names[i - 1])) throw new CodedError(CODE$4, "what it is about is not sorted, or there twice");
	if (remark.supersedes === null && (kind === "resolution" || kind === "withdrawal")) throw new CodedError(CODE$4, `a ${kind} supersedes something, and this names nothing`);
	if (!equal(spelled(remark), payload)) throw new CodedError(CODE$4, "the note is not in its one spelling");
	return remark;
}
function spelled({ about, ...predicate }) {
	let subject = about.map((one) => ({
		digest: { sha256: one.digest },
		name: nameOf(one)
	}));
	return canonicalJson({
		_type: STATEMENT_TYPE,
		predicate,
		predicateType: "https://countersign.dev/note/v1",
		subject
	});
}
function nameOf({ kind, digest }) {
	return `${kind}/${digest}`;
}
function subjectOf(name) {
	let match = /^(artifact|refusal|step)\/([0-9a-f]{64})$/.exec(name);
	if (match === null) throw new CodedError(CODE$4, `a note is about no ${JSON.stringify(name.slice(0, 80))}`);
	return {
		kind: match[1],
		digest: match[2]
	};
}
/** Name of a note: the link digest of its statement. */
function remarkId({ payload }, crypto) {
	return linkDigest({
		payloadType: PAYLOAD_TYPE,
		payload
	}, crypto);
}
/** The line of a note with its one signature. Throws `signature-count`, and what `parseEndorsed` throws. */
function parseRemarkLine(line) {
	let read = parseEndorsed(line, REMARK);
	if (read.endorsements.length === 1) return read;
	throw new CodedError("signature-count", `the note has ${read.endorsements.length} signatures`);
}
function writeRemarkLine(remark) {
	let bytes = writeEndorsed(remark, REMARK);
	return parseRemarkLine(bytes), bytes;
}
// packages/formats/src/withheld.ts
/** Most bytes of a withheld line: two proofs. */
const MAX_WITHHELD_BYTES = 2 * MAX_RECEIPT_BYTES, WITHHELD_START = `{"mediaType":"${WITHHELD_MEDIA_TYPE}",`, CODE$3 = "withheld-invalid";
/** {@link writeUnopened} the other way; it has one spelling. Throws also `base64-invalid` and what strict JSON reading throws. */
function parseUnopened(bytes) {
	let value = parseJson(bytes, { maxBytes: MAX_OPENING_BYTES });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$3, "what is told of the leaf is not canonical JSON");
	let it = new Shape(CODE$3, value, "withheld leaf").object([
		"blind",
		"chain",
		"leaf",
		"link"
	]), leaf = readLeaf(value.leaf);
	if (leaf.kind !== "attestation") throw new CodedError(CODE$3, "a tombstone is not withheld");
	return {
		link: it.hex("link", 64),
		chain: it.hex("chain", 32),
		leaf,
		blind: readSecret(it.get("blind"))
	};
}
/** Canonical JSON of a withheld attestation, without a line end. Throws `input-too-large` and what `withheldOf` and `writeTlogProof` throw. */
function writeWithheld({ proof, tombstone }) {
	withheldOf(proof, tombstone === null ? null : tombstone.proof);
	let grave = tombstone === null ? "null" : JSON.stringify(fromUtf8(writeTlogProof(tombstone.proof))), text = JSON.stringify(fromUtf8(writeTlogProof(proof))), bytes = utf8(`${WITHHELD_START}"proof":${text},"tombstone":${grave}}`);
	return checkSize(bytes), bytes;
}
/**
* Withheld attestation from its bytes or text, which have one spelling. Throws `withheld-invalid`, `input-too-large`,
* and what strict JSON reading, `parseTlogProof`, `parseUnopened` and `parseLeaf` throw.
*/
function parseWithheld(input) {
	checkSize(input);
	let bytes = typeof input == "string" ? utf8(input) : input, value = parseJson(bytes, { maxBytes: MAX_WITHHELD_BYTES });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$3, "the withheld attestation is not canonical JSON");
	return readWithheld(value);
}
/** {@link parseWithheld} of JSON that was parsed strictly already, whatever its spelling. */
function readWithheld(value) {
	let it = new Shape(CODE$3, value, "withheld").object([
		"mediaType",
		"proof",
		"tombstone"
	]);
	it.exactly("mediaType", WITHHELD_MEDIA_TYPE);
	let proofIn = (shape) => parseTlogProof(utf8(shape.string(MAX_RECEIPT_BYTES)));
	return withheldOf(proofIn(it.get("proof")), it.get("tombstone").nullable(proofIn));
}
/** Withheld attestation of its proofs; throws `withheld-invalid` where one tells nothing, and what reading what it tells throws. */
function withheldOf(proof, tombstone) {
	if (proof.extra === null) throw new CodedError(CODE$3, "the proof tells of no leaf");
	return {
		unopened: parseUnopened(proof.extra),
		proof,
		tombstone: tombstone === null ? null : {
			leaf: tombstoneIn(tombstone),
			proof: tombstone
		}
	};
}
function tombstoneIn({ extra }) {
	if (extra === null) throw new CodedError(CODE$3, "the proof of the tombstone has no leaf");
	let leaf = parseLeaf(extra);
	if (leaf.kind !== "tombstone") throw new CodedError(CODE$3, "the proof of the tombstone is of an attestation");
	return leaf;
}
function checkSize({ length }) {
	if (length > MAX_WITHHELD_BYTES) throw new CodedError("input-too-large", `the withheld attestation is larger than ${MAX_WITHHELD_BYTES} bytes`);
}
// packages/formats/src/chain-line.ts
function isReceipt(line) {
	return "opening" in line;
}
function isWithheld(line) {
	return "unopened" in line;
}
function isBundle(line) {
	return "envelope" in line;
}
function isDisclosure(line) {
	return "salt" in line;
}
function isAttachment(line) {
	return "content" in line;
}
function isDeviation(line) {
	return "endorsements" in line && line.payloadType === "application/vnd.countersign.deviation.v1+json";
}
function isRemark(line) {
	return "endorsements" in line && line.payloadType !== "application/vnd.countersign.deviation.v1+json";
}
/** A line without its end. Throws what the reader of its kind throws. */
function parseChainLine(line) {
	return line.startsWith(RECEIPT_START) ? parseReceipt(line) : line.startsWith(WITHHELD_START) ? parseWithheld(line) : line.startsWith(DISCLOSURE_START) ? parseDisclosure(line) : line.startsWith(DEVIATION_START) ? parseDeviationLine(line) : line.startsWith(REMARK_START) ? parseRemarkLine(line) : line.startsWith("{\"content\":\"") ? parseAttachment(line) : parseBundle(line);
}
/** The line in its one spelling, without an end. */
function writeChainLine(line) {
	return isReceipt(line) ? writeReceipt(line) : isWithheld(line) ? writeWithheld(line) : isDisclosure(line) ? writeDisclosure(line) : isDeviation(line) ? writeDeviationLine(line) : isRemark(line) ? writeRemarkLine(line) : isAttachment(line) ? writeAttachment(line) : writeBundle(line);
}
// packages/formats/src/chain-file.ts
/** Most bytes and lines of one chain file. */
const MAX_CHAIN_BYTES = 268435456, MAX_CHAIN_LINES = 1e5;
/**
* `<artifact>.chain.jsonl`: Sigstore bundles of attestations (in-toto bundle), receipts, withheld attestations,
* disclosures and attachments, one a line, order without meaning, empty lines ignored. Nothing in it is verified. Throws `chain-file-invalid` with the line,
* `input-too-large` or `utf8-invalid`.
*/
function parseChainFile(bytes) {
	if (bytes.length > 268435456) throw new CodedError("input-too-large", `the chain file exceeds ${MAX_CHAIN_BYTES} bytes`);
	let text = fromUtf8(bytes), lines = [], from = 0;
	for (let number = 1; from < text.length; number++) {
		if (number > 1e5) throw new CodedError("input-too-large", `the chain file exceeds ${MAX_CHAIN_LINES} lines`);
		let end = text.indexOf("\n", from), line = text.slice(from, end < 0 ? text.length : end);
		if (from += line.length + 1, line !== "" && line !== "\r") try {
			lines.push(parseChainLine(line.endsWith("\r") ? line.slice(0, -1) : line));
		} catch (cause) {
			throw cause instanceof CodedError ? new CodedError("chain-file-invalid", `line ${number}: ${cause.code}: ${cause.what}`, { cause }) : cause;
		}
	}
	return lines;
}
/** The lines, each in its one spelling. Throws `input-too-large` for what no reader would take. */
function writeChainFile(content) {
	let lines = Array.from(content, writeChainLine), length = lines.reduce((sum, line) => sum + line.length + 1, 0);
	if (lines.length > 1e5 || length > 268435456) throw new CodedError("input-too-large", `${lines.length} lines of ${length} bytes exceed one chain file`);
	let file = new Uint8Array(length), at = 0;
	for (let line of lines) file.set(line, at), at += line.length, file[at++] = 10;
	return file;
}
// packages/formats/src/contract-envelope.ts
/** Payload type of a contract, the bytes of its YAML. */
const SIGNED_CONTRACT = {
	mediaType: "application/vnd.countersign.signed-contract.v1+json",
	payloadType: "application/vnd.countersign.contract.v1+yaml",
	maxPayload: 262144
}, MAX_SIGNED_CONTRACT_BYTES = maxEndorsedBytes(SIGNED_CONTRACT);
/** Whether bytes are said to be a signed contract: no YAML of a contract begins so. */
function isSignedContract(bytes) {
	let start = endorsedStart(SIGNED_CONTRACT);
	return bytes.length >= start.length && bytes.subarray(0, start.length).every((byte, i) => byte === start.charCodeAt(i));
}
/** See {@link parseEndorsed}. */
function parseSignedContract(bytes) {
	return parseEndorsed(bytes, SIGNED_CONTRACT);
}
// packages/formats/src/coverage.ts
const FIELDS$1 = [
	"index",
	"sha256",
	"sha3_256",
	"statement"
];
/** Coverage from its JSON. Throws the shape's code, and `base64-invalid`. */
function readCoverage(shape) {
	let it = shape.object(FIELDS$1), proof = (key) => it.get(key).array(63).map((item) => {
		let hash = fromBase64(item.string(44));
		return hash.length !== 32 && item.fail("has not 32 bytes"), hash;
	});
	return {
		statement: it.hex("statement", 64),
		index: it.integer("index", 0, 2 ** 53 - 1),
		sha256: proof("sha256"),
		sha3_256: proof("sha3_256")
	};
}
/** {@link readCoverage} the other way. */
function coverageJson({ statement, index, sha256, sha3_256 }) {
	return {
		index,
		sha256: sha256.map(base64),
		sha3_256: sha3_256.map(base64),
		statement
	};
}
// packages/formats/src/log-statement.ts
/** First line of every log statement. A checkpoint's second line is a number, a statement's never is: no text is both. */
const CODE$2 = "log-statement-invalid";
/** Statement from the bytes of its note; throws what `parseNote` throws, `base64-invalid` and `log-statement-invalid`. */
function parseLogStatement(bytes) {
	return readLogStatement(parseNote(bytes));
}
/** {@link parseLogStatement} of a note. Every accepted text has one spelling: `writeLogStatement` gives it again. */
function readLogStatement(note) {
	return {
		...readText(note.text),
		note
	};
}
/** {@link parseLogStatement} of a text that is not signed yet. */
function readLogStatementText(text) {
	if (text.length > 1e6) throw new CodedError("input-too-large", "the statement is too large");
	return readText(text);
}
/** What the next statement and the anchors name a statement by: hashes of its text, so that more signatures change nothing. */
function statementDigests(text, crypto) {
	let bytes = utf8(text);
	return {
		sha256: crypto.sha256(bytes),
		sha3_256: crypto.sha3_256(bytes)
	};
}
/**
* Checks that a statement is the named log's: its origin, signed by a key of the log, no line of a known key that does
* not verify. Throws `origin-mismatch` and what `verifyNote` throws.
*/
function verifyLogStatement(statement, trust, crypto) {
	if (trust.keys.length === 0) throw new CodedError("trust-missing", `no key of the log ${trust.origin} is known`);
	if (statement.origin !== trust.origin) throw new CodedError("origin-mismatch", `the statement is not of the log ${trust.origin}`);
	return {
		statement,
		signedBy: verifyNote(statement.note, trust.keys, crypto)
	};
}
/**
* Throws `statement-forked` where no log with one history signs both: two texts for one number, periods that overlap,
* a log that shrank, or that is another at the same size, a next one that does not name this one. In either order.
* That a larger log begins with the smaller one only a consistency proof between their roots can say. Throws
* `origin-mismatch` for statements of two logs.
*/
function checkStatementsAgree(one, other, crypto) {
	let [first, second] = one.statement.number <= other.statement.number ? [one.statement, other.statement] : [other.statement, one.statement];
	if (first.origin !== second.origin) throw new CodedError("origin-mismatch", "the statements are of two logs");
	let forked = (what) => new CodedError("statement-forked", `${first.origin} signed statements ${first.number} and ${second.number}: ${what}`);
	if (first.number === second.number) {
		if (first.note.text !== second.note.text) throw forked("one number, two statements");
		return;
	}
	if (second.start < first.end) throw forked("their periods overlap");
	if (second.size < first.size) throw forked("the log has shrunk");
	if (second.size === first.size && !sameRoots(first, second)) throw forked("one size, two roots");
	if (second.number > first.number + 1) return;
	let { sha256, sha3_256 } = statementDigests(first.note.text, crypto);
	if (!equal(second.previous.sha256, sha256) || !equal(second.previous.sha3_256, sha3_256)) throw forked("the second follows another than the first");
	if (second.start !== first.end) throw forked("there is a gap between their periods");
}
function sameRoots(one, other) {
	return one.heads.count === other.heads.count && equal(one.heads.root, other.heads.root) && equal(one.sha256, other.sha256) && equal(one.sha3_256, other.sha3_256);
}
const KEYS = [
	"origin",
	"number",
	"period",
	"covers",
	"size",
	"sha256",
	"sha3-256",
	"heads",
	"previous",
	"time"
];
function readText(text) {
	let [first, ...lines] = text.slice(0, -1).split("\n");
	if (!text.endsWith("\n") || first !== "countersign.dev/log-statement@v1") throw new CodedError(CODE$2, "the first line is not countersign.dev/log-statement@v1");
	if (lines.length !== KEYS.length) throw new CodedError(CODE$2, `a statement has ${KEYS.length + 1} lines`);
	let [origin, number, period, covers, size, sha256, sha3, heads, previous, time] = lines.map((line, i) => {
		let prefix = `${KEYS[i]} `;
		if (!line.startsWith(prefix)) throw new CodedError(CODE$2, `line ${i + 2} does not say the ${KEYS[i]}`);
		return line.slice(prefix.length);
	});
	if (!isKeyName(origin)) throw new CodedError(CODE$2, "the origin is empty, or holds a space, a plus or a control character");
	let [start, end] = pairOf(period, "the period"), [count, root] = pairOf(heads, "the heads"), statement = {
		origin,
		number: readDecimal(number, "the number", CODE$2),
		start: timeOf(start),
		end: timeOf(end),
		covers: readDecimal(covers, "the number of periods", CODE$2),
		size: readDecimal(size, "the size", CODE$2),
		sha256: readHash$1(sha256, "the SHA-256 root", CODE$2),
		sha3_256: readHash$1(sha3, "the SHA3-256 root", CODE$2),
		heads: {
			count: readDecimal(count, "the number of heads", CODE$2),
			root: readHash$1(root, "the root of the heads", CODE$2)
		},
		previous: previous === "none" ? null : readDigests(previous),
		time: timeOf(time)
	};
	return checkSense(statement), statement;
}
function pairOf(text, what) {
	let parts = text.split(" ");
	if (parts.length !== 2) throw new CodedError(CODE$2, `${what} is not two values with a space between`);
	return parts;
}
function readDigests(text) {
	let [sha256, sha3_256] = pairOf(text, "the statement before");
	return {
		sha256: readHash$1(sha256, "a hash", CODE$2),
		sha3_256: readHash$1(sha3_256, "a hash", CODE$2)
	};
}
function timeOf(text) {
	if (!isTime(text)) throw new CodedError(CODE$2, "a time is not one like 2026-01-31T12:00:00.000Z");
	return text;
}
function checkSense({ number, start, end, covers, size, heads, previous, time }) {
	if (start >= end) throw new CodedError(CODE$2, "the period does not end after it starts");
	if (time < end) throw new CodedError(CODE$2, "it was made before its period was over");
	if (covers === 0) throw new CodedError(CODE$2, "it stands for no period");
	if (heads.count > size) throw new CodedError(CODE$2, "there are more chains than entries");
	if (number === 0 != (previous === null)) throw new CodedError(CODE$2, "the first statement alone follows none");
}
// packages/formats/src/head-proof.ts
/** Media type of a head proof. */
const MAX_HEAD_PROOF_BYTES = 4194304, CODE$1 = "head-proof-invalid", MAX_INDEX = 2 ** 53 - 1, FIELDS = [
	"chain",
	"entry",
	"mediaType",
	"members",
	"statement"
];
/**
* Head proof from its bytes, which have one spelling. Throws `head-proof-invalid`, and what strict JSON reading,
* `parseTlogProof`, `parseOpening` and `parseLogStatement` throw.
*/
function parseHeadProof(bytes) {
	let value = parseJson(bytes, { maxBytes: MAX_HEAD_PROOF_BYTES });
	if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE$1, "the head proof is not canonical JSON");
	let whole = new Shape(CODE$1, value, "head proof").object(FIELDS);
	whole.exactly("mediaType", "application/vnd.countersign.head-proof.v1+json");
	let statement = parseLogStatement(utf8(whole.get("statement").string(MAX_NOTE_BYTES))), entry = parseTlogProof(utf8(whole.get("entry").string(MAX_TLOG_PROOF_BYTES)));
	if (entry.extra === null) throw new CodedError(CODE$1, "the entry is not opened");
	let { count } = statement.heads, members = whole.get("members").array(2).map((member) => readMember(member, count));
	return {
		chain: whole.hex("chain", 32),
		entry,
		opening: parseOpening(entry.extra),
		members,
		statement
	};
}
function readMember(shape, count) {
	let member = shape.object([
		"head",
		"index",
		"key",
		"path"
	]), path = member.get("path").array(63).map(readHash);
	return count === 0 && shape.fail("is of a map without heads"), {
		index: member.integer("index", 0, count - 1),
		key: fromHex(member.hex("key", 64)),
		head: readHead(member.get("head").object([
			"index",
			"leafHash",
			"length"
		])),
		path
	};
}
function readHead(shape) {
	let length = shape.integer("length", 1, MAX_INDEX), index = shape.integer("index", 0, MAX_INDEX);
	return checkHead(length, index), {
		length,
		index,
		leafHash: fromHex(shape.hex("leafHash", 64))
	};
}
function readHash(shape) {
	let bytes = fromBase64(shape.string(64));
	return bytes.length !== 32 && shape.fail("has not 32 bytes"), bytes;
}
/** A chain of n entries ends at index n − 1 at the earliest. */
function checkHead(length, index) {
	if (!(Number.isSafeInteger(length) && Number.isSafeInteger(index)) || length < 1 || index < length - 1) throw new CodedError(CODE$1, `a chain of ${length} entries does not end at entry ${index}`);
}
// packages/formats/src/policy.ts
/** Most bytes of a policy file. */
const MAX_POLICY_BYTES = 65536, CODE = "policy-invalid", CONTROL = /[^\t\n\u0020-\u007e\u0080-\u{10ffff}]/u, NONE = "none";
/**
* Policy from the bytes of its file. Throws `policy-invalid`, `input-too-large`, `utf8-invalid`, and `key-invalid`
* for a verifier key that cannot be read.
*/
function parsePolicy(bytes, crypto) {
	if (bytes.length > 65536) throw new CodedError("input-too-large", `the policy is larger than ${MAX_POLICY_BYTES} bytes`);
	let text = fromUtf8(bytes);
	if (CONTROL.test(text)) throw new CodedError(CODE, "the policy holds a control character");
	if (!text.endsWith("\n")) throw new CodedError(CODE, "the last line does not end in a newline");
	let reader = new Reader(crypto);
	for (let [i, line] of text.slice(0, -1).split("\n").entries()) {
		let items = line.split(/[ \t]+/).filter((item) => item !== "");
		items.length === 0 || items[0].startsWith("#") || reader.read(items, `line ${i + 1}`);
	}
	return reader.policy();
}
/**
* True when the witnesses with these keys, by `publicKey.keyId`, are the quorum that the policy asks for. A key counts
* once, whatever its names (T-64).
*/
function hasQuorum(policy, cosignedBy) {
	if (policy.quorum === null) return !0;
	let met = new Map(policy.witnesses.map(({ name, key }) => [name, cosignedBy.has(key.publicKey.keyId)]));
	for (let { name, threshold, members } of policy.groups) met.set(name, members.filter((member) => met.get(member) === !0).length >= threshold);
	return met.get(policy.quorum) === !0;
}
var Reader = class {
	#crypto;
	#logs = [];
	#witnesses = [];
	#groups = [];
	#quorum = null;
	/** Witnesses and groups so far, and whether each is a member already. */
	#names = /* @__PURE__ */ new Map();
	#keys = /* @__PURE__ */ new Set();
	constructor(crypto) {
		this.#crypto = crypto;
	}
	read([kind, ...items], line) {
		if (kind === "log") this.#log(items, line);
		else if (kind === "witness") this.#witness(items, line);
		else if (kind === "group") this.#group(items, line);
		else if (kind === "quorum") this.#readQuorum(items, line);
		else throw new CodedError(CODE, `${line} is no log, witness, group or quorum`);
	}
	policy() {
		if (this.#quorum === null) throw new CodedError(CODE, "there is no quorum line");
		return {
			logs: this.#logs,
			witnesses: this.#witnesses,
			groups: this.#groups,
			quorum: this.#quorum.name
		};
	}
	#log([vkey, url, ...more], line) {
		if (vkey === void 0 || more.length > 0) throw new CodedError(CODE, `${line} is not: log VKEY [URL]`);
		checkRoom(this.#logs, line), this.#logs.push({
			key: this.#key(vkey, "ed25519", line),
			url: url ?? null
		});
	}
	#witness([name, vkey, url, ...more], line) {
		if (name === void 0 || vkey === void 0 || more.length > 0) throw new CodedError(CODE, `${line} is not: witness NAME VKEY [URL]`);
		checkRoom(this.#witnesses, line), this.#define(name, line), this.#witnesses.push({
			name,
			key: this.#key(vkey, "cosignature-v1", line),
			url: url ?? null
		});
	}
	#group([name, count, ...members], line) {
		if (name === void 0 || count === void 0 || members.length === 0) throw new CodedError(CODE, `${line} is not: group NAME all|any|K NAME…`);
		checkRoom(this.#groups, line);
		for (let member of members) {
			let taken = this.#names.get(member);
			if (taken === void 0) throw new CodedError(CODE, `${line} names a member that no line before defines`);
			if (taken) throw new CodedError(CODE, `${line} names a member that is one already`);
			this.#names.set(member, !0);
		}
		this.#groups.push({
			name,
			threshold: thresholdOf(count, members.length, line),
			members
		}), this.#define(name, line);
	}
	#readQuorum([name, ...more], line) {
		if (name === void 0 || more.length > 0) throw new CodedError(CODE, `${line} is not: quorum NAME`);
		if (this.#quorum !== null) throw new CodedError(CODE, `${line} is a second quorum`);
		if (name !== NONE && !this.#names.has(name)) throw new CodedError(CODE, `${line} names a quorum that no line before defines`);
		this.#quorum = { name: name === NONE ? null : name };
	}
	#define(name, line) {
		if (name === NONE || this.#names.has(name)) throw new CodedError(CODE, `${line} defines a name that is taken`);
		this.#names.set(name, !1);
	}
	/** One key under two names would be two witnesses, and a log its own. */
	#key(vkey, type, line) {
		let key = parseVkey(vkey, this.#crypto);
		if (key.type !== type) throw new CodedError(CODE, `the key in ${line} is not of type ${type}`);
		if (this.#keys.has(key.publicKey.keyId)) throw new CodedError(CODE, `the key in ${line} is there already`);
		return this.#keys.add(key.publicKey.keyId), key;
	}
};
function checkRoom(list, line) {
	if (list.length === 64) throw new CodedError("input-too-large", `${line} is one more than 64 of its kind`);
}
function thresholdOf(count, members, line) {
	if (count === "all") return members;
	if (count === "any") return 1;
	let threshold = /^[1-9][0-9]{0,3}$/.test(count) ? Number(count) : NaN;
	if (!(threshold <= members)) throw new CodedError(CODE, `${line} asks for another number than 1 to ${members}`);
	return threshold;
}
// packages/formats/src/revocations.ts
/** Media type of a list of keys that were revoked. */
const MAX_REVOCATIONS_BYTES = 16777216, REVOCATION_REASONS = [
	"compromised",
	"retired",
	"rotated"
];
function isRevocationReason(text) {
	return REVOCATION_REASONS.includes(text);
}
/**
* List from its bytes, in any spelling of JSON. It only ever takes trust away, so nobody signs it: whoever judges
* chooses the file. Throws `revocations-invalid`, and what strict JSON reading throws.
*/
function parseRevocations(bytes) {
	let it = new Shape("revocations-invalid", parseJson(bytes, { maxBytes: MAX_REVOCATIONS_BYTES }), "revocations").object(["mediaType", "revocations"]);
	it.exactly("mediaType", "application/vnd.countersign.revocations.v1+json");
	let last = "";
	return it.get("revocations").array(1e5).map((item) => {
		let one = item.object([
			"keyId",
			"reason",
			"since"
		]), keyId = one.hex("keyId", 64);
		return keyId <= last && item.fail(keyId === last ? "is there twice" : "is out of order"), last = keyId, {
			keyId,
			since: one.time("since"),
			reason: one.get("reason").nullable((text) => text.exactly(...REVOCATION_REASONS))
		};
	});
}
// packages/formats/src/run-chain.ts
/** The chain that a run of a CI system begins: 32 hex digits, the same for all its jobs, so that they find one another. */
function chainOfRun({ system, repository, id }, crypto) {
	let name = JSON.stringify([
		"countersign/chain/v1",
		system,
		repository,
		id
	]);
	return hex(crypto.sha256(utf8(name))).slice(0, 32);
}
/** `cs1.<chain>.<link>[.<link>…]`: safe in URLs, dotenv files and headers. Throws `token-invalid` for what no reader would take. */
function writeToken(token) {
	let text = [
		"cs1",
		token.chain,
		...token.links
	].join(".");
	return parseToken(text), text;
}
/** Token from its text; white space around it is forgiven. Throws `token-invalid`. */
function parseToken(text) {
	let [version, chain, ...links] = text.length > 8192 ? [] : text.trim().split(".");
	if (!(version === "cs1" && chain !== void 0 && isHex(chain, 32) && links.length >= 1 && links.length <= 64 && links.every((link) => isHex(link, 64)) && new Set(links).size === links.length)) throw new CodedError("token-invalid", "COUNTERSIGN_CHAIN is not a hand-over token");
	return {
		chain,
		links
	};
}
// packages/formats/src/tree.ts
/**
* A tree manifest line: `<mode> <sha256>  <path>\n`. A manifest is its entries' lines sorted by the
* UTF-8 bytes of the path; a tree's digest is the SHA-256 of its manifest, so the manifest is an
* ordinary content-addressed file that anybody can check with `sha256sum`.
*/
function treeLine(entry) {
	return `${entry.mode} ${entry.sha256}  ${entry.path}\n`;
}
/** Order of tree entries: by the UTF-8 bytes of the path (equal to code point order). */
function compareTreePaths(a, b) {
	let length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		let x = a.charCodeAt(i), y = b.charCodeAt(i);
		if (x !== y) {
			let xs = x >= 55296 && x <= 57343;
			return xs === (y >= 55296 && y <= 57343) ? x - y : xs ? 1 : -1;
		}
	}
	return a.length - b.length;
}
export { succeeded as $, isDeviation as A, MAX_NOTE_BYTES as At, parseRemarkLine as B, pae as Bt, parseSignedContract as C, PAYLOAD_TYPE as Ct, writeChainFile as D, parseTlogProof as Dt, parseChainFile as E, parseLoggedAct as Et, parseChainLine as F, readDecimal as Ft, DEVIATION_PAYLOAD_TYPE as G, commitmentOf as Gt, readReceipt as H, writeEnvelope as Ht, writeChainLine as I, readHash$1 as It, UNCLAIMED as J, isTime as Jt, parseDeviation as K, writeLeaf as Kt, readWithheld as L, MAX_SIGNATURE_TEXT as Lt, isReceipt as M, isKeyName as Mt, isRemark as N, parseVkey as Nt, isAttachment as O, parseCheckpoint as Ot, isWithheld as P, writeVkey as Pt, readStep as Q, REMARK_KINDS as R, linkDigest as Rt, isSignedContract as S, MAX_RESOURCES as St, MAX_CHAIN_LINES as T, TREE_MEDIA_TYPE as Tt, writeReceipt as U, actCommitment as Ut, remarkId as V, readEnvelope as Vt, opens as W, blindChain as Wt, isName as X, isMatrixKey as Y, parseStep as Z, statementDigests as _, MAX_ATTACHED_BYTES as _t, chainOfRun as a, sealableFields as at, readCoverage as b, MAX_ARGUMENTS as bt, parseRevocations as c, isReportType as ct, parsePolicy as d, isTree as dt, writeStep as et, MAX_HEAD_PROOF_BYTES as f, parseStatement as ft, readLogStatementText as g, writeBundle as gt, parseLogStatement as h, signerOf as ht, writeToken as i, sealValue as it, isDisclosure as j, writeNote as jt, isBundle as k, verifyCheckpoint as kt, MAX_POLICY_BYTES as l, names as lt, checkStatementsAgree as m, readBundle as mt, treeLine as n, isSealed as nt, MAX_REVOCATIONS_BYTES as o, sealedFields as ot, parseHeadProof as p, parseBundle as pt, parseDeviationLine as q, Shape as qt, parseToken as r, isSealedField as rt, isRevocationReason as s, withFields as st, compareTreePaths as t, SEALED_FIELDS as tt, hasQuorum as u, asSubject as ut, verifyLogStatement as v, BUNDLE_V03 as vt, MAX_CHAIN_BYTES as w, STATEMENT_TYPE as wt, MAX_SIGNED_CONTRACT_BYTES as x, MAX_BUNDLE_BYTES as xt, coverageJson as y, CHAIN_MEDIA_TYPE as yt, parseRemark as z, linkDigestOfPae as zt };
