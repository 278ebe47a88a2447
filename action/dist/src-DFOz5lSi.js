export { b as observe } from "./src-C1vvpc0e.js";
