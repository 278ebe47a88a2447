import { $ as CodedError, J as equal, Q as fromBase64, X as utf8, Y as fromUtf8, et as Findings, g as hex, i as openAssertion, l as parsePublicKey, m as parseJson, q as concat, tt as reportOf, y as sha256 } from "./src.js";
import { $ as succeeded, A as isDeviation, Bt as pae, G as DEVIATION_PAYLOAD_TYPE, Gt as commitmentOf, K as parseDeviation, Kt as writeLeaf, M as isReceipt, N as isRemark, O as isAttachment, P as isWithheld, Q as readStep, U as writeReceipt, Ut as actCommitment, V as remarkId, Wt as blindChain, dt as isTree, ft as parseStatement, ht as signerOf$1, j as isDisclosure, k as isBundle, kt as verifyCheckpoint, lt as names, nt as isSealed, qt as Shape, u as hasQuorum, z as parseRemark, zt as linkDigestOfPae } from "./src3.js";
import { I as leafHash, M as verifyInclusion, S as parseTimestampResponse, b as parseTimestampToken, c as looseOf, l as readValidFor } from "./anchor.js";
import { C as parseCertificate, g as authorityId, t as TRUSTED_ROOT_MEDIA_TYPES, y as basicConstraints } from "./identity.js";
import { S as required, T as identityText, _ as identityOf, a as disclosedPredicate, c as evaluate, d as outsideOf$1, f as requiredJobs, g as countPeople, l as maySign, m as matchesIdentity, n as judge$1, o as verifyDisclosure, p as signingKeys, r as parseChain, t as checkAt, u as otherContractsOf, w as parseReport, x as PUBLIC_SIGSTORE } from "./certificate.js";
import { i as existedBy, r as timestampAuthoritiesIn } from "./trust-file.js";
import { u as verifyTimestamp } from "./rekor-trust.js";
// packages/contract/src/deviation.ts
/**
* What a deviation can excuse: that something the contract asks for is not as it asks. What tells a forgery from the real
* thing is not here and never will be: signatures, receipts, who may sign, digests, and the binding of a step to its run,
* its contract and its predecessors.
*/
const EXCUSABLE = [
	"step-skipped",
	"step-order",
	"step-failed",
	"predecessor-failed",
	"matrix-incomplete",
	"edge-empty",
	"material-unexplained",
	"product-missing",
	"product-unexpected",
	"grade-too-low",
	"evidence-missing",
	"tests-failed",
	"vulnerability-found",
	"approval-missing",
	"step-stale",
	"anchor-missing",
	"anchor-late",
	"anchor-pending"
];
function isExcusable(code) {
	return EXCUSABLE.includes(code);
}
// packages/verify/src/attachment.ts
/** The reports beside the steps of a chain, each once. */
var Attached = class {
	#steps;
	#disclosed;
	#crypto;
	#seen = /* @__PURE__ */ new Set();
	/** By link digest of their step. */
	all = /* @__PURE__ */ new Map();
	constructor(steps, disclosed, crypto) {
		this.#steps = steps, this.#disclosed = disclosed, this.#crypto = crypto;
	}
	/** Throws `report-mismatch`. */
	add(attachment) {
		let { link, content } = attachment, step = this.#steps.get(link);
		if (step === void 0) {
			let what = `no step ${link.slice(0, 12)} that verifies is with what is attached to it`;
			throw new CodedError("report-mismatch", what);
		}
		let once = `${link} ${hex(this.#crypto.sha256(content))}`;
		if (this.#seen.has(once)) return;
		let verified = verifyAttachment(attachment, step, [...this.#disclosed.get(link)?.values() ?? []], this.#crypto);
		this.#seen.add(once);
		let known = this.all.get(link);
		known === void 0 ? this.all.set(link, [verified]) : known.push(verified);
	}
};
/**
* Verifies that what lies beside a step is a report of it: its digest is among those that were signed, and where it was
* read then, it still says what was signed of it. A sealed list of reports must be disclosed. Who signed the report, if
* anybody, is not asked here. SPEC.md §8. Throws `report-mismatch`.
*/
function verifyAttachment(attachment, step, disclosed, crypto) {
	let { link, content } = attachment, { predicate, subject } = step.statement, of = `step ${predicate.step.name} (${step.link.slice(0, 12)})`;
	if (link !== step.link) throw new CodedError("report-mismatch", `what is attached is not to ${of}`);
	let { evidence } = disclosedPredicate(predicate, disclosed);
	if (isSealed(evidence)) throw new CodedError("report-mismatch", `the reports of ${of} are sealed`);
	let digest = hex(crypto.sha256(content)), refs = evidence.filter((one) => one.digest.sha256 === digest);
	if (refs.length === 0) throw new CodedError("report-mismatch", `what is attached is no report of ${of}`);
	let report = refs.some(({ annotations }) => annotations !== void 0) ? parseAttached(content, refs[0]) : null;
	for (let ref of refs) {
		let { annotations, name } = ref;
		if (annotations !== void 0 && report !== null && (!says(report, ref, annotations, content.length) || !isAbout(report, annotations, [...subject, ...predicate.materials]))) throw new CodedError("report-mismatch", `report ${name} does not say what ${of} says of it`);
	}
	return {
		attachment,
		refs,
		report
	};
}
function parseAttached(content, { name }) {
	try {
		return parseReport(content);
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError("report-mismatch", `report ${name} cannot be read: ${cause.code}: ${cause.what}`, { cause }) : cause;
	}
}
function says(report, { mediaType }, notes, size) {
	if (notes.type !== report.type || mediaType !== report.mediaType || notes.size !== size) return !1;
	let told = Object.entries(notes.facts);
	return told.length === Object.keys(report.facts).length && told.every(([name, fact]) => Object.hasOwn(report.facts, name) && report.facts[name] === fact);
}
/**
* That the step names as what the report is about all that the report means of it, and nothing that it does not: a file
* that it names by another digest than SHA-256 alone cannot be told from its name here.
*/
function isAbout({ about }, notes, resources) {
	let named = new Set(notes.about), meant = resources.filter((one) => about.some((digests) => names(digests, one)));
	return meant.some(({ digest }) => !named.has(digest.sha256)) ? !1 : about.some((digests) => !Object.hasOwn(digests, "sha256")) || notes.about.every((sha256) => meant.some(({ digest }) => digest.sha256 === sha256));
}
// packages/verify/src/ancestry.ts
/** The place of a step, which one attestation may hold: chain, step, attempt, matrix key. */
function placeOf(step) {
	let { chain, step: ref } = step.statement.predicate, place = `${chain.id} ${ref.name} ${ref.attempt}`;
	return ref.matrix === null ? place : `${place} ${ref.matrix}`;
}
/**
* The `ends` and all their known predecessors in their own run, each after its own predecessors. Iterative, and each
* visited once, so that neither depth nor width nor a forged circle can exhaust it. What is of another run is not of
* the way: its follower is at fault, and a thousand runs that go on from one would each walk it again.
*/
function ancestry(ends, steps) {
	let order = [], seen = /* @__PURE__ */ new Set(), stack = [], waiting = ends.toReversed();
	for (;;) {
		let top = stack.at(-1);
		if (top === void 0) {
			let end = waiting.pop();
			if (end === void 0) return order;
			seen.has(end.link) || (seen.add(end.link), stack.push({
				step: end,
				next: 0
			}));
			continue;
		}
		let previous = top.step.statement.predicate.previous[top.next++];
		if (previous === void 0) {
			order.push(top.step), stack.pop();
			continue;
		}
		let before = steps.get(previous.link), own = before?.statement.predicate.chain.id === top.step.statement.predicate.chain.id;
		before !== void 0 && own && !seen.has(before.link) && (seen.add(before.link), stack.push({
			step: before,
			next: 0
		}));
	}
}
/** Those of the `ends` that go before no other of them, near or far. */
function heads(ends, steps) {
	if (ends.length < 2) return [...ends];
	let before = ends.flatMap((end) => end.statement.predicate.previous.flatMap(({ link }) => steps.get(link) ?? [])), passed = new Set(ancestry(before, steps).map(({ link }) => link));
	return ends.filter((end) => !passed.has(end.link));
}
/** When the last of the steps finished; empty for none. */
function latestFinish(steps) {
	return steps.reduce((latest, { statement: { predicate } }) => {
		let { finishedAt } = predicate.invocation;
		return finishedAt > latest ? finishedAt : latest;
	}, "");
}
/** Order of digests, times and names as text. */
function compare$1(a, b) {
	return a < b ? -1 : +(a > b);
}
// packages/verify/src/claims.ts
/** CI systems, as certificates and steps both name them. A workload's platform is no CI system: one may run on the other. */
const CI_SYSTEMS = [
	"github-actions",
	"gitlab-ci",
	"circleci",
	"buildkite",
	"azure-pipelines",
	"google-cloud-build",
	"aws-codebuild",
	"jenkins"
];
/**
* Where a step says of itself something else than its certificate says of it (T-14). A fact that only one of the two
* knows is no contradiction: what is claimed stays claimed. `disclosed` is what a sealed identity holds, where that is
* known.
*/
function contradictions({ statement }, { identity, certificate }, disclosed = null) {
	if (identity === null) return [];
	let { runner } = statement.predicate, found = [], system = certificate?.system ?? null;
	system !== null && CI_SYSTEMS.includes(system) && runner.system !== system && found.push({
		fact: "system",
		claimed: runner.system,
		verified: system
	});
	let claims = isSealed(runner.identity) ? disclosed : runner.identity;
	for (let fact of Object.keys(claims ?? {})) {
		let [claimed, verified] = [claims[fact], identity[fact]];
		claimed !== null && verified !== null && claimed !== verified && found.push({
			fact,
			claimed,
			verified
		});
	}
	return found;
}
/** What a contract judges of a signer. */
function factsOf({ keyId, identity, grade, certificate }) {
	let { vouchedBy: authorities = [], signedAt = null } = certificate ?? {};
	return {
		keyId,
		identity,
		grade,
		authorities,
		signedAt
	};
}
/**
* Certificates of many signatures. All steps of a job share one: it is verified once, and what was found holds for as
* long as no certificate and no authority begins or ends to be valid. So no verdict depends on what was asked before.
*/
var CertificateCache = class {
	#authorities;
	#crypto;
	#known = /* @__PURE__ */ new Map();
	/** Which certificates of the authorities signed which, whoever brings them along. */
	#signed = /* @__PURE__ */ new WeakMap();
	constructor(authorities, crypto) {
		this.#authorities = authorities, this.#crypto = crypto;
	}
	/** {@link verifyCertificate} under the authorities of the cache. */
	verify(chain, at) {
		checkAt(at);
		let { found } = this.#find(chain, at);
		if (found instanceof CodedError) throw found;
		return found;
	}
	#find(chain, at) {
		let name = hex(this.#crypto.sha256(concat(...chain.map((der) => this.#crypto.sha256(der))))), known = this.#known.get(name);
		if (known !== void 0 && at >= known.from && at <= known.until) return known;
		let fresh = this.#judge(chain, at);
		return known === void 0 && this.#known.size >= 1e4 && this.#known.delete(this.#known.keys().next().value), this.#known.set(name, fresh), fresh;
	}
	#judge(chain, at) {
		let always = {
			from: -1e400,
			until: 1e400
		}, parsed;
		try {
			parsed = parseChain(chain, this.#authorities);
		} catch (error) {
			if (error instanceof CodedError) return {
				found: error,
				...always
			};
			throw error;
		}
		let within = around(at, [...parsed.map(lifeOf), ...this.#authorities.flatMap(spansOf)]);
		try {
			return {
				found: judge$1(parsed, this.#authorities, at, this.#crypto, this.#signed),
				...within
			};
		} catch (error) {
			if (error instanceof CodedError) return {
				found: error,
				...within
			};
			throw error;
		}
	}
};
const lifeOf = ({ notBefore, notAfter }) => ({
	start: notBefore,
	end: notAfter
});
/** Every span of time that a verdict under an authority depends on. */
function spansOf({ chain, validFor }) {
	return [validFor, ...chain.map(lifeOf)];
}
/** The longest time around `at` in which none of the spans begins or ends. */
function around(at, spans) {
	let [from, until] = [-1e400, 1e400];
	for (let { start, end } of spans) start !== null && start <= at && (from = Math.max(from, start)), start !== null && start > at && (until = Math.min(until, start - 1)), end !== null && end >= at && (until = Math.min(until, end)), end !== null && end < at && (from = Math.max(from, end + 1));
	return {
		from,
		until
	};
}
// packages/verify/src/identity/trusted-root.ts
const CODE$1 = "trust-root-invalid";
/**
* The authorities of Sigstore's `trusted_root.json` (protobuf-specs, sigstore_trustroot.proto), each with all logs of
* Certificate Transparency that the file names. Members that mean nothing here are let be, because the file is somebody
* else's and grows; of those that do, one that is malformed refuses the whole file, also where it is of an authority
* that no certificate leads to (T-65). Logs with other keys than ECDSA P-256 are left out, so their SCTs do not count.
*
* Throws `trust-root-invalid`, and `trust-missing` where there is no authority.
*/
function parseTrustedAuthorities(input, crypto) {
	try {
		let value = parseJson(input, { maxBytes: 4e6 }), it = looseOf(new Shape(CODE$1, value, "trustedRoot"), ["mediaType", "certificateAuthorities"]);
		it.exactly("mediaType", ...TRUSTED_ROOT_MEDIA_TYPES);
		let authorities = readTrustedAuthorities(it, crypto);
		if (authorities.length === 0) throw new CodedError("trust-missing", "the trusted root names no authority");
		return authorities;
	} catch (error) {
		throw !(error instanceof CodedError) || error.code === CODE$1 || error.code === "trust-missing" ? error : new CodedError(CODE$1, `the trusted root cannot be read: ${error.what}`, { cause: error });
	}
}
/** {@link parseTrustedAuthorities} of a root that was parsed already; none where it names none. */
function readTrustedAuthorities(it, crypto) {
	let ctlogs = (it.has("ctlogs") ? it.get("ctlogs").array(1e3) : []).map((shape) => logOf(shape, crypto)).filter((log) => log !== null);
	return it.get("certificateAuthorities").array(100).map((shape) => ({
		...authorityOf(shape),
		kind: "fulcio",
		ctlogs
	}));
}
function authorityOf(shape) {
	let it = looseOf(shape, [
		"uri",
		"certChain",
		"validFor"
	]), list = looseOf(it.get("certChain"), ["certificates"]).get("certificates"), chain = list.array(5).map((one) => certificateOf(one));
	chain.length === 0 && list.fail("is empty");
	for (let [i, { issuer }] of chain.slice(0, -1).entries()) equal(issuer, chain[i + 1].subject) || list.fail(`has no way from certificate ${i} to the next`);
	return {
		name: nameOf(it.text("uri", 2048)),
		chain,
		validFor: boundedOf(it.get("validFor"))
	};
}
function certificateOf(shape) {
	let certificate = parseCertificate(fromBase64(looseOf(shape, ["rawBytes"]).get("rawBytes").string()), CERTIFICATE);
	return basicConstraints(certificate).ca || shape.fail("is no CA"), certificate;
}
const CERTIFICATE = "certificate-invalid";
/** An authority by its address: without scheme and slash at the end. */
function nameOf(uri) {
	return uri.replace(/^https?:\/\//, "").replace(/\/+$/, "");
}
/** Without a beginning, whatever was signed ever would count. */
function boundedOf(shape) {
	let validFor = readValidFor(shape);
	return validFor.start === null && shape.fail("has no start"), validFor;
}
function logOf(shape, crypto) {
	let it = looseOf(shape, [
		"baseUrl",
		"hashAlgorithm",
		"publicKey",
		"logId"
	]), publicKey = looseOf(it.get("publicKey"), [
		"rawBytes",
		"keyDetails",
		"validFor"
	]), validFor = boundedOf(publicKey.get("validFor")), spki = fromBase64(publicKey.get("rawBytes").string());
	if (publicKey.text("keyDetails", 100) !== "PKIX_ECDSA_P256_SHA_256") return null;
	let logId = crypto.sha256(spki);
	equal(fromBase64(looseOf(it.get("logId"), ["keyId"]).get("keyId").string()), logId) || shape.fail("has another id than its key gives"), it.exactly("hashAlgorithm", "SHA2_256");
	let key = parsePublicKey(spki);
	return key.algorithm !== "ecdsa-p256" && shape.fail("has a key of another kind than it says"), {
		logId,
		key,
		validFor
	};
}
// packages/verify/src/keyless.ts
/** Anybody at all whom a believed authority vouches for. */
const ANY_IDENTITY = {
	name: null,
	pattern: null,
	authorities: null,
	revokedAt: null
};
/** True when certificates count for anything. */
function believesCertificates({ authorities = [] }) {
	return authorities.length > 0;
}
/**
* The certificate that a bundle names; throws `certificate-invalid` and `key-invalid`. Others that came with it are of no
* matter: what is on the way to a root comes with the trust in it, and so nobody can make the way long.
*/
function certifiedBy({ key }) {
	let [der] = key.kind === "certificate" ? key.chain : [];
	if (der === void 0) throw new CodedError("certificate-invalid", "the bundle holds no certificate");
	let leaf = parseCertificate(der, "certificate-invalid");
	return {
		leaf,
		key: parsePublicKey(leaf.spki)
	};
}
/** Who signed under certificates. Each certificate is verified once for all steps that are signed under it. */
var CertificatesRead = class {
	#trust;
	#believed;
	#certificates;
	/** Of an authority, by its name, the others that have the same certificates, each to be asked for itself. */
	#alike;
	constructor(trust, crypto) {
		this.#trust = trust, this.#believed = byName(trust.authorities ?? []);
		let authorities = [...this.#believed].map(([name, { authority }]) => ({
			...authority,
			name
		}));
		this.#certificates = new CertificateCache(authorities, crypto), this.#alike = alikeAmong(this.#believed, crypto);
	}
	/**
	* Who signed, at the earliest of these times (ISO) at which that holds: the certificate leads to a believed authority,
	* its whole path was valid, somebody trusted is meant, and nobody was revoked. Each time is one at which a third party
	* had what was signed. Throws `time-untrusted` where there is none, `certificate-expired` where none is in the
	* lifetime of the certificate, `certificate-untrusted`, `certificate-invalid`, `issuance-unproven`, `key-invalid`,
	* `signer-unknown` and `signer-revoked`.
	*/
	signer(certified, times) {
		let { leaf, key } = certified;
		this.#checkParts(key);
		let sorted = times.toSorted(), within = sorted.filter((time) => isWithin(time, leaf)), [earliest] = within;
		if (earliest === void 0) {
			this.#certificates.verify([leaf.der], leaf.notBefore);
			let [first] = sorted;
			throw first === void 0 ? new CodedError("time-untrusted", "nobody trusted says when what is signed under the certificate was there") : new CodedError("certificate-expired", `the certificate was valid ${timesOf(leaf)}, not at ${first}`);
		}
		let latest = within.at(-1);
		try {
			return this.#signerAt(certified, earliest);
		} catch (error) {
			if (!(error instanceof CodedError && error.code === "certificate-expired") || latest === earliest) throw error;
			return this.#signerAt(certified, latest);
		}
	}
	/** One key plays one part: else a log could sign the steps that it countersigns (T-39). */
	#checkParts({ keyId }) {
		let { countersigners, witnesses = [] } = this.#trust, other = [...countersigners.map(({ key }) => key), ...witnesses].find(({ publicKey }) => publicKey.keyId === keyId);
		if (other !== void 0) throw new CodedError("certificate-untrusted", `the certificate is for the key of ${other.name}, which signs no steps`);
	}
	#signerAt({ leaf, key }, signedAt) {
		let { identity, grade, system, serial, notBefore, notAfter, authority } = this.#certificates.verify([leaf.der], Date.parse(signedAt)), vouching = [this.#believed.get(authority), ...this.#alikeFor(authority, leaf, signedAt)], standing = vouching.filter(({ revokedAt }) => revokedAt === null || signedAt < revokedAt), meant = (ids) => this.#trust.identities?.find((one) => means(one, identity, ids)), vouchedBy = [...new Set(standing.flatMap(idsOf))], stands = meant(vouchedBy), who = stands ?? meant(vouching.flatMap(idsOf));
		if (who === void 0) throw new CodedError("signer-unknown", `${identityText(identity)} is none of the identities that are believed`);
		let name = who.name ?? identityText(identity);
		if (who.revokedAt !== null && signedAt >= who.revokedAt) throw new CodedError("signer-revoked", `the identity ${name} was revoked at ${who.revokedAt}`);
		let [believed] = standing;
		if (believed === void 0 || stands === void 0) {
			let since = vouching.flatMap(({ revokedAt }) => revokedAt ?? []).toSorted()[0];
			throw new CodedError("signer-revoked", `the authority ${authority} was revoked at ${since}`);
		}
		return {
			name,
			keyId: key.keyId,
			algorithm: key.algorithm,
			grade,
			identity,
			authority: believed.authority.name,
			certificate: {
				authorityId: believed.id,
				vouchedBy,
				serial,
				system,
				notBefore: new Date(notBefore).toISOString(),
				notAfter: new Date(notAfter).toISOString(),
				signedAt
			}
		};
	}
	/** Who else vouches for the certificate: the same certificates may be in several trusted roots. */
	#alikeFor(authority, leaf, signedAt) {
		return (this.#alike.get(authority) ?? []).filter(({ certificates }) => vouches$1(certificates, leaf, signedAt)).map(({ believed }) => believed);
	}
};
/** By name, those that have the same certificates as another: seldom any. */
function alikeAmong(believed, crypto) {
	let same = Map.groupBy(believed, ([, { authority }]) => authority.chain.map(({ der }) => hex(crypto.sha256(der))).join()), alike = /* @__PURE__ */ new Map();
	for (let group of same.values()) {
		if (group.length === 1) continue;
		let each = group.map(([name, one]) => ({
			name,
			believed: one,
			certificates: new CertificateCache([one.authority], crypto)
		}));
		for (let [name] of group) alike.set(name, each.filter((other) => other.name !== name));
	}
	return alike;
}
function vouches$1(certificates, { der }, signedAt) {
	try {
		return certificates.verify([der], Date.parse(signedAt)), !0;
	} catch (error) {
		if (error instanceof CodedError) return !1;
		throw error;
	}
}
function idsOf({ id, isPublic }) {
	return isPublic ? [id, PUBLIC_SIGSTORE] : [id];
}
/** Under names of which no two are equal: a verified certificate says by name who vouches for it. */
function byName(authorities) {
	let named = /* @__PURE__ */ new Map();
	for (let one of authorities) {
		let { name } = one.authority, own = name;
		for (let again = 2; named.has(own); again++) own = `${name} (${again})`;
		named.set(own, one);
	}
	return named;
}
function means({ pattern, authorities }, identity, ids) {
	return (authorities === null ? ids.length === 0 : !authorities.some((id) => ids.includes(id))) ? !1 : pattern === null || matchesIdentity(pattern, identity);
}
/** Whether a time (ISO) is in the lifetime of a certificate. */
function isWithin(time, { notBefore, notAfter }) {
	let at = Date.parse(time);
	return at >= notBefore && at <= notAfter;
}
function timesOf({ notBefore, notAfter }) {
	return `from ${new Date(notBefore).toISOString()} to ${new Date(notAfter).toISOString()}`;
}
/**
* The times (ISO) at which trusted timestamp authorities had the signature of a bundle (RFC 3161 over the signature's
* bytes, as Sigstore has it). What does not verify tells no time.
*/
function timestampsOf({ timestamps, envelope }, trust, crypto) {
	let { timestamps: believed } = trust;
	if (believed === void 0 || timestamps.length === 0) return [];
	let imprint = crypto.sha256(envelope.signature);
	return timestamps.slice(0, 4).flatMap((response) => {
		try {
			let { status, token } = parseTimestampResponse(response);
			if (status > 1 || token === null) return [];
			let { info } = verifyTimestamp(parseTimestampToken(token), [], imprint, believed, crypto);
			return [new Date(info.time.milliseconds).toISOString()];
		} catch (error) {
			if (error instanceof CodedError) return [];
			throw error;
		}
	});
}
// packages/verify/src/open.ts
/**
* Verifies a step attestation: signature over the raw payload under a trusted signer's key, or under a certificate of
* a believed authority, then the payload's shape. `at` is a time (ISO) by which the signature was made, as the caller knows
* it, for revocation and for certificates; left out, it is what a trusted timestamp in the bundle says, never the step:
* without one, neither a key that was revoked counts nor a certificate. Throws `signature-invalid`, `signer-unknown`, `signer-revoked`,
* `predicate-type`, what reading a step throws, and what `CertificatesRead` throws.
*/
function verifyStep(bundle, trust, crypto, at) {
	return finish(bundle, checkSignature(bundle, trust, crypto), trust, crypto, at);
}
function finish(bundle, checked, trust, crypto, at) {
	let opened = openChecked(bundle, checked);
	if (!isProvisional(opened) && checked.key?.revokedAt == null) return opened;
	let times = at === void 0 ? timestampsOf(bundle, trust, crypto) : [at];
	return isProvisional(opened) ? settled(opened, new CertificatesRead(trust, crypto).signer(opened.certified, times)) : (checkRevoked(checked.key, times.toSorted()[0] ?? null), opened);
}
/** The first half of `verifyStep`: its signature. */
function checkStep(bundle, trust, crypto) {
	return checkSignature(bundle, trust, crypto);
}
/** The second half of `verifyStep`: what the signature covers, once it was checked. Revocation is still to be asked about. */
function openChecked(bundle, checked) {
	let { key, link, under, certified } = checked, statement = readStep(parseStatement(bundle.envelope.payload));
	return certified === null ? made({
		link,
		statement,
		bundle,
		under
	}, gradeD(key.name, key.key)) : {
		link,
		statement,
		bundle,
		under,
		certified
	};
}
function isProvisional(step) {
	return "certified" in step;
}
/** The step of a certificate's key, once it is known who that was. */
function settled({ link, statement, bundle, under }, signer) {
	return made({
		link,
		statement,
		bundle,
		under
	}, signer);
}
const NOBODY$1 = [], NONE$1 = [];
/**
* Throws `signer-revoked` unless the key was good at `at`, a time by which its signature is known to have been made;
* null where none is known. What a step says of its own time is none: whoever has the key says what he likes (T-67).
*/
function checkRevoked({ name, revokedAt }, at, signed = "this") {
	if (revokedAt === null || at !== null && at < revokedAt) return;
	let what = `the key of ${name} was revoked as of ${revokedAt}, and ${at === null ? `nothing that is believed says that it signed ${signed} before` : `that it signed ${signed} is known only since ${at}`}`;
	throw at === null ? new CodedError("signer-revoked", what, { fix: "Bring the receipt of a log that you believe, which the contract names as countersigner; or sign again with the key that replaced it." }) : new CodedError("signer-revoked", what);
}
function made({ link, statement, bundle, under }, signer) {
	return {
		link,
		signer,
		under,
		cosigners: NOBODY$1,
		cosignatures: NONE$1,
		statement,
		bundle
	};
}
/**
* {@link checkStep} beside the calling thread, under the key that the bundle names alone. Null where it names
* none that is trusted, or does not verify: what that means, `checkStep` says.
*/
function checkLater(bundle, trust, crypto) {
	return checkSignatureLater(bundle, trust, crypto);
}
const NOT_CHECKED = Promise.resolve(null);
function checkSignatureLater(bundle, trust, crypto) {
	let certified = bundle.key.kind === "certificate" ? certifiedOrNull(bundle, trust) : null, key = certified === null ? hintedOf(bundle, trust.signers) : keyOf(certified, trust), by = certified?.key ?? key?.key;
	if (by === void 0) return NOT_CHECKED;
	let { envelope } = bundle, signed = pae(envelope.payloadType, envelope.payload), verified = crypto.verifyLater(by, signed, envelope.signature), link = linkDigestOfPae(signed, crypto);
	return verified.then((valid) => valid ? checkedBy(bundle, link, key, certified, crypto) : null);
}
function checkedBy(bundle, link, key, certified, crypto) {
	return key === void 0 ? {
		link,
		under: underOf(bundle, certified.key, crypto),
		key: null,
		certified
	} : {
		link,
		under: underOf(bundle, key.key, crypto),
		key,
		certified: null
	};
}
function underOf(bundle, key, crypto) {
	let der = signerOf$1(bundle, key);
	return {
		der,
		digest: der === key.spki ? key.keyId : hex(crypto.sha256(der))
	};
}
/** Null where certificates count for nothing, and where there is none that can be read. */
function certifiedOrNull(bundle, trust) {
	if (!believesCertificates(trust)) return null;
	try {
		return certifiedBy(bundle);
	} catch (error) {
		if (error instanceof CodedError) return null;
		throw error;
	}
}
function keyOf({ key }, { signers }) {
	return signers.find((known) => known.key.keyId === key.keyId);
}
function hintedOf({ key }, keys) {
	let hint = key.kind === "publicKey" ? key.hint : null;
	return keys.find((known) => known.key.keyId === hint);
}
const NO_AUTHORITY = "it is signed under a certificate, and no authority is believed";
function checkSignature(bundle, trust, crypto) {
	let { signers: keys } = trust, keyless = believesCertificates(trust), certificate = bundle.key.kind === "certificate";
	if (keys.length === 0 && !keyless) throw certificate ? new CodedError("certificate-untrusted", NO_AUTHORITY) : new CodedError("trust-missing", "no key is trusted");
	let { envelope } = bundle, signed = pae(envelope.payloadType, envelope.payload);
	if (certificate && keyless) {
		let certified = certifiedBy(bundle);
		if (!crypto.verify(certified.key, signed, envelope.signature)) throw new CodedError("signature-invalid", "the signature does not verify under the key of its certificate");
		return checkedBy(bundle, linkDigestOfPae(signed, crypto), keyOf(certified, trust), certified, crypto);
	}
	let hinted = hintedOf(bundle, keys);
	if (hinted !== void 0 && crypto.verify(hinted.key, signed, envelope.signature)) return checkedBy(bundle, linkDigestOfPae(signed, crypto), hinted, null, crypto);
	for (let known of keys) if (known !== hinted && crypto.verify(known.key, signed, envelope.signature)) return checkedBy(bundle, linkDigestOfPae(signed, crypto), known, null, crypto);
	if (hinted !== void 0) throw hinted.key.passkey !== void 0 && openAssertion(hinted.key.passkey, signed, envelope.signature, crypto), new CodedError("signature-invalid", `the signature named as ${hinted.name}'s does not verify`);
	if (certificate) throw new CodedError("certificate-untrusted", NO_AUTHORITY);
	let hint = bundle.key.kind === "publicKey" ? bundle.key.hint : null, named = hint === null ? "no key" : `key ${hint.slice(0, 16)}`;
	throw new CodedError("signer-unknown", `the signature names ${named} and verifies under none of the ${keys.length} trusted keys`);
}
/** A bare key is an enrolled identity: who holds it is the enroller's word. */
function gradeD(name, { keyId, algorithm }) {
	return {
		name,
		keyId,
		algorithm,
		grade: "D",
		identity: null,
		authority: null,
		certificate: null
	};
}
// packages/verify/src/receipt.ts
function countersigned(receipt, step, by) {
	return {
		receipt,
		step,
		...by
	};
}
/** `verifyReceipt` where it is not known yet who signed. */
function heldAgainst({ opening, proof }, { link: own, statement, bundle, under }, trust, crypto, checkpoints) {
	let { link, leaf, signer, salt, blind } = opening, { envelope } = bundle;
	if (link !== own) throw new CodedError("receipt-invalid", `the receipt is about ${link.slice(0, 12)}`);
	if (signer !== under.digest) throw signedByAnother(link);
	let committed = {
		signed: pae(envelope.payloadType, envelope.payload),
		signer: under.der
	}, { sha256, sha3_256 } = commitmentOf(salt, committed, crypto);
	if (sha256 !== leaf.commitment.sha256 || sha3_256 !== leaf.commitment.sha3_256) throw new CodedError("receipt-invalid", `the leaf does not commit to step ${link.slice(0, 12)} as it is signed`);
	if (blindChain(blind, statement.predicate.chain.id, crypto) !== leaf.chain.id) throw new CodedError("receipt-invalid", `the leaf is of another chain than step ${link.slice(0, 12)}`);
	return {
		countersigner: verifyLeaf({
			entry: writeLeaf(leaf),
			at: leaf.acceptedAt,
			proof
		}, trust, crypto, checkpoints),
		witnesses: checkpoints.verify(proof.checkpoint).cosignedBy.map(({ key }) => key)
	};
}
/** A log that took a statement has not seen every signature under it: a key may be stolen since (T-55). */
function signedByAnother(link) {
	let what = `the receipt is about ${link.slice(0, 12)} as it was signed under another key or certificate`;
	return new CodedError("receipt-invalid", what, { fix: "Fetch the chain from its server, which has the signature that the receipt is about." });
}
/** The log that holds an entry, by its key that was not revoked by then. Throws as `verifyReceipt`. */
function verifyLeaf({ entry, at, proof }, trust, crypto, checkpoints) {
	let { signedBy } = checkpoints.verify(proof.checkpoint), { index, hashes, checkpoint } = proof, hash = {
		size: 32,
		hash: (bytes) => crypto.sha256(bytes)
	}, place = {
		index,
		size: checkpoint.size,
		leafHash: leafHash(entry, hash),
		path: hashes
	};
	verifyInclusion(place, checkpoint.root, hash);
	let signers = signedBy.map(({ key }) => trust.countersigners.find((known) => known.key === key)), valid = signers.find(({ revokedAt }) => revokedAt === null || at < revokedAt);
	if (valid === void 0) {
		let { key, revokedAt } = signers[0];
		throw new CodedError("signer-revoked", `the key of the log ${key.name} was revoked at ${revokedAt}`);
	}
	return gradeD(valid.key.name, valid.key.publicKey);
}
/** The checkpoints of a set of receipts. Many share one: each is checked once. */
var CheckpointsRead = class {
	#trust;
	#crypto;
	#known = /* @__PURE__ */ new Map();
	constructor(trust, crypto) {
		this.#trust = trust, this.#crypto = crypto;
	}
	/** Throws what `verifyCheckpoint` throws, and `signer-unknown`. */
	verify(checkpoint) {
		let { text, signatures } = checkpoint.note, name = text + signatures.map((line) => `${line.name} ${line.keyId} ${hex(line.signature)}`).join("\n"), known = this.#known.get(name);
		if (known === void 0 && (known = this.#verify(checkpoint), this.#known.set(name, known)), known instanceof CodedError) throw known;
		return known;
	}
	#verify(checkpoint) {
		let { origin } = checkpoint, keys = keysOf(this.#trust.countersigners, origin);
		if (keys.length === 0) return new CodedError("signer-unknown", `no key of the log ${origin} is trusted`);
		if (this.#known.size >= 5e4) return new CodedError("signer-unknown", "too many different checkpoints for all to be checked", { fix: "Fetch the chain from its server: all its receipts then share one checkpoint." });
		try {
			let { witnesses = [] } = this.#trust;
			return verifyCheckpoint(checkpoint, {
				origin,
				keys,
				witnesses
			}, this.#crypto);
		} catch (error) {
			if (error instanceof CodedError) return error;
			throw error;
		}
	}
};
function keysOf(trusted, origin) {
	return trusted.filter(({ key }) => key.name === origin).map(({ key }) => key);
}
// packages/verify/src/trust.ts
/**
* Trust in the keys a contract names, its signers for steps, its countersigners for receipts; and in its authorities with
* the logs that prove what these issue, which tell the time of what is signed under certificates. Of Sigstore a contract
* only pins trusted roots by their digest, or says that it is the public one: those of `known` that it means are believed,
* and what is signed under others is refused. Throws `trust-root-invalid` for one that is meant and none.
*/
function trustOf(contract, known = NO_ROOTS) {
	let roots = authorityRootsOf(contract, known), trust = {
		signers: namedKeys(signingKeys(contract)),
		countersigners: logKeys(contract.countersigners),
		...maintainedBy([contract])
	};
	return contract.authorities.size === 0 ? trust : withAuthorities(trust, roots, identitiesOf(contract));
}
const NO_ROOTS = {
	trustedRoots: [],
	publicRoot: null
};
/** True where a contract believes whatever trusted root the public Sigstore has. */
function believesPublicSigstore({ authorities }) {
	return [...authorities.values()].some(({ id }) => id === PUBLIC_SIGSTORE);
}
/** The authorities of a contract in their wire form: those of which all is known that it takes. */
function authorityRootsOf(contract, { trustedRoots, publicRoot } = NO_ROOTS) {
	let all = publicRoot === null ? trustedRoots : [...trustedRoots, publicRoot];
	return distinctRoots([...contract.authorities].flatMap(([name, rule]) => {
		let { id, revokedAt } = rule;
		if (rule.kind === "countersign") return [{
			kind: "countersign",
			name,
			certificates: rule.certificates.map(({ der }) => der),
			logs: rule.logs,
			revokedAt
		}];
		let isPublic = id === PUBLIC_SIGSTORE, bytes = isPublic ? publicRoot : all.find((file) => hex(sha256(file)) === id);
		return bytes == null ? [] : [{
			kind: "sigstore",
			name,
			trustedRoot: fromUtf8(bytes),
			isPublic,
			revokedAt
		}];
	}));
}
/**
* Each authority once, by its first name. Two contracts, or one, may know a trusted root by its digest and as the public
* one: it is both then, and revoked when nobody believes it any longer.
*/
function distinctRoots(roots) {
	let distinct = /* @__PURE__ */ new Map();
	for (let root of roots) {
		let id = authorityId(root), known = distinct.get(id);
		if (known === void 0) distinct.set(id, root);
		else if (known.kind === "sigstore" && root.kind === "sigstore") {
			let isPublic = known.isPublic || root.isPublic;
			distinct.set(id, {
				...known,
				isPublic,
				revokedAt: later(known.revokedAt, root.revokedAt)
			});
		}
	}
	return [...distinct.values()];
}
/** Of two times (ISO), null for never. */
function later(a, b) {
	return a === null || b === null ? null : a < b ? b : a;
}
/** The identities that a contract lets sign, in its order. */
function identitiesOf({ signers, authorities }) {
	return [...signers].flatMap(([name, rule]) => {
		if (rule.kind !== "identity") return [];
		let ids = rule.authorities.flatMap((authority) => authorities.get(authority)?.id ?? []);
		return [{
			name,
			pattern: rule.pattern,
			authorities: ids,
			revokedAt: rule.revokedAt
		}];
	});
}
/**
* Trust in these authorities too, as far as they vouch for one of the identities; and in what goes with them to tell the
* time: the logs that prove what they issue, the timestamp authorities of a trusted root of Sigstore. Throws
* `certificate-invalid` and `trust-root-invalid`.
*/
function withAuthorities(trust, roots, identities) {
	let logs = roots.flatMap((root) => root.kind === "countersign" ? logKeys(root.logs) : []), known = (key, among) => among.some((other) => other.key.name === key.name && other.key.publicKey.keyId === key.publicKey.keyId), more = logs.filter(({ key }, i) => !known(key, trust.countersigners) && !known(key, logs.slice(0, i))), timestamps = roots.flatMap((root) => root.kind === "sigstore" ? timestampAuthoritiesIn(utf8(root.trustedRoot)) : []);
	return {
		...trust,
		countersigners: [...trust.countersigners, ...more],
		authorities: roots.flatMap(believedOf),
		identities,
		...timestamps.length === 0 ? {} : { timestamps: { authorities: timestamps } }
	};
}
/**
* Trust in what evidence brings. Its authorities vouch for the identities of its contracts; where it brings none, our own
* kind, which vouches for one house, vouches for whomever it likes. A Sigstore vouches for half the world.
*/
function trustBrought({ signers, logs, witnesses, authorities }, contracts) {
	let trust = {
		signers,
		countersigners: logs,
		witnesses,
		...maintainedBy(contracts)
	};
	if (authorities.length === 0) return trust;
	let own = authorities.filter(({ kind }) => kind === "countersign").map(authorityId);
	return withAuthorities(trust, authorities, contracts.length > 0 ? contracts.flatMap(identitiesOf) : [{
		...ANY_IDENTITY,
		authorities: own
	}]);
}
/** Contracts that somebody may deviate from. */
function maintainedBy(contracts) {
	let maintained = contracts.filter(({ maintainers }) => maintainers !== null);
	return maintained.length === 0 ? {} : { maintained };
}
function believedOf(root) {
	let { name, revokedAt } = root, id = authorityId(root);
	return root.kind === "countersign" ? [{
		id,
		isPublic: !1,
		authority: {
			kind: "countersign",
			name,
			chain: root.certificates.map((der) => parseCertificate(der, "certificate-invalid")),
			validFor: {
				start: null,
				end: null
			},
			logs: root.logs
		},
		revokedAt
	}] : parseTrustedAuthorities(root.trustedRoot, { sha256 }).map((authority) => ({
		id,
		isPublic: root.isPublic,
		authority: {
			...authority,
			name: `${name} (${authority.name})`
		},
		revokedAt
	}));
}
/** Keys under their names, none revoked. */
function namedKeys(keys) {
	return [...keys].map(([name, key]) => ({
		name,
		key,
		revokedAt: null
	}));
}
/** Keys of logs, none revoked. */
function logKeys(keys) {
	return keys.map((key) => ({
		key,
		revokedAt: null
	}));
}
/** The trust, less what is revoked: whoever says so can only take it away, and the earlier of two times counts. */
function withRevocations(trust, revocations) {
	let ends = /* @__PURE__ */ new Map();
	for (let { keyId, since } of revocations) {
		let known = ends.get(keyId);
		(known === void 0 || since < known) && ends.set(keyId, since);
	}
	let signers = trust.signers.map((known) => {
		let since = ends.get(known.key.keyId);
		return since === void 0 || known.revokedAt !== null && known.revokedAt <= since ? known : {
			...known,
			revokedAt: since
		};
	}), unmaintained = new Map(trust.unmaintained);
	for (let { maintainers } of trust.maintained ?? []) for (let rule of maintainers?.of.values() ?? []) {
		let since = rule.kind === "key" ? ends.get(rule.key.keyId) : void 0;
		if (rule.kind !== "key" || since === void 0) continue;
		let known = unmaintained.get(rule.key.keyId);
		(known === void 0 || since < known) && unmaintained.set(rule.key.keyId, since);
	}
	return unmaintained.size === 0 ? {
		...trust,
		signers
	} : {
		...trust,
		signers,
		unmaintained
	};
}
/** Whether some key is believed for less time than before. */
function isLessened(trust, before) {
	return trust.signers.some(({ revokedAt }, i) => revokedAt !== before.signers[i].revokedAt) || [...trust.unmaintained ?? []].some(([keyId, since]) => before.unmaintained?.get(keyId) !== since);
}
// packages/verify/src/endorsed.ts
/**
* Verifies the signatures of a document under the keys and identities of a contract's maintainers. A signature that does
* not verify, of somebody else or of a time that nobody vouches for, neither counts nor harms: how many are enough is for
* `enough` to say. Throws nothing.
*/
function endorsersOf(endorsed, endorsing, crypto) {
	let own = asSigners(endorsing.contract), trust = maintainersTrust(own, endorsing.trust), parties = /* @__PURE__ */ new Map(), under = /* @__PURE__ */ new Set(), refused = [], guard = (verify) => {
		try {
			verify();
		} catch (error) {
			if (!(error instanceof CodedError)) throw error;
			refused.push(reportOf(error));
		}
	}, logged = null;
	guard(() => logged = loggedBy(endorsed, trust, crypto));
	let since = logged?.at ?? null, then = new Set(since === null ? [] : endorsed.logged.opening.signers), certificates = new CertificatesRead(trust, crypto), keys = /* @__PURE__ */ new Set();
	for (let endorsement of endorsed.endorsements) guard(() => {
		let bundle = bundleOf(endorsed, endorsement), checked = checkStep(bundle, trust, crypto), proven = since !== null && then.has(checked.under.digest) ? [since] : [], times = endorsing.at === null ? [...proven, ...timestampsOf(bundle, trust, crypto)] : [endorsing.at], signer;
		checked.certified === null ? (checkRevoked(checked.key, times.toSorted()[0] ?? null), signer = gradeD(checked.key.name, checked.key.key)) : signer = certificates.signer(checked.certified, times);
		let name = partyOf$1(own, signer), identity = identityOf(factsOf(signer));
		keys.has(signer.keyId) || keys.has(identity) || parties.has(name) || (keys.add(signer.keyId).add(identity), parties.set(name, signer), under.add(checked.under.digest));
	});
	return {
		parties,
		under: [...under].toSorted(),
		logged,
		refused
	};
}
/** Whether as many maintainers have signed as the contract asks for. One without maintainers asks for nobody, and nobody is enough for nothing. */
function enough({ maintainers }, { parties }) {
	return maintainers !== null && parties.size >= maintainers.threshold;
}
/** How many have signed, and who may yet: for messages. */
function endorsedText({ maintainers }, { parties }) {
	if (maintainers === null) return "the contract names no maintainers";
	let left = [...maintainers.of.keys()].filter((name) => !parties.has(name)), by = parties.size === 0 ? "nobody" : [...parties.keys()].join(", "), who = left.length === 0 ? "" : `; may yet: ${left.join(", ")}`;
	return `${parties.size} of ${maintainers.threshold} maintainers have signed (${by})${who}`;
}
/** The contract with its maintainers in its signers' place. */
function asSigners(contract) {
	return {
		...contract,
		signers: contract.maintainers?.of ?? /* @__PURE__ */ new Map()
	};
}
function maintainersTrust(own, trust) {
	let revoked = new Map(trust.unmaintained);
	for (let { key, revokedAt } of trust.signers) {
		let known = revoked.get(key.keyId);
		revokedAt !== null && (known === void 0 || revokedAt < known) && revoked.set(key.keyId, revokedAt);
	}
	let signers = [...signingKeys(own)].map(([name, key]) => ({
		name,
		key,
		revokedAt: revoked.get(key.keyId) ?? null
	})), { countersigners, timekeepers = [] } = trust;
	return {
		...trust,
		signers,
		identities: identitiesOf(own),
		countersigners: [...countersigners, ...timekeepers]
	};
}
/** The first name that means this signer. */
function partyOf$1(own, signer) {
	for (let name of own.signers.keys()) if (maySign(own, ruleOf(name), factsOf(signer))) return name;
	throw new CodedError("signer-not-allowed", `${signer.name} is none of the maintainers, or is known less well than it must`);
}
function ruleOf(name) {
	return {
		name: "contract",
		after: [],
		signers: [name],
		minimumGrade: null,
		materials: [],
		outside: [],
		products: null,
		disallow: [],
		matrix: null,
		approvals: null,
		optional: null,
		evidence: null,
		fresh: null,
		runner: null,
		conditions: []
	};
}
/** One signature of a document, as a bundle has it. */
function bundleOf({ payload, payloadType }, { signature, keyid, certificate, timestamps }) {
	return {
		key: certificate === null ? {
			kind: "publicKey",
			hint: keyid
		} : {
			kind: "certificate",
			chain: [certificate]
		},
		tlogEntries: [],
		timestamps,
		envelope: {
			payloadType,
			payload,
			signature,
			keyid
		}
	};
}
/** The log that has the document as those signed it whom the proof names. */
function loggedBy({ payload, payloadType, logged }, trust, crypto) {
	if (logged === null) return null;
	let { leaf, signers, salt } = logged.opening, { sha256, sha3_256 } = actCommitment(salt, {
		signed: pae(payloadType, payload),
		signers
	}, crypto);
	if (sha256 !== leaf.commitment.sha256 || sha3_256 !== leaf.commitment.sha3_256) throw new CodedError("receipt-invalid", "the leaf commits to another document, or to others who signed it");
	let checkpoints = new CheckpointsRead(trust, crypto);
	return {
		log: verifyLeaf({
			entry: writeLeaf(leaf),
			at: leaf.at,
			proof: logged.proof
		}, trust, crypto, checkpoints),
		at: leaf.at
	};
}
// packages/verify/src/deviation.ts
/** Name of a deviation: SHA-256 of its PAE, 64 hex digits. It covers what is excused, and not who signed it. */
function deviationId(payload, crypto) {
	return hex(crypto.sha256(pae(DEVIATION_PAYLOAD_TYPE, payload)));
}
/**
* Verifies a deviation from a contract: it is of this contract, excuses nothing but what can be excused, as many of the
* contract's maintainers as it asks for have signed it, and where the contract demands receipts, such a log has it: nothing
* is let through that is not on record. `at` is when the caller has the signatures; null where the log must say so. Whether
* it has expired is for `Excusing` to ask. Throws `deviation-invalid`, `deviation-unsigned`, `receipt-missing` and what
* strict JSON reading throws.
*/
function verifyDeviation(endorsed, { contract, trust, at, unlogged = !1 }, crypto) {
	let deviation = parseDeviation(endorsed.payload);
	checkExcuses(deviation, contract);
	let endorsers = endorsersOf(endorsed, {
		contract,
		trust,
		at
	}, crypto);
	if (!enough(contract, endorsers)) {
		let why = endorsers.refused.map(({ code }) => code), others = why.length === 0 ? "" : `; what did not count: ${[...new Set(why)].join(", ")}`;
		throw new CodedError("deviation-unsigned", `${endorsedText(contract, endorsers)}${others}`);
	}
	if (!unlogged && contract.countersigners.length > 0 && !isCountersigned(contract, endorsers.logged?.log ?? null)) throw new CodedError("receipt-missing", "no log that the contract names has the deviation", { fix: "Bring it forward as the server gives it, with its proof: countersign deviate appends it." });
	let by = [...endorsers.parties.keys()];
	return {
		endorsed,
		deviation,
		id: deviationId(endorsed.payload, crypto),
		by,
		under: endorsers.under,
		signers: endorsers.parties
	};
}
/** {@link verifyDeviation} under the contract among those that are trusted which it says it is from. */
function deviationIn(endorsed, trust, crypto) {
	let { contract: digest } = parseDeviation(endorsed.payload), contract = trust.maintained?.find((one) => one.digest === digest);
	if (contract === void 0) throw new CodedError("deviation-invalid", `the deviation is from contract ${digest.slice(0, 12)}, which is not judged under`);
	return verifyDeviation(endorsed, {
		contract,
		trust,
		at: null
	}, crypto);
}
/** Throws `deviation-invalid` unless it is of the contract, and excuses only what can be excused. */
function checkExcuses({ contract: digest, pipeline, excuses }, contract) {
	if (digest !== contract.digest || pipeline !== contract.pipeline) {
		let what = `the deviation is from contract ${digest.slice(0, 12)} of ${pipeline}, not from ${contract.digest.slice(0, 12)}`;
		throw new CodedError("deviation-invalid", what);
	}
	for (let { code, step } of excuses) {
		if (!isExcusable(code)) throw new CodedError("deviation-invalid", `${code} can never be excused`);
		if (!contract.steps.has(step)) throw new CodedError("deviation-invalid", `the contract has no step ${step}`);
	}
}
function isCountersigned({ countersigners }, log) {
	return log !== null && countersigners.some((key) => key.name === log.name && key.publicKey.keyId === log.keyId);
}
/** What deviations let through of one judgement, and by which of them. */
var Excusing = class {
	#open;
	#kept;
	#used = /* @__PURE__ */ new Map();
	/** Why others that are about it do not count. */
	refused;
	constructor(deviations, { contract, chain, artifact, now }) {
		let own = deviations.filter(({ deviation }) => deviation.contract === contract?.digest && (deviation.chain === null || deviation.chain === chain) && (deviation.artifact === null || deviation.artifact === artifact)), tolerance = contract?.clockTolerance ?? 0, [open, closed] = [[], []];
		for (let one of own) {
			let { issuedAt, expiresAt } = one.deviation, begun = Date.parse(issuedAt) <= Date.parse(now) + tolerance;
			if (begun && Date.parse(now) < Date.parse(expiresAt)) open.push(one);
			else {
				let when = begun ? `expired at ${expiresAt}` : `begins at ${issuedAt}`;
				closed.push(new CodedError("deviation-expired", `deviation ${one.id.slice(0, 12)} ${when}`).report());
			}
		}
		this.#open = open, this.#kept = contract?.kept ?? [], this.refused = closed;
	}
	/** Of what was found at a step, or of a step that is not there, what nothing excuses. */
	left(step, findings) {
		return this.#open.length === 0 ? findings : findings.filter((finding) => !this.#excuse(step, finding));
	}
	/** Whether one of them excuses this of a step; it is not used by that. */
	excuses(code, step) {
		return !this.#kept.includes(code) && this.#open.some((one) => isExcusedBy(one, code, step));
	}
	#excuse(step, finding) {
		if (!isExcusable(finding.code) || this.#kept.includes(finding.code)) return !1;
		let by = this.#open.find((one) => isExcusedBy(one, finding.code, step));
		if (by === void 0) return !1;
		let known = this.#used.get(by);
		return known === void 0 ? this.#used.set(by, [finding]) : known.push(finding), !0;
	}
	/** What was let through; none where nothing was. */
	get used() {
		return [...this.#used].map(([deviation, findings]) => ({
			deviation,
			findings
		}));
	}
};
function isExcusedBy({ deviation }, code, step) {
	return isExcusable(code) && deviation.excuses.some((excuse) => excuse.code === code && excuse.step === step);
}
// packages/verify/src/leaves-known.ts
/**
* Which leaf is whose, as far as it is told. A leaf that is open has no other attestation in it; one leaf is about one
* attestation; and the log had it before it had any step that goes on from it, or somebody put it there afterwards.
*/
var LeavesKnown = class {
	/** Links by leaf. */
	#links = /* @__PURE__ */ new Map();
	#contradicted = /* @__PURE__ */ new Set();
	/** Leaves of withheld attestations by log and link. */
	#leaves = /* @__PURE__ */ new Map();
	/** Index of the first known follower, by log and link. */
	#followers = /* @__PURE__ */ new Map();
	constructor(opened, steps) {
		for (let { opening, proof } of opened) {
			let { origin } = proof.checkpoint;
			this.#links.set(`${proof.index} ${origin}`, opening.link);
			for (let { link } of steps.get(opening.link)?.statement.predicate.previous ?? []) {
				let name = `${link} ${origin}`;
				this.#followers.set(name, Math.min(proof.index, this.#followers.get(name) ?? proof.index));
			}
		}
	}
	add({ unopened: { link }, proof }) {
		let { origin } = proof.checkpoint, leaf = `${proof.index} ${origin}`, name = `${link} ${origin}`, other = this.#links.get(leaf);
		other === void 0 ? this.#links.set(leaf, link) : other !== link && this.#contradicted.add(leaf);
		let index = this.#leaves.get(name);
		index === void 0 ? this.#leaves.set(name, proof.index) : index !== proof.index && this.#contradicted.add(leaf).add(`${index} ${origin}`);
	}
	/** Throws `withheld-invalid`. */
	check({ unopened: { link }, proof }) {
		let { origin } = proof.checkpoint;
		if (this.#contradicted.has(`${proof.index} ${origin}`)) throw new CodedError("withheld-invalid", `entry ${proof.index} of ${origin} is said to be of two attestations`);
		let follower = this.#followers.get(`${link} ${origin}`);
		if (follower !== void 0 && follower <= proof.index) {
			let what = `the leaf of ${link.slice(0, 12)} came into the log after that of a step that goes on from it`;
			throw new CodedError("withheld-invalid", what);
		}
	}
};
// packages/verify/src/party.ts
/** Who somebody is, however often they sign: one key, or one identity by one authority, whatever the certificate. */
function partyOf({ keyId, identity, certificate }) {
	return certificate === null ? keyId : JSON.stringify([certificate.authorityId, ...Object.entries(identity ?? {}).toSorted()]);
}
/** Whether two signatures are of one party: one key, or one identity by one authority. */
function isSameParty(a, b) {
	return a.keyId === b.keyId || partyOf(a) === partyOf(b);
}
/**
* One step of all readings of one statement. The best known signer counts first, of equals the one named first in
* `trust`; in whichever order they were read. One key, or one identity, is one signer.
*/
function cosigned(readings, trust) {
	let ranked = readings.map((step) => ({
		step,
		rank: rankOfSigner(step.signer, trust)
	})).toSorted((a, b) => compare$1(a.rank, b.rank)), parties = /* @__PURE__ */ new Set(), distinct = ranked.filter(({ step: { signer } }) => {
		let party = partyOf(signer);
		return parties.has(party) || parties.has(signer.keyId) ? !1 : (parties.add(party).add(signer.keyId), !0);
	}), first = distinct[0].step, others = distinct.slice(1, 65).map(({ step }) => step);
	return {
		...first,
		cosigners: others.map(({ signer }) => signer),
		cosignatures: others.map(({ bundle }) => bundle)
	};
}
/** Text that sorts: grade, place in `trust`, keys before identities, and what tells two certificates of one apart. */
function rankOfSigner({ grade, keyId, name, certificate }, { signers, identities = [] }) {
	let place = certificate === null ? signers.findIndex(({ key }) => key.keyId === keyId) : identities.findIndex((one) => one.name === name || one.name === null);
	return `${grade} ${certificate === null ? 0 : 1} ${String(place).padStart(8, "0")} ${certificate?.signedAt ?? ""} ${keyId}`;
}
/**
* Of several receipts for one entry the one under the largest checkpoint stays: else each hand-over would add one more.
* But for what witnesses cosigned, known here or not: a larger checkpoint that they have not seen takes no quorum away,
* and who reads this next may believe them. A log that gave a step two entries has said both.
*/
function withReceipt(known, next) {
	if (known.some((one) => saysAll(one, next))) return known;
	let all = [...known.filter((one) => !saysAll(next, one)), next];
	if (all.length <= 8) return all;
	let spare = all.filter((one) => all.some((other) => other !== one && provesAll(other, one)));
	return all.filter((one) => one !== spare[4]);
}
/**
* A receipt that was not judged takes the place of nothing: whose log it says to be of, anybody can write, and whoever hands over
* one material must not take away what is proven of another. Files are read one after another, and the server's last: so
* a flood in one of them pushes out neither what was read before it nor what was read after. Of one entry, which each
* hand-over proves under a later checkpoint, the first and the last stay: eight of these would leave no place for another log.
*/
function withUnjudged(known, next) {
	if (known.some((one) => isEqual(one.receipt, next.receipt)) || bytesOf(next.receipt).length > 32768) return known;
	let entries = [...Map.groupBy([...known, next], entryOf).values()];
	return (entries.length <= 8 ? entries : [...entries.slice(0, 4), ...entries.slice(-4)]).flatMap((all) => all.length < 2 ? all : [all[0], all.at(-1)]);
}
/** The entry that a receipt says to be of, whatever the checkpoint. */
function entryOf({ receipt: { opening, proof } }) {
	return `${proof.index} ${opening.signer} ${proof.checkpoint.origin}`;
}
function isEqual(one, other) {
	return equal(bytesOf(one), bytesOf(other));
}
/** Each is written once: there may be very many about one step. */
const written = /* @__PURE__ */ new WeakMap();
function bytesOf(receipt) {
	let bytes = written.get(receipt) ?? writeReceipt(receipt);
	return written.set(receipt, bytes), bytes;
}
/** Whether a receipt says whatever another does. */
function saysAll(one, other) {
	if (!provesAll(one, other)) return !1;
	let lines = one.receipt.proof.checkpoint.note.signatures;
	return other.receipt.proof.checkpoint.note.signatures.every(({ name, keyId }) => lines.some((line) => line.name === name && line.keyId === keyId));
}
/** The same, of what was verified of them. */
function provesAll(one, other) {
	let [own, its] = [one.receipt.proof, other.receipt.proof];
	return one.countersigner.name === other.countersigner.name && one.countersigner.keyId === other.countersigner.keyId && own.index === its.index && own.checkpoint.size >= its.checkpoint.size && other.witnesses.every((witness) => one.witnesses.includes(witness));
}
// packages/verify/src/remark.ts
/**
* Verifies a signed note: its one signature is that of somebody who is trusted, be it as a maintainer, over a statement of
* this predicate; and the log that has it. `at` is when the caller has the signature; null where the log, or a timestamp,
* must say so. That it is right to say so, and about what, is not asked here. Throws `signature-invalid`, `signer-unknown`,
* `signer-revoked`, `receipt-invalid` and what reading it throws.
*/
function verifyRemark(endorsed, { trust, at }, crypto) {
	let own = remarkTrust(trust), bundle = bundleOf(endorsed, endorsed.endorsements[0]), checked = checkStep(bundle, own, crypto), id = remarkId(endorsed, crypto), logged = null, unlogged = null;
	try {
		let by = endorsed.logged?.opening.signers.join();
		if (by !== void 0 && by !== checked.under.digest) throw signedByAnother(id);
		logged = loggedBy(endorsed, own, crypto);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		unlogged = reportOf(error);
	}
	let proven = logged === null ? [] : [logged.at], times = at === null ? [...proven, ...timestampsOf(bundle, own, crypto)] : [at], signer;
	return checked.certified === null ? (checkRevoked(checked.key, times.toSorted()[0] ?? null), signer = gradeD(checked.key.name, checked.key.key)) : signer = new CertificatesRead(own, crypto).signer(checked.certified, times), {
		endorsed,
		remark: parseRemark(endorsed.payload),
		id,
		signer,
		under: checked.under,
		logged,
		unlogged
	};
}
/** Whoever may let something through may also say something. */
function remarkTrust(trust) {
	let { maintained = [], unmaintained, countersigners, timekeepers = [] } = trust, maintainers = maintained.flatMap((contract) => {
		let signers = contract.maintainers?.of ?? /* @__PURE__ */ new Map();
		return [...signingKeys({
			...contract,
			signers
		})];
	}), known = new Set(trust.signers.map(({ key }) => key.keyId)), others = maintainers.filter(([, key]) => !known.has(key.keyId)).map(([name, key]) => ({
		name,
		key,
		revokedAt: unmaintained?.get(key.keyId) ?? null
	}));
	return {
		...trust,
		signers: [...trust.signers, ...others],
		countersigners: [...countersigners, ...timekeepers]
	};
}
/** What is said, and by whom: anybody can sign what another has written, and it is not taken back with that. */
function voiceOf({ id, signer }) {
	return `${id} ${partyOf(signer)}`;
}
/** Each once; of two copies the one that a log had first says more. */
function eachVoice(remarks) {
	let known = /* @__PURE__ */ new Map();
	for (let one of remarks) {
		let voice = voiceOf(one), other = known.get(voice)?.logged?.at;
		(other === void 0 || one.logged !== null && one.logged.at < other) && known.set(voice, one);
	}
	return [...known.values()];
}
/**
* Why a note cannot stand in the place of an earlier one; null where it does. A note is corrected, and a dispute restated, by
* its author; whatever stands is withdrawn by its author; a dispute is resolved by somebody else who signed nothing of what
* is disputed: `accused`. All of it says so under signature, and what was superseded stays.
*/
function supersedingFault(later, earlier, accused) {
	let [kind, before] = [later.remark.kind, earlier.remark.kind];
	if (later.remark.supersedes !== earlier.id) return "it names another note";
	if (JSON.stringify(later.remark.about) !== JSON.stringify(earlier.remark.about)) return "it is about something else";
	let own = isSameParty(later.signer, earlier.signer);
	if (kind === "resolution") {
		if (before !== "dispute") return `a resolution is of a dispute, not of a ${before}`;
		if (own) return "who disputes does not resolve that: a withdrawal takes it back";
		let one = accused.find((signer) => isSameParty(signer, later.signer));
		return one === void 0 ? null : `${one.name} signed what is disputed`;
	}
	return own ? kind === "withdrawal" ? before === "withdrawal" ? "what is withdrawn stays so" : null : kind === before ? null : `a ${kind} does not stand in the place of a ${before}` : `it was signed by ${earlier.signer.name}, who alone takes it back`;
}
/**
* What stands of some notes, oldest first as their authors say; each once of each who signed it. `accusedOf` tells who signed
* a step, where that is known. One that supersedes what is not here counts for itself.
*/
function standingRemarks(remarks, accusedOf) {
	let all = eachVoice(remarks).toSorted((a, b) => compare(orderOf(a), orderOf(b))), byId = Map.groupBy(all, ({ id }) => id), faults = /* @__PURE__ */ new Map(), successors = /* @__PURE__ */ new Map();
	for (let one of all) {
		let { supersedes, about } = one.remark, earlier = supersedes === null ? void 0 : byId.get(supersedes);
		if (earlier === void 0) continue;
		let accused = about.flatMap(({ kind, digest }) => kind === "step" ? accusedOf(digest) : []), found = earlier.map((before) => ({
			before,
			fault: supersedingFault(one, before, accused)
		}));
		for (let { before, fault } of found) fault === null && successors.set(before, [...successors.get(before) ?? [], one]);
		found.every(({ fault }) => fault !== null) && faults.set(one, found[0].fault);
	}
	let byWhom = (remark) => successors.get(remark)?.find((one) => one.remark.kind !== "resolution" || !successors.has(one))?.id ?? null;
	return all.map((remark) => ({
		remark,
		supersededBy: byWhom(remark),
		fault: faults.get(remark) ?? null
	}));
}
/** Disputes that nothing stands in the place of. */
function openDisputes(remarks) {
	return remarks.flatMap(({ remark, supersededBy }) => remark.remark.kind === "dispute" && supersededBy === null ? [remark] : []);
}
function orderOf(one) {
	return `${one.logged?.at ?? one.remark.at} ${voiceOf(one)}`;
}
function compare(a, b) {
	return a < b ? -1 : +(a > b);
}
/** The notes among some lines that verify, each once of each who signed it, and why others do not. */
function readRemarks(lines, trust, crypto) {
	let verified = [], unknown = [];
	for (let [i, { index, endorsed }] of lines.entries()) try {
		if (i >= 2e3) throw new CodedError("remark-invalid", "more than 2000 notes are here");
		verified.push(verifyRemark(endorsed, {
			trust,
			at: null
		}, crypto));
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		unknown.push({
			index,
			report: reportOf(error)
		});
	}
	return {
		remarks: eachVoice(verified),
		unknown
	};
}
// packages/verify/src/withheld.ts
/**
* Verifies what stands for a withheld attestation: a leaf of its chain is under a checkpoint that a trusted log signed
* (SPEC.md §8), and where it says that it was erased, so is the tombstone of that very leaf. That the leaf is about
* the attestation named, only the log says. Throws `withheld-invalid`, `signer-unknown`, `signer-revoked`, and what
* `verifyCheckpoint` and `verifyInclusion` throw.
*/
function verifyWithheld(withheld, trust, crypto, checkpoints = new CheckpointsRead(trust, crypto)) {
	let { unopened, proof, tombstone } = withheld, { link, chain, leaf, blind } = unopened;
	if (blindChain(blind, chain, crypto) !== leaf.chain.id) throw new CodedError("withheld-invalid", `the leaf of ${link.slice(0, 12)} is of another chain`);
	let countersigner = verifyLeaf({
		entry: writeLeaf(leaf),
		at: leaf.acceptedAt,
		proof
	}, trust, crypto, checkpoints);
	if (tombstone !== null) {
		let { erased, at } = tombstone.leaf;
		if (!(tombstone.proof.checkpoint.origin === proof.checkpoint.origin && tombstone.proof.index > proof.index) || erased !== proof.index) throw new CodedError("withheld-invalid", `the tombstone is not that of ${link.slice(0, 12)}`);
		verifyLeaf({
			entry: writeLeaf(tombstone.leaf),
			at,
			proof: tombstone.proof
		}, trust, crypto, checkpoints);
	}
	return {
		withheld,
		countersigner,
		witnesses: checkpoints.verify(proof.checkpoint).cosignedBy.map(({ key }) => key)
	};
}
/** {@link readChain} with its signature checks beside the calling thread: the same answer, sooner. */
async function readChainConcurrently(lines, trust, crypto, now) {
	let reader = new Reader(trust, crypto, now ?? null), checks = [];
	for (let [index, line] of lines.entries()) {
		for (; checks.length < Math.min(index + 256, lines.length);) {
			let next = lines[checks.length];
			checks.push(isBundle(next) ? checkLater(next, trust, crypto) : null);
		}
		reader.read(line, await checks[index]);
	}
	return reader.chain();
}
var Reader = class {
	#trust;
	#crypto;
	#now;
	#steps = /* @__PURE__ */ new Map();
	/** Further readings of statements that are among the steps. */
	#again = /* @__PURE__ */ new Map();
	/** All of them, by `readingOf`: a receipt is about one. */
	#readings = /* @__PURE__ */ new Map();
	/** By link, steps whose certificates have yet to find a time. */
	#provisional = /* @__PURE__ */ new Map();
	#receipts = /* @__PURE__ */ new Map();
	#unjudged = /* @__PURE__ */ new Map();
	#refused = [];
	#doubted = [];
	#held = [];
	/** Receipts that verified when a time was looked for, by index: each is verified once. */
	#timed = /* @__PURE__ */ new Map();
	#withheld = [];
	#opening = [];
	#attachments = [];
	#deviations = [];
	#remarks = [];
	/** Links of all steps as they were read. */
	#order = [];
	#index = 0;
	#trials = 0;
	#stamped = 0;
	constructor(trust, crypto, now) {
		this.#trust = trust, this.#crypto = crypto, this.#now = now;
	}
	/** All that was read; what is about steps last, for it is held against them. */
	chain() {
		let checkpoints = new CheckpointsRead(this.#trust, this.#crypto), gone = this.#settle(checkpoints);
		for (let { index, receipt } of this.#held) {
			let { link, signer } = receipt.opening, step = this.#readings.get(readingOf(link, signer));
			(!gone.has(readingOf(link, signer)) || this.#steps.has(link)) && this.#guard(index, () => {
				if (step === void 0) throw this.#steps.has(link) ? signedByAnother(link) : new CodedError("receipt-invalid", `no step ${link.slice(0, 12)} that verifies is with its receipt`);
				let by = this.#timed.get(index) ?? this.#logOf(receipt, step, checkpoints), verified = countersigned(receipt, step, by);
				this.#receipts.set(link, withReceipt(this.#receipts.get(link) ?? [], verified));
			});
		}
		for (let [link, again] of this.#again) this.#steps.set(link, cosigned([this.#steps.get(link), ...again], this.#trust));
		let withheld = this.#closed(checkpoints), disclosed = this.#opened(gone), attached = new Attached(this.#steps, disclosed, this.#crypto);
		for (let { index, attachment } of this.#attachments) gone.has(attachment.link) || this.#guard(index, () => attached.add(attachment));
		let deviations = this.#deviated(), { remarks, unknown } = readRemarks(this.#remarks, this.#trust, this.#crypto), refused = this.#refused.toSorted((a, b) => a.index - b.index);
		return {
			steps: this.#steps,
			receipts: this.#receipts,
			unjudged: this.#unjudged,
			withheld,
			disclosed,
			attached: attached.all,
			deviations,
			remarks,
			unknownRemarks: unknown,
			refused
		};
	}
	/**
	* Finds out who signed under certificates, and when under keys that were revoked, by the times that others vouch for.
	* Returns the steps whose signatures are good, and that are refused all the same, by link and by `readingOf`.
	*/
	#settle(checkpoints) {
		if (this.#provisional.size === 0 && this.#doubted.length === 0) return /* @__PURE__ */ new Set();
		let certificates = new CertificatesRead(this.#trust, this.#crypto), all = [...this.#provisional.values()].flatMap((some) => some.map(({ step }) => step)), accepted = this.#accepted(all, this.#trust, checkpoints);
		for (let all of this.#provisional.values()) for (let { index, step } of all) this.#guard(index, () => {
			let times = this.#timesOf(step, accepted, (time) => isWithin(time, step.certified.leaf));
			this.#add(settled(step, certificates.signer(step.certified, times)));
		});
		this.#settleDoubts(checkpoints);
		let steps = this.#order.flatMap((link) => this.#steps.get(link) ?? []);
		this.#steps.clear();
		for (let step of steps) this.#steps.set(step.link, step);
		let gone = [...all, ...this.#doubted.map(({ step }) => step)].filter(({ link, under }) => !this.#readings.has(readingOf(link, under.digest))), links = gone.map(({ link }) => link).filter((link) => !this.#steps.has(link));
		return /* @__PURE__ */ new Set([...links, ...gone.map(({ link, under }) => readingOf(link, under.digest))]);
	}
	#settleDoubts(checkpoints) {
		let steps = this.#doubted.map(({ step }) => step), { timekeepers, countersigners } = this.#trust, timed = timekeepers === void 0 ? null : {
			...this.#trust,
			countersigners: [...countersigners, ...timekeepers]
		}, accepted = timed === null ? this.#accepted(steps, this.#trust, checkpoints) : this.#accepted(steps, timed, new CheckpointsRead(timed, this.#crypto));
		for (let { index, step, key } of this.#doubted) this.#guard(index, () => {
			let [earliest] = this.#timesOf(step, accepted, (time) => time < key.revokedAt).toSorted();
			checkRevoked(key, earliest ?? this.#now, `step ${step.statement.predicate.step.name}`), this.#add(step);
		});
	}
	/** Where no log says that the step was there in time, the timestamps beside its signature may. */
	#timesOf({ bundle, link, under }, accepted, inTime) {
		let times = [...accepted.get(readingOf(link, under.digest)) ?? []];
		return bundle.timestamps.length === 0 || times.some(inTime) || this.#stamped++ >= 5e3 ? times : [...times, ...timestampsOf(bundle, this.#trust, this.#crypto)];
	}
	/** When trusted logs accepted steps, by `readingOf`. What is refused is said later. */
	#accepted(steps, trust, checkpoints) {
		let times = /* @__PURE__ */ new Map();
		if (steps.length === 0) return times;
		let readings = new Map(steps.map((step) => [readingOf(step.link, step.under.digest), step]));
		for (let { index, receipt } of this.#held) {
			let { link, leaf, signer } = receipt.opening, name = readingOf(link, signer), step = readings.get(name);
			if (step === void 0 || times.get(name)?.has(leaf.acceptedAt) === !0) continue;
			try {
				let verified = heldAgainst(receipt, step, trust, this.#crypto, checkpoints);
				trust === this.#trust && this.#timed.set(index, verified);
			} catch (error) {
				if (error instanceof CodedError) continue;
				throw error;
			}
			let known = times.get(name);
			known === void 0 ? times.set(name, /* @__PURE__ */ new Set([leaf.acceptedAt])) : known.add(leaf.acceptedAt);
		}
		return times;
	}
	#logOf(receipt, step, checkpoints) {
		try {
			return heldAgainst(receipt, step, this.#trust, this.#crypto, checkpoints);
		} catch (error) {
			throw error instanceof CodedError && error.code === "signer-unknown" && this.#unjudged.set(step.link, withUnjudged(this.#unjudged.get(step.link) ?? [], {
				receipt,
				step
			})), error;
		}
	}
	#add(step) {
		let { link, under } = step, reading = readingOf(link, under.digest);
		this.#readings.has(reading) || this.#readings.set(reading, step), this.#steps.has(link) ? this.#again.has(link) ? this.#again.get(link).push(step) : this.#again.set(link, [step]) : this.#steps.set(link, step);
	}
	#closed(checkpoints) {
		let verified = /* @__PURE__ */ new Map();
		if (this.#withheld.length === 0) return verified;
		let known = new LeavesKnown([...this.#receipts.values()].flatMap((all) => all.map(({ receipt }) => receipt)), this.#steps), proven = [];
		for (let { index, withheld } of this.#withheld) this.#guard(index, () => {
			proven.push({
				index,
				one: verifyWithheld(withheld, this.#trust, this.#crypto, checkpoints)
			}), known.add(withheld);
		});
		for (let { index, one } of proven) this.#guard(index, () => {
			known.check(one.withheld);
			let { link } = one.withheld.unopened;
			if (this.#steps.has(link)) return;
			let other = verified.get(link);
			(other === void 0 || compare$1(rankOf(one), rankOf(other)) < 0) && verified.set(link, one);
		});
		return verified;
	}
	#deviated() {
		let verified = /* @__PURE__ */ new Map();
		for (let [i, { index, endorsed }] of this.#deviations.entries()) this.#guard(index, () => {
			if (i >= 16) throw new CodedError("deviation-invalid", "more than 16 deviations are brought forward");
			let one = deviationIn(endorsed, this.#trust, this.#crypto);
			verified.has(one.id) || verified.set(one.id, one);
		});
		return [...verified.values()];
	}
	#opened(gone) {
		let verified = /* @__PURE__ */ new Map();
		for (let { index, disclosure } of this.#opening) gone.has(disclosure.link) || this.#guard(index, () => {
			let { link, field } = disclosure, step = this.#steps.get(link);
			if (step === void 0) {
				let what = `no step ${link.slice(0, 12)} that verifies is with what is disclosed of its ${field}`;
				throw new CodedError("disclosure-mismatch", what);
			}
			let fields = verified.get(link) ?? /* @__PURE__ */ new Map();
			fields.set(field, verifyDisclosure(disclosure, step, this.#crypto)), verified.set(link, fields);
		});
		return verified;
	}
	/** The check under the key that the bundle names, else under all: that is bounded, for junk needs no key. */
	#check(bundle) {
		let { signers } = this.#trust;
		if (bundle.key.kind === "certificate" && believesCertificates(this.#trust)) return checkStep(bundle, this.#trust, this.#crypto);
		let hint = bundle.key.kind === "publicKey" ? bundle.key.hint : null;
		if (!signers.some(({ key }) => key.keyId === hint) && (this.#trials += signers.length, this.#trials > 5e4)) throw new CodedError("signer-unknown", "too many signatures name no trusted key for all keys to be tried", { fix: "Remove the bundles that nobody trusted signed, or have each name its key." });
		return checkStep(bundle, this.#trust, this.#crypto);
	}
	/** Takes the next line, its signature checked already or not yet. */
	read(line, checked) {
		let index = this.#index++;
		isReceipt(line) ? this.#held.push({
			index,
			receipt: line
		}) : isWithheld(line) ? this.#withheld.push({
			index,
			withheld: line
		}) : isDisclosure(line) ? this.#opening.push({
			index,
			disclosure: line
		}) : isAttachment(line) ? this.#attachments.push({
			index,
			attachment: line
		}) : isDeviation(line) ? this.#deviations.push({
			index,
			endorsed: line
		}) : isRemark(line) ? this.#remarks.push({
			index,
			endorsed: line
		}) : this.#guard(index, () => {
			let check = checked ?? this.#check(line), opened = openChecked(line, check);
			if (this.#order.push(opened.link), isProvisional(opened)) {
				let waiting = this.#provisional.get(opened.link);
				waiting === void 0 ? this.#provisional.set(opened.link, [{
					index,
					step: opened
				}]) : waiting.push({
					index,
					step: opened
				});
			} else check.key?.revokedAt == null ? this.#add(opened) : this.#doubted.push({
				index,
				step: opened,
				key: check.key
			});
		});
	}
	#guard(index, verify) {
		try {
			verify();
		} catch (error) {
			if (!(error instanceof CodedError)) throw error;
			this.#refused.push({
				index,
				report: reportOf(error)
			});
		}
	}
};
/** The name of a statement as it is signed under one key or certificate. */
function readingOf(link, under) {
	return `${link} ${under}`;
}
/** What is known to be erased goes first, then what most witnesses saw; then the log's name and size decide: order has no meaning. */
function rankOf({ withheld: { proof, tombstone }, witnesses }) {
	let { origin, size } = proof.checkpoint, unseen = 2 ** 53 - 1 - witnesses.length;
	return `${+(tombstone === null)} ${unseen} ${origin} ${String(size).padStart(16, "0")}`;
}
/** What the sealed identity of a step holds; null where that is not disclosed, or not sealed. */
function claimedIn({ disclosed }, link) {
	if (disclosed.size === 0) return null;
	let disclosure = disclosed.get(link)?.get("identity")?.disclosure;
	return disclosure?.field === "identity" ? disclosure.value : null;
}
/** The reports of a step; null where they are sealed, and not disclosed. */
function reportsIn({ disclosed }, { link, statement }) {
	let { evidence } = statement.predicate;
	if (!isSealed(evidence)) return evidence;
	let disclosure = disclosed.get(link)?.get("evidence")?.disclosure;
	return disclosure?.field === "evidence" ? disclosure.value : null;
}
// packages/verify/src/materials.ts
/**
* Whether what a step received is what its predecessors handed over: bytes, every digest, kind, mode and name. What
* the contract expects from whom, `evaluate` judges. `hidden` holds the predecessors that are withheld: what the step
* says to be from them is taken on its word.
*/
function checkMaterials(step, received, before, hidden, contract, find) {
	let made = indexProducts(received, before, find), rule = contract?.steps.get(step.step.name), namesakes = null;
	for (let material of step.materials) {
		let same = made.get(material.digest.sha256), from = material.annotations?.from ?? null;
		if (same !== void 0) {
			if (checkSameResource(material, same, find), !hasName(same, material.name)) {
				namesakes ??= indexNamesakes(before);
				let maker = namesakes.names.get(plain(material.name)) ?? namesakeOf(material, same, namesakes);
				maker !== void 0 && find("material-swapped", `material ${material.name} is another product of step ${maker}`);
			}
			from !== null && !madeBy(same, from) && before.some(({ link }) => link === from) && find("material-unexplained", `material ${material.name} is not a product of the step it is said to be from`);
			continue;
		}
		if (from !== null && hidden.has(from)) continue;
		namesakes ??= indexNamesakes(before);
		let outside = rule === void 0 ? null : outsideOf$1(rule, material), swapped = findSwapped(material, namesakes, outside), claimed = contract === null ? from !== null || step.previous.length > 0 : from !== null && outside !== null;
		swapped === null ? claimed && find("material-unexplained", `material ${material.name} was made by no predecessor`) : find("material-swapped", `material ${material.name} is not what step ${swapped} handed over`);
	}
}
/**
* Products by SHA-256, merged, so that looking at each material costs the same however many share its bytes; only
* those that were received: many steps may follow one that made a great deal.
*/
function indexProducts(received, before, find) {
	let bySha256 = /* @__PURE__ */ new Map();
	if (received.size === 0) return bySha256;
	for (let { link, statement } of before) for (let product of statement.subject) {
		let { sha256 } = product.digest;
		if (!received.has(sha256)) continue;
		let made = bySha256.get(sha256);
		made === void 0 ? bySha256.set(sha256, {
			product,
			link,
			merged: null
		}) : (made.merged ??= merge(newMerged(), made.product, made.link, find), merge(made.merged, product, link, find));
	}
	return bySha256;
}
function newMerged() {
	return {
		digests: /* @__PURE__ */ new Map(),
		links: /* @__PURE__ */ new Set(),
		traits: newTraits(),
		named: /* @__PURE__ */ new Map(),
		conflict: !1
	};
}
function newTraits() {
	return {
		modes: /* @__PURE__ */ new Set(),
		trees: /* @__PURE__ */ new Set()
	};
}
function merge(merged, product, link, find) {
	let { digest } = product, name = plain(product.name);
	merged.links.add(link);
	let named = merged.named.get(name);
	named === void 0 && (named = newTraits(), merged.named.set(name, named));
	for (let traits of [merged.traits, named]) traits.modes.add(modeOf(product)), traits.trees.add(isTree(product));
	for (let algorithm of Object.keys(digest)) {
		let other = merged.digests.get(algorithm);
		other === void 0 ? merged.digests.set(algorithm, digest[algorithm]) : other !== digest[algorithm] && !merged.conflict && (merged.conflict = !0, find("digest-conflict", `product ${product.name} has the sha256 of another product but another ${algorithm}`));
	}
	return merged;
}
function hasName({ product, merged }, name) {
	return product.name === name || merged?.named.has(plain(name)) === !0 || plain(product.name) === plain(name);
}
/** The step whose product a material passes itself off as by the last part of its name, which no product of its bytes has. */
function namesakeOf({ name }, { product, merged }, { basenames }) {
	let own = basename$1(name);
	return (merged === null ? [product.name] : [...merged.named.keys()]).some((other) => basename$1(other) === own) ? void 0 : basenames.get(own);
}
function madeBy({ link, merged }, from) {
	return link === from || merged?.links.has(from) === !0;
}
/** Equal SHA-256 is not enough: every algorithm both sides name must agree, and so must kind and mode. */
function checkSameResource(material, { product, merged }, find) {
	for (let algorithm of Object.keys(material.digest)) {
		let other = merged === null ? digestOf(product, algorithm) : merged.digests.get(algorithm);
		other !== void 0 && other !== material.digest[algorithm] && find("digest-conflict", `material ${material.name} has the sha256 of a product but another ${algorithm}`);
	}
	let tree = isTree(material), mode = modeOf(material), traits = merged === null ? null : merged.named.get(plain(material.name)) ?? merged.traits;
	if (traits === null ? isTree(product) !== tree : !traits.trees.has(tree)) {
		let kinds = tree ? "a tree, it was handed over as a file" : "a file, it was handed over as a tree";
		find("material-swapped", `material ${material.name} is ${kinds}`);
	} else if (mode !== null && !(traits === null ? modeOf(product) === mode || modeOf(product) === null : traits.modes.has(mode) || traits.modes.has(null))) {
		let other = traits === null ? modeOf(product) : [...traits.modes][0];
		find("material-swapped", `material ${material.name} has mode ${mode}, it was handed over with ${other}`);
	}
}
function digestOf({ digest }, algorithm) {
	return Object.hasOwn(digest, algorithm) ? digest[algorithm] : void 0;
}
function modeOf({ annotations }) {
	return annotations?.mode ?? null;
}
function indexNamesakes(before) {
	let names = /* @__PURE__ */ new Map(), basenames = /* @__PURE__ */ new Map(), digests = /* @__PURE__ */ new Map();
	for (let { statement } of before) {
		let maker = statement.predicate.step.name;
		for (let { name, digest } of statement.subject) {
			names.set(plain(name), maker), basenames.set(basename$1(name), maker);
			for (let algorithm of Object.keys(digest)) digests.set(`${algorithm} ${digest[algorithm]}`, maker);
		}
	}
	return {
		names,
		basenames,
		digests
	};
}
/**
* The predecessor that made something of the same name, or of the same weak digest, with other bytes. Where the
* contract lets the material in from outside, only its whole name tells; where it gives the very bytes, no name does.
*/
function findSwapped({ name, digest }, { names, basenames, digests }, outside) {
	for (let algorithm of Object.keys(digest)) {
		let maker = digests.get(`${algorithm} ${digest[algorithm]}`);
		if (maker !== void 0) return maker;
	}
	return outside === "bytes" ? null : (outside === "name" ? names.get(plain(name)) : basenames.get(basename$1(name))) ?? null;
}
function basename$1(name) {
	let path = plain(name);
	return path.slice(path.lastIndexOf("/") + 1);
}
/** A tree `dist/` and a file `dist` have one name. */
function plain(name) {
	return name.endsWith("/") ? name.slice(0, -1) : name;
}
/**
* The handshake at append: whether a signed step fits its predecessors and its contract. `previous` holds
* the predecessors that are known and verified; a missing one is the finding `previous-missing`. `now` is
* the judge's own time. Fits when there are no findings. `withheld` holds what is proven of steps that are not shown:
* one of them that goes before is the finding `step-withheld`, and what it handed over is taken on the step's word.
* `claimed` is what the step's sealed identity holds, where that is disclosed, and `reportsOf` says what its reports are.
*/
function handshake(input) {
	let { link, statement } = input.step, { reportsOf = reportsTold } = input, { predicate } = statement, claimed = input.claimed ?? null, signer = signerOf(input.step, input.contract, claimed), fits = checkHandshake({
		link,
		signer: factsOf(signer),
		chain: predicate.chain,
		step: predicate.step,
		previous: predicate.previous,
		materials: predicate.materials,
		startedAt: predicate.invocation.startedAt,
		invocation: predicate.invocation,
		subject: statement.subject,
		ran: ranFacts(input.step, reportsOf)
	}, input.previous, input.contract, input.now, input.withheld, reportsOf), mismatched = signer.identity === null ? [] : contradictions(input.step, signer, claimed);
	if (mismatched.length === 0) return fits;
	let findings = new Findings();
	for (let { fact, claimed: said, verified } of mismatched) findings.find("identity-mismatch", `step ${predicate.step.name} claims ${fact} ${said}, its certificate says ${verified}`);
	return {
		...fits,
		findings: ranked([...findings.list, ...fits.findings])
	};
}
/** As the step itself tells them. */
function reportsTold({ statement }) {
	let { evidence } = statement.predicate;
	return isSealed(evidence) ? null : evidence;
}
function ranFacts(step, reportsOf) {
	let { runner, invocation } = step.statement.predicate, { system, os, arch, actions } = runner, { exitCode, startedAt, finishedAt } = invocation;
	return {
		reports: reportsOf(step),
		claimed: {
			system,
			os,
			arch,
			actions,
			exitCode,
			startedAt,
			finishedAt
		}
	};
}
/**
* Of several signers of one statement, one that the contract lets sign it and of whom it tells the truth: the others can
* neither help nor harm.
*/
function signerOf(step, contract, claimed) {
	let { signer, cosigners, statement } = step;
	if (cosigners.length === 0) return signer;
	let rule = contract?.steps.get(statement.predicate.step.name), all = [signer, ...cosigners], allowed = contract === null || rule === void 0 ? all : all.filter((one) => maySign(contract, rule, factsOf(one), statement.predicate.step.matrix));
	return allowed.find((one) => contradictions(step, one, claimed).length === 0) ?? allowed[0] ?? signer;
}
/** The same check for a step that may not have run yet: what a recorder asks before it starts the command. */
function checkHandshake(step, known, contract, now, withheld = NONE, reportsOf = reportsTold) {
	let findings = new Findings(), { find } = findings, tolerance = contract?.clockTolerance ?? 3e5;
	checkBinding(step, contract, find), checkTimes(step, now, tolerance, find);
	let before = [], hidden = /* @__PURE__ */ new Set();
	for (let { link, step: name } of step.previous) {
		let previous = known.get(link), closed = previous === void 0 ? withheld.get(link) : void 0;
		closed === void 0 ? previous === void 0 ? find("previous-missing", `predecessor ${name} (${short(link)}) is not known`) : (before.push(previous), checkPredecessor(step, name, previous, contract, tolerance, find)) : (hidden.add(link), checkWithheld(step, name, closed, find));
	}
	let received = /* @__PURE__ */ new Set();
	for (let { digest } of step.materials) received.add(digest.sha256);
	if (checkRivals(before, find), checkMaterials(step, received, before, hidden, contract, find), contract !== null) {
		let succeeds = step.invocation === null || succeeded({ invocation: step.invocation }), reportsBefore = (name) => before.filter(({ statement }) => statement.predicate.step.name === name).map((one) => reportsOf(one) ?? []), signersOf = (link) => signersIn(known.get(link), contract), facts = {
			...step,
			succeeded: succeeds,
			withheld: hidden,
			reportsBefore,
			signersOf
		};
		evaluate(contract, facts, known, findings);
	}
	let edges = findEdges(step, received, before, contract, find);
	return edges.push(...wordEdges(step, hidden, contract, find)), {
		edges,
		findings: ranked(findings.list)
	};
}
const NONE = /* @__PURE__ */ new Map();
/** Who signed a step; first the one whom the contract takes for its signer. */
function signersIn(step, contract) {
	if (step === void 0) return [];
	let first = signerOf(step, contract, null);
	return [first, ...[step.signer, ...step.cosigners].filter((one) => one !== first)].map(factsOf);
}
function checkBinding(step, contract, find) {
	contract !== null && (step.chain.pipeline !== contract.pipeline && find("pipeline-mismatch", `step ${step.step.name} is of pipeline ${step.chain.pipeline}, the contract of ${contract.pipeline}`), step.chain.contract === null ? find("contract-missing", `step ${step.step.name} is bound to no contract`) : step.chain.contract !== contract.digest && find("contract-mismatch", `step ${step.step.name} is bound to contract ${short(step.chain.contract)}, not ${short(contract.digest)}`));
}
function checkTimes(step, now, tolerance, find) {
	let { startedAt } = step, finishedAt = step.invocation?.finishedAt ?? startedAt, { name } = step.step;
	isBefore(finishedAt, startedAt, tolerance) && find("time-order", `step ${name} finished before it started`);
	let last = finishedAt > startedAt ? finishedAt : startedAt;
	Date.parse(last) <= Date.parse(now) + tolerance || find("time-future", `step ${name} was running at ${last}, which is after ${now}`);
}
/** Whether one time is before another by more than the tolerance. Times of one form sort as text. */
function isBefore(a, b, tolerance) {
	return a < b && Date.parse(a) < Date.parse(b) - tolerance;
}
function checkPredecessor(step, name, before, contract, tolerance, find) {
	let { predicate } = before.statement;
	predicate.step.name !== name && find("previous-mismatch", `predecessor ${short(before.link)} is step ${predicate.step.name}, not ${name}`), predicate.chain.id !== step.chain.id && find("chain-mismatch", `predecessor ${name} is of chain ${apart(predicate.chain.id, step.chain.id)}`), predicate.chain.pipeline !== step.chain.pipeline && find("pipeline-mismatch", `predecessor ${name} is of pipeline ${predicate.chain.pipeline}, not ${step.chain.pipeline}`), predicate.chain.contract !== step.chain.contract && find("contract-mismatch", `predecessor ${name} is bound to another contract`);
	let { attempt } = predicate.step, carried = contract?.attempts === "carry" && attempt < step.step.attempt;
	attempt !== step.step.attempt && !carried && find("attempt-mixed", `predecessor ${name} is of attempt ${attempt}, step ${step.step.name} of attempt ${step.step.attempt}`), succeeded(predicate) || find("predecessor-failed", `predecessor ${name} failed`);
	let fresh = contract?.steps.get(predicate.step.name)?.fresh ?? null;
	fresh !== null && checkFresh(before, fresh + tolerance, step.startedAt, `before step ${step.step.name} started`, find), isBefore(step.startedAt, predicate.invocation.finishedAt, tolerance) && find("time-order", `step ${step.step.name} started at ${step.startedAt}, before ${name} finished at ${predicate.invocation.finishedAt}`);
}
/** Whether what a step says still counts at a time. Asked this way round, what is no time is never fresh. */
function checkFresh({ statement: { predicate } }, fresh, at, when, find, since = predicate.invocation.finishedAt) {
	Date.parse(at) <= Date.parse(since) + fresh || find("step-stale", `step ${predicate.step.name} finished at ${since}, which is too long ${when}`);
}
/** Of a step that is not shown only its chain can be held against the one that follows it. */
function checkWithheld(step, name, one, find) {
	let { chain } = one.withheld.unopened;
	chain !== step.chain.id && find("chain-mismatch", `predecessor ${name} is of chain ${apart(chain, step.chain.id)}`), find("step-withheld", `predecessor ${name} ${whyWithheld(one)}`);
}
/** Which attestation is not shown, and why. */
function whyWithheld({ withheld: { unopened, tombstone } }) {
	let why = tombstone === null ? "is withheld" : `was erased at ${tombstone.leaf.at}: ${tombstone.leaf.ground}`;
	return `(${short(unopened.link)}) ${why}`;
}
/** Hand-overs as the step itself tells them. Where it received nothing at all, nobody can have handed anything over. */
function wordEdges(step, hidden, contract, find) {
	let rule = contract?.steps.get(step.step.name), edges = [];
	for (let { link, step: name } of step.previous) {
		if (!hidden.has(link)) continue;
		let artifacts = distinct(step.materials.filter(({ annotations }) => annotations?.from === link).map(({ digest }) => digest.sha256));
		edges.push({
			from: link,
			to: step.link,
			found: "word",
			strength: "weak",
			artifacts
		}), step.materials.length === 0 && !isOrderOnly(rule, name) && find("edge-empty", `step ${step.step.name} received nothing from step ${name}`);
	}
	return edges;
}
/** Order alone is an edge only where the contract asks for order and for nothing to be handed over. */
function isOrderOnly(rule, name) {
	return rule !== void 0 && rule.after.includes(name) && !rule.materials.some((wanted) => wanted.from === name);
}
/** One job goes before once: of two attempts at it, or two attestations of one attempt, what came of it is not certain. */
function checkRivals(before, find) {
	if (before.length < 2) return;
	let jobs = /* @__PURE__ */ new Map();
	for (let previous of before) {
		let { name, matrix, attempt } = previous.statement.predicate.step, job = JSON.stringify([name, matrix]), other = jobs.get(job);
		other === void 0 ? jobs.set(job, previous) : other.statement.predicate.step.attempt === attempt ? find("place-taken", `step ${name} goes before twice: ${short(other.link)} and ${short(previous.link)}`) : find("attempt-mixed", `step ${name} goes before twice, in the attempts ${`${other.statement.predicate.step.attempt} and ${attempt}`}`);
	}
}
function findEdges(step, received, before, contract, find) {
	let rule = contract?.steps.get(step.step.name), edges = [];
	for (let { link, statement } of before) {
		let artifacts = [];
		for (let { digest } of statement.subject) received.has(digest.sha256) && artifacts.push(digest.sha256);
		if (artifacts.length > 0) {
			edges.push({
				from: link,
				to: step.link,
				found: "digest",
				strength: "strong",
				artifacts: distinct(artifacts)
			});
			continue;
		}
		let { name } = statement.predicate.step;
		edges.push({
			from: link,
			to: step.link,
			found: "order",
			strength: "medium",
			artifacts
		}), isOrderOnly(rule, name) || find("edge-empty", `step ${step.step.name} received nothing from step ${name}`);
	}
	return edges;
}
function distinct(digests) {
	return [...new Set(digests)];
}
/**
* Causes before consequences: a skipped step also leaves its products unexplained, and users read the first
* finding. Codes that are not listed keep their order after these.
*/
const CAUSES = [
	"contract-missing",
	"contract-mismatch",
	"pipeline-mismatch",
	"step-unknown",
	"signer-not-allowed",
	"signer-revoked",
	"grade-too-low",
	"identity-mismatch",
	"chain-mismatch",
	"previous-mismatch",
	"previous-missing",
	"step-withheld",
	"step-order",
	"attempt-mixed",
	"predecessor-failed",
	"material-swapped",
	"digest-conflict",
	"step-skipped",
	"matrix-incomplete"
];
/** Causes first. */
function ranked(findings) {
	let rank = ({ code }) => CAUSES.includes(code) ? CAUSES.indexOf(code) : CAUSES.length;
	return findings.toSorted((a, b) => rank(a) - rank(b));
}
/** Two ids, in full where their beginnings do not tell them apart. */
function apart(one, other) {
	return short(one) === short(other) ? `${one}, not ${other}` : `${short(one)}, not ${short(other)}`;
}
function short(digest) {
	return digest.slice(0, 12);
}
/** What the contract demands, and what the caller demands beside it. */
function demandsOf(contract, demands = []) {
	let own = contract?.anchored ?? null;
	if (own === null) return demands;
	let { within, by } = own;
	return [{
		kinds: by,
		count: Math.max(1, by.length),
		within
	}, ...demands];
}
/**
* What speaks against a step, or a withheld attestation, for want of anchors. `anchor-pending` says that nothing does
* yet: its time is not over, and no anchor of the kind was brought forward and refused.
*/
function anchorFindings(link, name, demands, { chain, anchored, now }) {
	let entries = anchored?.entries.get(link) ?? [];
	return demands.flatMap((demand) => {
		let missing = missingOf(demand, entries);
		if (missing === null) return [];
		let wanted = `step ${name} is not anchored${textOf(demand)}`;
		if (missing.late !== null) return [new CodedError("anchor-late", `${wanted}: ${missing.late}`).report()];
		let refused = refusalOf(missing.kinds, entries, anchored);
		if (refused !== null) return [new CodedError("anchor-missing", `${wanted}: ${refused}`).report()];
		let why = entries.length === 0 ? "no statement that verifies covers it" : missing.what, accepted = acceptedAt(link, entries, chain), pending = accepted !== null && Date.parse(now) <= accepted + (demand.within ?? 1296e5);
		return [new CodedError(pending ? "anchor-pending" : "anchor-missing", `${wanted}: ${why}`).report()];
	});
}
function missingOf({ kinds, count, within }, entries) {
	let there = /* @__PURE__ */ new Set(), late = /* @__PURE__ */ new Map(), timed = !1;
	for (let { acceptedAt: accepted, statement } of entries) for (let proved of statement.proved) {
		let by = existedBy(statement, proved);
		within !== null && by !== null && by > Date.parse(accepted) + within ? late.set(proved.kind, `${proved.kind} proves it from ${new Date(by).toISOString()} on, accepted ${accepted}`) : (there.add(proved.kind), timed ||= by !== null);
	}
	let absent = kinds.filter((kind) => !there.has(kind));
	if (absent.length > 0 || there.size < count) {
		let told = (absent.length > 0 ? absent : [...late.keys()].filter((kind) => !there.has(kind))).flatMap((kind) => late.get(kind) ?? []);
		return {
			kinds: absent,
			what: absent.length > 0 ? `${absent.join(", ")} is missing` : `${there.size} of ${count} kinds are there`,
			late: told[0] ?? null
		};
	}
	return within !== null && !timed ? {
		kinds: [],
		what: "none of its anchors names a time",
		late: null
	} : null;
}
/** Why an anchor that was brought forward for these entries did not count. */
function refusalOf(kinds, entries, anchored) {
	let own = new Set(entries.map(({ statement }) => statement.id));
	for (let { kind, statement, report } of anchored?.refused ?? []) if (!(kind === null || statement === null || kinds.length > 0 && !kinds.includes(kind)) && own.has(statement)) return `${kind} did not count: ${report.code}: ${report.what}`;
	return null;
}
/** When the log says that it took it, by the earliest of its proofs; null where nobody says. Milliseconds since 1970. */
function acceptedAt(link, entries, { receipts, withheld }) {
	let closed = withheld.get(link)?.withheld.unopened.leaf.acceptedAt, times = [
		...entries.map((entry) => entry.acceptedAt),
		...(receipts.get(link) ?? []).map(({ receipt }) => receipt.opening.leaf.acceptedAt),
		...closed === void 0 ? [] : [closed]
	];
	return times.length === 0 ? null : Math.min(...times.map((time) => Date.parse(time)));
}
function textOf({ kinds, count, within }) {
	let by = kinds.length > 0 ? ` by ${kinds.join(", ")}` : count > 1 ? ` in ${count} ways` : "";
	return within === null ? by : `${by} within ${durationText(within)}`;
}
/** `36h`, `90m`, `2d`: the largest unit that says it in a whole number. */
function durationText(ms) {
	for (let [unit, size] of [
		["d", 864e5],
		["h", 36e5],
		["m", 6e4]
	]) if (ms % size === 0) return `${ms / size}${unit}`;
	return `${ms / 1e3}s`;
}
/** What was demanded, and what speaks against it. */
function anchorsCriterion(demands, findings, steps) {
	let reasons = findings.filter(({ code }) => ANCHOR_CODES.has(code)), [first] = reasons, wanted = demands.map((demand) => textOf(demand).trim() || "in any way").join(", and ");
	return first === void 0 ? {
		name: "anchors",
		met: !0,
		detail: `${steps === 1 ? "the step is" : "all steps are"} anchored ${wanted}`
	} : {
		name: "anchors",
		met: reasons.every(({ code }) => code === "anchor-pending") ? null : !1,
		detail: first.what
	};
}
const ANCHOR_CODES = /* @__PURE__ */ new Set([
	"anchor-missing",
	"anchor-pending",
	"anchor-late",
	"statement-forked"
]);
// packages/verify/src/completeness.ts
/**
* Every step the contract requires is on the path, and every job of the final step vouches, or so many people: counted
* anew from the whole.
*/
function checkCompleteness({ path, hidden, ends, unfinished }, contract, find) {
	if (contract === null) return;
	let present = /* @__PURE__ */ new Set([...path.map((step) => step.statement.predicate.step.name), ...hidden.values()]);
	for (let name of required(contract.steps, contract.final)) present.has(name) || find("step-skipped", `step ${name} is not on the artifact's path`, name);
	let final = contract.steps.get(contract.final), jobs = new Set(ends.map((end) => end.statement.predicate.step.matrix)), absent = unfinished ? [] : (final.matrix ?? []).filter((job) => !jobs.has(job));
	if (absent.length > 0 && find("matrix-incomplete", `the jobs ${absent.join(", ")} of step ${contract.final} do not vouch for it`, contract.final), final.approvals === null) return;
	let approvals = ends.map((end) => ({
		job: end.statement.predicate.step.matrix,
		signers: signersIn(end, contract)
	})), count = countPeople(final, approvals);
	count >= final.approvals.atLeast || find("approval-missing", `${count === 1 ? "1 person vouches" : `${count} people vouch`} for it in step ${final.name}, and ${final.approvals.atLeast} must`, final.name);
}
// packages/verify/src/cosigned.ts
const CODE = "cosignature-missing";
/**
* Whether one checkpoint over this step is of a log of the policy (of any that is trusted, where it names none), and cosigned by its quorum (C2SP tlog-policy). The
* cosignatures of two checkpoints are not added up: each may be of another history.
*/
function cosignedFindings(link, name, policy, chain) {
	let closed = chain.withheld.get(link), own = [...chain.receipts.get(link) ?? [], ...closed === void 0 ? [] : [closed]].filter(({ countersigner }) => policy.logs.length === 0 || policy.logs.some(({ key }) => key.name === countersigner.name && key.publicKey.keyId === countersigner.keyId));
	if (own.some(({ witnesses }) => hasQuorum(policy, new Set(witnesses.map(({ publicKey }) => publicKey.keyId))))) return [];
	let most = own.reduce((count, { witnesses }) => Math.max(count, witnesses.length), 0), why = own.length === 0 ? "has no receipt of a log in the policy" : `is under no checkpoint with a quorum: ${most} of ${policy.witnesses.length} witnesses cosigned it`;
	return [new CodedError(CODE, `step ${name} ${why}`).report()];
}
/** What was demanded of the witnesses, and what speaks against it. */
function witnessesCriterion({ quorum }, findings) {
	let first = findings.find(({ code }) => code === CODE), detail = quorum === null ? "every step is in a log of the policy" : "every step is under a checkpoint with a quorum";
	return {
		name: "witnesses",
		met: first === void 0,
		detail: first?.what ?? detail
	};
}
// packages/verify/src/criteria.ts
const GROUPS = [
	{
		name: "signatures",
		codes: [
			"signature-invalid",
			"signer-unknown",
			"signer-revoked",
			"signer-not-allowed",
			"grade-too-low",
			"identity-mismatch",
			"receipt-missing",
			"runner-not-allowed",
			"approval-own",
			"approval-missing"
		],
		detail: "every step is signed by who may sign it"
	},
	{
		name: "order",
		codes: [
			"previous-missing",
			"previous-mismatch",
			"step-order",
			"step-skipped",
			"step-unknown",
			"matrix-incomplete",
			"attempt-mixed",
			"place-taken",
			"nonce-reused",
			"time-order",
			"time-future",
			"chain-mismatch",
			"pipeline-mismatch"
		],
		detail: "no step is skipped, repeated, reordered or of another run"
	},
	{
		name: "hand-overs",
		codes: [
			"edge-empty",
			"material-unexplained",
			"material-swapped",
			"digest-conflict",
			"product-missing",
			"product-unexpected",
			"name-disallowed",
			"material-unproven"
		],
		detail: "every byte received was handed over by the step before"
	},
	{
		name: "outcome",
		codes: ["step-failed", "predecessor-failed"],
		detail: "every step succeeded"
	}
];
/** What was judged of a path, one criterion for each group of findings. */
function criteriaOf({ contract, artifact }, { path, edges, ends }, findings) {
	let against = (codes) => findings.filter((f) => codes.includes(f.code)), bound = against([
		"contract-mismatch",
		"contract-missing",
		"contract-unknown"
	]), first = contract === null ? {
		name: "contract",
		met: !0,
		detail: `none given: ${unjudged(ends)}`
	} : {
		name: "contract",
		met: bound.length === 0,
		detail: bound[0]?.what ?? `${contract.pipeline} revision ${contract.revision} (${contract.digest.slice(0, 12)})`
	}, groups = GROUPS.map(({ name, codes, detail }) => {
		let reasons = against(codes), own = name === "hand-overs" ? `${detail}${exceptFor(outsideOf(path, edges))}` : detail;
		return {
			name,
			met: reasons.length === 0,
			detail: reasons[0]?.what ?? own
		};
	}), demanded = demandsCriterion(contract, against), { name } = ends.at(-1).statement.predicate.step, unmade = against(["artifact-unproven"]), vouched = {
		name: "artifact",
		met: unmade.length === 0,
		detail: unmade[0]?.what ?? `step ${name} vouches for it`
	}, ended = {
		name: "run",
		met: !0,
		detail: `step ${name} ends it`
	};
	return [
		artifact === null ? ended : vouched,
		first,
		...groups,
		...demanded === null ? [] : [demanded]
	];
}
function unjudged(ends) {
	let { contract } = ends[0].statement.predicate.chain;
	return contract === null ? "who may do what is not judged" : `the run is bound to contract ${contract.slice(0, 12)}, and is not judged by it`;
}
/** What nobody on the path handed over. Whether it may come in, the findings say. */
function outsideOf(path, edges) {
	let taking = path.filter(({ statement }) => statement.predicate.materials.some(isFromNobody));
	if (taking.length === 0) return [];
	let handed = Map.groupBy(edges, ({ to }) => to);
	return taking.flatMap(({ link, statement: { predicate } }) => {
		let known = new Set((handed.get(link) ?? []).flatMap(({ artifacts }) => artifacts));
		return predicate.materials.filter((material) => isFromNobody(material) && !known.has(material.digest.sha256)).map(({ name }) => `${name} for step ${predicate.step.name}`);
	});
}
function isFromNobody({ annotations }) {
	return annotations?.from == null;
}
function exceptFor([first, ...more]) {
	return first === void 0 ? "" : `, but for ${first}${more.length === 0 ? "" : ` and ${more.length} more`}, from outside`;
}
/** What the contract asks of the steps beside; null where it asks for nothing. */
function demandsCriterion(contract, against) {
	if (![...contract?.steps.values() ?? []].some(({ evidence, fresh, conditions }) => evidence !== null || fresh !== null || conditions.length > 0)) return null;
	let reasons = against([
		"evidence-missing",
		"tests-failed",
		"vulnerability-found",
		"step-stale",
		"condition-unmet"
	]);
	return {
		name: "demands",
		met: reasons.length === 0,
		detail: reasons[0]?.what ?? "reports, age and conditions are as the contract asks"
	};
}
/** That a step began with more, or less, than was committed: never in silence. Null where none did. */
function dirtyCriterion(path) {
	let isDirty = ({ annotations }) => annotations?.dirty === !0, dirty = path.filter(({ statement: { subject, predicate } }) => subject.some(isDirty) || predicate.materials.some(isDirty));
	return dirty.length === 0 ? null : {
		name: "source",
		met: !0,
		detail: `not as its commit, for ${[...new Set(dirty.map(({ statement }) => statement.predicate.step.name))].join(", ")}; that alone denies nothing`
	};
}
/** That something was let through: never in silence. */
function deviationsCriterion(deviations) {
	return {
		name: "deviations",
		met: !0,
		detail: `let through: ${deviations.map(({ deviation: { deviation, by, id }, findings }) => `${[...new Set(findings.map(({ code }) => code))].join(", ")} by ${by.join(", ")} until ${deviation.expiresAt}: ${deviation.reason} (${id.slice(0, 12)})`).join("; ")}`
	};
}
// packages/verify/src/elsewhere.ts
/**
* Every material that is let in as made by another pipeline must be an artifact that passes under that pipeline's contract,
* at the same time and by the same rules. Contracts name one another by digest, so they cannot go round in a circle.
*/
function checkElsewhere(path, contract, proven, find) {
	for (let { statement } of path) {
		let { step, materials } = statement.predicate, rule = contract?.steps.get(step.name);
		if (!(rule === void 0 || rule.outside.every((one) => one.contract === null))) for (let material of materials) {
			if ((material.annotations?.from ?? null) !== null) continue;
			let contracts = otherContractsOf(rule, material);
			contracts === null || contracts.some((digest) => proven(digest, material)) || find("material-unproven", `material ${material.name} of step ${step.name} is not proven under contract ${contracts.map((one) => one.slice(0, 12)).join(" or ")}`);
		}
	}
}
/** Asks `judge`, once for each contract and artifact. What is not shown is not proven. */
function elsewhere(others, judge) {
	let known = /* @__PURE__ */ new Map();
	return (digest, material) => {
		let other = others.get(digest);
		if (other === void 0) return !1;
		let { sha256 } = material.digest, key = `${digest} ${sha256} ${isTree(material)}`, held = known.get(key) ?? judge(other, sha256, isTree(material));
		return known.set(key, held), held;
	};
}
// packages/verify/src/freshness.ts
/**
* Whether what the steps found out still counts when it is judged. A step is as old as it says, or as the log that took it
* says: whichever is longer ago, so that no signer makes a step younger than its receipt.
*/
function checkFreshness(path, { chain, contract, now }, find) {
	if (contract !== null) for (let step of path) {
		let { step: ref, invocation } = step.statement.predicate, fresh = contract.steps.get(ref.name)?.fresh ?? null;
		if (fresh === null) continue;
		let accepted = (chain.receipts.get(step.link) ?? []).map(({ receipt }) => receipt.opening.leaf.acceptedAt), since = [invocation.finishedAt, ...accepted].reduce((a, b) => b < a ? b : a);
		checkFresh(step, fresh + contract.clockTolerance, now, `before ${now}`, (code, what) => find(code, what, ref.name), since);
	}
}
// packages/verify/src/run.ts
/** Two verified attestations for one place anywhere in the run: a fork, whichever of them is on the path. */
function checkConflicts(run, find) {
	let places = /* @__PURE__ */ new Map(), rivals = /* @__PURE__ */ new Map();
	for (let step of run) {
		let place = placeOf(step), first = places.get(place);
		first === void 0 ? places.set(place, step) : rivals.has(place) ? rivals.get(place).push(step) : rivals.set(place, [first, step]);
	}
	for (let [, steps] of [...rivals].toSorted(([a], [b]) => compare$1(a, b))) {
		let links = steps.map(({ link }) => link.slice(0, 12)).toSorted(compare$1), times = links.length === 2 ? "twice" : `${links.length} times`, { name } = steps[0].statement.predicate.step;
		find("place-taken", `step ${name} was signed ${times}: ${links.slice(0, 2).join(" and ")}`);
	}
}
/**
* Where attempts are carried, a path goes by the latest attempt at each job, up to `own`, the attempt it ends in:
* else the try that passed could be picked over the one that failed after it, or two tries be mixed by two ways to
* the end.
*/
function checkSuperseded(path, own, run, contract, find) {
	if (contract?.attempts !== "carry") return;
	let latest = /* @__PURE__ */ new Map();
	for (let step of run) {
		let { attempt } = step.statement.predicate.step;
		attempt <= own && latest.set(jobOf$1(step), Math.max(attempt, latest.get(jobOf$1(step)) ?? 0));
	}
	for (let step of path) {
		let { name, attempt } = step.statement.predicate.step, last = latest.get(jobOf$1(step)) ?? attempt;
		attempt < last && find("attempt-mixed", `step ${name} of attempt ${attempt} was superseded by attempt ${last}`);
	}
}
function jobOf$1({ statement: { predicate } }) {
	return JSON.stringify([predicate.step.name, predicate.step.matrix]);
}
// packages/verify/src/way.ts
/**
* The way back from the `ends`. What goes before a withheld step nobody says; under a contract it is what the contract
* puts before a step of its name, in this run, and in the log before it.
*/
function wholeWay(input, ends, run) {
	let { chain, contract } = input, path = ancestry(ends, chain.steps), hidden = /* @__PURE__ */ new Map();
	if (chain.withheld.size === 0) return {
		path,
		hidden
	};
	let more = /* @__PURE__ */ new Map(), logged = /* @__PURE__ */ new Map();
	for (let rounds = contract?.steps.size ?? 0;; rounds--) {
		let changed = /* @__PURE__ */ new Set();
		for (let { statement } of path) for (let { link, step: name } of statement.predicate.previous) {
			let closed = chain.steps.has(link) || hidden.has(link) ? void 0 : chain.withheld.get(link);
			if (closed !== void 0) {
				hidden.set(link, name);
				for (let before of contract?.steps.get(name)?.after ?? []) extend(logged, before, closed) && changed.add(before);
			}
		}
		let known = more.size;
		for (let name of rounds > 0 ? changed : []) for (let step of latestOf$1(name, ends, run, contract)) isLoggedBefore(logged.get(name), step, chain) && more.set(step.link, step);
		if (more.size === known) return {
			path,
			hidden
		};
		path = ancestry([...[...more.values()].toSorted((a, b) => compare$1(a.link, b.link)), ...ends], chain.steps);
	}
}
/** Takes in, by log, the last index before which a step of this name may be. True where that is later than before. */
function extend(logged, name, { withheld }) {
	let { index, checkpoint } = withheld.proof, last = logged.get(name) ?? /* @__PURE__ */ new Map();
	return logged.set(name, last), index <= (last.get(checkpoint.origin) ?? -1) ? !1 : (last.set(checkpoint.origin, index), !0);
}
/** Whether the log of a withheld step had this one before it: what came later is no part of the way to it. */
function isLoggedBefore(last, { link }, chain) {
	return (chain.receipts.get(link) ?? []).some(({ receipt: { proof } }) => proof.index < (last.get(proof.checkpoint.origin) ?? 0));
}
/** The steps of a name in a run, of each job the attempt that goes with the `ends`. */
function latestOf$1(name, ends, run, contract) {
	let own = attemptOf(ends), fitting = run.filter(({ statement: { predicate } }) => {
		let { step } = predicate;
		return step.name === name && (contract?.attempts === "carry" ? step.attempt <= own : step.attempt === own);
	}), latest = /* @__PURE__ */ new Map();
	for (let { statement } of fitting) {
		let { matrix, attempt } = statement.predicate.step;
		latest.set(matrix, Math.max(attempt, latest.get(matrix) ?? 0));
	}
	return fitting.filter(({ statement: { predicate } }) => predicate.step.attempt === latest.get(predicate.step.matrix));
}
function attemptOf(ends) {
	return ends.reduce((latest, end) => Math.max(latest, end.statement.predicate.step.attempt), 0);
}
// packages/verify/src/judge.ts
/**
* Judges an artifact: does the contract's final step (without a contract, the last steps that vouch) vouch for
* it, and does the whole way back to the source fit? Where several runs vouch for the same bytes, one that
* wholly fits is enough. Only verified steps count, for it and against it; their order does not. A withheld step on
* the way is judged by what the steps around it say: where nothing else speaks against the artifact, the verdict is
* `unknown`, or `pass` where `allowWithheld` is set. Pure.
*/
function judge(input) {
	let ends = candidates(input);
	if (ends.length > 0) return judgeEach(input, ends);
	let { contract } = input, upTo = input.unfinished === !0 && contract !== null ? furthest(input, contract) : null;
	if (upTo === null || contract === null) return unproven(input);
	let near = {
		...input,
		contract: {
			...contract,
			final: upTo
		},
		upTo
	};
	return judgeEach(near, candidates(near));
}
/** The first of the candidates that wholly fits; else the latest. */
function judgeEach(input, ends) {
	let around = surroundings(input.chain), first = null;
	for (let end of ends) {
		let verdict = judgePath(input, end, around);
		if (verdict.verdict === "pass") return verdict;
		first ??= verdict;
	}
	return first;
}
/**
* Judges a whole run, whatever it made: did the contract's final step (without a contract, every last step) end it in
* its latest attempt, and does the whole way back to the source fit?
*/
function judgeRun({ run, ...input }) {
	let { chain, contract } = input, own = [...chain.steps.values()].filter(({ statement }) => statement.predicate.chain.id === run), last = own.filter(({ statement }) => contract === null || statement.predicate.step.name === contract.final);
	return last.length > 0 ? judgePath({
		...input,
		artifact: null
	}, endsOf(last, input), surroundings(chain)) : unfounded(null, "run", contract !== null && own.length > 0 ? finding("final-missing", `the run has no final step ${contract.final} that verifies`) : finding("artifact-unproven", `none of ${chain.steps.size} verified steps is of run ${run}`), input);
}
/** A verdict about an artifact whose evidence could not be reached; null where it is about a run. */
function unknownVerdict(artifact, report) {
	return {
		verdict: "unknown",
		artifact,
		criteria: [{
			name: "evidence",
			met: null,
			detail: report.what
		}],
		steps: [],
		edges: [],
		findings: [report],
		refused: [],
		anchored: null,
		deviations: [],
		upTo: null,
		unjudgedContract: null
	};
}
/** The steps that the paths end in, a list a run, the latest run first. */
function candidates(input) {
	let { chain, contract } = input, runs = /* @__PURE__ */ new Map();
	for (let step of chain.steps.values()) {
		let { predicate } = step.statement;
		if (contract !== null && predicate.step.name !== contract.final || !vouches(step, input)) continue;
		let ends = runs.get(predicate.chain.id);
		ends === void 0 ? runs.set(predicate.chain.id, [step]) : ends.push(step);
	}
	return [...runs].map(([id, ends]) => ({
		id,
		ends: endsOf(ends, input),
		finished: latestFinish(ends)
	})).toSorted((a, b) => compare$1(b.finished, a.finished) || compare$1(a.id, b.id)).map(({ ends }) => ends);
}
/** Of the steps that vouch the one that the contract puts last: that most steps must go before. */
function furthest(input, { steps }) {
	let vouching = [...input.chain.steps.values()].filter((step) => vouches(step, input));
	return [...new Set(vouching.map(({ statement }) => statement.predicate.step.name))].filter((name) => steps.has(name)).map((name) => ({
		name,
		before: required(steps, name).size
	})).toSorted((a, b) => b.before - a.before || compare$1(a.name, b.name))[0]?.name ?? null;
}
function vouches(step, { artifact, tree }) {
	return step.statement.subject.some((subject) => subject.digest.sha256 === artifact && (tree === void 0 || isTree(subject) === tree));
}
/** Of each run the latest attempt, or of each job where attempts are carried: an earlier one is superseded. */
function endsOf(vouching, { chain, contract }) {
	let jobOf = (step) => contract?.attempts === "carry" ? step.statement.predicate.step.matrix : null, latest = /* @__PURE__ */ new Map();
	for (let step of vouching) {
		let { attempt } = step.statement.predicate.step;
		latest.set(jobOf(step), Math.max(attempt, latest.get(jobOf(step)) ?? 0));
	}
	let ends = vouching.filter((step) => step.statement.predicate.step.attempt === latest.get(jobOf(step))).toSorted((a, b) => compare$1(a.link, b.link));
	return contract === null ? heads(ends, chain.steps) : ends;
}
function surroundings(chain) {
	let runs = /* @__PURE__ */ new Map(), nonces = /* @__PURE__ */ new Set(), reused = /* @__PURE__ */ new Set();
	for (let step of chain.steps.values()) {
		let { chain: ref, step: own } = step.statement.predicate, run = runs.get(ref.id);
		run === void 0 ? runs.set(ref.id, [step]) : run.push(step), nonces.has(own.nonce) ? reused.add(own.nonce) : nonces.add(own.nonce);
	}
	return {
		runs,
		reused,
		withheld: Map.groupBy(chain.withheld.values(), (one) => one.withheld.unopened.chain)
	};
}
function judgePath(input, ends, { runs, reused, withheld }) {
	let { chain, contract, now } = input, run = runs.get(ends[0].statement.predicate.chain.id), { path, hidden } = wholeWay(input, ends, run), edges = [], closed = [], anchored = input.anchored ?? null, demands = demandsOf(contract, input.demands), facts = {
		chain,
		anchored,
		now
	}, policy = input.witnessed ?? null, allowed = input.allowWithheld === !0, id = ends[0].statement.predicate.chain.id, excusing = new Excusing(chain.deviations, {
		contract,
		chain: id,
		artifact: input.artifact,
		now
	}), reportsOf = (step) => reportsIn(chain, step), steps = path.map((step) => {
		let claimed = claimedIn(chain, step.link), outcome = handshake({
			step,
			previous: chain.steps,
			withheld: chain.withheld,
			contract,
			now,
			claimed,
			reportsOf
		});
		edges.push(...outcome.edges);
		let countersigners = countersignersOf(step, chain, contract), disclosed = [...chain.disclosed.get(step.link)?.values() ?? []], told = {
			step,
			countersigners: namesOf(countersigners),
			unjudged: originsOf(chain.unjudged.get(step.link) ?? []),
			disclosed,
			attached: chain.attached.get(step.link) ?? []
		}, own = stepFindings(step, countersigners, contract, reused);
		demands.length > 0 && own.push(...anchorFindings(step.link, step.statement.predicate.step.name, demands, facts)), policy !== null && own.push(...cosignedFindings(step.link, step.statement.predicate.step.name, policy, chain));
		let found = own.length === 0 ? outcome.findings : outcome.findings.concat(own), all = excusing.left(step.statement.predicate.step.name, found);
		if (chain.withheld.size === 0) return {
			...told,
			findings: all
		};
		closed.push(...all.filter(({ code }) => code === "step-withheld"));
		let findings = allowed ? all.filter(({ code }) => code !== "step-withheld") : all;
		return {
			...told,
			findings
		};
	}), whole = new Findings();
	checkConflicts(run, whole.find), checkSuperseded(path, attemptOf(ends), run, contract, whole.find);
	let findAt = (code, what, step) => {
		for (let left of excusing.left(step, [finding(code, what)])) whole.find(left.code, left.what);
	};
	checkCompleteness({
		path,
		hidden,
		ends,
		unfinished: input.upTo !== void 0
	}, contract, findAt), checkFreshness(path, input, findAt), checkElsewhere(path, contract, elsewhere(input.others ?? NOBODY, proves(input)), whole.find), checkOrigin(input, path, hidden, whole.find);
	for (let { code, what } of anchored?.forked ?? []) whole.find(code, what);
	for (let [link, name] of hidden) {
		for (let { code, what } of excusing.left(name, anchorFindings(link, name, demands, facts))) whole.find(code, what);
		for (let { code, what } of policy === null ? [] : cosignedFindings(link, name, policy, chain)) whole.find(code, what);
	}
	let beside = besideTheWay(withheld.get(ends[0].statement.predicate.chain.id) ?? [], hidden);
	closed.push(...beside);
	let findings = [
		...steps.flatMap((step) => step.findings),
		...whole.list,
		...allowed ? [] : beside
	], criteria = criteriaOf(input, {
		path,
		edges,
		ends
	}, findings), dirty = dirtyCriterion(path);
	dirty !== null && criteria.push(dirty), closed.length > 0 && criteria.push(withheldCriterion(closed, allowed)), demands.length > 0 && criteria.push(anchorsCriterion(demands, findings, path.length + hidden.size)), policy !== null && criteria.push(witnessesCriterion(policy, findings));
	let deviations = excusing.used;
	deviations.length > 0 && criteria.push(deviationsCriterion(deviations));
	let against = findings.some(({ code }) => !OPEN.has(code));
	return {
		verdict: findings.length === 0 && criteria.every((criterion) => criterion.met === !0) ? "pass" : against ? "fail" : "unknown",
		artifact: input.artifact,
		criteria,
		steps,
		edges,
		findings,
		refused: [...refusedOf(input), ...excusing.refused],
		anchored,
		deviations,
		upTo: input.upTo ?? null,
		unjudgedContract: contract === null ? ends[0].statement.predicate.chain.contract : null
	};
}
const NOBODY = /* @__PURE__ */ new Map();
/** Whether another pipeline proves an artifact of its own, under its own contract. */
function proves({ now, others }) {
	return ({ chain, contract }, artifact, tree) => judge({
		artifact,
		tree,
		chain,
		contract,
		now,
		...others === void 0 ? {} : { others }
	}).verdict === "pass";
}
/** What says that something is not shown, or not there yet, and nothing against it. */
const OPEN = /* @__PURE__ */ new Set(["step-withheld", "anchor-pending"]);
function refusedOf({ chain, anchored }) {
	return [...chain.refused, ...anchored?.refused ?? []].map(({ report }) => report);
}
/** What is withheld of the run and is not on the way: it may be the other version of a step that is. */
function besideTheWay(run, hidden) {
	return run.filter(({ withheld }) => !hidden.has(withheld.unopened.link)).toSorted((a, b) => compare$1(a.withheld.unopened.link, b.withheld.unopened.link)).map((one) => finding("step-withheld", `attestation ${whyWithheld(one)}`));
}
function withheldCriterion(closed, allowed) {
	let what = [...new Set(closed.map((report) => report.what))].toSorted(compare$1), taken = allowed ? "taken on the word of the steps after it" : "so nobody can say whether it fits", detail = `${what.length === 1 ? "a step is" : "steps are"} withheld, ${taken}: ${what.join("; ")}`;
	return {
		name: "withheld",
		met: allowed ? !0 : null,
		detail
	};
}
function finding(code, what) {
	return new CodedError(code, what).report();
}
function namesOf(countersigners) {
	return sorted(countersigners.map(({ name }) => name));
}
function originsOf(receipts) {
	return sorted(receipts.map(({ receipt }) => receipt.proof.checkpoint.origin));
}
/** Each once. */
function sorted(names) {
	return names.length < 2 ? names : [...new Set(names)].toSorted(compare$1);
}
/**
* The servers that countersigned a step, by the keys of their logs. Of several who signed it, as one of those did who
* may: what a log took from somebody else says nothing of their signatures.
*/
function countersignersOf(step, chain, contract) {
	let receipts = chain.receipts.get(step.link) ?? [], rule = contract?.steps.get(step.statement.predicate.step.name);
	return (contract === null || rule === void 0 || step.cosigners.length === 0 ? receipts : receipts.filter((one) => maySign(contract, rule, factsOf(one.step.signer), step.statement.predicate.step.matrix))).map(({ countersigner }) => countersigner);
}
function stepFindings(step, countersigners, contract, reused) {
	let { predicate } = step.statement, findings = [];
	if (reused.has(predicate.step.nonce) && findings.push(finding("nonce-reused", `another attestation has the nonce of step ${predicate.step.name}`)), succeeded(predicate) || findings.push(finding("step-failed", `step ${predicate.step.name} ${failureOf(step)}`)), contract !== null && contract.countersigners.length > 0 && !countersigners.some(({ name, keyId }) => contract.countersigners.some((key) => key.name === name && key.publicKey.keyId === keyId))) {
		let names = [...new Set(contract.countersigners.map(({ name }) => name))].join(" or ");
		findings.push(finding("receipt-missing", `step ${predicate.step.name} has no receipt of ${names}`));
	}
	return findings;
}
function failureOf(step) {
	let { exitCode, signal, error } = step.statement.predicate.invocation;
	return error === null ? signal === null ? `exited with ${exitCode ?? "no code"}` : `was ended by ${signal}` : `failed with ${error}`;
}
/**
* Under a contract an artifact is made on its way, or is what the way began with. A step that vouches for all that it
* received vouches also for what came in from outside, and that was built by nobody known. What came from a withheld
* step is of the way.
*/
function checkOrigin({ artifact, tree, contract }, path, hidden, find) {
	contract !== null && artifact !== null && (path.some((step) => {
		let { previous, materials } = step.statement.predicate;
		if (!vouches(step, {
			artifact,
			tree
		})) return !1;
		let received = materials.filter(({ digest }) => digest.sha256 === artifact), onWord = received.some(({ annotations }) => hidden.has(annotations?.from ?? ""));
		return previous.length === 0 || received.length === 0 || onWord;
	}) || find("artifact-unproven", "no step on its way made it: it came in from outside"));
}
/** No step vouches as it would have to: says how near the chain came. */
function unproven(input) {
	let { artifact, chain, contract } = input, vouching = [...chain.steps.values()].filter((step) => vouches(step, input)), names = [...new Set(vouching.map((s) => s.statement.predicate.step.name))].toSorted(compare$1);
	return unfounded(artifact, "artifact", contract !== null && vouching.length > 0 ? finding("final-missing", `the final step ${contract.final} does not vouch for it; ${names.join(", ")} does`) : finding("artifact-unproven", `none of ${chain.steps.size} verified steps vouches for sha256 ${artifact}`), input);
}
/** No step that verified bears on it. */
function unfounded(artifact, name, report, input) {
	return {
		verdict: "fail",
		artifact,
		criteria: [{
			name,
			met: !1,
			detail: report.what
		}],
		steps: [],
		edges: [],
		findings: [report],
		refused: refusedOf(input),
		anchored: input.anchored ?? null,
		deviations: [],
		upTo: null,
		unjudgedContract: null
	};
}
// packages/verify/src/subject.ts
/**
* Judges a subject under each of the contracts, the latest revision first: the runs that vouch for one artifact may be
* bound to different ones, and one that wholly fits its own is enough. A step fits no contract but the one that it is
* bound to, so another can only deny.
*/
function judgeSubject(input) {
	let contracts = input.contracts.toSorted((a, b) => b.revision - a.revision), verdicts = (contracts.length === 0 ? [null] : contracts).map((contract) => judgeUnder(input, contract));
	return verdicts.find(({ verdict }) => verdict === "pass") ?? nearest(verdicts);
}
function judgeUnder(input, contract) {
	let { artifact, runs, contracts: _, ...asked } = input;
	if (artifact !== null) return judge({
		...asked,
		artifact,
		contract
	});
	let verdicts = runs.map((run) => judgeRun({
		...asked,
		run,
		contract
	}));
	return verdicts.find(({ verdict }) => verdict === "fail") ?? verdicts.find(({ verdict }) => verdict !== "pass") ?? verdicts[0] ?? judgeRun({
		...asked,
		run: "",
		contract
	});
}
/** Of failures the one that came furthest: under a contract that a run is not bound to, every step fails. */
function nearest(verdicts) {
	return verdicts.reduce((best, next) => next.findings.length < best.findings.length ? next : best);
}
// packages/verify/src/receive.ts
/** What the contract has against a signer, whatever the step does. */
const ABOUT_SIGNER = /* @__PURE__ */ new Set([
	"signer-not-allowed",
	"grade-too-low",
	"approval-own"
]);
/**
* The receiving half of the handshake: finds the predecessors of what was handed over, says which material
* came from which, and checks that a step may begin with them. Throws `usage` when no pipeline is named, and for an
* approval of what several runs made.
*/
function receive(input) {
	let { step, contract, token } = input, rule = contract?.steps.get(step.name), run = pickRun(input, rule), excusing = excusingFor(input, token?.chain ?? run[0]?.statement.predicate.chain.id ?? input.newChain), predecessors = pickPredecessors(input, run, rule, excusing), previous = predecessors.map((p) => ({
		link: p.link,
		step: p.statement.predicate.step.name
	})), known = new Map(predecessors.map((p) => [p.link, p])), id = token?.chain ?? run[0]?.statement.predicate.chain.id, first = (predecessors.find((p) => p.statement.predicate.chain.id === id) ?? run[0] ?? predecessors[0])?.statement.predicate.chain, pipeline = input.pipeline ?? first?.pipeline ?? contract?.pipeline;
	if (pipeline === void 0) throw new CodedError("usage", "no pipeline is named", { fix: "Name it: --pipeline NAME, or COUNTERSIGN_PIPELINE." });
	let bound = {
		id: token?.chain ?? first?.id ?? input.newChain,
		pipeline,
		contract: contract?.digest ?? first?.contract ?? null
	}, materials = withOrigins(input.materials, predecessors, rule), missing = (token?.links ?? []).filter((link) => !input.steps.has(link)), { edges, findings } = checkHandshake({
		link: null,
		signer: input.signer ?? null,
		chain: bound,
		step,
		previous: [...previous, ...missing.map((link) => ({
			link,
			step: "named by the token"
		}))],
		materials,
		startedAt: input.now,
		invocation: null,
		subject: null,
		ran: null
	}, known, contract, input.now), others = new Findings();
	checkPlace(input, bound.id, others.find), checkCarried(input, predecessors, others.find);
	let way = new Findings();
	checkWay(input, predecessors, excusing, way.find);
	let left = excusing.left(step.name, findings), [doubts, against] = [left.filter(isAboutSigner), left.filter((one) => !isAboutSigner(one))];
	return {
		chain: bound,
		previous,
		materials,
		edges,
		findings: [
			...others.list,
			...against,
			...way.list
		],
		doubts
	};
}
function isAboutSigner({ code }) {
	return ABOUT_SIGNER.has(code);
}
function excusingFor({ deviations = [], contract, now }, chain) {
	return new Excusing(deviations, {
		contract,
		chain,
		artifact: null,
		now
	});
}
/**
* Steps of the one run to go on with: the token's, this very run's, else the one that explains most of the materials; of
* several that explain as much, the one that was handed over by file, though it has this step already.
*/
function pickRun(input, rule) {
	let runs = /* @__PURE__ */ new Map();
	for (let step of input.steps.values()) {
		let { id } = step.statement.predicate.chain, steps = runs.get(id);
		steps === void 0 ? runs.set(id, [step]) : steps.push(step);
	}
	if (input.token !== null) return runs.get(input.token.chain) ?? [];
	if (rule !== void 0 && rule.after.length === 0) return [];
	let own = runs.get(input.newChain);
	if (own !== void 0) return own;
	if (rule !== void 0 && rule.approvals !== null) {
		let approved = pickApproved([...runs.values()], input);
		if (approved !== null) return approved;
	}
	let open = handedOver([...runs.values()], input), free = open.filter((steps) => !steps.some((s) => samePlace(s, input.step))), handed = digestsOf(handedIn(input)), fitting = free.filter((steps) => isBoundBy(steps, input.contract) && !isBeside(steps, input, handed)), explaining = best(fitting, input);
	if (explaining !== null) return explaining;
	if (runs.size === 1 && fitting.length === 1 && rule?.materials.length === 0) return fitting[0];
	let names = basenamesOf(input.materials), meant = rule !== void 0 || runs.size === 1 ? fitting.filter((steps) => hasOneOf(steps, names)) : [], carried = rule === void 0 ? carriedNamesakes([...runs.values()], input) : [], latest = [...meant, ...carried].toSorted((a, b) => compare$1(latestFinish(b), latestFinish(a)))[0];
	return latest === void 0 ? rule === void 0 ? best(input.isUnnamed === !0 ? open.filter((steps) => isAgain(steps, input, handed)) : [], input) ?? [] : best(free, input) ?? best(open.filter((steps) => isBoundBy(steps, input.contract)), input) ?? [] : latest;
}
/**
* Of the runs that explain most of the materials those that came with them by file; all runs where none did. Equal bytes
* come out of many runs, and a step that slid into another one would take a place there, and prove nothing in its own.
*/
function handedOver(runs, input) {
	let { carried = /* @__PURE__ */ new Set(), materials } = input;
	if (carried.size === 0) return runs;
	let [wanted, handed] = [digestsOf(materials), digestsOf(handedIn(input))], fitting = runs.filter((steps) => isBoundBy(steps, input.contract) && !isBeside(steps, input, handed)), explaining = Map.groupBy(fitting, (steps) => countExplained(steps, wanted)), most = Math.max(...explaining.keys()), own = most > 0 ? explaining.get(most).filter((steps) => steps.some(({ link }) => carried.has(link))) : [];
	return own.length > 0 ? own : runs;
}
/**
* The run whose artifact is approved, whether or not the same person did so before: an approval that slid on to the next
* run of the same bytes would let through what nobody looked at. Null where no run made it. Throws `usage` for several.
*/
function pickApproved(runs, input) {
	let [wanted, handed] = [digestsOf(input.materials), digestsOf(handedIn(input))], made = runs.filter((run) => isBoundBy(run, input.contract) && !isBeside(run, input, handed) && countExplained(run, wanted) > 0).toSorted((a, b) => compare$1(latestFinish(b), latestFinish(a)));
	if (made.length > 1) {
		let ids = made.map((run) => run[0].statement.predicate.chain.id);
		throw new CodedError("usage", `${ids.length} runs made what is to be approved`, { fix: `Name the one: --chain ID. Newest first: ${ids.slice(0, 10).join(", ")}` });
	}
	return made[0] ?? null;
}
/**
* Whether a run has this step already, and it was handed one of the materials by a step before: to begin another run with
* that would make it come from outside.
*/
function isAgain(steps, { step, pipeline }, handed) {
	return pipeline !== null && steps[0].statement.predicate.chain.pipeline !== pipeline ? !1 : steps.filter((one) => samePlace(one, step)).flatMap(({ statement }) => statement.predicate.materials).some(({ digest, annotations }) => handed.has(digest.sha256) && annotations?.from != null);
}
function isBoundBy(steps, contract) {
	return contract === null || steps[0].statement.predicate.chain.contract === contract.digest;
}
/** The run that made or vouched for most of the materials, the latest of several; null where none did for any. */
function best(runs, { materials }) {
	let wanted = new Set(materials.map((material) => material.digest.sha256)), found = null;
	for (let steps of runs) {
		let explained = countExplained(steps, wanted);
		if (explained === 0) continue;
		let finished = latestFinish(steps);
		(found === null ? 1 : explained - found.explained || compare$1(finished, found.finished) || compare$1(found.steps[0].statement.predicate.chain.id, steps[0].statement.predicate.chain.id)) > 0 && (found = {
			steps,
			explained,
			finished
		});
	}
	return found?.steps ?? null;
}
/** Two pipelines may begin at one commit: that alone does not make one of them go on with the other. */
function isBeside(steps, { pipeline }, handed) {
	return pipeline === null || steps[0].statement.predicate.chain.pipeline === pipeline ? !1 : countExplained(steps, handed) === 0;
}
function countExplained(steps, wanted) {
	let made = /* @__PURE__ */ new Set();
	for (let step of steps) for (let { digest } of step.statement.subject) wanted.has(digest.sha256) && made.add(digest.sha256);
	return made.size;
}
/** Runs that were handed over by file and made something of the name of a material that no known step made. */
function carriedNamesakes(runs, input) {
	let { carried = /* @__PURE__ */ new Set(), steps } = input;
	if (carried.size === 0) return [];
	let made = new Set([...steps.values()].flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256))), unmade = basenamesOf(handedIn(input).filter(({ digest }) => !made.has(digest.sha256)));
	return runs.filter((run) => run.some(({ link }) => carried.has(link)) && hasOneOf(run, unmade));
}
function digestsOf(resources) {
	return new Set(resources.map(({ digest }) => digest.sha256));
}
/** All materials but the checkout. */
function handedIn({ materials }) {
	return materials.filter(({ digest }) => !Object.hasOwn(digest, "gitCommit"));
}
function basenamesOf(resources) {
	return new Set(resources.map(({ name }) => basename(name)));
}
function hasOneOf(steps, names) {
	return steps.some((step) => step.statement.subject.some((subject) => names.has(basename(subject.name))));
}
/**
* Who goes before: under a contract, every instance of every step in `after`; without one, the nearest steps
* that made or vouched for a material, and those that the token names.
*/
function pickPredecessors(input, run, rule, excusing) {
	let picked = /* @__PURE__ */ new Map();
	if (rule !== void 0 && input.contract !== null) {
		let jobs = indexJobs(run);
		for (let name of afterOf(input.contract, rule, run, excusing)) {
			let before = input.contract.steps.get(name);
			for (let job of requiredJobs(before, rule, input.step.matrix)) for (let step of latestOf(jobs.get(jobOf(name, job)) ?? [], input)) picked.set(step.link, step);
		}
	} else for (let step of nearestHolders(input, run)) picked.set(step.link, step);
	for (let link of input.token?.links ?? []) {
		let step = input.steps.get(link);
		step !== void 0 && picked.set(link, step);
	}
	if (picked.size === 0 && rule === void 0) {
		let held = new Set(run.flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256))), names = new Set(input.materials.flatMap(({ name, digest }) => held.has(digest.sha256) ? [] : basename(name))), namesakes = run.filter(({ statement: { subject, predicate } }) => predicate.step.attempt <= input.step.attempt && succeeded(predicate) && subject.some(({ name }) => names.has(basename(name))));
		for (let step of heads(namesakes, input.steps)) picked.set(step.link, step);
	}
	return [...picked.values()].toSorted((a, b) => compare$1(a.link, b.link));
}
/** Whom a step follows; instead of a step that may be skipped, and was, those that that one follows. */
function afterOf({ steps }, rule, run, excusing) {
	let names = /* @__PURE__ */ new Set(), open = [...rule.after];
	for (let name = open.pop(); name !== void 0; name = open.pop()) {
		let own = name;
		run.some(({ statement }) => statement.predicate.step.name === own) || !excusing.excuses("step-skipped", own) ? names.add(own) : open.push(...steps.get(own).after);
	}
	return names;
}
/** Without a contract: of the steps that hold a material, those that no other holder of it follows. */
function nearestHolders(input, run) {
	let holders = /* @__PURE__ */ new Map();
	for (let { digest } of input.materials) holders.set(digest.sha256, /* @__PURE__ */ new Set());
	for (let [i, step] of run.entries()) if (attemptFits(step, input)) for (let { digest } of step.statement.subject) holders.get(digest.sha256)?.add(i);
	let nearest = /* @__PURE__ */ new Map();
	for (let alike of Map.groupBy(holders, ([, places]) => [...places].join()).values()) {
		let group = [...alike[0][1]].map((i) => run[i]), good = group.filter((step) => succeeded(step.statement.predicate)), chosen = good.length > 0 ? [good] : alike.map(([sha256]) => group.filter((step) => isMadeBy(step, sha256)));
		for (let holder of chosen.flatMap((some) => heads(some, input.steps))) nearest.set(holder.link, holder);
	}
	return [...nearest.values()];
}
/** What a step made itself: a failed one hands it over to nobody, while what it received it leaves as it was. */
function isMadeBy({ statement: { subject, predicate } }, sha256) {
	return subject.some(({ digest }) => digest.sha256 === sha256 && !Object.hasOwn(digest, "gitCommit")) && !predicate.materials.some(({ digest }) => digest.sha256 === sha256);
}
function attemptFits(step, input) {
	let { attempt } = step.statement.predicate.step;
	return attempt === input.step.attempt || input.contract?.attempts === "carry" && attempt < input.step.attempt;
}
function jobOf(name, matrix) {
	return JSON.stringify([name, matrix]);
}
function indexJobs(run) {
	let jobs = /* @__PURE__ */ new Map();
	for (let step of run) {
		let { name, matrix } = step.statement.predicate.step, instances = jobs.get(jobOf(name, matrix));
		instances === void 0 ? jobs.set(jobOf(name, matrix), [step]) : instances.push(step);
	}
	return jobs;
}
/**
* The latest attempt at a job that may go before, failed or not: a retry that failed is not undone by an earlier
* success. Where none may, the latest of all, so that the handshake says what is wrong with it. More than one
* where the place was taken twice.
*/
function latestOf(instances, input) {
	let fitting = instances.filter((step) => attemptFits(step, input)), eligible = fitting.length > 0 ? fitting : instances, latest = eligible.reduce((last, { statement: { predicate } }) => Math.max(last, predicate.step.attempt), 0);
	return eligible.filter((step) => step.statement.predicate.step.attempt === latest);
}
/** The materials with the step each came from: one that the contract expects it from before any other. */
function withOrigins(materials, predecessors, rule) {
	let expected = new Set(rule?.materials.map(({ from }) => from)), origins = /* @__PURE__ */ new Map();
	for (let step of predecessors) {
		let better = expected.has(step.statement.predicate.step.name);
		for (let { digest } of step.statement.subject) {
			let other = origins.get(digest.sha256);
			(other === void 0 || better && !expected.has(other.statement.predicate.step.name)) && origins.set(digest.sha256, step);
		}
	}
	return materials.map((material) => {
		let from = origins.get(material.digest.sha256)?.link ?? null;
		return {
			...material,
			annotations: {
				...material.annotations,
				from
			}
		};
	});
}
/** A taken place is said before the command runs, not after: the work would be refused. */
function checkPlace(input, chain, find) {
	for (let step of input.steps.values()) if (step.statement.predicate.chain.id === chain && samePlace(step, input.step)) {
		let { name, attempt } = input.step;
		find("place-taken", `step ${name}, attempt ${attempt}, is in this chain already (${step.link.slice(0, 12)})`);
		return;
	}
}
/** Without a contract a run may begin with what nobody made; not where it came with chain files, and these are of other bytes. */
function checkCarried(input, predecessors, find) {
	let { contract, carried = [], steps } = input;
	if (contract !== null || predecessors.length > 0) return;
	let known = [...carried].flatMap((link) => steps.get(link) ?? []), handed = handedIn(input);
	if (!(known.length === 0 || countExplained(known, new Set(handed.map(({ digest }) => digest.sha256))) > 0)) for (let { name } of handed) find("material-unexplained", `material ${name} was made by no step of the chain files that came with it`);
}
/**
* Whether the way back from the predecessors is whole and fits: what is built on a broken one will be refused at the
* gate. That the predecessors themselves are of another run, or failed, is said by the handshake with them.
*/
function checkWay({ steps, withheld, contract, step, now }, predecessors, excusing, find) {
	let path = ancestry(predecessors, steps);
	for (let { statement } of path) for (let { link, step: name } of statement.predicate.previous) {
		if (steps.has(link)) continue;
		let follower = statement.predicate.step.name, closed = withheld?.get(link);
		closed === void 0 ? find("previous-missing", `step ${follower} goes on from ${name} (${link.slice(0, 12)}), which was not handed over or does not verify`) : find("step-withheld", `step ${follower} goes on from ${name} ${whyWithheld(closed)}`);
	}
	for (let before of contract === null ? [] : path) {
		let { previous, step: ref } = before.statement.predicate;
		if (previous.some(({ link }) => !steps.has(link))) continue;
		let { findings } = handshake({
			step: before,
			previous: steps,
			contract,
			now
		});
		for (let { code, what } of excusing.left(ref.name, findings)) find(code, `step ${ref.name}: ${what}`);
	}
	let ids = new Set(path.map(({ statement }) => statement.predicate.chain.id)), run = [...steps.values()].filter(({ statement }) => ids.has(statement.predicate.chain.id));
	checkConflicts(run, find), checkSuperseded(path, step.attempt, run, contract, find);
}
function samePlace(step, ref) {
	let own = step.statement.predicate.step;
	return own.name === ref.name && own.attempt === ref.attempt && own.matrix === ref.matrix;
}
function basename(name) {
	let path = name.endsWith("/") ? name.slice(0, -1) : name;
	return path.slice(path.lastIndexOf("/") + 1);
}
export { gradeD as C, readTrustedAuthorities as D, boundedOf as E, factsOf as O, withRevocations as S, ANY_IDENTITY as T, logKeys as _, handshake as a, trustOf as b, standingRemarks as c, endorsersOf as d, enough as f, isLessened as g, distinctRoots as h, unknownVerdict as i, ancestry as k, Excusing as l, believesPublicSigstore as m, judgeSubject as n, readChainConcurrently as o, authorityRootsOf as p, judge as r, openDisputes as s, receive as t, endorsedText as u, namedKeys as v, verifyStep as w, withAuthorities as x, trustBrought as y };
