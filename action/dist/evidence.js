import { K as fromBase64, U as fromUtf8, d as hex, l as parseJson, m as sha256, o as readPublicKey, q as CodedError } from "./src.js";
import { At as writeVkey, Et as Shape, S as parseChainFile, a as MAX_REVOCATIONS_BYTES, b as MAX_CHAIN_BYTES, c as MAX_POLICY_BYTES, kt as parseVkey, s as parseRevocations, u as parsePolicy } from "./src2.js";
import { t as nodeCrypto } from "./crypto-node2.js";
import "./whole-file.js";
import { s as parseContract } from "./certificate.js";
import { b as parseCertificate, g as basicConstraints, h as parseCertificates, t as TRUSTED_ROOT_MEDIA_TYPES } from "./identity.js";
import { _ as boundedOf, a as authorityRootsOf, c as logKeys, d as trustOf, f as withAuthorities, g as ANY_IDENTITY, l as namedKeys, o as believesPublicSigstore, p as withRevocations, v as readTrustedAuthorities } from "./src5.js";
import "./verify.js";
import { F as looseOf } from "./src3.js";
import { a as logNameOf, c as readTrustedLog, u as rekorTrust } from "./rekor-proof.js";
import { randomUUID } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { closeSync, constants as constants$1, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { mkdir, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
// packages/cli/src/files.ts
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
		if (!stat.isFile()) throw new CodedError("file-special", `${path} is not a regular file`);
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
function readText(path, max = 1 << 20) {
	return fromUtf8(readBounded(path, max));
}
/** Where a process finds its own descriptors and the machine's devices: never a name to be given to another file. */
const DEVICES = /^\/(?:dev|proc)\//;
/**
* Writes all of it or nothing, durably: beside the target first, then in its place; a link's target stays where it is. What
* is no file (`/dev/stdout`, a pipe) is written to: a file in its place would take it from everybody else. Throws
* `file-write-failed`.
*/
async function writeWhole(path, bytes) {
	try {
		await isStream(path) ? await writeFile(path, bytes, { flag: "a" }) : await replace(await realpath(path).catch(() => path), bytes);
	} catch (cause) {
		throw systemError(path, cause, "file-write-failed");
	}
}
async function isStream(path) {
	let found = await stat(path).catch(() => null);
	return found === null || found.isDirectory() ? !1 : !found.isFile() || DEVICES.test(resolve(path));
}
async function replace(path, bytes) {
	let temporary = `${path}.${randomUUID()}.tmp`;
	try {
		await mkdir(dirname(path), { recursive: !0 });
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
	return name === "ENOENT" && code === "file-unreadable" ? new CodedError("file-missing", `${path} is not there`, { cause }) : new CodedError(code, `${path}: ${name}`, { cause });
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
// packages/cli/src/revoking.ts
/** Keys that are revoked, from the list in a file; none where none is named. */
function readRevocations(context, file) {
	return file === void 0 ? [] : parseRevocations(readBounded(resolve(context.cwd, file), MAX_REVOCATIONS_BYTES));
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
	return trust.signers.some(({ revokedAt }, i) => revokedAt !== believed.trust.signers[i].revokedAt) ? {
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
/** The file beside an artifact that carries its chain. */
function sidecarOf(path) {
	return `${path.replace(/\/+$/, "")}.chain.jsonl`;
}
/** Lines of chain files; those of `optional` may be missing. */
function readChainFiles(context, named, optional) {
	let present = optional.filter((file) => existsSync(resolve(context.cwd, file)));
	return [...new Set([...named, ...present].map((file) => resolve(context.cwd, file)))].flatMap((file) => parseChainFile(readBounded(file, MAX_CHAIN_BYTES)));
}
/** Most chains that one look-up fetches whole. */
const MAX_CHAINS = 20;
/** Everything the server has about the newest chains in which one of these digests was made or vouched for. */
async function fetchChains(client, digests, ids) {
	let found = digests.length === 0 ? [] : (await client.lookup(digests)).map(({ chain }) => chain), chains = [.../* @__PURE__ */ new Set([...ids, ...found])].slice(0, 20);
	return (await Promise.all(chains.map((id) => fetchChain(client, id)))).flat();
}
/** A chain whose steps all wait in a spool is not known to the server yet. */
async function fetchChain(client, id) {
	try {
		return await client.chain(id);
	} catch (error) {
		if (error instanceof CodedError && error.code === "not-found") return [];
		throw error;
	}
}
/** The contract in a file. */
function readContract(context, file) {
	return parseContract(readBounded(resolve(context.cwd, file), 1 << 20));
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
	let [enrolled, server, chains] = await Promise.all([
		client.keys(),
		client.server(),
		client.authorities()
	]), signers = enrolled.map(({ name, publicKey, revokedAt }) => ({
		name,
		key: publicKey,
		revokedAt
	})), current = server.next === null ? [server.key] : [server.key, server.next], retired = server.retired.map(({ key, retiredAt }) => ({
		key,
		revokedAt: retiredAt
	})), keys = {
		signers,
		countersigners: [...logKeys(current), ...retired]
	}, logs = [...current, ...retired.map(({ key }) => key)], authorities = chains.map((certificates) => ({
		kind: "countersign",
		name: server.origin,
		certificates,
		logs,
		revokedAt: null
	}));
	return {
		trust: authorities.length === 0 ? keys : withAuthorities(keys, authorities, [ANY_IDENTITY]),
		authorities,
		from: `the keys enrolled at ${context.settings.url}`,
		chosenBy: "server",
		lessened: signers.some(({ revokedAt }) => revokedAt !== null)
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
		key: readPublicKey(content)
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
export { readText as _, knownRoots as a, readContract as c, withPolicy as d, isFresh as f, readBounded as g, readKeptTrust as h, fetchChains as i, readWitnessPolicy as l, PUBLIC_MIRROR as m, UNREACHABLE as n, nativeCrypto as o, parseSigstoreTrust as p, believe as r, readChainFiles as s, MAX_CHAINS as t, sidecarOf as u, writeWhole as v };
