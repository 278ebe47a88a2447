import { A as createHasher, C as aexists, E as aoutput, G as utf8, H as concat, I as swap32IfBE, J as CodedError, K as base64, L as u32, N as oidNist, O as clean, R as split, S as abytes, T as anumber, U as equal, X as reportOf, d as hex, l as parseJson, q as fromBase64, x as abool } from "./src.js";
import { Rt as writeLeaf, _ as statementDigests, m as checkStatementsAgree, v as verifyLogStatement, zt as Shape } from "./src3.js";
import { a as leafHash, c as NO_ANCHOR_ROOTS, d as readAnchorRoots, m as readValidFor, o as ANCHOR_TRUST_MEDIA_TYPE, p as looseOf, s as MAX_ANCHOR_TRUST_BYTES, t as verifyInclusion } from "./src4.js";
import { C as parseCertificate } from "./identity.js";
import { a as logNameOf, s as parseTrustedRoot } from "./rekor-proof.js";
/**
* From a step to its anchors (SPEC.md §14): its entry, as the receipt opens it, is under both roots of a statement that
* a trusted log signed, and an anchor vouches for the text of that statement. Nothing is asked of anybody. What does not
* verify is reported and counts for nothing.
*/
function verifyAnchored({ chain, statements, coverage, anchors, trust }, prove, crypto) {
	let refused = [], guard = (place, verify) => {
		try {
			verify();
		} catch (error) {
			if (!(error instanceof CodedError)) throw error;
			refused.push({
				...place,
				report: reportOf(error)
			});
		}
	}, signed = /* @__PURE__ */ new Map();
	for (let [index, statement] of statements.entries()) guard({
		part: "statement",
		index,
		kind: null,
		statement: null
	}, () => {
		let one = {
			text: utf8(statement.note.text),
			digests: statementDigests(statement.note.text, crypto)
		};
		signed.set(hex(one.digests.sha256), {
			...one,
			verified: verifySigned(statement, trust, crypto),
			proved: /* @__PURE__ */ new Map()
		});
	});
	let forked = forksAmong([...signed.values()], chain, crypto);
	for (let [id, { verified: one }] of signed) forked.has(one.statement.origin) && signed.delete(id);
	let doubts = [];
	for (let [index, anchor] of anchors.entries()) {
		let { kind, statement: id } = anchor;
		guard({
			part: "anchor",
			index,
			kind,
			statement: id
		}, () => {
			let stated = signed.get(id);
			if (stated === void 0) throw nameless("anchor-mismatch", id);
			let proved = prove(anchor, stated), name = `${proved.kind} ${proved.by}`, known = stated.proved.get(name);
			(known === void 0 || isEarlier(proved, known)) && stated.proved.set(name, proved);
			let doubt = doubtOf(proved, stated.verified);
			doubt !== null && doubts.push(doubt);
		});
	}
	let anchored = new Map([...signed].map(([id, stated]) => [id, anchoredOf(id, stated)])), leaves = leavesOf(chain), entries = /* @__PURE__ */ new Map();
	for (let [place, one] of coverage.entries()) guard({
		part: "coverage",
		index: place,
		kind: null,
		statement: one.statement
	}, () => {
		let statement = anchored.get(one.statement);
		if (statement === void 0) throw nameless("proof-invalid", one.statement);
		let { origin, time } = statement.verified.statement, known = leaves.get(`${one.index} ${origin}`);
		if (known === void 0) throw new CodedError("proof-invalid", `entry ${one.index} of ${origin} has no receipt that verifies`);
		for (let { link, leaf, acceptedAt } of known) {
			checkCovered(one, writeLeaf(leaf), statement.verified.statement, crypto);
			let earlier = acceptedAt < time ? acceptedAt : time, all = entries.get(link) ?? [];
			entries.set(link, all), all.some((other) => other.statement === statement) || all.push({
				index: one.index,
				acceptedAt: earlier,
				statement
			});
		}
	});
	return {
		statements: [...anchored.values()].toSorted(byNumber),
		entries,
		forked: [...forked.values()],
		doubts,
		refused
	};
}
function nameless(code, id) {
	return new CodedError(code, `no statement that verifies has the digest ${id.slice(0, 12)}`);
}
function anchoredOf(id, { verified: one, proved }) {
	return {
		id,
		verified: one,
		proved: [...proved.values()].toSorted((a, b) => compare(a.kind, b.kind) || compare(a.by, b.by))
	};
}
/** Signed by a key of its log that was not revoked when it was made. */
function verifySigned(statement, { countersigners }, crypto) {
	let { origin, time } = statement, trusted = countersigners.filter(({ key }) => key.name === origin);
	if (trusted.length === 0) throw new CodedError("signer-unknown", `no key of the log ${origin} is trusted`);
	let opened = verifyLogStatement(statement, {
		origin,
		keys: trusted.map(({ key }) => key)
	}, crypto);
	if (!opened.signedBy.some(({ key }) => {
		let { revokedAt } = trusted.find((known) => known.key === key);
		return revokedAt === null || time < revokedAt;
	})) throw new CodedError("signer-revoked", `the key of the log ${origin} was revoked before ${time}`);
	return opened;
}
/** Logs whose statements are not of one history, by name, and why. */
function forksAmong(stated, chain, crypto) {
	let forked = /* @__PURE__ */ new Map(), held = (origin, check) => {
		try {
			check();
		} catch (error) {
			if (!(error instanceof CodedError) || error.code !== "statement-forked") throw error;
			forked.has(origin) || forked.set(origin, reportOf(error));
		}
	}, all = stated.map(({ verified: one }) => one).toSorted((a, b) => compare(a.statement.origin, b.statement.origin) || a.statement.number - b.statement.number);
	for (let [i, one] of all.entries()) {
		let before = all[i - 1];
		before?.statement.origin === one.statement.origin && held(one.statement.origin, () => checkStatementsAgree(before, one, crypto));
	}
	let roots = /* @__PURE__ */ new Map();
	for (let { receipt } of [...chain.receipts.values()].flat()) {
		let { origin, size, root } = receipt.proof.checkpoint;
		roots.set(`${size} ${origin}`, root);
	}
	for (let { statement } of all) {
		let { origin, number, size, sha256 } = statement, root = roots.get(`${size} ${origin}`);
		if (root === void 0 || equal(root, sha256)) continue;
		let what = `${origin} signed a checkpoint and statement ${number} of ${size} entries with two roots`;
		held(origin, () => {
			throw new CodedError("statement-forked", what);
		});
	}
	return forked;
}
/** The leaves that verified proofs of the chain hold, by place and log. */
function leavesOf({ receipts, withheld }) {
	let leaves = /* @__PURE__ */ new Map(), add = (origin, index, leaf) => {
		let place = `${index} ${origin}`, known = leaves.get(place);
		known === void 0 ? leaves.set(place, [leaf]) : known.push(leaf);
	};
	for (let { receipt } of [...receipts.values()].flat()) {
		let { link, leaf } = receipt.opening;
		add(receipt.proof.checkpoint.origin, receipt.proof.index, {
			link,
			leaf,
			acceptedAt: leaf.acceptedAt
		});
	}
	for (let { withheld: one } of withheld.values()) {
		let { link, leaf } = one.unopened;
		add(one.proof.checkpoint.origin, one.proof.index, {
			link,
			leaf,
			acceptedAt: leaf.acceptedAt
		});
	}
	return leaves;
}
/** Throws `proof-invalid` unless the entry is under both roots: whoever breaks one hash has not broken the other. */
function checkCovered({ index, ...paths }, entry, { size, ...roots }, crypto) {
	for (let tree of ["sha256", "sha3_256"]) {
		let hash = {
			size: 32,
			hash: (bytes) => crypto[tree](bytes)
		};
		verifyInclusion({
			index,
			size,
			leafHash: leafHash(entry, hash),
			path: paths[tree]
		}, roots[tree], hash);
	}
}
/**
* By when what a statement covers existed, as far as one anchor says: the end of its time's margin, and not before the
* statement itself says that it was made. So an anchor whose clock is behind proves nothing too early. Milliseconds
* since 1970; null where the anchor names no time.
*/
function existedBy({ verified: one }, { time, within }) {
	return time === null ? null : Math.max(Date.parse(time) + within * 1e3, Date.parse(one.statement.time));
}
/** {@link existedBy} of an entry by the earliest of all its anchors; null where none names a time. */
function provenBy(entries) {
	let times = entries.flatMap(({ statement }) => statement.proved.flatMap((one) => existedBy(statement, one) ?? []));
	return times.length === 0 ? null : Math.min(...times);
}
/** An anchor cannot have seen what did not exist yet: its clock is wrong, or the log's. */
function doubtOf({ kind, by, time, within }, { statement }) {
	if (time === null || Date.parse(time) + within * 1e3 + 3e5 >= Date.parse(statement.time)) return null;
	let what = `${kind} ${by} saw statement ${statement.number} at ${time}, and it was made at ${statement.time}: the later time counts`;
	return new CodedError("time-order", what).report();
}
function isEarlier(one, other) {
	return one.time === null || other.time === null ? one.time !== null : Date.parse(one.time) + one.within * 1e3 < Date.parse(other.time) + other.within * 1e3;
}
function byNumber(a, b) {
	let [one, other] = [a.verified.statement, b.verified.statement];
	return compare(one.origin, other.origin) || one.number - other.number;
}
function compare(a, b) {
	return a < b ? -1 : +(a > b);
}
// packages/verify/src/anchors/trust-file.ts
const CODE = "anchor-setup-invalid", SIGSTORE = /^application\/vnd\.dev\.sigstore\.trustedroot[.+]/;
/**
* Whom to believe, out of a file: our own strict JSON, or Sigstore's `trusted_root.json`, of which the Rekor logs and
* the timestamp authorities are taken. Throws `anchor-setup-invalid`, `key-invalid`, `input-too-large`, and what strict
* JSON reading throws.
*/
function parseAnchorTrust(bytes, crypto) {
	let value = parseJson(bytes, { maxBytes: MAX_ANCHOR_TRUST_BYTES }), whole = new Shape(CODE, value, "trust"), mediaType = whole.members().mediaType;
	if (typeof mediaType == "string" && SIGSTORE.test(mediaType)) return sigstoreRoots(bytes, value, crypto);
	let it = whole.object(["mediaType", "anchors"]);
	return it.exactly("mediaType", ANCHOR_TRUST_MEDIA_TYPE), readAnchorRoots(it.get("anchors"));
}
/**
* The timestamp authorities of a `trusted_root.json`, which may say when a signature was there. Throws
* `trust-root-invalid`.
*/
function timestampAuthoritiesIn(bytes) {
	try {
		let value = parseJson(bytes, { maxBytes: MAX_ANCHOR_TRUST_BYTES }), it = looseOf(new Shape(CODE, value, "trustedRoot"), ["mediaType"]), authorities = it.has("timestampAuthorities") ? it.get("timestampAuthorities").array(100) : [], time = (at) => at === null ? null : Date.parse(at);
		return authorities.map(authorityOf).map(({ name, certificates, from, until }) => ({
			name,
			certificates: certificates.map((der) => parseCertificate(der, "anchor-invalid")),
			from: time(from),
			until: time(until)
		}));
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError("trust-root-invalid", `the trusted root cannot be read: ${cause.what}`, { cause }) : cause;
	}
}
function sigstoreRoots(bytes, value, crypto) {
	let it = looseOf(new Shape(CODE, value, "trustedRoot"), ["mediaType"]), authorities = it.has("timestampAuthorities") ? it.get("timestampAuthorities").array(100) : [], rekor = it.has("tlogs") ? parseTrustedRoot(bytes, crypto).logs.map(rekorRootOf) : [];
	return {
		...NO_ANCHOR_ROOTS,
		rekor,
		rfc3161: authorities.map(authorityOf)
	};
}
/** A log as it stands in our own files. */
function rekorRootOf({ name, key, logId, operator, validFor }) {
	let material = key.algorithm === "ed25519" ? concat(Uint8Array.of(1), key.raw) : concat(Uint8Array.of(2), key.spki);
	return {
		vkey: `${name}+${hex(logId.subarray(0, 4))}+${base64(material)}`,
		operator,
		...believedIn(validFor)
	};
}
/** Its own certificate, which comes first: what else its CA has issued is not this authority. */
function authorityOf(shape) {
	let it = looseOf(shape, ["certChain"]), [first] = looseOf(it.get("certChain"), ["certificates"]).get("certificates").array(20);
	if (first === void 0) throw new CodedError(CODE, "a timestamp authority has no certificate");
	let der = fromBase64(looseOf(first, ["rawBytes"]).text("rawBytes", 2e4));
	parseCertificate(der, "anchor-invalid");
	let subject = it.has("subject") ? looseOf(it.get("subject"), []) : null, named = subject?.has("commonName") === !0 ? subject.text("commonName", 200) : "timestamp authority", name = it.has("uri") ? logNameOf(it.text("uri", 256)) : named, validFor = it.has("validFor") ? readValidFor(it.get("validFor")) : {
		start: null,
		end: null
	};
	return {
		name,
		certificates: [der],
		...believedIn(validFor)
	};
}
function believedIn({ start, end }) {
	let time = (at) => at === null ? null : new Date(at).toISOString();
	return {
		from: time(start),
		until: time(end)
	};
}
// node_modules/@noble/hashes/sha3.js
/**
* SHA3 (keccak) hash function, based on a new "Sponge function" design.
* Different from older hashes, the internal state is bigger than output size.
*
* Check out
* {@link https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.202.pdf | FIPS-202},
* {@link https://keccak.team/keccak.html | Website}, and
* {@link https://crypto.stackexchange.com/q/15727 | the differences between
* SHA-3 and Keccak}.
*
* Check out `sha3-addons` module for cSHAKE, k12, and others.
* @module
*/
const _0n = BigInt(0), _1n = BigInt(1), _2n = BigInt(2), _7n = BigInt(7), _256n = BigInt(256), _0x71n = BigInt(113), SHA3_PI = [], SHA3_ROTL = [], _SHA3_IOTA = [];
for (let round = 0, R = _1n, x = 1, y = 0; round < 24; round++) {
	[x, y] = [y, (2 * x + 3 * y) % 5], SHA3_PI.push(2 * (5 * y + x)), SHA3_ROTL.push((round + 1) * (round + 2) / 2 % 64);
	let t = _0n;
	for (let j = 0; j < 7; j++) R = (R << _1n ^ (R >> _7n) * _0x71n) % _256n, R & _2n && (t ^= _1n << (_1n << BigInt(j)) - _1n);
	_SHA3_IOTA.push(t);
}
const IOTAS = split(_SHA3_IOTA, !0), SHA3_IOTA_H = IOTAS[0], SHA3_IOTA_L = IOTAS[1], rotlSH = (h, l, s) => h << s | l >>> 32 - s, rotlSL = (h, l, s) => l << s | h >>> 32 - s, rotlBH = (h, l, s) => l << s - 32 | h >>> 64 - s, rotlBL = (h, l, s) => h << s - 32 | l >>> 64 - s, rotlH = (h, l, s) => s > 32 ? rotlBH(h, l, s) : rotlSH(h, l, s), rotlL = (h, l, s) => s > 32 ? rotlBL(h, l, s) : rotlSL(h, l, s), B = /* @__PURE__ */ new Uint32Array(10);
/**
* `keccakf1600` internal permutation, additionally allows adjusting the round count.
* @param s - 5x5 Keccak state encoded as 25 lanes split into 50 uint32 words
*   in this file's local little-endian lane-word order
* @param rounds - number of rounds to execute
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @throws If `rounds` is outside the supported `1..24` range. {@link Error}
* @example
* Permute a Keccak state with the default 24 rounds.
* ```ts
* keccakP(new Uint32Array(50));
* ```
*/
function keccakP(s, rounds = 24) {
	if (!(s instanceof Uint32Array)) throw TypeError("\"s\" expected Uint32Array(50), got type=" + typeof s);
	if (s.length !== 50) throw RangeError("\"s\" expected Uint32Array(50), got length=" + s.length);
	if (anumber(rounds, "rounds"), rounds < 1 || rounds > 24) throw Error("\"rounds\" expected integer 1..24");
	for (let round = 24 - rounds; round < 24; round++) {
		for (let x = 0; x < 10; x++) B[x] = s[x] ^ s[x + 10] ^ s[x + 20] ^ s[x + 30] ^ s[x + 40];
		for (let x = 0; x < 10; x += 2) {
			let idx1 = (x + 8) % 10, idx0 = (x + 2) % 10, B0 = B[idx0], B1 = B[idx0 + 1], Th = rotlH(B0, B1, 1) ^ B[idx1], Tl = rotlL(B0, B1, 1) ^ B[idx1 + 1];
			for (let y = 0; y < 50; y += 10) s[x + y] ^= Th, s[x + y + 1] ^= Tl;
		}
		let curH = s[2], curL = s[3];
		for (let t = 0; t < 24; t++) {
			let shift = SHA3_ROTL[t], Th = rotlH(curH, curL, shift), Tl = rotlL(curH, curL, shift), PI = SHA3_PI[t];
			curH = s[PI], curL = s[PI + 1], s[PI] = Th, s[PI + 1] = Tl;
		}
		for (let y = 0; y < 50; y += 10) {
			let b0 = s[y], b1 = s[y + 1], b2 = s[y + 2], b3 = s[y + 3];
			s[y] ^= ~s[y + 2] & s[y + 4], s[y + 1] ^= ~s[y + 3] & s[y + 5], s[y + 2] ^= ~s[y + 4] & s[y + 6], s[y + 3] ^= ~s[y + 5] & s[y + 7], s[y + 4] ^= ~s[y + 6] & s[y + 8], s[y + 5] ^= ~s[y + 7] & s[y + 9], s[y + 6] ^= ~s[y + 8] & b0, s[y + 7] ^= ~s[y + 9] & b1, s[y + 8] ^= ~b0 & b2, s[y + 9] ^= ~b1 & b3;
		}
		s[0] ^= SHA3_IOTA_H[round], s[1] ^= SHA3_IOTA_L[round];
	}
	clean(B);
}
/**
* Keccak sponge function.
* @param blockLen - absorb/squeeze rate in bytes
* @param suffix - domain separation suffix byte
* @param outputLen - default digest length in bytes. This base sponge only
*   requires a non-negative integer; wrappers that need positive output
*   lengths must enforce that themselves.
* @param enableXOF - whether XOF output is allowed
* @param rounds - number of Keccak-f rounds
* @example
* Build a sponge state, absorb bytes, then finalize a digest.
* ```ts
* const hash = new Keccak(136, 0x06, 32);
* hash.update(new Uint8Array([1, 2, 3]));
* hash.digest();
* ```
*/
var Keccak = class Keccak {
	state;
	pos = 0;
	posOut = 0;
	finished = !1;
	state32;
	destroyed = !1;
	blockLen;
	suffix;
	outputLen;
	canXOF;
	enableXOF = !1;
	rounds;
	constructor(blockLen, suffix, outputLen, enableXOF = !1, rounds = 24) {
		if (anumber(blockLen, "blockLen"), anumber(suffix, "suffix"), anumber(rounds, "rounds"), abool(enableXOF, "enableXOF"), this.blockLen = blockLen, this.suffix = suffix, this.outputLen = outputLen, this.enableXOF = enableXOF, this.canXOF = enableXOF, this.rounds = rounds, anumber(outputLen, "outputLen"), !(0 < blockLen && blockLen < 200)) throw Error("\"blockLen\" must be 1..199");
		this.state = /* @__PURE__ */ new Uint8Array(200), this.state32 = u32(this.state);
	}
	clone() {
		return this._cloneInto();
	}
	keccak() {
		swap32IfBE(this.state32), keccakP(this.state32, this.rounds), swap32IfBE(this.state32), this.posOut = 0, this.pos = 0;
	}
	update(data) {
		aexists(this), abytes(data);
		let { blockLen, state, state32 } = this, len = data.length, canUseU32 = blockLen % 4 == 0 && data.byteOffset % 4 == 0, blockLen32 = blockLen / 4, data32 = canUseU32 && len >= blockLen ? u32(data) : void 0;
		for (let pos = 0; pos < len;) {
			if (data32 !== void 0 && this.pos === 0 && pos % 4 == 0 && len - pos >= blockLen) {
				for (let i = 0, o = pos / 4; i < blockLen32; i++) state32[i] ^= data32[o + i];
				pos += blockLen, this.pos = blockLen, this.keccak();
				continue;
			}
			let take = Math.min(blockLen - this.pos, len - pos);
			for (let i = 0; i < take; i++) state[this.pos++] ^= data[pos++];
			this.pos === blockLen && this.keccak();
		}
		return this;
	}
	finish() {
		if (this.finished) return;
		this.finished = !0;
		let { state, suffix, pos, blockLen } = this;
		state[pos] ^= suffix, suffix & 128 && pos === blockLen - 1 && this.keccak(), state[blockLen - 1] ^= 128, this.keccak();
	}
	writeInto(out) {
		aexists(this, !1), abytes(out), this.finish();
		let bufferOut = this.state, { blockLen } = this;
		for (let pos = 0, len = out.length; pos < len;) {
			this.posOut >= blockLen && this.keccak();
			let take = Math.min(blockLen - this.posOut, len - pos);
			out.set(bufferOut.subarray(this.posOut, this.posOut + take), pos), this.posOut += take, pos += take;
		}
		return out;
	}
	xofInto(out) {
		if (!this.enableXOF) throw Error("XOF is not enabled");
		return this.writeInto(out);
	}
	xof(bytes) {
		return anumber(bytes), this.xofInto(new Uint8Array(bytes));
	}
	digestInto(out) {
		if (aoutput(out, this), this.finished) throw Error("digest() was already called");
		this.writeInto(out.length === this.outputLen ? out : out.subarray(0, this.outputLen)), this.destroy();
	}
	digest() {
		let out = new Uint8Array(this.outputLen);
		return this.digestInto(out), out;
	}
	destroy() {
		this.destroyed = !0, clean(this.state);
	}
	_cloneInto(to) {
		let { blockLen, suffix, outputLen, rounds, enableXOF } = this;
		return to ||= new Keccak(blockLen, suffix, outputLen, enableXOF, rounds), to.blockLen = blockLen, to.state32.set(this.state32), to.pos = this.pos, to.posOut = this.posOut, to.finished = this.finished, to.rounds = rounds, to.suffix = suffix, to.outputLen = outputLen, to.enableXOF = enableXOF, to.canXOF = this.canXOF, to.destroyed = this.destroyed, to;
	}
};
const genKeccak = (suffix, blockLen, outputLen, info = {}) => createHasher(() => new Keccak(blockLen, suffix, outputLen), info), sha3_256 = /* @__PURE__ */ genKeccak(6, 136, 32, /* @__PURE__ */ oidNist(8)), keccak_256 = /* @__PURE__ */ genKeccak(1, 136, 32);
export { timestampAuthoritiesIn as a, verifyAnchored as c, rekorRootOf as i, sha3_256 as n, existedBy as o, parseAnchorTrust as r, provenBy as s, keccak_256 as t };
