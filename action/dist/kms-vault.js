import { Z as base64, d as readPublicKey, f as spkiOf, l as parsePublicKey, y as sha256 } from "./src.js";
import { c as givenToken, n as callKms, r as nonsense, t as bytesOf } from "./kms-call.js";
import { i as hostOf, s as objectOf, t as addressIn } from "./http.js";
import { i as KmsFaults, o as isSecretText, s as setting } from "./kms-door.js";
// packages/adapters/src/kms-vault.ts
/** Vault's own names for what verifies here. */
const TYPES = {
	"ecdsa-p256": "ecdsa-p256",
	ed25519: "ed25519"
};
/**
* A key of the transit engine of HashiCorp Vault or OpenBao (HTTP API v1), where `VAULT_ADDR`, `VAULT_TOKEN`,
* `VAULT_NAMESPACE` (or `BAO_…`) and `TRANSIT_SECRET_ENGINE_PATH` say. Where no version is named, that of now is signed
* with until the end, whatever the key is rotated to meanwhile.
*/
async function openVaultKey({ key, version: asked }, door) {
	let faults = new KmsFaults(door), base = addressOf(door, faults), mount = mountOf(door, faults), service = {
		name: "the transit engine of Vault",
		door,
		faults,
		tokens: givenToken(tokenOf(door, faults)),
		header: headersOf(door, faults),
		explain
	}, read = new URL(`${base}/v1/${mount}/keys/${key}`), told = objectOf((await callKms(read, null, service)).data), { type, latest_version: latest, keys, supports_signing: signs, derived } = told ?? {}, version = asked ?? latest;
	if (told === null || typeof version != "number" || !Number.isSafeInteger(version) || version < 1) throw nonsense(read, service);
	if (typeof type != "string" || !Object.hasOwn(TYPES, type) || signs === !1 || derived === !0) {
		let found = typeof type == "string" && /^[a-z0-9-]{1,40}$/.test(type) ? type : "of another kind";
		throw faults.invalid(`the key ${key} is ${derived === !0 ? "derived" : found}`, `Name a key of the type ${Object.keys(TYPES).join(" or ")}.`);
	}
	let entry = objectOf(objectOf(keys)?.[String(version)]);
	if (entry === null) throw faults.invalid(`the key ${key} has no version ${version}`, "Name one that is there and not archived, or none for the newest.");
	let least = told.min_encryption_version;
	if (typeof least == "number" && version < least) throw faults.invalid(`version ${version} of the key ${key} may no longer sign`, `Name one from ${least} on, or none for the newest.`);
	let algorithm = TYPES[type], publicKey = publicKeyIn(entry.public_key, algorithm);
	if (publicKey?.algorithm !== algorithm) throw faults.invalid(`the public key that ${hostOf(read)} gave for ${key} is none of its kind`);
	let sign = new URL(`${base}/v1/${mount}/sign/${key}`);
	return {
		name: `${hostOf(base)}/${mount}/${key} version ${version}`,
		publicKey,
		async sign(message) {
			let input = algorithm === "ed25519" ? {
				input: base64(message),
				key_version: version
			} : {
				input: base64(sha256(message)),
				key_version: version,
				prehashed: !0,
				hash_algorithm: "sha2-256",
				marshaling_algorithm: "asn1"
			}, reply = objectOf((await callKms(sign, input, service)).data), [, by, text] = /^vault:v([1-9][0-9]{0,8}):(.*)$/.exec(String(reply?.signature)) ?? [], signature = bytesOf(text);
			if (signature === null) throw nonsense(sign, service);
			if (by !== String(version)) throw faults.refused(`${hostOf(sign)} signed with version ${by} of ${key}, not ${version}`, "Find out what answers there; nothing was published.");
			return signature;
		}
	};
}
function addressOf(door, faults) {
	let text = setting(door, "VAULT_ADDR", "BAO_ADDR");
	if (text === null) throw faults.invalid("VAULT_ADDR is not set", "Set VAULT_ADDR to the address of Vault or OpenBao.");
	let url = addressIn(text, { path: !0 });
	if (typeof url == "string") throw faults.invalid(`the address in VAULT_ADDR ${url}`);
	return url.origin + url.pathname.replace(/\/+$/, "");
}
function mountOf(door, faults) {
	let mount = (setting(door, "TRANSIT_SECRET_ENGINE_PATH") ?? "transit").replace(/^\/+|\/+$/g, "");
	if (!/^[\w-][\w.-]{0,127}(?:\/[\w-][\w.-]{0,127}){0,7}$/.test(mount)) throw faults.invalid("TRANSIT_SECRET_ENGINE_PATH is not the path of an engine");
	return mount;
}
function tokenOf(door, faults) {
	let token = setting(door, "VAULT_TOKEN", "BAO_TOKEN");
	if (isSecretText(token)) return token;
	throw faults.invalid(token === null ? "VAULT_TOKEN is not set" : "VAULT_TOKEN is no token", "Set VAULT_TOKEN to a token that may read the key and sign with it; log in before, for example with the identity token of the CI system.");
}
function headersOf(door, faults) {
	let namespace = setting(door, "VAULT_NAMESPACE", "BAO_NAMESPACE");
	if (namespace !== null && !/^[\w./-]{1,255}$/.test(namespace)) throw faults.invalid("VAULT_NAMESPACE is no namespace");
	return (token) => [
		["x-vault-token", token],
		["x-vault-request", "true"],
		...namespace === null ? [] : [["x-vault-namespace", namespace]]
	];
}
/** PEM for P-256, the bare key for Ed25519. */
function publicKeyIn(value, algorithm) {
	try {
		if (algorithm === "ecdsa-p256") return typeof value == "string" ? readPublicKey(value) : null;
		let raw = bytesOf(value);
		return raw?.length === 32 ? parsePublicKey(spkiOf(algorithm, raw)) : null;
	} catch {
		return null;
	}
}
/** Vault answers with sentences, which could repeat what was sent. */
function explain({ status }) {
	switch (status) {
		case 401:
		case 403: return {
			what: "permission denied",
			fix: "Give the token a policy with read on MOUNT/keys/KEY and update on MOUNT/sign/KEY; check that it is valid, and the namespace."
		};
		case 404: return {
			what: "not found",
			fix: "Check the name of the key, TRANSIT_SECRET_ENGINE_PATH and the namespace."
		};
		default: return {
			what: "an error",
			fix: "See in the audit log of Vault what was wrong."
		};
	}
}
export { openVaultKey };
