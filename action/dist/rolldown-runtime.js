import { createRequire } from "node:module";
// \0rolldown/runtime.js
var __commonJSMin = (cb, mod) => () => (mod || (cb((mod = { exports: {} }).exports, mod, mod.exports), cb = null), mod.exports), __require = /* @__PURE__ */ createRequire(import.meta.url);
export { __require as n, __commonJSMin as t };
