export { t as accessByIdentity, i as identitySystemFor, a as openKeyless } from "./keyless.js";
