import { $ as CodedError } from "./src.js";
import { setTimeout } from "node:timers/promises";
/**
* Shows the job's token, and the next one where that was used or is over: steps of one job share those that it was given,
* and a platform may keep one for a while. Two jobs of one account whose tokens are made in the same second may be given
* the very same one (a token of Google's names no run, and has no id): the later asks for another when that second is over.
*/
async function showToken(tokens, audience, show, pause = setTimeout) {
	let most = tokens.renewable ? 2 : 10, before = null, refused = null;
	for (let shown = 1; shown <= most; shown++) {
		let token = await tokens.token(audience);
		if (token === before) break;
		before = token;
		try {
			return await show(token);
		} catch (error) {
			if (!isSpent(error)) throw error;
			refused = error;
		}
		shown < most && tokens.renewable && tokens.repeats && isUsed(refused) && await pause(1e3 + Math.random() * 500);
	}
	throw refused;
}
/** Whether another token may do. */
function isSpent(error) {
	return isUsed(error) || error instanceof CodedError && error.code === "identity-token-expired";
}
function isUsed(error) {
	return error instanceof CodedError && error.code === "identity-token-used";
}
export { isUsed as n, showToken as r, isSpent as t };
