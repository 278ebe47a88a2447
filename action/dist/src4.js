export { t as Spool, r as createClient, m as mayPass, d as openSession, f as sessionAudience } from "./src2.js";
