import { $ as CodedError } from "./src.js";
// packages/adapters/src/kms-door.ts
/** Steps, certificates and whatever else is signed at once or not at all. */
const AS_SIGNER = {
	unreachable: "signer-unreachable",
	invalid: "signer-setup-invalid",
	refused: "sign-failed"
}, AS_ANCHOR = {
	unreachable: "anchor-unreachable",
	invalid: "anchor-setup-invalid",
	refused: "anchor-refused"
}, MAX_KMS_BYTES = 65536, KMS_TIMEOUT_MS = 1e4;
/** A setting of the environment; null where it is unset or empty. */
function setting({ env }, ...names) {
	for (let name of names) {
		let value = (env[name] ?? "").trim();
		if (value !== "") return value;
	}
	return null;
}
/** What can be a header: printable ASCII without spaces. */
function isSecretText(text) {
	return typeof text == "string" && text.length <= 16384 && /^[\x21-\x7e]+$/.test(text);
}
/** How one key service's faults are told. */
var KmsFaults = class {
	codes;
	constructor({ codes = AS_SIGNER }) {
		this.codes = codes;
	}
	unreachable = (what) => new CodedError(this.codes.unreachable, what);
	invalid = (what, fix) => new CodedError(this.codes.invalid, what, fix === void 0 ? {} : { fix });
	refused = (what, fix) => new CodedError(this.codes.refused, what, { fix });
};
export { MAX_KMS_BYTES as a, KmsFaults as i, AS_SIGNER as n, isSecretText as o, KMS_TIMEOUT_MS as r, setting as s, AS_ANCHOR as t };
