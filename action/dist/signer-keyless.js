import { H as equal, W as utf8, i as parsePublicKey, q as CodedError } from "./src2.js";
import { i as requestSigningCertificate, o as openSession } from "./src7.js";
import { b as parseCertificate, l as identityOf } from "./identity.js";
import { r as unverifiedClaims } from "./identity-claims.js";
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
	#signer;
	#access;
	constructor(options, first) {
		this.#options = options, this.#signer = first.signer, this.#access = first.access;
	}
	/** Throws `identity-unavailable`, what the authority refuses with, `server-unreachable` and `certificate-invalid`. */
	static async open(options) {
		return new Keyless(options, await obtain(options));
	}
	/** As it was certified last; its certificate may have ended. */
	get last() {
		return this.#signer;
	}
	/** API token that came with the certificate, renewed where it ends; null where the authority gives none. */
	async accessToken() {
		return this.#access !== null && this.#access.expiresAt - this.#options.now() < LEAST_LEFT / 2 && await this.#renew(), this.#access?.token ?? null;
	}
	/** A signer whose certificate has a minute left. Throws what {@link open} throws, and `identity-mismatch`. */
	async signer() {
		return this.#signer.expiresAt - this.#options.now() < LEAST_LEFT && await this.#renew(), this.#signer;
	}
	async #renew() {
		let { signer, access } = await obtain(this.#options), [before, after] = [this.#signer.certified.identity, signer.certified.identity];
		if (before.issuer !== after.issuer || before.subject.value !== after.subject.value || before.runInvocationURI !== after.runInvocationURI) throw new CodedError("identity-mismatch", "the new identity token is not of the run that the step began in");
		this.#signer = signer, this.#access = access;
	}
};
async function obtain(options) {
	let { tokens, audience, authority } = options;
	for (let shown = 1;; shown++) {
		let token = await tokens.token(audience);
		try {
			return await certify({
				token,
				run: tokens.run ?? null
			}, authority, options.now);
		} catch (error) {
			if (!(error instanceof CodedError && error.code === "identity-token-used") || shown === (tokens.renewable ? 2 : 10)) throw error;
		}
	}
}
async function certify({ token, run }, authority, now) {
	let { publicKey: made, privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" }), publicKey = parsePublicKey(made.export({
		type: "spki",
		format: "der"
	})), proof = new Uint8Array(sign("sha256", utf8(holderOf(token)), privateKey)), { certificates, access, unconfirmed = null } = await authority.certify({
		token,
		run,
		key: {
			publicKey,
			proof
		}
	}), [leaf] = certificates;
	if (leaf === void 0) throw new CodedError("certificate-invalid", "the authority gave no certificate");
	let certificate = parseCertificate(leaf, "certificate-invalid");
	if (!equal(certificate.spki, publicKey.spki)) throw new CodedError("certificate-invalid", "the authority certified another key than ours");
	let certified = identityOf(certificate);
	if (certificate.notAfter - now() < LEAST_LEFT || certificate.notBefore - now() > 6e4) throw new CodedError("certificate-expired", "the certificate just made is not valid by the clock of this machine", { fix: "Set the clock of this machine, or that of the server." });
	return {
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
