export { b as observe } from "./src6.js";
