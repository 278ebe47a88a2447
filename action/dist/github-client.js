export { GitHub, defaults } from "@actions/github/lib/utils";
