import { r as parseAnchorTrust } from "./sha3.js";
import "./rekor-proof.js";
import { m as keccak256, r as verifyAnchors, t as anchorTrustOf, v as readBitcoinHeader } from "./anchors.js";
export { anchorTrustOf, keccak256, parseAnchorTrust, readBitcoinHeader, verifyAnchors };
