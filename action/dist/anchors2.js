import { t as parseAnchorTrust } from "./trust-file.js";
import "./rekor-trust.js";
import { i as verifyAnchors, n as anchorTrustOf, t as rootsFor } from "./anchors.js";
export { anchorTrustOf, parseAnchorTrust, rootsFor, verifyAnchors };
