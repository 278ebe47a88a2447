import { $ as CodedError, Y as fromUtf8 } from "./src.js";
import { a as isLoopback, n as ask, o as membersOf, t as addressIn } from "./http.js";
import { a as MAX_KMS_BYTES, o as isSecretText, t as AS_ANCHOR } from "./kms-door.js";
import { createHash, createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
// packages/adapters/src/aws-http.ts
/** Longest time for one request, answer included; milliseconds. */
const AWS_TIMEOUT_MS = 5e3;
/**
* One request and its bounded answer, whatever its status. Redirects are not followed. Throws `unreachable` of its
* codes, which says the host and never what was sent.
*/
async function askAws(url, question, { fetch, timeoutMs, codes }) {
	return ask(url, question, {
		fetch,
		timeoutMs,
		maxBytes: MAX_KMS_BYTES,
		fault: (what) => unreachable(what, codes)
	});
}
/** `https`, or `http` to this machine; a host and nothing else. Throws `invalid` of its codes. */
function awsEndpoint(text, codes) {
	let url = addressIn(text, { path: !1 });
	if (typeof url == "string") throw new CodedError(codes.invalid, `the endpoint of AWS KMS ${url}`);
	return url;
}
function unreachable(what, codes) {
	return new CodedError(codes.unreachable, what);
}
// packages/adapters/src/aws-credentials.ts
/** Where the agents of ECS and EKS are; elsewhere a token would go over the network in clear. */
const AGENTS = [
	"169.254.170.2",
	"169.254.170.23",
	"[fd00:ec2::23]"
];
/**
* The source that an environment names: `AWS_ACCESS_KEY_ID` with `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, then
* `AWS_CONTAINER_CREDENTIALS_FULL_URI` or `…_RELATIVE_URI` with `AWS_CONTAINER_AUTHORIZATION_TOKEN` or `…_TOKEN_FILE`,
* then the instance, unless `AWS_EC2_METADATA_DISABLED` is `true`. Throws `invalid` of its codes.
*/
function awsCredentialSource(env, codes = AS_ANCHOR) {
	let get = (name) => {
		let value = (env[name] ?? "").trim();
		return value === "" ? null : value;
	}, accessKeyId = get("AWS_ACCESS_KEY_ID"), secretAccessKey = get("AWS_SECRET_ACCESS_KEY");
	if (accessKeyId !== null && secretAccessKey !== null) {
		let found = {
			accessKeyId,
			secretAccessKey,
			sessionToken: get("AWS_SESSION_TOKEN")
		};
		if (!areCredentials(found)) throw invalid("the credentials in the environment cannot be ones of AWS", codes);
		return {
			from: "environment",
			...found
		};
	}
	if (accessKeyId !== null || secretAccessKey !== null) throw invalid("only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set", codes);
	let relative = get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), url = relative === null ? get("AWS_CONTAINER_CREDENTIALS_FULL_URI") : `http://${AGENTS[0]}${relative}`;
	if (url !== null) {
		agentUrl(url, codes);
		let tokenFile = get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
		return {
			from: "container",
			url,
			token: get("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
			tokenFile
		};
	}
	if (get("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") throw invalid("there are no credentials for AWS", codes);
	return {
		from: "instance",
		url: "http://169.254.169.254"
	};
}
/** Credentials out of a source, kept until shortly before they end. */
function awsCredentials({ source, now, ...options }) {
	if (source.from === "environment") {
		let { accessKeyId, secretAccessKey, sessionToken } = source;
		return {
			current: () => Promise.resolve({
				accessKeyId,
				secretAccessKey,
				sessionToken
			}),
			forget: () => !1
		};
	}
	let codes = options.codes ?? AS_ANCHOR, http = {
		fetch: options.fetch ?? fetch,
		timeoutMs: options.timeoutMs ?? 5e3,
		codes
	}, kept = null, asking = null;
	return {
		async current() {
			return kept !== null && now() < kept.until - 3e5 || (asking ??= (source.from === "container" ? fromContainer(source, http) : fromInstance(source.url, http)).finally(() => {
				asking = null;
			}), kept = await asking), kept.credentials;
		},
		forget() {
			return kept = null, !0;
		}
	};
}
async function fromContainer({ url, token, tokenFile }, http) {
	let { codes } = http, address = agentUrl(url, codes), authorization = tokenFile === null ? token : await tokenIn(tokenFile, codes), { status, body } = await askAws(address, {
		method: "GET",
		headers: authorization === null ? [] : [["authorization", authorization]]
	}, http);
	if (status !== 200) throw unreachable(`${address.host} gave no credentials: status ${status}`, codes);
	return fetchedOf(membersOf(body), address.host, codes);
}
/** Version 2 only: version 1 gives credentials to whoever can make this machine fetch a URL. */
async function fromInstance(base, http) {
	let { codes } = http, ask = async (method, path, header) => {
		let url = new URL(path, base), { status, body } = await askAws(url, {
			method,
			headers: [header]
		}, http);
		if (status === 404) throw invalid(`the instance has no role that ${url.host} would give credentials of`, codes);
		if (status !== 200) throw unreachable(`${url.host} gave no credentials: status ${status}`, codes);
		return body;
	}, { host } = new URL(base), header = ["x-aws-ec2-metadata-token", lineOf(await ask("PUT", "/latest/api/token", ["x-aws-ec2-metadata-token-ttl-seconds", "300"]), host, codes)], roles = "/latest/meta-data/iam/security-credentials/", role = lineOf(await ask("GET", roles, header), host, codes);
	if (!/^[A-Za-z0-9+=,.@_-]{1,128}$/.test(role)) throw unreachable(`${host} named no role`, codes);
	return fetchedOf(membersOf(await ask("GET", roles + encodeURIComponent(role), header)), host, codes);
}
function lineOf(body, host, codes) {
	try {
		let text = fromUtf8(body).trim();
		if (isSecretText(text)) return text;
	} catch {}
	throw unreachable(`${host} answered something else than a line`, codes);
}
function fetchedOf(members, host, codes) {
	let { AccessKeyId, SecretAccessKey, Token, Expiration } = members ?? {}, found = {
		accessKeyId: AccessKeyId,
		secretAccessKey: SecretAccessKey,
		sessionToken: Token
	}, until = typeof Expiration == "string" ? Date.parse(Expiration) : NaN;
	if (!areCredentials(found) || found.sessionToken === null || Number.isNaN(until)) throw unreachable(`${host} answered something else than credentials`, codes);
	return {
		credentials: found,
		until
	};
}
function areCredentials(it) {
	let { accessKeyId, secretAccessKey, sessionToken } = it;
	return typeof accessKeyId == "string" && /^[A-Za-z0-9]{4,128}$/.test(accessKeyId) && isSecretText(secretAccessKey) && (sessionToken === null || isSecretText(sessionToken));
}
async function tokenIn(path, codes) {
	let text;
	try {
		text = (await readFile(path, "utf8")).trim();
	} catch {
		throw invalid(`${path}, which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, cannot be read`, codes);
	}
	if (!isSecretText(text)) throw invalid(`${path} holds no token`, codes);
	return text;
}
function agentUrl(text, codes) {
	let url = URL.parse(text);
	if (!(url !== null && (url.protocol === "https:" || url.protocol === "http:" && isAgent(url))) || url.username !== "" || url.password !== "") throw invalid("the address that the environment names for credentials is neither https nor an agent of ECS or EKS", codes);
	return url;
}
function isAgent(url) {
	return AGENTS.includes(url.hostname) || isLoopback(url);
}
function invalid(what, codes) {
	return new CodedError(codes.invalid, what, { fix: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is given." });
}
// packages/adapters/src/aws-sigv4.ts
/**
* The headers that sign a request (AWS Signature Version 4, AWS General Reference): `x-amz-date`, `authorization`, and
* `x-amz-security-token` where there is a token.
*/
function signAwsRequest(request, { region, service, credentials, at }) {
	let time = new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, ""), day = time.slice(0, 8), { accessKeyId, secretAccessKey, sessionToken } = credentials, added = [["x-amz-date", time]];
	sessionToken !== null && added.push(["x-amz-security-token", sessionToken]);
	let headers = canonicalHeaders([...request.headers, ...added]), signed = headers.map(([name]) => name).join(";"), lines = headers.map(([name, value]) => `${name}:${value}\n`).join(""), canonical = `${request.method}\n/\n\n${lines}\n${signed}\n${sha256Hex(request.body)}`, scope = `${day}/${region}/${service}/aws4_request`, toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256Hex(canonical)}`, authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${hmac([
		day,
		region,
		service,
		"aws4_request"
	].reduce((secret, part) => hmac(secret, part), Buffer.from(`AWS4${secretAccessKey}`)), toSign).toString("hex")}`;
	return [...added, ["authorization", authorization]];
}
/** By name, in order; values of one name in the order in which they came, white space in them as one space. */
function canonicalHeaders(headers) {
	let byName = /* @__PURE__ */ new Map();
	for (let [name, value] of headers) {
		let values = byName.get(name.toLowerCase()) ?? [];
		byName.set(name.toLowerCase(), [...values, value.trim().replace(/\s+/g, " ")]);
	}
	return [...byName].toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, values]) => [name, values.join(",")]);
}
function hmac(key, text) {
	return createHmac("sha256", key).update(text).digest();
}
function sha256Hex(data) {
	return createHash("sha256").update(data).digest("hex");
}
export { askAws as a, AWS_TIMEOUT_MS as i, awsCredentialSource as n, awsEndpoint as o, awsCredentials as r, signAwsRequest as t };
