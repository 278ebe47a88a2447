export { t as Spool, r as createClient, l as mayPass, o as openSession, s as sessionAudience } from "./src8.js";
