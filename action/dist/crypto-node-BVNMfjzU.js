export { t as nodeCrypto } from "./crypto-node-CKmwPeRE.js";
