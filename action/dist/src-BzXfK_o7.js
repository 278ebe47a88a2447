export { b as observe } from "./src-Ciif3up6.js";
