import { $ as CodedError, A as anumber$1, B as rotl, C as Chi, D as abytes$1, F as createHasher, I as hexToBytes$1, J as equal, L as isBytes$1, M as bytesToHex$1, N as clean, O as aexists, P as concatBytes$1, Q as fromBase64, S as sha512, T as Maj, X as utf8, Y as fromUtf8, _ as isHex, b as sha256, f as spkiOf, g as hex, j as aoutput, k as ahash, l as parsePublicKey, m as parseJson, q as concat, w as HashMD, x as sha384, z as randomBytes$1 } from "./src.js";
import { Mt as isKeyName, g as readLogStatementText, qt as Shape } from "./src3.js";
import { c as looseOf, l as readValidFor, y as isNamedBy } from "./anchor.js";
import { D as DerReader, O as TAG, S as keyUsage, b as commonName, k as context, t as TRUSTED_ROOT_MEDIA_TYPES, x as extendedKeyUsage, y as basicConstraints } from "./identity.js";
// node_modules/@noble/hashes/legacy.js
/**

SHA1 (RFC 3174), MD5 (RFC 1321), and RIPEMD160 legacy, weak hash functions.
RFC 2286 only covers HMAC-RIPEMD160 wrapper material and test vectors,
not the base RIPEMD-160 compression spec.
Don't use them in a new protocol. What "weak" means:

- Collisions can be made with 2^18 effort in MD5, 2^60 in SHA1, 2^80 in RIPEMD160.
- No practical pre-image attacks (only theoretical, 2^123.4)
- HMAC seems kinda ok: https://www.rfc-editor.org/rfc/rfc6151
* @module
*/
/** Initial SHA-1 state from RFC 3174 §6.1. */
const SHA1_IV = /* @__PURE__ */ Uint32Array.from([
	1732584193,
	4023233417,
	2562383102,
	271733878,
	3285377520
]), SHA1_W = /* @__PURE__ */ new Uint32Array(80);
/** Internal SHA1 legacy hash class. */
var _SHA1 = class extends HashMD {
	A = SHA1_IV[0] | 0;
	B = SHA1_IV[1] | 0;
	C = SHA1_IV[2] | 0;
	D = SHA1_IV[3] | 0;
	E = SHA1_IV[4] | 0;
	constructor() {
		super(64, 20, 8, !1);
	}
	get() {
		let { A, B, C, D, E } = this;
		return [
			A,
			B,
			C,
			D,
			E
		];
	}
	set(A, B, C, D, E) {
		this.A = A | 0, this.B = B | 0, this.C = C | 0, this.D = D | 0, this.E = E | 0;
	}
	_cloneInto(to) {
		return (to ||= new this.constructor()).set(...this.get()), this._cloneIntoMeta(to);
	}
	process(view, offset) {
		for (let i = 0; i < 16; i++, offset += 4) SHA1_W[i] = view.getUint32(offset, !1);
		for (let i = 16; i < 80; i++) SHA1_W[i] = rotl(SHA1_W[i - 3] ^ SHA1_W[i - 8] ^ SHA1_W[i - 14] ^ SHA1_W[i - 16], 1);
		let { A, B, C, D, E } = this;
		for (let i = 0; i < 80; i++) {
			let F, K;
			i < 20 ? (F = Chi(B, C, D), K = 1518500249) : i < 40 ? (F = B ^ C ^ D, K = 1859775393) : i < 60 ? (F = Maj(B, C, D), K = 2400959708) : (F = B ^ C ^ D, K = 3395469782);
			let T = rotl(A, 5) + F + E + K + SHA1_W[i] | 0;
			E = D, D = C, C = rotl(B, 30), B = A, A = T;
		}
		A = A + this.A | 0, B = B + this.B | 0, C = C + this.C | 0, D = D + this.D | 0, E = E + this.E | 0, this.set(A, B, C, D, E);
	}
	roundClean() {
		clean(SHA1_W);
	}
	destroy() {
		this.destroyed = !0, this.set(0, 0, 0, 0, 0), clean(this.buffer);
	}
};
/**
* SHA1 (RFC 3174) legacy hash function. It was cryptographically broken.
* @param msg - message bytes to hash
* @param opts - Reserved hash options.
* @returns Digest bytes.
* @example
* Hash a message with SHA1.
* ```ts
* sha1(new Uint8Array([97, 98, 99]));
* ```
*/
const sha1 = /* @__PURE__ */ createHasher(() => new _SHA1()), Rho160 = /* @__PURE__ */ Uint8Array.from([
	7,
	4,
	13,
	1,
	10,
	6,
	15,
	3,
	12,
	0,
	9,
	5,
	2,
	14,
	11,
	8
]), Id160 = /* @__PURE__ */ Uint8Array.from(Array(16).fill(0).map((_, i) => i)), Pi160 = /* @__PURE__ */ Id160.map((i) => (9 * i + 5) % 16), idxLR = /* @__PURE__ */ (() => {
	let res = [[Id160], [Pi160]];
	for (let i = 0; i < 4; i++) for (let j of res) j.push(j[i].map((k) => Rho160[k]));
	return res;
})(), idxL = idxLR[0], idxR = idxLR[1], shifts160 = /* @__PURE__ */ [
	[
		11,
		14,
		15,
		12,
		5,
		8,
		7,
		9,
		11,
		13,
		14,
		15,
		6,
		7,
		9,
		8
	],
	[
		12,
		13,
		11,
		15,
		6,
		9,
		9,
		7,
		12,
		15,
		11,
		13,
		7,
		8,
		7,
		7
	],
	[
		13,
		15,
		14,
		11,
		7,
		7,
		6,
		8,
		13,
		14,
		13,
		12,
		5,
		5,
		6,
		9
	],
	[
		14,
		11,
		12,
		14,
		8,
		6,
		5,
		5,
		15,
		12,
		15,
		14,
		9,
		9,
		8,
		6
	],
	[
		15,
		12,
		13,
		13,
		9,
		5,
		8,
		6,
		14,
		11,
		12,
		11,
		8,
		6,
		5,
		5
	]
].map((i) => Uint8Array.from(i)), shiftsL160 = /* @__PURE__ */ idxL.map((idx, i) => idx.map((j) => shifts160[i][j])), shiftsR160 = /* @__PURE__ */ idxR.map((idx, i) => idx.map((j) => shifts160[i][j])), Kl160 = /* @__PURE__ */ Uint32Array.from([
	0,
	1518500249,
	1859775393,
	2400959708,
	2840853838
]), Kr160 = /* @__PURE__ */ Uint32Array.from([
	1352829926,
	1548603684,
	1836072691,
	2053994217,
	0
]);
function ripemd_f(group, x, y, z) {
	return group === 0 ? x ^ y ^ z : group === 1 ? x & y | ~x & z : group === 2 ? (x | ~y) ^ z : group === 3 ? x & z | y & ~z : x ^ (y | ~z);
}
const BUF_160 = /* @__PURE__ */ new Uint32Array(16);
/**
* Internal RIPEMD-160 legacy hash class.
* RFC 2286 only adds HMAC-RIPEMD160 material, not the core hash specification.
*/
var _RIPEMD160 = class extends HashMD {
	h0 = 1732584193;
	h1 = -271733879;
	h2 = -1732584194;
	h3 = 271733878;
	h4 = -1009589776;
	constructor() {
		super(64, 20, 8, !0);
	}
	get() {
		let { h0, h1, h2, h3, h4 } = this;
		return [
			h0,
			h1,
			h2,
			h3,
			h4
		];
	}
	set(h0, h1, h2, h3, h4) {
		this.h0 = h0 | 0, this.h1 = h1 | 0, this.h2 = h2 | 0, this.h3 = h3 | 0, this.h4 = h4 | 0;
	}
	_cloneInto(to) {
		return (to ||= new this.constructor()).set(...this.get()), this._cloneIntoMeta(to);
	}
	process(view, offset) {
		for (let i = 0; i < 16; i++, offset += 4) BUF_160[i] = view.getUint32(offset, !0);
		let al = this.h0 | 0, ar = al, bl = this.h1 | 0, br = bl, cl = this.h2 | 0, cr = cl, dl = this.h3 | 0, dr = dl, el = this.h4 | 0, er = el;
		for (let group = 0; group < 5; group++) {
			let rGroup = 4 - group, hbl = Kl160[group], hbr = Kr160[group], rl = idxL[group], rr = idxR[group], sl = shiftsL160[group], sr = shiftsR160[group];
			for (let i = 0; i < 16; i++) {
				let tl = rotl(al + ripemd_f(group, bl, cl, dl) + BUF_160[rl[i]] + hbl, sl[i]) + el | 0;
				al = el, el = dl, dl = rotl(cl, 10) | 0, cl = bl, bl = tl;
			}
			for (let i = 0; i < 16; i++) {
				let tr = rotl(ar + ripemd_f(rGroup, br, cr, dr) + BUF_160[rr[i]] + hbr, sr[i]) + er | 0;
				ar = er, er = dr, dr = rotl(cr, 10) | 0, cr = br, br = tr;
			}
		}
		this.set(this.h1 + cl + dr | 0, this.h2 + dl + er | 0, this.h3 + el + ar | 0, this.h4 + al + br | 0, this.h0 + bl + cr | 0);
	}
	roundClean() {
		clean(BUF_160);
	}
	destroy() {
		this.destroyed = !0, clean(this.buffer), this.set(0, 0, 0, 0, 0);
	}
};
/**
* RIPEMD-160 - a legacy hash function from 1990s.
* RFC 2286 only covers HMAC-RIPEMD160 test material; the links below point
* at the base RIPEMD-160 references.
* * {@link https://homes.esat.kuleuven.be/~bosselae/ripemd160.html}
* * {@link https://homes.esat.kuleuven.be/~bosselae/ripemd160/pdf/AB-9601/AB-9601.pdf}
* @param msg - message bytes to hash
* @param opts - Reserved hash options.
* @returns Digest bytes.
* @example
* Hash a message with RIPEMD-160.
* ```ts
* ripemd160(new Uint8Array([97, 98, 99]));
* ```
*/
const ripemd160 = /* @__PURE__ */ createHasher(() => new _RIPEMD160());
// node_modules/@noble/curves/utils.js
/**
* Hex, bytes and number utilities.
* @module
*/
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
/**
* Validates that a value is an array, optionally validating each element.
* @param item - Value to validate.
* @param title - Label included in thrown errors.
* @param inner - Optional per-element validator, called with the element and its label.
* @returns The validated array.
* @example
* Validate an array of points before batch processing.
*
* ```ts
* aarray([1n, 2n], 'scalars');
* ```
*/
function aarray(item, title, inner = () => {}) {
	if (!Array.isArray(item)) throw TypeError(`"${title}" expected array, got type=${typeof item}`);
	for (let i = 0; i < item.length; i++) inner(item[i], `${title}[${i}]`);
	return item;
}
/**
* Validates that a value is a byte array.
* @param value - Value to validate.
* @param length - Optional exact byte length.
* @param title - Optional field name.
* @returns Original byte array.
* @example
* Reject non-byte input before passing data into curve code.
*
* ```ts
* abytes(new Uint8Array(1));
* ```
*/
const abytes = (value, length, title) => abytes$1(value, length, title), anumber = anumber$1;
/**
* Asserts something is a string.
* @param value - Value to validate.
* @param title - Label included in thrown errors.
* @returns The validated string.
* @throws On wrong argument types. {@link TypeError}
* @example
* Validate a label string.
*
* ```ts
* astring('example', 'label');
* ```
*/
function astring(value, title = "") {
	if (typeof value != "string") {
		let prefix = title && `"${title}" `;
		throw TypeError(prefix + "expected string, got type=" + typeof value);
	}
	return value;
}
/**
* Asserts something is a plain object-ish value, not null or array.
* @param value - Value to validate.
* @param title - Label included in thrown errors.
* @returns The validated object.
* @throws On wrong argument types. {@link TypeError}
* @example
* Validate an options object before checking fields.
*
* ```ts
* aobject({ flag: true });
* ```
*/
function aobject(value, title = "object") {
	if (typeof value != "object" || !value || Array.isArray(value)) throw TypeError(title === "object" ? "expected valid options object" : `"${title}" expected object, got type=${typeof value}`);
	return value;
}
/**
* Asserts something is a function.
* @param value - Value to validate.
* @param title - Label included in thrown errors.
* @returns The validated function.
* @throws On wrong argument types. {@link TypeError}
* @example
* Validate a required method before calling it.
*
* ```ts
* afunction(() => true, 'predicate');
* ```
*/
function afunction(value, title) {
	if (typeof value != "function") throw TypeError(`"${title}" is invalid: expected function, got ${typeof value}`);
	return value;
}
/**
* Encodes bytes as lowercase hex.
* @param bytes - Bytes to encode.
* @returns Lowercase hex string.
* @example
* Serialize bytes as hex for logging or fixtures.
*
* ```ts
* bytesToHex(Uint8Array.of(1, 2, 3));
* ```
*/
const bytesToHex = bytesToHex$1, concatBytes = (...arrays) => concatBytes$1(...arrays), hexToBytes = (hex) => hexToBytes$1(hex), isBytes = isBytes$1, randomBytes = (bytesLength) => randomBytes$1(bytesLength), _0n$4 = /* @__PURE__ */ BigInt(0), _1n$3 = /* @__PURE__ */ BigInt(1), atitle = (title) => title ? `"${title}" ` : "";
/**
* Validates that a flag is boolean.
* @param value - Value to validate.
* @param title - Optional field name.
* @returns Original value.
* @throws On wrong argument types. {@link TypeError}
* @example
* Reject non-boolean option flags early.
*
* ```ts
* abool(true);
* ```
*/
function abool(value, title = "") {
	if (typeof value != "boolean") throw TypeError(atitle(title) + "expected boolean, got type=" + typeof value);
	return value;
}
/**
* Validates that a value is a non-negative bigint or safe integer.
* @param n - Value to validate.
* @returns The same validated value.
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Validate one integer-like value before serializing it.
*
* ```ts
* abignumber(1n);
* ```
*/
function abignumber(n) {
	if (typeof n == "bigint") {
		if (!isPosBig(n)) throw RangeError("positive bigint expected, got " + n);
	} else anumber(n);
	return n;
}
/**
* Validates that a value is a safe integer.
* @param value - Integer to validate.
* @param title - Optional field name.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Validate a window size before scalar arithmetic uses it.
*
* ```ts
* asafenumber(1);
* ```
*/
function asafenumber(value, title = "") {
	if (typeof value != "number") {
		let prefix = title && `"${title}" `;
		throw TypeError(prefix + "expected number, got type=" + typeof value);
	}
	if (!Number.isSafeInteger(value)) {
		let prefix = title && `"${title}" `;
		throw RangeError(prefix + "expected safe integer, got " + value);
	}
}
/**
* Encodes a bigint into even-length big-endian hex.
* The historical "unpadded" name only means "no fixed-width field padding"; odd-length hex still
* gets one leading zero nibble so the result always represents whole bytes.
* @param num - Number to encode.
* @returns Big-endian hex string.
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Encode a scalar into hex without a `0x` prefix.
*
* ```ts
* numberToHexUnpadded(255n);
* ```
*/
function numberToHexUnpadded(num) {
	let hex = abignumber(num).toString(16);
	return hex.length & 1 ? "0" + hex : hex;
}
/**
* Parses a big-endian hex string into bigint.
* Accepts odd-length hex through the native `BigInt('0x' + hex)` parser and currently surfaces the
* same native `SyntaxError` for malformed hex instead of wrapping it in a library-specific error.
* @param hex - Hex string without `0x`.
* @returns Parsed bigint value.
* @throws On wrong argument types. {@link TypeError}
* @example
* Parse a scalar from fixture hex.
*
* ```ts
* hexToNumber('ff');
* ```
*/
function hexToNumber(hex) {
	if (typeof hex != "string") throw TypeError("hex string expected, got " + typeof hex);
	return hex === "" ? _0n$4 : BigInt("0x" + hex);
}
/**
* Parses big-endian bytes into bigint.
* @param bytes - Bytes in big-endian order.
* @returns Parsed bigint value.
* @throws On wrong argument types. {@link TypeError}
* @example
* Read a scalar encoded in network byte order.
*
* ```ts
* bytesToNumberBE(Uint8Array.of(1, 0));
* ```
*/
function bytesToNumberBE(bytes) {
	return hexToNumber(bytesToHex$1(bytes));
}
/**
* Parses little-endian bytes into bigint.
* @param bytes - Bytes in little-endian order.
* @returns Parsed bigint value.
* @throws On wrong argument types. {@link TypeError}
* @example
* Read a scalar encoded in little-endian form.
*
* ```ts
* bytesToNumberLE(Uint8Array.of(1, 0));
* ```
*/
function bytesToNumberLE(bytes) {
	return hexToNumber(bytesToHex$1(copyBytes(abytes$1(bytes)).reverse()));
}
/**
* Encodes a bigint into fixed-length big-endian bytes.
* @param n - Number to encode.
* @param len - Output length in bytes. Must be greater than zero.
* @returns Big-endian byte array.
* @throws On wrong argument ranges or values. {@link RangeError}
* @throws If a documented runtime validation or state check fails. {@link Error}
* @example
* Serialize a scalar into a 32-byte field element.
*
* ```ts
* numberToBytesBE(255n, 2);
* ```
*/
function numberToBytesBE(n, len) {
	if (anumber$1(len), len === 0) throw Error("zero output length is invalid");
	n = abignumber(n);
	let expectedLen = len * 2, hex = n.toString(16);
	if (hex.length > expectedLen) throw RangeError("number is too large");
	return hexToBytes$1(hex.padStart(expectedLen, "0"));
}
/**
* Encodes a bigint into fixed-length little-endian bytes.
* @param n - Number to encode.
* @param len - Output length in bytes.
* @returns Little-endian byte array.
* @throws On wrong argument ranges or values. {@link RangeError}
* @throws If a documented runtime validation or state check fails. {@link Error}
* @example
* Serialize a scalar for little-endian protocols.
*
* ```ts
* numberToBytesLE(255n, 2);
* ```
*/
function numberToBytesLE(n, len) {
	return numberToBytesBE(n, len).reverse();
}
/**
* Copies Uint8Array. We can't use u8a.slice(), because u8a can be Buffer,
* and Buffer#slice creates mutable copy. Never use Buffers!
* @param bytes - Bytes to copy.
* @returns Detached copy.
* @example
* Make an isolated copy before mutating serialized bytes.
*
* ```ts
* copyBytes(Uint8Array.of(1, 2, 3));
* ```
*/
function copyBytes(bytes) {
	return Uint8Array.from(abytes(bytes));
}
/**
* Checks whether n is non-negative bigint. Historical name.
* @param n - candidate value
* @returns `true` when the value is bigint and 0 or larger
* @example
* Check a candidate scalar before range validation.
*
* ```ts
* isPosBig(2n);
* ```
*/
function isPosBig(n) {
	return typeof n == "bigint" && _0n$4 <= n;
}
/**
* Checks whether a bigint lies inside a half-open range.
* @param n - Candidate value.
* @param min - Inclusive lower bound.
* @param max - Exclusive upper bound.
* @returns `true` when the value is inside the range.
* @example
* Check whether a candidate scalar fits the field order.
*
* ```ts
* inRange(2n, 1n, 3n);
* ```
*/
function inRange(n, min, max) {
	return isPosBig(n) && isPosBig(min) && isPosBig(max) && min <= n && n < max;
}
/**
* Asserts `min <= n < max`. NOTE: upper bound is exclusive.
* @param title - Value label for error messages.
* @param n - Candidate value.
* @param min - Inclusive lower bound.
* @param max - Exclusive upper bound.
* Wrong-type inputs are not separated from out-of-range values here: they still flow through the
* shared `RangeError` path because this is only a throwing wrapper around `inRange(...)`.
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Assert that a bigint stays within one half-open range.
*
* ```ts
* aInRange('x', 2n, 1n, 256n);
* ```
*/
function aInRange(title, n, min, max) {
	if (!inRange(n, min, max)) throw RangeError("expected valid " + title + ": " + min + " <= n < " + max + ", got " + n);
}
/**
* Calculates amount of bits in a bigint.
* Same as `n.toString(2).length`
* TODO: merge with nLength in modular
* @param n - Value to inspect.
* @returns Bit length.
* @throws If the value is negative. {@link Error}
* @example
* Measure the bit length of a scalar before serialization.
*
* ```ts
* bitLen(8n);
* ```
*/
function bitLen(n) {
	if (n < _0n$4) throw Error("expected non-negative bigint, got " + n);
	return n === _0n$4 ? 0 : n.toString(2).length;
}
/**
* Calculate mask for N bits. Not using ** operator with bigints because of old engines.
* Same as BigInt(`0b${Array(i).fill('1').join('')}`)
* @param n - Number of bits. Negative widths are currently passed through to raw bigint shift
*   semantics and therefore produce `-1n`.
* @returns Bitmask value.
* @example
* Calculate mask for N bits.
*
* ```ts
* bitMask(4);
* ```
*/
const bitMask = (n) => (asafenumber(n, "n"), (_1n$3 << BigInt(n)) - _1n$3);
/**
* Minimal HMAC-DRBG from NIST 800-90 for RFC6979 sigs.
* @param hashLen - Hash output size in bytes. Callers are expected to pass a positive length; `0`
*   is not rejected here and would make the internal generate loop non-progressing.
* @param qByteLen - Requested output size in bytes. Callers are expected to pass a positive length.
* @param hmacFn - HMAC implementation.
* @returns Function that will call DRBG until the predicate returns anything
*   other than `undefined`.
* @throws On wrong argument types. {@link TypeError}
* @example
* Build a deterministic nonce generator for RFC6979-style signing.
*
* ```ts
* import { createHmacDrbg } from '@noble/curves/utils.js';
* import { hmac } from '@noble/hashes/hmac.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const hmacFn = (key: Uint8Array, msg: Uint8Array) => hmac(sha256, key, msg);
* const drbg = createHmacDrbg(32, 32, hmacFn);
* const seed = new Uint8Array(32);
* drbg(seed, (bytes) => bytes);
* ```
*/
function createHmacDrbg(hashLen, qByteLen, hmacFn) {
	if (anumber$1(hashLen, "hashLen"), anumber$1(qByteLen, "qByteLen"), typeof hmacFn != "function") throw TypeError("hmacFn must be a function");
	let u8n = (len) => new Uint8Array(len), NULL = Uint8Array.of(), byte0 = Uint8Array.of(0), byte1 = Uint8Array.of(1), v = u8n(hashLen), k = u8n(hashLen), i = 0, reset = () => {
		v.fill(1), k.fill(0), i = 0;
	}, h = (...msgs) => hmacFn(k, concatBytes(v, ...msgs)), reseed = (seed = NULL) => {
		k = h(byte0, seed), v = h(), seed.length !== 0 && (k = h(byte1, seed), v = h());
	}, gen = () => {
		if (i++ >= 1e3) throw Error("drbg: tried max amount of iterations");
		let len = 0, out = [];
		for (; len < qByteLen;) {
			v = h();
			let sl = v.slice();
			out.push(sl), len += v.length;
		}
		return concatBytes(...out);
	};
	return (seed, pred) => {
		reset(), reseed(seed);
		let res;
		for (; (res = pred(gen())) === void 0;) reseed();
		return reset(), res;
	};
}
/**
* Validates declared required and optional field types on a plain object.
* Extra keys are intentionally ignored because many callers validate only the subset they use from
* richer option bags or runtime objects.
* This walks field schemas and formats detailed errors, so avoid it on hot paths; use direct
* one-line guards such as `aobject()`, `afunction()`, `abool()`, or `asafenumber()` instead.
* @param object - Object to validate.
* @param fields - Required field types.
* @param optFields - Optional field types.
* @param title - Object label included in thrown errors.
* @throws On wrong argument types. {@link TypeError}
* @example
* Check user options before building a curve helper.
*
* ```ts
* validateObject({ flag: true }, { flag: 'boolean' });
* ```
*/
function validateObject(object, fields = {}, optFields = {}, title = "object") {
	aobject(object, title), aobject(fields, "fields"), aobject(optFields, "optFields");
	function checkField(fieldName, expectedType, isOpt) {
		let label = title === "object" ? `param "${String(fieldName)}"` : `"${title}.${String(fieldName)}"`, val = object[fieldName];
		if (!Object.hasOwn(object, fieldName) && (isOpt ? val !== void 0 : expectedType !== "function")) throw TypeError(`${label} is invalid: expected own property`);
		if (isOpt && val === void 0) return;
		let current = typeof val;
		if (current !== expectedType || val === null) throw TypeError(`${label} is invalid: expected ${expectedType}, got ${current}`);
	}
	let iter = (f, isOpt) => Object.entries(f).forEach(([k, v]) => checkField(k, v, isOpt));
	iter(fields, !1), iter(optFields, !0);
}
// node_modules/@noble/curves/abstract/modular.js
/**
* Utils for modular division and fields.
* Field over 11 is a finite (Galois) field is integer number operations `mod 11`.
* There is no division: it is replaced by modular multiplicative inverse.
* @module
*/
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
const _0n$3 = /* @__PURE__ */ BigInt(0), _1n$2 = /* @__PURE__ */ BigInt(1), _2n$1 = /* @__PURE__ */ BigInt(2), _3n$1 = /* @__PURE__ */ BigInt(3), _4n$2 = /* @__PURE__ */ BigInt(4), _5n = /* @__PURE__ */ BigInt(5), _7n = /* @__PURE__ */ BigInt(7), _8n = /* @__PURE__ */ BigInt(8), _9n = /* @__PURE__ */ BigInt(9), _15n = /* @__PURE__ */ BigInt(15), _16n = /* @__PURE__ */ BigInt(16), POW_WINDOWED_MIN = /* @__PURE__ */ BigInt("0x10000000000000000");
/**
* @param a - Dividend value.
* @param b - Positive modulus.
* @returns Reduced value in `[0, b)` only when `b` is positive.
* @throws If the modulus is not positive. {@link Error}
* @example
* Normalize a bigint into one field residue.
*
* ```ts
* mod(-1n, 5n);
* ```
*/
function mod(a, b) {
	if (b <= _0n$3) throw Error("mod: expected positive modulus, got " + b);
	let result = a % b;
	return result >= _0n$3 ? result : b + result;
}
/**
* Efficiently raise num to a power with modular reduction.
* Unsafe in some contexts: uses ladder, so can expose bigint bits.
* Low-level helper: callers that need canonical residues must pass a valid `num` for the chosen
* modulus instead of relying on the `power===0/1` fast paths to normalize it.
* @param num - Base value.
* @param power - Exponent value.
* @param modulo - Reduction modulus.
* @returns Modular exponentiation result.
* @throws If the modulus or exponent is invalid. {@link Error}
* @example
* Raise one bigint to a modular power.
*
* ```ts
* pow(2n, 6n, 11n) // 64n % 11n == 9n
* ```
*/
function pow(num, power, modulo) {
	if (modulo <= _1n$2) throw Error("pow: expected modulus > 1, got " + modulo);
	if (typeof power != "bigint") throw TypeError("invalid exponent: expected bigint, got " + typeof power);
	if (power < _0n$3) throw Error("invalid exponent, negatives unsupported");
	if (power === _0n$3) return _1n$2;
	if (power === _1n$2) return num;
	let d = num % modulo;
	if (d < _0n$3 && (d += modulo), power < POW_WINDOWED_MIN) {
		let p = _1n$2;
		for (; power > _0n$3;) power & _1n$2 && (p = p * d % modulo), d = d * d % modulo, power >>= _1n$2;
		return p;
	}
	let digits = [];
	for (; power > _0n$3;) digits.push(Number(power & _15n)), power >>= _4n$2;
	let table = Array(16);
	table[0] = _1n$2, table[1] = d;
	for (let i = 2; i < 16; i++) table[i] = table[i - 1] * d % modulo;
	let p = table[digits[digits.length - 1]];
	for (let w = digits.length - 2; w >= 0; w--) {
		p = p * p % modulo, p = p * p % modulo, p = p * p % modulo, p = p * p % modulo;
		let digit = digits[w];
		digit !== 0 && (p = p * table[digit] % modulo);
	}
	return p;
}
/**
* Does `x^(2^power)` mod p. `pow2(30, 4)` == `30^(2^4)`.
* Low-level helper: callers that need canonical residues must pass a valid `x` for the chosen
* modulus; the `power===0` fast path intentionally returns the input unchanged.
* @param x - Base value.
* @param power - Number of squarings.
* @param modulo - Reduction modulus.
* @returns Repeated-squaring result.
* @throws If the exponent is negative. {@link Error}
* @example
* Apply repeated squaring inside one field.
*
* ```ts
* pow2(3n, 2n, 11n);
* ```
*/
function pow2(x, power, modulo) {
	if (modulo <= _1n$2) throw Error("pow2: expected modulus > 1, got " + modulo);
	if (power < _0n$3) throw Error("pow2: expected non-negative exponent, got " + power);
	let res = x;
	for (; power-- > _0n$3;) res *= res, res %= modulo;
	return res;
}
/**
* Inverses number over modulo.
* Implemented using the {@link https://brilliant.org/wiki/extended-euclidean-algorithm/ | extended Euclidean algorithm}.
* @param number - Value to invert.
* @param modulo - Modulus greater than 1.
* @returns Multiplicative inverse.
* @throws If the modulus is invalid or the inverse does not exist. {@link Error}
* @example
* Compute one modular inverse with the extended Euclidean algorithm.
*
* ```ts
* invert(3n, 11n);
* ```
*/
function invert(number, modulo) {
	if (number === _0n$3) throw Error("invert: expected non-zero number");
	if (modulo <= _1n$2) throw Error("invert: expected modulus > 1, got " + modulo);
	let a = mod(number, modulo), b = modulo, x = _0n$3, u = _1n$2;
	for (; a !== _0n$3;) {
		let q = b / a, r = b - a * q, m = x - u * q;
		b = a, a = r, x = u, u = m;
	}
	if (b !== _1n$2) throw Error("invert: does not exist");
	return mod(x, modulo);
}
/**
* Inverses number over modulo using Fermat's little theorem: `a^(p-2) ≡ a⁻¹ (mod p)`.
*
* Unlike {@link invert} (extended Euclidean), the exponent `p-2` is a public constant, so the
* underlying square-and-multiply has the same control flow for every secret `a`: there is no
* data-dependent branching or loop count that could leak `a` through timing (e.g. Minerva-style
* ECDSA nonce-inversion attacks). This is only "algorithmically" constant-time — JS bigint
* multiplication/reduction is still value-dependent — and it is roughly 4x slower than
* {@link invert}.
*
* REQUIRES a prime modulus; Fermat's theorem does not hold otherwise. The result is verified to be
* a real inverse, so a non-prime modulus (or a non-invertible input) fails closed with an error
* instead of returning a wrong value.
* @param a - Value to invert.
* @param prime - Prime modulus.
* @returns Multiplicative inverse in `[1, prime)`.
* @throws If the modulus is below 2, the input reduces to zero, or the inverse does not exist.
*   {@link Error}
* @example
* Compute one modular inverse without secret-dependent branching.
*
* ```ts
* invertCt(3n, 11n); // 4n, since 3 * 4 = 12 ≡ 1 (mod 11)
* ```
*/
function invertCt(a, prime) {
	if (prime <= _1n$2) throw Error("invertCt: expected prime modulus > 1, got " + prime);
	let an = mod(a, prime);
	if (an === _0n$3) throw Error("invertCt: expected non-zero number");
	let inverse = pow(an, prime - _2n$1, prime);
	if (mod(an * inverse, prime) !== _1n$2) throw Error("invertCt: does not exist");
	return inverse;
}
function assertIsSquare(Fp, root, n) {
	let F = Fp;
	if (!F.eql(F.sqr(root), n)) throw Error("Cannot find square root");
}
function aoddModulus(order, fnName) {
	if ((order & _1n$2) === _0n$3) throw Error(fnName + ": expected odd modulus, got " + order);
}
function sqrt3mod4(Fp, n) {
	let F = Fp, p1div4 = (F.ORDER + _1n$2) / _4n$2, root = F.pow(n, p1div4);
	return assertIsSquare(F, root, n), root;
}
function sqrt5mod8(Fp, n) {
	let F = Fp, p5div8 = (F.ORDER - _5n) / _8n, n2 = F.mul(n, _2n$1), v = F.pow(n2, p5div8), nv = F.mul(n, v), i = F.mul(F.mul(nv, _2n$1), v), root = F.mul(nv, F.sub(i, F.ONE));
	return assertIsSquare(F, root, n), root;
}
function sqrt9mod16(P) {
	let Fp_ = Field(P), tn = tonelliShanks(P), c1 = tn(Fp_, Fp_.neg(Fp_.ONE)), c2 = tn(Fp_, c1), c3 = tn(Fp_, Fp_.neg(c1)), c4 = (P + _7n) / _16n;
	return ((Fp, n) => {
		let F = Fp, tv1 = F.pow(n, c4), tv2 = F.mul(tv1, c1), tv3 = F.mul(tv1, c2), tv4 = F.mul(tv1, c3), e1 = F.eql(F.sqr(tv2), n), e2 = F.eql(F.sqr(tv3), n);
		tv1 = F.cmov(tv1, tv2, e1), tv2 = F.cmov(tv4, tv3, e2);
		let e3 = F.eql(F.sqr(tv2), n), root = F.cmov(tv1, tv2, e3);
		return assertIsSquare(F, root, n), root;
	});
}
/**
* Tonelli-Shanks square root search algorithm.
* This implementation is variable-time: it searches data-dependently for the first non-residue `Z`
* and for the smallest `i` in the main loop, unlike RFC 9380 Appendix I.4's constant-time shape.
* 1. {@link https://eprint.iacr.org/2012/685.pdf | eprint 2012/685}, page 12
* 2. Square Roots from 1; 24, 51, 10 to Dan Shanks
* @param P - field order
* @returns function that takes field Fp (created from P) and number n
* @throws If the field is too small, non-prime, or the square root does not exist. {@link Error}
* @example
* Construct a square-root helper for primes that need Tonelli-Shanks.
*
* ```ts
* import { Field, tonelliShanks } from '@noble/curves/abstract/modular.js';
* const Fp = Field(17n);
* const sqrt = tonelliShanks(17n)(Fp, 4n);
* ```
*/
function tonelliShanks(P) {
	if (P < _3n$1) throw Error("sqrt is not defined for small field");
	aoddModulus(P, "tonelliShanks");
	let Q = P - _1n$2, S = 0;
	for (; Q % _2n$1 === _0n$3;) Q /= _2n$1, S++;
	let Z = _2n$1, _Fp = Field(P);
	for (; FpLegendre(_Fp, Z) === 1;) if (Z++ > 1e3) throw Error("Cannot find square root: probably non-prime P");
	if (S === 1) return sqrt3mod4;
	let cc = _Fp.pow(Z, Q), Q1div2 = (Q + _1n$2) / _2n$1;
	return function(Fp, n) {
		let F = Fp;
		if (F.is0(n)) return n;
		if (FpLegendre(F, n) !== 1) throw Error("Cannot find square root");
		let M = S, c = F.mul(F.ONE, cc), t = F.pow(n, Q), R = F.pow(n, Q1div2);
		for (; !F.eql(t, F.ONE);) {
			if (F.is0(t)) throw Error("Cannot find square root: probably non-prime P");
			let i = 1, t_tmp = F.sqr(t);
			for (; !F.eql(t_tmp, F.ONE);) if (i++, t_tmp = F.sqr(t_tmp), i === M) throw Error("Cannot find square root");
			let exponent = _1n$2 << BigInt(M - i - 1), b = F.pow(c, exponent);
			M = i, c = F.sqr(b), t = F.mul(t, c), R = F.mul(R, b);
		}
		return R;
	};
}
/**
* Square root for a finite field. Will try optimized versions first:
*
* 1. P ≡ 3 (mod 4)
* 2. P ≡ 5 (mod 8)
* 3. P ≡ 9 (mod 16)
* 4. Tonelli-Shanks algorithm
*
* Different algorithms can give different roots, it is up to user to decide which one they want.
* For example there is FpSqrtOdd/FpSqrtEven to choose a root by oddness
* (used for hash-to-curve).
* @param P - Field order.
* @returns Square-root helper. The generic fallback inherits Tonelli-Shanks' variable-time
*   behavior and this selector assumes prime-field-style integer moduli.
* @throws If the field is unsupported or the square root does not exist. {@link Error}
* @example
* Choose the square-root helper appropriate for one field modulus.
*
* ```ts
* import { Field, FpSqrt } from '@noble/curves/abstract/modular.js';
* const Fp = Field(17n);
* const sqrt = FpSqrt(17n)(Fp, 4n);
* ```
*/
function FpSqrt(P) {
	return aoddModulus(P, "Fp.sqrt"), P % _4n$2 === _3n$1 ? sqrt3mod4 : P % _8n === _5n ? sqrt5mod8 : P % _16n === _9n ? sqrt9mod16(P) : tonelliShanks(P);
}
/**
* @param num - Value to inspect.
* @param modulo - Field modulus.
* @returns `true` when the least-significant little-endian bit is set.
* @throws If the modulus is invalid for `mod(...)`. {@link Error}
* @example
* Inspect the low bit used by little-endian sign conventions.
*
* ```ts
* isNegativeLE(3n, 11n);
* ```
*/
const isNegativeLE = (num, modulo) => (mod(num, modulo) & _1n$2) === _1n$2, FIELD_FIELDS = [
	"create",
	"isValid",
	"is0",
	"neg",
	"inv",
	"sqrt",
	"sqr",
	"eql",
	"add",
	"sub",
	"mul",
	"pow",
	"div",
	"addN",
	"subN",
	"mulN",
	"sqrN"
];
/**
* @param field - Field implementation.
* @returns Validated field. This only checks the arithmetic subset needed by generic helpers; it
*   does not guarantee full runtime-method coverage for serialization, batching, `cmov`, or
*   field-specific extras beyond positive `BYTES` / `BITS`.
* @throws If the field shape or numeric metadata are invalid. {@link Error}
* @example
* Check that a field implementation exposes the operations curve code expects.
*
* ```ts
* import { Field, validateField } from '@noble/curves/abstract/modular.js';
* const Fp = validateField(Field(17n));
* ```
*/
function validateField(field) {
	if (aobject(field, "field"), typeof field.ORDER != "bigint") throw TypeError("param \"ORDER\" is invalid: expected bigint, got " + typeof field.ORDER);
	asafenumber(field.BYTES, "BYTES"), asafenumber(field.BITS, "BITS");
	for (let name of FIELD_FIELDS) afunction(field[name], "field." + name);
	if (field.BYTES < 1 || field.BITS < 1) throw Error("invalid field: expected BYTES/BITS > 0");
	if (field.ORDER <= _1n$2) throw Error("invalid field: expected ORDER > 1, got " + field.ORDER);
	return field;
}
function FpInvertBatch(Fp, nums, passZero = !1) {
	validateField(Fp), aarray(nums, "nums"), abool(passZero, "passZero");
	let F = Fp, inverted = Array(nums.length).fill(passZero ? F.ZERO : void 0), multipliedAcc = nums.reduce((acc, num, i) => F.is0(num) ? acc : (inverted[i] = acc, F.mul(acc, num)), F.ONE), invertedAcc = F.inv(multipliedAcc);
	return nums.reduceRight((acc, num, i) => F.is0(num) ? acc : (inverted[i] = F.mul(acc, inverted[i]), F.mul(acc, num)), invertedAcc), inverted;
}
/**
* Legendre symbol.
* Legendre constant is used to calculate Legendre symbol (a | p)
* which denotes the value of a^((p-1)/2) (mod p).
*
* * (a | p) ≡ 1    if a is a square (mod p), quadratic residue
* * (a | p) ≡ -1   if a is not a square (mod p), quadratic non residue
* * (a | p) ≡ 0    if a ≡ 0 (mod p)
* @param Fp - Field implementation.
* @param n - Value to inspect.
* @returns Legendre symbol.
* @throws If the powered value does not match a valid Legendre symbol. {@link Error}
* @example
* Compute the Legendre symbol of one field element.
*
* ```ts
* import { Field, FpLegendre } from '@noble/curves/abstract/modular.js';
* const Fp = Field(17n);
* const symbol = FpLegendre(Fp, 4n);
* ```
*/
function FpLegendre(Fp, n) {
	validateField(Fp);
	let F = Fp;
	aoddModulus(F.ORDER, "FpLegendre");
	let p1mod2 = (F.ORDER - _1n$2) / _2n$1, powered = F.pow(n, p1mod2), yes = F.eql(powered, F.ONE), zero = F.eql(powered, F.ZERO), no = F.eql(powered, F.neg(F.ONE));
	if (!yes && !zero && !no) throw Error("invalid Legendre symbol result");
	return yes ? 1 : zero ? 0 : -1;
}
/**
* @param n - Curve order. Callers are expected to pass a positive order.
* @param nBitLength - Optional cached bit length. Callers are expected to pass a positive cached
*   value when overriding the derived bit length.
* @returns Byte and bit lengths.
* @throws If the order or cached bit length is invalid. {@link Error}
* @example
* Measure the encoding sizes needed for one modulus.
*
* ```ts
* nLength(255n);
* ```
*/
function nLength(n, nBitLength) {
	if (nBitLength !== void 0 && anumber(nBitLength), n <= _0n$3) throw Error("invalid n length: expected positive n, got " + n);
	if (nBitLength !== void 0 && nBitLength < 1) throw Error("invalid n length: expected positive bit length, got " + nBitLength);
	let bits = bitLen(n);
	if (nBitLength !== void 0 && nBitLength < bits) throw Error(`invalid n length: expected nBitLength (${nBitLength}) >= bitLen(n) (${bits})`);
	let _nBitLength = nBitLength === void 0 ? bits : nBitLength;
	return {
		nBitLength: _nBitLength,
		nByteLength: Math.ceil(_nBitLength / 8)
	};
}
const FIELD_SQRT = /* @__PURE__ */ new WeakMap();
var _Field = class {
	ORDER;
	BITS;
	BYTES;
	isLE;
	ZERO = _0n$3;
	ONE = _1n$2;
	_lengths;
	_mod;
	constructor(ORDER, opts = {}) {
		if (ORDER <= _1n$2) throw Error("invalid field: expected ORDER > 1, got " + ORDER);
		let _nbitLength;
		this.isLE = !1, typeof opts == "object" && opts && (typeof opts.BITS == "number" && (_nbitLength = opts.BITS), typeof opts.sqrt == "function" && Object.defineProperty(this, "sqrt", {
			value: opts.sqrt,
			enumerable: !0
		}), typeof opts.isLE == "boolean" && (this.isLE = opts.isLE), opts.allowedLengths && (this._lengths = Object.freeze(opts.allowedLengths.slice())), typeof opts.modFromBytes == "boolean" && (this._mod = opts.modFromBytes));
		let { nBitLength, nByteLength } = nLength(ORDER, _nbitLength);
		if (nByteLength > 2048) throw Error("invalid field: expected ORDER of <= 2048 bytes");
		this.ORDER = ORDER, this.BITS = nBitLength, this.BYTES = nByteLength, Object.freeze(this);
	}
	create(num) {
		return mod(num, this.ORDER);
	}
	isValid(num) {
		if (typeof num != "bigint") throw TypeError("invalid field element: expected bigint, got " + typeof num);
		return _0n$3 <= num && num < this.ORDER;
	}
	is0(num) {
		return num === _0n$3;
	}
	isValidNot0(num) {
		return !this.is0(num) && this.isValid(num);
	}
	isOdd(num) {
		return (num & _1n$2) === _1n$2;
	}
	neg(num) {
		return mod(-num, this.ORDER);
	}
	eql(lhs, rhs) {
		return lhs === rhs;
	}
	sqr(num) {
		return mod(num * num, this.ORDER);
	}
	add(lhs, rhs) {
		return mod(lhs + rhs, this.ORDER);
	}
	sub(lhs, rhs) {
		return mod(lhs - rhs, this.ORDER);
	}
	mul(lhs, rhs) {
		return mod(lhs * rhs, this.ORDER);
	}
	pow(num, power) {
		return pow(num, power, this.ORDER);
	}
	div(lhs, rhs) {
		return mod(lhs * invert(rhs, this.ORDER), this.ORDER);
	}
	sqrN(num) {
		return num * num;
	}
	addN(lhs, rhs) {
		return lhs + rhs;
	}
	subN(lhs, rhs) {
		return lhs - rhs;
	}
	mulN(lhs, rhs) {
		return lhs * rhs;
	}
	inv(num) {
		return invert(num, this.ORDER);
	}
	sqrt(num) {
		let sqrt = FIELD_SQRT.get(this);
		return sqrt || FIELD_SQRT.set(this, sqrt = FpSqrt(this.ORDER)), sqrt(this, num);
	}
	toBytes(num) {
		return this.isLE ? numberToBytesLE(num, this.BYTES) : numberToBytesBE(num, this.BYTES);
	}
	fromBytes(bytes, skipValidation = !1) {
		abytes(bytes);
		let { _lengths: allowedLengths, BYTES, isLE, ORDER, _mod: modFromBytes } = this;
		if (allowedLengths) {
			if (bytes.length < 1 || !allowedLengths.includes(bytes.length) || bytes.length > BYTES) throw Error("Field.fromBytes: expected " + allowedLengths + " bytes, got " + bytes.length);
			let padded = new Uint8Array(BYTES);
			padded.set(bytes, isLE ? 0 : padded.length - bytes.length), bytes = padded;
		}
		if (bytes.length !== BYTES) throw Error("Field.fromBytes: expected " + BYTES + " bytes, got " + bytes.length);
		let scalar = isLE ? bytesToNumberLE(bytes) : bytesToNumberBE(bytes);
		if (modFromBytes && (scalar = mod(scalar, ORDER)), !skipValidation && !this.isValid(scalar)) throw Error("invalid field element: outside of range 0..ORDER");
		return scalar;
	}
	invertBatch(lst) {
		return FpInvertBatch(this, lst, !0);
	}
	cmov(a, b, condition) {
		return abool(condition, "condition"), condition ? b : a;
	}
};
/**
* Creates a finite field. Major performance optimizations:
* * 1. Denormalized operations like mulN instead of mul.
* * 2. Identical object shape: never add or remove keys.
* * 3. Frozen stable object shape; the lazy sqrt cache lives in a module-level `WeakMap`.
* Fragile: always run a benchmark on a change.
* Security note: operations and low-level serializers like `toBytes` don't check `isValid` for
* all elements for performance and protocol-flexibility reasons; callers are responsible for
* supplying valid elements when they need canonical field behavior.
* This is low-level code, please make sure you know what you're doing.
*
* Note about field properties:
* * CHARACTERISTIC p = prime number, number of elements in main subgroup.
* * ORDER q = similar to cofactor in curves, may be composite `q = p^m`.
*
* @param ORDER - field order, probably prime, or could be composite
* @param opts - Field options such as bit length or endianness. See {@link FieldOpts}.
* @returns Frozen field instance with a stable object shape. This wrapper forwards `opts` straight
*   into `_Field`, so it inherits `_Field`'s assumptions about cached sizes and `allowedLengths`.
* @example
* Construct one prime field with optional overrides.
*
* ```ts
* Field(11n);
* ```
*/
function Field(ORDER, opts = {}) {
	return Object.freeze(_Field.prototype), new _Field(ORDER, opts);
}
/**
* Returns total number of bytes consumed by the field element.
* For example, 32 bytes for usual 256-bit weierstrass curve.
* @param fieldOrder - number of field elements, usually CURVE.n. Callers are expected to pass an
*   order greater than 1.
* @returns byte length of field
* @throws If the field order is not a bigint. {@link Error}
* @example
* Read the fixed-width byte length of one field.
*
* ```ts
* getFieldBytesLength(255n);
* ```
*/
function getFieldBytesLength(fieldOrder) {
	if (typeof fieldOrder != "bigint") throw Error("field order must be bigint");
	if (fieldOrder <= _1n$2) throw Error("field order must be greater than 1");
	let bitLength = bitLen(fieldOrder - _1n$2);
	return Math.ceil(bitLength / 8);
}
/**
* Returns minimal amount of bytes that can be safely reduced
* by field order.
* Should be 2^-128 for 128-bit curve such as P256.
* This is the reduction / modulo-bias lower bound; higher-level helpers may still impose a larger
* absolute floor for policy reasons.
* @param fieldOrder - number of field elements greater than 1, usually CURVE.n.
* @returns byte length of target hash
* @throws If the field order is invalid. {@link Error}
* @example
* Compute the minimum hash length needed for field reduction.
*
* ```ts
* getMinHashLength(255n);
* ```
*/
function getMinHashLength(fieldOrder) {
	let length = getFieldBytesLength(fieldOrder);
	return length + Math.ceil(length / 2);
}
/**
* "Constant-time" private key generation utility.
* Can take (n + n/2) or more bytes of uniform input e.g. from CSPRNG or KDF
* and convert them into private scalar, with the modulo bias being negligible.
* Needs at least 48 bytes of input for 32-byte private key. The implementation also keeps a hard
* 16-byte minimum even when `getMinHashLength(...)` is smaller, so toy-small inputs do not look
* accidentally acceptable for real scalar derivation.
* See {@link https://research.kudelskisecurity.com/2020/07/28/the-definitive-guide-to-modulo-bias-and-how-to-avoid-it/ | Kudelski's modulo-bias guide},
* {@link https://csrc.nist.gov/publications/detail/fips/186/5/final | FIPS 186-5 appendix A.2}, and
* {@link https://www.rfc-editor.org/rfc/rfc9380#section-5 | RFC 9380 section 5}. Unlike RFC 9380
* `hash_to_field`, this helper intentionally maps into the non-zero private-scalar range `1..n-1`.
* @param key - Uniform input bytes.
* @param fieldOrder - Size of subgroup.
* @param isLE - interpret hash bytes as LE num
* @returns valid private scalar
* @throws If the hash length or field order is invalid for scalar reduction. {@link Error}
* @example
* Map hash output into a private scalar range.
*
* ```ts
* mapHashToField(new Uint8Array(48).fill(1), 255n);
* ```
*/
function mapHashToField(key, fieldOrder, isLE = !1) {
	abytes(key);
	let len = key.length, fieldLen = getFieldBytesLength(fieldOrder), minLen = Math.max(getMinHashLength(fieldOrder), 16);
	if (len < minLen || len > 1024) throw Error("expected " + minLen + "-1024 bytes of input, got " + len);
	let reduced = mod(isLE ? bytesToNumberLE(key) : bytesToNumberBE(key), fieldOrder - _1n$2) + _1n$2;
	return isLE ? numberToBytesLE(reduced, fieldLen) : numberToBytesBE(reduced, fieldLen);
}
// node_modules/@noble/curves/abstract/curve.js
/**
* Methods for elliptic curve multiplication by scalars.
* Contains wNAF-based ScalarMultiplier, pippenger.
* @module
*/
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
const _0n$2 = /* @__PURE__ */ BigInt(0), _1n$1 = /* @__PURE__ */ BigInt(1), _4n$1 = /* @__PURE__ */ BigInt(4), TABLE_BYTES_MAX = 2 ** 31;
/**
* Validates the static surface of a point constructor.
* This is only a cheap sanity check for the constructor hooks and fields consumed by generic
* factories; it does not certify `BASE`/`ZERO` semantics or prove the curve implementation itself.
* @param Point - Runtime point constructor.
* @throws On missing constructor hooks or malformed field metadata. {@link TypeError}
* @example
* Check that one point constructor exposes the static hooks generic helpers need.
*
* ```ts
* import { ed25519 } from '@noble/curves/ed25519.js';
* import { validatePointCons } from '@noble/curves/abstract/curve.js';
* validatePointCons(ed25519.Point);
* ```
*/
function validatePointCons(Point) {
	let pc = Point;
	if (typeof pc != "function") throw TypeError("\"Point\" expected constructor, got type=" + typeof Point);
	afunction(pc.fromAffine, "Point.fromAffine"), afunction(pc.fromBytes, "Point.fromBytes"), afunction(pc.fromHex, "Point.fromHex"), aobject(pc.BASE, "Point.BASE"), aobject(pc.ZERO, "Point.ZERO"), validateField(pc.Fp), validateField(pc.Fn);
}
/**
* Takes a bunch of Projective Points but executes only one
* inversion on all of them. Inversion is very slow operation,
* so this improves performance massively.
* Optimization: converts a list of projective points to a list of identical points with Z=1.
* Input points are left unchanged; the normalized points are returned as fresh instances.
* @param c - Point constructor.
* @param points - Projective points.
* @returns Fresh projective points reconstructed from normalized affine coordinates.
* @example
* Batch-normalize projective points with a single shared inversion.
*
* ```ts
* import { normalizeZ } from '@noble/curves/abstract/curve.js';
* import { p256 } from '@noble/curves/nist.js';
* const points = normalizeZ(p256.Point, [p256.Point.BASE, p256.Point.BASE.double()]);
* ```
*/
function normalizeZ(c, points) {
	validatePointCons(c), validateMSMPoints(points, c);
	let invertedZs = FpInvertBatch(c.Fp, points.map((p) => p.Z));
	return points.map((p, i) => c.fromAffine(p.toAffine(invertedZs[i])));
}
function validateW(W, bits, min = 1) {
	if (!Number.isSafeInteger(W) || W < min || W > bits) throw Error("invalid window size, expected [" + min + ".." + bits + "], got W=" + W);
}
function validateTableBytes(numPoints, fpBytes) {
	let bytes = numPoints * (4 * fpBytes + 128);
	if (bytes > TABLE_BYTES_MAX) throw Error("invalid window size: table would need ~" + Math.ceil(bytes / 2 ** 20) + " MiB, max " + TABLE_BYTES_MAX / 2 ** 20 + " MiB");
}
/**
* Probes an RNG once, at construction time: returns `undefined` when it is unavailable —
* throws or returns malformed bytes — so callers can downgrade to their unblinded /
* deterministic constant-time fallback. Blinding is defense-in-depth (DPA/template
* hardening), not a correctness or key-secrecy requirement, so availability-based
* downgrade is acceptable.
*
* The downgrade decision is deliberately static. After a successful probe the RNG becomes
* part of the trusted contract: later misbehavior must fail closed in per-call validation
* (throw), never downgrade — a dynamic fallback would let a tampered RNG silently strip
* blinding on demand. A probe can only ever classify broken environments, not adversarial
* RNGs: a stateful RNG can always behave while probed and misbehave later.
* @param randomBytes - RNG to probe, or `undefined` when the environment provides none.
* @param length - Byte length requested from the probe call.
* @returns The RNG when the probe produced `length` valid bytes; `undefined` otherwise.
* @example
* Probe an RNG once before enabling scalar blinding.
*
* ```ts
* import { probeRandomBytes } from '@noble/curves/abstract/curve.js';
* import { randomBytes } from '@noble/hashes/utils.js';
* const rng = probeRandomBytes(randomBytes, 16);
* ```
*/
function probeRandomBytes(randomBytes, length) {
	if (randomBytes !== void 0) {
		afunction(randomBytes, "randomBytes");
		try {
			let probe = randomBytes(length);
			if (!isBytes(probe) || probe.length !== length) return;
		} catch {
			return;
		}
		return randomBytes;
	}
}
function validateMSMPoints(points, c) {
	aarray(points, "points"), points.forEach((p, i) => {
		if (!(p instanceof c)) throw Error("invalid point at index " + i);
	});
}
function validateMSMScalars(scalars, field, maxScalar) {
	if (!Array.isArray(scalars)) throw Error("array of scalars expected");
	scalars.forEach((s, i) => {
		if (!(maxScalar === void 0 ? field.isValid(s) : isPosBig(s) && s < maxScalar)) throw Error("invalid scalar at index " + i);
	});
}
const pointWindowSizes = /* @__PURE__ */ new WeakMap();
function getWindowSize(P) {
	return pointWindowSizes.get(P) || 1;
}
/** Table of odd multiples [1P, 3P, ..., (2⋅size−1)P]; width-W wNAF uses size = 2^(W−2). */
function oddMultiples(p, size) {
	let dbl = p.double(), t = [p];
	for (let j = 1; j < size; j++) t.push(t[j - 1].add(dbl));
	return t;
}
/**
* Width-W wNAF signed-digit recoding (W >= 2), LSB-first: digits are 0 or odd with
* |digit| < 2^(W−1); nonzero density ~1/(W+1) (a nonzero digit is followed by W−1 zeros).
*/
function wnafDigits(n, W) {
	let size = 2 ** W, half = size / 2, mask = BigInt(size - 1), d = [];
	for (; n > _0n$2;) {
		let w = 0;
		n & _1n$1 && (w = Number(n & mask), w >= half && (w -= size), n -= BigInt(w)), d.push(w), n >>= _1n$1;
	}
	return d;
}
/**
* Fixed-position signed-window recoding for precomputed wNAF: `n = Σ digits[w]⋅2^(w⋅W)` with
* digits in `[−2^(W−1)+1, 2^(W−1)]`. Digit count is fixed by `windows` (callers reserve one
* extra window for the final carry), so recoding length does not depend on the scalar.
*/
function signedWindowDigits(n, W, windows) {
	let size = 2 ** W, half = size / 2, mask = BigInt(size - 1), shiftBy = BigInt(W), d = [];
	for (let w = 0; w < windows; w++) {
		let v = Number(n & mask);
		n >>= shiftBy, v > half && (v -= size, n += _1n$1), d.push(v);
	}
	if (n !== _0n$2) throw Error("invalid wnaf");
	return d;
}
/**
* Shared vartime walk over per-scalar wNAF digit streams: one doubling of a single shared
* accumulator per bit position of the longest recoding, one signed table addition per
* nonzero digit. `tables[i]` must hold the odd multiples of the i-th point.
*/
function wnafWalk(zero, tables, digits) {
	let max = 0;
	for (let d of digits) max = Math.max(max, d.length);
	let acc = zero;
	for (let bit = max - 1; bit >= 0; bit--) {
		bit !== max - 1 && (acc = acc.double());
		for (let i = 0; i < digits.length; i++) {
			let w = digits[i][bit];
			if (w) {
				let item = tables[i][Math.abs(w) - 1 >> 1];
				acc = acc.add(w < 0 ? item.negate() : item);
			}
		}
	}
	return acc;
}
/**
* Elliptic curve multiplication of Point by scalar.
* Routes between cached-table, fixed-window, and one-shot wNAF paths; entry points validate
* their own scalars (`mulCT`/`mulCTBlinded`: `1 <= s < Fn.ORDER`; `mulUnsafe`: up to the
* `Fn.ORDER^4` DoS cap via {@link mulAddUnsafe}).
* Table generation is expensive and happens on first call of `multiply()`
* (or eagerly via `precompute(W, false)`). By default, `BASE` point is precomputed.
*
* Cached algorithm is signed fixed-window wNAF:
* - table stores, for every window w, the multiples `[1..2^(W−1)]⋅2^(w⋅W)⋅P` — all doublings
*   are baked in, so a multiplication is exactly one table addition per window
* - window count is fixed (`ceil(bits/W) + 1`), so the point-operation count is scalar-independent
*   (basis of the constant-time path)
* - for a 256-bit curve and W=6: 44⋅32 = 1408 table points, 44 additions per multiply
* - secret scalars are additionally blinded (see {@link ScalarMultiplier.mulCTBlinded}), which
*   widens tables by 128 bits
* @param Point - Point constructor.
* @param randomBytes - RNG used for scalar blinding; required by the blinded secret path.
* @example
* Elliptic curve multiplication of Point by scalar.
*
* ```ts
* import { ScalarMultiplier } from '@noble/curves/abstract/curve.js';
* import { p256 } from '@noble/curves/nist.js';
* const mul = new ScalarMultiplier(p256.Point);
* ```
*/
var ScalarMultiplier = class {
	Point;
	BASE;
	ZERO;
	randomBytes;
	wnafPrecomputes = /* @__PURE__ */ new WeakMap();
	baseCanBeBlinded;
	bits;
	constructor(Point, randomBytes) {
		validatePointCons(Point), this.randomBytes = probeRandomBytes(randomBytes, 16), this.Point = Point, this.BASE = Point.BASE, this.ZERO = Point.ZERO, this.bits = Point.Fn.BITS;
	}
	/**
	* Creates a signed fixed-window wNAF precomputation table: for every window w, the
	* multiples `[1..2^(W−1)]⋅2^(w⋅W)⋅P`, flattened. All doublings are baked into the table,
	* so cached multiplication is additions-only. `windows = ceil(bits/W) + 1`: the extra
	* window absorbs the final carry of signed-digit recoding.
	* For a 256-bit curve and W=6, the table is 44⋅32 = 1408 points.
	* @param point - Point instance
	* @param W - window size
	* @param bits - scalar bitlength the table must cover
	*/
	buildWnafTable(point, W, bits) {
		let windows = Math.ceil(bits / W) + 1, half = 2 ** (W - 1), comp = [], base = point;
		for (let w = 0; w < windows; w++) {
			let acc = base;
			for (let i = 0; i < half; i++) comp.push(acc), acc = acc.add(base);
			base = comp[comp.length - 1].double();
		}
		return {
			W,
			bits,
			windows,
			comp
		};
	}
	/**
	* Implements ec multiplication using precomputed signed fixed-window wNAF tables.
	* Constant-time: fixed window count with one table addition per window — zero digits feed
	* the fake accumulator — and no doublings; the lookup scans the whole window slice.
	* Scalar bounds are validated by the public entry points ({@link ScalarMultiplier.mulCT},
	* {@link ScalarMultiplier.mulCTBlinded}, {@link ScalarMultiplier.mulUnsafe});
	* signedWindowDigits throws if `n` exceeds the table.
	* @returns real and fake (for const-time) points
	*/
	wnafCachedCT(precomputes, n) {
		let { W, windows, comp } = precomputes, half = 2 ** (W - 1), digits = signedWindowDigits(n, W, windows), p = this.ZERO, f = this.BASE;
		for (let w = 0; w < windows; w++) {
			let digit = digits[w], start = w * half, idx = Math.abs(digit) - 1, sel = comp[start];
			for (let i = 1; i < half; i++) sel = i === idx ? comp[start + i] : sel;
			let neg = sel.negate();
			digit === 0 ? f = f.add(comp[start]) : p = p.add(digit < 0 ? neg : sel);
		}
		return {
			p,
			f
		};
	}
	getWnafPrecomputes(W, point, bits, transform) {
		let entries = this.wnafPrecomputes.get(point), comp = entries?.find((entry) => entry.W === W && entry.bits === bits);
		return comp || (comp = this.buildWnafTable(point, W, bits), typeof transform == "function" && (comp = {
			...comp,
			comp: transform(comp.comp)
		}), entries || (entries = [], this.wnafPrecomputes.set(point, entries)), entries.push(comp)), comp;
	}
	assertPoint(point) {
		if (!(point instanceof this.Point)) throw TypeError("\"point\" expected Point instance, got type=" + typeof point);
	}
	validateMulInput(point, scalar) {
		if (this.assertPoint(point), !inRange(scalar, _1n$1, this.Point.Fn.ORDER)) throw Error("invalid scalar");
	}
	runCT(point, n, bits, transform) {
		let W = getWindowSize(point);
		return W === 1 ? this.fixedWindowCT(point, n, bits) : this.wnafCachedCT(this.getWnafPrecomputes(W, point, bits, transform), n);
	}
	mulCT(point, scalar, transform) {
		return this.validateMulInput(point, scalar), this.runCT(point, scalar, this.bits, transform);
	}
	mulCTBlinded(point, scalar, transform) {
		if (this.validateMulInput(point, scalar), this.randomBytes === void 0) throw Error("randomBytes is required for scalar blinding");
		let bits = this.Point.Fn.BITS + 128, blind = this.randomBytes(16);
		if (!isBytes(blind) || blind.length !== 16) throw Error("randomBytes returned invalid byte array");
		blind[0] = blind[0] & 63 | 128;
		let n = scalar + bytesToNumberBE(blind) * this.Point.Fn.ORDER;
		return this.runCT(point, n, bits, transform);
	}
	/**
	* Constant-time multiplication `n*point` for an un-precomputed point, via a small fixed window.
	* A cached wNAF table only pays off when reused; a flat 2^FW_WINDOW table (`size-1` adds) is
	* far cheaper to build for a single use. The point-operation sequence is independent of `n`:
	* build the table, then per window exactly FW_WINDOW doublings, a data-oblivious scan over
	* every table entry, and one addition (adds the identity when the window digit is 0 — never
	* skipped).
	*
	* `n` must be `< 2^bits`. Assumes complete addition (adding the identity costs the same as any
	* add), which holds for the Weierstrass/Edwards point types used here. The table is left in
	* projective form (no normalizeZ): normalizing this small a table costs more than the
	* mixed-add savings it would buy for a single multiply.
	* @returns real point `p`; `f` duplicates it only to match {@link wnafCachedCT}'s return shape
	* (this path needs no fake accumulator — its op-count is already scalar-independent).
	*/
	fixedWindowCT(point, n, bits) {
		let mask = bitMask(5), table = Array(32);
		table[0] = this.ZERO;
		for (let i = 1; i < 32; i++) table[i] = table[i - 1].add(point);
		let windows = Math.ceil(bits / 5), acc = this.ZERO;
		for (let window = windows - 1; window >= 0; window--) {
			if (window !== windows - 1) for (let d = 0; d < 5; d++) acc = acc.double();
			let digit = Number(n >> BigInt(window * 5) & mask), sel = table[0];
			for (let i = 1; i < 32; i++) sel = i === digit ? table[i] : sel;
			acc = acc.add(sel);
		}
		return {
			p: acc,
			f: acc
		};
	}
	shouldBlind(point, cofactor) {
		return this.randomBytes === void 0 ? !1 : cofactor === _1n$1 || point === this.BASE && (this.baseCanBeBlinded === void 0 && (this.baseCanBeBlinded = this.mulUnsafe(this.BASE, this.Point.Fn.ORDER).is0()), this.baseCanBeBlinded);
	}
	mulSecret(point, scalar, cofactor, transform) {
		return this.shouldBlind(point, cofactor) ? this.mulCTBlinded(point, scalar, transform) : this.mulCT(point, scalar, transform);
	}
	mulUnsafe(point, scalar, transform) {
		if (this.assertPoint(point), !isPosBig(scalar)) throw Error("invalid scalar");
		let W = getWindowSize(point);
		if (W === 1 || scalar >= this.Point.Fn.ORDER) return mulAddUnsafe(this.Point, [point], [scalar], !0);
		let precomputes = this.getWnafPrecomputes(W, point, this.bits, transform);
		return this.wnafCachedCT(precomputes, scalar).p;
	}
	setWindowSize(point, W) {
		this.assertPoint(point), validateW(W, this.bits), validateTableBytes((Math.ceil((this.bits + 128) / W) + 1) * 2 ** (W - 1), this.Point.Fp.BYTES), pointWindowSizes.set(point, W), this.wnafPrecomputes.delete(point);
	}
	hasWindowSize(point) {
		return getWindowSize(point) !== 1;
	}
};
/**
* Combined multi-scalar multiplication `Σ scalars[i]⋅points[i]` via interleaved width-4 wNAF
* (Strauss–Shamir). Every input gets its own table of odd multiples `[1P, 3P, 5P, 7P]` and
* signed-digit recoding, but all walks share one doubling chain, so total cost is
* `~bits` doublings + `L⋅bits/5` additions instead of `L⋅bits` doublings for separate
* multiplications. Intended for the 2-4 point shapes of signature verification
* (`R = u1⋅G + u2⋅P`); use {@link pippenger} for larger batches.
*
* Not constant-time: only for public inputs. Scalars must satisfy `0 <= s < Fn.ORDER`;
* fold negative signs into the points before calling.
* @param c - Point constructor.
* @param points - Array of curve points.
* @param scalars - Array of non-negative scalars, same length as points.
* @param allowOversized - Replace the `s < Fn.ORDER` scalar check with a `Fn.ORDER^4` DoS cap.
*   Off by default. For scalars that must NOT be reduced mod ORDER: torsion checks
*   (`Fn.ORDER⋅P ≟ O`) and cofactor-clearing multiples. Walk length grows with `bitLen(s)`.
* @returns Combined multiplication result; identity for empty input.
* @throws If the point set or scalar set is invalid. {@link Error}
* @example
* Combined multi-scalar multiplication via Strauss–Shamir.
*
* ```ts
* import { mulAddUnsafe } from '@noble/curves/abstract/curve.js';
* import { p256 } from '@noble/curves/nist.js';
* const G = p256.Point.BASE;
* const R = mulAddUnsafe(p256.Point, [G, G.double()], [2n, 3n]); // 2⋅G + 3⋅(2⋅G)
* ```
*/
function mulAddUnsafe(c, points, scalars, allowOversized = !1) {
	if (validatePointCons(c), validateMSMPoints(points, c), abool(allowOversized, "allowOversized"), validateMSMScalars(scalars, c.Fn, allowOversized ? c.Fn.ORDER ** _4n$1 : void 0), points.length !== scalars.length) throw Error("arrays of points and scalars must have equal length");
	let tables = points.map((p) => oddMultiples(p, 4)), digits = scalars.map((n) => wnafDigits(n, 4));
	return wnafWalk(c.ZERO, tables, digits);
}
function createField(order, field, isLE) {
	if (field) {
		if (field.ORDER !== order) throw Error("Field.ORDER must match order: Fp == p, Fn == n");
		return validateField(field), field;
	}
	return Field(order, { isLE });
}
/**
* Validates basic CURVE shape and field membership, then creates fields.
* This does not prove that the generator is on-curve, that subgroup/order data are consistent, or
* that the curve equation itself is otherwise sane.
* @param type - Curve family.
* @param CURVE - Curve parameters.
* @param curveOpts - Optional field overrides. See {@link FpFn}:
*   - `Fp` (optional): Optional base-field override.
*   - `Fn` (optional): Optional scalar-field override.
* @param FpFnLE - Whether field encoding is little-endian.
* @returns Frozen curve parameters and fields.
* @throws If the curve parameters or field overrides are invalid. {@link Error}
* @example
* Build curve fields from raw constants before constructing a curve instance.
*
* ```ts
* const curve = createCurveFields('weierstrass', {
*   p: 17n,
*   n: 19n,
*   h: 1n,
*   a: 2n,
*   b: 2n,
*   Gx: 5n,
*   Gy: 1n,
* });
* ```
*/
function createCurveFields(type, CURVE, curveOpts = {}, FpFnLE) {
	if (type !== "weierstrass" && type !== "edwards") throw Error("expected curve type \"weierstrass\" or \"edwards\"");
	if (FpFnLE === void 0 && (FpFnLE = type === "edwards"), !CURVE || typeof CURVE != "object") throw Error(`expected valid ${type} CURVE object`);
	validateObject(curveOpts);
	for (let p of [
		"p",
		"n",
		"h"
	]) {
		let val = CURVE[p];
		if (!(isPosBig(val) && val !== _0n$2)) throw Error(`CURVE.${p} must be positive bigint`);
	}
	let Fp = createField(CURVE.p, curveOpts.Fp, FpFnLE), Fn = createField(CURVE.n, curveOpts.Fn, FpFnLE), params = [
		"Gx",
		"Gy",
		"a",
		type === "weierstrass" ? "b" : "d"
	];
	for (let p of params) if (!Fp.isValid(CURVE[p])) throw Error(`CURVE.${p} must be valid field element of CURVE.Fp`);
	return CURVE = Object.freeze(Object.assign({}, CURVE)), {
		CURVE,
		Fp,
		Fn
	};
}
/**
* @param randomSecretKey - Secret-key generator.
* @param getPublicKey - Public-key derivation helper.
* @returns Keypair generator.
* @example
* Build a `keygen()` helper from existing secret-key and public-key primitives.
*
* ```ts
* import { createKeygen } from '@noble/curves/abstract/curve.js';
* import { p256 } from '@noble/curves/nist.js';
* const keygen = createKeygen(p256.utils.randomSecretKey, p256.getPublicKey);
* const pair = keygen();
* ```
*/
function createKeygen(randomSecretKey, getPublicKey) {
	return function(seed) {
		let secretKey = randomSecretKey(seed);
		return {
			secretKey,
			publicKey: getPublicKey(secretKey)
		};
	};
}
// node_modules/@noble/hashes/hmac.js
/**
* HMAC: RFC2104 message authentication code.
* @module
*/
/**
* Internal class for HMAC.
* Accepts any byte key, although RFC 2104 §3 recommends keys at least
* `HashLen` bytes long.
*/
var _HMAC = class {
	oHash;
	iHash;
	blockLen;
	outputLen;
	canXOF = !1;
	finished = !1;
	destroyed = !1;
	constructor(hash, key) {
		if (ahash(hash), abytes$1(key, void 0, "key"), this.iHash = hash.create(), typeof this.iHash.update != "function") throw Error("expected Hash instance");
		this.blockLen = this.iHash.blockLen, this.outputLen = this.iHash.outputLen;
		let blockLen = this.blockLen, pad = new Uint8Array(blockLen);
		pad.set(key.length > blockLen ? hash.create().update(key).digest() : key);
		for (let i = 0; i < pad.length; i++) pad[i] ^= 54;
		this.iHash.update(pad), this.oHash = hash.create();
		for (let i = 0; i < pad.length; i++) pad[i] ^= 106;
		this.oHash.update(pad), clean(pad);
	}
	update(buf) {
		return aexists(this), this.iHash.update(buf), this;
	}
	digestInto(out) {
		aexists(this), aoutput(out, this), this.finished = !0;
		let buf = out.subarray(0, this.outputLen);
		this.iHash.digestInto(buf), this.oHash.update(buf), this.oHash.digestInto(buf), this.destroy();
	}
	digest() {
		let out = new Uint8Array(this.oHash.outputLen);
		return this.digestInto(out), out;
	}
	_cloneInto(to) {
		to ||= Object.create(Object.getPrototypeOf(this), {});
		let { oHash, iHash, finished, destroyed, blockLen, outputLen, canXOF } = this;
		return to = to, to.finished = finished, to.destroyed = destroyed, to.blockLen = blockLen, to.outputLen = outputLen, to.canXOF = canXOF, to.oHash = oHash._cloneInto(to.oHash), to.iHash = iHash._cloneInto(to.iHash), to;
	}
	clone() {
		return this._cloneInto();
	}
	destroy() {
		this.destroyed = !0, this.oHash.destroy(), this.iHash.destroy();
	}
};
const hmac = /* @__PURE__ */ (() => {
	let hmac_ = ((hash, key, message) => new _HMAC(hash, key).update(message).digest());
	return hmac_.create = (hash, key) => new _HMAC(hash, key), hmac_;
})(), _0n$1 = /* @__PURE__ */ BigInt(0), _DER = {
	Err: class extends Error {
		constructor(m = "") {
			/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
			super(m);
		}
	},
	_tlv: {
		encode: (tag, data) => {
			let { Err: E } = _DER;
			if (asafenumber(tag, "tag"), tag < 0 || tag > 255) throw new E("tlv.encode: wrong tag");
			if (astring(data, "data"), data.length & 1) throw new E("tlv.encode: unpadded data");
			let dataLen = data.length / 2, len = numberToHexUnpadded(dataLen);
			if (len.length / 2 & 128) throw new E("tlv.encode: long form length too big");
			let lenLen = dataLen > 127 ? numberToHexUnpadded(len.length / 2 | 128) : "";
			return numberToHexUnpadded(tag) + lenLen + len + data;
		},
		decode(tag, data) {
			let { Err: E } = _DER;
			data = abytes(data, void 0, "DER data");
			let pos = 0;
			if (tag < 0 || tag > 255) throw new E("tlv.decode: wrong tag");
			if (data.length < 2 || data[pos++] !== tag) throw new E("tlv.decode: wrong tlv");
			let first = data[pos++], isLong = !!(first & 128), length = 0;
			if (!isLong) length = first;
			else {
				let lenLen = first & 127;
				if (!lenLen) throw new E("tlv.decode(long): indefinite length not supported");
				if (lenLen > 4) throw new E("tlv.decode(long): byte length is too big");
				let lengthBytes = data.subarray(pos, pos + lenLen);
				if (lengthBytes.length !== lenLen) throw new E("tlv.decode: length bytes not complete");
				if (lengthBytes[0] === 0) throw new E("tlv.decode(long): zero leftmost byte");
				for (let b of lengthBytes) length = length << 8 | b;
				if (pos += lenLen, length < 128) throw new E("tlv.decode(long): not minimal encoding");
			}
			let v = data.subarray(pos, pos + length);
			if (v.length !== length) throw new E("tlv.decode: wrong value length");
			return {
				v,
				l: data.subarray(pos + length)
			};
		}
	},
	_int: {
		encode(num) {
			let { Err: E } = _DER;
			if (abignumber(num), num < _0n$1) throw new E("integer: negative integers are not allowed");
			let hex = numberToHexUnpadded(num);
			if (Number.parseInt(hex[0], 16) & 8 && (hex = "00" + hex), hex.length & 1) throw new E("unexpected DER parsing assertion: unpadded hex");
			return hex;
		},
		decode(data) {
			let { Err: E } = _DER;
			if (data.length < 1) throw new E("invalid signature integer: empty");
			if (data[0] & 128) throw new E("invalid signature integer: negative");
			if (data.length > 1 && data[0] === 0 && !(data[1] & 128)) throw new E("invalid signature integer: unnecessary leading zero");
			return bytesToNumberBE(data);
		}
	},
	toSig(bytes, maxScalarBytes) {
		let { Err: E, _int: int, _tlv: tlv } = _DER;
		if (maxScalarBytes !== void 0 && (asafenumber(maxScalarBytes, "maxScalarBytes"), maxScalarBytes < 1)) throw new E("invalid signature: maxScalarBytes must be positive");
		let data = abytes(bytes, void 0, "signature"), { v: seqBytes, l: seqLeftBytes } = tlv.decode(48, data);
		if (seqLeftBytes.length) throw new E("invalid signature: left bytes after parsing");
		let { v: rBytes, l: rLeftBytes } = tlv.decode(2, seqBytes), { v: sBytes, l: sLeftBytes } = tlv.decode(2, rLeftBytes);
		if (sLeftBytes.length) throw new E("invalid signature: left bytes after parsing");
		if (maxScalarBytes !== void 0 && (rBytes.length > maxScalarBytes || sBytes.length > maxScalarBytes)) throw new E("invalid signature: integer too large");
		return {
			r: int.decode(rBytes),
			s: int.decode(sBytes)
		};
	},
	hexFromSig(sig) {
		let { _tlv: tlv, _int: int } = _DER;
		validateObject(sig, {
			r: "bigint",
			s: "bigint"
		}, {}, "sig");
		let seq = tlv.encode(2, int.encode(sig.r)) + tlv.encode(2, int.encode(sig.s));
		return tlv.encode(48, seq);
	}
}, DER = (Object.freeze(_DER._tlv), Object.freeze(_DER._int), Object.freeze(_DER)), divNearest = (num, den) => (num + (num >= 0 ? den : -den) / _2n) / den;
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
/** Splits scalar for GLV endomorphism. */
function _splitEndoScalar(k, basis, n) {
	aInRange("scalar", k, _0n, n);
	let [[a1, b1], [a2, b2]] = basis, c1 = divNearest(b2 * k, n), c2 = divNearest(-b1 * k, n), k1 = k - c1 * a1 - c2 * a2, k2 = -c1 * b1 - c2 * b2, k1neg = k1 < _0n, k2neg = k2 < _0n;
	k1neg && (k1 = -k1), k2neg && (k2 = -k2);
	let MAX_NUM = bitMask(Math.ceil(bitLen(n) / 2)) + _1n;
	if (k1 < _0n || k1 >= MAX_NUM || k2 < _0n || k2 >= MAX_NUM) throw Error("splitScalar (endomorphism): failed for k");
	return {
		k1neg,
		k1,
		k2neg,
		k2
	};
}
function validateSigFormat(format) {
	if (![
		"compact",
		"recovered",
		"der"
	].includes(format)) throw Error("Signature format must be \"compact\", \"recovered\", or \"der\"");
	return format;
}
function validateSigOpts(opts, def) {
	validateObject(opts);
	let optsn = {};
	for (let optName of Object.keys(def)) optsn[optName] = opts[optName] === void 0 ? def[optName] : opts[optName];
	return abool(optsn.lowS, "lowS"), abool(optsn.prehash, "prehash"), optsn.format !== void 0 && validateSigFormat(optsn.format), optsn;
}
const _0n = /* @__PURE__ */ BigInt(0), _1n = /* @__PURE__ */ BigInt(1), _2n = /* @__PURE__ */ BigInt(2), _3n = /* @__PURE__ */ BigInt(3), _4n = /* @__PURE__ */ BigInt(4);
/**
* Creates weierstrass Point constructor, based on specified curve options.
*
* See {@link WeierstrassOpts}.
* @param params - Curve parameters. See {@link WeierstrassOpts}.
* @param extraOpts - Optional helpers and overrides. See {@link WeierstrassExtraOpts}.
* @returns Weierstrass point constructor.
* @throws If the curve parameters, overrides, or point codecs are invalid. {@link Error}
*
* @example
* Construct a point type from explicit Weierstrass curve parameters.
*
* ```js
* const opts = {
*   p: 0xfffffffffffffffffffffffffffffffeffffac73n,
*   n: 0x100000000000000000001b8fa16dfab9aca16b6b3n,
*   h: 1n,
*   a: 0n,
*   b: 7n,
*   Gx: 0x3b4c382ce37aa192a4019e763036f4f5dd4d7ebbn,
*   Gy: 0x938cf935318fdced6bc28286531733c3f03c4feen,
* };
* const secp160k1_Point = weierstrass(opts);
* ```
*/
function weierstrass(params, extraOpts = {}) {
	let validated = createCurveFields("weierstrass", params, extraOpts), Fp = validated.Fp, Fn = validated.Fn, CURVE = validated.CURVE, { h: cofactor, n: CURVE_ORDER } = CURVE;
	validateObject(extraOpts, {}, {
		allowInfinityPoint: "boolean",
		clearCofactor: "function",
		isTorsionFree: "function",
		fromBytes: "function",
		toBytes: "function",
		endo: "object",
		randomBytes: "function"
	});
	let { endo: endoOpts, allowInfinityPoint, clearCofactor, isTorsionFree, fromBytes, toBytes } = extraOpts, randomBytes$2 = extraOpts.randomBytes === void 0 ? randomBytes : extraOpts.randomBytes;
	if (endoOpts && (!Fp.is0(CURVE.a) || typeof endoOpts.beta != "bigint" || !Array.isArray(endoOpts.basises))) throw Error("invalid endo: expected \"beta\": bigint and \"basises\": array");
	let endo = endoOpts ? {
		beta: endoOpts.beta,
		basises: endoOpts.basises.map((basis) => [...basis])
	} : void 0, lengths = getWLengths(Fp, Fn);
	function assertCompressionIsSupported() {
		if (!Fp.isOdd) throw Error("compression is not supported: Field does not have .isOdd()");
	}
	function pointToBytes(_c, point, isCompressed) {
		if (point.is0()) {
			if (!allowInfinityPoint) throw Error("bad point: ZERO");
			return Uint8Array.of(0);
		}
		let { x, y } = point.toAffine(), bx = Fp.toBytes(x);
		if (abool(isCompressed, "isCompressed"), isCompressed) {
			assertCompressionIsSupported();
			let hasEvenY = !Fp.isOdd(y);
			return concatBytes(pprefix(hasEvenY), bx);
		}
		return concatBytes(Uint8Array.of(4), bx, Fp.toBytes(y));
	}
	function pointFromBytes(bytes) {
		abytes(bytes, void 0, "Point");
		let { publicKey: comp, publicKeyUncompressed: uncomp } = lengths, length = bytes.length, head = bytes[0], tail = bytes.subarray(1);
		if (allowInfinityPoint && length === 1 && head === 0) return {
			x: Fp.ZERO,
			y: Fp.ZERO
		};
		if (length === comp && (head === 2 || head === 3)) {
			let x = Fp.fromBytes(tail);
			if (!Fp.isValid(x)) throw Error("bad point: is not on curve, wrong x");
			let y2 = weierstrassEquation(x), y;
			try {
				y = Fp.sqrt(y2);
			} catch (sqrtError) {
				let err = sqrtError instanceof Error ? ": " + sqrtError.message : "";
				throw Error("bad point: is not on curve, sqrt error" + err);
			}
			assertCompressionIsSupported();
			let evenY = Fp.isOdd(y);
			return (head & 1) == 1 !== evenY && (y = Fp.neg(y)), {
				x,
				y
			};
		}
		if (length === uncomp && head === 4) {
			let L = Fp.BYTES, x = Fp.fromBytes(tail.subarray(0, L)), y = Fp.fromBytes(tail.subarray(L, L * 2));
			if (!isValidXY(x, y)) throw Error("bad point: is not on curve");
			return {
				x,
				y
			};
		}
		throw Error(`bad point: got length ${length}, expected compressed=${comp} or uncompressed=${uncomp}`);
	}
	let encodePoint = toBytes === void 0 ? pointToBytes : toBytes, decodePoint = fromBytes === void 0 ? pointFromBytes : fromBytes, b3 = Fp.mul(CURVE.b, _3n), mulA = Fp.is0(CURVE.a) ? (_) => Fp.ZERO : (x) => Fp.mul(CURVE.a, x);
	function weierstrassEquation(x) {
		let x2 = Fp.sqr(x), x3 = Fp.mul(x2, x);
		return Fp.add(Fp.add(x3, Fp.mul(x, CURVE.a)), CURVE.b);
	}
	/** Checks whether equation holds for given x, y: y² == x³ + ax + b */
	function isValidXY(x, y) {
		let left = Fp.sqr(y), right = weierstrassEquation(x);
		return Fp.eql(left, right);
	}
	if (!isValidXY(CURVE.Gx, CURVE.Gy)) throw Error("bad curve params: generator point");
	let _4a3 = Fp.mul(Fp.pow(CURVE.a, _3n), _4n), _27b2 = Fp.mul(Fp.sqr(CURVE.b), BigInt(27));
	if (Fp.is0(Fp.add(_4a3, _27b2))) throw Error("bad curve params: a or b");
	/** Asserts coordinate is valid: 0 <= n < Fp.ORDER. */
	function acoord(title, n, banZero = !1) {
		if (!Fp.isValid(n) || banZero && Fp.is0(n)) throw Error(`bad point coordinate ${title}`);
		return typeof n == "object" && n ? Fp.create(n) : n;
	}
	function aprjpoint(other) {
		if (!(other instanceof Point)) throw Error("Weierstrass Point expected");
	}
	function splitEndoScalarN(k) {
		if (!endo || !endo.basises) throw Error("no endo");
		return _splitEndoScalar(k, endo.basises, Fn.ORDER);
	}
	/**
	* Appends a (point, scalar) pair to the inputs of a vartime wNAF walk
	* ({@link mulAddUnsafe}). With GLV endomorphism the scalar is split into two half-width
	* pairs against P and ψ(P) = (β⋅x, y), halving the walk's shared doubling chain;
	* split signs fold into the points.
	*/
	function pushWnafPair(points, scalars, p, k) {
		if (!Fn.isValid(k)) throw RangeError("invalid scalar: out of range");
		if (endo) {
			let { k1neg, k1, k2neg, k2 } = splitEndoScalarN(k), psi = new Point(Fp.mul(p.X, endo.beta), p.Y, p.Z);
			points.push(k1neg ? p.negate() : p, k2neg ? psi.negate() : psi), scalars.push(k1, k2);
		} else points.push(p), scalars.push(k);
	}
	let validityCache = /* @__PURE__ */ new WeakSet();
	/**
	* Projective Point works in 3d / projective (homogeneous) coordinates:(X, Y, Z) ∋ (x=X/Z, y=Y/Z).
	* Default Point works in 2d / affine coordinates: (x, y).
	* We're doing calculations in projective, because its operations don't require costly inversion.
	*/
	class Point {
		static BASE = new Point(CURVE.Gx, CURVE.Gy, Fp.ONE);
		static ZERO = new Point(Fp.ZERO, Fp.ONE, Fp.ZERO);
		static Fp = Fp;
		static Fn = Fn;
		X;
		Y;
		Z;
		/** Does NOT validate if the point is valid. Use `.assertValidity()`. */
		constructor(X, Y, Z) {
			this.X = acoord("x", X), this.Y = acoord("y", Y, !0), this.Z = acoord("z", Z), Object.freeze(this);
		}
		static CURVE() {
			return CURVE;
		}
		/** Does NOT validate if the point is valid. Use `.assertValidity()`. */
		static fromAffine(p) {
			let { x, y } = p || {};
			if (!p || !Fp.isValid(x) || !Fp.isValid(y)) throw Error("invalid affine point");
			if (p instanceof Point) throw Error("projective point not allowed");
			return Fp.is0(x) && Fp.is0(y) ? Point.ZERO : new Point(x, y, Fp.ONE);
		}
		static fromBytes(bytes) {
			let P = Point.fromAffine(decodePoint(abytes(bytes, void 0, "point")));
			return P.assertValidity(), P;
		}
		static fromHex(hex) {
			return Point.fromBytes(hexToBytes(hex));
		}
		get x() {
			return this.toAffine().x;
		}
		get y() {
			return this.toAffine().y;
		}
		/**
		* @param isLazy - true will defer table computation until the first multiplication
		*/
		precompute(windowSize = 6, isLazy = !0) {
			return wnaf.setWindowSize(this, windowSize), isLazy || this.multiply(_3n), this;
		}
		/** A point on curve is valid if it conforms to equation. */
		assertValidity() {
			let p = this;
			if (p.is0()) {
				if (allowInfinityPoint && Fp.is0(p.X) && Fp.eql(p.Y, Fp.ONE) && Fp.is0(p.Z)) return;
				throw Error("bad point: ZERO");
			}
			if (validityCache.has(p)) return;
			let { x, y } = p.toAffine();
			if (!Fp.isValid(x) || !Fp.isValid(y)) throw Error("bad point: x or y not field elements");
			if (!isValidXY(x, y)) throw Error("bad point: equation left != right");
			if (!p.isTorsionFree()) throw Error("bad point: not in prime-order subgroup");
			validityCache.add(p);
		}
		hasEvenY() {
			let { y } = this.toAffine();
			if (!Fp.isOdd) throw Error("Field doesn't support isOdd");
			return !Fp.isOdd(y);
		}
		/** Compare one point to another. */
		equals(other) {
			aprjpoint(other);
			let { X: X1, Y: Y1, Z: Z1 } = this, { X: X2, Y: Y2, Z: Z2 } = other, U1 = Fp.eql(Fp.mul(X1, Z2), Fp.mul(X2, Z1)), U2 = Fp.eql(Fp.mul(Y1, Z2), Fp.mul(Y2, Z1));
			return U1 && U2;
		}
		/** Flips point to one corresponding to (x, -y) in Affine coordinates. */
		negate() {
			return new Point(this.X, Fp.neg(this.Y), this.Z);
		}
		double() {
			let { X: X1, Y: Y1, Z: Z1 } = this, X3 = Fp.ZERO, Y3 = Fp.ZERO, Z3 = Fp.ZERO, t0 = Fp.mul(X1, X1), t1 = Fp.mul(Y1, Y1), t2 = Fp.mul(Z1, Z1), t3 = Fp.mul(X1, Y1);
			return t3 = Fp.add(t3, t3), Z3 = Fp.mul(X1, Z1), Z3 = Fp.add(Z3, Z3), X3 = mulA(Z3), Y3 = Fp.mul(b3, t2), Y3 = Fp.add(X3, Y3), X3 = Fp.sub(t1, Y3), Y3 = Fp.add(t1, Y3), Y3 = Fp.mul(X3, Y3), X3 = Fp.mul(t3, X3), Z3 = Fp.mul(b3, Z3), t2 = mulA(t2), t3 = Fp.sub(t0, t2), t3 = mulA(t3), t3 = Fp.add(t3, Z3), Z3 = Fp.add(t0, t0), t0 = Fp.add(Z3, t0), t0 = Fp.add(t0, t2), t0 = Fp.mul(t0, t3), Y3 = Fp.add(Y3, t0), t2 = Fp.mul(Y1, Z1), t2 = Fp.add(t2, t2), t0 = Fp.mul(t2, t3), X3 = Fp.sub(X3, t0), Z3 = Fp.mul(t2, t1), Z3 = Fp.add(Z3, Z3), Z3 = Fp.add(Z3, Z3), new Point(X3, Y3, Z3);
		}
		add(other) {
			aprjpoint(other);
			let { X: X1, Y: Y1, Z: Z1 } = this, { X: X2, Y: Y2, Z: Z2 } = other, X3 = Fp.ZERO, Y3 = Fp.ZERO, Z3 = Fp.ZERO, t0 = Fp.mul(X1, X2), t1 = Fp.mul(Y1, Y2), t2 = Fp.mul(Z1, Z2), t3 = Fp.add(X1, Y1), t4 = Fp.add(X2, Y2);
			t3 = Fp.mul(t3, t4), t4 = Fp.add(t0, t1), t3 = Fp.sub(t3, t4), t4 = Fp.add(X1, Z1);
			let t5 = Fp.add(X2, Z2);
			return t4 = Fp.mul(t4, t5), t5 = Fp.add(t0, t2), t4 = Fp.sub(t4, t5), t5 = Fp.add(Y1, Z1), X3 = Fp.add(Y2, Z2), t5 = Fp.mul(t5, X3), X3 = Fp.add(t1, t2), t5 = Fp.sub(t5, X3), Z3 = mulA(t4), X3 = Fp.mul(b3, t2), Z3 = Fp.add(X3, Z3), X3 = Fp.sub(t1, Z3), Z3 = Fp.add(t1, Z3), Y3 = Fp.mul(X3, Z3), t1 = Fp.add(t0, t0), t1 = Fp.add(t1, t0), t2 = mulA(t2), t4 = Fp.mul(b3, t4), t1 = Fp.add(t1, t2), t2 = Fp.sub(t0, t2), t2 = mulA(t2), t4 = Fp.add(t4, t2), t0 = Fp.mul(t1, t4), Y3 = Fp.add(Y3, t0), t0 = Fp.mul(t5, t4), X3 = Fp.mul(t3, X3), X3 = Fp.sub(X3, t0), t0 = Fp.mul(t3, t1), Z3 = Fp.mul(t5, Z3), Z3 = Fp.add(Z3, t0), new Point(X3, Y3, Z3);
		}
		subtract(other) {
			return aprjpoint(other), this.add(other.negate());
		}
		is0() {
			return this.equals(Point.ZERO);
		}
		/**
		* Constant time multiplication.
		* Uses precomputed tables (signed fixed-window wNAF) when available.
		* Uses scalar blinding and avoids endomorphism splitting in the secret-scalar path.
		* @param scalar - by which the point would be multiplied
		* @returns New point
		*/
		multiply(scalar) {
			if (!Fn.isValidNot0(scalar)) throw RangeError("invalid scalar: out of range");
			let { p, f } = wnaf.mulSecret(this, scalar, cofactor, normalize);
			return normalize([p, f])[0];
		}
		/**
		* Non-constant-time multiplication. Uses width-4 wNAF with GLV endomorphism splitting
		* when available (two half-width scalars sharing one halved doubling chain).
		* It's faster, but should only be used when you don't care about
		* an exposed secret key e.g. sig verification, which works over *public* keys.
		*/
		multiplyUnsafe(scalar) {
			let p = this, sc = scalar;
			if (!Fn.isValid(sc)) throw RangeError("invalid scalar: out of range");
			if (sc === _0n || p.is0()) return Point.ZERO;
			if (sc === _1n) return p;
			if (wnaf.hasWindowSize(this)) return wnaf.mulUnsafe(p, sc, normalize);
			let points = [], scalars = [];
			return pushWnafPair(points, scalars, p, sc), mulAddUnsafe(Point, points, scalars);
		}
		/**
		* Non-constant-time double-scalar multiplication `a⋅this + b⋅other` (Strauss–Shamir).
		* Both walks share one doubling chain via {@link mulAddUnsafe}, and GLV endomorphism
		* (when available) halves the chain again by splitting each scalar into two half-width
		* parts. Used by ECDSA verification and public-key recovery for `R = u1⋅G + u2⋅P`.
		* Only for public scalars.
		*/
		mulAddUnsafe(a, other, b) {
			aprjpoint(other);
			let points = [], scalars = [];
			return pushWnafPair(points, scalars, this, a), pushWnafPair(points, scalars, other, b), mulAddUnsafe(Point, points, scalars);
		}
		/**
		* Converts Projective point to affine (x, y) coordinates.
		* (X, Y, Z) ∋ (x=X/Z, y=Y/Z).
		* @param invertedZ - Z^-1 (inverted zero) - optional, precomputation is useful for invertBatch
		*/
		toAffine(invertedZ) {
			let p = this, iz = invertedZ;
			if (iz != null && !Fp.isValid(iz)) throw RangeError("\"invertedZ\" expected valid field element");
			let { X, Y, Z } = p;
			if (Fp.eql(Z, Fp.ONE)) return {
				x: X,
				y: Y
			};
			let is0 = p.is0();
			iz ??= is0 ? Fp.ONE : Fp.inv(Z);
			let x = Fp.mul(X, iz), y = Fp.mul(Y, iz), zz = Fp.mul(Z, iz);
			if (is0) return {
				x: Fp.ZERO,
				y: Fp.ZERO
			};
			if (!Fp.eql(zz, Fp.ONE)) throw Error("invZ was invalid");
			return {
				x,
				y
			};
		}
		/**
		* Checks whether Point is free of torsion elements (is in prime subgroup).
		* Always torsion-free for cofactor=1 curves.
		*/
		isTorsionFree() {
			return cofactor === _1n ? !0 : isTorsionFree ? isTorsionFree(Point, this) : wnaf.mulUnsafe(this, CURVE_ORDER).is0();
		}
		clearCofactor() {
			return cofactor === _1n ? this : clearCofactor ? clearCofactor(Point, this) : this.multiplyUnsafe(cofactor);
		}
		isSmallOrder() {
			return cofactor === _1n ? this.is0() : this.clearCofactor().is0();
		}
		toBytes(isCompressed = !0) {
			return abool(isCompressed, "isCompressed"), this.assertValidity(), encodePoint(Point, this, isCompressed);
		}
		toHex(isCompressed = !0) {
			return bytesToHex(this.toBytes(isCompressed));
		}
		toString() {
			return `<Point ${this.is0() ? "ZERO" : this.toHex()}>`;
		}
	}
	let normalize = (points) => normalizeZ(Point, points), wnaf = new ScalarMultiplier(Point, randomBytes$2);
	return wnaf.bits >= 6 && Point.BASE.precompute(6), Object.freeze(Point.prototype), Object.freeze(Point), Point;
}
function pprefix(hasEvenY) {
	return Uint8Array.of(hasEvenY ? 2 : 3);
}
function getWLengths(Fp, Fn) {
	return {
		secretKey: Fn.BYTES,
		publicKey: 1 + Fp.BYTES,
		publicKeyUncompressed: 1 + 2 * Fp.BYTES,
		publicKeyHasPrefix: !0,
		signature: 2 * Fn.BYTES
	};
}
/**
* Sometimes users only need getPublicKey, getSharedSecret, and secret key handling.
* This helper ensures no signature functionality is present. Less code, smaller bundle size.
* @param Point - Weierstrass point constructor.
* @param ecdhOpts - Optional randomness helpers:
*   - `randomBytes` (optional): Optional RNG override.
* @returns ECDH helper namespace.
* @example
* Sometimes users only need getPublicKey, getSharedSecret, and secret key handling.
*
* ```ts
* import { ecdh } from '@noble/curves/abstract/weierstrass.js';
* import { p256 } from '@noble/curves/nist.js';
* const dh = ecdh(p256.Point);
* const alice = dh.keygen();
* const shared = dh.getSharedSecret(alice.secretKey, alice.publicKey);
* ```
*/
function ecdh(Point, ecdhOpts = {}) {
	validatePointCons(Point);
	let { Fn } = Point, randomBytes_ = ecdhOpts.randomBytes === void 0 ? randomBytes : ecdhOpts.randomBytes, lengths = Object.assign(getWLengths(Point.Fp, Fn), { seed: Math.max(getMinHashLength(Fn.ORDER), 16) });
	function isValidSecretKey(secretKey) {
		try {
			let num = Fn.fromBytes(secretKey);
			return Fn.isValidNot0(num);
		} catch {
			return !1;
		}
	}
	function isValidPublicKey(publicKey, isCompressed) {
		let { publicKey: comp, publicKeyUncompressed } = lengths;
		try {
			let l = publicKey.length;
			return isCompressed === !0 && l !== comp || isCompressed === !1 && l !== publicKeyUncompressed ? !1 : !Point.fromBytes(publicKey).is0();
		} catch {
			return !1;
		}
	}
	/**
	* Produces cryptographically secure secret key from random of size
	* (groupLen + ceil(groupLen / 2)) with modulo bias being negligible.
	*/
	function randomSecretKey(seed) {
		return seed = seed === void 0 ? randomBytes_(lengths.seed) : seed, mapHashToField(abytes(seed, lengths.seed, "seed"), Fn.ORDER);
	}
	/**
	* Computes public key for a secret key. Checks for validity of the secret key.
	* @param isCompressed - whether to return compact (default), or full key
	* @returns Public key, full when isCompressed=false; short when isCompressed=true
	*/
	function getPublicKey(secretKey, isCompressed = !0) {
		return Point.BASE.multiply(Fn.fromBytes(secretKey)).toBytes(isCompressed);
	}
	/**
	* Quick and dirty check for item being public key. Does not validate hex, or being on-curve.
	*/
	function isProbPub(item) {
		let { secretKey, publicKey, publicKeyUncompressed } = lengths, allowedLengths = Fn._lengths;
		if (!isBytes(item)) return;
		let l = abytes(item, void 0, "key").length, isPub = l === publicKey || l === publicKeyUncompressed, isSec = l === secretKey || !!allowedLengths?.includes(l);
		if (!(isPub && isSec)) return isPub;
	}
	/**
	* ECDH (Elliptic Curve Diffie Hellman).
	* Computes encoded shared point from secret key A and public key B.
	* Checks: 1) secret key validity 2) shared key is on-curve.
	* Does NOT hash the result or expose the SEC 1 x-coordinate-only `z`.
	* Returns the encoded shared point on purpose: callers that need `x_P`
	* can derive it from the encoded point, but `x_P` alone cannot recover the
	* point/parity back.
	* This helper only exposes the fully validated public-key path, not cofactor DH.
	* @param isCompressed - whether to return compact (default), or full key
	* @returns shared point encoding
	*/
	function getSharedSecret(secretKeyA, publicKeyB, isCompressed = !0) {
		if (isProbPub(secretKeyA) === !0) throw Error("first arg must be private key");
		if (isProbPub(publicKeyB) === !1) throw Error("second arg must be public key");
		let s = Fn.fromBytes(secretKeyA), b = Point.fromBytes(publicKeyB);
		if (b.is0()) throw Error("invalid public key: point at infinity");
		return b.multiply(s).toBytes(isCompressed);
	}
	let utils = {
		isValidSecretKey,
		isValidPublicKey,
		randomSecretKey
	}, keygen = createKeygen(randomSecretKey, getPublicKey);
	return Object.freeze(utils), Object.freeze(lengths), Object.freeze({
		getPublicKey,
		getSharedSecret,
		keygen,
		Point,
		utils,
		lengths
	});
}
/**
* Creates ECDSA signing interface for given elliptic curve `Point` and `hash` function.
*
* @param Point - created using {@link weierstrass} function
* @param hash - used for 1) message prehash-ing 2) k generation in `sign`, using hmac_drbg(hash)
* @param ecdsaOpts - rarely needed, see {@link ECDSAOpts}:
*   - `lowS`: Default low-S policy.
*   - `hmac`: HMAC implementation used by RFC6979 DRBG.
*   - `randomBytes`: Optional RNG override.
*   - `bits2int`: Optional hash-to-int conversion override.
*   - `bits2int_modN`: Optional hash-to-int-mod-n conversion override.
*
* @returns ECDSA helper namespace.
* @example
* Create an ECDSA signer/verifier bundle for one curve implementation.
*
* ```ts
* import { ecdsa } from '@noble/curves/abstract/weierstrass.js';
* import { p256 } from '@noble/curves/nist.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const p256ecdsa = ecdsa(p256.Point, sha256);
* const { secretKey, publicKey } = p256ecdsa.keygen();
* const msg = new TextEncoder().encode('hello noble');
* const sig = p256ecdsa.sign(msg, secretKey);
* const isValid = p256ecdsa.verify(sig, msg, publicKey);
* ```
*/
function ecdsa(Point, hash, ecdsaOpts = {}) {
	validatePointCons(Point);
	let hash_ = hash;
	ahash(hash_), validateObject(ecdsaOpts, {}, {
		hmac: "function",
		lowS: "boolean",
		randomBytes: "function",
		bits2int: "function",
		bits2int_modN: "function"
	});
	let opts = Object.assign({}, ecdsaOpts), randomBytes$3 = opts.randomBytes === void 0 ? randomBytes : opts.randomBytes, hmac$1 = opts.hmac === void 0 ? (key, msg) => hmac(hash_, key, msg) : opts.hmac, { Fp, Fn } = Point, { ORDER: CURVE_ORDER, BITS: fnBits } = Fn, blindLength = getMinHashLength(CURVE_ORDER), csprng = probeRandomBytes(randomBytes$3, blindLength), { keygen, getPublicKey, getSharedSecret, utils, lengths } = ecdh(Point, opts), defaultSigOpts = {
		prehash: !0,
		lowS: typeof opts.lowS != "boolean" || opts.lowS,
		format: "compact",
		extraEntropy: !1
	}, hasLargeRecoveryLifts = CURVE_ORDER * _2n + _1n < Fp.ORDER;
	function isBiggerThanHalfOrder(number) {
		return number > CURVE_ORDER >> _1n;
	}
	function validateRS(title, num) {
		if (!Fn.isValidNot0(num)) throw Error(`invalid signature ${title}: out of range 1..Point.Fn.ORDER`);
		return num;
	}
	function assertFieldSignIsSupported() {
		if (!Fp.isOdd) throw Error("Field doesn't support isOdd");
	}
	function getRecoveryBit(x, y, r) {
		return assertFieldSignIsSupported(), (x === r ? 0 : 2) | Number(Fp.isOdd(y));
	}
	function assertRecoverableCurve() {
		if (hasLargeRecoveryLifts) throw Error("\"recovered\" sig type is not supported for cofactor >2 curves");
	}
	function validateSigLength(bytes, format) {
		validateSigFormat(format);
		let size = lengths.signature, sizer = format === "compact" ? size : format === "recovered" ? size + 1 : void 0;
		return abytes(bytes, sizer);
	}
	/**
	* ECDSA signature with its (r, s) properties. Supports compact, recovered & DER representations.
	*/
	class Signature {
		r;
		s;
		recovery;
		constructor(r, s, recovery) {
			if (this.r = validateRS("r", r), this.s = validateRS("s", s), recovery != null) {
				if (assertRecoverableCurve(), ![
					0,
					1,
					2,
					3
				].includes(recovery)) throw Error("invalid recovery id");
				this.recovery = recovery;
			}
			Object.freeze(this);
		}
		static fromBytes(bytes, format = defaultSigOpts.format) {
			validateSigLength(bytes, format);
			let recid;
			if (format === "der") {
				if (bytes.length > 2 * Fn.BYTES + 16) throw new DER.Err("invalid signature: DER signature too long");
				let { r, s } = DER.toSig(abytes(bytes), Fn.BYTES + 1);
				return new Signature(r, s);
			}
			format === "recovered" && (recid = bytes[0], format = "compact", bytes = bytes.subarray(1));
			let L = lengths.signature / 2, r = bytes.subarray(0, L), s = bytes.subarray(L, L * 2);
			return new Signature(Fn.fromBytes(r), Fn.fromBytes(s), recid);
		}
		static fromHex(hex, format) {
			return this.fromBytes(hexToBytes(hex), format);
		}
		assertRecovery() {
			let { recovery } = this;
			if (recovery == null) throw Error("invalid recovery id: must be present");
			return recovery;
		}
		addRecoveryBit(recovery) {
			return new Signature(this.r, this.s, recovery);
		}
		recoverPublicKey(messageHash) {
			let { r, s } = this, recovery = this.assertRecovery(), radj = recovery === 2 || recovery === 3 ? r + CURVE_ORDER : r;
			if (!Fp.isValid(radj)) throw Error("invalid recovery id: sig.r+curve.n != R.x");
			let x = Fp.toBytes(radj), R = Point.fromBytes(concatBytes(pprefix(!(recovery & 1)), x)), ir = Fn.inv(radj), h = bits2int_modN(abytes(messageHash, void 0, "msgHash")), u1 = Fn.create(-h * ir), u2 = Fn.create(s * ir), Q = Point.BASE.mulAddUnsafe(u1, R, u2);
			if (Q.is0()) throw Error("invalid recovery: point at infinify");
			return Q.assertValidity(), Q;
		}
		hasHighS() {
			return isBiggerThanHalfOrder(this.s);
		}
		toBytes(format = defaultSigOpts.format) {
			if (validateSigFormat(format), format === "der") return hexToBytes(DER.hexFromSig(this));
			let { r, s } = this, rb = Fn.toBytes(r), sb = Fn.toBytes(s);
			return format === "recovered" ? (assertRecoverableCurve(), concatBytes(Uint8Array.of(this.assertRecovery()), rb, sb)) : concatBytes(rb, sb);
		}
		toHex(format) {
			return bytesToHex(this.toBytes(format));
		}
	}
	Object.freeze(Signature.prototype), Object.freeze(Signature);
	let bits2int = opts.bits2int === void 0 ? function(bytes) {
		if (bytes.length > 8192) throw Error("input is too large");
		let num = bytesToNumberBE(bytes), delta = bytes.length * 8 - fnBits;
		return delta > 0 ? num >> BigInt(delta) : num;
	} : opts.bits2int, bits2int_modN = opts.bits2int_modN === void 0 ? function(bytes) {
		return Fn.create(bits2int(bytes));
	} : opts.bits2int_modN, ORDER_MASK = bitMask(fnBits);
	/** Converts to bytes. Checks if num in `[0..ORDER_MASK-1]` e.g.: `[0..2^256-1]`. */
	function int2octets(num) {
		return aInRange("num < 2^" + fnBits, num, _0n, ORDER_MASK), Fn.toBytes(num);
	}
	function validateMsgAndHash(message, prehash) {
		return abytes(message, void 0, "message"), prehash ? abytes(hash_(message), void 0, "prehashed message") : message;
	}
	/**
	* Steps A, D of RFC6979 3.2.
	* Creates RFC6979 seed; converts msg/privKey to numbers.
	* Used only in sign, not in verify.
	*
	* Warning: we cannot assume here that message has same amount of bytes as curve order,
	* this will be invalid at least for P521. Also it can be bigger for P224 + SHA256.
	*/
	function prepSig(message, secretKey, opts) {
		let { lowS, prehash, extraEntropy } = validateSigOpts(opts, defaultSigOpts);
		message = validateMsgAndHash(message, prehash);
		let h1int = bits2int_modN(message), d = Fn.fromBytes(secretKey);
		if (!Fn.isValidNot0(d)) throw Error("invalid private key");
		let seedArgs = [int2octets(d), int2octets(h1int)];
		if (extraEntropy != null && extraEntropy !== !1) {
			let e = extraEntropy === !0 ? randomBytes$3(lengths.secretKey) : extraEntropy;
			seedArgs.push(abytes(e, void 0, "extraEntropy"));
		}
		let seed = concatBytes(...seedArgs), m = h1int;
		function k2sig(kBytes) {
			let k = bits2int(kBytes);
			if (!Fn.isValidNot0(k)) return;
			let q = Point.BASE.multiply(k).toAffine(), r = Fn.create(q.x);
			if (r === _0n) return;
			let s;
			if (csprng !== void 0) {
				let b = bytesToNumberBE(mapHashToField(csprng(blindLength), CURVE_ORDER)), ibk = Fn.inv(Fn.mul(b, k)), bm = Fn.mul(b, m), bd = Fn.mul(b, d);
				s = Fn.create(ibk * Fn.create(bm + bd * r));
			} else {
				let ik = invertCt(k, CURVE_ORDER);
				s = Fn.create(ik * Fn.create(m + r * d));
			}
			if (s === _0n) return;
			let recovery = getRecoveryBit(q.x, q.y, r), normS = s;
			return lowS && isBiggerThanHalfOrder(s) && (normS = Fn.neg(s), recovery ^= 1), new Signature(r, normS, hasLargeRecoveryLifts ? void 0 : recovery);
		}
		return {
			seed,
			k2sig
		};
	}
	/**
	* Signs a message or message hash with a secret key.
	* With the default `prehash: true`, raw message bytes are hashed internally;
	* only `{ prehash: false }` expects a caller-supplied digest.
	*
	* ```
	* sign(m, d) where
	*   k = rfc6979_hmac_drbg(m, d)
	*   (x, y) = G × k
	*   r = x mod n
	*   s = (m + dr) / k mod n
	* ```
	*/
	function sign(message, secretKey, opts = {}) {
		let { seed, k2sig } = prepSig(message, secretKey, opts);
		return createHmacDrbg(hash_.outputLen, Fn.BYTES, hmac$1)(seed, k2sig).toBytes(opts.format);
	}
	/**
	* Verifies a signature against message and public key.
	* Rejects lowS signatures by default: see {@link ECDSAVerifyOpts}.
	* Implements section 4.1.4 from https://www.secg.org/sec1-v2.pdf:
	*
	* ```
	* verify(r, s, h, P) where
	*   u1 = hs^-1 mod n
	*   u2 = rs^-1 mod n
	*   R = u1⋅G + u2⋅P
	*   mod(R.x, n) == r
	* ```
	*/
	function verify(signature, message, publicKey, opts = {}) {
		let { lowS, prehash, format } = validateSigOpts(opts, defaultSigOpts);
		if (publicKey = abytes(publicKey, void 0, "publicKey"), message = validateMsgAndHash(message, prehash), !isBytes(signature)) {
			let end = signature instanceof Signature ? ", use sig.toBytes()" : "";
			throw Error("verify expects Uint8Array signature" + end);
		}
		validateSigLength(signature, format);
		try {
			let sig = Signature.fromBytes(signature, format), P = Point.fromBytes(publicKey);
			if (P.is0() || lowS && sig.hasHighS()) return !1;
			let { r, s } = sig, h = bits2int_modN(message), is = Fn.inv(s), u1 = Fn.create(h * is), u2 = Fn.create(r * is), R = Point.BASE.mulAddUnsafe(u1, P, u2);
			if (R.is0()) return !1;
			let q = R.toAffine();
			return !(Fn.create(q.x) !== r || format === "recovered" && sig.recovery !== getRecoveryBit(q.x, q.y, r));
		} catch {
			return !1;
		}
	}
	function recoverPublicKey(signature, message, opts = {}) {
		let { prehash } = validateSigOpts(opts, defaultSigOpts);
		return message = validateMsgAndHash(message, prehash), Signature.fromBytes(signature, "recovered").recoverPublicKey(message).toBytes();
	}
	return Object.freeze({
		keygen,
		getPublicKey,
		getSharedSecret,
		utils,
		lengths,
		Point,
		sign,
		verify,
		recoverPublicKey,
		Signature,
		hash: hash_
	});
}
// node_modules/@noble/curves/nist.js
/**
* NIST P256, P384, P521 curves.
* https://www.secg.org/sec2-v2.pdf, https://neuromancer.sk/std/nist/P-256
* @module
*/
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
const p256_CURVE = {
	p: BigInt("0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
	n: BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
	h: BigInt(1),
	a: BigInt("0xffffffff00000001000000000000000000000000fffffffffffffffffffffffc"),
	b: BigInt("0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
	Gx: BigInt("0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
	Gy: BigInt("0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
}, p384_CURVE = {
	p: BigInt("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff"),
	n: BigInt("0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
	h: BigInt(1),
	a: BigInt("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc"),
	b: BigInt("0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef"),
	Gx: BigInt("0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"),
	Gy: BigInt("0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f")
}, p521_CURVE = {
	p: BigInt("0x1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
	n: BigInt("0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"),
	h: BigInt(1),
	a: BigInt("0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc"),
	b: BigInt("0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"),
	Gx: BigInt("0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66"),
	Gy: BigInt("0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650")
}, p256 = /* @__PURE__ */ ecdsa(/* @__PURE__ */ weierstrass(p256_CURVE), sha256), p384 = /* @__PURE__ */ ecdsa(/* @__PURE__ */ weierstrass(p384_CURVE), sha384), p521 = /* @__PURE__ */ ecdsa(/* @__PURE__ */ weierstrass(p521_CURVE), sha512), HASHES = {
	sha256,
	sha384,
	sha512
}, HASH_OIDS = {
	"2.16.840.1.101.3.4.2.1": "sha256",
	"2.16.840.1.101.3.4.2.2": "sha384",
	"2.16.840.1.101.3.4.2.3": "sha512"
}, SCHEMES = {
	"1.2.840.10045.4.3.2": {
		name: "ecdsa",
		hash: "sha256"
	},
	"1.2.840.10045.4.3.3": {
		name: "ecdsa",
		hash: "sha384"
	},
	"1.2.840.10045.4.3.4": {
		name: "ecdsa",
		hash: "sha512"
	},
	"1.2.840.113549.1.1.11": {
		name: "rsa",
		hash: "sha256"
	},
	"1.2.840.113549.1.1.12": {
		name: "rsa",
		hash: "sha384"
	},
	"1.2.840.113549.1.1.13": {
		name: "rsa",
		hash: "sha512"
	},
	"1.3.101.112": {
		name: "ed25519",
		hash: null
	}
}, RSA = "1.2.840.113549.1.1.1";
/** Null for every hash but SHA-256, SHA-384 and SHA-512. */
function hashOf({ oid, parameters }) {
	return parameters === null && Object.hasOwn(HASH_OIDS, oid) ? HASH_OIDS[oid] : null;
}
function digestOf(hash, data, crypto) {
	return hash === "sha256" ? crypto.sha256(data) : HASHES[hash](data);
}
/**
* What an algorithm of a signature means; null for what we do not take: SHA-1, MD5, DSA and whatever is unknown.
* `digest` is the hash that CMS names beside it, for a name that says none. Throws `code` for parameters of PSS that
* cannot be read.
*/
function schemeOf({ oid, parameters }, digest, code) {
	return oid === "1.2.840.113549.1.1.10" ? pssOf(parameters, code) : parameters === null ? oid === RSA ? digest === null ? null : {
		name: "rsa",
		hash: digest
	} : Object.hasOwn(SCHEMES, oid) ? SCHEMES[oid] : null : null;
}
/** RSASSA-PSS-params (RFC 4055 §3.1). Their defaults are SHA-1, so hash and mask must be named. */
function pssOf(parameters, code) {
	if (parameters === null) return null;
	let what = "the PSS parameters", outer = new DerReader(parameters, what, code), reader = outer.sequence();
	outer.end();
	let [hash, mask, salt, trailer] = [
		0,
		1,
		2,
		3
	].map((number) => reader.optional(context(number)));
	if (reader.end(), !hash || !mask || !salt || trailer) return null;
	let name = hashOf(algorithmIn(hash.content, what, code)), generator = algorithmIn(mask.content, what, code);
	if (name === null || generator.oid !== "1.2.840.113549.1.1.8" || generator.parameters === null || hashOf(algorithmIn(generator.parameters, what, code)) !== name) return null;
	let length = new DerReader(salt.content, what, code), bytes = length.number(64);
	return length.end(), {
		name: "rsa-pss",
		hash: name,
		salt: bytes
	};
}
function algorithmIn(der, what, code) {
	let outer = new DerReader(der, what, code), inside = outer.sequence();
	outer.end();
	let oid = inside.oid();
	if (inside.done) return {
		oid,
		parameters: null
	};
	let { tag, der: parameters } = inside.any();
	return inside.end(), {
		oid,
		parameters: tag === TAG.null ? null : parameters
	};
}
/**
* True when `signature` is valid over `message` under the key. The key decides what schemes it can be used with:
* ECDSA on P-256, P-384 and P-521 (signatures in their one DER form, either s), RSA of 2048 to 8192 bits with an
* exponent from 65537, Ed25519. Malformed input is `false`, never a throw.
*/
function verifySignature(scheme, spki, message, signature, crypto) {
	try {
		if (scheme.name === "ed25519") {
			let key = parsePublicKey(spki);
			return key.algorithm === "ed25519" && crypto.verify(key, message, signature);
		}
		let key = readKey(spki);
		if (key === null || key.name === "ec" != (scheme.name === "ecdsa")) return !1;
		let raw = key.name === "ec" ? rawSignature(key, signature) : rawRsa(key, signature);
		if (raw === null) return !1;
		if (crypto.verifySigned !== void 0) return crypto.verifySigned(scheme, spki, message, signature);
		let digest = digestOf(scheme.hash, message, crypto);
		if (key.name === "ec") return key.curve.curve.verify(raw, digest, key.point, {
			prehash: !1,
			lowS: !1
		});
		let opened = rsaOpen(key, raw);
		return scheme.name === "rsa-pss" ? pss(scheme, digest, opened, key.bits) : equal(opened, pkcs1(scheme.hash, digest, opened.length));
	} catch {
		return !1;
	}
}
/** What {@link verifySignature} catches: what cannot be read does not verify. */
const UNSEEN = "certificate-invalid", CURVES = {
	"1.2.840.10045.3.1.7": {
		curve: p256,
		size: 32
	},
	"1.3.132.0.34": {
		curve: p384,
		size: 48
	},
	"1.3.132.0.35": {
		curve: p521,
		size: 66
	}
};
/** SubjectPublicKeyInfo of a named curve or of RSA; null for any other. */
function readKey(spki) {
	let what = "the public key", outer = new DerReader(spki, what, UNSEEN), reader = outer.sequence();
	outer.end();
	let algorithm = reader.sequence(), oid = algorithm.oid(), parameters = algorithm.any();
	algorithm.end();
	let bits = reader.bits();
	if (reader.end(), oid === "1.2.840.10045.2.1" && parameters.tag === TAG.oid) {
		let name = algorithm.oidOf(parameters);
		if (!Object.hasOwn(CURVES, name)) return null;
		let curve = CURVES[name];
		return bits.length === 1 + 2 * curve.size && bits[0] === 4 ? {
			name: "ec",
			curve,
			point: bits
		} : null;
	}
	if (oid !== RSA || parameters.tag !== TAG.null) return null;
	let inside = new DerReader(bits, what, UNSEEN), numbers = inside.sequence();
	inside.end();
	let both = [numbers.integer(), numbers.integer()];
	if (numbers.end(), both.some((number) => number[0] >= 128)) return null;
	let [modulus, exponent] = both.map(bigOf), length = modulus.toString(2).length;
	return !(length >= 2048 && length <= 8192 && (modulus & 1n) == 1n) || exponent < 65537n || exponent > 4294967295n || (exponent & 1n) == 0n ? null : {
		name: "rsa",
		modulus,
		exponent,
		bits: length
	};
}
/** r‖s of a strict DER ECDSA-Sig-Value (RFC 3279 §2.2.3); null where they are not of the curve's size. */
function rawSignature({ curve: { size } }, der) {
	let outer = new DerReader(der, "the signature", UNSEEN), reader = outer.sequence();
	outer.end();
	let raw = new Uint8Array(2 * size);
	for (let end of [size, 2 * size]) {
		let number = reader.integer(), digits = number[0] === 0 ? number.subarray(1) : number;
		if (number[0] >= 128 || digits.length > size) return null;
		raw.set(digits, end - digits.length);
	}
	return reader.end(), raw;
}
/** The signature as it is, if it has the modulus' length and is below it (RFC 8017 §8.2.2). */
function rawRsa({ modulus, bits }, signature) {
	return signature.length === bits + 7 >> 3 && bigOf(signature) < modulus ? signature : null;
}
/** s^e mod n, as bytes of the modulus' length. */
function rsaOpen({ modulus, exponent }, signature) {
	let result = 1n;
	for (let square = bigOf(signature), left = exponent; left > 0n; left >>= 1n) left & 1n && (result = result * square % modulus), left > 1n && (square = square * square % modulus);
	let bytes = new Uint8Array(signature.length), digits = result.toString(16).padStart(bytes.length * 2, "0");
	for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}
/** DigestInfo up to the digest (RFC 8017 §9.2, note 1). */
const DIGEST_INFO = {
	sha256: [
		48,
		49,
		48,
		13,
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
		1,
		5,
		0,
		4,
		32
	],
	sha384: [
		48,
		65,
		48,
		13,
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
		2,
		5,
		0,
		4,
		48
	],
	sha512: [
		48,
		81,
		48,
		13,
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
		3,
		5,
		0,
		4,
		64
	]
};
/**
* EMSA-PKCS1-v1_5 (RFC 8017 §9.2). It is made and compared whole: whoever reads the padding of what was opened instead
* can be shown a signature that nobody made (Bleichenbacher 2006).
*/
function pkcs1(hash, digest, length) {
	let info = concat(Uint8Array.from(DIGEST_INFO[hash]), digest), padding = new Uint8Array(length - info.length - 3).fill(255);
	return concat(Uint8Array.of(0, 1), padding, Uint8Array.of(0), info);
}
/** EMSA-PSS-VERIFY (RFC 8017 §9.1.2). */
function pss(scheme, digest, opened, bits) {
	let { hash, salt } = scheme, emBits = bits - 1, length = emBits + 7 >> 3;
	if (opened.length > length && opened[0] !== 0) return !1;
	let encoded = opened.subarray(opened.length - length), split = length - digest.length - 1;
	if (encoded[length - 1] !== 188) return !1;
	let h = encoded.subarray(split, length - 1), spare = 8 * length - emBits;
	if (encoded[0] >> 8 - spare) return !1;
	let block = mgf1(hash, h, split).map((byte, i) => byte ^ encoded[i]);
	block[0] &= 255 >> spare;
	let zeros = split - salt - 1;
	for (let i = 0; i < zeros; i++) if (block[i] !== 0) return !1;
	return block[zeros] === 1 && equal(h, HASHES[hash](concat(/* @__PURE__ */ new Uint8Array(8), digest, block.subarray(zeros + 1))));
}
/** MGF1 (RFC 8017 §B.2.1). The counter has four bytes, and with keys of 8192 bits 32 is the most that it comes to. */
function mgf1(hash, seed, length) {
	let mask = new Uint8Array(length);
	for (let i = 0, at = 0; at < length; i++) {
		let part = HASHES[hash](concat(seed, Uint8Array.of(0, 0, 0, i))).subarray(0, length - at);
		mask.set(part, at), at += part.length;
	}
	return mask;
}
function bigOf(bytes) {
	return bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`);
}
// packages/verify/src/x509/path.ts
/** Id of the purpose `id-kp-timeStamping` (RFC 3161 §2.3). */
const CODE_SIGNING = "1.3.6.1.5.5.7.3.3", KNOWN = [
	"2.5.29.15",
	"2.5.29.19",
	"2.5.29.37",
	"2.5.29.14",
	"2.5.29.35",
	"2.5.29.17",
	"2.5.29.32"
], NOT_SIGNED = {
	what: "not signed by this one",
	expired: !1
};
/**
* The way from a certificate to a pinned one (RFC 5280 §6.1, without revocation, names and policies): each signed by
* the next, all valid at the time, every issuer a CA that may sign certificates, for this purpose, with so many below
* it. The certificate may be pinned itself. Where there would be one but for a certificate that
* is pinned or known, that is the fault.
*/
function findPath(search) {
	let state = {
		checks: 0,
		fault: null
	}, path = extend([search.leaf], search, state);
	return path === null ? {
		path,
		fault: state.fault
	} : {
		path,
		fault: null
	};
}
function extend(path, search, state) {
	let last = path.at(-1);
	if (search.pinned.some((one) => equal(one.der, last.der))) return path;
	if (path.length === 6) return null;
	let { known = [], others, pinned } = search, among = [
		...pinned,
		...known,
		...others
	];
	for (let [i, issuer] of among.entries()) {
		if (!equal(issuer.subject, last.issuer) || path.some((one) => equal(one.der, issuer.der)) || among.slice(0, i).some((one) => equal(one.der, issuer.der))) continue;
		if (state.checks === 48) return null;
		state.checks++;
		let fault = readable(() => signatureFault(last, issuer, search) ?? issuerFault(issuer, path, search));
		if (fault !== null) {
			fault !== NOT_SIGNED && (pinned.includes(issuer) || known.includes(issuer)) && (state.fault ??= fault);
			continue;
		}
		let found = extend([...path, issuer], search, state);
		if (found !== null) return found;
	}
	return null;
}
/** A certificate that cannot be read is one that does not count; who put it there must not end the search. */
function readable(judge) {
	try {
		return judge();
	} catch (error) {
		if (error instanceof CodedError) return faulty(error.what);
		throw error;
	}
}
function issuerFault(issuer, below, search) {
	let fault = commonFault(issuer, search.time);
	if (fault !== null) return fault;
	let { ca, pathLength } = basicConstraints(issuer);
	if (!ca) return faulty(`the certificate ${issuer.serial} signed another and is no CA`);
	let between = below.slice(1).filter((one) => !equal(one.subject, one.issuer)).length;
	if (pathLength !== null && between > pathLength) return faulty(`there are too many certificates under ${issuer.serial}`);
	let usage = keyUsage(issuer);
	if (usage !== null && !usage(5)) return faulty(`the key of ${issuer.serial} may not sign certificates`);
	let purposes = extendedKeyUsage(issuer)?.purposes;
	if (purposes !== void 0 && !purposes.includes(search.purpose) && !purposes.includes("2.5.29.37.0")) {
		let of = search.purpose === "1.3.6.1.5.5.7.3.8" ? "for timestamp authorities" : "for those who sign code";
		return faulty(`the CA ${issuer.serial} is not ${of}`);
	}
	return null;
}
/** What is wrong with any certificate of a path. */
function commonFault(certificate, time) {
	let { serial, notBefore, notAfter, extensions } = certificate;
	if (time < notBefore || time > notAfter) return {
		what: `the certificate ${serial} was not valid at that time`,
		expired: !0
	};
	for (let [oid, { critical }] of extensions) if (critical && !KNOWN.includes(oid)) return faulty(`the certificate ${serial} has the critical extension ${oid}`);
	return null;
}
function signatureFault(certificate, issuer, search) {
	let known = search.signed?.get(certificate);
	if (known?.has(issuer) === !0) return null;
	let { algorithm, code, serial, signed, signature } = certificate, scheme = schemeOf(algorithm, null, code);
	return scheme === null ? faulty(`the certificate ${serial} is signed by an algorithm that is not taken`) : verifySignature(scheme, issuer.spki, signed, signature, search.crypto) ? (known === void 0 ? search.signed?.set(certificate, new WeakSet([issuer])) : known.add(issuer), null) : NOT_SIGNED;
}
function faulty(what) {
	return {
		what,
		expired: !1
	};
}
// packages/verify/src/anchors/rfc3161.ts
/**
* Verifies that an authority put its time to this statement (RFC 3161 §2.2 and 2.4.2, RFC 5652 §5.6, RFC 5816). The
* certificate that is checked is the one that signed: found by the hash in the signed attributes, so that others beside
* it are of no matter (CVE-2026-39984).
*
* A time before the statement's own, by more than the accuracy and the skew, is a contradiction: a hash of a text that
* says when it was made cannot have been seen before. One of the two clocks is wrong or lies, and which is not known:
* `anchor-unproven`. A later time is none: an anchor may be late.
*
* Throws `anchor-mismatch` for another statement, `anchor-unproven` for what does not verify, `anchor-untrusted` for an
* authority that is not pinned, and what `readLogStatementText` throws.
*/
function verifyRfc3161(anchor, statement, trust, crypto) {
	if (anchor.statement !== hex(statement.digests.sha256)) throw new CodedError("anchor-mismatch", "the token is for another statement");
	let { info, authority, path } = verifyTimestamp(anchor.token, anchor.certificates, statement.digests.sha256, trust, crypto), made = Date.parse(readLogStatementText(fromUtf8(statement.text)).time), within = accuracyOf(info), early = (made - info.time.milliseconds) / 1e3;
	if (early > within + (trust.skew ?? 300)) throw new CodedError("anchor-unproven", `${authority.name} says it saw the statement ${Math.round(early)} seconds before it was made`);
	let signer = path[0];
	return {
		kind: "rfc3161",
		by: authority.name,
		at: `serial ${info.serial}`,
		time: new Date(info.time.milliseconds).toISOString(),
		within,
		trusted: [
			`The clock and the key of the timestamp authority ${authority.name}.`,
			path.length === 1 ? `Its certificate${named(signer)}, which is pinned.` : `The CA${named(path.at(-1))}, which is pinned, and that it vouches for the authority alone.`,
			"That no certificate on the way was revoked: offline nobody can say."
		]
	};
}
/** {@link verifyRfc3161} of a SHA-256 hash of anything, without a statement's own time to hold it against. */
function verifyTimestamp(token, certificates, sha256, trust, crypto) {
	let { info } = token, { algorithm, digest } = info.imprint;
	if (algorithm.oid !== "2.16.840.1.101.3.4.2.1" || algorithm.parameters !== null || !equal(digest, sha256)) throw new CodedError("anchor-mismatch", "the token is about another hash");
	let pinned = trust.authorities.flatMap((authority) => authority.certificates), others = [...token.certificates, ...certificates], signer = signerOf(token, [...others, ...pinned], crypto);
	verifySigner(token, signer, crypto);
	let time = info.time.milliseconds;
	checkSigner(signer, time);
	let { path, fault } = findPath({
		leaf: signer,
		others,
		pinned,
		time,
		purpose: "1.3.6.1.5.5.7.3.8",
		crypto
	});
	if (fault !== null) throw new CodedError("anchor-unproven", fault.what);
	if (path === null) throw new CodedError("anchor-untrusted", `no pinned certificate vouches for the one that signed${named(signer)}`);
	let end = path.at(-1), vouching = trust.authorities.filter(({ certificates: own }) => own.some((one) => equal(one.der, end.der))), authority = vouching.find(({ from, until }) => (from === null || time >= from) && (until === null || time <= until));
	if (authority === void 0) throw new CodedError("anchor-untrusted", `${vouching[0].name} is not believed at ${info.time.text}`);
	return {
		authority,
		info,
		path
	};
}
/** By how many seconds a token's time can be off, rounded up; 1 where it says nothing, the least that RFC 3161 can say. */
function accuracyOf({ accuracy }) {
	return accuracy === null ? 1 : accuracy.seconds + Math.ceil((accuracy.milliseconds * 1e3 + accuracy.microseconds) / 1e6);
}
/** The certificate that the signed attributes name by its hash. All of them must mean it: there may be an old and a new one. */
function signerOf(token, among, crypto) {
	let { certificates, id } = token.signer, signer = among.find((certificate) => certificates.every(({ hash, digest }) => {
		let computed = certificateDigest(hash, certificate.der, crypto);
		return computed !== null && equal(computed, digest);
	}));
	if (signer === void 0) throw new CodedError("anchor-unproven", "the certificate that the token says it is signed with is not there");
	if (!isNamedBy(signer, id)) throw new CodedError("anchor-unproven", "the token names two certificates as the one that signed");
	return signer;
}
/**
* SHA-1 names a certificate in the attribute of RFC 2634, which public authorities still send alone. Nothing hangs on
* it that a collision could turn: what it finds must also have signed, and lead to a pinned certificate.
*/
function certificateDigest(oid, der, crypto) {
	if (oid === "1.3.14.3.2.26") return sha1(der);
	let hash = hashOf({
		oid,
		parameters: null
	});
	return hash === null ? null : digestOf(hash, der, crypto);
}
function verifySigner({ content, signer }, { spki }, crypto) {
	let hash = hashOf(signer.digest), scheme = schemeOf(signer.algorithm, hash, "anchor-invalid");
	if (hash === null || scheme === null) throw new CodedError("anchor-unproven", "the token is signed by an algorithm that is not taken");
	if (!equal(digestOf(hash, content, crypto), signer.messageDigest)) throw new CodedError("anchor-unproven", "the signed digest is of another time-stamp");
	if (!verifySignature(scheme, spki, signer.signed, signer.signature, crypto)) throw new CodedError("anchor-unproven", "the signature of the token does not verify");
}
/** RFC 3161 §2.3: one purpose, and no other, marked critical; so that no other certificate of a CA can tell times. */
function checkSigner(signer, time) {
	let unproven = (what) => new CodedError("anchor-unproven", `the certificate that signed ${what}`), usage = extendedKeyUsage(signer);
	if (usage === null || usage.purposes.length !== 1 || usage.purposes[0] !== "1.3.6.1.5.5.7.3.8") throw unproven("is not for time-stamping alone");
	if (!usage.critical) throw unproven("does not say critically that it is for time-stamping alone");
	let keys = keyUsage(signer);
	if (keys !== null && !keys(0) && !keys(1)) throw unproven("may not sign");
	if (basicConstraints(signer).ca) throw unproven("is a CA");
	let fault = commonFault(signer, time);
	if (fault !== null) throw new CodedError("anchor-unproven", fault.what);
}
function named({ subject, serial }) {
	let name = commonName(subject, "anchor-invalid");
	return name === null ? ` ${serial}` : ` “${name}”`;
}
// packages/verify/src/anchors/rekor-trust.ts
const CODE = "anchor-setup-invalid";
/** A log under a name. Throws `key-invalid` for what is no name. */
function rekorLog(name, key, crypto, more = {}) {
	if (!isKeyName(name)) throw new CodedError("key-invalid", "the name of the log is empty, or holds a space or a plus");
	return {
		name,
		key,
		logId: key.algorithm === "ed25519" ? crypto.sha256(concat(utf8(`${name}\n`), Uint8Array.of(1), key.raw)) : crypto.sha256(key.spki),
		validFor: more.validFor ?? {
			start: null,
			end: null
		},
		operator: more.operator ?? null
	};
}
/**
* Believes some logs. Throws `trust-missing` for none, and `anchor-setup-invalid` for one key under two names: it would
* count as two logs (T-64).
*/
function rekorTrust(logs, signers = null) {
	if (logs.length === 0) throw new CodedError("trust-missing", "no Rekor log is known that can be verified");
	let names = /* @__PURE__ */ new Map();
	for (let { name, key } of logs) {
		if ((names.get(key.keyId) ?? name) !== name) throw new CodedError(CODE, `one key is that of two logs: ${names.get(key.keyId)} and ${name}`);
		names.set(key.keyId, name);
	}
	return {
		logs,
		signers
	};
}
/**
* A log from the verifier key of its checkpoints: `name+id+base64(type ‖ key)`, Ed25519 (type 0x01, C2SP signed-note)
* or ECDSA P-256 (type 0x02, the key as SPKI). Throws `key-invalid`.
*/
function parseRekorVkey(text, crypto) {
	let [name, keyId, ...rest] = text.length > 4096 ? [] : text.split("+");
	if (name === void 0 || keyId === void 0 || rest.length === 0 || !isHex(keyId, 8)) throw new CodedError("key-invalid", "not a verifier key: name+id+key, the id in 8 lower-case hex digits");
	let material;
	try {
		material = fromBase64(rest.join("+"));
	} catch (cause) {
		throw new CodedError("key-invalid", "the key in the verifier key is not base64", { cause });
	}
	let log = rekorLog(name, keyOf(material), crypto);
	if (hex(log.logId.subarray(0, 4)) !== keyId) throw new CodedError("key-invalid", "the id of the verifier key is not that of its key");
	return log;
}
function keyOf(material) {
	let [type, bytes] = [material[0], material.subarray(1)];
	if (type === 1 && bytes.length === 32) return parsePublicKey(spkiOf("ed25519", bytes));
	if (type === 2) {
		let key = parsePublicKey(bytes);
		if (key.algorithm === "ecdsa-p256") return key;
	}
	throw new CodedError("key-invalid", "the verifier key is neither an Ed25519 nor an ECDSA P-256 key");
}
const KEY_DETAILS = {
	PKIX_ECDSA_P256_SHA_256: "ecdsa-p256",
	PKIX_ED25519: "ed25519"
};
/**
* The Rekor logs of Sigstore's `trusted_root.json` (protobuf-specs, sigstore_trustroot.proto). Logs with keys of other
* kinds than Ed25519 and ECDSA P-256 are left out, so proofs by them are not believed. Throws `anchor-setup-invalid`,
* `key-invalid`, `base64-invalid`, `trust-missing` where no log is left, and what strict JSON reading throws.
*/
function parseTrustedRoot(input, crypto) {
	let value = parseJson(input, { maxBytes: 4e6 }), it = looseOf(new Shape(CODE, value, "trustedRoot"), ["mediaType", "tlogs"]);
	return it.exactly("mediaType", ...TRUSTED_ROOT_MEDIA_TYPES), rekorTrust(it.get("tlogs").array(1e3).map((shape) => readTrustedLog(shape, crypto)).filter((log) => log !== null));
}
/** A log of a trusted root; null for one whose key is of a kind that is not taken. Throws the shape's code, and others. */
function readTrustedLog(shape, crypto) {
	let it = looseOf(shape, [
		"baseUrl",
		"hashAlgorithm",
		"publicKey",
		"logId"
	]), publicKey = looseOf(it.get("publicKey"), ["rawBytes", "keyDetails"]), algorithm = KEY_DETAILS[publicKey.text("keyDetails", 100)];
	if (algorithm === void 0) return null;
	it.exactly("hashAlgorithm", "SHA2_256");
	let key = parsePublicKey(fromBase64(publicKey.text("rawBytes")));
	key.algorithm !== algorithm && shape.fail("has a key of another kind than it says");
	let validFor = publicKey.has("validFor") ? readValidFor(publicKey.get("validFor")) : {
		start: null,
		end: null
	}, operator = it.has("operator") && !it.isNull("operator") ? it.text("operator", 1e3) : null, log = rekorLog(logNameOf(it.text("baseUrl", 2048)), key, crypto, {
		validFor,
		operator
	}), idIn = (key) => fromBase64(looseOf(it.get(key), ["keyId"]).text("keyId")), [id, checkpointId] = [idIn("logId"), it.has("checkpointKeyId") && !it.isNull("checkpointKeyId") ? idIn("checkpointKeyId") : null];
	return (checkpointId === null ? equal(id, log.logId) : equal(checkpointId, log.logId) && isIdOf(log, id, crypto)) || shape.fail("has another key id than its name and key give"), log;
}
/** Whether entries and trust roots may call a log so: by the key id of its checkpoints, or by the hash of its key. */
function isIdOf({ key, logId }, id, crypto) {
	return equal(id, logId) || equal(id, crypto.sha256(key.spki));
}
/** The name of a log at an address: without scheme and slash at the end. */
function logNameOf(url) {
	return url.replace(/^https?:\/\//, "").replace(/\/+$/, "");
}
export { asafenumber as A, sha1 as B, FpLegendre as C, aInRange as D, pow2 as E, hexToBytes as F, isBytes as I, randomBytes as L, bytesToNumberLE as M, concatBytes as N, abool as O, copyBytes as P, validateObject as R, Field as S, mod as T, ScalarMultiplier as _, readTrustedLog as a, normalizeZ as b, accuracyOf as c, CODE_SIGNING as d, commonFault as f, weierstrass as g, ecdsa as h, parseTrustedRoot as i, bytesToHex as j, abytes as k, verifyRfc3161 as l, p256 as m, logNameOf as n, rekorLog as o, findPath as p, parseRekorVkey as r, rekorTrust as s, isIdOf as t, verifyTimestamp as u, createCurveFields as v, isNegativeLE as w, validatePointCons as x, createKeygen as y, ripemd160 as z };
