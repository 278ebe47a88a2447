import { o as verifyAnchored } from "./trust-file.js";
import { $ as CodedError, J as equal, X as utf8, Y as fromUtf8, b as sha256, g as hex, q as concat } from "./src.js";
import { g as readLogStatementText } from "./src3.js";
import { A as placeKey, C as writeHashedRekord, D as ANCHOR_EVENT, O as parseHeader, _ as statementOfAnchor, a as joinAnchorRoots, d as parseTransaction, f as statementCalldata, j as word, k as parseTransactionReceipt, p as transactionToSign, r as NO_ANCHOR_ROOTS, u as provenValue, w as otsResultBytes } from "./anchor.js";
import { B as sha1, E as pow2, S as Field, g as weierstrass, h as ecdsa, l as verifyRfc3161, o as rekorLog, r as parseRekorVkey, s as rekorTrust, z as ripemd160 } from "./rekor-trust.js";
import { t as keccak_256 } from "./sha3.js";
import { C as parseCertificate } from "./identity.js";
import { n as checkInclusion, r as checkPromise, t as checkCheckpoint } from "./rekor-proof.js";
// packages/verify/src/anchors/bitcoin-header.ts
/** Header of a block whose proof of work is right; throws `anchor-unproven` where it is not. */
function readBitcoinHeader(bytes, crypto) {
	let view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), hash = hex(crypto.sha256(crypto.sha256(bytes)).toReversed()), target = targetOf(view.getUint32(72, !0));
	if (target === null || BigInt(`0x${hash}`) > target) throw new CodedError("anchor-unproven", `the header ${hash} has no proof of work`);
	return {
		hash,
		previous: bytes.subarray(4, 36),
		merkleRoot: bytes.subarray(36, 68),
		time: view.getUint32(68, !0),
		work: (1n << 256n) / (target + 1n)
	};
}
/** Headers in a row, each built on the one before; throws `anchor-unproven`. */
function readBitcoinHeaders(blocks, crypto) {
	let read = [];
	for (let bytes of blocks.headers) {
		let header = readBitcoinHeader(bytes, crypto), before = read.at(-1);
		if (before !== void 0 && hex(header.previous.toReversed()) !== before.hash) throw new CodedError("anchor-unproven", `the header ${header.hash} is not built on the one before it`);
		read.push(header);
	}
	return read;
}
/** Whether a digest is what a block commits to. */
function isMerkleRoot(digest, header) {
	return equal(digest, header.merkleRoot);
}
/** Highest hash that the compact form of a target allows; null where it is negative, zero or beyond 256 bits. */
function targetOf(bits) {
	let exponent = bits >>> 24, mantissa = bits & 8388607;
	if (bits & 8388608) return null;
	let target = exponent <= 3 ? BigInt(mantissa >>> 8 * (3 - exponent)) : BigInt(mantissa) << BigInt(8 * (exponent - 3));
	return target === 0n || target >= 1n << 256n ? null : target;
}
// node_modules/@noble/curves/secp256k1.js
/**
* SECG secp256k1. See [pdf](https://www.secg.org/sec2-v2.pdf).
*
* Belongs to Koblitz curves: it has efficiently-computable GLV endomorphism ψ,
* check out {@link EndomorphismOpts}. Seems to be rigid (not backdoored).
* @module
*/
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
const secp256k1_CURVE = {
	p: BigInt("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"),
	n: BigInt("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
	h: BigInt(1),
	a: BigInt(0),
	b: BigInt(7),
	Gx: BigInt("0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
	Gy: BigInt("0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
}, secp256k1_ENDO = {
	beta: BigInt("0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee"),
	basises: [[BigInt("0x3086d221a7d46bcde86c90e49284eb15"), -BigInt("0xe4437ed6010e88286f547fa90abfe4c3")], [BigInt("0x114ca50f7a8e2f3f657c1108d9d44cfd8"), BigInt("0x3086d221a7d46bcde86c90e49284eb15")]]
}, _2n = /* @__PURE__ */ BigInt(2);
/**
* √n = n^((p+1)/4) for fields p = 3 mod 4. We unwrap the loop and multiply bit-by-bit.
* (P+1n/4n).toString(2) would produce bits [223x 1, 0, 22x 1, 4x 0, 11, 00]
*/
function sqrtMod(y) {
	let P = secp256k1_CURVE.p, _3n = BigInt(3), _6n = BigInt(6), _11n = BigInt(11), _22n = BigInt(22), _23n = BigInt(23), _44n = BigInt(44), _88n = BigInt(88), b2 = y * y * y % P, b3 = b2 * b2 * y % P, b6 = pow2(b3, _3n, P) * b3 % P, b9 = pow2(b6, _3n, P) * b3 % P, b11 = pow2(b9, _2n, P) * b2 % P, b22 = pow2(b11, _11n, P) * b11 % P, b44 = pow2(b22, _22n, P) * b22 % P, b88 = pow2(b44, _44n, P) * b44 % P, b176 = pow2(b88, _88n, P) * b88 % P, b220 = pow2(b176, _44n, P) * b44 % P, b223 = pow2(b220, _3n, P) * b3 % P, t1 = pow2(b223, _23n, P) * b22 % P, t2 = pow2(t1, _6n, P) * b2 % P, root = pow2(t2, _2n, P);
	if (!Fpk1.eql(Fpk1.sqr(root), y)) throw Error("Cannot find square root");
	return root;
}
const Fpk1 = /* @__PURE__ */ Field(secp256k1_CURVE.p, { sqrt: sqrtMod }), secp256k1 = /* @__PURE__ */ ecdsa(/* @__PURE__ */ weierstrass(secp256k1_CURVE, {
	Fp: Fpk1,
	endo: secp256k1_ENDO
}), sha256);
// packages/verify/src/anchors/secp256k1.ts
/** Keccak-256 as Ethereum uses it, 32 bytes. */
function keccak256(data) {
	return keccak_256(data);
}
/** An address as text: `0x` and 40 lower-case hex digits. */
function addressText(address) {
	return `0x${hex(address)}`;
}
/** The address of a public key (65 bytes, uncompressed): the last 20 bytes of its hash. */
function addressOf(publicKey) {
	return keccak_256(publicKey.subarray(1)).slice(12);
}
/** Who signed a transaction, 20 bytes. Throws `anchor-unproven` where no key can have. */
function senderOf(transaction, signature) {
	return recoverAddress(keccak_256(transactionToSign(transaction)), signature);
}
/** Who signed a hash, 20 bytes. Throws `anchor-unproven` where no key can have. */
function recoverAddress(hash, { compact, yParity }) {
	try {
		return addressOf(secp256k1.Signature.fromBytes(concat(Uint8Array.of(yParity), compact), "recovered").recoverPublicKey(hash).toBytes(!1));
	} catch (cause) {
		throw new CodedError("anchor-unproven", "no key can have made the signature of the transaction", { cause });
	}
}
/**
* Checks that a block of an EVM chain that the verifier pins has the statement in it. Throws `anchor-mismatch` where it
* is about another statement, `anchor-unproven` for a proof that does not lead from the header to the statement,
* `anchor-untrusted` for a block, chain, sender or contract that is not pinned, and `anchor-invalid`.
*/
function verifyEthereum(anchor, statement, trust, crypto) {
	if (anchor.statement !== hex(statement.digests.sha256)) throw new CodedError("anchor-mismatch", "the proof names another statement");
	let header = parseHeader(anchor.header), root = anchor.form === "calldata" ? header.transactionsRoot : header.receiptsRoot, value = provenValue(root, placeKey(anchor.index), anchor.nodes, keccak256), known = trust.chains.find((one) => one.chainId === anchor.chainId), found = anchor.form === "calldata" ? calldata(anchor, value, statement) : event(value, statement, known?.contracts ?? [], crypto), chain = checkPinned(anchor, header, known);
	if (chain.senders.length > 0 && !chain.senders.includes(found.sender)) throw new CodedError("anchor-untrusted", `${found.sender} anchored the statement, which no trusted sender did`);
	let name = `eip155:${anchor.chainId}`;
	if (found.contract !== null && !chain.contracts.includes(found.contract)) throw new CodedError("anchor-untrusted", `the contract ${found.contract} on ${name} is not pinned`);
	return {
		kind: "ethereum",
		by: name,
		at: `block ${header.number}, ${found.at(anchor.index)}`,
		time: (/* @__PURE__ */ new Date(header.timestamp * 1e3)).toISOString(),
		within: 15,
		trusted: [
			`Block ${header.number} with hash 0x${hex(keccak256(anchor.header))} is final on ${name}, as pinned here.`,
			`The validators of ${name} gave that block its true time.`,
			...found.contract === null ? [] : [`The contract ${found.contract} logs only what its callers said.`]
		]
	};
}
function calldata({ chainId }, raw, { digests }) {
	let transaction = parseTransaction(raw);
	if (!equal(transaction.data, statementCalldata(digests))) throw new CodedError("anchor-mismatch", "the transaction holds something else than this statement");
	if (transaction.chainId !== chainId) throw new CodedError("anchor-unproven", "the transaction is of another chain");
	let sender = senderOf(transaction, transaction.signature);
	if (!equal(transaction.to, sender)) throw new CodedError("anchor-unproven", "the transaction is not to its own sender");
	return {
		sender: addressText(sender),
		contract: null,
		at: () => `transaction 0x${hex(keccak256(raw))}`
	};
}
function event(raw, { text, digests }, contracts, crypto) {
	let receipt = parseTransactionReceipt(raw);
	if (!receipt.succeeded) throw new CodedError("anchor-unproven", "the transaction failed");
	let { origin, number } = readLogStatementText(fromUtf8(text)), wanted = [
		keccak256(utf8(ANCHOR_EVENT)),
		null,
		crypto.sha256(utf8(origin)),
		word(number)
	], matching = receipt.events.filter(({ topics, data }) => topics.length === wanted.length && wanted.every((topic, i) => topic === null || equal(topic, topics[i])) && data.length === 64 && equal(data.subarray(0, 32), digests.sha256) && equal(data.subarray(32), digests.sha3_256)), found = matching.find(({ address }) => contracts.includes(addressText(address))) ?? matching[0];
	if (found === void 0) throw new CodedError("anchor-mismatch", "no event of the transaction is of this statement");
	let sender = found.topics[1];
	if (sender.subarray(0, 12).some((byte) => byte !== 0)) throw new CodedError("anchor-unproven", "the sender in the event is not an address");
	return {
		sender: addressText(sender.subarray(12)),
		contract: addressText(found.address),
		at: (index) => `event of transaction ${index}`
	};
}
function checkPinned({ chainId, header: bytes }, { number }, chain) {
	let hash = hex(keccak256(bytes));
	if (chain?.blocks.some((block) => block.hash === hash && block.number === number) !== !0) throw new CodedError("anchor-untrusted", `block ${number} of eip155:${chainId}, 0x${hash}, is not pinned`, { fix: "Ask a node of your own for the block of this number; where its hash is this one, pin it." });
	return chain;
}
// packages/verify/src/anchors/ots-digests.ts
/**
* What every attestation of a tree is about, in the order of the tree: each operation is done once. Throws
* `anchor-invalid` where a message gets too long.
*/
function otsDigests(message, tree, crypto) {
	let found = [];
	function follow(at, branches, ops) {
		for (let branch of branches) "attestation" in branch ? found.push({
			ops,
			attestation: branch.attestation,
			digest: at
		}) : follow(applyOtsOp(branch.op, at, crypto), branch.next, [...ops, branch.op]);
	}
	return follow(message, tree, []), found;
}
/** {@link otsDigests} of a file. */
function otsFileDigests({ digest, tree }, crypto) {
	return otsDigests(digest, tree, crypto);
}
/** What an operation makes of a message; throws `anchor-invalid` beyond the most a message may have. */
function applyOtsOp(op, message, crypto) {
	switch (otsResultBytes(op, message.length), op.op) {
		case "append": return concat(message, op.data);
		case "prepend": return concat(op.data, message);
		case "reverse": return message.toReversed();
		case "hexlify": return utf8(hex(message));
		case "sha1": return sha1(message);
		case "ripemd160": return ripemd160(message);
		case "sha256": return crypto.sha256(message);
		case "keccak256": return keccak_256(message);
	}
}
// packages/verify/src/anchors/opentimestamps.ts
/** A header's time may be ahead of the network's by so many seconds; nodes refuse it beyond. */
const WITHIN_SECONDS = 7200, BITCOIN_NETWORKS = [
	"mainnet",
	"testnet",
	"signet",
	"regtest"
];
/**
* Checks that Bitcoin has a statement. What counts is an attestation whose path ends in the Merkle root of a header
* that comes with it, where that header is pinned, or one that is built on it, or where their work is enough. Pending
* attestations and those of other chains count for nothing. Of several blocks the oldest one that is believed is named.
*
* Throws `anchor-mismatch` for another statement, `anchor-unproven` where a path does not lead to its block, a header
* is not what it must be, or the block is older than the statement, `anchor-untrusted` where nothing says that the
* headers are of the network, and what `readLogStatementText` throws.
*/
function verifyOpenTimestamps(anchor, statement, trust, crypto) {
	let proved = verifyTimestamped(anchor, statement.digests.sha256, trust, crypto), early = (Date.parse(readLogStatementText(fromUtf8(statement.text)).time) - Date.parse(proved.time)) / 1e3;
	if (early > WITHIN_SECONDS) throw new CodedError("anchor-unproven", `${proved.at} is ${Math.round(early)} seconds older than the statement`);
	return proved;
}
/** {@link verifyOpenTimestamps} of a SHA-256 hash of anything, without a time of its own to hold the block's against. */
function verifyTimestamped(anchor, digest, trust, crypto) {
	if (anchor.statement !== hex(digest) || !equal(anchor.file.digest, digest)) throw new CodedError("anchor-mismatch", "the timestamp is of another statement");
	let bitcoin = otsFileDigests(anchor.file, crypto).filter(({ attestation }) => attestation.kind === "bitcoin"), found = [], untrusted = null;
	for (let block of anchor.blocks) {
		let headers = readBitcoinHeaders(block, crypto);
		checkAttested(block, headers[0], bitcoin);
		try {
			found.push({
				header: headers[0],
				height: block.height,
				trusted: believe(block, headers, trust)
			});
		} catch (error) {
			if (!(error instanceof CodedError)) throw error;
			untrusted ??= error;
		}
	}
	let [first] = found.toSorted((a, b) => a.header.time - b.header.time);
	if (first === void 0) throw untrusted ?? new CodedError("anchor-unproven", "no block has the statement");
	return {
		kind: "opentimestamps",
		by: nameOf(trust.network),
		at: `block ${first.height} ${first.header.hash}`,
		time: (/* @__PURE__ */ new Date(first.header.time * 1e3)).toISOString(),
		within: WITHIN_SECONDS,
		trusted: first.trusted
	};
}
function checkAttested({ height }, header, bitcoin) {
	let here = bitcoin.filter(({ attestation }) => "height" in attestation && attestation.height === height);
	if (header === void 0 || here.length === 0) throw new CodedError("anchor-unproven", `no way leads from the statement to block ${height}`);
	if (!here.every(({ digest }) => isMerkleRoot(digest, header))) throw new CodedError("anchor-unproven", `block ${height} has another Merkle root than the timestamp leads to`);
}
/** What had to be believed for a row of headers; throws `anchor-untrusted` where nothing speaks for them. */
function believe({ height }, headers, { network, blocks, minimumWork }) {
	let name = nameOf(network), pinned = blocks.find((block) => headers[block.height - height]?.hash === block.hash);
	if (pinned !== void 0) return [`Block ${pinned.height} of ${name} has the pinned hash ${pinned.hash}.`];
	let contradicted = blocks.find((block) => headers[block.height - height] !== void 0);
	if (contradicted !== void 0) throw new CodedError("anchor-untrusted", `the headers have another block ${contradicted.height} than is pinned`);
	let work = headers.reduce((sum, header) => sum + header.work, 0n);
	if (minimumWork !== null && work >= minimumWork) return [`Nobody has spent 2^${bitsOf(work)} hashes on ${headers.length} headers just to forge a block of ${name}.`];
	let less = minimumWork === null ? "" : ` and its work is less than 2^${bitsOf(minimumWork)} hashes`;
	throw new CodedError("anchor-untrusted", `the timestamp matches supplied header ${headers[0].hash}; it is not pinned as block ${height} of ${name}${less}`);
}
function nameOf(network) {
	return network === "mainnet" ? "bitcoin" : `bitcoin-${network}`;
}
/** The power of two that a number has reached. */
function bitsOf(work) {
	return work.toString(2).length - 1;
}
// packages/verify/src/anchors/rekor.ts
/**
* Checks that a trusted Rekor log has an entry with the hash of a statement: the entry is about these bytes and signed
* over these bytes, the log's checkpoint is signed by the log, and the entry is under that checkpoint.
*
* In Rekor v2 no log says when: `time` is null, and another anchor has to. In v1 the log signs the time.
*
* Throws `anchor-mismatch` for an entry about something else, `anchor-untrusted` for a log, signer or time that is not
* believed, `anchor-unproven` for what does not verify.
*/
function verifyRekor(anchor, statement, trust, crypto) {
	let { entry } = anchor;
	checkRecord(anchor, statement, trust, crypto);
	let log = logOf(entry, trust);
	checkOpen(log, statement.text), checkCheckpoint(entry.checkpoint, entry.version === "0.0.2" ? 2 : 1, log, crypto), checkInclusion(entry, crypto);
	let promised = entry.promise === null ? null : checkPromise({
		...entry,
		promise: entry.promise
	}, log, crypto), time = promised === null ? null : new Date(promised).toISOString(), trusted = [`The log ${log.name} shows everybody the same entries.`];
	return time !== null && trusted.push(`The clock of ${log.name} was right.`), {
		kind: "rekor",
		by: log.name,
		at: `entry ${entry.logIndex}`,
		time,
		within: time === null ? 0 : 1,
		trusted
	};
}
/** T-63: an entry that is in the log, and is somebody else's. */
function checkRecord({ statement: named, entry }, { text, digests }, { signers }, crypto) {
	let { signature, publicKey } = entry.record, digest = digests.sha256;
	if (!equal(named, digest)) throw new CodedError("anchor-mismatch", "the proof names another statement");
	if (!equal(writeHashedRekord(entry.version, {
		digest,
		signature,
		publicKey
	}), entry.body)) throw new CodedError("anchor-mismatch", "the entry of the log is about something else than this statement");
	if (signers !== null && !signers.some(({ keyId }) => keyId === publicKey.keyId)) throw new CodedError("anchor-untrusted", `the entry is signed with key ${publicKey.keyId.slice(0, 16)}, not pinned`);
	if (!crypto.verify(publicKey, text, signature)) throw new CodedError("anchor-unproven", "the signature in the entry is not one over the statement");
}
/** T-67: in v2 nobody says when, and in v1 whoever has the key does: what was made after the log's time is in no entry of it. */
function checkOpen({ name, validFor: { end } }, text) {
	if (!(end === null || Date.parse(readLogStatementText(fromUtf8(text)).time) <= end)) throw new CodedError("anchor-untrusted", `${name} took no entries any more when the statement was made`);
}
function logOf({ logId }, { logs }) {
	let log = logs.find((one) => equal(one.logId, logId));
	if (log !== void 0) return log;
	throw new CodedError("anchor-untrusted", `the proof is of a Rekor log that is not known: ${hex(logId).slice(0, 16)}`);
}
// packages/verify/src/anchors/prove.ts
/** Trust from its wire form. Throws `key-invalid`, `anchor-invalid` for a certificate that is none, and `anchor-setup-invalid`. */
function anchorTrustOf(roots, crypto) {
	let { rekor, rfc3161, ethereum, opentimestamps } = roots, logs = rekor.map(({ vkey, operator, from, until }) => {
		let { name, key } = parseRekorVkey(vkey, crypto);
		return rekorLog(name, key, crypto, {
			operator,
			validFor: {
				start: timeOf(from),
				end: timeOf(until)
			}
		});
	});
	return {
		rekor: logs.length === 0 ? null : rekorTrust(logs),
		rfc3161: { authorities: rfc3161.map(({ name, certificates, from, until }) => ({
			name,
			certificates: certificates.map((der) => parseCertificate(der, "anchor-invalid")),
			from: timeOf(from),
			until: timeOf(until)
		})) },
		ethereum: { chains: ethereum },
		opentimestamps: bitcoinOf(opentimestamps)
	};
}
function timeOf(time) {
	return time === null ? null : Date.parse(time);
}
function bitcoinOf(root) {
	if (root === null) return {
		network: "mainnet",
		blocks: [],
		minimumWork: null
	};
	let network = BITCOIN_NETWORKS.find((name) => name === root.network);
	if (network === void 0) throw new CodedError("anchor-setup-invalid", `no Bitcoin network is named ${root.network}`);
	let { blocks, minimumWork } = root;
	return {
		network,
		blocks,
		minimumWork: minimumWork === null ? null : BigInt(`0x${minimumWork}`)
	};
}
/**
* Verifies an anchor of any kind over a statement. Throws `anchor-mismatch` where it is about another one,
* `anchor-unproven` where it does not verify, `anchor-untrusted` where it hangs on what is not believed.
*/
function verifyAnchor(anchor, statement, trust, crypto) {
	switch (anchor.kind) {
		case "rekor":
			if (trust.rekor === null) throw new CodedError("anchor-untrusted", "no Rekor log is pinned");
			return verifyRekor(anchor, statement, trust.rekor, crypto);
		case "rfc3161": return verifyRfc3161(anchor, statement, trust.rfc3161, crypto);
		case "ethereum": return verifyEthereum(anchor, statement, trust.ethereum, crypto);
		case "opentimestamps": return verifyOpenTimestamps(anchor, statement, trust.opentimestamps, crypto);
	}
}
/** {@link verifyAnchored} of proofs of all kinds. */
function verifyAnchors(chain, { statements, coverage, anchors }, trust, crypto) {
	let claims = anchors.map((proof) => ({
		kind: proof.kind,
		statement: statementOfAnchor(proof),
		proof
	}));
	return verifyAnchored({
		chain,
		statements,
		coverage,
		anchors: claims,
		trust
	}, ({ proof }, statement) => verifyAnchor(proof, statement, trust.anchors, crypto), crypto);
}
// packages/verify/src/anchors/roots-for.ts
/**
* Of what is believed the part that some anchors may hang on. Where nothing is pinned for a chain of blocks, and the
* server is believed (`served`), the blocks that it found final are. Keys and certificates no proof can tell.
*/
function rootsFor(own, anchors, served, crypto) {
	if (anchors.length === 0) return NO_ANCHOR_ROOTS;
	let { rekor, rfc3161, ethereum, opentimestamps } = own ?? NO_ANCHOR_ROOTS, isThere = (kind) => anchors.some((anchor) => anchor.kind === kind), evm = /* @__PURE__ */ new Map(), bitcoin = [], heights = /* @__PURE__ */ new Set();
	for (let anchor of anchors) if (anchor.kind === "ethereum") {
		let block = {
			number: parseHeader(anchor.header).number,
			hash: hex(keccak256(anchor.header))
		};
		evm.set(anchor.chainId, [...evm.get(anchor.chainId) ?? [], block]);
	} else if (anchor.kind === "opentimestamps") for (let { height, headers } of anchor.blocks) {
		bitcoin.push({
			height,
			hash: readBitcoinHeader(headers[0], crypto).hash
		});
		for (let i of headers.keys()) heights.add(height + i);
	}
	let chains = [...evm].flatMap(([chainId, blocks]) => {
		let pinned = ethereum.find((one) => one.chainId === chainId);
		if (pinned === void 0) return served ? [{
			chainId,
			blocks,
			senders: [],
			contracts: []
		}] : [];
		let numbers = new Set(blocks.map(({ number }) => number));
		return [{
			...pinned,
			blocks: pinned.blocks.filter(({ number }) => numbers.has(number))
		}];
	}), pinned = opentimestamps === null ? null : {
		...opentimestamps,
		blocks: opentimestamps.blocks.filter(({ height }) => heights.has(height))
	}, shown = served && bitcoin.length > 0 ? {
		network: "mainnet",
		blocks: bitcoin,
		minimumWork: null
	} : null, roots = {
		rekor: isThere("rekor") ? rekor : [],
		rfc3161: isThere("rfc3161") ? rfc3161 : [],
		ethereum: chains,
		opentimestamps: isThere("opentimestamps") ? pinned ?? shown : null
	};
	return joinAnchorRoots(NO_ANCHOR_ROOTS, roots);
}
export { senderOf as _, verifyRekor as a, readBitcoinHeaders as b, verifyTimestamped as c, otsFileDigests as d, verifyEthereum as f, recoverAddress as g, keccak256 as h, verifyAnchors as i, applyOtsOp as l, addressText as m, anchorTrustOf as n, BITCOIN_NETWORKS as o, addressOf as p, verifyAnchor as r, verifyOpenTimestamps as s, rootsFor as t, otsDigests as u, isMerkleRoot as v, readBitcoinHeader as y };
