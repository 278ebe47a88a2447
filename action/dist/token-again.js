export { r as showToken } from "./token-again2.js";
