import { $ as CodedError, J as equal, Q as fromBase64, X as utf8, Z as base64, g as hex, m as parseJson, q as concat, tt as reportOf } from "./src.js";
import { Kt as writeLeaf, _ as statementDigests, m as checkStatementsAgree, qt as Shape, v as verifyLogStatement } from "./src3.js";
import { I as leafHash, M as verifyInclusion, c as looseOf, l as readValidFor, n as MAX_ANCHOR_TRUST_BYTES, o as readAnchorRoots, r as NO_ANCHOR_ROOTS, t as ANCHOR_TRUST_MEDIA_TYPE } from "./anchor.js";
import { C as parseCertificate } from "./identity.js";
import { i as parseTrustedRoot, n as logNameOf } from "./rekor-trust.js";
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
	let bySize = new Map(all.map(({ statement }) => [`${statement.size} ${statement.origin}`, statement]));
	for (let { origin, size, root } of checkpointsOf(chain)) {
		let stated = bySize.get(`${size} ${origin}`);
		if (stated === void 0 || equal(root, stated.sha256)) continue;
		let what = `${origin} signed a checkpoint and statement ${stated.number} of ${size} entries with two roots`;
		held(origin, () => {
			throw new CodedError("statement-forked", what);
		});
	}
	return forked;
}
/** Those that the proofs of the chain are under, of what is withheld and erased too. */
function checkpointsOf({ receipts, withheld }) {
	let closed = [...withheld.values()].flatMap(({ withheld: { proof, tombstone } }) => tombstone === null ? [proof] : [proof, tombstone.proof]);
	return [...[...receipts.values()].flat().map(({ receipt }) => receipt.proof), ...closed].map(({ checkpoint }) => checkpoint);
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
export { provenBy as a, existedBy as i, rekorRootOf as n, verifyAnchored as o, timestampAuthoritiesIn as r, parseAnchorTrust as t };
