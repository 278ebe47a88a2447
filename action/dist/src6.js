import { $ as CodedError, J as equal, Q as fromBase64, X as utf8, Y as fromUtf8, Z as base64, g as hex, m as parseJson, o as parseSigningKey, p as canonicalJson, y as sha256 } from "./src.js";
import { A as isDeviation, At as MAX_NOTE_BYTES, F as parseChainLine, I as writeChainLine, K as parseDeviation, M as isReceipt, N as isRemark, Nt as parseVkey, O as isAttachment, P as isWithheld, Pt as writeVkey, Rt as linkDigest, T as MAX_CHAIN_LINES, Z as parseStep, b as readCoverage, h as parseLogStatement, j as isDisclosure, jt as writeNote, k as isBundle, qt as Shape, y as coverageJson, z as parseRemark } from "./src3.js";
import { E as MAX_ANCHOR_BYTES, g as readAnchor, i as anchorRootsJson, m as anchorJson, o as readAnchorRoots, v as writeAnchor } from "./anchor.js";
import { _ as authorityRootsJson, v as readAuthorityRoots } from "./identity.js";
// packages/evidence/src/evidence.ts
const EVIDENCE_MEDIA_TYPE = "application/vnd.countersign.evidence.v1+json", MAX_EVIDENCE_BYTES = 134217728, MAX_CONTRACT_BYTES = 1048576, FIELDS = [
	"mediaType",
	"subject",
	"createdAt",
	"lines",
	"contracts",
	"trust",
	"statements",
	"coverage",
	"anchors"
];
/**
* Evidence from its bytes, which have one spelling (SPEC.md). Throws `evidence-invalid`, `input-too-large`, and what
* strict JSON reading and keys throw. The signatures are for `verify`: no payload is read here.
*/
function parseEvidence(bytes) {
	if (bytes.length > 134217728) throw new CodedError("input-too-large", `the evidence is larger than ${MAX_EVIDENCE_BYTES} bytes`);
	let value = parseJson(bytes, { maxBytes: MAX_EVIDENCE_BYTES }), evidence = readEvidence(value);
	if (!equal(canonicalJson(value), bytes)) throw new CodedError("evidence-invalid", "the evidence is not canonical JSON");
	return evidence;
}
/** {@link parseEvidence} of JSON that was parsed strictly already, whatever its spelling. */
function readEvidence(value) {
	let it = new Shape("evidence-invalid", value, "evidence").object(FIELDS);
	it.exactly("mediaType", EVIDENCE_MEDIA_TYPE);
	let subject = readSubject(it.get("subject")), lines = readLines(it.get("lines"));
	return {
		subject,
		createdAt: it.time("createdAt"),
		lines,
		contracts: readContracts(it.get("contracts")),
		trust: readTrust(it.get("trust")),
		statements: readStatements(it.get("statements")),
		coverage: readCoverages(it.get("coverage")),
		anchors: readAnchors(it.get("anchors"))
	};
}
function readSubject(shape) {
	let it = shape.object(["artifact", "chains"]), artifact = it.get("artifact").nullable((digest) => digest.hex(64)), chains = ascending(it.get("chains"), 100, (id) => id.hex(32));
	return chains.length === 0 && it.get("chains").fail("names no run"), artifact === null && chains.length > 1 && it.get("chains").fail("names several runs and no artifact"), {
		artifact,
		chains
	};
}
function readLines(shape) {
	let lines = [];
	return ascending(shape, MAX_CHAIN_LINES, (item) => {
		let text = item.string(MAX_EVIDENCE_BYTES);
		return lines.push(readLine(item, text)), text;
	}), lines.length === 0 && shape.fail("holds nothing"), lines;
}
function readLine(shape, text) {
	let line, written;
	try {
		line = parseChainLine(text), written = fromUtf8(writeChainLine(line));
	} catch (cause) {
		if (!(cause instanceof CodedError)) throw cause;
		return shape.fail(`is no line of a chain: ${cause.code}: ${cause.what}`);
	}
	return written !== text && shape.fail("is not in its one spelling"), line;
}
function readStatements(shape) {
	let statements = [];
	return ascending(shape, 1e3, (item) => {
		let text = item.string(MAX_NOTE_BYTES);
		return statements.push(within(item, "no statement of a log", () => parseLogStatement(utf8(text)))), text;
	}), statements;
}
function readCoverages(shape) {
	let last = "";
	return shape.array(MAX_CHAIN_LINES).map((item) => {
		let coverage = readCoverage(item), place = placeOf(coverage);
		return place <= last && item.fail(place === last ? "stands there twice" : "is out of order"), last = place, coverage;
	});
}
/** By statement, then by the entry's place: text of one length, which sorts as it stands. */
function placeOf({ statement, index }) {
	return `${statement} ${String(index).padStart(16, "0")}`;
}
function readAnchors(shape) {
	let anchors = [];
	return ascending(shape, 1e3, (item) => {
		let spelled = canonicalJson(item.members());
		spelled.length > 262144 && item.fail(`has more than ${MAX_ANCHOR_BYTES} bytes`);
		let anchor = within(item, "no anchor", () => readAnchor(item.members()));
		return equal(canonicalJson(anchorJson(anchor)), spelled) || item.fail("is not in its one spelling"), anchors.push(anchor), fromUtf8(spelled);
	}), anchors;
}
/** What a part of the file is when its own reader refuses it. */
function within(shape, what, read) {
	try {
		return read();
	} catch (cause) {
		if (!(cause instanceof CodedError)) throw cause;
		return shape.fail(`is ${what}: ${cause.code}: ${cause.what}`);
	}
}
function readContracts(shape) {
	let contracts = [];
	return ascending(shape, 100, (item) => {
		let it = item.object(["digest", "text"]), digest = it.hex("digest", 64), bytes = utf8(it.get("text").string(MAX_CONTRACT_BYTES));
		return bytes.length > 1048576 && it.get("text").fail(`has more than ${MAX_CONTRACT_BYTES} bytes`), hex(sha256(bytes)) !== digest && it.get("text").fail("is not what the digest is of"), contracts.push({
			digest,
			bytes
		}), digest;
	}), contracts;
}
function readTrust(shape) {
	let it = shape.object([
		"signers",
		"logs",
		"witnesses",
		"authorities",
		"anchors"
	]), signers = [];
	ascending(it.get("signers"), 1e4, (item) => {
		let signer = item.object([
			"name",
			"publicKey",
			"revokedAt"
		]), text = signer.get("publicKey").string(MAX_KEY_TEXT), key = parseSigningKey(fromBase64(text));
		return signers.push({
			name: signer.text("name", 256),
			key,
			revokedAt: readTime(signer.get("revokedAt"))
		}), text;
	});
	let logs = [];
	ascending(it.get("logs"), 100, (item) => {
		let log = item.object(["vkey", "revokedAt"]), text = log.text("vkey"), key = parseVkey(text, { sha256 });
		return key.type !== "ed25519" && log.get("vkey").fail("is the key of a witness, not of a log"), logs.push({
			key,
			revokedAt: readTime(log.get("revokedAt"))
		}), text;
	});
	let witnesses = [];
	return ascending(it.get("witnesses"), 100, (item) => {
		let text = item.text(), key = parseVkey(text, { sha256 });
		return key.type !== "cosignature-v1" && item.fail("is the key of a log, not of a witness"), witnesses.push(key), text;
	}), {
		signers,
		logs,
		witnesses,
		authorities: readAuthorityRoots(it.get("authorities")),
		anchors: readAnchorRoots(it.get("anchors"))
	};
}
const MAX_KEY_TEXT = 4096;
function readTime(shape) {
	return shape.nullable((time) => time.time());
}
/** Texts of a list, each after the one before in UTF-16 code units: none twice, and one order for one set. */
function ascending(shape, max, read) {
	let last = null;
	return shape.array(max).map((item) => {
		let text = read(item);
		return last !== null && text <= last && item.fail(text === last ? "stands there twice" : "is out of order"), last = text, text;
	});
}
// packages/evidence/src/select.ts
/**
* Of all lines those of the runs concerned: the run itself, or every run in which a step vouches for the artifact;
* where none does, all runs, for they are what was brought forward for it. No signature is checked: what does not
* verify belongs to evidence of a failure, so what cannot be read is kept too.
*/
function linesAbout(lines, wanted, crypto) {
	let claims = lines.filter(isBundle).map((bundle) => claimOf(bundle, crypto)), runs = runsConcerned(claims, wanted), kept = claims.filter(({ statement }) => statement === null || runs.has(statement.predicate.chain.id)), shown = new Set(kept.map(({ link }) => link)), links = new Set(shown), contracts = /* @__PURE__ */ new Set();
	for (let { statement } of kept) {
		for (let { link } of statement?.predicate.previous ?? []) links.add(link);
		statement !== null && statement.predicate.chain.contract !== null && contracts.add(statement.predicate.chain.contract);
	}
	let receipts = lines.filter((line) => isReceipt(line) && links.has(line.opening.link)), disclosures = lines.filter((line) => isDisclosure(line) && shown.has(line.link)), attached = lines.filter((line) => isAttachment(line) && shown.has(line.link)), withheld = lines.filter((line) => isWithheld(line) && runs.has(line.unopened.chain)), deviations = lines.filter((line) => isDeviation(line) && isAbout(line, runs, contracts, wanted)), artifacts = new Set(kept.flatMap(({ statement }) => subjectsOf(statement))), remarks = lines.filter((line) => isRemark(line) && isRemarkAbout(line, shown, artifacts));
	return {
		lines: [
			...kept.map(({ bundle }) => bundle),
			...receipts,
			...withheld,
			...disclosures,
			...attached,
			...deviations,
			...remarks
		],
		chains: [...runs].toSorted(),
		contracts: [...contracts].toSorted()
	};
}
/** What cannot be read is kept: it belongs to evidence of a failure. */
function isAbout({ payload }, runs, contracts, wanted) {
	try {
		let { contract, chain, artifact } = parseDeviation(payload);
		return !contracts.has(contract) || chain !== null && !runs.has(chain) ? !1 : artifact === null || !("artifact" in wanted) || artifact === wanted.artifact;
	} catch (error) {
		if (error instanceof CodedError) return !0;
		throw error;
	}
}
/** What can be read of them; of what is said about others nothing is told. */
function isRemarkAbout({ payload }, links, artifacts) {
	try {
		return parseRemark(payload).about.some(({ kind, digest }) => kind === "step" && links.has(digest) || kind === "artifact" && artifacts.has(digest));
	} catch (error) {
		if (error instanceof CodedError) return !1;
		throw error;
	}
}
function subjectsOf(statement) {
	return statement?.subject.map(({ digest }) => digest.sha256) ?? [];
}
function claimOf(bundle, crypto) {
	let link = linkDigest(bundle.envelope, crypto);
	try {
		return {
			bundle,
			link,
			statement: parseStep(bundle.envelope.payload)
		};
	} catch (error) {
		if (error instanceof CodedError) return {
			bundle,
			link,
			statement: null
		};
		throw error;
	}
}
function runsConcerned(claims, wanted) {
	let runs = /* @__PURE__ */ new Set(), vouching = /* @__PURE__ */ new Set();
	for (let { statement } of claims) {
		if (statement === null) continue;
		let { id } = statement.predicate.chain;
		runs.add(id), "artifact" in wanted && statement.subject.some(({ digest }) => digest.sha256 === wanted.artifact) && vouching.add(id);
	}
	return "chain" in wanted ? new Set(runs.has(wanted.chain) ? [wanted.chain] : []) : vouching.size > 0 ? vouching : runs;
}
// packages/evidence/src/write.ts
/**
* Bytes of evidence, in their one spelling: lists in order, each line once. Throws `input-too-large`, and what
* `parseEvidence` throws at what no reader would take.
*/
function writeEvidence(evidence) {
	let { subject, createdAt, lines, contracts, trust, statements, coverage, anchors } = evidence, texts = new Set(lines.map((line) => fromUtf8(writeChainLine(line)))), value = {
		mediaType: EVIDENCE_MEDIA_TYPE,
		subject: {
			artifact: subject.artifact,
			chains: subject.chains.toSorted()
		},
		createdAt,
		lines: [...texts].toSorted(),
		contracts: contracts.map(({ digest, bytes }) => ({
			digest,
			text: fromUtf8(bytes)
		})).toSorted((a, b) => compare(a.digest, b.digest)),
		trust: trustJson(trust),
		statements: [...new Set(statements.map(({ note }) => fromUtf8(writeNote(note))))].toSorted(),
		coverage: [...new Map(coverage.map((one) => [placeOf(one), one]))].toSorted(([a], [b]) => compare(a, b)).map(([, one]) => coverageJson(one)),
		anchors: [...new Map(anchors.map((one) => [fromUtf8(writeAnchor(one)), anchorJson(one)]))].toSorted(([a], [b]) => compare(a, b)).map(([, one]) => one)
	}, bytes = canonicalJson(value);
	if (bytes.length > 134217728) throw new CodedError("input-too-large", `${bytes.length} bytes of evidence exceed ${MAX_EVIDENCE_BYTES}`);
	return readEvidence(value), bytes;
}
/** Trust roots as they stand in the file. */
function trustJson({ signers, logs, witnesses, authorities, anchors }) {
	return {
		signers: signers.map(({ name, key, revokedAt }) => ({
			name,
			publicKey: base64(key.spki),
			revokedAt
		})).toSorted((a, b) => compare(a.publicKey, b.publicKey)),
		logs: logs.map(({ key, revokedAt }) => ({
			vkey: writeVkey(key),
			revokedAt
		})).toSorted((a, b) => compare(a.vkey, b.vkey)),
		witnesses: [...new Set(witnesses.map(writeVkey))].toSorted(),
		authorities: authorityRootsJson(authorities),
		anchors: anchorRootsJson(anchors)
	};
}
function compare(a, b) {
	return a < b ? -1 : +(a > b);
}
// packages/evidence/src/trust-root.ts
/**
* SHA-256, hex, of whom and what the file asks to be believed: its contracts' digests and its trust roots, as canonical
* JSON `{"contracts":[…],"trust":{…}}`. Whoever got this digest another way may judge under what the file brings;
* for anybody else the file vouches for itself.
*/
function trustRootOf({ contracts, trust }) {
	let digests = contracts.map(({ digest }) => digest).toSorted();
	return hex(sha256(canonicalJson({
		contracts: digests,
		trust: trustJson(trust)
	})));
}
export { EVIDENCE_MEDIA_TYPE as a, parseEvidence as i, writeEvidence as n, linesAbout as r, trustRootOf as t };
