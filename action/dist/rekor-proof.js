import { $ as CodedError, Z as base64, g as hex, p as canonicalJson } from "./src.js";
import { I as leafHash, M as verifyInclusion, s as isWithin } from "./anchor.js";
// packages/verify/src/anchors/rekor-proof.ts
/**
* Checks that a log signed a checkpoint. Lines of others are let be: witnesses, and other keys of the log. Each line of
* this key must verify. It is not `verifyCheckpoint` because Rekor logs may have ECDSA keys, and v1 logs more than their
* name in the first line. Throws `anchor-unproven`.
*/
function checkCheckpoint(checkpoint, generation, log, crypto) {
	if (!isOriginOf(generation, checkpoint, log)) throw new CodedError("anchor-unproven", `the checkpoint is not one of ${log.name}`);
	let keyId = hex(log.logId.subarray(0, 4)), lines = checkpoint.note.signatures.filter((line) => line.name === log.name && line.keyId === keyId);
	if (lines.length === 0) throw new CodedError("anchor-unproven", `${log.name} did not sign the checkpoint`);
	for (let { signature } of lines) if (!crypto.verify(log.key, checkpoint.signed, signature)) throw new CodedError("anchor-unproven", `the signature of ${log.name} under the checkpoint does not verify`);
}
/** A v1 log's origin is its name and the number of its tree. */
function isOriginOf(generation, { origin }, { name }) {
	return generation === 2 ? origin === name : origin.startsWith(`${name} - `) && /^\d{1,20}$/.test(origin.slice(name.length + 3));
}
/** Checks that an entry is under a checkpoint. Throws `anchor-unproven`. */
function checkInclusion({ body, treeIndex, path, checkpoint }, crypto) {
	let hash = {
		size: 32,
		hash: (bytes) => crypto.sha256(bytes)
	}, inclusion = {
		index: treeIndex,
		size: checkpoint.size,
		leafHash: leafHash(body, hash),
		path
	};
	try {
		verifyInclusion(inclusion, checkpoint.root, hash);
	} catch (cause) {
		throw new CodedError("anchor-unproven", `the entry is not under the checkpoint of ${checkpoint.origin}`, { cause });
	}
}
/**
* When the log promises that it took the entry: milliseconds since 1970. Throws `anchor-unproven` where it did not sign
* that, and `anchor-untrusted` where it took no entries at that time.
*/
function checkPromise(entry, log, crypto) {
	let { integratedTime, signature } = entry.promise, { body, logId, logIndex } = entry, signed = canonicalJson({
		body: base64(body),
		integratedTime,
		logID: hex(logId),
		logIndex
	});
	if (!crypto.verify(log.key, signed, signature)) throw new CodedError("anchor-unproven", `the time of the entry is not signed by ${log.name}`);
	let time = integratedTime * 1e3;
	if (!isWithin(time, log.validFor)) throw new CodedError("anchor-untrusted", `${log.name} took no entries at the time of the entry`);
	return time;
}
export { checkInclusion as n, checkPromise as r, checkCheckpoint as t };
