/** Tokens shaded by their surprisal, and the legend of the shades. */

/** Where one shade, in bits, ends and the next begins. The style sheet has a colour for each of the seven. */
const BOUNDS = [1, 2, 4, 6, 8, 12];

/** Surprisal in bits; null where the token has no probability, as the first of a text without a begin token. */
export function surprisal(token) {
  return token.logprob === null ? null : Math.max(0, -token.logprob / Math.LN2);
}

export const bits = (value) => `${value < 0.1 ? value.toFixed(2) : value.toFixed(1)} bits`;

/** Mean surprisal of the tokens that have one; null if none has. */
export function mean(tokens) {
  const known = tokens.map(surprisal).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** One element for each token, none of them in the order of Tab yet. */
export function tokenElements(tokens) {
  return tokens.map((token) => {
    const value = surprisal(token);
    const element = document.createElement('span');
    element.className = `token ${shade(value)}`;
    element.setAttribute('role', 'option');
    element.setAttribute('aria-selected', 'false');
    element.setAttribute('aria-label', `${visible(token.text)}, ${value === null ? 'no surprisal' : bits(value)}`);
    element.tabIndex = -1;
    // A line break would take no room, and could not be pointed at.
    element.textContent = token.text.replace(/\n/g, '↵\n');
    return element;
  });
}

/** The text with its white space to be seen. */
export function visible(text) {
  return text === '' ? '(empty)' : text.replace(/ /g, '␣').replace(/\n/g, '↵').replace(/\t/g, '⇥');
}

export function legend(place) {
  const shades = [0, ...BOUNDS].map((from, i) => {
    const entry = document.createElement('span');
    entry.className = `shade ${shade(from)}`;
    entry.textContent = i < BOUNDS.length ? `${from}–${BOUNDS[i]}` : `${from}+`;
    return entry;
  });
  const unit = document.createElement('span');
  unit.className = 'unit';
  unit.textContent = 'bits';
  place.replaceChildren(...shades, unit);
  place.setAttribute('aria-label', `Stronger shades stand for more surprisal; they change at ${BOUNDS.join(', ')} bits.`);
}

function shade(value) {
  return value === null ? 'unscored' : `shade-${BOUNDS.filter((bound) => value >= bound).length}`;
}
