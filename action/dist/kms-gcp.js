import { X as utf8, Z as base64, d as readPublicKey, y as sha256 } from "./src.js";
import { a as askForToken, c as givenToken, d as textIn, f as tokenFile, i as askForJson, l as keptTokens, n as callKms, o as askThisMachine, r as nonsense, s as formQuestion, t as bytesOf, u as lineIn } from "./kms-call.js";
import { a as isLoopback, i as hostOf, n as ask, o as membersOf, s as objectOf, t as addressIn } from "./http.js";
import { a as MAX_KMS_BYTES, i as KmsFaults, o as isSecretText, s as setting } from "./kms-door.js";
import { createPrivateKey, sign } from "node:crypto";
// packages/adapters/src/crc32c.ts
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
	let value = byte;
	for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ 2197175160 : value >>> 1;
	return value;
});
/** CRC-32C (RFC 3720 §12.1, appendix B.4): finds what was damaged on the way, and nothing that somebody changed. */
function crc32c(bytes) {
	let crc = 4294967295;
	for (let byte of bytes) crc = crc >>> 8 ^ TABLE[(crc ^ byte) & 255];
	return (crc ^ 4294967295) >>> 0;
}
// packages/adapters/src/gcp-credentials.ts
/** Of a key service; what else is asked for is said. */
const FILE = "GOOGLE_APPLICATION_CREDENTIALS";
/**
* Access tokens for Google Cloud, as Google's own tools look for them: `GOOGLE_OAUTH_ACCESS_TOKEN` or
* `CLOUDSDK_AUTH_ACCESS_TOKEN`; `CLOUDSDK_AUTH_ACCESS_TOKEN_FILE`; the file that `GOOGLE_APPLICATION_CREDENTIALS`
* names (service account, workload identity federation, authorized user); else the metadata server of the machine.
*/
function gcpTokens(door, faults, scope = "https://www.googleapis.com/auth/cloudkms") {
	let given = setting(door, "GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN");
	if (given !== null) {
		if (!isSecretText(given)) throw faults.invalid("the access token in the environment is none");
		return givenToken(given);
	}
	let kept = setting(door, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE");
	if (kept !== null) return tokenFile(() => lineIn(kept, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", faults));
	let path = setting(door, FILE), from = {
		door,
		faults,
		scope
	};
	return keptTokens(path === null ? () => fromMetadata(from) : () => fromFile(path, from), door.now);
}
async function fromFile(path, google) {
	let { faults } = google, members = membersOf(await textIn(path, FILE, faults));
	switch (members?.type) {
		case "service_account": return fromServiceAccount(members, google);
		case "external_account": return fromFederation(members, google);
		case "authorized_user": return fromUser(members, google);
		default: throw faults.invalid(`the file that ${FILE} names is of no kind that countersign reads`, "Use a service account key, a configuration of workload identity federation, or what gcloud auth application-default login wrote.");
	}
}
/** A signed assertion for an access token (RFC 7523 §2.1). */
async function fromServiceAccount(members, { door, faults, scope }) {
	let { client_email: email, private_key: pem, private_key_id: keyId } = members, url = googleUrl(members.token_uri, "token_uri", faults);
	if (!isSecretText(email) || typeof pem != "string") throw unfit("client_email and private_key", faults);
	let at = Math.floor(door.now() / 1e3), text = [{
		alg: "RS256",
		typ: "JWT",
		...isSecretText(keyId) ? { kid: keyId } : {}
	}, {
		iss: email,
		scope,
		aud: url.href,
		iat: at,
		exp: at + 300
	}].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join("."), assertion = `${text}.${Buffer.from(signed(text, pem, faults)).toString("base64url")}`;
	return askForToken(url, formQuestion({
		grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
		assertion
	}), {
		door,
		faults,
		refused: (status) => faults.invalid(`${hostOf(url)} gave no token for the service account (status ${status})`, "Check that the key of the service account is not deleted or disabled, and this machine’s clock.")
	});
}
function signed(text, pem, faults) {
	try {
		let key = createPrivateKey(pem);
		if (key.asymmetricKeyType === "rsa") return sign("sha256", utf8(text), key);
	} catch {}
	throw unfit("a private_key of RSA in PEM", faults);
}
/** Workload identity federation: another issuer's token for one of Google's (RFC 8693), and that for a service account's. */
async function fromFederation(members, google) {
	let { door, faults, scope } = google, { audience, subject_token_type: type, service_account_impersonation_url: impersonated } = members, url = googleUrl(members.token_url, "token_url", faults);
	if (!isSecretText(audience) || !isSecretText(type)) throw unfit("audience and subject_token_type", faults);
	let serviceAccount = impersonated === void 0 ? null : googleUrl(impersonated, "service_account_impersonation_url", faults), subject = await subjectToken(objectOf(members.credential_source), google), federated = await askForToken(url, formQuestion({
		grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
		audience,
		scope: serviceAccount === null ? scope : "https://www.googleapis.com/auth/cloud-platform",
		requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
		subject_token_type: type,
		subject_token: subject
	}), {
		door,
		faults,
		refused: (status) => faults.invalid(`${hostOf(url)} gave no token for the identity of this run (status ${status})`, "Check issuer, audience and attribute condition of the workload identity provider.")
	});
	return serviceAccount === null ? federated : impersonate(serviceAccount, federated.token, google);
}
async function impersonate(url, token, { door, faults, scope }) {
	let question = {
		method: "POST",
		headers: [["authorization", `Bearer ${token}`], ["content-type", "application/json"]],
		body: JSON.stringify({
			scope: [scope],
			lifetime: "3600s"
		})
	}, { status, members } = await askForJson(url, question, {
		door,
		faults
	});
	if (status >= 500 || status === 429) throw faults.unreachable(`${hostOf(url)} gave no token: status ${status}`);
	if (status !== 200) throw faults.invalid(`${hostOf(url)} gave no token of the service account (status ${status})`, "Give the workload identity roles/iam.workloadIdentityUser on the service account.");
	let { accessToken, expireTime } = members ?? {}, until = typeof expireTime == "string" ? Date.parse(expireTime) : NaN;
	if (!isSecretText(accessToken) || Number.isNaN(until)) throw faults.unreachable(`${hostOf(url)} answered something else than a token`);
	return {
		token: accessToken,
		until
	};
}
/** What another issuer says of this run: in a file, or behind a URL. */
async function subjectToken(source, { door, faults }) {
	let { file, url, headers, format } = source ?? {}, shape = objectOf(format), field = shape?.type === "json" ? shape.subject_token_field_name : null, text;
	if (typeof file == "string") text = await textIn(file, "credential_source", faults);
	else if (typeof url == "string") text = await textBehind(url, objectOf(headers), {
		door,
		faults
	});
	else throw faults.invalid(`the credential_source in the file that ${FILE} names is neither a file nor a URL`, "Make the configuration for an OIDC provider; those that run a program, or sign for AWS, are not read.");
	let token = typeof field == "string" ? membersOf(text)?.[field] : text.trim();
	if (!isSecretText(token)) throw faults.invalid("the credential_source gave no token");
	return token;
}
async function textBehind(text, headers, { door, faults }) {
	let url = URL.parse(text), local = url !== null && (isLoopback(url) || url.hostname === "169.254.169.254");
	if (url === null || !(url.protocol === "https:" || url.protocol === "http:" && local)) throw faults.invalid("the URL of the credential_source is not https");
	let lines = Object.entries(headers ?? {}).filter((line) => typeof line[1] == "string"), answer = await ask(url, { headers: lines }, {
		timeoutMs: door.timeoutMs ?? 1e4,
		maxBytes: MAX_KMS_BYTES,
		...door.fetch === void 0 ? {} : { fetch: door.fetch },
		fault: faults.unreachable
	});
	if (answer.status !== 200) throw faults.unreachable(`${hostOf(url)} gave no token for this run: status ${answer.status}`);
	return Buffer.from(answer.body).toString("utf8");
}
async function fromUser(members, { door, faults }) {
	let { client_id: id, client_secret: secret, refresh_token: token } = members;
	if (!isSecretText(id) || !isSecretText(secret) || !isSecretText(token)) throw unfit("client_id, client_secret and refresh_token", faults);
	let url = googleUrl(members.token_uri ?? "https://oauth2.googleapis.com/token", "token_uri", faults);
	return askForToken(url, formQuestion({
		grant_type: "refresh_token",
		client_id: id,
		client_secret: secret,
		refresh_token: token
	}), {
		door,
		faults,
		refused: (status) => faults.invalid(`${hostOf(url)} gave no token (status ${status})`, "Run gcloud auth application-default login.")
	});
}
/** The machine's own service account: Compute Engine, GKE, Cloud Build, Cloud Run. */
async function fromMetadata({ door, faults }) {
	let host = setting(door, "GCE_METADATA_HOST") ?? "metadata.google.internal", url = URL.parse(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`), own = url !== null && ["metadata.google.internal", "169.254.169.254"].includes(url.hostname);
	if (url === null || !(own || isLoopback(url))) throw faults.invalid("GCE_METADATA_HOST names no metadata server of this machine");
	let otherwise = `Set ${FILE}, or run where a service account is attached.`;
	return askThisMachine(url, { headers: [["metadata-flavor", "Google"]] }, {
		door,
		faults,
		refused: (status) => faults.invalid(`the machine has no service account that ${hostOf(url)} would give a token of (status ${status})`, otherwise),
		otherwise
	});
}
/** Tokens and assertions go to Google alone, whatever the file says; or to this machine. */
function googleUrl(value, field, faults) {
	let url = typeof value == "string" ? URL.parse(value) : null, google = url !== null && url.protocol === "https:" && /^[a-z0-9.-]+\.googleapis\.com$/.test(url.hostname), local = url !== null && /^https?:$/.test(url.protocol) && isLoopback(url);
	if (url === null || !(google || local) || url.username !== "" || url.password !== "") throw faults.invalid(`the ${field} in the file that ${FILE} names is no address of Google’s`);
	return url;
}
function unfit(what, faults) {
	return faults.invalid(`the file that ${FILE} names lacks ${what}`);
}
// packages/adapters/src/kms-gcp.ts
/** Cloud KMS's own names for what verifies here, and what is sent to be signed. */
const ALGORITHMS = {
	EC_SIGN_P256_SHA256: "ecdsa-p256",
	EC_SIGN_ED25519: "ed25519"
}, MAX_DATA = 65536;
/**
* A key version in Google Cloud KMS (REST v1). Every answer is held against its CRC-32C and against the version's name:
* Cloud KMS says under both what it sent and what it signed with.
*/
async function openGcpKey(version, door) {
	let faults = new KmsFaults(door), base = endpointIn(door, faults), service = {
		name: "Cloud KMS",
		door,
		faults,
		tokens: gcpTokens(door, faults),
		header: (token) => [["authorization", `Bearer ${token}`]],
		explain
	}, read = new URL(`/v1/${version}/publicKey`, base), told = await callKms(read, null, service), { name, algorithm, pem } = told;
	if (typeof pem != "string") throw nonsense(read, service);
	if (!sums(told.pemCrc32c, utf8(pem))) throw damaged(read, faults);
	if (name !== version) throw faults.invalid(`${hostOf(read)} gave another key for ${version}`);
	let expected = typeof algorithm == "string" && Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : null;
	if (expected === null) throw otherKind(version, algorithm, faults);
	let publicKey = keyIn(pem);
	if (publicKey?.algorithm !== expected) throw faults.invalid(`the public key that Cloud KMS gave for ${version} is none of its kind`);
	let sign = new URL(`/v1/${version}:asymmetricSign`, base);
	return {
		name: version,
		publicKey,
		async sign(message) {
			let whole = expected === "ed25519";
			if (whole && message.length > MAX_DATA) throw faults.invalid(`Cloud KMS signs at most ${MAX_DATA} bytes with Ed25519, and this is ${message.length}`, "Use a key with the algorithm EC_SIGN_P256_SHA256.");
			let data = whole ? message : sha256(message), sum = String(crc32c(data)), input = whole ? {
				data: base64(data),
				dataCrc32c: sum
			} : {
				digest: { sha256: base64(data) },
				digestCrc32c: sum
			}, reply = await callKms(sign, input, service), signature = bytesOf(reply.signature);
			if (signature === null) throw nonsense(sign, service);
			if (reply[whole ? "verifiedDataCrc32c" : "verifiedDigestCrc32c"] !== !0 || !sums(reply.signatureCrc32c, signature)) throw damaged(sign, faults);
			if (reply.name !== version) throw faults.refused(`Cloud KMS signed with another version than ${version}`, "Find out what answers there; nothing was published.");
			return signature;
		}
	};
}
/** Google's own, or a private one, as gcloud is told it. */
function endpointIn(door, faults) {
	let name = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS", url = addressIn(setting(door, name) ?? "https://cloudkms.googleapis.com", { path: !1 });
	if (typeof url == "string") throw faults.invalid(`the address in ${name} ${url}`);
	return url;
}
/** An Int64Value of protobuf's JSON: decimal text, by some as a number. */
function sums(value, bytes) {
	return (typeof value == "number" ? String(value) : value) === String(crc32c(bytes));
}
function damaged(url, faults) {
	return faults.unreachable(`what ${hostOf(url)} sent, or got, was damaged on the way: its CRC-32C is another`);
}
function keyIn(pem) {
	try {
		return readPublicKey(pem);
	} catch {
		return null;
	}
}
function otherKind(version, algorithm, faults) {
	let known = typeof algorithm == "string" && /^[A-Z0-9_]{1,60}$/.test(algorithm) ? algorithm : "of no known kind";
	return faults.invalid(`the key ${version} is ${known}`, `Name a version with the algorithm ${Object.keys(ALGORITHMS).join(" or ")}.`);
}
/** Codes of google.rpc.Code that say something to a person. */
const FIX = {
	UNAUTHENTICATED: "Give credentials that are valid: GOOGLE_APPLICATION_CREDENTIALS, GOOGLE_OAUTH_ACCESS_TOKEN, or a service account of the machine.",
	PERMISSION_DENIED: "Give whoever the credentials are of the role roles/cloudkms.signerVerifier on this key.",
	NOT_FOUND: "Check project, location, key ring, key and version.",
	FAILED_PRECONDITION: "Enable the version of the key, or name another: a disabled or destroyed one does not sign.",
	INVALID_ARGUMENT: "Name a key with the purpose ASYMMETRIC_SIGN."
};
function explain({ status, members }) {
	let said = objectOf(members?.error)?.status, bare = {
		401: "UNAUTHENTICATED",
		403: "PERMISSION_DENIED",
		404: "NOT_FOUND"
	}[status], code = typeof said == "string" && Object.hasOwn(FIX, said) ? said : bare;
	return code === void 0 ? {
		what: "an error",
		fix: "See in the audit log of the project what was wrong."
	} : {
		what: code,
		fix: FIX[code]
	};
}
export { openGcpKey };
