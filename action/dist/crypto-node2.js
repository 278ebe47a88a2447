export { t as nodeCrypto } from "./crypto-node.js";
