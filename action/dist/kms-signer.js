import { $ as CodedError } from "./src.js";
import { t as nodeCrypto } from "./crypto-node2.js";
import { i as KmsFaults, n as AS_SIGNER } from "./kms-door.js";
import { n as parseKmsUri } from "./kms-uri.js";
// packages/adapters/src/kms-signer.ts
/** Milliseconds before another try, while a step waits to be signed. */
const PAUSES = [250, 1e3];
/**
* A signer whose key a key service holds (`awskms://`, `gcpkms://`, `azurekms://`, `hashivault://`). Its public half is
* fetched now, and its version is fixed for as long as the signer lives: what it returns verified under that key (T-68).
* Throws `signer-setup-invalid`, `signer-unreachable` and `sign-failed`, or what `codes` names in their place; no error
* holds a credential.
*/
async function openKmsSigner(uri, options) {
	let { codes = AS_SIGNER } = options, key = parsed(uri, codes);
	return kmsSigner(await patiently(() => OPEN[key.service](key, options), options), options);
}
/** A held key as a signer that lets nothing out which does not verify. */
function kmsSigner(held, options) {
	let faults = new KmsFaults(options), { name, publicKey } = held;
	return {
		name,
		key: {
			kind: "publicKey",
			hint: publicKey.keyId
		},
		publicKey,
		async sign(message) {
			let signature = await patiently(() => held.sign(message), options);
			if (!nodeCrypto.verify(publicKey, message, signature)) throw faults.refused(`what came back is no signature of ${name}`, "Find out what answers for the key service; nothing was published.");
			return signature;
		}
	};
}
/** Loaded where one is used: the others cost nothing. */
const OPEN = {
	aws: async (key, door) => (await import("./kms-aws-signer.js")).openAwsKey(key, door),
	gcp: async ({ version }, door) => (await import("./kms-gcp.js")).openGcpKey(version, door),
	azure: async (key, door) => (await import("./kms-azure.js")).openAzureKey(key, door),
	vault: async (key, door) => (await import("./kms-vault.js")).openVaultKey(key, door)
};
function parsed(uri, codes) {
	try {
		return parseKmsUri(uri);
	} catch (error) {
		throw codes.invalid === AS_SIGNER.invalid || !(error instanceof CodedError) ? error : new CodedError(codes.invalid, error.what, { fix: error.fix });
	}
}
/** A step has run by now, and is lost where it cannot be signed; an anchor waits and is tried again by itself. */
async function patiently(work, { codes = AS_SIGNER, wait = pause }) {
	for (let ms of PAUSES) try {
		return await work();
	} catch (error) {
		if (!(error instanceof CodedError && error.code === AS_SIGNER.unreachable && codes === AS_SIGNER)) throw error;
		await wait(ms);
	}
	return work();
}
function pause(ms) {
	return new Promise((done) => setTimeout(done, ms));
}
export { openKmsSigner };
