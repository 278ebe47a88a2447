import { enableCompileCache } from "node:module";
// action/src/main.ts
process.env.RUNNER_TEMP !== void 0 && enableCompileCache(`${process.env.RUNNER_TEMP}/countersign-cache`);
const { main } = await import("./phases.js");
process.exitCode = await main(process);
export {};
