import { $ as CodedError } from "./src.js";
// packages/adapters/src/kms-uri.ts
/** Whether a text names a key in a key service, and not a file. */
function isKmsUri(text) {
	return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text);
}
/** `awskms://[HOST]/ID`, `…/alias/NAME` or `…/ARN`. */
const AWS = /^([A-Za-z0-9.:[\]-]{0,255})\/(.{1,512})$/, AWS_KEY = /^(?:arn:aws[a-z-]{0,20}:kms:(?<region>[a-z0-9-]{1,32}):\d{12}:(?:key\/[A-Za-z0-9-]{1,128}|alias\/[A-Za-z0-9/_-]{1,250})|alias\/[A-Za-z0-9/_-]{1,250}|(?:mrk-)?[0-9a-f-]{32,36})$/, GCP = /^(projects\/[a-z0-9:.-]{1,128}\/locations\/[a-z0-9-]{1,63}\/keyRings\/[A-Za-z0-9_-]{1,63}\/cryptoKeys\/[A-Za-z0-9_-]{1,63})(?:\/(?:cryptoKeyVersions|versions)\/([1-9][0-9]{0,9}))?$/, AZURE = /^([A-Za-z0-9.:[\]-]{1,255})\/([A-Za-z0-9-]{1,127})(?:\/([0-9a-f]{32}))?$/, VAULT = /^(\w(?:[\w.-]{0,126}\w)?)(?:\/versions\/([1-9][0-9]{0,8}))?$/, FORMS = {
	awskms: "awskms:///KEY-ID, awskms:///alias/NAME or awskms:///ARN; a private endpoint stands before the third slash",
	gcpkms: "gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V",
	azurekms: "azurekms://VAULT.vault.azure.net/KEY/VERSION",
	hashivault: "hashivault://KEY, or hashivault://KEY/versions/N"
};
/**
* A key's address, strictly read: one spelling, nothing that could become another path or host. Throws
* `signer-setup-invalid` with the form that it should have.
*/
function parseKmsUri(text) {
	let [scheme, rest] = [text.slice(0, text.indexOf("://")), text.slice(text.indexOf("://") + 3)];
	if (!Object.hasOwn(FORMS, scheme)) throw new CodedError("signer-setup-invalid", "the key is in no key service that countersign knows", { fix: `Write it as cosign does: ${Object.keys(FORMS).map((name) => `${name}://`).join(", ")}; a file is named by its path.` });
	let kind = scheme;
	switch (kind) {
		case "awskms": {
			let [, host = "", key = ""] = AWS.exec(rest) ?? [], named = AWS_KEY.exec(key);
			if (named === null) throw malformed(kind);
			return {
				service: "aws",
				key,
				region: named.groups?.region ?? null,
				endpoint: host === "" ? null : hostIn(host, kind)
			};
		}
		case "gcpkms": {
			let [, key, version] = GCP.exec(rest) ?? [];
			if (key === void 0) throw malformed(kind);
			if (version === void 0) throw new CodedError("signer-setup-invalid", "the address of the key names no version", { fix: `A key of Cloud KMS signs by its versions, each of which is another key: add /cryptoKeyVersions/V, for example ${FORMS.gcpkms.replace(/V$/, "1")}` });
			return {
				service: "gcp",
				version: `${key}/cryptoKeyVersions/${version}`
			};
		}
		case "azurekms": {
			let [, vault, key, version = null] = AZURE.exec(rest) ?? [];
			if (vault === void 0 || key === void 0) throw malformed(kind);
			return {
				service: "azure",
				vault: hostIn(vault, kind),
				key,
				version
			};
		}
		case "hashivault": {
			let [, key, version] = VAULT.exec(rest) ?? [];
			if (key === void 0) throw malformed(kind);
			return {
				service: "vault",
				key,
				version: version === void 0 ? null : Number(version)
			};
		}
	}
}
/** A host as a URL would have it, so that what is shown is what is asked. */
function hostIn(text, kind) {
	let url = URL.parse(`https://${text}/`);
	if (url === null || url.host !== text.toLowerCase() || url.username !== "") throw malformed(kind);
	return url.host;
}
function malformed(kind) {
	return new CodedError("signer-setup-invalid", `the address of the key is not one of ${kind}`, { fix: `Write it as ${FORMS[kind]}` });
}
export { parseKmsUri as n, isKmsUri as t };
