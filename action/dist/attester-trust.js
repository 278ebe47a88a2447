import { C as readKeptTrust, E as readBounded, S as PUBLIC_MIRROR, h as parseSigstoreTrust, m as isFresh, s as nativeCrypto } from "./evidence.js";
import { $ as CodedError, _ as isHex, d as readPublicKey, g as hex, h as fromHex } from "./src.js";
import { t as nodeCrypto } from "./crypto-node2.js";
import "./identity.js";
import "./foreign.js";
import "./output.js";
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { createReadStream, statSync } from "node:fs";
// packages/cli/src/stated-policy.ts
/** Up to here an artifact is held whole, which an Ed25519 signature over it needs. */
const MAX_HELD_BYTES = 67108864;
/** A file's digests, and its bytes where they are not too many; or the digest that was named. */
async function readSigned(context, text) {
	let path = resolve(context.cwd, text), stat = statSync(path, { throwIfNoEntry: !1 }), digest = text.replace(/^sha256:/, "");
	if (stat === void 0 && text.startsWith("sha256:") && isHex(digest, 64)) return {
		signed: {
			sha256: fromHex(digest),
			sha512: null
		},
		sha256: digest
	};
	if (stat === void 0 || stat.size <= MAX_HELD_BYTES) {
		let bytes = readBounded(path, MAX_HELD_BYTES);
		return {
			signed: bytes,
			sha256: hex(nodeCrypto.sha256(bytes))
		};
	}
	if (!stat.isFile()) throw new CodedError("file-special", `${text} is not a regular file`);
	let [sha256, sha512] = [createHash("sha256"), createHash("sha512")];
	for await (let part of createReadStream(path)) sha256.update(part), sha512.update(part);
	let signed = {
		sha256: new Uint8Array(sha256.digest()),
		sha512: new Uint8Array(sha512.digest())
	};
	return {
		signed,
		sha256: hex(signed.sha256)
	};
}
/**
* Whom to believe of what others attested: what is named for it; else the Sigstore that the environment names; else the
* public one's trust root as it was last fetched, while that is fresh. Throws what reading files throws.
*/
async function readAttesterTrust(context, { attesterTrust }, artifact) {
	let crypto = await nativeCrypto(), named = attesterTrust?.map((file) => readNamed(context, file, crypto)) ?? kept(context, crypto);
	return {
		sigstore: named.flatMap((one) => one.kind === "sigstore" ? [one.trust] : []),
		keys: named.flatMap((one) => one.kind === "key" ? [one.key] : []),
		artifact: await atHand(context, artifact)
	};
}
function readNamed(context, file, crypto) {
	let bytes = readBounded(resolve(context.cwd, file), 4e6), text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
	return text.includes("-----BEGIN PUBLIC KEY-----") ? {
		kind: "key",
		key: readPublicKey(text)
	} : {
		kind: "sigstore",
		trust: parseSigstoreTrust(bytes, crypto)
	};
}
function kept(context, crypto) {
	let { sigstoreTrust, sigstoreCache } = context.settings;
	if (sigstoreTrust !== null) return [readNamed(context, sigstoreTrust, crypto)];
	let root = readKeptTrust(sigstoreCache, PUBLIC_MIRROR);
	return root === null || !isFresh(root, context.now()) ? [] : [{
		kind: "sigstore",
		trust: parseSigstoreTrust(root.trustedRoot, crypto)
	}];
}
async function atHand(context, artifact) {
	if (artifact === null || artifact.path === null || artifact.tree === !0) return null;
	let { signed, sha256 } = await readSigned(context, artifact.path);
	return {
		signed,
		digests: {
			sha256,
			sha512: signed instanceof Uint8Array ? createHash("sha512").update(signed).digest("hex") : hex(signed.sha512)
		}
	};
}
export { readAttesterTrust };
