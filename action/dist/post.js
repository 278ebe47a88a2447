import { enableCompileCache } from "node:module";
// action/src/post.ts
process.env.RUNNER_TEMP !== void 0 && enableCompileCache(`${process.env.RUNNER_TEMP}/countersign-cache`);
const { post } = await import("./phases.js");
process.exitCode = await post(process);
export {};
