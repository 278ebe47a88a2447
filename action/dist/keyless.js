import { $ as CodedError } from "./src.js";
import { r as plain } from "./output.js";
import { createRequire } from "node:module";
import { resolve } from "node:path";
// packages/adapters/src/http-fetch.ts
const require = createRequire(import.meta.url), httpFetch = (address, { method, headers, body, signal }) => new Promise((done, failed) => {
	let options = {
		method,
		headers: {
			...headers,
			"accept-encoding": "gzip"
		},
		signal
	}, asked = requestFor(address)(address, options, (answer) => {
		done({
			status: answer.statusCode,
			headers: headersOf(answer),
			body: bodyOf(answer, signal)
		});
	});
	asked.on("error", (error) => failed(signal.aborted ? signal.reason : error)), asked.end(body);
});
function requestFor(address) {
	return (address.startsWith("https:") ? require("node:https") : require("node:http")).request;
}
function headersOf({ headers }) {
	return { get(name) {
		let value = headers[name.toLowerCase()];
		return value === void 0 ? null : String(value);
	} };
}
async function* bodyOf(answer, signal) {
	try {
		yield* unpacked(answer);
	} catch (error) {
		throw signal.aborted ? signal.reason : error;
	} finally {
		answer.destroy();
	}
}
function unpacked(answer) {
	let coding = answer.headers["content-encoding"] ?? "identity";
	if (coding === "identity") return answer;
	if (coding !== "gzip") throw Error("an encoding that was not asked for");
	let { createGunzip } = require("node:zlib"), { pipeline } = require("node:stream");
	return pipeline(answer, createGunzip(), () => void 0);
}
/**
* The system that vouches for this job: the named one, or with `auto` the one whose environment this is; null where
* that is none. Throws `usage` for a name that is none.
*/
async function identitySystemFor(context, name) {
	let { detectIdentitySystem, IDENTITY_SYSTEMS, identitySystem } = await import("./identity-detect.js");
	if (name === "auto") return detectIdentitySystem(context.environment);
	let system = identitySystem(name);
	if (system !== null) return system;
	throw new CodedError("usage", `${plain(name, 60)} is no system that gives identity tokens`, { fix: `Name one of: auto, ${IDENTITY_SYSTEMS.join(", ")}.` });
}
async function tokensOf(context, system) {
	let { identityTokens } = await import("./identity-detect.js"), { environment, cwd: root } = context;
	return identityTokens(system, {
		environment,
		root,
		now: clockOf(context)
	});
}
/** Whom a token is for: what was set, else what the system is bound to, else what the server says. */
async function audienceFor(context, tokens) {
	let known = context.settings.audience ?? tokens.audience;
	if (known !== null) return known;
	let { sessionAudience } = await import("./src4.js");
	return sessionAudience(serverOf(context));
}
/** What a connection to the server needs beside a token. Throws `usage` where no server is set. */
function serverOf({ settings }) {
	let { url, allowHttp } = settings;
	if (url === null) throw new CodedError("usage", "no server is set", { fix: "Set COUNTERSIGN_URL to your server." });
	return {
		url,
		allowHttp,
		fetch: httpFetch
	};
}
/** Where the sessions of this job are kept; null where each of its processes is given a token of its own. */
async function sessionsOf(context, tokens) {
	if (!tokens.repeats) return null;
	let { SessionFiles } = await import("./session-files.js"), { cwd: workspace, settings } = context;
	return new SessionFiles({
		places: settings.sessions.map((place) => resolve(workspace, place)),
		workspace,
		server: serverOf(context).url.replace(/\/+$/, ""),
		now: clockOf(context)
	});
}
/** Milliseconds since 1970, by the clock of the door. */
function clockOf(context) {
	return () => Date.parse(context.now());
}
/** Has this job certified. Throws before anything is run what `Keyless.open` throws. */
async function openKeyless(context, { system, fulcio }) {
	let adapter = await import("./signer-keyless.js"), tokens = await tokensOf(context, system), authority, audience;
	fulcio === null ? (authority = adapter.countersignAuthority(serverOf(context)), audience = await explained(audienceFor(context, tokens))) : (authority = adapter.fulcioAuthority({ url: fulcio }), audience = context.settings.audience ?? "sigstore");
	let sessions = fulcio === null ? await sessionsOf(context, tokens) : null;
	return explained(adapter.Keyless.open({
		tokens,
		audience,
		authority,
		sessions,
		now: clockOf(context)
	}));
}
/** Said before the command runs: its step could not be signed. */
async function explained(asked) {
	try {
		return await asked;
	} catch (cause) {
		throw !(cause instanceof CodedError) || cause.code !== "server-unreachable" ? cause : new CodedError("server-unreachable", `without the server this job gets no certificate: ${cause.what}`, {
			fix: "Wait until the server answers, or sign with a key that is enrolled: --key FILE.",
			cause
		});
	}
}
/**
* An API token for as long as it is needed, by the identity of this job: had when it is asked for first, and anew when
* it ends. Null where no system vouches for this job.
*/
async function accessByIdentity(context) {
	let system = await identitySystemFor(context, "auto");
	if (system === null) return null;
	let now = clockOf(context), asked = null, open = async () => {
		let { openSession } = await import("./src4.js"), tokens = await tokensOf(context, system), sessions = await sessionsOf(context, tokens), opened = async (token, kept) => {
			if (kept !== null) return { access: kept };
			let request = {
				token,
				run: tokens.run ?? null,
				key: null
			}, { accessToken, expiresAt } = await openSession(serverOf(context), request);
			return { access: {
				token: accessToken,
				expiresAt
			} };
		}, { showToken } = await import("./token-again.js");
		return (await showToken(tokens, await audienceFor(context, tokens), (token) => sessions === null ? opened(token, null) : sessions.within(token, (kept) => opened(token, kept)))).access;
	};
	return async () => (asked !== null && (await asked).expiresAt - now() > MARGIN || (asked = open(), asked.catch(() => {
		asked = null;
	})), (await asked).token);
}
/** Before its end at which access is asked for anew; milliseconds. */
const MARGIN = 3e4;
export { openKeyless as a, httpFetch as c, identitySystemFor as i, audienceFor as n, serverOf as o, clockOf as r, tokensOf as s, accessByIdentity as t };
