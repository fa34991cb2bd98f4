/** What the model thought where a token stands: its probability, and what it held likelier. */
import {figuresOf} from './continuation.js';
import {make} from './elements.js';
import {bits, surprisal, visible} from './tokens.js';

/** @param {?object} token the token to describe, or null for a word on how to choose one */
export function detailsOf(token) {
  const part = document.createDocumentFragment();
  if (token === null) {
    part.append(make('p', 'hint', 'Point at a token, tap it, or move through the text with the arrow keys.'));
    return part;
  }
  part.append(make('p', 'spelled', visible(token.text)));
  const value = surprisal(token);
  if (value === null) {
    part.append(make('p', 'hint', 'Nothing stands before it, so the model gave it no probability.'));
    return part;
  }
  const figures = make('p', 'figures');
  figures.append(figuresOf([bits(value), `probability ${percent(Math.exp(token.logprob))}`]));
  part.append(figures);
  if (token.alternatives.length > 0) {
    part.append(make('h4', '', 'Likeliest here'), list(token));
  }
  return part;
}

function list(token) {
  const entries = token.alternatives.map(([text, logprob]) => ({
    name: visible(text),
    probability: Math.exp(logprob),
    kind: text === token.text ? 'itself' : '',
  }));
  // Rounding may leave a little less than nothing.
  const rest = Math.max(0, 1 - entries.reduce((sum, entry) => sum + entry.probability, 0));
  const list = make('ol', 'alternatives');
  list.setAttribute('role', 'list'); // some browsers take the role away with the numbers
  list.append(...[...entries, {name: 'all others', probability: rest, kind: 'rest'}].map(entryOf));
  return list;
}

function entryOf({name, probability, kind}) {
  const entry = make('li', kind);
  const number = make('data', '', percent(probability));
  number.value = String(probability);
  const share = make('span', 'share');
  share.style.setProperty('inline-size', `${100 * probability}%`);
  entry.append(make('span', 'name', name), number, share);
  if (kind === 'itself') {
    entry.setAttribute('aria-current', 'true');
  }
  return entry;
}

/** Two or three digits. */
function percent(probability) {
  const value = 100 * probability;
  if (value >= 10) {
    return `${value.toFixed(1)} %`;
  }
  return value === 0 ? '0 %' : value < 0.0001 ? '< 0.0001 %' : `${value.toPrecision(2)} %`;
}
