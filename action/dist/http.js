import { $ as CodedError, m as parseJson } from "./src.js";
// packages/adapters/src/http.ts
/**
* One request and its bounded answer, whatever its status. Redirects are not followed. Throws the service's own fault,
* without a cause: that could hold the headers, and with them a secret.
*/
async function ask(url, { method = "GET", headers = [], body }, service) {
	let { timeoutMs, maxBytes, fault } = service, name = service.name ?? hostOf(url), send = service.fetch ?? fetch;
	try {
		let response = await send(url, {
			method,
			headers: headers.map(([key, value]) => [key, value]),
			...body === void 0 ? {} : { body },
			redirect: "manual",
			signal: AbortSignal.timeout(timeoutMs)
		}), read = await boundedBytes(response, maxBytes);
		if (read === null) throw fault(`the answer of ${name} exceeds ${maxBytes} bytes`, "too-large");
		return {
			status: response.status,
			headers: response.headers,
			body: read
		};
	} catch (error) {
		throw error instanceof CodedError ? error : fault(`${name} did not answer: ${reasonOf(error)}`, "no-answer");
	}
}
/** A body of at most so many bytes; null for a longer one, which is read no further. */
async function boundedBytes(response, maxBytes) {
	let parts = [], size = 0;
	for await (let part of response.body ?? []) {
		if (size += part.length, size > maxBytes) return null;
		parts.push(part);
	}
	return new Uint8Array(Buffer.concat(parts));
}
/** Why no answer came, in a word of Node's that repeats nothing of the request. */
function reasonOf(error) {
	if (error instanceof DOMException && error.name === "TimeoutError") return "no answer in time";
	let cause = error instanceof Error && error.cause !== void 0 ? error.cause : error, code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
	return /^[A-Z0-9_]{1,60}$/.test(code) ? code : "the request failed";
}
const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/;
/** Whether a URL leads to this machine. */
function isLoopback({ hostname }) {
	return LOOPBACK.test(hostname);
}
/**
* An address that something is sent to: `https`, or `http` to this machine; a host, and a path where one is allowed.
* Else what is wrong with it.
*/
function addressIn(text, { path }) {
	let url = URL.parse(text);
	return url === null ? "is not a URL" : url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "" || !(path || url.pathname === "/") ? path ? "has more than a host and a path" : "has more than a host" : url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url)) ? "is not https; plain http is for this machine" : url;
}
/** Host of an address, for people; never its user, path or query. */
function hostOf(url) {
	return (typeof url == "string" ? URL.parse(url)?.host : url.host) ?? "the service";
}
/** The members of a JSON object, strictly read; null for everything else. */
function membersOf(body) {
	try {
		return objectOf(parseJson(body, { maxDepth: 16 }));
	} catch {
		return null;
	}
}
/** A value that is a JSON object; null for any other. */
function objectOf(value) {
	return typeof value == "object" && value && !Array.isArray(value) ? value : null;
}
export { isLoopback as a, reasonOf as c, hostOf as i, ask as n, membersOf as o, boundedBytes as r, objectOf as s, addressIn as t };
