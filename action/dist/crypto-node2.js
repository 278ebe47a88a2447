import { a as openedAssertion, v as hmac } from "./src.js";
import { t as rawFromDer } from "./crypto.js";
import { constants, createPublicKey, hash, verify } from "node:crypto";
// packages/adapters/src/crypto-node.ts
/** Parsing an SPKI costs more than a verification, and one key signs many steps. */
const parsed = /* @__PURE__ */ new WeakMap(), nodeCrypto = {
	sha256(data) {
		return bytesOf(hash("sha256", data, "binary"));
	},
	sha3_256(data) {
		return bytesOf(hash("sha3-256", data, "binary"));
	},
	hmac(name, key, data) {
		return hmac(name, name === "sha256" ? nodeCrypto.sha256 : nodeCrypto.sha3_256, key, data);
	},
	verify(key, message, signature) {
		try {
			if (key.passkey !== void 0) {
				let opened = openedAssertion(key.passkey, message, signature, nodeCrypto);
				return opened !== null && nodeCrypto.verify(opened.key, opened.signed, opened.signature);
			}
			return key.algorithm === "ed25519" ? signature.length === 64 && verify(null, message, keyObject(key), signature) : rawFromDer(signature) !== null && verify("sha256", message, keyObject(key), signature);
		} catch {
			return !1;
		}
	},
	verifySigned(scheme, spki, message, signature) {
		try {
			let key = issuerKey(spki);
			if (scheme.name !== "rsa-pss") return verify(scheme.hash, message, key, signature);
			let padding = constants.RSA_PKCS1_PSS_PADDING;
			return verify(scheme.hash, message, {
				key,
				padding,
				saltLength: scheme.salt
			}, signature);
		} catch {
			return !1;
		}
	},
	verifyLater(key, message, signature) {
		if (key.passkey !== void 0) {
			let opened = openedAssertion(key.passkey, message, signature, nodeCrypto);
			return opened === null ? Promise.resolve(!1) : nodeCrypto.verifyLater(opened.key, opened.signed, opened.signature);
		}
		let edwards = key.algorithm === "ed25519";
		return (edwards ? signature.length !== 64 : rawFromDer(signature) === null) ? Promise.resolve(!1) : new Promise((done) => {
			try {
				verify(edwards ? null : "sha256", message, keyObject(key), signature, (error, valid) => done(!error && valid));
			} catch {
				done(!1);
			}
		});
	}
};
/** A digest from its text of a byte a character: half the price of a Buffer and its copy, which trees pay twice a leaf. */
function bytesOf(text) {
	let bytes = new Uint8Array(text.length);
	for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}
function keyObject(key) {
	let object = parsed.get(key);
	return object === void 0 && (object = createPublicKey({
		key: key.spki,
		format: "der",
		type: "spki"
	}), parsed.set(key, object)), object;
}
/** Keys that sign certificates: few, and each signs many. */
const issuers = /* @__PURE__ */ new Map();
function issuerKey(spki) {
	let name = hash("sha256", spki, "base64"), key = issuers.get(name);
	return key === void 0 && (key = createPublicKey({
		key: spki,
		format: "der",
		type: "spki"
	}), issuers.size >= 256 && issuers.clear(), issuers.set(name, key)), key;
}
export { nodeCrypto as t };
