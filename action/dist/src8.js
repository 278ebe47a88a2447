export { b as observe } from "./src7.js";
