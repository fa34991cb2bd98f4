/**
 * Measures texts that are longer than what the model sees at a time. The server counts in tokens and this page in code
 * points, so what fits is found by asking; the model's context is where the first guess comes from.
 */
import {completeWhereItFits} from './api.js';
import {scored} from './continuation.js';

/**
 * The tokens of a text with their probabilities: read in one go where it fits, else in windows that overlap by about
 * half, so that each token stands behind a third or more of what the model could see. Windows begin and end between
 * words, so that the tokens are those of the whole text; of a single word longer than a window they may be others.
 *
 * @param {string | undefined} model its name
 * @param {number} context the most tokens that it sees at a time
 * @returns {Promise<{tokens: object[], windows: number}>}
 */
export async function measure(model, text, context) {
  const points = Array.from(text);
  let read = await score(model, points, 0, points.length);
  if (read !== null) {
    return {tokens: read.tokens, windows: 1};
  }
  const tokens = [];
  let windows = 0;
  let done = 0; // code points whose tokens are measured
  let from = 0; // where the window begins, which is at a token
  let fresh = Math.min(context, points.length); // how many code points beyond these a window takes
  while (done < points.length) {
    const to = Math.min(points.length, done + fresh);
    read = await score(model, points, from, to);
    if (read === null) {
      if (fresh > 1) {
        fresh = Math.floor(fresh / 2);
      } else if (from < done) {
        from = done - Math.floor((done - from) / 2);
      } else {
        throw new Error(`A single character has more tokens than the ${context} that the model sees at a time.`);
      }
      continue;
    }
    windows++;
    const starts = read.starts;
    const first = starts.findIndex((start) => start >= done);
    // The last word may be cut, and then its tokens are not those that it has in the text.
    const last = to < points.length ? wordBefore(read.tokens, starts, first) : starts.length;
    const keep = last > first && first >= 0 ? last : starts.length;
    if (first !== 0 && starts[first] !== done) {
      // a token of this window reaches across the end of the last one: the rest of it is told
      const across = (first < 0 ? starts.length : first) - 1;
      tokens.push({...read.tokens[across], text: points.slice(done, first < 0 ? to : starts[first]).join('')});
    }
    if (first >= 0) {
      tokens.push(...read.tokens.slice(first, keep));
    }
    done = keep < starts.length ? starts[keep] : to;
    const half = Math.floor(context / 2);
    const begin = wordAfter(read.tokens, starts, Math.max(0, Math.min(keep, starts.length - 1) - half), keep);
    const each = (to - from) / starts.length; // code points to a token, on average
    from = starts[begin];
    fresh = Math.max(1, Math.floor((context - half - 2) * each));
  }
  return {tokens, windows};
}

/** Where the last word begins that has tokens before it from this one on; else the last token. */
function wordBefore(tokens, starts, first) {
  for (let at = tokens.length - 1; at > first; at--) {
    if (beginsWord(tokens[at])) {
      return at;
    }
  }
  return firstAt(starts, tokens.length - 1);
}

/** Where the next word begins, before the end; else the token itself. */
function wordAfter(tokens, starts, index, end) {
  for (let at = index; at < end; at++) {
    if (beginsWord(tokens[at])) {
      return at;
    }
  }
  return firstAt(starts, index);
}

/** Tokenizers put the space before a word to its first token, and cut a text there before anything else. */
const beginsWord = ({text}) => /^\s/.test(text);

/** The first of the tokens that begin where this one does: one character may have several. */
function firstAt(starts, index) {
  let at = index;
  while (at > 0 && at < starts.length && starts[at - 1] === starts[at]) {
    at--;
  }
  return at;
}

/** The tokens of a part, and where they begin in the whole; null where the model cannot see so much. */
async function score(model, points, from, to) {
  const body = {model, prompt: points.slice(from, to).join(''), echo: true, logprobs: 5, max_tokens: 0};
  const answer = await completeWhereItFits(body);
  if (answer === null) {
    return null;
  }
  const {logprobs} = answer.choices[0];
  const tokens = scored(logprobs);
  const starts = logprobs.text_offset.map((offset) => from + offset);
  const begin = isBegin(tokens[0], starts) ? 1 : 0;
  return {tokens: tokens.slice(begin), starts: starts.slice(begin)};
}

/** Whether the first is what a tokenizer puts before a text: it takes no room there, and is no part of a character. */
function isBegin(first, starts) {
  return starts.length > 1 && starts[0] === starts[1] && first.logprob === null && !first.text.startsWith('bytes:');
}
