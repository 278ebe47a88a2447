import { base64, CodedError, sha256, utf8 } from '@countersign/core'
import { EVIDENCE_MEDIA_TYPE } from '@countersign/evidence'

/** What runs in every page, and how it looks: nothing in them is about one evidence. */
export interface PageBundle {
  readonly script: string
  readonly style: string
}

/**
 * One self-contained HTML page around evidence: it verifies it again in the browser that opens it, without any network.
 * No text of the evidence stands in it but as base64, so nothing of it is markup. Throws `internal` for a
 * bundle that would end the element it is in.
 */
export function pageOf(evidence: Uint8Array, { script, style }: PageBundle): Uint8Array {
  if (/<\/script|<!--/i.test(script) || /<\/style|<!--/i.test(style)) {
    throw new CodedError('internal', 'the script or style of the page would end its own element')
  }
  const policy = [
    "default-src 'none'",
    `script-src '${digestOf(script)}'`,
    `style-src '${digestOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
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
<script type="${EVIDENCE_MEDIA_TYPE};base64" id="evidence">${base64(evidence)}</script>
<script>${script}</script>
</body>
</html>
`)
}

/** As a Content-Security-Policy names an inline text (CSP3 §2.3.1). */
function digestOf(text: string): string {
  return `sha256-${base64(sha256(utf8(text)))}`
}
