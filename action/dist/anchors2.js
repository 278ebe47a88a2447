import { r as parseAnchorTrust } from "./sha3.js";
import "./rekor-proof.js";
import { i as verifyAnchors, n as anchorTrustOf, t as rootsFor } from "./anchors.js";
export { anchorTrustOf, parseAnchorTrust, rootsFor, verifyAnchors };
