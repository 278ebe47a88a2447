import { $ as CodedError, Q as fromBase64, X as utf8, Y as fromUtf8, Z as base64, _ as isHex, g as hex, m as parseJson, nt as CATALOGUE, p as canonicalJson, s as readSigningKey, tt as reportOf, u as publicKeyPem, y as sha256 } from "./src.js";
import { At as MAX_NOTE_BYTES, B as parseRemarkLine, C as parseSignedContract, Ct as PAYLOAD_TYPE, D as writeChainFile, Dt as parseTlogProof, E as parseChainFile, Et as parseLoggedAct, H as readReceipt, Ht as writeEnvelope, Jt as isTime, L as readWithheld, Nt as parseVkey, Ot as parseCheckpoint, R as REMARK_KINDS, Rt as linkDigest, T as MAX_CHAIN_LINES, Vt as readEnvelope, Z as parseStep, b as readCoverage, f as MAX_HEAD_PROOF_BYTES, gt as writeBundle, h as parseLogStatement, mt as readBundle, p as parseHeadProof, pt as parseBundle, q as parseDeviationLine, qt as Shape, s as isRevocationReason, w as MAX_CHAIN_BYTES, yt as CHAIN_MEDIA_TYPE } from "./src3.js";
import { E as MAX_ANCHOR_BYTES, F as tilePath, N as MAX_ENTRY_BYTES, P as readEntries, h as parseAnchor } from "./anchor.js";
import { d as IDENTITY_FACTS, p as bareIdentity } from "./identity.js";
import { t as makeDirectory } from "./make-directory.js";
import { join } from "node:path";
import { constants } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
/**
* The statements that first cover the entries of some chains, and their anchors. Where one of them is missing from an
* anchor that it was meant for, a later statement that is in it does; it covers all that came before.
*/
async function gatherStatements(source, chains) {
	let gathered = new Gathered(source);
	for (let chain of chains) {
		let first = await unlessMissing(source.coverage(chain), NOTHING$1);
		gathered.add(first);
		for (let { number } of first.statements) {
			let { waiting } = await gathered.anchorsOf(number);
			for (let later = number + 1; waiting.length > 0 && later <= number + 7; later++) {
				let { proofs, waiting: still, missing } = await gathered.anchorsOf(later);
				if (missing) break;
				proofs.length > 0 && waiting.some((name) => !still.includes(name)) && gathered.add(await unlessMissing(source.coverage(chain, later), NOTHING$1)), waiting = waiting.filter((name) => still.includes(name));
			}
		}
	}
	return gathered.statements();
}
const NOTHING$1 = {
	statements: [],
	coverage: []
};
var Gathered = class {
	#source;
	#statements = /* @__PURE__ */ new Map();
	#coverage = [];
	#anchors = /* @__PURE__ */ new Map();
	constructor(source) {
		this.#source = source;
	}
	add({ statements, coverage }) {
		for (let statement of statements) this.#statements.set(statement.number, statement);
		this.#coverage.push(...coverage);
	}
	anchorsOf(number) {
		let known = this.#anchors.get(number) ?? this.#fetch(number);
		return this.#anchors.set(number, known), known;
	}
	async #fetch(number) {
		let found = await unlessMissing(this.#source.statementAnchors(number), null);
		return found === null ? {
			proofs: [],
			waiting: [],
			missing: !0
		} : {
			...found,
			missing: !1
		};
	}
	async statements() {
		let anchors = [];
		for (let number of this.#statements.keys()) anchors.push(...(await this.anchorsOf(number)).proofs);
		return {
			statements: [...this.#statements.values()],
			coverage: this.#coverage,
			anchors
		};
	}
};
/** A server without statements, or one of before them, has nothing to say. */
async function unlessMissing(asked, otherwise) {
	try {
		return await asked;
	} catch (error) {
		if (error instanceof CodedError && (error.code === "not-found" || error.code === "method-unknown")) return otherwise;
		throw error;
	}
}
// packages/client/src/plain-text.ts
const SEQUENCES = /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[?|\u009b)[0-?]*[ -/]*[@-~]/g, SPACES = /[\t\n\v\f\r\u0085\u2028\u2029]+/g, CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
/**
* Somebody else's text, safe to show on a terminal or in a log: one line, without escape sequences, control
* characters and marks that turn text around (T-92), clipped to `max` characters.
*/
function plainText(text, max = 1e3) {
	let plain = text.slice(0, 4 * max).replace(SEQUENCES, "").replace(SPACES, " ").replace(CONTROLS, "").toWellFormed();
	return plain.length > max ? `${plain.slice(0, max - 1).toWellFormed()}…` : plain;
}
// packages/client/src/answers.ts
/**
* Reads a server's JSON answer as far as it is used; what else it holds is a newer server's business. Throws
* `server-answer` naming the field. Every text comes out plain (T-92).
*/
var Reading = class Reading {
	#object;
	constructor(value) {
		(typeof value != "object" || !value || Array.isArray(value)) && fail("an object is missing"), this.#object = value;
	}
	text(key) {
		let value = this.#object[key];
		return typeof value != "string" && fail(`${key} is not text`), plainText(value);
	}
	/** Text or null; a field that is left out is null too. */
	textOrNull(key) {
		return this.#object[key] == null ? null : this.text(key);
	}
	hex(key, length) {
		let value = this.#object[key];
		return typeof value == "string" && isHex(value, length) || fail(`${key} is not ${length} hex digits`), value;
	}
	integer(key) {
		let value = this.#object[key];
		return (typeof value != "number" || !Number.isSafeInteger(value) || value < 0) && fail(`${key} is not a count`), value;
	}
	/** Any number that is not below nothing. */
	number(key) {
		let value = this.#object[key];
		return (typeof value != "number" || !Number.isFinite(value) || value < 0) && fail(`${key} is not a number`), value;
	}
	boolean(key) {
		let value = this.#object[key];
		return typeof value != "boolean" && fail(`${key} is not true or false`), value;
	}
	isMissing(key) {
		return this.#object[key] === void 0 || this.#object[key] === null;
	}
	object(key) {
		return new Reading(this.#object[key]);
	}
	objectOrNull(key) {
		return this.#object[key] === null ? null : this.object(key);
	}
	list(key, read) {
		return this.#array(key).map((item) => read(new Reading(item)));
	}
	hexes(key, length) {
		return this.#array(key).map((item) => (typeof item == "string" && isHex(item, length) || fail(`${key} holds what is not ${length} hex digits`), item));
	}
	/** Texts as they are, line ends and all: for what is parsed. */
	texts(key) {
		return this.#array(key).map((item) => (typeof item != "string" && fail(`${key} holds what is not text`), item));
	}
	/** Proofs that statements cover entries, unverified. */
	coverage(key) {
		return this.#array(key).map((_, i) => this.#document(key, "list of coverage", (all) => readCoverage(new Shape("server-answer", all[i], "coverage"))));
	}
	/** A Sigstore bundle, unverified as any other. */
	bundle(key) {
		return this.#document(key, "bundle", readBundle);
	}
	/** A receipt, unverified too. */
	receipt(key) {
		return this.#document(key, "receipt", readReceipt);
	}
	/** What stands for a withheld attestation, unverified too. */
	withheld(key) {
		return this.#document(key, "withheld attestation", readWithheld);
	}
	/** A document whose shape its own reader looks at, or null. */
	json(key) {
		return this.#object[key] ?? null;
	}
	base64(key) {
		return this.#document(key, "text in base64", (value) => fromBase64(new Shape("server-answer", value, key).string()));
	}
	/** A `.tlog-proof`, unverified too. */
	proof(key) {
		return this.#document(key, "proof", (value) => parseTlogProof(utf8(new Shape("server-answer", value, key).string())));
	}
	#document(key, kind, read) {
		try {
			return read(this.#object[key] ?? null);
		} catch (cause) {
			throw cause instanceof CodedError ? new CodedError("server-answer", `${key} is not a ${kind}: ${plainText(cause.what, 200)}`, { cause }) : cause;
		}
	}
	#array(key) {
		let value = this.#object[key];
		return (!Array.isArray(value) || value.length > 1e5) && fail(`${key} is not a list`), value;
	}
};
function fail(what) {
	throw new CodedError("server-answer", `in the server's answer, ${what}`);
}
/** An answer in a format of its own; throws `server-answer` where it is not. */
function readAnswer(bytes, parse, what) {
	try {
		return parse(bytes);
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError("server-answer", `the answer is not ${what}: ${plainText(cause.what, 200)}`, { cause }) : cause;
	}
}
// packages/client/src/issuers.ts
/** What an issuer rule may allow, by its fields. */
const SWITCHES = [
	"pullRequests",
	"forks",
	"selfHosted",
	"sshRerun"
];
function issuerCalls(transport) {
	let ask = async (method, path, value) => {
		let body = value === void 0 ? {} : { body: jsonBody$2(value) };
		return new Reading((await transport.json({
			method,
			path,
			...body
		})).body);
	};
	return {
		async issuers() {
			return (await ask("GET", "/v1/issuers")).list("items", listedOf$6);
		},
		async addIssuer(rule) {
			return listedOf$6(await ask("POST", "/v1/issuers", rule));
		},
		async removeIssuer(id) {
			await transport.send({
				method: "DELETE",
				path: `/v1/issuers/${encodeURIComponent(id)}`
			});
		},
		async tryToken(token, run = null) {
			let it = await ask("POST", "/v1/issuers/test", {
				token,
				...run === null ? {} : { run }
			}), known = it.objectOrNull("token");
			return {
				rule: it.textOrNull("rule"),
				refusal: refusalIn(it),
				rules: it.list("rules", (one) => ({
					id: one.text("id"),
					refusal: refusalIn(one)
				})),
				token: known === null ? null : knownOf(known),
				confirmation: confirmationIn(it),
				used: it.boolean("used")
			};
		}
	};
}
function listedOf$6(it) {
	return {
		id: it.text("id"),
		system: it.text("system"),
		issuer: it.text("issuer"),
		audience: it.textOrNull("audience"),
		claims: it.list("claims", (one) => ({
			name: one.text("name"),
			value: one.text("value")
		})),
		allows: SWITCHES.filter((name) => {
			let value = it.text(name);
			if (value !== "allow" && value !== "refuse") throw new CodedError("server-answer", `${name} is neither allow nor refuse`);
			return value === "allow";
		}),
		confirm: it.text("confirm"),
		session: it.integer("session"),
		addedAt: it.text("addedAt"),
		addedBy: it.text("addedBy"),
		removedAt: it.textOrNull("removedAt")
	};
}
function knownOf(it) {
	let identity = it.object("identity");
	return {
		system: it.text("system"),
		grade: it.text("grade"),
		issuer: identity.text("issuer"),
		subject: identity.object("subject").text("value"),
		expiresAt: it.text("expiresAt")
	};
}
function confirmationIn(it) {
	let found = it.objectOrNull("confirmation");
	return found === null ? null : {
		confirmed: found.boolean("confirmed"),
		reason: refusalIn(found, "reason")
	};
}
/** Why a provider did not confirm a run, in an answer that may say so. */
function reasonIn(it) {
	return confirmationIn(it)?.reason ?? null;
}
function refusalIn(it, name = "refusal") {
	let refusal = it.objectOrNull(name);
	if (refusal === null) return null;
	let code = refusal.text("code");
	return {
		code: Object.hasOwn(CATALOGUE, code) ? code : null,
		what: refusal.text("what"),
		fix: refusal.text("fix")
	};
}
function jsonBody$2(value) {
	return {
		type: "application/json",
		bytes: new TextEncoder().encode(JSON.stringify(value))
	};
}
// packages/client/src/problem.ts
/** The server said no. `code`, `what` and `fix` are the server's, in plain text. */
var ServerRefusal = class extends CodedError {
	/** HTTP status. */
	status;
	/** What to name when asking the server's operator; null where the server gave none. */
	requestId;
	/** Every reason, where the server gave more than one. */
	findings;
	constructor(report, more) {
		super(report.code, report.what, { fix: report.fix }), this.status = more.status, this.requestId = more.requestId, this.findings = more.findings;
	}
};
/**
* The problem details (RFC 9457) of a refused request. A code that is not of our closed union becomes
* `server-answer`; every text is made plain, for the server is somebody else (T-92).
*/
function refusalOf$1(status, body, request) {
	let problem = isObject(body) ? body : {}, listed = problem.findings, findings = (Array.isArray(listed) ? listed : []).slice(0, 100).flatMap((item) => {
		let report = isObject(item) ? reportIn(item) : null;
		return report === null ? [] : [report];
	}), report = reportIn(problem) ?? unknownProblem(status, problem, request), id = problem.requestId;
	return new ServerRefusal(report, {
		status,
		requestId: typeof id == "string" ? plainText(id, 100) : null,
		findings
	});
}
/**
* True when asking again later may end otherwise: the server was not reached, is busy or broken, or does not
* know us. False when it judged what was sent.
*/
function mayPass(error) {
	return !(error instanceof ServerRefusal) || isAway(error) || ACCESS.includes(error.code);
}
/** True when the server was not reached, or is too busy or broken to answer anybody. */
function isAway(error) {
	return error instanceof ServerRefusal ? error.status >= 500 || error.status === 429 || error.status === 408 : error.code === "server-unreachable";
}
/** Refusals of the caller, not of what was sent. */
const ACCESS = [
	"token-missing",
	"token-scope",
	"method-unknown",
	"not-found",
	"server-answer"
];
function reportIn(object) {
	let { code } = object;
	if (typeof code != "string" || !Object.hasOwn(CATALOGUE, code)) return null;
	let known = code, what = textIn(object, "what") ?? textIn(object, "detail") ?? textIn(object, "title") ?? "no reason given", fix = known === "method-unknown" ? "Check COUNTERSIGN_URL: it is the address of the server alone, such as https://log.example.com; and that both are of one version." : textIn(object, "fix") ?? CATALOGUE[known].fix;
	return {
		code: known,
		what,
		why: CATALOGUE[known].why,
		fix
	};
}
function unknownProblem(status, problem, request) {
	let said = textIn(problem, "code") ?? textIn(problem, "detail") ?? textIn(problem, "title"), what = `${request} was answered with HTTP ${status}${said === null ? "" : `: ${said}`}`;
	return new CodedError("server-answer", what).report();
}
function textIn(object, key) {
	let value = object[key];
	return typeof value == "string" && value !== "" ? plainText(value) : null;
}
function isObject(value) {
	return typeof value == "object" && !!value && !Array.isArray(value);
}
// packages/client/src/transport.ts
const MAX_ANSWER_BYTES$2 = 16777216, MAX_PROBLEM_BYTES = 1048576;
/** One server behind HTTP: bounded, patient within limits, and strict about what comes back. */
var Transport = class {
	#base;
	#token;
	#fetch;
	#timeoutMs;
	#retry;
	#wait;
	/** Throws `usage` for a URL that is not fit, `token-missing` for a token that is none. */
	constructor(options) {
		this.#base = baseOf(options.url, options.allowHttp ?? !1);
		let { token } = options;
		typeof token == "string" && checkToken(token), this.#token = typeof token == "function" ? token : () => Promise.resolve(token), this.#fetch = options.fetch ?? fetch, this.#timeoutMs = options.timeoutMs ?? 15e3, this.#retry = {
			attempts: 3,
			baseMs: 250,
			maxMs: 3e4,
			...options.retry
		}, this.#wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
	}
	/**
	* The answer to a request that succeeded. Repeats after network failures, timeouts, 429, 502, 503 and 504.
	* Throws `ServerRefusal`, `server-unreachable`, or `server-answer`.
	*/
	async send(request) {
		let attempts = request.repeatable === !1 ? 1 : this.#retry.attempts;
		for (let attempt = 1;; attempt++) {
			let outcome = await this.#try(request);
			if ("answer" in outcome) return outcome.answer;
			let wait = this.#waitAfter(attempt, outcome.retryAfterMs);
			if (!outcome.repeat || attempt >= attempts || wait === null) throw outcome.error;
			await this.#wait(wait);
		}
	}
	/**
	* The answer to a request that may go on for as long as it likes, when it has begun; asked once. Whoever aborts `signal`
	* ends it, and must: it has no time of its own. Throws as `send`, and what `signal` is aborted for.
	*/
	async open({ path, headers, signal }) {
		let token = await this.#token();
		token !== null && checkToken(token);
		let credentials = token === null ? {} : { authorization: `Bearer ${token}` };
		try {
			let all = {
				...headers,
				...credentials
			}, response = await this.#fetch(this.#base + path, {
				method: "GET",
				headers: all,
				redirect: "manual",
				signal
			}), { status } = response;
			if (status >= 200 && status < 300) return {
				status,
				headers: response.headers,
				body: within(response, signal, this.#base)
			};
			throw status === 0 || status >= 300 && status < 400 ? (await discard(response), new CodedError("server-answer", `GET ${path} was redirected; redirects are not followed`)) : failureOf(status, await readBody(response, MAX_PROBLEM_BYTES), response, `GET ${path}`);
		} catch (cause) {
			throw failedWhile(signal, this.#base, cause);
		}
	}
	/** {@link send}, with the answer as strict JSON. */
	async json(request) {
		let { status, bytes } = await this.send(request);
		try {
			return {
				status,
				body: parseJson(bytes, { maxBytes: request.maxBytes ?? MAX_ANSWER_BYTES$2 })
			};
		} catch (cause) {
			throw new CodedError("server-answer", `${nameOf(request)} was not answered with JSON`, { cause });
		}
	}
	/** Milliseconds to wait; null when the server asks for longer than we would. */
	#waitAfter(attempt, retryAfterMs) {
		let { baseMs, maxMs } = this.#retry, jitter = Math.random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
		return retryAfterMs === null ? jitter : retryAfterMs > maxMs ? null : retryAfterMs + Math.random() * baseMs;
	}
	async #try(request) {
		let token = await this.#token();
		token !== null && checkToken(token);
		let signal = AbortSignal.timeout(this.#timeoutMs), response;
		try {
			response = await this.#fetch(this.#base + request.path, {
				method: request.method,
				headers: {
					...token === null ? {} : { authorization: `Bearer ${token}` },
					accept: "application/json, application/problem+json, */*;q=0.1",
					...request.body === void 0 ? {} : { "content-type": request.body.type }
				},
				...request.body === void 0 ? {} : { body: request.body.bytes },
				redirect: "manual",
				signal
			});
		} catch (cause) {
			return unreachable(this.#base, cause);
		}
		let { status } = response;
		if (status === 0 || status >= 300 && status < 400) return await discard(response), final(new CodedError("server-answer", `${nameOf(request)} was redirected; redirects are not followed`));
		try {
			let ok = status >= 200 && status < 300 || status === request.alsoAnswer && isJson(response), bytes = await readBody(response, ok ? request.maxBytes ?? MAX_ANSWER_BYTES$2 : MAX_PROBLEM_BYTES);
			if (ok) return { answer: {
				status,
				bytes,
				etag: response.headers.get("etag")
			} };
			let repeat = status === 429 || status >= 502 && status <= 504;
			return {
				error: failureOf(status, bytes, response, nameOf(request)),
				repeat,
				retryAfterMs: retryAfter(response.headers.get("retry-after"), Date.now())
			};
		} catch (cause) {
			return cause instanceof CodedError ? final(cause) : unreachable(this.#base, cause);
		}
	}
};
async function* within({ body }, signal, base) {
	try {
		yield* body ?? [];
	} catch (cause) {
		throw failedWhile(signal, base, cause);
	}
}
/** Why it failed: as whoever aborted it says, where somebody did. */
function failedWhile(signal, base, cause) {
	return signal.aborted && signal.reason instanceof CodedError ? signal.reason : cause instanceof CodedError ? cause : new CodedError("server-unreachable", `${base}: ${reasonOf(cause)}`, { cause });
}
function isJson({ headers }) {
	return /^application\/json\b/.test(headers.get("content-type") ?? "");
}
function final(error) {
	return {
		error,
		repeat: !1,
		retryAfterMs: null
	};
}
function unreachable(base, cause) {
	return {
		error: new CodedError("server-unreachable", `${base}: ${reasonOf(cause)}`, { cause }),
		repeat: !0,
		retryAfterMs: null
	};
}
function failureOf(status, bytes, response, request) {
	let type = response.headers.get("content-type") ?? "";
	if (/^application\/(problem\+)?json\b/.test(type)) try {
		return refusalOf$1(status, parseJson(bytes), request);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
	}
	return status >= 502 && status <= 504 ? new CodedError("server-unreachable", `${request} was answered with HTTP ${status} by a gateway`) : refusalOf$1(status, null, request);
}
async function readBody(response, maxBytes) {
	let chunks = [], length = 0;
	for await (let chunk of response.body ?? []) {
		if (length += chunk.length, length > maxBytes) throw new CodedError("server-answer", `the server's answer exceeds ${maxBytes} bytes`);
		chunks.push(chunk);
	}
	let whole = new Uint8Array(length), at = 0;
	for (let chunk of chunks) whole.set(chunk, at), at += chunk.length;
	return whole;
}
async function discard({ body }) {
	try {
		await body?.[Symbol.asyncIterator]().return?.();
	} catch {}
}
/** Milliseconds of a Retry-After header (RFC 9110 §10.2.3): seconds, or a date. */
function retryAfter(header, now) {
	if (header === null) return null;
	if (/^\d{1,9}$/.test(header)) return Number(header) * 1e3;
	let date = Date.parse(header);
	return Number.isNaN(date) ? null : Math.max(0, date - now);
}
function checkToken(token) {
	if (!/^[\x21-\x7e]{1,4096}$/.test(token)) throw new CodedError("token-missing", token === "" ? "no API token" : "the API token is malformed");
}
function baseOf(text, allowHttp) {
	let url;
	try {
		url = new URL(text);
	} catch (cause) {
		throw new CodedError("usage", `the server URL ${JSON.stringify(plainText(text, 100))} is not a URL`, { cause });
	}
	if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "" || url.protocol !== "https:" && url.protocol !== "http:") throw new CodedError("usage", "the server URL is not a plain https URL", { fix: "Write it as https://HOST[:PORT]." });
	if (url.protocol === "http:" && !allowHttp && !isLoopback(url.hostname)) throw new CodedError("usage", `http to ${url.hostname} would show the token to the network`, { fix: "Use https; plain http is for a server on this machine." });
	return url.origin + url.pathname.replace(/\/+$/, "");
}
function isLoopback(host) {
	return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
const REASONS = {
	ECONNREFUSED: "connection refused",
	ECONNRESET: "connection reset",
	ENOTFOUND: "no such host",
	EAI_AGAIN: "no such host for now",
	EHOSTUNREACH: "host unreachable",
	ENETUNREACH: "network unreachable",
	ETIMEDOUT: "no answer in time",
	UND_ERR_CONNECT_TIMEOUT: "no answer in time",
	UND_ERR_SOCKET: "connection closed",
	CERT_HAS_EXPIRED: "its certificate has expired",
	DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
	SELF_SIGNED_CERT_IN_CHAIN: "its certificate is self-signed",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted",
	ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host"
};
function reasonOf(error) {
	if (error instanceof DOMException && error.name === "TimeoutError") return "no answer in time";
	let cause = error instanceof Error && error.cause !== void 0 ? error.cause : error, code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
	return Object.hasOwn(REASONS, code) ? REASONS[code] : code === "" ? "the request failed" : plainText(code, 60);
}
function nameOf(request) {
	return `${request.method} ${request.path.split("?", 1)[0]}`;
}
/**
* Exchanges an identity token for access to the server, and for a certificate. Never repeated: the token may be used up
* although no answer came. Throws what the server refuses with (`issuer-unknown`, `identity-token-used`, …),
* `server-unreachable` and `server-answer`.
*/
async function openSession(options, { token, key, run = null, session = null }) {
	let transport = new Transport({
		...options,
		token: session
	}), certify = key === null ? {} : {
		publicKey: publicKeyPem(key.publicKey),
		proof: base64(key.proof)
	}, bytes = new TextEncoder().encode(JSON.stringify({
		token,
		...certify,
		...run === null ? {} : { run }
	})), { body } = await transport.json({
		method: "POST",
		path: "/v1/sessions",
		body: {
			type: "application/json",
			bytes
		},
		maxBytes: 262144,
		repeatable: !1
	}), it = new Reading(body), expiresAt = Date.parse(it.text("expiresAt"));
	if (Number.isNaN(expiresAt)) throw new CodedError("server-answer", "in the server’s answer, expiresAt is no time");
	return {
		accessToken: it.text("accessToken"),
		expiresAt,
		unconfirmed: reasonIn(it),
		certificates: key === null ? [] : it.texts("certificates").slice(0, 8).map(derOf)
	};
}
/** What the audiences of our servers begin with, and those of no other service. */
const AUDIENCE = /^countersign:[\x21-\x7e]{1,500}$/;
/**
* The audience that identity tokens for this server must have, as it says itself. Only one that no other service has is
* believed: a server that has fallen must not gather tokens for a cloud. Throws `server-answer` and `server-unreachable`.
*/
async function sessionAudience(options) {
	let { body } = await new Transport({
		...options,
		token: null
	}).json({
		method: "GET",
		path: "/v1/audience"
	}), audience = new Reading(body).text("audience");
	if (AUDIENCE.test(audience)) return audience;
	throw new CodedError("server-answer", `the server wants tokens for ${plainText(audience, 100)}, which is not its own`);
}
/** The one certificate in a PEM text (RFC 7468 §5). */
function derOf(pem) {
	let body = /^\s*-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(pem)?.[1];
	try {
		if (body !== void 0) return fromBase64(body.replace(/\s+/g, ""));
	} catch {}
	throw new CodedError("server-answer", `the server answered with what is no certificate: ${plainText(pem, 40)}`);
}
// packages/client/src/fulcio.ts
const MAX_ANSWER_BYTES = 262144;
/**
* Has a Fulcio certify a key: `POST /api/v2/signingCert` (fulcio, fulcio.proto). Certificates as DER, unverified, the
* key's first. Throws `server-answer`, which says the status and nothing of the token, and `server-unreachable`.
*/
async function requestSigningCertificate(options, { token, key }) {
	let request = {
		credentials: { oidcIdentityToken: token },
		publicKeyRequest: {
			publicKey: {
				algorithm: "ECDSA",
				content: publicKeyPem(key.publicKey)
			},
			proofOfPossession: base64(key.proof)
		}
	}, { body } = await new Transport({
		...options,
		token: null
	}).json({
		method: "POST",
		path: "/api/v2/signingCert",
		body: {
			type: "application/json",
			bytes: new TextEncoder().encode(JSON.stringify(request))
		},
		maxBytes: MAX_ANSWER_BYTES,
		repeatable: !1
	}), it = new Reading(body);
	if (it.isMissing("signedCertificateEmbeddedSct")) throw new CodedError("server-answer", "the authority answered without a certificate that holds its SCT");
	return it.object("signedCertificateEmbeddedSct").object("chain").texts("certificates").slice(0, 8).map(derOf);
}
/** Certificates of a server's authorities (`GET /api/v2/trustBundle`); none of a server that has no authority. */
async function fetchAuthorities(transport) {
	try {
		let { body } = await transport.json({
			method: "GET",
			path: "/api/v2/trustBundle",
			maxBytes: MAX_ANSWER_BYTES
		});
		return new Reading(body).list("chains", (chain) => chain.texts("certificates").slice(0, 8).map(derOf));
	} catch (error) {
		if (error instanceof CodedError && error.code === "method-unknown") return [];
		throw error;
	}
}
// packages/client/src/log-reads.ts
const PREFIX = {
	sha256: "",
	sha3_256: "/sha3"
};
function logReads(transport) {
	let bytes = async (request) => {
		try {
			return (await transport.send({
				method: "GET",
				...request
			})).bytes;
		} catch (error) {
			if (error instanceof ServerRefusal && (error.code === "not-found" || error.code === "log-corrupt")) return null;
			throw error;
		}
	};
	return {
		async checkpoint() {
			let { bytes: note } = await transport.send({
				method: "GET",
				path: "/checkpoint",
				maxBytes: MAX_NOTE_BYTES
			});
			try {
				return parseCheckpoint(note);
			} catch (cause) {
				throw new CodedError("server-answer", "the answer is not a checkpoint", { cause });
			}
		},
		tile: (tree, tile) => bytes({
			path: `${PREFIX[tree]}/${tilePath(tile)}`,
			maxBytes: 8192
		}),
		async entries(index, width) {
			let path = `/v1/log/${tilePath({
				level: "entries",
				index,
				width
			})}`, bundle = await bytes({
				path,
				maxBytes: 256 * (MAX_ENTRY_BYTES + 2)
			});
			if (bundle === null) return null;
			try {
				return readEntries(bundle, width);
			} catch (cause) {
				throw new CodedError("server-answer", `${path} is not a bundle of entries`, { cause });
			}
		}
	};
}
async function fetchCoverage(get, chain, statement) {
	let statements = /* @__PURE__ */ new Map(), coverage = [], query = new URLSearchParams({ limit: "200" });
	statement !== void 0 && query.set("statement", String(statement));
	for (let pages = 0; pages * 200 < MAX_CHAIN_LINES; pages++) {
		let it = await get(`/v1/chains/${encodeURIComponent(chain)}/coverage?${query.toString()}`);
		for (let note of it.texts("statements")) statements.set(note, readAnswer(utf8(note), parseLogStatement, "a statement"));
		coverage.push(...it.coverage("items"));
		let next = it.textOrNull("next");
		if (next === null) return {
			statements: [...statements.values()],
			coverage
		};
		query.set("cursor", next);
	}
	throw new CodedError("server-answer", "the coverage has no end");
}
async function fetchAnchors(get, transport, number) {
	let path = `/statements/${number}/anchors`, listed = (await get(path)).list("items", (it) => ({
		anchor: it.text("anchor"),
		phase: it.text("phase")
	})), proofs = listed.filter(({ phase }) => phase === "final").slice(0, 50).map(async ({ anchor }) => {
		let one = `${path}/${encodeURIComponent(anchor)}`, { bytes } = await transport.send({
			method: "GET",
			path: one,
			maxBytes: MAX_ANCHOR_BYTES
		});
		return readAnswer(bytes, parseAnchor, "the proof of an anchor");
	}), waiting = listed.filter(({ phase }) => phase !== "final").map(({ anchor }) => anchor);
	return {
		proofs: await Promise.all(proofs),
		waiting
	};
}
// packages/client/src/anchors.ts
function anchorCalls(transport) {
	let get = async (path) => new Reading((await transport.json({
		method: "GET",
		path
	})).body), post = async (path) => transport.json({
		method: "POST",
		path,
		body: NOTHING
	});
	return {
		async anchors(cursor) {
			let it = await get(`/v1/anchors${cursor === void 0 ? "" : `?${new URLSearchParams({ cursor }).toString()}`}`);
			return {
				anchors: it.list("anchors", anchorOf),
				items: it.list("items", anchoredOf),
				next: it.textOrNull("next")
			};
		},
		async anchored(number) {
			let found = anchoredOf(await get(`/v1/anchors/${number}`));
			if (found.number !== number) throw new CodedError("server-answer", "the server answered with another statement");
			return found;
		},
		async anchorProof(number, anchor) {
			let path = `/statements/${number}/anchors/${encodeURIComponent(anchor)}`;
			return (await transport.send({
				method: "GET",
				path,
				maxBytes: MAX_ANCHOR_BYTES
			})).bytes;
		},
		async driveAnchors() {
			await transport.send({
				method: "POST",
				path: "/v1/anchors/drive",
				body: NOTHING
			});
		},
		async checkAnchors() {
			return new Reading((await post("/v1/anchors/check")).body).list("items", (it) => ({
				anchor: it.text("anchor"),
				kind: it.text("kind"),
				checks: it.list("checks", (check) => ({
					name: check.text("name"),
					ok: check.boolean("ok"),
					found: check.text("found"),
					code: codeOf(check.textOrNull("code"))
				}))
			}));
		},
		async retryAnchor(number, anchor) {
			return progressOf(new Reading((await post(`/v1/anchors/${number}/${encodeURIComponent(anchor)}/retry`)).body));
		}
	};
}
const NOTHING = {
	type: "application/json",
	bytes: new TextEncoder().encode("{}")
};
function anchorOf(it) {
	let counts = it.object("counts"), gap = it.objectOrNull("gap");
	return {
		anchor: it.text("anchor"),
		kind: it.text("kind"),
		on: it.boolean("on"),
		first: it.integer("first"),
		counts: {
			pending: counts.integer("pending"),
			submitted: counts.integer("submitted"),
			included: counts.integer("included"),
			final: counts.integer("final"),
			dead: counts.integer("dead")
		},
		provenTo: it.textOrNull("provenTo"),
		gap: gap === null ? null : {
			number: gap.integer("number"),
			seconds: gap.integer("seconds")
		},
		costs: it.list("costs", costOf)
	};
}
function anchoredOf(it) {
	return {
		number: it.integer("number"),
		anchors: it.list("anchors", progressOf)
	};
}
function progressOf(it) {
	let [failing, dead] = [it.objectOrNull("failing"), it.objectOrNull("dead")];
	return {
		anchor: it.text("anchor"),
		phase: it.text("phase"),
		queuedAt: it.text("queuedAt"),
		lookedAt: it.text("lookedAt"),
		nextLook: it.textOrNull("nextLook"),
		finalAt: it.textOrNull("finalAt"),
		failing: failing === null ? null : {
			since: failing.text("since"),
			tries: failing.integer("tries"),
			code: codeOf(failing.text("code")),
			what: failing.text("what")
		},
		dead: dead === null ? null : {
			at: dead.text("at"),
			code: codeOf(dead.text("code")),
			what: dead.text("what"),
			fix: dead.text("fix")
		},
		costs: it.list("costs", costOf)
	};
}
function costOf(it) {
	return {
		unit: it.text("unit"),
		amount: it.text("amount")
	};
}
/** Null for one that a newer server has. */
function codeOf(text) {
	return text !== null && Object.hasOwn(CATALOGUE, text) ? text : null;
}
function auditCalls(transport) {
	let page = async (path, query) => {
		let asked = Object.entries(query).filter((one) => one[1] != null), all = new URLSearchParams(asked).toString(), { body } = await transport.json({
			method: "GET",
			path: `${path}?${all}`,
			maxBytes: 67108864
		});
		return new Reading(body);
	}, pageOf = (it, items) => ({
		items,
		next: it.textOrNull("next")
	});
	return {
		async runs({ since, until, pipeline }, cursor) {
			let it = await page("/v1/runs", {
				since,
				until,
				pipeline,
				cursor,
				limit: "200"
			});
			return {
				...pageOf(it, it.list("items", runOf$1)),
				behind: it.integer("behind")
			};
		},
		async decisions(cursor) {
			let it = await page("/v1/decisions", {
				cursor,
				limit: "200"
			});
			return pageOf(it, it.list("items", decisionOf));
		},
		async refusals(cursor) {
			let it = await page("/v1/inbox", { cursor });
			return pageOf(it, it.list("items", refusalOf));
		},
		async pipelines(cursor) {
			let it = await page("/v1/coverage", {
				cursor,
				limit: "200"
			});
			return pageOf(it, it.list("pipelines", coverageOf));
		}
	};
}
function runOf$1(it) {
	return {
		chain: it.hex("chain", 32),
		pipeline: it.text("pipeline"),
		contract: hexOrNull(it, "contract", 64),
		steps: it.integer("steps"),
		erased: it.integer("erased"),
		late: it.integer("late"),
		firstAt: it.text("firstAt"),
		lastAt: it.text("lastAt")
	};
}
function decisionOf(it) {
	let decision = it.text("decision");
	return {
		id: it.integer("id"),
		at: it.text("at"),
		decision: decision === "allow" || decision === "deny" ? decision : "unknown",
		code: it.textOrNull("code"),
		what: it.textOrNull("what"),
		artifact: hexOrNull(it, "artifact", 64),
		pipeline: it.textOrNull("pipeline"),
		contract: hexOrNull(it, "contract", 64),
		environment: it.textOrNull("environment"),
		by: it.text("by"),
		requester: it.textOrNull("requester")
	};
}
function refusalOf(it) {
	let claimed = it.isMissing("claimed") ? null : it.object("claimed"), chain = claimed?.text("chain") ?? "";
	return {
		id: it.integer("id"),
		at: it.text("at"),
		lastAt: it.text("lastAt"),
		count: it.integer("count"),
		code: it.text("code"),
		what: it.text("what"),
		chain: hexOrNull(it, "chain", 32),
		step: it.textOrNull("step"),
		claimed: claimed !== null && isHex(chain, 32) ? {
			chain,
			step: claimed.text("step")
		} : null
	};
}
function coverageOf(it) {
	return {
		pipeline: it.text("pipeline"),
		contract: it.objectOrNull("contract")?.hex("digest", 64) ?? null,
		systems: it.list("systems", (one) => ({
			system: one.text("system"),
			steps: one.integer("steps"),
			weakestGrade: one.textOrNull("weakestGrade")
		})),
		runs: it.integer("runs"),
		lastAt: it.textOrNull("lastAt"),
		findings: it.texts("findings")
	};
}
function hexOrNull(it, key, length) {
	return it.isMissing(key) ? null : it.hex(key, length);
}
// packages/client/src/certificates.ts
function certificateCalls(transport) {
	let ask = async (path) => new Reading((await transport.json({
		method: "GET",
		path
	})).body);
	return {
		async certificates(cursor = null) {
			let more = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`, it = await ask(`/v1/certificates${more}`);
			return {
				items: it.list("items", listedOf$5),
				next: it.textOrNull("next")
			};
		},
		async certificate(serial) {
			let it = await ask(`/v1/certificates/${encodeURIComponent(serial)}`);
			return {
				...listedOf$5(it),
				proof: it.proof("proof")
			};
		}
	};
}
function listedOf$5(it) {
	return {
		serial: it.text("serial"),
		index: it.integer("index"),
		authority: it.hex("authority", 64),
		keyId: it.hex("keyId", 64),
		issuedAt: it.text("issuedAt"),
		notAfter: it.text("notAfter"),
		system: it.text("system"),
		grade: it.text("grade"),
		identity: identityOf(it.object("identity")),
		tbs: it.base64("tbs")
	};
}
function identityOf(it) {
	let subject = it.object("subject"), kind = subject.text("kind");
	if (kind !== "uri" && kind !== "email") throw new CodedError("server-answer", "kind is neither uri nor email");
	let facts = Object.fromEntries(IDENTITY_FACTS.map((fact) => [fact, it.textOrNull(fact)]));
	return {
		...bareIdentity(it.text("issuer"), {
			kind,
			value: subject.text("value")
		}),
		...facts,
		issuer: it.text("issuer")
	};
}
// packages/client/src/contracts.ts
function contractCalls(transport, crypto) {
	let contractAt = async (path) => (await transport.send({
		method: "GET",
		path,
		maxBytes: MAX_CONTRACT_BYTES
	})).bytes;
	return {
		contract: (pipeline) => contractAt(`/v1/contracts/${encodeURIComponent(pipeline)}`),
		async contractByDigest(digest) {
			let bytes = await contractAt(`/v1/contracts/by-digest/${encodeURIComponent(digest)}`);
			return checkDigest(bytes, digest, crypto), bytes;
		},
		async signedContract(digest) {
			let path = `/v1/contracts/by-digest/${encodeURIComponent(digest)}/signed`, signed = read(parseSignedContract, (await transport.send({
				method: "GET",
				path
			})).bytes);
			return checkDigest(signed.payload, digest, crypto), signed;
		},
		async contracts(pipeline, cursor = null) {
			let query = new URLSearchParams({
				...pipeline === null ? {} : { pipeline },
				...cursor === null ? {} : { cursor }
			}), { body } = await transport.json({
				method: "GET",
				path: `/v1/contracts?${query.toString()}`
			}), it = new Reading(body);
			return {
				items: it.list("items", listedOf$4),
				next: it.textOrNull("next")
			};
		},
		async publishContract(pipeline, bytes) {
			let path = `/v1/contracts/${encodeURIComponent(pipeline)}`;
			await transport.send({
				method: "PUT",
				path,
				body: {
					type: "application/yaml",
					bytes
				}
			});
		},
		async propose(chain, bytes) {
			let path = `/v1/chains/${encodeURIComponent(chain)}/proposals`, body = {
				type: "application/json",
				bytes
			}, reply = await transport.send({
				method: "POST",
				path,
				body
			});
			return reply.status === 200 ? {
				state: "admitted",
				line: read(parseDeviationLine, reply.bytes)
			} : {
				state: "waiting",
				waiting: waitingOf(new Reading(jsonIn(reply.bytes)))
			};
		},
		async waiting(chain) {
			let query = chain === null ? "" : `?chain=${encodeURIComponent(chain)}`, { body } = await transport.json({
				method: "GET",
				path: `/v1/proposals${query}`
			});
			return new Reading(body).list("items", waitingOf);
		},
		async waitingDeviation(id) {
			let path = `/v1/proposals/${encodeURIComponent(id)}`;
			return read(parseDeviationLine, (await transport.send({
				method: "GET",
				path
			})).bytes);
		},
		async withdrawDeviation(id) {
			await transport.send({
				method: "DELETE",
				path: `/v1/proposals/${encodeURIComponent(id)}`
			});
		},
		async deviate(chain, bytes) {
			let path = `/v1/chains/${encodeURIComponent(chain)}/deviations`, body = {
				type: "application/json",
				bytes
			};
			return read(parseDeviationLine, (await transport.send({
				method: "POST",
				path,
				body
			})).bytes);
		}
	};
}
function checkDigest(bytes, digest, crypto) {
	if (hex(crypto.sha256(bytes)) !== digest) throw new CodedError("server-answer", `the server answered with another contract than ${digest.slice(0, 12)}`);
}
function read(parse, bytes) {
	try {
		return parse(bytes);
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError("server-answer", "the server answered with what is no signed document", { cause }) : cause;
	}
}
function jsonIn(bytes) {
	try {
		return parseJson(bytes);
	} catch (cause) {
		throw new CodedError("server-answer", "the server answered with what is no JSON", { cause });
	}
}
function waitingOf(it) {
	return {
		id: it.hex("id", 64),
		state: it.text("state"),
		why: it.textOrNull("why"),
		pipeline: it.text("pipeline"),
		chain: it.hex("chain", 32),
		excuses: it.list("excuses", (one) => ({
			code: one.text("code"),
			step: one.text("step")
		})),
		reason: it.text("reason"),
		expiresAt: it.text("expiresAt"),
		proposedAt: it.text("proposedAt"),
		threshold: it.isMissing("threshold") ? null : it.integer("threshold"),
		signedBy: it.texts("signedBy").map((name) => plainText(name)),
		open: it.texts("open").map((name) => plainText(name))
	};
}
function listedOf$4(it) {
	return {
		pipeline: it.text("pipeline"),
		revision: it.integer("revision"),
		digest: it.hex("digest", 64),
		publishedAt: it.text("publishedAt"),
		index: it.isMissing("index") ? null : it.integer("index"),
		signatures: it.integer("signatures")
	};
}
const MAX_CONTRACT_BYTES = 1048576, CURSOR = /^[a-z0-9]{1,400}$/;
/**
* Reads server-sent events (WHATWG HTML §9.2.6): what has no end, when the stream has one, was not told, and neither was its
* id; so whoever goes on from the last one that came whole misses nothing, and is told nothing twice. Throws `server-answer`,
* and what the stream throws.
*/
async function* followedIn(stream) {
	let decoder = new TextDecoder("utf-8"), text = "", returned = !1, block = [], size = 0;
	for await (let chunk of stream) {
		yield null;
		let more = decoder.decode(chunk, { stream: !0 });
		if (more === "") continue;
		returned && more.startsWith("\n") && (more = more.slice(1)), returned = more.endsWith("\r");
		let lines = more.split(/\r\n|\r|\n/);
		lines[0] = text + lines[0], text = lines.pop();
		for (let line of lines) {
			if (line !== "") {
				size += line.length, block.push(line);
				continue;
			}
			let told = toldIn(block);
			[block, size] = [[], 0], told !== null && (yield told);
		}
		if (size + text.length > 1048576) throw new CodedError("server-answer", "an event of the stream is too large");
	}
}
/** Null for what tells nothing: a comment, a hint how soon to come again. */
function toldIn(block) {
	let data = [], id = null;
	for (let line of block) {
		let [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
		name === "data" ? data.push(value) : name === "id" && (id = value);
	}
	if (id === null && data.length === 0) return null;
	if (id === null || !CURSOR.test(id)) throw new CodedError("server-answer", "an event of the stream has no place");
	return {
		event: data.length === 0 ? null : eventOf$1(parseJson(data.join("\n"))),
		cursor: id
	};
}
// packages/client/src/events.ts
/** What all types of events begin with. */
const EVENT_PREFIX = "dev.countersign.";
function eventCalls(transport) {
	return {
		async events({ cursor, since, types = [], limit }) {
			let query = new URLSearchParams();
			cursor === void 0 ? since !== void 0 && query.set("since", since) : query.set("cursor", cursor), types.length > 0 && query.set("type", types.join(",")), limit !== void 0 && query.set("limit", String(limit));
			let { body } = await transport.json({
				method: "GET",
				path: `/v1/events?${query}`
			}), it = new Reading(body), items = body.items;
			if (!Array.isArray(items) || items.length > 200) throw new CodedError("server-answer", "items is not a list");
			return {
				items: items.map(eventOf$1),
				next: it.textOrNull("next"),
				cursor: it.text("cursor")
			};
		},
		async *follow({ cursor, types = [] }) {
			let query = types.length === 0 ? "" : `?type=${encodeURIComponent(types.join(","))}`, headers = {
				accept: "text/event-stream",
				"last-event-id": cursor
			}, leave = new AbortController(), silent = () => leave.abort(new CodedError("server-unreachable", "the stream of events is silent")), late = setTimeout(silent, 5e3);
			try {
				let opened = await transport.open({
					path: `/v1/events${query}`,
					headers,
					signal: leave.signal
				});
				if (opened.body === null || !/^text\/event-stream\b/.test(opened.headers.get("content-type") ?? "")) throw new CodedError("server-answer", "the server answers with no stream of events");
				for await (let told of followedIn(opened.body)) clearTimeout(late), late = setTimeout(silent, 45e3), told !== null && (yield told);
			} finally {
				clearTimeout(late), leave.abort();
			}
		}
	};
}
/** An event as far as every one is alike; its texts are made plain (T-92). Throws `server-answer`. */
function eventOf$1(value) {
	let it = new Reading(value), type = it.text("type");
	if (it.text("specversion") !== "1.0" || !type.startsWith("dev.countersign.")) throw new CodedError("server-answer", "an event is not one of this server");
	let severity = it.text("severity"), known = severity === "alert" || severity === "warning" ? severity : "info";
	it.object("data");
	let data = plainValue(value.data, 8);
	return {
		specversion: "1.0",
		id: it.text("id"),
		source: it.text("source"),
		type,
		subject: it.text("subject"),
		time: it.text("time"),
		datacontenttype: "application/json",
		severity: known,
		data
	};
}
function plainValue(value, depth) {
	if (typeof value == "string") return plainText(value, 4e3);
	if (typeof value != "object" || !value) return value;
	if (depth === 0) return null;
	if (Array.isArray(value)) return value.map((one) => plainValue(one, depth - 1));
	let entries = Object.entries(value);
	return Object.fromEntries(entries.map(([key, one]) => [plainText(key, 100), plainValue(one, depth - 1)]));
}
function gateCalls(transport) {
	return { async gate({ contract, ...question }) {
		let named = "pipeline" in contract ? { pipeline: contract.pipeline } : { contract: contract.digest }, bytes = new TextEncoder().encode(JSON.stringify({
			...question,
			...named
		})), { status, body } = await transport.json({
			method: "POST",
			path: "/v1/gate",
			body: {
				type: "application/json",
				bytes
			},
			maxBytes: 4194304,
			alsoAnswer: 403
		});
		return decisionIn(status, body, question.artifact);
	} };
}
function decisionIn(status, body, artifact) {
	let it = new Reading(body), decision = it.text("decision");
	if (decision !== "allow" && decision !== "deny" && decision !== "unknown" || decision === "allow" != (status === 200)) throw new CodedError("server-answer", `the gate answered ${decision} with HTTP ${status}`);
	if (it.hex("artifact", 64) !== artifact) throw new CodedError("server-answer", "the decision is about another artifact");
	let { reason: told, vsa } = body;
	if (decision === "allow" && !it.isMissing("reason")) throw new CodedError("server-answer", "the gate allows with a reason against it");
	return {
		decision,
		reason: told == null ? null : refusalOf$1(status, told, "POST /v1/gate").report(),
		deviations: it.isMissing("deviations") ? [] : it.list("deviations", deviationIn),
		contract: it.isMissing("contract") ? null : it.hex("contract", 64),
		revision: it.isMissing("revision") ? null : it.integer("revision"),
		id: it.isMissing("id") ? null : it.integer("id"),
		vsa: vsa == null ? null : envelopeIn(vsa)
	};
}
function deviationIn(it) {
	return {
		id: it.hex("id", 64),
		reason: it.text("reason"),
		expiresAt: it.text("expiresAt"),
		findings: it.list("findings", (one) => ({
			code: one.text("code"),
			what: one.text("what")
		}))
	};
}
function envelopeIn(value) {
	try {
		return canonicalJson(writeEnvelope(readEnvelope(value, PAYLOAD_TYPE)));
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError("server-answer", `its summary cannot be read: ${cause.what}`, { cause }) : cause;
	}
}
// packages/client/src/remarks.ts
function remarkCalls(transport) {
	let bodyOf = (bytes) => ({
		type: "application/json",
		bytes
	});
	return {
		async addNote(line) {
			return listedOf$3(new Reading((await transport.json({
				method: "POST",
				path: "/v1/notes",
				body: bodyOf(line)
			})).body));
		},
		async notes({ about, open, cursor, limit }) {
			let query = new URLSearchParams({
				...about === void 0 ? {} : { about },
				...open === !0 ? { open: "1" } : {},
				...cursor === void 0 ? {} : { cursor },
				...limit === void 0 ? {} : { limit: String(limit) }
			}), it = new Reading((await transport.json({
				method: "GET",
				path: `/v1/notes?${query.toString()}`
			})).body);
			return {
				items: it.list("items", listedOf$3),
				next: it.textOrNull("next"),
				place: it.text("place")
			};
		},
		async note(id) {
			let path = `/v1/notes/${encodeURIComponent(id)}`;
			return listedOf$3(new Reading((await transport.json({
				method: "GET",
				path
			})).body));
		},
		async eraseNote(id, ground) {
			let path = `/v1/notes/${encodeURIComponent(id)}/erase`, body = bodyOf(new TextEncoder().encode(JSON.stringify({ ground })));
			return listedOf$3(new Reading((await transport.json({
				method: "POST",
				path,
				body
			})).body));
		}
	};
}
function listedOf$3(it) {
	let kind = REMARK_KINDS.find((one) => one === it.text("kind"));
	if (kind === void 0) throw new CodedError("server-answer", "a note is of a kind that is none");
	let erased = it.objectOrNull("erased"), note = it.json("note");
	return {
		id: it.hex("id", 64),
		index: it.integer("index"),
		at: it.text("at"),
		kind,
		supersedes: it.textOrNull("supersedes"),
		supersededBy: it.textOrNull("supersededBy"),
		signer: it.textOrNull("signer"),
		erased: erased === null ? null : {
			at: erased.text("at"),
			ground: erased.text("ground")
		},
		line: note === null ? null : lineOf(fromUtf8(canonicalJson(note)))
	};
}
function lineOf(text) {
	try {
		return parseRemarkLine(text);
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError("server-answer", `the server answered with what is no note: ${cause.what}`, { cause }) : cause;
	}
}
// packages/client/src/tokens.ts
const TOKEN_SCOPES = [
	"read",
	"append",
	"note",
	"audit",
	"maintain",
	"admin"
];
function tokenCalls(transport) {
	return {
		async tokens() {
			return new Reading((await transport.json({
				method: "GET",
				path: "/v1/tokens"
			})).body).list("items", listedOf$2);
		},
		async makeToken(scopes, lifetime) {
			let body = {
				type: "application/json",
				bytes: new TextEncoder().encode(JSON.stringify({
					scopes,
					...lifetime === null ? {} : { lifetime }
				}))
			}, it = new Reading((await transport.json({
				method: "POST",
				path: "/v1/tokens",
				body,
				repeatable: !1
			})).body);
			return {
				...listedOf$2(it),
				token: it.text("token")
			};
		},
		async revokeToken(id) {
			await transport.send({
				method: "DELETE",
				path: `/v1/tokens/${encodeURIComponent(id)}`
			});
		}
	};
}
function listedOf$2(it) {
	let scopes = it.texts("scopes").map((scope) => {
		let known = TOKEN_SCOPES.find((one) => one === scope);
		if (known === void 0) throw new CodedError("server-answer", "a token has a scope that is none");
		return known;
	});
	return {
		id: it.text("id"),
		scopes,
		createdAt: it.text("createdAt"),
		expiresAt: it.textOrNull("expiresAt")
	};
}
// packages/client/src/webhooks.ts
function webhookCalls(transport) {
	let path = (id, more = "") => `/v1/webhooks/${encodeURIComponent(id)}${more}`, post = async (to, value) => {
		let body = {
			type: "application/json",
			bytes: new TextEncoder().encode(JSON.stringify(value))
		};
		return new Reading((await transport.json({
			method: "POST",
			path: to,
			body,
			repeatable: !1
		})).body);
	}, get = async (from) => new Reading((await transport.json({
		method: "GET",
		path: from
	})).body);
	return {
		webhooks: async () => (await get("/v1/webhooks")).list("items", listedOf$1),
		async addWebhook({ url, format, types = [] }) {
			let it = await post("/v1/webhooks", {
				url,
				types,
				...format === void 0 ? {} : { format }
			});
			return {
				...listedOf$1(it),
				secret: it.textOrNull("secret")
			};
		},
		async removeWebhook(id) {
			await transport.send({
				method: "DELETE",
				path: path(id)
			});
		},
		async testWebhook(id) {
			let it = await post(path(id, "/test"), {});
			return {
				ok: it.boolean("ok"),
				status: countOrNull(it, "status"),
				fault: it.textOrNull("fault")
			};
		},
		async rotateWebhook(id) {
			let it = await post(path(id, "/rotate"), {});
			return {
				secret: it.textOrNull("secret"),
				until: it.textOrNull("until")
			};
		},
		deliveries: async (id) => (await get(path(id, "/deliveries"))).list("items", (it) => ({
			event: it.text("event"),
			state: it.text("state"),
			tries: it.integer("tries"),
			at: it.text("at"),
			due: it.textOrNull("due"),
			status: countOrNull(it, "status"),
			fault: it.textOrNull("fault")
		})),
		async replayWebhook(id, what) {
			return { waiting: (await post(path(id, "/replay"), what)).integer("waiting") };
		}
	};
}
function listedOf$1(it) {
	return {
		id: it.text("id"),
		url: it.text("url"),
		format: it.text("format"),
		events: it.texts("events"),
		createdAt: it.text("createdAt"),
		state: it.text("state"),
		failingSince: it.textOrNull("failingSince"),
		fault: it.textOrNull("fault"),
		deliveredAt: it.textOrNull("deliveredAt"),
		publicKey: it.textOrNull("publicKey")
	};
}
function countOrNull(it, key) {
	return it.isMissing(key) ? null : it.integer(key);
}
// packages/client/src/view-calls.ts
const KINDS = [
	"artifact",
	"attestation",
	"commit",
	"tag",
	"run",
	"pipeline",
	"contract",
	"deploy",
	"identity",
	"statement"
], DECISIONS = [
	"allow",
	"deny",
	"unknown"
];
function viewCalls(transport) {
	let get = async (path, query) => {
		let named = Object.entries(query).map(([name, value]) => [name, String(value)]), { body } = await transport.json({
			method: "GET",
			path: `${path}?${new URLSearchParams(named).toString()}`
		});
		return new Reading(body);
	};
	return {
		async find(text) {
			let it = await get("/v1/search", { q: text });
			return {
				items: it.list("items", hitOf),
				note: it.textOrNull("note")
			};
		},
		async listRuns(query) {
			let it = await get("/v1/runs", query), counted = {
				upTo: it.integer("upTo"),
				behind: it.integer("behind")
			};
			return {
				items: it.list("items", runOf),
				next: it.textOrNull("next"),
				...counted
			};
		},
		async listDeploys(query) {
			let it = await get("/v1/deploys", query);
			return {
				items: it.list("items", deployOf),
				next: it.textOrNull("next")
			};
		},
		async deploysAt(query) {
			let it = await get("/v1/deploys/at", query), page = {
				items: it.list("items", deployOf),
				next: it.textOrNull("next")
			};
			return {
				environment: it.text("environment"),
				time: it.text("time"),
				...page
			};
		}
	};
}
function hitOf(it) {
	return {
		kind: oneOf(KINDS, it.text("kind")),
		title: it.text("title"),
		detail: it.text("detail"),
		href: it.text("href")
	};
}
function runOf(it) {
	return {
		chain: it.hex("chain", 32),
		pipeline: it.text("pipeline"),
		contract: it.isMissing("contract") ? null : it.hex("contract", 64),
		steps: it.integer("steps"),
		erased: it.integer("erased"),
		failed: it.integer("failed"),
		late: it.integer("late"),
		systems: it.texts("systems"),
		firstAt: it.text("firstAt"),
		lastAt: it.text("lastAt"),
		lastIndex: it.integer("lastIndex"),
		refused: it.integer("refused")
	};
}
function deployOf(it) {
	return {
		id: it.integer("id"),
		at: it.text("at"),
		decision: oneOf(DECISIONS, it.text("decision")),
		deviated: it.boolean("deviated"),
		code: it.textOrNull("code"),
		what: it.textOrNull("what"),
		artifact: it.isMissing("artifact") ? null : it.hex("artifact", 64),
		pipeline: it.textOrNull("pipeline"),
		contract: it.isMissing("contract") ? null : it.hex("contract", 64),
		environment: it.text("environment"),
		by: it.text("by"),
		requester: it.textOrNull("requester"),
		ms: it.number("ms")
	};
}
function oneOf(known, text) {
	let one = known.find((name) => name === text);
	if (one === void 0) throw new CodedError("server-answer", "the server answered with a kind that is not known");
	return one;
}
// packages/client/src/keys.ts
/** The calls of keys. */
function keyCalls(transport) {
	let get = async (path) => new Reading((await transport.json({
		method: "GET",
		path
	})).body), post = async (path, value, more = {}) => new Reading((await transport.json({
		method: "POST",
		path,
		body: jsonBody$1(value),
		...more
	})).body), pathOf = (keyId, more = "") => `/v1/keys/${encodeURIComponent(keyId)}${more}`, proven = (proof) => proof === void 0 ? {} : { proof: base64(proof) };
	return {
		async keys() {
			return (await get("/v1/keys")).list("items", listedKeyOf);
		},
		async key(keyId) {
			return shownKeyOf(await get(pathOf(keyId)), keyId);
		},
		async enrol(name, key, proof) {
			let body = {
				name,
				publicKey: publicKeyPem(key),
				...proven(proof)
			};
			await post("/v1/keys", body, { repeatable: !1 });
		},
		async invite(name, lifetime, uses) {
			let it = await post("/v1/invitations", {
				name,
				lifetime,
				uses
			}, { repeatable: !1 });
			return {
				id: it.text("id"),
				code: it.text("code"),
				name: it.text("name"),
				expiresAt: timeOf(it.text("expiresAt")),
				uses: it.integer("uses")
			};
		},
		async rotate(keyId, to, overlap, proof) {
			let body = {
				publicKey: publicKeyPem(to),
				overlap,
				...proven(proof)
			};
			return shownKeyOf((await post(pathOf(keyId, "/rotate"), body)).object("from"), keyId);
		},
		async revoke(keyId, more = {}) {
			return shownKeyOf(await post(pathOf(keyId, "/revoke"), more, { repeatable: more.since !== void 0 }), keyId);
		},
		async affected(signer, more = {}) {
			let [path, asked] = "keyId" in signer ? [pathOf(signer.keyId, "/affected"), {}] : ["/v1/affected", signer], it = await get(`${path}?${new URLSearchParams({
				limit: "200",
				...asked,
				...more
			}).toString()}`);
			return {
				since: timeOrNull(it, "since"),
				items: it.list("items", affectedOf),
				next: it.textOrNull("next")
			};
		}
	};
}
function jsonBody$1(value) {
	return {
		type: "application/json",
		bytes: new TextEncoder().encode(JSON.stringify(value))
	};
}
function listedKeyOf(it) {
	let publicKey = publicKeyOf(it.text("publicKey")), keyId = it.hex("keyId", 64);
	if (publicKey.keyId !== keyId) throw new CodedError("server-answer", "the server lists a key under the id of another");
	return {
		keyId,
		name: it.text("name"),
		publicKey,
		enrolledAt: timeOf(it.text("enrolledAt")),
		revokedAt: timeOrNull(it, "revokedAt"),
		reason: reasonOrNull(it),
		steps: it.integer("steps"),
		lastUsedAt: timeOrNull(it, "lastUsedAt")
	};
}
function shownKeyOf(it, keyId) {
	let key = listedKeyOf(it);
	if (key.keyId !== keyId) throw new CodedError("server-answer", "the server answered with another key");
	return {
		...key,
		events: it.list("events", eventOf)
	};
}
function eventOf(it) {
	let done = {
		at: timeOf(it.text("at")),
		by: it.text("by")
	}, kind = it.text("kind");
	if (kind === "enrolled") return {
		...done,
		kind,
		proven: it.boolean("proven"),
		replaces: it.textOrNull("replaces")
	};
	let asOf = timeOf(it.text("asOf"));
	if (kind === "rotated") return {
		...done,
		kind,
		asOf,
		to: it.hex("to", 64)
	};
	if (kind === "revoked") return {
		...done,
		kind,
		asOf,
		reason: reasonOrNull(it)
	};
	throw new CodedError("server-answer", `in the server's answer, ${kind} is nothing that happens to a key`);
}
function affectedOf(it) {
	let after = it.textOrNull("after");
	return {
		link: it.hex("link", 64),
		chain: it.hex("chain", 32),
		pipeline: it.text("pipeline"),
		step: it.text("step"),
		attempt: it.integer("attempt"),
		matrix: it.textOrNull("matrix"),
		signer: it.text("signer"),
		acceptedAt: timeOf(it.text("acceptedAt")),
		index: it.integer("index"),
		subjects: it.integer("subjects"),
		artifacts: it.list("artifacts", (one) => ({
			name: one.text("name"),
			sha256: one.hex("sha256", 64)
		})),
		after: after === null ? null : it.hex("after", 64)
	};
}
/** Times are compared as text: what is none would never have come. */
function timeOf(text) {
	if (isTime(text)) return text;
	throw new CodedError("server-answer", "in the server's answer, a time is none");
}
function timeOrNull(it, field) {
	let text = it.textOrNull(field);
	return text === null ? null : timeOf(text);
}
function reasonOrNull(it) {
	let text = it.textOrNull("reason");
	return text !== null && isRevocationReason(text) ? text : null;
}
function publicKeyOf(pem) {
	try {
		return readSigningKey(pem);
	} catch (cause) {
		throw new CodedError("server-answer", "the server answered with a public key that is not usable", { cause });
	}
}
// packages/client/src/people.ts
const ROLES = [
	"viewer",
	"auditor",
	"approver",
	"maintainer",
	"admin"
];
function peopleCalls(transport) {
	let post = async (path, value, repeatable = !0) => {
		let bytes = new TextEncoder().encode(JSON.stringify(value)), body = value === null ? {} : { body: {
			type: "application/json",
			bytes
		} };
		return new Reading((await transport.json({
			method: "POST",
			path,
			...body,
			repeatable
		})).body);
	}, of = (id) => `/v1/people/${encodeURIComponent(id)}`;
	return {
		async people() {
			return new Reading((await transport.json({
				method: "GET",
				path: "/v1/people"
			})).body).list("items", personOf);
		},
		async addPerson({ name, email, role }) {
			let it = await post("/v1/people", {
				name,
				role,
				...email === null ? {} : { email }
			}, !1);
			return {
				...personOf(it),
				link: linkOf(it.object("link"))
			};
		},
		setPersonRole: async (id, role) => personOf(await post(`${of(id)}/role`, { role })),
		restorePerson: async (id) => personOf(await post(`${of(id)}/restore`, null)),
		makeSignInLink: async (id) => linkOf(await post(`${of(id)}/links`, null, !1)),
		async removePerson(id) {
			await transport.send({
				method: "DELETE",
				path: of(id)
			});
		},
		async audit(cursor) {
			let query = cursor === void 0 ? "" : `&${new URLSearchParams({ cursor }).toString()}`, it = new Reading((await transport.json({
				method: "GET",
				path: `/v1/audit?limit=200${query}`
			})).body);
			return {
				items: it.list("items", actOf),
				next: it.textOrNull("next")
			};
		},
		async loggedAct(digest) {
			let { bytes } = await transport.send({
				method: "GET",
				path: `/v1/audit/${encodeURIComponent(digest)}`
			});
			return readAnswer(bytes, parseLoggedAct, "an act with its proof");
		}
	};
}
function personOf(it) {
	let role = ROLES.find((one) => one === it.text("role"));
	if (role === void 0) throw new CodedError("server-answer", "somebody has a role that is none");
	return {
		id: it.hex("id", 16),
		name: it.text("name"),
		email: it.textOrNull("email"),
		role,
		issuer: it.textOrNull("issuer"),
		createdAt: it.text("createdAt"),
		signedInAt: it.textOrNull("signedInAt"),
		removedAt: it.textOrNull("removedAt")
	};
}
function linkOf(it) {
	return {
		code: it.text("code"),
		url: it.textOrNull("url"),
		expiresAt: it.text("expiresAt")
	};
}
function actOf(it) {
	let by = it.object("by");
	return {
		digest: it.hex("digest", 64),
		number: it.integer("number"),
		previous: it.textOrNull("previous"),
		index: it.integer("index"),
		at: it.text("at"),
		by: {
			kind: by.text("kind"),
			id: by.text("id"),
			name: by.textOrNull("name")
		},
		act: it.text("act"),
		about: it.text("about")
	};
}
// packages/client/src/client.ts
const MAX_LOOKUP = 1e3;
/** Throws `usage` for an unfit URL and `token-missing`; sends nothing yet. */
function createClient(options) {
	let crypto = options.crypto ?? { sha256 }, transport = new Transport(options), get = async (path) => new Reading((await transport.json({
		method: "GET",
		path
	})).body), lookupSome = async (digests) => {
		let { body } = await transport.json({
			method: "POST",
			path: "/v1/lookups",
			body: jsonBody({ digests })
		});
		return new Reading(body).list("chains", (it) => ({
			chain: it.hex("chain", 32),
			pipeline: it.text("pipeline"),
			index: it.integer("index"),
			links: it.hexes("links", 64)
		}));
	};
	return {
		...anchorCalls(transport),
		...auditCalls(transport),
		...certificateCalls(transport),
		...contractCalls(transport, crypto),
		...gateCalls(transport),
		...issuerCalls(transport),
		...tokenCalls(transport),
		...eventCalls(transport),
		...webhookCalls(transport),
		...keyCalls(transport),
		...viewCalls(transport),
		...peopleCalls(transport),
		...remarkCalls(transport),
		async append(bundle, more = {}) {
			let link = linkDigest(bundle.envelope, crypto), { status, body } = await transport.json({
				method: "POST",
				path: `/v1/attestations${more.late === !0 ? "?late=1" : ""}`,
				body: {
					type: "application/json",
					bytes: writeBundle(bundle)
				}
			}), it = new Reading(body);
			if (it.hex("link", 64) !== link) throw new CodedError("server-answer", "the receipt is for another attestation");
			let facts = {
				link,
				chain: it.hex("chain", 32),
				index: it.integer("index"),
				late: it.boolean("late")
			}, held = it.isMissing("bundle") ? bundle : it.bundle("bundle");
			return {
				...facts,
				receipt: receiptFor(link, it, held, crypto),
				held,
				created: status === 201
			};
		},
		async attestation(link) {
			let it = await get(`/v1/attestations/${encodeURIComponent(link)}`), bundle = it.bundle("bundle");
			return {
				link,
				bundle,
				receipt: receiptFor(link, it, bundle, crypto)
			};
		},
		async erase(link, ground) {
			let path = `/v1/attestations/${encodeURIComponent(link)}/erase`, { body } = await transport.json({
				method: "POST",
				path,
				body: jsonBody({ ground })
			}), it = new Reading(body), withheld = it.withheld("withheld");
			if (withheld.unopened.link !== link || withheld.tombstone === null) throw new CodedError("server-answer", "the tombstone is of another attestation");
			return {
				link,
				erasedAt: it.text("erasedAt"),
				ground: it.text("ground"),
				withheld
			};
		},
		async search(query) {
			let parameters = new URLSearchParams();
			for (let [name, value] of Object.entries(query)) parameters.set(name, String(value));
			let it = await get(`/v1/attestations?${parameters.toString()}`);
			return {
				items: it.list("items", listedOf),
				next: it.textOrNull("next")
			};
		},
		async lookup(digests) {
			let distinct = [...new Set(digests)], chains = /* @__PURE__ */ new Map();
			for (let from = 0; from < distinct.length; from += MAX_LOOKUP) for (let found of await lookupSome(distinct.slice(from, from + MAX_LOOKUP))) {
				let known = chains.get(found.chain), links = [.../* @__PURE__ */ new Set([...known?.links ?? [], ...found.links])];
				chains.set(found.chain, {
					...found,
					links
				});
			}
			return [...chains.values()].toSorted((a, b) => b.index - a.index);
		},
		async chain(id, { withhold = [], notes = !1 } = {}) {
			let asked = [...withhold.length === 0 ? [] : [`withhold=${withhold.join(",")}`], ...notes ? ["notes=1"] : []], query = asked.length === 0 ? "" : `?${asked.join("&")}`, path = `/v1/chains/${encodeURIComponent(id)}${query}`, { bytes } = await transport.send({
				method: "GET",
				path,
				maxBytes: MAX_CHAIN_BYTES
			});
			try {
				return parseChainFile(bytes);
			} catch (cause) {
				throw cause instanceof CodedError ? new CodedError("server-answer", `the chain is not ${CHAIN_MEDIA_TYPE}`, { cause }) : cause;
			}
		},
		async inbox(cursor) {
			let it = await get(`/v1/inbox${cursor === void 0 ? "" : `?${new URLSearchParams({ cursor }).toString()}`}`);
			return {
				items: it.list("items", inboxItemOf),
				next: it.textOrNull("next")
			};
		},
		async server() {
			let it = await get("/v1/server"), origin = it.text("origin"), read = (vkey) => keyOf(vkey, origin, crypto), next = it.textOrNull("next");
			return {
				origin,
				key: read(it.text("vkey")),
				next: next === null ? null : read(next),
				retired: it.list("retired", (one) => ({
					key: read(one.text("vkey")),
					retiredAt: one.text("retiredAt")
				})),
				version: it.text("version")
			};
		},
		authorities: () => fetchAuthorities(transport),
		log: logReads(transport),
		async statements(cursor) {
			let query = cursor === void 0 ? "" : `?${new URLSearchParams({ cursor }).toString()}`, it = await get(`/statements${query}`);
			return {
				items: it.list("items", listedStatementOf),
				next: it.textOrNull("next")
			};
		},
		async statement(number) {
			let { bytes } = await transport.send({
				method: "GET",
				path: `/statements/${number}`,
				maxBytes: MAX_NOTE_BYTES
			}), statement = statementOf(bytes);
			if (number !== "latest" && statement.number !== number) throw new CodedError("server-answer", `the server answered with statement ${statement.number}`);
			return statement;
		},
		async makeStatement() {
			let body = jsonBody({}), { status, bytes } = await transport.send({
				method: "POST",
				path: "/v1/statements",
				body,
				maxBytes: MAX_NOTE_BYTES
			});
			return {
				statement: statementOf(bytes),
				made: status === 201
			};
		},
		async head(chain, statement) {
			let query = statement === void 0 ? "" : `?statement=${statement}`, path = `/v1/chains/${encodeURIComponent(chain)}/head${query}`, { bytes } = await transport.send({
				method: "GET",
				path,
				maxBytes: MAX_HEAD_PROOF_BYTES
			}), proof = readAnswer(bytes, parseHeadProof, "a proof of a head");
			if (proof.chain !== chain || statement !== void 0 && proof.statement.number !== statement) throw new CodedError("server-answer", "the proof is of another chain or statement");
			return proof;
		},
		coverage: (chain, statement) => fetchCoverage(get, chain, statement),
		statementAnchors: (number) => fetchAnchors(get, transport, number)
	};
}
function jsonBody(value) {
	return {
		type: "application/json",
		bytes: new TextEncoder().encode(JSON.stringify(value))
	};
}
function statementOf(bytes) {
	return readAnswer(bytes, parseLogStatement, "a statement");
}
function listedStatementOf(it) {
	return {
		number: it.integer("number"),
		start: it.text("start"),
		end: it.text("end"),
		covers: it.integer("covers"),
		size: it.integer("size"),
		chains: it.integer("chains"),
		time: it.text("time")
	};
}
function listedOf(it) {
	let erasedAt = it.textOrNull("erasedAt");
	return {
		link: it.hex("link", 64),
		chain: it.hex("chain", 32),
		pipeline: it.text("pipeline"),
		step: it.text("step"),
		attempt: it.integer("attempt"),
		matrix: it.textOrNull("matrix"),
		signer: it.textOrNull("signer"),
		succeeded: erasedAt === null ? it.boolean("succeeded") : null,
		acceptedAt: it.text("acceptedAt"),
		index: it.integer("index"),
		erased: erasedAt === null ? null : {
			at: erasedAt,
			ground: it.text("ground")
		}
	};
}
function inboxItemOf(it) {
	let code = it.text("code");
	return {
		at: it.text("at"),
		code: Object.hasOwn(CATALOGUE, code) ? code : null,
		what: it.text("what"),
		fix: it.text("fix"),
		link: it.textOrNull("link")
	};
}
/** A receipt for another attestation would pass as this one's, and one for the signature of somebody else as this one's. */
function receiptFor(link, it, held, crypto) {
	let receipt = it.receipt("receipt");
	if (receipt.opening.link !== link || linkDigest(held.envelope, crypto) !== link) throw new CodedError("server-answer", "the receipt is for another attestation");
	let { key } = held;
	if (key.kind === "certificate" && hex(crypto.sha256(key.chain[0])) !== receipt.opening.signer) throw new CodedError("server-answer", "the receipt is for the signature of somebody else");
	return receipt;
}
function keyOf(vkey, origin, crypto) {
	let key;
	try {
		key = parseVkey(vkey, crypto);
	} catch (cause) {
		throw new CodedError("server-answer", "the server answered with a verifier key that is not usable", { cause });
	}
	if (key.name === origin && key.type === "ed25519") return key;
	throw new CodedError("server-answer", "the server answered with the verifier key of another log");
}
// packages/client/src/event-text.ts
const diskFiles = {
	async makeDirectory(path) {
		makeDirectory(path, 448);
	},
	async write(path, bytes) {
		let file = await open(path, "wx", 384);
		try {
			await file.writeFile(bytes), await file.sync();
		} finally {
			await file.close();
		}
	},
	rename,
	async remove(path) {
		await rm(path, { force: !0 });
	},
	async syncDirectory(path) {
		let directory = await open(path, "r");
		try {
			await directory.sync();
		} finally {
			await directory.close();
		}
	},
	async list(path) {
		try {
			return await readdir(path);
		} catch (error) {
			if (isMissing(error)) return [];
			throw error;
		}
	},
	async read(path) {
		let file;
		try {
			file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
		} catch (error) {
			if (isMissing(error)) return null;
			throw error;
		}
		try {
			let stat = await file.stat();
			if (!stat.isFile() || stat.size > 8388608) throw Error(`${path} is no spooled bundle`);
			return await file.readFile();
		} finally {
			await file.close();
		}
	}
};
function isMissing(error) {
	return error instanceof Error && "code" in error && error.code === "ENOENT";
}
// packages/client/src/spool.ts
const DISCLOSED = "disclosed", CARRIED = "carried", MAX_CARRIERS = 1e4;
/**
* A directory of signed steps that the server does not have yet: `<link digest>.json`, one bundle each. An
* entry leaves it only when the server has acknowledged it, or into `refused/` when the server refused it.
* Many processes may use one spool at once: adding and uploading the same step twice are the same as once.
*/
var Spool = class {
	directory;
	#crypto;
	#files;
	constructor(directory, crypto, files = diskFiles) {
		this.directory = directory, this.#crypto = crypto, this.#files = files;
	}
	/** Keeps a signed step; it is on the disk when this returns. Throws `file-write-failed`; nothing is half there then. */
	async add(bundle) {
		let link = linkDigest(bundle.envelope, this.#crypto);
		return await this.#attempt(async () => {
			await this.#files.makeDirectory(this.directory), await this.#put(this.directory, `${link}.json`, writeBundle(bundle));
		}), link;
	}
	/** Keeps a step that the server refused, with the reason, out of the way of the others. Returns where. Throws `file-write-failed`. */
	async addRefused(bundle, report) {
		let link = linkDigest(bundle.envelope, this.#crypto), directory = join(this.directory, "refused");
		return await this.#attempt(async () => {
			await this.#files.makeDirectory(directory), await this.#put(directory, `${link}.reason.json`, canonicalJson(report)), await this.#put(directory, `${link}.json`, writeBundle(bundle));
		}), join(directory, `${link}.json`);
	}
	/** Takes out a step that the server has, or that is kept as refused. False where it cannot be removed: it stays. */
	async discard(link) {
		try {
			return await this.#files.remove(join(this.directory, `${link}.json`)), await this.#files.remove(join(this.directory, CARRIED, `${link}.json`)), !0;
		} catch {
			return !1;
		}
	}
	/**
	* Keeps what opens the sealed fields of a step, where no chain file holds it: a file for whoever looks for it, which
	* is never uploaded. Returns where. Throws `file-write-failed`.
	*/
	async keepDisclosures(link, disclosures) {
		let directory = join(this.directory, DISCLOSED), name = `${link}.chain.jsonl`;
		return await this.#attempt(async () => {
			await this.#files.makeDirectory(directory), await this.#put(directory, name, writeChainFile(disclosures));
		}), join(directory, name);
	}
	/** Takes out what opens a step, once a chain file holds it. Where it cannot be removed it stays. */
	async discardDisclosures(link) {
		await this.#files.remove(join(this.directory, DISCLOSED, `${link}.chain.jsonl`)).catch(() => void 0);
	}
	/**
	* Keeps in which files (absolute paths) the chain of a waiting step was handed on, so that its receipt gets there when
	* it is uploaded. Throws `file-write-failed`.
	*/
	async keepCarriers(link, files) {
		let directory = join(this.directory, CARRIED);
		await this.#attempt(async () => {
			await this.#files.makeDirectory(directory), await this.#put(directory, `${link}.json`, canonicalJson(files.slice(0, MAX_CARRIERS)));
		});
	}
	/** The files that carry the chains of all steps that wait: each may hold any of them. A damaged list is none. */
	async carriers() {
		let directory = join(this.directory, CARRIED), files = /* @__PURE__ */ new Set();
		for (let name of await this.#names(directory)) {
			let bytes = await this.#files.read(join(directory, name)).catch(() => null);
			for (let file of bytes === null ? [] : pathsIn(bytes)) files.add(file);
		}
		return [...files];
	}
	/** What waits, each after its predecessors and else as it was recorded, and the names of files that are no attestations. Throws `file-unreadable`. */
	async waiting() {
		let steps = /* @__PURE__ */ new Map(), unreadable = [];
		for (let name of await this.#names(this.directory)) {
			let step = await this.#read(name);
			step === "unreadable" ? unreadable.push(name) : step !== "gone" && steps.set(step.link, step);
		}
		return {
			steps: inOrder(steps),
			unreadable
		};
	}
	/**
	* Uploads what waits, predecessors first, marked late. Goes on past refusals; stops where the server is not
	* reached or does not know us, for the rest would fare the same. A failure here loses nothing: an entry that
	* was uploaded and not removed is uploaded again, for the same receipt.
	*/
	async flush(client, { ready, acknowledged } = {}) {
		let { steps, unreadable } = await this.waiting(), uploaded = [], refused = [], waiting = [], stopped = null;
		for (let step of steps) {
			if (stopped !== null) {
				waiting.push({
					step,
					report: stopped
				});
				continue;
			}
			let bundle = step.bundle;
			try {
				ready !== void 0 && (bundle = await this.#replaced(step, await ready(step)));
			} catch (error) {
				waiting.push({
					step,
					report: reportOf(error)
				});
				continue;
			}
			let appended;
			try {
				appended = await client.append(bundle, { late: !0 });
			} catch (error) {
				let report = reportOf(error);
				!(error instanceof CodedError) || mayPass(error) && !isOfAnother(error) ? (stopped = report, waiting.push({
					step,
					report
				})) : error.code === "previous-missing" || isOfAnother(error) ? waiting.push({
					step,
					report
				}) : (await this.#moveToRefused({
					...step,
					bundle
				}, report), refused.push({
					step,
					report
				}));
				continue;
			}
			try {
				await acknowledged?.({
					...step,
					bundle
				}, appended);
				let removed = await this.discard(step.link);
				uploaded.push({
					step: {
						...step,
						bundle
					},
					appended,
					removed
				});
			} catch (error) {
				waiting.push({
					step,
					report: reportOf(error)
				});
			}
		}
		return {
			uploaded,
			refused,
			waiting,
			unreadable
		};
	}
	/** The same statement under another signature has the same link, and takes the place of the first. */
	async #replaced(step, bundle) {
		if (bundle === step.bundle) return bundle;
		if (linkDigest(bundle.envelope, this.#crypto) !== step.link) throw new CodedError("sign-failed", `what was signed again is not ${step.link.slice(0, 12)}`);
		return await this.add(bundle), bundle;
	}
	async #names(directory) {
		try {
			return (await this.#files.list(directory)).filter((name) => name.endsWith(".json") && !name.startsWith(".")).toSorted();
		} catch (cause) {
			throw new CodedError("file-unreadable", `the spool ${this.directory} cannot be read`, { cause });
		}
	}
	/** `gone`: another process has uploaded it since it was listed. One bad file holds up no other. */
	async #read(name) {
		try {
			let bytes = await this.#files.read(join(this.directory, name));
			if (bytes === null) return "gone";
			let bundle = parseBundle(bytes), link = linkDigest(bundle.envelope, this.#crypto);
			if (name !== `${link}.json`) return "unreadable";
			let { predicate } = parseStep(bundle.envelope.payload), previous = predicate.previous.map((before) => before.link), { finishedAt } = predicate.invocation;
			return {
				link,
				step: predicate.step.name,
				chain: predicate.chain.id,
				previous,
				finishedAt,
				bundle
			};
		} catch {
			return "unreadable";
		}
	}
	/** The reason first: a crash between leaves the step waiting, to be refused again. */
	async #moveToRefused(step, report) {
		try {
			await this.addRefused(step.bundle, report);
		} catch {
			return;
		}
		await this.discard(step.link);
	}
	/** A file under its name is whole: it is written and synced under another one first. */
	async #put(directory, name, bytes) {
		let temporary = join(directory, `.${name}.${globalThis.crypto.randomUUID()}`);
		try {
			await this.#files.write(temporary, bytes), await this.#files.rename(temporary, join(directory, name));
		} catch (error) {
			try {
				await this.#files.remove(temporary);
			} catch {}
			throw error;
		}
		await this.#files.syncDirectory(directory);
	}
	async #attempt(work) {
		try {
			await work();
		} catch (cause) {
			if (cause instanceof CodedError) throw cause;
			let reason = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
			throw new CodedError("file-write-failed", `the spool ${this.directory} could not be written${reason}`, {
				fix: "Set COUNTERSIGN_SPOOL to a directory that can be written, on a disk with free space.",
				cause
			});
		}
	}
};
/** Whether a session may not send this very step, of which findings tell; that a token may send none has none. */
function isOfAnother(error) {
	return error instanceof ServerRefusal && error.code === "token-scope" && error.findings.length > 0;
}
function pathsIn(bytes) {
	try {
		let paths = parseJson(bytes, { maxBytes: 4194304 });
		return Array.isArray(paths) ? paths.filter((path) => typeof path == "string").slice(0, MAX_CARRIERS) : [];
	} catch {
		return [];
	}
}
/** Each step after those of its predecessors that wait too. Links are hashes of what names them: no circle can be made. */
function inOrder(steps) {
	let order = [], seen = /* @__PURE__ */ new Set(), starts = [...steps.values()].toSorted((a, b) => Date.parse(a.finishedAt) - Date.parse(b.finishedAt));
	for (let start of starts) {
		let stack = [{
			step: start,
			next: 0
		}];
		for (; stack.length > 0;) {
			let top = stack.at(-1);
			if (top.next === 0) {
				if (seen.has(top.step.link)) {
					stack.pop();
					continue;
				}
				seen.add(top.step.link);
			}
			let before = top.step.previous[top.next++];
			if (before === void 0) {
				order.push(top.step), stack.pop();
				continue;
			}
			let waiting = steps.get(before);
			waiting !== void 0 && !seen.has(before) && stack.push({
				step: waiting,
				next: 0
			});
		}
	}
	return order;
}
export { gatherStatements as _, TOKEN_SCOPES as a, followedIn as c, openSession as d, sessionAudience as f, plainText as g, mayPass as h, ROLES as i, requestSigningCertificate as l, isAway as m, diskFiles as n, eventOf$1 as o, ServerRefusal as p, createClient as r, EVENT_PREFIX as s, Spool as t, derOf as u };
