export { b as observe } from "./src5.js";
