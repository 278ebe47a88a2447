import { Z as base64, f as spkiOf, l as parsePublicKey, q as concat, y as sha256 } from "./src.js";
import { a as askForToken, c as givenToken, l as keptTokens, n as callKms, o as askThisMachine, r as nonsense, s as formQuestion, t as bytesOf, u as lineIn } from "./kms-call.js";
import { a as isLoopback, i as hostOf, s as objectOf, t as addressIn } from "./http.js";
import { i as KmsFaults, o as isSecretText, s as setting } from "./kms-door.js";
/**
* Access tokens for Azure, as Azure's own tools look for them: `AZURE_ACCESS_TOKEN`; `AZURE_TENANT_ID` and
* `AZURE_CLIENT_ID` with `AZURE_CLIENT_SECRET` or `AZURE_FEDERATED_TOKEN_FILE` (workload identity); the managed identity
* that `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` give (App Service, Container Apps); else that of the machine (IMDS).
*/
function azureTokens(cloud, door, faults) {
	let given = setting(door, "AZURE_ACCESS_TOKEN");
	if (given !== null) {
		if (!isSecretText(given)) throw faults.invalid("AZURE_ACCESS_TOKEN is no token");
		return givenToken(given);
	}
	let azure = {
		cloud,
		door,
		faults,
		client: clientIn(door, faults)
	}, secret = setting(door, "AZURE_CLIENT_SECRET"), file = setting(door, "AZURE_FEDERATED_TOKEN_FILE");
	if (secret !== null) return keptTokens(() => fromEntra(azure, { client_secret: secret }), door.now);
	if (file !== null) return keptTokens(async () => {
		let client_assertion = await lineIn(file, "AZURE_FEDERATED_TOKEN_FILE", faults);
		return fromEntra(azure, {
			client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
			client_assertion
		});
	}, door.now);
	let endpoint = setting(door, "IDENTITY_ENDPOINT"), header = setting(door, "IDENTITY_HEADER");
	return keptTokens(endpoint !== null && header !== null ? () => fromPlatform(azure, endpoint, header) : () => fromMachine(azure), door.now);
}
function clientIn(door, faults) {
	let client = setting(door, "AZURE_CLIENT_ID");
	if (client !== null && !/^[A-Za-z0-9-]{1,64}$/.test(client)) throw faults.invalid("AZURE_CLIENT_ID is no id");
	return client;
}
/** OAuth 2.0 client credentials of Microsoft Entra ID (RFC 6749 §4.4; with an assertion, RFC 7523 §2.2). */
async function fromEntra(azure, proof) {
	let { cloud, door, faults, client } = azure, tenant = setting(door, "AZURE_TENANT_ID");
	if (client === null || tenant === null || !/^[A-Za-z0-9.-]{1,255}$/.test(tenant)) throw faults.invalid("AZURE_TENANT_ID and AZURE_CLIENT_ID do not both name who asks", "Set both, beside the secret or the token file.");
	let authority = addressIn(setting(door, "AZURE_AUTHORITY_HOST") ?? cloud.authority, { path: !1 });
	if (typeof authority == "string") throw faults.invalid(`the address in AZURE_AUTHORITY_HOST ${authority}`);
	let url = new URL(`/${tenant}/oauth2/v2.0/token`, authority), fields = {
		grant_type: "client_credentials",
		client_id: client,
		scope: `${cloud.resource}/.default`,
		...proof
	};
	return askForToken(url, formQuestion(fields), {
		door,
		faults,
		refused: (status) => faults.invalid(`${hostOf(url)} gave no token for the application ${client} (status ${status})`, "Check tenant and client id, and that the secret is not expired, or the federated credential names issuer and subject of this run.")
	});
}
async function fromPlatform(azure, endpoint, header) {
	let url = URL.parse(endpoint), local = url !== null && (isLoopback(url) || url.hostname.startsWith("169.254."));
	if (url === null || !(url.protocol === "https:" || url.protocol === "http:" && local) || !isSecretText(header)) throw azure.faults.invalid("IDENTITY_ENDPOINT and IDENTITY_HEADER are none that Azure sets");
	return fromIdentity(azure, url, "2019-08-01", { headers: [["x-identity-header", header]] });
}
async function fromMachine(azure) {
	let other = setting(azure.door, "AZURE_POD_IDENTITY_AUTHORITY_HOST"), url = other === null ? new URL("http://169.254.169.254/metadata/identity/oauth2/token") : URL.parse("/metadata/identity/oauth2/token", other);
	if (url === null || other !== null && !isLoopback(url) && url.hostname !== "169.254.169.254") throw azure.faults.invalid("AZURE_POD_IDENTITY_AUTHORITY_HOST is not on this machine");
	return fromIdentity(azure, url, "2018-02-01", { headers: [["metadata", "true"]] });
}
async function fromIdentity(azure, url, version, question) {
	let { cloud, door, faults, client } = azure;
	url.searchParams.set("api-version", version), url.searchParams.set("resource", cloud.resource), client !== null && url.searchParams.set("client_id", client);
	let otherwise = "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, or run where an identity is assigned; AZURE_CLIENT_ID says which of several.";
	return askThisMachine(url, question, {
		door,
		faults,
		refused: (status) => faults.invalid(`the machine has no managed identity that ${hostOf(url)} would give a token of (status ${status})`, otherwise),
		otherwise
	});
}
// packages/adapters/src/kms-azure.ts
const LOGIN = "https://login.microsoftonline.com", CLOUDS = {
	"vault.azure.net": LOGIN,
	"managedhsm.azure.net": LOGIN,
	"vault.azure.cn": "https://login.chinacloudapi.cn",
	"managedhsm.azure.cn": "https://login.chinacloudapi.cn",
	"vault.usgovcloudapi.net": "https://login.microsoftonline.us",
	"managedhsm.usgovcloudapi.net": "https://login.microsoftonline.us"
};
/**
* A P-256 key in Azure Key Vault or Managed HSM (REST 7.4). Where no version is named, that of now is signed with until
* the end, whatever is made meanwhile.
*/
async function openAzureKey({ vault, key, version: asked }, door) {
	let faults = new KmsFaults(door), { base, cloud } = vaultAt(vault, faults), service = {
		name: "Key Vault",
		door,
		faults,
		tokens: azureTokens(cloud, door, faults),
		header: (token) => [["authorization", `Bearer ${token}`]],
		explain: (refusal) => explain(refusal, setting(door, "AZURE_TENANT_ID"))
	}, at = (path) => new URL(`/keys/${path}?api-version=7.4`, base), read = at(asked === null ? key : `${key}/${asked}`), told = await callKms(read, null, service), jwk = objectOf(told.key), name = nameIn(jwk?.kid, base);
	if (jwk === null || name === null) throw nonsense(read, service);
	if (name.key.toLowerCase() !== key.toLowerCase() || asked !== null && name.version !== asked) throw faults.invalid(`${vault} gave another key for ${key}`);
	let pinned = `${key}/${name.version}`, { kty, crv, key_ops: operations } = jwk;
	if (kty !== "EC" && kty !== "EC-HSM" || crv !== "P-256") throw faults.invalid(`the key ${pinned} is not of the curve P-256`, "Name a key of the type EC or EC-HSM with the curve P-256.");
	if (Array.isArray(operations) && !operations.includes("sign")) throw faults.invalid(`the key ${pinned} is not for signing`, "Allow the operation sign on the key, or name another.");
	if (objectOf(told.attributes)?.enabled === !1) throw faults.invalid(`the key ${pinned} is disabled`, "Enable this version of the key, or name another.");
	let publicKey = publicKeyAt([bytesOf(jwk.x, "base64url"), bytesOf(jwk.y, "base64url")]);
	if (publicKey === null) throw faults.invalid(`the public key that ${vault} gave for ${pinned} is none of its kind`);
	let sign = at(`${pinned}/sign`);
	return {
		name: `${vault}/${pinned}`,
		publicKey,
		async sign(message) {
			let value = urlText(sha256(message)), reply = await callKms(sign, {
				alg: "ES256",
				value
			}, service), raw = bytesOf(reply.value, "base64url");
			if (raw === null) throw nonsense(sign, service);
			let by = nameIn(reply.kid, base);
			if (by?.version !== name.version || by.key.toLowerCase() !== key.toLowerCase()) throw faults.refused(`${vault} signed with another key than ${pinned}`, "Find out what answers there; nothing was published.");
			return raw.length === 64 ? derOf(raw) : raw;
		}
	};
}
function vaultAt(vault, faults) {
	let suffix = Object.keys(CLOUDS).find((one) => vault.endsWith(`.${one}`));
	if (suffix !== void 0 && /^[a-z0-9-]{1,127}\.[a-z0-9.]+$/.test(vault)) return {
		base: new URL(`https://${vault}`),
		cloud: {
			resource: `https://${suffix}`,
			authority: CLOUDS[suffix]
		}
	};
	let base = new URL(`http://${vault}`);
	if (isLoopback(base)) return {
		base,
		cloud: {
			resource: "https://vault.azure.net",
			authority: LOGIN
		}
	};
	throw faults.invalid(`${vault} is no vault of Azure`, `Name it as NAME.${Object.keys(CLOUDS).slice(0, 2).join(" or NAME.")}.`);
}
/** Name and version in the address of a key; null for what is none, or of another vault. */
function nameIn(kid, base) {
	let url = typeof kid == "string" ? URL.parse(kid) : null;
	if (url === null || url.host !== base.host) return null;
	let [, key, version] = /^\/keys\/([A-Za-z0-9-]{1,127})\/([0-9a-f]{32})$/.exec(url.pathname) ?? [];
	return key === void 0 || version === void 0 ? null : {
		key,
		version
	};
}
function publicKeyAt(point) {
	let [x, y] = point;
	if (x?.length !== 32 || y?.length !== 32) return null;
	try {
		return parsePublicKey(spkiOf("ecdsa-p256", concat(Uint8Array.of(4), x, y)));
	} catch {
		return null;
	}
}
/** Ecdsa-Sig-Value (RFC 3279 §2.2.3) of r‖s. */
function derOf(raw) {
	let [r, s] = [integerOf(raw.subarray(0, 32)), integerOf(raw.subarray(32))];
	return concat(Uint8Array.of(48, r.length + s.length), r, s);
}
function integerOf(bytes) {
	let first = bytes.findIndex((byte) => byte !== 0), digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first), sign = digits[0] >= 128 ? Uint8Array.of(0) : /* @__PURE__ */ new Uint8Array();
	return concat(Uint8Array.of(2, sign.length + digits.length), sign, digits);
}
function urlText(bytes) {
	return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
const SIGN_RIGHT = "Give whoever the credentials are of keys/get and keys/sign on this key: the role Key Vault Crypto User, or Managed HSM Crypto User.", FIX = {
	Unauthorized: "Give credentials of the tenant that the vault is in: AZURE_TENANT_ID with AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, or a managed identity.",
	Forbidden: SIGN_RIGHT,
	ForbiddenByRbac: SIGN_RIGHT,
	ForbiddenByPolicy: SIGN_RIGHT,
	ForbiddenByFirewall: "Let the firewall of the vault pass the network of this machine.",
	ForbiddenByConnection: "The vault is reached over its private endpoint only: run where that is.",
	KeyNotFound: "Check vault, key and version.",
	KeyDisabled: "Enable this version of the key, or name another.",
	KeyExpired: "Name a version that is not expired.",
	KeyNotYetValid: "Name a version that is valid by now.",
	KeyOperationForbidden: "Allow the operation sign on the key, or name another."
};
function explain({ status, headers, members }, tenant) {
	let error = objectOf(members?.error), said = [objectOf(error?.innererror)?.code, error?.code], bare = {
		401: "Unauthorized",
		403: "Forbidden",
		404: "KeyNotFound"
	}[status], code = said.find((one) => typeof one == "string" && Object.hasOwn(FIX, one)) ?? bare;
	if (code === void 0) return {
		what: "an error",
		fix: "See in the diagnostic log of the vault what was wrong."
	};
	if (code !== "Unauthorized") return {
		what: code,
		fix: FIX[code]
	};
	let home = tenantIn(headers.get("www-authenticate"));
	return {
		what: home !== null && tenant !== null && home !== tenant.toLowerCase() ? `${code}; it takes tokens of the tenant ${home}` : code,
		fix: FIX[code]
	};
}
/** The tenant that a challenge names: `Bearer authorization="https://…/TENANT", resource="…"`. */
function tenantIn(challenge) {
	return /\bauthorization(?:_uri)?="https:\/\/[a-z0-9.]{1,80}\/([0-9A-Fa-f-]{36})"/.exec(challenge ?? "")?.[1]?.toLowerCase() ?? null;
}
export { openAzureKey };
