import { $ as CodedError, G as parseGlob, W as isLiteral, m as parseJson, n as collisionKey, r as hasControl, t as checkPath } from "./src.js";
import { St as MAX_RESOURCES, Tt as TREE_MEDIA_TYPE, at as sealableFields, et as writeStep, it as sealValue, n as treeLine, st as withFields, t as compareTreePaths, ut as asSubject } from "./src3.js";
import { createHash, hash, randomBytes } from "node:crypto";
import { delimiter, dirname, isAbsolute, join, posix } from "node:path";
import { accessSync, closeSync, constants as constants$1, fstatSync, lstatSync, openSync, readFileSync, readSync, readdirSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { execFile, spawn } from "node:child_process";
// packages/record/src/file-error.ts
const CODES = {
	ENOENT: ["file-missing", "is not there"],
	ENOTDIR: ["file-missing", "is not there"],
	ELOOP: ["symlink-broken", "leads in a circle"],
	ENXIO: ["file-special", "is not a regular file"],
	ENODEV: ["file-special", "is not a regular file"],
	EOPNOTSUPP: ["file-special", "is not a regular file"]
};
/** The errno name of a system error (`ENOENT`), null for any other thrown value. */
function errno(cause) {
	let code = cause instanceof Error && "code" in cause && "errno" in cause ? cause.code : null;
	return typeof code == "string" ? code : null;
}
/** What the file system's refusal means to a recorder; what is no such refusal is returned as it is. */
function fileError(cause, name) {
	let code = errno(cause);
	if (code === null) return cause;
	let known = CODES[code];
	return known === void 0 ? new CodedError("file-unreadable", `${name} cannot be read (${code})`, { cause }) : new CodedError(known[0], `${name} ${known[1]}`, { cause });
}
/** The same for what was just listed: that it is gone or became a link means that somebody changed it meanwhile. */
function listedFileError(cause, name) {
	let error = fileError(cause, name);
	return error === cause || !(error instanceof CodedError) || error.code !== "file-missing" && error.code !== "symlink-broken" ? error : new CodedError("file-changed", `${name} was removed or replaced while it was recorded`, { cause });
}
/** What is at a path, not following a link; null when nothing is. Throws `file-unreadable`. */
function lookAt(path, name) {
	try {
		return lstatSync(path, { throwIfNoEntry: !1 }) ?? null;
	} catch (cause) {
		if (errno(cause) === "ENOTDIR") return null;
		throw fileError(cause, name);
	}
}
// packages/record/src/link.ts
/** True when the real path `path` is `top` or below it. */
function isInside(top, path) {
	return path === top || path.startsWith(top.endsWith("/") ? top : `${top}/`);
}
/** Where a link really leads; `symlink-broken` when nowhere, `symlink-escapes` when out of the real path `top`. */
function resolveLink(file, top, name) {
	let real;
	try {
		real = realpathSync.native(file);
	} catch (cause) {
		let code = errno(cause);
		throw code === "ENOENT" || code === "ENOTDIR" ? new CodedError("symlink-broken", `the link ${name} leads nowhere`, { cause }) : fileError(cause, name);
	}
	if (!isInside(top, real)) throw new CodedError("symlink-escapes", `the link ${name} leads out of the recorded directory`);
	return real;
}
/**
* SHA-256 of a link's target text, for a link inside a tree. The link must lead to something of the same tree, and
* do so wherever the tree is unpacked: an absolute target, or one that climbs out and in again, is
* `symlink-escapes` as well. `path` is the link's path in the tree, `top` the tree's real path.
*/
function hashLink(file, path, top, name) {
	let target = readTarget(file, name), text = target.toString(), landing = posix.normalize(posix.join(posix.dirname(path), text));
	if (text.startsWith("/") || landing === ".." || landing.startsWith("../")) throw new CodedError("symlink-escapes", `the link ${name} leads out of the recorded directory`);
	return resolveLink(file, top, name), hash("sha256", target);
}
/** SHA-256 of a link's target text, wherever it leads. */
function hashLinkText(file, name) {
	return hash("sha256", readTarget(file, name));
}
function readTarget(file, name) {
	try {
		return readlinkSync(file, "buffer");
	} catch (cause) {
		throw errno(cause) === "EINVAL" ? new CodedError("file-changed", `${name} was replaced while it was recorded`) : listedFileError(cause, name);
	}
}
// packages/record/src/names.ts
/**
* The one name of what a user wrote as a path: relative to the root, `./` in front and `/` behind taken off, in
* Unicode NFC; the root itself is `.`. Throws `path-invalid` for anything absolute, `..`-holding or otherwise
* not canonical (CVE-2021-41087).
*/
function nameOf(written) {
	let name = trim(written).normalize("NFC");
	return name !== "." && checkPath(name), name;
}
/** A written path or pattern without `./` in front and one `/` behind; `.` for the root. */
function trim(written) {
	let text = written;
	for (; text.startsWith("./");) text = text.slice(2);
	return text.endsWith("/") && text !== "/" && (text = text.slice(0, -1)), text === "" && written !== "" ? "." : text;
}
/**
* Name of a directory entry in NFC, checked as one segment of a path below `parent` (itself checked; '' or
* ending in `/`). Throws `path-invalid`, also for names that are not UTF-8: they could not be written down.
*/
function entryName(parent, raw) {
	if (parent.length + raw.length <= 1024 && /^[\w@%+,=~#()[\]{}!$&';^ -][\w@%+,=~#()[\]{}!$&';^ .-]*$/.test(raw)) return raw;
	if (raw.includes("�")) throw new CodedError("path-invalid", `${JSON.stringify(parent + raw)} has a name that is not UTF-8`);
	let name = raw.normalize("NFC");
	return checkPath(parent + name), name;
}
/**
* Throws `name-collision` where two of the names, or of the directories they are in, are one on a file system
* that folds case or Unicode forms. Names are distinct; a tree's ends in `/`.
*/
function checkCollisions(names) {
	let spelled = /* @__PURE__ */ new Map(), last = "";
	for (let name of names) {
		let whole = name.endsWith("/") ? name.slice(0, -1) : name, directory = whole.slice(0, whole.lastIndexOf("/") + 1);
		if (directory !== last) {
			for (let end = whole.indexOf("/"); end >= 0; end = whole.indexOf("/", end + 1)) check(spelled, whole.slice(0, end));
			last = directory;
		}
		check(spelled, whole);
	}
}
function check(spelled, path) {
	let key = collisionKey(path), other = spelled.get(key);
	if (other === void 0) spelled.set(key, path);
	else if (other !== path) throw collision(other, path);
}
function collision(a, b) {
	return new CodedError("name-collision", `${JSON.stringify(a)} and ${JSON.stringify(b)} are one name on some systems`);
}
// packages/record/src/npm-lock.ts
const CODE = "lockfile-invalid", MAX_LOCK_BYTES = 67108864, INSTALLED = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/;
/**
* Reads `package-lock.json` or `npm-shrinkwrap.json` as npm 7 and later write it (versions 2 and 3). Throws
* `lockfile-invalid`, and what `parseJson` throws.
*/
function parseNpmLock(bytes) {
	let lock = membersOf(parseJson(bytes, { maxBytes: MAX_LOCK_BYTES }), "the lock file"), version = lock.lockfileVersion;
	if (version !== 2 && version !== 3) {
		let what = `the lock file is of version ${JSON.stringify(version ?? null)}, which does not say where packages are installed`;
		throw new CodedError(CODE, what, { fix: "Write it anew: npm install --package-lock-only --lockfile-version 3" });
	}
	let packages = /* @__PURE__ */ new Map(), own = [];
	for (let [path, value] of Object.entries(membersOf(lock.packages, "packages of the lock file"))) {
		if (!isPath(path)) throw new CodedError(CODE, `the lock file places a package at ${JSON.stringify(path.slice(0, 120))}`);
		INSTALLED.test(path) ? packages.set(path, packageOf(path, membersOf(value, path))) : own.push(path);
	}
	return {
		packages,
		own
	};
}
function packageOf(path, { version, link, resolved }) {
	if (link === !0) {
		if (typeof resolved == "string" && isPath(resolved)) return {
			version: null,
			link: resolved
		};
		throw new CodedError(CODE, `the lock file does not say where the link ${path} leads`);
	}
	return {
		version: typeof version == "string" ? version : null,
		link: null
	};
}
function membersOf(value, what) {
	if (typeof value == "object" && value && !Array.isArray(value)) return value;
	throw new CodedError(CODE, `${what.slice(0, 120)} is not an object`);
}
/** A relative path that leads to no place above where it begins. */
function isPath(path) {
	return path === "" || path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/[\\\0]/.test(part));
}
// packages/record/src/hash-file.ts
const READ$1 = constants$1.O_RDONLY | (constants$1.O_NOFOLLOW ?? 0) | (constants$1.O_NONBLOCK ?? 0), CHUNK = 1048576, buffer = Buffer.allocUnsafeSlow(CHUNK);
/**
* Mode and SHA-256 of a regular file: of the file that was opened, not of whatever its name means later. The
* open file is looked at before and after reading; any difference in size, times or identity is `file-changed`.
* Throws `file-special` for anything but a regular file, without ever blocking on it, and `file-unreadable`.
* Small files are done at once; large ones give the event loop its turns. `name` is for messages.
*/
function hashFile(path, name, pace) {
	let fd;
	try {
		fd = openSync(path, READ$1);
	} catch (cause) {
		throw listedFileError(cause, name);
	}
	let mine = !0;
	try {
		let before = fstatSync(fd, { bigint: !0 });
		if (!before.isFile()) throw new CodedError("file-special", `${name} is not a regular file`);
		if (before.size >= CHUNK) return mine = !1, hashLarge(fd, before, name, pace);
		let size = Number(before.size), read = fill(fd, size), sha256 = hash("sha256", buffer.subarray(0, read));
		return pace.read(read), finish(fd, before, BigInt(read), sha256, name, pace);
	} catch (cause) {
		throw listedFileError(cause, name);
	} finally {
		mine && closeSync(fd);
	}
}
async function hashLarge(fd, before, name, pace) {
	try {
		let digest = createHash("sha256"), total = 0n;
		for (;;) {
			let read = readSync(fd, buffer, 0, CHUNK, null);
			if (read === 0 || (digest.update(read === CHUNK ? buffer : buffer.subarray(0, read)), total += BigInt(read), total > before.size)) break;
			pace.read(read), pace.due && await pace.breathe();
		}
		return finish(fd, before, total, digest.digest("hex"), name, pace);
	} catch (cause) {
		throw listedFileError(cause, name);
	} finally {
		closeSync(fd);
	}
}
/** Reads up to one byte more than `size`, so that growth shows without a read that only meets the end. */
function fill(fd, size) {
	let read = 0;
	for (; read <= size;) {
		let more = readSync(fd, buffer, read, size + 1 - read, null);
		if (read += more, more === 0 || read === size) break;
	}
	return read;
}
function finish(fd, before, read, sha256, name, pace) {
	let after = fstatSync(fd, { bigint: !0 });
	if (read !== before.size || after.size !== before.size || after.mtimeNs !== before.mtimeNs || after.ctimeNs !== before.ctimeNs || after.ino !== before.ino) throw new CodedError("file-changed", `${name} changed while it was hashed`);
	return pace.file(), {
		mode: (before.mode & 64n) == 0n ? "100644" : "100755",
		sha256
	};
}
/**
* Synchronous reading is several times faster than asynchronous reading, but starves the event loop. A pace
* counts the work and says when to let timers, signals and the progress line have their turn: by work, not by
* clock, which belongs to the root.
*/
var Pace = class {
	#watch;
	#files = 0;
	#bytes = 0;
	#totalBytes = null;
	#turnFiles = 0;
	#turnBytes = 0;
	constructor(watch) {
		this.#watch = watch, watch.signal?.throwIfAborted();
	}
	expect(totalBytes) {
		this.#totalBytes = totalBytes;
	}
	read(bytes) {
		this.#bytes += bytes, this.#turnBytes += bytes;
	}
	file() {
		this.#files++, this.#turnFiles++;
	}
	get due() {
		return this.#turnFiles >= 256 || this.#turnBytes >= 16777216;
	}
	get stopped() {
		return this.#watch.signal?.aborted === !0;
	}
	/** Await when {@link due}. */
	async breathe() {
		this.#turnFiles = 0, this.#turnBytes = 0, this.report(), await setImmediate(), this.#watch.signal?.throwIfAborted();
	}
	report() {
		this.#watch.progress?.({
			files: this.#files,
			bytes: this.#bytes,
			totalBytes: this.#totalBytes
		});
	}
};
// packages/record/src/selection.ts
/** Where a root keeps what is about the recording itself: never recorded by a pattern or as part of a tree. */
function isOwn(path, kind) {
	return path === ".git" || path === ".countersign" || kind === "file" && path.endsWith(".chain.jsonl");
}
/** Throws `pattern-invalid` and `path-invalid` for what can name nothing below a root, whatever is there. */
function checkPattern(written) {
	globOf(written), isLiteral(written) && nameOf(written);
}
function globOf(written) {
	let pattern = trim(written).normalize("NFC");
	return parseGlob(pattern === "." ? "**" : pattern);
}
/** Patterns that leave out what they match, and everything below a directory that they match. */
var Exclusion = class {
	#globs;
	#literals;
	/** Throws `pattern-invalid`. */
	constructor(patterns) {
		let globs = patterns.map(globOf);
		this.#globs = globs.filter(({ pattern }) => !isLiteral(pattern)), this.#literals = new Set(globs.map(({ pattern }) => pattern).filter(isLiteral));
	}
	/** Whether a pattern matches this very path. */
	matches(path) {
		return this.#literals.has(path) || this.#globs.some((glob) => glob.matches(path));
	}
	/** Whether a pattern matches the path or a directory that it is in. */
	covers(path) {
		if (this.#literals.size === 0 && this.#globs.length === 0) return !1;
		for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) if (this.matches(path.slice(0, end))) return !0;
		return this.matches(path);
	}
}, Wildcard = class {
	#glob;
	/** Pattern of the directories at each depth, as far as they are told apart. */
	#levels;
	#deep;
	/** The directory that holds every match; '' for the root. */
	base;
	/** Throws `pattern-invalid`. */
	constructor(pattern) {
		this.#glob = parseGlob(pattern);
		let segments = pattern.split("/"), wild = segments.findIndex((segment) => !isLiteral(segment));
		this.base = segments.slice(0, wild).join("/");
		let deep = segments.indexOf("**");
		this.#deep = deep >= 0;
		let told = segments.slice(0, deep >= 0 ? deep : segments.length - 1);
		this.#levels = told.map((_, i) => parseGlob(told.slice(0, i + 1).join("/")));
	}
	matches(path) {
		return this.#glob.matches(path);
	}
	/** Whether something below the directory `path` can match. */
	enters(path) {
		let level = this.#levels[path.split("/").length - 1];
		return level === void 0 ? this.#deep : level.matches(path);
	}
}, TreeHash = class {
	#hash = createHash("sha256");
	#sink;
	#pending = "";
	#entries = 0;
	constructor(sink) {
		this.#sink = sink;
	}
	get entries() {
		return this.#entries;
	}
	add(entry) {
		this.#entries++, this.#pending += treeLine(entry), this.#pending.length >= 65536 && this.#flush();
	}
	/** Lower-case hex; nothing can be added after it. */
	digest() {
		return this.#flush(), this.#hash.digest("hex");
	}
	#flush() {
		this.#hash.update(this.#pending), this.#sink?.(this.#pending), this.#pending = "";
	}
};
// packages/record/src/walk.ts
/**
* Meets every wanted file and link below `start` (a real path) in the order of `compareTreePaths` over whole
* paths. Links are never followed. Memory holds the listings of one branch only. Throws `file-special` for a wanted
* FIFO, socket or device, `file-changed`, `name-collision`, `path-invalid` and `file-unreadable`.
*/
async function walk(start, options, pace, meet) {
	let stack = [list$1(start, "", options)];
	for (let frame = stack.at(-1); frame !== void 0; frame = stack.at(-1)) {
		let item = frame.items[frame.at++];
		if (item === void 0) {
			checkUnchanged(frame, options), stack.pop();
			continue;
		}
		let file = `${frame.directory}/${item.raw}`, path = frame.prefix + item.key;
		if (item.kind === "special") throw new CodedError("file-special", `${options.label}${path} is not a regular file`);
		if (item.kind === "directory") {
			stack.push(list$1(file, path, options));
			continue;
		}
		let met = meet({
			path,
			file,
			link: item.kind === "link"
		});
		met !== void 0 && await met, pace.due && await pace.breathe();
	}
}
function list$1(directory, prefix, options) {
	let seen, dirents;
	try {
		if (seen = lstatSync(directory, { bigint: !0 }), !seen.isDirectory()) throw new CodedError("file-changed", `${options.label}${prefix} was replaced while it was recorded`);
		dirents = readdirSync(directory, { withFileTypes: !0 });
	} catch (cause) {
		throw listedFileError(cause, options.label + prefix);
	}
	let items = [], spelled = /* @__PURE__ */ new Map();
	for (let dirent of dirents) {
		let kind = kindOf(dirent), name = wantedName(prefix, dirent.name, kind, options);
		if (name !== null) {
			if (options.whole) {
				let key = collisionKey(name), other = spelled.get(key);
				if (other !== void 0) throw collision(options.label + prefix + other, options.label + prefix + name);
				spelled.set(key, name);
			}
			items.push({
				key: kind === "directory" ? `${name}/` : name,
				raw: dirent.name,
				kind
			});
		}
	}
	items.sort((a, b) => compareTreePaths(a.key, b.key));
	let names = options.whole && isFresh(seen) ? new Set(dirents.map(({ name }) => name)) : null;
	return {
		directory,
		prefix,
		items,
		seen,
		names,
		at: 0
	};
}
/** Whether a directory changed so lately, by this machine's clock, that another change may leave its times as they are. */
function isFresh({ mtimeNs }) {
	return BigInt(Date.now()) * 1000000n - mtimeNs < 2000000000n;
}
function kindOf(dirent) {
	return dirent.isFile() ? "file" : dirent.isDirectory() ? "directory" : dirent.isSymbolicLink() ? "link" : "special";
}
/** The entry's name in NFC; null when it is not wanted: then it may have any name. */
function wantedName(prefix, raw, kind, options) {
	if (!options.wanted(prefix + raw.normalize("NFC"), kind)) return null;
	try {
		return entryName(prefix, raw);
	} catch (cause) {
		if (!(cause instanceof CodedError)) throw cause;
		let what = options.label === "" ? cause.what : `${cause.what}, in ${options.label}`;
		throw new CodedError(cause.code, what, {
			fix: "Rename the file, or leave it out of what is recorded.",
			cause
		});
	}
}
/**
* The walk went by name: had a directory been swapped for a link to another while its files were read, or had
* files come and gone, the record would be of no one moment.
*/
function checkUnchanged(frame, options) {
	let name = options.label + frame.prefix, now, names;
	try {
		now = lstatSync(frame.directory, { bigint: !0 }), names = frame.names === null ? null : readdirSync(frame.directory);
	} catch (cause) {
		throw listedFileError(cause, name);
	}
	let same = now.isDirectory() && now.ino === frame.seen.ino && now.dev === frame.seen.dev, still = (names === null || names.length === frame.names.size && names.every((one) => frame.names.has(one))) && now.mtimeNs === frame.seen.mtimeNs && now.ctimeNs === frame.seen.ctimeNs;
	if (!same || options.whole && !still) throw new CodedError("file-changed", `${name === "" ? "the directory" : name} changed while it was recorded`);
}
// packages/record/src/observe.ts
/**
* What the patterns name, as it is on disk, sorted by name; names are canonical (NFC) and do not collide. Of the
* root, `.git` and `.countersign` are never part of a wildcard or tree, nor are `*.chain.jsonl` files anywhere.
*
* A link that is named or matched is recorded under its own name with the content of its target, which must be
* inside the root; inside a tree, a link is an entry of its own (mode 120000, SHA-256 of the target text) and must
* lead to something of that tree. Modes are 100755 where the owner may execute, else 100644.
*
* Throws `file-missing` (also for a pattern that matches nothing, and for a directory without files),
* `file-special`, `file-changed`, `file-unreadable`, `symlink-escapes`, `symlink-broken`, `name-collision`,
* `too-many-files`, `path-invalid` and `pattern-invalid`.
*/
async function observe(input) {
	let pace = new Pace(input), top = realRoot(input.root), targets = /* @__PURE__ */ new Map(), exclusion = new Exclusion(input.exclude ?? []);
	for (let written of input.patterns) await select(written, top, exclusion, pace, targets);
	checkCollisions(targets.keys());
	let sorted = [...targets.values()].toSorted((a, b) => compareTreePaths(a.name, b.name));
	input.progress !== void 0 && pace.expect(totalSize(sorted));
	let resources = [];
	for (let target of sorted) resources.push(await read(target, exclusion, pace, input.manifest?.(target.name)));
	return pace.report(), resources;
}
/**
* Hashes again what was observed: names of the resources that are not as they were, gone or unreadable ones among
* them. `input` as they were observed with; resources are files and trees of its root.
*/
async function recheck(input, resources) {
	let pace = new Pace(input), top = realRoot(input.root), exclusion = new Exclusion(input.exclude ?? []), changed = [];
	for (let { name, digest, annotations } of resources) try {
		let now = await read(locate(name, top), exclusion, pace);
		(now.name !== name || now.digest.sha256 !== digest.sha256 || now.annotations?.mode !== annotations?.mode) && changed.push(name);
	} catch (cause) {
		if (!(cause instanceof CodedError) || pace.stopped) throw cause;
		changed.push(name);
	}
	return pace.report(), changed;
}
/** Real path of the root; `file-missing` or `file-unreadable`. */
function realRoot(root) {
	try {
		let top = realpathSync.native(root);
		if (lstatSync(top).isDirectory()) return top;
	} catch (cause) {
		throw fileError(cause, root);
	}
	throw new CodedError("file-missing", `${root} is not a directory`);
}
async function select(written, top, exclusion, pace, targets) {
	let add = (target) => {
		let other = targets.get(target.name);
		if (other !== void 0 && other.path !== target.path && other.path.normalize("NFC") === target.path.normalize("NFC")) throw new CodedError("name-collision", `two files have the name ${JSON.stringify(target.name)} in different Unicode forms`);
		if (targets.set(target.name, target), targets.size > 1e4) throw new CodedError("too-many-files", `more than ${MAX_RESOURCES} files are named, with ${JSON.stringify(written)}`);
	};
	if (isLiteral(written)) {
		let target = locate(written, top);
		if (written.endsWith("/") && !target.name.endsWith("/")) throw new CodedError("file-missing", `${target.name} is a file, not a directory`);
		add(target);
	} else if (!await matchFiles(trim(written).normalize("NFC"), top, exclusion, pace, add)) throw new CodedError("file-missing", `no file matches ${JSON.stringify(written)}`);
}
/** What a literal path names. The disk may hold the name in another Unicode form than it was written in. */
function locate(written, top) {
	let name = nameOf(written), forms = /* @__PURE__ */ new Set([
		trim(written),
		name,
		name.normalize("NFD")
	]);
	for (let form of forms) {
		let path = form === "." ? top : `${top}/${form}`, real = resolve(path, top, name);
		if (real === null) continue;
		let stat = look(real, name);
		if (stat.isDirectory()) return {
			name: `${name}/`,
			path,
			real
		};
		if (stat.isFile()) return {
			name,
			path,
			real
		};
		throw new CodedError("file-special", `${name} is not a regular file`);
	}
	throw new CodedError("file-missing", `${name} is not there`);
}
/** Where a path really leads; null when nothing is there. */
function resolve(path, top, name) {
	try {
		let real = realpathSync.native(path);
		if (isInside(top, real)) return real;
	} catch (cause) {
		let code = errno(cause);
		if (code !== "ENOENT" && code !== "ENOTDIR") throw fileError(cause, name);
		if (lookAt(path, name)?.isSymbolicLink() === !0) throw new CodedError("symlink-broken", `the link ${name} leads nowhere`, { cause });
		return null;
	}
	throw new CodedError("symlink-escapes", `${name} leads out of the root`);
}
function look(path, name) {
	try {
		return lstatSync(path);
	} catch (cause) {
		throw fileError(cause, name);
	}
}
async function matchFiles(pattern, top, exclusion, pace, add) {
	let wildcard = new Wildcard(pattern), start = top;
	if (wildcard.base !== "") {
		let base = locateBase(wildcard.base, top);
		if (base === null) return !1;
		start = base;
	}
	let prefix = wildcard.base === "" ? "" : `${wildcard.base}/`, matched = !1;
	return await walk(start, {
		label: prefix,
		whole: !1,
		wanted: (path, kind) => {
			let name = prefix + path;
			return isOwn(name, kind) || exclusion.matches(name) ? !1 : kind === "directory" ? wildcard.enters(name) : wildcard.matches(name);
		}
	}, pace, (entry) => {
		let name = prefix + entry.path, real = entry.link ? resolveLink(entry.file, top, name) : entry.file;
		if (entry.link) {
			let stat = look(real, name);
			if (stat.isDirectory()) return;
			if (!stat.isFile()) throw new CodedError("file-special", `${name} does not lead to a regular file`);
		}
		matched = !0, add({
			name,
			path: entry.file,
			real
		});
	}), matched;
}
function locateBase(base, top) {
	try {
		let target = locate(base, top);
		return target.name.endsWith("/") ? target.real : null;
	} catch (cause) {
		if (cause instanceof CodedError && cause.code === "file-missing") return null;
		throw cause;
	}
}
/** Sum of the files' sizes; null when a tree is among them. A display only: what changes meanwhile is found later. */
function totalSize(targets) {
	let total = 0;
	for (let { name, real } of targets) {
		if (name.endsWith("/")) return null;
		total += lookAt(real, name)?.size ?? 0;
	}
	return total;
}
async function read(target, exclusion, pace, sink) {
	let { name, path, real } = target;
	if (name.endsWith("/")) return {
		name,
		digest: { sha256: await hashTree(name, real, exclusion, pace, sink) },
		mediaType: TREE_MEDIA_TYPE,
		annotations: { mode: "040000" }
	};
	let { mode, sha256 } = await hashFile(real, name, pace);
	if (resolveAgain(path) !== real) throw new CodedError("file-changed", `${name} was replaced while it was recorded`);
	return pace.due && await pace.breathe(), {
		name,
		digest: { sha256 },
		annotations: { mode }
	};
}
function resolveAgain(path) {
	try {
		return realpathSync.native(path);
	} catch {
		return null;
	}
}
async function hashTree(name, top, exclusion, pace, sink) {
	let prefix = name === "./" ? "" : name, tree = new TreeHash(sink);
	if (await walk(top, {
		label: prefix,
		whole: !0,
		wanted: (path, kind) => !isOwn(prefix + path, kind) && !exclusion.matches(prefix + path)
	}, pace, (entry) => {
		if (entry.link) {
			tree.add({
				path: entry.path,
				mode: "120000",
				sha256: hashLink(entry.file, entry.path, top, prefix + entry.path)
			});
			return;
		}
		let hashed = hashFile(entry.file, prefix + entry.path, pace);
		if (!(hashed instanceof Promise)) tree.add({
			path: entry.path,
			...hashed
		});
		else return hashed.then((file) => tree.add({
			path: entry.path,
			...file
		}));
	}), tree.entries === 0) throw new CodedError("file-missing", `the directory ${name} holds no file`);
	return tree.digest();
}
// packages/record/src/dependencies.ts
/** Of what npm and build tools keep beside packages: no package has a name that begins with a dot. */
const READ = constants$1.O_RDONLY | (constants$1.O_NOFOLLOW ?? 0) | (constants$1.O_NONBLOCK ?? 0);
/**
* Holds every package that is installed against the lock file (T-12): one that it does not name, one of another version,
* a file or a link that no installer of the lock makes is unlocked. What the lock names and is not installed is left out.
* Whether a package holds what its registry gave is for npm to check when it installs; from here on its bytes are
* recorded. Throws `lockfile-invalid`, `material-changed` where the lock is not what was received, and what `observe`
* throws.
*/
async function observeDependencies({ root, lockfile, materials, ...watch }) {
	let top = realRoot(root), name = nameOf(lockfile), bytes = readBounded(`${top}/${name}`, name, MAX_LOCK_BYTES);
	if (materials.find((material) => material.name === name && material.uri === void 0)?.digest.sha256 !== hash("sha256", bytes)) throw new CodedError("material-changed", `${name} is not the lock file that the step received`);
	let found = new Installed(top, name.slice(0, name.lastIndexOf("/") + 1), parseNpmLock(bytes));
	return {
		resources: await observe({
			...watch,
			root,
			patterns: found.packages,
			exclude: ["**/node_modules"]
		}),
		unlocked: found.unlocked.toSorted()
	};
}
/** Finds what is installed, place by place. */
var Installed = class {
	packages = [];
	unlocked = [];
	#top;
	/** Directory of the lock file, '' or ending in `/`. */
	#at;
	#lock;
	constructor(top, at, lock) {
		this.#top = top, this.#at = at, this.#lock = lock;
		for (let own of /* @__PURE__ */ new Set(["", ...lock.own])) this.#within(own === "" ? "" : `${own}/`);
	}
	/** What is installed in `node_modules` of a directory: '' or ending in `/`, relative to the lock file. */
	#within(directory) {
		let place = `${directory}node_modules`;
		for (let entry of this.#list(place)) {
			let path = `${place}/${entry.name}`;
			if (entry.name === ".bin") this.#programs(path);
			else if (entry.name.startsWith(".")) continue;
			else if (!entry.name.startsWith("@") || !entry.isDirectory()) this.#meet(path, entry);
			else for (let scoped of this.#list(path)) this.#meet(`${path}/${scoped.name}`, scoped);
		}
	}
	#meet(path, entry) {
		let locked = this.#lock.packages.get(path);
		if (locked === void 0) return this.#refuse(path);
		if (entry.isSymbolicLink()) {
			let own = locked.link === null ? null : `${this.#top}/${this.#at}${locked.link}`.replace(/\/$/, "");
			(own === null || this.#leadsTo(path) !== own) && this.#refuse(path);
		} else if (entry.isDirectory() && locked.link === null && this.#versionOf(path) === locked.version || this.#refuse(path), entry.isDirectory()) {
			if (this.packages.push(`${this.#at}${path}`), this.packages.length > 1e4) throw new CodedError("too-many-files", `more than ${MAX_RESOURCES} packages are installed`);
			this.#within(`${path}/`);
		}
	}
	/** Programs of packages are links into them: whatever else is there would be run before them. */
	#programs(path) {
		for (let entry of this.#list(path)) {
			let program = `${path}/${entry.name}`, leads = entry.isSymbolicLink() ? this.#leadsTo(program) : null;
			leads !== null && isInside(this.#top, leads) || this.#refuse(program);
		}
	}
	#refuse(path) {
		this.unlocked.push(`${this.#at}${path}`);
	}
	/** Empty where there is none. */
	#list(path) {
		let full = this.#full(path);
		try {
			return lstatSync(full).isDirectory() ? readdirSync(full, { withFileTypes: !0 }) : (this.#refuse(path), []);
		} catch (cause) {
			if (errno(cause) === "ENOENT") return [];
			throw fileError(cause, `${this.#at}${path}`);
		}
	}
	#leadsTo(path) {
		try {
			return realpathSync.native(this.#full(path));
		} catch {
			return null;
		}
	}
	/** Null where its description cannot be read. */
	#versionOf(path) {
		let name = `${path}/package.json`;
		try {
			let text = Buffer.from(readBounded(this.#full(name), name, 1048576)).toString("utf8"), described = JSON.parse(text.replace(/^\uFEFF/, "")), { version } = Object(described);
			return typeof version == "string" ? version : null;
		} catch {
			return null;
		}
	}
	#full(path) {
		return `${this.#top}/${this.#at}${path}`;
	}
};
/** Throws `file-missing`, `file-special`, `file-unreadable` and `input-too-large`. */
function readBounded(path, name, max) {
	let fd;
	try {
		fd = openSync(path, READ);
	} catch (cause) {
		throw fileError(cause, name);
	}
	try {
		let stat = fstatSync(fd);
		if (!stat.isFile()) throw new CodedError("file-special", `${name} is not a regular file`);
		if (stat.size > max) throw new CodedError("input-too-large", `${name} has more than ${max} bytes`);
		return readFileSync(fd);
	} finally {
		closeSync(fd);
	}
}
// packages/record/src/after.ts
/**
* Looks again when the command has ended: hashes the products, and every file that was received once more, so that
* nothing was built from other bytes than were checked (T-08). Files that the step itself names as products may have
* changed; files that came to be beside the received ones were not received.
*/
async function observeAfter(input) {
	let { root, source, products, succeeded } = input, watch = {
		progress: input.progress,
		signal: input.signal
	}, exclude = input.exclude ?? [], made = new Exclusion(products), received = input.materials.filter(({ name, uri }) => uri === void 0 && !made.covers(plain(name))), found = new Set(await recheck({
		...watch,
		root,
		exclude
	}, received));
	if (source !== null) for (let name of await source.recheck(products, watch)) found.add(name);
	let changed = [...found], recorded = [], dependencies = [], unlocked = [], error = null;
	try {
		if (succeeded && products.length > 0) {
			let found = await observe({
				...watch,
				root,
				exclude,
				patterns: products
			}), names = input.materials.filter(({ uri }) => uri === void 0).map(({ name }) => name);
			checkCollisions(/* @__PURE__ */ new Set([...names, ...found.map(({ name }) => name)])), recorded = found;
		}
		for (let lockfile of succeeded ? input.lockfiles ?? [] : []) {
			let found = await observeDependencies({
				...watch,
				root,
				lockfile,
				materials: input.materials
			});
			dependencies.push(...found.resources), unlocked.push(...found.unlocked);
		}
	} catch (cause) {
		if (!(cause instanceof CodedError) || input.signal?.aborted === !0) throw cause;
		error = cause;
	}
	return unlocked.length > 0 && (error = new CodedError("dependency-unlocked", `installed, and not as locked: ${listed(unlocked)}`)), changed.length > 0 && (error = new CodedError("material-changed", `${listed(changed)} changed while the step ran`)), {
		products: recorded,
		dependencies,
		changed,
		error
	};
}
function plain(name) {
	return name.endsWith("/") ? name.slice(0, -1) : name;
}
function listed(names) {
	let first = names.slice(0, 5).join(", ");
	return names.length > 5 ? `${first} and ${names.length - 5} more` : first;
}
// packages/record/src/environment.ts
/** Names that carry the recorder's own secrets; the wrapped command and its children have no use for them. */
function isRecorderSecret(name) {
	let upper = name.toUpperCase();
	return upper === "COUNTERSIGN_TOKEN" || upper === "INPUT_GITHUB-TOKEN" || upper.startsWith("COUNTERSIGN_ID_TOKEN") || upper.startsWith("COUNTERSIGN_KEY");
}
/** The environment a wrapped command gets: all but the signing key's and the server's secrets, plus the hand-over token. */
function commandEnvironment(environment, token) {
	let given = Object.create(null);
	for (let [name, value] of Object.entries(environment)) value !== void 0 && !isRecorderSecret(name) && (given[name] = value);
	return token !== null && (given.COUNTERSIGN_CHAIN = token), given;
}
// packages/record/src/command.ts
const FORWARDED_SIGNALS = [
	"SIGINT",
	"SIGTERM",
	"SIGHUP",
	"SIGQUIT",
	"SIGUSR1",
	"SIGUSR2"
];
/**
* Runs a command to its end. Its streams are untouched, signals are passed on, its outcome is returned, never
* thrown. Throws `command-unstartable` when it cannot be started.
*/
async function runCommand(input) {
	let [program, ...args] = input.argv;
	if (program === void 0 || program === "") throw new CodedError("command-unstartable", "no command is given");
	let startedAt = input.now().toISOString(), child = null, stop = forward((signal) => child?.kill(signal), input);
	try {
		child = start(program, args, input);
		let { exitCode, signal } = await ended(child, program);
		return {
			exitCode,
			signal,
			startedAt,
			finishedAt: input.now().toISOString()
		};
	} finally {
		stop();
	}
}
function start(program, args, input) {
	try {
		return spawn(program, args, {
			cwd: input.cwd,
			env: commandEnvironment(input.environment, input.token ?? null),
			stdio: input.stdio ?? "inherit",
			shell: !1,
			windowsHide: !0
		});
	} catch (cause) {
		throw unstartable(program, cause);
	}
}
function forward(send, { signals, terminal }) {
	if (signals === void 0) return () => {};
	let listeners = FORWARDED_SIGNALS.map((name) => {
		let fromTerminal = terminal === !0 && (name === "SIGINT" || name === "SIGQUIT"), listener = () => {
			fromTerminal || send(name);
		};
		return signals.on(name, listener), {
			name,
			listener
		};
	});
	return () => {
		for (let { name, listener } of listeners) signals.off(name, listener);
	};
}
function ended(child, program) {
	return new Promise((done, fail) => {
		child.once("error", (cause) => {
			child.pid === void 0 && fail(unstartable(program, cause));
		}), child.once("exit", (exitCode, signal) => done({
			exitCode,
			signal
		}));
	});
}
function unstartable(program, cause) {
	let reasons = {
		ENOENT: "is not there (or its working directory is not)",
		EACCES: "is not executable",
		E2BIG: "was given too long an argument list"
	}, code = errno(cause), reason = reasons[code ?? ""] ?? `could not be started${code === null ? "" : ` (${code})`}`;
	return new CodedError("command-unstartable", `${JSON.stringify(program.slice(0, 200))} ${reason}`, { cause });
}
// packages/record/src/executable.ts
/**
* Directories of `PATH` that may be trusted with finding a tool: absolute ones outside of `root`. What is recorded
* must not choose the tools that record it.
*/
function trustedPath(environment, root) {
	let top = realOr(root);
	return (environment.PATH ?? "").split(delimiter).filter((directory) => isAbsolute(directory) && !isInside(top, realOr(directory)));
}
/** Absolute path of a tool on the trusted part of `PATH`, null when it has none. */
function findExecutable(name, environment, root) {
	let top = realOr(root);
	for (let directory of trustedPath(environment, root)) {
		let path = join(directory, name);
		try {
			if (accessSync(path, constants$1.X_OK), statSync(path).isFile() && !isInside(top, realpathSync.native(path))) return path;
		} catch {}
	}
	return null;
}
function realOr(path) {
	try {
		return realpathSync.native(path);
	} catch {
		return path;
	}
}
// packages/record/src/git.ts
const SAFE = [
	"--no-optional-locks",
	"--no-replace-objects",
	"-c",
	"core.fsmonitor=false",
	"-c",
	"core.hooksPath=/dev/null",
	"-c",
	"protocol.allow=never",
	"-c",
	"core.trustctime=true",
	"-c",
	"core.checkStat=default"
];
/**
* Git by its absolute path, found outside of the workspace; arguments without a shell; none of the caller's `GIT_*`
* variables; the repository named outright, so that no other is discovered and `core.worktree` leads nowhere.
*/
var Git = class {
	#binary;
	#environment;
	/** Throws `git-failed` when there is no git on `PATH` outside of `workspace`. */
	constructor(environment, workspace) {
		let binary = findExecutable("git", environment, workspace);
		if (binary === null) throw new CodedError("git-failed", "git is not on PATH (the workspace itself does not count)");
		this.#binary = binary;
		let own = Object.entries(commandEnvironment(environment, null)).filter(([name]) => !name.startsWith("GIT_"));
		this.#environment = {
			...Object.fromEntries(own),
			PATH: trustedPath(environment, workspace).join(delimiter),
			LC_ALL: "C",
			GIT_TERMINAL_PROMPT: "0"
		};
	}
	/** Commit and tree of HEAD; throws `git-failed`, also before the first commit. */
	async head(top) {
		let [commit, tree] = (await this.#run(top, [
			"rev-parse",
			"HEAD",
			"HEAD^{tree}"
		])).toString().split("\n");
		if (!isObjectId(commit) || !isObjectId(tree)) throw new CodedError("git-failed", "git did not name the commit that is checked out");
		return {
			commit,
			tree
		};
	}
	async checkout(top) {
		let [index, config] = await Promise.all([this.#run(top, [
			"ls-files",
			"--stage",
			"-v",
			"-z"
		]), this.#run(top, [
			"config",
			"-z",
			"--get-regexp",
			"^(remote\\..*\\.url|filter\\..*)$"
		], { allowed: [1] })]), settings = readSettings(config), filters = new Set(settings.map(([key]) => key).filter((key) => key.startsWith("filter.")).map((key) => key.slice(0, key.lastIndexOf(".")))), off = [...filters].flatMap((filter) => [
			[`${filter}.clean`, ""],
			[`${filter}.process`, ""],
			[`${filter}.required`, "false"]
		]), pairs = off.flatMap(([key, value], i) => [[`GIT_CONFIG_KEY_${i}`, key], [`GIT_CONFIG_VALUE_${i}`, value]]), { changed, untracked, onDisk } = readStatus(await this.#run(top, [
			"status",
			"--porcelain=v2",
			"-z",
			"--untracked-files=all",
			"--ignore-submodules=dirty",
			"--no-renames"
		], { more: {
			GIT_CONFIG_COUNT: String(off.length),
			...Object.fromEntries(pairs)
		} })), tracked = readIndex(index), filtered = filters.size === 0 ? /* @__PURE__ */ new Set() : await this.#filtered(top, onDisk), pointers = await this.#pointers(top, tracked.filter(({ path }) => filtered.has(path)));
		return {
			tracked,
			changed: changed.filter((path) => !pointers.has(path)),
			untracked,
			pointers,
			remote: pickRemote(settings)
		};
	}
	/** Those of the paths that git keeps in another form than they have on disk: without its filter it says that each changed. */
	async #filtered(top, paths) {
		if (paths.length === 0) return /* @__PURE__ */ new Set();
		let fields = [...records(await this.#run(top, [
			"check-attr",
			"-z",
			"--stdin",
			"filter"
		], { input: paths.join("\0") }))];
		return new Set(fields.filter((_, i) => i % 3 == 0 && !["unspecified", "unset"].includes(fields[i + 2])));
	}
	async #pointers(top, files) {
		let pointers = /* @__PURE__ */ new Map();
		if (files.length === 0) return pointers;
		let asked = (some) => ({ input: some.map(({ id }) => `${id}\n`).join("") }), sizes = (await this.#run(top, ["cat-file", "--batch-check"], asked(files))).toString("latin1").split("\n"), small = files.filter((_, i) => Number(sizes[i].split(" ")[2]) <= MAX_POINTER), blobs = small.length === 0 ? Buffer.alloc(0) : await this.#run(top, ["cat-file", "--batch"], asked(small)), at = 0;
		for (let { path } of small) {
			let begin = blobs.indexOf("\n", at) + 1;
			at = begin + Number(blobs.toString("latin1", at, begin).split(" ")[2]) + 1;
			let oid = POINTER.exec(blobs.toString("latin1", begin, at))?.[1];
			oid !== void 0 && pointers.set(path, oid);
		}
		return pointers;
	}
	#run(top, args, { allowed = [], more = {}, input = "" } = {}) {
		let options = {
			cwd: top,
			env: {
				...this.#environment,
				...more
			},
			encoding: "buffer",
			maxBuffer: 536870912,
			timeout: 12e4,
			killSignal: "SIGKILL",
			windowsHide: !0
		}, where = [`--git-dir=${top}/.git`, `--work-tree=${top}`];
		return new Promise((done, fail) => {
			execFile(this.#binary, [
				...where,
				...SAFE,
				...args
			], options, (error, stdout, stderr) => {
				if (error === null || typeof error.code == "number" && allowed.includes(error.code)) return done(stdout);
				let said = firstLine(stderr.toString()) || firstLine(error.message);
				fail(new CodedError("git-failed", `git ${args[0]}: ${said}`, { cause: error }));
			}).stdin?.on("error", () => void 0).end(input);
		});
	}
};
/** The nearest directory at or above `root` that is a git checkout, null when there is none. */
function findCheckout(root) {
	for (let directory = root;; directory = dirname(directory)) {
		if (lookAt(join(directory, ".git"), ".git") !== null) return directory;
		if (directory === dirname(directory)) return null;
	}
}
function readIndex(output) {
	let files = [], last = null;
	for (let line of records(output)) {
		let path = line.slice(line.indexOf("	") + 1);
		path !== last && files.push({
			mode: line.slice(2, 8),
			id: line.split(" ", 3)[2],
			path,
			hidden: !/^[A-RT-Z]/.test(line)
		}), last = path;
	}
	return files;
}
/** A file of Git LFS, as it is kept in git: its specification, The Pointer. */
const MAX_POINTER = 1024, POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:[^\n]*\n)*oid sha256:([0-9a-f]{64})\n/;
/** `onDisk`: of what changed, the files that are as in HEAD but for what is on disk. */
function readStatus(output) {
	let changed = [], untracked = [], onDisk = [];
	for (let line of records(output)) if (line.startsWith("? ")) untracked.push(line.slice(2));
	else if (line.startsWith("1 ")) {
		let path = after(line, 8);
		changed.push(path);
		let [, how, , , staged, present] = line.split(" ", 6);
		how === ".M" && staged === present && onDisk.push(path);
	} else line.startsWith("u ") && changed.push(after(line, 10));
	return {
		changed,
		untracked,
		onDisk
	};
}
/** Keys (`remote.origin.url`) and values, as `git config -z` lists them. */
function readSettings(output) {
	return Array.from(records(output), (record) => {
		let end = record.indexOf("\n");
		return end < 0 ? [record, ""] : [record.slice(0, end), record.slice(end + 1)];
	});
}
function pickRemote(settings) {
	let urls = settings.filter(([key, url]) => key.startsWith("remote.") && url !== "");
	return (urls.find(([key]) => key === "remote.origin.url") ?? urls[0])?.[1] ?? null;
}
function* records(output) {
	let text;
	try {
		text = new TextDecoder("utf-8", {
			fatal: !0,
			ignoreBOM: !0
		}).decode(output);
	} catch (cause) {
		throw new CodedError("git-failed", "the repository has a name that is not UTF-8", { cause });
	}
	let from = 0;
	for (let end = text.indexOf("\0"); end >= 0; end = text.indexOf("\0", from)) yield text.slice(from, end), from = end + 1;
}
/** The text after the n-th space. */
function after(line, spaces) {
	let at = -1;
	for (let i = 0; i < spaces; i++) at = line.indexOf(" ", at + 1);
	return line.slice(at + 1);
}
function isObjectId(text) {
	return text !== void 0 && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
function firstLine(text) {
	let line = text.split("\n").find((part) => part.trim() !== "") ?? "";
	return Array.from(line.slice(0, 300), (c) => c < " " || c === "" ? " " : c).join("").trim();
}
// packages/record/src/secrets.ts
/** Words that make a name look like a secret's wherever they stand in it. */
const WORDS = [
	"TOKEN",
	"SECRET",
	"PASSWORD",
	"PASSWD",
	"PASSPHRASE",
	"CREDENTIAL",
	"PRIVATE",
	"BEARER",
	"COOKIE",
	"SIGNATURE",
	"AUTHORIZATION",
	"CONNECTIONSTRING",
	"WEBHOOK"
], ENDINGS = [
	"KEY",
	"KEYS",
	"PASS",
	"PWD",
	"CREDS"
], PARTS = /* @__PURE__ */ new Set([
	"AUTH",
	"PAT",
	"JWT",
	"SIG",
	"SAS",
	"OTP",
	"TOTP",
	"PSK",
	"DSN",
	"PIN",
	"PASSIN",
	"PASSOUT"
]), HARMLESS = /* @__PURE__ */ new Set([
	"PWD",
	"OLDPWD",
	"SSH_AUTH_SOCK",
	"BUILDKITE_STEP_KEY"
]), HARMLESS_PARTS = /* @__PURE__ */ new Set([
	"BYPASS",
	"COMPASS",
	"MONKEY",
	"TURKEY",
	"DONKEY",
	"HOTKEY"
]);
/** Whether a variable, flag, field or header of this name is to be taken for a secret. Rather once too often. */
function looksSecret(name) {
	if (HARMLESS.has(name)) return !1;
	let joined = name.toUpperCase().replace(/[^A-Z0-9]/g, "");
	return WORDS.some((word) => joined.includes(word)) ? !0 : parts(name).some((part) => PARTS.has(part) || !HARMLESS_PARTS.has(part) && ENDINGS.some((ending) => part.endsWith(ending)));
}
/** `apiKey-id` → API, KEY, ID. */
function parts(name) {
	return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toUpperCase().split(/[^A-Z0-9]/);
}
/** Beginnings of tokens that their makers gave a shape of their own. */
const TOKEN_SHAPES = [
	...[
		"ghp_",
		"gho_",
		"ghu_",
		"ghs_",
		"ghr_",
		"github_pat_"
	].map((prefix) => ({
		prefix,
		min: 16
	})),
	...[
		"glpat-",
		"gldt-",
		"glrt-",
		"glcbt-",
		"glptt-",
		"glsoat-"
	].map((prefix) => ({
		prefix,
		min: 16
	})),
	...[
		"xoxa-",
		"xoxb-",
		"xoxp-",
		"xoxr-",
		"xoxs-",
		"xoxe-",
		"xoxe.",
		"xapp-"
	].map((prefix) => ({
		prefix,
		min: 10
	})),
	...["AKIA", "ASIA"].map((prefix) => ({
		prefix,
		min: 16,
		whole: !0
	})),
	{
		prefix: "AIza",
		min: 30
	},
	{
		prefix: "ya29.",
		min: 16
	},
	{
		prefix: "sk-",
		min: 20,
		whole: !0
	},
	...[
		"sk_live_",
		"sk_test_",
		"rk_live_",
		"rk_test_"
	].map((prefix) => ({
		prefix,
		min: 10
	})),
	{
		prefix: "npm_",
		min: 30
	},
	{
		prefix: "pypi-",
		min: 30
	},
	{
		prefix: "dckr_pat_",
		min: 16
	},
	...[
		"hvs.",
		"hvb.",
		"hvr."
	].map((prefix) => ({
		prefix,
		min: 20,
		whole: !0
	})),
	{
		prefix: "dop_v1_",
		min: 30
	},
	{
		prefix: "SG.",
		min: 30,
		whole: !0
	},
	{
		prefix: "shpat_",
		min: 20
	},
	{
		prefix: "glsa_",
		min: 20
	},
	{
		prefix: "CCIPAT_",
		min: 16
	},
	{
		prefix: "ATATT",
		min: 30,
		whole: !0
	},
	{
		prefix: "AGE-SECRET-KEY-1",
		min: 20
	},
	{
		prefix: "eyJ",
		min: 17
	}
], PASSWORD_FLAGS = {
	mysql: {
		flag: "-p",
		attached: !0
	},
	mysqldump: {
		flag: "-p",
		attached: !0
	},
	mysqladmin: {
		flag: "-p",
		attached: !0
	},
	mariadb: {
		flag: "-p",
		attached: !0
	},
	"7z": {
		flag: "-p",
		attached: !0
	},
	sshpass: {
		flag: "-p",
		attached: !1
	},
	docker: {
		flag: "-p",
		attached: !1
	},
	podman: {
		flag: "-p",
		attached: !1
	},
	helm: {
		flag: "-p",
		attached: !1
	},
	oras: {
		flag: "-p",
		attached: !1
	},
	zip: {
		flag: "-P",
		attached: !1
	},
	"redis-cli": {
		flag: "-a",
		attached: !1
	},
	ldapsearch: {
		flag: "-w",
		attached: !1
	}
}, RECORDED_NAMES = [
	"CI LANG LC_ALL TZ SOURCE_DATE_EPOCH NODE_ENV NODE_OPTIONS CC CXX CFLAGS CXXFLAGS LDFLAGS CGO_ENABLED",
	"GOOS GOARCH GOFLAGS RUSTFLAGS MAKEFLAGS JAVA_TOOL_OPTIONS LD_PRELOAD LD_LIBRARY_PATH PYTHONPATH",
	"DOCKER_HOST",
	"GITHUB_ACTIONS GITHUB_REPOSITORY GITHUB_REPOSITORY_ID GITHUB_REPOSITORY_OWNER_ID GITHUB_SERVER_URL",
	"GITHUB_REF GITHUB_SHA GITHUB_BASE_REF GITHUB_HEAD_REF GITHUB_EVENT_NAME GITHUB_WORKFLOW_REF",
	"GITHUB_WORKFLOW_SHA GITHUB_JOB GITHUB_RUN_ID GITHUB_RUN_NUMBER GITHUB_RUN_ATTEMPT GITHUB_ACTOR_ID",
	"RUNNER_ENVIRONMENT RUNNER_OS RUNNER_ARCH ImageOS ImageVersion",
	"GITLAB_CI CI_SERVER_URL CI_PROJECT_ID CI_PROJECT_PATH CI_COMMIT_SHA CI_COMMIT_REF_NAME",
	"CI_COMMIT_REF_PROTECTED CI_PIPELINE_ID CI_PIPELINE_SOURCE CI_JOB_ID CI_JOB_NAME CI_JOB_IMAGE",
	"CI_RUNNER_ID CI_RUNNER_VERSION CI_CONFIG_PATH",
	"CODEBUILD_BUILD_ID CODEBUILD_BUILD_ARN CODEBUILD_BUILD_IMAGE CODEBUILD_BUILD_NUMBER",
	"CODEBUILD_INITIATOR CODEBUILD_RESOLVED_SOURCE_VERSION CODEBUILD_SOURCE_VERSION AWS_REGION",
	"PROJECT_ID BUILD_ID COMMIT_SHA REPO_FULL_NAME REF_NAME TRIGGER_NAME",
	"TF_BUILD SYSTEM_COLLECTIONURI SYSTEM_TEAMPROJECT SYSTEM_DEFINITIONID SYSTEM_JOBATTEMPT SYSTEM_JOBID",
	"BUILD_BUILDID BUILD_BUILDNUMBER BUILD_REASON BUILD_REPOSITORY_ID BUILD_SOURCEBRANCH",
	"BUILD_SOURCEVERSION AGENT_OS AGENT_VERSION",
	"JENKINS_URL JOB_NAME BUILD_NUMBER BUILD_TAG NODE_NAME GIT_COMMIT GIT_BRANCH",
	"CIRCLECI CIRCLE_SHA1 CIRCLE_BRANCH CIRCLE_TAG CIRCLE_JOB CIRCLE_BUILD_NUM CIRCLE_WORKFLOW_ID",
	"CIRCLE_PIPELINE_ID CIRCLE_PROJECT_ID CIRCLE_ORGANIZATION_ID",
	"BUILDKITE BUILDKITE_COMMIT BUILDKITE_BRANCH BUILDKITE_TAG BUILDKITE_BUILD_ID BUILDKITE_BUILD_NUMBER",
	"BUILDKITE_JOB_ID BUILDKITE_PIPELINE_SLUG BUILDKITE_ORGANIZATION_SLUG BUILDKITE_SOURCE",
	"BUILDKITE_RETRY_COUNT BUILDKITE_STEP_KEY"
].flatMap((line) => line.split(" ")), MAX_VALUE = 4096;
/**
* The part of the environment that is recorded: the allow-list and `extra` names, values redacted. An extra name
* that looks like a secret's is refused with `usage`: it would only ever be recorded as redacted.
*/
function recordedEnvironment(environment, redactor, extra = []) {
	for (let name of extra) {
		if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) throw new CodedError("usage", `${JSON.stringify(name.slice(0, 60))} is not the name of a variable`);
		if (name === "sealed") throw new CodedError("usage", "a variable named sealed cannot be recorded");
		if (looksSecret(name)) throw new CodedError("usage", `${name} looks like a secret, and secrets are never recorded`, { fix: "Leave it out, or give the harmless part a name of its own." });
	}
	let recorded = {};
	for (let name of /* @__PURE__ */ new Set([...RECORDED_NAMES, ...extra])) {
		let value = environment[name];
		if (value === void 0) continue;
		let clean = redactor.text(value);
		recorded[name] = clean.length > MAX_VALUE ? `${clean.slice(0, MAX_VALUE).toWellFormed()}…` : clean;
	}
	return recorded;
}
// packages/record/src/redact.ts
/**
* What stands for a secret. A constant: a hash of a short secret would give it away to whoever tries them all, and
* a length narrows the search.
*/
const REDACTED = "[redacted]", MAX_TEXT = 262144;
/**
* Takes secrets out of what is about to be signed: the values of all variables that look secret by their name, and
* whatever has the shape of a secret. Every scan is linear in the text, whatever it holds; no pattern comes from input.
*/
var Redactor = class {
	#long;
	#short;
	constructor(environment) {
		let values = /* @__PURE__ */ new Set();
		for (let [name, value] of Object.entries(environment)) if (value !== void 0 && value !== "") {
			if (looksSecret(name)) for (let form of forms(value)) values.add(form);
			for (let password of urlPasswords(value)) values.add(password);
		}
		let sorted = [...values].toSorted((a, b) => b.length - a.length);
		this.#long = sorted.filter((value) => value.length >= 8), this.#short = sorted.filter((value) => value.length >= 4 && value.length < 8 && !isPlainWord(value));
	}
	/** The text with every secret that is found in it replaced. */
	text(text) {
		let clean = text.length > MAX_TEXT ? REDACTED : text.toWellFormed();
		for (let value of this.#short) clean.includes(value) && (clean = hideWord(clean, value));
		return this.fact(clean);
	}
	/**
	* {@link text} for what is public by nature, such as a repository's address: values of fewer than eight
	* characters are left, since a project key may well be the project's name.
	*/
	fact(text) {
		let clean = text.length > MAX_TEXT ? REDACTED : text.toWellFormed();
		for (let value of this.#long) clean.includes(value) && (clean = clean.replaceAll(value, () => REDACTED));
		return hideTokens(hideSchemes(hideAssignments(hideUserinfo(hidePem(clean)))));
	}
	/** Whether a secret of the environment stands in a text of any length: one that is signed, or handed on, as it is. */
	holds(text) {
		return this.#long.some((value) => text.includes(value));
	}
	/** A command line: beside what {@link text} finds, arguments that a flag before them says to be secret. */
	argv(argv) {
		let program = (argv[0] ?? "").slice((argv[0] ?? "").lastIndexOf("/") + 1), special = Object.hasOwn(PASSWORD_FLAGS, program) ? PASSWORD_FLAGS[program] : null, asked = special !== null && (special.flag !== "-p" || special.attached || argv.includes("login") || program === "sshpass");
		return argv.map((argument, i) => {
			let before = i === 0 ? "" : argv[i - 1];
			return i === 0 ? this.text(argument) : asked && !special.attached && before === special.flag ? REDACTED : asked && special.attached && argument.startsWith(special.flag) && argument.length > special.flag.length ? special.flag + REDACTED : isSecretFlag(before) && !argument.startsWith("-") || USER_FLAGS.includes(before) && isUserAndPassword(argument) ? REDACTED : this.#argument(argument, isScriptFlag(before));
		});
	}
	#argument(argument, script) {
		let equals = argument.indexOf("=");
		return !script && equals > 0 && equals <= 64 && isName(argument, equals) && looksSecret(argument.slice(0, equals)) ? argument.length === equals + 1 ? argument : argument.slice(0, equals + 1) + REDACTED : USER_FLAGS.includes(argument.slice(0, equals)) && isUserAndPassword(argument.slice(equals + 1)) ? argument.slice(0, equals + 1) + REDACTED : this.text(argument);
	}
};
/** A secret as it may be written elsewhere: as it is, line by line, in URLs, in JSON, in base64. */
function forms(value) {
	let trimmed = value.trim(), found = /* @__PURE__ */ new Set([value, trimmed]);
	for (let line of trimmed.split("\n")) line.trim().length >= 16 && found.add(line.trim());
	if (trimmed.length >= 8 && trimmed.length <= MAX_TEXT) {
		let text = trimmed.toWellFormed();
		found.add(encodeURIComponent(text)), found.add(JSON.stringify(text).slice(1, -1));
		let bytes = Buffer.from(text);
		found.add(bytes.toString("base64")), found.add(bytes.toString("base64url"));
	}
	return found;
}
function urlPasswords(value) {
	let passwords = [];
	for (let at = value.indexOf("://"); at >= 0; at = value.indexOf("://", at + 3)) {
		let end = userinfoEnd(value, at + 3), colon = end < 0 ? -1 : value.indexOf(":", at + 3);
		colon >= 0 && colon < end && passwords.push(value.slice(colon + 1, end));
	}
	return passwords;
}
/** Words that stand in every command line; hiding them would hide the command and no secret. */
function isPlainWord(value) {
	return /^(?:true|false|none|null|auto|default|enabled|disabled)$/i.test(value);
}
function hideWord(text, value) {
	let clean = "", from = 0;
	for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
		let end = at + value.length;
		isWordCharacter(text, at - 1) || isWordCharacter(text, end) || (clean += text.slice(from, at) + REDACTED, from = end);
	}
	return clean + text.slice(from);
}
function hidePem(text) {
	let clean = "", from = 0;
	for (let at = text.indexOf("-----BEGIN "); at >= 0; at = text.indexOf("-----BEGIN ", Math.max(from, at + 11))) {
		if (!text.slice(at + 11, at + 11 + 64).includes("PRIVATE KEY")) continue;
		let footer = text.indexOf("-----END ", at), end = footer < 0 ? -1 : text.indexOf("-----", footer + 9);
		clean += text.slice(from, at) + REDACTED, from = end < 0 ? text.length : end + 5;
	}
	return clean + text.slice(from);
}
/** `https://user:password@host` → `https://[redacted]@host`. The user `git` alone is no secret. */
function hideUserinfo(text) {
	let clean = "", from = 0;
	for (let at = text.indexOf("://"); at >= 0; at = text.indexOf("://", Math.max(from, at + 3))) {
		let end = userinfoEnd(text, at + 3);
		end < 0 || text.slice(at + 3, end) === "git" || (clean += text.slice(from, at + 3) + REDACTED, from = end);
	}
	return clean + text.slice(from);
}
/** Where the `@` is that ends the userinfo beginning at `start`; -1 without one. */
function userinfoEnd(text, start) {
	let last = -1, authority = -1;
	for (let i = start; i <= text.length; i++) {
		if (authority >= 0 && i - authority > 256) return last;
		let c = text[i] ?? " ";
		if (c === "@" && (last = i), authority < 0 && (c === "/" || c === "?" || c === "#")) {
			if (authority = i, last >= 0) return last;
			let colon = text.lastIndexOf(":", i);
			if (colon < start || /^[0-9]*$/.test(text.slice(colon + 1, i))) return -1;
		}
		if (isSpace(c) || isQuote(c) || c === "<" || c === ">") return last;
	}
	return last;
}
/** `password=x`, `"token": "x"`, `--secret x`, `Authorization: x` inside a text. */
function hideAssignments(text) {
	let clean = "", from = 0;
	for (let i = 1; i < text.length; i++) {
		let c = text[i], assigns = c === "=" || c === ":";
		if (!assigns && c !== " ") continue;
		let name = nameBefore(text, i, from, assigns);
		if (name === "" || !assigns && !name.startsWith("-") || !looksSecret(name)) continue;
		let start = i + 1;
		for (; start < text.length && start <= i + 4 && isSpace(text[start]);) start++;
		if (!assigns && text[start] === "-") continue;
		let end = valueEnd(text, start, /^(?:proxy-)?authorization$|cookie$/i.test(name));
		end.to !== end.from && (clean += text.slice(from, end.from) + REDACTED, from = end.to, i = Math.max(i, from - 1));
	}
	return clean + text.slice(from);
}
/** The name that ends before `at`, over spaces and quotes where it is assigned to. */
function nameBefore(text, at, floor, assigns) {
	let end = at;
	if (assigns) for (; end > floor && end > at - 4 && (isSpace(text[end - 1]) || isQuote(text[end - 1]));) end--;
	let start = end;
	for (; start > floor && end - start < 64 && isNameCharacter(text.charCodeAt(start - 1));) start--;
	return text.slice(start, end);
}
function valueEnd(text, start, wholeLine) {
	let quote = text[start] ?? "";
	if (isQuote(quote)) {
		let close = text.indexOf(quote, start + 1);
		return {
			from: start + 1,
			to: close < 0 ? text.length : close
		};
	}
	let to = start;
	for (; to < text.length;) {
		let c = text[to];
		if (isQuote(c) || c === "\n" || c === "\r" || !wholeLine && (isSpace(c) || "&;,|)}<>".includes(c))) break;
		to++;
	}
	return {
		from: start,
		to
	};
}
/** `Bearer x` and `Basic x` where no header's name is before them. */
function hideSchemes(text) {
	let clean = text;
	for (let scheme of [
		"bearer ",
		"basic ",
		"token "
	]) {
		let lower = clean.toLowerCase();
		if (!lower.includes(scheme) || lower.length !== clean.length) continue;
		let hidden = "", from = 0;
		for (let at = lower.indexOf(scheme); at >= 0; at = lower.indexOf(scheme, Math.max(from, at + 1))) {
			let start = at + scheme.length, end = start;
			for (; end < clean.length && isTokenCharacter(clean.charCodeAt(end));) end++;
			end - start < 16 || isWordCharacter(clean, at - 1) || (hidden += clean.slice(from, start) + REDACTED, from = end);
		}
		clean = hidden + clean.slice(from);
	}
	return clean;
}
function hideTokens(text) {
	let clean = text;
	for (let { prefix, min, whole } of TOKEN_SHAPES) {
		if (!clean.includes(prefix)) continue;
		let hidden = "", from = 0, end = 0;
		for (let at = clean.indexOf(prefix); at >= 0;) {
			let start = at + prefix.length;
			if (end < start) for (end = start; end < clean.length && isTokenCharacter(clean.charCodeAt(end));) end++;
			let found = end - start >= min && !(whole === !0 && isWordCharacter(clean, at - 1));
			found && (hidden += clean.slice(from, at) + REDACTED, from = end), at = clean.indexOf(prefix, found ? end : start);
		}
		clean = hidden + clean.slice(from);
	}
	return clean;
}
function isSecretFlag(argument) {
	return argument.startsWith("-") && argument.length <= 64 && !argument.includes("=") && looksSecret(argument);
}
const USER_FLAGS = [
	"-u",
	"-U",
	"--user",
	"--proxy-user"
];
/** `user:password`, but not `1000:1000`. */
function isUserAndPassword(argument) {
	return argument.includes(":") && !/^[0-9]*:[0-9]*$/.test(argument) && !argument.includes("://");
}
/** Whether the next argument is a program text, as in `sh -ec`. */
function isScriptFlag(argument) {
	return /^-[a-z]{0,6}c$/.test(argument) || argument === "-Command";
}
function isName(text, end) {
	for (let i = 0; i < end; i++) if (!isNameCharacter(text.charCodeAt(i))) return !1;
	return !0;
}
function isNameCharacter(c) {
	return isAlphanumeric(c) || c === 95 || c === 45 || c === 46;
}
/** Characters of base64, base64url and of the separators inside tokens. */
function isTokenCharacter(c) {
	return isAlphanumeric(c) || c === 95 || c === 45 || c === 46 || c === 43 || c === 47 || c === 61 || c === 126;
}
function isWordCharacter(text, at) {
	return at >= 0 && at < text.length && isAlphanumeric(text.charCodeAt(at));
}
function isAlphanumeric(c) {
	return c >= 48 && c <= 57 || c >= 65 && c <= 90 || c >= 97 && c <= 122;
}
function isSpace(c) {
	return c === " " || c === "	" || c === "\n" || c === "\r";
}
function isQuote(c) {
	return c === "\"" || c === "'" || c === "`";
}
/**
* A repository's URL without what may be secret in it: user and password, query, fragment. `host:path` becomes
* `ssh://host/path`, a local path `file:…`. Null where nothing safe is left to say (remote helpers, control
* characters, too long).
*/
function withoutCredentials(remote) {
	let text = remote.trim();
	if (text === "" || text.length > 2048 || hasControl(text) || /^[A-Za-z0-9-]+::/.test(text) || !text.isWellFormed()) return null;
	let scheme = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//.exec(text)?.[0];
	if (scheme !== void 0) return stripUrl(scheme, text.slice(scheme.length));
	let slash = firstOf(text, "/"), at = text.lastIndexOf("@", slash), colon = text.indexOf(":", at + 1);
	if (colon > at + 1 && colon < slash) {
		let path = text.slice(colon + 1);
		return stripUrl("ssh://", `${text.slice(at + 1, colon)}/${path.startsWith("/") ? path.slice(1) : path}`);
	}
	return at >= 0 && text.lastIndexOf(":", at) >= 0 ? null : text.startsWith("/") ? `file://${text}` : `file:${text}`;
}
function stripUrl(scheme, rest) {
	let bare = rest.slice(0, firstOf(rest, "?#")), authority = bare.slice(0, firstOf(bare, "/")), at = authority.lastIndexOf("@");
	if (at >= 0) return `${scheme.toLowerCase()}${bare.slice(at + 1)}`;
	let port = authority.lastIndexOf(":");
	return port >= 0 && !/^[0-9]*$/.test(authority.slice(port + 1)) && !authority.endsWith("]") ? null : `${scheme.toLowerCase()}${bare}`;
}
function firstOf(text, characters) {
	for (let i = 0; i < text.length; i++) if (characters.includes(text[i])) return i;
	return text.length;
}
// packages/record/src/runner.ts
/** The `runner` part of a step, claims redacted. */
function describeRunner(input, redactor) {
	let { ci } = input;
	return {
		system: ci?.system ?? "local",
		identity: ci?.identity == null ? null : cleanIdentity(ci.identity, redactor),
		os: input.os,
		arch: input.arch,
		tools: input.tools,
		actions: input.actions ?? {}
	};
}
function cleanIdentity(identity, redactor) {
	let clean = (claim) => {
		let text = claim === null ? "" : redactor.fact(claim);
		return text === "" || text.length > 4096 || hasControl(text) ? null : text;
	};
	return {
		issuer: clean(identity.issuer),
		sourceRepositoryURI: clean(identity.sourceRepositoryURI),
		sourceRepositoryDigest: clean(identity.sourceRepositoryDigest),
		sourceRepositoryRef: clean(identity.sourceRepositoryRef),
		sourceRepositoryIdentifier: clean(identity.sourceRepositoryIdentifier),
		buildConfigURI: clean(identity.buildConfigURI),
		buildTrigger: clean(identity.buildTrigger),
		runInvocationURI: clean(identity.runInvocationURI),
		runnerEnvironment: clean(identity.runnerEnvironment)
	};
}
// packages/record/src/seal.ts
/**
* Puts commitments in the place of some values, each under a salt of its own. What the step does not have stays null:
* that it has none is no secret, and of `argv` a verdict needs it.
*/
function sealStep({ statement, payload }, fields, crypto) {
	let { predicate } = statement, values = sealableFields(predicate), disclosed = [...new Set(fields)].flatMap((field) => {
		let value = values[field];
		return value === null ? [] : [{
			field,
			salt: new Uint8Array(randomBytes(32)),
			value
		}];
	});
	if (disclosed.length === 0) return {
		statement,
		payload,
		disclosed
	};
	let commitments = disclosed.map(({ field, salt, value }) => [field, sealValue(salt, predicate, field, value, crypto)]), sealed = {
		...statement,
		predicate: withFields(predicate, Object.fromEntries(commitments))
	};
	return {
		statement: sealed,
		payload: writeStep(sealed),
		disclosed
	};
}
// packages/record/src/source.ts
/** Name of the resource that stands for a git checkout. */
const SOURCE_NAME = "source";
/** {@link Source.recheck} by what another process saved of it. */
async function recheckSource({ top, below, files, marks }, exempt, watch = {}) {
	return differing(top, below, files, Marks.from(marks), exempt, watch);
}
async function differing(top, below, files, marks, exempt, watch) {
	let exempted = new Exclusion(exempt.map((pattern) => place(below, pattern))), different = [];
	return await readAll(top, files, new Pace(watch), (i, entry) => {
		let { name } = files[i];
		(entry instanceof CodedError || !marks.equal(i, entry)) && !exempted.covers(name) && different.push(name);
	}), different;
}
/**
* The git checkout that `root` is in; null when it is in none. The manifest lists, as they are on disk, all tracked
* files and all untracked ones that are not ignored; not `*.chain.jsonl` nor `.countersign/`. Links are entries by
* their target text, as in git, and are not followed. A populated submodule is listed by its own index and
* ignore rules; a repository that is no submodule, file by file, without its `.git`.
*
* Throws `git-failed` for a checkout that git cannot read or that has no commit, and what `observe` throws of files.
*/
async function sourceOf(input) {
	let root = realRoot(input.root), top = findCheckout(root);
	if (top === null) return null;
	let git = new Git(input.environment, top), below = root === top ? "" : `${root.slice(top === "/" ? 1 : top.length + 1)}/`, exclusion = new Exclusion((input.exclude ?? []).map((pattern) => place(below, pattern))), pace = new Pace(input), [head, listing] = await Promise.all([git.head(top), list(git, top, "", pace, 0)]), covered = (name, tracked) => !isRecorders(name, below) && (tracked || !exclusion.covers(name.endsWith("/") ? name.slice(0, -1) : name)), files = listing.files.filter(({ name, tracked }) => covered(name, tracked)).toSorted((a, b) => compareTreePaths(a.name, b.name));
	checkNames(files);
	let marks = new Marks(files.length), tree = new TreeHash(input.manifest), unseen = [];
	await readAll(top, files, pace, (i, entry) => {
		if (entry instanceof CodedError) throw entry;
		marks.set(i, entry), entry !== null && tree.add(entry);
		let { path, hidden } = files[i], kept = listing.pointers.get(path);
		entry !== null && (hidden || (kept ?? entry.sha256) !== entry.sha256) && unseen.push(path);
	}), pace.report();
	let uri = sourceUri(listing.remote, head.commit), digest = {
		sha256: tree.digest(),
		gitCommit: head.commit,
		gitTree: head.tree
	}, dirty = [...listing.dirty, ...unseen.map((name) => ({
		name,
		tracked: !0
	}))].filter(({ name, tracked }) => covered(name.normalize("NFC"), tracked) && !isChainFile(name)), changed = [...new Set(dirty.map(({ name }) => name))];
	return {
		resource: {
			name: SOURCE_NAME,
			uri,
			digest,
			...changed.length > 0 ? { annotations: { dirty: !0 } } : {}
		},
		dirty: changed.length > 0,
		changed,
		untracked: dirty.filter(({ tracked }) => !tracked).map(({ name }) => name),
		recheck: (exempt, watch = {}) => differing(top, below, files, marks, exempt, watch),
		save: () => ({
			top,
			below,
			files: files.map(({ name, path }) => ({
				name,
				path
			})),
			marks: marks.text()
		})
	};
}
async function list(git, top, prefix, pace, depth) {
	if (depth > 16) throw new CodedError("git-failed", `submodules are nested too deep at ${prefix}`);
	let checkout = await git.checkout(top), files = [], dirty = checkout.changed.map((path) => ({
		name: prefix + path,
		tracked: !0
	})), pointers = new Map([...checkout.pointers].map(([path, sha256]) => [prefix + path, sha256])), addAll = async (path) => {
		let options = {
			label: `${prefix}${path}/`,
			whole: !1,
			wanted: (inner) => inner !== ".git"
		}, some = !1;
		return await walk(`${top}/${path}`, options, pace, (entry) => {
			some = !0;
			let inner = `${path}/${entry.path}`;
			files.push({
				name: nameIn(prefix, inner),
				path: prefix + inner,
				tracked: !1,
				hidden: !1
			});
		}), some;
	};
	for (let { mode, path, hidden } of checkout.tracked) if (mode !== "160000") files.push({
		name: nameIn(prefix, path),
		path: prefix + path,
		tracked: !0,
		hidden
	});
	else if (isPopulated(top, path)) {
		let inner = await list(git, `${top}/${path}`, `${prefix}${path}/`, pace, depth + 1);
		files.push(...inner.files), dirty.push(...inner.dirty);
		for (let [name, sha256] of inner.pointers) pointers.set(name, sha256);
	} else lookAt(`${top}/${path}`, path)?.isDirectory() === !0 && await addAll(path) && dirty.push({
		name: prefix + path,
		tracked: !1
	});
	for (let path of checkout.untracked) dirty.push({
		name: prefix + path,
		tracked: !1
	}), path.endsWith("/") ? await addAll(path.slice(0, -1)) : files.push({
		name: nameIn(prefix, path),
		path: prefix + path,
		tracked: !1,
		hidden: !1
	});
	return {
		files,
		dirty,
		pointers,
		remote: checkout.remote
	};
}
function nameIn(prefix, path) {
	let name = (prefix + path).normalize("NFC");
	return checkPath(name), name;
}
/** A pattern relative to the recording root as one relative to the checkout. */
function place(below, pattern) {
	let trimmed = trim(pattern);
	return trimmed === "." ? trim(below) : below + trimmed;
}
function isRecorders(name, below) {
	return name.startsWith(".countersign/") || below !== "" && name.startsWith(`${below}.countersign/`);
}
function isChainFile(name) {
	return name.endsWith(".chain.jsonl");
}
function isPopulated(top, path) {
	return lookAt(`${top}/${path}`, path)?.isDirectory() === !0 && lookAt(`${top}/${path}/.git`, path) !== null;
}
/** Sorted files: two of one name differ in their Unicode form on disk. */
function checkNames(files) {
	for (let [i, { name, path }] of files.entries()) {
		let next = files[i + 1];
		if (next?.name === name) throw collision(path, next.path);
	}
	checkCollisions(files.map(({ name }) => name));
}
/** Reads the files in order, each as the tree entry it is now, null for one that is not there, or as what speaks against it. */
async function readAll(top, files, pace, take) {
	let directories = new Directories(top);
	for (let [i, file] of files.entries()) take(i, directories.hold(file.path) ? await tryEntry(`${top}/${file.path}`, file.name, pace) : null), pace.due && await pace.breathe();
}
async function tryEntry(path, name, pace) {
	try {
		return await readEntry(path, name, pace);
	} catch (cause) {
		if (cause instanceof CodedError && !pace.stopped) return cause;
		throw cause;
	}
}
async function readEntry(path, name, pace) {
	let stat = lookAt(path, name);
	if (stat === null || stat.isDirectory()) return null;
	if (stat.isSymbolicLink()) return {
		path: name,
		mode: "120000",
		sha256: hashLinkText(path, name)
	};
	if (isChainFile(name)) return null;
	let hashed = hashFile(path, name, pace);
	return {
		path: name,
		...hashed instanceof Promise ? await hashed : hashed
	};
}
/** Which directories of a checkout are real: a file below a link belongs to wherever the link leads. */
var Directories = class {
	#top;
	#real = /* @__PURE__ */ new Map([["", !0]]);
	#last = "";
	constructor(top) {
		this.#top = top;
	}
	hold(path) {
		let directory = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
		return directory !== this.#last && (this.#last = directory, this.#check(directory)), this.#real.get(directory);
	}
	#check(directory) {
		let known = this.#real.get(directory);
		if (known !== void 0) return known;
		let parent = directory.slice(0, Math.max(directory.lastIndexOf("/"), 0)), real = this.#check(parent) && lookAt(`${this.#top}/${directory}`, directory)?.isDirectory() === !0;
		return this.#real.set(directory, real), real;
	}
};
const MODES = [
	"100644",
	"100755",
	"120000"
];
/** What each file was, 33 bytes a file: small enough to keep for trees of any size. */
var Marks = class Marks {
	#bytes;
	constructor(files) {
		this.#bytes = Buffer.alloc(files * 33);
	}
	static from(text) {
		let bytes = Buffer.from(text, "base64"), marks = new Marks(Math.ceil(bytes.length / 33));
		return bytes.copy(marks.#bytes), marks;
	}
	text() {
		return this.#bytes.toString("base64");
	}
	set(index, entry) {
		mark(entry).copy(this.#bytes, index * 33);
	}
	equal(index, entry) {
		let at = index * 33;
		return mark(entry).equals(this.#bytes.subarray(at, at + 33));
	}
};
function mark(entry) {
	let bytes = Buffer.alloc(33);
	return entry === null || (bytes[0] = 1 + MODES.indexOf(entry.mode), bytes.write(entry.sha256, 1, "hex")), bytes;
}
function sourceUri(remote, commit) {
	return `git+${(remote === null ? null : withoutCredentials(remote)) ?? "local:"}@${commit}`;
}
// packages/record/src/step.ts
/** Puts together what is known before the command runs. The nonce is fresh, secrets are taken out. */
function draftStep(input) {
	let first = input.previous.length === 0 && input.source !== null, materials = input.materials.filter((material) => !(first && isSame(material, input.source))).map((material) => ({
		...material,
		annotations: {
			...material.annotations,
			from: material.annotations?.from ?? null
		}
	}));
	return {
		vouched: first ? [asSubject(input.source)] : [],
		statement: {
			subject: [],
			predicate: {
				chain: input.chain,
				step: {
					...input.step,
					nonce: randomBytes(16).toString("hex")
				},
				previous: input.previous,
				materials,
				invocation: {
					argv: input.argv === null ? null : input.redactor.argv(input.argv),
					exitCode: null,
					signal: null,
					error: null,
					startedAt: input.startedAt,
					finishedAt: input.startedAt,
					workingDirectory: input.workingDirectory === null ? null : input.redactor.text(input.workingDirectory),
					environment: input.environment
				},
				runner: input.runner,
				evidence: []
			}
		}
	};
}
/**
* The finished statement. Its subjects are the products; of a step that makes nothing, or that failed, its materials;
* of the first step of a run, its source besides. Throws `nothing-recorded` where all of these are empty, and what
* `writeStep` throws.
*/
function finishStep(draft, input) {
	let { predicate } = draft.statement, { outcome, aftermath } = input, made = aftermath.products.length > 0 ? aftermath.products : predicate.materials.map(asSubject), subject = [...draft.vouched, ...made];
	if (subject.length === 0) throw nothingRecorded(predicate.step.name, input);
	let statement = {
		subject,
		predicate: {
			...predicate,
			materials: [...predicate.materials, ...fetched(aftermath.dependencies, predicate.materials)],
			invocation: {
				...predicate.invocation,
				exitCode: outcome?.exitCode ?? null,
				signal: outcome?.signal ?? null,
				error: aftermath.error?.code ?? null,
				startedAt: outcome?.startedAt ?? predicate.invocation.startedAt,
				finishedAt: outcome?.finishedAt ?? input.finishedAt
			},
			evidence: input.evidence ?? []
		}
	};
	return {
		statement,
		payload: writeStep(statement)
	};
}
function nothingRecorded(step, { outcome, aftermath }) {
	let cause = aftermath.error ?? void 0;
	return outcome === null || outcome.exitCode === 0 && cause === void 0 ? new CodedError("nothing-recorded", `step ${step} received nothing and made nothing`, { cause }) : new CodedError("nothing-recorded", `step ${step} failed, and had received nothing`, {
		fix: "Run it inside a git checkout, or name --materials: a failure is recorded of what the step received.",
		cause
	});
}
/** What came in while the step ran, from outside, beside what it had received. */
function fetched(dependencies, materials) {
	let known = new Set(materials.filter(({ uri }) => uri === void 0).map(({ name }) => name));
	return dependencies.filter(({ name }) => !known.has(name)).map((one) => ({
		...one,
		annotations: {
			...one.annotations,
			from: null
		}
	}));
}
function isSame(a, b) {
	return a.name === b.name && a.uri === b.uri && a.digest.sha256 === b.digest.sha256;
}
// packages/record/src/tool-versions.ts
const ARGUMENTS = {
	go: ["version"],
	java: ["-version"],
	javac: ["-version"],
	kubectl: ["version", "--client"],
	helm: ["version", "--short"],
	openssl: ["version"]
};
/**
* First line of what each tool says its version is, all asked at once. A tool is found on `PATH` outside of `root`
* only. Throws `command-unstartable` for a tool that is not there or does not say.
*/
async function toolVersions(input) {
	let names = [...new Set(input.names)], versions = await Promise.all(names.map(async (name) => [name, await versionOf(name, input)]));
	return Object.fromEntries(versions);
}
async function versionOf(name, input) {
	if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(name)) throw new CodedError("usage", `${JSON.stringify(name.slice(0, 60))} is not the name of a tool`);
	let binary = findExecutable(name, input.environment, input.root);
	if (binary === null) throw new CodedError("command-unstartable", `tool ${name} is not on PATH (the workspace itself does not count)`);
	let options = {
		cwd: "/",
		env: {
			...commandEnvironment(input.environment, null),
			PATH: trustedPath(input.environment, input.root).join(delimiter)
		},
		timeout: 1e4,
		killSignal: "SIGKILL",
		maxBuffer: 1048576,
		windowsHide: !0
	}, args = Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : ["--version"], line = (await new Promise((done, fail) => {
		execFile(binary, [...args], options, (error, stdout, stderr) => {
			if (error === null) return done(stdout.trim() === "" ? stderr : stdout);
			fail(new CodedError("command-unstartable", `tool ${name} does not say its version`, { cause: error }));
		});
	})).split("\n").find((text) => text.trim() !== "") ?? "", clean = Array.from(input.redactor.fact(line), (c) => c < " " || c === "" ? " " : c).join("").trim();
	if (clean === "") throw new CodedError("command-unstartable", `tool ${name} does not say its version`);
	return clean.slice(0, 200).toWellFormed();
}
export { checkPattern as C, recheck as S, FORWARDED_SIGNALS as _, recheckSource as a, observeAfter as b, describeRunner as c, Redactor as d, RECORDED_NAMES as f, trustedPath as g, findExecutable as h, SOURCE_NAME as i, withoutCredentials as l, findCheckout as m, draftStep as n, sourceOf as o, recordedEnvironment as p, finishStep as r, sealStep as s, toolVersions as t, REDACTED as u, runCommand as v, observe as x, commandEnvironment as y };
