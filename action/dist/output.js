import { r as hasControl } from "./src.js";
// packages/cli/src/output.ts
/** Text somebody else wrote, safe for a terminal: control characters and direction marks become `�` (T-92). */
function plain(text, max = 200) {
	let short = text.length > max ? `${text.slice(0, max - 1)}…` : text;
	return hasControl(short) ? [...short].map((c) => hasControl(c) ? "�" : c).join("") : short;
}
/** Digest or id, as much of it as tells it apart. */
function short(digest) {
	return digest.slice(0, 12);
}
function paintFor(context) {
	let code = (n) => (text) => context.colour ? `\u001b[${n}m${text}\u001b[0m` : text;
	return {
		bold: code(1),
		dim: code(2),
		green: code(32),
		red: code(31),
		yellow: code(33)
	};
}
/** Errors one after another; of those that differ in what they are about alone, why and the way out are told once. */
function errorsText(reports, paint) {
	return [...Map.groupBy(reports, ({ code, why, fix }) => JSON.stringify([
		code,
		why,
		fix
	])).values()].map((alike) => alikeText(alike, paint)).join("");
}
function alikeText(alike, paint) {
	let { code, why, fix } = alike[0], same = [...Map.groupBy(alike, ({ what }) => what)], cut = same.length > 8, told = cut ? same.slice(0, 7) : same, more = cut ? alike.length - told.flatMap(([, each]) => each).length + uncounted(alike.at(-1)) : 0;
	return [
		...told.map(([what, { length }]) => `${paint.red("✗")} ${paint.bold(code)}: ${plain(what, 1e3)}${times(length)}`),
		...more === 0 ? [] : [`  … and ${more} more of this kind`],
		`  ${paint.dim("why")}  ${plain(why, 1e3)}`,
		`  ${paint.dim("fix")}  ${plain(fix, 1e3)}`,
		""
	].join("\n");
}
/** How often a line is meant, behind it. */
const times = (count) => count === 1 ? "" : ` (${count} times)`;
/** How many more a list of findings, whose last this is, stands for beside itself. */
function uncounted({ what }) {
	return Number(/^and ([0-9]+) more findings$/.exec(what)?.[1] ?? 1) - 1;
}
/** Rows with their first columns aligned; the last is left as it is. */
function table(rows, indent = "  ") {
	let widths = [];
	for (let row of rows) for (let [i, cell] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
	return rows.map((row) => `${indent}${row.map((cell, i) => i === row.length - 1 ? cell : cell + " ".repeat(widths[i] - width(cell))).join("  ")}`.trimEnd()).map((line) => `${line}\n`).join("");
}
/** Columns a text takes, colour codes aside. */
function width(text) {
	return text.replace(/\u001b\[[0-9;]*m/g, "").length;
}
export { table as a, short as i, paintFor as n, times as o, plain as r, errorsText as t };
