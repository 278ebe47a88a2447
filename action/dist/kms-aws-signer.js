import { a as askAws, n as awsCredentialSource, o as awsEndpoint, r as awsCredentials, t as signAwsRequest } from "./aws-sigv4.js";
import { a as isLoopback, o as membersOf } from "./http.js";
import { $ as CodedError, Q as fromBase64, X as utf8, Z as base64, l as parsePublicKey, y as sha256 } from "./src.js";
import "./crypto-node2.js";
import { i as KmsFaults, s as setting, t as AS_ANCHOR } from "./kms-door.js";
// packages/adapters/src/kms-aws.ts
const ALGORITHM = "ECDSA_SHA_256", KEY_ID = /^(?:arn:aws[a-z-]{0,20}:kms:[a-z0-9-]{1,32}:\d{12}:key\/)?[A-Za-z0-9-]{1,128}$/;
/**
* Asks KMS for a key and holds it against what it is to be. Throws `unreachable` of its codes where it may
* pass, `invalid` where only a person can help; neither says a secret.
*/
async function openAwsKmsKey(options, spec) {
	let kms = new Kms(options), { codes } = kms, told = await kms.call("GetPublicKey", { KeyId: options.key }), { KeyId: id, KeyUsage, SigningAlgorithms, PublicKey } = told, found = told.KeySpec ?? told.CustomerMasterKeySpec;
	if (typeof id != "string" || !KEY_ID.test(id)) throw kms.nonsense("GetPublicKey");
	if (!isSame(options.key, id)) throw kms.setup(`gave another key for ${options.key}`);
	if (found !== spec || KeyUsage !== "SIGN_VERIFY") {
		let other = typeof found == "string" && /^[A-Z0-9_]{1,40}$/.test(found) ? found : "of another kind", what = found === spec ? "is not for signing" : `is ${other}, not ${spec}`;
		throw new CodedError(codes.invalid, `the key ${id} ${what}`, { fix: `Name a key with the specification ${spec} and the usage SIGN_VERIFY.` });
	}
	if (!Array.isArray(SigningAlgorithms) || !SigningAlgorithms.includes(ALGORITHM)) throw kms.nonsense("GetPublicKey");
	let spki = kms.bytes("GetPublicKey", PublicKey), request = {
		KeyId: id,
		MessageType: "DIGEST",
		SigningAlgorithm: ALGORITHM
	};
	return {
		id,
		spec,
		spki,
		codes,
		async sign(digest) {
			let reply = await kms.call("Sign", {
				...request,
				Message: base64(digest)
			});
			return kms.bytes("Sign", reply.Signature);
		},
		async tryOut() {
			let Message = base64(sha256(utf8("countersign: may this key sign?")));
			try {
				await kms.call("Sign", {
					...request,
					Message,
					DryRun: !0
				});
			} catch (error) {
				if (!(error instanceof KmsRefusal && error.type === DRY_RUN)) throw error;
			}
		}
	};
}
/** Whether a key is the one that was asked for; an alias may be any. */
function isSame(asked, id) {
	if (/(?:^|:)alias\//.test(asked) || asked === id) return !0;
	let bare = (name) => name.slice(name.indexOf("/") + 1);
	return !(asked.includes("/") && id.includes("/")) && bare(asked) === bare(id);
}
/** Throws `invalid` of its codes for a key that is none of P-256. */
function p256Of({ spki, id, codes }) {
	try {
		let publicKey = parsePublicKey(spki);
		if (publicKey.algorithm === "ecdsa-p256") return publicKey;
	} catch {}
	throw noKey(id, codes);
}
/** A public half that is none of the kind that the key was said to be. */
function noKey(id, codes) {
	return new CodedError(codes.invalid, `the public key that AWS KMS gave for ${id} is none of its kind`);
}
const DRY_RUN = "DryRunOperationException", PASSING = /* @__PURE__ */ new Set([
	"DependencyTimeoutException",
	"InternalFailure",
	"InternalServiceException",
	"KMSInternalException",
	"KeyUnavailableException",
	"LimitExceededException",
	"RequestLimitExceeded",
	"ServiceUnavailable",
	"ServiceUnavailableException",
	"Throttling",
	"ThrottlingException",
	"TooManyRequestsException"
]), PASSING_STATUS = /* @__PURE__ */ new Set([
	408,
	425,
	429
]), FIX = {
	AccessDeniedException: "Allow kms:GetPublicKey and kms:Sign on this key to whoever the credentials are of.",
	NotFoundException: "Check key, region and account.",
	DisabledException: "Enable the key, or name another.",
	KMSInvalidStateException: "See in AWS what state the key is in; one that waits for its deletion does not sign.",
	ExpiredTokenException: "Give credentials that are valid.",
	InvalidSignatureException: "Check the secret access key and this machine’s clock.",
	UnrecognizedClientException: "Check the access key, and the session token that belongs to it."
};
/** What KMS answered instead of a result. */
var KmsRefusal = class extends CodedError {
	type;
	constructor(host, status, type, codes) {
		let passing = type === null ? status >= 500 || PASSING_STATUS.has(status) : PASSING.has(type) || status >= 500, what = `${host} refused: ${type ?? "an error"} (status ${status})`, denied = status === 401 || status === 403 ? FIX.AccessDeniedException : void 0, fix = passing ? void 0 : FIX[type ?? ""] ?? denied;
		super(passing ? codes.unreachable : codes.invalid, what, fix === void 0 ? {} : { fix }), this.type = type;
	}
}, Kms = class {
	#options;
	#url;
	#http;
	codes;
	constructor(options) {
		let { region, codes = AS_ANCHOR } = options;
		if (!/^[a-z0-9-]{1,32}$/.test(region)) throw new CodedError(codes.invalid, "the region of AWS is no name");
		let domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
		this.codes = codes, this.#options = options, this.#url = awsEndpoint(options.endpoint ?? `https://kms.${region}.${domain}`, codes), this.#http = {
			fetch: options.fetch ?? fetch,
			timeoutMs: options.timeoutMs ?? 5e3,
			codes
		};
	}
	async call(action, input) {
		try {
			return await this.#ask(action, input);
		} catch (error) {
			if (error instanceof KmsRefusal && error.type === "ExpiredTokenException" && this.#options.credentials.forget()) return this.#ask(action, input);
			throw error;
		}
	}
	async #ask(action, input) {
		let { region, now } = this.#options, credentials = await this.#options.credentials.current(), body = utf8(JSON.stringify(input)), headers = [["content-type", "application/x-amz-json-1.1"], ["x-amz-target", `TrentService.${action}`]], added = signAwsRequest({
			method: "POST",
			headers: [["host", this.#url.host], ...headers],
			body
		}, {
			region,
			service: "kms",
			credentials,
			at: now()
		}), reply = await askAws(this.#url, {
			method: "POST",
			headers: [...headers, ...added],
			body
		}, this.#http), members = membersOf(reply.body);
		if (reply.status === 200 && members !== null) return members;
		throw reply.status === 200 ? this.nonsense(action) : new KmsRefusal(this.#url.host, reply.status, typeOf(members, reply.headers), this.codes);
	}
	bytes(action, value) {
		try {
			if (typeof value == "string") return fromBase64(value);
		} catch {}
		throw this.nonsense(action);
	}
	nonsense(action) {
		let what = `${this.#url.host} answered ${action} with something else than KMS does`;
		return new CodedError(this.codes.unreachable, what);
	}
	setup(what) {
		return new CodedError(this.codes.invalid, `${this.#url.host} ${what}`);
	}
};
/** The name of an error: `Name`, `namespace#Name` or `Name:address`. */
function typeOf(members, headers) {
	let said = members?.__type ?? headers.get("x-amzn-errortype");
	return typeof said == "string" ? /^(?:[A-Za-z0-9.]{1,80}#)?([A-Za-z]{4,48})(?::.{0,300})?$/.exec(said)?.[1] ?? null : null;
}
// packages/adapters/src/kms-aws-signer.ts
/**
* A P-256 key in AWS KMS, by its address. The region is that of the ARN, else `AWS_REGION` or `AWS_DEFAULT_REGION`;
* credentials are found as {@link awsCredentialSource} says. An alias is resolved once.
*/
async function openAwsKey({ key, region: named, endpoint: host }, door) {
	let faults = new KmsFaults(door), region = named ?? setting(door, "AWS_REGION", "AWS_DEFAULT_REGION");
	if (region === null) throw faults.invalid("no region of AWS is named", "Name the key by its ARN, or set AWS_REGION.");
	let more = {
		now: door.now,
		codes: faults.codes,
		...door.timeoutMs === void 0 ? {} : { timeoutMs: door.timeoutMs },
		...door.fetch === void 0 ? {} : { fetch: door.fetch }
	}, source = awsCredentialSource(door.env, faults.codes), held = await openAwsKmsKey({
		key,
		region,
		endpoint: endpointOf(host),
		credentials: awsCredentials({
			source,
			...more
		}),
		...more
	}, "ECC_NIST_P256");
	return {
		name: held.id,
		publicKey: p256Of(held),
		sign: (message) => held.sign(sha256(message))
	};
}
/** What stands in the address is a host alone: plain http to this machine, https to any other. */
function endpointOf(host) {
	if (host === null) return null;
	let plain = new URL(`http://${host}`);
	return isLoopback(plain) ? plain.href : `https://${host}`;
}
export { openAwsKey };
