import { _ as gatherStatements } from "./src2.js";
import { $ as CodedError } from "./src.js";
import { p as signingKeys, s as parseContract } from "./certificate.js";
import { r as linesAbout } from "./src6.js";
import { k as isBundle } from "./src3.js";
import { T as ANY_IDENTITY, _ as logKeys, h as distinctRoots, o as readChainConcurrently, p as authorityRootsOf, x as withAuthorities, y as trustBrought } from "./src5.js";
import { r as NO_ANCHOR_ROOTS } from "./anchor.js";
// packages/adapters/src/gathering/statements.ts
/** What was brought forward of a chain, verified; null where nothing was. */
async function anchoredOf(chain, outside, trust, roots, crypto) {
	if (outside.statements.length + outside.coverage.length + outside.anchors.length === 0) return null;
	let { anchorTrustOf, verifyAnchors } = await import("./anchors2.js"), { countersigners } = trust;
	return verifyAnchors(chain, outside, {
		countersigners,
		anchors: anchorTrustOf(roots, crypto)
	}, crypto);
}
/** See `rootsFor` of `verify/anchors`, which is loaded only where there are anchors. */
async function rootsFor(own, anchors, served, crypto) {
	if (anchors.length === 0) return NO_ANCHOR_ROOTS;
	let { rootsFor: found } = await import("./anchors2.js");
	return found(own, anchors, served, crypto);
}
// packages/adapters/src/gathering/assemble.ts
const NOTHING = {
	statements: [],
	coverage: [],
	anchors: []
};
/** Evidence, unjudged: the lines with all that they hang on. Null where none is about what is wanted. */
async function assemble(from, crypto) {
	let { wanted, own, anchorRoots, client } = from, about = linesAbout(from.lines, wanted, crypto);
	if (about.lines.length === 0) return null;
	let contracts = own === null ? await pinnedContracts(client, about.contracts) : [own], missing = about.contracts.filter((digest) => !contracts.some((contract) => contract.digest === digest)), outside = client === null ? NOTHING : await gatherStatements(client, about.chains), roots = {
		...await rootsIn(from, about.lines, contracts, crypto),
		anchors: await rootsFor(anchorRoots, outside.anchors, client !== null, crypto)
	};
	return {
		evidence: {
			subject: {
				artifact: "chain" in wanted ? null : wanted.artifact,
				chains: about.chains
			},
			createdAt: from.now,
			lines: about.lines,
			contracts: contracts.map(({ digest, bytes }) => ({
				digest,
				bytes
			})),
			trust: roots,
			...outside
		},
		missing
	};
}
/** The contracts that the runs are bound to, as far as the server has them. */
async function pinnedContracts(client, digests) {
	let held = [];
	for (let digest of client === null ? [] : digests) try {
		let bytes = await client.contractByDigest(digest);
		held.push({
			digest,
			bytes,
			contract: parseContract(bytes)
		});
	} catch (error) {
		if (!(error instanceof CodedError) || error.code !== "not-found") throw error;
	}
	return held;
}
/** Whom the exporter believes. Of all keys enrolled at a server only those that have to do with these runs. */
async function rootsIn({ believed, rootsOf, authors = !1 }, lines, contracts, crypto) {
	let { signers, countersigners, witnesses = [] } = believed.trust;
	if (believed.chosenBy === "caller") return {
		signers,
		logs: countersigners,
		witnesses,
		authorities: believed.authorities
	};
	let named = new Set(contracts.flatMap(({ contract }) => [...signingKeys(contract).values()].map(({ keyId }) => keyId)));
	for (let line of lines) isBundle(line) && line.key.kind === "publicKey" && line.key.hint !== null && named.add(line.key.hint);
	let anybody = {
		...believed.trust,
		signers: signers.map((known) => ({
			...known,
			revokedAt: null
		}))
	}, { steps, remarks } = await readChainConcurrently(lines, anybody, crypto);
	if (authors) for (let { signer } of remarks) named.add(signer.keyId);
	for (let { signer, cosigners } of steps.values()) for (let { keyId } of [signer, ...cosigners]) named.add(keyId);
	let concerned = signers.filter(({ key }) => named.has(key.keyId)), authorities = [...believed.authorities, ...contracts.flatMap(({ contract }) => authorityRootsOf(contract, rootsOf(contract)))];
	return {
		signers: concerned,
		logs: countersigners,
		witnesses,
		authorities: distinctRoots(authorities)
	};
}
// packages/adapters/src/gathering/enrolled.ts
/** Who may sign at a server, the keys of its log, and its authorities: all of it its word. */
async function keysOf(client) {
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
		authorities
	};
}
// packages/adapters/src/gathering/own-basis.ts
/** What the evidence brings: its own keys and contracts, for whoever pinned them or says that they came with it. */
function ownBasis(evidence) {
	let contracts = evidence.contracts.map(({ bytes }) => parseContract(bytes));
	return {
		trust: trustBrought(evidence.trust, contracts),
		anchors: evidence.trust.anchors,
		contracts
	};
}
export { rootsFor as a, anchoredOf as i, keysOf as n, assemble as r, ownBasis as t };
