import { dirname } from "node:path";
import { mkdirSync, statSync } from "node:fs";
// packages/client/src/make-directory.ts
/**
* Makes a directory, and those that it is in; gives the first that was not there, as Node's own recursive `mkdir`
* does. That one never ends where the system will not make a directory and says that its parent is missing, such as
* below `/proc`.
*/
function makeDirectory(path, mode = 511) {
	if (make(path, mode)) return path;
	if (isDirectory(path)) return;
	let first = makeDirectory(dirname(path), mode);
	if (make(path, mode) || isDirectory(path)) return first ?? path;
	throw Object.assign(/* @__PURE__ */ Error(`ENOENT: no directory can be made here, mkdir '${path}'`), { code: "ENOENT" });
}
/** False where it is there, or where its parent is not. */
function make(path, mode) {
	try {
		return mkdirSync(path, { mode }), !0;
	} catch (error) {
		let missing = error instanceof Error && "code" in error && error.code === "ENOENT";
		if (isDirectory(path) || missing && dirname(path) !== path) return !1;
		throw error;
	}
}
function isDirectory(path) {
	return statSync(path, { throwIfNoEntry: !1 })?.isDirectory() === !0;
}
export { makeDirectory as t };
