import { t as makeDirectory } from "./make-directory.js";
import { $ as CodedError } from "./src.js";
import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { open, rename, rm } from "node:fs/promises";
// packages/adapters/src/whole-file.ts
/** Who may read what is written: everybody, or its owner. */
const MODES = {
	all: {
		file: 420,
		directory: 511
	},
	owner: {
		file: 384,
		directory: 448
	}
};
/**
* Writes a file, and the directories it needs: all of it or nothing, on the disk before it has its name. Throws
* `file-write-failed`.
*/
async function writeWhole(path, bytes, readers) {
	let temporary = `${path}.${randomUUID()}.tmp`, mode = MODES[readers];
	try {
		makeDirectory(dirname(path), mode.directory);
		let file = await open(temporary, "wx", mode.file);
		try {
			await file.writeFile(bytes), await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, path);
	} catch (cause) {
		throw await rm(temporary, { force: !0 }).catch(() => void 0), new CodedError("file-write-failed", `${path} could not be written`, { cause });
	}
}
export { writeWhole as t };
