/** Prompts that are longer than what the model sees. */
import {completeWhereItFits} from './api.js';

/**
 * The prompt, or where the model cannot see all of it as much of its end as leaves half of the context for what follows.
 *
 * @param {string | undefined} model its name
 * @param {number} context the most tokens that it sees at a time
 * @param {AbortSignal} signal ends the search
 */
export async function fitting(model, prompt, context, signal) {
  const points = Array.from(prompt);
  if (points.length < context) {
    return prompt; // a token has a character, but for rare ones, about which the server may complain
  }
  let answer = await completeWhereItFits({model, prompt, max_tokens: 0}, signal);
  if (answer !== null) {
    return prompt;
  }
  let length = points.length;
  do {
    length = Math.floor(length * 0.7);
    answer = await completeWhereItFits({model, prompt: points.slice(-length).join(''), max_tokens: 0}, signal);
  } while (length > 1 && (answer === null || answer.usage.prompt_tokens > context / 2));
  return points.slice(-length).join('');
}
