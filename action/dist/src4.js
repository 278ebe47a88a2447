export { t as Spool, r as createClient, p as mayPass, u as openSession, d as sessionAudience } from "./src2.js";
