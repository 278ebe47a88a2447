export { n as keysOf } from "./gathering.js";
