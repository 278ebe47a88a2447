export { t as Spool, r as createClient, m as isAway, h as mayPass, d as openSession, f as sessionAudience } from "./src2.js";
