import { $ as CodedError, J as equal, X as utf8, l as parsePublicKey } from "./src.js";
import { d as openSession, l as requestSigningCertificate } from "./src2.js";
import { C as parseCertificate, l as identityOf } from "./identity.js";
import { r as unverifiedClaims } from "./identity-claims.js";
import { n as isUsed, r as showToken, t as isSpent } from "./token-again2.js";
import { promisify } from "node:util";
import { generateKeyPair, sign } from "node:crypto";
// packages/adapters/src/signer-keyless.ts
/** Our own server: a certificate and access to it, for one token. */
function countersignAuthority(options) {
	return { async certify(request) {
		let { certificates, accessToken, expiresAt, unconfirmed } = await openSession(options, request);
		return {
			certificates,
			access: {
				token: accessToken,
				expiresAt
			},
			unconfirmed: unconfirmed?.what ?? null
		};
	} };
}
/** Any Fulcio, such as the public one. */
function fulcioAuthority(options) {
	return { async certify(request) {
		return {
			certificates: await requestSigningCertificate(options, request),
			access: null
		};
	} };
}
/** A certificate with less than this left is not signed under: the signature has to reach the server too. Milliseconds. */
const LEAST_LEFT = 6e4;
/**
* Signs as the job that runs, with no key to be stored: a P-256 key that is made here, never leaves memory, and is
* certified for the job's identity token. The certificate is had before the step runs, so that a missing permission
* stops it, and again for another key where the step took longer than the certificate lives.
*/
var Keyless = class Keyless {
	#options;
	#held;
	constructor(options, first) {
		this.#options = options, this.#held = first;
	}
	/** Throws `identity-unavailable`, what the authority refuses with, `server-unreachable` and `certificate-invalid`. */
	static async open(options) {
		return new Keyless(options, await obtain(options, null));
	}
	/** As it was certified last; its certificate may have ended. */
	get last() {
		return this.#held.signer;
	}
	/** API token that came with the certificate, renewed where it ends; null where the authority gives none. */
	async accessToken() {
		let { access } = this.#held;
		return access !== null && access.expiresAt - this.#options.now() < LEAST_LEFT / 2 && await this.#renew(), this.#held.access?.token ?? null;
	}
	/** A signer whose certificate has a minute left. Throws what {@link open} throws, and `identity-mismatch`. */
	async signer() {
		return this.last.expiresAt - this.#options.now() < LEAST_LEFT && await this.#renew(), this.last;
	}
	async #renew() {
		let renewed = await obtain(this.#options, this.#held), [before, after] = [this.last.certified.identity, renewed.signer.certified.identity];
		if (before.issuer !== after.issuer || before.subject.value !== after.subject.value || before.runInvocationURI !== after.runInvocationURI) throw new CodedError("identity-mismatch", "the new identity token is not of the run that the step began in");
		this.#held = renewed;
	}
};
/** For the token and session that are held where they go on, else for the next token; with its session, where it has one. */
async function obtain(options, held) {
	let { tokens, audience } = options;
	if (held !== null && tokens.repeats && mayGoOn(held, options.now())) try {
		return await certify(options, held.token, held.access);
	} catch (error) {
		if (!isSpent(error)) throw error;
	}
	return showToken(tokens, audience, (token) => show(options, token));
}
async function show(options, token) {
	let { sessions, tokens } = options;
	if (sessions === null) return certify(options, token, null);
	try {
		let { signer, ...obtained } = await sessions.within(token, (kept) => certify(options, token, kept));
		return {
			...obtained,
			signer: {
				...signer,
				unkept: sessions.fault
			}
		};
	} catch (error) {
		throw !isUsed(error) || !tokens.renewable ? error : new CodedError("identity-token-used", error.what, {
			fix: fixOf(sessions),
			cause: error
		});
	}
}
/** What is to be done where a platform gives a job the same token again, and this process knows nothing of its session. */
function fixOf({ fault }) {
	return `Give all steps of the job that share a token one directory to keep its session in: COUNTERSIGN_SESSIONS${fault === null ? "" : ` (here none can be kept: ${fault})`}; if nobody of yours used the token, find out who did.`;
}
/** Whether a session lasts, and the token that opened it, as far as it says itself. */
function mayGoOn({ token, access }, now) {
	let { exp } = unverifiedClaims(token) ?? {};
	return access !== null && access.expiresAt > now && typeof exp == "number" && exp * 1e3 > now;
}
async function certify({ tokens, authority, sessions, now }, token, session) {
	let { publicKey: made, privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" }), publicKey = parsePublicKey(made.export({
		type: "spki",
		format: "der"
	})), proof = new Uint8Array(sign("sha256", utf8(holderOf(token)), privateKey)), { certificates, access, unconfirmed = null } = await authority.certify({
		token,
		run: tokens.run ?? null,
		key: {
			publicKey,
			proof
		},
		session: session?.token ?? null
	}), [leaf] = certificates;
	if (leaf === void 0) throw new CodedError("certificate-invalid", "the authority gave no certificate");
	let certificate = parseCertificate(leaf, "certificate-invalid");
	if (!equal(certificate.spki, publicKey.spki)) throw new CodedError("certificate-invalid", "the authority certified another key than ours");
	let certified = identityOf(certificate);
	if (certificate.notAfter - now() < LEAST_LEFT || certificate.notBefore - now() > 6e4) throw new CodedError("certificate-expired", "the certificate just made is not valid by the clock of this machine", { fix: "Set the clock of this machine, or that of the server." });
	return {
		token,
		signer: {
			key: {
				kind: "certificate",
				chain: [leaf]
			},
			publicKey,
			certified,
			certificates,
			expiresAt: certificate.notAfter,
			unconfirmed,
			unkept: sessions?.fault ?? null,
			sign: (pae) => Promise.resolve(new Uint8Array(sign("sha256", pae, privateKey)))
		},
		access
	};
}
/** Over what the key is proven: the e-mail address of a token that has one, else its subject, as Fulcio has it. */
function holderOf(token) {
	let { email, email_verified: verified, sub } = unverifiedClaims(token) ?? {}, holder = typeof email == "string" && verified === !0 ? email : sub;
	if (typeof holder == "string" && holder !== "") return holder;
	throw new CodedError("identity-unavailable", "the identity token names nobody");
}
export { Keyless, countersignAuthority, fulcioAuthority };
