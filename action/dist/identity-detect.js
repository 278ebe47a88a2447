import { t as claimedCi } from "./ci-claimed.js";
import { $ as CodedError, X as utf8, m as parseJson, q as concat } from "./src.js";
import "./src3.js";
import "./identity.js";
import { n as awsCredentialSource, r as awsCredentials, t as signAwsRequest } from "./aws-sigv4.js";
import { g as trustedPath, h as findExecutable, y as commandEnvironment } from "./src7.js";
import { n as isFor, t as audiencesOf } from "./identity-claims.js";
import { createConnection } from "node:net";
import { connect } from "node:http2";
import { delimiter } from "node:path";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { execFile } from "node:child_process";
new TextEncoder();
// packages/identity/src/systems.ts
const GUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", ALL = [
	"RS256",
	"RS384",
	"RS512",
	"PS256",
	"ES256",
	"ES384",
	"EdDSA"
], always = () => !0, never = () => !1, matching = (pattern) => (url) => pattern.test(url.href), at = (...issuers) => {
	let hrefs = issuers.map((issuer) => new URL(issuer).href);
	return (url) => hrefs.includes(url.href);
}, isEntra = matching(RegExp(`^https://(?:sts\\.windows\\.net/${GUID}/|login\\.microsoftonline\\.(?:com|us)/${GUID}/v2\\.0)$`)), GOOGLE = at("https://accounts.google.com"), AWS = matching(/^https:\/\/[a-z0-9-]{1,63}\.tokens\.sts\.global\.api\.aws\/$/), CI = {
	algorithms: ["RS256"],
	audience: null,
	lifetime: 3900,
	unfit: {}
}, SYSTEMS = {
	"github-actions": {
		...CI,
		hasIssuer: matching(/^https:\/\/(?:token\.actions\.githubusercontent\.com\/[A-Za-z0-9-]{0,100}|token\.actions\.[a-z0-9-]{1,63}\.ghe\.com\/|[^/]+\/_services\/token)$/),
		isShared: always,
		pins: [
			"repository_id",
			"repository_owner_id",
			"enterprise_id"
		],
		unfit: { sub: "its form changed in July 2026, and names change hands; pin repository_id or repository_owner_id" },
		tellsRunner: !0,
		fresh: !0
	},
	"gitlab-ci": {
		...CI,
		lifetime: 86700,
		hasIssuer: always,
		isShared: at("https://gitlab.com"),
		pins: ["project_id", "namespace_id"],
		unfit: {},
		tellsRunner: !0,
		fresh: !1
	},
	circleci: {
		...CI,
		hasIssuer: matching(RegExp(`^https://(?:oidc\\.circleci\\.com/|[^/]+/org/${GUID})$`)),
		isShared: at("https://oidc.circleci.com"),
		pins: ["oidc.circleci.com/org-id", "oidc.circleci.com/project-id"],
		tellsRunner: !1,
		fresh: !0
	},
	buildkite: {
		...CI,
		hasIssuer: at("https://agent.buildkite.com"),
		isShared: always,
		pins: ["organization_id", "pipeline_id"],
		tellsRunner: !0,
		fresh: !0
	},
	"azure-pipelines": {
		...CI,
		audience: "api://AzureADTokenExchange",
		hasIssuer: (url) => isEntra(url) || matching(RegExp(`^https://vstoken\\.dev\\.azure\\.com/${GUID}$`))(url),
		isShared: never,
		pins: [
			"org_id",
			"prj_id",
			"def_id",
			"rpo_id"
		],
		tellsRunner: !1,
		fresh: !0
	},
	"google-cloud-build": {
		...CI,
		hasIssuer: GOOGLE,
		isShared: always,
		pins: ["sub"],
		tellsRunner: !1,
		fresh: !1
	},
	"aws-codebuild": {
		...CI,
		algorithms: ["RS256", "ES384"],
		hasIssuer: AWS,
		isShared: always,
		pins: ["sub"],
		tellsRunner: !1,
		fresh: !0
	},
	jenkins: {
		...CI,
		hasIssuer: always,
		isShared: never,
		pins: ["sub"],
		tellsRunner: !1,
		fresh: !0
	},
	aws: {
		...CI,
		algorithms: ["RS256", "ES384"],
		hasIssuer: AWS,
		isShared: always,
		pins: ["sub", "https://sts.amazonaws.com/aws_account"],
		tellsRunner: !1,
		fresh: !0
	},
	gcp: {
		...CI,
		hasIssuer: GOOGLE,
		isShared: always,
		pins: ["sub"],
		tellsRunner: !1,
		fresh: !1
	},
	azure: {
		...CI,
		lifetime: 86700,
		hasIssuer: isEntra,
		isShared: always,
		pins: [
			"oid",
			"sub",
			"xms_mirid"
		],
		tellsRunner: !1,
		fresh: !1
	},
	kubernetes: {
		...CI,
		algorithms: [
			"RS256",
			"ES256",
			"ES384"
		],
		hasIssuer: always,
		isShared: always,
		pins: [
			"sub",
			"kubernetes.io/namespace",
			"kubernetes.io/serviceaccount/uid"
		],
		tellsRunner: !1,
		fresh: !1
	},
	spiffe: {
		...CI,
		algorithms: [
			"RS256",
			"RS384",
			"RS512",
			"PS256",
			"ES256",
			"ES384"
		],
		hasIssuer: always,
		isShared: always,
		pins: ["sub", "spiffe/trust-domain"],
		tellsRunner: !1,
		fresh: !1
	},
	oidc: {
		...CI,
		algorithms: ALL,
		hasIssuer: always,
		isShared: always,
		pins: [
			"sub",
			"email",
			"hd",
			"tid"
		],
		tellsRunner: !1,
		fresh: !0
	}
};
Object.keys(SYSTEMS);
// packages/adapters/src/identity-http.ts
const MAX_ANSWER_BYTES$1 = 65536, LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/;
/** Says what a system did not give, and what is to be done about it there. Without a cause: that could hold a secret. */
function unavailable(what, fix) {
	return new CodedError("identity-unavailable", what, fix === void 0 ? {} : { fix });
}
/** No whole answer came; another try may get one. */
var Unanswered = class extends CodedError {
	constructor(what) {
		super("identity-unavailable", what, { fix: "Check the network of the job, then try again." });
	}
};
/**
* One bounded answer, whatever its status; asked for again after a failed connection, 429 and 5xx. Redirects are not
* followed. Throws `identity-unavailable`, which says the host and nothing that was sent.
*/
async function askForToken(question, http) {
	for (let attempt = 1;; attempt++) {
		let last = attempt === 3;
		try {
			let reply = await ask(question, http);
			if (last || reply.status < 500 && reply.status !== 429) return reply;
		} catch (error) {
			if (last || !(error instanceof Unanswered)) throw error;
		}
		let ms = (http.waitMs ?? 300) * 2 ** (attempt - 1);
		await new Promise((resolve) => setTimeout(resolve, ms / 2 + Math.random() * ms / 2));
	}
}
async function ask({ url, method, headers, body }, http) {
	try {
		let response = await (http.fetch ?? fetch)(url, {
			method,
			headers: headers.map(([name, value]) => [name, value]),
			...body === void 0 ? {} : { body },
			redirect: "manual",
			signal: AbortSignal.timeout(http.timeoutMs ?? 1e4)
		});
		return {
			status: response.status,
			headers: response.headers,
			text: await textOf$1(response, url.host)
		};
	} catch (error) {
		throw error instanceof CodedError ? error : new Unanswered(`${url.host} did not answer: ${reasonOf(error)}`);
	}
}
async function textOf$1(response, host) {
	let parts = [], size = 0;
	for await (let part of response.body ?? []) {
		if (size += part.length, size > MAX_ANSWER_BYTES$1) throw unavailable(`the answer of ${host} exceeds ${MAX_ANSWER_BYTES$1} bytes`);
		parts.push(part);
	}
	return Buffer.concat(parts).toString("utf8");
}
function reasonOf(error) {
	if (error instanceof DOMException && error.name === "TimeoutError") return "no answer in time";
	let cause = error instanceof Error && error.cause !== void 0 ? error.cause : error, code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
	return /^[A-Z0-9_]{1,60}$/.test(code) ? code : "the request failed";
}
/**
* The address that an environment gives: `https`, or `http` to this machine and the `clear` hosts, which the platform
* itself answers for. Not quoted where it is none, for it may hold a secret. Throws `identity-unavailable`.
*/
function addressIn(name, text, clear = []) {
	let url = URL.parse(text);
	if (url === null || url.protocol !== "https:" && (url.protocol !== "http:" || !LOOPBACK.test(url.hostname) && !clear.includes(url.hostname)) || url.username !== "" || url.password !== "") throw unavailable(`${name} is not an https address`, `See who sets ${name} in this job; only the CI system may.`);
	return url;
}
/** The token in a member of a JSON answer. Throws `identity-unavailable`, without what was answered. */
function tokenIn(reply, member, host) {
	let token = membersOf(reply.text)?.[member];
	if (!isToken(token)) throw unavailable(`${host} answered something else than a token`);
	return token;
}
/** The members of a JSON object; null for everything else. */
function membersOf(text) {
	try {
		let value = parseJson(text, {
			maxBytes: MAX_ANSWER_BYTES$1,
			maxDepth: 16
		});
		return typeof value == "object" && value && !Array.isArray(value) ? value : null;
	} catch {
		return null;
	}
}
/** Whether it looks like a compact JWS (RFC 7515 §3.1), so that it can be a header and holds nothing else. */
function isToken(text) {
	return typeof text == "string" && text.length <= 32768 && /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text);
}
/** What goes into `Authorization: Bearer`: printable ASCII, or fetch would say it in its error. */
function isBearer(text) {
	return text.length <= 32768 && /^[\x21-\x7e]+$/.test(text);
}
// packages/adapters/src/identity-aws.ts
const ALLOW = "Allow sts:GetWebIdentityToken to the role (in CodeBuild: the service role of the project), and enable it once for the account: aws iam enable-outbound-web-identity-federation";
/**
* AWS: `sts:GetWebIdentityToken` of a regional endpoint vouches for the role that runs here (AWS STS API Reference,
* 2011-06-15). In CodeBuild the token is asked to carry the build's ARN, where the role may have it do so; what a role
* asks for is its own word, unless a policy forces it.
*/
function awsTokens(system, environment, options) {
	let build = environment.CODEBUILD_BUILD_ARN ?? "", tagged = system === "aws-codebuild" && /^arn:[\x21-\x7e]{1,250}$/.test(build);
	return {
		system,
		audience: null,
		renewable: !0,
		repeats: !1,
		run: tagged ? build : null,
		async token(audience) {
			let region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || "";
			if (!/^[a-z0-9-]{1,32}$/.test(region)) throw unavailable("AWS_REGION names no region", "Set AWS_REGION.");
			let url = endpointOf$1(environment, region), credentials = await credentialsOf(environment, options), ask = (tags) => askSts({
				url,
				region,
				credentials,
				tags,
				audience
			}, options), reply = await ask(tagged ? [["codebuild-build-arn", build]] : []);
			tagged && reply.status === 403 && errorOf(reply) === "AccessDenied" && (reply = await ask([]));
			let token = /<WebIdentityToken>\s*([A-Za-z0-9._-]+)\s*<\/WebIdentityToken>/.exec(reply.text)?.[1];
			if (reply.status === 200 && isToken(token)) return token;
			throw unavailable(`AWS gave no identity token: ${errorOf(reply) ?? "status"} (${reply.status} of ${url.host})`, ALLOW);
		}
	};
}
function askSts({ url, region, credentials, tags, audience }, { now, ...http }) {
	let form = new URLSearchParams({
		Action: "GetWebIdentityToken",
		Version: "2011-06-15",
		"Audience.member.1": audience,
		SigningAlgorithm: "ES384",
		DurationSeconds: "300"
	});
	for (let [i, [key, value]] of tags.entries()) form.set(`Tags.member.${i + 1}.Key`, key), form.set(`Tags.member.${i + 1}.Value`, value);
	let body = form.toString(), headers = [["content-type", "application/x-www-form-urlencoded; charset=utf-8"]], added = signAwsRequest({
		method: "POST",
		headers: [["host", url.host], ...headers],
		body: utf8(body)
	}, {
		region,
		service: "sts",
		credentials,
		at: now()
	});
	return askForToken({
		url,
		method: "POST",
		headers: [...headers, ...added],
		body
	}, http);
}
/** The name of an error; not its message, which may repeat what was sent. */
function errorOf({ text }) {
	return /<Code>([A-Za-z]{1,80})<\/Code>/.exec(text)?.[1] ?? null;
}
/** The global endpoint knows no GetWebIdentityToken. */
function endpointOf$1(environment, region) {
	let name = environment.AWS_ENDPOINT_URL_STS ? "AWS_ENDPOINT_URL_STS" : "AWS_ENDPOINT_URL", named = environment[name] ?? "", domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com", url = addressIn(name, named === "" ? `https://sts.${region}.${domain}` : named);
	if (url.pathname !== "/" || url.search !== "") throw unavailable(`${name} has more than a host`, `Mend ${name}.`);
	return url;
}
async function credentialsOf(environment, { now, fetch, timeoutMs }) {
	try {
		let more = {
			...fetch === void 0 ? {} : { fetch },
			...timeoutMs === void 0 ? {} : { timeoutMs }
		};
		return await awsCredentials({
			source: awsCredentialSource(environment),
			now,
			...more
		}).current();
	} catch (error) {
		throw unavailable(error instanceof CodedError ? error.what : "there are no credentials for AWS", ALLOW);
	}
}
// packages/adapters/src/identity-azure.ts
/** The instance metadata service, which the platform answers on the machine itself. */
const IMDS = "169.254.169.254", FIX$2 = "Give the machine or app a managed identity, and set COUNTERSIGN_AUDIENCE to the Application ID URI of an app in Entra ID, with the same audience in the issuer rule.";
/**
* Azure: the managed identity of a machine (IMDS, api-version 2018-02-01), or of an app where `IDENTITY_ENDPOINT` and
* `IDENTITY_HEADER` are set (2019-08-01). `AZURE_CLIENT_ID` chooses among several.
*/
function azureTokens(environment, http = {}) {
	return {
		system: "azure",
		audience: null,
		renewable: !0,
		repeats: !0,
		async token(audience) {
			let { url, headers } = endpointOf(environment);
			url.searchParams.set("resource", audience);
			let client = environment.AZURE_CLIENT_ID ?? "";
			client !== "" && url.searchParams.set("client_id", client);
			let reply = await askForToken({
				url,
				method: "GET",
				headers
			}, http);
			if (reply.status !== 200) throw unavailable(`${url.host} gave no identity token: status ${reply.status}`, FIX$2);
			return tokenIn(reply, "access_token", url.host);
		}
	};
}
function endpointOf(environment) {
	let endpoint = environment.IDENTITY_ENDPOINT ?? "", secret = environment.IDENTITY_HEADER ?? "";
	if (endpoint !== "" && secret !== "") {
		if (!isBearer(secret)) throw unavailable("IDENTITY_HEADER is malformed", FIX$2);
		let own = URL.parse(endpoint)?.hostname ?? "", url = addressIn("IDENTITY_ENDPOINT", endpoint, /^(169\.254|172\.16)\.\d+\.\d+$/.test(own) ? [own] : []);
		return url.searchParams.set("api-version", "2019-08-01"), {
			url,
			headers: [["x-identity-header", secret]]
		};
	}
	let base = addressIn("AZURE_POD_IDENTITY_AUTHORITY_HOST", (environment.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? "") || `http://${IMDS}`, [IMDS]);
	return {
		url: new URL("/metadata/identity/oauth2/token?api-version=2018-02-01", base),
		headers: [["metadata", "true"]]
	};
}
// packages/adapters/src/identity-azure-pipelines.ts
const MAPPING = "Map the token of the job into the step: env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }. Pipelines of forks may be refused it.", AZURE_PIPELINES_AUDIENCE = "api://AzureADTokenExchange";
/**
* Azure Pipelines: `POST $SYSTEM_OIDCREQUESTURI` with `SYSTEM_ACCESSTOKEN` (Azure DevOps REST API, Oidctoken, Create),
* and without a service connection: of the pipeline itself.
*/
function azurePipelinesTokens(environment, http = {}) {
	return {
		system: "azure-pipelines",
		audience: AZURE_PIPELINES_AUDIENCE,
		renewable: !0,
		repeats: !1,
		async token(audience) {
			if (audience !== "api://AzureADTokenExchange") throw unavailable(`Azure Pipelines vouches only to ${AZURE_PIPELINES_AUDIENCE}, not to ${audience}`, `Unset COUNTERSIGN_AUDIENCE, and give the issuer rule the audience ${AZURE_PIPELINES_AUDIENCE}.`);
			let address = environment.SYSTEM_OIDCREQUESTURI ?? "", bearer = environment.SYSTEM_ACCESSTOKEN ?? "";
			if (bearer === "") throw unavailable("SYSTEM_ACCESSTOKEN is not mapped into this step", MAPPING);
			if (address === "") throw unavailable("SYSTEM_OIDCREQUESTURI is not set", "Run it as a step of a job; Azure DevOps Server has no such tokens: sign with a key there.");
			if (!isBearer(bearer) || bearer.startsWith("$(")) throw unavailable("SYSTEM_ACCESSTOKEN is malformed", MAPPING);
			let url = addressIn("SYSTEM_OIDCREQUESTURI", address);
			url.searchParams.set("api-version", "7.1-preview.1");
			let reply = await askForToken({
				url,
				method: "POST",
				headers: [
					["authorization", `Bearer ${bearer}`],
					["content-type", "application/json"],
					["accept", "application/json"]
				],
				body: ""
			}, http);
			if (reply.status !== 200) throw unavailable(`Azure Pipelines gave no identity token: status ${reply.status} of ${url.host}`, MAPPING);
			return tokenIn(reply, "oidcToken", url.host);
		}
	};
}
// packages/adapters/src/identity-program.ts
/** Absolute path of a CI system's own program, found on `PATH` outside of the workspace; null where it is not there. */
function programOf(name, environment, root) {
	return findExecutable(name, environment, root);
}
/**
* What a program that speaks for the job is told of its environment: nothing that would have other code run in it, and
* no place of the workspace to look for programs.
*/
function programEnvironment(environment, root) {
	let { NODE_OPTIONS: _, ...given } = commandEnvironment(environment, null);
	return {
		...given,
		PATH: trustedPath(environment, root).join(delimiter)
	};
}
/**
* The token that a CI system's own program prints. Its other words are not repeated: they may hold a secret. Throws
* `identity-unavailable`.
*/
async function tokenOfProgram(program) {
	let { name, environment, root, fix } = program, binary = programOf(name, environment, root);
	if (binary === null) throw unavailable(`${name} is not on PATH (the workspace itself does not count)`, fix);
	let options = {
		cwd: "/",
		env: programEnvironment(environment, root),
		timeout: program.timeoutMs ?? 2e4,
		killSignal: "SIGKILL",
		maxBuffer: 131072,
		windowsHide: !0
	}, said = await new Promise((done, fail) => {
		execFile(binary, [...program.args], options, (error, stdout) => {
			if (error === null) return done(stdout.trim());
			let how = typeof error.code == "number" ? `exit ${error.code}` : "no answer in time, or too long a one";
			fail(unavailable(`${name} gave no identity token (${how})`, fix));
		});
	});
	if (!isToken(said)) throw unavailable(`${name} printed something else than a token`, fix);
	return said;
}
/** Buildkite: `buildkite-agent oidc request-token` (buildkite.com/docs/agent/cli/reference/oidc). */
function buildkiteTokens(environment, root) {
	return {
		system: "buildkite",
		audience: null,
		renewable: !0,
		repeats: !1,
		token: (audience) => tokenOfProgram({
			name: "buildkite-agent",
			args: [
				"oidc",
				"request-token",
				"--audience",
				audience,
				"--claim",
				"organization_id,pipeline_id,build_id"
			],
			environment,
			root,
			fix: "Have buildkite-agent on PATH in the step (in a container: mount it), with the BUILDKITE_ variables of the job passed on."
		})
	};
}
// packages/adapters/src/identity-given.ts
/** Where a job or platform puts a token for us. */
const TOKEN_VARIABLE = "COUNTERSIGN_ID_TOKEN", TOKEN_FILE_VARIABLE = "COUNTERSIGN_ID_TOKEN_FILE", MORE = [...Array.from({ length: 8 }, (_, i) => `${TOKEN_VARIABLE}_${i + 2}`), "SIGSTORE_ID_TOKEN"];
/**
* Tokens that were put here before: by a CI system into `COUNTERSIGN_ID_TOKEN` and the others of its kind, or by a
* platform into the file that `COUNTERSIGN_ID_TOKEN_FILE` names, which is read anew each time, for platforms replace
* it. Each variable is handed out once. One for another audience never: whom it is for would trust whoever has it.
*/
function givenTokens(options) {
	let places = placesOf(options), spent = /* @__PURE__ */ new Set();
	return {
		system: options.system,
		audience: null,
		renewable: places.some((place) => "file" in place),
		repeats: !0,
		async token(audience) {
			let fix = options.fix(audience), fault = unavailable(`${TOKEN_VARIABLE} is not set`, fix);
			for (let place of places) {
				if (spent.has(place.name)) continue;
				let token = "text" in place ? place.text : await textOf(place.file);
				if (isToken(token) && isFor(token, audience)) return "text" in place && spent.add(place.name), token;
				fault = unavailable(isToken(token) ? `the token in ${place.name} is for ${audiencesOf(token)}, not for ${audience}` : `${place.name} holds no token`, fix);
			}
			throw spent.size === 0 ? fault : unavailable("every token that this job was given was used", `Each counts once, but for steps that find the session it opened: give them one directory for it, COUNTERSIGN_SESSIONS. Or give the job another token as ${TOKEN_VARIABLE}_${spent.size + 1}, in the same way as the first.`);
		}
	};
}
function placesOf({ environment, variable, file }) {
	let get = (name) => {
		let text = (environment[name] ?? "").trim();
		return text === "" ? null : text;
	}, held = [
		TOKEN_VARIABLE,
		...MORE,
		...variable === void 0 ? [] : [variable]
	].flatMap((name) => {
		let text = get(name);
		return text === null ? [] : [{
			name,
			text
		}];
	}), named = get(TOKEN_FILE_VARIABLE);
	return named === null ? file === void 0 || held.length > 0 ? held : [{
		name: file,
		file
	}] : [...held, {
		name: TOKEN_FILE_VARIABLE,
		file: named
	}];
}
/** Empty where there is nothing that could be a token. */
async function textOf(file) {
	try {
		let found = await stat(file);
		return found.isFile() && found.size <= 65536 ? (await readFile(file, "utf8")).trim() : "";
	} catch {
		return "";
	}
}
// packages/adapters/src/identity-circleci.ts
const OWN = "CIRCLE_OIDC_TOKEN_V2";
/**
* CircleCI: `circleci run oidc get --root-issuer --claims '{"aud":"…"}'` (circleci.com/docs, OIDC tokens with custom
* claims). Where the job has no such program, `CIRCLE_OIDC_TOKEN_V2`, and only for its own audience, the organisation's
* id: cloud roles that trust that audience trust whoever has the token.
*/
function circleciTokens(environment, root) {
	let fix = (audience) => `Run in CircleCI's cloud with its circleci program on PATH, or set COUNTERSIGN_AUDIENCE=$CIRCLE_ORGANIZATION_ID to use ${OWN}, and give the issuer rule the same audience (now ${audience}). Pull requests from forks get no token.`;
	return programOf("circleci", environment, root) === null ? givenTokens({
		system: "circleci",
		environment,
		fix,
		variable: OWN
	}) : {
		system: "circleci",
		audience: null,
		renewable: !0,
		repeats: !1,
		token: (audience) => tokenOfProgram({
			name: "circleci",
			args: [
				"run",
				"oidc",
				"get",
				"--root-issuer",
				"--claims",
				JSON.stringify({ aud: audience })
			],
			environment,
			root,
			fix: fix(audience)
		})
	};
}
// packages/adapters/src/identity-github.ts
const PERMISSION = "Let the job ask for it, in the workflow: permissions: { id-token: write, contents: read }. Pull requests from forks cannot.";
/**
* GitHub Actions: `GET $ACTIONS_ID_TOKEN_REQUEST_URL&audience=…` with `ACTIONS_ID_TOKEN_REQUEST_TOKEN`
* (docs.github.com, OpenID Connect reference). Both are there only with the permission `id-token: write`.
*/
function githubTokens(environment, http = {}) {
	return {
		system: "github-actions",
		audience: null,
		renewable: !0,
		repeats: !1,
		async token(audience) {
			let address = environment.ACTIONS_ID_TOKEN_REQUEST_URL ?? "", bearer = environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN ?? "";
			if (address === "" || bearer === "") throw unavailable("the job may not ask GitHub for an identity", PERMISSION);
			let url = addressIn("ACTIONS_ID_TOKEN_REQUEST_URL", address);
			if (!isBearer(bearer)) throw unavailable("ACTIONS_ID_TOKEN_REQUEST_TOKEN is malformed", PERMISSION);
			url.searchParams.set("audience", audience);
			let reply = await askForToken({
				url,
				method: "GET",
				headers: [["authorization", `Bearer ${bearer}`], ["accept", "application/json; api-version=2.0"]]
			}, http);
			if (reply.status !== 200) throw unavailable(`GitHub gave no identity token: status ${reply.status} of ${url.host}`, PERMISSION);
			return tokenIn(reply, "value", url.host);
		}
	};
}
// packages/adapters/src/identity-google.ts
/** Names of the metadata server, which the platform answers on the machine itself. */
const METADATA = [
	"metadata.google.internal",
	"169.254.169.254",
	"metadata"
], FIX$1 = {
	"google-cloud-build": "Give the build a service account of your own (serviceAccount: in cloudbuild.yaml or the trigger): the default one has no identity tokens. It needs roles/iam.serviceAccountOpenIdTokenCreator on itself.",
	gcp: "Run where a service account is attached; on GKE, bind the Kubernetes service account to one."
};
/**
* Google Cloud: the metadata server vouches for the attached service account (cloud.google.com, Verify VM identity);
* in Cloud Build for the one of the build. `GCE_METADATA_HOST` may name it, as for Google's own libraries.
*/
function googleTokens(system, environment, http = {}) {
	return {
		system,
		audience: null,
		renewable: !0,
		repeats: !0,
		run: system === "google-cloud-build" ? buildOf(environment) : null,
		async token(audience) {
			let url = addressIn("GCE_METADATA_HOST", `http://${(environment.GCE_METADATA_HOST ?? "") || METADATA[0]}/computeMetadata/v1/instance/service-accounts/default/identity`, METADATA);
			url.searchParams.set("audience", audience), url.searchParams.set("format", "full");
			let reply = await askForToken({
				url,
				method: "GET",
				headers: [["metadata-flavor", "Google"]]
			}, http);
			if (reply.headers.get("metadata-flavor") !== "Google") throw unavailable(`${url.host} is no metadata server of Google`, FIX$1[system]);
			let token = reply.text.trim();
			if (reply.status !== 200 || !isToken(token)) throw unavailable(`the metadata server gave no identity token: status ${reply.status}`, FIX$1[system]);
			return token;
		}
	};
}
/** The build's name, from what a step has mapped of the substitutions; Cloud Build itself sets nothing. */
function buildOf(environment) {
	let { PROJECT_ID: project = "", LOCATION: location = "", BUILD_ID: build = "" } = environment;
	return [project, build].every((part) => /^[a-z0-9:.-]{1,100}$/.test(part)) ? `projects/${project}/locations/${/^[a-z0-9-]{1,32}$/.test(location) ? location : "global"}/builds/${build}` : null;
}
// packages/adapters/src/identity-spiffe.ts
const FIX = "Mount the socket of the SPIFFE agent, set SPIFFE_ENDPOINT_SOCKET=unix:///path/to/it, and register the workload.";
/** SPIFFE: a JWT-SVID from the Workload API (SPIFFE Workload API, §6.2.1), gRPC over the unix socket that is named. */
function spiffeTokens(environment, timeoutMs = 1e4) {
	return {
		system: "spiffe",
		audience: null,
		renewable: !0,
		repeats: !0,
		async token(audience) {
			let path = /^unix:(?:\/\/)?(\/.+)$/.exec(environment.SPIFFE_ENDPOINT_SOCKET ?? "")?.[1];
			if (path === void 0) throw unavailable("SPIFFE_ENDPOINT_SOCKET names no unix socket", FIX);
			let first = field(await call(path, "/SpiffeWorkloadAPI/FetchJWTSVID", member(1, utf8(audience)), timeoutMs), 1), token = first === null ? "" : Buffer.from(field(first, 2) ?? []).toString("utf8");
			if (!isToken(token)) throw unavailable("the SPIFFE agent answered something else than a token", FIX);
			return token;
		}
	};
}
/** One unary call of gRPC (PROTOCOL-HTTP2); resolves with the first message. */
function call(socket, method, request, timeoutMs) {
	return new Promise((resolve, reject) => {
		let session = connect("http://localhost", { createConnection: () => createConnection(socket) }), fail = (what) => {
			reject(unavailable(`the SPIFFE agent gave no token: ${what}`, FIX)), session.destroy();
		}, timer = setTimeout(() => fail("no answer in time"), timeoutMs);
		session.once("close", () => clearTimeout(timer)), session.once("error", () => fail("its socket does not answer"));
		let stream = session.request({
			":method": "POST",
			":path": method,
			"content-type": "application/grpc",
			te: "trailers",
			"workload.spiffe.io": "true"
		}), parts = [], size = 0, status;
		stream.on("response", (headers) => status = headers["grpc-status"]), stream.on("trailers", (headers) => status = headers["grpc-status"]), stream.on("error", () => fail("its socket does not answer")), stream.on("data", (part) => {
			if (size += part.length, size > 262144) return fail("its answer is too long");
			parts.push(part);
		}), stream.on("end", () => {
			let answer = Buffer.concat(parts), length = answer.length < 5 ? -1 : answer.readUInt32BE(1);
			if (status !== "0") return fail(status === "7" ? "this workload is not registered" : "it refused");
			if (length < 0 || answer[0] !== 0 || answer.length < 5 + length) return fail("its answer is cut off");
			resolve(new Uint8Array(answer.subarray(5, 5 + length))), session.close();
		});
		let head = Buffer.alloc(5);
		head.writeUInt32BE(request.length, 1), stream.end(Buffer.concat([head, request]));
	});
}
/** A length-delimited member of a protobuf message. */
function member(number, bytes) {
	let { length } = bytes, size = length < 128 ? [length] : [length & 127 | 128, length >> 7];
	return concat(Uint8Array.of(number << 3 | 2, ...size), bytes);
}
/** The first member of that number, which must be length-delimited; null where there is none, or nothing readable. */
function field(message, number) {
	let at = 0, varint = () => {
		let value = 0;
		for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
			let byte = message[at++] ?? 0;
			if (value += (byte & 127) * scale, byte < 128) return value;
		}
		return NaN;
	};
	for (; at < message.length;) {
		let tag = varint();
		if (tag % 8 != 2) return null;
		let length = varint();
		if (!(length <= message.length - at)) return null;
		if (Math.floor(tag / 8) === number) return message.subarray(at, at + length);
		at += length;
	}
	return null;
}
// packages/adapters/src/identity-detect.ts
/** Where the documentation has the projected token of a pod mounted. */
const KUBERNETES_TOKEN = "/var/run/secrets/countersign/token", given = (system, fix, file) => ({ environment }) => givenTokens({
	system,
	environment,
	fix,
	...file === void 0 ? {} : { file }
}), MAKERS = {
	"github-actions": ({ environment, http }) => githubTokens(environment, http),
	"gitlab-ci": given("gitlab-ci", (audience) => `Let the job have one, in .gitlab-ci.yml: id_tokens: { ${TOKEN_VARIABLE}: { aud: ${JSON.stringify(audience)} } }`),
	circleci: ({ environment, root }) => circleciTokens(environment, root),
	buildkite: ({ environment, root }) => buildkiteTokens(environment, root),
	"azure-pipelines": ({ environment, http }) => azurePipelinesTokens(environment, http),
	"google-cloud-build": ({ environment, http }) => googleTokens("google-cloud-build", environment, http),
	"aws-codebuild": ({ environment, now, http }) => awsTokens("aws-codebuild", environment, {
		...http,
		now
	}),
	jenkins: given("jenkins", (audience) => `Bind a credential of the OpenID Connect Provider plugin with the audience ${audience}: withCredentials([string(credentialsId: '…', variable: '${TOKEN_VARIABLE}')]), or file(…) as ${TOKEN_FILE_VARIABLE}.`),
	aws: ({ environment, now, http }) => awsTokens("aws", environment, {
		...http,
		now
	}),
	gcp: ({ environment, http }) => googleTokens("gcp", environment, http),
	azure: ({ environment, http }) => azureTokens(environment, http),
	kubernetes: given("kubernetes", (audience) => `Mount a projected volume with serviceAccountToken: { audience: ${JSON.stringify(audience)}, path: token } at /var/run/secrets/countersign, or name its file: ${TOKEN_FILE_VARIABLE}.`, KUBERNETES_TOKEN),
	spiffe: (options) => isSet(options.environment, "COUNTERSIGN_ID_TOKEN", "COUNTERSIGN_ID_TOKEN_FILE") ? given("spiffe", (audience) => `Have the helper of SPIFFE write a JWT-SVID for ${audience} there.`)(options) : spiffeTokens(options.environment),
	oidc: given("oidc", (audience) => `Put a token for ${audience} into ${TOKEN_VARIABLE}, or name its file: ${TOKEN_FILE_VARIABLE}.`)
}, IDENTITY_SYSTEMS = Object.keys(MAKERS), ALIASES = {
	github: "github-actions",
	gitlab: "gitlab-ci",
	"azure-devops": "azure-pipelines",
	"cloud-build": "google-cloud-build",
	codebuild: "aws-codebuild",
	google: "gcp"
};
/** The system of that name, null where there is none. */
function identitySystem(name) {
	return IDENTITY_SYSTEMS.find((one) => one === name) ?? (Object.hasOwn(ALIASES, name) ? ALIASES[name] : null);
}
function identityTokens(system, options) {
	return MAKERS[system](options);
}
/** Whose environment this is, as far as its variables tell: a CI system, else a platform that names itself; else null. */
function detectIdentitySystem(environment) {
	let ci = claimedCi.detect(environment);
	return ci === null ? isSet(environment, "COUNTERSIGN_ID_TOKEN", "COUNTERSIGN_ID_TOKEN_FILE") ? "oidc" : isSet(environment, "SPIFFE_ENDPOINT_SOCKET") ? "spiffe" : isSet(environment, "KUBERNETES_SERVICE_HOST") && existsSync(KUBERNETES_TOKEN) ? "kubernetes" : isSet(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI") ? "aws" : isSet(environment, "IDENTITY_ENDPOINT") ? "azure" : isSet(environment, "K_SERVICE", "CLOUD_RUN_JOB") ? "gcp" : null : identitySystem(ci.system);
}
function isSet(environment, ...names) {
	return names.some((name) => (environment[name] ?? "") !== "");
}
export { IDENTITY_SYSTEMS, detectIdentitySystem, identitySystem, identityTokens };
