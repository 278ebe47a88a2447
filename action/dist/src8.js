export { x as observe } from "./src7.js";
