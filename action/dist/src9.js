export { t as Spool, r as createClient, u as mayPass, s as openSession, c as sessionAudience } from "./src8.js";
