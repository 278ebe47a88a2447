// packages/core/src/crypto.ts
/**
* r‖s (64 bytes) of a strict DER ECDSA-Sig-Value (RFC 3279 §2.2.3) over a 256-bit curve,
* or `null` when the encoding is not the single DER one.
*/
function rawFromDer(der) {
	if (der.length < 8 || der.length > 72 || der[0] !== 48 || der[1] !== der.length - 2) return null;
	let raw = /* @__PURE__ */ new Uint8Array(64), at = 2;
	for (let end of [32, 64]) {
		if (der[at] !== 2) return null;
		let length = der[at + 1];
		if (length === void 0 || length === 0 || at + 2 + length > der.length) return null;
		let from = at + 2, to = from + length;
		if (der[from] & 128) return null;
		if (der[from] === 0) {
			if (length === 1 || !(der[from + 1] & 128)) return null;
			from++;
		}
		if (to - from > 32) return null;
		raw.set(der.subarray(from, to), end - (to - from)), at = to;
	}
	return at === der.length ? raw : null;
}
export { rawFromDer as t };
