import { $ as CodedError, J as equal, Q as fromBase64, X as utf8, Y as fromUtf8, Z as base64, _ as isHex, d as readPublicKey, g as hex, h as fromHex, l as parsePublicKey, m as parseJson, p as canonicalJson, q as concat, u as publicKeyPem } from "./src.js";
import { Ft as readDecimal, It as readHash, Jt as isTime, Ot as parseCheckpoint, jt as writeNote, qt as Shape } from "./src3.js";
import { A as parseDer, C as parseCertificate, D as DerReader, E as readGenTime, O as TAG, T as readExtensionList, k as context, w as readAlgorithm } from "./identity.js";
/** The hash of one entry: of 0x00 and the entry's bytes, of any length (RFC 6962 §2.1). */
function leafHash(entry, hash) {
	let input = new Uint8Array(1 + entry.length);
	return input[0] = 0, input.set(entry, 1), hash.hash(input);
}
/** Two hashes of 32 bytes are put together here, again and again: a new array of 65 bytes costs a third of hashing it. */
const pair = /* @__PURE__ */ new Uint8Array(65);
/** The hash of two subtrees side by side: of 0x01, the left hash, the right hash (RFC 6962 §2.1). */
function nodeHash(left, right, hash) {
	let input = left.length === 32 && right.length === 32 ? pair : new Uint8Array(1 + left.length + right.length);
	return input[0] = 1, input.set(left, 1), input.set(right, 1 + left.length), hash.hash(input);
}
// packages/merkle/src/size.ts
/** Whether a number can be the size of a tree: an integer from 0 to 2^53−1. */
function isSize(n) {
	return Number.isSafeInteger(n) && n >= 0;
}
function isOdd(n) {
	return n % 2 == 1;
}
/** n shifted right by one bit. */
function half(n) {
	return Math.floor(n / 2);
}
/** The path of a tile or bundle below the log's prefix, such as `tile/0/x001/x234/067.p/8` or `tile/entries/000`. */
function tilePath({ level, index, width }) {
	let groups = [String(index % 1e3).padStart(3, "0")];
	for (let rest = Math.floor(index / 1e3); rest > 0; rest = Math.floor(rest / 1e3)) groups.unshift(`x${String(rest % 1e3).padStart(3, "0")}`);
	return `tile/${level}/${groups.join("/")}${width === 256 ? "" : `.p/${width}`}`;
}
// packages/merkle/src/entries.ts
/** The longest entry a bundle can hold: its length is written in two bytes. */
const MAX_ENTRY_BYTES = 65535;
/** The entries of a bundle, as views of it. Throws `tile-invalid` unless it holds exactly `width` entries and ends with the last. */
function readEntries(bundle, width) {
	let view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength), entries = [], at = 0;
	for (; at < bundle.length;) {
		if (entries.length === width) throw new CodedError("tile-invalid", `a bundle holds more than ${width} entries`);
		let begin = at + 2, end = begin <= bundle.length ? begin + view.getUint16(at) : 1e400;
		if (end > bundle.length) throw new CodedError("tile-invalid", "a bundle ends within an entry");
		entries.push(bundle.subarray(begin, end)), at = end;
	}
	if (entries.length !== width || width < 1 || width > 256) throw new CodedError("tile-invalid", `a bundle holds ${entries.length} entries, not ${width}`);
	return entries;
}
// packages/merkle/src/verify.ts
/**
* The root that an inclusion proof leads to (RFC 9162 §2.1.3.2). Proves nothing until it is compared with a root
* that was signed together with the same size. Throws `proof-invalid` where no tree of that size has such a path.
*/
function rootFromInclusion({ index, size, leafHash, path }, hash) {
	if (!isSize(index) || !isSize(size) || index >= size) throw refused(`there is no leaf ${index} among ${size}`);
	checkHashes([leafHash, ...path], hash);
	let fn = index, sn = size - 1, root = leafHash;
	for (let sibling of path) {
		if (sn === 0) throw refused("the path is too long");
		isOdd(fn) || fn === sn ? (root = nodeHash(sibling, root, hash), [fn, sn] = skipLevels(fn, sn)) : root = nodeHash(root, sibling, hash), fn = half(fn), sn = half(sn);
	}
	if (sn !== 0) throw refused("the path is too short");
	return new Uint8Array(root);
}
/** Throws `proof-invalid` unless the proof leads to `root` (RFC 9162 §2.1.3.2). */
function verifyInclusion(inclusion, root, hash) {
	if (!equal(rootFromInclusion(inclusion, hash), root)) throw refused("the path leads to another root");
}
/** On the right edge a subtree without a sibling goes up as it is: those levels have no hash in the path. */
function skipLevels(fn, sn) {
	for (; fn !== 0 && !isOdd(fn);) fn = half(fn), sn = half(sn);
	return [fn, sn];
}
function checkHashes(hashes, hash) {
	if (hashes.some((one) => one.length !== hash.size)) throw refused("a hash is of the wrong length");
}
function refused(what) {
	return new CodedError("proof-invalid", what);
}
// packages/formats/src/anchor/rlp.ts
/** A transaction with an access list is four deep, a receipt with its logs too. */
const NOTHING = /* @__PURE__ */ new Uint8Array(), invalid$3 = (what) => new CodedError("anchor-invalid", what);
/** The one item that these bytes are. Only the shortest spelling is read, so that writing it gives the same bytes. Throws `anchor-invalid`. */
function parseRlp(bytes) {
	let [item, end] = readItem(bytes, 0, bytes.length, 0);
	if (end !== bytes.length) throw invalid$3("there are bytes after the RLP");
	return item;
}
function readItem(bytes, at, limit, depth) {
	if (depth > 8) throw invalid$3("the RLP nests too deep");
	if (at >= limit) throw invalid$3("the RLP is cut short");
	let first = bytes[at];
	if (first < 128) return [bytes.slice(at, at + 1), at + 1];
	let isList = first >= 192, short = first - (isList ? 192 : 128), [from, length] = short <= 55 ? [at + 1, short] : readLength(bytes, at + 1, short - 55, limit), end = from + length;
	if (end > limit) throw invalid$3("the RLP is cut short");
	if (!isList) {
		if (length === 1 && bytes[from] < 128) throw invalid$3("a byte in the RLP is not in its shortest form");
		return [bytes.slice(from, end), end];
	}
	let items = [];
	for (let next = from; next < end;) {
		let [item, after] = readItem(bytes, next, end, depth + 1);
		items.push(item), next = after;
	}
	return [items, end];
}
function readLength(bytes, at, digits, limit) {
	if (digits > 4 || at + digits > limit) throw invalid$3("the RLP is cut short");
	let length = 0;
	for (let i = 0; i < digits; i++) length = length * 256 + bytes[at + i];
	if (bytes[at] === 0 || length <= 55) throw invalid$3("a length in the RLP is not in its shortest form");
	return [at + digits, length];
}
function writeRlp(item) {
	if (item instanceof Uint8Array) return item.length === 1 && item[0] < 128 ? item : concat(head(128, item.length), item);
	let body = concat(...item.map(writeRlp));
	return concat(head(192, body.length), body);
}
function head(base, length) {
	if (length <= 55) return Uint8Array.of(base + length);
	let digits = writeInteger(BigInt(length));
	return concat(Uint8Array.of(base + 55 + digits.length), digits);
}
/** Big endian without leading zeros; zero is no bytes. */
function writeInteger(value) {
	if (value < 0n) throw invalid$3("a number is negative");
	if (value === 0n) return NOTHING;
	let digits = value.toString(16), even = digits.length % 2 == 0 ? digits : `0${digits}`;
	return Uint8Array.from({ length: even.length / 2 }, (_, i) => Number.parseInt(even.slice(2 * i, 2 * i + 2), 16));
}
/** {@link writeInteger} the other way; of at most `max` bytes. Throws `anchor-invalid` for any other spelling. */
function readInteger(item, max, what) {
	let bytes = bytesOf$1(item, what);
	if (bytes.length > max) throw invalid$3(`${what} is too large`);
	if (bytes[0] === 0) throw invalid$3(`${what} has a leading zero`);
	let value = 0n;
	for (let byte of bytes) value = value << 8n | BigInt(byte);
	return value;
}
/** {@link readInteger} for what a number holds exactly. */
function readSmall(item, what) {
	let value = readInteger(item, 8, what);
	if (value > BigInt(2 ** 53 - 1)) throw invalid$3(`${what} is too large`);
	return Number(value);
}
function bytesOf$1(item, what, length) {
	if (!(item instanceof Uint8Array)) throw invalid$3(`${what} is not bytes`);
	if (length !== void 0 && item.length !== length) throw invalid$3(`${what} has not ${length} bytes`);
	return item;
}
function listOf(item, what) {
	if (item === void 0 || item instanceof Uint8Array) throw invalid$3(`${what} is not a list`);
	return item;
}
// packages/formats/src/anchor/ethereum-block.ts
const invalid$2 = (what) => new CodedError("anchor-invalid", what);
/** Reads the RLP of a header, whose Keccak-256 is the block's hash. Throws `anchor-invalid`. */
function parseHeader(bytes) {
	let fields = listOf(parseRlp(bytes), "the header");
	if (fields.length < 15) throw invalid$2("the header has less than 15 fields");
	for (let field of fields) bytesOf$1(field, "a field of the header");
	bytesOf$1(fields[0], "the hash of the parent", 32);
	let timestamp = readSmall(fields[11], "the time of the block");
	if (timestamp > 253402300799) throw invalid$2("the time of the block is after the year 9999");
	return {
		transactionsRoot: bytesOf$1(fields[4], "the root of the transactions", 32),
		receiptsRoot: bytesOf$1(fields[5], "the root of the receipts", 32),
		number: readSmall(fields[8], "the number of the block"),
		timestamp
	};
}
/** Under what key a trie of transactions or receipts holds the one at this place in its block. */
function placeKey(index) {
	return writeRlp(writeInteger(BigInt(index)));
}
/** Reads a receipt as its trie holds it: the transaction's type (EIP-2718) and RLP. Throws `anchor-invalid`. */
function parseTransactionReceipt(raw) {
	let first = raw[0] ?? 0, fields = listOf(parseRlp(first > 0 && first < 128 ? raw.subarray(1) : raw), "the receipt");
	if (fields.length !== 4) throw invalid$2("the receipt has not 4 fields");
	let status = readSmall(fields[0], "the status");
	if (status > 1) throw invalid$2("the status is neither 0 nor 1");
	readSmall(fields[1], "the gas"), bytesOf$1(fields[2], "the bloom filter", 256);
	let events = listOf(fields[3], "the list of events").map((entry) => {
		let parts = listOf(entry, "an event");
		if (parts.length !== 3) throw invalid$2("an event has not 3 fields");
		let topics = listOf(parts[1], "the topics").map((topic) => bytesOf$1(topic, "a topic", 32));
		if (topics.length > 4) throw invalid$2("an event has more than 4 topics");
		return {
			address: bytesOf$1(parts[0], "the address of a contract", 20),
			topics,
			data: bytesOf$1(parts[2], "the data")
		};
	});
	return {
		succeeded: status === 1,
		events
	};
}
/** Signature of the event that the contract `StatementAnchor` logs; its Keccak-256 is the first topic. */
const ANCHOR_EVENT = "Anchored(address,bytes32,uint256,bytes32,bytes32)";
/** A whole number as the EVM holds it: 32 bytes. */
function word(number) {
	let digits = writeInteger(BigInt(number));
	return concat(new Uint8Array(32 - digits.length), digits);
}
// packages/formats/src/anchor/kinds.ts
/** Media type of one anchor's proof, in JSON; its `kind` says of which. */
const ANCHOR_MEDIA_TYPE = "application/vnd.countersign.anchor.v1+json", ANCHOR_KINDS = [
	"rekor",
	"rfc3161",
	"ethereum",
	"opentimestamps"
], MAX_ANCHOR_BYTES = 262144, MAX_HEADER_BYTES = 8192, MAX_INDEX = 16777215, MAX_NODE_BYTES = 4096, ETHEREUM_FORMS = ["calldata", "event"], KEYS = [
	"mediaType",
	"kind",
	"statement",
	"chainId",
	"form",
	"header",
	"index",
	"nodes"
];
/** Reads the whole object. Throws the code of `it`, `base64-invalid`, and `anchor-invalid` for a header that is none. */
function readEthereum(it) {
	let object = it.object(KEYS);
	object.exactly("mediaType", ANCHOR_MEDIA_TYPE);
	let kind = object.exactly("kind", "ethereum"), nodes = object.get("nodes").array(16);
	nodes.length === 0 && object.get("nodes").fail("is empty");
	let anchor = {
		kind,
		statement: object.hex("statement", 64),
		chainId: object.integer("chainId", 1, 2 ** 53 - 1),
		form: object.exactly("form", ...ETHEREUM_FORMS),
		header: bytesOf(object.get("header"), MAX_HEADER_BYTES),
		index: object.integer("index", 0, MAX_INDEX),
		nodes: nodes.map((node) => bytesOf(node, MAX_NODE_BYTES))
	};
	return parseHeader(anchor.header), anchor;
}
/** {@link readEthereum} the other way. Throws `anchor-invalid` for what no reader would take. */
function ethereumJson(anchor) {
	let { kind, statement, chainId, form, header, index, nodes } = anchor;
	if (header.length > MAX_HEADER_BYTES || nodes.some((node) => node.length > MAX_NODE_BYTES) || nodes.length === 0 || nodes.length > 16 || index > MAX_INDEX || !isHex(statement, 64)) throw new CodedError("anchor-invalid", "the proof is larger than one can be");
	return {
		mediaType: ANCHOR_MEDIA_TYPE,
		kind,
		statement,
		chainId,
		form,
		header: base64(header),
		index,
		nodes: nodes.map(base64)
	};
}
function bytesOf(it, max) {
	let text = it.string(4 * Math.ceil(max / 3));
	text === "" && it.fail("is empty");
	let bytes = fromBase64(text);
	return bytes.length > max && it.fail(`has more than ${max} bytes`), bytes;
}
// packages/formats/src/anchor/ots-bytes.ts
const CODE$4 = "anchor-invalid", MAX_NUMBER = 2 ** 35 - 1;
/** Reads bytes from first to last, and nothing beyond the last. */
var OtsReader = class {
	#bytes;
	#at = 0;
	constructor(bytes) {
		this.#bytes = bytes;
	}
	byte() {
		return this.bytes(1)[0];
	}
	bytes(length) {
		let end = this.#at + length;
		if (end > this.#bytes.length) throw new CodedError(CODE$4, `the timestamp ends within byte ${this.#at}`);
		let part = this.#bytes.subarray(this.#at, end);
		return this.#at = end, part;
	}
	/** LEB128, in the fewest bytes: any other spelling would make a second file of the same proof. */
	number(max) {
		let number = 0;
		for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
			let byte = this.byte();
			if (number += (byte & 127) * scale, !(byte >= 128)) {
				if (byte === 0 && scale > 1) throw new CodedError(CODE$4, "a number is written in more bytes than it needs");
				if (number > max) throw new CodedError(CODE$4, `a number is ${number}, more than ${max}`);
				return number;
			}
		}
		throw new CodedError(CODE$4, "a number has more than five bytes");
	}
	/** Bytes after their length. */
	counted(min, max) {
		let length = this.number(max);
		if (length < min) throw new CodedError(CODE$4, `${length} bytes stand where ${min} must`);
		return this.bytes(length);
	}
	/** Throws where bytes are left. */
	end() {
		let left = this.#bytes.length - this.#at;
		if (left > 0) throw new CodedError(CODE$4, `${left} bytes are left behind the timestamp`);
	}
};
/** {@link OtsReader.number} the other way. */
function otsNumber(number) {
	if (!Number.isSafeInteger(number) || number < 0 || number > MAX_NUMBER) throw new CodedError(CODE$4, `${number} is not a number of a timestamp`);
	let bytes = [], left = number;
	do {
		let more = left >= 128 ? 128 : 0;
		bytes.push(left % 128 | more), left = Math.floor(left / 128);
	} while (left > 0);
	return Uint8Array.from(bytes);
}
/** {@link OtsReader.counted} the other way. */
function otsCounted(bytes) {
	return concat(otsNumber(bytes.length), bytes);
}
// packages/formats/src/anchor/ots.ts
/** Most bytes of a `.ots` file, of a few calendars' paths to a block. */
const MAX_OTS_BYTES = 65536, MAX_OTS_MESSAGE_BYTES = 4096, MAX_HEIGHT$2 = 2147483647, CODE$3 = "anchor-invalid", MAGIC$1 = fromHex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294"), HASHES = {
	sha1: 20,
	ripemd160: 20,
	sha256: 32,
	keccak256: 32
}, OPS = {
	sha1: 2,
	ripemd160: 3,
	sha256: 8,
	keccak256: 103,
	append: 240,
	prepend: 241,
	reverse: 242,
	hexlify: 243
}, OP_NAMES = new Map(Object.entries(OPS).map(([name, tag]) => [tag, name])), TAGS = {
	pending: "83dfe30d2ef90c8e",
	bitcoin: "0588960d73d71901",
	litecoin: "06869a0d73d71b45"
};
/** `.ots` file from its bytes, which have one spelling. Throws `anchor-invalid` and `input-too-large`. */
function parseOts(bytes) {
	if (bytes.length > 65536) throw new CodedError("input-too-large", `the timestamp is larger than ${MAX_OTS_BYTES} bytes`);
	let reader = new OtsReader(bytes), magic = bytes.subarray(0, MAGIC$1.length);
	if (!equal(magic, MAGIC$1)) throw new CodedError(CODE$3, "this is not a file of OpenTimestamps");
	reader.bytes(MAGIC$1.length);
	let version = reader.number(MAX_HEIGHT$2);
	if (version !== 1) throw new CodedError(CODE$3, `the file is of version ${version}, not 1`);
	let hash = OP_NAMES.get(reader.byte());
	if (hash === void 0 || !isHash(hash)) throw new CodedError(CODE$3, "the file names its document by no hash we know");
	let digest = reader.bytes(HASHES[hash]), tree = readTree(reader, digest.length);
	return reader.end(), {
		hash,
		digest,
		tree
	};
}
/** {@link parseOts} the other way; throws `anchor-invalid` for what no reader would take. */
function writeOts({ hash, digest, tree }) {
	if (digest.length !== HASHES[hash]) throw new CodedError(CODE$3, `a digest of ${hash} has ${HASHES[hash]} bytes`);
	let bytes = concat(MAGIC$1, otsNumber(1), Uint8Array.of(OPS[hash]), digest, writeTree(tree));
	return parseOts(bytes), bytes;
}
/** Every way through a tree, in the order of the file. */
function otsPaths(tree, before = []) {
	return tree.flatMap((branch) => "attestation" in branch ? [{
		ops: before,
		attestation: branch.attestation
	}] : otsPaths(branch.next, [...before, branch.op]));
}
/** How many bytes an operation makes of so many; throws `anchor-invalid` beyond the most a message may have. */
function otsResultBytes(op, bytes) {
	let length = resultBytes(op, bytes);
	if (length > 4096) throw new CodedError(CODE$3, `an operation makes more than ${MAX_OTS_MESSAGE_BYTES} bytes`);
	return length;
}
function resultBytes(op, bytes) {
	return "data" in op ? bytes + op.data.length : op.op === "reverse" ? bytes : op.op === "hexlify" ? 2 * bytes : HASHES[op.op];
}
function isHash(name) {
	return Object.hasOwn(HASHES, name);
}
function readTree(reader, messageBytes) {
	let nodes = 0;
	function read(bytes, depth) {
		if (depth > 256) throw new CodedError(CODE$3, "the timestamp is more than 256 deep");
		let branches = [], more = !0;
		for (; more;) {
			if (++nodes > 1024) throw new CodedError(CODE$3, "the timestamp has more than 1024 nodes");
			let tag = reader.byte();
			more = tag === 255, more && (tag = reader.byte()), branches.push(tag === 0 ? { attestation: readAttestation(reader) } : readBranch(tag, bytes, depth));
		}
		return branches;
	}
	function readBranch(tag, bytes, depth) {
		let op = readOp(tag, reader);
		return {
			op,
			next: read(otsResultBytes(op, bytes), depth + 1)
		};
	}
	return read(messageBytes, 1);
}
function readOp(tag, reader) {
	let op = OP_NAMES.get(tag);
	if (op === void 0) throw new CodedError(CODE$3, `no operation is known by the tag ${tag}`);
	return op === "append" || op === "prepend" ? {
		op,
		data: reader.counted(1, MAX_OTS_MESSAGE_BYTES)
	} : { op };
}
function readAttestation(reader) {
	let tag = reader.bytes(8), payload = reader.counted(0, 8192), kind = kindOf(tag);
	if (kind === null) return {
		kind: "unknown",
		tag,
		payload
	};
	let inner = new OtsReader(payload), attestation = kind === "pending" ? {
		kind,
		uri: readUri(inner.counted(1, 1e3))
	} : {
		kind,
		height: inner.number(MAX_HEIGHT$2)
	};
	return inner.end(), attestation;
}
function kindOf(tag) {
	let digits = hex(tag);
	for (let kind of [
		"pending",
		"bitcoin",
		"litecoin"
	]) if (TAGS[kind] === digits) return kind;
	return null;
}
function readUri(bytes) {
	let uri = fromUtf8(bytes);
	if (!/^[A-Za-z0-9._/:-]+$/.test(uri)) throw new CodedError(CODE$3, "the address of a calendar has other characters");
	return uri;
}
function writeTree(tree) {
	if (tree.length === 0) throw new CodedError(CODE$3, "a timestamp says something of every message");
	let parts = tree.map((branch) => "attestation" in branch ? concat(Uint8Array.of(0), writeAttestation(branch.attestation)) : concat(writeOp(branch.op), writeTree(branch.next)));
	return concat(...parts.flatMap((part, i) => i < parts.length - 1 ? [Uint8Array.of(255), part] : [part]));
}
function writeOp(op) {
	let tag = Uint8Array.of(OPS[op.op]);
	return "data" in op ? concat(tag, otsCounted(op.data)) : tag;
}
function writeAttestation(attestation) {
	let { kind } = attestation;
	if (kind === "unknown") return concat(attestation.tag, otsCounted(attestation.payload));
	let payload = kind === "pending" ? otsCounted(utf8(attestation.uri)) : otsNumber(attestation.height);
	return concat(fromHex(TAGS[kind]), otsCounted(payload));
}
/** Proof as it stands in JSON; throws `anchor-invalid` for what no reader would take. */
function opentimestampsJson(anchor) {
	return check(anchor), {
		mediaType: ANCHOR_MEDIA_TYPE,
		kind: anchor.kind,
		statement: anchor.statement,
		timestamp: base64(writeOts(anchor.file)),
		blocks: anchor.blocks.map(({ height, headers }) => ({
			height,
			headers: base64(concat(...headers))
		}))
	};
}
/** {@link opentimestampsJson} the other way. Throws `anchor-invalid`, `base64-invalid` and `input-too-large`. */
function readOpentimestamps(it) {
	let members = it.object([
		"mediaType",
		"kind",
		"statement",
		"timestamp",
		"blocks"
	]);
	members.exactly("mediaType", ANCHOR_MEDIA_TYPE);
	let anchor = {
		kind: members.exactly("kind", "opentimestamps"),
		statement: members.hex("statement", 64),
		file: parseOts(fromBase64(members.get("timestamp").string(2 * MAX_OTS_BYTES))),
		blocks: members.get("blocks").array(8).map(readHeaders)
	};
	return check(anchor), anchor;
}
function readHeaders(it) {
	let block = it.object(["height", "headers"]), bytes = fromBase64(block.get("headers").string(23040)), count = bytes.length / 80;
	return Number.isInteger(count) || it.fail("does not hold headers of 80 bytes"), {
		height: block.integer("height", 0, 2147483647),
		headers: Array.from({ length: count }, (_, i) => bytes.subarray(i * 80, (i + 1) * 80))
	};
}
function check({ statement, file, blocks }) {
	let invalid = (what) => new CodedError("anchor-invalid", what);
	if (file.hash !== "sha256" || !equal(file.digest, fromHex(statement))) throw invalid("the timestamp is of another digest than the statement");
	if (blocks.length === 0 || blocks.length > 8) throw invalid("an anchor has 1 to 8 blocks");
	let attested = new Set(otsPaths(file.tree).map(({ attestation }) => attestation.kind === "bitcoin" ? attestation.height : null)), last = -1;
	for (let { height, headers } of blocks) {
		if (height <= last) throw invalid("the blocks do not stand in the order of their heights");
		if (!attested.has(height)) throw invalid(`the timestamp does not lead to block ${height}`);
		if (headers.length === 0 || headers.length > 144) throw invalid("a block comes with 1 to 144 headers");
		if (headers.some(({ length }) => length !== 80)) throw invalid("a header has not 80 bytes");
		last = height;
	}
}
// packages/formats/src/anchor/hashedrekord.ts
/** Versions of Rekor's entry for a signed hash: 0.0.2 in a Rekor v2 log, 0.0.1 in a v1 log. */
const HASHEDREKORD_VERSIONS = ["0.0.1", "0.0.2"], KEY_DETAILS = "PKIX_ECDSA_P256_SHA_256", ALGORITHM = "SHA2_256";
/**
* The bytes that are the leaf of the log: canonical JSON (RFC 8785) of the entry, as Rekor itself writes it. For the
* same facts always the same, so whoever verifies computes them and need not take the log's.
*/
function writeHashedRekord(version, record) {
	return canonicalJson({
		apiVersion: version,
		kind: "hashedrekord",
		spec: specOf(version, record)
	});
}
function specOf(version, { digest, signature, publicKey }) {
	let content = base64(signature);
	if (version === "0.0.1") {
		let pem = base64(utf8(publicKeyPem(publicKey)));
		return {
			data: { hash: {
				algorithm: "sha256",
				value: hex(digest)
			} },
			signature: {
				content,
				publicKey: { content: pem }
			}
		};
	}
	let verifier = {
		keyDetails: KEY_DETAILS,
		publicKey: { rawBytes: base64(publicKey.spki) }
	};
	return { hashedRekordV002: {
		data: {
			algorithm: ALGORITHM,
			digest: base64(digest)
		},
		signature: {
			content,
			verifier
		}
	} };
}
/**
* {@link writeHashedRekord} the other way. Throws `anchor-invalid` for another kind of entry, another version, an
* algorithm that is not P-256 with SHA-256, a certificate in place of a key, and for any other spelling.
*/
function readHashedRekord(version, body) {
	let invalid = (cause) => new CodedError("anchor-invalid", "the entry is not a hashedrekord", { cause });
	if (body.length > 4096) throw invalid();
	let record;
	try {
		record = read$1(version, new Shape("anchor-invalid", parseJson(body, { maxDepth: 8 }), "entry"));
	} catch (cause) {
		throw cause instanceof CodedError && cause.code === "anchor-invalid" ? cause : invalid(cause);
	}
	if (!equal(writeHashedRekord(version, record), body)) throw new CodedError("anchor-invalid", "the entry is not spelled as Rekor spells it");
	return record;
}
function read$1(version, shape) {
	let it = shape.object([
		"apiVersion",
		"kind",
		"spec"
	]);
	it.exactly("apiVersion", version), it.exactly("kind", "hashedrekord");
	let record = version === "0.0.1" ? readV1(it.get("spec")) : readV2(it.get("spec"));
	return record.publicKey.algorithm !== "ecdsa-p256" && shape.fail("is not signed with ECDSA P-256"), record.digest.length !== 32 && shape.fail("does not hold a SHA-256"), record;
}
function readV1(shape) {
	let spec = shape.object(["data", "signature"]), hash = spec.get("data").object(["hash"]).get("hash").object(["algorithm", "value"]);
	hash.exactly("algorithm", "sha256");
	let signature = spec.get("signature").object(["content", "publicKey"]), pem = fromUtf8(fromBase64(signature.get("publicKey").object(["content"]).text("content")));
	return {
		digest: fromHex(hash.hex("value", 64)),
		signature: fromBase64(signature.text("content")),
		publicKey: readPublicKey(pem)
	};
}
function readV2(shape) {
	let spec = shape.object(["hashedRekordV002"]).get("hashedRekordV002").object(["data", "signature"]), data = spec.get("data").object(["algorithm", "digest"]);
	data.exactly("algorithm", ALGORITHM);
	let signature = spec.get("signature").object(["content", "verifier"]), verifier = signature.get("verifier").object(["keyDetails", "publicKey"]);
	return verifier.exactly("keyDetails", KEY_DETAILS), {
		digest: fromBase64(data.text("digest")),
		signature: fromBase64(signature.text("content")),
		publicKey: parsePublicKey(fromBase64(verifier.get("publicKey").object(["rawBytes"]).text("rawBytes")))
	};
}
// packages/formats/src/anchor/rekor.ts
const CODE$2 = "anchor-invalid";
/**
* Anchor from its JSON, which has one spelling: `rekorJson` gives the same value again. Throws `anchor-invalid`,
* whatever is wrong.
*/
function readRekor(shape) {
	let it = shape.object([
		"mediaType",
		"kind",
		"statement",
		"entry"
	]);
	return it.exactly("mediaType", ANCHOR_MEDIA_TYPE), it.exactly("kind", "rekor"), {
		kind: "rekor",
		statement: fromHex(it.hex("statement", 64)),
		entry: readRekorEntry(it.get("entry"))
	};
}
/** {@link readRekor} the other way. */
function rekorJson({ statement, entry }) {
	return {
		mediaType: ANCHOR_MEDIA_TYPE,
		kind: "rekor",
		statement: hex(statement),
		entry: rekorEntryJson(entry)
	};
}
/** An entry in the JSON of protobuf, as it stands in `tlogEntries` of a Sigstore bundle v0.3. Throws `anchor-invalid`. */
function readRekorEntry(shape) {
	try {
		return read(shape);
	} catch (cause) {
		throw !(cause instanceof CodedError) || cause.code === CODE$2 ? cause : new CodedError(CODE$2, `the entry cannot be read: ${cause.what}`, { cause });
	}
}
/** {@link readRekorEntry} the other way. */
function rekorEntryJson(entry) {
	let { version, logId, logIndex, treeIndex, promise, path, checkpoint, body } = entry;
	return {
		logIndex: String(logIndex),
		logId: { keyId: base64(logId) },
		kindVersion: {
			kind: "hashedrekord",
			version
		},
		integratedTime: String(promise?.integratedTime ?? 0),
		...promise === null ? {} : { inclusionPromise: { signedEntryTimestamp: base64(promise.signature) } },
		inclusionProof: {
			logIndex: String(treeIndex),
			rootHash: base64(checkpoint.root),
			treeSize: String(checkpoint.size),
			hashes: path.map(base64),
			checkpoint: { envelope: fromUtf8(writeNote(checkpoint.note)) }
		},
		canonicalizedBody: base64(body)
	};
}
function read(shape) {
	let it = shape.object([
		"logIndex",
		"logId",
		"kindVersion",
		"integratedTime",
		"inclusionProof",
		"canonicalizedBody"
	], ["inclusionPromise"]), kindVersion = it.get("kindVersion").object(["kind", "version"]);
	kindVersion.exactly("kind", "hashedrekord");
	let version = kindVersion.exactly("version", ...HASHEDREKORD_VERSIONS), logIndex = decimal(it, "logIndex"), promise = readPromise(it);
	version === "0.0.1" != (promise !== null) && shape.fail(promise === null ? "lacks inclusionPromise" : "has an inclusionPromise, which no Rekor v2 log makes");
	let proof = it.get("inclusionProof").object([
		"logIndex",
		"rootHash",
		"treeSize",
		"hashes",
		"checkpoint"
	]), checkpoint = parseCheckpoint(utf8(proof.get("checkpoint").object(["envelope"]).get("envelope").string()));
	equal(hash(proof.get("rootHash")), checkpoint.root) || shape.fail("has another root than its checkpoint"), decimal(proof, "treeSize") !== checkpoint.size && shape.fail("has another tree size than its checkpoint");
	let treeIndex = decimal(proof, "logIndex");
	version === "0.0.2" && treeIndex !== logIndex && shape.fail("has two indices"), treeIndex >= checkpoint.size && shape.fail("lies outside of its tree");
	let body = fromBase64(it.get("canonicalizedBody").string());
	return {
		version,
		logId: hash(it.get("logId").object(["keyId"]).get("keyId")),
		logIndex,
		treeIndex,
		promise,
		path: proof.get("hashes").array(63).map(hash),
		checkpoint,
		body,
		record: readHashedRekord(version, body)
	};
}
function readPromise(it) {
	let integratedTime = decimal(it, "integratedTime");
	if (!it.has("inclusionPromise")) return integratedTime !== 0 && it.get("integratedTime").fail("is a time that nobody signed"), null;
	(integratedTime === 0 || integratedTime > 253402300799) && it.get("integratedTime").fail("is no time");
	let promise = it.get("inclusionPromise").object(["signedEntryTimestamp"]);
	return {
		integratedTime,
		signature: fromBase64(promise.text("signedEntryTimestamp"))
	};
}
/** Protobuf writes 64-bit integers as text. */
function decimal(it, key) {
	return readDecimal(it.get(key).string(), key, CODE$2);
}
function hash(shape) {
	return readHash(shape.string(), "a hash", CODE$2);
}
// packages/formats/src/anchor/timestamp.ts
const CODE$1 = "anchor-invalid", OID_SHA256 = "2.16.840.1.101.3.4.2.1";
/** Throws `anchor-invalid`. */
function parseTimestampResponse(bytes) {
	let what = "the answer", outer = new DerReader(parseDer(bytes, what, CODE$1).der, what, CODE$1).sequence(), info = outer.sequence(), status = info.number(5);
	info.optional(TAG.sequence);
	let failure = info.optional(TAG.bitString);
	info.end();
	let token = outer.done ? null : outer.next(TAG.sequence).der;
	return outer.end(), {
		status,
		failures: failure === null ? [] : bitsOf(failure.content, outer),
		token
	};
}
function bitsOf(content, reader) {
	(content.length < 1 || content.length > 5) && reader.fail("has a failure that is not a bit string");
	let bits = [];
	for (let bit = 0; bit < (content.length - 1) * 8; bit++) content[1 + (bit >> 3)] & 128 >> (bit & 7) && bits.push(bit);
	return bits;
}
/** TSTInfo from its DER. Throws `anchor-invalid`, also for a critical extension: nobody here knows one. */
function parseTimestampInfo(bytes) {
	let what = "the time-stamp", reader = new DerReader(parseDer(bytes, what, CODE$1).der, what, CODE$1).sequence();
	reader.number(255) !== 1 && reader.fail("is not of version 1");
	let policy = reader.oid(), imprint = reader.sequence(), algorithm = readAlgorithm(imprint), digest = imprint.octets();
	imprint.end();
	let serial = reader.integer();
	serial.length > 64 && reader.fail("has a serial number that is too long");
	let time = readGenTime(reader), accuracy = readAccuracy(reader);
	reader.flag();
	let nonce = reader.optional(TAG.integer), number = nonce === null ? null : new DerReader(nonce.der, what, CODE$1).integer();
	number !== null && number.length > 64 && reader.fail("has a nonce that is too long"), reader.optional(context(0));
	let extensions = /* @__PURE__ */ new Map(), list = reader.optional(context(1));
	list !== null && readExtensionList(new DerReader(list.content, what, CODE$1), extensions, CODE$1);
	for (let [oid, { critical }] of extensions) critical && reader.fail(`has the critical extension ${oid}`);
	return reader.end(), {
		policy,
		imprint: {
			algorithm,
			digest
		},
		serial: hex(serial),
		time,
		accuracy,
		nonce: number === null ? null : hex(number),
		extensions
	};
}
function readAccuracy(reader) {
	let element = reader.optional(TAG.sequence);
	if (element === null) return null;
	let inside = new DerReader(element.content, "the accuracy", CODE$1), part = (tag, max) => {
		let found = inside.optional(tag);
		return found === null ? 0 : new DerReader(found.der, "the accuracy", CODE$1).number(max, tag);
	}, seconds = part(TAG.integer, 2147483647), milliseconds = part(context(0, !1), 999), microseconds = part(context(1, !1), 999);
	return inside.end(), {
		seconds,
		milliseconds,
		microseconds
	};
}
// packages/formats/src/anchor/cms.ts
const CODE = "anchor-invalid", OID = {
	signedData: "1.2.840.113549.1.7.2",
	timestampInfo: "1.2.840.113549.1.9.16.1.4",
	contentType: "1.2.840.113549.1.9.3",
	messageDigest: "1.2.840.113549.1.9.4",
	signingCertificate: "1.2.840.113549.1.9.16.2.12",
	signingCertificateV2: "1.2.840.113549.1.9.16.2.47"
};
/**
* Token from its DER. What authorities really send and DER forbids is read all the same, because no byte of it is ever
* written again: certificates and signed attributes in any order, FALSE written out where it is the default, zeros at
* the end of a fraction of a second. Indefinite lengths, BER's strings in pieces and lengths with leading zeros are
* refused. Throws `anchor-invalid`.
*/
function parseTimestampToken(bytes) {
	let what = "the token", whole = parseDer(new Uint8Array(bytes), what, CODE), outer = new DerReader(whole.der, what, CODE).sequence();
	outer.oid() !== OID.signedData && outer.fail("is not signed data");
	let explicit = outer.inside(context(0));
	outer.end();
	let data = explicit.sequence();
	explicit.end(), data.number(5), data.next(TAG.set);
	let encapsulated = data.sequence();
	encapsulated.oid() !== OID.timestampInfo && encapsulated.fail("does not hold a time-stamp");
	let wrapped = encapsulated.inside(context(0));
	encapsulated.end();
	let content = wrapped.octets();
	wrapped.end();
	let certificates = readCertificates(data.optional(context(0)));
	data.optional(context(1));
	let signers = data.inside(TAG.set);
	data.end();
	let signer = readSigner(signers.sequence("the signer"));
	return signers.done || signers.fail("has more than one signer"), {
		der: whole.der,
		info: parseTimestampInfo(content),
		content,
		certificates,
		signer
	};
}
/**
* Certificates that are none are left out, not refused: whoever put one there could otherwise make a good token
* unreadable. What the signature hangs on is found by its hash.
*/
function readCertificates(element) {
	if (element === null) return [];
	let certificates = [];
	for (let { der } of new DerReader(element.content, "the list of certificates", CODE).all(16)) try {
		certificates.push(parseCertificate(der, CODE));
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
	}
	return certificates;
}
function readSigner(reader) {
	let version = reader.number(3);
	version !== 1 && version !== 3 && reader.fail("is of no known version");
	let id = readSignerId(reader), digest = readAlgorithm(reader), attributes = reader.next(context(0)), algorithm = readAlgorithm(reader), signature = reader.octets();
	return reader.optional(context(1)), reader.end(), {
		id,
		digest,
		signed: concat(Uint8Array.of(TAG.set), attributes.der.subarray(1)),
		...readAttributes(attributes),
		algorithm,
		signature
	};
}
function readSignerId(reader) {
	let keyId = reader.optional(context(0, !1));
	if (keyId !== null) return {
		issuer: null,
		serial: null,
		subjectKeyId: hex(keyId.content)
	};
	let inside = reader.sequence(), issuer = inside.next(TAG.sequence).der, serial = hex(inside.integer());
	return inside.end(), {
		issuer,
		serial,
		subjectKeyId: null
	};
}
function readAttributes(element) {
	let list = new DerReader(element.content, "the set of signed attributes", CODE), values = /* @__PURE__ */ new Map();
	for (let { tag, content } of list.all(32)) {
		tag !== TAG.sequence && list.fail("holds something else");
		let attribute = new DerReader(content, "a signed attribute", CODE), oid = attribute.oid(), set = attribute.inside(TAG.set);
		attribute.end(), values.has(oid) && list.fail(`holds ${oid} twice`);
		let value = set.any();
		values.set(oid, value), Object.values(OID).includes(oid) && set.end();
	}
	let valueOf = (oid, name) => values.get(oid) ?? list.fail(`lacks the ${name}`), type = valueOf(OID.contentType, "content type");
	(type.tag !== TAG.oid || list.oidOf(type) !== OID.timestampInfo) && list.fail("is about something else");
	let digest = valueOf(OID.messageDigest, "message digest");
	digest.tag !== TAG.octetString && list.fail("has a message digest that is none");
	let newer = values.get(OID.signingCertificateV2), older = values.get(OID.signingCertificate), certificates = [...newer === void 0 ? [] : [readSigningCertificate(newer, OID_SHA256)], ...older === void 0 ? [] : [readSigningCertificate(older, null)]];
	return certificates.length === 0 && list.fail("does not name the signing certificate"), {
		messageDigest: digest.content,
		certificates
	};
}
/**
* The first certificate of a SigningCertificateV2, or with `standard` null of a SigningCertificate, whose hash is
* SHA-1. Issuer and serial number beside the hash say nothing more: the hash covers both.
*/
function readSigningCertificate(value, standard) {
	let what = "the signing certificate", first = new DerReader(value.der, what, CODE).sequence().sequence().sequence(), algorithm = standard === null ? null : first.optional(TAG.sequence), digest = first.octets();
	return first.optional(TAG.sequence), first.end(), {
		hash: algorithm === null ? standard ?? "1.3.14.3.2.26" : readAlgorithm(new DerReader(algorithm.der, what, CODE)).oid,
		digest
	};
}
/** Whether this is the certificate that a signature's author names. */
function isNamedBy(certificate, id) {
	if (id.issuer !== null) return certificate.serial === id.serial && equal(certificate.issuer, id.issuer);
	let extension = certificate.extensions.get("2.5.29.14");
	return extension !== void 0 && hex(new DerReader(extension.value, "the key identifier", CODE).octets()) === id.subjectKeyId;
}
/** The anchor in its JSON (SPEC.md §14). */
function rfc3161Json({ statement, token, certificates }) {
	return {
		mediaType: ANCHOR_MEDIA_TYPE,
		kind: "rfc3161",
		statement,
		token: base64(token.der),
		certificates: certificates.map(({ der }) => base64(der))
	};
}
/** Reads the whole object. Throws `anchor-invalid`, `base64-invalid` and what the shape throws. */
function readRfc3161(it) {
	let object = it.object([
		"mediaType",
		"kind",
		"statement",
		"token",
		"certificates"
	]);
	return object.exactly("mediaType", ANCHOR_MEDIA_TYPE), object.exactly("kind", "rfc3161"), {
		kind: "rfc3161",
		statement: object.hex("statement", 64),
		token: parseTimestampToken(fromBase64(object.get("token").string())),
		certificates: object.get("certificates").array(8).map((one) => parseCertificate(fromBase64(one.string()), "anchor-invalid"))
	};
}
// packages/formats/src/anchor/anchor.ts
const READERS = {
	rekor: readRekor,
	rfc3161: readRfc3161,
	ethereum: readEthereum,
	opentimestamps: readOpentimestamps
};
/**
* Anchor from its bytes: canonical JSON, and one spelling of it. Throws `anchor-invalid`, `input-too-large`, and what
* strict JSON reading throws.
*/
function parseAnchor(bytes) {
	if (bytes.length > 262144) throw new CodedError("input-too-large", `the anchor is larger than ${MAX_ANCHOR_BYTES} bytes`);
	let anchor = readAnchor(parseJson(bytes, { maxBytes: MAX_ANCHOR_BYTES }));
	if (!equal(writeAnchor(anchor), bytes)) throw new CodedError("anchor-invalid", "the anchor is not in its one spelling");
	return anchor;
}
/** {@link parseAnchor} of JSON that was parsed strictly already, whatever its spelling. Throws `anchor-invalid`. */
function readAnchor(value) {
	let shape = new Shape("anchor-invalid", value, "anchor"), kind = new Shape("anchor-invalid", shape.members().kind, "kind", shape).exactly(...ANCHOR_KINDS);
	try {
		return READERS[kind](shape);
	} catch (cause) {
		throw !(cause instanceof CodedError) || cause.code === "anchor-invalid" ? cause : new CodedError("anchor-invalid", `${cause.code}: ${cause.what}`, { cause });
	}
}
/** An anchor as JSON; throws `anchor-invalid` for what no reader would take. */
function anchorJson(anchor) {
	switch (anchor.kind) {
		case "rekor": return rekorJson(anchor);
		case "rfc3161": return rfc3161Json(anchor);
		case "ethereum": return ethereumJson(anchor);
		case "opentimestamps": return opentimestampsJson(anchor);
	}
}
/** Bytes of an anchor in their one spelling. Throws `anchor-invalid` and `input-too-large`. */
function writeAnchor(anchor) {
	let bytes = canonicalJson(anchorJson(anchor));
	if (bytes.length > 262144) throw new CodedError("input-too-large", `the anchor is larger than ${MAX_ANCHOR_BYTES} bytes`);
	return bytes;
}
/** SHA-256 of the text of the statement that an anchor says it is about, hex. */
function statementOfAnchor({ statement }) {
	return typeof statement == "string" ? statement : hex(statement);
}
// packages/formats/src/anchor/ethereum-transaction.ts
/** EIP-2718 type of an EIP-1559 transaction: the only one that anchors are made of. */
const MAGIC = Uint8Array.of(99, 115, 97, 110, 99, 104, 114, 1), EMPTY = [], invalid$1 = (what) => new CodedError("anchor-invalid", what);
/** What a transaction carries of a statement: 8 bytes of magic and version, SHA-256, SHA3-256; 72 bytes. */
function statementCalldata({ sha256, sha3_256 }) {
	return concat(MAGIC, sha256, sha3_256);
}
/** What is hashed with Keccak-256 and signed. */
function transactionToSign(transaction) {
	return concat(Uint8Array.of(2), writeRlp(fieldsOf(transaction)));
}
/** {@link writeTransaction} the other way. Throws `anchor-invalid` for every other kind of transaction and spelling. */
function parseTransaction(raw) {
	if (raw[0] !== 2) throw invalid$1("the transaction is not one of EIP-1559");
	let fields = listOf(parseRlp(raw.subarray(1)), "the transaction");
	if (fields.length !== 12) throw invalid$1("the transaction has not 12 fields");
	if (listOf(fields[8], "the access list").length > 0) throw invalid$1("the transaction has an access list");
	let yParity = readSmall(fields[9], "the parity");
	if (yParity !== 0 && yParity !== 1) throw invalid$1("the parity is neither 0 nor 1");
	let [r, s] = [readInteger(fields[10], 32, "r"), readInteger(fields[11], 32, "s")];
	return checkSignature(r, s), {
		chainId: readSmall(fields[0], "the chain id"),
		nonce: readSmall(fields[1], "the nonce"),
		maxPriorityFeePerGas: readInteger(fields[2], 32, "a fee"),
		maxFeePerGas: readInteger(fields[3], 32, "a fee"),
		gasLimit: readSmall(fields[4], "the gas limit"),
		to: bytesOf$1(fields[5], "the recipient", 20),
		value: readInteger(fields[6], 32, "the value"),
		data: bytesOf$1(fields[7], "the data"),
		signature: {
			compact: concat(padded(r), padded(s)),
			yParity
		}
	};
}
function fieldsOf(transaction) {
	let { chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data } = transaction;
	return [
		writeInteger(BigInt(chainId)),
		writeInteger(BigInt(nonce)),
		writeInteger(maxPriorityFeePerGas),
		writeInteger(maxFeePerGas),
		writeInteger(BigInt(gasLimit)),
		to,
		writeInteger(value),
		data,
		EMPTY
	];
}
function checkSignature(r, s) {
	if (r === 0n || r >= 115792089237316195423570985008687907852837564279074904382605163141518161494337n || s === 0n) throw invalid$1("a number of the signature is out of range");
	if (s > 57896044618658097711785492504343953926418782139537452191302581570759080747168n) throw invalid$1("the signature has an s in the upper half");
}
function padded(value) {
	let bytes = /* @__PURE__ */ new Uint8Array(32), digits = writeInteger(value);
	return bytes.set(digits, 32 - digits.length), bytes;
}
// packages/formats/src/anchor/ethereum-trie.ts
const invalid = (what) => new CodedError("anchor-invalid", what), unproven = (what) => new CodedError("anchor-unproven", what);
/**
* The value that a Merkle-Patricia trie with this root (32 bytes) holds under a key, from the nodes on the way there,
* root first (Yellow Paper, appendix D). Every node must be on the way. Throws `anchor-invalid` for what is no node and
* `anchor-unproven` for what does not lead from the root to the key.
*/
function provenValue(root, key, nodes, keccak) {
	let path = nibblesOf(key), next = 0, follow = (reference) => {
		let node = nodes[next++];
		if (node === void 0) throw unproven("the proof ends before the value");
		if (!equal(keccak(node), reference)) throw unproven("a node of the proof does not hash to what refers to it");
		return listOf(parseRlp(node), "a node");
	}, done = (value) => {
		let bytes = bytesOf$1(value, "a value");
		if (bytes.length === 0) throw unproven("the trie holds nothing there");
		if (next !== nodes.length) throw invalid("the proof has nodes that are not on its way");
		return bytes;
	}, node = follow(root);
	for (let at = 0;;) {
		let child;
		if (node.length === 17) {
			if (at === path.length) return done(node[16]);
			child = node[path[at]], at += 1;
		} else {
			if (node.length !== 2) throw invalid("a node is neither a branch nor a path");
			let { nibbles, leaf } = readPath(bytesOf$1(node[0], "a path"));
			if (!nibbles.every((nibble, i) => path[at + i] === nibble) || leaf && at + nibbles.length !== path.length) throw unproven("the proof leads elsewhere");
			if (leaf) return done(node[1]);
			if (nibbles.length === 0) throw invalid("an extension of a path extends nothing");
			at += nibbles.length, child = node[1];
		}
		node = child instanceof Uint8Array ? follow(referenceOf(child)) : within(listOf(child, "a node"));
	}
}
function referenceOf(child) {
	if (child.length === 0) throw unproven("the trie holds nothing there");
	if (child.length !== 32) throw invalid("a node refers to its child by something else than a hash");
	return child;
}
/** A node that stands in its parent: only those do that are shorter than a hash, else one trie would have two roots. */
function within(node) {
	if (writeRlp(node).length >= 32) throw invalid("a node is inside its parent though it is not short");
	return node;
}
function nibblesOf(key) {
	return [...key].flatMap((byte) => [byte >> 4, byte & 15]);
}
/** Hex-prefix encoding (Yellow Paper, appendix C). */
function readPath(bytes) {
	let [flag, ...rest] = nibblesOf(bytes);
	if (flag === void 0 || flag > 3) throw invalid("a path has no known flag");
	let odd = (flag & 1) == 1;
	if (!odd && rest[0] !== 0) throw invalid("a path is not padded with zero");
	return {
		nibbles: odd ? rest : rest.slice(1),
		leaf: flag >= 2
	};
}
// packages/formats/src/anchor/signing-config.ts
/** Whether a time (milliseconds since 1970) lies in a span. */
function isWithin(time, { start, end }) {
	return (start === null || start <= time) && (end === null || time <= end);
}
/** A TimeRange of protobuf-specs in JSON, in which null stands for what is not there. */
function readValidFor(shape) {
	let it = looseOf(shape, []), end = (key) => it.has(key) && !it.isNull(key) ? readTimestamp(it.get(key)) : null, [from, to] = [end("start"), end("end")];
	return from !== null && to !== null && to < from && shape.fail("ends before it starts"), {
		start: from,
		end: to
	};
}
/** A Timestamp of protobuf in JSON: RFC 3339 in UTC, with up to nine digits of a second, of which three count. */
function readTimestamp(shape) {
	let text = shape.string(40), parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text), time = parts === null ? "" : `${parts[1]}.${(parts[2] ?? "").padEnd(3, "0").slice(0, 3)}Z`;
	return isTime(time) || shape.fail("is not a time like 2026-01-31T12:00:00Z"), Date.parse(time);
}
/** An object of a foreign format: what is named must be there, what is not named is let be. */
function looseOf(shape, required) {
	return shape.object(required, Object.keys(shape.members()));
}
// packages/formats/src/anchor/trust.ts
/** Media type of a file that says which anchors to believe. */
const ANCHOR_TRUST_MEDIA_TYPE = "application/vnd.countersign.anchor-trust.v1+json", MAX_ANCHOR_TRUST_BYTES = 8388608, MAX_BLOCKS = 1e4, NO_ANCHOR_ROOTS = {
	rekor: [],
	rfc3161: [],
	ethereum: [],
	opentimestamps: null
};
/** Anchor roots from their JSON; lists are in order and without repetition. Throws the shape's code, and `base64-invalid`. */
function readAnchorRoots(shape) {
	let it = shape.object([
		"rekor",
		"rfc3161",
		"ethereum",
		"opentimestamps"
	]);
	return {
		rekor: ascending(it.get("rekor"), 100, readRekorRoot, ({ vkey }) => vkey),
		rfc3161: ascending(it.get("rfc3161"), 100, readAuthority, authorityKey),
		ethereum: ascending(it.get("ethereum"), 64, readChain, ({ chainId }) => chainId),
		opentimestamps: it.get("opentimestamps").nullable(readBitcoin)
	};
}
function readRekorRoot(shape) {
	let it = shape.object([
		"vkey",
		"operator",
		"from",
		"until"
	]), operator = it.get("operator").nullable((one) => one.text(256));
	return {
		vkey: it.text("vkey"),
		operator,
		...readBelievedIn(it, shape)
	};
}
function readAuthority(shape) {
	let it = shape.object([
		"name",
		"certificates",
		"from",
		"until"
	]), texts = ascending(it.get("certificates"), 20, (one) => one.text(10924), (text) => text);
	return texts.length === 0 && it.get("certificates").fail("is empty"), {
		name: it.text("name", 256),
		certificates: texts.map(fromBase64),
		...readBelievedIn(it, shape)
	};
}
/** One name may stand for certificates of several times. */
function authorityKey({ name, certificates }) {
	return `${name} ${certificates.map(base64).toSorted()[0]}`;
}
function readBelievedIn(it, shape) {
	let time = (key) => it.get(key).nullable((one) => one.time()), [from, until] = [time("from"), time("until")];
	return from !== null && until !== null && until < from && shape.fail("ends before it begins"), {
		from,
		until
	};
}
function readChain(shape) {
	let it = shape.object([
		"chainId",
		"blocks",
		"senders",
		"contracts"
	]), addresses = (key) => ascending(it.get(key), 64, readAddress, (one) => one);
	return {
		chainId: it.integer("chainId", 1, 2 ** 53 - 1),
		blocks: ascending(it.get("blocks"), MAX_BLOCKS, readBlock, ({ number }) => number),
		senders: addresses("senders"),
		contracts: addresses("contracts")
	};
}
function readBlock(shape) {
	let it = shape.object(["number", "hash"]);
	return {
		number: it.integer("number", 0, 2 ** 53 - 1),
		hash: it.hex("hash", 64)
	};
}
function readAddress(shape) {
	let address = shape.text(42);
	return /^0x[0-9a-f]{40}$/.test(address) || shape.fail("is not 0x and 40 lower-case hex digits"), address;
}
function readBitcoin(shape) {
	let it = shape.object([
		"network",
		"blocks",
		"minimumWork"
	]);
	return {
		network: it.text("network", 20),
		blocks: ascending(it.get("blocks"), MAX_BLOCKS, (one) => {
			let block = one.object(["height", "hash"]);
			return {
				height: block.integer("height", 0, 2147483647),
				hash: block.hex("hash", 64)
			};
		}, ({ height }) => height),
		minimumWork: it.get("minimumWork").nullable((work) => {
			let text = work.text(64);
			return /^[1-9a-f][0-9a-f]*$/.test(text) || work.fail("is not a number above 0 in lower-case hex"), text;
		})
	};
}
/** {@link readAnchorRoots} the other way, lists brought into order. */
function anchorRootsJson({ rekor, rfc3161, ethereum, opentimestamps }) {
	return {
		rekor: inOrder(rekor, ({ vkey }) => vkey).map(({ vkey, operator, from, until }) => ({
			vkey,
			operator,
			from,
			until
		})),
		rfc3161: inOrder(rfc3161, authorityKey).map(({ name, certificates, from, until }) => ({
			name,
			certificates: [...new Set(certificates.map(base64))].toSorted(),
			from,
			until
		})),
		ethereum: inOrder(ethereum, ({ chainId }) => chainId).map(({ chainId, blocks, senders, contracts }) => ({
			chainId,
			blocks: inOrder(blocks, ({ number }) => number).map(({ number, hash }) => ({
				number,
				hash
			})),
			senders: [...new Set(senders)].toSorted(),
			contracts: [...new Set(contracts)].toSorted()
		})),
		opentimestamps: opentimestamps === null ? null : bitcoinJson(opentimestamps)
	};
}
function bitcoinJson({ network, blocks, minimumWork }) {
	return {
		network,
		blocks: inOrder(blocks, ({ height }) => height).map(({ height, hash }) => ({
			height,
			hash
		})),
		minimumWork
	};
}
/**
* Both together. What one of them says twice, it says once; of two that contradict each other (another block of one
* height, another time of one key) both stand, and no reader takes that. Throws `anchor-setup-invalid` for blocks of two
* Bitcoin networks.
*/
function joinAnchorRoots(one, other) {
	let [first, second] = [one.opentimestamps, other.opentimestamps].filter((root) => root !== null);
	return {
		rekor: distinct([...one.rekor, ...other.rekor]),
		rfc3161: distinct([...one.rfc3161, ...other.rfc3161]),
		ethereum: [...Map.groupBy([...one.ethereum, ...other.ethereum], ({ chainId }) => chainId)].map(([chainId, all]) => ({
			chainId,
			blocks: distinct(all.flatMap(({ blocks }) => blocks)),
			senders: distinct(all.flatMap(({ senders }) => senders)),
			contracts: distinct(all.flatMap(({ contracts }) => contracts))
		})),
		opentimestamps: first === void 0 ? null : joinBitcoin(first, second)
	};
}
function joinBitcoin(one, other = {
	...one,
	blocks: []
}) {
	if (one.network !== other.network) throw new CodedError("anchor-setup-invalid", `blocks of ${one.network} and of ${other.network} are believed at once`);
	let minimumWork = one.minimumWork ?? other.minimumWork;
	return {
		network: one.network,
		blocks: distinct([...one.blocks, ...other.blocks]),
		minimumWork
	};
}
function distinct(items) {
	let spelled = (value) => JSON.stringify(value, (_, part) => part instanceof Uint8Array ? base64(part) : part);
	return [...new Map(items.map((item) => [spelled(item), item])).values()];
}
function inOrder(items, keyOf) {
	return items.toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : +(keyOf(a) > keyOf(b)));
}
/** Items of a list, the key of each after the one before: none twice, and one order for one set. */
function ascending(shape, max, read, keyOf) {
	let last = null;
	return shape.array(max).map((item) => {
		let value = read(item), key = keyOf(value);
		return last !== null && key <= last && item.fail(key === last ? "stands there twice" : "is out of order"), last = key, value;
	});
}
export { placeKey as A, writeHashedRekord as C, ANCHOR_EVENT as D, MAX_ANCHOR_BYTES as E, tilePath as F, leafHash as I, verifyInclusion as M, MAX_ENTRY_BYTES as N, parseHeader as O, readEntries as P, parseTimestampResponse as S, ANCHOR_KINDS as T, statementOfAnchor as _, joinAnchorRoots as a, parseTimestampToken as b, looseOf as c, parseTransaction as d, statementCalldata as f, readAnchor as g, parseAnchor as h, anchorRootsJson as i, word as j, parseTransactionReceipt as k, readValidFor as l, anchorJson as m, MAX_ANCHOR_TRUST_BYTES as n, readAnchorRoots as o, transactionToSign as p, NO_ANCHOR_ROOTS as r, isWithin as s, ANCHOR_TRUST_MEDIA_TYPE as t, provenValue as u, writeAnchor as v, otsResultBytes as w, OID_SHA256 as x, isNamedBy as y };
