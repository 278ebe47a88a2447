import { Y as fromUtf8, m as parseJson } from "./src.js";
// packages/adapters/src/identity-claims.ts
/** What a token says, with nobody asked whether it is true. Null where it cannot be read. */
function unverifiedClaims(token) {
	let [, payload] = token.split(".", 2);
	if (payload === void 0) return null;
	try {
		let value = parseJson(fromUtf8(new Uint8Array(Buffer.from(payload, "base64url"))), {
			maxBytes: 65536,
			maxDepth: 16
		});
		return typeof value == "object" && value && !Array.isArray(value) ? value : null;
	} catch {
		return null;
	}
}
/** Whether a token is for this audience alone (RFC 7519 §4.1.3): one for others too could be used there. */
function isFor(token, audience) {
	let aud = unverifiedClaims(token)?.aud;
	return aud === audience || Array.isArray(aud) && aud.length === 1 && aud[0] === audience;
}
/** The audiences of a token as one text, for messages. */
function audiencesOf(token) {
	let aud = unverifiedClaims(token)?.aud, all = (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one == "string");
	return all.length === 0 ? "nobody" : all.join(" and ").slice(0, 300);
}
export { isFor as n, unverifiedClaims as r, audiencesOf as t };
