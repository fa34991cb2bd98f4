/** One continuation of a prompt, while it is written and after. */
import {stream} from './api.js';
import {tell} from './fields.js';
import {fitting} from './fitting.js';

/**
 * Writes prompt and continuation into places.text, its speed into places.figures and what went wrong into places.error.
 * Of a prompt that the model cannot see whole, its end is continued, and the figures say so.
 *
 * @param {number} context how many tokens the model sees at a time
 * @returns {Promise<{prompt: string, text: string, tokens: object[]}>} what was continued, the continuation, and its tokens
 *     with their probabilities as far as the server sent them
 */
export async function write(body, context, places, signal) {
  const {text, figures, error} = places;
  const prompt = document.createElement('span');
  prompt.className = 'prompt';
  prompt.textContent = body.prompt;
  const continuation = document.createElement('span');
  text.replaceChildren(prompt, continuation);
  text.setAttribute('aria-busy', 'true');
  figures.replaceChildren();
  tell(error, null);

  const tokens = [];
  const asked = performance.now();
  let first = null;
  let count = 0;
  let finish = null;
  let seen = body.prompt;
  try {
    seen = await fitting(body.model, body.prompt, context, signal);
    for await (const piece of stream({...body, prompt: seen}, signal)) {
      // A decoder may bring several continuations; this shows the first of them.
      const choice = piece.choices?.find(({index}) => index === 0);
      if (choice) {
        first ??= performance.now();
        continuation.append(choice.text);
        if (choice.logprobs) {
          tokens.push(...scored(choice.logprobs));
          count = tokens.length;
        } else if (choice.text !== '') {
          count++; // the server writes a piece for each token; its own count comes at the end
        }
        finish = choice.finish_reason ?? finish;
      }
      count = piece.usage?.completion_tokens ?? count;
      if (finish === 'length' && count < body.max_tokens && piece.usage?.total_tokens >= context) {
        finish = `the context of ${context} tokens is full`;
      }
      if (first !== null) {
        show(figures, count, first - asked, performance.now() - asked, null);
      }
    }
  } catch (problem) {
    if (problem.name === 'AbortError') {
      finish = 'stopped here';
    } else {
      tell(error, problem);
    }
  }
  text.setAttribute('aria-busy', 'false');
  if (first !== null) {
    show(figures, count, first - asked, performance.now() - asked, finish);
  }
  if (seen !== body.prompt) {
    const note = `only the last ${Array.from(seen).length} characters of the prompt were seen`;
    figures.append(figures.hasChildNodes() ? '\u00a0· ' : '', figuresOf([note]));
  }
  return {prompt: seen, text: continuation.textContent, tokens};
}

/** The four lists of OpenAI's logprobs as one list of tokens; a token without a score has null for its probability. */
export function scored(logprobs) {
  return logprobs.tokens.map((text, i) => ({
    text,
    logprob: logprobs.token_logprobs[i],
    alternatives: Object.entries(logprobs.top_logprobs?.[i] ?? {}).sort((a, b) => b[1] - a[1]),
  }));
}

function show(figures, count, waited, millis, finish) {
  figures.replaceChildren(figuresOf([...speed(count, waited, millis), ...(finish === null ? [] : [`finish: ${finish}`])]));
}

/** Speed counts from the request, for the first token takes its time as well. */
export function speed(count, waited, millis) {
  const tokens = `${count} ${count === 1 ? 'token' : 'tokens'}`;
  return count === 0 ? [tokens] : [tokens, `${((count * 1000) / millis).toFixed(0)} tokens/s`, `first after ${waited.toFixed(0)} ms`];
}

/** Figures in a row, none of them broken across lines. */
export function figuresOf(parts) {
  const row = document.createDocumentFragment();
  parts.forEach((part, i) => {
    const figure = document.createElement('span');
    figure.textContent = part;
    row.append(...(i === 0 ? [] : ['\u00a0· ']), figure);
  });
  return row;
}
