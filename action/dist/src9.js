import { s as parseContract } from "./certificate.js";
import { a as EVIDENCE_MEDIA_TYPE, i as parseEvidence, t as trustRootOf } from "./src6.js";
import { i as verifyAnchors, n as anchorTrustOf } from "./anchors.js";
import { n as judgeSubject, o as readChainConcurrently, y as trustBrought } from "./src5.js";
import { $ as CodedError, X as utf8, Z as base64, y as sha256 } from "./src.js";
// packages/evidence-page/src/examine.ts
/**
* Reads and judges evidence by nothing but itself: the same answer as `countersign verify --evidence FILE`. Throws what
* `parseEvidence`, `parseContract` and `trustBrought` throw.
*/
async function examine(bytes, { crypto, now }) {
	let evidence = parseEvidence(bytes), { subject, lines, trust } = evidence, contracts = evidence.contracts.map((contract) => parseContract(contract.bytes)), chain = await readChainConcurrently(lines, trustBrought(trust, contracts), crypto, now), anchored = anchoredIn(evidence, chain, crypto), verdict = judgeSubject({
		artifact: subject.artifact,
		runs: subject.chains,
		chain,
		anchored,
		contracts,
		now
	});
	return {
		evidence,
		size: bytes.length,
		trustRoot: trustRootOf(evidence),
		contracts,
		chain,
		anchored,
		verdict,
		now
	};
}
/** What statements and anchors prove, those believed that came with the evidence. */
function anchoredIn(evidence, chain, crypto) {
	let { statements, coverage, anchors, trust } = evidence;
	if (statements.length + coverage.length + anchors.length === 0) return null;
	let believed = {
		countersigners: trust.logs,
		anchors: anchorTrustOf(trust.anchors, crypto)
	};
	return verifyAnchors(chain, evidence, believed, crypto);
}
// packages/evidence-page/src/page.ts
/**
* One self-contained HTML page around evidence: it verifies it again in the browser that opens it, without any network.
* No text of the evidence stands in it but as base64, so nothing of it is markup. Throws `internal` for a
* bundle that would end the element it is in.
*/
function pageOf(evidence, { script, style }) {
	if (/<\/script|<!--/i.test(script) || /<\/style|<!--/i.test(style)) throw new CodedError("internal", "the script or style of the page would end its own element");
	let policy = [
		"default-src 'none'",
		`script-src '${digestOf(script)}'`,
		`style-src '${digestOf(style)}'`,
		"base-uri 'none'",
		"form-action 'none'",
		"require-trusted-types-for 'script'"
	].join("; ");
	return utf8(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Countersign evidence</title>
<style>${style}</style>
</head>
<body>
<noscript><p>This page verifies its evidence with a script. Without it nothing is shown, and nothing is proven.</p></noscript>
<div id="page"></div>
<script type="${EVIDENCE_MEDIA_TYPE};base64" id="evidence">${base64(evidence)}<\/script>
<script>${script}<\/script>
</body>
</html>
`);
}
/** As a Content-Security-Policy names an inline text (CSP3 §2.3.1). */
function digestOf(text) {
	return `sha256-${base64(sha256(utf8(text)))}`;
}
export { examine, pageOf };
