export { b as observe } from "./src8.js";
