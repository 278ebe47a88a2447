import { $ as CodedError, Q as fromBase64 } from "./src.js";
import { i as hostOf, n as ask, o as membersOf } from "./http.js";
import { a as MAX_KMS_BYTES, o as isSecretText } from "./kms-door.js";
import { readFile } from "node:fs/promises";
// packages/adapters/src/access-token.ts
/** Milliseconds before its end at which a new one is asked for: longer than a request may take. */
const MACHINE_TIMEOUT_MS = 3e3;
/** One token for as long as it lasts, asked for once however many need it. */
function keptTokens(fresh, now) {
	let kept = null, asking = null;
	return {
		async current() {
			return kept !== null && now() < kept.until - 6e4 || (asking ??= fresh().finally(() => {
				asking = null;
			}), kept = await asking), kept.token;
		},
		forget() {
			return kept = null, !0;
		}
	};
}
/** A token that is there and that nobody renews. */
function givenToken(token) {
	return {
		current: () => Promise.resolve(token),
		forget: () => !1
	};
}
/** A file that somebody else keeps fresh: read each time. */
function tokenFile(read) {
	return {
		current: read,
		forget: () => !1
	};
}
/** The one line of a file. Throws the service's `invalid`; what is in it is never said. */
async function lineIn(path, named, faults) {
	let line = (await textIn(path, named, faults)).trim();
	if (!isSecretText(line)) throw faults.invalid(`the file that ${named} names holds no token`);
	return line;
}
async function textIn(path, named, faults) {
	try {
		let text = await readFile(path, "utf8");
		if (text.length <= 65536) return text;
	} catch {}
	throw faults.invalid(`the file that ${named} names cannot be read`, `Check ${named}, and the rights on that file.`);
}
/**
* Asks for a token: `{"access_token": …, "expires_in": …}` (RFC 6749 §5.1; seconds, by some as text), or with
* `expires_on`, seconds since 1970, as some platforms have it.
*/
async function askForToken(url, question, { door, faults, refused }) {
	let { status, members } = await askForJson(url, question, {
		door,
		faults
	});
	if (status >= 500 || status === 429 || status === 408) throw faults.unreachable(`${hostOf(url)} gave no token: status ${status}`);
	if (status !== 200) throw refused(status);
	let { access_token: token, expires_in: within, expires_on: at } = members ?? {}, until = within === void 0 ? Number(at) * 1e3 : door.now() + Number(within) * 1e3;
	if (!isSecretText(token) || !Number.isSafeInteger(until)) throw faults.unreachable(`${hostOf(url)} answered something else than a token`);
	return {
		token,
		until
	};
}
/**
* Asks a service of the machine itself, the last place where credentials are looked for: where nobody answers there,
* what is missing most likely is what was looked for before.
*/
async function askThisMachine(url, question, { door, faults, refused, otherwise }) {
	let timeoutMs = Math.min(door.timeoutMs ?? MACHINE_TIMEOUT_MS, MACHINE_TIMEOUT_MS);
	try {
		return await askForToken(url, question, {
			door: {
				...door,
				timeoutMs
			},
			faults,
			refused
		});
	} catch (error) {
		throw error instanceof CodedError && error.code === faults.codes.unreachable ? new CodedError(error.code, `there are no credentials in the environment, and ${error.what}`, { fix: otherwise }) : error;
	}
}
/** One request and what is in its answer; `members` is null where that is no JSON object. */
async function askForJson(url, question, { door, faults }) {
	let answer = await ask(url, question, {
		timeoutMs: door.timeoutMs ?? 1e4,
		maxBytes: MAX_KMS_BYTES,
		...door.fetch === void 0 ? {} : { fetch: door.fetch },
		fault: faults.unreachable
	});
	return {
		status: answer.status,
		headers: answer.headers,
		members: membersOf(answer.body)
	};
}
/** A body as HTML forms have it, which OAuth takes. */
function formQuestion(fields) {
	return {
		method: "POST",
		headers: [["content-type", "application/x-www-form-urlencoded"]],
		body: new URLSearchParams(fields).toString()
	};
}
// packages/adapters/src/kms-call.ts
const PASSING = /* @__PURE__ */ new Set([
	408,
	425,
	429
]);
/**
* Asks a key service, with another token where there is one and the first is refused. Throws the service's
* `unreachable` where it may pass, and `invalid` where only a person can help.
*/
async function callKms(url, input, service) {
	let { faults, tokens } = service, refusal = await callOnce(url, input, service);
	if ("status" in refusal && refusal.status === 401 && tokens.forget() && (refusal = await callOnce(url, input, service)), !("status" in refusal)) return refusal.members;
	let { status } = refusal;
	if (status === 200) throw nonsense(url, service);
	if (status >= 500 || PASSING.has(status)) throw faults.unreachable(`${hostOf(url)} is not able to answer now (status ${status})`);
	let { what, fix } = service.explain(refusal);
	throw faults.invalid(`${hostOf(url)} refused: ${what} (status ${status})`, fix);
}
async function callOnce(url, input, { door, faults, tokens, header }) {
	let headers = [["accept", "application/json"], ...header(await tokens.current())], answer = await askForJson(url, input === null ? { headers } : {
		method: "POST",
		headers: [...headers, ["content-type", "application/json"]],
		body: JSON.stringify(input)
	}, {
		door,
		faults
	});
	return answer.status === 200 && answer.members !== null ? { members: answer.members } : answer;
}
/** What no such service answers: it may be another one, or something on the way. */
function nonsense(url, { name, faults }) {
	return faults.unreachable(`${hostOf(url)} answered with something else than ${name} does`);
}
/** Bytes of base64, or of base64url without padding; null for what is neither text nor that. */
function bytesOf(value, alphabet = "base64") {
	if (typeof value != "string") return null;
	try {
		if (alphabet === "base64") return fromBase64(value);
		if (!/^[A-Za-z0-9_-]*$/.test(value)) return null;
		let text = value.replaceAll("-", "+").replaceAll("_", "/");
		return fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
	} catch {
		return null;
	}
}
export { askForToken as a, givenToken as c, textIn as d, tokenFile as f, askForJson as i, keptTokens as l, callKms as n, askThisMachine as o, nonsense as r, formQuestion as s, bytesOf as t, lineIn as u };
