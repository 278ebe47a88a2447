import { $ as CodedError, D as abytes, J as equal, Q as fromBase64, S as sha512, Y as fromUtf8, a as openedAssertion, g as hex, m as parseJson, q as concat, s as readSigningKey, v as hmac, y as sha256 } from "./src.js";
import { C as parseSignedContract, E as parseChainFile, I as writeChainLine, M as isReceipt, Nt as parseVkey, P as isWithheld, Pt as writeVkey, Rt as linkDigest, S as isSignedContract, Z as parseStep, c as parseRevocations, d as parsePolicy, k as isBundle, l as MAX_POLICY_BYTES, o as MAX_REVOCATIONS_BYTES, qt as Shape, w as MAX_CHAIN_BYTES, x as MAX_SIGNED_CONTRACT_BYTES } from "./src3.js";
import { t as nodeCrypto } from "./crypto-node2.js";
import "./whole-file.js";
import { s as parseContract, v as parseBaseline, y as tighten } from "./certificate.js";
import { C as parseCertificate, h as parseCertificates, t as TRUSTED_ROOT_MEDIA_TYPES, y as basicConstraints } from "./identity.js";
import { D as readTrustedAuthorities, E as boundedOf, S as withRevocations, T as ANY_IDENTITY, _ as logKeys, b as trustOf, d as endorsersOf, f as enough, g as isLessened, m as believesPublicSigstore, p as authorityRootsOf, u as endorsedText, v as namedKeys, x as withAuthorities } from "./src5.js";
import { A as asafenumber, C as FpLegendre, D as aInRange, E as pow2, F as hexToBytes, I as isBytes, L as randomBytes$1, M as bytesToNumberLE, N as concatBytes, O as abool, P as copyBytes, R as validateObject, T as mod, _ as ScalarMultiplier, a as readTrustedLog, b as normalizeZ, j as bytesToHex, k as abytes$1, m as p256, n as logNameOf, s as rekorTrust, v as createCurveFields, w as isNegativeLE, x as validatePointCons, y as createKeygen } from "./rekor-trust.js";
import { n as sha3_256 } from "./sha3.js";
import { t as rawFromDer } from "./crypto.js";
import { t as makeDirectory } from "./make-directory.js";
import "./verify.js";
import { c as looseOf } from "./anchor.js";
import { hash, randomUUID } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { closeSync, constants as constants$1, existsSync, fstatSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
// packages/cli/src/files.ts
/** A file that was named to be read is not there: wrong usage, and no verdict about anything. */
var NotThere = class extends CodedError {
	constructor(what, options = {}) {
		super("file-missing", what, {
			fix: "Check the name.",
			...options
		});
	}
};
/** Bytes of a regular file of at most `max` bytes. Throws `file-missing`, `file-unreadable`, `file-special`, `input-too-large`. */
function readBounded(path, max) {
	let fd;
	try {
		fd = openSync(path, constants$1.O_RDONLY | (constants$1.O_NONBLOCK ?? 0));
	} catch (cause) {
		throw systemError(path, cause, "file-unreadable");
	}
	try {
		let stat = fstatSync(fd);
		if (!stat.isFile()) throw new CodedError("file-special", `${path} is not a regular file`, { fix: "Name a regular file." });
		if (stat.size > max) throw new CodedError("input-too-large", `${path} has ${stat.size} bytes, at most ${max} are read`);
		let bytes = new Uint8Array(stat.size), length = 0;
		for (; length < bytes.length;) {
			let read = readSync(fd, bytes, length, bytes.length - length, length);
			if (read === 0) break;
			length += read;
		}
		return bytes.subarray(0, length);
	} catch (cause) {
		throw cause instanceof CodedError ? cause : systemError(path, cause, "file-unreadable");
	} finally {
		closeSync(fd);
	}
}
/** What reading a file's content comes to; what is thrown of it names the file. Throws what `read` throws. */
function contentOf(file, read) {
	try {
		return read();
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError(cause.code, `${file}: ${cause.what}`, {
			fix: cause.fix,
			cause
		}) : cause;
	}
}
/** Whether bytes are unlike all that were seen before. Of those their digests are kept. */
function isNew(bytes, seen) {
	let { size } = seen;
	return seen.add(hash("sha256", bytes)).size > size;
}
function readText(path, max = 1 << 20) {
	return fromUtf8(readBounded(path, max));
}
/** Where a process finds its own descriptors: never a name to be given to another file. `/dev/shm` is for files. */
const DESCRIPTORS = /^\/(?:dev\/(?:stdin|stdout|stderr|fd\/)|proc\/)/;
/**
* Writes all of it or nothing, durably: beside the target first, then in its place; a link's target stays where it is. What
* is no file (`/dev/stdout`, a pipe) is written to: a file in its place would take it from everybody else. Throws
* `file-write-failed`.
*/
async function writeWhole(path, bytes) {
	try {
		await isStream(path) ? await writeToReader(path, bytes) : await replace(await realpath(path).catch(() => path), bytes);
	} catch (cause) {
		throw systemError(path, cause, "file-write-failed");
	}
}
/** Takes a file away; one that is gone already is none. Throws `file-write-failed`. */
async function takeAway(path) {
	try {
		await rm(path, { force: !0 });
	} catch (cause) {
		throw systemError(path, cause, "file-write-failed");
	}
}
async function writeToReader(path, bytes) {
	let until = performance.now() + 5e3;
	for (;;) try {
		let file = await open(path, constants$1.O_WRONLY | constants$1.O_APPEND | (constants$1.O_NONBLOCK ?? 0));
		await writeAll(file, bytes).finally(() => file.close());
		return;
	} catch (cause) {
		if (!isCode(cause, "ENXIO") || performance.now() > until || !(await stat(path)).isFIFO()) throw cause;
		await pause();
	}
}
/** Opened anew to wait in the writing, a pipe whose reader has just gone would be waited for for ever. */
async function writeAll(file, bytes) {
	for (let done = 0; done < bytes.length;) try {
		done += (await file.write(bytes, done)).bytesWritten;
	} catch (cause) {
		if (!isCode(cause, "EAGAIN")) throw cause;
		await pause();
	}
}
function isCode(cause, code) {
	return cause instanceof Error && "code" in cause && cause.code === code;
}
function pause() {
	return new Promise((done) => setTimeout(done, 20));
}
async function isStream(path) {
	let found = await stat(path).catch(() => null);
	return found === null || found.isDirectory() ? !1 : !found.isFile() || DESCRIPTORS.test(resolve(path));
}
async function replace(path, bytes) {
	let temporary = `${path}.${randomUUID()}.tmp`;
	try {
		makeDirectory(dirname(path));
		let file = await open(temporary, "wx", 420);
		try {
			await file.writeFile(bytes), await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, path);
	} catch (cause) {
		throw await rm(temporary, { force: !0 }).catch(() => void 0), cause;
	}
}
function systemError(path, cause, code) {
	let name = cause instanceof Error && "code" in cause ? String(cause.code) : "failed";
	return name === "ENOENT" && code === "file-unreadable" ? new NotThere(`${path} is not there`, { cause }) : new CodedError(code, `${path}: ${name}`, { cause });
}
// packages/adapters/src/sigstore-cache.ts
const CODE$1 = "trust-root-invalid", MAX_STATE_BYTES = 1e4, PUBLIC_MIRROR = "https://tuf-repo-cdn.sigstore.dev", ROLES = [
	"root",
	"timestamp",
	"snapshot",
	"targets"
];
/** Where what comes from a mirror is kept. */
function placeOf(directory, mirror) {
	return join(directory, encodeURIComponent(mirror.replace(/^https?:\/\//, "")));
}
/**
* What was last fetched from a mirror; null where nothing was. Whether it is fresh is for the caller to say. Throws
* `trust-root-invalid` where the files are not those that were written, and `file-unreadable`.
*/
function readKeptTrust(directory, mirror) {
	let place = placeOf(directory, mirror), state = readIfThere(join(place, "state.json"), MAX_STATE_BYTES);
	if (state === null) return null;
	let it = new Shape(CODE$1, stateIn(state), "state").object([
		"mediaType",
		"mirror",
		"fetchedAt",
		"expires",
		"versions",
		"trustedRoot"
	]);
	it.exactly("mediaType", "application/vnd.countersign.sigstore-trust.v1+json"), it.exactly("mirror", mirror);
	let versions = it.get("versions").object([...ROLES]), version = (role) => versions.integer(role, 1, 2 ** 53 - 1), trustedRoot = readIfThere(join(place, "trusted_root.json"), 4e6);
	if (trustedRoot === null || hex(nodeCrypto.sha256(trustedRoot)) !== it.hex("trustedRoot", 64)) throw new CodedError(CODE$1, `${join(place, "trusted_root.json")} is not what was fetched`);
	return {
		mirror,
		fetchedAt: it.time("fetchedAt"),
		expires: it.time("expires"),
		versions: {
			root: version("root"),
			timestamp: version("timestamp"),
			snapshot: version("snapshot"),
			targets: version("targets")
		},
		trustedRoot
	};
}
function stateIn(state) {
	try {
		return parseJson(state, {
			maxBytes: MAX_STATE_BYTES,
			maxDepth: 4
		});
	} catch (cause) {
		throw new CodedError(CODE$1, "what is kept of the trust root cannot be read", { cause });
	}
}
/** Bytes of a file of ours; null where there is none. */
function readIfThere(path, max) {
	let fd;
	try {
		fd = openSync(path, constants$1.O_RDONLY | (constants$1.O_NONBLOCK ?? 0));
	} catch (cause) {
		if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
		throw new CodedError("file-unreadable", `${path} cannot be read`, { cause });
	}
	try {
		let stat = fstatSync(fd);
		if (!stat.isFile() || stat.size > max) throw new CodedError(CODE$1, `${path} is not what was written there`);
		return new Uint8Array(readFileSync(fd));
	} finally {
		closeSync(fd);
	}
}
// node_modules/@noble/curves/abstract/edwards.js
/**
* Twisted Edwards curve. The formula is: ax² + y² = 1 + dx²y².
* For design rationale of types / exports, see weierstrass module documentation.
* Untwisted Edwards curves exist, but they aren't used in real-world protocols.
* @module
*/
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
const _0n = /* @__PURE__ */ BigInt(0), _1n$1 = /* @__PURE__ */ BigInt(1), _2n$1 = /* @__PURE__ */ BigInt(2), _4n = /* @__PURE__ */ BigInt(4), _8n$1 = /* @__PURE__ */ BigInt(8);
function isEdValidXY(Fp, CURVE, x, y) {
	let x2 = Fp.sqr(x), y2 = Fp.sqr(y), left = Fp.add(Fp.mul(CURVE.a, x2), y2), right = Fp.add(Fp.ONE, Fp.mul(CURVE.d, Fp.mul(x2, y2)));
	return Fp.eql(left, right);
}
/**
* @param params - Curve parameters. See {@link EdwardsOpts}.
* @param extraOpts - Optional helpers and overrides. See {@link EdwardsExtraOpts}.
* @returns Edwards point constructor. Generator validation here only checks
*   that `(Gx, Gy)` satisfies the affine Edwards equation.
*   RFC 8032 base-point constraints like `B != (0,1)` and `[L]B = 0`
*   are left to the caller's chosen parameters, since eager subgroup
*   validation here adds about 10-15ms to heavyweight imports like ed448.
*   The returned constructor also eagerly marks `Point.BASE` for W=6
*   precompute caching. Some code paths still assume
*   `Fp.BYTES === Fn.BYTES`, so mismatched byte lengths are not fully audited here.
* @throws If the curve parameters or Edwards overrides are invalid. {@link Error}
* @example
* ```ts
* import { edwards } from '@noble/curves/abstract/edwards.js';
* import { jubjub } from '@noble/curves/misc.js';
* // Build a point constructor from explicit curve parameters, then use its base point.
* const Point = edwards(jubjub.Point.CURVE());
* Point.BASE.toHex();
* ```
*/
function edwards(params, extraOpts = {}) {
	validateObject(extraOpts, {}, {}, "extraOpts");
	let opts = extraOpts, validated = createCurveFields("edwards", params, opts, opts.FpFnLE), { Fp, Fn } = validated, CURVE = validated.CURVE, { h: cofactor } = CURVE;
	if (FpLegendre(Fp, CURVE.a) !== 1) throw Error("edwards: CURVE.a must be a square in Fp for complete addition formulas");
	if (FpLegendre(Fp, CURVE.d) !== -1) throw Error("edwards: CURVE.d must be a non-square in Fp for complete addition formulas");
	validateObject(opts, {}, {
		uvRatio: "function",
		randomBytes: "function"
	});
	let randomBytes = opts.randomBytes === void 0 ? randomBytes$1 : opts.randomBytes, MASK = _2n$1 << BigInt(Fp.BYTES * 8) - _1n$1;
	function isOdd(n) {
		if (!Fp.isOdd) throw Error("Field does not have .isOdd()");
		return Fp.isOdd(n);
	}
	let uvRatio = opts.uvRatio === void 0 ? (u, v) => {
		try {
			return {
				isValid: !0,
				value: Fp.sqrt(Fp.div(u, v))
			};
		} catch {
			return {
				isValid: !1,
				value: _0n
			};
		}
	} : opts.uvRatio;
	if (!isEdValidXY(Fp, CURVE, CURVE.Gx, CURVE.Gy)) throw Error("bad curve params: generator point");
	let mulA = Fp.eql(CURVE.a, Fp.neg(Fp.ONE)) ? (x) => Fp.neg(x) : Fp.eql(CURVE.a, Fp.ONE) ? (x) => x : (x) => Fp.mul(CURVE.a, x);
	/**
	* Asserts coordinate is valid: 0 <= n < MASK.
	* Coordinates >= Fp.ORDER are allowed for zip215.
	*/
	function acoord(title, n, banZero = !1) {
		let min = banZero ? _1n$1 : _0n;
		return aInRange("coordinate " + title, n, min, MASK), n;
	}
	function aedpoint(other) {
		if (!(other instanceof Point)) throw Error("EdwardsPoint expected");
	}
	class Point {
		static BASE = new Point(CURVE.Gx, CURVE.Gy, Fp.ONE, Fp.mul(CURVE.Gx, CURVE.Gy));
		static ZERO = new Point(Fp.ZERO, Fp.ONE, Fp.ONE, Fp.ZERO);
		static Fp = Fp;
		static Fn = Fn;
		X;
		Y;
		Z;
		T;
		constructor(X, Y, Z, T) {
			this.X = acoord("x", X), this.Y = acoord("y", Y), this.Z = acoord("z", Z, !0), this.T = acoord("t", T), Object.freeze(this);
		}
		static CURVE() {
			return CURVE;
		}
		/**
		* Create one extended Edwards point from affine coordinates.
		* Does NOT validate that the point is on-curve or torsion-free.
		* Use `.assertValidity()` on adversarial inputs.
		*/
		static fromAffine(p) {
			if (p instanceof Point) throw Error("extended point not allowed");
			let { x, y } = p || {};
			return acoord("x", x), acoord("y", y), new Point(x, y, Fp.ONE, Fp.mul(x, y));
		}
		static fromBytes(bytes, zip215 = !1) {
			let len = Fp.BYTES, { a, d } = CURVE;
			bytes = copyBytes(abytes$1(bytes, len, "point")), abool(zip215, "zip215");
			let normed = copyBytes(bytes), lastByte = bytes[len - 1];
			normed[len - 1] = lastByte & -129;
			let y = bytesToNumberLE(normed), max = zip215 ? MASK : Fp.ORDER;
			aInRange("point.y", y, _0n, max);
			let y2 = Fp.sqr(y), u = Fp.sub(y2, Fp.ONE), v = Fp.sub(Fp.mulN(d, y2), a), { isValid, value: x } = uvRatio(u, v);
			if (!isValid) throw Error("bad point: invalid y coordinate");
			let isXOdd = isOdd(x), isLastByteOdd = !!(lastByte & 128);
			if (!zip215 && Fp.is0(x) && isLastByteOdd) throw Error("bad point: x=0 and x_0=1");
			return isLastByteOdd !== isXOdd && (x = Fp.neg(x)), Point.fromAffine({
				x,
				y
			});
		}
		static fromHex(hex, zip215 = !1) {
			return Point.fromBytes(hexToBytes(hex), zip215);
		}
		get x() {
			return this.toAffine().x;
		}
		get y() {
			return this.toAffine().y;
		}
		precompute(windowSize = 6, isLazy = !0) {
			return wnaf.setWindowSize(this, windowSize), isLazy || this.multiply(_2n$1), this;
		}
		assertValidity() {
			let p = this, { a, d } = CURVE;
			if (p.is0()) throw Error("bad point: ZERO");
			let { X, Y, Z, T } = p, X2 = Fp.sqr(X), Y2 = Fp.sqr(Y), Z2 = Fp.sqr(Z), Z4 = Fp.sqr(Z2), aX2 = Fp.mul(X2, a), left = Fp.mul(Fp.add(aX2, Y2), Z2), right = Fp.add(Z4, Fp.mul(d, Fp.mul(X2, Y2)));
			if (!Fp.eql(left, right)) throw Error("bad point: equation left != right (1)");
			let XY = Fp.mul(X, Y), ZT = Fp.mul(Z, T);
			if (!Fp.eql(XY, ZT)) throw Error("bad point: equation left != right (2)");
		}
		equals(other) {
			aedpoint(other);
			let { X: X1, Y: Y1, Z: Z1 } = this, { X: X2, Y: Y2, Z: Z2 } = other, X1Z2 = Fp.mul(X1, Z2), X2Z1 = Fp.mul(X2, Z1), Y1Z2 = Fp.mul(Y1, Z2), Y2Z1 = Fp.mul(Y2, Z1);
			return Fp.eql(X1Z2, X2Z1) && Fp.eql(Y1Z2, Y2Z1);
		}
		is0() {
			return this.equals(Point.ZERO);
		}
		negate() {
			return new Point(Fp.neg(this.X), this.Y, this.Z, Fp.neg(this.T));
		}
		double() {
			let { X: X1, Y: Y1, Z: Z1 } = this, A = Fp.sqr(X1), B = Fp.sqr(Y1), C = Fp.mul(Fp.sqr(Z1), _2n$1), D = mulA(A), x1y1 = Fp.addN(X1, Y1), E = Fp.sub(Fp.subN(Fp.sqr(x1y1), A), B), G = Fp.addN(D, B), F = Fp.subN(G, C), H = Fp.subN(D, B), X3 = Fp.mul(E, F), Y3 = Fp.mul(G, H), T3 = Fp.mul(E, H), Z3 = Fp.mul(F, G);
			return new Point(X3, Y3, Z3, T3);
		}
		add(other) {
			aedpoint(other);
			let { d } = CURVE, { X: X1, Y: Y1, Z: Z1, T: T1 } = this, { X: X2, Y: Y2, Z: Z2, T: T2 } = other, A = Fp.mul(X1, X2), B = Fp.mul(Y1, Y2), C = Fp.mul(Fp.mulN(T1, d), T2), D = Fp.mul(Z1, Z2), E = Fp.sub(Fp.subN(Fp.mulN(Fp.addN(X1, Y1), Fp.addN(X2, Y2)), A), B), F = Fp.subN(D, C), G = Fp.addN(D, C), H = Fp.sub(B, mulA(A)), X3 = Fp.mul(E, F), Y3 = Fp.mul(G, H), T3 = Fp.mul(E, H), Z3 = Fp.mul(F, G);
			return new Point(X3, Y3, Z3, T3);
		}
		subtract(other) {
			return aedpoint(other), this.add(other.negate());
		}
		multiply(scalar) {
			if (!Fn.isValidNot0(scalar)) throw RangeError("invalid scalar: expected 1 <= sc < curve.n");
			let { p, f } = wnaf.mulSecret(this, scalar, cofactor, normalize);
			return normalize([p, f])[0];
		}
		multiplyUnsafe(scalar) {
			if (!Fn.isValid(scalar)) throw RangeError("invalid scalar: expected 0 <= sc < curve.n");
			return scalar === _0n ? Point.ZERO : this.is0() || scalar === _1n$1 ? this : wnaf.mulUnsafe(this, scalar, normalize);
		}
		isSmallOrder() {
			return this.clearCofactor().is0();
		}
		isTorsionFree() {
			return wnaf.mulUnsafe(this, CURVE.n).is0();
		}
		toAffine(invertedZ) {
			let p = this, iz = invertedZ;
			if (iz != null && typeof iz != "bigint") throw TypeError("\"invertedZ\" expected bigint, got type=" + typeof iz);
			let { X, Y, Z } = p, is0 = p.is0();
			iz ??= is0 ? Fp.create(_8n$1) : Fp.inv(Z);
			let x = Fp.mul(X, iz), y = Fp.mul(Y, iz), zz = Fp.mul(Z, iz);
			if (is0) return {
				x: Fp.ZERO,
				y: Fp.ONE
			};
			if (!Fp.eql(zz, Fp.ONE)) throw Error("invZ was invalid");
			return {
				x,
				y
			};
		}
		clearCofactor() {
			return cofactor === _1n$1 ? this : cofactor === _2n$1 ? this.double() : cofactor === _4n ? this.double().double() : cofactor === _8n$1 ? this.double().double().double() : this.multiplyUnsafe(cofactor);
		}
		toBytes() {
			let { x, y } = this.toAffine(), bytes = Fp.toBytes(y);
			return bytes[bytes.length - 1] |= isOdd(x) ? 128 : 0, bytes;
		}
		toHex() {
			return bytesToHex(this.toBytes());
		}
		toString() {
			return `<Point ${this.is0() ? "ZERO" : this.toHex()}>`;
		}
	}
	let normalize = (points) => normalizeZ(Point, points), wnaf = new ScalarMultiplier(Point, randomBytes);
	return wnaf.bits >= 6 && Point.BASE.precompute(6), Object.freeze(Point.prototype), Object.freeze(Point), Point;
}
/**
* Initializes EdDSA signatures over given Edwards curve.
* @param Point - Edwards point constructor.
* @param cHash - Hash function.
* @param eddsaOpts - Optional signature helpers. See {@link EdDSAOpts}.
* @returns EdDSA helper namespace.
* @throws If the hash function, options, or derived point operations are invalid. {@link Error}
* @example
* Initializes EdDSA signatures over given Edwards curve.
*
* ```ts
* import { eddsa } from '@noble/curves/abstract/edwards.js';
* import { jubjub } from '@noble/curves/misc.js';
* import { sha512 } from '@noble/hashes/sha2.js';
* const sigs = eddsa(jubjub.Point, sha512);
* const { secretKey, publicKey } = sigs.keygen();
* const msg = new TextEncoder().encode('hello noble');
* const sig = sigs.sign(msg, secretKey);
* const isValid = sigs.verify(sig, msg, publicKey);
* ```
*/
function eddsa(Point, cHash, eddsaOpts = {}) {
	if (validatePointCons(Point), typeof cHash != "function") throw Error("\"hash\" function param is required");
	let hash = cHash, opts = eddsaOpts;
	validateObject(opts, {}, {
		adjustScalarBytes: "function",
		randomBytes: "function",
		domain: "function",
		prehash: "function",
		zip215: "boolean",
		mapToCurve: "function",
		toMontgomery: "function",
		toMontgomerySecret: "function"
	});
	let { prehash } = opts, { BASE, Fp, Fn } = Point, outputLen = hash.outputLen, expectedLen = 2 * Fp.BYTES;
	if (outputLen !== void 0 && (asafenumber(outputLen, "hash.outputLen"), outputLen !== expectedLen)) throw Error(`hash.outputLen must be ${expectedLen}, got ${outputLen}`);
	let randomBytes = opts.randomBytes === void 0 ? randomBytes$1 : opts.randomBytes, toMontgomery = opts.toMontgomery, toMontgomerySecret = opts.toMontgomerySecret, adjustScalarBytes = opts.adjustScalarBytes === void 0 ? (bytes) => bytes : opts.adjustScalarBytes, domain = opts.domain === void 0 ? (data, ctx, phflag) => {
		if (abool(phflag, "phflag"), ctx.length || phflag) throw Error("Contexts/pre-hash are not supported");
		return data;
	} : opts.domain;
	function modN_LE(hash) {
		return Fn.create(bytesToNumberLE(hash));
	}
	function getPrivateScalar(key) {
		let len = lengths.secretKey;
		abytes$1(key, lengths.secretKey, "secretKey");
		let hashed = abytes$1(hash(key), 2 * len, "hashedSecretKey"), head = adjustScalarBytes(hashed.slice(0, len));
		return {
			head,
			prefix: hashed.slice(len, 2 * len),
			scalar: modN_LE(head)
		};
	}
	/** Convenience method that creates public key from scalar. RFC8032 5.1.5
	* Also exposes the derived scalar/prefix tuple and point form reused by sign().
	*/
	function getExtendedPublicKey(secretKey) {
		let { head, prefix, scalar } = getPrivateScalar(secretKey), point = BASE.multiply(scalar);
		return {
			head,
			prefix,
			scalar,
			point,
			pointBytes: point.toBytes()
		};
	}
	/** Calculates EdDSA pub key. RFC8032 5.1.5. */
	function getPublicKey(secretKey) {
		return getExtendedPublicKey(secretKey).pointBytes;
	}
	function hashDomainToScalar(context = Uint8Array.of(), ...msgs) {
		let msg = concatBytes(...msgs);
		return modN_LE(hash(domain(msg, abytes$1(context, void 0, "context"), !!prehash)));
	}
	/** Signs message with secret key. RFC8032 5.1.6 */
	function sign(msg, secretKey, options = {}) {
		validateObject(options, {}, {}, "options"), msg = copyBytes(abytes$1(msg, void 0, "message")), prehash && (msg = prehash(msg));
		let { prefix, scalar, pointBytes } = getExtendedPublicKey(secretKey), r = hashDomainToScalar(options.context, prefix, msg), R = BASE.multiply(r).toBytes(), k = hashDomainToScalar(options.context, R, pointBytes, msg), s = Fn.create(r + k * scalar);
		if (!Fn.isValid(s)) throw Error("sign failed: invalid s");
		let rs = concatBytes(R, Fn.toBytes(s));
		return abytes$1(rs, lengths.signature, "result");
	}
	let verifyOpts = { zip215: opts.zip215 };
	/**
	* Verifies EdDSA signature against message and public key. RFC 8032 §§5.1.7 and 5.2.7.
	* A cofactored verification equation is checked.
	*/
	function verify(sig, msg, publicKey, options = verifyOpts) {
		validateObject(options);
		let { context } = options, zip215 = options.zip215 === void 0 ? !!verifyOpts.zip215 : options.zip215, len = lengths.signature;
		sig = abytes$1(sig, len, "signature"), msg = abytes$1(msg, void 0, "message"), publicKey = abytes$1(publicKey, lengths.publicKey, "publicKey"), zip215 !== void 0 && abool(zip215, "zip215"), prehash && (msg = prehash(msg));
		let mid = len / 2, r = sig.subarray(0, mid), s = bytesToNumberLE(sig.subarray(mid, len)), A, R, SB;
		try {
			A = Point.fromBytes(publicKey, zip215), R = Point.fromBytes(r, zip215), SB = BASE.multiplyUnsafe(s);
		} catch {
			return !1;
		}
		if (!zip215 && A.isSmallOrder()) return !1;
		let k = hashDomainToScalar(context, r, publicKey, msg);
		return R.add(A.multiplyUnsafe(k)).subtract(SB).clearCofactor().is0();
	}
	let _size = Fp.BYTES, lengths = {
		secretKey: _size,
		publicKey: _size,
		signature: 2 * _size,
		seed: _size
	};
	function randomSecretKey(seed) {
		return seed = seed === void 0 ? randomBytes(lengths.seed) : seed, abytes$1(seed, lengths.seed, "seed");
	}
	function isValidSecretKey(key) {
		return isBytes(key) && key.length === lengths.secretKey;
	}
	function isValidPublicKey(key, zip215) {
		try {
			return !!Point.fromBytes(key, zip215 === void 0 ? verifyOpts.zip215 : zip215);
		} catch {
			return !1;
		}
	}
	let utils = {
		getExtendedPublicKey,
		randomSecretKey,
		isValidSecretKey,
		isValidPublicKey,
		/** Converts an Edwards public key to a companion Montgomery public key. */
		toMontgomery(publicKey) {
			if (toMontgomery === void 0) throw Error("Montgomery conversion is not supported for this curve");
			return toMontgomery(Point.fromBytes(publicKey));
		},
		toMontgomerySecret(secretKey) {
			if (toMontgomerySecret === void 0) throw Error("Montgomery conversion is not supported for this curve");
			return toMontgomerySecret(secretKey);
		}
	};
	return Object.freeze(lengths), Object.freeze(utils), Object.freeze({
		keygen: createKeygen(randomSecretKey, getPublicKey),
		getPublicKey,
		sign,
		verify,
		utils,
		Point,
		lengths
	});
}
// node_modules/@noble/curves/ed25519.js
/**
* ed25519 Twisted Edwards curve with following addons:
* - X25519 ECDH
* - Ristretto cofactor elimination
* - Elligator hash-to-group / point indistinguishability
* @module
*/
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
const _1n = /* @__PURE__ */ BigInt(1), _2n = /* @__PURE__ */ BigInt(2), _5n = /* @__PURE__ */ BigInt(5), _8n = /* @__PURE__ */ BigInt(8), ed25519_CURVE_p = /* @__PURE__ */ BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"), ed25519_CURVE = {
	p: ed25519_CURVE_p,
	n: BigInt("0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"),
	h: _8n,
	a: BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"),
	d: BigInt("0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"),
	Gx: BigInt("0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a"),
	Gy: BigInt("0x6666666666666666666666666666666666666666666666666666666666666658")
};
function ed25519_pow_2_252_3(x) {
	let _10n = BigInt(10), _20n = BigInt(20), _40n = BigInt(40), _80n = BigInt(80), P = ed25519_CURVE_p, b2 = x * x % P * x % P, b4 = pow2(b2, _2n, P) * b2 % P, b5 = pow2(b4, _1n, P) * x % P, b10 = pow2(b5, _5n, P) * b5 % P, b20 = pow2(b10, _10n, P) * b10 % P, b40 = pow2(b20, _20n, P) * b20 % P, b80 = pow2(b40, _40n, P) * b40 % P, b160 = pow2(b80, _80n, P) * b80 % P, b240 = pow2(b160, _80n, P) * b80 % P, b250 = pow2(b240, _10n, P) * b10 % P;
	return {
		pow_p_5_8: pow2(b250, _2n, P) * x % P,
		b2
	};
}
function adjustScalarBytes(bytes) {
	return bytes[0] &= 248, bytes[31] &= 127, bytes[31] |= 64, bytes;
}
const ED25519_SQRT_M1 = /* @__PURE__ */ BigInt("19681161376707505956807079304988542015446066515923890162744021073123829784752");
function uvRatio(u, v) {
	let P = ed25519_CURVE_p, v3 = mod(v * v * v, P), pow = ed25519_pow_2_252_3(u * mod(v3 * v3 * v, P)).pow_p_5_8, x = mod(u * v3 * pow, P), vx2 = mod(v * x * x, P), root1 = x, root2 = mod(x * ED25519_SQRT_M1, P), useRoot1 = vx2 === u, useRoot2 = vx2 === mod(-u, P), noRoot = vx2 === mod(-u * ED25519_SQRT_M1, P);
	return useRoot1 && (x = root1), (useRoot2 || noRoot) && (x = root2), isNegativeLE(x, P) && (x = mod(-x, P)), {
		isValid: useRoot1 || useRoot2,
		value: x
	};
}
const ed25519_Point = /* @__PURE__ */ edwards(ed25519_CURVE, { uvRatio }), Fp = ed25519_Point.Fp;
function toMontgomery(point) {
	let { y } = point;
	return Fp.toBytes(Fp.div(_1n + y, _1n - y));
}
function toMontgomerySecret(secretKey) {
	let size = ed25519_Point.Fp.BYTES;
	return abytes(secretKey, size), adjustScalarBytes(sha512(secretKey.subarray(0, size))).subarray(0, size);
}
function ed(opts) {
	return eddsa(ed25519_Point, sha512, Object.assign({
		adjustScalarBytes,
		toMontgomery,
		toMontgomerySecret,
		zip215: !0
	}, opts));
}
/**
* ed25519 curve with EdDSA signatures.
* Seeded `keygen(seed)` / `utils.randomSecretKey(seed)` reuse the provided
* 32-byte seed buffer instead of copying it.
* @example
* Generate one Ed25519 keypair, sign a message, and verify it.
*
* ```js
* import { ed25519 } from '@noble/curves/ed25519.js';
* const { secretKey, publicKey } = ed25519.keygen();
* // const publicKey = ed25519.getPublicKey(secretKey);
* const msg = new TextEncoder().encode('hello noble');
* const sig = ed25519.sign(msg, secretKey);
* const isValid = ed25519.verify(sig, msg, publicKey); // ZIP215
* // RFC8032 / FIPS 186-5
* const isValid2 = ed25519.verify(sig, msg, publicKey, { zip215: false });
* ```
*/
const ed25519 = /* @__PURE__ */ ed({}), portableCrypto = {
	sha256,
	sha3_256(data) {
		return sha3_256(data);
	},
	hmac(hash, key, data) {
		return hmac(hash, hash === "sha256" ? sha256 : sha3_256, key, data);
	},
	verify(key, message, signature) {
		try {
			if (key.passkey !== void 0) {
				let opened = openedAssertion(key.passkey, message, signature, portableCrypto);
				return opened !== null && portableCrypto.verify(opened.key, opened.signed, opened.signature);
			}
			if (key.algorithm === "ed25519") return verifyEd25519(key.raw, message, signature);
			let raw = rawFromDer(signature);
			return raw !== null && p256.verify(raw, message, key.raw, {
				prehash: !0,
				lowS: !1
			});
		} catch {
			return !1;
		}
	}
};
/**
* RFC 8032 §5.1.7 without the cofactor, as OpenSSL and Go check it: [s]B − [k]A must encode to R itself.
* noble's own verify multiplies by the cofactor and so accepts an R of mixed order that they refuse; one
* attestation would be valid in the browser and invalid at the server.
*/
function verifyEd25519(key, message, signature) {
	if (signature.length !== 64) return !1;
	let { Point } = ed25519, point = Point.fromBytes(key, !1);
	if (point.isSmallOrder()) return !1;
	let r = signature.subarray(0, 32), s = littleEndian(signature.subarray(32));
	if (s >= Point.Fn.ORDER) return !1;
	let k = littleEndian(sha512(concat(r, key, message))) % Point.Fn.ORDER;
	return equal(Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k)).toBytes(), r);
}
function littleEndian(bytes) {
	return BigInt(`0x${hex(bytes.toReversed())}`);
}
// packages/cli/src/contract-file.ts
function readContractFile(context, file) {
	let { bytes, endorsed } = readContractText(context, file);
	return {
		contract: contentOf(file, () => parseContract(bytes)),
		bytes,
		endorsed
	};
}
/** The YAML of a file, which may be no contract, with the signatures around it. */
function readContractText(context, file) {
	let read = readBounded(resolve(context.cwd, file), MAX_SIGNED_CONTRACT_BYTES), endorsed = isSignedContract(read) ? contentOf(file, () => parseSignedContract(withoutLineEnd(read))) : null;
	return {
		bytes: endorsed?.payload ?? read,
		endorsed
	};
}
function withoutLineEnd(bytes) {
	return bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes;
}
/**
* Throws `contract-unsigned` unless as many of a contract's own maintainers have signed it as it asks for: a file that was
* begun to be signed is no contract yet.
*/
function checkOwnMaintainers(contract, endorsed) {
	if (contract.maintainers === null) return;
	let endorsers = endorsersOf(endorsed, {
		contract,
		trust: trustOf(contract),
		at: null
	}, portableCrypto);
	if (!enough(contract, endorsers)) throw new CodedError("contract-unsigned", `of revision ${contract.revision}, ${endorsedText(contract, endorsers)}`);
}
// packages/cli/src/revoking.ts
/** Keys that are revoked, from the list in a file; none where none is named. */
function readRevocations(context, file) {
	if (file === void 0) return [];
	let bytes = readBounded(resolve(context.cwd, file), MAX_REVOCATIONS_BYTES);
	return contentOf(file, () => parseRevocations(bytes));
}
/** What the keys of a server take away from whoever believes them. */
function revocationsOf(keys) {
	return keys.flatMap(({ keyId, revokedAt, reason }) => revokedAt === null ? [] : [{
		keyId,
		since: revokedAt,
		reason
	}]);
}
/** Belief less what is revoked. */
function less(believed, revoked) {
	let trust = withRevocations(believed.trust, revoked);
	return isLessened(trust, believed.trust) ? {
		...believed,
		trust,
		from: `${believed.from}, less what is revoked`,
		lessened: !0
	} : believed;
}
/** Less what a server says is revoked. Whoever names no log takes the times from that of the server, whose word it is anyway. */
async function lessThoseOf(believed, client) {
	let left = less(believed, revocationsOf(await client.keys()));
	return left === believed || left.trust.countersigners.length > 0 ? left : {
		...left,
		trust: {
			...left.trust,
			timekeepers: logsOf(await client.server())
		}
	};
}
function logsOf({ key, next, retired }) {
	return [...logKeys(next === null ? [key] : [key, next]), ...retired.map((one) => ({
		key: one.key,
		revokedAt: one.retiredAt
	}))];
}
// packages/cli/src/beside.ts
/**
* What chain files hold beside a chain that takes their place: the other steps, and all that is about them, where one of
* them is of the chain's run or about something that the `step` received and hands on, as it is or made anew in its place;
* what else it made begins anew. As it stands, verified or not: whoever reads it may believe others than this run does, and
* has no other copy. Of who held the very place of the step nothing is kept.
*/
function besides(old, chain, step, crypto) {
	let steps = /* @__PURE__ */ new Map();
	for (let line of old) {
		if (!isBundle(line)) continue;
		let statement = statementIn(line.envelope.payload);
		statement !== null && steps.set(linkDigest(line.envelope, crypto), statement);
	}
	let handedOn = new Set(step.subject.flatMap(({ name, digest }) => [name, digest.sha256])), received = step.predicate.materials.filter(({ name, digest }) => handedOn.has(name) || handedOn.has(digest.sha256)), own = new Set(received.map(({ digest }) => digest.sha256)), isKept = ({ subject, predicate }) => predicate.chain.id === step.predicate.chain.id || subject.some(({ digest }) => own.has(digest.sha256));
	if (![...steps.values()].some(isKept)) return [];
	let linkOf = (line) => linkIn(line, crypto), shown = new Set(chain.filter(isBundle).map(linkOf)), known = new Set(chain.map(textOf$1));
	return old.filter((line) => {
		let link = linkOf(line);
		if (known.has(textOf$1(line)) || link !== null && shown.has(link)) return !1;
		let statement = link === null ? void 0 : steps.get(link);
		return statement === void 0 ? !isBundle(line) : !isSamePlace(statement, step);
	}).slice(-2e3);
}
/** The step that a line is, or is about; null for what is about no one step. */
function linkIn(line, crypto) {
	return isBundle(line) ? linkDigest(line.envelope, crypto) : isReceipt(line) ? line.opening.link : isWithheld(line) ? line.unopened.link : "link" in line ? line.link : null;
}
function textOf$1(line) {
	return new TextDecoder().decode(writeChainLine(line));
}
function statementIn(payload) {
	try {
		return parseStep(payload);
	} catch (error) {
		if (error instanceof CodedError) return null;
		throw error;
	}
}
function isSamePlace({ predicate: { chain, step } }, other) {
	let { chain: run, step: own } = other.predicate;
	return chain.id === run.id && step.name === own.name && step.attempt === own.attempt && step.matrix === own.matrix;
}
// packages/cli/src/sidecars.ts
/** The file in a directory that carries the chain of what lies there, where one beside each would be too much. */
const DIRECTORY_FILE = "directory.chain.jsonl";
/**
* The chain files that lie beside artifacts. Who wrote an artifact's own file last wrote all that there is to it: the
* directory's is not of what has one.
*/
function chainFilesBeside({ cwd }, paths) {
	let own = /* @__PURE__ */ new Set(), shared = /* @__PURE__ */ new Map(), isThere = (file) => existsSync(resolve(cwd, file));
	for (let path of paths) {
		let file = sidecarsOf(cwd, path).find(isThere);
		if (file !== void 0) {
			own.add(file);
			continue;
		}
		let directory = directoryFileOf(cwd, path), others = shared.get(directory);
		others === void 0 ? isThere(directory) && shared.set(directory, [path]) : others.push(path);
	}
	return {
		own: [...own],
		shared
	};
}
/** Whether a step in a chain says that it made or vouches for something of the name that one of the paths has. */
function isAboutOneOf(lines, paths) {
	let names = new Set(paths.map(lastOf));
	return lines.some((line) => stepIn(line)?.subject.some(({ name }) => names.has(lastOf(name))) === !0);
}
/**
* Where the chain of what has these names is written to: beside each; into each directory where that would be more than
* `most` bytes; and where that is, too, into the root alone, where the next step does not look for it.
*/
function carriersOf({ cwd }, names, chain, most = 67108864) {
	let own = [...new Set(names.map((name) => sidecarsOf(cwd, name)[0]))], directories = [...new Set(names.map((name) => directoryFileOf(cwd, name)))], fewer = directories.length < own.length ? directories : own, beside = {
		files: own,
		shared: !1,
		superseded: [],
		warning: null
	};
	if (own.length === 1) return beside;
	let size = chain.reduce((sum, line) => sum + writeChainLine(line).length + 1, 0), fits = (files) => files.length * size <= most, isFew = fits(fewer) || fewer.length <= 8;
	if (fits(own) || isFew && fewer === own) return beside;
	let files = isFew ? fewer : [DIRECTORY_FILE], superseded = names.flatMap((name) => sidecarsOf(cwd, name)).filter((file) => !files.includes(file) && existsSync(resolve(cwd, file))), what = `the chain is too large for ${fewer.length} copies: it is in ${DIRECTORY_FILE} alone`;
	return {
		files,
		shared: !0,
		superseded,
		warning: isFew ? null : `${what}. ${`Hand that on with --previous ${DIRECTORY_FILE}, or make a directory one product: --products DIR/`}`
	};
}
/**
* A chain as it is written to a file. In a directory's that takes the place of another, what that says of files which are
* still there, and of which nothing else speaks, stays.
*/
function chainFor({ cwd }, file, { old, chain, step }, crypto) {
	let anew = new Set(step.subject.map(({ name }) => bareOf(name))), steps = old.flatMap((line) => stepIn(line) ?? []), others = new Set(steps.flatMap(({ subject }) => subject.map(({ name }) => lastOf(name)))), isLeft = (name) => {
		let path = join(dirname(file), name), isThere = (one) => existsSync(resolve(cwd, one));
		return !anew.has(path.normalize("NFC")) && isThere(onDisk(cwd, path)) && !sidecarsOf(cwd, path).some(isThere);
	};
	if (![...others].some(isLeft)) return chain;
	let kept = steps.some(({ predicate }) => predicate.chain.id === step.predicate.chain.id) ? besides(old, chain, step, crypto) : old, known = new Set(chain.map(textOf));
	return [...kept.filter((line) => !known.has(textOf(line))), ...chain];
}
/** Names that the file of one artifact may have, beside it as it is on disk first. */
function sidecarsOf(cwd, path) {
	let bare = bareOf(path), found = onDisk(cwd, bare), canonical = join(dirname(found), basename(found).normalize("NFC")), paths = hasOneForm(bare) ? [bare] : [
		found,
		canonical,
		bare,
		bare.normalize("NFC")
	];
	return [...new Set(paths.map((one) => `${one}.chain.jsonl`))];
}
function directoryFileOf(cwd, path) {
	return join(dirname(onDisk(cwd, bareOf(path))), DIRECTORY_FILE);
}
/** The path of what is on disk; names there may be in another Unicode form. Itself where nothing is there. */
function onDisk(cwd, path) {
	if (hasOneForm(path) || existsSync(resolve(cwd, path))) return path;
	let found = [];
	for (let segment of path.split("/")) {
		let here = resolve(cwd, [...found, segment].join("/"));
		found.push(existsSync(here) ? segment : entryLike(dirname(here), segment) ?? segment);
	}
	return found.join("/");
}
function entryLike(directory, name) {
	let [composed, decomposed] = [name.normalize("NFC"), name.normalize("NFD")];
	if (existsSync(join(directory, decomposed))) return decomposed;
	try {
		return readdirSync(directory).find((entry) => entry.normalize("NFC") === composed);
	} catch {
		return;
	}
}
/** Whether a name is the same in all Unicode forms. */
function hasOneForm(path) {
	return path.normalize("NFC") === path && path.normalize("NFD") === path;
}
function bareOf(path) {
	return path.replace(/\/+$/, "");
}
function lastOf(path) {
	return basename(path).normalize("NFC");
}
function textOf(line) {
	return new TextDecoder().decode(writeChainLine(line));
}
/** A step as a line says it, verified or not; null where it is none. */
function stepIn(line) {
	if (!isBundle(line)) return null;
	try {
		return parseStep(line.envelope.payload);
	} catch (error) {
		if (error instanceof CodedError) return null;
		throw error;
	}
}
// packages/verify/src/sigstore/trusted-root.ts
const CODE = "trust-root-invalid";
/**
* Everything of Sigstore's `trusted_root.json` (protobuf-specs, sigstore_trustroot.proto) that bundles hang on: CAs,
* logs of Certificate Transparency, logs of Rekor, timestamp authorities. Members that mean nothing here are let be,
* because the file is somebody else's and grows; of those that do, one that is malformed refuses the whole file (T-65),
* a span of time without a beginning too. Logs with keys of other kinds than ECDSA P-256 and Ed25519 are left out, so
* what they signed does not count.
*
* Throws `trust-root-invalid`.
*/
function parseSigstoreTrust(input, crypto) {
	try {
		let value = parseJson(input, { maxBytes: 4e6 }), it = looseOf(new Shape(CODE, value, "trustedRoot"), [
			"mediaType",
			"certificateAuthorities",
			"tlogs"
		]);
		it.exactly("mediaType", ...TRUSTED_ROOT_MEDIA_TYPES);
		let known = listOf(it, "tlogs", 1e3).map((shape) => logOf(shape, crypto)).filter((log) => log !== null);
		return known.length > 0 && rekorTrust(known), {
			authorities: readTrustedAuthorities(it, crypto),
			logs: known,
			timestampAuthorities: listOf(it, "timestampAuthorities", 100).map(authorityOf)
		};
	} catch (error) {
		throw !(error instanceof CodedError) || error.code === CODE ? error : new CodedError(CODE, `the trusted root cannot be read: ${error.what}`, { cause: error });
	}
}
function listOf(it, key, max) {
	return it.has(key) && !it.isNull(key) ? it.get(key).array(max) : [];
}
function logOf(shape, crypto) {
	let publicKey = looseOf(looseOf(shape, ["publicKey"]).get("publicKey"), ["validFor"]);
	return boundedOf(publicKey.get("validFor")), readTrustedLog(shape, crypto);
}
function authorityOf(shape) {
	let it = looseOf(shape, ["certChain", "validFor"]), list = looseOf(it.get("certChain"), ["certificates"]).get("certificates"), [first, ...others] = list.array(6).map(certificateOf);
	if (first === void 0) return list.fail("is empty");
	others.some((one) => !basicConstraints(one).ca) && list.fail("holds a certificate on the way that is no CA");
	let subject = it.has("subject") && !it.isNull("subject") ? looseOf(it.get("subject"), []) : null, named = subject?.has("commonName") === !0 ? subject.text("commonName", 200) : "timestamp authority";
	return {
		name: it.has("uri") && !it.isNull("uri") ? logNameOf(it.text("uri", 2048)) : named,
		chain: [first, ...others],
		validFor: boundedOf(it.get("validFor"))
	};
}
function certificateOf(shape) {
	return parseCertificate(fromBase64(looseOf(shape, ["rawBytes"]).get("rawBytes").string()), "certificate-invalid");
}
// packages/cli/src/sigstore-trust.ts
function isFresh({ expires }, now) {
	return Date.parse(now) < Date.parse(expires);
}
// packages/cli/src/evidence.ts
/**
* Lines of chain files: of those that are named, and of those that lie beside the `artifacts`, whose paths are given. One
* that is there says something: an empty one was cut short. Of files with equal bytes one is parsed.
*/
function readChainFiles(context, named, artifacts) {
	let seen = /* @__PURE__ */ new Set(), read = (file) => {
		let bytes = readBounded(resolve(context.cwd, file), MAX_CHAIN_BYTES);
		return isNew(bytes, seen) ? chainLines(bytes, file) : [];
	}, { own, shared } = chainFilesBeside(context, artifacts), lines = [...new Map([...named, ...own].map((file) => [resolve(context.cwd, file), file])).values()].flatMap(read), others = [...shared].flatMap(([file, paths]) => {
		let held = read(file);
		return isAboutOneOf(held, paths) ? held : [];
	});
	return [...lines, ...others];
}
/** What a chain file holds, `name` in what is thrown of it. Throws `chain-file-invalid`, and `input-too-large`. */
function chainLines(bytes, name) {
	let lines;
	try {
		lines = parseChainFile(bytes);
	} catch (cause) {
		if (!(cause instanceof CodedError) || cause.code === "input-too-large") throw cause;
		let what = cause.code === "chain-file-invalid" ? cause.what : `${cause.code}: ${cause.what}`;
		throw new CodedError("chain-file-invalid", `${name}: ${what}`, { cause });
	}
	if (lines.length === 0) throw new CodedError("chain-file-invalid", `${name}: it is empty`);
	return lines;
}
/** Most chains that one look-up fetches whole. */
const MAX_CHAINS = 20;
/**
* Everything the server has about the chains of these ids, about the newest in which one of the digests was made or
* vouched for, and, where that leaves room, about `more`; `notes`: signed notes, too.
*/
async function fetchChains(client, digests, ids, { notes = !1, more = [] } = {}) {
	let found = digests.length === 0 ? [] : (await client.lookup(digests)).map(({ chain }) => chain), chains = [.../* @__PURE__ */ new Set([
		...ids,
		...found,
		...more
	])].slice(0, 20);
	return (await Promise.all(chains.map((id) => fetchChain(client, id, notes)))).flat();
}
/** A chain whose steps all wait in a spool is not known to the server yet. */
async function fetchChain(client, id, notes) {
	try {
		return await client.chain(id, { notes });
	} catch (error) {
		if (error instanceof CodedError && error.code === "not-found") return [];
		throw error;
	}
}
/**
* The contract in a file, in YAML or signed, with all that the organisation's baseline asks for. Of a signed one as many
* maintainers must have signed as it names itself.
*/
function readContract(context, file, baseline) {
	let { contract, endorsed } = readContractFile(context, file);
	return endorsed !== null && checkOwnMaintainers(contract, endorsed), underBaseline(context, contract, baseline);
}
/** A contract with all that the organisation's baseline asks for, where one is named. Throws `baseline-unmet`. */
function underBaseline(context, contract, named) {
	let file = named ?? context.settings.baseline;
	return file === null ? contract : tighten(contract, readBaseline(context, file));
}
/** Throws what reading a file and `parseBaseline` throw. */
function readBaseline(context, file) {
	return parseBaseline(readBounded(resolve(context.cwd, file), 1 << 20));
}
/**
* Trust, from the first of: the contract's own keys and authorities; key files named with `--trust`; the keys enrolled at
* the server. Throws `trust-missing` where there is none of them, or none of the public Sigstore's where the contract
* believes that, and `trust-root-expired` where there is only an old one. Less what is revoked at the server, or by the list in a
* file: that only takes trust away, so it is believed whoever chose the keys.
*/
async function believe(context, contract, files, client) {
	let listed = readRevocations(context, files.revoked), chosen = await chosenBy(context, contract, files);
	if (chosen !== null) {
		let mine = less(chosen, listed);
		return client === null ? mine : lessThoseOf(mine, client);
	}
	if (client === null) throw new CodedError("trust-missing", "neither a contract, nor --trust, nor a server is given");
	return less(await enrolledAt(context, client), listed);
}
/** Whom a contract or files name; null where there is neither. */
async function chosenBy(context, contract, files) {
	let caller = {
		chosenBy: "caller",
		lessened: !1
	}, trustFiles = files.trust ?? [], roots = knownRoots(context, contract, files);
	if (contract !== null) {
		let authorities = authorityRootsOf(contract, roots), from = contract.authorities.size === 0 ? "the keys of the contract" : "the keys and authorities of the contract";
		return {
			trust: trustOf(contract, roots),
			authorities,
			from,
			...caller
		};
	}
	if (trustFiles.length === 0) return null;
	let crypto = await nativeCrypto(), named = trustFiles.map((file) => readTrusted(context, file, crypto)), signers = namedKeys(new Map(named.flatMap((one) => one.kind === "signer" ? [[one.name, one.key]] : []))), noteKeys = named.flatMap((one) => one.kind === "log" ? [one.key] : []), authorities = named.flatMap((one) => one.kind === "authority" ? [one.root] : []), keys = {
		signers,
		countersigners: logKeys(noteKeys.filter(({ type }) => type === "ed25519")),
		witnesses: noteKeys.filter(({ type }) => type === "cosignature-v1")
	};
	return {
		trust: authorities.length === 0 ? keys : withAuthorities(keys, authorities, [ANY_IDENTITY]),
		authorities,
		from: "the keys given with --trust",
		...caller
	};
}
async function enrolledAt(context, client) {
	let { keysOf } = await import("./gathering2.js"), { trust, authorities } = await keysOf(client), lessened = trust.signers.some(({ revokedAt }) => revokedAt !== null);
	return {
		trust,
		authorities,
		from: `the keys enrolled at ${context.settings.url}`,
		chosenBy: "server",
		lessened
	};
}
/** The policy in a file (C2SP tlog-policy); null where none is named. */
function readWitnessPolicy(context, file, crypto) {
	return file === void 0 ? null : parsePolicy(readBounded(resolve(context.cwd, file), MAX_POLICY_BYTES), crypto);
}
/** Who writes a policy believes its logs and witnesses. */
function withPolicy(trust, policy) {
	if (policy === null) return trust;
	let known = new Set(trust.countersigners.map(({ key }) => writeVkey(key))), logs = policy.logs.map(({ key }) => key).filter((key) => !known.has(writeVkey(key)));
	return {
		...trust,
		countersigners: [...trust.countersigners, ...logs.map((key) => ({
			key,
			revokedAt: null
		}))],
		witnesses: policy.witnesses.map(({ key }) => key)
	};
}
/**
* Of `FILE` or `NAME=FILE`: who signs steps; the verifier key of a server's log or of a witness, which has its name in
* it; or an authority, its certificates in PEM with the verifier key of its log on a line of its own.
*/
function readTrusted(context, text, crypto) {
	let at = text.indexOf("="), file = at > 0 ? text.slice(at + 1) : text, name = at > 0 ? text.slice(0, at) : file.replace(/^.*\//, "").replace(/\.(?:pub|pem)$/, ""), content = readText(resolve(context.cwd, file), 65536);
	return content.includes(BEGIN_CERTIFICATE) ? {
		kind: "authority",
		root: readAuthority(name, content, crypto)
	} : VKEY.test(content) ? {
		kind: "log",
		key: parseVkey(content.trim(), crypto)
	} : {
		kind: "signer",
		name,
		key: readSigningKey(content)
	};
}
function readAuthority(name, content, crypto) {
	let certificates = parseCertificates(content, "certificate-invalid").map(({ der }) => der), logs = content.split("\n").filter((line) => VKEY.test(line));
	if (logs.length === 0) throw new CodedError("trust-missing", `nothing in ${name} says which log proves what it issues`, { fix: "Put the vkey of its log, as the server shows it at /v1/server, on a line of the file." });
	return {
		kind: "countersign",
		name,
		certificates,
		logs: logs.map((log) => parseVkey(log.trim(), crypto)),
		revokedAt: null
	};
}
const BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
/**
* The trusted roots of Sigstore that a contract may mean: those in files that are named, that were brought, and that
* `countersign trust update` keeps. For the public one counts, the first of: a named file that the contract does not pin;
* what was brought for it; what is kept, while it is fresh: whoever holds back newer ones could keep a stolen key believed
* (T-70). A file that means nothing to the contract would be left out in silence, so it is a fault.
*/
function knownRoots(context, contract, files) {
	let { sigstoreTrust, trustedRoots = [], publicRoot = null } = files, own = context.settings.sigstoreTrust, paths = sigstoreTrust ?? (own === null || contract === null ? [] : [own]), rules = [...contract?.authorities.values() ?? []], pins = new Set(rules.map(({ id }) => id)), named = paths.map((file) => {
		let bytes = readBounded(resolve(context.cwd, file), 4e6), digest = hex(sha256(bytes));
		return {
			file,
			bytes,
			digest,
			pinned: pins.has(digest)
		};
	}), wantsPublic = contract !== null && believesPublicSigstore(contract), [first, second] = named.filter(({ pinned }) => !pinned), stray = wantsPublic ? second : first;
	if (stray !== void 0 && sigstoreTrust !== void 0) throw new CodedError("usage", `no authority of the contract is the trusted root in ${stray.file}`, { fix: `Name it there: authorities: { NAME: { sigstore: ${stray.digest} } }` });
	let known = [...named.map(({ bytes }) => bytes), ...trustedRoots];
	if (wantsPublic) return {
		trustedRoots: known,
		publicRoot: first?.bytes ?? publicRoot ?? keptPublicRoot(context)
	};
	if (named.length > 0 || !rules.some(({ kind }) => kind === "sigstore")) return {
		trustedRoots: known,
		publicRoot: null
	};
	let kept = readKeptTrust(context.settings.sigstoreCache, PUBLIC_MIRROR)?.trustedRoot;
	return {
		trustedRoots: kept === void 0 ? known : [...known, kept],
		publicRoot: null
	};
}
/** What `countersign trust update` keeps of the public Sigstore, where it is fresh. */
function keptPublicRoot(context) {
	let kept = readKeptTrust(context.settings.sigstoreCache, PUBLIC_MIRROR);
	if (kept === null) throw new CodedError("trust-missing", "the contract believes the public Sigstore, of which nothing was fetched yet", { fix: "Fetch its trust root: countersign trust update; or name a file of it: --sigstore-trust FILE" });
	if (isFresh(kept, context.now())) return kept.trustedRoot;
	throw new CodedError("trust-root-expired", `the contract believes the public Sigstore, whose trust root was fresh until ${kept.expires}`, { fix: "Fetch it again: countersign trust update; or name a file of it: --sigstore-trust FILE" });
}
/** No PEM and no base64 begins so. */
const VKEY = /^\s*[^\s+]+\+[0-9a-f]{8}\+/, UNREACHABLE = /* @__PURE__ */ new Set([
	"server-unreachable",
	"server-answer",
	"server-busy",
	"server-stopping",
	"store-failed",
	"internal"
]);
async function nativeCrypto() {
	return (await import("./crypto-node.js")).nodeCrypto;
}
export { readKeptTrust as C, readText as D, readBounded as E, takeAway as O, PUBLIC_MIRROR as S, isNew as T, chainFilesBeside as _, fetchChains as a, stepIn as b, readBaseline as c, readWitnessPolicy as d, underBaseline as f, carriersOf as g, parseSigstoreTrust as h, chainLines as i, writeWhole as k, readChainFiles as l, isFresh as m, UNREACHABLE as n, knownRoots as o, withPolicy as p, believe as r, nativeCrypto as s, MAX_CHAINS as t, readContract as u, chainFor as v, NotThere as w, besides as x, isAboutOneOf as y };
