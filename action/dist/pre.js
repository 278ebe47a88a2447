import { enableCompileCache } from "node:module";
// action/src/pre.ts
process.env.RUNNER_TEMP !== void 0 && enableCompileCache(`${process.env.RUNNER_TEMP}/countersign-cache`);
const { pre } = await import("./phases.js");
process.exitCode = await pre(process);
export {};
