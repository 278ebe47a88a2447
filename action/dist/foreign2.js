export { t as judgeAttested, n as subjectNamed, i as verifyAttestation, r as verifyAttested } from "./foreign.js";
