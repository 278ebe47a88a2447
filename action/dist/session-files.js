import { t as makeDirectory } from "./make-directory.js";
import { $ as CodedError, Q as fromBase64, X as utf8, Y as fromUtf8, Z as base64, m as parseJson, p as canonicalJson } from "./src.js";
import { qt as Shape } from "./src3.js";
import { t as writeWhole } from "./whole-file.js";
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { isAbsolute, join, relative, resolve } from "node:path";
import { constants as constants$1 } from "node:fs";
import { access, lstat, mkdir, open, readdir, realpath, rm } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
// packages/adapters/src/session-files.ts
const MEDIA_TYPE = "application/vnd.countersign.session.v1+json", MAX_FILE_BYTES = 4096, SESSION = /^cst_s[0-9a-f]{24}_[0-9a-f]{64}$/, OURS = /^[0-9a-f]{64}(?:\.lock)?(?:\.[0-9a-f-]{36}\.tmp)?$/;
/**
* Sessions that identity tokens opened, kept for the processes of the job that come later and are given the same token:
* it counts once, and goes on with its session alone. Each is a file of its own (0600, in a directory of its owner alone,
* 0700), named by a hash of server and token, and sealed under a key made of the token: so whoever reads the file has
* nothing without the token, and whoever writes one makes nobody believe it.
*
* Where none can be kept everything goes on without, and {@link fault} says why.
*/
var SessionFiles = class {
	#options;
	#patience;
	#directories = null;
	#fault = null;
	constructor(options) {
		this.#options = options, this.#patience = options.patience ?? 3e4;
	}
	/** Why nothing is kept; null where it is, or nobody has tried. */
	get fault() {
		return this.#fault;
	}
	/**
	* Does something with the session that a token opened, `kept`, or opens one, where that is null: one process at a time,
	* so that those that begin together do not take the token from one another. What was opened is kept. A kept one that
	* the server no longer takes (`identity-token-used`) is let go.
	*/
	async within(token, use) {
		let paths = await this.#pathsOf(token), [path] = paths;
		if (path === void 0) return use(null);
		let kept = await this.#find(paths, token);
		if (kept !== null) return this.#goOn(kept, use);
		let unlock = await this.#lock(paths, token);
		try {
			let opened = await this.#find(paths, token);
			if (opened !== null) return await this.#goOn(opened, use);
			let made = await use(null);
			return made.access !== null && await this.#keep(path, token, made.access), made;
		} finally {
			await unlock();
		}
	}
	async #goOn({ path, access }, use) {
		try {
			return await use(access);
		} catch (error) {
			throw error instanceof CodedError && error.code === "identity-token-used" && await rm(path, { force: !0 }), error;
		}
	}
	/** Where a token's session is, or will be: in the first. */
	async #pathsOf(token) {
		this.#directories ??= this.#open();
		let name = createHash("sha256").update(`${MEDIA_TYPE}\n${this.#options.server}\n${token}`).digest("hex");
		return (await this.#directories).map((directory) => join(directory, name));
	}
	/**
	* The first place that is fit, made where needed, and those after it that are there: a process that came before may have
	* had no other, for a home may come to be meanwhile. None, and why, where there is none.
	*/
	async #open() {
		let [found, faults] = [[], []];
		for (let place of this.#options.places) try {
			found.push(await ownDirectory(place, this.#options.workspace, found.length === 0));
		} catch (error) {
			faults.push(error instanceof Error ? error.message : String(error));
		}
		return found.length === 0 && (this.#fault = faults.join("; ")), found;
	}
	async #find(paths, token) {
		for (let path of paths) {
			let bytes = await readOwn(path), access = bytes === null ? null : this.#unseal(bytes, token);
			if (access !== null) {
				if (access.expiresAt > this.#options.now()) return {
					path,
					access
				};
				await rm(path, { force: !0 });
			}
		}
		return null;
	}
	async #keep(path, token, access) {
		try {
			await this.#removeEnded(resolve(path, "..")), await writeWhole(path, this.#seal(access, token), "owner");
		} catch (error) {
			this.#fault = error instanceof Error ? error.message : String(error);
		}
	}
	/** Sessions that are over, and what killed processes left. */
	async #removeEnded(directory) {
		let now = this.#options.now(), names = (await readdir(directory)).filter((name) => OURS.test(name)).slice(0, 4096);
		for (let name of names) {
			let path = join(directory, name), found = await lstat(path).catch(() => null), old = found === null || now - found.mtimeMs > 864e5, bytes = name.length === 64 ? await readOwn(path) : null, until = bytes === null ? null : expiryIn(bytes);
			(old || until !== null && until <= now) && await rm(path, { force: !0 });
		}
	}
	/** Waits until it is alone with a token; gives what lets the next one in. */
	async #lock(paths, token) {
		let lock = `${paths[0]}.lock`, until = performance.now() + this.#patience;
		for (;;) {
			try {
				return await (await open(lock, "wx", 384)).close(), () => rm(lock, { force: !0 });
			} catch (error) {
				if (!isCode(error, "EEXIST")) return () => Promise.resolve();
			}
			if (await setTimeout(50), await this.#find(paths, token) !== null) return () => Promise.resolve();
			performance.now() > until && await rm(lock, {
				force: !0,
				recursive: !0
			});
		}
	}
	#seal(access, token) {
		let expiresAt = new Date(access.expiresAt).toISOString(), iv = randomBytes(12), cipher = createCipheriv("aes-256-gcm", this.#keyOf(token), iv).setAAD(Buffer.from(expiresAt)), sealed = Buffer.concat([
			cipher.update(access.token, "utf8"),
			cipher.final(),
			cipher.getAuthTag()
		]);
		return canonicalJson({
			mediaType: MEDIA_TYPE,
			expiresAt,
			iv: base64(iv),
			sealed: base64(sealed)
		});
	}
	/** Null for whatever is not what was sealed for this token. */
	#unseal(bytes, token) {
		try {
			let it = shapeOf(bytes), [iv, sealed] = [fromBase64(it.text("iv", 64)), fromBase64(it.text("sealed", 512))];
			if (iv.length !== 12 || sealed.length < TAG_BYTES) return null;
			let decipher = createDecipheriv("aes-256-gcm", this.#keyOf(token), iv, { authTagLength: TAG_BYTES });
			decipher.setAAD(utf8(it.time("expiresAt"))).setAuthTag(sealed.subarray(-TAG_BYTES));
			let opened = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]), session = fromUtf8(opened);
			return SESSION.test(session) ? {
				token: session,
				expiresAt: Date.parse(it.time("expiresAt"))
			} : null;
		} catch {
			return null;
		}
	}
	#keyOf(token) {
		return Buffer.from(hkdfSync("sha256", token, this.#options.server, MEDIA_TYPE, 32));
	}
};
const TAG_BYTES = 16;
function shapeOf(bytes) {
	let value = parseJson(bytes, { maxBytes: MAX_FILE_BYTES }), it = new Shape("file-unreadable", value, "the session").object([
		"mediaType",
		"expiresAt",
		"iv",
		"sealed"
	]);
	return it.exactly("mediaType", MEDIA_TYPE), it;
}
function expiryIn(bytes) {
	try {
		return Date.parse(shapeOf(bytes).time("expiresAt"));
	} catch {
		return null;
	}
}
/** The directory below a place that is ours alone, made where it `isMade`. Throws an `Error` that says why there is none. */
async function ownDirectory(place, workspace, isMade) {
	let uid = process.getuid?.(), directory = resolve(place, uid === void 0 ? "countersign-sessions" : `countersign-sessions-${uid}`), outside = (found, root) => {
		let below = relative(root, found);
		if (below === "" || !below.startsWith("..") && !isAbsolute(below)) throw Error(`${directory} is in the workspace, whose files steps are made of`);
	};
	outside(directory, resolve(workspace));
	try {
		isMade && (makeDirectory(place, 448), await mkdir(directory, { mode: 448 }).catch((error) => {
			if (!isCode(error, "EEXIST")) throw error;
		}));
		let found = await lstat(directory);
		if (!found.isDirectory() || !isOwn(found)) throw Error("it is not a directory of this user alone");
		await access(directory, constants$1.W_OK);
	} catch (error) {
		let why = error instanceof Error ? error.message : String(error);
		throw Error(`${directory} cannot be used: ${why}`, { cause: error });
	}
	return outside(await realpath(directory), await realpath(workspace)), directory;
}
/** Of whoever runs this, and nobody else's to read or write. Windows says no such thing of a file. */
function isOwn({ uid, mode }) {
	return process.getuid === void 0 || uid === process.getuid() && !(mode & 63);
}
/** What nobody else can have written or read; null for whatever else is there, or nothing. */
async function readOwn(path) {
	try {
		let file = await open(path, constants$1.O_RDONLY | (constants$1.O_NOFOLLOW ?? 0) | (constants$1.O_NONBLOCK ?? 0));
		try {
			let found = await file.stat();
			return !found.isFile() || !isOwn(found) || found.nlink !== 1 || found.size > MAX_FILE_BYTES ? null : new Uint8Array(await file.readFile());
		} finally {
			await file.close();
		}
	} catch {
		return null;
	}
}
function isCode(error, code) {
	return error instanceof Error && "code" in error && error.code === code;
}
export { SessionFiles };
