import { $ as CodedError, J as equal, W as isLiteral, X as utf8, Y as fromUtf8, Z as base64, _ as isHex, et as Findings, g as hex, h as fromHex, l as parsePublicKey, m as parseJson, p as canonicalJson, tt as reportOf$1, y as sha256 } from "./src.js";
import { a as rootsFor, i as anchoredOf, r as assemble$1, t as ownBasis } from "./gathering.js";
import { i as parseEvidence, n as writeEvidence, t as trustRootOf } from "./src6.js";
import { $ as succeeded, Bt as pae, Ct as PAYLOAD_TYPE, D as writeChainFile, E as parseChainFile, J as UNCLAIMED, M as isReceipt, P as isWithheld, Rt as linkDigest, X as isName, Y as isMatrixKey, Z as parseStep, _t as MAX_ATTACHED_BYTES, a as chainOfRun, bt as MAX_ARGUMENTS, ct as isReportType, dt as isTree, ft as parseStatement, gt as writeBundle, i as writeToken, j as isDisclosure, k as isBundle, lt as names, nt as isSealed, ot as sealedFields, r as parseToken, rt as isSealedField, tt as SEALED_FIELDS, w as MAX_CHAIN_BYTES, wt as STATEMENT_TYPE, xt as MAX_BUNDLE_BYTES$1 } from "./src3.js";
import { T as ANCHOR_KINDS, a as joinAnchorRoots, n as MAX_ANCHOR_TRUST_BYTES, r as NO_ANCHOR_ROOTS } from "./anchor.js";
import { D as readText, E as readBounded, O as takeAway, T as isNew, _ as chainFilesBeside, a as fetchChains, b as stepIn, d as readWitnessPolicy, f as underBaseline, g as carriersOf, k as writeWhole, l as readChainFiles, n as UNREACHABLE, o as knownRoots, p as withPolicy, r as believe, s as nativeCrypto, u as readContract, v as chainFor, w as NotThere, x as besides, y as isAboutOneOf } from "./evidence.js";
import { a as table, i as short$1, n as paintFor, o as times, r as plain, t as errorsText } from "./output.js";
import { C as MAX_REPORT_BYTES, T as identityText, b as require_dist, l as maySign, s as parseContract, u as otherContractsOf, w as parseReport } from "./certificate.js";
import { a as provenBy, i as existedBy } from "./trust-file.js";
import { c as httpFetch, i as identitySystemFor, s as tokensOf, t as accessByIdentity } from "./keyless.js";
import { C as gradeD, O as factsOf, a as handshake, c as standingRemarks, i as unknownVerdict, k as ancestry, l as Excusing, n as judgeSubject, o as readChainConcurrently, r as judge, s as openDisputes, t as receive, w as verifyStep } from "./src5.js";
import { C as parseCertificate, d as IDENTITY_FACTS, l as identityOf } from "./identity.js";
import { t as nodeCrypto } from "./crypto-node2.js";
import { C as checkPattern, S as recheck, a as recheckSource, b as observeAfter, c as describeRunner, d as Redactor, i as SOURCE_NAME, m as findCheckout, n as draftStep, o as sourceOf, p as recordedEnvironment, r as finishStep, s as sealStep, t as toolVersions, v as runCommand, x as observe } from "./src7.js";
import { _ as gatherStatements } from "./src2.js";
import { t as isKmsUri } from "./kms-uri.js";
import { c as reasonOf, i as hostOf, r as boundedBytes, t as addressIn } from "./http.js";
import { t as claimedCi } from "./ci-claimed.js";
import * as fs from "fs";
import { constants, promises } from "fs";
import * as os from "os";
import { EOL } from "os";
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";
import * as crypto from "crypto";
import { basename, dirname, isAbsolute, join, posix, relative, resolve } from "node:path";
import { appendFileSync, constants as constants$2, createReadStream, existsSync as existsSync$1, fstatSync, statSync, writeFileSync } from "node:fs";
import { open as open$1 } from "node:fs/promises";
import { constants as constants$3, homedir, tmpdir } from "node:os";
// node_modules/@actions/core/lib/utils.js
/**
* Sanitizes an input into a string so it can be passed into issueCommand safely
* @param input input to sanitize into a string
*/
function toCommandValue(input) {
	return input == null ? "" : typeof input == "string" || input instanceof String ? input : JSON.stringify(input);
}
/**
*
* @param annotationProperties
* @returns The command properties to send with the actual annotation command
* See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
*/
function toCommandProperties(annotationProperties) {
	return Object.keys(annotationProperties).length ? {
		title: annotationProperties.title,
		file: annotationProperties.file,
		line: annotationProperties.startLine,
		endLine: annotationProperties.endLine,
		col: annotationProperties.startColumn,
		endColumn: annotationProperties.endColumn
	} : {};
}
// node_modules/@actions/core/lib/command.js
/**
* Issues a command to the GitHub Actions runner
*
* @param command - The command name to issue
* @param properties - Additional properties for the command (key-value pairs)
* @param message - The message to include with the command
* @remarks
* This function outputs a specially formatted string to stdout that the Actions
* runner interprets as a command. These commands can control workflow behavior,
* set outputs, create annotations, mask values, and more.
*
* Command Format:
*   ::name key=value,key=value::message
*
* @example
* ```typescript
* // Issue a warning annotation
* issueCommand('warning', {}, 'This is a warning message');
* // Output: ::warning::This is a warning message
*
* // Set an environment variable
* issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
* // Output: ::set-env name=MY_VAR::some value
*
* // Add a secret mask
* issueCommand('add-mask', {}, 'secretValue123');
* // Output: ::add-mask::secretValue123
* ```
*
* @internal
* This is an internal utility function that powers the public API functions
* such as setSecret, warning, error, and exportVariable.
*/
function issueCommand(command, properties, message) {
	let cmd = new Command(command, properties, message);
	process.stdout.write(cmd.toString() + os.EOL);
}
var Command = class {
	constructor(command, properties, message) {
		command ||= "missing.command", this.command = command, this.properties = properties, this.message = message;
	}
	toString() {
		let cmdStr = "::" + this.command;
		if (this.properties && Object.keys(this.properties).length > 0) {
			cmdStr += " ";
			let first = !0;
			for (let key in this.properties) if (this.properties.hasOwnProperty(key)) {
				let val = this.properties[key];
				val && (first ? first = !1 : cmdStr += ",", cmdStr += `${key}=${escapeProperty(val)}`);
			}
		}
		return cmdStr += `::${escapeData(this.message)}`, cmdStr;
	}
};
function escapeData(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
function escapeProperty(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/:/g, "%3A").replace(/,/g, "%2C");
}
// node_modules/@actions/core/lib/file-command.js
function issueFileCommand(command, message) {
	let filePath = process.env[`GITHUB_${command}`];
	if (!filePath) throw Error(`Unable to find environment variable for file command ${command}`);
	if (!fs.existsSync(filePath)) throw Error(`Missing file at path: ${filePath}`);
	fs.appendFileSync(filePath, `${toCommandValue(message)}${os.EOL}`, { encoding: "utf8" });
}
function prepareKeyValueMessage(key, value) {
	let delimiter = `ghadelimiter_${crypto.randomUUID()}`, convertedValue = toCommandValue(value);
	if (key.includes(delimiter)) throw Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
	if (convertedValue.includes(delimiter)) throw Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
	return `${key}<<${delimiter}${os.EOL}${convertedValue}${os.EOL}${delimiter}`;
}
// node_modules/@actions/core/lib/summary.js
var __awaiter$1 = function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P ||= Promise)(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator.throw(value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
const { access, appendFile, writeFile } = promises, SUMMARY_ENV_VAR = "GITHUB_STEP_SUMMARY", summary = new class {
	constructor() {
		this._buffer = "";
	}
	/**
	* Finds the summary file path from the environment, rejects if env var is not found or file does not exist
	* Also checks r/w permissions.
	*
	* @returns step summary file path
	*/
	filePath() {
		return __awaiter$1(this, void 0, void 0, function* () {
			if (this._filePath) return this._filePath;
			let pathFromEnv = process.env[SUMMARY_ENV_VAR];
			if (!pathFromEnv) throw Error(`Unable to find environment variable for $${SUMMARY_ENV_VAR}. Check if your runtime environment supports job summaries.`);
			try {
				yield access(pathFromEnv, constants.R_OK | constants.W_OK);
			} catch {
				throw Error(`Unable to access summary file: '${pathFromEnv}'. Check if the file has correct read/write permissions.`);
			}
			return this._filePath = pathFromEnv, this._filePath;
		});
	}
	/**
	* Wraps content in an HTML tag, adding any HTML attributes
	*
	* @param {string} tag HTML tag to wrap
	* @param {string | null} content content within the tag
	* @param {[attribute: string]: string} attrs key-value list of HTML attributes to add
	*
	* @returns {string} content wrapped in HTML element
	*/
	wrap(tag, content, attrs = {}) {
		let htmlAttrs = Object.entries(attrs).map(([key, value]) => ` ${key}="${value}"`).join("");
		return content ? `<${tag}${htmlAttrs}>${content}</${tag}>` : `<${tag}${htmlAttrs}>`;
	}
	/**
	* Writes text in the buffer to the summary buffer file and empties buffer. Will append by default.
	*
	* @param {SummaryWriteOptions} [options] (optional) options for write operation
	*
	* @returns {Promise<Summary>} summary instance
	*/
	write(options) {
		return __awaiter$1(this, void 0, void 0, function* () {
			let overwrite = !!options?.overwrite, filePath = yield this.filePath();
			return yield (overwrite ? writeFile : appendFile)(filePath, this._buffer, { encoding: "utf8" }), this.emptyBuffer();
		});
	}
	/**
	* Clears the summary buffer and wipes the summary file
	*
	* @returns {Summary} summary instance
	*/
	clear() {
		return __awaiter$1(this, void 0, void 0, function* () {
			return this.emptyBuffer().write({ overwrite: !0 });
		});
	}
	/**
	* Returns the current summary buffer as a string
	*
	* @returns {string} string of summary buffer
	*/
	stringify() {
		return this._buffer;
	}
	/**
	* If the summary buffer is empty
	*
	* @returns {boolen} true if the buffer is empty
	*/
	isEmptyBuffer() {
		return this._buffer.length === 0;
	}
	/**
	* Resets the summary buffer without writing to summary file
	*
	* @returns {Summary} summary instance
	*/
	emptyBuffer() {
		return this._buffer = "", this;
	}
	/**
	* Adds raw text to the summary buffer
	*
	* @param {string} text content to add
	* @param {boolean} [addEOL=false] (optional) append an EOL to the raw text (default: false)
	*
	* @returns {Summary} summary instance
	*/
	addRaw(text, addEOL = !1) {
		return this._buffer += text, addEOL ? this.addEOL() : this;
	}
	/**
	* Adds the operating system-specific end-of-line marker to the buffer
	*
	* @returns {Summary} summary instance
	*/
	addEOL() {
		return this.addRaw(EOL);
	}
	/**
	* Adds an HTML codeblock to the summary buffer
	*
	* @param {string} code content to render within fenced code block
	* @param {string} lang (optional) language to syntax highlight code
	*
	* @returns {Summary} summary instance
	*/
	addCodeBlock(code, lang) {
		let attrs = Object.assign({}, lang && { lang }), element = this.wrap("pre", this.wrap("code", code), attrs);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML list to the summary buffer
	*
	* @param {string[]} items list of items to render
	* @param {boolean} [ordered=false] (optional) if the rendered list should be ordered or not (default: false)
	*
	* @returns {Summary} summary instance
	*/
	addList(items, ordered = !1) {
		let tag = ordered ? "ol" : "ul", listItems = items.map((item) => this.wrap("li", item)).join(""), element = this.wrap(tag, listItems);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML table to the summary buffer
	*
	* @param {SummaryTableCell[]} rows table rows
	*
	* @returns {Summary} summary instance
	*/
	addTable(rows) {
		let tableBody = rows.map((row) => {
			let cells = row.map((cell) => {
				if (typeof cell == "string") return this.wrap("td", cell);
				let { header, data, colspan, rowspan } = cell, tag = header ? "th" : "td", attrs = Object.assign(Object.assign({}, colspan && { colspan }), rowspan && { rowspan });
				return this.wrap(tag, data, attrs);
			}).join("");
			return this.wrap("tr", cells);
		}).join(""), element = this.wrap("table", tableBody);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds a collapsable HTML details element to the summary buffer
	*
	* @param {string} label text for the closed state
	* @param {string} content collapsable content
	*
	* @returns {Summary} summary instance
	*/
	addDetails(label, content) {
		let element = this.wrap("details", this.wrap("summary", label) + content);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML image tag to the summary buffer
	*
	* @param {string} src path to the image you to embed
	* @param {string} alt text description of the image
	* @param {SummaryImageOptions} options (optional) addition image attributes
	*
	* @returns {Summary} summary instance
	*/
	addImage(src, alt, options) {
		let { width, height } = options || {}, attrs = Object.assign(Object.assign({}, width && { width }), height && { height }), element = this.wrap("img", null, Object.assign({
			src,
			alt
		}, attrs));
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML section heading element
	*
	* @param {string} text heading text
	* @param {number | string} [level=1] (optional) the heading level, default: 1
	*
	* @returns {Summary} summary instance
	*/
	addHeading(text, level) {
		let tag = `h${level}`, allowedTag = [
			"h1",
			"h2",
			"h3",
			"h4",
			"h5",
			"h6"
		].includes(tag) ? tag : "h1", element = this.wrap(allowedTag, text);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML thematic break (<hr>) to the summary buffer
	*
	* @returns {Summary} summary instance
	*/
	addSeparator() {
		let element = this.wrap("hr", null);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML line break (<br>) to the summary buffer
	*
	* @returns {Summary} summary instance
	*/
	addBreak() {
		let element = this.wrap("br", null);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML blockquote to the summary buffer
	*
	* @param {string} text quote text
	* @param {string} cite (optional) citation url
	*
	* @returns {Summary} summary instance
	*/
	addQuote(text, cite) {
		let attrs = Object.assign({}, cite && { cite }), element = this.wrap("blockquote", text, attrs);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML anchor tag to the summary buffer
	*
	* @param {string} text link text/content
	* @param {string} href hyperlink
	*
	* @returns {Summary} summary instance
	*/
	addLink(text, href) {
		let element = this.wrap("a", text, { href });
		return this.addRaw(element).addEOL();
	}
}();
/**
* The code to exit an action
*/
var ExitCode;
(function(ExitCode) {
	/**
	* A code indicating that the action was a failure
	*/
	ExitCode[ExitCode.Success = 0] = "Success", ExitCode[ExitCode.Failure = 1] = "Failure";
})(ExitCode ||= {});
/**
* Sets env variable for this action and future actions in the job
* @param name the name of the variable to set
* @param val the value of the variable. Non-string values will be converted to a string via JSON.stringify
*/
function exportVariable(name, val) {
	let convertedVal = toCommandValue(val);
	if (process.env[name] = convertedVal, process.env.GITHUB_ENV) return issueFileCommand("ENV", prepareKeyValueMessage(name, val));
	issueCommand("set-env", { name }, convertedVal);
}
/**
* Sets the value of an output.
*
* @param     name     name of the output to set
* @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
*/
function setOutput(name, value) {
	if (process.env.GITHUB_OUTPUT) return issueFileCommand("OUTPUT", prepareKeyValueMessage(name, value));
	process.stdout.write(os.EOL), issueCommand("set-output", { name }, toCommandValue(value));
}
/**
* Adds an error issue
* @param message error issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function error(message, properties = {}) {
	issueCommand("error", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Adds a notice issue
* @param message notice issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function notice(message, properties = {}) {
	issueCommand("notice", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Saves state for current action, the state can only be retrieved by this action's post job execution.
*
* @param     name     name of the state to store
* @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
*/
function saveState(name, value) {
	if (process.env.GITHUB_STATE) return issueFileCommand("STATE", prepareKeyValueMessage(name, value));
	issueCommand("save-state", { name }, toCommandValue(value));
}
/**
* Gets the value of an state set by this action's main execution.
*
* @param     name     name of the state to get
* @returns   string
*/
function getState(name) {
	return process.env[`STATE_${name}`] || "";
}
// packages/cli/src/anchoring.ts
/** What `--require-anchors` demands: kinds that must all be there, or how many different ones. Throws `usage`. */
function anchorDemands(text) {
	if (text === void 0) return [];
	if (/^[1-4]$/.test(text)) return [{
		kinds: [],
		count: Number(text),
		within: null
	}];
	let kinds = text.split(",").map((name) => {
		let kind = ANCHOR_KINDS.find((one) => one === name);
		if (kind !== void 0) return kind;
		throw new CodedError("usage", `--require-anchors ${plain(text, 80)} is neither kinds of anchors nor their number`, { fix: `Name them with commas between: ${ANCHOR_KINDS.join(",")}; or how many different ones: 1 to 4.` });
	});
	if (new Set(kinds).size !== kinds.length) throw new CodedError("usage", "--require-anchors names a kind twice");
	return [{
		kinds,
		count: kinds.length,
		within: null
	}];
}
/** Whom to believe among anchors, by the files of `--anchor-trust`; null where none is named. */
async function readAnchorRootsFrom(context, files, crypto) {
	if (files === void 0) return null;
	let { parseAnchorTrust } = await import("./anchors2.js");
	return files.map((file) => parseAnchorTrust(readBounded(resolve(context.cwd, file), MAX_ANCHOR_TRUST_BYTES), crypto)).reduce(joinAnchorRoots, NO_ANCHOR_ROOTS);
}
// packages/cli/src/artifact.ts
/** SHA-256 of a file or a tree named on the command line, or the digest itself (`[sha256:]<64 hex>`). Throws `usage`. */
async function readArtifact(context, text) {
	mustBeNamed(text);
	let digest = text.replace(/^sha256:/, "");
	if (isHex(digest, 64) && !existsSync$1(resolve(context.cwd, text))) return {
		sha256: digest,
		path: null
	};
	let path = resolve(context.cwd, text);
	if (!existsSync$1(path)) throw new NotThere(`${text} is neither a file nor a sha256 digest`, { fix: "Name a file, a directory, or 64 hex digits." });
	let { observe } = await import("./src8.js"), tree = statSync(path).isDirectory(), [resource] = await observe({
		root: tree && basename(path) === "" ? path : dirname(path),
		patterns: [basename(path)]
	});
	return {
		sha256: resource.digest.sha256,
		path: text,
		tree
	};
}
/** An empty name would be the current directory: often a variable that is not set. Throws `usage`. */
function mustBeNamed(text) {
	if (text === "") throw new CodedError("usage", "the name of the artifact is empty", { fix: "Name a file, a directory, or 64 hex digits; see whether a variable of the script is not set." });
}
// packages/cli/src/assembling.ts
/** Evidence, unjudged, with the roots that this machine knows. Null where no line is about what is wanted. */
async function assemble(context, from) {
	let rootsOf = (contract) => knownRoots(context, contract, {});
	return assemble$1({
		...from,
		rootsOf,
		now: context.now()
	}, await nativeCrypto());
}
function ownContract(context, file) {
	let bytes = readBounded(resolve(context.cwd, file), 1 << 20), contract = parseContract(bytes);
	return {
		digest: contract.digest,
		bytes,
		contract
	};
}
// packages/cli/src/connection.ts
/**
* The server's client, null where none is set: chains work from files alone. Without an API token, `access` gives one;
* without that, the identity of this job does.
*/
async function clientOrNull(context, access) {
	let { url, allowHttp } = context.settings;
	if (url === null) return null;
	let token = context.settings.token ?? (access === void 0 ? await byIdentity(context) : given(access)), { createClient } = await import("./src4.js"), { nodeCrypto } = await import("./crypto-node.js");
	return createClient({
		url,
		token,
		crypto: nodeCrypto,
		allowHttp,
		fetch: httpFetch
	});
}
async function byIdentity(context) {
	let { accessByIdentity } = await import("./keyless2.js"), access = await accessByIdentity(context);
	if (access !== null) return access;
	throw new CodedError("token-missing", "COUNTERSIGN_URL is set, COUNTERSIGN_TOKEN is not", { fix: "Set COUNTERSIGN_TOKEN, or run in a CI system that the server takes identity tokens of: countersign identity" });
}
function given(access) {
	return async () => {
		let token = await access();
		if (token !== null) return token;
		throw new CodedError("token-missing", "COUNTERSIGN_URL is set, COUNTERSIGN_TOKEN is not");
	};
}
// packages/cli/src/anchors-shown.ts
/** A line for each anchor: of which kind, by whom, when, over what; under it what had to be believed for it. */
function anchorsText(anchored, paint) {
	let { statements, doubts, refused } = anchored, rows = statements.flatMap((statement) => {
		let { number } = statement.verified.statement, steps = coveredBy(anchored, statement.id).length, about = `statement ${number}, ${steps} ${steps === 1 ? "entry" : "entries"}`;
		return statement.proved.length === 0 ? [[
			paint.dim("·"),
			paint.dim("no anchor"),
			"",
			"",
			about
		]] : statement.proved.flatMap(({ kind, by, time, within, at, trusted }) => [[
			paint.green("✓"),
			kind,
			plain(by),
			timeText(time, within),
			`${about}, ${plain(at, 120)}`
		], ...trusted.map((sentence) => [
			"",
			"",
			"",
			"",
			paint.dim(plain(sentence, 400))
		])]);
	}), refusals = refused.map(({ part, kind, report }) => [
		paint.red("✗"),
		kind ?? part,
		paint.bold(report.code),
		"",
		plain(report.what, 400)
	]), warnings = doubts.map(({ what }) => `  ${paint.yellow("!")} ${plain(what, 400)}\n`);
	return `\n${table([...rows, ...refusals], "")}${warnings.join("")}`;
}
function timeText(time, within) {
	return time === null ? "no time" : within === 0 ? time : `${time} ± ${within} s`;
}
/** Links of the steps, and of what is withheld, that a statement covers. */
function coveredBy({ entries }, statement) {
	return [...entries].flatMap(([link, all]) => all.some((one) => one.statement.id === statement) ? [link] : []);
}
/** From when on a step is proven to have existed, by its earliest anchor; null where no anchor names a time. */
function provenFrom(anchored, link) {
	let by = provenBy(anchored?.entries.get(link) ?? []);
	return by === null ? null : new Date(by).toISOString();
}
/** What was proven from outside as data; null where nothing was brought forward. */
function anchorsJson(anchored) {
	return anchored === null ? null : {
		statements: anchored.statements.map((one) => {
			let { origin, number, size, start, end, time } = one.verified.statement;
			return {
				sha256: one.id,
				origin,
				number,
				size,
				start,
				end,
				time,
				covers: coveredBy(anchored, one.id),
				proved: one.proved.map((proved) => {
					let by = existedBy(one, proved);
					return {
						...proved,
						existedBy: by === null ? null : new Date(by).toISOString()
					};
				})
			};
		}),
		forked: anchored.forked,
		doubts: anchored.doubts,
		refused: anchored.refused
	};
}
// packages/cli/src/identity-shown.ts
/** `release (A)`. */
function signerText$1({ name, grade }) {
	return `${plain(name)} (${grade})`;
}
/** Who an authority says it was; empty for a bare key, of which only the enroller knows. */
function verifiedText({ identity, authority }) {
	return identity === null ? "" : `${plain(identityText(identity))}, by ${plain(authority ?? "")}`;
}
/** The claims of a step that nobody verified: the facts of its runner that its certificate does not hold. */
function claimedFacts({ runner }, { identity, certificate }) {
	let system = certificate?.system === runner.system ? [] : ["system"];
	if (runner.identity === null || isSealed(runner.identity)) return system;
	let unknown = Object.entries(runner.identity).filter(([, value]) => value !== null).filter(([fact]) => identity === null || identity[fact] === null);
	return [...system, ...unknown.map(([fact]) => fact)];
}
// packages/cli/src/reports.ts
/** What a report may be asked to be, beside its very type. */
const KINDS = {
	sbom: ["spdx", "cyclonedx"],
	vex: ["openvex", "cyclonedx-vex"],
	tests: ["junit", "test-result"],
	scan: [
		"sarif",
		"vulns",
		"cyclonedx"
	],
	provenance: ["slsa-provenance"],
	attestation: [
		"attestation",
		"slsa-provenance",
		"vsa",
		"test-result",
		"vulns",
		"link",
		"witness-collection",
		"npm-publish"
	]
}, TYPES = [
	"spdx",
	"cyclonedx",
	"cyclonedx-vex",
	"openvex",
	"sarif",
	"junit",
	"signature",
	...KINDS.attestation
];
/**
* Reads what `--evidence` names: `FILE`, whose type is found by what it holds; `KIND=FILE`, which must be of that kind; or
* `WORD=FILE` with a word of one's own, which is recorded by its digest alone. A report that names by digest what it is
* about must mean something that the step received or made. Throws `report-type`, `report-subject`, and what
* `parseReport` throws.
*/
async function readReports(context, given, resources) {
	let reports = [];
	for (let { kind, file } of given) {
		let own = kind !== null && !TYPES.includes(kind) && !Object.hasOwn(KINDS, kind);
		for (let { name, digest, mediaType } of await observe({
			root: context.cwd,
			patterns: [file]
		})) {
			if (own || isTree({
				digest,
				...mediaType === void 0 ? {} : { mediaType }
			})) {
				reports.push({
					ref: {
						name,
						digest,
						mediaType: `application/vnd.countersign.evidence.${kind ?? "tree"}`
					},
					content: null
				});
				continue;
			}
			let report = await reportOf(context, {
				name,
				content: readBounded(resolve(context.cwd, name), MAX_REPORT_BYTES),
				kind,
				resources
			});
			reports.push(report);
		}
	}
	return reports;
}
/** Throws `usage`. */
function reportsNamed(given = []) {
	return given.map(reportNamed);
}
function reportNamed(text) {
	let [kind, file] = [text.slice(0, Math.max(text.indexOf("="), 0)), text.slice(text.indexOf("=") + 1)];
	if (!text.includes("=")) return {
		kind: null,
		file: text
	};
	if (isReportType(kind) && file !== "") return {
		kind,
		file
	};
	throw new CodedError("usage", `--evidence ${plain(text, 60)} is neither FILE nor TYPE=FILE`, { fix: "For example: --evidence sbom.json, or --evidence sbom=sbom.json" });
}
/** What is recorded of a report. Throws `report-type`, `report-subject`, and what `parseReport` throws. */
async function reportOf(context, given) {
	let { name, content, kind, resources, uri, signer = null } = given, report;
	try {
		report = parseReport(content);
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError(cause.code, `${plain(name)}: ${cause.what}`, { cause }) : cause;
	}
	let asked = kind === null ? null : KINDS[kind] ?? [kind];
	if (asked !== null && !asked.includes(report.type)) throw new CodedError("report-type", `${plain(name)} is ${report.type}, and not ${kind}`);
	let notes = {
		about: report.type === "signature" && report.about.length === 0 && signer !== null ? [] : await aboutOf(context, name, report, resources),
		facts: report.facts,
		signer,
		size: content.length,
		type: report.type
	};
	return {
		ref: {
			name,
			digest: { sha256: hex(nodeCrypto.sha256(content)) },
			mediaType: report.mediaType,
			...uri === void 0 ? {} : { uri },
			annotations: notes
		},
		content: content.length > 0 && content.length <= MAX_ATTACHED_BYTES ? content : null
	};
}
/** What is signed and handed on of a report where it holds a secret of this environment (T-101): its digest, and no more. Told, where there is anybody to tell. */
function withoutSecrets(context, redactor, report) {
	let { ref, content } = report, told = Object.values(ref.annotations?.facts ?? {}).join("\n");
	if (!(content !== null && redactor.holds(Buffer.from(content).toString())) && !redactor.holds(told)) return report;
	context?.stderr(`${plain(ref.name, 80)} holds a secret of the environment: its digest is recorded, and nothing of it is handed on\n`);
	let { annotations: _, ...digest } = ref;
	return {
		ref: digest,
		content: null
	};
}
/** What of the step it is about, sorted. A statement is about something; what is no statement may be about the whole. */
async function aboutOf(context, name, { about, attestation }, resources) {
	let meant = (about.some((digests) => !Object.hasOwn(digests, "sha256")) ? await Promise.all(resources.map((one) => withSha512(context, one))) : resources).filter((one) => about.some((digests) => names(digests, one)));
	if (meant.length === 0 && (about.length > 0 || attestation !== null)) throw new CodedError("report-subject", `${plain(name)} is about nothing that the step received or made`);
	return [...new Set(meant.map(({ digest }) => digest.sha256))].toSorted();
}
/** npm names packages by SHA-512 alone. */
async function withSha512(context, resource) {
	if (isTree(resource) || resource.uri !== void 0 || resource.digest.sha512 !== void 0) return resource;
	let [sha256, sha512] = [createHash("sha256"), createHash("sha512")];
	try {
		for await (let part of createReadStream(resolve(context.cwd, resource.name))) sha256.update(part), sha512.update(part);
	} catch {
		return resource;
	}
	return sha256.digest("hex") === resource.digest.sha256 ? {
		...resource,
		digest: {
			...resource.digest,
			sha512: sha512.digest("hex")
		}
	} : resource;
}
/** The reports of a step; none where they are sealed. */
function reportsJson({ evidence }, attached, attested = []) {
	if (isSealed(evidence)) return [];
	let here = new Set(attached.flatMap(({ refs }) => refs.map(({ digest }) => digest.sha256))), standings = new Map(attested.map((one) => [one.ref, one]));
	return evidence.map((ref) => {
		let { name, digest, mediaType, annotations } = ref, { signer = null, facts = {}, about = [], size = null, type = null } = annotations ?? {}, standing = standings.get(ref);
		return {
			name,
			digest: `sha256:${digest.sha256}`,
			mediaType: mediaType ?? null,
			type,
			size,
			about: about.map((one) => `sha256:${one}`),
			facts,
			signer,
			checked: standing?.standing ?? (signer === null ? null : "word"),
			unchecked: standing?.fault?.code ?? null,
			attached: here.has(digest.sha256)
		};
	});
}
/** The same as rows of name, type and what it says. */
function reportRows(predicate, attached, attested = []) {
	return reportsJson(predicate, attached, attested).map((one) => {
		let told = Object.entries(one.facts).map(([name, fact]) => `${name} ${fact}`), signer = one.signer === null ? [] : [signedText(one.signer, one)], where = one.attached ? "attached" : `sha256:${short$1(one.digest.slice(7))}…`;
		return [
			one.name,
			one.type ?? "by digest",
			[
				...told,
				...signer,
				where
			].join(", ")
		];
	});
}
/** By whom, and who says so. */
function signedText(signer, { checked, unchecked }) {
	let who = signerText(signer);
	return checked === "here" ? `signed by ${who} (checked here)` : checked === "refused" ? `not signed by ${who}, as the step says (${unchecked})` : `signed by ${who}, on the importer's word${unchecked === null ? "" : ` (${unchecked})`}`;
}
function signerText(signer) {
	return "key" in signer ? `key ${short$1(signer.key)}` : `${signer.subject} (${signer.issuer})`;
}
/** Of the steps of a verdict. */
function judgedReports({ step, attached }, attested = []) {
	return reportsJson(step.statement.predicate, attached, attested);
}
// packages/cli/src/refused-shown.ts
/**
* Codes of what somebody else may believe, or of what is about that: a chain file goes on whole, to readers who believe
* different signers, logs and contracts.
*/
const FOR_OTHERS$1 = [
	"signer-unknown",
	"certificate-untrusted",
	"trust-missing",
	"receipt-invalid",
	"deviation-invalid",
	"deviation-expired"
], SHOWN = ["disclosure-mismatch", "report-mismatch"], UNTOLD$1 = /* @__PURE__ */ new Set([...FOR_OTHERS$1, ...SHOWN]);
/** Warns of lines that were handed over and do not verify, a line a code; '' where all that is left out is for others. */
function refusedText(refused, paint) {
	let lines = [...Map.groupBy(refused.filter(({ code }) => !UNTOLD$1.has(code)), ({ code }) => code)].map(([code, [first, ...more]]) => {
		let count = more.length === 0 ? "1 line" : `${more.length + 1} lines`, are = more.length === 0 ? "is" : "are";
		return `${paint.yellow("!")} ${count} of what was handed over ${are} not believed: ${code}: ${plain(first.what, 400)}\n`;
	});
	return lines.length === 0 ? "" : `\n${lines.join("")}`;
}
// packages/cli/src/remarks-shown.ts
const NO_REMARKS = {
	standing: [],
	unknown: 0
};
function remarksIn({ remarks, unknownRemarks, steps }) {
	return {
		standing: standingRemarks(remarks, (link) => {
			let step = steps.get(link);
			return step === void 0 ? [] : [step.signer, ...step.cosigners];
		}),
		unknown: unknownRemarks.length
	};
}
/** Notes below a verdict: what is disputed and open first, and marked. */
function remarksText({ standing, unknown }, paint) {
	if (standing.length + unknown === 0) return "";
	let open = new Set(openDisputes(standing)), rows = standing.toSorted((a, b) => Number(open.has(b.remark)) - Number(open.has(a.remark))).map((one) => {
		let { remark, signer } = one.remark;
		return [
			open.has(one.remark) ? paint.red("✗") : paint.dim("·"),
			wordOf(one),
			plain(signer.name),
			aboutText(remark),
			plain(remark.text, 400)
		];
	}), head = open.size === 0 ? "Signed notes:" : `Signed notes, ${open.size} open dispute${open.size === 1 ? "" : "s"}:`, others = unknown === 0 ? "" : `  ${paint.dim(`${unknown} by nobody who is believed here: countersign notes`)}\n`;
	return `\n${paint.dim(head)}\n${table(rows)}${others}`;
}
/** `dispute, open`, `note`, `dispute, resolved by 1a2b3c…`. */
function wordOf({ remark, supersededBy, fault }) {
	let { kind } = remark.remark;
	return fault === null ? supersededBy === null ? kind === "dispute" ? "dispute, open" : kind : `${kind}, superseded by ${short$1(supersededBy)}` : `${kind}, which does not count: ${plain(fault)}`;
}
function aboutText({ about }) {
	let [first] = about, more = about.length === 1 ? "" : ` and ${about.length - 1} more`;
	return `${first.kind} ${short$1(first.digest)}${more}`;
}
/** The same as data. */
function remarksJson({ standing, unknown }) {
	return {
		open: openDisputes(standing).length,
		unknown,
		items: standing.map(({ remark: { id, remark, signer, logged }, supersededBy, fault }) => ({
			id,
			...remark,
			signer,
			loggedAt: logged?.at ?? null,
			supersededBy,
			fault
		}))
	};
}
// packages/cli/src/sealed.ts
/** The sealed fields of a step with what is disclosed of them. `disclosed` opens its commitments already. */
function sealedJson(predicate, disclosed) {
	return sealedFields(predicate).map((field) => ({
		field,
		value: disclosed.find((one) => one.field === field)?.value ?? null
	}));
}
/** The same as rows of name and text. */
function sealedRows(predicate, disclosed) {
	return sealedFields(predicate).map((field) => {
		let one = disclosed.find((known) => known.field === field);
		return [field, one === void 0 ? "sealed" : `${valueText(one)} (disclosed)`];
	});
}
/** What a disclosure tells, on a line. */
function valueText(one) {
	switch (one.field) {
		case "argv": return one.value.join(" ");
		case "directory": return one.value;
		case "environment":
		case "tools": return membersText(one.value, "=");
		case "identity": return membersText(one.value, ": ");
		case "evidence": return one.value.map(({ name, digest }) => `${name} sha256:${short$1(digest.sha256)}…`).join(", ") || "none";
	}
}
function membersText(members, between) {
	return Object.entries(members).flatMap(([name, value]) => value === null ? [] : [`${name}${between}${value}`]).join(", ") || "none";
}
/** Fields as an option names them: each alone, or several with commas between. Throws `usage`. */
function fieldsNamed(option, given = []) {
	return given.flatMap((names) => names.split(",")).map((name) => {
		if (isSealedField(name)) return name;
		throw new CodedError("usage", `${option} ${plain(name, 60)} is no field that can be sealed`, { fix: `Name some of: ${SEALED_FIELDS.join(", ")}` });
	});
}
// packages/cli/src/step-shown.ts
/** `build`, `test (linux)`, `build #2`. */
function stepName({ statement }) {
	let { name, attempt, matrix } = statement.predicate.step;
	return `${name}${matrix === null ? "" : ` (${matrix})`}${attempt === 1 ? "" : ` #${attempt}`}`;
}
// packages/cli/src/verdict.ts
const EXIT = {
	pass: 0,
	fail: 1,
	unknown: 2
}, MARK$1 = {
	pass: "✓",
	fail: "✗",
	unknown: "?"
}, WORD = {
	verify: {
		pass: "VERIFIED",
		fail: "NOT VERIFIED",
		unknown: "UNKNOWN"
	},
	gate: {
		pass: "ALLOW",
		fail: "DENY",
		unknown: "UNKNOWN, which denies"
	}
};
/** Criteria first, then a line a step, then what speaks against it, then the verdict. */
function verdictText(context, command, name, verdict, believed, { trust, attested = [], remarks = NO_REMARKS } = {}) {
	let paint = paintFor(context), tint = {
		pass: paint.green,
		fail: paint.red,
		unknown: paint.yellow
	}[verdict.verdict], mark = (met) => met === null ? paint.yellow("?") : met ? paint.green("✓") : paint.red("✗"), text = table(verdict.criteria.map(({ name: criterion, met, detail }) => [
		mark(met),
		criterion,
		plain(detail)
	]), "");
	believed !== "" && (text += paint.dim(`  believing ${believed}\n`)), verdict.steps.length > 0 && (text += `\n${table(verdict.steps.map((judged) => [
		mark(judged.findings.length === 0),
		plain(stepName(judged.step)),
		signerText$1(judged.step.signer),
		plain(judged.step.statement.predicate.runner.system),
		short$1(judged.step.link),
		receiptsText(judged, paint)
	]), "")}`), text += identitiesText(verdict, paint), verdict.anchored !== null && (text += anchorsText(verdict.anchored, paint)), text += sealedText(verdict, paint), text += reportsText(verdict, attested, paint), verdict.findings.length > 0 && (text += `\n${errorsText(verdict.findings, paint)}`);
	let refused = verdict.refused.filter(({ code }) => code !== "disclosure-mismatch" && code !== "report-mismatch");
	if (verdict.verdict === "pass") {
		let anchors = new Set(verdict.anchored?.refused.map(({ report }) => report));
		text += refusedText(refused.filter((report) => !anchors.has(report)), paint);
	} else refused.length > 0 && (text += `\nDid not verify, and so did not count:\n${linesOf(refused)}`);
	text += deviationsText(verdict, paint), text += remarksText(remarks, paint);
	let limits = verdict.verdict === "pass" ? limitOf(verdict, trust) : "", word = `${MARK$1[verdict.verdict]} ${limits === OWN_KEYS ? "VERIFIED" : WORD[command][verdict.verdict]}${limits}`, digest = verdict.artifact === null || name.endsWith(verdict.artifact) ? "" : `  ${paint.dim(`sha256:${short$1(verdict.artifact)}…`)}`;
	return text += `\n${(limits === "" ? tint : paint.yellow)(word)}  ${plain(name)}${digest}\n`, verdict.unjudgedContract !== null && (text += unjudgedText(verdict.unjudgedContract, paint)), verdict.upTo !== null && verdict.verdict === "pass" && (text += upToText(paint)), trust?.from === "evidence" && (text += cautionText(trust.root, paint)), text;
}
const OWN_KEYS = ", BUT ONLY UNDER ITS OWN KEYS";
/** Why a verdict that passes is worth less than the word says. */
function limitOf({ deviations, upTo, unjudgedContract }, trust) {
	if (trust?.from === "evidence") return OWN_KEYS;
	let far = upTo === null ? "" : `, AS FAR AS ${plain(upTo)}`;
	return deviations.length > 0 ? `${far}, BY DEVIATION` : unjudgedContract === null ? far : ", BUT NOT BY ITS CONTRACT";
}
/** A line each; what is said of several alike, such as receipts of one log, once. */
function linesOf(refused) {
	return [...Map.groupBy(refused, ({ code, what }) => `  ${code}: ${plain(what)}`)].map(([line, { length }]) => `${line}${times(length)}\n`).join("");
}
function receiptsText({ countersigners, unjudged }, paint) {
	return countersigners.length > 0 ? `countersigned by ${countersigners.map((c) => plain(c)).join(", ")}` : unjudged.length === 0 ? paint.dim("no receipt") : paint.dim(`receipt of ${unjudged.map((log) => plain(log)).join(", ")}, not judged`);
}
/** What the contract refuses and was let through. */
function deviationsText({ deviations }, paint) {
	return deviations.map(({ deviation: { deviation, by, id }, findings }) => {
		let head = `\n${paint.yellow("!")} let through by deviation ${short$1(id)}, ${by.map((one) => plain(one)).join(", ")}, until ${deviation.expiresAt}\n`, rows = findings.map(({ code, what }) => [paint.bold(code), plain(what, 400)]);
		return `${head}${table([[paint.dim("reason"), plain(deviation.reason, 400)], ...rows])}`;
	}).join("");
}
/** Whom authorities vouch for, a line a step; what a step alone says is not told here. */
function identitiesText({ steps }, paint) {
	let rows = steps.flatMap(({ step }) => {
		let verified = verifiedText(step.signer);
		return verified === "" ? [] : [[plain(stepName(step)), verified]];
	});
	return rows.length === 0 ? "" : `\n${paint.dim("Identities, verified:")}\n${table(rows)}`;
}
/** What is told of sealed fields, and what is not; and what was said to be in them and is not. */
function sealedText({ steps, refused }, paint) {
	let rows = steps.flatMap(({ step, disclosed }) => sealedRows(step.statement.predicate, disclosed.map(({ disclosure }) => disclosure)).map(([field, told]) => [
		plain(stepName(step)),
		field,
		plain(told, 400)
	])), lines = refused.filter(({ code }) => code === "disclosure-mismatch").map(({ code, what }) => `${paint.yellow("!")} ${code}: ${plain(what)}\n`);
	return `${rows.length === 0 ? "" : `\n${table(rows)}`}${lines.length === 0 ? "" : `\n${lines.join("")}`}`;
}
/** The reports of the steps: what was signed of them; and what lies beside a step and is none of its. */
function reportsText({ steps, refused }, attested, paint) {
	let rows = steps.flatMap(({ step, attached }, i) => reportRows(step.statement.predicate, attached, attested[i]).map(([name, type, told]) => [
		plain(stepName(step)),
		type,
		plain(name, 60),
		plain(told, 400)
	])), lines = refused.filter(({ code }) => code === "report-mismatch").map(({ code, what }) => `${paint.yellow("!")} ${code}: ${plain(what)}\n`), head = `\n${paint.dim("Reports, as the steps signed them:")}\n`;
	return `${rows.length === 0 ? "" : `${head}${table(rows)}`}${lines.length === 0 ? "" : `\n${lines.join("")}`}`;
}
/** What somebody must know who judges a run by less than those agreed to who made it. */
function unjudgedText(contract, paint) {
	return `${paint.yellow("!")} The run is bound to a contract, which says who may do what, in which order, from what. Judge by it:
  countersign contract show ${contract} > contract.yaml, and --contract contract.yaml
`;
}
function upToText(paint) {
	return `${paint.yellow("!")} The final step of its contract has not vouched for it yet: a gate denies it.\n`;
}
/** What somebody must know who believed keys out of the very file that they are to prove. */
function cautionText(root, paint) {
	return `${paint.yellow("!")} Whoever made the evidence chose whom it asks you to believe: trust root
  sha256:${root}
  Pin it where you got that digest another way (--trust-root sha256:…), or name whom you believe (--contract, --trust).
`;
}
/** The verdict as data; the shape is part of the command's contract with scripts. */
function verdictJson(command, verdict, believed, { trust, attested = [], remarks = NO_REMARKS } = {}) {
	return {
		command,
		verdict: verdict.verdict,
		artifact: verdict.artifact === null ? null : `sha256:${verdict.artifact}`,
		believed,
		...trust === void 0 ? {} : { trust: {
			from: trust.from,
			root: `sha256:${trust.root}`
		} },
		criteria: verdict.criteria,
		steps: verdict.steps.map((judged, i) => {
			let { step, countersigners, unjudged, disclosed, findings } = judged, { chain, step: ref, runner, invocation, previous } = step.statement.predicate;
			return {
				link: step.link,
				chain: chain.id,
				pipeline: chain.pipeline,
				name: ref.name,
				attempt: ref.attempt,
				matrix: ref.matrix,
				signer: step.signer,
				cosigners: step.cosigners,
				system: runner.system,
				claimed: claimedFacts(step.statement.predicate, step.signer),
				startedAt: invocation.startedAt,
				finishedAt: invocation.finishedAt,
				previous: previous.map(({ link }) => link),
				subject: step.statement.subject.map(({ name, digest }) => ({
					name,
					digest
				})),
				countersigners,
				unjudged,
				provenFrom: provenFrom(verdict.anchored, step.link),
				sealed: sealedJson(step.statement.predicate, disclosed.map(({ disclosure }) => disclosure)),
				evidence: judgedReports(judged, attested[i]),
				findings
			};
		}),
		anchors: anchorsJson(verdict.anchored),
		deviations: verdict.deviations.map(({ deviation: { deviation, by, id }, findings }) => ({
			id,
			by,
			...deviation,
			findings
		})),
		notes: remarksJson(remarks),
		upTo: verdict.upTo,
		unjudgedContract: verdict.unjudgedContract === null ? null : `sha256:${verdict.unjudgedContract}`,
		edges: verdict.edges,
		findings: verdict.findings,
		refused: verdict.refused
	};
}
// packages/cli/src/attesting.ts
/** The verdict, with what others attested of its steps verified again where it lies beside them. */
async function withAttested(context, options, verdict, artifact) {
	if (!verdict.steps.some(({ step: { statement }, disclosed }) => {
		let { evidence } = statement.predicate;
		return isSealed(evidence) ? disclosed.length > 0 : evidence.some(({ annotations }) => annotations?.signer != null);
	})) return {
		verdict,
		attested: verdict.steps.map(() => [])
	};
	let [{ judgeAttested }, { readAttesterTrust }, { nativeCrypto }] = await Promise.all([
		import("./foreign2.js"),
		import("./attester-trust.js"),
		import("./evidence2.js")
	]);
	return judgeAttested(verdict, await readAttesterTrust(context, options, artifact), await nativeCrypto());
}
// packages/cli/src/commands/verify-evidence.ts
/** The verdict on an artifact, or on what the evidence is about. */
async function judgeEvidence(...given) {
	return (await judgeEvidenceTold(...given)).verdict;
}
/** {@link judgeEvidence}, and what the evidence has of what is said about it. */
async function judgeEvidenceTold(evidence, artifact, { trust: believed, anchors, contracts }, more) {
	let { subject, lines } = evidence, crypto = await nativeCrypto(), trust = withPolicy(believed, more.witnessed ?? null), chain = await readChainConcurrently(lines, trust, crypto, more.now), anchored = await anchoredOf(chain, evidence, trust, anchors, crypto), input = {
		runs: subject.chains,
		chain,
		contracts,
		anchored,
		...more
	}, remarks = remarksIn(chain);
	if (artifact === null) return {
		verdict: judgeSubject({
			...input,
			artifact: subject.artifact
		}),
		remarks
	};
	let { sha256, tree } = artifact, own = {
		...input,
		artifact: sha256,
		...tree === void 0 ? {} : { tree }
	};
	return {
		verdict: judgeSubject(own),
		remarks
	};
}
// packages/cli/src/commands/evidence-export.ts
/**
* Writes all that proves an artifact or a run into one file, judged first by nothing but that file. What does not
* verify is written as well: an auditor needs to see that it does not.
*/
async function evidenceExport(context, what, options) {
	let subject = await subjectOf(context, what), files = filesFor(context, what, options), { evidence, believed, missing } = await gather$1(context, what, subject, options), bytes = writeEvidence(evidence), read = parseEvidence(bytes), artifact = "artifact" in subject ? subject.artifact : null, basis = {
		...ownBasis(read),
		believed: believed.from,
		source: {
			from: "caller",
			root: trustRootOf(read)
		}
	}, verdict = await judgeEvidence(read, artifact, basis, { now: context.now() });
	await writeWhole(files.out, bytes), files.html !== null && await writeWhole(files.html, await pageFor(bytes));
	let written = {
		...files,
		bytes: bytes.length,
		trustRoot: basis.source.root,
		missing
	};
	return options.format === "json" ? context.stdout(`${JSON.stringify(exportJson(read, verdict, believed, written))}\n`) : (context.stdout(verdictText(context, "verify", what, verdict, believed.from)), context.stdout(writtenText(context, read, written))), EXIT[verdict.verdict];
}
async function subjectOf(context, what) {
	return isHex(what, 32) && !existsSync$1(resolve(context.cwd, what)) ? { chain: what } : { artifact: await readArtifact(context, what) };
}
/** Where to write. Never over what the evidence is of. */
function filesFor(context, what, { out, html }) {
	let at = (file) => resolve(context.cwd, file), name = `${what.replace(/^sha256:/, "").replace(/\/+$/, "")}.evidence.json`, files = {
		out: at(out ?? name),
		html: html === void 0 ? null : at(html)
	};
	if ([at(what), ...files.html === null ? [] : [files.html]].includes(files.out) || files.html === at(what)) throw new CodedError("usage", "evidence, page and artifact need a file each");
	return files;
}
async function gather$1(context, what, subject, options) {
	let client = options.offline === !0 ? null : await clientOrNull(context), file = options.contract ?? context.settings.contract, own = file === null ? null : ownContract(context, file);
	try {
		let believed = await believe(context, own?.contract ?? null, options, client), assembled = await assemble(context, {
			wanted: "chain" in subject ? subject : { artifact: subject.artifact.sha256 },
			lines: await linesFor(context, subject, options, client),
			own,
			believed,
			anchorRoots: await readAnchorRootsFrom(context, options.anchorTrust, await nativeCrypto()),
			client
		});
		if (assembled === null) throw new CodedError("evidence-unavailable", `nothing is known of ${what}`);
		return {
			...assembled,
			believed
		};
	} catch (error) {
		throw !(error instanceof CodedError) || !UNREACHABLE.has(error.code) ? error : new CodedError("evidence-unavailable", `${error.code}: ${error.what}`, { cause: error });
	}
}
/** The lines within reach, as `verify` finds them: of files, and where these have none, of the server. */
async function linesFor(context, subject, { chain, notes }, client) {
	let told = { notes: notes !== !1 };
	if ("chain" in subject) {
		let local = readChainFiles(context, chain ?? [], []);
		return local.length > 0 || client === null ? local : fetchChains(client, [], [subject.chain], told);
	}
	let { sha256: digest, path } = subject.artifact, local = readChainFiles(context, chain ?? [], path === null ? [] : [path]);
	return local.length > 0 || client === null ? local : fetchChains(client, [digest], [], told);
}
async function pageFor(evidence) {
	let [{ pageOf }, bundle] = await Promise.all([import("./src9.js"), import("@countersign/evidence-page/bundle")]);
	return pageOf(evidence, bundle);
}
function exportJson(evidence, verdict, believed, written) {
	return {
		...verdictJson("verify", verdict, believed.from),
		evidence: {
			file: written.out,
			html: written.html,
			bytes: written.bytes,
			trustRoot: `sha256:${written.trustRoot}`,
			chains: evidence.subject.chains,
			lines: evidence.lines.length,
			statements: evidence.statements.map(({ origin, number }) => ({
				origin,
				number
			})),
			anchors: evidence.anchors.map(({ kind }) => kind),
			disclosed: evidence.lines.filter(isDisclosure).length,
			contracts: evidence.contracts.map(({ digest }) => digest),
			missingContracts: written.missing
		}
	};
}
function writtenText(context, { lines, statements, anchors }, { out, html, bytes, trustRoot, missing }) {
	let paint = paintFor(context), steps = lines.filter(isBundle).length, receipts = lines.filter(isReceipt).length, withheld = lines.filter(isWithheld).length, parts = [
		count(steps, "step"),
		count(receipts, "receipt"),
		...withheld === 0 ? [] : [`${withheld} withheld`],
		...statements.length === 0 ? [] : [count(statements.length, "statement"), count(anchors.length, "anchor")]
	], told = lines.filter(isDisclosure).length, shown = (file) => plain(join(".", file.startsWith(`${context.cwd}/`) ? file.slice(context.cwd.length + 1) : basename(file)));
	return [
		...missing.map((digest) => `${paint.yellow("!")} the run is bound to contract ${digest.slice(0, 12)}, which is not in the file: give it with --contract\n`),
		told === 0 ? "" : `${paint.yellow("!")} it tells ${count(told, "sealed value")}: for others, export it from a copy made with countersign withhold --field\n`,
		`${paint.bold(shown(out))}  ${paint.dim(`${parts.join(", ")}, ${bytes.toLocaleString("en-US")} bytes`)}\n`,
		html === null ? "" : `${paint.bold(shown(html))}  ${paint.dim("the same as a page that verifies itself")}\n`,
		`  ${paint.dim("trust root")}  sha256:${trustRoot}\n`
	].join("");
}
function count(number, what) {
	return `${number} ${what}${number === 1 ? "" : "s"}`;
}
// packages/cli/src/gathering.ts
/** Where a server may not be asked, or is older than a question, nothing is said. */
const UNTOLD = /* @__PURE__ */ new Set([
	"token-scope",
	"token-missing",
	"not-found",
	"method-unknown"
]);
/** Runs that lines are of, the last first: chain ids as the lines say, verified or not. */
function runsIn(lines) {
	let ids = lines.flatMap((line) => isBundle(line) ? runOf(line.envelope.payload) ?? [] : []);
	return [...new Set(ids.toReversed())];
}
/**
* What the server has of the runs that files are of: another step in the place of one of them, later attempts, receipts,
* disputes. Nothing where it may not be asked: then the files are all that there is.
*/
async function runsAtServer(client, local, told) {
	try {
		return await fetchChains(client, [], runsIn(local), told);
	} catch (error) {
		if (error instanceof CodedError && UNTOLD.has(error.code)) return [];
		throw error;
	}
}
function runOf(payload) {
	try {
		return parseStep(payload).predicate.chain.id;
	} catch (error) {
		if (error instanceof CodedError) return null;
		throw error;
	}
}
// packages/cli/src/bound-contract.ts
/**
* The contract of this digest that a run is bound to, as the server has it; null where it has it not, or may not tell.
* Throws `baseline-unmet`, and what asking the server throws.
*/
async function boundContract(context, client, digest, baseline) {
	try {
		return underBaseline(context, parseContract(await client.contractByDigest(digest)), baseline);
	} catch (error) {
		if (error instanceof CodedError && UNTOLD.has(error.code)) return null;
		throw error;
	}
}
// packages/cli/src/in-force.ts
/**
* A verdict under a contract that the server has published a later revision of is none: whoever brings an older one forward
* may want what the newer one was made to stop (T-99). Where the server does not answer, the verdict stands.
*/
async function heldInForce(client, contract, verdict) {
	let newest = await newestRevision(client, contract.pipeline);
	if (newest === null || newest <= contract.revision) return verdict;
	let what = `revision ${newest} of ${contract.pipeline} is in force at the server, and this is revision ${contract.revision}`, report = new CodedError("contract-superseded", what, { fix: "Take the one in force (countersign contract show PIPELINE); to judge what was built under this one then: --offline." }).report(), criteria = [...verdict.criteria, {
		name: "in force",
		met: !1,
		detail: what
	}];
	return {
		...verdict,
		verdict: "fail",
		criteria,
		findings: [report, ...verdict.findings]
	};
}
/** The same of a verdict under the contract that its run is bound to: what was built under that then stands, and is told. */
async function toldInForce(client, contract, verdict) {
	let newest = await newestRevision(client, contract.pipeline);
	if (newest === null || newest <= contract.revision) return verdict;
	let detail = `revision ${newest} of ${contract.pipeline} is, and judges no run of before; this one is bound to revision ${contract.revision}`;
	return {
		...verdict,
		criteria: [...verdict.criteria, {
			name: "in force",
			met: !0,
			detail
		}]
	};
}
async function newestRevision(client, pipeline) {
	try {
		let { items } = await client.contracts(pipeline);
		return items.reduce((highest, { revision }) => Math.max(highest ?? 0, revision), null);
	} catch (error) {
		if (error instanceof CodedError && (UNREACHABLE.has(error.code) || UNTOLD.has(error.code))) return null;
		throw error;
	}
}
/**
* The other pipelines that materials are to come from: their contracts, from files or the server, and what verifies of their
* chains under each one's own trust. What is not within reach is left out, and then nothing is proven by it.
*/
async function readOthers(context, input) {
	let others = /* @__PURE__ */ new Map(), named = new Map(input.files.map((file) => {
		let contract = readContract(context, file);
		return [contract.digest, contract];
	})), { sigstoreTrust = [], revoked } = input.options, trusted = {
		sigstoreTrust: [],
		trustedRoots: sigstoreTrust.map((file) => readBounded(resolve(context.cwd, file), 4e6)),
		...revoked === void 0 ? {} : { revoked }
	}, open = [input];
	for (let next = open.pop(); next !== void 0; next = open.pop()) for (let [digest, artifacts] of wantedOf(next)) {
		if (others.has(digest)) continue;
		if (others.size === 16) throw new CodedError("usage", "materials come from more than 16 pipelines");
		let contract = named.get(digest) ?? await fetched$1(input.client, digest);
		if (contract === null) continue;
		let { trust } = await believe(context, contract, trusted, input.client), remote = input.client === null ? [] : await fetchChains(input.client, artifacts.slice(0, 100), []), lines = [...input.local, ...remote], chain = await readChainConcurrently(lines, trust, await nativeCrypto(), context.now());
		others.set(digest, {
			contract,
			chain
		}), open.push({
			contract,
			chain
		});
	}
	return others;
}
/** Digests of contracts, with what is to be proven under each. */
function wantedOf({ contract, chain }) {
	let wanted = /* @__PURE__ */ new Map();
	for (let { statement } of chain.steps.values()) {
		let { step, materials } = statement.predicate, rule = contract?.steps.get(step.name);
		if (rule !== void 0) for (let material of materials) for (let digest of otherContractsOf(rule, material) ?? []) wanted.set(digest, [...wanted.get(digest) ?? [], material.digest.sha256]);
	}
	return wanted;
}
/** By its digest, so that it does not matter who has it. */
async function fetched$1(client, digest) {
	if (client === null) return null;
	try {
		let contract = parseContract(await client.contractByDigest(digest));
		return contract.digest === digest ? contract : null;
	} catch (error) {
		if (error instanceof CodedError && error.code === "not-found") return null;
		throw error;
	}
}
// packages/cli/src/reach.ts
/**
* The verdict over all evidence within reach; `unknown` when the only place it could be did not answer. Where neither a
* contract nor keys are named, it is by the contract that the run is bound to, if the server has that: as far as the
* artifact has come.
*/
async function reach(context, artifact, contract, options) {
	let local = readChainFiles(context, options.chain ?? [], artifact.path === null ? [] : [artifact.path]), client = options.offline === !0 ? null : await clientOrNull(context);
	if (local.length === 0 && client === null) return unreached(artifact, nowhere(context));
	let judging = {
		artifact,
		options,
		local,
		client
	};
	try {
		let judged = await judgeBy(context, contract, judging);
		if (contract !== null && client !== null) judged = {
			...judged,
			verdict: await heldInForce(client, contract, judged.verdict)
		};
		else if (client !== null && options.trust === void 0) {
			let { unjudgedContract: digest } = judged.verdict, bound = digest === null ? null : await boundContract(context, client, digest, options.baseline);
			bound !== null && (judged = await judgeBy(context, bound, {
				...judging,
				before: judged
			}), judged = {
				...judged,
				verdict: await toldInForce(client, bound, judged.verdict)
			});
		}
		let { verdict, believed, chain } = judged;
		return {
			...await withAttested(context, options, verdict, artifact),
			believed,
			remarks: remarksIn(chain)
		};
	} catch (error) {
		if (!(error instanceof CodedError) || !UNREACHABLE.has(error.code)) throw error;
		return unreached(artifact, new CodedError("evidence-unavailable", `${error.code}: ${error.what}`));
	}
}
function unreached({ sha256 }, error) {
	return {
		verdict: unknownVerdict(sha256, error.report()),
		attested: [],
		believed: "",
		remarks: NO_REMARKS
	};
}
function nowhere({ settings }) {
	let [asked, online] = settings.url === null ? ["set", "set COUNTERSIGN_URL"] : ["asked (--offline)", "leave out --offline"], what = `there is no chain file beside the artifact, and no server is ${asked}`;
	return new CodedError("evidence-unavailable", what, { fix: `Bring its chain file along, name one with --chain FILE, or ${online}.` });
}
async function judgeBy(context, contract, judging) {
	let { artifact, options, local, client, before } = judging, crypto = await nativeCrypto(), demands = anchorDemands(options.requireAnchors), witnessed = readWitnessPolicy(context, options.witnessPolicy, crypto), roots = await readAnchorRootsFrom(context, options.anchorTrust, crypto), belief = await believe(context, contract, options, client), trust = withPolicy(withLogs(belief.trust, before?.trust ?? null), witnessed), believed = before === void 0 ? belief.from : `${belief.from} that the run is bound to`, remote = before?.remote ?? await fetched(client, artifact, local, belief), chain = await readChainConcurrently([...local, ...remote], trust, crypto, context.now()), others = await readOthers(context, {
		contract,
		chain,
		local,
		files: options.otherContract ?? [],
		options,
		client
	}), anchored = null;
	if (client !== null && (demands.length > 0 || contract?.anchored != null)) {
		let outside = await gatherStatements(client, chainsIn(chain)), served = before !== void 0 || belief.chosenBy === "server", own = await rootsFor(roots, outside.anchors, served, crypto);
		anchored = await anchoredOf(chain, outside, trust, own, crypto);
		let named = own.ethereum.length > 0 || own.opentimestamps !== null;
		served && roots === null && named && (believed += ", and the blocks that it says are final");
	}
	let { sha256, tree } = artifact, allowWithheld = options.allowWithheld === !0, unfinished = before !== void 0, input = {
		contract,
		now: context.now(),
		allowWithheld,
		anchored,
		demands,
		others,
		witnessed,
		unfinished
	};
	return {
		verdict: judge({
			artifact: sha256,
			chain,
			...input,
			...tree === void 0 ? {} : { tree }
		}),
		believed,
		trust,
		chain,
		remote
	};
}
/** Whoever believes a server what the contract is, believes its log, where the contract names none. */
function withLogs(trust, before) {
	return before === null || trust.countersigners.length > 0 ? trust : {
		...trust,
		countersigners: before.countersigners
	};
}
async function fetched(client, { sha256 }, local, { lessened }) {
	return client === null ? [] : local.length === 0 || lessened ? await fetchChains(client, [sha256], runsIn(local), { notes: !0 }) : await runsAtServer(client, local, { notes: !0 });
}
/** Runs that the steps are of: as many as are asked about at once. */
function chainsIn({ steps }) {
	return [...new Set([...steps.values()].map(({ statement }) => statement.predicate.chain.id))].slice(0, 20);
}
// packages/sign/src/sign-statement.ts
/**
* Signs the payload bytes of a statement into a bundle, and verifies what came back before anybody sees it: a
* KMS may answer with another key version, memory may fail (T-68). Throws `sign-failed`, the signer's own
* coded errors, `input-too-large` for a bundle nobody would read, and what `parseStatement` throws.
*/
async function signStatement(payload, signer, crypto) {
	let owned = new Uint8Array(payload);
	parseStatement(owned);
	let signed = pae(PAYLOAD_TYPE, owned), signature = await signatureOf(signer, signed);
	if (!crypto.verify(signer.publicKey, signed, signature)) throw new CodedError("sign-failed", `the signature just made does not verify under key ${short(signer)}`);
	let envelope = {
		payloadType: PAYLOAD_TYPE,
		payload: owned,
		signature,
		keyid: null
	}, bundle = {
		key: signer.key,
		tlogEntries: [],
		timestamps: [],
		envelope
	}, size = writeBundle(bundle).length;
	if (size > 8388608) throw new CodedError("input-too-large", `the attestation has ${size} bytes, at most ${MAX_BUNDLE_BYTES$1} are read`);
	return bundle;
}
async function signatureOf(signer, signed) {
	try {
		return new Uint8Array(await signer.sign(new Uint8Array(signed)));
	} catch (cause) {
		throw cause instanceof CodedError ? cause : new CodedError("sign-failed", `key ${short(signer)} did not sign`, { cause });
	}
}
function short(signer) {
	return signer.publicKey.keyId.slice(0, 16);
}
// packages/verify/src/slsa/provenance.ts
/** Predicate type of SLSA provenance (slsa.dev/spec/v1.2/build-provenance). */
const CHAIN = "https://countersign.dev/chains/", MAX_NAMED = 1e4;
/**
* What a chain says of its artifact, in the words of SLSA: payload bytes of a statement, to be signed. All of it comes from
* steps that verified; who built is whom the signature of the step that made the artifact names, and nothing that a step
* alone claims. Throws `artifact-unproven` for a verdict that is no pass, and
* where no step made the artifact.
*/
function slsaProvenance({ verdict, version }) {
	let { made, subject } = madeBy(verdict), steps = verdict.steps.map(({ step }) => step), { chain } = made.statement.predicate, times = steps.map(({ statement }) => statement.predicate.invocation), [started] = times.map(({ startedAt }) => startedAt).toSorted(), finished = times.map(({ finishedAt }) => finishedAt).toSorted().at(-1);
	return canonicalJson({
		_type: STATEMENT_TYPE,
		subject: [subject],
		predicateType: "https://slsa.dev/provenance/v1",
		predicate: {
			buildDefinition: {
				buildType: "https://countersign.dev/buildtypes/chain/v1",
				externalParameters: {
					pipeline: chain.pipeline,
					contract: chain.contract,
					...workflowOf$1(made)
				},
				internalParameters: {
					chain: chain.id,
					steps: steps.slice(0, MAX_NAMED).map(parametersOf)
				},
				resolvedDependencies: dependenciesOf(steps)
			},
			runDetails: {
				builder: {
					id: builderUri(made.signer.identity, made.signer.keyId),
					version: { countersign: version }
				},
				metadata: {
					invocationId: made.signer.identity?.runInvocationURI ?? `${CHAIN}${chain.id}`,
					startedOn: started,
					finishedOn: finished
				},
				byproducts: steps.slice(0, MAX_NAMED).map(attestationOf)
			}
		}
	});
}
/** The last step that made the artifact, and the artifact as that names it. Whoever only handed it on did not build it. */
function madeBy({ verdict, artifact, steps }) {
	if (verdict !== "pass" || artifact === null) throw new CodedError("artifact-unproven", "what is not verified has no provenance");
	let judged = steps.filter(({ step }) => step.statement.subject.some(({ digest }) => digest.sha256 === artifact)).findLast(({ step }) => !received(step, artifact));
	if (judged === void 0) throw new CodedError("artifact-unproven", "no step of the chain made the artifact");
	let { name, digest } = judged.step.statement.subject.find((one) => one.digest.sha256 === artifact);
	return {
		made: judged.step,
		subject: {
			name,
			digest: { ...digest }
		}
	};
}
function received({ statement }, artifact) {
	return statement.predicate.materials.some(({ digest }) => digest.sha256 === artifact);
}
/** A URI for whoever signed: the build definition of a CI system, else what the certificate is for, else the key. */
function builderUri(identity, keyId) {
	return identity === null ? `https://countersign.dev/keys/${keyId}` : identity.buildSignerURI ?? (identity.subject.kind === "uri" ? identity.subject.value : `mailto:${identity.subject.value}`);
}
/** As GitHub's own provenance has it, of what the certificate says. */
function workflowOf$1({ signer }) {
	let { identity } = signer, repository = identity?.sourceRepositoryURI ?? null, config = identity?.buildConfigURI ?? null, ref = identity?.sourceRepositoryRef ?? null;
	return repository === null || config === null || ref === null || !config.startsWith(`${repository}/`) ? {} : { workflow: {
		ref,
		repository,
		path: config.slice(repository.length + 1).split("@")[0]
	} };
}
function parametersOf({ statement, signer }) {
	let { step, runner } = statement.predicate;
	return {
		name: step.name,
		attempt: step.attempt,
		matrix: step.matrix,
		system: runner.system,
		grade: signer.grade
	};
}
/** What came in from outside, each once: sources, files that no step made, actions at their commits. */
function dependenciesOf(steps) {
	let found = /* @__PURE__ */ new Map(), add = (name, uri, digest) => {
		let key = JSON.stringify([uri ?? name, digest]);
		found.size < MAX_NAMED && !found.has(key) && found.set(key, {
			...uri === void 0 ? { name } : {
				name,
				uri
			},
			digest: { ...digest }
		});
	}, known = (one) => add(one.name, one.uri, one.digest);
	for (let { statement } of steps) {
		let { materials, runner } = statement.predicate;
		for (let one of statement.subject) Object.hasOwn(one.digest, "gitCommit") && known(one);
		for (let one of materials) one.annotations?.from === null && known(one);
		for (let [uses, commit] of Object.entries(runner.actions)) /^[0-9a-f]{40}$/.test(commit) && add(uses, actionUri(uses), { gitCommit: commit });
	}
	return [...found.values()];
}
function actionUri(uses) {
	let [, repository, ref] = /^([A-Za-z0-9-]+\/[A-Za-z0-9._-]+)[^@]*@([A-Za-z0-9._/-]+)$/.exec(uses) ?? [];
	return repository === void 0 ? void 0 : `git+https://github.com/${repository}@${ref}`;
}
/** A step by its link digest; its reports are known by it. */
function attestationOf({ statement, link }) {
	let { evidence, step } = statement.predicate, reports = isSealed(evidence) ? 0 : evidence.length;
	return {
		name: `${step.name}.intoto`,
		uri: `${CHAIN}${statement.predicate.chain.id}/${link}`,
		digest: { sha256: link },
		annotations: { reports }
	};
}
// packages/cli/src/sign-foreign.ts
/** Signs a statement that other tools will read. Throws what `signStatement` throws. */
async function signForeign(payload, signer, form, crypto) {
	let bundle = await signStatement(payload, signer, crypto);
	if (form === "bundle") return writeBundle(bundle);
	let { envelope } = bundle;
	return canonicalJson({
		payload: base64(envelope.payload),
		payloadType: envelope.payloadType,
		signatures: [{ sig: base64(envelope.signature) }]
	});
}
// packages/adapters/src/signer-file.ts
const MAX_KEY_FILE = 65536;
/**
* Opens a private key file (PEM: PKCS#8, or what else OpenSSL reads) for signing. Throws `key-unreadable`,
* `key-passphrase` when it is encrypted and the passphrase is missing or wrong, `key-invalid` for other algorithms.
* `fix`: what to do about the passphrase.
*/
async function openKeyFile(path, passphrase, fix) {
	return signerOfPem(await readKeyText(path), passphrase, path, fix);
}
/** {@link openKeyFile} of what would be in the file; `path` is what errors call it. */
function signerOfPem(text, passphrase, path, fix) {
	if (text.includes("-----BEGIN PUBLIC KEY-----")) throw new CodedError("key-invalid", `${path} is a public key; signing takes the private one`, { fix: "Name the file without .pub." });
	let privateKey = parsePrivateKey(path, text, passphrase, fix), type = privateKey.asymmetricKeyType;
	if (!(type === "ed25519" || type === "ec" && privateKey.asymmetricKeyDetails?.namedCurve === "prime256v1")) throw new CodedError("key-invalid", `${path} is a key of another kind (${type ?? "unknown"})`);
	let publicKey = publicKeyOf(createPublicKey(privateKey)), digest = publicKey.algorithm === "ed25519" ? null : "sha256";
	return {
		key: {
			kind: "publicKey",
			hint: publicKey.keyId
		},
		publicKey,
		async sign(pae) {
			try {
				return new Uint8Array(sign(digest, pae, privateKey));
			} catch (cause) {
				throw new CodedError("sign-failed", `the key in ${path} did not sign`, { cause });
			}
		}
	};
}
function publicKeyOf(key) {
	return parsePublicKey(key.export({
		type: "spki",
		format: "der"
	}));
}
function parsePrivateKey(path, text, passphrase, fix) {
	let encrypted = /^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(text);
	if (encrypted && passphrase === null) throw locked(`${path} is encrypted`, fix);
	try {
		return createPrivateKey(encrypted ? {
			key: text,
			passphrase
		} : { key: text });
	} catch (cause) {
		throw encrypted ? locked(`${path} does not open with this passphrase`, fix, cause) : new CodedError("key-unreadable", `${path} is not a private key in PEM`, { cause });
	}
}
function locked(what, fix, cause) {
	return new CodedError("key-passphrase", what, {
		...fix === void 0 ? {} : { fix },
		cause
	});
}
async function readKeyText(path) {
	let file = null;
	try {
		file = await open$1(path, constants$2.O_RDONLY | (constants$2.O_NONBLOCK ?? 0));
		let { size } = await file.stat().then((stat) => stat.isFile() ? stat : { size: -1 });
		if (size < 0) throw new CodedError("key-unreadable", `${path} is not a regular file`);
		if (size > MAX_KEY_FILE) throw new CodedError("key-unreadable", `${path} is too large for a key`);
		let { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_KEY_FILE), 0, MAX_KEY_FILE, 0);
		return buffer.toString("latin1", 0, bytesRead);
	} catch (cause) {
		throw cause instanceof CodedError ? cause : new CodedError("key-unreadable", `${path}: ${reason(cause)}`, { cause });
	} finally {
		await file?.close();
	}
}
fromHex("2a864886f70d01050d"), fromHex("2a864886f70d01050c"), fromHex("2a864886f70d0209"), fromHex("60864801650304012a");
function codeOf(error) {
	return error instanceof Error && "code" in error && typeof error.code == "string" ? error.code : void 0;
}
/** What the system said, without the path again. */
function reason(error) {
	switch (codeOf(error)) {
		case "ENOENT": return "no such file or directory";
		case "EACCES":
		case "EPERM": return "permission denied";
		case "EISDIR": return "is a directory";
		case "ENOSPC": return "no space left";
		default: return codeOf(error) ?? "failed";
	}
}
// packages/cli/src/keys.ts
/** Whatever is for everybody, and writing for a group: a group that reads is how a secret is shared on purpose. */
const told$1 = /* @__PURE__ */ new WeakMap();
/**
* The key to sign with: a file, or `awskms://`, `gcpkms://`, `azurekms://`, `hashivault://`, whose credentials are in the
* environment. Tells of a file that is not for its owner alone: containers mount secrets so, and it is used all the same.
* Throws what opening either throws.
*/
async function openKey(context, name, warn = warnOnce(context)) {
	if (name.includes("-----BEGIN")) throw new CodedError("usage", "what is given as the name of a key is the key itself", { fix: "Write the key to a file that only you can read, and name that. Where this was logged before, make another key." });
	if (!isKmsUri(name)) {
		let file = resolve(context.cwd, name), signer = await openKeyFile(file, context.settings.passphrase), mode = process.platform === "win32" ? 0 : (statSync(file, { throwIfNoEntry: !1 })?.mode ?? 0) & 511;
		return mode & 23 && warn(`others on this machine can ${mode & 18 ? "change" : "read"} the key ${name} (mode 0${mode.toString(8)}); fix: chmod 600 ${name}`), signer;
	}
	let { openKmsSigner } = await import("./kms-signer.js");
	return openKmsSigner(name, {
		env: context.environment,
		now: () => Date.parse(context.now())
	});
}
function warnOnce(context) {
	return (what) => {
		let before = told$1.get(context) ?? /* @__PURE__ */ new Set();
		before.has(what) || (told$1.set(context, before.add(what)), context.stderr(`${paintFor(context).yellow("!")} ${plain(what, 1e3)}\n`));
	};
}
// packages/cli/src/signing.ts
/**
* Opens a key, or has this job certified: a step that cannot be signed would be lost. Throws `usage` where there is
* neither a key nor a system that vouches for the job.
*/
async function openSigning(context, options) {
	let keyless = await keylessOrNull(context, options);
	if (keyless !== null) return {
		first: keyless.last,
		certified: keyless.last.certified,
		access: options.fulcio === void 0 ? () => keyless.accessToken() : null,
		file: null,
		warnings: [],
		signer: () => signedAs(keyless)
	};
	let name = options.key ?? context.settings.key;
	if (name === null) throw new CodedError("usage", "no key to sign with, and no CI system that vouches for this job", { fix: "Name a key: --key FILE or URI, or COUNTERSIGN_KEY (make one with: countersign key new); or see: countersign identity" });
	let warnings = [], signer = await openKey(context, name, options.json === !0 ? (what) => void warnings.push(what) : void 0);
	return {
		first: signer,
		certified: null,
		access: null,
		file: isKmsUri(name) ? null : name,
		warnings,
		signer: () => Promise.resolve({
			signer,
			certified: null,
			fault: null
		})
	};
}
async function keylessOrNull(context, options) {
	let { url, key } = context.settings, { identity = "auto", fulcio = null } = options, asked = options.keyless === !0 || identity !== "auto" || fulcio !== null;
	if (asked && options.key !== void 0) throw new CodedError("usage", "--key and --keyless are two ways to sign");
	if (asked && options.offline === !0 && fulcio === null) throw new CodedError("usage", "--keyless needs the server, and --offline forbids it");
	let mayBe = options.key === void 0 && key === null && url !== null && options.offline !== !0;
	if (!asked && !mayBe) return null;
	let { identitySystemFor, openKeyless } = await import("./keyless2.js"), system = await identitySystemFor(context, identity);
	if (system !== null) return openKeyless(context, {
		system,
		fulcio
	});
	if (!asked) return null;
	throw new CodedError("identity-unavailable", "this is no CI system or platform that is known by its environment", { fix: "Name it: --identity github, gitlab, circleci, …; or put a token into COUNTERSIGN_ID_TOKEN." });
}
/** What was run is signed in any case: under a certificate that has ended where no other can be had, to be signed again. */
async function signedAs(keyless) {
	try {
		let signer = await keyless.signer();
		return {
			signer,
			certified: signer,
			fault: null
		};
	} catch (fault) {
		if (!(fault instanceof CodedError)) throw fault;
		return {
			signer: keyless.last,
			certified: keyless.last,
			fault
		};
	}
}
/**
* What a step says of where it ran, in the words of the certificate it will be signed under where that says it too: the
* environment may spell a fact otherwise, and a step that contradicts its certificate is refused.
*/
function asCertified(runner, certified) {
	if (certified === null) return runner;
	let claimed = runner.identity === null || isSealed(runner.identity) ? UNCLAIMED : runner.identity, facts = Object.keys(UNCLAIMED).map((fact) => [fact, certified.identity[fact] ?? claimed[fact]]), system = runner.system === "local" && certified.system !== null ? certified.system : runner.system;
	return {
		...runner,
		system,
		identity: Object.fromEntries(facts)
	};
}
// packages/cli/src/version.ts
/** Version of the command line, and of what it writes. */
const OWNER = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/, NAME = /^[A-Za-z0-9._-]{1,100}$/;
/** True for `OWNER/REPO` as GitHub has them. */
function isGithubRepository(text) {
	let [owner = "", name = "", ...more] = text.split("/");
	return more.length === 0 && OWNER.test(owner) && NAME.test(name) && name !== "." && name !== "..";
}
// action/src/github.ts
const COMMIT = {
	timeoutMs: 4e3,
	maxBytes: 1e3
}, ATTESTATION = {
	timeoutMs: 15e3,
	maxBytes: 1 << 20
};
/**
* The commit that a tag or a branch is at (docs.github.com, REST: commits); null where GitHub names none. Throws
* `service-unreachable`, `service-refused` and `service-answer`.
*/
async function commitAt(api, { repository, ref }) {
	let names = namesOf(repository), github = await open(api, COMMIT), format = { mediaType: { format: "sha" } }, { status, data } = await told(api, null, () => github.rest.repos.getCommit({
		...names,
		ref,
		...format
	})), sha = String(data).trim();
	return status === 200 && /^[0-9a-f]{40}$/.test(sha) ? sha : null;
}
/**
* Gives a bundle to the attestations of a repository (REST, “Create an attestation”). Its id there. Throws
* `service-unreachable`, `service-refused` and `service-answer`.
*/
async function createAttestation(api, repository, content) {
	let bundle = parseJson(content, { maxBytes: 8388608 }), names = namesOf(repository), github = await open(api, ATTESTATION), { status, data } = await told(api, "attestations: write", () => github.rest.repos.createAttestation({
		...names,
		bundle
	})), id = status === 201 ? data?.id : null;
	if (typeof id == "number" && Number.isSafeInteger(id) && id >= 0) return String(id);
	if (typeof id == "string" && /^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
	throw new CodedError("service-answer", `${hostOf(api.url)} did not say which attestation it made`);
}
/** GitHub's own client, which finds the proxies of a runner. It is loaded here: most jobs have nothing to ask. */
async function open({ url, token }, bounds) {
	let base = addressIn(url, { path: !0 });
	if (typeof base == "string") throw new CodedError("usage", `the address of GitHub's API ${base}`);
	let { GitHub, defaults } = await client(), quiet = () => void 0;
	return new GitHub({
		...token === null ? {} : { auth: token },
		baseUrl: `${base.origin}${base.pathname.replace(/\/+$/, "")}`,
		userAgent: "countersign",
		log: {
			debug: quiet,
			info: quiet,
			warn: quiet,
			error: quiet
		},
		request: { fetch: guarded$1(defaults.request.fetch, base, bounds) }
	});
}
/** Loading it reads the event of the run, a file that any step of the job can have spoiled. */
async function client() {
	try {
		return await import("./github-client.js");
	} catch (cause) {
		throw new CodedError("service-unreachable", "GitHub's client cannot read the event of this run", { cause });
	}
}
/** The client's way out, to one host, in its time and with a bounded answer; where a redirect leads is not asked. */
function guarded$1(send, { origin }, { timeoutMs, maxBytes }) {
	return async (input, init) => {
		let url = new URL(input instanceof Request ? input.url : input);
		if (url.origin !== origin) throw new CodedError("service-answer", `GitHub's API leads to ${url.host}`);
		let answer = await send(url, {
			...init,
			redirect: "manual",
			signal: AbortSignal.timeout(timeoutMs)
		}), { status, headers } = answer, body = await boundedBytes(answer, maxBytes);
		if (body === null) throw new CodedError("service-answer", `the answer of ${url.host} exceeds ${maxBytes} bytes`);
		let empty = [
			101,
			204,
			205,
			304
		].includes(status);
		return new Response(empty ? null : new Uint8Array(body), {
			status,
			headers: new Headers([...headers])
		});
	};
}
/** What the client threw, in our words: its own hold what was sent, and with that a secret. */
async function told(api, permission, ask) {
	try {
		return await ask();
	} catch (error) {
		let host = hostOf(api.url), cause = error instanceof Error ? error.cause : null;
		if (cause instanceof CodedError) throw cause;
		let { status, response } = error;
		if (response === void 0) throw new CodedError("service-unreachable", `${host} did not answer: ${reasonOf(cause ?? error)}`);
		let what = `${host} answered with status ${Number(status)}`;
		if (status !== 401 && status !== 403) throw new CodedError("service-answer", what);
		let fix = permission === null ? {} : { fix: `Give the job the permission ${permission}, and the token of the job.` };
		throw new CodedError("service-refused", what, fix);
	}
}
function namesOf(repository) {
	if (!isGithubRepository(repository)) throw new CodedError("usage", "a repository is named OWNER/REPO");
	let [owner = "", repo = ""] = repository.split("/");
	return {
		owner,
		repo
	};
}
// packages/cli/src/context.ts
/** Reads the world, once. */
function contextOf(world) {
	let { env } = world, set = (name) => env[name] === void 0 || env[name] === "" ? null : env[name], sessions = set("COUNTERSIGN_SESSIONS"), homed = set("XDG_STATE_HOME") !== null || existsSync$1(homedir()), state = join(set("XDG_STATE_HOME") ?? join(homedir(), ".local", "state"), "countersign"), settings = {
		url: set("COUNTERSIGN_URL"),
		token: set("COUNTERSIGN_TOKEN"),
		allowHttp: set("COUNTERSIGN_ALLOW_HTTP") === "1",
		audience: set("COUNTERSIGN_AUDIENCE"),
		key: set("COUNTERSIGN_KEY"),
		passphrase: set("COUNTERSIGN_KEY_PASSPHRASE"),
		pipeline: set("COUNTERSIGN_PIPELINE"),
		contract: set("COUNTERSIGN_CONTRACT"),
		baseline: set("COUNTERSIGN_BASELINE"),
		sigstoreTrust: set("COUNTERSIGN_SIGSTORE_TRUST"),
		chain: set("COUNTERSIGN_CHAIN"),
		githubToken: set("GITHUB_TOKEN"),
		gitlabToken: set("GITLAB_TOKEN"),
		dockerConfig: join(set("DOCKER_CONFIG") ?? join(homedir(), ".docker"), "config.json"),
		spool: set("COUNTERSIGN_SPOOL") ?? join(state, "spool"),
		sessions: sessions === null ? [...homed ? [state] : [], tmpdir()] : [sessions],
		sigstoreCache: set("COUNTERSIGN_SIGSTORE_CACHE") ?? join(state, "sigstore")
	};
	return {
		get cwd() {
			return workingDirectory(world);
		},
		environment: givenBack(env),
		settings,
		now: () => (/* @__PURE__ */ new Date()).toISOString(),
		stdout: writerTo(world.stdout),
		stderr: (text) => void world.stderr.write(text),
		signals: world,
		interactive: world.stderr.isTTY,
		ask: world.stdin.isTTY && world.stderr.isTTY ? (question) => ask(world, question) : null,
		colour: world.stdout.isTTY && set("NO_COLOR") === null && env.TERM !== "dumb"
	};
}
/** Node takes what a file has taken in part for written: here the rest follows, or the reason why it cannot. */
function writerTo(stream) {
	return isFile(stream.fd) ? (text) => {
		try {
			writeFileSync(stream.fd, text);
		} catch (cause) {
			stream.emit("error", cause);
		}
	} : (text) => void stream.write(text);
}
function isFile(fd) {
	try {
		return fd !== void 0 && fstatSync(fd).isFile();
	} catch {
		return !1;
	}
}
/** The environment with what the launcher of the templates kept from this process, for the command that is wrapped. */
function givenBack(env) {
	let { COUNTERSIGN_NODE_OPTIONS: options, ...others } = env;
	return options === void 0 ? env : {
		...others,
		NODE_OPTIONS: options
	};
}
async function ask({ stdin, stderr }, question) {
	let { createInterface } = await import("node:readline/promises"), terminal = createInterface({
		input: stdin,
		output: stderr
	});
	try {
		return await terminal.question(question);
	} finally {
		terminal.close();
	}
}
/** Throws `usage` where it was removed under us: then only what needs it fails. */
function workingDirectory({ cwd }) {
	try {
		return cwd();
	} catch (cause) {
		throw new CodedError("usage", "the working directory is not there any more", {
			fix: "Change to a directory that is there.",
			cause
		});
	}
}
// action/src/inputs.ts
const MODES = [
	"record",
	"run",
	"gate",
	"handoff"
];
/**
* Reads `INPUT_*`. A runner gives what is left out as an empty text, and what is not known yet too: `final` is whether all
* that the job says is known. Throws `usage`.
*/
function readInputs(environment, final) {
	let text = (name) => {
		let value = environment[`INPUT_${name.toUpperCase()}`]?.trim();
		return value === void 0 || value === "" ? null : value;
	}, lines = (name) => (text(name) ?? "").split("\n").map((line) => line.trim()).filter((line) => line !== ""), flag = (name, otherwise) => {
		let value = text(name)?.toLowerCase() ?? String(otherwise);
		if (value !== "true" && value !== "false") throw wrong(`${name} is true or false`);
		return value === "true";
	}, run = text("run"), mode = text("mode") ?? (run === null ? "record" : "run");
	if (!isMode(mode)) throw wrong(`mode is one of ${MODES.join(", ")}`);
	if (mode === "run" && run === null) throw wrong("mode run needs run: the command line");
	if (mode !== "run" && run !== null) throw wrong(`mode ${mode} runs nothing, and run is given`);
	let status = text("job-status") ?? "success";
	return {
		mode,
		serverUrl: text("server-url"),
		audience: text("audience"),
		pipeline: text("pipeline"),
		step: text("step"),
		matrix: matrixKey(text("matrix")),
		run,
		workingDirectory: text("working-directory"),
		materials: lines("materials"),
		lockfile: lines("lockfile"),
		products: [...lines("products"), ...lines("subject-path")],
		subject: subjectIn(text("subject-name"), text("subject-digest"), mode, final),
		checksums: text("subject-checksums"),
		contract: text("contract"),
		chain: lines("chain"),
		evidence: lines("evidence"),
		githubAttestation: flag("github-attestation", !1),
		requirePinned: flag("require-pinned-actions", !1),
		summary: flag("show-summary", !0),
		githubToken: text("github-token"),
		jobStatus: status === "success" || status === "cancelled" ? status : "failure"
	};
}
function subjectIn(name, digest, mode, final) {
	if (digest === null) {
		if (name !== null && final) throw wrong("subject-name needs subject-digest");
		return null;
	}
	let sha256Hex = digest.replace(/^sha256:/, "");
	if (!isHex(sha256Hex, 64)) throw wrong("subject-digest is sha256: and 64 hex digits");
	if (name === null && (mode === "record" || mode === "run")) throw wrong("subject-digest needs subject-name");
	return {
		name,
		sha256: sha256Hex
	};
}
/**
* The key of a job of a matrix, as GitHub shows it: the values, in the order of the workflow. `given` is that key, or
* `toJSON(matrix)`, which is `null` outside of one.
*/
function matrixKey(given) {
	if (given === null || given === "null") return null;
	let values = given.startsWith("{") ? valuesIn(given) : [given];
	if (values.length === 0) return null;
	let key = values.join(", ");
	return isMatrixKey(key) ? key : `sha256:${hex(sha256(utf8(key))).slice(0, 32)}`;
}
function valuesIn(json) {
	try {
		let matrix = JSON.parse(json);
		return Object.values(matrix).map((value) => typeof value == "string" ? value : JSON.stringify(value));
	} catch {
		throw wrong("matrix is neither a name nor toJSON(matrix)");
	}
}
function isMode(text) {
	return MODES.includes(text);
}
function wrong(what) {
	return new CodedError("usage", `with: ${what}`, { fix: "See the inputs in action.yml." });
}
// action/src/log.ts
/**
* Text for the log of a job, in which the runner takes a line that begins with `::`, and `##[` anywhere, for a command
* to itself: what others wrote must not become one (T-06).
*/
function safeForLog(text) {
	return text.replaceAll("##[", "## [").split(/\r\n|\r|\n/).map((line) => line.replace(/^(\s*):(?=:)/, "$1ː")).join("\n");
}
// action/src/job.ts
/** Puts together what a door read. Throws `usage`. */
function jobOf(world, phase) {
	let environment = world.env, status = environment["INPUT_JOB-STATUS"], recording = ["", "record"].includes(environment.INPUT_MODE?.trim() ?? ""), inputs = readInputs(environment, phase === "post" ? status === "success" : phase === "main" && !recording), settings = {};
	inputs.serverUrl !== null && (settings.COUNTERSIGN_URL = inputs.serverUrl), inputs.audience !== null && (settings.COUNTERSIGN_AUDIENCE = inputs.audience);
	let workspace = environment.GITHUB_WORKSPACE ?? world.cwd(), cwd = inputs.workingDirectory === null ? workspace : resolve(workspace, inputs.workingDirectory), context = contextOf({
		...streams(world),
		argv: world.argv,
		env: {
			...environment,
			...settings
		},
		cwd: () => cwd
	});
	return {
		inputs,
		environment,
		context: {
			...context,
			stdout: (text) => context.stdout(safeForLog(text)),
			stderr: (text) => context.stdout(safeForLog(text)),
			interactive: !1,
			ask: null,
			colour: !1
		}
	};
}
function streams({ stdin, stdout, stderr, on, off }) {
	return {
		stdin,
		stdout,
		stderr,
		on: on.bind(process),
		off: off.bind(process)
	};
}
/** How the step of this job is recorded. */
function stepOptions({ inputs, environment }) {
	let step = inputs.step ?? environment.GITHUB_JOB ?? "";
	if (!isName(step)) throw new CodedError("usage", "the step has no name", { fix: "Name it: with: { step: build }" });
	let pipeline = inputs.pipeline ?? environment.COUNTERSIGN_PIPELINE ?? environment.GITHUB_REPOSITORY ?? "";
	return {
		step,
		products: inputs.products,
		lockfile: inputs.lockfile,
		previous: inputs.chain,
		evidence: inputs.evidence,
		git: !0,
		...pipeline === "" ? {} : { pipeline },
		...inputs.contract === null ? {} : { contract: inputs.contract },
		...inputs.matrix === null ? {} : { matrix: inputs.matrix }
	};
}
/** GitHub's API, as the job may ask it. */
function githubOf({ inputs, environment }) {
	return {
		url: environment.GITHUB_API_URL ?? "https://api.github.com",
		token: inputs.githubToken
	};
}
/** Where files of this job that are nobody's source are put; null outside of a runner. */
function temporaryOf({ environment, context }) {
	return resolve(environment.RUNNER_TEMP ?? context.cwd);
}
/** Address of an attestation, where the server is one that people may know of. */
function attestationUrl({ context }, link) {
	let { url } = context.settings;
	if (url === null || !isHex(link, 64) || !URL.canParse(url)) return null;
	let { origin, pathname } = new URL(url);
	return `${origin}${pathname.replace(/\/+$/, "")}/v1/attestations/${link}`;
}
// action/src/give.ts
/**
* Signs as this job what the chain proves of an artifact, as SLSA provenance, and gives it to the repository's attestations.
* Throws `usage` where the job does not know its repository, and what signing and GitHub's API throw.
*/
async function giveAttestation(job, name, verdict) {
	let { context, environment } = job, repository = environment.GITHUB_REPOSITORY ?? "", payload = slsaProvenance({
		verdict,
		version: "0.1.0"
	}), { signer, fault } = await (await openSigning(context, {})).signer();
	if (fault !== null) throw fault;
	let bundle = await signForeign(payload, signer, "bundle", nodeCrypto), file = join(temporaryOf(job), `${basename(name).replace(/^sha256:/, "")}.provenance.sigstore.json`);
	await writeWhole(file, bundle);
	let id = await createAttestation(githubOf(job), repository, bundle);
	return {
		file,
		url: `${environment.GITHUB_SERVER_URL ?? "https://github.com"}/${repository}/attestations/${id}`
	};
}
/**
* Tells the runner what was made, where it keeps a list (`$GITHUB_ARTIFACTS`): a line a file. That list is a convenience of
* others, and no reason to fail.
*/
function tellRunner({ environment, context }, { subject }) {
	let list = environment.GITHUB_ARTIFACTS ?? "";
	if (list === "") return;
	let lines = subject.filter(({ name, digest, uri }) => uri === void 0 && !name.endsWith("/") && digest.gitCommit === void 0).map(({ name }) => `file://${resolve(context.cwd, name)}\n`);
	try {
		appendFileSync(list, lines.filter((line) => line.indexOf("\n") === line.length - 1).join(""));
	} catch (cause) {
		let error = new CodedError("file-write-failed", "the list of what was made cannot be written", { cause });
		context.stdout(`Countersign: ${error.what}\n`);
	}
}
// action/src/summary.ts
const MARK = (good) => good === null ? "⏳" : good ? "✅" : "❌";
function summaryOf(it) {
	return [
		`### ${MARK(it.good)} Countersign: ${text(it.headline)}`,
		"",
		...graph(it.steps),
		...steps(it.steps),
		...findings(it.findings),
		...it.facts.map(([name, value]) => `- **${text(name)}** ${code(value)}`),
		"",
		...it.command === null ? [] : [
			"Verify it yourself:",
			"",
			fence(it.command),
			""
		]
	].join("\n");
}
function shownStep({ link, statement, signer }, good) {
	let { step, previous, runner } = statement.predicate;
	return {
		link,
		name: `${step.name}${step.matrix === null ? "" : ` (${step.matrix})`}${step.attempt === 1 ? "" : ` #${step.attempt}`}`,
		previous: previous.map((one) => one.link),
		system: runner.system,
		signer: signer.identity === null ? signer.name : identityText(signer.identity),
		grade: signer.grade,
		made: statement.subject.map(({ name }) => name),
		good
	};
}
function graph(all) {
	if (all.length < 2) return [];
	let nodes = all.slice(-12), ids = new Map(nodes.map(({ link }, i) => [link, `s${i}`])), boxes = nodes.map(({ link, name }) => `  ${ids.get(link)}["${label(name)}"]`), edges = nodes.flatMap(({ link, previous }) => previous.flatMap((before) => ids.has(before) ? [`  ${ids.get(before)} --> ${ids.get(link)}`] : [])), bad = nodes.filter(({ good }) => good === !1).map(({ link }) => `  style ${ids.get(link)} stroke:#d1242f`);
	return [
		"```mermaid",
		"graph LR",
		...boxes,
		...edges,
		...bad,
		"```",
		""
	];
}
function steps(all) {
	return all.length === 0 ? [] : [
		"| | Step | System | Signed by | Grade | Vouches for | Link |",
		"|---|---|---|---|---|---|---|",
		...all.slice(-50).map(({ good, name, system, signer, grade, made, link }) => {
			let things = made.length > 3 ? `${made.slice(0, 3).join(", ")} and ${made.length - 3} more` : made.join(", ");
			return `| ${[
				MARK(good),
				text(name),
				text(system),
				text(signer),
				text(grade),
				text(things),
				code(short$1(link))
			].join(" | ")} |`;
		}),
		""
	];
}
function findings(all) {
	if (all.length === 0) return [];
	let shown = all.slice(0, 30).flatMap(({ code: name, what, why, fix }) => [`- **${text(name)}**: ${text(what)}<br>${text(why)}<br>**Fix:** ${text(fix)}`]), more = all.length > 30 ? [`- and ${all.length - 30} more`] : [];
	return [
		...shown,
		...more,
		""
	];
}
/** Markdown and HTML that others wrote, as the letters that they are (T-92). */
function text(given) {
	return plain(given, 400).replace(/[&<>|`*_[\]()#!@\\~:$]/g, (c) => `&#${c.charCodeAt(0)};`);
}
function code(given) {
	return `<code>${text(given)}</code>`;
}
function fence(command) {
	return [
		"```sh",
		plain(command, 2e3).replaceAll("`", "'"),
		"```"
	].join("\n");
}
/** Letters that mean nothing to Mermaid. */
function label(name) {
	return plain(name, 60).replace(/[^\p{L}\p{N} .,_/#-]/gu, "_").replaceAll("#", "no ");
}
/** One annotation for each thing that is wrong, the tenth for the rest. */
function annotateAll(reports) {
	let shown = reports.length > 10 ? reports.slice(0, 9) : reports;
	for (let { code, what, why, fix } of shown) error(safeForLog(`${plain(what, 500)}\n${why}\nFix: ${plain(fix, 500)}`), { title: `Countersign: ${code}` });
	shown.length < reports.length && error(`and ${reports.length - shown.length} more, in the summary of the job`, { title: "Countersign" });
}
/** Outputs by name; null is left out. The library writes each under a random delimiter (T-06). */
function setOutputs(outputs) {
	for (let [name, value] of Object.entries(outputs)) value !== null && setOutput(name, value);
}
async function writeSummary({ inputs, environment }, markdown) {
	let file = environment.GITHUB_STEP_SUMMARY ?? "";
	!inputs.summary || file === "" || markdown.length > 1e6 || await summary.addRaw(markdown, !0).write();
}
// action/src/verify-command.ts
/** The command by which anybody checks the same; null where there is nothing to name. */
function verifyCommand({ context, inputs }, subject) {
	let file = subject.find(({ digest, uri }) => digest.gitCommit === void 0 && uri === void 0);
	if (file === void 0) return null;
	let { url } = context.settings, origin = url !== null && URL.canParse(url) ? new URL(url).origin : null, server = origin === null ? "" : `COUNTERSIGN_URL=${origin} `, contract = inputs.contract === null ? "" : ` --contract ${quoted(inputs.contract)}`;
	return `${server}countersign verify ${quoted(file.name)}${contract}`;
}
function quoted(text) {
	let clean = plain(text, 400);
	return /^[A-Za-z0-9_./@:+-]+$/.test(clean) ? clean : `'${clean.replaceAll("'", "'\\''")}'`;
}
// action/src/gate.ts
const WORST = [
	"pass",
	"unknown",
	"fail"
];
/** Lets a job go on only where every subject is proven under the contract. Fails closed. */
async function gate(job) {
	let contract = job.inputs.contract ?? job.context.settings.contract;
	if (contract === null) throw new CodedError("trust-missing", "a gate judges under a contract", { fix: "Name it: with: { contract: contract.yaml }" });
	let worst = "pass";
	for (let name of await subjectsOf(job)) {
		let { verdict } = await judged(job, name, contract);
		WORST.indexOf(verdict.verdict) > WORST.indexOf(worst) && (worst = verdict.verdict);
	}
	return setOutputs({ verdict: worst }), worst;
}
/** Puts all that proves each subject into a file, and says where the next system begins. */
async function handoff(job) {
	let contract = job.inputs.contract ?? job.context.settings.contract, { context } = job, written = [], worst = "pass", token = null, chain = null, given = [];
	for (let name of await subjectsOf(job)) {
		let { verdict } = await judged(job, name, contract);
		WORST.indexOf(verdict.verdict) > WORST.indexOf(worst) && (worst = verdict.verdict);
		let out = join(temporaryOf(job), `${basename(name).replace(/^sha256:/, "")}.evidence.json`);
		await evidenceExport({
			...context,
			stdout: () => void 0
		}, name, {
			out,
			chain: job.inputs.chain,
			format: "json",
			...contract === null ? {} : { contract }
		}), written.push(out);
		let last = verdict.steps.at(-1)?.step;
		last !== void 0 && verdict.verdict === "pass" && (chain = last.statement.predicate.chain.id, token = writeToken({
			chain,
			links: [last.link]
		}), job.inputs.githubAttestation && given.push(await giveAttestation(job, name, verdict)));
	}
	setOutputs({
		verdict: worst,
		"evidence-path": written.join("\n"),
		"chain-id": chain,
		token
	});
	let [paths, urls] = [given.map(({ file }) => file), given.map(({ url }) => url)];
	return given.length > 0 && setOutputs({
		"provenance-path": paths.join("\n"),
		"attestation-url": urls.join("\n")
	}), token !== null && exportVariable("COUNTERSIGN_CHAIN", token), worst;
}
async function subjectsOf({ inputs, context }) {
	let { products, subject } = inputs, names = [...(await observe({
		root: context.cwd,
		patterns: products
	})).map(({ name }) => name), ...subject === null ? [] : [`sha256:${subject.sha256}`]];
	if (names.length > 0) return names;
	throw new CodedError("usage", "nothing is named to judge", { fix: "Name it: with: { subject-path: dist/app.tgz }" });
}
async function judged(job, name, contractFile) {
	let { context, inputs } = job, artifact = await readArtifact(context, name), { verdict, believed } = await reach(context, artifact, contractFile === null ? null : readContract(context, contractFile), {
		chain: inputs.chain,
		format: "text"
	}), good = verdict.verdict === "pass" || verdict.verdict !== "fail" && null;
	annotateAll(verdict.findings);
	let word = {
		pass: "allow",
		fail: "deny",
		unknown: "unknown, which denies"
	}[verdict.verdict];
	return context.stdout(`Countersign: ${word}: ${name} sha256:${short$1(artifact.sha256)}\n`), await writeSummary(job, summaryOf({
		headline: `${word}: ${name}`,
		good,
		steps: verdict.steps.map(({ step, findings }) => shownStep(step, findings.length === 0)),
		findings: [...verdict.findings, ...good === !0 ? [] : verdict.refused],
		facts: [["sha256", artifact.sha256], ["believing", believed]],
		command: verifyCommand(job, [{
			name,
			digest: { sha256: artifact.sha256 }
		}])
	})), { verdict };
}
// action/src/permission.ts
/**
* Whether this job may sign, asked before anything runs: a missing permission is found in a second, and not when the
* build is over. Throws `usage`, `identity-unavailable`, and what the server refuses with.
*/
async function checkPermission({ context, inputs }) {
	let { url, key, token } = context.settings;
	if (url === null && (inputs.mode === "gate" || inputs.mode === "handoff")) return;
	if (url === null && key === null) throw new CodedError("usage", "no server is set", { fix: "Name it: with: { server-url: https://… }, or COUNTERSIGN_URL in env." });
	if (url === null || key !== null && token !== null) return;
	let system = await identitySystemFor(context, "auto");
	if (system === null) throw new CodedError("identity-unavailable", "this is no CI system that is known by its environment");
	(await tokensOf(context, system)).renewable && await (await accessByIdentity(context))?.();
}
/**
* Whether this is a pull request of a fork, which GitHub gives no identity, whatever the workflow allows. Its job is
* nobody's step, and what it makes passes no gate.
*/
function isForeign({ environment, inputs }) {
	let asked = environment.ACTIONS_ID_TOKEN_REQUEST_URL ?? "", file = environment.GITHUB_EVENT_PATH ?? "";
	if (inputs.mode !== "record" || asked !== "" || environment.GITHUB_EVENT_NAME !== "pull_request" || file === "") return !1;
	try {
		return member(member(member(member(parseJson(readBounded(file, MAX_EVENT), { maxBytes: MAX_EVENT }), "pull_request"), "head"), "repo"), "fork") === !0;
	} catch {
		return !1;
	}
}
const MAX_EVENT = 16 << 20;
function member(value, name) {
	return typeof value == "object" && value && !Array.isArray(value) ? value[name] : void 0;
}
// packages/cli/src/check-named.ts
/** Throws `usage` for a command of more arguments than are recorded of one. */
function checkArguments(argv) {
	if (!(argv === null || argv.length <= 1e4)) throw new CodedError("usage", `the command has ${argv.length} words; at most ${MAX_ARGUMENTS} are recorded`, { fix: "Let it read them from a file, or from standard input by xargs." });
}
/** What a step is given to name, of which else only what comes after the command would find that it cannot be. Throws `usage`. */
function checkNamed({ settings, cwd }, named) {
	let { pipeline, products = [], evidence, chainOut } = named, from = pipeline === void 0 ? "COUNTERSIGN_PIPELINE" : "--pipeline", name = pipeline ?? settings.pipeline;
	if (name !== null && !isName(name)) throw new CodedError("usage", `${from} ${plain(name, 60)} is not a name (1 to 128 letters, digits, . _ - /)`, { fix: "Name it like: shop/web" });
	if (chainOut === "") throw new CodedError("usage", "--chain-out names no file");
	if (chainOut !== void 0 && isDirectory$1(resolve(cwd, chainOut))) throw new CodedError("usage", `--chain-out ${plain(chainOut, 60)} is a directory`, { fix: `Name a file in it: --chain-out ${plain(join(chainOut, "chain.jsonl"), 80)}` });
	for (let product of products) checkPatternOf("--products", product);
	for (let { file } of reportsNamed(evidence)) checkPatternOf("--evidence", file);
}
function checkPatternOf(option, pattern) {
	try {
		checkPattern(pattern);
	} catch (cause) {
		throw cause instanceof CodedError ? new CodedError("usage", `${option}: ${cause.what}`, {
			fix: cause.fix,
			cause
		}) : cause;
	}
}
function isDirectory$1(path) {
	try {
		return statSync(path).isDirectory();
	} catch {
		return !1;
	}
}
// packages/cli/src/command-code.ts
/** The exit code of a wrapped command, a signal as shells tell it; null where it was content, or none was wrapped. */
function codeOfCommand(outcome, error) {
	return error?.code === "command-unstartable" ? 127 : outcome?.signal == null ? outcome?.exitCode != null && outcome.exitCode !== 0 ? outcome.exitCode : null : 128 + (constants$3.signals[outcome.signal] ?? 0);
}
/** A command failed, and that could not be recorded either. */
var Unrecorded = class extends CodedError {
	/** The command's own. */
	exitCode;
	constructor(cause, exitCode) {
		let { code, what, fix } = reportOf$1(cause);
		super(code, what, {
			fix,
			cause
		}), this.exitCode = exitCode;
	}
};
// packages/cli/src/foreseen.ts
/**
* What the contract at hand will have against a step that no server has judged yet, beside what was said before it ran.
* Nothing where what it says of its evidence is sealed: that is for whoever is told it to judge.
*/
function foreseen({ bundle, handover, signer, now }, crypto) {
	let { received, chain, contract } = handover;
	if (contract === null) return [];
	let step = verifyStep(bundle, {
		signers: [{
			name: "own key",
			key: signer,
			revokedAt: null
		}],
		countersigners: []
	}, crypto), { predicate } = step.statement;
	if (isSealed(predicate.evidence)) return [];
	let { findings } = handshake({
		step,
		previous: chain.steps,
		withheld: chain.withheld,
		contract,
		now
	}), excusing = new Excusing(chain.deviations, {
		contract,
		chain: predicate.chain.id,
		artifact: null,
		now
	}), told = new Set(received.doubts.map(({ code }) => code));
	return excusing.left(predicate.step.name, findings).filter(({ code }) => !told.has(code));
}
/** What a step was not held against, as no server helped; a line, or none. */
function unheard({ unreachable, contract }) {
	if (unreachable === null) return [];
	let under = contract === null ? ", and under no contract (--contract FILE names it)" : "";
	return [`${unreachable.what}: what came by file alone is checked${under}; the server judges the step when it is sent`];
}
/** What will become of a step, in words. */
function refusedLater({ what, code }) {
	return `${what}: so the server and the gates refuse it (${code})`;
}
// packages/cli/src/held.ts
/** The server holds a statement of ours by somebody who has no business with it. Sending it again changes nothing. */
var HeldByAnother = class extends CodedError {};
/**
* What the server holds of a step that was sent to it. Mostly that is what was sent. Where the reply to an earlier sending
* was lost, and it was signed again meanwhile, the server keeps the first signature, and its receipt is about that: it is
* taken where it verifies, and is by one who may sign the step. Throws `HeldByAnother` where it is not: `signer-not-allowed`,
* or what the signature or the receipt was refused for; and what asking the server throws.
*/
async function heldOf(context, sent, { link, held: bundle, receipt }, { client, contract, trust }) {
	let held = {
		link,
		bundle,
		receipt
	};
	if (bundle === sent) return held;
	let believed = await believe(context, contract, { trust }, client), chain = await readChainConcurrently([bundle, receipt], believed.trust, await nativeCrypto(), context.now()), step = chain.steps.get(link), refused = chain.refused.find(({ report }) => step === void 0 || report.code !== "signer-unknown");
	if (refused !== void 0 || step === void 0) {
		let { code, what } = refused.report;
		throw new HeldByAnother(code, `the server holds ${short$1(link)} as it was signed before, and ${what}`);
	}
	let { name } = step.statement.predicate.step, rule = contract?.steps.get(name);
	if (contract === null || rule !== void 0 && maySign(contract, rule, factsOf(step.signer), step.statement.predicate.step.matrix)) return held;
	throw new HeldByAnother("signer-not-allowed", `the server holds ${name} (${short$1(link)}) as ${step.signer.name} signed it before, who may not`);
}
/**
* The lines of a chain with a step as the server holds it: its receipt beside it, and where it was signed anew, that
* signature in the place of the other. Who else signed it stays.
*/
function withHeld(lines, { link, bundle, receipt }, crypto) {
	let isIts = (line) => isBundle(line) && linkDigest(line.envelope, crypto) === link, place = lines.findIndex(isIts);
	if (place < 0) return [...lines];
	let rest = lines.filter((line) => !(isIts(line) && isSigner(line, bundle)) && !(isReceipt(line) && isSame(line, receipt))), kept = new Set(rest), at = lines.slice(0, place).filter((line) => kept.has(line)).length;
	return [
		...rest.slice(0, at),
		bundle,
		receipt,
		...rest.slice(at)
	];
}
/** One entry of one log, whatever the checkpoint. */
function isSame({ opening, proof }, other) {
	let { origin } = proof.checkpoint;
	return opening.link === other.opening.link && origin === other.proof.checkpoint.origin && proof.index === other.proof.index;
}
/** Whether two bundles of one statement are by one signer: under one key, or certificates that name the same. */
function isSigner(one, other) {
	if (equal(writeBundle(one), writeBundle(other))) return !0;
	if (one.key.kind === "publicKey" || other.key.kind === "publicKey") return one.key.kind === "publicKey" && other.key.kind === "publicKey" && one.key.hint === other.key.hint;
	let [a, b] = [one.key.chain[0], other.key.chain[0]].map(identityIn);
	return a !== null && b !== null && a === b;
}
function identityIn(der) {
	let leaf;
	try {
		leaf = parseCertificate(der, "certificate-invalid");
		let { identity } = identityOf(leaf);
		return JSON.stringify([
			identity.subject.kind,
			identity.subject.value,
			...IDENTITY_FACTS.map((fact) => identity[fact])
		]);
	} catch (error) {
		if (error instanceof CodedError) return null;
		throw error;
	}
}
/** The lines of chain files, of those with equal bytes once; of one that is gone or is no chain file, none. */
function linesIn(context, files) {
	let seen = /* @__PURE__ */ new Set();
	return files.flatMap((file) => chainIn(resolve(context.cwd, file), seen) ?? []);
}
/** The same of the chain files that lie beside artifacts. */
function linesBeside(context, artifacts) {
	let { own, shared } = chainFilesBeside(context, artifacts), others = [...shared].flatMap(([file, paths]) => {
		let lines = linesIn(context, [file]);
		return isAboutOneOf(lines, paths) ? lines : [];
	});
	return [...linesIn(context, own), ...others];
}
function chainIn(file, seen = /* @__PURE__ */ new Set()) {
	if (!existsSync$1(file)) return null;
	try {
		let bytes = readBounded(file, MAX_CHAIN_BYTES);
		return isNew(bytes, seen) ? parseChainFile(bytes) : [];
	} catch (error) {
		if (error instanceof CodedError) return null;
		throw error;
	}
}
// packages/cli/src/handover.ts
/**
* The receiving half of the handshake, as a recorder sees it: gathers the predecessors from files and the
* server, verifies them, and holds what is on disk against them.
*/
async function takeOver(context, input, client) {
	try {
		return await meet(context, input, client, null);
	} catch (error) {
		if (client === null || !(error instanceof CodedError)) throw error;
		let { isAway } = await import("./src4.js");
		if (!isAway(error)) throw error;
		return await meet(context, input, client, error);
	}
}
/** `takeOver`, with what the server knows, or, where it is `unreachable`, without. */
async function meet(context, input, client, unreachable) {
	let token = (input.run === null ? null : {
		chain: input.run,
		links: []
	}) ?? (context.settings.chain === null ? null : parseToken(context.settings.chain)), pinned = input.contractFile === null ? null : readContract(context, input.contractFile), all = input.source === null ? input.materials : [...input.materials, input.source], names = all.map((material) => material.name), local = readChainFiles(context, input.previousFiles, names), asked = unreachable === null ? client : null, gathered = await gather(all, [input.newChain, ...token === null ? [] : [token.chain]], local, asked), found = {
		lines: gathered.lines,
		client: asked
	}, crypto = await nativeCrypto(), linksIn = (lines) => new Set(lines.filter(isBundle).map(({ envelope }) => linkDigest(envelope, crypto))), carried = linksIn(local), atServer = linksIn(gathered.remote), ask = (chain, contract) => {
		let { step, pipeline, newChain, isUnnamed } = input, request = {
			step,
			signer: input.signer,
			pipeline,
			steps: chain.steps,
			carried,
			withheld: chain.withheld,
			deviations: chain.deviations,
			contract,
			token,
			newChain,
			isUnnamed,
			now: context.now()
		}, received = beginning(() => receive({
			...request,
			materials: all
		}), unreachable);
		return received.previous.length > 0 ? received : receive({
			...request,
			materials: input.materials
		});
	}, chain = await verifyAll(context, found, pinned, input), contract = pinned;
	contract === null && client !== null && mayAnswer(unreachable) && (contract = await pinnedContract(client, ask(input.pipeline === null ? chain : onlyOf(input.pipeline, chain), null), input.pipeline, unreachable), contract !== null && (chain = await verifyAll(context, found, contract, input)));
	let handed = new Set(contract === null ? holding(gathered.lines, input.materials) : []), received = orUnreachable(orRefused(ask(chain, contract), chain, (index) => index < local.length || handed.has(gathered.lines[index])), unreachable), pipelines = input.pipeline !== null || token !== null || received.chain.id === input.newChain ? /* @__PURE__ */ new Set() : pipelinesOf(gathered.remote, all);
	return {
		received,
		chain,
		contract,
		carried,
		atServer,
		pipelines,
		unreachable
	};
}
/** What other pipelines made may come in where the contract of the one that was named says so: they do not say which that is. */
function onlyOf(pipeline, chain) {
	let steps = [...chain.steps].filter(([, { statement }]) => statement.predicate.chain.pipeline === pipeline);
	return {
		...chain,
		steps: new Map(steps)
	};
}
/** Whose signatures count, the contract of one of them says; that there are several is told of all. */
function pipelinesOf(lines, materials) {
	return new Set(holding(lines, materials).flatMap((line) => stepIn(line)?.predicate.chain.pipeline ?? []));
}
/** Of lines the steps that made or vouched for one of these, as they say, verified or not. */
function holding(lines, resources) {
	let digests = new Set(resources.map(({ digest }) => digest.sha256));
	return lines.filter((line) => stepIn(line)?.subject.some(({ digest }) => digests.has(digest.sha256)) === !0);
}
/** One that refuses some requests, such as those that cost it much, answers others: nobody waits for one that is not there. */
function mayAnswer(unreachable) {
	return unreachable?.code !== "server-unreachable";
}
/** The known way back from the predecessors, with receipts: what is handed on beside the new step. */
function wayBack(received, chain) {
	let ends = received.previous.flatMap(({ link }) => chain.steps.get(link) ?? []), steps = ancestry(ends, chain.steps), ids = new Set(steps.map(({ statement }) => statement.predicate.chain.id)), withheld = [...chain.withheld.values()].filter(({ withheld: { unopened } }) => ids.has(unopened.chain));
	return [
		...steps.flatMap(({ link, bundle, cosignatures }) => {
			let receipts = [...chain.receipts.get(link) ?? [], ...chain.unjudged.get(link) ?? []];
			return [
				.../* @__PURE__ */ new Set([
					bundle,
					...cosignatures,
					...receipts.map(({ step }) => step.bundle)
				]),
				...receipts.map(({ receipt }) => receipt),
				...[...chain.disclosed.get(link)?.values() ?? []].map(({ disclosure }) => disclosure),
				...(chain.attached.get(link) ?? []).map(({ attachment }) => attachment)
			];
		}),
		...withheld.map((one) => one.withheld),
		...chain.deviations.map(({ endorsed }) => endorsed)
	];
}
async function gather(materials, chains, local, client) {
	if (client === null) return {
		lines: local,
		remote: []
	};
	let digests = materials.map((material) => material.digest.sha256), remote = await fetchChains(client, digests, chains, { more: runsIn(local) });
	if (local.length + remote.length > 0) return {
		lines: [...local, ...remote],
		remote
	};
	let found = await fetchByCommit(client, materials);
	return {
		lines: found,
		remote: found
	};
}
async function fetchByCommit(client, materials) {
	let commit = materials.map((material) => material.digest.gitCommit).find((digest) => digest !== void 0);
	if (commit === void 0) return [];
	let { items } = await client.search({
		commit,
		limit: 20
	});
	return fetchChains(client, [], [...new Set(items.map(({ chain }) => chain))]);
}
async function verifyAll(context, found, contract, input) {
	let nobody = contract === null && input.trustFiles.length === 0 && found.client === null || found.lines.length === 0, own = {
		name: "own key",
		key: input.ownKey,
		revokedAt: null
	}, trust = nobody ? {
		signers: [own],
		countersigners: []
	} : (await believe(context, contract, { trust: input.trustFiles }, found.client)).trust;
	return await readChainConcurrently(found.lines, trust, await nativeCrypto(), context.now());
}
/**
* A chain was handed over and none of it verifies: to begin anew beside it would hide that. Or some of it was changed,
* after somebody who is believed had signed it: to go on from the steps before would hide that. And of what is missing
* the reason, where that is a key that counts no more. What a server has of other pipelines that began with the same source
* is nothing to a run that begins, whoever signed it.
*/
function orRefused(received, chain, isHanded) {
	let nothing = received.previous.length === 0 && chain.steps.size === 0, told = chain.refused.filter(({ report, index }) => nothing && (received.findings.length > 0 || isHanded(index)) || report.code === "signature-invalid" || received.findings.length > 0 && report.code === "signer-revoked");
	if (told.length === 0) return received;
	let reports = new Map(told.map(({ report }) => [`${report.code} ${report.what}`, report]));
	return {
		...received,
		findings: [...reports.values(), ...received.findings]
	};
}
/**
* Whom to believe, and what goes before, the server might have said: that it did not is the cause, and told first. Bytes
* that were changed no server would have made good.
*/
function orUnreachable(received, unreachable) {
	let { findings } = received;
	if (unreachable === null || findings.length === 0) return received;
	let changed = findings.filter(({ code }) => CHANGED.has(code)), others = findings.filter(({ code }) => !CHANGED.has(code));
	return {
		...received,
		findings: [
			...changed,
			unreachable.report(),
			...others
		]
	};
}
const CHANGED = /* @__PURE__ */ new Set([
	"material-swapped",
	"digest-conflict",
	"signature-invalid"
]);
/** The pipeline of a run that goes on is known at the server. */
function beginning(ask, unreachable) {
	try {
		return ask();
	} catch (cause) {
		throw unreachable === null || !(cause instanceof CodedError) || cause.code !== "usage" ? cause : new CodedError("server-unreachable", `${unreachable.what}; and ${cause.what}`, {
			fix: `Check COUNTERSIGN_URL and the network. ${cause.fix}`,
			cause: unreachable
		});
	}
}
/** The contract the run is bound to at the server; for a new run, the one in force for the pipeline. */
async function pinnedContract(client, received, pipeline, unreachable) {
	if (received.chain.contract === null && received.previous.length > 0) return null;
	try {
		let { contract } = received.chain, read = contract === null ? client.contract(pipeline ?? received.chain.pipeline) : client.contractByDigest(contract);
		return parseContract(await read);
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		if (received.chain.contract === null && error.code === "not-found") return null;
		let { isAway } = await import("./src4.js");
		if (unreachable !== null && isAway(error)) return null;
		throw error;
	}
}
// packages/cli/src/delivery.ts
/**
* Hands a signed step on: to the server, or to the spool while the server is down; and always, with the whole way
* back, to chain files beside what it vouches for. The step is on a disk before this returns or throws, unless neither the
* spool nor a chain file can be written. Throws `file-write-failed` where one of them cannot.
*/
async function deliver(context, delivery) {
	let { bundle, statement, disclosures, attachments, handover, client } = delivery, link = linkDigest(bundle.envelope, await nativeCrypto()), spool = await openSpool(context), opens = client !== null && disclosures.length > 0;
	opens && await spool.keepDisclosures(link, disclosures).catch(() => null);
	let { appended, held, refused, spooled, unspooled } = await append(context, delivery), crypto = await nativeCrypto(), before = wayBack(handover.received, handover.chain), lines = held.reduce((some, one) => withHeld(some, one, crypto), [...before, bundle]), names = handedOn(statement.subject), { chainOut } = delivery, old = chainOut === null ? linesBeside(context, names) : linesIn(context, [chainOut]), chain = [
		...besides(old, lines, statement, crypto),
		...lines,
		...disclosures,
		...attachments
	], isHandedOn = refused === null && succeededIn(statement), carriers = isHandedOn ? chainOut === null ? carriersOf(context, names, chain) : only(chainOut) : NOWHERE, written = carriers.files;
	if (unspooled !== null && written.length === 0) throw unkept(unspooled, written);
	let hidden = written.length === 0 && disclosures.length > 0, disclosed = hidden ? await spool.keepDisclosures(link, disclosures) : null, kept = await writeChain(context, carriers, link, {
		chain,
		statement,
		appended,
		spooled,
		unspooled,
		bundle,
		disclosures
	});
	if (opens && !hidden && await spool.discardDisclosures(link), unspooled !== null) throw unkept(unspooled, written);
	let token = writeToken({
		chain: statement.predicate.chain.id,
		links: [link]
	});
	return {
		link,
		statement,
		edges: handover.received.edges,
		appended,
		asSent: appended === null || appended.held === bundle,
		refused,
		spooled: kept,
		chainFiles: written,
		disclosures: disclosed,
		token,
		certified: delivery.certified,
		warnings: [
			...delivery.warnings,
			...carriers.warning === null ? [] : [carriers.warning],
			...appended === null && isHandedOn && delivery.certified === null ? foreseenBy(delivery, context.now(), crypto) : []
		]
	};
}
/** What no server said of the step, and gates will. */
function foreseenBy({ bundle, handover, signer }, now, crypto) {
	let against = foreseen({
		bundle,
		handover,
		signer,
		now
	}, crypto), more = against.length > MAX_FORESEEN ? [`and ${against.length - MAX_FORESEEN} more`] : [];
	return [...against.slice(0, MAX_FORESEEN).map(refusedLater), ...more];
}
const MAX_FORESEEN = 8;
/** Names of what the chain travels beside: each subject; the checkout only where nothing else is handed on. */
function handedOn(subject) {
	let artifacts = subject.filter(({ digest }) => digest.gitCommit === void 0);
	return (artifacts.length > 0 ? artifacts : subject).map(({ name }) => name);
}
const NOWHERE = {
	files: [],
	shared: !1,
	superseded: [],
	warning: null
};
function only(file) {
	return {
		...NOWHERE,
		files: [file]
	};
}
function succeededIn({ predicate }) {
	let { exitCode, signal, error } = predicate.invocation;
	return error === null && signal === null && (exitCode === null || exitCode === 0);
}
/** Writes the chain files. A step that only they would have held is spooled before their failure is reported. */
async function writeChain(context, { files, shared, superseded }, link, { chain, statement, appended, spooled, unspooled, bundle, disclosures }) {
	let done = [];
	try {
		let bytes = files.length === 0 ? null : writeChainFile(chain);
		if (spooled !== null && files.length > 0) {
			let carriers = files.map((file) => resolve(context.cwd, file));
			await (await openSpool(context)).keepCarriers(link, carriers);
		}
		let crypto = await nativeCrypto();
		for (let file of files) {
			let old = shared ? linesIn(context, [file]) : [], whole = chainFor(context, file, {
				old,
				chain,
				step: statement
			}, crypto);
			await writeWhole(resolve(context.cwd, file), whole === chain ? bytes : writeChainFile(whole)), done.push(file);
		}
		for (let file of superseded) await takeAway(resolve(context.cwd, file));
	} catch (error) {
		if (unspooled !== null && error instanceof CodedError) throw unkept(nor(unspooled, error), done);
		let spool = await openSpool(context);
		try {
			appended === null && spooled === null && await spool.add(bundle);
		} catch (failed) {
			throw failed instanceof CodedError && error instanceof CodedError ? unkept(nor(failed, error), done) : failed;
		}
		throw disclosures.length > 0 && await spool.keepDisclosures(link, disclosures), error instanceof CodedError ? kept(error, appended === null ? spool.directory : null) : error;
	}
	if (files.length > 0 || appended !== null || spooled !== null) return spooled;
	let spool = await openSpool(context);
	return await spool.add(bundle), spool.directory;
}
/** A step that waits for the server in the very place of one that is to be recorded: of two it takes the first. A line, or none. */
async function waitingInPlace(context, chain, step) {
	if (context.settings.url === null) return [];
	let spool = await openSpool(context), { steps } = await spool.waiting().catch(() => ({ steps: [] }));
	for (let one of steps) {
		if (one.chain !== chain || one.step !== step.name) continue;
		let { predicate } = parseStep(one.bundle.envelope.payload);
		if (predicate.step.attempt === step.attempt && predicate.step.matrix === step.matrix) return [`${`step ${step.name}${succeeded(predicate) ? "" : ", which failed,"} waits in ${spool.directory} to be sent (${short$1(one.link)})`}: of two in one place the server takes one. What ran again is another attempt: --attempt N`];
	}
	return [];
}
async function openSpool(context) {
	let { Spool: Opened } = await import("./src4.js");
	return new Opened(context.settings.spool, await nativeCrypto());
}
const NOT_ASKED = {
	appended: null,
	held: [],
	refused: null,
	spooled: null,
	unspooled: null
};
/** Why there was something to be spooled, and why it was not. */
function because(error, { code, what, fix, cause }) {
	return new CodedError(code, `${what}, and the server does not have the step (${error.code}: ${error.what})`, {
		fix,
		cause
	});
}
/** Nor could a chain file be written. */
function nor({ code, what, fix, cause }, error) {
	return new CodedError(code, `${what}; nor could its chain be written (${error.what})`, {
		fix,
		cause
	});
}
/** The step itself is not lost: it is in this directory; null where the server has it. */
function kept({ code, what, fix, cause }, directory) {
	return directory === null ? new CodedError(code, `${what}; the server has the step`, {
		fix: "Nothing is to be run again: who asks the server finds the chain. For later steps, check the directory and its rights.",
		cause
	}) : new CodedError(code, `${what}; the step is in ${directory}`, {
		fix,
		cause
	});
}
/** The step is in the chain files alone, or nowhere. */
function unkept({ code, what, fix, cause }, files) {
	if (files.length === 0) return new CodedError(code, `${what}; it is lost`, {
		fix,
		cause
	});
	let listed = files.length === 1 ? files[0] : `${files[0]} and ${files.length - 1} more`;
	return new CodedError(code, `${what}; it is in ${listed} alone`, {
		fix: `Hand that on, and the step that follows sends it. ${fix}`,
		cause
	});
}
async function append(context, delivery) {
	let { bundle, client, handover, fault } = delivery;
	if (client === null) return NOT_ASKED;
	let { mayPass } = await import("./src4.js"), spool = await openSpool(context), keep = async (error, kept) => {
		try {
			return {
				...NOT_ASKED,
				spooled: await kept()
			};
		} catch (unspooled) {
			if (!(unspooled instanceof CodedError)) throw unspooled;
			return {
				...NOT_ASKED,
				unspooled: because(error, unspooled)
			};
		}
	}, wait = (error, waits = !1) => keep(error, async () => (await spool.add(bundle).catch((failed) => {
		if (!waits) throw failed;
	}), `${spool.directory} (${error.code}); send it with: countersign upload`));
	if (fault !== null) {
		let kept = await wait(fault);
		return mayPass(fault) && fault.code !== "identity-unavailable" ? kept : {
			...kept,
			refused: fault.report()
		};
	}
	if (handover.unreachable !== null) return wait(handover.unreachable);
	let link = await spool.add(bundle).catch(() => null), settled = async (result) => (link !== null && await spool.discard(link), result);
	try {
		let all = await appendWithAncestors(client, bundle, handover), by = {
			client,
			contract: handover.contract,
			trust: delivery.trust
		}, held = [];
		for (let { sent, appended } of all) held.push(await heldOf(context, sent, appended, by));
		return await settled({
			...NOT_ASKED,
			appended: all.at(-1).appended,
			held
		});
	} catch (error) {
		if (!(error instanceof CodedError)) throw error;
		if ((mayPass(error) || error.code === "previous-missing") && !(error instanceof HeldByAnother)) return wait(error, link !== null);
		let report = error.report(), kept = await keep(error, () => spool.addRefused(bundle, report));
		return kept.unspooled === null ? {
			...await settled(kept),
			refused: report
		} : link === null ? {
			...kept,
			refused: report
		} : {
			...NOT_ASKED,
			spooled: spool.directory,
			refused: report
		};
	}
}
/**
* Appends a step, after those before it that were handed over by file and that the server did not tell of. What it lacks all
* the same, it says.
*/
async function appendWithAncestors(client, bundle, handover) {
	let { received, chain, atServer } = handover, ends = received.previous.flatMap(({ link }) => chain.steps.get(link) ?? []), before = ancestry(ends, chain.steps), { isAway } = await import("./src4.js"), sent = await appendLate(client, before.filter(({ link }) => !atServer.has(link))).catch((error) => {
		if (!(error instanceof CodedError) || isAway(error)) throw error;
		return [];
	});
	try {
		return [...sent, {
			sent: bundle,
			appended: await client.append(bundle)
		}];
	} catch (error) {
		if (!(error instanceof CodedError) || error.code !== "previous-missing") throw error;
		return [...await appendLate(client, before), {
			sent: bundle,
			appended: await client.append(bundle)
		}];
	}
}
async function appendLate(client, steps) {
	let all = [];
	for (let { bundle: sent } of steps) all.push({
		sent,
		appended: await client.append(sent, { late: !0 })
	});
	return all;
}
// packages/cli/src/made-before.ts
/**
* Names of what steps before made that lies untracked in the checkout of this one, as they made it: no source, wherever
* several steps share a checkout. What is not as it was made is left among the source, which then is another one.
*/
async function madeBefore(root, source, { received, chain }) {
	if (source.untracked.length === 0) return [];
	let { below } = source.save(), files = new Set(source.untracked.map((path) => path.normalize("NFC"))), directories = new Set([...files].flatMap(directoriesOf)), made = /* @__PURE__ */ new Set();
	for (let { statement } of chain.steps.values()) {
		let { subject, predicate } = statement;
		if (predicate.chain.id === received.chain.id && succeeded(predicate)) for (let resource of subject) {
			let { name, uri } = resource;
			if (uri !== void 0 || made.has(name) || !isLiteral(name)) continue;
			let place = below + name;
			(isTree(resource) ? directories : files).has(place) && (await recheck({ root }, [resource])).length === 0 && made.add(name);
		}
	}
	return [...made];
}
/** Each directory that a path is below, with a slash at its end. */
function directoriesOf(path) {
	let above = [];
	for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) above.push(path.slice(0, end + 1));
	return above;
}
// packages/cli/src/left-behind.ts
const CLEAN = "begin runs in a clean checkout (git clean -fdx), or name in .gitignore what steps make";
/**
* What runs before made and left in the checkout where a run begins: nobody committed it, so it is of the source, and a
* step that makes it anew finds another source than the first step did. A line, or none.
*/
function leftBehind(cwd, { received }, source) {
	let top = findCheckout(cwd);
	if (source === null || top === null || received.previous.length > 0) return [];
	let left = source.changed.slice(0, 1e3).filter((path) => chainFilesBeside({ cwd: top }, withAbove(path)).own.length > 0);
	if (left.length === 0) return [];
	let more = left.length === 1 ? "" : ` and ${left.length - 1} more`, [named, are] = [`${left[0]}${more}`, more === "" ? "is" : "are"];
	return [`${named}, left here by a run before, ${are} of the source, and steps that make it anew will not fit: ${CLEAN}`];
}
/** Findings, of which those about another source say so where a step before began with more than was committed. */
function withLeftBehind({ received, chain }) {
	let isDirty = (resource) => resource.name === "source" && resource.annotations?.dirty === !0, began = [...chain.steps.values()].find(({ statement: { subject, predicate } }) => predicate.chain.id === received.chain.id && [...subject, ...predicate.materials].some(isDirty));
	if (began === void 0) return received.findings;
	let { name } = began.statement.predicate.step, fix = `Step ${name} began in a checkout that was not as its commit. What runs before left there, a step that makes it anew finds no more: ${CLEAN}.`;
	return received.findings.map((one) => one.code === "material-swapped" && isOfSource(one) ? {
		...one,
		fix
	} : one);
}
function isOfSource({ what }) {
	return what.startsWith(`material ${SOURCE_NAME} `);
}
/** A path and the directories that it is in. */
function withAbove(path) {
	let parts = path.replace(/\/$/, "").split("/");
	return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}
// packages/cli/src/other-run.ts
/**
* Materials that came with chain files about other bytes of their name, and are of a run that no file tells of: somebody may
* have put an artifact of before in their place, which is as proven as the one that was handed over. A line, or none.
*/
function ofAnotherRun({ received, chain, carried }) {
	let runOf = ({ statement }) => statement.predicate.chain.id, told = [...carried].flatMap((link) => chain.steps.get(link) ?? []);
	if (received.previous.length === 0 || told.some((step) => runOf(step) === received.chain.id)) return [];
	let digests = new Set(told.flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256))), runs = new Map(told.flatMap((step) => step.statement.subject.map(({ name }) => [basename(name), runOf(step)]))), other = received.materials.find(({ name, digest }) => runs.has(basename(name)) && !digests.has(digest.sha256) && !Object.hasOwn(digest, "gitCommit"));
	if (other === void 0) return [];
	let [file, here] = [short$1(runs.get(basename(other.name))), short$1(received.chain.id)];
	return [`${other.name} is not what its chain file tells of (run ${file}), but of run ${here}: the step goes on in that`];
}
/**
* Where nobody named a pipeline, and runs of several have what was received, such as the source of a repository with many: the
* step goes on in the newest. A line, or none.
*/
function ofSeveralPipelines({ received, chain, carried, pipelines }) {
	let others = [...pipelines].filter((one) => one !== received.chain.pipeline).toSorted();
	return received.previous.length === 0 || others.length === 0 || [...carried].some((link) => chain.steps.get(link)?.statement.predicate.chain.id === received.chain.id) ? [] : [`what was received is of ${others.join(", ")}, too: the step goes on in ${received.chain.pipeline}; --pipeline NAME says in which`];
}
/**
* Materials of a step that is tried again alone: what an earlier attempt at the run made, it follows only where a contract lets
* attempts carry; else they come from outside, and what made them is no part of its way. A line, or none.
*/
function ofEarlierAttempt(handover, { attempt }) {
	let { received, chain, contract } = handover;
	if (attempt === 1 || contract !== null || received.previous.length > 0) return [];
	for (let { name, digest } of received.materials) {
		let maker = makersOf(digest, chain).find(({ chain: { id }, step }) => id === received.chain.id && step.attempt < attempt);
		if (maker === void 0) continue;
		let { step } = maker;
		return [`${name} is of attempt ${step.attempt} (step ${step.name}), which attempt ${attempt} does not follow: ${again(attempt)}`];
	}
	return [];
}
/** Findings, of which those about what no predecessor made say so where a step of another run or attempt did. */
function withMakers(findings, { received, chain }, { attempt }) {
	let about = new Map(received.materials.map(({ name, digest }) => [`material ${name} was made by no predecessor`, digest]));
	return findings.map((one) => {
		let digest = one.code === "material-unexplained" ? about.get(one.what) : void 0, maker = digest === void 0 ? void 0 : makersOf(digest, chain)[0];
		if (maker === void 0) return one;
		let { id } = maker.chain;
		if (id !== received.chain.id) {
			let what = `${one.what}, but by step ${maker.step.name} of run ${short$1(id)}, and this is run ${short$1(received.chain.id)}`, isForeign = maker.chain.pipeline !== received.chain.pipeline;
			return {
				...one,
				what,
				fix: isForeign ? "Name the pipeline that the step is of (--pipeline NAME), whose contract may take what others made from outside; else take all from one run." : "Take all that is handed over from one run."
			};
		}
		if (maker.step.attempt === attempt) return one;
		let what = `${one.what}, but by step ${maker.step.name} in attempt ${maker.step.attempt}, and this is attempt ${attempt}`, fix = again(attempt);
		return {
			...one,
			what,
			fix: `${fix[0].toUpperCase()}${fix.slice(1)}.`
		};
	});
}
function makersOf({ sha256 }, { steps }) {
	return [...steps.values()].filter(({ statement: { subject } }) => subject.some(({ digest }) => digest.sha256 === sha256)).map(({ statement }) => statement.predicate);
}
function again(attempt) {
	return `run that again as attempt ${attempt}, too, or bind the run to a contract with attempts: carry`;
}
/** Draws long hashing on one line of a terminal; nothing elsewhere, nothing for short work. */
function progressBar(context, what) {
	if (!context.interactive) return {
		update: () => void 0,
		clear: () => void 0
	};
	let begun = Date.parse(context.now()), drawn = !1;
	return {
		update({ files, bytes, totalBytes }) {
			let seconds = (Date.parse(context.now()) - begun) / 1e3;
			if (seconds < .5) return;
			drawn = !0;
			let amount = `${files.toLocaleString("en-US")} files, ${size(bytes)}, ${size(bytes / seconds)}/s`;
			context.stderr(`\r\u001b[K${what} ${totalBytes === null || totalBytes === 0 ? "" : `${bar(bytes / totalBytes)} `}${amount}`);
		},
		clear() {
			drawn && context.stderr("\r\x1B[K");
		}
	};
}
function bar(done) {
	let full = Math.round(Math.min(1, done) * 24);
	return `${"█".repeat(full)}${"░".repeat(24 - full)} ${String(Math.floor(Math.min(1, done) * 100)).padStart(3)}%`;
}
function size(bytes) {
	for (let [unit, amount] of [
		["GB", 1e9],
		["MB", 1e6],
		["kB", 1e3]
	]) if (bytes >= amount) return `${(bytes / amount).toFixed(1)} ${unit}`;
	return `${Math.round(bytes)} B`;
}
// packages/cli/src/recording.ts
/** The half of a recording that comes before anything runs: hashes what was handed over, and holds it against the steps before. */
async function receiveStep(context, { options, observed = null }) {
	let step = stepOf(context, options), signing = await openSigning(context, options), client = options.offline === !0 ? null : await clientOrNull(context, signing.access ?? void 0), asked = {
		step: {
			...step,
			nonce: "0".repeat(32)
		},
		pipeline: options.pipeline ?? context.settings.pipeline,
		run: options.chain ?? null,
		contractFile: options.contract ?? context.settings.contract,
		trustFiles: options.trust ?? [],
		previousFiles: options.previous ?? [],
		...newRunOf(context),
		ownKey: signing.first.publicKey,
		signer: signing.certified === null ? factsOf(gradeD("own key", signing.first.publicKey)) : null
	}, receive = async (seen) => {
		let source = seen.source?.resource ?? null, handover = await takeOver(context, {
			...asked,
			materials: seen.materials,
			source
		}, client), findings = withMakers(withLeftBehind(handover), handover, step), received = {
			...handover.received,
			findings
		};
		return {
			observed: seen,
			handover: {
				...handover,
				received
			},
			signing,
			client
		};
	};
	if (observed !== null) return await receive(observed);
	let { materials, source } = await observeBefore(context, options, signing), first = await receive({
		materials,
		source
	});
	if (source === null || first.handover.received.findings.length === 0) return first;
	let made = await madeBefore(context.cwd, source, first.handover);
	return made.length === 0 ? first : await receive({
		materials,
		source: await observeSource(context, [...ownNames(context, options, signing), ...made])
	});
}
function tell(context, what) {
	context.stderr(`${paintFor(context).yellow("!")} ${plain(what, 600)}\n`);
}
async function observeBefore(context, options, signing) {
	let bar = progressBar(context, "hashing"), watch = { progress: context.interactive ? bar.update : void 0 }, [materials, source] = await Promise.all([observe({
		root: context.cwd,
		patterns: [...options.materials ?? [], ...options.lockfile ?? []],
		...watch
	}), options.git ? observeSource(context, ownNames(context, options, signing), watch) : null]);
	return bar.clear(), {
		materials,
		source
	};
}
/** What the step names itself, and the key that it signs with: no source, where git does not track it. */
function ownNames(context, { materials = [], products = [] }, signing) {
	return [
		...materials,
		...products,
		...keyFiles(context, signing)
	];
}
function observeSource(context, exclude, watch = {}) {
	return sourceOf({
		root: context.cwd,
		exclude,
		environment: context.environment,
		...watch
	});
}
/**
* Records a step: hashes what was handed over, holds it against the steps before, runs the command (none when
* `argv` is null), hashes what it made, signs, hands on. Throws `Unrecorded` where the command failed and what it did could
* not be recorded.
*/
async function recordStep(context, input) {
	let { argv, options } = input;
	checkArguments(argv);
	let step = stepOf(context, options), sealed = fieldsNamed("--seal", options.seal), named = reportsNamed(options.evidence), { observed, handover, signing, client } = await receiveStep(context, input), { received } = handover, { materials, source } = observed;
	if (received.findings.length > 0) return {
		kind: "refused",
		findings: received.findings,
		changed: source?.changed ?? []
	};
	let doubts = [
		...unheard(handover),
		...ofAnotherRun(handover),
		...ofSeveralPipelines(handover),
		...ofEarlierAttempt(handover, step),
		...await waitingInPlace(context, received.chain.id, step),
		...leftBehind(context.cwd, handover, source),
		...received.doubts.map(refusedLater)
	];
	options.json !== !0 && doubts.forEach((one) => tell(context, one));
	let root = context.cwd, { environment } = context, redactor = new Redactor(environment), products = options.products ?? [], bar = progressBar(context, "hashing"), watch = { progress: context.interactive ? bar.update : void 0 }, draft = draftStep({
		chain: received.chain,
		step,
		previous: received.previous,
		materials: received.materials,
		source: source?.resource ?? null,
		argv,
		workingDirectory: ".",
		environment: recordedEnvironment(environment, redactor, options.env ?? []),
		runner: asCertified(describeRunner({
			ci: claimedCi.detect(environment),
			os: process.platform,
			arch: process.arch,
			tools: {
				node: process.version,
				...await toolVersions({
					names: options.tools ?? [],
					root,
					environment,
					redactor
				})
			},
			actions: input.actions ?? {}
		}, redactor), signing.certified),
		startedAt: input.startedAt ?? context.now(),
		redactor
	}), { outcome, unstartable } = argv === null ? {
		outcome: null,
		unstartable: null
	} : await runWrapped(context, argv);
	try {
		let failed = unstartable ?? input.failed ?? null, succeeded = failed === null && (outcome === null || outcome.exitCode === 0), lockfiles = options.lockfile ?? [], after = await observeAfter({
			root,
			materials,
			source,
			products,
			lockfiles,
			succeeded,
			...watch
		});
		bar.clear();
		let made = succeeded ? [...after.products, ...input.made ?? []] : after.products, spoken = [
			...materials,
			...source === null ? [] : [source.resource],
			...made
		], own = succeeded ? await reportsOrFault(context, named, spoken) : {
			reports: [],
			fault: null
		}, aftermath = {
			...after,
			products: made,
			error: failed ?? after.error ?? own.fault
		}, reports = [...own.reports, ...input.reports ?? []].map((one) => withoutSecrets(options.json === !0 ? null : context, redactor, one)), evidence = reports.map(({ ref }) => ref), finished = finish(draft, {
			outcome,
			aftermath,
			finishedAt: context.now(),
			evidence
		}), crypto = await nativeCrypto(), { statement, payload, disclosed } = sealStep(finished, sealed, crypto), { signer, certified, fault } = await signing.signer(), bundle = await signStatement(payload, signer, crypto), link = linkDigest(bundle.envelope, crypto);
		return {
			kind: "recorded",
			recorded: await deliver(context, {
				bundle,
				statement,
				trust: options.trust ?? [],
				disclosures: disclosed.map((one) => ({
					...one,
					link
				})),
				attachments: reports.flatMap(({ content }) => content === null ? [] : [{
					link,
					content
				}]),
				handover,
				client,
				chainOut: options.chainOut ?? null,
				signer: signer.publicKey,
				certified,
				fault,
				warnings: options.json === !0 ? [...signing.warnings, ...doubts] : signing.warnings
			}),
			handover,
			outcome,
			aftermath
		};
	} catch (error) {
		let code = codeOfCommand(outcome, unstartable);
		throw code === null ? error : new Unrecorded(error, code);
	}
}
/** A step whose reports are not what they should be is recorded all the same, as one that failed. */
async function reportsOrFault(context, given, resources) {
	try {
		return {
			reports: await readReports(context, given, resources),
			fault: null
		};
	} catch (fault) {
		if (!(fault instanceof CodedError)) throw fault;
		return {
			reports: [],
			fault
		};
	}
}
/** Where nothing is left to sign, what went wrong with the products is the reason to tell. */
function finish(draft, input) {
	try {
		return finishStep(draft, input);
	} catch (error) {
		throw error instanceof CodedError && error.code === "nothing-recorded" ? input.aftermath.error ?? error : error;
	}
}
function stepOf(context, options) {
	checkNamed(context, options);
	let { step, matrix = null } = options;
	if (!isName(step)) throw new CodedError("usage", `--step ${plain(step, 60)} is not a name (letters, digits, . _ - /)`);
	if (matrix !== null && !isMatrixKey(matrix)) throw new CodedError("usage", "--matrix is not printable ASCII");
	let attempt = options.attempt === void 0 ? claimedCi.detect(context.environment)?.run?.attempt ?? 1 : Number(options.attempt);
	if (!Number.isSafeInteger(attempt) || attempt < 1 || attempt > 1e6) throw new CodedError("usage", "--attempt is not a number from 1 to 1000000");
	return {
		name: step,
		attempt,
		matrix
	};
}
/** The key to sign with, where it lies in the checkout: it is no source, and other checkouts do not have it. */
function keyFiles(context, { file }) {
	let path = relative(context.cwd, resolve(context.cwd, file ?? ""));
	return path === "" || path.startsWith("..") || isAbsolute(path) ? [] : [path, `${path}.pub`];
}
/** One chain id for all steps of a CI system's run, so that they find one another; outside of one, a fresh id. */
function newRunOf(context) {
	let ci = claimedCi.detect(context.environment);
	if (ci?.run == null) return {
		newChain: randomBytes(16).toString("hex"),
		isUnnamed: !0
	};
	let repository = ci.identity?.sourceRepositoryURI ?? null;
	return {
		newChain: chainOfRun({
			system: ci.system,
			repository,
			id: ci.run.id
		}, { sha256 }),
		isUnnamed: !1
	};
}
async function runWrapped(context, argv) {
	try {
		return {
			outcome: await runCommand({
				argv,
				cwd: context.cwd,
				environment: context.environment,
				signals: context.signals,
				terminal: context.interactive,
				now: () => new Date(context.now())
			}),
			unstartable: null
		};
	} catch (error) {
		if (error instanceof CodedError && error.code === "command-unstartable") return {
			outcome: null,
			unstartable: error
		};
		throw error;
	}
}
/** A path of a workflow file as a pattern below `root`; null for the whole of it and for what is outside. */
function patternIn(root, path) {
	let pattern = (isAbsolute(path) ? relative(root, path) : relative(root, resolve(root, path))).replaceAll("\\", "/");
	return pattern === "" || pattern.startsWith("..") || isAbsolute(pattern) || pattern.startsWith("~") ? null : isLiteral(pattern) && isDirectory(join(root, pattern)) ? `${pattern}/**` : pattern;
}
/** What the patterns name and is there. A pattern that was found out, and that nobody named to us, may match nothing. */
async function observeFound(root, patterns) {
	let found = /* @__PURE__ */ new Map();
	for (let pattern of patterns) for (let resource of await observeOrNone(root, pattern)) found.set(resource.name, resource);
	return [...found.values()];
}
async function observeOrNone(root, pattern) {
	try {
		return await observe({
			root,
			patterns: [pattern]
		});
	} catch (error) {
		if (error instanceof CodedError && (error.code === "file-missing" || error.code === "pattern-invalid")) return [];
		throw error;
	}
}
/** A restored cache: within the workspace by its name there, outside of it by the name that the workflow gives it. */
async function observeCache(root, path) {
	let place = path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(root, path);
	if (!isLiteral(place) || !existsSync$1(place)) return [];
	let below = relative(root, place), inside = below !== "" && !below.startsWith("..") && !isAbsolute(below), found = inside ? await observeOrNone(root, below) : await observeOrNone(dirname(place), basename(place)), name = (one) => inside ? one.name : `cache/${path.replace(/^~?\/+/, "")}${one.name.endsWith("/") ? "/" : ""}`;
	return found.map((one) => ({
		...one,
		name: name(one),
		uri: `actions-cache:${encodeURIComponent(path)}`
	}));
}
function isDirectory(path) {
	return existsSync$1(path) && statSync(path).isDirectory();
}
// action/src/workflow-file.ts
var import_dist = require_dist();
const NO_WORKFLOW = {
	uses: [],
	uploads: [],
	downloads: [],
	caches: []
};
/**
* Reads the workflow of a run from the checkout. Files that are missing or not YAML say nothing: GitHub ran some other
* one then. `ref` is `GITHUB_WORKFLOW_REF`, like `acme/shop/.github/workflows/ci.yml@refs/heads/main`.
*/
function readWorkflow(root, ref, job) {
	let path = /^[^/@]+\/[^/@]+\/(\.github\/workflows\/[^/@]+\.ya?ml)@/.exec(ref)?.[1];
	if (path === void 0) return NO_WORKFLOW;
	let reading = new Reading(root, job);
	return reading.file(path, 0), reading.facts();
}
var Reading = class {
	#root;
	#job;
	#read = /* @__PURE__ */ new Set();
	#uses = /* @__PURE__ */ new Set();
	#uploads = /* @__PURE__ */ new Set();
	#downloads = /* @__PURE__ */ new Set();
	#caches = /* @__PURE__ */ new Set();
	constructor(root, job) {
		this.#root = root, this.#job = job;
	}
	facts() {
		return {
			uses: [...this.#uses].toSorted(),
			uploads: [...this.#uploads],
			downloads: [...this.#downloads],
			caches: [...this.#caches]
		};
	}
	/** A workflow, or the `action.yml` of a local action. */
	file(path, depth) {
		if (depth > 10 || this.#read.size >= 200 || this.#read.has(path)) return;
		this.#read.add(path);
		let document = objectIn(this.#parse(path));
		for (let [id, value] of Object.entries(objectIn(document.jobs))) {
			let job = objectIn(value);
			this.#used(job.uses, depth), this.#steps(job.steps, id === this.#job, depth);
		}
		this.#steps(objectIn(document.runs).steps, !1, depth);
	}
	#parse(path) {
		try {
			return (0, import_dist.parse)(readText(join(this.#root, path), 1048576), {
				maxAliasCount: 100,
				logLevel: "silent"
			});
		} catch {
			return null;
		}
	}
	#steps(steps, own, depth) {
		for (let value of Array.isArray(steps) ? steps : []) {
			let step = objectIn(value), uses = this.#used(step.uses, depth);
			if (uses === null || !own) continue;
			let name = uses.slice(0, Math.max(uses.indexOf("@"), 0)), paths = pathsIn(objectIn(step.with).path), into = {
				"actions/upload-artifact": this.#uploads,
				"actions/download-artifact": this.#downloads,
				"actions/cache": this.#caches,
				"actions/cache/restore": this.#caches
			}[name];
			for (let path of paths) into?.add(path);
		}
	}
	#used(value, depth) {
		if (typeof value != "string" || value === "" || value.length > 400) return null;
		if (!value.startsWith("./")) return this.#uses.size < 1e3 && this.#uses.add(value), value;
		let path = posix.normalize(value);
		if (path.startsWith("..") || path.startsWith("/")) return null;
		if (/\.ya?ml$/.test(path)) this.file(path, depth + 1);
		else {
			let there = ["action.yml", "action.yaml"].map((name) => posix.join(path, name)).find((name) => existsSync$1(join(this.#root, name)));
			there !== void 0 && this.file(there, depth + 1);
		}
		return null;
	}
};
/** Lines of a `path:`; exclusions and what is only known when the job runs are left out. */
function pathsIn(value) {
	return typeof value != "string" || value.length > 65536 ? [] : value.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("!") && !line.includes("${{"));
}
function objectIn(value) {
	return typeof value == "object" && value && !Array.isArray(value) ? value : {};
}
/** The parts of a `uses:` of a repository on GitHub; null for an image or what is no such reference. */
function referenceIn(uses) {
	let parts = /^([A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+)(?:\/[^@]*)?@([^@\s]+)$/.exec(uses);
	return parts === null || uses.startsWith("docker://") ? null : {
		repository: parts[1],
		ref: parts[2]
	};
}
/** The commit or digest that a `uses:` names by itself; null where it is a name that can be moved. */
function pinOf(uses) {
	if (uses.startsWith("docker://")) return /@(sha256:[0-9a-f]{64})$/.exec(uses)?.[1] ?? null;
	let ref = referenceIn(uses)?.ref ?? "";
	return /^[0-9a-f]{40}$/.test(ref) ? ref : null;
}
/** Throws `action-unpinned` for what can be moved. */
function requirePinned(uses) {
	let loose = uses.filter((one) => pinOf(one) === null);
	if (loose.length === 0) return;
	let more = loose.length > 5 ? ` and ${loose.length - 5} more` : "";
	throw new CodedError("action-unpinned", `the workflow uses ${loose.slice(0, 5).join(", ")}${more}`);
}
/**
* Commit or image digest by `uses:`: of a pinned one the pin itself; of a tag or branch the commit that GitHub says it
* is at now. Never throws: what GitHub does not tell is `unresolved`.
*/
async function resolveUses(uses, api) {
	let names = [...new Set(uses)], asked = /* @__PURE__ */ new Map(), entries = names.map(async (one) => {
		let pin = pinOf(one);
		if (pin !== null) return [one, pin];
		let reference = referenceIn(one);
		if (reference === null) return [one, "unresolved"];
		let key = `${reference.repository}@${reference.ref}`;
		return !asked.has(key) && asked.size < 100 && asked.set(key, commitOrNull(api, reference)), [one, await asked.get(key) ?? "unresolved"];
	});
	return Object.fromEntries(await Promise.all(entries));
}
/** What GitHub does not tell is not known, whatever the reason. */
async function commitOrNull(api, reference) {
	try {
		return await commitAt(api, reference);
	} catch (error) {
		if (error instanceof CodedError) return null;
		throw error;
	}
}
/** Actions whose name stood for another commit in a step before. */
function movedActions(actions, before, chain) {
	let found = new Findings();
	for (let { statement } of before) {
		let { runner, step } = statement.predicate;
		if (statement.predicate.chain.id === chain) for (let [uses, commit] of Object.entries(actions)) {
			let other = Object.hasOwn(runner.actions, uses) ? runner.actions[uses] : void 0;
			other !== void 0 && other !== commit && other !== "unresolved" && commit !== "unresolved" && found.find("action-moved", `${uses} is at ${commit.slice(0, 12)} and was at ${other.slice(0, 12)} in ${step.name}`);
		}
	}
	return found.list;
}
// action/src/received.ts
/** What this job was handed, held against the steps before, and the code that runs in it. */
async function begin(job) {
	let { inputs, context } = job, options = stepOptions(job), facts = workflowOf(job);
	inputs.requirePinned && requirePinned(facts.uses);
	let [actions, observed] = await Promise.all([resolveUses(facts.uses, githubOf(job)), observeJob(job, facts)]), received = await receiveStep(context, {
		options,
		observed
	}), { handover } = received, moved = movedActions(actions, handover.chain.steps.values(), handover.received.chain.id);
	return {
		options,
		facts,
		actions,
		observed,
		received,
		findings: [...handover.received.findings, ...moved]
	};
}
/** The workflow as the checkout has it: in the workspace, or where a checkout was put below it. */
function workflowOf({ environment, context }) {
	let at = (root) => readWorkflow(root, environment.GITHUB_WORKFLOW_REF ?? "", environment.GITHUB_JOB ?? ""), facts = at(environment.GITHUB_WORKSPACE ?? context.cwd);
	return facts.uses.length > 0 ? facts : at(context.cwd);
}
/**
* Everything that is in the workspace and not of the commit: what was named, downloaded and restored, and what lies in
* the checkout without being tracked. Somebody put it there, so a step before has to have made it.
*/
async function observeJob({ inputs, context }, facts) {
	let root = context.cwd, patterns = facts.downloads.map((path) => patternIn(root, path)).filter((one) => one !== null), [named, downloads, caches] = await Promise.all([
		observe({
			root,
			patterns: [...inputs.materials, ...inputs.lockfile]
		}),
		observeFound(root, patterns),
		Promise.all(facts.caches.map((path) => observeCache(root, path)))
	]), restored = caches.flat(), covered = [
		...inputs.materials,
		...patterns,
		...restored.map(({ name }) => name).filter(isLiteral)
	], exclude = [...covered, ...inputs.products], { environment } = context, source = await sourceOf({
		root,
		exclude,
		environment
	}), stray = [];
	if (source === null) covered.length === 0 && (stray = await observeFound(root, ["**"]));
	else if (source.untracked.length > 0) {
		let { below } = source.save(), here = source.untracked.filter((name) => name.startsWith(below)).map((name) => name.slice(below.length));
		stray = await observeFound(root, here.filter(isLiteral)), source = await sourceOf({
			root,
			exclude: [...exclude, ...here.filter(isLiteral)],
			environment
		});
	}
	return {
		materials: merged(named, downloads, restored, stray),
		source
	};
}
/** Each resource once, by its name. */
function merged(...lists) {
	return [...new Map(lists.toReversed().flatMap((list) => list.map((one) => [one.name, one]))).values()];
}
function refusal({ options }) {
	return new CodedError("handover-refused", `step ${options.step} was not run`);
}
// action/src/made.ts
const MAX_LIST = 4 << 20, MAX_SUBJECTS = 1024;
/** What was made where no file of the workspace shows it: named by digest, by a file of checksums, by the runner's list. */
async function madeElsewhere(inputs, environment, root) {
	let { subject, checksums } = inputs, named = subject === null ? [] : [image(subject.name ?? "", subject.sha256)], listed = checksums === null ? [] : checksummed(readText(resolve(root, checksums), MAX_LIST)), list = environment.GITHUB_ARTIFACTS_LIST ?? "";
	return merged(named, listed, list === "" || !existsSync$1(list) ? [] : runnersList(readText(list, MAX_LIST)));
}
/** Lines of `sha256sum`: digest, a space, a space or `*`, the name. */
function checksummed(text) {
	let lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
	if (lines.length === 0 || lines.length > MAX_SUBJECTS) throw new CodedError("usage", `subject-checksums lists ${lines.length} files; from 1 to ${MAX_SUBJECTS} are taken`);
	return lines.map((line, i) => {
		let [, sha256 = "", name = ""] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
		if (name === "") throw new CodedError("usage", `line ${i + 1} of subject-checksums is no line of sha256sum`);
		return {
			name: name.replace(/^\.\//, ""),
			digest: { sha256 }
		};
	});
}
/**
* The list that a runner keeps of what steps appended to `$GITHUB_ARTIFACTS`: `{"version":1,"subjects":[{"name","digest",
* "kind"}]}` (github.com/actions/runner, pull request 4527). Any step can have put a name there; its digest is the runner's.
*/
function runnersList(text) {
	let list = parseJson(text, { maxBytes: MAX_LIST }), subjects = fieldOf(list, "subjects");
	if (fieldOf(list, "version") !== 1 || !Array.isArray(subjects) || subjects.length > MAX_SUBJECTS) throw new CodedError("usage", "GITHUB_ARTIFACTS_LIST is of a form that is not known");
	return subjects.map((one) => {
		let [name, digest] = [fieldOf(one, "name"), fieldOf(one, "digest")], sha256 = typeof digest == "string" ? digest.replace(/^sha256:/, "") : "";
		if (typeof name != "string" || name === "" || !isHex(sha256, 64)) throw new CodedError("usage", "GITHUB_ARTIFACTS_LIST names something without its sha256");
		return image(name, sha256);
	});
}
function image(name, sha256) {
	return {
		name,
		uri: name,
		digest: { sha256 }
	};
}
function fieldOf(value, name) {
	return typeof value == "object" && value && !Array.isArray(value) ? value[name] : void 0;
}
/** Writes it to a file; gives the file and its digest, which the runner keeps out of the reach of other steps. */
function saveBegun(directory, begun) {
	let text = JSON.stringify(begun), file = join(directory, `countersign-${randomBytes(8).toString("hex")}.json`);
	return writeFileSync(file, text, {
		flag: "wx",
		mode: 384
	}), {
		file,
		sha256: hex(sha256(utf8(text)))
	};
}
/** Throws `material-changed` where the file is not what was written: a step of the job changed what it had received. */
function loadBegun(file, digest) {
	let bytes = readBounded(file, 268435456);
	if (hex(sha256(bytes)) !== digest) throw new CodedError("material-changed", "the record of what this job received was changed while it ran");
	return JSON.parse(fromUtf8(bytes));
}
// action/src/record.ts
/** The start of a job: what it received, checked. Gives what its end needs. Throws `handover-refused`. */
async function recordStart(job) {
	let startedAt = job.context.now(), beginning = await begin(job), { observed, facts, actions, options, received, findings } = beginning;
	if (findings.length > 0) throw await refused(job, options.step, findings), refusal(beginning);
	let { source, materials } = observed;
	return setOutputs({ "chain-id": received.handover.received.chain.id }), job.context.stdout(`Countersign records ${options.step}: ${materials.length} received, ${received.handover.received.previous.length} before it\n`), saveBegun(temporaryOf(job), {
		startedAt,
		materials,
		source: source === null ? null : {
			resource: source.resource,
			changed: source.changed,
			saved: source.save()
		},
		facts,
		actions
	});
}
/** The end of a job, however it ended: what it made, signed and sent. */
async function recordEnd(job, file, digest) {
	let { inputs, environment, context } = job, begun = loadBegun(file, digest), options = stepOptions(job), failed = endedBadly(job, options.step), root = context.cwd, found = [];
	for (let path of begun.facts.uploads) {
		let pattern = patternIn(root, path);
		pattern !== null && (await observeOrNone(root, pattern)).length > 0 && found.push(pattern);
	}
	let { source } = begun, link = join(temporaryOf(job), `${options.step.replaceAll("/", "-")}.chain.jsonl`), done = await recordStep(context, {
		argv: null,
		options: {
			...options,
			products: [...inputs.products, ...found],
			chainOut: link
		},
		observed: {
			materials: await withLate(job, begun),
			source: source === null ? null : {
				...source,
				recheck: (exempt, watch) => recheckSource(source.saved, exempt, watch)
			}
		},
		startedAt: begun.startedAt,
		failed,
		made: failed === null ? await madeElsewhere(inputs, environment, root) : [],
		actions: begun.actions
	});
	return tellRecorded(job, options.step, done, failed);
}
/** What was downloaded or restored after the record had begun. */
async function withLate({ context }, { materials, facts }) {
	let root = context.cwd, late = await observeFound(root, facts.downloads.map((path) => patternIn(root, path)).filter((one) => one !== null)), known = new Set(materials.map(({ name }) => name));
	return merged(materials, late.filter(({ name }) => !known.has(name)));
}
function endedBadly({ inputs }, step) {
	return inputs.jobStatus === "success" ? null : inputs.jobStatus === "cancelled" ? new CodedError("job-cancelled", `the job of step ${step} was cancelled`) : new CodedError("job-failed", `the job of step ${step} failed`);
}
/** Says what became of a step; gives what the job has to fail for. */
async function tellRecorded(job, step, done, failed) {
	if (done.kind === "refused") return await refused(job, step, done.findings), refusal({ options: stepOptions(job) }).report();
	let { recorded, handover, aftermath, outcome } = done, { predicate, subject } = recorded.statement, findings = [...aftermath.error !== null && aftermath.error !== failed ? [aftermath.error.report()] : [], ...recorded.refused === null ? [] : [recorded.refused]];
	annotateAll(findings), recorded.chainFiles.length > 0 && tellRunner(job, recorded.statement);
	let url = attestationUrl(job, recorded.link);
	setOutputs({
		"chain-id": predicate.chain.id,
		link: recorded.link,
		token: recorded.token,
		"bundle-path": recorded.chainFiles[0] ?? null,
		"attestation-url": recorded.appended === null ? null : url
	});
	let exit = outcome === null || outcome.exitCode === 0 ? null : `exit ${outcome.exitCode ?? outcome.signal}`, how = failed?.code ?? exit, good = findings.length === 0 && how === null, before = [...handover.chain.steps.values()].filter(({ statement }) => statement.predicate.chain.id === predicate.chain.id), certified = recorded.certified?.certified ?? null, state = recorded.refused === null ? recorded.appended === null ? "waits to be sent" : `countersigned, number ${recorded.appended.index}` : "refused by the server", headline = `${step} ${how === null ? "signed" : `recorded as failed (${how})`}, ${state}`;
	return job.context.stdout(`Countersign: ${headline}; link ${recorded.link}\n`), await writeSummary(job, summaryOf({
		headline,
		good,
		steps: [...before.map((one) => shownStep(one, null)).map((one) => ({
			...one,
			good: !0
		})), {
			link: recorded.link,
			name: predicate.step.name,
			previous: predicate.previous.map((one) => one.link),
			system: predicate.runner.system,
			signer: certified?.identity.subject.value ?? "a key",
			grade: certified?.grade ?? "D",
			made: subject.map(({ name }) => name),
			good
		}],
		findings,
		facts: [
			["pipeline", predicate.chain.pipeline],
			["chain", predicate.chain.id],
			["link", recorded.link],
			...Object.entries(predicate.runner.actions).filter(([uses, commit]) => !uses.endsWith(commit)).slice(0, 20).map(([uses, commit]) => [uses, commit])
		],
		command: verifyCommand(job, subject)
	})), findings[0] ?? null;
}
async function refused(job, step, findings) {
	annotateAll(findings), await writeSummary(job, summaryOf({
		headline: `${step} was refused: what was handed over does not fit`,
		good: !1,
		steps: [],
		findings,
		facts: [],
		command: null
	}));
}
// action/src/run.ts
/** As GitHub runs a `run:` in bash. The script is one argument: nothing is put together out of texts (T-05). */
const SHELL = [
	"bash",
	"--noprofile",
	"--norc",
	"-e",
	"-o",
	"pipefail",
	"-c"
];
/**
* Runs one command line as the step. Gives its exit code, or another than 0 where the step was refused. A runner that
* cancels signals twice, some seconds apart: the command ends at the first, and is recorded before the runner kills.
*/
async function runStep(job, script) {
	let { signals } = job.context, stay = () => void 0;
	for (let signal of CANCELLING) signals.on(signal, stay);
	try {
		return await runHeld(job, script);
	} finally {
		for (let signal of CANCELLING) signals.off(signal, stay);
	}
}
const CANCELLING = ["SIGINT", "SIGTERM"];
async function runHeld(job, script) {
	let beginning = await begin(job);
	if (beginning.findings.length > 0) throw annotateAll(beginning.findings), refusal(beginning);
	let { options, observed, actions } = beginning, { inputs, context } = job, made = await madeElsewhere({
		...inputs,
		checksums: null
	}, {}, context.cwd), done = await recordStep(context, {
		argv: [...SHELL, script],
		options,
		observed,
		actions,
		made
	}), report = await tellRecorded(job, options.step, done, null), outcome = done.kind === "recorded" ? done.outcome : null;
	return outcome?.signal == null ? outcome?.exitCode != null && outcome.exitCode !== 0 ? outcome.exitCode : report === null ? 0 : 1 : 128 + (constants$3.signals[outcome.signal] ?? 0);
}
// action/src/phases.ts
/** Before the job's first step. */
async function pre(world) {
	return guarded(async () => {
		begins(world, "may this job sign?");
		let job = jobOf(world, "pre");
		return isForeign(job) || await checkPermission(job), 0;
	});
}
/** In the action's own place among the steps. */
async function main(world) {
	return guarded(async () => {
		let job = jobOf(world, "main");
		if (begins(world, job.inputs.mode), isForeign(job)) return notice("This is a pull request of a fork, which GitHub gives no identity: nothing is recorded.", { title: "Countersign" }), 0;
		switch (job.inputs.mode) {
			case "record": {
				let { file, sha256 } = await recordStart(job);
				return saveState("file", file), saveState("sha256", sha256), 0;
			}
			case "run": return await runStep(job, job.inputs.run ?? "");
			case "gate":
			case "handoff": return await judging(job);
		}
	});
}
async function judging(job) {
	let verdict = await (job.inputs.mode === "gate" ? gate(job) : handoff(job));
	return verdict === "pass" ? 0 : verdict === "fail" ? 1 : 2;
}
/** When the job is over, however it ended. */
async function post(world) {
	return guarded(async () => {
		let [file, sha256] = [getState("file"), getState("sha256")];
		return file === "" ? 0 : (begins(world, "the end of the job"), await recordEnd(jobOf(world, "post"), file, sha256) === null ? 0 : 1);
	});
}
/** Said at once: what follows may take a while. */
function begins({ stdout }, what) {
	stdout.write(`Countersign: ${what}\n`);
}
/** Whatever goes wrong leaves as an annotation with its fix, and never as a stack. */
async function guarded(phase) {
	try {
		return await phase();
	} catch (error) {
		return annotateAll([forWorkflows(reportOf$1(error))]), error instanceof CodedError ? 1 : 2;
	}
}
/** The catalogue's fixes are for the command line. */
function forWorkflows(report) {
	let fix = FIXES[report.code];
	return fix === void 0 ? report : {
		...report,
		fix
	};
}
const FIXES = { "nothing-recorded": "Put this action after actions/checkout, or name what the job makes: with: { subject-path: dist/app.tgz }" };
export { main, post, pre };
