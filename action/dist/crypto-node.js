export { t as nodeCrypto } from "./crypto-node2.js";
